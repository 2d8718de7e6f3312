/*
 * The mirror's own commands, as PostgreSQL has them. A transaction's token is
 * its 64-bit id, which it has once it has written; the server remembers what
 * became of it for as long as it keeps its commit log.
 */
#include "adapters/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/bookkeeping.h"
#include "adapters/postgres/parse_text.h"
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/shadow_state.h"
#include "sql/print.h"

enum { LIST = 256 * 1024 }; /* bytes of rows to keep */

/* "SAVEPOINT " and the name, in quotes where it needs them. */
static const char *with_name(struct arena *arena, const char *words,
			     const char *name)
{
	struct buffer out;
	const char *text;

	buffer_init(&out, 0);
	buffer_append_string(&out, words);
	sql_print_name(&postgres_dialect, &out, name);
	text = arena_string(arena, buffer_string(&out));
	buffer_release(&out);
	return text;
}

const char *postgres_control_text(enum session_control what, const char *name,
				  struct arena *arena)
{
	switch (what) {
	case SESSION_BEGIN:
		return "BEGIN";
	case SESSION_COMMIT:
		return "COMMIT";
	case SESSION_COMMIT_CHAIN:
		return "COMMIT AND CHAIN";
	case SESSION_ROLLBACK:
		return "ROLLBACK";
	case SESSION_ROLLBACK_CHAIN:
		return "ROLLBACK AND CHAIN";
	case SESSION_SAVEPOINT:
		return with_name(arena, "SAVEPOINT ", name);
	case SESSION_RELEASE:
		return with_name(arena, "RELEASE ", name);
	case SESSION_ROLLBACK_TO:
		return with_name(arena, "ROLLBACK TO ", name);
	case SESSION_DEFER:
		return "SET CONSTRAINTS ALL DEFERRED";
	case SESSION_CHECK_DEFERRED:
		return "SET CONSTRAINTS ALL IMMEDIATE";
	case SESSION_DURABLE:
		return "SET LOCAL synchronous_commit = on";
	case SESSION_PREPARE:
		return arena_printf(arena, "PREPARE TRANSACTION '%s'", name);
	case SESSION_COMMIT_PREPARED:
		return arena_printf(arena, "COMMIT PREPARED '%s'", name);
	case SESSION_ROLLBACK_PREPARED:
		return arena_printf(arena, "ROLLBACK PREPARED '%s'", name);
	}
	return "";
}

static bool control(enum session_control what, const char *name,
		    struct arena *arena, struct shadow_command *out)
{
	out->text = postgres_control_text(what, name, arena);
	return true;
}

/* ISOLATION LEVEL SERIALIZABLE, READ ONLY, NOT DEFERRABLE */
static const char *modes(const struct sql_characteristics *given,
			 struct arena *arena)
{
	static const char *const access[] = {"", "READ WRITE", "READ ONLY"};
	static const char *const waits[] = {"", "NOT DEFERRABLE", "DEFERRABLE"};
	const char *isolation = sql_isolation_name(given->isolation);

	return arena_printf(
	    arena, "%s%s%s%s%s%s", *isolation ? "ISOLATION LEVEL " : "",
	    isolation,
	    *isolation && (given->read_only || given->deferrable) ? ", " : "",
	    access[given->read_only],
	    given->read_only && given->deferrable ? ", " : "",
	    waits[given->deferrable]);
}

static size_t begin(const struct sql_characteristics *given,
		    struct arena *arena,
		    struct shadow_command commands[SESSION_BEGIN_MAX])
{
	commands[0].text =
	    sql_characteristics_given(given)
		? arena_printf(arena, "BEGIN %s", modes(given, arena))
		: "BEGIN";
	return 1;
}

static void characterise(enum session_scope scope,
			 const struct sql_characteristics *given,
			 struct arena *arena, struct shadow_command *out)
{
	out->text = arena_printf(arena, "SET %s %s",
				 scope == SESSION_LATER
				     ? "SESSION CHARACTERISTICS AS TRANSACTION"
				     : "TRANSACTION",
				 modes(given, arena));
}

/* In two commands, as an engine needs them that cannot say it in one. */
static size_t begin_reduced(const struct sql_characteristics *given,
			    struct arena *arena,
			    struct shadow_command commands[SESSION_BEGIN_MAX])
{
	commands[0].text = "START TRANSACTION";
	if (!sql_characteristics_given(given))
		return 1;
	characterise(SESSION_PRESENT, given, arena, &commands[1]);
	return 2;
}

