#include "report/report.h"

#include <inttypes.h>

#include "report/format.h"
#include "store/drift.h"

enum { GAPS = 10 }; /* shown one by one */

double report_latency_ratio(const struct store_latency *primary,
			    const struct store_latency *shadow)
{
	if (!primary->count || !shadow->count || !primary->p95)
		return 0;
	return (double)shadow->p95 / (double)primary->p95;
}

static int by_count(const void *left, const void *right)
{
	const struct report_group *a = left;
	const struct report_group *b = right;

	if (a->tally->count != b->tally->count)
		return a->tally->count < b->tally->count ? 1 : -1;
	if (a->statement->fingerprint != b->statement->fingerprint)
		return a->statement->fingerprint < b->statement->fingerprint
			   ? -1
			   : 1;
	return (int)a->tally->class - (int)b->tally->class;
}

static int by_verdict(const void *left, const void *right)
{
	const struct report_reason *a = left;
	const struct report_reason *b = right;

	if (a->verdict != b->verdict)
		return (int)a->verdict - (int)b->verdict;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return (int)a->reason - (int)b->reason;
}

static int by_ratio(const void *left, const void *right)
{
	const struct store_statement *a =
	    *(const struct store_statement *const *)left;
	const struct store_statement *b =
	    *(const struct store_statement *const *)right;
	double x = report_latency_ratio(&a->primary, &a->shadow);
	double y = report_latency_ratio(&b->primary, &b->shadow);

	if (x < y || x > y)
		return x < y ? 1 : -1;
	return (a->fingerprint > b->fingerprint) -
	       (a->fingerprint < b->fingerprint);
}

/* The kept evidence of a tally: the first of it, and how much. */
static const struct store_evidence *find_evidence(
    const struct store_content *content, uint64_t fingerprint,
    const struct store_tally *tally, size_t *count)
{
	const struct store_evidence *first = NULL;

	/* Ordered by fingerprint in SQLite's order: a plain scan is enough for
	 * at most STORE_EVIDENCE rows of the few groups that have any. */
	*count = 0;
	for (size_t i = 0; tally->kept && i < content->evidence_count; i++) {
		const struct store_evidence *evidence = &content->evidence[i];

		if (evidence->fingerprint != fingerprint ||
		    evidence->verdict != tally->verdict ||
		    evidence->class != tally->class ||
		    evidence->reason != tally->reason)
			continue;
		if (!first)
			first = evidence;
		++*count;
	}
	return first;
}

/* All groups with one verdict and reason. */
static const struct report_group *collect(const struct store_content *content,
					  enum verdict verdict,
					  enum reason reason,
					  struct arena *arena, size_t *count)
{
	struct report_group *groups = NULL;

	for (int pass = 0; pass < 2; pass++) {
		*count = 0;
		for (size_t i = 0; i < content->statement_count; i++) {
			const struct store_statement *statement =
			    &content->statements[i];

			for (size_t j = 0; j < statement->tally_count; j++) {
				const struct store_tally *tally =
				    &statement->tallies[j];

				if (tally->verdict != verdict ||
				    tally->reason != reason || !tally->count)
					continue;
				if (pass) {
					groups[*count].statement = statement;
					groups[*count].tally = tally;
				}
				++*count;
			}
		}
		if (!pass)
			groups =
			    arena_array(arena, *count + 1, sizeof(*groups));
	}
	for (size_t i = 0; i < *count; i++)
		groups[i].evidence =
		    find_evidence(content, groups[i].statement->fingerprint,
				  groups[i].tally, &groups[i].evidence_count);
	if (*count)
		qsort(groups, *count, sizeof(*groups), by_count);
	return groups;
}

static void build_reasons(struct report *report, struct arena *arena)
{
	const struct store_content *content = report->content;
	struct report_reason *reasons = arena_array(
	    arena, (size_t)VERDICT_COUNT * REASON_COUNT, sizeof(*reasons));

	for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		if (verdict == VERDICT_MATCH || verdict == VERDICT_DIVERGED)
			continue;
		for (int reason = 0; reason < REASON_COUNT; reason++) {
			struct report_reason *item =
			    &reasons[report->reason_count];

			item->count = content->reasons[verdict][reason];
			if (!item->count)
				continue;
			item->verdict = (enum verdict)verdict;
			item->reason = (enum reason)reason;
			item->groups =
			    collect(content, item->verdict, item->reason, arena,
				    &item->group_count);
			report->reason_count++;
		}
	}
	if (report->reason_count)
		qsort(reasons, report->reason_count, sizeof(*reasons),
		      by_verdict);
	report->reasons = reasons;
}

