/*
 * Writes that answer with rows (RETURNING), for an engine whose writes cannot.
 * See returning.c.
 */
#ifndef PARALLAX_LENS_WRITE_RETURNING_H
#define PARALLAX_LENS_WRITE_RETURNING_H

#include "lens/rewrite/rewrite.h"

/*
 * Takes RETURNING out of the rewritten statement, and of the steps that it was
 * cut into, if the shadow's engine has none: rw->steps then holds all of them.
 * Fails the rewrite where a query cannot give the same rows.
 */
void write_lower_returning(struct rewrite *rw, PgQuery__Node *statement);
/* Does each row have the key, whatever a statement writes? */
bool write_returning_is_sure(const struct catalog_table *table,
			     const struct catalog_key *key);

#endif
