/*
 * A lens's life, and its cache of plans. A statement's shape is its text
 * without literals. So these two statements share one plan, filled in twice:
 *
 *	SELECT name FROM users WHERE id = 3
 *	SELECT name FROM users WHERE id = 4
 *
 * If a plan depends on a literal (a recoded value, a LIMIT), that literal
 * becomes part of the key.
 */
#include "lens/plan/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lens/compile/compile.h"
#include "lens/compile/table.h"
#include "lens/compile/type.h"
#include "lens/plan/plan.h"

enum {
	PLAN_LIMIT = 10000,
	PLAN_BYTES = 256 * 1024 * 1024,
	SCRATCH_LIMIT = 256 * 1024 * 1024,
};

/* The statements of one shape, and the literals on which their plans depend. */
struct group {
	bool *fixed;
	size_t count;
};

static int make_lens(const struct parser *old_parser,
		     const struct parser *parser, const struct mapping *mapping,
		     const struct catalog *old_catalog,
		     const struct catalog *new_catalog, bool lenient,
		     const struct lens *before, struct diagnostics *diagnostics,
		     struct lens **out)
{
	struct lens *lens = memory_alloc(sizeof(*lens));
	struct plan_cache *cache = memory_alloc(sizeof(*cache));

	lens->old_parser = old_parser;
	lens->parser = parser;
	lens->old_catalog = old_catalog;
	lens->new_catalog = new_catalog;
	lens->cache = cache;
	cache->limit = PLAN_LIMIT;
	lens->lenient = lenient;
	lens->before = before;
	arena_init(&lens->arena, 0);
	arena_init(&lens->scratch, SCRATCH_LIMIT);
	map_init(&lens->by_old);
	map_init(&lens->names.sequences);
	map_init(&lens->names.types);
	map_init(&lens->names.functions);
	map_init(&lens->names.made_types);
	map_init(&cache->groups);
	map_init(&cache->plans);
	sql_shape_init(&cache->shape);
	sql_shape_init(&lens->rules.shape);
	buffer_init(&cache->key, 0);
	list_init(&cache->by_use);
	list_init(&cache->all);
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
	lens->cache->byte_limit = bytes;
}

void lens_rewrite_all(struct lens *lens)
{
	lens->rewrite_all = true;
	for (size_t i = 0; i < lens->table_count; i++) {
		lens->tables[i].mapped = true;
		lens->tables[i].verbatim = false;
	}
}

int lens_new(const struct parser *old_parser, const struct parser *parser,
	     const struct mapping *mapping, const struct catalog *old_catalog,
	     const struct catalog *new_catalog, struct diagnostics *diagnostics,
	     struct lens **lens)
{
	return make_lens(old_parser, parser, mapping, old_catalog, new_catalog,
			 false, NULL, diagnostics, lens);
}

void lens_refit(const struct parser *old_parser, const struct parser *parser,
		const struct mapping *mapping,
		const struct catalog *old_catalog,
		const struct catalog *new_catalog, const struct lens *before,
		struct diagnostics *diagnostics, struct lens **lens)
{
	make_lens(old_parser, parser, mapping, old_catalog, new_catalog, true,
		  before, diagnostics, lens);
}

static void forget_groups(struct lens *lens)
{
	lens->cache->group_bytes = 0;
	for (size_t i = 0; i < lens->cache->groups.count; i++) {
		struct group *group = lens->cache->groups.entries[i].value;

		free(group->fixed);
		free(group);
	}
	map_release(&lens->cache->groups);
	map_init(&lens->cache->groups);
}

void lens_free(struct lens **pointer)
{
	struct lens *lens = *pointer;

	if (!lens)
		return;
	*pointer = NULL;
	LIST_EACH(&lens->cache->all, it)
	plan_free(LIST_ITEM(it, struct cached_plan, all));
	forget_groups(lens);
	map_release(&lens->cache->groups);
	map_release(&lens->cache->plans);
	map_release(&lens->by_old);
	map_release(&lens->known);
	map_release(&lens->names.sequences);
	map_release(&lens->names.types);
	map_release(&lens->names.functions);
	map_release(&lens->names.made_types);
	sql_shape_release(&lens->cache->shape);
	sql_shape_release(&lens->rules.shape);
	for (size_t i = 0; i < lens->rules.count; i++)
		pattern_free(&lens->rules.items[i].pattern);
	buffer_release(&lens->cache->key);
	arena_release(&lens->arena);
	arena_release(&lens->scratch);
	free(lens->cache);
	free(lens);
}

static void group_key(struct lens *lens, const struct lens_session *session,
		      const uint32_t *types, size_t type_count)
{
	buffer_clear(&lens->cache->key);
	buffer_append(&lens->cache->key, &session->key, sizeof(session->key));
	buffer_append_u32(&lens->cache->key, (uint32_t)type_count);
	if (type_count)
		buffer_append(&lens->cache->key, types,
			      type_count * sizeof(*types));
	buffer_append(&lens->cache->key, lens->cache->shape.key.data,
		      lens->cache->shape.key.size);
}

