/* An INSERT while it is rewritten. */
#ifndef PARALLAX_LENS_WRITE_INSERT_H
#define PARALLAX_LENS_WRITE_INSERT_H

#include "lens/rewrite/rewrite.h"

/* Rewrites an INSERT. The query may become a statement of another type. */
void write_insert(struct rewrite *rw, const struct scope *outer,
		  PgQuery__Node *query, struct outputs *outputs, bool top);

struct insert {
	struct rewrite *rw;
	struct scope *scope;
	PgQuery__InsertStmt *statement;
	struct item *target;
	const struct lens_table *table;
	int *given;   /* by old column, its place in the list, or -1 */
	size_t *list; /* old columns in the order of the list */
	size_t width;
	PgQuery__Node ***rows; /* rows[row][place]; NULL: the rows come from a
				  query */
	size_t row_count;
	bool **generated; /* rows[row][place]: whether the value was
			     generated */
	bool *drawn;	  /* by place, whether a value of it is volatile */
	int *returned;	  /* by old column, the output that shows it, or -1 */
	/* RETURNING as it was written. */
	PgQuery__Node **returning;
	size_t returning_count;
	bool top;
	bool wrapped; /* the values come from a derived table */
	bool overrides;
	bool parts; /* the list names a part of a column: a[1], a.b */
	/* The statement may look its rows up (own_rows.c); or NULL */
	struct own_rows *own;
	/* RETURNING is read from what was stored; or NULL */
	struct stored *stored;
};

/* The derived table of the values that the statement gives. */
#define INSERT_ROW "old_row"

/* Reads the statement's list, and its values or query. */
void write_insert_read_columns(struct insert *insert);
void write_insert_read_source(struct insert *insert, const struct scope *outer);
void write_insert_check_writable(struct insert *insert);

#endif
