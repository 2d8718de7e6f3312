#include "unit/journal/support.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

static void write_exchanges(struct rig *rig, unsigned count)
{
	for (unsigned i = 1; i <= count; i++) {
		char text[32];

		snprintf(text, sizeof(text), "SELECT %u", i);
		rig_append(rig, &rig->live[0], i, PART_ALL, text);
	}
	rig_flush(rig);
}

static size_t load(const struct rig *rig, uint64_t segment, uint8_t **data)
{
	size_t size = rig_size(rig, segment);
	char path[160];
	FILE *file;

	rig_path(rig, segment, path, sizeof(path));
	file = fopen(path, "r");
	assert_non_null(file);
	*data = malloc(size);
	assert_int_equal(fread(*data, 1, size, file), size);
	fclose(file);
	return size;
}

static int open_segment(const struct rig *rig, uint64_t segment, int flags)
{
	char path[160];
	int fd;

	rig_path(rig, segment, path, sizeof(path));
	fd = open(path, flags, 0600);
	assert_true(fd >= 0);
	return fd;
}

/* A reader at the writer's heels sees each record once, at any split. */
static void follows_at_every_split(void **unused)
{
	struct journal_reader *reader;
	struct tally tally = {0};
	struct rig rig;
	uint8_t *data;
	size_t size;
	int fd;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	write_exchanges(&rig, 5);
	rig_close(&rig, true);
	size = load(&rig, 1, &data);
	fd = open_segment(&rig, 1, O_WRONLY | O_TRUNC);
	reader = rig_reader(&rig, 0);
	for (size_t i = 0; i < size; i++) {
		assert_int_equal(write(fd, data + i, 1), 1);
		tally_read(&tally, reader);
	}
	assert_int_equal(tally.bad, 0);
	assert_int_equal(tally.heads, 1);
	assert_int_equal(tally.ends, 5);
	assert_int_equal(tally.torn, 0);
	journal_reader_free(&reader);
	close(fd);
	free(data);
	rig_release(&rig);
}

/* After a failed write the writer cuts its tail off and writes it anew. */
static void reads_a_cut_tail_anew(void **unused)
{
	struct journal_reader *reader;
	struct tally tally = {0};
	struct rig rig;
	uint8_t *data;
	size_t size;
	int fd;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	write_exchanges(&rig, 2);
	rig_close(&rig, true);
	size = load(&rig, 1, &data);
	fd = open_segment(&rig, 1, O_WRONLY);
	assert_int_equal(ftruncate(fd, (off_t)size - 3), 0);
	reader = rig_reader(&rig, 0);
	tally_read(&tally, reader);
	assert_int_equal(tally.ends, 1);
	assert_true(tally.torn > 0);
	assert_int_equal(ftruncate(fd, (off_t)(size - 3 - tally.torn)), 0);
	tally_read(&tally, reader);
	assert_int_equal(tally.torn, 0);
	assert_int_equal(pwrite(fd, data, size, 0), size);
	tally_read(&tally, reader);
	assert_int_equal(tally.ends, 2);
	assert_int_equal(tally.bad, 0);
	journal_reader_free(&reader);
	close(fd);
	free(data);
	rig_release(&rig);
}

/* Whichever byte flips: it is reported, once, and the next segment is read. */
static void reports_every_flipped_byte(void **unused)
{
	struct rig rig;
	uint8_t *data;
	size_t size;
	int fd;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	write_exchanges(&rig, 3);
	rig_close(&rig, true);
	rig_open(&rig); /* a second segment, with a gap */
	size = load(&rig, 1, &data);
	fd = open_segment(&rig, 1, O_WRONLY);
	for (size_t i = 0; i < size; i++) {
		uint8_t flipped = data[i] ^ (uint8_t)(1 << i % 8);
		struct tally tally;

		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)i), 1);
		tally = rig_tally(&rig);
		assert_int_equal(tally.bad, 1);
		assert_non_null(strstr(tally.bad_message, "segment-"));
		assert_non_null(strstr(tally.bad_message, "offset"));
		assert_int_equal(tally.gaps, 1); /* of segment 2 */
		assert_int_equal(pwrite(fd, data + i, 1, (off_t)i), 1);
	}
	/* A body's flip costs that record only. */
	data[size - 1] ^= 1;
	assert_int_equal(pwrite(fd, data, size, 0), size);
	assert_int_equal(rig_tally(&rig).ends, 2);
	close(fd);
	free(data);
	rig_release(&rig);
}

