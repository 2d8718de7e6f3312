#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/internal.h"
#include "unit/store/support.h"

static struct store_exchange exchange(uint64_t fingerprint,
				      enum verdict verdict)
{
	return (struct store_exchange){.fingerprint = fingerprint,
				       .text = "SELECT $1",
				       .kind = "select",
				       .verdict = verdict,
				       .at = 1000,
				       .primary_us = 100,
				       .shadow_us = 200};
}

static void test_counts(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_exchange one = exchange(7, VERDICT_MATCH);
	struct store_exchange two =
	    exchange(UINT64_C(0xffff000000000001), VERDICT_DIVERGED);
	struct store_exchange three = exchange(0, VERDICT_INCONCLUSIVE);
	struct store_content *content;
	struct stat status;

	two.class = DIVERGENCE_ROWS_VALUE;
	three.reason = REASON_OVERLAP;
	three.detail = "why";
	for (int run = 0; run < 2; run++) {
		CHECK(store_open(f->path, &store, &f->error));
		CHECK(store_begin(store, &f->error));
		for (int i = 0; i < 10; i++) {
			one.at = 1000 * run + i;
			CHECK(store_count(store, &one, &f->error));
			one.text = NULL;
		}
		CHECK(store_count(store, &two, &f->error));
		CHECK(store_count(store, &three, &f->error));
		CHECK(store_set(store, "position", run ? "second" : "first",
				&f->error));
		CHECK(store_commit(store, &f->error));
		store_close(&store);
	}
	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	content = load(f, 0);
	assert_int_equal(content->count, 24);
	assert_int_equal(content->verdicts[VERDICT_MATCH], 20);
	assert_int_equal(content->verdicts[VERDICT_DIVERGED], 2);
	assert_int_equal(content->classes[DIVERGENCE_ROWS_VALUE], 2);
	assert_int_equal(content->reasons[VERDICT_INCONCLUSIVE][REASON_OVERLAP],
			 2);
	assert_int_equal(content->statement_count, 3);
	assert_true(content->statements[0].fingerprint == two.fingerprint);
	assert_int_equal(content->statements[1].fingerprint, 7);
	assert_int_equal(content->statements[1].first_at, 0);
	assert_int_equal(content->statements[1].last_at, 1009);
	assert_string_equal(content->statements[1].text, "SELECT $1");
	assert_string_equal(content->statements[1].kind, "select");
	assert_int_equal(content->statements[1].primary.count, 20);
	assert_int_equal(content->statements[1].primary.max, 100);
	assert_int_equal(content->statements[1].shadow.p95, 200);
	assert_int_equal(content->shadow.count, 24);
	assert_string_equal(content->statements[2].tallies[0].detail, "why");
	assert_string_equal(store_fact(content, "position"), "second");
}

/* A difference that a reason excused is told from a run without one. */
static void test_excused(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_exchange one = exchange(7, VERDICT_INCONCLUSIVE);
	const struct store_statement *statement;
	struct store_content *content;

	one.reason = REASON_OVERLAP;
	for (int run = 0; run < 2; run++) {
		CHECK(store_open(f->path, &store, &f->error));
		CHECK(store_begin(store, &f->error));
		one.class = DIVERGENCE_ERROR_SHADOW;
		CHECK(store_count(store, &one, &f->error));
		CHECK(store_count(store, &one, &f->error));
		one.class = DIVERGENCE_NONE;
		CHECK(store_count(store, &one, &f->error));
		CHECK(store_commit(store, &f->error));
		store_close(&store);
	}
	content = load(f, 0);
	assert_int_equal(content->excused, 4);
	assert_int_equal(content->verdicts[VERDICT_INCONCLUSIVE], 6);
	/* It is no divergence of that class. */
	assert_int_equal(content->classes[DIVERGENCE_ERROR_SHADOW], 0);
	statement = &content->statements[0];
	assert_int_equal(statement->excused, 4);
	assert_int_equal(statement->tally_count, 2);
	assert_int_equal(statement->tallies[0].class, DIVERGENCE_ERROR_SHADOW);
	assert_true(store_excused(&statement->tallies[0]));
	assert_false(store_excused(&statement->tallies[1]));
}

/* pages 1: as many as there are, as on a disk that is full. */
static void bound(struct store *store, const char *pages)
{
	char text[64];

	snprintf(text, sizeof(text), "PRAGMA max_page_count = %s", pages);
	assert_int_equal(sqlite3_exec(store->database, text, NULL, NULL, NULL),
			 SQLITE_OK);
}

