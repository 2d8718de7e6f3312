/* Rows that a migration copies and fills: INSERT, UPDATE, DELETE, CREATE TABLE
 * AS. */
#include "draft/internal.h"

static const char say_it[] = "say by hand where those rows live";

/* ---- feeds from a query's columns ---- */

static struct draft_source *absorbed_source(struct draft *draft,
					    struct new_table *table,
					    const struct catalog_table *host,
					    const struct range *range)
{
	struct draft_source *source = model_source(table, range->old);

	if (source)
		return source->absorbed ? source : NULL;
	source = model_add_source(draft, table, range->old);
	source->absorbed = true;
	source->host = host;
	source->keys = range->keys;
	return source;
}

/* The other table's row is found by a value of the main one's: should both
 * tables stay, that is a look-up. */
static PgQuery__Node *lookup_of(struct draft *draft,
				const struct draft_output *output)
{
	const struct range *range = output->of;
	struct lookup lookup;

	if (!output->column || !range->joined || !range->value || range->copy)
		return NULL;
	lookup = (struct lookup){range->schema, range->name, output->column,
				 range->value, range->by};
	return expression_lookup(draft, &lookup);
}

/* One column of the table gets a query's expression. */
static void feed_column(struct draft *draft, struct new_table *table,
			struct draft_source *source, struct new_column *column,
			const struct range *main,
			const struct draft_output *output)
{
	struct draft_source *other;
	struct feed *feed;

	if (!output->range || output->range == main || !output->expression) {
		feed = model_set_feed(draft, source, column, output->expression,
				      output->unknown, NULL);
		if (!output->expression)
			feed->lookup = lookup_of(draft, output);
		return;
	}
	other = absorbed_source(draft, table, main->old, output->range);
	if (!other) {
		model_set_feed(draft, source, column, NULL,
			       "it comes of the table itself", NULL);
		return;
	}
	feed = model_set_feed(draft, other, column, output->expression, NULL,
			      NULL);
	feed->lookup = lookup_of(draft, output);
}

/* ---- INSERT ---- */

static struct new_column *target_column(struct draft *draft,
					struct new_table *table,
					const PgQuery__InsertStmt *insert,
					size_t index,
					const struct draft_output *output)
{
	const PgQuery__ResTarget *target =
	    index < insert->n_cols
		? SQL_AS(insert->cols[index], RES_TARGET, res_target)
		: NULL;
	const char *name = target ? target->name : NULL;
	size_t live = 0;

	if (insert->n_cols && !name)
		return NULL;
	if (!name) {
		VECTOR_EACH (struct new_column, column, &table->columns) {
			if (column->dropped)
				continue;
			if (live++ == index)
				return column;
		}
		name = output->name;
	}
	if (!model_column(table, name) && !table->unseen)
		return NULL;
	return model_add_column(draft, table, name);
}

/* Two INSERTs of the same rows' columns: the rows are those of either. */
static bool same_feeds(const struct draft_source *a,
		       const struct draft_source *b)
{
	if (a->feeds.count != b->feeds.count)
		return false;
	VECTOR_EACH (const struct feed, feed, &a->feeds) {
		const struct feed *other = model_feed(b, feed->column);

		if (!other || !feed->expression || !other->expression ||
		    !sql_equal(feed->expression, other->expression))
			return false;
	}
	return true;
}

static PgQuery__Node *either(struct draft *draft, PgQuery__Node *a,
			     PgQuery__Node *b)
{
	PgQuery__BoolExpr *expr;

	if (!a || !b || expression_opposed(draft, a, b))
		return NULL;
	expr = sql_new(draft->arena, &pg_query__bool_expr__descriptor);
	expr->boolop = PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	SQL_APPEND(draft->arena, expr, args, a);
	SQL_APPEND(draft->arena, expr, args, b);
	return sql_wrap(draft->arena, expr);
}

