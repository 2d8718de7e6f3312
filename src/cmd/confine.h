/* What the processes of `run` may do: docs/security.md, "Processes". */
#ifndef PARALLAX_CMD_CONFINE_H
#define PARALLAX_CMD_CONFINE_H

#include "base/error.h"
#include "config/config.h"

/*
 * For the relay, or the mirror of this shadow: enters its sandbox, as far as
 * config and kernel have it, and logs what is in force. Call it before the
 * first line of the log, whose thread would be left out. looks: the folder of the
 * socket for the mirrors' second looks; NULL: none. -1: the error is set.
 */
int confine_relay(const struct config *config, const char *looks,
		  struct error *error);
int confine_mirror(const struct config *config,
		   const struct config_shadow *shadow, struct error *error);

#endif
