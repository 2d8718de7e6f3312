/* Resolves names as PostgreSQL does (its parse_relation.c). */
#ifndef PARALLAX_LENS_REWRITE_SCOPE_H
#define PARALLAX_LENS_REWRITE_SCOPE_H

#include "lens/rewrite/facts.h"

struct rewrite;

struct relation { /* one entry of a FROM list, a target, a CTE reference */
	const char *alias;    /* its name on the new side, unique in scope */
	const char **aliases; /* by place, the alias of its row; NULL: no
				 parts */
	bool *used;	      /* by place, whether the statement needs it */
	/* If it is a derived table: by old column, whether the statement names
	 * it. Otherwise NULL. */
	bool *named;
	bool *grouped; /* by old column, whether a grouped query names it */
	bool lockable; /* FOR UPDATE without a list locks it, too */
	const struct lens_table *table; /* NULL: a sub-query, CTE, function */
	bool nullable; /* on the null-extended side of a join */
	bool open;     /* has unknown columns */
	bool single;   /* certainly at most one row */
};

enum source_kind { SOURCE_BASE, SOURCE_PLAIN, SOURCE_MERGED };

struct source { /* a visible column */
	enum source_kind kind;
	struct relation *relation;	  /* of BASE and PLAIN */
	const struct lens_column *column; /* of BASE, and of PLAIN from a
					     derived table */
	const char *name;		  /* of PLAIN */
	struct source *left, *right;	  /* of MERGED */
	PgQuery__JoinType join;
	const char *cast; /* of MERGED: the common type, if it must be named; or
			     NULL */
	struct facts facts;
};

struct visible {
	const char *name; /* NULL: the unknown columns of source->relation */
	struct source *source;
};

struct item {			   /* an entry of a namespace */
	const char *schema;	   /* the old one; or NULL */
	const char *name;	   /* NULL: a join without an alias */
	struct relation *relation; /* NULL: a join */
	struct visible *columns;
	size_t count;
	bool open;
	bool columns_visible; /* its columns may be named without a qualifier */
	bool hidden;	      /* in scope for locking and aliases only */
};

struct items {
	struct item **items;
	size_t count;
	size_t capacity;
};

struct output {
	const char *name;
	struct facts facts;
	struct source *source; /* the column that it is; or NULL */
	bool open;	       /* stands for any number of columns */
	PgQuery__Node *node;   /* as it was before the rewrite; for the order */
};

struct outputs {
	struct output *items;
	size_t count;
	size_t capacity;
	bool open;
};

struct cte {
	const struct cte *next;
	const char *name;
	struct outputs outputs;
	bool pending; /* not rewritten yet: a reference cannot be resolved */
};

struct scope {
	const struct scope *outer;
	struct items items;
	const struct cte *ctes;
	struct scope *level; /* the scope of the query itself, which holds its
				aliases */
	const char **aliases;
	size_t alias_count, alias_capacity;
};

struct scope *rewrite_scope_new(struct rewrite *rw, const struct scope *outer,
				bool level);
const char *rewrite_scope_alias(struct rewrite *rw, struct scope *scope,
				const char *name);
void rewrite_items_add(struct rewrite *rw, struct items *items,
		       struct item *item);
struct item *rewrite_item_of_table(struct rewrite *rw, struct scope *scope,
				   const struct lens_table *table,
				   const char *schema, const char *name,
				   const char *const *aliases,
				   size_t alias_count);
struct item *rewrite_item_of_outputs(struct rewrite *rw, struct scope *scope,
				     const char *name,
				     const struct outputs *outputs,
				     const char *const *aliases,
				     size_t alias_count);
bool rewrite_is_temporary(const struct rewrite *rw, const char *name);
/* Whether the new table's name without its schema would mean something else. */
bool rewrite_needs_schema(const struct rewrite *rw, const struct scope *scope,
			  const struct catalog_table *table);
const struct lens_table *rewrite_scope_table(struct rewrite *rw,
					     const struct scope *scope,
					     const PgQuery__RangeVar *var,
					     const struct cte **cte,
					     bool *known);
/* The column names in an alias. */
const char **rewrite_alias_columns(struct rewrite *rw, PgQuery__Alias *alias,
				   size_t *count);

enum resolved_as {
	RESOLVED_COLUMN,
	RESOLVED_ROW,	  /* the whole item, as one value */
	RESOLVED_STAR,	  /* item.* (item NULL: all in scope) */
	RESOLVED_UNKNOWN, /* left unchanged: it belongs to something unknown */
};

struct resolved {
	enum resolved_as as;
	struct source *source;
	struct item *item;
};

/* Resolves a reference. Fails the rewrite if that is impossible and matters. */
struct resolved rewrite_scope_resolve(struct rewrite *rw,
				      const struct scope *scope,
				      const PgQuery__ColumnRef *ref);
/* The same, but NULL for anything but a plain column. */
struct source *rewrite_scope_peek(struct rewrite *rw, const struct scope *scope,
				  const PgQuery__Node *node);
/* The same, in the query itself only, not in those around it. */
struct source *rewrite_scope_peek_own(struct rewrite *rw,
				      const struct scope *scope,
				      const PgQuery__Node *node);
/* The column as an expression over the new side. */
PgQuery__Node *rewrite_source(struct rewrite *rw, const struct source *source);
bool rewrite_source_same(const struct source *a, const struct source *b);
/* Whether a reference to it is written otherwise than by its old name. */
bool rewrite_source_changed(const struct source *source);

#endif
