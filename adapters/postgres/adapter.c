#include "adapters/postgres/postgres.h"

#include "adapters/postgres/decode.h"
#include "adapters/postgres/parse.h"
#include "adapters/postgres/value.h"
#include "adapters/postgres/wire.h"

#define RECORD(its_parser)                                                     \
	{                                                                      \
		.name = "postgres", .default_port = 5432,                      \
		.catalog_read = postgres_catalog_read,                         \
		.catalog_mark = postgres_catalog_mark,                         \
		.identity = postgres_identity,                                 \
		.catalog_reread = postgres_catalog_reread,                     \
		.catalog_reader_free = postgres_catalog_reader_free,           \
		.values = &postgres_values, .decode = &postgres_decode,        \
		.errors = &postgres_errors, .wire = &postgres_wire,            \
		.shadow = &postgres_shadow, .session = &postgres_session,      \
		.database = &postgres_database, .proof = &postgres_proof,      \
		.seed = &postgres_seed, .rules = &postgres_rules,              \
		.checksum = &postgres_checksum,                                \
		.settings = &postgres_settings, .sample = &postgres_sample,    \
		.rights = &postgres_rights, .parser = &(its_parser),           \
	}

const struct adapter adapter_postgres = RECORD(postgres_parser);
const struct adapter adapter_postgres_in_steps =
    RECORD(postgres_parser_in_steps);

/* libpq's names of the modes. */
const char *postgres_tls_mode(enum tls_mode mode)
{
	static const char *const names[] = {
	    [TLS_DISABLE] = "disable",	       [TLS_PREFER] = "prefer",
	    [TLS_REQUIRE] = "require",	       [TLS_VERIFY_CA] = "verify-ca",
	    [TLS_VERIFY_FULL] = "verify-full",
	};

	return names[mode];
}

void postgres_parameters(const struct endpoint *endpoint,
			 struct postgres_parameters *parameters)
{
	size_t count = 0;

	snprintf(parameters->port, sizeof(parameters->port), "%d",
		 endpoint->port ? endpoint->port
				: adapter_postgres.default_port);
#define ADD(keyword, value)                                                    \
	do {                                                                   \
		if (value) {                                                   \
			parameters->keywords[count] = (keyword);               \
			parameters->values[count++] = (value);                 \
		}                                                              \
	} while (0)
	/* a peer that has gone, or hangs, shows within ten seconds */
	ADD("connect_timeout", "8");
	ADD("keepalives_idle", "4");
	ADD("keepalives_interval", "2");
	ADD("keepalives_count", "2");
	ADD("tcp_user_timeout", "8000");
	ADD("application_name", "parallax");
	/*
	 * libpq takes the first dbname, and no other, as a list of parameters
	 * if there is a '=' in it; so there is always one that is a list.
	 */
	ADD("dbname", endpoint->options && *endpoint->options
			  ? endpoint->options
			  : "application_name=parallax");
	ADD("host", endpoint->host);
	ADD("sslmode", postgres_tls_mode(endpoint->tls.mode));
	ADD("sslrootcert", endpoint->tls.ca);
	ADD("sslcert", endpoint->tls.certificate);
	ADD("sslkey", endpoint->tls.key);
	ADD("port", parameters->port);
	ADD("dbname", endpoint->database);
	ADD("user", endpoint->user);
	ADD("password", endpoint->password);
	ADD("client_encoding", "UTF8");
#undef ADD
	parameters->keywords[count] = NULL;
	parameters->values[count] = NULL;
}
