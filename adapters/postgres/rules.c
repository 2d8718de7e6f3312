/* The part of a schema beyond columns and keys. */
#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/catalog_reader.h"
#include "adapters/postgres/connect.h"
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/rules_sql.h"
#include "adapters/rules.h"

static PGresult *query(PGconn *connection, const char *text,
		       struct error *error)
{
	PGresult *rows = PQexec(connection, text);

	if (PQresultStatus(rows) == PGRES_TUPLES_OK ||
	    PQresultStatus(rows) == PGRES_COMMAND_OK)
		return rows;
	postgres_fail(connection, rows, error);
	PQclear(rows);
	return NULL;
}

/* With only pg_catalog on the path, each name is qualified. */
static PGconn *open_rules(struct catalog_reader **reader,
			  const struct endpoint *endpoint, struct error *error)
{
	PGconn *connection = catalog_reader_open(reader, endpoint, error);
	PGresult *done;

	if (!connection)
		return NULL;
	done = query(connection,
		     "SET search_path = pg_catalog; "
		     "SET statement_timeout = '120s'",
		     error);
	PQclear(done);
	if (done)
		return connection;
	catalog_reader_done(reader, -1);
	return NULL;
}

static const char *text_of(struct arena *arena, const PGresult *rows, int row,
			   int column)
{
	if (PQgetisnull(rows, row, column))
		return NULL;
	return arena_string(arena, PQgetvalue(rows, row, column));
}

/* A list, split at each unit separator. */
static const char *const *names_of(struct arena *arena, const PGresult *rows,
				   int row, int column, size_t *count)
{
	char *text = arena_string(arena, PQgetvalue(rows, row, column));
	size_t size = strlen(text);
	size_t room = size ? 1 : 0;
	const char **names;

	for (size_t i = 0; i < size; i++)
		room += text[i] == '\x1f';
	names = arena_array(arena, room + 1, sizeof(*names));
	for (size_t i = 0; i < room; i++) {
		names[i] = text;
		text += strcspn(text, "\x1f");
		*text++ = '\0';
	}
	*count = room;
	return names;
}

static void read_rule(struct arena *arena, const PGresult *rows, int row,
		      struct schema_rule *rule)
{
	rule->kind = (enum rule_kind)(PQgetvalue(rows, row, 0)[0] - '0');
	rule->schema = text_of(arena, rows, row, 1);
	rule->table = text_of(arena, rows, row, 2);
	rule->name = text_of(arena, rows, row, 3);
	rule->columns = names_of(arena, rows, row, 4, &rule->column_count);
	rule->target_schema = text_of(arena, rows, row, 5);
	rule->target = text_of(arena, rows, row, 6);
	rule->target_columns =
	    names_of(arena, rows, row, 7, &rule->target_column_count);
	rule->text = text_of(arena, rows, row, 8);
}

static int read_rules(struct catalog_reader **reader,
		      const struct endpoint *endpoint,
		      struct schema_rules *rules, struct error *error)
{
	PGconn *connection = open_rules(reader, endpoint, error);
	PGresult *rows = NULL;

	if (!connection)
		return -1;
	rows = query(connection, rules_sql, error);
	if (rows) {
		rules->count = (size_t)PQntuples(rows);
		rules->items = arena_array(&rules->arena, rules->count + 1,
					   sizeof(*rules->items));
	}
	for (int row = 0; rows && row < PQntuples(rows); row++)
		read_rule(&rules->arena, rows, row, &rules->items[row]);
	PQclear(rows);
	return catalog_reader_done(reader, rows ? 0 : -1);
}

static int read_sequence(PGconn *connection, const PGresult *found, int row,
			 struct sequences_behind *behind, struct error *error)
{
	struct arena *arena = &behind->arena;
	PGresult *rows = query(connection, PQgetvalue(found, row, 6), error);
	struct sequence_behind *item;

	if (!rows)
		return -1;
	if (PQntuples(rows)) {
		item = &behind->items[behind->count++];
		item->schema = text_of(arena, found, row, 0);
		item->table = text_of(arena, found, row, 1);
		item->column = text_of(arena, found, row, 2);
		item->sequence = text_of(arena, found, row, 3);
		item->next = text_of(arena, rows, 0, 0);
		item->held = text_of(arena, rows, 0, 1);
	}
	PQclear(rows);
	return 0;
}

static int read_behind(struct catalog_reader **reader,
		       const struct endpoint *endpoint,
		       struct sequences_behind *behind, struct error *error)
{
	PGconn *connection = open_rules(reader, endpoint, error);
	PGresult *rows = NULL;
	int result = -1;

	if (!connection)
		return -1;
	rows = query(connection, sequences_sql, error);
	if (rows) {
		behind->items =
		    arena_array(&behind->arena, (size_t)PQntuples(rows) + 1,
				sizeof(*behind->items));
		result = 0;
	}
	for (int row = 0; !result && row < PQntuples(rows); row++)
		result = read_sequence(connection, rows, row, behind, error);
	PQclear(rows);
	return catalog_reader_done(reader, result);
}

const struct rules_ops postgres_rules = {.read = read_rules,
					 .behind = read_behind};
