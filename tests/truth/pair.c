/*
 * Two servers, side by side: a statement is run on the one as it is written and
 * on the other as the lens rewrites it, and the answers are compared as the
 * product compares them. Driven by tests/truth/pair.py, with a line of JSON for
 * each question and one for its answer:
 *
 *	{"do": "open", "old": WHERE, "new": WHERE}
 *		WHERE: {"host", "port", "database", "user"}
 *	{"do": "map", "mapping": path}
 *		through that mapping; else everything is rewritten onto the same
 *		schema
 *	{"do": "run", "text", "data": of COPY FROM STDIN, "rows": give them}
 *	{"do": "raw", "text", "data"}
 *		on both as it is written
 *
 * Answers hold "verdict": same (to the byte), equal (by what the plan says of
 * order and clocks), diverged, undecided, untranslatable, skipped, unparsed,
 * void (in a transaction that has failed) or raw; "kind" of statement, "failed"
 * and "failed_new" (SQLSTATE or ""), and for what is not the same the reason.
 */
#include "truth/pair/sight.h"

#include "base/clock.h"
#include "compare/compare.h"
#include "lens/compile/name.h"
#include "lens/plan/recipe.h"
#include "truth/pair/reply.h"

enum { SAMPLE_ROWS = 5, CLOCK_TOLERANCE_US = 2000000 };

static void say_failures(struct pair *pair, json_t *reply)
{
	say(reply, "failed", server_failure(&pair->old));
	say(reply, "failed_new", server_failure(&pair->new));
	json_object_set_new(reply, "copies",
			    json_integer((json_int_t)pair->old.copies));
	say(reply, "strings",
	    PQparameterStatus(pair->old.connection,
			      "standard_conforming_strings"));
	say(reply, "message", PQerrorMessage(pair->old.connection));
	say(reply, "message_new", PQerrorMessage(pair->new.connection));
}

/* ---- one statement ---- */

static void run_raw(struct pair *pair, const char *text, const char *data)
{
	server_send(&pair->old, text);
	server_send(&pair->new, text);
	server_collect(&pair->old, data);
	server_collect(&pair->new, data);
}

static void raw(struct pair *pair, const char *text, const char *data,
		const char *verdict, json_t *reply)
{
	bool same;

	run_raw(pair, text, data);
	same = pair->old.count == pair->new.count &&
	       !strcmp(server_failure(&pair->old), server_failure(&pair->new));
	for (size_t i = 0; same && i < pair->old.count; i++)
		same = !strcmp(PQcmdStatus(pair->old.results[i]),
			       PQcmdStatus(pair->new.results[i]));
	say(reply, "verdict", verdict);
	json_object_set_new(reply, "alike", json_boolean(same));
	say_failures(pair, reply);
}

/* What has no plan. Through a mapping the new schema would not know its names;
 * else it is run as it is, so that the sessions stay the same. */
static void unplanned(struct pair *pair, const char *text, const char *data,
		      const char *verdict, json_t *reply)
{
	if (!pair->mapping) {
		raw(pair, text, data, verdict, reply);
		return;
	}
	server_send(&pair->old, text);
	server_collect(&pair->old, data);
	server_forget(&pair->new);
	say(reply, "verdict", verdict);
	say_failures(pair, reply);
}

/* What the plan foretold of the columns. */
static const char *foretold(const struct plan *plan,
			    const struct answer *answer)
{
	if (answer->outcome != ANSWER_OK || !plan->promise.columns ||
	    !answer->has_columns)
		return NULL;
	if (plan->promise.column_count != answer->column_count)
		return "another number of columns was foretold";
	for (size_t i = 0; i < plan->promise.column_count; i++)
		if (plan->promise.columns[i].name &&
		    strcmp(plan->promise.columns[i].name,
			   answer->columns[i].name))
			return "another name of a column was foretold";
	return NULL;
}

static void compare(struct pair *pair, const struct plan *plan,
		    const struct answer *old, struct arena *arena,
		    json_t *reply)
{
	static const struct compare_rules rules = {
	    .clock_tolerance_us = CLOCK_TOLERANCE_US,
	    .evidence_rows = SAMPLE_ROWS};
	struct comparison comparison;
	struct answer new;
	const char *wrong = foretold(plan, old);

	const struct catalog *olds =
	    pair->mapping ? pair->old_catalog : pair->old_seen.catalog;
	const struct catalog *news =
	    pair->mapping ? pair->new_catalog : pair->new_seen.catalog;

	const struct compare_side old_side = {old, olds, pair->adapter->values};
	const struct compare_side new_side = {&new, news,
					      pair->adapter->values};

	server_answer(&pair->new, pair->adapter, arena, &new);
	if (wrong) {
		say(reply, "verdict", "diverged");
		say(reply, "reason", "foretold");
		say(reply, "detail", wrong);
	} else if (answers_identical(old, olds, &new, news)) {
		say(reply, "verdict", "same");
		return;
	} else {
		compare_answers(&old_side, &new_side, &plan->promise, &rules,
				arena, &comparison);
		say(reply, "verdict",
		    comparison.verdict == VERDICT_MATCH	     ? "equal"
		    : comparison.verdict == VERDICT_DIVERGED ? "diverged"
							     : "undecided");
		say(reply, "reason",
		    comparison.verdict == VERDICT_DIVERGED
			? divergence_name(comparison.class)
			: reason_name(comparison.reason));
		say(reply, "detail", comparison.detail);
	}
	say_rows(reply, "old", old, SAMPLE_ROWS);
	say_rows(reply, "new", &new, SAMPLE_ROWS);
}

