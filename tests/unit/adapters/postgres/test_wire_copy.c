/* The wire codec: COPY, in its place and out of it. */
#include "unit/adapters/postgres/wire_play.h"

static void play_copy(struct script *script, struct buffer *out)
{
	put_text(out, 'Q', "copy t from stdin; copy u to stdout");
	CLIENT();
	put(out, 'G', "\0\0\1\0\0", 5);
	SERVER();
	put(out, 'd', "one\n", 4);
	put(out, 'd', "", 0);
	put(out, 'd', "two\n", 4);
	put_empty(out, "c");
	CLIENT();
	put_done(out, "COPY 2");
	put(out, 'H', "\0\0\1\0\0", 5);
	put(out, 'd', "a\n", 2);
	put(out, 'd', "b\n", 2);
	put_empty(out, "c");
	put_done(out, "COPY 2");
	put_ready(out, 'I');
	SERVER();
	/* As libpq does it: a Sync with the Execute, that the server ignores,
	 * and one behind the data; the client gives up. */
	put_parse(out, "", "copy t from stdin", 0);
	put_bind(out, "", "", 0);
	put_execute(out, "", 0);
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "12");
	put(out, 'G', "\0\0\1\0\0", 5);
	SERVER();
	put(out, 'd', "x\n", 2);
	put_text(out, 'f', "changed my mind");
	put_empty(out, "S");
	CLIENT();
	put_error(out, "57014");
	put_ready(out, 'I');
	SERVER();
	/* The server fails in mid-COPY; the client notices late. */
	put_text(out, 'Q', "copy t from stdin");
	CLIENT();
	put(out, 'G', "\0\0\1\0\0", 5);
	SERVER();
	put(out, 'd', "y\n", 2);
	CLIENT();
	put_error(out, "22P04");
	put_ready(out, 'I');
	SERVER();
	put(out, 'd', "z\n", 2);
	put_empty(out, "c");
	put_text(out, 'Q', "next");
	CLIENT();
	put_done(out, "SELECT 0");
	put_ready(out, 'I');
	SERVER();
}

static void test_copy(void **state)
{
	(void)state;
	check(play_copy,
	      "statement 1 query 'copy t from stdin; copy u to stdout'\n"
	      "input 1 copy 8:one.two.\n"
	      "end 1.0 ok 'COPY 2' in\n"
	      "columns 1.1 5\n"
	      "row 1.1 2\n"
	      "row 1.1 2\n"
	      "end 1.1 ok 'COPY 2' rows=2 columns=1 out\n"
	      "commit 1 after=0\n"
	      "ready I\n"
	      "statement 2 execute 'copy t from stdin' bind=10\n"
	      "input 2 copy 2:x.\n"
	      "input 2 fail 15:changed my mind\n"
	      "end 2.0 failed 57014:no in\n"
	      "rollback 2 after=3\n"
	      "ready I\n"
	      "statement 3 query 'copy t from stdin'\n"
	      "input 3 copy 2:y.\n"
	      "end 3.0 failed 22P04:no in\n"
	      "rollback 3 after=5\n"
	      "ready I\n"
	      "statement 4 query 'next'\n"
	      "end 4.0 ok 'SELECT 0'\n"
	      "commit 4 after=7\n"
	      "ready I\n");
}

