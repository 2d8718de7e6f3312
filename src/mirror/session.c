/*
 * A client's session as it is on the primary, read from its exchanges: names
 * that later statements hang on, and what a new connection would have to be
 * told.
 */
#include "mirror/internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"

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

static void find_key(struct session *session)
{
	uint64_t key = UINT64_C(14695981039346656037);

	key = hash(key, session->search_path);
	key = hash(key, session->role);
	key = hash(key, session->time_zone);
	for (size_t i = 0; i < session->temporary_count; i++)
		key = hash(key, session->temporary[i]);
	session->key = key;
}

/* "a, \"B c\", $user" becomes a list of names. */
static void set_path(struct session *session, const char *text)
{
	size_t size = strlen(text), count = 0;
	char *out;

	if (session->search_path != text) {
		char *copy = memory_string(text);

		free(session->search_path);
		session->search_path = copy;
		text = copy;
	}
	free(session->path);
	free(session->path_storage);
	session->path_storage = out = memory_alloc(size * 2 + 2);
	session->path = memory_alloc((size + 2) * sizeof(*session->path));
	while (*text) {
		const char *name = out;
		bool quoted = false;

		while (*text == ' ' || *text == ',')
			text++;
		if (*text == '"') {
			quoted = true;
			for (text++; *text && (*text != '"' || text[1] == '"');
			     text++) {
				if (*text == '"')
					text++;
				*out++ = *text;
			}
			if (*text)
				text++;
		}
		for (; *text && *text != ','; text++)
			if (!quoted && *text != ' ')
				*out++ = (char)tolower((unsigned char)*text);
		*out++ = '\0';
		if (!strcmp(name, "$user"))
			name = session->role;
		if (*name)
			session->path[count++] = name;
	}
	find_key(session);
}

static const char *setting(const struct session *session, const char *name)
{
	for (size_t i = session->setting_count; i-- > 0;)
		if (!strcasecmp(session->settings[i].name, name))
			return session->settings[i].value;
	return NULL;
}

static const char *first_path(const struct session *session)
{
	const char *path = setting(session, "search_path");

	return path
		   ? path
		   : session->mirror->optic->catalogs->old_catalog->search_path;
}

