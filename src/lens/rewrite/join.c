/*
 * Joins: the names that they bring into scope, and the columns that they merge.
 *
 *	FROM tags JOIN users USING (id)
 *	FROM tags JOIN app.accounts AS users ON tags.id = users.id
 */
#include "lens/rewrite/join.h"

#include <string.h>

#include "lens/rewrite/expression.h"
#include "lens/rewrite/order.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/refuse.h"

static struct source *side_column(const struct side *side, const char *name)
{
	for (size_t i = 0; i < side->count; i++)
		if (same_name(side->columns[i].name, name))
			return side->columns[i].source;
	return NULL;
}

/* The names of the columns that USING or NATURAL merges. */
static const char **merged_names(struct rewrite *rw, PgQuery__JoinExpr *join,
				 const struct side *left,
				 const struct side *right, size_t *count)
{
	const char **names = arena_array(
	    rw->arena, left->count + join->n_using_clause + 1, sizeof(*names));

	*count = 0;
	for (size_t i = 0; i < join->n_using_clause; i++)
		names[(*count)++] = sql_string_value(join->using_clause[i]);
	if (!join->is_natural)
		return names;
	if ((left->open || right->open) && rw->qualify)
		rewrite_fail(rw, -1,
			     "a NATURAL join with a relation whose "
			     "columns are not known");
	for (size_t i = 0; i < left->count; i++)
		if (side_column(right, left->columns[i].name))
			names[(*count)++] = left->columns[i].name;
	return names;
}

static void set_nullable(const struct side *side)
{
	for (size_t i = 0; i < side->items.count; i++)
		if (side->items.items[i]->relation)
			side->items.items[i]->relation->nullable = true;
}

/* Whether the merged column's replacement has that type on the new side. */
static bool is_new_type(struct rewrite *rw, const struct source *merged,
			const char *name)
{
	const struct source *shown =
	    merged->join == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ? merged->right
							    : merged->left;
	const struct catalog_type *type =
	    shown->kind == SOURCE_BASE
		? catalog_type(rw->lens->new_catalog, shown->column->new_type)
		: NULL;

	return merged->join == PG_QUERY__JOIN_TYPE__JOIN_FULL ||
	       (type && same_name(type->name, name));
}

/* The type of a merged column is the common type of both sides. It may have
 * another name on the new side, and integers become numbers with fractions. */
static void merge_types(struct rewrite *rw, struct source *merged)
{
	const struct catalog *catalog = rw->lens->old_catalog;
	const struct catalog_type *left =
	    catalog_type(catalog, merged->left->facts.type);
	const struct catalog_type *right =
	    catalog_type(catalog, merged->right->facts.type);
	const struct catalog_type *wider;

	if (left && left == right)
		return;
	merged->facts.retyped = true;
	merged->facts.type = 0;
	if (left && right && left->class == right->class)
		merged->cast = lens_old_dialect(rw->lens)->names->wider(
		    left->name, right->name);
	if (merged->cast && is_new_type(rw, merged, merged->cast))
		merged->cast = NULL;
	if (!left || !right || left->class == right->class ||
	    left->class < TYPE_INTEGER || left->class > TYPE_FLOAT ||
	    right->class < TYPE_INTEGER || right->class > TYPE_FLOAT)
		return;
	wider = left->class > right->class ? left : right;
	merged->cast = wider->name;
}

static struct source *merge(struct rewrite *rw, PgQuery__JoinType type,
			    struct source *left, struct source *right)
{
	struct source *merged = arena_alloc(rw->arena, sizeof(*merged));
	bool full = type == PG_QUERY__JOIN_TYPE__JOIN_FULL;

	merged->kind = SOURCE_MERGED;
	merged->left = left;
	merged->right = right;
	merged->join = type;
	merged->facts = type == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ? right->facts
								: left->facts;
	if (full) {
		rewrite_facts_join(&merged->facts, &right->facts);
		merged->facts.table = NULL;
		merged->facts.column = NULL;
	}
	merge_types(rw, merged);
	return merged;
}

