/* The worked example is in bodies.h. */
#include "mirror/bodies.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mirror/internal.h"

enum { NAME_MAX_SIZE = 256, TABLES_MAX = 64 /* above that: anything */ };

struct following {
	const struct catalogs *catalogs;
	bool *tables, *functions; /* those that were followed already */
	struct bodies *bodies;
};

/* --- words --- */

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80);
}

/* Names are looked for whatever their case: not all of them are quoted. */
static size_t fold(const char *from, size_t size, char *to)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (char)tolower((unsigned char)from[i]);
	return size;
}

static void find_words(const char *text, struct map *words)
{
	char word[NAME_MAX_SIZE];

	for (const char *at = text; *at;) {
		size_t size = 0;

		while (in_word(at[size]))
			size++;
		if (size && size <= sizeof(word))
			map_set(words, word, fold(at, size, word), words);
		at += size ? size : 1;
	}
}

/* A name that is no single word is taken to be there. */
static bool has_name(const struct map *words, const char *name)
{
	char folded[NAME_MAX_SIZE];
	size_t size = strlen(name);

	for (size_t i = 0; i < size; i++)
		if (!in_word(name[i]))
			return true;
	return size > sizeof(folded) ||
	       map_get(words, folded, fold(name, size, folded));
}

/* --- what follows --- */

static void follow(struct following *following, const char *text);

static void add_number(struct bodies *bodies, unsigned number)
{
	if (bodies->count == TABLES_MAX)
		bodies->all = true;
	else
		bodies->tables[bodies->count++] = number;
}

static void follow_table(struct following *following,
			 const struct catalog_table *table)
{
	struct bodies *bodies = following->bodies;

	/* rules do anything; parents and parts show each other's rows */
	if (table->has_rules || table->has_children || table->is_partition)
		bodies->all = true;
	if (table->has_triggers)
		follow(following, table->triggers);
	if (table->kind == RELATION_VIEW)
		follow(following, table->definition);
}

static void follow_tables(struct following *following, const struct map *words)
{
	const struct catalog *catalog = following->catalogs->old_catalog;

	for (size_t i = 0; i < catalog->table_count && !following->bodies->all;
	     i++) {
		if (following->tables[i] ||
		    !has_name(words, catalog->tables[i].name))
			continue;
		following->tables[i] = true;
		add_number(following->bodies, following->catalogs->numbers[i]);
		follow_table(following, &catalog->tables[i]);
	}
}

/* An immutable one reads and writes nothing; what is not in the map of volatile
 * ones, the dialect knows. */
static bool is_harmless(const struct following *following,
			const struct catalog_function *function)
{
	return !function->body &&
	       (function->volatility == 'i' ||
		(function->volatility == 'v' &&
		 !map_get_string(&following->catalogs->volatile_functions,
				 function->name)));
}

static void follow_functions(struct following *following,
			     const struct map *words)
{
	const struct catalog *catalog = following->catalogs->old_catalog;

	for (size_t i = 0;
	     i < catalog->function_count && !following->bodies->all; i++) {
		const struct catalog_function *function =
		    &catalog->functions[i];

		if (following->functions[i] ||
		    !has_name(words, function->name) ||
		    is_harmless(following, function))
			continue;
		following->functions[i] = true;
		follow(following, function->body);
	}
}

/* text: NULL, if it is not known what it does. */
static void follow(struct following *following, const char *text)
{
	struct map words;

	if (!text) {
		following->bodies->all = true;
		return;
	}
	map_init(&words);
	find_words(text, &words);
	follow_tables(following, &words);
	follow_functions(following, &words);
	map_release(&words);
}

/* --- what was found --- */

static const struct bodies *find(const struct catalogs *catalogs,
				 const char *key, size_t size,
				 const struct catalog_table *table,
				 const char *text)
{
	const struct catalog *catalog = catalogs->old_catalog;
	struct bodies *bodies = map_get(catalogs->bodies, key, size);
	struct following following = {.catalogs = catalogs};

	if (bodies)
		return bodies;
	bodies = following.bodies = memory_alloc(sizeof(*bodies));
	*bodies = (struct bodies){
	    .tables = memory_alloc(TABLES_MAX * sizeof(*bodies->tables))};
	following.tables =
	    memory_alloc((catalog->table_count + 1) * sizeof(bool));
	following.functions =
	    memory_alloc((catalog->function_count + 1) * sizeof(bool));
	if (table)
		follow_table(&following, table);
	else
		follow(&following, text);
	free(following.tables);
	free(following.functions);
	map_set(catalogs->bodies, key, size, bodies);
	return bodies;
}

const struct bodies *bodies_of_table(const struct catalogs *catalogs,
				     const struct catalog_table *table)
{
	unsigned number = catalogs_number(catalogs, table);

	return find(catalogs, (const char *)&number, sizeof(number), table,
		    NULL);
}

const struct bodies *bodies_of_function(const struct catalogs *catalogs,
					const char *name)
{
	char key[NAME_MAX_SIZE];
	int size = snprintf(key, sizeof(key), "function %s", name);

	/* the text names it, and so all of its name are followed */
	return find(catalogs, key,
		    size < NAME_MAX_SIZE ? (size_t)size : NAME_MAX_SIZE - 1,
		    NULL, name);
}

struct map *bodies_new(void)
{
	struct map *found = memory_alloc(sizeof(*found));

	map_init(found);
	return found;
}

void bodies_free(struct map **found)
{
	for (size_t i = 0; *found && i < (*found)->count; i++) {
		struct bodies *bodies = (*found)->entries[i].value;

		free(bodies->tables);
		free(bodies);
	}
	if (*found)
		map_release(*found);
	free(*found);
	*found = NULL;
}
