/*
 * Values on their way between two engines: each text goes to an engine that writes the
 * same forms, and to one that writes others. Both read the same value in what they get.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/postgres/value.h"

enum {
	OTHER = 1,
	BOOL,
	INT,
	NUMERIC,
	FLOAT,
	TEXT,
	BYTEA,
	DATE,
	TIMETZ,
	STAMP,
	INSTANT,
	INTERVAL,
	JSON,
	ARRAY,
	TIME,
	POINT,
	LABEL,
};

#define TYPE(id, name, class, element)                                         \
	{                                                                      \
		id, "pg_catalog", name, TYPE_##class, element, false, NULL, 0  \
	}
#define TYPES                                                                  \
	TYPE(BOOL, "bool", BOOLEAN, 0), TYPE(INT, "int4", INTEGER, 0),         \
	    TYPE(NUMERIC, "numeric", NUMERIC, 0),                              \
	    TYPE(FLOAT, "float8", FLOAT, 0), TYPE(TEXT, "text", TEXT, 0),      \
	    TYPE(BYTEA, "bytea", BYTES, 0), TYPE(DATE, "date", DATE, 0),       \
	    TYPE(TIMETZ, "timetz", OTHER, 0),                                  \
	    TYPE(STAMP, "timestamp", TIMESTAMP, 0),                            \
	    TYPE(INSTANT, "timestamptz", TIMESTAMPTZ, 0),                      \
	    TYPE(INTERVAL, "interval", INTERVAL, 0),                           \
	    TYPE(JSON, "json", JSON, 0), TYPE(ARRAY, "_bool", ARRAY, BOOL),    \
	    TYPE(TIME, "time", TIME, 0), TYPE(LABEL, "mood", ENUM, 0)

static struct catalog_type old_types[] = {TYPES, TYPE(OTHER, "inet", OTHER, 0),
					  TYPE(POINT, "point", OTHER, 0)};
static struct catalog_type new_types[] = {TYPES, TYPE(OTHER, "inet", OTHER, 0),
					  TYPE(POINT, "geometry", OTHER, 0)};
static struct catalog old_catalog = {
    .types = old_types, .type_count = sizeof(old_types) / sizeof(*old_types)};
static struct catalog new_catalog = {
    .types = new_types, .type_count = sizeof(new_types) / sizeof(*new_types)};

static void index_types(struct catalog *catalog)
{
	map_init(&catalog->type_by_id);
	map_init(&catalog->table_by_name);
	for (size_t i = 0; i < catalog->type_count; i++)
		map_set(&catalog->type_by_id, &catalog->types[i].id,
			sizeof(catalog->types[i].id), &catalog->types[i]);
}

static int set_up(void **state)
{
	(void)state;
	index_types(&old_catalog);
	index_types(&new_catalog);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	map_release(&old_catalog.type_by_id);
	map_release(&old_catalog.table_by_name);
	map_release(&new_catalog.type_by_id);
	map_release(&new_catalog.table_by_name);
	return 0;
}

struct row {
	uint32_t from, to;
	const char *text;
	const char *plain, *other; /* NULL: it has none */
};

static const struct row rows[] = {
    {BOOL, BOOL, "t", "t", "yes"},
    {BOOL, BOOL, "f", "f", "no"},
    {BOOL, BOOL, "Yes", "t", "yes"},
    {BOOL, BOOL, "0", "f", "no"},
    {BOOL, BOOL, "maybe", NULL, NULL},
    {BOOL, 0, "t", "t", "yes"},
    {INT, INT, "-7", "-7", "-7"},
    {NUMERIC, NUMERIC, "1.50", "1.50", "1.50"},
    {NUMERIC, NUMERIC, "0.00", "0.00", "0.00"},
    {NUMERIC, NUMERIC, "NaN", "NaN", "NAN"},
    {FLOAT, FLOAT, "-Infinity", "-Infinity", "-INFINITY"},
    {FLOAT, FLOAT, "Infinity", "Infinity", "INFINITY"},
    {FLOAT, FLOAT, "1e+300", "1e+300", "1e+300"},
    {TEXT, TEXT, "a \\ b", "a \\ b", "a \\ b"},
    {TEXT, TEXT, "", "", ""},
    {LABEL, LABEL, "sad", "sad", "sad"},
    {BYTEA, BYTEA, "\\x00ff5C", "\\x00ff5c", "\\000\\377\\134"},
    {BYTEA, BYTEA, "a\\\\b", "\\x615c62", "\\141\\134\\142"},
    {BYTEA, BYTEA, "\\x", "\\x", ""},
    {BYTEA, BYTEA, "\\x0", NULL, NULL},
    {DATE, DATE, "2024-01-02", "2024-01-02", "20240102"},
    {DATE, DATE, "0044-03-15 BC", "0044-03-15 BC", "00440315 BC"},
    {DATE, DATE, "12024-01-02", "12024-01-02", "12024-01-02"},
    {DATE, DATE, "infinity", "infinity", "INFINITY"},
    {DATE, DATE, "-infinity", "-infinity", "-INFINITY"},
    {DATE, INSTANT, "2024-01-02", NULL, NULL},
    {STAMP, STAMP, "2024-01-02 03:04:05.5", "2024-01-02 03:04:05.5",
     "20240102 030405.5"},
    {STAMP, STAMP, "2024-01-02 00:00:00", "2024-01-02 00:00:00",
     "20240102 000000"},
    {STAMP, 0, "2024-01-02 00:00:00", "2024-01-02", "20240102"},
    {STAMP, INSTANT, "2024-01-02 00:00:00", NULL, NULL},
    {INSTANT, INSTANT, "2024-01-02 03:04:05+01", "2024-01-02 02:04:05+00",
     "20240102 020405+00"},
    {INSTANT, STAMP, "2024-01-02 03:04:05+01", NULL, NULL},
    {INSTANT, INSTANT, "tomorrow", NULL, NULL},
    {TIME, TIME, "03:04:05.25", "03:04:05.25", "03:04:05.25"},
    {TIMETZ, TIMETZ, "12:00:00-03:30", "12:00:00-03:30:00",
     "12:00:00-03:30:00"},
    {TIMETZ, TIMETZ, "12:00:00+01", "12:00:00+01:00:00", "12:00:00+01:00:00"},
    {INTERVAL, INTERVAL, "1 mon", "1 mon", "1 mon"},
    {JSON, JSON, "{ \"a\": 1.0 }", "{ \"a\": 1.0 }", "{ \"a\": 1.0 }"},
    {ARRAY, ARRAY, "{t,NULL}", "{t,NULL}", "{t,NULL}"},
    {ARRAY, TEXT, "{t,NULL}", NULL, NULL},
    {OTHER, OTHER, "::1", "::1", "::1"},
    {POINT, POINT, "(1,2)", NULL, NULL},
    {99, 99, "anything", "anything", "anything"},
};

