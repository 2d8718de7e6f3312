/*
 * Reads tables whose rows live in several new tables, or are some rows of one.
 * Parts are joined, and dropped again if the statement does not name them:
 *
 *	SELECT email, bio FROM users
 *
 *	SELECT users.mail AS email, profiles.bio FROM accounts AS users
 *	LEFT JOIN profiles ON profiles.account_id = users.id
 *
 * The rows of several anchors become a derived table:
 *
 *	SELECT total FROM orders
 *
 *	SELECT orders.total FROM (
 *		SELECT orders_open.total AS total FROM orders_open UNION ALL
 *		SELECT orders_done.total AS total FROM orders_done) AS orders
 */
#include "lens/rewrite/places.h"

#include <string.h>

#include "lens/compile/table.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/refuse.h"

/* What can be dropped once the whole statement is known. */
struct spread {
	struct relation *relation;
	/* Of an anchor joined with its parts: the join of each place. */
	PgQuery__Node **joins;
	/* Of a derived table: its arms, which have all the old columns. */
	PgQuery__SelectStmt **arms;
	struct relation **rows; /* the anchor that each arm reads */
	const char **anchors;	/* the alias of that anchor */
};

const char *rewrite_relation_alias(struct relation *relation, size_t place)
{
	if (!place || !relation->aliases)
		return relation->alias;
	relation->used[place] = true;
	return relation->aliases[place];
}

PgQuery__Node *rewrite_and(struct rewrite *rw, PgQuery__Node *left,
			   PgQuery__Node *right)
{
	PgQuery__Node *both[2] = {left, right};

	return sql_and(rw->arena, both, 2);
}

PgQuery__Node *rewrite_range(struct rewrite *rw, const struct scope *scope,
			     const struct catalog_table *table,
			     const char *alias)
{
	PgQuery__RangeVar *var =
	    sql_new(rw->arena, &pg_query__range_var__descriptor);

	if (rewrite_needs_schema(rw, scope, table))
		var->schemaname = arena_string(rw->arena, table->schema);
	var->relname = arena_string(rw->arena, table->name);
	var->inh = true;
	var->relpersistence = arena_string(rw->arena, "p");
	var->location = -1;
	if (alias && strcmp(alias, table->name) != 0)
		var->alias = sql_alias(rw->arena, alias, NULL, 0);
	return sql_wrap(rw->arena, var);
}

/* ---- parts ---- */

/* The join condition: columns of the part equal expressions over the anchor's
 * row. */
static PgQuery__Node *part_condition(struct rewrite *rw,
				     const struct lens_table *table,
				     struct relation *relation, size_t part)
{
	const struct lens_place *place = &table->places[part];
	const char *alias = relation->aliases[part];
	PgQuery__Node **values =
	    arena_array(rw->arena, table->column_count + 1, sizeof(*values));
	PgQuery__Node *condition = NULL;

	for (size_t i = 0; i < table->column_count; i++) {
		struct source source = {.kind = SOURCE_BASE,
					.relation = relation,
					.column = &table->columns[i]};

		if (!table->columns[i].parted && !table->columns[i].dropped &&
		    (table->columns[i].read || table->columns[i].stored))
			values[i] = rewrite_source(rw, &source);
	}
	for (size_t i = 0; i < place->join_count; i++)
		condition = rewrite_and(
		    rw, condition,
		    sql_operator(
			rw->arena, "=",
			sql_column(rw->arena, alias,
				   place->joins[i].target->name),
			rewrite_expand_write(
			    rw, table, place->joins[i].expression, values)));
	if (place->where)
		condition = rewrite_and(
		    rw, condition,
		    rewrite_expand_read(rw, place->where, relation));
	return condition;
}

static struct spread *add_spread(struct rewrite *rw, struct relation *relation)
{
	struct spread *spread = ARENA_PUSH(rw->arena, &rw->finish, spread);

	memset(spread, 0, sizeof(*spread));
	spread->relation = relation;
	return spread;
}

