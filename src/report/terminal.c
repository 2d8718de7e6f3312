#include <inttypes.h>

#include "report/format.h"
#include "report/report.h"
#include "store/drift.h"
#include "base/utf8.h"

#define BOLD   "\033[1m"
#define DIM    "\033[2m"
#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"

enum {
	EXAMPLES = 3,
	EQUAL_COLUMNS = 4, /* of a row, in addition to those that differ */
	ROWS = 3,
	INDENT = 4,
	LABEL = 8,
	LINES = 6, /* of a statement */
};

struct terminal {
	const struct report_options *options;
	struct buffer *out;
};

static void put(struct terminal *terminal, const char *text)
{
	buffer_append_string(terminal->out, text);
}

static void styled(struct terminal *terminal, const char *style,
		   const char *text)
{
	if (terminal->options->colour)
		put(terminal, style);
	put(terminal, text);
	if (terminal->options->colour)
		put(terminal, "\033[0m");
}

static void spaces(struct terminal *terminal, size_t count)
{
	while (count--)
		buffer_append_byte(terminal->out, ' ');
}

/* Untrusted text, cut at the terminal's right edge; `used` columns are taken.
 */
static void put_cut(struct terminal *terminal, size_t used, const char *text)
{
	size_t width = terminal->options->width;

	format_line(terminal->out, text, width > used + 20 ? width - used : 20);
}

/* Untrusted text over several lines, from column `indent` on. */
static void put_wrapped(struct terminal *terminal, size_t indent,
			const char *text)
{
	size_t width = terminal->options->width;
	size_t room = width > indent + 20 ? width - indent : 20;
	struct buffer line;
	const char *at;

	buffer_init(&line, 0);
	format_line(&line, text, room * LINES);
	at = buffer_string(&line);
	for (;;) {
		size_t bytes = 0;
		size_t characters = 0;
		size_t fit = 0; /* bytes up to the last blank that fits */

		while (at[bytes] && characters < room) {
			if (at[bytes] == ' ')
				fit = bytes;
			do
				bytes++;
			while (((unsigned char)at[bytes] & 0xc0) == 0x80);
			characters++;
		}
		if (!at[bytes] || !fit || at[bytes] == ' ')
			fit = bytes;
		buffer_append(terminal->out, at, fit);
		at += fit;
		if (!*at)
			break;
		at += *at == ' ';
		put(terminal, "\n");
		spaces(terminal, indent);
	}
	buffer_release(&line);
}

/* A cell of `columns` characters, padded with blanks. */
static void put_cell(struct terminal *terminal, const char *text,
		     size_t columns)
{
	size_t written = format_line(terminal->out, text, columns);

	spaces(terminal, columns > written ? columns - written : 0);
}

static void heading(struct terminal *terminal, const char *title)
{
	put(terminal, "\n");
	styled(terminal, BOLD, title);
	put(terminal, "\n");
}

static void label(struct terminal *terminal, const char *name)
{
	spaces(terminal, INDENT);
	styled(terminal, DIM, name);
	spaces(terminal, strlen(name) < LABEL ? LABEL - strlen(name) : 1);
}

static const char *verdict_style(enum verdict verdict)
{
	return verdict == VERDICT_MATCH	     ? GREEN
	       : verdict == VERDICT_DIVERGED ? RED
					     : YELLOW;
}

static void bar(struct terminal *terminal, enum verdict verdict, uint64_t part,
		uint64_t whole)
{
	size_t width = terminal->options->width;
	size_t room = width > 70 ? 30 : width > 50 ? 12 : 0;
	size_t length;

	if (!part || !room)
		return;
	length = (size_t)((double)part / (double)whole * (double)room + 0.5);
	if (!length)
		length = 1;
	put(terminal, "  ");
	if (terminal->options->colour)
		put(terminal, verdict_style(verdict));
	while (length--)
		put(terminal,
		    terminal->options->unicode ? "\xe2\x96\x88" : "#");
	if (terminal->options->colour)
		put(terminal, "\033[0m");
}

