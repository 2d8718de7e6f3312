/* The logic of verify: chunks, buckets, lists of rows, looking again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verify/internal.h"

/* ---- chunks ---- */

static void test_pace_aims_at_its_time(void **state)
{
	struct pace pace;

	(void)state;
	pace_init(&pace, 1000000);
	assert_int_equal(pace.size, PACE_FIRST);
	/* Never more than four times as many at once. */
	pace_took(&pace, 20000, 1000);
	assert_int_equal(pace.size, 80000);
	pace_took(&pace, 80000, 400000);
	assert_int_equal(pace.size, 200000);
	pace_took(&pace, 200000, 2000000);
	assert_int_equal(pace.size, 100000);
	pace_took(&pace, 100000, 1000000);
	assert_int_equal(pace.size, 100000);
	assert_false(pace.whole);
	for (int i = 0; i < 20; i++)
		pace_took(&pace, pace.size, 1);
	assert_int_equal(pace.size, PACE_MOST);
}

static void test_pace_sees_ranges_without_an_index(void **state)
{
	struct pace pace;

	(void)state;
	/* A quarter of the rows in the same time, twice the time allowed. */
	pace_init(&pace, 100000);
	pace_took(&pace, 20000, 900000);
	assert_false(pace.whole);
	assert_int_equal(pace.size, 5000);
	pace_took(&pace, 5000, 880000);
	assert_true(pace.whole);
	/* But not where it helped. */
	pace_init(&pace, 100000);
	pace_took(&pace, 20000, 900000);
	pace_took(&pace, 5000, 230000);
	assert_false(pace.whole);
}

static void test_pace_shrinks_to_a_least(void **state)
{
	struct pace pace;
	int steps = 0;

	(void)state;
	pace_init(&pace, 1000000);
	while (pace_shrink(&pace))
		assert_true(++steps < 10);
	assert_int_equal(pace.size, PACE_LEAST);
}

/* ---- spans ---- */

static struct value text(const char *string)
{
	return (struct value){(const uint8_t *)string,
			      string ? (uint32_t)strlen(string) : 0};
}

static struct key_span span_of(const char *least, const char *most)
{
	struct key_span span;

	span_init(&span, text(least), text(most));
	return span;
}

static void test_a_span_of_dense_keys(void **state)
{
	struct key_span span = span_of("1", "1000");
	int64_t to = 0;

	(void)state;
	assert_int_equal(span_end(&span, 400, &to), SPAN_AT);
	assert_int_equal(to, 400);
	span_took(&span, text("400"), 300);
	assert_int_equal(span_end(&span, 599, &to), SPAN_AT);
	assert_int_equal(to, 999);
	assert_int_equal(span_end(&span, 600, &to), SPAN_REST);
	span_took(&span, text("999"), 599);
	assert_int_equal(span_end(&span, 1, &to), SPAN_REST);
	/* The database's own end may be past what was the greatest then. */
	span_took(&span, text("2000"), 400);
	assert_int_equal(span_end(&span, 1, &to), SPAN_REST);
}

static void test_a_span_of_sparse_keys(void **state)
{
	struct key_span span = span_of("-5000", "1000000");
	int64_t to = 0;

	(void)state;
	assert_int_equal(span_end(&span, 1000, &to), SPAN_AT);
	assert_int_equal(to, -4001);
	span_took(&span, text("-4001"), 0);
	assert_int_equal(span_end(&span, 1000, &to), SPAN_ASK);
	span_took(&span, text("990000"), 1000);
	assert_int_equal(span_end(&span, 1000, &to), SPAN_ASK);
	assert_int_equal(span_end(&span, 10000, &to), SPAN_REST);
	span_took(&span, text("990999"), 1000);
	assert_int_equal(span_end(&span, 1000, &to), SPAN_AT);
	assert_int_equal(to, 991999);
}

static void test_a_span_of_all_integers(void **state)
{
	struct key_span span =
	    span_of("-9223372036854775808", "9223372036854775807");
	int64_t to = 0;

	(void)state;
	assert_int_equal(span_end(&span, 10, &to), SPAN_AT);
	assert_true(to == INT64_MIN + 9);
	span_took(&span, text("9223372036854775797"), 10);
	assert_int_equal(span_end(&span, 10, &to), SPAN_REST);
	assert_int_equal(span_end(&span, 9, &to), SPAN_ASK);
	span_took(&span, text("9223372036854775807"), 10);
	assert_int_equal(span_end(&span, 10, &to), SPAN_ASK);
}

static void test_a_span_that_is_not_known(void **state)
{
	struct key_span span = span_of(NULL, NULL);
	int64_t to = 0;

	(void)state;
	assert_int_equal(span_end(&span, 10, &to), SPAN_ASK);
	span = span_of("1", "9223372036854775808");
	assert_int_equal(span_end(&span, 10, &to), SPAN_ASK);
	span = span_of("1", "20.5");
	assert_int_equal(span_end(&span, 10, &to), SPAN_ASK);
	span = span_of("1", "100");
	span_took(&span, text("x"), 10);
	assert_int_equal(span_end(&span, 10, &to), SPAN_ASK);
}