static int fill(struct pair *pair, const struct plan *plan, const char *text,
		const struct answer *old, struct arena *arena,
		struct plan_steps *steps, struct error *error)
{
	int64_t now = clock_unix_us();
	const char *super =
	    PQparameterStatus(pair->old.connection, "is_superuser");
	struct plan_input input = {
	    .text = text,
	    .text_size = strlen(text),
	    /* Sequences are moved by an account that may: who is not it here
	     * leaves the defaults, which the same history makes the same. */
	    .answer = super && !strcmp(super, "on") ? old : NULL,
	    .carried = pair->carried,
	    .transaction_at = pair->transaction_at ? pair->transaction_at : now,
	    .statement_at = now,
	};

	return plan_fill(plan, &input, arena, steps, error);
}

static void run_aside(struct server *server, const char *text)
{
	server_send(server, text);
	server_collect(server, NULL);
}

/* Up to the one that answers, or that fails. Gives which it was. */
static size_t run_steps(struct pair *pair, const struct plan_steps *steps,
			const char *data, json_t *reply, bool sent)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct plan_step *step = &steps->steps[i];

		if (!sent)
			server_send_step(&pair->new, step);
		server_collect(&pair->new, data);
		if (step->role == STEP_ANSWER)
			say(reply, "plan", step->text);
		if (step->role == STEP_ANSWER || *server_failure(&pair->new))
			return i;
	}
	return steps->count;
}

static void run_plan(struct pair *pair, const struct plan *plan,
		     const char *text, const char *data, json_t *reply,
		     bool rows)
{
	struct plan_steps steps = {0};
	struct arena arena;
	struct answer old;
	struct error error;
	bool sent = false;
	bool block; /* several steps are one transaction, as in the mirror */
	size_t at;

	arena_init(&arena, 0);
	error_init(&error);
	server_send(&pair->old, text);
	/* What takes nothing from the answer runs on both at once. */
	if (!plan->recipe->special_count &&
	    !fill(pair, plan, text, NULL, &arena, &steps, &error) &&
	    steps.count == 1) {
		server_send_step(&pair->new, &steps.steps[0]);
		sent = true;
	}
	server_collect(&pair->old, data);
	server_answer(&pair->old, pair->adapter, &arena, &old);
	if (!sent && fill(pair, plan, text, &old, &arena, &steps, &error) < 0) {
		say(reply, "verdict", "diverged");
		say(reply, "reason", "fill");
		say(reply, "detail", error.message);
		goto out;
	}
	block = steps.count > 1 &&
		PQtransactionStatus(pair->new.connection) == PQTRANS_IDLE;
	if (block)
		run_aside(&pair->new, "BEGIN");
	if (steps.staged)
		old.copy = false; /* what answers is an INSERT */
	at = run_steps(pair, &steps, data, reply, sent);
	compare(pair, plan, &old, &arena, reply);
	say_failures(pair, reply);
	if (rows) {
		say_columns(reply, &old);
		say_rows(reply, "rows", &old, SIZE_MAX);
	}
	if (*server_failure(&pair->new)) {
		if (block)
			run_aside(&pair->new, "ROLLBACK");
		goto out;
	}
	for (size_t i = at + 1; i < steps.count; i++)
		run_aside(&pair->new, steps.steps[i].text);
	if (block)
		run_aside(&pair->new, "COMMIT");
out:
	arena_release(&arena);
}

/* Reads the server's own tables: of which oids, statement texts and statistics
 * are another server's own. */
static bool reads_catalogs(const struct sql_traits *traits)
{
	for (size_t i = 0; i < traits->table_count; i++) {
		const char *schema = traits->tables[i].schema;

		if (!strcmp(schema, "pg_catalog") ||
		    !strcmp(schema, "information_schema") ||
		    (!*schema && !strncmp(traits->tables[i].name, "pg_", 3)))
			return true;
	}
	return false;
}

