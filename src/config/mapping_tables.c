/* tables: where each old table's rows and columns live. */
#include <string.h>

#include "config/mapping_load.h"
#include "config/text.h"

static bool is_word(const struct node *node, const char *word)
{
	return node->type == NODE_SCALAR && node->plain &&
	       !strcmp(node->text, word);
}

/* values: {old: new}; either may be null. */
static void load_values(struct mapping_loader *loader, const struct node *node,
			struct mapping_column *column)
{
	struct mapping_value *values;

	if (!document_expect(&loader->document, node, NODE_MAP, "values"))
		return;
	if (!node->count)
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "values is empty");
	values =
	    arena_array(loader->document.arena, node->count, sizeof(*values));
	for (size_t i = 0; i < node->count; i++) {
		const struct node *to = node->values[i];

		values[i].old_value = mapping_key(node->items[i]);
		if (node_is_null(node->items[i]))
			values[i].old_value.text = NULL;
		values[i].new_value.place = to->place;
		if (to->type != NODE_SCALAR)
			DOCUMENT_ERROR(&loader->document, to, NULL,
				       "the new value of '%s' must be a "
				       "single value",
				       node->items[i]->text);
		else if (!node_is_null(to))
			values[i].new_value = mapping_key(to);
		for (size_t k = 0; k < i && k < 1000; k++) {
			const char *a = values[k].new_value.text;
			const char *b = values[i].new_value.text;

			if (a == b || (a && b && !strcmp(a, b))) {
				DOCUMENT_ERROR(
				    &loader->document, to,
				    "two old values cannot share a new one: "
				    "what was written could not be read back",
				    "'%s' is already the new value of line %d",
				    b ? b : "null",
				    values[k].new_value.place.line);
				break;
			}
		}
	}
	column->values = values;
	column->value_count = node->count;
}

static void load_write(struct mapping_loader *loader, const struct node *node,
		       struct mapping_column *column)
{
	struct mapping_assignment *write;

	if (node->type == NODE_MAP) {
		if (column->column.text)
			DOCUMENT_ERROR(
			    &loader->document, node,
			    "leave out column: and name it in read:",
			    "write: with several columns excludes column:");
		if (!node->count)
			DOCUMENT_ERROR(&loader->document, node, NULL,
				       "write is empty");
		column->writes = mapping_assignments(loader, node, "write",
						     &column->write_count);
		return;
	}
	write = arena_alloc(loader->document.arena, sizeof(*write));
	write->part = column->part;
	write->name = column->column.text ? column->column : column->name;
	write->expression = mapping_expression(loader, node, "write");
	column->writes = write;
	column->write_count = 1;
}

static void load_dropped(struct mapping_loader *loader, const struct node *node,
			 const struct node *spec, struct mapping_column *column)
{
	static const char *const excluded[] = {"column", "write", "values",
					       NULL};

	if (!document_expect(&loader->document, node, NODE_SCALAR, "dropped"))
		return;
	if (text_bool(node->text, &column->dropped)) {
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "dropped must be true or false, not '%s'",
			       node->text);
		return;
	}
	for (size_t i = 0; column->dropped && excluded[i]; i++)
		if (node_get(spec, excluded[i]))
			DOCUMENT_ERROR(&loader->document, node,
				       "dropped allows only read: in addition",
				       "a dropped column cannot have %s",
				       excluded[i]);
}

/* lookup: {table, value, key, column, create} */
static void load_lookup(struct mapping_loader *loader, const struct node *node,
			const struct node *spec, struct mapping_column *column)
{
	static const char *const known[] = {"table",  "value",	"key",
					    "column", "create", NULL};
	static const char *const needed[] = {"table", "value", "key", "column"};
	static const char *const excluded[] = {"column", "read", "write",
					       "values", "dropped"};
	struct mapping_lookup *lookup = &column->lookup;
	const struct node *create = NULL;
	const struct node *parts[4];

	if (!document_expect(&loader->document, node, NODE_MAP, "lookup"))
		return;
	document_known(&loader->document, node, known, "lookup");
	for (size_t i = 0; i < 5; i++)
		if (node_get(spec, excluded[i]))
			DOCUMENT_ERROR(&loader->document,
				       node_get(spec, excluded[i]), NULL,
				       "lookup and %s exclude each other",
				       excluded[i]);
	for (size_t i = 0; i < 4; i++) {
		parts[i] = node_get(node, needed[i]);
		if (!parts[i])
			DOCUMENT_ERROR(
			    &loader->document, node,
			    "lookup: {table: countries, value: name, key: id, "
			    "column: country_id}",
			    "lookup has no %s", needed[i]);
	}
	if (parts[0])
		mapping_qualified(loader, parts[0], "table", &lookup->schema,
				  &lookup->table);
	if (parts[1])
		lookup->value = mapping_name(loader, parts[1], "value");
	if (parts[2])
		lookup->key = mapping_name(loader, parts[2], "key");
	if (parts[3])
		column->column = mapping_part_name(loader, parts[3], "column",
						   &column->part);
	create = node_get(node, "create");
	if (create &&
	    document_expect(&loader->document, create, NODE_SCALAR, "create") &&
	    text_bool(create->text, &lookup->create))
		DOCUMENT_ERROR(&loader->document, create, NULL,
			       "create must be true or false, not '%s'",
			       create->text);
}

