/*
 * A client's session on the primary, as its exchanges show it: the names that
 * later statements depend on. What a new connection must be told is in
 * session_state.c.
 */
#include "mirror/internal.h"

#include <inttypes.h>

#include "base/memory.h"
#include "mirror/look.h"

struct session *session_find(struct mirror *mirror,
			     const struct exchange_session_id *id)
{
	struct exchange_session_id key;

	memset(&key, 0, sizeof(key));
	key.writer = id->writer;
	key.epoch = id->epoch;
	key.session = id->session;
	return map_get(&mirror->sessions, &key, sizeof(key));
}

static uint64_t hash(uint64_t key, const char *text)
{
	for (; text && *text; text++)
		key = (key ^ (uint8_t)*text) * UINT64_C(1099511628211);
	return (key ^ 0xff) * UINT64_C(1099511628211);
}

static const char *user(const struct session *session)
{
	const char *role = path_get(&session->path, PATH_ROLE);
	const char *authorization =
	    path_get(&session->path, PATH_AUTHORIZATION);

	if (!role || strcmp(role, "none") != 0)
		return role;
	return authorization && !*authorization ? session->role : authorization;
}

/* Derived from the path, whenever it has changed. */
static void find_names(struct session *session)
{
	const char *search = path_get(&session->path, PATH_SEARCH);
	const char *own = user(session);
	uint64_t key = UINT64_C(14695981039346656037);
	char *temporary;

	session->schemas_known = search && (own || !path_names_user(search));
	if (!session->schemas_known)
		search = "";
	free(session->schemas);
	free(session->temporary);
	session->schemas = path_names(search, own ? own : "");
	temporary = path_joined(path_get(&session->path, PATH_TEMPORARY),
				path_get(&session->path, PATH_UNTIL_COMMIT));
	session->temporary = path_names(temporary, "");
	free(temporary);
	session->temporary_count = 0;
	while (session->temporary[session->temporary_count])
		session->temporary_count++;
	for (size_t i = 0; session->schemas[i]; i++)
		key = hash(key, session->schemas[i]);
	key = hash(key, "");
	for (size_t i = 0; i < session->temporary_count; i++)
		key = hash(key, session->temporary[i]);
	session->key = key;
}

static const struct setting_ops *settings_of(const struct session *session)
{
	return session->mirror->options->primary_adapter->settings;
}

/* The standard's name of the level that a setting is set to; "": none. */
static const char *isolation_of(const struct session *session, const char *name,
				const char *value)
{
	struct sql_characteristics given;

	if (setting_meaning(session->mirror, name) != SETTING_LATER ||
	    !settings_of(session)->characteristic(name, value, &given))
		return "";
	return sql_isolation_name(given.isolation);
}

enum sql_isolation session_isolation(const struct session *session)
{
	const char *name = path_get(&session->path, PATH_ISOLATION);

	return name ? sql_isolation_of(name) : SQL_ISOLATION_DEFAULT;
}

static void change(struct session *session, enum path_part part,
		   const char *value, bool local)
{
	path_set(&session->path, part, value, local);
	/* a new authorization resets the role */
	if (part == PATH_AUTHORIZATION)
		path_set(&session->path, PATH_ROLE, "none", local);
	find_names(session);
}

static const char *setting(const struct session *session,
			   enum setting_meaning meaning)
{
	for (size_t i = session->setting_count; i-- > 0;)
		if (setting_meaning(session->mirror,
				    session->settings[i].name) == meaning)
			return session->settings[i].value;
	return NULL;
}

/* Of the session's start. */
static const char *first_isolation(const struct session *session)
{
	const char *name = "";

	for (size_t i = 0; i < session->setting_count; i++) {
		const char *set =
		    isolation_of(session, session->settings[i].name,
				 session->settings[i].value);

		if (*set)
			name = set;
	}
	return name;
}

/* The value that RESET restores. */
static const char *first_value(const struct session *session,
			       enum path_part part)
{
	const char *value;

	switch (part) {
	case PATH_SEARCH:
		value = setting(session, SETTING_PATH);
		return value ? value
			     : session->mirror->version->catalogs->old_catalog
				   ->search_path;
	case PATH_ROLE:
		value = setting(session, SETTING_ROLE);
		return value ? value : "none";
	case PATH_ISOLATION:
		return first_isolation(session);
	default:
		return "";
	}
}

static void reset(struct session *session, enum path_part part, bool local)
{
	change(session, part, first_value(session, part), local);
}

