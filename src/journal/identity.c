/* A journal's identity, kept in a file of its directory. See segment.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "journal/position.h"
#include "journal/reader.h"
#include "journal/segment.h"

static const char file_name[] = "identity";

enum { TEXT = 36 }; /* xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx */

static bool is_dash(size_t at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

void journal_identity_print(const struct journal_identity *identity, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t half = 0;

	for (size_t at = 0; at < TEXT; at++) {
		uint8_t byte = identity->bytes[half / 2];

		if (is_dash(at)) {
			out[at] = '-';
			continue;
		}
		out[at] = digits[half % 2 ? byte & 15 : byte >> 4];
		half++;
	}
	out[TEXT] = 0;
}

static int parse(const char *text, struct journal_identity *out)
{
	size_t half = 0;

	memset(out, 0, sizeof(*out));
	for (size_t at = 0; at < TEXT; at++) {
		char byte = text[at];
		int digit = byte >= '0' && byte <= '9'	 ? byte - '0'
			    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
							 : -1;

		if (is_dash(at) ? byte != '-' : digit < 0)
			return -1;
		if (is_dash(at))
			continue;
		out->bytes[half / 2] |=
		    (uint8_t)(half % 2 ? digit : digit << 4);
		half++;
	}
	return 0;
}

int journal_identity_load(int directory, struct journal_identity *identity,
			  bool *known, struct error *error)
{
	char text[TEXT + 2] = "";
	ssize_t got;
	int fd =
	    openat(directory, file_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*known = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return error_set_errno(error, ERROR_IO,
				       "cannot open the journal's identity");
	got = read(fd, text, TEXT + 1);
	close(fd);
	if (got < TEXT || parse(text, identity))
		return error_set(error, ERROR_CORRUPT,
				 "the journal's file `identity` is damaged");
	*known = true;
	return 0;
}

int journal_identity_keep(int directory,
			  const struct journal_identity *identity,
			  struct error *error)
{
	char text[TEXT + 2];

	journal_identity_print(identity, text);
	text[TEXT] = '\n';
	text[TEXT + 1] = 0;
	return journal_file_replace(directory, file_name, text, error);
}

int journal_identity_make(int directory, struct journal_identity *identity,
			  struct error *error)
{
	if (getrandom(identity->bytes, JOURNAL_IDENTITY, 0) != JOURNAL_IDENTITY)
		return error_set_errno(error, ERROR_INTERNAL,
				       "no random bytes for an identity");
	identity->bytes[6] = (uint8_t)((identity->bytes[6] & 0x0f) | 0x40);
	identity->bytes[8] = (uint8_t)((identity->bytes[8] & 0x3f) | 0x80);
	return journal_identity_keep(directory, identity, error);
}

int journal_identity_find(const char *path, struct journal_identity *identity,
			  bool *known, struct error *error)
{
	struct journal_position start = {0};
	struct journal_reader *reader;

	*known = false;
	if (journal_reader_open(&reader, path, start, error))
		return -1;
	*known = journal_reader_identity(reader, identity);
	journal_reader_free(&reader);
	return 0;
}
