/*
 * The journal's content as neutral structs, for the mirror: no protobuf type
 * shows here. The assembler (assembler.h) makes them. Each owns its memory and
 * is freed by whoever took it. Bytes named "wire" are in the engine's own
 * encoding and are decoded by its adapter. Times are unix us. Strings are never
 * NULL; bytes may be {NULL, 0}.
 */
#ifndef PARALLAX_JOURNAL_EXCHANGE_H
#define PARALLAX_JOURNAL_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "journal/segment.h"

/* Values as in journal.proto. */
enum exchange_kind {
	EXCHANGE_QUERY = 0,	    /* text of one or more statements */
	EXCHANGE_EXECUTE = 1,	    /* one statement with parameters */
	EXCHANGE_FUNCTION_CALL = 2, /* wire call in `call` */
};

enum exchange_outcome {
	EXCHANGE_OK = 0,
	EXCHANGE_FAILED = 1,
	EXCHANGE_SUSPENDED = 2, /* PortalSuspended */
	EXCHANGE_EMPTY = 3,	/* no statement in the text */
	EXCHANGE_ABANDONED = 4, /* the session ended before the answer did */
	EXCHANGE_SKIPPED = 5,	/* an earlier one of its pipeline failed */
};

enum exchange_transaction_outcome {
	EXCHANGE_COMMIT = 0,
	EXCHANGE_ROLLBACK = 1,
	EXCHANGE_UNKNOWN = 2,
};

/* Names for logs and JSON: "query", "ok", "commit", ... */
const char *exchange_outcome_name(enum exchange_outcome outcome);
const char *exchange_transaction_outcome_name(
    enum exchange_transaction_outcome outcome);

/* A client session: writer, epoch and session together identify it for good. */
struct exchange_session_id {
	uint32_t writer;
	uint32_t epoch;
	uint64_t session;
};

struct exchange_setting {
	const char *name;
	const char *value;
};

struct exchange_problem {
	const char *severity;
	const char *sqlstate;
	const char *message;
	const char *constraint; /* "" none */
	uint32_t position;	/* in the text, from 1; 0: none */
	uint32_t code;		/* the engine's own number; 0: it has none */
	bool authored; /* the application wrote the message, not the server */
};

/*
 * The client's message, shared (by reference count) by the exchanges that
 * answer it.
 */
struct exchange_statement {
	unsigned references;
	enum exchange_kind kind;
	struct bytes text; /* client's encoding; followed by a NUL */
	bool truncated;	   /* text is a prefix */
	struct bytes bind; /* wire: Bind's body after its two names */
	const uint32_t *parameter_types; /* 0: not known */
	size_t parameter_type_count;
	struct bytes call;	    /* wire: FunctionCall's body */
	const char *statement_name; /* "" unnamed */
	const char *portal;
	uint32_t row_limit;	 /* 0: none */
	bool resumed;		 /* a further Execute of a suspended portal */
	uint64_t portal_message; /* resumed: the portal's first Execute */
	int64_t forwarded_at;
	/* The newest seq when it was forwarded; when its Parse and its Bind
	 * were forwarded, which is `after` if it has none. */
	uint64_t after;
	uint64_t parse_after;
	uint64_t bind_after;
	uint64_t
	    parsed_after; /* the first Parse of its transaction; or `after` */
	uint64_t transaction;
	char status_before; /* 'I', 'T', 'E', 0: not known */
	bool implicit;
	/* Text or bind exceeded the assembler's limits and are incomplete: the
	 * statement cannot be judged. */
	bool oversized;
	struct journal_position position; /* of its first part */
};

struct exchange_input;

struct exchange {
	struct exchange_session_id id;
	uint64_t message;
	uint32_t index; /* which answer of the message, from 0 */
	const struct exchange_statement *statement; /* never NULL */

	/* Input of a COPY: a byte stream, see exchange_input_read. */
	struct exchange_input *input; /* NULL: none */
	uint64_t input_size;
	const char *input_failure; /* CopyFail's message; NULL: none */

