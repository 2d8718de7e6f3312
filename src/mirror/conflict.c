/*
 * Which tasks a task conflicts with: the sets of tables that the schedule orders
 * it by.
 *
 *	UPDATE orders SET ... WHERE id = 1
 *		writes: orders, the tables it references, those that reference it
 *	SELECT f() FROM orders, where f is volatile
 *		reads and writes all tables: a barrier
 *	EXECUTE p, where p reads users
 *		reads: users
 */
#include <inttypes.h>
#include <stdio.h>

#include "mirror/intake.h"

bool conflict_is_plain(const struct catalog_table *table)
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

bool conflict_effects_unknown(const struct catalogs *catalogs,
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
	    conflict_effects_unknown(catalogs, plan))
		return true;
	if (traits->volatility &
	    (1u << SQL_FUNCTION_LOCK | 1u << SQL_FUNCTION_EFFECT))
		return true;
	for (size_t i = 0; i < plan->tables_read_count; i++)
		if (!conflict_is_plain(plan->tables_read[i]))
			return true;
	for (size_t i = 0; i < plan->tables_written_count; i++)
		if (!conflict_is_plain(plan->tables_written[i]))
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

void conflict_find_sets(struct task *task)
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
