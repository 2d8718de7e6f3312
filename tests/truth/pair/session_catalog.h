/*
 * The catalog as a session sees it at this moment: its temporary tables, what
 * its open transaction has made and the server's own tables included, which no
 * other connection could read. The adapter's own queries read it, but on that
 * session's connection and of those tables only that a statement names, so that
 * it can be read anew for each.
 */
#ifndef TESTS_TRUTH_PAIR_SESSION_CATALOG_H
#define TESTS_TRUTH_PAIR_SESSION_CATALOG_H

#define TABLE_SCOPE                                                            \
	" c.relname = ANY (current_setting('pair.names')::name[])"             \
	" AND n.nspname !~ '^pg_toast' "
/* Not in the library's place: this one's queries have the scope above. */
#define postgres_catalog_read	     scoped_catalog_read
#define postgres_catalog_mark	     scoped_catalog_mark
#define postgres_catalog_reread	     scoped_catalog_reread
#define postgres_catalog_reader_free scoped_catalog_reader_free
#include "adapters/postgres/catalog.c"
#undef postgres_catalog_reader_free
#undef postgres_catalog_reread
#undef postgres_catalog_mark
#undef postgres_catalog_read

#include "sql/traits.h"

struct session_catalog { /* of one server */
	PGconn *connection;
	struct catalog *types;		/* holds types and functions */
	bool stale;			/* those must be read again */
	struct catalog *catalog, *next; /* in use; read last */
	/* of the tables that are read: grows till it is stale */
	struct map names;
	struct arena arena;	  /* of search_path */
	const char **search_path; /* NULL-ended */
};

static struct catalog *catalog_new(void)
{
	struct catalog *made = memory_alloc(sizeof(*made));

	arena_init(&made->arena, 0);
	return made;
}

/* The tables go; what is borrowed stays with its owner. */
static void session_catalog_forget(struct catalog **catalog)
{
	if (!*catalog)
		return;
	map_init(&(*catalog)->type_by_id);
	catalog_free(catalog);
}

static void session_catalog_release(struct session_catalog *session)
{
	session_catalog_forget(&session->catalog);
	catalog_free(&session->types);
	arena_release(&session->arena);
	map_release(&session->names);
}

static int read_shared(struct session_catalog *session,
		       struct catalog_reading *reading)
{
	if (session->types && !session->stale)
		return 0;
	session_catalog_forget(&session->catalog);
	catalog_free(&session->types);
	session->types = catalog_new();
	reading->catalog = session->types;
	if (read_types(reading) || read_functions(reading))
		return -1;
	session->stale = false;
	return 0;
}

/* "name", as in E'{...}'. */
static void print_name(struct buffer *out, const char *name, size_t size)
{
	buffer_append_byte(out, '"');
	for (size_t i = 0; i < size; i++) {
		if (name[i] == '"' || name[i] == '\\')
			buffer_append_string(out, "\\\\");
		if (name[i] == '\'' || name[i] == '\\')
			buffer_append_byte(out, '\\');
		buffer_append_byte(out, (uint8_t)name[i]);
	}
	buffer_append_byte(out, '"');
}

/* Notes the tables of a statement; false: they are read already. */
static bool session_catalog_names(struct session_catalog *session,
				  const struct sql_traits *traits)
{
	bool more = false;

	for (size_t i = 0; i < traits->table_count; i++)
		more |= !map_set_string(&session->names, traits->tables[i].name,
					session);
	return more;
}

static void ask_names(struct session_catalog *session, struct buffer *out)
{
	buffer_append_string(out,
			     "SELECT pg_catalog.set_config('pair.names', E'");
	for (size_t i = 0; i < session->names.count; i++) {
		buffer_append_byte(out, i ? ',' : '{');
		print_name(out, session->names.entries[i].key,
			   session->names.entries[i].key_size);
	}
	buffer_append_string(out, session->names.count ? "}" : "{}");
	buffer_append_string(
	    out, "', false),"
		 " array_to_string(pg_catalog.current_schemas(true), E'\\n'),"
		 " pg_catalog.current_setting('TimeZone'),"
		 " (SELECT nspname FROM pg_catalog.pg_namespace"
		 " WHERE oid = pg_catalog.pg_my_temp_schema())");
}

/* The schema of the session's temporary tables has another number on another
 * server: pg_temp is its name for both. */
