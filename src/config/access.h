/* What must hold of the options of access. */
#ifndef PARALLAX_CONFIG_ACCESS_H
#define PARALLAX_CONFIG_ACCESS_H

#include "config/config.h"

/* Adds an error for each that is malformed, or could not be obeyed. */
void config_check_access(struct diagnostics *diagnostics,
			 const struct config *config);

#endif
