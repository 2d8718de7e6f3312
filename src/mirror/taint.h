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

int taint_save(struct mirror *mirror, struct error *error);
int taint_load(struct mirror *mirror, struct error *error);
void taint_release(struct mirror *mirror);

#endif
