/*
 * ON CONFLICT of an INSERT. EXCLUDED is read as the old row.
 *
 *	ON CONFLICT (email) DO UPDATE SET email = EXCLUDED.email
 *	ON CONFLICT (mail) DO UPDATE SET mail = excluded.mail
 */
#include "lens/write/conflict.h"

#include "lens/rewrite/expression.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/assign.h"

static bool infers(const PgQuery__InferClause *infer, const char *name)
{
	for (size_t n = 0; n < infer->n_index_elems; n++) {
		const PgQuery__IndexElem *element =
		    SQL_AS(infer->index_elems[n], INDEX_ELEM, index_elem);

		if (element && same_name(element->name, name))
			return true;
	}
	return false;
}

static bool is_extra(const struct lens_table *table,
		     const struct catalog_column *column)
{
	for (size_t e = 0; e < table->extra_count; e++)
		if (table->extras[e].target == column)
			return true;
	return false;
}

static void infer_column(struct rewrite *rw, PgQuery__InferClause *infer,
			 const char *name)
{
	PgQuery__IndexElem *element =
	    sql_new(rw->arena, &pg_query__index_elem__descriptor);

	element->name = arena_string(rw->arena, name);
	element->ordering = PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
	element->nulls_ordering = PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
	SQL_APPEND(rw->arena, infer, index_elems, sql_wrap(rw->arena, element));
}

/* If the new table holds rows of other tables, too, the key includes the
 * columns that distinguish them. */
static void widen_index(struct rewrite *rw, const struct lens_table *table,
			PgQuery__InferClause *infer)
{
	const struct catalog_table *new = table->table;

	for (size_t k = 0; k < new->key_count; k++) {
		const struct catalog_key *key = &new->keys[k];
		size_t named = 0;
		bool whole = key->kind != KEY_FOREIGN && !key->partial;

		for (size_t c = 0; c < key->column_count; c++) {
			const struct catalog_column *column =
			    catalog_column_number(new, key->columns[c]);

			if (infers(infer, column->name))
				named++;
			else
				whole = whole && is_extra(table, column);
		}
		if (!whole || named != infer->n_index_elems)
			continue;
		for (size_t c = 0; c < key->column_count; c++) {
			const char *name =
			    catalog_column_number(new, key->columns[c])->name;

			if (!infers(infer, name))
				infer_column(rw, infer, name);
		}
		return;
	}
}

static bool in_unique_key(const struct catalog_table *table,
			  const struct catalog_column *column)
{
	for (size_t k = 0; k < table->key_count; k++) {
		const struct catalog_key *key = &table->keys[k];

		for (size_t c = 0; c < key->column_count; c++)
			if (key->kind != KEY_FOREIGN &&
			    key->columns[c] == column->number)
				return true;
	}
	return false;
}

static bool feeds_alone(const struct lens_table *table,
			const struct lens_write *write, size_t column)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (write->inputs[i] != (i == column))
			return false;
	return true;
}

/* The new column that the old one alone feeds, and which is therefore as
 * unique. If there are several, one that a unique key contains. NULL: there is
 * none. */
static const struct catalog_column *fed_by(const struct lens_table *table,
					   size_t column)
{
	const struct catalog_column *found = NULL;

	for (size_t w = 0; w < table->write_count; w++) {
		const struct lens_write *write = &table->writes[w];

		if (feeds_alone(table, write, column) &&
		    (!found || (!in_unique_key(table->table, found) &&
				in_unique_key(table->table, write->target))))
			found = write->target;
	}
	return found;
}

static void infer_index(struct rewrite *rw, struct scope *scope,
			const struct item *target, PgQuery__InferClause *infer)
{
	const struct lens_table *table = target->relation->table;
	struct facts facts = {0};

	for (size_t n = 0; n < infer->n_index_elems; n++) {
		PgQuery__IndexElem *element =
		    SQL_AS(infer->index_elems[n], INDEX_ELEM, index_elem);

		if (element->expr)
			rewrite_expression(rw, scope, &element->expr, &facts);
		for (size_t i = 0; SQL_SET(element->name) && table &&
				   table->mapped && i < table->column_count;
		     i++) {
			const struct lens_column *column = &table->columns[i];

			if (!same_name(column->old->name, element->name))
				continue;
			const struct catalog_column *fed =
			    column->read || !column->stored ? fed_by(table, i)
							    : column->stored;

			if (!fed) {
				element->name = (char *)(uintptr_t) "";
				element->expr = rewrite_source(
				    rw, target->columns[i].source);
			} else {
				element->name =
				    arena_string(rw->arena, fed->name);
			}
			break;
		}
	}
	rewrite_expression(rw, scope, &infer->where_clause, &facts);
	if (table && table->mapped && table->extra_count)
		widen_index(rw, table, infer);
}

/* The new constraint may have another name, so its columns are given
 * instead. */
static void infer_constraint(struct rewrite *rw, const struct lens_table *table,
			     PgQuery__InferClause *infer)
{
	const struct catalog_table *new = table ? table->table : NULL;

	if (!SQL_SET(infer->conname) || !table || !table->mapped)
		return;
	for (size_t k = 0; k < new->key_count; k++)
		if (same_name(new->keys[k].name, infer->conname))
			return;
	for (size_t k = 0; k < table->old->key_count; k++) {
		const struct catalog_key *key = &table->old->keys[k];

		if (!same_name(key->name, infer->conname))
			continue;
		infer->conname = (char *)(uintptr_t) "";
		for (size_t c = 0; c < key->column_count; c++)
			infer_column(
			    rw, infer,
			    catalog_column_number(table->old, key->columns[c])
				->name);
		return;
	}
	rewrite_fail(rw, infer->location, "constraint \"%s\" is not known",
		     infer->conname);
}

void write_conflict(struct rewrite *rw, struct scope *outer,
		    struct item *target, PgQuery__OnConflictClause *clause)
{
	const struct lens_table *table = target->relation->table;
	struct scope *scope;
	struct item *excluded;

	if (clause->infer) {
		infer_constraint(rw, table, clause->infer);
		infer_index(rw, outer, target, clause->infer);
	}
	if (clause->action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE)
		return;
	scope = rewrite_scope_new(rw, outer, false);
	if (table) {
		excluded = rewrite_item_of_table(rw, scope, table, NULL,
						 "excluded", NULL, 0);
	} else {
		struct outputs unknown = {.open = true};

		excluded = rewrite_item_of_outputs(rw, scope, "excluded",
						   &unknown, NULL, 0);
	}
	excluded->relation->alias = "excluded";
	/* Both rows are in scope, so a bare name is ambiguous. */
	rewrite_items_add(rw, &scope->items, target);
	rewrite_items_add(rw, &scope->items, excluded);
	write_assignments(rw, scope, target, &clause->n_target_list,
			  &clause->target_list, false);
	rewrite_predicate(rw, scope, &clause->where_clause, true);
}
