#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compare/weigh.h"

enum { ACCOUNTS = 1, ORDERS = 2, ID = 1, NAME = 2, BALANCE = 3 };

/* A scope that meets every other one that is not empty. */
static const struct weigh_scope everything = {
    .all_data = true,
    .all_names = true,
    .rights = true,
    .sequences = true,
    .locks = true,
};
static const struct weigh_scope nothing = {0};

static struct weigh_fixed fixed(int16_t column, uint64_t value)
{
	return (struct weigh_fixed){.column = column, .value = {value, value}};
}

/* Each cell of explains.def, whatever stands in it, does what it says. */
static void test_cells(void **state)
{
	size_t tried = 0;

	(void)state;
	for (int r = REASON_NONE + 1; r < REASON_COUNT; r++)
		for (int k = 0; k < DIFFERENCE_KIND_COUNT; k++) {
			enum weigh_cell cell =
			    weigh_cell((enum reason)r, (enum difference_kind)k);
			struct weigh_candidate here = {(enum reason)r, NULL};
			struct weigh_candidate all = {(enum reason)r,
						      &everything};
			struct weigh_candidate none = {(enum reason)r,
						       &nothing};
			struct weigh_difference difference = {
			    .kind = (enum difference_kind)k,
			    .hangs_on = everything,
			};
			struct weigh_difference by_itself = {
			    .kind = (enum difference_kind)k,
			    .open = UINT32_C(1) << r,
			};

			assert_int_equal(weigh_covers(&here, &difference),
					 cell == WEIGH_ALONE);
			assert_int_equal(weigh_covers(&none, &difference),
					 cell == WEIGH_ALONE);
			assert_int_equal(weigh_covers(&all, &difference),
					 cell != WEIGH_NEVER);
			difference.hangs_on = nothing;
			assert_int_equal(weigh_covers(&all, &difference),
					 cell == WEIGH_ALONE);
			weigh_open(&by_itself, 1);
			assert_int_equal(by_itself.covered,
					 cell == WEIGH_NEVER ? REASON_NONE : r);
			tried++;
		}
	assert_true(tried >= 14 * 13);
}

