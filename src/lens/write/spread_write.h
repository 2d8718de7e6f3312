/* UPDATE and DELETE of old rows that are in several new tables. */
#ifndef PARALLAX_LENS_WRITE_SPREAD_WRITE_H
#define PARALLAX_LENS_WRITE_SPREAD_WRITE_H

#include "lens/write/assign.h"
#include "lens/write/locate.h"

/* Each old column of target's rows as a SET list leaves it
 * (NULL: as it was), and the places written. The select has its FROM already.
 */
void write_image_set(struct image *image, const struct item *target,
		     const struct set_values *set);
void write_spread_update_places(struct image *image, struct item *target);
/* A value that a SET list gives, of the old type; NULL: as it was. */
PgQuery__Node *write_image_set_value(struct image *image, size_t index,
				     PgQuery__Node *value);
/* The hoisted writes of the rows that are chosen. */
void write_image_update_places(struct image *image,
			       const struct locators *found);
void write_image_delete_places(struct image *image,
			       const struct locators *found);
/* Does what is set make absorbed rows part of other rows? */
bool write_image_changes_host(const struct image *image);
/* Of an absorbed row that goes while another comes in its place, the columns
 * are that one's: a server updates a row but once in a statement. The write
 * hoisted last leaves those alone to which rows of the image come. */
void write_image_spare_hosts(struct image *image, PgQuery__Node *comes);
/* Locks the rows before the statement, in a step of its own: the statement's
 * snapshot then has what an overlapping writer of another part has committed.
 */
void write_image_lock_first(struct image *image, const struct item *target);
bool write_spread_takes_update(struct rewrite *rw, PgQuery__UpdateStmt *update);
bool write_spread_takes_delete(struct rewrite *rw, PgQuery__DeleteStmt *del);
void write_spread_update(struct rewrite *rw, const struct scope *outer,
			 PgQuery__Node *query, struct outputs *outputs,
			 bool top);
void write_spread_delete(struct rewrite *rw, const struct scope *outer,
			 PgQuery__Node *query, struct outputs *outputs,
			 bool top);

#endif
