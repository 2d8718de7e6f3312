/*
 * What is tainted: rows and columns that an undecided or unmirrored write has
 * touched, each with its cause. For example:
 *
 *     DELETE FROM gr WHERE id = 3        fails on the shadow alone, seq 90
 *         taints   gr, all columns and the presence of the row with id 3,
 *                  by 90, as an error of a right
 *     SELECT count(*) FROM gr            covered by it
 *     SELECT a FROM gr WHERE id = 4      not covered
 *     DELETE FROM gr WHERE id = 3        the same statement fails in the same
 *                                        way: no follower, but a divergence
 */
#ifndef PARALLAX_MIRROR_TAINT_H
#define PARALLAX_MIRROR_TAINT_H

#include "mirror/internal.h"

/* The task's write is in doubt: taints what it may have changed. */
void taint_add(struct task *task);
/* It may have changed row keys: tainted rows may no longer be found by them. */
void taint_follow(struct task *task);
/* Weighs the taints against the differences of the task. */
void taint_weigh(struct task *task);
/* Whether the difference follows from a write that certainly diverged. */
bool taint_is_root(const struct task *task,
		   const struct weigh_difference *difference);

/* --- taint_look.c: what the second look asks, and what its answer settles ---
 */

enum {
	TAINT_TABLE_KEY = 512,
	TAINT_FIXED = 4,
	TAINT_TEXT = 64, /* of a fixed value, for a look */
};

/* The rows of a table with these values; without any, all of them. */
struct taint_question {
	uint64_t number;
	char table[TAINT_TABLE_KEY]; /* as in mirror->tainted */
	/* with their texts, in the question */
	struct weigh_fixed fixed[TAINT_FIXED];
	char texts[TAINT_FIXED][TAINT_TEXT];
	size_t fixed_count;
	uint64_t cause; /* the seq of the newest one */
};

enum taint_answer {
	TAINT_EQUAL,   /* both sides have the same rows: it is cleared */
	TAINT_DIFFERS, /* certainly not: it stays, and is not asked again */
	TAINT_AGAIN,   /* not decided */
	TAINT_NEVER,   /* these rows cannot be looked at */
};

/* The next rows to be looked at. False: none at this time. Only taints whose
 * causes have ended, and were applied, are part of a question. */
bool taint_ask(struct mirror *mirror, int64_t now, uint64_t number,
	       struct taint_question *out);
void taint_answered(struct mirror *mirror,
		    const struct taint_question *question,
		    enum taint_answer answer, int64_t now);
/* Whether all that is tainted among these rows comes from causes that certainly
 * diverged. */
bool taint_is_certain(const struct mirror *mirror,
		      const struct taint_question *question);
/* Whether something is left to be asked, now or later. */
bool taint_is_open(const struct mirror *mirror);
/* The last looks: what was given up is asked again. */
void taint_ask_again(struct mirror *mirror);
/* Whether a question about these rows is also one about the grain's. Pure. */
struct grain;
bool taint_covers(const struct weigh_fixed *fixed, size_t fixed_count,
		  const struct grain *grain);

int taint_save(struct mirror *mirror, struct error *error);
int taint_load(struct mirror *mirror, struct error *error);
void taint_release(struct mirror *mirror);

#endif