/* A store that cannot be written says since when, beside it; and behind it, for
 * how long. */
static void test_wait(void **state)
{
	struct fixture *f = *state;
	struct store_exchange one = exchange(7, VERDICT_MATCH);
	struct store_content *content;
	struct store *store;
	const char *text;
	int64_t since;

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_begin(store, &f->error));
	CHECK(store_count(store, &one, &f->error));
	CHECK(store_commit(store, &f->error));
	assert_int_equal(load(f, 0)->waiting_since, 0);
	CHECK(store_begin(store, &f->error));
	for (uint64_t i = 0; i < 2000; i++) {
		one.fingerprint = 100 + i;
		one.text = "SELECT a_text_that_takes_some_room FROM somewhere";
		CHECK(store_count(store, &one, &f->error));
	}
	bound(store, "1");
	assert_int_equal(store_commit(store, &f->error), -1);
	content = load(f, 0);
	since = content->waiting_since;
	assert_true(since > 0);
	assert_non_null(strstr(content->waiting_why, "no space"));
	/* Since the first time, not the last. */
	assert_int_equal(store_commit(store, &f->error), -1);
	assert_int_equal(load(f, 0)->waiting_since, since);
	bound(store, "1000000");
	CHECK(store_commit(store, &f->error));
	store_close(&store);
	content = load(f, 0);
	assert_int_equal(content->waiting_since, 0);
	assert_int_equal(content->count, 2001);
	text = store_fact(content, STORE_FACT_WARNING_PREFIX "wait");
	assert_non_null(text);
	assert_non_null(strstr(text, "the mirror waited for its store from "));
}

static void test_rollback_forgets(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_exchange one = exchange(1, VERDICT_MATCH);
	struct store_content *content;
	char *value = NULL;

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_begin(store, &f->error));
	CHECK(store_count(store, &one, &f->error));
	CHECK(store_set(store, "k", "v", &f->error));
	CHECK(store_get(store, "k", &value, &f->error));
	assert_string_equal(value, "v");
	free(value);
	CHECK(store_rollback(store, &f->error));
	CHECK(store_get(store, "k", &value, &f->error));
	assert_null(value);
	CHECK(store_begin(store, &f->error));
	one.text = NULL; /* it was told before the rollback */
	CHECK(store_count(store, &one, &f->error));
	CHECK(store_add(store, "gaps", 2, &f->error));
	CHECK(store_add(store, "gaps", 3, &f->error));
	CHECK(store_commit(store, &f->error));
	assert_int_equal(store_commit(store, &f->error), -1);
	CHECK(store_set(store, "gone", "x", &f->error));
	CHECK(store_set(store, "gone", NULL, &f->error));
	CHECK(store_get(store, "gone", &value, &f->error));
	assert_null(value);
	CHECK(store_set(store, "state:1", "a session's own", &f->error));
	CHECK(store_set(store, "gap:1", "a gap", &f->error));
	store_close(&store);
	content = load(f, 0);
	assert_int_equal(content->count, 1);
	assert_string_equal(content->statements[0].text, "SELECT $1");
	assert_int_equal(store_fact_number(content, "gaps"), 5);
	assert_string_equal(store_fact(content, "gap:1"), "a gap");
	assert_null(store_fact(content, "state:1"));
	assert_null(store_fact(content, "writer"));
}

static void count_part(struct fixture *f, const char *mapping,
		       const char *shadow, enum verdict verdict, size_t times)
{
	struct store_exchange one = exchange(verdict, verdict);
	struct store_part part = {
	    .mapping = mapping, .shadow = shadow, .journal = "j"};
	struct store *store;

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_begin(store, &f->error));
	CHECK(store_begin_part(store, &part, &f->error));
	for (size_t i = 0; i < times; i++)
		CHECK(store_count(store, &one, &f->error));
	CHECK(store_add(store, STORE_FACT_SEEN, times, &f->error));
	CHECK(store_commit(store, &f->error));
	store_close(&store);
}

static struct store_content *load_part(struct fixture *f, uint64_t part)
{
	struct store_content *content;
	struct store *store;

	CHECK(store_open_read(f->path, &store, &f->error));
	store_read_part(store, part);
	CHECK(store_load(store, 1, &f->arena, &content, &f->error));
	store_close(&store);
	assert_int_equal(store_unaccounted(content), 0);
	return content;
}

