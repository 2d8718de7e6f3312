/* The compiled mapping. */
#ifndef PARALLAX_LENS_COMPILE_COMPILED_H
#define PARALLAX_LENS_COMPILE_COMPILED_H

#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "base/pattern.h"
#include "lens/lens.h"
#include "sql/build.h"
#include "sql/print.h"
#include "sql/shape.h"
#include "sql/walk.h"

/* Stands as the first name of a column reference in a compiled expression:
 * "of the row at hand". No identifier of a statement can hold that byte. Of a
 * part's row: the same with the place's number behind it. */
#define LENS_ROW "\001row"

struct lens_lookup { /* a value that lives in a table of its own */
	const struct catalog_table *table;
	const struct catalog_column *value, *key;
	bool create;
};

struct lens_column { /* an old column */
	const struct catalog_column *old;
	struct place said; /* where the mapping speaks of it, or its table */
	const struct catalog_column *stored; /* new column that holds it, as it
						is or by values; or NULL */
	size_t place; /* of stored: 0 (any anchor) or a part's number */
	size_t index;
	PgQuery__Node *read; /* over the new row; NULL: as stored, by values */
	const struct mapping_value *values; /* texts NULL: SQL null */
	size_t value_count;
	const struct lens_lookup *lookup; /* read and its write go through it */
	bool dropped;
	bool parted;   /* a part's row is needed to read it */
	bool changed;  /* a reference to it is written otherwise */
	bool writable; /* false: a computed column without `write` */
	bool labels;   /* an enum whose labels `values` recodes, and whose type
			  the new schema has not, or with other labels: read as
			  text, which sorts otherwise (labels.h) */
	bool ordered;  /* likewise, but `stored` sorts as the labels did */
	bool retyped;  /* its type differs on the new side */
	bool recast;   /* a value written needs the old type first */
	bool clock;
	bool unpinned; /* can hold a generated value that no answer shows */
	bool ignore;
	bool shown; /* `private:` says public: evidence shows its values */
	double tolerance;
	/* Of one that the primary computes: its expression over the old row,
	 * and the old columns that this names; else NULL. */
	PgQuery__Node *generation;
	bool *inputs;
	bool computed; /* a plain one, and the new schema computes `stored` */
	uint32_t new_type;  /* of stored, else 0 */
	const char *misfit; /* it has no place since a schema changed: why */
	bool lost; /* of a verbatim table: the new one has no such column */
};

struct lens_write { /* a new column that old ones feed */
	/* One that the new schema computes takes nothing but DEFAULT. */
	const struct catalog_column *target;
	PgQuery__Node *expression; /* over the old row; NULL: source itself */
	size_t source;		   /* index of the old column */
	bool *inputs;		   /* by old column: does it name it? */
};

struct lens_extra { /* a new column that the old schema never had */
	const struct catalog_column *target;
	PgQuery__Node *expression;
};

struct lens_join { /* a column that tells which of a place's rows is meant */
	const struct catalog_column *target;
	PgQuery__Node *expression; /* over the old row */
};

/* A new table where rows of an old one live: an anchor (each old row is one row
 * of one of them) or a part, joined to it. */
struct lens_place {
	const struct catalog_table *table;
	const char *name; /* as columns of the mapping call it */
	const char *row;  /* LENS_ROW, or that with the place's number */
	/* Of a part, or of the table that an absorbed one is merged into. */
	struct lens_join *joins;
	size_t join_count;
	PgQuery__Node *when;  /* over the old row: is it here? NULL: always */
	PgQuery__Node *where; /* over the place's row: is it meant? NULL: yes */
	struct lens_write *writes;
	size_t write_count;
	struct lens_extra *extras;
	size_t extra_count;
};

struct lens_table {
	const struct catalog_table *old;
	struct place said; /* where the mapping speaks of it; or its start */
	const struct catalog_table *table; /* the new one (the first anchor's);
					      NULL if dropped */
	struct lens_column *columns;	   /* as old->columns */
	size_t column_count;
	struct lens_place *places; /* anchors, then parts */
	size_t place_count;
	size_t anchor_count; /* several: each row is in one of them */
	/* Of the first anchor: */
	struct lens_write *writes;
	size_t write_count;
	struct lens_extra *extras;
	size_t extra_count;
	bool absorbed; /* its rows are columns of another table's rows */
	bool expanded; /* a view that the new schema has not: its query stands
			  for it (and it is dropped, for all but that) */
	bool mapped;   /* statements that name it must be rewritten */
	bool verbatim; /* the mapping does not mention it: what names it means
			  there what its text says */
	bool renamed;  /* at least its name or schema */
	bool dropped;
	const char *misfit; /* dropped since a schema changed: why */
	bool pending;	    /* the old schema has more of it than the new one */
};

struct lens_name {	    /* of a sequence, type, function */
	const char *schema; /* or NULL */
	const char *name;
};

struct lens_tuning { /* `compare:` of a whole statement or table */
	const struct catalog_table *table; /* old; or NULL */
	uint64_t fingerprint;
	bool ignore, unordered;
	double tolerance;
};

struct lens_rule { /* of `rewrite:` */
	struct pattern *pattern;
	const char *skip; /* the reason; or NULL: it is replaced */
	struct pattern_template replacement;
	int line; /* in the mapping */
};

struct lens_names { /* of things that are no tables */
	struct map sequences, types, functions; /* "name" or "schema.name" ->
						   lens_name */
	struct map made_types; /* type names that were made already */
};

struct lens_rules { /* `rewrite:` */
	struct lens_rule *items;
	size_t count;
	struct sql_shape shape; /* of a rule's replacement */
};

/* What of the old schema is pending: the new one does not have it yet. */
struct lens_pending {
	size_t count; /* tables and columns */
	uint32_t *types;
	size_t type_count;
};

struct lens {
	const struct parser *old_parser; /* of the application's statements */
	/* Of the shadow: it reads the mapping's expressions, and what is
	 * printed is in its dialect. */
	const struct parser *parser;
	const struct catalog *old_catalog;
	const struct catalog *new_catalog;
	const char *file;     /* the mapping's name, of all places */
	struct arena arena;   /* the compiled mapping */
	struct arena scratch; /* of one rewrite */
	struct lens_table *tables;
	size_t table_count;
	struct map by_old; /* const struct catalog_table * -> lens_table */
	struct promise_type *renamed_types;
	size_t renamed_type_count;
	struct lens_names names;
	/* What queries within the mapping's expressions call their tables: a
	 * statement's own must be called otherwise. */
	const char **inner_names;
	size_t inner_name_count, inner_name_capacity;
	struct lens_tuning *tunings;
	size_t tuning_count;
	struct lens_rules rules;
	struct plan_cache *cache; /* plan/cache.h */
	bool rewrite_all;	  /* see lens_rewrite_all */
	bool ddl_run;		  /* `ddl: run` */
	bool lenient; /* what does not fit is left in, and reported */
	const struct lens *before; /* that it follows, while it is compiled */
	struct lens_pending pending;
	uint64_t lessons; /* how often something was learned */
	bool learned; /* a column's clock or unpinned was set since: plans that
			 were made before do not know of it */
};

/* What the application's statements are read by, and the shadow's made by. */
static inline const struct sql_dialect *lens_old_dialect(
    const struct lens *lens)
{
	return lens->old_parser->dialect;
}

static inline const struct sql_dialect *lens_new_dialect(
    const struct lens *lens)
{
	return lens->parser->dialect;
}

/* Names, in the way of PostgreSQL. */
static inline bool same_name(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

#endif
