#include "report/gate.h"

#include <inttypes.h>
#include <strings.h>

#include "report/format.h"
#include "report/gate_internal.h"
#include "report/report.h"
#include "store/drift.h"

const char *gate_result_name(enum gate_result result)
{
	return result == GATE_PASS    ? "pass"
	       : result == GATE_LACKS ? "lacks"
				      : "fail";
}

enum gate_result gate_worst(const struct gate_outcome *outcomes, size_t count)
{
	enum gate_result worst = GATE_PASS;

	for (size_t i = 0; i < count; i++)
		if (outcomes[i].result > worst)
			worst = outcomes[i].result;
	return worst;
}

struct gate_rule *gate_rule_add(struct judge *judge, const char *name,
				enum gate_result result, const char *figure,
				const char *limit, struct place place)
{
	struct gate_rule *made = &judge->rules[judge->rule_count++];

	*made = (struct gate_rule){name, result, figure, limit, NULL, place};
	return made;
}

const char *gate_counted(struct judge *judge, uint64_t count)
{
	char text[FORMAT_SIZE];

	return arena_string(judge->arena, format_count(text, count));
}

struct gate_rule *gate_at_most(struct judge *judge, const char *name,
			       uint64_t figure, const struct gate_bound *bound,
			       enum gate_result otherwise)
{
	if (!bound->set)
		return NULL;
	return gate_rule_add(
	    judge, name, (double)figure <= bound->value ? GATE_PASS : otherwise,
	    gate_counted(judge, figure),
	    arena_printf(judge->arena, "at most %s",
			 gate_counted(judge, (uint64_t)bound->value)),
	    bound->place);
}

void gate_at_least(struct judge *judge, const char *name, uint64_t figure,
		   const struct gate_bound *bound)
{
	if (bound->set)
		gate_rule_add(
		    judge, name,
		    (double)figure >= bound->value ? GATE_PASS : GATE_LACKS,
		    gate_counted(judge, figure),
		    arena_printf(judge->arena, "at least %s",
				 gate_counted(judge, (uint64_t)bound->value)),
		    bound->place);
}

/* --- divergences ---------------------------------------------------------- */

static bool allows(const struct gate_allowance *allowance, uint64_t fingerprint,
		   enum divergence_class class)
{
	return allowance->fingerprint == fingerprint &&
	       (!allowance->class || allowance->class == class);
}

static bool is_covered(const struct judge *judge, uint64_t fingerprint,
		       enum divergence_class class)
{
	for (size_t i = 0; i < judge->policy->allowance_count; i++)
		if (allows(&judge->policy->allowances[i], fingerprint, class) &&
		    judge->now < judge->policy->allowances[i].until)
			return true;
	return false;
}

/* Divergences that no current allowance covers, in total and by class. */
static uint64_t uncovered(struct judge *judge,
			  uint64_t by_class[DIVERGENCE_COUNT])
{
	const struct gate_policy *policy = judge->policy;
	uint64_t *used = arena_array(judge->arena, policy->allowance_count + 1,
				     sizeof(*used));
	uint64_t total = 0;
	char name[FORMAT_SIZE];

	for (size_t i = 0; i < judge->content->statement_count; i++) {
		const struct store_statement *statement =
		    &judge->content->statements[i];

		for (size_t j = 0; j < statement->tally_count; j++) {
			const struct store_tally *tally =
			    &statement->tallies[j];

			if (tally->verdict != VERDICT_DIVERGED)
				continue;
			for (size_t k = 0; k < policy->allowance_count; k++) {
				const struct gate_allowance *allowance =
				    &policy->allowances[k];

				if (allows(allowance, statement->fingerprint,
					   tally->class))
					used[k] += tally->count;
			}
			if (is_covered(judge, statement->fingerprint,
				       tally->class))
				continue;
			total += tally->count;
			by_class[tally->class] += tally->count;
		}
	}
	for (size_t k = 0; k < policy->allowance_count; k++) {
		const struct gate_allowance *allowance = &policy->allowances[k];

		judge->notes[judge->note_count++] = arena_printf(
		    judge->arena, "%s:%d: %s: %s until %s (%s)",
		    allowance->place.file, allowance->place.line,
		    format_fingerprint(name, allowance->fingerprint),
		    judge->now >= allowance->until
			? used[k] ? "no longer allowed: it was"
				  : "ended and no longer seen: it was allowed"
		    : used[k] ? arena_printf(judge->arena, "%s allowed",
					     gate_counted(judge, used[k]))
			      : "allowed but not seen:",
		    allowance->until_text, allowance->reason);
	}
	return total;
}

