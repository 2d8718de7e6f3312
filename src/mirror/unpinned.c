/*
 * Which writes taint (taint.c: what they taint), and which tables hold values
 * that the primary generated and no answer showed: in the columns that generate
 * values themselves, or in others that were filled from such ones too. For
 * example, where t.id is serial:
 *
 *     INSERT INTO t (a) SELECT a FROM s      t, its own columns: t.id
 *     UPDATE u SET b = t.id FROM t           u, all: u.b (the lens knows which
 *                                            columns were ever filled so)
 */
#include "base/memory.h"
#include "mirror/intake.h"
#include "mirror/taint.h"

enum { TABLE_KEY = 512 };

/* Tables are stored by name, since catalogs come and go. */
static size_t table_key(const struct catalog_table *table, char *key)
{
	int size =
	    snprintf(key, TABLE_KEY, "%s\t%s", table->schema, table->name);

	return size < TABLE_KEY ? (size_t)size : TABLE_KEY - 1;
}

static bool in_tables(const struct map *map, const struct catalog_table *table)
{
	char key[TABLE_KEY];

	return map->count && map_get(map, key, table_key(table, key));
}

static bool any_in(const struct map *map,
		   const struct catalog_table *const *tables, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (in_tables(map, tables[i]))
			return true;
	return false;
}

static void add_key(struct mirror *mirror, const char *key, size_t size)
{
	if (map_get(&mirror->unpinned, key, size))
		return;
	map_set(&mirror->unpinned, key, size, mirror);
	mirror->unpinned_changed = true;
}

/* Marks a table whose other columns may hold such values, too. */
#define FILLED "\tfilled"

static size_t filled_key(const struct catalog_table *table, char *key)
{
	size_t size = table_key(table, key);

	if (size + strlen(FILLED) >= TABLE_KEY)
		return size;
	memcpy(key + size, FILLED, sizeof(FILLED));
	return size + strlen(FILLED);
}

static void add_tables(struct mirror *mirror, const struct plan *plan,
		       bool filled)
{
	for (size_t i = 0; i < plan->tables_written_count; i++) {
		char key[TABLE_KEY];

		add_key(mirror, key, table_key(plan->tables_written[i], key));
		if (filled)
			add_key(mirror, key,
				filled_key(plan->tables_written[i], key));
	}
}

#define FACT_UNPINNED  "mirror.unpinned"
#define FACT_TAINT_ALL "mirror.taint_all"
/* Unknown tables may hold uncarried values: the set contains a name that no
 * table has. */
#define ANY_TABLE "\t"

/* One "schema<tab>table" a line. */
static int save_tables(struct mirror *mirror, const char *key,
		       const struct map *map, struct error *error)
{
	struct buffer text;
	int result;

	buffer_init(&text, 0);
	for (size_t i = 0; i < map->count; i++) {
		buffer_append(&text, map->entries[i].key,
			      map->entries[i].key_size);
		buffer_append_byte(&text, '\n');
	}
	result = store_set(mirror->store, key, buffer_string(&text), error);
	buffer_release(&text);
	return result;
}

int unpinned_save(struct mirror *mirror, struct error *error)
{
	if (!mirror->unpinned_changed)
		return 0;
	mirror->unpinned_changed = false;
	if (taint_save(mirror, error) ||
	    save_tables(mirror, FACT_UNPINNED, &mirror->unpinned, error) ||
	    store_set(mirror->store, FACT_TAINT_ALL,
		      reason_name(mirror->taint_all), error))
		return -1;
	return 0;
}

static int load_tables(struct mirror *mirror, const char *key, struct map *map,
		       struct error *error)
{
	char *text = NULL, *line, *next;

	if (store_get(mirror->store, key, &text, error))
		return -1;
	for (line = text; line && *line; line = next) {
		char *tab = strchr(line, '\t'), *end = strchr(line, '\n');

		if (!tab || !end || tab > end)
			break;
		next = end + 1;
		map_set(map, line, (size_t)(end - line), map);
	}
	free(text);
	return 0;
}

int unpinned_load(struct mirror *mirror, struct error *error)
{
	char *all = NULL;

	if (taint_load(mirror, error) ||
	    load_tables(mirror, FACT_UNPINNED, &mirror->unpinned, error) ||
	    store_get(mirror->store, FACT_TAINT_ALL, &all, error))
		return -1;
	for (int i = 0; all && i < REASON_COUNT; i++)
		if (!strcmp(all, reason_name((enum reason)i)))
			mirror->taint_all = (enum reason)i;
	free(all);
	return 0;
}

