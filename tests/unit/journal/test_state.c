/* The journal's word beside itself: what it lost, where it cannot say so. */
#include "unit/journal/support.h"

#include "journal/state.h"

static int write_code; /* 0: the disk has room */

static ssize_t full_write(int fd, const void *data, size_t size, off_t offset)
{
	if (write_code) {
		errno = write_code;
		return -1;
	}
	return pwrite(fd, data, size, offset);
}

static struct journal_state_note stated(const struct rig *rig)
{
	struct journal_state_note note;
	struct error failed;

	error_init(&failed);
	assert_int_equal(journal_state_read(rig->directory, &note, &failed), 1);
	return note;
}

/* Until the writer's thread has said so many losses, and whether it fails. */
static struct journal_state_note await_stated(struct rig *rig, uint64_t lost,
					      bool fails)
{
	struct journal_state_note note = {0};

	for (int i = 0; i < 1000; i++) {
		journal_writer_tick(rig->writer);
		note = stated(rig);
		if (note.lost_records == lost && fails == !!*note.problem)
			return note;
		usleep(10000);
	}
	fail_msg("lost %" PRIu64 ", wanted %" PRIu64 "; problem '%s'",
		 note.lost_records, lost, note.problem);
	return note;
}

/* What the newest Gap or head that can be read says is lost. */
static uint64_t told(const struct rig *rig)
{
	struct journal_reader *reader = rig_reader(rig, 0);
	struct journal_record record;
	enum journal_read read;
	struct error failed;
	uint64_t lost = 0;

	error_init(&failed);
	while ((read = journal_reader_next(reader, &record, &failed)) !=
	       JOURNAL_MORE) {
		assert_int_equal(read, JOURNAL_OK);
		if (record.record->head && record.record->head->lost > lost)
			lost = record.record->head->lost;
		if (record.record->gap && record.record->gap->lost > lost)
			lost = record.record->gap->lost;
	}
	journal_reader_free(&reader);
	return lost;
}

static uint64_t lose_some(struct rig *rig, uint64_t *message)
{
	struct journal_stats stats;

	for (int i = 0; i < 200; i++)
		rig_append(rig, &rig->live[0], ++*message, PART_ALL,
			   "SELECT 'as long as it takes to fill the buffer'");
	journal_writer_flush(rig->writer);
	journal_writer_stats(rig->writer, &stats);
	assert_true(stats.lost_records > 0);
	return stats.lost_records;
}

static void says_what_a_full_disk_costs(void **unused)
{
	struct journal_state_note note;
	uint64_t message = 0;
	uint64_t lost;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.write = full_write;
	rig.options.buffer = 4096;
	rig_open(&rig);
	rig_session(&rig);
	rig_flush(&rig);
	note = await_stated(&rig, 0, false);
	assert_int_equal(strlen(note.journal), 36);
	assert_int_equal(note.epoch, 1);

	quiet(true);
	write_code = ENOSPC;
	lost = lose_some(&rig, &message);
	note = await_stated(&rig, lost, true);
	quiet(false);
	assert_true(note.shedding);
	assert_true(note.lost_exchanges > 0);
	assert_non_null(strstr(note.problem, "No space left"));
	assert_int_equal(told(&rig), 0); /* the journal itself cannot */

	write_code = 0;
	note = await_stated(&rig, lost, false);
	rig_await_state(&rig, JOURNAL_WRITING);
	rig_flush(&rig);
	await_stated(&rig, lost, false);
	assert_int_equal(told(&rig), lost);
	rig_release(&rig);
}

/* A relay that is killed has told nobody; the next one goes on from there. */
static void goes_on_in_the_next_epoch(void **unused)
{
	char command[400];
	uint64_t message = 0;
	uint64_t lost;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.write = full_write;
	rig.options.buffer = 4096;
	rig_open(&rig);
	rig_session(&rig);
	rig_flush(&rig);
	quiet(true);
	write_code = ENOSPC;
	lost = lose_some(&rig, &message);
	await_stated(&rig, lost, true);
	/* what a kill leaves: the folder as it is now */
	snprintf(command, sizeof(command), "cp -a %s %s.killed", rig.directory,
		 rig.directory);
	assert_int_equal(system(command), 0);
	write_code = 0;
	quiet(false);
	rig_close(&rig, false);
	snprintf(command, sizeof(command), "rm -rf %s && mv %s.killed %s",
		 rig.directory, rig.directory, rig.directory);
	assert_int_equal(system(command), 0);
	assert_int_equal(stated(&rig).lost_records, lost);

	rig_open(&rig);
	rig_flush(&rig);
	await_stated(&rig, lost, false);
	assert_int_equal(stated(&rig).epoch, 2);
	assert_int_equal(told(&rig), lost);
	rig_release(&rig);
}

static void reads_no_rubbish(void **unused)
{
	struct journal_state_note note;
	struct error failed;
	char path[160];
	struct rig rig;
	int fd;

	(void)unused;
	rig_init(&rig);
	error_init(&failed);
	assert_int_equal(journal_state_read(rig.directory, &note, &failed), 0);
	assert_int_equal(journal_state_read("/nowhere", &note, &failed), 0);
	rig_open(&rig);
	rig_close(&rig, true);
	assert_int_equal(stated(&rig).lost_records, 0);
	snprintf(path, sizeof(path), "%s/state", rig.directory);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	for (off_t at = 0; at < 120; at++) {
		char byte;
		char other;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		other = (char)(byte ^ 1);
		assert_int_equal(pwrite(fd, &other, 1, at), 1);
		assert_int_equal(
		    journal_state_read(rig.directory, &note, &failed), -1);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	assert_int_equal(stated(&rig).lost_records, 0);
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(journal_state_read(rig.directory, &note, &failed), -1);
	close(fd);
	rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_a_full_disk_costs),
	    cmocka_unit_test(goes_on_in_the_next_epoch),
	    cmocka_unit_test(reads_no_rubbish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