/* Syncs inside a COPY's input: ignored if that was still under way. */
static void play_copy_sync(struct script *script, struct buffer *out)
{
	/* It ended well: both were. */
	put_text(out, 'Q', "copy t from stdin");
	put_empty(out, "S");
	put(out, 'd', "1\n", 2);
	put(out, 'H', "x", 1); /* an error elsewhere */
	put(out, 'S', "x", 1); /* this, too */
	put_empty(out, "c");
	put_text(out, 'Q', "one");
	CLIENT();
	put(out, 'G', "\0\0\1\0\0", 5);
	put_done(out, "COPY 1");
	put_ready(out, 'I');
	put_done(out, "ONE");
	put_ready(out, 'I');
	SERVER();
	/* It failed before the Sync. */
	put_text(out, 'Q', "copy t from stdin");
	put(out, 'd', "x\n", 2);
	put_empty(out, "S");
	put_text(out, 'Q', "two");
	CLIENT();
	put(out, 'G', "\0\0\1\0\0", 5);
	put_error(out, "22P04");
	put_ready(out, 'I');
	put_ready(out, 'I');
	put_done(out, "TWO");
	put_ready(out, 'I');
	SERVER();
	/* It failed behind the Sync. */
	put_text(out, 'Q', "copy t from stdin");
	CLIENT();
	put(out, 'G', "\0\0\1\0\0", 5);
	SERVER();
	put_empty(out, "SSS");
	put(out, 'd', "x\n", 2);
	put_empty(out, "c");
	put_text(out, 'Q', "three");
	CLIENT();
	put_error(out, "22P04");
	put_ready(out, 'I');
	put_done(out, "THREE");
	put_ready(out, 'I');
	SERVER();
	/* Executed: the Sync that goes with the data may be ignored. */
	put_parse(out, "", "copy t from stdin", 0);
	put_bind(out, "", "", 0);
	put_execute(out, "", 0);
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "12");
	put(out, 'G', "\0\0\1\0\0", 5);
	SERVER();
	put(out, 'd', "x\n", 2);
	put_empty(out, "cS");
	CLIENT();
	put_error(out, "22P04");
	put_ready(out, 'I');
	SERVER();
	put_text(out, 'Q', "four");
	CLIENT();
	put_done(out, "FOUR");
	put_ready(out, 'I');
	SERVER();
}

static void test_copy_sync(void **state)
{
	(void)state;
	check(play_copy_sync,
	      "statement 1 query 'copy t from stdin'\n"
	      "input 1 copy 2:1.\n"
	      "statement 2 query 'one' implicit\n"
	      "end 1.0 ok 'COPY 1' in\n"
	      "commit 1 after=0\n"
	      "ready I busy\n"
	      "end 2.0 ok 'ONE'\n"
	      "commit 2 after=0\n"
	      "ready I\n"
	      "statement 3 query 'copy t from stdin'\n"
	      "input 3 copy 2:x.\n"
	      "statement 4 query 'two' implicit\n"
	      "end 3.0 failed 22P04:no in\n"
	      "rollback 3 after=4\n"
	      "ready I busy\n"
	      "ready I busy\n"
	      "end 4.0 ok 'TWO'\n"
	      "commit 4 after=4\n"
	      "ready I\n"
	      "statement 5 query 'copy t from stdin'\n"
	      "input 5 copy 2:x.\n"
	      "statement 6 query 'three' implicit\n"
	      "end 5.0 failed 22P04:no in\n"
	      "rollback 5 after=8\n"
	      "ready I busy\n"
	      "end 6.0 ok 'THREE'\n"
	      "commit 6 after=8\n"
	      "ready I\n"
	      "statement 7 execute 'copy t from stdin' bind=10\n"
	      "input 7 copy 2:x.\n"
	      "end 7.0 failed 22P04:no in\n"
	      "rollback 7 after=12\n"
	      "ready I\n"
	      "statement 8 query 'four'\n"
	      "end 8.0 ok 'FOUR'\n"
	      "commit 8 after=14\n"
	      "ready I\n");
}

/* A Sync with a body, and the COPY fails: whether its error comes, or nothing
 * of it, cannot be told from the answers. */
static void play_copy_malformed(struct script *script, struct buffer *out)
{
	put_text(out, 'Q', "copy t from stdin");
	put(out, 'S', "x", 1);
	put_empty(out, "S");
	put_text(out, 'Q', "one");
	CLIENT();
	put(out, 'G', "\0\0\1\0\0", 5);
	put_error(out, "22P04");
	put_ready(out, 'I');
	put_error(out, "08P01");
	put_ready(out, 'I');
	put_ready(out, 'I');
	put_done(out, "ONE");
	put_ready(out, 'I');
	SERVER();
}

static void test_copy_malformed(void **state)
{
	(void)state;
	check(play_copy_malformed,
	      "statement 1 query 'copy t from stdin'\n"
	      "statement 2 query 'one' implicit\n"
	      "end 1.0 failed 22P04:no in\n"
	      "end 2.0 abandoned\n"
	      "unknown 2 after=2\n"
	      "uncaptured a malformed Flush or Sync in a failed COPY\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_copy),
	    cmocka_unit_test(test_copy_sync),
	    cmocka_unit_test(test_copy_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
