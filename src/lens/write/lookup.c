/*
 * Values of a look-up table that may not be there yet (`create`). The statement
 * adds them first: by a step or, within WITH, by a CTE.
 *
 *	INSERT INTO people (country) VALUES ('Chile')
 *
 *	INSERT INTO countries (name) SELECT DISTINCT parallax_added.value
 *	FROM (SELECT 'Chile'::text AS value) AS parallax_added
 *	WHERE parallax_added.value IS NOT NULL AND NOT EXISTS (
 *		SELECT FROM countries AS looked_up
 *		WHERE looked_up.name = parallax_added.value)
 *	ON CONFLICT DO NOTHING
 */
#include "lens/write/lookup.h"

#include <string.h>

#include "lens/compile/lookup.h"
#include "lens/rewrite/labels.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/image.h"

/* ---- what a foreign key held ---- */

/* ---- values to add ---- */

/* The sub-query that looks up a key in the table. NULL: the node is another
 * one. */
static PgQuery__SelectStmt *looks_up(const struct lens_lookup *lookup,
				     const PgQuery__Node *node)
{
	const PgQuery__SubLink *link = SQL_AS(node, SUB_LINK, sub_link);
	PgQuery__SelectStmt *select =
	    link && link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK
		? SQL_AS(link->subselect, SELECT_STMT, select_stmt)
		: NULL;
	const PgQuery__RangeVar *from =
	    select && select->n_from_clause == 1
		? SQL_AS(select->from_clause[0], RANGE_VAR, range_var)
		: NULL;

	return from && from->alias &&
		       same_name(from->alias->aliasname, LOOKUP_ALIAS) &&
		       same_name(from->relname, lookup->table->name) &&
		       same_name(from->schemaname, lookup->table->schema)
		   ? select
		   : NULL;
}

static void note_each(struct rewrite *rw, const struct lens_column *column,
		      PgQuery__Node *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		write_note_added(rw, column, values[i]);
}

void write_note_added(struct rewrite *rw, const struct lens_column *column,
		      PgQuery__Node *value)
{
	PgQuery__CaseExpr *cases = SQL_AS(value, CASE_EXPR, case_expr);
	PgQuery__CoalesceExpr *either =
	    SQL_AS(value, COALESCE_EXPR, coalesce_expr);
	struct added *added;

	if (!value || !column->lookup || !column->lookup->create)
		return;
	if (SQL_IS(value, A_CONST) && value->a_const->isnull)
		return;
	if (looks_up(column->lookup, value))
		return; /* a value read from there is there */
	if (either) {
		note_each(rw, column, either->args, either->n_args);
		return;
	}
	if (cases) {
		for (size_t i = 0; i < cases->n_args; i++)
			write_note_added(rw, column,
					 cases->args[i]->case_when->result);
		write_note_added(rw, column, cases->defresult);
		return;
	}
	added = ARENA_PUSH(rw->arena, &rw->lookups, added);
	added->column = column;
	added->value = value;
}

/* SELECT DISTINCT value FROM the statement's tables */
static PgQuery__SelectStmt *values_of(struct rewrite *rw,
				      const struct added *added,
				      PgQuery__Node *const *from, size_t count,
				      const PgQuery__Node *where)
{
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	bool constant = rewrite_is_constant(added->value);

	SQL_APPEND(
	    rw->arena, select, target_list,
	    sql_target(rw->arena, "value",
		       rewrite_coerce(rw, added->column,
				      sql_copy(rw->arena, added->value))));
	if (constant)
		return select;
	for (size_t i = 0; i < count; i++)
		SQL_APPEND(rw->arena, select, from_clause,
			   sql_copy(rw->arena, from[i]));
	if (where)
		select->where_clause = sql_copy(rw->arena, where);
	return select;
}

