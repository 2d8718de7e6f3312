#include "unit/journal/support.h"

#include <sys/resource.h>

/* Pushes one record as if it had been read. */
struct feed {
	struct journal_assembler *assembler;
	struct journal_position at;
	uint64_t session;
};

static void feed_init(struct feed *feed,
		      const struct journal_assembler_options *options)
{
	memset(feed, 0, sizeof(*feed));
	feed->assembler = journal_assembler_new(options);
	feed->at.segment = 1;
	feed->session = 1;
}

static void push(struct feed *feed, Parallax__Journal__Record *record)
{
	struct journal_record in = {.record = record, .position = feed->at};

	record->writer = 1;
	if (!record->epoch)
		record->epoch = 1;
	feed->at.offset += 10;
	in.next = feed->at;
	journal_assembler_push(feed->assembler, &in);
}

static void push_head(struct feed *feed, uint32_t epoch, uint32_t live)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SegmentHead head =
	    PARALLAX__JOURNAL__SEGMENT_HEAD__INIT;

	feed->at.segment++;
	feed->at.offset = 0;
	head.live_sessions = live;
	record.head = &head;
	record.epoch = epoch;
	push(feed, &record);
}

static void push_open(struct feed *feed, uint64_t session, bool resumed)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SessionOpen opened =
	    PARALLAX__JOURNAL__SESSION_OPEN__INIT;
	Parallax__Journal__Setting setting = PARALLAX__JOURNAL__SETTING__INIT;
	Parallax__Journal__Setting *startup[1] = {&setting};

	setting.name = (char *)"application_name";
	setting.value = (char *)"shop";
	opened.role = (char *)"alice";
	opened.resumed = resumed;
	opened.transaction_status = (char *)"T";
	opened.startup = startup;
	opened.n_startup = 1;
	record.session = session;
	record.opened = &opened;
	push(feed, &record);
}

static void push_close(struct feed *feed, uint64_t session)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SessionClose closed =
	    PARALLAX__JOURNAL__SESSION_CLOSE__INIT;

	closed.clean = true;
	closed.at = 5;
	record.session = session;
	record.closed = &closed;
	push(feed, &record);
}

static void push_statement(struct feed *feed, uint64_t message, int kind,
			   const char *text)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Statement statement =
	    PARALLAX__JOURNAL__STATEMENT__INIT;

	statement.kind = (Parallax__Journal__StatementKind)kind;
	statement.text.data = (uint8_t *)(uintptr_t)text;
	statement.text.len = strlen(text);
	record.session = feed->session;
	record.message = message;
	record.statement = &statement;
	push(feed, &record);
}

static void push_input(struct feed *feed, uint64_t message, int kind,
		       const void *data, size_t size)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Input input = PARALLAX__JOURNAL__INPUT__INIT;

	input.kind = (Parallax__Journal__InputKind)kind;
	input.data.data = (uint8_t *)(uintptr_t)data;
	input.data.len = size;
	record.session = feed->session;
	record.message = message;
	record.input = &input;
	push(feed, &record);
}

static void push_answer(struct feed *feed, uint64_t message, uint32_t index,
			const char *columns, const char *rows)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Answer answer = PARALLAX__JOURNAL__ANSWER__INIT;

	answer.index = index;
	answer.columns.data = (uint8_t *)(uintptr_t)columns;
	answer.columns.len = strlen(columns);
	answer.rows.data = (uint8_t *)(uintptr_t)rows;
	answer.rows.len = strlen(rows);
	record.session = feed->session;
	record.message = message;
	record.answer = &answer;
	push(feed, &record);
}

static void push_end(struct feed *feed, uint64_t message, uint32_t index,
		     uint64_t seq)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__End end = PARALLAX__JOURNAL__END__INIT;
	Parallax__Journal__Problem problem = PARALLAX__JOURNAL__PROBLEM__INIT;
	Parallax__Journal__Problem *warnings[1] = {&problem};
	Parallax__Journal__Digest digest = PARALLAX__JOURNAL__DIGEST__INIT;
	uint64_t columns[5] = {1, 2, 3, 4, 5};

	problem.message = (char *)"mind";
	digest.low = 7;
	end.index = index;
	end.seq = seq;
	end.tag = (char *)"SELECT 1";
	end.warnings = warnings;
	end.n_warnings = 1;
	end.ordered = end.unordered = &digest;
	end.column_digests = columns;
	end.n_column_digests = 5;
	record.session = feed->session;
	record.message = message;
	record.end = &end;
	push(feed, &record);
}

