/*
 * Statements that a lock blocks on the shadow. On the primary each was
 * answered, so the lock's holder ends sooner or later. But the holder may
 * itself be waiting in the schedule for the blocked statement. The mirror asks
 * the server which session waits for which, and lets the holders run; see
 * schedule.h.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"

enum {
	QUIET_US = 2 * 1000,	      /* nothing began or ended for that
				         long: look */
	STALL_US = 15 * 1000,	      /* running that long while others are,
				         too */
	BREAK_US = 1000 * 1000,	      /* then hard waits are lifted as well */
	CANCEL_US = 10 * 1000 * 1000, /* then it is cancelled */
	CIRCLE_MAX = 32,	      /* sessions */
	CIRCLE_WAITS_MAX = 100,	      /* who waits for whom, looked through */
};

static struct session *new_monitor(struct mirror *mirror)
{
	struct session *monitor = memory_alloc(sizeof(*monitor));

	monitor->mirror = mirror;
	monitor->role = memory_string("");
	monitor->polled = -1;
	list_init(&monitor->in_busy);
	list_init(&monitor->in_keeper);
	arena_init(&monitor->arena, 0);
	return monitor;
}

void stall_close(struct mirror *mirror)
{
	struct session *monitor = mirror->monitor;

	if (!monitor)
		return;
	connection_close(monitor);
	arena_release(&monitor->arena);
	free(monitor->commands);
	free(monitor->role);
	free(monitor);
	mirror->monitor = NULL;
}

static struct session *find_backend(struct mirror *mirror, uint32_t backend)
{
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		struct session *session = mirror->sessions.entries[i].value;

		if (session->shadow &&
		    mirror->ops->backend(session->shadow) == backend)
			return session;
	}
	return NULL;
}

static void cancel(struct session *monitor, const struct session *session)
{
	struct mirror *mirror = monitor->mirror;

	monitor->command_count = 0;
	mirror->session_ops->cancel(mirror->ops->backend(session->shadow),
				    &monitor->arena, batch_add(monitor, NULL));
	monitor->mirror->monitor_asked = true;
	connection_submit(monitor, APPLY_UNDO);
}

static void give_up(struct session *monitor, struct session *session)
{
	LOG_WARN("a statement is blocked by a lock that did not block it on "
		 "the primary; it is cancelled",
		 "seq=%llu", (unsigned long long)session->task->item.seq);
	session->cancelled = true;
	cancel(monitor, session);
}

/* ---- circles ---- */

/* The shadow's answer: which session waits for which. */
struct waits {
	struct session_wait *list;
	size_t count;
};

static bool waits(const struct waits *said, uint32_t backend)
{
	for (size_t i = 0; i < said->count; i++)
		if (said->list[i].waiter == backend)
			return true;
	return false;
}

/* The first holder it waits for that waits itself; 0: none. */
static uint32_t next_waiter(const struct waits *said, uint32_t backend)
{
	for (size_t i = 0; i < said->count; i++)
		if (said->list[i].waiter == backend &&
		    waits(said, said->list[i].holder))
			return said->list[i].holder;
	return 0;
}

/* A member of a deadlock that `backend` leads to; 0: there is none. */
static uint32_t circle_of(const struct waits *said, uint32_t backend)
{
	for (int i = 0; backend && i < CIRCLE_MAX; i++)
		backend = next_waiter(said, backend);
	return backend;
}

/*
 * The server would find it too, but a second later (deadlock_timeout), in which
 * all stand still. Where rows are locked that the primary had not (SKIP LOCKED)
 * that is often. The newest of them is run again.
 */
static bool break_circle(struct session *monitor, const struct waits *said)
{
	struct session *newest = NULL;
	uint32_t first = 0, at;

	if (said->count > CIRCLE_WAITS_MAX)
		return false;
	for (size_t i = 0; !first && i < said->count; i++)
		first = circle_of(said, said->list[i].waiter);
	if (!first)
		return false;
	at = first;
	do {
		struct session *session = find_backend(monitor->mirror, at);

		if (!session || !session->task)
			return false;
		if (!newest || session->task->item.seq > newest->task->item.seq)
			newest = session;
		at = next_waiter(said, at);
	} while (at != first);
	if (newest->cancelled || newest->deadlocked)
		return false;
	newest->deadlocked = true;
	cancel(monitor, newest);
	return true;
}

/* ---- what is stopped ---- */

/* A blocked session and its holder. True: something can continue. */
static bool resolve(struct mirror *mirror, struct session *stopped,
		    uint32_t backend)
{
	int64_t now = clock_monotonic_us();
	bool long_enough = now - stopped->started_at > BREAK_US;
	struct session *holder = find_backend(mirror, backend);

	schedule_pass(&mirror->schedule, &stopped->task->item);
	if (holder)
		schedule_hurry(&mirror->schedule, &holder->schedule,
			       long_enough ? SCHEDULE_NOT_AT_ALL
					   : SCHEDULE_NOT_SOFTLY);
	return apply_dispatch(mirror) > 0;
}

