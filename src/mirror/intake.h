/*
 * From the journal's events to tasks: intake.c, and what it is made of. See
 * there.
 */
#ifndef PARALLAX_MIRROR_INTAKE_H
#define PARALLAX_MIRROR_INTAKE_H

#include "mirror/internal.h"

void intake_event(struct mirror *mirror, struct journal_event *event);
/* The journal has ended for good, and so have its sessions. */
void intake_end(struct mirror *mirror);
void task_free(struct task *task);

/* --- conflict.c --- */

/* Whether a statement may do more than its text and the catalogs show: a
 * function, procedure, trigger or rule runs. */
bool conflict_effects_unknown(const struct catalogs *catalogs,
			      const struct plan *plan);
/* Whether the table is a plain one: no view, no parent, no rules. */
bool conflict_is_plain(const struct catalog_table *table);
/* Fills in the sets of tables that the task reads and writes. */
void conflict_find_sets(struct task *task);

/* --- foresee.c --- */

/* Gives the task its verdict if that needs no shadow; else leaves it. */
void foresee_task(struct task *task);
/* Gives the task this verdict; it does not run. */
void foresee_verdict(struct task *task, enum verdict verdict,
		     enum reason reason, const char *detail);
enum session_completion foresee_completion(const struct mirror *mirror,
					   const struct exchange *exchange);

/* --- loss.c --- */

void loss_take_gap(struct mirror *mirror, const struct exchange_gap *gap,
		   struct journal_position position);
void loss_take_uncaptured(struct mirror *mirror,
			  const struct journal_event *event);

#endif
