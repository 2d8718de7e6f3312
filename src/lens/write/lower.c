/*
 * A write to several places as steps. The rewrite leaves its plan as one
 * statement, a chain of named parts and what answers:
 *
 *	WITH parallax_row_1 AS (SELECT ... the old rows, as they become ...),
 *	     parallax_write_2 AS (UPDATE accounts AS target SET name = ...
 *		FROM parallax_row_1 WHERE target.id = parallax_row_1....),
 *	     parallax_write_3 AS (UPDATE profiles AS target ...)
 *	SELECT ... FROM parallax_row_1
 *
 * An engine whose statements cannot write within WITH gets the parts one by
 * one. The mirror keeps the rows of one and puts them into those behind it:
 *
 *	0  SELECT ... FROM accounts ... FOR NO KEY UPDATE
 *	1  SELECT ... the old rows, as they become ...	-> rows
 *	2  UPDATE accounts AS target SET name = ... FROM (rows of 1) AS
 *		parallax_row_1 WHERE ...
 *	3  UPDATE profiles AS target ... FROM (rows of 1) AS parallax_row_1 ...
 *	4  SELECT ... FROM (rows of 1) AS parallax_row_1
 *
 * All parts of one statement see the database as it was before. So what reads
 * goes before what writes, and what would read behind a write of the same table
 * is refused. Writes go in the order that foreign keys ask for.
 */
#include "lens/write/lower.h"

#include <string.h>

#include "lens/rewrite/generated.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/image.h"
#include "lens/write/stored.h"

enum { PARTS_MAX = 256 };

struct part {
	PgQuery__CommonTableExpr *cte; /* NULL: what answers */
	PgQuery__Node *query;
	const char *name;
	bool *needs; /* by part: names its rows */
	bool writes;
	bool locks;	/* rows, for those behind it: nobody reads its answer */
	bool recursive; /* names itself */
	bool late;	/* hangs on what a part has written */
	bool inlined;	/* stays in the WITH of the one that needs it */
	bool needed;
	bool done;
	size_t step;
	struct lower_write write;
	const PgQuery__RangeVar **reads; /* tables, but for its target */
	size_t read_count, read_capacity;
};

struct lowering {
	struct rewrite *rw;
	bool recursive;
	struct part *parts; /* in their order; the last one answers */
	size_t count;
	struct part *current;
	size_t current_index;
};

bool write_lower_wants_steps(const struct rewrite *rw)
{
	return !lens_new_dialect(rw->lens)->writes_in_with;
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
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		return &query->merge_stmt->with_clause;
	default:
		return NULL;
	}
}

static bool is_write(const PgQuery__Node *query)
{
	return !SQL_IS(query, SELECT_STMT);
}

static bool is_ours(const struct part *part, const char *stem)
{
	size_t size = strlen(stem);

	return part->cte && !strncmp(part->name, "parallax_", 9) &&
	       !strncmp(part->name + 9, stem, size) &&
	       part->name[9 + size] == '_';
}

static void walk(struct lowering *lowering, PgQuery__Node **node,
		 const struct sql_visitor *visitor)
{
	struct error error;

	error_init(&error);
	if (sql_walk(node, visitor, &error) < 0)
		rewrite_fail(lowering->rw, -1, "%s", error.message);
}

/* ---- what each part names ---- */

static bool is_target(const struct sql_place *place)
{
	return place->parent && same_name(place->field, "relation") &&
	       (SQL_AT(place->parent, insert_stmt) ||
		SQL_AT(place->parent, update_stmt) ||
		SQL_AT(place->parent, delete_stmt) ||
		SQL_AT(place->parent, merge_stmt));
}

/* The part that the name stands for; NULL: a table. */
static struct part *part_named(struct lowering *lowering,
			       const PgQuery__RangeVar *var, size_t reader)
{
	size_t end = lowering->recursive ? lowering->count - 1 : reader;

	if (SQL_SET(var->schemaname))
		return NULL;
	for (size_t i = end; i-- > 0;)
		if (same_name(lowering->parts[i].name, var->relname))
			return &lowering->parts[i];
	return NULL;
}

