/*
 * What a restart needs, so that no exchange is lost, applied or counted twice.
 *
 * The store holds the position, written with the counts in one batch: the floor
 * (all exchanges up to it are counted), how far each session is above it, and
 * where in the journal the oldest uncounted transaction begins. Beside the
 * store stand two small files: STORE.intents, the ids of transactions on the
 * shadow that were about to be committed and are not counted yet; and
 * STORE.crash, what the mirror was doing if it was ended while it did it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"
#include "mirror/progress.h"
#include "mirror/look.h"

#define FACT_COUNTED "mirror.counted"

enum {
	INTENTS_REWRITE = 1024 * 1024, /* bytes of the file */
	REGISTER_US = 500 * 1000,
};

struct intent_key {
	struct exchange_session_id id;
	uint64_t first_seq;
};

static void intent_key(struct intent_key *key,
		       const struct exchange_session_id *id, uint64_t first_seq)
{
	memset(key, 0, sizeof(*key));
	key->id.writer = id->writer;
	key->id.epoch = id->epoch;
	key->id.session = id->session;
	key->first_seq = first_seq;
}

static int open_beside(const struct mirror *mirror, const char *suffix,
		       struct error *error)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s%s", mirror->options->store, suffix);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		error_set_errno(error, ERROR_IO, "%s", path);
	return fd;
}

/* --- what it was doing --- */

static bool same_key(const struct crash_key *a, const struct crash_key *b)
{
	return a->writer == b->writer && a->epoch == b->epoch &&
	       a->session == b->session && a->seq == b->seq;
}

static void blame(struct crash_page *page)
{
	size_t at = 0;

	for (size_t i = 0; i < KILLS_MAX; i++) {
		if (same_key(&page->kills[i].key, &page->now)) {
			at = i;
			break;
		}
		if (page->kills[i].key.seq < page->kills[at].key.seq)
			at = i;
	}
	if (!same_key(&page->kills[at].key, &page->now)) {
		page->kills[at].key = page->now;
		page->kills[at].kills = 0;
	}
	page->kills[at].kills++;
	LOG_WARN("the mirror was ended in the middle of a statement",
		 "session=%" PRIu64 " seq=%" PRIu64 " times=%" PRIu64,
		 page->now.session, page->now.seq, page->kills[at].kills);
	page->now = (struct crash_key){0};
}

static int open_crash(struct mirror *mirror, struct error *error)
{
	int fd = open_beside(mirror, ".crash", error);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, sizeof(*mirror->crash))) {
		close(fd);
		return error_set_errno(error, ERROR_IO, "%s.crash",
				       mirror->options->store);
	}
	mirror->crash = mmap(NULL, sizeof(*mirror->crash),
			     PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mirror->crash == MAP_FAILED) {
		mirror->crash = NULL;
		return error_set_errno(error, ERROR_IO, "%s.crash",
				       mirror->options->store);
	}
	if (mirror->crash->now.seq)
		blame(mirror->crash);
	return 0;
}

void progress_guard(struct mirror *mirror, const struct session *session,
		    uint64_t seq)
{
	mirror->crash->now = (struct crash_key){
	    session->id.writer, session->id.epoch, session->id.session, seq};
}

void progress_unguard(struct mirror *mirror)
{
	mirror->crash->now.seq = 0;
}

unsigned progress_kills(struct mirror *mirror,
			const struct exchange_session_id *id, uint64_t seq)
{
	struct crash_key key = {id->writer, id->epoch, id->session, seq};

	for (size_t i = 0; i < KILLS_MAX; i++)
		if (mirror->crash->kills[i].key.seq == seq &&
		    same_key(&mirror->crash->kills[i].key, &key))
			return (unsigned)mirror->crash->kills[i].kills;
	return 0;
}

/* --- transactions about to be committed --- */