/* ---- answers ---- */

enum { WIDTH = 3, ROWS = 8 };

struct answer_of {
	struct value cells[WIDTH * ROWS];
	size_t count;
};

static void add(struct answer_of *answer, const char *a, const char *b,
		const char *c)
{
	struct value *row = &answer->cells[WIDTH * answer->count++];

	row[0] = text(a);
	row[1] = text(b);
	row[2] = text(c);
}

static struct database_result result_of(struct answer_of *answer)
{
	return (struct database_result){.rows = answer->cells,
					.row_count = answer->count,
					.column_count = WIDTH};
}

static void test_buckets(void **state)
{
	struct answer_of a = {0}, b = {0};
	struct database_result results[SIDES];
	struct bucket *buckets;
	struct arena arena;
	size_t count;

	(void)state;
	arena_init(&arena, 0);
	add(&a, "7", "10", "123");  /* equal */
	add(&a, "3", "10", "5");    /* another sum */
	add(&a, "1023", "1", "9");  /* not there */
	add(&a, "8", "2", NULL);    /* a NULL sum is no 0 */
	add(&a, "99999", "2", "1"); /* out of range: not followed */
	add(&b, "8", "2", "0");
	add(&b, "3", "12", "6");
	add(&b, "7", "10", "123");
	add(&b, "0", "4", "9"); /* there only */
	results[PRIMARY] = result_of(&a);
	results[SHADOW] = result_of(&b);
	count = verify_differing_buckets(results, &arena, &buckets);
	assert_int_equal(count, 4);
	assert_int_equal(buckets[0].number, 0);
	assert_int_equal(buckets[0].rows, 4);
	assert_int_equal(buckets[1].number, 3);
	assert_int_equal(buckets[1].rows, 12);
	assert_int_equal(buckets[2].number, 8);
	assert_int_equal(buckets[3].number, 1023);
	arena_release(&arena);
}

static bool never(void *context, const struct value *a, const struct value *b)
{
	(void)a;
	(void)b;
	++*(int *)context;
	return false;
}

static bool always(void *context, const struct value *a, const struct value *b)
{
	(void)a;
	(void)b;
	++*(int *)context;
	return true;
}

static struct listing listing_of(struct answer_of *answer, size_t key_count)
{
	return (struct listing){answer->cells, answer->count, WIDTH, key_count};
}

static void assert_key(const struct value *key, const char *expected)
{
	assert_non_null(key->data);
	assert_int_equal(key->size, strlen(expected));
	assert_memory_equal(key->data, expected, key->size);
}

/* Key, hash, value. */
static void test_lists_by_key(void **state)
{
	struct answer_of a = {0}, b = {0};
	const struct value *keys;
	struct listing sides[SIDES];
	struct arena arena;
	int asked = 0;

	(void)state;
	arena_init(&arena, 0);
	add(&a, "10", "h1", "v");
	add(&a, "9", "h2", "v");
	add(&a, "8", "h3", "v");
	add(&a, "4", "h5", "v");
	add(&b, "8", "other", "v"); /* another hash: values do not matter */
	add(&b, "10", "h1", "v");
	add(&b, "7", "h4", "v");
	add(&b, "4", "h5", "v"); /* twice */
	add(&b, "4", "h5", "v");
	sides[PRIMARY] = listing_of(&a, 1);
	sides[SHADOW] = listing_of(&b, 1);
	assert_int_equal(
	    listing_differences(sides, always, &asked, &arena, &keys), 4);
	assert_int_equal(asked, 1);
	assert_key(&keys[0], "4");
	assert_key(&keys[1], "7");
	assert_key(&keys[2], "8");
	assert_key(&keys[3], "9");
	assert_int_equal(
	    listing_differences(sides, never, &asked, &arena, &keys), 5);
	assert_key(&keys[0], "10");
	arena_release(&arena);
}

static void test_lists_without_a_key(void **state)
{
	struct answer_of a = {0}, b = {0};
	const struct value *keys;
	struct listing sides[SIDES];
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	add(&a, "1", NULL, NULL);
	add(&a, "2", NULL, NULL);
	add(&a, "2", NULL, NULL);
	add(&b, "2", NULL, NULL);
	add(&b, "1", NULL, NULL);
	sides[PRIMARY] = (struct listing){a.cells, 3, WIDTH, 0};
	sides[SHADOW] = (struct listing){b.cells, 2, WIDTH, 0};
	/* The hash at 0 is the key; rows of one hash are equal. */
	sides[PRIMARY].width = sides[SHADOW].width = 1;
	for (size_t i = 0; i < 3; i++)
		a.cells[i] = a.cells[WIDTH * i];
	for (size_t i = 0; i < 2; i++)
		b.cells[i] = b.cells[WIDTH * i];
	assert_int_equal(listing_differences(sides, NULL, NULL, &arena, &keys),
			 1);
	assert_key(&keys[0], "2");
	arena_release(&arena);
}

