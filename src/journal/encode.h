/*
 * Inside the journal: packing of records, in one pass.
 *
 * protobuf-c walks each message twice through its descriptors, at a microsecond
 * for a small exchange, which is paid on the client path; this knows the
 * fields of the frequent parts by heart. The wire format is the same; lengths
 * of parts may be padded varints, as any protobuf decoder takes them.
 */
#ifndef PARALLAX_JOURNAL_ENCODE_H
#define PARALLAX_JOURNAL_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "journal/journal.pb-c.h"

/* An upper bound of the packed size. */
size_t journal_encode_bound(const Parallax__Journal__Record *record);
/* Packs into out, which has room for the bound (at most JOURNAL_RECORD_MAX);
 * returns the size. */
size_t journal_encode(const Parallax__Journal__Record *record, size_t bound,
		      uint8_t *out);

#endif
