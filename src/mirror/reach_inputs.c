/* The worked example is in reach.h. */
#include "mirror/reach_inputs.h"

/* --- scopes --- */

/* The named columns of each table; a name that is not a table's column may
 * stand for any. */
uint64_t reach_columns(const struct reaching *reaching,
		       const struct reach_names *names,
		       const struct catalog_table *table)
{
	uint64_t columns = 0;

	if (names->all)
		return WEIGH_ALL_COLUMNS;
	for (size_t i = 0; i < names->count; i++) {
		const struct reach_name *name = &names->names[i];
		const struct catalog_column *column =
		    catalog_column(table, name->name);
		bool known = column || name->of;

		for (size_t t = 0; !known && t < reaching->table_count; t++)
			known = catalog_column(reaching->tables[t],
					       name->name) != NULL;
		if (!known)
			return WEIGH_ALL_COLUMNS;
		if (column && (!name->of || name->of == table))
			columns |= weigh_column(column->number);
	}
	return columns;
}

static struct weigh_place *add_place(const struct reaching *reaching,
				     struct reach_places *places)
{
	return ARENA_PUSH(reaching->arena, places, place);
}

void reach_on_columns(const struct reaching *reaching,
		      const struct reach_names *names,
		      struct weigh_scope *scope)
{
	struct reach_places places = {0};

	if (reaching->unknown) {
		scope->all_data = true;
		return;
	}
	for (size_t i = 0; i < reaching->table_count; i++)
		*add_place(reaching, &places) = (struct weigh_place){
		    .table = catalogs_number(reaching->statement->catalogs,
					     reaching->tables[i]),
		    .columns =
			reach_columns(reaching, names, reaching->tables[i]),
		    .rows = true,
		    .fixed = reaching->fixed[i],
		    .fixed_count =
			reaching->any_row ? 0 : reaching->fixed_count[i],
		};
	for (size_t i = 0; i < reaching->more_count; i++)
		*add_place(reaching, &places) = (struct weigh_place){
		    .table = reaching->more[i],
		    .columns = WEIGH_ALL_COLUMNS,
		    .rows = true,
		};
	reach_add_views(reaching, names, &places);
	scope->places = places.places;
	scope->place_count = places.place_count;
}

void reach_on_any_row(const struct reaching *reaching,
		      const struct reach_names *names,
		      struct weigh_scope *scope)
{
	struct reaching any = *reaching;

	any.any_row = true;
	reach_on_columns(&any, names, scope);
}

void reach_on_all(const struct reaching *reaching, struct weigh_scope *scope)
{
	static const struct reach_names all = {.all = true};

	reach_on_any_row(reaching, &all, scope);
}

static void on_names(const struct reaching *reaching, struct weigh_scope *scope)
{
	const struct sql_traits *traits = reaching->statement->traits;
	const char **names;
	size_t count;

	if (!traits || !(traits->table_count + traits->function_count)) {
		scope->all_names = true;
		return;
	}
	names = arena_array(reaching->arena,
			    traits->table_count + traits->function_count,
			    sizeof(*names));
	count = 0;
	for (size_t i = 0; i < traits->table_count; i++)
		names[count++] = traits->tables[i].name;
	for (size_t i = 0; i < traits->function_count; i++)
		names[count++] = traits->functions[i].name;
	scope->names = names;
	scope->name_count = count;
}

/* --- rows and values --- */

static bool has_star(const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(select->target_list[i], RES_TARGET, res_target);
		const PgQuery__ColumnRef *ref =
		    target ? SQL_AS(target->val, COLUMN_REF, column_ref) : NULL;

		if (!target)
			return true;
		if (ref && ref->n_fields &&
		    !sql_string_value(ref->fields[ref->n_fields - 1]))
			return true;
	}
	return false;
}

/* Adds the inputs of output column i. */
static void add_output(const struct reaching *reaching, size_t i,
		       struct reach_names *names)
{
	const struct plan *plan = reaching->plan;
	const PgQuery__SelectStmt *select =
	    SQL_AS(reaching->tree, SELECT_STMT, select_stmt);
	const struct catalog_column *column =
	    plan->promise.columns && i < plan->promise.column_count
		? plan->promise.columns[i].column
		: NULL;

