/*
 * One lens, which all tests of a program ask, and tables of what it answers. A table
 * prints each row that differs, not only the first.
 */
#ifndef TESTS_UNIT_LENS_SUPPORT_H
#define TESTS_UNIT_LENS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "unit/lens/catalogs.h"

static struct catalog *old_catalog, *new_catalog;
static struct lens *lens;
static struct arena arena;

/* Of schemas as catalogs.h reads them; -1: there is no such lens. */
static inline int start_lens(const char *old_schema, const char *new_schema,
			     const char *mapping)
{
	arena_init(&arena, 0);
	old_catalog = catalog_of(old_schema);
	new_catalog = catalog_of(new_schema);
	lens = lens_of(mapping, old_catalog, new_catalog);
	return lens ? 0 : -1;
}

static inline int stop_lens(void **state)
{
	(void)state;
	lens_free(&lens);
	catalog_free(&old_catalog);
	catalog_free(&new_catalog);
	arena_release(&arena);
	return 0;
}

/* The rows of a table that differ from what they are expected to be. */
struct differing {
	size_t count;
};

static inline void row_is(struct differing *differing, const char *row,
			  const char *is, const char *expected)
{
	if (!strcmp(is, expected))
		return;
	differing->count++;
	print_error("%s\n  is       %s\n  expected %s\n", row, is, expected);
}

/* ---- plans ---- */

/* A statement and its plan, as plan_shown() writes it. "=": as it was written;
 * "!...": untranslatable, "#...": skipped, and a part of why. */
struct plan_row {
	const char *statement;
	const char *expected;
};

static inline const struct plan *plan_in_public(const char *text)
{
	static const char *const path[] = {"public", NULL};
	struct lens_session session = {.search_path = path, .key = 1};

	return lens_plan(lens, &session, text, strlen(text), NULL, 0);
}

/* The texts of the steps, with " ; " between. The transaction is of 1970-01-02
 * 00:00, the statement of an hour later. No answer of the primary is at hand. */
static inline const char *plan_steps_text(const struct plan *plan,
					  const char *text)
{
	struct plan_input input = {
	    .text = text,
	    .text_size = strlen(text),
	    .transaction_at = 86400000000LL,
	    .statement_at = 86400000000LL + 3600000000LL,
	};
	struct plan_steps steps = {0};
	struct error error;
	const char *all = "";

	error_init(&error);
	if (plan_fill(plan, &input, &arena, &steps, &error) < 0)
		return arena_printf(&arena, "!%s", error.message);
	for (size_t i = 0; i < steps.count; i++)
		all = arena_printf(&arena, "%s%s%s", all, i ? " ; " : "",
				   steps.steps[i].text);
	return all;
}

static inline const char *plan_shown(const char *text)
{
	const struct plan *plan = plan_in_public(text);
	const char *result;

	if (plan->action == PLAN_UNTRANSLATABLE)
		result = arena_printf(&arena, "!%s", plan->detail);
	else if (plan->action == PLAN_SKIP)
		result = arena_printf(&arena, "#%s", plan->detail);
	else
		result = plan_steps_text(plan, text);
	lens_release(lens, plan);
	return result;
}

static inline void check_plans(const struct plan_row *rows, size_t count)
{
	struct differing differing = {0};

	for (size_t i = 0; i < count; i++) {
		const char *expected = rows[i].expected;
		const char *is = plan_shown(rows[i].statement);

		if (*expected == '=')
			expected = rows[i].statement;
		if ((*expected == '!' || *expected == '#') &&
		    *is == *expected && strstr(is, expected + 1))
			continue;
		row_is(&differing, rows[i].statement, is, expected);
	}
	assert_int_equal(differing.count, 0);
}

#define CHECK_PLANS(rows) check_plans(rows, sizeof(rows) / sizeof(*(rows)))

#endif
