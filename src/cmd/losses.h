/*
 * What a store cannot know of the journal that it is read from: losses that a
 * full disk kept from being written there, or that the journal is gone. The
 * relay records it in the journal's directory (journal/state.h).
 */
#ifndef PARALLAX_CMD_LOSSES_H
#define PARALLAX_CMD_LOSSES_H

#include "base/arena.h"
#include "store/read.h"

/* Sets the content's `untold` and `journal_problem`. */
void losses_look(struct store_content *content, struct arena *arena);

#endif