/* NOT EXISTS (SELECT FROM table WHERE value = the value to add) */
static PgQuery__Node *is_missing(struct rewrite *rw,
				 const struct lens_lookup *lookup,
				 PgQuery__Node *rows)
{
	struct arena *arena = rw->arena;
	PgQuery__SelectStmt *there = sql_select(arena);
	PgQuery__BoolExpr *missing =
	    sql_new(arena, &pg_query__bool_expr__descriptor);

	SQL_APPEND(arena, there, from_clause, rows);
	there->where_clause = sql_operator(
	    arena, "=", sql_column(arena, LOOKUP_ALIAS, lookup->value->name),
	    sql_column(arena, "parallax_added", "value"));
	missing->boolop = PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
	missing->location = -1;
	SQL_APPEND(arena, missing, args,
		   sql_sublink(arena, PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
			       sql_wrap(arena, there)));
	return sql_wrap(arena, missing);
}

/* INSERT INTO table (value) SELECT DISTINCT the missing values */
static PgQuery__InsertStmt *add_missing(struct rewrite *rw,
					const struct scope *scope,
					const struct lens_lookup *lookup,
					PgQuery__SelectStmt *values)
{
	struct arena *arena = rw->arena;
	PgQuery__InsertStmt *insert =
	    sql_new(arena, &pg_query__insert_stmt__descriptor);
	PgQuery__OnConflictClause *conflict =
	    sql_new(arena, &pg_query__on_conflict_clause__descriptor);
	PgQuery__SelectStmt *select = sql_select(arena);
	PgQuery__Node *nothing = sql_new(arena, &pg_query__node__descriptor);

	SQL_APPEND(arena, select, distinct_clause, nothing);
	SQL_APPEND(arena, select, target_list,
		   sql_target(arena, NULL,
			      sql_column(arena, "parallax_added", "value")));
	SQL_APPEND(arena, select, from_clause,
		   sql_range_subselect(arena, sql_wrap(arena, values),
				       "parallax_added", NULL, 0));
	select->where_clause = rewrite_and(
	    rw,
	    sql_is_null(arena, sql_column(arena, "parallax_added", "value"),
			true),
	    is_missing(rw, lookup,
		       rewrite_range(rw, scope, lookup->table, LOOKUP_ALIAS)));
	insert->relation =
	    rewrite_range(rw, scope, lookup->table, NULL)->range_var;
	insert->override = PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET;
	SQL_APPEND(arena, insert, cols,
		   sql_target(arena, lookup->value->name, NULL));
	insert->select_stmt = sql_wrap(arena, select);
	/* Another session may have added the value in the meantime. */
	conflict->action = PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING;
	conflict->location = -1;
	insert->on_conflict_clause = conflict;
	return insert;
}

void write_note_within(struct rewrite *rw, const struct lens_lookup *lookup,
		       const char *name)
{
	struct within *within = ARENA_PUSH(rw->arena, &rw->lookups, within);

	within->lookup = lookup;
	within->name = name;
}

static PgQuery__Node *within_range(struct rewrite *rw,
				   const struct within *within)
{
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	const char *names[] = {within->lookup->key->name,
			       within->lookup->value->name};

	/* The table may have further columns with these names. */
	SQL_APPEND(rw->arena, select, target_list,
		   sql_target(rw->arena, NULL,
			      sql_column(rw->arena, NULL, WITHIN_KEY)));
	SQL_APPEND(rw->arena, select, target_list,
		   sql_target(rw->arena, NULL,
			      sql_column(rw->arena, NULL, WITHIN_VALUE)));
	SQL_APPEND(rw->arena, select, from_clause,
		   write_image_range(rw, within->name));
	return sql_range_subselect(rw->arena, sql_wrap(rw->arena, select),
				   LOOKUP_ALIAS, names, 2);
}

/*
 * Values that are known only while the statement runs are added by a CTE, which
 * returns their keys: WITH parallax_added_1 AS (INSERT ... RETURNING id AS
 * parallax_key, ...). It also returns the key of a value that another session
 * has added since the snapshot, if that is possible.
 */
