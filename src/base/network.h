/* Addresses and networks of IP, as 16 bytes each: an IPv4 address is one of
 * ::ffff:0:0/96. */
#ifndef PARALLAX_BASE_NETWORK_H
#define PARALLAX_BASE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	uint8_t bytes[16];
};

struct network {
	struct address address;
	unsigned bits; /* that count, of 128 */
};

/* "10.0.0.0/8", "::1", "2001:db8::/32". -1: it is none, or has bits set behind
 * its mask. */
int network_parse(const char *text, struct network *network);
bool network_has(const struct network *network, const struct address *address);
/* All zeros for what is no IP address. */
struct address address_of(const struct sockaddr *socket_address);

#endif
