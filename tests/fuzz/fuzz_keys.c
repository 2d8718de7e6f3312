/* A key file, a NUL, and an encrypted segment's bytes; checksums are mended. */
#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"
#include "journal/keys.h"
#include "journal/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static char directory[] = "/tmp/parallax-fuzz-XXXXXX";
	size_t text = strnlen((const char *)input, size);
	size_t skip = text < size ? text + 1 : size, left = size - skip, body;
	uint8_t *data = (uint8_t *)memory_copy(input + skip, left);
	struct journal_keys *keys;
	struct journal_reader *reader;
	struct journal_record record;
	struct error error = {0};
	char path[64];
	int fd;

	if (strstr(directory, "XXXXXX") && !mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/segment-000000000001", directory);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (journal_frame_view(data, left, &body) == JOURNAL_FRAME_BAD && body)
		journal_frame_seal(data, body);
	if (write(fd, data, left) != (ssize_t)left || close(fd))
		abort();
	journal_keys_parse(&keys, (const char *)input, text, "fuzz", &error);
	if (!journal_reader_open(&reader, directory,
				 (struct journal_position){1, 0}, &error)) {
		journal_reader_use_keys(reader, keys);
		while (journal_reader_next(reader, &record, &error) !=
		       JOURNAL_MORE)
			continue;
		journal_reader_free(&reader);
	}
	journal_keys_free(&keys);
	free(data);
	return 0;
}
