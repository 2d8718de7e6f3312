/*
 * The contract between the relay, which knows no engine, and an engine's wire
 * codec, which knows no socket (sans-IO).
 *
 * The relay gives the codec of a session each run of bytes that it read from
 * the client or from the server, in order. The codec says how much of it may
 * pass on (all of it, unless the session ends here), and tells through
 * `struct wire_events` what was executed and how it was answered. It keeps
 * message heads and small prefixes, never a whole row or COPY.
 *
 * Messages: each thing that a client has executed (a query, an execute of a
 * prepared statement, a function call) gets a number, from 1, in the order of
 * forwarding. Answers come in that order.
 *
 * Whatever comes passes: what is wrong with it the server says, or the client
 * finds. Where the codec cannot follow any more, or will not (replication), it
 * says `uncaptured`, and from then on the session's bytes just pass. See
 * src/journal/journal.proto for the meaning of the fields; enums here have its
 * values.
 */
#ifndef PARALLAX_ADAPTERS_WIRE_H
#define PARALLAX_ADAPTERS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"

struct wire; /* one session's codec state, private to the engine */

struct wire_limits {
	size_t max_statement; /* bytes of a text that are kept */
	size_t max_result;    /* bytes of rows kept of one answer */
	size_t max_session;   /* bytes of prepared texts and parameters that a
				 session may keep; above, texts are truncated */
};

struct wire_setting {
	const char *name;
	const char *value;
};

struct wire_session {
	const char *role;
	const char *database;
	const struct wire_setting *startup; /* except role and database */
	size_t startup_count;
	const struct wire_setting *reported; /* by the server, as known now */
	size_t reported_count;
	char status; /* 'I', 'T', 'E' */
};

enum wire_statement_kind {
	WIRE_QUERY = 0,
	WIRE_EXECUTE = 1,
	WIRE_FUNCTION_CALL = 2,
};

/* Statement; pointers are valid during the call. */
struct wire_statement {
	enum wire_statement_kind kind;
	uint64_t message;
	struct bytes text;
	bool truncated;
	struct bytes bind;
	/* WIRE_FUNCTION_CALL: its body. Else values of parameters that were sent
	 * ahead, each with its number, if the engine has such. */
	struct bytes call;
	const uint32_t *parameter_types;
	size_t parameter_type_count;
	const char *statement_name; /* "" unnamed */
	const char *portal;
	uint32_t row_limit;
	bool resumed;
	uint64_t portal_message;
	bool implicit;
	uint64_t after; /* the newest seq when it was forwarded */
	/* The same for the messages that prepared and bound it, for an EXECUTE
	 * whose portal is known; otherwise as `after`. */
	uint64_t parse_after;
	uint64_t bind_after;
	/* And for the first statement of its transaction that was only
	 * prepared; if there is none, as `after`. */
	uint64_t parsed_after;
	uint32_t behind; /* ReadyForQuery (or its like) still pending for
			    earlier messages */
};

enum wire_input_kind {
	WIRE_INPUT_BIND = 0,
	WIRE_INPUT_COPY_DATA = 1,
	WIRE_INPUT_COPY_FAIL = 2,
	WIRE_INPUT_TEXT = 3,
};

enum wire_outcome {
	WIRE_OK = 0,
	WIRE_FAILED = 1,
	WIRE_SUSPENDED = 2,
	WIRE_EMPTY = 3,
	WIRE_ABANDONED = 4,
	WIRE_SKIPPED = 5,
};

struct wire_problem { /* about 600 bytes */
	char severity[16];
	char sqlstate[6];
	char message[512];   /* truncated */
	char constraint[64]; /* "" none */
	uint32_t position;
	uint32_t code; /* the engine's own number; 0: it has none */
	/* The application wrote the message (in a function of its own), and
	 * not the server. */
	bool authored;
};

enum {
	WIRE_WARNINGS = 16,
	WIRE_COLUMN_DIGESTS = 256,
	WIRE_ROW_KEPT = 8 * 1024 * 1024, /* a longer row is never kept */
};

