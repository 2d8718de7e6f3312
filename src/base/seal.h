/*
 * Sealing: bytes that only who has the key can read or change (AES-256-GCM).
 * The facade of OpenSSL's ciphers. What fails in it (no memory, no such cipher)
 * ends the process as running out of memory does.
 */
#ifndef PARALLAX_BASE_SEAL_H
#define PARALLAX_BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEAL_KEY = 32, SEAL_NONCE = 12, SEAL_TAG = 16, SEAL_HEX = 64 };

struct seal;

/* The key is copied; freeing wipes it. */
struct seal *seal_new(const uint8_t key[SEAL_KEY]);
void seal_free(struct seal **seal);

/*
 * Encrypts in place. One nonce must never serve two different texts under one
 * key. about: further bytes that must be the same when it is opened.
 */
void seal_close(struct seal *seal, const uint8_t nonce[SEAL_NONCE],
		const void *about, size_t about_size, uint8_t *data,
		size_t size, uint8_t tag[SEAL_TAG]);
/* Decrypts in place. False: another key, nonce or about, or it was changed;
 * then data is worthless. */
bool seal_open(struct seal *seal, const uint8_t nonce[SEAL_NONCE],
	       const void *about, size_t about_size, uint8_t *data, size_t size,
	       const uint8_t tag[SEAL_TAG]);

/* A key of its own for each purpose, from one key. */
void seal_derive(const uint8_t key[SEAL_KEY], const char *purpose,
		 uint8_t out[SEAL_KEY]);
/* A new key, or a nonce. */
void seal_random(uint8_t *out, size_t size);
void seal_wipe(void *memory, size_t size);

/* 64 hex digits, as keys are written in files. False: something else. */
bool seal_parse(const char *text, size_t size, uint8_t key[SEAL_KEY]);
void seal_print(const uint8_t key[SEAL_KEY], char out[SEAL_HEX + 1]);

#endif
