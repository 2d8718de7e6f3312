/* The two halves of sandbox_enter. */
#ifndef PARALLAX_SANDBOX_INTERNAL_H
#define PARALLAX_SANDBOX_INTERNAL_H

#include "sandbox/sandbox.h"

int landlock_enter(const struct sandbox *sandbox,
		   struct sandbox_outcome *outcome, struct error *error);
int system_calls_enter(const struct sandbox *sandbox,
		       struct sandbox_outcome *outcome, struct error *error);

#endif