	/* wire: RowDescription's (CopyOutResponse's) body */
	struct bytes columns;
	struct bytes rows; /* wire: each after its u32 big-endian length */

	uint64_t seq;
	enum exchange_outcome outcome;
	const char *tag;		  /* CommandComplete's */
	struct exchange_problem *problem; /* FAILED, else NULL */
	struct exchange_problem *warnings;
	size_t warning_kept;	/* how many are in warnings */
	uint32_t warning_count; /* how many there were */
	uint64_t row_count;
	bool rows_capped; /* rows ends early */
	bool has_digests; /* the two below are set */
	struct digest ordered;
	struct digest unordered;
	struct digest *column_digests;
	size_t column_digest_count;
	int64_t first_byte_at;
	int64_t completed_at;
	/* The newest seq when the answer's first byte came; seq if none came.
	 */
	uint64_t first;
	uint64_t insert_id;    /* from the server; 0: it gives none */
	uint64_t matched_rows; /* by a write, changed or not; likewise */
	uint64_t changed_rows; /* likewise */
	uint32_t in_flight;
	bool copy_in;
	bool copy_out;
	struct journal_position position; /* of the record with its End */
};

void exchange_free(struct exchange **exchange);

/*
 * Reads up to size bytes of a COPY's input from offset; it is in memory or, if
 * long, in an unlinked temporary file. *got is 0 at the end only.
 */
int exchange_input_read(const struct exchange *exchange, uint64_t offset,
			void *into, size_t size, size_t *got,
			struct error *error);
/* Whether the input was spilled to a file. */
bool exchange_input_spilled(const struct exchange *exchange);

struct exchange_transaction_end {
	struct exchange_session_id id;
	uint64_t message; /* that ended it; 0: none */
	uint64_t transaction;
	uint64_t seq;
	uint64_t after;
	uint64_t first; /* the newest seq when its answer's first byte came */
	enum exchange_transaction_outcome outcome;
	struct exchange_problem *problem; /* or NULL */
	int64_t at;
	uint32_t statements;
	uint32_t in_flight;
};

void exchange_transaction_end_free(struct exchange_transaction_end **end);

struct exchange_session {
	struct exchange_session_id id;
	int64_t at;
	const char *role;
	const char *database;
	struct exchange_setting *startup;
	size_t startup_count;
	struct exchange_setting *reported;
	size_t reported_count;
	const char *client;
	/* It was at a segment's head. Its beginning was not seen; or (known) it
	 * was, but a gap has made its state uncertain, and this is the state
	 * now. */
	bool resumed;
	bool known;
	bool look;		 /* the mirror's own, for a second look */
	char transaction_status; /* resumed: 'I', 'T', 'E'; else 'I' */
	uint64_t transaction;	 /* resumed */
};

void exchange_session_free(struct exchange_session **session);

enum exchange_gap_kind {
	EXCHANGE_GAP_RECORDED, /* a Gap record of the relay's */
	EXCHANGE_GAP_CORRUPT,  /* the journal's bytes are damaged or missing */
	EXCHANGE_GAP_ORPHAN,   /* an exchange whose beginning was not read */
	EXCHANGE_GAP_UNENDED,  /* an exchange whose end never came */
};

/*
 * Exchanges were lost. For ORPHAN, a resuming mirror ignores those whose
 * last_seq it has already judged.
 */
struct exchange_gap {
	enum exchange_gap_kind kind;
	uint32_t writer; /* CORRUPT: 0 */
	uint32_t epoch;	 /* CORRUPT: 0 */
	const char *reason;
	bool clean;	    /* a relay restarted in order: nothing is lost */
	uint64_t records;   /* 0: not known */
	uint64_t exchanges; /* 0: not known */
	uint64_t first_seq; /* 0: not known */
	uint64_t last_seq;
	uint64_t *sessions; /* none: any */
	size_t session_count;
};

void exchange_gap_free(struct exchange_gap **gap);

#endif
