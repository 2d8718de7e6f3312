/*
 * A hash map from byte strings to pointers. Keys are copied; values are the
 * caller's. Order of iteration is that of insertion as long as nothing was
 * removed.
 */
#ifndef PARALLAX_BASE_MAP_H
#define PARALLAX_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_entry {
	void *key;
	size_t key_size;
	uint64_t hash;
	void *value;
};

struct map {
	struct map_entry *entries; /* dense */
	size_t count;
	size_t capacity;
	uint32_t *slots;   /* index into entries + 1; 0: free */
	size_t slot_count; /* a power of two */
};

void map_init(struct map *map);
void map_release(struct map *map); /* frees keys, not values */
void *map_get(const struct map *map, const void *key,
	      size_t size); /* or NULL */
void *map_get_string(const struct map *map, const char *key);
/* Sets; returns the previous value, or NULL. value is not NULL. */
void *map_set(struct map *map, const void *key, size_t size, void *value);
void *map_set_string(struct map *map, const char *key, void *value);
/* Removes; returns the value, or NULL. The last entry moves into its place. */
void *map_remove(struct map *map, const void *key, size_t size);

#endif
