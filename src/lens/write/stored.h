/*
 * What an INSERT or UPDATE of several tables returns, read from what its writes
 * stored. See stored.c.
 */
#ifndef PARALLAX_LENS_WRITE_STORED_H
#define PARALLAX_LENS_WRITE_STORED_H

#include "lens/write/image.h"

struct stored {
	struct image *image;
	struct scope *scope; /* of the RETURNING list */
	struct item *item;   /* the old table's rows, as they were stored */
	PgQuery__Node *range;
};

/*
 * Must the answer be read from what the writes stored? Only where a trigger, a
 * generated column or a new column's type can make it another than what the
 * image has, and where it can be read. name: what the statement calls the table.
 * An UPDATE's writes must be hoisted already.
 */
bool write_stored_is_needed(struct image *image, const char *name, size_t count,
			    PgQuery__Node *const *returning);
/* Whether it can be read at all: of an UPDATE that is part of an INSERT. */
bool write_stored_is_possible(const struct image *image);
/* Brings the old table into a scope of its own. relation: as the statement names
 * it. */
void write_stored_open(struct stored *stored, struct image *image,
		       const struct scope *outer, const struct cte *ctes,
		       const PgQuery__RangeVar *relation);
/* The query that answers, of a RETURNING list that was rewritten in that scope.
 * carries: it names columns that the image carries. */
PgQuery__SelectStmt *write_stored_rows(struct stored *stored, size_t count,
				       PgQuery__Node **returning, bool carries);
/* Puts what the writes return in the place of the tables. At the end, when
 * everything that nothing names was left out. */
void write_stored_finish(struct rewrite *rw);
/* A table that is read for such an answer, and that the statement leaves as it
 * is: it may be read behind the writes. */
bool write_stored_reads(const struct rewrite *rw, const PgQuery__RangeVar *var);

#endif
