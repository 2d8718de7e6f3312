#include "adapters/catalog.h"

#include "base/memory.h"

enum { NAME_KEY_MAX = 2 * 256 };

const struct catalog_table *catalog_table(const struct catalog *catalog,
					  const char *schema, const char *name)
{
	size_t schema_size = strlen(schema) + 1;
	size_t name_size = strlen(name);
	char key[NAME_KEY_MAX];

	if (schema_size > sizeof(key) || name_size > sizeof(key) - schema_size)
		return NULL;
	memcpy(key, schema, schema_size);
	memcpy(key + schema_size, name, name_size);
	return map_get(&catalog->table_by_name, key, schema_size + name_size);
}

const struct catalog_table *catalog_resolve(const struct catalog *catalog,
					    const char *const *path,
					    const char *name)
{
	for (; *path; path++) {
		const struct catalog_table *table =
		    catalog_table(catalog, *path, name);

		if (table)
			return table;
	}
	return NULL;
}

const struct catalog_column *catalog_column(const struct catalog_table *table,
					    const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (!strcmp(table->columns[i].name, name))
			return &table->columns[i];
	return NULL;
}

const struct catalog_column *catalog_column_number(
    const struct catalog_table *table, int16_t number)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].number == number)
			return &table->columns[i];
	return NULL;
}

bool catalog_is_key(const struct catalog_table *table,
		    const struct catalog_column *column)
{
	for (size_t k = 0; k < table->key_count; k++) {
		const struct catalog_key *key = &table->keys[k];

		if (key->kind == KEY_FOREIGN || key->partial)
			continue;
		for (size_t c = 0; c < key->column_count; c++)
			if (key->columns[c] == column->number)
				return true;
	}
	return false;
}

const struct catalog_type *catalog_type(const struct catalog *catalog,
					uint32_t id)
{
	return map_get(&catalog->type_by_id, &id, sizeof(id));
}

const struct catalog_type *catalog_type_named(const struct catalog *catalog,
					      const char *schema,
					      const char *name)
{
	for (size_t i = 0; i < catalog->type_count; i++) {
		const struct catalog_type *type = &catalog->types[i];

		if (!strcmp(type->name, name) &&
		    (!schema || !strcmp(type->schema, schema)))
			return type;
	}
	return NULL;
}

int catalog_label(const struct catalog_type *type, const char *label)
{
	for (size_t i = 0; i < type->label_count; i++)
		if (!strcmp(type->labels[i], label))
			return (int)i;
	return -1;
}

struct catalog *catalog_share(struct catalog *catalog)
{
	catalog->shares++;
	return catalog;
}

void catalog_free(struct catalog **catalog)
{
	if (!*catalog)
		return;
	if ((*catalog)->shares) {
		(*catalog)->shares--;
		*catalog = NULL;
		return;
	}
	map_release(&(*catalog)->table_by_name);
	map_release(&(*catalog)->table_by_id);
	map_release(&(*catalog)->type_by_id);
	arena_release(&(*catalog)->arena);
	free(*catalog);
	*catalog = NULL;
}
