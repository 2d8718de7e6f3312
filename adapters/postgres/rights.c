/* Logins for clients' roles: see adapters/rights.h. */
#include "adapters/rights.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "adapters/postgres/catalog_reader.h"
#include "adapters/postgres/connect.h"
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/rights_setup.sql.h"

#define OWNER  "parallax_owner"
#define PREFIX "parallax:"
#define LABEL  "parallax rights"

enum { NAME_BYTES = 63, HASHED = 16 };

/* Clears the result. */
static int fail(PGconn *connection, PGresult *result, struct error *error)
{
	postgres_fail(connection, result, error);
	PQclear(result);
	return -1;
}

static PGresult *ask(PGconn *connection, const char *text, struct error *error)
{
	PGresult *result = PQexec(connection, text);

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return result;
	fail(connection, result, error);
	return NULL;
}

static const char *cell(struct arena *arena, const PGresult *rows, int row,
			int column)
{
	return arena_string(arena, PQgetvalue(rows, row, column));
}

/* --- the primary's roles --- */

static const char clients_text[] =
    "SELECT s.rolname, bool_or(r.rolsuper OR r.rolcreaterole OR "
    "r.rolreplication OR r.rolname IN (" POSTGRES_ROLES_BEYOND ")) "
    "FROM pg_catalog.pg_roles s JOIN pg_catalog.pg_roles r "
    "ON pg_catalog.pg_has_role(s.oid, r.oid, 'MEMBER') "
    "WHERE s.rolcanlogin AND s.rolname !~ '^parallax[:_]' "
    "GROUP BY 1 ORDER BY 1";

static int clients(const struct endpoint *primary, struct arena *arena,
		   struct rights_client **out, size_t *count,
		   struct error *error)
{
	PGconn *connection = postgres_connect(primary, LABEL, error);
	PGresult *rows =
	    connection ? ask(connection, clients_text, error) : NULL;

	if (rows) {
		*count = (size_t)PQntuples(rows);
		*out = arena_array(arena, *count + 1, sizeof(**out));
		for (int i = 0; i < PQntuples(rows); i++)
			(*out)[i] = (struct rights_client){
			    .role = cell(arena, rows, i, 0),
			    .beyond = *PQgetvalue(rows, i, 1) == 't',
			};
	}
	PQclear(rows);
	PQfinish(connection);
	return rows ? 0 : -1;
}

/* "parallax:app"; a name that would be cut ends in its hash, so that no two
 * roles share one login. */
static const char *login_of(struct arena *arena, const char *role)
{
	size_t size = strlen(role);
	size_t room = NAME_BYTES - strlen(PREFIX);

	if (size <= room)
		return arena_printf(arena, PREFIX "%s", role);
	size = room - HASHED - 1;
	while (size && ((unsigned char)role[size] & 0xc0) == 0x80)
		size--; /* not within a character */
	return arena_printf(
	    arena, PREFIX "%.*s:%016llx", (int)size, role,
	    (unsigned long long)XXH3_64bits(role, strlen(role)));
}

/* --- the script --- */

static int add_literal(PGconn *connection, struct buffer *out, const char *text,
		       struct error *error)
{
	char *literal = PQescapeLiteral(connection, text, strlen(text));

	if (!literal)
		return fail(connection, NULL, error);
	buffer_append_string(out, literal);
	PQfreemem(literal);
	return 0;
}

/* No password appears in a script, or in a server's log. */
static int add_verifier(PGconn *connection, struct buffer *out,
			const char *login, const char *password,
			struct error *error)
{
	char *verifier;
	int result;

	if (!password) {
		buffer_append_string(out, "NULL");
		return 0;
	}
	verifier =
	    PQencryptPasswordConn(connection, password, login, "scram-sha-256");
	if (!verifier)
		return fail(connection, NULL, error);
	result = add_literal(connection, out, verifier, error);
	PQfreemem(verifier);
	return result;
}

