#include "mirror/schedule.h"

#include <assert.h>

enum { LOOK_AHEAD = 64 }; /* ends looked at after an item's own seq */

void schedule_set_add(struct schedule_set *set, unsigned table)
{
	set->bits[(table >> 6) & 3] |= UINT64_C(1) << (table & 63);
}

void schedule_set_all(struct schedule_set *set)
{
	for (size_t i = 0; i < 4; i++)
		set->bits[i] = UINT64_MAX;
}

void schedule_set_merge(struct schedule_set *set,
			const struct schedule_set *more)
{
	for (size_t i = 0; i < 4; i++)
		set->bits[i] |= more->bits[i];
}

bool schedule_set_meets(const struct schedule_set *a,
			const struct schedule_set *b)
{
	uint64_t common = 0;

	for (size_t i = 0; i < 4; i++)
		common |= a->bits[i] & b->bits[i];
	return common != 0;
}

bool schedule_set_empty(const struct schedule_set *set)
{
	return !(set->bits[0] | set->bits[1] | set->bits[2] | set->bits[3]);
}

void schedule_init(struct schedule *schedule)
{
	*schedule = (struct schedule){0};
	list_init(&schedule->statements);
	list_init(&schedule->releases);
	list_init(&schedule->candidates);
	list_init(&schedule->waiting);
}

void schedule_session_init(struct schedule_session *session)
{
	*session = (struct schedule_session){0};
	list_init(&session->queue);
	list_init(&session->open);
}

static struct schedule_item *session_head(
    const struct schedule_session *session)
{
	if (list_empty(&session->queue))
		return NULL;
	return LIST_ITEM(session->queue.next, struct schedule_item, in_session);
}

static void candidate(struct schedule *schedule, struct schedule_item *item)
{
	if (item->queued || item->state != SCHEDULE_WAITING)
		return;
	item->queued = true;
	item->clear = false;
	item->waits_for = NULL;
	list_remove(&item->in_waiters);
	list_remove(&item->in_candidates);
	list_append(&schedule->candidates, &item->in_candidates);
}

/* Items come nearly in order: from the end on. */
#define INSERT(head, item, member)                                             \
	do {                                                                   \
		struct link *at = (head)->previous;                            \
		while (at != (head) &&                                         \
		       LIST_ITEM(at, struct schedule_item, member)->seq >      \
			   (item)->seq)                                        \
			at = at->previous;                                     \
		list_append(at->next, &(item)->member);                        \
	} while (0)

void schedule_add(struct schedule *schedule, struct schedule_item *item)
{
	struct schedule_session *session = item->session;
	bool writes = !schedule_set_empty(&item->writes);

	item->state = SCHEDULE_WAITING;
	item->statement = !item->ends || item->last_seq != item->seq ||
			  writes || !schedule_set_empty(&item->reads);
	item->passed = item->queued = item->hard = item->broken = false;
	item->waits_for = NULL;
	item->end = NULL;
	list_init(&item->in_open);
	list_init(&item->in_statements);
	list_init(&item->in_releases);
	list_init(&item->in_waiters);
	list_init(&item->in_candidates);
	list_init(&item->waiters);
	list_append(&session->queue, &item->in_session);
	if (item->statement)
		INSERT(&schedule->statements, item, in_statements);
	if (writes) {
		schedule_set_merge(&session->written, &item->writes);
		if (!session->first_write)
			session->first_write = item->seq;
	}
	if (item->statement)
		list_append(&session->open, &item->in_open);
	if (item->ends) {
		item->released = session->written;
		item->first_write = session->first_write;
		session->written = (struct schedule_set){0};
		session->first_write = 0;
		LIST_EACH(&session->open, it)
		{
			LIST_ITEM(it, struct schedule_item, in_open)->end =
			    item;
			list_remove(it);
		}
		if (item->first_write)
			INSERT(&schedule->releases, item, in_releases);
	}
	if (!item->first)
		item->first = item->seq;
	schedule->count++;
	if (session_head(session) == item)
		candidate(schedule, item);
}

static struct schedule_item *wait(struct schedule_item *item,
				  struct schedule_item *object, bool hard)
{
	item->hard = hard;
	return object;
}

/* The ends of writing transactions that a statement waits for. */
static struct schedule_item *wait_for_end(struct schedule *schedule,
					  struct schedule_item *y, bool soft)
{
	struct schedule_set uses = y->reads;
	bool writes = !schedule_set_empty(&y->writes);
	unsigned ahead = 0;
	struct schedule_item *softly = NULL;

	schedule_set_merge(&uses, &y->writes);
	if (schedule_set_empty(&uses))
		return NULL;
	LIST_EACH(&schedule->releases, it)
	{
		struct schedule_item *x =
		    LIST_ITEM(it, struct schedule_item, in_releases);

		if (x->seq > y->seq && ++ahead > LOOK_AHEAD)
			break;
		if (x->session == y->session ||
		    !schedule_set_meets(&uses, &x->released))
			continue;
		if (x->last_seq <= y->after)
			return wait(y, x, true);
		if (softly || !soft || x->passed || x->after >= y->first)
			continue;
		if (writes ? x->first_write < y->seq : x->last_seq < y->seq)
			softly = x;
	}
	return softly ? wait(y, softly, false) : NULL;
}

