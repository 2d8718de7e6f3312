/* Inside reach only: a query with the relations, sub-queries and views that it
 * reads, level by level. */
#ifndef PARALLAX_MIRROR_REACH_QUERY_H
#define PARALLAX_MIRROR_REACH_QUERY_H

#include "mirror/reach_names.h"

enum { REACH_QUERIES = 64, REACH_VIEW_DEPTH = 16 };

struct reach_query;

/* An item of FROM. A column of it is a number: the table's or the view's own, or
 * the position among the sub-query's outputs, from 1. */
struct reach_relation {
	const char *name; /* by which the query calls it; NULL: none */
	const struct catalog_table *table; /* or view; NULL: none */
	struct reach_query *query; /* what a view or a sub-query computes */
	bool renamed; /* AS r (x, y): its columns have other names */
	/* rows with other values make no difference */
	struct weigh_fixed *fixed;
	bool *always; /* ... each row of the result has this one's value */
	size_t fixed_count;
};

struct reach_output {
	const char *name;		 /* NULL: the engine makes one up */
	PgQuery__Node *expression;	 /* NULL: a column of an asterisk */
	struct reach_relation *relation; /* NULL: it is no column of one */
	int16_t number;
};

/* One SELECT, or two that a set operation joins. */
struct reach_query {
	PgQuery__SelectStmt *select;
	struct reach_query *arms[2];
	const struct reach_query *parent; /* it stands in that text */
	const struct reach_query *outer;  /* whose columns it may name */
	struct reach_relation **relations;
	size_t relation_count, relation_capacity;
	struct reach_query **parts; /* in its expressions, and its WITH */
	size_t part_count, part_capacity;
	struct reach_output *outputs; /* not of a set operation */
	size_t output_count, output_capacity;
	bool in_view;
	bool outputs_unknown;
	bool columns_unknown; /* a bare name may be of an unknown relation */
	bool names_hidden;    /* ... and any name: (a JOIN b) AS j */
	bool merges;	      /* JOIN ... USING, NATURAL JOIN */
	bool closed; /* reach_is_closed(), or it calls volatile functions */
};

/* A relation's column; relation: NULL if it is not known. */
struct reach_meant {
	struct reach_relation *relation;
	int16_t number;
};

/* The query of the tree; NULL: no SELECT, or its parts are not known. tables: what
 * the statement names. */
struct reach_query *reach_query(const struct reach_statement *statement,
				const struct catalog_table *const *tables,
				size_t table_count, PgQuery__Node *tree,
				struct arena *arena);

/* Whether it calls functions that read tables, or count each row that they are
 * called for. */
bool reach_calls_unknown(const struct reach_statement *statement,
			 const struct sql_traits *traits);

/* The query whose names a set operation's columns have; or the query itself. */
const struct reach_query *reach_first_arm(const struct reach_query *query);
/* What a reference in an expression of the query means. */
struct reach_meant reach_meant(const struct reach_query *query,
			       const PgQuery__Node *node);
/* The table's column that a relation's column shows unchanged; NULL: none. */
const struct catalog_column *reach_shown(const struct reach_relation *relation,
					 int16_t number);
/* Whether it is a relation of the query itself. */
bool reach_is_own(const struct reach_query *query,
		  const struct reach_relation *relation);

/* --- reach_outputs.c: while it is built --- */

/* Adds what an item of the output list gives: an asterisk gives many. */
void reach_add_output(struct arena *arena, struct reach_query *query,
		      PgQuery__Node *target);
/* Whether the names of its columns are known. */
bool reach_is_knowable(const struct reach_relation *relation);
/* Whether a condition on its outputs would be another within: LIMIT, DISTINCT ON,
 * window functions, an aggregate of all rows, sets of groupings. */
bool reach_is_closed(const struct sql_dialect *dialect,
		     PgQuery__SelectStmt *select);

/* --- reach_rows.c --- */

/* Finds the fixed values, from the query down. */
void reach_rows(const struct reach_statement *statement,
		struct reach_query *query, struct arena *arena);

#endif
