/*
 * The second look settles what the first could not: the mirror reads rows in
 * doubt again, on the primary through the relay, as a client of its own. So its
 * read is an exchange in the journal like any other, and its place in the
 * stream is known. For example:
 *
 *	seq 90	UPDATE t SET n = n + 1 WHERE id = 7 RETURNING n
 *		overlapped, other n on the shadow: the row is tainted
 *	look	SELECT id, n FROM t WHERE id = 7
 *	seq 97	the same, read from the journal: run on the shadow behind what
 *		it has seen, before what it has not; equal, nothing overlapped:
 *		the row is no longer tainted
 *
 * One look at a time, at most one hundredth of the time. Asking blocks, so a
 * thread does it; all else is done on the loop. The answer that the thread gets
 * is not looked at: what counts is the exchange.
 */
#include "mirror/look.h"

#include <inttypes.h>
#include <sys/random.h>

#include "adapters/database.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/explain.h"
#include "mirror/look_decide.h"
#include "mirror/look_text.h"

enum {
	LOCK_US = 50 * 1000,
	STATEMENT_US = 500 * 1000,
	SHARE = 100, /* of the time: one in so many */
	LEAST_US = 10 * 1000,
	CONNECT_AGAIN_US = 1000 * 1000,
	CONNECT_MOST_US = 30 * 1000 * 1000,
	LOST_US = 5 * 1000 * 1000, /* the exchange of an answered look */
	LAST_US = 15 * 1000 * 1000,
	FAILURES_TOLD = 3, /* to connect: a relay that is started again */
	QUIET_US = 1000 * 1000,
};

struct look {
	struct mirror *mirror;
	const struct database_ops *ops;
	char label[64]; /* of the connection: how the journal tells it apart */
	char *greeting; /* a statement with the label */
	struct session *session; /* of that connection; NULL: not seen yet */
	bool closing;		 /* no more looks */

	/* The thread's, while it works. */
	uv_work_t work;
	bool working;
	struct database *database;
	char *text; /* to be run; NULL: only connect */
	int failed; /* 0, or as its operations have it */
	struct error error;
	int64_t took_us;

	bool asked; /* a question is under way */
	char *question_text;
	struct taint_question question;
	bool answered;
	int64_t answered_at;
	int64_t next_at;
	int64_t failures; /* to connect, in a row */

	bool final;	 /* the last looks are being taken */
	int64_t last_by; /* 0: they are not due */

	uint64_t number; /* of looks so far */
	uint64_t equal, differ, again;
	char problem[512];
	bool changed;
};

/* --- the connection --- */

static void name_connection(struct look *look)
{
	const struct mirror_options *options = look->mirror->options;
	uint64_t secret = 0;
	struct buffer greeting;

	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
		secret = (uint64_t)clock_monotonic_us();
	snprintf(look->label, sizeof(look->label),
		 "parallax:%.24s:look:%016" PRIx64, options->name, secret);
	look->session = NULL;
	buffer_init(&greeting, 0);
	free(look->greeting);
	look->greeting =
	    look_greeting(options->primary_adapter->parser->dialect,
			  look->label, &greeting)
		? NULL
		: memory_string(buffer_string(&greeting));
	buffer_release(&greeting);
}

/* In the thread. */
static void work(uv_work_t *request)
{
	struct look *look = request->data;
	const struct mirror_options *options = look->mirror->options;
	int64_t began = clock_monotonic_us();

	look->failed = 0;
	if (!look->database) {
		look->failed = look->ops->open(&options->look, look->label,
					       &look->database, &look->error);
		/* first: what follows is told to the shadow's session, too */
		if (!look->failed && look->greeting)
			look->failed =
			    look->ops->query(look->database, look->greeting,
					     NULL, NULL, &look->error);
		if (!look->failed)
			look->failed =
			    look->ops->only_look(look->database, LOCK_US,
						 STATEMENT_US, &look->error);
	}
	if (!look->failed && look->text)
		look->failed = look->ops->query(look->database, look->text,
						NULL, NULL, &look->error);
	look->took_us = clock_monotonic_us() - began;
}

