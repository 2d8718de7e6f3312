#include "unit/journal/support.h"

#include <stdatomic.h>
#include <sys/resource.h>

#include "journal/encode.h"

/* A write that takes so many bytes and then fails. */
static atomic_size_t write_budget = SIZE_MAX; /* the thread writes */
static atomic_int write_code = ENOSPC;

static ssize_t scarce_write(int fd, const void *data, size_t size, off_t offset)
{
	size_t take = size < write_budget ? size : write_budget;

	if (!take) {
		errno = write_code;
		return -1;
	}
	write_budget -= take;
	return pwrite(fd, data, take, offset);
}

/* A disk that is full but for what the journal holds in reserve. */
static const char *_Atomic full_but_for;

static ssize_t full_write(int fd, const void *data, size_t size, off_t offset)
{
	if (full_but_for && !access(full_but_for, F_OK)) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, data, size, offset);
}

static void encodes_as_protobuf_does(void **unused)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Statement statement =
	    PARALLAX__JOURNAL__STATEMENT__INIT;
	Parallax__Journal__Input input = PARALLAX__JOURNAL__INPUT__INIT;
	Parallax__Journal__Answer answer = PARALLAX__JOURNAL__ANSWER__INIT;
	Parallax__Journal__End end = PARALLAX__JOURNAL__END__INIT;
	Parallax__Journal__TransactionEnd transaction =
	    PARALLAX__JOURNAL__TRANSACTION_END__INIT;
	Parallax__Journal__Problem problem = PARALLAX__JOURNAL__PROBLEM__INIT;
	Parallax__Journal__Problem *warnings[2] = {&problem, &problem};
	Parallax__Journal__Digest digest = PARALLAX__JOURNAL__DIGEST__INIT;
	Parallax__Journal__SegmentHead head =
	    PARALLAX__JOURNAL__SEGMENT_HEAD__INIT;
	Parallax__Journal__SessionClose closed =
	    PARALLAX__JOURNAL__SESSION_CLOSE__INIT;
	Parallax__Journal__Gap gap = PARALLAX__JOURNAL__GAP__INIT;
	Parallax__Journal__SessionChange change =
	    PARALLAX__JOURNAL__SESSION_CHANGE__INIT;
	uint32_t types[3] = {23, 0, UINT32_MAX};
	uint64_t digests[4] = {1, UINT64_MAX, 0, 7};
	uint8_t bytes[300];

	(void)unused;
	memset(bytes, 0xab, sizeof(bytes));
	/* Each bit of `kind` sets a part, or fills its fields. */
	for (unsigned kind = 0; kind < 1 << 9; kind++) {
		Parallax__Journal__Record *back;
		uint8_t plain[8192];
		uint8_t again[8192];
		uint8_t ours[8192];
		size_t size;
		bool full = kind & 256;

		parallax__journal__record__init(&record);
		record.writer = full ? UINT32_MAX : 0;
		record.epoch = 300;
		record.session = UINT64_MAX;
		record.message = 1;
		if (full) {
			problem.message = (char *)"it broke";
			problem.position = 1u << 31;
			problem.code = problem.class_ = UINT32_MAX;
			statement.kind = 2;
			statement.text.data = bytes;
			statement.text.len = 300;
			statement.truncated = true;
			statement.bind = statement.text;
			statement.bind.len = 127;
			statement.call = statement.text;
			statement.call.len = 128;
			statement.parameter_types = types;
			statement.n_parameter_types = 3;
			statement.statement_name = (char *)"s";
			statement.portal = (char *)"p";
			statement.row_limit = 5;
			statement.resumed = true;
			statement.portal_message = 99;
			statement.forwarded_at = INT64_MAX;
			statement.after = 1;
			statement.transaction = 2;
			statement.status_before = (char *)"E";
			statement.implicit = true;
			statement.parse_after = statement.bind_after =
			    statement.parsed_after = UINT64_MAX;
			input.kind = 1;
			input.data = statement.text;
			input.index = 3;
			answer.index = 3;
			answer.columns = answer.rows = statement.bind;
			digest.low = UINT64_MAX;
			digest.high = 1;
			end.index = 4;
			end.seq = UINT64_MAX;
			end.outcome = 1;
			end.tag = (char *)"SELECT 1";
			end.problem = &problem;
			end.warnings = warnings;
			end.n_warnings = 2;
			end.warning_count = 20;
			end.row_count = 1;
			end.rows_capped = true;
			end.ordered = end.unordered = &digest;
			end.column_digests = digests;
			end.n_column_digests = 4;
			end.columns = end.result_formats = statement.bind;
			end.first_byte_at = end.completed_at = 1;
			end.in_flight = 1;
			end.copy_in = end.copy_out = true;
			end.first = end.insert_id = UINT64_MAX;
			end.matched_rows = end.changed_rows = UINT64_MAX;
			transaction.transaction = 3;
			transaction.seq = 4;
			transaction.after = 5;
			transaction.outcome = 2;
			transaction.problem = &problem;
			transaction.at = -1;
			transaction.statements = 6;
			transaction.in_flight = 7;
			transaction.first = UINT64_MAX;
			head.segment = 8;
			head.engine = (char *)"postgres";
			head.journal = statement.bind;
			head.key = 1;
			change.settings = NULL;
			change.role = (char *)"eve";
			closed.clean = true;
			gap.reason = (char *)"shed";
			gap.sessions = digests;
			gap.n_sessions = 4;
		} else {
			parallax__journal__statement__init(&statement);
			parallax__journal__end__init(&end);
		}
		record.statement = kind & 1 ? &statement : NULL;
		record.input = kind & 2 ? &input : NULL;
		record.answer = kind & 4 ? &answer : NULL;
		record.end = kind & 8 ? &end : NULL;
		record.transaction_end = kind & 16 ? &transaction : NULL;
		record.head = kind & 32 ? &head : NULL;
		record.closed = kind & 64 ? &closed : NULL;
		record.gap = kind & 128 ? &gap : NULL;
		record.changed = kind & 64 ? &change : NULL;

		assert_true(journal_encode_bound(&record) <= sizeof(ours));
		size = journal_encode(&record, ours);
		assert_true(size <= journal_encode_bound(&record));
		back = parallax__journal__record__unpack(NULL, size, ours);
		assert_non_null(back);
		size = parallax__journal__record__pack(&record, plain);
		assert_int_equal(parallax__journal__record__pack(back, again),
				 size);
		assert_memory_equal(plain, again, size);
		parallax__journal__record__free_unpacked(back, NULL);
	}
}

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