static void build_latencies(struct report *report, struct arena *arena)
{
	const struct store_content *content = report->content;

	report->latencies = arena_array(arena, content->statement_count + 1,
					sizeof(*report->latencies));
	for (size_t i = 0; i < content->statement_count; i++) {
		const struct store_statement *statement =
		    &content->statements[i];

		if (statement->primary.count >= REPORT_LATENCY_SAMPLES &&
		    statement->shadow.count >= REPORT_LATENCY_SAMPLES)
			report->latencies[report->latency_count++] = statement;
	}
	if (report->latency_count)
		qsort(report->latencies, report->latency_count,
		      sizeof(*report->latencies), by_ratio);
}

const struct report_problem *report_choose(const struct report *report,
					   size_t limit, struct arena *arena,
					   size_t *count)
{
	struct problem_choice choice;
	struct report_problem *chosen =
	    arena_array(arena, report->problem_count + 1, sizeof(*chosen));

	*count = 0;
	problem_choose(report->problems, report->problem_count, limit, &choice);
	for (size_t i = 0; i < report->problem_count; i++) {
		const struct problem *problem = &report->problems[i];
		struct report_problem *item = &chosen[*count];

		if (!problem_chosen(problem, &choice))
			continue;
		item->problem = problem;
		item->evidence = find_evidence(
		    report->content, problem->statement->fingerprint,
		    problem->tally, &item->evidence_count);
		++*count;
	}
	return chosen;
}

size_t report_left_out(const struct report *report, size_t limit,
		       struct buffer *out)
{
	struct problem_rest rest[PROBLEM_NAMES];
	size_t names =
	    problem_rest(report->problems, report->problem_count, limit, rest);
	size_t total = 0;

	for (size_t i = 0; i < names; i++) {
		buffer_printf(out, "%s%zu %s", i ? ", " : "", rest[i].count,
			      rest[i].name);
		total += rest[i].count;
	}
	return total;
}

void report_part(const struct store_content *content, struct buffer *out)
{
	enum { DIGITS = 8 }; /* of a digest: JSON has it whole */
	char began[FORMAT_SIZE];

	for (size_t i = 0; i < content->part_count; i++) {
		const struct store_part *part = &content->parts[i];

		if (part->number != content->part)
			continue;
		buffer_printf(out, "%" PRIu64 " of %zu, since %s; mapping ",
			      part->number, content->part_count,
			      format_time(began, part->began));
		if (*part->mapping)
			buffer_printf(out, "%.*s", DIGITS, part->mapping);
		else
			buffer_append_string(out, "none");
		buffer_printf(out, ", shadow %s", part->shadow);
	}
	if (!content->part && content->part_count)
		buffer_printf(out, "all %zu", content->part_count);
}

size_t report_examples(const struct report_options *options, size_t few)
{
	return options->limit == SIZE_MAX ? SIZE_MAX : few;
}

struct notices {
	struct report_notice *items;
	size_t count;
	struct arena *arena;
};

static void notice(struct notices *notices, enum notice_level level,
		   const char *text)
{
	notices->items[notices->count++] = (struct report_notice){level, text};
}

static void accounting_notices(const struct store_content *content,
			       struct notices *notices)
{
	int64_t missing = store_unaccounted(content);
	uint64_t gaps = store_fact_number(content, STORE_FACT_GAPS);
	uint64_t lost = store_fact_number(content, STORE_FACT_GAP_EXCHANGES);
	uint64_t lag = store_fact_number(content, STORE_FACT_LAG);
	uint64_t uncaptured = store_fact_number(content, STORE_FACT_UNCAPTURED);
	char figure[FORMAT_SIZE];

