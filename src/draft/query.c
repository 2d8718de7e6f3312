/*
 * The rows of a migration's queries, as expressions over the rows of old
 * tables. Only queries that copy rows are followed: one old table, others
 * joined to it by keys, look-ups by value.
 */
#include "draft/internal.h"
#include "sql/traits.h"

enum { QUERY_DEPTH = 32 };

static const char no_table[] = "it reads no table of the old schema";

static void add_column(struct draft *draft, struct range *range,
		       const char *name, PgQuery__Node *expression,
		       const char *unknown)
{
	struct range_column *column =
	    arena_alloc(draft->arena, sizeof(*column));

	column->name = name;
	column->expression = expression;
	column->unknown = unknown;
	vector_add(draft->arena, &range->columns, column);
}

void range_of_source(struct draft *draft, struct range *range,
		     struct new_table *table, const struct draft_source *source)
{
	range->table = table;
	range->schema = table->schema;
	range->name = table->name;
	range->columns = (struct vector){0};
	if (source) {
		range->old = source->old;
		range->when = source->when;
	}
	VECTOR_EACH (struct new_column, column, &table->columns) {
		const struct feed *feed =
		    source ? model_feed(source, column) : NULL;

		if (column->dropped)
			continue;
		add_column(
		    draft, range, column->name, feed ? feed->expression : NULL,
		    feed && feed->unknown ? feed->unknown : "nothing feeds it");
	}
	range->open = table->unseen || (!source && !table->columns.count);
}

const struct catalog_table *query_copied(const struct draft *draft,
					 const PgQuery__RangeVar *name)
{
	const struct catalog_table *found = NULL;

	if (!SQL_SET(name->schemaname))
		return NULL;
	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *table = &draft->primary->tables[i];

		if (!strcmp(table->schema, name->schemaname))
			return NULL;
		if (model_is_table(table) &&
		    !strcmp(table->name, name->relname)) {
			if (found)
				return NULL;
			found = table;
		}
	}
	return found;
}

/* Who reads the old rows from a copy builds the new schema beside it: what has
 * the old table's name there is no longer the old table. */
static void range_of_copy(struct draft *draft, struct range *range,
			  const struct catalog_table *old)
{
	VECTOR_EACH (struct new_table, table, &draft->tables)
		if (!table->fresh && model_source(table, old))
			table->dropped = true;
	range->old = old;
	range->copy = true;
	range->name = old->name;
	for (size_t i = 0; i < old->column_count; i++)
		add_column(draft, range, old->columns[i].name,
			   sql_column(draft->arena, NULL, old->columns[i].name),
			   NULL);
}

static void range_of_rows(struct draft *draft, struct range *range,
			  const struct draft_rows *rows)
{
	range->old = rows->main && !rows->reduced ? rows->main->old : NULL;
	range->when = rows->when;
	VECTOR_EACH (struct draft_output, output, &rows->columns) {
		bool other = output->range && output->range != rows->main;

		add_column(draft, range, output->name,
			   other ? NULL : output->expression,
			   other ? "it comes of a second table"
				 : output->unknown);
	}
	if (!range->old)
		range->open = true;
}

static const struct draft_rows *with_named(const struct draft_scope *scope,
					   const char *name)
{
	for (size_t i = scope->names.count; i-- > 0;) {
		const struct with_query *query = scope->names.items[i];

		if (!strcmp(query->name, name))
			return query->rows;
	}
	return NULL;
}

static struct range *new_range(struct draft_scope *scope, const char *alias)
{
	struct range *range = arena_alloc(scope->draft->arena, sizeof(*range));

	range->alias = alias;
	range->schema = "";
	range->name = alias;
	vector_add(scope->draft->arena, &scope->ranges, range);
	return range;
}

static const struct draft_source *only_source(const struct new_table *table)
{
	const struct draft_source *found = NULL;

	VECTOR_EACH (const struct draft_source, source, &table->sources) {
		if (source->absorbed)
			continue;
		if (found)
			return NULL;
		found = source;
	}
	return found;
}

