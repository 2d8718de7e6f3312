/* The similarity of two names and of two types. */
#include "draft/internal.h"

#include <ctype.h>

enum { NAME_MAX_COMPARED = 64 };

/* Lower case, without separators and a plural's s. starts (may be NULL) marks
 * the beginnings of words. */
static void fold(const char *name, char *out, bool *starts)
{
	size_t size = 0;
	char before = '_';

	for (; *name && size < NAME_MAX_COMPARED - 1; before = *name++) {
		if (!isalnum((unsigned char)*name) && !(*name & 0x80))
			continue;
		if (starts)
			starts[size] = (!isalnum((unsigned char)before) &&
					!(before & 0x80)) ||
				       (isupper((unsigned char)*name) &&
					islower((unsigned char)before));
		out[size++] = (char)tolower((unsigned char)*name);
	}
	if (size > 3 && out[size - 1] == 's')
		size--;
	out[size] = 0;
	if (starts)
		starts[size] = true;
}

/* Whether one consists of some of the other's words. */
static bool is_within(const char *part, const char *whole, const bool *starts)
{
	size_t size = strlen(part);

	for (const char *at = strstr(whole, part); at;
	     at = strstr(at + 1, part))
		if (starts[at - whole] && starts[at - whole + size])
			return true;
	return false;
}

/* Length of the longest run of letters that both have, in order. */
static size_t common(const char *a, const char *b)
{
	size_t rows[2][NAME_MAX_COMPARED + 1] = {{0}};
	size_t b_size = strlen(b);
	int now = 0;

	for (; *a; a++) {
		now = 1 - now;
		for (size_t j = 1; j <= b_size; j++) {
			size_t best = rows[1 - now][j];

			if (rows[now][j - 1] > best)
				best = rows[now][j - 1];
			if (*a == b[j - 1] && rows[1 - now][j - 1] + 1 > best)
				best = rows[1 - now][j - 1] + 1;
			rows[now][j] = best;
		}
	}
	return rows[now][b_size];
}

double name_similarity(const char *a, const char *b)
{
	char x[NAME_MAX_COMPARED], y[NAME_MAX_COMPARED];
	bool x_starts[NAME_MAX_COMPARED], y_starts[NAME_MAX_COMPARED];
	size_t x_size, y_size, small, large;
	double alike;

	if (!strcmp(a, b))
		return 1;
	fold(a, x, x_starts);
	fold(b, y, y_starts);
	x_size = strlen(x);
	y_size = strlen(y);
	if (!x_size || !y_size)
		return 0;
	if (!strcmp(x, y))
		return 0.95;
	small = x_size < y_size ? x_size : y_size;
	large = x_size < y_size ? y_size : x_size;
	alike = 2.0 * (double)common(x, y) / (double)(x_size + y_size);
	/* One within the other: email, email_address. */
	if (small >= 3 && (x_size < y_size ? is_within(x, y, y_starts)
					   : is_within(y, x, x_starts))) {
		double within = 0.6 + 0.35 * (double)small / (double)large;

		return within > alike ? within : alike;
	}
	/* A few common letters are chance; only many of them count. */
	return alike > 0.5 ? alike * 0.9 : alike * 0.5;
}

enum family {
	FAMILY_OTHER,
	FAMILY_NUMBER,
	FAMILY_TEXT,
	FAMILY_TIME,
	FAMILY_JSON
};

static enum family family_of(enum type_class class)
{
	switch (class) {
	case TYPE_INTEGER:
	case TYPE_NUMERIC:
	case TYPE_FLOAT:
		return FAMILY_NUMBER;
	case TYPE_TEXT:
	case TYPE_CHAR:
	case TYPE_ENUM:
		return FAMILY_TEXT;
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		return FAMILY_TIME;
	case TYPE_JSON:
	case TYPE_JSONB:
		return FAMILY_JSON;
	default:
		return FAMILY_OTHER;
	}
}

bool draft_type_passes(enum type_class a, enum type_class b)
{
	return a == b || a == TYPE_DOMAIN || b == TYPE_DOMAIN ||
	       (family_of(a) != FAMILY_OTHER && family_of(a) == family_of(b));
}

double draft_type_similarity(enum type_class a, enum type_class b)
{
	if (a == b)
		return 1;
	if (draft_type_passes(a, b))
		return 0.8;
	/* Types that a recoding turns into each other. */
	if ((a == TYPE_BOOLEAN && family_of(b) != FAMILY_OTHER) ||
	    (family_of(a) == FAMILY_NUMBER && family_of(b) == FAMILY_TEXT) ||
	    (family_of(a) == FAMILY_TEXT &&
	     (family_of(b) == FAMILY_NUMBER || b == TYPE_BOOLEAN)) ||
	    (a == TYPE_INTEGER && (b == TYPE_UUID || b == TYPE_BOOLEAN)))
		return 0.4;
	return 0;
}