/* For each class its most frequent statement, the gravest class first. */
static const char *classes_note(struct judge *judge,
				const uint64_t by_class[DIVERGENCE_COUNT])
{
	bool told[DIVERGENCE_COUNT] = {false};
	const char *note = NULL;
	char figure[FORMAT_SIZE];

	for (size_t i = 0; i < judge->problem_count; i++) {
		const struct problem *problem = &judge->problems[i];

		if (problem->status != PROBLEM_DIVERGED ||
		    told[problem->class] ||
		    is_covered(judge, problem->statement->fingerprint,
			       problem->class))
			continue;
		told[problem->class] = true;
		note = gate_note(
		    judge, note,
		    arena_printf(
			judge->arena, "%s (%s in all)", problem->name,
			format_count(figure, by_class[problem->class])),
		    problem);
	}
	return note;
}

static void judge_divergences(struct judge *judge)
{
	const struct gate_policy *policy = judge->policy;
	uint64_t by_class[DIVERGENCE_COUNT] = {0};
	uint64_t total = uncovered(judge, by_class);
	struct gate_rule *made;

	made = gate_at_most(judge, "divergences.max", total,
			    &policy->divergences, GATE_FAIL);
	if (made && made->result != GATE_PASS)
		made->note = classes_note(judge, by_class);
	for (int i = 1; i < DIVERGENCE_COUNT; i++)
		gate_at_most(
		    judge,
		    arena_printf(judge->arena, "divergences.classes.%s",
				 divergence_name((enum divergence_class)i)),
		    by_class[i], &policy->classes[i], GATE_FAIL);
}

/* --- the other verdicts --------------------------------------------------- */

struct gate_rule *gate_share(struct judge *judge, const char *name,
			     uint64_t count, const struct gate_bound *percent)
{
	uint64_t whole = judge->content->count;
	char share[FORMAT_SIZE];

	if (!percent->set)
		return NULL;
	return gate_rule_add(
	    judge, name,
	    100.0 * (double)count <= percent->value * (double)whole ? GATE_PASS
								    : GATE_FAIL,
	    arena_printf(judge->arena, "%s (%s)",
			 format_share(share, count, whole),
			 gate_counted(judge, count)),
	    arena_printf(judge->arena, "at most %g %%", percent->value),
	    percent->place);
}

static void judge_verdict(struct judge *judge, enum verdict verdict)
{
	const char *name = verdict_name(verdict);
	uint64_t count = judge->content->verdicts[verdict];

	gate_at_most(judge, arena_printf(judge->arena, "%s.max", name), count,
		     &judge->policy->max[verdict], GATE_FAIL);
	gate_share(judge, arena_printf(judge->arena, "%s.max_percent", name),
		   count, &judge->policy->max_percent[verdict]);
}

/* --- evidence ------------------------------------------------------------- */

static void judge_accounting(struct judge *judge)
{
	const struct store_content *content = judge->content;
	const struct place nowhere = {0};
	char since[FORMAT_SIZE];
	bool told = store_fact(content, STORE_FACT_SEEN) != NULL;

	gate_rule_add(
	    judge, "accounted",
	    told && !store_unaccounted(content) ? GATE_PASS : GATE_LACKS,
	    told ? arena_printf(judge->arena, "%s of %s",
				gate_counted(judge, content->count),
				gate_counted(judge, store_seen(content)))
		 : arena_printf(
		       judge->arena,
		       "%s; the mirror has not recorded how many it saw",
		       gate_counted(judge, content->count)),
	    "every exchange seen has one verdict", nowhere);
	if (content->waiting_since)
		gate_rule_add(
		    judge, "written", GATE_LACKS,
		    arena_printf(judge->arena, "waits since %s: %s",
				 format_time(since, content->waiting_since),
				 content->waiting_why),
		    "the mirror can write its store", nowhere);
	if (content->untold)
		gate_rule_add(
		    judge, "losses", GATE_LACKS,
		    arena_printf(judge->arena, "%s record(s) lost",
				 gate_counted(judge, content->untold)),
		    "no lost records that the store does not know of", nowhere);
	if (content->journal_problem)
		gate_rule_add(judge, "journal", GATE_LACKS,
			      content->journal_problem,
			      "the journal exists and can be written", nowhere);
	gate_at_most(judge, "evidence.max_gaps",
		     store_fact_number(content, STORE_FACT_GAPS),
		     &judge->policy->max_gaps, GATE_LACKS);
	gate_at_most(judge, "evidence.uncaptured_sessions",
		     store_fact_number(content, STORE_FACT_UNCAPTURED),
		     &judge->policy->uncaptured, GATE_LACKS);
	gate_at_most(judge, "evidence.max_lag",
		     store_fact_number(content, STORE_FACT_LAG),
		     &judge->policy->max_lag, GATE_LACKS);
}