static void insert_rows(struct draft *draft, struct new_table *table,
			const PgQuery__InsertStmt *insert,
			const struct draft_rows *rows, const char *where)
{
	const struct catalog_table *old = rows->main->old;
	struct draft_source *before = model_source(table, old);
	struct draft_source *source;
	size_t index = 0;

	if (before && before->absorbed)
		before = NULL;
	source = model_add_source(draft, table, old);
	source->when = rows->when;
	VECTOR_EACH (struct draft_output, output, &rows->columns) {
		struct new_column *column =
		    target_column(draft, table, insert, index++, output);

		if (!column)
			continue;
		if (table->unseen && output->expression &&
		    expression_bare(output->expression))
			model_type_of(draft, column, old,
				      expression_bare(output->expression));
		feed_column(draft, table, source, column, rows->main, output);
	}
	if (!before)
		return;
	table->sources.count--; /* it adds to the previous one */
	if (same_feeds(before, source))
		before->when = either(draft, before->when, source->when);
	else
		draft_need(draft,
			   "%s: rows of \"%s\" go into \"%s\" a second time, "
			   "and not alike: %s",
			   where, old->name, table->name, say_it);
}

static struct new_table *insert_target(struct draft *draft,
				       const PgQuery__RangeVar *name,
				       const struct draft_rows *rows)
{
	struct new_table *table =
	    model_table(draft, name->schemaname, name->relname);

	if (table && !table->fresh && rows->main && rows->main->copy) {
		/* It has an old table's name, and is the new schema's. */
		table->dropped = true;
		table = NULL;
	}
	if (!table)
		table =
		    model_fresh_table(draft, name->schemaname, name->relname);
	return table;
}

static void insert_select(struct draft *draft,
			  const PgQuery__InsertStmt *insert,
			  const PgQuery__SelectStmt *select,
			  const struct vector *names, const char *where,
			  int depth)
{
	enum { UNION_DEPTH = 200 };
	struct draft_scope scope = {.draft = draft, .names = *names};
	struct new_table *table;
	struct draft_rows *rows;

	if (select->op == PG_QUERY__SET_OPERATION__SETOP_UNION &&
	    select->larg && select->rarg && depth < UNION_DEPTH) {
		insert_select(draft, insert, select->larg, names, where,
			      depth + 1);
		insert_select(draft, insert, select->rarg, names, where,
			      depth + 1);
		return;
	}
	if (select->n_values_lists)
		return; /* rows of the new schema's own */
	rows = query_rows(&scope, select);
	table = insert_target(draft, insert->relation, rows);
	if (rows->reduced || !rows->main)
		return; /* for example a look-up table's values: not old rows */
	if (rows->unknown)
		draft_need(draft, "%s: INSERT into \"%s\": %s: %s", where,
			   table->name, rows->unknown, say_it);
	insert_rows(draft, table, insert, rows, where);
}

void script_insert(struct draft *draft, const PgQuery__InsertStmt *insert,
		   const char *where)
{
	struct draft_scope scope = {.draft = draft};

	if (!insert->relation || !SQL_IS(insert->select_stmt, SELECT_STMT))
		return;
	query_with(&scope, insert->with_clause);
	insert_select(draft, insert, insert->select_stmt->select_stmt,
		      &scope.names, where, 0);
}

/* ---- CREATE TABLE AS, SELECT INTO ---- */

void script_create_as(struct draft *draft, const PgQuery__RangeVar *name,
		      const PgQuery__IntoClause *into,
		      const PgQuery__SelectStmt *select, const char *where)
{
	PgQuery__InsertStmt insert = PG_QUERY__INSERT_STMT__INIT;
	struct vector names = {0};
	struct new_table *before =
	    model_table(draft, name->schemaname, name->relname);

	if (SQL_SET(name->relpersistence) && *name->relpersistence == 't') {
		draft_need(draft, "%s: a temporary table is not followed",
			   where);
		return;
	}
	if (before)
		before->dropped = true;
	before = model_fresh_table(draft, name->schemaname, name->relname);
	for (size_t i = 0; i < into->n_col_names; i++)
		if (sql_string_value(into->col_names[i]))
			model_add_column(draft, before,
					 sql_string_value(into->col_names[i]));
	insert.relation = (PgQuery__RangeVar *)(uintptr_t)name;
	insert_select(draft, &insert, select, &names, where, 0);
	before->unseen = false;
}