/* The group's key, followed by the bytes of its fixed literals. */
static void plan_key(struct lens *lens, const struct group *group,
		     const char *text)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct sql_literal *literal =
		    &lens->cache->shape.literals[i];

		if (!group->fixed[i])
			continue;
		buffer_append_u32(&lens->cache->key, (uint32_t)i);
		buffer_append_u32(&lens->cache->key, literal->length);
		buffer_append(&lens->cache->key, text + literal->offset,
			      literal->length);
	}
}

static size_t plan_bytes_max(const struct lens *lens)
{
	return lens->cache->byte_limit ? lens->cache->byte_limit : PLAN_BYTES;
}

static void evict(struct lens *lens, struct cached_plan *plan)
{
	map_remove(&lens->cache->plans, plan->key, plan->key_size);
	list_remove(&plan->by_use);
	plan->cached = false;
	lens->cache->plan_bytes -= plan->bytes;
	lens->cache->statistics.evictions++;
	if (!plan->references)
		plan_free(plan);
}

static void keep(struct lens *lens, struct cached_plan *plan)
{
	struct cached_plan *replaced;

	if (lens->cache->key.failed)
		return;
	plan->key = memory_copy(lens->cache->key.data, lens->cache->key.size);
	plan->key_size = lens->cache->key.size;
	plan->cached = true;
	plan->bytes = sizeof(*plan) + 2 * plan->key_size + plan->arena.used;
	lens->cache->plan_bytes += plan->bytes;
	replaced =
	    map_set(&lens->cache->plans, plan->key, plan->key_size, plan);
	if (replaced) {
		list_remove(&replaced->by_use);
		replaced->cached = false;
		lens->cache->plan_bytes -= replaced->bytes;
		if (!replaced->references)
			plan_free(replaced);
	}
	/* the newest stays whatever its size, since it is in use */
	while (lens->cache->plans.count > lens->cache->limit ||
	       (lens->cache->plan_bytes > plan_bytes_max(lens) &&
		lens->cache->plans.count > 1))
		evict(lens, LIST_ITEM(lens->cache->by_use.previous,
				      struct cached_plan, by_use));
	if (lens->cache->groups.count > 2 * lens->cache->limit ||
	    lens->cache->group_bytes > plan_bytes_max(lens) / 4)
		forget_groups(lens);
}

/* Plans made before something was learned must be made again. */
static void forget_plans(struct lens *lens)
{
	LIST_EACH(&lens->cache->by_use, it)
	evict(lens, LIST_ITEM(it, struct cached_plan, by_use));
	lens->learned = false;
	lens->lessons++;
}

static void use(struct lens *lens, struct cached_plan *plan)
{
	struct link *head = &lens->cache->by_use;

	list_remove(&plan->by_use);
	plan->by_use.next = head->next;
	plan->by_use.previous = head;
	head->next->previous = &plan->by_use;
	head->next = &plan->by_use;
}

/* Notes the literals on which the plan depends. The set only grows. */
static void learn(struct lens *lens, struct group *group, const bool *fixed)
{
	if (!group) {
		group = memory_alloc(sizeof(*group));
		group->count = lens->cache->shape.count;
		group->fixed =
		    memory_alloc(lens->cache->shape.count * sizeof(bool) + 1);
		map_set(&lens->cache->groups, lens->cache->key.data,
			lens->cache->key.size, group);
		lens->cache->group_bytes +=
		    lens->cache->key.size + group->count;
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

	lens->old_parser->shape(text, size, &lens->cache->shape);
	group_key(lens, session, types, type_count);
	group = map_get(&lens->cache->groups, lens->cache->key.data,
			lens->cache->key.size);
	if (group) {
		plan_key(lens, group, text);
		plan = map_get(&lens->cache->plans, lens->cache->key.data,
			       lens->cache->key.size);
	}
	if (plan) {
		lens->cache->statistics.hits++;
		use(lens, plan);
		plan->references++;
		return &plan->plan;
	}
	lens->cache->statistics.misses++;
	plan = plan_make(lens, session, text, size, types, type_count,
			 &lens->cache->shape, &fixed);
	while (lens->learned) {
		/* This plan is made again, too: it may return what it
		 * stores. */
		forget_plans(lens);
		plan_free(plan);
		plan = plan_make(lens, session, text, size, types, type_count,
				 &lens->cache->shape, &fixed);
	}
	plan->references = 1;
	lens->cache->all.next->previous = &plan->all;
	plan->all.next = lens->cache->all.next;
	plan->all.previous = &lens->cache->all;
	lens->cache->all.next = &plan->all;
	group_key(lens, session, types, type_count);
	learn(lens, group, fixed);
	group = map_get(&lens->cache->groups, lens->cache->key.data,
			lens->cache->key.size);
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
	*out = lens->cache->statistics;
	out->plans = lens->cache->plans.count;
}