static void test_parts(void **state)
{
	struct fixture *f = *state;
	struct store_content *content;

	count_part(f, "m", "s", VERDICT_DIVERGED, 3);
	count_part(f, "m", "s", VERDICT_MATCH, 4);
	count_part(f, "n", "s", VERDICT_MATCH, 5);
	count_part(f, "n", "t", VERDICT_MATCH, 6);
	content = load(f, 1);
	assert_int_equal(content->part, 3);
	assert_int_equal(content->part_count, 3);
	assert_string_equal(content->parts[0].cause, "");
	assert_string_equal(content->parts[1].cause, "another mapping");
	assert_string_equal(content->parts[2].cause, "another shadow database");
	assert_int_equal(content->count, 6);
	assert_int_equal(content->count_all, 18);
	assert_int_equal(content->statement_count, 1);
	assert_int_equal(store_seen(content), 6);
	content = load_part(f, 1);
	assert_int_equal(content->count, 7);
	assert_int_equal(content->verdicts[VERDICT_DIVERGED], 3);
	content = load_part(f, STORE_ALL_PARTS);
	assert_int_equal(content->count, 18);
	assert_int_equal(content->verdicts[VERDICT_MATCH], 15);
	assert_int_equal(content->statement_count, 2);
}

/* The writer is killed at some moment; what is there is whole batches. */
static void test_kill(void **state)
{
	struct fixture *f = *state;
	int ready[2];
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	for (int round = 0; round < 3; round++) {
		struct store_content *content;
		uint64_t told = 0;
		int status;

		child = fork();
		if (!child) {
			struct store *store;

			if (store_open(f->path, &store, &f->error))
				_exit(1);
			for (uint64_t batch = 1;; batch++) {
				store_begin(store, &f->error);
				for (uint64_t i = 0; i < 50; i++) {
					struct store_exchange one =
					    exchange(i % 5, VERDICT_MATCH);

					store_count(store, &one, &f->error);
				}
				store_add(store, STORE_FACT_SEEN, 50,
					  &f->error);
				if (store_commit(store, &f->error))
					_exit(2);
				if (write(ready[1], &batch, sizeof(batch)) < 0)
					_exit(3);
			}
		}
		while (told < 20 + (uint64_t)round)
			assert_int_equal(read(ready[0], &told, sizeof(told)),
					 sizeof(told));
		usleep(1000 + 300 * (unsigned)round);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
		fcntl(ready[0], F_SETFL, O_NONBLOCK);
		while (read(ready[0], &told, sizeof(told)) == sizeof(told))
			;
		fcntl(ready[0], F_SETFL, 0);
		content = load(f, 0);
		assert_int_equal(content->count % 50, 0);
		assert_true(content->count >= told * 50);
		assert_int_equal(store_unaccounted(content), 0);
		assert_int_equal(content->primary.count, content->count);
	}
	close(ready[0]);
	close(ready[1]);
}

static void add_divergence(struct store *store, uint64_t fingerprint,
			   uint64_t seq, struct error *error)
{
	static const char *const columns[] = {"id", "email"};
	static const char *primary[] = {"17", "ann@example.org"};
	static const char *shadow[] = {"17", NULL};
	static const bool differs[] = {false, true};
	static const struct difference difference = {DIVERGENCE_ROWS_VALUE, 3,
						     primary, shadow, differs};
	static const struct comparison comparison = {
	    .verdict = VERDICT_DIVERGED,
	    .class = DIVERGENCE_ROWS_VALUE,
	    .detail = "one row differs",
	    .differences = &difference,
	    .difference_count = 1,
	    .difference_total = 4,
	    .column_names = columns,
	    .column_count = 2};
	static const struct answer answer = {.outcome = ANSWER_OK,
					     .tag = "SELECT 4",
					     .affected = 4,
					     .row_count = 4};
	static const struct answer failed = {
	    .outcome = ANSWER_FAILED,
	    .tag = "",
	    .affected = -1,
	    .problem = {.severity = "ERROR",
			.code = "22P02",
			.class = ERROR_CLASS_VALUE,
			.message =
			    "invalid input syntax for type integer: \"ann\"",
			.values = {.known = true,
				   .count = 1,
				   .parts = {{.from = 40, .to = 43}}},
			.constraint = ""}};
	struct store_divergence divergence = {
	    .exchange = exchange(fingerprint, VERDICT_DIVERGED),
	    .seq = seq,
	    .session = 2,
	    .epoch = 1,
	    .client = "127.0.0.1:4",
	    .old_statement = "SELECT * FROM users WHERE id = $1",
	    .new_statement = "SELECT * FROM accounts WHERE id = $1\x1b[2J",
	    .comparison = &comparison,
	    .primary = &answer,
	    .shadow = &failed};

	divergence.exchange.class = DIVERGENCE_ROWS_VALUE;
	CHECK(store_count(store, &divergence.exchange, error));
	CHECK(store_divergence(store, &divergence, error));
}

