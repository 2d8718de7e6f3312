#include "report/problems.h"

#include "base/buffer.h"
#include "report/format.h"

uint64_t problem_decided(const struct store_statement *statement)
{
	return statement->verdicts[VERDICT_MATCH] +
	       statement->verdicts[VERDICT_DIVERGED];
}

/* An exchange without an answer of the primary is not a run that could be
 * decided. */
static bool is_undecided(const struct store_tally *tally)
{
	return (tally->verdict == VERDICT_INCONCLUSIVE ||
		tally->verdict == VERDICT_FAILED) &&
	       tally->reason != REASON_NOT_RUN &&
	       tally->reason != REASON_ABANDONED;
}

uint64_t problem_undecided(const struct store_statement *statement)
{
	uint64_t count = 0;

	for (size_t i = 0; i < statement->tally_count; i++)
		if (is_undecided(&statement->tallies[i]))
			count += statement->tallies[i].count;
	return count;
}

bool problem_mostly_excused(const struct store_statement *statement,
			    uint64_t runs)
{
	uint64_t decided = problem_decided(statement);

	return decided && statement->excused >= runs &&
	       statement->excused > decided;
}

/* --- order ---------------------------------------------------------------- */

/* An error before a value, a value before an order. */
static int class_rank(enum divergence_class class)
{
	switch (class) {
	case DIVERGENCE_ERROR_SHADOW:
	case DIVERGENCE_ERROR_PRIMARY:
	case DIVERGENCE_ERROR_DIFFERS:
		return 0;
	case DIVERGENCE_ROWS_ORDER:
	case DIVERGENCE_TIMEOUT:
		return 3;
	case DIVERGENCE_WARNING:
	case DIVERGENCE_NONE:
		return 4;
	default:
		return 1;
	}
}

/* An undecided statement may hide an error or a value; an excused difference
 * comes after all that nothing excuses. */
static int rank(const struct problem *problem)
{
	if (problem->status == PROBLEM_UNDECIDED)
		return 2;
	return class_rank(problem->class) +
	       (problem->status == PROBLEM_EXCUSED ? 5 : 0);
}

static int by_gravity(const void *left, const void *right)
{
	const struct problem *a = left;
	const struct problem *b = right;
	int ranks = rank(a) - rank(b);
	double x = (double)a->count / (double)a->of;
	double y = (double)b->count / (double)b->of;
	uint64_t first = a->statement->fingerprint;
	uint64_t second = b->statement->fingerprint;

	if (ranks)
		return ranks;
	if (x < y || x > y)
		return x < y ? 1 : -1;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	if (first != second)
		return first < second ? -1 : 1;
	if (a->class != b->class)
		return (int)a->class - (int)b->class;
	return (int)a->tally->reason - (int)b->tally->reason;
}

/* --- building ------------------------------------------------------------- */

static struct problem problem_of(enum problem_status status,
				 const struct store_statement *statement,
				 const struct store_tally *tally)
{
	return (struct problem){.status = status,
				.class = tally->class,
				.name = divergence_name(tally->class),
				.statement = statement,
				.tally = tally,
				.count = tally->count,
				.of = statement->count};
}

/* "tainted 39, overlap 1 (error.shadow)": the tallies are by frequency. */
static const char *reasons_of(const struct store_statement *statement,
			      struct arena *arena)
{
	const char *text = "";
	char figure[FORMAT_SIZE];

	for (size_t i = 0; i < statement->tally_count; i++) {
		const struct store_tally *tally = &statement->tallies[i];
		bool excused = store_excused(tally);

		if (is_undecided(tally))
			text = arena_printf(
			    arena, "%s%s%s %s%s%s%s", text, *text ? ", " : "",
			    reason_name(tally->reason),
			    format_count(figure, tally->count),
			    excused ? " (" : "",
			    excused ? divergence_name(tally->class) : "",
			    excused ? ")" : "");
	}
	return text;
}

static struct problem undecided_of(const struct store_statement *statement,
				   struct arena *arena)
{
	const struct store_tally *most = NULL;
	struct problem made;

	/* A difference means more than a run without one; then the more
	 * frequent. */
	for (size_t i = 0; i < statement->tally_count; i++) {
		const struct store_tally *tally = &statement->tallies[i];

		if (is_undecided(tally) &&
		    (!most || (store_excused(tally) &&
			       class_rank(tally->class) <
				   (store_excused(most)
					? class_rank(most->class)
					: class_rank(DIVERGENCE_NONE) + 1))))
			most = tally;
	}
	made = problem_of(PROBLEM_UNDECIDED, statement, most);
	made.name = "undecided";
	made.count = problem_undecided(statement);
	made.why = reasons_of(statement, arena);
	return made;
}

