/* Logging in: the connection, the client's settings, its role. */
#include "adapters/postgres/shadow_state.h"

#include <ctype.h>

#include "adapters/postgres/postgres.h"
#include "base/buffer.h"
#include "base/memory.h"

static void append_option(struct buffer *options, const char *name,
			  const char *value)
{
	buffer_printf(options, " -c %s=", name);
	for (; *value; value++) {
		if (isspace((unsigned char)*value) || *value == '\\')
			buffer_append_byte(options, '\\');
		buffer_append_byte(options, (uint8_t)*value);
	}
}

/* A name that may stand in the options, and is not the mirror's business. */
static bool passes(const char *name)
{
	static const char *const ours[] = {
	    "user",
	    "database",
	    "options",
	    "replication",
	    "client_encoding",
	    "application_name",
	    "is_superuser",
	    "session_authorization",
	    "server_version",
	    "server_encoding",
	    "integer_datetimes",
	    "in_hot_standby",
	    "default_transaction_read_only",
	    "statement_timeout",
	    "lock_timeout",
	    "transaction_timeout",
	    "idle_in_transaction_session_timeout",
	    "idle_session_timeout",
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!strcasecmp(name, ours[i]))
			return false;
	if (!strncmp(name, "_pq_.", 5))
		return false;
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_' && *at != '.')
			return false;
	return *name;
}

static void make_options(const struct shadow_login *login,
			 struct buffer *options, const char **encoding)
{
	/* the client's own come first, so that ours win */
	for (size_t i = 0; i < login->setting_count; i++)
		if (!strcmp(login->settings[i].name, "options"))
			buffer_append_string(options, login->settings[i].value);
	for (size_t i = 0; i < login->setting_count; i++) {
		const struct shadow_setting *setting = &login->settings[i];

		if (!strcasecmp(setting->name, "client_encoding"))
			*encoding = setting->value;
		else if (passes(setting->name))
			append_option(options, setting->name, setting->value);
	}
	buffer_printf(options, " -c statement_timeout=%lld",
		      (long long)(login->statement_timeout_us / 1000));
	buffer_append_string(options,
			     " -c lock_timeout=0"
			     " -c idle_in_transaction_session_timeout=0");
}

int shadow_open(const struct shadow_login *login, struct shadow **out,
		struct error *error)
{
	const char *keywords[POSTGRES_PARAMETERS + 4];
	const char *values[POSTGRES_PARAMETERS + 4];
	struct postgres_parameters parameters;
	const char *encoding = "UTF8";
	struct shadow *shadow;
	struct buffer options;
	size_t count = 0;

	buffer_init(&options, 0);
	make_options(login, &options, &encoding);
	postgres_parameters(login->endpoint, &parameters);
	for (size_t i = 0; parameters.keywords[i]; i++) {
		if (!strcmp(parameters.keywords[i], "client_encoding") ||
		    !strcmp(parameters.keywords[i], "application_name"))
			continue;
		keywords[count] = parameters.keywords[i];
		values[count++] = parameters.values[i];
	}
	keywords[count] = "client_encoding";
	values[count++] = encoding;
	keywords[count] = "application_name";
	values[count++] = login->label;
	keywords[count] = "options";
	values[count++] = buffer_string(&options);
	keywords[count] = values[count] = NULL;

	shadow = memory_alloc(sizeof(*shadow));
	arena_init(&shadow->arena, 0);
	shadow->connection = PQconnectStartParams(keywords, values, 1);
	buffer_release(&options);
	if (!shadow->connection) {
		free(shadow);
		return error_set(error, ERROR_MEMORY, "libpq: out of memory");
	}
	shadow->role =
	    login->role && strcmp(login->role, login->endpoint->user
						   ? login->endpoint->user
						   : "") != 0
		? memory_string(login->role)
		: NULL;
	if (PQstatus(shadow->connection) == CONNECTION_BAD) {
		shadow_lose_connection(shadow);
	} else {
		PQsetNoticeReceiver(shadow->connection, shadow_notice, shadow);
		shadow->polling = PGRES_POLLING_WRITING;
		shadow->wants = SHADOW_WRITE;
	}
	*out = shadow;
	return 0;
}

static bool send_role(struct shadow *shadow)
{
	char *name = PQescapeIdentifier(shadow->connection, shadow->role,
					strlen(shadow->role));
	struct buffer text;
	bool sent;

	if (!name)
		return false;
	buffer_init(&text, 0);
	buffer_printf(&text, "%s %s",
		      shadow->step == LOGIN_AUTHORIZATION
			  ? "SET SESSION AUTHORIZATION"
			  : "SET ROLE",
		      name);
	PQfreemem(name);
	free(shadow->role_text);
	shadow->role_text = memory_string(buffer_string(&text));
	buffer_release(&text);
	sent = PQsendQuery(shadow->connection, shadow->role_text) == 1;
	return sent && shadow_flush(shadow);
}

static enum shadow_state logged_in(struct shadow *shadow)
{
	shadow->step = LOGIN_DONE;
	shadow->wants = SHADOW_READ;
	if (!PQenterPipelineMode(shadow->connection))
		return shadow_lose_connection(shadow);
	return shadow->state = SHADOW_IDLE;
}

enum shadow_state shadow_advance_login(struct shadow *shadow)
{
	PGconn *connection = shadow->connection;
	PGresult *result;
	bool ok = true;

	if (shadow->step == LOGIN_CONNECT) {
		shadow->polling = PQconnectPoll(connection);
		switch (shadow->polling) {
		case PGRES_POLLING_READING:
			shadow->wants = SHADOW_READ;
			return SHADOW_CONNECTING;
		case PGRES_POLLING_WRITING:
			shadow->wants = SHADOW_WRITE;
			return SHADOW_CONNECTING;
		case PGRES_POLLING_OK:
			break;
		default:
			return shadow_lose_connection(shadow);
		}
		if (PQsetnonblocking(connection, 1))
			return shadow_lose_connection(shadow);
		if (!shadow->role)
			return logged_in(shadow);
		shadow->step = LOGIN_AUTHORIZATION;
		if (!send_role(shadow))
			return shadow_lose_connection(shadow);
		return SHADOW_CONNECTING;
	}
	if (!PQconsumeInput(connection) || !shadow_flush(shadow))
		return shadow_lose_connection(shadow);
	if (PQisBusy(connection))
		return SHADOW_CONNECTING;
	while ((result = PQgetResult(connection))) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK) {
			const char *why =
			    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

			ok = false;
			snprintf(shadow->role_problem,
				 sizeof(shadow->role_problem), "%s",
				 why ? why : "refused");
		}
		PQclear(result);
	}
	if (PQstatus(connection) == CONNECTION_BAD)
		return shadow_lose_connection(shadow);
	if (ok) {
		shadow->role_problem[0] = '\0';
		return logged_in(shadow);
	}
	if (shadow->step == LOGIN_AUTHORIZATION) {
		shadow->step = LOGIN_ROLE;
		if (!send_role(shadow))
			return shadow_lose_connection(shadow);
		return SHADOW_CONNECTING;
	}
	free(shadow->role_text);
	shadow->role_text = NULL;
	return logged_in(shadow);
}
