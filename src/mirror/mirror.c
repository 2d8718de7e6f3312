/* The mirror's process: start, event loop, signals, batches, end. */
#include "mirror/mirror.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/signals.h"
#include "mirror/intake.h"
#include "mirror/look.h"
#include "mirror/progress.h"
#include "mirror/taint.h"

enum {
	TICK_MS = 5,
	BATCH_US = 150 * 1000,
	BATCH_COUNTED = 5000,
	READ_AT_ONCE = 256, /* records in one turn */
	WINDOW_BYTES = 64 * 1024 * 1024,
	WINDOW_ITEMS = 4096,
	READ_ON_TIMES = 4,
	DRAIN_US = 30 * 1000 * 1000,
	CUT_OFF_US = 1000 * 1000,
};

void mirror_fail(struct mirror *mirror, const struct error *error)
{
	if (mirror->failed)
		return;
	mirror->failed = true;
	mirror->error = *error;
	uv_stop(&mirror->loop);
}

/* --- the mapping, again --- */

static void reload(struct mirror *mirror)
{
	struct error error;
	struct lens_version *version =
	    lens_version_read(mirror, mirror->version->catalogs, &error);
	char text[1024];

	mirror->reload = false;
	if (!version) {
		error_print(&error, text, sizeof(text));
		LOG_ERROR("the mapping was not reloaded; the old one stays",
			  "error=\"%s\"", text);
		return;
	}
	lens_version_use(mirror, version);
	LOG_INFO("mapping reloaded", "shadow=%s", mirror->options->name);
}

/* --- reading --- */

static bool has_room(const struct mirror *mirror)
{
	size_t most = mirror->options->window_bytes
			  ? mirror->options->window_bytes
		      : mirror->options->memory ? mirror->options->memory / 8
						: WINDOW_BYTES;

	if (schema_holds(mirror) || mirror->disk_since)
		return false;
	if (mirror->read_on) /* beyond the window, but within bounds: the
			        wait that needs it ends in 10 s anyway */
		return mirror->held < READ_ON_TIMES * most;
	/* What is held waits for the end of its transaction, if nothing is under
	 * way: a single statement may be longer than the window. */
	if (!mirror->schedule.count)
		return true;
	return mirror->held < most && mirror->schedule.count < WINDOW_ITEMS &&
	       mirror->seen - mirror->counted < 16 * WINDOW_ITEMS;
}

static void take_events(struct mirror *mirror)
{
	struct journal_event event;

	while (!schema_holds(mirror) &&
	       journal_assembler_pop(mirror->assembler, &event)) {
		intake_event(mirror, &event);
		journal_event_release(&event);
	}
}

/* True: there may be more. */
static bool read_some(struct mirror *mirror)
{
	struct journal_record record;
	struct error error;

	take_events(mirror); /* the held-back tasks */
	for (size_t i = 0; i < READ_AT_ONCE; i++) {
		if (!has_room(mirror))
			return false;
		switch (journal_reader_next(mirror->reader, &record, &error)) {
		case JOURNAL_OK:
			origin_note(mirror, record.record);
			journal_assembler_push(mirror->assembler, &record);
			break;
		case JOURNAL_BAD:
			/* no gap: it can be read with the right key */
			if (journal_reader_locked(mirror->reader)) {
				mirror_fail(mirror, &error);
				return false;
			}
			LOG_WARN("the journal is damaged", "problem=\"%s\"",
				 error.message);
			journal_assembler_lost(mirror->assembler, &error);
			break;
		case JOURNAL_MORE:
			mirror->at_end = true;
			return false;
		}
		mirror->moved_at = clock_monotonic_us();
		take_events(mirror);
	}
	return true;
}

/* --- turns --- */

static void on_idle(uv_idle_t *idle)
{
	mirror_turn(idle->data);
}

static void check_end(struct mirror *mirror)
{
	bool last = mirror->stop != MIRROR_RUNS || !mirror->options->follow;

	if (mirror->stop == MIRROR_STOPS) {
		uv_stop(&mirror->loop);
		return;
	}
	if (!last || !mirror->at_end || schema_holds(mirror) ||
	    mirror->schedule.count || !list_empty(&mirror->busy))
		return;
	if (!mirror->options->follow && mirror->stop == MIRROR_RUNS &&
	    !list_empty(&mirror->transactions) && !mirror->ended) {
		/* sessions that the journal left in mid-transaction */
		mirror->ended = true;
		intake_end(mirror);
		apply_dispatch(mirror);
		if (mirror->schedule.count || !list_empty(&mirror->busy))
			return;
	}
	judge_expire(mirror, true);
	uv_stop(&mirror->loop);
}

