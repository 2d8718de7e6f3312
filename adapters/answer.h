/*
 * A decoded answer of a database to one statement: the primary's (decoded from
 * the journal by the engine's adapter) or the shadow's (from its driver). Both
 * sides have this one shape, so that they can be compared.
 *
 * All pointers are borrowed from the arena or exchange the answer was made in.
 */
#ifndef PARALLAX_ADAPTERS_ANSWER_H
#define PARALLAX_ADAPTERS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/error_class.h"
#include "base/digest.h"
#include "base/redact.h"

enum answer_outcome {
	ANSWER_OK,
	ANSWER_FAILED,	  /* the server refused: see problem */
	ANSWER_SUSPENDED, /* OK so far: a row limit was reached */
	ANSWER_EMPTY,	  /* an empty statement */
	ANSWER_ABANDONED, /* no answer: the session ended */
	ANSWER_SKIPPED,	  /* never run: an earlier one of its pipeline failed */
};

/* One value as the server sent it. */
struct value {
	const uint8_t *data; /* NULL: SQL NULL */
	uint32_t size;
};

struct answer_column {
	const char *name;
	uint32_t type;	  /* the engine's type id on that server */
	int32_t modifier; /* -1: none */
	uint8_t format;	  /* 0 text, 1 binary */
	uint32_t table;	  /* the engine's id of the base table, 0: none */
	uint16_t attribute;
};

struct answer_problem {
	const char *severity;
	const char *code; /* the engine's own, for people */
	enum error_class class;
	const char *message;
	struct redact_parts values; /* in the message */
	const char *constraint;	    /* or "" */
};

struct answer {
	enum answer_outcome outcome;
	const char *tag;  /* CommandComplete's, "" if none */
	int64_t affected; /* rows, from the tag; -1: the tag has none */
	/* The rows that a write matched, and those it changed; -1: the engine
	 * does not report them. */
	int64_t matched;
	int64_t changed;
	uint64_t insert_id; /* the first number it generated; 0: unknown */
	struct answer_problem problem; /* FAILED */
	/* FAILED, perhaps only since what the driver had prepared was no longer
	 * good. It is forgotten: the statement may be run again. */
	bool stale;
	const struct answer_problem *warnings;
	size_t warning_held; /* of warnings */
	size_t warning_count;

	bool has_columns; /* it was a result set, possibly without rows */
	const struct answer_column *columns;
	size_t column_count;

	const struct value *rows; /* row-major, row_held * column_count */
	size_t row_held;
	uint64_t row_count; /* of the whole answer */
	bool capped;	    /* row_held < row_count */
	bool copy;	    /* rows are COPY data, one value each (a line) */

	struct digest ordered;
	struct digest unordered;
	const struct digest *column_digests;
	size_t column_digest_count;

	int64_t duration_us; /* forwarded to complete */
};

#endif
