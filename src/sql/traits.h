/*
 * Traits: what one statement's tree shows, without a catalog. Found once for
 * each shape; all pointers are in the arena (or the tree) that it was made
 * with.
 */
#ifndef PARALLAX_SQL_TRAITS_H
#define PARALLAX_SQL_TRAITS_H

#include "sql/characteristics.h"
#include "sql/dialect.h"
#include "sql/function.h"
#include "sql/tree.h"

enum sql_kind {
#define SQL_KIND(name, text, session, effect) SQL_KIND_##name,
#include "sql/kinds.def"
#undef SQL_KIND
	SQL_KIND_COUNT,
};

const char *sql_kind_name(enum sql_kind kind);
/* Transaction, settings, cursors, prepared statements: the mirror's business.
 */
bool sql_kind_is_session(enum sql_kind kind);

enum sql_use {
	SQL_USE_READ = 1,
	SQL_USE_INSERT = 2,
	SQL_USE_UPDATE = 4,
	SQL_USE_DELETE = 8,  /* and TRUNCATE */
	SQL_USE_LOCK = 16,   /* FOR UPDATE and the like, LOCK TABLE */
	SQL_USE_DEFINE = 32, /* DDL */
	SQL_USE_WRITES = 2 | 4 | 8 | 32,
};

/* A table by name. Names of CTEs in scope are not included. */
struct sql_table_use {
	const char *schema; /* "" if not given */
	const char *name;
	unsigned use; /* enum sql_use, all of its places joined */
	int location; /* byte in the text of its first place, or -1 */
};

/* What DISCARD resets; a set of flags. */
enum sql_discards {
	SQL_DISCARDS_PLANS = 1,
	SQL_DISCARDS_SEQUENCES = 2, /* the session's cached values */
	SQL_DISCARDS_TEMPORARY = 4, /* its temporary tables */
};

struct sql_function_use {
	const char *schema; /* "" if it was not given */
	const char *name;   /* CURRENT_DATE etc.: "current_date" */
	enum sql_volatility volatility;
	int location;
};

/* Whether it is a call of an aggregate, by its name or form. */
bool sql_is_aggregate(const struct sql_dialect *dialect,
		      const PgQuery__FuncCall *call);

struct sql_sort_key {
	PgQuery__Node *expression; /* of the ORDER BY item */
	int output; /* the output column (from 0) it is; -1: none, or not known
		     */
	bool descending;
	bool nulls_first;   /* explicit, or by the default of the direction */
	bool with_operator; /* USING op */
};

struct sql_output {
	const char *name;	   /* "" for an asterisk */
	PgQuery__Node *expression; /* NULL: not known */
	bool star; /* an asterisk: stands for any number of columns */
};

struct sql_traits {
	enum sql_kind kind;
	bool writes;	   /* data or schema: by its kind, a CTE that writes,
		        EXPLAIN ANALYZE of a write, or a function known to
		        write; PLAIN functions are unknown */
	bool locks_rows;   /* FOR UPDATE and the like, anywhere */
	bool skips_locked; /* SKIP LOCKED or NOWAIT: its answer depends on
			      load */

	struct sql_table_use *tables;
	size_t table_count;
	struct sql_function_use *functions;
	size_t function_count;
	unsigned volatility; /* 1 << enum sql_volatility, of all functions */

	/* Of the answer (SELECT; the inner statement of DECLARE, EXPLAIN no).
	 */
	bool ordered; /* has a top-level ORDER BY */
	struct sql_sort_key *sort_keys;
	size_t sort_key_count;
	bool limited;	   /* LIMIT, OFFSET or FETCH at the top */
	bool nested_limit; /* in a sub-query: DISTINCT ON counts as well */
	bool distinct;	   /* DISTINCT at the top */
	bool distinct_on;
	bool set_operation;
	bool grouped;
	bool windowed;	  /* has a window function anywhere */
	bool shows_order; /* has an aggregate whose value depends on row order,
			     anywhere */
	bool single_row;  /* certainly one row at most: an aggregate without
			    GROUP BY, or no FROM clause and no set-returning
			    call known */
	bool tablesample;
	bool has_returning;
	struct sql_output *outputs; /* of SELECT or RETURNING */
	size_t output_count;
	bool outputs_known; /* no asterisk among them */

	/* Given by BEGIN, SET TRANSACTION or SET SESSION CHARACTERISTICS. */
	struct sql_characteristics transaction;
	bool of_session;  /* ... the last of these: of all later transactions */
	bool chain;	  /* COMMIT or ROLLBACK AND CHAIN */
	bool local;	  /* SET LOCAL */
	const char *name; /* of a savepoint, setting, cursor, prepared
				  statement,      channel, prepared transaction
				  (gid); ""      for none or      ALL */
	bool all;	  /* RESET ALL, DISCARD ALL, CLOSE ALL, DEALLOCATE ALL,
			  UNLISTEN * */
	bool holdable;	  /* DECLARE ... WITH HOLD */
	bool where_current_of; /* UPDATE or DELETE ... WHERE CURRENT OF */
	bool no_parameters;    /* the text has no $n */
	PgQuery__Node *inner;  /* of EXPLAIN, PREPARE, DECLARE, COPY (query),
				  CREATE TABLE AS; NULL if none */
	bool explain_analyze;
	unsigned discards; /* enum sql_discards, of DISCARD */
	bool drops;	   /* DROP of the objects it names */
	bool temporary;	   /* it creates something temporary */
	bool until_commit; /* ... and is dropped when the transaction ends */
};

/* Fills *traits. -1: the tree is too deep (ERROR_LIMIT). */
int sql_traits(PgQuery__Node *statement, const struct sql_dialect *dialect,
	       struct arena *arena, struct sql_traits *traits,
	       struct error *error);

#endif
