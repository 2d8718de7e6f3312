/* The login: what passes, what is cleared, what opens the session; and the
 * errors that the relay itself writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/adapters/mysql/wire_script.h"

#define OFFERS (UINT64_MAX & ~HANDSHAKE_NOT_MARIADB)

struct login {
	struct script script;
	struct buffer body;
	struct buffer out;
};

static void login_init(struct login *login, size_t piece)
{
	script_init(&login->script);
	login->script.piece = piece;
	buffer_init(&login->body, 0);
	buffer_init(&login->out, 0);
	script_sequence = 0;
}

static void login_release(struct login *login)
{
	script_release(&login->script);
	buffer_release(&login->body);
	buffer_release(&login->out);
}

static void give_greeting(struct login *login)
{
	buffer_clear(&login->body);
	put_greeting(&login->body, OFFERS);
	put_packet(&login->out, login->body.data, login->body.size);
	script_give(&login->script, false, &login->out);
}

static void give_response(struct login *login, uint64_t wants)
{
	buffer_clear(&login->body);
	put_response(&login->body, wants);
	put_packet(&login->out, login->body.data, login->body.size);
	script_give(&login->script, true, &login->out);
}

/* The newest bytes that went there are these. */
static void expect_tail(const struct buffer *to, const struct buffer *expected)
{
	assert_true(to->size >= expected->size);
	assert_memory_equal(to->data + to->size - expected->size,
			    expected->data, expected->size);
}

static void login_once(size_t piece)
{
	struct login login;
	struct buffer expected;

	login_init(&login, piece);
	buffer_init(&expected, 0);
	give_greeting(&login);
	put_greeting(&login.body, 0);
	buffer_clear(&login.body);
	put_greeting(&login.body, OFFERS & handshake_followed);
	expect_tail(&login.script.to_client, &login.body);
	assert_int_equal(login.script.to_client.size,
			 login.body.size + PACKET_HEAD);

	give_response(&login, SCRIPT_PLAIN | HANDSHAKE_COMPRESS |
				  HANDSHAKE_CONNECT_ATTRS);
	assert_int_equal(login.script.verb, WIRE_ASK);
	buffer_clear(&login.body);
	put_response(&login.body, SCRIPT_PLAIN | HANDSHAKE_CONNECT_ATTRS);
	expect_tail(&login.script.to_server, &login.body);

	/* Plugins talk: a switch, a proof, more data, a proof, OK. */
	PUT(&login.out, "\xfe"
			"caching_sha2_password\0abcdefghijklmnopqrst");
	script_give(&login.script, false, &login.out);
	PUT(&login.out, "\3not a query");
	script_give(&login.script, true, &login.out);
	PUT(&login.out, "\1\4");
	script_give(&login.script, false, &login.out);
	PUT(&login.out, "");
	script_give(&login.script, true, &login.out);
	assert_string_equal(buffer_string(&login.script.told), "");
	put_ok(&login.out, 0, 0, 0, AUTO, 0, "");
	script_give(&login.script, false, &login.out);
	assert_string_equal(
	    buffer_string(&login.script.told),
	    "opened ann shop capabilities=1671816 collation=45 "
	    "max_packet=16777216 attribute.program=app "
	    "version:10.11.6-MariaDB connection_id:77 collation:45\n");
	login_release(&login);
	buffer_release(&expected);
}

static void test_login(void **state)
{
	(void)state;
	for (size_t piece = 0; piece < 130; piece++)
		login_once(piece);
}

static void test_refused(void **state)
{
	struct login login;
	uint8_t out[100];

	(void)state;
	login_init(&login, 0);
	give_greeting(&login);
	give_response(&login, SCRIPT_PLAIN);
	assert_false(mysql_wire.wrong_password(login.script.wire));
	put_failure(&login.out, 1045, "28000", "Access denied");
	script_give(&login.script, false, &login.out);
	assert_true(mysql_wire.wrong_password(login.script.wire));
	assert_string_equal(buffer_string(&login.script.told), "");
	/* The server has said its last word. */
	assert_int_equal(mysql_wire.complain(login.script.wire, WIRE_LOST, "x",
					     out, sizeof(out)),
			 0);
	login_release(&login);
}

/* An error in the greeting's place. */
static void test_blocked(void **state)
{
	struct login login;

	(void)state;
	login_init(&login, 1);
	PUT(&login.out, "\xff\x69\4Host is blocked");
	buffer_append(&login.body, login.out.data, login.out.size);
	script_give(&login.script, false, &login.out);
	expect_tail(&login.script.to_client, &login.body);
	login_release(&login);
}

/* Another version passes, and is not captured. */
static void test_other_version(void **state)
{
	struct login login;

	(void)state;
	login_init(&login, 0);
	PUT(&login.out, "\x09"
			"3.20\0abcd");
	script_give(&login.script, false, &login.out);
	assert_string_equal(buffer_string(&login.script.told),
			    "uncaptured a greeting other than version 10\n");
	buffer_clear(&login.script.to_server);
	PUT(&login.out, "anything");
	script_give(&login.script, true, &login.out);
	assert_int_equal(login.script.to_server.size, 4 + 8);
	login_release(&login);
}

