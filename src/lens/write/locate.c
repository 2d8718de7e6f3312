/*
 * Finds the row of an image in the new tables: in the anchor by its primary
 * key, in a part by the columns that join it. The image carries both.
 *
 *	UPDATE accounts AS target SET ... FROM parallax_row_1
 *	WHERE target.id = parallax_row_1.parallax_key_1
 */
#include "lens/write/locate.h"

#include <string.h>

#include "lens/rewrite/expression.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/refuse.h"

static const struct catalog_key *row_key(const struct catalog_table *table)
{
	for (size_t k = 0; k < table->key_count; k++)
		if (table->keys[k].kind == KEY_PRIMARY)
			return &table->keys[k];
	return NULL;
}

static const char *key_name(const struct catalog_table *table,
			    const struct catalog_key *key, size_t at)
{
	return catalog_column_number(table, key->columns[at])->name;
}

/* The key's columns, if all anchors have the same key. NULL otherwise. */
static const char **find_key(struct rewrite *rw, const struct lens_table *table,
			     size_t *count)
{
	const struct catalog_table *first = table->places[0].table;
	const struct catalog_key *key = row_key(first);
	const char **names;
	bool same = key != NULL;

	for (size_t i = 1; same && i < table->anchor_count; i++) {
		const struct catalog_table *other = table->places[i].table;
		const struct catalog_key *its = row_key(other);

		same = its && its->column_count == key->column_count;
		for (size_t c = 0; same && c < key->column_count; c++)
			same = same_name(key_name(first, key, c),
					 key_name(other, its, c));
	}
	*count = same ? key->column_count : 1;
	names = arena_array(rw->arena, *count, sizeof(*names));
	for (size_t c = 0; same && c < *count; c++)
		names[c] = key_name(first, key, c);
	if (same)
		return names;
	names[0] = lens_new_dialect(rw->lens)->names->row_identity();
	if (!names[0])
		rewrite_fail(rw, -1,
			     "rows of \"%s\" have no primary key in the new "
			     "schema by which they can be found again",
			     table->old->name);
	return names;
}

/* Adds a column that identifies the row to the image. Returns a reference to
 * it. */
static PgQuery__Node *add_locator(struct image *image, struct locators *found,
				  const char *as, const char *name)
{
	struct rewrite *rw = image->rw;
	PgQuery__Node *node =
	    rewrite_hidden_column(rw, found->target, as, 0, name);

	sql_append(rw->arena, &found->inner_count, &found->inner,
		   sql_copy(rw->arena, node));
	return write_image_extra(image, as, node);
}

struct locators write_image_locate(struct image *image, struct item *target)
{
	struct rewrite *rw = image->rw;
	const struct lens_table *table = image->table;
	struct locators found = {.target = target->relation};

	found.key_names = find_key(rw, table, &found.key_count);
	found.keys =
	    arena_array(rw->arena, found.key_count, sizeof(*found.keys));
	for (size_t c = 0; c < found.key_count; c++)
		found.keys[c] = add_locator(
		    image, &found,
		    arena_printf(rw->arena, "parallax_key_%zu", c + 1),
		    found.key_names[c]);
	image->key_names = found.key_names;
	image->key_count = found.key_count;
	if (table->anchor_count > 1)
		found.anchor =
		    add_locator(image, &found, "parallax_place", NULL);
	return found;
}

PgQuery__Node *write_image_part_column(struct image *image,
				       const struct locators *found,
				       size_t part, size_t join)
{
	struct rewrite *rw = image->rw;
	const char *target =
	    image->table->places[part].joins[join].target->name;
	const char *name =
	    arena_printf(rw->arena, "parallax_part_%zu_%zu", part, join + 1);

	for (size_t i = 0; i < image->extra_count; i++)
		if (same_name(image->extras[i]->res_target->name, name))
			return sql_column(rw->arena,
					  image->item->relation->alias, name);
	return write_image_extra(
	    image, name,
	    rewrite_hidden_column(rw, found->target, name, part, target));
}

PgQuery__Node *write_image_is_anchor(struct image *image,
				     const struct locators *found,
				     size_t anchor)
{
	struct rewrite *rw = image->rw;
	PgQuery__Node *condition = NULL;

	for (size_t c = 0; c < found->key_count; c++)
		condition = rewrite_and(
		    rw, condition,
		    sql_operator(rw->arena, "=",
				 sql_column(rw->arena, IMAGE_TARGET,
					    found->key_names[c]),
				 sql_copy(rw->arena, found->keys[c])));
	if (found->anchor)
		condition = rewrite_and(
		    rw, condition,
		    sql_operator(
			rw->arena, "=", sql_copy(rw->arena, found->anchor),
			sql_const_integer(rw->arena, (int64_t)anchor)));
	return condition;
}

PgQuery__Node *write_image_was_in(struct image *image,
				  const struct locators *found, size_t anchor,
				  bool negated)
{
	struct rewrite *rw = image->rw;

	return sql_operator(rw->arena, negated ? "<>" : "=",
			    sql_copy(rw->arena, found->anchor),
			    sql_const_integer(rw->arena, (int64_t)anchor));
}

PgQuery__Node *write_image_is_part(struct image *image,
				   const struct locators *found, size_t part)
{
	struct rewrite *rw = image->rw;
	const struct lens_place *place = &image->table->places[part];
	struct relation *row = arena_alloc(rw->arena, sizeof(*row));
	PgQuery__Node *condition = NULL;

	for (size_t j = 0; j < place->join_count; j++)
		condition = rewrite_and(
		    rw, condition,
		    sql_operator(
			rw->arena, "=",
			sql_column(rw->arena, IMAGE_TARGET,
				   place->joins[j].target->name),
			write_image_part_column(image, found, part, j)));
	if (!place->where)
		return condition;
	row->alias = IMAGE_TARGET;
	return rewrite_and(rw, condition,
			   rewrite_expand_read(rw, place->where, row));
}
