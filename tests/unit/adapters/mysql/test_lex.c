/* The lexer: one text, the tokens of each server and mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/mysql/lex.h"
#include "base/buffer.h"

static struct mysql_mode mode_of(enum mysql_server server, unsigned version,
				 unsigned flags)
{
	return (struct mysql_mode){
	    .server = server, .version = version, .flags = flags};
}

/* The tokens with their kinds' letters: "wSELECT i1 E". */
static const char *tokens(const struct mysql_mode *mode, const char *text,
			  size_t size)
{
	static const char kinds[] = "EwqsNidfhbXBpvmH!";
	static char shown[1024];
	struct mysql_lexer lexer = {.mode = mode, .text = text, .length = size};
	struct mysql_token token;
	size_t used = 0;

	do {
		mysql_lex_next(&lexer, &token);
		assert_true(token.start <= token.end && token.end <= size);
		used += (size_t)snprintf(shown + used, sizeof(shown) - used,
					 "%s%c%.*s", used ? " " : "",
					 kinds[token.kind],
					 token.kind == MYSQL_TOKEN_BAD
					     ? 0
					     : (int)(token.end - token.start),
					 text + token.start);
	} while (token.kind != MYSQL_TOKEN_END &&
		 token.kind != MYSQL_TOKEN_BAD);
	return shown;
}

#define MARIADB mode_of(MYSQL_SERVER_MARIADB, 101119, 0)
#define MYSQL	mode_of(MYSQL_SERVER_MYSQL, 80036, 0)

static void lexes(struct mysql_mode mode, const char *text, const char *shown)
{
	assert_string_equal(tokens(&mode, text, strlen(text)), shown);
}

static void test_numbers(void **state)
{
	(void)state;
	lexes(MARIADB, "1 1.5 .5 1. 1e3 1.e-3 1e 1st 0x4D 0b01 0xyz 0X41",
	      "i1 d1.5 d.5 d1. f1e3 f1.e-3 w1e w1st h0x4D b0b01 w0xyz w0X41 E");
	lexes(MARIADB, "t.1a t.1 x'4D' B'01' x'4'",
	      "wt m. w1a wt m. w1 Xx'4D' "
	      "BB'01' !");
}

static void test_strings(void **state)
{
	(void)state;
	lexes(MARIADB, "'it''s' \"a\\\"b\" `c``d` n'x' 'open",
	      "s'it''s' s\"a\\\"b\" q`c``d` Nn'x' !");
	lexes(mode_of(MYSQL_SERVER_MARIADB, 101119, MYSQL_ANSI_QUOTES),
	      "\"a\\\" 'b'", "q\"a\\\" s'b' E");
	lexes(mode_of(MYSQL_SERVER_MARIADB, 101119, MYSQL_NO_BACKSLASH_ESCAPES),
	      "'a\\' 1", "s'a\\' i1 E");
}

static void test_comments(void **state)
{
	(void)state;
	lexes(MARIADB, "1--1 -- c\n2 # d\n3 /* ' */ 4 /* open",
	      "i1 m- m- i1 i2 i3 i4 !");
	lexes(MARIADB, "/*!50701 1 */ /*!50100 2 */ /*!999999 3 */ /*! 4 */",
	      "i2 i4 E");
	lexes(MYSQL, "/*!50701 1 */ /*!50100 2 */ /*!999999 3 */ /*! 4 */",
	      "i1 i2 i4 E");
	lexes(MARIADB, "/*M!100100 1 */ /*M!999999 2 */ 3", "i1 i3 E");
	lexes(MYSQL, "/*M!100100 1 */ 3", "i3 E");
	lexes(MARIADB, "/*!999999 a /* b */ c */ 1 /*! 2", "i1 i2 !");
}

static void test_hints(void **state)
{
	(void)state;
	lexes(MYSQL, "SELECT /*+ NO_ICP(t) */ 1 /*+ x */",
	      "wSELECT H/*+ NO_ICP(t) */ i1 E");
	lexes(MARIADB, "SELECT /*+ NO_ICP(t) */ 1", "wSELECT i1 E");
}

static void test_variables(void **state)
{
	(void)state;
	lexes(MARIADB, "@a.b$c := @'x y' @@global.x ? @",
	      "v@a.b$c m:= v@'x y' m@@ wglobal m. wx p? m@ E");
	lexes(MARIADB, "a<=>b<>c!=d->>'$' || e",
	      "wa m<=> wb m<> wc m!= wd "
	      "m->> s'$' m|| we E");
}

/* 0x83 0x5C is one character of sjis: its second byte escapes nothing. */
static void test_trail_bytes(void **state)
{
	struct mysql_mode mode = MARIADB;

	(void)state;
	lexes(mode, "'\x83\\' 1", "!");
	mode.charset = MYSQL_CHARSET_SJIS;
	lexes(mode, "'\x83\\' 1", "s'\x83\\' i1 E");
	mode.charset = MYSQL_CHARSET_GBK;
	lexes(mode, "'\xBF\\' 1", "s'\xBF\\' i1 E");
}

static void test_bytes(void **state)
{
	struct mysql_mode mode = MARIADB;
	struct mysql_lexer lexer = {
	    .mode = &mode, .text = "'a\0b\\0\\n\\%\xFF'", .length = 12};
	struct mysql_token token;
	struct arena arena;
	size_t size;
	char *value;

	(void)state;
	arena_init(&arena, 0);
	mysql_lex_next(&lexer, &token);
	assert_int_equal(token.kind, MYSQL_TOKEN_STRING);
	value = mysql_lex_value(&mode, lexer.text, &token, &arena, &size);
	assert_int_equal(size, 8);
	assert_memory_equal(value, "a\0b\0\n\\%\xFF", 8);
	arena_release(&arena);
}

/* Each beginning of a text is lexed within its bounds. */
static void test_cut(void **state)
{
	static const char text[] =
	    "/*!50100 SELECT*/ x'4D', _utf8'a\\'', 1.5e-3 -- c\n@'v' := `a``b`";
	struct mysql_mode mode = MYSQL;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		char *copy = malloc(i + 1);

		memcpy(copy, text, i);
		tokens(&mode, copy, i);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_strings),
	    cmocka_unit_test(test_comments),
	    cmocka_unit_test(test_hints),
	    cmocka_unit_test(test_variables),
	    cmocka_unit_test(test_trail_bytes),
	    cmocka_unit_test(test_bytes),
	    cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
