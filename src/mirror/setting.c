/* The settings that a statement makes, from its text: SET, and calls of
 * set_config(). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mirror/internal.h"
#include "sql/walk.h"

static const struct sql_dialect *dialect_of(const struct task *task)
{
	return task->mirror->options->primary_adapter->parser->dialect;
}

static PgQuery__Node *parse(const struct mirror *mirror, const char *text,
			    struct arena *arena)
{
	const struct parser *parser = mirror->options->primary_adapter->parser;
	struct sql_tree tree;
	struct error error;

	if (parser->parse(text, strlen(text), arena, &tree, &error) ||
	    tree.count != 1)
		return NULL;
	return tree.statements[0].node;
}

/* --- SET --- */

const char *setting_of_set(const struct mirror *mirror, const char *text,
			   bool list, struct arena *arena)
{
	PgQuery__Node *node = parse(mirror, text, arena);
	PgQuery__VariableSetStmt *set =
	    SQL_AS(node, VARIABLE_SET_STMT, variable_set_stmt);
	const char *value = NULL;

	for (size_t i = 0; set && i < set->n_args; i++) {
		const PgQuery__AConst *constant =
		    SQL_AS(set->args[i], A_CONST, a_const);
		char *longer;

		if (!constant ||
		    constant->val_case != PG_QUERY__A__CONST__VAL_SVAL)
			continue;
		if (!list)
			return constant->sval->sval;
		longer = path_with(value ? value : "", constant->sval->sval);
		value = arena_string(arena, longer);
		free(longer);
	}
	return value;
}

bool setting_characteristics(const struct mirror *mirror,
			     const struct sql_traits *traits, const char *text,
			     struct sql_characteristics *given, bool *present)
{
	enum setting_meaning meaning = setting_meaning(mirror, traits->name);
	struct arena arena;
	const char *value;
	bool result;

	*present = meaning == SETTING_PRESENT;
	if (!*present && (meaning != SETTING_LATER || traits->local))
		return false;
	arena_init(&arena, 0);
	value = setting_of_set(mirror, text, false, &arena);
	result =
	    value && mirror->options->primary_adapter->settings->characteristic(
			 traits->name, value, given);
	arena_release(&arena);
	return result;
}

/* --- set_config() --- */

struct found {
	const struct task *task;
	struct arena *arena;
	const struct sql_traits *traits; /* of the query */
	struct decoded_bind bind;
	const struct value *rows; /* of the answer */
	size_t column_count;
	size_t row_count;
	bool answered; /* all of its rows are known */
	struct setting_change *changes;
	size_t count;
};

static const PgQuery__Node *without_cast(const PgQuery__Node *node)
{
	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	return node;
}