static void add_within(struct rewrite *rw, const struct lens_lookup *lookup,
		       PgQuery__InsertStmt *insert)
{
	PgQuery__OnConflictClause *conflict = insert->on_conflict_clause;
	PgQuery__SelectStmt *select = insert->select_stmt->select_stmt;

	for (size_t w = 0; w < rw->lookups.within_count; w++)
		if (rw->lookups.withins[w].lookup->table == lookup->table)
			select->where_clause = rewrite_and(
			    rw, select->where_clause,
			    is_missing(
				rw, lookup,
				within_range(rw, &rw->lookups.withins[w])));
	if (lens_lookup_is_unique(lookup)) {
		PgQuery__InferClause *infer =
		    sql_new(rw->arena, &pg_query__infer_clause__descriptor);
		PgQuery__IndexElem *element =
		    sql_new(rw->arena, &pg_query__index_elem__descriptor);

		element->name = arena_string(rw->arena, lookup->value->name);
		element->ordering = PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
		element->nulls_ordering =
		    PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
		infer->location = -1;
		SQL_APPEND(rw->arena, infer, index_elems,
			   sql_wrap(rw->arena, element));
		conflict->infer = infer;
		conflict->action =
		    PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
		SQL_APPEND(rw->arena, conflict, target_list,
			   sql_target(rw->arena, lookup->value->name,
				      sql_column(rw->arena, "excluded",
						 lookup->value->name)));
	}
	SQL_APPEND(rw->arena, insert, returning_list,
		   sql_target(rw->arena, WITHIN_KEY,
			      sql_column(rw->arena, NULL, lookup->key->name)));
	SQL_APPEND(
	    rw->arena, insert, returning_list,
	    sql_target(rw->arena, WITHIN_VALUE,
		       sql_column(rw->arena, NULL, lookup->value->name)));
	write_note_within(rw, lookup, write_image_hoist(rw, "added", insert));
}

/* The value that is added and the one that is looked up would differ. */
static void refuse_drawn(struct rewrite *rw, const struct lens_lookup *lookup,
			 PgQuery__Node *value)
{
	if (!rewrite_labels_can_repeat(rw, value))
		rewrite_fail(rw, -1, "a value to look up in \"%s\" is volatile",
			     lookup->table->name);
}

void write_add_lookups(struct rewrite *rw, const struct scope *scope,
		       PgQuery__Node *const *from, size_t from_count,
		       const PgQuery__Node *where, bool within)
{
	for (size_t i = 0; i < rw->lookups.added_count; i++) {
		const struct added *added = &rw->lookups.addeds[i];
		const struct lens_lookup *lookup = added->column->lookup;
		PgQuery__InsertStmt *insert;

		if (!rewrite_is_constant(added->value)) {
			rewrite_refuse_cursor(rw, NULL, where);
			refuse_drawn(rw, lookup, added->value);
		}
		insert =
		    add_missing(rw, scope, lookup,
				values_of(rw, added, from, from_count, where));
		if (rw->deferred || ((within || scope->ctes) &&
				     !rewrite_is_constant(added->value)))
			add_within(rw, lookup, insert);
		else
			ARENA_PUSH(rw->arena, rw, step)->node =
			    sql_wrap(rw->arena, insert);
	}
	rw->lookups.added_count = 0;
}

void write_add_constant_lookups(struct rewrite *rw, const struct scope *scope)
{
	for (size_t i = 0; i < rw->lookups.added_count; i++)
		if (!rewrite_is_constant(rw->lookups.addeds[i].value))
			return; /* it becomes untranslatable */
	write_add_lookups(rw, scope, NULL, 0, NULL, false);
}

/* ---- how a statement sees the rows that it adds ---- */

struct seeing {
	struct rewrite *rw;
	const struct within *within;
	const PgQuery__WithClause *with; /* not to be entered */
};

static enum sql_step skip_with(struct sql_place *place, void *context,
			       struct error *error)
{
	const struct seeing *seeing = context;

	(void)error;
	return (const void *)place->message == seeing->with ? SQL_STEP_OVER
							    : SQL_STEP_INTO;
}

/* If the table lacks the value, looks it up among the rows that are added. */
static enum sql_step see_added(struct sql_place *place, void *context,
			       struct error *error)
{
	const struct seeing *seeing = context;
	struct arena *arena = seeing->rw->arena;
	PgQuery__Node *both[2];

