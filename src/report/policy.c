#include <math.h>
#include <time.h>

#include "base/memory.h"
#include "config/document.h"
#include "config/text.h"
#include "report/gate.h"
#include "report/problems.h"

static const char *const kinds[] = {
#define SQL_KIND(symbol, text, session, effect) text,
#include "sql/kinds.def"
#undef SQL_KIND
    "reads", "writes", NULL};

static const char *const classes[] = {
#define DIVERGENCE_CLASS(symbol, name, text) name,
#include "compare/classes.def"
#undef DIVERGENCE_CLASS
    NULL};

static struct gate_bound fallback(double value)
{
	return (struct gate_bound){.set = true, .value = value};
}

void gate_policy_default(struct gate_policy *policy)
{
	*policy = (struct gate_policy){
	    .divergences = fallback(0),
	    .undecided_statements = fallback(0),
	    .undecided_runs = fallback(PROBLEM_UNDECIDED_RUNS),
	    .excused_percent = fallback(0.5),
	    .excused_statements = fallback(0),
	    .uncaptured = fallback(0),
	    .min_compared = fallback(1),
	    .max_gaps = fallback(0),
	    .min_samples = fallback(100),
	    .ignore_below = fallback(0),
	    .drift = fallback(0),
	};
	policy->max_percent[VERDICT_INCONCLUSIVE] = fallback(1);
	policy->max[VERDICT_UNTRANSLATABLE] = fallback(0);
	policy->max[VERDICT_FAILED] = fallback(0);
}

static void set_bound(struct gate_bound *bound, const struct node *node,
		      double value)
{
	*bound = (struct gate_bound){true, value, node->place};
}

static void take_count(struct document *document, const struct node *node,
		       const char *what, struct gate_bound *bound)
{
	uint64_t value;

	if (!node || !document_expect(document, node, NODE_SCALAR, what))
		return;
	if (text_number(node->text, 0, UINT64_C(1) << 53, &value))
		DOCUMENT_ERROR(document, node, NULL,
			       "%s must be a whole number, not '%s'", what,
			       node->text);
	else
		set_bound(bound, node, (double)value);
}

static void take_number(struct document *document, const struct node *node,
			const char *what, double most, struct gate_bound *bound)
{
	double value;
	char *end;

	if (!node || !document_expect(document, node, NODE_SCALAR, what))
		return;
	value = strtod(node->text, &end);
	if (end == node->text || *end || !isfinite(value) || value < 0 ||
	    value > most)
		DOCUMENT_ERROR(document, node, NULL,
			       "%s must be a number from 0 to %g, not '%s'",
			       what, most, node->text);
	else
		set_bound(bound, node, value);
}

static void take_duration(struct document *document, const struct node *node,
			  const char *what, struct gate_bound *bound)
{
	int64_t us;

	if (!node || !document_expect(document, node, NODE_SCALAR, what))
		return;
	if (text_duration(node->text, &us))
		DOCUMENT_ERROR(document, node, "write 24 h, 30 min or 1.5 ms",
			       "%s must be a time, not '%s'", what, node->text);
	else
		set_bound(bound, node, (double)us);
}

static bool take_fingerprint(struct document *document, const struct node *node,
			     uint64_t *fingerprint)
{
	char *end;

	if (!document_expect(document, node, NODE_SCALAR, "a fingerprint"))
		return false;
	*fingerprint = strtoull(node->text, &end, 16);
	if (strlen(node->text) == 16 && !*end &&
	    strspn(node->text, "0123456789abcdefABCDEF") == 16)
		return true;
	DOCUMENT_ERROR(document, node,
		       "copy it from the report: 16 hexadecimal digits",
		       "'%s' is not a fingerprint", node->text);
	return false;
}

static void unknown_name(struct document *document, const struct node *node,
			 const char *what, const char *const *names)
{
	const char *nearest = text_nearest(node->text, names);
	char hint[128];

	snprintf(hint, sizeof(hint), "did you mean '%s'?",
		 nearest ? nearest : "");
	DOCUMENT_ERROR(document, node, nearest ? hint : NULL,
		       "there is no %s '%s'", what, node->text);
}