static void reports_a_torn_segment_that_is_not_the_newest(void **unused)
{
	struct tally tally;
	struct rig rig;
	uint64_t size;
	char path[160];

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	write_exchanges(&rig, 3);
	rig_close(&rig, true);
	rig_open(&rig);
	rig_path(&rig, 1, path, sizeof(path));
	size = rig_size(&rig, 1);
	assert_int_equal(truncate(path, (off_t)size - 1), 0);
	tally = rig_tally(&rig);
	assert_int_equal(tally.bad, 1);
	assert_non_null(strstr(tally.bad_message, "unfinished record"));
	assert_int_equal(tally.ends, 2);
	assert_int_equal(tally.heads, 2);
	rig_release(&rig);
}

static void refuses_a_huge_length(void **unused)
{
	static const uint8_t huge[16] = {0xff, 0xff, 0xff, 0x7f};
	struct tally tally;
	struct rig rig;
	int fd;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	write_exchanges(&rig, 1);
	fd = open_segment(&rig, 1, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, huge, sizeof(huge)), sizeof(huge));
	close(fd);
	tally = rig_tally(&rig);
	assert_int_equal(tally.ends, 1);
	assert_int_equal(tally.bad, 1);
	assert_non_null(strstr(tally.bad_message, "impossible length"));
	rig_release(&rig);
}

static void resumes_where_it_was(void **unused)
{
	struct journal_position at = {0, 0};
	struct journal_reader *reader;
	struct journal_record record;
	struct error failed;
	struct rig rig;
	unsigned seen = 0;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 512;
	rig_open(&rig);
	rig_session(&rig);
	for (uint64_t i = 1; i <= 30; i++) {
		rig_append(&rig, &rig.live[0], i, PART_ALL, "SELECT 1");
		rig_flush(&rig);
	}
	/* A new reader for each record. */
	for (;;) {
		enum journal_read read;

		error_init(&failed);
		assert_int_equal(
		    journal_reader_open(&reader, rig.directory, at, &failed),
		    0);
		read = journal_reader_next(reader, &record, &failed);
		if (read == JOURNAL_MORE)
			break;
		assert_int_equal(read, JOURNAL_OK);
		if (record.record->end)
			assert_int_equal(record.record->end->seq, ++seen);
		at = record.next;
		journal_reader_free(&reader);
	}
	assert_int_equal(journal_reader_lag(reader), 0);
	journal_reader_free(&reader);
	assert_int_equal(seen, 30);
	/* A place beyond the end of an older segment is told. */
	at = (struct journal_position){1, 1 << 20};
	error_init(&failed);
	assert_int_equal(
	    journal_reader_open(&reader, rig.directory, at, &failed), 0);
	assert_true(journal_reader_lag(reader) > 0);
	assert_int_equal(journal_reader_next(reader, &record, &failed),
			 JOURNAL_BAD);
	assert_int_equal(journal_reader_next(reader, &record, &failed),
			 JOURNAL_OK);
	assert_int_equal(record.position.segment, 2);
	journal_reader_free(&reader);
	rig_release(&rig);
}

static void tells_of_removed_segments(void **unused)
{
	struct journal_reader *reader;
	struct tally tally = {0};
	struct rig rig;
	char path[160];

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 512;
	rig_open(&rig);
	rig_session(&rig);
	write_exchanges(&rig, 20);
	reader = rig_reader(&rig, 1);
	tally_read(&tally, reader);
	assert_int_equal(tally.ends, 20);
	write_exchanges(&rig, 20);
	write_exchanges(&rig, 20);
	/* Retention overtakes: the reader's own and the next one go. */
	for (uint64_t i = 1; i <= 3; i++) {
		rig_path(&rig, i, path, sizeof(path));
		unlink(path);
	}
	tally_read(&tally, reader);
	assert_int_equal(tally.bad, 1);
	assert_non_null(strstr(tally.bad_message, "gone"));
	journal_reader_free(&reader);
	reader = rig_reader(&rig, 2);
	memset(&tally, 0, sizeof(tally));
	tally_read(&tally, reader);
	assert_int_equal(tally.bad, 1);
	assert_true(tally.heads > 0);
	journal_reader_free(&reader);
	rig_release(&rig);
}

