/* What the journal's tests share: a directory, sessions, records. */
#ifndef PARALLAX_TESTS_JOURNAL_SUPPORT_H
#define PARALLAX_TESTS_JOURNAL_SUPPORT_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "journal/assembler.h"
#include "journal/reader.h"
#include "journal/writer.h"

#define assert_ok(call)                                                        \
	do {                                                                   \
		struct error failed;                                           \
		error_init(&failed);                                           \
		if ((call) < 0)                                                \
			fail_msg("%s: %s", #call, failed.message);             \
	} while (0)

enum { LIVE_MAX = 8 };

struct rig {
	char directory[64];
	struct journal_options options;
	struct journal_writer *writer;
	struct journal_stream live[LIVE_MAX];
	size_t live_count;
	uint64_t seq;
};

static inline void resume_live(struct journal_writer *writer, void *context)
{
	struct rig *rig = context;

	for (size_t i = 0; i < rig->live_count; i++) {
		Parallax__Journal__SessionOpen opened =
		    PARALLAX__JOURNAL__SESSION_OPEN__INIT;

		opened.role = (char *)"alice";
		opened.database = (char *)"shop";
		opened.transaction_status = (char *)"T";
		opened.transaction = 7;
		journal_writer_resume(writer, &rig->live[i], &opened);
	}
}

/* Errors that a test provokes by the hundred are not shown. */
static inline void quiet(bool on)
{
	static int kept = -1;
	int null;

	if (kept < 0)
		kept = dup(STDERR_FILENO);
	null = open("/dev/null", O_WRONLY);
	dup2(on ? null : kept, STDERR_FILENO);
	close(null);
}

static inline void rig_open(struct rig *rig)
{
	struct error failed;

	error_init(&failed);
	if (journal_writer_open(&rig->writer, &rig->options, &failed))
		fail_msg("open: %s", failed.message);
}

static inline void rig_init(struct rig *rig)
{
	log_threshold = LOG_ERROR_LEVEL;
	memset(rig, 0, sizeof(*rig));
	snprintf(rig->directory, sizeof(rig->directory),
		 "/tmp/parallax-journal-XXXXXX");
	assert_non_null(mkdtemp(rig->directory));
	rig->options = (struct journal_options){
	    .directory = rig->directory,
	    .engine = "postgres",
	    .writer = 1,
	    .segment_size = 1 << 20,
	    .sync_us = 1000000,
	    .resume = resume_live,
	    .context = rig,
	};
}

static inline void rig_close(struct rig *rig, bool drained)
{
	struct error failed;

	error_init(&failed);
	if (journal_writer_close(&rig->writer, drained, &failed))
		fail_msg("close: %s", failed.message);
}

/* Flushes, and waits until the thread has written it. */
static inline void rig_flush(struct rig *rig)
{
	journal_writer_flush(rig->writer);
	assert_true(journal_writer_wait(rig->writer, 10 * 1000000));
}

/* Ticks until the journal is in that state. */
static inline void rig_await_state(struct rig *rig, enum journal_state state)
{
	struct journal_stats stats;

	for (int i = 0; i < 1000; i++) {
		journal_writer_tick(rig->writer);
		journal_writer_stats(rig->writer, &stats);
		if (stats.state == state)
			return;
		usleep(10000);
	}
	fail_msg("state %d, wanted %d", (int)stats.state, (int)state);
}

static inline void rig_release(struct rig *rig)
{
	char command[128];

	if (rig->writer)
		rig_close(rig, false);
	snprintf(command, sizeof(command), "rm -rf %s", rig->directory);
	assert_int_equal(system(command), 0);
}

static inline struct journal_stream *rig_session(struct rig *rig)
{
	struct journal_stream *stream = &rig->live[rig->live_count];
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SessionOpen opened =
	    PARALLAX__JOURNAL__SESSION_OPEN__INIT;

	journal_stream_init(stream, ++rig->live_count);
	opened.role = (char *)"alice";
	record.opened = &opened;
	journal_writer_append(rig->writer, stream, &record);
	return stream;
}

/* Parts of an exchange, to be appended in one record or several. */
enum { PART_STATEMENT = 1, PART_ANSWER = 2, PART_END = 4, PART_ALL = 7 };

static inline bool rig_append(struct rig *rig, struct journal_stream *stream,
			      uint64_t message, int parts, const char *text)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Statement statement =
	    PARALLAX__JOURNAL__STATEMENT__INIT;
	Parallax__Journal__Answer answer = PARALLAX__JOURNAL__ANSWER__INIT;
	Parallax__Journal__End end = PARALLAX__JOURNAL__END__INIT;

	record.message = message;
	statement.kind = PARALLAX__JOURNAL__STATEMENT_KIND__EXECUTE;
	statement.text.data = (uint8_t *)(uintptr_t)text;
	statement.text.len = strlen(text);
	answer.rows = statement.text;
	end.tag = (char *)"SELECT 1";
	if (parts & PART_STATEMENT)
		record.statement = &statement;
	if (parts & PART_ANSWER)
		record.answer = &answer;
	if (parts & PART_END) {
		record.end = &end;
		end.seq = ++rig->seq;
	}
	return journal_writer_append(rig->writer, stream, &record);
}

