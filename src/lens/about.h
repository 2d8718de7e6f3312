/*
 * What a lens knows of an old table, for who works on rows at rest: where its
 * rows live and what of its columns can be written and read back.
 */
#ifndef PARALLAX_LENS_ABOUT_H
#define PARALLAX_LENS_ABOUT_H

#include "adapters/proof.h"
#include "lens/lens.h"

enum lens_use { /* what statements over the old table do with a new one */
		LENS_ROWS,   /* its rows are there */
		LENS_VALUES, /* values that several rows share are added */
		LENS_READ,   /* read only: by a look-up or an expression */
};

struct lens_about_place {
	const struct catalog_table *table;
	enum lens_use use;
	bool joined; /* LENS_ROWS: a row is there if some other is */
};

struct lens_pair { /* a column of the old table, and one of its host */
	const struct catalog_column *column;
	const struct catalog_column *host;
};

struct lens_about_column {
	const struct catalog_column *old;
	struct place place; /* in the mapping: of the column, else the table */
	const struct catalog_table *home;    /* of stored */
	const struct catalog_column *stored; /* new column that holds it as it
						is or by values; or NULL */
	const struct mapping_value *values;
	size_t value_count;
	/* Of a look-up in the table itself: the old column that gives what is
	 * looked up; NULL: it is no such look-up, or none gives it as it is. */
	const struct catalog_column *own_value;
	bool dropped;  /* what is written to it is lost, on purpose */
	bool lost;     /* as lens_keeps_column says */
	bool writable; /* false: a computed column without `write` */
	bool computed; /* the new schema computes it from others */
	bool direct;   /* `stored` gets its value, as it is or by values */
	bool plain;    /* likewise, as it is and in the same type */
	bool ignore;   /* `compare:` says that it does not count */
	bool shown;    /* `private:` says that its values may be shown */
	double tolerance;
};

struct lens_about {
	const struct catalog_table *old;
	struct place place;
	bool dropped; /* then nothing below is set */
	bool mapped;  /* statements that name it are rewritten */
	bool loses;   /* a column of it is lost */
	const struct lens_about_place *places; /* each table once */
	size_t place_count;
	const struct lens_about_column *columns; /* as old->columns */
	bool absorbed;	      /* its rows are columns of another table's rows */
	bool looks_in_itself; /* a look-up finds rows of its own */
	/* Of an absorbed table, the old table of those rows: without its row
	 * there is none of this one. NULL: none is known. */
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