static void add_setting(struct session *session, const char *name,
			const char *value)
{
	struct shadow_setting *more =
	    memory_resize(session->settings, (session->setting_count + 1) *
						 sizeof(*session->settings));

	session->settings = more;
	more[session->setting_count].name = memory_string(name);
	more[session->setting_count++].value = memory_string(value);
}

struct session *session_open(struct mirror *mirror,
			     const struct exchange_session_id *id,
			     const struct exchange_session *opened)
{
	struct session *session = memory_alloc(sizeof(*session));
	struct exchange_session_id key;

	memset(&key, 0, sizeof(key));
	key.writer = id->writer;
	key.epoch = id->epoch;
	key.session = id->session;
	schedule_session_init(&session->schedule);
	session->mirror = mirror;
	session->id = key;
	session->role = memory_string(opened ? opened->role : "");
	session->client = memory_string(opened ? opened->client : "");
	list_init(&session->held);
	list_init(&session->memories);
	list_init(&session->transactions);
	list_init(&session->in_busy);
	list_init(&session->in_keeper);
	map_init(&session->prepared);
	map_init(&session->cursors);
	arena_init(&session->arena, 0);
	session->carried = plan_carried_new();
	path_init(&session->path);
	if (opened) {
		for (size_t i = 0; i < opened->reported_count; i++)
			if (setting_meaning(mirror, opened->reported[i].name) ==
			    SETTING_FORMAT)
				add_setting(session, opened->reported[i].name,
					    opened->reported[i].value);
		for (size_t i = 0; i < opened->startup_count; i++)
			if (setting_meaning(mirror, opened->startup[i].name) !=
			    SETTING_FORMAT)
				add_setting(session, opened->startup[i].name,
					    opened->startup[i].value);
	}
	reset(session, PATH_ROLE, false);
	reset(session, PATH_SEARCH, false);
	reset(session, PATH_ISOLATION, false);
	path_end(&session->path, true);
	map_set(&mirror->sessions, &key, sizeof(key), session);
	return session;
}

static void prepared_free(struct prepared *prepared)
{
	if (!prepared)
		return;
	if (prepared->version) {
		lens_release(prepared->version->lens, prepared->plan);
		lens_version_drop(prepared->version);
	}
	free(prepared->name);
	free(prepared->text);
	free(prepared);
}

static void forget_all(struct map *map)
{
	for (size_t i = 0; i < map->count; i++)
		prepared_free(map->entries[i].value);
	map_release(map);
	map_init(map);
}

static void forget(struct map *map, const char *name)
{
	prepared_free(map_remove(map, name, strlen(name)));
}

static bool is_temporary(const struct session *session, const char *name)
{
	for (size_t i = 0; i < session->temporary_count; i++)
		if (!strcmp(session->temporary[i], name))
			return true;
	return false;
}

static void set_temporary(struct session *session, const char *name, bool there,
			  bool until_commit)
{
	enum path_part part = until_commit ? PATH_UNTIL_COMMIT : PATH_TEMPORARY;
	const char *before = path_get(&session->path, part);
	char *after =
	    there ? path_with(before, name) : path_without(before, name);

	if (is_temporary(session, name) != there)
		change(session, part, after, until_commit);
	free(after);
}

void session_free(struct session *session)
{
	map_remove(&session->mirror->sessions, &session->id,
		   sizeof(session->id));
	look_closed(session);
	forget_all(&session->prepared);
	forget_all(&session->cursors);
	map_release(&session->prepared);
	map_release(&session->cursors);
	state_statements_free(&session->memories);
	for (size_t i = 0; i < session->setting_count; i++) {
		free((char *)session->settings[i].name);
		free((char *)session->settings[i].value);
	}
	free(session->settings);
	path_release(&session->path);
	free(session->schemas);
	free(session->temporary);
	free(session->role);
	free(session->client);
	free(session->commands);
	plan_carried_free(&session->carried);
	arena_release(&session->arena);
	free(session);
}

void session_lens(const struct session *session, struct lens_session *out)
{
	*out = (struct lens_session){
	    .search_path = session->schemas,
	    .temporary_tables = session->temporary,
	    .key = session->key,
	};
}

bool session_misses_path(const struct session *session, const struct plan *plan)
{
	const struct sql_traits *traits = &plan->traits;

	for (size_t i = 0; !session->schemas_known && i < traits->table_count;
	     i++) {
		const struct sql_table_use *table = &traits->tables[i];

		if (!*table->schema && !is_temporary(session, table->name) &&
		    !(table->use & SQL_USE_DEFINE && traits->temporary))
			return true;
	}
	return false;
}

/* --- what statements change --- */

static void remember(struct task *task, enum sql_kind kind, const char *name,
		     const char *text)
{
	state_statement_add(&task->memories, kind, name, text);
}

