/* Compiling a mapping. */
#ifndef PARALLAX_LENS_COMPILE_COMPILE_H
#define PARALLAX_LENS_COMPILE_COMPILE_H

#include "lens/compile/compiled.h"

struct compile {
	struct lens *lens;
	struct diagnostics *diagnostics;
	struct place file_place;
	struct place table_place; /* of the table at hand */
	char first[512]; /* its first mistake, but those of its columns */
	size_t errors;	 /* how many of those */
};

/* The lens's own of a table of the old catalog. */
struct lens_table *compile_table_of(struct compile *compile,
				    const struct catalog_table *old);
/* The place, with a file name that lives as long as the lens. */
struct place compile_kept_place(const struct compile *compile,
				struct place place);
/* Does the mapping change what statements that name it must say? */
bool compile_is_mapped(const struct lens_table *table);
/* Fills the lens's tables and names; -1 if there was an error. */
int lens_compile(struct lens *lens, const struct mapping *mapping,
		 struct diagnostics *diagnostics);

/* What an expression of the mapping may name: a row of a table. */
struct compile_row {
	const struct catalog_table *table;
	const char *row;      /* what stands for it: LENS_ROW, ... */
	const char *names[2]; /* that the row goes by; or NULL */
	bool old; /* a generated column of it is what it is computed from */
};

#endif