static void keep_intent(struct mirror *mirror, const struct intent *intent)
{
	struct exchange_session_id id = {intent->writer, intent->epoch,
					 intent->session};
	struct intent *copy = memory_alloc(sizeof(*copy));
	struct intent_key key;

	*copy = *intent;
	intent_key(&key, &id, intent->first_seq);
	free(map_set(&mirror->intents, &key, sizeof(key), copy));
}

static void drop_intent(struct mirror *mirror, const struct intent *intent)
{
	struct exchange_session_id id = {intent->writer, intent->epoch,
					 intent->session};
	struct intent_key key;

	intent_key(&key, &id, intent->first_seq);
	free(map_remove(&mirror->intents, &key, sizeof(key)));
}

/* Before the store is opened, since opening takes it over. */
int progress_claim(struct mirror *mirror, struct error *error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	mirror->intent_fd = open_beside(mirror, ".intents", error);
	if (mirror->intent_fd < 0)
		return -1;
	if (!fcntl(mirror->intent_fd, F_OFD_SETLK, &lock))
		return 0;
	if (errno != EAGAIN && errno != EACCES)
		return error_set_errno(error, ERROR_IO,
				       "cannot lock %s.intents",
				       mirror->options->store);
	error_set(error, ERROR_IO, "another mirror is at work on %s",
		  mirror->options->store);
	error_hint(error, "what it applies must not be applied twice: end the "
			  "other `run` or `replay`");
	return -1;
}

static void read_intents(struct mirror *mirror)
{
	struct intent intent;

	while (read(mirror->intent_fd, &intent, sizeof(intent)) ==
	       (ssize_t)sizeof(intent)) {
		struct exchange_session_id id = {intent.writer, intent.epoch,
						 intent.session};

		mirror->intent_size += sizeof(intent);
		if (progress_is_done(mirror, &id, intent.last_seq))
			continue;
		if (intent.word == INTENT_WITHDRAWN) {
			drop_intent(mirror, &intent);
			continue;
		}
		keep_intent(mirror, &intent);
		if (intent.last_seq > mirror->restart_seq)
			mirror->restart_seq = intent.last_seq;
	}
	/* a torn record at the end never had an effect */
	lseek(mirror->intent_fd, (off_t)mirror->intent_size, SEEK_SET);
}

/* As often as the journal: a power failure loses the same there and here. */
static int sync_intents(struct mirror *mirror)
{
	int64_t now = clock_monotonic_us();

	if (mirror->options->sync_us &&
	    now - mirror->intents_synced_at < mirror->options->sync_us)
		return 0;
	mirror->intents_synced_at = now;
	return fdatasync(mirror->intent_fd);
}

static int write_intent(struct mirror *mirror, const struct intent *intent)
{
	struct error error;

	if (write(mirror->intent_fd, intent, sizeof(*intent)) ==
		(ssize_t)sizeof(*intent) &&
	    !sync_intents(mirror)) {
		mirror->intent_size += sizeof(*intent);
		watch_disk_free(mirror);
		return 0;
	}
	error_set_errno(&error, ERROR_IO, "%s.intents", mirror->options->store);
	watch_disk_full(mirror, &error);
	/* half a record would misalign everything after it */
	if (ftruncate(mirror->intent_fd, (off_t)mirror->intent_size) ||
	    lseek(mirror->intent_fd, (off_t)mirror->intent_size, SEEK_SET) < 0)
		mirror_fail(mirror, &error);
	return -1;
}

static void fill_intent(const struct transaction *transaction,
			enum intent_word word, struct intent *intent)
{
	const struct session *session = transaction->session;

	memset(intent, 0, sizeof(*intent));
	intent->writer = session->id.writer;
	intent->epoch = session->id.epoch;
	intent->session = session->id.session;
	intent->first_seq = transaction->first_seq;
	intent->last_seq = transaction->last_seq;
	intent->id = transaction->id;
	intent->word = word;
}