struct range *query_add(struct draft_scope *scope,
			const PgQuery__RangeVar *name)
{
	struct draft *draft = scope->draft;
	const char *alias = name->alias && SQL_SET(name->alias->aliasname)
				? name->alias->aliasname
				: name->relname;
	struct range *range = new_range(scope, alias);
	const struct draft_rows *rows =
	    SQL_SET(name->schemaname) ? NULL : with_named(scope, name->relname);
	const struct catalog_table *copy;
	struct new_table *table;

	range->name = name->relname;
	range->schema = SQL_SET(name->schemaname) ? name->schemaname : "";
	if (rows) {
		range_of_rows(draft, range, rows);
		return range;
	}
	table = model_table(draft, name->schemaname, name->relname);
	if (table) {
		range_of_source(draft, range, table, only_source(table));
		return range;
	}
	copy = query_copied(draft, name);
	if (copy) {
		range_of_copy(draft, range, copy);
		return range;
	}
	range->open = true;
	return range;
}

void query_with(struct draft_scope *scope, const PgQuery__WithClause *with)
{
	struct draft *draft = scope->draft;

	for (size_t i = 0; with && i < with->n_ctes; i++) {
		const PgQuery__CommonTableExpr *common =
		    SQL_AS(with->ctes[i], COMMON_TABLE_EXPR, common_table_expr);
		const PgQuery__DeleteStmt *delete;
		struct with_query *query;
		struct draft_rows *rows = NULL;

		if (!common)
			continue;
		delete = SQL_AS(common->ctequery, DELETE_STMT, delete_stmt);
		if (SQL_IS(common->ctequery, SELECT_STMT))
			rows = query_rows(scope, common->ctequery->select_stmt);
		if (delete &&delete->relation) {
			/* DELETE ... RETURNING moves rows: the query gives
			 * those that the table loses. */
			PgQuery__SelectStmt *select = sql_select(draft->arena);

			select->target_list = delete->returning_list;
			select->n_target_list = delete->n_returning_list;
			select->where_clause = delete->where_clause;
			SQL_APPEND(draft->arena, select, from_clause,
				   sql_wrap(draft->arena, delete->relation));
			rows = query_rows(scope, select);
			script_delete(draft, delete);
		}
		if (!rows)
			continue;
		query = arena_alloc(draft->arena, sizeof(*query));
		query->name = common->ctename;
		query->rows = rows;
		vector_add(draft->arena, &scope->names, query);
	}
}

static void add_using(struct draft_scope *scope, const PgQuery__JoinExpr *join,
		      size_t left_end)
{
	struct draft *draft = scope->draft;
	const struct range *left, *right;

	if (!left_end || left_end >= scope->ranges.count)
		return;
	left = scope->ranges.items[left_end - 1];
	right = scope->ranges.items[left_end];
	for (size_t i = 0; i < join->n_using_clause; i++) {
		const char *name = sql_string_value(join->using_clause[i]);

		if (name)
			query_where(
			    scope,
			    sql_operator(
				draft->arena, "=",
				sql_column(draft->arena, left->alias, name),
				sql_column(draft->arena, right->alias, name)));
	}
}

void query_from(struct draft_scope *scope, const PgQuery__Node *item, bool left)
{
	struct draft *draft = scope->draft;

	if (++scope->depth > QUERY_DEPTH) {
		new_range(scope, "")->open = true;
	} else if (SQL_IS(item, RANGE_VAR)) {
		query_add(scope, item->range_var)->left = left;
	} else if (SQL_IS(item, JOIN_EXPR)) {
		const PgQuery__JoinExpr *join = item->join_expr;
		size_t left_end;

		query_from(scope, join->larg,
			   left || join->jointype ==
				       PG_QUERY__JOIN_TYPE__JOIN_RIGHT);
		left_end = scope->ranges.count;
		query_from(scope, join->rarg,
			   left || join->jointype ==
				       PG_QUERY__JOIN_TYPE__JOIN_LEFT);
		query_where(scope, join->quals);
		add_using(scope, join, left_end);
	} else if (SQL_IS(item, RANGE_SUBSELECT) &&
		   SQL_IS(item->range_subselect->subquery, SELECT_STMT)) {
		const PgQuery__RangeSubselect *sub = item->range_subselect;
		struct draft_rows *rows =
		    query_rows(scope, sub->subquery->select_stmt);
		struct range *range =
		    new_range(scope, sub->alias ? sub->alias->aliasname : "");

		range_of_rows(draft, range, rows);
		range->left = left;
	} else {
		new_range(scope, "")->open = true;
	}
	scope->depth--;
}

