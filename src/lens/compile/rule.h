/* `rewrite:` of a mapping. */
#ifndef PARALLAX_LENS_COMPILE_RULE_H
#define PARALLAX_LENS_COMPILE_RULE_H

#include "lens/compile/compile.h"

/* Compiles the rules of `rewrite:`. */
void compile_rules(struct compile *compile, const struct mapping *mapping);

#endif
