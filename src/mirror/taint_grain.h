/*
 * What taint.c keeps of a table, for the second look (taint_look.c): one grain
 * for each cause and the rows and columns that it has put in doubt.
 */
#ifndef PARALLAX_MIRROR_TAINT_GRAIN_H
#define PARALLAX_MIRROR_TAINT_GRAIN_H

#include "mirror/internal.h"
#include "mirror/taint.h"

/* How far the second look is with it. All zero: nothing was done yet. */
struct grain_look {
	uint64_t asked;	 /* the number of the look under way; 0: none */
	unsigned tries;	 /* looks so far */
	int64_t next_at; /* monotonic */
	bool settled;	 /* its rows are known to differ */
};

struct grain {
	uint64_t columns;
	bool rows;
	struct weigh_fixed fixed[TAINT_FIXED];
	size_t fixed_count;
	/* The fixed values, in memory only: a look needs them. */
	bool known[TAINT_FIXED];
	char texts[TAINT_FIXED][TAINT_TEXT];
	struct grain_look look;
	/* Its cause. */
	uint64_t seq;	      /* of the newest one */
	uint64_t fingerprint; /* 0: several */
	int kind;	      /* enum difference_kind; -1: none */
	bool diverged;	      /* it certainly was one */
	bool lacking;	      /* the shadow lacks the rows, and has no others */
};

struct tainted {
	struct grain *grains;
	size_t count, capacity;
};

/* NULL: nothing of the table is tainted. */
struct tainted *taint_find(const struct mirror *mirror,
			   const struct catalog_table *table);
/* Whether the column belongs to the table's primary key. */
bool taint_is_key(const struct catalog_table *table, int16_t column);

#endif
