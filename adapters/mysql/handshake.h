/*
 * The first two packets of a session: the server's greeting (version 10) and
 * the client's response. The relay changes nothing in them but the
 * capabilities that it cannot follow, which it clears on the way, so that
 * neither side uses them:
 *
 *	server:	greeting, capabilities ... COMPRESS SSL ...
 *	client sees: ... without COMPRESS and SSL
 *	client:	response, capabilities: those it wants of what it saw
 *
 * Sources: MariaDB's knowledge base, "Connecting"; MySQL's source
 * documentation, "Connection Phase Packets" and "Capabilities Flags".
 */
#ifndef PARALLAX_ADAPTERS_MYSQL_HANDSHAKE_H
#define PARALLAX_ADAPTERS_MYSQL_HANDSHAKE_H

#include "adapters/mysql/packet.h"

/* The low word is MySQL's; MariaDB's own stand above it. */
#define HANDSHAKE_BIT(bit) (UINT64_C(1) << (bit))

/* MySQL's CLIENT_LONG_PASSWORD. A server of MariaDB clears it, and then has
 * capabilities of its own. */
#define HANDSHAKE_NOT_MARIADB	    HANDSHAKE_BIT(0)
#define HANDSHAKE_FOUND_ROWS	    HANDSHAKE_BIT(1)
#define HANDSHAKE_CONNECT_WITH_DB   HANDSHAKE_BIT(3)
#define HANDSHAKE_COMPRESS	    HANDSHAKE_BIT(5)
#define HANDSHAKE_LOCAL_FILES	    HANDSHAKE_BIT(7)
#define HANDSHAKE_PROTOCOL_41	    HANDSHAKE_BIT(9)
#define HANDSHAKE_SSL		    HANDSHAKE_BIT(11)
#define HANDSHAKE_SECURE_CONNECTION HANDSHAKE_BIT(15)
#define HANDSHAKE_MULTI_STATEMENTS  HANDSHAKE_BIT(16)
#define HANDSHAKE_PLUGIN_AUTH	    HANDSHAKE_BIT(19)
#define HANDSHAKE_CONNECT_ATTRS	    HANDSHAKE_BIT(20)
#define HANDSHAKE_AUTH_LENENC	    HANDSHAKE_BIT(21)
#define HANDSHAKE_SESSION_TRACK	    HANDSHAKE_BIT(23)
#define HANDSHAKE_DEPRECATE_EOF	    HANDSHAKE_BIT(24)
#define HANDSHAKE_OPTIONAL_METADATA HANDSHAKE_BIT(25)
#define HANDSHAKE_QUERY_ATTRIBUTES  HANDSHAKE_BIT(27)
#define HANDSHAKE_PROGRESS	    HANDSHAKE_BIT(32)
#define HANDSHAKE_BULK		    HANDSHAKE_BIT(34)
#define HANDSHAKE_EXTENDED_METADATA HANDSHAKE_BIT(35)
#define HANDSHAKE_CACHE_METADATA    HANDSHAKE_BIT(36)
#define HANDSHAKE_BULK_RESULTS	    HANDSHAKE_BIT(37)

/*
 * What the codec can follow. Left out: compression of both kinds, TLS (the
 * relay would have to end it), an extension of the capabilities that no server
 * has defined yet, and COM_MULTI, which no server has any more. Bits that are
 * not known here are left out, too.
 */
extern const uint64_t handshake_followed;

struct handshake_greeting {
	struct bytes version; /* the server's: "10.11.6-MariaDB" */
	uint64_t capabilities;
	uint32_t connection;
	uint16_t status;
	uint8_t collation;
};

/*
 * Reads a greeting's body, and clears in it the capabilities that are not in
 * `allowed`; *out has what is left. Names are views into the body. BAD: not
 * version 10, or too short.
 */
enum packet_result handshake_greeting_mask(uint8_t *body, size_t size,
					   uint64_t allowed,
					   struct handshake_greeting *out);

struct handshake_response {
	uint64_t capabilities;
	uint32_t max_packet;
	uint8_t collation;
	bool asks_tls; /* a request for TLS: the rest is not there */
	struct bytes user;
	struct bytes authentication;
	struct bytes database;
	struct bytes plugin;
	struct bytes attributes; /* pairs of length-encoded strings */
};

/*
 * Reads a response, of protocol 4.1, and clears in it the capabilities that are
 * not in `offered`. What the server would not read of a malformed one is empty.
 * BAD: too short for its head, or of an older protocol, which is left as it is.
 */
enum packet_result handshake_response_mask(uint8_t *body, size_t size,
					   uint64_t offered,
					   struct handshake_response *out);

#endif