static bool readable(struct journal_reader *reader)
{
	struct pollfd poller = {.fd = journal_reader_fd(reader),
				.events = POLLIN};

	return poll(&poller, 1, 0) == 1;
}

static void wakes_for_news(void **unused)
{
	struct journal_reader *reader;
	struct tally tally = {0};
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 1024;
	reader = rig_reader(&rig, 0); /* before there is any segment */
	tally_read(&tally, reader);
	assert_false(readable(reader));
	rig_open(&rig);
	assert_true(readable(reader));
	journal_reader_clear(reader);
	tally_read(&tally, reader);
	assert_int_equal(tally.heads, 1);
	assert_false(readable(reader));
	rig_session(&rig);
	rig_flush(&rig);
	assert_true(readable(reader));
	journal_reader_clear(reader);
	tally_read(&tally, reader);
	assert_int_equal(tally.opened, 1);
	write_exchanges(&rig, 20); /* and a new segment */
	assert_true(readable(reader));
	journal_reader_clear(reader);
	tally_read(&tally, reader);
	assert_int_equal(tally.ends, 20);
	assert_int_equal(tally.heads, 2);
	assert_int_equal(journal_reader_position(reader).segment, 2);
	write_exchanges(&rig, 1);
	assert_true(readable(reader));
	journal_reader_free(&reader);
	rig_release(&rig);
}

/* Writes without end, in a process of its own. */
static pid_t start_writer(struct rig *rig)
{
	pid_t child = fork();

	if (child)
		return child;
	quiet(true);
	rig_open(rig);
	rig->seq = journal_writer_last_seq(rig->writer);
	rig_session(rig);
	for (uint64_t message = 1;; message++) {
		rig_append(rig, &rig->live[0], message, PART_ALL, "SELECT 1");
		if (message % 50 == 0)
			rig_flush(rig);
	}
}

/*
 * A relay that is killed and started again while a reader follows: nothing is
 * reported damaged, seqs go on where the journal ends, sessions end.
 */
static void follows_a_relay_that_is_killed(void **unused)
{
	struct journal_assembler *assembler = journal_assembler_new(NULL);
	struct journal_reader *reader;
	struct journal_record record;
	struct journal_event event;
	struct error failed;
	uint64_t seq = 0;
	unsigned closed = 0;
	unsigned gaps = 0;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 64 * 1024;
	reader = rig_reader(&rig, 0);
	journal_reader_fd(reader);
	for (int round = 0; round < 5; round++) {
		pid_t child = start_writer(&rig);
		/* in the midst of writing, however slow the machine is */
		uint64_t until = seq + 300;
		bool alive = true;
		int status;

		assert_true(child > 0);
		for (;;) {
			enum journal_read read =
			    journal_reader_next(reader, &record, &failed);

			assert_int_not_equal(read, JOURNAL_BAD);
			if (read == JOURNAL_MORE && !alive)
				break;
			if (alive && seq > until) {
				kill(child, SIGKILL);
				waitpid(child, &status, 0);
				assert_true(WIFSIGNALED(status));
				assert_int_equal(WTERMSIG(status), SIGKILL);
				alive = false;
			}
			if (read == JOURNAL_MORE) {
				struct pollfd poller = {
				    .fd = journal_reader_fd(reader),
				    .events = POLLIN};

				if (alive) /* it still writes */
					assert_int_equal(
					    waitpid(child, NULL, WNOHANG), 0);
				poll(&poller, 1, 10);
				journal_reader_clear(reader);
				continue;
			}
			journal_assembler_push(assembler, &record);
			while (journal_assembler_pop(assembler, &event)) {
				gaps += event.kind == JOURNAL_GAP;
				closed += event.kind == JOURNAL_SESSION_CLOSED;
				if (event.exchange)
					assert_int_equal(event.exchange->seq,
							 ++seq);
				journal_event_release(&event);
			}
		}
	}
	assert_true(seq > 1000);
	assert_int_equal(gaps, 4); /* one for each restart */
	assert_int_equal(closed, 4);
	journal_reader_free(&reader);
	journal_assembler_free(&assembler);
	rig_release(&rig);
}

