#include "adapters/postgres/postgres.h"

#include "adapters/postgres/record.h"

const struct adapter adapter_postgres = {
    POSTGRES_RECORD("postgres", postgres_parser, postgres_shadow,
		    postgres_session, postgres_seed, postgres_values),
};

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
	ADD("port", parameters->port);
	ADD("dbname", endpoint->database);
	ADD("user", endpoint->user);
	ADD("password", endpoint->password);
	ADD("client_encoding", "UTF8");
#undef ADD
	parameters->keywords[count] = NULL;
	parameters->values[count] = NULL;
}