/* Engines of which each writes for the other. */
static struct value_ops elsewhere;
static struct arena arena;

static int form_elsewhere(struct form *form, uint32_t type, uint8_t format,
			  const uint8_t *data, size_t size)
{
	return postgres_values.form(form, type, format, data, size);
}

static struct value_side side_of(uint32_t type, const char *text)
{
	return (struct value_side){
	    &elsewhere, &old_catalog, type, 0,
	    (struct value){(const uint8_t *)text, (uint32_t)strlen(text)}};
}

static void check_means_same(const struct value_side *from,
			     const struct value_target *target,
			     struct value value)
{
	static const struct value_rules exact;
	const struct value_side there = {target->ops, target->catalog,
					 target->type, 0, value};

	if (target->type && catalog_type(target->catalog, target->type))
		assert_int_equal(value_compare(from, &there, &exact),
				 VALUE_EQUAL);
}

static void check_crossing(const struct row *row, const struct value_ops *ops,
			   const char *expected)
{
	const struct value_side from = side_of(row->from, row->text);
	const struct value_target target = {ops, &new_catalog, row->to};
	struct value out;
	int result = value_cross(&from, &target, &arena, &out);

	if (!expected) {
		if (!result)
			fail_msg("%s gave %.*s", row->text, (int)out.size,
				 (const char *)out.data);
		return;
	}
	if (result)
		fail_msg("%s has no text", row->text);
	assert_non_null(out.data);
	assert_string_equal(arena_copy(&arena, out.data, out.size), expected);
}

static void texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check_crossing(&rows[i], &postgres_values, rows[i].plain);
		check_crossing(&rows[i], &postgres_values_reduced,
			       rows[i].other);
	}
}

static void plain_texts_mean_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct value_side from =
		    side_of(rows[i].from, rows[i].text);
		const struct value_target target = {&postgres_values,
						    &new_catalog, rows[i].to};
		struct value out;

		if (!value_cross(&from, &target, &arena, &out))
			check_means_same(&from, &target, out);
	}
}

/* Of one engine: what the client wrote passes, whatever it means. */
static void one_engine(void **state)
{
	const struct value_side from = {&postgres_values,
					&old_catalog,
					INSTANT,
					0,
					{(const uint8_t *)"tomorrow", 8}};
	const struct value_target target = {&postgres_values, &new_catalog,
					    INSTANT};
	struct value out;

	(void)state;
	assert_int_equal(value_cross(&from, &target, &arena, &out), 0);
	assert_ptr_equal(out.data, from.value.data);
}

static void binary_values(void **state)
{
	static const uint8_t seven[] = {0, 0, 0, 7}, yes[] = {1};
	struct value_target target = {&postgres_values_reduced, &new_catalog,
				      INT};
	struct value_side from = {&elsewhere, &old_catalog, INT, 1, {seven, 4}};
	struct value out;

	(void)state;
	assert_int_equal(value_cross(&from, &target, &arena, &out), 0);
	assert_string_equal((const char *)out.data, "7");
	from.value = (struct value){yes, 1};
	assert_int_equal(value_cross(&from, &target, &arena, &out), -1);
	from.type = target.type = BOOL;
	assert_int_equal(value_cross(&from, &target, &arena, &out), 0);
	assert_string_equal((const char *)out.data, "yes");
	from.type = target.type = TEXT; /* no text holds a zero byte */
	from.value = (struct value){seven, 4};
	assert_int_equal(value_cross(&from, &target, &arena, &out), -1);
	from.type = target.type = OTHER; /* no decoder */
	assert_int_equal(value_cross(&from, &target, &arena, &out), -1);
	from.type = target.type = 0; /* nobody knows what it is */
	assert_int_equal(value_cross(&from, &target, &arena, &out), -1);
	from.value = (struct value){NULL, 0};
	assert_int_equal(value_cross(&from, &target, &arena, &out), 0);
	assert_null(out.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts),
	    cmocka_unit_test(plain_texts_mean_the_same),
	    cmocka_unit_test(one_engine),
	    cmocka_unit_test(binary_values),
	};
	int result;

	elsewhere = postgres_values;
	elsewhere.form = form_elsewhere;
	arena_init(&arena, 0);
	result = cmocka_run_group_tests(tests, set_up, tear_down);
	arena_release(&arena);
	return result;
}