/* Can a statement of this kind change the schema, or what names mean? */
static bool kind_defines(const struct sql_traits *traits)
{
	static const char *const settings[] = {
	    "search_path", "timezone", "role", "session_authorization", ""};

	switch (traits->kind) {
	case SQL_KIND_SELECT:
	case SQL_KIND_INSERT:
	case SQL_KIND_UPDATE:
	case SQL_KIND_DELETE:
	case SQL_KIND_COPY_IN:
	case SQL_KIND_COPY_OUT:
	case SQL_KIND_TRUNCATE:
	case SQL_KIND_EXPLAIN:
	case SQL_KIND_MAINTENANCE:
	case SQL_KIND_BEGIN:
	case SQL_KIND_SAVEPOINT:
	case SQL_KIND_RELEASE:
	case SQL_KIND_PREPARE:
	case SQL_KIND_DEALLOCATE:
	case SQL_KIND_DECLARE:
	case SQL_KIND_FETCH:
	case SQL_KIND_MOVE:
	case SQL_KIND_CLOSE:
	case SQL_KIND_LOCK:
	case SQL_KIND_SHOW:
		return false;
	case SQL_KIND_SET:
	case SQL_KIND_RESET:
		for (size_t i = 0; i < sizeof(settings) / sizeof(*settings);
		     i++)
			if (!strcasecmp(traits->name, settings[i]))
				return true;
		return false;
	default:
		return true;
	}
}

static bool may_define(const struct pair *pair, const struct sql_traits *traits)
{
	if (kind_defines(traits) ||
	    (traits->volatility & (1U << SQL_FUNCTION_SETTING)))
		return true;
	for (size_t i = 0; i < traits->function_count; i++)
		if (lens_has_function(pair->lens, traits->functions[i].name))
			return true;
	return false;
}

static bool ends_transaction(enum sql_kind kind)
{
	return kind == SQL_KIND_COMMIT || kind == SQL_KIND_ROLLBACK ||
	       kind == SQL_KIND_ROLLBACK_TO ||
	       kind == SQL_KIND_PREPARE_TRANSACTION;
}

static void translate(struct pair *pair, const struct sql_traits *traits,
		      const char *text, const char *data, json_t *reply,
		      bool rows)
{
	struct lens_session session = {0};
	const struct plan *plan;
	struct error error;

	error_init(&error);
	if (see(pair, traits, &session, &error) < 0)
		fail("catalog", error.message);
	plan = lens_plan(pair->lens, &session, text, strlen(text), NULL, 0);
	json_object_set_new(reply, "mapped", json_boolean(plan->mapped));
	if (plan->recipe->staged[0]) {
		/* Its temporary table would take numbers (oids) of one server
		 * that both are to give alike. test_copy_mapped.py has it. */
		say(reply, "reason", "staged");
		say(reply, "detail", "a COPY in steps");
		unplanned(pair, text, data, "skipped", reply);
	} else if (plan->action == PLAN_RUN || plan->action == PLAN_SESSION) {
		run_plan(pair, plan, text, data, reply, rows);
	} else {
		say(reply, "reason", reason_name(plan->reason));
		say(reply, "detail", plan->detail);
		unplanned(pair, text, data,
			  plan->action == PLAN_SKIP ? "skipped"
						    : "untranslatable",
			  reply);
	}
	lens_release(pair->lens, plan);
}

static void run(struct pair *pair, const char *text, const char *data,
		json_t *reply, bool rows)
{
	PGTransactionStatusType status;
	struct sql_traits traits;
	struct sql_tree tree;
	struct arena arena;
	struct error error;

	arena_init(&arena, 0);
	error_init(&error);
	status = PQtransactionStatus(pair->old.connection);
	say(reply, "kind", "");
	if (pair->adapter->parser->parse(text, strlen(text), &arena, &tree,
					 &error) < 0 ||
	    tree.count != 1 ||
	    sql_traits(tree.statements[0].node, pair->adapter->parser->dialect,
		       &arena, &traits, &error) < 0) {
		say(reply, "detail", error.message);
		raw(pair, text, data, "unparsed", reply);
		make_stale(pair);
		goto out;
	}
	say(reply, "kind", sql_kind_name(traits.kind));
	json_object_set_new(reply, "catalogs",
			    json_boolean(reads_catalogs(&traits)));
	if (status == PQTRANS_INERROR && !ends_transaction(traits.kind))
		raw(pair, text, data, "void", reply);
	else if (status == PQTRANS_INERROR)
		raw(pair, text, data, "raw", reply);
	else
		translate(pair, &traits, text, data, reply, rows);
	if (may_define(pair, &traits))
		make_stale(pair);
	if (PQtransactionStatus(pair->old.connection) == PQTRANS_IDLE)
		pair->transaction_at = 0;
	else if (!pair->transaction_at)
		pair->transaction_at = clock_unix_us();
	json_object_set_new(
	    reply, "together",
	    json_boolean(PQtransactionStatus(pair->old.connection) ==
			 PQtransactionStatus(pair->new.connection)));
out:
	arena_release(&arena);
}

