/* The worked example is in reach.h. */
#include "mirror/reach_names.h"

/* The state of one question. */
struct reaching {
	const struct reach_statement *statement;
	const struct plan *plan;
	const struct comparison *comparison;
	struct arena *arena;
	const struct catalog_table *tables[REACH_TABLES];
	size_t table_count;
	bool unknown;	     /* it may read more than its plan names */
	PgQuery__Node *tree; /* or NULL */
	struct weigh_fixed *fixed[REACH_TABLES];
	size_t fixed_count[REACH_TABLES];
	/* the columns that rows are chosen, joined or grouped by */
	struct reach_names chosen;
	struct reach_names shown; /* all of them */
};

/* --- tables --- */

static bool is_among(const struct reaching *reaching, const char *name)
{
	for (size_t i = 0; i < reaching->table_count; i++)
		if (!strcmp(reaching->tables[i]->name, name))
			return true;
	return false;
}

/* A function of the application's that is not immutable may read any table. */
static bool may_read_more(const struct reaching *reaching)
{
	const struct sql_traits *traits = reaching->statement->traits;
	const struct catalog *catalog =
	    reaching->statement->catalogs->old_catalog;

	if (!traits)
		return true;
	for (size_t i = 0; i < traits->table_count; i++)
		if (!is_among(reaching, traits->tables[i].name))
			return true;
	for (size_t i = 0; i < traits->function_count; i++)
		for (size_t k = 0; k < catalog->function_count; k++)
			if (!strcmp(catalog->functions[k].name,
				    traits->functions[i].name) &&
			    catalog->functions[k].volatility != 'i' &&
			    traits->functions[i].volatility ==
				SQL_FUNCTION_PLAIN)
				return true;
	return false;
}

static void find_tables(struct reaching *reaching)
{
	const struct reach_statement *statement = reaching->statement;

	for (size_t i = 0; i < statement->table_count; i++) {
		const struct catalog_table *table =
		    reach_table(statement->catalogs, statement->tables[i]);

		if (!table || reaching->table_count == REACH_TABLES) {
			reaching->unknown = true;
			continue;
		}
		/* views, parents and their parts: other tables' rows */
		if (table->kind != RELATION_TABLE || table->has_children ||
		    table->is_partition || table->has_rules ||
		    table->policy_reads_more)
			reaching->unknown = true;
		reaching->tables[reaching->table_count++] = table;
	}
	reaching->unknown |= may_read_more(reaching);
}

/* --- names --- */

static bool is_limited(const PgQuery__SelectStmt *select)
{
	return select->limit_count || select->limit_offset ||
	       select->n_distinct_clause || select->n_group_clause ||
	       select->group_distinct || select->n_window_clause ||
	       select->op != PG_QUERY__SET_OPERATION__SETOP_NONE ||
	       reach_calls(select->target_list, select->n_target_list);
}

/* The parts of an output list that choose no rows. */
static void names_of_select(struct reaching *reaching,
			    PgQuery__SelectStmt *select)
{
	size_t outputs = select->n_target_list;

	if (!is_limited(select))
		select->n_target_list = 0;
	reach_collect(&select->base, &reaching->chosen);
	select->n_target_list = outputs;
}

static void names_of_update(struct reaching *reaching,
			    PgQuery__UpdateStmt *update)
{
	reach_collect_node(update->where_clause, &reaching->chosen);
	reach_collect_list(update->from_clause, update->n_from_clause,
			   &reaching->chosen);
	if (update->with_clause)
		reach_collect(&update->with_clause->base, &reaching->chosen);
}

static void names_of_delete(struct reaching *reaching,
			    PgQuery__DeleteStmt *delete)
{
	reach_collect_node(delete->where_clause, &reaching->chosen);
	reach_collect_list(delete->using_clause, delete->n_using_clause,
			   &reaching->chosen);
	if (delete->with_clause)
		reach_collect(&delete->with_clause->base, &reaching->chosen);
}

static void find_names(struct reaching *reaching)
{
	PgQuery__Node *tree = reaching->tree;

	if (!tree) {
		reaching->chosen.all = reaching->shown.all = true;
		return;
	}
	reach_collect_node(tree, &reaching->shown);
	if (SQL_IS(tree, SELECT_STMT))
		names_of_select(reaching, tree->select_stmt);
	else if (SQL_IS(tree, UPDATE_STMT))
		names_of_update(reaching, tree->update_stmt);
	else if (SQL_IS(tree, DELETE_STMT))
		names_of_delete(reaching, tree->delete_stmt);
	else
		reach_collect_node(tree, &reaching->chosen);
}