/* A cluster that is the primary's has the primary's passwords. */
static int add_guard(PGconn *connection, struct buffer *out,
		     struct error *error)
{
	PGresult *rows = ask(connection,
			     "SELECT system_identifier FROM "
			     "pg_catalog.pg_control_system()",
			     error);

	if (!rows)
		return -1;
	buffer_printf(
	    out,
	    "DO $$ BEGIN IF (SELECT system_identifier FROM "
	    "pg_control_system()) = %s THEN RAISE EXCEPTION 'this is "
	    "the primary''s own cluster: its roles'' passwords would "
	    "be changed' USING HINT = 'leave --own-cluster away'; END "
	    "IF; END $$;\n",
	    PQgetvalue(rows, 0, 0));
	PQclear(rows);
	return 0;
}

static int add_client(PGconn *connection, const struct rights_setup *setup,
		      const struct rights_client *client, struct buffer *out,
		      struct error *error)
{
	const char *names[] = {setup->shadow->user, client->role,
			       client->login};

	buffer_append_string(
	    out, "INSERT INTO pg_temp.parallax_outcome SELECT * FROM "
		 "pg_temp.parallax_client('" OWNER "'");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		buffer_append_string(out, ", ");
		if (add_literal(connection, out, names[i], error))
			return -1;
	}
	buffer_append_string(out, ", ");
	if (add_verifier(connection, out, client->login, client->password,
			 error))
		return -1;
	buffer_printf(out, ", %s, %s);\n", client->beyond ? "true" : "false",
		      setup->own_cluster ? "true" : "false");
	return 0;
}

static int add_all(PGconn *connection, const struct rights_setup *setup,
		   struct buffer *out, struct error *error)
{
	buffer_append_string(out, "BEGIN;\nSET LOCAL search_path = pg_catalog;"
				  "\nSET LOCAL client_min_messages = warning;"
				  "\nDROP TABLE IF EXISTS "
				  "pg_temp.parallax_outcome;\n"
				  "CREATE TEMP TABLE parallax_outcome (role "
				  "name, login name, outcome text) ON COMMIT "
				  "DROP;\n");
	if (setup->own_cluster && add_guard(connection, out, error))
		return -1;
	buffer_append_string(out, rights_setup_sql);
	buffer_append_string(out, "SELECT pg_temp.parallax_own('" OWNER "', ");
	if (add_literal(connection, out, setup->shadow->user, error))
		return -1;
	buffer_append_string(out, ", ");
	if (add_verifier(connection, out, setup->shadow->user, setup->password,
			 error))
		return -1;
	buffer_append_string(out, ");\n");
	for (size_t i = 0; i < setup->count; i++)
		if (add_client(connection, setup, &setup->clients[i], out,
			       error))
			return -1;
	buffer_append_string(out,
			     "SELECT pg_temp.parallax_objects('" OWNER "', ");
	if (add_literal(connection, out, setup->shadow->user, error))
		return -1;
	buffer_append_string(out,
			     ");\nSELECT role, login, outcome FROM "
			     "pg_temp.parallax_outcome ORDER BY 1;\n"
			     "DROP FUNCTION pg_temp.parallax_beyond, "
			     "pg_temp.parallax_member, pg_temp.parallax_own, "
			     "pg_temp.parallax_objects, "
			     "pg_temp.parallax_client;\nCOMMIT;\n");
	return 0;
}

static int script(const struct rights_setup *setup, struct buffer *out,
		  struct error *error)
{
	PGconn *connection = postgres_connect(setup->primary, LABEL, error);
	int result = connection ? add_all(connection, setup, out, error) : -1;

	PQfinish(connection);
	return result;
}

static void keep_outcomes(const PGresult *rows, struct arena *arena,
			  struct rights_outcome **outcomes, size_t *count)
{
	*count = (size_t)PQntuples(rows);
	*outcomes = arena_array(arena, *count + 1, sizeof(**outcomes));
	for (int i = 0; i < PQntuples(rows); i++) {
		const char *outcome = PQgetvalue(rows, i, 2);

		(*outcomes)[i] = (struct rights_outcome){
		    .role = cell(arena, rows, i, 0),
		    .login = strcmp(outcome, "missing") != 0
				 ? cell(arena, rows, i, 1)
				 : NULL,
		    .stood_in = !strcmp(outcome, "stand-in"),
		};
	}
}

