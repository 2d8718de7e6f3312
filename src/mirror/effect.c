#include "mirror/effect.h"

#include "base/memory.h"
#include "mirror/bodies.h"
#include "mirror/reach.h"

enum {
	TEXT_MAX = 16 * 1024, /* longer texts are not parsed */
	TABLES_MAX = 16,
	NAMES_MAX = 16,
	EFFECTS_MAX = 512, /* of a transaction */
	SHOWN_MAX = 8,
};

struct effect {
	size_t users;
	struct arena arena; /* of the scope */
	unsigned written[TABLES_MAX];
	size_t written_count;
	/* by triggers and functions: any row, any column */
	unsigned touched[TABLES_MAX];
	size_t touched_count;
	char *text; /* or NULL */
	size_t text_size;
	struct bytes bind;
	uint32_t *types;
	size_t type_count;
	struct weigh_fixed shown[SHOWN_MAX]; /* in the row that it added */
	size_t shown_count;
	bool looked; /* scope.places is there */
	struct weigh_scope scope;
};

/* --- schema and rights --- */

/* What a schema change can affect: rights only, or everything. */
enum ddl_reach { DDL_NOTHING, DDL_RIGHTS, DDL_OBJECTS };

static enum ddl_reach ddl_reach(const struct task *task, struct arena *arena)
{
	const struct parser *parser =
	    task->mirror->options->primary_adapter->parser;
	struct sql_tree tree;
	struct error error;

	if (parser->parse(task->text, task->text_size, arena, &tree, &error) ||
	    tree.count != 1)
		return DDL_OBJECTS;
	switch (tree.statements[0].node->node_case) {
	case PG_QUERY__NODE__NODE_COMMENT_STMT:
		return DDL_NOTHING;
	case PG_QUERY__NODE__NODE_INDEX_STMT:
		return tree.statements[0].node->index_stmt->unique
			   ? DDL_OBJECTS
			   : DDL_NOTHING;
	case PG_QUERY__NODE__NODE_GRANT_STMT:
	case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT:
	case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
	case PG_QUERY__NODE__NODE_REASSIGN_OWNED_STMT:
	case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT:
	case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
		return DDL_RIGHTS;
	default:
		return DDL_OBJECTS;
	}
}

static void add_written(struct effect *effect, unsigned number)
{
	for (size_t i = 0; i < effect->written_count; i++)
		if (effect->written[i] == number)
			return;
	if (effect->written_count == TABLES_MAX)
		effect->scope.all_data = true;
	else
		effect->written[effect->written_count++] = number;
}

static void add_defined(struct effect *effect, const struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;
	const struct catalogs *catalogs = task->version->catalogs;
	const char **names =
	    arena_array(&effect->arena, NAMES_MAX, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < traits->table_count && count < NAMES_MAX; i++) {
		const struct catalog *catalog = catalogs->old_catalog;

		if (!(traits->tables[i].use & SQL_USE_DEFINE))
			continue;
		names[count++] =
		    arena_string(&effect->arena, traits->tables[i].name);
		for (size_t k = 0; k < catalog->table_count; k++)
			if (!strcmp(catalog->tables[k].name,
				    traits->tables[i].name))
				add_written(effect, catalogs->numbers[k]);
	}
	effect->scope.names = names;
	effect->scope.name_count = count;
	if (!count || count == NAMES_MAX) /* functions, types, policies ... */
		effect->scope.all_names = effect->scope.all_data = true;
}

static void of_schema(struct effect *effect, const struct task *task)
{
	switch (ddl_reach(task, &effect->arena)) {
	case DDL_NOTHING:
		break;
	case DDL_RIGHTS:
		effect->scope.rights = true;
		break;
	case DDL_OBJECTS:
		add_defined(effect, task);
	}
}

/* --- data --- */

static void add_touched(struct effect *effect, const struct bodies *bodies)
{
	effect->scope.all_data |= bodies->all;
	effect->scope.sequences = effect->scope.locks = true;
	for (size_t i = 0; i < bodies->count; i++) {
		if (effect->touched_count == TABLES_MAX) {
			effect->scope.all_data = true;
			return;
		}
		effect->touched[effect->touched_count++] = bodies->tables[i];
	}
}

static bool calls_unknown(struct effect *effect, const struct task *task,
			  const struct plan *plan, bool *schema)
{
	const struct catalogs *catalogs = task->version->catalogs;
	const struct sql_traits *traits = &plan->traits;

	for (size_t i = 0; i < traits->function_count; i++) {
		const struct catalog_function *function = map_get_string(
		    &catalogs->volatile_functions, traits->functions[i].name);

		if (function)
			add_touched(effect, bodies_of_function(catalogs,
							       function->name));
		*schema |= function && function->changes_schema;
	}
	if (traits->kind == SQL_KIND_CALL || traits->kind == SQL_KIND_DO)
		return *schema = true;
	return false;
}

