/* Old types as the new schema has them. */
#ifndef PARALLAX_LENS_COMPILE_TYPE_H
#define PARALLAX_LENS_COMPILE_TYPE_H

#include "lens/compile/compiled.h"

/* The column's type by the name that it has in the new database. bare: without
 * the length, to which an explicit cast would truncate. NULL: it has no such
 * name. */
PgQuery__TypeName *lens_type(struct lens *lens, struct arena *arena,
			     const struct catalog *catalog,
			     const struct catalog_column *column, bool bare);
/* Whether it is an enum with recoded labels (lens_column.labels). */
bool lens_recodes_type(const struct lens *lens, uint32_t old_type);
/* The new database's type for an old one, by `types` or by its name; or
 * NULL. */
const struct catalog_type *lens_same_type(const struct lens *lens,
					  const struct catalog_type *old);
/* The engine's own type of that name. NULL: there is none. */
const struct catalog_type *lens_builtin_type(const struct sql_dialect *dialect,
					     const struct catalog *catalog,
					     const char *name);
const struct catalog_type *lens_old_type_for(const struct lens *lens,
					     enum sql_type_role role);
const struct catalog_type *lens_new_type_for(const struct lens *lens,
					     enum sql_type_role role);
/* The new engine's type for the role, to cast to. */
PgQuery__TypeName *lens_type_for(const struct lens *lens, struct arena *arena,
				 enum sql_type_role role);
/* The old type of that name. NULL: there is none. */
const struct catalog_type *lens_named_type(const struct lens *lens,
					   const PgQuery__TypeName *name);
/* Fills lens->renamed_types. */
void lens_find_renamed_types(struct lens *lens);

#endif
