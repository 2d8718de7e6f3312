/*
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) with what a server keeps of a password: no
 * more than the salt, StoredKey and ServerKey. Both sides are here, since who
 * stands between client and server is a server to the one and a client to the
 * other:
 *
 *	client proves that it has ClientKey	scram_server_first, _final
 *	its proof gives ClientKey, which proves it to the server
 *						scram_client_first, _final, _check
 *
 * Messages are those of SCRAM alone, without a protocol's frame around them.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_SCRAM_H
#define PARALLAX_ADAPTERS_POSTGRES_SCRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SCRAM_KEY_SIZE = 32,
	SCRAM_MESSAGE_MAX = 1024, /* of each message, its zero included */
	SCRAM_SALT_MAX = 128,	  /* as text */
	SCRAM_NONCE_MAX = 512,	  /* of both sides together, likewise */
	SCRAM_ITERATIONS_MAX = 10 * 1000 * 1000,
};

/* A password, as pg_authid has it. */
struct scram_secret {
	unsigned iterations;
	char salt[SCRAM_SALT_MAX]; /* base64 */
	uint8_t stored_key[SCRAM_KEY_SIZE];
	uint8_t server_key[SCRAM_KEY_SIZE];
};

/* One conversation, of either side. Wipe it when it is over. */
struct scram {
	struct scram_secret secret;
	bool could_bind;		      /* the client says "y" */
	char client_first[SCRAM_MESSAGE_MAX]; /* without its header */
	char server_first[SCRAM_MESSAGE_MAX];
	char nonce[SCRAM_NONCE_MAX];
	uint8_t client_key[SCRAM_KEY_SIZE];
	uint8_t server_signature[SCRAM_KEY_SIZE];
};

enum scram_outcome {
	SCRAM_OK,
	SCRAM_MALFORMED,
	SCRAM_WRONG, /* the password, or the server */
	SCRAM_OTHER, /* the server keeps another secret for the user */
};

/* "SCRAM-SHA-256$4096:salt$StoredKey:ServerKey". -1: it is none. */
int scram_secret_parse(const char *text, struct scram_secret *secret);

/* The texts that come need no zero at their end; those that go have one, and
 * out has SCRAM_MESSAGE_MAX bytes. */

/* To a client: takes its first message, gives ours. */
enum scram_outcome scram_server_first(struct scram *scram, const char *text,
				      size_t size, char *out);
/* Takes its proof, and keeps its ClientKey. */
enum scram_outcome scram_server_final(struct scram *scram, const char *text,
				      size_t size, char *out);

/* To a server, with the ClientKey that is kept. */
enum scram_outcome scram_client_first(struct scram *scram, char *out);
enum scram_outcome scram_client_final(struct scram *scram, const char *text,
				      size_t size, char *out);
/* Takes its last message: whether it has the secret, too. */
enum scram_outcome scram_client_check(const struct scram *scram,
				      const char *text, size_t size);

void scram_wipe(struct scram *scram);

#endif
