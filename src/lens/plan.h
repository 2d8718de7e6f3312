/*
 * A plan: the rewritten form of an application's statement, and how its answer
 * is compared. lens_plan (lens.h) makes one for each shape of statement. It is
 * kept in the lens's cache, immutable and shared. plan_fill puts one exchange's
 * literals, parameters and pins into it.
 */
#ifndef PARALLAX_LENS_PLAN_H
#define PARALLAX_LENS_PLAN_H

#include "adapters/answer.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "compare/promise.h"
#include "compare/verdict.h"
#include "sql/dialect.h"
#include "sql/traits.h"

enum plan_action {
	PLAN_RUN,	     /* rewritten, or found to need no change */
	PLAN_UNTRANSLATABLE, /* reason and detail say why, position says
				where */
	PLAN_SKIP,	     /* not mirrored; reason and detail say why */
	PLAN_SESSION, /* transaction or session control: the mirror acts by
			 traits.kind; the text still runs as filled */
};

struct plan_base { /* a column of an old table */
	const struct catalog_table *table;
	const struct catalog_column *column;
};

struct plan {
	enum plan_action action;
	enum reason reason;
	/* for people: "column users.flags is dropped ..." */
	const char *detail;
	int position; /* byte in the statement's text, from 1; 0: unknown */

	bool ruled;		  /* a rule of the mapping wrote its text */
	struct sql_traits traits; /* of the old statement, without nodes: every
				     expression and inner is NULL */
	bool mapped;		  /* names a table that the mapping changes */
	bool reads_only;	  /* no effect on the shadow's data */

	struct promise promise; /* what its answer promises */
	bool open_choice; /* a LIMIT in a sub-query takes rows that its order
			     does not determine, so a write may take other
			     rows */
	bool unpinned_predicate; /* chooses rows by a column that may hold
				    unpinned values */
	/* Old columns that choose, join, group or order rows, anywhere.
	 * unpinned_predicate says whether one of them CAN hold an unpinned
	 * value; the mirror knows which of them DO. */
	const struct plan_base *predicate_columns;
	size_t predicate_column_count;

	const struct catalog_table *const *tables_read; /* old tables */
	size_t tables_read_count;
	const struct catalog_table *const *tables_written;
	size_t tables_written_count;
	bool pins_missing; /* an INSERT generates values that its answer cannot
			      show */
	/* The statement looks for conflicting rows before it inserts. A
	 * duplicate key means that a row has come since, so it must look
	 * again. */
	bool looks_first;

	uint64_t fingerprint;	      /* of the old statement's shape */
	const char *fingerprint_text; /* the statement without its literals */

	struct plan_recipe *recipe; /* private to src/lens */
};

/*
 * Sequence values carried into one client session so far, for currval and
 * lastval. The mirror's session owns it. At DISCARD ALL and DISCARD SEQUENCES,
 * free it and make a new one.
 */
struct plan_carried;
struct plan_carried *plan_carried_new(void);
void plan_carried_free(struct plan_carried **carried);

/* The values of one execution. */
struct plan_input {
	const char *text; /* the statement, NUL-ended */
	size_t text_size;
	const struct value *parameters;	  /* from the Bind message */
	const uint8_t *parameter_formats; /* one each */
	const uint32_t *parameter_types;  /* primary's type ids, 0: not known */
	size_t parameter_count;
	/* The engines whose values the input has, and the plan's steps want.
	 * NULL: both are one, and values pass as they are. */
	const struct value_ops *old_values, *new_values;
	/* as in Bind: none, one, or one for each column */
	const uint8_t *result_formats;
	size_t result_format_count;
	const struct answer *answer; /* the primary's; pins come from it */
	/* the session's, read and extended; or NULL */
	struct plan_carried *carried;
	int64_t transaction_at; /* unix us: start of its transaction, as the
				   relay saw it */
	int64_t statement_at;	/* unix us: when it was forwarded */
	/* Rows that pass from step to step are kept in temporary tables,
	 * however few the answer says they are (see PLAN_ROWS_MOST). */
	bool many;
	/* The text comes again with other values, clocks and numbers: they are
	 * parameters then, so that the filled text is one that can be
	 * prepared. */
	bool repeats;
};

/* Rows of a step are put into later steps as values. If the primary's answer
 * has more rows than this, they stay on the server. */
enum { PLAN_ROWS_MOST = 1000 };

/* Where rows of an earlier step go into a text. */
struct plan_hole {
	size_t at;		  /* byte in the text, from 0 */
	size_t source;		  /* the step that gives the rows */
	const char *const *names; /* of its first columns, if they are
				     renamed */
	size_t name_count;
};

enum step_role {
	STEP_PREPARE, /* moves a sequence (setval). That requires UPDATE on it,
			 which the client's role may lack. So it runs before the
			 others, on another connection with the mirror's own
			 rights; or on this one, if no other session sees the
			 sequence */
	STEP_PART,    /* part of the statement, run in the client's role. It
			 must succeed; its answer is not compared */
	STEP_ANSWER,  /* its answer is the statement's. For a write to several
			 tables it may be a query that returns the written
			 rows */
};

struct plan_step {
	enum step_role role;
	const char *text; /* as it is sent, with $n for parameters */
	const struct value *parameters;
	const uint8_t *parameter_formats;
	/* the shadow's type ids, 0: not known */
	const uint32_t *parameter_types;
	size_t parameter_count;
	uint8_t result_format; /* 0 text, 1 binary */
	bool takes_input;      /* of a COPY in several steps: this one reads the
			     data */
	bool kept; /* later steps take its rows, so all of them are kept */
	/* It may need a right that the original statement does not need: a lock
	 * requires UPDATE, and a statement that changes all rows need not read
	 * any. */
	bool wants_rights;
	/* Where rows of earlier steps go in, in order; see plan_bind. */
	const struct plan_hole *holes;
	size_t hole_count;
};

struct plan_steps {
	const struct plan_step *steps;
	size_t count;
	const struct sql_dialect *dialect;
	bool many;	   /* its rows stay on the server */
	bool staged;	   /* a COPY whose answer is that of an INSERT */
	bool pinned;	   /* a generated value was carried over */
	bool pins_missing; /* some could not be carried over:
			      plan->pins_missing, or the answer lacks rows */
};

/* Fills the plan. Everything is in the arena; texts may borrow from input. -1:
 * it cannot be filled, and error says why. ERROR_LIMIT: the answer lacks a
 * value that must be carried over, or the shadow's engine has no text for one. */
int plan_fill(const struct plan *plan, const struct plan_input *input,
	      struct arena *arena, struct plan_steps *steps,
	      struct error *error);

/*
 * Puts the rows of earlier steps into the step. answers has the answer of each
 * of these (NULL for others); they must have succeeded. A step that takes no
 * rows is returned unchanged. Everything is in the arena; values borrow from
 * the answers. -1 with ERROR_LIMIT: there are too many rows, or some are
 * missing; fill the plan again with `many`.
 */
int plan_bind(const struct plan_steps *steps, size_t index,
	      const struct answer *const *answers, struct arena *arena,
	      struct plan_step *bound, struct error *error);

#endif
