/*
 * Statements that are neither queries nor writes, but contain one or name a
 * table: EXPLAIN, PREPARE, DECLARE, COPY, LOCK and the like.
 *
 *	PREPARE p AS SELECT email FROM users
 *	PREPARE p AS SELECT users.mail AS email FROM app.accounts AS users
 */
#include "lens/write/utility.h"

#include <string.h>

#include "lens/compile/table.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/labels.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/touched.h"
#include "lens/write/copy.h"
#include "lens/write/ddl.h"
#include "lens/write/default.h"
#include "lens/write/truncate.h"

struct utility_naming {
	struct rewrite *rw;
};

static void rename_relation(struct rewrite *rw, PgQuery__RangeVar *var,
			    bool written)
{
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    rewrite_scope_table(rw, NULL, var, &cte, &known);

	if (!table)
		return;
	rewrite_note_table(rw, table, written);
	if (table->dropped)
		rewrite_refuse_dropped(rw, table, var->location);
	if (!table->mapped)
		return;
	rw->mapped = rw->changed = true;
	var->relname = arena_string(rw->arena, table->table->name);
	var->schemaname = arena_string(rw->arena, table->table->schema);
}

/* Whether each column is stored unchanged in the new table, perhaps under
 * another name. */
static bool copies_as_is(const struct lens_table *table)
{
	if (table->extra_count || !lens_is_whole(table))
		return false;
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (!column->stored || column->read || column->values ||
		    column->dropped || column->lookup || column->parted ||
		    column->computed)
			return false;
	}
	for (size_t w = 0; w < table->write_count; w++)
		if (table->writes[w].expression)
			return false;
	return true;
}

static const struct lens_column *named_column(struct rewrite *rw,
					      const struct lens_table *table,
					      const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (same_name(table->columns[i].old->name, name))
			return &table->columns[i];
	rewrite_fail(rw, -1, "table \"%s\" has no column \"%s\"",
		     table->old->name, name ? name : "");
}

/* COPY accepts each column once, and no generated one. */
static const char *copied_column(struct rewrite *rw,
				 const PgQuery__CopyStmt *copy,
				 const struct lens_table *table, size_t place)
{
	const char *name = sql_string_value(copy->attlist[place]);

	for (size_t n = 0; n < place; n++)
		if (same_name(sql_string_value(copy->attlist[n]), name))
			rewrite_fail(rw, -1, "column \"%s\" is copied twice",
				     name);
	if (named_column(rw, table, name)->old->generated == GENERATED_STORED)
		rewrite_fail(rw, -1, "column \"%s\" is generated", name);
	return name;
}

/* COPY t TO becomes COPY (SELECT columns FROM new) TO. */
static void copy_out(struct rewrite *rw, PgQuery__CopyStmt *copy,
		     const struct lens_table *table)
{
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	struct outputs outputs = {0};

	for (size_t i = 0; i < table->column_count && !copy->n_attlist; i++)
		if (table->columns[i].old->generated != GENERATED_STORED)
			SQL_APPEND(
			    rw->arena, select, target_list,
			    sql_target(
				rw->arena, NULL,
				sql_column(rw->arena, NULL,
					   table->columns[i].old->name)));
	for (size_t n = 0; n < copy->n_attlist; n++)
		SQL_APPEND(
		    rw->arena, select, target_list,
		    sql_target(rw->arena, NULL,
			       sql_column(rw->arena, NULL,
					  copied_column(rw, copy, table, n))));
	/* COPY leaves out rows of tables that inherit. */
	if (table->table && table->table->kind == RELATION_TABLE)
		copy->relation->inh = false;
	SQL_APPEND(rw->arena, select, from_clause,
		   sql_wrap(rw->arena, copy->relation));
	copy->relation = NULL;
	copy->n_attlist = 0;
	copy->attlist = NULL;
	copy->query = sql_wrap(rw->arena, select);
	rewrite_query(rw, NULL, copy->query, &outputs, false);
}

