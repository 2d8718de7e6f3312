/*
 * Private to src/draft. The model is the new schema: each new table with the
 * old tables its rows come from (sources), and for each of its columns the
 * expression over the old row that feeds it. SQL and guesses fill it; derive
 * inverts it into a mapping's entry for each old table.
 */
#ifndef PARALLAX_DRAFT_INTERNAL_H
#define PARALLAX_DRAFT_INTERNAL_H

#include <string.h>

#include "draft/draft.h"
#include "sql/build.h"
#include "sql/print.h"
#include "sql/walk.h"

struct vector { /* of pointers, in an arena */
	void **items;
	size_t count;
	size_t capacity;
};

#define VECTOR_EACH(type, it, vector)                                          \
	for (size_t it##_at = 0; it##_at < (vector)->count; it##_at++)         \
		for (type *it = (type *)(vector)->items[it##_at]; it; it = NULL)

struct new_column {
	const char *name;
	const char *type;      /* as SQL writes it */
	enum type_class class; /* TYPE_OTHER: not known */
	bool not_null;
	bool has_default;
	bool generated;		     /* identity or stored: needs no feed */
	const char *initial;	     /* ADD COLUMN ... DEFAULT: the value for
			        existing rows */
	const char *sequence_schema; /* that feeds it, or NULL */
	const char *sequence;
	bool dropped;
};

/* How one column is fed from one source. */
struct feed {
	struct new_column *column;
	PgQuery__Node *expression; /* over the old row; NULL: see unknown */
	const char *unknown;	   /* why there is no expression */
	const char *why;	   /* NULL: known; otherwise the guess's
				      reason */
	PgQuery__Node *lookup;	   /* another table's column: its value for
				      the row here, if that table stays; or
				      NULL */
};

/* A part's or an absorbed table's key: part or old column, and what it equals.
 */
struct key_pair {
	const char *name;
	PgQuery__Node *expression; /* over the other old row */
};

/* Where rows of a new table come from. */
struct draft_source {
	const struct catalog_table *old;
	PgQuery__Node *when; /* over the old row; NULL: each row is there */
	const char *why;     /* NULL: known */
	bool absorbed;	     /* not rows, but columns of another source's
			        rows */
	const struct catalog_table *host; /* absorbed: the host of its rows */
	struct vector keys;		  /* absorbed: struct key_pair */
	struct vector feeds;		  /* struct feed */
	const struct new_column *join_column; /* found by guess */
};

struct reference { /* a foreign key of one column */
	const char *column;
	const char *schema; /* "" if it was not given */
	const char *table;
	const char *target; /* or NULL: the primary key */
};

struct new_table {
	const char *schema;
	const char *name;
	struct vector columns;	  /* struct new_column */
	struct vector sources;	  /* struct draft_source */
	struct vector key;	  /* of the primary key: char * */
	struct vector references; /* struct reference */
	bool view;
	bool dropped;
	bool fresh;  /* made by the migration */
	bool unseen; /* made by an INSERT alone: columns as they are named */
	const struct catalog_table *catalog; /* in the shadow, or NULL */
};

struct renaming {
	const char *schema, *name; /* old */
	const char *new_schema, *new_name;
	const char *why;
};

/* A statement of the migration that reads an old table's rows in any form. If
 * the table is gone in the end, this is where it went. */
struct draft_reading {
	const struct catalog_table *old;
	const char *where; /* "file:line" */
	const char *what;  /* "INSERT INTO \"totals\"" */
	bool named;	   /* its columns are known by name, so the others are
		       unread */
	struct vector columns; /* char * */
};

struct draft {
	const struct draft_input *input;
	struct arena *arena;
	const struct parser *parser;
	const struct catalog *primary;
	const struct catalog *shadow;
	struct vector tables;	 /* struct new_table */
	struct vector sequences; /* struct renaming */
	struct vector types;	 /* struct renaming, and new: name NULL */
	struct vector path;	 /* schemas of unqualified names: char * */
	struct vector samples;	 /* struct sample */
	struct vector readings;	 /* struct draft_reading */
	size_t sample_bytes;
	struct draft_needs *needs;
};

/* model.c */
void vector_add(struct arena *arena, struct vector *vector, void *item);
/* The old schema, with each table as its own source. */
void model_start(struct draft *draft);
/* Compares the model with the shadow's catalog and completes it. */
void model_join_shadow(struct draft *draft);
/* search_path NULL: not known. */
void model_path(struct draft *draft, const char *search_path);
/* The first schema of the path. */
const char *model_schema(const struct draft *draft);
/* The name of the type for texts of any length. */
const char *model_text_type(const struct draft *draft);
struct new_table *model_table(const struct draft *draft, const char *schema,
			      const char *name);
struct new_table *model_add_table(struct draft *draft, const char *schema,
				  const char *name);
/* Made by the migration; with the shadow's columns, if it has the table. */
struct new_table *model_fresh_table(struct draft *draft, const char *schema,
				    const char *name);
/* The type that a column of an old table has. */
void model_type_of(struct draft *draft, struct new_column *column,
		   const struct catalog_table *old, const char *name);
struct new_column *model_column(const struct new_table *table,
				const char *name);
/* An existing column of that name is returned unchanged. */
struct new_column *model_add_column(struct draft *draft,
				    struct new_table *table, const char *name);
struct draft_source *model_add_source(struct draft *draft,
				      struct new_table *table,
				      const struct catalog_table *old);
struct draft_source *model_source(const struct new_table *table,
				  const struct catalog_table *old);
struct feed *model_feed(const struct draft_source *source,
			const struct new_column *column);
/* Sets or replaces. */
struct feed *model_set_feed(struct draft *draft, struct draft_source *source,
			    struct new_column *column,
			    PgQuery__Node *expression, const char *unknown,
			    const char *why);
struct renaming *model_renaming(struct draft *draft, struct vector *list,
				const char *schema, const char *name);
void model_type(struct draft *draft, struct new_column *column,
		const PgQuery__TypeName *type);
/* As SQL writes it; NULL: it has no print. */
const char *model_type_text(struct draft *draft, const PgQuery__TypeName *type);
bool model_is_table(const struct catalog_table *table);
/* Whether a unique key has this column only. */
bool model_is_unique(const struct catalog_table *table, int16_t number);
const struct catalog_key *model_primary_key(const struct catalog_table *table);
void draft_need(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* expression.c: trees over a row, whose columns are names without a table */
enum { EXPRESSION_LIMIT = 2000 }; /* nodes of one */
PgQuery__Node *expression_parse(const struct draft *draft, const char *text);
/* As SQL without brackets around it; NULL: it has no print. */
const char *expression_text(const struct draft *draft,
			    const PgQuery__Node *node);
/* The column's name if that is all there is, casts left out; else NULL. */
const char *expression_bare(const PgQuery__Node *node);
bool expression_uses(const PgQuery__Node *node, const char *column);
/* Number of different columns used. */
size_t expression_width(struct draft *draft, const PgQuery__Node *node,
			struct vector *names);
size_t expression_size(const PgQuery__Node *node);
bool expression_is_constant(const PgQuery__Node *node);
/* Text of a constant (casts left out): false if it is none; NULL for null. */
bool expression_constant(const struct draft *draft, const PgQuery__Node *node,
			 const char **text);
/* Whether all its functions are known to be pure and the engine's own. */
bool expression_is_pure(const struct draft *draft, const PgQuery__Node *node);
/* A value found in a lookup table: key FROM table WHERE value = expression. */
struct lookup {
	const char *schema, *table, *key, *value;
	PgQuery__Node *expression;
};
PgQuery__Node *expression_lookup(struct draft *draft,
				 const struct lookup *lookup);
bool expression_as_lookup(const PgQuery__Node *node, struct lookup *lookup);
const struct sql_inverse_ops *expression_inverse(const struct draft *draft);
/* What a call of the engine's own function gives, and of which argument. */
enum sql_call_meaning expression_meaning(const struct draft *draft,
					 const PgQuery__Node *node,
					 const PgQuery__Node **argument);
bool expression_is_operator(const PgQuery__Node *node, const char *name);
/* left AND right; either may be NULL. */
PgQuery__Node *expression_and(struct draft *draft, PgQuery__Node *left,
			      PgQuery__Node *right);
PgQuery__Node *expression_not(struct draft *draft, PgQuery__Node *node);
/* Whether one is the exact negation of the other. */
bool expression_opposed(struct draft *draft, const PgQuery__Node *a,
			const PgQuery__Node *b);

/* script.c: the migration's files */
void script_apply(struct draft *draft);
void script_apply_statement(struct draft *draft, PgQuery__Node *node,
			    const char *where);
/* script_reads.c: which old tables a statement reads */
/* For a statement that moves rows, before it is applied; others read none. text
 * is its source, for code that is not parsed. */
void script_read(struct draft *draft, PgQuery__Node *node, const char *where,
		 const char *text);
/* The first that reads the table, and the column unless it is NULL; or NULL. */
const struct draft_reading *script_reading(const struct draft *draft,
					   const struct catalog_table *old,
					   const char *column);
/* Rows that were only copied stay where they are: a copy is not their place. */
void script_forget_copies(struct draft *draft);

/* script_table.c: CREATE, ALTER, DROP, RENAME */
void script_create(struct draft *draft, const PgQuery__CreateStmt *create);
void script_alter(struct draft *draft, const PgQuery__AlterTableStmt *alter);
void script_rename(struct draft *draft, const PgQuery__RenameStmt *rename);
void script_move(struct draft *draft,
		 const PgQuery__AlterObjectSchemaStmt *move);
void script_drop(struct draft *draft, const PgQuery__DropStmt *drop);
void script_enum(struct draft *draft, const PgQuery__AlterEnumStmt *alter);
/* script_rows.c: INSERT, UPDATE, DELETE, CREATE TABLE AS */
void script_insert(struct draft *draft, const PgQuery__InsertStmt *insert,
		   const char *where);
void script_update(struct draft *draft, const PgQuery__UpdateStmt *update,
		   const char *where);
/* A column filled from a table that stays is a look-up. */
void script_refer(struct draft *draft);
void script_delete(struct draft *draft, const PgQuery__DeleteStmt *delete);
void script_create_as(struct draft *draft, const PgQuery__RangeVar *name,
		      const PgQuery__IntoClause *into,
		      const PgQuery__SelectStmt *select, const char *where);

/* query.c: the rows of a query, over the rows of old tables */
struct range_column {
	const char *name;
	PgQuery__Node *expression; /* over the row of its range's old table */
	const char *unknown;
};
struct range {
	const char *alias;
	const struct catalog_table *old; /* NULL: rows of no old table */
	PgQuery__Node *when;
	struct new_table *table; /* that is named, or NULL */
	const char *schema, *name;
	bool open;   /* its columns are not known: any is there */
	bool copy;   /* of a copy of the old schema */
	bool looked; /* a lookup by value = expression */
	const char *value;
	PgQuery__Node *by;
	bool joined;	       /* to the main one by keys: value = by */
	bool left;	       /* rows of the main one need not have one */
	struct vector keys;    /* struct key_pair: name is this old column */
	struct vector columns; /* struct range_column */
};
struct draft_rows {
	struct range *main; /* NULL: unknown says why */
	const char *unknown;
	bool reduced; /* DISTINCT, GROUP BY, LIMIT: not one for each old row */
	PgQuery__Node *when;   /* over the main old row */
	struct vector columns; /* struct draft_output */
	struct vector ranges;
};
struct draft_output {
	const char *name;
	struct range *range; /* over whose old row; NULL: constant or unknown */
	PgQuery__Node *expression;
	const char *unknown;
	const char *column; /* if it is no more than that, and of which range */
	struct range *of;
};
struct draft_scope {
	struct draft *draft;
	struct vector ranges;	  /* struct range */
	struct vector names;	  /* of WITH: struct with_query */
	struct vector conditions; /* PgQuery__Node, ANDed */
	const struct range *main;
	int depth;
};
struct with_query {
	const char *name;
	struct draft_rows *rows;
};
/* The name, if the expression is only a column; or NULL. */
const char *query_column(struct draft_scope *scope, const PgQuery__Node *node,
			 struct range **range);
void query_with(struct draft_scope *scope, const PgQuery__WithClause *with);
struct range *query_add(struct draft_scope *scope,
			const PgQuery__RangeVar *name);
void query_from(struct draft_scope *scope, const PgQuery__Node *item,
		bool left);
void query_where(struct draft_scope *scope, PgQuery__Node *condition);
/* Tables read under a schema of their own ("old.users"): a copy of the old
 * schema beside the new one; or NULL. */
const struct catalog_table *query_copied(const struct draft *draft,
					 const PgQuery__RangeVar *name);
/* Chooses the main range and consumes conditions (keys, look-ups); the rest is
 * *when. NULL, or why it is impossible. */
const char *query_join(struct draft_scope *scope, struct range *main,
		       PgQuery__Node **when);
/* The expression over old rows; *range: whose (NULL: none's). NULL: *unknown.
 */
PgQuery__Node *query_resolve(struct draft_scope *scope,
			     const PgQuery__Node *node, struct range **range,
			     const char **unknown);
struct draft_rows *query_rows(struct draft_scope *outer,
			      const PgQuery__SelectStmt *select);
void range_of_source(struct draft *draft, struct range *range,
		     struct new_table *table,
		     const struct draft_source *source);

/* names.c */
double name_similarity(const char *a, const char *b); /* 0 to 1 */
/* 1: same; above 0: one can become the other; 0: hardly */
double draft_type_similarity(enum type_class a, enum type_class b);
/* Whether values can be assigned from one to the other and compared. */
bool draft_type_passes(enum type_class a, enum type_class b);

/* sample.c: a bounded look at the data */
struct sample {
	const char *schema, *table;
	bool old_side;
	size_t row_count;
	size_t column_count;
	const char *const *columns;
	const char **values; /* row-major; NULL: null */
	bool complete;	     /* all the table's rows are in it */
};
const struct sample *sample_of(struct draft *draft,
			       const struct catalog_table *table,
			       bool old_side);
/* The labels of an enum in their order; NULL: not an enum, or unknown. */
const char *const *sample_labels(struct draft *draft,
				 const struct catalog_type *type, bool old_side,
				 size_t *count);
struct pairs; /* rows of both sides that have the same key */
struct pairs *sample_pair(struct draft *draft, const struct sample *old_sample,
			  const struct sample *new_sample,
			  const char *const *old_keys,
			  const char *const *new_keys, size_t key_count);
size_t pairs_count(const struct pairs *pairs);
/* The data's evidence about an old column and a new one. */
enum draft_relation {
	RELATION_NONE,
	RELATION_EQUAL,
	RELATION_RECODED,
	RELATION_SCALED,
	RELATION_LOWERED,
};
struct draft_comparison {
	enum draft_relation relation;
	size_t compared; /* pairs of rows where either is not null */
	size_t agreed;
	bool varied; /* the old column has several values */
	long factor; /* SCALED: new = old * factor, negative: old / -factor */
	size_t value_count; /* RECODED */
	const char *old_values[16];
	const char *new_values[16];
};
void pairs_compare(struct draft *draft, const struct pairs *pairs,
		   const char *old_column, const char *new_column,
		   struct draft_comparison *comparison);
/* Is a = b || separator || c on all pairs? a of one side, b and c of the other;
 * split: a is the old one. NULL if not; *compared rows; *last: c holds no
 * separator (it was cut at the last one). */
const char *pairs_joined(const struct pairs *pairs, bool split, const char *a,
			 const char *b, const char *c, size_t *compared,
			 bool *last);
/* Share of the distinct values of one that the other has too; -1: no data. */
double sample_overlap(const struct sample *old_sample, const char *old_column,
		      const struct sample *new_sample, const char *new_column);
/* The single value of a column in all rows, or NULL. */
const char *sample_constant(const struct sample *sample, const char *column,
			    size_t *rows);

/* guess.c */
void guess_tables(struct draft *draft);
/* If there are rows of both sides, or only if there are none: what the data
 * shows of some tables tells of others. */
void guess_columns(struct draft *draft, struct new_table *table,
		   struct draft_source *source, bool with_rows);
void guess_parts(struct draft *draft);
void guess_names(struct draft *draft);

/* inverse.c */
struct written {
	const char *part; /* of a table in several parts, or NULL */
	const char *name; /* the new column */
	PgQuery__Node *expression;
};
struct inverse {
	const char *read;	       /* or NULL */
	const char *reason;	       /* why there is none */
	const char *caution;	       /* its assumption, or NULL */
	size_t value_count;	       /* instead of read: values */
	const char *const *old_values; /* NULL in it: null */
	const char *const *new_values;
};
void inverse_find(struct draft *draft, const struct catalog_column *column,
		  const struct written *written, size_t count,
		  struct inverse *inverse);

/* derive.c: from the model to the text */
void derive_write(struct draft *draft, struct buffer *out);

/* yaml.c */
/* One scalar as a key or value, quoted if it must be. */
void yaml_scalar(struct buffer *out, const char *text);
void yaml_text(struct buffer *out, const char *text); /* always quoted */
/* "schema.name" of the mapping: schema may be NULL. */
const char *yaml_name(struct arena *arena, const char *schema,
		      const char *name);
/* "# text", in one line, cut if it is long; and the text alone. */
void yaml_comment(struct buffer *out, const char *text);
void yaml_comment_text(struct buffer *out, const char *text);

#endif
