/*
 * Our lexer against PostgreSQL's own, token by token. One difference is known:
 * a comment between a string and its continuation ends the string for
 * libpg_query, which PostgreSQL does not do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include "adapters/postgres/parse_lex.h"

static size_t compared;

static bool is_comment(const PgQuery__ScanToken *token)
{
	return token->token == PG_QUERY__TOKEN__SQL_COMMENT ||
	       token->token == PG_QUERY__TOKEN__C_COMMENT;
}

static void compare_tokens(const char *text, const PgQuery__ScanResult *scan)
{
	struct lexer lexer = {.text = text, .length = strlen(text)};
	struct lex_token token;

	for (size_t i = 0; i < scan->n_tokens; i++) {
		const PgQuery__ScanToken *theirs = scan->tokens[i];

		if (is_comment(theirs))
			continue;
		lex_next(&lexer, &token);
		compared++;
		if (token.kind == LEX_BAD) {
			/* They hand on a character that is of no token. */
			if ((unsigned)theirs->token !=
			    (unsigned char)text[theirs->start])
				fail_msg("bad at %zu: %s", token.start, text);
			return;
		}
		if (token.kind == LEX_NATIONAL) { /* two tokens for them */
			i++;
			continue;
		}
		/* Their ends of U& tokens are not what they read. */
		if ((size_t)theirs->start != token.start ||
		    ((size_t)theirs->end != token.end &&
		     token.kind != LEX_UNICODE))
			fail_msg("ours %zu-%zu, theirs %d-%d: %s", token.start,
				 token.end, theirs->start, theirs->end, text);
	}
	lex_next(&lexer, &token);
	if (token.kind != LEX_END)
		fail_msg("goes on at %zu: %s", token.start, text);
}

static void compare(const char *start, size_t size)
{
	char *text = strndup(start, size);
	PgQueryScanResult result = pg_query_scan(text);

	if (!result.error) {
		PgQuery__ScanResult *scan = pg_query__scan_result__unpack(
		    NULL, result.pbuf.len, (const uint8_t *)result.pbuf.data);

		compare_tokens(text, scan);
		pg_query__scan_result__free_unpacked(scan, NULL);
	}
	pg_query_free_scan_result(result);
	free(text);
}

static void test_pieces(void **state)
{
	static const char *const texts[] = {
	    "1..2 1.5.3 .5.5 1.e5 1e 1e+ 1e+5 $1 $12 a$1 1.",
	    "+- -+ @- @-- x\n ~+- <=- <-> => =>- := :: : .. . ** */ /**/",
	    "a--b\n'x' \t\n'z' 'a' 'b' 'a'\n\n 'b' 'a' /* */ 'b'",
	    "/* /* */ */ x /*/**/*/ y",
	    "$$a$$ $a$ $$ $a$ $a$b$ab$ $a$ $_$x$_$ a$$b$$",
	    "e'\\'' E'\\\\' 'a\\' b'01' B'' x'' X'ff' n'a' N'b' u&'x' U&\"y\"",
	    "\"a\"\"b\" \"a b\" u u& u &'a' e b x n",
	    "select\t1;\r\nselect\f2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (size_t from = 0; from < strlen(texts[i]); from++)
			for (size_t size = 0; size <= strlen(texts[i]) - from;
			     size++)
				compare(texts[i] + from, size);
	assert_true(compared > 10000);
}

static void test_corpus(void **state)
{
	static char text[128 * 1024];
	FILE *file = fopen("tests/unit/sql/corpus.sql", "rb");
	size_t size;
	unsigned random = 1;

	(void)state;
	assert_non_null(file);
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	compare(text, size);
	for (int i = 0; i < 5000; i++) {
		size_t from;

		random = random * 1664525u + 1013904223u;
		from = (random >> 8) % size;
		random = random * 1664525u + 1013904223u;
		compare(text + from, (random >> 8) % 80 % (size - from));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
