/*
 * Turns the codec's events into the journal's records.
 *
 * A statement is held in its session's buffer until something more happens to
 * it: input, rows that do not end in the same run of bytes, its end. So a small
 * exchange is one record. Rows and input of the current run of bytes gather in
 * the process's own buffers and are written at its end (capture_turn). An idle
 * session holds no memory here.
 *
 * seq is assigned here, to each End and TransactionEnd, in the order of the
 * server's answers.
 */
#ifndef PARALLAX_RELAY_CAPTURE_H
#define PARALLAX_RELAY_CAPTURE_H

#include <stdbool.h>

#include "adapters/wire.h"
#include "base/buffer.h"
#include "base/list.h"
#include "journal/writer.h"

struct capture {
	struct journal_writer *writer; /* NULL: nothing is captured */
	const struct wire_ops *wire;
	struct link sessions; /* the opened ones */
	uint64_t seq;	      /* the newest one assigned */
	uint32_t busy;	      /* sessions with an unanswered statement */
	uint64_t exchanges;
	uint64_t transactions;
	uint64_t uncaptured; /* sessions */
	int64_t now;	     /* unix us of the current run of bytes */
	/* Of the current run of bytes; one session's, one message's. */
	struct buffer columns;
	struct buffer rows;
	struct buffer input;
	uint64_t message;
	uint32_t index;
	enum wire_input_kind input_kind;
};

struct capture_session {
	struct capture *capture;
	struct link link;
	struct journal_stream stream;
	struct wire *const *codec; /* the session's */
	const char *peer;	   /* borrowed */
	bool look;		   /* a mirror's own, and marked as such */
	bool opened;
	bool uncaptured; /* its bytes only pass */
	bool busy;
	char status;
	uint64_t transaction; /* the current one, or the next */
	uint32_t statements;  /* exchanges in it */
	uint64_t readies;     /* how often the server was ready */
	struct buffer held;   /* struct held_statement with its data */
	size_t held_at;	      /* the first that is not done */
};

/* journal: see relay_options. Its errors are the writer's. */
int capture_open(struct capture *capture, const struct wire_ops *wire,
		 const struct journal_options *journal, struct error *error);
/* All sessions are closed. error may be NULL. */
int capture_close(struct capture *capture, struct error *error);

/* codec: where the session keeps it; peer: for reports. Both borrowed. */
void capture_session_init(struct capture_session *session,
			  struct capture *capture, uint64_t number,
			  struct wire *const *codec, const char *peer);
/* After the codec's own close. clean: the client said goodbye. */
void capture_session_close(struct capture_session *session, bool clean);

/* Before and after each run of bytes of a session. */
struct wire_moment capture_moment(struct capture *capture);
void capture_turn(struct capture_session *session);

/* Whether the journal is full (and its policy is to block). */
bool capture_full(const struct capture *capture);
/* Bytes of records not yet written. */
size_t capture_pending(const struct capture *capture);
/* Writes the recorded data; true: there was something. */
bool capture_flush(struct capture *capture);
/* From a timer, every 100 ms or less. */
void capture_tick(struct capture *capture);
/* ",\"name\":value" for each counter. */
void capture_status(const struct capture *capture, char *out, size_t size);

/* The context is a struct capture_session. */
extern const struct wire_events capture_events;

#endif
