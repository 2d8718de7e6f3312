/* Removing old segments from a journal's directory. */
#ifndef PARALLAX_JOURNAL_PURGE_H
#define PARALLAX_JOURNAL_PURGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct journal_purged {
	uint64_t segments, bytes; /* removed */
	uint64_t kept;		  /* older segments that a mirror still needs */
};

/*
 * Removes the segments that were last written before a time (unix us), but for
 * the newest and those that a mirror needs (all: these too; it will find a gap).
 * mirrors: names, NULL at the end, of those that need everything until they have
 * registered; or NULL.
 * A relay may be at work. Foreign files that the relay put aside go as well.
 */
int journal_purge(const char *directory, const char *const *mirrors,
		  int64_t before, bool all, struct journal_purged *purged,
		  struct error *error);

#endif
