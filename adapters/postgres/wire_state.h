/*
 * What the files of the codec share: a session's state, the framing of both
 * directions, prepared statements and portals, the queue of what is unanswered.
 * Private to adapters/postgres/wire*.c.
 *
 * Ownership: `struct wire_prepared` and `struct portal` are counted. The tables
 * hold one reference; a queued message holds one of each that it names.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_WIRE_STATE_H
#define PARALLAX_ADAPTERS_POSTGRES_WIRE_STATE_H

#include <xxhash.h>

#include "adapters/postgres/wire.h"
#include "base/buffer.h"

enum {
	WIRE_MAGIC = 0x70677772,
	/* Limits of PostgreSQL's own (postmaster.c, libpq.h, auth.c,
	 * pg_config_manual.h). Its limits of messages count the length's own
	 * four bytes, that of the startup packet does not. */
	WIRE_STARTUP_MAX = 10000 + 4,
	WIRE_SMALL_MAX = 10000 - 4,
	WIRE_AUTH_MAX = 65535 - 4,
	WIRE_LARGE_MAX = 0x3ffffffe - 4,
	WIRE_NAME_MAX = 63, /* bytes of a statement's or portal's name */
	WIRE_KEY_MAX = 256, /* of a session's secret key */
	/* Ours. */
	WIRE_BIND_HELD = 64 * 1024, /* a longer Bind goes out as it comes */
	WIRE_SHORT_HELD = 64 * 1024,
	WIRE_COLUMNS_HELD = 512 * 1024, /* 1,664 columns at the most */
	WIRE_QUEUE_MAX = 65536,
	WIRE_TRUNCATED = 256, /* what is kept of a text without room */
};

/* States, as bits, so that a message's row can name several. */
enum client_state {
	CLIENT_LOGIN = 1,
	CLIENT_READY = 2,
	CLIENT_COPY = 4, /* the server waits for COPY data */
	CLIENT_GONE = 8, /* said goodbye: the server reads no more */
	CLIENT_STARTUP = 16,
	CLIENT_AUTH = 64,   /* proves itself to the relay */
	CLIENT_BROKEN = 32, /* sent what the server ends a session for */
};

enum server_state {
	SERVER_LOGIN = 1,
	SERVER_STARTING = 2, /* authenticated, not ready yet */
	SERVER_READY = 4,
	SERVER_COPY = 8, /* sends COPY data */
};

/*
 * One message type. A body that is whole in the run of bytes goes to `whole`
 * in place. Else, up to `held` bytes of it are gathered; a body that is no
 * longer than that goes to `whole`, too; of a longer one `piece` gets what was
 * gathered and then the rest as it comes (`rest` bytes are still to come) or,
 * without a `piece`, `whole` gets the gathered prefix at the end.
 * `total` is the body's size. They return 0, or -1 with wire->reason set: what
 * the session does cannot be followed any more.
 */
struct message {
	const char *name;
	unsigned states; /* where it is legal */
	uint32_t least;	 /* bytes of body */
	uint32_t most;
	uint32_t held; /* UINT32_MAX: limits.max_statement + 1024 */
	int (*whole)(struct wire *wire, const uint8_t *body, uint32_t size,
		     uint32_t total);
	int (*piece)(struct wire *wire, const uint8_t *data, uint32_t size,
		     uint32_t rest, bool first);
};

struct framer {
	const struct message *message; /* under way; NULL: at a border */
	uint32_t total;
	uint32_t remaining;
	uint8_t head[5];
	uint8_t head_size;
	bool streaming;
	bool discarding;
	struct buffer held;
};

enum framing {
	FRAMING_DONE = 0,
	FRAMING_REFUSED = -1, /* a type or length that cannot stand here */
	FRAMING_FAILED = -2,  /* a handler's -1 */
};

struct named {
	struct named *next; /* in its bucket */
	uint64_t hash;
	uint32_t references;
	uint32_t charge; /* to wire->memory */
	bool is_portal;
	bool installed; /* in its table */
	const char *name;
};

