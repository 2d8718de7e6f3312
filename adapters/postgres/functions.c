/*
 * What a function does, by its name:
 *
 *	nextval		moves a sequence, writes, its argument names an object
 *	pg_ls_dir	family pg_ls_: shows the server, acts outside, returns
 *			a set
 */
#include "adapters/postgres/functions.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum flag {
	WRITES = 1,
	TAKES_NAMES = 2,
	OUTSIDE = 4,
	SHOWS_ORDER = 8,
	OF_ONE = 16, /* the volatility holds for calls with one argument */
	TAKES_RELATION = 32,
	TAKES_COLUMN = 64,
	TAKES_ROW = 128,
	TAKES_ENUM = 256,
	GIVES_FIRST_LABEL = 512,
	GIVES_LAST_LABEL = 1024,
	GIVES_LABELS = 2048,
	GIVES_NUMBER = 4096,
};

struct function {
	const char *name;
	enum sql_volatility volatility;
	enum sql_function_rows rows;
	unsigned flags;
};

#define ROW(name, volatility, rows, flags)                                     \
	{name, SQL_FUNCTION_##volatility, SQL_FUNCTION_ROWS_##rows, flags},

static const struct function functions[] = {
#define FUNCTION ROW
#define FAMILY(...)
#include "adapters/postgres/functions.def"
#undef FUNCTION
#undef FAMILY
};

static const struct function families[] = {
#define FUNCTION(...)
#define FAMILY ROW
#include "adapters/postgres/functions.def"
#undef FUNCTION
#undef FAMILY
};

static int compare(const void *name, const void *function)
{
	return strcmp(name, ((const struct function *)function)->name);
}

static void add(struct function *found, const struct function *family)
{
	if (found->volatility == SQL_FUNCTION_PLAIN)
		found->volatility = family->volatility;
	if (found->rows == SQL_FUNCTION_ROWS_ANY)
		found->rows = family->rows;
	found->flags |= family->flags;
}

static bool implies_names(enum sql_volatility volatility)
{
	return volatility == SQL_FUNCTION_SEQUENCE ||
	       volatility == SQL_FUNCTION_SETTING ||
	       volatility == SQL_FUNCTION_SERVER ||
	       volatility == SQL_FUNCTION_EFFECT;
}

static enum sql_function_labels labels_of(unsigned also)
{
	return also & GIVES_FIRST_LABEL	 ? SQL_FUNCTION_LABELS_FIRST
	       : also & GIVES_LAST_LABEL ? SQL_FUNCTION_LABELS_LAST
	       : also & GIVES_LABELS	 ? SQL_FUNCTION_LABELS_ALL
					 : SQL_FUNCTION_LABELS_NONE;
}

struct sql_function_traits postgres_function(const char *name)
{
	const struct function *exact =
	    bsearch(name, functions, sizeof(functions) / sizeof(*functions),
		    sizeof(*functions), compare);
	struct function found = exact ? *exact : (struct function){0};

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (!strncmp(name, families[i].name, strlen(families[i].name)))
			add(&found, &families[i]);
	return (struct sql_function_traits){
	    .volatility = found.volatility,
	    .rows = found.rows,
	    .writes = found.flags & WRITES,
	    .takes_names =
		found.flags & TAKES_NAMES || implies_names(found.volatility),
	    .acts_outside = found.flags & OUTSIDE,
	    .shows_order = found.flags & SHOWS_ORDER,
	    .takes_relation = found.flags & TAKES_RELATION,
	    .takes_column = found.flags & TAKES_COLUMN,
	    .takes_row = found.flags & TAKES_ROW,
	    .takes_enum = found.flags & TAKES_ENUM,
	    .labels = labels_of(found.flags),
	    .gives_number = found.flags & GIVES_NUMBER,
	    .arguments = found.flags & OF_ONE ? 1 : 0,
	};
}
