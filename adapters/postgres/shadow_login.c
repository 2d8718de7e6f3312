/* Logging in: the connection, the client's settings, its role. */
#include "adapters/postgres/shadow_state.h"

#include <ctype.h>

#include "adapters/postgres/postgres.h"
#include "base/buffer.h"
#include "base/memory.h"

/* The server closes the connection silently at a startup packet of 10,000
 * bytes. */
enum { OPTIONS_MAX = 9000 };

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

/* A name that may appear in the options and that the mirror does not set
 * itself. */
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
	    "synchronous_commit",
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
	buffer_printf(options, " -c lock_timeout=%lld",
		      (long long)(login->lock_timeout_us / 1000));
	buffer_append_string(options,
			     " -c idle_in_transaction_session_timeout=0"
			     " -c synchronous_commit=on");
}

/* Until it is logged in: libpq shows the SQLSTATE of a failed connection only
 * in its longest message. */
static void verbose(struct shadow *shadow, bool on)
{
	PQsetErrorVerbosity(shadow->connection,
			    on ? PQERRORS_VERBOSE : PQERRORS_DEFAULT);
}

int shadow_open(const struct shadow_login *login, struct shadow **out,
		struct error *error)
{
	const char *keywords[POSTGRES_PARAMETERS + 4];
	const char *values[POSTGRES_PARAMETERS + 4];
	struct postgres_parameters parameters = {0};
	const char *encoding = "UTF8";
	struct shadow *shadow;
	struct buffer options;
	size_t count = 0;
	bool too_long;

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
	too_long = options.size > OPTIONS_MAX;
	buffer_release(&options);
	if (!shadow->connection) {
		free(shadow);
		return error_set(error, ERROR_MEMORY, "libpq: out of memory");
	}
	shadow->identity = login->identity;
	if (login->identity != SHADOW_ACCOUNT)
		shadow->role = memory_string(login->role);
	shadow->has_settings = login->setting_count > 0;
	if (PQstatus(shadow->connection) == CONNECTION_BAD) {
		shadow_lose_connection(shadow);
	} else if (too_long) {
		snprintf(shadow->sqlstate, sizeof(shadow->sqlstate), "08P01");
		shadow_refuse(shadow, SHADOW_REFUSED_SESSION,
			      "the session's settings are too long together");
	} else {
		PQsetNoticeReceiver(shadow->connection, shadow_notice, shadow);
		verbose(shadow, true);
		shadow->polling = PGRES_POLLING_WRITING;
		shadow->wants = SHADOW_WRITE;
	}
	*out = shadow;
	return 0;
}

/* "FATAL:  28000: role \"x\" does not exist": libpq's own, so in any language.
 */
static void read_sqlstate(const char *text, char *sqlstate)
{
	for (const char *at = text; (at = strstr(at, ":  ")); at++) {
		const char *code = at + 3;
		size_t size =
		    strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (size != 5 || strncmp(code + 5, ": ", 2) != 0)
			continue;
		memcpy(sqlstate, code, 5);
		sqlstate[5] = '\0';
		return;
	}
}

/* The server has refused the role or the password; trying again will not help.
 */
static bool refuses_role(const struct shadow *shadow)
{
	const char *sqlstate = shadow->sqlstate;

	return shadow->identity == SHADOW_CLIENT &&
	       (!strncmp(sqlstate, "28", 2) ||
		(!strcmp(sqlstate, "42501") && !shadow->has_settings));
}

/* Refused an initial setting: its value, its name, or this account's right to
 * set it. */
static bool refuses_settings(const struct shadow *shadow)
{
	const char *sqlstate = shadow->sqlstate;

	return shadow->has_settings &&
	       (!strncmp(sqlstate, "22", 2) || !strncmp(sqlstate, "42", 2) ||
		!strcmp(sqlstate, "0A000") || !strcmp(sqlstate, "55P02") ||
		!strcmp(sqlstate, "08P01"));
}

static enum shadow_state connection_failed(struct shadow *shadow)
{
	const char *why = PQerrorMessage(shadow->connection);

	read_sqlstate(why, shadow->sqlstate);
	if (refuses_role(shadow))
		return shadow_refuse(shadow, SHADOW_REFUSED_RIGHTS, why);
	if (refuses_settings(shadow))
		return shadow_refuse(shadow, SHADOW_REFUSED_SESSION, why);
	return shadow_lose_connection(shadow);
}

static char *role_statement(struct shadow *shadow, const char *what,
			    const char *role)
{
	char *name = PQescapeIdentifier(shadow->connection, role, strlen(role));
	struct buffer text;
	char *statement;

	if (!name)
		return NULL;
	buffer_init(&text, 0);
	buffer_printf(&text, "%s %s", what, name);
	PQfreemem(name);
	statement = memory_string(buffer_string(&text));
	buffer_release(&text);
	return statement;
}

static bool keep_role_texts(struct shadow *shadow, const char *what,
			    const char *what_local, const char *role)
{
	free(shadow->role_text);
	free(shadow->role_text_local);
	shadow->role_text = role_statement(shadow, what, role);
	shadow->role_text_local = role_statement(shadow, what_local, role);
	return shadow->role_text && shadow->role_text_local;
}

static bool send_role(struct shadow *shadow)
{
	bool authorization = shadow->step == LOGIN_AUTHORIZATION;

	return keep_role_texts(shadow,
			       authorization ? "SET SESSION AUTHORIZATION"
					     : "SET ROLE",
			       authorization ? "SET LOCAL SESSION AUTHORIZATION"
					     : "SET LOCAL ROLE",
			       shadow->role) &&
	       PQsendQuery(shadow->connection, shadow->role_text) == 1 &&
	       shadow_flush(shadow);
}

