/*
 * What comes in:	LOG_WARN("refused", "role=%s code=%d", "eve x=1", 7)
 * What goes out:	time=... level=warn process=relay event="refused"
 *			role="eve x=1" code=7
 *
 * The format itself is read here, token by token, so that each value is quoted
 * and escaped by itself: what a client chose can not look like a field of ours.
 *
 * Lines of a process that has called log_init go through a queue of a fixed
 * size, which a thread empties. No caller waits for the reader; a line that finds
 * the queue full is dropped and counted.
 */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_MAX_SIZE = 4000, /* below PIPE_BUF: lines do not mix */
	VALUE_MAX = 1000,
	QUEUE_SIZE = 256 * 1024,
	FLUSH_MS = 500, /* at the process's end */
};

enum log_level log_threshold = LOG_INFO_LEVEL;
static const char *log_process = "parallax";
static const char *const log_names[] = {"error", "warn", "info", "debug"};

/* --- a line --- */

struct text {
	char *data;
	size_t size;
	size_t used;
};

static void text_put(struct text *text, char byte)
{
	if (text->size - text->used > 1)
		text->data[text->used++] = byte;
	text->data[text->used] = 0;
}

static void text_string(struct text *text, const char *string)
{
	while (*string)
		text_put(text, *string++);
}

/* Whether a byte could end a line, or drive a terminal: C0, and C1 both as a
 * byte of its own and as UTF-8 has it. */
static bool is_control(const unsigned char *start, const unsigned char *at)
{
	bool high = *at >= 0x80 && *at < 0xa0;

	return *at < 0x20 || *at == 0x7f ||
	       (high && (at == start || at[-1] < 0x80 || at[-1] == 0xc2)) ||
	       (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);
}

static void text_escaped(struct text *text, const char *string, bool quotes)
{
	const unsigned char *start = (const unsigned char *)string;
	const unsigned char *at = start;
	char hex[8];

	for (; *at; at++) {
		/* The longest escape fits, or none of it is written. */
		if (text->size - text->used < 6)
			return;
		if (is_control(start, at)) {
			snprintf(hex, sizeof(hex), "\\x%02x", *at);
			text_string(text, hex);
		} else {
			if (quotes && (*at == '"' || *at == '\\'))
				text_put(text, '\\');
			text_put(text, (char)*at);
		}
	}
}

static bool needs_quotes(const char *value)
{
	const unsigned char *start = (const unsigned char *)value;
	const unsigned char *at = start;

	if (!*at)
		return true;
	for (; *at; at++)
		if (*at == ' ' || *at == '"' || *at == '\\' || *at == '=' ||
		    is_control(start, at))
			return true;
	return false;
}

/* va_list in a struct, so that its address can be passed on. */
struct log_arguments {
	va_list list;
};

static int format_integer(char *out, size_t size, const char *spec,
			  const char *length, struct log_arguments *in)
{
	if (strcmp(length, "ll") == 0 || strcmp(length, "j") == 0)
		return snprintf(out, size, spec, va_arg(in->list, long long));
	if (strcmp(length, "l") == 0)
		return snprintf(out, size, spec, va_arg(in->list, long));
	if (strcmp(length, "z") == 0 || strcmp(length, "t") == 0)
		return snprintf(out, size, spec, va_arg(in->list, size_t));
	return snprintf(out, size, spec, va_arg(in->list, int));
}

/* Formats one conversion, from its '%' on; returns the text after it. */
static const char *expand(const char *format, struct log_arguments *in,
			  struct text *out)
{
	char *into = out->data + out->used;
	size_t room = out->size - out->used;
	char spec[40];
	char length[3] = "";
	size_t used = 0;
	int size;

