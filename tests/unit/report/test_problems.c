#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "report/report.h"

enum { STATEMENTS = 64 };

/* A store's content, a statement at a time. */
struct fixture {
	struct arena arena;
	struct store_tally tallies[STATEMENTS][3];
	struct store_statement statements[STATEMENTS];
	struct store_content content;
	struct report report;
	struct buffer out;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	arena_init(&f->arena, 0);
	buffer_init(&f->out, 0);
	f->content.path = "s.store";
	f->content.statements = f->statements;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	buffer_release(&f->out);
	free(f);
	return 0;
}

static struct store_statement *statement(struct fixture *f, const char *text)
{
	size_t at = f->content.statement_count++;
	struct store_statement *made = &f->statements[at];

	made->fingerprint = at + 1;
	made->text = text;
	made->kind = "select";
	made->tallies = f->tallies[at];
	return made;
}

static void came_to(struct fixture *f, struct store_statement *of,
		    enum verdict verdict, enum divergence_class class,
		    enum reason reason, uint64_t count)
{
	struct store_tally *tally =
	    &f->tallies[of - f->statements][of->tally_count++];

	*tally = (struct store_tally){.verdict = verdict,
				      .class = class,
				      .reason = reason,
				      .count = count,
				      .first_at = 1000000,
				      .last_at = 2000000};
	of->count += count;
	of->verdicts[verdict] += count;
	f->content.count += count;
	f->content.verdicts[verdict] += count;
	f->content.reasons[verdict][reason] += count;
	if (verdict == VERDICT_DIVERGED)
		f->content.classes[class] += count;
	if (store_excused(tally)) {
		of->excused += count;
		f->content.excused += count;
	}
}

static void matched(struct fixture *f, struct store_statement *of,
		    uint64_t count)
{
	came_to(f, of, VERDICT_MATCH, DIVERGENCE_NONE, REASON_NONE, count);
}

static void diverged(struct fixture *f, const char *text,
		     enum divergence_class class, uint64_t count,
		     uint64_t matches)
{
	struct store_statement *made = statement(f, text);

	came_to(f, made, VERDICT_DIVERGED, class, REASON_NONE, count);
	if (matches)
		matched(f, made, matches);
}

static void expect_order(struct fixture *f, const char *const *texts,
			 size_t count)
{
	report_build(&f->content, &f->arena, &f->report);
	assert_int_equal(f->report.problem_count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(f->report.problems[i].statement->text,
				    texts[i]);
}

/* The kind of a difference before how often it was met. */
static void test_order(void **state)
{
	static const char *const wanted[] = {
	    "an error, always", "an error, rarely", "a value, always",
	    "a count, rarely",	"undecided",	    "an order, always",
	    "a warning",	"excused"};
	struct fixture *f = *state;
	struct store_statement *made;

	made = statement(f, "excused");
	came_to(f, made, VERDICT_INCONCLUSIVE, DIVERGENCE_ERROR_SHADOW,
		REASON_OVERLAP, 9000);
	matched(f, made, 1);
	diverged(f, "a warning", DIVERGENCE_WARNING, 5000, 0);
	diverged(f, "an order, always", DIVERGENCE_ROWS_ORDER, 12000, 0);
	diverged(f, "a count, rarely", DIVERGENCE_AFFECTED, 900, 8000);
	diverged(f, "a value, always", DIVERGENCE_ROWS_VALUE, 3, 0);
	diverged(f, "an error, rarely", DIVERGENCE_ERROR_PRIMARY, 300, 9000);
	made = statement(f, "undecided");
	came_to(f, made, VERDICT_INCONCLUSIVE, DIVERGENCE_NONE, REASON_TAINTED,
		39);
	came_to(f, made, VERDICT_INCONCLUSIVE, DIVERGENCE_ERROR_SHADOW,
		REASON_OVERLAP, 1);
	diverged(f, "an error, always", DIVERGENCE_ERROR_SHADOW, 40, 0);
	made = statement(f, "seldom run"); /* too few to say */
	came_to(f, made, VERDICT_INCONCLUSIVE, DIVERGENCE_NONE, REASON_TAINTED,
		4);
	matched(f, statement(f, "fine"), 100000);
	expect_order(f, wanted, sizeof(wanted) / sizeof(*wanted));
	/* One problem for an undecided statement, with all its reasons. */
	assert_int_equal(f->report.problems[4].status, PROBLEM_UNDECIDED);
	assert_int_equal(f->report.problems[4].count, 40);
	assert_string_equal(f->report.problems[4].why,
			    "tainted 39, overlap 1 (error.shadow)");
	assert_int_equal(f->report.problems[4].class, DIVERGENCE_ERROR_SHADOW);
	assert_int_equal(f->report.statuses[PROBLEM_DIVERGED], 6);
	assert_int_equal(f->report.statuses[PROBLEM_UNDECIDED], 1);
	assert_int_equal(f->report.statuses[PROBLEM_EXCUSED], 1);
}

/* 30 frequent value differences, and one each of all that they would hide. */
static void many(struct fixture *f)
{
	struct store_statement *made;

	for (int i = 0; i < 30; i++)
		diverged(f, "SELECT v", DIVERGENCE_ROWS_VALUE, 1000, 0);
	diverged(f, "DELETE FROM gr WHERE id = $1", DIVERGENCE_ERROR_SHADOW, 40,
		 0);
	diverged(f, "SELECT o", DIVERGENCE_ROWS_ORDER, 2, 50);
	made = statement(f, "SELECT u");
	came_to(f, made, VERDICT_INCONCLUSIVE, DIVERGENCE_NONE, REASON_TAINTED,
		12);
	made = statement(f, "SELECT e");
	came_to(f, made, VERDICT_INCONCLUSIVE, DIVERGENCE_ROWS_EXTRA,
		REASON_VOLATILE, 3);
	matched(f, made, 70);
	report_build(&f->content, &f->arena, &f->report);
}

/* Each class has a statement among those shown; the rest is told by name. */
static void test_choice(void **state)
{
	static const char *const names[] = {
	    "error.shadow", "rows.value", "undecided", "rows.order", "excused"};
	struct fixture *f = *state;
	const struct report_problem *chosen;
	size_t count;
	size_t at = 0;

	many(f);
	chosen = report_choose(&f->report, 20, &f->arena, &count);
	assert_int_equal(count, 20);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(chosen[i].problem->name, names[at]))
			at++;
		assert_string_equal(chosen[i].problem->name, names[at]);
	}
	assert_int_equal(at, 4);
	assert_int_equal(report_left_out(&f->report, 20, &f->out), 14);
	assert_string_equal(buffer_string(&f->out), "14 rows.value");
	/* Fewer than there are classes: the gravest. */
	chosen = report_choose(&f->report, 2, &f->arena, &count);
	assert_int_equal(count, 2);
	assert_string_equal(chosen[0].problem->name, "error.shadow");
	assert_string_equal(chosen[1].problem->name, "rows.value");
	buffer_clear(&f->out);
	assert_int_equal(report_left_out(&f->report, 2, &f->out), 32);
	assert_string_equal(
	    buffer_string(&f->out),
	    "29 rows.value, 1 undecided, 1 rows.order, 1 excused");
	report_choose(&f->report, SIZE_MAX, &f->arena, &count);
	assert_int_equal(count, 34);
	buffer_clear(&f->out);
	assert_int_equal(report_left_out(&f->report, SIZE_MAX, &f->out), 0);
}