void query_where(struct draft_scope *scope, PgQuery__Node *condition)
{
	const PgQuery__BoolExpr *expr = SQL_AS(condition, BOOL_EXPR, bool_expr);

	if (!condition)
		return;
	if (expr && expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
		for (size_t i = 0; i < expr->n_args; i++)
			query_where(scope, expr->args[i]);
		return;
	}
	vector_add(scope->draft->arena, &scope->conditions, condition);
}

/* ---- expressions ---- */

struct resolving {
	struct draft_scope *scope;
	struct range *range; /* the one used so far */
	const char *unknown;
	size_t budget; /* nodes that may be put in still */
};

static struct range_column *column_in(struct draft *draft, struct range *range,
				      const char *name)
{
	VECTOR_EACH (struct range_column, column, &range->columns)
		if (!strcmp(column->name, name))
			return column;
	if (!range->open)
		return NULL;
	add_column(draft, range, arena_string(draft->arena, name), NULL,
		   no_table);
	return range->columns.items[range->columns.count - 1];
}

static struct range *range_named(const struct draft_scope *scope,
				 const char *alias)
{
	VECTOR_EACH (struct range, range, &scope->ranges)
		if (!strcmp(range->alias, alias))
			return range;
	return NULL;
}

/* The range and column that a reference names; open ranges come last. */
static struct range_column *find_column(struct draft_scope *scope,
					const PgQuery__ColumnRef *reference,
					struct range **range)
{
	size_t count = reference->n_fields;
	const char *name =
	    count ? sql_string_value(reference->fields[count - 1]) : NULL;
	const char *alias =
	    count > 1 ? sql_string_value(reference->fields[count - 2]) : NULL;

	if (!name || (count > 1 && !alias))
		return NULL;
	if (alias) {
		*range = range_named(scope, alias);
		return *range ? column_in(scope->draft, *range, name) : NULL;
	}
	for (int open = 0; open < 2; open++)
		VECTOR_EACH (struct range, one, &scope->ranges) {
			struct range_column *column;

			if (one->open != open)
				continue;
			column = column_in(scope->draft, one, name);
			if (column) {
				*range = one;
				return column;
			}
		}
	return NULL;
}

static struct lookup *lookup_of(const struct draft_scope *scope,
				const struct range *range,
				const struct range_column *column)
{
	struct lookup *lookup =
	    arena_alloc(scope->draft->arena, sizeof(*lookup));

	*lookup = (struct lookup){range->schema, range->name, column->name,
				  range->value, range->by};
	return lookup;
}

static enum sql_step put_column(struct resolving *resolving,
				struct sql_place *place)
{
	struct draft_scope *scope = resolving->scope;
	struct draft *draft = scope->draft;
	struct range *range = NULL;
	struct range_column *column = find_column(
	    scope, (const PgQuery__ColumnRef *)place->message, &range);
	PgQuery__Node *expression;
	struct range *of;
	size_t size;

	if (!column) {
		resolving->unknown = "it names a column that is not known";
		return SQL_STEP_FAIL;
	}
	expression = column->expression;
	of = range;
	if (range->looked) {
		expression =
		    expression_lookup(draft, lookup_of(scope, range, column));
		of = (struct range *)(uintptr_t)scope->main;
	}
	if (!expression || !place->slot) {
		resolving->unknown =
		    column->unknown ? column->unknown : no_table;
		return SQL_STEP_FAIL;
	}
	if (resolving->range && resolving->range != of) {
		resolving->unknown = "it is made of columns of several tables";
		return SQL_STEP_FAIL;
	}
	resolving->range = of;
	size = expression_size(expression);
	if (size >= resolving->budget) {
		resolving->unknown = "it is too large";
		return SQL_STEP_FAIL;
	}
	resolving->budget -= size;
	*place->slot = sql_copy(draft->arena, expression);
	return SQL_STEP_OVER;
}