static int run(const char *admin, const struct endpoint *shadow,
	       const char *text, struct arena *arena,
	       struct rights_outcome **outcomes, size_t *count,
	       struct error *error)
{
	char port[16];
	const char *keywords[] = {"host",	 "port",   "sslmode",
				  "sslrootcert", "dbname", "application_name",
				  "dbname",	 NULL};
	/* What the administrator says of TLS counts. */
	const char *values[] = {
	    shadow->host,     port,  postgres_tls_mode(shadow->tls.mode),
	    shadow->tls.ca,   admin, LABEL,
	    shadow->database, NULL};
	PGconn *connection;
	PGresult *result;
	int failed = 0;

	*count = 0;
	snprintf(port, sizeof(port), "%d",
		 shadow->port ? shadow->port : adapter_postgres.default_port);
	connection = PQconnectdbParams(keywords, values, 1);
	if (PQstatus(connection) != CONNECTION_OK)
		failed = fail(connection, NULL, error);
	if (!failed && !PQsendQuery(connection, text))
		failed = fail(connection, NULL, error);
	PQsetNoticeReceiver(connection, postgres_drop_notice, NULL);
	while (!failed && (result = PQgetResult(connection))) {
		if (PQresultStatus(result) == PGRES_FATAL_ERROR) {
			failed = fail(connection, result, error);
			break;
		}
		if (PQnfields(result) == 3)
			keep_outcomes(result, arena, outcomes, count);
		PQclear(result);
	}
	PQfinish(connection);
	return failed;
}

/* --- what is left to trust --- */

static const char remains_text[] =
    "SELECT 'functions that run as their owner (SECURITY DEFINER): ' || "
    "string_agg(oid::regprocedure::text, ', ' ORDER BY 1), 'see that they do "
    "no more than the primary''s' FROM (SELECT p.oid FROM pg_proc p JOIN "
    "pg_namespace n ON n.oid = p.pronamespace WHERE prosecdef AND nspname !~ "
    "'^pg_' AND nspname <> 'information_schema' LIMIT 20) AS f HAVING "
    "count(*) > 0 UNION ALL "
    "SELECT 'functions in untrusted languages: ' || "
    "string_agg(oid::regprocedure::text, ', ' ORDER BY 1), 'they reach the "
    "server''s machine' FROM (SELECT p.oid FROM pg_proc p JOIN pg_namespace n "
    "ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang WHERE "
    "NOT lanpltrusted AND lanname NOT IN ('internal', 'c') AND nspname !~ "
    "'^pg_' LIMIT 20) AS f HAVING count(*) > 0 UNION ALL "
    "SELECT 'extensions that reach other servers or files: ' || "
    "string_agg(extname, ', ' ORDER BY 1), 'drop them there, or see to their "
    "rights' FROM pg_extension WHERE extname IN ('dblink', 'postgres_fdw', "
    "'file_fdw', 'adminpack', 'pg_cron', 'plpython3u', 'plperlu', 'pltclu', "
    "'lo', 'http', 'pg_net') HAVING count(*) > 0 UNION ALL "
    "SELECT 'foreign servers: ' || string_agg(srvname, ', ' ORDER BY 1), "
    "'statements on foreign tables are skipped; functions and views may read "
    "them' FROM pg_foreign_server HAVING count(*) > 0 UNION ALL "
    "SELECT 'subscriptions: ' || string_agg(subname, ', ' ORDER BY 1), 'they "
    "write past the mirror' FROM pg_stat_subscription HAVING count(*) > 0 "
    "UNION ALL "
    "SELECT 'policies that ask for session_user: ' || "
    "string_agg(DISTINCT tablename, ', '), 'it is the login there, "
    "\"parallax:...\", but with --own-cluster' FROM pg_policies WHERE "
    "coalesce(qual, '') || coalesce(with_check, '') ~* 'session_user' HAVING "
    "count(*) > 0";

