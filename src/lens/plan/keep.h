/* The parts of a rewrite that its plan keeps. */
#ifndef PARALLAX_LENS_PLAN_KEEP_H
#define PARALLAX_LENS_PLAN_KEEP_H

#include "lens/plan/making.h"

/* Each copies results of the rewrite to the plan, into its arena. */
void plan_keep_traits(struct cached_plan *plan,
		      const struct sql_traits *traits);
void plan_keep_facts(struct making *making);
void plan_keep_specials(struct making *making); /* the values that each exchange
						   fills in */
void plan_keep_columns(struct making *making);
void plan_keep_order(struct making *making);
void plan_keep_tunings(struct making *making); /* after the order is known */
void plan_keep_types(struct making *making);

#endif
