/*
 * The wire codec, both directions, and the capture behind it. The input is a
 * list of runs: a byte (bit 0: from the client; the rest: size, times 16 if bit
 * 7 is set), then the run.
 */
#include "adapters/postgres/wire.h"
#include "relay/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of users whose names begin with 's' the relay keeps a secret. */
static const char *find(void *context, const char *user)
{
	(void)context;
	return *user == 's' ? "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
			      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
			      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
			    : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct wire_limits limits = {600, 600, 4096};
	struct capture_session session;
	struct capture capture;
	struct wire_step step = {0};
	struct wire *wire;

	if (capture_open(&capture, &postgres_wire, NULL, NULL))
		return 0;
	capture_session_init(&session, &capture, 1, &wire, "fuzz");
	wire = postgres_wire.open(&limits, &capture_events, &session, true);
	postgres_wire.authenticate(wire, find, NULL);
	while (size > 1 && step.verb != WIRE_REFUSE && step.verb != WIRE_RAW) {
		bool client = data[0] & 1;
		size_t run = (size_t)(data[0] >> 1 & 63) + 1;

		run *= data[0] & 128 ? 16 : 1;
		run = run < size - 1 ? run : size - 1;
		uint8_t *copy = malloc(run); /* exact: an overrun is seen */
		memcpy(copy, data + 1, run);
		(client ? postgres_wire.client : postgres_wire.server)(
		    wire, capture_moment(&capture), copy, run, &step);
		capture_turn(&session);
		free(copy);
		data += 1 + (step.consumed ? step.consumed : run);
		size -= 1 + (step.consumed ? step.consumed : run);
	}
	postgres_wire.close(&wire, capture_moment(&capture));
	capture_session_close(&session, false);
	return capture_close(&capture, NULL);
}
