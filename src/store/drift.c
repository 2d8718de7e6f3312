/*
 * detail: {"key": [names], "columns": [names], "differs": [names],
 *	"rows": [{"class": "rows.value", "key": [...], "primary": [...] or
 *	null, "shadow": likewise, "differs": [true, ...], "repaired": true}]}
 */
#include "store/drift.h"

#include <jansson.h>

#include "base/memory.h"
#include "src/store/drift.sql.h"
#include "store/internal.h"
#include "store/key.h"
#include "base/utf8.h"

enum { PROBLEM_LIMIT = 500 };

/* ---- the key ---- */

int drift_redactor(const char *path, bool show_values,
		   struct redactor *redactor, struct error *error)
{
	sqlite3 *database = NULL;
	uint8_t key[SEAL_KEY];
	int result;

	*redactor = (struct redactor){.show_values = show_values};
	if (database_open_write(path, &database, error))
		return -1;
	result = store_key_load(database, path, key, error);
	sqlite3_close(database);
	if (result)
		return -1;
	store_key_redactor(key, redactor);
	seal_wipe(key, sizeof(key));
	return 0;
}

/* ---- writing ---- */

static json_t *string(const char *text)
{
	char *clean = utf8_clean(text ? text : "", PROBLEM_LIMIT);
	json_t *made = json_string(clean);

	free(clean);
	return made;
}

static json_t *strings(const char *const *texts, size_t count)
{
	json_t *array;

	if (!texts)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, string(texts[i]));
	return array;
}

static json_t *booleans(const bool *flags, size_t count)
{
	json_t *array;

	if (!flags)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_boolean(flags[i]));
	return array;
}

static json_t *row_json(const struct drift_table *table,
			const struct drift_row *row)
{
	json_t *object = json_object();

	json_object_set_new(object, "class",
			    json_string(divergence_name(row->class)));
	json_object_set_new(object, "key", strings(row->key, table->key_count));
	json_object_set_new(object, "primary",
			    strings(row->primary, table->column_count));
	json_object_set_new(object, "shadow",
			    strings(row->shadow, table->column_count));
	json_object_set_new(object, "differs",
			    booleans(row->differs, table->column_count));
	json_object_set_new(object, "repaired", json_boolean(row->repaired));
	return object;
}

static char *encode(const struct drift_table *table)
{
	json_t *root = json_object();
	json_t *rows = json_array();
	char *text;

	json_object_set_new(root, "key",
			    strings(table->key_names, table->key_count));
	json_object_set_new(root, "columns",
			    strings(table->columns, table->column_count));
	json_object_set_new(root, "differs",
			    booleans(table->differs, table->column_count));
	for (size_t i = 0; i < table->row_count; i++)
		json_array_append_new(rows, row_json(table, &table->rows[i]));
	json_object_set_new(root, "rows", rows);
	text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	if (!text)
		memory_exhausted(1);
	return text;
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	char *clean = text ? utf8_clean(text, PROBLEM_LIMIT) : NULL;

	if (clean)
		sqlite3_bind_text(statement, at, clean, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, at);
	free(clean);
}

static int write_table(sqlite3 *database, const char *path,
		       sqlite3_stmt *statement, const struct drift_table *table,
		       struct error *error)
{
	const int64_t numbers[] = {
	    table->at,
	    (int64_t)table->primary_rows,
	    (int64_t)table->shadow_rows,
	    (int64_t)table->missing,
	    (int64_t)table->extra,
	    (int64_t)table->value,
	    (int64_t)table->undecided,
	    (int64_t)table->repaired,
	    table->capped,
	};
	char *detail = encode(table);
	int at = 4;
	int result;

	sqlite3_bind_text(statement, 1, table->schema, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, table->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, table->state, -1, SQLITE_STATIC);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sqlite3_bind_int64(statement, at++, numbers[i]);
	bind_text(statement, at++, table->problem);
	bind_text(statement, at++, table->note);
	sqlite3_bind_text(statement, at, detail, -1, SQLITE_STATIC);
	result = database_step(database, path, statement, error);
	sqlite3_clear_bindings(statement);
	free(detail);
	return result;
}

