/*
 * What a statement reads and writes: tables, and what their columns may hold
 * from then on.
 *
 *	UPDATE users SET at = now()
 *
 * writes users, and the lens learns that a clock feeds users.at.
 */
#include "lens/rewrite/touched.h"

#include <string.h>

#include "lens/compile/table.h"
#include "lens/rewrite/refuse.h"

static void note(struct rewrite *rw, const struct catalog_table *table,
		 bool written)
{
	const struct catalog_table ***list =
	    written ? &rw->touched.written : &rw->touched.read;
	size_t *count =
	    written ? &rw->touched.written_count : &rw->touched.read_count;
	size_t *capacity = written ? &rw->touched.written_capacity
				   : &rw->touched.read_capacity;

	for (size_t i = 0; i < *count; i++)
		if ((*list)[i] == table)
			return;
	*list = arena_push(rw->arena, (void *)*list, count, capacity,
			   sizeof(**list));
	(*list)[*count - 1] = table;
}

/* A statement can update a row only once, so not as a row of two old tables. */
static void refuse_shared(struct rewrite *rw, const struct lens_table *table)
{
	for (size_t i = 0; i < rw->touched.written_count; i++) {
		const struct lens_table *other =
		    lens_table_of(rw->lens, rw->touched.written[i]);

		if (!other || other == table ||
		    (!other->absorbed && !table->absorbed))
			continue;
		for (size_t a = 0; a < table->place_count; a++)
			for (size_t b = 0; b < other->place_count; b++)
				if (table->places[a].table ==
				    other->places[b].table)
					rewrite_fail(
					    rw, -1,
					    "the statement writes \"%s\" and "
					    "\"%s\", which share rows in the "
					    "new schema",
					    other->old->name, table->old->name);
	}
}

void rewrite_note_table(struct rewrite *rw, const struct lens_table *table,
			bool written)
{
	if (written && table->mapped)
		refuse_shared(rw, table);
	note(rw, table->old, written);
}

void rewrite_note_stored(struct rewrite *rw, const struct lens_table *table,
			 const struct lens_column *column,
			 const struct facts *facts)
{
	struct lens_table *own = lens_table_of(rw->lens, table->old);
	struct lens_column *fed = &own->columns[column->index];
	bool unpinned = facts->unpinned || facts->volatile_value;

	if ((!facts->clock || fed->clock) && (!unpinned || fed->unpinned))
		return;
	fed->clock |= facts->clock;
	fed->unpinned |= unpinned;
	rw->lens->learned = true;
}
