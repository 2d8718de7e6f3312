/* From the known facts to the text of a mapping. */
#include "draft/internal.h"

void draft_add_need(struct arena *arena, struct draft_needs *needs,
		    const char *text)
{
	enum { NEEDS_MAX = 500 };
	const char **items;

	if (needs->count > NEEDS_MAX)
		return;
	if (needs->count == NEEDS_MAX)
		text = "more than is listed here";
	for (size_t i = 0; i < needs->count; i++)
		if (!strcmp(needs->items[i], text))
			return;
	items = arena_array(arena, needs->count + 1, sizeof(*items));
	if (needs->count)
		memcpy(items, needs->items, needs->count * sizeof(*items));
	items[needs->count] = arena_string(arena, text);
	needs->items = items;
	needs->count++;
}

void draft_write_needs(const struct draft_needs *needs, struct buffer *out)
{
	for (size_t i = 0; i < needs->count; i++) {
		buffer_append_string(out, "# needs: ");
		yaml_comment_text(out, needs->items[i]);
		buffer_append_string(out, "\n");
	}
}

/* Without the migration's SQL, which leaves nothing to guess. */
static void guess(struct draft *draft)
{
	guess_tables(draft);
	for (int pass = 0; pass < 2; pass++)
		VECTOR_EACH (struct new_table, table, &draft->tables)
			VECTOR_EACH (struct draft_source, source,
				     &table->sources)
				if (!table->dropped && table->catalog)
					guess_columns(draft, table, source,
						      !pass);
	guess_parts(draft);
}

static void notice_new_tables(struct draft *draft)
{
	size_t unseen = 0;

	VECTOR_EACH (const struct new_table, table, &draft->tables)
		unseen += table->unseen && !table->dropped && !draft->shadow;
	if (unseen)
		draft_need(draft,
			   "the files make no table for %zu of those that they "
			   "fill: which of its columns are NOT NULL is not "
			   "known without the shadow",
			   unseen);
}

void draft_write(const struct draft_input *input, struct arena *arena,
		 struct buffer *out, struct draft_needs *needs)
{
	struct draft draft = {.input = input,
			      .arena = arena,
			      .parser = input->shadow_adapter->parser,
			      .primary = input->primary,
			      .shadow = input->shadow,
			      .needs = needs};

	model_path(&draft, input->primary->search_path);
	if (input->file_count) {
		model_start(&draft);
		script_apply(&draft);
		script_refer(&draft);
		notice_new_tables(&draft);
	}
	if (draft.shadow) {
		model_join_shadow(&draft);
		if (!input->file_count)
			guess(&draft);
	}
	guess_names(&draft);
	derive_write(&draft, out);
}