#define PUT(verb)                                                              \
	verb " INTO drift VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "   \
	     "?11, ?12, ?13, ?14, ?15)"

static int write_all(sqlite3 *database, const char *path,
		     const struct drift_table *tables, size_t count,
		     struct error *error)
{
	sqlite3_stmt *replace = NULL, *add = NULL, *listed = NULL;
	int result = -1;

	if (database_prepare(database, path, PUT("INSERT OR REPLACE"), &replace,
			     error) ||
	    database_prepare(database, path, PUT("INSERT OR IGNORE"), &add,
			     error) ||
	    database_run(database, path,
			 "CREATE TEMP TABLE listed (schema TEXT, name TEXT)",
			 error) ||
	    database_prepare(database, path,
			     "INSERT INTO listed VALUES (?1, ?2)", &listed,
			     error))
		goto out;
	for (size_t i = 0; i < count; i++) {
		bool never = !strcmp(tables[i].state, DRIFT_NEVER);

		if (write_table(database, path, never ? add : replace,
				&tables[i], error))
			goto out;
		sqlite3_bind_text(listed, 1, tables[i].schema, -1,
				  SQLITE_STATIC);
		sqlite3_bind_text(listed, 2, tables[i].name, -1, SQLITE_STATIC);
		if (database_step(database, path, listed, error))
			goto out;
	}
	result = database_run(database, path,
			      "DELETE FROM drift WHERE (schema, name) NOT IN "
			      "(SELECT schema, name FROM listed)",
			      error);
out:
	sqlite3_finalize(replace);
	sqlite3_finalize(add);
	sqlite3_finalize(listed);
	return result;
}

int drift_write(const char *path, const struct drift_table *tables,
		size_t count, struct error *error)
{
	sqlite3 *database = NULL;
	int result = -1;

	if (database_open_write(path, &database, error))
		return -1;
	if (database_run(database, path, "BEGIN IMMEDIATE", error))
		goto out;
	if (database_run(database, path, drift_sql, error) ||
	    write_all(database, path, tables, count, error) ||
	    database_run(database, path, "COMMIT", error)) {
		sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
		goto out;
	}
	result = 0;
out:
	sqlite3_close(database);
	return result;
}

/* ---- reading ---- */

static const char *const *get_texts(struct arena *arena, const json_t *array,
				    size_t *count)
{
	const char **out;

	if (!json_is_array(array))
		return NULL;
	*count = json_array_size(array);
	out = arena_array(arena, *count + 1, sizeof(*out));
	for (size_t i = 0; i < *count; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		out[i] = arena_string(arena, text ? text : "");
	}
	return out;
}

/* NULL unless it has `count` texts: the stored text is not trusted. */
static const char *const *get_row(struct arena *arena, const json_t *array,
				  size_t count)
{
	size_t found = 0;
	const char *const *texts = get_texts(arena, array, &found);

	return found == count ? texts : NULL;
}

static const bool *get_flags(struct arena *arena, const json_t *array,
			     size_t count)
{
	bool *flags;

	if (!json_is_array(array) || json_array_size(array) != count)
		return NULL;
	flags = arena_array(arena, count + 1, sizeof(*flags));
	for (size_t i = 0; i < count; i++)
		flags[i] = json_is_true(json_array_get(array, i));
	return flags;
}

static enum divergence_class get_class(const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "class"));

	for (int i = 0; name && i < DIVERGENCE_COUNT; i++)
		if (!strcmp(name, divergence_name((enum divergence_class)i)))
			return (enum divergence_class)i;
	return DIVERGENCE_NONE;
}

static int decode(const char *text, struct arena *arena,
		  struct drift_table *table)
{
	json_t *root = text ? json_loads(text, 0, NULL) : NULL;
	const json_t *rows;
	struct drift_row *list;

