/*
 * Values of enums whose labels the mapping recodes (lens_column.labels). On the
 * new side they are read as the old labels, as text. Only their order is lost.
 * Where it matters, the label's position in the old type replaces it; or, if
 * the stored values sort alike, the new column does:
 *
 *	SELECT status FROM sales ORDER BY status
 *
 *	SELECT CASE sales.status WHEN 'n' THEN 'new' WHEN 'p' THEN 'paid' END AS status
 *	FROM sales ORDER BY array_position(ARRAY['new', 'paid'],
 *		CASE sales.status WHEN 'n' THEN 'new' WHEN 'p' THEN 'paid' END)
 */
#ifndef PARALLAX_LENS_REWRITE_LABELS_H
#define PARALLAX_LENS_REWRITE_LABELS_H

#include "lens/rewrite/rewrite.h"

struct label { /* a rewritten expression whose value is such a label */
	const PgQuery__Node *node;
	const struct catalog_type *type; /* the old enum */
	const struct source *source;	 /* the column that it is, unchanged; or
					NULL */
	bool many;			 /* an array or a row of labels */
};

struct labels { /* of one expression */
	struct label *labels;
	size_t label_count, label_capacity;
};

/* A column may hold either of two values: joins the facts about them. */
static inline void rewrite_labels_join(struct facts *into,
				       const struct facts *from)
{
	if (into->labels)
		return;
	into->labels = from->labels;
	into->many_labels = from->many_labels;
}

/* An error (22P02) that names the text, which is not a label. NULL gives
 * NULL. */
PgQuery__Node *rewrite_labels_refused(struct rewrite *rw,
				      const PgQuery__Node *text);
void rewrite_labels_note(struct rewrite *rw, struct labels *labels,
			 struct label label);
const struct label *rewrite_labels_find(const struct labels *labels,
					const PgQuery__Node *node);
/* A cast to such an enum becomes a cast to text. Called before its operand is
 * rewritten. */
void rewrite_labels_cast(struct rewrite *rw, struct labels *labels,
			 struct sql_place *place);
/* The same for a type alone. False: it is no such enum. */
bool rewrite_labels_type(struct rewrite *rw, PgQuery__TypeName *name,
			 const struct catalog_type **type);
/* Whether it is a comparison by order (<, >, <=, >=). */
bool rewrite_labels_orders(const PgQuery__AExpr *operation);
/* Called after a place's children. If the order of a label matters here, its
 * position replaces it. If the label is passed on, that is noted. */
void rewrite_labels_leave(struct rewrite *rw, struct labels *labels,
			  struct sql_place *place);
/* x < ANY (SELECT ...), given the facts about both sides. */
void rewrite_labels_of_sub_query(struct rewrite *rw, PgQuery__SubLink *link,
				 const struct facts *left,
				 const struct outputs *right);
/* Whether the expression may be evaluated twice. */
bool rewrite_labels_can_repeat(const struct rewrite *rw, PgQuery__Node *node);
/* The sort key for a value with these facts. */
PgQuery__Node *rewrite_labels_sort_key(struct rewrite *rw,
				       const struct facts *facts,
				       const struct source *source,
				       PgQuery__Node *value);
/* Fails: the order of such labels is used in a way that is not supported. */
void rewrite_labels_refuse(struct rewrite *rw, const struct catalog_type *type)
    __attribute__((noreturn));

#endif
