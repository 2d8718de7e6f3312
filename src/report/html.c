/*
 * One HTML file: the template (page.html) with title, policy and body inserted.
 * Every text from a store is untrusted and passes format_html. Should one slip
 * past, the content security policy runs no script but the template's own, by
 * its hash, and fetches nothing.
 */
#include <inttypes.h>
#include <openssl/evp.h>

#include "report/format.h"
#include "report/report.h"
#include "store/drift.h"
#include "src/report/page.html.h"

enum { OPEN_GROUPS = 3, EXAMPLES = 5, EVIDENCE = 2 };

static void put(struct buffer *out, const char *html)
{
	buffer_append_string(out, html);
}

static void put_text(struct buffer *out, const char *text)
{
	format_html(out, text ? text : "");
}

static void element(struct buffer *out, const char *open, const char *text,
		    const char *close)
{
	put(out, open);
	put_text(out, text);
	put(out, close);
}

static void counted(struct buffer *out, uint64_t count, const char *one,
		    const char *many)
{
	char a[FORMAT_SIZE];

	buffer_printf(out, "%s %s", format_count(a, count),
		      count == 1 ? one : many);
}

static void headline(struct buffer *out, const struct report *report)
{
	uint64_t diverged = report->content->verdicts[VERDICT_DIVERGED];
	size_t undecided = report->statuses[PROBLEM_UNDECIDED];

	if (!report->content->count) {
		put(out, "<p class=\"headline none\">No evidence yet</p>");
		return;
	}
	if (diverged) {
		put(out, "<p class=\"headline bad\">");
		counted(out, diverged, "divergence in ", "divergences in ");
		counted(out, report->statuses[PROBLEM_DIVERGED],
			"kind of statement", "kinds of statement");
	} else {
		put(out, undecided ? "<p class=\"headline none\">"
				   : "<p class=\"headline good\">");
		put(out, "No divergence");
	}
	if (undecided) {
		put(out, diverged ? "; " : ", but ");
		counted(out, undecided, "statement never decided",
			"statements never decided");
	}
	put(out, "</p>");
}

static void verdict_bar(struct buffer *out, const struct store_content *content)
{
	char a[FORMAT_SIZE];

	if (!content->count)
		return;
	put(out, "<div class=\"bar\" role=\"img\" aria-label=\"");
	for (int i = 0; i < VERDICT_COUNT; i++)
		if (content->verdicts[i])
			buffer_printf(out, "%s %s. ",
				      verdict_name((enum verdict)i),
				      format_share(a, content->verdicts[i],
						   content->count)[0] == '<'
					  ? "under 0.01 %"
				      : a[0] == '>' ? "over 99.99 %"
						    : a);
	put(out, "\">");
	for (int i = 0; i < VERDICT_COUNT; i++)
		if (content->verdicts[i])
			buffer_printf(
			    out,
			    "<span class=\"%s\" style=\"flex-grow:%" PRIu64
			    "\"></span>",
			    verdict_name((enum verdict)i),
			    content->verdicts[i]);
	put(out, "</div>");
}

static void verdicts(struct buffer *out, const struct store_content *content)
{
	char a[FORMAT_SIZE];

	put(out, "<dl class=\"verdicts\">");
	for (int i = 0; i < VERDICT_COUNT; i++) {
		const char *name = verdict_name((enum verdict)i);

		buffer_printf(out,
			      "<div class=\"%s%s\" title=\"%s\"><dt>%s</dt>"
			      "<dd>%s<small>",
			      name, content->verdicts[i] ? "" : " zero",
			      verdict_text((enum verdict)i), name,
			      format_count(a, content->verdicts[i]));
		put_text(out,
			 format_share(a, content->verdicts[i], content->count));
		put(out, "</small></dd></div>");
	}
	put(out, "</dl>");
}