static void push_transaction_end(struct feed *feed, uint64_t message)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__TransactionEnd end =
	    PARALLAX__JOURNAL__TRANSACTION_END__INIT;

	end.transaction = 9;
	end.outcome = PARALLAX__JOURNAL__TRANSACTION_OUTCOME__ROLLBACK;
	record.session = feed->session;
	record.message = message;
	record.transaction_end = &end;
	push(feed, &record);
}

static void push_gap(struct feed *feed, uint64_t session)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Gap gap = PARALLAX__JOURNAL__GAP__INIT;

	gap.reason = (char *)"shed";
	gap.sessions = &session;
	gap.n_sessions = session != 0;
	record.gap = &gap;
	push(feed, &record);
}

static struct journal_event expect(struct feed *feed,
				   enum journal_event_kind kind)
{
	struct journal_event event;

	if (!journal_assembler_pop(feed->assembler, &event))
		fail_msg("no event, %d expected", (int)kind);
	assert_int_equal(event.kind, kind);
	return event;
}

static void expect_and_drop(struct feed *feed, enum journal_event_kind kind)
{
	struct journal_event event = expect(feed, kind);

	journal_event_release(&event);
}

static void expect_gap(struct feed *feed, enum exchange_gap_kind kind,
		       uint64_t seq)
{
	struct journal_event event = expect(feed, JOURNAL_GAP);

	assert_int_equal(event.gap->kind, kind);
	assert_int_equal(event.gap->last_seq, seq);
	journal_event_release(&event);
}

static void expect_none(struct feed *feed)
{
	struct journal_event event;

	if (journal_assembler_pop(feed->assembler, &event))
		fail_msg("event %d not expected", (int)event.kind);
}

static void feed_release(struct feed *feed)
{
	expect_none(feed);
	journal_assembler_free(&feed->assembler);
}

static void assert_bytes(struct bytes run, const char *text)
{
	assert_int_equal(run.size, strlen(text));
	assert_memory_equal(run.data, text, run.size);
}

enum {
	QUERY = 0,
	EXECUTE = 1,
	BIND = 0,
	COPY_DATA = 1,
	COPY_FAIL = 2,
	TEXT = 3
};

static void puts_parts_together(void **unused)
{
	struct journal_position oldest;
	struct journal_event event;
	struct exchange *exchange;
	struct feed feed;

	(void)unused;
	feed_init(&feed, NULL);
	push_open(&feed, 1, false);
	event = expect(&feed, JOURNAL_SESSION_OPENED);
	assert_string_equal(event.session->role, "alice");
	assert_string_equal(event.session->startup[0].value, "shop");
	assert_int_equal(event.session->transaction_status, 'I');
	assert_false(event.session->resumed);
	journal_event_release(&event);

	push_statement(&feed, 1, EXECUTE, "SELECT ");
	push_input(&feed, 1, TEXT, "$1", 2);
	push_input(&feed, 1, BIND, "bind", 4);
	push_statement(&feed, 2, EXECUTE, "SELECT 2"); /* pipelined */
	assert_true(journal_assembler_oldest(feed.assembler, &oldest));
	assert_int_equal(oldest.offset, 10);
	push_answer(&feed, 1, 0, "columns", "ro");
	push_answer(&feed, 1, 0, "", "ws");
	expect_none(&feed);
	push_end(&feed, 1, 0, 5);
	event = expect(&feed, JOURNAL_EXCHANGE);
	exchange = event.exchange;
	assert_bytes(exchange->statement->text, "SELECT $1");
	assert_int_equal(exchange->statement->text.data[9], 0);
	assert_bytes(exchange->statement->bind, "bind");
	assert_bytes(exchange->columns, "columns");
	assert_bytes(exchange->rows, "rows");
	assert_int_equal(exchange->seq, 5);
	assert_string_equal(exchange->warnings[0].message, "mind");
	assert_int_equal(exchange->ordered.low, 7);
	assert_int_equal(exchange->column_digest_count, 2);
	assert_int_equal(exchange->column_digests[1].high, 4);
	assert_true(journal_assembler_oldest(feed.assembler, &oldest));
	assert_int_equal(oldest.offset, 40);
	push_end(&feed, 2, 0, 6);
	expect_and_drop(&feed, JOURNAL_EXCHANGE);
	assert_false(journal_assembler_oldest(feed.assembler, &oldest));
	assert_int_equal(journal_assembler_held(feed.assembler), 0);
	push_transaction_end(&feed, 2);
	expect_and_drop(&feed, JOURNAL_TRANSACTION_END);
	push_close(&feed, 1);
	expect_and_drop(&feed, JOURNAL_SESSION_CLOSED);
	/* The exchange lives on by itself. */
	assert_bytes(exchange->statement->text, "SELECT $1");
	journal_event_release(&event);
	feed_release(&feed);
}

