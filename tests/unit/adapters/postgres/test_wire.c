/* The wire codec: what it tells of each kind of exchange, at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/adapters/postgres/wire_script.h"

typedef void play_function(struct script *script, struct buffer *out);

/* Shorthand for the plays: give what was built. */
#define CLIENT() script_give(script, true, out)
#define SERVER() script_give(script, false, out)

static void play(play_function *function, struct script *script, size_t piece,
		 size_t first)
{
	struct buffer out;

	buffer_init(&out, 0);
	script_init(script);
	script_login(script);
	buffer_clear(&script->told);
	buffer_clear(&script->to_client);
	buffer_clear(&script->to_server);
	script->piece = piece;
	script->first = first;
	function(script, &out);
	buffer_release(&out);
}

/* Plays it whole, byte by byte, and cut once at each offset: the same. */
static void check(play_function *function, const char *expected)
{
	struct script whole;
	struct script cut;

	play(function, &whole, 0, 0);
	script_close(&whole);
	if (expected)
		assert_string_equal(buffer_string(&whole.told), expected);
	for (size_t at = 0; at < 400; at++) {
		play(function, &cut, at ? 0 : 1, at);
		script_close(&cut);
		assert_string_equal(buffer_string(&cut.told),
				    buffer_string(&whole.told));
		assert_int_equal(cut.bind_total, whole.bind_total);
		assert_int_equal(cut.digests.size, whole.digests.size);
		assert_memory_equal(cut.digests.data, whole.digests.data,
				    whole.digests.size);
		assert_int_equal(cut.to_client.size, whole.to_client.size);
		assert_memory_equal(cut.to_client.data, whole.to_client.data,
				    whole.to_client.size);
		assert_int_equal(cut.to_server.size, whole.to_server.size);
		assert_memory_equal(cut.to_server.data, whole.to_server.data,
				    whole.to_server.size);
		script_release(&cut);
	}
	script_release(&whole);
}

static void play_simple(struct script *script, struct buffer *out)
{
	put_text(out, 'Q', "select 1");
	CLIENT();
	put_columns(out, 2);
	PUT_ROW(out, "1", "\\N");
	PUT_ROW(out, "", "abc");
	put_done(out, "SELECT 2");
	put_ready(out, 'I');
	SERVER();
}

static void test_simple(void **state)
{
	(void)state;
	check(play_simple, "statement 1 query 'select 1'\n"
			   "columns 1.0 44\n"
			   "row 1.0 11\n"
			   "row 1.0 13\n"
			   "end 1.0 ok 'SELECT 2' rows=2 columns=2\n"
			   "commit 1 after=0\n"
			   "ready I\n");
}

static void play_several(struct script *script, struct buffer *out)
{
	put_text(out, 'Q', "begin; insert; rollback to a; rollback; update");
	CLIENT();
	put_done(out, "BEGIN");
	put_problem(out, 'N', "WARNING", "01000", "careful");
	put_problem(out, 'N', "NOTICE", "00000", "by the way");
	put_done(out, "INSERT 0 1");
	put_done(out, "ROLLBACK");
	put_done(out, "ROLLBACK");
	put_done(out, "UPDATE 3");
	put_ready(out, 'I');
	SERVER();
	put_text(out, 'Q', "commit and chain; bad");
	CLIENT();
	put_done(out, "COMMIT");
	put_error(out, "42P01");
	put_ready(out, 'E');
	SERVER();
	put_text(out, 'Q', "commit");
	CLIENT();
	put_done(out, "ROLLBACK");
	put_ready(out, 'I');
	SERVER();
	put_text(out, 'Q', ";");
	CLIENT();
	put_empty(out, "I");
	put_ready(out, 'I');
	SERVER();
}