static bool file_has(const char *path, const char *needle)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);
	size_t size;
	bool found;

	assert_non_null(file);
	size = fread(text, 1, 1 << 20, file);
	fclose(file);
	found = memmem(text, size, needle, strlen(needle)) != NULL;
	free(text);
	return found;
}

static void test_evidence(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_content *content;
	const struct store_evidence *evidence;
	struct store_options options = {3, false};

	CHECK(store_open(f->path, &store, &f->error));
	store_configure(store, &options);
	CHECK(store_begin(store, &f->error));
	for (uint64_t seq = 1; seq <= 2; seq++)
		add_divergence(store, 5, seq, &f->error);
	CHECK(store_rollback(store, &f->error));
	for (uint64_t seq = 1; seq <= 5; seq++) {
		CHECK(store_begin(store, &f->error));
		add_divergence(store, 5, seq, &f->error);
		add_divergence(store, 6, seq + 10, &f->error);
		CHECK(store_commit(store, &f->error));
	}
	store_close(&store);
	/* A new process knows of the cap. */
	CHECK(store_open(f->path, &store, &f->error));
	store_configure(store, &options);
	CHECK(store_begin(store, &f->error));
	add_divergence(store, 5, 9, &f->error);
	CHECK(store_commit(store, &f->error));
	store_close(&store);

	content = load(f, 100);
	assert_int_equal(content->evidence_count, 6);
	assert_int_equal(content->verdicts[VERDICT_DIVERGED], 11);
	evidence = &content->evidence[0];
	assert_int_equal(evidence->fingerprint, 5);
	assert_int_equal(evidence->seq, 1);
	assert_int_equal(content->evidence[2].seq, 3);
	assert_string_equal(evidence->detail, "one row differs");
	assert_string_equal(evidence->new_statement,
			    "SELECT * FROM accounts WHERE id = $1\uFFFD[2J");
	assert_int_equal(evidence->column_count, 2);
	assert_string_equal(evidence->columns[1], "email");
	assert_int_equal(evidence->row_total, 4);
	assert_int_equal(evidence->rows[0].row, 3);
	assert_true(evidence->rows[0].differs[1]);
	assert_false(evidence->rows[0].differs[0]);
	assert_string_equal(evidence->rows[0].primary[0],
			    evidence->rows[0].shadow[0]);
	assert_int_equal(strncmp(evidence->rows[0].primary[1], "text(15)#", 9),
			 0);
	assert_string_equal(evidence->rows[0].shadow[1], "NULL");
	assert_string_equal(evidence->primary.outcome, "ok");
	assert_int_equal(evidence->primary.affected, 4);
	assert_string_equal(evidence->shadow.sqlstate, "22P02");
	assert_null(strstr(evidence->shadow.message, "ann"));
	assert_false(file_has(f->path, "ann"));
	assert_true(file_has(f->path, "invalid input syntax"));
	content = load(f, 1);
	assert_int_equal(content->evidence_count, 2);
	assert_int_equal(content->evidence[1].fingerprint, 6);
}

/* The name of the store's key file. */
static void key_path(const struct fixture *f, char *out, size_t size)
{
	snprintf(out, size, "%s.key", f->path);
}

static void test_sealed(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	char *value = NULL;

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(
	    store_set_sealed(store, "state:1", "SET a = 'geheim'", &f->error));
	CHECK(store_set_sealed(store, "state:2", "", &f->error));
	CHECK(store_begin(store, &f->error));
	CHECK(store_set_sealed(store, "state:3", "geheim too", &f->error));
	CHECK(store_get_sealed(store, "state:3", &value, &f->error));
	assert_string_equal(value, "geheim too");
	free(value);
	CHECK(store_commit(store, &f->error));
	store_close(&store);
	assert_false(file_has(f->path, "geheim"));

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_get_sealed(store, "state:1", &value, &f->error));
	assert_string_equal(value, "SET a = 'geheim'");
	free(value);
	CHECK(store_get_sealed(store, "state:2", &value, &f->error));
	assert_string_equal(value, "");
	free(value);
	CHECK(store_get_sealed(store, "state:4", &value, &f->error));
	assert_null(value);
	/* one fact's text does not pass for another's */
	CHECK(store_get(store, "state:1", &value, &f->error));
	CHECK(store_set(store, "state:4", value, &f->error));
	free(value);
	assert_int_equal(store_get_sealed(store, "state:4", &value, &f->error),
			 -1);
	CHECK(store_set(store, "state:4", "not base64!", &f->error));
	assert_int_equal(store_get_sealed(store, "state:4", &value, &f->error),
			 -1);
	CHECK(store_set(store, "state:4", "AAAA", &f->error));
	assert_int_equal(store_get_sealed(store, "state:4", &value, &f->error),
			 -1);
	CHECK(store_set_sealed(store, "state:1", NULL, &f->error));
	CHECK(store_get_sealed(store, "state:1", &value, &f->error));
	assert_null(value);
	store_close(&store);
}

