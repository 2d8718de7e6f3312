/*
 * Which rows each relation of a query gives to its result, as far as constants
 * fix them. For example:
 *
 *     SELECT ... FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.kind = 2
 *         WHERE u.id = 7
 *     users   id = 7, always: each row of the result has it
 *     orders  kind = 2: those with another kind join nothing
 *             user_id = 7: so do those of other users
 *
 * A value that holds always may be carried over any join's condition, in both
 * directions. One that does not may not be carried to the side whose rows an outer
 * join keeps: here u.x = o.kind in the condition says nothing about u.x, since a
 * user without orders stays.
 *
 * What is fixed in a column of a view or a sub-query is fixed in the column behind
 * it, unless the query within is closed: LIMIT, DISTINCT ON, window functions; and
 * in the columns that it groups by alone.
 */
#include "mirror/reach_query.h"

struct fixing {
	const struct reach_statement *statement;
	struct arena *arena;
	struct reach_query *query;
};

/* The relations on a side of a join, by their places in the query: [from, to). */
struct join_side {
	size_t from, to;
};

/* Where a condition stands. */
struct condition {
	struct join_side left, right; /* WHERE: both are all relations */
	bool keeps_left, keeps_right; /* rows that it does not hold for, too */
	bool always; /* each row of the query's result has passed it */
};

/* --- facts --- */

static size_t place_of(const struct reach_query *query,
		       const struct reach_relation *relation)
{
	size_t at = 0;

	while (at < query->relation_count && query->relations[at] != relation)
		at++;
	return at;
}

static bool is_on(struct join_side side, size_t at)
{
	return at >= side.from && at < side.to;
}

static const struct weigh_fixed *fixed_in(const struct reach_relation *relation,
					  int16_t number, bool *always)
{
	for (size_t i = 0; i < relation->fixed_count; i++)
		if (relation->fixed[i].column == number) {
			*always = relation->always[i];
			return &relation->fixed[i];
		}
	return NULL;
}

/* Whether it is news. */
static bool fix(struct reach_meant column, const struct weigh_fixed *value,
		bool always)
{
	struct reach_relation *relation = column.relation;
	bool known;
	size_t at;

	if (fixed_in(relation, column.number, &known)) {
		for (at = 0; relation->fixed[at].column != column.number;)
			at++;
		relation->always[at] |= always;
		return always && !known;
	}
	if (relation->fixed_count == REACH_FIXED)
		return false;
	at = relation->fixed_count++;
	relation->fixed[at] = *value;
	relation->fixed[at].column = column.number;
	relation->always[at] = always;
	return true;
}

/* --- constants --- */

/* A condition keeps out the rows of a side that it does not hold for, but for the
 * side that an outer join keeps. */
static bool fix_constant(const struct fixing *fixing, const PgQuery__Node *name,
			 const PgQuery__Node *constant,
			 const struct condition *where)
{
	struct reach_meant column = reach_meant(fixing->query, name);
	const struct catalog_column *shown =
	    column.relation ? reach_shown(column.relation, column.number)
			    : NULL;
	struct weigh_fixed value;
	size_t at;

	if (!shown || !reach_is_own(fixing->query, column.relation) ||
	    !reach_constant(fixing->statement, shown, constant, fixing->arena,
			    &value))
		return false;
	at = place_of(fixing->query, column.relation);
	if ((is_on(where->left, at) && where->keeps_left) ||
	    (is_on(where->right, at) && where->keeps_right))
		return false;
	return fix(column, &value, where->always);
}

/* --- columns that are equal --- */

static bool are_alike(const struct fixing *fixing, struct reach_meant a,
		      struct reach_meant b)
{
	return reach_same_class(fixing->statement,
				reach_shown(a.relation, a.number),
				reach_shown(b.relation, b.number));
}

