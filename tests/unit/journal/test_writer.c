/* The writer: order, segments, what a power cut leaves, a full journal. */
#include "unit/journal/support.h"

static void writes_and_reads(void **unused)
{
	struct rig rig;
	struct journal_stream *stream;
	struct stat status;
	struct tally tally;
	char path[160];

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	assert_int_equal(journal_writer_epoch(rig.writer), 1);
	stream = rig_session(&rig);
	for (uint64_t i = 1; i <= 100; i++)
		assert_true(rig_append(&rig, stream, i, PART_ALL, "SELECT 1"));
	assert_true(journal_writer_pending(rig.writer) > 0);
	tally = rig_tally(&rig);
	assert_int_equal(tally.ends, 0);
	rig_flush(&rig);
	tally = rig_tally(&rig);
	assert_int_equal(tally.heads, 1);
	assert_int_equal(tally.opened, 1);
	assert_int_equal(tally.ends, 100);
	assert_int_equal(tally.gaps, 0);
	assert_int_equal(tally.bad, 0);
	assert_true(journal_is_written(rig.directory));
	rig_path(&rig, 1, path, sizeof(path));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	rig.live_count = 0;
	rig_close(&rig, true);
	assert_false(journal_is_written(rig.directory));

	rig_open(&rig);
	assert_int_equal(journal_writer_epoch(rig.writer), 2);
	assert_int_equal(journal_writer_last_seq(rig.writer), 100);
	tally = rig_tally(&rig);
	assert_int_equal(tally.gaps, 1);
	assert_string_equal(tally.gap_reason, "relay restarted");
	assert_true(tally.gap_clean);
	/* Drained, it is said; but a session lives. */
	rig_session(&rig);
	rig_close(&rig, true);
	rig_open(&rig);
	assert_false(rig_tally(&rig).gap_clean);
	rig_release(&rig);
}

static void has_one_writer(void **unused)
{
	struct journal_writer *second = NULL;
	struct error failed;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	error_init(&failed);
	assert_int_equal(journal_writer_open(&second, &rig.options, &failed),
			 -1);
	assert_non_null(strstr(failed.message, "another relay"));
	rig_release(&rig);
}

/* A killed relay leaves the last record cut anywhere. */
static void cuts_a_torn_tail_at_every_byte(void **unused)
{
	uint64_t whole;
	uint64_t before;
	struct rig rig;
	char path[160];
	char copy[256];

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_append(&rig, rig_session(&rig), 1, PART_ALL, "SELECT 1");
	rig_flush(&rig);
	before = rig_size(&rig, 1);
	rig_append(&rig, &rig.live[0], 2, PART_ALL, "SELECT 2");
	rig_flush(&rig);
	whole = rig_size(&rig, 1);
	rig_close(&rig, false);
	rig_path(&rig, 1, path, sizeof(path));
	snprintf(copy, sizeof(copy), "cp %s %s/copy", path, rig.directory);
	assert_int_equal(system(copy), 0);
	snprintf(copy, sizeof(copy), "cp %s/copy %s", rig.directory, path);

	for (uint64_t size = before; size <= whole; size++) {
		struct tally tally;
		uint64_t segment = 2 + size - before;
		char other[160];

		assert_int_equal(system(copy), 0);
		assert_int_equal(truncate(path, (off_t)size), 0);
		/* Only segment 1 stands there. */
		if (segment > 2) {
			rig_path(&rig, 2, other, sizeof(other));
			unlink(other);
		}
		tally = rig_tally(&rig);
		assert_int_equal(tally.bad, 0);
		assert_int_equal(tally.ends, size == whole ? 2 : 1);
		assert_int_equal(tally.torn, size == whole ? 0 : size - before);

		rig_open(&rig);
		assert_int_equal(journal_writer_last_seq(rig.writer), 2);
		tally = rig_tally(&rig);
		assert_int_equal(tally.bad, 0);
		assert_int_equal(tally.ends, size == whole ? 2 : 1);
		assert_int_equal(tally.gaps, 1);
		assert_false(tally.gap_clean);
		assert_int_equal(rig_size(&rig, 1),
				 size == whole ? whole : before);
		rig_close(&rig, false);
	}
	rig_release(&rig);
}

