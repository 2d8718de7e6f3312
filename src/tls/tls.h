/*
 * What TLS connections of one kind have in common: certificate, key, and how a
 * peer is verified. TLS 1.2 and newer; no compression, renegotiation or
 * resumption.
 *
 * Made once, and anew when the files have changed: connections that were begun
 * keep what they began with.
 */
#ifndef PARALLAX_TLS_TLS_H
#define PARALLAX_TLS_TLS_H

#include <stdbool.h>

#include "base/endpoint.h"
#include "base/error.h"

struct tls;

/* Paths of PEM files. Borrowed during the call. */
struct tls_server_files {
	const char *certificate; /* and those that lead to a known one */
	const char *key;
	const char *ca; /* a client must have a certificate that one of these
			   signed; NULL: it is not asked for one */
};

/*
 * What we are to clients. protocol: the name that TLS agrees on for what is
 * spoken inside (ALPN), or NULL. A client that names others, but not this, is
 * refused. -1: the error names the file.
 */
int tls_server_new(const struct tls_server_files *files, const char *protocol,
		   struct tls **tls, struct error *error);

/* What we are to a server. settings->mode is not TLS_DISABLE. */
int tls_client_new(const struct endpoint_tls *settings, const char *protocol,
		   struct tls **tls, struct error *error);

void tls_free(struct tls **tls);

#endif
