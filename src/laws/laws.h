/*
 * The proof of a mapping's laws on the primary's own rows: what is written
 * through the lens reads back equal, and an update of one column changes that
 * column alone. It is done in scratch tables, in transactions of the shadow
 * that are rolled back; no row, lock or sequence of a real table is touched.
 */
#ifndef PARALLAX_LAWS_LAWS_H
#define PARALLAX_LAWS_LAWS_H

#include "adapters/adapter.h"
#include "lens/lens.h"

struct laws_progress {
	const char *table;
	size_t table_number; /* from 1 */
	size_t table_count;
	size_t rows; /* of this table, so far */
};

struct laws { /* all borrowed */
	const struct adapter *primary_adapter;
	const struct adapter *shadow_adapter;
	const struct lens *lens; /* of the catalogs; diagnostics borrow from it
				  */
	const struct mapping *mapping;
	const struct catalog *primary_catalog;
	const struct catalog *shadow_catalog;
	const struct endpoint *primary;
	const struct endpoint *shadow;
	const char *name;   /* the shadow's */
	struct place place; /* its place in the config */

	size_t sample; /* rows of each table, besides those at its edges */
	bool all;      /* every row */
	unsigned float_ulps;
	bool show_values;
	void (*progress)(void *context, const struct laws_progress *progress);
	void *context;
	struct diagnostics *diagnostics;

	/* Counted up: */
	size_t tables;
	size_t rows;	/* written and read back */
	size_t updates; /* of one column of one row, likewise */
};

/* Broken laws become errors of diagnostics, with their places in the mapping;
 * so do obstacles to the proof. Takes some time. */
void laws_prove(struct laws *laws);

#endif
