#include "base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool bit_of(const struct address *address, unsigned at)
{
	return address->bytes[at / 8] >> (7 - at % 8) & 1;
}

/* The bits behind the slash; -1: malformed, or more than there are. */
static int parse_bits(const char *text, unsigned most, unsigned *bits)
{
	size_t size = strspn(text, "0123456789");

	if (!size || size > 3 || text[size])
		return -1;
	*bits = 0;
	for (size_t i = 0; i < size; i++)
		*bits = *bits * 10 + (unsigned)(text[i] - '0');
	return *bits <= most ? 0 : -1;
}

int network_parse(const char *text, struct network *network)
{
	size_t size = strcspn(text, "/");
	char name[INET6_ADDRSTRLEN];
	unsigned skipped = 0;
	unsigned bits;

	memset(network, 0, sizeof(*network));
	if (size >= sizeof(name))
		return -1;
	memcpy(name, text, size);
	name[size] = 0;
	if (inet_pton(AF_INET, name, network->address.bytes + 12) == 1) {
		memcpy(network->address.bytes, mapped, sizeof(mapped));
		skipped = 96;
	} else if (inet_pton(AF_INET6, name, network->address.bytes) != 1) {
		return -1;
	}
	bits = 128 - skipped;
	if (text[size] && parse_bits(text + size + 1, bits, &bits))
		return -1;
	network->bits = bits + skipped;
	for (unsigned i = network->bits; i < 128; i++)
		if (bit_of(&network->address, i))
			return -1;
	return 0;
}

bool network_has(const struct network *network, const struct address *address)
{
	unsigned whole = network->bits / 8;

	if (memcmp(network->address.bytes, address->bytes, whole))
		return false;
	for (unsigned i = whole * 8; i < network->bits; i++)
		if (bit_of(&network->address, i) != bit_of(address, i))
			return false;
	return true;
}

struct address address_of(const struct sockaddr *socket_address)
{
	struct address address = {{0}};

	if (socket_address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)socket_address;

		memcpy(address.bytes, mapped, sizeof(mapped));
		memcpy(address.bytes + 12, &in->sin_addr, 4);
	} else if (socket_address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)socket_address;

		memcpy(address.bytes, &in->sin6_addr, 16);
	}
	return address;
}
