/* Finds the row of an image in the new tables. */
#ifndef PARALLAX_LENS_WRITE_LOCATE_H
#define PARALLAX_LENS_WRITE_LOCATE_H

#include "lens/write/image.h"

/* Columns of the image that identify its row in each place. */
struct locators {
	PgQuery__Node **keys; /* the anchor's */
	const char **key_names;
	size_t key_count;
	PgQuery__Node *anchor; /* the anchor's number, if there are several; or
				  NULL */
	/* The same expressions inside the image's own SELECT. */
	PgQuery__Node **inner;
	size_t inner_count;
	struct relation *target;
};

struct locators write_image_locate(struct image *image, struct item *target);
/* Whether a row is the anchor's row from which the image's row was made. */
PgQuery__Node *write_image_is_anchor(struct image *image,
				     const struct locators *found,
				     size_t anchor);
PgQuery__Node *write_image_was_in(struct image *image,
				  const struct locators *found, size_t anchor,
				  bool negated);
/* The part's own column, which is NULL if the row has no such part. */
PgQuery__Node *write_image_part_column(struct image *image,
				       const struct locators *found,
				       size_t part, size_t join);
PgQuery__Node *write_image_is_part(struct image *image,
				   const struct locators *found, size_t part);

#endif
