/* Drafts for tests: from catalogs as tests/unit/lens/catalogs.h writes them. */
#ifndef TESTS_UNIT_DRAFT_SUPPORT_H
#define TESTS_UNIT_DRAFT_SUPPORT_H

#include "draft/draft.h"
#include "unit/lens/catalogs.h"

struct drafted {
	struct arena arena;
	struct buffer text;
	struct draft_needs needs;
	struct catalog *primary, *shadow;
};

/* price is a numeric(10,2), which catalogs.h cannot say. */
static inline void give_scale(struct catalog *catalog)
{
	for (size_t i = 0; catalog && i < catalog->table_count; i++) {
		const struct catalog_table *table = &catalog->tables[i];

		for (size_t k = 0; k < table->column_count; k++) {
			struct catalog_column *column =
			    (struct catalog_column *)(uintptr_t)&table
				->columns[k];

			if (!strcmp(column->name, "price") &&
			    column->type == 1700)
				column->type_sql = "numeric(10,2)";
		}
	}
}

/* sql, new_schema: either may be NULL. Released by drafted_release. */
static inline const char *draft_of(struct drafted *drafted,
				   const char *old_schema,
				   const char *new_schema, const char *sql)
{
	struct draft_file file = {"m.sql", sql, sql ? strlen(sql) : 0};
	struct draft_input input = {.primary_adapter = adapter_find("postgres"),
				    .shadow_adapter = adapter_find("postgres"),
				    .files = &file,
				    .file_count = sql ? 1 : 0};

	memset(drafted, 0, sizeof(*drafted));
	arena_init(&drafted->arena, 0);
	buffer_init(&drafted->text, 0);
	drafted->primary = catalog_of(old_schema);
	drafted->shadow = new_schema ? catalog_of(new_schema) : NULL;
	give_scale(drafted->primary);
	give_scale(drafted->shadow);
	input.primary = drafted->primary;
	input.shadow = drafted->shadow;
	draft_write(&input, &drafted->arena, &drafted->text, &drafted->needs);
	draft_write_needs(&drafted->needs, &drafted->text);
	return buffer_string(&drafted->text);
}

static inline void drafted_release(struct drafted *drafted)
{
	catalog_free(&drafted->primary);
	catalog_free(&drafted->shadow);
	buffer_release(&drafted->text);
	arena_release(&drafted->arena);
}

#endif
