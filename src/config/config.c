#include "config/config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/map.h"
#include "base/memory.h"
#include "config/access.h"
#include "config/document.h"
#include "config/options.h"
#include "config/rights.h"
#include "config/text.h"
#include "config/tls.h"

enum { LISTEN_MAX = 64, SHADOWS_MAX = 32, DEFAULT_LISTEN_PORT = 6432 };

struct config_loader {
	struct document document;
	struct config *config;
	const char *folder; /* of the file, with its '/', or "" */
	const struct config_engine *engines;
};

static const char *resolve_path(struct config_loader *loader, const char *path)
{
	if (*path == '/')
		return path;
	return arena_printf(loader->document.arena, "%s%s", loader->folder,
			    path);
}

/* The text of a scalar with environment variables expanded; NULL: an error was
 * added. */
static const char *scalar(struct config_loader *loader, const struct node *node,
			  const char *what)
{
	char *problem = NULL;
	const char *text;

	if (!document_expect(&loader->document, node, NODE_SCALAR, what))
		return NULL;
	text = text_expand(loader->document.arena, node->text, &problem);
	if (!text)
		DOCUMENT_ERROR(&loader->document, node,
			       "write $${ for a plain ${", "%s: %s", what,
			       problem);
	return text;
}

/* The index in "a|b|c"; -1: none. */
static int choice_index(const char *choices, const char *text)
{
	size_t size = strlen(text);

	for (int i = 0;; i++) {
		size_t width = strcspn(choices, "|");

		if (width == size && !strncmp(choices, text, size))
			return i;
		if (!choices[width])
			return -1;
		choices += width + 1;
	}
}

/* Parses text into the member; NULL, or what it should have been. */
static const char *fill_member(struct config_loader *loader,
			       const struct option *option, const char *text,
			       void *member)
{
	uint64_t number;
	int index;

	switch (option->kind) {
	case OPTION_TEXT:
		*(const char **)member = text;
		return NULL;
	case OPTION_PATH:
		*(const char **)member = resolve_path(loader, text);
		return NULL;
	case OPTION_SIZE:
		return text_size(text, member)
			   ? "a size, such as 64 MiB or 1 GiB"
			   : NULL;
	case OPTION_DURATION:
		return text_duration(text, member)
			   ? "a duration with its unit, such as 2 s or 500 ms"
			   : NULL;
	case OPTION_BOOL:
		return text_bool(text, member) ? "true or false" : NULL;
	case OPTION_PORT:
		if (text_number(text, 1, 65535, &number))
			return "a port, 1 to 65535";
		*(int *)member = (int)number;
		return NULL;
	case OPTION_COUNT:
		return text_number(text, 0, INT64_MAX, member)
			   ? "a whole number"
			   : NULL;
	case OPTION_SMALL:
		if (text_number(text, 0, 1000000, &number))
			return "a whole number, at most 1000000";
		*(unsigned *)member = (unsigned)number;
		return NULL;
	case OPTION_CHOICE:
		index = choice_index(option->choices, text);
		if (index < 0)
			return arena_printf(loader->document.arena, "one of %s",
					    option->choices);
		memcpy(member, &index, sizeof(index));
		return NULL;
	case OPTION_ADDRESSES:
	case OPTION_LIST:
		break;
	}
	return "something else";
}

/* host:port, [v6]:port, /folder:port; the port may be left out. */
static void load_address(struct config_loader *loader, const struct node *node,
			 struct config_address *address)
{
	const char *text = scalar(loader, node, "an address of listen");
	const char *colon;
	const char *end;
	uint64_t port = DEFAULT_LISTEN_PORT;

	if (!text)
		return;
	address->place = node->place;
	colon = strrchr(text, ':');
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			goto malformed;
		colon = end[1] ? end + 1 : NULL;
		text++;
	} else {
		end = colon ? colon : text + strlen(text);
		if (colon && *text != '/' && strchr(text, ':') != colon)
			goto malformed;
	}
	if (end == text || (colon && text_number(colon + 1, 1, 65535, &port)))
		goto malformed;
	address->host =
	    arena_copy(loader->document.arena, text, (size_t)(end - text));
	address->port = (int)port;
	return;
