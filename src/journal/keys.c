#include "journal/keys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { SOURCE_MAX = 16 * 1024, ABOUT = JOURNAL_IDENTITY + 8 };

struct journal_keys {
	char *source;
	size_t count;
	struct {
		uint32_t id;
		uint8_t key[SEAL_KEY];
	} keys[JOURNAL_KEYS_MAX];
};

/* --- reading --- */

/* Nobody learns anything of the key from it. */
static uint32_t id_of(const uint8_t key[SEAL_KEY])
{
	uint8_t hash[SEAL_KEY];
	uint32_t id;

	seal_derive(key, "journal key id", hash);
	memcpy(&id, hash, sizeof(id));
	return id ? id : 1;
}

static int take_line(struct journal_keys *keys, const char *line, size_t size,
		     int number, const char *name, struct error *error)
{
	uint8_t key[SEAL_KEY];

	while (size && isspace((unsigned char)line[size - 1]))
		size--;
	if (!size || *line == '#')
		return 0;
	if (keys->count == JOURNAL_KEYS_MAX || !seal_parse(line, size, key)) {
		error_set(error, ERROR_CONFIG,
			  keys->count == JOURNAL_KEYS_MAX
			      ? "too many keys"
			      : "not a key: 64 hex digits are needed");
		error_hint(error, "openssl rand -hex 32 makes one");
		error_at(error, name, number, 1);
		return -1;
	}
	keys->keys[keys->count].id = id_of(key);
	memcpy(keys->keys[keys->count++].key, key, SEAL_KEY);
	seal_wipe(key, sizeof(key));
	return 0;
}

int journal_keys_parse(struct journal_keys **out, const char *text, size_t size,
		       const char *name, struct error *error)
{
	struct journal_keys *keys = memory_alloc(sizeof(*keys));
	int number = 0, result = 0;

	keys->source = memory_string(name);
	for (size_t at = 0; at < size && !result;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t line = end ? (size_t)(end - text) - at : size - at;

		result =
		    take_line(keys, text + at, line, ++number, name, error);
		at += line + 1;
	}
	if (!result && !keys->count)
		result =
		    error_set(error, ERROR_CONFIG, "%s: no key is in it", name);
	if (result)
		journal_keys_free(&keys);
	*out = keys;
	return result;
}

/* "/dev/fd/3", which can be read once only. */
static bool is_descriptor(const char *source, int *fd)
{
	static const char prefix[] = "/dev/fd/";
	char *end;

	if (strncmp(source, prefix, sizeof(prefix) - 1) != 0)
		return false;
	source += sizeof(prefix) - 1;
	*fd = (int)strtol(source, &end, 10);
	return *end == '\0' && end > source;
}

bool journal_keys_once(const char *source)
{
	int fd;

	return is_descriptor(source, &fd);
}

/* All of it, and no more than fits. */
static int read_all(int fd, char *text, size_t *size, const char *name,
		    struct error *error)
{
	ssize_t got;

	*size = 0;
	while ((got = read(fd, text + *size, SOURCE_MAX - *size)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(error, ERROR_IO,
					       "%s: cannot read", name);
		*size += (size_t)got;
		if (*size == SOURCE_MAX)
			return error_set(error, ERROR_LIMIT,
					 "%s: too long for a key file", name);
	}
	return 0;
}

static int check_private(int fd, const char *name, struct error *error)
{
	struct stat status;

	if (fstat(fd, &status))
		return error_set_errno(error, ERROR_IO, "%s: cannot read",
				       name);
	if (S_ISREG(status.st_mode) && status.st_mode & 077) {
		error_set(error, ERROR_CONFIG, "%s: open to others", name);
		error_hint(error, "chmod 600 it");
		return -1;
	}
	return 0;
}

int journal_keys_load(struct journal_keys **keys, const char *source,
		      struct error *error)
{
	char text[SOURCE_MAX];
	size_t size = 0;
	int fd = -1, result;

