/*
 * The comparison of rows against a naive twin, on small random answers with
 * many equal rows: a multiset by trying each row with each; a list place by
 * place; with a clock, by a search for a perfect pairing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/postgres.h"
#include "adapters/postgres/value.h"
#include "base/buffer.h"
#include "answers.h"

enum { ROWS_MAX = 7, ROUNDS = 20000 };

struct row {
	int number; /* written as a numeric, in one of several ways */
	char letter;
	int second; /* of a clock */
};

static uint64_t seed = 88172645463325252ULL;

static unsigned random_below(unsigned limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % limit;
}

static size_t make_rows(struct row *rows)
{
	size_t count = random_below(ROWS_MAX + 1);

	for (size_t i = 0; i < count; i++) {
		rows[i].number = (int)random_below(3);
		rows[i].letter = (char)('a' + random_below(2));
		rows[i].second = (int)random_below(6);
	}
	return count;
}

/* Often the same rows as before, in another order, perhaps one changed. */
static size_t vary(const struct row *from, size_t count, struct row *rows)
{
	memcpy(rows, from, count * sizeof(*rows));
	for (size_t i = count; i > 1; i--) {
		size_t k = random_below(3) ? i - 1 : random_below((unsigned)i);
		struct row held = rows[i - 1];

		rows[i - 1] = rows[k];
		rows[k] = held;
	}
	for (size_t i = 0; i < count; i++)
		rows[i].second += (int)random_below(3);
	if (count && !random_below(3))
		rows[random_below((unsigned)count)].number ^= 1;
	if (count && !random_below(6))
		count--;
	return count;
}

static const char *written(struct arena *arena, const struct row *rows,
			   size_t count, bool clock)
{
	static const char *const zeros[] = {"", ".0", ".00"};
	const char *text = "";

	for (size_t i = 0; i < count; i++) {
		text = arena_printf(arena, "%s%s%d%s|%c", text, i ? ";" : "",
				    rows[i].number, zeros[random_below(3)],
				    rows[i].letter);
		if (clock)
			text =
			    arena_printf(arena, "%s|2020-01-01 00:00:%02d+00",
					 text, rows[i].second);
	}
	return text;
}

static bool twin_equal(const struct row *a, const struct row *b, bool clock)
{
	return a->number == b->number && a->letter == b->letter &&
	       (!clock || abs(a->second - b->second) <= 2);
}

static bool twin_list(const struct row *a, size_t a_count, const struct row *b,
		      size_t b_count, bool clock)
{
	for (size_t i = 0; i < a_count && a_count == b_count; i++)
		if (!twin_equal(&a[i], &b[i], clock))
			return false;
	return a_count == b_count;
}

/* Is there a pairing of a[0..count) with what of b is not used? */
static bool twin_multiset(const struct row *a, size_t count,
			  const struct row *b, size_t b_count, bool *used,
			  bool clock)
{
	if (!count)
		return true;
	for (size_t j = 0; j < b_count; j++) {
		if (used[j] || !twin_equal(&a[count - 1], &b[j], clock))
			continue;
		used[j] = true;
		if (twin_multiset(a, count - 1, b, b_count, used, clock))
			return true;
		used[j] = false;
	}
	return false;
}

static void one_round(const struct catalog *catalog, bool clock)
{
	static const struct compare_rules rules = {
	    .clock_tolerance_us = 2000000, .evidence_rows = 2};
	struct promise_column columns[3] = {[2] = {.clock = clock}};
	const char *described = clock ? "n:1700 l:25 t:1184" : "n:1700 l:25";
	struct row a[ROWS_MAX], b[ROWS_MAX];
	bool used[ROWS_MAX] = {false};
	size_t a_count = make_rows(a);
	size_t b_count = vary(a, a_count, b);
	struct answer primary, shadow;
	struct comparison result;
	struct promise promise = {.columns = columns,
				  .column_count = clock ? 3 : 2,
				  .order = random_below(2) ? ORDER_TOTAL
							   : ORDER_NONE};
	bool same, list;
	struct arena arena;

	arena_init(&arena, 0);
	test_answer(&arena, described, written(&arena, a, a_count, clock),
		    &primary);
	test_answer(&arena, described, written(&arena, b, b_count, clock),
		    &shadow);
	test_compare_answers(&promise, &primary, catalog, &shadow, catalog,
			     &rules, &arena, &result);
	list = twin_list(a, a_count, b, b_count, clock);
	same = a_count == b_count &&
	       twin_multiset(a, a_count, b, b_count, used, clock);
	if ((promise.order == ORDER_TOTAL ? list : same) !=
		(result.verdict == VERDICT_MATCH) ||
	    (result.verdict != VERDICT_MATCH &&
	     (same != (result.class == DIVERGENCE_ROWS_ORDER) ||
	      result.verdict != VERDICT_DIVERGED ||
	      !result.difference_count)) ||
	    (a_count > b_count && result.class != DIVERGENCE_ROWS_MISSING))
		fail_msg("%s / %s: %s %s", written(&arena, a, a_count, clock),
			 written(&arena, b, b_count, clock),
			 verdict_name(result.verdict),
			 divergence_name(result.class));
	arena_release(&arena);
}