static void check_combination(struct mapping_loader *loader,
			      const struct node *spec,
			      const struct mapping_column *column)
{
	if (!spec->count)
		DOCUMENT_ERROR(
		    &loader->document, spec, "leave it out if nothing changes",
		    "the entry of column '%s' is empty", column->name.text);
	if (node_get(spec, "values") &&
	    (node_get(spec, "read") || node_get(spec, "write")))
		DOCUMENT_ERROR(&loader->document, node_get(spec, "values"),
			       NULL,
			       "values and read or write exclude each other");
	if (node_get(spec, "write") && !node_get(spec, "read") &&
	    !node_get(spec, "values") && !node_get(spec, "dropped") &&
	    node_get(spec, "write")->type == NODE_MAP)
		DOCUMENT_ERROR(&loader->document, node_get(spec, "write"),
			       "add read: an expression over the new row that "
			       "gives the old value",
			       "column '%s' has write but no read",
			       column->name.text);
}

static void load_column(struct mapping_loader *loader, const struct node *key,
			const struct node *spec, struct mapping_column *column)
{
	static const char *const known[] = {
	    "column", "read", "write", "values", "dropped", "lookup", NULL};
	const struct node *node;

	column->name = mapping_name(loader, key, "a key of columns");
	column->place = key->place;
	if (is_word(spec, "dropped")) {
		column->dropped = true;
		return;
	}
	if (spec->type == NODE_SCALAR) {
		column->column =
		    mapping_part_name(loader, spec, key->text, &column->part);
		return;
	}
	if (!document_expect(&loader->document, spec, NODE_MAP, key->text))
		return;
	document_known(&loader->document, spec, known, "a column");
	check_combination(loader, spec, column);
	if ((node = node_get(spec, "lookup")))
		load_lookup(loader, node, spec, column);
	if ((node = node_get(spec, "column")))
		column->column =
		    mapping_part_name(loader, node, "column", &column->part);
	if ((node = node_get(spec, "read")))
		column->read = mapping_expression(loader, node, "read");
	if ((node = node_get(spec, "write")))
		load_write(loader, node, column);
	if ((node = node_get(spec, "values")))
		load_values(loader, node, column);
	if ((node = node_get(spec, "dropped")))
		load_dropped(loader, node, spec, column);
}

void mapping_load_columns(struct mapping_loader *loader,
			  const struct node *node, struct mapping_table *table)
{
	struct mapping_column *columns;

	if (!document_expect(&loader->document, node, NODE_MAP, "columns"))
		return;
	columns =
	    arena_array(loader->document.arena, node->count, sizeof(*columns));
	for (size_t i = 0; i < node->count; i++)
		load_column(loader, node->items[i], node->values[i],
			    &columns[i]);
	table->columns = columns;
	table->column_count = node->count;
}

static void load_table(struct mapping_loader *loader, const struct node *key,
		       const struct node *spec, struct mapping_table *table)
{
	static const char *const known[] = {"rows", "columns", "defaults",
					    NULL};
	const struct node *node;
	char hint[128];

	table->place = key->place;
	mapping_qualified(loader, key, "a key of tables", &table->schema,
			  &table->name);
	if (is_word(spec, "dropped")) {
		table->dropped = true;
		return;
	}
	if (spec->type == NODE_SCALAR && !node_is_null(spec)) {
		snprintf(hint, sizeof(hint), "to rename it: {rows: %.64s}",
			 spec->text);
		DOCUMENT_ERROR(&loader->document, spec, hint,
			       "table '%s' must be a map or dropped",
			       key->text);
		return;
	}
	if (!document_expect(&loader->document, spec, NODE_MAP, key->text))
		return;
	document_known(&loader->document, spec, known, "a table");
	mapping_load_rows(loader, node_get(spec, "rows"), table);
	if ((node = node_get(spec, "columns")))
		mapping_load_columns(loader, node, table);
	if ((node = node_get(spec, "defaults")))
		table->defaults = mapping_assignments(loader, node, "defaults",
						      &table->default_count);
}

void mapping_load_tables(struct mapping_loader *loader, const struct node *node)
{
	struct mapping_table *tables;

	if (!document_expect(&loader->document, node, NODE_MAP, "tables"))
		return;
	tables =
	    arena_array(loader->document.arena, node->count, sizeof(*tables));
	for (size_t i = 0; i < node->count; i++)
		load_table(loader, node->items[i], node->values[i], &tables[i]);
	loader->mapping->tables = tables;
	loader->mapping->table_count = node->count;
}