static void summary(struct buffer *out, const struct report *report)
{
	const struct store_content *content = report->content;
	const char *mapping = store_fact(content, STORE_FACT_MAPPING);
	uint64_t seen = store_seen(content);
	struct buffer part;
	char a[FORMAT_SIZE];
	char b[FORMAT_SIZE];

	element(out, "<h1>", report->name, "</h1>\n<p class=\"meta\">");
	if (content->count)
		buffer_printf(out, "Traffic from %s to %s",
			      format_time(a, content->first_at),
			      format_time(b, content->last_at));
	else
		put(out, "No traffic");
	if (mapping)
		element(out, " &middot; mapping <code>", mapping, "</code>");
	element(out, " &middot; store <code>", content->path, "</code>");
	buffer_init(&part, 0);
	report_part(content, &part);
	if (part.size)
		element(out, "<br>Part of the evidence: ", buffer_string(&part),
			"");
	buffer_release(&part);
	put(out, "</p>\n");
	put(out, "<div class=\"card\">");
	headline(out, report);
	buffer_printf(out,
		      "<p class=\"account\">%s of %s exchanges accounted for, "
		      "in ",
		      format_count(a, content->count), format_count(b, seen));
	buffer_printf(out, "%s shape%s of statement</p>",
		      format_count(a, content->statement_count),
		      content->statement_count == 1 ? "" : "s");
	verdict_bar(out, content);
	verdicts(out, content);
	put(out, "</div>\n");
	if (!report->notice_count)
		return;
	put(out, "<ul class=\"notices\" aria-label=\"Notices\">");
	for (size_t i = 0; i < report->notice_count; i++)
		element(out,
			report->notices[i].level == NOTICE_WARNING
			    ? "<li class=\"warning\">"
			    : "<li>",
			report->notices[i].text, "</li>");
	put(out, "</ul>\n");
}

static void outcome(struct buffer *out, const char *name,
		    const struct store_outcome *side, int64_t us)
{
	char a[FORMAT_SIZE];

	put(out, "<tr><th scope=\"row\">");
	put(out, name);
	if (!side->outcome || !*side->outcome) {
		put(out, "</th><td colspan=\"4\">not known</td></tr>");
		return;
	}
	element(out, "</th><td>", side->outcome, "</td><td class=\"wrap\">");
	if (side->sqlstate) {
		element(out, "<code>", side->sqlstate, "</code> ");
		put_text(out, side->message);
	} else {
		put_text(out, side->tag);
	}
	put(out, "</td><td class=\"n\">");
	if (side->column_count)
		put(out, format_count(a, side->row_count));
	else if (side->affected >= 0)
		put(out, format_count(a, (uint64_t)side->affected));
	put(out, "</td><td class=\"n\">");
	if (us >= 0)
		put(out, format_us(a, (uint64_t)us));
	put(out, "</td></tr>");
}

static void row_side(struct buffer *out, const struct store_evidence *evidence,
		     const struct store_row *row, const char *name,
		     const char *const *values, bool second)
{
	buffer_printf(out, "<tr class=\"%s%s\">", second ? "second" : "",
		      values ? "" : " absent");
	if (!second)
		buffer_printf(out,
			      "<td class=\"n\" rowspan=\"2\">%" PRIu64 "</td>",
			      row->row + 1);
	buffer_printf(out, "<th scope=\"row\">%s</th>", name);
	if (!values) {
		buffer_printf(out, "<td colspan=\"%zu\">no such row</td></tr>",
			      evidence->column_count ? evidence->column_count
						     : 1);
		return;
	}
	for (size_t i = 0; i < evidence->column_count; i++)
		element(out,
			row->differs && row->differs[i]
			    ? "<td class=\"differs\"><code>"
			    : "<td><code>",
			values[i], "</code></td>");
	put(out, "</tr>\n");
}

