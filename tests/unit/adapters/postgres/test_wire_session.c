/* The wire codec: how sessions begin, what they remember, and what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/adapters/postgres/wire_script.h"

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

/* PostgreSQL 18 speaks 3.2, whose keys have 4 to 256 bytes. A server that knows
 * less says so (NegotiateProtocolVersion), and the session goes on. */
static void check_version(uint32_t version, bool negotiates, uint32_t key_size,
			  size_t piece)
{
	static const uint8_t key[4 + 256] = {0, 0, 0, 1};
	struct script script;
	struct buffer out;

	buffer_init(&out, 0);
	put_startup(&out, version, "user\0ann\0_pq_.x\0y\0", 19);
	start(&script, &out, piece);
	if (negotiates)
		put(&out, 'v', "\0\3\0\0\0\0\0\1_pq_.x", 15);
	put(&out, 'R', "\0\0\0\0", 4);
	put(&out, 'K', key, 4 + key_size);
	put_ready(&out, 'I');
	script_give(&script, false, &out);
	put_text(&out, 'Q', "select 1");
	script_give(&script, true, &out);
	put_done(&out, "SELECT 0");
	put_ready(&out, 'I');
	script_give(&script, false, &out);
	assert_string_equal(buffer_string(&script.told),
			    "opened ann ann\n"
			    "statement 1 query 'select 1'\n"
			    "end 1.0 ok 'SELECT 0'\n"
			    "commit 1 after=0\n"
			    "ready I\n");
	script_release(&script);
	buffer_release(&out);
}

static void test_versions(void **state)
{
	static const uint32_t versions[] = {196608, 196610, 196608 + 9999};
	static const uint32_t keys[] = {4, 5, 32, 255, 256};

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			for (size_t piece = 0; piece < 20; piece++)
				check_version(versions[i], i > 0, keys[k],
					      piece);
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
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_wrong_row),
	    cmocka_unit_test(test_startup_lengths),
	    cmocka_unit_test(test_startup),
	    cmocka_unit_test(test_opened),
	    cmocka_unit_test(test_replication),
	    cmocka_unit_test(test_early),
	    cmocka_unit_test(test_versions),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