static void test_several(void **state)
{
	(void)state;
	check(play_several,
	      "statement 1 query 'begin; insert; rollback to a; rollback; '\n"
	      "end 1.0 ok 'BEGIN'\n"
	      "end 1.1 ok 'INSERT 0 1' warnings=1\n"
	      "end 1.2 ok 'ROLLBACK'\n"
	      "end 1.3 ok 'ROLLBACK'\n"
	      "rollback 0 after=0\n"
	      "end 1.4 ok 'UPDATE 3'\n"
	      "commit 1 after=0\n"
	      "ready I\n"
	      "statement 2 query 'commit and chain; bad'\n"
	      "end 2.0 ok 'COMMIT'\n"
	      "commit 1 after=7\n"
	      "end 2.1 failed 42P01:no\n"
	      "ready E\n"
	      "statement 3 query 'commit'\n"
	      "end 3.0 ok 'ROLLBACK'\n"
	      "rollback 3 after=10\n"
	      "ready I\n"
	      "statement 4 query ';'\n"
	      "end 4.0 empty\n"
	      "commit 4 after=12\n"
	      "ready I\n");
}

/* Nothing but a semicolon behind it: a text of one statement. */
static void play_savepoint(struct script *script, struct buffer *out)
{
	put_text(out, 'Q', "begin;");
	CLIENT();
	put_done(out, "BEGIN");
	put_ready(out, 'T');
	SERVER();
	put_text(out, 'Q', " ; rollback to a ; \n;");
	CLIENT();
	put_done(out, "ROLLBACK");
	put_ready(out, 'T');
	SERVER();
	put_text(out, 'Q', "rollback;");
	CLIENT();
	put_done(out, "ROLLBACK");
	put_ready(out, 'I');
	SERVER();
}

/* However many statements stand before it. */
static void play_far_savepoint(struct script *script, struct buffer *out)
{
	struct buffer text;

	buffer_init(&text, 0);
	buffer_append_string(&text, "begin;create rule r as on insert to t do "
				    "(select 1; rollback to a);");
	for (int i = 0; i < 300; i++)
		buffer_append_string(&text, "select;");
	buffer_append_string(&text, "rollback to a;rollback");
	put_text(out, 'Q', buffer_string(&text));
	buffer_release(&text);
	CLIENT();
	put_done(out, "BEGIN");
	put_done(out, "CREATE RULE");
	for (int i = 0; i < 300; i++)
		put_done(out, "SELECT 0");
	put_done(out, "ROLLBACK");
	put_done(out, "ROLLBACK");
	put_ready(out, 'I');
	SERVER();
}

static void test_savepoint(void **state)
{
	(void)state;
	check(play_savepoint, "statement 1 query 'begin;'\n"
			      "end 1.0 ok 'BEGIN'\n"
			      "ready T\n"
			      "statement 2 query ' ; rollback to a ; \n;'\n"
			      "end 2.0 ok 'ROLLBACK'\n"
			      "ready T\n"
			      "statement 3 query 'rollback;'\n"
			      "end 3.0 ok 'ROLLBACK'\n"
			      "rollback 3 after=2\n"
			      "ready I\n");
}

/* One rollback, not two: the first went to the savepoint. */
static void test_far_savepoint(void **state)
{
	struct script script;
	const char *told;

	(void)state;
	check(play_far_savepoint, NULL);
	play(play_far_savepoint, &script, 0, 0);
	script_close(&script);
	told = buffer_string(&script.told);
	assert_non_null(strstr(told, "end 1.302 ok 'ROLLBACK'\n"
				     "end 1.303 ok 'ROLLBACK'\n"
				     "rollback 1 after=0\n"));
	script_release(&script);
}

static void play_extended(struct script *script, struct buffer *out)
{
	put_parse(out, "s", "select $1", 1);
	put_named(out, 'D', 'S', "s");
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "1");
	put(out, 't', "\0\1\0\0\0\x19", 6);
	put_columns(out, 1);
	put_ready(out, 'I');
	SERVER();
	put_bind(out, "p", "s", 3);
	put_execute(out, "p", 1);
	put_empty(out, "H");
	put_execute(out, "p", 0);
	put_bind(out, "", "s", 0);
	put_execute(out, "", 0);
	put_named(out, 'C', 'S', "s");
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "2");
	PUT_ROW(out, "x");
	put_empty(out, "s");
	put_done(out, "SELECT 0");
	put_empty(out, "2");
	PUT_ROW(out, "y");
	put_done(out, "SELECT 1");
	put_empty(out, "3");
	put_ready(out, 'I');
	SERVER();
	put_execute(out, "cursor", 5); /* declared by SQL */
	put_empty(out, "S");
	CLIENT();
	put_error(out, "34000");
	put_ready(out, 'I');
	SERVER();
}

