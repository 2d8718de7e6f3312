/*
 * The outputs of a query, by their positions: the column of a relation that each one
 * shows, or an expression. For example, of users u (id, name) and orders o (id, day):
 *
 *     SELECT u.id AS user, o.*, o.id + 1 FROM users u, orders o
 *     user = u.id, id = o.id, day = o.day, and an expression without a name
 */
#include "mirror/reach_query.h"
#include "sql/traits.h"

static struct reach_output *add_output(struct arena *arena,
				       struct reach_query *query,
				       const char *name)
{
	struct reach_output *output = ARENA_PUSH(arena, query, output);

	*output = (struct reach_output){.name = name};
	return output;
}

static void add_column(struct arena *arena, struct reach_query *query,
		       struct reach_relation *relation, const char *name,
		       int16_t number)
{
	struct reach_output *output = add_output(arena, query, name);

	output->relation = relation;
	output->number = number;
}

bool reach_is_knowable(const struct reach_relation *relation)
{
	const struct reach_query *query = reach_first_arm(relation->query);

	return !relation->renamed &&
	       (relation->table || (query && !query->outputs_unknown));
}

static void add_columns(struct arena *arena, struct reach_query *query,
			struct reach_relation *relation)
{
	const struct catalog_table *table = relation->table;
	const struct reach_query *within = reach_first_arm(relation->query);

	if (!reach_is_knowable(relation)) {
		query->outputs_unknown = true;
		return;
	}
	for (size_t i = 0; table && i < table->column_count; i++)
		add_column(arena, query, relation, table->columns[i].name,
			   table->columns[i].number);
	for (size_t i = 0; !table && i < within->output_count; i++)
		add_column(arena, query, relation, within->outputs[i].name,
			   (int16_t)(i + 1));
}

/* r.* or *: every column of one relation, or of all. */
static void add_star(struct arena *arena, struct reach_query *query,
		     const PgQuery__ColumnRef *ref)
{
	const char *of =
	    ref->n_fields == 2 ? sql_string_value(ref->fields[0]) : NULL;
	size_t found = 0;

	query->outputs_unknown |= query->merges || query->names_hidden ||
				  ref->n_fields > 2 ||
				  (ref->n_fields == 2 && !of);
	for (size_t i = 0; !query->outputs_unknown && i < query->relation_count;
	     i++) {
		struct reach_relation *relation = query->relations[i];

		if (of && (!relation->name || strcmp(relation->name, of) != 0))
			continue;
		found++;
		add_columns(arena, query, relation);
	}
	query->outputs_unknown |= !found;
}

void reach_add_output(struct arena *arena, struct reach_query *query,
		      PgQuery__Node *node)
{
	const PgQuery__ResTarget *target = SQL_AS(node, RES_TARGET, res_target);
	const PgQuery__ColumnRef *ref =
	    target ? SQL_AS(target->val, COLUMN_REF, column_ref) : NULL;
	struct reach_output *output;
	struct reach_meant meant;
	const char *last;

	if (!target) {
		query->outputs_unknown = true;
		return;
	}
	last = ref && ref->n_fields
		   ? sql_string_value(ref->fields[ref->n_fields - 1])
		   : NULL;
	if (ref && !last) {
		add_star(arena, query, ref);
		return;
	}
	output = add_output(arena, query,
			    SQL_SET(target->name) ? target->name : last);
	output->expression = target->val;
	meant = reach_meant(query, target->val);
	output->relation = meant.relation;
	output->number = meant.number;
}

/* --- what closes a query --- */

struct calls {
	const struct sql_dialect *dialect;
	bool windows, aggregates;
};

static enum sql_step look_at_call(struct sql_place *place, void *context,
				  struct error *error)
{
	struct calls *calls = context;
	const PgQuery__FuncCall *call;

	(void)error;
	if (SQL_AT(place, sub_link))
		return SQL_STEP_OVER;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (const PgQuery__FuncCall *)place->message;
	calls->windows |= call->over != NULL;
	calls->aggregates |= sql_is_aggregate(calls->dialect, call);
	return SQL_STEP_INTO;
}

static struct calls calls_of(const struct sql_dialect *dialect,
			     PgQuery__SelectStmt *select)
{
	struct calls calls = {.dialect = dialect};
	const struct sql_visitor visitor = {look_at_call, NULL, &calls};
	struct error error;

	for (size_t i = 0; i < select->n_target_list; i++)
		if (sql_walk(&select->target_list[i], &visitor, &error))
			calls.windows = true;
	if (select->having_clause &&
	    sql_walk(&select->having_clause, &visitor, &error))
		calls.windows = true;
	return calls;
}

bool reach_is_closed(const struct sql_dialect *dialect,
		     PgQuery__SelectStmt *select)
{
	struct calls calls = calls_of(dialect, select);

	if (select->limit_count || select->limit_offset ||
	    select->n_window_clause || select->n_locking_clause ||
	    select->into_clause || calls.windows ||
	    (!select->n_group_clause &&
	     (calls.aggregates || select->having_clause)))
		return true;
	for (size_t i = 0; i < select->n_group_clause; i++)
		if (SQL_IS(select->group_clause[i], GROUPING_SET))
			return true;
	/* DISTINCT alone is one empty item */
	return select->n_distinct_clause > 1 ||
	       (select->n_distinct_clause &&
		sql_unwrap(select->distinct_clause[0]));
}
