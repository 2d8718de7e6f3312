/* The known facts about a value: where it comes from. */
#ifndef PARALLAX_LENS_REWRITE_FACTS_H
#define PARALLAX_LENS_REWRITE_FACTS_H

#include "lens/compile/compiled.h"

/* What is known of a value: where it comes from. */
struct facts {
	/* shows that column unchanged; or NULL */
	const struct lens_table *table;
	const struct lens_column *column;
	uint32_t type; /* the primary's, 0: not known */
	bool clock, unpinned, volatile_value, retyped, ignore;
	bool sequenced; /* unpinned, and taken from a sequence right here */
	bool drawn;	/* a call in it gives another value each time */
	const struct catalog_type *labels; /* may be a value of this enum, whose
					      labels are recoded; or NULL */
	bool many_labels;		   /* ... an array or a row of them */
	bool row; /* a mapped table's whole row: its fields have no names */
	double tolerance;
};

#endif
