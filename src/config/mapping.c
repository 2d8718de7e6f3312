#include "config/mapping.h"

#include <string.h>

#include "base/memory.h"
#include "config/mapping_load.h"
#include "config/text.h"

struct mapping_text mapping_key(const struct node *key)
{
	return (struct mapping_text){key->text, key->place};
}

struct mapping_text mapping_scalar(struct mapping_loader *loader,
				   const struct node *node, const char *what)
{
	struct mapping_text none = {NULL, node->place};

	if (!document_expect(&loader->document, node, NODE_SCALAR, what))
		return none;
	if (!*node->text) {
		DOCUMENT_ERROR(&loader->document, node, NULL, "%s is empty",
			       what);
		return none;
	}
	return (struct mapping_text){node->text, node->place};
}

struct mapping_text mapping_expression(struct mapping_loader *loader,
				       const struct node *node,
				       const char *what)
{
	if (node_is_null(node) && *node->text)
		return (struct mapping_text){"NULL", node->place};
	return mapping_scalar(loader, node, what);
}

struct mapping_text mapping_part_name(struct mapping_loader *loader,
				      const struct node *node, const char *what,
				      struct mapping_text *part)
{
	struct mapping_text result = mapping_scalar(loader, node, what);
	char *parts[3];
	size_t count;

	if (!result.text)
		return result;
	count = text_name_split(loader->document.arena, result.text, parts, 3);
	if (count == 1 || (count == 2 && part)) {
		if (count == 2)
			*part = (struct mapping_text){parts[0], node->place};
		result.text = parts[count - 1];
		return result;
	}
	DOCUMENT_ERROR(&loader->document, node,
		       "put a name with a dot in double quotes within "
		       "the YAML text: '\"a.b\"'",
		       "%s is not a column's name: '%s'", what, node->text);
	result.text = NULL;
	return result;
}

struct mapping_text mapping_name(struct mapping_loader *loader,
				 const struct node *node, const char *what)
{
	return mapping_part_name(loader, node, what, NULL);
}

bool mapping_qualified(struct mapping_loader *loader, const struct node *node,
		       const char *what, struct mapping_text *schema,
		       struct mapping_text *name)
{
	struct mapping_text text = mapping_scalar(loader, node, what);
	char *parts[2];
	size_t count;

	if (!text.text)
		return false;
	count = text_name_split(loader->document.arena, text.text, parts, 2);
	if (!count) {
		DOCUMENT_ERROR(&loader->document, node,
			       "put a name with a dot in double quotes within "
			       "the YAML text: '\"a.b\"'",
			       "%s must be a name or schema.name, not '%s'",
			       what, node->text);
		return false;
	}
	if (count == 2)
		*schema = (struct mapping_text){parts[0], node->place};
	*name = (struct mapping_text){parts[count - 1], node->place};
	return true;
}

const struct mapping_assignment *mapping_assignments(
    struct mapping_loader *loader, const struct node *node, const char *what,
    size_t *count)
{
	struct mapping_assignment *items;

	*count = 0;
	if (!document_expect(&loader->document, node, NODE_MAP, what))
		return NULL;
	items =
	    arena_array(loader->document.arena, node->count, sizeof(*items));
	for (size_t i = 0; i < node->count; i++) {
		items[i].name = mapping_part_name(loader, node->items[i], what,
						  &items[i].part);
		items[i].expression = mapping_expression(
		    loader, node->values[i], node->items[i]->text);
	}
	*count = node->count;
	return items;
}

static const struct mapping_rename *load_renames(struct mapping_loader *loader,
						 const struct node *root,
						 const char *section,
						 size_t *count)
{
	const struct node *node = node_get(root, section);
	struct mapping_rename *items;
	struct mapping_text ignored;

	if (!node ||
	    !document_expect(&loader->document, node, NODE_MAP, section))
		return NULL;
	items =
	    arena_array(loader->document.arena, node->count, sizeof(*items));
	for (size_t i = 0; i < node->count; i++) {
		items[i].from = mapping_key(node->items[i]);
		mapping_qualified(loader, node->items[i], section, &ignored,
				  &ignored);
		if (mapping_qualified(loader, node->values[i],
				      node->items[i]->text, &ignored, &ignored))
			items[i].to = mapping_key(node->values[i]);
	}
	*count = node->count;
	return items;
}

static void load_rule(struct mapping_loader *loader, const struct node *node,
		      struct mapping_rule *rule)
{
	static const char *const known[] = {"match", "replace", "skip", NULL};
	const struct node *match;
	const struct node *replace;
	const struct node *skip;

	if (!document_expect(&loader->document, node, NODE_MAP,
			     "a rule of rewrite"))
		return;
	document_known(&loader->document, node, known, "a rule of rewrite");
	match = node_get(node, "match");
	replace = node_get(node, "replace");
	skip = node_get(node, "skip");
	if (match)
		rule->match = mapping_scalar(loader, match, "match");
	else
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "the rule has no match");
	if (!replace == !skip)
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "a rule has either replace or skip");
	if (replace)
		rule->replacement = mapping_scalar(loader, replace, "replace");
	if (skip)
		rule->skip = mapping_scalar(loader, skip, "skip");
	mapping_check_rule(loader, rule, match, replace);
}

