/* The lens's life, and its cache of plans. */
#include "lens/compile/compile.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
	PLAN_LIMIT = 10000,
	PLAN_BYTES = 256 * 1024 * 1024,
	SCRATCH_LIMIT = 256 * 1024 * 1024,
};

/* Of all statements of one shape: the literals that their plans hang on. */
struct group {
	bool *fixed;
	size_t count;
};

static int make_lens(const struct parser *parser, const struct mapping *mapping,
		     const struct catalog *old_catalog,
		     const struct catalog *new_catalog, bool lenient,
		     const struct lens *before, struct diagnostics *diagnostics,
		     struct lens **out)
{
	struct lens *lens = memory_alloc(sizeof(*lens));

	lens->parser = parser;
	lens->old_catalog = old_catalog;
	lens->new_catalog = new_catalog;
	lens->limit = PLAN_LIMIT;
	lens->lenient = lenient;
	lens->before = before;
	arena_init(&lens->arena, 0);
	arena_init(&lens->scratch, SCRATCH_LIMIT);
	map_init(&lens->by_old);
	map_init(&lens->sequences);
	map_init(&lens->types);
	map_init(&lens->functions);
	map_init(&lens->type_names);
	map_init(&lens->groups);
	map_init(&lens->plans);
	sql_shape_init(&lens->shape);
	sql_shape_init(&lens->rule_shape);
	buffer_init(&lens->key, 0);
	list_init(&lens->by_use);
	list_init(&lens->all);
	*out = lens;
	if (lens_compile(lens, mapping, diagnostics) < 0 && !lenient) {
		lens_free(out);
		return -1;
	}
	lens->before = NULL;
	lens_find_renamed_types(lens);
	return 0;
}

void lens_limit_bytes(struct lens *lens, size_t bytes)
{
	lens->byte_limit = bytes;
}

void lens_rewrite_all(struct lens *lens)
{
	lens->rewrite_all = true;
	for (size_t i = 0; i < lens->table_count; i++) {
		lens->tables[i].mapped = true;
		lens->tables[i].verbatim = false;
	}
}

int lens_new(const struct parser *parser, const struct mapping *mapping,
	     const struct catalog *old_catalog,
	     const struct catalog *new_catalog, struct diagnostics *diagnostics,
	     struct lens **lens)
{
	return make_lens(parser, mapping, old_catalog, new_catalog, false, NULL,
			 diagnostics, lens);
}

void lens_refit(const struct parser *parser, const struct mapping *mapping,
		const struct catalog *old_catalog,
		const struct catalog *new_catalog, const struct lens *before,
		struct diagnostics *diagnostics, struct lens **lens)
{
	make_lens(parser, mapping, old_catalog, new_catalog, true, before,
		  diagnostics, lens);
}

static void forget_groups(struct lens *lens)
{
	lens->group_bytes = 0;
	for (size_t i = 0; i < lens->groups.count; i++) {
		struct group *group = lens->groups.entries[i].value;

		free(group->fixed);
		free(group);
	}
	map_release(&lens->groups);
	map_init(&lens->groups);
}

void lens_free(struct lens **pointer)
{
	struct lens *lens = *pointer;

	if (!lens)
		return;
	*pointer = NULL;
	LIST_EACH(&lens->all, it)
	plan_free(LIST_ITEM(it, struct cached_plan, all));
	forget_groups(lens);
	map_release(&lens->groups);
	map_release(&lens->plans);
	map_release(&lens->by_old);
	map_release(&lens->sequences);
	map_release(&lens->types);
	map_release(&lens->functions);
	map_release(&lens->type_names);
	sql_shape_release(&lens->shape);
	sql_shape_release(&lens->rule_shape);
	for (size_t i = 0; i < lens->rule_count; i++)
		pattern_free(&lens->rules[i].pattern);
	buffer_release(&lens->key);
	arena_release(&lens->arena);
	arena_release(&lens->scratch);
	free(lens);
}

static void group_key(struct lens *lens, const struct lens_session *session,
		      const uint32_t *types, size_t type_count)
{
	buffer_clear(&lens->key);
	buffer_append(&lens->key, &session->key, sizeof(session->key));
	buffer_append_u32(&lens->key, (uint32_t)type_count);
	if (type_count)
		buffer_append(&lens->key, types, type_count * sizeof(*types));
	buffer_append(&lens->key, lens->shape.key.data, lens->shape.key.size);
}

/* The group's key with the bytes of its fixed literals behind it. */
static void plan_key(struct lens *lens, const struct group *group,
		     const char *text)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct sql_literal *literal = &lens->shape.literals[i];

		if (!group->fixed[i])
			continue;
		buffer_append_u32(&lens->key, (uint32_t)i);
		buffer_append_u32(&lens->key, literal->length);
		buffer_append(&lens->key, text + literal->offset,
			      literal->length);
	}
}

static size_t plan_bytes_max(const struct lens *lens)
{
	return lens->byte_limit ? lens->byte_limit : PLAN_BYTES;
}

static void evict(struct lens *lens, struct cached_plan *plan)
{
	map_remove(&lens->plans, plan->key, plan->key_size);
	list_remove(&plan->by_use);
	plan->cached = false;
	lens->plan_bytes -= plan->bytes;
	lens->statistics.evictions++;
	if (!plan->references)
		plan_free(plan);
}

