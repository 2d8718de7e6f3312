/* compare: and private:, how tables, columns and fingerprints are compared. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "config/mapping_load.h"
#include "config/text.h"

struct compare_loader {
	struct mapping_loader *base;
	struct mapping_compare *items;
	size_t count;
	struct map by_key; /* of `compare:`, so that `private:` joins in */
};

static bool is_fingerprint(const char *text)
{
	enum { FINGERPRINT_DIGITS = 16 };

	return strlen(text) == FINGERPRINT_DIGITS &&
	       text[strspn(text, "0123456789abcdef")] == 0;
}

/* table, table.column, schema.table.column, or 16 hex digits. */
static void load_target(struct compare_loader *loader, const struct node *key,
			struct mapping_compare *item)
{
	struct arena *arena = loader->base->document.arena;
	char *parts[3];
	size_t count;

	item->place = key->place;
	if (is_fingerprint(key->text)) {
		item->fingerprint = mapping_key(key);
		return;
	}
	count = text_name_split(arena, key->text, parts, 3);
	if (!count) {
		DOCUMENT_ERROR(&loader->base->document, key,
			       "table, table.column, schema.table.column, or "
			       "a fingerprint of 16 hex digits",
			       "'%s' names nothing that is compared",
			       key->text);
		return;
	}
	item->table = mapping_key(key);
	item->table.text = parts[0];
	if (count == 3)
		item->table.text =
		    arena_printf(arena, "%s.%s", parts[0], parts[1]);
	if (count > 1) {
		item->column = mapping_key(key);
		item->column.text = parts[count - 1];
	}
}

static void load_flag(struct compare_loader *loader, const struct node *node,
		      const char *name, bool *flag)
{
	if (document_expect(&loader->base->document, node, NODE_SCALAR, name) &&
	    text_bool(node->text, flag))
		DOCUMENT_ERROR(&loader->base->document, node, NULL,
			       "%s must be true or false, not '%s'", name,
			       node->text);
}

static void load_tolerance(struct compare_loader *loader,
			   const struct node *node,
			   struct mapping_compare *item)
{
	char *end;

	if (!document_expect(&loader->base->document, node, NODE_SCALAR,
			     "tolerance"))
		return;
	errno = 0;
	item->tolerance = strtod(node->text, &end);
	if (errno || end == node->text || *end || !isfinite(item->tolerance) ||
	    item->tolerance < 0)
		DOCUMENT_ERROR(&loader->base->document, node, NULL,
			       "tolerance must be a number, not '%s'",
			       node->text);
}

/* Refuses settings that do not apply to this kind of target. */
static void check_target(struct compare_loader *loader, const struct node *node,
			 const struct mapping_compare *item)
{
	if (!item->table.text && !item->fingerprint.text)
		return;
	if (item->clock && !item->column.text)
		DOCUMENT_ERROR(&loader->base->document, node,
			       "name it as table.column",
			       "clock applies to a column");
	if (item->tolerance > 0 && item->table.text && !item->column.text)
		DOCUMENT_ERROR(
		    &loader->base->document, node, "name it as table.column",
		    "tolerance applies to a column or a fingerprint");
	if (item->unordered && item->column.text)
		DOCUMENT_ERROR(&loader->base->document, node, NULL,
			       "unordered applies to a table or a fingerprint");
}

static void load_item(struct compare_loader *loader, const struct node *key,
		      const struct node *node, struct mapping_compare *item)
{
	static const char *const known[] = {"ignore", "unordered", "clock",
					    "tolerance", NULL};
	struct document *document = &loader->base->document;
	const struct node *value;

	load_target(loader, key, item);
	if (node->type == NODE_SCALAR) {
		if (!strcmp(node->text, "ignore"))
			item->ignore = true;
		else if (!strcmp(node->text, "unordered"))
			item->unordered = true;
		else if (!strcmp(node->text, "clock"))
			item->clock = true;
		else
			DOCUMENT_ERROR(document, node,
				       "ignore, unordered, clock, or "
				       "{tolerance: 0.01}",
				       "'%s' is not a way to compare",
				       node->text);
	} else if (document_expect(document, node, NODE_MAP, key->text)) {
		document_known(document, node, known, "compare");
		if ((value = node_get(node, "ignore")))
			load_flag(loader, value, "ignore", &item->ignore);
		if ((value = node_get(node, "unordered")))
			load_flag(loader, value, "unordered", &item->unordered);
		if ((value = node_get(node, "clock")))
			load_flag(loader, value, "clock", &item->clock);
		if ((value = node_get(node, "tolerance")))
			load_tolerance(loader, value, item);
	}
	check_target(loader, node, item);
}

static void load_private(struct compare_loader *loader, const struct node *key,
			 const struct node *node)
{
	struct document *document = &loader->base->document;
	struct mapping_compare *item =
	    map_get_string(&loader->by_key, key->text);
	bool hidden;

	if (!item) {
		item = &loader->items[loader->count++];
		load_target(loader, key, item);
		if (item->fingerprint.text ||
		    (item->table.text && !item->column.text))
			DOCUMENT_ERROR(
			    document, key, "name it as table.column",
			    "private applies to columns, not to '%s'",
			    key->text);
	}
	if (!node) {
		item->privacy = PRIVATE_YES;
		return;
	}
	if (!document_expect(document, node, NODE_SCALAR, key->text))
		return;
	if (!strcmp(node->text, "public"))
		item->privacy = PRIVATE_PUBLIC;
	else if (!strcmp(node->text, "private"))
		item->privacy = PRIVATE_YES;
	else if (!text_bool(node->text, &hidden))
		item->privacy = hidden ? PRIVATE_YES : PRIVATE_PUBLIC;
	else
		DOCUMENT_ERROR(document, node, "true or public",
			       "'%s' must be true or public, not '%s'",
			       key->text, node->text);
}

/* A list of columns, or column: true or public. */
static void load_privates(struct compare_loader *loader,
			  const struct node *node)
{
	struct document *document = &loader->base->document;

	if (node->type == NODE_LIST) {
		for (size_t i = 0; i < node->count; i++)
			if (document_expect(document, node->items[i],
					    NODE_SCALAR, "a column of private"))
				load_private(loader, node->items[i], NULL);
		return;
	}
	if (!document_expect(document, node, NODE_MAP, "private"))
		return;
	for (size_t i = 0; i < node->count; i++)
		load_private(loader, node->items[i], node->values[i]);
}

void mapping_load_compare(struct mapping_loader *base,
			  const struct node *compare,
			  const struct node *privacy)
{
	struct compare_loader loader = {.base = base};

	map_init(&loader.by_key);
	loader.items = arena_array(base->document.arena,
				   (compare ? compare->count : 0) +
				       (privacy ? privacy->count : 0),
				   sizeof(*loader.items));
	if (compare &&
	    document_expect(&base->document, compare, NODE_MAP, "compare"))
		for (size_t i = 0; i < compare->count; i++) {
			struct mapping_compare *item =
			    &loader.items[loader.count++];

			load_item(&loader, compare->items[i],
				  compare->values[i], item);
			map_set_string(&loader.by_key, compare->items[i]->text,
				       item);
		}
	if (privacy)
		load_privates(&loader, privacy);
	map_release(&loader.by_key);
	base->mapping->compares = loader.items;
	base->mapping->compare_count = loader.count;
}
