/*
 * The state of one rewrite.
 *
 * All of it lives in the lens's scratch arena. A statement that cannot be
 * rewritten leaves through rewrite_fail, a longjmp to rewrite_statement. So a
 * function of the rewrite must not hold heap memory across a call.
 */
#ifndef PARALLAX_LENS_REWRITE_REWRITE_H
#define PARALLAX_LENS_REWRITE_REWRITE_H

#include <setjmp.h>

#include "lens/rewrite/scope.h"

enum special_kind {
	SPECIAL_TRANSACTION_CLOCK,
	SPECIAL_STATEMENT_CLOCK,
	SPECIAL_PIN,	 /* cell (row, column) of the answer */
	SPECIAL_CARRIED, /* the session's last number of the sequence, or (NULL)
			    of any */
	SPECIAL_ROWS,	 /* the rows of an earlier step, whose number is
			    `row` */
};

struct special { /* what a placeholder constant becomes */
	enum special_kind kind;
	size_t row, column;
	const struct catalog_type *type; /* PIN: of the new database */
	const char *fallback; /* the text if there is no value: DEFAULT, or a
				 call */
	const char *sequence; /* the sequence that a carried value moves,
				 printed; or NULL */
	bool identity;	      /* PIN: a number of an identity, known to no
				 sequence */
	bool needed;	      /* PIN: nothing else could replace it */
	const char **names;   /* ROWS: the names of its first columns here */
	size_t name_count;
};

struct fixed {
	int location;
};

struct edge { /* an equality that holds for each row of the answer */
	struct source *left;
	struct source *right; /* NULL: a constant */
};

struct step_node {
	PgQuery__Node *node;
};

struct shared { /* one of the nodes that the tree has for each column of (a, b)
		   = ... */
	const PgQuery__MultiAssignRef *first;
	PgQuery__MultiAssignRef *other;
};

struct added {
	const struct lens_column *column;
	PgQuery__Node *value; /* rewritten, for the new side */
};

/* A CTE with the rows that the statement adds to a look-up table. It has these
 * columns, the row's key and the value that finds it, among others. */
#define WITHIN_KEY   "parallax_key"
#define WITHIN_VALUE "parallax_value"

struct within {
	const struct lens_lookup *lookup;
	const char *name;
};

/* Rewrites statements that write. Queries contain them (in WITH) and they
 * contain queries, so this room calls the next one through this table. */
struct rewrite_writers {
	/* The query may become a statement of another type. */
	void (*insert)(struct rewrite *rw, const struct scope *outer,
		       PgQuery__Node *query, struct outputs *outputs, bool top);
	void (*update)(struct rewrite *rw, const struct scope *outer,
		       PgQuery__Node *query, struct outputs *outputs, bool top);
	void (*delete)(struct rewrite *rw, const struct scope *outer,
		       PgQuery__Node *query, struct outputs *outputs, bool top);
	void (*merge)(struct rewrite *rw, const struct scope *outer,
		      PgQuery__Node *query);
};

struct rewrite_outcome { /* why there is no rewrite; or PLAN_RUN */
	enum plan_action action;
	enum reason reason;
	const char *detail;
	int position;
};

struct rewrite_parameters {
	const uint32_t *types; /* as the client or the primary gave them */
	size_t count;
	uint32_t *inferred; /* for parameters whose type is 0 */
	size_t inferred_count;
};

struct rewrite_touched {	/* what the statement reads and writes */
	struct facts predicate; /* about all values that choose rows */
	bool unpinned_sort;	/* the answer's order may depend on an unpinned
			       value */
	struct plan_base *bases;
	size_t base_count, base_capacity;
	const struct catalog_table **read, **written;
	size_t read_count, read_capacity, written_count, written_capacity;
	bool volatile_effect, pins_missing;
	bool looks_first; /* plan.h */
};

struct rewrite_lookups {      /* values added to look-up tables */
	struct added *addeds; /* the values that may have to be added first */
	size_t added_count, added_capacity;
	struct within *withins;
	size_t within_count, within_capacity;
};

struct rewrite_ctes { /* CTEs that the rewrite adds */
	/* Those that a write within WITH needs before it. */
	PgQuery__Node **hoisted;
	size_t hoisted_count;
	int depth;	   /* the nesting of the current WITH */
	size_t name_count; /* the number of names given */
};

struct rewrite_finish {		/* what is done at the end of the rewrite */
	struct spread *spreads; /* to prune */
	size_t spread_count, spread_capacity;
	struct shared *shareds; /* to be made alike, after that */
	size_t shared_count, shared_capacity;
	struct stored_range *ranges; /* to be what a write returns */
	size_t range_count, range_capacity;
};

struct rewrite_filled {		  /* constants of the statement */
	struct special *specials; /* those that each exchange fills in */
	size_t special_count, special_capacity;
	int *fixed; /* locations of those that the plan depends on */
	size_t fixed_count, fixed_capacity;
};

struct rewrite_answer { /* of the statement that answers */
	struct outputs outputs;
	bool outputs_known;
	bool limited;
	enum promise_order order;
	int *order_columns;
	size_t order_column_count;
	struct edge *edges;
	size_t edge_count, edge_capacity;
	size_t pin_rows; /* rows that the answer must have for its pins;
			    SIZE_MAX: any */
};

struct rewrite {
	const struct rewrite_writers *writers;
	struct lens *lens;
	const struct lens_session *session;
	const char *text; /* the statement */
	size_t size;
	const char *made; /* the text that replaces it; NULL: the tree is
			     printed */
	size_t made_size;
	const char **staged; /* of a COPY in steps, the statements that make,
				fill and drop the temporary table; NULL: it is
				no such COPY */
	struct arena *arena;
	jmp_buf escape;
	struct rewrite_outcome outcome;

	bool qualify; /* it names a mapped table: references are written out */
	bool changed; /* the tree differs from the text */
	bool mapped;
	bool grouped;  /* after GROUP BY: a recoded column must be read, since
			  the stored one may not be grouped */
	bool deferred; /* in PREPARE: the values come with a later EXECUTE */
	bool open_choice;    /* a LIMIT or DISTINCT ON below the top takes rows
				that its order does not determine */
	bool filters_inside; /* inside FULL JOIN: a `where` cannot move up */
	int depth;

	/* Steps before the statement. If it is lowered, all steps; answer_step
	 * is then the statement's own. */
	struct step_node *steps;
	size_t step_count, step_capacity;
	bool lowered;
	/* The current part is beyond the shadow's engine. A failure then has
	 * that reason, and the statement cannot run verbatim either. */
	bool incapable;
	size_t answer_step;
	struct rewrite_parameters parameters;
	struct rewrite_touched touched;
	struct rewrite_lookups lookups;
	struct rewrite_ctes ctes;
	struct rewrite_finish finish;
	struct rewrite_filled filled;
	struct rewrite_answer answer;
};

#endif
