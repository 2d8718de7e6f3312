/* Inside reach_inputs.c and its parts only: the state of one question. */
#ifndef PARALLAX_MIRROR_REACH_INPUTS_H
#define PARALLAX_MIRROR_REACH_INPUTS_H

#include "mirror/reach_names.h"

enum { REACH_MORE = 64 };

/* The state of one question. */
struct reaching {
	const struct reach_statement *statement;
	const struct plan *plan;
	const struct comparison *comparison;
	struct arena *arena;
	const struct catalog_table *tables[REACH_TABLES];
	size_t table_count;
	bool unknown; /* it may read more than its plan names */
	/* what views and functions read: any row, any column */
	unsigned more[REACH_MORE];
	size_t more_count;
	PgQuery__Node *tree; /* or NULL */
	struct weigh_fixed *fixed[REACH_TABLES];
	size_t fixed_count[REACH_TABLES];
	/* the columns that rows are chosen, joined or grouped by */
	struct reach_names chosen;
	struct reach_names shown; /* all of them */
};

/* reach_begin.c: finds tables, names and fixed rows in the statement. */
void reach_begin(struct reaching *reaching);

/* --- reach_inputs.c: what may be depended on --- */

void reach_on_columns(const struct reaching *reaching,
		      const struct reach_names *names,
		      struct weigh_scope *scope);
/* Of any row: an expression can fail on one that the conditions would exclude,
 * and a key can collide with another row. */
void reach_on_any_row(const struct reaching *reaching,
		      const struct reach_names *names,
		      struct weigh_scope *scope);
void reach_on_all(const struct reaching *reaching, struct weigh_scope *scope);

/* --- reach_errors.c: errors of a value, a key, a foreign key --- */

void reach_on_value(const struct reaching *reaching, struct weigh_scope *scope);
void reach_on_key(const struct reaching *reaching, struct weigh_scope *scope);
void reach_on_reference(const struct reaching *reaching,
			struct weigh_scope *scope);

#endif
