/*
 * Rows that are in the way. An INSERT whose keys no answer shows draws its own on
 * the shadow, and may draw one that the primary gives to another row, whose key is
 * carried over. For example, with t.id serial:
 *
 *     primary   INSERT INTO t (a) VALUES (1), (2)    draws 10, 11; nobody sees them
 *               INSERT INTO t (a) ... RETURNING id   12
 *     shadow    the first draws 11, 12; the second brings 12: a duplicate key
 *               UPDATE t SET id = DEFAULT WHERE id IN ('12')
 *               the second again, in the same transaction
 *
 * The row that moves has a key that is not the primary's, before and after. One that
 * others refer to moves with them, or not at all, as its foreign keys say. Nothing
 * moves in a table of which all keys were carried: a duplicate there is a fault.
 */
#include "base/log.h"
#include "mirror/internal.h"
#include "sql/build.h"
#include "sql/print.h"

enum {
	DISPLACED_MAX = 3, /* times, for one statement */
	KEYS_MAX = 100,	   /* rows of one INSERT that are looked at */
};

/* --- which rows --- */

static bool is_drawn(const struct promise_column *shown)
{
	return shown->column && shown->table &&
	       (shown->column->auto_increment ||
		shown->column->default_kind == DEFAULT_SEQUENCE);
}

static bool has_triggers(const struct lens *lens,
			 const struct catalog_table *table, struct arena *arena)
{
	struct lens_about about;

	lens_about(lens, table, arena, &about);
	if (about.dropped || table->has_triggers)
		return true;
	for (size_t i = 0; i < about.place_count; i++)
		if (about.places[i].table->has_triggers)
			return true;
	return false;
}

/* The column of the answer that shows the carried keys; SIZE_MAX: none. */
static size_t key_shown(const struct task *task)
{
	const struct promise *promise = &task->plan->promise;

	for (size_t i = 0; promise->columns && i < promise->column_count &&
			   i < task->primary.column_count;
	     i++)
		if (is_drawn(&promise->columns[i]) &&
		    task->plan->tables_written_count &&
		    promise->columns[i].table ==
			task->plan->tables_written[0] &&
		    unpinned_holds(task->mirror, promise->columns[i].table))
			return i;
	return SIZE_MAX;
}

static const char *key_text(struct task *task, size_t row, size_t column)
{
	const struct answer *answer = &task->primary;
	const struct answer_column *shown = &answer->columns[column];
	const struct value_side side = {
	    task->mirror->options->primary_adapter->values,
	    task->version->catalogs->old_catalog, shown->type, shown->format,
	    answer->rows[row * answer->column_count + column]};

	return side.value.data ? value_text(&side, &task->arena) : NULL;
}

/* --- the statement --- */

static PgQuery__Node *update_of(struct task *task, size_t column)
{
	const struct promise_column *shown =
	    &task->plan->promise.columns[column];
	struct arena *arena = &task->arena;
	PgQuery__UpdateStmt *update =
	    sql_new(arena, &pg_query__update_stmt__descriptor);
	PgQuery__Node *keys[KEYS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < task->primary.row_held && count < KEYS_MAX;
	     i++) {
		const char *text = key_text(task, i, column);

		if (text)
			keys[count++] = sql_const_string(arena, text);
	}
	if (!count)
		return NULL;
	update->relation = sql_new(arena, &pg_query__range_var__descriptor);
	update->relation->schemaname =
	    arena_string(arena, shown->table->schema);
	update->relation->relname = arena_string(arena, shown->table->name);
	update->relation->inh = true;
	update->relation->relpersistence = arena_string(arena, "p");
	update->relation->location = -1;
	SQL_APPEND(arena, update, target_list,
		   sql_target(arena, shown->column->name, sql_default(arena)));
	update->where_clause =
	    sql_in(arena, sql_column(arena, NULL, shown->column->name), keys,
		   count, false);
	return sql_wrap(arena, update);
}

/* The steps' texts as the shadow takes them; false: it is not one that goes before
 * the statement. */
static bool keep_steps(struct task *task, const struct plan_steps *steps)
{
	const char **texts =
	    arena_array(&task->arena, steps->count + 1, sizeof(*texts));

	for (size_t i = 0; i < steps->count; i++) {
		const struct plan_step *step = &steps->steps[i];

		if (step->role == STEP_PREPARE || step->hole_count ||
		    step->parameter_count)
			return false;
		texts[i] = arena_string(&task->arena, step->text);
	}
	task->displacing = texts;
	task->displacing_count = steps->count;
	return steps->count > 0;
}

static bool plan_update(struct task *task, const PgQuery__Node *update)
{
	struct lens *lens = task->version->lens;
	struct plan_input input = {0};
	struct lens_session session;
	struct plan_steps steps;
	const struct plan *plan;
	struct buffer text;
	struct error error;
	bool planned = false;

	buffer_init(&text, 0);
	if (!sql_print(update,
		       task->mirror->options->primary_adapter->parser->dialect,
		       &text, NULL, &error)) {
		input.text = arena_string(&task->arena, buffer_string(&text));
		input.text_size = strlen(input.text);
		session_lens(task->session, &session);
		plan = lens_plan(lens, &session, input.text, input.text_size,
				 NULL, 0);
		planned =
		    plan->action == PLAN_RUN &&
		    !plan_fill(plan, &input, &task->arena, &steps, &error) &&
		    keep_steps(task, &steps);
		lens_release(lens, plan);
	}
	buffer_release(&text);
	return planned;
}

/* --- the statement that finds a row in its way --- */

bool displace_begin(struct task *task, const struct answer *answer)
{
	PgQuery__Node *update;
	size_t column;

	if (outcome_error(answer) != ERROR_CLASS_UNIQUE ||
	    task->plan->traits.kind != SQL_KIND_INSERT ||
	    task->displaced == DISPLACED_MAX || task->primary.copy)
		return false;
	task->displaced++;
	column = key_shown(task);
	if (column == SIZE_MAX ||
	    has_triggers(task->version->lens,
			 task->plan->promise.columns[column].table,
			 &task->arena))
		return false;
	update = update_of(task, column);
	if (!update || !plan_update(task, update)) {
		task->displacing_count = 0;
		return false;
	}
	LOG_INFO("a row whose key was not carried over makes way for one whose "
		 "key was",
		 "table=\"%s\"",
		 task->plan->promise.columns[column].table->name);
	return true;
}

void displace_add(struct session *session, const struct task *task)
{
	session->displace_at = session->command_count;
	for (size_t i = 0; i < task->displacing_count; i++)
		batch_add(session, task->displacing[i]);
	session->displace_end = session->command_count;
}

/* For lack of a right, or of a foreign key that lets it. */
bool displace_failed(const struct session *session, struct task *task,
		     const struct answer *answer)
{
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);

	for (size_t i = session->displace_at;
	     i < session->displace_end && i < count; i++)
		if (answer == &answers[i]) {
			task->displacing_count = 0;
			task->displaced = DISPLACED_MAX;
			return true;
		}
	return false;
}
