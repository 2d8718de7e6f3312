#include "base/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/memory.h"

struct seal {
	EVP_CIPHER_CTX *closing, *opening;
};

/* In pieces that OpenSSL's int can count. */
enum { PIECE = 1 << 30 };

/* Nothing of this can fail but for want of memory. */
static void must(int result)
{
	if (result != 1)
		memory_exhausted(0);
}

struct seal *seal_new(const uint8_t key[SEAL_KEY])
{
	struct seal *seal = memory_alloc(sizeof(*seal));

	seal->closing = EVP_CIPHER_CTX_new();
	seal->opening = EVP_CIPHER_CTX_new();
	must(seal->closing && seal->opening);
	must(EVP_EncryptInit_ex(seal->closing, EVP_aes_256_gcm(), NULL, key,
				NULL));
	must(EVP_DecryptInit_ex(seal->opening, EVP_aes_256_gcm(), NULL, key,
				NULL));
	return seal;
}

void seal_free(struct seal **pointer)
{
	struct seal *seal = *pointer;

	*pointer = NULL;
	if (!seal)
		return;
	EVP_CIPHER_CTX_free(seal->closing); /* wipes its key */
	EVP_CIPHER_CTX_free(seal->opening);
	free(seal);
}

void seal_close(struct seal *seal, const uint8_t nonce[SEAL_NONCE],
		const void *about, size_t about_size, uint8_t *data,
		size_t size, uint8_t tag[SEAL_TAG])
{
	EVP_CIPHER_CTX *context = seal->closing;
	uint8_t none[SEAL_TAG];
	int done;

	must(EVP_EncryptInit_ex(context, NULL, NULL, NULL, nonce));
	if (about_size)
		must(EVP_EncryptUpdate(context, NULL, &done, about,
				       (int)about_size));
	while (size) {
		int piece = size > PIECE ? PIECE : (int)size;

		must(EVP_EncryptUpdate(context, data, &done, data, piece));
		data += piece;
		size -= (size_t)piece;
	}
	must(EVP_EncryptFinal_ex(context, none, &done));
	must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, tag));
}

bool seal_open(struct seal *seal, const uint8_t nonce[SEAL_NONCE],
	       const void *about, size_t about_size, uint8_t *data, size_t size,
	       const uint8_t tag[SEAL_TAG])
{
	EVP_CIPHER_CTX *context = seal->opening;
	uint8_t none[SEAL_TAG], expected[SEAL_TAG];
	int done;

	memcpy(expected, tag, SEAL_TAG);
	must(EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce));
	if (about_size)
		must(EVP_DecryptUpdate(context, NULL, &done, about,
				       (int)about_size));
	while (size) {
		int piece = size > PIECE ? PIECE : (int)size;

		must(EVP_DecryptUpdate(context, data, &done, data, piece));
		data += piece;
		size -= (size_t)piece;
	}
	must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, SEAL_TAG,
				 expected));
	return EVP_DecryptFinal_ex(context, none, &done) == 1;
}

void seal_derive(const uint8_t key[SEAL_KEY], const char *purpose,
		 uint8_t out[SEAL_KEY])
{
	unsigned size = SEAL_KEY;

	must(HMAC(EVP_sha256(), key, SEAL_KEY, (const uint8_t *)purpose,
		  strlen(purpose), out, &size) != NULL);
}

void seal_random(uint8_t *out, size_t size)
{
	must(RAND_bytes(out, (int)size));
}

void seal_wipe(void *memory, size_t size)
{
	OPENSSL_cleanse(memory, size);
}

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

bool seal_parse(const char *text, size_t size, uint8_t key[SEAL_KEY])
{
	if (size != SEAL_HEX)
		return false;
	for (size_t i = 0; i < SEAL_KEY; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void seal_print(const uint8_t key[SEAL_KEY], char out[SEAL_HEX + 1])
{
	for (size_t i = 0; i < SEAL_KEY; i++)
		snprintf(out + 2 * i, 3, "%02x", key[i]);
}