static enum session_completion completion(const char *tag)
{
	if (!strncmp(tag, "SELECT", 6))
		return SESSION_COMPLETED_READ;
	if (!strcmp(tag, "ROLLBACK"))
		return SESSION_COMPLETED_ROLLBACK;
	return SESSION_COMPLETED;
}

/* COMMIT and ROLLBACK of PL/pgSQL, or a CALL of what has them. */
static bool may_end_transaction(const char *text)
{
	return strcasestr(text, "commit") || strcasestr(text, "rollback") ||
	       strcasestr(text, "call");
}

/* --- portals --- */

static void portal_open(uint64_t portal, struct arena *arena,
			struct shadow_command *query)
{
	query->text = arena_printf(arena,
				   "DECLARE parallax_portal_%" PRIu64
				   " NO SCROLL CURSOR FOR %s",
				   portal, query->text);
}

static void portal_fetch(uint64_t portal, uint32_t rows, struct arena *arena,
			 struct shadow_command *out)
{
	out->text =
	    rows
		? arena_printf(arena,
			       "FETCH FORWARD %" PRIu32
			       " FROM parallax_portal_%" PRIu64,
			       rows, portal)
		: arena_printf(arena, "FETCH ALL FROM parallax_portal_%" PRIu64,
			       portal);
}

static void portal_close(uint64_t portal, struct arena *arena,
			 struct shadow_command *out)
{
	out->text =
	    arena_printf(arena, "CLOSE parallax_portal_%" PRIu64, portal);
}

static void role(const struct shadow *shadow, bool local,
		 struct shadow_command *out)
{
	out->text = local ? shadow->role_text_local : shadow->role_text;
}

/* --- values --- */

void postgres_ask(struct shadow_command *out, const char *text,
		  const char *parameter, struct arena *arena, size_t rows_max)
{
	struct value *value;

	out->text = text;
	out->rows_max = rows_max;
	if (!parameter)
		return;
	value = arena_alloc(arena, sizeof(*value));
	value->data = (const uint8_t *)parameter;
	value->size = (uint32_t)strlen(parameter);
	out->parameters = value;
	out->parameter_count = 1;
}

static uint64_t number_of(struct value value)
{
	char text[24];

	if (!value.data || value.size >= sizeof(text))
		return 0;
	memcpy(text, value.data, value.size);
	text[value.size] = '\0';
	return strtoull(text, NULL, 10);
}

static bool is_text(struct value value, const char *text)
{
	return value.data && value.size == strlen(text) &&
	       !memcmp(value.data, text, value.size);
}

/* --- what became of a transaction --- */

static void token(struct shadow_command *out)
{
	postgres_ask(out, "SELECT txid_current_if_assigned()", NULL, NULL,
		     POSTGRES_ONE_VALUE);
	out->repeats = 1;
}

static uint64_t read_token(const struct answer *answer)
{
	return answer->outcome == ANSWER_OK && answer->row_held
		   ? number_of(answer->rows[0])
		   : 0;
}

static void fate(uint64_t id, struct arena *arena, struct shadow_command *out)
{
	postgres_ask(out, postgres_fate_query,
		     arena_printf(arena, "%" PRIu64, id), arena,
		     POSTGRES_ONE_VALUE);
}

const char postgres_fate_query[] =
    "SELECT CASE WHEN EXISTS (SELECT FROM pg_prepared_xacts "
    "WHERE transaction = (($1)::bigint & 4294967295)::text::xid) "
    "THEN 'prepared' ELSE txid_status($1::bigint) END";

/* A server that crashed knows only the ids that its log had reached, and gives
 * the others out again. txid_status() fails for an id that is still to come:
 * 22023. */
bool postgres_fate_is_none(const char *code)
{
	return code && !strcmp(code, "22023");
}

enum transaction_fate postgres_fate(const struct value *value)
{
	static const struct {
		const char *name;
		enum transaction_fate fate;
	} fates[] = {
	    {"in progress", TRANSACTION_RUNNING},
	    {"committed", TRANSACTION_COMMITTED},
	    {"prepared", TRANSACTION_PREPARED},
	    {"aborted", TRANSACTION_ABORTED},
	};

	for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++)
		if (is_text(*value, fates[i].name))
			return fates[i].fate;
	return TRANSACTION_FORGOTTEN;
}

static enum transaction_fate read_fate(const struct answer *answer)
{
	if (answer->outcome == ANSWER_FAILED &&
	    postgres_fate_is_none(answer->problem.code))
		return TRANSACTION_ABORTED;
	return answer->outcome == ANSWER_OK && answer->row_held
		   ? postgres_fate(&answer->rows[0])
		   : TRANSACTION_FORGOTTEN;
}

