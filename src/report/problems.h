/*
 * What a store says against the shadow, the gravest first. Three kinds:
 *
 *   diverged   the application would notice: a statement and how it differed
 *   undecided  a statement that ran and was not decided once
 *   excused    differences of a statement that a reason excused
 *
 * An example: a DELETE that fails on the shadow each of 40 times comes before
 * an UPDATE that failed in 3 of its 9,000 runs, and both before a SELECT of
 * which 12,000 answers were in another order.
 */
#ifndef PARALLAX_REPORT_PROBLEMS_H
#define PARALLAX_REPORT_PROBLEMS_H

#include "store/read.h"

/* The number of undecided runs from which a statement is called undecided. */
enum { PROBLEM_UNDECIDED_RUNS = 5 };

enum problem_status { PROBLEM_DIVERGED, PROBLEM_UNDECIDED, PROBLEM_EXCUSED };

struct problem {
	enum problem_status status;
	enum divergence_class class; /* UNDECIDED: of the excused difference,
				        or NONE */
	const char *name;	     /* the class's, "undecided", "excused" */
	const char *why;	     /* not of DIVERGED: the reasons */
	const struct store_statement *statement;
	const struct store_tally *tally; /* UNDECIDED: the one that means
					    most */
	uint64_t count;			 /* exchanges it happened in ... */
	uint64_t of;			 /* ... of the statement's */
	bool head;			 /* the first of its status and class */
};

/* All problems of a store, in the arena. */
const struct problem *problems_build(const struct store_content *content,
				     uint64_t undecided_runs,
				     struct arena *arena, size_t *count);

/*
 * Chooses the problems to show when there are too many: the first of each
 * class, then the others in order. Call problem_chosen for each in turn.
 */
struct problem_choice {
	size_t heads;
	size_t others;
};
void problem_choose(const struct problem *problems, size_t count, size_t limit,
		    struct problem_choice *choice);
bool problem_chosen(const struct problem *problem,
		    struct problem_choice *choice);

/* The number of problems of a name; of those left out, the gravest first. */
struct problem_rest {
	const char *name;
	size_t count;
};
enum { PROBLEM_NAMES = DIVERGENCE_COUNT + 2 };
size_t problem_rest(const struct problem *problems, size_t count, size_t limit,
		    struct problem_rest rest[PROBLEM_NAMES]);

/* Counts one more of that name among the first *names. */
void problem_rest_add(struct problem_rest rest[PROBLEM_NAMES], size_t *names,
		      const char *name);

/* One line for people: the meaning of such a problem. */
const char *problem_text(const struct problem *problem);

/* Undecided runs of a statement that the primary answered. */
uint64_t problem_undecided(const struct store_statement *statement);
uint64_t problem_decided(const struct store_statement *statement);
/* Some runs are decided, but more differ and are excused. */
bool problem_mostly_excused(const struct store_statement *statement,
			    uint64_t runs);

#endif