	if (column)
		reach_add_name(names, NULL, column->name);
	else if (select && !has_star(select) && i < select->n_target_list)
		reach_collect_node(select->target_list[i], names);
	else
		names->all = true;
}

static void on_cells(const struct reaching *reaching,
		     const struct weigh_difference *difference,
		     struct weigh_scope *scope)
{
	struct reach_names names = reaching->chosen;

	if (!SQL_IS(reaching->tree, SELECT_STMT)) {
		names = reaching->shown;
		names.all |= reaching->tree == NULL;
	}
	if (!difference->columns)
		names.all = true;
	for (size_t i = 0;
	     difference->columns && i < reaching->comparison->column_count; i++)
		if (difference->columns[i])
			add_output(reaching, i, &names);
	reach_on_columns(reaching, &names, scope);
}

/* A row of constants and defaults: what is stored of it, and that it is, depends on
 * no other row. A default may call what reads tables. */
static bool stands_alone(const struct reaching *reaching)
{
	const PgQuery__InsertStmt *insert =
	    SQL_AS(reaching->tree, INSERT_STMT, insert_stmt);
	const PgQuery__SelectStmt *values =
	    insert ? SQL_AS(insert->select_stmt, SELECT_STMT, select_stmt)
		   : NULL;
	const struct catalog_table *table = reaching->tables[0];

	if (!insert || insert->on_conflict_clause || insert->with_clause ||
	    reaching->unknown || reaching->more_count ||
	    reaching->table_count != 1 || table->kind != RELATION_TABLE ||
	    table->alters_rows ||
	    reach_mentions(sql_unwrap(reaching->tree), table->name) != 1 ||
	    (insert->select_stmt && (!values || !values->n_values_lists)))
		return false;
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].default_kind == DEFAULT_VOLATILE ||
		    table->columns[i].default_kind == DEFAULT_STABLE)
			return false;
	return true;
}

static void on(const struct reaching *reaching,
	       struct weigh_difference *difference)
{
	struct weigh_scope *scope = &difference->hangs_on;

	switch (difference->kind) {
	case DIFFERENCE_NAME:
	case DIFFERENCE_SHAPE:
		on_names(reaching, scope);
		break;
	case DIFFERENCE_RIGHT:
		on_names(reaching, scope);
		scope->rights = true;
		break;
	case DIFFERENCE_POLICY:
		on_names(reaching, scope);
		scope->rights = true;
		reach_on_all(reaching, scope);
		break;
	case DIFFERENCE_VALUE:
		on_names(reaching, scope);
		reach_on_value(reaching, scope);
		break;
	case DIFFERENCE_KEY:
		on_names(reaching, scope);
		reach_on_key(reaching, scope);
		break;
	case DIFFERENCE_REFERENCE:
		on_names(reaching, scope);
		reach_on_reference(reaching, scope);
		break;
	case DIFFERENCE_COUNT:
	case DIFFERENCE_ROWS:
		if (stands_alone(reaching))
			on_names(reaching, scope);
		else
			reach_on_columns(reaching, &reaching->chosen, scope);
		break;
	case DIFFERENCE_CELL:
		if (stands_alone(reaching))
			on_names(reaching, scope);
		else
			on_cells(reaching, difference, scope);
		break;
	case DIFFERENCE_ORDER:
		reach_on_columns(reaching, &reaching->shown, scope);
		break;
	default:
		on_names(reaching, scope);
		reach_on_all(reaching, scope);
	}
}

void reach_inputs(const struct reach_statement *statement,
		  const struct plan *plan, struct comparison *comparison,
		  struct arena *arena)
{
	struct reaching reaching = {
	    .statement = statement,
	    .plan = plan,
	    .comparison = comparison,
	    .arena = arena,
	};
	const struct sql_traits *traits = statement->traits;
	unsigned volatility = traits ? traits->volatility : 0;

	reach_begin(&reaching);
	for (size_t i = 0; i < comparison->found_count; i++) {
		struct weigh_difference *found = &comparison->found[i];

		on(&reaching, found);
		found->hangs_on.sequences =
		    volatility & 1u << SQL_FUNCTION_SEQUENCE;
		found->hangs_on.locks = volatility & 1u << SQL_FUNCTION_LOCK;
	}
}
