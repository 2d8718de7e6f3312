/*
 * Transactions that outlive their session. On the shadow they go by a name of
 * the mirror's own, so that both databases may share a server, and so that what
 * the mirror left behind can be told from what is somebody else's:
 *
 *	client: PREPARE TRANSACTION 'order 7'
 *	shadow: PREPARE TRANSACTION 'parallax-9f0c12ab34cd56ef-77b2...'
 *
 * (the store's own number, then a digest of the client's name). Its locks stay
 * until COMMIT PREPARED or ROLLBACK PREPARED, which may come from any session:
 * that one waits for the PREPARE, and whatever waits for the transaction's
 * tables waits for it.
 *
 * What the stream says is prepared stands in mirror->prepared, and in the
 *store. A transaction with this store's number that the shadow has and the
 *stream has not is left over: it is rolled back, and said.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"
#include "mirror/progress.h"

#define FACT_NUMBER  "mirror.number"
#define FACT_PREFIX  "prepared:"
#define FACT_WARNING STORE_FACT_WARNING_PREFIX "prepared"
#define FACT_ENDED   "prepared.ended"

struct prepared_transaction {
	struct schedule_set written;
	bool there; /* on the shadow, as far as the mirror knows */
};

static bool is_finish(const struct task *task)
{
	enum sql_kind kind = task->plan->traits.kind;

	return kind == SQL_KIND_COMMIT_PREPARED ||
	       kind == SQL_KIND_ROLLBACK_PREPARED;
}

bool twophase_prepares(const struct task *task)
{
	return task->exchange && task->form == TASK_END &&
	       task->plan->traits.kind == SQL_KIND_PREPARE_TRANSACTION;
}

static uint64_t digest(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(1099511628211);
	return hash ^ hash >> 29;
}

static uint64_t key_of(const struct task *task)
{
	return digest(task->plan->traits.name ? task->plan->traits.name : "");
}

static struct prepared_transaction *find(const struct mirror *mirror,
					 uint64_t key)
{
	return map_get(&mirror->prepared, &key, sizeof(key));
}

static struct prepared_transaction *add(struct mirror *mirror, uint64_t key)
{
	struct prepared_transaction *made = find(mirror, key);

	if (!made) {
		made = memory_alloc(sizeof(*made));
		map_set(&mirror->prepared, &key, sizeof(key), made);
	}
	return made;
}

/* --- the order --- */

void twophase_follow(struct task *task)
{
	struct mirror *mirror = task->mirror;
	const struct prepared_transaction *known;

	if (!task->exchange || (!twophase_prepares(task) && !is_finish(task)))
		return;
	schedule_set_add(&task->item.writes, (unsigned)key_of(task));
	if (task->exchange->problem)
		return;
	if (twophase_prepares(task) && task->commits) {
		struct prepared_transaction *made = add(mirror, key_of(task));

		made->written = task->transaction->written;
		made->there = false;
		schedule_set_merge(&made->written, &task->item.writes);
	} else if (is_finish(task)) {
		known = find(mirror, key_of(task));
		if (known)
			schedule_set_merge(&task->item.writes, &known->written);
		else /* prepared before the first exchange that was read */
			schedule_set_all(&task->item.writes);
	}
}

/* --- its name on the shadow --- */

static const char *name_of(const struct mirror *mirror, uint64_t key,
			   struct arena *arena)
{
	return arena_printf(arena, "parallax-%016" PRIx64 "-%016" PRIx64,
			    mirror->number, key);
}

static void control(const struct task *task, enum session_control what,
		    struct arena *arena, struct shadow_command *out)
{
	const struct mirror *mirror = task->mirror;

	mirror->session_ops->control(what, name_of(mirror, key_of(task), arena),
				     arena, out);
}

bool twophase_command(const struct task *task, struct arena *arena,
		      struct shadow_command *out)
{
	switch (task->plan->traits.kind) {
	case SQL_KIND_PREPARE_TRANSACTION:
		control(task, SESSION_PREPARE, arena, out);
		return true;
	case SQL_KIND_COMMIT_PREPARED:
		control(task, SESSION_COMMIT_PREPARED, arena, out);
		return true;
	case SQL_KIND_ROLLBACK_PREPARED:
		control(task, SESSION_ROLLBACK_PREPARED, arena, out);
		return true;
	default:
		return false;
	}
}

void twophase_undo(const struct task *task, struct arena *arena,
		   struct shadow_command *out)
{
	control(task, SESSION_ROLLBACK_PREPARED, arena, out);
}

/* --- what became of it --- */

void twophase_judged(struct task *task, const struct answer *shadow)
{
	const struct prepared_transaction *known;

	if (!is_finish(task) || task->exchange->problem ||
	    shadow->outcome != ANSWER_FAILED)
		return;
	known = find(task->mirror, key_of(task));
	if (known && known->there)
		return;
	/* its transaction was not prepared there by this mirror, or an earlier
	 * run of the mirror ended it */
	judge_verdict(task, VERDICT_INCONCLUSIVE,
		      known ? REASON_TAINTED : REASON_RESTART,
		      "ends a transaction that is not prepared on the shadow");
	taint_transaction(task->transaction);
}

static int save(struct mirror *mirror, uint64_t key,
		const struct prepared_transaction *known, struct error *error)
{
	char fact[64], text[128];

	snprintf(fact, sizeof(fact), FACT_PREFIX "%016" PRIx64, key);
	if (!known)
		return store_set(mirror->store, fact, NULL, error);
	snprintf(text, sizeof(text),
		 "%d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
		 known->there, known->written.bits[0], known->written.bits[1],
		 known->written.bits[2], known->written.bits[3]);
	return store_set(mirror->store, fact, text, error);
}

