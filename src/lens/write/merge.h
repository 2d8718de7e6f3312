/*
 * A MERGE while it is rewritten. Its clauses are numbered from 1, in their
 * order. The number of the clause that a row takes is a column of
 *
 * source [LEFT] JOIN target ON condition, LATERAL (SELECT CASE ... END AS
 * action) AS parallax_choice
 *
 * where action is 0 or NULL for rows without an action.
 */
#ifndef PARALLAX_LENS_WRITE_MERGE_H
#define PARALLAX_LENS_WRITE_MERGE_H

#include "lens/write/insert.h"

void write_merge(struct rewrite *rw, const struct scope *outer,
		 PgQuery__Node *query);

struct merge_action { /* a WHEN clause */
	PgQuery__MergeWhenClause *when;
	struct scope *scope; /* what its expressions may name */
	/* Of a target in several tables, by old column: the value that the
	 * clause writes, of the old type (NULL: unchanged, or generated); and
	 * whether it writes it. */
	PgQuery__Node **values;
	bool *set;
};

struct merge {
	struct rewrite *rw;
	PgQuery__MergeStmt *statement;
	struct scope *scope; /* the source's items and the target */
	struct item *target;
	struct merge_action *actions;
	size_t action_count;
	bool inserts; /* it has an INSERT */
	const char *choice;
};

/* Reads the conditions, when all items are in scope. */
void write_merge_read_conditions(struct merge *merge);
/* Whether a clause has that command. */
bool write_merge_has(const struct merge *merge, PgQuery__CmdType command);
/* Whether the source can be read twice with the same result. */
bool write_merge_is_stable(const struct merge *merge);
/* Reads the INSERT action's row, as an INSERT of VALUES. */
struct insert write_merge_read_insert(struct merge *merge,
				      const struct merge_action *action);
/* Notes the values of the row for columns whose look-up adds values. */
void write_merge_note_row(struct insert *insert);
/* Makes a step before the statement for each value noted for the action. from:
 * the two items of FROM above; where: the source's condition, or NULL. */
void write_merge_add_lookups(struct merge *merge, size_t action,
			     PgQuery__Node *const *from,
			     const PgQuery__Node *where);
PgQuery__Node *write_merge_join(struct merge *merge, PgQuery__Node *source,
				PgQuery__Node *target, PgQuery__Node *on);
/* found: whether there is a row of the target. */
PgQuery__Node *write_merge_choice(struct merge *merge, PgQuery__Node *found);
/* The action of a row, where the choice is in FROM. */
PgQuery__Node *write_merge_action(const struct merge *merge);
/* Whether the row takes that action. value: the number of its action. */
PgQuery__Node *write_merge_takes(const struct merge *merge,
				 PgQuery__Node *value, size_t action);

#endif