/* The kinds that a policy's kind includes. */
static bool kind_fits(const char *wanted, const char *kind)
{
	static const struct {
		const char *name;
		bool writes;
	} all[] = {
#define SQL_KIND(symbol, text, session, effect) {text, (effect) && !(session)},
#include "sql/kinds.def"
#undef SQL_KIND
	};

	if (!kind)
		return false;
	if (!strcmp(wanted, "reads"))
		return !strcasecmp(kind, "select");
	if (strcmp(wanted, "writes"))
		return !strcasecmp(wanted, kind);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcasecmp(kind, all[i].name))
			return all[i].writes && strncmp(kind, "ddl", 3);
	return false;
}

static void judge_kinds(struct judge *judge)
{
	for (size_t i = 0; i < judge->policy->kind_count; i++) {
		const struct gate_kind *kind = &judge->policy->kinds[i];
		uint64_t count = 0;

		for (size_t j = 0; j < judge->content->statement_count; j++)
			if (kind_fits(kind->kind,
				      judge->content->statements[j].kind))
				count += problem_decided(
				    &judge->content->statements[j]);
		gate_at_least(judge,
			      arena_printf(judge->arena,
					   "evidence.min_kinds.%s", kind->kind),
			      count, &kind->min);
	}
}

static void judge_statements(struct judge *judge)
{
	for (size_t i = 0; i < judge->policy->statement_count; i++) {
		const struct gate_fingerprint *wanted =
		    &judge->policy->statements[i];
		const struct gate_bound one = {true, 1, wanted->place};
		uint64_t count = 0;
		char name[FORMAT_SIZE];

		for (size_t j = 0; j < judge->content->statement_count; j++)
			if (judge->content->statements[j].fingerprint ==
			    wanted->fingerprint)
				count = problem_decided(
				    &judge->content->statements[j]);
		gate_at_least(
		    judge,
		    arena_printf(judge->arena, "evidence.statements.%s",
				 format_fingerprint(name, wanted->fingerprint)),
		    count, &one);
	}
}

static const char *duration(struct judge *judge, double us)
{
	double seconds = us / 1e6;

	if (seconds >= 172800)
		return arena_printf(judge->arena, "%.1f days", seconds / 86400);
	if (seconds >= 7200)
		return arena_printf(judge->arena, "%.1f h", seconds / 3600);
	if (seconds >= 120)
		return arena_printf(judge->arena, "%.1f min", seconds / 60);
	return arena_printf(judge->arena, "%.4g s", seconds);
}

static void judge_age(struct judge *judge)
{
	const struct gate_bound *bound = &judge->policy->max_age;
	int64_t last = judge->content->last_at;
	double age = (double)(judge->now - last);

	if (!bound->set)
		return;
	gate_rule_add(judge, "evidence.max_age",
		      last && age <= bound->value ? GATE_PASS : GATE_LACKS,
		      last ? duration(judge, age < 0 ? 0 : age) : "no exchange",
		      arena_printf(judge->arena, "at most %s old",
				   duration(judge, bound->value)),
		      bound->place);
}

/* --- the data at rest --- */

/* Unless the policy says otherwise, only what verify has found counts. */
static void judge_drift(struct judge *judge)
{
	static const struct drift none;
	const struct gate_policy *policy = judge->policy;
	const struct drift *drift =
	    judge->content->drift ? judge->content->drift : &none;
	double age = (double)(judge->now - drift->oldest_at);
	size_t compared = drift->table_count - drift->lacking;

	if (!drift->known && !policy->drift.place.line &&
	    !policy->drift_required.set && !policy->drift_max_age.set)
		return;
	gate_at_most(judge, "drift.max", drift->rows, &policy->drift,
		     GATE_FAIL);
	if (policy->drift_required.set)
		gate_rule_add(
		    judge, "drift.required",
		    drift->known && !drift->lacking && drift->table_count
			? GATE_PASS
			: GATE_LACKS,
		    drift->known
			? arena_printf(judge->arena, "%zu of %zu tables",
				       compared, drift->table_count)
			: "parallax verify has not run",
		    "every table compared", policy->drift_required.place);
	if (policy->drift_max_age.set)
		gate_rule_add(
		    judge, "drift.max_age",
		    drift->oldest_at && age <= policy->drift_max_age.value
			? GATE_PASS
			: GATE_LACKS,
		    drift->oldest_at ? duration(judge, age < 0 ? 0 : age)
				     : "no table was compared",
		    arena_printf(judge->arena, "at most %s old",
				 duration(judge, policy->drift_max_age.value)),
		    policy->drift_max_age.place);
}

