/*
 * The order in which the writes of a plan are made when each is a statement of
 * its own. In one statement foreign keys are checked at its end; in steps each
 * must hold at once:
 *
 *	INSERT accounts, INSERT profiles (account_id -> accounts)
 *		parents first
 *	DELETE profiles, DELETE accounts
 *		children first
 *	UPDATE accounts SET id, UPDATE profiles SET account_id
 *		a circle: neither can go first
 */
#include <string.h>

#include "lens/write/lower.h"

static const PgQuery__RangeVar *target_of(const PgQuery__Node *query)
{
	switch (query->node_case) {
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		return query->insert_stmt->relation;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		return query->update_stmt->relation;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		return query->delete_stmt->relation;
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		return query->merge_stmt->relation;
	default:
		return NULL;
	}
}

struct lower_write write_lower_write(struct rewrite *rw,
				     const PgQuery__Node *query)
{
	const struct catalog *catalog = rw->lens->new_catalog;
	const PgQuery__RangeVar *var = target_of(query);
	struct lower_write write = {.query = query};

	if (!var)
		return write;
	write.table =
	    SQL_SET(var->schemaname)
		? catalog_table(catalog, var->schemaname, var->relname)
		: catalog_resolve(catalog, rw->session->search_path,
				  var->relname);
	return write;
}

static bool names_one(size_t count, PgQuery__Node *const *targets,
		      const struct catalog_table *table, const int16_t *columns,
		      size_t column_count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t c = 0; c < column_count; c++) {
			const struct catalog_column *column =
			    catalog_column_number(table, columns[c]);

			if (column && same_name(targets[i]->res_target->name,
						column->name))
				return true;
		}
	return false;
}

/* Whether it sets one of these columns in existing rows. */
static bool sets(const struct lower_write *write, const int16_t *columns,
		 size_t count)
{
	const PgQuery__Node *query = write->query;
	const PgQuery__OnConflictClause *conflict;

	if (SQL_IS(query, MERGE_STMT))
		return true;
	if (SQL_IS(query, UPDATE_STMT))
		return names_one(query->update_stmt->n_target_list,
				 query->update_stmt->target_list, write->table,
				 columns, count);
	if (!SQL_IS(query, INSERT_STMT))
		return false;
	conflict = query->insert_stmt->on_conflict_clause;
	return conflict &&
	       names_one(conflict->n_target_list, conflict->target_list,
			 write->table, columns, count);
}

static bool adds(const struct lower_write *write)
{
	return SQL_IS(write->query, INSERT_STMT) ||
	       SQL_IS(write->query, MERGE_STMT);
}

static bool removes(const struct lower_write *write)
{
	return SQL_IS(write->query, DELETE_STMT) ||
	       SQL_IS(write->query, MERGE_STMT);
}

/* child's key refers to parent: decides which of the two goes first. */
static enum lower_order by_key(const struct lower_write *child,
			       const struct lower_write *parent,
			       const struct catalog_key *key)
{
	bool refers =
	    adds(child) || sets(child, key->columns, key->column_count);
	bool leaves =
	    removes(child) || sets(child, key->columns, key->column_count);
	bool comes = adds(parent) ||
		     sets(parent, key->target_columns, key->column_count);
	bool goes = removes(parent) ||
		    sets(parent, key->target_columns, key->column_count);
	bool last = refers && comes, first = leaves && goes;

	if (first && last)
		return LOWER_CIRCLE;
	return first ? LOWER_FIRST : last ? LOWER_LAST : LOWER_ANY;
}

/* Rows of one table are deleted before others with their keys are inserted. */
static enum lower_order in_one_table(const struct lower_write *a,
				     const struct lower_write *b)
{
	static const PgQuery__Node__NodeCase order[] = {
	    PG_QUERY__NODE__NODE_DELETE_STMT, PG_QUERY__NODE__NODE_UPDATE_STMT,
	    PG_QUERY__NODE__NODE_INSERT_STMT};
	size_t of_a = 0, of_b = 0;

	for (size_t i = 0; i < 3; i++) {
		of_a = a->query->node_case == order[i] ? i : of_a;
		of_b = b->query->node_case == order[i] ? i : of_b;
	}
	return of_a < of_b ? LOWER_FIRST : of_a > of_b ? LOWER_LAST : LOWER_ANY;
}

static void take(enum lower_order *into, enum lower_order order,
		 const struct catalog_key *by, const struct catalog_key **key)
{
	if (order == LOWER_ANY || *into == order || *into == LOWER_CIRCLE)
		return;
	*into = *into == LOWER_ANY ? order : LOWER_CIRCLE;
	*key = by;
}

enum lower_order write_lower_compare(const struct lower_write *a,
				     const struct lower_write *b,
				     const struct catalog_key **key)
{
	static const enum lower_order turned[] = {LOWER_ANY, LOWER_LAST,
						  LOWER_FIRST, LOWER_CIRCLE};
	enum lower_order order = LOWER_ANY;

	*key = NULL;
	if (!a->table || !b->table)
		return LOWER_ANY;
	if (a->table == b->table)
		return in_one_table(a, b);
	for (size_t k = 0; k < a->table->key_count; k++)
		if (a->table->keys[k].kind == KEY_FOREIGN &&
		    a->table->keys[k].target == b->table)
			take(&order, by_key(a, b, &a->table->keys[k]),
			     &a->table->keys[k], key);
	for (size_t k = 0; k < b->table->key_count; k++)
		if (b->table->keys[k].kind == KEY_FOREIGN &&
		    b->table->keys[k].target == a->table)
			take(&order, turned[by_key(b, a, &b->table->keys[k])],
			     &b->table->keys[k], key);
	return order;
}