/* Returns the join of each place. */
static PgQuery__Node **join_relation(struct rewrite *rw,
				     const struct scope *scope,
				     const struct lens_table *table,
				     struct relation *relation,
				     PgQuery__Node **slot)
{
	PgQuery__Node **joins =
	    arena_array(rw->arena, table->place_count + 1, sizeof(*joins));
	bool *used = relation->used;

	/* Columns that only a join's condition names do not count as used. */
	relation->used =
	    arena_array(rw->arena, table->place_count + 1, sizeof(bool));
	for (size_t i = table->anchor_count; i < table->place_count; i++) {
		PgQuery__JoinExpr *join =
		    sql_new(rw->arena, &pg_query__join_expr__descriptor);

		join->jointype = PG_QUERY__JOIN_TYPE__JOIN_LEFT;
		join->larg = *slot;
		join->rarg = rewrite_range(rw, scope, table->places[i].table,
					   relation->aliases[i]);
		join->quals = part_condition(rw, table, relation, i);
		joins[i] = *slot = sql_wrap(rw->arena, join);
	}
	relation->used = used;
	return joins;
}

void rewrite_join_parts(struct rewrite *rw, const struct scope *scope,
			const struct item *item, PgQuery__Node **slot)
{
	struct relation *relation = item->relation;
	PgQuery__Node **joins =
	    join_relation(rw, scope, relation->table, relation, slot);

	add_spread(rw, relation)->joins = joins;
}

PgQuery__Node *rewrite_anchor_filter(struct rewrite *rw,
				     const struct item *item)
{
	const struct relation *relation = item->relation;

	if (!rw->qualify || !relation->table || relation->named ||
	    relation->table->dropped || !relation->table->places[0].where)
		return NULL;
	return rewrite_expand_read(rw, relation->table->places[0].where,
				   item->relation);
}

/* ---- derived tables ---- */

static PgQuery__SelectStmt *make_arm(struct rewrite *rw,
				     const struct lens_table *table,
				     struct scope *scope, size_t anchor,
				     bool inherits, struct spread *spread)
{
	const struct lens_place *place = &table->places[anchor];
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	struct relation *row = arena_alloc(rw->arena, sizeof(*row));
	PgQuery__Node *from;

	row->table = table;
	row->alias = rewrite_scope_alias(rw, scope, place->name);
	row->aliases = arena_array(rw->arena, table->place_count + 1,
				   sizeof(*row->aliases));
	row->used =
	    arena_array(rw->arena, table->place_count + 1, sizeof(bool));
	row->aliases[0] = row->alias;
	for (size_t i = table->anchor_count; i < table->place_count; i++)
		row->aliases[i] =
		    rewrite_scope_alias(rw, scope, table->places[i].name);
	from = rewrite_range(rw, scope, place->table, row->alias);
	from->range_var->inh = inherits;
	join_relation(rw, scope, table, row, &from);
	SQL_APPEND(rw->arena, select, from_clause, from);
	if (place->where)
		select->where_clause =
		    rewrite_expand_read(rw, place->where, row);
	for (size_t i = 0; i < table->column_count; i++) {
		struct source source = {.kind = SOURCE_BASE,
					.relation = row,
					.column = &table->columns[i]};

		SQL_APPEND(rw->arena, select, target_list,
			   sql_target(rw->arena, table->columns[i].old->name,
				      rewrite_source(rw, &source)));
	}
	spread->rows[anchor] = row;
	spread->anchors[anchor] = row->alias;
	return select;
}

PgQuery__Node *rewrite_derived_table(struct rewrite *rw, struct scope *scope,
				     struct item *item, bool inherits)
{
	const struct lens_table *table = item->relation->table;
	struct scope *inside = rewrite_scope_new(rw, scope, true);
	struct spread *spread;
	PgQuery__SelectStmt **arms;
	PgQuery__SelectStmt *all;