struct wire_prepared {
	struct named named;
	bool truncated;
	struct bytes text; /* behind this struct, as is the name */
	uint32_t *types;   /* behind it or, if types_owned, on its own */
	size_t type_count;
	uint64_t after; /* the newest seq when Parse was forwarded */
	bool types_owned;
	struct bytes columns; /* RowDescription's body; malloc'ed; or empty */
};

struct portal {
	struct named named;
	struct wire_prepared *prepared; /* NULL: unknown */
	struct bytes bind;		/* behind this struct */
	uint64_t message;		/* first executed as; 0: not yet */
	uint64_t after; /* the newest seq when Bind was forwarded */
	bool early;	/* its Statement went out before Execute */
	bool executed;
};

struct names {
	struct named **buckets;
	size_t bucket_count; /* a power of two, or 0 */
	size_t count;
	struct named *unnamed;
};

enum pending_kind {
	PENDING_QUERY,
	PENDING_PARSE,
	PENDING_BIND,
	PENDING_DESCRIBE,
	PENDING_EXECUTE,
	PENDING_CLOSE,
	PENDING_SYNC,
	PENDING_FUNCTION,
	/* A Flush with a body, which is an error. */
	PENDING_MALFORMED,
	/* No answer is owed: the end of the input of the COPY before it, should
	 * that be one. It says which Syncs stood inside of the input. */
	PENDING_COPY_END,
};

struct wire_indexes {
	uint32_t *at; /* ascending; malloc'ed, or NULL */
	uint32_t count;
	uint32_t capacity;
};

/*
 * A message that the server owes an answer.
 *
 * In COPY the server ignores a Sync. Whether it was in COPY when it read one
 * shows later only, in what it answers:
 *
 *	client: Query(COPY) CopyData Sync CopyDone Query(SELECT)
 *	server: CopyInResponse CommandComplete ReadyForQuery ...
 *		it was: CopyDone ended that COPY well
 *	server: CopyInResponse ErrorResponse ReadyForQuery ReadyForQuery ...
 *		it was not: the data was bad, COPY had ended before the Sync
 *	server: CopyInResponse ErrorResponse ReadyForQuery RowDescription ...
 *		it was: COPY failed behind it
 *
 * So such a Sync is `inside` while that COPY goes on, and `doubtful` if it
 * failed: the next ReadyForQuery is its own, another answer takes it out.
 */
struct pending {
	enum pending_kind kind;
	uint64_t message; /* QUERY, EXECUTE, FUNCTION */
	uint64_t after;
	struct wire_prepared *prepared; /* the one it made, names or runs */
	struct portal *portal;		/* the one it made */
	struct named *displaced; /* what made place for it, or was closed */
	bool done;	/* QUERY: no answer but ReadyForQuery is to come */
	bool malformed; /* SYNC: has a body, which is an error outside COPY */
	bool inside;	/* SYNC: within the input of the COPY under way */
	bool doubtful;	/* SYNC: ReadyForQuery may come of it, or not */
	uint32_t syncs; /* SYNC: so many in a row */
	struct wire_indexes partial_rollbacks; /* QUERY: of its answers, if
						  ROLLBACK: to a savepoint */
};

/* The answer under way: to the head of the queue. */
struct reply {
	bool started;
	uint32_t index;
	int64_t first_byte_at;
	uint64_t first; /* the newest seq at that time */
	bool has_rows;
	bool counted; /* rows_digest_start was called */
	bool capped;
	size_t kept;
	struct rows_digest rows;
	struct digest *columns;
	size_t column_capacity;
	uint32_t warning_count;
	struct wire_problem *warnings;
	bool copy_in;
	bool copy_out;
	/* A row that came in pieces. */
	uint8_t part[4]; /* of a count or a length */
	uint8_t part_size;
	bool in_cell;
	bool count_known;
	uint32_t cells_left;
	uint32_t cell_left;
	bool keeping;
	struct buffer row;
	XXH3_state_t *hash;
};