/* "": there is none any more. */
static void note_problem(struct look *look, const char *problem)
{
	if (!strcmp(look->problem, problem))
		return;
	snprintf(look->problem, sizeof(look->problem), "%s", problem);
	look->changed = look->mirror->changed = true;
	if (*problem)
		LOG_WARN("a second look failed", "shadow=%s problem=\"%s\"",
			 look->mirror->options->name, problem);
}

/* The question under way is given up. */
static void give_up(struct look *look, enum taint_answer answer)
{
	if (look->asked)
		taint_answered(look->mirror, &look->question, answer,
			       clock_monotonic_us());
	look->asked = look->answered = false;
}

static void disconnect(struct look *look)
{
	look->ops->close(&look->database);
	name_connection(look);
	give_up(look, TAINT_AGAIN);
}

static bool is_lost(const struct look *look)
{
	return !look->database || !look->ops->alive(look->database);
}

static void lost(struct look *look)
{
	int64_t pause = CONNECT_AGAIN_US
			<< (look->failures < 5 ? look->failures : 5);

	if (look->failures >= FAILURES_TOLD)
		note_problem(look, look->error.message);
	disconnect(look);
	look->failures++;
	look->next_at = clock_monotonic_us() +
			(pause < CONNECT_MOST_US ? pause : CONNECT_MOST_US);
}

static void worked(uv_work_t *request, int status)
{
	struct look *look = request->data;
	bool ran = look->text != NULL;

	(void)status;
	look->working = false;
	free(look->text);
	look->text = NULL;
	if (look->closing) {
		look->ops->close(&look->database);
		return;
	}
	if (is_lost(look) || (look->failed && !ran)) {
		lost(look);
		return;
	}
	if (look->failures)
		note_problem(look, "");
	look->failures = 0;
	look->answered = ran;
	look->answered_at = clock_monotonic_us();
	look->next_at = look->answered_at + LEAST_US +
			(ran ? look->took_us * (SHARE - 1) : 0);
}

static void start(struct look *look, char *text)
{
	look->text = text;
	look->working = true;
	look->work.data = look;
	if (uv_queue_work(&look->mirror->loop, &look->work, work, worked)) {
		look->working = false;
		free(look->text);
		look->text = NULL;
	}
}

void look_open(struct mirror *mirror)
{
	struct look *look;

	if (!mirror->options->look.host)
		return;
	look = memory_alloc(sizeof(*look));
	look->mirror = mirror;
	look->ops = mirror->options->primary_adapter->database;
	error_init(&look->error);
	name_connection(look);
	mirror->look = look;
}

void look_hang_up(struct mirror *mirror)
{
	struct look *look = mirror->look;

	if (!look || look->closing)
		return;
	look->closing = true;
	give_up(look, TAINT_AGAIN);
	if (!look->working)
		look->ops->close(&look->database);
	else if (look->text && look->database)
		look->ops->cancel(look->database);
}

void look_free(struct mirror *mirror)
{
	if (mirror->look) {
		free(mirror->look->greeting);
		free(mirror->look->question_text);
	}
	free(mirror->look);
	mirror->look = NULL;
}

/* --- asking --- */

/* NULL: these rows cannot be asked for. */
static char *print_question(const struct look *look)
{
	const struct mirror *mirror = look->mirror;
	struct buffer text;
	char *out = NULL;

	buffer_init(&text, 0);
	if (!look_text(mirror->version->lens,
		       mirror->version->catalogs->old_catalog,
		       mirror->options->primary_adapter->parser->dialect,
		       &look->question, &text))
		out = memory_string(buffer_string(&text));
	buffer_release(&text);
	return out;
}

