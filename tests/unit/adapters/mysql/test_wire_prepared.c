/* The wire codec: prepared statements, at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/adapters/mysql/wire_play.h"

/* PREPARE's answer: statement 7, columns, parameters. */
static void put_prepared(struct buffer *out, uint8_t columns,
			 uint8_t parameters)
{
	uint8_t body[] = {0, 7, 0, 0, 0, columns, 0, parameters, 0, 0, 0, 0};

	put_packet(out, body, sizeof(body));
	for (uint8_t i = 0; i < parameters; i++)
		put_column(out, 0xfd);
	if (parameters)
		put_middle(out, AUTO);
	for (uint8_t i = 0; i < columns; i++)
		put_column(out, 0x03);
	if (columns)
		put_middle(out, AUTO);
}

static void play_prepared(struct script *script, struct buffer *out)
{
	put_command(out, 0x16, "select ?, ?", 11);
	CLIENT();
	put_prepared(out, 2, 2);
	SERVER();
	put_command(out, 0x18, "\7\0\0\0\1\0long", 10);
	/* types bound: LONG, BLOB; 5 */
	put_command(out, 0x17, "\7\0\0\0\0\1\0\0\0\0\1\3\0\xfc\0\5\0\0\0", 19);
	CLIENT();
	put_count(out, 2, true);
	put_column(out, 0x03);
	put_column(out, 0xfc);
	put_middle(out, AUTO);
	PUT(out, "\0\0\5\0\0\0\4long");
	PUT(out, "\0\4\1x"); /* NULL, "x" */
	put_eof(out, AUTO);
	SERVER();
	/* types as before */
	put_command(out, 0x17, "\7\0\0\0\0\1\0\0\0\3\0", 11);
	CLIENT();
	put_failure(out, 1213, "40001", "no");
	SERVER();
	put_command(out, 0x1a, "\7\0\0\0", 4);
	CLIENT();
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	SERVER();
	put_command(out, 0x19, "\7\0\0\0", 4);
	put_command(out, 0x17, "\7\0\0\0\0\1\0\0\0\3\0", 11);
	CLIENT();
	put_failure(out, 1243, "HY000", "unknown");
	SERVER();
}

static void test_prepared(void **state)
{
	(void)state;
	check_both(play_prepared,
		   "statement 1 execute 'select ?, ?' bind=15 call=10 $3 $252 "
		   "names=7/\n"
		   "columns 1.0 68\n"
		   "row 1.0 11\n"
		   "row 1.0 4\n"
		   "end 1.0 ok rows=2 columns=2\n"
		   "commit 1 after=0\n"
		   "ready I\n"
		   "statement 2 execute 'select ?, ?' bind=7 $3 $252 names=7/\n"
		   "end 2.0 failed 40001:no\n"
		   "rollback 2 after=2\n"
		   "ready I\n"
		   "statement 3 execute '' bind=7\n"
		   "end 3.0 failed HY000:unknown\n"
		   "rollback 3 after=4\n"
		   "ready I\n");
}

/* MariaDB's clients execute what they prepare before it is answered. */
static void play_direct(struct script *script, struct buffer *out)
{
	put_command(out, 0x16, "insert ?", 8);
	put_command(out, 0x17, "\xff\xff\xff\xff\0\1\0\0\0\0\1\3\0\5\0\0\0",
		    17);
	CLIENT();
	put_prepared(out, 0, 1);
	put_ok(out, 0, 1, 9, AUTO, 0, "");
	SERVER();
	put_command(out, 0x17, "\7\0\0\0\0\1\0\0\0\0\0\6\0\0\0", 15);
	CLIENT();
	put_ok(out, 0, 1, 10, AUTO, 0, "");
	SERVER();
}

static void test_direct(void **state)
{
	(void)state;
	check_both(play_direct,
		   "statement 1 execute 'insert ?' bind=13\n"
		   "end 1.0 ok id=9 matched=1/1\n"
		   "commit 1 after=0\n"
		   "ready I\n"
		   "statement 2 execute 'insert ?' bind=11 $3 names=7/\n"
		   "end 2.0 ok id=10 matched=1/1\n"
		   "commit 2 after=2\n"
		   "ready I\n");
}

