/* What lenses learned of columns outlives each of them: there is a new lens for
 * each catalog. */
#ifndef TESTS_TRUTH_PAIR_LEARNED_H
#define TESTS_TRUTH_PAIR_LEARNED_H

#include "lens/compile/compiled.h"

struct learned {
	bool clock, unpinned;
};

/* learned: table's id and column's number -> struct learned */
static struct learned *learned_of(struct map *learned,
				  const struct lens_table *table,
				  const struct lens_column *column, bool make)
{
	uint32_t key[2] = {table->old->id, (uint32_t)column->old->number};
	struct learned *found = map_get(learned, key, sizeof(key));

	if (!found && make) {
		found = memory_alloc(sizeof(*found));
		map_set(learned, key, sizeof(key), found);
	}
	return found;
}

static void learned_keep(struct map *learned, const struct lens *lens)
{
	for (size_t t = 0; t < lens->table_count; t++)
		for (size_t c = 0; c < lens->tables[t].column_count; c++) {
			const struct lens_table *table = &lens->tables[t];
			const struct lens_column *column = &table->columns[c];

			if (column->clock || column->unpinned)
				*learned_of(learned, table, column, true) =
				    (struct learned){column->clock,
						     column->unpinned};
		}
}

static void learned_teach(struct map *learned, struct lens *lens)
{
	for (size_t t = 0; t < lens->table_count; t++)
		for (size_t c = 0; c < lens->tables[t].column_count; c++) {
			struct lens_column *column =
			    &lens->tables[t].columns[c];
			struct learned *found = learned_of(
			    learned, &lens->tables[t], column, false);

			if (!found)
				continue;
			column->clock |= found->clock;
			column->unpinned |= found->unpinned;
		}
}

static void learned_release(struct map *learned)
{
	for (size_t i = 0; i < learned->count; i++)
		free(learned->entries[i].value);
	map_release(learned);
}

#endif