/* False: there is nothing to be asked now. */
static bool ask(struct look *look, int64_t now)
{
	char *text;

	/* what is prepared is not committed, and its rows are not known */
	if (look->mirror->prepared.count)
		return false;
	while (
	    taint_ask(look->mirror, now, look->number + 1, &look->question)) {
		look->asked = true;
		look->answered = false;
		look->number++;
		text = print_question(look);
		if (text) {
			free(look->question_text);
			look->question_text = memory_string(text);
			start(look, text);
			return true;
		}
		give_up(look, TAINT_NEVER);
	}
	return false;
}

/* --- the last looks --- */

void look_last(struct mirror *mirror)
{
	mirror->last_looks = true;
}

static bool clients_gone(const struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		const struct session *session =
		    mirror->sessions.entries[i].value;

		if (!session->look)
			return false;
	}
	return true;
}

static bool is_idle(const struct mirror *mirror)
{
	return mirror->at_end && !schema_holds(mirror) &&
	       !mirror->schedule.count && list_empty(&mirror->busy);
}

static void set_limit(struct look *look, int64_t now)
{
	int64_t drain = look->mirror->options->drain_us;

	if (!look->last_by)
		look->last_by =
		    now + (drain && drain / 2 < LAST_US ? drain / 2 : LAST_US);
}

static void turn_last(struct look *look, int64_t now)
{
	struct mirror *mirror = look->mirror;

	set_limit(look, now);
	if (now >= look->last_by || mirror->shadow_down || look->failures) {
		look_hang_up(mirror);
		return;
	}
	if (!is_idle(mirror) || look->asked || look->working)
		return;
	if (!look->database) {
		start(look, NULL);
		return;
	}
	if (!look->final && !clients_gone(mirror) &&
	    now - mirror->moved_at < QUIET_US)
		return;
	if (!look->final) {
		/* nothing more comes that could explain them */
		judge_expire(mirror, true);
		taint_ask_again(mirror);
	}
	look->final = true;
	if (!ask(look, INT64_MAX))
		look_hang_up(mirror);
}

static void check_lost(struct look *look, int64_t now)
{
	const struct mirror *mirror = look->mirror;

	if (!look->asked || !look->answered || !is_idle(mirror) ||
	    !list_empty(&mirror->pending) ||
	    now - look->answered_at < LOST_US ||
	    now - mirror->moved_at < LOST_US)
		return;
	/* lost with a part of the journal; the next one could be taken for it
	 */
	disconnect(look);
}

void look_turn(struct mirror *mirror)
{
	struct look *look = mirror->look;
	int64_t now = clock_monotonic_us();

	if (!look || look->closing || mirror->failed)
		return;
	if (mirror->stop != MIRROR_RUNS) {
		look_hang_up(mirror);
		return;
	}
	if (mirror->last_looks) {
		turn_last(look, now);
		return;
	}
	if (look->working)
		return;
	check_lost(look, now);
	if (now < look->next_at || look->asked)
		return;
	if (!look->database)
		start(look, NULL);
	else if (!mirror->shadow_down && mirror->tainted.count)
		ask(look, now);
}

/* --- as the journal shows it --- */

void look_greeted(struct session *session, const struct exchange *exchange)
{
	struct look *look = session->mirror->look;
	const struct bytes *text = &exchange->statement->text;

	if (!look || session->own_look || !text->size ||
	    !memmem(text->data, text->size, look->label, strlen(look->label)))
		return;
	session->own_look = true;
	look->session = session;
}

void look_closed(const struct session *session)
{
	struct look *look = session->mirror->look;

	if (look && look->session == session)
		look->session = NULL;
}

void look_claim(struct task *task)
{
	const struct look *look = task->mirror->look;

	task->look = look && look->asked && look->session == task->session &&
		     look_is_question(look->question_text,
				      &task->exchange->statement->text);
}

static void note_failure(struct look *look, const struct task *task)
{
	if (mirror_primary_error(task->mirror, task->exchange) ==
	    ERROR_CLASS_PERMISSION)
		note_problem(look, task->exchange->problem->message);
}

