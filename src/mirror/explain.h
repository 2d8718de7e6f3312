/* Possible explanations of the differences in a task's answer; see explain.c.
 */
#ifndef PARALLAX_MIRROR_EXPLAIN_H
#define PARALLAX_MIRROR_EXPLAIN_H

#include "mirror/internal.h"

/* Finds what each difference of task->comparison depends on, and weighs
 * everything known so far: a restart, lost state, uncarried values, taints. */
void explain_answer(struct task *task, const struct plan *plan,
		    const struct answer *shadow);
/* Only finds what each difference depends on. */
void explain_inputs(struct task *task, const struct plan *plan,
		    const struct answer *shadow);
/* The task was read: others may have overlapped it, and it may have overlapped
 * them. */
void explain_read(struct task *task);
/* Whether there is a difference that nothing covers. */
bool explain_is_open(const struct task *task);
/* The exchange just read may have overlapped it. */
void explain_past(struct task *task, const struct past *past);
/* Something unknown overlapped it. It may have changed any data, and (schema)
 * names and rights as well. */
void explain_unseen(struct task *task, bool schema);

#endif