/* Another start of the machine than that of the epoch's beginning. */
static void change_boot(const struct rig *rig)
{
	char path[160];
	char text[200] = "";
	char *boot;
	int fd;

	snprintf(path, sizeof(path), "%s/epoch", rig->directory);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	boot = strstr(text, " boot ");
	assert_non_null(boot);
	boot[6] = boot[6] == '0' ? '1' : '0';
	assert_true(pwrite(fd, text, strlen(text), 0) > 0);
	close(fd);
}

/* What a mirror has read before a power cut may be gone from the disk: its seq
 * are given to nothing else. */
static void gives_no_seq_twice_over_a_power_cut(void **unused)
{
	struct tally tally;
	struct rig rig;
	uint64_t last;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	rig_append(&rig, &rig.live[0], 1, PART_ALL, "x");
	rig_flush(&rig);
	rig_close(&rig, false); /* a session lives: as if it was killed */
	rig_open(&rig);
	assert_int_equal(journal_writer_last_seq(rig.writer), 1);
	rig_flush(&rig);
	rig_close(&rig, false);
	change_boot(&rig);
	rig_open(&rig);
	last = journal_writer_last_seq(rig.writer);
	assert_true(last > 10 * 1000 * 1000);
	rig.live_count = 0;
	rig_flush(&rig);
	rig_close(&rig, true); /* in order */
	change_boot(&rig);
	rig_open(&rig);
	assert_int_equal(journal_writer_last_seq(rig.writer), last);
	tally = rig_tally(&rig);
	assert_int_equal(tally.bad, 0);
	rig_release(&rig);
}

/* A power cut has left newest segments without bytes, or with half a head. */
static void goes_on_behind_torn_rotations(void **unused)
{
	static const off_t sizes[] = {0, 1, 20};
	char path[160];

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		struct journal_stats stats;
		struct tally tally;
		struct rig rig;

		rig_init(&rig);
		rig.options.segment_size = 4096;
		rig_open(&rig);
		rig_session(&rig);
		for (uint64_t message = 1; message <= 200; message++) {
			rig_append(&rig, &rig.live[0], message, PART_ALL, "x");
			rig_flush(&rig);
		}
		journal_writer_stats(rig.writer, &stats);
		rig_close(&rig, false);
		for (uint64_t more = 1; more <= 2; more++) {
			int fd;

			rig_path(&rig, stats.segment + more, path,
				 sizeof(path));
			fd = open(path, O_WRONLY | O_CREAT, 0600);
			assert_true(fd >= 0);
			assert_int_equal(ftruncate(fd, sizes[i]), 0);
			close(fd);
		}
		rig_open(&rig);
		assert_int_equal(journal_writer_last_seq(rig.writer), 200);
		assert_int_equal(journal_writer_epoch(rig.writer), 2);
		rig_flush(&rig);
		tally = rig_tally(&rig);
		assert_int_equal(tally.ends, 200);
		assert_int_equal(tally.gaps, 1);
		assert_false(tally.gap_clean);
		rig_release(&rig);
	}
}

static void rotates_with_live_sessions(void **unused)
{
	struct tally tally;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 4096;
	rig_open(&rig);
	rig_session(&rig);
	rig_session(&rig);
	for (uint64_t i = 1; i <= 200; i++) {
		rig_append(&rig, &rig.live[i % 2], i, PART_ALL, "SELECT 1");
		rig_flush(&rig);
	}
	tally = rig_tally(&rig);
	assert_true(tally.heads >= 3);
	assert_int_equal(tally.resumed, 2 * (tally.heads - 1));
	assert_int_equal(tally.ends, 200);
	assert_int_equal(tally.gaps, 0);
	rig_release(&rig);
}

static void fill(struct rig *rig, uint64_t segments)
{
	struct journal_stats stats;
	static uint64_t message;

	do {
		rig_append(rig, &rig->live[0], ++message, PART_ALL, "SELECT 1");
		rig_flush(rig);
		journal_writer_stats(rig->writer, &stats);
	} while (stats.segment < segments);
}

