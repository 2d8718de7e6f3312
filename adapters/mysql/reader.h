/*
 * The parser's state and its building blocks, private to parse*.c. A failure
 * is sticky: it moves the reader to the end of the text, where nothing is
 * accepted any more, so every loop ends and only mysql_parse looks at it.
 */
#ifndef PARALLAX_ADAPTERS_MYSQL_READER_H
#define PARALLAX_ADAPTERS_MYSQL_READER_H

#include "adapters/mysql/lex.h"
#include "base/error.h"
#include "sql/tree.h"

struct mysql_reader {
	const struct mysql_mode *mode;
	const char *text;
	size_t length;
	struct arena *arena;
	struct mysql_token *tokens; /* the last is an END */
	size_t token_count;
	size_t token_capacity;
	uint32_t *partners; /* of each token: the bracket that closes it; of
			       one that is not closed, and of all others, the
			       last token */
	size_t at;
	int depth;
	int parameters; /* seen so far */
	bool failed;
	bool unnamed; /* within a query whose columns' names nobody sees */
	struct error *error;
	/* INSERT ... AS new (a, b) ON DUPLICATE KEY UPDATE c = new.a */
	const char *row_alias;
	PgQuery__Node *const *row_names;   /* Strings */
	PgQuery__Node *const *row_columns; /* ResTargets, one for each name */
	size_t row_count;
};

struct mysql_list {
	PgQuery__Node **items;
	size_t item_count;
	size_t item_capacity;
};

/* ---- tokens ---- */

const struct mysql_token *mysql_token(const struct mysql_reader *reader);
/* Whether the token `ahead` of the next one is this word or mark. */
bool mysql_is_at(const struct mysql_reader *reader, size_t ahead,
		 const char *what);
bool mysql_is(const struct mysql_reader *reader, const char *what);
bool mysql_is_kind(const struct mysql_reader *reader, size_t ahead,
		   enum mysql_token_kind kind);
/* Moves over them, if they are next. */
bool mysql_accept(struct mysql_reader *reader, const char *what);
bool mysql_accept_two(struct mysql_reader *reader, const char *first,
		      const char *second);
/* The same, or fails. */
void mysql_expect(struct mysql_reader *reader, const char *what);
/* How far ahead the token after the bracket is that closes the one at `ahead`.
 */
size_t mysql_after_bracket(const struct mysql_reader *reader, size_t ahead);
/* Moves over one token; returns it. */
const struct mysql_token *mysql_take(struct mysql_reader *reader);

