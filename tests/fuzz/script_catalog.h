/*
 * A catalog from a script of CREATE TABLE, CREATE VIEW, CREATE SEQUENCE, CREATE
 * TYPE ... AS ENUM and CREATE FUNCTION, without a server: what a rewrite needs
 * of them. What else the script holds is stepped over; a type that is not known
 * here reads as text.
 */
#ifndef TESTS_FUZZ_SCRIPT_CATALOG_H
#define TESTS_FUZZ_SCRIPT_CATALOG_H

#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "base/memory.h"
#include "sql/print.h"

enum { SCRIPT_COLUMNS = 64, SCRIPT_TYPES = 64 };

static const struct catalog_type script_types[] = {
    {16, "pg_catalog", "bool", TYPE_BOOLEAN, 0, true, NULL, 0},
    {17, "pg_catalog", "bytea", TYPE_BYTES, 0, true, NULL, 0},
    {20, "pg_catalog", "int8", TYPE_INTEGER, 0, true, NULL, 0},
    {21, "pg_catalog", "int2", TYPE_INTEGER, 0, true, NULL, 0},
    {23, "pg_catalog", "int4", TYPE_INTEGER, 0, true, NULL, 0},
    {25, "pg_catalog", "text", TYPE_TEXT, 0, true, NULL, 0},
    {114, "pg_catalog", "json", TYPE_JSON, 0, false, NULL, 0},
    {701, "pg_catalog", "float8", TYPE_FLOAT, 0, false, NULL, 0},
    {1007, "pg_catalog", "_int4", TYPE_ARRAY, 23, false, NULL, 0},
    {1009, "pg_catalog", "_text", TYPE_ARRAY, 25, false, NULL, 0},
    {1042, "pg_catalog", "bpchar", TYPE_CHAR, 0, false, NULL, 0},
    {1043, "pg_catalog", "varchar", TYPE_TEXT, 0, true, NULL, 0},
    {1082, "pg_catalog", "date", TYPE_DATE, 0, true, NULL, 0},
    {1114, "pg_catalog", "timestamp", TYPE_TIMESTAMP, 0, true, NULL, 0},
    {1184, "pg_catalog", "timestamptz", TYPE_TIMESTAMPTZ, 0, true, NULL, 0},
    {1186, "pg_catalog", "interval", TYPE_INTERVAL, 0, false, NULL, 0},
    {1700, "pg_catalog", "numeric", TYPE_NUMERIC, 0, false, NULL, 0},
    {2950, "pg_catalog", "uuid", TYPE_UUID, 0, true, NULL, 0},
    {3802, "pg_catalog", "jsonb", TYPE_JSONB, 0, false, NULL, 0},
};

static const char *last_name(size_t count, PgQuery__Node **names)
{
	const char *name = count ? sql_string_value(names[count - 1]) : NULL;

	return name ? name : "";
}

static void add_type(struct catalog *catalog, const struct catalog_type *type)
{
	struct catalog_type *made = &catalog->types[catalog->type_count];

	if (catalog->type_count == SCRIPT_TYPES)
		return;
	*made = *type;
	catalog->type_count++;
	map_set(&catalog->type_by_id, &made->id, sizeof(made->id), made);
}

static void add_enum(struct catalog *catalog, PgQuery__CreateEnumStmt *create)
{
	add_type(catalog,
		 &(struct catalog_type){
		     .id = 16384 + (uint32_t)catalog->type_count,
		     .schema = "public",
		     .name = arena_string(
			 &catalog->arena,
			 last_name(create->n_type_name, create->type_name)),
		     .class = TYPE_ENUM,
		     .one_form = true});
}

static void set_type(struct catalog *catalog, struct catalog_column *column,
		     const PgQuery__TypeName *type)
{
	const char *name = last_name(type->n_names, type->names);
	const struct catalog_type *found;

	if (strstr(name, "serial")) {
		column->generated = GENERATED_SERIAL;
		column->default_kind = DEFAULT_SEQUENCE;
		name = strcmp(name, "bigserial") ? "int4" : "int8";
	}
	if (type->n_array_bounds)
		name = strncmp(name, "int", 3) ? "_text" : "_int4";
	found = catalog_type_named(catalog, NULL, name);
	if (!found)
		found = catalog_type_named(catalog, NULL, "text");
	column->type = found->id;
	column->modifier = type->n_typmods ? 12 : -1;
	column->type_sql =
	    *found->name == '_'
		? arena_printf(&catalog->arena, "%s[]", found->name + 1)
		: found->name;
}