/* Appends until something is lost; how many exchanges were kept. */
static unsigned fill_buffer(struct rig *rig, uint64_t *message)
{
	unsigned kept = 0;

	while (rig_append(rig, &rig->live[0], ++*message, PART_ALL, "x"))
		assert_true(++kept < 10000);
	return kept;
}

/* The disk is full after each possible number of bytes of a flush. What the
 * buffer still takes is not lost. */
static void survives_a_full_disk_at_every_byte(void **unused)
{
	size_t step = 0;
	size_t whole = SIZE_MAX;

	(void)unused;
	for (; step < whole; step++) {
		uint64_t message = 2;
		struct journal_stats stats;
		struct tally tally;
		struct error failed;
		struct rig rig;
		unsigned kept;

		rig_init(&rig);
		rig.options.write = scarce_write;
		rig.options.buffer = 4096;
		write_budget = SIZE_MAX;
		write_code = step % 2 ? EIO : ENOSPC;
		rig_open(&rig);
		rig_session(&rig);
		rig_append(&rig, &rig.live[0], 1, PART_ALL, "SELECT 1");
		rig_append(&rig, &rig.live[0], 2, PART_ALL, "SELECT 2");
		whole = journal_writer_pending(rig.writer);
		write_budget = step;
		quiet(true);
		journal_writer_flush(rig.writer);
		rig_await_state(&rig, JOURNAL_FAILING);
		quiet(false);
		tally = rig_tally(&rig); /* a record border, always */
		assert_int_equal(tally.torn, 0);
		assert_int_equal(tally.bad, 0);
		journal_writer_stats(rig.writer, &stats);
		assert_non_null(strstr(stats.problem, "write failed"));
		kept = fill_buffer(&rig, &message);
		assert_true(kept > 3);
		assert_false(
		    rig_append(&rig, &rig.live[0], ++message, PART_ALL, "x"));
		if (step % 8 == 0 && step < 64) {
			/* Fails again, and then has room. */
			write_budget = 3;
			usleep(510000);
			journal_writer_tick(rig.writer);
			write_budget = SIZE_MAX;
			rig_await_state(&rig, JOURNAL_WRITING);
		}
		write_budget = SIZE_MAX;
		error_init(&failed);
		assert_int_equal(
		    journal_writer_close(&rig.writer, true, &failed), 0);
		tally = rig_tally(&rig);
		assert_int_equal(tally.ends, 2 + kept);
		assert_int_equal(tally.gaps, 1);
		assert_int_equal(tally.gap_exchanges, 2);
		assert_int_equal(tally.gap_first, 3 + kept);
		assert_int_equal(tally.gap_last, 4 + kept);
		assert_non_null(strstr(tally.gap_reason, "write failed"));
		rig_release(&rig);
	}
	write_budget = SIZE_MAX;
}