/* COPY with the new names of the columns. */
static void copy_renamed(struct rewrite *rw, PgQuery__CopyStmt *copy,
			 const struct lens_table *table)
{
	PgQuery__CopyStmt made = *copy;

	made.n_attlist = 0;
	made.attlist = NULL;
	for (size_t n = 0; n < copy->n_attlist; n++)
		SQL_APPEND(
		    rw->arena, &made, attlist,
		    sql_string(rw->arena,
			       named_column(rw, table,
					    sql_string_value(copy->attlist[n]))
				   ->stored->name));
	for (size_t i = 0; i < table->column_count && !copy->n_attlist; i++)
		if (table->columns[i].old->generated != GENERATED_STORED)
			SQL_APPEND(rw->arena, &made, attlist,
				   sql_string(rw->arena,
					      table->columns[i].stored->name));
	*copy = made;
	rename_relation(rw, copy->relation, true);
}

static bool is_given(const PgQuery__CopyStmt *copy,
		     const struct lens_column *column)
{
	for (size_t n = 0; n < copy->n_attlist; n++)
		if (same_name(sql_string_value(copy->attlist[n]),
			      column->old->name))
			return true;
	return !copy->n_attlist;
}

/* Whether it leaves out a column that has another default in the new schema. */
static bool misses_default(struct rewrite *rw, const PgQuery__CopyStmt *copy,
			   const struct lens_table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (!is_given(copy, column) &&
		    !(column->unpinned || column->clock) &&
		    write_default_node(rw, table, column, true))
			return true;
	}
	return false;
}

/* Notes generated values and clocks that no answer shows. */
static void note_defaults(struct rewrite *rw, const PgQuery__CopyStmt *copy,
			  const struct lens_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (!is_given(copy, &table->columns[i]) &&
		    (table->columns[i].unpinned || table->columns[i].clock))
			rw->touched.pins_missing = true;
}

static void copy_in(struct rewrite *rw, PgQuery__Node **statement,
		    const struct lens_table *table)
{
	PgQuery__CopyStmt *copy = (*statement)->copy_stmt;

	if (table->dropped)
		rewrite_refuse_dropped(rw, table, copy->relation->location);
	if (sql_unwrap(copy->where_clause) || !copies_as_is(table) ||
	    misses_default(rw, copy, table)) {
		write_copy(rw, statement, table);
		return;
	}
	note_defaults(rw, copy, table);
	copy_renamed(rw, copy, table);
}

static void copy_statement(struct rewrite *rw, PgQuery__Node **statement)
{
	PgQuery__CopyStmt *copy = (*statement)->copy_stmt;
	struct outputs outputs = {0};
	const struct cte *cte;
	bool known;
	const struct lens_table *table;

	if (copy->is_program || SQL_SET(copy->filename))
		rewrite_skip(rw, REASON_SIDE_EFFECT,
			     "COPY with a file or program of the server");
	if (copy->query) {
		rewrite_query(rw, NULL, copy->query, &outputs, false);
		return;
	}
	table = rewrite_scope_table(rw, NULL, copy->relation, &cte, &known);
	if (!table)
		return;
	rewrite_note_table(rw, table, copy->is_from);
	if (table->mapped)
		rw->mapped = rw->changed = true;
	if (copy->is_from && table->mapped)
		copy_in(rw, statement, table);
	else if (copy->is_from)
		note_defaults(rw, copy, table);
	else if (table->mapped && table->old->kind != RELATION_TABLE)
		rewrite_fail(rw, copy->relation->location,
			     "COPY from \"%s\", which is not a plain table",
			     table->old->name);
	else if (table->mapped)
		copy_out(rw, copy, table);
}

static enum sql_step temporary_ddl(struct sql_place *place, void *context,
				   struct error *error)
{
	struct utility_naming *naming = context;
	struct rewrite *rw = naming->rw;

	(void)error;
	if (SQL_AT(place, type_name))
		rewrite_type(rw, (PgQuery__TypeName *)place->message);
	if (SQL_AT(place, range_var)) {
		PgQuery__RangeVar *var = (PgQuery__RangeVar *)place->message;
		const struct cte *cte;
		bool known;
		const struct lens_table *table =
		    rewrite_scope_table(rw, NULL, var, &cte, &known);

		/* The temporary table may have any name. */
		if (table && table->mapped &&
		    (!same_name(place->field, "relation") ||
		     SQL_AT(place->parent, table_like_clause)))
			rewrite_fail(rw, var->location,
				     "a temporary object made from \"%s\"",
				     table->old->name);
	}
	return SQL_STEP_INTO;
}

