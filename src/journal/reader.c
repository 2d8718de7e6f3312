#include "journal/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "journal/keys.h"

enum {
	READ_CHUNK = 256 * 1024,
	/* A record of JOURNAL_RECORD_MAX bytes may unpack to more than its size
	 * (many small settings); one that needs more than this is hostile. */
	UNPACK_MAX = 64 * 1024 * 1024,
	HEAD_MAX = 64 * 1024, /* of a segment's first frame, if it has a key */
};

struct journal_reader {
	char *path;
	int directory;
	int inotify;
	int file_watch;
	int file; /* -1: none is open */
	/* Of the open segment, or of the one to open next (0: oldest). */
	struct journal_position next;
	bool broken;	 /* this segment has nothing more */
	uint8_t *data;	 /* file bytes from next.offset on */
	size_t start;	 /* of them in data */
	size_t size;	 /* of them */
	size_t capacity; /* of data */
	uint64_t torn;
	bool refused;	   /* a head of another format */
	bool foreign;	   /* a head of another journal */
	bool probing;	   /* only heads are read, which are not encrypted */
	struct error lock; /* why no key opens the open segment; or none */
	bool locked;	   /* one was refused for that */
	struct journal_keys *keys; /* borrowed; NULL: none */
	struct seal *seal; /* of the open segment; NULL: not encrypted */
	bool identified;   /* by the directory, else by the first head read */
	struct journal_identity identity;
	struct arena arena; /* holds the current record */
	ProtobufCAllocator allocator;
};

