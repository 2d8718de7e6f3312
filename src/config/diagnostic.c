#include "config/diagnostic.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A file that is not a mapping at all must not fill memory with mistakes. */
enum { DIAGNOSTICS_KEPT = 200 };

void diagnostics_init(struct diagnostics *diagnostics)
{
	memset(diagnostics, 0, sizeof(*diagnostics));
}

void diagnostics_release(struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		free(diagnostics->items[i].message);
		free(diagnostics->items[i].hint);
	}
	free(diagnostics->items);
	diagnostics_init(diagnostics);
}

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity,
		     struct place place, const char *hint, const char *format,
		     ...)
{
	struct diagnostic *item;
	char message[1024];
	va_list arguments;

	if (severity == SEVERITY_ERROR)
		diagnostics->error_count++;
	if (diagnostics->count >= DIAGNOSTICS_KEPT) {
		diagnostics->left_out++;
		return;
	}
	if (diagnostics->count == diagnostics->capacity) {
		diagnostics->capacity =
		    diagnostics->capacity ? 2 * diagnostics->capacity : 8;
		diagnostics->items = memory_resize(
		    diagnostics->items, diagnostics->capacity * sizeof(*item));
	}
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	item = &diagnostics->items[diagnostics->count++];
	item->severity = severity;
	item->place = place;
	item->message = memory_string(message);
	item->hint = memory_string(hint);
}

size_t diagnostics_warnings(const struct diagnostics *diagnostics)
{
	size_t count = 0;

	for (size_t i = 0; i < diagnostics->count; i++)
		if (diagnostics->items[i].severity == SEVERITY_WARNING)
			count++;
	return count;
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"error", "warning", "note"};

	return names[severity];
}

/* By file, line and column; those without a place first, in their order of
 * arrival. */
static int compare_places(const void *left, const void *right)
{
	const struct diagnostic *a = *(const struct diagnostic *const *)left;
	const struct diagnostic *b = *(const struct diagnostic *const *)right;
	int order = strcmp(a->place.file ? a->place.file : "",
			   b->place.file ? b->place.file : "");

	if (order)
		return order;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.column != b->place.column)
		return a->place.column < b->place.column ? -1 : 1;
	return a < b ? -1 : a > b;
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *out)
{
	const struct diagnostic **sorted = memory_alloc(
	    (diagnostics->count + 1) * sizeof(struct diagnostic *));

	for (size_t i = 0; i < diagnostics->count; i++)
		sorted[i] = &diagnostics->items[i];
	qsort(sorted, diagnostics->count, sizeof(*sorted), compare_places);
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *item = sorted[i];

		if (item->place.file && item->place.line > 0)
			fprintf(out, "%s:%d:%d: ", item->place.file,
				item->place.line, item->place.column);
		else if (item->place.file)
			fprintf(out, "%s: ", item->place.file);
		fprintf(out, "%s: %s\n", severity_name(item->severity),
			item->message);
		if (item->hint)
			fprintf(out, "    hint: %s\n", item->hint);
	}
	if (diagnostics->left_out)
		fprintf(out, "... and %zu more\n", diagnostics->left_out);
	free(sorted);
}
