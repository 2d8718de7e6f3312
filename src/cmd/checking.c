#include "cmd/checking.h"

#include "adapters/rights.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "cmd/checking_tls.h"
#include "config/rights.h"
#include "draft/draft.h"

enum { NAMES_SHOWN = 5, PLACES_MAX = 64 };

void checking_init(struct checking *checking, const struct config *config,
		   struct diagnostics *diagnostics)
{
	memset(checking, 0, sizeof(*checking));
	checking->config = config;
	checking->diagnostics = diagnostics;
	checking->mappings = memory_alloc((config->shadow_count + 1) *
					  sizeof(*checking->mappings));
	checking->shadows = memory_alloc((config->shadow_count + 1) *
					 sizeof(*checking->shadows));
	checking->lenses = memory_alloc((config->shadow_count + 1) *
					sizeof(*checking->lenses));
	checking->readers = memory_alloc((config->shadow_count + 1) *
					 sizeof(*checking->readers));
}

void checking_hang_up(struct checking *checking)
{
	const struct config *config = checking->config;

	adapter_find(config->primary.engine)
	    ->catalog_reader_free(&checking->primary_reader);
	for (size_t i = 0; i < config->shadow_count; i++)
		adapter_find(config->shadows[i].engine)
		    ->catalog_reader_free(&checking->readers[i]);
}

void checking_release(struct checking *checking)
{
	checking_hang_up(checking);
	for (size_t i = 0; i < checking->config->shadow_count; i++) {
		lens_free(&checking->lenses[i]);
		mapping_free(&checking->mappings[i]);
		catalog_free(&checking->shadows[i]);
	}
	catalog_free(&checking->primary);
	free(checking->mappings);
	free(checking->shadows);
	free(checking->lenses);
	free(checking->readers);
}

/* A list of names, cut short with the number of further ones. */
struct checked_names {
	struct buffer text;
	size_t count;
};

static void names_init(struct checked_names *names)
{
	buffer_init(&names->text, 4096);
	names->count = 0;
}

static void names_add(struct checked_names *names, const char *schema,
		      const char *name)
{
	if (names->count++ >= NAMES_SHOWN)
		return;
	buffer_printf(&names->text, "%s%s%s%s", names->count > 1 ? ", " : "",
		      schema ? schema : "", schema ? "." : "", name);
}

static const char *names_text(struct checked_names *names)
{
	if (names->count > NAMES_SHOWN)
		buffer_printf(&names->text, " and %zu more",
			      names->count - NAMES_SHOWN);
	return buffer_string(&names->text);
}

/* The config's show_values applies to all columns, so it would show these too.
 */
static void check_private(struct checking *checking,
			  const struct mapping *mapping)
{
	for (size_t i = 0; i < mapping->compare_count; i++)
		if (checking->config->compare.show_values &&
		    mapping->compares[i].privacy == PRIVATE_YES)
			diagnostics_add(checking->diagnostics, SEVERITY_ERROR,
					mapping->compares[i].place,
					"set it to false, or leave the column "
					"out of private",
					"compare.show_values: true in the "
					"config would show this column's "
					"values");
}

/* A place that `map` left open is valid in the language, but nothing can run
 * with it. */
static void check_open(struct checking *checking,
		       const struct mapping_text *text, const char *what,
		       const struct mapping_text *name)
{
	if (text->text && strstr(text->text, DRAFT_OPEN))
		diagnostics_add(
		    checking->diagnostics, SEVERITY_ERROR, text->place,
		    "write an SQL expression there; the list at the end of the "
		    "draft says what is missing",
		    "%s of \"%s\" was left open by `map`", what, name->text);
}

static void check_drafted(struct checking *checking,
			  const struct mapping *mapping)
{
	for (size_t i = 0; i < mapping->table_count; i++) {
		const struct mapping_table *table = &mapping->tables[i];

		for (size_t k = 0; k < table->default_count; k++)
			check_open(checking, &table->defaults[k].expression,
				   "the default", &table->defaults[k].name);
		for (size_t k = 0; k < table->column_count; k++) {
			const struct mapping_column *column =
			    &table->columns[k];

			check_open(checking, &column->read, "the read",
				   &column->name);
			for (size_t w = 0; w < column->write_count; w++)
				check_open(checking,
					   &column->writes[w].expression,
					   "the write", &column->name);
		}
	}
}