static void keeps_what_a_mirror_needs(void **unused)
{
	static const char *const names[] = {"a", "b", NULL};
	struct journal_position position = {3, 17};
	struct journal_position loaded;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 4096;
	rig.options.mirrors = names;
	rig_open(&rig);
	rig_session(&rig);
	fill(&rig, 6);
	journal_writer_retain(rig.writer);
	assert_true(rig_has(&rig, 1)); /* no mirror has said anything */
	assert_ok(journal_position_save(rig.directory, "a", position, &failed));
	journal_writer_retain(rig.writer);
	assert_true(rig_has(&rig, 1)); /* b has not */
	position.segment = 4;
	assert_ok(journal_position_save(rig.directory, "b", position, &failed));
	journal_writer_retain(rig.writer);
	rig_await_gone(&rig, 2);
	assert_true(rig_has(&rig, 3));
	/* A third one that nobody knew of counts too. */
	assert_ok(journal_position_save(rig.directory, "c", position, &failed));
	position.segment = 6;
	assert_ok(journal_position_save(rig.directory, "a", position, &failed));
	assert_ok(journal_position_save(rig.directory, "b", position, &failed));
	journal_writer_retain(rig.writer);
	rig_await_gone(&rig, 3);
	assert_true(rig_has(&rig, 4));
	assert_ok(journal_position_remove(rig.directory, "c", &failed));
	journal_writer_retain(rig.writer);
	rig_await_gone(&rig, 5);
	assert_true(rig_has(&rig, 6));
	assert_int_equal(rig_tally(&rig).heads, 1);
	assert_int_equal(
	    journal_position_load(rig.directory, "a", &loaded, NULL), 1);
	assert_int_equal(journal_position_compare(loaded, position), 0);
	rig_release(&rig);
}

static void keeps_for_a_time_and_without_mirrors(void **unused)
{
	struct journal_position position = {100, 0};
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 4096;
	rig.options.keep_us = 300000;
	rig_open(&rig);
	rig_session(&rig);
	fill(&rig, 3);
	assert_ok(journal_position_save(rig.directory, "a", position, &failed));
	journal_writer_retain(rig.writer);
	usleep(50000);
	assert_true(rig_has(&rig, 1)); /* passed, but kept for its time */
	usleep(300000);
	journal_writer_retain(rig.writer);
	rig_await_gone(&rig, 1);
	rig_release(&rig);

	rig_init(&rig);
	rig.options.segment_size = 4096;
	rig_open(&rig);
	rig_session(&rig);
	fill(&rig, 3);
	journal_writer_retain(rig.writer);
	usleep(50000);
	assert_true(rig_has(&rig, 1)); /* no mirror, no time: kept */
	rig_release(&rig);
}

