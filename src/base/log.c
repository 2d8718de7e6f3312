#include "base/log.h"

#include <stdarg.h>
#include <time.h>
#include <unistd.h>

enum log_level log_threshold = LOG_INFO_LEVEL;
static const char *log_process = "parallax";
static const char *const log_names[] = {"error", "warn", "info", "debug"};

void log_init(enum log_level level, const char *process)
{
	log_threshold = level;
	log_process = process;
}

/* Copies text with what could break a line, or a reader of it, escaped. */
static size_t log_escape(char *out, size_t size, const char *text)
{
	size_t used = 0;

	for (; *text && used + 5 < size; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte == 0x7f)
			used += (size_t)snprintf(out + used, size - used,
						 "\\x%02x", byte);
		else
			out[used++] = (char)byte;
	}
	out[used] = 0;
	return used;
}

void log_line(enum log_level level, const char *event, const char *fields, ...)
{
	char raw[1600];
	char safe[2000];
	char line[2300];
	struct timespec now;
	struct tm utc;
	va_list arguments;
	int length;

	va_start(arguments, fields);
	vsnprintf(raw, sizeof(raw), fields, arguments);
	va_end(arguments);
	log_escape(safe, sizeof(safe), raw);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	length = snprintf(line, sizeof(line),
			  "time=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ level=%s "
			  "process=%s event=\"%s\"%s%s\n",
			  utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
			  utc.tm_hour, utc.tm_min, utc.tm_sec,
			  now.tv_nsec / 1000000, log_names[level], log_process,
			  event, safe[0] ? " " : "", safe);
	if (length >= (int)sizeof(line))
		length = (int)sizeof(line) - 1;
	/* One write, so that lines of several processes do not mix. */
	if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
		return;
}
