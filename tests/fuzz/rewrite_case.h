/* An input of fuzz_rewrite, taken apart. */
#ifndef TESTS_FUZZ_REWRITE_CASE_H
#define TESTS_FUZZ_REWRITE_CASE_H

#include "fuzz/script_catalog.h"
#include "lens/lens.h"

enum { CASE_PARTS = 4, CASE_CELLS = 8 };

struct rewrite_case {
	const struct parser *parser;
	struct arena arena;
	const char *parts[CASE_PARTS];
	struct catalog *catalogs[2];
	struct mapping *mapping;
	struct diagnostics diagnostics;
	struct lens *lens;
	struct lens_session session;
	struct answer answer; /* one row of small numbers */
};

static int split_parts(struct rewrite_case *it, const uint8_t *data,
		       size_t size)
{
	char *text = arena_copy(&it->arena, data, size);

	if (memchr(data, 0, size))
		return -1;
	for (int i = 0; i < CASE_PARTS; i++) {
		char *end = strstr(text, "\n----\n");

		it->parts[i] = text;
		if (i == CASE_PARTS - 1)
			break;
		if (!end)
			return -1;
		end[1] = 0;
		text = end + 6;
	}
	return 0;
}

static void make_answer(struct rewrite_case *it)
{
	struct value *cells =
	    arena_array(&it->arena, CASE_CELLS, sizeof(*cells));
	struct answer_column *columns =
	    arena_array(&it->arena, CASE_CELLS, sizeof(*columns));

	for (int i = 0; i < CASE_CELLS; i++) {
		cells[i] = (struct value){(const uint8_t *)"7", i != 5};
		columns[i] = (struct answer_column){.name = "c", .type = 23};
	}
	it->answer = (struct answer){.tag = "SELECT 1",
				     .has_columns = true,
				     .columns = columns,
				     .column_count = CASE_CELLS,
				     .rows = cells,
				     .row_held = 1,
				     .row_count = 1};
}

/* -1: the input is no case. Close it either way. */
static int rewrite_case_open(struct rewrite_case *it, const uint8_t *data,
			     size_t size)
{
	static const char *const path[] = {"public", NULL};
	struct error error;

	memset(it, 0, sizeof(*it));
	arena_init(&it->arena, 0);
	diagnostics_init(&it->diagnostics);
	it->parser = adapter_find("postgres")->parser;
	it->session.search_path = path;
	if (split_parts(it, data, size))
		return -1;
	make_answer(it);
	for (int i = 0; i < 2; i++) {
		struct sql_tree tree;

		if (it->parser->parse(it->parts[i], strlen(it->parts[i]),
				      &it->arena, &tree, &error))
			return -1;
		it->catalogs[i] = script_catalog(&tree);
	}
	if (mapping_parse("fuzz", it->parts[2], strlen(it->parts[2]),
			  &it->diagnostics, &it->mapping))
		return -1;
	return lens_new(it->parser, it->parser, it->mapping, it->catalogs[0],
			it->catalogs[1], &it->diagnostics, &it->lens);
}

static size_t rewrite_case_split(struct rewrite_case *it,
				 struct sql_statement *places, size_t most)
{
	size_t count =
	    it->parser->split(it->parts[3], strlen(it->parts[3]), places, most);

	return count < most ? count : most;
}

static bool rewrite_case_parses(struct rewrite_case *it, const char *text)
{
	struct sql_tree tree;
	struct error error;

	return !it->parser->parse(text, strlen(text), &it->arena, &tree,
				  &error);
}

static bool rewrite_case_runs(const struct plan *plan)
{
	return plan->action == PLAN_RUN || plan->action == PLAN_SESSION;
}

/* What is made of a text that parses parses too. */
static void rewrite_case_check(struct rewrite_case *it, const char *text,
			       const struct plan_steps *steps)
{
	for (size_t i = 0; rewrite_case_parses(it, text) && i < steps->count;
	     i++)
		if (!rewrite_case_parses(it, steps->steps[i].text))
			abort();
}

static void rewrite_case_close(struct rewrite_case *it)
{
	lens_free(&it->lens);
	mapping_free(&it->mapping);
	catalog_free(&it->catalogs[0]);
	catalog_free(&it->catalogs[1]);
	diagnostics_release(&it->diagnostics);
	arena_release(&it->arena);
}

#endif
