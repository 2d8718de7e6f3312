#include "compare/verdict.h"

struct verdict_named {
	const char *name;
	const char *text;
};

static const struct verdict_named verdicts[] = {
#define VERDICT(symbol, name, text) {name, text},
#include "compare/verdict.def"
#undef VERDICT
};

static const struct verdict_named classes[] = {
#define DIVERGENCE_CLASS(symbol, name, text) {name, text},
#include "compare/classes.def"
#undef DIVERGENCE_CLASS
};

static const struct verdict_named reasons[] = {
#define REASON(symbol, name, text) {name, text},
#include "compare/reasons.def"
#undef REASON
};

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict].name;
}

const char *verdict_text(enum verdict verdict)
{
	return verdicts[verdict].text;
}

const char *divergence_name(enum divergence_class class)
{
	return classes[class].name;
}

const char *divergence_text(enum divergence_class class)
{
	return classes[class].text;
}

const char *reason_name(enum reason reason)
{
	return reasons[reason].name;
}

const char *reason_text(enum reason reason)
{
	return reasons[reason].text;
}
