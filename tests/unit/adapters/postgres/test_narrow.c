#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "adapters/postgres/postgres.h"

/* Modifiers as PostgreSQL stores them. */
#define LENGTH(n)		  ((n) + 4)
#define NUMERIC(precision, scale) ((((precision) << 16) | ((scale)&0x7ff)) + 4)

static struct catalog_type types[] = {
    {.id = 21, .name = "int2", .class = TYPE_INTEGER},
    {.id = 23, .name = "int4", .class = TYPE_INTEGER},
    {.id = 20, .name = "int8", .class = TYPE_INTEGER},
    {.id = 1700, .name = "numeric", .class = TYPE_NUMERIC},
    {.id = 700, .name = "float4", .class = TYPE_FLOAT},
    {.id = 701, .name = "float8", .class = TYPE_FLOAT},
    {.id = 25, .name = "text", .class = TYPE_TEXT},
    {.id = 1043, .name = "varchar", .class = TYPE_TEXT},
    {.id = 19, .name = "name", .class = TYPE_TEXT},
    {.id = 1042, .name = "bpchar", .class = TYPE_CHAR},
    {.id = 1082, .name = "date", .class = TYPE_DATE},
    {.id = 1083, .name = "time", .class = TYPE_TIME},
    {.id = 1266, .name = "timetz", .class = TYPE_TIME},
    {.id = 1114, .name = "timestamp", .class = TYPE_TIMESTAMP},
    {.id = 1184, .name = "timestamptz", .class = TYPE_TIMESTAMPTZ},
    {.id = 1186, .name = "interval", .class = TYPE_INTERVAL},
    {.id = 114, .name = "json", .class = TYPE_JSON},
    {.id = 3802, .name = "jsonb", .class = TYPE_JSONB},
    {.id = 2950, .name = "uuid", .class = TYPE_UUID},
    {.id = 16, .name = "bool", .class = TYPE_BOOLEAN},
    {.id = 1015, .name = "_varchar", .class = TYPE_ARRAY, .element = 1043},
    {.id = 9000, .name = "cents", .class = TYPE_DOMAIN, .element = 20},
};

static const struct {
	uint32_t old_type;
	int32_t old_modifier;
	uint32_t new_type;
	int32_t new_modifier;
	const char *why; /* a part of it; NULL: nothing is lost */
} pairs[] = {
    {1700, NUMERIC(12, 4), 1700, NUMERIC(10, 2), "rounded to 2 digits"},
    {1700, NUMERIC(10, 2), 1700, NUMERIC(12, 4), NULL},
    {1700, NUMERIC(10, 2), 1700, NUMERIC(11, 4), "more than 7 digits before"},
    {1700, NUMERIC(10, 2), 1700, NUMERIC(12, 2), NULL},
    {1700, NUMERIC(3, -2), 1700, NUMERIC(5, 0), NULL},
    {1700, NUMERIC(6, -2), 1700, NUMERIC(5, 0), "more than 5 digits before"},
    {1700, -1, 1700, NUMERIC(30, 5), "rounded to 5 digits"},
    {1700, NUMERIC(10, 2), 1700, -1, NULL},
    {1700, NUMERIC(10, 2), 23, -1, "fractions are rounded away"},
    {1700, NUMERIC(9, 0), 23, -1, NULL},
    {1700, NUMERIC(10, 0), 23, -1, "past 4 bytes"},
    {23, -1, 1700, NUMERIC(10, 2), "more than 8 digits before"},
    {23, -1, 1700, NUMERIC(12, 2), NULL},
    {1700, NUMERIC(15, 2), 701, -1, NULL},
    {1700, NUMERIC(16, 2), 701, -1, "15 digits"},
    {1700, NUMERIC(7, 2), 700, -1, "6 digits"},
    {20, -1, 23, -1, "past 4 bytes"},
    {23, -1, 20, -1, NULL},
    {23, -1, 21, -1, "past 2 bytes"},
    {20, -1, 701, -1, "15 digits"},
    {23, -1, 701, -1, NULL},
    {701, -1, 700, -1, "6 digits are kept of 15"},
    {700, -1, 701, -1, NULL},
    {701, -1, 23, -1, "fractions"},
    {701, -1, 1700, -1, "15 digits"},
    {9000, -1, 23, -1, "past 4 bytes"},
    {1043, LENGTH(100), 1043, LENGTH(50), "more than 50 characters"},
    {1043, LENGTH(50), 1043, LENGTH(100), NULL},
    {25, -1, 1043, LENGTH(50), "more than 50 characters"},
    {1043, LENGTH(50), 25, -1, NULL},
    {25, -1, 1043, -1, NULL},
    {25, -1, 19, -1, "63 characters are cut"},
    {1043, LENGTH(9), 1042, LENGTH(9), "blanks"},
    {1042, LENGTH(9), 1043, LENGTH(9), NULL},
    {25, -1, 23, -1, "texts that are no"},
    {23, -1, 1043, LENGTH(5), "more than 5 characters"},
    {23, -1, 25, -1, NULL},
    {1114, -1, 1082, -1, "time of day"},
    {1184, -1, 1082, -1, "time of day"},
    {1114, -1, 1083, -1, "the day"},
    {1082, -1, 1114, -1, NULL},
    {1184, -1, 1114, -1, "time zone"},
    {1114, -1, 1184, -1, "time zone"},
    {1082, -1, 1184, -1, "time zone"},
    {1266, -1, 1083, -1, "the zone"},
    {1114, 6, 1114, 3, "3 digits"},
    {1114, -1, 1114, 0, "0 digits"},
    {1114, 3, 1114, -1, NULL},
    {1186, -1, 1186, 0x7fff0000, "fields or fractions"},
    {1186, 0x7fff0000, 1186, -1, NULL},
    {114, -1, 3802, -1, "twice"},
    {3802, -1, 114, -1, NULL},
    {2950, -1, 25, -1, NULL},
    {16, -1, 25, -1, NULL},
    {1015, LENGTH(9), 1015, LENGTH(3), "more than 3 characters"},
    {1015, LENGTH(3), 1015, LENGTH(9), NULL},
    {4711, -1, 23, -1, NULL}, /* not known: nothing is said */
};

static void test_pairs(void **state)
{
	struct catalog catalog = {.types = types};

	(void)state;
	map_init(&catalog.type_by_id);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		map_set(&catalog.type_by_id, &types[i].id, sizeof(types[i].id),
			&types[i]);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct catalog_column old = {.type = pairs[i].old_type,
					     .modifier = pairs[i].old_modifier,
					     .type_sql = "old"};
		struct catalog_column new = {.type = pairs[i].new_type,
					     .modifier = pairs[i].new_modifier,
					     .type_sql = "new"};
		char why[160] = "";
		bool narrows = postgres_narrows(&catalog, &old, &catalog, &new,
						why, sizeof(why));
		bool right = narrows == (pairs[i].why != NULL) &&
			     (!narrows || strstr(why, pairs[i].why));

		if (!right)
			print_error("pair %zu: %s\n", i, why);
		assert_true(right);
	}
	map_release(&catalog.type_by_id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
