/*
 * Statements of an old schema run on it, and their plans on a new one: the
 * answers must be the same. Each case is a folder of
 *	old.sql, new.sql	the two schemas with the same data
 *	statements.sql		statements, each ended by a ';' at a line's end
 * and a mapping. Lines before a statement may say
 *	-- $1=text $2=...	its parameters (text; NULL by leaving one out)
 *	-- binary		rows are asked for in binary
 *	-- untranslatable: text	that there is no plan, and why
 *	-- skip			that it is not mirrored
 *	-- plan: text		a part of the plan's text
 *	-- order: none|partial|total
 *	-- index		that the plan finds its rows by an index
 * usage: test_lens HOST PORT OLD NEW MAPPING STATEMENTS [-v]
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "adapters/adapter.h"
#include "base/clock.h"
#include "lens/lens.h"

enum { PARAMETERS = 16 };

struct expectation {
	const char *parameters[PARAMETERS];
	int parameter_count;
	bool binary, skip, index;
	char *untranslatable;
	char *plan;
	char *order;
};

struct bench {
	PGconn *old, *new;
	struct catalog *old_catalog, *new_catalog;
	struct lens *lens;
	struct plan_carried *carried;
	bool verbose;
	int failed, run;
};

static const char *const path[] = {"public", NULL};

static void complain(struct bench *bench, const char *statement,
		     const char *shown, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void complain(struct bench *bench, const char *statement,
		     const char *shown, const char *format, ...)
{
	va_list arguments;

	bench->failed++;
	printf("FAILED: %s\n  plan: %s\n  ", statement, shown ? shown : "");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
}

static char *read_file(const char *name)
{
	FILE *file = fopen(name, "rb");
	char *text;
	long size;

	if (!file) {
		perror(name);
		exit(2);
	}
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)size + 1);
	if (fread(text, 1, (size_t)size, file) != (size_t)size)
		exit(2);
	fclose(file);
	return text;
}

static PGconn *connect_to(const char *host, const char *port, const char *name)
{
	const char *keys[] = {
	    "host", "port", "dbname", "user", "client_encoding", NULL};
	const char *values[] = {host, port, name, "postgres", "UTF8", NULL};
	PGconn *connection = PQconnectdbParams(keys, values, 0);

	if (PQstatus(connection) != CONNECTION_OK) {
		fprintf(stderr, "%s", PQerrorMessage(connection));
		exit(2);
	}
	PQclear(PQexec(connection, "SET client_min_messages = error"));
	return connection;
}

static bool succeeded(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
	       status == PGRES_COPY_OUT;
}

static void make_answer(PGresult *result, struct arena *arena,
			struct answer *answer)
{
	int columns = PQnfields(result), rows = PQntuples(result);
	struct answer_column *names =
	    arena_array(arena, (size_t)columns + 1, sizeof(*names));
	struct value *values =
	    arena_array(arena, (size_t)(columns * rows) + 1, sizeof(*values));

	memset(answer, 0, sizeof(*answer));
	answer->outcome = succeeded(result) ? ANSWER_OK : ANSWER_FAILED;
	for (int c = 0; c < columns; c++) {
		names[c].name = PQfname(result, c);
		names[c].format = (uint8_t)PQfformat(result, c);
		names[c].type = PQftype(result, c);
	}
	for (int r = 0; r < rows; r++)
		for (int c = 0; c < columns; c++) {
			struct value *value = &values[r * columns + c];

			if (PQgetisnull(result, r, c))
				continue;
			value->data = (uint8_t *)PQgetvalue(result, r, c);
			value->size = (uint32_t)PQgetlength(result, r, c);
		}
	answer->columns = names;
	answer->column_count = (size_t)columns;
	answer->has_columns = columns > 0;
	answer->rows = values;
	answer->row_held = (size_t)rows;
	answer->row_count = (uint64_t)rows;
}

static bool same_text(const char *a, const char *b)
{
	char *a_end, *b_end;
	double x, y;

	if (!strcmp(a, b))
		return true;
	x = strtod(a, &a_end);
	y = strtod(b, &b_end);
	return a_end != a && b_end != b && !*a_end && !*b_end && x == y;
}

static bool same_cell(PGresult *a, int ar, PGresult *b, int br, int c,
		      const struct plan *plan)
{
	if (plan->promise.columns && (size_t)c < plan->promise.column_count &&
	    (plan->promise.columns[c].clock ||
	     plan->promise.columns[c].volatile_value))
		return true;
	if (PQgetisnull(a, ar, c) || PQgetisnull(b, br, c))
		return PQgetisnull(a, ar, c) == PQgetisnull(b, br, c);
	return same_text(PQgetvalue(a, ar, c), PQgetvalue(b, br, c));
}

static bool same_row(PGresult *a, int ar, PGresult *b, int br,
		     const struct plan *plan)
{
	for (int c = 0; c < PQnfields(a); c++)
		if (!same_cell(a, ar, b, br, c, plan))
			return false;
	return true;
}

static bool same_rows(PGresult *a, PGresult *b, const struct plan *plan)
{
	int rows = PQntuples(a);
	bool *used = calloc((size_t)rows + 1, sizeof(*used));
	bool same = true;

	for (int i = 0; i < rows && same; i++) {
		int j = i;

		if (plan->promise.order != ORDER_TOTAL)
			for (j = 0; j < rows; j++)
				if (!used[j] && same_row(a, i, b, j, plan))
					break;
		same = j < rows && same_row(a, i, b, j, plan);
		if (same)
			used[j] = true;
	}
	free(used);
	return same;
}

static void show(PGresult *result, const char *which)
{
	printf("  %s:", which);
	if (!succeeded(result)) {
		printf(" %s", PQresultErrorMessage(result));
		return;
	}
	for (int r = 0; r < PQntuples(result) && r < 6; r++) {
		printf(" (");
		for (int c = 0; c < PQnfields(result); c++)
			printf("%s%s", c ? "," : "",
			       PQgetisnull(result, r, c)
				   ? "NULL"
				   : PQgetvalue(result, r, c));
		printf(")");
	}
	printf("\n");
}

static void compare(struct bench *bench, const char *statement,
		    const char *text, const struct plan *plan, PGresult *a,
		    PGresult *b)
{
	if (succeeded(a) != succeeded(b)) {
		complain(bench, statement, text, "one of them failed");
		show(a, "old");
		show(b, "new");
		return;
	}
	if (!succeeded(a)) {
		const char *x = PQresultErrorField(a, PG_DIAG_SQLSTATE);
		const char *y = PQresultErrorField(b, PG_DIAG_SQLSTATE);

		if (strcmp(x ? x : "", y ? y : "") != 0)
			complain(bench, statement, text, "%s is not %s: %s", x,
				 y, PQresultErrorMessage(b));
		return;
	}
	/* A write of several tables is answered by a query of its rows. */
	if (!strncmp(PQcmdStatus(a), "TRUNCATE", 8))
		return;
	bool counted = !strncmp(PQcmdStatus(b), "SELECT", 6) &&
		       strncmp(PQcmdStatus(a), "SELECT", 6) != 0;

	if (counted && !PQnfields(a) && *PQcmdTuples(a) &&
	    !strcmp(PQcmdTuples(a), PQcmdTuples(b)))
		return;
	if ((counted ? strcmp(PQcmdTuples(a), PQcmdTuples(b))
		     : strcmp(PQcmdStatus(a), PQcmdStatus(b))) != 0 ||
	    PQnfields(a) != PQnfields(b) || PQntuples(a) != PQntuples(b)) {
		complain(bench, statement, text, "%s is not %s, %d is not %d",
			 PQcmdStatus(a), PQcmdStatus(b), PQnfields(a),
			 PQnfields(b));
		show(a, "old");
		show(b, "new");
		return;
	}
	if (plan->promise.columns && PQnfields(a) &&
	    (int)plan->promise.column_count != PQnfields(a))
		complain(bench, statement, text, "%zu columns foretold, not %d",
			 plan->promise.column_count, PQnfields(a));
	for (int c = 0; c < PQnfields(a); c++) {
		if (strcmp(PQfname(a, c), PQfname(b, c)) != 0)
			complain(bench, statement, text, "column %s is not %s",
				 PQfname(a, c), PQfname(b, c));
		if (plan->promise.columns &&
		    (size_t)c < plan->promise.column_count &&
		    strcmp(plan->promise.columns[c].name, "?column?") != 0 &&
		    strcmp(plan->promise.columns[c].name, PQfname(a, c)) != 0)
			complain(bench, statement, text,
				 "column %s was foretold, not %s",
				 plan->promise.columns[c].name, PQfname(a, c));
	}
	if (!plan->promise.clock_predicate && !same_rows(a, b, plan)) {
		complain(bench, statement, text, "rows differ (order %d)",
			 plan->promise.order);
		show(a, "old");
		show(b, "new");
	}
}