	(void)error;
	if (!place->slot || !looks_up(seeing->within->lookup, *place->slot))
		return SQL_STEP_INTO;
	refuse_drawn(seeing->rw, seeing->within->lookup, *place->slot);
	if (place->parent && SQL_AT(place->parent, res_target)) {
		PgQuery__ResTarget *target =
		    (PgQuery__ResTarget *)place->parent->message;

		if (!SQL_SET(target->name))
			target->name =
			    rewrite_output_name(seeing->rw, *place->slot);
	}
	both[0] = *place->slot;
	both[1] = sql_copy(arena, both[0]);
	looks_up(seeing->within->lookup, both[1])->from_clause[0] =
	    within_range(seeing->rw, seeing->within);
	*place->slot = sql_coalesce(arena, both, 2);
	return SQL_STEP_INTO;
}

static void see(struct seeing *seeing, PgQuery__Node **node)
{
	struct sql_visitor visitor = {skip_with, see_added, seeing};
	struct error error;

	error_init(&error);
	if (sql_walk(node, &visitor, &error) < 0)
		rewrite_fail(seeing->rw, -1, "%s", error.message);
}

static enum sql_step find_key(struct sql_place *place, void *context,
			      struct error *error)
{
	const struct lens_lookup *lookup = context;
	const PgQuery__SelectStmt *select =
	    place->slot ? looks_up(lookup, *place->slot) : NULL;
	const PgQuery__ColumnRef *given =
	    select ? SQL_AS(select->target_list[0]->res_target->val, COLUMN_REF,
			    column_ref)
		   : NULL;

	(void)error;
	return given && same_name(sql_string_value(
				      given->fields[given->n_fields - 1]),
				  lookup->key->name)
		   ? SQL_STEP_STOP
		   : SQL_STEP_INTO;
}

/* Refuses a write before the CTE of the rows, since it could not see their
 * keys. */
static void refuse_early(struct rewrite *rw, const struct within *within,
			 PgQuery__Node *cte)
{
	struct lens_lookup lookup = *within->lookup;
	struct sql_visitor visitor = {find_key, NULL, &lookup};
	struct error error;

	error_init(&error);
	if (lookup.create ||
	    SQL_IS(cte->common_table_expr->ctequery, SELECT_STMT))
		return;
	if (sql_walk(&cte, &visitor, &error) > 0)
		rewrite_fail(rw, -1,
			     "a WITH may look up rows of \"%s\" that the "
			     "statement inserts after it",
			     lookup.table->name);
}

static PgQuery__WithClause **with_of(PgQuery__Node *query)
{
	switch (query->node_case) {
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		return &query->select_stmt->with_clause;
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		return &query->insert_stmt->with_clause;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		return &query->update_stmt->with_clause;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		return &query->delete_stmt->with_clause;
	default:
		return NULL;
	}
}

void write_see_added_lookups(struct rewrite *rw, PgQuery__Node *statement)
{
	PgQuery__Node *query = SQL_IS(statement, PREPARE_STMT)
				   ? statement->prepare_stmt->query
				   : statement;
	PgQuery__WithClause **with = with_of(query);

	if (!rw->lookups.within_count)
		return;
	if (!with)
		rewrite_fail(rw, -1,
			     "a look-up in \"%s\" may need rows of the "
			     "statement itself, which it cannot see",
			     rw->lookups.withins[0].lookup->table->name);
	if (!*with) {
		*with = sql_new(rw->arena, &pg_query__with_clause__descriptor);
		(*with)->location = -1;
	}
	for (size_t i = 0; i < rw->ctes.hoisted_count; i++)
		SQL_APPEND(rw->arena, *with, ctes, rw->ctes.hoisted[i]);
	rw->ctes.hoisted_count = 0;
	for (size_t w = 0; w < rw->lookups.within_count; w++) {
		struct seeing seeing = {rw, &rw->lookups.withins[w], *with};
		bool behind = false;

		for (size_t i = 0; i < (*with)->n_ctes; i++) {
			if (behind)
				see(&seeing, &(*with)->ctes[i]);
			else
				refuse_early(rw, seeing.within,
					     (*with)->ctes[i]);
			behind |= same_name(
			    (*with)->ctes[i]->common_table_expr->ctename,
			    rw->lookups.withins[w].name);
		}
		see(&seeing, &query);
	}
	rw->changed = true;
}