struct wire_end {
	uint64_t message;
	uint32_t index;
	enum wire_outcome outcome;
	const char *tag;
	const struct wire_problem *problem; /* WIRE_FAILED, otherwise NULL */
	/* The first WIRE_WARNINGS of them; NULL: the server counts them only. */
	const struct wire_problem *warnings;
	uint32_t warning_count;
	bool rows_capped;
	const struct rows_digest *rows; /* NULL: not a result set */
	struct bytes columns;		/* known from a Describe; or empty */
	int64_t first_byte_at;		/* unix us; 0: none came */
	uint64_t first;			/* the newest seq at that time */
	uint64_t insert_id;		/* from the server; 0: it gives none */
	uint64_t matched_rows; /* by a write, changed or not; likewise */
	uint64_t changed_rows; /* likewise */
	bool copy_in;
	bool copy_out;
	bool last; /* no other answer to this message follows */
};

enum wire_transaction {
	WIRE_COMMIT = 0,
	WIRE_ROLLBACK = 1,
	WIRE_UNKNOWN = 2,
};

/* The session goes on as another one, by a message that is no statement. */
struct wire_change {
	uint64_t after;	      /* of that message */
	uint64_t first;	      /* the newest seq when its answer began */
	bool reset;	      /* as if newly connected */
	const char *role;     /* "" as before */
	const char *database; /* "" as before */
};

/* A codec's events. All pointers are valid during the call only. */
struct wire_events {
	/* The session is authenticated and ready: its first idle moment.
	 * wire_ops.describe gives the rest. */
	void (*opened)(void *context);
	/* The rest of the session is not followed, and no more events will
	 * come. Everything reported so far is ended. Before `opened`: none of
	 * the session is followed; wire_ops.describe says whose it is. */
	void (*uncaptured)(void *context, const char *reason);
	/* It will be forwarded when the call into the codec returns. */
	void (*statement)(void *context, const struct wire_statement *it);
	/* A piece of the input of a message that is still unanswered. */
	void (*input)(void *context, uint64_t message, uint32_t index,
		      enum wire_input_kind kind, struct bytes data);
	/* The answer has rows of these columns. */
	void (*columns)(void *context, uint64_t message, uint32_t index,
			struct bytes columns);
	/* A complete row within max_result, without its length. */
	void (*row)(void *context, uint64_t message, uint32_t index,
		    struct bytes row);
	void (*end)(void *context, const struct wire_end *end);
	/* after: of the message that ended it; first: the newest seq when the
	 * answer to it began. problem: what undid it, where that was no
	 * statement's own answer; or NULL. */
	void (*transaction_end)(void *context, enum wire_transaction outcome,
				uint64_t message, uint64_t after,
				uint64_t first,
				const struct wire_problem *problem);
	/* From here on. What was open is ended. */
	void (*changed)(void *context, const struct wire_change *it);
	/* The server is ready: 'I', 'T' or 'E'. All messages up to `message`
	 * are answered finally; busy: later ones are not. */
	void (*ready)(void *context, char status, uint64_t message, bool busy);
};

/*
 * When a run of bytes was read, and the newest seq at that time. Each `end` and
 * `transaction_end` takes the next one.
 */
struct wire_moment {
	int64_t at; /* unix us */
	uint64_t seq;
};

enum wire_verb {
	WIRE_PASS,   /* send `forward` to the other side */
	WIRE_OPEN,   /* connect to the primary, then as WIRE_PASS */
	WIRE_RAW,    /* as WIRE_OPEN, and give the codec no more bytes: a
			cancel request */
	WIRE_ASK,    /* it is known who the client says it is: as WIRE_PASS, if
			it is admitted. `reply`, if there is one, asks for its
			proof */
	WIRE_SECURE, /* send `reply`, then the client's connection is TLS; what
			comes next is what it says inside */
	WIRE_REFUSE, /* send `reply` to the client, then end the session */
};

