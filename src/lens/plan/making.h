/* A plan in the making: plan.c makes it, keep.c keeps of a rewrite what
 * outlives it. */
#ifndef PARALLAX_LENS_MAKING_H
#define PARALLAX_LENS_MAKING_H

#include "lens/rewrite/rewrite.h"

struct making {
	struct lens *lens;
	struct cached_plan *plan;
	struct rewrite *rw;
	const struct sql_shape *shape;
	struct sql_binding *bindings;
	bool *fixed;
	bool *seen; /* literals that stand in a text */
	struct ruled ruled;
};

/* Each copies to the plan, in its arena, what the rewrite has found. */
void keep_traits(struct cached_plan *plan, const struct sql_traits *traits);
void keep_facts(struct making *making);
void keep_specials(struct making *making); /* values filled in each time */
void keep_columns(struct making *making);
void keep_order(struct making *making);
void keep_tunings(struct making *making); /* after the order */
void keep_types(struct making *making);

#endif
