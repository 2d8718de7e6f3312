/*
 * One database's schema. Read once by the adapter, immutable afterwards, owned
 * by the caller (catalog_free), used by check, lens, mirror and compare. Names
 * are in the form in which the database stores them (unquoted, exact).
 */
#ifndef PARALLAX_ADAPTERS_CATALOG_H
#define PARALLAX_ADAPTERS_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

enum type_class { /* how values of a type compare; see adapters/value.h */
		  TYPE_OTHER, /* by bytes only */
		  TYPE_BOOLEAN,
		  TYPE_INTEGER,
		  TYPE_NUMERIC,
		  TYPE_FLOAT,
		  TYPE_TEXT, /* text, varchar, name */
		  TYPE_CHAR, /* bpchar: trailing blanks do not count */
		  TYPE_BYTES,
		  TYPE_DATE,
		  TYPE_TIME,
		  TYPE_TIMESTAMP,
		  TYPE_TIMESTAMPTZ,
		  TYPE_INTERVAL,
		  TYPE_UUID,
		  TYPE_JSON, /* by structure, json text */
		  TYPE_JSONB,
		  TYPE_ENUM,
		  TYPE_ARRAY,
		  TYPE_COMPOSITE,
		  TYPE_RANGE,
		  TYPE_DOMAIN,
};

struct catalog_type {
	uint32_t id; /* the engine's (oid) */
	const char *schema;
	const char *name; /* as in pg_type.typname */
	enum type_class class;
	uint32_t element; /* ARRAY, RANGE: its element; DOMAIN: its base;
			     else 0 */
	bool one_form; /* equal values have equal bytes (int, bool, uuid, text)
			*/
	const char *const *labels; /* ENUM: in their sort order */
	size_t label_count;
};

enum generated_kind {
	GENERATED_NONE,
	GENERATED_SERIAL, /* default nextval(sequence) */
	GENERATED_IDENTITY_ALWAYS,
	GENERATED_IDENTITY_DEFAULT,
	GENERATED_STORED, /* GENERATED ALWAYS AS (...) STORED */
};

enum default_kind {
	DEFAULT_NONE,
	DEFAULT_CONSTANT, /* same on both databases */
	DEFAULT_CLOCK,	  /* now() and the like, also in an expression */
	DEFAULT_SEQUENCE, /* nextval */
	DEFAULT_VOLATILE, /* random(), gen_random_uuid(), anything volatile;
			     nextval within a larger expression too */
	DEFAULT_STABLE,	  /* neither constant nor volatile: current_user, ... */
};

struct catalog_column {
	const char *name;
	int16_t number; /* attnum */
	uint32_t type;
	int32_t modifier;
	const char *type_sql; /* format_type(): "numeric(10,2)"; names outside
				 pg_catalog with their schema */
	bool not_null;
	enum generated_kind generated;
	const char *default_sql; /* pg_get_expr, or NULL; names as in type_sql;
				    GENERATED_STORED: its expression */
	enum default_kind default_kind;
	const char *sequence_schema; /* the sequence that feeds it, or NULL */
	const char *sequence;
	/* An INSERT without it gets the next number: identity, serial,
	 * AUTO_INCREMENT. */
	bool auto_increment;
	bool is_unsigned; /* an unsigned integer */
	/* Its collation; NULL: the database's (catalog.collation), or it holds
	 * no texts. */
	const char *collation;
};

enum constraint_kind { KEY_PRIMARY, KEY_UNIQUE, KEY_FOREIGN };

struct catalog_key {
	const char *name;
	enum constraint_kind kind;
	const int16_t
	    *columns; /* attnums; unique indexes on expressions are left out */
	size_t column_count;
	bool partial; /* a unique index with a predicate */
	const struct catalog_table *target; /* FOREIGN */
	const int16_t *target_columns;
	bool deferrable;
};

enum relation_kind {
	RELATION_TABLE,
	RELATION_PARTITIONED,
	RELATION_VIEW,
	RELATION_MATERIALIZED,
	RELATION_FOREIGN,
	RELATION_SEQUENCE
};