static void read_blocked(struct session *monitor, const struct answer *answer)
{
	struct mirror *mirror = monitor->mirror;
	int64_t now = clock_monotonic_us();
	uint64_t above = 0;
	struct waits said;

	if (mirror->session_ops->read_waits(answer, &monitor->arena, &said.list,
					    &said.count))
		return;
	/* the exchange that releases them may not be read yet */
	mirror->read_on = said.count > 0;
	if (break_circle(monitor, &said))
		return;
	for (;;) {
		struct session *oldest = NULL;
		uint32_t holder = 0;

		for (size_t i = 0; i < said.count; i++) {
			struct session *session =
			    find_backend(mirror, said.list[i].waiter);

			if (!session || !session->task ||
			    session->task->item.seq <= above ||
			    (oldest &&
			     session->task->item.seq >= oldest->task->item.seq))
				continue;
			oldest = session;
			holder = said.list[i].holder;
		}
		if (!oldest)
			return;
		above = oldest->task->item.seq;
		if (!holder) /* no session: a prepared transaction */
			mirror->leftovers = true;
		if (now - oldest->started_at > CANCEL_US &&
		    !oldest->cancelled) {
			give_up(monitor, oldest);
			return;
		}
		if (resolve(mirror, oldest, holder))
			return;
	}
}

/* The running sessions by their numbers there, since clients may change their
 * names. */
static void ask_blocked(struct session *monitor)
{
	struct mirror *mirror = monitor->mirror;
	uint32_t *backends;
	size_t count = 0;

	arena_clear(&monitor->arena);
	backends = arena_array(&monitor->arena, mirror->sessions.count + 1,
			       sizeof(*backends));
	LIST_EACH(&mirror->busy, it)
	{
		const struct session *session =
		    LIST_ITEM(it, struct session, in_busy);

		if (session->shadow && session->ready)
			backends[count++] =
			    mirror->ops->backend(session->shadow);
	}
	mirror->session_ops->waits(backends, count, &monitor->arena,
				   batch_add(monitor, NULL));
	connection_submit(monitor, APPLY_RUN);
}

void stall_ready(struct session *monitor)
{
	struct mirror *mirror = monitor->mirror;
	size_t count;
	const struct answer *answers;

	if (!mirror->monitor_asked)
		return;
	if (monitor->phase == APPLY_RUN) {
		answers = mirror->ops->answers(monitor->shadow, &count);
		monitor->phase = APPLY_IDLE;
		mirror->monitor_asked = false;
		if (count)
			read_blocked(monitor, &answers[0]);
		return;
	}
	if (monitor->phase == APPLY_CHECK) {
		answers = mirror->ops->answers(monitor->shadow, &count);
		monitor->phase = APPLY_IDLE;
		if (!count || !twophase_answered(monitor, &answers[0]))
			mirror->monitor_asked = false;
		return;
	}
	if (monitor->phase == APPLY_UNDO) {
		monitor->phase = APPLY_IDLE;
		mirror->monitor_asked = false;
		return;
	}
	if (mirror->leftovers) {
		twophase_ask(monitor);
		return;
	}
	monitor->command_count = 0;
	ask_blocked(monitor);
}

/* How long a statement must have run, and the last look be past, before the
 * next look. Soon, if nothing moves: a look may be what is missing. */
static int64_t patience(const struct mirror *mirror, int64_t now)
{
	int64_t quiet = now - mirror->stepped_at;

	return quiet >= QUIET_US && quiet < STALL_US ? QUIET_US : STALL_US;
}

static bool is_stalled(const struct mirror *mirror, int64_t now)
{
	int64_t most = patience(mirror, now);

	LIST_EACH(&mirror->busy, it)
	{
		const struct session *session =
		    LIST_ITEM(it, struct session, in_busy);

		if (session->shadow && session->task &&
		    now - session->started_at >= most)
			return true;
	}
	return false;
}

void stall_look(struct mirror *mirror)
{
	int64_t now = clock_monotonic_us();
	struct schedule_item *item;

	if (mirror->schedule.count && !mirror->schedule.running) {
		/* a circle of soft waits, which only this resolves */
		item = schedule_force(&mirror->schedule);
		if (item)
			apply_start((struct task *)(void *)item);
		else
			mirror->read_on = true;
		return;
	}
	if ((!is_stalled(mirror, now) && !mirror->leftovers) ||
	    now - mirror->monitor_at < patience(mirror, now) ||
	    mirror->shadow_down)
		return;
	if (!mirror->monitor)
		mirror->monitor = new_monitor(mirror);
	if (mirror->monitor_asked && mirror->monitor->shadow)
		return;
	mirror->monitor_at = now;
	mirror->monitor_asked = true;
	mirror->monitor->phase = APPLY_IDLE;
	if (!mirror->monitor->shadow)
		connection_open(mirror->monitor);
	else if (mirror->ops->state(mirror->monitor->shadow) == SHADOW_IDLE)
		stall_ready(mirror->monitor);
}

static void on_quiet(uv_timer_t *timer)
{
	struct mirror *mirror = timer->data;

	stall_look(mirror);
	if (clock_monotonic_us() - mirror->stepped_at >= STALL_US)
		uv_timer_stop(timer); /* the tick's looks are enough now */
}

void stall_stepped(struct mirror *mirror)
{
	mirror->stepped_at = clock_monotonic_us();
	uv_timer_start(&mirror->quiet, on_quiet, QUIET_US / 1000,
		       QUIET_US / 1000);
}
