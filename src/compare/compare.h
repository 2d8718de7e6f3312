/*
 * Two answers to one statement, held against each other: docs/verdicts.md.
 * Pure: no I/O, no global state.
 *
 * What comes out is facts, each of one kind (weigh.h). For example, of
 * SELECT id, a, b FROM t:
 *
 *     primary   shadow          found
 *     1 x p     1 x q           CELL in b
 *     2 y p     3 y p           CELL in id (by likeness: the same row)
 *     4 z p                     ROWS: one is missing
 *
 * They are weighed against what the comparison knows itself: a LIMIT over an
 * open order, a value without a decoder. What it cannot know (overlaps, taints)
 * the caller weighs: it fills in what each difference hangs on, and calls
 * compare_settle again.
 */
#ifndef PARALLAX_COMPARE_COMPARE_H
#define PARALLAX_COMPARE_COMPARE_H

#include "adapters/answer.h"
#include "adapters/catalog.h"
#include "adapters/error_class.h"
#include "adapters/value.h"
#include "compare/verdict.h"
#include "compare/weigh.h"
#include "compare/promise.h"

/* One of the two answers, with what it takes to understand it: the engines of
 * primary and shadow may differ. */
struct compare_side {
	const struct answer *answer;
	const struct catalog *catalog;
	const struct value_ops *values;
};

struct compare_rules {
	int64_t clock_tolerance_us;
	unsigned float_ulps;
	bool warnings;	      /* compare warnings too */
	size_t evidence_rows; /* differing rows to keep at most */
};

/* One differing row, for evidence. Values are text, not yet redacted. */
struct difference {
	enum divergence_class class; /* rows.missing, rows.extra, rows.value,
					rows.order */
	uint64_t
	    row; /* in the primary's answer (extra: the shadow's), from 0 */
	const char **primary; /* column_count texts, NULL: SQL NULL; or NULL: no
				 such row */
	const char **shadow;
	const bool *differs; /* by column (rows.value), else NULL */
};

struct comparison {
	/* What was found, in the order of decision; none: a match, or nothing
	 * that could be compared. */
	struct weigh_difference *found;
	size_t found_count;
	enum error_class error; /* of the failure that differs, otherwise
				   NONE */
	const char *constraint; /* that it names, or "" */
	bool primary_failed;	/* it is the primary's */

	/* By compare_settle. */
	enum verdict verdict; /* MATCH, DIVERGED or INCONCLUSIVE */
	enum divergence_class class;
	enum reason reason; /* INCONCLUSIVE */
	const char *detail; /* one sentence for people; contains no values */
	const struct difference *differences;
	size_t difference_count;   /* kept */
	uint64_t difference_total; /* as far as known */
	const char *const *column_names;
	const bool *column_shown; /* its values are public */
	size_t column_count;
};

/*
 * Compares the primary's answer (old_side) with the shadow's under the promise
 * about columns and order. Everything that *out points to is in the arena.
 */
void compare_answers(const struct compare_side *old_side,
		     const struct compare_side *new_side,
		     const struct promise *promise,
		     const struct compare_rules *rules, struct arena *arena,
		     struct comparison *out);

/* Sets verdict, class, reason and detail by the differences that are covered.
 */
void compare_settle(struct comparison *comparison);

#endif
