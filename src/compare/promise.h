/*
 * What a statement promises of its answer: the columns, their types and order,
 * and what leaves some of it open. A plan carries it (lens/plan.h), and two
 * answers are compared under it:
 *
 *	SELECT name FROM users ORDER BY id LIMIT 3
 *
 * promises one column, users.name, in total order (id is a key), limited.
 */
#ifndef PARALLAX_COMPARE_PROMISE_H
#define PARALLAX_COMPARE_PROMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/catalog.h"

/* What is known of one output column of the statement (on the old side). */
struct promise_column {
	const char *name; /* the primary's name for it; NULL: unknown */
	/* old base column that it shows unchanged, or NULL */
	const struct catalog_column *column;
	const struct catalog_table *table; /* its old table */
	bool clock;	     /* shows a clock value: compare within tolerance */
	bool unpinned;	     /* shows a generated value that may not have been
		          carried over */
	bool sequenced;	     /* and generates it itself, or shows a generated
			        one: nextval, currval */
	bool volatile_value; /* shows random() and the like: cannot decide */
	bool retyped;	     /* the mapping changes its type on purpose */
	bool ignore;	     /* set by compare: */
	double tolerance;    /* set by compare:, otherwise 0 */
	bool shown;	     /* private: evidence may show it */
};

enum promise_order {
	ORDER_NONE,    /* a multiset */
	ORDER_PARTIAL, /* lists of ties: order_keys are the sort keys */
	ORDER_TOTAL,   /* a list */
};

struct promise_type { /* a type that the mapping renames, and arrays of it */
	uint32_t old_type, new_type; /* ids on primary and shadow */
};

struct promise {
	/* For every answer: an old type may be shown as its new one. */
	const struct promise_type *types;
	size_t type_count;

	const struct promise_column *columns; /* NULL: unknown before it runs */
	size_t column_count;
	/* Settings of `compare:` for the statement, for all of its columns. */
	bool ignore;
	double tolerance;

	enum promise_order order;
	const int *order_columns;  /* PARTIAL: output columns (from 0) that are
				      sort keys */
	size_t order_column_count; /* -1 entries: key is no output column */
	bool limited;	   /* LIMIT/OFFSET, or one in a sub-query over rows
			      that its order does not determine: with order
			      != TOTAL, it is open which rows come */
	bool nested_limit; /* a sub-query has one */
	bool distinct_on;
	bool order_shows; /* values depend on an order of rows that the
			     statement leaves open (windows, array_agg) */
	bool writes;
	bool tablesample;
	bool skips_locked;
	bool clock_predicate; /* chooses rows by a clock value */
	bool unpinned_sort;   /* sorts its answer by a column that may hold
				 unpinned values */
	bool volatile_effect; /* stores or selects by a volatile value that
			         is not carried over */
	bool pinned; /* set by the mirror: all generated values of its tables
		        were carried over */
};

#endif
