/*
 * What a store cannot know of the journal that it is read from: what a full
 * disk keeps from being written there, or that it is gone. The relay says it in
 * the journal's directory (journal/state.h).
 */
#ifndef PARALLAX_CMD_LOSSES_H
#define PARALLAX_CMD_LOSSES_H

#include "base/arena.h"
#include "store/read.h"

/* Sets the content's `untold` and `journal_problem`. */
void losses_look(struct store_content *content, struct arena *arena);

#endif
