/* Types whose functions the new type does not have. */
#ifndef PARALLAX_LENS_PLAN_ADVICE_TYPE_H
#define PARALLAX_LENS_PLAN_ADVICE_TYPE_H

#include "lens/compile/compiled.h"

/* Adds a note for each enum that becomes a type of another class. */
void plan_advise_types(const struct lens *lens,
		       struct diagnostics *diagnostics);

#endif
