/* What is written by hand is what protobuf would have written. */
#include "unit/journal/support.h"

#include "journal/encode.h"

static void encodes_as_protobuf_does(void **unused)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__Statement statement =
	    PARALLAX__JOURNAL__STATEMENT__INIT;
	Parallax__Journal__Input input = PARALLAX__JOURNAL__INPUT__INIT;
	Parallax__Journal__Answer answer = PARALLAX__JOURNAL__ANSWER__INIT;
	Parallax__Journal__End end = PARALLAX__JOURNAL__END__INIT;
	Parallax__Journal__TransactionEnd transaction =
	    PARALLAX__JOURNAL__TRANSACTION_END__INIT;
	Parallax__Journal__Problem problem = PARALLAX__JOURNAL__PROBLEM__INIT;
	Parallax__Journal__Problem *warnings[2] = {&problem, &problem};
	Parallax__Journal__Digest digest = PARALLAX__JOURNAL__DIGEST__INIT;
	Parallax__Journal__SegmentHead head =
	    PARALLAX__JOURNAL__SEGMENT_HEAD__INIT;
	Parallax__Journal__SessionClose closed =
	    PARALLAX__JOURNAL__SESSION_CLOSE__INIT;
	Parallax__Journal__Gap gap = PARALLAX__JOURNAL__GAP__INIT;
	Parallax__Journal__SessionChange change =
	    PARALLAX__JOURNAL__SESSION_CHANGE__INIT;
	uint32_t types[3] = {23, 0, UINT32_MAX};
	uint64_t digests[4] = {1, UINT64_MAX, 0, 7};
	uint8_t bytes[300];

	(void)unused;
	memset(bytes, 0xab, sizeof(bytes));
	/* Each bit of `kind` sets a part, or fills its fields. */
	for (unsigned kind = 0; kind < 1 << 9; kind++) {
		Parallax__Journal__Record *back;
		uint8_t plain[8192];
		uint8_t again[8192];
		uint8_t ours[8192];
		size_t bound;
		size_t size;
		bool full = kind & 256;

		parallax__journal__record__init(&record);
		record.writer = full ? UINT32_MAX : 0;
		record.epoch = 300;
		record.session = UINT64_MAX;
		record.message = 1;
		if (full) {
			problem.message = (char *)"it broke";
			problem.position = 1u << 31;
			problem.code = problem.class_ = UINT32_MAX;
			statement.kind = 2;
			statement.text.data = bytes;
			statement.text.len = 300;
			statement.truncated = true;
			statement.bind = statement.text;
			statement.bind.len = 127;
			statement.call = statement.text;
			statement.call.len = 128;
			statement.parameter_types = types;
			statement.n_parameter_types = 3;
			statement.statement_name = (char *)"s";
			statement.portal = (char *)"p";
			statement.row_limit = 5;
			statement.resumed = true;
			statement.portal_message = 99;
			statement.forwarded_at = INT64_MAX;
			statement.after = 1;
			statement.transaction = 2;
			statement.status_before = (char *)"E";
			statement.implicit = true;
			statement.parse_after = statement.bind_after =
			    statement.parsed_after = UINT64_MAX;
			input.kind = 1;
			input.data = statement.text;
			input.index = 3;
			answer.index = 3;
			answer.columns = answer.rows = statement.bind;
			digest.low = UINT64_MAX;
			digest.high = 1;
			end.index = 4;
			end.seq = UINT64_MAX;
			end.outcome = 1;
			end.tag = (char *)"SELECT 1";
			end.problem = &problem;
			end.warnings = warnings;
			end.n_warnings = 2;
			end.warning_count = 20;
			end.row_count = 1;
			end.rows_capped = true;
			end.ordered = end.unordered = &digest;
			end.column_digests = digests;
			end.n_column_digests = 4;
			end.columns = end.result_formats = statement.bind;
			end.first_byte_at = end.completed_at = 1;
			end.in_flight = 1;
			end.copy_in = end.copy_out = true;
			end.first = end.insert_id = UINT64_MAX;
			end.matched_rows = end.changed_rows = UINT64_MAX;
			transaction.transaction = 3;
			transaction.seq = 4;
			transaction.after = 5;
			transaction.outcome = 2;
			transaction.problem = &problem;
			transaction.at = -1;
			transaction.statements = 6;
			transaction.in_flight = 7;
			transaction.first = UINT64_MAX;
			head.segment = 8;
			head.engine = (char *)"postgres";
			head.journal = statement.bind;
			head.key = 1;
			change.settings = NULL;
			change.role = (char *)"eve";
			closed.clean = true;
			gap.reason = (char *)"shed";
			gap.sessions = digests;
			gap.n_sessions = 4;
		} else {
			parallax__journal__statement__init(&statement);
			parallax__journal__end__init(&end);
		}
		record.statement = kind & 1 ? &statement : NULL;
		record.input = kind & 2 ? &input : NULL;
		record.answer = kind & 4 ? &answer : NULL;
		record.end = kind & 8 ? &end : NULL;
		record.transaction_end = kind & 16 ? &transaction : NULL;
		record.head = kind & 32 ? &head : NULL;
		record.closed = kind & 64 ? &closed : NULL;
		record.gap = kind & 128 ? &gap : NULL;
		record.changed = kind & 64 ? &change : NULL;

		bound = journal_encode_bound(&record);
		assert_true(bound <= sizeof(ours));
		size = journal_encode(&record, bound, ours);
		assert_true(size <= bound);
		back = parallax__journal__record__unpack(NULL, size, ours);
		assert_non_null(back);
		size = parallax__journal__record__pack(&record, plain);
		assert_int_equal(parallax__journal__record__pack(back, again),
				 size);
		assert_memory_equal(plain, again, size);
		parallax__journal__record__free_unpacked(back, NULL);
	}
}

