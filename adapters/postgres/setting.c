/* The meaning of PostgreSQL's settings for the mirror. */
#include "adapters/setting.h"

#include <string.h>
#include <strings.h>

#include "adapters/postgres/postgres.h"
#include "base/buffer.h"
#include "sql/print.h"

static const struct {
	const char *name;
	enum setting_meaning meaning;
} settings[] = {
    {"search_path", SETTING_PATH},
    {"role", SETTING_ROLE},
    {"session_authorization", SETTING_AUTHORIZATION},
    {"default_transaction_isolation", SETTING_LATER},
    {"default_transaction_read_only", SETTING_LATER},
    {"default_transaction_deferrable", SETTING_LATER},
    {"transaction_isolation", SETTING_PRESENT},
    {"transaction_read_only", SETTING_PRESENT},
    {"transaction_deferrable", SETTING_PRESENT},
    {"TimeZone", SETTING_FORMAT},
    {"DateStyle", SETTING_FORMAT},
    {"IntervalStyle", SETTING_FORMAT},
    {"client_encoding", SETTING_FORMAT},
    {"standard_conforming_strings", SETTING_FORMAT},
    {"statement_timeout", SETTING_OWN},
    {"lock_timeout", SETTING_OWN},
    {"transaction_timeout", SETTING_OWN},
    {"idle_in_transaction_session_timeout", SETTING_OWN},
    {"idle_session_timeout", SETTING_OWN},
    {"synchronous_commit", SETTING_OWN},
    /* the mirror's sessions are known by it */
    {"application_name", SETTING_OWN},
};

static enum setting_meaning meaning(const char *name)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (!strcasecmp(name, settings[i].name))
			return settings[i].meaning;
	return SETTING_PLAIN;
}

static bool may_set(const char *text, enum setting_meaning wanted)
{
	if (wanted == SETTING_PATH && strcasestr(text, "set_config"))
		return true;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (settings[i].meaning == wanted &&
		    strcasestr(text, settings[i].name))
			return true;
	return false;
}

static bool drops_role(const char *value)
{
	return !value || !*value || !strcasecmp(value, "none");
}

/* As the server reads a Boolean: any beginning that is not ambiguous. */
static enum sql_choice choice_of(const char *value)
{
	static const struct {
		const char *word;
		size_t least; /* bytes that tell it from others */
		enum sql_choice choice;
	} words[] = {
	    {"true", 1, SQL_CHOICE_ON}, {"false", 1, SQL_CHOICE_OFF},
	    {"yes", 1, SQL_CHOICE_ON},	{"no", 1, SQL_CHOICE_OFF},
	    {"on", 2, SQL_CHOICE_ON},	{"off", 2, SQL_CHOICE_OFF},
	    {"1", 1, SQL_CHOICE_ON},	{"0", 1, SQL_CHOICE_OFF},
	};
	size_t size = strlen(value);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (size >= words[i].least && size <= strlen(words[i].word) &&
		    !strncasecmp(value, words[i].word, size))
			return words[i].choice;
	return SQL_CHOICE_NONE;
}

static bool characteristic(const char *setting, const char *value,
			   struct sql_characteristics *out)
{
	static const char prefix[] = "default_";

	*out = (struct sql_characteristics){0};
	if (!strncasecmp(setting, prefix, sizeof(prefix) - 1))
		setting += sizeof(prefix) - 1;
	if (!strcasecmp(setting, "transaction_isolation"))
		out->isolation = value ? sql_isolation_of(value)
				       : SQL_ISOLATION_READ_COMMITTED;
	else if (!strcasecmp(setting, "transaction_read_only"))
		out->read_only = value ? choice_of(value) : SQL_CHOICE_OFF;
	else if (!strcasecmp(setting, "transaction_deferrable"))
		out->deferrable = value ? choice_of(value) : SQL_CHOICE_OFF;
	return sql_characteristics_given(out);
}

static const char *name(enum setting_meaning wanted)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (settings[i].meaning == wanted)
			return settings[i].name;
	return "";
}

static char *assign(const char *setting, const char *value, struct arena *arena)
{
	const struct sql_dialect *dialect = adapter_postgres.parser->dialect;
	struct buffer out;
	char *text;

	buffer_init(&out, 0);
	buffer_append_string(&out, "SELECT pg_catalog.set_config(");
	dialect->string(&out, setting);
	buffer_append_string(&out, ", ");
	if (value) {
		dialect->string(&out, value);
	} else {
		buffer_append_string(&out, "pg_catalog.current_setting(");
		dialect->string(&out, setting);
		buffer_append_byte(&out, ')');
	}
	buffer_append_string(&out, ", false)");
	text = arena_string(arena, buffer_string(&out));
	buffer_release(&out);
	return text;
}

const struct setting_ops postgres_settings = {
    .meaning = meaning,
    .may_set = may_set,
    .drops_role = drops_role,
    .characteristic = characteristic,
    .name = name,
    .assign = assign,
};
