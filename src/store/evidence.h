/*
 * Evidence in the form in which the store keeps it: one JSON text with both
 * answers' outcomes and the differing rows, redacted. Written by
 * evidence_encode, read by evidence_decode; no other code knows its format.
 */
#ifndef PARALLAX_STORE_EVIDENCE_H
#define PARALLAX_STORE_EVIDENCE_H

#include "base/arena.h"
#include "store/read.h"
#include "base/redact.h"
#include "store/store.h"

/* The caller's (free). */
char *evidence_encode(const struct redactor *redactor,
		      const struct store_divergence *divergence);
/* Fills the evidence part of *out from the arena; -1: malformed. */
int evidence_decode(const char *json, struct arena *arena,
		    struct store_evidence *out);

#endif
