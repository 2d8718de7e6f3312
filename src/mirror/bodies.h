/*
 * Which tables a function, a trigger or a view may touch: those that its text
 * names, and what they and the functions in it may touch in turn. For example:
 *
 *     a trigger on shifts    INSERT INTO audit VALUES (NEW.id, 'shift')
 *                            touches audit, and what audit's triggers touch
 *     a view on users        SELECT ... FROM users, orders_of(id)
 *                            touches users, and what orders_of() touches
 *     a function in C, a text that it puts together: anything
 *
 * A name counts wherever it stands in the text, in any schema. So more may be
 * found than is touched, never less.
 */
#ifndef PARALLAX_MIRROR_BODIES_H
#define PARALLAX_MIRROR_BODIES_H

#include <stdbool.h>
#include <stddef.h>

struct catalog_table;
struct catalogs;
struct map;

struct bodies {
	bool all;	  /* anything */
	unsigned *tables; /* numbers (struct catalogs) */
	size_t count;
};

/* What happens beside a write of the table, and what a view shows; valid as
 * long as the catalogs. */
const struct bodies *bodies_of_table(const struct catalogs *catalogs,
				     const struct catalog_table *table);
/* ... of all functions of the name. */
const struct bodies *bodies_of_function(const struct catalogs *catalogs,
					const char *name);

/* What was found out already, of one set of catalogs. */
struct map *bodies_new(void);
void bodies_free(struct map **found);

#endif
