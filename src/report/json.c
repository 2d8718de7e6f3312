/* The report as JSON. docs/report.md documents its format, which is stable:
 * members are added, never renamed; "version" counts incompatible changes. */
#include <jansson.h>

#include "report/format.h"
#include "report/report.h"
#include "store/drift.h"
#include "base/utf8.h"

static json_t *text_json(const char *text)
{
	json_t *string;
	char *clean;

	if (!text)
		return json_null();
	string = json_string(text);
	if (string)
		return string;
	clean = utf8_clean(text, SIZE_MAX); /* not UTF-8: written by a
					       foreign hand */
	string = json_string(clean);
	free(clean);
	return string;
}

static json_t *count_json(uint64_t count)
{
	return json_integer((json_int_t)count);
}

static json_t *time_json(int64_t at)
{
	char out[FORMAT_SIZE];

	return at ? json_string(format_iso(out, at)) : json_null();
}

static json_t *fingerprint_json(uint64_t fingerprint)
{
	char out[FORMAT_SIZE];

	return json_string(format_fingerprint(out, fingerprint));
}

static json_t *us_json(int64_t us)
{
	return us < 0 ? json_null() : json_integer(us);
}

#define SET(object, key, value) json_object_set_new(object, key, value)

static json_t *texts_json(const char *const *texts, size_t count)
{
	json_t *array;

	if (!texts)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, text_json(texts[i]));
	return array;
}

static json_t *latency_json(const struct store_latency *latency)
{
	json_t *object = json_object();

	SET(object, "count", count_json(latency->count));
	SET(object, "mean_us", count_json(latency->mean));
	SET(object, "p50_us", count_json(latency->p50));
	SET(object, "p95_us", count_json(latency->p95));
	SET(object, "p99_us", count_json(latency->p99));
	SET(object, "max_us", count_json(latency->max));
	return object;
}

static json_t *outcome_json(const struct store_outcome *side, int64_t us)
{
	json_t *object;

	if (!side->outcome || !*side->outcome)
		return json_null();
	object = json_object();
	SET(object, "outcome", text_json(side->outcome));
	SET(object, "tag", text_json(side->tag));
	SET(object, "rows", count_json(side->row_count));
	SET(object, "affected",
	    side->affected < 0 ? json_null() : json_integer(side->affected));
	SET(object, "sqlstate", text_json(side->sqlstate));
	SET(object, "message", text_json(side->message));
	SET(object, "constraint", text_json(side->constraint));
	SET(object, "warnings", count_json(side->warnings));
	SET(object, "columns", texts_json(side->columns, side->column_count));
	SET(object, "us", us_json(us));
	return object;
}

static json_t *row_json(const struct store_evidence *evidence,
			const struct store_row *row)
{
	json_t *object = json_object();
	json_t *differs = json_null();

	SET(object, "class", json_string(divergence_name(row->class)));
	SET(object, "row", count_json(row->row));
	SET(object, "primary",
	    texts_json(row->primary, evidence->column_count));
	SET(object, "shadow", texts_json(row->shadow, evidence->column_count));
	if (row->differs) {
		differs = json_array();
		for (size_t i = 0; i < evidence->column_count; i++)
			json_array_append_new(differs,
					      json_boolean(row->differs[i]));
	}
	SET(object, "differs", differs);
	return object;
}

static json_t *evidence_json(const struct store_evidence *evidence)
{
	json_t *object = json_object();
	json_t *rows = json_array();

	SET(object, "seq", count_json(evidence->seq));
	SET(object, "session", count_json(evidence->session));
	SET(object, "epoch", count_json(evidence->epoch));
	SET(object, "at", time_json(evidence->at));
	SET(object, "client", text_json(evidence->client));
	SET(object, "detail", text_json(evidence->detail));
	SET(object, "old_statement", text_json(evidence->old_statement));
	SET(object, "new_statement", text_json(evidence->new_statement));
	SET(object, "primary",
	    outcome_json(&evidence->primary, evidence->primary_us));
	SET(object, "shadow",
	    outcome_json(&evidence->shadow, evidence->shadow_us));
	SET(object, "columns",
	    texts_json(evidence->columns, evidence->column_count));
	for (size_t i = 0; i < evidence->row_count; i++)
		json_array_append_new(rows,
				      row_json(evidence, &evidence->rows[i]));
	SET(object, "rows", rows);
	SET(object, "row_total", count_json(evidence->row_total));
	return object;
}