void mirror_turn(struct mirror *mirror)
{
	bool more;

	/* Told to stop while waiting for the shadow's catalog: nothing is read
	 * yet. */
	if (mirror->failed || !mirror->assembler)
		return;
	more = read_some(mirror);
	apply_dispatch(mirror);
	if (more)
		uv_idle_start(&mirror->idle, on_idle);
	else
		uv_idle_stop(&mirror->idle);
	if (mirror->batched >= BATCH_COUNTED)
		progress_batch(mirror, false);
	check_end(mirror);
}

static void on_journal(uv_poll_t *poll, int status, int events)
{
	struct mirror *mirror = poll->data;

	(void)status;
	(void)events;
	journal_reader_clear(mirror->reader);
	mirror->at_end = false;
	mirror_turn(mirror);
}

/* A relay started since may write another journal under that name. */
static void look_at_directory(struct mirror *mirror, int64_t now)
{
	struct error error;

	if (now - mirror->cut_off_at < CUT_OFF_US)
		return;
	mirror->cut_off_at = now;
	origin_ask(mirror);
	if (!mirror->at_end || !journal_reader_cut_off(mirror->reader))
		return;
	error_set(&error, ERROR_IO,
		  "the journal's directory %s was removed or replaced while it "
		  "was read",
		  mirror->options->journal);
	mirror_fail(mirror, &error);
}

static void on_tick(uv_timer_t *timer)
{
	struct mirror *mirror = timer->data;
	int64_t now = clock_monotonic_us();

	if (mirror->failed)
		return;
	connection_retries(mirror);
	watch_look(mirror);
	stall_look(mirror);
	look_at_directory(mirror, now);
	judge_expire(mirror, false);
	schema_look(mirror);
	look_turn(mirror);
	if (mirror->reload)
		reload(mirror);
	if (now - mirror->batch_at >= BATCH_US)
		progress_batch(mirror, false);
	if (mirror->stop == MIRROR_DRAINS && now >= mirror->stop_by) {
		LOG_WARN("stopped before the journal's end",
			 "shadow=%s open=%zu", mirror->options->name,
			 mirror->schedule.count);
		mirror->stop = MIRROR_STOPS;
	}
	if (!mirror->journal_poll.data)
		mirror->at_end = false;
	mirror_turn(mirror);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct mirror *mirror = handle->data;

	if (number == SIGHUP) {
		mirror->reload = true;
		return;
	}
	if (number == SIGUSR1) {
		look_last(mirror);
		return;
	}
	if (mirror->stop != MIRROR_RUNS) {
		mirror->stop = MIRROR_STOPS;
	} else {
		LOG_INFO("draining", "shadow=%s", mirror->options->name);
		mirror->stop = MIRROR_DRAINS;
		mirror->at_end = false;
		mirror->stop_by =
		    clock_monotonic_us() + (mirror->options->drain_us
						? mirror->options->drain_us
						: DRAIN_US);
	}
	mirror_turn(mirror);
}

/* --- start and end --- */

static void start_signal(struct mirror *mirror, uv_signal_t *handle, int number)
{
	uv_signal_init(&mirror->loop, handle);
	handle->data = mirror;
	uv_signal_start(handle, on_signal, number);
}

/* The supervisor may have sent them already. */
static void start_signals(struct mirror *mirror)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};

	start_signal(mirror, &mirror->terminate, SIGTERM);
	start_signal(mirror, &mirror->interrupt, SIGINT);
	start_signal(mirror, &mirror->hangup, SIGHUP);
	start_signal(mirror, &mirror->settle, SIGUSR1);
	signals_mask(SIG_UNBLOCK, numbers, sizeof(numbers) / sizeof(*numbers));
}

static int set_fact(struct mirror *mirror, const char *key, uint64_t number,
		    struct error *error)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return store_set(mirror->store, key, text, error);
}

static int open_store(struct mirror *mirror, struct error *error)
{
	const struct mirror_options *options = mirror->options;
	char *started = NULL;

	if (store_open(options->store, &mirror->store, error))
		return -1;
	store_configure(mirror->store, &options->evidence);
	if (store_begin(mirror->store, error) ||
	    store_get(mirror->store, STORE_FACT_STARTED, &started, error))
		return -1;
	if (!started && set_fact(mirror, STORE_FACT_STARTED,
				 (uint64_t)clock_unix_us(), error))
		return -1;
	free(started);
	if (store_set(mirror->store, STORE_FACT_ENDED, NULL, error) ||
	    store_set(mirror->store, STORE_FACT_SHADOW, options->name, error) ||
	    store_set(mirror->store, STORE_FACT_MAPPING, options->mapping,
		      error))
		return -1;
	return 0;
}

static void take_signals(struct mirror *mirror)
{
	uv_run(&mirror->loop, UV_RUN_NOWAIT);
}

