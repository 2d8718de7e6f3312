/* Functions of enums, where the enum is another type on the new side. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "mood{sad ok happy}"
    "size{s m l}"
    "age{young old}"
    "people(id int4 key, mood mood, size size, age "
    "age)"
    "others(id int4 key, age age)";
static const char new_schema[] = "size{s m l}"
				 "age{young old}"
				 "persons(id int4 key, mood text, size size, "
				 "age int4)"
				 "others(id int4 key, age int4)";
static const char mapping[] = "version: 1\n"
			      "tables:\n"
			      "  people: {rows: persons}\n"
			      "types: {mood: text}\n";

static const struct plan_row rows[] = {
    /* by `types:`, mapped tables or none */
    {"SELECT hashenum(NULL::mood)",
     "!hashenum takes values of the enum \"mood\", which is text in the new "
     "schema"},
    {"SELECT enum_range('sad'::mood, NULL)", "!the enum \"mood\""},
    {"SELECT id FROM people WHERE enum_cmp(mood, 'sad') > 0",
     "!enum_cmp takes values of the enum \"mood\""},
    {"SELECT enum_out(p.m) FROM (SELECT mood AS m FROM people) p",
     "!the enum \"mood\""},
    {"SELECT hashenum(coalesce(NULL, mood)) FROM people", "!the enum \"mood\""},
    {"SELECT (SELECT enum_first(p.mood)) FROM people p", "!the enum \"mood\""},
    /* by the type of the new column alone */
    {"SELECT enum_last(age) FROM people",
     "!enum_last takes values of the enum \"age\", which is int4 in the new "
     "schema"},
    /* what stays an enum, what is no enum's, and what the mapping does not
     * mention */
    {"SELECT enum_range(size) FROM people",
     "SELECT enum_range(people.size) FROM persons AS people"},
    {"SELECT hashenum(NULL::age)", "="},
    {"SELECT upper(mood::text) FROM people",
     "SELECT upper(people.mood::text) FROM persons AS people"},
    {"SELECT enum_last(age) FROM others", "="},
};

static void test_replaced(void **state)
{
	(void)state;
	CHECK_PLANS(rows);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replaced),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
