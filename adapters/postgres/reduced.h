/*
 * Three engines of the tests: PostgreSQL with capabilities turned off, and other
 * operations in place of what is missing. What a lesser engine gets is proved
 * on them. Builds with DEVELOPER=1 alone know them (adapters/adapter.c).
 *
 *	postgres-printed	has a dialect of its own (CAST(a AS b), E'...'), so
 *				that every statement is printed
 *	postgres-steps		cannot write within WITH
 *	postgres-reduced	both; cannot answer with RETURNING either, and has
 *				no sequences
 *				that can be named; the failure of a statement
 *				undoes that statement alone; a table tells what
 *				became of a transaction; rows are loaded in
 *				another form, and hashed by another function;
 *				values of the primary come as other texts
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_REDUCED_H
#define PARALLAX_ADAPTERS_POSTGRES_REDUCED_H

#include "adapters/adapter.h"

extern const struct adapter adapter_postgres_printed;
extern const struct adapter adapter_postgres_steps;
extern const struct adapter adapter_postgres_reduced;

#endif
