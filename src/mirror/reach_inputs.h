/* Inside reach_inputs.c and its parts only: the state of one question. */
#ifndef PARALLAX_MIRROR_REACH_INPUTS_H
#define PARALLAX_MIRROR_REACH_INPUTS_H

#include "mirror/reach_query.h"

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
	/* the statement's own query; NULL: it is not known so exactly */
	struct reach_query *query;
	const struct reach_relation **reads; /* tables and views in it */
	size_t read_count, read_capacity;
	bool any_row; /* whatever fixes its rows */
	/* what other views and functions read: any row, any column */
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

/* reach_views.c: the views in the query, by the tables that they show. */
struct reach_places {
	struct weigh_place *places;
	size_t place_count, place_capacity;
};
void reach_find_reads(struct reaching *reaching);
/* Where it reads the table; NULL: not known, or in several places. */
const struct reach_relation *reach_only_read(const struct reaching *reaching,
					     const struct catalog_table *table);
/* Whether all that reads the view is in the query. */
bool reach_knows_view(const struct reaching *reaching,
		      const struct catalog_table *view);
/* Adds what the columns of views depend on. */
void reach_add_views(const struct reaching *reaching,
		     const struct reach_names *names,
		     struct reach_places *places);

/* --- reach_inputs.c: what may be depended on --- */

/* The columns of those names. */
uint64_t reach_columns(const struct reaching *reaching,
		       const struct reach_names *names,
		       const struct catalog_table *table);
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