void twophase_counted(struct task *task)
{
	struct mirror *mirror = task->mirror;
	struct prepared_transaction *known;
	uint64_t key;
	struct error error;
	int result = 0;

	if (!task->exchange)
		return;
	if (twophase_prepares(task) && task->commits) {
		key = key_of(task);
		known = find(mirror, key);
		if (!known) /* already ended, by a later statement */
			return;
		known->there = !task->shadow_failed && !task->transaction->lost;
		result = save(mirror, key, known, &error);
	} else if (is_finish(task) && !task->exchange->problem) {
		key = key_of(task);
		known = map_remove(&mirror->prepared, &key, sizeof(key));
		mirror->leftovers |= task->verdict != VERDICT_MATCH;
		free(known);
		result = save(mirror, key, NULL, &error);
	}
	if (result)
		mirror_fail(mirror, &error);
}

/* --- leftovers --- */

void twophase_ask(struct session *monitor)
{
	struct mirror *mirror = monitor->mirror;
	const char *prefix;

	mirror->leftovers = false;
	arena_clear(&monitor->arena);
	monitor->command_count = 0;
	prefix = arena_printf(&monitor->arena, "parallax-%016" PRIx64 "-",
			      mirror->number);
	mirror->session_ops->list_prepared(prefix, &monitor->arena,
					   batch_add(monitor, NULL));
	connection_submit(monitor, APPLY_CHECK);
}

/* An earlier run of the mirror was about to commit it: its fate is asked for
 * when its statements are read again. */
static bool is_intended(const struct mirror *mirror, uint64_t id)
{
	for (size_t i = 0; i < mirror->intents.count; i++) {
		const struct intent *intent = mirror->intents.entries[i].value;

		if (intent->id == id)
			return true;
	}
	return false;
}

static void say(struct mirror *mirror, size_t count)
{
	char *before = NULL, sentence[160];
	struct error error;
	uint64_t ended;

	if (store_get(mirror->store, FACT_ENDED, &before, &error))
		goto failed;
	ended = (before ? strtoull(before, NULL, 10) : 0) + count;
	free(before);
	snprintf(sentence, sizeof(sentence),
		 "%" PRIu64
		 " transaction(s) stayed prepared on the shadow that "
		 "the primary had ended; they were rolled back",
		 ended);
	if (store_add(mirror->store, FACT_ENDED, count, &error) ||
	    store_set(mirror->store, FACT_WARNING, sentence, &error))
		goto failed;
	mirror->changed = true;
	return;
failed:
	mirror_fail(mirror, &error);
}

static void roll_back(struct session *monitor, const char *name)
{
	struct mirror *mirror = monitor->mirror;
	struct shadow_command *command = batch_add(monitor, NULL);

	LOG_WARN("a transaction stayed prepared on the shadow that the "
		 "primary had ended; it is rolled back",
		 "shadow=%s name=%s", mirror->options->name, name);
	mirror->session_ops->control(SESSION_ROLLBACK_PREPARED, name,
				     &monitor->arena, command);
	command->regardless = true;
}

bool twophase_answered(struct session *monitor, const struct answer *answer)
{
	struct mirror *mirror = monitor->mirror;
	struct session_prepared *list;
	size_t listed, count = 0;

	if (mirror->session_ops->read_prepared(answer, &monitor->arena, &list,
					       &listed))
		return false;
	monitor->command_count = 0;
	for (size_t i = 0; i < listed; i++) {
		const char *key = strrchr(list[i].name, '-');

		if (!key || find(mirror, strtoull(key + 1, NULL, 16)) ||
		    is_intended(mirror, list[i].token))
			continue;
		roll_back(monitor, list[i].name);
		count++;
	}
	if (!count)
		return false;
	say(mirror, count);
	connection_submit(monitor, APPLY_UNDO);
	return true;
}

/* --- a restart --- */

static void load_one(void *context, const char *key, const char *value)
{
	struct mirror *mirror = context;
	struct prepared_transaction *made =
	    add(mirror, strtoull(key + strlen(FACT_PREFIX), NULL, 16));
	char *at;

	made->there = strtol(value, &at, 10) == 1;
	for (size_t i = 0; i < 4; i++)
		made->written.bits[i] = strtoull(at, &at, 10);
}

int twophase_open(struct mirror *mirror, struct error *error)
{
	char *known = NULL, fresh[32];

	if (store_get(mirror->store, FACT_NUMBER, &known, error))
		return -1;
	if (known) {
		mirror->number = strtoull(known, NULL, 16);
		free(known);
		mirror->leftovers = true;
		return store_each(mirror->store, FACT_PREFIX, load_one, mirror,
				  error);
	}
	if (getrandom(&mirror->number, sizeof(mirror->number), 0) !=
	    (ssize_t)sizeof(mirror->number))
		return error_set_errno(error, ERROR_INTERNAL,
				       "no random numbers");
	snprintf(fresh, sizeof(fresh), "%016" PRIx64, mirror->number);
	return store_set(mirror->store, FACT_NUMBER, fresh, error);
}

void twophase_close(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->prepared.count; i++)
		free(mirror->prepared.entries[i].value);
	map_release(&mirror->prepared);
}
