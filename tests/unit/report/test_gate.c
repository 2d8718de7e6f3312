#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "report/gate.h"
#include "store/drift.h"

/* A clean store; what a case changes makes one rule fail or lack. */
struct fixture {
	struct arena arena;
	struct store_fact facts[4];
	struct store_tally tallies[2];
	struct store_statement statements[2];
	struct store_content content;
};

#define NOW INT64_C(1767322800000000) /* 2026-01-02 03:00:00 UTC */

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	arena_init(&f->arena, 0);
	f->facts[0] = (struct store_fact){STORE_FACT_SEEN, "1000"};
	f->tallies[0] =
	    (struct store_tally){.verdict = VERDICT_MATCH, .count = 900};
	f->tallies[1] =
	    (struct store_tally){.verdict = VERDICT_MATCH, .count = 100};
	f->statements[0] =
	    (struct store_statement){.fingerprint = 0xabc,
				     .text = "SELECT",
				     .kind = "select",
				     .count = 900,
				     .verdicts = {[VERDICT_MATCH] = 900},
				     .tallies = &f->tallies[0],
				     .tally_count = 1,
				     .primary = {.count = 900, .p95 = 1000},
				     .shadow = {.count = 900, .p95 = 1100}};
	f->statements[1] =
	    (struct store_statement){.fingerprint = 0xdef,
				     .text = "UPDATE",
				     .kind = "update",
				     .count = 100,
				     .verdicts = {[VERDICT_MATCH] = 100},
				     .tallies = &f->tallies[1],
				     .tally_count = 1,
				     .primary = {.count = 100, .p95 = 1000},
				     .shadow = {.count = 100, .p95 = 1900}};
	f->content =
	    (struct store_content){.path = "s.store",
				   .facts = f->facts,
				   .fact_count = 1,
				   .count = 1000,
				   .verdicts = {[VERDICT_MATCH] = 1000},
				   .first_at = NOW - INT64_C(7200000000),
				   .last_at = NOW - INT64_C(3600000000),
				   .statements = f->statements,
				   .statement_count = 2};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	free(f);
	return 0;
}

static struct gate_policy policy_of(struct fixture *f, const char *text)
{
	struct diagnostics diagnostics;
	struct gate_policy policy;

	diagnostics_init(&diagnostics);
	if (gate_policy_parse("policy.yaml", text, strlen(text), &f->arena,
			      &diagnostics, &policy)) {
		diagnostics_print(&diagnostics, stderr);
		fail_msg("the policy does not load");
	}
	diagnostics_release(&diagnostics);
	return policy;
}

static struct gate_outcome judge(struct fixture *f, const char *text)
{
	struct gate_policy policy = policy_of(f, text);
	struct gate_outcome outcome;

	gate_judge(&policy, &f->content, NOW, &f->arena, &outcome);
	return outcome;
}

#define STRICT                                                                 \
	"version: 1\n"                                                         \
	"divergences:\n"                                                       \
	"  max: 0\n"                                                           \
	"  classes: {rows.order: 5}\n"                                         \
	"inconclusive: {max_percent: 1, max: 9}\n"                             \
	"untranslatable: {max: 2}\n"                                           \
	"failed: {max_percent: 0.1}\n"                                         \
	"skipped: {max: 3}\n"                                                  \
	"evidence:\n"                                                          \
	"  min_compared: 900\n"                                                \
	"  min_kinds: {writes: 90, select: 800}\n"                             \
	"  statements: [0000000000000abc]\n"                                   \
	"  max_age: 2 h\n"                                                     \
	"  max_gaps: 0\n"                                                      \
	"  max_lag: 10\n"                                                      \
	"latency: {max_p95_ratio: 2, min_samples: 50, ignore_below: 100 us}\n"

static void diverge(struct fixture *f, enum divergence_class class,
		    uint64_t count)
{
	f->tallies[0].verdict = VERDICT_DIVERGED;
	f->tallies[0].class = class;
	f->tallies[0].count = count;
	f->content.verdicts[VERDICT_DIVERGED] = count;
	f->content.classes[class] = count;
}

static void fact(struct fixture *f, const char *key, const char *value)
{
	f->facts[f->content.fact_count++] = (struct store_fact){key, value};
}

