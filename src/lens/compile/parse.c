/* Expressions, values and names of a mapping. */
#include "lens/compile/compile.h"

#include <stdio.h>
#include <string.h>

struct marking {
	struct compile *compile;
	const struct mapping_text *text;
	const struct compile_row *rows;
	size_t row_count;
	const char *which;
	int failed;
	bool
	    quiet; /* it may name what is no column (tableoid): not a mistake */
};

/* Does a FROM item of a query within the expression have that column? */
static bool has_column(struct compile *compile, const PgQuery__Node *item,
		       const char *first, const char *name)
{
	PgQuery__JoinExpr *join = SQL_AS(item, JOIN_EXPR, join_expr);
	PgQuery__RangeVar *var = SQL_AS(item, RANGE_VAR, range_var);
	PgQuery__RangeSubselect *query =
	    SQL_AS(item, RANGE_SUBSELECT, range_subselect);
	PgQuery__RangeFunction *function =
	    SQL_AS(item, RANGE_FUNCTION, range_function);
	const struct catalog_table *table;
	const char *alias = NULL;

	if (join)
		return has_column(compile, join->larg, first, name) ||
		       has_column(compile, join->rarg, first, name);
	if (var)
		alias = var->alias ? var->alias->aliasname : var->relname;
	else if (query && query->alias)
		alias = query->alias->aliasname;
	else if (function && function->alias)
		alias = function->alias->aliasname;
	if (first)
		return same_name(alias, first);
	if (function)
		return same_name(alias, name);
	if (query) {
		PgQuery__SelectStmt *select =
		    SQL_AS(query->subquery, SELECT_STMT, select_stmt);

		for (size_t i = 0; select && i < select->n_target_list; i++) {
			PgQuery__ResTarget *target =
			    select->target_list[i]->res_target;

			if (same_name(SQL_SET(target->name)
					  ? target->name
					  : sql_figure_name(target->val),
				      name))
				return true;
		}
		return false;
	}
	if (!var)
		return false;
	table = compile_find_table(
	    compile->lens->new_catalog,
	    SQL_SET(var->schemaname) ? var->schemaname : NULL, var->relname);
	return table && catalog_column(table, name);
}

/* Is the name one of a query's within the expression, not the row's? */
static bool is_query_column(struct compile *compile,
			    const struct sql_place *place, const char *first,
			    const char *name)
{
	for (; place; place = place->parent) {
		PgQuery__SelectStmt *select;

		if (!SQL_AT(place, select_stmt))
			continue;
		select = (PgQuery__SelectStmt *)place->message;
		for (size_t i = 0; i < select->n_from_clause; i++)
			if (has_column(compile, select->from_clause[i], first,
				       name))
				return true;
	}
	return false;
}

static bool inside_query(const struct sql_place *place)
{
	for (; place; place = place->parent)
		if (SQL_AT(place, select_stmt))
			return true;
	return false;
}

static const struct compile_row *row_of(const struct marking *marking,
					const char *first, const char *name)
{
	for (size_t i = 0; i < marking->row_count; i++) {
		const struct compile_row *row = &marking->rows[i];

		if (first && !same_name(first, row->names[0]) &&
		    !same_name(first, row->names[1]))
			continue;
		if (catalog_column(row->table, name))
			return row;
	}
	return NULL;
}

static enum sql_step mark_column(struct sql_place *place, void *context,
				 struct error *error);

/* A generated column of the old row is what its expression gives: the values
 * that it is computed from are known before a row is written, it is not. */
static PgQuery__Node *generated_value(struct compile *compile,
				      const struct catalog_table *table,
				      const struct catalog_column *column)
{
	struct lens *lens = compile->lens;
	struct compile_row row = {.table = table, .row = LENS_ROW};
	struct marking marking = {.compile = compile,
				  .text = &(struct mapping_text){0},
				  .rows = &row,
				  .row_count = 1,
				  .which = "the old table",
				  .quiet = true};
	struct sql_visitor visitor = {mark_column, NULL, &marking};
	PgQuery__TypeName *type;
	PgQuery__Node *node = NULL;
	struct error error;

	error_init(&error);
	if (!column->default_sql ||
	    parser_expression(lens->parser, column->default_sql, &lens->arena,
			      &node, &error) < 0)
		return NULL;
	sql_forget_places(sql_unwrap(node));
	if (sql_walk(&node, &visitor, &error) < 0 || marking.failed)
		return NULL;
	type = lens_type(lens, &lens->arena, lens->old_catalog, column, false);
	return type ? sql_cast(&lens->arena, node, type) : node;
}