/* --- who waits for whom --- */

/* "{1,2}". Only the pid of another account's backend is visible. */
static void waits(const uint32_t *backends, size_t count, struct arena *arena,
		  struct shadow_command *out)
{
	enum { NUMBER = 11 }; /* digits and a comma */
	size_t size = count * NUMBER + sizeof("{}"), used = 1;
	char *list = arena_alloc(arena, size);

	*list = '{';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(list + used, size - used, "%s%" PRIu32,
					 i ? "," : "", backends[i]);
	list[used] = '}';
	postgres_ask(
	    out,
	    "SELECT a.pid, b.pid FROM pg_stat_activity a, LATERAL ("
	    "SELECT unnest(pg_blocking_pids(a.pid)) UNION ALL "
	    "SELECT unnest(pg_safe_snapshot_blocking_pids(a.pid))) AS b (pid) "
	    "WHERE a.pid = ANY (($1)::int[]) AND (a.wait_event_type = 'Lock' "
	    "OR a.wait_event = 'SafeSnapshot' OR a.state IS NULL)",
	    list, arena, LIST);
}

/* Two columns of each row. */
static bool has_pairs(const struct answer *answer)
{
	return answer->outcome == ANSWER_OK && answer->column_count == 2;
}

static int read_waits(const struct answer *answer, struct arena *arena,
		      struct session_wait **out, size_t *count)
{
	struct session_wait *list;

	if (!has_pairs(answer))
		return -1;
	list = arena_array(arena, answer->row_held + 1, sizeof(*list));
	for (size_t i = 0; i < answer->row_held; i++)
		list[i] = (struct session_wait){
		    .waiter = (uint32_t)number_of(answer->rows[2 * i]),
		    .holder = (uint32_t)number_of(answer->rows[2 * i + 1]),
		};
	*out = list;
	*count = answer->row_held;
	return 0;
}

static void cancel(uint32_t backend, struct arena *arena,
		   struct shadow_command *out)
{
	postgres_ask(out, "SELECT pg_cancel_backend($1)",
		     arena_printf(arena, "%" PRIu32, backend), arena,
		     POSTGRES_ONE_VALUE);
}

/* --- prepared transactions --- */

void postgres_list_prepared(const char *token, const char *prefix,
			    struct arena *arena, struct shadow_command *out)
{
	postgres_ask(out,
		     arena_printf(arena,
				  "SELECT gid, %s FROM pg_prepared_xacts "
				  "WHERE database = current_database() "
				  "AND starts_with(gid, '%s')",
				  token, prefix),
		     NULL, arena, LIST);
}

static void list_prepared(const char *prefix, struct arena *arena,
			  struct shadow_command *out)
{
	postgres_list_prepared("transaction", prefix, arena, out);
}

static int read_prepared(const struct answer *answer, struct arena *arena,
			 struct session_prepared **out, size_t *count)
{
	struct session_prepared *list;

	if (!has_pairs(answer))
		return -1;
	list = arena_array(arena, answer->row_held + 1, sizeof(*list));
	for (size_t i = 0; i < answer->row_held; i++) {
		struct value name = answer->rows[2 * i];

		list[i] = (struct session_prepared){
		    .name = name.data ? arena_copy(arena, name.data, name.size)
				      : "",
		    .token = number_of(answer->rows[2 * i + 1]),
		};
	}
	*out = list;
	*count = answer->row_held;
	return 0;
}

#define SESSION                                                                \
	.control = control, .characterise = characterise,                      \
	.completion = completion, .may_end_transaction = may_end_transaction,  \
	.portal_open = portal_open, .portal_fetch = portal_fetch,              \
	.portal_close = portal_close, .role = role, .waits = waits,            \
	.read_waits = read_waits, .cancel = cancel,                            \
	.read_prepared = read_prepared

const struct session_ops postgres_session = {
    SESSION,
    .failure = SESSION_FAILURE_ENDS_BLOCK,
    .begin = begin,
    .token = token,
    .read_token = read_token,
    .fate = fate,
    .read_fate = read_fate,
    .list_prepared = list_prepared,
};

const struct session_ops postgres_session_reduced = {
    SESSION,
    .failure = SESSION_FAILURE_ENDS_STATEMENT,
    .begin = begin_reduced,
    .token = bookkeeping_token,
    .read_token = read_token,
    .fate = bookkeeping_fate,
    .read_fate = bookkeeping_read_fate,
    .list_prepared = bookkeeping_list_prepared,
};
