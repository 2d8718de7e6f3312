/* The relay alone: relay_main LISTEN_HOST PORT PRIMARY_HOST PORT [JOURNAL]. */
#include <stdlib.h>

#include "adapters/postgres/wire.h"
#include "base/log.h"
#include "relay/relay.h"

int main(int argc, char **argv)
{
	struct relay_address listen;
	struct relay_options options = {
	    .wire = &postgres_wire, .listen = &listen, .listen_count = 1};
	struct journal_options journal = {.engine = "postgres",
					  .writer = 1,
					  .segment_size = 64 << 20,
					  .max_size = (uint64_t)1 << 30,
					  .sync_us = 1000000};
	struct error error;
	char text[1024];

	if (argc < 5)
		return 3;
	log_init(LOG_INFO_LEVEL, "relay");
	error_init(&error);
	listen.host = argv[1];
	listen.port = (int)strtol(argv[2], NULL, 10);
	options.primary.host = argv[3];
	options.primary.port = (int)strtol(argv[4], NULL, 10);
	journal.block_when_full = argc > 6;
	if (argc > 5) {
		journal.directory = argv[5];
		options.journal = &journal;
	}
	if (!relay_run(&options, &error))
		return 0;
	error_print(&error, text, sizeof(text));
	LOG_ERROR("relay failed", "reason=\"%s\"", text);
	return 1;
}
