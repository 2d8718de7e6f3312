#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/seal.h"

static const uint8_t key[SEAL_KEY] = {1, 2, 3};
static const uint8_t other[SEAL_KEY] = {3, 2, 1};
static const uint8_t nonce[SEAL_NONCE] = {7};

/* NIST's test vector for AES-256-GCM: no text, all zeros. */
static void test_vector(void **state)
{
	static const uint8_t zeros[SEAL_KEY];
	static const uint8_t wanted[SEAL_TAG] = {
	    0x53, 0x0f, 0x8a, 0xfb, 0xc7, 0x45, 0x36, 0xb9,
	    0xa9, 0x63, 0xb4, 0xf1, 0xc4, 0xcb, 0x73, 0x8b};
	struct seal *seal = seal_new(zeros);
	uint8_t tag[SEAL_TAG], none = 0;

	(void)state;
	seal_close(seal, zeros, NULL, 0, &none, 0, tag);
	assert_memory_equal(tag, wanted, SEAL_TAG);
	seal_free(&seal);
	assert_null(seal);
}

static void test_open(void **state)
{
	struct seal *seal = seal_new(key), *wrong = seal_new(other);
	uint8_t data[] = "geheim", copy[sizeof(data)], tag[SEAL_TAG];

	(void)state;
	seal_close(seal, nonce, "a", 1, data, sizeof(data), tag);
	assert_memory_not_equal(data, "geheim", sizeof(data));
	memcpy(copy, data, sizeof(data));
	assert_false(seal_open(wrong, nonce, "a", 1, copy, sizeof(copy), tag));
	memcpy(copy, data, sizeof(data));
	assert_false(seal_open(seal, nonce, "b", 1, copy, sizeof(copy), tag));
	memcpy(copy, data, sizeof(data));
	copy[2] ^= 1;
	assert_false(seal_open(seal, nonce, "a", 1, copy, sizeof(copy), tag));
	assert_true(seal_open(seal, nonce, "a", 1, data, sizeof(data), tag));
	assert_string_equal(data, "geheim");
	seal_free(&seal);
	seal_free(&wrong);
}

static void test_keys(void **state)
{
	uint8_t one[SEAL_KEY], two[SEAL_KEY], read[SEAL_KEY];
	char text[SEAL_HEX + 1];

	(void)state;
	seal_derive(key, "one", one);
	seal_derive(key, "two", two);
	assert_memory_not_equal(one, two, SEAL_KEY);
	seal_print(one, text);
	assert_true(seal_parse(text, SEAL_HEX, read));
	assert_memory_equal(one, read, SEAL_KEY);
	assert_false(seal_parse(text, SEAL_HEX - 1, read));
	text[5] = 'g';
	assert_false(seal_parse(text, SEAL_HEX, read));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vector),
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