/* ---- UPDATE ---- */

static bool is_null_test(const PgQuery__Node *condition, const char *column)
{
	return SQL_IS(condition, NULL_TEST) &&
	       condition->null_test->nulltesttype ==
		   PG_QUERY__NULL_TEST_TYPE__IS_NULL &&
	       expression_bare(condition->null_test->arg) &&
	       !strcmp(expression_bare(condition->null_test->arg), column);
}

static bool is_fed(const struct new_table *table, struct draft_source *source,
		   const char *name)
{
	struct new_column *column = model_column(table, name);
	const struct feed *feed = column ? model_feed(source, column) : NULL;

	return feed && feed->expression;
}

/* WHERE column IS NULL beside SET column: a backfill in steps, of a column that holds
 * nothing yet. One that has values keeps them. */
static bool is_guarded(const struct new_table *table,
		       struct draft_source *source,
		       const PgQuery__UpdateStmt *update)
{
	for (size_t i = 0; i < update->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(update->target_list[i], RES_TARGET, res_target);

		if (target && SQL_SET(target->name) &&
		    is_null_test(update->where_clause, target->name) &&
		    !is_fed(table, source, target->name))
			return true;
	}
	return false;
}

/* Where the condition holds, else what it was; COALESCE(before, then) of a column that
 * is set where it is null. */
static PgQuery__Node *set_where(const struct draft *draft,
				PgQuery__Node *condition, PgQuery__Node *then,
				PgQuery__Node *before)
{
	PgQuery__Node *both[2] = {before, then};

	if (before && sql_equal(before, then))
		return before;
	if (before && SQL_IS(condition, NULL_TEST) &&
	    condition->null_test->nulltesttype ==
		PG_QUERY__NULL_TEST_TYPE__IS_NULL &&
	    sql_equal(condition->null_test->arg, before))
		return sql_coalesce(draft->arena, both, 2);
	return sql_case(draft->arena, NULL, &condition, &then, 1, before);
}

static void set_column(struct draft *draft, struct new_table *table,
		       struct draft_source *source, struct draft_scope *scope,
		       struct range *main, PgQuery__Node *condition,
		       const PgQuery__ResTarget *target)
{
	struct new_column *column = model_column(table, target->name);
	const struct feed *before;
	struct draft_output output = {0};
	PgQuery__Node *then;

	if (!column || target->n_indirection)
		return;
	before = model_feed(source, column);
	if (SQL_IS(target->val, MULTI_ASSIGN_REF) ||
	    SQL_IS(target->val, SET_TO_DEFAULT))
		output.unknown = "it is set together with others";
	else {
		output.column = query_column(scope, target->val, &output.of);
		output.expression = query_resolve(
		    scope, target->val, &output.range, &output.unknown);
	}
	then = output.expression;
	if (then && condition && (!output.range || output.range == main)) {
		PgQuery__Node *otherwise =
		    before && before->expression
			? sql_copy(draft->arena, before->expression)
		    : column->initial ? expression_parse(draft, column->initial)
				      : NULL;

		if (before && before->unknown) {
			output.expression = NULL;
			output.unknown = before->unknown;
		} else {
			output.expression =
			    set_where(draft, condition, then, otherwise);
		}
		if (expression_size(output.expression) > EXPRESSION_LIMIT) {
			output.expression = NULL;
			output.unknown = "it is too large";
		}
	}
	feed_column(draft, table, source, column, main, &output);
}

static void update_source(struct draft *draft, struct new_table *table,
			  struct draft_source *source,
			  const PgQuery__UpdateStmt *update, const char *where)
{
	struct draft_scope scope = {.draft = draft};
	struct range *main;
	PgQuery__Node *when = NULL;
	const char *problem;

	query_with(&scope, update->with_clause);
	main = query_add(&scope, update->relation);
	range_of_source(draft, main, table, source);
	main->when = NULL;
	for (size_t i = 0; i < update->n_from_clause; i++)
		query_from(&scope, update->from_clause[i], true);
	if (!is_guarded(table, source, update))
		query_where(&scope, update->where_clause);
	problem = query_join(&scope, main, &when);
	if (problem) {
		draft_need(draft,
			   "%s: UPDATE of \"%s\": %s: say by hand what it sets",
			   where, table->name, problem);
		return;
	}
	for (size_t i = 0; i < update->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(update->target_list[i], RES_TARGET, res_target);

		if (target && SQL_SET(target->name))
			set_column(draft, table, source, &scope, main, when,
				   target);
	}
}

