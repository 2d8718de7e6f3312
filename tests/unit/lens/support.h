/* One lens, which all tests of a program ask. */
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

#endif
