/*
 * A mapping file as read: syntax checked, names not yet (that takes catalogs:
 * lens_new does it). Each value knows its place. Old = primary's schema, new =
 * shadow's. Owned by the caller (mapping_free).
 */
#ifndef PARALLAX_CONFIG_MAPPING_H
#define PARALLAX_CONFIG_MAPPING_H

#include "base/arena.h"
#include "config/diagnostic.h"

struct mapping_text {
	const char *text; /* NULL: absent */
	struct place place;
};

/* name -> expression: `write:` with several new columns, `defaults:`, `join:`,
 * `set:`, `key:` */
struct mapping_assignment {
	struct mapping_text part; /* absent: the anchor */
	struct mapping_text name; /* new column; of `key:` an old one */
	struct mapping_text expression;
};

/* one entry of `values:`: old value -> new value; text NULL means SQL null */
struct mapping_value {
	struct mapping_text old_value;
	struct mapping_text new_value;
};

/* A value that lives in a table of its own. */
struct mapping_lookup {
	struct mapping_text schema; /* new; absent: the old table's */
	struct mapping_text table;  /* absent: no look-up */
	struct mapping_text value;  /* its column that holds the value */
	struct mapping_text key;    /* its column that is stored instead */
	bool create;		    /* a value that is not there is added */
};

struct mapping_column {
	struct mapping_text name;   /* old column */
	struct mapping_text part;   /* of column; absent: the anchor */
	struct mapping_text column; /* new one: renamed or retyped; or absent */
	struct mapping_lookup lookup;
	struct mapping_text read; /* over the new row */
	/* Over the old row; a single `write: expr` beside `column:` is one
	 * assignment to that column. */
	const struct mapping_assignment *writes;
	size_t write_count;
	const struct mapping_value *values;
	size_t value_count;
	bool dropped;
	struct place place;
};

/* A difference between the schemas that `check` does not report. */
struct mapping_accept {
	const char *schema; /* of the old table; NULL: any */
	const char *table;  /* "*": all of them */
	const char *kind;
};

enum privacy { PRIVATE_DEFAULT, PRIVATE_YES, PRIVATE_PUBLIC };

/* `compare:`, for a table's column ("users.email"), a table or a fingerprint */
struct mapping_compare {
	struct mapping_text table;	 /* old */
	struct mapping_text column;	 /* absent: the whole table */
	struct mapping_text fingerprint; /* instead of table: hex */
	bool ignore;
	bool unordered;
	bool clock; /* a trigger feeds it from a clock */
	double tolerance;
	enum privacy privacy;
	struct place place;
};

/* A new table in which rows of an old one live. */
struct mapping_place {
	struct mapping_text schema; /* absent: as the old one */
	struct mapping_text table;  /* absent: the old table's name */
	struct mapping_text as;	    /* what columns call it; absent: its name */
	/* Of a part: its columns, from expressions over the old row. */
	const struct mapping_assignment *joins;
	size_t join_count;
	struct mapping_text when;  /* over the old row; absent: always */
	struct mapping_text where; /* over the new row; absent: all rows */
	const struct mapping_assignment *sets; /* new columns, for `where` */
	size_t set_count;
	struct place place;
};

struct mapping_table {
	struct mapping_text schema; /* old; absent: along the search_path */
	struct mapping_text name;
	/*
	 * Where its rows live: anchor_count tables of which each old row is in
	 * one (several: `any_of`), then the parts that are joined to it. Of one
	 * that is not dropped there is at least one anchor.
	 */
	const struct mapping_place *places;
	size_t place_count;
	size_t anchor_count;
	/* Its columns are some of another table's rows: `key` finds them. */
	bool absorbed;
	const struct mapping_assignment *keys; /* name: old, expression: new */
	size_t key_count;
	bool dropped;
	const struct mapping_column *columns;
	size_t column_count;
	/* New columns that the old schema never had. */
	const struct mapping_assignment *defaults;
	size_t default_count;
	struct place place;
};

struct mapping_rename {
	struct mapping_text from; /* "schema.name" or "name" */
	struct mapping_text to;
};

/* rewrite: */
struct mapping_rule {
	struct mapping_text match; /* base/pattern.h, on the normalised text */
	/* the whole new statement; or absent */
	struct mapping_text replacement;
	struct mapping_text skip; /* the reason, or absent */
};

struct mapping {
	struct arena arena;
	const char *file;
	const struct mapping_table *tables;
	size_t table_count;
	const struct mapping_rename *sequences, *types, *functions;
	size_t sequence_count, type_count, function_count;
	const struct mapping_rule *rules;
	size_t rule_count;
	bool ddl_run; /* `ddl: run`; else schema changes are skipped */
	const struct mapping_compare *compares;
	size_t compare_count;
	const struct mapping_accept *accepts;
	size_t accept_count;
};

/* -1 if diagnostics got an error. */
int mapping_load(const char *path, struct diagnostics *diagnostics,
		 struct mapping **mapping);
int mapping_parse(const char *name, const char *text, size_t size,
		  struct diagnostics *diagnostics, struct mapping **mapping);
void mapping_free(struct mapping **mapping);

#endif
