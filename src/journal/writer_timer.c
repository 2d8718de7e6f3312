/* The writer's timer: retention, syncs, retries; and its figures. */
#include "journal/writer_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "journal/position.h"
#include "journal/syncer.h"

enum { RETAIN_US = 1000 * 1000 };

static void forget_first(struct journal_writer *writer, size_t count)
{
	for (size_t i = 0; i < count; i++)
		writer->sealed_size -= writer->sealed[i].size;
	writer->sealed_count -= count;
	memmove(writer->sealed, writer->sealed + count,
		writer->sealed_count * sizeof(*writer->sealed));
}

void journal_writer_retain(struct journal_writer *writer)
{
	int64_t now = clock_unix_us();
	uint64_t needed = 0;
	struct error error;
	uint64_t size = journal_total_size(writer);
	size_t gone = 0;
	int mirrors;

	if (!writer->sealed_count)
		return;
	error_init(&error);
	mirrors = journal_positions_oldest(
	    writer->directory, writer->options.mirrors, &needed, &error);
	if (mirrors < 0) {
		if (!writer->positions_bad)
			LOG_ERROR("journal keeps all segments",
				  "problem=\"%s\"", error.message);
		writer->positions_bad = true;
		return;
	}
	writer->positions_bad = false;
	for (; gone < writer->sealed_count; gone++) {
		const struct journal_segment *oldest = &writer->sealed[gone];
		bool aged = now - oldest->written >= writer->options.keep_us;

		if (mirrors ? oldest->number >= needed
			    : !writer->options.keep_us)
			break;
		/* When room is short, passed segments go before their time. */
		if (!aged && (!mirrors || writer->state != JOURNAL_FULL ||
			      journal_has_room(writer, size)))
			break;
		size -= oldest->size;
		journal_syncer_remove(writer->syncer, oldest->number);
	}
	if (gone)
		forget_first(writer, gone);
}

void journal_writer_tick(struct journal_writer *writer)
{
	int64_t now = clock_monotonic_us();
	uint64_t errors;
	int code;

	if (now >= writer->retain_at || writer->state == JOURNAL_FULL) {
		journal_writer_retain(writer);
		writer->retain_at = now + RETAIN_US;
	}
	if (writer->state == JOURNAL_WRITING && journal_is_over(writer))
		journal_change_state(writer, JOURNAL_FULL, NULL);
	journal_try_again(writer);
	if (writer->loss.noted)
		journal_writer_flush(writer); /* tells it, if it can */
	if (writer->dirty && now >= writer->sync_at) {
		journal_syncer_sync(writer->syncer, writer->file);
		writer->dirty = false;
		writer->sync_at = now + writer->options.sync_us;
	}
	errors = journal_syncer_errors(writer->syncer, &code);
	if (errors && !writer->sync_errors_told)
		LOG_ERROR("journal's sync or removal failed", "problem=\"%s\"",
			  strerror(code));
	writer->sync_errors_told = errors;
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
	int code;

	*stats = writer->stats;
	stats->state = writer->state;
	stats->problem = writer->problem;
	stats->sync_errors = journal_syncer_errors(writer->syncer, &code);
	stats->synced_at = journal_syncer_synced_at(writer->syncer);
	stats->segments = writer->sealed_count + 1;
	stats->size = journal_total_size(writer);
	stats->segment = writer->segment;
	stats->offset = writer->offset;
}
