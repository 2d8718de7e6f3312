#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/memory.h"

enum { ARENA_ALIGN = 16, ARENA_BLOCK = 16 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t size;
	size_t used;
	_Alignas(ARENA_ALIGN) unsigned char data[];
};

void arena_init(struct arena *arena, size_t limit)
{
	memset(arena, 0, sizeof(*arena));
	arena->limit = limit;
}

void arena_release(struct arena *arena)
{
	struct arena_mark start = {0};

	arena_reset(arena, start);
}

void arena_release_wiped(struct arena *arena)
{
	for (struct arena_block *block = arena->blocks; block;
	     block = block->older)
		explicit_bzero(block->data, block->size);
	arena_release(arena);
}

struct arena_mark arena_mark(const struct arena *arena)
{
	struct arena_mark mark = {arena->blocks, 0, arena->used};

	if (arena->blocks)
		mark.block_used = arena->blocks->used;
	return mark;
}

void arena_reset(struct arena *arena, struct arena_mark mark)
{
	while (arena->blocks && arena->blocks != mark.block) {
		struct arena_block *older = arena->blocks->older;

		free(arena->blocks);
		arena->blocks = older;
	}
	if (arena->blocks) {
		struct arena_block *block = arena->blocks;

		memset(block->data + mark.block_used, 0,
		       block->used - mark.block_used);
		block->used = mark.block_used;
	}
	arena->used = mark.used;
}

void arena_clear(struct arena *arena)
{
	struct arena_block *keep = arena->blocks;
	struct arena_mark mark = {0};

	if (!keep)
		return;
	/* The oldest block is the one that was sized for common use. */
	while (keep->older)
		keep = keep->older;
	mark.block = keep;
	arena_reset(arena, mark);
}

static void arena_exhausted(struct arena *arena, size_t wanted)
{
	if (!arena->caught)
		memory_exhausted(wanted);
	arena->caught = false;
	longjmp(arena->escape, 1);
}

static struct arena_block *arena_grow(struct arena *arena, size_t size)
{
	struct arena_block *block;
	size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;

#ifdef PARALLAX_ARENA_EXACT
	room = size;
#endif
	block = calloc(1, sizeof(*block) + room);
	if (!block)
		arena_exhausted(arena, size);
	block->size = room;
	block->older = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	size_t rounded;
	void *memory;

	if (size > SIZE_MAX / 4 ||
	    (arena->limit && size > arena->limit - arena->used))
		arena_exhausted(arena, size);
	rounded = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
#ifdef PARALLAX_ARENA_EXACT
	block = arena_grow(arena, size ? size : 1);
	rounded = block->size;
#else
	if (!block || rounded > block->size - block->used)
		block = arena_grow(arena, rounded);
#endif
	memory = block->data + block->used;
	block->used += rounded;
	arena->used += size;
	return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / 4 / size)
		arena_exhausted(arena, SIZE_MAX);
	return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	char *memory = arena_alloc(arena, size + 1);

	if (size)
		memcpy(memory, data, size);
	return memory;
}

char *arena_string(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	va_list again;
	char *memory;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	memory = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(memory, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return memory;
}

void arena_uncatch(struct arena *arena)
{
	arena->caught = false;
}

void *arena_push(struct arena *arena, void *items, size_t *count,
		 size_t *capacity, size_t size)
{
	if (*count == *capacity) {
		size_t room = *capacity ? *capacity * 2 : 8;
		void *bigger = arena_array(arena, room, size);

		if (*count)
			memcpy(bigger, items, *count * size);
		items = bigger;
		*capacity = room;
	}
	(*count)++;
	return items;
}
