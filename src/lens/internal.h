/*
 * Private to src/lens: the compiled mapping, and the state of one rewrite.
 *
 * All of a rewrite lives in the lens's scratch arena; a thing that cannot be
 * rewritten leaves through rewrite_fail (a longjmp to rewrite_statement), so no
 * function below may hold heap memory across a call into the rewrite.
 */
#ifndef PARALLAX_LENS_INTERNAL_H
#define PARALLAX_LENS_INTERNAL_H

#include <setjmp.h>

#include "base/list.h"
#include "base/map.h"
#include "lens/lens.h"
#include "sql/build.h"
#include "sql/print.h"
#include "sql/shape.h"
#include "sql/walk.h"

/* Stands as the first name of a column reference in a compiled expression:
 * "of the row at hand". No identifier of a statement can hold that byte. */
#define LENS_ROW "\001row"

/* ---- the compiled mapping ---- */

struct lens_column { /* an old column */
	const struct catalog_column *old;
	const struct catalog_column *stored; /* new column that holds it, as it
						is or by values; or NULL */
	size_t index;
	PgQuery__Node *read; /* over the new row; NULL: as stored, by values */
	const struct mapping_value *values; /* texts NULL: SQL null */
	size_t value_count;
	bool dropped;
	bool changed;  /* a reference to it is written otherwise */
	bool writable; /* false: a computed column without `write` */
	bool labels;   /* an enum whose labels `values` recodes, and whose type
			  the new schema has under another name or not at all:
			  read as text, which sorts otherwise */
	bool retyped;  /* its type differs on the new side */
	bool recast;   /* a value written needs the old type first */
	bool clock;
	bool unpinned; /* can hold a generated value that no answer shows */
	bool ignore;
	double tolerance;
	uint32_t new_type; /* of stored, else 0 */
};

struct lens_write { /* a new column that old ones feed */
	const struct catalog_column *target;
	PgQuery__Node *expression; /* over the old row; NULL: source itself */
	size_t source;		   /* index of the old column */
	bool *inputs;		   /* by old column: does it name it? */
};

struct lens_extra { /* a new column that the old schema never had */
	const struct catalog_column *target;
	PgQuery__Node *expression;
};

