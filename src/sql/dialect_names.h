/*
 * The part of a dialect that knows names: of schemas, system columns and types, by
 * what they mean (functions: sql/function.h). In the examples, PostgreSQL's answer stands
 * before the ';', MySQL's behind it.
 */
#ifndef PARALLAX_SQL_DIALECT_NAMES_H
#define PARALLAX_SQL_DIALECT_NAMES_H

#include "sql/tree.h"

/* What a type made by the rewrite is for. */
enum sql_type_role {
	SQL_TYPE_POSITION, /* a place in a list: int4; signed */
	SQL_TYPE_COUNT,	   /* rows, sequences' values: int8; signed */
	SQL_TYPE_TEXT,	   /* of any length: text; char */
};

/* What values of a type name. */
enum sql_type_trait {
	SQL_TYPE_PLAIN,
	SQL_TYPE_RELATION_NAME, /* a table or sequence: regclass; none */
	SQL_TYPE_OBJECT_NAME,	/* something else: regtype; none */
	SQL_TYPE_OBJECT_NUMBER, /* the server's number of it: oid; none */
};

struct sql_name_ops {
	/* ---- schemas ---- */

	/* Is it a table of the system's own? schema "": none is given.
	 * pg_class, information_schema.tables; mysql.user. */
	bool (*is_system_table)(const char *schema, const char *table);
	/* What says that a table is the session's own temporary one; NULL: the
	 * table's name alone does. "pg_temp"; NULL. */
	const char *(*temporary_schema)(void);

	/* ---- columns ---- */

	/* Has every table such a column, which no definition names? "xmin";
	 * none. */
	bool (*is_system_column)(const char *name);
	/* The one that tells rows apart where no key does; NULL: there is none.
	 * "ctid"; NULL. */
	const char *(*row_identity)(void);

	/* ---- types, by their names in the catalog ---- */

	/* As the name in a cast; it lives in a built-in schema. */
	const char *(*type)(enum sql_type_role role);
	/* The engine's own type of that name, whatever the search path says.
	 * pg_catalog.int8; int8. */
	PgQuery__TypeName *(*builtin_type)(struct arena *arena,
					   const char *name);
	/* The one of the two, of one class, that holds the values of both;
	 * NULL: it is not known. int4, int8: "int8"; int, bigint: "bigint". */
	const char *(*wider)(const char *left, const char *right);
	/* For a type whose length is cut to by a cast: its name without one
	 * where that keeps values of any length. "bit": "varbit"; "char":
	 * "char". NULL: the type has no such name. */
	const char *(*unbounded)(const char *type);
	/* The least value of an integer type, which no generated key has;
	 * NULL: the type is none. int4, int: "-2147483648". */
	const char *(*least)(const char *type);
	enum sql_type_trait (*type_trait)(const char *type);

	/* ---- expressions ---- */

	/* A condition that always holds, but names the column, so that what
	 * stands under it is computed for each row.
	 * num_nulls(c) >= 0; isnull(c) >= 0. */
	PgQuery__Node *(*always)(struct arena *arena, PgQuery__Node *column);
	/* Which of the texts the value is, from 1; NULL: none of them.
	 * array_position(ARRAY['a', 'b'], v); nullif(field(v, 'a', 'b'), 0). */
	PgQuery__Node *(*position)(struct arena *arena,
				   const char *const *texts, size_t count,
				   PgQuery__Node *value);
	/* The text at a position, from 1; NULL: there is none.
	 * (ARRAY['a', 'b'])[p]; elt(p, 'a', 'b'). */
	PgQuery__Node *(*text_at)(struct arena *arena, const char *const *texts,
				  size_t count, PgQuery__Node *position);
	/* All of them, as one value: ARRAY['a', 'b']; NULL: the engine has no
	 * such values. */
	PgQuery__Node *(*texts)(struct arena *arena, const char *const *texts,
				size_t count);
};

#endif
