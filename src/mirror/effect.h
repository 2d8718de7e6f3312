/*
 * What a statement of the primary may have changed, as read from the journal:
 * kept for as long as a later exchange may have overlapped it, and looked into
 * only if one of these differs. For example, of UPDATE t SET a = 5 WHERE id =
 * 7:
 *
 *     as it is read        table t, the text, the parameters
 *     when it is asked     t.a in the rows with id = 7
 */
#ifndef PARALLAX_MIRROR_EFFECT_H
#define PARALLAX_MIRROR_EFFECT_H

#include "compare/weigh.h"

struct task;
struct effect;

/* NULL: it changes nothing. One reference is the caller's. */
struct effect *effect_new(const struct task *task);
struct effect *effect_hold(struct effect *effect);
void effect_drop(struct effect **effect);

/* What it changed; valid as long as the effect. task: its catalogs are used for
 * the evaluation, the first time. */
const struct weigh_scope *effect_scope(struct effect *effect,
				       const struct task *task);
/* An INSERT of one row added the row with the generated key that its answer shows. To
 * be called once the answer has been read; effect may be NULL. */
void effect_learn(struct effect *effect, const struct task *task);
/* The part that others notice even before it is committed, or if it never is:
 * sequences and advisory locks. */
struct weigh_scope effect_lasting(const struct effect *effect);

/* Effects of a transaction, in the order of its statements. */
struct effects {
	struct effect **list;
	size_t count;
	bool more;	 /* there were too many: anything may have changed */
	bool more_names; /* ... and schema or rights */
};

void effects_add(struct effects *effects, struct effect *effect);
void effects_copy(struct effects *to, const struct effects *from);
void effects_release(struct effects *effects);

#endif