static void test_refuses(void **state)
{
	struct login login;

	(void)state;
	login_init(&login, 0); /* before the greeting */
	put_query(&login.out, "select 1");
	script_give(&login.script, true, &login.out);
	assert_int_equal(login.script.verb, WIRE_REFUSE);
	assert_int_equal(login.script.to_server.size, 0);
	login_release(&login);

	login_init(&login, 0); /* TLS, which was not offered */
	give_greeting(&login);
	put_response(&login.body, SCRIPT_PLAIN | HANDSHAKE_SSL);
	buffer_clear(&login.body);
	put_response(&login.body, SCRIPT_PLAIN | HANDSHAKE_SSL);
	put_packet(&login.out, login.body.data, 32);
	script_give(&login.script, true, &login.out);
	assert_int_equal(login.script.verb, WIRE_REFUSE);
	assert_int_equal(login.script.to_server.size, 0);
	login_release(&login);

	login_init(&login, 0); /* a response that never ends */
	give_greeting(&login);
	buffer_append(&login.out, "\xff\xff\x7f\1", 4);
	for (size_t i = 0; i < 200000; i++)
		buffer_append_byte(&login.out, 'x');
	script_give(&login.script, true, &login.out);
	assert_int_equal(login.script.verb, WIRE_REFUSE);
	assert_int_equal(login.script.to_server.size, 0);
	login_release(&login);
}

/* What a client asks for beside what it was offered is cleared. */
static void test_not_offered(void **state)
{
	struct login login;

	(void)state;
	login_init(&login, 0);
	put_greeting(&login.body, SCRIPT_PLAIN);
	put_packet(&login.out, login.body.data, login.body.size);
	script_give(&login.script, false, &login.out);
	give_response(&login, SCRIPT_PLAIN | HANDSHAKE_DEPRECATE_EOF |
				  HANDSHAKE_CACHE_METADATA);
	buffer_clear(&login.body);
	put_response(&login.body, SCRIPT_PLAIN);
	expect_tail(&login.script.to_server, &login.body);
	login_release(&login);
}

/* The relay's own errors: numbered as the client expects the next packet. */
static void expect_complaint(struct wire *wire, const char *expected,
			     size_t size)
{
	uint8_t out[100];

	assert_int_equal(
	    mysql_wire.complain(wire, WIRE_SHUTDOWN, "bye", out, sizeof(out)),
	    size);
	assert_memory_equal(out, expected, size);
}

static void test_complains(void **state)
{
	struct login login;
	uint8_t out[8];

	(void)state;
	expect_complaint(NULL, "\x0c\0\0\0\xff\x1d\4#08S01bye", 16);
	login_init(&login, 0);
	expect_complaint(login.script.wire, "\x0c\0\0\0\xff\x1d\4#08S01bye",
			 16);
	give_greeting(&login);
	give_response(&login, SCRIPT_PLAIN);
	expect_complaint(login.script.wire, "\x0c\0\0\2\xff\x1d\4#08S01bye",
			 16);
	put_ok(&login.out, 0, 0, 0, AUTO, 0, "");
	script_give(&login.script, false, &login.out);
	expect_complaint(login.script.wire, "\x0c\0\0\1\xff\x1d\4#08S01bye",
			 16);
	put_query(&login.out, "select");
	script_give(&login.script, true, &login.out);
	expect_complaint(login.script.wire, "\x0c\0\0\1\xff\x1d\4#08S01bye",
			 16);
	put_count(&login.out, 1, true);
	script_give(&login.script, false, &login.out);
	expect_complaint(login.script.wire, "\x0c\0\0\2\xff\x1d\4#08S01bye",
			 16);
	buffer_append(&login.out, "\5\0", 2); /* within a packet: not at all */
	script_give(&login.script, false, &login.out);
	expect_complaint(login.script.wire, "", 0);
	assert_int_equal(mysql_wire.complain(NULL, WIRE_LOST, "x", out, 7), 0);
	login_release(&login);
}

/* Quiet, and polite, only where nothing is open. */
static void test_quiet(void **state)
{
	struct login login;

	(void)state;
	login_init(&login, 0);
	assert_false(mysql_wire.quiet(login.script.wire));
	script_login(&login.script);
	assert_true(mysql_wire.quiet(login.script.wire));
	assert_int_equal(mysql_wire.goodbye(login.script.wire).size, 5);
	put_query(&login.out, "begin");
	script_give(&login.script, true, &login.out);
	assert_false(mysql_wire.quiet(login.script.wire));
	put_ok(&login.out, 0, 0, 0, AUTO | IN_TRANS, 0, "");
	script_give(&login.script, false, &login.out);
	assert_false(mysql_wire.quiet(login.script.wire));
	assert_int_equal(mysql_wire.goodbye(login.script.wire).size, 0);
	assert_false(mysql_wire.clean(login.script.wire));
	put_command(&login.out, 0x01, "", 0);
	script_give(&login.script, true, &login.out);
	assert_true(mysql_wire.clean(login.script.wire));
	login_release(&login);
}

static void test_paths(void **state)
{
	char path[40];

	(void)state;
	assert_int_equal(mysql_wire.socket_path("/s", 3306, path, sizeof(path)),
			 0);
	assert_string_equal(path, "/s/mysqld.sock");
	assert_int_equal(mysql_wire.socket_path("/s", 7, path, sizeof(path)),
			 0);
	assert_string_equal(path, "/s/mysqld.7.sock");
	assert_int_equal(mysql_wire.socket_path("/s", 7, path, 10), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_login),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_blocked),
	    cmocka_unit_test(test_other_version),
	    cmocka_unit_test(test_refuses),
	    cmocka_unit_test(test_not_offered),
	    cmocka_unit_test(test_complains),
	    cmocka_unit_test(test_quiet),
	    cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