	if (!json_is_object(root)) {
		json_decref(root);
		return -1;
	}
	table->key_names =
	    get_texts(arena, json_object_get(root, "key"), &table->key_count);
	table->columns = get_texts(arena, json_object_get(root, "columns"),
				   &table->column_count);
	table->differs = get_flags(arena, json_object_get(root, "differs"),
				   table->column_count);
	rows = json_object_get(root, "rows");
	table->row_count = json_array_size(rows);
	list = arena_array(arena, table->row_count + 1, sizeof(*list));
	for (size_t i = 0; i < table->row_count; i++) {
		const json_t *row = json_array_get(rows, i);

		list[i].class = get_class(row);
		list[i].key = get_row(arena, json_object_get(row, "key"),
				      table->key_count);
		list[i].primary =
		    get_row(arena, json_object_get(row, "primary"),
			    table->column_count);
		list[i].shadow = get_row(arena, json_object_get(row, "shadow"),
					 table->column_count);
		list[i].differs =
		    get_flags(arena, json_object_get(row, "differs"),
			      table->column_count);
		list[i].repaired =
		    json_is_true(json_object_get(row, "repaired"));
	}
	table->rows = list;
	json_decref(root);
	return 0;
}

static int read_table(sqlite3_stmt *row, const char *path, struct arena *arena,
		      struct drift_table *table, struct error *error)
{
	table->schema = arena_string(arena, database_text(row, 0));
	table->name = arena_string(arena, database_text(row, 1));
	table->state = arena_string(arena, database_text(row, 2));
	table->at = sqlite3_column_int64(row, 3);
	table->primary_rows = (uint64_t)sqlite3_column_int64(row, 4);
	table->shadow_rows = (uint64_t)sqlite3_column_int64(row, 5);
	table->missing = (uint64_t)sqlite3_column_int64(row, 6);
	table->extra = (uint64_t)sqlite3_column_int64(row, 7);
	table->value = (uint64_t)sqlite3_column_int64(row, 8);
	table->undecided = (uint64_t)sqlite3_column_int64(row, 9);
	table->repaired = (uint64_t)sqlite3_column_int64(row, 10);
	table->capped = sqlite3_column_int(row, 11) != 0;
	table->problem = arena_string(arena, database_text(row, 12));
	table->note = arena_string(arena, database_text(row, 13));
	if (decode(database_text(row, 14), arena, table))
		return error_set(error, ERROR_CORRUPT,
				 "%s: the store is damaged (drift of %s.%s)",
				 path, table->schema, table->name);
	return 0;
}

static void add_up(struct drift *drift, const struct drift_table *table)
{
	drift->rows += table->missing + table->extra + table->value;
	drift->undecided += table->undecided;
	if (!strcmp(table->state, DRIFT_NEVER) ||
	    !strcmp(table->state, DRIFT_FAILED) ||
	    !strcmp(table->state, DRIFT_UNDECIDED))
		drift->lacking++;
	else if (strcmp(table->state, DRIFT_DROPPED) &&
		 (!drift->oldest_at || table->at < drift->oldest_at))
		drift->oldest_at = table->at;
}

int drift_read(sqlite3 *database, const char *path, struct arena *arena,
	       struct drift *drift, struct error *error)
{
	struct drift_table *tables;
	sqlite3_stmt *rows = NULL;
	int64_t count = 0;
	int result;

	*drift = (struct drift){0};
	if (database_number(database, path,
			    "SELECT count(*) FROM sqlite_schema WHERE name = "
			    "'drift'",
			    &count, error))
		return -1;
	if (!count)
		return 0;
	if (database_number(database, path, "SELECT count(*) FROM drift",
			    &count, error) ||
	    database_prepare(database, path,
			     "SELECT * FROM drift ORDER BY schema, name", &rows,
			     error))
		return -1;
	drift->known = true;
	tables = arena_array(arena, (size_t)count + 1, sizeof(*tables));
	while ((result = database_step(database, path, rows, error)) > 0) {
		struct drift_table *table = &tables[drift->table_count];

		if (read_table(rows, path, arena, table, error)) {
			result = -1;
			break;
		}
		add_up(drift, table);
		drift->table_count++;
	}
	sqlite3_finalize(rows);
	drift->tables = tables;
	return result;
}
