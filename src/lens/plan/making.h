/* A plan while it is made: by plan.c, and by keep.c, which copies the parts of
 * a rewrite that outlive it. */
#ifndef PARALLAX_LENS_PLAN_MAKING_H
#define PARALLAX_LENS_PLAN_MAKING_H

#include "lens/plan/recipe.h"
#include "lens/plan/rule.h"

struct making {
	struct lens *lens;
	struct cached_plan *plan;
	struct rewrite *rw;
	const struct sql_shape *shape;
	struct sql_binding *bindings;
	bool *fixed;
	bool *printed; /* literals that occur in a text */
	struct ruled ruled;
};

#endif
