/*
 * The items of SELECT and RETURNING. An item without an alias is named by its
 * text, as the server does, so that a printed statement keeps its names:
 *
 *	SELECT a, a+1, 'x'	a, a + 1 AS `a+1`, 'x'
 */
#include "adapters/mysql/reader.h"
#include "adapters/mysql/reserved.h"
#include "sql/build.h"

enum { NAME_LIMIT = 255 }; /* bytes of a name that the server keeps whole */

/* Words that may be names, but not of an item without AS. */
static bool ends_item(const struct mysql_reader *reader)
{
	static const char *const words[] = {"except",	 "intersect", "minus",
					    "offset",	 "limit",     "for",
					    "returning", "window"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_is(reader, words[i]))
			return true;
	return false;
}

static const char *string_alias(struct mysql_reader *reader)
{
	const PgQuery__Node *node = mysql_string(reader);
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	if (reader->failed)
		return NULL;
	if (!constant || !*constant->sval->sval)
		return mysql_fail(reader, "an alias is empty or holds NUL");
	return constant->sval->sval;
}

static const char *alias(struct mysql_reader *reader)
{
	bool as = mysql_accept(reader, "as");

	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING))
		return string_alias(reader);
	if (as || (mysql_is_name(reader, 0) && !ends_item(reader)))
		return mysql_name(reader);
	return NULL;
}

/* The item's own text; NULL: the server's rule gives the same name to what is
 * printed, or it cannot be said. */
static const char *own_name(const struct mysql_reader *reader, size_t first,
			    const PgQuery__Node *value)
{
	size_t start = reader->tokens[first].start;
	size_t end = reader->at ? reader->tokens[reader->at - 1].end : start;
	const char *text = reader->text + start;

	const PgQuery__AConst *constant = SQL_AS(value, A_CONST, a_const);

	/* NULL, TRUE and FALSE are named in capitals, as they are printed. */
	if (constant && (constant->isnull ||
			 constant->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL))
		return NULL;
	if ((constant && constant->val_case == PG_QUERY__A__CONST__VAL_SVAL) ||
	    mysql_reserved(value, "text") ||
	    mysql_reserved(value, "introduced"))
		return NULL; /* a string is named by its value */
	if (reader->unnamed || !sql_unwrap(value) ||
	    SQL_IS(value, COLUMN_REF) || end <= start)
		return NULL;
	if (end - start > NAME_LIMIT || memchr(text, 0, end - start) ||
	    mysql_has_trail(reader, text, end - start, '`'))
		return NULL;
	for (size_t i = 0; i < end - start; i++)
		if ((unsigned char)text[i] >= 0xF0)
			return NULL; /* no name has such characters */
	return arena_copy(reader->arena, text, end - start);
}

static PgQuery__Node *target(struct mysql_reader *reader)
{
	PgQuery__Node *value = mysql_column_or_star(reader);
	size_t first = reader->at;
	const char *name = NULL;

	if (!value) {
		value = mysql_expression(reader);
		name = own_name(reader, first, value);
	}
	if (!reader->failed) {
		const char *given = alias(reader);

		name = given ? given : name;
	}
	return sql_target(reader->arena, name, value);
}

void mysql_targets(struct mysql_reader *reader, struct mysql_list *list)
{
	do
		mysql_add(reader, list, target(reader));
	while (mysql_accept(reader, ","));
}
