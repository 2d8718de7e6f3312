/* "did you mean": the name most similar to a missing one. */
#ifndef PARALLAX_LENS_COMPILE_NEAREST_H
#define PARALLAX_LENS_COMPILE_NEAREST_H

#include "lens/compile/compiled.h"

/* The most similar name, or NULL if none is close. */
const char *lens_nearest(const char *name, const char *const *names,
			 size_t count);

#endif