int progress_intent(struct transaction *transaction)
{
	struct mirror *mirror = transaction->session->mirror;
	struct intent intent;

	fill_intent(transaction, INTENT_COMMITS, &intent);
	if (write_intent(mirror, &intent))
		return -1;
	keep_intent(mirror, &intent);
	return 0;
}

/* On disk first: its id may come to stand for another transaction. */
int progress_withdraw(struct mirror *mirror, const struct intent *intent)
{
	struct intent record = *intent;

	record.word = INTENT_WITHDRAWN;
	if (write_intent(mirror, &record))
		return -1;
	drop_intent(mirror, &record);
	return 0;
}

const struct intent *progress_doubt(struct mirror *mirror,
				    const struct exchange_session_id *id,
				    uint64_t first_seq)
{
	struct intent_key key;

	if (!mirror->intents.count)
		return NULL;
	intent_key(&key, id, first_seq);
	return map_get(&mirror->intents, &key, sizeof(key));
}

static void rewrite_intents(struct mirror *mirror)
{
	struct error error;

	if (mirror->intent_size < INTENTS_REWRITE && mirror->intents.count)
		return;
	if (!mirror->intent_size)
		return;
	/* In place: the part cut off is counted. The rest is written again at
	 * the front, as one block, before the cut becomes visible. */
	{
		size_t size = mirror->intents.count * sizeof(struct intent);
		char *block = memory_alloc(size + 1);

		for (size_t i = 0; i < mirror->intents.count; i++)
			memcpy(block + i * sizeof(struct intent),
			       mirror->intents.entries[i].value,
			       sizeof(struct intent));
		if (pwrite(mirror->intent_fd, block, size, 0) !=
			(ssize_t)size ||
		    ftruncate(mirror->intent_fd, (off_t)size) ||
		    lseek(mirror->intent_fd, (off_t)size, SEEK_SET) < 0) {
			error_set_errno(&error, ERROR_IO, "%s.intents",
					mirror->options->store);
			mirror_fail(mirror, &error);
		}
		free(block);
		mirror->intent_size = size;
	}
}

void progress_counted(struct transaction *transaction, bool matched)
{
	struct session *session = transaction->session;
	struct mirror *mirror = session->mirror;
	struct intent_key key;
	struct intent intent;

	session->finished_seq = transaction->last_seq;
	intent_key(&key, &session->id, transaction->first_seq);
	if (!map_get(&mirror->intents, &key, sizeof(key)))
		return;
	if (matched) {
		/* its counts are not written yet; if this fails, they are only
		 * less certain after a crash */
		fill_intent(transaction, INTENT_MATCHED, &intent);
		write_intent(mirror, &intent);
	}
	free(map_remove(&mirror->intents, &key, sizeof(key)));
}

/* --- the position --- */

bool progress_is_done(struct mirror *mirror,
		      const struct exchange_session_id *id, uint64_t seq)
{
	struct exchange_session_id key;
	const uint64_t *finished;

	if (seq <= mirror->floor)
		return true;
	if (!mirror->finished.count)
		return false;
	memset(&key, 0, sizeof(key));
	key.writer = id->writer;
	key.epoch = id->epoch;
	key.session = id->session;
	finished = map_get(&mirror->finished, &key, sizeof(key));
	return finished && seq <= *finished;
}

static void keep_finished(struct mirror *mirror,
			  const struct exchange_session_id *id, uint64_t seq)
{
	struct exchange_session_id key;
	uint64_t *copy = memory_alloc(sizeof(*copy));

	*copy = seq;
	memset(&key, 0, sizeof(key));
	key.writer = id->writer;
	key.epoch = id->epoch;
	key.session = id->session;
	free(map_set(&mirror->finished, &key, sizeof(key), copy));
}

/* A finished session may be above the floor for a while. */
void progress_gone(struct session *session)
{
	if (session->finished_seq)
		keep_finished(session->mirror, &session->id,
			      session->finished_seq);
}