static enum sql_step find_names(struct sql_place *place, void *context,
				struct error *error)
{
	struct lowering *lowering = context;
	struct part *part = lowering->current, *named;
	const PgQuery__RangeVar *var;

	(void)error;
	if (SQL_AT(place, common_table_expr)) {
		const PgQuery__CommonTableExpr *cte =
		    (const PgQuery__CommonTableExpr *)place->message;

		for (size_t i = 0; i + 1 < lowering->count; i++)
			if (same_name(lowering->parts[i].name, cte->ctename))
				rewrite_fail(lowering->rw, cte->location,
					     "two WITH queries are called "
					     "\"%s\", of a statement that is "
					     "run in steps",
					     cte->ctename);
	}
	if (SQL_AT(place, locking_clause))
		return SQL_STEP_OVER;
	if (!SQL_AT(place, range_var) || is_target(place))
		return SQL_STEP_INTO;
	var = (const PgQuery__RangeVar *)place->message;
	named = part_named(lowering, var, lowering->current_index);
	if (named == part)
		part->recursive = true;
	else if (named)
		part->needs[named - lowering->parts] = true;
	else
		*ARENA_PUSH(lowering->rw->arena, part, read) = var;
	return SQL_STEP_OVER;
}

static void read_part(struct lowering *lowering, size_t index)
{
	struct part *part = &lowering->parts[index];
	struct sql_visitor visitor = {find_names, NULL, lowering};
	struct rewrite *rw = lowering->rw;

	part->needs = arena_array(rw->arena, lowering->count, sizeof(bool));
	part->writes = is_write(part->query);
	part->locks = is_ours(part, "lock");
	if (part->writes)
		part->write = write_lower_write(rw, part->query);
	lowering->current = part;
	lowering->current_index = index;
	walk(lowering, &part->query, &visitor);
}

static void read_parts(struct lowering *lowering, PgQuery__Node *statement,
		       PgQuery__WithClause **with)
{
	struct rewrite *rw = lowering->rw;
	size_t count = (*with)->n_ctes;

	lowering->recursive = (*with)->recursive;
	lowering->count = count + 1;
	lowering->parts =
	    arena_array(rw->arena, count + 1, sizeof(*lowering->parts));
	for (size_t i = 0; i < count; i++) {
		struct part *part = &lowering->parts[i];

		part->cte = (*with)->ctes[i]->common_table_expr;
		part->name = part->cte->ctename;
		part->query = part->cte->ctequery;
	}
	*with = NULL;
	lowering->parts[count].query = statement;
	for (size_t i = 0; i <= count; i++)
		read_part(lowering, i);
}

/* ---- which parts are steps ---- */

static void mark_needed(struct lowering *lowering, size_t index)
{
	struct part *part = &lowering->parts[index];

	if (part->needed)
		return;
	part->needed = true;
	for (size_t i = 0; i < lowering->count; i++)
		if (part->needs[i])
			mark_needed(lowering, i);
}

/* A lookup's own values are read where they were added, and where they stood
 * before: the same ones. */
static bool adds_values(const struct part *part)
{
	return is_ours(part, "added");
}

static bool hangs_on_writes(struct lowering *lowering, size_t index,
			    size_t depth)
{
	struct part *part = &lowering->parts[index];

	for (size_t i = 0; !part->late && i < lowering->count; i++)
		if (part->needs[i] && depth < lowering->count)
			part->late = lowering->parts[i].writes ||
				     hangs_on_writes(lowering, i, depth + 1);
	return part->late;
}

/* Of one reader, which sees what it would have seen itself. */
static void inline_part(struct lowering *lowering, size_t index)
{
	struct part *part = &lowering->parts[index];
	const struct part *reader = NULL;
	size_t readers = 0;

	for (size_t i = 0; i < lowering->count; i++)
		if (lowering->parts[i].needed &&
		    lowering->parts[i].needs[index]) {
			reader = &lowering->parts[i];
			readers++;
		}
	part->inlined = part->cte && !part->writes && !part->locks &&
			readers == 1 && !reader->writes &&
			reader->late == part->late;
}

