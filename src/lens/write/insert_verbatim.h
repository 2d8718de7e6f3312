/*
 * INSERT into a table that the mapping does not mention. It runs as it was
 * written; only generated values that are carried over are put in:
 *
 *	INSERT INTO users VALUES (DEFAULT, 'ann') RETURNING id
 *	INSERT INTO users VALUES (42, 'ann') RETURNING id
 *
 *	INSERT INTO users (name) SELECT name FROM guests
 *	INSERT INTO users (name, created_at) SELECT name, <clock> FROM guests
 *
 * A value is carried only where the new schema would have generated one in the
 * same way, and never where that would hide what the text means there: a
 * statement without a column list gets one only if the columns stand in the
 * same places on both sides.
 */
#ifndef PARALLAX_LENS_WRITE_INSERT_VERBATIM_H
#define PARALLAX_LENS_WRITE_INSERT_VERBATIM_H

#include "lens/write/insert.h"

/* Of a table that the mapping does not mention. */
void write_insert_verbatim(struct insert *insert);

#endif