	spread = add_spread(rw, item->relation);
	spread->rows = arena_array(rw->arena, table->anchor_count + 1,
				   sizeof(*spread->rows));
	spread->anchors = arena_array(rw->arena, table->anchor_count + 1,
				      sizeof(*spread->anchors));
	arms = arena_array(rw->arena, table->anchor_count + 1, sizeof(*arms));
	spread->arms = arms;
	for (size_t i = 0; i < table->anchor_count; i++)
		arms[i] = make_arm(rw, table, inside, i, inherits, spread);
	all = arms[0];
	for (size_t i = 1; i < table->anchor_count; i++) {
		PgQuery__SelectStmt *both = sql_select(rw->arena);

		both->op = PG_QUERY__SET_OPERATION__SETOP_UNION;
		both->all = true;
		both->larg = all;
		both->rarg = arms[i];
		all = both;
	}
	return sql_range_subselect(rw->arena, sql_wrap(rw->arena, all),
				   item->relation->alias, NULL, 0);
}

static struct spread *find_spread(const struct rewrite *rw,
				  const struct relation *relation)
{
	for (size_t i = 0; i < rw->finish.spread_count; i++)
		if (rw->finish.spreads[i].relation == relation)
			return &rw->finish.spreads[i];
	return NULL;
}

PgQuery__SelectStmt **rewrite_arms(const struct rewrite *rw,
				   const struct relation *relation)
{
	const struct spread *spread = find_spread(rw, relation);

	return spread ? spread->arms : NULL;
}

/* UNION does not accept an arm that locks, but accepts one that reads from such
 * a query. */
static PgQuery__SelectStmt *wrap_arm(struct rewrite *rw,
				     PgQuery__SelectStmt *arm)
{
	static const char name[] = "parallax_arm";
	PgQuery__SelectStmt *inner = arena_alloc(rw->arena, sizeof(*inner));
	PgQuery__SelectStmt *outer = sql_select(rw->arena);

	*inner = *arm;
	SQL_APPEND(rw->arena, outer, target_list,
		   sql_target(rw->arena, NULL, sql_star(rw->arena, name)));
	SQL_APPEND(rw->arena, outer, from_clause,
		   sql_range_subselect(rw->arena, sql_wrap(rw->arena, inner),
				       name, NULL, 0));
	*arm = *outer; /* the arm's node stays where it is */
	return inner;
}

void rewrite_lock_derived(struct rewrite *rw, const struct relation *relation,
			  const PgQuery__LockingClause *lock)
{
	struct spread *spread = find_spread(rw, relation);

	for (size_t i = 0; spread && i < relation->table->anchor_count; i++) {
		PgQuery__LockingClause *own =
		    sql_new(rw->arena, &pg_query__locking_clause__descriptor);
		PgQuery__RangeVar *var =
		    sql_new(rw->arena, &pg_query__range_var__descriptor);

		own->strength = lock->strength;
		own->wait_policy = lock->wait_policy;
		var->relname = arena_string(rw->arena, spread->anchors[i]);
		var->inh = true;
		var->relpersistence = arena_string(rw->arena, "p");
		var->location = -1;
		SQL_APPEND(rw->arena, own, locked_rels,
			   sql_wrap(rw->arena, var));
		if (!spread->arms[i]->n_locking_clause &&
		    relation->table->anchor_count > 1)
			spread->arms[i] = wrap_arm(rw, spread->arms[i]);
		SQL_APPEND(rw->arena, spread->arms[i], locking_clause,
			   sql_wrap(rw->arena, own));
	}
}

bool rewrite_can_stand_alone(const struct rewrite *rw,
			     const struct relation *relation)
{
	const struct spread *spread = find_spread(rw, relation);

	/* It may have no parts (rows of an outer join cannot be locked), and
	 * must not be locked yet. */
	return spread && !lens_has_parts(relation->table) &&
	       !spread->arms[0]->n_locking_clause;
}

struct standing {
	const struct relation *relation;
	PgQuery__Node *arm;
};

static enum sql_step replace_derived(struct sql_place *place, void *context,
				     struct error *error)
{
	const struct standing *standing = context;
	PgQuery__RangeSubselect *range;