/* No part that is needed reads it, or any of the parts that it reads. */
static bool is_unread(const struct lowering *lowering, size_t index)
{
	const struct part *part = &lowering->parts[index];

	if (part->needed || part->recursive ||
	    !strncmp(part->name, "parallax_", 9))
		return false;
	for (size_t i = 0; i < lowering->count; i++)
		if (part->needs[i] && !is_unread(lowering, i))
			return false;
	return true;
}

/* An engine does not run a query that nobody reads, but it reports what is
 * wrong with its types. So the query goes into the step that answers. */
static void keep_unread(struct lowering *lowering)
{
	size_t last = lowering->count - 1;

	for (size_t i = 0; i < last; i++)
		if (is_unread(lowering, i)) {
			lowering->parts[i].inlined = true;
			lowering->parts[last].needs[i] = true;
		}
}

static void choose_steps(struct lowering *lowering)
{
	size_t last = lowering->count - 1;

	for (size_t i = 0; i < last; i++)
		if (lowering->parts[i].writes || lowering->parts[i].locks)
			mark_needed(lowering, i);
	mark_needed(lowering, last);
	for (size_t i = 0; i <= last; i++)
		hangs_on_writes(lowering, i, 0);
	for (size_t i = 0; i < last; i++)
		inline_part(lowering, i);
	keep_unread(lowering);
}

/* ---- one step ---- */

/* (the rows of that step) AS alias */
static PgQuery__Node *rows_of(struct lowering *lowering,
			      const struct part *part,
			      const PgQuery__RangeVar *var)
{
	struct rewrite *rw = lowering->rw;
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	struct special special = {.kind = SPECIAL_ROWS, .row = part->step};
	PgQuery__Node *range;

	special.name_count = part->cte->n_aliascolnames;
	special.names = arena_array(rw->arena, special.name_count + 1,
				    sizeof(*special.names));
	for (size_t i = 0; i < special.name_count; i++)
		special.names[i] =
		    sql_string_value(part->cte->aliascolnames[i]);
	SQL_APPEND(rw->arena, select, target_list,
		   sql_target(rw->arena, NULL, rewrite_special(rw, special)));
	range = sql_range_subselect(rw->arena, sql_wrap(rw->arena, select),
				    var->relname, NULL, 0);
	if (var->alias)
		range->range_subselect->alias = var->alias;
	return range;
}

static enum sql_step put_rows(struct sql_place *place, void *context,
			      struct error *error)
{
	struct lowering *lowering = context;
	const PgQuery__RangeVar *var;
	const struct part *named;

	(void)error;
	if (SQL_AT(place, locking_clause))
		return SQL_STEP_OVER;
	if (!SQL_AT(place, range_var) || is_target(place))
		return SQL_STEP_INTO;
	var = (const PgQuery__RangeVar *)place->message;
	named = part_named(lowering, var, lowering->current_index);
	if (!named || named == lowering->current || named->inlined)
		return SQL_STEP_OVER;
	if (!place->slot)
		rewrite_fail(lowering->rw, -1,
			     "the rows of \"%s\" cannot stand here, of a "
			     "statement that is run in steps",
			     named->name);
	*place->slot = rows_of(lowering, named, var);
	return SQL_STEP_OVER;
}

static void put_into(struct lowering *lowering, size_t index)
{
	struct sql_visitor visitor = {put_rows, NULL, lowering};

	lowering->current = &lowering->parts[index];
	lowering->current_index = index;
	walk(lowering, &lowering->parts[index].query, &visitor);
}

static void add_inlined(struct lowering *lowering, size_t index,
			PgQuery__WithClause *with)
{
	const struct part *part = &lowering->parts[index];

	for (size_t i = 0; i + 1 < lowering->count; i++) {
		struct part *other = &lowering->parts[i];

		if (!part->needs[i] || !other->inlined || other->done)
			continue;
		other->done = true;
		add_inlined(lowering, i, with);
		put_into(lowering, i);
		other->cte->ctequery = other->query;
		SQL_APPEND(lowering->rw->arena, with, ctes,
			   sql_wrap(lowering->rw->arena, other->cte));
	}
}

