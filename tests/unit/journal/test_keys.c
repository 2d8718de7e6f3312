#include "support.h"

#include "journal/keys.h"

/* Key files: each line is a key, the first one wraps. */
#define OLD "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NEW "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static struct journal_keys *keys_of(const char *text)
{
	struct journal_keys *keys;

	assert_ok(
	    journal_keys_parse(&keys, text, strlen(text), "test", &failed));
	return keys;
}

/* It is in each record, and never in clear in a file. */
static const char secret[] = "geheim";

static void fill(struct rig *rig, unsigned statements)
{
	static uint64_t message;
	struct journal_stream *stream =
	    rig->live_count ? &rig->live[0] : rig_session(rig);

	for (unsigned i = 0; i < statements; i++)
		rig_append(rig, stream, ++message, PART_ALL, secret);
	rig_flush(rig);
}

static bool holds(const struct rig *rig, uint64_t segment, const char *text)
{
	char path[160], data[1 << 16];
	ssize_t got;
	int fd;

	rig_path(rig, segment, path, sizeof(path));
	fd = open(path, O_RDONLY);
	got = read(fd, data, sizeof(data));
	close(fd);
	assert_true(got > 0);
	return memmem(data, (size_t)got, text, strlen(text)) != NULL;
}

static void read_all(const struct rig *rig, struct journal_keys *keys,
		     struct tally *tally, bool *locked)
{
	struct journal_reader *reader = rig_reader(rig, 0);

	journal_reader_use_keys(reader, keys);
	memset(tally, 0, sizeof(*tally));
	tally_read(tally, reader);
	*locked = journal_reader_locked(reader);
	journal_reader_free(&reader);
}

static void test_round(void **state)
{
	struct journal_keys *keys = keys_of(OLD "\n");
	struct tally tally;
	struct rig rig;
	bool locked;

	(void)state;
	rig_init(&rig);
	rig.options.keys = keys;
	rig_open(&rig);
	fill(&rig, 50);
	rig_close(&rig, false);
	rig_open(&rig); /* recovery reads it, too */
	fill(&rig, 50);
	assert_false(holds(&rig, 1, secret));
	assert_true(holds(&rig, 1, "postgres")); /* the head is in clear */
	read_all(&rig, keys, &tally, &locked);
	assert_false(locked);
	assert_int_equal(tally.heads, 2);
	assert_int_equal(tally.ends, 100);
	assert_int_equal(tally.bad, 0);
	rig_release(&rig);
	journal_keys_free(&keys);
}

static void test_many_segments(void **state)
{
	struct journal_keys *keys = keys_of(OLD);
	struct tally tally;
	struct rig rig;
	bool locked;

	(void)state;
	rig_init(&rig);
	rig.options.keys = keys;
	rig.options.segment_size = 4096;
	rig_open(&rig);
	for (int i = 0; i < 30; i++)
		fill(&rig, 20);
	read_all(&rig, keys, &tally, &locked);
	assert_true(tally.heads > 5);
	assert_int_equal(tally.ends, 600);
	assert_int_equal(tally.bad, 0);
	rig_release(&rig);
	journal_keys_free(&keys);
}

/* Without the key, or with another: the head can be read, and nothing else. */
static void test_wrong_key(void **state)
{
	struct journal_keys *keys = keys_of(OLD), *other = keys_of(NEW);
	struct error why = {0};
	struct tally tally;
	struct rig rig;
	bool locked;

	(void)state;
	rig_init(&rig);
	rig.options.keys = keys;
	rig_open(&rig);
	fill(&rig, 5);
	read_all(&rig, NULL, &tally, &locked);
	assert_true(locked);
	assert_int_equal(tally.heads, 1);
	assert_int_equal(tally.statements + tally.ends, 0);
	assert_non_null(strstr(tally.bad_message, "is needed to read it"));
	read_all(&rig, other, &tally, &locked);
	assert_true(locked);
	assert_int_equal(tally.ends, 0);
	assert_non_null(
	    strstr(tally.bad_message, "is not in the journal's key"));
	rig_close(&rig, false);
	rig.options.keys = other;
	assert_int_equal(journal_writer_open(&rig.writer, &rig.options, &why),
			 -1);
	assert_non_null(strstr(why.message, "is not in the journal's key"));
	rig_release(&rig);
	journal_keys_free(&keys);
	journal_keys_free(&other);
}

