/*
 * Columns whose values live in a table of their own:
 *
 *	country: {lookup: {table: countries, value: name, key: id,
 *			   column: country_id}}
 *
 * is read by
 *
 *	(SELECT looked_up.name FROM countries looked_up
 *	 WHERE looked_up.id = country_id)
 *
 * and country_id is written by
 *
 *	(SELECT looked_up.id FROM countries looked_up WHERE looked_up.name = country)
 */
#include "lens/compile/lookup.h"

#include <string.h>

#include "lens/compile/find.h"
#include "lens/compile/parse.h"

static PgQuery__Node *range_of(struct arena *arena,
			       const struct catalog_table *table,
			       const char *alias)
{
	/* A compiled expression serves any session, so it names the schema. */
	PgQuery__RangeVar *var =
	    sql_new(arena, &pg_query__range_var__descriptor);

	var->schemaname = arena_string(arena, table->schema);
	var->relname = arena_string(arena, table->name);
	var->inh = true;
	var->relpersistence = arena_string(arena, "p");
	var->location = -1;
	if (alias)
		var->alias = sql_alias(arena, alias, NULL, 0);
	return sql_wrap(arena, var);
}

/* (SELECT give FROM table WHERE by = value) */
static PgQuery__Node *look_up(struct arena *arena,
			      const struct catalog_table *table,
			      const struct catalog_column *give,
			      const struct catalog_column *by,
			      PgQuery__Node *value, const char *alias)
{
	PgQuery__SelectStmt *select = sql_select(arena);

	SQL_APPEND(
	    arena, select, target_list,
	    sql_target(arena, NULL, sql_column(arena, alias, give->name)));
	SQL_APPEND(arena, select, from_clause, range_of(arena, table, alias));
	select->where_clause =
	    sql_operator(arena, "=", sql_column(arena, alias, by->name), value);
	return sql_sublink(arena, PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
			   sql_wrap(arena, select));
}

PgQuery__Node *lens_lookup_key(struct arena *arena,
			       const struct lens_lookup *lookup,
			       PgQuery__Node *value)
{
	return look_up(arena, lookup->table, lookup->key, lookup->value, value,
		       LOOKUP_ALIAS);
}

PgQuery__Node *lens_lookup_key_stored(struct arena *arena,
				      const struct lens_lookup *lookup,
				      PgQuery__Node *value)
{
	return look_up(arena, lookup->table, lookup->key, lookup->value, value,
		       LOOKUP_STORED);
}

const struct catalog_key *lens_lookup_reference(
    const struct catalog_table *table, const struct catalog_column *column,
    const struct catalog_table *target)
{
	for (size_t k = 0; k < table->key_count; k++) {
		const struct catalog_key *key = &table->keys[k];

		if (key->kind == KEY_FOREIGN && key->column_count == 1 &&
		    key->columns[0] == column->number &&
		    (!target || key->target == target))
			return key;
	}
	return NULL;
}

/* A key that no row has. NULL: none is known for the type. */
static PgQuery__Node *no_key(const struct compile *compile,
			     const struct catalog_column *key)
{
	const struct lens *lens = compile->lens;
	struct arena *arena = &compile->lens->arena;
	const struct catalog_type *type =
	    catalog_type(lens->new_catalog, key->type);
	const struct sql_name_ops *names = lens_new_dialect(lens)->names;
	const char *text = type ? names->least(type->name) : NULL;

	if (type && type->class == TYPE_UUID)
		text = "ffffffff-ffff-ffff-ffff-ffffffffffff";
	if (!text)
		return NULL;
	return sql_cast(arena, sql_const_string(arena, text),
			names->builtin_type(arena, type->name));
}

/*
 * A value without a row looks up NULL, which a foreign key accepts. If a
 * foreign key of the old schema refuses the value, the new schema's must refuse
 * it, too: it gets a key that no row has. If one of the two foreign keys can be
 * deferred, the row may come later, so NULL must do.
 */
PgQuery__Node *compile_lookup_written(const struct compile *compile,
				      const struct lens_table *table,
				      const struct lens_column *column,
				      const struct catalog_table *written)
{
	struct arena *arena = &compile->lens->arena;
	const struct lens_lookup *lookup = column->lookup;
	PgQuery__Node *value = sql_column(arena, LENS_ROW, column->old->name);
	const struct catalog_key *before =
	    lens_lookup_reference(table->old, column->old, NULL);
	const struct catalog_key *after = lens_lookup_reference(
	    written, catalog_column(written, column->stored->name),
	    lookup->table);
	PgQuery__Node *either[2] = {lens_lookup_key(arena, lookup, value)};
	PgQuery__Node *given, *refused = no_key(compile, lookup->key);

	if (lookup->create || !refused || !before || before->deferrable ||
	    !after || after->deferrable ||
	    after->target_columns[0] != lookup->key->number)
		return either[0];
	given = sql_is_null(arena, sql_copy(arena, value), true);
	either[1] = sql_case(arena, NULL, &given, &refused, 1, NULL);
	return sql_coalesce(arena, either, 2);
}

void compile_lookup(struct compile *compile, struct lens_table *table,
		    struct lens_column *column,
		    const struct mapping_column *entry)
{
	struct arena *arena = &compile->lens->arena;
	const struct mapping_lookup *from = &entry->lookup;
	const char *schema =
	    from->schema.text ? from->schema.text : table->table->schema;
	struct lens_lookup *lookup = arena_alloc(arena, sizeof(*lookup));

	column->changed = column->retyped = true;
	lookup->create = from->create;
	lookup->table =
	    catalog_table(compile->lens->new_catalog, schema, from->table.text);
	if (!lookup->table) {
		compile_report(compile, SEVERITY_ERROR, from->table.place,
			       compile_nearest_table(compile,
						     compile->lens->new_catalog,
						     from->table.text),
			       "the new schema has no table \"%s.%s\"", schema,
			       from->table.text);
		return;
	}
	lookup->value = compile_target(compile, lookup->table, &from->value);
	lookup->key = compile_target(compile, lookup->table, &from->key);
	if (!lookup->value || !lookup->key || !column->stored)
		return;
	column->lookup = lookup;
	compile_inner_name(compile, LOOKUP_ALIAS);
	column->recast = true;
	column->read =
	    look_up(arena, lookup->table, lookup->value, lookup->key,
		    sql_column(arena, table->places[column->place].row,
			       column->stored->name),
		    LOOKUP_ALIAS);
}

bool lens_lookup_is_unique(const struct lens_lookup *lookup)
{
	for (size_t k = 0; k < lookup->table->key_count; k++) {
		const struct catalog_key *key = &lookup->table->keys[k];

		if (key->kind != KEY_FOREIGN && !key->partial &&
		    !key->deferrable && key->column_count == 1 &&
		    key->columns[0] == lookup->value->number)
			return true;
	}
	return false;
}
