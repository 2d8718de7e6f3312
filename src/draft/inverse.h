/* Private to src/draft: shared by the files that find reads. */
#ifndef PARALLAX_DRAFT_INVERSE_H
#define PARALLAX_DRAFT_INVERSE_H

#include "draft/internal.h"

struct inverting {
	struct draft *draft;
	const struct catalog_column *column;
	enum type_class class;
	const char *reason;
	const char *caution;
	bool computed; /* its type is another than the column's */
	bool cast;
	int depth;
};

void inverse_start(struct draft *draft, const struct catalog_column *column,
		   struct inverting *inverting);
PgQuery__Node *inverse_fail(struct inverting *inverting, const char *reason);
PgQuery__Node *inverse_new_column(struct draft *draft,
				  const struct written *written);

/* inverse_values.c: a CASE of constants as old and new values. */
bool inverse_values(struct draft *draft, const struct catalog_column *column,
		    const struct written *written, struct inverse *inverse);
/* inverse_text.c: one term of several that are joined to one text; NULL
 * without a reason: it is none. */
PgQuery__Node *inverse_term(struct inverting *inverting,
			    const struct written *written);
/* Two or more new columns that each hold a part. */
bool inverse_patterns(struct draft *draft, const struct catalog_column *column,
		      const struct written *written, size_t count,
		      struct inverse *inverse);
/* The two parts of a column that is cut at a separator; false: the engine has
 * no way to say so. */
bool inverse_split(struct draft *draft, enum sql_split_at at,
		   const PgQuery__Node *column, const char *separator,
		   PgQuery__Node *parts[2]);

#endif
