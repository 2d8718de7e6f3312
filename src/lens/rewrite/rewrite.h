/*
 * The state of one rewrite.
 *
 * All of a rewrite lives in the lens's scratch arena; a thing that cannot be
 * rewritten leaves through rewrite_fail (a longjmp to rewrite_statement), so no
 * function of the rewrite may hold heap memory across a call into it.
 */
#ifndef PARALLAX_LENS_REWRITE_REWRITE_H
#define PARALLAX_LENS_REWRITE_REWRITE_H

#include <setjmp.h>

#include "lens/rewrite/scope.h"

enum special_kind {
	SPECIAL_TRANSACTION_CLOCK,
	SPECIAL_STATEMENT_CLOCK,
	SPECIAL_PIN,	 /* cell (row, column) of the answer */
	SPECIAL_CARRIED, /* the session's last number: of the sequence, or
			    (NULL) of all */
	SPECIAL_ROWS,	 /* the rows of an earlier step: row is its number */
};

struct special { /* what a placeholder constant becomes */
	enum special_kind kind;
	size_t row, column;
	const struct catalog_type *type; /* PIN: new database's */
	const char *fallback; /* text when there is no value: DEFAULT, a call */
	const char *sequence; /* that a carried value moves; printed; or NULL */
	bool identity;	      /* PIN: a number that no sequence knows of */
	bool needed;	      /* PIN: nothing else could stand for it */
	const char **names;   /* ROWS: what its first columns are called here */
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

struct shared { /* the tree has one for each column of (a, b) = ... */
	const PgQuery__MultiAssignRef *first;
	PgQuery__MultiAssignRef *other;
};

struct added {
	const struct lens_column *column;
	PgQuery__Node *value; /* on the new side, as it was rewritten */
};

/* A CTE of rows that the statement adds to a look-up table: each row's key and
 * the value that finds it, by these names, and what else it is for. */
#define WITHIN_KEY   "parallax_key"
#define WITHIN_VALUE "parallax_value"

struct within {
	const struct lens_lookup *lookup;
	const char *name;
};

/* What rewrites statements that write. Queries hold them (in WITH) and they
 * hold queries, so this room calls the next one through it. */
struct rewrite_writers {
	/* The query may become one of another kind. */
	void (*insert)(struct rewrite *rw, const struct scope *outer,
		       PgQuery__Node *query, struct outputs *outputs, bool top);
	void (*update)(struct rewrite *rw, const struct scope *outer,
		       PgQuery__Node *query, struct outputs *outputs, bool top);
	void (*delete)(struct rewrite *rw, const struct scope *outer,
		       PgQuery__Node *query, struct outputs *outputs, bool top);
	void (*merge)(struct rewrite *rw, const struct scope *outer,
		      PgQuery__Node *query);
};

struct rewrite_outcome { /* why there is no rewrite, else PLAN_RUN */
	enum plan_action action;
	enum reason reason;
	const char *detail;
	int position;
};

struct rewrite_parameters {
	const uint32_t *types; /* as given */
	size_t count;
	uint32_t *inferred; /* for those of type 0 */
	size_t inferred_count;
};

struct rewrite_touched {	/* what the statement reads and writes */
	struct facts predicate; /* of all that chooses rows */
	bool unpinned_sort; /* the answer's order may hang on such a value */
	struct plan_base *bases;
	size_t base_count, base_capacity;
	const struct catalog_table **read, **written;
	size_t read_count, read_capacity, written_count, written_capacity;
	bool volatile_effect, pins_missing;
	bool looks_first; /* plan.h */
};

struct rewrite_lookups {      /* values added to look-up tables */
	struct added *addeds; /* those that may have to be added first */
	size_t added_count, added_capacity;
	struct within *withins;
	size_t within_count, within_capacity;
};

struct rewrite_ctes { /* that the rewrite adds */
	/* Those that a write within WITH needs before its own. */
	PgQuery__Node **hoisted;
	size_t hoisted_count;
	int depth;	   /* of the WITH at hand */
	size_t name_count; /* names that were given */
};

struct rewrite_finish {		/* what is left for the end of the rewrite */
	struct spread *spreads; /* to be pruned */
	size_t spread_count, spread_capacity;
	struct shared *shareds; /* to be made alike, after that */
	size_t shared_count, shared_capacity;
};

struct rewrite_filled {		  /* constants of the statement */
	struct special *specials; /* that each exchange fills in */
	size_t special_count, special_capacity;
	int *fixed; /* the places of those that the plan depends on */
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
	size_t pin_rows; /* rows that it must have for its pins; SIZE_MAX any */
};

struct rewrite {
	const struct rewrite_writers *writers;
	struct lens *lens;
	const struct lens_session *session;
	const char *text; /* the statement */
	size_t size;
	const char *made; /* the text that replaces it; NULL: print the tree */
	size_t made_size;
	const char **staged; /* COPY in steps: what makes, fills and drops the
				temporary table; NULL: it is not */
	struct arena *arena;
	jmp_buf escape;
	struct rewrite_outcome outcome;

	bool qualify; /* a mapped table is named: references are written out */
	bool changed; /* the tree is no longer that of the text */
	bool mapped;
	bool grouped;  /* above GROUP BY: a recoded column is read, never taken
			  as it is stored, which need not be grouped */
	bool deferred; /* PREPARE: the values are those of a later EXECUTE */
	bool open_choice;    /* a LIMIT or DISTINCT ON below the top takes rows
				that its order does not determine */
	bool filters_inside; /* below FULL JOIN: a `where` cannot come up */
	int depth;

	/* That go before the statement; lowered: all of them, and answer_step
	 * is the statement's own. */
	struct step_node *steps;
	size_t step_count, step_capacity;
	bool lowered;
	/* At hand is what the shadow's engine cannot do: who fails then, fails
	 * for that, and the statement cannot run as it is either. */
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