/* Waits for a shadow that is down. 1: told to stop meanwhile. */
static int read_catalogs(struct mirror *mirror, struct catalogs **catalogs,
			 struct error *error)
{
	const struct mirror_options *options = mirror->options;
	const struct adapter *primary = options->primary_adapter;
	const struct adapter *shadow = options->shadow_adapter;
	const struct timespec pause = {0, 100 * 1000 * 1000};
	struct catalog *old = NULL, *new = NULL;

	mirror->old_mark = mirror->new_mark = 0;
	if (primary->catalog_reread(&mirror->old_reader, &options->primary,
				    &mirror->old_mark, &old, error))
		return -1;
	while ((shadow->prepare_shadow &&
		shadow->prepare_shadow(&options->shadow, error)) ||
	       fate_ask_all(mirror, error) ||
	       shadow->catalog_reread(&mirror->new_reader, &options->shadow,
				      &mirror->new_mark, &new, error)) {
		if (!mirror->shadow_down)
			LOG_WARN("the shadow does not answer; trying again",
				 "shadow=%s problem=\"%s\"", options->name,
				 error->message);
		mirror->shadow_down = true;
		for (unsigned i = 0; i < 10; i++) {
			take_signals(mirror);
			if (mirror->stop != MIRROR_RUNS) {
				catalog_free(&old);
				return 1;
			}
			nanosleep(&pause, NULL);
		}
	}
	mirror->shadow_down = false;
	*catalogs = catalogs_new(mirror, old, new);
	return 0;
}

/* The first version. A mirror that has run before continues even if its schemas
 * have changed. */
static int start_version(struct mirror *mirror, struct catalogs *catalogs,
			 struct error *error)
{
	struct lens_version *version =
	    lens_version_read(mirror, catalogs, error);

