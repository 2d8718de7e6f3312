/*
 * What the files of the codec share: a session's state, prepared statements,
 * the queue of unanswered commands, the answer under way. Private to
 * adapters/mysql/wire*.c.
 *
 * Ownership: `struct wire_prepared` is counted. The table of statements holds
 * one reference, and so do a queued command and `last_prepared`.
 */
#ifndef PARALLAX_ADAPTERS_MYSQL_WIRE_STATE_H
#define PARALLAX_ADAPTERS_MYSQL_WIRE_STATE_H

#include <xxhash.h>

#include "adapters/mysql/handshake.h"
#include "adapters/mysql/wire.h"

enum {
	WIRE_MAGIC = 0x6d797772,
	/* Of the greeting and the response: a server reads no longer one. */
	WIRE_LOGIN_MAX = 128 * 1024,
	WIRE_NAME_SIZE = 520,	       /* a user's 128 characters, and a NUL */
	WIRE_SETTINGS_MAX = 64 * 1024, /* bytes of names and values */
	WIRE_BIND_HELD = 64 * 1024,  /* longer parameters go out as they come */
	WIRE_SHORT_HELD = 64 * 1024, /* of an answer that is no row */
	WIRE_COLUMNS_HELD = 4 * 1024 * 1024,
	WIRE_COLUMNS_MAX = 65535,
	WIRE_QUEUE_MAX = 65536,
	WIRE_PREPARED_MAX = 1024 * 1024, /* statements, as a server's */
	WIRE_VERBS = 16,      /* statements of a text that are told apart */
	WIRE_TRUNCATED = 256, /* what is kept of a text without room */
	/* Executes what was prepared last (MariaDB). */
	WIRE_LAST_PREPARED = 0xffffffff,
};

/* Commands that are named here and there; the table has all of them. */
enum {
	COMMAND_QUIT = 0x01,
	COMMAND_INIT_DB = 0x02,
	COMMAND_QUERY = 0x03,
	COMMAND_CHANGE_USER = 0x11,
	COMMAND_PREPARE = 0x16,
	COMMAND_EXECUTE = 0x17,
	COMMAND_LONG_DATA = 0x18,
	COMMAND_CLOSE = 0x19,
	COMMAND_RESET_STATEMENT = 0x1a,
	COMMAND_FETCH = 0x1c,
	COMMAND_RESET_CONNECTION = 0x1f,
	COMMAND_BULK_EXECUTE = 0xfa,
};

/* Status flags of OK and EOF. */
enum {
	STATUS_IN_TRANSACTION = 0x0001,
	STATUS_MORE_RESULTS = 0x0008,
	STATUS_CURSOR = 0x0040,
	STATUS_LAST_ROW = 0x0080,
	STATUS_NO_BACKSLASH = 0x0200,
	STATUS_STATE_CHANGED = 0x4000,
};

enum wire_login {
	LOGIN_GREETING, /* the server's comes first */
	LOGIN_RESPONSE, /* the client's */
	LOGIN_PROOF,	/* plugins talk until OK or ERR */
	LOGIN_OVER,
};

/* What a statement's first words say that the server's status flags do not. */
enum wire_verb_kind {
	VERB_OTHER,
	VERB_BEGIN, /* commits what is open */
	VERB_COMMIT,
	VERB_ROLLBACK, /* not to a savepoint */
	VERB_OPAQUE,   /* runs statements that are not seen (CALL, EXECUTE) */
};

/* The form of a command's answer. */
enum wire_expect {
	EXPECT_OK, /* or an error; an EOF counts as OK */
	EXPECT_NOTHING,
	EXPECT_RESULT, /* OK, rows, a request for a file; several of them */
	EXPECT_FETCHED,
	EXPECT_PREPARED,
	EXPECT_FIELDS,
	EXPECT_STRING,
	EXPECT_PROOF, /* a login within the session */
};

struct wire_prepared {
	struct wire_prepared *next; /* in its bucket */
	uint32_t references;
	uint32_t id;
	size_t charge; /* to wire->memory */
	bool installed;
	bool known; /* the server has answered: id, parameter_count */
	bool truncated;
	uint8_t verb;
	uint16_t parameter_count;
	uint64_t after;	 /* the newest seq when it was forwarded */
	uint64_t opened; /* the message that opened its cursor; 0: none */
	uint64_t opened_after;
	struct bytes text; /* behind this struct */
	uint32_t *types;   /* parameter_count of them, or NULL: not bound yet */
	struct buffer unread;	 /* of the newest EXECUTE, until it is known */
	struct buffer long_data; /* u16 parameter, u32 size, bytes; ... */
	struct buffer columns;	 /* as in events.columns */
	bool long_data_lost;	 /* it did not fit */
};

