/*
 * A plan: the rewritten form of one of the application's statements, and how
 * its answer is compared. Made by lens_plan (lens.h) once for each shape of
 * statement and kept in the lens's cache; immutable and shared afterwards.
 * plan_fill puts one exchange's literals, parameters and pins into it.
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
	PLAN_UNTRANSLATABLE, /* reason and detail say why, position where */
	PLAN_SKIP,	     /* not mirrored: reason, detail */
	PLAN_SESSION, /* transaction or session control: the mirror interprets
			 it by traits.kind; text still runs as filled */
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
	int position; /* byte in the statement's text, from 1; 0: none */

	struct sql_traits traits; /* of the old statement; without its nodes:
				     every expression and inner is NULL */
	bool mapped;		  /* names a table that the mapping changes */
	bool reads_only;	  /* no effect on the shadow's data */

	struct promise promise; /* of its answer */
	bool open_choice; /* a LIMIT in a sub-query takes rows that its order
			     does not determine, so a write may take other
			     rows */
	bool unpinned_predicate; /* chooses rows by a column that may hold
				    unpinned values */
	/* Old columns that choose, join, group or order rows, anywhere.
	 * unpinned_predicate says whether one of them CAN hold an unpinned
	 * value; the mirror knows which of them does. */
	const struct plan_base *predicate_columns;
	size_t predicate_column_count;

	const struct catalog_table *const *tables_read; /* old tables */
	size_t tables_read_count;
	const struct catalog_table *const *tables_written;
	size_t tables_written_count;
	bool pins_missing; /* an INSERT generates values that its answer cannot
			      show */
	/* Conflicting rows are looked for before the insert. A duplicate key
	 * means that another row came since, and they must be looked for again.
	 */
	bool looks_first;

	uint64_t fingerprint;	      /* of the old statement's shape */
	const char *fingerprint_text; /* literals taken out */

	struct plan_recipe *recipe; /* private to src/lens */
};

/*
 * Sequence values carried into one client session so far, for currval and
 * lastval. Owned by the mirror's session; DISCARD ALL and DISCARD SEQUENCES
 * clear it (free it and make a new one).
 */
struct plan_carried;
struct plan_carried *plan_carried_new(void);
void plan_carried_free(struct plan_carried **carried);

/* The values of one execution. */
struct plan_input {
	const char *text; /* the statement, NUL-ended */
	size_t text_size;
	const struct value *parameters;	  /* from Bind */
	const uint8_t *parameter_formats; /* one each */
	const uint32_t *parameter_types;  /* primary's type ids, 0: not known */
	size_t parameter_count;
	/* as Bind: 0, 1 or column_count of them */
	const uint8_t *result_formats;
	size_t result_format_count;
	const struct answer *answer; /* the primary's: pins come from it */
	/* of the session: read and added to; or NULL */
	struct plan_carried *carried;
	int64_t transaction_at; /* unix us: its transaction's start, as the
				   relay saw it */
	int64_t statement_at;	/* unix us: forwarded */
	/* Rows that steps take of one another are kept in temporary tables,
	 * however few there are by the answer (see PLAN_ROWS_MOST). */
	bool many;
};

/* Rows of a step that are put into later ones as values; above that, by the
 * primary's answer, they stay on the server. */
enum { PLAN_ROWS_MOST = 1000 };

/* The place in a text for the rows of an earlier step. */
struct plan_hole {
	size_t at;		  /* byte in the text */
	size_t source;		  /* the step */
	const char *const *names; /* of the first columns, if not their own */
	size_t name_count;
};

enum step_role {
	STEP_PREPARE, /* moves a sequence (setval), which takes UPDATE on it,
			 more than the client's role may have: it is run before
			 the others on any other connection, with the mirror's
			 own rights, or here where no other sees the sequence */
	STEP_PART,    /* part of the statement, in the client's role: it must
		         succeed; its answer is not compared */
	STEP_ANSWER,  /* its answer is the statement's; of a write that goes to
			 several tables it may be a query, whose rows are those
			 that were written */
};

struct plan_step {
	enum step_role role;
	const char *text; /* as to be sent; with $n for parameters */
	const struct value *parameters;
	const uint8_t *parameter_formats;
	/* the shadow's type ids, 0: not known */
	const uint32_t *parameter_types;
	size_t parameter_count;
	uint8_t result_format; /* 0 text, 1 binary */
	bool takes_input; /* of a COPY in several steps: this one reads it */
	bool kept; /* later steps take its rows, so all of them are needed */
	/* It may need a right that the original statement does not: a lock
	 * requires UPDATE, and a statement that changes all rows need not read
	 * any. */
	bool wants_rights;
	/* It takes rows of earlier steps: plan_bind puts them in. In order. */
	const struct plan_hole *holes;
	size_t hole_count;
};

struct plan_steps {
	const struct plan_step *steps;
	size_t count;
	const struct sql_dialect *dialect;
	bool many;	   /* its rows stay on the server */
	bool staged;	   /* a COPY whose answer is that of an INSERT */
	bool pinned;	   /* a generated value was carried */
	bool pins_missing; /* some could not be (plan->pins_missing, or the
			      answer lacks rows) */
};

/* Everything is in the arena; texts may borrow from input. -1: it cannot be
 * filled (error says why; ERROR_LIMIT: the answer lacks a value that must be
 * carried). */
int plan_fill(const struct plan *plan, const struct plan_input *input,
	      struct arena *arena, struct plan_steps *steps,
	      struct error *error);

/*
 * The step, with the rows that it takes of earlier steps. answers has an answer
 * for each of these (NULL for others), which must have succeeded. A step that
 * takes none is returned unchanged. Everything is in the arena; values borrow
 * from the answers. -1 with ERROR_LIMIT: there are too many rows, or some are
 * missing here; fill the plan again with `many`.
 */
int plan_bind(const struct plan_steps *steps, size_t index,
	      const struct answer *const *answers, struct arena *arena,
	      struct plan_step *bound, struct error *error);

#endif