static void test_extended(void **state)
{
	(void)state;
	check(play_extended,
	      "ready I\n"
	      "statement 1 execute 'select $1' bind=13 $25 names=s/p limit=1\n"
	      "statement 2 execute 'select $1' $25 names=s/p resumed=1 "
	      "implicit\n"
	      "statement 3 execute 'select $1' bind=10 $25 names=s/ implicit\n"
	      "row 1.0 7\n"
	      "end 1.0 suspended rows=1 columns=1 described=23\n"
	      "end 2.0 ok 'SELECT 0' rows=0 columns=1 described=23\n"
	      "row 3.0 7\n"
	      "end 3.0 ok 'SELECT 1' rows=1 columns=1 described=23\n"
	      "commit 3 after=0\n"
	      "ready I\n"
	      "statement 4 execute '' names=/cursor limit=5 resumed=0\n"
	      "end 4.0 failed 34000:no\n"
	      "rollback 4 after=4\n"
	      "ready I\n");
}

/* The digests of a split answer are those taken at once. */
static void test_digests(void **state)
{
	struct digest columns[2];
	struct rows_digest rows;
	struct script script;

	(void)state;
	rows_digest_start(&rows, columns, 2, 2);
	rows_digest_cell(&rows, "1", 1);
	rows_digest_null(&rows);
	rows_digest_row_end(&rows);
	rows_digest_cell(&rows, "", 0);
	rows_digest_cell(&rows, "abc", 3);
	rows_digest_row_end(&rows);
	play(play_simple, &script, 1, 0);
	assert_int_equal(script.digests.size, 64);
	assert_memory_equal(script.digests.data, &rows.ordered, 16);
	assert_memory_equal(script.digests.data + 16, &rows.unordered, 16);
	assert_memory_equal(script.digests.data + 32, columns, 32);
	script_release(&script);
}

static void play_pipeline(struct script *script, struct buffer *out)
{
	/* Sent as a whole; the third statement fails, Sync, then one more. */
	put_parse(out, "", "insert", 0);
	put_bind(out, "", "", 1);
	put_execute(out, "", 0);
	put_parse(out, "old", "select old", 0);
	put_bind(out, "", "old", 1);
	put_execute(out, "", 0);
	put_parse(out, "", "fails", 0);
	put_bind(out, "", "", 1);
	put_named(out, 'D', 'P', "");
	put_execute(out, "", 0);
	put_named(out, 'C', 'S', "old");
	put_bind(out, "", "old", 1);
	put_execute(out, "", 0);
	put_empty(out, "S");
	put_bind(out, "", "old", 1);
	put_execute(out, "", 0);
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "12");
	put_done(out, "INSERT 0 1");
	put_empty(out, "12");
	put_done(out, "SELECT 0");
	put_empty(out, "1");
	put_error(out, "22012"); /* at Bind: what the Execute would say */
	put_ready(out, 'I');
	put_empty(out, "2");
	put_done(out, "SELECT 0");
	put_ready(out, 'I');
	SERVER();
	/* The close was skipped: the name is still known. */
	put_bind(out, "", "old", 1);
	put_execute(out, "", 0);
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "2");
	put_done(out, "SELECT 0");
	put_ready(out, 'I');
	SERVER();
}