/* --- rows --- */

static const PgQuery__RangeVar *find_from(PgQuery__Node *const *items,
					  size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const PgQuery__RangeVar *var =
		    SQL_AS(items[i], RANGE_VAR, range_var);
		const PgQuery__JoinExpr *join =
		    SQL_AS(items[i], JOIN_EXPR, join_expr);

		if (var && !strcmp(var->relname, name))
			return var;
		if (join) {
			PgQuery__Node *const sides[2] = {join->larg,
							 join->rarg};
			const PgQuery__RangeVar *found =
			    find_from(sides, 2, name);

			if (found)
				return found;
		}
	}
	return NULL;
}

static void find_rows(struct reaching *reaching, size_t at)
{
	PgQuery__Node *tree = reaching->tree;
	const struct catalog_table *table = reaching->tables[at];
	const PgQuery__RangeVar *relation = NULL;
	PgQuery__Node *where = NULL;
	bool alone = reaching->table_count == 1 && !reaching->unknown;

	if (!tree || reach_mentions(sql_unwrap(tree), table->name) != 1)
		return;
	if (SQL_IS(tree, SELECT_STMT) &&
	    tree->select_stmt->op == PG_QUERY__SET_OPERATION__SETOP_NONE) {
		relation =
		    find_from(tree->select_stmt->from_clause,
			      tree->select_stmt->n_from_clause, table->name);
		where = tree->select_stmt->where_clause;
	} else if (SQL_IS(tree, UPDATE_STMT) &&
		   !strcmp(tree->update_stmt->relation->relname, table->name)) {
		relation = tree->update_stmt->relation;
		where = tree->update_stmt->where_clause;
	} else if (SQL_IS(tree, DELETE_STMT) &&
		   !strcmp(tree->delete_stmt->relation->relname, table->name)) {
		relation = tree->delete_stmt->relation;
		where = tree->delete_stmt->where_clause;
	}
	if (!relation || !where)
		return;
	reaching->fixed[at] = arena_array(reaching->arena, REACH_FIXED + 1,
					  sizeof(struct weigh_fixed));
	reaching->fixed_count[at] =
	    reach_fixed(reaching->statement, table, relation, alone, where,
			reaching->arena, reaching->fixed[at]);
}

static void begin(struct reaching *reaching)
{
	const struct reach_statement *statement = reaching->statement;
	struct sql_tree tree;
	struct error error;

	find_tables(reaching);
	if (statement->text &&
	    !statement->parser->parse(statement->text, statement->text_size,
				      reaching->arena, &tree, &error) &&
	    tree.count == 1)
		reaching->tree = tree.statements[0].node;
	if (SQL_IS(reaching->tree, PREPARE_STMT) ||
	    SQL_IS(reaching->tree, EXECUTE_STMT) ||
	    SQL_IS(reaching->tree, FETCH_STMT) ||
	    SQL_IS(reaching->tree, DECLARE_CURSOR_STMT) ||
	    SQL_IS(reaching->tree, COPY_STMT) ||
	    SQL_IS(reaching->tree, EXPLAIN_STMT))
		reaching->tree = NULL;
	find_names(reaching);
	for (size_t i = 0; i < reaching->table_count; i++)
		find_rows(reaching, i);
}

/* --- scopes --- */

/* The named columns of each table; a name that is not a table's column may
 * stand for any. */
static uint64_t columns_of(const struct reaching *reaching,
			   const struct reach_names *names,
			   const struct catalog_table *table)
{
	uint64_t columns = 0;

	if (names->all)
		return WEIGH_ALL_COLUMNS;
	for (size_t i = 0; i < names->count; i++) {
		const struct catalog_column *column =
		    catalog_column(table, names->names[i]);
		bool known = column != NULL;

		for (size_t t = 0; !known && t < reaching->table_count; t++)
			known = catalog_column(reaching->tables[t],
					       names->names[i]) != NULL;
		if (!known)
			return WEIGH_ALL_COLUMNS;
		if (column)
			columns |= weigh_column(column->number);
	}
	return columns;
}