/* A command that the server owes an answer. */
struct wire_command {
	uint8_t code;
	enum wire_expect expect;
	uint64_t message; /* 0: it is no statement */
	uint64_t after;
	struct wire_prepared *prepared;
	/* What it asks for: INIT_DB, CHANGE_USER; malloc'ed. */
	struct bytes user;
	struct bytes database;
	uint8_t verbs[WIRE_VERBS];
	uint8_t verb_count;
};

enum answer_phase {
	PHASE_START,
	PHASE_COLUMNS,
	PHASE_COLUMNS_END, /* EOF, where it is not deprecated */
	PHASE_ROWS,
	PHASE_PARAMETERS, /* of PREPARE */
	PHASE_PARAMETERS_END,
	PHASE_PREPARED_COLUMNS,
	PHASE_PREPARED_COLUMNS_END,
};

/* The answer under way: to the head of the queue. */
struct wire_answer {
	enum answer_phase phase;
	bool started;
	bool binary;
	bool copy_in;
	bool has_rows;
	bool capped;
	uint32_t index;
	int64_t first_byte_at;
	uint64_t first; /* the newest seq at that time */
	size_t kept;
	size_t column_count;
	size_t columns_left;
	size_t prepared_columns_left; /* behind PREPARE's parameters */
	struct buffer columns;
	uint8_t *types;
	size_t type_capacity;
	bool typed; /* types are those of these columns */
	struct rows_digest rows;
	struct digest *digests;
	size_t digest_capacity;
	/* The row under way. */
	struct buffer head; /* a binary row's mark and bitmap */
	uint8_t part[PACKET_INTEGER_MAX];
	uint8_t part_size;
	size_t cell; /* index */
	bool head_known;
	bool in_cell;
	bool keeping;
	uint64_t cell_left;
	struct buffer row;
	XXH3_state_t *hash;
};

/* What OK or EOF says. */
struct wire_ok {
	uint64_t affected;
	uint64_t insert_id;
	uint16_t status;
	uint16_t warnings;
	struct bytes info;
	struct bytes changes; /* of the session's state */
};

struct wire {
	unsigned magic;
	const struct wire_limits *limits;
	const struct wire_events *events;
	void *context;
	struct wire_moment moment;
	enum wire_login login;
	bool raw; /* all that comes passes, and is not followed */
	bool opened;
	bool gone;   /* the client said goodbye */
	bool fatal;  /* the server has said its last word */
	bool passed; /* something came from the server */
	bool wrong_password;
	const char *reason;
	char reason_text[128];

	uint64_t offered; /* the capabilities that the client saw */
	uint64_t capabilities;
	char user[WIRE_NAME_SIZE];
	char database[WIRE_NAME_SIZE];
	struct buffer startup;	/* "name\0value\0": the client's */
	struct buffer reported; /* likewise, the server's */
	struct buffer greeting; /* or response, until it is whole */
	struct buffer out;

	struct packet_framer client;
	struct packet_framer server;
	struct buffer client_held;
	struct buffer server_held;
	uint8_t client_code; /* of the command under way */
	bool in_proof;	     /* the packet under way is a plugin's */
	bool in_row;
	bool file_open;	   /* the client sends a file */
	bool proving;	   /* plugins talk, within the session */
	uint64_t streamed; /* message whose parameters go out as they come */

	struct wire_prepared **buckets;
	size_t bucket_count; /* a power of two, or 0 */
	size_t prepared_count;
	struct wire_prepared *last_prepared;
	size_t memory; /* charged against limits.max_session */
	bool forgot;   /* a statement was not kept for want of room */

	struct wire_command *queue; /* ring */
	size_t queue_capacity;	    /* a power of two, or 0 */
	size_t queue_head;
	size_t queue_count;
	size_t statements_queued;

	uint64_t messages; /* numbers given */
	uint64_t answered; /* the newest that is */
	struct wire_answer answer;
	uint16_t status;
	bool in_transaction;
	bool doubtful; /* an error may have ended it */
	bool failed;   /* a statement outside a block failed */
	uint8_t complaint[600];
};

