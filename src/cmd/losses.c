#include "cmd/losses.h"

#include "journal/state.h"

/* Of the newest part of the evidence, the one being read. */
static bool is_same(const struct store_content *content,
		    const struct journal_state_note *note)
{
	return content->part_count &&
	       !strcmp(content->parts[content->part_count - 1].journal,
		       note->journal);
}

static const char *problem_of(const struct store_content *content,
			      const char *directory, int found,
			      const struct journal_state_note *note,
			      const struct error *error, struct arena *arena)
{
	bool ended = store_fact(content, STORE_FACT_ENDED) != NULL;

	if (found > 0 && is_same(content, note)) {
		if (*note->problem)
			return arena_string(arena, note->problem);
		return note->shedding ? "it is full, and exchanges are lost"
				      : NULL;
	}
	/* A mirror that ended in order has recorded all its losses. */
	if (ended)
		return NULL;
	if (found < 0)
		return arena_string(arena, error->message);
	return arena_printf(arena,
			    found ? "%s holds another journal"
				  : "%s does not exist, or holds no journal",
			    directory);
}

void losses_look(struct store_content *content, struct arena *arena)
{
	const char *directory = store_fact(content, STORE_FACT_JOURNAL);
	uint64_t known = store_fact_number(content, STORE_FACT_LOST);
	uint64_t stated = store_fact_number(content, STORE_FACT_STATED);
	struct journal_state_note note;
	struct error error;
	int found;

	if (!directory)
		return; /* no mirror has begun */
	error_init(&error);
	found = journal_state_read(directory, &note, &error);
	if (found > 0 && is_same(content, &note) && note.lost_records > stated)
		stated = note.lost_records;
	content->untold = stated > known ? stated - known : 0;
	content->journal_problem =
	    problem_of(content, directory, found, &note, &error, arena);
}