static void break_divergences(struct fixture *f)
{
	diverge(f, DIVERGENCE_ROWS_VALUE, 1);
}

static void break_class(struct fixture *f)
{
	diverge(f, DIVERGENCE_ROWS_ORDER, 6);
}

static void break_inconclusive_percent(struct fixture *f)
{
	f->content.verdicts[VERDICT_INCONCLUSIVE] = 9;
	f->content.count = 899;
	f->facts[0].value = "899";
}

static void break_inconclusive(struct fixture *f)
{
	f->content.verdicts[VERDICT_INCONCLUSIVE] = 10;
}

static void break_untranslatable(struct fixture *f)
{
	f->content.verdicts[VERDICT_UNTRANSLATABLE] = 3;
}

static void break_failed(struct fixture *f)
{
	f->content.verdicts[VERDICT_FAILED] = 2;
}

static void break_skipped(struct fixture *f)
{
	f->content.verdicts[VERDICT_SKIPPED] = 4;
}

static void break_compared(struct fixture *f)
{
	f->content.verdicts[VERDICT_MATCH] = 899;
}

static void break_writes(struct fixture *f)
{
	f->statements[1].verdicts[VERDICT_MATCH] = 89;
}

static void break_select(struct fixture *f)
{
	f->statements[0].verdicts[VERDICT_MATCH] = 799;
}

static void break_statement(struct fixture *f)
{
	f->statements[0].fingerprint = 1;
}

static void break_age(struct fixture *f)
{
	f->content.last_at -= INT64_C(3600000001);
}

static void break_gaps(struct fixture *f)
{
	fact(f, STORE_FACT_GAPS, "1");
}

static void break_lag(struct fixture *f)
{
	fact(f, STORE_FACT_LAG, "11");
}

static void break_accounting(struct fixture *f)
{
	f->facts[0].value = "1001";
}

static void break_overcount(struct fixture *f)
{
	f->facts[0].value = "999";
}

static void break_silence(struct fixture *f)
{
	f->content.fact_count = 0;
}

static void break_ratio(struct fixture *f)
{
	f->statements[1].shadow.p95 = 2001;
}

static void break_samples(struct fixture *f)
{
	f->statements[0].shadow.count = 49;
	f->statements[1].primary.count = 49;
}

static void break_uncaptured(struct fixture *f)
{
	fact(f, STORE_FACT_UNCAPTURED, "1");
}

static void break_written(struct fixture *f)
{
	f->content.waiting_since = NOW;
	f->content.waiting_why = "database or disk is full";
}

static void break_losses(struct fixture *f)
{
	f->content.untold = 34;
}

static void break_journal(struct fixture *f)
{
	f->content.journal_problem = "write failed: No space left on device";
}

static void break_excused(struct fixture *f)
{
	f->content.excused = 6; /* of 1,000: over half a percent */
}

/* The second statement's runs all end as this. */
static void undecide(struct fixture *f, enum divergence_class class,
		     enum reason reason, uint64_t count)
{
	f->tallies[1].verdict = VERDICT_INCONCLUSIVE;
	f->tallies[1].class = class;
	f->tallies[1].reason = reason;
	f->tallies[1].count = count;
	f->statements[1].count = count;
	f->statements[1].verdicts[VERDICT_MATCH] = 0;
	f->statements[1].verdicts[VERDICT_INCONCLUSIVE] = count;
	f->statements[1].excused = class ? count : 0;
}

static void break_undecided(struct fixture *f)
{
	undecide(f, DIVERGENCE_NONE, REASON_TAINTED, 5);
	/* Enough of other writes were compared: this rule alone breaks. */
	f->statements[0].kind = "insert";
}