static void of_data(struct effect *effect, const struct task *task,
		    const struct plan *plan)
{
	const struct catalogs *catalogs = task->version->catalogs;
	unsigned volatility = plan->traits.volatility;
	bool schema = false;

	for (size_t i = 0; i < plan->tables_written_count; i++) {
		const struct catalog_table *table = plan->tables_written[i];

		add_written(effect, catalogs_number(catalogs, table));
		/* other tables show its rows, or its actions are unknown */
		if (table->kind != RELATION_TABLE || table->has_children ||
		    table->is_partition || table->has_rules)
			effect->scope.all_data = true;
		/* reach_changes() knows what they touch */
		if (table->has_triggers)
			effect->scope.sequences = effect->scope.locks = true;
	}
	if (calls_unknown(effect, task, plan, &schema) ||
	    volatility & 1u << SQL_FUNCTION_EFFECT)
		effect->scope.all_data = true;
	if (schema)
		effect->scope.all_names = effect->scope.rights = true;
	if (volatility & 1u << SQL_FUNCTION_SEQUENCE ||
	    plan->traits.kind == SQL_KIND_INSERT)
		effect->scope.sequences = true;
	if (volatility & 1u << SQL_FUNCTION_LOCK)
		effect->scope.locks = true;
	/* names unknown to the catalog */
	if (plan->traits.writes && !plan->tables_written_count &&
	    plan->traits.kind != SQL_KIND_DDL &&
	    !(volatility & 1u << SQL_FUNCTION_SEQUENCE))
		effect->scope.all_data = true;
}

static void keep_text(struct effect *effect, const struct task *task)
{
	const struct exchange_statement *statement = task->exchange->statement;

	if (effect->scope.all_data || effect->written_count != 1 ||
	    !task->judged_text ||
	    task->judged_size + statement->bind.size > TEXT_MAX)
		return;
	effect->text = memory_alloc(task->judged_size + 1);
	memcpy(effect->text, task->judged_text, task->judged_size + 1);
	effect->text_size = task->judged_size;
	if (task->judged_by != task->plan || !statement->bind.size)
		return; /* the parameters are not the message's */
	effect->bind.data = (const uint8_t *)memory_copy(statement->bind.data,
							 statement->bind.size);
	effect->bind.size = statement->bind.size;
	effect->type_count = statement->parameter_type_count;
	effect->types =
	    memory_alloc((effect->type_count + 1) * sizeof(*effect->types));
	for (size_t i = 0; i < effect->type_count; i++)
		effect->types[i] = statement->parameter_types[i];
}

static bool is_empty(const struct effect *effect)
{
	const struct weigh_scope *scope = &effect->scope;

	return !effect->written_count && !effect->touched_count &&
	       !scope->all_data && !scope->all_names && !scope->name_count &&
	       !scope->rights && !scope->sequences && !scope->locks;
}

/* Sequences and locks keep their state even if the statement fails. */
static void forget_undone(struct effect *effect)
{
	effect->scope = effect_lasting(effect);
	effect->written_count = effect->touched_count = 0;
}

/* From here on the prepared statement is known, whatever it was before. */
static bool commits_prepared(const struct plan *plan)
{
	return plan->traits.kind == SQL_KIND_COMMIT_PREPARED;
}

struct effect *effect_new(const struct task *task)
{
	const struct exchange *exchange = task->exchange;
	const struct plan *plan = task->judged_by;
	struct effect *effect;

	if (!exchange || !plan || exchange->outcome == EXCHANGE_SKIPPED ||
	    exchange->outcome == EXCHANGE_EMPTY)
		return NULL;
	if (!task->stands_for_unknown && !commits_prepared(plan) &&
	    !plan->traits.writes && !plan->tables_written_count &&
	    !plan->traits.function_count && plan->traits.kind != SQL_KIND_CALL)
		return NULL;
	effect = memory_alloc(sizeof(*effect));
	effect->users = 1;
	arena_init(&effect->arena, 0);
	if (task->stands_for_unknown || commits_prepared(plan))
		effect->scope.all_data = true;
	else if (plan->traits.kind == SQL_KIND_DDL)
		of_schema(effect, task);
	else
		of_data(effect, task, plan);
	if (exchange->outcome == EXCHANGE_FAILED)
		forget_undone(effect);
	if (is_empty(effect))
		effect_drop(&effect);
	else
		keep_text(effect, task);
	return effect;
}

struct effect *effect_hold(struct effect *effect)
{
	if (effect)
		effect->users++;
	return effect;
}

void effect_drop(struct effect **effect)
{
	if (*effect && !--(*effect)->users) {
		arena_release(&(*effect)->arena);
		free((*effect)->text);
		free((void *)(uintptr_t)(*effect)->bind.data);
		free((*effect)->types);
		free(*effect);
	}
	*effect = NULL;
}

