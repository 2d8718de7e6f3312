/* What the first words of statements say, and what the server's answers do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/mysql/wire_state.h"

struct verbs_case {
	const char *text;
	const char *verbs; /* a letter each: other, Begin, Commit, Rollback,
			      opaQue */
};

static const struct verbs_case cases[] = {
    {"", "o"},
    {"select 1", "o"},
    {"BEGIN", "B"},
    {"begin work", "B"},
    {"begin not atomic select 1; rollback; end", "Q"},
    {"start transaction read only", "B"},
    {"start slave", "o"},
    {"commit and chain", "C"},
    {"rollback", "R"},
    {"rollback work", "R"},
    {"rollback to savepoint a", "o"},
    {"rollback work to a", "o"},
    {"rollback /* to */ and chain", "R"},
    {"xa commit 'x'", "C"},
    {"xa rollback 'x'", "R"},
    {"xa prepare 'x'", "Q"},
    {"call p(); commit", "Q"},
    {"execute s", "Q"},
    {" -- begin\n commit", "C"},
    {"--1; commit", "oC"},
    {"# begin\ncommit", "C"},
    {"/* begin */commit", "C"},
    {"/*!50000 commit */", "C"},
    {"/*M!100100 rollback*/", "R"},
    {"/*! begin */; commit", "BC"},
    {"insert into t values (';'); rollback", "oR"},
    {"insert into t values (\"a;'\"); rollback", "oR"},
    {"insert into `a;b` values ('\\';rollback;'); commit", "oC"},
    {"insert into t values ('it''s;'); commit", "oC"},
    {"select 1 /* ; */; commit", "oC"},
    {"commit;", "Co"},
    {"create procedure p() begin commit; end; rollback", "o"},
    {"insert into t values ('not closed; commit", "o"},
    {"/* not closed; commit", "o"},
    {"b", "o"},
    {"transaction", "o"},
};

static const char letters[] = "oBCRQ";

static void check_verbs(const struct verbs_case *it, bool several)
{
	struct bytes text = {(const uint8_t *)it->text, strlen(it->text)};
	uint8_t *copy = malloc(text.size + !text.size); /* exact, for ASan */
	uint8_t verbs[WIRE_VERBS];
	char found[WIRE_VERBS + 1];
	uint8_t count;

	assert_non_null(copy);
	memcpy(copy, text.data, text.size);
	text.data = copy;
	count = mysql_verbs(text, several, true, verbs);
	for (uint8_t i = 0; i < count; i++)
		found[i] = letters[verbs[i]];
	found[count] = 0;
	if (several) {
		assert_string_equal(found, it->verbs);
	} else {
		assert_int_equal(count, 1);
		assert_int_equal(found[0], it->verbs[0]);
	}
	free(copy);
}

static void test_verbs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		check_verbs(&cases[i], true);
		check_verbs(&cases[i], false);
	}
}

/* NO_BACKSLASH_ESCAPES, which the server's status says. */
static void test_backslash(void **state)
{
	static const char text[] = "select '\\'; rollback; select '";
	struct bytes bytes = {(const uint8_t *)text, sizeof(text) - 1};
	uint8_t verbs[WIRE_VERBS];

	(void)state;
	assert_int_equal(mysql_verbs(bytes, true, true, verbs), 1);
	assert_int_equal(mysql_verbs(bytes, true, false, verbs), 3);
	assert_int_equal(verbs[1], VERB_ROLLBACK);
}

/* However many there are: the rest is not told apart. */
static void test_many(void **state)
{
	uint8_t verbs[WIRE_VERBS];
	uint8_t text[1000];

	(void)state;
	memset(text, ';', sizeof(text));
	assert_int_equal(
	    mysql_verbs((struct bytes){text, sizeof(text)}, true, true, verbs),
	    WIRE_VERBS);
}

static void test_info(void **state)
{
	static const char info[] = "Rows matched: 12  Changed: 3  Warnings: 0";
	static const char other[] = "Records: 1  Duplicates: 0  Warnings: 0";
	uint64_t matched = 0;
	uint64_t changed = 0;

	(void)state;
	assert_true(mysql_info_parse(
	    (struct bytes){(const uint8_t *)info, sizeof(info) - 1}, &matched,
	    &changed));
	assert_int_equal(matched, 12);
	assert_int_equal(changed, 3);
	assert_false(mysql_info_parse(
	    (struct bytes){(const uint8_t *)other, sizeof(other) - 1}, &matched,
	    &changed));
	assert_false(
	    mysql_info_parse((struct bytes){NULL, 0}, &matched, &changed));
}

static void test_problem(void **state)
{
	static const char signal[] = "\xff\x6c\6#45000own words";
	static const char early[] = "\xff\x10\4Too many connections";
	struct wire_problem problem;

	(void)state;
	mysql_problem_parse(&problem, (const uint8_t *)signal,
			    sizeof(signal) - 1);
	assert_int_equal(problem.code, 1644);
	assert_string_equal(problem.sqlstate, "45000");
	assert_string_equal(problem.message, "own words");
	assert_true(problem.authored);
	mysql_problem_parse(&problem, (const uint8_t *)early,
			    sizeof(early) - 1);
	assert_int_equal(problem.code, 1040);
	assert_string_equal(problem.sqlstate, "HY000");
	assert_string_equal(problem.message, "Too many connections");
	assert_false(problem.authored);
	mysql_problem_parse(&problem, (const uint8_t *)early, 2);
	assert_int_equal(problem.code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_verbs),   cmocka_unit_test(test_backslash),
	    cmocka_unit_test(test_many),    cmocka_unit_test(test_info),
	    cmocka_unit_test(test_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
