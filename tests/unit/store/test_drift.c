/* What verify leaves in a store, beside a mirror that writes to it. */
#include "report/report.h"
#include "store/drift.h"
#include "unit/store/support.h"

static const struct drift *drift_of(struct fixture *f)
{
	return load(f, 10)->drift;
}

#define HOSTILE "<script>\"'\033[2J\xff"

static const char *const key_names[] = {"id"};
static const char *const columns[] = {"id", HOSTILE};
static const char *const key[] = {"int#1"};
static const char *const primary[] = {"int#1", HOSTILE};
static const char *const shadow[] = {"int#1", "NULL"};
static const bool differs[] = {false, true};
static const struct drift_row rows[] = {
    {DIVERGENCE_ROWS_VALUE, key, primary, shadow, differs, false},
    {DIVERGENCE_ROWS_MISSING, key, primary, NULL, NULL, true},
};

static struct drift_table table_of(const char *name, const char *state,
				   int64_t at)
{
	return (struct drift_table){.schema = "public",
				    .name = name,
				    .state = state,
				    .at = at,
				    .primary_rows = 10,
				    .shadow_rows = 9,
				    .problem = HOSTILE,
				    .note = HOSTILE,
				    .key_names = key_names,
				    .key_count = 1,
				    .columns = columns,
				    .column_count = 2,
				    .differs = differs,
				    .rows = rows,
				    .row_count = 2};
}

static void test_round_trip(void **state)
{
	struct fixture *f = *state;
	struct drift_table tables[] = {table_of(HOSTILE, DRIFT_DRIFT, 2000),
				       table_of("b", DRIFT_EQUAL, 1000),
				       table_of("c", DRIFT_FAILED, 500)};
	const struct drift_table *table;
	const struct drift *drift;

	tables[0].missing = 1;
	tables[0].extra = 2;
	tables[0].value = 3;
	tables[0].undecided = 4;
	tables[0].repaired = 5;
	tables[0].capped = true;
	CHECK(drift_write(f->path, tables, 3, &f->error));
	drift = drift_of(f);
	assert_true(drift->known);
	assert_int_equal(drift->table_count, 3);
	assert_int_equal(drift->rows, 6);
	assert_int_equal(drift->undecided, 4);
	assert_int_equal(drift->lacking, 1);
	assert_int_equal(drift->oldest_at, 1000);
	table = &drift->tables[0]; /* '<' sorts first */
	assert_string_equal(table->name, HOSTILE);
	assert_true(table->capped);
	assert_int_equal(table->repaired, 5);
	assert_int_equal(table->row_count, 2);
	assert_string_equal(table->rows[0].key[0], "int#1");
	assert_int_equal(table->rows[0].class, DIVERGENCE_ROWS_VALUE);
	assert_true(table->rows[0].differs[1]);
	assert_false(table->rows[0].differs[0]);
	assert_null(table->rows[1].shadow);
	assert_true(table->rows[1].repaired);
	/* Control bytes do not get in. */
	assert_null(strchr(table->problem, '\033'));
}

static void test_what_was_known_stays(void **state)
{
	struct fixture *f = *state;
	struct drift_table tables[] = {table_of("a", DRIFT_EQUAL, 1000),
				       table_of("b", DRIFT_NEVER, 0),
				       table_of("gone", DRIFT_EQUAL, 1000)};
	const struct drift *drift;

	CHECK(drift_write(f->path, tables, 3, &f->error));
	assert_int_equal(drift_of(f)->lacking, 1);
	/* Now b alone is compared; a is listed as not compared this time, and
	 * the third table is not there any more. */
	tables[0] = table_of("a", DRIFT_NEVER, 0);
	tables[1] = table_of("b", DRIFT_EQUAL, 3000);
	CHECK(drift_write(f->path, tables, 2, &f->error));
	drift = drift_of(f);
	assert_int_equal(drift->table_count, 2);
	assert_string_equal(drift->tables[0].state, DRIFT_EQUAL);
	assert_int_equal(drift->tables[0].at, 1000);
	assert_int_equal(drift->lacking, 0);
	assert_int_equal(drift->oldest_at, 1000);
}

static void test_the_mirror_keeps_its_store(void **state)
{
	struct drift_table table = table_of("a", DRIFT_EQUAL, 1000);
	struct fixture *f = *state;
	struct redactor redactor, again;
	struct store *store;
	char *shown;

	CHECK(store_open(f->path, &store, &f->error));
	assert_false(drift_of(f)->known);
	CHECK(drift_redactor(f->path, false, &redactor, &f->error));
	CHECK(drift_redactor(f->path, false, &again, &f->error));
	assert_memory_equal(redactor.key, again.key, REDACT_KEY_SIZE);
	CHECK(store_begin(store, &f->error));
	CHECK(store_set(store, "x", "1", &f->error));
	CHECK(drift_write(f->path, &table, 1, &f->error));
	CHECK(store_commit(store, &f->error)); /* not taken over */
	store_close(&store);
	assert_int_equal(drift_of(f)->table_count, 1);
	shown = redact_value(&redactor, "17");
	assert_memory_equal(shown, "int#", 4);
	free(shown);
}

static void test_a_store_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct redactor redactor;
	struct store *store;
	static const uint8_t none[REDACT_KEY_SIZE];

	/* Verify comes first; then a mirror uses the same key. */
	CHECK(drift_redactor(f->path, true, &redactor, &f->error));
	assert_true(redactor.show_values);
	assert_memory_not_equal(redactor.key, none, REDACT_KEY_SIZE);
	CHECK(store_open(f->path, &store, &f->error));
	store_close(&store);
}

static void test_reports_escape(void **state)
{
	struct drift_table table = table_of(HOSTILE, DRIFT_DRIFT, 1000);
	struct report_options options = {.limit = 20, .width = 100};
	struct fixture *f = *state;
	struct store_content *content;
	struct report report;
	struct store *store;
	struct buffer out;

	table.value = 1;
	CHECK(drift_write(f->path, &table, 1, &f->error));
	CHECK(store_open_read(f->path, &store, &f->error));
	CHECK(store_load(store, 10, &f->arena, &content, &f->error));
	store_close(&store);
	report_build(content, &f->arena, &report);
	buffer_init(&out, 0);
	report_html(&report, 1, &options, &out);
	assert_non_null(strstr(buffer_string(&out), "Data at rest"));
	assert_null(strstr(buffer_string(&out), "<script>\"'"));
	buffer_clear(&out);
	report_terminal(&report, 1, &options, &out);
	assert_null(strchr(buffer_string(&out), '\033'));
	assert_non_null(strstr(buffer_string(&out), "rows.value id int#1"));
	buffer_clear(&out);
	report_json(&report, 1, &options, &out);
	assert_non_null(strstr(buffer_string(&out), "\"drift\": {"));
	assert_non_null(strstr(buffer_string(&out), "\"state\": \"drift\""));
	buffer_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_round_trip),
	    TEST(test_what_was_known_stays),
	    TEST(test_the_mirror_keeps_its_store),
	    TEST(test_a_store_of_its_own),
	    TEST(test_reports_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