/* --- latency -------------------------------------------------------------- */

static void judge_latency(struct judge *judge)
{
	const struct gate_policy *policy = judge->policy;
	const struct gate_bound *bound = &policy->max_p95_ratio;
	const struct store_statement *worst = NULL;
	double worst_ratio = 0;
	size_t held = 0;
	size_t over = 0;
	struct gate_rule *made;
	char name[FORMAT_SIZE];

	if (!bound->set)
		return;
	for (size_t i = 0; i < judge->content->statement_count; i++) {
		const struct store_statement *statement =
		    &judge->content->statements[i];
		double ratio = report_latency_ratio(&statement->primary,
						    &statement->shadow);

		if ((double)statement->primary.count <
			policy->min_samples.value ||
		    (double)statement->shadow.count < policy->min_samples.value)
			continue;
		held++;
		if ((double)statement->shadow.p95 < policy->ignore_below.value)
			continue;
		over += ratio > bound->value;
		if (ratio > worst_ratio) {
			worst_ratio = ratio;
			worst = statement;
		}
	}
	made = gate_rule_add(
	    judge, "latency.max_p95_ratio",
	    over   ? GATE_FAIL
	    : held ? GATE_PASS
		   : GATE_LACKS,
	    held ? arena_printf(judge->arena, "%.2f", worst_ratio)
		 : "no statement has enough samples",
	    arena_printf(
		judge->arena, "at most %g, of statements with %s samples",
		bound->value,
		gate_counted(judge, (uint64_t)policy->min_samples.value)),
	    bound->place);
	if (over)
		made->note = arena_printf(
		    judge->arena, "%zu of %zu statements; worst: %s  %s", over,
		    held, format_fingerprint(name, worst->fingerprint),
		    worst->text ? worst->text : "(no text)");
}

/* Names the part that a result covers, if there are several. */
static void note_part(struct judge *judge)
{
	const struct store_content *content = judge->content;

	if (content->part_count > 1)
		judge->notes[judge->note_count++] =
		    content->part
			? arena_printf(judge->arena,
				       "this is part %" PRIu64 " of %zu of the "
				       "evidence: --part all looks at all",
				       content->part, content->part_count)
			: arena_printf(judge->arena,
				       "this is of all %zu parts of the "
				       "evidence",
				       content->part_count);
}

void gate_judge(const struct gate_policy *policy,
		const struct store_content *content, int64_t now,
		struct arena *arena, struct gate_outcome *outcome)
{
	struct judge judge = {
	    .policy = policy, .content = content, .now = now, .arena = arena};
	uint64_t compared = content->verdicts[VERDICT_MATCH] +
			    content->verdicts[VERDICT_DIVERGED];

	judge.problems =
	    problems_build(content, (uint64_t)policy->undecided_runs.value,
			   arena, &judge.problem_count);

	/* One each, and those that a policy lists. */
	judge.rules =
	    arena_array(arena,
			32 + DIVERGENCE_COUNT + 2 * VERDICT_COUNT +
			    policy->kind_count + policy->statement_count,
			sizeof(*judge.rules));
	judge.notes = arena_array(arena, policy->allowance_count + 2,
				  sizeof(*judge.notes));
	note_part(&judge);
	judge_divergences(&judge);
	for (int i = VERDICT_DIVERGED + 1; i < VERDICT_COUNT; i++)
		judge_verdict(&judge, (enum verdict)i);
	gate_judge_undecided(&judge);
	judge_latency(&judge);
	judge_accounting(&judge);
	gate_at_least(&judge, "evidence.min_compared", compared,
		      &policy->min_compared);
	judge_kinds(&judge);
	judge_statements(&judge);
	judge_age(&judge);
	judge_drift(&judge);

	*outcome = (struct gate_outcome){.content = content,
					 .rules = judge.rules,
					 .rule_count = judge.rule_count,
					 .notes = judge.notes,
					 .note_count = judge.note_count};
	outcome->name = store_fact(content, STORE_FACT_SHADOW);
	if (!outcome->name)
		outcome->name = content->path;
	for (size_t i = 0; i < judge.rule_count; i++)
		if (judge.rules[i].result > outcome->result)
			outcome->result = judge.rules[i].result;
}