/* The only place where it adds rows; SIZE_MAX: none, or several. */
static size_t place_added(const struct effect *effect)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < effect->scope.place_count; i++) {
		const struct weigh_place *place = &effect->scope.places[i];

		if (place->table != effect->written[0])
			continue;
		if (found != SIZE_MAX || !place->adds)
			return SIZE_MAX;
		found = i;
	}
	return found;
}

static void add_shown(struct effect *effect)
{
	size_t at = place_added(effect);
	struct weigh_place *places;
	struct weigh_fixed *fixed;
	size_t before;

	if (at == SIZE_MAX || !effect->shown_count)
		return;
	places = arena_copy(&effect->arena, effect->scope.places,
			    effect->scope.place_count * sizeof(*places));
	before = places[at].fixed_count;
	fixed = arena_array(&effect->arena, before + SHOWN_MAX, sizeof(*fixed));
	for (size_t i = 0; i < before; i++)
		fixed[i] = places[at].fixed[i];
	for (size_t i = 0; i < effect->shown_count; i++)
		fixed[before + i] = effect->shown[i];
	places[at].fixed = fixed;
	places[at].fixed_count = before + effect->shown_count;
	effect->scope.places = places;
}

/* Carried over, so that the shadow's row has it, too. */
static bool is_drawn(const struct catalog_column *column)
{
	return column && (column->auto_increment ||
			  column->default_kind == DEFAULT_SEQUENCE);
}

void effect_learn(struct effect *effect, const struct task *task)
{
	const struct adapter *adapter = task->mirror->options->primary_adapter;
	const struct reach_statement statement = {
	    .catalogs = task->version->catalogs, .values = adapter->values};
	const struct promise *promise = &task->plan->promise;
	const struct answer *answer = &task->primary;

	if (!effect || !effect->text || effect->shown_count ||
	    task->judged_by != task->plan || !task->filled ||
	    task->plan->traits.kind != SQL_KIND_INSERT ||
	    answer->outcome != ANSWER_OK || answer->affected != 1 ||
	    answer->row_held != 1 || !promise->columns)
		return;
	for (size_t i = 0;
	     i < promise->column_count && i < answer->column_count &&
	     effect->shown_count < SHOWN_MAX;
	     i++)
		if (is_drawn(promise->columns[i].column) &&
		    promise->columns[i].table == task->plan->tables_written[0])
			effect->shown_count +=
			    reach_value(&statement, promise->columns[i].column,
					answer->columns[i].format,
					answer->rows[i], &effect->arena,
					&effect->shown[effect->shown_count]);
	if (effect->looked)
		add_shown(effect);
}

static void look(struct effect *effect, const struct task *task)
{
	const struct adapter *adapter = task->mirror->options->primary_adapter;
	struct decoded_bind bind = {0};
	struct reach_statement statement = {
	    .catalogs = task->version->catalogs,
	    .parser = adapter->parser,
	    .values = adapter->values,
	    .written = effect->written,
	    .written_count = effect->written_count,
	    .touched = effect->touched,
	    .touched_count = effect->touched_count,
	    .text = effect->text,
	    .text_size = effect->text_size,
	};
	struct error error;

	effect->looked = true;
	if (effect->bind.size &&
	    adapter->decode->bind(effect->bind, &effect->arena, &bind, &error))
		bind = (struct decoded_bind){0};
	statement.parameters = bind.values;
	statement.formats = bind.formats;
	statement.parameter_count = bind.value_count;
	if (effect->type_count >= bind.value_count)
		statement.types = effect->types;
	reach_changes(&statement, &effect->arena, &effect->scope);
	add_shown(effect);
}

const struct weigh_scope *effect_scope(struct effect *effect,
				       const struct task *task)
{
	if (!effect->looked)
		look(effect, task);
	return &effect->scope;
}

struct weigh_scope effect_lasting(const struct effect *effect)
{
	return (struct weigh_scope){
	    .sequences = effect->scope.sequences,
	    .locks = effect->scope.locks,
	};
}

/* --- of a transaction --- */

void effects_add(struct effects *effects, struct effect *effect)
{
	if (!effect)
		return;
	if (effects->count == EFFECTS_MAX) {
		effects->more = true;
		effects->more_names |= effect->scope.all_names ||
				       effect->scope.name_count ||
				       effect->scope.rights;
		return;
	}
	/* grows by powers of two */
	if (!(effects->count & (effects->count - 1)))
		effects->list = memory_resize(
		    effects->list, (effects->count ? effects->count * 2 : 1) *
				       sizeof(*effects->list));
	effects->list[effects->count++] = effect_hold(effect);
}

void effects_copy(struct effects *to, const struct effects *from)
{
	memset(to, 0, sizeof(*to));
	for (size_t i = 0; i < from->count; i++)
		effects_add(to, from->list[i]);
	to->more = from->more;
	to->more_names = from->more_names;
}

void effects_release(struct effects *effects)
{
	for (size_t i = 0; i < effects->count; i++)
		effect_drop(&effects->list[i]);
	free(effects->list);
	memset(effects, 0, sizeof(*effects));
}
