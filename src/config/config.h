/*
 * The settings in force: one YAML file, read, checked and filled with defaults.
 * Owned by the caller (config_free). docs/configuration.md documents every
 * value here; docs-check compares the two.
 */
#ifndef PARALLAX_CONFIG_CONFIG_H
#define PARALLAX_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/endpoint.h"
#include "base/log.h"
#include "config/diagnostic.h"

/* listen */
struct config_address {
	const char *host; /* address or name; a path (starts with /) is the
			     folder of a unix socket .s.PGSQL.<port> */
	int port;
	struct place place;
};

/* 0: none. */
struct config_tcp {
	int64_t keepalive_us;	 /* 60 s */
	int64_t user_timeout_us; /* 0 */
};

/* To clients by TCP. Paths, or NULL. */
struct config_listen_tls {
	enum tls_offer offer;
	const char *certificate;
	const char *key;
	const char *ca;
};

struct config_list {
	const char **items;
	size_t count;
	struct place place;
};

/* Which clients may log in; empty: all. */
struct config_access {
	struct config_list networks;
	struct config_list users;
	struct config_list databases;
	struct config_list certificates; /* "name=user" */
	uint64_t failures;
};

struct config_primary {
	const char *engine; /* its name */
	/* user, database, password: for reading the catalog */
	struct endpoint endpoint;
	const char *password_file; /* the file that endpoint.password was
				      read from */
	struct config_tcp tcp;	   /* of the clients' connections to it */
	struct place place;
};

struct config_shadow {
	const char *name;	  /* "shadow": names its store and position */
	const char *engine;	  /* its name; the primary's by default */
	struct endpoint endpoint; /* of all of a client's databases */
	const char *mapping;	  /* path, or NULL: the identity */
	const char *store;	  /* path */
	bool set_role;		  /* take on the client's role */
	/* ... by an account with more rights than the client */
	bool unsafe_rights;
	const char *rights_file;
	const char *password_file;
	struct place place;
};

struct config_capture {
	uint64_t max_result;	/* bytes of rows kept of one answer: 1 MiB */
	uint64_t max_statement; /* bytes of text: 1 MiB */
};

enum journal_full { JOURNAL_SHED, JOURNAL_BLOCK };

struct config_journal {
	const char *directory;
	const char *encryption; /* the file of its keys, or NULL */
	uint64_t segment_size;	/* 64 MiB */
	uint64_t max_size;	/* 8 GiB */
	uint64_t buffer;	/* 32 MiB */
	enum journal_full when_full;
	int64_t keep_us; /* keep passed segments that long; 0 */
	int64_t sync_us; /* fdatasync interval; 1 s */
};

struct config_compare {
	int64_t clock_tolerance_us; /* 2 s */
	unsigned float_ulps;	    /* 4 */
	bool warnings;		    /* false */
	uint64_t evidence_rows;	    /* 10 differing rows of one divergence */
	uint64_t evidence_per_fingerprint; /* 10 divergences kept of one */
	bool show_values;		   /* false: redact */
	int64_t statement_timeout_us;	   /* of a shadow statement; 0: none */
};

/* What relay and mirrors are confined in. */
struct config_sandbox {
	bool files; /* and TCP ports */
	bool system_calls;
};

struct config {
	struct arena arena;
	const char *file;
	struct config_address *listen;
	size_t listen_count;
	struct config_tcp listen_tcp;
	struct config_listen_tls listen_tls;
	bool listen_tcp_to_socket;
	struct config_access access;
	const char *auth_file; /* or NULL */
	const char *mapping;   /* for shadows that do not name their own, or
			        NULL */
	/* Likewise; with several shadows, each has "-NAME" inserted. */
	const char *store;
	const char *pid_file; /* or NULL */
	/* Whom to become if started as root; or NULL. */
	const char *user;
	const char *group;
	/* At SIGTERM: the grace for clients, then for mirrors; 30 s. */
	int64_t drain_us;
	struct config_primary primary;
	struct config_shadow *shadows;
	size_t shadow_count;
	struct config_capture capture;
	struct config_journal journal;
	struct config_compare compare;
	uint64_t mirror_memory;
	bool mirror_looks; /* at rows in doubt, by way of the relay */
	struct config_sandbox sandbox;
	enum log_level log_level;
};

/* A kind of database, and the port that it listens on by default. Lists end
 * with a NULL name; the first is the default. */
struct config_engine {
	const char *name;
	int port;
};

/* Reads and checks; -1 if diagnostics got an error. Relative paths in the file
 * are relative to the file's folder. ${NAME} in a string is an environment
 * variable. */
int config_load(const char *path, const struct config_engine *engines,
		struct diagnostics *diagnostics, struct config **config);
/* The same from memory; name stands for the file, in places and as its folder.
 */
int config_parse(const char *name, const char *text, size_t size,
		 const struct config_engine *engines,
		 struct diagnostics *diagnostics, struct config **config);
void config_free(struct config **config);
/* As YAML, with all defaults, secrets as "***". */
void config_print(const struct config *config, FILE *out);
/* Every key: its type, default and meaning, one to a line. */
void config_describe(FILE *out, const struct config_engine *engines);

#endif