malformed:
	DOCUMENT_ERROR(&loader->document, node,
		       "host:port, [v6 address]:port or /folder:port",
		       "'%s' is not an address to listen on", node->text);
}

static void load_listen(struct config_loader *loader, const struct node *node)
{
	struct config *config = loader->config;
	size_t count = node->type == NODE_LIST ? node->count : 1;

	if (node->type == NODE_MAP || node_is_null(node) || !count ||
	    count > LISTEN_MAX) {
		DOCUMENT_ERROR(&loader->document, node,
			       "host:port, [v6 address]:port or /folder:port",
			       "listen must be an address, or a list of 1 to "
			       "%d of them",
			       LISTEN_MAX);
		return;
	}
	config->listen =
	    arena_array(&config->arena, count, sizeof(*config->listen));
	config->listen_count = count;
	for (size_t i = 0; i < count; i++)
		load_address(loader,
			     node->type == NODE_LIST ? node->items[i] : node,
			     &config->listen[i]);
}

static void load_list(struct config_loader *loader, const char *what,
		      const struct node *node, struct config_list *list)
{
	size_t count = node->type == NODE_LIST ? node->count : 1;

	if (node->type == NODE_MAP || node_is_null(node) || !count) {
		DOCUMENT_ERROR(&loader->document, node,
			       "leave it out where there is no limit",
			       "%s must be a text or a list of them", what);
		return;
	}
	list->place = node->place;
	list->items =
	    arena_array(&loader->config->arena, count, sizeof(*list->items));
	for (size_t i = 0; i < count; i++) {
		const char *text = scalar(
		    loader, node->type == NODE_LIST ? node->items[i] : node,
		    what);

		if (text)
			list->items[list->count++] = text;
	}
}

static void load_option(struct config_loader *loader,
			const struct option *option, const struct node *node,
			void *base)
{
	void *member = (char *)base + option->offset;
	const char *wanted;
	const char *text;
	char what[64];

	snprintf(what, sizeof(what), "%s%s%s", option->section,
		 *option->section ? "." : "", option->key);
	if (option->kind == OPTION_ADDRESSES) {
		load_listen(loader, node);
		return;
	}
	if (option->kind == OPTION_LIST) {
		load_list(loader, what, node, member);
		return;
	}
	text = scalar(loader, node, what);
	if (!text)
		return;
	if (!*text && option->required) {
		DOCUMENT_ERROR(&loader->document, node, NULL, "%s is empty",
			       what);
		return;
	}
	wanted = fill_member(loader, option, text, member);
	if (wanted)
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "%s must be %s, not '%s'", what, wanted,
			       option->secret ? "***" : text);
}

/* NULL: unknown. */
static const struct config_engine *find_engine(
    const struct config_loader *loader, const char *name)
{
	for (const struct config_engine *it = loader->engines; it->name; it++)
		if (!strcmp(it->name, name))
			return it;
	return NULL;
}

/* The primary is read before the shadows, and an engine before its port. */
static void fill_by_engine(struct config_loader *loader,
			   const struct option *option, void *base)
{
	void *member = (char *)base + option->offset;
	bool is_shadow = !strcmp(option->section, "shadows");
	const char *name = loader->config->primary.engine;
	const struct config_engine *engine;

	if (option->kind != OPTION_PORT) {
		*(const char **)member =
		    is_shadow ? name : loader->engines->name;
		return;
	}
	if (is_shadow)
		name = ((const struct config_shadow *)base)->engine;
	engine = name ? find_engine(loader, name) : NULL;
	*(int *)member = engine ? engine->port : loader->engines->port;
}

static void fill_default(struct config_loader *loader,
			 const struct option *option, void *base)
{
	struct config *config = loader->config;

	if (option->by_engine)
		fill_by_engine(loader, option, base);
	if (!option->fallback)
		return;
	if (option->kind == OPTION_ADDRESSES) {
		config->listen =
		    arena_alloc(&config->arena, sizeof(*config->listen));
		config->listen->host = "127.0.0.1";
		config->listen->port = DEFAULT_LISTEN_PORT;
		config->listen->place = (struct place){config->file, 0, 0};
		config->listen_count = 1;
		return;
	}
	if (fill_member(loader, option, option->fallback,
			(char *)base + option->offset))
		abort(); /* the table's own mistake */
}