static void on_columns(const struct reaching *reaching,
		       const struct reach_names *names,
		       struct weigh_scope *scope)
{
	struct weigh_place *places = arena_array(
	    reaching->arena, reaching->table_count + 1, sizeof(*places));

	if (reaching->unknown) {
		scope->all_data = true;
		return;
	}
	for (size_t i = 0; i < reaching->table_count; i++)
		places[i] = (struct weigh_place){
		    .table = catalogs_number(reaching->statement->catalogs,
					     reaching->tables[i]),
		    .columns = columns_of(reaching, names, reaching->tables[i]),
		    .rows = true,
		    .fixed = reaching->fixed[i],
		    .fixed_count = reaching->fixed_count[i],
		};
	scope->places = places;
	scope->place_count = reaching->table_count;
}

/* Of any row: an expression can fail on one that the conditions would exclude,
 * and a key can collide with another row. */
static void on_any_row(const struct reaching *reaching,
		       const struct reach_names *names,
		       struct weigh_scope *scope)
{
	struct reaching any = *reaching;

	memset(any.fixed_count, 0, sizeof(any.fixed_count));
	on_columns(&any, names, scope);
}

static void on_all(const struct reaching *reaching, struct weigh_scope *scope)
{
	static const struct reach_names all = {.all = true};

	on_any_row(reaching, &all, scope);
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

/* --- errors --- */

static bool all_constant(const PgQuery__SelectStmt *values)
{
	for (size_t i = 0; i < values->n_values_lists; i++) {
		const PgQuery__List *row =
		    SQL_AS(values->values_lists[i], LIST, list);

		for (size_t k = 0; !row || k < row->n_items; k++)
			if (!row || !reach_is_constant(row->items[k]))
				return false;
	}
	return values->n_values_lists > 0;
}

static bool sets_constants(const PgQuery__UpdateStmt *update)
{
	for (size_t i = 0; i < update->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(update->target_list[i], RES_TARGET, res_target);

		if (!target || !reach_is_constant(target->val))
			return false;
	}
	return true;
}

/* A value that does not fit: the inputs of the expression. Constants never
 * change, once there is a row to take them. */
static void on_value(const struct reaching *reaching, struct weigh_scope *scope)
{
	PgQuery__Node *tree = reaching->tree;
	bool check = reaching->comparison->error == ERROR_CLASS_CHECK;
	const PgQuery__InsertStmt *insert =
	    SQL_AS(tree, INSERT_STMT, insert_stmt);
	const PgQuery__UpdateStmt *update =
	    SQL_AS(tree, UPDATE_STMT, update_stmt);
	const PgQuery__SelectStmt *values =
	    insert ? SQL_AS(insert->select_stmt, SELECT_STMT, select_stmt)
		   : NULL;

	if (values && all_constant(values) && !insert->on_conflict_clause &&
	    !reaching->unknown)
		return;
	if (update && sets_constants(update) && !check && !reaching->unknown) {
		if (!reaching->statement->affected)
			on_columns(reaching, &reaching->chosen, scope);
		return;
	}
	if (update && check)
		on_all(reaching, scope);
	else
		on_any_row(reaching, &reaching->shown, scope);
}

static const struct catalog_key *key_named(const struct catalog_table *table,
					   const char *name, bool foreign)
{
	for (size_t i = 0; i < table->key_count; i++)
		if ((table->keys[i].kind == KEY_FOREIGN) == foreign &&
		    !strcmp(table->keys[i].name, name))
			return &table->keys[i];
	return NULL;
}

static uint64_t bits(const int16_t *columns, size_t count)
{
	uint64_t out = 0;

	for (size_t i = 0; i < count; i++)
		out |= weigh_column(columns[i]);
	return out;
}

static bool is_of(const int16_t *columns, size_t count, int16_t column)
{
	for (size_t i = 0; i < count; i++)
		if (columns[i] == column)
			return true;
	return false;
}

/*
 * The key in the old schema. The shadow's constraint is one of the new schema;
 * if its table is not mapped, the columns have the same names.
 */
static const struct catalog_key *key_meant(const struct reaching *reaching,
					   bool foreign,
					   const struct catalog_table **table,
					   const int16_t **columns)
{
	const struct comparison *comparison = reaching->comparison;
	const struct catalogs *catalogs = reaching->statement->catalogs;

	if (!*comparison->constraint)
		return NULL;
	for (size_t i = 0; i < reaching->table_count; i++) {
		const struct catalog_table *old = reaching->tables[i];
		const struct catalog_table *holder = old;
		const struct catalog_key *key;
		int16_t *numbers;

		if (!comparison->primary_failed && reaching->plan->mapped)
			return NULL;
		if (!comparison->primary_failed)
			holder = catalog_table(catalogs->new_catalog,
					       old->schema, old->name);
		key = holder
			  ? key_named(holder, comparison->constraint, foreign)
			  : NULL;
		if (!key)
			continue;
		numbers = arena_array(reaching->arena, key->column_count + 1,
				      sizeof(*numbers));
		for (size_t k = 0; k < key->column_count; k++) {
			const struct catalog_column *of =
			    catalog_column_number(holder, key->columns[k]);
			const struct catalog_column *own =
			    of ? catalog_column(old, of->name) : NULL;

			if (!own)
				return NULL;
			numbers[k] = own->number;
		}
		*table = old;
		*columns = numbers;
		return key;
	}
	return NULL;
}

/* The rows that it writes have these values in the key's columns, and they
 * collide only with a row of the same values. */
static void on_key(const struct reaching *reaching, struct weigh_scope *scope)
{
	const struct catalog_table *table;
	const int16_t *columns;
	const struct catalog_key *key =
	    key_meant(reaching, false, &table, &columns);
	const struct weigh_place *own;
	struct weigh_place *places;
	size_t count;

	if (!key || reaching->comparison->error != ERROR_CLASS_UNIQUE ||
	    reaching->unknown) {
		on_all(reaching, scope);
		return;
	}
	reach_changes(reaching->statement, reaching->arena, &own, &count);
	places = arena_array(reaching->arena, count + reaching->table_count + 1,
			     sizeof(*places));
	for (size_t i = 0; i < count; i++) {
		struct weigh_place *place;
		struct weigh_fixed *fixed;

		if (own[i].table !=
		    catalogs_number(reaching->statement->catalogs, table))
			continue;
		fixed = arena_array(reaching->arena, own[i].fixed_count + 1,
				    sizeof(*fixed));
		place = &places[scope->place_count++];
		*place = (struct weigh_place){
		    .table = own[i].table,
		    .columns = bits(columns, key->column_count),
		    .rows = true,
		    .fixed = fixed,
		};
		/* an UPDATE's fixed values are those of the row before it */
		for (size_t k = 0; own[i].rows && k < own[i].fixed_count; k++)
			if (is_of(columns, key->column_count,
				  own[i].fixed[k].column))
				fixed[place->fixed_count++] = own[i].fixed[k];
	}
	scope->places = places;
	/* ... and its inputs, and which rows it changes */
	if (!SQL_IS(reaching->tree, INSERT_STMT) || reaching->table_count > 1) {
		struct weigh_scope read = {0};

		on_columns(reaching, &reaching->shown, &read);
		for (size_t i = 0; i < read.place_count; i++)
			places[scope->place_count++] = read.places[i];
	}
}

/* The foreign key that failed, by its name; NULL: not known. The shadow's is one of
 * the new schema, but if no table is mapped, it has the same name there. */
static const struct catalog_key *reference_meant(
    const struct reaching *reaching)
{
	const struct comparison *comparison = reaching->comparison;
	const struct catalog *catalog =
	    reaching->statement->catalogs->old_catalog;

	if (!*comparison->constraint ||
	    (!comparison->primary_failed && reaching->plan->mapped))
		return NULL;
	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct catalog_table *table = &catalog->tables[i];
		const struct catalog_key *key =
		    key_named(table, comparison->constraint, true);

		for (size_t t = 0; key && t < reaching->table_count; t++)
			if (reaching->tables[t] == table ||
			    reaching->tables[t] == key->target)
				return key;
	}
	return NULL;
}

