/*
 * Resolves names as PostgreSQL does (its parse_relation.c): first in the
 * query's own FROM, then in the queries around it.
 *
 *	SELECT (SELECT email) FROM users u
 *	SELECT (SELECT u.mail AS email) FROM app.accounts AS u
 */
#include "lens/rewrite/scope.h"

#include <string.h>

#include "lens/compile/name.h"
#include "lens/compile/table.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"

struct scope *rewrite_scope_new(struct rewrite *rw, const struct scope *outer,
				bool level)
{
	struct scope *scope = arena_alloc(rw->arena, sizeof(*scope));

	scope->outer = outer;
	if (outer)
		scope->ctes = outer->ctes;
	scope->level = level || !outer ? scope : outer->level;
	return scope;
}

static bool alias_taken(const struct scope *scope, const char *name)
{
	for (; scope; scope = scope->outer)
		for (size_t i = 0; i < scope->level->alias_count; i++)
			if (!strcmp(scope->level->aliases[i], name))
				return true;
	return false;
}

/* Whether the name is taken by a query in one of the mapping's expressions, or
 * by a query that the rewrite puts around the statement's. */
static bool is_inner(const struct lens *lens, const char *name)
{
	static const char *const own[] = {
	    "old_query",       "old_row",      "old_value",
	    "parallax_added",  "parallax_arm", "parallax_choice",
	    "parallax_labels", "parallax_one", "parallax_sorted"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(own[i], name))
			return true;
	for (size_t i = 0; i < lens->inner_name_count; i++)
		if (!strcmp(lens->inner_names[i], name))
			return true;
	return false;
}

const char *rewrite_scope_alias(struct rewrite *rw, struct scope *scope,
				const char *name)
{
	const char *alias = name;
	struct scope *level = scope->level;

	for (int n = 1; rw->qualify && (alias_taken(scope, alias) ||
					is_inner(rw->lens, alias));
	     n++)
		alias = arena_printf(rw->arena, "%.50s_%d", name, n);
	level->aliases =
	    arena_push(rw->arena, (void *)level->aliases, &level->alias_count,
		       &level->alias_capacity, sizeof(*level->aliases));
	level->aliases[level->alias_count - 1] = alias;
	return alias;
}

void rewrite_items_add(struct rewrite *rw, struct items *items,
		       struct item *item)
{
	items->items = arena_push(rw->arena, items->items, &items->count,
				  &items->capacity, sizeof(*items->items));
	items->items[items->count - 1] = item;
}

/* Names the rows of the parts. A derived table has none. */
static void name_parts(struct rewrite *rw, struct scope *scope,
		       struct relation *relation)
{
	const struct lens_table *table = relation->table;

	if (table->dropped)
		return;
	if (lens_is_derived(table) ||
	    (rw->filters_inside && table->places[0].where)) {
		relation->named = arena_array(
		    rw->arena, table->column_count + 1, sizeof(bool));
		return;
	}
	if (!lens_has_parts(table))
		return;
	relation->aliases = arena_array(rw->arena, table->place_count + 1,
					sizeof(*relation->aliases));
	relation->used =
	    arena_array(rw->arena, table->place_count + 1, sizeof(bool));
	relation->aliases[0] = relation->alias;
	for (size_t i = table->anchor_count; i < table->place_count; i++)
		relation->aliases[i] =
		    rewrite_scope_alias(rw, scope, table->places[i].name);
}

struct item *rewrite_item_of_table(struct rewrite *rw, struct scope *scope,
				   const struct lens_table *table,
				   const char *schema, const char *name,
				   const char *const *aliases,
				   size_t alias_count)
{
	struct item *item = arena_alloc(rw->arena, sizeof(*item));
	struct relation *relation = arena_alloc(rw->arena, sizeof(*relation));

	relation->alias = rewrite_scope_alias(rw, scope, name);
	relation->table = table;
	relation->lockable = true;
	name_parts(rw, scope, relation);
	item->schema = schema;
	item->name = name;
	item->relation = relation;
	item->columns_visible = true;
	item->count = table->column_count;
	item->columns =
	    arena_array(rw->arena, item->count + 1, sizeof(*item->columns));
	if (alias_count > item->count)
		rewrite_fail(rw, -1,
			     "table \"%s\" has fewer columns than its "
			     "alias",
			     name);
	for (size_t i = 0; i < item->count; i++) {
		struct source *source = arena_alloc(rw->arena, sizeof(*source));
		const struct lens_column *column = &table->columns[i];

		source->kind = relation->named ? SOURCE_PLAIN : SOURCE_BASE;
		source->relation = relation;
		source->column = column;
		source->name = column->old->name;
		source->facts = (struct facts){
		    .table = table,
		    .column = column,
		    .type = column->old->type,
		    .clock = column->clock,
		    .unpinned = column->unpinned,
		    /* recoded labels are read as text */
		    .retyped = column->retyped || column->labels,
		    .ignore = column->ignore,
		    .tolerance = column->tolerance,
		    .labels = column->labels
				  ? catalog_type(rw->lens->old_catalog,
						 column->old->type)
				  : NULL,
		};
		item->columns[i].name =
		    i < alias_count ? aliases[i] : column->old->name;
		item->columns[i].source = source;
	}
	return item;
}

