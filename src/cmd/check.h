/* parallax check, for itself and as `run --check`. */
#ifndef PARALLAX_CMD_CHECK_H
#define PARALLAX_CMD_CHECK_H

#include <stdbool.h>

#include "cmd/command.h"

extern const struct command command_check;

/* Prints all that is wrong and a summary to stdout; gives the exit code. */
int check_config(const char *path, bool offline);

#endif
