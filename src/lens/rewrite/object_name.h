/* Names of tables and sequences in strings. */
#ifndef PARALLAX_LENS_REWRITE_OBJECT_NAME_H
#define PARALLAX_LENS_REWRITE_OBJECT_NAME_H

#include "lens/rewrite/rewrite.h"

/* The name in nextval('name'), pg_relation_size('name') and the like. */
void rewrite_name_call(struct rewrite *rw, PgQuery__FuncCall *call);
/* The name in 'name'::regclass. */
void rewrite_name_cast(struct rewrite *rw, PgQuery__TypeCast *cast);
/* 'name'::regclass::oid: each server numbers its objects by itself. */
bool rewrite_shows_number(const struct rewrite *rw,
			  const PgQuery__TypeCast *cast);
/* schema.name as the new side writes it. schema may be NULL. */
const char *rewrite_name(struct rewrite *rw, const char *schema,
			 const char *name);
/* The sequence that a string names, as the new side writes it. */
const char *rewrite_sequence_name(struct rewrite *rw, const char *text);

#endif
