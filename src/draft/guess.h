/* Private to src/draft: shared by the guesses. */
#ifndef PARALLAX_DRAFT_GUESS_H
#define PARALLAX_DRAFT_GUESS_H

#include "draft/internal.h"

/* An old table and a new one that may hold its rows. */
struct guess_pair {
	struct draft *draft;
	struct new_table *table;
	struct draft_source *source;
	const struct catalog_table *old;
	struct pairs *rows; /* of both by key, or NULL */
};

void guess_open(struct draft *draft, struct new_table *table,
		struct draft_source *source, struct guess_pair *pair);
enum type_class guess_class(const struct draft *draft,
			    const struct catalog_column *column);
/* Whether any feed of the source uses the old column. */
bool guess_is_used(const struct draft_source *source, const char *old_column);
/* Whether any source of the table feeds the column. */
bool guess_is_fed(const struct new_table *table,
		  const struct new_column *column);
const struct reference *guess_reference(const struct new_table *table,
					const char *column);
/* The foreign key of one old column, or NULL. */
const struct catalog_key *guess_old_reference(const struct catalog_table *old,
					      const char *column);
/* Whether the new column's foreign key leads where the old one's did. */
bool guess_same_reference(const struct guess_pair *pair, const char *old_column,
			  const char *new_column);

/* Sets the column's feed; nothing for no expression. */
void guess_feed(const struct guess_pair *pair, struct new_column *column,
		PgQuery__Node *expression, const char *why);
PgQuery__Node *guess_old_column(const struct guess_pair *pair,
				const char *name);
bool guess_is_text(enum type_class class);
/* Whether nothing feeds the new column; whether nothing uses the old one. */
bool guess_is_open(const struct guess_pair *pair,
		   const struct new_column *column);
bool guess_is_gone(const struct guess_pair *pair,
		   const struct catalog_column *column);

/* guess_texts.c */
void guess_texts(const struct guess_pair *pair);

#endif
