/* All mistakes of a config or a mapping at once, each with its place. */
#ifndef PARALLAX_CONFIG_DIAGNOSTIC_H
#define PARALLAX_CONFIG_DIAGNOSTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The place of a value in a file. May be copied freely; `file` is borrowed. */
struct place {
	const char *file;
	int line;   /* from 1 */
	int column; /* from 1 */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

struct diagnostic {
	enum severity severity;
	struct place place;
	char *message;
	char *hint; /* or NULL */
};

struct diagnostics {
	struct diagnostic *items;
	size_t count;
	size_t capacity;
	size_t error_count;
	size_t left_out; /* counted, but not kept: past the cap */
};

void diagnostics_init(struct diagnostics *diagnostics);
void diagnostics_release(struct diagnostics *diagnostics);
/* hint: printf'ed by the caller beforehand, or NULL. Both are copied. */
void diagnostics_add(struct diagnostics *diagnostics, enum severity severity,
		     struct place place, const char *hint, const char *format,
		     ...) __attribute__((format(printf, 5, 6)));
size_t diagnostics_warnings(const struct diagnostics *diagnostics);
const char *severity_name(enum severity severity);
/* "file:line:column: error: message\n    hint: ...", sorted by place. */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *out);

#endif