/*
 * Whether the session has any rights to fall back to, and which role it goes
 * back to: that of ALTER ROLE "parallax:R" SET role, which is R, or the owner
 * who stands in for it; of a login of R's own, R.
 */
static const char rights_text[] =
    "SELECT l.base, l.base <> l.login, "
    "pg_catalog.bool_or(r.rolsuper OR r.rolcreaterole OR r.rolreplication "
    "OR r.rolname IN (" POSTGRES_ROLES_BEYOND ")), "
    "pg_catalog.bool_or(r.rolname = l.base), "
    "current_user = session_user "
    "FROM (SELECT s.oid, s.rolname::text AS login, coalesce("
    "(SELECT substr(o.setting, 6) FROM pg_catalog.pg_db_role_setting d, "
    "pg_catalog.unnest(d.setconfig) AS o (setting) "
    "WHERE d.setrole = s.oid AND d.setdatabase = 0 "
    "AND o.setting LIKE 'role=%'), s.rolname::text) AS base "
    "FROM pg_catalog.pg_roles s WHERE s.rolname = session_user) AS l "
    "JOIN pg_catalog.pg_roles r ON r.oid = l.oid "
    "OR pg_catalog.pg_has_role(l.oid, r.oid, 'MEMBER') GROUP BY 1, 2";

static bool is_true(const PGresult *result, int column)
{
	return !strcmp(PQgetvalue(result, 0, column), "t");
}

/* NULL: no problem. */
static const char *read_rights(struct shadow *shadow, const PGresult *result)
{
	const char *base;

	if (PQntuples(result) != 1 || PQnfields(result) != 5)
		return "its rights cannot be read";
	if (is_true(result, 2))
		return "the login is, or can become, a role with rights beyond "
		       "the database";
	if (!is_true(result, 3))
		return "the login is no member of the role that it takes on";
	base = PQgetvalue(result, 0, 0);
	shadow->stood_in = strcmp(base, shadow->role) != 0;
	/* a login of the role's own is that role, whatever it resets */
	if (is_true(result, 1) &&
	    !keep_role_texts(shadow, "SET ROLE", "SET LOCAL ROLE", base))
		return "no memory";
	shadow->put_down = is_true(result, 1) && is_true(result, 4);
	return NULL;
}

static bool send_step(struct shadow *shadow, enum login_step step)
{
	shadow->step = step;
	if (step != LOGIN_RIGHTS && step != LOGIN_AGAIN)
		return send_role(shadow);
	return PQsendQuery(shadow->connection, step == LOGIN_AGAIN
						   ? shadow->role_text
						   : rights_text) == 1 &&
	       shadow_flush(shadow);
}

static enum shadow_state logged_in(struct shadow *shadow)
{
	shadow->step = LOGIN_DONE;
	shadow->wants = SHADOW_READ;
	if (!PQenterPipelineMode(shadow->connection))
		return shadow_lose_connection(shadow);
	return shadow->state = SHADOW_IDLE;
}

static enum shadow_state connected(struct shadow *shadow)
{
	verbose(shadow, false);
	if (PQsetnonblocking(shadow->connection, 1))
		return shadow_lose_connection(shadow);
	if (shadow->identity == SHADOW_ACCOUNT)
		return logged_in(shadow);
	if (!send_step(shadow, shadow->identity == SHADOW_CLIENT
				   ? LOGIN_RIGHTS
				   : LOGIN_AUTHORIZATION))
		return shadow_lose_connection(shadow);
	return SHADOW_CONNECTING;
}

/* A step's answer is complete; why: it failed. */
static enum shadow_state step_done(struct shadow *shadow, const char *why)
{
	if (!why && shadow->step == LOGIN_RIGHTS && shadow->put_down) {
		if (!send_step(shadow, LOGIN_AGAIN))
			return shadow_lose_connection(shadow);
		return SHADOW_CONNECTING;
	}
	if (!why)
		return logged_in(shadow);
	if (shadow->step != LOGIN_AUTHORIZATION)
		return shadow_refuse(shadow, SHADOW_REFUSED_RIGHTS, why);
	if (!send_step(shadow, LOGIN_ROLE))
		return shadow_lose_connection(shadow);
	return SHADOW_CONNECTING;
}

enum shadow_state shadow_advance_login(struct shadow *shadow)
{
	PGconn *connection = shadow->connection;
	PGresult *result;
	char why[256] = "";

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
			return connected(shadow);
		default:
			return connection_failed(shadow);
		}
	}
	if (!PQconsumeInput(connection) || !shadow_flush(shadow))
		return shadow_lose_connection(shadow);
	if (PQisBusy(connection))
		return SHADOW_CONNECTING;
	while ((result = PQgetResult(connection))) {
		const char *problem = NULL;

		if (PQresultStatus(result) == PGRES_TUPLES_OK) {
			problem = read_rights(shadow, result);
		} else if (PQresultStatus(result) != PGRES_COMMAND_OK) {
			problem =
			    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
			problem = problem ? problem : "refused";
		}
		if (problem)
			snprintf(why, sizeof(why), "%s", problem);
		PQclear(result);
	}
	if (PQstatus(connection) == CONNECTION_BAD)
		return shadow_lose_connection(shadow);
	return step_done(shadow, *why ? why : NULL);
}