struct item *rewrite_item_of_outputs(struct rewrite *rw, struct scope *scope,
				     const char *name,
				     const struct outputs *outputs,
				     const char *const *aliases,
				     size_t alias_count)
{
	struct item *item = arena_alloc(rw->arena, sizeof(*item));
	struct relation *relation = arena_alloc(rw->arena, sizeof(*relation));
	size_t room = outputs->count + alias_count + 1;

	relation->alias = rewrite_scope_alias(rw, scope, name);
	relation->open = outputs->open;
	item->name = name;
	item->relation = relation;
	item->columns_visible = true;
	item->open = outputs->open;
	item->columns = arena_array(rw->arena, room, sizeof(*item->columns));
	for (size_t i = 0; i < outputs->count || i < alias_count; i++) {
		struct source *source = arena_alloc(rw->arena, sizeof(*source));
		const struct output *output =
		    i < outputs->count ? &outputs->items[i] : NULL;

		/* After an unknown number of columns, positions mean
		 * nothing. */
		if (output && output->open && i >= alias_count)
			continue;
		source->kind = SOURCE_PLAIN;
		source->relation = relation;
		source->name = i < alias_count ? aliases[i] : output->name;
		if (output && !outputs->open)
			source->facts = output->facts;
		source->facts.drawn = false; /* it is drawn once for each row,
						not for each reference */
		item->columns[item->count].name = source->name;
		item->columns[item->count++].source = source;
	}
	return item;
}

const char **rewrite_alias_columns(struct rewrite *rw, PgQuery__Alias *alias,
				   size_t *count)
{
	const char **names;

	*count = alias ? alias->n_colnames : 0;
	names = arena_array(rw->arena, *count + 1, sizeof(*names));
	for (size_t i = 0; i < *count; i++)
		names[i] = sql_string_value(alias->colnames[i]);
	return names;
}

