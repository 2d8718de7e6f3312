/*
 * Replay lag: the newest exchange in the journal, and the one up to which the
 * mirror has judged all, by its store. Not shared between threads.
 */
#ifndef PARALLAX_VERIFY_LAG_H
#define PARALLAX_VERIFY_LAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct replay_lag;

/* key_file: of an encrypted journal, or NULL. *lag stays NULL while there is no journal or no store: no mirror has run. */
int replay_lag_open(const char *journal, const char *key_file,
		    const char *store, struct replay_lag **lag,
		    struct error *error);
void replay_lag_close(struct replay_lag **lag);

/*
 * The newest seq in the journal. The relay writes an exchange some ten
 * milliseconds after it: what ended REPLAY_LAG_DELAY_US ago is in it.
 */
enum { REPLAY_LAG_DELAY_US = 200000 };
int replay_lag_newest(struct replay_lag *lag, uint64_t *seq,
		      struct error *error);
/* The seq up to which all exchanges are judged (and applied, if they were to
 * be). */
int replay_lag_judged(struct replay_lag *lag, uint64_t *seq,
		      struct error *error);

#endif