/* A section's keys; `at` is the place to report for a missing one. */
static void load_section(struct config_loader *loader, const char *section,
			 const struct node *node, struct place at, void *base)
{
	const char *known[64];
	size_t count = 0;

	for (size_t i = 0; i < option_count; i++) {
		const struct option *option = &options[i];
		const struct node *value;

		if (strcmp(option->section, section))
			continue;
		known[count++] = option->key;
		value = node ? node_get(node, option->key) : NULL;
		if (value)
			load_option(loader, option, value, base);
		else if (option->required)
			diagnostics_add(loader->document.diagnostics,
					SEVERITY_ERROR, at, option->doc,
					"%s.%s is missing", section,
					option->key);
		else
			fill_default(loader, option, base);
	}
	if (!*section)
		for (size_t i = 1; option_sections[i]; i++)
			known[count++] = option_sections[i];
	known[count] = NULL;
	if (node)
		document_known(&loader->document, node, known,
			       *section ? section : "the config");
}

static void read_password(struct config_loader *loader, const struct node *node,
			  const char *path, struct endpoint *endpoint)
{
	char line[1024];
	FILE *file;

	if (!path)
		return;
	if (endpoint->password) {
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "password and password_file exclude each other");
		return;
	}
	file = fopen(path, "r");
	if (file)
		setbuf(file, NULL); /* no copy of it stays behind */
	if (!file || !fgets(line, sizeof(line), file)) {
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "password_file %s: %s", path,
			       file ? "is empty" : strerror(errno));
	} else {
		line[strcspn(line, "\r\n")] = 0;
		endpoint->password = arena_string(loader->document.arena, line);
	}
	explicit_bzero(line, sizeof(line));
	if (file)
		fclose(file);
}

static const char *engine_names(const struct config_loader *loader)
{
	const char *names = "";

	for (const struct config_engine *it = loader->engines; it->name; it++)
		names = arena_printf(loader->document.arena, "%s%s%s", names,
				     *names ? ", " : "", it->name);
	return names;
}

/* section: the one that names it. */
static void check_engine(struct config_loader *loader,
			 const struct node *section, const char *engine)
{
	const struct node *value = node_get(section, "engine");

	if (engine && !find_engine(loader, engine))
		DOCUMENT_ERROR(&loader->document, value ? value : section,
			       arena_printf(loader->document.arena,
					    "one of: %s", engine_names(loader)),
			       "unknown engine '%s'", engine);
}

/* "dir/parallax.db" and "blue" give "dir/parallax-blue.db". */
static const char *store_of_shadow(struct arena *arena, const char *store,
				   const char *name)
{
	const char *file = strrchr(store, '/');
	const char *ending = strrchr(file ? file + 1 : store, '.');
	size_t stem = ending && ending != (file ? file + 1 : store)
			  ? (size_t)(ending - store)
			  : strlen(store);

	return arena_printf(arena, "%.*s-%s%s", (int)stem, store, name,
			    store + stem);
}