/* The columns of a join, and the equalities that USING and NATURAL mean. */
static struct visible *join_columns(struct rewrite *rw, PgQuery__JoinExpr *join,
				    const struct side *left,
				    const struct side *right, size_t *count,
				    const char **names, size_t merged,
				    struct visible **merged_columns,
				    size_t *merged_count)
{
	struct visible *columns =
	    arena_array(rw->arena, left->count + right->count + merged + 1,
			sizeof(*columns));
	PgQuery__Node **equal =
	    arena_array(rw->arena, merged + 1, sizeof(*equal));

	*count = 0;
	for (size_t i = 0; i < merged; i++) {
		struct source *a = side_column(left, names[i]);
		struct source *b = side_column(right, names[i]);

		if (!a || !b) {
			if (rw->qualify)
				rewrite_fail(
				    rw, -1, "column \"%s\" of USING is unknown",
				    names[i]);
			continue;
		}
		columns[*count].name = names[i];
		columns[(*count)++].source = merge(rw, join->jointype, a, b);
		rewrite_facts_join(&rw->touched.predicate, &a->facts);
		rewrite_facts_join(&rw->touched.predicate, &b->facts);
		if (join->jointype == PG_QUERY__JOIN_TYPE__JOIN_INNER) {
			struct edge *edge =
			    ARENA_PUSH(rw->arena, &rw->answer, edge);

			edge->left = a;
			edge->right = b;
		}
		if (rw->qualify)
			equal[i] =
			    sql_operator(rw->arena, "=", rewrite_source(rw, a),
					 rewrite_source(rw, b));
	}
	*merged_columns = columns;
	*merged_count = *count; /* without those that could not be resolved */
	for (size_t i = 0; i < left->count; i++)
		if (!rewrite_is_one_of(left->columns[i].name, names, merged))
			columns[(*count)++] = left->columns[i];
	for (size_t i = 0; i < right->count; i++)
		if (!rewrite_is_one_of(right->columns[i].name, names, merged))
			columns[(*count)++] = right->columns[i];
	if (!rw->qualify || (!join->is_natural && !join->n_using_clause))
		return columns;
	join->quals = sql_and(rw->arena, equal, merged);
	if (!join->quals && join->jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER)
		join->quals = sql_const_bool(rw->arena, true);
	join->is_natural = false;
	join->n_using_clause = 0;
	join->using_clause = NULL;
	return columns;
}

/* The filters of an inner join move up. In an outer join, the filter of the
 * side that may be missing becomes part of the join's condition. */
static void join_filters(struct rewrite *rw, PgQuery__JoinExpr *join,
			 const struct side *left, const struct side *right,
			 struct side *joined)
{
	PgQuery__Node *inside = NULL;

	switch (join->jointype) {
	case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
		joined->filter = left->filter;
		inside = right->filter;
		break;
	case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
		joined->filter = right->filter;
		inside = left->filter;
		break;
	default:
		joined->filter = rewrite_and(rw, left->filter, right->filter);
	}
	if (inside)
		join->quals = rewrite_and(rw, join->quals, inside);
}

void rewrite_refuse_twice(struct rewrite *rw, const struct items *items,
			  const struct items *more)
{
	for (size_t i = 0; rw->qualify && i < items->count; i++)
		for (size_t n = 0; n < more->count; n++) {
			const struct item *a = items->items[i];
			const struct item *b = more->items[n];

			if (!a->name || a->hidden || b->hidden ||
			    !same_name(a->name, b->name))
				continue;
			if (a->schema && b->schema &&
			    strcmp(a->schema, b->schema))
				continue;
			rewrite_fail(rw, -1, "table name \"%s\" is used twice",
				     a->name);
		}
}