/* The new key in front: it wraps new segments, the old one opens old ones. */
static void test_rotation(void **state)
{
	struct journal_keys *old = keys_of(OLD);
	struct journal_keys *both =
	    keys_of("# the newest\n" NEW "\n\n" OLD "\n");
	struct journal_keys *new = keys_of(NEW);
	struct tally tally;
	struct rig rig;
	bool locked;

	(void)state;
	rig_init(&rig);
	rig.options.keys = old;
	rig_open(&rig);
	fill(&rig, 5);
	rig_close(&rig, false);
	rig.options.keys = both;
	rig_open(&rig);
	fill(&rig, 5);
	read_all(&rig, both, &tally, &locked);
	assert_false(locked);
	assert_int_equal(tally.ends, 10);
	read_all(&rig, old, &tally, &locked);
	assert_true(locked);
	assert_int_equal(tally.ends, 5);
	read_all(&rig, new, &tally, &locked);
	assert_true(locked);
	rig_release(&rig);
	journal_keys_free(&old);
	journal_keys_free(&both);
	journal_keys_free(&new);
}

/* From clear to encrypted and back. */
static void test_mixed(void **state)
{
	struct journal_keys *keys = keys_of(OLD);
	struct tally tally;
	struct rig rig;
	bool locked;

	(void)state;
	rig_init(&rig);
	for (int i = 0; i < 3; i++) {
		rig.options.keys = i == 1 ? keys : NULL;
		if (i == 2)
			rig.options.keys = keys; /* recovery needs it */
		rig_open(&rig);
		fill(&rig, 3);
		rig_close(&rig, false);
	}
	assert_true(holds(&rig, 1, secret));
	assert_false(holds(&rig, 2, secret));
	read_all(&rig, keys, &tally, &locked);
	assert_int_equal(tally.ends, 9);
	rig_release(&rig);
	journal_keys_free(&keys);
}

static off_t size_of(const struct rig *rig, uint64_t segment)
{
	struct stat status;
	char path[160];

	rig_path(rig, segment, path, sizeof(path));
	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

/* The ends of all records that can be read; their number. */
static size_t read_ends(const struct rig *rig, struct journal_keys *keys,
			uint64_t ends[16])
{
	struct journal_reader *reader = rig_reader(rig, 0);
	struct journal_record record;
	struct error why = {0};
	enum journal_read read;
	size_t count = 0;

	journal_reader_use_keys(reader, keys);
	while ((read = journal_reader_next(reader, &record, &why)) ==
	       JOURNAL_OK) {
		assert_true(count < 16);
		ends[count++] = record.next.offset;
	}
	assert_int_equal(read, JOURNAL_MORE);
	journal_reader_free(&reader);
	return count;
}

/* Wherever the file ends, all whole records before that are there. */
static void test_torn(void **state)
{
	struct journal_keys *keys = keys_of(OLD);
	uint64_t whole[16], ends[16];
	struct rig rig;
	char path[160];
	size_t count;
	off_t size;

	(void)state;
	rig_init(&rig);
	rig.options.keys = keys;
	rig_open(&rig);
	fill(&rig, 3);
	count = read_ends(&rig, keys, whole);
	rig_path(&rig, 1, path, sizeof(path));
	size = size_of(&rig, 1);
	assert_true(count > 4);
	assert_int_equal(whole[count - 1], size);
	for (off_t end = size - 1; end > (off_t)whole[0]; end--) {
		assert_int_equal(truncate(path, end), 0);
		while (whole[count - 1] > (uint64_t)end)
			count--;
		assert_int_equal(read_ends(&rig, keys, ends), count);
	}
	rig_release(&rig);
	journal_keys_free(&keys);
}

static void flip(const char *path, off_t offset, bool mend)
{
	uint8_t frame[4096];
	size_t body;
	ssize_t got;
	int fd = open(path, O_RDWR);

	got = pread(fd, frame, sizeof(frame), offset);
	assert_true(got > JOURNAL_FRAME_HEAD + 20);
	frame[JOURNAL_FRAME_HEAD + 12] ^= 1;
	if (mend) {
		body = journal_frame_length(frame);
		journal_frame_seal(frame, body);
	}
	assert_int_equal(pwrite(fd, frame, (size_t)got, offset), got);
	close(fd);
}

/* A record that was changed on purpose, its checksum too. */
static void test_changed(void **state)
{
	struct journal_keys *keys = keys_of(OLD);
	struct journal_reader *reader;
	struct journal_record record;
	struct error why = {0};
	struct tally tally;
	struct rig rig;
	char path[160];
	bool locked;
	off_t second;

	(void)state;
	rig_init(&rig);
	rig.options.keys = keys;
	rig_open(&rig);
	fill(&rig, 3);
	reader = rig_reader(&rig, 0);
	assert_int_equal(journal_reader_next(reader, &record, &why),
			 JOURNAL_OK);
	second = (off_t)record.next.offset;
	journal_reader_free(&reader);
	rig_path(&rig, 1, path, sizeof(path));
	flip(path, second, true);
	read_all(&rig, keys, &tally, &locked);
	assert_int_equal(tally.bad, 1);
	assert_non_null(strstr(tally.bad_message, "cannot be decrypted"));
	assert_false(locked);
	rig_release(&rig);
	journal_keys_free(&keys);
}

/* A disk that fails: what is tried again is not encrypted twice. */
static unsigned writes;

static ssize_t write_badly(int fd, const void *data, size_t size, off_t offset)
{
	if (++writes % 3 == 0) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, data, size > 100 ? size / 2 : size, offset);
}