struct wire {
	unsigned magic;
	const struct wire_limits *limits;
	const struct wire_events *events;
	void *context;
	struct wire_moment moment;
	unsigned client_state;
	unsigned server_state;
	bool raw;     /* all that comes passes, and is not followed */
	bool foreign; /* asked for another major version of the protocol */
	bool offers_tls;
	bool asked_tls; /* the last packet did: not twice in a row */
	bool asked_gss;
	/* wire_login.c */
	bool login_over;     /* the server has said how to log in */
	uint32_t login_skip; /* of a message before that */
	struct buffer login_held;
	struct buffer login_out;
	bool wrong_password;
	/* wire_auth.c */
	const char *(*find_secret)(void *context, const char *user);
	void *secret_context;
	struct wire_auth *auth; /* NULL: the server asks the client */
	struct buffer auth_out; /* for whom the run came from */
	bool unbound;		/* the login that binds was not offered */
	const char *refusal;	/* why this login ends here; static */
	bool opened;
	bool fatal;  /* the server has said its last word */
	bool passed; /* something came from the server */
	const char *reason;
	char reason_text[128];

	struct framer client;
	struct framer server;

	struct names prepared;
	struct names portals;
	size_t memory; /* of both, charged against limits.max_session */

	struct pending *queue; /* ring */
	size_t queue_capacity; /* a power of two, or 0 */
	size_t queue_head;
	size_t queue_count;
	bool skipping; /* the server ignores all until Sync */
	/* An Execute of COPY failed with Syncs inside: whether the server skips
	 * is known from the next ReadyForQuery on. */
	bool perhaps_skipping;
	bool malformed_inside; /* Flush or Sync, which COPY ignores too */
	bool stray_error; /* one that answers nothing; ReadyForQuery follows */
	bool forgot;	  /* a name's statement was not kept for want of room */
	uint32_t owed;	  /* ReadyForQuery, by what is in the queue */

	uint64_t messages;   /* numbers given */
	uint64_t answered;   /* the newest that is */
	uint64_t statements; /* executed, not yet behind a ReadyForQuery */
	struct reply reply;
	struct portal *binding; /* of a long Bind under way */
	uint32_t parses;	/* sent since ReadyForQuery */
	bool parsed;		/* one was sent in this transaction: ... */
	uint64_t parsed_after;	/* the newest seq then */

	char status;
	bool failed; /* the transaction has an error */
	uint64_t transaction_answers;
	struct wire_problem *undone_by; /* or NULL */
	/* A simple Query's COMMIT or ROLLBACK: told when it is known whether
	 * its message goes on. */
	bool block_ended;
	enum wire_transaction block_outcome;
	uint64_t block_after;
	uint64_t block_first;

	/* What the client sent behind its startup packet before the server was
	 * ready: forwarded, but read when it is. */
	struct buffer early;
	struct wire_moment early_moment;
	struct buffer startup;	/* its packet: "name\0value\0..." from 8 on */
	struct buffer reported; /* "name\0value\0" ParameterStatus */
	uint8_t out[1024];
};

/* wire_frame.c */
/*
 * Takes all of a run, unless a message is wrong: *good is then the size of what
 * stands before it in this run, else size.
 */
enum framing framer_run(struct wire *wire, struct framer *framer,
			const struct message *table, unsigned *state,
			const uint8_t *data, size_t size, size_t *good);
