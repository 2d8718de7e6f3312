#include "journal/writer_internal.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "journal/encode.h"

enum {
	FLUSH_BY_ITSELF = 256 * 1024,
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
	return writer->size - atomic_load(&writer->drain.removed);
}

bool journal_size_has_room(const struct journal_options *options, uint64_t size)
{
	return !options->max_size ||
	       size + options->segment_size / 2 <= options->max_size;
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
	writer->lost++;
	atomic_store_explicit(&writer->drain.lost_records, writer->lost,
			      memory_order_relaxed);
	if (record->end) {
		loss->exchanges++;
		writer->stats.lost_exchanges++;
		atomic_fetch_add_explicit(&writer->drain.lost_exchanges, 1,
					  memory_order_relaxed);
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

/* Where records are encrypted, the thread does it, and needs room for a tag. */
static size_t pack_frame(const Parallax__Journal__Record *record, size_t bound,
			 bool keyed, uint8_t *frame)
{
	size_t size = journal_encode(record, bound, frame + JOURNAL_FRAME_HEAD);

	if (keyed)
		journal_frame_size(frame, size += SEAL_TAG);
	else
		journal_frame_seal(frame, size);
	return JOURNAL_FRAME_HEAD + size;
}

/* Into a buffer: a segment's head, which goes into the ring as a whole. */
static int pack(struct buffer *buffer, bool keyed,
		const Parallax__Journal__Record *record)
{
	size_t bound = journal_encode_bound(record) + (keyed ? SEAL_TAG : 0);

	if (bound > JOURNAL_RECORD_MAX ||
	    buffer_reserve(buffer, JOURNAL_FRAME_HEAD + bound)) {
		buffer->failed = false; /* this record only */
		return -1;
	}
	buffer->size +=
	    pack_frame(record, bound, keyed, buffer->data + buffer->size);
	return 0;
}

/* Into the ring. 0; -1: it is too large for any ring; 1: there is no room now.
 */
static int pack_ring(struct journal_writer *writer,
		     const Parallax__Journal__Record *record)
{
	size_t bound =
	    journal_encode_bound(record) + (writer->keyed ? SEAL_TAG : 0);
	uint8_t *frame;
	size_t size;

	if (bound > JOURNAL_RECORD_MAX ||
	    bound + JOURNAL_FRAME_HEAD > writer->ring.size)
		return -1;
	frame = journal_ring_reserve(&writer->ring, JOURNAL_FRAME_HEAD + bound);
	if (!frame)
		return 1;
	size = pack_frame(record, bound, writer->keyed, frame);
	journal_ring_commit(&writer->ring, size);
	writer->offset += size;
	writer->size += size;
	return 0;
}

static void record_init(const struct journal_writer *writer,
			Parallax__Journal__Record *record)
{
	parallax__journal__record__init(record);
	record->writer = writer->options.writer;
	record->epoch = writer->epoch;
}

static void loss_fill(const struct journal_writer *writer,
		      Parallax__Journal__Gap *gap)
{
	const struct journal_loss *loss = &writer->loss;

	parallax__journal__gap__init(gap);
	gap->lost = writer->lost;
	gap->reason = (char *)(uintptr_t)loss->reason;
	gap->records = loss->records;
	gap->exchanges = loss->exchanges;
	gap->first_seq = loss->first_seq;
	gap->last_seq = loss->last_seq;
	gap->sessions = loss->sessions;
	gap->n_sessions = loss->any_session ? 0 : loss->session_count;
}

int journal_tell_loss(struct journal_writer *writer)
{
	Parallax__Journal__Record record;
	Parallax__Journal__Gap gap;

	record_init(writer, &record);
	loss_fill(writer, &gap);
	record.gap = &gap;
	if (pack_ring(writer, &record))
		return -1;
	writer->stats.gaps++;
	journal_loss_clear(&writer->loss);
	return 0;
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
		LOG_INFO("journal can be written again", "segment=%" PRIu64,
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

/* Packs the head of the next segment. */
static int pack_head(struct journal_writer *writer,
		     const Parallax__Journal__Gap *restart)
{
	Parallax__Journal__Record record;
	Parallax__Journal__SegmentHead head =
	    PARALLAX__JOURNAL__SEGMENT_HEAD__INIT;
	Parallax__Journal__Gap lost;
	char *engine = (char *)(uintptr_t)writer->options.engine;
	struct journal_key wrapped = {0};

	buffer_clear(&writer->head);
	writer->next_keyed = writer->options.keys != NULL;
	if (!restart)
		journal_collect_sessions(writer);
	record_init(writer, &record);
	record.head = &head;
	head.version =
	    writer->next_keyed ? JOURNAL_VERSION_ENCRYPTED : JOURNAL_VERSION;
	head.segment = writer->segment + 1;
	head.last_seq = writer->last_seq;
	head.opened_at = clock_unix_us();
	head.engine = engine;
	head.live_sessions = writer->heads_count;
	head.lost = writer->lost;
	head.journal.data = writer->identity.bytes;
	head.journal.len = sizeof(writer->identity.bytes);
	if (writer->next_keyed) {
		seal_random(writer->key, sizeof(writer->key));
		journal_keys_wrap(writer->options.keys, &writer->identity,
				  head.segment, writer->key, &wrapped);
		head.key = wrapped.id;
		head.wrapped.data = wrapped.wrapped;
		head.wrapped.len = sizeof(wrapped.wrapped);
	}
	/* this record alone is not encrypted */
	if (pack(&writer->head, false, &record))
		return -1;
	record.head = NULL;
	if (restart && restart->reason[0]) {
		record.gap = (Parallax__Journal__Gap *)(uintptr_t)restart;
		if (pack(&writer->head, writer->next_keyed, &record))
			return -1;
	}
	if (writer->loss.noted) {
		loss_fill(writer, &lost);
		record.gap = &lost;
		if (pack(&writer->head, writer->next_keyed, &record))
			return -1;
	}
	buffer_append(&writer->head, writer->heads.data, writer->heads.size);
	return writer->heads.failed || writer->head.failed ? -1 : 0;
}

int journal_rotate(struct journal_writer *writer,
		   const Parallax__Journal__Gap *restart)
{
	size_t size;
	uint8_t *place;

	if (clock_monotonic_us() < writer->rotate_at)
		return -1;
	writer->rotate_at = clock_monotonic_us() + RETRY_US;
	if (pack_head(writer, restart))
		return -1;
	size = writer->head.size;
	if (size > writer->ring.size / 2 && !writer->head_told) {
		LOG_ERROR("no segment can be started: the live sessions' state "
			  "does not fit into journal.buffer",
			  "size=%zu buffer=%zu sessions=%" PRIu32, size,
			  writer->ring.size, writer->heads_count);
		writer->head_told = true;
	}
	place = journal_ring_reserve(&writer->ring, size);
	if (!place ||
	    !journal_ring_mark_segment(&writer->ring, writer->segment + 1, size,
				       writer->next_keyed ? writer->key : NULL))
		return -1;
	seal_wipe(writer->key, sizeof(writer->key));
	writer->keyed = writer->next_keyed;
	memcpy(place, writer->head.data, size);
	journal_ring_commit(&writer->ring, size);
	journal_ring_publish(&writer->ring);
	writer->rotate_at = 0;
	writer->segment++;
	writer->offset = size;
	writer->size += size;
	if (writer->loss.noted || (restart && restart->reason[0]))
		writer->stats.gaps++;
	journal_loss_clear(&writer->loss);
	return 0;
}

/* --- states --- */

bool journal_is_over(const struct journal_writer *writer)
{
	return writer->options.max_size &&
	       journal_total_size(writer) >= writer->options.max_size;
}

/* With `block`, half of the ring is left for data under way. */
static bool ring_is_over(const struct journal_writer *writer)
{
	return writer->options.block_when_full &&
	       journal_ring_used(&writer->ring) >= writer->ring.size / 2;
}

static void look_for_trouble(struct journal_writer *writer)
{
	char problem[160];
	int code = atomic_load(&writer->drain.failing);

	if (!code || writer->state == JOURNAL_FAILING)
		return;
	journal_drain_problem(&writer->drain, code, problem, sizeof(problem));
	journal_change_state(writer, JOURNAL_FAILING, problem);
}

void journal_try_again(struct journal_writer *writer)
{
	look_for_trouble(writer);
	if (writer->state == JOURNAL_WRITING &&
	    (journal_is_over(writer) || ring_is_over(writer)))
		journal_change_state(writer, JOURNAL_FULL, NULL);
	if (writer->state == JOURNAL_WRITING ||
	    atomic_load(&writer->drain.failing) ||
	    !journal_size_has_room(&writer->options,
				   journal_total_size(writer)) ||
	    journal_ring_used(&writer->ring) > writer->ring.size / 4)
		return;
	/* Sessions may have come and gone unrecorded. */
	if (writer->loss.noted && journal_rotate(writer, NULL))
		return;
	writer->shedding = false;
	atomic_store(&writer->drain.shedding, false);
	journal_ring_wake(&writer->ring);
	journal_change_state(writer, JOURNAL_WRITING, NULL);
}

/* The ring has no room: no one waits for it, under either policy. */
static const char *shed(struct journal_writer *writer)
{
	if (!writer->shedding) {
		atomic_store(&writer->drain.shedding, true);
		journal_ring_wake(&writer->ring);
	}
	writer->shedding = true;
	look_for_trouble(writer);
	if (writer->state == JOURNAL_FAILING)
		return writer->problem;
	if (writer->state == JOURNAL_WRITING)
		journal_change_state(writer, JOURNAL_FULL, NULL);
	return "shed";
}

/* The reason to give a record up at once, without a look at the room; NULL:
 * none. */
static const char *must_shed(struct journal_writer *writer)
{
	if (writer->shedding)
		return shed(writer);
	if (writer->options.block_when_full || !journal_is_over(writer))
		return NULL;
	return shed(writer);
}

/* --- the relay's --- */

static void note_seq(struct journal_writer *writer,
		     const Parallax__Journal__Record *record)
{
	if (record->end && record->end->seq > writer->last_seq)
		writer->last_seq = record->end->seq;
	if (record->transaction_end &&
	    record->transaction_end->seq > writer->last_seq)
		writer->last_seq = record->transaction_end->seq;
}

/* The message has already lost a part: the rest goes too, except records about
 * the session. */
static bool lose_rest(struct journal_writer *writer,
		      struct journal_stream *stream,
		      const Parallax__Journal__Record *record)
{
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

bool journal_writer_append(struct journal_writer *writer,
			   struct journal_stream *stream,
			   Parallax__Journal__Record *record)
{
	const char *reason = must_shed(writer);
	int packed;

	record->writer = writer->options.writer;
	record->epoch = writer->epoch;
	record->session = stream->session;
	if (reason)
		return lose(writer, stream, record, reason);
	if (journal_stream_lost(stream, record->message) &&
	    has_message_part(record))
		return lose_rest(writer, stream, record);
	packed = pack_ring(writer, record);
	if (packed)
		return lose(writer, stream, record,
			    packed > 0 ? shed(writer) : "record too large");
	note_seq(writer, record);
	writer->stats.records++;
	if (journal_ring_pending(&writer->ring) >= FLUSH_BY_ITSELF)
		journal_ring_publish(&writer->ring);
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
	if (pack(&writer->heads, writer->next_keyed, &record))
		writer->heads.failed = true;
	else
		writer->heads_count++;
}

size_t journal_writer_pending(const struct journal_writer *writer)
{
	return journal_ring_pending(&writer->ring);
}

void journal_writer_flush(struct journal_writer *writer)
{
	bool told = true;

	journal_try_again(writer);
	/* A loss while the journal was being written. If the states of sessions
	 * are uncertain, the next segment records them. */
	if (writer->loss.noted && !writer->loss.resume && !writer->shedding)
		told = journal_tell_loss(writer) == 0;
	journal_ring_publish(&writer->ring);
	if (writer->shedding || writer->state == JOURNAL_FAILING)
		return;
	if ((writer->loss.noted && writer->loss.resume && told) ||
	    writer->offset >= writer->options.segment_size)
		journal_rotate(writer, NULL);
}
