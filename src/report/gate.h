/*
 * The gate: checks a store's content against a policy. docs/gate.md documents
 * the policy's format. No I/O except gate_policy_load; the caller passes the
 * time.
 */
#ifndef PARALLAX_REPORT_GATE_H
#define PARALLAX_REPORT_GATE_H

#include "base/buffer.h"
#include "config/diagnostic.h"
#include "store/read.h"

/* A bound of a rule. place.line 0: a default that the policy does not set. */
struct gate_bound {
	bool set;
	double value;
	struct place place;
};

/* A known divergence that is allowed for a time. */
struct gate_allowance {
	uint64_t fingerprint;
	enum divergence_class class; /* NONE: all */
	int64_t until;		     /* unix us; from then on it counts again */
	const char *until_text;
	const char *reason;
	struct place place;
};

struct gate_kind {
	const char *kind; /* of sql/kinds.def, or "reads", "writes" */
	struct gate_bound min;
};

struct gate_fingerprint {
	uint64_t fingerprint;
	struct place place;
};

struct gate_policy {
	const char *file; /* NULL: the defaults */
	struct gate_bound divergences;
	struct gate_bound classes[DIVERGENCE_COUNT];
	const struct gate_allowance *allowances;
	size_t allowance_count;
	struct gate_bound max[VERDICT_COUNT];	      /* not match, diverged */
	struct gate_bound max_percent[VERDICT_COUNT]; /* of all exchanges */
	uint64_t part; /* in the form of store_read_part */
	struct gate_bound undecided_statements;
	struct gate_bound undecided_runs;     /* undecided runs that a statement
					      needs to count */
	struct gate_bound excused;	      /* differences; a count, or ... */
	struct gate_bound excused_percent;    /* ... of all exchanges */
	struct gate_bound excused_statements; /* mostly excused */
	struct gate_bound uncaptured;	      /* sessions */
	struct gate_bound min_compared;	      /* match and diverged: the decided
					   ones */
	struct gate_bound max_gaps;
	struct gate_bound max_lag;
	struct gate_bound drift;	  /* rows at rest that differ */
	struct gate_bound drift_required; /* 1: all tables must be compared */
	struct gate_bound drift_max_age;  /* us since the oldest comparison */
	struct gate_bound max_age;	  /* us since the newest exchange */
	const struct gate_kind *kinds;
	size_t kind_count;
	const struct gate_fingerprint *statements; /* must have been compared */
	size_t statement_count;
	struct gate_bound max_p95_ratio; /* shadow / primary, any statement */
	struct gate_bound min_samples;	 /* needed on each side for the check */
	struct gate_bound ignore_below;	 /* us: a shadow p95 below this is
					   always good enough */
};

/* The defaults of a policy. */
void gate_policy_default(struct gate_policy *policy);
/* All in the arena; -1: diagnostics say why. */
int gate_policy_load(const char *path, struct arena *arena,
		     struct diagnostics *diagnostics,
		     struct gate_policy *policy);
int gate_policy_parse(const char *name, const char *text, size_t size,
		      struct arena *arena, struct diagnostics *diagnostics,
		      struct gate_policy *policy);

/* FAIL takes precedence over LACKS, LACKS over PASS. */
enum gate_result { GATE_PASS, GATE_LACKS, GATE_FAIL };

struct gate_rule {
	const char *name; /* "divergences", "inconclusive.max_percent", ... */
	enum gate_result result;
	const char *figure; /* the store's figure */
	const char *limit;  /* the rule's limit */
	const char *note;   /* lines for people, or NULL */
	struct place place; /* line 0: a default */
};

struct gate_outcome {
	const struct store_content *content;
	const char *name; /* the shadow's, else the path */
	enum gate_result result;
	const struct gate_rule *rules;
	size_t rule_count;
	const char *const *notes; /* the part of the evidence; allowances used,
				     unused, expired */
	size_t note_count;
};

void gate_judge(const struct gate_policy *policy,
		const struct store_content *content, int64_t now,
		struct arena *arena, struct gate_outcome *outcome);

const char *gate_result_name(enum gate_result result); /* "pass", ... */
enum gate_result gate_worst(const struct gate_outcome *outcomes, size_t count);

void gate_text(const struct gate_policy *policy,
	       const struct gate_outcome *outcomes, size_t count, bool colour,
	       struct buffer *out);
void gate_json(const struct gate_policy *policy,
	       const struct gate_outcome *outcomes, size_t count,
	       struct buffer *out);
void gate_junit(const struct gate_policy *policy,
		const struct gate_outcome *outcomes, size_t count,
		struct buffer *out);

#endif