/* ---- sessions ---- */

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void quiet(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

static void open_server(struct server *server, json_t *where)
{
	const char *keys[] = {
	    "host", "port", "dbname", "user", "client_encoding", NULL};
	const char *values[] = {text_of(where, "host"),
				text_of(where, "port"),
				text_of(where, "database"),
				text_of(where, "user"),
				"UTF8",
				NULL};

	server_close(server);
	server->connection = PQconnectdbParams(keys, values, 0);
	PQsetNoticeReceiver(server->connection, quiet, NULL);
}

static void open_pair(struct pair *pair, json_t *request, json_t *reply)
{
	bool failed;

	plan_carried_free(&pair->carried);
	pair->carried = plan_carried_new();
	make_stale(pair);
	pair->transaction_at = 0;
	open_server(&pair->old, json_object_get(request, "old"));
	open_server(&pair->new, json_object_get(request, "new"));
	pair->old_seen.connection = pair->old.connection;
	pair->new_seen.connection = pair->new.connection;
	failed = PQstatus(pair->old.connection) != CONNECTION_OK ||
		 PQstatus(pair->new.connection) != CONNECTION_OK;
	say(reply, "verdict", failed ? "failed" : "open");
	if (failed)
		say(reply, "detail", PQerrorMessage(pair->old.connection));
}

static struct endpoint endpoint_of(const struct server *server)
{
	return (struct endpoint){
	    .host = PQhost(server->connection),
	    .port = (int)strtol(PQport(server->connection), NULL, 10),
	    .database = PQdb(server->connection),
	    .user = PQuser(server->connection)};
}

static void map_pair(struct pair *pair, json_t *request, json_t *reply)
{
	struct diagnostics diagnostics;
	struct endpoint old = endpoint_of(&pair->old);
	struct endpoint new = endpoint_of(&pair->new);
	struct error error;

	error_init(&error);
	diagnostics_init(&diagnostics);
	lens_free(&pair->lens);
	if (pair->mapping)
		mapping_free(&pair->mapping);
	if (mapping_load(text_of(request, "mapping"), &diagnostics,
			 &pair->mapping) < 0) {
		diagnostics_print(&diagnostics, stderr);
		fail("mapping", "it is wrong");
	}
	catalog_free(&pair->old_catalog);
	catalog_free(&pair->new_catalog);
	if (adapter_catalog(pair->adapter, &old, &pair->old_catalog, &error) <
		0 ||
	    adapter_catalog(pair->adapter, &new, &pair->new_catalog, &error) <
		0)
		fail("catalog", error.message);
	make_lens(pair, pair->old_catalog, pair->new_catalog);
	diagnostics_release(&diagnostics);
	say(reply, "verdict", "mapped");
}

static void answer(struct pair *pair, json_t *request, json_t *reply)
{
	const char *what = text_of(request, "do");
	const char *data = json_string_value(json_object_get(request, "data"));

	if (!strcmp(what, "open"))
		open_pair(pair, request, reply);
	else if (!strcmp(what, "map"))
		map_pair(pair, request, reply);
	else if (!strcmp(what, "run"))
		run(pair, text_of(request, "text"), data, reply,
		    json_is_true(json_object_get(request, "rows")));
	else if (!strcmp(what, "raw"))
		raw(pair, text_of(request, "text"), data, "raw", reply);
	else
		fail("request", what);
}

static void pair_release(struct pair *pair)
{
	lens_free(&pair->lens);
	session_catalog_release(&pair->old_seen);
	session_catalog_release(&pair->new_seen);
	learned_release(&pair->learned);
	if (pair->mapping)
		mapping_free(&pair->mapping);
	catalog_free(&pair->old_catalog);
	catalog_free(&pair->new_catalog);
	plan_carried_free(&pair->carried);
	server_close(&pair->old);
	server_close(&pair->new);
}

int main(void)
{
	struct pair pair = {.adapter = adapter_find("postgres")};
	char *line = NULL;
	size_t room = 0;

	map_init(&pair.learned);
	while (getline(&line, &room, stdin) > 0) {
		json_error_t problem;
		json_t *request = json_loads(line, 0, &problem);
		json_t *reply = json_object();

		if (!request)
			fail("request", problem.text);
		answer(&pair, request, reply);
		json_dumpf(reply, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
		json_decref(reply);
		json_decref(request);
	}
	free(line);
	pair_release(&pair);
	return 0;
}
