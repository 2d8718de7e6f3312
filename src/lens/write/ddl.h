/*
 * Schema changes, if the mapping says `ddl: run` (worked example in ddl.c).
 */
#ifndef PARALLAX_LENS_WRITE_DDL_H
#define PARALLAX_LENS_WRITE_DDL_H

#include "lens/rewrite/rewrite.h"

void write_ddl(struct rewrite *rw, PgQuery__Node *node);

#endif
