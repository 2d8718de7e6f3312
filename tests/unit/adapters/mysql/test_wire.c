/* The wire codec: what it tells of each kind of command, at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/adapters/mysql/wire_play.h"

static void play_simple(struct script *script, struct buffer *out)
{
	put_query(out, "select 1");
	CLIENT();
	put_count(out, 2, true);
	put_column(out, 0xfd);
	put_column(out, 0x03);
	put_middle(out, AUTO);
	PUT(out, "\3abc\xfb");
	PUT(out, "\0\1"
		 "7");
	put_eof(out, AUTO);
	SERVER();
}

static void test_simple(void **state)
{
	(void)state;
	check_both(play_simple, "statement 1 query 'select 1'\n"
				"columns 1.0 68\n"
				"row 1.0 5\n"
				"row 1.0 3\n"
				"end 1.0 ok rows=2 columns=2\n"
				"commit 1 after=0\n"
				"ready I\n");
}

static void play_writes(struct script *script, struct buffer *out)
{
	put_query(out, "insert");
	CLIENT();
	put_ok(out, 0, 3, 41, AUTO, 1,
	       "&Records: 3  Duplicates: 0  Warnings: 1");
	SERVER();
	put_query(out, "update");
	CLIENT();
	put_ok(out, 0, 1, 0, AUTO, 0,
	       "Rows matched: 3  Changed: 1  Warnings: 0");
	SERVER();
	put_query(out, "bad");
	CLIENT();
	put_failure(out, 1064, "42000", "no");
	SERVER();
}

static void test_writes(void **state)
{
	(void)state;
	check_both(
	    play_writes,
	    "statement 1 query 'insert'\n"
	    "end 1.0 ok '&Records: 3  Duplicates: 0  Warnings: 1' warnings=1 "
	    "id=41 matched=3/3\n"
	    "commit 1 after=0\n"
	    "ready I\n"
	    "statement 2 query 'update'\n"
	    "end 2.0 ok 'Rows matched: 3  Changed: 1  Warnings: 0' "
	    "matched=3/1\n"
	    "commit 2 after=2\n"
	    "ready I\n"
	    "statement 3 query 'bad'\n"
	    "end 3.0 failed 42000:no\n"
	    "rollback 3 after=4\n"
	    "ready I\n");
}

/* Each statement of a text is a transaction of its own, and a procedure has
 * several answers. */
static void play_several(struct script *script, struct buffer *out)
{
	put_query(out, "insert; select 1; bad");
	CLIENT();
	put_ok(out, 0, 1, 0, AUTO | MORE, 0, "");
	put_count(out, 1, true);
	put_column(out, 0x03);
	put_middle(out, AUTO | MORE);
	PUT(out, "\1"
		 "1");
	put_eof(out, AUTO | MORE);
	put_failure(out, 1064, "42000", "no");
	SERVER();
}

static void test_several(void **state)
{
	(void)state;
	check_both(play_several, "statement 1 query 'insert; select 1; bad'\n"
				 "end 1.0 ok matched=1/1\n"
				 "commit 1 after=0\n"
				 "columns 1.1 34\n"
				 "row 1.1 2\n"
				 "end 1.1 ok rows=1 columns=1\n"
				 "commit 1 after=0\n"
				 "end 1.2 failed 42000:no\n"
				 "rollback 1 after=0\n"
				 "ready I\n");
}

static void transaction_step(struct script *script, struct buffer *out,
			     const char *text, unsigned status)
{
	put_query(out, text);
	CLIENT();
	put_ok(out, 0, 0, 0, status, 0, "");
	SERVER();
}

static void transaction_fails(struct script *script, struct buffer *out,
			      unsigned code)
{
	put_query(out, "update");
	CLIENT();
	put_failure(out, code, "40001", "no");
	SERVER();
}

static void play_transactions(struct script *script, struct buffer *out)
{
	transaction_step(script, out, "begin", AUTO | IN_TRANS);
	transaction_step(script, out, "rollback to a", AUTO | IN_TRANS);
	/* Ends one and begins the next: the flags are the same. */
	transaction_step(script, out, "/*!50000 start */ transaction",
			 AUTO | IN_TRANS);
	transaction_step(script, out, "create table t (a int)", AUTO);
	transaction_step(script, out, "begin", AUTO | IN_TRANS);
	transaction_step(script, out, "# x\n rollback work", AUTO);
	transaction_step(script, out, "begin", AUTO | IN_TRANS);
	transaction_step(script, out, "commit and chain", AUTO | IN_TRANS);
	transaction_step(script, out, "call p()", AUTO);
}

