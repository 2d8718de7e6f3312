/*
 * Types of CAST and JSON_TABLE:
 *
 *	DECIMAL(10, 2)		decimal, typmods 10, 2
 *	CHAR(3) CHARSET utf8	char, typmods 3, "charset utf8"
 *	UNSIGNED INTEGER	unsigned
 */
#include "adapters/mysql/reader.h"
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

static void character_set(struct mysql_reader *reader, struct mysql_list *list)
{
	const char *name = mysql_is(reader, "binary") ||
				   mysql_is_kind(reader, 0, MYSQL_TOKEN_WORD)
			       ? mysql_lower(reader, mysql_take(reader))
			       : mysql_name(reader);

	if (name)
		attribute(reader, list,
			  arena_printf(reader->arena, "charset %s", name));
}

static void attributes(struct mysql_reader *reader, struct mysql_list *list)
{
	while (!reader->failed) {
		if (mysql_accept(reader, "charset") ||
		    mysql_accept_two(reader, "character", "set") ||
		    mysql_accept_two(reader, "char", "set"))
			character_set(reader, list);
		else if (mysql_accept(reader, "unsigned"))
			attribute(reader, list, "unsigned");
		else if (mysql_accept(reader, "zerofill"))
			attribute(reader, list, "zerofill");
		else if (mysql_accept(reader, "binary"))
			attribute(reader, list, "binary");
		else if (mysql_accept(reader, "ascii"))
			attribute(reader, list, "charset latin1");
		else if (mysql_accept(reader, "unicode"))
			attribute(reader, list, "charset ucs2");
		else if (mysql_accept(reader, "collate"))
			attribute(reader, list,
				  arena_printf(
				      reader->arena, "collate %s",
				      mysql_lower(reader, mysql_take(reader))));
		else
			return;
	}
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
	if (!strcmp(name, "double"))
		mysql_accept(reader, "precision");
	if (!strcmp(name, "char") && mysql_accept(reader, "varying"))
		name = "varchar";
	if (mysql_accept(reader, "(")) {
		mysql_expressions(reader, &modifiers);
		mysql_expect(reader, ")");
	}
	attributes(reader, &modifiers);
	type = sql_type(reader->arena, NULL, name);
	MYSQL_PUT(type, typmods, modifiers);
	return type;
}
