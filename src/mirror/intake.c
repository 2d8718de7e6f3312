/* Events of the journal become tasks of the schedule. */
#include <inttypes.h>
#include <strings.h>

#include "base/log.h"
#include "base/memory.h"
#include "mirror/explain.h"

void task_free(struct task *task)
{
	task->mirror->held -= task->bytes;
	effect_drop(&task->effect);
	if (task->judged_held)
		lens_release(task->version->lens, task->judged_by);
	if (task->version)
		lens_release(task->version->lens, task->plan);
	lens_version_drop(task->version);
	exchange_free(&task->exchange);
	exchange_transaction_end_free(&task->end);
	state_statements_free(&task->memories);
	arena_release(&task->arena);
	free(task);
}

/* --- conflict sets --- */

static bool is_plain(const struct catalog_table *table)
{
	return table->kind == RELATION_TABLE && !table->has_children &&
	       !table->has_rules;
}

/* A written table locks rows of those it refers to, and (by cascades, and by
 * the check that nothing refers to it any more) of those that refer to it. */
static void add_written(const struct catalogs *catalogs,
			const struct catalog_table *table,
			struct schedule_set *writes)
{
	const struct catalog *catalog = catalogs->old_catalog;

	schedule_set_add(writes, catalogs_number(catalogs, table));
	for (size_t i = 0; i < table->key_count; i++)
		if (table->keys[i].kind == KEY_FOREIGN && table->keys[i].target)
			schedule_set_add(
			    writes,
			    catalogs_number(catalogs, table->keys[i].target));
	for (size_t i = 0; i < catalog->table_count; i++)
		for (size_t j = 0; j < catalog->tables[i].key_count; j++)
			if (catalog->tables[i].keys[j].target == table)
				schedule_set_add(
				    writes, catalogs_number(
						catalogs, &catalog->tables[i]));
}

bool intake_effects_unknown(const struct catalogs *catalogs,
			    const struct plan *plan)
{
	const struct sql_traits *traits = &plan->traits;

	if (traits->kind == SQL_KIND_CALL || traits->kind == SQL_KIND_DO)
		return true;
	for (size_t i = 0; i < traits->function_count; i++)
		if (map_get_string(&catalogs->volatile_functions,
				   traits->functions[i].name))
			return true;
	for (size_t i = 0; i < plan->tables_written_count; i++)
		if (plan->tables_written[i]->has_triggers ||
		    plan->tables_written[i]->has_rules)
			return true;
	return false;
}

static bool is_barrier(const struct catalogs *catalogs, const struct plan *plan)
{
	const struct sql_traits *traits = &plan->traits;

	if (traits->kind == SQL_KIND_DDL || traits->kind == SQL_KIND_LOCK ||
	    traits->kind == SQL_KIND_TRUNCATE ||
	    intake_effects_unknown(catalogs, plan))
		return true;
	if (traits->volatility &
	    (1u << SQL_FUNCTION_LOCK | 1u << SQL_FUNCTION_EFFECT))
		return true;
	for (size_t i = 0; i < plan->tables_read_count; i++)
		if (!is_plain(plan->tables_read[i]))
			return true;
	for (size_t i = 0; i < plan->tables_written_count; i++)
		if (!is_plain(plan->tables_written[i]))
			return true;
	/* names that the catalog does not know: views made since, and so on */
	return traits->writes && !plan->tables_written_count &&
	       !(traits->volatility & 1u << SQL_FUNCTION_SEQUENCE);
}

static void plan_sets(const struct catalogs *catalogs, const struct plan *plan,
		      struct schedule_set *reads, struct schedule_set *writes)
{
	enum sql_kind kind = plan->traits.kind;

	if (sql_kind_is_session(kind) && kind != SQL_KIND_EXECUTE &&
	    kind != SQL_KIND_DECLARE && kind != SQL_KIND_FETCH)
		return;
	if (is_barrier(catalogs, plan)) {
		schedule_set_all(reads);
		schedule_set_all(writes);
		return;
	}
	for (size_t i = 0; i < plan->tables_read_count; i++) {
		unsigned number =
		    catalogs_number(catalogs, plan->tables_read[i]);

		schedule_set_add(reads, number);
		if (plan->traits.locks_rows)
			schedule_set_add(writes, number);
	}
	for (size_t i = 0; i < plan->tables_written_count; i++)
		add_written(catalogs, plan->tables_written[i], writes);
}

