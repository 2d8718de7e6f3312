/*
 * YAML as a tree of values, each with its place. YAML's guesses about types are
 * left out: a scalar is its text, and whether it was quoted.
 *
 * Bounds: DOCUMENT_SIZE_LIMIT bytes, DOCUMENT_DEPTH_LIMIT levels,
 * DOCUMENT_NODE_LIMIT values, with every alias counted in full. An alias shares
 * its anchor's nodes. Merge keys (<<) and tags are errors.
 */
#ifndef PARALLAX_CONFIG_DOCUMENT_H
#define PARALLAX_CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "config/diagnostic.h"

enum {
	DOCUMENT_SIZE_LIMIT = 4 * 1024 * 1024,
	DOCUMENT_DEPTH_LIMIT = 32,
	DOCUMENT_NODE_LIMIT = 200 * 1000,
};

enum node_type { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_type type;
	struct place place;
	const char *text;     /* SCALAR; UTF-8, no NUL in it */
	bool plain;	      /* SCALAR: it was not quoted */
	struct node **items;  /* LIST; of a MAP its keys (scalars) */
	struct node **values; /* MAP: one for each key */
	size_t count;
	size_t weight; /* nodes in it, itself included */
};

/* What is needed to read a document; all of it is the caller's. */
struct document {
	const char *file; /* for places; outlives the nodes */
	struct arena *arena;
	struct diagnostics *diagnostics;
};

/* NULL: diagnostics say why. Duplicate keys are an error, but do not stop it.
 */
struct node *document_parse(struct document *document, const char *text,
			    size_t size);
/* Reads the whole file first. */
struct node *document_load(struct document *document, const char *path);

/* A plain ~, null or an empty value. */
bool node_is_null(const struct node *node);
/* A map's value, or NULL. */
struct node *node_get(const struct node *map, const char *key);

/* Each adds an error (at node's place, naming it `what`) and returns false if
 * the node is not of that type. */
bool document_expect(struct document *document, const struct node *node,
		     enum node_type type, const char *what);
/* Errors for all keys of a map that are not in the NULL-ended list. */
void document_known(struct document *document, const struct node *map,
		    const char *const *known, const char *what);

#define DOCUMENT_ERROR(document, node, hint, ...)                              \
	diagnostics_add((document)->diagnostics, SEVERITY_ERROR,               \
			(node)->place, (hint), __VA_ARGS__)
#define DOCUMENT_WARNING(document, node, hint, ...)                            \
	diagnostics_add((document)->diagnostics, SEVERITY_WARNING,             \
			(node)->place, (hint), __VA_ARGS__)

#endif
