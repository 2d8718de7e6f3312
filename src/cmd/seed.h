/* What `seed` and `run --seed` share. */
#ifndef PARALLAX_CMD_SEED_H
#define PARALLAX_CMD_SEED_H

#include "cmd/checking.h"
#include "seed/seed.h"

/* Of the config's shadow; checking has read all its catalogs. The caller adds
 * what the command line says. */
struct seed_options seed_options_of(const struct checking *checking,
				    size_t index,
				    const struct seed_snapshot *snapshot);

/* Those that interrupt a seed; blocks them. */
void seed_signals(sigset_t *signals);

#endif
