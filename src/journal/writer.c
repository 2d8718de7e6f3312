#include "journal/writer_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "journal/encode.h"
#include "journal/syncer.h"

enum {
	FLUSH_BY_ITSELF = 1024 * 1024,
	RETRY_US = 500 * 1000,
	GAP_SESSIONS_MAX = 4096, /* more: the Gap names none, which means any */
};

void journal_stream_init(struct journal_stream *stream, uint64_t session)
{
	memset(stream, 0, sizeof(*stream));
	stream->session = session;
}

uint64_t journal_total_size(const struct journal_writer *writer)
{
	return writer->sealed_size + writer->offset + writer->buffer.size;
}

/* --- losses --- */

static void loss_reason(struct journal_writer *writer, const char *reason)
{
	if (!writer->loss.reason[0])
		snprintf(writer->loss.reason, sizeof(writer->loss.reason), "%s",
			 reason);
}

static void loss_session(struct journal_loss *loss,
			 struct journal_stream *stream)
{
	if (stream->gap == loss->number || loss->any_session)
		return;
	stream->gap = loss->number;
	if (loss->session_count == loss->session_capacity) {
		size_t more = loss->session_capacity * 2;
		void *grown = NULL;

		if (!more)
			more = 16;
		if (more <= GAP_SESSIONS_MAX)
			grown = realloc(loss->sessions,
					more * sizeof(*loss->sessions));
		if (!grown) {
			loss->any_session = true;
			loss->session_count = 0;
			return;
		}
		loss->sessions = grown;
		loss->session_capacity = more;
	}
	loss->sessions[loss->session_count++] = stream->session;
}

static void loss_seq(struct journal_writer *writer, uint64_t seq)
{
	struct journal_loss *loss = &writer->loss;

	if (!seq)
		return;
	if (!loss->first_seq || seq < loss->first_seq)
		loss->first_seq = seq;
	if (seq > loss->last_seq)
		loss->last_seq = seq;
	if (seq > writer->last_seq)
		writer->last_seq = seq;
}

static bool has_message_part(const Parallax__Journal__Record *record)
{
	return record->statement || record->input || record->answer ||
	       record->end;
}

static bool has_state_part(const Parallax__Journal__Record *record)
{
	return record->opened || record->closed || record->transaction_end;
}

static bool lose(struct journal_writer *writer, struct journal_stream *stream,
		 const Parallax__Journal__Record *record, const char *reason)
{
	struct journal_loss *loss = &writer->loss;

	if (!loss->noted) {
		loss->noted = true;
		loss->number++;
	}
	loss_reason(writer, reason);
	loss->records++;
	writer->stats.lost_records++;
	if (record->end) {
		loss->exchanges++;
		writer->stats.lost_exchanges++;
		loss_seq(writer, record->end->seq);
	}
	if (record->transaction_end)
		loss_seq(writer, record->transaction_end->seq);
	if (has_state_part(record))
		loss->resume = true;
	loss_session(loss, stream);
	if (record->message && has_message_part(record)) {
		if (!stream->lost_first || record->message < stream->lost_first)
			stream->lost_first = record->message;
		if (record->message > stream->lost_last)
			stream->lost_last = record->message;
	}
	return false;
}

void journal_loss_clear(struct journal_loss *loss)
{
	loss->noted = loss->resume = loss->any_session = false;
	loss->records = loss->exchanges = 0;
	loss->first_seq = loss->last_seq = 0;
	loss->session_count = 0;
	loss->reason[0] = 0;
}

/* --- frames --- */

static int pack(struct buffer *buffer, const Parallax__Journal__Record *record)
{
	size_t bound = journal_encode_bound(record);
	uint8_t *frame;
	size_t size;

	if (bound > JOURNAL_RECORD_MAX ||
	    buffer_reserve(buffer, JOURNAL_FRAME_HEAD + bound)) {
		buffer->failed = false; /* this record only */
		return -1;
	}
	frame = buffer->data + buffer->size;
	size = journal_encode(record, frame + JOURNAL_FRAME_HEAD);
	journal_frame_seal(frame, size);
	buffer->size += JOURNAL_FRAME_HEAD + size;
	return 0;
}