/* Of the statement's runs, 0 to 1. */
static json_t *share_json(uint64_t part, uint64_t whole)
{
	return json_real(whole ? (double)part / (double)whole : 0);
}

static json_t *group_json(const struct report_group *group)
{
	json_t *object = json_object();
	json_t *evidence = json_array();

	SET(object, "fingerprint",
	    fingerprint_json(group->statement->fingerprint));
	SET(object, "statement", text_json(group->statement->text));
	SET(object, "kind", text_json(group->statement->kind));
	SET(object, "class", json_string(divergence_name(group->tally->class)));
	SET(object, "reason", json_string(reason_name(group->tally->reason)));
	SET(object, "count", count_json(group->tally->count));
	SET(object, "of", count_json(group->statement->count));
	SET(object, "first_at", time_json(group->tally->first_at));
	SET(object, "last_at", time_json(group->tally->last_at));
	SET(object, "detail", text_json(group->tally->detail));
	for (size_t i = 0; i < group->evidence_count; i++)
		json_array_append_new(evidence,
				      evidence_json(&group->evidence[i]));
	SET(object, "evidence", evidence);
	return object;
}

static json_t *groups_json(const struct report_group *groups, size_t count,
			   size_t limit)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count && i < limit; i++)
		json_array_append_new(array, group_json(&groups[i]));
	return array;
}

static json_t *problem_json(const struct report_problem *item)
{
	const struct problem *problem = item->problem;
	const struct report_group group = {problem->statement, problem->tally,
					   item->evidence,
					   item->evidence_count};
	json_t *object = group_json(&group);

	/* Of an undecided statement: all its undecided runs. */
	SET(object, "count", count_json(problem->count));
	SET(object, "share", share_json(problem->count, problem->of));
	if (problem->status != PROBLEM_DIVERGED)
		SET(object, "why", text_json(problem->why));
	return object;
}

/* "divergences", "undecided", "excused" and their left-out parts. */
static void problems_json(json_t *object, const struct report *report,
			  size_t limit)
{
	static const char *const names[] = {[PROBLEM_DIVERGED] = "divergences",
					    [PROBLEM_UNDECIDED] = "undecided",
					    [PROBLEM_EXCUSED] = "excused"};
	struct problem_rest rest[PROBLEM_NAMES];
	json_t *lists[] = {json_array(), json_array(), json_array()};
	json_t *problems = json_object();
	json_t *left_out = json_object();
	struct arena arena;
	const struct report_problem *chosen;
	size_t shown;
	size_t count;

	arena_init(&arena, 0);
	chosen = report_choose(report, limit, &arena, &shown);
	for (size_t i = 0; i < shown; i++)
		json_array_append_new(lists[chosen[i].problem->status],
				      problem_json(&chosen[i]));
	arena_release(&arena);
	count =
	    problem_rest(report->problems, report->problem_count, limit, rest);
	for (size_t i = 0; i < count; i++)
		SET(left_out, rest[i].name, count_json(rest[i].count));
	SET(problems, "total", count_json(report->problem_count));
	SET(problems, "shown", count_json(shown));
	SET(problems, "left_out", left_out);
	SET(object, "problems", problems);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		SET(object, names[i], lists[i]);
}

static json_t *exchanges_json(const struct store_content *content)
{
	json_t *object = json_object();

	SET(object, "counted", count_json(content->count));
	SET(object, "seen",
	    store_fact(content, STORE_FACT_SEEN)
		? count_json(store_seen(content))
		: json_null());
	SET(object, "unaccounted", json_integer(store_unaccounted(content)));
	SET(object, "gaps",
	    count_json(store_fact_number(content, STORE_FACT_GAPS)));
	SET(object, "first_at", time_json(content->first_at));
	SET(object, "last_at", time_json(content->last_at));
	return object;
}