static void test_pipeline(void **state)
{
	(void)state;
	check(play_pipeline,
	      "statement 1 execute 'insert' bind=11\n"
	      "statement 2 execute 'select old' bind=11 names=old/ implicit\n"
	      "statement 3 execute 'fails' bind=11 implicit\n"
	      "statement 4 execute '' bind=11 implicit\n"
	      "statement 5 execute '' bind=11 implicit\n"
	      "end 1.0 ok 'INSERT 0 1'\n"
	      "end 2.0 ok 'SELECT 0'\n"
	      "end 3.0 failed 22012:no\n"
	      "end 4.0 skipped\n"
	      "rollback 3 after=0\n"
	      "ready I busy\n"
	      "end 5.0 ok 'SELECT 0'\n"
	      "commit 5 after=0\n"
	      "ready I\n"
	      "statement 6 execute 'select old' bind=11 names=old/\n"
	      "end 6.0 ok 'SELECT 0'\n"
	      "commit 6 after=7\n"
	      "ready I\n");
}

static void play_skipping(struct script *script, struct buffer *out)
{
	put_parse(out, "", "fails", 0);
	put_bind(out, "", "", 1);
	put_execute(out, "", 0);
	put_empty(out, "H");
	CLIENT();
	put_empty(out, "12");
	put_error(out, "22012");
	SERVER();
	put_parse(out, "", "never", 0);
	put_bind(out, "", "", 1);
	put_execute(out, "", 0);
	put_text(out, 'Q', "nor this");
	put_empty(out, "S");
	CLIENT();
	put_ready(out, 'I');
	SERVER();
	/* An implicit commit that fails is no statement's own answer. */
	put_parse(out, "", "insert", 0);
	put_bind(out, "", "", 1);
	put_execute(out, "", 0);
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "12");
	put_done(out, "INSERT 0 1");
	put_error(out, "23503");
	put_ready(out, 'I');
	SERVER();
	/* A Parse that fails on its own undoes its block. */
	put_text(out, 'Q', "begin");
	CLIENT();
	put_done(out, "BEGIN");
	put_ready(out, 'T');
	SERVER();
	put_parse(out, "x", "bad", 0);
	put_empty(out, "S");
	CLIENT();
	put_error(out, "42601");
	put_ready(out, 'E');
	SERVER();
	put_text(out, 'Q', "end");
	CLIENT();
	put_done(out, "ROLLBACK");
	put_ready(out, 'I');
	SERVER();
}

static void test_skipping(void **state)
{
	(void)state;
	check(play_skipping, "statement 1 execute 'fails' bind=11\n"
			     "end 1.0 failed 22012:no\n"
			     "statement 2 execute '' implicit\n"
			     "end 2.0 skipped\n"
			     "statement 3 query 'nor this' implicit\n"
			     "end 3.0 skipped\n"
			     "rollback 1 after=3\n"
			     "ready I\n"
			     "statement 4 execute 'insert' bind=11\n"
			     "end 4.0 ok 'INSERT 0 1'\n"
			     "rollback 4 after=4 23503\n"
			     "ready I\n"
			     "statement 5 query 'begin'\n"
			     "end 5.0 ok 'BEGIN'\n"
			     "ready T\n"
			     "ready E\n"
			     "statement 6 query 'end'\n"
			     "end 6.0 ok 'ROLLBACK'\n"
			     "rollback 6 after=7 42601\n"
			     "ready I\n");
}

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

static void play_calls(struct script *script, struct buffer *out)
{
	put(out, 'F', "\0\0\0\1\0\0\0\0\0\0", 10);
	CLIENT();
	put(out, 'V', "\0\0\0\2ok", 6);
	put_ready(out, 'I');
	SERVER();
	/* Asynchronous messages, then the server's last word, in mid-query. */
	put(out, 'A', "\0\0\0\1x\0y\0", 8);
	put(out, 'S', "TimeZone\0CET", 13);
	SERVER();
	put_text(out, 'Q', "begin; select");
	CLIENT();
	put_done(out, "BEGIN");
	put_problem(out, 'E', "FATAL", "57P01", "shutdown");
	SERVER();
}

static void test_calls(void **state)
{
	(void)state;
	check(play_calls, "statement 1 call '' call=10\n"
			  "row 1.0 8\n"
			  "end 1.0 ok rows=1 columns=1\n"
			  "commit 1 after=0\n"
			  "ready I\n"
			  "statement 2 query 'begin; select'\n"
			  "end 2.0 ok 'BEGIN'\n"
			  "end 2.1 failed 57P01:shutdown\n"
			  "rollback 2 after=4\n");
}

