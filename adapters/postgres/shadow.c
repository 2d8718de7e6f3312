/* The shadow driver: what the mirror asks of its connection to the shadow. */
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
	case SHADOW_IDLE: /* a server that goes away says so */
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

static const char *sqlstate(const struct shadow *shadow)
{
	return shadow->sqlstate;
}

static enum shadow_refusal refusal(const struct shadow *shadow)
{
	return shadow->refusal;
}

static const char *role_text(const struct shadow *shadow, bool local)
{
	return local ? shadow->role_text_local : shadow->role_text;
}

static bool stood_in(const struct shadow *shadow)
{
	return shadow->stood_in;
}

static bool wants_rights(const char *sqlstate)
{
	return !strcmp(sqlstate, "42501");
}

static uint32_t backend(const struct shadow *shadow)
{
	return (uint32_t)PQbackendPID(shadow->connection);
}

static bool wants_no_block(const char *sqlstate)
{
	return !strcmp(sqlstate, "2D000") || !strcmp(sqlstate, "25001");
}

static const char *durable(void)
{
	return "SET LOCAL synchronous_commit = on";
}

static const char *prepared(enum shadow_prepared what, const char *name,
			    struct arena *arena)
{
	switch (what) {
	case SHADOW_PREPARE:
		return arena_printf(arena, "PREPARE TRANSACTION '%s'", name);
	case SHADOW_COMMIT_PREPARED:
		return arena_printf(arena, "COMMIT PREPARED '%s'", name);
	case SHADOW_ROLLBACK_PREPARED:
		return arena_printf(arena, "ROLLBACK PREPARED '%s'", name);
	case SHADOW_LIST_PREPARED:
		return arena_printf(
		    arena,
		    "SELECT gid, transaction FROM pg_prepared_xacts "
		    "WHERE database = current_database() "
		    "AND starts_with(gid, '%s')",
		    name);
	}
	return "";
}

const struct shadow_ops postgres_shadow = {
    .open = shadow_open,
    .close = close_shadow,
    .state = state,
    .descriptor = descriptor,
    .wants = wants,
    .advance = advance,
    .submit = shadow_submit,
    .answers = answers,
    .problem = problem,
    .sqlstate = sqlstate,
    .refusal = refusal,
    .role_text = role_text,
    .stood_in = stood_in,
    .wants_rights = wants_rights,
    .backend = backend,
    .transaction_id = "SELECT txid_current_if_assigned()",
    .prepared = prepared,
    .wants_no_block = wants_no_block,
    .durable = durable,
    .transaction_status =
	"SELECT CASE WHEN EXISTS (SELECT FROM pg_prepared_xacts "
	"WHERE transaction = (($1)::bigint & 4294967295)::text::xid) "
	"THEN 'prepared' ELSE txid_status($1) END",
    /* of another account's backend nothing is shown but its pid */
    .blocked =
	"SELECT a.pid, b.pid FROM pg_stat_activity a, LATERAL ("
	"SELECT unnest(pg_blocking_pids(a.pid)) UNION ALL "
	"SELECT unnest(pg_safe_snapshot_blocking_pids(a.pid))) AS b (pid) "
	"WHERE a.pid = ANY (($1)::int[]) AND (a.wait_event_type = 'Lock' "
	"OR a.wait_event = 'SafeSnapshot' OR a.state IS NULL)",
    .cancel = "SELECT pg_cancel_backend($1)",
};