static void set_time_zone(struct session *session, const char *value)
{
	char *copy = memory_string(
	    value ? value
		  : session->mirror->optic->catalogs->old_catalog->time_zone);

	free(session->time_zone);
	session->time_zone = copy;
	find_key(session);
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

/* Reported settings that a client may set, so that a RESET goes back to what
 * the primary goes back to. */
static bool is_settable(const char *name)
{
	return !strcasecmp(name, "TimeZone") ||
	       !strcasecmp(name, "DateStyle") ||
	       !strcasecmp(name, "IntervalStyle") ||
	       !strcasecmp(name, "client_encoding") ||
	       !strcasecmp(name, "standard_conforming_strings");
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
	map_init(&session->prepared);
	map_init(&session->cursors);
	arena_init(&session->arena, 0);
	session->carried = plan_carried_new();
	session->temporary = memory_alloc(sizeof(*session->temporary));
	if (opened) {
		for (size_t i = 0; i < opened->reported_count; i++)
			if (is_settable(opened->reported[i].name))
				add_setting(session, opened->reported[i].name,
					    opened->reported[i].value);
		for (size_t i = 0; i < opened->startup_count; i++)
			if (!is_settable(opened->startup[i].name))
				add_setting(session, opened->startup[i].name,
					    opened->startup[i].value);
	}
	set_time_zone(session, setting(session, "TimeZone"));
	set_path(session, first_path(session));
	map_set(&mirror->sessions, &key, sizeof(key), session);
	return session;
}

static void prepared_free(struct prepared *prepared)
{
	if (!prepared)
		return;
	if (prepared->optic) {
		lens_release(prepared->optic->lens, prepared->plan);
		optic_drop(prepared->optic);
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

void memories_free(struct link *memories)
{
	LIST_EACH(memories, it)
	{
		struct memory_of *memory =
		    LIST_ITEM(it, struct memory_of, in_list);

		list_remove(it);
		free(memory->name);
		free(memory->text);
		free(memory);
	}
}

static void names_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

/* The names as they are now, for a rollback. */
static void keep_temporary(struct session *session)
{
	if (!session->transaction || session->temporary_before)
		return;
	session->temporary_before =
	    memory_alloc((session->temporary_count + 1) *
			 sizeof(*session->temporary_before));
	for (size_t i = 0; i < session->temporary_count; i++)
		session->temporary_before[i] =
		    memory_string(session->temporary[i]);
}

static void restore_temporary(struct session *session)
{
	names_free(session->temporary);
	session->temporary = session->temporary_before;
	session->temporary_before = NULL;
	session->temporary_count = 0;
	while (session->temporary[session->temporary_count])
		session->temporary_count++;
	find_key(session);
}

static size_t find_temporary(const struct session *session, const char *name)
{
	size_t at = 0;

	while (at < session->temporary_count &&
	       strcmp(session->temporary[at], name) != 0)
		at++;
	return at;
}

static void add_temporary(struct session *session, const char *name)
{
	if (find_temporary(session, name) < session->temporary_count)
		return;
	keep_temporary(session);
	session->temporary =
	    memory_resize(session->temporary, (session->temporary_count + 2) *
						  sizeof(*session->temporary));
	session->temporary[session->temporary_count++] = memory_string(name);
	session->temporary[session->temporary_count] = NULL;
	find_key(session);
}

static void drop_temporary(struct session *session, const char *name)
{
	size_t at = find_temporary(session, name);

	if (at == session->temporary_count)
		return;
	keep_temporary(session);
	free(session->temporary[at]);
	memmove(&session->temporary[at], &session->temporary[at + 1],
		(session->temporary_count - at) * sizeof(*session->temporary));
	session->temporary_count--;
	find_key(session);
}

void session_free(struct session *session)
{
	map_remove(&session->mirror->sessions, &session->id,
		   sizeof(session->id));
	forget_all(&session->prepared);
	forget_all(&session->cursors);
	map_release(&session->prepared);
	map_release(&session->cursors);
	memories_free(&session->memories);
	names_free(session->temporary);
	names_free(session->temporary_before);
	for (size_t i = 0; i < session->setting_count; i++) {
		free((char *)session->settings[i].name);
		free((char *)session->settings[i].value);
	}
	free(session->settings);
	free(session->search_path);
	free(session->path);
	free(session->path_storage);
	free(session->path_local);
	free(session->path_before);
	free(session->time_zone);
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
	    .search_path = session->path,
	    .temporary_tables = (const char *const *)session->temporary,
	    .time_zone = session->time_zone,
	    .key = session->key,
	};
}

/* --- what statements change --- */

static void remember(struct task *task, enum sql_kind kind, const char *name,
		     const char *text)
{
	struct memory_of *memory = memory_alloc(sizeof(*memory));

	memory->kind = kind;
	memory->name = memory_string(name);
	memory->text = memory_string(text);
	list_append(&task->memories, &memory->in_list);
}

/* The value of SET, as one text; false: DEFAULT, or not known. */
static bool set_value(struct session *session, const struct task *task,
		      struct buffer *out)
{
	const struct parser *parser = session->mirror->options->adapter->parser;
	PgQuery__VariableSetStmt *set = NULL;
	struct sql_tree tree;
	struct arena arena;
	struct error error;

	arena_init(&arena, 0);
	if (!parser->parse(task->text, task->text_size, &arena, &tree,
			   &error) &&
	    tree.count == 1)
		set = SQL_AS(tree.statements[0].node, VARIABLE_SET_STMT,
			     variable_set_stmt);
	for (size_t i = 0; set && i < set->n_args; i++) {
		PgQuery__AConst *constant =
		    SQL_AS(set->args[i], A_CONST, a_const);

		if (!constant ||
		    constant->val_case != PG_QUERY__A__CONST__VAL_SVAL)
			continue;
		buffer_printf(out, "%s\"", i ? ", " : "");
		for (const char *at = constant->sval->sval; *at; at++)
			buffer_printf(out, *at == '"' ? "\"\"" : "%c", *at);
		buffer_append_byte(out, '"');
	}
	arena_release(&arena);
	return out->size > 0;
}

static void change_path(struct session *session, const char *value, bool local)
{
	if (session->transaction && !session->path_before)
		session->path_before = memory_string(session->search_path);
	if (local && !session->path_local)
		session->path_local = memory_string(session->search_path);
	if (!local) {
		free(session->path_local);
		session->path_local = NULL;
	}
	set_path(session, value);
}

static void follow_set(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;
	const char *name = traits->name;
	struct buffer value;

	if (!traits->local)
		remember(task, SQL_KIND_SET, name, task->text);
	buffer_init(&value, 0);
	if (!strcasecmp(name, "search_path")) {
		bool known = set_value(session, task, &value);

		change_path(session,
			    known ? buffer_string(&value) : first_path(session),
			    traits->local);
	} else if (!strcasecmp(name, "timezone")) {
		bool known = set_value(session, task, &value);
		const char *text = buffer_string(&value);

		if (known && value.size >= 2) {
			value.data[value.size - 1] = '\0';
			text++;
		}
		set_time_zone(session, known ? text : NULL);
	}
	buffer_release(&value);
}

static void follow_reset(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	remember(task, SQL_KIND_SET, traits->all ? "" : traits->name, NULL);
	if (traits->all || !strcasecmp(traits->name, "search_path"))
		change_path(session, first_path(session), false);
	if (traits->all || !strcasecmp(traits->name, "timezone"))
		set_time_zone(session, setting(session, "TimeZone"));
}

static void follow_discard(struct session *session, struct task *task)
{
	bool all = task->plan->traits.all;

	if (all) {
		remember(task, SQL_KIND_DISCARD, "", NULL);
		change_path(session, first_path(session), false);
		set_time_zone(session, setting(session, "TimeZone"));
		forget_all(&session->prepared);
		forget_all(&session->cursors);
	}
	if (all || strcasestr(task->text, "temp")) {
		remember(task, SQL_KIND_DDL_TEMP, "", NULL);
		while (session->temporary_count)
			drop_temporary(session, session->temporary[0]);
	}
	if (all || strcasestr(task->text, "sequences")) {
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
	prepared->optic = optic_hold(task->optic);
	prepared->plan = lens_plan(task->optic->lens, &lens, task->text,
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

	for (size_t i = 0; i < traits->table_count; i++) {
		const struct sql_table_use *table = &traits->tables[i];

		if (!(table->use & SQL_USE_DEFINE))
			continue;
		add_temporary(session, table->name);
		remember(task, SQL_KIND_DDL_TEMP, table->name, task->text);
	}
}

/* Schema changes of temporary tables. Those that drop them were carried out;
 * the others were not, and leave the session unlike the primary's. */
static void follow_ddl(struct session *session, struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;
	bool drops = !strncasecmp(task->plan->fingerprint_text, "drop ", 5);

	for (size_t i = 0; i < traits->table_count; i++) {
		const char *name = traits->tables[i].name;

		if (!(traits->tables[i].use & SQL_USE_DEFINE) ||
		    find_temporary(session, name) == session->temporary_count)
			continue;
		if (task->plan->action == PLAN_RUN && drops) {
			drop_temporary(session, name);
			remember(task, SQL_KIND_DDL_TEMP, name, NULL);
		} else if (task->plan->action != PLAN_RUN &&
			   !*traits->tables[i].schema &&
			   strcasestr(task->text, "alter")) {
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
		break;
	case SQL_KIND_CLOSE:
		if (traits->all)
			forget_all(&session->cursors);
		else
			forget(&session->cursors, traits->name);
		break;
	case SQL_KIND_DDL_TEMP:
	case SQL_KIND_SELECT_INTO:
		if (task->plan->action == PLAN_RUN && traits->temporary)
			follow_temporary(session, task);
		break;
	case SQL_KIND_DDL:
		follow_ddl(session, task);
		break;
	case SQL_KIND_SET_TRANSACTION:
		if (strcasestr(task->text, "characteristics"))
			remember(task, SQL_KIND_SET, "characteristics",
				 task->text);
		break;
	default:
		if (traits->volatility & 1u << SQL_FUNCTION_SETTING &&
		    traits->no_parameters)
			remember(task, SQL_KIND_SELECT, task->text, task->text);
		break;
	}
}

void session_transaction_over(struct session *session, bool commit)
{
	if (!commit && session->path_before)
		set_path(session, session->path_before);
	else if (commit && session->path_local)
		set_path(session, session->path_local);
	free(session->path_before);
	free(session->path_local);
	session->path_before = session->path_local = NULL;
	if (!commit && session->temporary_before)
		restore_temporary(session);
	names_free(session->temporary_before);
	session->temporary_before = NULL;
	for (size_t i = session->cursors.count; i-- > 0;) {
		struct prepared *cursor = session->cursors.entries[i].value;

		if (!commit || !cursor->plan->traits.holdable)
			forget(&session->cursors, cursor->name);
	}
}

/* --- what a new connection must be told --- */

static void drop_memory(struct session *session, enum sql_kind kind,
			const char *name)
{
	LIST_EACH(&session->memories, it)
	{
		struct memory_of *memory =
		    LIST_ITEM(it, struct memory_of, in_list);

		if (kind != SQL_KIND_DISCARD &&
		    (memory->kind != kind ||
		     (*name && strcasecmp(memory->name, name) != 0)))
			continue;
		list_remove(it);
		free(memory->name);
		free(memory->text);
		free(memory);
	}
}

void session_remember(struct session *session, struct link *memories)
{
	LIST_EACH(memories, it)
	{
		struct memory_of *memory =
		    LIST_ITEM(it, struct memory_of, in_list);

		drop_memory(session, memory->kind, memory->name);
		session->dirty = true;
		list_remove(it);
		if (memory->text) {
			list_append(&session->memories, it);
			continue;
		}
		free(memory->name);
		free(memory);
	}
}

char *session_save(const struct session *session)
{
	struct buffer out;

	buffer_init(&out, 0);
	LIST_EACH(&session->memories, it)
	{
		const struct memory_of *memory =
		    LIST_ITEM(it, struct memory_of, in_list);

		buffer_printf(&out, "%zu:%s", strlen(memory->text),
			      memory->text);
	}
	if (!out.size) {
		buffer_release(&out);
		return NULL;
	}
	buffer_string(&out);
	return (char *)out.data;
}

void session_load(struct session *session, const char *text)
{
	struct mirror *mirror = session->mirror;

	while (*text) {
		char *end;
		size_t size = strtoull(text, &end, 10);
		struct lens_session lens;
		struct task task = {.mirror = mirror,
				    .session = session,
				    .optic = mirror->optic};
		char *copy;

		if (*end != ':' || size > strlen(end + 1)) {
			LOG_ERROR("a session's state cannot be read",
				  "session=%" PRIu64, session->id.session);
			session->state_lost = true;
			return;
		}
		text = end + 1;
		copy = memory_copy(text, size);
		text += size;
		task.text = copy;
		task.text_size = size;
		list_init(&task.memories);
		session_lens(session, &lens);
		task.plan =
		    lens_plan(mirror->optic->lens, &lens, copy, size, NULL, 0);
		session_follow(session, &task);
		session_remember(session, &task.memories);
		lens_release(mirror->optic->lens, task.plan);
		free(copy);
	}
	if (session->temporary_count)
		session->state_lost = true;
	session->dirty = false;
}

const char *session_piece(struct mirror *mirror,
			  const struct exchange *exchange, struct arena *arena,
			  size_t *size)
{
	const struct parser *parser = mirror->options->adapter->parser;
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
	      !strcmp(exchange->problem->sqlstate, "42601")) &&
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