static PgQuery__Node *recursive_rows(struct lowering *lowering,
				     struct part *part,
				     PgQuery__WithClause *with)
{
	struct arena *arena = lowering->rw->arena;
	PgQuery__SelectStmt *select = sql_select(arena);

	part->cte->ctequery = part->query;
	SQL_APPEND(arena, with, ctes, sql_wrap(arena, part->cte));
	SQL_APPEND(arena, select, target_list,
		   sql_target(arena, NULL, sql_star(arena, NULL)));
	SQL_APPEND(arena, select, from_clause,
		   write_image_range(lowering->rw, part->name));
	return sql_wrap(arena, select);
}

static bool reads_table(const struct lowering *lowering,
			const struct part *part,
			const struct catalog_table *table)
{
	for (size_t i = 0; table && i < part->read_count; i++)
		if (same_name(part->reads[i]->relname, table->name) &&
		    !write_stored_reads(lowering->rw, part->reads[i]) &&
		    (!SQL_SET(part->reads[i]->schemaname) ||
		     same_name(part->reads[i]->schemaname, table->schema)))
			return true;
	return false;
}

/* It would see what the statement itself has written. */
static void refuse_late_reads(struct lowering *lowering, size_t index)
{
	const struct part *part = &lowering->parts[index];

	for (size_t i = 0; i < lowering->count; i++) {
		const struct part *before = &lowering->parts[i];

		if (before->writes && before->done && !adds_values(before) &&
		    reads_table(lowering, part, before->write.table))
			rewrite_fail(lowering->rw, -1,
				     "it reads \"%s\" beside a write of it, of "
				     "a statement that is run in steps",
				     before->write.table->name);
	}
}

static void add_step(struct lowering *lowering, size_t index)
{
	struct rewrite *rw = lowering->rw;
	struct part *part = &lowering->parts[index];
	PgQuery__WithClause *with =
	    sql_new(rw->arena, &pg_query__with_clause__descriptor);
	PgQuery__WithClause **own;

	refuse_late_reads(lowering, index);
	with->location = -1;
	with->recursive = lowering->recursive;
	add_inlined(lowering, index, with);
	put_into(lowering, index);
	if (part->recursive)
		part->query = recursive_rows(lowering, part, with);
	own = with_of(part->query);
	if (with->n_ctes && *own)
		for (size_t i = 0; i < (*own)->n_ctes; i++)
			SQL_APPEND(rw->arena, with, ctes, (*own)->ctes[i]);
	if (with->n_ctes)
		*own = with;
	part->step = rw->step_count;
	part->done = true;
	if (!part->cte)
		rw->answer_step = part->step;
	ARENA_PUSH(rw->arena, rw, step)->node = part->query;
}

/* ---- their order ---- */

static bool is_ready(const struct lowering *lowering, const struct part *part)
{
	for (size_t i = 0; i < lowering->count; i++)
		if (part->needs[i] && !lowering->parts[i].done &&
		    (!lowering->parts[i].inlined ||
		     !is_ready(lowering, &lowering->parts[i])))
			return false;
	return true;
}

/* What answers from rows that are kept may come last, and comes last. */
static bool reads_now(const struct part *part)
{
	return !part->writes && (part->cte || part->read_count);
}

static bool add_reads(struct lowering *lowering)
{
	bool added = false;

	for (size_t i = 0; i < lowering->count; i++) {
		struct part *part = &lowering->parts[i];

		if (part->done || part->inlined || !part->needed ||
		    !reads_now(part) || !is_ready(lowering, part))
			continue;
		add_step(lowering, i);
		added = true;
	}
	return added;
}

/* Must the other write be made before? */
static bool waits_for(struct lowering *lowering, const struct part *part,
		      const struct part *other)
{
	const struct catalog_key *key;

	switch (write_lower_compare(&part->write, &other->write, &key)) {
	case LOWER_LAST:
		return true;
	case LOWER_CIRCLE:
		if (!key->deferrable)
			rewrite_fail(lowering->rw, -1,
				     "\"%s\" and \"%s\" are written at once, "
				     "and foreign key \"%s\" can be met by "
				     "neither first",
				     part->write.table->name,
				     other->write.table->name, key->name);
		return false;
	default:
		return false;
	}
}