/* The index of a class; -1 with an error. */
static int take_class(struct document *document, const struct node *node)
{
	if (!document_expect(document, node, NODE_SCALAR, "a class"))
		return -1;
	for (int i = 1; i < DIVERGENCE_COUNT; i++)
		if (i != DIVERGENCE_DRIFT && !strcmp(classes[i], node->text))
			return i;
	if (!strcmp(node->text, classes[DIVERGENCE_DRIFT])) {
		DOCUMENT_ERROR(document, node, "write drift: {max: 0}",
			       "drift is not a class of statements: it has a "
			       "rule of its own");
		return -1;
	}
	unknown_name(document, node, "class", classes + 1);
	return -1;
}

/* The start of that day, UTC. */
static bool take_date(struct document *document, const struct node *node,
		      int64_t *at)
{
	struct tm parts = {0};
	struct tm again;
	const char *end;
	time_t seconds;

	if (!document_expect(document, node, NODE_SCALAR, "until"))
		return false;
	end = strptime(node->text, "%Y-%m-%d", &parts);
	again = parts;
	seconds = end && !*end ? timegm(&again) : -1;
	if (seconds >= 0 && again.tm_mday == parts.tm_mday) {
		*at = (int64_t)seconds * 1000000;
		return true;
	}
	DOCUMENT_ERROR(document, node, "write it as 2026-12-31",
		       "'%s' is not a date", node->text);
	return false;
}

static void load_allowance(struct document *document, const struct node *map,
			   struct gate_allowance *out)
{
	static const char *const known[] = {"fingerprint", "class", "until",
					    "reason", NULL};
	const struct node *fingerprint;
	const struct node *class;
	const struct node *until;
	const struct node *reason;

	out->place = map->place;
	if (!document_expect(document, map, NODE_MAP, "an allowance"))
		return;
	document_known(document, map, known, "an allowance");
	fingerprint = node_get(map, "fingerprint");
	class = node_get(map, "class");
	until = node_get(map, "until");
	reason = node_get(map, "reason");
	if (!fingerprint || !until || !reason)
		DOCUMENT_ERROR(document, map,
			       "without an end and a reason, an allowance "
			       "hides faults for good",
			       "an allowance needs fingerprint, until and "
			       "reason");
	if (fingerprint)
		take_fingerprint(document, fingerprint, &out->fingerprint);
	if (class) {
		int found = take_class(document, class);

		if (found > 0)
			out->class = (enum divergence_class)found;
	}
	if (until && take_date(document, until, &out->until))
		out->until_text = until->text;
	if (reason &&
	    document_expect(document, reason, NODE_SCALAR, "reason")) {
		if (!*reason->text)
			DOCUMENT_ERROR(document, reason, NULL,
				       "an allowance's reason is empty");
		out->reason = reason->text;
	}
}

static void load_divergences(struct document *document, const struct node *node,
			     struct gate_policy *policy)
{
	static const char *const known[] = {"max", "classes", "allow", NULL};
	const struct node *map;
	struct gate_allowance *allowances;

	if (!node || !document_expect(document, node, NODE_MAP, "divergences"))
		return;
	document_known(document, node, known, "divergences");
	take_count(document, node_get(node, "max"), "divergences.max",
		   &policy->divergences);
	map = node_get(node, "classes");
	if (map && document_expect(document, map, NODE_MAP, "classes"))
		for (size_t i = 0; i < map->count; i++) {
			int class = take_class(document, map->items[i]);

			if (class > 0)
				take_count(document, map->values[i],
					   classes[class],
					   &policy->classes[class]);
		}
	map = node_get(node, "allow");
	if (!map || !document_expect(document, map, NODE_LIST, "allow"))
		return;
	allowances =
	    arena_array(document->arena, map->count + 1, sizeof(*allowances));
	for (size_t i = 0; i < map->count; i++)
		load_allowance(document, map->items[i], &allowances[i]);
	policy->allowances = allowances;
	policy->allowance_count = map->count;
}

static void load_verdict(struct document *document, const struct node *root,
			 enum verdict verdict, struct gate_policy *policy)
{
	static const char *const known[] = {"max", "max_percent", NULL};
	const char *name = verdict_name(verdict);
	const struct node *map = node_get(root, name);

	if (!map || !document_expect(document, map, NODE_MAP, name))
		return;
	document_known(document, map, known, name);
	/* What the policy says about a verdict replaces its default. */
	policy->max[verdict] = (struct gate_bound){0};
	policy->max_percent[verdict] = (struct gate_bound){0};
	take_count(document, node_get(map, "max"), "max",
		   &policy->max[verdict]);
	take_number(document, node_get(map, "max_percent"), "max_percent", 100,
		    &policy->max_percent[verdict]);
	if (!map->count)
		DOCUMENT_ERROR(document, map, "give max or max_percent",
			       "%s says nothing", name);
}