/* "2 journal mark segment begun floor segment newest", then
 * " writer.epoch.session=seq" for each. */
static int parse_position(struct mirror *mirror, const char *text,
			  char *journal, struct journal_position *from,
			  struct error *error)
{
	char *end;
	int at = 0;

	if (sscanf(text, "2 %36s mark %" SCNu64 " %" SCNd64 "%n", journal,
		   &mirror->mark.segment, &mirror->mark.at, &at) != 3)
		return error_set(error, ERROR_CORRUPT,
				 "%s: a position of another version",
				 mirror->options->store);
	mirror->floor = strtoull(text + at, &end, 10);
	from->segment = strtoull(end, &end, 10);
	from->offset = 0;
	mirror->restart_seq = strtoull(end, &end, 10);
	mirror->last_seq = mirror->floor;
	while (*end == ' ') {
		struct exchange_session_id id = {0};
		uint64_t seq;

		id.writer = (uint32_t)strtoul(end, &end, 10);
		if (*end == '.')
			id.epoch = (uint32_t)strtoul(end + 1, &end, 10);
		if (*end == '.')
			id.session = strtoull(end + 1, &end, 10);
		if (*end != '=')
			break;
		seq = strtoull(end + 1, &end, 10);
		keep_finished(mirror, &id, seq);
	}
	if (*end)
		return error_set(error, ERROR_CORRUPT,
				 "%s: the position cannot be read",
				 mirror->options->store);
	return 0;
}

static int load_cut(struct mirror *mirror, struct error *error)
{
	char *text = NULL;
	char *end;

	if (store_get(mirror->store, STORE_FACT_CUT, &text, error))
		return -1;
	if (text) {
		mirror->cut.segment = strtoull(text, &end, 10);
		mirror->cut.offset = strtoull(end, &end, 10);
	}
	free(text);
	return 0;
}

bool progress_in_cut(const struct mirror *mirror,
		     struct journal_position position)
{
	return journal_position_compare(position, mirror->cut) <= 0;
}

int progress_open(struct mirror *mirror, struct journal_position *from,
		  struct error *error)
{
	char *text = NULL;
	char journal[JOURNAL_IDENTITY_TEXT] = "";
	bool begun;
	int result = -1;

	*from = (struct journal_position){0};
	if (store_get(mirror->store, STORE_FACT_POSITION, &text, error))
		return -1;
	if (text && parse_position(mirror, text, journal, from, error))
		goto out;
	begun = text != NULL;
	free(text);
	text = NULL;
	if (store_get(mirror->store, FACT_COUNTED, &text, error))
		goto out;
	if (text)
		mirror->seen = mirror->counted = strtoull(text, NULL, 10);
	if (load_cut(mirror, error) || open_crash(mirror, error) ||
	    (begun && origin_check(mirror, journal, from, error)))
		goto out;
	read_intents(mirror);
	result = 0;
out:
	free(text);
	return result;
}

void progress_forget(struct mirror *mirror)
{
	*mirror->crash = (struct crash_page){0};
	if (ftruncate(mirror->intent_fd, 0))
		LOG_WARN("the intents of another journal cannot be removed",
			 "store=%s", mirror->options->store);
}

void progress_close(struct mirror *mirror)
{
	if (mirror->intent_fd >= 0)
		close(mirror->intent_fd);
	if (mirror->crash)
		munmap(mirror->crash, sizeof(*mirror->crash));
	for (size_t i = 0; i < mirror->intents.count; i++)
		free(mirror->intents.entries[i].value);
	map_release(&mirror->intents);
	for (size_t i = 0; i < mirror->finished.count; i++)
		free(mirror->finished.entries[i].value);
	map_release(&mirror->finished);
}