static void expressions(struct rewrite *rw, size_t count, PgQuery__Node **list)
{
	struct scope *nowhere = rewrite_scope_new(rw, NULL, true);
	struct facts facts = {0};

	for (size_t i = 0; i < count; i++)
		rewrite_expression(rw, nowhere, &list[i], &facts);
	rw->touched.volatile_effect |= facts.volatile_value;
	rw->touched.pins_missing |= facts.unpinned;
}

static void prepare(struct rewrite *rw, PgQuery__PrepareStmt *statement)
{
	const struct catalog_type *recoded;

	for (size_t i = 0; i < statement->n_argtypes; i++) {
		PgQuery__TypeName *type = statement->argtypes[i]->type_name;

		if (!rewrite_labels_type(rw, type, &recoded))
			rewrite_type(rw, type);
	}
	rw->deferred = true;
	rewrite_query(rw, NULL, statement->query, &rw->answer.outputs, true);
	rw->answer.outputs_known = true;
}

static void table_as(struct rewrite *rw, PgQuery__Node *query,
		     const PgQuery__IntoClause *into)
{
	struct outputs outputs = {0};
	PgQuery__ExecuteStmt *execute =
	    SQL_AS(query, EXECUTE_STMT, execute_stmt);

	if (!rw->lens->ddl_run &&
	    (!into->rel || !same_name(into->rel->relpersistence, "t")))
		rewrite_skip(rw, REASON_DDL, "a table is made");
	if (execute)
		expressions(rw, execute->n_params, execute->params);
	else
		rewrite_query(rw, NULL, query, &outputs, false);
	rw->touched.volatile_effect |= rw->touched.predicate.volatile_value;
}

static const struct lens_table *listed_table(struct rewrite *rw,
					     const PgQuery__Node *node)
{
	const struct cte *cte;
	bool known;

	return SQL_IS(node, RANGE_VAR)
		   ? rewrite_scope_table(rw, NULL, node->range_var, &cte,
					 &known)
		   : NULL;
}

/* Replaces the old tables of a list by all of their new ones. */
static void list_relations(struct rewrite *rw, size_t *count,
			   PgQuery__Node ***list, bool written)
{
	PgQuery__Node **made = NULL;
	size_t made_count = 0;

	for (size_t i = 0; i < *count; i++) {
		const struct lens_table *table = listed_table(rw, (*list)[i]);
		PgQuery__RangeVar *var =
		    SQL_AS((*list)[i], RANGE_VAR, range_var);

		sql_append(rw->arena, &made_count, &made, (*list)[i]);
		if (!var)
			continue;
		rename_relation(rw, var, written);
		for (size_t p = 1; table && p < table->place_count; p++) {
			PgQuery__Node *place = rewrite_range(
			    rw, NULL, table->places[p].table, NULL);

			place->range_var->inh = var->inh;
			sql_append(rw->arena, &made_count, &made, place);
		}
	}
	*count = made_count;
	*list = made;
}

static void by_node(struct rewrite *rw, PgQuery__Node **statement)
{
	PgQuery__Node *node = *statement;
	struct utility_naming naming = {rw};
	struct sql_visitor visitor = {temporary_ddl, NULL, &naming};
	struct error error;

	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		if (node->select_stmt->into_clause)
			table_as(rw, node, node->select_stmt->into_clause);
		break;
	case PG_QUERY__NODE__NODE_COPY_STMT:
		copy_statement(rw, statement);
		break;
	case PG_QUERY__NODE__NODE_PREPARE_STMT:
		prepare(rw, node->prepare_stmt);
		break;
	case PG_QUERY__NODE__NODE_EXECUTE_STMT:
		expressions(rw, node->execute_stmt->n_params,
			    node->execute_stmt->params);
		break;
	case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
		rewrite_query(rw, NULL, node->declare_cursor_stmt->query,
			      &rw->answer.outputs, true);
		rw->answer.outputs_known = true;
		break;
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		table_as(rw, node->create_table_as_stmt->query,
			 node->create_table_as_stmt->into);
		break;
	case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
		if (!write_truncate(rw, node))
			list_relations(rw, &node->truncate_stmt->n_relations,
				       &node->truncate_stmt->relations, true);
		break;
	case PG_QUERY__NODE__NODE_LOCK_STMT:
		list_relations(rw, &node->lock_stmt->n_relations,
			       &node->lock_stmt->relations, false);
		break;
	case PG_QUERY__NODE__NODE_CALL_STMT: {
		PgQuery__Node *call =
		    sql_wrap(rw->arena, node->call_stmt->funccall);

		expressions(rw, 1, &call);
		break;
	}
	case PG_QUERY__NODE__NODE_CREATE_STMT:
	case PG_QUERY__NODE__NODE_VIEW_STMT:
	case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
		error_init(&error);
		if (sql_walk(&node, &visitor, &error) < 0)
			rewrite_fail(rw, -1, "%s", error.message);
		break;
	default:
		break; /* it names nothing that a mapping changes */
	}
}