static void expect_no_open(struct fixture *f, const char *why)
{
	struct store *store;

	error_init(&f->error);
	assert_int_equal(store_open(f->path, &store, &f->error), -1);
	if (!strstr(f->error.message, why))
		fail_msg("'%s' lacks '%s'", f->error.message, why);
}

static void test_key_file(void **state)
{
	struct fixture *f = *state;
	char path[128], aside[140];
	struct store *store;
	struct stat status;
	int file;

	key_path(f, path, sizeof(path));
	snprintf(aside, sizeof(aside), "%s.aside", path);
	CHECK(store_open(f->path, &store, &f->error));
	store_close(&store);
	CHECK(stat(path, &status));
	assert_int_equal(status.st_mode & 0777, 0600);
	/* open to others */
	CHECK(chmod(path, 0644));
	expect_no_open(f, "must be 0600");
	CHECK(chmod(path, 0600));
	/* gone: readers do not need it */
	CHECK(rename(path, aside));
	expect_no_open(f, "key is missing");
	CHECK(store_open_read(f->path, &store, &f->error));
	store_close(&store);
	/* no symbolic link is followed */
	CHECK(symlink(aside, path));
	expect_no_open(f, "cannot open");
	CHECK(unlink(path));
	/* another store's */
	file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	for (int i = 0; i < 32; i++)
		assert_int_equal(write(file, "ab", 2), 2);
	close(file);
	expect_no_open(f, "another store's key");
	CHECK(rename(aside, path));
	CHECK(store_open(f->path, &store, &f->error));
	store_close(&store);
}

static void test_show_values(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_content *content;
	struct store_options options = {3, true};

	CHECK(store_open(f->path, &store, &f->error));
	store_configure(store, &options);
	CHECK(store_begin(store, &f->error));
	add_divergence(store, 5, 1, &f->error);
	CHECK(store_commit(store, &f->error));
	store_close(&store);
	content = load(f, 1);
	assert_string_equal(content->evidence[0].rows[0].primary[1],
			    "ann@example.org");
	assert_non_null(strstr(content->evidence[0].shadow.message, "\"ann\""));
	assert_string_equal(store_fact(content, STORE_FACT_SHOW_VALUES),
			    "true");
}

static void test_fingerprints_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store_content *content;
	uint64_t other = 0;

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_begin(store, &f->error));
	for (uint64_t i = 0; i < STORE_STATEMENTS + 100; i++) {
		struct store_exchange one = exchange(i, VERDICT_MATCH);

		one.shadow_us = -1;
		CHECK(store_count(store, &one, &f->error));
	}
	CHECK(store_commit(store, &f->error));
	store_close(&store);
	content = load(f, 0);
	assert_int_equal(content->count, STORE_STATEMENTS + 100);
	assert_int_equal(content->statement_count, STORE_STATEMENTS + 1);
	for (size_t i = 0; i < content->statement_count; i++)
		if (content->statements[i].fingerprint == STORE_OTHER)
			other = content->statements[i].count;
	assert_int_equal(other, 100);
	assert_int_equal(content->shadow.count, 0);
}

static void test_second_writer_takes_over(void **state)
{
	struct fixture *f = *state;
	struct store *first;
	struct store *second;
	struct store_exchange one = exchange(1, VERDICT_MATCH);

	CHECK(store_open(f->path, &first, &f->error));
	CHECK(store_open(f->path, &second, &f->error));
	CHECK(store_begin(first, &f->error));
	CHECK(store_count(first, &one, &f->error));
	assert_int_equal(store_commit(first, &f->error), -1);
	assert_non_null(strstr(f->error.message, "another process"));
	CHECK(store_begin(second, &f->error));
	CHECK(store_count(second, &one, &f->error));
	CHECK(store_commit(second, &f->error));
	store_close(&first);
	store_close(&second);
	assert_int_equal(load(f, 0)->count, 1);
}

