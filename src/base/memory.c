#include "base/memory.h"

void memory_exhausted(size_t wanted)
{
	fprintf(stderr, "parallax: out of memory (%zu bytes wanted)\n", wanted);
	exit(70);
}

void *memory_alloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		memory_exhausted(size);
	return memory;
}

void *memory_resize(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);

	if (!memory)
		memory_exhausted(size);
	return memory;
}

char *memory_copy(const void *data, size_t size)
{
	char *memory = memory_alloc(size + 1);

	if (size)
		memcpy(memory, data, size);
	return memory;
}

char *memory_string(const char *text)
{
	return text ? memory_copy(text, strlen(text)) : NULL;
}