static void shares_a_query_among_its_answers(void **unused)
{
	struct journal_position oldest;
	struct journal_event first;
	struct journal_event second;
	struct feed feed;

	(void)unused;
	feed_init(&feed, NULL);
	push_open(&feed, 1, false);
	expect_and_drop(&feed, JOURNAL_SESSION_OPENED);
	push_statement(&feed, 1, QUERY, "SELECT 1; SELECT 2");
	push_end(&feed, 1, 0, 1);
	push_end(&feed, 1, 1, 2);
	first = expect(&feed, JOURNAL_EXCHANGE);
	second = expect(&feed, JOURNAL_EXCHANGE);
	assert_ptr_equal(first.exchange->statement, second.exchange->statement);
	assert_int_equal(second.exchange->index, 1);
	assert_true(journal_assembler_oldest(feed.assembler, &oldest));
	push_transaction_end(&feed, 1);
	expect_and_drop(&feed, JOURNAL_TRANSACTION_END);
	assert_false(journal_assembler_oldest(feed.assembler, &oldest));
	journal_event_release(&first);
	assert_bytes(second.exchange->statement->text, "SELECT 1; SELECT 2");
	journal_event_release(&second);
	feed_release(&feed);
}

static void reports_what_has_no_beginning_or_end(void **unused)
{
	struct feed feed;

	(void)unused;
	feed_init(&feed, NULL);
	push_head(&feed, 1, 1);
	push_open(&feed, 1, true);
	expect_and_drop(&feed, JOURNAL_SESSION_OPENED);
	push_answer(&feed, 3, 0, "c", "r");
	expect_none(&feed);
	push_end(&feed, 3, 0, 44);
	expect_gap(&feed, EXCHANGE_GAP_ORPHAN, 44);
	/* 4 never ends, as the answer of 5 shows. */
	push_statement(&feed, 4, EXECUTE, "a");
	push_answer(&feed, 4, 0, "c", "r");
	push_statement(&feed, 5, EXECUTE, "b");
	expect_none(&feed);
	push_end(&feed, 5, 0, 45);
	expect_gap(&feed, EXCHANGE_GAP_UNENDED, 0);
	expect_and_drop(&feed, JOURNAL_EXCHANGE);
	/* Nor does 6, as the session ends. */
	push_statement(&feed, 6, QUERY, "c");
	push_close(&feed, 1);
	expect_gap(&feed, EXCHANGE_GAP_UNENDED, 0);
	expect_and_drop(&feed, JOURNAL_SESSION_CLOSED);
	assert_int_equal(journal_assembler_held(feed.assembler), 0);
	feed_release(&feed);
}