static void rows(struct buffer *out, const struct store_evidence *evidence)
{
	char a[FORMAT_SIZE];

	if (!evidence->row_count)
		return;
	put(out, "<p class=\"label\">Rows that differ</p><div class=\"scroll\" "
		 "tabindex=\"0\" role=\"region\" aria-label=\"Rows that "
		 "differ\"><table><thead><tr><th scope=\"col\" class=\"n\">Row"
		 "</th><th scope=\"col\">Side</th>");
	for (size_t i = 0; i < evidence->column_count; i++)
		element(out, "<th scope=\"col\">", evidence->columns[i],
			"</th>");
	put(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < evidence->row_count; i++) {
		const struct store_row *row = &evidence->rows[i];

		row_side(out, evidence, row, "primary", row->primary, false);
		row_side(out, evidence, row, "shadow", row->shadow, true);
	}
	put(out, "</tbody></table></div>");
	if (evidence->row_total > evidence->row_count)
		buffer_printf(
		    out, "<p class=\"more\">%s more rows differ.</p>",
		    format_count(a, evidence->row_total - evidence->row_count));
}

static void column_names(struct buffer *out, const char *side,
			 const struct store_outcome *outcome_of)
{
	buffer_printf(out, "<div><p class=\"label\">Columns, %s</p><pre>",
		      side);
	for (size_t i = 0; i < outcome_of->column_count; i++) {
		put(out, i ? ", " : "");
		put_text(out, outcome_of->columns[i]);
	}
	put(out, "</pre></div>");
}

static void one_evidence(struct buffer *out,
			 const struct store_evidence *evidence)
{
	char a[FORMAT_SIZE];

	put(out, "<div class=\"pair\"><div>");
	element(out, "<p class=\"label\">Old statement</p><pre>",
		evidence->old_statement ? evidence->old_statement : "not kept",
		"</pre></div>");
	element(out, "<div><p class=\"label\">As run on the shadow</p><pre>",
		evidence->new_statement ? evidence->new_statement : "not run",
		"</pre></div></div>\n");
	if (evidence->detail)
		element(out, "<p class=\"label\">Why</p><div>",
			evidence->detail, "</div>");
	if (evidence->class == DIVERGENCE_COLUMNS) {
		put(out, "<div class=\"pair\">");
		column_names(out, "primary", &evidence->primary);
		column_names(out, "shadow", &evidence->shadow);
		put(out, "</div>");
	}
	rows(out, evidence);
	put(out, "<p class=\"label\">Outcomes</p><div class=\"scroll\" "
		 "tabindex=\"0\" role=\"region\" aria-label=\"Outcomes\">"
		 "<table><thead><tr><th scope=\"col\">Side</th>"
		 "<th scope=\"col\">Outcome</th><th scope=\"col\">Answer</th>"
		 "<th scope=\"col\" class=\"n\">Rows</th>"
		 "<th scope=\"col\" class=\"n\">Time</th></tr></thead><tbody>");
	outcome(out, "primary", &evidence->primary, evidence->primary_us);
	outcome(out, "shadow", &evidence->shadow, evidence->shadow_us);
	put(out, "</tbody></table></div>");
	buffer_printf(out,
		      "<p class=\"more\">seq %" PRIu64 ", session %" PRIu64
		      ", epoch %" PRIu32 ", %s",
		      evidence->seq, evidence->session, evidence->epoch,
		      format_time(a, evidence->at));
	if (evidence->client && *evidence->client)
		element(out, ", client ", evidence->client, "");
	put(out, "</p>\n");
}

static const char *problem_style(const struct problem *problem)
{
	return problem->status == PROBLEM_DIVERGED ? "diverged"
						   : "inconclusive";
}

