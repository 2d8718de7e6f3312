/*
 * Private to src/lens: the state of one rewrite, and what its files share.
 *
 * All of a rewrite lives in the lens's scratch arena; a thing that cannot be
 * rewritten leaves through rewrite_fail (a longjmp to rewrite_statement), so no
 * function below may hold heap memory across a call into the rewrite.
 */
#ifndef PARALLAX_LENS_REWRITE_H
#define PARALLAX_LENS_REWRITE_H

#include <setjmp.h>

#include "lens/compile/compiled.h"

/* What is known of a value: where it comes from. */
struct facts {
	const struct lens_table
	    *table; /* shows that column as it is; or NULL */
	const struct lens_column *column;
	uint32_t type; /* the primary's, 0: not known */
	bool clock, unpinned, volatile_value, retyped, ignore;
	bool sequenced; /* unpinned, and taken from a sequence right here */
	bool drawn;	/* a call in it gives another value each time */
	const struct catalog_type *labels; /* may be a value of this enum, whose
					      labels are recoded; or NULL */
	bool many_labels;		   /* ... an array or a row of them */
	bool row; /* a mapped table's whole row: its fields have no names */
	double tolerance;
};

struct relation { /* one entry of a FROM list, a target, a CTE reference */
	const char *alias;    /* on the new side; no other in reach has it */
	const char **aliases; /* by place: its row there; or NULL: no parts */
	bool *used;	      /* by place, likewise: is it needed? */
	/* Of a table whose rows are in several anchors: it is a derived table
	 * with the old columns; those that are named. */
	bool *named;
	bool *grouped; /* by old column: named where rows are grouped */
	bool lockable; /* FOR UPDATE without a list means it too */
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
	/* PLAIN of a derived table: column is set as well. */
	struct source *left, *right; /* MERGED */
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

struct step_node {
	PgQuery__Node *node;
};

struct shared { /* the tree has one for each column of (a, b) = ... */
	const PgQuery__MultiAssignRef *first;
	PgQuery__MultiAssignRef *other;
};

struct added {
	const struct lens_column *column;
	PgQuery__Node *value; /* on the new side, as it was rewritten */
};

/* A CTE of rows that the statement adds to a look-up table: each row's key and
 * the value that finds it, by these names, and what else it is for. */
#define WITHIN_KEY   "parallax_key"
#define WITHIN_VALUE "parallax_value"
struct within {
	const struct lens_lookup *lookup;
	const char *name;
};

struct rewrite {
	struct lens *lens;
	const struct lens_session *session;
	const char *text; /* the statement */
	size_t size;
	const char *made; /* what it becomes as a text; NULL: the tree tells */
	size_t made_size;
	const char **staged; /* COPY in steps: what makes, fills and drops the
				temporary table; NULL: it is not */
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
	bool unpinned_sort; /* the answer's order may hang on such a value */
	struct plan_base *bases;
	size_t base_count, base_capacity;
	const struct catalog_table **read, **written;
	size_t read_count, read_capacity, written_count, written_capacity;
	bool volatile_effect, pins_missing;

