/*
 * Undecided exchanges, by statement. A percentage of all exchanges hides a
 * statement that is rare and fails each time. If a DELETE that the shadow
 * refuses runs 40 times among 100,000 matching exchanges, all 40 can be
 * excused, and 0.04 % inconclusive does not show it. So two rules look at each
 * statement by itself.
 */
#include "report/format.h"
#include "report/gate_internal.h"

enum { NAMED = 5 }; /* statements that a note names */

const char *gate_note(struct judge *judge, const char *note, const char *what,
		      const struct problem *problem)
{
	const struct store_statement *statement = problem->statement;
	char a[FORMAT_SIZE];
	char b[FORMAT_SIZE];
	char name[FORMAT_SIZE];

	return arena_printf(judge->arena, "%s%s%s: %s of %s exchanges, %s: %s",
			    note ? note : "", note ? "\n" : "",
			    format_fingerprint(name, statement->fingerprint),
			    format_count(a, problem->count),
			    format_count(b, problem->of), what,
			    statement->text ? statement->text : "(no text)");
}

static const char *more(struct judge *judge, const char *note, size_t count)
{
	return count <= NAMED ? note
			      : arena_printf(judge->arena,
					     "%s\n%zu more: parallax report "
					     "--limit 0 shows them",
					     note, count - NAMED);
}

static void judge_never_decided(struct judge *judge)
{
	const char *note = NULL;
	struct gate_rule *made;
	size_t count = 0;

	for (size_t i = 0; i < judge->problem_count; i++) {
		const struct problem *problem = &judge->problems[i];

		if (problem->status == PROBLEM_UNDECIDED && count++ < NAMED)
			note = gate_note(judge, note, problem->why, problem);
	}
	made = gate_at_most(judge, "evidence.undecided_statements", count,
			    &judge->policy->undecided_statements, GATE_FAIL);
	if (made && made->result != GATE_PASS)
		made->note = more(judge, note, count);
}

/* A statement's differences by excuse are separate problems. The first of them,
 * the gravest, stands for it. */
static bool first_of_statement(const struct judge *judge, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (judge->problems[i].status == PROBLEM_EXCUSED &&
		    judge->problems[i].statement ==
			judge->problems[at].statement)
			return false;
	return true;
}

static void judge_mostly_excused(struct judge *judge)
{
	uint64_t runs = (uint64_t)judge->policy->undecided_runs.value;
	const char *note = NULL;
	struct gate_rule *made;
	size_t count = 0;

	for (size_t i = 0; i < judge->problem_count; i++) {
		const struct problem *problem = &judge->problems[i];

		if (problem->status == PROBLEM_EXCUSED &&
		    problem_mostly_excused(problem->statement, runs) &&
		    first_of_statement(judge, i) && count++ < NAMED)
			note = gate_note(
			    judge, note,
			    arena_printf(judge->arena, "%s excused as %s",
					 divergence_name(problem->class),
					 reason_name(problem->tally->reason)),
			    problem);
	}
	made = gate_at_most(judge, "evidence.excused_statements", count,
			    &judge->policy->excused_statements, GATE_FAIL);
	if (made && made->result != GATE_PASS)
		made->note = more(judge, note, count);
}

void gate_judge_undecided(struct judge *judge)
{
	const struct gate_policy *policy = judge->policy;

	judge_never_decided(judge);
	gate_at_most(judge, "evidence.excused", judge->content->excused,
		     &policy->excused, GATE_FAIL);
	gate_share(judge, "evidence.excused", judge->content->excused,
		   &policy->excused_percent);
	judge_mostly_excused(judge);
}
