/*
 * The contract of an engine's SQL front end: text in, tree (sql/tree.h)
 * out. All functions are thread-safe. Text need not end in NUL and may hold
 * anything; a NUL byte inside it is an error of parse, never the end of it.
 */
#ifndef PARALLAX_SQL_PARSER_H
#define PARALLAX_SQL_PARSER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "sql/dialect.h"
#include "sql/shape.h"
#include "sql/tree.h"

/* A literal or a parameter ($1) of a text. */
struct sql_value_place {
	size_t at;	 /* of its '?' in the normalised text */
	uint32_t offset; /* its own bytes in the text */
	uint32_t length;
	uint32_t parameter; /* its number; 0: a literal */
};

/* A normalised text, with everything that was taken out of it. */
struct sql_normal {
	const char *text; /* NUL-ended */
	size_t size;
	struct sql_value_place *places; /* in text order */
	size_t count;
};

enum {
	PARSER_LENGTH_LIMIT = 1024 * 1024, /* bytes of a text */
	PARSER_DEPTH_LIMIT = 3000, /* of the tree, in messages; estimated
				      before parsing, from above */
};

/* Who knows the names of things: a catalog, say. */
struct sql_known {
	bool (*knows)(const void *context, const char *name);
	const void *context;
};

struct parser {
	const char *name;
	const struct sql_dialect *dialect; /* the dialect that sql_print
					      writes for it */

	/*
	 * Parses one text of any number of statements into the arena. -1:
	 * ERROR_DATABASE with the engine's own code (42601) and message, line
	 * and column (from 1) of the place, for a text that is no SQL;
	 * ERROR_LIMIT for one that is too long or too deep (54001, 54000). A
	 * statement that is too deep makes the whole text fail.
	 */
	int (*parse)(const char *text, size_t length, struct arena *arena,
		     struct sql_tree *tree, struct error *error);

	/*
	 * The statements of a text by the lexer alone (no error: text that
	 * cannot be separated stays one piece). Empty ones are left out. Fills
	 * up to capacity places (node is NULL); returns their number.
	 */
	size_t (*split)(const char *text, size_t length,
			struct sql_statement *places, size_t capacity);

	/*
	 * The statement's identity for people and counts: appends the
	 * normalised text to out (may be NULL): literals and parameters as '?',
	 * lists of them in IN and VALUES cut to one, white space and comments
	 * folded, keywords and plain names in lower case. Values of settings
	 * and quoted names that nobody knows are hidden, too (known NULL: these
	 * names are shown), and all after a string whose end is unsure. Returns
	 * its 64-bit hash, in which these names count. Works for texts that do
	 * not parse as well.
	 */
	uint64_t (*fingerprint)(const char *text, size_t length,
				const struct sql_known *known,
				struct buffer *out);

	/*
	 * The same text with every list written out, and the place of each '?'
	 * that stands for something. False: it cannot be lexed.
	 */
	bool (*normalise)(const char *text, size_t length, struct arena *arena,
			  struct sql_normal *normal);

	/* See sql/shape.h. Fast: no parsing, no allocation once warm. */
	void (*shape)(const char *text, size_t length, struct sql_shape *shape);
};

/*
 * An expression, or the name of a type ("numeric(10,2)[]"), parsed on its own:
 * for mappings. Errors as parse, places relative to this text. Text that is
 * more than one expression (a comma, a clause, an alias) is an error.
 */
int parser_expression(const struct parser *parser, const char *text,
		      struct arena *arena, PgQuery__Node **node,
		      struct error *error);
int parser_type(const struct parser *parser, const char *text,
		struct arena *arena, PgQuery__TypeName **type,
		struct error *error);

#endif