/* Two streams of COPY, line by line. */
static void compare_copies(struct bench *bench, const char *statement,
			   const char *text)
{
	char *a, *b;
	int x, y;

	do {
		x = PQgetCopyData(bench->old, &a, 0);
		y = PQgetCopyData(bench->new, &b, 0);
		if (x != y || (x > 0 && memcmp(a, b, (size_t)x) != 0)) {
			complain(bench, statement, text, "copies differ");
			exit(1);
		}
		if (x > 0) {
			PQfreemem(a);
			PQfreemem(b);
		}
	} while (x > 0);
	PQclear(PQgetResult(bench->old));
	PQclear(PQgetResult(bench->old));
	PQclear(PQgetResult(bench->new));
	PQclear(PQgetResult(bench->new));
}

static PGresult *run_step(struct bench *bench, const struct plan_step *step)
{
	char *values[64] = {0};
	int lengths[64] = {0}, formats[64] = {0};
	Oid types[64] = {0};
	PGresult *result;

	for (size_t i = 0; i < step->parameter_count && i < 64; i++) {
		const struct value *value = &step->parameters[i];

		/* A copy, since libpq takes text up to its NUL. */
		if (value->data) {
			values[i] = calloc(1, (size_t)value->size + 1);
			memcpy(values[i], value->data, value->size);
		}
		lengths[i] = (int)value->size;
		formats[i] = step->parameter_formats[i];
		types[i] = step->parameter_types[i];
	}
	result = PQexecParams(
	    bench->new, step->text, (int)step->parameter_count, types,
	    (const char *const *)values, lengths, formats, step->result_format);
	for (size_t i = 0; i < 64; i++)
		free(values[i]);
	return result;
}

