/* parallax check, for itself and as `run --check`. */
#ifndef PARALLAX_CMD_CHECK_H
#define PARALLAX_CMD_CHECK_H

#include <stdbool.h>

#include "cmd/checking.h"
#include "cmd/command.h"

extern const struct command command_check;

struct check_options {
	bool offline; /* files only */
	bool no_laws;
	bool no_rules; /* do not compare what traffic may not show */
	struct checking_laws laws;
};
extern const struct check_options check_defaults;

/* Prints all mistakes and a summary to stdout; returns the exit code. */
int check_config(const char *path, const struct check_options *options);

#endif
