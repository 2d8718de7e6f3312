/*
 * A first mapping, for the user to correct: the new place of each old table and
 * column, from the migration's own SQL, from both catalogs and from a bounded
 * look at the data. A guess states its reason; open points are listed.
 */
#ifndef PARALLAX_DRAFT_DRAFT_H
#define PARALLAX_DRAFT_DRAFT_H

#include "adapters/adapter.h"
#include "base/buffer.h"

struct database;

/* Marks an expression that the draft leaves open. It is an SQL comment, so that
 * the file loads; `check` recognises and explains it. */
#define DRAFT_OPEN "/* fill in */"

/* A file of SQL, the migration's. All borrowed. */
struct draft_file {
	const char *name; /* for notes */
	const char *text;
	size_t size;
};

struct draft_input { /* all borrowed */
	const struct adapter *primary_adapter;
	const struct adapter *shadow_adapter;
	const struct catalog *primary;
	const struct catalog *shadow; /* NULL: not reachable */
	/* Connections for samples, read-only; NULL: no look at the data. */
	struct database *primary_data;
	struct database *shadow_data;
	const struct draft_file *files; /* in the order they are run */
	size_t file_count;
};

/* The open points, in order; strings live in the arena. */
struct draft_needs {
	const char **items;
	size_t count;
	/* The shadow lacks some objects that the SQL creates, so other missing
	 * objects say nothing about the mapping. */
	bool shadow_behind;
};

/*
 * Appends the mapping (YAML) to out, without the list of needs: the caller may
 * know more of them; draft_write_needs puts them at the end. The text always
 * loads (mapping_parse), apart from limits of the loader. The same input gives
 * the same text.
 */
void draft_write(const struct draft_input *input, struct arena *arena,
		 struct buffer *out, struct draft_needs *needs);
void draft_add_need(struct arena *arena, struct draft_needs *needs,
		    const char *text);
void draft_write_needs(const struct draft_needs *needs, struct buffer *out);

#endif
