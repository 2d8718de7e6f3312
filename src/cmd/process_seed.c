/* The seed of `run --seed`: shadows are loaded while traffic flows. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/processes.h"
#include "cmd/seed.h"
#include "journal/reader.h"
#include "seed/seed.h"
#include "mirror/mirror.h"

enum {
	/* How long to wait for a moment without other transactions on the
	 * primary. */
	QUIET_US = 30 * 1000 * 1000,
	/* How long to wait for the relay to begin its journal, once all is
	 * loaded. */
	RELAY_US = 60 * 1000 * 1000,
	RETRY_NS = 100 * 1000 * 1000,
};

static int complain(const struct error *error)
{
	char text[1200];

	error_print(error, text, sizeof(text));
	LOG_ERROR("seed failed", "reason=\"%s\"", text);
	return COMMAND_FAILED;
}

/* ---- the journal ---- */

/* A segment's first record. False: there is none (yet). */
static bool read_head(const char *directory, uint64_t segment,
		      struct mirror_beginning *head)
{
	struct journal_reader *reader = NULL;
	struct journal_record record;
	struct error ignored;
	bool found = false;

	if (journal_reader_open(&reader, directory,
				(struct journal_position){segment, 0},
				&ignored))
		return false;
	if (journal_reader_next(reader, &record, &ignored) == JOURNAL_OK &&
	    record.position.segment == segment && record.record->head) {
		head->epoch = record.record->epoch;
		head->begun = record.record->head->opened_at;
		head->behind = record.next;
		head->seq = record.record->head->last_seq;
		found = journal_reader_identity(reader, &head->journal);
	}
	journal_reader_free(&reader);
	return found;
}

/* Of the newest segment whose head can be read; 0: none. */
static int newest_epoch(const char *directory, uint32_t *epoch,
			struct error *error)
{
	struct journal_segment *segments;
	struct mirror_beginning head;
	size_t count;

	*epoch = 0;
	if (journal_segments(directory, &segments, &count, error))
		return -1;
	for (size_t i = count; i-- > 0 && !*epoch;)
		if (read_head(directory, segments[i].number, &head))
			*epoch = head.epoch;
	free(segments);
	return 0;
}

/* The first head of a later epoch. 1: found. */
static int find_head(const char *directory, uint32_t after,
		     struct mirror_beginning *head, struct error *error)
{
	struct journal_segment *segments;
	size_t count;
	int found = 0;

	if (journal_segments(directory, &segments, &count, error))
		return -1;
	for (size_t i = count; i-- > 0;) {
		struct mirror_beginning this;

		if (!read_head(directory, segments[i].number, &this))
			continue;
		if (this.epoch <= after)
			break;
		*head = this;
		found = 1;
	}
	free(segments);
	return found;
}

/* The place where the relay began that was started after the snapshot. */
static int wait_for_cut(const struct config *config, uint32_t epoch,
			struct mirror_beginning *head, struct error *error)
{
	const struct timespec pause = {0, RETRY_NS};
	int64_t until = clock_monotonic_us() + RELAY_US;

	do {
		int found =
		    find_head(config->journal.directory, epoch, head, error);

		if (found < 0)
			return -1;
		if (found)
			return 0;
		nanosleep(&pause, NULL);
	} while (clock_monotonic_us() < until);
	return error_set(error, ERROR_IO, "the relay has not begun a journal");
}

/* ---- loading ---- */

struct seeding {
	const struct checking *checking;
	const bool *wanted; /* by shadow */
	bool truncate;
	sigset_t signals;
};

static int seed_each(const struct seeding *seeding,
		     const struct seed_snapshot *snapshot, bool rehearse)
{
	const struct checking *checking = seeding->checking;

	for (size_t i = 0; i < checking->config->shadow_count; i++) {
		struct seed_options options;
		struct error error;

		if (!seeding->wanted[i])
			continue;
		error_init(&error);
		options = seed_options_of(checking, i, snapshot);
		options.truncate = seeding->truncate && rehearse;
		options.rehearse = rehearse;
		options.form = SEED_LOG;
		switch (seed_run(&options, &seeding->signals, &error)) {
		case SEED_DONE:
			break;
		case SEED_FAILED:
			return complain(&error);
		case SEED_INTERRUPTED:
			LOG_WARN("seed interrupted",
				 "shadow=%s hint=\"start again with --seed "
				 "--truncate\"",
				 options.shadow_name);
			return COMMAND_FAILED;
		}
	}
	return COMMAND_OK;
}