int checking_mappings(struct checking *checking)
{
	const struct config *config = checking->config;
	size_t errors_before = checking->diagnostics->error_count;

	checking_tls(config, checking->diagnostics);
	for (size_t i = 0; i < config->shadow_count; i++) {
		const char *path = config->shadows[i].mapping;
		bool seen = false;

		for (size_t k = 0; path && k < i; k++)
			if (config->shadows[k].mapping &&
			    !strcmp(config->shadows[k].mapping, path))
				seen = !checking->mappings[k];
		/* A bad file that two shadows share is reported once. */
		if (!path || seen)
			continue;
		if (mapping_load(path, checking->diagnostics,
				 &checking->mappings[i]))
			continue;
		checking->mapped_count += checking->mappings[i]->table_count;
		check_private(checking, checking->mappings[i]);
		check_drafted(checking, checking->mappings[i]);
	}
	return checking->diagnostics->error_count == errors_before ? 0 : -1;
}

static struct catalog *read_catalog(struct checking *checking, const char *what,
				    struct place place, const char *engine,
				    const struct endpoint *endpoint,
				    struct catalog_reader **reader)
{
	const struct adapter *adapter = adapter_find(engine);
	struct catalog *catalog = NULL;
	struct error error;

	error_init(&error);
	if (adapter->catalog_read(reader, endpoint, &catalog, &error))
		diagnostics_add(checking->diagnostics,
				error.kind == ERROR_DATABASE
				    ? SEVERITY_ERROR /* it will not go away */
				    : checking->unreachable,
				place, error.hint[0] ? error.hint : NULL,
				"%s: the catalog cannot be read: %s", what,
				error.message);
	return catalog;
}

/* The application's tables on which the shadow's account lacks rights that the
 * application has on the primary. */
static void check_rights(struct checking *checking, size_t index,
			 const struct lens *lens)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];
	const struct catalog *catalog = checking->shadows[index];
	enum {
		ALL = PRIVILEGE_SELECT | PRIVILEGE_INSERT | PRIVILEGE_UPDATE |
		      PRIVILEGE_DELETE
	};
	struct checked_names names;

	names_init(&names);
	for (size_t i = 0; i < checking->primary->table_count; i++) {
		const struct catalog_table *old = &checking->primary->tables[i];
		const struct catalog_table *places[PLACES_MAX];
		size_t count = lens_places(lens, old, places, PLACES_MAX);

		if (old->kind != RELATION_TABLE &&
		    old->kind != RELATION_PARTITIONED)
			continue;
		for (size_t k = 0; k < count && k < PLACES_MAX; k++)
			if ((places[k]->privileges & ALL) != ALL)
				names_add(&names, places[k]->schema,
					  places[k]->name);
	}
	if (names.count)
		diagnostics_add(
		    checking->diagnostics,
		    shadow->set_role ? SEVERITY_WARNING : SEVERITY_ERROR,
		    shadow->place,
		    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN "
		    "SCHEMA ... TO the account",
		    "%s: account '%s' may not read and write %s", shadow->name,
		    catalog->account, names_text(&names));
	buffer_release(&names.text);
}

static const struct catalog_role *find_role(const struct catalog *catalog,
					    const char *name)
{
	for (size_t i = 0; i < catalog->role_count; i++)
		if (!strcmp(catalog->roles[i].name, name))
			return &catalog->roles[i];
	return NULL;
}

