/*
 * Writes of old rows that are in several new tables. What a statement writes is
 * computed once, as rows of the old table, by a CTE (the image); each new table
 * is then written from it, and the statement's answer is read from it:
 *
 *	WITH parallax_row_1 AS (SELECT ... the old rows, as they become ...),
 *	     parallax_write_1 AS (UPDATE accounts SET ... FROM parallax_row_1
 *...), parallax_write_2 AS (INSERT INTO profiles SELECT ... WHERE ...) SELECT
 *... the RETURNING list, or nothing ... FROM parallax_row_1
 *
 * All of it is one statement with one snapshot. CTEs that write stand at the
 *top level only, so those of a write within WITH are hoisted there.
 */
#ifndef PARALLAX_LENS_IMAGE_H
#define PARALLAX_LENS_IMAGE_H

#include "lens/rewrite/rewrite.h"

struct image {
	struct rewrite *rw;
	const struct scope *scope; /* of the statement: its CTEs */
	const struct lens_table *table;
	struct item *item; /* the image's rows, as the old table's */
	/* Of an UPDATE or DELETE: the rows as they were; values that are NULL
	 * are theirs. */
	const struct item *before;
	PgQuery__SelectStmt *select;
	PgQuery__Node **values; /* by old column; NULL: it has none */
	PgQuery__Node **extras; /* further targets of the select */
	size_t extra_count;
	bool *set; /* by old column: does the statement write it? */
	/* Which of its rows a write is of; NULL: all of them */
	const PgQuery__Node *chosen;
	bool distinct;	   /* a row may stand in it several times: take one */
	const char *first; /* the anchor's write: its rows were written */
};

struct image *image_new(struct rewrite *rw, struct scope *scope,
			const struct lens_table *table, const char *schema,
			const char *name);
/* An old column of the image's row. */
PgQuery__Node *image_column(struct image *image, size_t index);
/* A further column; gives the reference to it. */
PgQuery__Node *image_extra(struct image *image, const char *name,
			   PgQuery__Node *value);
/* An expression over the old row, of the image's. */
PgQuery__Node *image_expression(struct image *image,
				const PgQuery__Node *expression);
PgQuery__Node *image_not(struct rewrite *rw, PgQuery__Node *condition);
/* The same as a condition that is never NULL. */
PgQuery__Node *image_condition(struct image *image, const PgQuery__Node *when,
			       bool negated);
/* Is the row in that anchor, of several? NULL: always. */
PgQuery__Node *image_is_in(struct image *image, size_t anchor, bool negated);
/* What a new column is given. */
PgQuery__Node *image_write(struct image *image, const struct lens_write *write);
/* Does the statement write one of these old columns? */
bool image_sets(const struct image *image, const bool *inputs);
bool image_sets_any(const struct image *image, const PgQuery__Node *expression);

/* A CTE's rows in FROM. */
PgQuery__Node *image_range(struct rewrite *rw, const char *name);

/* Writes of one new table, hoisted as CTEs. `where` may be NULL. False: none of
 * its columns is written. */
bool image_update(struct image *image, const struct lens_place *place,
		  PgQuery__Node *where);
void image_delete(struct image *image, const struct lens_place *place,
		  PgQuery__Node *where);
PgQuery__InsertStmt *image_insert(struct image *image,
				  const struct lens_place *place,
				  PgQuery__Node *where);
/* where, and that the row is a chosen one. */
PgQuery__Node *image_only_chosen(const struct image *image,
				 PgQuery__Node *where);
/* The target of these is called so. */
#define IMAGE_TARGET "target"
const char *image_hoist(struct rewrite *rw, const char *stem, void *statement);

/* The image's own CTE, before those that read it were hoisted. */
void image_start(struct image *image);
/* A column, a constant or none: it may be written as often as it is used. */
bool image_is_settled(const PgQuery__Node *value);
/* Its select is complete: nothing names another column from here on. */
void image_complete(struct image *image);
/* A query of the image's rows: the RETURNING list, or nothing of each. */
PgQuery__SelectStmt *image_rows(struct image *image, size_t count,
				PgQuery__Node **returning,
				PgQuery__Node *where);
