/*
 * TRUNCATE of tables of which some share their new tables with others: the rows
 * of these are deleted, each old table's by a step, those that refer to others
 * first. What has its new tables for itself is truncated by one step before.
 */
#ifndef PARALLAX_LENS_WRITE_TRUNCATE_H
#define PARALLAX_LENS_WRITE_TRUNCATE_H

#include "lens/rewrite/rewrite.h"

/* True if some of the rows share their new tables with others,
 * which stay: the statement became steps. */
bool write_truncate(struct rewrite *rw, PgQuery__Node *node);

#endif
