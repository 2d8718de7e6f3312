#include "compare/weigh.h"

#include <string.h>

_Static_assert(REASON_COUNT <= 32, "reasons are bits of weigh_difference.open");

static const char *const kind_names[] = {
#define DIFFERENCE_KIND(symbol, name, hangs_on) name,
#include "compare/kinds.def"
#undef DIFFERENCE_KIND
};

const char *difference_kind_name(enum difference_kind kind)
{
	return kind_names[kind];
}

/* --- the table --- */

/* clang-format off */
#define CELL_n WEIGH_NEVER
#define CELL_y WEIGH_ALONE
#define CELL_m WEIGH_MEETS
#define CELL(c) CELL_##c
#define EXPLAINS(reason, a, b, c, d, e, f, g, h, i, j, k, l, m, n)             \
	[REASON_##reason] = {CELL(a), CELL(b), CELL(c), CELL(d), CELL(e),      \
			     CELL(f), CELL(g), CELL(h), CELL(i), CELL(j),      \
			     CELL(k), CELL(l), CELL(m), CELL(n)},
/* clang-format on */
static const enum weigh_cell cells[REASON_COUNT][DIFFERENCE_KIND_COUNT] = {
#include "compare/explains.def"
};
#undef EXPLAINS

enum weigh_cell weigh_cell(enum reason reason, enum difference_kind kind)
{
	return cells[reason][kind];
}

/* --- what meets --- */

/* Two sets of rows of one table that cannot share a row. */
static bool are_apart(const struct weigh_place *a, const struct weigh_place *b)
{
	for (size_t i = 0; i < a->fixed_count; i++)
		for (size_t j = 0; j < b->fixed_count; j++)
			if (a->fixed[i].column == b->fixed[j].column &&
			    !digest_equal(a->fixed[i].value, b->fixed[j].value))
				return true;
	return false;
}

static bool places_meet(const struct weigh_place *changed,
			const struct weigh_place *on)
{
	bool touched = (changed->rows && (on->rows || on->columns)) ||
		       (changed->columns & on->columns);

	return changed->table == on->table && touched &&
	       !(changed->adds && on->gone) && !are_apart(changed, on);
}

static bool data_meets(const struct weigh_scope *changed,
		       const struct weigh_scope *on)
{
	if (changed->all_data)
		return on->all_data || on->place_count;
	if (on->all_data)
		return changed->place_count > 0;
	for (size_t i = 0; i < changed->place_count; i++)
		for (size_t j = 0; j < on->place_count; j++)
			if (places_meet(&changed->places[i], &on->places[j]))
				return true;
	return false;
}

static bool names_meet(const struct weigh_scope *changed,
		       const struct weigh_scope *on)
{
	if (changed->all_names)
		return on->all_names || on->name_count;
	if (on->all_names)
		return changed->name_count > 0;
	for (size_t i = 0; i < changed->name_count; i++)
		for (size_t j = 0; j < on->name_count; j++)
			if (!strcmp(changed->names[i], on->names[j]))
				return true;
	return false;
}

bool weigh_meets(const struct weigh_scope *changed,
		 const struct weigh_scope *on)
{
	return (changed->rights && on->rights) ||
	       (changed->sequences && on->sequences) ||
	       (changed->locks && on->locks) || names_meet(changed, on) ||
	       data_meets(changed, on);
}

/* --- what covers --- */

bool weigh_covers(const struct weigh_candidate *candidate,
		  const struct weigh_difference *difference)
{
	switch (weigh_cell(candidate->reason, difference->kind)) {
	case WEIGH_NEVER:
		return false;
	case WEIGH_ALONE:
		return true;
	case WEIGH_MEETS:
		break;
	}
	return candidate->changed &&
	       weigh_meets(candidate->changed, &difference->hangs_on);
}

void weigh_open(struct weigh_difference *differences, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int r = REASON_NONE + 1;
		     r < REASON_COUNT && !differences[i].covered; r++)
			if (differences[i].open & UINT32_C(1) << r &&
			    weigh_cell((enum reason)r, differences[i].kind) !=
				WEIGH_NEVER)
				differences[i].covered = (enum reason)r;
}

size_t weigh_candidate(struct weigh_difference *differences, size_t count,
		       const struct weigh_candidate *candidate)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		if (!differences[i].covered &&
		    weigh_covers(candidate, &differences[i]))
			differences[i].covered = candidate->reason;
		left += !differences[i].covered;
	}
	return left;
}

const struct weigh_difference *weigh_decides(
    const struct weigh_difference *differences, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!differences[i].covered)
			return &differences[i];
	return count ? &differences[0] : NULL;
}
