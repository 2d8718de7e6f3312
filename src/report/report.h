/*
 * The report: a store's content, arranged for people and programs. Built once
 * from a store's content (report_build), then printed in one of three forms. No
 * I/O, no clock, no SQL: the same content gives the same bytes.
 */
#ifndef PARALLAX_REPORT_REPORT_H
#define PARALLAX_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "report/problems.h"
#include "store/read.h"

struct report_options {
	size_t limit; /* problems, examples' statements and rows of latencies
			 to show; SIZE_MAX: all */
	size_t width; /* of the terminal, in columns */
	bool colour;
	bool unicode; /* bars and rules; otherwise ASCII */
};

/* One fingerprint with one verdict, class and reason. */
struct report_group {
	const struct store_statement *statement;
	const struct store_tally *tally;
	const struct store_evidence *evidence; /* the first of those kept */
	size_t evidence_count;
};

/* Why exchanges ended with another verdict than match or diverged. */
struct report_reason {
	enum verdict verdict;
	enum reason reason;
	uint64_t count;
	const struct report_group *groups; /* most frequent first */
	size_t group_count;		   /* fingerprints */
};

enum notice_level { NOTICE_WARNING, NOTICE_INFO };

struct report_notice {
	enum notice_level level;
	const char *text;
};

/* A problem with its evidence. */
struct report_problem {
	const struct problem *problem;
	const struct store_evidence *evidence; /* the first of those kept */
	size_t evidence_count;
};

struct report {
	const struct store_content *content;
	const char *name;		/* the shadow's, else the path */
	const struct problem *problems; /* the gravest first */
	size_t problem_count;
	size_t statuses[PROBLEM_EXCUSED + 1]; /* problems of each status */
	const struct report_reason *reasons;  /* by verdict, then by count */
	size_t reason_count;
	const struct report_notice *notices;
	size_t notice_count;
	/* Statements run often enough on both sides, by the ratio of their p95.
	 */
	const struct store_statement **latencies;
	size_t latency_count;
};

enum {
	REPORT_LATENCY_SAMPLES = 10
}; /* on each side, to be among the
				         latencies */

/* All in the arena; borrows from content. */
void report_build(const struct store_content *content, struct arena *arena,
		  struct report *report);

/* shadow's p95 over primary's; 0 if one is unknown. */
double report_latency_ratio(const struct store_latency *primary,
			    const struct store_latency *shadow);

/* "part 2 of 3, since ...; mapping ..., shadow ..."; nothing if the store has
 * no parts. */
void report_part(const struct store_content *content, struct buffer *out);

/* The problems to show of at most `limit`, in order; in the arena. */
const struct report_problem *report_choose(const struct report *report,
					   size_t limit, struct arena *arena,
					   size_t *count);
/* "12 rows.value, 1 undecided": the problems that report_choose leaves out; ""
 * for none. Returns their number. */
size_t report_left_out(const struct report *report, size_t limit,
		       struct buffer *out);
/* How many items of a list to show where a full report shows them all. */
size_t report_examples(const struct report_options *options, size_t few);

/* Append to out; out->failed says whether everything fitted. */
void report_terminal(const struct report *reports, size_t count,
		     const struct report_options *options, struct buffer *out);
void report_json(const struct report *reports, size_t count,
		 const struct report_options *options, struct buffer *out);
void report_html(const struct report *reports, size_t count,
		 const struct report_options *options, struct buffer *out);

#endif