static void test_failing_disk(void **state)
{
	struct journal_keys *keys = keys_of(OLD);
	struct tally tally;
	struct rig rig;
	bool locked;

	(void)state;
	rig_init(&rig);
	rig.options.keys = keys;
	rig_open(&rig);
	rig_close(&rig, false);
	writes = 0;
	rig.options.write = write_badly;
	rig_open(&rig);
	quiet(true);
	for (int i = 0; i < 3; i++)
		fill(&rig, 3);
	quiet(false);
	read_all(&rig, keys, &tally, &locked);
	assert_int_equal(tally.ends, 9);
	assert_int_equal(tally.bad, 0);
	rig_release(&rig);
	journal_keys_free(&keys);
}

static void expect_refused(const char *text, const char *wanted)
{
	struct journal_keys *keys;
	struct error why = {0};

	assert_int_equal(
	    journal_keys_parse(&keys, text, strlen(text), "test", &why), -1);
	assert_null(keys);
	if (!strstr(why.message, wanted))
		fail_msg("'%s' lacks '%s'", why.message, wanted);
}

static void test_key_files(void **state)
{
	struct journal_keys *keys = keys_of("# none but this\r\n" OLD "\r\n");
	char path[] = "/tmp/parallax-key-XXXXXX";
	struct error why = {0};
	int fd = mkstemp(path);

	(void)state;
	journal_keys_free(&keys);
	expect_refused("", "no key is in it");
	expect_refused("# nothing\n", "no key is in it");
	expect_refused("0011\n", "not a key");
	expect_refused(OLD "0\n", "not a key");
	expect_refused("zz" OLD, "not a key");
	assert_int_equal(write(fd, OLD "\n", 65), 65);
	close(fd);
	assert_ok(journal_keys_load(&keys, path, &failed));
	journal_keys_free(&keys);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(journal_keys_load(&keys, path, &why), -1);
	assert_non_null(strstr(why.message, "open to others"));
	unlink(path);
	assert_int_equal(journal_keys_load(&keys, path, &why), -1);
}

/* From a descriptor, which is read once and closed. */
static void test_descriptor(void **state)
{
	struct journal_keys *keys = NULL;
	char source[32];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], OLD "\n", 65), 65);
	close(ends[1]);
	snprintf(source, sizeof(source), "/dev/fd/%d", ends[0]);
	assert_ok(journal_keys_load(&keys, source, &failed));
	assert_int_equal(fcntl(ends[0], F_GETFD), -1);
	assert_ok(journal_keys_reload(keys, &failed)); /* stays as it is */
	journal_keys_free(&keys);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round),
	    cmocka_unit_test(test_many_segments),
	    cmocka_unit_test(test_wrong_key),
	    cmocka_unit_test(test_rotation),
	    cmocka_unit_test(test_mixed),
	    cmocka_unit_test(test_torn),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_failing_disk),
	    cmocka_unit_test(test_key_files),
	    cmocka_unit_test(test_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
