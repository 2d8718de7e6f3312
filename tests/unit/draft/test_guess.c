/* What both catalogs tell without rows; names, types and samples by themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "draft/internal.h"
#include "unit/draft/support.h"

/* ---- by catalogs ---- */

static const struct row {
	const char *old_schema, *new_schema;
	const char *has[4];
	const char *lacks[3];
} rows[] = {
    {"t(id int4 key, a text)", "t(id int4 key, a text)", {NULL}, {"tables:"}},
    {"t(id int4 key, email text)",
     "t(id int4 key, email_address text)",
     {"      email: email_address  # guessed: "},
     {"dropped", "needs"}},
    {"users(id int4 key, email text, score int4)",
     "user_accounts(id int4 key, email text, score int4)",
     {"    rows: user_accounts  # guessed: names, columns and types"},
     {"needs"}},
    {"t(id int4 key, a text)",
     "sales.t(id int4 key, a text)",
     {"    rows: sales.t  # guessed: the name is the same"},
     {"needs"}},
    {"t(id int4 key, a text, old text)",
     "t(id int4 key, a text)",
     {"      old: dropped  # guessed: no new column is like it"},
     {"needs"}},
    {"t(id int4 key)log(at timestamptz, what text)",
     "t(id int4 key)",
     {"  log: dropped  # guessed: nothing in the new schema is like it"},
     {"needs"}},
    {"t(id int4 key)",
     "t(id int4 key, tenant int4 notnull, note text, n int4 notnull default=1)",
     {"      tenant: \"NULL /* fill in */\"\n",
      "# needs: column \"tenant\" of the new table \"t\" is NOT NULL"},
     {"note", "      n:"}},
    {"t(id int4 key, price numeric)",
     "t(id int4 key, price_cents int8)",
     {"        write: \"round(price * 100)\"",
      "        read: \"(price_cents / 100.0)::numeric(10, 2)\""},
     {"needs"}},
    {"t(id int4 key, flag bool)",
     "t(id int4 key, flag text)",
     {"        read: \"flag::boolean\"", "        write: \"flag::text\"",
      "# its type is now text"},
     {NULL}},
    {"t(id int4 key, v int4)",
     "t(id int4 key, v uuid)",
     {"        read: \"NULL /* fill in */\"",
      "its type is now another altogether"},
     {NULL}},
    {"t(id int4 key, x timestamptz)",
     "t(id int4 key, y date, z text)",
     {"# needs: column \"x\" of \"t\": is it dropped, or one of the new "
      "columns \"y\"?"},
     {NULL}},
    {"t(id int4 key, v numeric)",
     "t(id int4 key, v int4)",
     {"# needs: column \"v\" of \"t\": its type is now integer: what stands "
      "behind the point is lost"},
     {NULL}},
    {"orders(id int4 key, state text, total int4, who int4)",
     "orders_open(id int4 key, state text, total int4, who int4)"
     "orders_done(id int4 key, state text, total int4, who int4)",
     {"or is it \"orders_", "do some of its rows live in \"orders_"},
     {NULL}},
    /* Sequences of columns that are one. */
    {"t(id int4 serial key, a text)",
     "ts(id int4 serial key, a text)",
     {"sequences:\n  t_id_seq: ts_id_seq\n"},
     {NULL}},
};

static void test_catalogs(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct drafted drafted;
		const char *text = draft_of(&drafted, rows[i].old_schema,
					    rows[i].new_schema, NULL);
		bool wrong = false;

		for (size_t k = 0; k < 4 && rows[i].has[k]; k++)
			wrong |= !strstr(text, rows[i].has[k]);
		for (size_t k = 0; k < 3 && rows[i].lacks[k]; k++)
			wrong |= strstr(text, rows[i].lacks[k]) != NULL;
		if (wrong)
			printf("%s -> %s\n%s\n", rows[i].old_schema,
			       rows[i].new_schema, text);
		failed += wrong;
		drafted_release(&drafted);
	}
	assert_int_equal(failed, 0);
}