/* Rewrites DROP of temporary tables only, with names that cannot hit other
 * tables. */
static bool drop_temporary(struct rewrite *rw, PgQuery__Node *node)
{
	PgQuery__DropStmt *drop = SQL_AS(node, DROP_STMT, drop_stmt);
	const char *schema =
	    lens_old_dialect(rw->lens)->names->temporary_schema();

	if (!drop ||
	    (drop->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE &&
	     drop->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_VIEW &&
	     drop->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE))
		return false;
	for (size_t i = 0; i < drop->n_objects; i++) {
		const PgQuery__List *names =
		    SQL_AS(drop->objects[i], LIST, list);
		const char *name =
		    names && names->n_items
			? sql_string_value(names->items[names->n_items - 1])
			: NULL;

		if (!name || names->n_items > 2 ||
		    (names->n_items == 2 &&
		     !same_name(sql_string_value(names->items[0]), schema)) ||
		    (names->n_items == 1 && !rewrite_is_temporary(rw, name)))
			return false;
	}
	for (size_t i = 0; i < drop->n_objects; i++) {
		PgQuery__List *names = drop->objects[i]->list;
		PgQuery__Node **items;

		if (names->n_items == 2 || !schema)
			continue;
		items = arena_array(rw->arena, 2, sizeof(*items));
		items[0] = sql_string(rw->arena, schema);
		items[1] = names->items[0];
		names->items = items;
		names->n_items = 2;
	}
	rw->mapped = rw->changed = true;
	return true;
}

/* Whether it is CREATE INDEX on, or ALTER of, a temporary table. */
static bool changes_temporary(const struct rewrite *rw,
			      const PgQuery__Node *node)
{
	const PgQuery__IndexStmt *index = SQL_AS(node, INDEX_STMT, index_stmt);
	const PgQuery__AlterTableStmt *alter =
	    SQL_AS(node, ALTER_TABLE_STMT, alter_table_stmt);
	const PgQuery__RangeVar *table = index	 ? index->relation
					 : alter ? alter->relation
						 : NULL;

	return table &&
	       (SQL_SET(table->schemaname)
		    ? same_name(
			  table->schemaname,
			  lens_old_dialect(rw->lens)->names->temporary_schema())
		    : rewrite_is_temporary(rw, table->relname));
}

void write_utility(struct rewrite *rw, PgQuery__Node **statement,
		   enum sql_kind kind)
{
	switch (kind) {
	case SQL_KIND_DDL:
		if (drop_temporary(rw, *statement))
			break;
		if (!rw->lens->ddl_run && !changes_temporary(rw, *statement))
			rewrite_skip(rw, REASON_DDL,
				     "schema changes are not mirrored");
		write_ddl(rw, *statement);
		break;
	case SQL_KIND_MAINTENANCE:
		rewrite_skip(rw, REASON_MAINTENANCE,
			     "maintenance is not mirrored");
	case SQL_KIND_LISTEN:
	case SQL_KIND_UNLISTEN:
	case SQL_KIND_NOTIFY:
	case SQL_KIND_LOAD:
		rewrite_skip(rw, REASON_SIDE_EFFECT,
			     "acts outside the database's tables");
	case SQL_KIND_EXPLAIN:
		rewrite_skip(rw, REASON_UNSUPPORTED,
			     "EXPLAIN shows the server's own plan");
	default:
		by_node(rw, statement);
	}
}
