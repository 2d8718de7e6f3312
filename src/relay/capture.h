/*
 * What the codec tells becomes the journal's records.
 */
#ifndef PARALLAX_RELAY_CAPTURE_H
#define PARALLAX_RELAY_CAPTURE_H

#include <stdbool.h>

#include "adapters/wire.h"
#include "base/list.h"
#include "journal/writer.h"

struct capture {
	uint64_t seq;
};

struct capture_session {
	struct capture *capture;
	bool opened;
};

void capture_session_init(struct capture_session *session,
			  struct capture *capture, uint64_t number,
			  struct wire *const *wire, const char *peer);
void capture_session_close(struct capture_session *session, bool clean);
/* After each run of bytes. */
void capture_turn(struct capture_session *session);

int capture_open(struct capture *capture, struct link *sessions,
		 const struct journal_options *journal, struct error *error);
int capture_close(struct capture *capture, struct error *error);
bool capture_full(const struct capture *capture);
bool capture_flush(struct capture *capture);
void capture_tick(struct capture *capture);
/* ",\"name\":value" for each counter. */
void capture_status(const struct capture *capture, char *out, size_t size);

extern const struct wire_events capture_events;

#endif