bool framer_at_border(const struct framer *framer);
int wire_bad(struct wire *wire, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* wire_names.c. All may fail for want of memory: NULL or -1. */
struct wire_prepared *prepared_new(struct wire *wire, const char *name,
				   struct bytes text, bool truncated,
				   const uint8_t *types, size_t type_count);
struct portal *portal_new(struct wire *wire, const char *name,
			  struct wire_prepared *prepared, struct bytes bind);
/* What does not fit in max_session is not kept, and the text is `truncated`. */
int prepared_set_types(struct wire *wire, struct wire_prepared *prepared,
		       const uint8_t *types, size_t count);
int prepared_set_columns(struct wire *wire, struct wire_prepared *prepared,
			 struct bytes columns);
struct wire_prepared *prepared_ref(struct wire_prepared *prepared);
struct portal *portal_ref(struct portal *portal);
struct named *named_ref(struct named *named);
void named_unref(struct wire *wire, struct named *named);
bool names_full(const struct wire *wire);
struct named *names_get(const struct names *names, const char *name);
/* Puts it in (taking a reference); gives what it displaced, with its
 * reference. */
int names_put(struct names *names, struct named *named,
	      struct named **displaced);
/* Takes out; gives it with its reference, or NULL. */
struct named *names_remove(struct names *names, const char *name);
void names_clear(struct wire *wire, struct names *names);
void names_release(struct wire *wire, struct names *names);

/* wire_queue.c */
struct pending *queue_push(struct wire *wire, enum pending_kind kind);
int queue_push_sync(struct wire *wire, bool malformed);
struct pending *queue_head(struct wire *wire);
struct pending *queue_at(struct wire *wire, size_t index);
/* Drops the head; it took effect. */
void queue_pop(struct wire *wire);
/* Drops one of the head's Syncs. */
void queue_pop_sync(struct wire *wire);
/* The head, where the answer is not ReadyForQuery: Syncs in doubt go. */
struct pending *queue_answered(struct wire *wire);
/* Whether nothing is owed but, perhaps, by Syncs in doubt. */
bool queue_idle(const struct wire *wire);
/* The head's COPY takes input: Syncs in it are `inside`. Gives whether its end
 * was sent. */
bool queue_copy_begin(struct wire *wire);
/* It took all of it; or it failed. */
void queue_copy_end(struct wire *wire, bool failed);
/* What the server will not run: undone, from the tail back to index `from`,
 * up to `to` (exclusive). Ends messages as SKIPPED, in their order. */
void queue_skip(struct wire *wire, size_t from, size_t to);
void queue_trim(struct wire *wire);

/* wire.c */
void wire_refuse(struct wire *wire, struct wire_step *step,
		 const char *sqlstate, const char *message);
/* The value of a startup parameter, or NULL. Of several the last one counts. */
const char *wire_startup_get(const struct wire *wire, const char *name);
/* Gives up following: all that comes passes from now on. */
void wire_lose(struct wire *wire, const char *reason);
/* The server is ready for the first time. */
int wire_begin(struct wire *wire);

/* wire_login.c */
/* What the client gets of a run of the server's, until login_over. */
struct bytes wire_login_filter(struct wire *wire, struct bytes run);
int wire_login_password(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total);

/* wire_client.c, wire_server.c */
extern const struct message postgres_client_messages[256];
extern const struct message postgres_server_messages[256];
void wire_end_message(struct wire *wire, uint64_t message, uint32_t index,
		      enum wire_outcome outcome,
		      const struct wire_problem *problem);
void reply_end(struct wire *wire, enum wire_outcome outcome, const char *tag,
	       const struct wire_problem *problem, bool last);
void reply_reset(struct reply *reply);
/* Tells the end that waits, if one does; messages up to `answered` are over. */
void wire_block_over(struct wire *wire, uint64_t answered);

/* wire_rows.c */
int reply_row(struct wire *wire, const uint8_t *body, uint32_t size);
int reply_row_piece(struct wire *wire, const uint8_t *data, uint32_t size,
		    uint32_t rest, bool first);
int reply_copy(struct wire *wire, const uint8_t *body, uint32_t size);
int reply_copy_piece(struct wire *wire, const uint8_t *data, uint32_t size,
		     uint32_t rest, bool first);
int reply_count(struct wire *wire, size_t column_count);

/* wire_text.c */
int postgres_partial_rollbacks(struct bytes text, struct wire_indexes *list);
bool wire_indexes_have(const struct wire_indexes *list, uint32_t index);
/* Of a text of one statement. */
bool postgres_is_partial_rollback(struct bytes text);
void postgres_problem_parse(struct wire_problem *problem, const uint8_t *body,
			    size_t size);
size_t postgres_error_print(uint8_t *out, size_t size, const char *sqlstate,
			    const char *message);

#endif
