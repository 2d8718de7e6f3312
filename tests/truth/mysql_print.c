/*
 * Prints statements from their trees, for tests/truth/mariadb.py. In and out
 * are records: a line with a size in bytes, then the bytes. The answer's first
 * byte is '=' (the printed text follows), '-' (refused, and why) or '!' (the
 * printed text does not read back as the same tree, and why).
 *
 * An argument is the server's version.
 */
#include <errno.h>

#include "adapters/mysql/dialect.h"
#include "adapters/mysql/parse.h"
#include "sql/print.h"

static struct mysql_mode mode = {.server = MYSQL_SERVER_MARIADB};

static int parse(const char *text, size_t length, struct arena *arena,
		 struct sql_tree *tree, struct error *error)
{
	return mysql_parse(&mode, text, length, arena, tree, error);
}

static const struct parser parser = {
    .name = "mariadb", .dialect = &mysql_dialect_mariadb, .parse = parse};

static void answer(char kind, const void *data, size_t size)
{
	printf("%zu\n%c", size + 1, kind);
	fwrite(data, 1, size, stdout);
}

static void take(const char *text, size_t size)
{
	struct sql_tree tree;
	struct arena arena;
	struct error error;
	struct buffer out;

	arena_init(&arena, 0);
	error_init(&error);
	buffer_init(&out, 0);
	if (parse(text, size, &arena, &tree, &error))
		answer('-', error.message, strlen(error.message));
	else if (tree.count != 1)
		answer('-', "not one statement", 17);
	else if (sql_print_checked(tree.statements[0].node, &parser, &arena,
				   &out, NULL, &error))
		answer('!', error.message, strlen(error.message));
	else
		answer('=', out.data, out.size);
	fflush(stdout);
	buffer_release(&out);
	arena_release(&arena);
}

int main(int count, char **arguments)
{
	static char text[1024 * 1024];
	char line[32];

	mode.version =
	    count > 1 ? (unsigned)strtoul(arguments[1], NULL, 10) : 101100;
	while (fgets(line, sizeof(line), stdin)) {
		size_t size = strtoul(line, NULL, 10);

		if (size > sizeof(text) || fread(text, 1, size, stdin) != size)
			return 1;
		take(text, size);
	}
	return 0;
}