	(void)error;
	if (!SQL_AT(place, range_subselect))
		return SQL_STEP_INTO;
	range = (PgQuery__RangeSubselect *)place->message;
	if (!range->alias ||
	    !same_name(range->alias->aliasname, standing->relation->alias))
		return SQL_STEP_INTO;
	range->subquery = standing->arm;
	return SQL_STEP_OVER;
}

void rewrite_stand_alone(struct rewrite *rw, const struct relation *relation,
			 size_t anchor, PgQuery__Node *query)
{
	const struct spread *spread = find_spread(rw, relation);
	struct standing standing = {
	    relation,
	    sql_copy(rw->arena, sql_wrap(rw->arena, spread->arms[anchor]))};
	struct sql_visitor visitor = {replace_derived, NULL, &standing};
	struct error error;

	if (sql_walk(&query, &visitor, &error) < 0)
		rewrite_fail(rw, -1, "%s", error.message);
}

static PgQuery__Node *row_column(struct rewrite *rw, struct relation *row,
				 size_t anchor, size_t place, const char *name)
{
	if (!name)
		return sql_const_integer(rw->arena, (int64_t)anchor);
	return sql_column(rw->arena, rewrite_relation_alias(row, place), name);
}

PgQuery__Node *rewrite_hidden_column(struct rewrite *rw,
				     struct relation *relation, const char *as,
				     size_t place, const char *name)
{
	const struct spread *spread;

	if (!relation->named)
		return row_column(rw, relation, 0, place, name);
	spread = find_spread(rw, relation);
	for (size_t i = 0; i < relation->table->anchor_count; i++)
		SQL_APPEND(rw->arena, spread->arms[i], target_list,
			   sql_target(rw->arena, as,
				      row_column(rw, spread->rows[i], i, place,
						 name)));
	return sql_column(rw->arena, relation->alias, as);
}

/* ---- dropping what the statement does not name ---- */

/* Whether the part has at most one row for each row of the anchor. */
static bool is_single(const struct lens_place *place)
{
	for (size_t k = 0; k < place->table->key_count; k++) {
		const struct catalog_key *key = &place->table->keys[k];
		bool whole = key->kind != KEY_FOREIGN && !key->partial;

		for (size_t c = 0; whole && c < key->column_count; c++) {
			bool found = false;

			for (size_t j = 0; j < place->join_count; j++)
				found |= place->joins[j].target->number ==
					 key->columns[c];
			whole = found;
		}
		if (whole && key->column_count)
			return true;
	}
	return false;
}

static void prune_joins(const struct spread *spread)
{
	const struct lens_table *table = spread->relation->table;

	for (size_t i = table->anchor_count; i < table->place_count; i++) {
		PgQuery__Node *node = spread->joins[i];
		PgQuery__Node *below = node->join_expr->larg;

		if (spread->relation->used[i] || !is_single(&table->places[i]))
			continue;
		/* The node stays in its place and becomes what is below it. */
		*node = *below;
	}
}

static void prune_columns(const struct spread *spread)
{
	const struct relation *relation = spread->relation;
	const struct lens_table *table = relation->table;
	bool any = false;

	for (size_t i = 0; i < table->column_count; i++)
		any |= relation->named[i];
	if (!any)
		relation->named[0] = true;
	for (size_t a = 0; a < table->anchor_count; a++) {
		PgQuery__SelectStmt *arm = spread->arms[a];
		size_t count = 0;

		/* Columns after the old ones are hidden ones, which are
		 * needed. */
		for (size_t i = 0; i < arm->n_target_list; i++)
			if (i >= table->column_count || relation->named[i])
				arm->target_list[count++] = arm->target_list[i];
		arm->n_target_list = count;
	}
}

void rewrite_prune(struct rewrite *rw)
{
	for (size_t i = 0; i < rw->finish.spread_count; i++)
		if (rw->finish.spreads[i].joins)
			prune_joins(&rw->finish.spreads[i]);
		else
			prune_columns(&rw->finish.spreads[i]);
}