void script_update(struct draft *draft, const PgQuery__UpdateStmt *update,
		   const char *where)
{
	struct new_table *table =
	    update->relation ? model_table(draft, update->relation->schemaname,
					   update->relation->relname)
			     : NULL;
	size_t count = table ? table->sources.count : 0;

	for (size_t i = 0; i < count; i++) {
		struct draft_source *source = table->sources.items[i];

		if (!source->absorbed)
			update_source(draft, table, source, update, where);
	}
}

/* ---- DELETE ---- */

void script_delete(struct draft *draft, const PgQuery__DeleteStmt *delete)
{
	struct new_table *table =
	    delete->relation ? model_table(draft, delete->relation->schemaname,
					   delete->relation->relname)
			     : NULL;

	if (!table || delete->n_using_clause)
		return;
	VECTOR_EACH (struct draft_source, source, &table->sources) {
		struct draft_scope scope = {.draft = draft};
		struct range *main, *of = NULL;
		const char *unknown = NULL;
		PgQuery__Node *gone;

		if (source->absorbed || !delete->where_clause)
			continue;
		main = query_add(&scope, delete->relation);
		range_of_source(draft, main, table, source);
		scope.main = main;
		gone =
		    query_resolve(&scope, delete->where_clause, &of, &unknown);
		if (gone && expression_size(source->when) < EXPRESSION_LIMIT)
			source->when = expression_and(
			    draft, source->when, expression_not(draft, gone));
	}
}

/* ---- at the end ---- */

static bool has_rows(const struct draft *draft, const struct catalog_table *old)
{
	VECTOR_EACH (const struct new_table, table, &draft->tables) {
		const struct draft_source *source = model_source(table, old);

		if (source && !source->absorbed && !table->dropped)
			return true;
	}
	return false;
}

static void refer(struct draft *draft, const struct new_table *table,
		  const struct draft_source *absorbed)
{
	struct draft_source *host = model_source(table, absorbed->host);

	VECTOR_EACH (const struct feed, feed, &absorbed->feeds) {
		if (host && feed->lookup)
			model_set_feed(draft, host, feed->column, feed->lookup,
				       NULL, NULL);
		else if (!feed->column->dropped)
			draft_need(draft,
				   "column \"%s\" of the new table \"%s\" is "
				   "filled from rows of \"%s\", which has a "
				   "table of its own: say how it is written",
				   feed->column->name, table->name,
				   absorbed->old->name);
	}
}

/* A column that no old column of its own table feeds. */
static void refer_unfed(struct draft *draft, const struct draft_source *source)
{
	VECTOR_EACH (struct feed, feed, &source->feeds) {
		struct lookup lookup;
		const struct new_table *table;

		if (feed->expression ||
		    !expression_as_lookup(feed->lookup, &lookup))
			continue;
		table = model_table(draft, lookup.schema, lookup.table);
		if (!table || table->dropped)
			continue;
		feed->expression = feed->lookup;
		feed->unknown = NULL;
	}
}

void script_refer(struct draft *draft)
{
	VECTOR_EACH (struct new_table, table, &draft->tables) {
		struct vector sources = table->sources;
		size_t kept = 0;

		for (size_t i = 0; i < sources.count; i++) {
			struct draft_source *source = sources.items[i];

			if (!source->absorbed)
				refer_unfed(draft, source);
			if (!table->dropped && source->absorbed &&
			    has_rows(draft, source->old))
				refer(draft, table, source);
			else
				table->sources.items[kept++] = source;
		}
		table->sources.count = kept;
	}
}
