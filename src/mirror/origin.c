/*
 * Which journal the mirror reads, and whether the place that its store knows is
 * one in it. A position is of one journal, by its identity:
 *
 *	store: journal 6f0e..., segment 7 was begun at 12:00:03.120551
 *	folder: 6f0e..., its segment 7 was begun then	it goes on there
 *	folder: 6f0e..., its segment 7 is of 12:09	it was written anew:
 *what was read is not there folder: 6f0e..., its newest segment is 5	likewise
 *	folder: 91c2...					another journal
 *
 * What an unread end or another journal held is not known: that is a gap, all
 * that the shadow holds is tainted by it, and what is new is read from its
 * beginning.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "journal/state.h"
#include "mirror/internal.h"
#include "mirror/progress.h"

static void take_signals(struct mirror *mirror)
{
	uv_run(&mirror->loop, UV_RUN_NOWAIT);
}

int origin_find(struct mirror *mirror, struct error *error)
{
	const struct mirror_options *options = mirror->options;
	const struct timespec pause = {0, 20 * 1000 * 1000};
	struct journal_identity identity;
	bool known = false, told = false;

	for (;;) {
		if (journal_identity_find(options->journal, &identity, &known,
					  error))
			return -1;
		if (known)
			break;
		if (!options->follow) {
			error_set(error, ERROR_IO, "%s holds no journal",
				  options->journal);
			error_hint(error, "a journal is made by parallax run");
			return -1;
		}
		if (!told)
			LOG_INFO("waiting for the relay to begin the journal",
				 "directory=%s", options->journal);
		told = true;
		take_signals(mirror);
		if (mirror->stop != MIRROR_RUNS)
			return 1;
		nanosleep(&pause, NULL);
	}
	journal_identity_print(&identity, mirror->journal);
	return 0;
}

/* --- is it the journal that was read? --- */

/* When a segment was begun, by its head; 0: that cannot be read. */
static int64_t begun_at(const struct mirror *mirror, uint64_t segment)
{
	struct journal_position from = {segment, 0};
	struct journal_reader *reader;
	struct journal_record record;
	struct error ignored;
	int64_t at = 0;

	error_init(&ignored);
	if (journal_reader_open(&reader, mirror->options->journal, from,
				&ignored))
		return 0;
	if (journal_reader_next(reader, &record, &ignored) == JOURNAL_OK &&
	    record.position.segment == segment && record.record->head)
		at = record.record->head->opened_at;
	journal_reader_free(&reader);
	return at;
}

/* The oldest segment that was begun after the read ones; otherwise the newest.
 */
static uint64_t first_unread(const struct mirror *mirror,
			     const struct journal_segment *segments,
			     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (begun_at(mirror, segments[i].number) > mirror->mark.at)
			return segments[i].number;
	return count ? segments[count - 1].number : 0;
}

/* Whether the newest segment that was read is missing. *unread: where the new
 * records begin; *fresh: there are some. */
static int look_for_mark(const struct mirror *mirror, bool *lost,
			 uint64_t *unread, bool *fresh, struct error *error)
{
	uint64_t newest;
	struct journal_segment *segments;
	int64_t at;
	size_t count;

	*lost = *fresh = false;
	if (!mirror->mark.segment)
		return 0;
	if (journal_segments(mirror->options->journal, &segments, &count,
			     error))
		return -1;
	newest = count ? segments[count - 1].number : 0;
	at = newest < mirror->mark.segment
		 ? 0
		 : begun_at(mirror, mirror->mark.segment);
	*lost = newest < mirror->mark.segment || (at && at != mirror->mark.at);
	if (*lost) {
		*unread = first_unread(mirror, segments, count);
		*fresh = *unread && begun_at(mirror, *unread) > mirror->mark.at;
	}
	free(segments);
	return 0;
}

/* --- what a position of another journal leaves behind --- */

struct keys {
	char **list;
	size_t count, capacity;
};

static void collect(void *context, const char *key, const char *value)
{
	struct keys *keys = context;

	(void)value;
	if (keys->count == keys->capacity) {
		keys->capacity = keys->capacity * 2 + 16;
		keys->list = memory_resize(keys->list, keys->capacity *
							   sizeof(*keys->list));
	}
	keys->list[keys->count++] = memory_copy(key, strlen(key));
}

static int forget(struct mirror *mirror, const char *prefix,
		  struct error *error)
{
	struct keys keys = {0};
	int result = store_each(mirror->store, prefix, collect, &keys, error);

	for (size_t i = 0; i < keys.count; i++) {
		if (!result)
			result =
			    store_set(mirror->store, keys.list[i], NULL, error);
		free(keys.list[i]);
	}
	free(keys.list);
	return result;
}

