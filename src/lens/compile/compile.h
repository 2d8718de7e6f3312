/* Private to src/lens: compiling a mapping. */
#ifndef PARALLAX_LENS_COMPILE_H
#define PARALLAX_LENS_COMPILE_H

#include "lens/rewrite/rewrite.h"

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

/* What an expression of the mapping may name: a row of a table. */
struct compile_row {
	const struct catalog_table *table;
	const char *row;      /* what stands for it: LENS_ROW, ... */
	const char *names[2]; /* that the row goes by; or NULL */
	bool old; /* a generated column of it is what it is computed from */
};

/*
 * Parses an expression over one row or several (a bare name is the first's that
 * has it); its column references become row.name. NULL if it was reported.
 */
PgQuery__Node *compile_expression(struct compile *compile,
				  const struct mapping_text *text,
				  const struct compile_row *rows, size_t count,
				  const char *which);
/* A name that a query within an expression gives to one of its tables. */
void compile_inner_name(struct compile *compile, const char *name);
/* Over the old row. */
PgQuery__Node *compile_over_old(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text);
/* Over the new rows of all the table's places. */
PgQuery__Node *compile_over_new(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text);

/* places.c: where the rows live, before the columns are compiled. False: one of
 * the new tables is not there (reported). */
bool compile_places(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry,
		    const struct lens_name *renamed);
/* The place that a part's name means, NULL if none (reported). */
const struct lens_place *compile_place(struct compile *compile,
				       const struct lens_table *table,
				       const struct mapping_text *part);
/* writes.c: what feeds the new columns, after the columns. */
void compile_writes(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry);
void compile_conditions(struct compile *compile, struct lens_table *table,
			const struct mapping_table *entry);
const struct mapping_column *compile_column_entry(
    const struct mapping_table *entry, const char *name);
const struct catalog_table *compile_find_table(const struct catalog *catalog,
					       const char *schema,
					       const char *name);
const char *compile_nearest_table(struct compile *compile,
				  const struct catalog *catalog,
				  const char *name);
/* A new column by its name; NULL was reported. */
const struct catalog_column *compile_target(struct compile *compile,
					    const struct catalog_table *table,
					    const struct mapping_text *name);
/* A column's look-up: its `read` and the expression of its write. */
void compile_lookup(struct compile *compile, struct lens_table *table,
		    struct lens_column *column,
		    const struct mapping_column *entry);
PgQuery__Node *lookup_key(struct arena *arena, const struct lens_lookup *lookup,
			  PgQuery__Node *value);
/* The same, which see_added_lookups leaves alone. */
PgQuery__Node *lookup_key_stored(struct arena *arena,
				 const struct lens_lookup *lookup,
				 PgQuery__Node *value);
/* What a look-up's column writes to a table. */
PgQuery__Node *lookup_written(const struct compile *compile,
			      const struct lens_table *table,
			      const struct lens_column *column,
			      const struct catalog_table *written);
/* The foreign key of that column alone (target: to that table; NULL: to any);
 * NULL: it has none. */
const struct catalog_key *lookup_reference(const struct catalog_table *table,
					   const struct catalog_column *column,
					   const struct catalog_table *target);

/* How a generated column is computed, and from which. */
void compile_generation(struct compile *compile, const struct lens_table *table,
			struct lens_column *column);
/* Marks the columns of the old row that a compiled expression names. */
void compile_inputs(const struct lens_table *table, PgQuery__Node *expression,
		    bool *inputs);
void compile_values(struct compile *compile, const struct lens_column *column,
		    const struct mapping_column *entry);
/* refit.c: was it a column that the new schema does not have (lens_column.lost)
 * before? */
bool refit_column_was_lost(const struct lens *lens,
			   const struct catalog_table *table,
			   const char *column);
/* Is it to be left out, as if it were not there yet? */
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