/* (SELECT key FROM table WHERE value = expression), as a look-up. */
static PgQuery__Node *scalar_lookup(struct resolving *resolving,
				    const PgQuery__SubLink *link)
{
	struct draft_scope *outer = resolving->scope;
	struct draft *draft = outer->draft;
	const PgQuery__SelectStmt *select =
	    SQL_AS(link->subselect, SELECT_STMT, select_stmt);
	struct draft_scope scope = {.draft = draft, .depth = outer->depth + 1};
	const PgQuery__ResTarget *target;
	struct range *inner;
	const PgQuery__AExpr *equal;

	if (link->sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
	    !select || select->n_from_clause != 1 ||
	    select->n_target_list != 1 || select->with_clause ||
	    select->n_group_clause || scope.depth > QUERY_DEPTH ||
	    !SQL_IS(select->from_clause[0], RANGE_VAR))
		return NULL;
	inner = query_add(&scope, select->from_clause[0]->range_var);
	target = SQL_AS(select->target_list[0], RES_TARGET, res_target);
	if (inner->old || !target || !SQL_IS(target->val, COLUMN_REF) ||
	    !expression_is_operator(select->where_clause, "="))
		return NULL;
	equal = select->where_clause->a_expr;
	for (int side = 0; side < 2; side++) {
		const PgQuery__Node *value = side ? equal->rexpr : equal->lexpr;
		const PgQuery__Node *by = side ? equal->lexpr : equal->rexpr;
		struct range *of = NULL;
		struct range_column *column, *key;
		struct lookup lookup;

		if (!SQL_IS(value, COLUMN_REF))
			continue;
		/* An open table has any column; those of the outer query come
		 * first then. */
		if (inner->open && value->column_ref->n_fields == 1 &&
		    find_column(outer, value->column_ref, &of) && of->old)
			continue;
		column = find_column(&scope, value->column_ref, &of);
		key = find_column(&scope, target->val->column_ref, &of);
		if (!column || !key)
			continue;
		lookup = (struct lookup){inner->schema, inner->name, key->name,
					 column->name, NULL};
		lookup.expression = query_resolve(outer, by, &resolving->range,
						  &resolving->unknown);
		if (lookup.expression)
			return expression_lookup(draft, &lookup);
	}
	return NULL;
}

static enum sql_step resolve_place(struct sql_place *place, void *context,
				   struct error *error)
{
	struct resolving *resolving = context;

	(void)error;
	if (SQL_AT(place, column_ref))
		return put_column(resolving, place);
	if (SQL_AT(place, sub_link)) {
		PgQuery__Node *lookup = scalar_lookup(
		    resolving, (const PgQuery__SubLink *)place->message);

		if (lookup && place->slot) {
			*place->slot = lookup;
			return SQL_STEP_OVER;
		}
		resolving->unknown = "a sub-query gives it";
		return SQL_STEP_FAIL;
	}
	if (SQL_AT(place, param_ref)) {
		resolving->unknown = "it has a parameter";
		return SQL_STEP_FAIL;
	}
	return SQL_STEP_INTO;
}

const char *query_column(struct draft_scope *scope, const PgQuery__Node *node,
			 struct range **range)
{
	const PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	const struct range_column *column =
	    ref ? find_column(scope, ref, range) : NULL;

	return column ? column->name : NULL;
}

