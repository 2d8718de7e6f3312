/* What a statement is printed as, and that it reads back: for test files. */
#ifndef PARALLAX_TESTS_MYSQL_PARSE_CHECK_H
#define PARALLAX_TESTS_MYSQL_PARSE_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/mysql/dialect.h"
#include "adapters/mysql/parse.h"
#include "sql/print.h"

static struct mysql_mode mode;
static struct arena arena;
static struct error error;

static inline int parse(const char *text, size_t length, struct arena *into,
			struct sql_tree *tree, struct error *problem)
{
	return mysql_parse(&mode, text, length, into, tree, problem);
}

static const struct parser parsers[] = {
    {.dialect = &mysql_dialect_mariadb, .parse = parse},
    {.dialect = &mysql_dialect, .parse = parse},
    {.dialect = &mysql_dialect_mariadb_plain, .parse = parse},
};
static const struct parser *const mariadb = &parsers[0];
static const struct parser *const mysql = &parsers[1];
static const struct parser *const plain = &parsers[2];

static inline void use(enum mysql_server server, unsigned flags)
{
	mode = (struct mysql_mode){
	    .server = server,
	    .version = server == MYSQL_SERVER_MYSQL ? 80036 : 101119,
	    .flags = flags};
}

static inline void prints_of(const struct parser *parser, const char *text,
			     size_t size, const char *printed)
{
	struct sql_tree tree;
	struct buffer out;

	buffer_init(&out, 0);
	error_init(&error);
	if (parse(text, size, &arena, &tree, &error))
		fail_msg("%s: %s", text, error.message);
	assert_int_equal(tree.count, 1);
	if (sql_print_checked(tree.statements[0].node, parser, &arena, &out,
			      NULL, &error))
		fail_msg("%s: %s: %s", text, error.message,
			 buffer_string(&out));
	assert_string_equal(buffer_string(&out), printed);
	buffer_release(&out);
}

static inline void prints(const char *text, const char *printed)
{
	prints_of(mariadb, text, strlen(text), printed);
}

/* The expression alone. */
static inline void is(const char *text, const char *printed)
{
	prints(arena_printf(&arena, "SELECT %s AS x", text),
	       arena_printf(&arena, "SELECT %s AS x", printed));
}

static inline void refused(const char *text, int line, int column)
{
	struct sql_tree tree;

	error_init(&error);
	assert_int_equal(parse(text, strlen(text), &arena, &tree, &error), -1);
	assert_int_equal(error.line, line);
	assert_int_equal(error.column, column);
	assert_string_equal(error.native, "1064");
}

static inline int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	use(MYSQL_SERVER_MARIADB, 0);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
