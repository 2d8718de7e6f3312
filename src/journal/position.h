/* Inside the journal: the writer's questions about the position files. */
#ifndef PARALLAX_JOURNAL_POSITION_H
#define PARALLAX_JOURNAL_POSITION_H

#include <stdint.h>

#include "base/error.h"

/*
 * The oldest segment that a mirror still needs: of the required ones (names,
 * NULL at the end; 0 if one of them has no position yet) and of all others that
 * have a file. 1: *segment is set. 0: there is no mirror. -1: a position could
 * not be read, so nothing is known and nothing may be removed.
 */
int journal_positions_oldest(int directory, const char *const *required,
			     uint64_t *segment, struct error *error);

/* Replaces a small file as a whole: written under another name, synced,
 * renamed. */
int journal_file_replace(int directory, const char *name, const char *content,
			 struct error *error);

#endif
