/*
 * The second lowering of a write to several places: steps, for an engine whose
 * statements cannot write within WITH. See lower.c.
 */
#ifndef PARALLAX_LENS_WRITE_LOWER_H
#define PARALLAX_LENS_WRITE_LOWER_H

#include "lens/rewrite/rewrite.h"

/* Must this rewrite end in steps? */
bool write_lower_wants_steps(const struct rewrite *rw);

/*
 * Cuts the rewritten statement into steps if it writes within WITH and the
 * shadow's engine cannot: rw->steps then holds all of them, and rw->answer_step says
 * which one answers. Fails the rewrite where steps would mean something else.
 */
void write_lower_to_steps(struct rewrite *rw, PgQuery__Node *statement);

/* lower_order.c: the order in which foreign keys let two writes be made. */
enum lower_order {
	LOWER_ANY,
	LOWER_FIRST, /* a before b */
	LOWER_LAST,  /* b before a */
	LOWER_CIRCLE /* neither: only at the end of both do the keys hold */
};

struct lower_write {
	const struct catalog_table *table; /* NULL: it is not known */
	const PgQuery__Node *query;
};

struct lower_write write_lower_write(struct rewrite *rw,
				     const PgQuery__Node *query);
/* key: of LOWER_CIRCLE, the one that stands in the way. */
enum lower_order write_lower_compare(const struct lower_write *a,
				     const struct lower_write *b,
				     const struct catalog_key **key);

#endif
