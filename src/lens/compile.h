/* Private to src/lens: compiling a mapping. */
#ifndef PARALLAX_LENS_COMPILE_H
#define PARALLAX_LENS_COMPILE_H

#include "lens/internal.h"

struct compile {
	struct lens *lens;
	struct diagnostics *diagnostics;
	struct place file_place;
	struct place table_place; /* of the table at hand */
	char first[512]; /* its first mistake, but those of its columns */
	size_t errors;	 /* how many of those */
};

/* Fills the lens's tables and names; -1 if there was an error. */
int lens_compile(struct lens *lens, const struct mapping *mapping,
		 struct diagnostics *diagnostics);

void compile_report(struct compile *compile, enum severity severity,
		    struct place place, const char *near, const char *format,
		    ...) __attribute__((format(printf, 5, 6)));
const char *compile_nearest_column(struct compile *compile,
				   const struct catalog_table *table,
				   const char *name);

/*
 * Parses an expression over a row of table; its column references become
 * LENS_ROW.name. other: a second name the row goes by. NULL if it was reported.
 */
PgQuery__Node *compile_expression(struct compile *compile,
				  const struct mapping_text *text,
				  const struct catalog_table *table,
				  const char *other, const char *which);
/* Marks the columns of the old row that a compiled expression names. */
void compile_inputs(const struct lens_table *table, PgQuery__Node *expression,
		    bool *inputs);
void compile_values(struct compile *compile, const struct lens_column *column,
		    const struct mapping_column *entry);
/* refit.c: is it to be left out, as if it were not there yet? */
bool refit_table_is_ahead(const struct lens *lens,
			  const struct catalog_table *table,
			  const struct mapping_table *entry);
bool refit_column_is_ahead(const struct lens *lens,
			   const struct lens_table *table,
			   const struct mapping_table *entry,
			   const char *column);
void refit_find_types(struct lens *lens);
/* `rewrite:`; rule.c */
void compile_rules(struct compile *compile, const struct mapping *mapping);
/* `sequences:`, `types:`, `functions:` */
void compile_names(struct compile *compile, const struct mapping *mapping);

#endif
