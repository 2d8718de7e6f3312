#include "adapters/error_class.h"

static const char *const names[] = {
#define ERROR_CLASS(symbol, name) name,
#include "adapters/error_class.def"
#undef ERROR_CLASS
};

const char *error_class_name(enum error_class class)
{
	return names[class];
}

bool error_class_is_load(enum error_class class)
{
	return class == ERROR_CLASS_LOAD || class == ERROR_CLASS_CANCELED;
}

bool error_class_is_integrity(enum error_class class)
{
	switch (class) {
	case ERROR_CLASS_NOT_NULL:
	case ERROR_CLASS_CHECK:
	case ERROR_CLASS_UNIQUE:
	case ERROR_CLASS_EXCLUSION:
	case ERROR_CLASS_FOREIGN_KEY:
	case ERROR_CLASS_INTEGRITY:
		return true;
	default:
		return false;
	}
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