static bool may_write(struct lowering *lowering, const struct part *part)
{
	if (part->done || !part->writes || !is_ready(lowering, part))
		return false;
	for (size_t i = 0; i < lowering->count; i++) {
		const struct part *other = &lowering->parts[i];

		if (other != part && other->writes && !other->done &&
		    waits_for(lowering, part, other))
			return false;
	}
	return true;
}

static bool add_write(struct lowering *lowering)
{
	for (size_t i = 0; i < lowering->count; i++)
		if (may_write(lowering, &lowering->parts[i])) {
			add_step(lowering, i);
			return true;
		}
	return false;
}

static void defer(struct lowering *lowering, const struct catalog_key *key)
{
	struct rewrite *rw = lowering->rw;
	PgQuery__ConstraintsSetStmt *set =
	    sql_new(rw->arena, &pg_query__constraints_set_stmt__descriptor);
	PgQuery__Node *name = write_image_range(rw, key->name);

	name->range_var->schemaname =
	    arena_string(rw->arena, key->target->schema);
	set->deferred = true;
	SQL_APPEND(rw->arena, set, constraints, name);
	ARENA_PUSH(rw->arena, rw, step)->node = sql_wrap(rw->arena, set);
}

/* Keys that hold only when all was written are checked when the transaction
 * ends. */
static void defer_circles(struct lowering *lowering)
{
	const struct catalog_key *key;

	for (size_t i = 0; i < lowering->count; i++)
		for (size_t n = 0; n < i; n++) {
			const struct part *a = &lowering->parts[i];
			const struct part *b = &lowering->parts[n];

			if (a->writes && b->writes &&
			    write_lower_compare(&a->write, &b->write, &key) ==
				LOWER_CIRCLE &&
			    key->deferrable)
				defer(lowering, key);
		}
}

static void add_steps(struct lowering *lowering)
{
	struct part *last = &lowering->parts[lowering->count - 1];

	defer_circles(lowering);
	while (add_reads(lowering) || add_write(lowering))
		;
	for (size_t i = 0; i + 1 < lowering->count; i++)
		if (lowering->parts[i].writes && !lowering->parts[i].done)
			rewrite_fail(lowering->rw, -1,
				     "its writes wait for one another, of a "
				     "statement that is run in steps");
	if (!last->done)
		add_step(lowering, lowering->count - 1);
}

/* ---- the statement ---- */

static enum sql_step find_write(struct sql_place *place, void *context,
				struct error *error)
{
	const PgQuery__CommonTableExpr *cte;

	(void)context;
	(void)error;
	if (!SQL_AT(place, common_table_expr))
		return SQL_STEP_INTO;
	cte = (const PgQuery__CommonTableExpr *)place->message;
	return is_write(cte->ctequery) ? SQL_STEP_STOP : SQL_STEP_INTO;
}

static bool writes_within(struct rewrite *rw, PgQuery__Node *node)
{
	struct sql_visitor visitor = {find_write, NULL, NULL};
	struct error error;

	error_init(&error);
	if (sql_walk(&node, &visitor, &error) < 0)
		rewrite_fail(rw, -1, "%s", error.message);
	return sql_walk(&node, &visitor, &error) > 0;
}

void write_lower_to_steps(struct rewrite *rw, PgQuery__Node *statement)
{
	struct lowering lowering = {.rw = rw};
	PgQuery__WithClause **with = with_of(statement);

	if (!write_lower_wants_steps(rw) || rw->made ||
	    !writes_within(rw, statement))
		return;
	if (!with || !*with)
		rewrite_fail(rw, -1,
			     "a write to several tables within another "
			     "statement: the shadow's engine cannot run it");
	if ((*with)->n_ctes > PARTS_MAX)
		rewrite_fail(rw, -1, "its WITH has more than %d queries",
			     PARTS_MAX);
	read_parts(&lowering, statement, with);
	choose_steps(&lowering);
	rw->answer_step = SIZE_MAX;
	add_steps(&lowering);
	rw->lowered = true;
	rw->changed = true;
}
