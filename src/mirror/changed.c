/*
 * Schema changes of the primary that the shadow lacks. What depends on them is
 * not the mapping's fault. Known by name, as long as this process lives.
 */
#include <ctype.h>
#include <string.h>

#include "mirror/internal.h"

enum { NAMES_MAX = 65536, KEY_MAX = 256 };

/* Rights, by the table's name or of any object, under names that no object has.
 */
#define GRANT_PREFIX "\tgrant "
#define ALL_GRANTS   "\tgrants"

static void add(struct mirror *mirror, const char *name)
{
	if (name && *name && mirror->changed_names.count < NAMES_MAX)
		map_set_string(&mirror->changed_names, name, mirror);
}

static void add_last(struct mirror *mirror, size_t count, PgQuery__Node **names)
{
	if (count)
		add(mirror, sql_string_value(names[count - 1]));
}

/* Whether it created nothing because the table existed. */
static bool was_there(const struct task *task,
		      const PgQuery__CreateStmt *create)
{
	const struct catalog *catalog = task->version->catalogs->old_catalog;

	for (size_t i = 0; create->if_not_exists && create->relation &&
			   i < catalog->table_count;
	     i++)
		if (!strcmp(catalog->tables[i].name, create->relation->relname))
			return true;
	return false;
}

static void add_tables(struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	for (size_t i = 0; i < traits->table_count; i++)
		if (traits->tables[i].use & SQL_USE_DEFINE)
			add(task->mirror, traits->tables[i].name);
}

static void add_grant(struct mirror *mirror, const PgQuery__GrantStmt *grant)
{
	for (size_t i = 0; i < grant->n_objects; i++) {
		const PgQuery__RangeVar *var =
		    SQL_AS(grant->objects[i], RANGE_VAR, range_var);
		char key[KEY_MAX];

		if (!var) {
			add(mirror, ALL_GRANTS);
			continue;
		}
		snprintf(key, sizeof(key), GRANT_PREFIX "%s", var->relname);
		add(mirror, key);
	}
	if (!grant->n_objects)
		add(mirror, ALL_GRANTS);
}

static void add_statement(struct task *task, const PgQuery__Node *node)
{
	struct mirror *mirror = task->mirror;

	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		if (!was_there(task, node->create_stmt))
			add_tables(task);
		break;
	case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
		add_last(mirror, node->create_function_stmt->n_funcname,
			 node->create_function_stmt->funcname);
		break;
	case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
		add_last(mirror, node->create_enum_stmt->n_type_name,
			 node->create_enum_stmt->type_name);
		break;
	case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
		add_last(mirror, node->create_domain_stmt->n_domainname,
			 node->create_domain_stmt->domainname);
		break;
	case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
		add(mirror, node->create_schema_stmt->schemaname);
		break;
	case PG_QUERY__NODE__NODE_RENAME_STMT:
		add(mirror, node->rename_stmt->newname);
		add_tables(task);
		break;
	case PG_QUERY__NODE__NODE_INDEX_STMT: /* change no answer */
	case PG_QUERY__NODE__NODE_COMMENT_STMT:
		break;
	case PG_QUERY__NODE__NODE_GRANT_STMT:
		add_grant(mirror, node->grant_stmt);
		break;
	case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT:
	case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
	case PG_QUERY__NODE__NODE_REASSIGN_OWNED_STMT:
	case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
	case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
		add(mirror, ALL_GRANTS);
		break;
	default:
		add_tables(task);
	}
}

void changed_follow(struct task *task)
{
	const struct parser *parser =
	    task->mirror->options->primary_adapter->parser;
	struct sql_tree tree;
	struct arena arena;
	struct error error;

	arena_init(&arena, 0);
	if (!parser->parse(task->text, task->text_size, &arena, &tree,
			   &error) &&
	    tree.count == 1)
		add_statement(task, tree.statements[0].node);
	arena_release(&arena);
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

/* Whether a message names it, as a separate word. */
static bool mentions(const char *message, const char *name)
{
	size_t size = strlen(name);

	for (const char *at = message; (at = strstr(at, name)); at++)
		if ((at == message || !in_name(at[-1])) && !in_name(at[size]))
			return true;
	return false;
}

static bool grants_changed(const struct task *task)
{
	const struct map *names = &task->mirror->changed_names;
	const struct sql_traits *traits = &task->judged_by->traits;

	if (map_get_string(names, ALL_GRANTS))
		return true;
	for (size_t i = 0; i < traits->table_count; i++) {
		char key[KEY_MAX];

		snprintf(key, sizeof(key), GRANT_PREFIX "%s",
			 traits->tables[i].name);
		if (map_get_string(names, key))
			return true;
	}
	return false;
}

static bool tables_changed(const struct task *task)
{
	const struct map *names = &task->mirror->changed_names;
	const struct sql_traits *traits = &task->judged_by->traits;

	for (size_t i = 0; i < traits->table_count; i++)
		if (lens_is_pending(task->version->lens,
				    traits->tables[i].schema,
				    traits->tables[i].name) ||
		    map_get_string(names, traits->tables[i].name))
			return true;
	return false;
}

/* A type or function, for example: the error names it. */
static bool error_names_changed(const struct task *task,
				const struct answer *shadow)
{
	const struct map *names = &task->mirror->changed_names;

	if (shadow->outcome != ANSWER_FAILED ||
	    !error_class_is_name(shadow->problem.class))
		return false;
	for (size_t i = 0; i < names->count; i++) {
		char name[KEY_MAX];
		size_t size = names->entries[i].key_size;

		if (size >= sizeof(name))
			continue;
		memcpy(name, names->entries[i].key, size);
		name[size] = '\0';
		if (mentions(shadow->problem.message, name))
			return true;
	}
	return false;
}

bool changed_scope(const struct task *task, const struct answer *shadow,
		   struct weigh_scope *out)
{
	bool tables = tables_changed(task);

	*out = (struct weigh_scope){
	    .all_names = tables || error_names_changed(task, shadow),
	    .all_data = tables,
	    .rights = grants_changed(task),
	};
	return out->all_names || out->all_data || out->rights;
}
