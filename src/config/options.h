/*
 * Every key of a config file, in one table. It drives the loader,
 * --print-config and --help-config; docs-check compares docs/configuration.md
 * with it.
 */
#ifndef PARALLAX_CONFIG_OPTIONS_H
#define PARALLAX_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* After each, the type of the member that it fills. */
enum option_kind {
	OPTION_TEXT,	  /* const char * */
	OPTION_PATH,	  /* const char *, relative to the config's folder */
	OPTION_SIZE,	  /* uint64_t, bytes */
	OPTION_DURATION,  /* int64_t, microseconds */
	OPTION_BOOL,	  /* bool */
	OPTION_PORT,	  /* int */
	OPTION_COUNT,	  /* uint64_t */
	OPTION_SMALL,	  /* unsigned */
	OPTION_CHOICE,	  /* an enum; `choices` in its order */
	OPTION_ADDRESSES, /* struct config.listen */
	OPTION_LIST,	  /* struct config_list: a text, or a list of such */
};

struct option {
	const char *section; /* "": the top; "shadows" is a list of such */
	const char *key;
	enum option_kind kind;
	size_t offset; /* in struct config; of "shadows" in config_shadow */
	const char *fallback; /* as it would be written; NULL: none */
	const char *choices;  /* "shed|block" */
	bool required;
	bool secret;	/* prints as *** */
	bool by_engine; /* the default is the engine's: its name, its port */
	const char *doc;
};

extern const struct option options[];
extern const size_t option_count;

/* All sections, "" first, NULL-ended. */
extern const char *const option_sections[];
const char *option_kind_name(enum option_kind kind);

#endif
