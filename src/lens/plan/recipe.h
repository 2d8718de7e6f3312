/* The stored form of a plan. */
#ifndef PARALLAX_LENS_PLAN_RECIPE_H
#define PARALLAX_LENS_PLAN_RECIPE_H

#include "lens/rewrite/rewrite.h"

/* A plan in the form in which it is kept. */
struct plan_piece {
	enum piece_kind { PIECE_TEXT, PIECE_LITERAL, PIECE_SPECIAL } kind;
	const char *text; /* of TEXT */
	size_t size;
	size_t index; /* the literal's or special's number */
};

struct plan_text {	   /* the text of one step */
	bool kept;	   /* a later one takes its rows */
	bool binary;	   /* its rows come in binary form */
	bool reads;	   /* it is a query, so its rows can be kept in a
			      table */
	bool wants_rights; /* as in struct plan_step */
	bool takes_values; /* as parameters: it reads or writes rows */
	struct plan_piece *pieces;
	size_t piece_count;
	bool *named; /* by number - 1, the parameters that it names */
	size_t named_count;
};

struct plan_recipe {
	struct lens *lens;
	struct plan_text *texts; /* NULL: the statement runs verbatim */
	size_t text_count;
	size_t answer; /* the step that answers */
	bool lifts;    /* a text has LITERAL pieces */
	size_t literal_count;
	struct special *specials;
	size_t special_count;
	size_t pin_rows; /* SIZE_MAX: no pins */
	uint32_t *types; /* the shadow's types of the parameters */
	uint32_t *old_types;
	size_t type_count;
	const char *staged[3]; /* of a COPY in steps, what makes, fills and
				  drops the table; or NULLs */
	bool chooses;	       /* a rule sends only some of the parameters */
	size_t *parameters;    /* which ones (from 0), in their new order */
	size_t parameter_count;
};

struct cached_plan {
	struct plan plan; /* must be the first member */
	struct plan_recipe recipe;
	struct arena arena;
	struct link by_use;
	struct link all;
	size_t references;
	bool cached;
	void *key;
	size_t key_size;
	size_t bytes; /* what it takes of the cache's limit */
};

#endif