static void believes_a_gap(void **unused)
{
	struct journal_event event;
	struct error damage;
	struct feed feed;

	(void)unused;
	feed_init(&feed, NULL);
	push_open(&feed, 1, false);
	push_open(&feed, 2, false);
	push_open(&feed, 3, false);
	for (int i = 0; i < 3; i++)
		expect_and_drop(&feed, JOURNAL_SESSION_OPENED);
	push_statement(&feed, 1, EXECUTE, "a");
	/* Session 1 has lost something, 3 has ended unseen, 4 come unseen. */
	push_head(&feed, 1, 3);
	push_gap(&feed, 1);
	expect_gap(&feed, EXCHANGE_GAP_RECORDED, 0);
	push_open(&feed, 1, true);
	event = expect(&feed, JOURNAL_SESSION_OPENED);
	assert_true(event.session->known);
	assert_int_equal(event.session->transaction_status, 'T');
	journal_event_release(&event);
	push_open(&feed, 2, true); /* nothing new */
	expect_none(&feed);
	push_open(&feed, 4, true);
	event = expect(&feed, JOURNAL_SESSION_OPENED);
	assert_false(event.session->known);
	assert_true(event.session->resumed);
	journal_event_release(&event);
	event = expect(&feed, JOURNAL_SESSION_CLOSED);
	assert_int_equal(event.id.session, 3);
	assert_false(event.clean);
	/* That message 1 never ends is no news; were it to end, it would count.
	 */
	push_statement(&feed, 2, EXECUTE, "b");
	push_end(&feed, 2, 0, 9);
	expect_and_drop(&feed, JOURNAL_EXCHANGE);
	/* Damage makes all suspect. */
	error_init(&damage);
	error_set(&damage, ERROR_CORRUPT, "wrong checksum at offset 5");
	push_statement(&feed, 3, EXECUTE, "c");
	journal_assembler_lost(feed.assembler, &damage);
	expect_gap(&feed, EXCHANGE_GAP_CORRUPT, 0);
	push_close(&feed, 1);
	expect_and_drop(&feed, JOURNAL_SESSION_CLOSED);
	feed_release(&feed);
}

static void ends_an_epochs_sessions(void **unused)
{
	struct journal_event event;
	struct feed feed;

	(void)unused;
	feed_init(&feed, NULL);
	push_open(&feed, 1, false);
	expect_and_drop(&feed, JOURNAL_SESSION_OPENED);
	push_statement(&feed, 1, EXECUTE, "a");
	push_head(&feed, 2, 0);
	push_gap(&feed, 0);
	expect_gap(&feed, EXCHANGE_GAP_RECORDED, 0);
	event = expect(&feed, JOURNAL_SESSION_CLOSED);
	assert_int_equal(event.id.epoch, 1);
	assert_int_equal(journal_assembler_held(feed.assembler), 0);
	feed_release(&feed);
}

static void push_head_at(struct feed *feed, uint64_t last_seq)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SegmentHead head =
	    PARALLAX__JOURNAL__SEGMENT_HEAD__INIT;

	feed->at.segment++;
	feed->at.offset = 0;
	head.last_seq = last_seq;
	record.head = &head;
	push(feed, &record);
}

static void push_gap_to(struct feed *feed, uint64_t last_seq)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Gap gap = PARALLAX__JOURNAL__GAP__INIT;

	gap.last_seq = last_seq;
	record.gap = &gap;
	push(feed, &record);
}

/* The next gap's last seq, or 0. Sessions end: no head lists them. */
static uint64_t next_gap(struct feed *feed, enum exchange_gap_kind kind)
{
	struct journal_event event;
	uint64_t last = 0;

	while (!last && journal_assembler_pop(feed->assembler, &event)) {
		if (event.kind == JOURNAL_GAP) {
			assert_int_equal(event.gap->kind, kind);
			last = event.gap->last_seq;
		}
		journal_event_release(&event);
	}
	return last;
}

/* A power cut has shortened a segment at a record's border. */
static void misses_a_segments_end(void **unused)
{
	struct feed feed;

	(void)unused;
	feed_init(&feed, NULL);
	push_head_at(&feed, 100); /* where reading begins */
	push_statement(&feed, 1, 0, "a");
	push_end(&feed, 1, 0, 101);
	push_head_at(&feed, 101); /* all of it is there */
	push_statement(&feed, 2, 0, "b");
	push_end(&feed, 2, 0, 102);
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_CORRUPT), 0);

	push_head_at(&feed, 105); /* what was lost, the relay knows of */
	push_gap_to(&feed, 105);
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_RECORDED), 105);
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_CORRUPT), 0);

	push_head_at(&feed, 110); /* this it does not */
	push_statement(&feed, 3, 0, "c");
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_CORRUPT), 110);
	push_end(&feed, 3, 0, 111);
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_CORRUPT), 0);

	push_head_at(&feed, 114); /* and of this, of a part only */
	push_gap_to(&feed, 112);
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_CORRUPT), 114);
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_RECORDED), 112);
	assert_int_equal(next_gap(&feed, EXCHANGE_GAP_CORRUPT), 0);
	feed_release(&feed);
}

