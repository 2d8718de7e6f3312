/*
 * One MERGE while it is rewritten. Its clauses are numbered from 1, in their
 * order. Which of them a row takes is a column of
 *
 *	source [LEFT] JOIN target ON condition,
 *	LATERAL (SELECT CASE ... END AS action) AS parallax_choice
 *
 * where action is 0 or NULL for rows that nothing is done with.
 */
#ifndef PARALLAX_LENS_WRITE_MERGE_H
#define PARALLAX_LENS_WRITE_MERGE_H

#include "lens/write/insert.h"

void write_merge(struct rewrite *rw, const struct scope *outer,
		 PgQuery__Node *query);

struct merge_action { /* a WHEN clause */
	PgQuery__MergeWhenClause *when;
	struct scope *scope; /* what it may name */
	/* Of a target whose rows are in several tables, by old column: what the
	 * clause leaves there, of the old type (NULL: as it was, or generated),
	 * and whether it writes it. */
	PgQuery__Node **values;
	bool *set;
};

struct merge {
	struct rewrite *rw;
	PgQuery__MergeStmt *statement;
	struct scope *scope; /* the source's items, and the target */
	struct item *target;
	struct merge_action *actions;
	size_t action_count;
	bool inserts; /* there is an INSERT */
	const char *choice;
};

/* The conditions, when all items are in scope. */
void write_merge_read_conditions(struct merge *merge);
/* Is there a clause of that command? */
bool write_merge_has(const struct merge *merge, PgQuery__CmdType command);
/* Can what it reads be read twice, and be the same? */
bool write_merge_is_stable(const struct merge *merge);
/* The INSERT action's row, read as an INSERT of VALUES. */
struct insert write_merge_read_insert(struct merge *merge,
				      const struct merge_action *action);
/* Notes what the row gives to columns whose look-up is created. */
void write_merge_note_row(struct insert *insert);
/* A step for each value that was noted of the action, before the statement.
 * from: the two items of FROM above; where: for the source, or NULL. */
void write_merge_add_lookups(struct merge *merge, size_t action,
			     PgQuery__Node *const *from,
			     const PgQuery__Node *where);
PgQuery__Node *write_merge_join(struct merge *merge, PgQuery__Node *source,
				PgQuery__Node *target, PgQuery__Node *on);
/* found: is there a row of the target? */
PgQuery__Node *write_merge_choice(struct merge *merge, PgQuery__Node *found);
/* The row's action, beside the choice in FROM. */
PgQuery__Node *write_merge_action(const struct merge *merge);
/* Does the row take that action? value: what tells its action */
PgQuery__Node *write_merge_takes(const struct merge *merge,
				 PgQuery__Node *value, size_t action);

#endif
