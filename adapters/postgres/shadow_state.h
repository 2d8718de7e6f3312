/*
 * The shadow driver's inside: what its files share. shadow.c is the driver,
 * shadow_login.c connects, shadow_batch.c sends commands and receives, and
 * shadow_answer.c keeps what was received.
 */
#ifndef PARALLAX_POSTGRES_SHADOW_STATE_H
#define PARALLAX_POSTGRES_SHADOW_STATE_H

#include <libpq-fe.h>

#include "adapters/shadow.h"

enum { WARNINGS_HELD = 16, COPY_CHUNK = 64 * 1024, COLUMNS_DIGESTED = 256 };

/* The login's own steps, before the caller's first batch. */
enum login_step {
	LOGIN_CONNECT,
	LOGIN_AUTHORIZATION, /* SET SESSION AUTHORIZATION */
	LOGIN_ROLE,	     /* SET ROLE, where that was refused */
	LOGIN_RIGHTS,	     /* whose rights are they? */
	LOGIN_AGAIN,	     /* the role, put down by the client's options */
	LOGIN_DONE,
};

/* One answer under way, with what has to grow in the heap. */
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
	size_t answered; /* commands whose answer is whole */
	size_t segment;	 /* end of what was sent as one pipeline */
	size_t queries;	 /* sent */
	size_t received; /* of them, whole */
	bool guarded;	 /* see shadow_guard.c */
	enum guard_step guard;
	bool copying_in;
	bool copying_out;
	bool copy_ended;
	uint64_t copied;
	char *chunk; /* COPY_CHUNK, once needed */
	size_t chunk_size;
	bool chunk_held;

	struct slot *slots;
	size_t slot_capacity;
	struct answer *answers;
	struct arena arena;
	int64_t started_at;
};

/* shadow.c: the connection is lost, for the reason that libpq gives. */
enum shadow_state shadow_lose_connection(struct shadow *shadow);
/* Its login is refused for good; why may have several lines. */
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
/* Its answer is whole. */
void shadow_finish(struct shadow *shadow);

#endif