PgQuery__Node *query_resolve(struct draft_scope *scope,
			     const PgQuery__Node *node, struct range **range,
			     const char **unknown)
{
	struct resolving resolving = {.scope = scope, .range = *range};
	struct sql_visitor visitor = {resolve_place, NULL, &resolving};
	PgQuery__Node *copy = NULL;
	size_t size = node ? expression_size(node) : 0;
	struct error error;

	if (size > EXPRESSION_LIMIT) {
		*unknown = "it is too large";
		return NULL;
	}
	resolving.budget = EXPRESSION_LIMIT - size + 1;
	copy = sql_copy(scope->draft->arena, node);
	if (!copy || sql_walk(&copy, &visitor, &error)) {
		*unknown =
		    resolving.unknown ? resolving.unknown : "it cannot be read";
		return NULL;
	}
	*range = resolving.range;
	return copy;
}

/* ---- joins ---- */

/* alias.column = expression over the main range: a key of the other one. */
static bool use_equality(struct draft_scope *scope, struct range *main,
			 const PgQuery__Node *condition)
{
	if (!expression_is_operator(condition, "="))
		return false;
	for (int side = 0; side < 2; side++) {
		const PgQuery__Node *one =
		    side ? condition->a_expr->rexpr : condition->a_expr->lexpr;
		const PgQuery__Node *two =
		    side ? condition->a_expr->lexpr : condition->a_expr->rexpr;
		struct range *other = NULL, *of = NULL;
		const char *unknown = NULL;
		struct range_column *column;
		PgQuery__Node *by;
		struct key_pair *pair;

		if (!SQL_IS(one, COLUMN_REF))
			continue;
		column = find_column(scope, one->column_ref, &other);
		if (!column || other == main || other->looked)
			continue;
		by = query_resolve(scope, two, &of, &unknown);
		if (!by || of != main)
			continue;
		if (!other->old) {
			other->looked = true;
			other->value = column->name;
			other->by = by;
			return true;
		}
		if (!column->expression || !expression_bare(column->expression))
			continue;
		pair = arena_alloc(scope->draft->arena, sizeof(*pair));
		pair->name = expression_bare(column->expression);
		pair->expression = by;
		vector_add(scope->draft->arena, &other->keys, pair);
		other->value = other->joined ? NULL : column->name;
		other->by = by;
		other->joined = true;
		return true;
	}
	return false;
}

const char *query_join(struct draft_scope *scope, struct range *main,
		       PgQuery__Node **when)
{
	struct draft *draft = scope->draft;
	const char *problem = NULL;

	scope->main = main;
	*when = main->when;
	VECTOR_EACH (PgQuery__Node, condition, &scope->conditions) {
		const char *unknown = NULL;
		struct range *of = NULL;
		PgQuery__Node *resolved;

		if (use_equality(scope, main, condition))
			continue;
		resolved = query_resolve(scope, condition, &of, &unknown);
		if (resolved && (!of || of == main))
			*when = expression_and(draft, *when, resolved);
		else if (!problem)
			problem = "a condition that is not over one old table";
	}
	VECTOR_EACH (struct range, range, &scope->ranges)
		if (range != main && !range->looked && !range->joined &&
		    !problem)
			problem = "a join that is not by a key";
	return problem;
}

/* ---- whole queries ---- */

static struct draft_output *add_output(struct draft *draft,
				       struct draft_rows *rows,
				       const char *name)
{
	struct draft_output *output =
	    arena_alloc(draft->arena, sizeof(*output));

	output->name = name;
	vector_add(draft->arena, &rows->columns, output);
	return output;
}

static void add_star(struct draft_scope *scope, struct draft_rows *rows,
		     const char *alias)
{
	VECTOR_EACH (struct range, range, &scope->ranges) {
		if (alias && strcmp(range->alias, alias))
			continue;
		VECTOR_EACH (struct range_column, column, &range->columns) {
			struct draft_output *output =
			    add_output(scope->draft, rows, column->name);

			output->range = range;
			output->expression = column->expression;
			output->unknown = column->unknown;
		}
	}
}

