/*
 * Catalogs for tests, from one line a table, without a server:
 *
 *	"schema.users(id int4 serial key, email text notnull unique,"
 *	" at timestamptz clock)"
 *
 * Words behind a column's type: key, unique, notnull, serial, always (identity),
 * stored, stored=TEXT (its expression), clock (default now()), volatile,
 * default=TEXT (no blanks), refs=TABLE (its first column; the table stands before),
 * deferrable (the key before it). A type may be an array (text[]) and have a
 * modifier (varchar:20, numeric:10.2).
 *
 * Braces behind a table say more of it: {key a b} and {unique a b} of several
 * columns, {triggers}, {rules}, {children}, {sequence}, {view SELECT ...}. A name
 * with braces alone is an enum type: mood{sad ok happy}.
 */
#ifndef TESTS_UNIT_LENS_CATALOGS_H
#define TESTS_UNIT_LENS_CATALOGS_H

#include <stdio.h>
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
	uint32_t array; /* the type of arrays of it */
};

static const struct test_type test_types[] = {
    {16, "bool", "boolean", TYPE_BOOLEAN, 1000},
    {17, "bytea", "bytea", TYPE_BYTES, 1001},
    {20, "int8", "bigint", TYPE_INTEGER, 1016},
    {21, "int2", "smallint", TYPE_INTEGER, 1005},
    {23, "int4", "integer", TYPE_INTEGER, 1007},
    {25, "text", "text", TYPE_TEXT, 1009},
    {114, "json", "json", TYPE_JSON, 199},
    {701, "float8", "double precision", TYPE_FLOAT, 1022},
    {1042, "bpchar", "character", TYPE_CHAR, 1014},
    {1043, "varchar", "character varying", TYPE_TEXT, 1015},
    {1082, "date", "date", TYPE_DATE, 1182},
    {1114, "timestamp", "timestamp without time zone", TYPE_TIMESTAMP, 1115},
    {1184, "timestamptz", "timestamp with time zone", TYPE_TIMESTAMPTZ, 1185},
    {1186, "interval", "interval", TYPE_INTERVAL, 1187},
    {1700, "numeric", "numeric", TYPE_NUMERIC, 1231},
    {2950, "uuid", "uuid", TYPE_UUID, 2951},
    {3802, "jsonb", "jsonb", TYPE_JSONB, 3807},
};

enum { TEST_TYPES = sizeof(test_types) / sizeof(*test_types) };

static inline struct catalog_type *catalog_type_add(struct catalog *catalog,
						    uint32_t id,
						    const char *name,
						    enum type_class class)
{
	struct catalog_type *type = &catalog->types[catalog->type_count++];

	type->id = id;
	type->schema = "pg_catalog";
	type->name = name;
	type->class = class;
	map_set(&catalog->type_by_id, &type->id, sizeof(type->id), type);
	return type;
}

static inline void catalog_types_of(struct catalog *catalog)
{
	for (size_t i = 0; i < TEST_TYPES; i++) {
		const struct test_type *type = &test_types[i];

		catalog_type_add(catalog, type->id, type->name, type->class);
		catalog_type_add(
		    catalog, type->array,
		    arena_printf(&catalog->arena, "_%s", type->name),
		    TYPE_ARRAY)
		    ->element = type->id;
	}
}

/* An enum and its labels, by the blanks between them. */
static inline void catalog_enum(struct catalog *catalog, const char *name,
				char *labels)
{
	uint32_t id = (uint32_t)(30000 + catalog->type_count);
	struct catalog_type *type =
	    catalog_type_add(catalog, id, name, TYPE_ENUM);
	const char **list = arena_array(&catalog->arena, 32, sizeof(*list));
	char *save = NULL;

	type->schema = "public";
	for (char *label = strtok_r(labels, " ", &save); label;
	     label = strtok_r(NULL, " ", &save))
		list[type->label_count++] = label;
	type->labels = list;
	type = catalog_type_add(catalog, id + 1,
				arena_printf(&catalog->arena, "_%s", name),
				TYPE_ARRAY);
	type->schema = "public";
	type->element = id;
}

/* As format_type() writes it; the type may be an array. */
static inline const char *catalog_type_sql(struct catalog *catalog,
					   const struct catalog_type *type)
{
	const struct catalog_type *element =
	    catalog_type(catalog, type->element);

	if (element)
		return arena_printf(&catalog->arena, "%s[]",
				    catalog_type_sql(catalog, element));
	for (size_t i = 0; i < TEST_TYPES; i++)
		if (test_types[i].id == type->id)
			return test_types[i].sql;
	return arena_printf(&catalog->arena, "%s.%s", type->schema, type->name);
}

/* The text after the colon, as format_type() writes it and the server keeps it. */
static inline void catalog_modifier(struct catalog *catalog,
				    struct catalog_column *column,
				    const char *modifier)
{
	int length = 0, scale = 0;

	sscanf(modifier, "%d.%d", &length, &scale);
	if (column->type == 1700) {
		column->modifier = length * 65536 + scale + 4;
		column->type_sql = arena_printf(
		    &catalog->arena, "numeric(%d,%d)", length, scale);
	} else {
		column->modifier = length + 4;
		column->type_sql = arena_printf(&catalog->arena, "%s(%d)",
						column->type_sql, length);
	}
}