	struct step_node *steps; /* that go before the statement */
	size_t step_count, step_capacity;
	/* Values that may have to be added to their look-up tables first. */
	struct added *addeds;
	size_t added_count, added_capacity;
	struct within *withins;
	size_t within_count, within_capacity;
	/* CTEs that a write within WITH needs before its own. */
	PgQuery__Node **hoisted;
	size_t hoisted_count;
	int with_depth;
	size_t image_count;	/* names of ours that were given */
	struct spread *spreads; /* to be pruned at the end */
	size_t spread_count, spread_capacity;
	struct shared *shareds; /* to be made alike when that was done */
	size_t shared_count, shared_capacity;
	bool filters_inside; /* below FULL JOIN: a `where` cannot come up */

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
/* The same for what the mapping does not fit any more, and why. */
void rewrite_misfit(struct rewrite *rw, int location, const char *what,
		    const char *name, const char *why)
    __attribute__((noreturn));
/* For a table that the new schema has not. */
void refuse_dropped(struct rewrite *rw, const struct lens_table *table,
		    int location) __attribute__((noreturn));
/* For a column that nothing can write. */
void refuse_unwritable(struct rewrite *rw, const struct lens_column *column,
		       int location) __attribute__((noreturn));
/* For WHERE CURRENT OF, where the rows must be found by a query, which it is
 * not for. table NULL: for the sake of a look-up. */
void refuse_cursor(struct rewrite *rw, const struct lens_table *table,
		   const PgQuery__Node *where);
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
/* Would the new table's bare name mean something else? */
bool needs_schema(const struct rewrite *rw, const struct scope *scope,
		  const struct catalog_table *table);
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
/* The column that a call in functional notation, column(t), stands for; NULL:
 * it is a call. */
const PgQuery__ColumnRef *field_call(struct rewrite *rw,
				     const struct scope *scope,
				     const PgQuery__FuncCall *call);
/* The same, but NULL for all that is no plain column. */
struct source *scope_peek(struct rewrite *rw, const struct scope *scope,
			  const PgQuery__Node *node);
/* Of the query itself, not of one around it. */
struct source *scope_peek_own(struct rewrite *rw, const struct scope *scope,
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
			   struct relation *relation);
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
/* column < constant and its like, where what is stored sorts as the old labels
 * do (lens_column.ordered). */
bool recode_order(struct rewrite *rw, struct scope *scope,
		  PgQuery__AExpr *operation, struct facts *facts);
/* The source's column as it is stored, if it can be sorted by; or NULL. */
PgQuery__Node *recode_sort_key(struct rewrite *rw, const struct source *source);
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
/* schema.name as the new side writes it (schema may be NULL). */
const char *rewrite_name(struct rewrite *rw, const char *schema,
			 const char *name);
/* A sequence by its name in a string; printed as the new side writes it. */
const char *sequence_text(struct rewrite *rw, const char *text);
/* Is it nextval or currval of a constant, or lastval() (sequence NULL)? */
bool sequence_call(const PgQuery__Node *node, const char **name,
		   const char **sequence);
/* That of the new column which holds the old one's value as it is; or of the
 * old default, by its new name. NULL: none. */
const char *column_sequence(struct rewrite *rw, const struct lens_table *table,
			    const struct lens_column *column);
const char *sequence_of(struct rewrite *rw,
			const struct catalog_column *column);

/* from.c: what the list's tables ask of each row (`where`), for the statement's
 * own WHERE; or NULL. */
PgQuery__Node *rewrite_from(struct rewrite *rw, struct scope *scope,
			    PgQuery__Node **list, size_t count);

/* spread.c: tables whose rows are in several new ones, or some of one. */
/* The name of a row of the relation in a place (0: the anchor's). */
const char *relation_alias(struct relation *relation, size_t place);
bool has_parts(const struct lens_table *table);
/* Is it a derived table wherever it is read? */
bool is_derived(const struct lens_table *table);
/* Does a write of it go to several tables? */
bool is_spread(const struct lens_table *table);
/* Are its rows all the rows of one new table? */
bool is_whole(const struct lens_table *table);
/* table AS alias */
PgQuery__Node *range_table(struct rewrite *rw, const struct scope *scope,
			   const struct catalog_table *table,
			   const char *alias);
/* *slot, the anchor's range, is joined to the parts. */
void join_parts(struct rewrite *rw, const struct scope *scope,
		const struct item *item, PgQuery__Node **slot);
/* A column of the new rows that the old table has not: of the anchor (place 0,
 * name; NULL: its number) or a part. A derived table gives it under `as`. */
PgQuery__Node *hidden_column(struct rewrite *rw, struct relation *relation,
			     const char *as, size_t place, const char *name);
/* What the anchor's rows must be to be meant, or NULL. */
PgQuery__Node *anchor_filter(struct rewrite *rw, const struct item *item);
/* A derived table of the old columns, of all anchors or of the one. */
PgQuery__Node *derived_table(struct rewrite *rw, struct scope *scope,
			     struct item *item, bool inherits);
/* FOR UPDATE of a derived table goes to its anchors. */
void lock_derived(struct rewrite *rw, const struct relation *relation,
		  const PgQuery__LockingClause *lock);
/* A query that reads the derived table reads that anchor alone: its rows can be
 * locked then, where it has no parts and is not locked yet. */
bool can_stand_alone(const struct rewrite *rw, const struct relation *relation);
void stand_alone(struct rewrite *rw, const struct relation *relation,
		 size_t anchor, PgQuery__Node *query);
/* Parts and columns that nothing names are left out. At the end. */
void prune_spread(struct rewrite *rw);
PgQuery__Node *and_both(struct rewrite *rw, PgQuery__Node *left,
			PgQuery__Node *right);

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

/* sort.c: DISTINCT ON and ORDER BY, behind the targets. */
void rewrite_sorts(struct rewrite *rw, struct scope *scope,
		   PgQuery__SelectStmt *select, const struct outputs *outputs,
		   struct facts *facts);
bool is_distinct_on(const PgQuery__SelectStmt *select);
/* An item of GROUP BY. */
void rewrite_group(struct rewrite *rw, struct scope *scope,
		   PgQuery__Node **slot, const struct outputs *outputs);
/* ORDER BY of what can sort by its own columns only (DISTINCT, UNION): if one
 * of them holds labels that are recoded (labels.h), the query becomes one
 * around it, which sorts. At the end of the query. */
void sort_around(struct rewrite *rw, PgQuery__SelectStmt *select,
		 const struct outputs *outputs);

/* group.c: GROUP BY of a key determines the row on the old side; on the new one
 * the columns it determines may have to be said. */
struct grouping {
	struct relation **relations; /* whose key is grouped */
	size_t count;
};
/* Before the targets are rewritten, and behind all of the query. */
void group_start(struct rewrite *rw, struct scope *scope,
		 const PgQuery__SelectStmt *select, struct grouping *grouping);
void group_end(struct rewrite *rw, struct scope *scope,
	       PgQuery__SelectStmt *select, struct grouping *grouping);

/* order.c */
void collect_edges(struct rewrite *rw, const struct scope *scope,
		   const PgQuery__Node *node);
void find_order(struct rewrite *rw, const struct scope *scope,
		const PgQuery__SelectStmt *select,
		const struct outputs *outputs);
void find_order_of_union(struct rewrite *rw, const PgQuery__SelectStmt *select,
			 const struct outputs *outputs);

/* insert.c, conflict.c, default.c, assign.c, update.c, merge.c, utility.c */
/* The query may become one of another kind. */
void rewrite_insert(struct rewrite *rw, const struct scope *outer,
		    PgQuery__Node *query, struct outputs *outputs, bool top);
void rewrite_update(struct rewrite *rw, const struct scope *outer,
		    PgQuery__Node *query, struct outputs *outputs, bool top);
void rewrite_delete(struct rewrite *rw, const struct scope *outer,
		    PgQuery__Node *query, struct outputs *outputs, bool top);
void rewrite_merge(struct rewrite *rw, const struct scope *outer,
		   PgQuery__Node *query);
/* ON CONFLICT; target: the table that is inserted into, in scope. */
void rewrite_conflict(struct rewrite *rw, struct scope *scope,
		      struct item *target, PgQuery__OnConflictClause *clause);
/* SET lists of UPDATE, ON CONFLICT and MERGE. apart: each column has a
 * sub-query of its own where one would do for several. Row sub-queries in
 * several actions of a MERGE end PostgreSQL 15. */
void rewrite_assignments(struct rewrite *rw, struct scope *scope,
			 struct item *target, size_t *count,
			 PgQuery__Node ***list, bool apart);
/* The same as an item of FROM (*slot, its RangeVar), with what its rows must
 * be: for a write that finds them by a query. */
struct item *open_target(struct rewrite *rw, struct scope *scope,
			 PgQuery__Node **slot, PgQuery__Node **filter);
/* lookup.c: values of columns whose look-up is to be created. Notes one, if it
 * is; it is forgotten when a step for it is made, and left is a failure. */
void note_added(struct rewrite *rw, const struct lens_column *column,
		PgQuery__Node *value);
/* A step, or a CTE, for each one noted; from, where: of the statement, which
 * values that are no constants are of. Both are copied. within: only a CTE,
 * behind those that are hoisted already, sees them. */
void add_lookups(struct rewrite *rw, const struct scope *scope,
		 PgQuery__Node *const *from, size_t from_count,
		 const PgQuery__Node *where, bool within);
/* For who has no such rows at hand: constants alone. */
void add_constant_lookups(struct rewrite *rw, const struct scope *scope);
/* Does the column refer to rows of its own table (without `create`)? */
bool lookup_is_own(const struct lens_table *table,
		   const struct lens_column *column);
/* Does the new table keep two rows of one value apart? */
bool lookup_is_unique(const struct lens_lookup *lookup);
void lookup_note_within(struct rewrite *rw, const struct lens_lookup *lookup,
			const char *name);
/* At the end: what the statement adds by CTEs, it looks up there too. */
void see_added_lookups(struct rewrite *rw, PgQuery__Node *statement);

/* Opens the table that a statement writes. */
struct item *target_item(struct rewrite *rw, struct scope *scope,
			 PgQuery__RangeVar *var);
/* Puts it into reach, with the FROM items that are there already. */
void target_add(struct rewrite *rw, struct scope *scope, struct item *target);
/* The old default of a column as an expression on the new side; NULL: leave
 * it to the new table (DEFAULT). */
PgQuery__Node *default_node(struct rewrite *rw, const struct lens_table *table,
			    const struct lens_column *column, bool leave);
/* Would the new table's column be filled in the same way as the old one? */
bool default_is_kept(const struct lens_column *column);
/* Does a row that leaves the column out get another value each time? */
bool is_pinnable(const struct catalog_column *column);
void note_table(struct rewrite *rw, const struct lens_table *table,
		bool written);
/* The column is given a value of these facts: what it holds from now on may be
 * a clock's, or one that was not carried. */
void note_stored(struct rewrite *rw, const struct lens_table *table,
		 const struct lens_column *column, const struct facts *facts);
/* What several columns are set from becomes one again. At the end. */
void share_sources(struct rewrite *rw);
void rewrite_utility(struct rewrite *rw, PgQuery__Node **statement,
		     enum sql_kind kind);

/* truncate.c: True if some of the rows share their new tables with others,
 * which stay: the statement became steps. */
bool rewrite_truncate(struct rewrite *rw, PgQuery__Node *node);

/* stage.c: the COPY becomes an INSERT from a temporary table, rw->staged. */
void rewrite_staged_copy(struct rewrite *rw, PgQuery__Node **statement,
			 const struct lens_table *table);

/* ddl.c */
void rewrite_ddl(struct rewrite *rw, PgQuery__Node *node);

/* rule.c */
enum rule_action { RULE_NONE, RULE_SKIPS, RULE_REPLACES, RULE_FAILS };

struct rule_carried { /* a constant of the replacement that is a literal of the
			 statement */
	int location;
	size_t literal;
};

/* What the mapping's rules make of a statement, in the scratch arena. */
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
void rule_find(struct rewrite *rw, const char *text, size_t size,
	       const struct sql_shape *shape, struct ruled *ruled);
/* Are the rules asked about such statements? */
bool rule_may(enum sql_kind kind);
/* Why the replacement cannot stand for a statement of that kind; NULL: it can.
 */
const char *rule_misfit(const struct ruled *ruled, enum sql_kind kind);
/* The replacement's clocks become the primary's; notes what else it draws from.
 * False: it is too deep. */
bool rule_carry(struct rewrite *rw, struct ruled *ruled);
/* Notes all tables that the statement names: what a rule makes of it, the lens
 * cannot tell. */
void rule_note_tables(struct rewrite *rw, const struct sql_traits *traits);

/* A plan as it is kept. */
struct plan_piece {
	enum piece_kind { PIECE_TEXT, PIECE_LITERAL, PIECE_SPECIAL } kind;
	const char *text; /* TEXT */
	size_t size;
	size_t index; /* of the literal or special */
};

struct plan_text { /* of one step */
	struct plan_piece *pieces;
	size_t piece_count;
	bool *named; /* parameters that it names, by number - 1 */
	size_t named_count;
};

struct plan_recipe {
	struct lens *lens;
	struct plan_text *texts; /* the last is the answer's; NULL: the text as
				    it was written */
	size_t text_count;
	bool lifts; /* has LITERAL pieces */
	size_t literal_count;
	struct special *specials;
	size_t special_count;
	size_t pin_rows; /* SIZE_MAX: no pins */
	uint32_t *types; /* of parameters, the shadow's */
	size_t type_count;
	const char *staged[3]; /* a COPY's: makes, fills, drops; or NULLs */
	bool chooses;	       /* a rule's: only some parameters are sent */
	size_t *parameters;    /* which (from 0), in their new order */
	size_t parameter_count;
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
	size_t bytes; /* of what the cache holds with it */
};

uint32_t lens_new_type(const struct lens *lens, uint32_t old);
/* The old type as the new database has it, by `types` or by its name; or NULL.
 */
const struct catalog_type *lens_same_type(const struct lens *lens,
					  const struct catalog_type *old);
/* Is it an old type that is ahead of the new schema (lens_refit)? */
bool lens_type_is_ahead(const struct lens *lens,
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

#endif