static void test_each_rule(void **state)
{
	static const struct {
		void (*change)(struct fixture *);
		const char *rule;
		enum gate_result result;
	} cases[] = {
	    {break_divergences, "divergences.max", GATE_FAIL},
	    {break_class, "divergences.classes.rows.order", GATE_FAIL},
	    {break_inconclusive_percent, "inconclusive.max_percent", GATE_FAIL},
	    {break_inconclusive, "inconclusive.max", GATE_FAIL},
	    {break_untranslatable, "untranslatable.max", GATE_FAIL},
	    {break_failed, "failed.max_percent", GATE_FAIL},
	    {break_skipped, "skipped.max", GATE_FAIL},
	    {break_ratio, "latency.max_p95_ratio", GATE_FAIL},
	    {break_samples, "latency.max_p95_ratio", GATE_LACKS},
	    {break_compared, "evidence.min_compared", GATE_LACKS},
	    {break_writes, "evidence.min_kinds.writes", GATE_LACKS},
	    {break_select, "evidence.min_kinds.select", GATE_LACKS},
	    {break_statement, "evidence.statements.0000000000000abc",
	     GATE_LACKS},
	    {break_age, "evidence.max_age", GATE_LACKS},
	    {break_gaps, "evidence.max_gaps", GATE_LACKS},
	    {break_lag, "evidence.max_lag", GATE_LACKS},
	    {break_uncaptured, "evidence.uncaptured_sessions", GATE_LACKS},
	    {break_excused, "evidence.excused", GATE_FAIL},
	    {break_written, "written", GATE_LACKS},
	    {break_losses, "losses", GATE_LACKS},
	    {break_journal, "journal", GATE_LACKS},
	    {break_accounting, "accounted", GATE_LACKS},
	    {break_overcount, "accounted", GATE_LACKS},
	    {break_silence, "accounted", GATE_LACKS},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *f;
		struct gate_outcome outcome;
		bool found = false;

		set_up((void **)&f);
		outcome = judge(f, STRICT);
		assert_int_equal(outcome.result, GATE_PASS);
		cases[i].change(f);
		outcome = judge(f, STRICT);
		if (outcome.result != cases[i].result)
			fail_msg("%s: result %d", cases[i].rule,
				 outcome.result);
		for (size_t j = 0; j < outcome.rule_count; j++) {
			const struct gate_rule *rule = &outcome.rules[j];
			bool this = !strcmp(rule->name, cases[i].rule);

			found |= this;
			if (this)
				assert_int_equal(rule->result, cases[i].result);
			else if (rule->result != GATE_PASS &&
				 strcmp(rule->name, "divergences.max"))
				fail_msg("%s broke %s too", cases[i].rule,
					 rule->name);
		}
		assert_true(found);
		tear_down((void **)&f);
	}
	(void)state;
}

static enum gate_result rule_of(const struct gate_outcome *outcome,
				const char *name)
{
	for (size_t i = 0; i < outcome->rule_count; i++)
		if (!strcmp(outcome->rules[i].name, name))
			return outcome->rules[i].result;
	return (enum gate_result) - 1;
}

#define UNDECIDED "evidence.undecided_statements"

/* A statement that was not decided once, among 100,000 exchanges that match. */
static void test_never_decided(void **state)
{
	struct fixture *f = *state;
	struct gate_outcome outcome;
	const char *note = NULL;

	f->content.count = 100000;
	f->facts[0].value = "100000";
	break_undecided(f);
	outcome = judge(f, "version: 1\n");
	assert_int_equal(outcome.result, GATE_FAIL);
	assert_int_equal(rule_of(&outcome, UNDECIDED), GATE_FAIL);
	for (size_t i = 0; i < outcome.rule_count; i++)
		if (outcome.rules[i].result == GATE_FAIL) {
			assert_string_equal(outcome.rules[i].name, UNDECIDED);
			note = outcome.rules[i].note;
		}
	assert_non_null(note);
	assert_string_equal(note, "0000000000000def: 5 of 5 exchanges, tainted "
				  "5: UPDATE");
	outcome = judge(f, "version: 1\nevidence: {undecided_statements: 1}\n");
	assert_int_equal(outcome.result, GATE_PASS);
	outcome = judge(f, "version: 1\nevidence: {undecided_runs: 6}\n");
	assert_int_equal(outcome.result, GATE_PASS);
	/* Four runs are too few to tell; one that was decided is an answer. */
	undecide(f, DIVERGENCE_NONE, REASON_TAINTED, 4);
	assert_int_equal(judge(f, "version: 1\n").result, GATE_PASS);
	undecide(f, DIVERGENCE_NONE, REASON_TAINTED, 5);
	f->statements[1].verdicts[VERDICT_MATCH] = 1;
	assert_int_equal(judge(f, "version: 1\n").result, GATE_PASS);
	/* What the primary never answered is no run of it. */
	undecide(f, DIVERGENCE_NONE, REASON_NOT_RUN, 50);
	assert_int_equal(judge(f, "version: 1\n").result, GATE_PASS);
	undecide(f, DIVERGENCE_NONE, REASON_ABANDONED, 50);
	assert_int_equal(judge(f, "version: 1\n").result, GATE_PASS);
	/* What the mirror failed at is, also where failures are let pass. */
	undecide(f, DIVERGENCE_NONE, REASON_INTERNAL, 50);
	f->tallies[1].verdict = VERDICT_FAILED;
	outcome = judge(f, "version: 1\nfailed: {max: 50}\n");
	assert_int_equal(rule_of(&outcome, UNDECIDED), GATE_FAIL);
}

