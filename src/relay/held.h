/*
 * The statements of a session that are not answered yet, in one buffer: each is a
 * head and its data, one behind the other, in the order of their messages. No
 * allocation for one of them, as long as the buffer is large enough.
 */
#ifndef PARALLAX_RELAY_HELD_H
#define PARALLAX_RELAY_HELD_H

#include "relay/capture.h"

enum { CAPTURE_RECORD = 256 * 1024 }; /* bytes of rows or input in a record */

/* Followed by types, text, bind, call, and the two names with a NUL each. */
struct held_statement {
	uint64_t message;
	size_t size; /* total, a multiple of 8 */
	bool written;
	bool done;
	enum wire_statement_kind kind;
	bool truncated;
	bool resumed;
	bool implicit;
	uint32_t row_limit;
	uint64_t portal_message;
	int64_t forwarded_at;
	uint64_t after;
	uint64_t parse_after;
	uint64_t bind_after;
	uint64_t parsed_after;
	uint64_t ready_at; /* capture_session.readies when its turn comes */
	size_t type_count;
	size_t text_size;
	size_t bind_size;
	size_t call_size;
	size_t name_size;
	size_t portal_size;
};

/* The one at an offset of session->held; NULL: it is the buffer's end. */
struct held_statement *held_statement_at(struct capture_session *session,
					 size_t at);
/* NULL: there is none of that message. */
struct held_statement *held_statement_find(struct capture_session *session,
					   uint64_t message);
/* Frees those at the beginning that are done. */
void held_statements_advance(struct capture_session *session);
/* False: no memory; the statement's records will be reported as lost. */
bool held_statement_push(struct capture_session *session,
			 const struct wire_statement *it);

#endif
