/* `rewrite:` of a mapping. */
#ifndef PARALLAX_LENS_COMPILE_RULE_H
#define PARALLAX_LENS_COMPILE_RULE_H

#include "lens/compile/compile.h"

/* `rewrite:`; rule.c */
void compile_rules(struct compile *compile, const struct mapping *mapping);

#endif