/* wire.c */
int mysql_bad(struct wire *wire, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Gives up following: all that comes passes from now on. */
void mysql_lose(struct wire *wire, const char *reason);
/* A setting's older value goes. */
void mysql_setting(struct buffer *list, const char *name, struct bytes value);

/* wire_client.c */
int mysql_client_piece(struct wire *wire, const struct packet_piece *piece);

/* wire_server.c */
int mysql_server_piece(struct wire *wire, const struct packet_piece *piece);
/* Ends what is unanswered: the session is over. */
void mysql_abandon(struct wire *wire);

/* wire_answer.c: an answer begins, gets columns, ends. */
int mysql_answer_count(struct wire *wire, uint64_t count);
int mysql_answer_column(struct wire *wire, const uint8_t *body, size_t size);
int mysql_answer_columns(struct wire *wire, struct bytes columns);
void mysql_answer_end(struct wire *wire, enum wire_outcome outcome,
		      const struct wire_ok *ok,
		      const struct wire_problem *problem, bool last);
void mysql_answer_reset(struct wire_answer *answer);
void mysql_answer_release(struct wire_answer *answer);
/* The kind of the statement that the answer is to. */
uint8_t mysql_answer_verb(const struct wire *wire);

/* wire_rows.c: a row, whole or in pieces. */
int mysql_row_piece(struct wire *wire, const struct packet_piece *piece);
/* Goes past a value in the binary form. */
enum packet_result mysql_value_skip(struct packet_cursor *cursor, uint8_t type);

/* wire_transaction.c: what an answer means for the transaction. */
void mysql_transaction_status(struct wire *wire, uint16_t status, uint8_t verb,
			      bool statement, uint64_t first);
void mysql_transaction_error(struct wire *wire,
			     const struct wire_problem *problem, bool statement,
			     uint64_t first);
void mysql_transaction_end(struct wire *wire, enum wire_transaction outcome,
			   uint64_t message, uint64_t after, uint64_t first);

/* wire_queue.c */
struct wire_command *mysql_command_push(struct wire *wire, uint8_t code,
					enum wire_expect expect);
struct wire_command *mysql_command_head(const struct wire *wire);
void mysql_command_pop(struct wire *wire);

/* wire_prepared.c. All may fail for want of memory: NULL or -1. */
struct wire_prepared *mysql_prepared_new(struct wire *wire, struct bytes text,
					 bool truncated);
struct wire_prepared *mysql_prepared_ref(struct wire_prepared *prepared);
void mysql_prepared_unref(struct wire *wire, struct wire_prepared *prepared);
/* The server has named it. */
int mysql_prepared_install(struct wire *wire, struct wire_prepared *prepared,
			   uint32_t id, uint16_t parameter_count);
struct wire_prepared *mysql_prepared_get(const struct wire *wire, uint32_t id);
void mysql_prepared_remove(struct wire *wire, uint32_t id);
void mysql_prepared_clear(struct wire *wire);
/* Keeps bytes beside a statement, charged to the session; false: no room. */
bool mysql_prepared_keep(struct wire *wire, struct wire_prepared *prepared,
			 struct buffer *buffer, const void *data, size_t size);
void mysql_prepared_drop(struct wire *wire, struct wire_prepared *prepared,
			 struct buffer *buffer);
/* Learns the types that an EXECUTE's parameters (behind the statement's number)
 * are bound with, if they stand there. */
void mysql_prepared_bind(struct wire *wire, struct wire_prepared *prepared,
			 struct bytes parameters, bool bulk);

/* wire_text.c */
/* What the statements of a text do, in order; gives how many were told apart.
 * Behind them all is VERB_OPAQUE, if the text goes on. */
uint8_t mysql_verbs(struct bytes text, bool several, bool backslash,
		    uint8_t verbs[WIRE_VERBS]);
/* OK (0x00 or 0xfe in front) or EOF. */
enum packet_result mysql_ok_parse(const struct wire *wire, const uint8_t *body,
				  size_t size, struct wire_ok *out);
void mysql_problem_parse(struct wire_problem *problem, const uint8_t *body,
			 size_t size);
/* "Rows matched: 3  Changed: 1  Warnings: 0" */
bool mysql_info_parse(struct bytes info, uint64_t *matched, uint64_t *changed);
/* A whole packet; returns its size. */
size_t mysql_error_print(uint8_t *out, size_t size, uint8_t sequence,
			 uint16_t code, const char *sqlstate,
			 const char *message);

#endif
