/* The wire codec: what it tells of each kind of exchange, at every split. */
#include "unit/adapters/postgres/wire_play.h"

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
	    cmocka_unit_test(test_calls),
	    cmocka_unit_test(test_vanish),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