static json_t *reasons_json(const struct report *report, size_t limit)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->reason_count; i++) {
		const struct report_reason *reason = &report->reasons[i];
		json_t *object = json_object();

		SET(object, "verdict",
		    json_string(verdict_name(reason->verdict)));
		SET(object, "reason", json_string(reason_name(reason->reason)));
		SET(object, "text", json_string(reason_text(reason->reason)));
		SET(object, "count", count_json(reason->count));
		SET(object, "statements", count_json(reason->group_count));
		SET(object, "examples",
		    groups_json(reason->groups, reason->group_count, limit));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *latencies_json(const struct report *report, size_t limit)
{
	json_t *object = json_object();
	json_t *array = json_array();

	SET(object, "primary", latency_json(&report->content->primary));
	SET(object, "shadow", latency_json(&report->content->shadow));
	for (size_t i = 0; i < report->latency_count && i < limit; i++) {
		const struct store_statement *statement = report->latencies[i];
		json_t *item = json_object();

		SET(item, "fingerprint",
		    fingerprint_json(statement->fingerprint));
		SET(item, "statement", text_json(statement->text));
		SET(item, "primary", latency_json(&statement->primary));
		SET(item, "shadow", latency_json(&statement->shadow));
		SET(item, "p95_ratio",
		    json_real(report_latency_ratio(&statement->primary,
						   &statement->shadow)));
		json_array_append_new(array, item);
	}
	SET(object, "statements", array);
	SET(object, "statements_left_out",
	    count_json(report->latency_count < limit
			   ? 0
			   : report->latency_count - limit));
	return object;
}

static json_t *drift_row_json(const struct drift_table *table,
			      const struct drift_row *row)
{
	json_t *object = json_object();
	json_t *differs = json_null();

	SET(object, "class", json_string(divergence_name(row->class)));
	SET(object, "key", texts_json(row->key, table->key_count));
	SET(object, "primary", texts_json(row->primary, table->column_count));
	SET(object, "shadow", texts_json(row->shadow, table->column_count));
	if (row->differs) {
		differs = json_array();
		for (size_t i = 0; i < table->column_count; i++)
			json_array_append_new(differs,
					      json_boolean(row->differs[i]));
	}
	SET(object, "differs", differs);
	SET(object, "repaired", json_boolean(row->repaired));
	return object;
}

static json_t *drift_table_json(const struct drift_table *table, size_t limit)
{
	json_t *object = json_object();
	json_t *rows = json_array();
	json_t *differs = json_array();

	SET(object, "schema", text_json(table->schema));
	SET(object, "table", text_json(table->name));
	SET(object, "state", text_json(table->state));
	SET(object, "at", time_json(table->at));
	SET(object, "primary_rows", count_json(table->primary_rows));
	SET(object, "shadow_rows", count_json(table->shadow_rows));
	SET(object, "missing", count_json(table->missing));
	SET(object, "extra", count_json(table->extra));
	SET(object, "value", count_json(table->value));
	SET(object, "capped", json_boolean(table->capped));
	SET(object, "undecided", count_json(table->undecided));
	SET(object, "repaired", count_json(table->repaired));
	SET(object, "problem", text_json(table->problem));
	SET(object, "note", text_json(table->note));
	SET(object, "key", texts_json(table->key_names, table->key_count));
	SET(object, "columns", texts_json(table->columns, table->column_count));
	for (size_t i = 0; table->differs && i < table->column_count; i++)
		if (table->differs[i])
			json_array_append_new(differs,
					      text_json(table->columns[i]));
	SET(object, "differs", differs);
	for (size_t i = 0; i < table->row_count && i < limit; i++)
		json_array_append_new(rows,
				      drift_row_json(table, &table->rows[i]));
	SET(object, "rows", rows);
	SET(object, "rows_left_out",
	    count_json(table->row_count < limit ? 0
						: table->row_count - limit));
	return object;
}

/* null: parallax verify has not run. */
static json_t *drift_json(const struct drift *drift, size_t limit)
{
	json_t *object;
	json_t *tables;

	if (!drift || !drift->known)
		return json_null();
	object = json_object();
	tables = json_array();
	SET(object, "rows", count_json(drift->rows));
	SET(object, "undecided", count_json(drift->undecided));
	SET(object, "tables_lacking", count_json(drift->lacking));
	SET(object, "oldest_at", time_json(drift->oldest_at));
	for (size_t i = 0; i < drift->table_count; i++)
		json_array_append_new(
		    tables, drift_table_json(&drift->tables[i], limit));
	SET(object, "tables", tables);
	return object;
}

static json_t *parts_json(const struct store_content *content)
{
	json_t *array = json_array();

	for (size_t i = 0; i < content->part_count; i++) {
		const struct store_part *part = &content->parts[i];
		json_t *object = json_object();

		SET(object, "number", count_json(part->number));
		SET(object, "began_at", time_json(part->began));
		SET(object, "mapping", text_json(part->mapping));
		SET(object, "shadow", text_json(part->shadow));
		SET(object, "journal", text_json(part->journal));
		SET(object, "cause", text_json(part->cause));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *store_json(const struct report *report, size_t limit)
{
	const struct store_content *content = report->content;
	json_t *object = json_object();
	json_t *facts = json_object();
	json_t *verdicts = json_object();
	json_t *classes = json_object();
	json_t *notices = json_array();

	SET(object, "store", text_json(content->path));
	SET(object, "shadow",
	    text_json(store_fact(content, STORE_FACT_SHADOW)));
	for (size_t i = 0; i < content->fact_count; i++)
		SET(facts, content->facts[i].key,
		    text_json(content->facts[i].value));
	SET(object, "facts", facts);
	SET(object, "part",
	    content->part ? count_json(content->part) : json_null());
	SET(object, "parts", parts_json(content));
	SET(object, "exchanges", exchanges_json(content));
	SET(object, "statements", count_json(content->statement_count));
	for (int i = 0; i < VERDICT_COUNT; i++)
		SET(verdicts, verdict_name((enum verdict)i),
		    count_json(content->verdicts[i]));
	SET(object, "verdicts", verdicts);
	for (int i = 1; i < DIVERGENCE_COUNT; i++)
		if (i != DIVERGENCE_DRIFT) /* belongs to no exchange; see
					      "drift" */
			SET(classes, divergence_name((enum divergence_class)i),
			    count_json(content->classes[i]));
	SET(object, "classes", classes);
	for (size_t i = 0; i < report->notice_count; i++) {
		json_t *item = json_object();

		SET(item, "level",
		    json_string(report->notices[i].level == NOTICE_WARNING
				    ? "warning"
				    : "info"));
		SET(item, "text", text_json(report->notices[i].text));
		json_array_append_new(notices, item);
	}
	SET(object, "notices", notices);
	SET(object, "divergence_groups",
	    count_json(report->statuses[PROBLEM_DIVERGED]));
	SET(object, "undecided_statements",
	    count_json(report->statuses[PROBLEM_UNDECIDED]));
	SET(object, "excused_exchanges", count_json(content->excused));
	problems_json(object, report, limit);
	SET(object, "reasons", reasons_json(report, limit));
	SET(object, "drift", drift_json(content->drift, limit));
	SET(object, "latency", latencies_json(report, limit));
	return object;
}

static int append_to(const char *data, size_t size, void *context)
{
	struct buffer *out = context;

	buffer_append(out, data, size);
	return out->failed ? -1 : 0;
}

void report_json(const struct report *reports, size_t count,
		 const struct report_options *options, struct buffer *out)
{
	json_t *root = json_object();
	json_t *stores = json_array();

	SET(root, "format", json_string("parallax-report"));
	SET(root, "version", json_integer(1));
	SET(root, "program", json_string(PARALLAX_VERSION));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(stores,
				      store_json(&reports[i], options->limit));
	SET(root, "stores", stores);
	if (json_dump_callback(root, append_to, out,
			       JSON_INDENT(2) | JSON_REAL_PRECISION(6)))
		out->failed = true;
	buffer_append_string(out, "\n");
	json_decref(root);
}