static enum sql_step mark_column(struct sql_place *place, void *context,
				 struct error *error)
{
	struct marking *marking = context;
	const struct compile_row *row = NULL;
	PgQuery__ColumnRef *ref;
	const char *name;
	const char *first = NULL;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (PgQuery__ColumnRef *)place->message;
	name = sql_string_value(ref->fields[ref->n_fields - 1]);
	if (ref->n_fields == 2)
		first = sql_string_value(ref->fields[0]);
	if (name && is_query_column(marking->compile, place, first, name))
		return SQL_STEP_OVER;
	if (name && ref->n_fields <= 2)
		row = row_of(marking, first, name);
	if (row) {
		struct arena *arena = &marking->compile->lens->arena;
		const struct catalog_column *column =
		    catalog_column(row->table, name);
		const char *parts[] = {row->row, name};
		PgQuery__Node *value = NULL;

		if (row->old && column->generated == GENERATED_STORED)
			value = generated_value(marking->compile, row->table,
						column);
		*place->slot =
		    value ? value : sql_column_parts(arena, parts, 2);
		return SQL_STEP_OVER;
	}
	if (inside_query(place))
		return SQL_STEP_OVER; /* of a table that is not known here */
	marking->failed = 1;
	if (marking->quiet)
		return SQL_STEP_OVER;
	row = &marking->rows[0];
	for (size_t i = 0; first && i < marking->row_count; i++)
		if (same_name(first, marking->rows[i].names[0]))
			row = &marking->rows[i];
	compile_report(
	    marking->compile, SEVERITY_ERROR, marking->text->place,
	    name ? compile_nearest_column(marking->compile, row->table, name)
		 : NULL,
	    "\"%s\" is not a column of %s \"%s.%s\"", name ? name : "*",
	    marking->which, row->table->schema, row->table->name);
	return SQL_STEP_OVER;
}

void compile_inner_name(struct compile *compile, const char *name)
{
	struct lens *lens = compile->lens;

	lens->inner_names = rewrite_push(
	    &lens->arena, (void *)lens->inner_names, &lens->inner_name_count,
	    &lens->inner_name_capacity, sizeof(*lens->inner_names));
	lens->inner_names[lens->inner_name_count - 1] = name;
}

static bool has_with(const PgQuery__Node *node)
{
	return SQL_IS(node, SELECT_STMT) && node->select_stmt->with_clause;
}

/* Tables of queries within an expression: they are named with their schema, for
 * any session and beside any statement's WITH; what they are called is kept. */
static enum sql_step note_table_name(struct sql_place *place, void *context,
				     struct error *error)
{
	struct compile *compile = context;
	const PgQuery__Alias *alias = NULL;
	const char *name = NULL;

	(void)error;
	if (SQL_AT(place, range_var)) {
		PgQuery__RangeVar *var = (PgQuery__RangeVar *)place->message;
		const struct catalog_table *table = compile_find_table(
		    compile->lens->new_catalog,
		    SQL_SET(var->schemaname) ? var->schemaname : NULL,
		    var->relname);
		bool own = false; /* a name of a WITH around it? */

		for (const struct sql_place *at = place; at; at = at->parent)
			own |= at->slot && has_with(*at->slot);
		if (table && !own)
			var->schemaname =
			    arena_string(&compile->lens->arena, table->schema);
		name = var->relname;
		alias = var->alias;
	} else if (SQL_AT(place, range_subselect)) {
		alias = ((PgQuery__RangeSubselect *)place->message)->alias;
	} else if (SQL_AT(place, range_function)) {
		alias = ((PgQuery__RangeFunction *)place->message)->alias;
	}
	if (alias)
		name = alias->aliasname;
	if (name)
		compile_inner_name(compile, name);
	return SQL_STEP_INTO;
}

static enum sql_step find_parameter(struct sql_place *place, void *context,
				    struct error *error)
{
	int *number = context;

	(void)error;
	if (!SQL_AT(place, param_ref))
		return SQL_STEP_INTO;
	*number = ((const PgQuery__ParamRef *)place->message)->number;
	return SQL_STEP_STOP;
}