static int open_snapshot(const struct seeding *seeding, int64_t quiet_us,
			 struct seed_snapshot *snapshot)
{
	const struct config *config = seeding->checking->config;
	struct error error;

	error_init(&error);
	if (seed_snapshot_open(snapshot, adapter_find(config->primary.engine),
			       &config->primary.endpoint,
			       seeding->checking->primary, quiet_us, &error))
		return complain(&error);
	return COMMAND_OK;
}

static void warn_of_others(const struct seed_snapshot *snapshot)
{
	if (snapshot->open_transactions)
		LOG_WARN("transactions that do not come through the relay are "
			 "open on the primary",
			 "count=%" PRIu64 " hint=\"none has written yet; what "
			 "they write now is not mirrored\"",
			 snapshot->open_transactions);
	if (snapshot->sessions)
		LOG_WARN("clients are connected to the primary past the relay",
			 "count=%" PRIu64
			 " hint=\"what they write is not mirrored\"",
			 snapshot->sessions);
}

static int write_positions(const struct seeding *seeding, uint32_t epoch)
{
	const struct config *config = seeding->checking->config;
	struct mirror_beginning cut = {0};
	struct error error;

	error_init(&error);
	if (wait_for_cut(config, epoch, &cut, &error))
		return complain(&error);
	for (size_t i = 0; i < config->shadow_count; i++)
		if (seeding->wanted[i] &&
		    mirror_begin_at(config->shadows[i].store, &cut, &error))
			return complain(&error);
	LOG_INFO("seeded", "segment=%" PRIu64 " seq=%" PRIu64,
		 cut.behind.segment, cut.seq);
	return COMMAND_OK;
}

static int load(const struct seeding *seeding, void (*taken)(void))
{
	const struct config *config = seeding->checking->config;
	struct seed_snapshot snapshot;
	struct error error;
	uint32_t epoch;
	int result;

	if (open_snapshot(seeding, 0, &snapshot))
		return COMMAND_FAILED;
	result = seed_each(seeding, &snapshot, true);
	seed_snapshot_close(&snapshot);
	if (result)
		return result;
	error_init(&error);
	if (newest_epoch(config->journal.directory, &epoch, &error))
		return complain(&error);
	if (open_snapshot(seeding, QUIET_US, &snapshot))
		return COMMAND_FAILED;
	LOG_INFO("snapshot taken", "open_transactions=%" PRIu64,
		 snapshot.open_transactions);
	warn_of_others(&snapshot);
	taken();
	result = seed_each(seeding, &snapshot, false);
	seed_snapshot_close(&snapshot);
	return result ? result : write_positions(seeding, epoch);
}

/* ---- the process ---- */

/* Which shadows must be loaded. 1: some; 0: none. */
static int find_wanted(const struct config *config, bool *wanted,
		       struct error *error)
{
	int some = 0;

	for (size_t i = 0; i < config->shadow_count; i++) {
		const struct config_shadow *shadow = &config->shadows[i];
		bool known = false;

		if (mirror_has_begun(shadow->store, &known, error))
			return -1;
		if (known)
			LOG_WARN(
			    "not loaded: its store has a mirror's position, "
			    "and the mirror continues from there",
			    "shadow=%s store=%s hint=\"move the store away to "
			    "load it again\"",
			    shadow->name, shadow->store);
		wanted[i] = !known;
		some |= wanted[i];
	}
	return some;
}

static int check(struct checking *checking)
{
	int failed;

	checking->unreachable = SEVERITY_ERROR;
	failed = checking_mappings(checking) || checking_databases(checking);
	checking_hang_up(checking);
	if (!failed)
		return COMMAND_OK;
	diagnostics_print(checking->diagnostics, stderr);
	return COMMAND_FAILED;
}

int process_seed(const struct config *config, bool truncate,
		 void (*taken)(void))
{
	bool *wanted =
	    memory_alloc((config->shadow_count + 1) * sizeof(*wanted));
	struct seeding seeding = {.wanted = wanted, .truncate = truncate};
	struct diagnostics diagnostics;
	struct checking checking;
	struct error error;
	int result = COMMAND_OK;
	int some;

	error_init(&error);
	diagnostics_init(&diagnostics);
	checking_init(&checking, config, &diagnostics);
	seeding.checking = &checking;
	seed_signals(&seeding.signals);
	some = find_wanted(config, wanted, &error);
	if (some < 0)
		result = complain(&error);
	else if (!some)
		taken();
	else if (!(result = check(&checking)))
		result = load(&seeding, taken);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	free(wanted);
	return result;
}
