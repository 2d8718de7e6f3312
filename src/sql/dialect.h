/*
 * What differs from engine to engine in the text of a statement. One record an
 * engine, which its adapter fills; the printer asks it.
 */
#ifndef PARALLAX_SQL_DIALECT_H
#define PARALLAX_SQL_DIALECT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "sql/dialect_generated.h"
#include "sql/dialect_names.h"
#include "sql/dialect_syntax.h"
#include "sql/function.h"

struct sql_dialect {
	const char *name;
	char quote; /* around identifiers; doubled within */
	/* Writes what engines write differently. */
	const struct sql_syntax_ops *syntax;
	/* Must a word (lower case, a plain identifier) be quoted as a name? */
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
	/* Appends a string constant, right under any setting of the session.
	 * E'a\\b'; 0x615C62. */
	void (*string)(struct buffer *out, const char *text);
	/* May a query of WITH write? Else a write to several tables is run in
	 * steps. */
	bool writes_in_with;
	/* May a write answer with the rows that it has written (RETURNING)?
	 * Else they are read by a query beside it, or the statement is
	 * refused. */
	bool returning;
	/* Appends what follows SELECT to give rows of parameters: the first is
	 * $first, and so on row by row. Of none, the parameters of one row tell
	 * the types. names: of the columns, one each. */
	void (*rows)(struct buffer *out, const char *const *names, size_t width,
		     size_t count, size_t first);
	/* Appends what follows SELECT to give the rows of a kept table. */
	void (*kept_rows)(struct buffer *out, const char *table);
	/* Appends what makes such a table of the query that follows, until the
	 * transaction ends; and the statement that drops it. */
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
	/* What its names mean. */
	const struct sql_name_ops *names;
	/* Values that it generates. */
	const struct sql_generated_ops *generated;
	/* Has it sequences? Else an identity's next value can be carried, or
	 * left to the insert, but never be asked for. */
	bool sequences;
};

#endif
