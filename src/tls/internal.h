/* Shared by the files of src/tls only. */
#ifndef PARALLAX_TLS_INTERNAL_H
#define PARALLAX_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "tls/tls.h"

enum {
	TLS_MAGIC = 0x746c7363,
	TLS_PROTOCOL_MAX = 32,
};

struct tls {
	unsigned magic;
	unsigned references; /* references of the owner and its streams */
	SSL_CTX *context;
	bool is_server;
	enum tls_mode mode; /* of a client */
	/* ALPN's form: a length, then the name; empty: none. */
	unsigned char protocol[TLS_PROTOCOL_MAX + 1];
	unsigned protocol_size;
};

/* Drops one reference. */
void tls_unref(struct tls *tls);

#endif