static void play_vanish(struct script *script, struct buffer *out)
{
	put_text(out, 'Q', "begin");
	CLIENT();
	put_done(out, "BEGIN");
	put_ready(out, 'T');
	SERVER();
	put_text(out, 'Q', "commit");
	CLIENT();
	put(out, 'C', "COM", 3);
	out->size -= 5; /* the server closes in mid-message */
	SERVER();
}

static void test_vanish(void **state)
{
	(void)state;
	check(play_vanish, "statement 1 query 'begin'\n"
			   "end 1.0 ok 'BEGIN'\n"
			   "ready T\n"
			   "statement 2 query 'commit'\n"
			   "end 2.0 abandoned\n"
			   "unknown 2 after=2\n");
}

static void play_long(struct script *script, struct buffer *out)
{
	struct buffer text;

	/* A Bind above 64 KiB goes out before its Execute; another one is
	 * never executed; a text above the limit is cut. */
	script->limits.max_statement = 100;
	script->limits.max_result = 100;
	put_parse(out, "s", "insert", 0);
	put_bind(out, "big", "s", 100000);
	put_bind(out, "unused", "s", 70000);
	put_execute(out, "big", 0);
	put_empty(out, "S");
	CLIENT();
	put_empty(out, "122");
	put_done(out, "INSERT 0 1");
	put_ready(out, 'I');
	SERVER();
	buffer_init(&text, 0);
	for (int i = 0; i < 5000; i++)
		buffer_append_byte(&text, 'q');
	put_text(out, 'Q', buffer_string(&text));
	CLIENT();
	put_columns(out, 1);
	PUT_ROW(out, "kept");
	PUT_ROW(out, buffer_string(&text)); /* past the cap: digested only */
	PUT_ROW(out, "nor this");
	put_done(out, "SELECT 3");
	put_ready(out, 'I');
	SERVER();
	buffer_release(&text);
}

static void test_long(void **state)
{
	(void)state;
	check(play_long,
	      "statement 1 execute 'insert' long names=s/big\n"
	      "statement 2 execute 'insert' long names=s/unused implicit\n"
	      "end 1.0 ok 'INSERT 0 1'\n"
	      "commit 1 after=0\n"
	      "end 2.0 skipped\n"
	      "ready I\n"
	      "statement 3 query 'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq' "
	      "truncated\n"
	      "columns 3.0 23\n"
	      "row 3.0 10\n"
	      "end 3.0 ok 'SELECT 3' rows=3 columns=1 capped\n"
	      "commit 3 after=3\n"
	      "ready I\n");
}

struct wrong {
	bool client;
	const char *bytes;
	size_t size;
};

/* Gives all of it, in any pieces; what was told since must be this. */
static void check_passes(const struct wrong *wrong, struct script *script,
			 const char *told)
{
	struct buffer *passed =
	    wrong->client ? &script->to_server : &script->to_client;
	struct buffer out;

	buffer_init(&out, 0);
	buffer_clear(&script->told);
	buffer_clear(passed);
	buffer_append(&out, wrong->bytes, wrong->size);
	script_give(script, wrong->client, &out);
	assert_int_equal(script->verb, WIRE_OPEN);
	assert_int_equal(passed->size, wrong->size);
	assert_memory_equal(passed->data, wrong->bytes, wrong->size);
	assert_string_equal(buffer_string(&script->told), told);
	buffer_release(&out);
}

/* What the server ends a session for passes, and is its affair; what it may not
 * send passes, and is not followed any more. */
