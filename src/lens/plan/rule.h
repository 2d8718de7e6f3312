/*
 * `rewrite:`: replaces or skips a statement by its normalised text (worked
 * example in rule.c).
 */
#ifndef PARALLAX_LENS_PLAN_RULE_H
#define PARALLAX_LENS_PLAN_RULE_H

#include "lens/rewrite/rewrite.h"

enum rule_action { RULE_NONE, RULE_SKIPS, RULE_REPLACES, RULE_FAILS };

struct rule_carried { /* a constant of the replacement that is a literal of the
			 statement */
	int location;
	size_t literal;
};

/* The result of the mapping's rules for a statement, in the scratch arena. */
struct ruled {
	enum rule_action action;
	int line;	    /* the rule's line in the mapping */
	const char *detail; /* of SKIPS and FAILS */
	const char *text;   /* of REPLACES: the new statement */
	size_t size;
	PgQuery__Node *node;
	struct sql_traits traits; /* of the new statement */
	struct rule_carried *carried;
	size_t carried_count;
	bool *looked_at;    /* by literal of the statement: the plan depends on
			       its value */
	bool *used;	    /* by literal of the statement: the new text
			       contains it */
	size_t *parameters; /* of the statement (from 0), by their number in the
			       new text */
	size_t parameter_count;
};

/* Finds the first rule that matches and applies it. */
void plan_rule_find(struct rewrite *rw, const char *text, size_t size,
		    const struct sql_shape *shape, struct ruled *ruled);
/* Whether rules apply to statements of that kind. */
bool plan_rule_may(enum sql_kind kind);
/* Why the replacement cannot replace a statement of that kind. NULL: it can. */
const char *plan_rule_misfit(const struct ruled *ruled, enum sql_kind kind);
/* Replaces the replacement's clocks by the primary's and notes its other
 * generated values. False: it is nested too deeply. */
bool plan_rule_carry(struct rewrite *rw, struct ruled *ruled);
/* Notes all tables that the statement names: the lens cannot know what its
 * replacement does. */
void plan_rule_note_tables(struct rewrite *rw, const struct sql_traits *traits);

#endif