static void summary(struct terminal *terminal, const struct report *report)
{
	const struct store_content *content = report->content;
	const char *mapping = store_fact(content, STORE_FACT_MAPPING);
	uint64_t seen = store_seen(content);
	struct buffer part;
	char a[FORMAT_SIZE];
	char b[FORMAT_SIZE];

	buffer_init(&part, 0);
	styled(terminal, BOLD, "Parallax report: ");
	put_cut(terminal, 17, report->name);
	put(terminal, "\n");
	if (report->name != content->path) {
		label(terminal, "store");
		put_cut(terminal, INDENT + LABEL, content->path);
		put(terminal, "\n");
	}
	if (mapping) {
		label(terminal, "mapping");
		put_cut(terminal, INDENT + LABEL, mapping);
		put(terminal, "\n");
	}
	report_part(content, &part);
	if (part.size) {
		label(terminal, "part");
		put_cut(terminal, INDENT + LABEL, buffer_string(&part));
		put(terminal, "\n");
	}
	buffer_release(&part);
	if (content->count) {
		label(terminal, "traffic");
		buffer_printf(terminal->out, "%s to %s\n",
			      format_time(a, content->first_at),
			      format_time(b, content->last_at));
	}
	buffer_printf(terminal->out, "\n%s of %s exchanges accounted for, in ",
		      format_count(a, content->count), format_count(b, seen));
	buffer_printf(terminal->out, "%s statement shape%s\n\n",
		      format_count(a, content->statement_count),
		      content->statement_count == 1 ? "" : "s");
	for (int i = 0; i < VERDICT_COUNT; i++) {
		enum verdict verdict = (enum verdict)i;
		uint64_t count = content->verdicts[i];

		put(terminal, "  ");
		styled(terminal, count ? verdict_style(verdict) : DIM,
		       verdict_name(verdict));
		spaces(terminal, 16 - strlen(verdict_name(verdict)));
		buffer_printf(terminal->out, "%13s %9s", format_count(a, count),
			      format_share(b, count, content->count));
		bar(terminal, verdict, count, content->count);
		put(terminal, "\n");
	}
}

static void notices(struct terminal *terminal, const struct report *report)
{
	if (!report->notice_count)
		return;
	heading(terminal, "Notices");
	for (size_t i = 0; i < report->notice_count; i++) {
		bool warning = report->notices[i].level == NOTICE_WARNING;

		put(terminal, "  ");
		styled(terminal, warning ? YELLOW : DIM, warning ? "!" : "-");
		put(terminal, " ");
		format_line(terminal->out, report->notices[i].text, 0);
		put(terminal, "\n");
	}
}

static void outcome(struct terminal *terminal, const char *name,
		    const struct store_outcome *side, int64_t us)
{
	struct buffer line;
	char a[FORMAT_SIZE];

	if (!*side->outcome)
		return;
	buffer_init(&line, 0);
	if (side->sqlstate)
		buffer_printf(&line, "%s %s: %s", side->outcome, side->sqlstate,
			      side->message ? side->message : "");
	else
		buffer_printf(&line, "%s%s%s", side->outcome,
			      side->tag ? ", " : "",
			      side->tag ? side->tag : "");
	if (side->column_count)
		buffer_printf(&line, ", %s row%s",
			      format_count(a, side->row_count),
			      side->row_count == 1 ? "" : "s");
	if (us >= 0)
		buffer_printf(&line, ", %s", format_us(a, (uint64_t)us));
	label(terminal, name);
	put_wrapped(terminal, INDENT + LABEL, buffer_string(&line));
	put(terminal, "\n");
	buffer_release(&line);
}

static void changed_columns(struct terminal *terminal,
			    const struct store_evidence *evidence)
{
	struct buffer line;
	size_t count = 0;

	buffer_init(&line, 0);
	for (size_t column = 0; column < evidence->column_count; column++) {
		bool differs = false;

		for (size_t i = 0; i < evidence->row_count; i++)
			differs |= evidence->rows[i].differs &&
				   evidence->rows[i].differs[column];
		if (differs)
			buffer_printf(&line, "%s%s", count++ ? ", " : "",
				      evidence->columns[column]);
	}
	if (count) {
		label(terminal, "differ");
		put_cut(terminal, INDENT + LABEL, buffer_string(&line));
		put(terminal, "\n");
	}
	buffer_release(&line);
}