static struct problem excused_of(const struct store_statement *statement,
				 const struct store_tally *tally,
				 struct arena *arena)
{
	struct problem made = problem_of(PROBLEM_EXCUSED, statement, tally);

	made.name = "excused";
	made.why = arena_printf(
	    arena, "%s, excused as %s: %s", divergence_name(tally->class),
	    reason_name(tally->reason), reason_text(tally->reason));
	return made;
}

/* Appends a statement's problems; problems NULL: only counts them. */
static size_t add(struct problem *problems, size_t count,
		  const struct store_statement *statement,
		  uint64_t undecided_runs, struct arena *arena)
{
	uint64_t undecided = problem_undecided(statement);
	bool never = undecided && undecided >= undecided_runs &&
		     !problem_decided(statement);

	if (never) {
		if (problems)
			problems[count] = undecided_of(statement, arena);
		count++;
	}
	for (size_t i = 0; i < statement->tally_count; i++) {
		const struct store_tally *tally = &statement->tallies[i];
		bool diverged = tally->verdict == VERDICT_DIVERGED;

		if (!tally->count ||
		    !(diverged || (store_excused(tally) && !never)))
			continue;
		if (problems)
			problems[count] =
			    diverged
				? problem_of(PROBLEM_DIVERGED, statement, tally)
				: excused_of(statement, tally, arena);
		count++;
	}
	return count;
}

static void mark_heads(struct problem *problems, size_t count)
{
	bool seen[PROBLEM_EXCUSED + 1][DIVERGENCE_COUNT] = {{false}};

	for (size_t i = 0; i < count; i++) {
		bool *met = &seen[problems[i].status]
				 [problems[i].status == PROBLEM_UNDECIDED
				      ? DIVERGENCE_NONE
				      : problems[i].class];

		problems[i].head = !*met;
		*met = true;
	}
}

const struct problem *problems_build(const struct store_content *content,
				     uint64_t undecided_runs,
				     struct arena *arena, size_t *count)
{
	struct problem *problems;
	size_t total = 0;

	for (size_t i = 0; i < content->statement_count; i++)
		total = add(NULL, total, &content->statements[i],
			    undecided_runs, arena);
	problems = arena_array(arena, total + 1, sizeof(*problems));
	*count = 0;
	for (size_t i = 0; i < content->statement_count; i++)
		*count = add(problems, *count, &content->statements[i],
			     undecided_runs, arena);
	if (*count)
		qsort(problems, *count, sizeof(*problems), by_gravity);
	mark_heads(problems, *count);
	return problems;
}

/* --- choosing ------------------------------------------------------------- */

void problem_choose(const struct problem *problems, size_t count, size_t limit,
		    struct problem_choice *choice)
{
	size_t heads = 0;

	for (size_t i = 0; i < count; i++)
		heads += problems[i].head;
	choice->heads = heads < limit ? heads : limit;
	choice->others = limit - choice->heads;
}

bool problem_chosen(const struct problem *problem,
		    struct problem_choice *choice)
{
	size_t *left = problem->head ? &choice->heads : &choice->others;

	if (!*left)
		return false;
	--*left;
	return true;
}

void problem_rest_add(struct problem_rest rest[PROBLEM_NAMES], size_t *names,
		      const char *name)
{
	size_t at = 0;

	while (at < *names && strcmp(rest[at].name, name))
		at++;
	if (at == *names)
		rest[(*names)++] = (struct problem_rest){name, 0};
	rest[at].count++;
}

size_t problem_rest(const struct problem *problems, size_t count, size_t limit,
		    struct problem_rest rest[PROBLEM_NAMES])
{
	struct problem_choice choice;
	size_t names = 0;

	problem_choose(problems, count, limit, &choice);
	for (size_t i = 0; i < count; i++)
		if (!problem_chosen(&problems[i], &choice))
			problem_rest_add(rest, &names, problems[i].name);
	return names;
}

const char *problem_text(const struct problem *problem)
{
	return problem->status == PROBLEM_UNDECIDED
		   ? "never decided: it can hide any difference"
	       : problem->status == PROBLEM_EXCUSED
		   ? "differences that a reason excused"
		   : divergence_text(problem->class);
}
