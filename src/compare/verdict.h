/* The verdicts, the classes of divergence and the reasons, from one table each.
 */
#ifndef PARALLAX_COMPARE_VERDICT_H
#define PARALLAX_COMPARE_VERDICT_H

enum verdict {
#define VERDICT(symbol, name, text) VERDICT_##symbol,
#include "compare/verdict.def"
#undef VERDICT
	VERDICT_COUNT
};

enum divergence_class {
#define DIVERGENCE_CLASS(symbol, name, text) DIVERGENCE_##symbol,
#include "compare/classes.def"
#undef DIVERGENCE_CLASS
	DIVERGENCE_COUNT
};

enum reason {
#define REASON(symbol, name, text) REASON_##symbol,
#include "compare/reasons.def"
#undef REASON
	REASON_COUNT
};

const char *verdict_name(enum verdict verdict);
const char *verdict_text(enum verdict verdict);
const char *divergence_name(enum divergence_class class);
const char *divergence_text(enum divergence_class class);
const char *reason_name(enum reason reason);
const char *reason_text(enum reason reason);

#endif