static void record_init(const struct journal_writer *writer,
			Parallax__Journal__Record *record)
{
	parallax__journal__record__init(record);
	record->writer = writer->options.writer;
	record->epoch = writer->epoch;
}

int journal_pack_loss(struct journal_writer *writer)
{
	Parallax__Journal__Record record;
	Parallax__Journal__Gap gap = PARALLAX__JOURNAL__GAP__INIT;
	struct journal_loss *loss = &writer->loss;

	record_init(writer, &record);
	record.gap = &gap;
	gap.reason = loss->reason;
	gap.records = loss->records;
	gap.exchanges = loss->exchanges;
	gap.first_seq = loss->first_seq;
	gap.last_seq = loss->last_seq;
	gap.sessions = loss->sessions;
	gap.n_sessions = loss->any_session ? 0 : loss->session_count;
	return pack(&writer->buffer, &record);
}

/* --- writing --- */

void journal_change_state(struct journal_writer *writer,
			  enum journal_state state, const char *problem)
{
	if (state == JOURNAL_FAILING)
		snprintf(writer->problem, sizeof(writer->problem), "%s",
			 problem);
	else
		writer->problem[0] = 0;
	if (writer->state == state)
		return;
	writer->state = state;
	switch (state) {
	case JOURNAL_WRITING:
		LOG_INFO("journal written again", "segment=%" PRIu64,
			 writer->segment);
		break;
	case JOURNAL_FULL:
		LOG_WARN("journal full", "size=%" PRIu64 " policy=%s",
			 journal_total_size(writer),
			 writer->options.block_when_full ? "block" : "shed");
		break;
	case JOURNAL_FAILING:
		LOG_ERROR("journal cannot be written, exchanges are shed",
			  "segment=%" PRIu64 " problem=\"%s\"", writer->segment,
			  problem);
		break;
	}
}

static void fail(struct journal_writer *writer, const char *what, int code)
{
	char reason[160];

	writer->stats.write_errors++;
	snprintf(reason, sizeof(reason), "%s: %s", what, strerror(code));
	/* Shedding ends with a new segment, whatever was lost meanwhile. */
	writer->loss.resume = true;
	journal_change_state(writer, JOURNAL_FAILING, reason);
	writer->retry_at = clock_monotonic_us() + RETRY_US;
}

/* Takes the whole frames in the first `done` bytes out of the buffer. */
static void drop_written(struct journal_writer *writer, size_t done)
{
	struct buffer *buffer = &writer->buffer;
	size_t border = 0;
	size_t body;

	if (done == buffer->size) {
		border = done;
	} else {
		while (journal_frame_view(buffer->data + border, done - border,
					  &body) == JOURNAL_FRAME_OK)
			border += JOURNAL_FRAME_HEAD + body;
		memmove(buffer->data, buffer->data + border,
			buffer->size - border);
	}
	buffer->size -= border;
	writer->offset += border;
	writer->stats.bytes += border;
}

