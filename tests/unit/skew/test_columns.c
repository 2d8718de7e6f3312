/* Expressions of two schemas that differ in their casts alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/parse.h"
#include "skew/internal.h"

static bool is_same(const char *old, const char *new)
{
	const struct skew skew = {.old_parser = &postgres_parser,
				  .new_parser = &postgres_parser};
	struct arena arena;
	bool same;

	arena_init(&arena, 0);
	same = skew_same_bare(&skew, old, new, &arena);
	arena_release(&arena);
	return same;
}

static void test_same(void **state)
{
	static const char *const pairs[][2] = {
	    {"'a'::text", "'a'"},
	    {"'a'::character varying", "'a'::text"},
	    {"'1'::numeric(10,2)", "CAST('1' AS integer)"},
	    {"(0)::smallint", "0"},
	    {"upper(('a'::text)::character varying)", "upper('a')"},
	    {"'{}'::integer[]", "'{}'::public.\"my list\"[]"},
	    {"'x::y'::text", "'x::y'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (!is_same(pairs[i][0], pairs[i][1]))
			fail_msg("%s, %s", pairs[i][0], pairs[i][1]);
}

static void test_different(void **state)
{
	static const char *const pairs[][2] = {
	    {"'a'::text", "'b'::text"},
	    {"'x::y'", "'x::z'"}, /* no cast, but a text */
	    {"1", "'1'::integer"},
	    {"lower('a'::text)", "upper('a')"},
	    {"'a'::", "'a'::"}, /* not an expression */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (is_same(pairs[i][0], pairs[i][1]))
			fail_msg("%s, %s", pairs[i][0], pairs[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same),
	    cmocka_unit_test(test_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