	do {
		if (*format == '*')
			used += (size_t)snprintf(spec + used, 12, "%d",
						 va_arg(in->list, int));
		else
			spec[used++] = *format;
		format++;
	} while (used < sizeof(spec) - 16 && *format &&
		 strchr("0123456789.*-+ #", *format));
	for (size_t i = 0; i < 2 && *format && strchr("hljzt", *format); i++)
		length[i] = spec[used++] = *format++;
	if (!*format)
		return format;
	spec[used++] = *format;
	spec[used] = 0;
	switch (*format++) {
	case 's':
		size = snprintf(into, room, spec, va_arg(in->list, char *));
		break;
	case 'p':
		size = snprintf(into, room, spec, va_arg(in->list, void *));
		break;
	case 'e':
	case 'f':
	case 'g':
		size = snprintf(into, room, spec, va_arg(in->list, double));
		break;
	case '%':
		size = snprintf(into, room, "%%");
		break;
	default:
		size = format_integer(into, room, spec, length, in);
	}
	if (size > 0)
		out->used += (size_t)size < room ? (size_t)size : room - 1;
	return format;
}

/* The value after a key's '='. The format's own quotes are not part of it. */
static const char *put_value(struct text *line, const char *format,
			     struct log_arguments *in)
{
	char data[VALUE_MAX];
	struct text value = {data, sizeof(data), 0};
	bool quoted = *format == '"';
	bool wrap;

	data[0] = 0;
	format += quoted;
	while (*format && *format != (quoted ? '"' : ' ')) {
		if (*format == '%')
			format = expand(format, in, &value);
		else
			text_put(&value, *format++);
	}
	if (quoted && *format)
		format++;
	wrap = quoted || needs_quotes(data);
	if (wrap)
		text_put(line, '"');
	text_escaped(line, data, wrap);
	if (wrap)
		text_put(line, '"');
	return format;
}

/* Keys, and text of our own without a key (a JSON object), are not quoted. */
static void put_fields(struct text *line, const char *format,
		       struct log_arguments *in)
{
	char data[LINE_MAX_SIZE / 2];
	struct text own = {data, sizeof(data), 0};

	while (*format) {
		if (*format == '%') {
			own.used = 0;
			format = expand(format, in, &own);
			text_escaped(line, data, false);
		} else if (*format == '=') {
			text_put(line, *format++);
			format = put_value(line, format, in);
		} else {
			text_put(line, *format++);
		}
	}
}

static void put_head(struct text *line, enum log_level level)
{
	struct timespec now;
	struct tm utc;
	char head[160];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	snprintf(head, sizeof(head),
		 "time=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ level=%s ",
		 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
		 utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000,
		 log_names[level]);
	text_string(line, head);
	text_string(line, "process=");
	if (needs_quotes(log_process))
		text_put(line, '"');
	text_escaped(line, log_process, true);
	if (needs_quotes(log_process))
		text_put(line, '"');
	text_string(line, " event=\"");
}

/* Returns the size. The newline is always written. */
static size_t compose(char *out, size_t size, enum log_level level,
		      const char *event, const char *fields,
		      struct log_arguments *in)
{
	struct text line = {out, size - 1, 0};

	put_head(&line, level);
	text_escaped(&line, event, true);
	text_put(&line, '"');
	if (*fields)
		text_put(&line, ' ');
	put_fields(&line, fields, in);
	out[line.used++] = '\n';
	return line.used;
}

/* --- the queue --- */

struct queue {
	pthread_mutex_t mutex; /* held for a copy, never during a write */
	pthread_cond_t filled;
	pthread_cond_t drained;
	bool asynchronous; /* log_init was called in this process */
	bool running;
	bool writing;
	uint64_t dropped; /* dropped and not yet reported */
	size_t start;
	size_t used;
	char data[QUEUE_SIZE]; /* a ring of lines */
};

static struct queue queue = {
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .filled = PTHREAD_COND_INITIALIZER,
    .drained = PTHREAD_COND_INITIALIZER,
};

/* Whether nothing can ever be written there again. */
static bool put_out(const char *data, size_t size)
{
	while (size) {
		ssize_t put = write(STDERR_FILENO, data, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN) {
			/* Its owner has made stderr non-blocking. */
			struct pollfd one = {.fd = STDERR_FILENO,
					     .events = POLLOUT};

			poll(&one, 1, 1000);
			continue;
		}
		if (put <= 0)
			return false;
		data += put;
		size -= (size_t)put;
	}
	return true;
}