bool rewrite_is_temporary(const struct rewrite *rw, const char *name)
{
	const char *const *names = rw->session->temporary_tables;

	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

bool rewrite_needs_schema(const struct rewrite *rw, const struct scope *scope,
			  const struct catalog_table *table)
{
	if (rewrite_is_temporary(rw, table->name))
		return true;
	for (const struct cte *cte = scope ? scope->ctes : NULL; cte;
	     cte = cte->next)
		if (!strcmp(cte->name, table->name))
			return true;
	return catalog_resolve(rw->lens->new_catalog, rw->session->search_path,
			       table->name) != table;
}

const struct lens_table *rewrite_scope_table(struct rewrite *rw,
					     const struct scope *scope,
					     const PgQuery__RangeVar *var,
					     const struct cte **cte,
					     bool *known)
{
	const struct catalog_table *table;
	const struct lens_table *found;

	*cte = NULL;
	*known = true;
	if (!SQL_SET(var->schemaname)) {
		for (const struct cte *it = scope ? scope->ctes : NULL; it;
		     it = it->next)
			if (!strcmp(it->name, var->relname)) {
				*cte = it;
				return NULL;
			}
		if (rewrite_is_temporary(rw, var->relname)) {
			*known = false;
			return NULL;
		}
		table = catalog_resolve(rw->lens->old_catalog,
					rw->session->search_path, var->relname);
	} else {
		table = catalog_table(rw->lens->old_catalog, var->schemaname,
				      var->relname);
	}
	found = table ? lens_table_of(rw->lens, table) : NULL;
	*known = found != NULL;
	return found;
}

static struct source *system_column(struct rewrite *rw, struct item *item,
				    const char *name)
{
	struct source *source = arena_alloc(rw->arena, sizeof(*source));
	const struct lens_table *table = item->relation->table;

	if (rw->qualify && (item->relation->named || lens_has_parts(table)))
		rewrite_fail(rw, -1,
			     "system column \"%s\" of \"%s\", whose rows are "
			     "in several tables",
			     name, table->old->name);
	source->kind = SOURCE_PLAIN;
	source->relation = item->relation;
	source->name = name;
	source->facts.volatile_value = true;
	return source;
}

static struct source *plain_source(struct rewrite *rw, struct item *item,
				   const char *name)
{
	struct source *source = arena_alloc(rw->arena, sizeof(*source));

	source->kind = SOURCE_PLAIN;
	source->relation = item->relation;
	source->name = name;
	return source;
}

struct search {
	struct source *found;
	struct item *row;    /* an item of that name */
	struct item *system; /* a table that has it as a system column */
	size_t matches, opens;
	bool is_system; /* every table has a column of that name */
	const struct scope *at;
};

static bool is_system_column(const struct rewrite *rw, const char *name)
{
	return lens_old_dialect(rw->lens)->names->is_system_column(name);
}

static void search_scope(const struct scope *scope, const char *name,
			 struct search *search)
{
	for (size_t i = 0; i < scope->items.count; i++) {
		struct item *item = scope->items.items[i];

		if (item->hidden)
			continue;
		if (!search->row && same_name(item->name, name))
			search->row = item;
		if (!item->columns_visible)
			continue;
		search->opens += item->open;
		if (item->relation && item->relation->table &&
		    search->is_system && !search->system)
			search->system = item;
		for (size_t c = 0; c < item->count; c++)
			if (same_name(item->columns[c].name, name)) {
				search->matches++;
				search->found = item->columns[c].source;
			}
	}
}

/* Whether one of the relation's new tables has a column of that name. */
static bool has_new_column(const struct relation *relation, const char *name)
{
	const struct lens_table *table = relation->table;

	if (!table || !table->table || relation->named)
		return false;
	for (size_t i = 0; i < table->place_count; i++)
		if (catalog_column(table->places[i].table, name))
			return true;
	return false;
}

/* Whether the bare name would now mean a column that only the new schema
 * has. */
static bool is_captured(const struct scope *scope, const char *name)
{
	for (; scope; scope = scope->outer)
		for (size_t i = 0; i < scope->items.count; i++) {
			struct relation *relation =
			    scope->items.items[i]->relation;

			if (relation && has_new_column(relation, name))
				return true;
		}
	return false;
}

static struct resolved resolve_bare(struct rewrite *rw,
				    const struct scope *scope, const char *name,
				    int location)
{
	struct resolved resolved = {.as = RESOLVED_UNKNOWN};
	const struct scope *start = scope;
	struct search search = {.is_system = is_system_column(rw, name)};
	size_t opens = 0;

	for (; scope && !search.matches; scope = scope->outer) {
		opens = search.opens;
		search_scope(scope, name, &search);
	}
	if (search.matches > 1 && rw->qualify)
		rewrite_fail(rw, location, "column \"%s\" is ambiguous", name);
	if (search.matches && opens && rw->qualify)
		rewrite_fail(rw, location,
			     "column \"%s\" may belong to a relation whose "
			     "columns are not known",
			     name);
	if (search.matches == 1) {
		resolved.as = RESOLVED_COLUMN;
		resolved.source = search.found;
		return resolved;
	}
	if (search.matches)
		return resolved;
	if (search.row && !search.row->open && search.row->relation) {
		resolved.as = RESOLVED_ROW;
		resolved.item = search.row;
		return resolved;
	}
	if (search.system) {
		resolved.as = RESOLVED_COLUMN;
		resolved.source = system_column(rw, search.system, name);
		return resolved;
	}
	if (rw->qualify && (!search.opens || is_captured(start, name)))
		rewrite_fail(rw, location, "column \"%s\" is unknown", name);
	return resolved;
}

static struct item *find_item(struct rewrite *rw, const struct scope *scope,
			      const char *schema, const char *name)
{
	struct item *found = NULL;

	for (; scope && !found; scope = scope->outer)
		for (size_t i = 0; i < scope->items.count; i++) {
			struct item *item = scope->items.items[i];

			if (item->hidden || !same_name(item->name, name) ||
			    (schema && !same_name(item->schema, schema)))
				continue;
			if (found && found != item && rw->qualify)
				rewrite_fail(rw, -1,
					     "table reference \"%s\" is "
					     "ambiguous",
					     name);
			found = found ? found : item;
		}
	return found;
}

static struct resolved resolve_qualified(struct rewrite *rw,
					 const struct scope *scope,
					 const char *schema, const char *table,
					 const char *name, int location)
{
	struct resolved resolved = {.as = RESOLVED_UNKNOWN};
	struct item *item = find_item(rw, scope, schema, table);

	if (!item) {
		if (rw->qualify)
			rewrite_fail(rw, location,
				     "\"%s\" is not a table in scope", table);
		return resolved;
	}
	for (size_t c = 0; c < item->count; c++) {
		if (!same_name(item->columns[c].name, name))
			continue;
		if (resolved.source && rw->qualify)
			rewrite_fail(rw, location,
				     "column \"%s.%s\" is ambiguous", table,
				     name);
		resolved.as = RESOLVED_COLUMN;
		resolved.source = item->columns[c].source;
	}
	if (resolved.source)
		return resolved;
	if (item->relation && (item->open || (item->relation->table &&
					      is_system_column(rw, name)))) {
		resolved.as = RESOLVED_COLUMN;
		resolved.source = item->open ? plain_source(rw, item, name)
					     : system_column(rw, item, name);
		return resolved;
	}
	if (item->relation && item->relation->table &&
	    lens_keeps_row(item->relation->table) &&
	    lens_has_function(rw->lens, name)) { /* t.f may mean f(t) */
		resolved.as = RESOLVED_COLUMN;
		resolved.source = plain_source(rw, item, name);
		return resolved;
	}
	if (rw->qualify)
		rewrite_fail(rw, location, "\"%s\" has no column \"%s\"", table,
			     name);
	return resolved;
}

struct resolved rewrite_scope_resolve(struct rewrite *rw,
				      const struct scope *scope,
				      const PgQuery__ColumnRef *ref)
{
	struct resolved resolved = {.as = RESOLVED_UNKNOWN};
	const char *parts[4] = {0};
	size_t count = ref->n_fields;
	bool star;

	if (!count || count > 4)
		return resolved;
	star = SQL_IS(ref->fields[count - 1], A_STAR);
	for (size_t i = 0; i < count - star; i++)
		parts[i] = sql_string_value(ref->fields[i]);
	if (count == 4) { /* catalog.schema.table.column */
		memmove(parts, parts + 1, 3 * sizeof(*parts));
		count = 3;
	}
	if (star) {
		resolved.as = RESOLVED_STAR;
		if (count > 1)
			resolved.item =
			    find_item(rw, scope, count == 3 ? parts[0] : NULL,
				      parts[count - 2]);
		if (count > 1 && !resolved.item) {
			if (rw->qualify)
				rewrite_fail(rw, ref->location,
					     "\"%s\" is not a table in scope",
					     parts[count - 2]);
			resolved.as = RESOLVED_UNKNOWN;
		}
		return resolved;
	}
	if (count == 1)
		return resolve_bare(rw, scope, parts[0], ref->location);
	return resolve_qualified(rw, scope, count == 3 ? parts[0] : NULL,
				 parts[count - 2], parts[count - 1],
				 ref->location);
}

struct source *rewrite_scope_peek(struct rewrite *rw, const struct scope *scope,
				  const PgQuery__Node *node)
{
	PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	struct resolved resolved;
	bool qualify = rw->qualify;

	if (!ref)
		return NULL;
	rw->qualify = false; /* a peek must not fail */
	resolved = rewrite_scope_resolve(rw, scope, ref);
	rw->qualify = qualify;
	return resolved.as == RESOLVED_COLUMN ? resolved.source : NULL;
}

struct source *rewrite_scope_peek_own(struct rewrite *rw,
				      const struct scope *scope,
				      const PgQuery__Node *node)
{
	struct scope own = *scope;

	own.outer = NULL;
	return rewrite_scope_peek(rw, &own, node);
}

bool rewrite_source_same(const struct source *a, const struct source *b)
{
	if (!a || !b || a->kind == SOURCE_MERGED || b->kind == SOURCE_MERGED)
		return a && a == b;
	if (a->relation != b->relation || a->kind != b->kind)
		return false;
	return a->column && b->column ? a->column == b->column
				      : same_name(a->name, b->name);
}

bool rewrite_source_changed(const struct source *source)
{
	if (source->kind == SOURCE_MERGED)
		return rewrite_source_changed(source->left) ||
		       rewrite_source_changed(source->right);
	return source->kind == SOURCE_BASE && source->column->changed;
}

static PgQuery__Node *merged_node(struct rewrite *rw,
				  const struct source *source)
{
	PgQuery__Node *both[2];

	if (source->join == PG_QUERY__JOIN_TYPE__JOIN_FULL) {
		both[0] = rewrite_source(rw, source->left);
		both[1] = rewrite_source(rw, source->right);
		return sql_coalesce(rw->arena, both, 2);
	}
	return rewrite_source(
	    rw, source->join == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ? source->right
								: source->left);
}

static enum sql_step find_lenient(struct sql_place *place, void *context,
				  struct error *error)
{
	bool *lenient = context;

	(void)error;
	*lenient |= SQL_AT(place, case_expr) || SQL_AT(place, coalesce_expr) ||
		    SQL_AT(place, null_test) || SQL_AT(place, boolean_test) ||
		    SQL_AT(place, min_max_expr) || SQL_AT(place, sub_link) ||
		    SQL_AT(place, func_call) || SQL_AT(place, bool_expr) ||
		    SQL_AT(place, row_expr) || SQL_AT(place, a__array_expr);
	return SQL_STEP_INTO;
}

static enum sql_step find_row(struct sql_place *place, void *context,
			      struct error *error)
{
	bool *found = context;

	(void)error;
	*found |= SQL_AT(place, column_ref);
	return SQL_STEP_INTO;
}

/* Whether the expression may be other than NULL for a row of NULLs. */
static bool is_lenient(const struct lens_column *column)
{
	PgQuery__Node *read = column->read;
	bool lenient = false;
	bool row = false;
	struct sql_visitor leniency = {find_lenient, NULL, &lenient};
	struct sql_visitor rows = {find_row, NULL, &row};
	struct error error;

	for (size_t i = 0; !read && i < column->value_count; i++)
		lenient |= !column->values[i].new_value.text;
	if (!read)
		return lenient;
	if (column->dropped && SQL_IS(read, TYPE_CAST) &&
	    SQL_IS(read->type_cast->arg, A_CONST) &&
	    read->type_cast->arg->a_const->isnull)
		return false;
	sql_walk(&read, &leniency, &error);
	sql_walk(&read, &rows, &error);
	return lenient || !row;
}

/* The value, or NULL where an outer join found no row. */
static PgQuery__Node *where_found(struct rewrite *rw,
				  const struct source *source,
				  PgQuery__Node *value)
{
	PgQuery__Node *when;

	if (!source->relation->nullable || !is_lenient(source->column))
		return value;
	when = sql_distinct(rw->arena,
			    sql_star(rw->arena, source->relation->alias),
			    sql_const_null(rw->arena), false);
	return sql_case(rw->arena, NULL, &when, &value, 1, NULL);
}

PgQuery__Node *rewrite_source(struct rewrite *rw, const struct source *source)
{
	PgQuery__Node *merged;
	PgQuery__Node *stored;

	if (source->kind != SOURCE_MERGED && source->column &&
	    source->relation->grouped)
		source->relation->grouped[source->column->index] = true;
	switch (source->kind) {
	case SOURCE_PLAIN:
		if (source->column && source->relation->named)
			source->relation->named[source->column->index] = true;
		return sql_column(rw->arena, source->relation->alias,
				  source->name);
	case SOURCE_MERGED:
		merged = merged_node(rw, source);
		return source->cast ? sql_cast(rw->arena, merged,
					       lens_new_dialect(rw->lens)
						   ->names->builtin_type(
						       rw->arena, source->cast))
				    : merged;
	case SOURCE_BASE:
		break;
	}
	if (source->column->parted && !source->relation->aliases)
		rewrite_fail(rw, -1,
			     "column \"%s\" is in another table than the one "
			     "that is written",
			     source->column->old->name);
	if (source->column->read)
		return where_found(rw, source,
				   rewrite_expand_read(rw, source->column->read,
						       source->relation));
	if (source->column->lost)
		return sql_column(rw->arena, source->relation->alias,
				  source->name);
	if (source->column->misfit)
		rewrite_misfit(rw, -1, "column", source->column->old->name,
			       source->column->misfit);
	if (!source->column->stored)
		rewrite_fail(rw, -1,
			     "column \"%s\" has no place in the new "
			     "schema",
			     source->column->old->name);
	stored = sql_column(
	    rw->arena,
	    rewrite_relation_alias(source->relation, source->column->place),
	    source->column->stored->name);
	return source->column->values
		   ? where_found(
			 rw, source,
			 rewrite_recode_read(rw, source->column, stored))
		   : stored;
}
