/*
 * What an engine's own functions do, as far as their names tell. The dialect
 * answers for its engine (sql_dialect.function).
 */
#ifndef PARALLAX_SQL_FUNCTION_H
#define PARALLAX_SQL_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>

enum sql_volatility {
	SQL_FUNCTION_PLAIN,    /* nothing is known of the name */
	SQL_FUNCTION_CLOCK,    /* reads the time: now() */
	SQL_FUNCTION_SEQUENCE, /* reads or moves a sequence */
	SQL_FUNCTION_RANDOM,   /* random numbers, UUIDs, their seeds */
	SQL_FUNCTION_SERVER,   /* shows the server or the session: versions,
				  ids of transactions and connections */
	SQL_FUNCTION_SETTING,  /* changes a setting */
	SQL_FUNCTION_LOCK,     /* takes or releases an advisory lock */
	SQL_FUNCTION_SLEEP,
	SQL_FUNCTION_EFFECT, /* any other effect: notifications, large objects,
				signals, other servers */
};

/* How many rows a call gives for one row of its query. */
enum sql_function_rows {
	SQL_FUNCTION_ROWS_ANY, /* not known */
	SQL_FUNCTION_ROWS_ONE,
	SQL_FUNCTION_ROWS_SET,
	SQL_FUNCTION_ROWS_AGGREGATE, /* one row for each group */
};

/* Labels of an enum that a function gives, whatever its value is. */
enum sql_function_labels {
	SQL_FUNCTION_LABELS_NONE,
	SQL_FUNCTION_LABELS_FIRST, /* enum_first(v) */
	SQL_FUNCTION_LABELS_LAST,
	SQL_FUNCTION_LABELS_ALL, /* as one value: enum_range(v) */
};

struct sql_function_traits {
	enum sql_volatility volatility;
	enum sql_function_rows rows;
	bool writes;	   /* changes data that others see */
	bool takes_names;  /* arguments name objects of the schema or server */
	bool acts_outside; /* on the server's files, its other sessions, other
			      servers; those of extensions in any schema */
	bool shows_order;  /* an aggregate whose value depends on row order */
	/* A constant among the first two names a table or sequence:
	 * nextval('s'). */
	bool takes_relation;
	bool takes_column; /* the first a table, the second a column of it:
			      pg_get_serial_sequence('t', 'c') */
	bool takes_row;	   /* one may be a whole row: row_to_json(t) */
	/* It is of enums, and knows no texts: hashenum(v). */
	bool takes_enum;
	enum sql_function_labels labels;
	/* It gives a new object's number, which each server counts for itself:
	 * lo_create(0). */
	bool gives_number;
	size_t arguments; /* the volatility holds for calls with this many
			      arguments; 0: for all */
};

#endif
