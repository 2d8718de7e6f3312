/*
 * Drift: the result of `parallax verify`, which compares the data at rest. It
 * is kept in the mirror's store and written while that mirror may run; writing
 * it does not take over the store.
 */
#ifndef PARALLAX_STORE_DRIFT_H
#define PARALLAX_STORE_DRIFT_H

#include <stddef.h>

#include "base/error.h"
#include "compare/verdict.h"
#include "base/redact.h"

#define DRIFT_EQUAL	"equal"
#define DRIFT_DRIFT	"drift"
#define DRIFT_UNDECIDED "undecided"
#define DRIFT_FAILED	"failed"  /* could not be compared */
#define DRIFT_DROPPED	"dropped" /* by the mapping */
#define DRIFT_NEVER	"never"	  /* not compared yet */

/* All texts are redacted already. */
struct drift_row {
	enum divergence_class class;
	const char *const *key;	    /* as key_names */
	const char *const *primary; /* as columns; NULL: no such row */
	const char *const *shadow;
	const bool *differs; /* by column, or NULL */
	bool repaired;
};

struct drift_table {
	const char *schema; /* of the primary */
	const char *name;
	const char *state;
	int64_t at; /* unix us; 0: never */
	uint64_t primary_rows, shadow_rows;
	uint64_t missing, extra, value; /* rows that differ and were not
					   repaired */
	uint64_t undecided, repaired;
	bool capped;		      /* at least so many */
	const char *problem;	      /* or NULL */
	const char *note;	      /* or NULL */
	const char *const *key_names; /* of the rows */
	size_t key_count;	      /* 0: the table has no key */
	const char *const *columns;
	size_t column_count;
	const bool *differs; /* by column, in some row */
	const struct drift_row *rows;
	size_t row_count;
};

struct drift {
	bool known;			  /* verify has run */
	const struct drift_table *tables; /* by schema and name */
	size_t table_count;
	uint64_t rows;	    /* that differ, in all */
	uint64_t undecided; /* likewise */
	size_t lacking;	    /* tables never compared, failed or undecided */
	int64_t oldest_at;  /* of those compared; 0: none */
};

/* The store's key for redaction, generated if the store (or its file) is new.
 */
int drift_redactor(const char *path, bool show_values,
		   struct redactor *redactor, struct error *error);

/*
 * Stores these tables' results in place of older ones. Tables of state NEVER
 * are stored only if nothing is known of them. Results of tables that are not
 * in the list are deleted: list all of the primary's.
 */
int drift_write(const char *path, const struct drift_table *tables,
		size_t count, struct error *error);

#endif