static void play_cursor(struct script *script, struct buffer *out)
{
	put_command(out, 0x16, "select a", 8);
	CLIENT();
	put_prepared(out, 1, 0);
	SERVER();
	put_command(out, 0x17, "\7\0\0\0\1\1\0\0\0", 9);
	CLIENT();
	put_count(out, 1, true);
	put_column(out, 0x03);
	put_eof(out, AUTO | CURSOR);
	SERVER();
	put_command(out, 0x1c, "\7\0\0\0\2\0\0\0", 8);
	CLIENT();
	PUT(out, "\0\0\1\0\0\0");
	PUT(out, "\0\0\2\0\0\0");
	put_eof(out, AUTO | CURSOR);
	SERVER();
	put_command(out, 0x1c, "\7\0\0\0\2\0\0\0", 8);
	CLIENT();
	put_eof(out, AUTO | LAST_ROW | CURSOR);
	SERVER();
}

static void test_cursor(void **state)
{
	(void)state;
	check_both(play_cursor,
		   "statement 1 execute 'select a' bind=5 names=7/\n"
		   "columns 1.0 34\n"
		   "end 1.0 suspended rows=0 columns=1\n"
		   "commit 1 after=0\n"
		   "ready I\n"
		   "statement 2 execute 'select a' names=7/ limit=2 resumed=1\n"
		   "row 2.0 6\n"
		   "row 2.0 6\n"
		   "end 2.0 suspended rows=2 columns=1 described=34\n"
		   "commit 2 after=2\n"
		   "ready I\n"
		   "statement 3 execute 'select a' names=7/ limit=2 resumed=1\n"
		   "end 3.0 ok rows=0 columns=1 described=34\n"
		   "commit 3 after=4\n"
		   "ready I\n");
}

/* Definitions that the client has already are not sent again. */
static void play_cached(struct script *script, struct buffer *out)
{
	put_command(out, 0x16, "select a", 8);
	CLIENT();
	put_prepared(out, 1, 0);
	SERVER();
	put_command(out, 0x17, "\7\0\0\0\0\1\0\0\0", 9);
	CLIENT();
	put_count(out, 1, false);
	put_middle(out, AUTO);
	PUT(out, "\0\0\1\0\0\0");
	put_eof(out, AUTO);
	SERVER();
}

static void test_cached(void **state)
{
	static const uint64_t ends[] = {0, HANDSHAKE_DEPRECATE_EOF};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		script_wants = SCRIPT_PLAIN | HANDSHAKE_CACHE_METADATA |
			       HANDSHAKE_EXTENDED_METADATA | ends[i];
		check(play_cached,
		      "statement 1 execute 'select a' bind=5 names=7/\n"
		      "row 1.0 6\n"
		      "end 1.0 ok rows=1 columns=1 described=35\n"
		      "commit 1 after=0\n"
		      "ready I\n");
	}
	script_wants = SCRIPT_PLAIN;
}

static void play_bulk(struct script *script, struct buffer *out)
{
	put_command(out, 0x16, "insert ?", 8);
	CLIENT();
	put_prepared(out, 0, 1);
	SERVER();
	put_command(out, 0xfa, "\7\0\0\0\x80\0\3\0\0\1\0\0\0\0\2\0\0\0", 18);
	CLIENT();
	put_ok(out, 0, 2, 5, AUTO, 0, "");
	SERVER();
}

static void test_bulk(void **state)
{
	(void)state;
	check(play_bulk, "statement 1 execute 'insert ?' bind=14 $3 names=7/\n"
			 "end 1.0 ok id=5 matched=2/2\n"
			 "commit 1 after=0\n"
			 "ready I\n");
}

/* Parameters that are longer than what is held go out as they come. */
static void play_long(struct script *script, struct buffer *out)
{
	size_t size = 200000;
	uint8_t *body = calloc(1, size);

	assert_non_null(body);
	put_command(out, 0x16, "insert ?", 8);
	CLIENT();
	put_prepared(out, 0, 1);
	SERVER();
	memcpy(body, "\7\0\0\0\0\1\0\0\0\0\1\xfc\0", 13);
	put_command(out, 0x17, body, size);
	free(body);
	CLIENT();
	put_ok(out, 0, 1, 0, AUTO, 0, "");
	SERVER();
}

static void test_long(void **state)
{
	struct script script;
	static const size_t pieces[] = {0, 1, 1000, 65536, 131072};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		play(play_long, &script, pieces[i], 0);
		assert_int_equal(script.bind_total, 200000 - 4);
		assert_non_null(strstr(buffer_string(&script.told),
				       "end 1.0 ok matched=1/1\n"));
		script_release(&script);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_prepared), cmocka_unit_test(test_direct),
	    cmocka_unit_test(test_cursor),   cmocka_unit_test(test_cached),
	    cmocka_unit_test(test_bulk),     cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
