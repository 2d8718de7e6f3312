/*
 * The messages, where the client's nonce is "abc" and ours "xyz":
 *
 *	client first	n,,n=,r=abc
 *	server first	r=abcxyz,s=SALT,i=4096
 *	client final	c=biws,r=abcxyz,p=PROOF
 *	server final	v=SIGNATURE
 *
 *	signed		n=,r=abc "," r=abcxyz,s=SALT,i=4096 "," c=biws,r=abcxyz
 *	PROOF		ClientKey xor HMAC(StoredKey, signed)
 *	StoredKey	SHA256(ClientKey)
 *	SIGNATURE	HMAC(ServerKey, signed)
 *
 * "biws" is the first message's header "n,," in base64; "eSws" is "y,,".
 */
#include "adapters/postgres/scram.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

enum {
	NONCE_SIZE = 18, /* ours */
	NONCE_TEXT_SIZE = 24,
	KEY_TEXT_SIZE = 44, /* a key in base64 */
};

/* A run of the letters of base64 as exactly SCRAM_KEY_SIZE bytes; -1: it is
 * not that. */
static int key_decode(const char *text, size_t size, uint8_t *key)
{
	uint8_t decoded[KEY_TEXT_SIZE];

	if (size != KEY_TEXT_SIZE || text[size - 1] != '=' ||
	    memchr(text, '=', size - 1) ||
	    EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)size) !=
		SCRAM_KEY_SIZE + 1)
		return -1;
	memcpy(key, decoded, SCRAM_KEY_SIZE);
	OPENSSL_cleanse(decoded, sizeof(decoded));
	return 0;
}

static void key_encode(const uint8_t *key, char *text)
{
	EVP_EncodeBlock((unsigned char *)text, key, SCRAM_KEY_SIZE);
}

int scram_secret_parse(const char *text, struct scram_secret *secret)
{
	static const char method[] = "SCRAM-SHA-256$";
	const char *at = text + sizeof(method) - 1;
	unsigned long iterations = 0;
	size_t size;

	memset(secret, 0, sizeof(*secret));
	if (strncmp(text, method, sizeof(method) - 1))
		return -1;
	while (*at >= '0' && *at <= '9' && iterations <= SCRAM_ITERATIONS_MAX)
		iterations = iterations * 10 + (unsigned long)(*at++ - '0');
	if (*at++ != ':' || !iterations || iterations > SCRAM_ITERATIONS_MAX)
		return -1;
	secret->iterations = (unsigned)iterations;
	size = strcspn(at, "$");
	if (!size || size >= sizeof(secret->salt) || at[size] != '$' ||
	    memchr(at, ',', size))
		return -1;
	memcpy(secret->salt, at, size);
	at += size + 1;
	size = strcspn(at, ":");
	if (at[size] != ':' || key_decode(at, size, secret->stored_key))
		return -1;
	at += size + 1;
	return key_decode(at, strlen(at), secret->server_key);
}

static void hmac(const uint8_t *key, const char *text, uint8_t *out)
{
	unsigned size = SCRAM_KEY_SIZE;

	HMAC(EVP_sha256(), key, SCRAM_KEY_SIZE, (const uint8_t *)text,
	     strlen(text), out, &size);
}

/* What both sides sign: `final` is the client's last message, as far as the
 * proof. */
static void sign(const struct scram *scram, const char *final, size_t size,
		 uint8_t *client_signature, uint8_t *server_signature)
{
	char text[3 * SCRAM_MESSAGE_MAX];

	snprintf(text, sizeof(text), "%s,%s,%.*s", scram->client_first,
		 scram->server_first, (int)size, final);
	hmac(scram->secret.stored_key, text, client_signature);
	hmac(scram->secret.server_key, text, server_signature);
}

/* Copies what must be text without a zero in it; -1: it is not, or too long. */
static int copy(char *out, const char *text, size_t size)
{
	if (!size || size >= SCRAM_MESSAGE_MAX || memchr(text, 0, size))
		return -1;
	memcpy(out, text, size);
	out[size] = 0;
	return 0;
}

static int fresh_nonce(char *out)
{
	uint8_t bytes[NONCE_SIZE];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return -1;
	EVP_EncodeBlock((unsigned char *)out, bytes, sizeof(bytes));
	return 0;
}

enum scram_outcome scram_server_first(struct scram *scram, const char *text,
				      size_t size, char *out)
{
	char message[SCRAM_MESSAGE_MAX];
	char ours[NONCE_TEXT_SIZE + 1];
	const char *nonce;
	size_t nonce_size;

	/* No binding and no other identity; the name counts that the protocol
	 * has given before. */
	if (copy(message, text, size) ||
	    (message[0] != 'n' && message[0] != 'y') ||
	    strncmp(message + 1, ",,n=", 4) || fresh_nonce(ours))
		return SCRAM_MALFORMED;
	scram->could_bind = message[0] == 'y';
	nonce = strstr(message + 3, ",r=");
	if (!nonce)
		return SCRAM_MALFORMED;
	nonce += 3;
	nonce_size = strcspn(nonce, ",");
	if (!nonce_size || nonce_size >= SCRAM_NONCE_MAX - NONCE_TEXT_SIZE)
		return SCRAM_MALFORMED;
	snprintf(scram->client_first, sizeof(scram->client_first), "%s",
		 message + 3);
	memcpy(scram->nonce, nonce, nonce_size);
	memcpy(scram->nonce + nonce_size, ours, sizeof(ours));
	snprintf(scram->server_first, sizeof(scram->server_first),
		 "r=%s,s=%s,i=%u", scram->nonce, scram->secret.salt,
		 scram->secret.iterations);
	memcpy(out, scram->server_first, sizeof(scram->server_first));
	return SCRAM_OK;
}