static void test_twin(void **state)
{
	struct catalog catalog;

	(void)state;
	test_catalog_init(&catalog);
	for (int i = 0; i < ROUNDS; i++)
		one_round(&catalog, i % 2);
	test_catalog_release(&catalog);
}

/* Many rows in the opposite order, all alike but for one column: must not take
 * time with the square of their number. */
static void test_many(void **state)
{
	enum { MANY = 20000 };
	static const struct compare_rules rules = {
	    .clock_tolerance_us = 2000000, .evidence_rows = 2};
	struct promise promise = {.order = ORDER_NONE};
	struct buffer forward, backward;
	struct comparison result;
	struct answer primary, shadow;
	struct catalog catalog;
	struct arena arena;

	(void)state;
	test_catalog_init(&catalog);
	arena_init(&arena, 0);
	buffer_init(&forward, 0);
	buffer_init(&backward, 0);
	for (int i = 0; i < MANY; i++) {
		buffer_printf(&forward, "%s%d|x", i ? ";" : "", i);
		buffer_printf(&backward, "%s%d.0|x", i ? ";" : "",
			      MANY - 1 - i);
	}
	test_answer(&arena, "n:1700 l:25", buffer_string(&forward), &primary);
	test_answer(&arena, "n:1700 l:25", buffer_string(&backward), &shadow);
	test_compare_answers(&promise, &primary, &catalog, &shadow, &catalog,
			     &rules, &arena, &result);
	assert_int_equal(result.verdict, VERDICT_MATCH);
	promise.order = ORDER_TOTAL;
	test_compare_answers(&promise, &primary, &catalog, &shadow, &catalog,
			     &rules, &arena, &result);
	assert_int_equal(result.class, DIVERGENCE_ROWS_ORDER);
	buffer_release(&forward);
	buffer_release(&backward);
	arena_release(&arena);
	test_catalog_release(&catalog);
}

/* One group of rows that only a clock tells apart, the first of which has no
 * partner: all the others keep theirs. */
static void test_many_clocks(void **state)
{
	enum { MANY = 3000 };
	static const struct compare_rules rules = {
	    .clock_tolerance_us = 2000000, .evidence_rows = 2};
	struct promise_column column = {.clock = true};
	struct promise promise = {.columns = &column, .column_count = 1};
	struct buffer primary_rows, shadow_rows;
	struct comparison result;
	struct answer primary, shadow;
	struct catalog catalog;
	struct arena arena;

	(void)state;
	test_catalog_init(&catalog);
	arena_init(&arena, 0);
	buffer_init(&primary_rows, 0);
	buffer_init(&shadow_rows, 0);
	buffer_printf(&primary_rows, "2019-01-01 00:00:00+00");
	for (int i = 0; i < MANY; i++) {
		static const char format[] = "%s2020-01-01 %02d:%02d:%02d+00";
		int at = i * 10;

		buffer_printf(&primary_rows, format, ";", at / 3600,
			      at / 60 % 60, at % 60);
		at = (MANY - 1 - i) * 10 + 1;
		buffer_printf(&shadow_rows, format, i ? ";" : "", at / 3600,
			      at / 60 % 60, at % 60);
	}
	test_answer(&arena, "t:1184", buffer_string(&primary_rows), &primary);
	test_answer(&arena, "t:1184", buffer_string(&shadow_rows), &shadow);
	test_compare_answers(&promise, &primary, &catalog, &shadow, &catalog,
			     &rules, &arena, &result);
	assert_int_equal(result.class, DIVERGENCE_ROWS_MISSING);
	assert_string_equal(result.detail, "1 row is missing on the shadow");
	buffer_release(&primary_rows);
	buffer_release(&shadow_rows);
	arena_release(&arena);
	test_catalog_release(&catalog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_twin),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_many_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
