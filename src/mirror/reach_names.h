/* Inside reach only: the column names in a tree, and the rows that a tree
 * fixes. */
#ifndef PARALLAX_MIRROR_REACH_NAMES_H
#define PARALLAX_MIRROR_REACH_NAMES_H

#include "mirror/reach.h"
#include "sql/walk.h"

enum { REACH_NAMES = 128, REACH_TABLES = 32, REACH_FIXED = 16 };

struct reach_query;

/* A column by name: of one table, or of any (NULL) that has such a one. */
struct reach_name {
	const struct catalog_table *of;
	const char *name;
};

/* Columns whose values make a difference, anywhere in the statement. */
struct reach_names {
	const struct reach_query *query; /* it says of which table they are;
					    NULL: not known */
	struct reach_name names[REACH_NAMES];
	size_t count;
	bool all; /* , a whole row, or something unknown */
};

void reach_add_name(struct reach_names *names, const struct catalog_table *of,
		    const char *name);

/* Adds the columns that the tree names. */
void reach_collect(ProtobufCMessage *tree, struct reach_names *names);
void reach_collect_list(PgQuery__Node **nodes, size_t count,
			struct reach_names *names);
void reach_collect_node(PgQuery__Node *node, struct reach_names *names);

/* How often the tree names a table in this way. */
size_t reach_mentions(ProtobufCMessage *tree, const char *table);
bool reach_calls(PgQuery__Node **nodes, size_t count);

/*
 * The table's columns that certainly have one value in all rows that the
 * conditions choose: WHERE id = 7 AND kind = $1.
 */
size_t reach_fixed(const struct reach_statement *statement,
		   const struct catalog_table *table,
		   const PgQuery__RangeVar *relation, bool alone,
		   const PgQuery__Node *where, struct arena *arena,
		   struct weigh_fixed *fixed);
/*
 * The same values in the columns of another table that are equal to these:
 * (t.id = 7) and c.t = t.id give c.t = 7. Returns how many there are.
 */
struct reach_link {
	const struct catalog_table *from, *to;
	const int16_t *from_columns, *to_columns;
	size_t count;
};
size_t reach_carry(const struct reach_statement *statement,
		   const struct reach_link *link,
		   const struct weigh_fixed *fixed, size_t fixed_count,
		   struct weigh_fixed *out);
/* The links of a foreign key, from those who refer and back; false: its target's
 * columns are not known. */
bool reach_key_link(const struct catalog_table *child,
		    const struct catalog_key *key, bool from_child,
		    struct reach_link *link);
/* The table's column that a reference means; NULL: none, or uncertain. */
const struct catalog_column *reach_column(const struct catalog_table *table,
					  const PgQuery__RangeVar *relation,
					  bool alone,
					  const PgQuery__Node *node);
/* Whether both are of one class of types whose equal values have one form. */
bool reach_same_class(const struct reach_statement *statement,
		      const struct catalog_column *a,
		      const struct catalog_column *b);
bool reach_is_equals(const PgQuery__AExpr *expression);
/* A constant or parameter as a value of that column; false: it is neither. */
bool reach_constant(const struct reach_statement *statement,
		    const struct catalog_column *column,
		    const PgQuery__Node *node, struct arena *arena,
		    struct weigh_fixed *fixed);
bool reach_is_constant(const PgQuery__Node *node);

#endif
