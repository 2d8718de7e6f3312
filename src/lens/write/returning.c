/*
 * What a write returns, read by a query beside it. Rows that go are read before,
 * all others behind the write and its triggers, by a key:
 *
 *	DELETE FROM t WHERE n > 5 RETURNING id, n
 *		SELECT id, n FROM t WHERE n > 5 FOR UPDATE	-> the answer
 *		DELETE FROM t WHERE n > 5
 *
 *	UPDATE t SET n = n + 1 WHERE n > 5 RETURNING id, n
 *		SELECT id FROM t WHERE n > 5 FOR UPDATE		-> rows
 *		UPDATE t SET n = n + 1 WHERE id IN (rows)
 *		SELECT id, n FROM t WHERE id IN (rows)		-> the answer
 *
 *	INSERT INTO t (id, n) VALUES (7, 1) RETURNING *
 *		INSERT INTO t (id, n) VALUES (7, 1)
 *		SELECT * FROM t WHERE id = 7			-> the answer
 *
 * A statement whose rows no key tells is refused.
 */
#include "lens/write/returning.h"

#include <string.h>

#include "lens/compile/type.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/rewrite.h"
#include "lens/write/image.h"
#include "lens/write/lower.h"

#define ROWS "parallax_returned"

struct returning {
	struct rewrite *rw;
	const struct catalog_table *table; /* that is written */
	const struct catalog_key *key;	   /* its rows are told by it */
	size_t *moved; /* by old step: the one that has its rows now */
};

static void refuse(struct returning *returning, const char *why)
{
	rewrite_fail(returning->rw, -1,
		     "RETURNING of %s: the shadow's engine has no RETURNING",
		     why);
}

static size_t add_step(struct returning *returning, PgQuery__Node *node)
{
	struct rewrite *rw = returning->rw;

	ARENA_PUSH(rw->arena, rw, step)->node = node;
	return rw->step_count - 1;
}

/* ---- rows of another step ---- */

/* (the rows of that step) AS parallax_returned */
static PgQuery__Node *rows_of(struct returning *returning, size_t step)
{
	struct rewrite *rw = returning->rw;
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	struct special special = {.kind = SPECIAL_ROWS, .row = step};

	SQL_APPEND(rw->arena, select, target_list,
		   sql_target(rw->arena, NULL, rewrite_special(rw, special)));
	return sql_range_subselect(rw->arena, sql_wrap(rw->arena, select), ROWS,
				   NULL, 0);
}

static const char *key_name(const struct returning *returning, size_t index)
{
	return catalog_column_number(returning->table,
				     returning->key->columns[index])
	    ->name;
}

static const char *name_of(const PgQuery__RangeVar *relation)
{
	return relation->alias ? relation->alias->aliasname : relation->relname;
}