/* The decision about a run of bytes. */
struct wire_step {
	enum wire_verb verb;
	size_t consumed;      /* call again with the rest, unless REFUSE */
	struct bytes forward; /* in the run, or the codec's until next call */
	struct bytes reply;   /* to whom the run came from; the codec's until
				 next call */
	bool hold;	      /* read no more from the client until
				 wire_ops.ready_for_client */
	bool denied;	      /* REFUSE: it is the login, not the protocol */
	bool declined;	      /* the client asked for TLS and is told no */
	const char *reason;   /* REFUSE: for the log; static or the codec's */
};

enum wire_complaint {
	WIRE_UNREACHABLE, /* the primary cannot be reached */
	WIRE_LOST,	  /* the primary closed the connection */
	WIRE_SHUTDOWN,	  /* the relay ends */
	WIRE_EXHAUSTED,	  /* memory, descriptors */
	WIRE_SLOW_LOGIN,  /* the login took too long */
	WIRE_DENIED,	  /* the client is not admitted */
};

/* A server's answer to a request for TLS. */
enum wire_tls_answer { WIRE_TLS_YES, WIRE_TLS_NO, WIRE_TLS_BAD };

struct wire_ops {
	const char *engine;

	/* The server speaks first: the relay connects to it as soon as a client
	 * has come, and the codec gives WIRE_ASK, not WIRE_OPEN, once it is
	 * known who the client says it is. Such an engine has no tls_request.
	 */
	bool server_first;

	/* TLS: the protocol's name in it (ALPN), if a client may begin with TLS
	 * at once; otherwise NULL. The request that a server gets before all
	 * else, and the meaning of its one-byte answer. */
	const char *(*protocol)(void);
	struct bytes tls_request;
	enum wire_tls_answer (*tls_answer)(uint8_t byte);

	/* The path of a port's unix socket in a directory; -1: too long. */
	int (*socket_path)(const char *directory, int port, char *out,
			   size_t size);

	/* NULL: no memory. limits and events are borrowed for good. tls: the
	 * client is offered it, by WIRE_SECURE. */
	struct wire *(*open)(const struct wire_limits *limits,
			     const struct wire_events *events, void *context,
			     bool tls);
	/* Call it before any byte. The codec then logs in those clients itself
	 * whose secret find() returns. A secret is what a server keeps of a
	 * password; see docs/security.md. */
	void (*authenticate)(struct wire *wire,
			     const char *(*find)(void *context,
						 const char *user),
			     void *context);
	bool (*secret_is_valid)(const char *secret);
	/* Ends unfinished messages (ABANDONED, UNKNOWN) and frees. */
	void (*close)(struct wire **wire, struct wire_moment moment);

	void (*client)(struct wire *wire, struct wire_moment moment,
		       const uint8_t *data, size_t size,
		       struct wire_step *step);
	void (*server)(struct wire *wire, struct wire_moment moment,
		       const uint8_t *data, size_t size,
		       struct wire_step *step);

	/* Whether the client may be read again after a step's hold. */
	bool (*ready_for_client)(const struct wire *wire);
	/* Whether nothing is unanswered and no transaction is open. */
	bool (*quiet)(const struct wire *wire);
	/* Whether the client has ended its session in order. */
	bool (*clean)(const struct wire *wire);

	/* Whom the client says it is, and which database it wants: known from
	 * WIRE_OPEN on, valid until the next call. "": it says none. */
	void (*claims)(const struct wire *wire, const char **user,
		       const char **database);
	/* Whether the server has refused its password. */
	bool (*wrong_password)(const struct wire *wire);

	/* For a session's state at the head of a journal segment: valid until
	 * the next call. False: neither opened nor uncaptured yet. */
	bool (*describe)(const struct wire *wire, struct wire_session *out);

	/*
	 * Writes an error of the relay's own for the client, in its protocol,
	 * into out. Returns its size, or 0 if it cannot be sent now (in the
	 * middle of a message, or after the server's own final error). wire may
	 * be NULL.
	 */
	size_t (*complain)(const struct wire *wire, enum wire_complaint what,
			   const char *message, uint8_t *out, size_t size);
	/* The message that ends the session with the server on behalf of a
	 * client that has disconnected; empty if it cannot be sent. Static. */
	struct bytes (*goodbye)(const struct wire *wire);
};

#endif
