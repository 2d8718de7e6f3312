/* The second look: what a read saw, what an answer settles, and which taints a
 * question is about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mirror/look_decide.h"
#include "mirror/taint_grain.h"

static void test_seen_unseen_or_overlapping(void **state)
{
	(void)state;
	/* a read that was sent after 10 and answered as 12 */
	assert_int_equal(look_view(9, 7, 10, 12), LOOK_SEEN);
	assert_int_equal(look_view(10, 9, 10, 12), LOOK_SEEN);
	assert_int_equal(look_view(11, 8, 10, 12), LOOK_OVERLAPS);
	assert_int_equal(look_view(13, 11, 10, 12), LOOK_OVERLAPS);
	assert_int_equal(look_view(14, 12, 10, 12), LOOK_UNSEEN);
	assert_int_equal(look_view(20, 19, 10, 12), LOOK_UNSEEN);
}

static struct weigh_difference difference(enum difference_kind kind,
					  enum reason covered)
{
	return (struct weigh_difference){.kind = kind, .covered = covered};
}

static enum taint_answer decide(bool equal, struct weigh_difference found)
{
	const struct look_facts facts = {.ran = true,
					 .equal = equal,
					 .certain = true,
					 .found = &found,
					 .found_count = 1};

	return look_decide(&facts);
}

static bool is_question(const char *question, const char *text)
{
	const struct bytes bytes = {(const uint8_t *)text, strlen(text)};

	return look_is_question(question, &bytes);
}

/* The greeting, read late, is a SELECT in the same session. */
static void test_only_its_own_text_is_a_question(void **state)
{
	static const char question[] = "SELECT id FROM t WHERE id = '7'";

	(void)state;
	assert_true(is_question(question, question));
	assert_false(is_question(question, "SELECT 'parallax:blue:look:9f3a'"));
	assert_false(is_question(question, "SELECT id FROM t WHERE id = '77'"));
	assert_false(is_question(question, "SELECT id FROM t"));
	assert_false(is_question(question, ""));
}

static void test_equal_rows_clear_unless_overlapped(void **state)
{
	(void)state;
	assert_int_equal(decide(true, difference(DIFFERENCE_CELL, REASON_NONE)),
			 TAINT_EQUAL);
	assert_int_equal(
	    decide(true, difference(DIFFERENCE_CELL, REASON_OVERLAP)),
	    TAINT_AGAIN);
}

static void test_other_rows_differ_unless_explained(void **state)
{
	static const enum reason reasons[] = {REASON_OVERLAP, REASON_TAINTED,
					      REASON_UNPINNED, REASON_GAP};

	(void)state;
	assert_int_equal(
	    decide(false, difference(DIFFERENCE_ROWS, REASON_NONE)),
	    TAINT_DIFFERS);
	assert_int_equal(
	    decide(false, difference(DIFFERENCE_CELL, REASON_NONE)),
	    TAINT_DIFFERS);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		assert_int_equal(
		    decide(false, difference(DIFFERENCE_ROWS, reasons[i])),
		    TAINT_AGAIN);
}

static void test_one_uncovered_difference_is_enough(void **state)
{
	const struct weigh_difference found[] = {
	    difference(DIFFERENCE_ROWS, REASON_TAINTED),
	    difference(DIFFERENCE_CELL, REASON_NONE)};
	const struct look_facts facts = {
	    .ran = true, .certain = true, .found = found, .found_count = 2};

	(void)state;
	assert_int_equal(look_decide(&facts), TAINT_DIFFERS);
}

static void test_only_rows_can_differ(void **state)
{
	(void)state;
	for (int kind = 0; kind < DIFFERENCE_KIND_COUNT; kind++) {
		if (kind == DIFFERENCE_ROWS || kind == DIFFERENCE_CELL)
			continue;
		assert_int_equal(
		    decide(false,
			   difference((enum difference_kind)kind, REASON_NONE)),
		    TAINT_NEVER);
	}
}