static void keep(struct lens *lens, struct cached_plan *plan)
{
	struct cached_plan *replaced;

	if (lens->key.failed)
		return;
	plan->key = memory_copy(lens->key.data, lens->key.size);
	plan->key_size = lens->key.size;
	plan->cached = true;
	plan->bytes = sizeof(*plan) + 2 * plan->key_size + plan->arena.used;
	lens->plan_bytes += plan->bytes;
	replaced = map_set(&lens->plans, plan->key, plan->key_size, plan);
	if (replaced) {
		list_remove(&replaced->by_use);
		replaced->cached = false;
		lens->plan_bytes -= replaced->bytes;
		if (!replaced->references)
			plan_free(replaced);
	}
	/* the newest stays, whatever its size: it is in use */
	while (
	    lens->plans.count > lens->limit ||
	    (lens->plan_bytes > plan_bytes_max(lens) && lens->plans.count > 1))
		evict(lens, LIST_ITEM(lens->by_use.previous, struct cached_plan,
				      by_use));
	if (lens->groups.count > 2 * lens->limit ||
	    lens->group_bytes > plan_bytes_max(lens) / 4)
		forget_groups(lens);
}

/* What was made before something was learned has to be made again. */
static void forget_plans(struct lens *lens)
{
	LIST_EACH(&lens->by_use, it)
	evict(lens, LIST_ITEM(it, struct cached_plan, by_use));
	lens->learned = false;
	lens->lessons++;
}

static void use(struct lens *lens, struct cached_plan *plan)
{
	struct link *head = &lens->by_use;

	list_remove(&plan->by_use);
	plan->by_use.next = head->next;
	plan->by_use.previous = head;
	head->next->previous = &plan->by_use;
	head->next = &plan->by_use;
}

/* Learns which literals the plan hangs on; the set only grows. */
static void learn(struct lens *lens, struct group *group, const bool *fixed)
{
	if (!group) {
		group = memory_alloc(sizeof(*group));
		group->count = lens->shape.count;
		group->fixed =
		    memory_alloc(lens->shape.count * sizeof(bool) + 1);
		map_set(&lens->groups, lens->key.data, lens->key.size, group);
		lens->group_bytes += lens->key.size + group->count;
	}
	for (size_t i = 0; i < group->count; i++)
		group->fixed[i] |= fixed[i];
}

const struct plan *lens_plan(struct lens *lens,
			     const struct lens_session *session,
			     const char *text, size_t size,
			     const uint32_t *types, size_t type_count)
{
	struct cached_plan *plan = NULL;
	struct group *group;
	bool *fixed;

	lens->parser->shape(text, size, &lens->shape);
	group_key(lens, session, types, type_count);
	group = map_get(&lens->groups, lens->key.data, lens->key.size);
	if (group) {
		plan_key(lens, group, text);
		plan = map_get(&lens->plans, lens->key.data, lens->key.size);
	}
	if (plan) {
		lens->statistics.hits++;
		use(lens, plan);
		plan->references++;
		return &plan->plan;
	}
	lens->statistics.misses++;
	plan = plan_make(lens, session, text, size, types, type_count,
			 &lens->shape, &fixed);
	while (lens->learned) {
		/* Of itself too: what it stores it may return. */
		forget_plans(lens);
		plan_free(plan);
		plan = plan_make(lens, session, text, size, types, type_count,
				 &lens->shape, &fixed);
	}
	plan->references = 1;
	lens->all.next->previous = &plan->all;
	plan->all.next = lens->all.next;
	plan->all.previous = &lens->all;
	lens->all.next = &plan->all;
	group_key(lens, session, types, type_count);
	learn(lens, group, fixed);
	group = map_get(&lens->groups, lens->key.data, lens->key.size);
	plan_key(lens, group, text);
	use(lens, plan);
	keep(lens, plan);
	return &plan->plan;
}

void lens_release(struct lens *lens, const struct plan *given)
{
	struct cached_plan *plan = (struct cached_plan *)(uintptr_t)given;

	(void)lens;
	if (!plan || !plan->references)
		return;
	plan->references--;
	if (!plan->references && !plan->cached)
		plan_free(plan);
}

uint64_t lens_lessons(const struct lens *lens)
{
	return lens->lessons;
}

void lens_learned(const struct lens *lens, enum lens_lesson lesson,
		  struct buffer *out)
{
	for (size_t i = 0; i < lens->table_count; i++) {
		const struct lens_table *table = &lens->tables[i];

		for (size_t k = 0; k < table->column_count; k++) {
			const struct lens_column *column = &table->columns[k];

			if (lesson == LENS_CLOCK ? column->clock
						 : column->unpinned)
				buffer_printf(
				    out, "%s\t%s\t%s\n", table->old->schema,
				    table->old->name, column->old->name);
		}
	}
}

static void teach(struct lens *lens, enum lens_lesson lesson, char *line)
{
	char *name = strchr(line, '\t');
	char *own = name ? strchr(name + 1, '\t') : NULL;
	const struct catalog_table *old;
	struct lens_table *table;

	if (!own)
		return;
	*name++ = *own++ = '\0';
	old = catalog_table(lens->old_catalog, line, name);
	table = old ? lens_table_of(lens, old) : NULL;
	for (size_t i = 0; table && i < table->column_count; i++) {
		struct lens_column *column = &table->columns[i];

		if (strcmp(column->old->name, own) != 0)
			continue;
		column->clock |= lesson == LENS_CLOCK;
		column->unpinned |= lesson == LENS_UNPINNED;
	}
}

void lens_teach(struct lens *lens, enum lens_lesson lesson, const char *lines)
{
	char *text = memory_string(lines), *line = text, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		teach(lens, lesson, line);
	}
	free(text);
}

void lens_statistics(const struct lens *lens, struct lens_statistics *out)
{
	*out = lens->statistics;
	out->plans = lens->plans.count;
}
