/*
 * The common settings of TLS connections of one kind: certificate, key, and how
 * a peer is verified. TLS 1.2 and newer; no compression, renegotiation or
 * resumption.
 *
 * Made once, and again when the files have changed: existing connections keep
 * the settings they began with.
 */
#ifndef PARALLAX_TLS_TLS_H
#define PARALLAX_TLS_TLS_H

#include <stdbool.h>

#include "base/endpoint.h"
#include "base/error.h"

struct tls;

/* Paths of PEM files. Borrowed during the call. */
struct tls_server_files {
	const char *certificate; /* and the intermediate ones up to a known
				    one */
	const char *key;
	const char *ca; /* a client must have a certificate signed by one of
			   these; NULL: it is not asked for one */
};

/*
 * Our side as a server. protocol: the name of the inner protocol that TLS
 * negotiates (ALPN), or NULL. A client that names only others is refused. -1:
 * the error names the file.
 */
int tls_server_new(const struct tls_server_files *files, const char *protocol,
		   struct tls **tls, struct error *error);

/* Our side as a client. settings->mode is not TLS_DISABLE. */
int tls_client_new(const struct endpoint_tls *settings, const char *protocol,
		   struct tls **tls, struct error *error);

void tls_free(struct tls **tls);

#endif
