/* The order of loading against a naive twin, on random schemas: reachability by
 * Warshall tells who is in one circle, and who comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seed/internal.h"

enum { TABLES = 7, KEYS = 3, ROUNDS = 3000 };

static uint64_t state = 88172645463325252u;

static unsigned pick(unsigned limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 11) % limit;
}

struct schema {
	struct catalog_table news[TABLES];
	struct catalog_key keys[TABLES][KEYS];
	struct seed_table tables[TABLES];
	bool before[TABLES][TABLES]; /* [a][b]: b must come before a */
	bool itself[TABLES];
	struct seed seed;
};

static void fill(struct schema *schema, size_t old, size_t new)
{
	const struct catalog_table *target = &schema->news[new];

	map_set(&schema->tables[old].targets, &target, sizeof(target),
		(void *)(uintptr_t)target);
}

static bool fills(const struct schema *schema, size_t old,
		  const struct catalog_table *target)
{
	return map_get(&schema->tables[old].targets, &target, sizeof(target));
}

static void make(struct schema *schema)
{
	memset(schema, 0, sizeof(*schema));
	for (size_t i = 0; i < TABLES; i++) {
		size_t count = pick(KEYS + 1);

		schema->news[i].keys = schema->keys[i];
		schema->news[i].key_count = count;
		for (size_t k = 0; k < count; k++) {
			schema->keys[i][k].kind =
			    pick(8) ? KEY_FOREIGN : KEY_UNIQUE;
			schema->keys[i][k].target =
			    &schema->news[pick(3) ? pick((unsigned)i + 1)
						  : pick(TABLES)];
		}
		map_init(&schema->tables[i].targets);
		schema->tables[i].wave = !pick(6);
		fill(schema, i, i);
		if (!pick(3))
			fill(schema, i, pick(TABLES));
	}
	schema->seed.tables = schema->tables;
	schema->seed.table_count = TABLES;
	schema->seed.unguarded = !pick(4);
}

/* What must hold for a and b, from the rules as they are told. */
static void rule(struct schema *schema, size_t a, size_t b)
{
	const struct seed_table *tables = schema->tables;

	for (size_t n = 0; n < TABLES; n++) {
		const struct catalog_table *child = &schema->news[n];

		if (!fills(schema, a, child))
			continue;
		if (a != b && fills(schema, b, child) &&
		    tables[b].wave < tables[a].wave)
			schema->before[a][b] = true;
		for (size_t k = 0; k < child->key_count; k++) {
			if (child->keys[k].kind != KEY_FOREIGN ||
			    schema->seed.unguarded ||
			    !fills(schema, b, child->keys[k].target))
				continue;
			if (a == b)
				schema->itself[a] = true;
			else if (tables[b].wave <= tables[a].wave)
				schema->before[a][b] = true;
		}
	}
}

static void reach(struct schema *schema)
{
	for (size_t a = 0; a < TABLES; a++)
		for (size_t b = 0; b < TABLES; b++)
			rule(schema, a, b);
	for (size_t k = 0; k < TABLES; k++)
		for (size_t a = 0; a < TABLES; a++)
			for (size_t b = 0; b < TABLES; b++)
				schema->before[a][b] |= schema->before[a][k] &&
							schema->before[k][b];
}

/* Runs the groups as the workers do; gives when each table was loaded. */
static void run(struct schema *schema, size_t *when)
{
	struct seed *seed = &schema->seed;
	size_t now = 0, left = seed->group_count;

	while (left) {
		struct seed_group *group = NULL;

		for (size_t g = 0; g < seed->group_count; g++)
			if (!seed->groups[g].taken && !seed->groups[g].waits &&
			    (!group || pick(2)))
				group = &seed->groups[g];
		assert_non_null(group); /* or they wait for each other */
		group->taken = true;
		left--;
		for (size_t i = 0; i < group->table_count; i++)
			when[group->tables[i] - schema->tables] = ++now;
		for (size_t i = 0; i < group->then_count; i++)
			seed->groups[group->then[i]].waits--;
	}
	assert_int_equal(now, TABLES);
}

static void check(struct schema *schema)
{
	size_t when[TABLES] = {0};

	run(schema, when);
	for (size_t a = 0; a < TABLES; a++) {
		assert_int_equal(schema->tables[a].whole, schema->itself[a]);
		for (size_t b = 0; b < TABLES; b++) {
			bool circle = a != b && schema->before[a][b] &&
				      schema->before[b][a];

			assert_int_equal(schema->tables[a].group ==
					     schema->tables[b].group,
					 a == b || circle);
			if (a != b && schema->before[a][b] && !circle)
				assert_true(when[b] < when[a]);
			if (circle) {
				assert_true(
				    schema->seed.groups[schema->tables[a].group]
					.circular);
				if (schema->tables[b].wave <
				    schema->tables[a].wave)
					assert_true(when[b] < when[a]);
			}
		}
	}
}

static void test_random_schemas(void **unused)
{
	size_t circles = 0, alone = 0;
	struct error error;

	(void)unused;
	error_init(&error);
	for (size_t round = 0; round < ROUNDS; round++) {
		struct schema *schema = malloc(sizeof(*schema));

		make(schema);
		reach(schema);
		assert_int_equal(seed_order(&schema->seed, &error), 0);
		check(schema);
		for (size_t g = 0; g < schema->seed.group_count; g++) {
			circles += schema->seed.groups[g].circular;
			alone += !schema->seed.groups[g].circular;
			free(schema->seed.groups[g].tables);
			free(schema->seed.groups[g].then);
		}
		free(schema->seed.groups);
		for (size_t i = 0; i < TABLES; i++)
			map_release(&schema->tables[i].targets);
		free(schema);
	}
	assert_true(circles > ROUNDS / 10);
	assert_true(alone > ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