/* It would be taken for one of the statement's. */
static bool refuse_parameter(struct compile *compile,
			     const struct mapping_text *text,
			     PgQuery__Node *node)
{
	int number = -1;
	struct sql_visitor visitor = {find_parameter, NULL, &number};
	struct error error;

	sql_walk(&node, &visitor, &error);
	if (number < 0)
		return false;
	compile_report(compile, SEVERITY_ERROR, text->place, NULL,
		       "$%d stands for a value that an expression of the "
		       "mapping is not given: it can name columns alone",
		       number);
	return true;
}

PgQuery__Node *compile_expression(struct compile *compile,
				  const struct mapping_text *text,
				  const struct compile_row *rows, size_t count,
				  const char *which)
{
	struct marking marking = {compile, text, rows, count, which, 0, false};
	struct sql_visitor visitor = {mark_column, NULL, &marking};
	PgQuery__Node *node = NULL;
	struct error error;

	if (!text->text)
		return sql_const_null(&compile->lens->arena);
	error_init(&error);
	if (parser_expression(compile->lens->parser, text->text,
			      &compile->lens->arena, &node, &error) < 0) {
		struct place place = text->place;

		/* Within the text; its end counts as the last line's. */
		if (error.line == 1 && error.column > 0)
			place.column += error.column - 1;
		compile_report(compile, SEVERITY_ERROR, place, NULL,
			       "the expression cannot be read: %s",
			       error.message);
		return NULL;
	}
	sql_forget_places(sql_unwrap(node));
	if (sql_walk(&node, &visitor, &error) < 0) {
		compile_report(compile, SEVERITY_ERROR, text->place, NULL,
			       "the expression is too deep");
		return NULL;
	}
	if (marking.failed || refuse_parameter(compile, text, node))
		return NULL;
	visitor = (struct sql_visitor){note_table_name, NULL, compile};
	sql_walk(&node, &visitor, &error);
	return node;
}

PgQuery__Node *compile_over_old(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text)
{
	struct compile_row row = {
	    table->old,
	    LENS_ROW,
	    {table->old->name, table->table ? table->table->name : NULL},
	    true};

	return compile_expression(compile, text, &row, 1, "the old table");
}

PgQuery__Node *compile_over_new(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text)
{
	struct compile_row *rows = arena_array(
	    &compile->lens->scratch, table->place_count + 1, sizeof(*rows));
	size_t count = 0;

	/* Alternatives have the same columns: the first speaks for all. */
	for (size_t i = 0; i < table->place_count; i++) {
		const struct lens_place *place = &table->places[i];

		if (i && i < table->anchor_count)
			continue;
		rows[count++] = (struct compile_row){
		    place->table,
		    place->row,
		    {place->name, i ? place->table->name : table->old->name},
		    false};
	}
	return compile_expression(compile, text, rows, count, "the new table");
}

struct inputs {
	const struct lens_table *table;
	bool *inputs;
};

static enum sql_step mark_input(struct sql_place *place, void *context,
				struct error *error)
{
	struct inputs *inputs = context;
	PgQuery__ColumnRef *ref;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (PgQuery__ColumnRef *)place->message;
	if (ref->n_fields != 2 ||
	    !same_name(sql_string_value(ref->fields[0]), LENS_ROW))
		return SQL_STEP_OVER;
	for (size_t i = 0; i < inputs->table->column_count; i++)
		if (same_name(inputs->table->columns[i].old->name,
			      sql_string_value(ref->fields[1])))
			inputs->inputs[i] = true;
	return SQL_STEP_OVER;
}

void compile_inputs(const struct lens_table *table, PgQuery__Node *expression,
		    bool *inputs)
{
	struct inputs context = {table, inputs};
	struct sql_visitor visitor = {mark_input, NULL, &context};
	struct error error;

	sql_walk(&expression, &visitor, &error);
}

void compile_generation(struct compile *compile, const struct lens_table *table,
			struct lens_column *column)
{
	column->inputs = arena_array(&compile->lens->arena,
				     table->column_count + 1, sizeof(bool));
	column->generation = generated_value(compile, table->old, column->old);
	if (column->generation)
		compile_inputs(table, column->generation, column->inputs);
	for (size_t i = 0; !column->generation && i < table->column_count; i++)
		column->inputs[i] = true;
}