static void refuses_damaged_positions(void **unused)
{
	struct journal_position position = {100, 0};
	struct error failed;
	struct rig rig;
	char path[160];
	FILE *file;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 4096;
	rig_open(&rig);
	rig_session(&rig);
	fill(&rig, 3);
	snprintf(path, sizeof(path), "%s/mirror-x.position", rig.directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("segment 12", file);
	fclose(file);
	error_init(&failed);
	assert_int_equal(
	    journal_position_load(rig.directory, "x", &position, &failed), -1);
	journal_writer_retain(rig.writer);
	usleep(50000);
	assert_true(rig_has(&rig, 1));
	assert_int_equal(
	    journal_position_save(rig.directory, "../x", position, &failed),
	    -1);
	rig_release(&rig);
}

static void blocks_when_full(void **unused)
{
	struct journal_position position = {0, 0};
	struct journal_stats stats;
	struct rig rig;
	uint64_t message = 0;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 1 << 20;
	rig.options.max_size = 16384;
	rig.options.block_when_full = true;
	rig_open(&rig);
	rig_session(&rig);
	assert_ok(journal_position_save(rig.directory, "a", position, &failed));
	while (!journal_writer_full(rig.writer)) {
		assert_true(rig_append(&rig, &rig.live[0], ++message, PART_ALL,
				       "SELECT 1"));
		rig_flush(&rig);
		assert_true(message < 1000);
	}
	/* What is on its way still goes in. */
	assert_true(rig_append(&rig, &rig.live[0], ++message, PART_ALL, "x"));
	rig_flush(&rig);
	journal_writer_tick(rig.writer);
	assert_true(journal_writer_full(rig.writer));
	journal_writer_stats(rig.writer, &stats);
	assert_int_equal(stats.state, JOURNAL_FULL);
	position.segment = stats.segment;
	assert_ok(journal_position_save(rig.directory, "a", position, &failed));
	rig_await_state(&rig, JOURNAL_WRITING);
	assert_false(journal_writer_full(rig.writer));
	journal_writer_stats(rig.writer, &stats);
	assert_int_equal(stats.lost_records, 0);
	rig_close(&rig, true);
	assert_int_equal(rig_tally(&rig).gaps, 0);
	rig_release(&rig);
}

static void sheds_whole_exchanges_when_full(void **unused)
{
	struct journal_position position = {0, 0};
	struct journal_stats stats;
	struct tally tally;
	uint64_t message = 0;
	uint64_t first;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.max_size = 16384;
	rig_open(&rig);
	rig_session(&rig);
	rig_session(&rig);
	rig_session(&rig);
	assert_ok(journal_position_save(rig.directory, "a", position, &failed));
	/* Session 2 has a statement on its way when the journal gets full. */
	assert_true(rig_append(&rig, &rig.live[1], 1, PART_STATEMENT, "s2"));
	while (rig_append(&rig, &rig.live[0], ++message, PART_ALL, "SELECT 1"))
		rig_flush(&rig);
	first = rig.seq;
	assert_false(rig_append(&rig, &rig.live[1], 1, PART_ANSWER, "s2"));
	assert_true(journal_stream_lost(&rig.live[1], 1));
	assert_false(journal_writer_full(rig.writer));
	assert_false(rig_append(&rig, &rig.live[0], ++message, PART_ALL, "x"));
	journal_writer_stats(rig.writer, &stats);
	assert_int_equal(stats.lost_exchanges, 2);
	/* Room again. */
	position.segment = stats.segment;
	assert_ok(journal_position_save(rig.directory, "a", position, &failed));
	rig_await_state(&rig, JOURNAL_WRITING);
	assert_true(journal_writer_wait(rig.writer, 10000000));
	tally = rig_tally(&rig);
	assert_int_equal(tally.gaps, 1);
	assert_string_equal(tally.gap_reason, "shed");
	assert_int_equal(tally.gap_exchanges, 2);
	assert_int_equal(tally.gap_first, first);
	assert_int_equal(tally.gap_last, first + 1);
	assert_int_equal(tally.gap_sessions, 2);
	assert_true(tally.resumed >= 3); /* a new segment tells who lives */
	/* The rest of an exchange that has lost a part is lost as well, and
	 * told in a gap of its own. */
	assert_false(rig_append(&rig, &rig.live[1], 1, PART_END, ""));
	assert_true(rig_append(&rig, &rig.live[1], 2, PART_ALL, "SELECT 2"));
	assert_true(
	    rig_append(&rig, &rig.live[0], ++message, PART_ALL, "SELECT 3"));
	rig_flush(&rig);
	tally = rig_tally(&rig);
	assert_int_equal(tally.gaps, 2);
	assert_int_equal(tally.gap_first, first + 2);
	assert_int_equal(tally.gap_sessions, 1);
	assert_int_equal(tally.last_seq, first + 4);
	rig_release(&rig);
}

static void loses_a_record_that_is_too_large(void **unused)
{
	char *text = malloc(JOURNAL_RECORD_MAX + 2);
	struct tally tally;
	struct rig rig;

	(void)unused;
	assert_non_null(text);
	memset(text, 'x', JOURNAL_RECORD_MAX + 1);
	text[JOURNAL_RECORD_MAX + 1] = 0;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	assert_false(rig_append(&rig, &rig.live[0], 1, PART_ALL, text));
	assert_true(rig_append(&rig, &rig.live[0], 2, PART_ALL, "x"));
	text[JOURNAL_RECORD_MAX / 2 - 1000] = 0;
	assert_true(rig_append(&rig, &rig.live[0], 3, PART_ALL, text));
	rig_flush(&rig);
	tally = rig_tally(&rig);
	assert_int_equal(tally.ends, 2);
	assert_int_equal(tally.gaps, 1);
	assert_int_equal(tally.gap_exchanges, 1);
	rig_release(&rig);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_and_reads),
	    cmocka_unit_test(has_one_writer),
	    cmocka_unit_test(cuts_a_torn_tail_at_every_byte),
	    cmocka_unit_test(gives_no_seq_twice_over_a_power_cut),
	    cmocka_unit_test(goes_on_behind_torn_rotations),
	    cmocka_unit_test(rotates_with_live_sessions),
	    cmocka_unit_test(keeps_what_a_mirror_needs),
	    cmocka_unit_test(keeps_for_a_time_and_without_mirrors),
	    cmocka_unit_test(refuses_damaged_positions),
	    cmocka_unit_test(blocks_when_full),
	    cmocka_unit_test(sheds_whole_exchanges_when_full),
	    cmocka_unit_test(loses_a_record_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