static void check_shadow_name(struct config_loader *loader,
			      const struct node *node, size_t index)
{
	struct config *config = loader->config;
	const char *name = config->shadows[index].name;
	const struct node *value = node_get(node, "name");

	if (!name)
		return;
	if (!*name ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")])
		DOCUMENT_ERROR(&loader->document, value ? value : node,
			       "letters, digits, - and _",
			       "'%s' cannot be a shadow's name", name);
	for (size_t i = 0; i < index; i++)
		if (config->shadows[i].name &&
		    !strcmp(config->shadows[i].name, name))
			DOCUMENT_ERROR(&loader->document, value ? value : node,
				       "give each a `name` of its own",
				       "a second shadow named '%s'", name);
}

/* The account's password is in the file of the clients' logins. */
static void read_rights(struct config_loader *loader, const struct node *node,
			struct config_shadow *shadow)
{
	struct rights *rights = NULL;
	struct error error;
	const char *password;

	if (shadow->unsafe_rights || !shadow->rights_file ||
	    shadow->endpoint.password || access(shadow->rights_file, F_OK))
		return;
	error_init(&error);
	if (rights_read(shadow->rights_file, &rights, &error)) {
		DOCUMENT_ERROR(&loader->document, node, NULL, "rights_file: %s",
			       error.message);
		return;
	}
	password = rights_password(rights, shadow->endpoint.user);
	if (password)
		shadow->endpoint.password =
		    arena_string(loader->document.arena, password);
	rights_free(&rights);
}

static void load_shadow(struct config_loader *loader, const struct node *node,
			size_t index)
{
	struct config *config = loader->config;
	struct config_shadow *shadow = &config->shadows[index];

	shadow->place = node->place;
	if (!document_expect(&loader->document, node, NODE_MAP, "a shadow"))
		return;
	load_section(loader, "shadows", node, node->place, shadow);
	if (node_get(node, "engine"))
		check_engine(loader, node, shadow->engine);
	read_password(loader, node, shadow->password_file, &shadow->endpoint);
	config_check_endpoint_tls(&loader->document, node, "shadows",
				  &shadow->endpoint);
	check_shadow_name(loader, node, index);
	if (!shadow->set_role && !shadow->unsafe_rights)
		DOCUMENT_ERROR(&loader->document, node,
			       "or set unsafe_rights: true, if every client "
			       "may have the rights of `user`",
			       "set_role: false runs clients' statements with "
			       "the mirror's own rights");
	read_rights(loader, node, shadow);
	if (!shadow->mapping)
		shadow->mapping = config->mapping;
	if (!shadow->store && config->store && shadow->name)
		shadow->store =
		    config->shadow_count > 1
			? store_of_shadow(&config->arena, config->store,
					  shadow->name)
			: config->store;
	for (size_t i = 0; i < index; i++)
		if (shadow->store && config->shadows[i].store &&
		    !strcmp(config->shadows[i].store, shadow->store))
			DOCUMENT_ERROR(&loader->document, node, NULL,
				       "two shadows share one store, %s",
				       shadow->store);
}

static void load_shadows(struct config_loader *loader, const struct node *root)
{
	struct config *config = loader->config;
	const struct node *node = node_get(root, "shadows");

	if (!node) {
		DOCUMENT_ERROR(&loader->document, root,
			       "shadows: is a list of databases that have the "
			       "new schema",
			       "shadows is missing");
		return;
	}
	if (!document_expect(&loader->document, node, NODE_LIST, "shadows"))
		return;
	if (!node->count || node->count > SHADOWS_MAX) {
		DOCUMENT_ERROR(&loader->document, node, NULL,
			       "there must be 1 to %d shadows", SHADOWS_MAX);
		return;
	}
	config->shadows =
	    arena_array(&config->arena, node->count, sizeof(*config->shadows));
	config->shadow_count = node->count;
	for (size_t i = 0; i < node->count; i++)
		load_shadow(loader, node->items[i], i);
}

static void load_primary(struct config_loader *loader, const struct node *root)
{
	struct config *config = loader->config;
	const struct node *node = node_get(root, "primary");

	config->primary.place = node ? node->place : root->place;
	if (node &&
	    !document_expect(&loader->document, node, NODE_MAP, "primary"))
		return;
	if (!node)
		DOCUMENT_ERROR(
		    &loader->document, root,
		    "primary: describes the database that answers the clients",
		    "primary is missing");
	else
		load_section(loader, "primary", node, node->place, config);
	if (!node)
		return;
	check_engine(loader, node, config->primary.engine);
	read_password(loader, node, config->primary.password_file,
		      &config->primary.endpoint);
	config_check_endpoint_tls(&loader->document, node, "primary",
				  &config->primary.endpoint);
}

static void check_values(struct config_loader *loader, const struct node *root)
{
	const struct config *config = loader->config;
	const struct node *journal = node_get(root, "journal");
	enum { SEGMENT_LEAST = 1024 * 1024, BUFFER_LEAST = 16 * 1024 * 1024 };

	if (!journal || journal->type != NODE_MAP)
		return;
	if (config->journal.segment_size < SEGMENT_LEAST)
		DOCUMENT_ERROR(&loader->document, journal, NULL,
			       "journal.segment_size must be at least 1 MiB");
	if (config->journal.buffer < BUFFER_LEAST)
		DOCUMENT_ERROR(&loader->document, journal,
			       "the longest statements have to fit into it",
			       "journal.buffer must be at least 16 MiB");
	if (config->journal.max_size &&
	    config->journal.max_size / 4 < SEGMENT_LEAST)
		DOCUMENT_ERROR(&loader->document, journal, "0 for no limit",
			       "journal.max_size must be at least 4 MiB");
}

/* A server knows a unix socket's clients by their user. Behind the relay, all
 * of them are the relay's user. */
static void check_listen(struct config_loader *loader, const struct node *root)
{
	const struct config *config = loader->config;
	const char *host = config->primary.endpoint.host;

	if (!host || *host != '/' || config->listen_tcp_to_socket)
		return;
	for (size_t i = 0; i < config->listen_count; i++)
		if (config->listen[i].host && *config->listen[i].host != '/')
			DOCUMENT_ERROR(
			    &loader->document, root,
			    "listen on a unix socket too (/folder:port), reach "
			    "the primary by TCP, or set listen_tcp_to_socket: "
			    "true",
			    "the primary is on a unix socket and listen has "
			    "the TCP address %s: its clients would be admitted "
			    "as the relay's own user",
			    config->listen[i].host);
}

static void load_root(struct config_loader *loader, const struct node *root)
{
	if (!document_expect(&loader->document, root, NODE_MAP, "the config"))
		return;
	load_section(loader, "", root, root->place, loader->config);
	for (size_t i = 1; option_sections[i]; i++) {
		const char *name = option_sections[i];
		const struct node *node = node_get(root, name);

		if (!strcmp(name, "primary"))
			load_primary(loader, root);
		else if (!strcmp(name, "shadows"))
			load_shadows(loader, root);
		else if (!node || document_expect(&loader->document, node,
						  NODE_MAP, name))
			load_section(loader, name, node, root->place,
				     loader->config);
	}
	check_values(loader, root);
	check_listen(loader, root);
	config_check_access(loader->document.diagnostics, loader->config);
	config_check_listen_tls(&loader->document, root,
				&loader->config->listen_tls);
}

static struct config_loader start_loading(const char *name,
					  const struct config_engine *engines,
					  struct diagnostics *diagnostics)
{
	struct config_loader loader = {0};
	struct config *config = memory_alloc(sizeof(*config));
	const char *slash = strrchr(name, '/');

	arena_init(&config->arena, 0);
	config->file = arena_string(&config->arena, name);
	loader.config = config;
	loader.engines = engines;
	loader.folder = arena_copy(&config->arena, name,
				   slash ? (size_t)(slash - name) + 1 : 0);
	loader.document.file = config->file;
	loader.document.arena = &config->arena;
	loader.document.diagnostics = diagnostics;
	return loader;
}

/*
 * Places borrow the file's name from the arena. When the config is freed, the
 * diagnostics need the caller's copy.
 */
static int end_loading(struct config_loader *loader, const char *name,
		       size_t errors_before, struct config **config)
{
	struct diagnostics *diagnostics = loader->document.diagnostics;

	if (diagnostics->error_count == errors_before) {
		*config = loader->config;
		return 0;
	}
	for (size_t i = 0; i < diagnostics->count; i++)
		if (diagnostics->items[i].place.file == loader->config->file)
			diagnostics->items[i].place.file = name;
	config_free(&loader->config);
	return -1;
}

int config_parse(const char *name, const char *text, size_t size,
		 const struct config_engine *engines,
		 struct diagnostics *diagnostics, struct config **config)
{
	size_t errors_before = diagnostics->error_count;
	struct config_loader loader = start_loading(name, engines, diagnostics);
	struct node *root = document_parse(&loader.document, text, size);

	if (root)
		load_root(&loader, root);
	return end_loading(&loader, name, errors_before, config);
}

int config_load(const char *path, const struct config_engine *engines,
		struct diagnostics *diagnostics, struct config **config)
{
	size_t errors_before = diagnostics->error_count;
	struct config_loader loader = start_loading(path, engines, diagnostics);
	struct node *root = document_load(&loader.document, path);

	if (root)
		load_root(&loader, root);
	return end_loading(&loader, path, errors_before, config);
}

void config_free(struct config **config)
{
	if (!*config)
		return;
	arena_release_wiped(&(*config)->arena);
	free(*config);
	*config = NULL;
}