struct catalog_table {
	uint32_t id;
	const char *schema;
	const char *name;
	enum relation_kind kind;
	const struct catalog_column *columns; /* live ones, in attnum order */
	size_t column_count;
	const struct catalog_key *keys;
	size_t key_count;
	const char *definition; /* of a view: its query, names with their
				   schema; else NULL */
	bool has_triggers;	/* user triggers */
	/* of these: a text in which all that they name stands; NULL: they may
	 * do anything */
	const char *triggers;
	bool alters_rows; /* one of them may change the row that is written, or
			     leave it out */
	bool has_rules;
	bool has_children;	/* others inherit from it, or did once */
	bool is_partition;	/* its rows also belong to another */
	bool policy_reads_more; /* a row policy of it reads other tables, or
				   calls functions, which may */
	unsigned privileges;	/* of the account, enum catalog_privilege */
	double row_estimate;
};

enum catalog_privilege {
	PRIVILEGE_SELECT = 1,
	PRIVILEGE_INSERT = 2,
	PRIVILEGE_UPDATE = 4,
	PRIVILEGE_DELETE = 8,
};

struct catalog_function {
	const char *schema;
	const char *name;
	char volatility; /* 'i', 's', 'v': the worst of its overloads */
	bool set_returning;
	bool is_procedure;
	bool sets_path;	     /* by an overload's text */
	bool changes_schema; /* it may create, drop, grant: likewise */
	const char *body; /* a text in which all that it names stands; NULL: it
			        may do anything */
};

struct catalog_extension {
	const char *name;
	const char *version;
};

struct catalog_role {
	const char *name;
	bool can_login;
	bool can_become; /* the account may assume it */
};

/* How the engine treats an unquoted name. */
enum identifier_folding {
	FOLDING_LOWER,	 /* it is looked up in lower case */
	FOLDING_NONE,	 /* as written */
	FOLDING_ANY_CASE /* quoted or not, case does not count */
};

struct catalog {
	unsigned shares; /* holders in addition to the first, all in one
			    thread */
	struct arena arena;
	const char *database;
	const char *server_version;
	const char *search_path; /* the database's default for the account */
	const char *encoding;
	const char *collation; /* for columns without a collation of their
			          own */
	enum identifier_folding table_folding; /* schemas' names too */
	enum identifier_folding column_folding;
	const char *time_zone;
	const char *account; /* the account that read this */
	bool superuser;	     /* whether the account is a superuser */
	struct catalog_table *tables;
	size_t table_count;
	struct catalog_type *types;
	size_t type_count;
	/* outside pg_catalog; and pg_catalog's volatile ones */
	struct catalog_function *functions;
	size_t function_count;
	struct catalog_extension *extensions;
	size_t extension_count;
	struct catalog_role *roles; /* without the engine's own ones */
	size_t role_count;
	struct map table_by_name; /* "schema\0name" (size strlen+1+strlen) ->
				     struct catalog_table */
	struct map type_by_id;	  /* uint32_t -> struct catalog_type */
	struct map table_by_id;	  /* uint32_t -> struct catalog_table */
	uint64_t version; /* digest of the schema, to notice changes: not of row
			     estimates, rights and roles */
};

/* Each returns NULL if there is none. */
const struct catalog_table *catalog_table(const struct catalog *catalog,
					  const char *schema, const char *name);
/* Resolves a name without schema along a NULL-ended list of schemas. */
const struct catalog_table *catalog_resolve(const struct catalog *catalog,
					    const char *const *path,
					    const char *name);
const struct catalog_column *catalog_column(const struct catalog_table *table,
					    const char *name);
const struct catalog_column *catalog_column_number(
    const struct catalog_table *table, int16_t number);
/* Whether the column belongs to a key that a foreign key may refer to. */
bool catalog_is_key(const struct catalog_table *table,
		    const struct catalog_column *column);
const struct catalog_type *catalog_type(const struct catalog *catalog,
					uint32_t id);
const struct catalog_type *catalog_type_named(
    const struct catalog *catalog, const char *schema, /* or NULL: any */
    const char *name);
/* The position of an enum's label (from 0); -1: it has no such label. */
int catalog_label(const struct catalog_type *type, const char *label);
/* Adds a holder, which must free it as well. */
struct catalog *catalog_share(struct catalog *catalog);
void catalog_free(struct catalog **catalog);

#endif
