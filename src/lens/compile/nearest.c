/* "did you mean": the name most similar to a missing one. */
#include "lens/compile/nearest.h"

#include <string.h>

enum { NEAREST_LENGTH = 63 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number of edits from a to b (insert, remove, replace). */
static size_t distance(const char *a, const char *b)
{
	size_t row[NEAREST_LENGTH + 1];
	size_t a_size = strlen(a), b_size = strlen(b);

	if (a_size > NEAREST_LENGTH || b_size > NEAREST_LENGTH)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_size; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			size_t above = row[j];
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);

			row[j] = least(least(above, row[j - 1]) + 1, replaced);
			diagonal = above;
		}
	}
	return row[b_size];
}

const char *lens_nearest(const char *name, const char *const *names,
			 size_t count)
{
	const char *nearest = NULL;
	size_t best = strlen(name) / 3 + 2;

	for (size_t i = 0; i < count; i++) {
		size_t far = distance(name, names[i]);

		if (far < best) {
			best = far;
			nearest = names[i];
		}
	}
	return nearest;
}
