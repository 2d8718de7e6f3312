/*
 * The shadow driver's inside: what its files share. shadow.c is the driver,
 * shadow_login.c connects, shadow_batch.c sends commands and receives,
 * shadow_prepared.c knows which are prepared, and shadow_answer.c keeps what was
 * received.
 */
#ifndef PARALLAX_POSTGRES_SHADOW_STATE_H
#define PARALLAX_POSTGRES_SHADOW_STATE_H

#include <libpq-fe.h>

#include "adapters/shadow.h"

enum {
	WARNINGS_HELD = 16,
	COPY_CHUNK = 64 * 1024,
	COLUMNS_DIGESTED = 256,
	PREPARED_PLACES = 256,
};

/* The login's own steps, before the caller's first batch. */
enum login_step {
	LOGIN_CONNECT,
	LOGIN_AUTHORIZATION, /* SET SESSION AUTHORIZATION */
	LOGIN_ROLE,	     /* SET ROLE, where that was refused */
	LOGIN_RIGHTS,	     /* which role's rights they are */
	LOGIN_AGAIN,	     /* the role, reset by the client's options */
	LOGIN_DONE,
};

/* The current answer, with its growing buffers on the heap. */
struct slot {
	struct answer answer;
	struct value *rows;
	size_t row_capacity; /* of values */
	size_t value_count;
	size_t bytes;
	struct rows_digest digest;
	struct digest columns[COLUMNS_DIGESTED];
	struct answer_problem warnings[WARNINGS_HELD];
	bool described;
	struct shadow_prepared *preparing; /* its Parse is under way */
	bool prepared;			   /* it ran by name */
};

/* A statement that came once, or is prepared in this session. */
struct shadow_prepared {
	struct digest digest;
	uint32_t number; /* of its name; 0: not prepared */
};

/* Of a statement that is guarded: what was sent last. */
enum guard_step {
	GUARD_NONE,
	GUARD_SET, /* the savepoint before it */
	GUARD_RUN, /* itself */
};

struct shadow {
	PGconn *connection;
	enum shadow_state state;
	enum login_step step;
	PostgresPollingStatusType polling;
	unsigned wants;
	enum shadow_identity identity;
	char *role;
	char *role_text;       /* or NULL */
	char *role_text_local; /* or NULL */
	bool stood_in;
	bool put_down; /* the session began without the role */
	char problem[512];
	char sqlstate[6];
	enum shadow_refusal refusal;
	bool has_settings; /* of the client's */

	const struct shadow_command *commands;
	size_t count;
	size_t sent;	 /* commands sent */
	size_t answered; /* commands whose answer is complete */
	size_t segment;	 /* end of what was sent as one pipeline */
	size_t queries;	 /* sent */
	size_t received; /* of them, complete */
	bool guarded;	 /* see shadow_guard.c */
	enum guard_step guard;
	bool copying_in;
	bool copying_out;
	bool copy_ended;
	uint64_t copied;
	char *chunk; /* COPY_CHUNK, once needed */
	size_t chunk_size;
	bool chunk_held;

	struct shadow_prepared *prepared; /* PREPARED_PLACES, once needed */
	uint32_t prepared_count;	  /* names given */

	struct slot *slots;
	size_t slot_capacity;
	struct answer *answers;
	struct arena arena;
	int64_t started_at;
};

/* shadow.c: the connection is lost, for libpq's reason. */
enum shadow_state shadow_lose_connection(struct shadow *shadow);
/* Its login is refused permanently; why may have several lines. */
enum shadow_state shadow_refuse(struct shadow *shadow,
				enum shadow_refusal refusal, const char *why);

/* shadow_login.c */
int shadow_open(const struct shadow_login *login, struct shadow **out,
		struct error *error);
enum shadow_state shadow_advance_login(struct shadow *shadow);

/* shadow_batch.c */
int shadow_submit(struct shadow *shadow, const struct shadow_command *commands,
		  size_t count);
enum shadow_state shadow_advance_batch(struct shadow *shadow);
/* Sends from `sent` on, up to the next COPY, or just that one. */
bool shadow_send_segment(struct shadow *shadow);
/* Sends statements of which no command knows, as a segment without commands. */
bool shadow_send_aside(struct shadow *shadow, const char *const *texts,
		       size_t count);
/* Writes what waits; false: the connection is lost. */
bool shadow_flush(struct shadow *shadow);

/* shadow_prepared.c: NULL: the command goes without a name. Its place else: with
 * number 0 it has come before, and is to be prepared. */
struct shadow_prepared *shadow_prepared(struct shadow *shadow,
					const struct shadow_command *command);
void shadow_prepared_name(const struct shadow_prepared *place, char *name,
			  size_t size);
/* A statement that ran by name failed so. True: it may be for that, and what was
 * prepared is forgotten. */
bool shadow_prepared_failed(struct shadow *shadow, const char *sqlstate);
/* A command with this tag has run. */
void shadow_prepared_followed(struct shadow *shadow, const char *tag);
void shadow_prepared_forget(struct shadow *shadow);

/* shadow_guard.c: what is sent when a segment was answered. *more: there is
 * something. False: the connection is lost. */
bool shadow_guard_next(struct shadow *shadow, bool *more);

/* shadow_answer.c: of the command that is answered next */
void shadow_keep_problem(struct shadow *shadow, const PGresult *result,
			 struct answer_problem *problem);
void shadow_notice(void *context, const PGresult *result);
void shadow_describe(struct shadow *shadow, struct slot *slot,
		     const PGresult *result);
void shadow_keep_rows(struct shadow *shadow, struct slot *slot,
		      const PGresult *result);
void shadow_keep_line(struct shadow *shadow, struct slot *slot,
		      const char *data, size_t size);
/* Its answer is complete. */
void shadow_finish(struct shadow *shadow);

#endif
