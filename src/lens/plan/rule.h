/*
 * `rewrite:`: what no mapping can say, by the statement's normalised text.
 *
 * A value never reaches the pattern: the text has '?' where it stood. A group
 * that holds a '?' brings the statement's own token along, whole and between
 * blanks, and the new text must lex and parse with each of them as a value of
 * its own. So no value can be read as anything else.
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
	int line;	    /* of the rule, in the mapping */
	const char *detail; /* SKIPS, FAILS */
	const char *text;   /* REPLACES: the new statement, as written */
	size_t size;
	PgQuery__Node *node;
	struct sql_traits traits; /* of it */
	struct rule_carried *carried;
	size_t carried_count;
	bool *looked_at;    /* by literal of the statement: its value matters */
	bool *used;	    /* ...: it stands in the text */
	size_t *parameters; /* of the statement (from 0), by number there */
	size_t parameter_count;
};

/* Finds the first rule that matches and carries it out. */
void plan_rule_find(struct rewrite *rw, const char *text, size_t size,
		    const struct sql_shape *shape, struct ruled *ruled);
/* Whether rules apply to such statements. */
bool plan_rule_may(enum sql_kind kind);
/* Why the replacement cannot replace a statement of that kind; NULL: it can. */
const char *plan_rule_misfit(const struct ruled *ruled, enum sql_kind kind);
/* Makes the replacement's clocks the primary's; notes its other generated
 * values. False: it is too deep. */
bool plan_rule_carry(struct rewrite *rw, struct ruled *ruled);
/* Notes all tables that the statement names: the lens cannot know what its
 * replacement does. */
void plan_rule_note_tables(struct rewrite *rw, const struct sql_traits *traits);

#endif