/* Does the new database find the step's rows by an index? */
static bool uses_index(struct bench *bench, const struct plan_step *step)
{
	char *text = NULL;
	bool found = false;
	struct plan_step explain = *step;
	PGresult *result;

	if (asprintf(&text, "EXPLAIN %s", step->text) < 0)
		exit(2);
	explain.text = text;
	explain.result_format = 0;
	result = run_step(bench, &explain);
	for (int r = 0; r < PQntuples(result); r++)
		found |= strstr(PQgetvalue(result, r, 0), "Index") != NULL;
	PQclear(result);
	free(text);
	return found;
}

static bool foretold(struct bench *bench, const char *statement,
		     const struct plan *plan, const struct expectation *expect)
{
	static const char *const orders[] = {"none", "partial", "total"};

	if (expect->untranslatable) {
		if (plan->action != PLAN_UNTRANSLATABLE ||
		    !strstr(plan->detail, expect->untranslatable))
			complain(bench, statement, plan->detail,
				 "should be untranslatable: %s",
				 expect->untranslatable);
		return false;
	}
	if (expect->skip) {
		if (plan->action != PLAN_SKIP)
			complain(bench, statement, plan->detail,
				 "should be skipped");
		return false;
	}
	if (plan->action != PLAN_RUN && plan->action != PLAN_SESSION) {
		complain(bench, statement, plan->detail, "no plan (at %d)",
			 plan->position);
		return false;
	}
	if (expect->order &&
	    strcmp(orders[plan->promise.order], expect->order) != 0)
		complain(bench, statement, "", "order is %s, not %s",
			 orders[plan->promise.order], expect->order);
	return true;
}

static void run(struct bench *bench, const char *statement,
		const struct expectation *expect)
{
	struct arena arena;
	struct answer answer;
	struct lens_session session = {.search_path = path, .key = 1};
	struct value values[PARAMETERS] = {{0}};
	uint8_t formats[PARAMETERS] = {0};
	uint32_t types[PARAMETERS] = {0};
	struct plan_steps steps;
	struct error error;
	int64_t now = clock_unix_us();
	PGresult *old =
	    PQexecParams(bench->old, statement, expect->parameter_count, NULL,
			 expect->parameters, NULL, NULL, expect->binary);
	const struct plan *plan =
	    lens_plan(bench->lens, &session, statement, strlen(statement),
		      types, (size_t)expect->parameter_count);

	bench->run++;
	arena_init(&arena, 0);
	error_init(&error);
	make_answer(old, &arena, &answer);
	for (int i = 0; i < expect->parameter_count; i++) {
		values[i].data = (const uint8_t *)expect->parameters[i];
		values[i].size = expect->parameters[i]
				     ? (uint32_t)strlen(expect->parameters[i])
				     : 0;
	}
	uint8_t result_format = expect->binary;
	struct plan_input input = {
	    .text = statement,
	    .text_size = strlen(statement),
	    .parameters = values,
	    .parameter_formats = formats,
	    .parameter_types = types,
	    .parameter_count = (size_t)expect->parameter_count,
	    .result_formats = &result_format,
	    .result_format_count = 1,
	    .answer = &answer,
	    .carried = bench->carried,
	    .transaction_at = now,
	    .statement_at = now,
	};

	if (!foretold(bench, statement, plan, expect))
		goto out;
	if (plan_fill(plan, &input, &arena, &steps, &error) < 0) {
		complain(bench, statement, NULL, "%s", error.message);
		goto out;
	}
	for (size_t i = 0; i < steps.count; i++) {
		const struct plan_step *step = &steps.steps[i];
		PGresult *new = run_step(bench, step);

		if (bench->verbose)
			printf("%s\n  => %s\n", statement, step->text);
		if (step->role == STEP_PREPARE && !succeeded(new))
			complain(bench, statement, step->text, "%s",
				 PQresultErrorMessage(new));
		if (step->role == STEP_PART && !succeeded(new)) {
			compare(bench, statement, step->text, plan, old, new);
			PQclear(new);
			break;
		}
		if (PQresultStatus(new) == PGRES_COPY_OUT) {
			compare_copies(bench, statement, step->text);
		} else if (step->role == STEP_ANSWER) {
			compare(bench, statement, step->text, plan, old, new);
			if (expect->index && !uses_index(bench, step))
				complain(bench, statement, step->text,
					 "no index serves");
			if (expect->plan && !strstr(step->text, expect->plan))
				complain(bench, statement, step->text,
					 "the plan has not %s", expect->plan);
		}
		PQclear(new);
	}
out:
	lens_release(bench->lens, plan);
	arena_release(&arena);
	PQclear(old);
}