static void marks_what_is_too_large(void **unused)
{
	struct journal_assembler_options options = {.bind_max = 10,
						    .rows_max = 4};
	struct journal_event event;
	struct feed feed;

	(void)unused;
	feed_init(&feed, &options);
	push_open(&feed, 1, false);
	expect_and_drop(&feed, JOURNAL_SESSION_OPENED);
	push_statement(&feed, 1, EXECUTE, "12345678");
	push_input(&feed, 1, TEXT, "9ab", 3);
	push_answer(&feed, 1, 0, "c", "1234");
	push_answer(&feed, 1, 0, "", "5");
	push_answer(&feed, 1, 0, "", "");
	push_end(&feed, 1, 0, 1);
	event = expect(&feed, JOURNAL_EXCHANGE);
	assert_true(event.exchange->statement->oversized);
	assert_bytes(event.exchange->statement->text, "12345678");
	assert_true(event.exchange->rows_capped);
	assert_bytes(event.exchange->rows, "1234");
	journal_event_release(&event);
	feed_release(&feed);
}

static void bounds_all_sessions_together(void **unused)
{
	struct journal_assembler_options options = {.total_max = 100000};
	struct journal_event event;
	unsigned exchanges = 0;
	unsigned gaps = 0;
	struct feed feed;

	(void)unused;
	feed_init(&feed, &options);
	for (uint64_t i = 1; i <= 1000; i++)
		push_statement(&feed, i, EXECUTE, "SELECT 1");
	assert_true(journal_assembler_held(feed.assembler) <= 100000);
	for (uint64_t i = 1; i <= 1000; i++)
		push_end(&feed, i, 0, i);
	while (journal_assembler_pop(feed.assembler, &event)) {
		exchanges += event.kind == JOURNAL_EXCHANGE;
		gaps += event.kind == JOURNAL_GAP &&
			event.gap->kind == EXCHANGE_GAP_ORPHAN;
		journal_event_release(&event);
	}
	assert_true(exchanges > 50);
	assert_int_equal(exchanges + gaps, 1000);
	assert_int_equal(journal_assembler_held(feed.assembler), 0);
	feed_release(&feed);
}

static long peak_kilobytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* A long COPY passes in constant memory, and is all there. */
static void spills_a_long_input(void **unused)
{
	enum { CHUNK = 256 * 1024, CHUNKS = 1024 };
	struct journal_assembler_options options = {.input_memory = 1 << 20};
	uint8_t *chunk = malloc(CHUNK);
	uint8_t *back = malloc(CHUNK);
	struct journal_event event;
	struct error failed;
	struct feed feed;
	long before;
	size_t got;

	(void)unused;
	assert_non_null(chunk);
	assert_non_null(back);
	feed_init(&feed, &options);
	push_open(&feed, 1, false);
	expect_and_drop(&feed, JOURNAL_SESSION_OPENED);
	push_statement(&feed, 1, QUERY, "COPY t FROM STDIN");
	before = peak_kilobytes();
	for (unsigned i = 0; i < CHUNKS; i++) {
		memset(chunk, (int)i, CHUNK);
		push_input(&feed, 1, COPY_DATA, chunk, CHUNK);
		assert_true(journal_assembler_held(feed.assembler) <=
			    (1 << 20) + 4096);
	}
	push_input(&feed, 1, COPY_FAIL, "no more", 7);
	push_end(&feed, 1, 0, 1);
	assert_true(peak_kilobytes() - before < 16 * 1024);
	event = expect(&feed, JOURNAL_EXCHANGE);
	assert_true(exchange_input_spilled(event.exchange));
	assert_int_equal(event.exchange->input_size, (uint64_t)CHUNK * CHUNKS);
	assert_string_equal(event.exchange->input_failure, "no more");
	error_init(&failed);
	for (unsigned i = 0; i < CHUNKS; i++) {
		memset(chunk, (int)i, CHUNK);
		assert_int_equal(exchange_input_read(event.exchange,
						     (uint64_t)i * CHUNK, back,
						     CHUNK, &got, &failed),
				 0);
		assert_int_equal(got, CHUNK);
		assert_memory_equal(chunk, back, CHUNK);
	}
	assert_int_equal(exchange_input_read(event.exchange,
					     event.exchange->input_size, back,
					     CHUNK, &got, &failed),
			 0);
	assert_int_equal(got, 0);
	journal_event_release(&event);
	free(chunk);
	free(back);
	feed_release(&feed);
}