/* ---- names ---- */

static void test_names(void **state)
{
	static const struct {
		const char *a, *b;
		double least, most;
	} names[] = {
	    {"email", "email", 1, 1},
	    {"userName", "user_name", 0.9, 1},
	    {"user", "users", 0.9, 1},
	    {"email", "email_address", 0.7, 0.95},
	    {"name", "first_name", 0.7, 0.95},
	    {"titel", "title", 0.6, 0.95},
	    {"tid", "account_id", 0, 0.5}, /* within, but of no word */
	    {"email", "balance", 0, 0.3},
	    {"a", "b", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		double score = name_similarity(names[i].a, names[i].b);

		if (score < names[i].least || score > names[i].most)
			fail_msg("%s, %s: %f", names[i].a, names[i].b, score);
		assert_true(score == name_similarity(names[i].b, names[i].a));
	}
}

static void test_type_kinds(void **state)
{
	(void)state;
	assert_true(draft_type_passes(TYPE_INTEGER, TYPE_NUMERIC));
	assert_true(draft_type_passes(TYPE_ENUM, TYPE_TEXT));
	assert_false(draft_type_passes(TYPE_BOOLEAN, TYPE_TEXT));
	assert_false(draft_type_passes(TYPE_UUID, TYPE_BYTES));
	assert_true(draft_type_similarity(TYPE_BOOLEAN, TYPE_TEXT) > 0);
	assert_true(draft_type_similarity(TYPE_UUID, TYPE_DATE) == 0);
}

/* ---- samples ---- */

enum { COLUMNS = 8, ROWS = 6 };

static const char *const old_columns[COLUMNS] = {
    "id", "mail", "flag", "kind", "price", "name", "same", "none"};
static const char *old_values[ROWS][COLUMNS] = {
    {"1", "A@x", "true", "a", "1.50", "Ann Lee", "k", NULL},
    {"2", "b@X", "false", "b", "2.00", "Bo Ray Moe", "k", NULL},
    {"3", "c@x", "true", NULL, "0.25", "Cy Poe", "k", NULL},
    {"4", "D@x", "true", "a", "0", "Di Fox", "k", NULL},
    {"5", "e@x", "false", "b", "10.00", "Ed Roe", "k", NULL},
    {"9", "z@x", "false", "b", "7.77", "No One", "k", NULL},
};
static const char *const new_columns[COLUMNS] = {
    "key", "lower", "status", "code", "cents", "first", "last", "same"};
static const char *new_values[ROWS][COLUMNS] = {
    {"5", "e@x", "off", "B", "1000", "Ed", "Roe", "k"},
    {"4", "d@x", "on", "A", "0", "Di", "Fox", "k"},
    {"3", "c@x", "on", "-", "25", "Cy", "Poe", "k"},
    {"2", "b@x", "off", "B", "200", "Bo", "Ray Moe", "k"},
    {"1", "a@x", "on", "A", "150", "Ann", "Lee", "k"},
    {"7", "q@x", "on", "A", "1", "Q", "Q", "k"},
};

static void take(struct sample *sample, const char *const *columns,
		 const char *(*values)[COLUMNS])
{
	memset(sample, 0, sizeof(*sample));
	sample->row_count = ROWS;
	sample->column_count = COLUMNS;
	sample->columns = columns;
	sample->values = &values[0][0];
}

static void test_samples(void **state)
{
	static const struct {
		const char *old_column, *new_column;
		enum draft_relation relation;
		size_t agreed;
	} wanted[] = {
	    {"id", "key", RELATION_EQUAL, 5},
	    {"mail", "lower", RELATION_LOWERED, 5},
	    {"flag", "status", RELATION_RECODED, 5},
	    {"kind", "code", RELATION_RECODED, 5},
	    {"price", "cents", RELATION_SCALED, 5},
	    {"same", "same", RELATION_EQUAL, 5},
	    {"name", "first", RELATION_NONE, 0},
	    {"flag", "last", RELATION_NONE, 0},
	    {"none", "code", RELATION_NONE, 0},
	};
	struct arena arena;
	struct draft draft = {.arena = &arena};
	struct sample old_sample, new_sample;
	struct draft_comparison comparison;
	struct pairs *pairs;
	size_t compared = 0;
	bool last = true;

	(void)state;
	arena_init(&arena, 0);
	take(&old_sample, old_columns, old_values);
	take(&new_sample, new_columns, new_values);
	pairs = sample_pair(&draft, &old_sample, &new_sample, old_columns,
			    new_columns, 1);
	assert_int_equal(pairs_count(pairs), 5);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		pairs_compare(&draft, pairs, wanted[i].old_column,
			      wanted[i].new_column, &comparison);
		if (comparison.relation != wanted[i].relation)
			fail_msg("%s, %s: %d", wanted[i].old_column,
				 wanted[i].new_column, comparison.relation);
		if (wanted[i].relation != RELATION_NONE)
			assert_int_equal(comparison.agreed, wanted[i].agreed);
	}
	pairs_compare(&draft, pairs, "price", "cents", &comparison);
	assert_int_equal(comparison.factor, 100);
	pairs_compare(&draft, pairs, "kind", "code", &comparison);
	assert_int_equal(comparison.value_count, 3);
	assert_null(comparison.old_values[2]);
	assert_string_equal(comparison.new_values[2], "-");
	pairs_compare(&draft, pairs, "same", "same", &comparison);
	assert_false(comparison.varied);
	assert_string_equal(pairs_joined(pairs, true, "name", "first", "last",
					 &compared, &last),
			    " ");
	assert_int_equal(compared, 5);
	assert_false(last); /* "Bo", "Ray Moe": cut at the first blank */
	assert_null(pairs_joined(pairs, true, "name", "last", "first",
				 &compared, &last));
	assert_null(sample_pair(&draft, &old_sample, &new_sample,
				(const char *[]){"nosuch"}, new_columns, 1));
	arena_release(&arena);
}