/* One row of both sides: a line for each column, those that differ marked. */
static void row(struct terminal *terminal,
		const struct store_evidence *evidence,
		const struct store_row *item)
{
	size_t width = terminal->options->width;
	size_t name = 18;
	size_t cell = width > 76 ? (width - INDENT - name - 8) / 2 : 20;
	size_t equal = 0;
	char title[64];

	if (cell > 40)
		cell = 40;
	spaces(terminal, INDENT);
	snprintf(title, sizeof(title), "row %" PRIu64, item->row + 1);
	if (terminal->options->colour)
		put(terminal, DIM);
	put(terminal, "  ");
	put_cell(terminal, title, name);
	put(terminal, "  ");
	put_cell(terminal, item->primary ? "primary" : "primary: no such row",
		 cell);
	put(terminal, "  ");
	put(terminal, item->shadow ? "shadow" : "shadow: no such row");
	if (terminal->options->colour)
		put(terminal, "\033[0m");
	put(terminal, "\n");
	for (size_t i = 0; i < evidence->column_count; i++) {
		bool differs = item->differs && item->differs[i];

		if (!differs && equal++ >= EQUAL_COLUMNS)
			continue;
		spaces(terminal, INDENT);
		styled(terminal, RED, differs ? "* " : "  ");
		put_cell(terminal, evidence->columns[i], name);
		put(terminal, "  ");
		put_cell(terminal, item->primary ? item->primary[i] : "", cell);
		put(terminal, "  ");
		format_line(terminal->out, item->shadow ? item->shadow[i] : "",
			    cell);
		while (terminal->out->size && !terminal->out->failed &&
		       terminal->out->data[terminal->out->size - 1] == ' ')
			terminal->out->size--;
		put(terminal, "\n");
	}
	if (equal > EQUAL_COLUMNS) {
		spaces(terminal, INDENT);
		buffer_printf(terminal->out, "  (%zu more columns)\n",
			      equal - EQUAL_COLUMNS);
	}
}

static void evidence_lines(struct terminal *terminal,
			   const struct store_evidence *evidence)
{
	size_t few = report_examples(terminal->options, ROWS);
	size_t shown = evidence->row_count < few ? evidence->row_count : few;

	if (evidence->old_statement) {
		label(terminal, "old");
		put_wrapped(terminal, INDENT + LABEL, evidence->old_statement);
		put(terminal, "\n");
	}
	if (evidence->new_statement) {
		label(terminal, "new");
		put_wrapped(terminal, INDENT + LABEL, evidence->new_statement);
		put(terminal, "\n");
	}
	if (evidence->detail) {
		label(terminal, "why");
		put_wrapped(terminal, INDENT + LABEL, evidence->detail);
		put(terminal, "\n");
	}
	outcome(terminal, "primary", &evidence->primary, evidence->primary_us);
	outcome(terminal, "shadow", &evidence->shadow, evidence->shadow_us);
	changed_columns(terminal, evidence);
	for (size_t i = 0; i < shown; i++)
		row(terminal, evidence, &evidence->rows[i]);
	if (evidence->row_total > shown && shown) {
		spaces(terminal, INDENT);
		buffer_printf(terminal->out, "  (%" PRIu64 " more rows%s)\n",
			      evidence->row_total - shown,
			      evidence->row_count > shown
				  ? ": --limit 0 shows those kept"
				  : "");
	}
}

static void problem_lines(struct terminal *terminal, size_t number,
			  const struct report_problem *item)
{
	const struct problem *problem = item->problem;
	const struct store_statement *statement = problem->statement;
	char a[FORMAT_SIZE];
	char b[FORMAT_SIZE];

	buffer_printf(terminal->out, "\n%3zu. ", number);
	styled(terminal, problem->status == PROBLEM_DIVERGED ? RED : YELLOW,
	       problem->name);
	buffer_printf(terminal->out, "  %s of its %s exchange%s",
		      format_count(a, problem->count),
		      format_count(b, problem->of),
		      problem->of == 1 ? "" : "s");
	buffer_printf(terminal->out, "  %s\n",
		      format_fingerprint(a, statement->fingerprint));
	label(terminal, "what");
	put(terminal, problem_text(problem));
	put(terminal, "\n");
	if (problem->why) {
		label(terminal, "reason");
		put_wrapped(terminal, INDENT + LABEL, problem->why);
		put(terminal, "\n");
	}
	label(terminal, "when");
	buffer_printf(terminal->out, "%s to %s\n",
		      format_time(a, problem->tally->first_at),
		      format_time(b, problem->tally->last_at));
	if (item->evidence) {
		evidence_lines(terminal, item->evidence);
		return;
	}
	if (statement->text) {
		label(terminal, "old");
		put_wrapped(terminal, INDENT + LABEL, statement->text);
		put(terminal, "\n");
	}
	if (problem->tally->detail) {
		label(terminal, "why");
		put_wrapped(terminal, INDENT + LABEL, problem->tally->detail);
		put(terminal, "\n");
	}
}

