/*
 * The keys that a journal's segments are encrypted with.
 *
 * Each segment has a random key of its own, which its head has wrapped by one of
 * the keys in the key file. The file's first key wraps new segments; all of them
 * open old ones. So a key is replaced by putting a new one in front, and the old
 * one can go once the segments that it wrapped are gone.
 *
 *	# openssl rand -hex 32 >journal.key
 *	8f1d...	the newest
 *	02ab...	an older one
 */
#ifndef PARALLAX_JOURNAL_KEYS_H
#define PARALLAX_JOURNAL_KEYS_H

#include "base/error.h"
#include "base/seal.h"
#include "journal/segment.h"

enum {
	JOURNAL_KEYS_MAX = 64,
	/* nonce, wrapped key, tag */
	JOURNAL_WRAPPED = SEAL_NONCE + SEAL_KEY + SEAL_TAG,
};

struct journal_keys;

/*
 * source: a file of mode 0600, or "/dev/fd/N", which is read to its end and closed. Errors:
 * not readable, open to others, a line that is no key, no key at all.
 */
int journal_keys_load(struct journal_keys **keys, const char *source,
		      struct error *error);
/* Whether the source is a descriptor. */
bool journal_keys_once(const char *source);
/* From a text. name: of the source, for messages. */
int journal_keys_parse(struct journal_keys **keys, const char *text,
		       size_t size, const char *name, struct error *error);
/* The file again, if it is one. On failure the old keys stay. */
int journal_keys_reload(struct journal_keys *keys, struct error *error);
void journal_keys_free(struct journal_keys **keys);

/* What a segment's head says of its key. */
struct journal_key {
	uint32_t id; /* of the wrapping key; 0: the segment is not encrypted */
	uint8_t wrapped[JOURNAL_WRAPPED];
};

/* Wraps a segment's key with the newest of the keys. */
void journal_keys_wrap(const struct journal_keys *keys,
		       const struct journal_identity *journal, uint64_t segment,
		       const uint8_t key[SEAL_KEY], struct journal_key *out);
/* keys: NULL: there are none. Errors: the wrapping key is not among them, or what
 * was wrapped was changed. */
int journal_keys_unwrap(const struct journal_keys *keys,
			const struct journal_identity *journal,
			uint64_t segment, const struct journal_key *wrapped,
			uint8_t key[SEAL_KEY], struct error *error);

/* The nonce of a segment's frame, by its place. */
void journal_frame_nonce(uint64_t offset, uint8_t nonce[SEAL_NONCE]);

#endif