/* The part of the path that a setting is; PATH_PARTS: none. */
static enum path_part part_of(const struct session *session, const char *name)
{
	switch (setting_meaning(session->mirror, name)) {
	case SETTING_PATH:
		return PATH_SEARCH;
	case SETTING_ROLE:
		return PATH_ROLE;
	case SETTING_AUTHORIZATION:
		return PATH_AUTHORIZATION;
	case SETTING_LATER:
		return *isolation_of(session, name, NULL) ? PATH_ISOLATION
							  : PATH_PARTS;
	default:
		return PATH_PARTS;
	}
}

/* A characteristic has several settings and statements that set it: each takes
 * the place of what was said of it before. text NULL: it is reset. */
static void remember_characteristics(struct task *task,
				     const struct sql_characteristics *given,
				     const char *text)
{
	if (given->isolation)
		remember(task, SQL_KIND_SET, "isolation", text);
	if (given->read_only)
		remember(task, SQL_KIND_SET, "read only", text);
	if (given->deferrable)
		remember(task, SQL_KIND_SET, "deferrable", text);
}

static void remember_setting(struct session *session, struct task *task,
			     const char *name, const char *text)
{
	struct sql_characteristics given;

	switch (setting_meaning(session->mirror, name)) {
	case SETTING_OWN:
	case SETTING_PRESENT: /* it ends with its transaction */
		break;
	case SETTING_LATER:
		if (settings_of(session)->characteristic(name, NULL, &given))
			remember_characteristics(task, &given, text);
		break;
	default:
		remember(task, SQL_KIND_SET, name, text);
		break;
	}
}

static void follow_set(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;
	enum path_part part = part_of(session, traits->name);
	struct arena arena;
	const char *value;

	if (!traits->local)
		remember_setting(session, task, traits->name, task->text);
	if (part == PATH_PARTS)
		return;
	arena_init(&arena, 0);
	value = setting_of_set(task->mirror, task->text, part == PATH_SEARCH,
			       &arena);
	if (value && part == PATH_ISOLATION)
		value = isolation_of(session, traits->name, value);
	if (value)
		change(session, part, value, traits->local);
	else
		reset(session, part, traits->local);
	arena_release(&arena);
}

static void follow_reset(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;
	enum path_part part;

	if (traits->all) { /* neither role nor authorization */
		remember(task, SQL_KIND_SET, "", NULL);
		reset(session, PATH_SEARCH, false);
		reset(session, PATH_ISOLATION, false);
		return;
	}
	remember_setting(session, task, traits->name, NULL);
	part = part_of(session, traits->name);
	if (part != PATH_PARTS)
		reset(session, part, false);
}

/* SET SESSION CHARACTERISTICS */
static void follow_characteristics(struct session *session, struct task *task)
{
	const struct sql_characteristics *given =
	    &task->plan->traits.transaction;

	remember_characteristics(task, given, task->text);
	if (given->isolation)
		change(session, PATH_ISOLATION,
		       sql_isolation_name(given->isolation), false);
}

/* As a separate call without parameters. A call with an unknown value changes
 * nothing, and is still unknown when it is read again. */
static void remember_call(struct task *task, const char *name,
			  const char *value)
{
	const struct setting_ops *settings =
	    task->mirror->options->shadow_adapter->settings;
	struct arena arena;

	arena_init(&arena, 0);
	remember(task, SQL_KIND_SET, name,
		 settings->assign(name, value, &arena));
	arena_release(&arena);
}

/* It was set to a value that the mirror cannot know. */
static void lose_path(struct session *session, struct task *task)
{
	change(session, PATH_SEARCH, NULL, false);
	remember_call(task,
		      task->mirror->options->primary_adapter->settings->name(
			  SETTING_PATH),
		      NULL);
}

static void follow_call(struct session *session, struct task *task,
			const struct setting_change *call)
{
	enum path_part part;

	session->sets_by_call = true;
	if (!call->name) {
		lose_path(session, task);
		return;
	}
	part = part_of(session, call->name);
	if (part == PATH_ISOLATION && call->value)
		change(session, part,
		       isolation_of(session, call->name, call->value),
		       call->local);
	else if (part != PATH_PARTS)
		change(session, part, call->value, call->local);
	if (call->local)
		return;
	if (part != PATH_PARTS || call->value)
		remember_call(task, call->name, call->value);
	else if (task->plan->traits.no_parameters)
		remember(task, SQL_KIND_SET, call->name, task->text);
}