static void check_roles(struct checking *checking, size_t index)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];
	const struct catalog *catalog = checking->shadows[index];
	struct checked_names missing;
	struct checked_names closed;

	if (!shadow->set_role || !shadow->unsafe_rights)
		return;
	names_init(&missing);
	names_init(&closed);
	for (size_t i = 0; i < checking->primary->role_count; i++) {
		const struct catalog_role *old = &checking->primary->roles[i];
		const struct catalog_role *role = find_role(catalog, old->name);

		if (!old->can_login)
			continue;
		if (!role)
			names_add(&missing, NULL, old->name);
		else if (!role->can_become && !catalog->superuser)
			names_add(&closed, NULL, old->name);
	}
	if (missing.count)
		diagnostics_add(
		    checking->diagnostics, SEVERITY_WARNING, shadow->place,
		    "CREATE ROLE there; until then their statements are "
		    "skipped (rights)",
		    "%s: roles of the primary that are missing there: %s",
		    shadow->name, names_text(&missing));
	if (closed.count)
		diagnostics_add(
		    checking->diagnostics, SEVERITY_WARNING, shadow->place,
		    "GRANT the roles to the account, or make it a "
		    "superuser",
		    "%s: account '%s' cannot take on the roles %s",
		    shadow->name, catalog->account, names_text(&closed));
	buffer_release(&missing.text);
	buffer_release(&closed.text);
}

/* The roles of the primary's clients without a login on the shadow. */
static void check_logins(struct checking *checking, size_t index,
			 const struct rights *rights)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];
	struct checked_names missing;

	names_init(&missing);
	for (size_t i = 0; i < checking->primary->role_count; i++) {
		const struct catalog_role *role = &checking->primary->roles[i];

		if (role->can_login && strncmp(role->name, "parallax", 8) &&
		    !rights_login(rights, shadow->name, role->name))
			names_add(&missing, NULL, role->name);
	}
	if (missing.count)
		diagnostics_add(checking->diagnostics, SEVERITY_WARNING,
				shadow->place, "run parallax rights again",
				"%s: roles of the primary without a login "
				"there; their statements are skipped: %s",
				shadow->name, names_text(&missing));
	buffer_release(&missing.text);
}

static void add_findings(struct checking *checking, struct place place,
			 const char *name,
			 const struct rights_finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		diagnostics_add(checking->diagnostics, SEVERITY_WARNING, place,
				findings[i].hint, "%s: %s", name,
				findings[i].what);
}

/* No client may do on the shadow what it may not do on the primary. */
static void check_safety(struct checking *checking, size_t index)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];
	const struct rights_ops *ops = adapter_find(shadow->engine)->rights;
	struct rights_finding *findings;
	struct rights *rights = NULL;
	struct arena arena;
	struct error error;
	size_t count;

	if (shadow->unsafe_rights || !checking->safety)
		return;
	error_init(&error);
	if (checking->shadows[index]->superuser)
		diagnostics_add(checking->diagnostics, SEVERITY_ERROR,
				shadow->place,
				"name an account that is not a superuser, such "
				"as parallax_mirror, and run parallax rights; "
				"or set unsafe_rights: true",
				"%s: account '%s' is a superuser", shadow->name,
				checking->shadows[index]->account);
	if (rights_read(shadow->rights_file, &rights, &error))
		diagnostics_add(
		    checking->diagnostics, SEVERITY_ERROR, shadow->place,
		    "run parallax rights; or set unsafe_rights: true, if every "
		    "client may have the rights of `user`",
		    "%s: no logins for clients' roles: %s", shadow->name,
		    error.message);
	else
		check_logins(checking, index, rights);
	rights_free(&rights);
	arena_init(&arena, 0);
	if (!ops->remains(&checking->readers[index], &shadow->endpoint, &arena,
			  &findings, &count, &error))
		add_findings(checking, shadow->place, shadow->name, findings,
			     count);
	arena_release(&arena);
}

/* If the primary admits a role without a password, it admits every client as
 * that role. */
static void check_doors(struct checking *checking)
{
	const struct config *config = checking->config;
	struct rights_finding *findings;
	struct arena arena;
	struct error error;
	size_t count;

	if (!checking->safety)
		return;
	error_init(&error);
	arena_init(&arena, 0);
	if (!adapter_find(config->primary.engine)
		 ->rights->open_doors(&checking->primary_reader,
				      &config->primary.endpoint, &arena,
				      &findings, &count, &error))
		add_findings(checking, config->primary.place, "primary",
			     findings, count);
	arena_release(&arena);
}

