/* The greeting and the response: what is read, what is cleared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/adapters/mysql/handshake_script.h"

#define EVERYTHING (UINT64_MAX & ~HANDSHAKE_NOT_MARIADB)

static bool is(struct bytes bytes, const char *text)
{
	return bytes.size == strlen(text) &&
	       !memcmp(bytes.data, text, bytes.size);
}

/* Read again, the masked greeting offers what was allowed and nothing else. */
static void test_greeting(void **state)
{
	struct handshake_greeting greeting;
	struct buffer body;
	struct buffer before;

	(void)state;
	buffer_init(&body, 0);
	buffer_init(&before, 0);
	put_greeting(&body, EVERYTHING);
	put_greeting(&before, EVERYTHING & handshake_followed);
	assert_int_equal(handshake_greeting_mask(body.data, body.size,
						 handshake_followed, &greeting),
			 PACKET_OK);
	assert_true(greeting.capabilities == (EVERYTHING & handshake_followed));
	assert_int_equal(body.size, before.size);
	assert_memory_equal(body.data, before.data, body.size);
	assert_true(is(greeting.version, "10.11.6-MariaDB"));
	assert_int_equal(greeting.connection, 77);
	assert_int_equal(greeting.collation, 45);
	assert_int_equal(greeting.status, 2);
	buffer_release(&body);
	buffer_release(&before);
}

static void test_not_followed(void **state)
{
	static const unsigned bits[] = {5, 11, 26, 29, 30, 31, 33, 38, 63};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		assert_false(handshake_followed & HANDSHAKE_BIT(bits[i]));
}

/* MySQL's reserved bytes are no capabilities, whatever stands there. */
static void test_no_word_of_mysql(void **state)
{
	struct handshake_greeting greeting;
	struct buffer body;

	(void)state;
	buffer_init(&body, 0);
	put_greeting(&body, UINT32_MAX);
	memset(body.data + body.size - 22 - 13 - 4, 0xff, 4);
	assert_int_equal(handshake_greeting_mask(body.data, body.size,
						 UINT64_MAX, &greeting),
			 PACKET_OK);
	assert_true(greeting.capabilities == UINT32_MAX);
	buffer_release(&body);
}

/* Cut anywhere, it is bad or a shorter greeting that is whole; never overrun
 * (the copy is exact, for ASan). */
static void test_greeting_cut(void **state)
{
	struct handshake_greeting greeting;
	struct buffer body;

	(void)state;
	buffer_init(&body, 0);
	put_greeting(&body, EVERYTHING);
	for (size_t size = 0; size < body.size; size++) {
		uint8_t *copy = malloc(size + !size);
		bool fits = size == 32 || size >= 48;

		assert_non_null(copy);
		memcpy(copy, body.data, size);
		assert_int_equal(
		    handshake_greeting_mask(copy, size, UINT64_MAX, &greeting),
		    fits ? PACKET_OK : PACKET_BAD);
		free(copy);
	}
	body.data[0] = 9;
	assert_int_equal(handshake_greeting_mask(body.data, body.size,
						 UINT64_MAX, &greeting),
			 PACKET_BAD);
	buffer_release(&body);
}

static void test_response(void **state)
{
	uint64_t wants = HANDSHAKE_PROTOCOL_41 | HANDSHAKE_SECURE_CONNECTION |
			 HANDSHAKE_CONNECT_WITH_DB | HANDSHAKE_PLUGIN_AUTH |
			 HANDSHAKE_CONNECT_ATTRS | HANDSHAKE_COMPRESS |
			 HANDSHAKE_CACHE_METADATA | HANDSHAKE_BIT(33);
	struct handshake_response response;
	struct buffer body;
	struct buffer masked;

	(void)state;
	buffer_init(&body, 0);
	buffer_init(&masked, 0);
	put_response(&body, wants);
	put_response(&masked, wants & handshake_followed);
	assert_int_equal(handshake_response_mask(body.data, body.size,
						 handshake_followed, &response),
			 PACKET_OK);
	assert_true(response.capabilities == (wants & handshake_followed));
	assert_memory_equal(body.data, masked.data, body.size);
	assert_true(is(response.user, "ann"));
	assert_true(is(response.authentication, "\1\2\3\4"));
	assert_true(is(response.database, "shop"));
	assert_true(is(response.plugin, "mysql_native_password"));
	assert_int_equal(response.attributes.size, 12);
	assert_int_equal(response.max_packet, 1 << 24);
	assert_false(response.asks_tls);
	buffer_release(&body);
	buffer_release(&masked);
}

/* What is missing at its end is empty: the server says what is wrong. */
static void test_response_cut(void **state)
{
	uint64_t wants = HANDSHAKE_PROTOCOL_41 | HANDSHAKE_AUTH_LENENC |
			 HANDSHAKE_CONNECT_WITH_DB | HANDSHAKE_PLUGIN_AUTH |
			 HANDSHAKE_CONNECT_ATTRS;
	struct handshake_response response;
	struct buffer body;

	(void)state;
	buffer_init(&body, 0);
	put_response(&body, wants);
	for (size_t size = 0; size < body.size; size++) {
		uint8_t *copy = malloc(size + !size);

		assert_non_null(copy);
		memcpy(copy, body.data, size);
		assert_int_equal(
		    handshake_response_mask(copy, size, UINT64_MAX, &response),
		    size < 32 ? PACKET_BAD : PACKET_OK);
		if (size >= 32) {
			assert_int_equal(response.user.size, size < 36 ? 0 : 3);
			assert_int_equal(response.attributes.size, 0);
		}
		free(copy);
	}
	buffer_release(&body);
}

static void test_other_responses(void **state)
{
	struct handshake_response response;
	struct buffer body;

	(void)state;
	buffer_init(&body, 0);
	put_response(&body, HANDSHAKE_PROTOCOL_41 | HANDSHAKE_SSL);
	assert_int_equal(
	    handshake_response_mask(body.data, 32, UINT64_MAX, &response),
	    PACKET_OK);
	assert_true(response.asks_tls);
	buffer_clear(&body);
	put_response(&body, HANDSHAKE_PROTOCOL_41); /* no length: a NUL */
	assert_int_equal(handshake_response_mask(body.data, body.size,
						 UINT64_MAX, &response),
			 PACKET_OK);
	assert_true(is(response.authentication, "old"));
	buffer_clear(&body);
	put_response(&body, HANDSHAKE_CONNECT_WITH_DB); /* before 4.1 */
	assert_int_equal(handshake_response_mask(body.data, body.size,
						 UINT64_MAX, &response),
			 PACKET_BAD);
	buffer_release(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_greeting),
	    cmocka_unit_test(test_not_followed),
	    cmocka_unit_test(test_no_word_of_mysql),
	    cmocka_unit_test(test_greeting_cut),
	    cmocka_unit_test(test_response),
	    cmocka_unit_test(test_response_cut),
	    cmocka_unit_test(test_other_responses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