/* The problems that are not shown, by name, and how to see them. */
static void left_out(struct terminal *terminal, const struct report *report)
{
	struct buffer names;
	size_t count;

	buffer_init(&names, 0);
	count = report_left_out(report, terminal->options->limit, &names);
	if (count) {
		put(terminal, "\n  ");
		buffer_printf(&names, ": --limit 0 shows them");
		buffer_printf(terminal->out, "%zu more not shown: ", count);
		put_wrapped(terminal, 2, buffer_string(&names));
		put(terminal, "\n");
	}
	buffer_release(&names);
}

static void problems(struct terminal *terminal, const struct report *report)
{
	const struct report_problem *chosen;
	struct arena arena;
	size_t count;

	heading(terminal, "Problems");
	if (!report->problem_count) {
		styled(terminal, DIM, "  none\n");
		return;
	}
	arena_init(&arena, 0);
	chosen =
	    report_choose(report, terminal->options->limit, &arena, &count);
	for (size_t i = 0; i < count; i++)
		problem_lines(terminal, i + 1, &chosen[i]);
	arena_release(&arena);
	left_out(terminal, report);
}

/* "3 more statements: --limit 0 shows them", if there are more. */
static void more(struct terminal *terminal, size_t indent, size_t count,
		 size_t shown, const char *what)
{
	if (count <= shown)
		return;
	spaces(terminal, indent);
	buffer_printf(terminal->out, "%zu more %s: --limit 0 shows them\n",
		      count - shown, what);
}

static void undecided(struct terminal *terminal, const struct report *report)
{
	char a[FORMAT_SIZE];
	char b[FORMAT_SIZE];

	if (!report->reason_count)
		return;
	heading(terminal, "Not decided, not run");
	for (size_t i = 0; i < report->reason_count; i++) {
		const struct report_reason *reason = &report->reasons[i];
		size_t few = report_examples(terminal->options, EXAMPLES);

		put(terminal, "  ");
		styled(terminal, YELLOW, verdict_name(reason->verdict));
		buffer_printf(
		    terminal->out, " / %s  %s (%s)\n",
		    reason_name(reason->reason), format_count(a, reason->count),
		    format_share(b, reason->count, report->content->count));
		if (*reason_text(reason->reason)) {
			spaces(terminal, INDENT);
			put_cut(terminal, INDENT, reason_text(reason->reason));
			put(terminal, "\n");
		}
		for (size_t j = 0; j < reason->group_count && j < few; j++) {
			const struct report_group *group = &reason->groups[j];

			spaces(terminal, INDENT);
			styled(terminal, DIM,
			       format_fingerprint(
				   a, group->statement->fingerprint));
			buffer_printf(terminal->out, " %8sx  ",
				      format_count(b, group->tally->count));
			put_cut(terminal, INDENT + 28,
				group->statement->text ? group->statement->text
						       : "(no text)");
			put(terminal, "\n");
			if (group->tally->detail) {
				spaces(terminal, INDENT + 28);
				put_cut(terminal, INDENT + 28,
					group->tally->detail);
				put(terminal, "\n");
			}
		}
		more(terminal, INDENT, reason->group_count, few, "statements");
	}
}

static void latency_line(struct terminal *terminal, const char *name,
			 const struct store_latency *primary,
			 const struct store_latency *shadow)
{
	const uint64_t figures[] = {primary->p50, primary->p95, primary->p99,
				    shadow->p50,  shadow->p95,	shadow->p99};
	double ratio = report_latency_ratio(primary, shadow);
	char a[FORMAT_SIZE];

	for (size_t i = 0; i < 6; i++)
		buffer_printf(terminal->out, "%s%9s", i == 3 ? " |" : "",
			      (i < 3 ? primary : shadow)->count
				  ? format_us(a, figures[i])
				  : "-");
	buffer_printf(terminal->out, "  ");
	if (ratio > 0)
		buffer_printf(terminal->out, "%6.2fx  ", ratio);
	else
		buffer_printf(terminal->out, "%7s  ", "-");
	put_cut(terminal, 67, name);
	put(terminal, "\n");
}

