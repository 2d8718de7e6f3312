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

/* The first name of a column reference in a compiled expression: the row at
 * hand. No identifier of a statement can hold that byte. For the row of a part,
 * the part's number follows. */
#define LENS_ROW "\001row"

struct lens_lookup { /* a value that lives in a table of its own */
	const struct catalog_table *table;
	const struct catalog_column *value, *key;
	bool create;
};

struct lens_column { /* an old column */
	const struct catalog_column *old;
	struct place location; /* of its entry in the mapping, otherwise of its
			      table's */
	const struct catalog_column *stored; /* the new column that holds it,
						unchanged or by `values`; or
						NULL */
	size_t place; /* the place of `stored`: 0 (any anchor) or a part's
			 number */
	size_t index;
	PgQuery__Node *read; /* over the new row; NULL: `stored` itself, by
				`values` */
	const struct mapping_value *values; /* a NULL text is SQL's null */
	size_t value_count;
	const struct lens_lookup *lookup; /* its reads and writes go through
					     this table */
	bool dropped;
	bool parted;   /* reading it needs a part's row */
	bool changed;  /* references to it must be rewritten */
	bool writable; /* false: a computed column without `write` */
	bool labels;   /* an enum that `values` recodes, and whose type the new
			  schema lacks or has with other labels. It is read as
			  text, which sorts in another order (labels.h) */
	bool ordered;  /* such an enum, but `stored` sorts as the labels did */
	bool retyped;  /* its type differs on the new side */
	bool recast;   /* a value must be cast to the old type before it is
			  written */
	bool clock;
	bool unpinned; /* can hold a generated value that no answer shows */
	bool ignore;
	bool shown; /* `private:` makes it public: evidence shows its values */
	double tolerance;
	/* If the primary computes the column: its expression over the old row,
	 * and the old columns that the expression names. Otherwise NULL. */
	PgQuery__Node *generation;
	bool *inputs;
	bool computed;	    /* the new schema computes `stored`, the old one did
			  not */
	uint32_t new_type;  /* of `stored`; 0: none */
	const char *misfit; /* why it has no place since a schema changed; or
			       NULL */
	bool lost; /* the table is verbatim, and the new one lacks the column */
};

struct lens_write { /* a new column that old ones feed */
	/* If the new schema computes it, it accepts nothing but DEFAULT. */
	const struct catalog_column *target;
	PgQuery__Node *expression; /* over the old row; NULL: the old column
				      `source` */
	size_t source;		   /* index of the old column */
	bool *inputs;		   /* for each old column, whether the
				      expression names it */
};

struct lens_extra { /* a new column that the old schema never had */
	const struct catalog_column *target;
	PgQuery__Node *expression;
};

struct lens_join { /* a column that identifies a row of a place */
	const struct catalog_column *target;
	PgQuery__Node *expression; /* over the old row */
};

/* A new table in which rows of an old one live. It is an anchor or a part. Each
 * old row is a row of exactly one anchor; parts are joined to it. */
struct lens_place {
	const struct catalog_table *table;
	const char *name; /* its name in the mapping's columns */
	const char *row;  /* LENS_ROW; for a part, with its number */
	/* For a part, and for the table that an absorbed table is merged
	 * into. */
	struct lens_join *joins;
	size_t join_count;
	PgQuery__Node *when;  /* over the old row: whether it has a row here;
				 NULL: always */
	PgQuery__Node *where; /* over the place's row: whether it is an old row;
				 NULL: always */
	struct lens_write *writes;
	size_t write_count;
	struct lens_extra *extras;
	size_t extra_count;
};

