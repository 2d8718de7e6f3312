/* Where a database is, and how Parallax itself logs in to it. */
#ifndef PARALLAX_BASE_ENDPOINT_H
#define PARALLAX_BASE_ENDPOINT_H

/* Strings are borrowed. */
struct endpoint {
	const char *host; /* name, address, or directory of a unix socket */
	int port;
	const char *database;
	const char *user;
	const char *password; /* or NULL: none, or the driver's own file */
	const char *options; /* further driver parameters, "k=v k=v", or NULL */
};

#endif