static void drift_row(struct terminal *terminal,
		      const struct drift_table *table,
		      const struct drift_row *row)
{
	struct buffer line;

	buffer_init(&line, 0);
	buffer_append_string(&line, divergence_name(row->class));
	for (size_t i = 0; row->key && i < table->key_count; i++)
		buffer_printf(&line, "%s %s %s", i ? "," : "",
			      table->key_names[i], row->key[i]);
	for (size_t i = 0; i < table->column_count; i++)
		if (row->differs && row->differs[i] && row->primary &&
		    row->shadow)
			buffer_printf(&line, "; %s: %s, there %s",
				      table->columns[i], row->primary[i],
				      row->shadow[i]);
	if (row->repaired)
		buffer_append_string(&line, "; repaired");
	spaces(terminal, INDENT);
	put_wrapped(terminal, INDENT, buffer_string(&line));
	put(terminal, "\n");
	buffer_release(&line);
}

static void drift_table(struct terminal *terminal,
			const struct drift_table *table)
{
	uint64_t rows = table->missing + table->extra + table->value;
	size_t few = report_examples(terminal->options, ROWS);
	char a[FORMAT_SIZE];
	struct buffer line;

	buffer_init(&line, 0);
	buffer_printf(&line, "%s.%s: %s", table->schema, table->name,
		      !strcmp(table->state, DRIFT_FAILED)  ? "not compared"
		      : !strcmp(table->state, DRIFT_NEVER) ? "not compared yet"
							   : table->state);
	if (rows)
		buffer_printf(&line, ", %s%s row%s",
			      table->capped ? "at least " : "",
			      format_count(a, rows), rows == 1 ? "" : "s");
	if (table->repaired)
		buffer_printf(&line, ", %s repaired",
			      format_count(a, table->repaired));
	if (table->problem)
		buffer_printf(&line, ": %s", table->problem);
	if (table->note)
		buffer_printf(&line, " (%s)", table->note);
	put(terminal, "  ");
	put_wrapped(terminal, 4, buffer_string(&line));
	put(terminal, "\n");
	buffer_release(&line);
	for (size_t i = 0; i < table->row_count && i < few; i++)
		drift_row(terminal, table, &table->rows[i]);
	more(terminal, INDENT, table->row_count, few, "rows kept");
}

/* Equal tables are counted, the others listed. */
static void drift_of(struct terminal *terminal, const struct report *report)
{
	const struct drift *drift = report->content->drift;
	char a[FORMAT_SIZE];
	size_t shown = 0;
	size_t equal = 0;

	if (!drift || !drift->known)
		return;
	for (size_t i = 0; i < drift->table_count; i++)
		equal += !strcmp(drift->tables[i].state, DRIFT_EQUAL);
	heading(terminal, "Data at rest");
	buffer_printf(terminal->out,
		      "  %zu of %zu tables equal, %s rows differ, %zu tables "
		      "not decided",
		      equal, drift->table_count, format_count(a, drift->rows),
		      drift->lacking);
	if (drift->oldest_at)
		buffer_printf(terminal->out, "; since %s",
			      format_time(a, drift->oldest_at));
	put(terminal, "\n");
	for (size_t i = 0; i < drift->table_count; i++) {
		const struct drift_table *table = &drift->tables[i];

		if (!strcmp(table->state, DRIFT_EQUAL) && !table->note &&
		    !table->repaired)
			continue;
		if (shown++ < terminal->options->limit)
			drift_table(terminal, table);
	}
	more(terminal, 2, shown, terminal->options->limit, "tables");
}

static void latency(struct terminal *terminal, const struct report *report)
{
	const struct store_content *content = report->content;

	if (!content->primary.count && !content->shadow.count)
		return;
	heading(terminal, "Latency");
	styled(terminal, DIM,
	       "  primary: p50      p95      p99 |shadow: p50      p95      "
	       "p99   p95 ratio\n");
	latency_line(terminal, "all statements", &content->primary,
		     &content->shadow);
	for (size_t i = 0;
	     i < report->latency_count && i < terminal->options->limit; i++)
		latency_line(terminal,
			     report->latencies[i]->text
				 ? report->latencies[i]->text
				 : "(no text)",
			     &report->latencies[i]->primary,
			     &report->latencies[i]->shadow);
	more(terminal, 2, report->latency_count, terminal->options->limit,
	     "statements");
}

void report_terminal(const struct report *reports, size_t count,
		     const struct report_options *options, struct buffer *out)
{
	struct terminal terminal = {options, out};

	for (size_t i = 0; i < count; i++) {
		if (i)
			put(&terminal, "\n\n");
		summary(&terminal, &reports[i]);
		notices(&terminal, &reports[i]);
		problems(&terminal, &reports[i]);
		undecided(&terminal, &reports[i]);
		drift_of(&terminal, &reports[i]);
		latency(&terminal, &reports[i]);
	}
}