static inline void rig_path(const struct rig *rig, uint64_t segment, char *path,
			    size_t size)
{
	char name[64];

	journal_segment_name(name, sizeof(name), segment);
	snprintf(path, size, "%s/%s", rig->directory, name);
}

static inline uint64_t rig_size(const struct rig *rig, uint64_t segment)
{
	struct stat status;
	char path[160];

	rig_path(rig, segment, path, sizeof(path));
	return stat(path, &status) ? 0 : (uint64_t)status.st_size;
}

static inline bool rig_has(const struct rig *rig, uint64_t segment)
{
	char path[160];

	rig_path(rig, segment, path, sizeof(path));
	return access(path, F_OK) == 0;
}

/* Waits for the writer's thread to have removed a segment. */
static inline void rig_await_gone(const struct rig *rig, uint64_t segment)
{
	for (int i = 0; i < 500 && rig_has(rig, segment); i++)
		usleep(10000);
	assert_false(rig_has(rig, segment));
}

static inline struct journal_reader *rig_reader(const struct rig *rig,
						uint64_t segment)
{
	struct journal_position from = {segment, 0};
	struct journal_reader *reader = NULL;
	struct error failed;

	error_init(&failed);
	if (journal_reader_open(&reader, rig->directory, from, &failed))
		fail_msg("reader: %s", failed.message);
	return reader;
}

/* What a reading of the whole journal finds. */
struct tally {
	unsigned heads, opened, resumed, statements, ends, gaps, bad;
	uint64_t gap_exchanges;
	uint64_t gap_first, gap_last; /* of the last gap */
	size_t gap_sessions;
	bool gap_clean;
	char gap_reason[160];
	char bad_message[512];
	uint64_t torn;
	uint64_t last_seq;
};

static inline void tally_record(struct tally *tally,
				const Parallax__Journal__Record *record)
{
	tally->heads += record->head != NULL;
	tally->opened += record->opened && !record->opened->resumed;
	tally->resumed += record->opened && record->opened->resumed;
	tally->statements += record->statement != NULL;
	tally->ends += record->end != NULL;
	if (record->end)
		tally->last_seq = record->end->seq;
	if (!record->gap)
		return;
	tally->gaps++;
	tally->gap_exchanges += record->gap->exchanges;
	tally->gap_first = record->gap->first_seq;
	tally->gap_last = record->gap->last_seq;
	tally->gap_sessions = record->gap->n_sessions;
	tally->gap_clean = record->gap->clean;
	snprintf(tally->gap_reason, sizeof(tally->gap_reason), "%s",
		 record->gap->reason);
}

static inline void tally_read(struct tally *tally,
			      struct journal_reader *reader)
{
	struct journal_record record;
	struct error failed;

	for (;;) {
		error_init(&failed);
		switch (journal_reader_next(reader, &record, &failed)) {
		case JOURNAL_OK:
			tally_record(tally, record.record);
			break;
		case JOURNAL_BAD:
			tally->bad++;
			snprintf(tally->bad_message, sizeof(tally->bad_message),
				 "%s", failed.message);
			assert_true(tally->bad < 1000);
			break;
		case JOURNAL_MORE:
			tally->torn = journal_reader_torn(reader);
			return;
		}
	}
}

static inline struct tally rig_tally(const struct rig *rig)
{
	struct journal_reader *reader = rig_reader(rig, 0);
	struct tally tally = {0};

	tally_read(&tally, reader);
	journal_reader_free(&reader);
	return tally;
}

#endif
