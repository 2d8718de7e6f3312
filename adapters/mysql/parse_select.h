/* The parts of a query. Private to parse*.c. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_SELECT_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_SELECT_H

#include "adapters/mysql/reader.h"

/* clauses: receives what the tree has no slot for. */
PgQuery__SelectStmt *mysql_simple_select(struct mysql_reader *reader,
					 struct mysql_list *clauses);
/* VALUES (1, 2), (3, 4); VALUES is next. */
PgQuery__SelectStmt *mysql_values(struct mysql_reader *reader);
/* [ROW] (1, DEFAULT): a List */
PgQuery__Node *mysql_row_values(struct mysql_reader *reader);
/* INTO @a, b; INTO OUTFILE, DUMPFILE; nothing if there is none. */
void mysql_into(struct mysql_reader *reader, struct mysql_list *clauses);
/* ORDER BY, LIMIT, FOR UPDATE, ... of a query. */
void mysql_tail(struct mysql_reader *reader, PgQuery__SelectStmt *select,
		struct mysql_list *clauses);

#endif
