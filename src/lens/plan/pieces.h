/* The texts of a plan's steps, printed and cut into pieces. */
#ifndef PARALLAX_LENS_PLAN_PIECES_H
#define PARALLAX_LENS_PLAN_PIECES_H

#include "lens/plan/making.h"

/* Prints the steps of the rewrite and the statement itself, and cuts them. -1:
 * the dialect has no rule for one of them, or a text is too long. */
int plan_pieces_print(struct making *making, PgQuery__Node *node,
		      struct error *error);
/* One step, whose text is that one. */
void plan_pieces_set(struct making *making, const char *text, size_t size);
/* No texts: the statement runs as it is written. */
void plan_pieces_forget(struct cached_plan *plan);

#endif
