/*
 * Verdicts that are known as soon as a task is read, without the shadow.
 *
 *	the primary failed with a deadlock		inconclusive (load)
 *	the plan skips the statement: NOTIFY		skipped (side-effect)
 *	a timeout, which the mirror sets itself		match
 */
#include <strings.h>

#include "mirror/intake.h"
#include "mirror/progress.h"

void foresee_verdict(struct task *task, enum verdict verdict,
		     enum reason reason, const char *detail)
{
	task->run = false;
	task->verdict = verdict;
	task->reason = reason;
	task->detail = detail;
}

static struct prepared *prepared_of(const struct task *task)
{
	return map_get_string(&task->session->prepared,
			      task->plan->traits.name);
}

static bool is_prepared(const struct task *task)
{
	return prepared_of(task) != NULL;
}

/* What stands for a statement that the mirror does not know, or knows by a
 * mapping that is no longer in force: the shadow has its old rewrite. */
static bool is_unknown(const struct task *task)
{
	const struct exchange *exchange = task->exchange;

	if (exchange->outcome != EXCHANGE_OK &&
	    exchange->outcome != EXCHANGE_SUSPENDED)
		return false;
	if (exchange->statement->kind == EXCHANGE_EXECUTE &&
	    !exchange->statement->text.size)
		return true;
	return task->plan->traits.kind == SQL_KIND_EXECUTE &&
	       (!is_prepared(task) ||
		!lens_version_renews(task->version, task->session,
				     prepared_of(task)));
}

/* By its own names, or by those of what it executes. */
static bool misses_path(const struct task *task)
{
	const struct prepared *prepared =
	    task->plan->traits.kind == SQL_KIND_EXECUTE ? prepared_of(task)
							: NULL;

	return task->plan->action != PLAN_SKIP &&
	       session_misses_path(task->session,
				   prepared ? prepared->plan : task->plan);
}

enum session_completion foresee_completion(const struct mirror *mirror,
					   const struct exchange *exchange)
{
	return mirror->options->primary_adapter->session->completion(
	    exchange->tag);
}

static bool only_read(const struct task *task)
{
	return foresee_completion(task->mirror, task->exchange) ==
	       SESSION_COMPLETED_READ;
}

/* Which tables it writes is not known; and what it would leave in the session
 * is not there on the shadow. */
static void foresee_pathless(struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	if (traits->writes ||
	    (traits->kind == SQL_KIND_EXECUTE && !only_read(task)))
		taint_everything(task->mirror, REASON_SESSION_STATE);
	if (sql_kind_is_session(traits->kind) || traits->temporary)
		task->session->state_lost = true;
	foresee_verdict(
	    task, VERDICT_INCONCLUSIVE, REASON_SESSION_STATE,
	    "names a table without its schema, after the search path was set "
	    "to a value that the mirror cannot know");
}

static void foresee_unknown(struct task *task)
{
	if (!only_read(task))
		taint_everything(task->mirror, REASON_SESSION_STATE);
	foresee_verdict(
	    task, VERDICT_INCONCLUSIVE, REASON_SESSION_STATE,
	    "runs a statement that was prepared in SQL by the protocol, or "
	    "the other way round, or before the mapping was reloaded or "
	    "the search path was changed");
}

static bool has_function(const struct catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->function_count; i++)
		if (!strcmp(catalog->functions[i].name, name))
			return true;
	return false;
}

/* Where the table lives now, nothing but rows is read and written. */
static bool is_plain_there(const struct task *task,
			   const struct catalog_table *table)
{
	const struct catalog_table *places[16];
	size_t count = lens_places(task->version->lens, table, places, 16);

	if (!conflict_is_plain(table) || table->has_triggers || count > 16)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!conflict_is_plain(places[i]) || places[i]->has_triggers)
			return false;
	return true;
}

/*
 * The primary refused it for want of rights. It is tried on the shadow, and
 * undone, only if it can do nothing there but read and write rows as the same
 * role: no function that is not the engine's own, or has an effect, no trigger.
 */
static bool may_try_refused(const struct task *task)
{
	const struct catalogs *catalogs = task->version->catalogs;
	const struct plan *plan = task->plan;
	const struct sql_traits *traits = &plan->traits;
	const unsigned harmless =
	    1u << SQL_FUNCTION_PLAIN | 1u << SQL_FUNCTION_CLOCK;

	if (traits->kind != SQL_KIND_SELECT &&
	    traits->kind != SQL_KIND_INSERT &&
	    traits->kind != SQL_KIND_UPDATE && traits->kind != SQL_KIND_DELETE)
		return false;
	if (traits->volatility & ~harmless)
		return false;
	for (size_t i = 0; i < traits->function_count; i++)
		if (has_function(catalogs->old_catalog,
				 traits->functions[i].name) ||
		    has_function(catalogs->new_catalog,
				 traits->functions[i].name))
			return false;
	for (size_t i = 0; i < plan->tables_read_count; i++)
		if (!is_plain_there(task, plan->tables_read[i]))
			return false;
	for (size_t i = 0; i < plan->tables_written_count; i++)
		if (!is_plain_there(task, plan->tables_written[i]))
			return false;
	return true;
}

/* The plan of what an EXECUTE or a FETCH stands for, if the shadow has not got
 * it; else NULL. */