/* A constant's or parameter's value; "" for null, NULL: unknown. */
static const char *value_of(const struct found *found,
			    const PgQuery__Node *node)
{
	const PgQuery__AConst *constant;
	const struct value *value;
	size_t number;

	node = without_cast(node);
	if (SQL_IS(node, PARAM_REF)) {
		number = (size_t)node->param_ref->number;
		if (!number || number > found->bind.value_count)
			return NULL;
		value = &found->bind.values[number - 1];
		return value->data
			   ? arena_copy(found->arena, value->data, value->size)
			   : "";
	}
	constant = SQL_AS(node, A_CONST, a_const);
	if (!constant)
		return NULL;
	if (constant->isnull)
		return "";
	if (constant->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		return constant->sval->sval;
	if (constant->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL)
		return constant->boolval->boolval ? "true" : "false";
	return NULL;
}

/* As text or as a byte. */
static bool is_true(const char *value)
{
	return !strcasecmp(value, "on") ||
	       strchr("\1tTyY1", *value ? *value : 'f');
}

static bool is_set_config(const struct found *found,
			  const PgQuery__FuncCall *call)
{
	const char *name =
	    call->n_funcname
		? sql_string_value(call->funcname[call->n_funcname - 1])
		: NULL;

	return name && call->n_args == 3 &&
	       dialect_of(found->task)->function(name).volatility ==
		   SQL_FUNCTION_SETTING;
}

/* The column of the answer that shows its value; SIZE_MAX: none. */
static size_t column_of(const struct found *found,
			const PgQuery__FuncCall *call)
{
	const struct sql_traits *traits = found->traits;

	if (traits->kind != SQL_KIND_SELECT || traits->set_operation)
		return SIZE_MAX;
	for (size_t i = 0; i < traits->output_count && !traits->outputs[i].star;
	     i++)
		if (SQL_AS(traits->outputs[i].expression, FUNC_CALL,
			   func_call) == call)
			return i;
	return SIZE_MAX;
}

/* The value that all rows show in a column; NULL: several values. */
static const char *shown(const struct found *found, size_t column)
{
	const struct value *first;

	if (column >= found->column_count)
		return NULL;
	first = &found->rows[column];
	if (!first->data)
		return NULL;
	for (size_t i = 1; i < found->row_count; i++) {
		const struct value *other =
		    &found->rows[i * found->column_count + column];

		if (!other->data || other->size != first->size ||
		    memcmp(other->data, first->data, first->size) != 0)
			return NULL;
	}
	return arena_copy(found->arena, first->data, first->size);
}

static void take_call(struct found *found, const PgQuery__FuncCall *call)
{
	const char *local = value_of(found, call->args[2]);
	size_t column = column_of(found, call);
	struct setting_change change = {
	    .name = value_of(found, call->args[0]),
	    .local = local && is_true(local),
	};

	if (column != SIZE_MAX && local && found->answered) {
		if (!found->row_count && !found->traits->limited)
			return; /* never called */
		if (found->row_count)
			change.value = shown(found, column);
	} else if (column != SIZE_MAX && local && !found->task->exchange) {
		change.value = value_of(found, call->args[1]);
	}
	found->changes[found->count++] = change;
}

enum { CHANGES_MAX = 64 };

static enum sql_step look(struct sql_place *place, void *context,
			  struct error *error)
{
	struct found *found = context;
	const PgQuery__FuncCall *call;

	(void)error;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (const PgQuery__FuncCall *)place->message;
	if (!is_set_config(found, call))
		return SQL_STEP_INTO;
	if (found->count == CHANGES_MAX)
		found->changes[CHANGES_MAX - 1] = (struct setting_change){0};
	else
		take_call(found, call);
	return SQL_STEP_INTO;
}

static void read_answer(struct found *found)
{
	const struct exchange *exchange = found->task->exchange;
	const struct decode_ops *decode =
	    found->task->mirror->options->primary_adapter->decode;
	struct error error;

	if (!exchange || exchange->rows_capped || exchange->copy_out)
		return;
	found->answered =
	    !exchange->rows.size ||
	    !decode->rows(exchange->rows, false, &found->column_count,
			  found->arena, &found->rows, &found->row_count,
			  &error);
	found->answered &= found->row_count == exchange->row_count;
}

static void read_parameters(struct found *found)
{
	const struct exchange *exchange = found->task->exchange;
	struct error error;

	if (exchange && exchange->statement->bind.size &&
	    found->task->mirror->options->primary_adapter->decode->bind(
		exchange->statement->bind, found->arena, &found->bind, &error))
		found->bind.value_count = 0;
}

const struct setting_change *setting_calls(const struct task *task,
					   const char *text,
					   struct arena *arena, size_t *count)
{
	PgQuery__Node *node = parse(task->mirror, text, arena);
	struct found found = {.task = task, .arena = arena};
	struct sql_visitor visitor = {look, NULL, &found};
	struct sql_traits traits;
	struct error error;

	*count = 0;
	if (!node)
		return NULL;
	if (SQL_IS(node, PREPARE_STMT))
		node = node->prepare_stmt->query; /* parameters of its own */
	else
		read_parameters(&found);
	if (sql_traits(node, dialect_of(task), arena, &traits, &error))
		return NULL;
	found.traits = &traits;
	found.changes = arena_array(arena, CHANGES_MAX, sizeof(*found.changes));
	read_answer(&found);
	sql_walk(&node, &visitor, &error);
	*count = found.count;
	return found.changes;
}

/* --- roles put down --- */

static bool names_role(const struct task *task, const char *name)
{
	enum setting_meaning meaning = setting_meaning(task->mirror, name);

	return meaning == SETTING_ROLE || meaning == SETTING_AUTHORIZATION;
}

static bool call_drops_role(const struct task *task, bool *local)
{
	const struct setting_ops *ops =
	    task->mirror->options->primary_adapter->settings;
	const struct setting_change *calls;
	struct arena arena;
	size_t count;
	bool drops = false;

	arena_init(&arena, 0);
	calls = setting_calls(task, task->text, &arena, &count);
	for (size_t i = 0; i < count && !drops; i++) {
		const struct setting_change *call = &calls[i];

		drops = !call->name || (names_role(task, call->name) &&
					ops->drops_role(call->value));
		*local = call->local;
	}
	arena_release(&arena);
	return drops;
}

bool setting_drops_role(const struct task *task, bool *local)
{
	const struct sql_traits *traits = &task->plan->traits;
	struct arena arena;
	const char *value;
	bool drops;

	*local = traits->local;
	switch (traits->kind) {
	case SQL_KIND_DISCARD:
		return traits->all;
	case SQL_KIND_RESET:
		return names_role(task, traits->name);
	case SQL_KIND_SET:
		if (!names_role(task, traits->name))
			return false;
		arena_init(&arena, 0);
		value = setting_of_set(task->mirror, task->text, false, &arena);
		drops = task->mirror->options->primary_adapter->settings
			    ->drops_role(value);
		arena_release(&arena);
		return drops;
	default:
		return traits->volatility & 1u << SQL_FUNCTION_SETTING &&
		       call_drops_role(task, local);
	}
}

bool setting_names_role(const struct task *task)
{
	const struct setting_ops *ops =
	    task->mirror->options->primary_adapter->settings;
	const struct sql_traits *traits = &task->plan->traits;

	switch (traits->kind) {
	case SQL_KIND_DISCARD:
		return traits->all;
	case SQL_KIND_RESET:
	case SQL_KIND_SET:
		return names_role(task, traits->name);
	default:
		return traits->volatility & 1u << SQL_FUNCTION_SETTING &&
		       (ops->may_set(task->text, SETTING_ROLE) ||
			ops->may_set(task->text, SETTING_AUTHORIZATION));
	}
}

enum setting_meaning setting_meaning(const struct mirror *mirror,
				     const char *name)
{
	return mirror->options->primary_adapter->settings->meaning(name);
}
