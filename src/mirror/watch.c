/*
 * Reports what takes long: a slow statement on the shadow, a login that does
 * not finish, a full disk. Nothing waits without a line in the log within ten
 * seconds and a figure in the report.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "mirror/internal.h"

enum {
	LONG_US = 7 * 1000 * 1000,
	PRIMARY_TIMES = 2, /* longer than the primary took */
};

/* --- statements --- */

static const char *waits_for(const struct session *session)
{
	if (session->mirror->disk_since)
		return "the disk of the store";
	if (!session->shadow || !session->ready)
		return "its connection to the shadow";
	return "the shadow's answer";
}

static int64_t primary_us(const struct task *task)
{
	return task->exchange ? task->exchange->completed_at -
				    task->exchange->statement->forwarded_at
			      : 0;
}

void watch_look(struct mirror *mirror)
{
	int64_t now = clock_monotonic_us();

	LIST_EACH(&mirror->busy, it)
	{
		struct session *session =
		    LIST_ITEM(it, struct session, in_busy);
		int64_t took = now - session->started_at;

		if (session->told_long || took < LONG_US ||
		    took < PRIMARY_TIMES * primary_us(session->task))
			continue;
		session->told_long = true;
		LOG_WARN("a statement waits",
			 "shadow=%s session=%" PRIu64 " seq=%" PRIu64
			 " for=\"%s\" seconds=%" PRId64,
			 mirror->options->name, session->id.session,
			 session->task->item.seq, waits_for(session),
			 took / 1000000);
		mirror->waits++;
		if (took > mirror->longest_wait_us)
			mirror->longest_wait_us = took;
		mirror->waits_changed = mirror->changed = true;
	}
}

void watch_over(struct session *session)
{
	struct mirror *mirror = session->mirror;
	int64_t took = clock_monotonic_us() - session->started_at;

	if (!session->told_long)
		return;
	session->told_long = false;
	if (took > mirror->longest_wait_us)
		mirror->longest_wait_us = took;
	mirror->waits_changed = true;
	LOG_INFO("a statement has waited",
		 "shadow=%s session=%" PRIu64 " seconds=%" PRId64,
		 mirror->options->name, session->id.session, took / 1000000);
}

/* --- sessions that the shadow refuses --- */

void watch_refused(struct mirror *mirror, const char *code)
{
	mirror->refused_logins++;
	mirror->waits_changed = mirror->changed = true;
	if (!map_get_string(&mirror->refusals, code)) {
		map_set_string(&mirror->refusals, code, mirror);
		LOG_WARN("the shadow refuses the settings of a session: its "
			 "statements are inconclusive",
			 "shadow=%s code=%s", mirror->options->name, code);
	}
}

/* --- the disk --- */

void watch_disk_full(struct mirror *mirror, const struct error *error)
{
	if (mirror->disk_since)
		return;
	mirror->disk_since = clock_unix_us();
	LOG_ERROR("the store cannot be written: nothing is committed on the "
		  "shadow until it can",
		  "shadow=%s problem=\"%s\"", mirror->options->name,
		  error->message);
}

static int note(struct mirror *mirror, const char *name, const char *sentence,
		struct error *error)
{
	char fact[64];

	snprintf(fact, sizeof(fact), STORE_FACT_WARNING_PREFIX "%s", name);
	return store_set(mirror->store, fact, sentence, error);
}

void watch_disk_free(struct mirror *mirror)
{
	if (!mirror->disk_since)
		return;
	mirror->disk_us += clock_unix_us() - mirror->disk_since;
	LOG_INFO("the store can be written again", "shadow=%s seconds=%" PRId64,
		 mirror->options->name,
		 (clock_unix_us() - mirror->disk_since) / 1000000);
	mirror->disk_last = mirror->disk_since;
	mirror->disk_since = 0;
	mirror->waits_changed = mirror->changed = true;
}

/* --- the report --- */

int watch_save(struct mirror *mirror, struct error *error)
{
	char text[200], when[40];
	time_t since = (time_t)(mirror->disk_last / 1000000);
	struct tm utc;

	if (!mirror->waits_changed)
		return 0;
	mirror->waits_changed = false;
	snprintf(text, sizeof(text),
		 "%" PRIu64 " statement(s) waited on the shadow for more than "
		 "%d s, the longest for %" PRId64 " s",
		 mirror->waits, LONG_US / 1000000,
		 mirror->longest_wait_us / 1000000);
	if (mirror->waits && note(mirror, "waits", text, error))
		return -1;
	snprintf(text, sizeof(text),
		 "%" PRIu64 " login(s) of sessions were refused by the shadow "
		 "for their settings: their statements are inconclusive",
		 mirror->refused_logins);
	if (mirror->refused_logins && note(mirror, "logins", text, error))
		return -1;
	if (!mirror->disk_last)
		return 0;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&since, &utc));
	snprintf(text, sizeof(text),
		 "the disk of the store was full, last since %s, for %" PRId64
		 " s in all; nothing was committed on the shadow meanwhile",
		 when, mirror->disk_us / 1000000);
	return note(mirror, "disk", text, error);
}
