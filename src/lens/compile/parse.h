/* Parses the mapping's expressions. */
#ifndef PARALLAX_LENS_COMPILE_PARSE_H
#define PARALLAX_LENS_COMPILE_PARSE_H

#include "lens/compile/compile.h"

/*
 * Parses an expression over one or several rows. A bare name is a column of the
 * first row that has it. Column references become row.name. NULL: a mistake,
 * which has been reported.
 */
PgQuery__Node *compile_expression(struct compile *compile,
				  const struct mapping_text *text,
				  const struct compile_row *rows, size_t count,
				  const char *which);
/* Notes a name that a query within an expression gives to one of its tables. */
void compile_inner_name(struct compile *compile, const char *name);
/* An expression over the old row. */
PgQuery__Node *compile_over_old(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text);
/* An expression over the new rows, in all places of the table. */
PgQuery__Node *compile_over_new(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text);
/* Compiles the expression of a generated column, and its inputs. */
void compile_generation(struct compile *compile, const struct lens_table *table,
			struct lens_column *column);
/* Marks the columns of the old row that a compiled expression names. */
void compile_inputs(const struct lens_table *table, PgQuery__Node *expression,
		    bool *inputs);

#endif
