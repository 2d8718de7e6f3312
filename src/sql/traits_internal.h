/* Shared by the files that find traits. Private. */
#ifndef PARALLAX_SQL_TRAITS_INTERNAL_H
#define PARALLAX_SQL_TRAITS_INTERNAL_H

#include "sql/traits.h"

/* traits_walk.c: tables, functions, and traits of single nodes of the tree. */
int traits_walk(PgQuery__Node *statement, const struct sql_dialect *dialect,
		struct arena *arena, struct sql_traits *traits,
		struct error *error);

/* traits_answer.c: columns, order and number of the rows of a query's answer.
 */
void traits_answer(const PgQuery__Node *query,
		   const struct sql_dialect *dialect, struct arena *arena,
		   struct sql_traits *traits);

#endif
