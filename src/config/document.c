#include "config/document.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/memory.h"
#include "config/text.h"

/* A collection that is not closed yet. */
struct document_level {
	struct node *node;
	struct map keys;  /* MAP: seen so far */
	struct node *key; /* MAP: whose value comes next */
	size_t capacity;
	char *anchor;
};

struct composer {
	struct document *document;
	yaml_parser_t parser;
	struct map anchors; /* name -> struct node */
	struct document_level levels[DOCUMENT_DEPTH_LIMIT];
	size_t depth;
	size_t total;
	struct node *root;
};

static struct place place_of(const struct composer *composer, yaml_mark_t mark)
{
	return (struct place){composer->document->file, (int)mark.line + 1,
			      (int)mark.column + 1};
}

static int fail(struct composer *composer, yaml_mark_t mark, const char *hint,
		const char *message)
{
	diagnostics_add(composer->document->diagnostics, SEVERITY_ERROR,
			place_of(composer, mark), hint, "%s", message);
	return -1;
}

static int parser_failed(struct composer *composer)
{
	const yaml_parser_t *parser = &composer->parser;
	const char *hint = NULL;
	const char *problem = parser->problem ? parser->problem : "not YAML";
	yaml_mark_t mark = parser->problem_mark;

	if (parser->error == YAML_READER_ERROR) {
		/* The reader knows only an offset, which runs ahead of the
		 * marks. */
		mark = parser->mark;
		hint = "the file must be UTF-8 text";
	} else if (parser->error == YAML_MEMORY_ERROR) {
		problem = "out of memory";
	} else if (strstr(problem, "cannot start any token")) {
		hint = "indent with spaces, not with tabs; quote text that "
		       "starts with one of @ ` % \"";
	}
	return fail(composer, mark, hint, problem);
}

static struct node *new_node(struct composer *composer, enum node_type type,
			     yaml_mark_t mark)
{
	struct node *node =
	    arena_alloc(composer->document->arena, sizeof(*node));

	node->type = type;
	node->place = place_of(composer, mark);
	node->weight = 1;
	return node;
}

static void grow(struct composer *composer, struct document_level *level)
{
	struct arena *arena = composer->document->arena;
	struct node *node = level->node;
	size_t capacity = level->capacity ? 2 * level->capacity : 4;
	struct node **items = arena_array(arena, capacity, sizeof(*items));
	struct node **values = arena_array(arena, capacity, sizeof(*values));

	if (node->count) {
		memcpy(items, node->items, node->count * sizeof(*items));
		memcpy(values, node->values, node->count * sizeof(*values));
	}
	node->items = items;
	node->values = values;
	level->capacity = capacity;
}

static int add_key(struct composer *composer, struct document_level *level,
		   struct node *key, yaml_mark_t mark)
{
	struct node *before;

	if (key->type != NODE_SCALAR)
		return fail(composer, mark, NULL, "a key must be plain text");
	if (key->plain && !strcmp(key->text, "<<"))
		return fail(composer, mark,
			    "an alias can stand for a whole value",
			    "merge keys (<<) are not supported");
	before = map_set_string(&level->keys, key->text, key);
	if (before)
		diagnostics_add(composer->document->diagnostics, SEVERITY_ERROR,
				key->place, NULL,
				"'%s' appears twice; the first is in line %d",
				key->text, before->place.line);
	level->key = key;
	return 0;
}

/* Puts a finished or just opened node into its parent. */
static int attach(struct composer *composer, struct node *node,
		  yaml_mark_t mark)
{
	struct document_level *level;

	if (!composer->depth) {
		composer->root = node;
		return 0;
	}
	level = &composer->levels[composer->depth - 1];
	if (level->node->type == NODE_MAP && !level->key)
		return add_key(composer, level, node, mark);
	if (level->node->count == level->capacity)
		grow(composer, level);
	if (level->node->type == NODE_MAP) {
		level->node->items[level->node->count] = level->key;
		level->node->values[level->node->count++] = node;
		level->key = NULL;
	} else {
		level->node->items[level->node->count++] = node;
	}
	return 0;
}