static void keeps_a_short_input_in_memory(void **unused)
{
	struct journal_event event;
	struct error failed;
	struct feed feed;
	char back[8];
	size_t got;

	(void)unused;
	feed_init(&feed, NULL);
	push_statement(&feed, 1, QUERY, "COPY t FROM STDIN");
	push_input(&feed, 1, COPY_DATA, "1\tx\n", 4);
	push_input(&feed, 1, COPY_DATA, "2\ty\n", 4);
	push_end(&feed, 1, 0, 1);
	event = expect(&feed, JOURNAL_EXCHANGE);
	assert_false(exchange_input_spilled(event.exchange));
	error_init(&failed);
	assert_int_equal(exchange_input_read(event.exchange, 2, back,
					     sizeof(back), &got, &failed),
			 0);
	assert_int_equal(got, 6);
	assert_memory_equal(back, "x\n2\ty\n", 6);
	journal_event_release(&event);
	feed_release(&feed);
}

static void says_when_it_cannot_spill(void **unused)
{
	struct journal_assembler_options options = {
	    .input_memory = 4, .spill_directory = "/nonexistent"};
	struct journal_event event;
	struct error failed;
	struct feed feed;
	char back[8];
	size_t got;

	(void)unused;
	feed_init(&feed, &options);
	push_statement(&feed, 1, QUERY, "COPY t FROM STDIN");
	push_input(&feed, 1, COPY_DATA, "1\tx\n", 4);
	push_input(&feed, 1, COPY_DATA, "2\ty\n", 4);
	push_end(&feed, 1, 0, 1);
	event = expect(&feed, JOURNAL_EXCHANGE);
	error_init(&failed);
	assert_int_equal(exchange_input_read(event.exchange, 0, back,
					     sizeof(back), &got, &failed),
			 -1);
	assert_non_null(strstr(failed.message, "/nonexistent"));
	journal_event_release(&event);
	feed_release(&feed);
}

/* The real thing: writer, rotation, reader, assembler; parts over segments. */
static void assembles_what_was_written(void **unused)
{
	struct journal_position position;
	struct journal_assembler *assembler = journal_assembler_new(NULL);
	struct journal_reader *reader;
	struct journal_record record;
	struct journal_event event;
	struct error failed;
	uint64_t seq = 0;
	unsigned opened = 0;
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig.options.segment_size = 700;
	rig_open(&rig);
	rig_session(&rig);
	rig_session(&rig);
	for (uint64_t i = 1; i <= 50; i++)
		for (int part = PART_STATEMENT; part <= PART_END; part *= 2)
			for (int s = 0; s < 2; s++) {
				rig_append(&rig, &rig.live[s], i, part, "x");
				rig_flush(&rig);
			}
	reader = rig_reader(&rig, 0);
	error_init(&failed);
	while (journal_reader_next(reader, &record, &failed) == JOURNAL_OK) {
		journal_assembler_push(assembler, &record);
		while (journal_assembler_pop(assembler, &event)) {
			opened += event.kind == JOURNAL_SESSION_OPENED;
			assert_int_not_equal(event.kind, JOURNAL_GAP);
			assert_int_not_equal(event.kind,
					     JOURNAL_SESSION_CLOSED);
			if (event.exchange)
				assert_int_equal(event.exchange->seq, ++seq);
			journal_event_release(&event);
		}
	}
	assert_int_equal(seq, 100);
	assert_int_equal(opened, 2);
	assert_false(journal_assembler_oldest(assembler, &position));
	assert_int_equal(failed.kind, ERROR_NONE);
	journal_reader_free(&reader);
	journal_assembler_free(&assembler);
	rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(puts_parts_together),
	    cmocka_unit_test(shares_a_query_among_its_answers),
	    cmocka_unit_test(reports_what_has_no_beginning_or_end),
	    cmocka_unit_test(believes_a_gap),
	    cmocka_unit_test(ends_an_epochs_sessions),
	    cmocka_unit_test(misses_a_segments_end),
	    cmocka_unit_test(marks_what_is_too_large),
	    cmocka_unit_test(bounds_all_sessions_together),
	    cmocka_unit_test(spills_a_long_input),
	    cmocka_unit_test(keeps_a_short_input_in_memory),
	    cmocka_unit_test(says_when_it_cannot_spill),
	    cmocka_unit_test(assembles_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