static const struct plan *stands_for_skipped(const struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;
	const struct map *map =
	    traits->kind == SQL_KIND_EXECUTE ? &task->session->prepared
	    : traits->kind == SQL_KIND_FETCH || traits->kind == SQL_KIND_MOVE
		? &task->session->cursors
		: NULL;
	const struct prepared *prepared =
	    map ? map_get_string(map, traits->name) : NULL;

	return prepared && prepared->plan->action == PLAN_SKIP ? prepared->plan
							       : NULL;
}

/* Verdicts that need no shadow. */
void foresee_task(struct task *task)
{
	const struct exchange *exchange = task->exchange;
	const struct exchange_statement *statement = exchange->statement;
	const struct plan *plan = task->plan;
	struct session *session = task->session;
	enum error_class problem = mirror_primary_error(task->mirror, exchange);

	if (progress_kills(task->mirror, &exchange->id, exchange->seq) >= 2)
		foresee_verdict(task, VERDICT_FAILED, REASON_KILLED_MIRROR,
				NULL);
	else if (exchange->outcome == EXCHANGE_SKIPPED)
		foresee_verdict(task, VERDICT_INCONCLUSIVE, REASON_NOT_RUN,
				NULL);
	else if (exchange->outcome == EXCHANGE_ABANDONED)
		foresee_verdict(task, VERDICT_INCONCLUSIVE, REASON_ABANDONED,
				NULL);
	else if (exchange->outcome == EXCHANGE_EMPTY)
		foresee_verdict(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (statement->truncated || statement->oversized)
		foresee_verdict(task, VERDICT_INCONCLUSIVE, REASON_TRUNCATED,
				NULL);
	else if (statement->kind == EXCHANGE_FUNCTION_CALL)
		foresee_verdict(task, VERDICT_SKIPPED, REASON_UNSUPPORTED,
				"a function call message");
	else if (exchange->copy_in && (problem == ERROR_CLASS_CONNECTION ||
				       problem == ERROR_CLASS_PROTOCOL))
		/* the client left with its COPY half sent */
		foresee_verdict(task, VERDICT_INCONCLUSIVE, REASON_ABANDONED,
				NULL);
	else if (problem == ERROR_CLASS_PROTOCOL)
		foresee_verdict(task, VERDICT_INCONCLUSIVE, REASON_NOT_RUN,
				"the primary found its message malformed");
	else if (session->blind)
		foresee_verdict(task, VERDICT_INCONCLUSIVE,
				REASON_SESSION_STATE, NULL);
	else if (error_class_is_load(problem))
		foresee_verdict(task, VERDICT_INCONCLUSIVE, REASON_LOAD, NULL);
	else if (session->aborted && problem == ERROR_CLASS_BLOCK_FAILED)
		foresee_verdict(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (statement->kind == EXCHANGE_EXECUTE &&
		 (problem == ERROR_CLASS_NO_STATEMENT ||
		  problem == ERROR_CLASS_NO_CURSOR))
		foresee_verdict(
		    task, VERDICT_INCONCLUSIVE, REASON_NOT_RUN,
		    "names a statement or portal that the session does not "
		    "have");
	else if (statement->kind == EXCHANGE_EXECUTE &&
		 problem == ERROR_CLASS_ENCODING)
		/* a driver's parameters in text end at their first NUL */
		foresee_verdict(task, VERDICT_INCONCLUSIVE, REASON_UNDECODABLE,
				"a parameter that is not text");
	else if ((problem == ERROR_CLASS_PERMISSION ||
		  problem == ERROR_CLASS_POLICY) &&
		 !may_try_refused(task))
		foresee_verdict(task, VERDICT_SKIPPED, REASON_RIGHTS,
				"the primary refused it for want of rights");
	else if (misses_path(task))
		foresee_pathless(task);
	else if (is_unknown(task))
		foresee_unknown(task);
	else if (plan->traits.kind == SQL_KIND_DEALLOCATE &&
		 !plan->traits.all && !exchange->problem && !is_prepared(task))
		/* prepared by the protocol: the shadow has none of these */
		foresee_verdict(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (plan->action == PLAN_UNTRANSLATABLE &&
		 exchange->outcome == EXCHANGE_FAILED)
		/* no working application depends on it */
		foresee_verdict(task, VERDICT_SKIPPED, REASON_REFUSED,
				plan->detail);
	else if (plan->action == PLAN_UNTRANSLATABLE)
		foresee_verdict(task, VERDICT_UNTRANSLATABLE, plan->reason,
				plan->detail);
	else if (plan->action == PLAN_SKIP)
		foresee_verdict(task, VERDICT_SKIPPED, plan->reason,
				plan->detail);
	else if (stands_for_skipped(task))
		foresee_verdict(task, VERDICT_SKIPPED,
				stands_for_skipped(task)->reason,
				"depends on a statement that is skipped");
	else if (plan->traits.kind == SQL_KIND_SET &&
		 setting_meaning(task->mirror, plan->traits.name) ==
		     SETTING_OWN)
		foresee_verdict(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (plan->traits.kind == SQL_KIND_SHOW &&
		 setting_meaning(task->mirror, plan->traits.name) ==
		     SETTING_OWN)
		foresee_verdict(
		    task, VERDICT_SKIPPED, REASON_SIDE_EFFECT,
		    "the mirror's sessions have a setting of their own");
}
