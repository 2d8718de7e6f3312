/* The cache of a lens's plans, by the shape of the statement. */
#ifndef PARALLAX_LENS_PLAN_CACHE_H
#define PARALLAX_LENS_PLAN_CACHE_H

#include "lens/plan/recipe.h"

struct plan_cache {
	struct sql_shape shape; /* of the current statement */
	struct buffer key;
	struct map groups; /* by shape: the literals on which its plans
			      depend */
	struct map plans;
	struct link by_use; /* newest first */
	struct link all;    /* every existing plan, cached or in use */
	size_t limit;	    /* of plans */
	size_t byte_limit;  /* of their size; 0: the default */
	size_t plan_bytes, group_bytes;
	struct lens_statistics statistics;
};

#endif