static void *unpack_alloc(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void unpack_free(void *arena, void *memory)
{
	(void)arena;
	(void)memory;
}

static void close_segment(struct journal_reader *reader)
{
	if (reader->file_watch >= 0)
		inotify_rm_watch(reader->inotify, reader->file_watch);
	if (reader->file >= 0)
		close(reader->file);
	reader->file = reader->file_watch = -1;
	seal_free(&reader->seal);
	reader->broken = false;
	reader->start = reader->size = 0;
	reader->torn = 0;
}

void journal_reader_free(struct journal_reader **pointer)
{
	struct journal_reader *reader = *pointer;

	if (!reader)
		return;
	close_segment(reader);
	if (reader->inotify >= 0)
		close(reader->inotify);
	if (reader->directory >= 0)
		close(reader->directory);
	arena_release(&reader->arena);
	free(reader->data);
	free(reader->path);
	free(reader);
	*pointer = NULL;
}

/* The oldest segment from `least` on; 0: none, or unknown. */
static uint64_t find_segment(const struct journal_reader *reader,
			     uint64_t least)
{
	struct journal_segment *segments;
	struct error ignored; /* a missing directory has no segments */
	uint64_t found = 0;
	size_t count;

	if (journal_segments(reader->path, &segments, &count, &ignored))
		return 0;
	for (size_t i = 0; i < count && !found; i++)
		if (segments[i].number >= least)
			found = segments[i].number;
	free(segments);
	return found;
}

/* The segment after the open one; 0: the open one is the newest. */
static uint64_t newer_segment(const struct journal_reader *reader)
{
	uint64_t next = reader->next.segment + 1;
	struct stat status;
	char name[64];

	journal_segment_name(name, sizeof(name), next);
	if (faccessat(reader->directory, name, F_OK, 0) == 0)
		return next;
	/* Retention may have overtaken a slow reader: then its segment, or at
	 * least the next one, is removed. */
	if (reader->file >= 0 &&
	    (fstat(reader->file, &status) != 0 || status.st_nlink > 0))
		return 0;
	return find_segment(reader, next);
}

/* Without a watch only promptness is lost: readers also poll with a timeout,
 * and the directory's watch reports the next segment. */
static void watch_segment(struct journal_reader *reader)
{
	char path[4096];
	char name[64];

	if (reader->inotify < 0 || reader->file < 0)
		return;
	journal_segment_name(name, sizeof(name), reader->next.segment);
	snprintf(path, sizeof(path), "%s/%s", reader->path, name);
	reader->file_watch =
	    inotify_add_watch(reader->inotify, path, IN_MODIFY);
}

/* The whole first frame of the open segment, malloc'ed; NULL: there is none. */
static uint8_t *read_head(const struct journal_reader *reader, size_t *body)
{
	uint8_t start[JOURNAL_FRAME_HEAD];
	uint8_t *frame = NULL;
	size_t size;

	if (pread(reader->file, start, sizeof(start), 0) !=
		(ssize_t)sizeof(start) ||
	    journal_frame_view(start, sizeof(start), body) !=
		JOURNAL_FRAME_MORE ||
	    *body > HEAD_MAX)
		return NULL;
	size = sizeof(start) + *body;
	frame = malloc(size);
	if (frame &&
	    (pread(reader->file, frame, size, 0) != (ssize_t)size ||
	     journal_frame_view(frame, size, body) != JOURNAL_FRAME_OK)) {
		free(frame);
		frame = NULL;
	}
	return frame;
}

/* A key that came since is in the file, perhaps. */
static int unwrap(struct journal_reader *reader,
		  const Parallax__Journal__SegmentHead *head,
		  const struct journal_key *wrapped, uint8_t key[SEAL_KEY],
		  struct error *error)
{
	struct journal_identity journal;
	struct error ignored;

	memcpy(journal.bytes, head->journal.data, JOURNAL_IDENTITY);
	error_init(&ignored);
	if (!journal_keys_unwrap(reader->keys, &journal, head->segment, wrapped,
				 key, error))
		return 0;
	if (!reader->keys || journal_keys_reload(reader->keys, &ignored))
		return -1;
	return journal_keys_unwrap(reader->keys, &journal, head->segment,
				   wrapped, key, error);
}

static int take_key(struct journal_reader *reader,
		    const Parallax__Journal__SegmentHead *head,
		    struct error *error)
{
	struct journal_key wrapped = {.id = head->key};
	uint8_t key[SEAL_KEY];

	if (head->wrapped.len != JOURNAL_WRAPPED ||
	    head->journal.len != JOURNAL_IDENTITY)
		return error_set(error, ERROR_CORRUPT,
				 "segment %" PRIu64 " is encrypted, and its "
				 "head has no key",
				 head->segment);
	memcpy(wrapped.wrapped, head->wrapped.data, JOURNAL_WRAPPED);
	if (unwrap(reader, head, &wrapped, key, error))
		return -1;
	reader->seal = seal_new(key);
	seal_wipe(key, sizeof(key));
	return 0;
}

/* NULL: malformed, or more than the arena holds (*large). */
static Parallax__Journal__Record *unpack_bytes(struct journal_reader *reader,
					       const uint8_t *data, size_t size,
					       bool *large)
{
	Parallax__Journal__Record *record;

	*large = false;
	arena_clear(&reader->arena);
	if (ARENA_CATCH(&reader->arena)) {
		*large = true;
		return NULL;
	}
	record =
	    parallax__journal__record__unpack(&reader->allocator, size, data);
	arena_uncatch(&reader->arena);
	return record;
}

/*
 * The key of the open segment, if it is encrypted: wherever reading begins in it,
 * its head is looked at first. What is wrong with it is reported when it is read,
 * or the first record that needs the key.
 */
static void open_seal(struct journal_reader *reader)
{
	Parallax__Journal__Record *record;
	bool large;
	size_t body;
	uint8_t *frame = reader->probing ? NULL : read_head(reader, &body);

	error_init(&reader->lock);
	if (!frame)
		return;
	record = unpack_bytes(reader, frame + JOURNAL_FRAME_HEAD, body, &large);
	if (record && record->head && record->head->key &&
	    record->head->version == JOURNAL_VERSION_ENCRYPTED)
		take_key(reader, record->head, &reader->lock);
	free(frame);
}

static enum journal_read open_segment(struct journal_reader *reader,
				      struct error *error)
{
	uint64_t wanted = reader->next.segment;
	uint64_t found = wanted;
	char name[64];

	if (!wanted)
		found = find_segment(reader, 1);
	if (!found)
		return JOURNAL_MORE;
	journal_segment_name(name, sizeof(name), found);
	reader->file =
	    openat(reader->directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (reader->file < 0 && errno == ENOENT) {
		found = find_segment(reader, wanted + 1);
		/* Only older ones: this reader's place belongs to another
		 * journal. It does not wait for the number to be reached. */
		if (!found && find_segment(reader, 1)) {
			reader->broken = true;
			error_set(error, ERROR_CORRUPT,
				  "segment %" PRIu64 " is gone, and all that "
				  "are there are older: another journal's",
				  wanted);
			return JOURNAL_BAD;
		}
		if (!found)
			return JOURNAL_MORE;
		reader->next = (struct journal_position){found, 0};
		error_set(error, ERROR_CORRUPT,
			  "segment %" PRIu64 " is gone; the oldest left behind "
			  "it is %" PRIu64,
			  wanted, found);
		return JOURNAL_BAD;
	}
	if (reader->file < 0) {
		error_set_errno(error, ERROR_IO, "cannot open %s", name);
		error_at(error, name, 0, 0);
		reader->broken = true;
		return JOURNAL_BAD;
	}
	if (found != wanted)
		reader->next = (struct journal_position){found, 0};
	watch_segment(reader);
	open_seal(reader);
	return JOURNAL_OK;
}

/* Reads until `need` bytes are available, or the file ends. -1: I/O error. */
static int fill(struct journal_reader *reader, size_t need)
{
	size_t room = need > READ_CHUNK ? need : READ_CHUNK;

	if (reader->size >= need)
		return 0;
	if (reader->start) {
		memmove(reader->data, reader->data + reader->start,
			reader->size);
		reader->start = 0;
	}
	if (room > reader->capacity) {
		uint8_t *grown = realloc(reader->data, room);

		if (!grown)
			return -1;
		reader->data = grown;
		reader->capacity = room;
	}
	while (reader->size < need) {
		ssize_t got =
		    pread(reader->file, reader->data + reader->size,
			  reader->capacity - reader->size,
			  (off_t)(reader->next.offset + reader->size));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		reader->size += (size_t)got;
	}
	return 0;
}

/* Looks at the frame `ahead` bytes further on, reading as needed. */
static int look(struct journal_reader *reader, size_t ahead,
		enum journal_frame *frame, size_t *body)
{
	for (;;) {
		size_t need;
		size_t had;

		if (fill(reader, ahead + JOURNAL_FRAME_HEAD))
			return -1;
		had = reader->size < ahead ? 0 : reader->size - ahead;
		*frame = journal_frame_view(
		    had ? reader->data + reader->start + ahead : NULL, had,
		    body);
		if (*frame != JOURNAL_FRAME_MORE || !*body)
			return 0;
		need = ahead + JOURNAL_FRAME_HEAD + *body;
		if (reader->size >= need)
			return 0;
		if (fill(reader, need))
			return -1;
		if (reader->size < need)
			return 0;
	}
}

static void skip(struct journal_reader *reader, size_t bytes)
{
	reader->start += bytes;
	reader->size -= bytes;
	reader->next.offset += bytes;
}

static enum journal_read bad(const struct journal_position *at,
			     const char *what, struct error *error)
{
	char name[64];

	journal_segment_name(name, sizeof(name), at->segment);
	error_set(error, ERROR_CORRUPT, "%s at offset %" PRIu64 " of %s", what,
		  at->offset, name);
	error_at(error, name, 0, 0);
	return JOURNAL_BAD;
}

/*
 * A frame that fails its checksum. Continues after it if the length leads to a
 * sound frame or exactly to the file's end; otherwise gives the segment up.
 */
static enum journal_read bad_frame(struct journal_reader *reader, size_t body,
				   struct error *error)
{
	struct journal_position at = reader->next;
	size_t whole = JOURNAL_FRAME_HEAD + body;
	enum journal_frame frame;
	size_t ignored;

	if (!body) {
		reader->broken = true;
		return bad(&at, "impossible length", error);
	}
	if (look(reader, whole, &frame, &ignored) == 0 &&
	    (frame == JOURNAL_FRAME_OK || reader->size == whole))
		skip(reader, whole);
	else
		reader->broken = true;
	return bad(&at, "wrong checksum", error);
}

static void refuse_version(struct error *error, uint64_t segment,
			   uint32_t version)
{
	error_set(error, ERROR_CORRUPT,
		  "segment %" PRIu64 " has version %" PRIu32
		  " of the journal's format; this program reads version %d",
		  segment, version, JOURNAL_VERSION);
	error_hint(error, "begin with an empty journal directory and a new "
			  "store, or use the version that wrote it");
}

/* A segment's head: of this format, and of the same journal as before. */
static int check_head(struct journal_reader *reader,
		      const Parallax__Journal__SegmentHead *head,
		      struct error *error)
{
	if (head->version != JOURNAL_VERSION &&
	    head->version != JOURNAL_VERSION_ENCRYPTED) {
		refuse_version(error, head->segment, head->version);
		reader->refused = true;
		return -1;
	}
	if (head->journal.len != JOURNAL_IDENTITY ||
	    (reader->identified &&
	     memcmp(head->journal.data, reader->identity.bytes,
		    JOURNAL_IDENTITY) != 0)) {
		reader->foreign = true;
		return error_set(error, ERROR_CORRUPT,
				 "segment %" PRIu64 " is another journal's",
				 head->segment);
	}
	memcpy(reader->identity.bytes, head->journal.data, JOURNAL_IDENTITY);
	reader->identified = true;
	return 0;
}

/* In place, where the segment is encrypted; its first frame is not. */
static int decrypt(struct journal_reader *reader, size_t *body)
{
	uint8_t *data = reader->data + reader->start + JOURNAL_FRAME_HEAD;
	uint8_t nonce[SEAL_NONCE];

	if (!reader->seal || !reader->next.offset)
		return 0;
	if (*body <= SEAL_TAG)
		return -1;
	*body -= SEAL_TAG;
	journal_frame_nonce(reader->next.offset, nonce);
	return seal_open(reader->seal, nonce, NULL, 0, data, *body,
			 data + *body)
		   ? 0
		   : -1;
}

static enum journal_read unpack(struct journal_reader *reader, size_t whole,
				struct journal_record *out, struct error *error)
{
	const uint8_t *frame = reader->data + reader->start;
	Parallax__Journal__Record *record;
	size_t body = whole;
	bool large;

	out->position = reader->next;
	if (reader->lock.kind && reader->next.offset) {
		*error = reader->lock;
		reader->locked = reader->broken = true;
		return JOURNAL_BAD;
	}
	if (decrypt(reader, &body)) {
		skip(reader, JOURNAL_FRAME_HEAD + whole);
		return bad(&out->position, "record cannot be decrypted", error);
	}
	record = unpack_bytes(reader, frame + JOURNAL_FRAME_HEAD, body, &large);
	skip(reader, JOURNAL_FRAME_HEAD + whole);
	if (!record)
		return bad(&out->position,
			   large ? "record unpacks too large"
				 : "malformed record",
			   error);
	if (record->head && check_head(reader, record->head, error)) {
		reader->broken = true;
		return JOURNAL_BAD;
	}
	out->record = record;
	out->next = reader->next;
	return JOURNAL_OK;
}

/*
 * The segment has nothing more for now. If a newer one exists it is finished:
 * goes there. JOURNAL_OK: continue reading.
 */
static enum journal_read at_end(struct journal_reader *reader,
				struct error *error)
{
	struct journal_position at = reader->next;
	uint64_t newer = newer_segment(reader);
	uint64_t left = reader->size;
	bool cut = false;
	struct stat status;

	if (newer && !reader->broken && fstat(reader->file, &status) == 0 &&
	    (uint64_t)status.st_size > at.offset + reader->size)
		return JOURNAL_OK; /* it grew before its successor appeared */
	if (!newer) {
		/* Read from the file again next time: after a failed write
		 * these bytes are cut off and written again. */
		reader->torn = reader->broken ? 0 : left;
		reader->start = reader->size = 0;
		return JOURNAL_MORE;
	}
	if (reader->broken)
		left = 0; /* already reported */
	else if (fstat(reader->file, &status) == 0 &&
		 (uint64_t)status.st_size < at.offset)
		cut = true;
	close_segment(reader);
	reader->next = (struct journal_position){newer, 0};
	if (left)
		return bad(&at, "unfinished record", error);
	if (cut)
		return bad(&at, "the file ends before its reader's place",
			   error);
	if (newer != at.segment + 1) {
		error_set(error, ERROR_CORRUPT,
			  "segments %" PRIu64 " to %" PRIu64 " are gone",
			  at.segment + 1, newer - 1);
		return JOURNAL_BAD;
	}
	return JOURNAL_OK;
}

enum journal_read journal_reader_next(struct journal_reader *reader,
				      struct journal_record *record,
				      struct error *error)
{
	reader->torn = 0;
	for (;;) {
		enum journal_frame frame = JOURNAL_FRAME_MORE;
		enum journal_read result = JOURNAL_OK;
		size_t body = 0;

		if (reader->file < 0 && !reader->broken)
			result = open_segment(reader, error);
		if (result != JOURNAL_OK)
			return result;
		if (!reader->broken && look(reader, 0, &frame, &body) != 0) {
			struct journal_position at = reader->next;

			reader->broken = true;
			return bad(&at, strerror(errno), error);
		}
		if (frame == JOURNAL_FRAME_OK)
			return unpack(reader, body, record, error);
		if (frame == JOURNAL_FRAME_BAD)
			return bad_frame(reader, body, error);
		result = at_end(reader, error);
		if (result != JOURNAL_OK)
			return result;
	}
}

/* Refuses a journal of another format at once, and not as damage of a segment.
 */
static int check_first(struct journal_reader *reader, struct error *error)
{
	struct journal_position from = reader->next;
	struct journal_record record;
	struct error damage;
	int result = 0;

	reader->next.offset = 0;
	reader->probing = true;
	error_init(&damage);
	if (journal_reader_next(reader, &record, &damage) == JOURNAL_BAD &&
	    reader->refused) {
		*error = damage;
		result = -1;
	}
	close_segment(reader);
	reader->probing = false;
	reader->next = from;
	return result;
}

int journal_reader_open(struct journal_reader **out, const char *directory,
			struct journal_position from, struct error *error)
{
	struct journal_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return error_set(error, ERROR_MEMORY, "out of memory");
	arena_init(&reader->arena, UNPACK_MAX);
	reader->allocator.alloc = unpack_alloc;
	reader->allocator.free = unpack_free;
	reader->allocator.allocator_data = &reader->arena;
	reader->file = reader->inotify = reader->file_watch = -1;
	reader->next = from;
	reader->path = strdup(directory);
	reader->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!reader->path || reader->directory < 0) {
		error_set_errno(error, ERROR_IO,
				"cannot open journal directory %s", directory);
		goto fail;
	}
	if (journal_identity_load(reader->directory, &reader->identity,
				  &reader->identified, error) ||
	    check_first(reader, error))
		goto fail;
	*out = reader;
	return 0;
fail:
	journal_reader_free(&reader);
	return -1;
}

bool journal_reader_identity(const struct journal_reader *reader,
			     struct journal_identity *identity)
{
	*identity = reader->identity;
	return reader->identified;
}

bool journal_reader_foreign(const struct journal_reader *reader)
{
	return reader->foreign;
}

void journal_reader_use_keys(struct journal_reader *reader,
			     struct journal_keys *keys)
{
	reader->keys = keys;
}

bool journal_reader_locked(const struct journal_reader *reader)
{
	return reader->locked;
}

bool journal_reader_cut_off(const struct journal_reader *reader)
{
	struct stat ours;
	struct stat there;

	return fstat(reader->directory, &ours) != 0 ||
	       stat(reader->path, &there) != 0 || ours.st_ino != there.st_ino ||
	       ours.st_dev != there.st_dev;
}

struct journal_position journal_reader_position(
    const struct journal_reader *reader)
{
	return reader->next;
}

uint64_t journal_reader_torn(const struct journal_reader *reader)
{
	return reader->torn;
}

uint64_t journal_reader_lag(const struct journal_reader *reader)
{
	struct journal_segment *segments;
	struct error ignored; /* no directory, no lag */
	uint64_t lag = 0;
	size_t count;

	if (journal_segments(reader->path, &segments, &count, &ignored))
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (segments[i].number > reader->next.segment)
			lag += segments[i].size;
		else if (segments[i].number == reader->next.segment &&
			 segments[i].size > reader->next.offset)
			lag += segments[i].size - reader->next.offset;
	}
	free(segments);
	return lag;
}

int journal_reader_fd(struct journal_reader *reader)
{
	if (reader->inotify >= 0)
		return reader->inotify;
	reader->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (reader->inotify < 0)
		return -1;
	/* A segment appears by being renamed into place. */
	if (inotify_add_watch(reader->inotify, reader->path, IN_MOVED_TO) < 0) {
		close(reader->inotify);
		reader->inotify = -1;
	}
	watch_segment(reader);
	return reader->inotify;
}

void journal_reader_clear(struct journal_reader *reader)
{
	char events[4096];

	while (reader->inotify >= 0 &&
	       read(reader->inotify, events, sizeof(events)) > 0)
		continue;
}