static void problem_body(struct buffer *out, const struct report_problem *item)
{
	const struct problem *problem = item->problem;
	const struct store_statement *statement = problem->statement;
	size_t shown =
	    item->evidence_count < EVIDENCE ? item->evidence_count : EVIDENCE;
	char a[FORMAT_SIZE];
	char b[FORMAT_SIZE];

	if (problem->why)
		element(out, "<p class=\"label\">Reason</p><div>", problem->why,
			"</div>\n");
	for (size_t i = 0; i < shown; i++)
		one_evidence(out, &item->evidence[i]);
	if (!shown)
		element(out, "<p class=\"label\">Old statement</p><pre>",
			statement->text ? statement->text : "(no text)",
			"</pre>");
	if (!shown && problem->tally->detail)
		element(out, "<p class=\"label\">Why</p><div>",
			problem->tally->detail, "</div>\n");
	if (item->evidence_count > shown)
		buffer_printf(out,
			      "<p class=\"more\">%zu more of the exchanges "
			      "kept: <code>--format json</code> has them.</p>",
			      item->evidence_count - shown);
	buffer_printf(out, "<p class=\"more\">Fingerprint <code>%s</code>, ",
		      format_fingerprint(a, statement->fingerprint));
	buffer_printf(out, "%s to %s; ",
		      format_time(a, problem->tally->first_at),
		      format_time(b, problem->tally->last_at));
	buffer_printf(out, "%s of this statement's %s exchanges.</p>",
		      format_count(a, problem->count),
		      format_count(b, problem->of));
}

static void one_problem(struct buffer *out, const struct report_problem *item,
			bool open)
{
	const struct problem *problem = item->problem;
	const char *text = problem->statement->text;
	char a[FORMAT_SIZE];
	char b[FORMAT_SIZE];

	buffer_printf(out,
		      "<details class=\"group %s\" data-class=\"%s\"%s>"
		      "<summary><span class=\"tag\">%s</span>"
		      "<span class=\"what\">%s</span>",
		      problem_style(problem), problem->name,
		      open ? " open" : "", problem->name,
		      problem_text(problem));
	buffer_printf(out, "<span class=\"times\">%s of %s</span>",
		      format_count(a, problem->count),
		      format_count(b, problem->of));
	element(out, "<code>", text ? text : "(no text)",
		"</code></summary><div class=\"body\">\n");
	problem_body(out, item);
	put(out, "</div></details>\n");
}

/* A chip with a count for each name shown. */
static void chips(struct buffer *out, const struct report_problem *shown,
		  size_t count)
{
	struct problem_rest chips_of[PROBLEM_NAMES];
	size_t names = 0;

	for (size_t i = 0; i < count; i++)
		problem_rest_add(chips_of, &names, shown[i].problem->name);
	for (size_t i = 0; i < names; i++)
		buffer_printf(out,
			      "<button type=\"button\" data-class=\"%s\" "
			      "aria-pressed=\"false\">%s <small>%zu</small>"
			      "</button>",
			      chips_of[i].name, chips_of[i].name,
			      chips_of[i].count);
}

static void filters(struct buffer *out, const struct report *report, size_t id,
		    const struct report_problem *shown, size_t count)
{
	buffer_printf(out,
		      "<form class=\"filters\" data-filter=\"groups%zu\" "
		      "data-total=\"%zu\">"
		      "<input type=\"search\" placeholder=\"Find in statements "
		      "and columns\" aria-label=\"Find in problems\">"
		      "<button type=\"button\" data-class=\"\" "
		      "aria-pressed=\"true\">all <small>%zu</small></button>",
		      id, report->problem_count, count);
	chips(out, shown, count);
	put(out, "<output></output></form>\n");
}

static void problems(struct buffer *out, const struct report *report, size_t id,
		     size_t limit)
{
	const struct report_problem *shown;
	struct arena arena;
	struct buffer names;
	size_t count;
	size_t rest;

	buffer_printf(out, "<h2 id=\"problems%zu\">Problems", id);
	if (report->problem_count)
		put(out, "<small>by statement, the gravest and most certain "
			 "first</small>");
	put(out, "</h2>\n");
	if (!report->problem_count) {
		put(out, "<p class=\"empty\">None.</p>\n");
		return;
	}
	arena_init(&arena, 0);
	buffer_init(&names, 0);
	shown = report_choose(report, limit, &arena, &count);
	rest = report_left_out(report, limit, &names);
	if (count > 1)
		filters(out, report, id, shown, count);
	buffer_printf(out, "<div id=\"groups%zu\">\n", id);
	for (size_t i = 0; i < count; i++)
		one_problem(out, &shown[i], i < OPEN_GROUPS);
	put(out, "</div>\n");
	if (rest)
		buffer_printf(out,
			      "<p class=\"more left-out\">%zu more are not on "
			      "this page: %s. <code>parallax report --limit 0"
			      "</code> shows all.</p>\n",
			      rest, buffer_string(&names));
	buffer_release(&names);
	arena_release(&arena);
}