/* Of `from`, if its value is known, to `to`. */
static bool carry(const struct fixing *fixing, struct reach_meant from,
		  struct reach_meant to, const struct condition *where)
{
	size_t from_at = place_of(fixing->query, from.relation);
	size_t to_at = place_of(fixing->query, to.relation);
	bool outer = where->keeps_left || where->keeps_right;
	bool across =
	    (is_on(where->left, from_at) && is_on(where->right, to_at)) ||
	    (is_on(where->right, from_at) && is_on(where->left, to_at));
	const struct weigh_fixed *value;
	bool always = false, kept;

	value = fixed_in(from.relation, from.number, &always);
	if (!value || !reach_is_own(fixing->query, to.relation) ||
	    !are_alike(fixing, from, to))
		return false;
	/* a relation of a query around: its row is one and the same */
	if (!reach_is_own(fixing->query, from.relation)) {
		kept = (is_on(where->left, to_at) && where->keeps_left) ||
		       (is_on(where->right, to_at) && where->keeps_right);
		return !kept && fix(to, value, where->always);
	}
	if (outer && !across)
		return false;
	kept =
	    is_on(where->left, to_at) ? where->keeps_left : where->keeps_right;
	if (!outer)
		return fix(to, value, where->always);
	return (always || !kept) && fix(to, value, false);
}

static bool equate(const struct fixing *fixing, struct reach_meant left,
		   struct reach_meant right, const struct condition *where)
{
	bool news;

	if (!left.relation || !right.relation ||
	    left.relation == right.relation)
		return false;
	news = carry(fixing, left, right, where);
	if (carry(fixing, right, left, where))
		news = true;
	return news;
}

/* --- conditions --- */

