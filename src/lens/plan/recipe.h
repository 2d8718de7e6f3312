/* The stored form of a plan. */
#ifndef PARALLAX_LENS_PLAN_RECIPE_H
#define PARALLAX_LENS_PLAN_RECIPE_H

#include "lens/rewrite/rewrite.h"

/* A plan as it is kept. */
struct plan_piece {
	enum piece_kind { PIECE_TEXT, PIECE_LITERAL, PIECE_SPECIAL } kind;
	const char *text; /* TEXT */
	size_t size;
	size_t index; /* of the literal or special */
};

struct plan_text {	   /* of one step */
	bool kept;	   /* a later one takes its rows */
	bool binary;	   /* ... in binary form */
	bool reads;	   /* it is a query: its rows can be kept in a table */
	bool wants_rights; /* see struct plan_step */
	struct plan_piece *pieces;
	size_t piece_count;
	bool *named; /* parameters that it names, by number - 1 */
	size_t named_count;
};

struct plan_recipe {
	struct lens *lens;
	struct plan_text *texts; /* NULL: the text as written */
	size_t text_count;
	size_t answer; /* the one that answers */
	bool lifts;    /* has LITERAL pieces */
	size_t literal_count;
	struct special *specials;
	size_t special_count;
	size_t pin_rows; /* SIZE_MAX: no pins */
	uint32_t *types; /* of parameters, the shadow's */
	size_t type_count;
	const char *staged[3]; /* a COPY's: makes, fills, drops; or NULLs */
	bool chooses;	       /* a rule's: only some parameters are sent */
	size_t *parameters;    /* which (from 0), in their new order */
	size_t parameter_count;
};

struct cached_plan {
	struct plan plan; /* first */
	struct plan_recipe recipe;
	struct arena arena;
	struct link by_use;
	struct link all;
	size_t references;
	bool cached;
	void *key;
	size_t key_size;
	size_t bytes; /* of what the cache holds with it */
};

#endif