/* Whether the statement can leave a row without the one it refers to, or take
 * one away that others refer to. */
struct reference_roles {
	bool child, parent;
};

static struct reference_roles roles_of(const struct reaching *reaching)
{
	const struct reference_roles both = {true, true};
	const PgQuery__InsertStmt *insert =
	    SQL_AS(reaching->tree, INSERT_STMT, insert_stmt);
	const PgQuery__DeleteStmt *delete =
	    SQL_AS(reaching->tree, DELETE_STMT, delete_stmt);

	if (insert && !insert->on_conflict_clause && !insert->with_clause)
		return (struct reference_roles){.child = true};
	if (delete &&!delete->with_clause)
		return (struct reference_roles){.parent = true};
	return both;
}

/* The table's columns that decide a foreign key of the tables that the statement
 * names, or the one that is meant, if that is known: what rows refer to, where
 * the statement adds such rows; what refers to rows that it takes away. */
static uint64_t referring(const struct reaching *reaching,
			  const struct catalog_table *table,
			  const struct catalog_key *meant)
{
	struct reference_roles roles = roles_of(reaching);
	uint64_t columns = 0;

	for (size_t t = 0; t < reaching->table_count; t++) {
		const struct catalog_table *named = reaching->tables[t];

		for (size_t k = 0; roles.parent && k < table->key_count; k++) {
			const struct catalog_key *key = &table->keys[k];

			if (key->kind == KEY_FOREIGN && key->target == named &&
			    (!meant || key == meant))
				columns |=
				    bits(key->columns, key->column_count);
		}
		for (size_t k = 0; roles.child && k < named->key_count; k++) {
			const struct catalog_key *key = &named->keys[k];

			if (key->kind == KEY_FOREIGN && key->target == table &&
			    (!meant || key == meant))
				columns |= key->target_columns
					       ? bits(key->target_columns,
						      key->column_count)
					       : WEIGH_ALL_COLUMNS;
		}
	}
	return columns;
}

