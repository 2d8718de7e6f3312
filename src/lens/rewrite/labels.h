/*
 * Values of enums whose labels the mapping recodes (lens_column.labels). On the
 * new side they are the old labels as texts. That serves for all but their
 * order: where that is asked for, a label's place in the old type stands for
 * it, or, if what is stored sorts alike, the new column itself:
 *
 *	ORDER BY status
 *	ORDER BY array_position(ARRAY['new', 'paid', 'gone'], status)
 */
#ifndef PARALLAX_LENS_REWRITE_LABELS_H
#define PARALLAX_LENS_REWRITE_LABELS_H

#include "lens/rewrite/rewrite.h"

struct label { /* an expression that has such a value, as it was rewritten */
	const PgQuery__Node *node;
	const struct catalog_type *type; /* the old enum */
	const struct source *source; /* it is that column unchanged; or NULL */
	bool many;		     /* an array or a row of them */
};

struct labels { /* of one expression */
	struct label *labels;
	size_t label_count, label_capacity;
};

/* For values of which either may be in a column. */
static inline void rewrite_labels_join(struct facts *into,
				       const struct facts *from)
{
	if (into->labels)
		return;
	into->labels = from->labels;
	into->many_labels = from->many_labels;
}

/* An error (22P02) that names the text, which is not a label; NULL for NULL. */
PgQuery__Node *rewrite_labels_refused(struct rewrite *rw,
				      const PgQuery__Node *text);
void rewrite_labels_note(struct rewrite *rw, struct labels *labels,
			 struct label label);
const struct label *rewrite_labels_find(const struct labels *labels,
					const PgQuery__Node *node);
/* A cast to such a type, before what is in it: a text is cast to. */
void rewrite_labels_cast(struct rewrite *rw, struct labels *labels,
			 struct sql_place *place);
/* The same of a type alone; false: it is none. */
bool rewrite_labels_type(struct rewrite *rw, PgQuery__TypeName *name,
			 const struct catalog_type **type);
/* Whether it is a comparison by order. */
bool rewrite_labels_orders(const PgQuery__AExpr *operation);
/* After a place's children: if the order of such a value matters, the value is
 * replaced by its position; if it is passed on, that is noted. */
void rewrite_labels_leave(struct rewrite *rw, struct labels *labels,
			  struct sql_place *place);
/* x < ANY (SELECT ...), by the facts about both sides. */
void rewrite_labels_of_sub_query(struct rewrite *rw, PgQuery__SubLink *link,
				 const struct facts *left,
				 const struct outputs *right);
/* Whether the expression can be used in two places. */
bool rewrite_labels_can_repeat(const struct rewrite *rw, PgQuery__Node *node);
/* The sort key for a value with these facts. */
PgQuery__Node *rewrite_labels_sort_key(struct rewrite *rw,
				       const struct facts *facts,
				       const struct source *source,
				       PgQuery__Node *value);
/* Fails: the order of its values is needed in an unsupported way. */
void rewrite_labels_refuse(struct rewrite *rw, const struct catalog_type *type)
    __attribute__((noreturn));

#endif
