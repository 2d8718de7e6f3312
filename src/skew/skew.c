#include "skew/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_for(const struct mapping_accept *accept, const char *schema,
		   const char *table)
{
	if (!strcmp(accept->table, "*"))
		return true;
	return !strcmp(accept->table, table) &&
	       (!accept->schema || !strcmp(accept->schema, schema));
}

bool skew_is_accepted(const struct mapping *mapping, const char *schema,
		      const char *table, const char *kind)
{
	for (size_t i = 0; mapping && i < mapping->accept_count; i++) {
		const struct mapping_accept *accept = &mapping->accepts[i];

		if (is_for(accept, schema, table) &&
		    (!strcmp(accept->kind, kind) ||
		     !strcmp(accept->kind, "all")))
			return true;
	}
	return false;
}

void skew_add(const struct table_skew *table, const char *kind, bool noticed,
	      const char *format, ...)
{
	const struct skew *skew = table->skew;
	char message[1024];
	char hint[256];
	va_list arguments;

	if (skew_is_accepted(skew->mapping, table->old->schema,
			     table->old->name, kind))
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	snprintf(hint, sizeof(hint),
		 "make them alike, or say `accept: {%s: %s}` in the mapping",
		 table->old->name, kind);
	diagnostics_add(skew->diagnostics,
			noticed && !table->mentioned ? SEVERITY_ERROR
						     : SEVERITY_WARNING,
			table->mentioned ? table->about.place : skew->place,
			hint, "%s: %s", skew->name, message);
}

const char *skew_image(const struct table_skew *table, const char *old)
{
	for (size_t i = 0; i < table->old->column_count; i++) {
		const struct lens_about_column *column =
		    &table->about.columns[i];

		if (strcmp(column->old->name, old) != 0)
			continue;
		return column->stored && column->home == table->new
			   ? column->stored->name
			   : NULL;
	}
	return NULL;
}

const struct lens_about_column *skew_source(const struct table_skew *table,
					    const char *new)
{
	for (size_t i = 0; i < table->old->column_count; i++) {
		const struct lens_about_column *column =
		    &table->about.columns[i];

		if (column->stored && column->home == table->new &&
		    !strcmp(column->stored->name, new))
			return column;
	}
	return NULL;
}

static bool is_name_byte(char c)
{
	return c == '_' || c == '$' || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 128;
}

/* Word by word; what is quoted as a text stays. */
const char *skew_translate(const struct table_skew *table, const char *text)
{
	struct buffer out;
	const char *made;

	buffer_init(&out, 0);
	while (*text) {
		size_t size = 0;
		const char *image;

		if (*text == '\'') {
			do
				size++;
			while (text[size] && text[size] != '\'');
			size += text[size] == '\'';
		}
		while (!size && is_name_byte(text[size]))
			for (; is_name_byte(text[size]); size++)
				;
		image = size && *text != '\''
			    ? skew_image(table,
					 arena_copy(table->arena, text, size))
			    : NULL;
		if (image)
			buffer_append_string(&out, image);
		else
			buffer_append(&out, text, size ? size : 1);
		text += size ? size : 1;
	}
	made = arena_string(table->arena, buffer_string(&out));
	buffer_release(&out);
	return made;
}

static bool is_mentioned(const struct skew *skew,
			 const struct catalog_table *old)
{
	for (size_t i = 0; skew->mapping && i < skew->mapping->table_count;
	     i++) {
		const struct mapping_table *entry = &skew->mapping->tables[i];

		if (entry->name.text && !strcmp(entry->name.text, old->name) &&
		    (!entry->schema.text ||
		     !strcmp(entry->schema.text, old->schema)))
			return true;
	}
	return false;
}

static void look_at(const struct skew *skew, const struct catalog_table *old,
		    struct arena *arena)
{
	struct table_skew table = {.skew = skew, .arena = arena, .old = old};

	lens_about(skew->lens, old, arena, &table.about);
	if (table.about.dropped || table.about.absorbed ||
	    !table.about.place_count)
		return;
	table.new = table.about.places[0].table;
	table.mentioned = is_mentioned(skew, old);
	skew_columns(&table);
	skew_rules(&table);
	skew_texts(&table);
}

void skew_report(const struct skew *skew)
{
	struct arena arena;

	arena_init(&arena, 0);
	for (size_t i = 0; i < skew->old_catalog->table_count; i++) {
		const struct catalog_table *old = &skew->old_catalog->tables[i];

		if ((old->kind != RELATION_TABLE &&
		     old->kind != RELATION_PARTITIONED) ||
		    old->is_partition)
			continue;
		look_at(skew, old, &arena);
		arena_clear(&arena);
	}
	arena_release(&arena);
}

/* Whether the primary's own sequence is behind the old column, too. Then the
 * application has the same problem there. */
static bool is_behind_too(const struct skew *skew,
			  const struct sequences_behind *primary,
			  const struct sequence_behind *new)
{
	for (size_t i = 0; i < primary->count; i++) {
		const struct sequence_behind *old = &primary->items[i];
		const struct catalog_table *table =
		    catalog_table(skew->old_catalog, old->schema, old->table);
		const struct catalog_table *place;

		if (table && lens_places(skew->lens, table, &place, 1) &&
		    !strcmp(place->schema, new->schema) &&
		    !strcmp(place->name, new->table))
			return true;
	}
	return false;
}

void skew_report_sequences(const struct skew *skew,
			   const struct sequences_behind *primary,
			   const struct sequences_behind *behind)
{
	for (size_t i = 0; i < behind->count; i++) {
		const struct sequence_behind *item = &behind->items[i];

		if (is_behind_too(skew, primary, item) ||
		    skew_is_accepted(skew->mapping, item->schema, item->table,
				     "sequence"))
			continue;
		diagnostics_add(
		    skew->diagnostics, SEVERITY_ERROR, skew->place,
		    "move it past the column's greatest value",
		    "%s: sequence.behind: %s would give %s for %s.%s.%s, which "
		    "holds values up to %s",
		    skew->name, item->sequence, item->next, item->schema,
		    item->table, item->column, item->held);
	}
}
