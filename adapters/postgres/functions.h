/* What PostgreSQL's functions do, by their names. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_FUNCTIONS_H
#define PARALLAX_ADAPTERS_POSTGRES_FUNCTIONS_H

#include "sql/function.h"

/* Of functions.def; see sql_dialect.function. */
struct sql_function_traits postgres_function(const char *name);

#endif