struct lens_table {
	const struct catalog_table *old;
	struct place location; /* of its entry in the mapping, otherwise of the
			      mapping */
	const struct catalog_table *table; /* the new one, of the first anchor;
					      NULL if dropped */
	struct lens_column *columns;	   /* as old->columns */
	size_t column_count;
	struct lens_place *places; /* anchors, then parts */
	size_t place_count;
	size_t anchor_count; /* if several, each row is in exactly one */
	/* Of the first anchor: */
	struct lens_write *writes;
	size_t write_count;
	struct lens_extra *extras;
	size_t extra_count;
	bool absorbed; /* its rows are columns of another table's rows */
	bool expanded; /* a view that the new schema lacks: its query takes its
			  place, and the view itself counts as dropped */
	bool mapped;   /* statements that name it must be rewritten */
	bool verbatim; /* the mapping does not mention it: statements that name
			  it run as they are written */
	bool renamed;  /* at least the name or the schema differs */
	bool dropped;
	const char *misfit; /* why it is dropped since a schema changed; or
			       NULL */
	bool pending;	    /* it, or a column of it, is not in the new schema
			       yet */
};

struct lens_name {	    /* of a sequence, type, function */
	const char *schema; /* or NULL */
	const char *name;
};

struct lens_tuning { /* `compare:` for a statement or a table */
	const struct catalog_table *table; /* an old table; or NULL */
	uint64_t fingerprint;
	bool ignore, unordered;
	double tolerance;
};

struct lens_rule { /* a rule of `rewrite:` */
	struct pattern *pattern;
	const char *skip; /* why the statement is skipped; NULL: it is
			     replaced */
	struct pattern_template replacement;
	int line; /* its line in the mapping */
};

struct lens_names { /* names of objects other than tables */
	struct map sequences, types, functions; /* "name" or "schema.name" ->
						   lens_name */
	struct map made_types; /* the names of types that were made already */
};

struct lens_rules { /* `rewrite:` */
	struct lens_rule *items;
	size_t count;
	struct sql_shape shape; /* of a rule's replacement */
};

/* What the old schema has and the new one does not have yet. */
struct lens_pending {
	size_t count; /* tables and columns */
	uint32_t *types;
	size_t type_count;
};

struct lens {
	const struct parser *old_parser; /* reads the application's
					    statements */
	/* The shadow's: reads the mapping's expressions. Statements are printed
	 * in its dialect. */
	const struct parser *parser;
	const struct catalog *old_catalog;
	const struct catalog *new_catalog;
	const char *file;     /* the mapping's name, in all locations */
	struct arena arena;   /* the compiled mapping */
	struct arena scratch; /* of one rewrite */
	struct lens_table *tables;
	size_t table_count;
	struct map by_old; /* const struct catalog_table * -> lens_table */
	struct promise_type *renamed_types;
	size_t renamed_type_count;
	struct lens_names names;
	/* The names that queries within the mapping's expressions give to their
	 * tables. A statement's own tables must have other names. */
	const char **inner_names;
	size_t inner_name_count, inner_name_capacity;
	struct lens_tuning *tunings;
	size_t tuning_count;
	struct lens_rules rules;
	struct plan_cache *cache; /* plan/cache.h */
	struct map known; /* see lens_known; empty until it is asked for */
	bool rewrite_all; /* see lens_rewrite_all */
	bool ddl_run;	  /* `ddl: run` */
	bool lenient;	  /* what does not fit is left in, and reported */
	const struct lens *before; /* while it is compiled: the lens that it
				      follows; or NULL */
	struct lens_pending pending;
	uint64_t lessons; /* the number of facts learned */
	bool learned; /* a column's clock or unpinned was set: plans made before
			 do not know of it */
};

/* The dialect of the application's statements, and that of the shadow's. */
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

/* Whether the shadow's engine has a dialect of its own: then every statement is
 * printed, and none runs as the application wrote it. */
static inline bool lens_prints_all(const struct lens *lens)
{
	return !sql_dialect_reads(lens_new_dialect(lens),
				  lens_old_dialect(lens));
}

/* Whether both are the same identifier; false if one is NULL. */
static inline bool same_name(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

#endif
