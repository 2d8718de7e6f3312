/* A migration's SQL as a mapping: whatever it says, the draft loads. */
#include "draft/draft.h"
#include "unit/lens/catalogs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct draft_file file = {"fuzz.sql", (const char *)data, size};
	struct draft_input input = {.primary_adapter = adapter_find("postgres"),
				    .shadow_adapter = adapter_find("postgres"),
				    .files = &file,
				    .file_count = 1};
	struct catalog *catalog = catalog_of(
	    "users(id int4 serial key, name text, b bool, n numeric)"
	    "orders(id int4 key, user_id int4, s text)s.t(a int4, b text)");
	struct draft_needs needs = {0};
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	struct arena arena;
	struct buffer text;

	input.primary = catalog;
	arena_init(&arena, 0);
	buffer_init(&text, 0);
	diagnostics_init(&diagnostics);
	draft_write(&input, &arena, &text, &needs);
	draft_write_needs(&needs, &text);
	mapping_parse("fuzz", (char *)text.data, text.size, &diagnostics,
		      &mapping);
	if (diagnostics.count)
		abort();
	mapping_free(&mapping);
	diagnostics_release(&diagnostics);
	buffer_release(&text);
	arena_release(&arena);
	catalog_free(&catalog);
	return 0;
}
