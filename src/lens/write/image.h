/*
 * Writes of old rows that are in several new tables. What a statement writes is
 * computed once, as rows of the old table, by a CTE (the image); each new table
 * is then written from it, and the statement's answer is read from it:
 *
 *	WITH parallax_row_1 AS MATERIALIZED (
 *		SELECT ... the old rows, as they become ...),
 *	     parallax_write_2 AS (
 *		UPDATE accounts AS target SET ... FROM parallax_row_1 ...),
 *	     parallax_write_3 AS (
 *		UPDATE profiles AS target SET ... FROM parallax_row_1 ...),
 *	     parallax_write_4 AS (
 *		INSERT INTO profiles SELECT ... FROM parallax_row_1 WHERE ...)
 *	SELECT ... the RETURNING list, or nothing ... FROM parallax_row_1
 *
 * All of it is one statement with one snapshot. CTEs that write stand at the
 * top level only, so those of a write within WITH are hoisted there.
 */
#ifndef PARALLAX_LENS_WRITE_IMAGE_H
#define PARALLAX_LENS_WRITE_IMAGE_H

#include "lens/rewrite/rewrite.h"

struct image_write { /* of one new table: an INSERT or UPDATE, as a CTE */
	const struct lens_place *place;
	PgQuery__Node *query;
	const char *name;
};

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
	bool *set; /* by old column: whether the statement writes it */
	/* Which of its rows a write is of; NULL: all of them */
	const PgQuery__Node *chosen;
	bool deletes;  /* its rows are deleted */
	bool counts;   /* by a window: it cannot lock its rows itself */
	bool distinct; /* a row may stand in it several times: take one */
	struct image_write *writes;
	size_t write_count, write_capacity;
	/* locate.h: the anchor's columns that parallax_key_1 and so on have. */
	const char **key_names;
	size_t key_count;
};

struct image *write_image_new(struct rewrite *rw, struct scope *scope,
			      const struct lens_table *table,
			      const char *schema, const char *name);
/* An old column of the image's row. */
PgQuery__Node *write_image_column(struct image *image, size_t index);
/* A further column; gives the reference to it. */
PgQuery__Node *write_image_extra(struct image *image, const char *name,
				 PgQuery__Node *value);
/* An expression over the old row, of the image's. */
PgQuery__Node *write_image_expression(struct image *image,
				      const PgQuery__Node *expression);
PgQuery__Node *write_image_not(struct rewrite *rw, PgQuery__Node *condition);
/* The same as a condition that is never NULL. */
PgQuery__Node *write_image_condition(struct image *image,
				     const PgQuery__Node *when, bool negated);
/* Whether the row is in that anchor, of several. NULL: always. */
PgQuery__Node *write_image_is_in(struct image *image, size_t anchor,
				 bool negated);
/* The value for a new column. */
PgQuery__Node *write_image_value(struct image *image,
				 const struct lens_write *write);
/* Whether the statement writes one of these old columns. */
bool write_image_sets(const struct image *image, const bool *inputs);
bool write_image_sets_any(const struct image *image,
			  const PgQuery__Node *expression);
/* A CTE's rows in FROM. */
PgQuery__Node *write_image_range(struct rewrite *rw, const char *name);
/* Writes of one new table, hoisted as CTEs. `where` may be NULL. False: none of
 * its columns is written. */
bool write_image_update(struct image *image, const struct lens_place *place,
			PgQuery__Node *where);
void write_image_delete(struct image *image, const struct lens_place *place,
			PgQuery__Node *where);
void write_image_insert(struct image *image, const struct lens_place *place,
			PgQuery__Node *where);
/* where, and that the row is a chosen one. */
PgQuery__Node *write_image_only_chosen(const struct image *image,
				       PgQuery__Node *where);

/* The alias of the target of these writes. */
#define IMAGE_TARGET "target"

const char *write_image_hoist(struct rewrite *rw, const char *stem,
			      void *statement);
/* The image's own CTE, before those that read it were hoisted. */
void write_image_start(struct image *image);
/* A column, a constant or nothing: it may be repeated wherever it is used. */
bool write_image_is_settled(const PgQuery__Node *value);
/* Its select is complete: no further column is named from here on. */
void write_image_complete(struct image *image);
/* A query of the image's rows: the RETURNING list, or nothing of each. */
PgQuery__SelectStmt *write_image_rows(struct image *image, size_t count,
				      PgQuery__Node **returning,
				      PgQuery__Node *where);
/* left UNION ALL right */
PgQuery__SelectStmt *write_image_union(struct rewrite *rw,
				       PgQuery__SelectStmt *left,
				       PgQuery__SelectStmt *right);
/* Turns the statement into that query, with the hoisted CTEs before it. */
void write_image_answer(const struct image *image, PgQuery__Node *query,
			PgQuery__WithClause *with, PgQuery__SelectStmt *select);
/* If two of its rows would change one row, by these keys, the server refuses
 * it, with the state of a sub-query that gives more than one row. */
void write_image_refuse_twice(struct image *image, PgQuery__Node *const *keys,
			      size_t count);
/* The same of a row whose count is more than one. */
void write_image_refuse_several(struct image *image, PgQuery__Node *count);
/* An expression of ours. */
PgQuery__Node *write_image_parsed(struct rewrite *rw, const char *text);

#endif