static void name_temporary(struct session_catalog *session,
			   struct catalog *catalog, const char *schema)
{
	for (const char **at = session->search_path; schema && *at; at++)
		if (!strcmp(*at, schema))
			*at = "pg_temp";
	for (size_t i = 0; schema && i < catalog->table_count; i++) {
		struct catalog_table *table = &catalog->tables[i];

		if (strcmp(table->schema, schema))
			continue;
		table->schema = "pg_temp";
		index_table(catalog, table);
	}
}

static const char **split_lines(struct arena *arena, const char *text)
{
	char *copy = arena_string(arena, text), *save = NULL;
	const char **lines =
	    arena_array(arena, strlen(text) / 2 + 2, sizeof(*lines));
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		lines[count++] = line;
	return lines;
}

/* What the session says of the planner holds for the catalog's queries too:
 * where parallel workers cost nothing, say, each row of one may start some
 * anew. */
static const char *const planner[][2] = {
    {"max_parallel_workers_per_gather", "0"},
    {"enable_hashjoin", "on"},
    {"enable_mergejoin", "on"},
    {"enable_nestloop", "on"},
    {"enable_indexscan", "on"},
};
enum { PLANNER_SETTINGS = sizeof(planner) / sizeof(*planner) };

/* Gives one row, the settings as they were, or NULL. Sets ours, or those of
 * such a row. */
static PGresult *set_planner(struct catalog_reading *reading,
			     const PGresult *before)
{
	struct buffer text;
	PGresult *rows;
	bool block = PQtransactionStatus(reading->connection) != PQTRANS_IDLE;

	buffer_init(&text, 0);
	buffer_append_string(&text, "SELECT ");
	for (int i = 0; i < PLANNER_SETTINGS; i++)
		buffer_printf(&text, "pg_catalog.current_setting('%s'), ",
			      planner[i][0]);
	for (int i = 0; i < PLANNER_SETTINGS; i++)
		buffer_printf(&text, "%spg_catalog.set_config('%s', '%s', %s)",
			      i ? ", " : "", planner[i][0],
			      before ? PQgetvalue(before, 0, i) : planner[i][1],
			      block ? "true" : "false");
	rows = reading_query(reading, buffer_string(&text));
	buffer_release(&text);
	return rows;
}

/* Reads what a statement of these traits needs; the transaction of the session
 * must not have failed. */
static int session_catalog_read(struct session_catalog *session,
				const struct sql_traits *traits,
				struct error *error)
{
	struct catalog_reading reading = {.connection = session->connection,
					  .error = error,
					  .version = XXH3_createState()};
	struct buffer text;
	struct catalog *made;
	PGresult *rows, *planned, *restored = NULL;
	int result = -1;

	XXH3_64bits_reset(reading.version);
	reading_begin(&reading);
	buffer_init(&text, 0);
	if (session->stale)
		map_release(&session->names);
	session_catalog_names(session, traits);
	ask_names(session, &text);
	planned = set_planner(&reading, NULL);
	rows = planned ? reading_query(&reading, buffer_string(&text)) : NULL;
	buffer_release(&text);
	if (!rows || read_shared(session, &reading))
		goto out;
	made = session->next = reading.catalog = catalog_new();
	made->types = session->types->types;
	made->type_count = session->types->type_count;
	made->type_by_id = session->types->type_by_id;
	made->functions = session->types->functions;
	made->function_count = session->types->function_count;
	arena_clear(&session->arena);
	session->search_path =
	    split_lines(&session->arena, PQgetvalue(rows, 0, 1));
	made->search_path = "";
	made->time_zone = reading_text(&reading, rows, 0, 2);
	if (read_tables(&reading) ||
	    (made->table_count &&
	     (read_columns(&reading) || read_keys(&reading))))
		goto out;
	name_temporary(session, made, reading_text(&reading, rows, 0, 3));
	made->version = XXH3_64bits_digest(reading.version);
	restored = set_planner(&reading, planned);
	result = restored ? 0 : -1;
out:
	if (result)
		session_catalog_forget(&session->next);
	PQclear(planned);
	PQclear(restored);
	PQclear(rows);
	XXH3_freeState(reading.version);
	return result;
}

/* What was read last is what is used. */
static void session_catalog_use(struct session_catalog *session)
{
	session_catalog_forget(&session->catalog);
	session->catalog = session->next;
	session->next = NULL;
}

#endif