/* Numbers of sessions, epochs and places start again. */
static int begin_anew(struct mirror *mirror, struct error *error)
{
	mirror->floor = mirror->restart_seq = mirror->last_seq = 0;
	mirror->mark = (struct mirror_mark){0};
	mirror->cut = (struct journal_position){0};
	for (size_t i = 0; i < mirror->finished.count; i++)
		free(mirror->finished.entries[i].value);
	map_release(&mirror->finished);
	map_init(&mirror->finished);
	progress_forget(mirror);
	return forget(mirror, "state:", error) ||
		       forget(mirror, STORE_FACT_UNCAPTURED_TO, error) ||
		       store_set(mirror->store, STORE_FACT_CUT, NULL, error) ||
		       store_set(mirror->store, STORE_FACT_LOST, NULL, error) ||
		       store_set(mirror->store, STORE_FACT_STATED, NULL, error)
		   ? -1
		   : 0;
}

int origin_check(struct mirror *mirror, const char *known,
		 struct journal_position *from, struct error *error)
{
	uint64_t unread = 0;
	bool lost, fresh;

	if (strcmp(known, mirror->journal) != 0) {
		snprintf(mirror->origin_lost, sizeof(mirror->origin_lost),
			 "journal %s has taken the place of %s, which was read "
			 "up to seq %" PRIu64
			 ": what that one held behind it is not "
			 "known",
			 mirror->journal, *known ? known : "an older one",
			 mirror->floor);
		*from = (struct journal_position){0};
		return begin_anew(mirror, error);
	}
	if (look_for_mark(mirror, &lost, &unread, &fresh, error))
		return -1;
	if (!lost)
		return 0;
	snprintf(mirror->origin_lost, sizeof(mirror->origin_lost),
		 "journal %s was read up to segment %" PRIu64 " and seq "
		 "%" PRIu64 ", which is not there any more: what the lost end "
		 "held is not known",
		 mirror->journal, mirror->mark.segment, mirror->floor);
	*from = (struct journal_position){unread, 0};
	return fresh ? begin_anew(mirror, error) : 0;
}

/* --- its losses --- */

void origin_note(struct mirror *mirror, const Parallax__Journal__Record *record)
{
	uint64_t lost = record->head ? record->head->lost : 0;

	if (record->head) {
		mirror->mark.segment = record->head->segment;
		mirror->mark.at = record->head->opened_at;
		mirror->changed = true;
	}
	if (record->gap && record->gap->lost > lost)
		lost = record->gap->lost;
	if (lost <= mirror->lost)
		return;
	mirror->lost = lost;
	mirror->losses_changed = mirror->changed = true;
}

void origin_ask(struct mirror *mirror)
{
	struct journal_state_note note;
	struct error ignored; /* readers of the store look there too */

	error_init(&ignored);
	if (journal_state_read(mirror->options->journal, &note, &ignored) < 1 ||
	    strcmp(note.journal, mirror->journal) != 0 ||
	    note.lost_records <= mirror->stated)
		return;
	mirror->stated = note.lost_records;
	mirror->losses_changed = mirror->changed = true;
}

static int load_number(struct mirror *mirror, const char *key, uint64_t *number,
		       struct error *error)
{
	char *text = NULL;

	if (store_get(mirror->store, key, &text, error))
		return -1;
	*number = text ? strtoull(text, NULL, 10) : 0;
	free(text);
	return 0;
}

static int save_number(struct mirror *mirror, const char *key, uint64_t number,
		       struct error *error)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return store_set(mirror->store, key, text, error);
}

int origin_save(struct mirror *mirror, struct error *error)
{
	if (!mirror->losses_changed)
		return 0;
	mirror->losses_changed = false;
	return save_number(mirror, STORE_FACT_LOST, mirror->lost, error) ||
		       save_number(mirror, STORE_FACT_STATED, mirror->stated,
				   error)
		   ? -1
		   : 0;
}

static int begin_losses(struct mirror *mirror, struct error *error)
{
	char *path = realpath(mirror->options->journal, NULL);
	int result = store_set(mirror->store, STORE_FACT_JOURNAL,
			       path ? path : mirror->options->journal, error) ||
			     load_number(mirror, STORE_FACT_LOST, &mirror->lost,
					 error) ||
			     load_number(mirror, STORE_FACT_STATED,
					 &mirror->stated, error)
			 ? -1
			 : 0;

	free(path);
	return result;
}

int origin_tell(struct mirror *mirror, struct error *error)
{
	char key[128];

	if (begin_losses(mirror, error))
		return -1;
	if (!*mirror->origin_lost)
		return 0;
	LOG_ERROR("the journal is not the one that the store has read",
		  "shadow=%s problem=\"%s\" hint=\"seed the shadow again, with "
		  "a new store\"",
		  mirror->options->name, mirror->origin_lost);
	/* Each counts as a separate gap. */
	snprintf(key, sizeof(key), STORE_FACT_GAP_PREFIX "%.8s:%" PRId64,
		 mirror->journal, clock_unix_us());
	taint_everything(mirror, REASON_GAP);
	mirror->changed = true;
	return store_set(mirror->store, key, mirror->origin_lost, error) ||
		       store_add(mirror->store, STORE_FACT_GAPS, 1, error)
		   ? -1
		   : 0;
}