static int count_nodes(struct composer *composer, size_t more, yaml_mark_t mark)
{
	composer->total += more;
	for (size_t i = 0; i < composer->depth; i++)
		composer->levels[i].node->weight += more;
	if (composer->total > DOCUMENT_NODE_LIMIT)
		return fail(composer, mark, NULL,
			    "too many values (aliases count in full)");
	return 0;
}

static int refuse_tag(struct composer *composer, const yaml_char_t *tag,
		      yaml_mark_t mark)
{
	if (!tag)
		return 0;
	return fail(composer, mark, "quote a text to keep it as it is",
		    "YAML tags (!...) are not supported");
}

static int on_scalar(struct composer *composer, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t size = event->data.scalar.length;
	struct node *node = new_node(composer, NODE_SCALAR, event->start_mark);

	if (refuse_tag(composer, event->data.scalar.tag, event->start_mark) ||
	    count_nodes(composer, 1, event->start_mark))
		return -1;
	if (memchr(text, 0, size))
		return fail(composer, event->start_mark, NULL,
			    "a value cannot hold a NUL character");
	node->text = arena_copy(composer->document->arena, text, size);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (event->data.scalar.anchor)
		map_set_string(&composer->anchors,
			       (const char *)event->data.scalar.anchor, node);
	return attach(composer, node, event->start_mark);
}

static int on_start(struct composer *composer, const yaml_event_t *event,
		    enum node_type type, const yaml_char_t *anchor,
		    const yaml_char_t *tag)
{
	struct node *node = new_node(composer, type, event->start_mark);
	struct document_level *level;

	if (refuse_tag(composer, tag, event->start_mark) ||
	    count_nodes(composer, 1, event->start_mark))
		return -1;
	if (composer->depth == DOCUMENT_DEPTH_LIMIT)
		return fail(composer, event->start_mark, NULL,
			    "nested too deeply");
	if (attach(composer, node, event->start_mark))
		return -1;
	level = &composer->levels[composer->depth++];
	memset(level, 0, sizeof(*level));
	level->node = node;
	map_init(&level->keys);
	level->anchor = memory_string((const char *)anchor);
	return 0;
}

static void on_end(struct composer *composer)
{
	struct document_level *level = &composer->levels[--composer->depth];

	/* Known only from here on: an anchor cannot contain itself. */
	if (level->anchor)
		map_set_string(&composer->anchors, level->anchor, level->node);
	free(level->anchor);
	map_release(&level->keys);
}

static int on_alias(struct composer *composer, const yaml_event_t *event)
{
	struct node *node = map_get_string(
	    &composer->anchors, (const char *)event->data.alias.anchor);

	if (!node)
		return fail(composer, event->start_mark, NULL,
			    "an alias (*) of an anchor (&) that is not "
			    "above it");
	if (count_nodes(composer, node->weight, event->start_mark))
		return -1;
	return attach(composer, node, event->start_mark);
}

