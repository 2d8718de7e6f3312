/*
 * Schema changes, where the mapping says `ddl: run`. The text runs as it was
 * written, but for names of tables that the mapping renames and nothing more,
 * which are written over in their places; and it runs in the mirror's
 * transaction, so that nothing is done concurrently there.
 */
#ifndef PARALLAX_LENS_WRITE_DDL_H
#define PARALLAX_LENS_WRITE_DDL_H

#include "lens/rewrite/rewrite.h"

void write_ddl(struct rewrite *rw, PgQuery__Node *node);

#endif
