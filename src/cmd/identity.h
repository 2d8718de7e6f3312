/* Whose rights the processes of `run` have. */
#ifndef PARALLAX_CMD_IDENTITY_H
#define PARALLAX_CMD_IDENTITY_H

#include "base/error.h"
#include "config/config.h"

/*
 * Started as root, the process becomes the user and the group of the config for
 * good; without a user there it is refused. Started as another user, the config
 * may name only this one. Nothing that it starts gains rights again (no set-uid
 * programs). Call it before anything is opened. -1: the error is set.
 */
int identity_take(const struct config *config, struct error *error);

#endif