static void test_transactions(void **state)
{
	(void)state;
	check(play_transactions, "statement 1 query 'begin'\n"
				 "end 1.0 ok\n"
				 "ready T\n"
				 "statement 2 query 'rollback to a'\n"
				 "end 2.0 ok\n"
				 "ready T\n"
				 "statement 3 query '/*!50000 start */ "
				 "transaction'\n"
				 "end 3.0 ok\n"
				 "commit 3 after=2\n"
				 "ready T\n"
				 "statement 4 query 'create table t (a int)'\n"
				 "end 4.0 ok\n"
				 "commit 4 after=4\n"
				 "ready I\n"
				 "statement 5 query 'begin'\n"
				 "end 5.0 ok\n"
				 "ready T\n"
				 "statement 6 query '# x\n rollback work'\n"
				 "end 6.0 ok\n"
				 "rollback 6 after=7\n"
				 "ready I\n"
				 "statement 7 query 'begin'\n"
				 "end 7.0 ok\n"
				 "ready T\n"
				 "statement 8 query 'commit and chain'\n"
				 "end 8.0 ok\n"
				 "commit 8 after=10\n"
				 "ready T\n"
				 "statement 9 query 'call p()'\n"
				 "end 9.0 ok\n"
				 "unknown 9 after=12\n"
				 "ready I\n");
}

/* An error has no flags: a deadlock undid all, of a lock's time limit nobody
 * knows, another error undid its statement. */
static void play_failures(struct script *script, struct buffer *out)
{
	transaction_step(script, out, "begin", AUTO | IN_TRANS);
	transaction_fails(script, out, 1213);
	transaction_step(script, out, "insert", AUTO);
	transaction_step(script, out, "begin", AUTO | IN_TRANS);
	transaction_fails(script, out, 1205);
	transaction_step(script, out, "insert", AUTO);
	transaction_step(script, out, "begin", AUTO | IN_TRANS);
	transaction_fails(script, out, 1062);
	transaction_step(script, out, "commit", AUTO);
}

static void test_failures(void **state)
{
	(void)state;
	check(play_failures, "statement 1 query 'begin'\n"
			     "end 1.0 ok\n"
			     "ready T\n"
			     "statement 2 query 'update'\n"
			     "end 2.0 failed 40001:no\n"
			     "rollback 2 after=1\n"
			     "ready I\n"
			     "statement 3 query 'insert'\n"
			     "end 3.0 ok\n"
			     "commit 3 after=3\n"
			     "ready I\n"
			     "statement 4 query 'begin'\n"
			     "end 4.0 ok\n"
			     "ready T\n"
			     "statement 5 query 'update'\n"
			     "end 5.0 failed 40001:no\n"
			     "ready T\n"
			     "statement 6 query 'insert'\n"
			     "end 6.0 ok\n"
			     "unknown 6 after=7\n"
			     "ready I\n"
			     "statement 7 query 'begin'\n"
			     "end 7.0 ok\n"
			     "ready T\n"
			     "statement 8 query 'update'\n"
			     "end 8.0 failed 40001:no\n"
			     "ready T\n"
			     "statement 9 query 'commit'\n"
			     "end 9.0 ok\n"
			     "commit 9 after=11\n"
			     "ready I\n");
}

static void play_file(struct script *script, struct buffer *out)
{
	put_query(out, "load data local infile 'f' into table t");
	CLIENT();
	PUT(out, "\xfb"
		 "f");
	SERVER();
	PUT(out, "\3a line\n"); /* a file may begin like a command */
	PUT(out, "more\n");
	PUT(out, "");
	CLIENT();
	put_ok(out, 0, 2, 0, AUTO, 0, "");
	SERVER();
	put_query(out, "select");
	CLIENT();
	put_failure(out, 1064, "42000", "no");
	SERVER();
}

static void test_file(void **state)
{
	(void)state;
	check(play_file,
	      "statement 1 query 'load data local infile 'f' into table t'\n"
	      "input 1 copy 13:.a line.more.\n"
	      "end 1.0 ok matched=2/2 in\n"
	      "commit 1 after=0\n"
	      "ready I\n"
	      "statement 2 query 'select'\n"
	      "end 2.0 failed 42000:no\n"
	      "rollback 2 after=2\n"
	      "ready I\n");
}

/* Commands that are no statements, between statements that are. */
static void play_others(struct script *script, struct buffer *out)
{
	transaction_step(script, out, "begin", AUTO | IN_TRANS);
	put_command(out, 0x0e, "", 0); /* PING */
	CLIENT();
	put_ok(out, 0, 0, 0, AUTO | IN_TRANS, 0, "");
	SERVER();
	put_command(out, 0x09, "", 0); /* STATISTICS */
	CLIENT();
	PUT(out, "Uptime: 7");
	SERVER();
	put_command(out, 0x04, "t\0", 2); /* FIELD_LIST */
	CLIENT();
	put_column(out, 3);
	put_column(out, 3);
	put_eof(out, AUTO | IN_TRANS);
	SERVER();
	put_command(out, 0x1b, "\1\0", 2); /* SET_OPTION */
	CLIENT();
	put_eof(out, AUTO | IN_TRANS);
	SERVER();
	put_command(out, 0x0c, "\1\0\0\0", 4); /* PROCESS_KILL */
	CLIENT();
	put_failure(out, 1094, "HY000", "no such thread");
	SERVER();
	put_command(out, 0x2f, "?", 1); /* not known */
	CLIENT();
	put_failure(out, 1047, "08S01", "unknown command");
	SERVER();
	put_command(out, 0x1f, "", 0); /* RESET_CONNECTION */
	CLIENT();
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	SERVER();
	put_command(out, 0x01, "", 0);
	CLIENT();
}

