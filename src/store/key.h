/* Inside the store: its key, in a file of its own beside it. */
#ifndef PARALLAX_STORE_KEY_H
#define PARALLAX_STORE_KEY_H

#include "base/redact.h"
#include "base/seal.h"
#include "store/database.h"

/*
 * Reads STORE.key (64 hex digits, mode 0600), or makes it for a store that has
 * none yet. Two processes may do so at once: both get the same key. Errors: it
 * is gone, or another store's, or open to others; then the store cannot be
 * written.
 */
int store_key_load(sqlite3 *database, const char *path, uint8_t key[SEAL_KEY],
		   struct error *error);

/* Sets the key that values are hashed with. */
void store_key_redactor(const uint8_t key[SEAL_KEY], struct redactor *redactor);

#endif