static bool apply(const struct fixing *fixing, const PgQuery__Node *node,
		  const struct condition *where)
{
	const PgQuery__BoolExpr *all = SQL_AS(node, BOOL_EXPR, bool_expr);
	const PgQuery__AExpr *equals = SQL_AS(node, A_EXPR, a_expr);
	bool news = false;

	if (all && all->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
		for (size_t i = 0; i < all->n_args; i++)
			if (apply(fixing, all->args[i], where))
				news = true;
	if (!equals || !reach_is_equals(equals))
		return news;
	if (fix_constant(fixing, equals->lexpr, equals->rexpr, where) ||
	    fix_constant(fixing, equals->rexpr, equals->lexpr, where))
		return true;
	return equate(fixing, reach_meant(fixing->query, equals->lexpr),
		      reach_meant(fixing->query, equals->rexpr), where);
}

/* The only relation on a side that has the column. */
static struct reach_meant column_on(const struct fixing *fixing,
				    struct join_side side, const char *name)
{
	struct reach_meant found = {0};
	size_t count = 0;

	for (size_t i = side.from; i < side.to; i++) {
		struct reach_relation *relation = fixing->query->relations[i];
		const struct catalog_column *column =
		    relation->table && !relation->renamed
			? catalog_column(relation->table, name)
			: NULL;

		if (!relation->table || relation->renamed)
			return (struct reach_meant){0};
		if (!column)
			continue;
		found = (struct reach_meant){relation, column->number};
		count++;
	}
	return count == 1 ? found : (struct reach_meant){0};
}

static bool apply_using(const struct fixing *fixing,
			const PgQuery__JoinExpr *join,
			const struct condition *where)
{
	bool news = false;

	for (size_t i = 0; i < join->n_using_clause; i++) {
		const char *name = sql_string_value(join->using_clause[i]);
		struct reach_meant left = {0}, right = {0};

		if (name) {
			left = column_on(fixing, where->left, name);
			right = column_on(fixing, where->right, name);
		}
		if (equate(fixing, left, right, where))
			news = true;
	}
	return news;
}

/* Gives the places of the item's relations; *next: of the next one. */
static struct join_side apply_from(const struct fixing *fixing,
				   const PgQuery__Node *item, bool always,
				   size_t *next, bool *news)
{
	const PgQuery__JoinExpr *join = SQL_AS(item, JOIN_EXPR, join_expr);
	struct condition where;
	struct join_side side = {*next, *next};

	if (!join) {
		*next +=
		    SQL_IS(item, RANGE_VAR) || SQL_IS(item, RANGE_SUBSELECT);
		side.to = *next;
		return side;
	}
	where.keeps_left = join->jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT ||
			   join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
	where.keeps_right = join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ||
			    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
	where.always = always && !where.keeps_left && !where.keeps_right;
	where.left = apply_from(fixing, join->larg,
				always && !where.keeps_right, next, news);
	where.right = apply_from(fixing, join->rarg,
				 always && !where.keeps_left, next, news);
	if (apply(fixing, join->quals, &where))
		*news = true;
	if (apply_using(fixing, join, &where))
		*news = true;
	side.to = *next;
	return side;
}

/* Again and again, until nothing is new: one condition may fix what another
 * carries on. */
static void fix_all(const struct fixing *fixing)
{
	const struct reach_query *query = fixing->query;
	const struct join_side all = {0, query->relation_count};
	const struct condition where = {
	    .left = all, .right = all, .always = true};
	bool news = true;

	while (news) {
		size_t next = 0;

		news = apply(fixing, query->select->where_clause, &where);
		for (size_t i = 0; i < query->select->n_from_clause; i++)
			apply_from(fixing, query->select->from_clause[i], true,
				   &next, &news);
	}
}

/* --- what is behind a view or a sub-query --- */

static bool groups_by(const struct reach_query *query,
		      const struct reach_output *output)
{
	const PgQuery__SelectStmt *select = query->select;

	for (size_t i = 0; i < select->n_group_clause; i++) {
		struct reach_meant item =
		    reach_meant(query, select->group_clause[i]);

		if (item.relation == output->relation &&
		    item.number == output->number)
			return true;
	}
	return !select->n_group_clause;
}

static void pass(const struct fixing *fixing, struct reach_query *query,
		 size_t position, const struct catalog_column *column,
		 const struct weigh_fixed *value)
{
	const struct reach_output *output;

	if (query->closed)
		return;
	if (query->arms[0]) {
		pass(fixing, query->arms[0], position, column, value);
		pass(fixing, query->arms[1], position, column, value);
		return;
	}
	if (query->outputs_unknown || position >= query->output_count)
		return;
	output = &query->outputs[position];
	if (output->relation && reach_is_own(query, output->relation) &&
	    groups_by(query, output) &&
	    reach_same_class(fixing->statement, column,
			     reach_shown(output->relation, output->number)))
		fix((struct reach_meant){output->relation, output->number},
		    value, true);
}

static size_t position_of(const struct reach_relation *relation, int16_t number)
{
	size_t at = 0;

	if (!relation->table)
		return (size_t)number - 1;
	while (at < relation->table->column_count &&
	       relation->table->columns[at].number != number)
		at++;
	return at;
}

static void pass_down(const struct fixing *fixing,
		      struct reach_relation *relation)
{
	for (size_t i = 0; i < relation->fixed_count; i++) {
		const struct weigh_fixed *value = &relation->fixed[i];

		pass(fixing, relation->query,
		     position_of(relation, value->column),
		     reach_shown(relation, value->column), value);
	}
	reach_rows(fixing->statement, relation->query, fixing->arena);
}

void reach_rows(const struct reach_statement *statement,
		struct reach_query *query, struct arena *arena)
{
	const struct fixing fixing = {statement, arena, query};

	for (size_t i = 0; query->arms[0] && i < 2; i++)
		reach_rows(statement, query->arms[i], arena);
	if (!query->arms[0])
		fix_all(&fixing);
	for (size_t i = 0; i < query->relation_count; i++)
		if (query->relations[i]->query)
			pass_down(&fixing, query->relations[i]);
	for (size_t i = 0; i < query->part_count; i++)
		reach_rows(statement, query->parts[i], arena);
}