static void test_others(void **state)
{
	(void)state;
	check_both(play_others, "statement 1 query 'begin'\n"
				"end 1.0 ok\n"
				"ready T\n"
				"rollback 1 after=1\n"
				"changed reset '' '' after=1\n");
}

static void play_change_user(struct script *script, struct buffer *out)
{
	put_command(out, 0x11, "bob\0\0store\0\x21\0", 13);
	CLIENT();
	PUT(out, "\xfe"
		 "mysql_native_password\0abcdefghijklmnopqrst");
	SERVER();
	PUT(out, "\3proof that looks like a query");
	CLIENT();
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	SERVER();
	transaction_step(script, out, "select", AUTO);
}

static void test_change_user(void **state)
{
	struct wire_session session;
	struct script script;

	(void)state;
	check(play_change_user, "changed reset 'bob' 'store' after=0\n"
				"statement 1 query 'select'\n"
				"end 1.0 ok\n"
				"commit 1 after=0\n"
				"ready I\n");
	play(play_change_user, &script, 0, 0);
	assert_true(mysql_wire.describe(script.wire, &session));
	assert_string_equal(session.role, "bob");
	assert_string_equal(session.database, "store");
	script_release(&script);
}

/* What the server says of the session, and a command for its database. */
static void play_tracked(struct script *script, struct buffer *out)
{
	put_query(out, "use store");
	CLIENT();
	put_packet(out,
		   "\0\0\0\2\x40\0\0\4"
		   "info"
		   "\x18"
		   "\0\x0d\x0a"
		   "autocommit\1"
		   "1"
		   "\1\6\5"
		   "store\2\0",
		   38);
	SERVER();
	put_command(out, 0x02, "last", 4);
	CLIENT();
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	SERVER();
}

static void test_tracked(void **state)
{
	struct wire_session session;
	struct script script;
	bool found = false;

	(void)state;
	script_wants = SCRIPT_PLAIN | HANDSHAKE_SESSION_TRACK;
	check(play_tracked, "statement 1 query 'use store'\n"
			    "end 1.0 ok 'info'\n"
			    "commit 1 after=0\n"
			    "ready I\n"
			    "changed '' 'last' after=2\n");
	play(play_tracked, &script, 0, 0);
	assert_true(mysql_wire.describe(script.wire, &session));
	assert_string_equal(session.database, "last");
	for (size_t i = 0; i < session.reported_count; i++)
		found |= !strcmp(session.reported[i].name, "autocommit") &&
			 !strcmp(session.reported[i].value, "1");
	assert_true(found);
	script_release(&script);
	script_wants = SCRIPT_PLAIN;
}

static void play_attributes(struct script *script, struct buffer *out)
{
	/* two: a string "n" = "xy", a NULL "m" */
	put_command(out, 0x03, "\2\1\2\1\xfd\0\1n\x06\0\1m\2xyselect", 21);
	put_command(out, 0x03, "\0\1select 2", 10);
	CLIENT();
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	SERVER();
}

static void test_attributes(void **state)
{
	(void)state;
	script_wants = SCRIPT_PLAIN | HANDSHAKE_QUERY_ATTRIBUTES;
	check(play_attributes, "statement 1 query 'select' bind=15\n"
			       "statement 2 query 'select 2' bind=2 implicit\n"
			       "end 1.0 ok\n"
			       "commit 1 after=0\n"
			       "ready I busy\n"
			       "end 2.0 ok\n"
			       "commit 2 after=0\n"
			       "ready I\n");
	script_wants = SCRIPT_PLAIN;
}

/* A report of progress is no error. */
static void play_progress(struct script *script, struct buffer *out)
{
	put_query(out, "alter");
	CLIENT();
	PUT(out, "\xff\xff\xff\1\1\2\1\0\0\5stage");
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	SERVER();
}

static void test_progress(void **state)
{
	(void)state;
	script_wants = SCRIPT_PLAIN | HANDSHAKE_PROGRESS;
	check(play_progress, "statement 1 query 'alter'\n"
			     "end 1.0 ok\n"
			     "commit 1 after=0\n"
			     "ready I\n");
	script_wants = SCRIPT_PLAIN;
}