/* Fails at the next token. Returns NULL. */
void *mysql_fail(struct mysql_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "... near 'x'", with what was wanted. */
void *mysql_unexpected(struct mysql_reader *reader, const char *wanted);
bool mysql_enter(struct mysql_reader *reader);
void mysql_leave(struct mysql_reader *reader);

/* ---- names ---- */

/* Whether a character of several bytes has this one behind its first, or is cut:
 * printed, it would be escaped, or take a quote in, so such text is refused. */
bool mysql_has_trail(const struct mysql_reader *reader, const char *text,
		     size_t size, char byte);
/* Whether a name is next (no reserved word). */
bool mysql_is_name(const struct mysql_reader *reader, size_t ahead);
char *mysql_name(struct mysql_reader *reader);
/* After a point: any word is a name. */
char *mysql_name_part(struct mysql_reader *reader);
/* The bytes of a token, in lower case. */
char *mysql_lower(struct mysql_reader *reader, const struct mysql_token *token);
/* Strings: a, b, c. */
void mysql_names(struct mysql_reader *reader, struct mysql_list *list);
/* The same in brackets; and where these may be absent. */
void mysql_bracketed(struct mysql_reader *reader, struct mysql_list *list);
void mysql_bracketed_names(struct mysql_reader *reader,
			   struct mysql_list *list);

/* ---- nodes ---- */

void mysql_add(struct mysql_reader *reader, struct mysql_list *list,
	       PgQuery__Node *node);
#define MYSQL_PUT(message, field, list)                                        \
	((message)->field = (list).items,                                      \
	 (message)->n_##field = (list).item_count)
/* A call with a reserved name (reserved.h); NULL arguments end them. */
PgQuery__Node *mysql_special(struct mysql_reader *reader, const char *name,
			     PgQuery__Node *first, PgQuery__Node *second,
			     PgQuery__Node *third);
/* A call of a function that is written with words. */
PgQuery__FuncCall *mysql_worded(struct mysql_reader *reader, const char *name);
void mysql_argument(struct mysql_reader *reader, PgQuery__FuncCall *call,
		    struct mysql_list *list, PgQuery__Node *node);
/* name => value, of a clause or of a call. */
PgQuery__Node *mysql_named(struct mysql_reader *reader, const char *name,
			   PgQuery__Node *value);
void mysql_option(struct mysql_reader *reader, struct mysql_list *list,
		  const char *name, const char *word);
/* The call "clauses" of them; NULL if there are none. */
PgQuery__FuncCall *mysql_clauses(struct mysql_reader *reader,
				 const struct mysql_list *list);

/* ---- grammar ---- */

PgQuery__Node *mysql_expression(struct mysql_reader *reader);
/* Binds tighter than comparison: an operand of LIKE, an INTERVAL's value. */
PgQuery__Node *mysql_bit_expression(struct mysql_reader *reader);
PgQuery__Node *mysql_simple_expression(struct mysql_reader *reader);
PgQuery__Node *mysql_constant(struct mysql_reader *reader); /* or NULL */
PgQuery__Node *mysql_string(struct mysql_reader *reader);
/* A call, whose name and '(' are next. */
PgQuery__Node *mysql_call(struct mysql_reader *reader);
PgQuery__Node *mysql_variable(struct mysql_reader *reader);
void mysql_expressions(struct mysql_reader *reader, struct mysql_list *list);
void mysql_order_by(struct mysql_reader *reader, struct mysql_list *list);
PgQuery__TypeName *mysql_cast_type(struct mysql_reader *reader);
PgQuery__Node *mysql_column(struct mysql_reader *reader);
/* *, t.*; NULL: none is next. */
PgQuery__Node *mysql_column_or_star(struct mysql_reader *reader);

/* parse_window.c */
PgQuery__WindowDef *mysql_over(struct mysql_reader *reader);
void mysql_windows(struct mysql_reader *reader, struct mysql_list *list);

/* A query with all of its clauses. Whether one begins here. */
bool mysql_is_query(const struct mysql_reader *reader);
PgQuery__Node *mysql_query(struct mysql_reader *reader);
/* Its '(' is next. The columns of a table have names, those of an operand have
 * none. */
PgQuery__Node *mysql_subquery(struct mysql_reader *reader);
PgQuery__Node *mysql_query_operand(struct mysql_reader *reader);
PgQuery__WithClause *mysql_with(struct mysql_reader *reader);
/* expr [AS name], ... of SELECT and RETURNING */
void mysql_targets(struct mysql_reader *reader, struct mysql_list *list);
/* LIMIT n, LIMIT a, b, LIMIT n OFFSET a */
void mysql_limit(struct mysql_reader *reader, PgQuery__Node **count,
		 PgQuery__Node **offset);

PgQuery__RangeVar *mysql_relation(struct mysql_reader *reader);
PgQuery__Alias *mysql_table_alias(struct mysql_reader *reader);
PgQuery__Node *mysql_json_table(struct mysql_reader *reader);
PgQuery__Node *mysql_table_reference(struct mysql_reader *reader);
void mysql_table_references(struct mysql_reader *reader,
			    struct mysql_list *list);

PgQuery__Node *mysql_insert(struct mysql_reader *reader);
PgQuery__Node *mysql_update(struct mysql_reader *reader,
			    PgQuery__WithClause *with);
PgQuery__Node *mysql_delete(struct mysql_reader *reader,
			    PgQuery__WithClause *with);

#endif