/* A failure on both sides is alike, and says nothing of the rows. */
static void test_what_did_not_run_says_nothing(void **state)
{
	struct weigh_difference found =
	    difference(DIFFERENCE_CELL, REASON_NONE);
	struct look_facts facts = {
	    .equal = true, .found = &found, .found_count = 1};

	(void)state;
	assert_int_equal(look_decide(&facts), TAINT_AGAIN);
	facts.ran = true;
	facts.found_count = 0;
	assert_int_equal(look_decide(&facts), TAINT_AGAIN);
}

static void test_a_capped_answer_says_nothing(void **state)
{
	struct weigh_difference found =
	    difference(DIFFERENCE_CELL, REASON_NONE);
	struct look_facts facts = {.ran = true,
				   .capped = true,
				   .equal = true,
				   .found = &found,
				   .found_count = 1};

	(void)state;
	assert_int_equal(look_decide(&facts), TAINT_NEVER);
}

/* Earlier writes may have overlapped, with answers alike. */
static void test_a_difference_needs_a_certain_root(void **state)
{
	struct weigh_difference found =
	    difference(DIFFERENCE_CELL, REASON_NONE);
	struct look_facts facts = {
	    .ran = true, .found = &found, .found_count = 1};

	(void)state;
	assert_int_equal(look_decide(&facts), TAINT_AGAIN);
	facts.certain = true;
	assert_int_equal(look_decide(&facts), TAINT_DIFFERS);
}

/* A trigger may store what differs without a fault; equal is equal. */
static void test_triggers_accuse_nobody(void **state)
{
	struct weigh_difference found =
	    difference(DIFFERENCE_CELL, REASON_NONE);
	struct look_facts facts = {.ran = true,
				   .certain = true,
				   .triggers = true,
				   .found = &found,
				   .found_count = 1};

	(void)state;
	assert_int_equal(look_decide(&facts), TAINT_AGAIN);
	facts.equal = true;
	assert_int_equal(look_decide(&facts), TAINT_EQUAL);
}

static struct weigh_fixed fixed(int16_t column, uint64_t value)
{
	return (struct weigh_fixed){.column = column, .value = {value, value}};
}

static void test_which_taints_a_question_is_about(void **state)
{
	const struct weigh_fixed seven[] = {fixed(1, 7)};
	const struct weigh_fixed both[] = {fixed(1, 7), fixed(2, 3)};
	struct grain grain = {.fixed_count = 2};

	(void)state;
	grain.fixed[0] = fixed(1, 7);
	grain.fixed[1] = fixed(2, 3);
	/* the rows of the taint are among those of the question */
	assert_true(taint_covers(NULL, 0, &grain));
	assert_true(taint_covers(seven, 1, &grain));
	assert_true(taint_covers(both, 2, &grain));
	/* they are not, or not all of them */
	grain.fixed_count = 1;
	assert_false(taint_covers(both, 2, &grain));
	grain.fixed[0] = fixed(1, 8);
	assert_false(taint_covers(seven, 1, &grain));
	grain.fixed[0] = fixed(2, 7);
	assert_false(taint_covers(seven, 1, &grain));
	grain.fixed_count = 0;
	assert_false(taint_covers(seven, 1, &grain));
	assert_true(taint_covers(NULL, 0, &grain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_seen_unseen_or_overlapping),
	    cmocka_unit_test(test_only_its_own_text_is_a_question),
	    cmocka_unit_test(test_equal_rows_clear_unless_overlapped),
	    cmocka_unit_test(test_other_rows_differ_unless_explained),
	    cmocka_unit_test(test_one_uncovered_difference_is_enough),
	    cmocka_unit_test(test_only_rows_can_differ),
	    cmocka_unit_test(test_what_did_not_run_says_nothing),
	    cmocka_unit_test(test_a_capped_answer_says_nothing),
	    cmocka_unit_test(test_a_difference_needs_a_certain_root),
	    cmocka_unit_test(test_triggers_accuse_nobody),
	    cmocka_unit_test(test_which_taints_a_question_is_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