/* target.id, or (target.id, target.part) */
static PgQuery__Node *key_of(struct returning *returning, const char *qualifier)
{
	struct arena *arena = returning->rw->arena;
	size_t count = returning->key->column_count;
	PgQuery__Node **items = arena_array(arena, count, sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = sql_column(arena, qualifier, key_name(returning, i));
	return count == 1 ? *items : sql_row(arena, items, count);
}

/* key IN (SELECT the key FROM from) */
static PgQuery__Node *is_among(struct returning *returning,
			       const PgQuery__RangeVar *relation,
			       PgQuery__Node *from)
{
	struct arena *arena = returning->rw->arena;
	PgQuery__SelectStmt *select = sql_select(arena);
	PgQuery__Node *link;

	for (size_t i = 0; i < returning->key->column_count; i++)
		SQL_APPEND(arena, select, target_list,
			   sql_target(arena, NULL,
				      sql_column(arena, ROWS,
						 key_name(returning, i))));
	SQL_APPEND(arena, select, from_clause, from);
	link = sql_sublink(arena, PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK,
			   sql_wrap(arena, select));
	link->sub_link->testexpr = key_of(returning, name_of(relation));
	return link;
}

/* ---- the query ---- */

static PgQuery__Node *relation_of(struct returning *returning,
				  const PgQuery__RangeVar *relation)
{
	return sql_wrap(
	    returning->rw->arena,
	    sql_copy_message(returning->rw->arena, &relation->base));
}

/* SELECT targets FROM relation WHERE condition */
static PgQuery__SelectStmt *query_of(struct returning *returning,
				     const PgQuery__RangeVar *relation,
				     PgQuery__Node **targets, size_t count,
				     PgQuery__Node *condition)
{
	struct arena *arena = returning->rw->arena;
	PgQuery__SelectStmt *select = sql_select(arena);

	for (size_t i = 0; i < count; i++)
		SQL_APPEND(arena, select, target_list, targets[i]);
	SQL_APPEND(arena, select, from_clause,
		   relation_of(returning, relation));
	select->where_clause = condition;
	return select;
}

static void lock(struct returning *returning, PgQuery__SelectStmt *select,
		 const PgQuery__RangeVar *relation,
		 PgQuery__LockClauseStrength strength)
{
	struct arena *arena = returning->rw->arena;
	PgQuery__LockingClause *clause =
	    sql_new(arena, &pg_query__locking_clause__descriptor);

	clause->strength = strength;
	clause->wait_policy = PG_QUERY__LOCK_WAIT_POLICY__LockWaitBlock;
	SQL_APPEND(arena, clause, locked_rels,
		   write_image_range(returning->rw, name_of(relation)));
	SQL_APPEND(arena, select, locking_clause, sql_wrap(arena, clause));
}

/* ---- which key ---- */

static const PgQuery__ResTarget *target_named(size_t count,
					      PgQuery__Node *const *targets,
					      const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (same_name(targets[i]->res_target->name, name))
			return targets[i]->res_target;
	return NULL;
}

bool write_returning_is_sure(const struct catalog_table *table,
			     const struct catalog_key *key)
{
	if ((key->kind != KEY_PRIMARY && key->kind != KEY_UNIQUE) ||
	    key->partial)
		return false;
	for (size_t i = 0; i < key->column_count; i++)
		if (!catalog_column_number(table, key->columns[i])->not_null)
			return false;
	return true;
}

/* wanted: are all of its columns among the targets, or none of them? */
static bool choose_key(struct returning *returning, size_t count,
		       PgQuery__Node *const *targets, bool wanted)
{
	const struct catalog_table *table = returning->table;

	for (size_t k = 0; k < table->key_count; k++) {
		const struct catalog_key *key = &table->keys[k];
		size_t fits = 0;

		for (size_t i = 0; i < key->column_count; i++)
			fits +=
			    wanted == (target_named(count, targets,
						    catalog_column_number(
							table, key->columns[i])
							->name) != NULL);
		if (!write_returning_is_sure(table, key) ||
		    fits != key->column_count)
			continue;
		returning->key = key;
		return true;
	}
	return false;
}

/* ---- what is read beside the write ---- */

struct reads_beside {
	const PgQuery__RangeVar *target;
	const PgQuery__WithClause *with;
};

/* The table that is written, which a query behind the write sees as it is then;
 * or a query of the WITH, which is not there then. */
static enum sql_step find_beside(struct sql_place *place, void *context,
				 struct error *error)
{
	const struct reads_beside *beside = context;
	const PgQuery__RangeVar *var;

	(void)error;
	if (!SQL_AT(place, range_var))
		return SQL_STEP_INTO;
	var = (const PgQuery__RangeVar *)place->message;
	if (same_name(var->relname, beside->target->relname))
		return SQL_STEP_STOP;
	for (size_t i = 0; beside->with && i < beside->with->n_ctes; i++)
		if (same_name(
			var->relname,
			beside->with->ctes[i]->common_table_expr->ctename))
			return SQL_STEP_STOP;
	return SQL_STEP_OVER;
}

static void refuse_beside(struct returning *returning,
			  const PgQuery__RangeVar *target,
			  const PgQuery__WithClause *with,
			  PgQuery__Node *const *nodes, size_t count)
{
	struct reads_beside beside = {target, with};
	struct sql_visitor visitor = {find_beside, NULL, &beside};
	struct error error;

	error_init(&error);
	for (size_t i = 0; i < count; i++) {
		PgQuery__Node *node = nodes[i];

		if (sql_walk(&node, &visitor, &error))
			refuse(returning, "a write that it reads beside");
	}
}

/* ---- DELETE ---- */

static size_t lower_delete(struct returning *returning, PgQuery__Node *node)
{
	PgQuery__DeleteStmt *del = node->delete_stmt;
	struct arena *arena = returning->rw->arena;
	PgQuery__SelectStmt *select;
	size_t answer;

	if (del->n_using_clause)
		refuse(returning, "a DELETE with USING");
	select = query_of(returning, del->relation, del->returning_list,
			  del->n_returning_list,
			  del->where_clause ? sql_copy(arena, del->where_clause)
					    : NULL);
	lock(returning, select, del->relation,
	     PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE);
	if (del->with_clause)
		select->with_clause = (PgQuery__WithClause *)sql_copy_message(
		    arena, &del->with_clause->base);
	del->n_returning_list = 0;
	answer = add_step(returning, sql_wrap(arena, select));
	add_step(returning, node);
	return answer;
}

/* ---- UPDATE ---- */

static bool is_rows(const PgQuery__Node *from)
{
	const PgQuery__RangeSubselect *range =
	    SQL_AS(from, RANGE_SUBSELECT, range_subselect);
	const PgQuery__SelectStmt *select =
	    range ? range->subquery->select_stmt : NULL;
	const PgQuery__Node *value =
	    select && select->n_target_list == 1 && !select->n_from_clause
		? select->target_list[0]->res_target->val
		: NULL;

	return SQL_IS(value, A_CONST) && value->a_const->location <= -1000;
}

static bool are_rows(size_t count, PgQuery__Node *const *from)
{
	for (size_t i = 0; i < count; i++)
		if (!is_rows(from[i]))
			return false;
	return count > 0;
}

/* target.id = rows.key, where the statement sets id: it is what that says then.
 */
static void find_by_new(struct returning *returning,
			const PgQuery__UpdateStmt *update,
			PgQuery__Node *condition)
{
	PgQuery__AExpr *equal = SQL_AS(condition, A_EXPR, a_expr);
	PgQuery__BoolExpr *all = SQL_AS(condition, BOOL_EXPR, bool_expr);
	const PgQuery__ColumnRef *ref =
	    equal ? SQL_AS(equal->lexpr, COLUMN_REF, column_ref) : NULL;
	const PgQuery__ResTarget *set;

	for (size_t i = 0;
	     all && all->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR &&
	     i < all->n_args;
	     i++)
		find_by_new(returning, update, all->args[i]);
	if (!ref || ref->n_fields != 2 ||
	    !same_name(sql_string_value(ref->fields[0]),
		       name_of(update->relation)) ||
	    !same_name(sql_string_value(equal->name[0]), "="))
		return;
	set = target_named(update->n_target_list, update->target_list,
			   sql_string_value(ref->fields[1]));
	if (set)
		equal->rexpr = sql_copy(returning->rw->arena, set->val);
}

/* Of a write of rows that were found before: what finds them stays true, but for
 * the columns that it sets. */
static size_t lower_update_of_rows(struct returning *returning,
				   PgQuery__Node *node)
{
	PgQuery__UpdateStmt *update = node->update_stmt;
	struct arena *arena = returning->rw->arena;
	PgQuery__SelectStmt *select = query_of(
	    returning, update->relation, update->returning_list,
	    update->n_returning_list,
	    update->where_clause ? sql_copy(arena, update->where_clause)
				 : NULL);

	find_by_new(returning, update, select->where_clause);
	for (size_t i = 0; i < update->n_from_clause; i++)
		SQL_APPEND(arena, select, from_clause,
			   sql_copy(arena, update->from_clause[i]));
	update->n_returning_list = 0;
	add_step(returning, node);
	return add_step(returning, sql_wrap(arena, select));
}

static size_t lower_update(struct returning *returning, PgQuery__Node *node)
{
	PgQuery__UpdateStmt *update = node->update_stmt;
	struct arena *arena = returning->rw->arena;
	const PgQuery__RangeVar *relation = update->relation;
	PgQuery__SelectStmt *found, *answer;
	size_t step;

	refuse_beside(returning, relation, update->with_clause,
		      update->returning_list, update->n_returning_list);
	if (are_rows(update->n_from_clause, update->from_clause))
		return lower_update_of_rows(returning, node);
	if (update->n_from_clause)
		refuse(returning, "an UPDATE with FROM");
	if (update->with_clause)
		refuse(returning, "an UPDATE with WITH");
	if (!choose_key(returning, update->n_target_list, update->target_list,
			false))
		refuse(returning, "an UPDATE, of rows that no key tells");
	found = query_of(returning, relation, NULL, 0, update->where_clause);
	for (size_t i = 0; i < returning->key->column_count; i++)
		SQL_APPEND(arena, found, target_list,
			   sql_target(arena, NULL,
				      sql_column(arena, name_of(relation),
						 key_name(returning, i))));
	lock(returning, found, relation,
	     PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE);
	step = add_step(returning, sql_wrap(arena, found));
	update->where_clause =
	    is_among(returning, relation, rows_of(returning, step));
	answer =
	    query_of(returning, relation, update->returning_list,
		     update->n_returning_list,
		     is_among(returning, relation, rows_of(returning, step)));
	update->n_returning_list = 0;
	add_step(returning, node);
	return add_step(returning, sql_wrap(arena, answer));
}

/* ---- INSERT ---- */

/* A constant, a parameter, or a value that each exchange fills in. */
static PgQuery__Node *plain_value(struct returning *returning,
				  const PgQuery__Node *value)
{
	struct rewrite *rw = returning->rw;
	PgQuery__Node *copy;
	struct special special;

	if (SQL_IS(value, TYPE_CAST)) {
		copy = plain_value(returning, value->type_cast->arg);
		return sql_cast(
		    rw->arena, copy,
		    (PgQuery__TypeName *)sql_copy_message(
			rw->arena, &value->type_cast->type_name->base));
	}
	if (!SQL_IS(value, A_CONST) && !SQL_IS(value, PARAM_REF))
		refuse(returning, "an INSERT, of a key that is computed");
	if (!SQL_IS(value, A_CONST) || value->a_const->location > -1000)
		return sql_copy(rw->arena, value);
	special = rw->filled.specials[-1000 - value->a_const->location];
	/* Without a value of the primary's there is no answer either. */
	special.fallback = "NULL";
	special.sequence = NULL;
	return rewrite_special(rw, special);
}

static PgQuery__Node *given_row(struct returning *returning,
				const PgQuery__InsertStmt *insert,
				const PgQuery__List *row)
{
	struct rewrite *rw = returning->rw;
	const char *name = name_of(insert->relation);
	PgQuery__Node *condition = NULL;

	for (size_t i = 0; i < returning->key->column_count; i++)
		for (size_t c = 0; c < insert->n_cols && c < row->n_items;
		     c++) {
			if (!same_name(insert->cols[c]->res_target->name,
				       key_name(returning, i)))
				continue;
			condition = rewrite_and(
			    rw, condition,
			    sql_operator(
				rw->arena, "=",
				sql_column(rw->arena, name,
					   key_name(returning, i)),
				plain_value(returning, row->items[c])));
		}
	return condition;
}

static PgQuery__Node *either(struct returning *returning, PgQuery__Node *left,
			     PgQuery__Node *right)
{
	struct arena *arena = returning->rw->arena;
	PgQuery__BoolExpr *either_one;

	if (!left)
		return right;
	either_one = sql_new(arena, &pg_query__bool_expr__descriptor);
	either_one->boolop = PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	either_one->location = -1;
	SQL_APPEND(arena, either_one, args, left);
	SQL_APPEND(arena, either_one, args, right);
	return sql_wrap(arena, either_one);
}

static PgQuery__Node *given_rows(struct returning *returning,
				 const PgQuery__InsertStmt *insert)
{
	const PgQuery__SelectStmt *values = insert->select_stmt->select_stmt;
	PgQuery__Node *condition = NULL;

	for (size_t i = 0; i < values->n_values_lists; i++)
		condition = either(returning, condition,
				   given_row(returning, insert,
					     values->values_lists[i]->list));
	return condition;
}

/* A bare literal takes the type of its column in an INSERT, and no other
 * way. */
static void type_literals(struct returning *returning,
			  const PgQuery__InsertStmt *insert)
{
	struct rewrite *rw = returning->rw;
	PgQuery__SelectStmt *select = insert->select_stmt->select_stmt;

	for (size_t i = 0; i < select->n_target_list && i < insert->n_cols;
	     i++) {
		PgQuery__ResTarget *target = select->target_list[i]->res_target;
		const struct catalog_column *column = catalog_column(
		    returning->table, insert->cols[i]->res_target->name);
		PgQuery__TypeName *type;

		target->name =
		    arena_string(rw->arena, insert->cols[i]->res_target->name);
		if (!column || (!SQL_IS(target->val, A_CONST) &&
				!SQL_IS(target->val, PARAM_REF)))
			continue;
		type = lens_type(rw->lens, rw->arena, rw->lens->new_catalog,
				 column, true);
		if (type)
			target->val = sql_cast(rw->arena, target->val, type);
	}
}

/* INSERT ... SELECT: its rows are found first, and then put in. */
static PgQuery__Node *found_rows(struct returning *returning,
				 PgQuery__InsertStmt *insert)
{
	struct arena *arena = returning->rw->arena;
	PgQuery__SelectStmt *source = insert->select_stmt->select_stmt;
	PgQuery__SelectStmt *select = sql_select(arena);
	size_t step;

	if (source->op != PG_QUERY__SET_OPERATION__SETOP_NONE ||
	    source->n_target_list != insert->n_cols)
		refuse(returning, "an INSERT of a query that is combined");
	if (insert->with_clause) {
		if (source->with_clause)
			refuse(returning, "an INSERT with WITH twice");
		source->with_clause = insert->with_clause;
		insert->with_clause = NULL;
	}
	type_literals(returning, insert);
	step = add_step(returning, insert->select_stmt);
	for (size_t i = 0; i < insert->n_cols; i++)
		SQL_APPEND(
		    arena, select, target_list,
		    sql_target(arena, NULL,
			       sql_column(arena, ROWS,
					  insert->cols[i]->res_target->name)));
	SQL_APPEND(arena, select, from_clause, rows_of(returning, step));
	insert->select_stmt = sql_wrap(arena, select);
	return is_among(returning, insert->relation, rows_of(returning, step));
}

static void name_columns(struct returning *returning,
			 PgQuery__InsertStmt *insert)
{
	const struct catalog_table *table = returning->table;
	const PgQuery__SelectStmt *source = insert->select_stmt->select_stmt;
	size_t width = source->n_values_lists
			   ? source->values_lists[0]->list->n_items
			   : source->n_target_list;

	if (insert->n_cols)
		return;
	for (size_t i = 0; i < width && i < table->column_count; i++)
		SQL_APPEND(returning->rw->arena, insert, cols,
			   sql_target(returning->rw->arena,
				      table->columns[i].name, NULL));
}

static void refuse_conflict(struct returning *returning,
			    const PgQuery__InsertStmt *insert)
{
	const PgQuery__OnConflictClause *conflict = insert->on_conflict_clause;

	if (!conflict)
		return;
	if (conflict->action !=
		PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE ||
	    conflict->where_clause)
		refuse(returning, "an INSERT that leaves rows out");
	for (size_t i = 0; i < returning->key->column_count; i++) {
		const PgQuery__ResTarget *set =
		    target_named(conflict->n_target_list, conflict->target_list,
				 key_name(returning, i));
		const PgQuery__ColumnRef *value =
		    set ? SQL_AS(set->val, COLUMN_REF, column_ref) : NULL;

		if (set && (!value || value->n_fields != 2 ||
			    !same_name(sql_string_value(value->fields[0]),
				       "excluded")))
			refuse(returning, "an INSERT that changes a key");
	}
}

static size_t lower_insert(struct returning *returning, PgQuery__Node *node)
{
	PgQuery__InsertStmt *insert = node->insert_stmt;
	PgQuery__Node *condition;
	PgQuery__SelectStmt *answer;

	if (!insert->select_stmt)
		refuse(returning, "an INSERT of DEFAULT VALUES");
	refuse_beside(returning, insert->relation, insert->with_clause,
		      insert->returning_list, insert->n_returning_list);
	if (insert->on_conflict_clause)
		refuse_beside(returning, insert->relation, insert->with_clause,
			      insert->on_conflict_clause->target_list,
			      insert->on_conflict_clause->n_target_list);
	name_columns(returning, insert);
	if (!choose_key(returning, insert->n_cols, insert->cols, true))
		refuse(returning, "an INSERT, of rows that no key tells");
	refuse_conflict(returning, insert);
	condition = insert->select_stmt->select_stmt->n_values_lists
			? given_rows(returning, insert)
			: found_rows(returning, insert);
	answer = query_of(returning, insert->relation, insert->returning_list,
			  insert->n_returning_list, condition);
	insert->n_returning_list = 0;
	add_step(returning, node);
	return add_step(returning, sql_wrap(returning->rw->arena, answer));
}

/* ---- the statement ---- */

static bool returns(const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		return node->insert_stmt->n_returning_list;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		return node->update_stmt->n_returning_list;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		return node->delete_stmt->n_returning_list;
	default:
		return false;
	}
}

