/* Compiles a mapping. */
#ifndef PARALLAX_LENS_COMPILE_COMPILE_H
#define PARALLAX_LENS_COMPILE_COMPILE_H

#include "lens/compile/compiled.h"

struct compile {
	struct lens *lens;
	struct diagnostics *diagnostics;
	struct place file_place;
	struct place table_place; /* of the current table */
	char first[512];	  /* its first error, apart from those of its
				     columns */
	size_t errors;		  /* how many such errors there are */
};

/* The lens's table for a table of the old catalog. */
struct lens_table *compile_table_of(struct compile *compile,
				    const struct catalog_table *old);
/* The place with a file name that lives as long as the lens. */
struct place compile_kept_place(const struct compile *compile,
				struct place place);
/* Whether statements that name the table must be rewritten. */
bool compile_is_mapped(const struct lens_table *table);
/* Fills the lens's tables and names; -1 if there was an error. */
int lens_compile(struct lens *lens, const struct mapping *mapping,
		 struct diagnostics *diagnostics);

/* A row of a table, which an expression of the mapping may name. */
struct compile_row {
	const struct catalog_table *table;
	const char *row;      /* its placeholder: LENS_ROW, ... */
	const char *names[2]; /* what an expression may call the row; or NULL */
	bool old; /* a row of the old table: its generated columns are replaced
		     by their expressions */
};

#endif
