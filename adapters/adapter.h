/*
 * The contract between Parallax and an engine. src/ names no engine: it finds
 * an adapter by name and uses this record's operations. No driver's type shows
 * here.
 */
#ifndef PARALLAX_ADAPTERS_ADAPTER_H
#define PARALLAX_ADAPTERS_ADAPTER_H

#include "adapters/catalog.h"
#include "adapters/decode.h"
#include "adapters/error_class.h"
#include "adapters/value.h"
#include "base/endpoint.h"
#include "sql/parser.h"

struct wire_ops;       /* adapters/wire.h: the relay's codec */
struct shadow_ops;     /* adapters/shadow.h: asynchronous driver of a shadow */
struct session_ops;    /* adapters/session.h: the mirror's own commands */
struct database_ops;   /* adapters/database.h: a blocking connection */
struct proof_ops;      /* adapters/proof.h: scratch tables, samples */
struct copy_ops;       /* adapters/copy.h: a client's COPY data */
struct seed_ops;       /* adapters/seed.h: loading one from another */
struct rules_ops;      /* adapters/rules.h: triggers, checks, grants, ... */
struct checksum_ops;   /* adapters/checksum.h: statements that compare tables */
struct catalog_reader; /* a connection for reading catalogs */
struct rights_ops;     /* adapters/rights.h: logins for clients' roles */
struct setting_ops;    /* adapters/setting.h: what a session's settings mean */
struct sample_ops;     /* adapters/sample.h: a bounded look at data */

struct adapter {
	const char *name; /* "postgres" */
	int default_port;
	/*
	 * Readings of a database's catalog. *reader is their connection: opened
	 * if NULL, and it stays open for the next one unless the reading fails.
	 * The caller frees it.
	 */
	int (*catalog_read)(struct catalog_reader **reader,
			    const struct endpoint *endpoint,
			    struct catalog **catalog, struct error *error);
	/* A number that changes whenever the schema does, and perhaps at other
	 * times. Cheap, so it can be polled. */
	int (*catalog_mark)(struct catalog_reader **reader,
			    const struct endpoint *endpoint, uint64_t *mark,
			    struct error *error);
	/* A short text that differs for each database, also for one that was
	 * created again under the same name. */
	int (*identity)(struct catalog_reader **reader,
			const struct endpoint *endpoint, char *out, size_t size,
			struct error *error);
	/* Reads the catalog only if its mark differs from *mark, which is then
	 * updated; otherwise *catalog is NULL. */
	int (*catalog_reread)(struct catalog_reader **reader,
			      const struct endpoint *endpoint, uint64_t *mark,
			      struct catalog **catalog, struct error *error);
	void (*catalog_reader_free)(struct catalog_reader **reader);
	/* Makes what the engine needs in a shadow before anything is written
	 * there, if it is not there yet. NULL: nothing. Connects,
	 * disconnects. */
	int (*prepare_shadow)(const struct endpoint *shadow,
			      struct error *error);
	/* Calls `found` with each file or folder of the user's that the driver
	 * may read by itself when it connects. */
	void (*driver_files)(void (*found)(void *context, const char *path),
			     void *context);
	const struct value_ops *values;
	const struct decode_ops *decode;
	const struct error_ops *errors;
	const struct wire_ops *wire;
	const struct shadow_ops *shadow;
	const struct session_ops *session;
	const struct database_ops *database;
	const struct proof_ops *proof;
	const struct copy_ops *copy; /* NULL: its clients send none */
	const struct seed_ops *seed;
	const struct rules_ops *rules;
	const struct checksum_ops *checksum;
	const struct setting_ops *settings;
	const struct sample_ops *sample;
	const struct rights_ops *rights;
	const struct parser *parser; /* of its SQL */
};

/* NULL if there is no engine of that name. */
const struct adapter *adapter_find(const char *name);

/* catalog_read by a connection of its own. */
int adapter_catalog(const struct adapter *adapter,
		    const struct endpoint *endpoint, struct catalog **catalog,
		    struct error *error);
/* All engines, NULL-ended. */
const struct adapter *const *adapter_all(void);

#endif