	if (!version && (mirror->counted || mirror->options->checked)) {
		version = lens_version_refit(mirror, catalogs);
		if (version)
			LOG_WARN("the schemas have changed since the mapping "
				 "was checked",
				 "shadow=%s mistakes=%zu ahead=%zu",
				 mirror->options->name, version->misfits,
				 lens_pending(version->lens));
	}
	mirror->version = version;
	if (version)
		lens_limit_bytes(version->lens, mirror->options->memory / 4);
	return version ? part_begin(mirror, version, error) : -1;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return memory_string(".");
	return memory_copy(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Without a watch, each tick looks for new records. */
static void watch_journal(struct mirror *mirror)
{
	int fd = journal_reader_fd(mirror->reader);

	if (fd < 0) {
		LOG_WARN("the journal cannot be watched",
			 "reason=\"%s\" hint=\"it is looked at every %d ms; "
			 "fs.inotify.max_user_instances may be too low\"",
			 strerror(errno), TICK_MS);
		return;
	}
	uv_poll_init(&mirror->loop, &mirror->journal_poll, fd);
	mirror->journal_poll.data = mirror;
	uv_poll_start(&mirror->journal_poll, UV_READABLE, on_journal);
}

static int open_journal(struct mirror *mirror, struct journal_position from,
			struct error *error)
{
	/* inputs that are too large for memory are private, as the store is */
	char *folder = folder_of(mirror->options->store);
	struct journal_assembler_options options = {.spill_directory = folder};
	struct journal_identity identity;
	char text[JOURNAL_IDENTITY_TEXT] = "";

	mirror->assembler = journal_assembler_new(&options);
	free(folder);
	if (journal_reader_open(&mirror->reader, mirror->options->journal, from,
				error))
		return -1;
	journal_reader_use_keys(mirror->reader, mirror->options->journal_keys);
	if (journal_reader_identity(mirror->reader, &identity))
		journal_identity_print(&identity, text);
	if (strcmp(text, mirror->journal) != 0)
		return error_set(error, ERROR_IO,
				 "the journal in %s was replaced meanwhile",
				 mirror->options->journal);
	watch_journal(mirror);
	return 0;
}

static void init(struct mirror *mirror, const struct mirror_options *options)
{
	mirror->options = options;
	mirror->ops = options->shadow_adapter->shadow;
	mirror->session_ops = options->shadow_adapter->session;
	mirror->intent_fd = -1;
	schedule_init(&mirror->schedule);
	map_init(&mirror->sessions);
	map_init(&mirror->finished);
	map_init(&mirror->intents);
	map_init(&mirror->tainted);
	map_init(&mirror->changed_names);
	map_init(&mirror->unpinned);
	map_init(&mirror->risky);
	map_init(&mirror->prepared);
	map_init(&mirror->refusals);
	map_init(&mirror->roles_refused);
	map_init(&mirror->table_names);
	list_init(&mirror->transactions);
	list_init(&mirror->busy);
	list_init(&mirror->pending);
	list_init(&mirror->keeper_waiting);
	list_init(&mirror->keeper_asked);
	uv_loop_init(&mirror->loop);
	uv_timer_init(&mirror->loop, &mirror->tick);
	uv_timer_init(&mirror->loop, &mirror->quiet);
	uv_idle_init(&mirror->loop, &mirror->idle);
	mirror->tick.data = mirror->quiet.data = mirror->idle.data = mirror;
	start_signals(mirror);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void free_transactions(struct mirror *mirror)
{
	LIST_EACH(&mirror->transactions, it)
	{
		struct transaction *transaction =
		    LIST_ITEM(it, struct transaction, in_mirror);

		LIST_EACH(&transaction->tasks, at)
		task_free(LIST_ITEM(at, struct task, in_transaction));
		list_remove(it);
		free(transaction);
	}
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		struct session *session = mirror->sessions.entries[i].value;

		LIST_EACH(&session->held, at)
		task_free(LIST_ITEM(at, struct task, in_transaction));
		if (session->ending)
			task_free(session->ending);
	}
}

static void release(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->sessions.count; i++)
		connection_close(mirror->sessions.entries[i].value);
	stall_close(mirror);
	keeper_close(mirror);
	look_hang_up(mirror);
	schema_watch_close(mirror);
	free_transactions(mirror);
	while (mirror->sessions.count)
		session_free(mirror->sessions.entries[0].value);
	/* Unwatched, a late one would end us. */
	signals_mask(SIG_BLOCK, (const int[]){SIGUSR1}, 1);
	uv_walk(&mirror->loop, close_handle, NULL);
	uv_run(&mirror->loop, UV_RUN_DEFAULT);
	uv_loop_close(&mirror->loop);
	look_free(mirror);
	if (mirror->reader)
		journal_reader_free(&mirror->reader);
	if (mirror->assembler)
		journal_assembler_free(&mirror->assembler);
	lens_version_drop(mirror->version);
	progress_close(mirror);
	twophase_close(mirror);
	if (mirror->store)
		store_close(&mirror->store);
	map_release(&mirror->sessions);
	judge_release(mirror);
	taint_release(mirror);
	map_release(&mirror->changed_names);
	map_release(&mirror->unpinned);
	map_release(&mirror->risky);
	map_release(&mirror->refusals);
	map_release(&mirror->roles_refused);
	rights_free(&mirror->rights);
	map_release(&mirror->table_names);
}

static void say_end(struct mirror *mirror)
{
	struct error error;

	origin_ask(mirror);
	if (set_fact(mirror, STORE_FACT_ENDED, (uint64_t)clock_unix_us(),
		     &error))
		mirror_fail(mirror, &error);
	progress_batch(mirror, true);
	LOG_INFO("mirror ended", "shadow=%s seen=%" PRIu64 " counted=%" PRIu64,
		 mirror->options->name, mirror->seen, mirror->counted);
}

/* Without the logins no client's statement could run. */
static int open_rights(struct mirror *mirror, struct error *error)
{
	const struct mirror_options *options = mirror->options;

	if (options->unsafe_rights)
		return 0;
	if (!rights_read(options->rights_file, &mirror->rights, error))
		return 0;
	error_hint(error,
		   "parallax rights makes the logins that stand for clients' "
		   "roles, and that file");
	return -1;
}

int mirror_run(const struct mirror_options *options, struct error *error)
{
	struct mirror *mirror = memory_alloc(sizeof(*mirror));
	struct journal_position from;
	struct catalogs *catalogs = NULL;
	int result = -1;

	init(mirror, options);
	if (open_rights(mirror, error) || progress_claim(mirror, error) ||
	    open_store(mirror, error))
		goto out;
	result = origin_find(mirror, error);
	if (result) {
		result = result < 0 ? -1 : 0;
		goto out;
	}
	result = -1;
	if (progress_open(mirror, &from, error) || twophase_open(mirror, error))
		goto out;
	switch (read_catalogs(mirror, &catalogs, error)) {
	case 0:
		break;
	case 1:
		result = 0;
		goto out;
	default:
		goto out;
	}
	if (start_version(mirror, catalogs, error) ||
	    progress_teach(mirror, error) ||
	    schema_note_versions(mirror, catalogs, error) ||
	    unpinned_load(mirror, error) || origin_tell(mirror, error) ||
	    open_journal(mirror, from, error))
		goto out;
	mirror->watch = schema_watch_new(mirror);
	look_open(mirror);
	mirror->changed = true;
	progress_batch(mirror, false);
	LOG_INFO("mirror started",
		 "shadow=%s segment=%" PRIu64 " counted=%" PRIu64,
		 options->name, from.segment, mirror->counted);
	uv_timer_start(&mirror->tick, on_tick, 0, TICK_MS);
	uv_run(&mirror->loop, UV_RUN_DEFAULT);
	if (!mirror->failed)
		say_end(mirror);
	if (mirror->failed)
		*error = mirror->error;
	else
		result = 0;
out:
	catalogs_drop(catalogs);
	release(mirror);
	free(mirror);
	return result;
}