static void load_rules(struct mapping_loader *loader, const struct node *root)
{
	const struct node *node = node_get(root, "rewrite");
	struct mapping_rule *rules;

	if (!node ||
	    !document_expect(&loader->document, node, NODE_LIST, "rewrite"))
		return;
	rules =
	    arena_array(loader->document.arena, node->count, sizeof(*rules));
	for (size_t i = 0; i < node->count; i++)
		load_rule(loader, node->items[i], &rules[i]);
	loader->mapping->rules = rules;
	loader->mapping->rule_count = node->count;
}

static void load_ddl(struct mapping_loader *loader, const struct node *node)
{
	struct mapping_text text = {0};

	if (node)
		text = mapping_scalar(loader, node, "ddl");
	if (!text.text)
		return;
	loader->mapping->ddl_run = !strcmp(text.text, "run");
	if (!loader->mapping->ddl_run && strcmp(text.text, "skip") != 0)
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "ddl must be run or skip, not '%s'", text.text);
}

static void check_version(struct mapping_loader *loader,
			  const struct node *root)
{
	const struct node *node = node_get(root, "version");
	struct mapping_text version;

	if (!node) {
		DOCUMENT_ERROR(&loader->document, root,
			       "begin the file with: version: 1",
			       "version is missing");
		return;
	}
	version = mapping_scalar(loader, node, "version");
	if (version.text && strcmp(version.text, "1"))
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "this program knows version 1 of the mapping "
			       "language, not '%s'",
			       version.text);
}

static void load_root(struct mapping_loader *loader, const struct node *root)
{
	static const char *const known[] = {
	    "version", "tables",  "sequences", "types",	 "functions", "rewrite",
	    "compare", "private", "ddl",       "accept", NULL};
	struct mapping *mapping = loader->mapping;
	const struct node *tables;

	if (!document_expect(&loader->document, root, NODE_MAP, "the mapping"))
		return;
	check_version(loader, root);
	document_known(&loader->document, root, known, "the mapping");
	tables = node_get(root, "tables");
	if (tables)
		mapping_load_tables(loader, tables);
	mapping->sequences =
	    load_renames(loader, root, "sequences", &mapping->sequence_count);
	mapping->types =
	    load_renames(loader, root, "types", &mapping->type_count);
	mapping->functions =
	    load_renames(loader, root, "functions", &mapping->function_count);
	load_rules(loader, root);
	load_ddl(loader, node_get(root, "ddl"));
	mapping_load_accept(loader, node_get(root, "accept"));
	mapping_load_compare(loader, node_get(root, "compare"),
			     node_get(root, "private"));
}

static struct mapping_loader start_loading(const char *name,
					   struct diagnostics *diagnostics)
{
	struct mapping_loader loader = {0};
	struct mapping *mapping = memory_alloc(sizeof(*mapping));

	arena_init(&mapping->arena, 0);
	mapping->file = arena_string(&mapping->arena, name);
	loader.mapping = mapping;
	loader.document.file = mapping->file;
	loader.document.arena = &mapping->arena;
	loader.document.diagnostics = diagnostics;
	return loader;
}

/* When the mapping is freed, diagnostics' places need the caller's copy of its
 * name. */
static int end_loading(struct mapping_loader *loader, const char *name,
		       size_t errors_before, struct mapping **mapping)
{
	struct diagnostics *diagnostics = loader->document.diagnostics;

	if (diagnostics->error_count == errors_before) {
		*mapping = loader->mapping;
		return 0;
	}
	for (size_t i = 0; i < diagnostics->count; i++)
		if (diagnostics->items[i].place.file == loader->mapping->file)
			diagnostics->items[i].place.file = name;
	mapping_free(&loader->mapping);
	return -1;
}

int mapping_parse(const char *name, const char *text, size_t size,
		  struct diagnostics *diagnostics, struct mapping **mapping)
{
	size_t errors_before = diagnostics->error_count;
	struct mapping_loader loader = start_loading(name, diagnostics);
	struct node *root = document_parse(&loader.document, text, size);

	if (root)
		load_root(&loader, root);
	return end_loading(&loader, name, errors_before, mapping);
}

int mapping_load(const char *path, struct diagnostics *diagnostics,
		 struct mapping **mapping)
{
	size_t errors_before = diagnostics->error_count;
	struct mapping_loader loader = start_loading(path, diagnostics);
	struct node *root = document_load(&loader.document, path);

	if (root)
		load_root(&loader, root);
	return end_loading(&loader, path, errors_before, mapping);
}

void mapping_free(struct mapping **mapping)
{
	if (!*mapping)
		return;
	arena_release(&(*mapping)->arena);
	free(*mapping);
	*mapping = NULL;
}
