/*
 * TRUNCATE, if some of the tables share their new tables with others (worked
 * example in truncate.c).
 */
#ifndef PARALLAX_LENS_WRITE_TRUNCATE_H
#define PARALLAX_LENS_WRITE_TRUNCATE_H

#include "lens/rewrite/rewrite.h"

/* True: some rows share their new tables with rows that stay, so the statement
 * became steps. */
bool write_truncate(struct rewrite *rw, PgQuery__Node *node);

#endif
