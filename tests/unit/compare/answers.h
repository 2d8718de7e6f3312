/* For tests of the comparison: a small catalog, and answers written as text. */
#ifndef PARALLAX_TESTS_UNIT_COMPARE_ANSWERS_H
#define PARALLAX_TESTS_UNIT_COMPARE_ANSWERS_H

#include "base/memory.h"
#include "compare/compare.h"

enum {
	ID_BOOL = 16,
	ID_INT8 = 20,
	ID_INT4 = 23,
	ID_TEXT = 25,
	ID_FLOAT8 = 701,
	ID_TIMESTAMPTZ = 1184,
	ID_NUMERIC = 1700,
	ID_ODD = 9000,
};

static struct catalog_type test_types[] = {
    {ID_BOOL, "pg_catalog", "bool", TYPE_BOOLEAN, 0, true, NULL, 0},
    {ID_INT8, "pg_catalog", "int8", TYPE_INTEGER, 0, true, NULL, 0},
    {ID_INT4, "pg_catalog", "int4", TYPE_INTEGER, 0, true, NULL, 0},
    {ID_TEXT, "pg_catalog", "text", TYPE_TEXT, 0, true, NULL, 0},
    {ID_FLOAT8, "pg_catalog", "float8", TYPE_FLOAT, 0, false, NULL, 0},
    {ID_TIMESTAMPTZ, "pg_catalog", "timestamptz", TYPE_TIMESTAMPTZ, 0, true,
     NULL, 0},
    {ID_NUMERIC, "pg_catalog", "numeric", TYPE_NUMERIC, 0, false, NULL, 0},
    {ID_ODD, "public", "odd", TYPE_RANGE, ID_INT4, false, NULL, 0},
};

static inline void test_catalog_init(struct catalog *catalog)
{
	memset(catalog, 0, sizeof(*catalog));
	catalog->types = test_types;
	catalog->type_count = sizeof(test_types) / sizeof(*test_types);
	map_init(&catalog->type_by_id);
	map_init(&catalog->table_by_name);
	map_init(&catalog->table_by_id);
	for (size_t i = 0; i < catalog->type_count; i++)
		map_set(&catalog->type_by_id, &catalog->types[i].id,
			sizeof(catalog->types[i].id), &catalog->types[i]);
}

static inline void test_catalog_release(struct catalog *catalog)
{
	map_release(&catalog->type_by_id);
	map_release(&catalog->table_by_name);
	map_release(&catalog->table_by_id);
}

/* columns: "name:id name:id"; rows: cells divided by '|', each row ended by ';'
 * or the end of the text; "~" is NULL. All in the arena. */
static inline void test_answer(struct arena *arena, const char *columns,
			       const char *rows, struct answer *out)
{
	struct answer_column *described =
	    arena_array(arena, 16, sizeof(*described));
	struct digest *digests = arena_array(arena, 16, sizeof(*digests));
	size_t capacity = strlen(rows) + 1;
	struct value *values = arena_array(arena, capacity, sizeof(*values));
	struct rows_digest digest;
	size_t cells = 0;

	memset(out, 0, sizeof(*out));
	out->tag = "";
	out->affected = -1;
	out->has_columns = true;
	while (*columns) {
		const char *colon = strchr(columns, ':');
		struct answer_column *column = &described[out->column_count++];

		column->name =
		    arena_copy(arena, columns, (size_t)(colon - columns));
		column->type = (uint32_t)strtoul(colon + 1, NULL, 10);
		column->modifier = -1;
		columns = colon + strcspn(colon, " ");
		columns += *columns == ' ';
	}
	rows_digest_start(&digest, digests, 16, out->column_count);
	while (*rows) {
		for (size_t i = 0; i < out->column_count; i++) {
			size_t size = strcspn(rows, "|;");
			struct value *value = &values[cells++];

			if (size != 1 || *rows != '~') {
				value->data = (const uint8_t *)rows;
				value->size = (uint32_t)size;
				rows_digest_cell(&digest, rows, size);
			} else {
				rows_digest_null(&digest);
			}
			rows += size;
			rows += *rows != 0;
		}
		rows_digest_row_end(&digest);
		out->row_held++;
	}
	out->columns = described;
	out->rows = values;
	out->row_count = out->row_held;
	out->ordered = digest.ordered;
	out->unordered = digest.unordered;
	out->column_digests = digests;
	out->column_digest_count = out->column_count;
}

/* Compares two answers of PostgreSQL. */
static inline void test_compare_answers(
    const struct promise *promise, const struct answer *primary,
    const struct catalog *old_catalog, const struct answer *shadow,
    const struct catalog *new_catalog, const struct compare_rules *rules,
    struct arena *arena, struct comparison *out)
{
	struct compare_side old_side = {primary, old_catalog, &postgres_values};
	struct compare_side new_side = {shadow, new_catalog, &postgres_values};

	compare_answers(&old_side, &new_side, promise, rules, arena, out);
}

#endif