static void test_excused(void **state)
{
	struct fixture *f = *state;
	struct gate_outcome outcome;

	f->content.excused = 5;
	assert_int_equal(judge(f, "version: 1\n").result, GATE_PASS);
	f->content.excused = 6;
	outcome = judge(f, "version: 1\n");
	assert_int_equal(rule_of(&outcome, "evidence.excused"), GATE_FAIL);
	assert_int_equal(
	    judge(f, "version: 1\nevidence: {excused: 0.6%}\n").result,
	    GATE_PASS);
	assert_int_equal(
	    judge(f, "version: 1\nevidence: {excused: 6}\n").result, GATE_PASS);
	assert_int_equal(
	    judge(f, "version: 1\nevidence: {excused: 5}\n").result, GATE_FAIL);
	/* Of one rare statement: more are excused than decided. */
	f->content.count = 100000;
	f->facts[0].value = "100000";
	undecide(f, DIVERGENCE_ERROR_SHADOW, REASON_OVERLAP, 90);
	f->content.excused = 90;
	f->statements[1].verdicts[VERDICT_MATCH] = 89;
	f->statements[1].count = 179;
	outcome = judge(f, "version: 1\n");
	assert_int_equal(rule_of(&outcome, "evidence.excused"), GATE_PASS);
	assert_int_equal(rule_of(&outcome, "evidence.excused_statements"),
			 GATE_FAIL);
	f->statements[1].verdicts[VERDICT_MATCH] = 90;
	assert_int_equal(judge(f, "version: 1\n").result, GATE_PASS);
}

static void test_fail_wins(void **state)
{
	struct fixture *f = *state;

	break_gaps(f);
	assert_int_equal(judge(f, "version: 1\n").result, GATE_LACKS);
	break_divergences(f);
	assert_int_equal(judge(f, "version: 1\n").result, GATE_FAIL);
}

static void test_defaults(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(judge(f, "version: 1").result, GATE_PASS);
	break_untranslatable(f);
	assert_int_equal(judge(f, "version: 1").result, GATE_FAIL);
	assert_int_equal(
	    judge(f, "version: 1\nuntranslatable: {max_percent: 5}\n").result,
	    GATE_PASS);
	f->content = (struct store_content){.path = "empty"};
	assert_int_equal(judge(f, "version: 1").result, GATE_LACKS);
	/* What could not be decided is no evidence. */
	f->content.facts = f->facts;
	fact(f, STORE_FACT_SEEN, "5");
	f->content.count = 5;
	f->content.verdicts[VERDICT_INCONCLUSIVE] = 5;
	assert_int_equal(
	    judge(f, "version: 1\ninconclusive: {max: 9}\n").result,
	    GATE_LACKS);
}

#define ALLOW(more)                                                            \
	"version: 1\n"                                                         \
	"divergences:\n"                                                       \
	"  allow:\n"                                                           \
	"  - {fingerprint: 0000000000000abc, reason: known, " more "}\n"

