/*
 * Any text through MySQL's lexer and parser, under any mode (its first bytes);
 * what parses is printed and read again.
 */
#include "adapters/mysql/dialect.h"
#include "adapters/mysql/parse.h"
#include "sql/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mysql_mode mode;

static int parse(const char *text, size_t length, struct arena *arena,
		 struct sql_tree *tree, struct error *error)
{
	return mysql_parse(&mode, text, length, arena, tree, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parser parser = {.parse = parse};
	struct sql_tree tree = {NULL, 0};
	struct error error = {0};
	struct arena arena;
	struct buffer out;

	if (size < 2)
		return 0;
	mode = (struct mysql_mode){.flags = data[0] & 31,
				   .charset = data[1] % 5,
				   .server = data[0] >> 5 & 1,
				   .version = data[0] & 32 ? 101119 : 80036};
	parser.dialect = mode.server == MYSQL_SERVER_MARIADB
			     ? mode.flags & MYSQL_NO_BACKSLASH_ESCAPES
				   ? &mysql_dialect_mariadb_plain
				   : &mysql_dialect_mariadb
			 : mode.flags & MYSQL_NO_BACKSLASH_ESCAPES
			     ? &mysql_dialect_plain
			     : &mysql_dialect;
	arena_init(&arena, 0);
	buffer_init(&out, 0);
	if (!parse((const char *)data + 2, size - 2, &arena, &tree, &error))
		for (size_t i = 0; i < tree.count; i++)
			/* what would read otherwise is refused there */
			sql_print_checked(tree.statements[i].node, &parser,
					  &arena, &out, NULL, &error);
	buffer_release(&out);
	arena_release(&arena);
	return 0;
}