int journal_write_buffer(struct journal_writer *writer)
{
	size_t done = 0;
	int code = 0;

	while (done < writer->buffer.size) {
		ssize_t put = writer->options.write(
		    writer->file, writer->buffer.data + done,
		    writer->buffer.size - done, (off_t)(writer->offset + done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			code = put < 0 ? errno : ENOSPC;
			break;
		}
		done += (size_t)put;
	}
	if (done)
		writer->dirty = true;
	drop_written(writer, done);
	if (!code)
		return 0;
	/* Half a record at the end is cut off. Should even that fail, nothing
	 * is lost by it: the same bytes will be written there again. */
	if (ftruncate(writer->file, (off_t)writer->offset) != 0)
		LOG_WARN("journal's unfinished record not cut off",
			 "segment=%" PRIu64 " problem=\"%s\"", writer->segment,
			 strerror(errno));
	fail(writer, "write failed", code);
	return -1;
}

static int seal_segment(struct journal_writer *writer)
{
	struct journal_segment *sealed;

	if (writer->sealed_count == writer->sealed_capacity) {
		size_t more =
		    writer->sealed_capacity ? writer->sealed_capacity * 2 : 64;
		void *grown =
		    realloc(writer->sealed, more * sizeof(*writer->sealed));

		if (!grown)
			return -1;
		writer->sealed = grown;
		writer->sealed_capacity = more;
	}
	if (writer->file < 0)
		return 0; /* the first of this epoch */
	sealed = &writer->sealed[writer->sealed_count++];
	sealed->number = writer->segment;
	sealed->size = writer->offset;
	sealed->written = clock_unix_us();
	writer->sealed_size += writer->offset;
	return 0;
}

uint32_t journal_collect_sessions(struct journal_writer *writer)
{
	buffer_clear(&writer->heads);
	writer->heads_count = 0;
	if (!writer->options.resume)
		return 0;
	writer->in_resume = true;
	writer->options.resume(writer, writer->options.context);
	writer->in_resume = false;
	return writer->heads_count;
}

/* Packs the head of the next segment into the (empty) buffer. */
static int pack_head(struct journal_writer *writer,
		     const Parallax__Journal__Gap *restart)
{
	Parallax__Journal__Record record;
	Parallax__Journal__SegmentHead head =
	    PARALLAX__JOURNAL__SEGMENT_HEAD__INIT;
	char *engine = (char *)(uintptr_t)writer->options.engine;

	if (!restart)
		journal_collect_sessions(writer);
	record_init(writer, &record);
	record.head = &head;
	head.version = JOURNAL_VERSION;
	head.segment = writer->segment + 1;
	head.last_seq = writer->last_seq;
	head.opened_at = clock_unix_us();
	head.engine = engine;
	head.live_sessions = writer->heads_count;
	if (pack(&writer->buffer, &record))
		return -1;
	if (restart && restart->reason[0]) {
		record.head = NULL;
		record.gap = (Parallax__Journal__Gap *)(uintptr_t)restart;
		if (pack(&writer->buffer, &record))
			return -1;
	}
	if (writer->loss.noted && journal_pack_loss(writer))
		return -1;
	buffer_append(&writer->buffer, writer->heads.data, writer->heads.size);
	return writer->heads.failed || writer->buffer.failed ? -1 : 0;
}

int journal_rotate(struct journal_writer *writer,
		   const Parallax__Journal__Gap *restart)
{
	char name[64];
	char fresh[80];
	size_t done = 0;
	int code = 0;
	int file;

	journal_segment_name(name, sizeof(name), writer->segment + 1);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	if (pack_head(writer, restart) || seal_segment(writer)) {
		buffer_clear(&writer->buffer);
		fail(writer, "cannot start a segment", ENOMEM);
		return -1;
	}
	file = openat(writer->directory, fresh,
		      O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		code = errno;
	while (!code && done < writer->buffer.size) {
		ssize_t put = writer->options.write(
		    file, writer->buffer.data + done,
		    writer->buffer.size - done, (off_t)done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			code = put < 0 ? errno : ENOSPC;
		else
			done += (size_t)put;
	}
	if (!code &&
	    renameat(writer->directory, fresh, writer->directory, name) != 0)
		code = errno;
	buffer_clear(&writer->buffer);
	if (code) {
		if (file >= 0) {
			close(file);
			unlinkat(writer->directory, fresh, 0);
		}
		if (writer->file >= 0) {
			writer->sealed_count--;
			writer->sealed_size -= writer->offset;
		}
		fail(writer, "cannot start a segment", code);
		return -1;
	}
	if (writer->file >= 0)
		journal_syncer_finish(writer->syncer, writer->file);
	writer->file = file;
	writer->segment++;
	writer->offset = done;
	writer->dirty = true;
	writer->stats.bytes += done;
	if (writer->loss.noted || (restart && restart->reason[0]))
		writer->stats.gaps++;
	journal_loss_clear(&writer->loss);
	return 0;
}

bool journal_has_room(const struct journal_writer *writer, uint64_t size)
{
	return !writer->options.max_size ||
	       size + writer->segment_size / 2 <= writer->options.max_size;
}

bool journal_is_over(const struct journal_writer *writer)
{
	return writer->options.max_size &&
	       journal_total_size(writer) >= writer->options.max_size;
}

void journal_try_again(struct journal_writer *writer)
{
	if (writer->state == JOURNAL_WRITING)
		return;
	if (writer->state == JOURNAL_FAILING) {
		if (clock_monotonic_us() < writer->retry_at ||
		    journal_write_buffer(writer))
			return;
	} else if (!journal_has_room(writer, journal_total_size(writer))) {
		return;
	}
	/* Sessions may have come and gone untold; and where writing failed, a
	 * new segment shows that it works again. */
	if (writer->loss.noted || writer->state == JOURNAL_FAILING) {
		if (writer->buffer.size && journal_write_buffer(writer))
			return;
		if (journal_rotate(writer, NULL))
			return;
	}
	writer->loss.resume = false;
	journal_change_state(writer, JOURNAL_WRITING, NULL);
}

bool journal_writer_append(struct journal_writer *writer,
			   struct journal_stream *stream,
			   Parallax__Journal__Record *record)
{
	record->writer = writer->options.writer;
	record->epoch = writer->epoch;
	record->session = stream->session;
	if (writer->state == JOURNAL_FAILING)
		return lose(writer, stream, record, writer->problem);
	if (writer->state == JOURNAL_WRITING && journal_is_over(writer))
		journal_change_state(writer, JOURNAL_FULL, NULL);
	if (writer->state == JOURNAL_FULL && !writer->options.block_when_full)
		return lose(writer, stream, record, "shed");
	if (journal_stream_lost(stream, record->message) &&
	    has_message_part(record)) {
		Parallax__Journal__Record state = *record;
		Parallax__Journal__Record parts = *record;

		parts.transaction_end = NULL;
		parts.opened = NULL;
		parts.closed = NULL;
		lose(writer, stream, &parts, "shed");
		state.statement = NULL;
		state.input = NULL;
		state.answer = NULL;
		state.end = NULL;
		if (has_state_part(&state))
			journal_writer_append(writer, stream, &state);
		return false;
	}
	if (pack(&writer->buffer, record))
		return lose(writer, stream, record,
			    "record too large, or out of memory");
	if (record->end && record->end->seq > writer->last_seq)
		writer->last_seq = record->end->seq;
	if (record->transaction_end &&
	    record->transaction_end->seq > writer->last_seq)
		writer->last_seq = record->transaction_end->seq;
	writer->stats.records++;
	if (writer->buffer.size >= FLUSH_BY_ITSELF)
		journal_write_buffer(writer);
	return true;
}

void journal_writer_resume(struct journal_writer *writer,
			   const struct journal_stream *stream,
			   Parallax__Journal__SessionOpen *opened)
{
	Parallax__Journal__Record record;

	if (!writer->in_resume)
		return;
	opened->resumed = true;
	record_init(writer, &record);
	record.session = stream->session;
	record.opened = opened;
	if (pack(&writer->heads, &record))
		writer->heads.failed = true;
	else
		writer->heads_count++;
}

size_t journal_writer_pending(const struct journal_writer *writer)
{
	return writer->buffer.size;
}

/* Tells a loss that happened while the journal was being written. */
static void tell_loss(struct journal_writer *writer)
{
	if (!writer->loss.noted || writer->loss.resume)
		return;
	if (journal_pack_loss(writer))
		return; /* again with the next flush */
	writer->stats.gaps++;
	journal_loss_clear(&writer->loss);
}

void journal_writer_flush(struct journal_writer *writer)
{
	bool resume;

	if (writer->state == JOURNAL_FAILING)
		return;
	if (writer->state == JOURNAL_WRITING || writer->options.block_when_full)
		tell_loss(writer);
	if (writer->buffer.size && journal_write_buffer(writer))
		return;
	resume = writer->loss.noted && writer->loss.resume &&
		 writer->state == JOURNAL_WRITING;
	if ((resume || writer->offset >= writer->segment_size) &&
	    clock_monotonic_us() >= writer->rotate_at &&
	    journal_rotate(writer, NULL))
		writer->rotate_at = clock_monotonic_us() + RETRY_US;
}