static bool same_value(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

void compile_values(struct compile *compile, const struct lens_column *column,
		    const struct mapping_column *entry)
{
	for (size_t i = 0; i < entry->value_count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct mapping_value *a = &entry->values[i];
			const struct mapping_value *b = &entry->values[j];

			if (same_value(a->old_value.text, b->old_value.text))
				compile_report(
				    compile, SEVERITY_ERROR, a->old_value.place,
				    NULL,
				    "value \"%s\" of \"%s\" is given twice",
				    a->old_value.text ? a->old_value.text
						      : "null",
				    column->old->name);
			else if (same_value(a->new_value.text,
					    b->new_value.text))
				compile_report(
				    compile, SEVERITY_ERROR, a->new_value.place,
				    NULL,
				    "two values of \"%s\" become \"%s\": what "
				    "is read back could be either",
				    column->old->name,
				    a->new_value.text ? a->new_value.text
						      : "null");
		}
}

static struct lens_name *split_name(struct arena *arena, const char *text)
{
	struct lens_name *name = arena_alloc(arena, sizeof(*name));
	const char *dot = strchr(text, '.');

	if (dot) {
		name->schema = arena_copy(arena, text, (size_t)(dot - text));
		name->name = arena_string(arena, dot + 1);
	} else {
		name->name = arena_string(arena, text);
	}
	return name;
}

static bool type_exists(const struct catalog *catalog,
			const struct lens_name *name)
{
	return catalog_type_named(catalog, name->schema, name->name) != NULL;
}

static bool function_exists(const struct catalog *catalog,
			    const struct lens_name *name)
{
	for (size_t i = 0; i < catalog->function_count; i++)
		if (!strcmp(catalog->functions[i].name, name->name) &&
		    (!name->schema ||
		     !strcmp(catalog->functions[i].schema, name->schema)))
			return true;
	return false;
}

static bool sequence_exists(const struct catalog *catalog,
			    const struct lens_name *name)
{
	for (size_t i = 0; i < catalog->table_count; i++)
		if (catalog->tables[i].kind == RELATION_SEQUENCE &&
		    !strcmp(catalog->tables[i].name, name->name) &&
		    (!name->schema ||
		     !strcmp(catalog->tables[i].schema, name->schema)))
			return true;
	return false;
}

static const char *near_name(struct compile *compile,
			     const struct catalog *catalog, int what,
			     const char *name)
{
	size_t room = catalog->table_count + catalog->type_count +
		      catalog->function_count + 1;
	const char **names =
	    arena_array(&compile->lens->scratch, room, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; what == 0 && i < catalog->table_count; i++)
		if (catalog->tables[i].kind == RELATION_SEQUENCE)
			names[count++] = catalog->tables[i].name;
	for (size_t i = 0; what == 1 && i < catalog->type_count; i++)
		names[count++] = catalog->types[i].name;
	for (size_t i = 0; what == 2 && i < catalog->function_count; i++)
		names[count++] = catalog->functions[i].name;
	return lens_nearest(name, names, count);
}

typedef bool exists_function(const struct catalog *, const struct lens_name *);

static void compile_renames(struct compile *compile, struct map *map,
			    const struct mapping_rename *renames, size_t count,
			    int what)
{
	static const char *const kinds[] = {"sequence", "type", "function"};
	static exists_function *const exists[] = {sequence_exists, type_exists,
						  function_exists};
	struct lens *lens = compile->lens;

	for (size_t i = 0; i < count; i++) {
		struct lens_name *from =
		    split_name(&lens->arena, renames[i].from.text);
		struct lens_name *to =
		    split_name(&lens->arena, renames[i].to.text);

		if (!exists[what](lens->old_catalog, from))
			compile_report(compile, SEVERITY_ERROR,
				       renames[i].from.place,
				       near_name(compile, lens->old_catalog,
						 what, from->name),
				       "the old schema has no %s \"%s\"",
				       kinds[what], renames[i].from.text);
		if (!exists[what](lens->new_catalog, to))
			compile_report(compile, SEVERITY_ERROR,
				       renames[i].to.place,
				       near_name(compile, lens->new_catalog,
						 what, to->name),
				       "the new schema has no %s \"%s\"",
				       kinds[what], renames[i].to.text);
		if (map_set_string(map, renames[i].from.text, to))
			compile_report(compile, SEVERITY_ERROR,
				       renames[i].from.place, NULL,
				       "%s \"%s\" is renamed twice",
				       kinds[what], renames[i].from.text);
	}
}

void compile_names(struct compile *compile, const struct mapping *mapping)
{
	struct lens *lens = compile->lens;

	compile_renames(compile, &lens->sequences, mapping->sequences,
			mapping->sequence_count, 0);
	compile_renames(compile, &lens->types, mapping->types,
			mapping->type_count, 1);
	compile_renames(compile, &lens->functions, mapping->functions,
			mapping->function_count, 2);
}

const struct lens_name *lens_renamed(const struct map *names,
				     const char *schema, const char *name)
{
	char key[256];
	const struct lens_name *found = NULL;

	if (!names->count)
		return NULL;
	if (schema && *schema) {
		snprintf(key, sizeof(key), "%s.%s", schema, name);
		found = map_get_string(names, key);
	}
	return found ? found : map_get_string(names, name);
}

const struct catalog_type *lens_same_type(const struct lens *lens,
					  const struct catalog_type *old)
{
	const struct lens_name *renamed =
	    lens_renamed(&lens->types, old->schema, old->name);
	const char *schema =
	    renamed && renamed->schema ? renamed->schema : old->schema;
	const char *name = renamed ? renamed->name : old->name;
	const struct catalog_type *found =
	    catalog_type_named(lens->new_catalog, schema, name);

	if (found || !renamed || renamed->schema)
		return found;
	return catalog_type_named(lens->new_catalog, "pg_catalog", name);
}

/* What values of the type become where the new schema has it no more: labels
 * are text, values of a domain are those of its base. */
static const struct catalog_type *new_type(const struct lens *lens,
					   const struct catalog_type *old)
{
	const struct catalog_type *found = lens_same_type(lens, old);
	const struct catalog_type *base = NULL;

	if (found)
		return found;
	if (old->class == TYPE_ENUM)
		base =
		    catalog_type_named(lens->old_catalog, "pg_catalog", "text");
	else if (old->class == TYPE_DOMAIN)
		base = catalog_type(lens->old_catalog, old->element);
	if (!base)
		return old;
	return strcmp(base->schema, "pg_catalog") ? new_type(lens, base) : base;
}

static PgQuery__TypeName *make_type(const struct lens *lens,
				    struct arena *arena,
				    const struct catalog *catalog,
				    const struct catalog_column *column,
				    bool bare)
{
	const struct catalog_type *type = catalog_type(catalog, column->type);
	PgQuery__TypeName *parsed = NULL;
	PgQuery__TypeName *made;
	const struct catalog_type *element;
	struct error error;
	bool array;

	error_init(&error);
	if (column->type_sql)
		(void)parser_type(lens->parser, column->type_sql, arena,
				  &parsed, &error);
	if (parsed)
		sql_forget_places(&parsed->base);
	if (!type)
		return parsed;
	if (bare && parsed &&
	    (type->class == TYPE_TEXT || type->class == TYPE_CHAR ||
	     strstr(type->name, "bit"))) {
		parsed->n_typmods = 0;
		/* bpchar without a length keeps all; char alone means one. */
		if (!strcmp(type->name, "bpchar"))
			return sql_type(arena, NULL, "bpchar");
		if (!strcmp(type->name, "bit"))
			return sql_type(arena, NULL, "varbit");
	}
	array = type->class == TYPE_ARRAY;
	element = array ? catalog_type(catalog, type->element) : NULL;
	if (!element)
		element = type;
	if (!strcmp(element->schema, "pg_catalog"))
		return parsed;
	if (catalog == lens->old_catalog)
		element = new_type(lens, element);
	made = !strcmp(element->schema, "pg_catalog")
		   ? sql_type(arena, NULL, element->name)
		   : sql_type(arena, element->schema, element->name);
	if (array && parsed) {
		made->n_array_bounds = parsed->n_array_bounds;
		made->array_bounds = parsed->array_bounds;
	}
	return made;
}

PgQuery__TypeName *lens_type(struct lens *lens, struct arena *arena,
			     const struct catalog *catalog,
			     const struct catalog_column *column, bool bare)
{
	struct {
		const struct catalog_column *column;
		uintptr_t bare;
	} key = {column, bare};
	PgQuery__TypeName *type = map_get(&lens->type_names, &key, sizeof(key));

	if (!type) {
		type = make_type(lens, &lens->arena, catalog, column, bare);
		if (!type)
			return NULL;
		map_set(&lens->type_names, &key, sizeof(key), type);
	}
	return (PgQuery__TypeName *)sql_copy_message(arena, &type->base);
}