enum scram_outcome scram_server_final(struct scram *scram, const char *text,
				      size_t size, char *out)
{
	uint8_t signature[SCRAM_KEY_SIZE];
	uint8_t hash[SCRAM_KEY_SIZE];
	char message[SCRAM_MESSAGE_MAX];
	char wanted[SCRAM_MESSAGE_MAX + 16];
	size_t signed_size;

	snprintf(wanted, sizeof(wanted), "c=%s,r=%s",
		 scram->could_bind ? "eSws" : "biws", scram->nonce);
	signed_size = strlen(wanted);
	if (copy(message, text, size) ||
	    strncmp(message, wanted, signed_size) ||
	    strncmp(message + signed_size, ",p=", 3) ||
	    key_decode(message + signed_size + 3,
		       strlen(message + signed_size + 3), scram->client_key))
		return SCRAM_MALFORMED;
	sign(scram, wanted, signed_size, signature, scram->server_signature);
	for (size_t i = 0; i < SCRAM_KEY_SIZE; i++)
		scram->client_key[i] ^= signature[i];
	SHA256(scram->client_key, SCRAM_KEY_SIZE, hash);
	if (CRYPTO_memcmp(hash, scram->secret.stored_key, SCRAM_KEY_SIZE))
		return SCRAM_WRONG;
	memcpy(out, "v=", 2);
	key_encode(scram->server_signature, out + 2);
	return SCRAM_OK;
}

enum scram_outcome scram_client_first(struct scram *scram, char *out)
{
	if (fresh_nonce(scram->nonce))
		return SCRAM_MALFORMED;
	snprintf(scram->client_first, sizeof(scram->client_first), "n=,r=%s",
		 scram->nonce);
	snprintf(out, SCRAM_MESSAGE_MAX, "n,,n=,r=%s", scram->nonce);
	return SCRAM_OK;
}

/* Its nonce begins with ours and goes on; salt and count are the secret's. */
static enum scram_outcome take_server_first(struct scram *scram,
					    const char *message)
{
	char rest[SCRAM_SALT_MAX + 32];
	size_t nonce_size = strlen(scram->nonce);
	size_t size;

	if (strncmp(message, "r=", 2) ||
	    strncmp(message + 2, scram->nonce, nonce_size))
		return SCRAM_MALFORMED;
	size = strcspn(message + 2, ",");
	if (size <= nonce_size || size >= SCRAM_NONCE_MAX)
		return SCRAM_MALFORMED;
	snprintf(rest, sizeof(rest), ",s=%s,i=%u", scram->secret.salt,
		 scram->secret.iterations);
	if (strcmp(message + 2 + size, rest))
		return SCRAM_OTHER;
	memcpy(scram->nonce, message + 2, size);
	scram->nonce[size] = 0;
	return SCRAM_OK;
}

enum scram_outcome scram_client_final(struct scram *scram, const char *text,
				      size_t size, char *out)
{
	uint8_t proof[SCRAM_KEY_SIZE];
	char encoded[KEY_TEXT_SIZE + 1];
	char final[SCRAM_NONCE_MAX + 16];
	enum scram_outcome outcome;

	if (copy(scram->server_first, text, size))
		return SCRAM_MALFORMED;
	outcome = take_server_first(scram, scram->server_first);
	if (outcome != SCRAM_OK)
		return outcome;
	snprintf(final, sizeof(final), "c=biws,r=%s", scram->nonce);
	sign(scram, final, strlen(final), proof, scram->server_signature);
	for (size_t i = 0; i < SCRAM_KEY_SIZE; i++)
		proof[i] ^= scram->client_key[i];
	key_encode(proof, encoded);
	snprintf(out, SCRAM_MESSAGE_MAX, "%s,p=%s", final, encoded);
	return SCRAM_OK;
}

enum scram_outcome scram_client_check(const struct scram *scram,
				      const char *text, size_t size)
{
	uint8_t signature[SCRAM_KEY_SIZE];

	if (size < 2 || strncmp(text, "v=", 2) ||
	    key_decode(text + 2, size - 2, signature))
		return SCRAM_MALFORMED;
	return CRYPTO_memcmp(signature, scram->server_signature, SCRAM_KEY_SIZE)
		   ? SCRAM_WRONG
		   : SCRAM_OK;
}

void scram_wipe(struct scram *scram)
{
	OPENSSL_cleanse(scram, sizeof(*scram));
}