/* The statement becomes that query, with what was hoisted before it. */
void image_answer(const struct image *image, PgQuery__Node *query,
		  PgQuery__WithClause *with, PgQuery__SelectStmt *select);

/* Two of its rows would change one row, which these keys tell: the server
 * refuses it, with the state of a sub-query that gives more rows than one. */
void image_refuse_twice(struct image *image, PgQuery__Node *const *keys,
			size_t count);
/* The same of a row whose count is more than one. */
void image_refuse_several(struct image *image, PgQuery__Node *count);
/* An expression of ours. */
PgQuery__Node *image_parsed(struct rewrite *rw, const char *text);

/* locate.c: columns of the image that tell its row in each place. */
struct locators {
	PgQuery__Node **keys; /* of the anchor */
	const char **key_names;
	size_t key_count;
	PgQuery__Node *anchor; /* which of several; or NULL */
	/* The same in the image's own select. */
	PgQuery__Node **inner;
	size_t inner_count;
	struct relation *target;
};
struct locators image_locate(struct image *image, struct item *target);
/* The anchor's row that the image's was made from. */
PgQuery__Node *image_is_anchor(struct image *image,
			       const struct locators *found, size_t anchor);
PgQuery__Node *image_was_in(struct image *image, const struct locators *found,
			    size_t anchor, bool negated);
/* The part's own column, which is NULL where the row has no such part. */
PgQuery__Node *image_part_column(struct image *image,
				 const struct locators *found, size_t part,
				 size_t join);
PgQuery__Node *image_is_part(struct image *image, const struct locators *found,
			     size_t part);

/* assign.c: what a SET list gives each old column. */
struct set_values {
	PgQuery__Node **values; /* may be DEFAULT; NULL: not set */
	/* A row sub-query, that values name as old_query; or NULL */
	PgQuery__SelectStmt *query;
	const char **query_columns; /* with room for one more */
	size_t query_column_count;
	bool query_is_volatile;
};
void read_set(struct rewrite *rw, struct scope *scope, struct item *target,
	      size_t count, PgQuery__Node **list, struct set_values *out);
/* Its row in a FROM. */
PgQuery__Node *set_query_range(struct rewrite *rw,
			       const struct set_values *set);
/* Each value of the row sub-query becomes a sub-query of its own. */
void set_apart(struct rewrite *rw, const struct lens_table *table,
	       struct set_values *set);

/* spread_write.c: each old column of target's rows as a SET list leaves it
 * (NULL: as it was), and the places written. The select has its FROM already.
 */
void image_set(struct image *image, const struct item *target,
	       const struct set_values *set);
void spread_update_places(struct image *image, struct item *target);
/* A value that a SET list gives, of the old type; NULL: as it was. */
PgQuery__Node *image_set_value(struct image *image, size_t index,
			       PgQuery__Node *value);
/* The hoisted writes of the rows that are chosen. */
void image_update_places(struct image *image, const struct locators *found);
void image_delete_places(struct image *image, const struct locators *found);
/* spread_insert.c: the same. Gives what is true of the rows that were taken;
 * NULL: of all. */
PgQuery__Node *image_insert_places(struct image *image);
/* The row, called alias, of the table that an absorbed one is merged into. */
PgQuery__Node *image_is_host(struct image *image, const char *alias);
/* spread_write.c: does what is set make absorbed rows part of other rows? */
bool image_changes_host(const struct image *image);
/* Of an absorbed row that goes while another comes in its place, the columns
 * are that one's: a server updates a row but once in a statement. The write
 * hoisted last leaves those alone to which rows of the image come. */
void image_spare_hosts(struct image *image, PgQuery__Node *comes);
/* Locks the rows before the statement, in a step of its own: the statement's
 * snapshot then has what an overlapping writer of another part has committed.
 */
void image_lock_first(struct image *image, const struct item *target);

bool spread_takes_update(struct rewrite *rw, PgQuery__UpdateStmt *update);
bool spread_takes_delete(struct rewrite *rw, PgQuery__DeleteStmt *del);
void spread_update(struct rewrite *rw, const struct scope *outer,
		   PgQuery__Node *query, struct outputs *outputs, bool top);
void spread_delete(struct rewrite *rw, const struct scope *outer,
		   PgQuery__Node *query, struct outputs *outputs, bool top);

#endif
