/*
 * What a lens knows of an old table, for who works on rows at rest: where its
 * rows live and what of its columns can be written and read back.
 */
#ifndef PARALLAX_LENS_ABOUT_H
#define PARALLAX_LENS_ABOUT_H

#include "adapters/proof.h"
#include "lens/lens.h"

struct lens_place { /* a new table that statements over the old one touch */
	const struct catalog_table *table;
	bool lookup;  /* its rows are values that several rows share; else they
			 are rows of the old table */
	bool created; /* a lookup's values are added as they are written */
};

struct lens_pair { /* a column of the old table, and one of its host */
	const struct catalog_column *column;
	const struct catalog_column *host;
};

struct lens_about_column {
	const struct catalog_column *old;
	struct place place; /* in the mapping: of the column, else the table */
	const struct catalog_column *stored; /* new column that holds it as it
						is or by values; or NULL */
	const struct mapping_value *values;
	size_t value_count;
	bool dropped;  /* what is written to it is lost, on purpose */
	bool writable; /* false: a computed column without `write` */
	bool direct;   /* `stored` gets its value, as it is or by values */
	bool plain;    /* likewise, as it is and in the same type */
	bool ignore;   /* `compare:` says that it does not count */
	double tolerance;
};

struct lens_about {
	const struct catalog_table *old;
	struct place place;
	bool dropped; /* then nothing below is set */
	bool mapped;  /* statements that name it are rewritten */
	const struct lens_place *places;
	size_t place_count;
	const struct lens_about_column *columns; /* as old->columns */
	/* The old table into whose rows this one's are absorbed: a row is
	 * written only where the host's row is. NULL: none. */
	const struct catalog_table *host;
	const struct lens_pair *host_pairs;
	size_t host_pair_count;
};

/* Fills about, in the arena; it borrows from the lens. old is of its catalog.
 */
void lens_about(const struct lens *lens, const struct catalog_table *old,
		struct arena *arena, struct lens_about *about);

/* Does `values` of the column list this old value (NULL: SQL null)? */
bool lens_lists_value(const struct lens *lens,
		      const struct lens_about_column *column, const char *text);

/*
 * Warns of what a mapping may lose although it is no mistake: types that keep
 * less, new columns that stay NULL, unique keys that are new or gone.
 */
void lens_advise(const struct lens *lens, const struct proof_ops *proof,
		 struct diagnostics *diagnostics);

#endif