struct lens_table {
	const struct catalog_table *old;
	const struct catalog_table *table; /* the new one; NULL if dropped */
	struct lens_column *columns;	   /* as old->columns */
	size_t column_count;
	struct lens_write *writes;
	size_t write_count;
	struct lens_extra *extras;
	size_t extra_count;
	bool mapped;  /* statements that name it must be rewritten */
	bool renamed; /* at least its name or schema */
	bool dropped;
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

struct cached_plan;

struct lens {
	const struct parser *parser;
	const struct catalog *old_catalog;
	const struct catalog *new_catalog;
	struct arena arena;   /* the compiled mapping */
	struct arena scratch; /* of one rewrite */
	struct lens_table *tables;
	size_t table_count;
	struct map by_old; /* const struct catalog_table * -> lens_table */
	struct plan_type *renamed_types;
	size_t renamed_type_count;
	struct map sequences, types, functions; /* "name" or "schema.name" ->
						   lens_name */
	struct map type_names;			/* that were made already */
	struct sql_shape shape;
	struct buffer key;
	struct map groups;
	struct map plans;
	struct link by_use; /* newest first */
	struct link all;    /* every plan alive, cached or given out */
	size_t limit;
	struct lens_statistics statistics;
	struct lens_tuning *tunings;
	size_t tuning_count;
	bool rewrite_all; /* see lens_rewrite_all */
	bool learned; /* a column's clock or unpinned was set since: plans that
			 were made before do not know of it */
};

/* compile.c */
struct lens_table *lens_table_of(const struct lens *lens,
				 const struct catalog_table *old);
/* The new name of a sequence, type or function, or NULL. */
const struct lens_name *lens_renamed(const struct map *names,
				     const char *schema, const char *name);
/* The type by name, as the new database knows it; bare: without a length that
 * an explicit cast would cut to. NULL: it has none of that name. */
PgQuery__TypeName *lens_type(struct lens *lens, struct arena *arena,
			     const struct catalog *catalog,
			     const struct catalog_column *column, bool bare);
/* nearest.c: the name most like it, or NULL if none is near. */
const char *lens_nearest(const char *name, const char *const *names,
			 size_t count);

/* ---- one rewrite ---- */

/* What is known of a value: where it comes from. */
struct facts {
	const struct lens_table
	    *table; /* shows that column as it is; or NULL */
	const struct lens_column *column;
	uint32_t type; /* the primary's, 0: not known */
	bool clock, unpinned, volatile_value, retyped, ignore;
	double tolerance;
};

struct relation { /* one entry of a FROM list, a target, a CTE reference */
	const char *alias; /* on the new side; no other in reach has it */
	const struct lens_table *table; /* NULL: a sub-query, CTE, function */
	bool nullable; /* on the null-extended side of a join */
	bool open;     /* has columns that are not known */
	bool single;   /* certainly at most one row */
};

enum source_kind { SOURCE_BASE, SOURCE_PLAIN, SOURCE_MERGED };

struct source { /* what a visible column is */
	enum source_kind kind;
	struct relation *relation;	  /* BASE, PLAIN */
	const struct lens_column *column; /* BASE */
	const char *name;		  /* PLAIN */
	struct source *left, *right;	  /* MERGED */
	PgQuery__JoinType join;
	const char *cast; /* MERGED: the type that both have in common, where
			     it computes otherwise; or NULL */
	struct facts facts;
};

struct visible {
	const char *name; /* NULL: the unknown columns of source->relation */
	struct source *source;
};

struct item {			   /* of a namespace */
	const char *schema;	   /* old; or NULL */
	const char *name;	   /* NULL: a join without an alias */
	struct relation *relation; /* NULL: a join */
	struct visible *columns;
	size_t count;
	bool open;
	bool columns_visible; /* without a qualifier */
	bool hidden;	      /* in reach for locking and aliases only */
};

struct items {
	struct item **items;
	size_t count;
	size_t capacity;
};

struct output {
	const char *name;
	struct facts facts;
	struct source *source; /* it is that column; or NULL */
	bool open;	       /* stands for any number of columns */
	PgQuery__Node *node;   /* as it was before the rewrite: for order */
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
	bool pending; /* not read yet: a reference cannot be resolved */
};

struct scope {
	const struct scope *outer;
	struct items items;
	const struct cte *ctes;
	struct scope *level; /* the query's own scope: holds its aliases */
	const char **aliases;
	size_t alias_count, alias_capacity;
};

enum special_kind {
	SPECIAL_TRANSACTION_CLOCK,
	SPECIAL_STATEMENT_CLOCK,
	SPECIAL_PIN,	 /* cell (row, column) of the answer */
	SPECIAL_CURRVAL, /* the session's carried value of a sequence */
	SPECIAL_LASTVAL,
};

struct special { /* what a placeholder constant becomes */
	enum special_kind kind;
	size_t row, column;
	const struct catalog_type *type; /* PIN: new database's */
	const char *fallback; /* text when there is no value: DEFAULT, a call */
	const char *sequence; /* that a carried value moves; printed; or NULL */
};

struct fixed {
	int location;
};

struct edge { /* an equality that holds for each row of the answer */
	struct source *left;
	struct source *right; /* NULL: a constant */
};

struct rewrite {
	struct lens *lens;
	const struct lens_session *session;
	struct arena *arena;
	jmp_buf escape;
	enum plan_action action;
	enum reason reason;
	const char *detail;
	int position;

	bool qualify; /* a mapped table is named: references are written out */
	bool changed; /* the tree is no longer that of the text */
	bool mapped;
	bool grouped;  /* above GROUP BY: a recoded column is read, never taken
			  as it is stored, which need not be grouped */
	bool deferred; /* PREPARE: the values are those of a later EXECUTE */
	bool open_choice; /* a LIMIT or DISTINCT ON below the top takes rows
			     that its order does not determine */
	int depth;

	const uint32_t *types; /* of parameters, as given */
	size_t type_count;
	uint32_t *inferred; /* for those of type 0 */
	size_t inferred_count;

