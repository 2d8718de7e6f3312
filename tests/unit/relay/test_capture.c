/*
 * Capture: a session's bytes through the codec and the capture into a journal,
 * and what the journal's reader makes of them, at every split.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "journal/assembler.h"
#include "journal/reader.h"
#include "relay/capture.h"
#include "unit/adapters/postgres/wire_script.h"

struct play {
	struct capture capture;
	struct capture_session session;
	struct wire *wire;
	struct wire_limits limits;
	struct buffer out;
	size_t piece;
	char directory[64];
};

static void play_open(struct play *play, size_t piece)
{
	struct journal_options options = {.engine = "postgres",
					  .writer = 1,
					  .segment_size = 1 << 22,
					  .max_size = 1 << 26};
	struct error error;

	memset(play, 0, sizeof(*play));
	snprintf(play->directory, sizeof(play->directory),
		 "/tmp/parallax-capture-XXXXXX");
	assert_non_null(mkdtemp(play->directory));
	options.directory = play->directory;
	error_init(&error);
	assert_int_equal(
	    capture_open(&play->capture, &postgres_wire, &options, &error), 0);
	play->limits.max_statement = 1000;
	play->limits.max_result = 100;
	play->limits.max_session = 1 << 20;
	play->piece = piece;
	capture_session_init(&play->session, &play->capture, 1, &play->wire,
			     "test");
	play->wire = postgres_wire.open(&play->limits, &capture_events,
					&play->session, false);
	buffer_init(&play->out, 0);
}

static void play_give(struct play *play, bool client)
{
	size_t at = 0;

	while (at < play->out.size) {
		size_t size = play->out.size - at;
		struct wire_step step;

		if (play->piece && size > play->piece)
			size = play->piece;
		(client ? postgres_wire.client : postgres_wire.server)(
		    play->wire, capture_moment(&play->capture),
		    play->out.data + at, size, &step);
		assert_int_not_equal(step.verb, WIRE_REFUSE);
		capture_turn(&play->session);
		at += step.consumed;
	}
	buffer_clear(&play->out);
}

static void play_close(struct play *play)
{
	struct error error;

	postgres_wire.close(&play->wire, capture_moment(&play->capture));
	capture_session_close(&play->session, false);
	error_init(&error);
	assert_int_equal(capture_close(&play->capture, &error), 0);
	buffer_release(&play->out);
}

static void tell_exchange(struct buffer *told, const struct exchange *it)
{
	const struct exchange_statement *from = it->statement;

	buffer_printf(told, "%" PRIu64 ".%u seq=%" PRIu64 " %s %.*s",
		      it->message, it->index, it->seq,
		      exchange_outcome_name(it->outcome), (int)from->text.size,
		      (const char *)from->text.data);
	buffer_printf(told, " after=%" PRIu64 " tx=%" PRIu64 " %c", from->after,
		      from->transaction, from->status_before);
	if (from->parse_after != from->after || from->bind_after != from->after)
		buffer_printf(told, " parsed=%" PRIu64 " bound=%" PRIu64,
			      from->parse_after, from->bind_after);
	if (from->parsed_after != from->after)
		buffer_printf(told, " first-parsed=%" PRIu64,
			      from->parsed_after);
	if (it->first_byte_at && it->first + 1 != it->seq)
		buffer_printf(told, " first=%" PRIu64, it->first);
	if (from->bind.size)
		buffer_printf(told, " bind=%zu", from->bind.size);
	if (from->parameter_type_count)
		buffer_printf(told, " $%u", from->parameter_types[0]);
	if (from->statement_name[0])
		buffer_printf(told, " name=%s", from->statement_name);
	if (it->columns.size)
		buffer_printf(told, " columns=%zu", it->columns.size);
	if (it->has_digests)
		buffer_printf(told,
			      " rows=%" PRIu64 "/%zu%s %016" PRIx64 " %zu",
			      it->row_count, it->rows.size,
			      it->rows_capped ? " capped" : "", it->ordered.low,
			      it->column_digest_count);
	if (it->input_size)
		buffer_printf(told, " input=%" PRIu64, it->input_size);
	if (it->problem)
		buffer_printf(told, " %s", it->problem->sqlstate);
	if (it->warning_count)
		buffer_printf(told, " %s", it->warnings[0].message);
	buffer_printf(told, "%s%s%s\n", from->truncated ? " truncated" : "",
		      from->implicit ? " implicit" : "",
		      from->resumed ? " resumed" : "");
}

static void tell_event(struct buffer *told, const struct journal_event *event)
{
	switch (event->kind) {
	case JOURNAL_SESSION_OPENED:
		buffer_printf(told, "opened %s %s\n", event->session->role,
			      event->session->database);
		break;
	case JOURNAL_EXCHANGE:
		tell_exchange(told, event->exchange);
		break;
	case JOURNAL_TRANSACTION_END:
		buffer_printf(told,
			      "%s tx=%" PRIu64 " seq=%" PRIu64 " after=%" PRIu64
			      " statements=%u\n",
			      exchange_transaction_outcome_name(
				  event->transaction_end->outcome),
			      event->transaction_end->transaction,
			      event->transaction_end->seq,
			      event->transaction_end->after,
			      event->transaction_end->statements);
		break;
	case JOURNAL_SESSION_CHANGED:
		buffer_append_string(told, "changed\n");
		break;
	case JOURNAL_SESSION_CLOSED:
		buffer_append_string(told, "closed\n");
		break;
	case JOURNAL_SESSION_UNCAPTURED:
		buffer_printf(told, "uncaptured%s: %s\n",
			      event->begun ? " from here on" : "",
			      event->reason);
		break;
	case JOURNAL_GAP:
		buffer_printf(told, "gap %s\n", event->gap->reason);
		break;
	}
}

/* All that the journal holds, a line an event; removes it. */
static void play_read(struct play *play, struct buffer *told)
{
	struct journal_assembler *assembler = journal_assembler_new(NULL);
	struct journal_position start = {0, 0};
	struct journal_reader *reader;
	struct journal_record record;
	struct journal_event event;
	struct error error;
	char command[128];

	error_init(&error);
	assert_int_equal(
	    journal_reader_open(&reader, play->directory, start, &error), 0);
	while (journal_reader_next(reader, &record, &error) == JOURNAL_OK) {
		journal_assembler_push(assembler, &record);
		while (journal_assembler_pop(assembler, &event)) {
			tell_event(told, &event);
			journal_event_release(&event);
		}
	}
	journal_reader_free(&reader);
	journal_assembler_free(&assembler);
	snprintf(command, sizeof(command), "rm -rf %s", play->directory);
	assert_int_equal(system(command), 0);
}

