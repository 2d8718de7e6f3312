/*
 * What a statement reaches: what it may change, and what a difference in its
 * answer hangs on. Both are scopes (compare/weigh.h), held against each other
 * elsewhere. Pure: from its plan, its text and the catalogs. For example, where
 * t has the columns id (its key), a and b:
 *
 *     UPDATE t SET a = 5 WHERE id = 7
 *         changes       t.a in the rows with id = 7
 *     SELECT a, b FROM t WHERE id = 8
 *         a CELL in b   t.b, t.id and which rows there are, with id = 8
 *     DELETE FROM t WHERE id = 7, and c.t refers to t ON DELETE CASCADE
 *         changes       ... and the rows of c with t = 7
 *     INSERT INTO t (id, a) VALUES (9, 1) RETURNING b
 *         changes       all columns and the presence of the row with id 9, a 1
 *         a CELL in b   nothing: its default is no other row's
 *         a KEY error   t.id with id = 9
 *         a VALUE error nothing: it holds constants only
 *
 * What is not known reaches further, never less far.
 */
#ifndef PARALLAX_MIRROR_REACH_H
#define PARALLAX_MIRROR_REACH_H

#include "compare/compare.h"
#include "mirror/internal.h"

struct reach_statement {
	const struct catalogs *catalogs;
	const struct parser *parser;
	const struct value_ops *values;
	const struct sql_traits *traits; /* NULL: not known */
	const unsigned *tables;		 /* numbers: of all that it names */
	size_t table_count;
	const unsigned *written; /* ... that it writes */
	size_t written_count;
	const unsigned *touched; /* ... that the functions in it may */
	size_t touched_count;
	const char *text; /* one statement; NULL: not known */
	size_t text_size;
	const struct value *parameters;
	const uint8_t *formats;
	const uint32_t *types;
	size_t parameter_count;
	bool affected; /* the side that did not fail wrote a row */
};

/* The table of that number; NULL: these catalogs have none. */
const struct catalog_table *reach_table(const struct catalogs *catalogs,
					unsigned number);

/* What it may change in the tables that it writes, with what follows from it by
 * foreign keys and triggers: the places of the scope, or all data. In the arena.
 */
void reach_changes(const struct reach_statement *statement, struct arena *arena,
		   struct weigh_scope *scope);

/* A value of the column, as an answer shows it; false: its equal values have several
 * forms, or it is NULL. */
bool reach_value(const struct reach_statement *statement,
		 const struct catalog_column *column, uint8_t format,
		 struct value value, struct arena *arena,
		 struct weigh_fixed *fixed);

/* Fills in what each difference hangs on. plan: what the answer was compared
 * by. */
void reach_inputs(const struct reach_statement *statement,
		  const struct plan *plan, struct comparison *comparison,
		  struct arena *arena);

#endif
