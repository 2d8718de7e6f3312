/* rows: the new tables where a table's rows live. */
#include <string.h>

#include "config/mapping_load.h"
#include "config/text.h"

enum place_role { ROLE_ONLY, ROLE_ANCHOR, ROLE_ALTERNATIVE, ROLE_PART };

static void load_conditions(struct mapping_loader *loader,
			    const struct node *node, enum place_role role,
			    struct mapping_place *made)
{
	const struct node *value;

	if ((value = node_get(node, "as")))
		made->as = mapping_name(loader, value, "as");
	if ((value = node_get(node, "where")))
		made->where = mapping_expression(loader, value, "where");
	if ((value = node_get(node, "set")))
		made->sets =
		    mapping_assignments(loader, value, "set", &made->set_count);
	if ((value = node_get(node, "when")))
		made->when = mapping_expression(loader, value, "when");
	if (made->when.text && role != ROLE_PART && role != ROLE_ALTERNATIVE)
		DOCUMENT_ERROR(
		    &loader->document, value,
		    "`when` applies to a part, or to the tables of any_of; "
		    "`where` says which rows of the new table are meant",
		    "every row lives in '%s': it cannot have when",
		    made->table.text ? made->table.text : "");
	if ((value = node_get(node, "join")))
		made->joins = mapping_assignments(loader, value, "join",
						  &made->join_count);
	if (value && role != ROLE_PART)
		DOCUMENT_ERROR(
		    &loader->document, value,
		    "a part follows the first table: rows: [accounts, {table: "
		    "profiles, join: {account_id: id}}]",
		    "the first table of rows cannot have join");
	if (!value && role == ROLE_PART)
		DOCUMENT_ERROR(&loader->document, node,
			       "join: {its column: an old column}",
			       "part '%s' has no join",
			       made->table.text ? made->table.text : "");
}

static void load_place(struct mapping_loader *loader, const struct node *node,
		       enum place_role role, struct mapping_place *made)
{
	static const char *const known[] = {"table", "as",	 "join",
					    "when",  "where",	 "set",
					    "key",   "absorbed", NULL};
	static const char *const only[] = {"key", "absorbed"};
	const struct node *name;

	made->place = node->place;
	if (node->type == NODE_SCALAR) {
		mapping_qualified(loader, node, "rows", &made->schema,
				  &made->table);
		if (role == ROLE_PART)
			DOCUMENT_ERROR(&loader->document, node,
				       "{table: ..., join: {its column: an old "
				       "column}}",
				       "part '%s' has no join", node->text);
		return;
	}
	if (!document_expect(&loader->document, node, NODE_MAP, "rows"))
		return;
	document_known(&loader->document, node, known, "rows");
	for (size_t i = 0; role != ROLE_ONLY && i < 2; i++)
		if (node_get(node, only[i]))
			DOCUMENT_ERROR(&loader->document,
				       node_get(node, only[i]), NULL,
				       "%s applies to a table that is merged "
				       "into one other, not to a list",
				       only[i]);
	name = node_get(node, "table");
	if (name)
		mapping_qualified(loader, name, "table", &made->schema,
				  &made->table);
	else
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "rows has no table");
	load_conditions(loader, node, role, made);
}

/* key: {old column: new column} */
static void load_absorbed(struct mapping_loader *loader,
			  const struct node *node, struct mapping_table *table)
{
	const struct node *absorbed = node_get(node, "absorbed");
	const struct node *key = node_get(node, "key");

	if (!absorbed && !key)
		return;
	if (absorbed &&
	    document_expect(&loader->document, absorbed, NODE_SCALAR,
			    "absorbed") &&
	    text_bool(absorbed->text, &table->absorbed))
		DOCUMENT_ERROR(&loader->document, absorbed, NULL,
			       "absorbed must be true or false, not '%s'",
			       absorbed->text);
	if (!key || !table->absorbed) {
		DOCUMENT_ERROR(&loader->document, node,
			       "rows: {table: users, key: {user_id: id}, "
			       "absorbed: true}",
			       "key and absorbed go together");
		return;
	}
	table->keys =
	    mapping_assignments(loader, key, "key", &table->key_count);
	if (!table->key_count)
		DOCUMENT_ERROR(&loader->document, key, NULL, "key is empty");
}

static struct mapping_place *make_places(struct mapping_loader *loader,
					 struct mapping_table *table,
					 size_t count)
{
	struct mapping_place *places =
	    arena_array(loader->document.arena, count + 1, sizeof(*places));

	table->places = places;
	table->place_count = count;
	return places;
}

static const struct node *alternatives_of(struct mapping_loader *loader,
					  const struct node *node)
{
	const struct node *list;

	if (node->type != NODE_MAP || !(list = node_get(node, "any_of")))
		return NULL;
	if (node->count > 1)
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "any_of must be the only key: its tables have "
			       "their own when, where and set");
	if (!document_expect(&loader->document, list, NODE_LIST, "any_of"))
		return NULL;
	if (list->count < 2)
		DOCUMENT_ERROR(&loader->document, list, NULL,
			       "any_of needs at least two tables");
	return list;
}

static void load_alternatives(struct mapping_loader *loader,
			      const struct node *list,
			      struct mapping_place *places)
{
	for (size_t i = 0; i < list->count; i++) {
		load_place(loader, list->items[i], ROLE_ALTERNATIVE,
			   &places[i]);
		if (!places[i].when.text && i + 1 < list->count)
			DOCUMENT_ERROR(&loader->document, list->items[i],
				       "when: a condition over the old row",
				       "only the last table of any_of may have "
				       "no when: it takes all others");
	}
}

void mapping_load_rows(struct mapping_loader *loader, const struct node *node,
		       struct mapping_table *table)
{
	const struct node *first = node;
	const struct node *alternatives;
	struct mapping_place *places;
	size_t parts = 0;

	table->anchor_count = 1;
	if (!node) {
		make_places(loader, table, 1)->place = table->place;
		return;
	}
	if (node->type == NODE_LIST) {
		if (!node->count) {
			DOCUMENT_ERROR(&loader->document, node, NULL,
				       "rows is empty");
			make_places(loader, table, 1);
			return;
		}
		first = node->items[0];
		parts = node->count - 1;
	}
	alternatives = alternatives_of(loader, first);
	if (alternatives)
		table->anchor_count = alternatives->count;
	places = make_places(loader, table, table->anchor_count + parts);
	if (alternatives)
		load_alternatives(loader, alternatives, places);
	else if (first->type != NODE_MAP || !node_get(first, "any_of"))
		load_place(loader, first,
			   node->type == NODE_LIST ? ROLE_ANCHOR : ROLE_ONLY,
			   places);
	for (size_t i = 0; i < parts; i++)
		load_place(loader, node->items[i + 1], ROLE_PART,
			   &places[table->anchor_count + i]);
	if (node->type == NODE_MAP && !alternatives)
		load_absorbed(loader, node, table);
}