/* How many bytes a number takes decides how it is written. */
static void encodes_times(void **unused)
{
	(void)unused;
	for (unsigned bit = 0; bit < 64; bit++) {
		for (int more = -1; more <= 1; more++) {
			Parallax__Journal__Record record =
			    PARALLAX__JOURNAL__RECORD__INIT;
			Parallax__Journal__TransactionEnd end =
			    PARALLAX__JOURNAL__TRANSACTION_END__INIT;
			int64_t time = (int64_t)((UINT64_C(1) << bit) +
						 (uint64_t)(int64_t)more);
			Parallax__Journal__Record *back;
			uint8_t ours[512];
			size_t size;

			record.transaction_end = &end;
			end.at = time;
			end.statements = 7;
			size = journal_encode(&record, sizeof(ours), ours);
			back =
			    parallax__journal__record__unpack(NULL, size, ours);
			assert_non_null(back);
			assert_int_equal(back->transaction_end->at, time);
			assert_int_equal(back->transaction_end->statements, 7);
			parallax__journal__record__free_unpacked(back, NULL);
		}
	}
}

/* Lengths of parts of one byte, of two and of more. */
static void encodes_parts_of_any_size(void **unused)
{
	enum { LARGEST = 3 * 1024 * 1024 };
	uint8_t *rows = calloc(1, LARGEST);
	uint8_t *ours = malloc(LARGEST + 4096);

	(void)unused;
	assert_true(rows && ours);
	for (size_t size = 1; size <= LARGEST; size += size / 64 + 1) {
		Parallax__Journal__Record record =
		    PARALLAX__JOURNAL__RECORD__INIT;
		Parallax__Journal__Answer answer =
		    PARALLAX__JOURNAL__ANSWER__INIT;
		Parallax__Journal__Record *back;
		size_t bound;

		record.answer = &answer;
		record.message = 5;
		answer.rows.data = rows;
		answer.rows.len = size;
		bound = journal_encode_bound(&record);
		assert_true(bound <= LARGEST + 4096);
		back = parallax__journal__record__unpack(
		    NULL, journal_encode(&record, bound, ours), ours);
		assert_non_null(back);
		assert_int_equal(back->answer->rows.len, size);
		parallax__journal__record__free_unpacked(back, NULL);
	}
	free(rows);
	free(ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodes_as_protobuf_does),
	    cmocka_unit_test(encodes_times),
	    cmocka_unit_test(encodes_parts_of_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
