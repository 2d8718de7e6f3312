#include "adapters/mysql/dialect.h"

#include <strings.h>

#include "adapters/mysql/reserved.h"
#include "adapters/mysql/syntax.h"
#include "adapters/mysql/words.h"

static bool is_reserved(const char *word)
{
	return mysql_word_is_reserved_somewhere(word, strlen(word));
}

static void write_quoted(struct buffer *out, const char *text, bool escapes)
{
	buffer_append_byte(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || (escapes && *text == '\\'))
			buffer_append_byte(out, (uint8_t)*text);
		buffer_append_byte(out, (uint8_t)*text);
	}
	buffer_append_byte(out, '\'');
}

static void write_string(struct buffer *out, const char *text)
{
	write_quoted(out, text, true);
}

/* For NO_BACKSLASH_ESCAPES. */
static void write_plain_string(struct buffer *out, const char *text)
{
	write_quoted(out, text, false);
}

#define DIALECT(its_name, its_string)                                          \
	.name = (its_name), .quote = '`', .reserved = is_reserved,             \
	.syntax = &mysql_syntax, .string = (its_string)

const struct sql_dialect mysql_dialect = {
    DIALECT("mysql", write_string),
};

const struct sql_dialect mysql_dialect_plain = {
    DIALECT("mysql-plain", write_plain_string),
};

const struct sql_dialect mysql_dialect_mariadb = {
    DIALECT("mariadb", write_string),
};

const struct sql_dialect mysql_dialect_mariadb_plain = {
    DIALECT("mariadb-plain", write_plain_string),
};

bool mysql_dialect_is_mariadb(const struct sql_dialect *dialect)
{
	return dialect == &mysql_dialect_mariadb ||
	       dialect == &mysql_dialect_mariadb_plain;
}
