/* The shadow driver: the mirror's operations on its connection to the shadow.
 */
#include "adapters/postgres/shadow_state.h"

#include "adapters/postgres/postgres.h"
#include "base/memory.h"

static enum shadow_state lose(struct shadow *shadow, const char *why)
{
	shadow->state = SHADOW_LOST;
	shadow->wants = 0;
	snprintf(shadow->problem, sizeof(shadow->problem), "%.*s",
		 (int)strcspn(why, "\n"), why);
	return SHADOW_LOST;
}

enum shadow_state shadow_lose_connection(struct shadow *shadow)
{
	const char *why = PQerrorMessage(shadow->connection);

	return lose(shadow, *why ? why : "the connection was closed");
}

enum shadow_state shadow_refuse(struct shadow *shadow,
				enum shadow_refusal refusal, const char *why)
{
	shadow->refusal = refusal;
	return lose(shadow, why);
}

static void close_shadow(struct shadow **shadow)
{
	struct shadow *s = *shadow;

	if (!s)
		return;
	PQfinish(s->connection);
	for (size_t i = 0; i < s->slot_capacity; i++)
		free(s->slots[i].rows);
	free(s->slots);
	free(s->answers);
	free(s->chunk);
	free(s->prepared);
	free(s->role);
	free(s->role_text);
	free(s->role_text_local);
	arena_release(&s->arena);
	free(s);
	*shadow = NULL;
}

static enum shadow_state advance(struct shadow *shadow)
{
	switch (shadow->state) {
	case SHADOW_CONNECTING:
		return shadow_advance_login(shadow);
	case SHADOW_BUSY:
		return shadow_advance_batch(shadow);
	case SHADOW_IDLE: /* a server that shuts down says so */
		if (!PQconsumeInput(shadow->connection))
			return shadow_lose_connection(shadow);
		return SHADOW_IDLE;
	case SHADOW_LOST:
		break;
	}
	return SHADOW_LOST;
}

/* --- what is known of it --- */

static enum shadow_state state(const struct shadow *shadow)
{
	return shadow->state;
}

static int descriptor(const struct shadow *shadow)
{
	return PQsocket(shadow->connection);
}

static unsigned wants(const struct shadow *shadow)
{
	return shadow->wants;
}

static const struct answer *answers(const struct shadow *shadow, size_t *count)
{
	*count = shadow->answered;
	return shadow->answers;
}

static const char *problem(const struct shadow *shadow)
{
	return shadow->problem;
}

static const char *code(const struct shadow *shadow)
{
	return shadow->sqlstate;
}

static enum shadow_refusal refusal(const struct shadow *shadow)
{
	return shadow->refusal;
}

static bool role_assumed(const struct shadow *shadow)
{
	return shadow->role_text != NULL;
}

static bool stood_in(const struct shadow *shadow)
{
	return shadow->stood_in;
}

static uint32_t backend(const struct shadow *shadow)
{
	return (uint32_t)PQbackendPID(shadow->connection);
}

static int open_guarded(const struct shadow_login *login,
			struct shadow **shadow, struct error *error)
{
	if (shadow_open(login, shadow, error))
		return -1;
	(*shadow)->guarded = true;
	return 0;
}

#define SHADOW                                                                 \
	.close = close_shadow, .state = state, .descriptor = descriptor,       \
	.wants = wants, .advance = advance, .submit = shadow_submit,           \
	.answers = answers, .problem = problem, .code = code,                  \
	.refusal = refusal, .role_assumed = role_assumed,                      \
	.stood_in = stood_in, .backend = backend

const struct shadow_ops postgres_shadow = {SHADOW, .open = shadow_open};

const struct shadow_ops postgres_shadow_reduced = {SHADOW,
						   .open = open_guarded};