static void test_constants(void **state)
{
	struct sample sample;
	size_t seen = 0;

	(void)state;
	take(&sample, old_columns, old_values);
	assert_string_equal(sample_constant(&sample, "same", &seen), "k");
	assert_int_equal(seen, ROWS);
	assert_null(sample_constant(&sample, "flag", &seen));
	assert_null(sample_constant(&sample, "none", &seen));
}

/* ---- YAML ---- */

static void test_yaml(void **state)
{
	static const struct {
		const char *name, *written;
	} names[] = {
	    {"plain", "plain"},
	    {"Camel", "Camel"},
	    {"a b", "\"a b\""},
	    {"a.b", "\"\\\"a.b\\\"\""},
	    {"q\"q", "\"\\\"q\\\"\\\"q\\\"\""},
	    {"null", "\"null\""},
	    {"dropped", "\"dropped\""},
	    {"1", "\"1\""},
	    {"\xC3\xA4", "\"\xC3\xA4\""},
	    {"x\n: y # z", "\"x\\n: y # z\""},
	    {"\xC2\x85", "\"\\u0085\""},
	    {"cut \xC3", "\"cut \\uFFFD\""},
	};
	struct arena arena;
	struct buffer out;

	(void)state;
	arena_init(&arena, 0);
	buffer_init(&out, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		buffer_clear(&out);
		yaml_scalar(&out, yaml_name(&arena, NULL, names[i].name));
		assert_string_equal(buffer_string(&out), names[i].written);
	}
	buffer_clear(&out);
	yaml_comment(&out, "a\nb: \x01 \xFF c");
	assert_string_equal(buffer_string(&out), "# a b:     c");
	buffer_release(&out);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_catalogs),   cmocka_unit_test(test_names),
	    cmocka_unit_test(test_type_kinds), cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_constants),  cmocka_unit_test(test_yaml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
