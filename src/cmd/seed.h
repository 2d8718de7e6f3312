/* What `seed` and `run --seed` share. */
#ifndef PARALLAX_CMD_SEED_H
#define PARALLAX_CMD_SEED_H

#include "cmd/checking.h"
#include "seed/seed.h"

/* From the config's shadow; checking has read all catalogs. The caller adds the
 * settings of the command line. */
struct seed_options seed_options_of(const struct checking *checking,
				    size_t index,
				    const struct seed_snapshot *snapshot);

/* The signals that interrupt a seed; blocks them. */
void seed_signals(sigset_t *signals);

#endif
