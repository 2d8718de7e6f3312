/* The writer's timer, and its figures. */
#include "journal/writer_internal.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

void journal_writer_retain(struct journal_writer *writer)
{
	atomic_store(&writer->drain.retain, true);
	journal_ring_wake(&writer->ring);
}

void journal_writer_tick(struct journal_writer *writer)
{
	bool full = writer->state == JOURNAL_FULL;

	atomic_store(&writer->drain.short_of_room, full);
	if (full)
		journal_writer_retain(writer);
	journal_writer_flush(writer);
}

bool journal_writer_full(const struct journal_writer *writer)
{
	return writer->options.block_when_full && writer->state == JOURNAL_FULL;
}

uint32_t journal_writer_epoch(const struct journal_writer *writer)
{
	return writer->epoch;
}

uint64_t journal_writer_last_seq(const struct journal_writer *writer)
{
	return writer->last_seq;
}

void journal_writer_stats(const struct journal_writer *writer,
			  struct journal_stats *stats)
{
	const struct journal_drain *drain = &writer->drain;
	int code;

	*stats = writer->stats;
	stats->state = writer->state;
	stats->problem = writer->problem;
	stats->bytes = atomic_load(&drain->bytes);
	stats->write_errors = atomic_load(&drain->write_errors);
	stats->sync_errors = journal_syncer_errors(drain->syncer, &code);
	stats->synced_at = journal_syncer_synced_at(drain->syncer);
	stats->segments = atomic_load(&drain->segments);
	stats->size = journal_total_size(writer);
	stats->segment = atomic_load(&drain->segment_seen);
	stats->offset = atomic_load(&drain->offset_seen);
	stats->buffered = journal_ring_used(&writer->ring);
}

bool journal_writer_wait(struct journal_writer *writer, int64_t microseconds)
{
	int64_t until = clock_monotonic_us() + microseconds;

	while (journal_ring_used(&writer->ring) >
	       journal_ring_pending(&writer->ring)) {
		if (clock_monotonic_us() >= until)
			return false;
		usleep(500);
	}
	return true;
}