static void add_target(struct draft_scope *scope, struct draft_rows *rows,
		       const PgQuery__ResTarget *target)
{
	const PgQuery__ColumnRef *reference =
	    SQL_AS(target->val, COLUMN_REF, column_ref);
	struct draft_output *output;

	if (reference && reference->n_fields &&
	    SQL_IS(reference->fields[reference->n_fields - 1], A_STAR)) {
		add_star(scope, rows,
			 reference->n_fields > 1
			     ? sql_string_value(
				   reference->fields[reference->n_fields - 2])
			     : NULL);
		return;
	}
	output =
	    add_output(scope->draft, rows,
		       SQL_SET(target->name)
			   ? target->name
			   : scope->draft->parser->dialect->syntax->output_name(
				 target->val));
	output->expression =
	    query_resolve(scope, target->val, &output->range, &output->unknown);
	output->column = query_column(scope, target->val, &output->of);
}

static struct range *main_of(const struct draft_scope *scope)
{
	for (int left = 0; left < 2; left++)
		VECTOR_EACH (struct range, range, &scope->ranges)
			if (range->old && range->left == left)
				return range;
	return NULL;
}

/* Whether its targets make one row of many, or many of one. */
static enum sql_step look_for_rows(struct sql_place *place, void *context,
				   struct error *error)
{
	const struct draft *draft = context;
	const struct sql_dialect *dialect = draft->parser->dialect;
	const struct catalog *catalog = draft->primary;
	const PgQuery__FuncCall *call;
	const char *name;

	(void)error;
	if (SQL_AT(place, sub_link))
		return SQL_STEP_OVER;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (const PgQuery__FuncCall *)place->message;
	name = call->n_funcname
		   ? sql_string_value(call->funcname[call->n_funcname - 1])
		   : NULL;
	if (sql_is_aggregate(dialect, call) || !name ||
	    dialect->function(name).rows == SQL_FUNCTION_ROWS_SET)
		return SQL_STEP_STOP;
	for (size_t i = 0; i < catalog->function_count; i++)
		if (catalog->functions[i].set_returning &&
		    !strcmp(catalog->functions[i].name, name))
			return SQL_STEP_STOP;
	return SQL_STEP_INTO;
}

static bool changes_count(const struct draft *draft,
			  const PgQuery__SelectStmt *select)
{
	struct sql_visitor visitor = {look_for_rows, NULL,
				      (void *)(uintptr_t)draft};
	struct error error;

	for (size_t i = 0; i < select->n_target_list; i++) {
		PgQuery__Node *node = select->target_list[i];

		if (sql_walk(&node, &visitor, &error))
			return true;
	}
	return false;
}

struct draft_rows *query_rows(struct draft_scope *outer,
			      const PgQuery__SelectStmt *select)
{
	struct draft *draft = outer->draft;
	struct draft_rows *rows = arena_alloc(draft->arena, sizeof(*rows));
	struct draft_scope scope = {
	    .draft = draft, .names = outer->names, .depth = outer->depth + 1};

	if (scope.depth > QUERY_DEPTH) {
		rows->unknown = "it is nested too deeply";
		return rows;
	}
	if (select->op != PG_QUERY__SET_OPERATION__SETOP_NONE ||
	    select->n_values_lists) {
		rows->unknown = "UNION and its like, or VALUES";
		return rows;
	}
	query_with(&scope, select->with_clause);
	for (size_t i = 0; i < select->n_from_clause; i++)
		query_from(&scope, select->from_clause[i], false);
	query_where(&scope, select->where_clause);
	rows->main = main_of(&scope);
	rows->ranges = scope.ranges;
	rows->reduced = select->n_group_clause || select->n_distinct_clause ||
			select->limit_count || select->limit_offset ||
			select->having_clause || select->n_window_clause ||
			changes_count(draft, select);
	if (rows->main)
		rows->unknown = query_join(&scope, rows->main, &rows->when);
	else
		rows->unknown = no_table;
	for (size_t i = 0; i < select->n_target_list; i++)
		if (SQL_IS(select->target_list[i], RES_TARGET))
			add_target(&scope, rows,
				   select->target_list[i]->res_target);
	return rows;
}
