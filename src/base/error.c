#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

void error_init(struct error *error)
{
	memset(error, 0, sizeof(*error));
}

static void error_fill(struct error *error, enum error_kind kind,
		       const char *format, va_list arguments)
{
	error_init(error);
	error->kind = kind;
	vsnprintf(error->message, sizeof(error->message), format, arguments);
}

int error_set(struct error *error, enum error_kind kind, const char *format,
	      ...)
{
	va_list arguments;

	va_start(arguments, format);
	error_fill(error, kind, format, arguments);
	va_end(arguments);
	return -1;
}

int error_set_errno(struct error *error, enum error_kind kind,
		    const char *format, ...)
{
	int number = errno;
	va_list arguments;
	size_t used;

	va_start(arguments, format);
	error_fill(error, kind, format, arguments);
	va_end(arguments);
	used = strlen(error->message);
	snprintf(error->message + used, sizeof(error->message) - used, ": %s",
		 strerror(number));
	return -1;
}

void error_hint(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->hint, sizeof(error->hint), format, arguments);
	va_end(arguments);
}

void error_at(struct error *error, const char *file, int line, int column)
{
	snprintf(error->file, sizeof(error->file), "%s", file ? file : "");
	error->line = line;
	error->column = column;
}

void error_print(const struct error *error, char *out, size_t size)
{
	char place[320] = "";

	if (error->file[0] && error->line > 0)
		snprintf(place, sizeof(place), "%s:%d:%d: ", error->file,
			 error->line, error->column);
	else if (error->file[0])
		snprintf(place, sizeof(place), "%s: ", error->file);
	snprintf(out, size, "%s%s%s%s%s", place, error->message,
		 error->hint[0] ? " (hint: " : "", error->hint,
		 error->hint[0] ? ")" : "");
}
