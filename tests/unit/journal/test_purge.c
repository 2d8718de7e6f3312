#include "support.h"

#include <time.h>

#include "journal/purge.h"

/* Segments 1 to 4 of two hours ago, and the newest. */
static void make_segments(struct rig *rig)
{
	struct timespec times[2];
	char path[160];

	rig_init(rig);
	for (int i = 0; i < 5; i++) {
		rig_open(rig);
		rig_close(rig, true);
	}
	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= 7200;
	times[1] = times[0];
	for (uint64_t segment = 1; segment < 5; segment++) {
		rig_path(rig, segment, path, sizeof(path));
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	}
}

static struct journal_purged purge(const struct rig *rig,
				   const char *const *mirrors, int64_t age_us,
				   bool all)
{
	struct journal_purged purged;

	assert_ok(journal_purge(rig->directory, mirrors,
				clock_unix_us() - age_us, all, &purged,
				&failed));
	return purged;
}

enum { HOUR = 3600 };

static void test_age(void **state)
{
	struct journal_purged purged;
	struct rig rig;

	(void)state;
	make_segments(&rig);
	purged = purge(&rig, NULL, 3 * HOUR * INT64_C(1000000), false);
	assert_int_equal(purged.segments, 0);
	assert_true(rig_has(&rig, 1));
	purged = purge(&rig, NULL, HOUR * INT64_C(1000000), false);
	assert_int_equal(purged.segments, 4);
	assert_true(purged.bytes > 100);
	assert_false(rig_has(&rig, 4));
	assert_true(rig_has(&rig, 5));
	/* the newest stays, however old */
	purged = purge(&rig, NULL, -HOUR * INT64_C(1000000), true);
	assert_int_equal(purged.segments, 0);
	assert_true(rig_has(&rig, 5));
	rig_release(&rig);
}

static void test_needed(void **state)
{
	static const char *const mirrors[] = {"next", NULL};
	struct journal_position at = {3, 0};
	struct journal_purged purged;
	struct rig rig;

	(void)state;
	make_segments(&rig);
	/* one that has not begun needs everything */
	purged = purge(&rig, mirrors, HOUR * INT64_C(1000000), false);
	assert_int_equal(purged.segments, 0);
	assert_int_equal(purged.kept, 4);
	assert_ok(journal_position_save(rig.directory, "next", at, &failed));
	purged = purge(&rig, mirrors, HOUR * INT64_C(1000000), false);
	assert_int_equal(purged.segments, 2);
	assert_int_equal(purged.kept, 2);
	assert_true(rig_has(&rig, 3));
	purged = purge(&rig, mirrors, HOUR * INT64_C(1000000), true);
	assert_int_equal(purged.segments, 2);
	assert_false(rig_has(&rig, 4));
	rig_release(&rig);
}

static void test_strays(void **state)
{
	struct rig rig;
	char path[160];
	int fd;

	(void)state;
	make_segments(&rig);
	snprintf(path, sizeof(path), "%s/stray-segment-1", rig.directory);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	close(fd);
	purge(&rig, NULL, HOUR * INT64_C(1000000), false);
	assert_int_equal(access(path, F_OK), 0);
	purge(&rig, NULL, -HOUR * INT64_C(1000000), false);
	assert_int_equal(access(path, F_OK), -1);
	rig_release(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_age),
	    cmocka_unit_test(test_needed),
	    cmocka_unit_test(test_strays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
