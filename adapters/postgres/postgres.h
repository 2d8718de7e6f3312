/* The PostgreSQL adapter: its record, and declarations that its files share. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_POSTGRES_H
#define PARALLAX_ADAPTERS_POSTGRES_POSTGRES_H

#include "adapters/adapter.h"
#include "adapters/session.h"

extern const struct adapter adapter_postgres;

/* The members of the record, each in the file that has its name. */
extern const struct error_ops postgres_errors;
/* Which parts of a message of the server's may be a value: message.c. */
/* Whether a function of the server by this name passes on an application's own
 * words. */
bool postgres_is_raise(const void *routine, size_t length);
void postgres_message_values(const char *message, struct redact_parts *out);
extern const struct shadow_ops postgres_shadow;
extern const struct session_ops postgres_session;
/* ... and of reduced.h */
extern const struct shadow_ops postgres_shadow_reduced;
extern const struct session_ops postgres_session_reduced;
extern const struct seed_ops postgres_seed_reduced;
extern const struct database_ops postgres_database;
extern const struct proof_ops postgres_proof;
extern const struct seed_ops postgres_seed;
extern const struct rules_ops postgres_rules;
extern const struct checksum_ops postgres_checksum;
extern const struct checksum_ops postgres_checksum_reduced;
extern const struct sample_ops postgres_sample;
extern const struct setting_ops postgres_settings;
int postgres_identity(struct catalog_reader **reader,
		      const struct endpoint *endpoint, char *out, size_t size,
		      struct error *error);
extern const struct rights_ops postgres_rights;
int postgres_catalog_mark(struct catalog_reader **reader,
			  const struct endpoint *endpoint, uint64_t *mark,
			  struct error *error);
int postgres_catalog_reread(struct catalog_reader **reader,
			    const struct endpoint *endpoint, uint64_t *mark,
			    struct catalog **catalog, struct error *error);
void postgres_catalog_reader_free(struct catalog_reader **reader);
int postgres_catalog_read(struct catalog_reader **reader,
			  const struct endpoint *endpoint,
			  struct catalog **catalog, struct error *error);

/* Roles of the server whose members reach beyond a database, as literals. */
#define POSTGRES_ROLES_BEYOND                                                  \
	"'pg_execute_server_program', 'pg_read_server_files', "                \
	"'pg_write_server_files', 'pg_signal_backend', 'pg_checkpoint', "      \
	"'pg_create_subscription', 'pg_use_reserved_connections', "            \
	"'pg_signal_autovacuum_worker'"

/* session.c: the text of a step, in the arena where it has a name. */
const char *postgres_control_text(enum session_control what, const char *name,
				  struct arena *arena);
enum transaction_fate postgres_fate(const struct value *value);
/* Of the transaction $1, in its words. */
extern const char postgres_fate_query[];
/* Whether it failed because there has been no such transaction. */
bool postgres_fate_is_none(const char *code);
/* A query of one text parameter, or of none. */
enum { POSTGRES_ONE_VALUE = 256 }; /* bytes of rows to keep */
void postgres_ask(struct shadow_command *out, const char *text,
		  const char *parameter, struct arena *arena, size_t rows_max);
/* token: an expression. */
void postgres_list_prepared(const char *token, const char *prefix,
			    struct arena *arena, struct shadow_command *out);

/* narrow.c: see adapters/proof.h. */
bool postgres_narrows(const struct catalog *old_catalog,
		      const struct catalog_column *old_column,
		      const struct catalog *new_catalog,
		      const struct catalog_column *new_column, char *why,
		      size_t size);

/*
 * libpq's parameters for an endpoint, for PQconnectdbParams and
 * PQconnectStartParams with expand_dbname = 1. Values are borrowed from the
 * endpoint and `port`, which must live until the connection has started.
 * endpoint->options may override what stands before them (connect_timeout).
 */
enum { POSTGRES_PARAMETERS = 20 };
const char *postgres_tls_mode(enum tls_mode mode);

struct postgres_parameters {
	const char *keywords[POSTGRES_PARAMETERS];
	const char *values[POSTGRES_PARAMETERS];
	char port[16];
};
void postgres_parameters(const struct endpoint *endpoint,
			 struct postgres_parameters *parameters);

/* What libpq reads by itself (connect.c). */
void postgres_driver_files(void (*found)(void *context, const char *path),
			   void *context);

#endif
