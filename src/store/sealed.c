/*
 * Facts that hold customers' values: the state of sessions, for one.
 *
 *	state:1.1.7	base64 of nonce, encrypted text, tag
 *
 * A fact's name is authenticated with its text, so that none can take another's
 * place.
 */
#include <openssl/evp.h>

#include "base/memory.h"
#include "base/seal.h"
#include "store/writer.h"

enum { EXTRA = SEAL_NONCE + SEAL_TAG };

int store_set_sealed(struct store *store, const char *key, const char *value,
		     struct error *error)
{
	size_t size = value ? strlen(value) : 0;
	size_t whole = size + EXTRA;
	uint8_t *bytes;
	char *text;
	int result;

	if (!value)
		return store_set(store, key, NULL, error);
	if (size > STORE_SEALED_MAX)
		return error_set(error, ERROR_LIMIT,
				 "fact '%s' is too long for a store", key);
	bytes = memory_alloc(whole);
	text = memory_alloc(4 * ((whole + 2) / 3) + 1);
	seal_random(bytes, SEAL_NONCE);
	memcpy(bytes + SEAL_NONCE, value, size);
	seal_close(store->writer->seal, bytes, key, strlen(key),
		   bytes + SEAL_NONCE, size, bytes + SEAL_NONCE + size);
	EVP_EncodeBlock((uint8_t *)text, bytes, (int)whole);
	result = store_set(store, key, text, error);
	free(text);
	free(bytes);
	return result;
}

/* In place. The bytes, -1: not base64. */
static int64_t decode(char *text)
{
	size_t size = strlen(text), padding = 0;
	int got;

	while (padding < 2 && padding < size && text[size - padding - 1] == '=')
		padding++;
	got = EVP_DecodeBlock((uint8_t *)text, (uint8_t *)text, (int)size);
	return got < 0 || size % 4 ? -1 : got - (int64_t)padding;
}

int store_get_sealed(struct store *store, const char *key, char **value,
		     struct error *error)
{
	char *text = NULL;
	uint8_t *bytes;
	size_t size;
	int64_t got;

	*value = NULL;
	if (store_get(store, key, &text, error))
		return -1;
	if (!text)
		return 0;
	got = decode(text);
	bytes = (uint8_t *)text;
	size = got < EXTRA ? 0 : (size_t)got - EXTRA;
	if (got < EXTRA ||
	    !seal_open(store->writer->seal, bytes, key, strlen(key),
		       bytes + SEAL_NONCE, size, bytes + SEAL_NONCE + size)) {
		free(text);
		return error_set(error, ERROR_CORRUPT,
				 "%s: the store is damaged (its fact '%s')",
				 store->path, key);
	}
	*value = memory_copy(bytes + SEAL_NONCE, size);
	free(text);
	return 0;
}