static int find(struct catalog_reader **reader, const struct endpoint *endpoint,
		const char *text, struct arena *arena,
		struct rights_finding **findings, size_t *count,
		struct error *error)
{
	PGconn *connection = catalog_reader_open(reader, endpoint, error);
	PGresult *rows = connection ? ask(connection, text, error) : NULL;

	*count = rows ? (size_t)PQntuples(rows) : 0;
	*findings = arena_array(arena, *count + 1, sizeof(**findings));
	for (size_t i = 0; i < *count; i++)
		(*findings)[i] = (struct rights_finding){
		    .what = cell(arena, rows, (int)i, 0),
		    .hint = cell(arena, rows, (int)i, 1),
		};
	PQclear(rows);
	return catalog_reader_done(reader, rows ? 0 : -1);
}

static int remains(struct catalog_reader **reader,
		   const struct endpoint *shadow, struct arena *arena,
		   struct rights_finding **findings, size_t *count,
		   struct error *error)
{
	return find(reader, shadow, remains_text, arena, findings, count,
		    error);
}

/* --- who gets in without a password --- */

/* The rules that can match this connection by its type and address. */
static const char doors_text[] =
    "SELECT 'pg_hba.conf line ' || line_number || ': ' || concat_ws(' ', "
    "type, array_to_string(database, ','), array_to_string(user_name, ','), "
    "address, netmask, auth_method) || ' lets the relay in without a "
    "password', 'and with it every client of the relay, as whom it likes: "
    "use scram-sha-256 there' FROM pg_catalog.pg_hba_file_rules WHERE error "
    "IS NULL AND auth_method IN ('trust', 'peer', 'ident') AND "
    "NOT 'replication' = ANY (database) AND CASE WHEN inet_client_addr() IS "
    "NULL THEN type = 'local' WHEN type = 'local' THEN false WHEN address IN "
    "('all', 'samehost', 'samenet') THEN true WHEN address !~ "
    "'^[0-9a-fA-F.:]+$' OR netmask IS NULL THEN false WHEN "
    "family(address::inet) <> family(inet_client_addr()) THEN false ELSE "
    "(inet_client_addr() & netmask::inet) = (address::inet & netmask::inet) "
    "END ORDER BY line_number LIMIT 5";

/* If the rules cannot be read: whether the account can log in without its
 * password. */
static int try_door(const struct endpoint *primary, struct arena *arena,
		    struct rights_finding **findings, size_t *count)
{
	struct endpoint bare = *primary;
	struct error error;
	PGconn *connection;

	bare.password = "";
	bare.options = arena_printf(arena, "%s passfile=/nonexistent",
				    primary->options ? primary->options : "");
	*count = 0;
	connection = postgres_connect(&bare, LABEL, &error);
	if (connection && !PQconnectionUsedPassword(connection)) {
		*findings = arena_array(arena, 1, sizeof(**findings));
		**findings = (struct rights_finding){
		    .what = arena_printf(arena,
					 "the primary lets '%s' in from the "
					 "relay's address without a password",
					 primary->user),
		    .hint = "every client of the relay can be that role: use "
			    "scram-sha-256 in pg_hba.conf there",
		};
		*count = 1;
	}
	PQfinish(connection);
	return 0;
}

static int open_doors(struct catalog_reader **reader,
		      const struct endpoint *primary, struct arena *arena,
		      struct rights_finding **findings, size_t *count,
		      struct error *error)
{
	struct error refused;

	error_init(&refused);
	(void)error;
	if (!find(reader, primary, doors_text, arena, findings, count,
		  &refused))
		return 0;
	return try_door(primary, arena, findings, count);
}

const struct rights_ops postgres_rights = {
    .name_bytes = NAME_BYTES,
    .clients = clients,
    .login = login_of,
    .script = script,
    .run = run,
    .remains = remains,
    .open_doors = open_doors,
};