/* The key in the other table, and what it reads. */
static void on_reference(const struct reaching *reaching,
			 struct weigh_scope *scope)
{
	const struct catalogs *catalogs = reaching->statement->catalogs;
	const struct catalog *catalog = catalogs->old_catalog;
	const struct catalog_key *meant = reference_meant(reaching);
	struct weigh_scope read = {0};
	struct weigh_place *places;
	size_t count = 0;

	on_any_row(reaching, &reaching->shown, &read);
	if (read.all_data) {
		scope->all_data = true;
		return;
	}
	places = arena_array(reaching->arena,
			     catalog->table_count + read.place_count + 1,
			     sizeof(*places));
	for (size_t i = 0; i < catalog->table_count; i++) {
		uint64_t columns =
		    referring(reaching, &catalog->tables[i], meant);

		if (columns)
			places[count++] =
			    (struct weigh_place){.table = catalogs->numbers[i],
						 .columns = columns,
						 .rows = true};
	}
	if (!count) { /* a constraint that the old schema lacks */
		on_all(reaching, scope);
		return;
	}
	if (!SQL_IS(reaching->tree, INSERT_STMT) || reaching->table_count > 1)
		for (size_t i = 0; i < read.place_count; i++)
			places[count++] = read.places[i];
	scope->places = places;
	scope->place_count = count;
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

	if (column && names->count < REACH_NAMES)
		names->names[names->count++] = column->name;
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
	on_columns(reaching, &names, scope);
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
		on_all(reaching, scope);
		break;
	case DIFFERENCE_VALUE:
		on_names(reaching, scope);
		on_value(reaching, scope);
		break;
	case DIFFERENCE_KEY:
		on_names(reaching, scope);
		on_key(reaching, scope);
		break;
	case DIFFERENCE_REFERENCE:
		on_names(reaching, scope);
		on_reference(reaching, scope);
		break;
	case DIFFERENCE_COUNT:
	case DIFFERENCE_ROWS:
		on_columns(reaching, &reaching->chosen, scope);
		break;
	case DIFFERENCE_CELL:
		on_cells(reaching, difference, scope);
		break;
	case DIFFERENCE_ORDER:
		on_columns(reaching, &reaching->shown, scope);
		break;
	default:
		on_names(reaching, scope);
		on_all(reaching, scope);
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

	begin(&reaching);
	for (size_t i = 0; i < comparison->found_count; i++) {
		struct weigh_difference *found = &comparison->found[i];

		on(&reaching, found);
		found->hangs_on.sequences =
		    volatility & 1u << SQL_FUNCTION_SEQUENCE;
		found->hangs_on.locks = volatility & 1u << SQL_FUNCTION_LOCK;
	}
}