static uint64_t print_position(struct mirror *mirror, struct buffer *out,
			       struct journal_position *at)
{
	struct transaction *oldest = NULL;
	struct journal_position unfinished;
	uint64_t floor = mirror->last_seq, newest = mirror->restart_seq;

	*at = journal_reader_position(mirror->reader);
	if (!list_empty(&mirror->transactions)) {
		oldest = LIST_ITEM(mirror->transactions.next,
				   struct transaction, in_mirror);
		floor = oldest->first_seq - 1;
		if (journal_position_compare(oldest->position, *at) < 0)
			*at = oldest->position;
	}
	if (floor < mirror->floor)
		floor = mirror->floor;
	if (journal_assembler_oldest(mirror->assembler, &unfinished) &&
	    journal_position_compare(unfinished, *at) < 0)
		*at = unfinished;
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		const struct session *session =
		    mirror->sessions.entries[i].value;

		if (session->finished_seq > newest)
			newest = session->finished_seq;
	}
	buffer_printf(out,
		      "2 %s mark %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRIu64
		      " %" PRIu64,
		      mirror->journal, mirror->mark.segment, mirror->mark.at,
		      floor, at->segment, newest);
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		const struct session *session =
		    mirror->sessions.entries[i].value;

		if (session->finished_seq > floor)
			buffer_printf(
			    out,
			    " %" PRIu32 ".%" PRIu32 ".%" PRIu64 "=%" PRIu64,
			    session->id.writer, session->id.epoch,
			    session->id.session, session->finished_seq);
	}
	/* of an earlier run, or over */
	for (size_t i = mirror->finished.count; i-- > 0;) {
		const struct map_entry *entry = &mirror->finished.entries[i];
		const struct exchange_session_id *id = entry->key;
		const uint64_t *seq = entry->value;
		const struct session *session = session_find(mirror, id);

		if (*seq <= floor && floor > mirror->floor)
			free(map_remove(&mirror->finished, entry->key,
					entry->key_size));
		else if (!session || session->finished_seq < *seq)
			buffer_printf(out,
				      " %" PRIu32 ".%" PRIu32 ".%" PRIu64
				      "=%" PRIu64,
				      id->writer, id->epoch, id->session, *seq);
	}
	return floor;
}

static int save_sessions(struct mirror *mirror, struct error *error)
{
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		struct session *session = mirror->sessions.entries[i].value;
		char key[64], *text;
		int result;

		if (!session->dirty)
			continue;
		session->dirty = false;
		snprintf(
		    key, sizeof(key), "state:%" PRIu32 ".%" PRIu32 ".%" PRIu64,
		    session->id.writer, session->id.epoch, session->id.session);
		text = session_save(session);
		result = store_set_sealed(mirror->store, key, text, error);
		free(text);
		if (result)
			return -1;
	}
	return 0;
}

static int set_number(struct mirror *mirror, const char *key, uint64_t number,
		      struct error *error)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return store_set(mirror->store, key, text, error);
}

static void save_registration(struct mirror *mirror, struct journal_position at,
			      bool last)
{
	int64_t now = clock_monotonic_us();
	bool known = mirror->registered_at != 0;
	struct error error;

	if (!mirror->options->register_position ||
	    (!last && now - mirror->registered_at < REGISTER_US))
		return;
	mirror->registered_at = now;
	if (known && at.segment == mirror->registered.segment)
		return;
	mirror->registered = at;
	at.offset = 0;
	if (journal_position_save(mirror->options->journal,
				  mirror->options->name, at, &error)) {
		char text[512];

		error_print(&error, text, sizeof(text));
		LOG_WARN("the position could not be saved in the journal",
			 "error=%s", text);
	}
}

static const char *const lesson_facts[LENS_LESSON_COUNT] = {
    [LENS_CLOCK] = STORE_FACT_CLOCKS, [LENS_UNPINNED] = STORE_FACT_UNPINNED};