/* What the design says of single cells. */
static void test_design(void **state)
{
	static const struct {
		enum reason reason;
		enum difference_kind kind;
		enum weigh_cell cell;
	} cells[] = {
	    {REASON_OVERLAP, DIFFERENCE_RIGHT, WEIGH_MEETS},
	    {REASON_OVERLAP, DIFFERENCE_CELL, WEIGH_MEETS},
	    {REASON_OVERLAP, DIFFERENCE_KEY, WEIGH_MEETS},
	    {REASON_TAINTED, DIFFERENCE_RIGHT, WEIGH_MEETS},
	    {REASON_TAINTED, DIFFERENCE_ROWS, WEIGH_MEETS},
	    {REASON_GAP, DIFFERENCE_ROWS, WEIGH_MEETS},
	    {REASON_CLOCK_PREDICATE, DIFFERENCE_RIGHT, WEIGH_NEVER},
	    {REASON_CLOCK_PREDICATE, DIFFERENCE_NAME, WEIGH_NEVER},
	    {REASON_CLOCK_PREDICATE, DIFFERENCE_SHAPE, WEIGH_NEVER},
	    {REASON_CLOCK_PREDICATE, DIFFERENCE_ROWS, WEIGH_ALONE},
	    {REASON_VOLATILE, DIFFERENCE_NAME, WEIGH_NEVER},
	    {REASON_VOLATILE, DIFFERENCE_RIGHT, WEIGH_NEVER},
	    {REASON_UNPINNED, DIFFERENCE_RIGHT, WEIGH_NEVER},
	    {REASON_UNPINNED, DIFFERENCE_KEY, WEIGH_MEETS},
	    {REASON_LIMIT_ORDER, DIFFERENCE_ROWS, WEIGH_ALONE},
	    {REASON_LIMIT_ORDER, DIFFERENCE_COUNT, WEIGH_NEVER},
	    {REASON_LIMIT_ORDER, DIFFERENCE_ORDER, WEIGH_NEVER},
	    {REASON_ROW_ORDER, DIFFERENCE_ROWS, WEIGH_NEVER},
	    {REASON_UNDECODABLE, DIFFERENCE_ROWS, WEIGH_NEVER},
	    {REASON_DIGEST, DIFFERENCE_COUNT, WEIGH_NEVER},
	    {REASON_RESTART, DIFFERENCE_RIGHT, WEIGH_NEVER},
	    {REASON_SESSION_STATE, DIFFERENCE_RIGHT, WEIGH_NEVER},
	    {REASON_LOAD, DIFFERENCE_LOAD, WEIGH_ALONE},
	    {REASON_LOAD, DIFFERENCE_KEY, WEIGH_NEVER},
	    {REASON_OVERLAP, DIFFERENCE_LOAD, WEIGH_NEVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		assert_int_equal(weigh_cell(cells[i].reason, cells[i].kind),
				 cells[i].cell);
	/* reasons why nothing ran are never an explanation */
	for (int k = 0; k < DIFFERENCE_KIND_COUNT; k++) {
		assert_int_equal(
		    weigh_cell(REASON_ABANDONED, (enum difference_kind)k),
		    WEIGH_NEVER);
		assert_int_equal(
		    weigh_cell(REASON_DDL, (enum difference_kind)k),
		    WEIGH_NEVER);
	}
}

static bool meet(struct weigh_place changed, struct weigh_place on)
{
	struct weigh_scope a = {.places = &changed, .place_count = 1};
	struct weigh_scope b = {.places = &on, .place_count = 1};

	return weigh_meets(&a, &b);
}

static void test_places(void **state)
{
	struct weigh_fixed seven = fixed(ID, 7), eight = fixed(ID, 8);
	struct weigh_fixed name = fixed(NAME, 8);
	struct weigh_place update = {
	    .table = ACCOUNTS, .columns = weigh_column(BALANCE), .rows = false};
	struct weigh_place insert = {
	    .table = ACCOUNTS, .columns = WEIGH_ALL_COLUMNS, .rows = true};
	struct weigh_place read = {
	    .table = ACCOUNTS, .columns = weigh_column(BALANCE), .rows = true};
	struct weigh_place other = {
	    .table = ACCOUNTS, .columns = weigh_column(NAME), .rows = true};

	(void)state;
	assert_true(meet(update, read));
	assert_false(meet(update, other)); /* another column */
	/* only rows that went matter */
	read.gone = true;
	assert_true(meet(insert, read));
	insert.adds = true;
	assert_false(meet(insert, read));
	read.gone = false;
	assert_true(meet(insert, read));
	insert.adds = false;
	assert_true(meet(insert, other));
	read.table = ORDERS;
	assert_false(meet(update, read));
	assert_false(meet(insert, read));
	read.table = ACCOUNTS;
	update.fixed = &seven;
	update.fixed_count = 1;
	assert_true(meet(update, read)); /* of all rows */
	read.fixed = &eight;
	read.fixed_count = 1;
	assert_false(meet(update, read)); /* of another row */
	read.fixed = &seven;
	assert_true(meet(update, read));
	read.fixed = &name; /* of a row that may be the same */
	assert_true(meet(update, read));
	/* rows come and go, but nothing hangs on any */
	other.rows = false;
	other.columns = 0;
	assert_false(meet(insert, other));
}

static void test_scopes(void **state)
{
	static const char *const gr[] = {"gr"}, *const other[] = {"x", "y"};
	struct weigh_scope ddl = {.names = gr, .name_count = 1};
	struct weigh_scope named = {.names = other, .name_count = 2};
	struct weigh_scope right = {
	    .rights = true, .names = gr, .name_count = 1};
	struct weigh_scope data = {.all_data = true};

	(void)state;
	assert_false(weigh_meets(&ddl, &named));
	assert_true(weigh_meets(&ddl, &right));
	assert_false(weigh_meets(&data, &right));
	assert_false(weigh_meets(&data, &named));
	ddl.name_count = 0;
	ddl.all_names = true;
	assert_true(weigh_meets(&ddl, &named));
	assert_false(weigh_meets(&ddl, &data));
	assert_false(weigh_meets(&nothing, &everything));
}

/* One difference that nobody covers decides, whatever else is explained. */
static void test_decides(void **state)
{
	struct weigh_place place = {
	    .table = ACCOUNTS, .columns = weigh_column(BALANCE), .rows = false};
	struct weigh_place on_name = {
	    .table = ACCOUNTS, .columns = weigh_column(NAME), .rows = false};
	struct weigh_scope changed = {.places = &place, .place_count = 1};
	struct weigh_difference found[2] = {
	    {.kind = DIFFERENCE_CELL, .hangs_on = changed},
	    {.kind = DIFFERENCE_CELL,
	     .hangs_on = {.places = &on_name, .place_count = 1}},
	};
	struct weigh_candidate overlap = {REASON_OVERLAP, &changed};
	struct weigh_candidate taint = {REASON_TAINTED, &everything};

	(void)state;
	assert_int_equal(weigh_candidate(found, 2, &overlap), 1);
	assert_int_equal(found[0].covered, REASON_OVERLAP);
	assert_ptr_equal(weigh_decides(found, 2), &found[1]);
	assert_int_equal(weigh_candidate(found, 2, &taint), 0);
	assert_int_equal(found[0].covered, REASON_OVERLAP);
	assert_int_equal(found[1].covered, REASON_TAINTED);
	assert_ptr_equal(weigh_decides(found, 2), &found[0]);
	assert_null(weigh_decides(NULL, 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cells),   cmocka_unit_test(test_design),
	    cmocka_unit_test(test_places),  cmocka_unit_test(test_scopes),
	    cmocka_unit_test(test_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