static void test_wrong(void **state)
{
#define WRONG(client, bytes)                                                   \
	{                                                                      \
		client, bytes, sizeof(bytes) - 1                               \
	}
	static const struct wrong cases[] = {
	    WRONG(true, "Q\x7f\xff\xff\xff"), /* 2 GB */
	    WRONG(true, "Q\0\0\0\3"),
	    WRONG(true, "Q\xff\xff\xff\xff"),
	    WRONG(true, "D\0\1\0\0"),  /* too long for a Describe */
	    WRONG(true, "p\0\0\0\5x"), /* out of place */
	    WRONG(true, "\0\0\0\0\0"),
	    WRONG(true, "z\0\0\0\4"),
	    WRONG(false, "Z\0\0\0\5I"), /* nobody asked */
	    WRONG(false, "D\0\0\0\6\0\0"),
	    WRONG(false, "C\0\0\0\6X\0"),
	    WRONG(false, "R\0\0\0\x08\0\0\0\0"),
	    WRONG(false, "E\x80\0\0\0"),
	    WRONG(false, "d\0\0\0\4"),
	    WRONG(false, "1\0\0\0\4"),
	    WRONG(false, "S\0\0\0\6ab"),
	    WRONG(false, "y\0\0\0\4"),
	};
	static const char *const reasons[] = {
	    "message ReadyForQuery from the server out of place",
	    "message DataRow from the server out of place",
	    "message CommandComplete from the server out of place",
	    "message Authentication out of place",
	    "message ErrorResponse with impossible length 2147483648",
	    "message CopyData out of place",
	    "message ParseComplete from the server out of place",
	    "malformed ParameterStatus",
	    "unknown message type 0x79",
	};
	const size_t count = sizeof(cases) / sizeof(*cases);
	const size_t clients = count - sizeof(reasons) / sizeof(*reasons);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t piece = 0; piece < 3; piece++) {
			struct script script;
			char told[128] = "";

			if (i >= clients)
				snprintf(told, sizeof(told), "uncaptured %s\n",
					 reasons[i - clients]);
			script_init(&script);
			script_login(&script);
			script.piece = piece;
			check_passes(&cases[i], &script, told);
			/* And all that follows. */
			check_passes(&cases[0], &script, "");
			script_release(&script);
		}
}

/* A malformed row within an answer. */
static void test_wrong_row(void **state)
{
	static const struct wrong cases[] = {
	    WRONG(false, "D\0\0\0\x0a\0\1\0\0\0\x05"),
	    WRONG(false, "D\0\0\0\x0a\0\2\xff\xff\xff\xff"),
	    WRONG(false, "D\0\0\0\x0b\0\1\xff\xff\xff\xff."),
	    WRONG(false, "D\0\0\0\x0a\0\1\xff\xff\xff\xfe"),
	    WRONG(false, "D\0\0\0\x08\0\1\0\0"),
	    WRONG(false, "Z\0\0\0\5I"),
	};
	struct buffer out;

	(void)state;
	buffer_init(&out, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t piece = 0; piece < 8; piece++) {
			struct script script;

			script_init(&script);
			script_login(&script);
			put_text(&out, 'Q', "select");
			script_give(&script, true, &out);
			put_columns(&out, 1);
			script_give(&script, false, &out);
			script.piece = piece;
			buffer_clear(&script.told);
			buffer_append(&out, cases[i].bytes, cases[i].size);
			script_give(&script, false, &out);
			assert_non_null(strstr(buffer_string(&script.told),
					       "end 1.0 abandoned"));
			assert_non_null(strstr(buffer_string(&script.told),
					       "\nuncaptured "));
			script_close(&script); /* tells nothing more */
			assert_null(strstr(strstr(buffer_string(&script.told),
						  "\nuncaptured ") +
					       1,
					   "\nunknown"));
			script_release(&script);
		}
	buffer_release(&out);
}

static void start(struct script *script, struct buffer *out, size_t piece)
{
	script_init(script);
	script->piece = piece;
	script_give(script, true, out);
}

/* Of every length: what goes on is what came, wherever the packet was moved. */
static void test_startup_lengths(void **state)
{
	char pairs[300] = "user\0a\0name";
	struct script script;
	struct buffer out;

	(void)state;
	buffer_init(&out, 0);
	for (size_t size = 14; size < sizeof(pairs); size++) {
		memset(pairs + 12, 'v', size - 12);
		pairs[11] = pairs[size - 2] = pairs[size - 1] = '\0';
		put_startup(&out, 196608, pairs, size);
		start(&script, &out, 0);
		assert_int_equal(script.verb, WIRE_OPEN);
		assert_int_equal(script.to_server.size, size + 8);
		assert_memory_equal(script.to_server.data + 8, pairs, size);
		script_release(&script);
	}
	buffer_release(&out);
}

