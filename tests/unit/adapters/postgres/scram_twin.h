/*
 * A naive twin of either side of SCRAM-SHA-256, which knows the password itself.
 * It is held against RFC 7677's example by test_scram.c.
 */
#ifndef PARALLAX_TESTS_SCRAM_TWIN_H
#define PARALLAX_TESTS_SCRAM_TWIN_H

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

/* All of it fits, or the test fails. */
#define twin_print(out, size, ...)                                             \
	assert_true((size_t)snprintf(out, size, __VA_ARGS__) < (size))

struct twin {
	unsigned char client_key[32];
	unsigned char stored_key[32];
	unsigned char server_key[32];
};

static inline void twin_hmac(const unsigned char *key, const char *text,
			     unsigned char *out)
{
	unsigned size = 32;

	HMAC(EVP_sha256(), key, 32, (const unsigned char *)text, strlen(text),
	     out, &size);
}

static inline void twin_init(struct twin *twin, const char *password,
			     const char *salt, int iterations)
{
	unsigned char raw[128];
	unsigned char salted[32];
	int size = EVP_DecodeBlock(raw, (const unsigned char *)salt,
				   (int)strlen(salt));

	for (size_t i = strlen(salt); i-- && salt[i] == '=';)
		size--;
	PKCS5_PBKDF2_HMAC(password, (int)strlen(password), raw, size,
			  iterations, EVP_sha256(), 32, salted);
	twin_hmac(salted, "Client Key", twin->client_key);
	twin_hmac(salted, "Server Key", twin->server_key);
	SHA256(twin->client_key, 32, twin->stored_key);
}

/* What a server keeps of it. */
static inline void twin_secret(const struct twin *twin, const char *salt,
			       int iterations, char *out, size_t size)
{
	char stored[48];
	char server[48];

	EVP_EncodeBlock((unsigned char *)stored, twin->stored_key, 32);
	EVP_EncodeBlock((unsigned char *)server, twin->server_key, 32);
	twin_print(out, size, "SCRAM-SHA-256$%d:%s$%s:%s", iterations, salt,
		   stored, server);
}

static inline void twin_proof(const struct twin *twin, const char *text,
			      char *out)
{
	unsigned char proof[32];

	twin_hmac(twin->stored_key, text, proof);
	for (int i = 0; i < 32; i++)
		proof[i] ^= twin->client_key[i];
	EVP_EncodeBlock((unsigned char *)out, proof, 32);
}

static inline void twin_signature(const struct twin *twin, const char *text,
				  char *out)
{
	unsigned char signature[32];

	twin_hmac(twin->server_key, text, signature);
	EVP_EncodeBlock((unsigned char *)out, signature, 32);
}

/* The client's last message; `bare` is its first without "n,,". */
static inline void twin_final(const struct twin *twin, char bound,
			      const char *bare, const char *server_first,
			      char *out, size_t size)
{
	char without[1024];
	char text[4096];
	char proof[64];

	twin_print(without, sizeof(without), "c=%s,%.*s",
		   bound == 'y' ? "eSws" : "biws",
		   (int)strcspn(server_first, ","), server_first);
	twin_print(text, sizeof(text), "%s,%s,%s", bare, server_first, without);
	twin_proof(twin, text, proof);
	twin_print(out, size, "%s,p=%s", without, proof);
}

#endif
