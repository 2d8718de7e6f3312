/*
 * TRUNCATE, if some of the tables share their new tables with others. Their
 * rows are deleted, by a step for each old table; tables that refer to others
 * go first. One step before them truncates the tables that share nothing.
 *
 *	TRUNCATE users, cats
 *
 *	TRUNCATE TABLE accounts
 *	DELETE FROM pets AS cats WHERE cats.kind = 'cat'
 */
#include "lens/write/truncate.h"

#include <string.h>

#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/refuse.h"

struct truncated {
	const struct lens_table *table;
	const PgQuery__RangeVar *said; /* its place in the list; NULL: added by
					  CASCADE */
	bool deleted;		       /* its rows are deleted */
	bool done;
};

struct truncation {
	struct rewrite *rw;
	const PgQuery__TruncateStmt *statement;
	struct truncated *items;
	size_t count;
};

static struct truncated *find_item(const struct truncation *truncation,
				   const struct lens_table *table)
{
	for (size_t i = 0; i < truncation->count; i++)
		if (truncation->items[i].table == table)
			return &truncation->items[i];
	return NULL;
}

static void add_item(struct truncation *truncation,
		     const struct lens_table *table,
		     const PgQuery__RangeVar *said)
{
	if (find_item(truncation, table) || (!said && table->dropped))
		return;
	if (table->dropped)
		rewrite_refuse_dropped(truncation->rw, table, said->location);
	truncation->items[truncation->count++] =
	    (struct truncated){.table = table, .said = said};
}

/* Whether a foreign key of the old table refers to the other. */
static bool refers(const struct lens_table *table,
		   const struct lens_table *other)
{
	for (size_t k = 0; k < table->old->key_count; k++)
		if (table->old->keys[k].kind == KEY_FOREIGN &&
		    table->old->keys[k].target == other->old)
			return true;
	return false;
}

/* CASCADE also truncates what refers to a table. Without it the list must
 * contain that, or the primary refuses. */
static void follow_keys(struct truncation *truncation)
{
	const struct lens *lens = truncation->rw->lens;
	bool cascades = truncation->statement->behavior ==
			PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;

	for (size_t i = 0; i < truncation->count; i++)
		for (size_t t = 0; t < lens->table_count; t++)
			if (cascades && refers(&lens->tables[t],
					       truncation->items[i].table))
				add_item(truncation, &lens->tables[t], NULL);
}

static bool has_place(const struct lens_table *table,
		      const struct catalog_table *new)
{
	for (size_t p = 0; p < table->place_count; p++)
		if (table->places[p].table == new)
			return true;
	return false;
}

/* Whether all rows of the new table are deleted. */
static bool is_emptied(const struct truncation *truncation,
		       const struct catalog_table *new)
{
	for (size_t i = 0; i < truncation->count; i++)
		if (!truncation->items[i].deleted &&
		    has_place(truncation->items[i].table, new))
			return true;
	return false;
}

static bool shares(const struct lens_table *table)
{
	for (size_t p = 0; p < table->place_count; p++)
		if (table->places[p].where)
			return true;
	return table->absorbed;
}

/* Whether the shadow would refuse to truncate it, because a remaining table
 * refers to it. */
static bool is_held(const struct truncation *truncation,
		    const struct lens_table *table)
{
	const struct catalog *new = truncation->rw->lens->new_catalog;

	for (size_t t = 0; t < new->table_count; t++)
		for (size_t k = 0; k < new->tables[t].key_count; k++) {
			const struct catalog_key *key = &new->tables[t].keys[k];

			if (key->kind == KEY_FOREIGN &&
			    has_place(table, key->target) &&
			    !is_emptied(truncation, &new->tables[t]))
				return true;
		}
	return false;
}

