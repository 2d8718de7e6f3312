/* The codec's part in TLS: who asks, what is refused, which logins are offered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/adapters/postgres/wire_script.h"

static struct buffer out;

static void start(struct script *script, size_t piece, bool tls)
{
	script_init(script);
	script->piece = piece;
	if (tls) {
		script_close(script);
		script->wire = postgres_wire.open(&script->limits,
						  &script_events, script, true);
	}
}

static void give(struct script *script, uint32_t code)
{
	put_startup(&out, code, "", 0);
	script_give(script, true, &out);
}

static void test_tls_is_begun(void **state)
{
	struct script script;

	(void)state;
	for (size_t piece = 0; piece < 9; piece++) {
		start(&script, piece, true);
		give(&script, 80877104); /* GSS first */
		give(&script, 80877103);
		assert_int_equal(script.verb, WIRE_SECURE);
		assert_int_equal(script.to_client.size, 2);
		assert_memory_equal(script.to_client.data, "NS", 2);
		put_startup(&out, 196608, "user\0a\0", 8);
		script_give(&script, true, &out);
		assert_int_equal(script.verb, WIRE_OPEN);
		assert_int_equal(script.to_server.size, 16);
		script_release(&script);
	}
}

/* Inside TLS there is nothing more to ask for. */
static void test_tls_once(void **state)
{
	static const uint32_t again[] = {80877103, 80877104};
	struct script script;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		start(&script, 0, true);
		give(&script, 80877103);
		give(&script, again[i]);
		assert_int_equal(script.verb, WIRE_REFUSE);
		script_release(&script);
	}
}

/* What follows the question in the clear could be an intruder's. */
static void test_clear_bytes_are_refused(void **state)
{
	static const uint32_t codes[] = {80877103, 80877104};
	struct script script;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		start(&script, 0, i & 1);
		put_startup(&out, codes[i / 2], "", 0);
		buffer_append_byte(&out, 'x');
		script_give(&script, true, &out);
		assert_int_equal(script.verb, WIRE_REFUSE);
		assert_int_equal(script.to_client.data[0], 'E');
		assert_non_null(memmem(script.to_client.data,
				       script.to_client.size,
				       "received unencrypted data after", 31));
		script_release(&script);
	}
}

static void login(struct script *script, size_t piece)
{
	start(script, piece, false);
	put_startup(&out, 196608, "user\0a\0", 8);
	script_give(script, true, &out);
	buffer_clear(&script->to_client);
}

#define SASL(list) "\0\0\0\12" list

struct offer {
	const char *body;
	size_t size;
	const char *shown;
	size_t shown_size;
};
#define OFFER(a, b)                                                            \
	{                                                                      \
		a, sizeof(a) - 1, b, sizeof(b) - 1                             \
	}

static void test_offers(void **state)
{
	static const struct offer offers[] = {
	    OFFER(SASL("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"),
		  SASL("SCRAM-SHA-256\0\0")),
	    OFFER(SASL("SCRAM-SHA-256\0SCRAM-SHA-256-PLUS\0OAUTH\0\0"),
		  SASL("SCRAM-SHA-256\0OAUTH\0\0")),
	    OFFER(SASL("SCRAM-SHA-256\0\0"), SASL("SCRAM-SHA-256\0\0")),
	    /* nothing would be left; not ended; ended at once */
	    OFFER(SASL("SCRAM-SHA-256-PLUS\0\0"),
		  SASL("SCRAM-SHA-256-PLUS\0\0")),
	    OFFER(SASL("SCRAM-SHA-256-PLUS\0SCRAM"),
		  SASL("SCRAM-SHA-256-PLUS\0SCRAM")),
	    OFFER(SASL(""), SASL("")),
	    /* other ways to log in */
	    OFFER("\0\0\0\5abcd", "\0\0\0\5abcd"),
	    OFFER("\0\0\0\0", "\0\0\0\0"),
	};
	struct buffer wanted;
	struct script script;

	(void)state;
	buffer_init(&wanted, 0);
	for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++)
		for (size_t piece = 0; piece < 90; piece++) {
			login(&script, piece);
			for (int k = 0; k < 2; k++) {
				struct buffer *to = k ? &wanted : &out;

				buffer_clear(to);
				put(to, 'v', "\0\3\0\0\0\0\0\0", 8);
				put_problem(to, 'N', "NOTICE", "00000", "hi");
				put(to, 'R',
				    k ? offers[i].shown : offers[i].body,
				    k ? offers[i].shown_size : offers[i].size);
				put(to, 'R', "\0\0\0\13abc", 7);
				put(to, 'R', "\0\0\0\0", 4);
				put_ready(to, 'I');
			}
			script_give(&script, false, &out);
			assert_int_equal(script.to_client.size, wanted.size);
			assert_memory_equal(script.to_client.data, wanted.data,
					    wanted.size);
			script_release(&script);
		}
	buffer_release(&wanted);
}

