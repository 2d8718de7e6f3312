/*
 * The part of a dialect that knows how functions and definitions are undone, for a
 * first mapping (src/draft): what a call means, and what is built or written to take
 * its effect back. In the examples, PostgreSQL stands before the ';', MySQL behind
 * it.
 */
#ifndef PARALLAX_SQL_DIALECT_INVERSE_H
#define PARALLAX_SQL_DIALECT_INVERSE_H

#include "sql/tree.h"

/* What a call of the engine's own function gives. */
enum sql_call_meaning {
	SQL_CALL_OTHER,
	SQL_CALL_ROUND,	  /* argument, to the digits of the second, or to none:
			     round(n, 2), floor(n); the same */
	SQL_CALL_OBJECT,  /* one of names and values by turns:
			     jsonb_build_object('k', v); json_object('k', v) */
	SQL_CALL_ZONE,	  /* argument in the zone of the first, which undoes
			     itself: timezone('UTC', t); none */
	SQL_CALL_SECONDS, /* those of an instant since 1970:
			     date_part('epoch', t); unix_timestamp(t) */
	SQL_CALL_INSTANT, /* that of such seconds:
			     to_timestamp(n); from_unixtime(n) */
	SQL_CALL_JOIN,	  /* a text of all but the first, which separates them:
			     concat_ws(', ', a, b); the same */
};

enum sql_split_at {
	SQL_SPLIT_OTHER,
	SQL_SPLIT_FIRST, /* the usual way to cut at the first separator */
	SQL_SPLIT_LAST,	 /* ... and at the last */
};

/*
 * Two expressions over one column that cut its value in two, and how it is made
 * of the two again. In them $c is the column, $s a text, $l its length, $m that
 * and 1, $k a number, $n it and 1; in joined, $1 and $2 are the two parts.
 */
struct sql_split {
	enum sql_split_at at;
	const char *first, *second, *joined;
	const char *caution; /* what must hold, for people; NULL: nothing */
};

struct sql_inverse_ops {
	/* argument: the one that it is of, where there is one. */
	enum sql_call_meaning (*meaning)(const PgQuery__FuncCall *call,
					 const PgQuery__Node **argument);
	/* Does its value depend on its arguments alone, as far as its name
	 * tells? */
	bool (*is_pure)(const PgQuery__FuncCall *call);
	/* See SQL_CALL_SECONDS and SQL_CALL_INSTANT. */
	PgQuery__Node *(*seconds)(struct arena *arena, PgQuery__Node *instant);
	PgQuery__Node *(*instant)(struct arena *arena, PgQuery__Node *seconds);
	/* A member's text. x ->> 'k'; the same. */
	PgQuery__Node *(*member)(struct arena *arena, PgQuery__Node *object,
				 const char *key);
	/* The nth part of a text, from 1. split_part(x, ',', 2);
	 * substring_index(substring_index(x, ',', 2), ',', -1). */
	PgQuery__Node *(*part)(struct arena *arena, PgQuery__Node *text,
			       const char *separator, int64_t n);
	/* Without its first characters, or its last.
	 * substr(x, 3), left(x, -2); substr(x, 3), left(x, char_length(x) - 2).
	 */
	PgQuery__Node *(*without_first)(struct arena *arena,
					PgQuery__Node *text, int64_t count);
	PgQuery__Node *(*without_last)(struct arena *arena, PgQuery__Node *text,
				       int64_t count);
	const struct sql_split *(*splits)(size_t *count);

	/* ---- definitions ---- */

	/* The type of a column that is declared as of this one, and then has a
	 * sequence of its own; NULL: it is no such name. serial: integer; none.
	 */
	const char *(*sequenced)(const char *type);
	/* The name of that sequence; NULL: there is none. t_id_seq; NULL. */
	const char *(*sequence_name)(struct arena *arena, const char *table,
				     const char *column);
	/* The schema of plain names where no path is known. public; "". */
	const char *(*default_schema)(void);
};

#endif