/* False: no table shares its new one with others. */
static bool find_deleted(struct truncation *truncation)
{
	bool any = false;
	bool grown = true;

	for (size_t i = 0; i < truncation->count; i++)
		truncation->items[i].deleted =
		    shares(truncation->items[i].table);
	/* Rows of an absorbed table are deleted with their host's rows. */
	for (size_t i = 0; i < truncation->count; i++) {
		struct truncated *item = &truncation->items[i];

		item->done =
		    item->deleted &&
		    is_emptied(truncation, item->table->places[0].table);
		any |= item->deleted;
	}
	while (any && grown) {
		grown = false;
		for (size_t i = 0; i < truncation->count; i++) {
			struct truncated *item = &truncation->items[i];

			if (item->deleted || !is_held(truncation, item->table))
				continue;
			item->deleted = grown = true;
		}
	}
	return any;
}

static const struct lens_table *table_named(struct rewrite *rw,
					    const PgQuery__Node *relation)
{
	const PgQuery__RangeVar *var = SQL_AS(relation, RANGE_VAR, range_var);
	const struct cte *cte;
	bool known;

	return var ? rewrite_scope_table(rw, NULL, var, &cte, &known) : NULL;
}

/* What refers to a table that the old schema lacks is unknown. */
static void check_others(const struct truncation *truncation)
{
	const PgQuery__TruncateStmt *statement = truncation->statement;

	if (statement->behavior != PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
		return;
	for (size_t i = 0; i < statement->n_relations; i++)
		if (!table_named(truncation->rw, statement->relations[i]))
			rewrite_fail(truncation->rw, -1,
				     "TRUNCATE ... CASCADE of a temporary "
				     "table and one whose new table has rows "
				     "of others");
}

/* Options of the statement cannot be kept for rows that are deleted. */
static void check(const struct truncation *truncation)
{
	struct rewrite *rw = truncation->rw;
	const struct lens *lens = rw->lens;

	check_others(truncation);

	for (size_t i = 0; i < truncation->count; i++) {
		const struct truncated *item = &truncation->items[i];
		const struct lens_table *table = item->table;

		for (size_t t = 0; item->deleted && t < lens->table_count; t++)
			if (refers(&lens->tables[t], table) &&
			    !find_item(truncation, &lens->tables[t]) &&
			    !lens->tables[t].dropped)
				rewrite_fail(rw, -1,
					     "TRUNCATE of \"%s\", to which "
					     "\"%s\" refers",
					     table->old->name,
					     lens->tables[t].old->name);
		for (size_t c = 0; truncation->statement->restart_seqs &&
				   item->deleted && c < table->column_count;
		     c++)
			if (table->columns[c].old->sequence)
				rewrite_fail(rw, -1,
					     "RESTART IDENTITY of \"%s\", "
					     "whose new table has rows of "
					     "others",
					     table->old->name);
	}
}

static PgQuery__RangeVar *range_of(struct rewrite *rw,
				   const struct truncated *item)
{
	PgQuery__RangeVar *var =
	    sql_new(rw->arena, &pg_query__range_var__descriptor);

	var->schemaname =
	    item->said ? item->said->schemaname
		       : arena_string(rw->arena, item->table->old->schema);
	var->relname = arena_string(rw->arena, item->table->old->name);
	var->inh = item->said ? item->said->inh : true;
	var->relpersistence = arena_string(rw->arena, "p");
	var->location = -1;
	return var;
}

/* The next table to which no other's remaining rows refer. */
static struct truncated *next_deleted(const struct truncation *truncation)
{
	bool left = false;

	for (size_t i = 0; i < truncation->count; i++) {
		struct truncated *item = &truncation->items[i];
		bool referred = false;

		if (!item->deleted || item->done)
			continue;
		left = true;
		for (size_t n = 0; n < truncation->count; n++) {
			const struct truncated *other = &truncation->items[n];

			referred |= n != i && other->deleted && !other->done &&
				    refers(other->table, item->table);
		}
		if (!referred)
			return item;
	}
	if (left)
		rewrite_fail(truncation->rw, -1,
			     "TRUNCATE of tables that refer to each other, and "
			     "share their new ones with others");
	return NULL;
}

static PgQuery__Node *delete_all(struct rewrite *rw,
				 const struct truncated *item)
{
	PgQuery__DeleteStmt *del =
	    sql_new(rw->arena, &pg_query__delete_stmt__descriptor);
	PgQuery__Node *node = sql_wrap(rw->arena, del);
	const struct catalog_table **written = rw->touched.written;
	size_t count = rw->touched.written_count,
	       capacity = rw->touched.written_capacity;
	struct outputs none = {0};

	/* Each step is a statement of its own, so it may write the same new
	 * rows. */
	rw->touched.written = NULL;
	rw->touched.written_count = rw->touched.written_capacity = 0;
	del->relation = range_of(rw, item);
	rewrite_query(rw, NULL, node, &none, true);
	rw->touched.written = written;
	rw->touched.written_count = count;
	rw->touched.written_capacity = capacity;
	return node;
}

/* NULL: none can be truncated. */
static PgQuery__Node *truncate_rest(const struct truncation *truncation)
{
	struct rewrite *rw = truncation->rw;
	PgQuery__TruncateStmt *made =
	    sql_new(rw->arena, &pg_query__truncate_stmt__descriptor);

	made->restart_seqs = truncation->statement->restart_seqs;
	made->behavior = PG_QUERY__DROP_BEHAVIOR__DROP_RESTRICT;
	for (size_t i = 0; i < truncation->count; i++) {
		const struct truncated *item = &truncation->items[i];

		for (size_t p = 0;
		     !item->deleted && p < item->table->place_count; p++) {
			PgQuery__Node *range = rewrite_range(
			    rw, NULL, item->table->places[p].table, NULL);

			range->range_var->inh =
			    item->said ? item->said->inh : true;
			SQL_APPEND(rw->arena, made, relations, range);
		}
	}
	for (size_t i = 0; i < truncation->statement->n_relations; i++) {
		PgQuery__Node *other = truncation->statement->relations[i];

		if (!table_named(rw, other)) /* a temporary table */
			SQL_APPEND(rw->arena, made, relations, other);
	}
	return made->n_relations ? sql_wrap(rw->arena, made) : NULL;
}

static void note_written(struct rewrite *rw, const struct lens_table *table)
{
	for (size_t i = 0; i < rw->touched.written_count; i++)
		if (rw->touched.written[i] == table->old)
			return;
	rw->touched.written = arena_push(
	    rw->arena, (void *)rw->touched.written, &rw->touched.written_count,
	    &rw->touched.written_capacity, sizeof(*rw->touched.written));
	rw->touched.written[rw->touched.written_count - 1] = table->old;
}

static void read_list(struct truncation *truncation)
{
	struct rewrite *rw = truncation->rw;
	const PgQuery__TruncateStmt *statement = truncation->statement;

	truncation->items = arena_array(rw->arena, rw->lens->table_count + 1,
					sizeof(*truncation->items));
	for (size_t i = 0; i < statement->n_relations; i++) {
		const struct lens_table *table =
		    table_named(rw, statement->relations[i]);

		if (table)
			add_item(truncation, table,
				 statement->relations[i]->range_var);
	}
}

bool write_truncate(struct rewrite *rw, PgQuery__Node *node)
{
	struct truncation truncation = {.rw = rw,
					.statement = node->truncate_stmt};
	PgQuery__Node *step;
	struct truncated *item;

	read_list(&truncation);
	follow_keys(&truncation);
	if (!find_deleted(&truncation))
		return false;
	check(&truncation);
	for (size_t i = 0; i < truncation.count; i++)
		note_written(rw, truncation.items[i].table);
	step = truncate_rest(&truncation);
	while ((item = next_deleted(&truncation))) {
		if (step)
			ARENA_PUSH(rw->arena, rw, step)->node = step;
		step = delete_all(rw, item);
		item->done = true;
	}
	*node = *step;
	rw->changed = rw->mapped = true;
	return true;
}