static inline void catalog_column_type(struct catalog *catalog,
				       struct catalog_column *column,
				       char *text)
{
	char *modifier = strchr(text, ':');
	char *array = strstr(text, "[]");
	const char *name = text;

	if (modifier)
		*modifier++ = 0;
	if (array) {
		*array = 0;
		name = arena_printf(&catalog->arena, "_%s", text);
	}
	for (size_t i = 0; i < catalog->type_count; i++)
		if (!strcmp(catalog->types[i].name, name)) {
			column->type = catalog->types[i].id;
			column->type_sql =
			    catalog_type_sql(catalog, &catalog->types[i]);
		}
	if (modifier)
		catalog_modifier(catalog, column, modifier);
}

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
		} else if (!strncmp(word, "stored", 6)) {
			column->generated = GENERATED_STORED;
			column->default_sql =
			    word[6] == '='
				? arena_string(&catalog->arena, word + 7)
				: "1";
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
	catalog_column_type(catalog, column, type);
	if (rest)
		catalog_words(catalog, table, column, rest);
}

static inline void catalog_key_of(struct catalog *catalog,
				  struct catalog_table *table,
				  enum constraint_kind kind, char *names)
{
	struct catalog_key *key =
	    (struct catalog_key *)(uintptr_t)&table->keys[table->key_count++];
	int16_t *columns = arena_array(&catalog->arena, 8, sizeof(*columns));
	char *save = NULL;

	key->name = arena_printf(&catalog->arena, "%s_%s", table->name,
				 kind == KEY_PRIMARY ? "pkey" : "key");
	key->kind = kind;
	key->columns = columns;
	for (char *name = strtok_r(names, " ", &save); name;
	     name = strtok_r(NULL, " ", &save)) {
		struct catalog_column *column =
		    (struct catalog_column *)(uintptr_t)catalog_column(table,
								       name);

		column->not_null |= kind == KEY_PRIMARY;
		columns[key->column_count++] = column->number;
	}
}

/* What stands in braces behind the table. */
static inline void catalog_say(struct catalog *catalog,
			       struct catalog_table *table, char *text)
{
	if (!strncmp(text, "key ", 4)) {
		catalog_key_of(catalog, table, KEY_PRIMARY, text + 4);
	} else if (!strncmp(text, "unique ", 7)) {
		catalog_key_of(catalog, table, KEY_UNIQUE, text + 7);
	} else if (!strncmp(text, "view ", 5)) {
		table->kind = RELATION_VIEW;
		table->definition = text + 5;
	} else if (!strcmp(text, "sequence")) {
		table->kind = RELATION_SEQUENCE;
	}
	table->has_triggers |= !strcmp(text, "triggers");
	table->has_children |= !strcmp(text, "children");
	table->has_rules |= !strcmp(text, "rules");
}

/* The text between the brackets at `at`, cut out; *next is what follows. */
static inline char *catalog_inside(char *at, char close, char **next)
{
	char *end = strchr(at, close);

	*at = *end = 0;
	*next = end + 1;
	while (**next == ' ' || **next == '\n')
		++*next;
	return at + 1;
}

static inline void catalog_table_of(struct catalog *catalog, char *name,
				    char *columns)
{
	struct catalog_table *table = &catalog->tables[catalog->table_count++];
	char *dot = strchr(name, '.'), *save = NULL;
	char key[256];
	size_t size;

	if (dot)
		*dot = 0;
	table->id = (uint32_t)(20000 + catalog->table_count);
	table->schema = dot ? name : "public";
	table->name = dot ? dot + 1 : name;
	table->columns =
	    arena_array(&catalog->arena, 32, sizeof(*table->columns));
	table->keys = arena_array(&catalog->arena, 8, sizeof(*table->keys));
	for (char *column = strtok_r(columns, ",", &save); column;
	     column = strtok_r(NULL, ",", &save))
		catalog_column_of(catalog, table, column);
	size = (size_t)snprintf(key, sizeof(key), "%s%c%s", table->schema, 0,
				table->name);
	map_set(&catalog->table_by_name, key, size, table);
	map_set(&catalog->table_by_id, &table->id, sizeof(table->id), table);
}

static inline struct catalog *catalog_of(const char *schema)
{
	struct catalog *catalog = memory_alloc(sizeof(*catalog));
	char *at, *name;

	arena_init(&catalog->arena, 0);
	map_init(&catalog->table_by_name);
	map_init(&catalog->type_by_id);
	map_init(&catalog->table_by_id);
	catalog->search_path = "public";
	catalog->types =
	    arena_array(&catalog->arena, 64, sizeof(*catalog->types));
	catalog->tables =
	    arena_array(&catalog->arena, 64, sizeof(*catalog->tables));
	catalog_types_of(catalog);
	for (name = at = arena_string(&catalog->arena, schema); *at;
	     name = at) {
		at += strcspn(at, "({");
		if (*at == '{') {
			char *labels = catalog_inside(at, '}', &at);

			catalog_enum(catalog, name, labels);
			continue;
		}
		catalog_table_of(catalog, name, catalog_inside(at, ')', &at));
		while (*at == '{')
			catalog_say(catalog,
				    &catalog->tables[catalog->table_count - 1],
				    catalog_inside(at, '}', &at));
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