static void play_session(struct play *play)
{
	struct buffer *out = &play->out;

	put_startup(out, 196608, "user\0ann\0", 10);
	play_give(play, true);
	put(out, 'R', "\0\0\0\0", 4);
	put(out, 'S', "TimeZone\0UTC", 13);
	put_ready(out, 'I');
	play_give(play, false);

	put_text(out, 'Q', "begin; select 1");
	play_give(play, true);
	put_done(out, "BEGIN");
	put_columns(out, 2);
	PUT_ROW(out, "1", "a row that is kept as it is");
	PUT_ROW(out, "2", "\\N");
	PUT_ROW(out, "3", "and one that is past what may be kept of it");
	put_done(out, "SELECT 3");
	put_ready(out, 'T');
	play_give(play, false);

	put_parse(out, "s", "insert $1", 1);
	put_bind(out, "", "s", 7);
	put_execute(out, "", 0);
	put_parse(out, "", "other", 0);
	put_bind(out, "", "", 70000);
	put_execute(out, "", 0);
	put_empty(out, "S");
	play_give(play, true);
	put_empty(out, "12");
	put_problem(out, 'N', "WARNING", "01000", "careful");
	put_done(out, "INSERT 0 1");
	put_empty(out, "12");
	put_error(out, "22012");
	put_ready(out, 'E');
	play_give(play, false);

	put_text(out, 'Q', "commit");
	play_give(play, true);
	put_done(out, "ROLLBACK");
	put_ready(out, 'I');
	play_give(play, false);

	put_text(out, 'Q', "copy t from stdin");
	play_give(play, true);
	put(out, 'G', "\0\0\1\0\0", 5);
	play_give(play, false);
	put(out, 'd', "one\n", 4);
	put(out, 'd', "two\n", 4);
	put_empty(out, "c");
	play_give(play, true);
	put_done(out, "COPY 2");
	put_ready(out, 'I');
	play_give(play, false);

	put_text(out, 'Q', "never answered");
	play_give(play, true);
}

