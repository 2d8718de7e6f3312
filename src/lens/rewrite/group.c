/*
 * GROUP BY a key: other columns of its row may then be named without an
 * aggregate. The server knows that for the primary key of a table, but not for
 * what a mapping made of it. So the columns that are named are grouped, too.
 * They are equal in all rows of a group, so the groups stay the same.
 *
 *	SELECT id, email, bio FROM users GROUP BY id
 *
 *	SELECT users.id, users.mail AS email, profiles.bio FROM accounts AS users
 *	LEFT JOIN profiles ON profiles.account_id = users.id
 *	GROUP BY users.id, users.mail, profiles.bio
 */
#include "lens/rewrite/group.h"

#include <string.h>

static const struct catalog_key *primary_key(const struct catalog_table *table)
{
	for (size_t k = 0; k < table->key_count; k++)
		if (table->keys[k].kind == KEY_PRIMARY)
			return &table->keys[k];
	return NULL;
}

static const struct lens_column *key_column(const struct lens_table *table,
					    int16_t number)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].old->number == number)
			return &table->columns[i];
	return NULL;
}

/* Whether the new server knows that the key determines all columns that the
 * query can name. */
static bool is_known(const struct relation *relation,
		     const struct catalog_key *key)
{
	const struct lens_table *table = relation->table;
	const struct catalog_key *new = primary_key(table->table);

	if (relation->named || relation->aliases || !new)
		return false;
	for (size_t n = 0; n < new->column_count; n++) {
		bool found = false;

		for (size_t c = 0; c < key->column_count; c++) {
			const struct lens_column *column =
			    key_column(table, key->columns[c]);

			found |= column && !column->read && !column->values &&
				 column->stored &&
				 column->stored->number == new->columns[n];
		}
		if (!found)
			return false;
	}
	return true;
}

/* The column that an item of GROUP BY means, directly or by an output. */
static struct source *group_source(struct rewrite *rw, struct scope *scope,
				   const PgQuery__SelectStmt *select,
				   const PgQuery__Node *node)
{
	struct source *source = rewrite_scope_peek_own(rw, scope, node);
	PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);
	const char *name =
	    ref && ref->n_fields == 1 ? sql_string_value(ref->fields[0]) : NULL;

	if (source)
		return source;
	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    select->target_list[i]->res_target;
		bool meant =
		    constant &&
		    constant->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
		    constant->ival->ival == (int)i + 1;

		if (meant || (name && same_name(target->name, name)))
			return rewrite_scope_peek(rw, scope, target->val);
	}
	return NULL;
}

static bool is_grouped(struct source *const *sources, size_t count,
		       const struct relation *relation,
		       const struct lens_column *column)
{
	for (size_t i = 0; i < count; i++)
		if (sources[i] && sources[i]->relation == relation &&
		    sources[i]->column == column)
			return true;
	return false;
}

static bool key_is_grouped(struct source *const *sources, size_t count,
			   const struct relation *relation,
			   const struct catalog_key *key)
{
	for (size_t c = 0; c < key->column_count; c++)
		if (!is_grouped(sources, count, relation,
				key_column(relation->table, key->columns[c])))
			return false;
	return true;
}

void rewrite_group_start(struct rewrite *rw, struct scope *scope,
			 const PgQuery__SelectStmt *select,
			 struct grouping *grouping)
{
	struct source **sources = arena_array(
	    rw->arena, select->n_group_clause + 1, sizeof(*sources));

	grouping->count = 0;
	if (!rw->qualify || !select->n_group_clause)
		return;
	grouping->relations = arena_array(rw->arena, scope->items.count + 1,
					  sizeof(*grouping->relations));
	for (size_t i = 0; i < select->n_group_clause; i++) {
		if (SQL_IS(select->group_clause[i], GROUPING_SET))
			return; /* with grouping sets the server requires all of
				   them */
		sources[i] =
		    group_source(rw, scope, select, select->group_clause[i]);
	}
	for (size_t n = 0; n < scope->items.count; n++) {
		struct relation *relation = scope->items.items[n]->relation;
		const struct catalog_key *key =
		    relation && relation->table && relation->table->mapped &&
			    !relation->table->dropped
			? primary_key(relation->table->old)
			: NULL;

		if (!key || is_known(relation, key) ||
		    !key_is_grouped(sources, select->n_group_clause, relation,
				    key))
			continue;
		relation->grouped = arena_array(
		    rw->arena, relation->table->column_count + 1, sizeof(bool));
		grouping->relations[grouping->count++] = relation;
	}
}

static struct source *column_source(const struct scope *scope,
				    const struct relation *relation,
				    size_t index)
{
	for (size_t n = 0; n < scope->items.count; n++) {
		const struct item *item = scope->items.items[n];

		for (size_t c = 0;
		     item->relation == relation && c < item->count; c++)
			if (item->columns[c].source->column &&
			    item->columns[c].source->column->index == index)
				return item->columns[c].source;
	}
	return NULL;
}

void rewrite_group_end(struct rewrite *rw, struct scope *scope,
		       PgQuery__SelectStmt *select, struct grouping *grouping)
{
	size_t said = select->n_group_clause;

	for (size_t g = 0; g < grouping->count; g++) {
		struct relation *relation = grouping->relations[g];

		for (size_t i = 0; i < relation->table->column_count; i++) {
			struct source *source =
			    relation->grouped[i]
				? column_source(scope, relation, i)
				: NULL;
			PgQuery__Node *node =
			    source ? rewrite_source(rw, source) : NULL;
			bool there = !node;

			for (size_t k = 0; k < said && !there; k++)
				there =
				    sql_equal(select->group_clause[k], node);
			if (!there)
				SQL_APPEND(rw->arena, select, group_clause,
					   node);
		}
		relation->grouped = NULL;
	}
}
