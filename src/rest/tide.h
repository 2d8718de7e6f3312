/*
 * How far the mirror of a shadow is: the newest exchange in the journal, and up
 * to which one the store says that all are judged. No thread shares one.
 */
#ifndef PARALLAX_REST_TIDE_H
#define PARALLAX_REST_TIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct tide;

/* *tide stays NULL if there is no journal or no store yet: no mirror has ever
 * run. */
int tide_open(const char *journal, const char *store, struct tide **tide,
	      struct error *error);
void tide_close(struct tide **tide);

/*
 * The newest seq in the journal. The relay writes an exchange some ten
 * milliseconds after it: what ended TIDE_DELAY_US ago is in it.
 */
enum { TIDE_DELAY_US = 200000 };
int tide_newest(struct tide *tide, uint64_t *seq, struct error *error);
/* Up to which seq all are judged (and applied, if they were to be). */
int tide_passed(struct tide *tide, uint64_t *seq, struct error *error);

/* What the mirror has learned of clocks (lens_learned): *clocks is the
 * caller's, NULL if there is no store or nothing in it. */
int tide_clocks(const char *store, char **clocks, struct error *error);

/* Is a relay writing the journal at this moment? */
bool tide_flows(const char *journal);

#endif
