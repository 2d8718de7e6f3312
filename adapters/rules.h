/*
 * What a schema says of its tables beyond columns and keys: triggers, foreign
 * keys with their actions, checks, policies, grants, indexes; and where its
 * sequences stand. Read by `check` and `verify` only: the mirror needs none of
 * it.
 */
#ifndef PARALLAX_ADAPTERS_RULES_H
#define PARALLAX_ADAPTERS_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct catalog_reader;
struct endpoint;

enum rule_kind {
	RULE_TRIGGER,
	RULE_FOREIGN_KEY,
	RULE_UNIQUE, /* and primary keys */
	RULE_CHECK,
	RULE_EXCLUSION,
	RULE_POLICY,
	RULE_ROW_SECURITY, /* whether it is on, whether it is forced */
	RULE_GRANT,
	RULE_INDEX,
	RULE_KIND_COUNT
};

struct schema_rule {
	enum rule_kind kind;
	const char *schema, *table;
	const char *name;	    /* its own; of a grant: the role */
	const char *const *columns; /* names; "" for an expression */
	size_t column_count;
	const char *target_schema, *target; /* of a foreign key, else NULL */
	const char *const *target_columns;
	size_t target_column_count;
	/* The rest of its definition, in the engine's words, with bare column
	 * names and no table name. */
	const char *text;
};

struct schema_rules {
	struct arena arena;
	struct schema_rule *items; /* by schema and table */
	size_t count;
};

/* A sequence that feeds a column and would give a value that the column already
 * holds, or an earlier one. */
struct sequence_behind {
	const char *schema, *table, *column;
	const char *sequence; /* schema.name */
	const char *next;     /* its next value */
	const char *held;     /* the furthest that the column holds */
};

struct sequences_behind {
	struct arena arena;
	struct sequence_behind *items;
	size_t count;
};

struct rules_ops {
	/* By the connection of adapter.h's catalog_read. */
	int (*read)(struct catalog_reader **reader,
		    const struct endpoint *endpoint, struct schema_rules *rules,
		    struct error *error);
	int (*behind)(struct catalog_reader **reader,
		      const struct endpoint *endpoint,
		      struct sequences_behind *behind, struct error *error);
};

#endif