static void test_startup(void **state)
{
	struct script script;
	struct buffer out;

	(void)state;
	buffer_init(&out, 0);
	for (size_t piece = 0; piece < 20; piece++) {
		/* TLS and GSS are declined, once each. */
		put_startup(&out, 80877103, "", 0);
		start(&script, &out, piece);
		put_startup(&out, 80877104, "", 0);
		script_give(&script, true, &out);
		put_startup(&out, 196608, "user\0a\0", 8);
		script_give(&script, true, &out);
		assert_int_equal(script.verb, WIRE_OPEN);
		assert_int_equal(script.to_client.size, 2);
		assert_memory_equal(script.to_client.data, "NN", 2);
		assert_int_equal(script.to_server.size, 16);
		script_release(&script);

		put_startup(&out, 80877103, "", 0);
		start(&script, &out, piece);
		put_startup(&out, 80877103, "", 0);
		script_give(&script, true, &out);
		assert_int_equal(script.verb, WIRE_REFUSE);
		script_release(&script);

		put_startup(&out, 80877102, "12345678", 8);
		start(&script, &out, piece);
		assert_int_equal(script.verb, WIRE_RAW);
		assert_int_equal(script.to_server.size, 16);
		script_release(&script);

		/* Of whatever length: what is wrong with it the server says. */
		put_startup(&out, 80877102, "1234", 4);
		start(&script, &out, piece);
		assert_int_equal(script.verb, WIRE_RAW);
		assert_int_equal(script.to_server.size, 12);
		script_release(&script);

		put_startup(&out, 131072, "user\0a\0", 8); /* version 2 */
		start(&script, &out, piece);
		assert_int_equal(script.verb, WIRE_OPEN);
		assert_int_equal(script.to_server.size, 16);
		script_release(&script);

		/* TLS again behind GSS, as the server has it. */
		put_startup(&out, 80877103, "", 0);
		start(&script, &out, piece);
		put_startup(&out, 80877104, "", 0);
		script_give(&script, true, &out);
		put_startup(&out, 80877103, "", 0);
		script_give(&script, true, &out);
		assert_int_equal(script.verb, WIRE_PASS);
		assert_int_equal(script.to_client.size, 3);
		script_release(&script);

		buffer_append_u32(&out, 0x7fffffff);
		start(&script, &out, piece);
		assert_int_equal(script.verb, WIRE_REFUSE);
		script_release(&script);

		buffer_append_u32(&out, 7);
		start(&script, &out, piece);
		assert_int_equal(script.verb, WIRE_REFUSE);
		script_release(&script);
	}
	buffer_release(&out);
}

static void test_opened(void **state)
{
	struct script script;

	(void)state;
	script_init(&script);
	script_login(&script);
	assert_string_equal(buffer_string(&script.told),
			    "opened ann shop application_name=test "
			    "TimeZone:GMT\n");
	script_release(&script);
}

/* The answer to a startup packet with this in it, and how it was told. */
static void check_replication(const char *value, const char *told)
{
	struct script script;
	struct buffer pairs;
	struct buffer out;

	buffer_init(&pairs, 0);
	buffer_init(&out, 0);
	buffer_append(&pairs, "user\0ann\0replication", 21);
	buffer_append(&pairs, value, strlen(value) + 1);
	buffer_append_byte(&pairs, 0);
	put_startup(&out, 196608, (const char *)pairs.data, pairs.size);
	start(&script, &out, 0);
	put(&out, 'R', "\0\0\0\0", 4);
	put_ready(&out, 'I');
	script_give(&script, false, &out);
	assert_string_equal(buffer_string(&script.told), told);
	script_release(&script);
	buffer_release(&pairs);
	buffer_release(&out);
}