static bool has_triggers(const struct task *task,
			 const struct catalog_table *table)
{
	const struct catalog_table *places[16];
	size_t count = lens_places(task->version->lens, table, places, 16);
	bool triggers = table->has_triggers || count > 16;

	for (size_t i = 0; i < count && i < 16; i++)
		triggers |= places[i]->has_triggers;
	return triggers;
}

static bool any_triggers(const struct task *task)
{
	const struct plan *plan = task->plan;

	for (size_t i = 0; i < plan->tables_read_count; i++)
		if (has_triggers(task, plan->tables_read[i]))
			return true;
	return false;
}

void look_expect(struct task *task, struct comparison *comparison)
{
	comparison->found =
	    arena_array(&task->arena, 1, sizeof(*comparison->found));
	comparison->found[0] = (struct weigh_difference){
	    .kind = DIFFERENCE_CELL,
	    .class = DIVERGENCE_ROWS_VALUE,
	};
	comparison->found_count = 1;
	task->look_equal = true;
}

bool look_is_certain(const struct task *task)
{
	const struct look *look = task->mirror->look;

	return look && look->asked &&
	       taint_is_certain(task->mirror, &look->question);
}

/* Whether each difference that nothing explains has a root. */
static bool all_have_roots(const struct task *task)
{
	const struct comparison *comparison = task->comparison;

	for (size_t i = 0; comparison && i < comparison->found_count; i++)
		if (!comparison->found[i].covered &&
		    !taint_is_root(task, &comparison->found[i]))
			return false;
	return true;
}

static enum taint_answer decide(const struct task *task)
{
	const struct comparison *comparison = task->comparison;
	struct look_facts facts = {
	    .ran = task->exchange->outcome == EXCHANGE_OK && comparison &&
		   !task->shadow_failed,
	    .capped = task->exchange->rows_capped,
	    .equal = task->look_equal,
	    .certain = look_is_certain(task) && all_have_roots(task),
	    .triggers = any_triggers(task),
	};

	if (comparison) {
		facts.found = comparison->found;
		facts.found_count = comparison->found_count;
	}
	return look_decide(&facts);
}

static void count(struct look *look, enum taint_answer answer)
{
	look->equal += answer == TAINT_EQUAL;
	look->differ += answer == TAINT_DIFFERS;
	look->again += answer == TAINT_AGAIN || answer == TAINT_NEVER;
	look->changed = true;
}

bool look_settled(struct task *task)
{
	struct look *look = task->mirror->look;
	enum taint_answer answer;

	if (!look || !look->asked || look->session != task->session)
		return false;
	answer = decide(task);
	if (task->exchange->outcome == EXCHANGE_FAILED)
		note_failure(look, task);
	count(look, answer);
	LOG_DEBUG(
	    "a second look",
	    "number=%" PRIu64 " seq=%" PRIu64 " cause=%" PRIu64 " answer=%s",
	    look->question.number, task->exchange->seq, look->question.cause,
	    answer == TAINT_EQUAL     ? "equal"
	    : answer == TAINT_DIFFERS ? "differs"
	    : answer == TAINT_AGAIN   ? "undecided"
				      : "impossible");
	if (answer == TAINT_DIFFERS)
		task->detail = arena_printf(
		    &task->arena,
		    "%s; found by a second look, root: the statement with seq "
		    "%" PRIu64,
		    task->detail ? task->detail : "rows differ",
		    look->question.cause);
	give_up(look, answer);
	return answer == TAINT_DIFFERS;
}

/* --- in the store --- */

int look_save(struct mirror *mirror, struct error *error)
{
	struct look *look = mirror->look;
	char text[700];

	if (!look || !look->changed)
		return 0;
	look->changed = false;
	snprintf(text, sizeof(text),
		 "the last second look failed: %s (primary.user needs to read "
		 "the application's tables)",
		 look->problem);
	return store_set(mirror->store, STORE_FACT_WARNING_PREFIX "looks",
			 *look->problem ? text : NULL, error);
}
