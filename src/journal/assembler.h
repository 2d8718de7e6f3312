/*
 * Records in, events out.
 *
 *	for (;;) {
 *		switch (journal_reader_next(reader, &record, &error)) {
 *		case JOURNAL_OK:
 *			journal_assembler_push(assembler, &record);
 *			break;
 *		case JOURNAL_BAD:
 *			journal_assembler_lost(assembler, &error);
 *			break;
 *		case JOURNAL_MORE:
 *			return;
 *		}
 *		while (journal_assembler_pop(assembler, &event))
 *			...
 *	}
 *
 * It keeps the unfinished messages of live sessions, within limits, and nothing
 * else. It allocates with base/memory: for mirrors and commands, not for the
 * relay.
 */
#ifndef PARALLAX_JOURNAL_ASSEMBLER_H
#define PARALLAX_JOURNAL_ASSEMBLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/exchange.h"
#include "journal/reader.h"

struct journal_assembler;

/* Zeros take the defaults. All are in bytes. */
struct journal_assembler_options {
	size_t input_memory; /* a COPY's input above this is spilled: 8 MiB */
	size_t bind_max;     /* text and bind of a message: 256 MiB */
	size_t rows_max;     /* rows of an answer: 64 MiB; then rows_capped */
	size_t total_max;    /* of all unfinished messages: 512 MiB */
	const char *spill_directory; /* copied; NULL: $TMPDIR or /tmp */
};

struct journal_assembler *journal_assembler_new(
    const struct journal_assembler_options *options);
void journal_assembler_free(struct journal_assembler **assembler);

/* Takes a record, which is copied from. Pop all events before the next. */
void journal_assembler_push(struct journal_assembler *assembler,
			    const struct journal_record *record);

/* The reader said BAD: a gap of kind CORRUPT; unfinished exchanges are suspect.
 */
void journal_assembler_lost(struct journal_assembler *assembler,
			    const struct error *why);

enum journal_event_kind {
	JOURNAL_SESSION_OPENED,
	JOURNAL_EXCHANGE,
	JOURNAL_TRANSACTION_END,
	JOURNAL_SESSION_CLOSED,
	/* The session took on another user, database or settings by other means
	 * than a statement's text. */
	JOURNAL_SESSION_CHANGED,
	/* The client's session continues, or began, without being captured. If
	 * it was captured so far, SESSION_CLOSED comes first. */
	JOURNAL_SESSION_UNCAPTURED,
	JOURNAL_GAP,
};

struct journal_event {
	enum journal_event_kind kind;
	struct journal_position position; /* of the record that caused it */
	struct exchange_session_id id;	  /* GAP: session 0 */
	/* Exactly the one of its kind is set (none for SESSION_CLOSED, _CHANGED
	 * and _UNCAPTURED). The caller owns it: it takes it by setting it to
	 * NULL here, or calls journal_event_release. */
	struct exchange_session *session;
	struct exchange *exchange;
	struct exchange_transaction_end *transaction_end;
	struct exchange_gap *gap;
	/* SESSION_CLOSED */
	bool clean; /* the client said goodbye */
	int64_t at; /* 0: not known */
	/* SESSION_UNCAPTURED: the reason, freed like those above; whether it
	 * was captured at first. */
	char *reason;
	bool begun;
};

/* The next event of the pushed record; false: none is left. */
bool journal_assembler_pop(struct journal_assembler *assembler,
			   struct journal_event *event);
/* Frees what the event still owns. */
void journal_event_release(struct journal_event *event);

/*
 * The oldest place that an unfinished message still needs; false: none. A
 * mirror's position is the older of this and of its own oldest unfinished
 * transaction; to resume, it opens the reader at offset 0 of that segment.
 */
bool journal_assembler_oldest(const struct journal_assembler *assembler,
			      struct journal_position *position);

/* Bytes held for unfinished messages (spilled ones not counted). */
size_t journal_assembler_held(const struct journal_assembler *assembler);

#endif
