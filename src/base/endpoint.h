/* Where a database is, and how Parallax itself logs in to it. */
#ifndef PARALLAX_BASE_ENDPOINT_H
#define PARALLAX_BASE_ENDPOINT_H

/* What a connection to a server asks of TLS. Each asks for more than the one
 * before it. */
enum tls_mode {
	TLS_DISABLE,
	TLS_PREFER,	 /* TLS where the server offers it */
	TLS_REQUIRE,	 /* whoever the server is */
	TLS_VERIFY_CA,	 /* its certificate is signed by one of `ca` */
	TLS_VERIFY_FULL, /* and made out to the host */
};

/* What clients are offered. */
enum tls_offer {
	TLS_OFF,
	TLS_ALLOW,
	TLS_DEMAND, /* no connection without it */
	TLS_MUTUAL, /* nor without a certificate of the client's */
};

/* Paths of PEM files, or NULL. */
struct endpoint_tls {
	enum tls_mode mode;
	const char *ca;		 /* with VERIFY_CA and VERIFY_FULL */
	const char *certificate; /* that we show, with its key */
	const char *key;
};

/* Strings are borrowed. */
struct endpoint {
	const char *host; /* name, address, or directory of a unix socket */
	int port;
	const char *database;
	const char *user;
	const char *password; /* or NULL: none, or the driver's own file */
	const char *options; /* further driver parameters, "k=v k=v", or NULL */
	struct endpoint_tls tls;
};

#endif
