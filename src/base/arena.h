/*
 * An arena: many small allocations, freed at once.
 *
 * Invariants: memory is aligned to 16 and zeroed; it stays where it is until
 * arena_reset (to a mark) or arena_release. An arena has a hard limit in bytes.
 * When the limit or the heap is exhausted, arena_alloc jumps to the innermost
 * ARENA_CATCH of this arena, if there is one, else ends the process
 * (memory_exhausted). So callers never see NULL.
 *
 *	if (ARENA_CATCH(&arena))
 *		return error_set(error, ERROR_LIMIT, "statement too large");
 *	...
 *	arena_uncatch(&arena);
 *
 * With PARALLAX_ARENA_EXACT (sanitizer builds) each allocation is a heap block
 * of its own, so that sanitizers see an overrun.
 */
#ifndef PARALLAX_BASE_ARENA_H
#define PARALLAX_BASE_ARENA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;		    /* bytes handed out */
	size_t limit;		    /* 0: none */
	bool caught;
	jmp_buf escape;
};

struct arena_mark {
	struct arena_block *block;
	size_t block_used;
	size_t used;
};

void arena_init(struct arena *arena, size_t limit);
void arena_release(struct arena *arena);
/* As arena_release, of one that held passwords or keys: nothing of it remains. */
void arena_release_wiped(struct arena *arena);

/* Frees everything allocated since the mark; pointers to it become invalid. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_reset(struct arena *arena, struct arena_mark mark);
/* Frees everything, but keeps one block for reuse. */
void arena_clear(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size);
void *arena_copy(struct arena *arena, const void *data,
		 size_t size);				   /* + NUL */
char *arena_string(struct arena *arena, const char *text); /* NULL gives NULL */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A vector in the arena: makes room for one more item and counts it. Returns
 * the vector's address, which may have changed. */
void *arena_push(struct arena *arena, void *items, size_t *count,
		 size_t *capacity, size_t size);
/* The same for the owner's members FIELDs, FIELD_count and FIELD_capacity;
 * returns the new item. */
#define ARENA_PUSH(arena, owner, field)                                        \
	((owner)->field##s = arena_push(                                       \
	     arena, (owner)->field##s, &(owner)->field##_count,                \
	     &(owner)->field##_capacity, sizeof(*(owner)->field##s)),          \
	 &(owner)->field##s[(owner)->field##_count - 1])

#define ARENA_CATCH(arena) ((arena)->caught = true, setjmp((arena)->escape))
void arena_uncatch(struct arena *arena);

#endif
