/* Part of `check`: certificates, keys and authorities. */
#ifndef PARALLAX_CMD_CHECKING_TLS_H
#define PARALLAX_CMD_CHECKING_TLS_H

#include "config/config.h"

/* Reads the files that the options of TLS name. -1: errors were added. */
int checking_tls(const struct config *config, struct diagnostics *diagnostics);

#endif