void taint_everything(struct mirror *mirror, enum reason reason)
{
	if (mirror->taint_all != REASON_NONE)
		return;
	mirror->taint_all = reason;
	mirror->unpinned_changed = true;
}

void taint_transaction(struct transaction *transaction)
{
	transaction->undone = true;
	LIST_EACH(&transaction->tasks, it)
	{
		struct task *task = LIST_ITEM(it, struct task, in_transaction);

		if (task->judged_by)
			taint_add(task);
	}
}

static bool spoils(const struct task *task)
{
	switch (task->verdict) {
	case VERDICT_MATCH:
		return false;
	case VERDICT_DIVERGED:
		return task->class == DIVERGENCE_ERROR_SHADOW;
	case VERDICT_INCONCLUSIVE:
		break;
	default:
		return true;
	}
	switch (task->reason) {
	case REASON_OVERLAP:
	case REASON_RESTART:
	case REASON_TRUNCATED:
	case REASON_ABANDONED:
	case REASON_SHADOW_LOST:
	case REASON_SESSION_STATE:
	case REASON_INTERNAL:
	case REASON_VOLATILE:
	case REASON_UNPINNED:
	case REASON_TAINTED:
	case REASON_GAP:
	case REASON_CLOCK_PREDICATE:
		return true;
	default:
		return task->shadow_failed;
	}
}

/* For example LIMIT 1 without a total order: it may have written other rows
 * than on the primary, unless its answer shows otherwise. */
static bool stores_open_choice(const struct task *task)
{
	const struct plan *plan = task->judged_by;

	return plan->open_choice &&
	       !(plan->traits.has_returning && task->verdict == VERDICT_MATCH);
}

void unpinned_spread(struct task *task)
{
	struct mirror *mirror = task->mirror;
	const struct plan *plan = task->judged_by;
	const struct exchange *exchange = task->exchange;

	if (plan && exchange && exchange->outcome == EXCHANGE_OK &&
	    task->verdict != VERDICT_MATCH &&
	    (plan->traits.kind == SQL_KIND_DDL ||
	     (task->verdict == VERDICT_SKIPPED && task->reason == REASON_DDL)))
		changed_follow(task);
	if (!plan || !exchange || exchange->outcome == EXCHANGE_FAILED ||
	    exchange->outcome == EXCHANGE_SKIPPED || !plan->traits.writes)
		return;
	taint_follow(task);
	if (spoils(task)) {
		taint_add(task);
		if (!plan->tables_written_count &&
		    plan->traits.kind != SQL_KIND_DDL &&
		    task->verdict == VERDICT_UNTRANSLATABLE)
			taint_everything(mirror, REASON_TAINTED);
	}
	if (plan->promise.volatile_effect || stores_open_choice(task))
		taint_add(task);
}

static bool pins_missing(const struct task *task)
{
	return task->steps.pins_missing ||
	       (task->judged_by != task->plan && task->judged_by->pins_missing);
}

/* Other relations show its rows: views, parents of partitions. */
static bool is_shown_elsewhere(const struct catalog_table *table)
{
	return table->kind != RELATION_TABLE || table->has_children;
}

static void add_any_table(struct mirror *mirror)
{
	add_key(mirror, ANY_TABLE, strlen(ANY_TABLE));
}

/* Whether the values come from expressions of the statement, not only from
 * columns that it leaves out. */
static bool computes_values(const struct plan *plan)
{
	const unsigned drawing =
	    1u << SQL_FUNCTION_SEQUENCE | 1u << SQL_FUNCTION_RANDOM;

	return (plan->traits.kind != SQL_KIND_INSERT &&
		plan->traits.kind != SQL_KIND_COPY_IN) ||
	       plan->traits.volatility & drawing ||
	       plan->promise.volatile_effect;
}

void unpinned_note_pins(struct task *task)
{
	struct mirror *mirror = task->mirror;
	const struct plan *plan = task->judged_by;
	const struct exchange *exchange = task->exchange;
	bool filled;

	if (!plan || !exchange || exchange->outcome == EXCHANGE_FAILED ||
	    exchange->outcome == EXCHANGE_SKIPPED)
		return;
	/* no answer shows what a function or trigger stores; and a table may
	 * have another name now */
	if (conflict_effects_unknown(task->version->catalogs, plan) ||
	    (plan->traits.kind == SQL_KIND_DDL && mirror->unpinned.count))
		add_any_table(mirror);
	if (!plan->traits.writes || plan->traits.kind == SQL_KIND_DDL)
		return;
	/* its values may come from the tables that it reads */
	filled = any_in(&mirror->unpinned, plan->tables_read,
			plan->tables_read_count);
	if (!pins_missing(task) && !filled)
		return;
	add_tables(mirror, plan, filled || computes_values(plan));
	for (size_t i = 0; i < plan->tables_written_count; i++)
		if (is_shown_elsewhere(plan->tables_written[i]))
			add_any_table(mirror);
}