/* What is not followed, or makes no sense, passes and is not captured. */
static void play_dump(struct script *script, struct buffer *out)
{
	put_query(out, "select");
	put_command(out, 0x12, "\4\0\0\0\0\0\1\0\0\0binlog", 16);
	CLIENT();
	PUT(out, "\0anything");
	SERVER();
	put_query(out, "never told");
	CLIENT();
}

static void play_nonsense(struct script *script, struct buffer *out)
{
	put_query(out, "select");
	CLIENT();
	put_count(out, 1, true);
	put_column(out, 3);
	put_middle(out, AUTO);
	PUT(out, "\7abc"); /* longer than its row */
	SERVER();
	put_query(out, "never told");
	CLIENT();
}

static void play_unasked(struct script *script, struct buffer *out)
{
	put_ok(out, 0, 0, 0, AUTO, 0, "");
	SERVER();
}

static void test_uncaptured(void **state)
{
	(void)state;
	check(play_dump, "statement 1 query 'select'\n"
			 "end 1.0 abandoned\n"
			 "unknown 1 after=1\n"
			 "uncaptured BINLOG_DUMP\n");
	check_both(play_nonsense, "statement 1 query 'select'\n"
				  "columns 1.0 34\n"
				  "end 1.0 abandoned rows=0 columns=1\n"
				  "unknown 1 after=1\n"
				  "uncaptured malformed row\n");
	check(play_unasked, "uncaptured an answer to nothing from the server "
			    "out of place\n");
}

/* The end of a result may be long, too; it is shorter than any row that begins
 * like it. */
static void play_long_end(struct script *script, struct buffer *out)
{
	char info[600];

	memset(info, 'i', sizeof(info));
	info[sizeof(info) - 1] = 0;
	put_query(out, "select");
	CLIENT();
	put_count(out, 1, true);
	put_column(out, 3);
	put_ok(out, 0xfe, 0, 0, AUTO, 0, info);
	SERVER();
}

static void test_long_end(void **state)
{
	struct script script;

	(void)state;
	script_wants = SCRIPT_PLAIN | HANDSHAKE_DEPRECATE_EOF;
	check(play_long_end, NULL);
	play(play_long_end, &script, 0, 0);
	assert_non_null(strstr(buffer_string(&script.told), "end 1.0 ok 'iii"));
	assert_non_null(strstr(buffer_string(&script.told),
			       "iii' rows=0 columns=1\ncommit 1 after=0\n"));
	script_release(&script);
	script_wants = SCRIPT_PLAIN;
}

/* A value over several frames is digested as one, and its row is not kept. */
static void large_row(void)
{
	size_t size = PACKET_FRAME_MAX + 100;
	uint8_t *row = calloc(1, size + 8);
	struct script script;
	struct buffer out;
	struct digest digest[1];
	struct rows_digest rows;

	assert_non_null(row);
	buffer_init(&out, 0);
	script_init(&script);
	script_login(&script);
	put_query(&out, "select");
	script_give(&script, true, &out);
	put_count(&out, 1, true);
	put_column(&out, 0xfc);
	put_middle(&out, AUTO);
	memset(row, 'v', size);
	memset(row, 0, 9);
	row[0] = 0xfe; /* a length of eight bytes: no end of the result */
	packet_put_head(row + 1, (size - 9) & 0xffffff, 1);
	put_packet(&out, row, PACKET_FRAME_MAX);
	put_packet(&out, row + PACKET_FRAME_MAX, size - PACKET_FRAME_MAX);
	put_eof(&out, AUTO);
	script.piece = 65536;
	script_give(&script, false, &out);
	assert_non_null(strstr(buffer_string(&script.told),
			       "end 1.0 ok rows=1 columns=1 capped\n"));
	rows_digest_start(&rows, digest, 1, 1);
	rows_digest_cell(&rows, row + 9, size - 9);
	rows_digest_row_end(&rows);
	assert_memory_equal(script.digests.data, &rows.ordered, 16);
	script_release(&script);
	buffer_release(&out);
	free(row);
}

static void test_large_row(void **state)
{
	(void)state;
	large_row();
	script_wants = SCRIPT_PLAIN | HANDSHAKE_DEPRECATE_EOF;
	large_row();
	script_wants = SCRIPT_PLAIN;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_simple),
	    cmocka_unit_test(test_writes),
	    cmocka_unit_test(test_several),
	    cmocka_unit_test(test_transactions),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_change_user),
	    cmocka_unit_test(test_tracked),
	    cmocka_unit_test(test_attributes),
	    cmocka_unit_test(test_progress),
	    cmocka_unit_test(test_uncaptured),
	    cmocka_unit_test(test_long_end),
	    cmocka_unit_test(test_large_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
