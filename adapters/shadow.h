/*
 * The asynchronous driver of a shadow database: one connection, driven by its
 * caller's event loop through a descriptor and the events it wants.
 *
 *	open	starts to connect and to log in; CONNECTING
 *	advance	after each event: goes on as far as it can without blocking
 *	submit	when IDLE: sends a batch of commands in one go; BUSY
 *	answers	when IDLE again: one for each command of the last batch
 *
 * LOST is final: close it and open another. Not thread-safe.
 */
#ifndef PARALLAX_ADAPTERS_SHADOW_H
#define PARALLAX_ADAPTERS_SHADOW_H

#include "adapters/adapter.h"
#include "adapters/answer.h"

struct shadow;

enum shadow_state { SHADOW_CONNECTING, SHADOW_IDLE, SHADOW_BUSY, SHADOW_LOST };

enum { SHADOW_READ = 1, SHADOW_WRITE = 2 }; /* events */

/* Why a login fails, and will again until something changes on the server. */
enum shadow_refusal {
	SHADOW_NOT_REFUSED,	/* it may succeed the next time */
	SHADOW_REFUSED_SESSION, /* its settings */
	SHADOW_REFUSED_RIGHTS	/* the role does not exist, or cannot be used */
};

struct shadow_setting {
	const char *name;
	const char *value;
};

/* The role that a session runs as. */
enum shadow_identity {
	SHADOW_ACCOUNT, /* the endpoint's user: for no client's statement */
	/* The client's role, taken on by a user who has more rights: what the
	 * client can put into a statement can bring those back. */
	SHADOW_ASSUMED,
	/* The endpoint's user is a login of the client's role alone. */
	SHADOW_CLIENT
};

/* Borrowed until open returns. */
struct shadow_login {
	const struct endpoint *endpoint;
	enum shadow_identity identity;
	const char *role; /* of ASSUMED and CLIENT */
	/* The session's initial settings, to which RESET returns. Names that
	 * the server does not know or refuses are left out. */
	const struct shadow_setting *settings;
	size_t setting_count;
	const char *label;	      /* the application's name on the server */
	int64_t statement_timeout_us; /* 0: none */
	int64_t lock_timeout_us;      /* 0: none */
};

/* Reads a COPY's input from offset: bytes read, 0 at its end, -1 on error. */
typedef int64_t shadow_input(void *context, uint64_t offset, void *into,
			     size_t size);

struct shadow_command {
	const char *text; /* one statement */
	const struct value *parameters;
	const uint8_t *parameter_formats; /* NULL: all text */
	const uint32_t *parameter_types;  /* NULL: none known */
	size_t parameter_count;
	uint8_t result_format; /* 0 text, 1 binary */
	/* Runs even if commands of the batch before it failed; others do not,
	 * and are answered SKIPPED. */
	bool regardless;
	/* Not 0: what the client has prepared, by a number for each time that it
	 * did: the same text may come again. It is prepared here too, then. */
	uint64_t repeats;
	bool copy; /* a COPY: no parameters */
	shadow_input *input;
	void *context;
	const char *input_failure; /* the client gave up with this; or NULL */
	/* bytes of rows to keep; all are counted and digested */
	size_t rows_max;
};

struct shadow_ops {
	/* -1: bad parameters or no memory; else *shadow is CONNECTING. */
	int (*open)(const struct shadow_login *login, struct shadow **shadow,
		    struct error *error);
	void (*close)(struct shadow **shadow);

	enum shadow_state (*state)(const struct shadow *shadow);
	int (*descriptor)(const struct shadow *shadow); /* may change while
							   CONNECTING */
	unsigned (*wants)(const struct shadow *shadow);
	enum shadow_state (*advance)(struct shadow *shadow);

	/* The commands are borrowed until IDLE again. -1: LOST. */
	int (*submit)(struct shadow *shadow,
		      const struct shadow_command *commands, size_t count);
	/* Valid until the next submit or close. When LOST: those that came. */
	const struct answer *(*answers)(const struct shadow *shadow,
					size_t *count);

	const char *(*problem)(const struct shadow *shadow); /* of LOST */
	/* Of LOST: the engine's code for it, for people; or "". */
	const char *(*code)(const struct shadow *shadow);
	/* Of LOST, at its login; problem says why. */
	enum shadow_refusal (*refusal)(const struct shadow *shadow);
	/* It has taken on its client's role by a statement, which a client's
	 * statement can undo: see session_ops.role. */
	bool (*role_assumed)(const struct shadow *shadow);
	/* The client's role has rights that it must not have on the shadow: a
	 * plain owner of the database stands in for it. */
	bool (*stood_in)(const struct shadow *shadow);
	uint32_t (*backend)(const struct shadow *shadow); /* its number there */
};

#endif