static void load_kinds(struct document *document, const struct node *map,
		       struct gate_policy *policy)
{
	struct gate_kind *list;

	if (!map || !document_expect(document, map, NODE_MAP, "min_kinds"))
		return;
	list = arena_array(document->arena, map->count + 1, sizeof(*list));
	for (size_t i = 0; i < map->count; i++) {
		struct gate_kind *kind = &list[policy->kind_count];

		for (size_t j = 0; kinds[j] && !kind->kind; j++)
			if (!strcmp(kinds[j], map->items[i]->text))
				kind->kind = kinds[j];
		if (!kind->kind) {
			unknown_name(document, map->items[i],
				     "kind of statement", kinds);
			continue;
		}
		take_count(document, map->values[i], kind->kind, &kind->min);
		policy->kind_count++;
	}
	policy->kinds = list;
}

static void load_statements(struct document *document, const struct node *node,
			    struct gate_policy *policy)
{
	struct gate_fingerprint *list;

	if (!node || !document_expect(document, node, NODE_LIST, "statements"))
		return;
	list = arena_array(document->arena, node->count + 1, sizeof(*list));
	for (size_t i = 0; i < node->count; i++) {
		struct gate_fingerprint *item = &list[policy->statement_count];

		item->place = node->items[i]->place;
		if (take_fingerprint(document, node->items[i],
				     &item->fingerprint))
			policy->statement_count++;
	}
	policy->statements = list;
}

/* "20" or "0.5 %": only the given one applies. */
static void take_excused(struct document *document, const struct node *node,
			 struct gate_policy *policy)
{
	char *end;
	double percent;

	if (!node ||
	    !document_expect(document, node, NODE_SCALAR, "evidence.excused"))
		return;
	policy->excused = policy->excused_percent = (struct gate_bound){0};
	if (!strchr(node->text, '%')) {
		take_count(document, node, "evidence.excused",
			   &policy->excused);
		return;
	}
	percent = strtod(node->text, &end);
	if (end != node->text && percent >= 0 && percent <= 100 &&
	    !strcmp(end + strspn(end, " "), "%"))
		set_bound(&policy->excused_percent, node, percent);
	else
		DOCUMENT_ERROR(document, node, "write 20 or 0.5 %",
			       "evidence.excused must be a number or a share "
			       "from 0 to 100 %%, not '%s'",
			       node->text);
}

static void take_part(struct document *document, const struct node *node,
		      struct gate_policy *policy)
{
	if (!node ||
	    !document_expect(document, node, NODE_SCALAR, "evidence.part"))
		return;
	policy->part = 0;
	if (!strcmp(node->text, "all"))
		policy->part = STORE_ALL_PARTS;
	else if (strcmp(node->text, "last") &&
		 text_number(node->text, 1, INT32_MAX, &policy->part))
		DOCUMENT_ERROR(document, node, "write last, all or 2",
			       "evidence.part must be a part of the evidence, "
			       "not '%s'",
			       node->text);
}

static void take_undecided(struct document *document, const struct node *node,
			   struct gate_policy *policy)
{
	const struct node *runs = node_get(node, "undecided_runs");

	take_count(document, node_get(node, "undecided_statements"),
		   "undecided_statements", &policy->undecided_statements);
	take_count(document, runs, "undecided_runs", &policy->undecided_runs);
	if (runs && policy->undecided_runs.place.line &&
	    policy->undecided_runs.value < 1)
		DOCUMENT_ERROR(document, runs, NULL,
			       "undecided_runs must be at least 1");
	take_excused(document, node_get(node, "excused"), policy);
	take_count(document, node_get(node, "excused_statements"),
		   "excused_statements", &policy->excused_statements);
	take_count(document, node_get(node, "uncaptured_sessions"),
		   "uncaptured_sessions", &policy->uncaptured);
}

static void load_evidence(struct document *document, const struct node *node,
			  struct gate_policy *policy)
{
	static const char *const known[] = {"min_compared",
					    "min_kinds",
					    "statements",
					    "max_age",
					    "max_gaps",
					    "max_lag",
					    "undecided_statements",
					    "undecided_runs",
					    "excused",
					    "excused_statements",
					    "uncaptured_sessions",
					    "part",
					    NULL};