struct side rewrite_from_join(struct rewrite *rw, struct scope *scope,
			      PgQuery__JoinExpr *join)
{
	bool inside = rw->filters_inside;
	struct scope *lateral = rewrite_scope_new(rw, scope, false);
	struct scope *on;
	struct side left;
	struct side right;
	struct side joined = {0};
	struct item *item = arena_alloc(rw->arena, sizeof(*item));
	struct visible *merged_columns;
	size_t merged, merged_count;
	const char **names;

	rw->filters_inside |= join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
	left = rewrite_from_item(rw, scope, &join->larg);
	for (size_t i = 0; i < left.items.count; i++)
		rewrite_items_add(rw, &lateral->items, left.items.items[i]);
	right = rewrite_from_item(rw, lateral, &join->rarg);
	rw->filters_inside = inside;
	rewrite_refuse_twice(rw, &left.items, &right.items);
	if (join->jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ||
	    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL)
		set_nullable(&left);
	if (join->jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT ||
	    join->jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL)
		set_nullable(&right);
	names = merged_names(rw, join, &left, &right, &merged);
	joined.open = left.open || right.open;
	joined.columns =
	    join_columns(rw, join, &left, &right, &joined.count, names, merged,
			 &merged_columns, &merged_count);
	/* ON sees the two sides, and the queries around this one. */
	on = rewrite_scope_new(rw, scope->level->outer, false);
	on->ctes = scope->ctes;
	on->level = scope->level;
	for (size_t i = 0; i < left.items.count; i++)
		rewrite_items_add(rw, &on->items, left.items.items[i]);
	for (size_t i = 0; i < right.items.count; i++)
		rewrite_items_add(rw, &on->items, right.items.items[i]);
	if (join->quals && !merged) {
		if (join->jointype == PG_QUERY__JOIN_TYPE__JOIN_INNER)
			rewrite_collect_edges(rw, on, join->quals);
		rewrite_predicate(rw, on, &join->quals, true);
	}
	join_filters(rw, join, &left, &right, &joined);
	item->columns = joined.columns;
	item->count = joined.count;
	item->open = joined.open;
	item->columns_visible = true;
	if (join->alias) {
		size_t count;
		const char **aliases =
		    rewrite_alias_columns(rw, join->alias, &count);
		struct visible *columns =
		    arena_array(rw->arena, item->count + 1, sizeof(*columns));

		if (rw->qualify && count > item->count)
			rewrite_fail(rw, -1,
				     "join \"%s\" has fewer columns than its "
				     "alias",
				     join->alias->aliasname);
		for (size_t i = 0; i < item->count; i++) {
			columns[i] = item->columns[i];
			if (i < count)
				columns[i].name = aliases[i];
		}
		item->columns = joined.columns = columns;
		item->name = join->alias->aliasname;
		if (rw->qualify) {
			if (joined.open)
				rewrite_fail(rw, -1,
					     "join \"%s\" has columns "
					     "that are not known",
					     item->name);
			join->alias = NULL;
		}
		rewrite_items_add(rw, &joined.items, item);
		for (size_t i = 0; i < left.items.count; i++)
			left.items.items[i]->hidden = true;
		for (size_t i = 0; i < right.items.count; i++)
			right.items.items[i]->hidden = true;
	} else {
		rewrite_items_add(rw, &joined.items, item);
	}
	if (join->join_using_alias) {
		struct item *using = arena_alloc(rw->arena, sizeof(*using));

		using->name = join->join_using_alias->aliasname;
		using->columns = merged_columns;
		using->count = merged_count;
		using->open = merged_count < merged;
		using->hidden = item->name != NULL;
		rewrite_refuse_twice(rw, &left.items,
				     &(struct items){&using, 1, 1});
		rewrite_refuse_twice(rw, &right.items,
				     &(struct items){&using, 1, 1});
		rewrite_items_add(rw, &joined.items, using);
		if (rw->qualify)
			join->join_using_alias = NULL;
	}
	for (size_t i = 0; i < left.items.count; i++) {
		left.items.items[i]->columns_visible = false;
		rewrite_items_add(rw, &joined.items, left.items.items[i]);
	}
	for (size_t i = 0; i < right.items.count; i++) {
		right.items.items[i]->columns_visible = false;
		rewrite_items_add(rw, &joined.items, right.items.items[i]);
	}
	return joined;
}

/* TABLESAMPLE stays with the anchor when its parts are joined to it. */
