/*
 * Weighs differences against what may explain them. Pure.
 *
 * A *difference* is a fact: of which kind it is (kinds.def), and what it hangs
 * on. A *candidate* is something that may have caused it: its reason, and what
 * it has changed. A candidate covers a difference if explains.def allows it for
 * this kind and, where it happened elsewhere, if what it changed meets what the
 * difference hangs on. One difference that nobody covers makes the exchange
 * diverged, whatever else is explained. For example:
 *
 *     UPDATE accounts SET balance = 5 WHERE id = 7     overlapped
 *
 *     SELECT name, balance FROM accounts WHERE id = 7
 *         differs in balance: covered            -> inconclusive, overlap
 *         differs in name and in balance: name is not -> diverged, rows.value
 *     SELECT balance FROM accounts WHERE id = 8  other rows -> diverged
 *     DELETE FROM accounts WHERE id = 7
 *         permission denied: no grant was changed     -> diverged, error.shadow
 */
#ifndef PARALLAX_COMPARE_WEIGH_H
#define PARALLAX_COMPARE_WEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "compare/verdict.h"

enum difference_kind {
#define DIFFERENCE_KIND(symbol, name, hangs_on) DIFFERENCE_##symbol,
#include "compare/kinds.def"
#undef DIFFERENCE_KIND
	DIFFERENCE_KIND_COUNT
};

const char *difference_kind_name(enum difference_kind kind);

enum weigh_cell {
	WEIGH_NEVER,
	WEIGH_ALONE, /* a fact of the statement itself */
	WEIGH_MEETS, /* if what it changed meets what the difference depends
		        on */
};

/* The cell of explains.def. */
enum weigh_cell weigh_cell(enum reason reason, enum difference_kind kind);

/* "Every row in question has this value in this column." */
struct weigh_fixed {
	int16_t column;
	struct digest value;
	const char *text; /* the value as the statement has it; NULL: not kept.
			     Not weighed. */
};

#define WEIGH_ALL_COLUMNS UINT64_MAX

/* Columns of a table, in all of its rows or in those with the fixed values. */
struct weigh_place {
	unsigned table;	  /* a number that the caller gives it */
	uint64_t columns; /* by weigh_column */
	bool rows;	  /* changed: rows appear or disappear, or may;
			     depended on: which rows exist matters */
	bool adds;	  /* changed: rows appear, and nothing else */
	bool exact;	  /* changed: all rows with the fixed values go */
	bool gone;	  /* depended on: new rows do not matter, only whether
			     one has disappeared or changed */
	const struct weigh_fixed *fixed;
	size_t fixed_count;
};

/* The bit of a column by its number. Columns 64 apart share one, so only more
 * changes meet. */
static inline uint64_t weigh_column(int16_t number)
{
	return UINT64_C(1) << ((unsigned)number % 64);
}

/* What was changed, or what a difference depends on. */
struct weigh_scope {
	bool all_data;
	const struct weigh_place *places;
	size_t place_count;
	bool all_names; /* DDL whose objects are unknown */
	const char *const *names;
	size_t name_count;
	bool rights; /* grants, owners, memberships */
	bool sequences;
	bool locks; /* advisory ones */
};

struct weigh_difference {
	enum difference_kind kind;
	enum divergence_class class; /* if nothing covers it */
	const char *detail;	     /* one sentence for people, no values */
	uint32_t open; /* 1 << reason, for those that the comparison itself
		          knows to apply */
	const bool *columns;	     /* CELL: which output columns; or NULL */
	struct weigh_scope hangs_on; /* the caller's of the comparison */
	enum reason covered;	     /* by which reason, or REASON_NONE */
};

struct weigh_candidate {
	enum reason reason;
	const struct weigh_scope *changed; /* NULL: where the cell is ALONE */
};

/* Whether what was changed may have caused what depends on `on`. */
bool weigh_meets(const struct weigh_scope *changed,
		 const struct weigh_scope *on);

bool weigh_covers(const struct weigh_candidate *candidate,
		  const struct weigh_difference *difference);

/* Covers uncovered differences by their own open reasons. */
void weigh_open(struct weigh_difference *differences, size_t count);

/* Covers uncovered differences by the candidate; returns how many remain. */
size_t weigh_candidate(struct weigh_difference *differences, size_t count,
		       const struct weigh_candidate *candidate);

/* The difference that decides: the first uncovered one (diverged), otherwise
 * the first of all. */
const struct weigh_difference *weigh_decides(
    const struct weigh_difference *differences, size_t count);

#endif
