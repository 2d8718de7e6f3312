/*
 * Which tables are loaded together, and which come first.
 *
 * Where keys are looked at while loading, a table waits for those that it may
 * refer to: those that fill a new table which one of its own new tables has a
 * foreign key to. (Not for an absorbed one: it adds to rows that are there.)
 * And an absorbed table waits for those that make its rows, and one that looks
 * values up for those that bring them. Tables that wait
 * for each other in a circle are one group (Tarjan's strongly connected
 * components), loaded in one transaction.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "seed/internal.h"

struct edges { /* of a table: those that must come first */
	size_t *items;
	size_t count, capacity;
};

struct order {
	struct seed *seed;
	struct edges *before;
	struct map fillers; /* new table -> struct edges of old ones */
	size_t *index, *low, *stack;
	bool *on_stack;
	size_t next, depth;
};

static void add_edge(struct edges *edges, size_t to)
{
	for (size_t i = 0; i < edges->count; i++)
		if (edges->items[i] == to)
			return;
	if (edges->count == edges->capacity) {
		edges->capacity = edges->capacity ? 2 * edges->capacity : 8;
		edges->items = memory_resize(
		    edges->items, edges->capacity * sizeof(*edges->items));
	}
	edges->items[edges->count++] = to;
}

static void find_fillers(struct order *order)
{
	struct seed *seed = order->seed;

	for (size_t i = 0; i < seed->table_count; i++)
		for (size_t k = 0; k < seed->tables[i].targets.count; k++) {
			const struct map_entry *target =
			    &seed->tables[i].targets.entries[k];
			struct edges *edges = map_get(
			    &order->fillers, target->key, target->key_size);

			if (map_get(&seed->tables[i].reads, target->key,
				    target->key_size))
				continue;
			if (!edges) {
				edges = memory_alloc(sizeof(*edges));
				map_set(&order->fillers, target->key,
					target->key_size, edges);
			}
			add_edge(edges, i);
		}
}

static void follow_keys(struct order *order, size_t at,
			const struct catalog_table *target)
{
	for (size_t k = 0; k < target->key_count; k++) {
		const struct catalog_key *key = &target->keys[k];
		const struct edges *parents;

		if (key->kind != KEY_FOREIGN || !key->target)
			continue;
		parents =
		    map_get(&order->fillers, &key->target, sizeof(key->target));
		for (size_t i = 0; parents && i < parents->count; i++) {
			const struct seed_table *tables = order->seed->tables;

			if (parents->items[i] == at)
				order->seed->tables[at].whole = true;
			else if (tables[parents->items[i]].wave <=
				 tables[at].wave)
				add_edge(&order->before[at], parents->items[i]);
		}
	}
}

/* Absorbed tables come after the others that fill the same table. */
static void follow_waves(struct order *order, size_t at,
			 const struct map_entry *target)
{
	const struct seed_table *tables = order->seed->tables;
	const struct edges *fillers =
	    map_get(&order->fillers, target->key, target->key_size);

	for (size_t i = 0; fillers && i < fillers->count; i++)
		if (tables[fillers->items[i]].wave < tables[at].wave)
			add_edge(&order->before[at], fillers->items[i]);
}

/* The tables in which it looks values up, with or without foreign keys. */
static void follow_reads(struct order *order, size_t at)
{
	const struct map *reads = &order->seed->tables[at].reads;

	for (size_t k = 0; k < reads->count; k++) {
		const struct edges *fillers =
		    map_get(&order->fillers, reads->entries[k].key,
			    reads->entries[k].key_size);

		for (size_t i = 0; fillers && i < fillers->count; i++)
			if (fillers->items[i] != at)
				add_edge(&order->before[at], fillers->items[i]);
	}
}

static void find_edges(struct order *order)
{
	struct seed *seed = order->seed;

	for (size_t i = 0; i < seed->table_count; i++) {
		struct map *targets = &seed->tables[i].targets;

		follow_reads(order, i);
		for (size_t k = 0; k < targets->count; k++) {
			if (!seed->unguarded)
				follow_keys(order, i,
					    targets->entries[k].value);
			follow_waves(order, i, &targets->entries[k]);
		}
	}
}

static int by_wave(const void *a, const void *b)
{
	const struct seed_table *one = *(struct seed_table *const *)a;
	const struct seed_table *other = *(struct seed_table *const *)b;

	return one->wave != other->wave ? (one->wave < other->wave ? -1 : 1)
	       : one < other		? -1
					: one > other;
}

