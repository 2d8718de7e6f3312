/*
 * The statement of a second look, over the old schema and for the primary. For
 * example, of the rows of t with id 7, whose column `flags` the mapping drops:
 *
 *	SELECT id, n FROM public.t WHERE id = '7'
 *
 * Values are texts without a type, so each takes its column's. Pure.
 */
#ifndef PARALLAX_MIRROR_LOOK_TEXT_H
#define PARALLAX_MIRROR_LOOK_TEXT_H

#include "base/buffer.h"
#include "lens/lens.h"
#include "mirror/taint.h"

/* -1: there is no such table any more, or it is none whose rows are its own
 * alone, or the new schema lacks it or a column that the question names. */
int look_text(const struct lens *lens, const struct catalog *old_catalog,
	      const struct sql_dialect *dialect,
	      const struct taint_question *question, struct buffer *out);

/* The first statement of a connection for looks, by which the mirror knows it
 * in the journal: SELECT 'parallax:blue:look:9f3a...'. */
int look_greeting(const struct sql_dialect *dialect, const char *label,
		  struct buffer *out);

#endif