/* The application's functions, by the text in the catalog. */
static bool calls_path_function(const struct task *task,
				const struct sql_traits *traits)
{
	for (size_t i = 0; i < traits->function_count; i++)
		if (map_get_string(&task->version->catalogs->path_functions,
				   traits->functions[i].name))
			return true;
	return false;
}

/* Calls of set_config(), or of functions that call it, in the text that the
 * task has run. */
static void follow_calls(struct session *session, struct task *task,
			 const struct sql_traits *traits, const char *text)
{
	const struct setting_change *calls;
	struct arena arena;
	size_t count;

	if (calls_path_function(task, traits))
		lose_path(session, task);
	if (!(traits->volatility & 1u << SQL_FUNCTION_SETTING))
		return;
	arena_init(&arena, 0);
	calls = setting_calls(task, text, &arena, &count);
	for (size_t i = 0; i < count; i++)
		follow_call(session, task, &calls[i]);
	arena_release(&arena);
}

static void follow_execute(struct session *session, struct task *task)
{
	const struct prepared *prepared =
	    map_get_string(&session->prepared, task->plan->traits.name);

	if (prepared)
		follow_calls(session, task, &prepared->plan->traits,
			     prepared->text);
}

/* The mirror does not read its body as a statement. */
static void follow_do(struct session *session, struct task *task)
{
	if (session->mirror->options->primary_adapter->settings->may_set(
		task->text, SETTING_PATH))
		lose_path(session, task);
}

/* Removes state that a rollback to a savepoint has undone; statements stay
 * prepared. */
static void forget_since(struct transaction *transaction, uint64_t seq)
{
	LIST_EACH(&transaction->tasks, it)
	{
		struct task *task = LIST_ITEM(it, struct task, in_transaction);

		if (task->item.seq <= seq)
			continue;
		LIST_EACH(&task->memories, at)
		{
			struct state_statement *memory =
			    LIST_ITEM(at, struct state_statement, in_list);

			if (memory->kind != SQL_KIND_PREPARE)
				state_statement_free(memory);
		}
	}
}

static void follow_rollback_to(struct session *session, struct task *task)
{
	uint64_t seq;

	if (!path_rollback_to(&session->path, task->plan->traits.name, &seq))
		return;
	find_names(session);
	forget_since(session->transaction, seq);
}

static void follow_discard(struct session *session, struct task *task)
{
	unsigned discards = task->plan->traits.discards;

	if (task->plan->traits.all) {
		remember(task, SQL_KIND_DISCARD, "", NULL);
		reset(session, PATH_AUTHORIZATION, false);
		reset(session, PATH_SEARCH, false);
		reset(session, PATH_ISOLATION, false);
		forget_all(&session->prepared);
		forget_all(&session->cursors);
	}
	if (discards & SQL_DISCARDS_TEMPORARY) {
		remember(task, SQL_KIND_DDL_TEMP, "", NULL);
		change(session, PATH_TEMPORARY, "", false);
	}
	if (discards & SQL_DISCARDS_SEQUENCES) {
		plan_carried_free(&session->carried);
		session->carried = plan_carried_new();
	}
}

static void keep(struct map *map, struct task *task, const char *name)
{
	struct prepared *prepared = memory_alloc(sizeof(*prepared));
	struct lens_session lens;

	session_lens(task->session, &lens);
	prepared->name = memory_string(name);
	prepared->text = memory_string(task->text);
	prepared->key = task->session->key;
	prepared->after = task->snapshot_after;
	prepared->version = lens_version_hold(task->version);
	prepared->plan = lens_plan(task->version->lens, &lens, task->text,
				   task->text_size, NULL, 0);
	prepared_free(map_set_string(map, name, prepared));
}

void session_open_portal(struct session *session, struct task *task)
{
	char name[64];

	snprintf(name, sizeof(name), "portal %" PRIu64,
		 task->exchange->message);
	keep(&session->cursors, task, name);
}

bool session_has_portal(const struct session *session, uint64_t message)
{
	char name[64];

	snprintf(name, sizeof(name), "portal %" PRIu64, message);
	return map_get_string(&session->cursors, name) != NULL;
}

static void follow_temporary(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	session->state_lost |= task->plan->action != PLAN_RUN;
	for (size_t i = 0; i < traits->table_count; i++) {
		const struct sql_table_use *table = &traits->tables[i];

		if (!(table->use & SQL_USE_DEFINE) || session->state_lost)
			continue;
		set_temporary(session, table->name, true, traits->until_commit);
		if (!traits->until_commit)
			remember(task, SQL_KIND_DDL_TEMP, table->name,
				 task->text);
	}
}

/* Schema changes of temporary tables. If one was not carried out, the session
 * differs from the primary's. */