/* 1: the document goes on; 0: it is complete. */
static int on_event(struct composer *composer, const yaml_event_t *event)
{
	int result = 0;

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (composer->root)
			result = fail(composer, event->start_mark, NULL,
				      "a second document in one file");
		break;
	case YAML_SCALAR_EVENT:
		result = on_scalar(composer, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		result = on_start(composer, event, NODE_LIST,
				  event->data.sequence_start.anchor,
				  event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		result = on_start(composer, event, NODE_MAP,
				  event->data.mapping_start.anchor,
				  event->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_end(composer);
		break;
	case YAML_ALIAS_EVENT:
		result = on_alias(composer, event);
		break;
	case YAML_STREAM_END_EVENT:
		return 0;
	default:
		break;
	}
	return result ? -1 : 1;
}

struct node *document_parse(struct document *document, const char *text,
			    size_t size)
{
	static const char mark[] = "\xEF\xBB\xBF"; /* some editors write a
						      byte order mark */
	struct composer *composer = memory_alloc(sizeof(*composer));
	struct node *root = NULL;
	int more = 1;

	composer->document = document;
	map_init(&composer->anchors);
	if (size >= strlen(mark) && !memcmp(text, mark, strlen(mark))) {
		text += strlen(mark);
		size -= strlen(mark);
	}
	if (!yaml_parser_initialize(&composer->parser))
		memory_exhausted(sizeof(composer->parser));
	yaml_parser_set_encoding(&composer->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&composer->parser,
				     (const unsigned char *)text, size);
	if (size > DOCUMENT_SIZE_LIMIT)
		more = fail(composer, composer->parser.mark, NULL,
			    "the file is too long");
	while (more > 0) {
		yaml_event_t event;

		if (!yaml_parser_parse(&composer->parser, &event)) {
			more = parser_failed(composer);
			break;
		}
		more = on_event(composer, &event);
		yaml_event_delete(&event);
	}
	if (!more && !composer->root)
		more = fail(composer, composer->parser.mark, NULL,
			    "the file is empty");
	if (!more)
		root = composer->root;
	while (composer->depth)
		on_end(composer);
	map_release(&composer->anchors);
	yaml_parser_delete(&composer->parser);
	free(composer);
	return root;
}

struct node *document_load(struct document *document, const char *path)
{
	struct place place = {path, 0, 0};
	struct node *root = NULL;
	struct buffer buffer;
	FILE *file = fopen(path, "r");
	size_t read = 0;

	buffer_init(&buffer, DOCUMENT_SIZE_LIMIT + 4096);
	while (file && !buffer_reserve(&buffer, 4096)) {
		read = fread(buffer.data + buffer.size, 1, 4096, file);
		buffer.size += read;
		if (read < 4096)
			break;
	}
	if (!file || ferror(file))
		diagnostics_add(document->diagnostics, SEVERITY_ERROR, place,
				NULL, "cannot be read: %s", strerror(errno));
	else if (buffer.failed)
		diagnostics_add(document->diagnostics, SEVERITY_ERROR, place,
				NULL, "the file is too long");
	else
		root = document_parse(document,
				      buffer.size ? (char *)buffer.data : "",
				      buffer.size);
	if (file)
		fclose(file);
	buffer_release(&buffer);
	return root;
}

bool node_is_null(const struct node *node)
{
	return node->type == NODE_SCALAR && node->plain &&
	       (!*node->text || !strcmp(node->text, "~") ||
		!strcmp(node->text, "null") || !strcmp(node->text, "Null") ||
		!strcmp(node->text, "NULL"));
}

struct node *node_get(const struct node *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (!strcmp(map->items[i]->text, key))
			return map->values[i];
	return NULL;
}

bool document_expect(struct document *document, const struct node *node,
		     enum node_type type, const char *what)
{
	static const char *const names[] = {"a single value", "a list",
					    "a map (key: value)"};

	if (node->type == type && (type != NODE_SCALAR || !node_is_null(node)))
		return true;
	if (node_is_null(node))
		DOCUMENT_ERROR(document, node, NULL,
			       "%s is empty; it must be %s", what, names[type]);
	else
		DOCUMENT_ERROR(document, node, NULL, "%s must be %s, not %s",
			       what, names[type], names[node->type]);
	return false;
}

void document_known(struct document *document, const struct node *map,
		    const char *const *known, const char *what)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct node *key = map->items[i];
		const char *const *name = known;
		const char *nearest;
		char hint[128];

		while (*name && strcmp(*name, key->text))
			name++;
		if (*name)
			continue;
		nearest = text_nearest(key->text, known);
		snprintf(hint, sizeof(hint), "did you mean '%s'?",
			 nearest ? nearest : "");
		DOCUMENT_ERROR(document, key, nearest ? hint : NULL,
			       "unknown key '%s' in %s", key->text, what);
	}
}