/* A row below a shortened list; `columns` wide. */
static void more_row(struct buffer *out, size_t columns, size_t more,
		     const char *what)
{
	if (more)
		buffer_printf(out,
			      "<tr><td colspan=\"%zu\" class=\"rest\">%zu "
			      "more %s: <code>--limit 0</code> shows them."
			      "</td></tr>\n",
			      columns, more, what);
}

static void undecided(struct buffer *out, const struct report *report,
		      size_t few)
{
	char a[FORMAT_SIZE];

	if (!report->reason_count)
		return;
	put(out, "<h2>Not decided, not run<small>never counted as a match"
		 "</small></h2>\n<div class=\"scroll\" tabindex=\"0\" "
		 "role=\"region\" aria-label=\"Not decided, not run\"><table>"
		 "<thead><tr><th scope=\"col\">Verdict</th><th scope=\"col\">"
		 "Reason</th><th scope=\"col\" class=\"n\">Exchanges</th>"
		 "<th scope=\"col\" class=\"n\">Share</th><th scope=\"col\">"
		 "Statements</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < report->reason_count; i++) {
		const struct report_reason *reason = &report->reasons[i];

		buffer_printf(out,
			      "<tr><td><span class=\"tag %s\">%s</span></td>"
			      "<td class=\"wrap\"><strong>%s</strong><br>%s"
			      "</td><td class=\"n\">%s</td><td class=\"n\">",
			      verdict_name(reason->verdict),
			      verdict_name(reason->verdict),
			      reason_name(reason->reason),
			      reason_text(reason->reason),
			      format_count(a, reason->count));
		put_text(out, format_share(a, reason->count,
					   report->content->count));
		buffer_printf(out,
			      "</td><td class=\"wrap\"><details "
			      "class=\"examples\"><summary>%zu shape%s"
			      "</summary><ul>",
			      reason->group_count,
			      reason->group_count == 1 ? "" : "s");
		for (size_t j = 0; j < reason->group_count && j < few; j++) {
			const struct report_group *item = &reason->groups[j];

			buffer_printf(out, "<li>%s&times; ",
				      format_count(a, item->tally->count));
			element(out, "<code>",
				item->statement->text ? item->statement->text
						      : "(no text)",
				"</code>");
			if (item->tally->detail)
				element(out, "<br>", item->tally->detail, "");
			put(out, "</li>");
		}
		if (reason->group_count > few)
			buffer_printf(out,
				      "<li>%zu more: <code>--limit 0</code> "
				      "shows them</li>",
				      reason->group_count - few);
		put(out, "</ul></details></td></tr>\n");
	}
	put(out, "</tbody></table></div>\n");
}

static void drift_rows(struct buffer *out, const struct drift_table *table)
{
	if (!table->row_count)
		return;
	put(out, "<details class=\"examples\"><summary>rows</summary><ul>");
	for (size_t i = 0; i < table->row_count; i++) {
		const struct drift_row *row = &table->rows[i];

		buffer_printf(out, "<li>%s", divergence_name(row->class));
		for (size_t k = 0; row->key && k < table->key_count; k++) {
			element(out, k ? ", " : " ", table->key_names[k], " ");
			element(out, "<code>", row->key[k], "</code>");
		}
		for (size_t k = 0; k < table->column_count; k++) {
			if (!row->differs || !row->differs[k] ||
			    !row->primary || !row->shadow)
				continue;
			element(out, "; ", table->columns[k], " ");
			element(out, "<code>", row->primary[k], "</code>");
			element(out, ", there <code>", row->shadow[k],
				"</code>");
		}
		put(out, row->repaired ? "; repaired</li>" : "</li>");
	}
	put(out, "</ul></details>");
}