static size_t compose_plain(char *out, size_t size, enum log_level level,
			    const char *event, const char *fields, ...)
{
	struct log_arguments in;
	size_t used;

	va_start(in.list, fields);
	used = compose(out, size, level, event, fields, &in);
	va_end(in.list);
	return used;
}

/* The oldest line of the queue, or the number of dropped lines. */
static size_t queue_take(char *out, size_t size)
{
	size_t used = 0;

	while (queue.used) {
		char byte = queue.data[queue.start];

		queue.start = (queue.start + 1) % QUEUE_SIZE;
		queue.used--;
		out[used++] = byte;
		if (byte == '\n' || used == size)
			return used;
	}
	used = compose_plain(out, size, LOG_WARN_LEVEL, "log lines dropped",
			     "count=%llu", (unsigned long long)queue.dropped);
	queue.dropped = 0;
	return used;
}

static void *queue_main(void *unused)
{
	char line[LINE_MAX_SIZE];

	pthread_mutex_lock(&queue.mutex);
	for (;;) {
		size_t size;

		while (!queue.used && !queue.dropped)
			pthread_cond_wait(&queue.filled, &queue.mutex);
		size = queue_take(line, sizeof(line));
		queue.writing = true;
		pthread_mutex_unlock(&queue.mutex);
		put_out(line, size);
		pthread_mutex_lock(&queue.mutex);
		queue.writing = false;
		if (!queue.used && !queue.dropped)
			pthread_cond_broadcast(&queue.drained);
	}
	return unused;
}

static void queue_start(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	queue.running =
	    pthread_create(&thread, &attributes, queue_main, NULL) == 0;
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void queue_put(const char *line, size_t size)
{
	pthread_mutex_lock(&queue.mutex);
	if (!queue.running)
		queue_start();
	if (!queue.running || size > QUEUE_SIZE - queue.used) {
		queue.dropped++;
	} else {
		size_t end = (queue.start + queue.used) % QUEUE_SIZE;
		size_t first =
		    size < QUEUE_SIZE - end ? size : QUEUE_SIZE - end;

		memcpy(queue.data + end, line, first);
		memcpy(queue.data, line + first, size - first);
		queue.used += size;
	}
	pthread_cond_signal(&queue.filled);
	pthread_mutex_unlock(&queue.mutex);
}

/* At the process's end: writes what is queued, as far as somebody reads it. */
static void queue_flush(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += FLUSH_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&queue.mutex);
	while (
	    queue.running && (queue.used || queue.dropped || queue.writing) &&
	    pthread_cond_timedwait(&queue.drained, &queue.mutex, &until) == 0)
		continue;
	pthread_mutex_unlock(&queue.mutex);
}

static void before_fork(void)
{
	pthread_mutex_lock(&queue.mutex);
}

static void after_fork_in_parent(void)
{
	pthread_mutex_unlock(&queue.mutex);
}

/* The thread belongs to the parent, and so do the queued lines. */
static void after_fork_in_child(void)
{
	pthread_mutex_init(&queue.mutex, NULL);
	pthread_cond_init(&queue.filled, NULL);
	pthread_cond_init(&queue.drained, NULL);
	queue.running = queue.writing = false;
	queue.start = queue.used = 0;
	queue.dropped = 0;
}

void log_init(enum log_level level, const char *process)
{
	log_threshold = level;
	log_process = process;
	if (queue.asynchronous)
		return; /* forked from a process that had done this */
	queue.asynchronous = true;
	pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
	atexit(queue_flush);
}

void log_line(enum log_level level, const char *event, const char *fields, ...)
{
	char line[LINE_MAX_SIZE];
	struct log_arguments in;
	size_t size;

	va_start(in.list, fields);
	size = compose(line, sizeof(line), level, event, fields, &in);
	va_end(in.list);
	if (queue.asynchronous)
		queue_put(line, size);
	else
		put_out(line, size);
}