/* A commit that fails loses nothing: it can be tried again. */
static void test_commit_again(void **state)
{
	struct fixture *f = *state;
	struct store *store;
	struct store *second;
	struct store_exchange one = exchange(1, VERDICT_MATCH);
	struct store_content *content;
	char *token = NULL;

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_get(store, "writer", &token, &f->error));
	CHECK(store_open(f->path, &second, &f->error));
	CHECK(store_begin(store, &f->error));
	CHECK(store_count(store, &one, &f->error));
	add_divergence(store, 2, 1, &f->error);
	CHECK(store_set(store, "position", "9", &f->error));
	assert_int_equal(store_commit(store, &f->error), -1);
	assert_int_equal(load(f, 0)->count, 0);
	CHECK(store_set(second, "writer", token, &f->error));
	CHECK(store_commit(store, &f->error));
	free(token);
	store_close(&second);
	store_close(&store);
	content = load(f, 9);
	assert_int_equal(content->count, 2);
	assert_int_equal(content->evidence_count, 1);
	assert_string_equal(store_fact(content, "position"), "9");
}

static void put_file(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
}

static void patch_file(const char *path, long at, const char *bytes,
		       size_t size)
{
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	fseek(file, at, SEEK_SET);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void test_not_a_store(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;

	assert_int_equal(store_open_read(f->path, &store, &f->error), -1);
	assert_non_null(strstr(f->error.message, "No such file"));
	assert_int_equal(store_open_read(f->folder, &store, &f->error), -1);
	assert_non_null(strstr(f->error.message, "not a file"));
	put_file(f->path, "", 0);
	assert_int_equal(store_open_read(f->path, &store, &f->error), -1);
	assert_non_null(strstr(f->error.message, "not a Parallax store"));
	put_file(f->path, "hello, this is a text and no store at all\n", 42);
	assert_int_equal(store_open_read(f->path, &store, &f->error), -1);
	assert_non_null(strstr(f->error.message, "not a Parallax store"));
	assert_int_equal(store_open(f->path, &store, &f->error), -1);
	assert_true(file_has(f->path, "hello, this is"));
	assert_null(store);
}

static void test_other_version(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;

	CHECK(store_open(f->path, &store, &f->error));
	store_close(&store);
	patch_file(f->path, 60, "\0\0\0\7", 4); /* user_version */
	assert_int_equal(store_open_read(f->path, &store, &f->error), -1);
	assert_non_null(strstr(f->error.message, "version 7"));
	assert_int_equal(store_open(f->path, &store, &f->error), -1);
	assert_non_null(strstr(f->error.message, "version 7"));
}

static void test_damaged(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	struct store_content *content = NULL;
	char junk[4096];

	memset(junk, 0xa5, sizeof(junk));
	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_begin(store, &f->error));
	add_divergence(store, 5, 1, &f->error);
	CHECK(store_commit(store, &f->error));
	store_close(&store);
	for (long page = 1; page < 8; page++)
		patch_file(f->path, page * 4096, junk, sizeof(junk));
	if (!store_open_read(f->path, &store, &f->error))
		assert_int_equal(
		    store_load(store, 9, &f->arena, &content, &f->error), -1);
	store_close(&store);
	assert_non_null(strstr(f->error.message, "damaged"));
}

static void test_read_only_folder(void **state)
{
	struct fixture *f = *state;
	struct store *store = NULL;
	struct store_exchange one = exchange(1, VERDICT_MATCH);

	CHECK(store_open(f->path, &store, &f->error));
	CHECK(store_begin(store, &f->error));
	CHECK(store_count(store, &one, &f->error));
	CHECK(store_commit(store, &f->error));
	store_close(&store);
	chmod(f->folder, 0500);
	assert_int_equal(load(f, 0)->count, 1);
	chmod(f->folder, 0700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_counts),
	    TEST(test_excused),
	    TEST(test_wait),
	    TEST(test_rollback_forgets),
	    TEST(test_kill),
	    TEST(test_evidence),
	    TEST(test_sealed),
	    TEST(test_key_file),
	    TEST(test_show_values),
	    TEST(test_fingerprints_are_bounded),
	    TEST(test_second_writer_takes_over),
	    TEST(test_parts),
	    TEST(test_commit_again),
	    TEST(test_not_a_store),
	    TEST(test_other_version),
	    TEST(test_damaged),
	    TEST(test_read_only_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
