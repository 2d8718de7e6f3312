/* INSERT of old rows that go to several new tables, or into another's rows. */
#ifndef PARALLAX_LENS_WRITE_SPREAD_INSERT_H
#define PARALLAX_LENS_WRITE_SPREAD_INSERT_H

#include "lens/write/image.h"
#include "lens/write/insert.h"

/* The same. Gives what is true of the rows that were taken;
 * NULL: of all. */
PgQuery__Node *write_image_insert_places(struct image *image);
/* The row, called alias, of the table that an absorbed one is merged into. */
PgQuery__Node *write_image_is_host(struct image *image, const char *alias);
/* Rows that go to several tables, or into another's rows. */
bool write_spread_takes_insert(struct rewrite *rw,
			       const PgQuery__InsertStmt *statement);
/* Before RETURNING is read: the rows that it is of. */
struct image *write_spread_insert_image(struct insert *insert,
					struct scope *scope);
/* When the values were read. */
void write_spread_insert(struct insert *insert, struct image *image,
			 PgQuery__Node *query);

#endif