static bool may_hold_unpinned(const struct map *unpinned,
			      const struct catalog_table *const *tables,
			      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_shown_elsewhere(tables[i]))
			return true;
	return any_in(unpinned, tables, count);
}

bool unpinned_holds(const struct mirror *mirror,
		    const struct catalog_table *table)
{
	return in_tables(&mirror->unpinned, table);
}

bool unpinned_has_none(const struct task *task)
{
	const struct map *unpinned = &task->mirror->unpinned;
	const struct plan *plan = task->judged_by;

	if (pins_missing(task) || plan->pins_missing)
		return false;
	if (!unpinned->count)
		return true;
	return !map_get_string(unpinned, ANY_TABLE) &&
	       !may_hold_unpinned(unpinned, plan->tables_read,
				  plan->tables_read_count) &&
	       !may_hold_unpinned(unpinned, plan->tables_written,
				  plan->tables_written_count);
}

static bool is_integrity_failure(const struct answer *shadow)
{
	return shadow->outcome == ANSWER_FAILED &&
	       error_class_is_integrity(shadow->problem.class);
}

static bool is_generated(const struct catalog_column *column)
{
	return column->auto_increment ||
	       column->default_kind == DEFAULT_SEQUENCE ||
	       column->default_kind == DEFAULT_VOLATILE ||
	       column->default_kind == DEFAULT_CLOCK;
}

/* All of them, where they are not known one by one. */
static uint64_t unpinned_columns(const struct task *task,
				 const struct catalog_table *table)
{
	uint64_t columns = 0;
	char key[TABLE_KEY];
	bool filled =
	    map_get(&task->mirror->unpinned, key, filled_key(table, key));

	for (size_t i = 0; i < table->column_count; i++) {
		const struct catalog_column *column = &table->columns[i];

		if (filled
			? lens_is_unpinned(task->version->lens, table, column)
			: is_generated(column))
			columns |= weigh_column(column->number);
	}
	return columns ? columns : WEIGH_ALL_COLUMNS;
}

/* The tables' columns that hold uncarried values. The rows are there on both
 * sides. */
static void add_places(struct task *task,
		       const struct catalog_table *const *tables, size_t count,
		       struct weigh_place *places, size_t *used)
{
	for (size_t i = 0; i < count; i++)
		if (in_tables(&task->mirror->unpinned, tables[i]))
			places[(*used)++] = (struct weigh_place){
			    .table = catalogs_number(task->version->catalogs,
						     tables[i]),
			    .columns = unpinned_columns(task, tables[i]),
			};
}

/* ... of those that the table's foreign keys name. */
static void add_targets(struct task *task, const struct catalog_table *table,
			struct weigh_place *places, size_t *used)
{
	for (size_t i = 0; i < table->key_count; i++)
		if (table->keys[i].target)
			add_places(task, &table->keys[i].target, 1, places,
				   used);
}

static size_t places_max(const struct plan *plan)
{
	size_t count = plan->tables_read_count + plan->tables_written_count;

	for (size_t i = 0; i < plan->tables_written_count; i++)
		count += plan->tables_written[i]->key_count;
	return count;
}

bool unpinned_scope(struct task *task, const struct plan *plan,
		    const struct answer *shadow, struct weigh_scope *changed)
{
	bool integrity = is_integrity_failure(shadow);
	struct weigh_place *places;
	size_t used = 0;

	if (!task->mirror->unpinned.count ||
	    !(plan->unpinned_predicate || integrity))
		return false;
	places =
	    arena_array(&task->arena, places_max(plan) + 1, sizeof(*places));
	add_places(task, plan->tables_written, plan->tables_written_count,
		   places, &used);
	if (plan->unpinned_predicate)
		add_places(task, plan->tables_read, plan->tables_read_count,
			   places, &used);
	for (size_t i = 0; integrity && i < plan->tables_written_count; i++)
		add_targets(task, plan->tables_written[i], places, &used);
	*changed = (struct weigh_scope){.places = places, .place_count = used};
	return used;
}