/* ---- looking again ---- */

enum { SECOND = 1000000 };

static const struct looks no_mirror = {.window_us = SECOND};
static const struct looks with_mirror = {.window_us = SECOND, .mirrored = true};

static void test_a_row_that_stands_is_drift(void **state)
{
	struct suspect suspect = {0};

	(void)state;
	suspect_look(&suspect, &no_mirror, 0, 11, 22, false, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_OPEN);
	suspect_look(&suspect, &no_mirror, SECOND - 1, 11, 22, false, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_OPEN);
	suspect_look(&suspect, &no_mirror, SECOND, 11, 22, false, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_DRIFT);
}

static void test_a_row_that_changes_is_not(void **state)
{
	struct suspect suspect = {0};

	(void)state;
	for (uint64_t i = 0; i < 50; i++)
		suspect_look(&suspect, &no_mirror, (int64_t)i * SECOND / 2,
			     100 + i, 22, false, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_OPEN);
	/* The shadow shows what the primary had three looks ago. */
	suspect_look(&suspect, &no_mirror, 30 * SECOND, 999, 147, false, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_EQUAL);
}

static void test_old_states_are_forgotten(void **state)
{
	struct suspect suspect = {0};

	(void)state;
	for (uint64_t i = 0; i < SUSPECT_HISTORY + 1; i++)
		suspect_look(&suspect, &no_mirror, (int64_t)i, 100 + i, 22,
			     false, 0, 0);
	suspect_look(&suspect, &no_mirror, 99, 500, 100, false, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_OPEN);
	suspect_look(&suspect, &no_mirror, 99, 500, 103, false, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_EQUAL);
}

static void test_equal_by_value(void **state)
{
	struct suspect suspect = {0};

	(void)state;
	suspect_look(&suspect, &no_mirror, 0, 11, 22, true, 0, 0);
	assert_int_equal(suspect.state, SUSPECT_EQUAL);
}

static void test_a_mirror_must_have_passed(void **state)
{
	struct suspect suspect = {0};

	(void)state;
	/* What the primary shows at 0 is in the journal by REPLAY_LAG_DELAY_US.
	 */
	suspect_look(&suspect, &with_mirror, 0, 11, 22, false, 50, 50);
	suspect_look(&suspect, &with_mirror, 2 * SECOND, 11, 22, false, 70, 60);
	assert_int_equal(suspect.state, SUSPECT_OPEN);
	/* The mark stays, whatever comes after. */
	suspect_look(&suspect, &with_mirror, 3 * SECOND, 11, 22, false, 99, 69);
	assert_int_equal(suspect.state, SUSPECT_OPEN);
	suspect_look(&suspect, &with_mirror, 4 * SECOND, 11, 22, false, 99, 70);
	assert_int_equal(suspect.state, SUSPECT_DRIFT);
}

static void test_a_change_moves_the_mark(void **state)
{
	struct suspect suspect = {0};

	(void)state;
	suspect_look(&suspect, &with_mirror, 0, 11, 22, false, 50, 50);
	suspect_look(&suspect, &with_mirror, SECOND, 11, 22, false, 60, 50);
	suspect_look(&suspect, &with_mirror, 2 * SECOND, 12, 22, false, 70, 65);
	suspect_look(&suspect, &with_mirror, 4 * SECOND, 12, 22, false, 80, 75);
	assert_int_equal(suspect.state, SUSPECT_OPEN);
	suspect_look(&suspect, &with_mirror, 5 * SECOND, 12, 22, false, 90, 80);
	assert_int_equal(suspect.state, SUSPECT_DRIFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pace_aims_at_its_time),
	    cmocka_unit_test(test_pace_sees_ranges_without_an_index),
	    cmocka_unit_test(test_pace_shrinks_to_a_least),
	    cmocka_unit_test(test_a_span_of_dense_keys),
	    cmocka_unit_test(test_a_span_of_sparse_keys),
	    cmocka_unit_test(test_a_span_of_all_integers),
	    cmocka_unit_test(test_a_span_that_is_not_known),
	    cmocka_unit_test(test_buckets),
	    cmocka_unit_test(test_lists_by_key),
	    cmocka_unit_test(test_lists_without_a_key),
	    cmocka_unit_test(test_a_row_that_stands_is_drift),
	    cmocka_unit_test(test_a_row_that_changes_is_not),
	    cmocka_unit_test(test_old_states_are_forgotten),
	    cmocka_unit_test(test_equal_by_value),
	    cmocka_unit_test(test_a_mirror_must_have_passed),
	    cmocka_unit_test(test_a_change_moves_the_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