static void test_records(void **state)
{
	struct buffer whole;
	struct buffer cut;
	struct play play;

	(void)state;
	buffer_init(&whole, 0);
	buffer_init(&cut, 0);
	play_open(&play, 0);
	play_session(&play);
	play_close(&play);
	play_read(&play, &whole);
	assert_string_equal(
	    buffer_string(&whole),
	    "opened ann ann\n"
	    "1.0 seq=1 ok begin; select 1 after=0 tx=1 I\n"
	    "1.1 seq=2 ok begin; select 1 after=0 tx=1 I columns=44 "
	    "rows=3/57 capped 7099b0b72a8ea043 2\n"
	    "2.0 seq=3 ok insert $1 after=2 tx=1 T bind=17 $23 name=s "
	    "careful\n"
	    "3.0 seq=4 failed other after=2 tx=1 T bind=70010 22012 implicit\n"
	    "4.0 seq=5 ok commit after=4 tx=1 E first-parsed=2\n"
	    "rollback tx=1 seq=6 after=4 statements=5\n"
	    "5.0 seq=7 ok copy t from stdin after=6 tx=2 I input=8\n"
	    "commit tx=2 seq=8 after=6 statements=1\n"
	    "6.0 seq=9 abandoned never answered after=8 tx=3 I\n"
	    "unknown tx=3 seq=10 after=9 statements=1\n"
	    "closed\n");
	for (size_t piece = 1; piece < 60; piece++) {
		buffer_clear(&cut);
		play_open(&play, piece);
		play_session(&play);
		play_close(&play);
		play_read(&play, &cut);
		assert_string_equal(buffer_string(&cut), buffer_string(&whole));
	}
	buffer_release(&whole);
	buffer_release(&cut);
}

/* Others are answered while a session parses, binds, executes and reads. */
static void test_moments(void **state)
{
	struct buffer told;
	struct play play;
	struct buffer *out = &play.out;

	(void)state;
	buffer_init(&told, 0);
	play_open(&play, 0);
	put_startup(out, 196608, "user\0ann\0", 10);
	play_give(&play, true);
	put(out, 'R', "\0\0\0\0", 4);
	put_ready(out, 'I');
	play_give(&play, false);
	put_parse(out, "s", "x", 0);
	put_empty(out, "S");
	play_give(&play, true);
	put_empty(out, "1");
	put_ready(out, 'I');
	play_give(&play, false);
	play.capture.seq = 10;
	put_bind(out, "p", "s", 7);
	play_give(&play, true);
	play.capture.seq = 20;
	put_execute(out, "p", 1);
	play_give(&play, true);
	play.capture.seq = 30;
	put_empty(out, "2");
	PUT_ROW(out, "1", "one");
	play_give(&play, false);
	play.capture.seq = 40;
	put_empty(out, "s");
	play_give(&play, false);
	/* the rest of the portal, which was bound at 10 all the same */
	put_execute(out, "p", 0);
	put_empty(out, "S");
	play_give(&play, true);
	play.capture.seq = 50;
	PUT_ROW(out, "2", "two");
	play_give(&play, false);
	play.capture.seq = 60;
	put_done(out, "SELECT 1");
	play_give(&play, false);
	put_ready(out, 'I');
	play_give(&play, false);
	/* all in one run: no moment is later than another */
	put_parse(out, "", "y", 0);
	put_bind(out, "", "", 7);
	put_execute(out, "", 0);
	put_empty(out, "S");
	play_give(&play, true);
	put_empty(out, "12");
	put_done(out, "Y");
	put_ready(out, 'I');
	play_give(&play, false);
	play_close(&play);
	play_read(&play, &told);
	assert_string_equal(
	    buffer_string(&told),
	    "opened ann ann\n"
	    "1.0 seq=41 suspended x after=20 tx=1 I parsed=0 bound=10 "
	    "first=30 bind=17 name=s rows=1/18 acbd8f40c8e83ee5 2\n"
	    "2.0 seq=61 ok x after=41 tx=1 I parsed=0 bound=10 first=50 "
	    "name=s rows=1/18 77e4380d5ad5ea5f 2 implicit resumed\n"
	    "commit tx=1 seq=62 after=41 statements=2\n"
	    "3.0 seq=63 ok y after=62 tx=2 I bind=17\n"
	    "commit tx=2 seq=64 after=62 statements=1\n"
	    "closed\n");
	buffer_release(&told);
}

