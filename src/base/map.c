#include "base/map.h"

#include <xxhash.h>

#include "base/memory.h"

void map_init(struct map *map)
{
	memset(map, 0, sizeof(*map));
}

void map_release(struct map *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->entries[i].key);
	free(map->entries);
	free(map->slots);
	map_init(map);
}

/* The slot that holds the key, or the free one where it would go. */
static size_t map_slot(const struct map *map, const void *key, size_t size,
		       uint64_t hash)
{
	size_t mask = map->slot_count - 1;
	size_t slot = (size_t)hash & mask;

	while (map->slots[slot]) {
		const struct map_entry *entry =
		    &map->entries[map->slots[slot] - 1];

		if (entry->hash == hash && entry->key_size == size &&
		    (!size || !memcmp(entry->key, key, size)))
			break;
		slot = (slot + 1) & mask;
	}
	return slot;
}

static void map_rehash(struct map *map, size_t slot_count)
{
	free(map->slots);
	map->slots = memory_alloc(slot_count * sizeof(*map->slots));
	map->slot_count = slot_count;
	for (size_t i = 0; i < map->count; i++) {
		const struct map_entry *entry = &map->entries[i];

		map->slots[map_slot(map, entry->key, entry->key_size,
				    entry->hash)] = (uint32_t)i + 1;
	}
}

void *map_get(const struct map *map, const void *key, size_t size)
{
	size_t slot;

	if (!map->count)
		return NULL;
	slot = map_slot(map, key, size, XXH3_64bits(key, size));
	return map->slots[slot] ? map->entries[map->slots[slot] - 1].value
				: NULL;
}

void *map_get_string(const struct map *map, const char *key)
{
	return map_get(map, key, strlen(key));
}

void *map_set(struct map *map, const void *key, size_t size, void *value)
{
	uint64_t hash = XXH3_64bits(key, size);
	size_t slot;
	struct map_entry *entry;

	if (2 * (map->count + 1) > map->slot_count)
		map_rehash(map, map->slot_count ? 2 * map->slot_count : 16);
	slot = map_slot(map, key, size, hash);
	if (map->slots[slot]) {
		void *before = map->entries[map->slots[slot] - 1].value;

		map->entries[map->slots[slot] - 1].value = value;
		return before;
	}
	if (map->count == map->capacity) {
		map->capacity = map->capacity ? 2 * map->capacity : 8;
		map->entries = memory_resize(
		    map->entries, map->capacity * sizeof(*map->entries));
	}
	entry = &map->entries[map->count++];
	entry->key = memory_copy(key, size);
	entry->key_size = size;
	entry->hash = hash;
	entry->value = value;
	map->slots[slot] = (uint32_t)map->count;
	return NULL;
}

void *map_set_string(struct map *map, const char *key, void *value)
{
	return map_set(map, key, strlen(key), value);
}

/* Closes the hole at `slot`: later entries of the same run move up. */
static void map_close_hole(struct map *map, size_t slot)
{
	size_t mask = map->slot_count - 1;
	size_t next = slot;

	map->slots[slot] = 0;
	for (;;) {
		size_t home;

		next = (next + 1) & mask;
		if (!map->slots[next])
			return;
		home = (size_t)map->entries[map->slots[next] - 1].hash & mask;
		if (((next - home) & mask) < ((next - slot) & mask))
			continue;
		map->slots[slot] = map->slots[next];
		map->slots[next] = 0;
		slot = next;
	}
}

void *map_remove(struct map *map, const void *key, size_t size)
{
	size_t slot;
	size_t index;
	size_t last;
	void *value;

	if (!map->count)
		return NULL;
	slot = map_slot(map, key, size, XXH3_64bits(key, size));
	if (!map->slots[slot])
		return NULL;
	index = map->slots[slot] - 1;
	value = map->entries[index].value;
	last = map->count - 1;
	if (index != last) {
		const struct map_entry *moved = &map->entries[last];

		map->slots[map_slot(map, moved->key, moved->key_size,
				    moved->hash)] = (uint32_t)index + 1;
	}
	free(map->entries[index].key);
	map->entries[index] = map->entries[last];
	map->count = last;
	map_close_hole(map, slot);
	return value;
}
