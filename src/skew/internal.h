/* Private to src/skew: one old table while it is looked at. */
#ifndef PARALLAX_SKEW_INTERNAL_H
#define PARALLAX_SKEW_INTERNAL_H

#include "base/buffer.h"
#include "skew/skew.h"

struct table_skew {
	const struct skew *skew;
	struct arena *arena;
	const struct catalog_table *old;
	const struct catalog_table *new; /* where its rows are anchored */
	struct lens_about about;
	bool mentioned; /* the mapping has an entry for it */
};

/* The new name of an old column; NULL: it has no place of its own. */
const char *skew_image(const struct table_skew *table, const char *old);
/* The old column that a new one of the same table holds, or NULL. */
const struct lens_about_column *skew_source(const struct table_skew *table,
					    const char *new);
/* An expression with its old columns by their new names. */
const char *skew_translate(const struct table_skew *table, const char *text);

/* Whether an expression of each side is the same but for casts: those of a
 * column whose type changed differ. One that cannot be parsed is like none. */
bool skew_same_bare(const struct skew *skew, const char *old, const char *new,
		    struct arena *arena);

/* noticed: an application can notice it while it runs. */
void skew_add(const struct table_skew *table, const char *kind, bool noticed,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

void skew_columns(const struct table_skew *table); /* columns.c */
void skew_rules(const struct table_skew *table);   /* rules.c */
void skew_texts(const struct table_skew *table);   /* texts.c */

#endif
