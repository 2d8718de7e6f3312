/*
 * Constructors of tree nodes, all in an arena. String arguments are copied.
 * Node arguments become part of the new node: they are not copied, so a node
 * must be in one place only, or be copied with sql_copy. Locations are -1.
 */
#ifndef PARALLAX_SQL_BUILD_H
#define PARALLAX_SQL_BUILD_H

#include "sql/tree.h"

/*
 * A zeroed struct of any type, and its Node:
 *
 *	PgQuery__JoinExpr *join =
 *	    sql_new(arena, &pg_query__join_expr__descriptor);
 *	PgQuery__Node *node = sql_wrap(arena, join);
 *
 * Enum fields start as 0 (undefined): set those that the parser sets.
 */
void *sql_new(struct arena *arena, const ProtobufCMessageDescriptor *type);
PgQuery__Node *sql_wrap(struct arena *arena, void *message);

/* Appends item to a repeated field: SQL_APPEND(arena, select, target_list, n)
 */
void sql_append(struct arena *arena, size_t *count, PgQuery__Node ***items,
		PgQuery__Node *item);
#define SQL_APPEND(arena, message, field, item)                                \
	sql_append((arena), &(message)->n_##field, &(message)->field, (item))

/* Leaves. */
PgQuery__Node *sql_string(struct arena *arena, const char *text); /* String */
PgQuery__Node *sql_integer(struct arena *arena, int32_t value);	  /* Integer */
PgQuery__Node *sql_list(struct arena *arena, PgQuery__Node *const *items,
			size_t count); /* List */
PgQuery__Node *sql_const_integer(struct arena *arena, int64_t value);
/* A numeric constant as written ("1.50", "-3e7"). */
PgQuery__Node *sql_const_number(struct arena *arena, const char *digits);
PgQuery__Node *sql_const_string(struct arena *arena, const char *text);
PgQuery__Node *sql_const_bool(struct arena *arena, bool value);
PgQuery__Node *sql_const_null(struct arena *arena);
PgQuery__Node *sql_default(struct arena *arena); /* DEFAULT */

/* Column references: qualifier.name, or name if qualifier is NULL. */
PgQuery__Node *sql_column(struct arena *arena, const char *qualifier,
			  const char *name);
PgQuery__Node *sql_column_parts(struct arena *arena, const char *const *parts,
				size_t count);
PgQuery__Node *sql_star(struct arena *arena, const char *qualifier); /* q.* */

/* Types: schema may be NULL. "int4" and the like are pg_catalog's. */
PgQuery__TypeName *sql_type(struct arena *arena, const char *schema,
			    const char *name);
PgQuery__Node *sql_cast(struct arena *arena, PgQuery__Node *value,
			PgQuery__TypeName *type);

/* Expressions. left NULL: a prefix operator. */
PgQuery__Node *sql_operator(struct arena *arena, const char *name,
			    PgQuery__Node *left, PgQuery__Node *right);
PgQuery__Node *sql_call(struct arena *arena, const char *schema,
			const char *name, PgQuery__Node *const *arguments,
			size_t count);
/* AND of items: NULLs among them are left out; none gives NULL, one gives
 * itself.
 */
PgQuery__Node *sql_and(struct arena *arena, PgQuery__Node *const *items,
		       size_t count);
PgQuery__Node *sql_is_null(struct arena *arena, PgQuery__Node *item,
			   bool not_null);
/* IS [NOT] DISTINCT FROM */
PgQuery__Node *sql_distinct(struct arena *arena, PgQuery__Node *left,
			    PgQuery__Node *right, bool not_distinct);
PgQuery__Node *sql_in(struct arena *arena, PgQuery__Node *item,
		      PgQuery__Node *const *values, size_t count, bool not_in);
/* CASE operand WHEN when[i] THEN then[i] ... ELSE otherwise END; operand and
 * otherwise may be NULL. */
PgQuery__Node *sql_case(struct arena *arena, PgQuery__Node *operand,
			PgQuery__Node *const *when, PgQuery__Node *const *then,
			size_t count, PgQuery__Node *otherwise);
PgQuery__Node *sql_coalesce(struct arena *arena, PgQuery__Node *const *items,
			    size_t count);
PgQuery__Node *sql_row(struct arena *arena, PgQuery__Node *const *items,
		       size_t count); /* ROW(...) */
/* (select), EXISTS (select), ARRAY (select) */
PgQuery__Node *sql_sublink(struct arena *arena, PgQuery__SubLinkType kind,
			   PgQuery__Node *select);

/* Relations. columns: names of an alias's columns. */
PgQuery__Alias *sql_alias(struct arena *arena, const char *name,
			  const char *const *columns, size_t count);
PgQuery__Node *sql_range_subselect(struct arena *arena, PgQuery__Node *select,
				   const char *alias,
				   const char *const *columns, size_t count);

/* A target: value AS name in SELECT and RETURNING; name = value in UPDATE; a
 * column's name in INSERT (value NULL). name may be NULL in SELECT. */
PgQuery__Node *sql_target(struct arena *arena, const char *name,
			  PgQuery__Node *value);

/* An empty SELECT, as the parser leaves one: fill its lists. */
PgQuery__SelectStmt *sql_select(struct arena *arena);
/* VALUES: rows[i] is a List (sql_list). */
PgQuery__SelectStmt *sql_values(struct arena *arena, PgQuery__Node *const *rows,
				size_t count);

#endif