/* More statements in a pipeline than are held in memory: all are told whole. */
static void test_long_pipeline(void **state)
{
	enum { COUNT = 400 };
	struct buffer expected;
	struct buffer told;
	struct play play;

	(void)state;
	buffer_init(&expected, 0);
	buffer_init(&told, 0);
	play_open(&play, 0);
	put_startup(&play.out, 196608, "user\0ann\0", 10);
	play_give(&play, true);
	put(&play.out, 'R', "\0\0\0\0", 4);
	put_ready(&play.out, 'I');
	play_give(&play, false);
	buffer_append_string(&expected, "opened ann ann\n");
	for (int i = 0; i < COUNT; i++) {
		put_parse(&play.out, "", "x", 0);
		put_bind(&play.out, "", "", 60000);
		put_execute(&play.out, "", 0);
		if (i % 100 == 99)
			put_empty(&play.out, "S");
		play_give(&play, true);
	}
	assert_in_range(play.session.held.size, 1, 17 * 1024 * 1024);
	for (int i = 0; i < COUNT; i++) {
		int group = i / 100;

		put_empty(&play.out, "12");
		put_done(&play.out, "X");
		buffer_printf(&expected,
			      "%d.0 seq=%d ok x after=0 tx=%d I bind=60010%s\n",
			      i + 1, i + 1 + group, group + 1,
			      i ? " implicit" : "");
		if (i % 100 == 99) {
			put_ready(&play.out, 'I');
			buffer_printf(&expected,
				      "commit tx=%d seq=%d after=0 "
				      "statements=100\n",
				      group + 1, i + 2 + group);
		}
		play_give(&play, false);
	}
	play_close(&play);
	buffer_append_string(&expected, "closed\n");
	play_read(&play, &told);
	assert_string_equal(buffer_string(&told), buffer_string(&expected));
	buffer_release(&told);
	buffer_release(&expected);
}

/* What is not captured is in the journal all the same: that it is not. */
static void test_uncaptured(void **state)
{
	struct buffer told;
	struct play play;

	(void)state;
	buffer_init(&told, 0);
	play_open(&play, 0);
	put_startup(&play.out, 196608, "user\0ann\0replication\0on\0", 25);
	play_give(&play, true);
	put(&play.out, 'R', "\0\0\0\0", 4);
	put_ready(&play.out, 'I');
	put_text(&play.out, 'C', "IDENTIFY_SYSTEM");
	play_give(&play, false);
	put_text(&play.out, 'Q', "START_REPLICATION");
	play_give(&play, true);
	assert_int_equal(play.capture.uncaptured, 1);
	play_close(&play);
	play_read(&play, &told);
	assert_string_equal(buffer_string(&told), "uncaptured: replication\n");
	buffer_clear(&told);

	play_open(&play, 0);
	put_startup(&play.out, 196608, "user\0ann\0", 10);
	play_give(&play, true);
	put(&play.out, 'R', "\0\0\0\0", 4);
	put_ready(&play.out, 'I');
	play_give(&play, false);
	put_text(&play.out, 'Q', "begin; select");
	play_give(&play, true);
	put_done(&play.out, "BEGIN");
	put(&play.out, '?', "what", 4);
	put_ready(&play.out, 'I');
	play_give(&play, false);
	put_text(&play.out, 'Q', "select");
	play_give(&play, true);
	play_close(&play);
	play_read(&play, &told);
	assert_string_equal(
	    buffer_string(&told),
	    "opened ann ann\n"
	    "1.0 seq=1 ok begin; select after=0 tx=1 I\n"
	    "unknown tx=1 seq=2 after=1 statements=1\n"
	    "closed\n"
	    "uncaptured from here on: unknown message type 0x3f\n");
	buffer_release(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_moments),
	    cmocka_unit_test(test_long_pipeline),
	    cmocka_unit_test(test_uncaptured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