	if (!content->count)
		notice(notices, NOTICE_WARNING,
		       "no exchange has been compared yet: this store proves "
		       "nothing");
	if (missing)
		notice(notices, NOTICE_WARNING,
		       arena_printf(
			   notices->arena,
			   missing > 0
			       ? "seen but without a verdict: %s exchange(s)"
			       : "verdicts without an exchange seen: %s",
			   format_count(
			       figure,
			       (uint64_t)(missing > 0 ? missing : -missing))));
	if (gaps)
		notice(notices, NOTICE_WARNING,
		       arena_printf(notices->arena,
				    lost ? "%" PRIu64 " gap(s) in the journal, "
					   "at least %" PRIu64 " exchanges lost"
					 : "%" PRIu64 " gap(s) in the journal",
				    gaps, lost));
	if (content->untold)
		notice(notices, NOTICE_WARNING,
		       arena_printf(notices->arena,
				    "%s record(s) of the journal are lost, and "
				    "no gap in the store accounts for them",
				    format_count(figure, content->untold)));
	if (content->journal_problem)
		notice(notices, NOTICE_WARNING,
		       arena_printf(notices->arena, "the journal: %s",
				    content->journal_problem));
	if (content->waiting_since)
		notice(notices, NOTICE_WARNING,
		       arena_printf(notices->arena,
				    "the mirror has been unable to write this "
				    "store since %s, and waits: %s",
				    format_time(figure, content->waiting_since),
				    content->waiting_why));
	if (uncaptured)
		notice(notices, NOTICE_WARNING,
		       arena_printf(notices->arena,
				    "%s session(s) passed uncaptured: their "
				    "statements were not mirrored",
				    format_count(figure, uncaptured)));
	if (lag)
		notice(notices, NOTICE_INFO,
		       arena_printf(notices->arena,
				    "the mirror is %s exchanges behind",
				    format_count(figure, lag)));
	if (content->drift && content->drift->rows)
		notice(notices, NOTICE_WARNING,
		       arena_printf(
			   notices->arena, "the data at rest differ: %s row(s)",
			   format_count(figure, content->drift->rows)));
	if (store_fact(content, STORE_FACT_SHOW_VALUES))
		notice(
		    notices, NOTICE_WARNING,
		    "show_values is on: this report contains customers' data");
}

static void part_notice(const struct store_content *content,
			struct notices *notices)
{
	const struct store_part *part = NULL;
	char earlier[FORMAT_SIZE], began[FORMAT_SIZE];

	for (size_t i = 0; i < content->part_count; i++)
		if (content->parts[i].number == content->part)
			part = &content->parts[i];
	if (!part || content->part_count < 2)
		return;
	notice(notices, NOTICE_INFO,
	       arena_printf(
		   notices->arena,
		   "part %" PRIu64 " of the evidence, begun %s%s%s; %s "
		   "exchange(s) of other parts are not in it",
		   part->number, format_time(began, part->began),
		   *part->cause ? " with " : "", part->cause,
		   format_count(earlier, content->count_all - content->count)));
}

static void build_notices(struct report *report, struct arena *arena)
{
	const struct store_content *content = report->content;
	struct notices notices = {
	    .items = arena_array(arena, content->fact_count + 10,
				 sizeof(*notices.items)),
	    .arena = arena,
	};
	size_t gaps = 0, changes = 0;

	accounting_notices(content, &notices);
	part_notice(content, &notices);
	for (size_t i = 0; i < content->fact_count; i++) {
		const struct store_fact *fact = &content->facts[i];

		if (!strncmp(fact->key, STORE_FACT_GAP_PREFIX,
			     strlen(STORE_FACT_GAP_PREFIX)) &&
		    gaps++ < GAPS)
			notice(&notices, NOTICE_WARNING,
			       arena_printf(arena, "gap: %s", fact->value));
		else if (!strncmp(fact->key, STORE_FACT_SCHEMA_PREFIX,
				  strlen(STORE_FACT_SCHEMA_PREFIX)) &&
			 changes++ < GAPS)
			notice(&notices, NOTICE_INFO, fact->value);
		else if (!strncmp(fact->key, STORE_FACT_WARNING_PREFIX,
				  strlen(STORE_FACT_WARNING_PREFIX)))
			notice(&notices, NOTICE_WARNING, fact->value);
	}
	if (changes > GAPS)
		notice(&notices, NOTICE_INFO,
		       arena_printf(arena,
				    "%zu more schema changes: "
				    "--format json has all",
				    changes - GAPS));
	if (gaps > GAPS)
		notice(&notices, NOTICE_WARNING,
		       arena_printf(arena,
				    "%zu more gaps: --format json has all",
				    gaps - GAPS));
	report->notices = notices.items;
	report->notice_count = notices.count;
}

void report_build(const struct store_content *content, struct arena *arena,
		  struct report *report)
{
	*report = (struct report){.content = content};
	report->name = store_fact(content, STORE_FACT_SHADOW);
	if (!report->name)
		report->name = content->path;
	report->problems = problems_build(content, PROBLEM_UNDECIDED_RUNS,
					  arena, &report->problem_count);
	for (size_t i = 0; i < report->problem_count; i++)
		report->statuses[report->problems[i].status]++;
	build_reasons(report, arena);
	build_latencies(report, arena);
	build_notices(report, arena);
}
