/*
 * Statements over the old schema, run on the shadow through the lens by a
 * plain connection. They are our own, and in the shadow's dialect: so the lens
 * is made with the shadow's parser for both sides. They name their tables with
 * the schema; no name is looked up along a path.
 */
#ifndef PARALLAX_RUNNER_RUNNER_H
#define PARALLAX_RUNNER_RUNNER_H

#include "adapters/database.h"
#include "lens/lens.h"

struct runner {			       /* all borrowed */
	const struct adapter *adapter; /* the shadow's */
	struct lens *lens;
	struct database *shadow;
	/* Whose values parameters are; NULL: the shadow's. */
	const struct value_ops *values;
	/* NULL-ended names of temporary tables there, which no mapping
	 * touches; or NULL. Change key when they change. */
	const char *const *temporary_tables;
	uint64_t key;
};

/*
 * The statement's rewritten form for the shadow, in the arena. -1: it is
 * untranslatable or not mirrored (ERROR_INTERNAL, with the reason as message).
 */
int runner_steps(struct runner *runner, const char *text,
		 const struct database_parameters *parameters,
		 struct arena *arena, struct plan_steps *steps,
		 struct error *error);

/* Runs it, all its steps, in the transaction that is open there (its own, if
 * there is none and it has one step). result (may be NULL) is the answer's. */
int runner_query(struct runner *runner, const char *text,
		 const struct database_parameters *parameters,
		 struct database_result *result, struct error *error);

#endif