/* A disk that neither writes nor fails: the thread hangs in its write. */
static atomic_bool frozen;

static ssize_t frozen_write(int fd, const void *data, size_t size, off_t offset)
{
	while (frozen)
		usleep(1000);
	return pwrite(fd, data, size, offset);
}

/* Appends never wait; what is lost is told exactly, once the disk is back. */
static void a_frozen_disk_sheds(void **unused)
{
	uint64_t message = 0;
	int64_t began;
	unsigned kept;
	struct tally tally;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.write = frozen_write;
	rig.options.buffer = 16384;
	rig_open(&rig);
	rig_session(&rig);
	rig_flush(&rig);
	frozen = true;
	began = clock_monotonic_us();
	kept = fill_buffer(&rig, &message);
	for (int i = 0; i < 1000; i++) {
		rig_append(&rig, &rig.live[0], ++message, PART_ALL, "x");
		journal_writer_flush(rig.writer);
		journal_writer_tick(rig.writer);
	}
	assert_true(clock_monotonic_us() - began < 1000000);
	assert_false(journal_writer_wait(rig.writer, 10000));
	frozen = false;
	rig_await_state(&rig, JOURNAL_WRITING);
	rig_append(&rig, &rig.live[0], ++message, PART_ALL, "last");
	rig_flush(&rig);
	rig_close(&rig, true);
	tally = rig_tally(&rig);
	assert_int_equal(tally.bad, 0);
	assert_int_equal(tally.ends, kept + 1);
	assert_int_equal(tally.gaps, 1);
	assert_string_equal(tally.gap_reason, "shed");
	assert_int_equal(tally.gap_exchanges, 1001);
	assert_int_equal(tally.gap_first, kept + 1);
	assert_int_equal(tally.gap_last, kept + 1001);
	rig_release(&rig);
}

/* With `block` it is full before the buffer is, and what is on its way goes in.
 */
static void a_frozen_disk_blocks(void **unused)
{
	uint64_t message = 0;
	struct tally tally;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.write = frozen_write;
	rig.options.buffer = 16384;
	rig.options.block_when_full = true;
	rig_open(&rig);
	rig_session(&rig);
	rig_flush(&rig);
	frozen = true;
	while (!journal_writer_full(rig.writer)) {
		assert_true(rig_append(&rig, &rig.live[0], ++message, PART_ALL,
				       "SELECT 1"));
		journal_writer_flush(rig.writer);
	}
	for (int i = 0; i < 10; i++)
		assert_true(rig_append(&rig, &rig.live[0], ++message, PART_ALL,
				       "on its way"));
	journal_writer_tick(rig.writer);
	assert_true(journal_writer_full(rig.writer));
	frozen = false;
	rig_await_state(&rig, JOURNAL_WRITING);
	assert_false(journal_writer_full(rig.writer));
	rig_close(&rig, true);
	tally = rig_tally(&rig);
	assert_int_equal(tally.ends, message);
	assert_int_equal(tally.gaps, 0);
	rig_release(&rig);
}

/* The end does not wait for a thread that hangs. */
static void a_frozen_disk_does_not_hold_the_end(void **unused)
{
	struct error failed;
	int64_t began;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.write = frozen_write;
	rig_open(&rig);
	rig_session(&rig);
	rig_flush(&rig);
	frozen = true;
	rig_append(&rig, &rig.live[0], 1, PART_ALL, "x");
	journal_writer_flush(rig.writer);
	began = clock_monotonic_us();
	error_init(&failed);
	assert_int_equal(journal_writer_close(&rig.writer, true, &failed), -1);
	assert_true(clock_monotonic_us() - began < 9 * 1000000);
	assert_non_null(strstr(failed.message, "does not answer"));
	frozen = false;
	usleep(300000); /* it still ends, by itself */
	assert_int_equal(rig_tally(&rig).ends, 1);
	rig_release(&rig);
}

