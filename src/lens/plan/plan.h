/* Makes a plan of one statement: parses, rewrites, prints it and cuts it to
 * pieces. */
#ifndef PARALLAX_LENS_PLAN_PLAN_H
#define PARALLAX_LENS_PLAN_PLAN_H

#include "lens/plan/recipe.h"

struct cached_plan *plan_make(struct lens *lens,
			      const struct lens_session *session,
			      const char *text, size_t size,
			      const uint32_t *types, size_t type_count,
			      const struct sql_shape *shape, bool **fixed);
void plan_free(struct cached_plan *plan);

#endif