/* The statements with a smaller seq that an item waits for. */
static struct schedule_item *wait_for_statement(struct schedule *schedule,
						struct schedule_item *y,
						bool soft)
{
	bool releases = y->ends && y->first_write;
	bool writes = !schedule_set_empty(&y->writes);
	struct schedule_item *softly = NULL;

	if (!releases && !writes)
		return NULL;
	LIST_EACH(&schedule->statements, it)
	{
		struct schedule_item *x =
		    LIST_ITEM(it, struct schedule_item, in_statements);
		bool x_writes;

		if (x->seq >= y->last_seq)
			break;
		if (x->session == y->session)
			continue;
		x_writes = !schedule_set_empty(&x->writes);
		if ((x->skips || y->skips) && x->seq <= y->after &&
		    schedule_set_meets(&x->writes, &y->writes))
			return wait(y, x, true);
		if (releases &&
		    (schedule_set_meets(&x->reads, &y->released) ||
		     schedule_set_meets(&x->writes, &y->released))) {
			if (x->seq <= y->after)
				return wait(y, x, true);
			/* a waiting read may wait for these locks */
			if (soft && !softly && !x_writes && !x->passed &&
			    x->state == SCHEDULE_RUNNING)
				softly = x;
		}
		if (soft && !softly && writes && x_writes && !x->end &&
		    !x->ends && !x->passed && x->seq < y->seq &&
		    schedule_set_meets(&x->writes, &y->writes))
			softly = x;
	}
	return softly ? wait(y, softly, false) : NULL;
}

static struct schedule_item *wait_for(struct schedule *schedule,
				      struct schedule_item *y, bool soft)
{
	struct schedule_item *a, *b;
	bool hard;

	soft = soft && y->session->hurried == SCHEDULE_CALM;
	a = wait_for_end(schedule, y, soft);
	if (a && y->hard)
		return a;
	hard = y->hard;
	b = wait_for_statement(schedule, y, soft);
	if (b && (y->hard || !a))
		return b;
	y->hard = a ? hard : false;
	return a;
}

static struct schedule_item *start(struct schedule *schedule,
				   struct schedule_item *item)
{
	list_remove(&item->in_candidates);
	list_remove(&item->in_waiters);
	item->queued = false;
	item->waits_for = NULL;
	item->state = SCHEDULE_RUNNING;
	schedule->running++;
	return item;
}

/* It does not wait: its commit may show in earlier statements that have not run
 * yet. */
static void jump(struct schedule *schedule, struct schedule_item *item)
{
	item->broken = true;
	if (!item->ends || !item->first_write)
		return;
	LIST_EACH(&schedule->statements, it)
	{
		struct schedule_item *x =
		    LIST_ITEM(it, struct schedule_item, in_statements);

		if (x->seq >= item->last_seq)
			break;
		if (x->session != item->session &&
		    (schedule_set_meets(&x->reads, &item->released) ||
		     schedule_set_meets(&x->writes, &item->released)))
			x->broken = true;
	}
}

struct schedule_item *schedule_next(struct schedule *schedule)
{
	struct schedule_item *best = NULL;

	LIST_EACH(&schedule->candidates, it)
	{
		struct schedule_item *item =
		    LIST_ITEM(it, struct schedule_item, in_candidates);
		struct schedule_item *object;

		object = item->clear ? NULL : wait_for(schedule, item, true);
		if (object && item->session->hurried == SCHEDULE_NOT_AT_ALL) {
			jump(schedule, item);
			object = NULL;
		}
		if (object) {
			list_remove(it);
			list_append(&schedule->waiting, it);
			item->queued = false;
			item->waits_for = object;
			list_append(&object->waiters, &item->in_waiters);
			continue;
		}
		item->clear = true;
		if (!best || item->seq < best->seq)
			best = item;
	}
	return best ? start(schedule, best) : NULL;
}

static void wake(struct schedule *schedule, struct schedule_item *object,
		 bool soft_only)
{
	LIST_EACH(&object->waiters, it)
	{
		struct schedule_item *item =
		    LIST_ITEM(it, struct schedule_item, in_waiters);

		if (!soft_only || !item->hard)
			candidate(schedule, item);
	}
}

void schedule_done(struct schedule *schedule, struct schedule_item *item)
{
	struct schedule_session *session = item->session;
	struct schedule_item *head;

	assert(item->state == SCHEDULE_RUNNING);
	item->state = SCHEDULE_DONE;
	schedule->count--;
	schedule->running--;
	if (item->ends)
		session->hurried = SCHEDULE_CALM;
	list_remove(&item->in_session);
	list_remove(&item->in_open);
	list_remove(&item->in_statements);
	list_remove(&item->in_releases);
	wake(schedule, item, false);
	head = session_head(session);
	if (head)
		candidate(schedule, head);
}

struct schedule_item *schedule_force(struct schedule *schedule)
{
	struct schedule_item *best = NULL;

	LIST_EACH(&schedule->waiting, it)
	{
		struct schedule_item *item =
		    LIST_ITEM(it, struct schedule_item, in_candidates);

		if ((!best || item->seq < best->seq) &&
		    !wait_for(schedule, item, false))
			best = item;
	}
	return best ? start(schedule, best) : NULL;
}

void schedule_pass(struct schedule *schedule, struct schedule_item *item)
{
	if (item->passed)
		return;
	item->passed = true;
	wake(schedule, item, true);
}

void schedule_hurry(struct schedule *schedule, struct schedule_session *session,
		    enum schedule_hurry hurry)
{
	struct schedule_item *head = session_head(session);

	if (session->hurried >= hurry)
		return;
	session->hurried = hurry;
	if (head)
		candidate(schedule, head);
}