/* PostgreSQL's parse_bool: any case, any beginning that is no other's. */
static void test_replication(void **state)
{
	static const char *const no[] = {"false", "FALSE", "f",	 "Fal", "no",
					 "N",	  "off",   "OF", "0"};
	static const char *const yes[] = {"true", "TRU", "t", "yes",
					  "Y",	  "on",	 "1", "database"};
	char told[64];

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		snprintf(told, sizeof(told), "opened ann ann replication=%s\n",
			 no[i]);
		check_replication(no[i], told);
	}
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		check_replication(yes[i], "uncaptured replication\n");
}

/* Startup, a query and goodbye at once: the bytes go out at once, and are read
 * when the server is ready. */
static void test_early(void **state)
{
	(void)state;
	for (size_t piece = 0; piece < 40; piece++) {
		struct script script;
		struct buffer out;

		buffer_init(&out, 0);
		put_startup(&out, 196608, "user\0ann\0", 10);
		put_text(&out, 'Q', "select 1");
		put_empty(&out, "X");
		start(&script, &out, piece);
		assert_int_equal(script.to_server.size, 18 + 14 + 5);
		assert_false(postgres_wire.ready_for_client(script.wire));
		put(&out, 'R', "\0\0\0\0", 4);
		put(&out, 'K', "\0\0\0\1 a key that is longer", 26);
		put_ready(&out, 'I');
		put_done(&out, "SELECT 0");
		put_ready(&out, 'I');
		script_give(&script, false, &out);
		assert_true(postgres_wire.ready_for_client(script.wire));
		assert_true(postgres_wire.clean(script.wire));
		assert_string_equal(buffer_string(&script.told),
				    "opened ann ann\n"
				    "statement 1 query 'select 1'\n"
				    "end 1.0 ok 'SELECT 0'\n"
				    "commit 1 after=0\n"
				    "ready I\n");
		script_release(&script);
		buffer_release(&out);
	}
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

/* Names are cut as the server cuts them; the memory that they take is bounded,
 * and what is not kept is not mistaken for what is. */
static void test_names(void **state)
{
	struct script script;
	struct buffer out;
	char *name = malloc(1000001);

	(void)state;
	memset(name, 'n', 1000000);
	name[1000000] = 0;
	buffer_init(&out, 0);
	script_init(&script);
	script.limits.max_session = 100000;
	script_login(&script);
	put_parse(&out, name, "first", 0);
	name[63] = 'x'; /* is cut off */
	put_bind(&out, "", name, 1);
	put_execute(&out, "", 0);
	buffer_clear(&script.told);
	script_give(&script, true, &out);
	name[63] = 0;
	assert_non_null(strstr(buffer_string(&script.told), "'first' bind="));
	assert_non_null(strstr(buffer_string(&script.told), name));
	assert_true(script.told.size < 200);
	for (int i = 0; i < 10000; i++) {
		snprintf(name, 64, "s%d", i);
		put_parse(&out, name, "another one", 0);
	}
	put_bind(&out, "", "s9999", 1);
	put_execute(&out, "", 0);
	buffer_clear(&script.told);
	script_give(&script, true, &out);
	assert_non_null(strstr(buffer_string(&script.told), "'' truncated"));
	buffer_release(&out);
	script_release(&script);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_simple),
	    cmocka_unit_test(test_several),
	    cmocka_unit_test(test_savepoint),
	    cmocka_unit_test(test_far_savepoint),
	    cmocka_unit_test(test_extended),
	    cmocka_unit_test(test_digests),
	    cmocka_unit_test(test_pipeline),
	    cmocka_unit_test(test_skipping),
	    cmocka_unit_test(test_copy),
	    cmocka_unit_test(test_calls),
	    cmocka_unit_test(test_vanish),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_wrong_row),
	    cmocka_unit_test(test_startup),
	    cmocka_unit_test(test_startup_lengths),
	    cmocka_unit_test(test_opened),
	    cmocka_unit_test(test_early),
	    cmocka_unit_test(test_replication),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_copy_sync),
	    cmocka_unit_test(test_copy_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
