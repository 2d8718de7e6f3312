/*
 * SCRAM's messages from either side. The input is cut in four at its zero
 * bytes: a client's first and last message, a server's first and last.
 */
#include "adapters/postgres/scram.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
			     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
			     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[SCRAM_MESSAGE_MAX];
	struct scram scram = {0};
	struct scram_secret other;

	if (scram_secret_parse(secret, &scram.secret))
		return 0;
	scram_client_first(&scram, out);
	for (int step = 0; step < 4; step++) {
		const uint8_t *nul = memchr(data, 0, size);
		size_t part = nul ? (size_t)(nul - data) : size;
		const char *text = (const char *)data;

		if (step == 0)
			scram_server_first(&scram, text, part, out);
		else if (step == 1)
			scram_server_final(&scram, text, part, out);
		else if (step == 2)
			scram_client_final(&scram, text, part, out);
		else
			scram_client_check(&scram, text, part);
		data += part + (nul != NULL);
		size -= part + (nul != NULL);
	}
	snprintf(out, sizeof(out), "%.*s", (int)(size < 1000 ? size : 1000),
		 (const char *)data);
	scram_secret_parse(out, &other);
	return 0;
}