static void set_default(struct catalog *catalog, struct catalog_column *column,
			const PgQuery__Node *value)
{
	const struct parser *parser = adapter_find("postgres")->parser;
	struct buffer text;
	struct error error;

	buffer_init(&text, 0);
	if (!sql_print(value, parser->dialect, &text, NULL, &error))
		column->default_sql =
		    arena_string(&catalog->arena, buffer_string(&text));
	buffer_release(&text);
	column->default_kind = DEFAULT_CONSTANT;
	if (!column->default_sql)
		column->default_kind = DEFAULT_NONE;
	else if (strstr(column->default_sql, "now") ||
		 SQL_IS(value, SQLVALUE_FUNCTION))
		column->default_kind = DEFAULT_CLOCK;
	else if (strstr(column->default_sql, "random"))
		column->default_kind = DEFAULT_VOLATILE;
	else if (SQL_IS(value, FUNC_CALL))
		column->default_kind = DEFAULT_STABLE;
}

static void add_key(struct catalog *catalog, struct catalog_table *table,
		    PgQuery__ConstrType type, const int16_t *columns,
		    size_t count)
{
	struct catalog_key *keys =
	    arena_array(&catalog->arena, table->key_count + 1, sizeof(*keys));

	if (table->key_count)
		memcpy(keys, table->keys, table->key_count * sizeof(*keys));
	keys[table->key_count].name = arena_printf(
	    &catalog->arena, "%s_%zu_key", table->name, table->key_count);
	keys[table->key_count].kind =
	    type == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ? KEY_PRIMARY
							  : KEY_UNIQUE;
	keys[table->key_count].columns = columns;
	keys[table->key_count].column_count = count;
	table->keys = keys;
	table->key_count++;
}

static void add_constraint(struct catalog *catalog, struct catalog_table *table,
			   struct catalog_column *column,
			   const PgQuery__Constraint *constraint)
{
	int16_t *columns = arena_array(&catalog->arena, constraint->n_keys + 1,
				       sizeof(*columns));
	size_t count = 0;

	switch (constraint->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
	case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
		for (size_t i = 0; i < constraint->n_keys; i++) {
			const struct catalog_column *key = catalog_column(
			    table, last_name(1, &constraint->keys[i]));

			if (key)
				columns[count++] = key->number;
		}
		if (column)
			columns[count++] = column->number;
		add_key(catalog, table, constraint->contype, columns, count);
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		if (column)
			column->not_null = true;
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
		if (column && constraint->raw_expr)
			set_default(catalog, column, constraint->raw_expr);
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
		if (!column)
			break;
		column->generated = GENERATED_IDENTITY_ALWAYS;
		column->default_kind = DEFAULT_SEQUENCE;
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
		if (column)
			column->generated = GENERATED_STORED;
		break;
	default:
		break;
	}
}

static struct catalog_table *add_relation(struct catalog *catalog,
					  const PgQuery__RangeVar *name,
					  enum relation_kind kind)
{
	struct catalog_table *table = &catalog->tables[catalog->table_count];
	struct buffer key;

	table->schema = arena_string(&catalog->arena, SQL_SET(name->schemaname)
							  ? name->schemaname
							  : "public");
	table->name = arena_string(&catalog->arena, name->relname);
	if (catalog_table(catalog, table->schema, table->name))
		return NULL;
	table->id = 20000 + (uint32_t)catalog->table_count++;
	table->kind = kind;
	table->columns = arena_array(&catalog->arena, SCRIPT_COLUMNS,
				     sizeof(*table->columns));
	buffer_init(&key, 0);
	buffer_append(&key, table->schema, strlen(table->schema) + 1);
	buffer_append_string(&key, table->name);
	map_set(&catalog->table_by_name, key.data, key.size, table);
	map_set(&catalog->table_by_id, &table->id, sizeof(table->id), table);
	buffer_release(&key);
	return table;
}

