#include "mirror/look_decide.h"

#include <string.h>

enum look_view look_view(uint64_t end_seq, uint64_t end_after,
			 uint64_t read_after, uint64_t read_seq)
{
	if (end_seq <= read_after)
		return LOOK_SEEN;
	return end_after >= read_seq ? LOOK_UNSEEN : LOOK_OVERLAPS;
}

bool look_is_question(const char *question, const struct bytes *text)
{
	return text->size == strlen(question) &&
	       !memcmp(text->data, question, text->size);
}

static bool is_data(const struct weigh_difference *difference)
{
	return difference->kind == DIFFERENCE_ROWS ||
	       difference->kind == DIFFERENCE_CELL;
}

enum taint_answer look_decide(const struct look_facts *facts)
{
	bool uncovered = false;

	if (!facts->ran || !facts->found_count)
		return TAINT_AGAIN;
	if (facts->capped)
		return TAINT_NEVER;
	for (size_t i = 0; i < facts->found_count; i++) {
		if (!is_data(&facts->found[i]))
			return TAINT_NEVER;
		uncovered |= !facts->found[i].covered;
	}
	if (!uncovered)
		return TAINT_AGAIN;
	if (facts->equal)
		return TAINT_EQUAL;
	return facts->certain && !facts->triggers ? TAINT_DIFFERS : TAINT_AGAIN;
}