/* Gives the step that has the rows which the node returned. */
static size_t lower(struct returning *returning, PgQuery__Node *node)
{
	if (!returns(node))
		return add_step(returning, node);
	returning->key = NULL;
	returning->table = write_lower_write(returning->rw, node).table;
	if (!returning->table)
		refuse(returning, "a write to what is no table");
	if (SQL_IS(node, DELETE_STMT))
		return lower_delete(returning, node);
	return SQL_IS(node, UPDATE_STMT) ? lower_update(returning, node)
					 : lower_insert(returning, node);
}

static enum sql_step find_returning(struct sql_place *place, void *context,
				    struct error *error)
{
	(void)context;
	(void)error;
	if ((SQL_AT(place, insert_stmt) &&
	     ((const PgQuery__InsertStmt *)place->message)->n_returning_list) ||
	    (SQL_AT(place, update_stmt) &&
	     ((const PgQuery__UpdateStmt *)place->message)->n_returning_list) ||
	    (SQL_AT(place, delete_stmt) &&
	     ((const PgQuery__DeleteStmt *)place->message)->n_returning_list))
		return SQL_STEP_STOP;
	return SQL_STEP_INTO;
}

static bool has_returning(struct rewrite *rw, PgQuery__Node *node)
{
	struct sql_visitor visitor = {find_returning, NULL, NULL};
	struct error error;
	int found;

	error_init(&error);
	found = sql_walk(&node, &visitor, &error);
	if (found < 0)
		rewrite_fail(rw, -1, "%s", error.message);
	return found > 0;
}

