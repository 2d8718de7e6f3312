/* What the files of src/tls share. */
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
	unsigned references; /* the owner's, and its streams' */
	SSL_CTX *context;
	bool is_server;
	enum tls_mode mode; /* of a client */
	/* ALPN's form: a length, then the name; empty: none. */
	unsigned char protocol[TLS_PROTOCOL_MAX + 1];
	unsigned protocol_size;
};

/* One reference less. */
void tls_unref(struct tls *tls);

#endif