/* What the lens has learned, in addition to the store's content. */
static int save_lesson(struct mirror *mirror, enum lens_lesson lesson,
		       struct error *error)
{
	const char *fact = lesson_facts[lesson];
	struct buffer columns, line;
	char *known = NULL;
	const char *at;
	int result;

	if (store_get(mirror->store, fact, &known, error))
		return -1;
	buffer_init(&columns, 0);
	buffer_init(&line, 0);
	lens_learned(mirror->version->lens, lesson, &columns);
	for (at = known; at && *at;) {
		size_t size = strcspn(at, "\n") + (strchr(at, '\n') != NULL);

		buffer_clear(&line);
		buffer_append(&line, at, size);
		if (!strstr(buffer_string(&columns), buffer_string(&line)))
			buffer_append(&columns, at, size);
		at += size;
	}
	result = store_set(mirror->store, fact, buffer_string(&columns), error);
	buffer_release(&line);
	buffer_release(&columns);
	free(known);
	return result;
}

/* For the next start of the mirror, and for verify. */
static int save_lessons(struct mirror *mirror, struct error *error)
{
	uint64_t lessons = lens_lessons(mirror->version->lens);

	if (lessons == mirror->lessons)
		return 0;
	for (int i = 0; i < LENS_LESSON_COUNT; i++)
		if (save_lesson(mirror, (enum lens_lesson)i, error))
			return -1;
	mirror->lessons = lessons;
	return 0;
}

int progress_teach(struct mirror *mirror, struct error *error)
{
	for (int i = 0; i < LENS_LESSON_COUNT; i++) {
		char *columns = NULL;

		if (store_get(mirror->store, lesson_facts[i], &columns, error))
			return -1;
		if (columns)
			lens_teach(mirror->version->lens, (enum lens_lesson)i,
				   columns);
		free(columns);
	}
	return 0;
}

/*
 * Also when nothing changes any more: a relay with a full journal lets no
 * change through until it learns which segments are passed.
 */
static bool registration_due(const struct mirror *mirror)
{
	return mirror->options->register_position &&
	       clock_monotonic_us() - mirror->registered_at >= REGISTER_US &&
	       journal_reader_position(mirror->reader).segment !=
		   mirror->registered.segment;
}

void progress_batch(struct mirror *mirror, bool last)
{
	struct journal_position at;
	struct error error;
	struct buffer position;
	uint64_t judged;
	int result = -1;

	mirror->batch_at = clock_monotonic_us();
	if (mirror->failed ||
	    (!mirror->changed && !last && !registration_due(mirror)))
		return;
	buffer_init(&position, 0);
	judged = print_position(mirror, &position, &at);
	if (store_set(mirror->store, STORE_FACT_POSITION,
		      buffer_string(&position), &error) ||
	    set_number(mirror, STORE_FACT_JUDGED, judged, &error) ||
	    set_number(mirror, STORE_FACT_SEEN, mirror->seen, &error) ||
	    set_number(mirror, FACT_COUNTED, mirror->counted, &error) ||
	    set_number(mirror, STORE_FACT_LAG, mirror->seen - mirror->counted,
		       &error) ||
	    save_sessions(mirror, &error) || save_lessons(mirror, &error) ||
	    unpinned_save(mirror, &error) || watch_save(mirror, &error) ||
	    look_save(mirror, &error) || origin_save(mirror, &error))
		mirror_fail(mirror, &error);
	else if (store_commit(mirror->store, &error)) {
		if (store_is_full(mirror->store) && !last)
			watch_disk_full(mirror, &error); /* and again later */
		else
			mirror_fail(mirror, &error);
	} else if (store_begin(mirror->store, &error)) {
		mirror_fail(mirror, &error);
	} else {
		watch_disk_free(mirror);
		result = 0;
	}
	buffer_release(&position);
	if (result)
		return;
	mirror->changed = false;
	mirror->batched = 0;
	rewrite_intents(mirror);
	save_registration(mirror, at, last);
}