/* The tables above `at` on the stack are a group. */
static void make_group(struct order *order, size_t at)
{
	struct seed *seed = order->seed;
	size_t number = seed->group_count++;
	struct seed_group *group = &seed->groups[number];
	size_t table;

	do {
		table = order->stack[--order->depth];
		order->on_stack[table] = false;
		seed->tables[table].group = number;
		group->tables = memory_resize(group->tables,
					      (group->table_count + 1) *
						  sizeof(struct seed_table *));
		group->tables[group->table_count++] = &seed->tables[table];
		group->expected += seed->tables[table].expected;
	} while (table != at);
	group->circular = group->table_count > 1;
	qsort(group->tables, group->table_count, sizeof(struct seed_table *),
	      by_wave);
}

/* Each group comes after those that it waits for. */
static void visit(struct order *order, size_t at)
{
	const struct edges *before = &order->before[at];

	order->index[at] = order->low[at] = ++order->next;
	order->stack[order->depth++] = at;
	order->on_stack[at] = true;
	for (size_t i = 0; i < before->count; i++) {
		size_t to = before->items[i];

		if (!order->index[to]) {
			visit(order, to);
			if (order->low[to] < order->low[at])
				order->low[at] = order->low[to];
		} else if (order->on_stack[to] &&
			   order->index[to] < order->low[at]) {
			order->low[at] = order->index[to];
		}
	}
	if (order->low[at] == order->index[at])
		make_group(order, at);
}

static void add_then(struct seed *seed, size_t first, size_t then)
{
	struct seed_group *group = &seed->groups[first];

	for (size_t i = 0; i < group->then_count; i++)
		if (group->then[i] == then)
			return;
	if (group->then_count == group->then_capacity) {
		group->then_capacity =
		    group->then_capacity ? 2 * group->then_capacity : 8;
		group->then = memory_resize(
		    group->then, group->then_capacity * sizeof(*group->then));
	}
	group->then[group->then_count++] = then;
	seed->groups[then].waits++;
}

static void link_groups(struct order *order)
{
	struct seed *seed = order->seed;

	for (size_t i = 0; i < seed->table_count; i++)
		for (size_t k = 0; k < order->before[i].count; k++) {
			size_t first =
			    seed->tables[order->before[i].items[k]].group;

			if (first != seed->tables[i].group)
				add_then(seed, first, seed->tables[i].group);
		}
}

static size_t place_in(const struct seed_group *group,
		       const struct seed_table *table)
{
	size_t at = 0;

	while (at < group->table_count && group->tables[at] != table)
		at++;
	return at;
}

/* Even in a circle, the look-up's table must come first. */
static int check_reads(const struct order *order, size_t at,
		       struct error *error)
{
	const struct seed *seed = order->seed;
	const struct seed_table *table = &seed->tables[at];
	const struct seed_group *group = &seed->groups[table->group];

	for (size_t k = 0; k < table->reads.count; k++) {
		const struct map_entry *read = &table->reads.entries[k];
		const struct edges *fillers =
		    map_get(&order->fillers, read->key, read->key_size);

		for (size_t i = 0; fillers && i < fillers->count; i++) {
			const struct seed_table *filler =
			    &seed->tables[fillers->items[i]];

			if (filler == table || filler->group != table->group ||
			    place_in(group, filler) < place_in(group, table))
				continue;
			error_set(
			    error, ERROR_CONFIG,
			    "%s and %s refer to each other: neither can look "
			    "up the other's rows before they are loaded",
			    table->name, filler->name);
			error_hint(error, "such tables can be loaded by the "
					  "migration's own script only");
			return -1;
		}
	}
	return 0;
}

int seed_order(struct seed *seed, struct error *error)
{
	size_t room = seed->table_count + 1;
	int result = 0;
	struct order order = {
	    .seed = seed,
	    .before = memory_alloc(room * sizeof(*order.before)),
	    .index = memory_alloc(room * sizeof(*order.index)),
	    .low = memory_alloc(room * sizeof(*order.low)),
	    .stack = memory_alloc(room * sizeof(*order.stack)),
	    .on_stack = memory_alloc(room * sizeof(*order.on_stack)),
	};

	map_init(&order.fillers);
	seed->groups = memory_alloc(room * sizeof(*seed->groups));
	find_fillers(&order);
	find_edges(&order);
	for (size_t i = 0; i < seed->table_count; i++)
		if (!order.index[i])
			visit(&order, i);
	link_groups(&order);
	for (size_t i = 0; !result && i < seed->table_count; i++)
		result = check_reads(&order, i, error);
	for (size_t i = 0; i < order.fillers.count; i++) {
		struct edges *edges = order.fillers.entries[i].value;

		free(edges->items);
		free(edges);
	}
	map_release(&order.fillers);
	for (size_t i = 0; i < seed->table_count; i++)
		free(order.before[i].items);
	free(order.before);
	free(order.index);
	free(order.low);
	free(order.stack);
	free(order.on_stack);
	return result;
}
