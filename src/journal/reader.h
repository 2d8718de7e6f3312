/*
 * The journal's tail reader: the mirror's end.
 *
 * Reads record by record, across segments, while the writer appends. To start
 * anew or to resume, open at offset 0 of a segment: its head holds the live
 * sessions. Starting at another offset is for tools.
 */
#ifndef PARALLAX_JOURNAL_READER_H
#define PARALLAX_JOURNAL_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/journal.pb-c.h"
#include "journal/segment.h"

struct journal_keys;
struct journal_reader;

enum journal_read {
	JOURNAL_OK,   /* a record */
	JOURNAL_MORE, /* the end of the written records: poll the fd */
	JOURNAL_BAD,  /* something is lost here; the reader is after it */
};

struct journal_record {
	/* Valid until the next journal_reader_next or _free. */
	const Parallax__Journal__Record *record;
	struct journal_position position; /* of the record */
	struct journal_position next;	  /* after it */
};

/*
 * Opens a directory for reading from a position; segment 0 means the oldest
 * one. If the segment no longer exists, the first _next reports it (BAD) and
 * continues at the oldest existing one. A directory without segments is not an
 * error: _next says MORE until there is one. Errors: no such directory, no
 * access.
 */
int journal_reader_open(struct journal_reader **reader, const char *directory,
			struct journal_position from, struct error *error);
void journal_reader_free(struct journal_reader **reader);

/*
 * The next record. On BAD the error gives file, offset and reason. What was
 * lost is unknown: tell the assembler (journal_assembler_lost) and call again.
 * It continues after the bad record if the next one is sound, otherwise at the
 * next segment (MORE until there is one). A torn tail is MORE in the newest
 * segment, BAD in any other.
 */
enum journal_read journal_reader_next(struct journal_reader *reader,
				      struct journal_record *record,
				      struct error *error);

/* The keys of encrypted segments, borrowed; read again where one is missing. Before
 * the first _next. */
void journal_reader_use_keys(struct journal_reader *reader,
			     struct journal_keys *keys);
/* Whether a segment was refused (BAD) since no key opens it: it may be read once
 * there is one, and must not be passed over. */
bool journal_reader_locked(const struct journal_reader *reader);
/* The journal's; false: it has none yet, since no relay has begun it. */
bool journal_reader_identity(const struct journal_reader *reader,
			     struct journal_identity *identity);
/* Whether a segment was refused (BAD) as another journal's. */
bool journal_reader_foreign(const struct journal_reader *reader);
/* Whether the directory was removed or replaced since it was opened: later
 * writes are not seen here. */
bool journal_reader_cut_off(const struct journal_reader *reader);

/* The place where the next record will be looked for. */
struct journal_position journal_reader_position(
    const struct journal_reader *reader);

/*
 * After MORE: the bytes of an unfinished record at the newest segment's end.
 * Not zero while the writer is in the middle of a write, or after a crash.
 */
uint64_t journal_reader_torn(const struct journal_reader *reader);

/* Bytes between the reader and the newest segment's end: the mirror's replay
 * lag. */
uint64_t journal_reader_lag(const struct journal_reader *reader);

/*
 * A descriptor to poll for reading: readable when there may be something new.
 * When it is, call journal_reader_clear, then _next until MORE. It may wake
 * without news. The first call starts the watch, so make it before reading. -1:
 * the system has no watch left; poll by a timer.
 */
int journal_reader_fd(struct journal_reader *reader);
void journal_reader_clear(struct journal_reader *reader);

#endif