/* What an EXECUTE, a FETCH or a portal's further slice stands for. */
static bool stands_for(struct task *task)
{
	const struct exchange_statement *statement = task->exchange->statement;
	struct session *session = task->session;
	enum sql_kind kind = task->plan->traits.kind;
	struct lens_session lens;
	struct prepared *prepared;
	char name[64];

	if (statement->resumed) {
		snprintf(name, sizeof(name), "portal %" PRIu64,
			 statement->portal_message);
		prepared = map_get_string(&session->cursors, name);
		task->portal = true;
	} else if (kind == SQL_KIND_EXECUTE) {
		prepared =
		    map_get_string(&session->prepared, task->plan->traits.name);
	} else if (kind == SQL_KIND_FETCH || kind == SQL_KIND_MOVE) {
		prepared =
		    map_get_string(&session->cursors, task->plan->traits.name);
	} else {
		return false;
	}
	if (!prepared ||
	    !lens_version_renews(task->version, session, prepared)) {
		task->judged_text = NULL;
		task->stands_for_unknown = true;
		return true;
	}
	session_lens(session, &lens);
	task->judged_by = lens_plan(task->version->lens, &lens, prepared->text,
				    strlen(prepared->text), NULL, 0);
	task->judged_held = true;
	task->judged_text = arena_string(&task->arena, prepared->text);
	task->judged_size = strlen(prepared->text);
	return true;
}

/* SKIP LOCKED, NOWAIT, pg_try_advisory_lock(). */
static bool skips_locks(const struct plan *plan)
{
	return plan->traits.skips_locked ||
	       plan->traits.volatility & 1u << SQL_FUNCTION_LOCK;
}

static void find_sets(struct task *task)
{
	const struct catalogs *catalogs = task->version->catalogs;

	if (!stands_for(task)) {
		task->item.skips = skips_locks(task->plan);
		plan_sets(catalogs, task->plan, &task->item.reads,
			  &task->item.writes);
	} else if (task->judged_held) {
		const struct plan *plan = task->judged_by;

		for (size_t i = 0; i < plan->tables_read_count; i++)
			schedule_set_add(
			    &task->item.reads,
			    catalogs_number(catalogs, plan->tables_read[i]));
		if (task->plan->traits.kind != SQL_KIND_EXECUTE)
			return;
		task->item.skips = skips_locks(plan);
		for (size_t i = 0; i < plan->tables_written_count; i++)
			add_written(catalogs, plan->tables_written[i],
				    &task->item.writes);
		if (!is_barrier(catalogs, plan))
			return;
		schedule_set_all(&task->item.reads);
		schedule_set_all(&task->item.writes);
	} else {
		schedule_set_all(&task->item.reads);
		if (task->plan->traits.kind == SQL_KIND_EXECUTE)
			schedule_set_all(&task->item.writes);
	}
}

/* --- tasks --- */

static struct transaction *transaction_new(struct session *session,
					   uint64_t seq, int64_t at,
					   struct journal_position position)
{
	struct mirror *mirror = session->mirror;
	struct transaction *transaction = memory_alloc(sizeof(*transaction));
	const struct intent *doubt = progress_doubt(mirror, &session->id, seq);

	transaction->session = session;
	transaction->first_seq = transaction->last_seq = seq;
	transaction->started_at = at;
	transaction->position = position;
	transaction->snapshot = session->in_block && session->chain_snapshot;
	list_init(&transaction->tasks);
	list_append(&mirror->transactions, &transaction->in_mirror);
	list_append(&session->transactions, &transaction->in_session);
	if (doubt && doubt->matched)
		transaction->applied = transaction->matched = true;
	else if (doubt && !doubt->id)
		transaction->applied = transaction->unknown = true;
	else if (doubt)
		transaction->doubt = doubt->id;
	session->transaction = transaction;
	return transaction;
}

static struct task *task_new(struct session *session, enum task_form form)
{
	struct mirror *mirror = session->mirror;
	struct task *task = memory_alloc(sizeof(*task));
	struct transaction *transaction = session->transaction;

