/*
 * Packets, and the greeting and the response in them. Law: what was masked once
 * is not changed by the same mask again.
 */
#include "adapters/mysql/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mask(uint8_t *body, size_t size, uint64_t allowed)
{
	struct handshake_greeting greeting;
	struct handshake_response response;
	uint64_t first;

	if (!handshake_greeting_mask(body, size, allowed, &greeting)) {
		first = greeting.capabilities;
		if (first & ~allowed ||
		    handshake_greeting_mask(body, size, allowed, &greeting) ||
		    greeting.capabilities != first)
			abort();
	}
	if (!handshake_response_mask(body, size, allowed, &response) &&
	    response.capabilities & ~allowed)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_framer framer = {0};
	struct packet_piece piece;
	size_t used;

	while (!packet_next(&framer, data, size, &used, &piece)) {
		uint8_t *copy = malloc(piece.size + !piece.size);

		if (piece.size)
			memcpy(copy, piece.data, piece.size);
		mask(copy, piece.size, handshake_followed);
		free(copy);
		data += used;
		size -= used;
	}
	return 0;
}
