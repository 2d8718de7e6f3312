/* `compare:` and `private:` of a mapping. */
#ifndef PARALLAX_LENS_COMPILE_TUNING_H
#define PARALLAX_LENS_COMPILE_TUNING_H

#include "lens/compile/compile.h"

void compile_compares(struct compile *compile, const struct mapping *mapping);

#endif
