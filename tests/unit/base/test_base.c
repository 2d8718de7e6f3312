/* The base library: arenas, buffers, maps, histograms, digests, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/histogram.h"
#include "base/list.h"
#include "base/map.h"

static void test_arena_gives_zeroed_memory_again_after_reset(void **state)
{
	struct arena arena;
	struct arena_mark mark;
	char *first;

	(void)state;
	arena_init(&arena, 0);
	arena_alloc(&arena, 10);
	mark = arena_mark(&arena);
	first = arena_alloc(&arena, 100);
	memset(first, 0xff, 100);
	for (int i = 0; i < 1000; i++)
		arena_alloc(&arena, 1000);
	arena_reset(&arena, mark);
	assert_int_equal(arena.used, 10);
	first = arena_alloc(&arena, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(first[i], 0);
	assert_string_equal(arena_printf(&arena, "%d-%s", 5, "x"), "5-x");
	arena_clear(&arena);
	assert_int_equal(arena.used, 0);
	arena_release(&arena);
}

static void test_arena_limit_jumps_to_the_catch(void **state)
{
	struct arena arena;
	volatile bool caught = false;

	(void)state;
	arena_init(&arena, 1000);
	if (ARENA_CATCH(&arena)) {
		caught = true;
	} else {
		arena_alloc(&arena, 999);
		arena_alloc(&arena, 2);
		fail();
	}
	assert_true(caught);
	caught = false;
	if (ARENA_CATCH(&arena))
		caught = true;
	else
		arena_array(&arena, SIZE_MAX / 2, 16);
	assert_true(caught);
	arena_release(&arena);
}

static void test_buffer_failure_is_sticky_until_cleared(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 8);
	buffer_append_string(&buffer, "12345");
	buffer_append_string(&buffer, "6789");
	assert_true(buffer.failed);
	buffer_append_string(&buffer, "6");
	assert_int_equal(buffer.size, 5);
	buffer_clear(&buffer);
	buffer_append_u32(&buffer, 0x01020304);
	buffer_append_u16(&buffer, 0x0506);
	buffer_printf(&buffer, "%d", 7);
	assert_false(buffer.failed);
	assert_memory_equal(buffer.data, "\1\2\3\4\5\6\67", 7);
	assert_string_equal(buffer_string(&buffer), "\1\2\3\4\5\6\67");
	buffer_release(&buffer);
}

static void test_map_against_a_naive_twin(void **state)
{
	enum { KEYS = 200 };
	struct map map;
	int values[KEYS];
	bool present[KEYS] = {false};
	unsigned seed = 7;
	size_t count = 0;

	(void)state;
	map_init(&map);
	for (int turn = 0; turn < 20000; turn++) {
		int key;

		seed = seed * 1103515245u + 12345u;
		key = (int)(seed >> 16) % KEYS;
		if (seed & 0x80000000u) {
			void *old =
			    map_set(&map, &key, sizeof(key), &values[key]);

			assert_ptr_equal(old,
					 present[key] ? &values[key] : NULL);
			count += !present[key];
			present[key] = true;
		} else {
			void *old = map_remove(&map, &key, sizeof(key));

			assert_ptr_equal(old,
					 present[key] ? &values[key] : NULL);
			count -= present[key];
			present[key] = false;
		}
		assert_int_equal(map.count, count);
	}
	for (int key = 0; key < KEYS; key++)
		assert_ptr_equal(map_get(&map, &key, sizeof(key)),
				 present[key] ? &values[key] : NULL);
	map_release(&map);
}

static void test_histogram_quantiles_are_within_a_sixteenth(void **state)
{
	static struct histogram histogram;
	static struct histogram copy;
	uint8_t bytes[24 + 6 * HISTOGRAM_BUCKETS];
	size_t size;

	(void)state;
	memset(&histogram, 0, sizeof(histogram));
	for (uint64_t us = 1; us <= 100000; us++)
		histogram_add(&histogram, us);
	for (int i = 1; i < 10; i++) {
		double exact = 10000.0 * i;
		double got = (double)histogram_quantile(&histogram, i / 10.0);

		assert_true(got >= exact && got <= exact * (1 + 1 / 16.0) + 1);
	}
	assert_int_equal(histogram_quantile(&histogram, 1.0), 100000);
	size = histogram_encode(&histogram, bytes, sizeof(bytes));
	assert_true(size > 24);
	assert_int_equal(histogram_decode(&copy, bytes, size), 0);
	assert_memory_equal(&copy, &histogram, sizeof(copy));
	histogram_merge(&copy, &histogram);
	assert_int_equal(copy.count, 200000);
	assert_int_equal(histogram_decode(&copy, bytes, size - 1), -1);
	assert_int_equal(histogram_encode(&histogram, bytes, 30), 0);
	histogram_add(&copy, UINT64_MAX);
	assert_int_equal(copy.buckets[HISTOGRAM_BUCKETS - 1], 1);
}

static struct rows_digest digest_of(const char *const *cells, size_t columns,
				    size_t rows, struct digest *sums)
{
	struct rows_digest digest;

	rows_digest_start(&digest, sums, 4, columns);
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = 0; i < columns; i++) {
			const char *cell = cells[row * columns + i];

			if (cell)
				rows_digest_cell(&digest, cell, strlen(cell));
			else
				rows_digest_null(&digest);
		}
		rows_digest_row_end(&digest);
	}
	return digest;
}

static void test_digests_see_order_only_where_they_should(void **state)
{
	static const char *const one[] = {"a", "b", "c", NULL};
	static const char *const swapped[] = {"c", NULL, "a", "b"};
	static const char *const other[] = {"a", "b", "c", ""};
	static const char *const moved[] = {"c", "b", "a", NULL};
	struct digest sums[4][4];
	struct rows_digest a = digest_of(one, 2, 2, sums[0]);
	struct rows_digest b = digest_of(swapped, 2, 2, sums[1]);
	struct rows_digest c = digest_of(other, 2, 2, sums[2]);
	struct rows_digest d = digest_of(moved, 2, 2, sums[3]);

	(void)state;
	assert_false(digest_equal(a.ordered, b.ordered));
	assert_true(digest_equal(a.unordered, b.unordered));
	assert_false(digest_equal(a.unordered, c.unordered));
	assert_true(digest_equal(sums[0][0], sums[2][0]));
	assert_false(digest_equal(sums[0][1], sums[2][1]));
	/* The same cells in other rows: columns agree, rows do not. */
	assert_true(digest_equal(sums[0][0], sums[3][0]));
	assert_true(digest_equal(sums[0][1], sums[3][1]));
	assert_false(digest_equal(a.unordered, d.unordered));
}

