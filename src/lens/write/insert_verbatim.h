/*
 * INSERT into a table that the mapping does not mention (worked example in
 * insert_verbatim.c).
 */
#ifndef PARALLAX_LENS_WRITE_INSERT_VERBATIM_H
#define PARALLAX_LENS_WRITE_INSERT_VERBATIM_H

#include "lens/write/insert.h"

/* Rewrites an INSERT into a table that the mapping does not mention. */
void write_insert_verbatim(struct insert *insert);

#endif
