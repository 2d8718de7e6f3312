/*
 * The files of a journal directory and the frames in them; what writer and
 * reader share.
 *
 *	segment-000000000001	frames of records, numbered from 1 without holes
 *	epoch			the relay's newest start, and whether it ended well
 *	lock			held (an open file description lock) by the one writer
 *	mirror-NAME.position	the oldest place that a mirror still needs
 *
 * A frame is length (u32 little-endian, of the body), checksum (the low 32
 * bits of the body's XXH3-64, u32 little-endian), body (a Record, protobuf).
 *
 * In an encrypted segment that is so for the first frame, the head. All others
 * have the encrypted Record and 16 bytes of tag for a body (AES-256-GCM, with the
 * frame's offset as the nonce), under the same length and checksum: what is torn is
 * found without a key.
 */
#ifndef PARALLAX_JOURNAL_SEGMENT_H
#define PARALLAX_JOURNAL_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	JOURNAL_VERSION = 2,
	JOURNAL_VERSION_ENCRYPTED = 3, /* of an encrypted segment */
	JOURNAL_IDENTITY = 16,	       /* bytes */
	JOURNAL_FRAME_HEAD = 8,
	JOURNAL_RECORD_MAX = 16 * 1024 * 1024, /* a body's bytes */
	JOURNAL_MIRROR_NAME_MAX = 64,
};

/* A place in a journal: the border before a record. Segment 0: the start. */
struct journal_position {
	uint64_t segment;
	uint64_t offset; /* bytes from the segment's start */
};

/* -1, 0, 1 as a lies before, at or after b. */
int journal_position_compare(struct journal_position a,
			     struct journal_position b);

/* What stands at the start of a run of bytes. */
enum journal_frame {
	JOURNAL_FRAME_OK,   /* a whole frame with the right checksum */
	JOURNAL_FRAME_MORE, /* a beginning; the rest is missing (so far) */
	JOURNAL_FRAME_BAD,  /* length or checksum is impossible */
};

/*
 * Looks at `size` bytes. OK: *body_size is set, the body starts at
 * data + JOURNAL_FRAME_HEAD. MORE: *body_size is set if the length is known
 * (size >= JOURNAL_FRAME_HEAD), else 0. BAD: *body_size is 0 when the length
 * itself is impossible. A length is checked against JOURNAL_RECORD_MAX before
 * anything is waited for or allocated.
 */
enum journal_frame journal_frame_view(const uint8_t *data, size_t size,
				      size_t *body_size);

/* The body's length, from a frame's head. */
uint32_t journal_frame_length(const uint8_t *frame);

/* Writes only the length: the checksum follows once the body is what it will be.
 */
void journal_frame_size(uint8_t *frame, size_t body_size);
/* Writes the head of a frame whose body is at frame + JOURNAL_FRAME_HEAD. */
void journal_frame_seal(uint8_t *frame, size_t body_size);

struct journal_identity {
	uint8_t bytes[JOURNAL_IDENTITY]; /* a random UUID; zeros: none */
};

/*
 * The identity of the journal in a directory: stored in its file `identity`,
 * and in each segment's head. *known is false if the directory has none.
 */
int journal_identity_load(int directory, struct journal_identity *identity,
			  bool *known, struct error *error);
int journal_identity_keep(int directory,
			  const struct journal_identity *identity,
			  struct error *error);
/* As above, by the directory's path; without the file, from its oldest segment.
 */
int journal_identity_find(const char *path, struct journal_identity *identity,
			  bool *known, struct error *error);
/* As 36 characters and a NUL. */
enum { JOURNAL_IDENTITY_TEXT = 37 };
void journal_identity_print(const struct journal_identity *identity, char *out);
/* Generates one and stores it. */
int journal_identity_make(int directory, struct journal_identity *identity,
			  struct error *error);

/* The segment's file name, without the directory, into name. */
void journal_segment_name(char *name, size_t size, uint64_t segment);
/* The number in a file name; 0 if it is not a segment's. */
uint64_t journal_segment_number(const char *name);

struct journal_segment {
	uint64_t number;
	uint64_t size;	 /* bytes */
	int64_t written; /* unix us of its last change */
};

/*
 * The segments of a directory, ascending, in a malloc'ed array that the caller
 * frees (NULL when there is none).
 */
int journal_segments(const char *directory, struct journal_segment **segments,
		     size_t *count, struct error *error);

/* Whether a writer holds the directory's lock at this moment. */
bool journal_is_written(const char *directory);

/*
 * The positions of mirrors. Saving replaces the file as a whole (written,
 * synced, renamed), so that a reader sees the old or the new one. A mirror is
 * registered from its first save until journal_position_remove; until then no
 * segment at or after its position is removed. Names: letters, digits, '_', '-'
 * and '.', at most JOURNAL_MIRROR_NAME_MAX.
 */
int journal_position_save(const char *directory, const char *mirror,
			  struct journal_position position,
			  struct error *error);
/* 1: loaded, 0: there is none, -1: error (unreadable or malformed). */
int journal_position_load(const char *directory, const char *mirror,
			  struct journal_position *position,
			  struct error *error);
int journal_position_remove(const char *directory, const char *mirror,
			    struct error *error);

#endif
