/*
 * The differences between engines in the text of a statement. Each engine's
 * adapter fills one record; the printer asks it.
 */
#ifndef PARALLAX_SQL_DIALECT_H
#define PARALLAX_SQL_DIALECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "sql/dialect_generated.h"
#include "sql/dialect_inverse.h"
#include "sql/dialect_names.h"
#include "sql/dialect_syntax.h"
#include "sql/function.h"
#include "sql/tree.h"

struct sql_dialect {
	const char *name;
	char quote; /* around identifiers; doubled within */
	/* Syntax that differs between engines. Dialects that share it read each
	 * other's statements; see sql_dialect_reads. */
	const struct sql_syntax_ops *syntax;
	/* Whether a word (lower case, a plain identifier) must be quoted as a
	 * name. */
	bool (*reserved)(const char *word);
	/* What the engine's own function of that name (in lower case) does. All
	 * zero if nothing is known. */
	struct sql_function_traits (*function)(const char *name);
	/* Whether the schema holds the engine's own functions and types
	 * (pg_catalog). NULL does not. */
	bool (*is_builtin)(const char *schema);
	/* Whether it holds a session's temporary objects (pg_temp, pg_temp_3). */
	bool (*is_temporary)(const char *schema);
	/* Whether a string constant may stand for the current time
	 * ('today 10:00'). */
	bool (*means_clock)(const char *text);
	/* Appends a string constant that is right under any setting of the
	 * session. E'a\\b'; 0x615C62. */
	void (*string)(struct buffer *out, const char *text);
	/* Whether a query of WITH may write. Otherwise a write to several
	 * tables runs in steps. */
	bool writes_in_with;
	/* Whether a write can answer with the written rows (RETURNING).
	 * Otherwise a separate query reads them, or the statement is refused.
	 */
	bool returning;
	/* Appends the part after SELECT that gives rows of parameters: the
	 * first is $first, and so on row by row. For no rows, the parameters of
	 * one row give the types. names: of the columns, one each. */
	void (*rows)(struct buffer *out, const char *const *names, size_t width,
		     size_t count, size_t first);
	/* Appends the part after SELECT that gives the rows of a kept table. */
	void (*kept_rows)(struct buffer *out, const char *table);
	/* Appends the beginning of a statement that makes such a table from the
	 * query that follows, until the transaction ends; and the statement
	 * that drops it. */
	void (*keep_rows)(struct buffer *out, const char *table,
			  const char *const *names, size_t width);
	void (*drop_rows)(struct buffer *out, const char *table);
	/* Appends the statement that makes such a table, empty. types: of the
	 * columns, as text.
	 * CREATE TEMPORARY TABLE t (a int, b text) ON COMMIT DROP;
	 * CREATE TEMPORARY TABLE t (a int, b text). */
	void (*make_table)(struct buffer *out, const char *table,
			   const char *const *names, const char *const *types,
			   size_t width);
	/* Gives a COPY from the client the options of the form that the engine's
	 * rows are written in (seed_ops.write_row), in place of its own. NULL:
	 * the engine has no such statement. False: not in this form. */
	bool (*copy_form)(struct arena *arena, PgQuery__CopyStmt *copy);
	/* What its names mean. */
	const struct sql_name_ops *names;
	/* How its functions and definitions are undone. */
	const struct sql_inverse_ops *inverse;
	/* Values that it generates. */
	const struct sql_generated_ops *generated;
	/* Has it sequences? Else an identity's next value can be carried, or
	 * left to the insert, but never be asked for. */
	bool sequences;
};

/* Whether a statement of the other dialect means the same in this one as it is
 * written. Otherwise it must be printed. */
static inline bool sql_dialect_reads(const struct sql_dialect *dialect,
				     const struct sql_dialect *other)
{
	return dialect->syntax == other->syntax;
}

#endif