static void parse_note(char *line, struct expectation *expect)
{
	char *at = line + 2;

	while (*at == ' ')
		at++;
	if (!strncmp(at, "untranslatable: ", 16))
		expect->untranslatable = at + 16;
	else if (!strncmp(at, "plan: ", 6))
		expect->plan = at + 6;
	else if (!strncmp(at, "order: ", 7))
		expect->order = at + 7;
	else if (!strcmp(at, "skip"))
		expect->skip = true;
	else if (!strcmp(at, "index"))
		expect->index = true;
	else if (!strcmp(at, "binary"))
		expect->binary = true;
	while (at[0] == '$') {
		char *equal = strchr(at, '=');
		int number = (int)strtol(at + 1, NULL, 10);
		char *next = strstr(at, " $");

		if (!equal || number < 1 || number > PARAMETERS)
			exit(2);
		if (next)
			*next = 0;
		expect->parameters[number - 1] = equal + 1;
		if (number > expect->parameter_count)
			expect->parameter_count = number;
		if (!next)
			break;
		at = next + 1;
	}
}

static void run_all(struct bench *bench, char *text)
{
	struct expectation expect = {0};
	char *statement = NULL;
	char *line = text;

	while (line && *line) {
		char *end = strchr(line, '\n');
		size_t size = end ? (size_t)(end - line) : strlen(line);

		if (!statement && !strncmp(line, "--", 2)) {
			if (end)
				*end = 0;
			parse_note(line, &expect);
		} else if (size || statement) {
			if (!statement)
				statement = line;
			if (size && line[size - 1] == ';') {
				line[size - 1] = 0;
				run(bench, statement, &expect);
				memset(&expect, 0, sizeof(expect));
				statement = NULL;
			}
		}
		line = end ? end + 1 : NULL;
	}
}

int main(int argc, char **argv)
{
	const struct adapter *adapter = adapter_find("postgres");
	struct bench bench = {.verbose = argc > 7};
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	char *script;
	struct error error;

	if (argc < 7)
		return 2;
	bench.old = connect_to(argv[1], argv[2], argv[3]);
	bench.new = connect_to(argv[1], argv[2], argv[4]);
	struct endpoint old = {.host = argv[1],
			       .port = (int)strtol(argv[2], NULL, 10),
			       .database = argv[3],
			       .user = "postgres"};
	struct endpoint new = old;

	new.database = argv[4];
	error_init(&error);
	diagnostics_init(&diagnostics);
	if (adapter_catalog(adapter, &old, &bench.old_catalog, &error) < 0 ||
	    adapter_catalog(adapter, &new, &bench.new_catalog, &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		return 2;
	}
	if ((strcmp(argv[5], "-") != 0 &&
	     mapping_load(argv[5], &diagnostics, &mapping) < 0) ||
	    lens_new(adapter->parser, adapter->parser, mapping,
		     bench.old_catalog, bench.new_catalog, &diagnostics,
		     &bench.lens) < 0) {
		diagnostics_print(&diagnostics, stdout);
		return 2;
	}
	bench.carried = plan_carried_new();
	script = read_file(argv[6]);
	run_all(&bench, script);
	free(script);
	printf("%d statements, %d failures\n", bench.run, bench.failed);
	lens_free(&bench.lens);
	plan_carried_free(&bench.carried);
	catalog_free(&bench.old_catalog);
	catalog_free(&bench.new_catalog);
	if (mapping)
		mapping_free(&mapping);
	diagnostics_release(&diagnostics);
	PQfinish(bench.old);
	PQfinish(bench.new);
	return bench.failed ? 1 : 0;
}
