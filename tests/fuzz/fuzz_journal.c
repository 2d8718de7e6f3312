/* A segment's bytes -> reader -> assembler; checksums are mended, unless 0. */
#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"
#include "journal/assembler.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static char directory[] = "/tmp/parallax-fuzz-XXXXXX";
	uint8_t *data = (uint8_t *)memory_copy(input, size);
	struct journal_assembler *assembler = journal_assembler_new(
	    &(struct journal_assembler_options){256, 1024, 256, 9000, "/tmp"});
	struct journal_reader *reader;
	struct journal_record record;
	struct journal_event event;
	struct error error = {0};
	enum journal_read read = JOURNAL_BAD;
	size_t body;
	char path[64];
	int fd;

	if (strstr(directory, "XXXXXX") && !mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/segment-000000000001", directory);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	for (size_t at = 0, left; (left = size - at) > 0; at += 8 + body)
		if (journal_frame_view(data + at, left, &body) ==
			JOURNAL_FRAME_MORE ||
		    !body)
			break;
		else if (memcmp(data + at + 4, "\0\0\0", 4) != 0)
			journal_frame_seal(data + at, body);
	if (write(fd, data, size) != (ssize_t)size || close(fd))
		abort();
	if (journal_reader_open(&reader, directory,
				(struct journal_position){1, 0}, &error))
		goto out; /* of another format */
	while (read != JOURNAL_MORE) {
		read = journal_reader_next(reader, &record, &error);
		if (read == JOURNAL_OK)
			journal_assembler_push(assembler, &record);
		else if (read == JOURNAL_BAD)
			journal_assembler_lost(assembler, &error);
		while (journal_assembler_pop(assembler, &event))
			journal_event_release(&event);
	}
	journal_reader_free(&reader);
out:
	journal_assembler_free(&assembler);
	free(data);
	return 0;
}
