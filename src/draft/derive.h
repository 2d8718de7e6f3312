/* Private to src/draft: one old table's entry, while it is written. */
#ifndef PARALLAX_DRAFT_DERIVE_H
#define PARALLAX_DRAFT_DERIVE_H

#include "draft/internal.h"

enum draft_shape {
	SHAPE_DROPPED,
	SHAPE_ONE,	 /* each row is one row elsewhere */
	SHAPE_SPLIT,	 /* several parts by a key */
	SHAPE_PARTITION, /* each row in one of several tables */
	SHAPE_UNION,	 /* beside rows of other old tables */
	SHAPE_ABSORBED,	 /* columns of another table's rows */
};

struct draft_part {
	struct new_table *table;
	struct draft_source *source;
	const char *name;	/* of its columns; NULL: the anchor's */
	struct vector joins;	/* struct key_pair: part's column, old expr */
	struct vector settings; /* UNION: struct key_pair of constants */
};

struct entry {
	struct draft *draft;
	const struct catalog_table *old;
	enum draft_shape shape;
	struct vector parts; /* struct draft_part; the anchor first */
	struct buffer *out;
};

/* derive_columns.c, derive_defaults.c: `columns:` and `defaults:`; nothing if
 * unchanged */
void derive_columns(struct entry *entry);
void derive_defaults(struct entry *entry);
/* Whether it is a column of the part's join. */
bool part_joins(const struct draft_part *part, const struct new_column *column);
/* Whether `set:` gives it. */
bool part_sets(const struct draft_part *part, const struct new_column *column);
/* Does a table that was merged into this one feed it? */
bool part_absorbs(const struct draft_part *part,
		  const struct new_column *column);

/*
 * proof.c: whether the column reads back equal on the primary's own rows.
 * Returns the finding, for a comment; NULL: it could not be tried. *failed: not
 * on all rows.
 */
const char *derive_proof(struct draft *draft, const struct catalog_table *old,
			 const struct catalog_column *column,
			 const struct written *written,
			 const char *const *types, size_t count,
			 const char *read, bool *failed);

/* The old table as the mapping names it. */
const char *derive_old_name(const struct draft *draft,
			    const struct catalog_table *old);
/* Why it was guessed, at the end of a line; nothing if why is NULL. */
void derive_why(struct buffer *out, const char *why);

#endif