static void drift_table(struct buffer *out, const struct drift_table *table)
{
	const uint64_t figures[] = {table->primary_rows, table->missing,
				    table->extra, table->value,
				    table->undecided};
	bool bad = table->missing + table->extra + table->value > 0;
	bool good = !strcmp(table->state, DRIFT_EQUAL);
	char a[FORMAT_SIZE];

	element(out, "<tr><td><code>", table->schema, ".");
	element(out, "", table->name, "</code></td>");
	buffer_printf(out, "<td><span class=\"tag %s\">",
		      bad    ? "diverged"
		      : good ? "match"
			     : "inconclusive");
	element(out, "", table->state, "</span></td>");
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		buffer_printf(out, "<td class=\"n\">%s</td>",
			      format_count(a, figures[i]));
	put(out, "<td class=\"wrap\">");
	if (table->capped)
		put(out, "At least so many. ");
	if (table->repaired)
		buffer_printf(out, "%s repaired. ",
			      format_count(a, table->repaired));
	if (table->problem)
		element(out, "", table->problem, " ");
	if (table->note)
		element(out, "<br>", table->note, "");
	drift_rows(out, table);
	put(out, "</td></tr>\n");
}

static void drift_of(struct buffer *out, const struct report *report)
{
	const struct drift *drift = report->content->drift;
	char a[FORMAT_SIZE];

	if (!drift || !drift->known)
		return;
	put(out, "<h2>Data at rest<small>compared by parallax verify");
	if (drift->oldest_at)
		buffer_printf(out, ", since %s",
			      format_time(a, drift->oldest_at));
	put(out, "</small></h2>\n<div class=\"scroll\" tabindex=\"0\" "
		 "role=\"region\" aria-label=\"Data at rest\"><table><thead>"
		 "<tr><th scope=\"col\">Table</th><th scope=\"col\">State</th>"
		 "<th scope=\"col\" class=\"n\">Rows</th><th scope=\"col\" "
		 "class=\"n\">Missing</th><th scope=\"col\" class=\"n\">Extra"
		 "</th><th scope=\"col\" class=\"n\">Values</th>"
		 "<th scope=\"col\" class=\"n\">Undecided</th>"
		 "<th scope=\"col\">Remarks</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < drift->table_count; i++)
		drift_table(out, &drift->tables[i]);
	put(out, "</tbody></table></div>\n");
}

static void latency_row(struct buffer *out, const char *name,
			const struct store_latency *primary,
			const struct store_latency *shadow)
{
	const struct store_latency *sides[] = {primary, shadow};
	double ratio = report_latency_ratio(primary, shadow);
	char a[FORMAT_SIZE];

	put(out, "<tr><td class=\"cut\"><code title=\"");
	put_text(out, name);
	element(out, "\">", name, "</code></td>");
	for (size_t i = 0; i < 2; i++) {
		const uint64_t figures[] = {sides[i]->p50, sides[i]->p95,
					    sides[i]->p99};

		for (size_t j = 0; j < 3; j++)
			element(out, "<td class=\"n\">",
				sides[i]->count ? format_us(a, figures[j])
						: "-",
				"</td>");
	}
	if (ratio > 0)
		buffer_printf(out, "<td class=\"n%s\">%.2f&times;</td>",
			      ratio >= 1.5 ? " slow" : "", ratio);
	else
		put(out, "<td class=\"n\">-</td>");
	put(out, "</tr>\n");
}

static void latency(struct buffer *out, const struct report *report,
		    size_t limit)
{
	const struct store_content *content = report->content;

	if (!content->primary.count && !content->shadow.count)
		return;
	put(out,
	    "<h2>Latency<small>most changed first, by p95</small></h2>\n"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Latency\"><table><thead><tr><th scope=\"col\">"
	    "Statement</th><th scope=\"col\" class=\"n\">primary p50</th>"
	    "<th scope=\"col\" class=\"n\">p95</th><th scope=\"col\" "
	    "class=\"n\">p99</th><th scope=\"col\" class=\"n\">shadow p50</th>"
	    "<th scope=\"col\" class=\"n\">p95</th><th scope=\"col\" "
	    "class=\"n\">p99</th><th scope=\"col\" class=\"n\">p95 ratio</th>"
	    "</tr></thead><tbody>\n");
	latency_row(out, "all statements", &content->primary, &content->shadow);
	for (size_t i = 0; i < report->latency_count && i < limit; i++)
		latency_row(out,
			    report->latencies[i]->text
				? report->latencies[i]->text
				: "(no text)",
			    &report->latencies[i]->primary,
			    &report->latencies[i]->shadow);
	more_row(out, 8,
		 report->latency_count < limit ? 0
					       : report->latency_count - limit,
		 "statements");
	put(out, "</tbody></table></div>\n");
}

static void body(struct buffer *out, const struct report *reports, size_t count,
		 const struct report_options *options)
{
	put(out, "<header class=\"top\"><span class=\"brand\">Parallax</span>");
	if (count > 1) {
		put(out, "<nav aria-label=\"Shadows\">");
		for (size_t i = 0; i < count; i++) {
			buffer_printf(out, "<a href=\"#store%zu\">", i);
			element(out, "", reports[i].name, "</a>");
		}
		put(out, "</nav>");
	}
	put(out, "</header>\n<main>\n");
	for (size_t i = 0; i < count; i++) {
		buffer_printf(out, "<section id=\"store%zu\">\n", i);
		summary(out, &reports[i]);
		problems(out, &reports[i], i, options->limit);
		undecided(out, &reports[i], report_examples(options, EXAMPLES));
		drift_of(out, &reports[i]);
		latency(out, &reports[i], options->limit);
		put(out, "</section>\n");
	}
	put(out, "</main>\n<footer>Made by parallax " PARALLAX_VERSION
		 ". Values show as a shape and a keyed hash unless the mirror "
		 "was told to show them: equal hashes are equal values."
		 "</footer>\n");
}

/* No script but the template's, nothing from elsewhere. */
static void policy(struct buffer *out)
{
	static const char open[] = "<script>";
	const char *script = strstr(page_html, open);
	const char *end = script ? strstr(script, "</script>") : NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char text[64] = "";
	unsigned size = 0;

	put(out, "<meta http-equiv=\"Content-Security-Policy\" "
		 "content=\"default-src 'none'; style-src 'unsafe-inline'");
	if (end) {
		script += sizeof(open) - 1;
		if (EVP_Digest(script, (size_t)(end - script), digest, &size,
			       EVP_sha256(), NULL)) {
			EVP_EncodeBlock(text, digest, (int)size);
			buffer_printf(out, "; script-src 'sha256-%s'", text);
		}
	}
	put(out, "; base-uri 'none'; form-action 'none'\">");
}

void report_html(const struct report *reports, size_t count,
		 const struct report_options *options, struct buffer *out)
{
	const char *at = page_html;

	for (;;) {
		const char *mark = strstr(at, "<!--{");

		if (!mark)
			break;
		buffer_append(out, at, (size_t)(mark - at));
		if (!strncmp(mark, "<!--{policy}", 12))
			policy(out);
		else if (!strncmp(mark, "<!--{title}", 11))
			element(out, "Parallax report: ",
				count == 1 ? reports[0].name : "shadows", "");
		else
			body(out, reports, count, options);
		at = strstr(mark, "}-->") + 4;
	}
	put(out, at);
}
