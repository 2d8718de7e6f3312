#include "mirror/path.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

/* --- values --- */

static void release(struct path_value *values)
{
	for (int i = 0; i < PATH_PARTS; i++) {
		free(values[i].kept);
		free(values[i].local);
	}
}

static void copy(struct path_value *into, const struct path_value *values)
{
	for (int i = 0; i < PATH_PARTS; i++)
		into[i] = (struct path_value){
		    .kept = memory_string(values[i].kept),
		    .hidden = values[i].hidden,
		    .local = memory_string(values[i].local),
		};
}

void path_init(struct path *path)
{
	*path = (struct path){0};
	for (int i = 0; i < PATH_PARTS; i++)
		path->values[i].kept = memory_string("");
}

const char *path_get(const struct path *path, enum path_part part)
{
	const struct path_value *value = &path->values[part];

	return value->hidden ? value->local : value->kept;
}

/* --- levels --- */

static void push(struct path *path, const char *savepoint, uint64_t seq)
{
	struct path_level *level;

	path->levels = memory_resize(path->levels, (path->level_count + 1) *
						       sizeof(*path->levels));
	level = &path->levels[path->level_count++];
	level->savepoint = memory_string(savepoint);
	level->seq = seq;
	copy(level->values, path->values);
}

static void pop(struct path *path)
{
	struct path_level *level = &path->levels[--path->level_count];

	free(level->savepoint);
	release(level->values);
}

static void begin(struct path *path)
{
	if (!path->level_count)
		push(path, "", 0);
}

/* The newest savepoint of that name; 0, the beginning, is never one. */
static size_t find(const struct path *path, const char *name)
{
	size_t at = path->level_count;

	while (at-- > 1)
		if (!strcmp(path->levels[at].savepoint, name))
			return at;
	return 0;
}

static void restore(struct path *path, const struct path_level *level)
{
	release(path->values);
	copy(path->values, level->values);
}

void path_set(struct path *path, enum path_part part, const char *text,
	      bool local)
{
	struct path_value *value = &path->values[part];
	char *own = memory_string(text);

	begin(path);
	free(value->local);
	value->local = NULL;
	value->hidden = local;
	if (local) {
		value->local = own;
		return;
	}
	free(value->kept);
	value->kept = own;
}

void path_savepoint(struct path *path, const char *name, uint64_t seq)
{
	begin(path);
	push(path, name, seq);
}

bool path_rollback_to(struct path *path, const char *name, uint64_t *seq)
{
	size_t at = find(path, name);

	if (!at)
		return false;
	while (path->level_count > at + 1)
		pop(path);
	restore(path, &path->levels[at]);
	*seq = path->levels[at].seq;
	return true;
}

void path_release_savepoint(struct path *path, const char *name)
{
	size_t at = find(path, name);

	while (at && path->level_count > at)
		pop(path);
}

void path_end(struct path *path, bool commit)
{
	if (!commit && path->level_count)
		restore(path, &path->levels[0]);
	while (path->level_count)
		pop(path);
	for (int i = 0; i < PATH_PARTS; i++) {
		free(path->values[i].local);
		path->values[i].local = NULL;
		path->values[i].hidden = false;
	}
}

void path_release(struct path *path)
{
	while (path->level_count)
		pop(path);
	release(path->values);
	free(path->levels);
}

/* --- lists of names --- */

/* Writes one name to out, NUL-ended; returns the place after it. */
static const char *take_name(const char *text, char *out)
{
	bool quoted = *text == '"';

	if (quoted) {
		for (text++; *text && (*text != '"' || text[1] == '"');
		     text++) {
			if (*text == '"')
				text++;
			*out++ = *text;
		}
		text += *text != '\0';
	}
	for (; *text && *text != ','; text++)
		if (!quoted && !isspace((unsigned char)*text))
			*out++ = (char)tolower((unsigned char)*text);
	*out = '\0';
	return text;
}

static const char *skip_separators(const char *text)
{
	while (isspace((unsigned char)*text) || *text == ',')
		text++;
	return text;
}

const char **path_names(const char *text, const char *user)
{
	size_t size = strlen(text), count = 0;
	/* a name of one byte takes a comma, a pointer and a NUL */
	const char **names = memory_alloc((size + 2) * sizeof(*names) +
					  size * 2 + 2 + strlen(user) + 1);
	char *out = (char *)&names[size + 2];
	const char *own = memcpy(out, user, strlen(user) + 1);

	out += strlen(user) + 1;
	while (*(text = skip_separators(text))) {
		text = take_name(text, out);
		names[count] = strcmp(out, "$user") != 0 ? out : own;
		out += strlen(out) + 1;
		count += *names[count] != '\0';
	}
	names[count] = NULL;
	return names;
}

bool path_names_user(const char *text)
{
	const char **names = path_names(text, "$user");
	bool found = false;

	for (size_t i = 0; names[i]; i++)
		found |= !strcmp(names[i], "$user");
	free(names);
	return found;
}

static void add_name(struct buffer *list, const char *name)
{
	buffer_append_string(list, list->size ? ", \"" : "\"");
	for (; *name; name++)
		buffer_printf(list, *name == '"' ? "\"\"" : "%c", *name);
	buffer_append_byte(list, '"');
}

static char *listed(struct buffer *list)
{
	buffer_string(list);
	return (char *)list->data;
}

char *path_with(const char *text, const char *name)
{
	struct buffer list;

	buffer_init(&list, 0);
	buffer_append_string(&list, text);
	add_name(&list, name);
	return listed(&list);
}

char *path_without(const char *text, const char *name)
{
	const char **names = path_names(text, "");
	struct buffer list;

	buffer_init(&list, 0);
	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], name) != 0)
			add_name(&list, names[i]);
	free(names);
	return listed(&list);
}

char *path_joined(const char *text, const char *other)
{
	struct buffer list;

	buffer_init(&list, 0);
	buffer_printf(&list, "%s%s%s", text, *text && *other ? ", " : "",
		      other);
	return listed(&list);
}