static struct catalog_column *add_column(struct catalog *catalog,
					 struct catalog_table *table,
					 const char *name)
{
	struct catalog_column *column =
	    (struct catalog_column *)(uintptr_t)&table
		->columns[table->column_count];

	if (table->column_count == SCRIPT_COLUMNS || !*name ||
	    catalog_column(table, name))
		return NULL;
	column->name = arena_string(&catalog->arena, name);
	column->number = (int16_t)++table->column_count;
	return column;
}

static void feed(struct catalog *catalog, struct catalog_table *table,
		 struct catalog_column *column)
{
	if (column->default_kind != DEFAULT_SEQUENCE)
		return;
	column->sequence_schema = table->schema;
	column->sequence = arena_printf(&catalog->arena, "%s_%s_seq",
					table->name, column->name);
	if (column->generated == GENERATED_SERIAL)
		column->default_sql =
		    arena_printf(&catalog->arena, "nextval('%s'::regclass)",
				 column->sequence);
}

static void add_table(struct catalog *catalog,
		      const PgQuery__CreateStmt *create)
{
	struct catalog_table *table = add_relation(
	    catalog, create->relation,
	    create->partspec ? RELATION_PARTITIONED : RELATION_TABLE);

	for (size_t i = 0; table && i < create->n_table_elts; i++) {
		PgQuery__ColumnDef *def =
		    SQL_AS(create->table_elts[i], COLUMN_DEF, column_def);
		PgQuery__Constraint *constraint =
		    SQL_AS(create->table_elts[i], CONSTRAINT, constraint);
		struct catalog_column *column;

		if (constraint)
			add_constraint(catalog, table, NULL, constraint);
		column = def && def->type_name
			     ? add_column(catalog, table, def->colname)
			     : NULL;
		if (!column)
			continue;
		set_type(catalog, column, def->type_name);
		for (size_t c = 0; c < def->n_constraints; c++)
			add_constraint(catalog, table, column,
				       def->constraints[c]->constraint);
		feed(catalog, table, column);
	}
}

/* Its columns have names, and are texts. */
static void add_view(struct catalog *catalog, const PgQuery__ViewStmt *create)
{
	struct catalog_table *view =
	    add_relation(catalog, create->view, RELATION_VIEW);
	PgQuery__TypeName text = PG_QUERY__TYPE_NAME__INIT;

	for (size_t i = 0; view && i < create->n_aliases; i++) {
		struct catalog_column *column = add_column(
		    catalog, view, last_name(1, &create->aliases[i]));

		if (column)
			set_type(catalog, column, &text);
	}
}

static void add_function(struct catalog *catalog,
			 const PgQuery__CreateFunctionStmt *create)
{
	struct catalog_function *function =
	    &catalog->functions[catalog->function_count++];

	function->schema = "public";
	function->name = arena_string(
	    &catalog->arena, last_name(create->n_funcname, create->funcname));
	function->volatility = 'v';
}

static struct catalog *script_catalog(const struct sql_tree *tree)
{
	struct catalog *catalog = memory_alloc(sizeof(*catalog));
	struct arena *arena = &catalog->arena;

	arena_init(arena, 0);
	catalog->search_path = "public";
	catalog->types =
	    arena_array(arena, SCRIPT_TYPES, sizeof(*catalog->types));
	catalog->tables =
	    arena_array(arena, tree->count + 1, sizeof(*catalog->tables));
	catalog->functions =
	    arena_array(arena, tree->count + 1, sizeof(*catalog->functions));
	for (size_t i = 0; i < sizeof(script_types) / sizeof(*script_types);
	     i++)
		add_type(catalog, &script_types[i]);
	for (size_t i = 0; i < tree->count; i++) {
		const PgQuery__Node *node = tree->statements[i].node;

		if (SQL_IS(node, CREATE_STMT))
			add_table(catalog, node->create_stmt);
		else if (SQL_IS(node, VIEW_STMT))
			add_view(catalog, node->view_stmt);
		else if (SQL_IS(node, CREATE_SEQ_STMT))
			add_relation(catalog, node->create_seq_stmt->sequence,
				     RELATION_SEQUENCE);
		else if (SQL_IS(node, CREATE_ENUM_STMT))
			add_enum(catalog, node->create_enum_stmt);
		else if (SQL_IS(node, CREATE_FUNCTION_STMT))
			add_function(catalog, node->create_function_stmt);
	}
	return catalog;
}

#endif
