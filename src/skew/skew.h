/*
 * Schema skew: how two schemas differ beyond what a mapping says, where traffic
 * may not show it. Values that are carried over hide a default or a sequence;
 * a lost foreign key shows only when a row would have broken it.
 */
#ifndef PARALLAX_SKEW_SKEW_H
#define PARALLAX_SKEW_SKEW_H

#include "adapters/rules.h"
#include "config/diagnostic.h"
#include "config/mapping.h"
#include "lens/lens.h"

struct skew {
	const struct lens *lens;
	const struct mapping *mapping; /* or NULL */
	const struct catalog *old_catalog, *new_catalog;
	const struct parser *old_parser, *new_parser;
	const struct schema_rules *old_rules, *new_rules;
	const char *name;   /* of the shadow */
	struct place place; /* its place in the config */
	struct diagnostics *diagnostics;
};

/*
 * Reports each difference that the mapping's `accept:` does not list. A
 * difference that an application can notice is an error in a table that the
 * mapping does not mention. In one that it mentions it is a warning, since it
 * may be intended.
 */
void skew_report(const struct skew *skew);

/* Sequences of the shadow that are behind their columns (with the new schema's
 * names), if the primary's are not. The rules are not needed. */
void skew_report_sequences(const struct skew *skew,
			   const struct sequences_behind *primary,
			   const struct sequences_behind *behind);

/* Whether `accept:` lists that kind of difference. schema, table: the old
 * one's. */
bool skew_is_accepted(const struct mapping *mapping, const char *schema,
		      const char *table, const char *kind);

#endif