/* The rows that others take are those of the query now. */
static void follow_rows(struct returning *returning, size_t special_count)
{
	struct rewrite *rw = returning->rw;

	for (size_t i = 0; i < special_count; i++)
		if (rw->filled.specials[i].kind == SPECIAL_ROWS)
			rw->filled.specials[i].row =
			    returning->moved[rw->filled.specials[i].row];
}

void write_lower_returning(struct rewrite *rw, PgQuery__Node *statement)
{
	struct returning returning = {.rw = rw};
	const struct step_node *steps = rw->steps;
	size_t count = rw->step_count, specials = rw->filled.special_count;
	bool found = !rw->lowered && has_returning(rw, statement);

	for (size_t i = 0; i < count && !found; i++)
		found = has_returning(rw, steps[i].node);
	if (lens_new_dialect(rw->lens)->returning || rw->made || !found)
		return;
	rw->steps = NULL;
	rw->step_count = rw->step_capacity = 0;
	returning.moved = arena_array(rw->arena, count + 1, sizeof(size_t));
	for (size_t i = 0; i < count; i++)
		returning.moved[i] = lower(&returning, steps[i].node);
	rw->answer_step = rw->lowered ? returning.moved[rw->answer_step]
				      : lower(&returning, statement);
	follow_rows(&returning, specials);
	for (size_t i = 0; i < rw->step_count; i++)
		if (has_returning(rw, rw->steps[i].node))
			refuse(&returning, "a write within another statement");
	rw->lowered = rw->changed = true;
}