static void expect(const struct fixture *f, const char *text)
{
	if (!strstr(buffer_string((struct buffer *)&f->out), text))
		fail_msg("lacks '%s'", text);
}

static void test_forms(void **state)
{
	const struct report_options options = {.limit = 20, .width = 100};
	struct fixture *f = *state;
	const json_t *store;
	const char *page;
	const char *chip;
	json_t *root;

	many(f);
	report_terminal(&f->report, 1, &options, &f->out);
	expect(f, "  1. error.shadow  40 of its 40 exchanges  ");
	expect(f, "undecided  12 of its 12 exchanges");
	expect(f, "tainted 12");
	expect(f, "excused  3 of its 73 exchanges");
	expect(f, "14 more not shown: 14 rows.value: --limit 0 shows them");

	buffer_clear(&f->out);
	report_html(&f->report, 1, &options, &f->out);
	expect(f, "data-total=\"34\"");
	expect(f, "14 more are not on this page: 14 rows.value.");
	expect(f, "1 statement never decided");
	/* A chip for each class that is on the page, none for another. */
	page = buffer_string(&f->out);
	for (chip = page; (chip = strstr(chip, "<button type=\"button\" "
					       "data-class=\""));
	     chip++) {
		char name[64];
		char group[96];

		sscanf(chip, "<button type=\"button\" data-class=\"%63[^\"]",
		       name);
		if (!strncmp(chip + 34, "\"", 1))
			continue; /* all */
		snprintf(group, sizeof(group), "\" data-class=\"%s\"", name);
		if (!strstr(page, group))
			fail_msg("a chip '%s' without a problem", name);
	}
	expect(f, "rows.value <small>16</small></button>");
	expect(f, "all <small>20</small></button>");

	buffer_clear(&f->out);
	report_json(&f->report, 1, &options, &f->out);
	root = json_loads(buffer_string(&f->out), 0, NULL);
	assert_non_null(root);
	store = json_array_get(json_object_get(root, "stores"), 0);
	assert_int_equal(json_array_size(json_object_get(store, "divergences")),
			 18);
	assert_int_equal(json_array_size(json_object_get(store, "undecided")),
			 1);
	assert_int_equal(json_array_size(json_object_get(store, "excused")), 1);
	assert_int_equal(
	    json_integer_value(json_object_get(store, "divergence_groups")),
	    32);
	assert_int_equal(
	    json_integer_value(json_object_get(
		json_object_get(json_object_get(store, "problems"), "left_out"),
		"rows.value")),
	    14);
	json_decref(root);
}

/* Without a divergence, undecided statements are the headline all the same. */
static void test_headline(void **state)
{
	const struct report_options options = {.limit = 20, .width = 100};
	struct fixture *f = *state;
	struct store_statement *made = statement(f, "SELECT u");

	came_to(f, made, VERDICT_INCONCLUSIVE, DIVERGENCE_NONE, REASON_TAINTED,
		12);
	matched(f, statement(f, "fine"), 100000);
	report_build(&f->content, &f->arena, &f->report);
	report_html(&f->report, 1, &options, &f->out);
	expect(f, "<p class=\"headline none\">No divergence, but 1 statement "
		  "never decided</p>");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_order),
	    TEST(test_choice),
	    TEST(test_forms),
	    TEST(test_headline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
