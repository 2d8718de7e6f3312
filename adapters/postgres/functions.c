/*
 * What the name of a function says of it:
 *
 *	nextval		moves a sequence, writes, its argument names a thing
 *	pg_ls_dir	of the family pg_ls_: shows the server, acts outside,
 *			gives a set
 */
#include "adapters/postgres/functions.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum also {
	WRITES = 1,
	TAKES_NAMES = 2,
	OUTSIDE = 4,
	SHOWS_ORDER = 8,
	OF_ONE = 16, /* the volatility is of calls with one argument */
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
	unsigned also;
};

#define ROW(name, volatility, rows, also)                                      \
	{name, SQL_FUNCTION_##volatility, SQL_FUNCTION_ROWS_##rows, also},

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
	found->also |= family->also;
}

static bool names_things(enum sql_volatility volatility)
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
	    .writes = found.also & WRITES,
	    .takes_names =
		found.also & TAKES_NAMES || names_things(found.volatility),
	    .acts_outside = found.also & OUTSIDE,
	    .shows_order = found.also & SHOWS_ORDER,
	    .takes_relation = found.also & TAKES_RELATION,
	    .takes_column = found.also & TAKES_COLUMN,
	    .takes_row = found.also & TAKES_ROW,
	    .takes_enum = found.also & TAKES_ENUM,
	    .labels = labels_of(found.also),
	    .gives_number = found.also & GIVES_NUMBER,
	    .arguments = found.also & OF_ONE ? 1 : 0,
	};
}
