#include "adapters/error_class.h"

enum error_family {
	FAMILY_NONE,
	FAMILY_RIGHTS,
	FAMILY_STATEMENT,
	FAMILY_VALUE,
	FAMILY_INTEGRITY,
	FAMILY_LOAD,
};

static const struct {
	const char *name;
	enum error_family family;
} classes[] = {
#define ERROR_CLASS(symbol, name, family) {name, FAMILY_##family},
#include "adapters/error_class.def"
#undef ERROR_CLASS
};

const char *error_class_name(enum error_class class)
{
	return classes[class].name;
}

bool error_class_is_load(enum error_class class)
{
	return classes[class].family == FAMILY_LOAD;
}

bool error_class_is_integrity(enum error_class class)
{
	return classes[class].family == FAMILY_INTEGRITY;
}

bool error_class_is_alike(enum error_class a, enum error_class b)
{
	if (a == b)
		return a != ERROR_CLASS_OTHER;
	return classes[a].family != FAMILY_NONE &&
	       classes[a].family == classes[b].family;
}

bool error_class_is_name(enum error_class class)
{
	return class == ERROR_CLASS_UNDEFINED ||
	       class == ERROR_CLASS_AMBIGUOUS || class == ERROR_CLASS_DUPLICATE;
}

void error_values(const struct error_ops *primary,
		  const struct error_ops *shadow, const char *message,
		  struct redact_parts *out)
{
	primary->values(message, out);
	if (!out->known && shadow != primary)
		shadow->values(message, out);
}
