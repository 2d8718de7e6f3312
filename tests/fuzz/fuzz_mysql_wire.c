/*
 * MySQL's wire codec, both directions, and the capture behind it. The input is
 * a list of runs: a byte (bit 0: from the client; the rest: size, times 16 if
 * bit 7 is set), then the run. Input that begins with 'L' is that of a session
 * whose login is done, with the capabilities that follow.
 */
#include "relay/capture.h"
#include "unit/adapters/mysql/wire_script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script;
	struct capture_session session;
	struct capture capture;
	struct wire_step step = {0};

	if (capture_open(&capture, &mysql_wire, NULL, NULL))
		return 0;
	memset(&script, 0, sizeof(script));
	script.ops = &mysql_wire;
	script.limits = (struct wire_limits){600, 600, 4096};
	capture_session_init(&session, &capture, 1, &script.wire, "fuzz");
	script.wire =
	    mysql_wire.open(&script.limits, &capture_events, &session, false);
	if (size > 9 && *data == 'L') {
		script_wants = packet_get_integer(data + 1, 8) | SCRIPT_PLAIN;
		script_login(&script);
		data += 9;
		size -= 9;
	}
	while (size > 1 && step.verb != WIRE_REFUSE) {
		bool client = data[0] & 1;
		size_t run = (size_t)(data[0] >> 1 & 63) + 1;

		run *= data[0] & 128 ? 16 : 1;
		run = run < size - 1 ? run : size - 1;
		uint8_t *copy = malloc(run); /* exact: an overrun is seen */
		memcpy(copy, data + 1, run);
		(client ? mysql_wire.client : mysql_wire.server)(
		    script.wire, capture_moment(&capture), copy, run, &step);
		capture_turn(&session);
		free(copy);
		data += 1 + (step.consumed ? step.consumed : run);
		size -= 1 + (step.consumed ? step.consumed : run);
	}
	mysql_wire.close(&script.wire, capture_moment(&capture));
	capture_session_close(&session, false);
	buffer_release(&script.to_client);
	buffer_release(&script.to_server);
	return capture_close(&capture, NULL);
}