static void follow_ddl(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	task->temporary = traits->table_count > 0;
	for (size_t i = 0; i < traits->table_count; i++) {
		const char *name = traits->tables[i].name;

		if (!(traits->tables[i].use & SQL_USE_DEFINE) ||
		    !is_temporary(session, name)) {
			task->temporary = false;
			continue;
		}
		if (task->plan->action == PLAN_RUN && traits->drops) {
			set_temporary(session, name, false, false);
			set_temporary(session, name, false, true);
			remember(task, SQL_KIND_DDL_TEMP, name, NULL);
		} else if (task->plan->action != PLAN_RUN &&
			   !*traits->tables[i].schema) {
			session->state_lost = true;
		}
	}
}

void session_follow(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	switch (traits->kind) {
	case SQL_KIND_SET:
		follow_set(session, task);
		break;
	case SQL_KIND_RESET:
		follow_reset(session, task);
		break;
	case SQL_KIND_DISCARD:
		follow_discard(session, task);
		break;
	case SQL_KIND_PREPARE:
		keep(&session->prepared, task, traits->name);
		remember(task, SQL_KIND_PREPARE, traits->name, task->text);
		break;
	case SQL_KIND_DEALLOCATE:
		if (traits->all)
			forget_all(&session->prepared);
		else
			forget(&session->prepared, traits->name);
		remember(task, SQL_KIND_PREPARE,
			 traits->all ? "" : traits->name, NULL);
		break;
	case SQL_KIND_DECLARE:
		keep(&session->cursors, task, traits->name);
		follow_calls(session, task, traits, task->text);
		break;
	case SQL_KIND_CLOSE:
		if (traits->all)
			forget_all(&session->cursors);
		else
			forget(&session->cursors, traits->name);
		break;
	case SQL_KIND_DDL_TEMP:
	case SQL_KIND_SELECT_INTO:
		if (traits->temporary)
			follow_temporary(session, task);
		if (traits->kind == SQL_KIND_SELECT_INTO)
			follow_calls(session, task, traits, task->text);
		break;
	case SQL_KIND_DDL:
		follow_ddl(session, task);
		break;
	case SQL_KIND_SET_TRANSACTION:
		if (traits->of_session)
			follow_characteristics(session, task);
		break;
	case SQL_KIND_SAVEPOINT:
		if (session->in_block)
			path_savepoint(&session->path, traits->name,
				       task->item.seq);
		break;
	case SQL_KIND_RELEASE:
		path_release_savepoint(&session->path, traits->name);
		break;
	case SQL_KIND_ROLLBACK_TO:
		follow_rollback_to(session, task);
		break;
	case SQL_KIND_EXECUTE:
		follow_execute(session, task);
		break;
	case SQL_KIND_DO:
		follow_do(session, task);
		break;
	case SQL_KIND_EXPLAIN:
		if (traits->explain_analyze)
			follow_calls(session, task, traits, task->text);
		break;
	default:
		follow_calls(session, task, traits, task->text);
		break;
	}
}

void session_transaction_over(struct session *session, bool commit)
{
	if (session->path.level_count) {
		path_end(&session->path, commit);
		find_names(session);
	}
	for (size_t i = session->cursors.count; i-- > 0;) {
		struct prepared *cursor = session->cursors.entries[i].value;

		if (!commit || !cursor->plan->traits.holdable)
			forget(&session->cursors, cursor->name);
	}
}

const char *session_piece(struct mirror *mirror,
			  const struct exchange *exchange, struct arena *arena,
			  size_t *size)
{
	const struct parser *parser = mirror->options->primary_adapter->parser;
	const char *text = (const char *)exchange->statement->text.data;
	size_t length = exchange->statement->text.size;
	struct sql_statement few[16], *places = few;
	size_t count;

	if (!text)
		text = "";
	*size = length;
	count = parser->split(text, length, places, 16);
	if (count > 16) {
		places = memory_alloc(count * sizeof(*places));
		count = parser->split(text, length, places, count);
	}
	/* a message that does not parse is answered once, as a whole */
	if (exchange->index < count &&
	    !(count > 1 && exchange->problem && exchange->index == 0 &&
	      mirror_primary_error(mirror, exchange) == ERROR_CLASS_SYNTAX) &&
	    !(count > 1 && exchange->statement->kind == EXCHANGE_EXECUTE)) {
		*size = places[exchange->index].length;
		text = arena_copy(arena, text + places[exchange->index].offset,
				  *size);
	} else {
		text = arena_copy(arena, text, length);
	}
	if (places != few)
		free(places);
	return text;
}