	struct facts predicate; /* of all that chooses rows */
	struct plan_base *bases;
	size_t base_count, base_capacity;
	const struct catalog_table **read, **written;
	size_t read_count, read_capacity, written_count, written_capacity;
	bool volatile_effect, pins_missing;

	struct special *specials;
	size_t special_count, special_capacity;
	int *fixed; /* places of constants that the plan hangs on */
	size_t fixed_count, fixed_capacity;

	/* of the statement that answers */
	struct outputs outputs;
	bool outputs_known;
	bool limited;
	enum plan_order order;
	int *order_columns;
	size_t order_column_count;
	struct edge *edges;
	size_t edge_count, edge_capacity;
	size_t
	    pin_rows; /* rows the answer must have for its pins; SIZE_MAX any */
};

/* A vector in the arena: makes room for one more item, gives its place. */
void *rewrite_push(struct arena *arena, void *items, size_t *count,
		   size_t *capacity, size_t size);
#define PUSH(rw, owner, field)                                                 \
	((owner)->field##s = rewrite_push(                                     \
	     (rw)->arena, (owner)->field##s, &(owner)->field##_count,          \
	     &(owner)->field##_capacity, sizeof(*(owner)->field##s)),          \
	 &(owner)->field##s[(owner)->field##_count - 1])

/* Ends the rewrite: untranslatable (location: in the tree, -1: none). */
void rewrite_fail(struct rewrite *rw, int location, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* Ends the rewrite: not mirrored. */
void rewrite_skip(struct rewrite *rw, enum reason reason, const char *format,
		  ...) __attribute__((noreturn, format(printf, 3, 4)));
void rewrite_fix(struct rewrite *rw, const PgQuery__AConst *constant);
void facts_join(struct facts *into, const struct facts *from);

/* scope.c */
struct scope *scope_new(struct rewrite *rw, const struct scope *outer,
			bool level);
const char *scope_alias(struct rewrite *rw, struct scope *scope,
			const char *name);
void items_add(struct rewrite *rw, struct items *items, struct item *item);
struct item *item_of_table(struct rewrite *rw, struct scope *scope,
			   const struct lens_table *table, const char *schema,
			   const char *name, const char *const *aliases,
			   size_t alias_count);
struct item *item_of_outputs(struct rewrite *rw, struct scope *scope,
			     const char *name, const struct outputs *outputs,
			     const char *const *aliases, size_t alias_count);
bool scope_is_temporary(const struct rewrite *rw, const char *name);
const struct lens_table *scope_table(struct rewrite *rw,
				     const struct scope *scope,
				     const PgQuery__RangeVar *var,
				     const struct cte **cte, bool *known);
/* Column names of an alias. */
const char **alias_columns(struct rewrite *rw, PgQuery__Alias *alias,
			   size_t *count);

enum resolved_kind {
	RESOLVED_COLUMN,
	RESOLVED_ROW,	  /* all of item, as one value */
	RESOLVED_STAR,	  /* item.* (item NULL: all in reach) */
	RESOLVED_UNKNOWN, /* as it stands: it belongs to what is not known */
};

struct resolved {
	enum resolved_kind kind;
	struct source *source;
	struct item *item;
};

/* Fails the rewrite when the name cannot be told and it matters. */
struct resolved scope_resolve(struct rewrite *rw, const struct scope *scope,
			      const PgQuery__ColumnRef *ref);
/* The same, but NULL for all that is no plain column. */
struct source *scope_peek(struct rewrite *rw, const struct scope *scope,
			  const PgQuery__Node *node);
/* The column on the new side, as an expression. */
PgQuery__Node *source_node(struct rewrite *rw, const struct source *source);
bool source_same(const struct source *a, const struct source *b);
/* Is a reference to it written otherwise than by its old name? */
bool source_changed(const struct source *source);

/* expression.c */
void rewrite_expression(struct rewrite *rw, struct scope *scope,
			PgQuery__Node **slot, struct facts *facts);
/* The same for what chooses rows; filter: NULL is as good as false there. */
void rewrite_predicate(struct rewrite *rw, struct scope *scope,
		       PgQuery__Node **slot, bool filter);
void rewrite_type(struct rewrite *rw, PgQuery__TypeName *type);
void infer_parameter(struct rewrite *rw, const PgQuery__Node *node,
		     uint32_t type, bool assigned);
/* A compiled expression with the row's columns put in: by new name for a read
 * (of relation), by old name for a write (values[column->index]). */
PgQuery__Node *expand_read(struct rewrite *rw, const PgQuery__Node *read,
			   const char *alias);
PgQuery__Node *expand_write(struct rewrite *rw, const struct lens_table *table,
			    const PgQuery__Node *write,
			    PgQuery__Node *const *values);
/* Puts the columns in the place of t.* in a list of values. */
void expand_stars(struct rewrite *rw, const struct scope *scope, size_t *n,
		  PgQuery__Node ***items);
/* Is a row of the new table of the same name and type as it was? */
bool lens_keeps_row(const struct lens_table *table);
/* Has the application a function of that name? */
bool lens_has_function(const struct lens *lens, const char *name);
/* Fails if the column's values sort otherwise on the new side. */
void refuse_labels(struct rewrite *rw, const struct lens_column *column,
		   int location);
/* All columns of an item as one value; named: field names matter. */
PgQuery__Node *row_node(struct rewrite *rw, const struct item *item, bool named,
			int location);

/* recode.c */
PgQuery__Node *recode_read(struct rewrite *rw, const struct lens_column *column,
			   PgQuery__Node *stored);
PgQuery__Node *recode_write(struct rewrite *rw,
			    const struct lens_column *column,
			    PgQuery__Node *value, bool cast);
bool recode_comparison(struct rewrite *rw, struct scope *scope,
		       PgQuery__Node **slot, struct facts *facts, bool filter);
bool is_constant(const PgQuery__Node *node);
/* Is it the place of a value that the answer shows? */
bool is_pin(const struct rewrite *rw, const PgQuery__Node *node);
/* How often the expression that writes the column names the old value. */
size_t recode_uses(const struct lens_column *column);
/* Is it an enum with recoded labels (lens_column.labels)? */
bool lens_recodes_type(const struct lens *lens, uint32_t old_type);
PgQuery__Node *coerce_old(struct rewrite *rw, const struct lens_column *column,
			  PgQuery__Node *value);

/* clock.c */
bool clock_call(struct rewrite *rw, PgQuery__Node **slot, struct facts *facts);
bool clock_value_function(struct rewrite *rw, PgQuery__Node **slot,
			  struct facts *facts);
/* currval and lastval: the value that the session was given last. */
bool carried_call(struct rewrite *rw, PgQuery__Node **slot);
PgQuery__Node *special_node(struct rewrite *rw, struct special special);
/* nextval, currval, ..., regclass: names in strings. True: *slot is done. */
bool name_call(struct rewrite *rw, PgQuery__FuncCall *call);
/* The new text of a relation's name in a string, or NULL if it is the same. */
const char *renamed_relation(struct rewrite *rw, const char *text);
/* A sequence by its name in a string; printed as the new side writes it. */
const char *sequence_text(struct rewrite *rw, const char *text);
/* Is it nextval or currval of a constant, or lastval() (sequence NULL)? */
bool sequence_call(const PgQuery__Node *node, const char **name,
		   const char **sequence);
const char *sequence_of(struct rewrite *rw,
			const struct catalog_column *column);

/* from.c */
void rewrite_from(struct rewrite *rw, struct scope *scope, PgQuery__Node **list,
		  size_t count);

/* query.c */
void rewrite_query(struct rewrite *rw, const struct scope *outer,
		   PgQuery__Node *query, struct outputs *outputs, bool top);
void rewrite_select(struct rewrite *rw, const struct scope *outer,
		    PgQuery__SelectStmt *select, struct outputs *outputs,
		    bool top);
const struct cte *rewrite_with(struct rewrite *rw, const struct scope *outer,
			       const struct cte *ctes,
			       PgQuery__WithClause *with);
void rewrite_targets(struct rewrite *rw, struct scope *scope, size_t *count,
		     PgQuery__Node ***targets, struct outputs *outputs);
void outputs_add(struct rewrite *rw, struct outputs *outputs,
		 struct output output);

/* order.c */
void collect_edges(struct rewrite *rw, const struct scope *scope,
		   const PgQuery__Node *node);
void find_order(struct rewrite *rw, const struct scope *scope,
		const PgQuery__SelectStmt *select,
		const struct outputs *outputs);
void find_order_of_union(struct rewrite *rw, const PgQuery__SelectStmt *select,
			 const struct outputs *outputs);

/* insert.c, conflict.c, default.c, update.c, utility.c */
void rewrite_insert(struct rewrite *rw, const struct scope *outer,
		    PgQuery__InsertStmt *insert, struct outputs *outputs,
		    bool top);
void rewrite_update(struct rewrite *rw, const struct scope *outer,
		    PgQuery__UpdateStmt *update, struct outputs *outputs,
		    bool top);
void rewrite_delete(struct rewrite *rw, const struct scope *outer,
		    PgQuery__DeleteStmt *del, struct outputs *outputs,
		    bool top);
/* ON CONFLICT; target: the table that is inserted into, in scope. */
void rewrite_conflict(struct rewrite *rw, struct scope *scope,
		      struct item *target, PgQuery__OnConflictClause *clause);
/* SET lists of UPDATE and ON CONFLICT. */
void rewrite_assignments(struct rewrite *rw, struct scope *scope,
			 struct item *target, size_t *count,
			 PgQuery__Node ***list);
/* Opens the table that a statement writes. */
struct item *target_item(struct rewrite *rw, struct scope *scope,
			 PgQuery__RangeVar *var);
/* Puts it into reach, with the FROM items that are there already. */
void target_add(struct rewrite *rw, struct scope *scope, struct item *target);
/* The old default of a column as an expression on the new side; NULL: leave
 * it to the new table (DEFAULT). */
PgQuery__Node *default_node(struct rewrite *rw, const struct lens_table *table,
			    const struct lens_column *column, bool leave);
void note_table(struct rewrite *rw, const struct lens_table *table,
		bool written);
/* The column is given a value of these facts: what it holds from now on may be
 * a clock's, or one that was not carried. */
void note_stored(struct rewrite *rw, const struct lens_table *table,
		 const struct lens_column *column, const struct facts *facts);
void rewrite_utility(struct rewrite *rw, PgQuery__Node **statement,
		     enum sql_kind kind);

/* A plan as it is kept. */
struct plan_piece {
	enum piece_kind { PIECE_TEXT, PIECE_LITERAL, PIECE_SPECIAL } kind;
	const char *text; /* TEXT */
	size_t size;
	size_t index; /* of the literal or special */
};

struct plan_recipe {
	struct lens *lens;
	struct plan_piece *pieces; /* NULL: the text as it was written */
	size_t piece_count;
	bool lifts; /* has LITERAL pieces */
	size_t literal_count;
	struct special *specials;
	size_t special_count;
	size_t pin_rows; /* SIZE_MAX: no pins */
	uint32_t *types; /* of parameters, the shadow's */
	size_t type_count;
};

struct cached_plan {
	struct plan plan; /* first */
	struct plan_recipe recipe;
	struct arena arena;
	struct link by_use;
	struct link all;
	size_t references;
	bool cached;
	void *key;
	size_t key_size;
};

uint32_t lens_new_type(const struct lens *lens, uint32_t old);
/* The old type as the new database has it, by `types` or by its name; or NULL.
 */
const struct catalog_type *lens_same_type(const struct lens *lens,
					  const struct catalog_type *old);
/* Fills lens->renamed_types. */
void lens_find_renamed_types(struct lens *lens);

/* plan.c */
struct cached_plan *plan_make(struct lens *lens,
			      const struct lens_session *session,
			      const char *text, size_t size,
			      const uint32_t *types, size_t type_count,
			      const struct sql_shape *shape, bool **fixed);
void plan_free(struct cached_plan *plan);

/* Names, in the way of PostgreSQL. */
static inline bool same_name(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

#endif