static void test_allowances(void **state)
{
	struct fixture *f = *state;
	struct gate_outcome outcome;

	outcome = judge(f, ALLOW("until: 2026-01-03"));
	assert_int_equal(outcome.note_count, 1);
	assert_non_null(strstr(outcome.notes[0], "not seen"));
	diverge(f, DIVERGENCE_ROWS_VALUE, 7);
	outcome = judge(f, ALLOW("until: 2026-01-03"));
	assert_int_equal(outcome.result, GATE_PASS);
	assert_non_null(strstr(outcome.notes[0], "7 allowed until 2026-01-03"));
	outcome = judge(f, ALLOW("until: 2026-01-02"));
	assert_int_equal(outcome.result, GATE_FAIL);
	assert_non_null(strstr(outcome.notes[0], "no longer allowed"));
	outcome = judge(f, ALLOW("until: 2026-01-03, class: rows.value"));
	assert_int_equal(outcome.result, GATE_PASS);
	outcome = judge(f, ALLOW("until: 2026-01-03, class: rows.order"));
	assert_int_equal(outcome.result, GATE_FAIL);
	f->statements[0].fingerprint = 0xabd;
	outcome = judge(f, ALLOW("until: 2026-01-03"));
	assert_int_equal(outcome.result, GATE_FAIL);
}

static void test_ignore_below(void **state)
{
	struct fixture *f = *state;

	break_ratio(f);
	assert_int_equal(judge(f, "version: 1\nlatency: {max_p95_ratio: 2, "
				  "ignore_below: 3 ms}\n")
			     .result,
			 GATE_PASS);
}

static void test_bad_policies(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
	    {"version: 1\ndivergence: {max: 0}\n", "divergences"},
	    {"divergences: {max: 0}\n", "version"},
	    {"version: 2\n", "version"},
	    {"version: 1\ndivergences: {max: -1}\n", "policy.yaml:2:20"},
	    {"version: 1\ndivergences: {classes: {row.value: 1}}\n",
	     "rows.value"},
	    {"version: 1\nevidence: {min_kinds: {selct: 1}}\n", "select"},
	    {"version: 1\nevidence: {max_age: 5}\n", "must be a time"},
	    {"version: 1\nevidence: {statements: [zz]}\n", "not a fingerprint"},
	    {"version: 1\nevidence: {excused: 101%}\n", "0 to 100 %"},
	    {"version: 1\nevidence: {excused: 1 % of}\n", "20 or 0.5 %"},
	    {"version: 1\nevidence: {excused: few}\n", "whole number"},
	    {"version: 1\nevidence: {undecided_runs: 0}\n", "at least 1"},
	    {"version: 1\nevidence: {undecided_run: 5}\n", "undecided_runs"},
	    {"version: 1\ninconclusive: {max_percent: 101}\n", "0 to 100"},
	    {"version: 1\ninconclusive: {max_percent: nan}\n", "0 to 100"},
	    {"version: 1\ninconclusive: {}\n", "says nothing"},
	    {"version: 1\nlatency: {min_samples: 5}\n", "max_p95_ratio"},
	    {ALLOW("until: 2026-02-30"), "not a date"},
	    {ALLOW("class: columns"), "needs fingerprint, until and reason"},
	    {"version: 1\ndivergences: [1]\n", "policy.yaml:2:14"},
	    {"- 1\n", "policy.yaml:1:1"},
	    {"version: [\n", "policy.yaml:"},
	    {"", "empty"},
	    {"~", "policy.yaml:1:1"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct diagnostics diagnostics;
		struct gate_policy policy;
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		diagnostics_init(&diagnostics);
		assert_int_equal(gate_policy_parse("policy.yaml", cases[i].text,
						   strlen(cases[i].text),
						   &f->arena, &diagnostics,
						   &policy),
				 -1);
		diagnostics_print(&diagnostics, out);
		fclose(out);
		if (!strstr(text, cases[i].message))
			fail_msg("%s: lacks '%s':\n%s", cases[i].text,
				 cases[i].message, text);
		free(text);
		diagnostics_release(&diagnostics);
	}
}

