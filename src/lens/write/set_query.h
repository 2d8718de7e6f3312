/* The row sub-query of a SET list. */
#ifndef PARALLAX_LENS_WRITE_SET_QUERY_H
#define PARALLAX_LENS_WRITE_SET_QUERY_H

#include "lens/write/assign.h"

/* One of its columns, as a sub-query. */
PgQuery__Node *write_set_column(struct rewrite *rw,
				const struct set_values *set, const char *name);
/* Its row, as an item of FROM. */
PgQuery__Node *write_set_range(struct rewrite *rw,
			       const struct set_values *set);
/* Makes each value of the row sub-query a sub-query of its own. */
void write_set_apart(struct rewrite *rw, const struct lens_table *table,
		     struct set_values *set);

#endif
