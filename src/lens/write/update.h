/* UPDATE and DELETE. */
#ifndef PARALLAX_LENS_WRITE_UPDATE_H
#define PARALLAX_LENS_WRITE_UPDATE_H

#include "lens/rewrite/rewrite.h"

void write_update(struct rewrite *rw, const struct scope *outer,
		  PgQuery__Node *query, struct outputs *outputs, bool top);
void write_delete(struct rewrite *rw, const struct scope *outer,
		  PgQuery__Node *query, struct outputs *outputs, bool top);

#endif