/* Clients have taken each descriptor that there is. */
static void rotates_without_a_descriptor(void **unused)
{
	struct rlimit before;
	struct rlimit none;
	struct tally tally;
	struct rig rig;
	int taken[64];
	size_t count = 0;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 4096;
	rig_open(&rig);
	rig_session(&rig);
	usleep(1200000); /* the spare is opened by then */
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &none);
	while (count < 64 && (taken[count] = dup(STDERR_FILENO)) >= 0)
		count++;
	for (uint64_t i = 1; i <= 100; i++) {
		assert_true(
		    rig_append(&rig, &rig.live[0], i, PART_ALL, "SELECT 1"));
		rig_flush(&rig);
	}
	while (count)
		close(taken[--count]);
	setrlimit(RLIMIT_NOFILE, &before);
	tally = rig_tally(&rig);
	assert_true(tally.heads >= 2);
	assert_int_equal(tally.ends, 100);
	assert_int_equal(tally.gaps, 0);
	rig_release(&rig);
}

/* Names of segments to come are taken by what is none of ours. */
static void rotates_past_names_that_exist(void **unused)
{
	struct tally tally;
	struct rig rig;
	char path[160];
	char command[200];

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 4096;
	rig_open(&rig);
	rig_session(&rig);
	for (uint64_t segment = 2; segment <= 4; segment++) {
		rig_path(&rig, segment, path, sizeof(path));
		snprintf(command, sizeof(command),
			 segment == 2	? "mkdir %s"
			 : segment == 3 ? "echo precious > %s"
					: "mkdir %s.new",
			 path);
		assert_int_equal(system(command), 0);
	}
	for (uint64_t i = 1; i <= 500; i++) {
		rig_append(&rig, &rig.live[0], i, PART_ALL, "SELECT 1");
		rig_flush(&rig);
	}
	tally = rig_tally(&rig);
	assert_true(tally.heads >= 4);
	assert_int_equal(tally.ends, 500);
	assert_int_equal(tally.gaps, 0);
	assert_int_equal(tally.bad, 0);
	snprintf(command, sizeof(command),
		 "grep -q precious %s/stray-segment-*", rig.directory);
	assert_int_equal(system(command), 0);
	rig_release(&rig);
}

static void says_when_it_ends_unwritten(void **unused)
{
	struct error failed;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.write = scarce_write;
	write_budget = SIZE_MAX;
	rig_open(&rig);
	rig_session(&rig);
	write_budget = 5;
	error_init(&failed);
	assert_int_equal(journal_writer_close(&rig.writer, true, &failed), -1);
	write_budget = SIZE_MAX;
	rig_open(&rig);
	assert_false(rig_tally(&rig).gap_clean);
	assert_int_equal(rig_tally(&rig).bad, 0);
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

static void a_disk_that_stays_full_is_told(void **unused)
{
	char reserve[4096];
	struct tally tally;
	struct error failed;
	struct rig rig;
	uint64_t message = 1;
	unsigned kept;

	(void)unused;
	rig_init(&rig);
	rig.options.write = full_write;
	rig.options.buffer = 4096;
	rig_open(&rig);
	rig_session(&rig);
	rig_append(&rig, &rig.live[0], 1, PART_ALL, "SELECT 1");
	snprintf(reserve, sizeof(reserve), "%s/reserve", rig.options.directory);
	assert_int_equal(access(reserve, F_OK), 0);
	full_but_for = reserve;
	quiet(true);
	journal_writer_flush(rig.writer);
	kept = fill_buffer(&rig, &message);
	error_init(&failed);
	assert_int_equal(journal_writer_close(&rig.writer, true, &failed), 0);
	quiet(false);
	full_but_for = NULL;
	tally = rig_tally(&rig);
	assert_int_equal(tally.ends, 1 + kept);
	assert_int_equal(tally.gaps, 1);
	assert_int_equal(tally.gap_exchanges, 1);
	rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodes_as_protobuf_does),
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
	    cmocka_unit_test(survives_a_full_disk_at_every_byte),
	    cmocka_unit_test(a_disk_that_stays_full_is_told),
	    cmocka_unit_test(a_frozen_disk_sheds),
	    cmocka_unit_test(a_frozen_disk_blocks),
	    cmocka_unit_test(a_frozen_disk_does_not_hold_the_end),
	    cmocka_unit_test(rotates_without_a_descriptor),
	    cmocka_unit_test(rotates_past_names_that_exist),
	    cmocka_unit_test(says_when_it_ends_unwritten),
	    cmocka_unit_test(loses_a_record_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
