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

struct shadow {
	PGconn *connection;
	enum shadow_state state;
	enum login_step step;
	PostgresPollingStatusType polling;
	unsigned wants;
	char *role;
	char *role_text;
	char role_problem[256];
	char problem[512];
	char sqlstate[6];

	const struct shadow_command *commands;
	size_t count;
	size_t sent;	 /* commands sent */
	size_t answered; /* commands whose answer is whole */
	size_t segment;	 /* end of what was sent as one pipeline */
	/* Of each query of the segment whether it is our own (a role put down
	 * or taken on again), to be dropped. */
	bool *ours;
	size_t ours_capacity;
	size_t queries;	 /* sent */
	size_t received; /* of them, whole */
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

/* shadow_login.c */
int shadow_open(const struct shadow_login *login, struct shadow **out,
		struct error *error);
enum shadow_state shadow_advance_login(struct shadow *shadow);

/* shadow_batch.c */
int shadow_submit(struct shadow *shadow, const struct shadow_command *commands,
		  size_t count);
enum shadow_state shadow_advance_batch(struct shadow *shadow);
/* Writes what waits; false: the connection is lost. */
bool shadow_flush(struct shadow *shadow);

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
