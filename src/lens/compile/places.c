/*
 * The new tables in which an old one's rows live: anchors, then the parts that
 * are joined to them. Each row is in one anchor.
 *
 *	rows: [accounts, {table: profiles, join: {account_id: id}}]
 *
 * gives the anchor accounts and the part profiles.
 */
#include "lens/compile/places.h"

#include <string.h>

#include "lens/compile/find.h"
#include "lens/compile/nearest.h"

static const struct catalog_table *find_place(struct compile *compile,
					      const struct catalog_table *old,
					      const struct mapping_table *entry,
					      const struct mapping_place *from,
					      const struct lens_name *renamed)
{
	const char *schema = old->schema;
	const char *name = old->name;
	struct place place = entry ? entry->place : compile->file_place;
	const struct catalog_table *found;

	if (renamed) {
		schema = renamed->schema ? renamed->schema : schema;
		name = renamed->name;
	}
	if (from && from->schema.text)
		schema = from->schema.text;
	if (from && from->table.text) {
		name = from->table.text;
		place = from->table.place;
	}
	found = catalog_table(compile->lens->new_catalog, schema, name);
	if (!found && old->kind != RELATION_SEQUENCE)
		compile_report(compile, SEVERITY_ERROR, place,
			       compile_nearest_table(
				   compile, compile->lens->new_catalog, name),
			       entry ? "the new schema has no table \"%s.%s\""
				     : "table \"%s.%s\" is not mentioned and "
				       "not in the new schema",
			       schema, name);
	return found;
}

bool compile_places(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry,
		    const struct lens_name *renamed)
{
	struct arena *arena = &compile->lens->arena;
	bool complete = true;

	table->place_count = entry ? entry->place_count : 1;
	table->anchor_count = entry ? entry->anchor_count : 1;
	table->absorbed = entry && entry->absorbed;
	table->places =
	    arena_array(arena, table->place_count + 1, sizeof(*table->places));
	for (size_t i = 0; i < table->place_count; i++) {
		const struct mapping_place *from =
		    entry ? &entry->places[i] : NULL;
		struct lens_place *place = &table->places[i];

		place->table =
		    find_place(compile, table->old, entry, from, renamed);
		complete = complete && place->table;
		if (!place->table)
			continue;
		place->name = arena_string(arena, from && from->as.text
						      ? from->as.text
						      : place->table->name);
		place->row = i < table->anchor_count
				 ? LENS_ROW
				 : arena_printf(arena, "%s%zu", LENS_ROW, i);
		for (size_t k = 0; k < i; k++)
			if (same_name(table->places[k].name, place->name))
				compile_report(
				    compile, SEVERITY_ERROR, from->place, NULL,
				    "\"%s\" stands twice in rows: give one of "
				    "them another name with `as`",
				    place->name);
	}
	table->table = table->places[0].table;
	return complete;
}

const struct lens_place *compile_place(struct compile *compile,
				       const struct lens_table *table,
				       const struct mapping_text *part)
{
	const char **names = arena_array(
	    &compile->lens->scratch, table->place_count + 1, sizeof(*names));

	for (size_t i = 0; i < table->place_count; i++) {
		names[i] = table->places[i].name;
		if (same_name(names[i], part->text))
			return &table->places[i];
	}
	compile_report(compile, SEVERITY_ERROR, part->place,
		       lens_nearest(part->text, names, table->place_count),
		       "\"%s\" is none of the tables in `rows`", part->text);
	return NULL;
}
