/* What is known of a value. */
#ifndef PARALLAX_LENS_REWRITE_FACTS_H
#define PARALLAX_LENS_REWRITE_FACTS_H

#include "lens/compile/compiled.h"

/* What is known of a value. */
struct facts {
	/* it is this column, unchanged; or NULL */
	const struct lens_table *table;
	const struct lens_column *column;
	uint32_t type; /* the primary's; 0: unknown */
	bool clock, unpinned, volatile_value, retyped, ignore;
	bool sequenced; /* unpinned, and taken from a sequence in this very
			   expression */
	bool drawn;	/* a call in it gives a new value each time */
	const struct catalog_type *labels; /* the enum with recoded labels that
					      it may be a value of; or NULL */
	bool many_labels;		   /* it is an array or a row of such
					      values */
	bool row; /* a mapped table's whole row; its fields have no names */
	double tolerance;
};

#endif
