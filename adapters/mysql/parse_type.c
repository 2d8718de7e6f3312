/*
 * Types of CAST and JSON_TABLE:
 *
 *	DECIMAL(10, 2)		decimal, typmods 10, 2
 *	CHAR(3) CHARSET utf8	char, typmods 3, "charset utf8"
 *	UNSIGNED INTEGER	unsigned
 *
 * and of columns:
 *
 *	INT(11) UNSIGNED	int, typmods 11, "unsigned"
 *	ENUM('a', 'b')		enum, typmods 'a', 'b'
 */
#include "adapters/mysql/parse_ddl.h"
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

/* The name under which a type is printed. NULL: it is none of a cast. */
static const char *cast_type(const char *word)
{
	static const struct {
		const char *word;
		const char *name;
	} types[] = {
	    {"signed", "signed"},     {"unsigned", "unsigned"},
	    {"int", "signed"},	      {"integer", "signed"},
	    {"bigint", "bigint"},     {"smallint", "smallint"},
	    {"tinyint", "tinyint"},   {"mediumint", "mediumint"},
	    {"char", "char"},	      {"character", "char"},
	    {"nchar", "nchar"},	      {"varchar", "varchar"},
	    {"binary", "binary"},     {"varbinary", "varbinary"},
	    {"decimal", "decimal"},   {"dec", "decimal"},
	    {"numeric", "decimal"},   {"double", "double"},
	    {"float", "float"},	      {"real", "double"},
	    {"date", "date"},	      {"time", "time"},
	    {"datetime", "datetime"}, {"timestamp", "timestamp"},
	    {"year", "year"},	      {"json", "json"},
	    {"text", "text"},	      {"blob", "blob"},
	    {"longtext", "longtext"}, {"longblob", "longblob"},
	    {"enum", NULL},	      {"inet6", "inet6"},
	    {"inet4", "inet4"},	      {"uuid", "uuid"},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(word, types[i].word))
			return types[i].name;
	return NULL;
}

static void attribute(struct mysql_reader *reader, struct mysql_list *list,
		      const char *text)
{
	mysql_add(reader, list, sql_string(reader->arena, text));
}

/* The name of a character set or a collation is one plain word. */
static void named_attribute(struct mysql_reader *reader,
			    struct mysql_list *list, const char *word)
{
	const char *name = mysql_charset_name(reader);

	if (!name)
		return;
	if (!*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789_")])
		mysql_fail(reader, "no name of a %s", word);
	else
		attribute(reader, list,
			  arena_printf(reader->arena, "%s %s", word, name));
}

bool mysql_type_attribute(struct mysql_reader *reader, struct mysql_list *list)
{
	if (mysql_accept(reader, "charset") ||
	    mysql_accept_two(reader, "character", "set") ||
	    mysql_accept_two(reader, "char", "set"))
		named_attribute(reader, list, "charset");
	else if (mysql_accept(reader, "unsigned"))
		attribute(reader, list, "unsigned");
	else if (mysql_accept(reader, "signed"))
		return true;
	else if (mysql_accept(reader, "zerofill"))
		attribute(reader, list, "zerofill");
	else if (mysql_accept(reader, "binary"))
		attribute(reader, list, "binary");
	else if (mysql_accept(reader, "ascii"))
		attribute(reader, list, "charset latin1");
	else if (mysql_accept(reader, "unicode"))
		attribute(reader, list, "charset ucs2");
	else if (mysql_accept(reader, "collate"))
		named_attribute(reader, list, "collate");
	else
		return false;
	return !reader->failed;
}

/* The words behind a type's first, and its modifiers. */
static PgQuery__TypeName *rest_of_type(struct mysql_reader *reader,
				       const char *name,
				       struct mysql_list *modifiers)
{
	if (!strcmp(name, "double"))
		mysql_accept(reader, "precision");
	if (!strcmp(name, "char") && mysql_accept(reader, "varying"))
		name = "varchar";
	if (mysql_accept(reader, "(")) {
		mysql_expressions(reader, modifiers);
		mysql_expect(reader, ")");
	}
	while (mysql_type_attribute(reader, modifiers))
		continue;
	return sql_type(reader->arena, NULL, name);
}

PgQuery__TypeName *mysql_cast_type(struct mysql_reader *reader)
{
	struct mysql_list modifiers = {NULL, 0, 0};
	PgQuery__TypeName *type;
	const char *name;

	name = mysql_is_kind(reader, 0, MYSQL_TOKEN_WORD)
		   ? cast_type(mysql_lower(reader, mysql_token(reader)))
		   : NULL;
	if (!name)
		return mysql_unexpected(reader, "a type");
	mysql_take(reader);
	if (!strcmp(name, "signed") || !strcmp(name, "unsigned"))
		if (!mysql_accept(reader, "integer"))
			mysql_accept(reader, "int");
	type = rest_of_type(reader, name, &modifiers);
	MYSQL_PUT(type, typmods, modifiers);
	return type;
}

/* ---- columns ---- */

/* The name of a column's type; NULL: it is none. */
static const char *column_type(const char *word)
{
	static const char *const types[] = {
	    "tinytext",
	    "mediumtext",
	    "tinyblob",
	    "mediumblob",
	    "bit",
	    "enum",
	    "set",
	    "geometry",
	    "point",
	    "linestring",
	    "polygon",
	    "multipoint",
	    "int",
	    "multipolygon",
	    "multilinestring",
	    "geometrycollection",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(word, types[i]))
			return types[i];
	if (!strcmp(word, "integer"))
		return "int";
	if (!strcmp(word, "bool") || !strcmp(word, "boolean"))
		return "boolean";
	if (!strcmp(word, "fixed"))
		return "decimal";
	return !strcmp(word, "signed") || !strcmp(word, "unsigned")
		   ? NULL
		   : cast_type(word);
}

PgQuery__TypeName *mysql_column_type(struct mysql_reader *reader,
				     struct mysql_list *modifiers)
{
	const char *name =
	    mysql_is_kind(reader, 0, MYSQL_TOKEN_WORD)
		? column_type(mysql_lower(reader, mysql_token(reader)))
		: NULL;

	if (!name)
		return mysql_unexpected(reader, "a column's type");
	mysql_take(reader);
	return rest_of_type(reader, name, modifiers);
}
