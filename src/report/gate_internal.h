/* Shared by the files that judge a store's content, and by no other. */
#ifndef PARALLAX_REPORT_GATE_INTERNAL_H
#define PARALLAX_REPORT_GATE_INTERNAL_H

#include "report/gate.h"
#include "report/problems.h"

struct judge {
	const struct gate_policy *policy;
	const struct store_content *content;
	int64_t now;
	struct arena *arena;
	const struct problem *problems; /* the gravest first */
	size_t problem_count;
	struct gate_rule *rules;
	size_t rule_count;
	const char **notes;
	size_t note_count;
};

struct gate_rule *gate_rule_add(struct judge *judge, const char *name,
				enum gate_result result, const char *figure,
				const char *limit, struct place place);
/* Adds a rule if the bound is set, otherwise NULL: the figure may not exceed
 * the bound, nor may count's share of all exchanges. */
struct gate_rule *gate_at_most(struct judge *judge, const char *name,
			       uint64_t figure, const struct gate_bound *bound,
			       enum gate_result otherwise);
struct gate_rule *gate_share(struct judge *judge, const char *name,
			     uint64_t count, const struct gate_bound *percent);
void gate_at_least(struct judge *judge, const char *name, uint64_t figure,
		   const struct gate_bound *bound);
const char *gate_counted(struct judge *judge, uint64_t count);
/* Adds a statement's line to a note (NULL: begins one). */
const char *gate_note(struct judge *judge, const char *note, const char *what,
		      const struct problem *problem);

/* gate_undecided.c: statements never decided, differences excused. */
void gate_judge_undecided(struct judge *judge);

#endif
