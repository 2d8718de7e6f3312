/* Disks that are full, frozen or refuse: what the writer keeps, and what it
 * says of the rest. */
#include "unit/journal/support.h"

#include <stdatomic.h>
#include <sys/resource.h>

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
	    cmocka_unit_test(survives_a_full_disk_at_every_byte),
	    cmocka_unit_test(a_frozen_disk_sheds),
	    cmocka_unit_test(a_frozen_disk_blocks),
	    cmocka_unit_test(a_frozen_disk_does_not_hold_the_end),
	    cmocka_unit_test(rotates_without_a_descriptor),
	    cmocka_unit_test(rotates_past_names_that_exist),
	    cmocka_unit_test(says_when_it_ends_unwritten),
	    cmocka_unit_test(a_disk_that_stays_full_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