/* Rewrites the head of a segment's file: its first record. */
static void change_head(const struct rig *rig, uint64_t segment,
			uint32_t version, uint8_t identity)
{
	Parallax__Journal__Record *record;
	static uint8_t data[1 << 20];
	static uint8_t fresh[1 << 20];
	char path[160];
	size_t body;
	ssize_t size;
	size_t packed;
	int fd;

	rig_path(rig, segment, path, sizeof(path));
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	size = read(fd, data, sizeof(data));
	assert_int_equal(journal_frame_view(data, (size_t)size, &body),
			 JOURNAL_FRAME_OK);
	record = parallax__journal__record__unpack(NULL, body,
						   data + JOURNAL_FRAME_HEAD);
	assert_non_null(record);
	assert_int_equal(record->head->journal.len, JOURNAL_IDENTITY);
	record->head->version = version;
	record->head->journal.data[0] ^= identity;
	packed =
	    parallax__journal__record__pack(record, fresh + JOURNAL_FRAME_HEAD);
	parallax__journal__record__free_unpacked(record, NULL);
	journal_frame_seal(fresh, packed);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_true(pwrite(fd, fresh, JOURNAL_FRAME_HEAD + packed, 0) > 0);
	assert_true(pwrite(fd, data + JOURNAL_FRAME_HEAD + body,
			   (size_t)size - JOURNAL_FRAME_HEAD - body,
			   (off_t)(JOURNAL_FRAME_HEAD + packed)) >= 0);
	close(fd);
}

static void refuses_another_format(void **unused)
{
	struct journal_position from = {0, 0};
	struct journal_writer *writer = NULL;
	struct journal_reader *reader = NULL;
	struct error failed;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	rig_flush(&rig);
	rig_close(&rig, false);
	change_head(&rig, 1, 1, 0);
	error_init(&failed);
	assert_int_equal(
	    journal_reader_open(&reader, rig.directory, from, &failed), -1);
	assert_non_null(strstr(failed.message, "version 1"));
	assert_non_null(strstr(failed.hint, "empty journal directory"));
	error_init(&failed);
	assert_int_equal(journal_writer_open(&writer, &rig.options, &failed),
			 -1);
	assert_non_null(strstr(failed.message, "version 1"));
	rig_release(&rig);
}

/* Segments of two journals in one directory, and a place in one that is gone.
 */
static void tells_of_another_journal(void **unused)
{
	struct journal_writer *writer = NULL;
	struct journal_reader *reader;
	struct error failed;
	struct tally tally;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	rig_flush(&rig);
	rig_close(&rig, false);
	rig_open(&rig);
	rig_flush(&rig);
	rig_close(&rig, false);
	assert_int_equal(rig_tally(&rig).bad, 0);

	memset(&tally, 0, sizeof(tally));
	reader = rig_reader(&rig, 7);
	tally_read(&tally, reader);
	journal_reader_free(&reader);
	assert_int_equal(tally.bad, 1);
	assert_non_null(strstr(tally.bad_message, "another journal"));
	assert_int_equal(tally.heads, 0);

	change_head(&rig, 2, JOURNAL_VERSION, 0xff);
	tally = rig_tally(&rig);
	assert_int_equal(tally.heads, 1);
	assert_int_equal(tally.bad, 1);
	assert_non_null(strstr(tally.bad_message, "another journal"));
	error_init(&failed);
	assert_int_equal(journal_writer_open(&writer, &rig.options, &failed),
			 -1);
	assert_non_null(strstr(failed.message, "another journal"));
	rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_at_every_split),
	    cmocka_unit_test(reads_a_cut_tail_anew),
	    cmocka_unit_test(reports_every_flipped_byte),
	    cmocka_unit_test(reports_a_torn_segment_that_is_not_the_newest),
	    cmocka_unit_test(refuses_a_huge_length),
	    cmocka_unit_test(resumes_where_it_was),
	    cmocka_unit_test(tells_of_removed_segments),
	    cmocka_unit_test(wakes_for_news),
	    cmocka_unit_test(follows_a_relay_that_is_killed),
	    cmocka_unit_test(refuses_another_format),
	    cmocka_unit_test(tells_of_another_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
