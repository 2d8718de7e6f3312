/*
 * Catalogs for tests, from one line a table, without a server:
 *
 *	"schema.users(id int4 serial key, email text notnull unique,"
 *	" at timestamptz clock)"
 *
 * Words behind a column's type: key, unique, notnull, serial, always (identity),
 * stored, clock (default now()), volatile, default=TEXT (no blanks), refs=TABLE (its
 * first column; the table stands before), deferrable (the key before it).
 */
#ifndef TESTS_UNIT_LENS_CATALOGS_H
#define TESTS_UNIT_LENS_CATALOGS_H

#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/parse.h"
#include "adapters/adapter.h"
#include "base/memory.h"
#include "lens/lens.h"

struct test_type {
	uint32_t id;
	const char *name, *sql;
	enum type_class class;
};

static const struct test_type test_types[] = {
    {16, "bool", "boolean", TYPE_BOOLEAN},
    {20, "int8", "bigint", TYPE_INTEGER},
    {23, "int4", "integer", TYPE_INTEGER},
    {25, "text", "text", TYPE_TEXT},
    {1043, "varchar", "character varying", TYPE_TEXT},
    {1082, "date", "date", TYPE_DATE},
    {1184, "timestamptz", "timestamp with time zone", TYPE_TIMESTAMPTZ},
    {1700, "numeric", "numeric", TYPE_NUMERIC},
    {2950, "uuid", "uuid", TYPE_UUID},
};

/* A foreign key of the column to the first one of that table. */
static inline void catalog_refers(struct catalog *catalog,
				  struct catalog_table *table,
				  struct catalog_column *column,
				  const char *name)
{
	static const int16_t first[] = {1};
	struct catalog_key *made =
	    (struct catalog_key *)(uintptr_t)&table->keys[table->key_count++];
	int16_t *columns = arena_alloc(&catalog->arena, sizeof(*columns));

	*columns = column->number;
	made->name = arena_printf(&catalog->arena, "%s_%s_fkey", table->name,
				  column->name);
	made->kind = KEY_FOREIGN;
	made->columns = columns;
	made->column_count = 1;
	made->target = catalog_table(catalog, table->schema, name);
	made->target_columns = first;
}

static inline void catalog_words(struct catalog *catalog,
				 struct catalog_table *table,
				 struct catalog_column *column, char *words)
{
	char *save = NULL;

	for (char *word = strtok_r(words, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		bool key = !strcmp(word, "key"),
		     unique = !strcmp(word, "unique");

		if (key || unique) {
			struct catalog_key *made =
			    (struct catalog_key *)(uintptr_t)&table
				->keys[table->key_count++];
			int16_t *columns =
			    arena_alloc(&catalog->arena, sizeof(*columns));

			*columns = column->number;
			made->name = arena_printf(&catalog->arena, "%s_%s_key",
						  table->name, column->name);
			made->kind = key ? KEY_PRIMARY : KEY_UNIQUE;
			made->columns = columns;
			made->column_count = 1;
			column->not_null |= key;
		} else if (!strcmp(word, "notnull")) {
			column->not_null = true;
		} else if (!strcmp(word, "serial") || !strcmp(word, "always")) {
			column->generated = *word == 's'
						? GENERATED_SERIAL
						: GENERATED_IDENTITY_ALWAYS;
			column->default_kind = DEFAULT_SEQUENCE;
			column->sequence_schema = table->schema;
			column->sequence =
			    arena_printf(&catalog->arena, "%s_%s_seq",
					 table->name, column->name);
			if (*word == 's')
				column->default_sql = arena_printf(
				    &catalog->arena, "nextval('%s'::regclass)",
				    column->sequence);
		} else if (!strcmp(word, "stored")) {
			column->generated = GENERATED_STORED;
			column->default_sql = "1";
		} else if (!strcmp(word, "clock")) {
			column->default_kind = DEFAULT_CLOCK;
			column->default_sql = "now()";
		} else if (!strcmp(word, "volatile")) {
			column->default_kind = DEFAULT_VOLATILE;
			column->default_sql = "gen_random_uuid()";
		} else if (!strncmp(word, "refs=", 5)) {
			catalog_refers(catalog, table, column, word + 5);
		} else if (!strcmp(word, "deferrable")) {
			((struct catalog_key *)(uintptr_t)
			     table->keys)[table->key_count - 1]
			    .deferrable = true;
		} else if (!strncmp(word, "default=", 8)) {
			column->default_kind = DEFAULT_CONSTANT;
			column->default_sql =
			    arena_string(&catalog->arena, word + 8);
		}
	}
}

static inline void catalog_column_of(struct catalog *catalog,
				     struct catalog_table *table, char *text)
{
	struct catalog_column *column =
	    (struct catalog_column *)(uintptr_t)&table
		->columns[table->column_count];
	char *type, *rest;

