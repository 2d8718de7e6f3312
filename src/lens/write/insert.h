/* Private to src/lens: one INSERT while it is rewritten. */
#ifndef PARALLAX_LENS_INSERT_H
#define PARALLAX_LENS_INSERT_H

#include "lens/rewrite/rewrite.h"

struct seen;

struct insert {
	struct rewrite *rw;
	struct scope *scope;
	PgQuery__InsertStmt *statement;
	struct item *target;
	const struct lens_table *table;
	int *given;   /* by old column: its place in the list, or -1 */
	size_t *list; /* old columns in the order of the list */
	size_t width;
	PgQuery__Node ***rows; /* rows[r][place]; NULL: from a query */
	size_t row_count;
	bool **generated; /* rows[r][place] holds a value that was generated */
	bool *drawn;	  /* by place: a value of it is another each time */
	int *returned;	  /* by old column: the output that shows it, or -1 */
	/* RETURNING as it was written. */
	PgQuery__Node **returning;
	size_t returning_count;
	bool top;
	bool wrapped; /* values come from a derived table */
	bool overrides;
	bool parts; /* the list names a part of a column: a[1], a.b */
	/* The statement may look its rows up (insert_seen.c); or NULL */
	struct seen *seen;
};

/* The derived table of the values that the statement gives. */
#define INSERT_ROW "old_row"

/* What the statement says: the list, and the values or the query. */
void insert_read_columns(struct insert *insert);
void insert_read_source(struct insert *insert, const struct scope *outer);
void insert_check_writable(struct insert *insert);

/* insert_row.c: is there a value to be put in that the new table would not? */
bool insert_needs_values(struct insert *insert);
/* Would a value of that place that is no constant be computed more than once?
 */
bool insert_computes_twice(struct insert *insert, size_t place);
bool insert_computes_any_twice(struct insert *insert);
/* Would a default that is another each time? */
bool insert_draws_twice(const struct insert *insert);
/* The new table's row is made with names changed and nothing computed; false:
 * that is not enough. */
bool insert_rename_only(struct insert *insert);
/* ... from the rows of VALUES; or from the query, as a derived table. */
void insert_write_values(struct insert *insert);
void insert_write_query(struct insert *insert);
/* The column's value for a row; NULL: DEFAULT of the new table will do.
 * leave false: an expression is needed. */
PgQuery__Node *insert_value(struct insert *insert, size_t index, size_t row,
			    bool leave);
/* What the statement gives as `(...) AS old_row (columns)`, each cell of the
 * old column's type; NULL: it gives no values (DEFAULT VALUES). */
PgQuery__Node *insert_source(struct insert *insert);
/* A column of it. */
PgQuery__Node *insert_row_column(struct insert *insert, size_t index);
/* What the mapping gives a new column, of insert_source's row; NULL: nothing.
 */
PgQuery__Node *insert_new_value(struct insert *insert,
				const struct catalog_column *target);

/* insert_verbatim.c: of a table that the mapping does not mention. */
void insert_carry(struct insert *insert);

/* insert_seen.c: rows that the statement itself may look up. */
/* Is it so? Then insert_write_query must write them. */
bool insert_is_seen(struct insert *insert);
/* For who cannot: untranslatable, if it is so. */
void seen_refuse(const struct insert *insert);
/* The source's rows become a CTE's; seen_from: what stands for them. When all
 * cells are made. */
void seen_start(struct insert *insert, PgQuery__Node *source);
PgQuery__Node *seen_from(const struct insert *insert);
/* What goes into a new column, which that old one feeds (or NULL); NULL: as
 * ever. */
PgQuery__Node *seen_cell(struct insert *insert,
			 const struct catalog_column *target,
			 const struct lens_column *column);

/* spread_insert.c: rows that go to several tables, or into another's rows. */
bool spread_takes_insert(struct rewrite *rw,
			 const PgQuery__InsertStmt *statement);
/* Before RETURNING is read: the rows that it is of. */
struct image *spread_insert_image(struct insert *insert, struct scope *scope);
/* When the values were read. */
void spread_insert(struct insert *insert, struct image *image,
		   PgQuery__Node *query);

#endif