	task->mirror = mirror;
	task->session = session;
	task->transaction = transaction;
	task->item.session = &session->schedule;
	task->form = form;
	task->run = true;
	task->bytes = sizeof(*task) + 512;
	task->shadow_us = -1;
	task->text = "";
	list_init(&task->memories);
	list_init(&task->in_pending);
	list_init(&task->in_transaction);
	arena_init(&task->arena, 0);
	transaction->open++;
	mirror->held += task->bytes;
	return task;
}

static void known(struct task *task, enum verdict verdict, enum reason reason,
		  const char *detail)
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

static enum session_completion completion_of(const struct mirror *mirror,
					     const struct exchange *exchange)
{
	return mirror->options->primary_adapter->session->completion(
	    exchange->tag);
}

static bool only_read(const struct task *task)
{
	return completion_of(task->mirror, task->exchange) ==
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
	known(task, VERDICT_INCONCLUSIVE, REASON_SESSION_STATE,
	      "names a table without its schema, after the search path was set "
	      "to a value that the mirror cannot know");
}

static void foresee_unknown(struct task *task)
{
	if (!only_read(task))
		taint_everything(task->mirror, REASON_SESSION_STATE);
	known(task, VERDICT_INCONCLUSIVE, REASON_SESSION_STATE,
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

	if (!is_plain(table) || table->has_triggers || count > 16)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_plain(places[i]) || places[i]->has_triggers)
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
static void foresee(struct task *task)
{
	const struct exchange *exchange = task->exchange;
	const struct exchange_statement *statement = exchange->statement;
	const struct plan *plan = task->plan;
	struct session *session = task->session;
	enum error_class problem = mirror_primary_error(task->mirror, exchange);

	if (progress_kills(task->mirror, &exchange->id, exchange->seq) >= 2)
		known(task, VERDICT_FAILED, REASON_KILLED_MIRROR, NULL);
	else if (exchange->outcome == EXCHANGE_SKIPPED)
		known(task, VERDICT_INCONCLUSIVE, REASON_NOT_RUN, NULL);
	else if (exchange->outcome == EXCHANGE_ABANDONED)
		known(task, VERDICT_INCONCLUSIVE, REASON_ABANDONED, NULL);
	else if (exchange->outcome == EXCHANGE_EMPTY)
		known(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (statement->truncated || statement->oversized)
		known(task, VERDICT_INCONCLUSIVE, REASON_TRUNCATED, NULL);
	else if (statement->kind == EXCHANGE_FUNCTION_CALL)
		known(task, VERDICT_SKIPPED, REASON_UNSUPPORTED,
		      "a function call message");
	else if (exchange->copy_in && (problem == ERROR_CLASS_CONNECTION ||
				       problem == ERROR_CLASS_PROTOCOL))
		/* the client left with its COPY half sent */
		known(task, VERDICT_INCONCLUSIVE, REASON_ABANDONED, NULL);
	else if (problem == ERROR_CLASS_PROTOCOL)
		known(task, VERDICT_INCONCLUSIVE, REASON_NOT_RUN,
		      "the primary found its message malformed");
	else if (session->blind)
		known(task, VERDICT_INCONCLUSIVE, REASON_SESSION_STATE, NULL);
	else if (error_class_is_load(problem))
		known(task, VERDICT_INCONCLUSIVE, REASON_LOAD, NULL);
	else if (session->aborted && problem == ERROR_CLASS_BLOCK_FAILED)
		known(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (statement->kind == EXCHANGE_EXECUTE &&
		 (problem == ERROR_CLASS_NO_STATEMENT ||
		  problem == ERROR_CLASS_NO_CURSOR))
		known(task, VERDICT_INCONCLUSIVE, REASON_NOT_RUN,
		      "names a statement or portal that the session does not "
		      "have");
	else if (statement->kind == EXCHANGE_EXECUTE &&
		 problem == ERROR_CLASS_ENCODING)
		/* a driver's parameters in text end at their first NUL */
		known(task, VERDICT_INCONCLUSIVE, REASON_UNDECODABLE,
		      "a parameter that is no text");
	else if ((problem == ERROR_CLASS_PERMISSION ||
		  problem == ERROR_CLASS_POLICY) &&
		 !may_try_refused(task))
		known(task, VERDICT_SKIPPED, REASON_RIGHTS,
		      "the primary refused it for want of rights");
	else if (misses_path(task))
		foresee_pathless(task);
	else if (is_unknown(task))
		foresee_unknown(task);
	else if (plan->traits.kind == SQL_KIND_DEALLOCATE &&
		 !plan->traits.all && !exchange->problem && !is_prepared(task))
		/* prepared by the protocol: the shadow has none of these */
		known(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (plan->action == PLAN_UNTRANSLATABLE &&
		 exchange->outcome == EXCHANGE_FAILED)
		/* nothing that works today hangs on it */
		known(task, VERDICT_SKIPPED, REASON_REFUSED, plan->detail);
	else if (plan->action == PLAN_UNTRANSLATABLE)
		known(task, VERDICT_UNTRANSLATABLE, plan->reason, plan->detail);
	else if (plan->action == PLAN_SKIP)
		known(task, VERDICT_SKIPPED, plan->reason, plan->detail);
	else if (stands_for_skipped(task))
		known(task, VERDICT_SKIPPED, stands_for_skipped(task)->reason,
		      "stands for a statement that is skipped");
	else if (plan->traits.kind == SQL_KIND_SET &&
		 setting_meaning(task->mirror, plan->traits.name) ==
		     SETTING_OWN)
		known(task, VERDICT_MATCH, REASON_NONE, NULL);
	else if (plan->traits.kind == SQL_KIND_SHOW &&
		 setting_meaning(task->mirror, plan->traits.name) ==
		     SETTING_OWN)
		known(task, VERDICT_SKIPPED, REASON_SIDE_EFFECT,
		      "the mirror's sessions have a setting of their own");
}

static struct task *statement_task(struct session *session,
				   struct exchange *exchange)
{
	struct mirror *mirror = session->mirror;
	const struct exchange_statement *statement = exchange->statement;
	struct lens_session lens;
	struct task *task;

	if (!session->transaction)
		transaction_new(session, exchange->seq, statement->forwarded_at,
				statement->position)
		    ->began_after = statement->after;
	task = task_new(session, TASK_STATEMENT);
	task->exchange = exchange;
	task->item.seq = task->item.last_seq = exchange->seq;
	task->bytes +=
	    exchange->rows.size + statement->text.size + statement->bind.size;
	mirror->held +=
	    exchange->rows.size + statement->text.size + statement->bind.size;
	task->version = lens_version_hold(mirror->version);
	progress_guard(mirror, session, exchange->seq);
	task->text = progress_kills(mirror, &exchange->id, exchange->seq) < 2
			 ? session_piece(mirror, exchange, &task->arena,
					 &task->text_size)
			 : "";
	session_lens(session, &lens);
	task->plan = lens_plan(mirror->version->lens, &lens, task->text,
			       task->text_size, statement->parameter_types,
			       statement->parameter_type_count);
	progress_unguard(mirror);
	snapshot_begin(task);
	task->judged_by = task->plan;
	task->judged_text = task->text;
	task->judged_size = task->text_size;
	foresee(task);
	return task;
}

/* Of what outlives the session. */
static bool changes_schema(const struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	if (task->exchange->outcome != EXCHANGE_OK || traits->temporary ||
	    task->temporary)
		return false;
	return traits->kind == SQL_KIND_DDL ||
	       traits->kind == SQL_KIND_SELECT_INTO;
}

/* It may make, alter or lock sequences until its transaction ends. */
static bool holds_sequences(const struct task *task)
{
	switch (task->plan->traits.kind) {
	case SQL_KIND_DDL:
	case SQL_KIND_DDL_TEMP:
	case SQL_KIND_SELECT_INTO:
	case SQL_KIND_TRUNCATE:
		return true;
	default:
		return intake_effects_unknown(task->version->catalogs,
					      task->plan);
	}
}

/* Appends to its transaction and hands it to the schedule. */
static void emit(struct task *task)
{
	struct transaction *transaction = task->transaction;
	struct session *session = task->session;
	struct mirror *mirror = task->mirror;

	if (task->exchange && task->form != TASK_END && task->run) {
		find_sets(task);
		if (task->plan->traits.volatility & 1u << SQL_FUNCTION_LOCK)
			task->item.ends = true;
	}
	twophase_follow(task);
	snapshot_follow(task);
	transaction->last_seq = task->item.last_seq;
	list_remove(&task->in_transaction);
	list_append(&transaction->tasks, &task->in_transaction);
	schedule_set_merge(&transaction->written, &task->item.writes);
	explain_read(task);
	if (task->exchange && changes_schema(task))
		transaction->changes_schema = true;
	if (task->exchange && task->run && holds_sequences(task))
		transaction->holds_sequences = true;
	if (task->form != TASK_STATEMENT) {
		if (transaction->changes_schema && task->commits)
			schema_changed(mirror, transaction);
		task->item.ends = true;
		transaction->ended = true;
		if (session->transaction == transaction)
			session->transaction = NULL;
		session_transaction_over(session, task->commits);
	}
	schedule_add(&mirror->schedule, &task->item);
}

/* What was held as an implicit transaction is a block of ours. */
static void flush_held(struct session *session)
{
	LIST_EACH(&session->held, it)
	emit(LIST_ITEM(it, struct task, in_transaction));
}

static void emit_ending(struct session *session,
			struct exchange_transaction_end *end)
{
	struct task *task = session->ending;

	session->ending = NULL;
	session->chained = task->chain && !end;
	session->chain_snapshot = task->chain && session->transaction->snapshot;
	task->end = end;
	if (end) {
		task->item.last_seq = end->seq;
		task->commits = end->outcome == EXCHANGE_COMMIT;
	}
	emit(task);
}

static void note_isolation(struct session *session, const struct task *task)
{
	const char *isolation = task->plan->traits.isolation;

	if (!task->plan->traits.sets_isolation || !isolation || !*isolation)
		return;
	session->transaction->snapshot =
	    !strcmp(isolation, "repeatable read") ||
	    !strcmp(isolation, "serializable");
}

static bool ends_block(const struct task *task)
{
	enum sql_kind kind = task->plan->traits.kind;

	return kind == SQL_KIND_COMMIT || kind == SQL_KIND_ROLLBACK ||
	       kind == SQL_KIND_PREPARE_TRANSACTION;
}

static void take_exchange(struct session *session, struct exchange *exchange)
{
	struct task *task;
	bool ok = exchange->outcome == EXCHANGE_OK ||
		  exchange->outcome == EXCHANGE_SUSPENDED;
	enum sql_kind kind;

	if (session->ending)
		emit_ending(session, NULL);
	if (session->in_block && exchange->statement->status_before == 'E')
		session->aborted = true;
	task = statement_task(session, exchange);
	kind = task->plan->traits.kind;
	if (ok)
		session_follow(session, task);
	if (exchange->outcome == EXCHANGE_SUSPENDED && session->in_block &&
	    !exchange->statement->resumed && kind == SQL_KIND_SELECT &&
	    task->plan->reads_only) {
		session_open_portal(session, task);
		task->portal = true;
	} else if (exchange->statement->resumed && task->run &&
		   !session_has_portal(session,
				       exchange->statement->portal_message)) {
		known(task, VERDICT_SKIPPED, REASON_UNSUPPORTED,
		      "a further slice of a portal that stands outside of a "
		      "block, or writes");
	}
	if (ends_block(task) && exchange->outcome != EXCHANGE_SKIPPED &&
	    (session->in_block || !list_empty(&session->held))) {
		flush_held(session);
		task->form = TASK_END;
		task->commits = ok && kind != SQL_KIND_ROLLBACK &&
				completion_of(session->mirror, exchange) !=
				    SESSION_COMPLETED_ROLLBACK;
		task->chain = ok && task->plan->traits.chain;
		session->in_block = task->chain;
		session->aborted = false;
		session->ending = task;
		return;
	}
	if (!session->in_block && kind == SQL_KIND_BEGIN && ok) {
		flush_held(session);
		session->in_block = true;
		session->aborted = false;
	}
	if (session->in_block) {
		if (exchange->outcome == EXCHANGE_FAILED)
			session->aborted = true;
		else if (ok && kind == SQL_KIND_ROLLBACK_TO)
			session->aborted = false;
		note_isolation(session, task);
		emit(task);
		return;
	}
	list_append(&session->held, &task->in_transaction);
}

static struct task *bare_end(struct session *session,
			     struct exchange_transaction_end *end)
{
	struct task *task = task_new(session, TASK_END);

	task->end = end;
	task->item.seq = task->item.last_seq = end ? end->seq : 0;
	task->item.after = end ? end->after : 0;
	task->commits = end && end->outcome == EXCHANGE_COMMIT;
	return task;
}

static void take_end(struct session *session,
		     struct exchange_transaction_end *end,
		     struct journal_position position)
{
	struct link *only = session->held.next;

	if (session->chained && !session->ending) {
		/* told by the COMMIT; its message went on in the new block */
		session->chained = false;
		session->mirror->seen--;
		exchange_transaction_end_free(&end);
		return;
	}
	session->blind = session->aborted = false;
	if (session->ending) {
		session->in_block = session->ending->chain;
		emit_ending(session, end);
		return;
	}
	if (!list_empty(&session->held) && only->next == &session->held) {
		struct task *task =
		    LIST_ITEM(only, struct task, in_transaction);

		task->form = TASK_SINGLE;
		task->end = end;
		task->item.last_seq = end->seq;
		task->commits = end->outcome == EXCHANGE_COMMIT;
		emit(task);
	} else {
		flush_held(session);
		if (!session->transaction)
			transaction_new(session, end->seq, end->at, position);
		emit(bare_end(session, end));
	}
	session->in_block = false;
}

/* The session is gone and its transaction with it, end or not. */
static void take_close(struct session *session, bool clean)
{
	session->closed = true;
	session->closed_clean = clean;
	if (session->ending)
		emit_ending(session, NULL);
	flush_held(session);
	if (session->transaction) {
		struct task *task = bare_end(session, NULL);

		task->item.seq = task->item.last_seq =
		    session->transaction->last_seq;
		emit(task);
	}
	session->in_block = false;
	judge_count(session);
}

void intake_end(struct mirror *mirror)
{
	for (size_t i = mirror->sessions.count; i-- > 0;)
		take_close(mirror->sessions.entries[i].value, false);
}

static struct session *session_of(struct mirror *mirror,
				  const struct exchange_session_id *id)
{
	struct session *session = session_find(mirror, id);

	if (session)
		return session;
	/* its beginning is lost, or was before the first segment */
	session = session_open(mirror, id, NULL);
	session->blind = true;
	return session;
}

static void load_state(struct session *session)
{
	struct mirror *mirror = session->mirror;
	char key[64], *text = NULL;
	struct error error;

	snprintf(key, sizeof(key), "state:%" PRIu32 ".%" PRIu32 ".%" PRIu64,
		 session->id.writer, session->id.epoch, session->id.session);
	if (store_get(mirror->store, key, &text, &error)) {
		mirror_fail(mirror, &error);
		return;
	}
	if (text)
		session_load(session, text);
	free(text);
}

static void take_gap(struct mirror *mirror, const struct exchange_gap *gap,
		     struct journal_position position)
{
	char key[64], text[256], *known_gap = NULL;
	struct error error;

	if (gap->clean || (gap->last_seq && gap->last_seq <= mirror->floor) ||
	    progress_in_cut(mirror, position))
		return;
	snprintf(key, sizeof(key),
		 STORE_FACT_GAP_PREFIX "%.8s:%" PRIu64 ".%" PRIu64,
		 mirror->journal, position.segment, position.offset);
	snprintf(text, sizeof(text), "%s (%" PRIu64 " exchanges known lost)",
		 gap->reason, gap->exchanges);
	if (store_get(mirror->store, key, &known_gap, &error)) {
		mirror_fail(mirror, &error);
		return;
	}
	if (!known_gap) {
		LOG_WARN("the journal has a gap", "reason=%s", gap->reason);
		if (store_set(mirror->store, key, text, &error) ||
		    store_add(mirror->store, STORE_FACT_GAPS, 1, &error) ||
		    store_add(mirror->store, STORE_FACT_GAP_EXCHANGES,
			      gap->exchanges, &error))
			mirror_fail(mirror, &error);
		mirror->changed = true;
	}
	free(known_gap);
	taint_everything(mirror, REASON_GAP);
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		struct session *session = mirror->sessions.entries[i].value;
		bool named = !gap->session_count;

		for (size_t j = 0; j < gap->session_count; j++)
			named |= gap->sessions[j] == session->id.session &&
				 gap->epoch == session->id.epoch;
		if (named && session->in_block)
			session->blind = true;
	}
}

/*
 * Counts a session once, however often its record is read: the fact holds the
 * place of the newest that was counted, "EPOCH SEGMENT OFFSET".
 */
static void take_uncaptured(struct mirror *mirror,
			    const struct journal_event *event)
{
	struct journal_position newest = {0};
	char key[64], text[64], *known = NULL;
	uint32_t epoch = 0;
	struct error error;

	if (progress_in_cut(mirror, event->position))
		return;
	snprintf(key, sizeof(key), STORE_FACT_UNCAPTURED_TO "%" PRIu32,
		 event->id.writer);
	if (store_get(mirror->store, key, &known, &error)) {
		mirror_fail(mirror, &error);
		return;
	}
	if (known)
		sscanf(known, "%" SCNu32 " %" SCNu64 " %" SCNu64, &epoch,
		       &newest.segment, &newest.offset);
	free(known);
	if (event->id.epoch < epoch ||
	    (event->id.epoch == epoch &&
	     journal_position_compare(event->position, newest) <= 0))
		return;
	LOG_WARN("a session is not captured", "session=%" PRIu64 " reason=%s",
		 event->id.session, event->reason);
	snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu64 " %" PRIu64,
		 event->id.epoch, event->position.segment,
		 event->position.offset);
	if (store_set(mirror->store, key, text, &error) ||
	    store_add(mirror->store, STORE_FACT_UNCAPTURED, 1, &error))
		mirror_fail(mirror, &error);
	mirror->changed = true;
	/* Its statements so far were mirrored, those to come are lost. */
	if (event->begun)
		taint_everything(mirror, REASON_GAP);
}

static void take_opened(struct mirror *mirror,
			const struct exchange_session *opened)
{
	struct session *session = session_find(mirror, &opened->id);

	if (session) {
		if (opened->resumed && opened->known &&
		    (opened->transaction_status != 'I') != session->in_block)
			session->blind = opened->transaction_status != 'I';
		return;
	}
	session = session_open(mirror, &opened->id, opened);
	session->blind = opened->resumed && opened->transaction_status != 'I';
	load_state(session);
}

void intake_event(struct mirror *mirror, struct journal_event *event)
{
	struct session *session;
	uint64_t seq = 0;

	switch (event->kind) {
	case JOURNAL_SESSION_OPENED:
		take_opened(mirror, event->session);
		return;
	case JOURNAL_GAP:
		take_gap(mirror, event->gap, event->position);
		return;
	case JOURNAL_SESSION_UNCAPTURED:
		take_uncaptured(mirror, event);
		return;
	case JOURNAL_SESSION_CHANGED:
		/* No adapter has it yet: what hangs on it is not judged. */
		session_of(mirror, &event->id)->state_lost = true;
		return;
	case JOURNAL_SESSION_CLOSED:
		session = session_find(mirror, &event->id);
		if (session)
			take_close(session, event->clean);
		return;
	case JOURNAL_EXCHANGE:
		seq = event->exchange->seq;
		break;
	case JOURNAL_TRANSACTION_END:
		seq = event->transaction_end->seq;
		break;
	}
	session = session_of(mirror, &event->id);
	if (seq > mirror->last_seq)
		mirror->last_seq = seq;
	if (progress_is_done(mirror, &event->id, seq)) {
		if (event->kind == JOURNAL_TRANSACTION_END)
			session->blind = false;
		return;
	}
	mirror->seen++;
	mirror->changed = true;
	if (event->kind == JOURNAL_EXCHANGE) {
		struct exchange *exchange = event->exchange;

		event->exchange = NULL;
		take_exchange(session, exchange);
	} else {
		struct exchange_transaction_end *end = event->transaction_end;

		event->transaction_end = NULL;
		take_end(session, end, event->position);
	}
}