	if (!node || !document_expect(document, node, NODE_MAP, "evidence"))
		return;
	document_known(document, node, known, "evidence");
	take_count(document, node_get(node, "min_compared"), "min_compared",
		   &policy->min_compared);
	take_count(document, node_get(node, "max_gaps"), "max_gaps",
		   &policy->max_gaps);
	take_count(document, node_get(node, "max_lag"), "max_lag",
		   &policy->max_lag);
	take_duration(document, node_get(node, "max_age"), "max_age",
		      &policy->max_age);
	take_part(document, node_get(node, "part"), policy);
	take_undecided(document, node, policy);
	load_kinds(document, node_get(node, "min_kinds"), policy);
	load_statements(document, node_get(node, "statements"), policy);
}

static void load_latency(struct document *document, const struct node *node,
			 struct gate_policy *policy)
{
	static const char *const known[] = {"max_p95_ratio", "min_samples",
					    "ignore_below", NULL};

	if (!node || !document_expect(document, node, NODE_MAP, "latency"))
		return;
	document_known(document, node, known, "latency");
	take_number(document, node_get(node, "max_p95_ratio"), "max_p95_ratio",
		    1e6, &policy->max_p95_ratio);
	take_count(document, node_get(node, "min_samples"), "min_samples",
		   &policy->min_samples);
	take_duration(document, node_get(node, "ignore_below"), "ignore_below",
		      &policy->ignore_below);
	if (!policy->max_p95_ratio.set)
		DOCUMENT_ERROR(document, node, NULL,
			       "latency needs max_p95_ratio");
}

static void load_drift(struct document *document, const struct node *node,
		       struct gate_policy *policy)
{
	static const char *const known[] = {"max", "required", "max_age", NULL};
	const struct node *required;
	bool wanted;

	if (!node || !document_expect(document, node, NODE_MAP, "drift"))
		return;
	document_known(document, node, known, "drift");
	take_count(document, node_get(node, "max"), "drift.max",
		   &policy->drift);
	take_duration(document, node_get(node, "max_age"), "max_age",
		      &policy->drift_max_age);
	required = node_get(node, "required");
	if (!required ||
	    !document_expect(document, required, NODE_SCALAR, "required"))
		return;
	if (text_bool(required->text, &wanted))
		DOCUMENT_ERROR(document, required, NULL,
			       "required must be true or false, not '%s'",
			       required->text);
	else if (wanted)
		set_bound(&policy->drift_required, required, 1);
}

static void load_root(struct document *document, const struct node *root,
		      struct gate_policy *policy)
{
	static const char *const known[] = {
	    "version",	      "divergences", "inconclusive", "skipped",
	    "untranslatable", "failed",	     "evidence",     "latency",
	    "drift",	      NULL};
	const struct node *version;

	if (!root || !document_expect(document, root, NODE_MAP, "a policy"))
		return;
	document_known(document, root, known, "a policy");
	version = node_get(root, "version");
	if (!version || version->type != NODE_SCALAR ||
	    strcmp(version->text, "1"))
		DOCUMENT_ERROR(document, version ? version : root,
			       "begin it with 'version: 1'",
			       "a policy must say its version, which is 1");
	load_divergences(document, node_get(root, "divergences"), policy);
	for (int i = VERDICT_DIVERGED + 1; i < VERDICT_COUNT; i++)
		load_verdict(document, root, (enum verdict)i, policy);
	load_evidence(document, node_get(root, "evidence"), policy);
	load_latency(document, node_get(root, "latency"), policy);
	load_drift(document, node_get(root, "drift"), policy);
}

int gate_policy_load(const char *path, struct arena *arena,
		     struct diagnostics *diagnostics,
		     struct gate_policy *policy)
{
	struct document document = {arena_string(arena, path), arena,
				    diagnostics};
	size_t before = diagnostics->error_count;

	gate_policy_default(policy);
	policy->file = document.file;
	load_root(&document, document_load(&document, path), policy);
	return diagnostics->error_count > before ? -1 : 0;
}

int gate_policy_parse(const char *name, const char *text, size_t size,
		      struct arena *arena, struct diagnostics *diagnostics,
		      struct gate_policy *policy)
{
	struct document document = {name, arena, diagnostics};
	size_t before = diagnostics->error_count;

	gate_policy_default(policy);
	policy->file = name;
	load_root(&document, document_parse(&document, text, size), policy);
	return diagnostics->error_count > before ? -1 : 0;
}
