/* Expressions, values and names of a mapping. */
#ifndef PARALLAX_LENS_COMPILE_PARSE_H
#define PARALLAX_LENS_COMPILE_PARSE_H

#include "lens/compile/compile.h"

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
/* Over the new rows in all of the table's places. */
PgQuery__Node *compile_over_new(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text);
/* The expression of a generated column, and its inputs. */
void compile_generation(struct compile *compile, const struct lens_table *table,
			struct lens_column *column);
/* Marks the columns of the old row that a compiled expression names. */
void compile_inputs(const struct lens_table *table, PgQuery__Node *expression,
		    bool *inputs);

#endif
