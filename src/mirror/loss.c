/*
 * What the journal does not hold: gaps, and sessions that were not captured. Each
 * is counted once, however often its record is read, and what it may have changed
 * is tainted.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "mirror/intake.h"
#include "mirror/progress.h"

void loss_take_gap(struct mirror *mirror, const struct exchange_gap *gap,
		   struct journal_position position)
{
	char key[64], text[256], *known_gap = NULL;
	struct error error;

	if (gap->clean || (gap->last_seq && gap->last_seq <= mirror->floor) ||
	    progress_in_cut(mirror, position))
		return;
	snprintf(key, sizeof(key),
		 STORE_FACT_GAP_PREFIX "%.8s:%" PRIu64 ".%" PRIu64,
		 mirror->journal, position.segment, position.offset);
	snprintf(text, sizeof(text), "%s (%" PRIu64 " exchanges known lost)",
		 gap->reason, gap->exchanges);
	if (store_get(mirror->store, key, &known_gap, &error)) {
		mirror_fail(mirror, &error);
		return;
	}
	if (!known_gap) {
		LOG_WARN("the journal has a gap", "reason=%s", gap->reason);
		if (store_set(mirror->store, key, text, &error) ||
		    store_add(mirror->store, STORE_FACT_GAPS, 1, &error) ||
		    store_add(mirror->store, STORE_FACT_GAP_EXCHANGES,
			      gap->exchanges, &error))
			mirror_fail(mirror, &error);
		mirror->changed = true;
	}
	free(known_gap);
	taint_everything(mirror, REASON_GAP);
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		struct session *session = mirror->sessions.entries[i].value;
		bool named = !gap->session_count;

		for (size_t j = 0; j < gap->session_count; j++)
			named |= gap->sessions[j] == session->id.session &&
				 gap->epoch == session->id.epoch;
		if (named && session->in_block)
			session->blind = true;
	}
}

/*
 * Counts a session once, however often its record is read: the fact holds the
 * place of the newest that was counted, "EPOCH SEGMENT OFFSET".
 */
void loss_take_uncaptured(struct mirror *mirror,
			  const struct journal_event *event)
{
	struct journal_position newest = {0};
	char key[64], text[64], *known = NULL;
	uint32_t epoch = 0;
	struct error error;

	if (progress_in_cut(mirror, event->position))
		return;
	snprintf(key, sizeof(key), STORE_FACT_UNCAPTURED_TO "%" PRIu32,
		 event->id.writer);
	if (store_get(mirror->store, key, &known, &error)) {
		mirror_fail(mirror, &error);
		return;
	}
	if (known)
		sscanf(known, "%" SCNu32 " %" SCNu64 " %" SCNu64, &epoch,
		       &newest.segment, &newest.offset);
	free(known);
	if (event->id.epoch < epoch ||
	    (event->id.epoch == epoch &&
	     journal_position_compare(event->position, newest) <= 0))
		return;
	LOG_WARN("a session is not captured", "session=%" PRIu64 " reason=%s",
		 event->id.session, event->reason);
	snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu64 " %" PRIu64,
		 event->id.epoch, event->position.segment,
		 event->position.offset);
	if (store_set(mirror->store, key, text, &error) ||
	    store_add(mirror->store, STORE_FACT_UNCAPTURED, 1, &error))
		mirror_fail(mirror, &error);
	mirror->changed = true;
	/* Its statements so far were mirrored, those to come are lost. */
	if (event->begun)
		taint_everything(mirror, REASON_GAP);
}