static void test_error_prints_place_and_hint(void **state)
{
	struct error error;
	char text[256];

	(void)state;
	error_init(&error);
	assert_int_equal(error_set(&error, ERROR_CONFIG, "no %s", "table"), -1);
	error_at(&error, "a.yaml", 3, 7);
	error_hint(&error, "did you mean '%s'?", "users");
	error_print(&error, text, sizeof(text));
	assert_string_equal(text, "a.yaml:3:7: no table (hint: did you mean "
				  "'users'?)");
}

static void test_list_keeps_order_and_bears_removal_twice(void **state)
{
	struct item {
		struct link link;
		int value;
	} items[3] = {{.value = 0}, {.value = 1}, {.value = 2}};
	struct link head;
	int expected = 0;

	(void)state;
	list_init(&head);
	for (int i = 0; i < 3; i++)
		list_append(&head, &items[i].link);
	list_remove(&items[1].link);
	list_remove(&items[1].link);
	LIST_EACH(&head, it)
	{
		assert_int_equal(LIST_ITEM(it, struct item, link)->value,
				 expected);
		expected += 2;
		list_remove(it);
	}
	assert_true(list_empty(&head));
}

static void test_bytes_are_big_endian(void **state)
{
	uint8_t bytes[8];

	(void)state;
	bytes_put_u64(bytes, 0x0102030405060708ULL);
	assert_int_equal(bytes_get_u16(bytes), 0x0102);
	assert_int_equal(bytes_get_u32(bytes + 4), 0x05060708);
	assert_true(bytes_get_u64(bytes) == 0x0102030405060708ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_arena_gives_zeroed_memory_again_after_reset),
	    cmocka_unit_test(test_arena_limit_jumps_to_the_catch),
	    cmocka_unit_test(test_buffer_failure_is_sticky_until_cleared),
	    cmocka_unit_test(test_map_against_a_naive_twin),
	    cmocka_unit_test(test_histogram_quantiles_are_within_a_sixteenth),
	    cmocka_unit_test(test_digests_see_order_only_where_they_should),
	    cmocka_unit_test(test_error_prints_place_and_hint),
	    cmocka_unit_test(test_list_keeps_order_and_bears_removal_twice),
	    cmocka_unit_test(test_bytes_are_big_endian),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
