/* Statements parsed, in one arena for all tests of a program. */
#ifndef TESTS_UNIT_SQL_SUPPORT_H
#define TESTS_UNIT_SQL_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/parse.h"

static struct arena arena;

static inline int start(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static inline struct sql_tree parse_text(const char *text, size_t size)
{
	struct sql_tree tree;
	struct error error;

	error_init(&error);
	if (postgres_parser.parse(text, size, &arena, &tree, &error))
		fail_msg("%.*s: %s", (int)size, text, error.message);
	return tree;
}

/* A text that is one statement. */
static inline struct sql_statement parse_one(const char *text, size_t size)
{
	struct sql_tree tree = parse_text(text, size);

	assert_int_equal(tree.count, 1);
	return tree.statements[0];
}

#endif