static void test_forms(void **state)
{
	struct fixture *f = *state;
	struct gate_policy policy = policy_of(f, "version: 1\n");
	struct gate_outcome outcome;
	struct buffer out;

	break_gaps(f);
	fact(f, STORE_FACT_SHADOW, "a<b>\"&\x1b[2J");
	gate_judge(&policy, &f->content, NOW, &f->arena, &outcome);
	buffer_init(&out, 0);
	gate_text(&policy, &outcome, 1, false, &out);
	assert_string_equal(
	    buffer_string(&out),
	    "policy: policy.yaml\n"
	    "\n"
	    "a<b>\"&\uFFFD[2J\n"
	    "  PASS   divergences.max: 0 (at most 0; default)\n"
	    "  PASS   inconclusive.max_percent: 0.00 % (0) (at most 1 %; "
	    "default)\n"
	    "  PASS   untranslatable.max: 0 (at most 0; default)\n"
	    "  PASS   failed.max: 0 (at most 0; default)\n"
	    "  PASS   evidence.undecided_statements: 0 (at most 0; default)\n"
	    "  PASS   evidence.excused: 0.00 % (0) (at most 0.5 %; default)\n"
	    "  PASS   evidence.excused_statements: 0 (at most 0; default)\n"
	    "  PASS   accounted: 1,000 of 1,000 (every exchange seen has one "
	    "verdict; default)\n"
	    "  LACKS  evidence.max_gaps: 1 (at most 0; default)\n"
	    "  PASS   evidence.uncaptured_sessions: 0 (at most 0; default)\n"
	    "  PASS   evidence.min_compared: 1,000 (at least 1; default)\n"
	    "\n"
	    "LACKS not enough evidence\n");
	buffer_clear(&out);
	gate_junit(&policy, &outcome, 1, &out);
	assert_non_null(strstr(buffer_string(&out),
			       "name=\"a&lt;b&gt;&quot;&amp;&#xfffd;[2J\" "
			       "tests=\"11\" failures=\"0\" errors=\"1\""));
	assert_non_null(strstr(buffer_string(&out),
			       "<error type=\"evidence\" message=\"1; at most "
			       "0\"></error>"));
	buffer_clear(&out);
	gate_json(&policy, &outcome, 1, &out);
	assert_non_null(strstr(buffer_string(&out), "\"result\": \"lacks\""));
	buffer_release(&out);
}

/* Of the data at rest: only what verify has said, unless it is asked for. */
static void test_drift(void **state)
{
	const enum gate_result absent = (enum gate_result) - 1;
	struct fixture *f = *state;
	struct drift drift = {.known = true,
			      .table_count = 3,
			      .oldest_at = NOW - INT64_C(3600000000)};
	struct gate_outcome outcome;

#define WANTED "version: 1\ndrift: {max: 5, required: true, max_age: 2 h}\n"
	outcome = judge(f, "version: 1\n");
	assert_int_equal(rule_of(&outcome, "drift.max"), absent);
	outcome = judge(f, WANTED);
	assert_int_equal(rule_of(&outcome, "drift.max"), GATE_PASS);
	assert_int_equal(rule_of(&outcome, "drift.required"), GATE_LACKS);
	assert_int_equal(rule_of(&outcome, "drift.max_age"), GATE_LACKS);

	f->content.drift = &drift;
	outcome = judge(f, WANTED);
	assert_int_equal(outcome.result, GATE_PASS);
	drift.lacking = 1;
	outcome = judge(f, WANTED);
	assert_int_equal(rule_of(&outcome, "drift.required"), GATE_LACKS);
	outcome = judge(f, "version: 1\ndrift: {required: false}\n");
	assert_int_equal(outcome.result, GATE_PASS);
	drift.lacking = 0;
	drift.oldest_at -= INT64_C(2) * 3600000000;
	outcome = judge(f, WANTED);
	assert_int_equal(rule_of(&outcome, "drift.max_age"), GATE_LACKS);
	drift.rows = 6;
	outcome = judge(f, WANTED);
	assert_int_equal(rule_of(&outcome, "drift.max"), GATE_FAIL);
	drift.rows = 1;
	outcome = judge(f, "version: 1\n");
	assert_int_equal(outcome.result, GATE_FAIL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_each_rule),    TEST(test_never_decided),
	    TEST(test_excused),	     TEST(test_fail_wins),
	    TEST(test_defaults),     TEST(test_allowances),
	    TEST(test_ignore_below), TEST(test_bad_policies),
	    TEST(test_forms),	     TEST(test_drift),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
