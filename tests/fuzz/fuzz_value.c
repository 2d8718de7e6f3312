/*
 * Any bytes as two values of a type: nothing is read out of bounds, a value
 * equals itself, and two that can be read are equal exactly when their
 * canonical forms are. What another engine is given of it is equal to it.
 */
#include "adapters/postgres/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct catalog_type types[] = {
#define TYPE(id, name, class, element)                                         \
	{                                                                      \
		id, "pg_catalog", name, TYPE_##class, element, false, NULL, 0  \
	}
    TYPE(0, "other", OTHER, 0),
    TYPE(1, "bool", BOOLEAN, 0),
    TYPE(2, "int4", INTEGER, 0),
    TYPE(3, "numeric", NUMERIC, 0),
    TYPE(4, "float4", FLOAT, 0),
    TYPE(5, "float8", FLOAT, 0),
    TYPE(6, "text", TEXT, 0),
    TYPE(7, "bpchar", CHAR, 0),
    TYPE(8, "bytea", BYTES, 0),
    TYPE(9, "date", DATE, 0),
    TYPE(10, "timetz", OTHER, 0),
    TYPE(11, "timestamp", TIMESTAMP, 0),
    TYPE(12, "timestamptz", TIMESTAMPTZ, 0),
    TYPE(13, "interval", INTERVAL, 0),
    TYPE(14, "uuid", UUID, 0),
    TYPE(15, "json", JSON, 0),
    TYPE(16, "jsonb", JSONB, 0),
    TYPE(17, "_numeric", ARRAY, 3),
    TYPE(18, "_text", ARRAY, 6),
    TYPE(19, "numrange", RANGE, 3),
    TYPE(20, "nummultirange", OTHER, 0),
    TYPE(21, "record", COMPOSITE, 0),
    TYPE(22, "_record", ARRAY, 21),
    TYPE(23, "cents", DOMAIN, 3),
    TYPE(24, "time", TIME, 0),
    TYPE(25, "_range", ARRAY, 19),
};

static struct catalog *catalog_once(void)
{
	static struct catalog catalog;

	if (catalog.type_count)
		return &catalog;
	catalog.types = types;
	catalog.type_count = sizeof(types) / sizeof(*types);
	map_init(&catalog.type_by_id);
	map_init(&catalog.table_by_name);
	for (size_t i = 0; i < catalog.type_count; i++)
		map_set(&catalog.type_by_id, &types[i].id, sizeof(types[i].id),
			&types[i]);
	return &catalog;
}

/* From an engine of other texts to this one, and back. */
static void cross(struct value_side side, struct arena *arena)
{
	static const struct value_rules exact;
	struct value_target target = {&postgres_values, side.catalog,
				      side.type};
	struct value_side crossed = {
	    &postgres_values, side.catalog, side.type, 0, {NULL, 0}};
	struct value other;

	side.ops = &postgres_values_reduced;
	if (!value_cross(&side, &target, arena, &crossed.value) &&
	    value_compare(&side, &crossed, &exact) == VALUE_DIFFERENT)
		abort();
	side.ops = &postgres_values;
	target.ops = &postgres_values_reduced;
	(void)value_cross(&side, &target, arena, &other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct value_rules exact;
	const struct catalog *catalog = catalog_once();
	struct value_side one, other;
	struct value a, b, a_form, b_form;
	enum value_result result, read;
	struct arena arena;
	uint32_t type;
	uint8_t left, right;

	if (size < 3)
		return 0;
	type = data[0] % (uint32_t)catalog->type_count;
	left = data[1] & 1;
	right = data[1] >> 1 & 1;
	a.size = data[2] < size - 3 ? data[2] : (uint32_t)(size - 3);
	a.data = data + 3;
	b.size = (uint32_t)(size - 3 - a.size);
	b.data = a.data + a.size;
	arena_init(&arena, 0);
	one = (struct value_side){&postgres_values, catalog, type, left, a};
	other = (struct value_side){&postgres_values, catalog, type, right, b};
	result = value_compare(&one, &other, &exact);
	read = value_canonical(&one, &arena, &a_form);
	if (read == VALUE_EQUAL)
		read = value_canonical(&other, &arena, &b_form);
	if (read == VALUE_EQUAL && result != VALUE_UNDECIDED &&
	    (result == VALUE_EQUAL) !=
		(a_form.size == b_form.size &&
		 !memcmp(a_form.data, b_form.data, a_form.size)))
		abort();
	if (value_compare(&one, &one, &exact) != VALUE_EQUAL)
		abort();
	value_text(&one, &arena);
	value_text(&other, &arena);
	cross(one, &arena);
	cross(other, &arena);
	arena_release(&arena);
	return 0;
}
