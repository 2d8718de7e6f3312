/* Statements that are neither query nor write. Private to parse*.c. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_STATEMENT_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_STATEMENT_H

#include "adapters/mysql/reader.h"

/* parse.c: any statement. */
PgQuery__Node *mysql_statement(struct mysql_reader *reader);

/* Each of these returns NULL, and moves over nothing, for a statement that it
 * does not know. */
/* parse_transaction.c, parse_xa.c */
PgQuery__Node *mysql_transaction(struct mysql_reader *reader);
PgQuery__Node *mysql_xa(struct mysql_reader *reader);
/* parse_set.c: SET and USE. */
PgQuery__Node *mysql_set(struct mysql_reader *reader);
/* parse_session.c: LOCK, UNLOCK, PREPARE, EXECUTE, DEALLOCATE, DO. */
PgQuery__Node *mysql_session(struct mysql_reader *reader);
/* parse_show.c: SHOW, DESCRIBE, EXPLAIN, ANALYZE. */
PgQuery__Node *mysql_show(struct mysql_reader *reader);
/* parse_load.c */
PgQuery__Node *mysql_load(struct mysql_reader *reader);

/* ISOLATION LEVEL SERIALIZABLE, READ ONLY: DefElems. */
void mysql_characteristics(struct mysql_reader *reader,
			   struct mysql_list *list);

/* A DefElem; arg may be NULL. */
void mysql_define(struct mysql_reader *reader, struct mysql_list *list,
		  const char *name, PgQuery__Node *arg);
/* The same of a word, which is next and moved over; false: it is not. */
bool mysql_define_word(struct mysql_reader *reader, struct mysql_list *list,
		       const char *word);
/* One literal of bytes: 'x', X'78', 0x78. Strings behind it do not continue
 * it. */
PgQuery__Node *mysql_one_string(struct mysql_reader *reader);
/* The name of a character set or collation, also in quotes; "binary" too. */
char *mysql_charset_name(struct mysql_reader *reader);

#endif