	*keys = NULL;
	if (!is_descriptor(source, &fd))
		fd = open(source, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(error, ERROR_IO,
				       "%s: cannot open the journal's key",
				       source);
	result = check_private(fd, source, error) ||
			 read_all(fd, text, &size, source, error) ||
			 journal_keys_parse(keys, text, size, source, error)
		     ? -1
		     : 0;
	seal_wipe(text, sizeof(text));
	close(fd);
	return result;
}

int journal_keys_reload(struct journal_keys *keys, struct error *error)
{
	struct journal_keys *fresh;
	char *source;
	int fd;

	if (is_descriptor(keys->source, &fd))
		return 0;
	if (journal_keys_load(&fresh, keys->source, error))
		return -1;
	source = keys->source;
	seal_wipe(keys->keys, sizeof(keys->keys));
	*keys = *fresh;
	keys->source = source;
	journal_keys_free(&fresh);
	return 0;
}

void journal_keys_free(struct journal_keys **pointer)
{
	struct journal_keys *keys = *pointer;

	*pointer = NULL;
	if (!keys)
		return;
	free(keys->source);
	seal_wipe(keys, sizeof(*keys));
	free(keys);
}

/* --- wrapping --- */

/* A wrapped key belongs to one segment of one journal. */
static void about(const struct journal_identity *journal, uint64_t segment,
		  uint8_t out[ABOUT])
{
	memcpy(out, journal->bytes, JOURNAL_IDENTITY);
	for (int i = 0; i < 8; i++)
		out[JOURNAL_IDENTITY + i] = (uint8_t)(segment >> (8 * i));
}

void journal_keys_wrap(const struct journal_keys *keys,
		       const struct journal_identity *journal, uint64_t segment,
		       const uint8_t key[SEAL_KEY], struct journal_key *out)
{
	struct seal *seal = seal_new(keys->keys[0].key);
	uint8_t place[ABOUT];
	uint8_t *text = out->wrapped + SEAL_NONCE;

	about(journal, segment, place);
	out->id = keys->keys[0].id;
	seal_random(out->wrapped, SEAL_NONCE);
	memcpy(text, key, SEAL_KEY);
	seal_close(seal, out->wrapped, place, ABOUT, text, SEAL_KEY,
		   text + SEAL_KEY);
	seal_free(&seal);
}

static int unwrap(const uint8_t *with, const uint8_t place[ABOUT],
		  const struct journal_key *wrapped, uint8_t key[SEAL_KEY])
{
	struct seal *seal = seal_new(with);
	const uint8_t *text = wrapped->wrapped + SEAL_NONCE;
	bool opened;

	memcpy(key, text, SEAL_KEY);
	opened = seal_open(seal, wrapped->wrapped, place, ABOUT, key, SEAL_KEY,
			   text + SEAL_KEY);
	seal_free(&seal);
	return opened ? 0 : -1;
}

int journal_keys_unwrap(const struct journal_keys *keys,
			const struct journal_identity *journal,
			uint64_t segment, const struct journal_key *wrapped,
			uint8_t key[SEAL_KEY], struct error *error)
{
	uint8_t place[ABOUT];
	bool known = false;

	about(journal, segment, place);
	for (size_t i = 0; keys && i < keys->count; i++) {
		if (keys->keys[i].id != wrapped->id)
			continue;
		known = true;
		if (!unwrap(keys->keys[i].key, place, wrapped, key))
			return 0;
	}
	seal_wipe(key, SEAL_KEY);
	if (known)
		return error_set(error, ERROR_CORRUPT,
				 "segment %" PRIu64 " is encrypted, and the "
				 "key in its head is damaged",
				 segment);
	error_set(
	    error, ERROR_CONFIG,
	    "segment %" PRIu64 " is encrypted with key %08" PRIx32 ", which %s",
	    segment, wrapped->id,
	    keys ? "is not in the journal's key file" : "is needed to read it");
	error_hint(error, "journal.encryption names the key file; it must hold "
			  "the keys of all segments that are still there");
	return -1;
}

void journal_frame_nonce(uint64_t offset, uint8_t nonce[SEAL_NONCE])
{
	memset(nonce, 0, SEAL_NONCE);
	for (int i = 0; i < 8; i++)
		nonce[i] = (uint8_t)(offset >> (8 * i));
}
