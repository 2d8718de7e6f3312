/*
 * The printer's law on a corpus: each statement of the files named that parses
 * is printed, parsed again and held against its tree.
 *
 *	roundtrip [-v] FILE.sql ...
 *
 * psql's own commands and COPY data in the files are stepped over. Prints
 *counts by kind of statement; exits 1 if one statement does not come back, or
 *none of SELECT, INSERT, UPDATE, DELETE was seen. Statements that the printer
 *has no rule for fail too, if they are of these kinds; else they are counted.
 */
#include <errno.h>

#include "adapters/postgres/parse.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "sql/print.h"
#include "sql/walk.h"

struct count {
	size_t seen;
	size_t back;
	size_t no_rule;
	size_t failed;
};

static struct map counts;
static size_t statements;
static size_t unparsed;
static int64_t parse_us;
static int64_t print_us;
static bool verbose;

static struct count *count_of(const char *kind)
{
	struct count *count = map_get_string(&counts, kind);

	if (!count) {
		count = memory_alloc(sizeof(*count));
		map_set_string(&counts, kind, count);
	}
	return count;
}

static bool must_print(const PgQuery__Node *node)
{
	return SQL_IS(node, SELECT_STMT) || SQL_IS(node, INSERT_STMT) ||
	       SQL_IS(node, UPDATE_STMT) || SQL_IS(node, DELETE_STMT) ||
	       SQL_IS(node, MERGE_STMT);
}

static void take_node(const PgQuery__Node *node, const char *text, size_t size,
		      struct arena *arena)
{
	struct count *count = count_of(sql_node_name(node));
	const PgQuery__Node *copy = sql_copy(arena, node);
	struct buffer out;
	struct error error;
	int64_t start = clock_monotonic_us();

	buffer_init(&out, 0);
	error_init(&error);
	count->seen++;
	if (!copy || !sql_equal(node, copy)) {
		count->failed++;
		printf("copy differs: %.*s\n", (int)size, text);
	} else if (!sql_print_checked(copy, &postgres_parser, arena, &out, NULL,
				      &error)) {
		count->back++;
	} else if (!must_print(node) && strstr(error.message, "no rule")) {
		count->no_rule++;
		if (verbose)
			printf("%s: %.*s\n", error.message, (int)size, text);
	} else {
		count->failed++;
		printf("FAILED %s\n  text:  %.*s\n  print: %s\n", error.message,
		       (int)size, text, buffer_string(&out));
	}
	print_us += clock_monotonic_us() - start;
	buffer_release(&out);
}

static void take_statement(const char *text, size_t size)
{
	struct arena arena;
	struct sql_tree tree;
	struct error error;
	int64_t start = clock_monotonic_us();

	arena_init(&arena, 0);
	error_init(&error);
	statements++;
	if (postgres_parser.parse(text, size, &arena, &tree, &error)) {
		unparsed++;
		if (verbose)
			printf("unparsed: %s: %.*s\n", error.message, (int)size,
			       text);
	} else {
		parse_us += clock_monotonic_us() - start;
		for (size_t i = 0; i < tree.count; i++)
			take_node(tree.statements[i].node,
				  text + tree.statements[i].offset,
				  tree.statements[i].length, &arena);
	}
	arena_release(&arena);
}

/* Blanks psql's commands and, behind COPY ... FROM STDIN, data to its "\.". */
static void blank_commands(char *text)
{
	bool line_start = true;
	char *end = strstr(text, "\n\\.\n");

	while (end) { /* data: back to the line that says "stdin" */
		char *start = end;

		while (start > text && strncasecmp(start, "from stdin", 10))
			start--;
		start = strchr(start, ';');
		for (char *c = start ? start + 1 : end; c < end + 3; c++)
			if (*c != '\n')
				*c = ' ';
		end = strstr(end + 3, "\n\\.\n");
	}
	for (char *c = text; *c; c++) {
		if (*c == '\\' && (line_start || (c[1] >= 'a' && c[1] <= 'z' &&
						  c > text && c[-1] == ' ' &&
						  strncmp(c + 1, "000", 3)))) {
			/* "\gset" and the like end the statement before. */
			*c = ';';
			for (c++; *c && *c != '\n'; c++)
				*c = ' ';
			if (!*c)
				return;
		}
		if (*c == '\n')
			line_start = true;
		else if (*c != ' ' && *c != '\t')
			line_start = false;
	}
}

static char *read_file(const char *path)
{
	struct buffer buffer;
	char block[65536];
	size_t size;
	FILE *file = fopen(path, "rb");

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(2);
	}
	buffer_init(&buffer, 0);
	while ((size = fread(block, 1, sizeof(block), file)))
		buffer_append(&buffer, block, size);
	fclose(file);
	buffer_string(&buffer);
	return (char *)buffer.data;
}

static void take_file(const char *path)
{
	char *text = read_file(path);
	size_t length;
	size_t count;
	struct sql_statement *places;

	blank_commands(text);
	length = strlen(text);
	count = postgres_parser.split(text, length, NULL, 0);
	places = memory_alloc((count + 1) * sizeof(*places));
	postgres_parser.split(text, length, places, count);
	for (size_t i = 0; i < count; i++)
		take_statement(text + places[i].offset, places[i].length);
	free(places);
	free(text);
}

int main(int argc, char **argv)
{
	static const char *const wanted[] = {"SelectStmt", "InsertStmt",
					     "UpdateStmt", "DeleteStmt"};
	size_t failed = 0;
	size_t missing = 0;

	map_init(&counts);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			verbose = true;
		else
			take_file(argv[i]);
	}
	printf("%-28s %7s %7s %7s %7s\n", "statement", "seen", "back",
	       "no rule", "failed");
	for (size_t i = 0; i < counts.count; i++) {
		const struct count *count = counts.entries[i].value;

		printf("%-28.*s %7zu %7zu %7zu %7zu\n",
		       (int)counts.entries[i].key_size,
		       (char *)counts.entries[i].key, count->seen, count->back,
		       count->no_rule, count->failed);
		failed += count->failed;
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		missing += !map_get_string(&counts, wanted[i]);
	printf("%zu statements, %zu do not parse, %zu failed; "
	       "parse %.0f us, copy, print and check %.0f us each\n",
	       statements, unparsed, failed,
	       (double)parse_us / (double)(statements + 1),
	       (double)print_us / (double)(statements + 1));
	return failed || missing ? 1 : 0;
}
