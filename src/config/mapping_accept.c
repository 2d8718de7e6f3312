/* accept:, the differences between the schemas that are intended. */
#include "config/mapping_load.h"

#include <string.h>

static const char *const accept_kinds[] = {
    "columns", "default",      "identity", "generated", "not null",
    "trigger", "foreign key",  "unique",   "check",	"exclusion",
    "policy",  "row security", "grant",	   "index",	"sequence",
    "swapped", "collation",    "type",	   "all",	NULL};

static bool is_kind(const char *text)
{
	for (size_t i = 0; accept_kinds[i]; i++)
		if (!strcmp(text, accept_kinds[i]))
			return true;
	return false;
}

static void add(struct mapping_loader *loader, const struct node *key,
		const struct node *kind, struct mapping_accept *item)
{
	struct mapping_text schema = {0}, table = {0};

	if (!document_expect(&loader->document, kind, NODE_SCALAR, key->text))
		return;
	if (!is_kind(kind->text)) {
		DOCUMENT_ERROR(&loader->document, kind,
			       "columns, default, identity, generated, not "
			       "null, trigger, foreign key, unique, check, "
			       "exclusion, policy, row security, grant, index, "
			       "sequence, swapped, collation, type or all",
			       "accept: '%s' is not a kind of difference",
			       kind->text);
		return;
	}
	if (!mapping_qualified(loader, key, "a table of accept", &schema,
			       &table))
		return;
	*item = (struct mapping_accept){schema.text, table.text, kind->text};
	loader->mapping->accept_count++;
}

/* table: a kind, or a list of them; the table may be "*". */
void mapping_load_accept(struct mapping_loader *loader, const struct node *node)
{
	struct mapping_accept *items;
	size_t room = 1;

	if (!node ||
	    !document_expect(&loader->document, node, NODE_MAP, "accept"))
		return;
	for (size_t i = 0; i < node->count; i++)
		room += node->values[i]->type == NODE_LIST
			    ? node->values[i]->count
			    : 1;
	items = arena_array(loader->document.arena, room, sizeof(*items));
	for (size_t i = 0; i < node->count; i++) {
		const struct node *value = node->values[i];
		size_t count = value->type == NODE_LIST ? value->count : 1;

		for (size_t k = 0; k < count; k++)
			add(loader, node->items[i],
			    value->type == NODE_LIST ? value->items[k] : value,
			    &items[loader->mapping->accept_count]);
	}
	loader->mapping->accepts = items;
}