static void check_extensions(struct checking *checking, size_t index)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];
	const struct catalog *catalog = checking->shadows[index];
	struct checked_names missing;

	names_init(&missing);
	for (size_t i = 0; i < checking->primary->extension_count; i++) {
		const char *name = checking->primary->extensions[i].name;
		bool found = false;

		for (size_t k = 0; k < catalog->extension_count; k++)
			found |= !strcmp(catalog->extensions[k].name, name);
		if (!found)
			names_add(&missing, NULL, name);
	}
	if (missing.count)
		diagnostics_add(
		    checking->diagnostics, SEVERITY_WARNING, shadow->place,
		    "CREATE EXTENSION there",
		    "%s: extensions of the primary that are missing there: %s",
		    shadow->name, names_text(&missing));
	buffer_release(&missing.text);
}

/* Both values of a setting, if they differ. */
static void check_setting(struct checking *checking, size_t index,
			  const char *what, const char *old_value,
			  const char *new_value, const char *hint)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];

	if (old_value && new_value && strcmp(old_value, new_value))
		diagnostics_add(checking->diagnostics, SEVERITY_WARNING,
				shadow->place, hint,
				"%s: %s is %s there and %s on the primary",
				shadow->name, what, new_value, old_value);
}

static void check_settings(struct checking *checking, size_t index)
{
	const struct catalog *old = checking->primary;
	const struct catalog *catalog = checking->shadows[index];

	check_setting(checking, index, "the encoding", old->encoding,
		      catalog->encoding,
		      "texts may fail to convert, and sort differently");
	check_setting(checking, index, "the time zone", old->time_zone,
		      catalog->time_zone,
		      "ALTER DATABASE ... SET timezone; until then local "
		      "times differ");
	check_setting(checking, index, "the collation", old->collation,
		      catalog->collation,
		      "texts sort differently in columns without a collation "
		      "of their own");
	check_setting(
	    checking, index, "the default path for looking names up",
	    old->search_path, catalog->search_path,
	    "sessions set the client's own; only the defaults differ");
	if (strtol(old->server_version, NULL, 10) !=
	    strtol(catalog->server_version, NULL, 10))
		check_setting(checking, index, "the server's version",
			      old->server_version, catalog->server_version,
			      "differences may then come from the server, not "
			      "from the schema");
}

static void check_lens(struct checking *checking, size_t index)
{
	if (checking->config->shadows[index].mapping &&
	    !checking->mappings[index])
		return; /* its mistakes have been reported */
	/* Kept, since the findings borrow their places from it. */
	if (!lens_new(
		adapter_find(checking->config->primary.engine)->parser,
		adapter_find(checking->config->shadows[index].engine)->parser,
		checking->mappings[index], checking->primary,
		checking->shadows[index], checking->diagnostics,
		&checking->lenses[index]))
		check_rights(checking, index, checking->lenses[index]);
}

static void count_tables(struct checking *checking)
{
	for (size_t i = 0; i < checking->primary->table_count; i++) {
		enum relation_kind kind = checking->primary->tables[i].kind;

		if (kind == RELATION_TABLE || kind == RELATION_PARTITIONED)
			checking->table_count++;
	}
}

int checking_databases(struct checking *checking)
{
	const struct config *config = checking->config;
	size_t errors_before = checking->diagnostics->error_count;

	checking->primary = read_catalog(
	    checking, "primary", config->primary.place, config->primary.engine,
	    &config->primary.endpoint, &checking->primary_reader);
	if (checking->primary) {
		count_tables(checking);
		check_doors(checking);
	}
	for (size_t i = 0; i < config->shadow_count; i++) {
		const struct config_shadow *shadow = &config->shadows[i];

		checking->shadows[i] = read_catalog(
		    checking, shadow->name, shadow->place, shadow->engine,
		    &shadow->endpoint, &checking->readers[i]);
		if (!checking->primary || !checking->shadows[i])
			continue;
		check_lens(checking, i);
		check_roles(checking, i);
		check_safety(checking, i);
		check_extensions(checking, i);
		check_settings(checking, i);
	}
	return checking->diagnostics->error_count == errors_before ? 0 : -1;
}
