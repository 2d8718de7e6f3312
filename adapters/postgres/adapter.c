#include "adapters/postgres/postgres.h"

#include "adapters/postgres/record.h"

const struct adapter adapter_postgres = {
    POSTGRES_RECORD("postgres", postgres_parser, postgres_shadow,
		    postgres_session, postgres_seed, postgres_checksum,
		    postgres_values),
};

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
	/* a vanished or hanging peer is noticed within ten seconds */
	ADD("connect_timeout", "8");
	ADD("keepalives_idle", "4");
	ADD("keepalives_interval", "2");
	ADD("keepalives_count", "2");
	ADD("tcp_user_timeout", "8000");
	ADD("application_name", "parallax");
	/*
	 * libpq takes only the first dbname as a list of parameters, if it
	 * contains a '='. So the first one is always a list.
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
