/*
 * What a rewrite costs: cold (parsed, rewritten, printed, checked) and cached
 * (lexed, looked up, filled), over catalogs and a mapping made here.
 * usage: bench_rewrite [ROUNDS]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/parse.h"
#include "base/clock.h"
#include "unit/lens/catalogs.h"

static const char old_schema[] =
    "a(id int4 key, b_id int4, name text, flag bool, price numeric)"
    "b(id int4 key, c_id int4, name text)"
    "s(id int4 key, name text, bio text)";
static const char new_schema[] =
    "x(id int8 key, y_id int8, first text, last text, state text, cents int8)"
    "b(id int4 key, c_id int4, name text)"
    "s(id int4 key, name text)"
    "p(s_id int4 key, bio text)";
static const char mapping_text[] =
    "version: 1\n"
    "tables:\n"
    "  a:\n"
    "    rows: x\n"
    "    columns:\n"
    "      b_id: y_id\n"
    "      name:\n"
    "        read: \"first || ' ' || last\"\n"
    "        write: {first: \"split_part(name, ' ', 1)\", last: "
    "\"split_part(name, ' ', 2)\"}\n"
    "      flag: {column: state, values: {true: on, false: off}}\n"
    "      price: {column: cents, read: \"cents / 100.0\", write: \"price * "
    "100\"}\n"
    "  s:\n"
    "    rows: [s, {table: p, join: {s_id: id}, when: bio IS NOT NULL}]\n"
    "    columns: {bio: p.bio}\n";

static const char *const statements[][2] = {
    {"point select", "SELECT name, price FROM a WHERE id = %d"},
    {"prepared point select", "SELECT name, price FROM a WHERE id = $1"},
    {"prepared point update", "UPDATE a SET name = $1 WHERE id = 5"},
    {"split: point select", "SELECT name, bio FROM s WHERE id = %d"},
    {"split: point update", "UPDATE s SET bio = 'x' WHERE id = %d"},
    {"identity point select", "SELECT name FROM b WHERE id = %d"},
    {"point update", "UPDATE a SET name = 'Ann Lee', price = %d WHERE id = 5"},
    {"insert", "INSERT INTO a (id, name, flag) VALUES (%d, 'Bob Ray', true)"},
    {"10-way join",
     "SELECT a.name, b.name, a9.price FROM a JOIN b ON a.b_id = b.id "
     "JOIN a a2 ON a2.id = b.c_id JOIN a a3 ON a3.id = a2.b_id "
     "JOIN a a4 ON a4.id = a3.b_id JOIN b b2 USING (id) "
     "JOIN a a5 ON a5.id = b2.c_id JOIN a a6 ON a6.id = a5.b_id "
     "JOIN b b3 ON b3.id = a6.b_id JOIN a a9 ON a9.id = b3.c_id "
     "WHERE a.flag AND a9.price > %d ORDER BY a.name, b.name"},
};

static double once(struct lens *lens, const char *text, struct arena *arena)
{
	static const char *const path[] = {"public", NULL};
	struct lens_session session = {.search_path = path, .key = 1};
	const struct value five = {(const uint8_t *)"5", 1};
	const uint8_t format = 0;
	struct plan_input input = {
	    .text = text,
	    .text_size = strlen(text),
	    .parameters = &five,
	    .parameter_formats = &format,
	    .parameter_count = strchr(text, '$') != NULL,
	};
	struct plan_steps steps;
	struct error error;
	int64_t start = clock_monotonic_us();
	const struct plan *plan =
	    lens_plan(lens, &session, text, input.text_size, NULL, 0);

	if (plan_fill(plan, &input, arena, &steps, &error) < 0)
		exit(1);
	lens_release(lens, plan);
	arena_clear(arena);
	return (double)(clock_monotonic_us() - start);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;
	struct catalog *old = catalog_of(old_schema);
	struct catalog *new = catalog_of(new_schema);
	struct arena arena;

	arena_init(&arena, 0);
	printf("%-24s %12s %12s\n", "statement", "cold us", "cached us");
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		double cold = 0, cached = 0;
		char text[1024];

		for (int n = 0; n < 20; n++) {
			struct lens *lens = lens_of(mapping_text, old, new);

			snprintf(text, sizeof(text), statements[i][1], n);
			cold += once(lens, text, &arena);
			lens_free(&lens);
		}
		struct lens *lens = lens_of(mapping_text, old, new);

		snprintf(text, sizeof(text), statements[i][1], 1);
		once(lens, text, &arena);
		int64_t start = clock_monotonic_us();

		for (long n = 0; n < rounds; n++) {
			snprintf(text, sizeof(text), statements[i][1], (int)n);
			once(lens, text, &arena);
		}
		cached = (double)(clock_monotonic_us() - start);
		printf("%-24s %12.1f %12.2f\n", statements[i][0], cold / 20,
		       cached / (double)rounds);
		lens_free(&lens);
	}
	arena_release(&arena);
	catalog_free(&old);
	catalog_free(&new);
	return 0;
}
