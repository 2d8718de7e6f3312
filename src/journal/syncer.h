/*
 * Inside the journal: the writer's thread for slow operations: syncing, closing
 * and removing segments. Jobs are done in order.
 */
#ifndef PARALLAX_JOURNAL_SYNCER_H
#define PARALLAX_JOURNAL_SYNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct journal_syncer;

/* directory: a descriptor of it, which outlives the syncer. */
int journal_syncer_start(struct journal_syncer **syncer, int directory,
			 struct error *error);
/* Does the queued jobs, then ends the thread. */
void journal_syncer_stop(struct journal_syncer **syncer);

/* fdatasync; left out while an earlier request is still pending. */
void journal_syncer_sync(struct journal_syncer *syncer, int fd);
/* A finished segment: fdatasync, close; then the directory's entry of the next
 * one is synced. */
void journal_syncer_finish(struct journal_syncer *syncer, int fd);
/* Removes a segment's file. */
void journal_syncer_remove(struct journal_syncer *syncer, uint64_t segment);

/* Safe at any time. */
int64_t journal_syncer_synced_at(struct journal_syncer *syncer);
/* How often a sync or removal failed; *code is the last one's errno. */
uint64_t journal_syncer_errors(struct journal_syncer *syncer, int *code);

#endif