/* A client on TLS that could bind, where the server could, too. */
static void test_negotiation_is_refused(void **state)
{
	static const char *const firsts[] = {"y,,n=,r=abc", "n,,n=,r=abc",
					     "p=tls-unique,,n=,r="};
	struct script script;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		for (size_t piece = 0; piece < 50; piece++) {
			const char *first = firsts[i / 2];
			struct buffer body;

			login(&script, piece);
			if (i & 1)
				put(&out, 'R',
				    SASL("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0"),
				    38);
			else
				put(&out, 'R', SASL("SCRAM-SHA-256\0"), 19);
			script_give(&script, false, &out);
			buffer_clear(&script.to_client);
			buffer_init(&body, 0);
			buffer_append(&body, "SCRAM-SHA-256", 14);
			buffer_append_u32(&body, (uint32_t)strlen(first));
			buffer_append_string(&body, first);
			put(&out, 'p', body.data, body.size);
			buffer_release(&body);
			script_give(&script, true, &out);
			if (i == 1) {
				assert_int_equal(script.verb, WIRE_REFUSE);
				assert_non_null(
				    memmem(script.to_client.data,
					   script.to_client.size,
					   "channel_binding=disable", 23));
			} else {
				assert_int_equal(script.verb, WIRE_OPEN);
			}
			script_release(&script);
		}
}

static void expect_claims(const char *pairs, size_t size, const char *user,
			  const char *database)
{
	struct script script;
	const char *claimed_user;
	const char *claimed_database;

	start(&script, 0, false);
	put_startup(&out, 196608, pairs, size);
	script_give(&script, true, &out);
	postgres_wire.claims(script.wire, &claimed_user, &claimed_database);
	assert_string_equal(claimed_user, user);
	assert_string_equal(claimed_database, database);
	script_release(&script);
}

/* As the server reads them: of several the last one counts. */
static void test_claims(void **state)
{
	(void)state;
	expect_claims("user\0ann\0", 10, "ann", "ann");
	expect_claims("user\0ann\0database\0\0", 20, "ann", "ann");
	expect_claims("user\0ann\0database\0shop\0user\0bob\0", 33, "bob",
		      "shop");
	expect_claims("database\0shop\0", 15, "", "shop");
	expect_claims("", 0, "", "");
}

static void test_wrong_password(void **state)
{
	static const char *const states[] = {"28P01", "28000", "53300"};
	struct script script;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		login(&script, 0);
		assert_false(postgres_wire.wrong_password(script.wire));
		put_problem(&out, 'E', "FATAL", states[i], "no");
		script_give(&script, false, &out);
		assert_int_equal(postgres_wire.wrong_password(script.wire),
				 i == 0);
		script_release(&script);
	}
}

static void test_what_a_server_answers(void **state)
{
	(void)state;
	assert_int_equal(postgres_wire.tls_request.size, 8);
	assert_int_equal(bytes_get_u32(postgres_wire.tls_request.data + 4),
			 80877103);
	assert_int_equal(postgres_wire.tls_answer('S'), WIRE_TLS_YES);
	assert_int_equal(postgres_wire.tls_answer('N'), WIRE_TLS_NO);
	assert_int_equal(postgres_wire.tls_answer('E'), WIRE_TLS_BAD);
}

static int tear_down(void **state)
{
	(void)state;
	buffer_release(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tls_is_begun),
	    cmocka_unit_test(test_tls_once),
	    cmocka_unit_test(test_clear_bytes_are_refused),
	    cmocka_unit_test(test_offers),
	    cmocka_unit_test(test_negotiation_is_refused),
	    cmocka_unit_test(test_claims),
	    cmocka_unit_test(test_wrong_password),
	    cmocka_unit_test(test_what_a_server_answers),
	};

	return cmocka_run_group_tests_name("wire_login", tests, NULL,
					   tear_down);
}