	while (*text == ' ')
		text++;
	type = strchr(text, ' ');
	*type++ = 0;
	rest = strchr(type, ' ');
	if (rest)
		*rest++ = 0;
	column->name = arena_string(&catalog->arena, text);
	column->number = (int16_t)++table->column_count;
	column->modifier = -1;
	for (size_t i = 0; i < catalog->type_count; i++)
		if (!strcmp(test_types[i].name, type)) {
			column->type = test_types[i].id;
			column->type_sql = test_types[i].sql;
		}
	if (rest)
		catalog_words(catalog, table, column, rest);
}

static inline struct catalog *catalog_of(const char *schema)
{
	struct catalog *catalog = memory_alloc(sizeof(*catalog));
	size_t types = sizeof(test_types) / sizeof(*test_types);
	char *text, *at;

	arena_init(&catalog->arena, 0);
	map_init(&catalog->table_by_name);
	map_init(&catalog->type_by_id);
	map_init(&catalog->table_by_id);
	catalog->search_path = "public";
	catalog->type_count = types;
	catalog->types =
	    arena_array(&catalog->arena, types, sizeof(*catalog->types));
	for (size_t i = 0; i < types; i++) {
		struct catalog_type *type = &catalog->types[i];

		type->id = test_types[i].id;
		type->schema = "pg_catalog";
		type->name = test_types[i].name;
		type->class = test_types[i].class;
		map_set(&catalog->type_by_id, &type->id, sizeof(type->id),
			type);
	}
	catalog->tables =
	    arena_array(&catalog->arena, 64, sizeof(*catalog->tables));
	at = text = arena_string(&catalog->arena, schema);
	while (*at) {
		struct catalog_table *table =
		    &catalog->tables[catalog->table_count++];
		char *open = strchr(at, '('), *close = strchr(at, ')');
		char *dot, *column, *save = NULL;
		char key[256];
		size_t size;

		*open = *close = 0;
		dot = strchr(at, '.');
		if (dot)
			*dot = 0;
		table->id = (uint32_t)(20000 + catalog->table_count);
		table->schema = dot ? at : "public";
		table->name = dot ? dot + 1 : at;
		table->columns =
		    arena_array(&catalog->arena, 32, sizeof(*table->columns));
		table->keys =
		    arena_array(&catalog->arena, 8, sizeof(*table->keys));
		for (column = strtok_r(open + 1, ",", &save); column;
		     column = strtok_r(NULL, ",", &save))
			catalog_column_of(catalog, table, column);
		size = (size_t)snprintf(key, sizeof(key), "%s%c%s",
					table->schema, 0, table->name);
		map_set(&catalog->table_by_name, key, size, table);
		map_set(&catalog->table_by_id, &table->id, sizeof(table->id),
			table);
		at = close + 1;
		while (*at == ' ' || *at == '\n')
			at++;
	}
	return catalog;
}

/* Of the shadow. */
static const struct parser *shadow_parser = &postgres_parser;

static inline struct lens *lens_of(const char *mapping, struct catalog *old,
				   struct catalog *new)
{
	struct diagnostics diagnostics;
	struct mapping *parsed = NULL;
	struct lens *lens = NULL;

	diagnostics_init(&diagnostics);
	if ((mapping && mapping_parse("mapping", mapping, strlen(mapping),
				      &diagnostics, &parsed) < 0) ||
	    lens_new(&postgres_parser, shadow_parser, parsed, old, new,
		     &diagnostics, &lens) < 0)
		diagnostics_print(&diagnostics, stdout);
	diagnostics_release(&diagnostics);
	if (parsed)
		mapping_free(&parsed);
	return lens;
}

#endif
