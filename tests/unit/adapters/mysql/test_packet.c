/* Packets: frames at every split, and the values in a body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/mysql/packet.h"

/* What comes of a run that is cut at each offset: "[" at a packet's first
 * piece, its bytes, "]N" at its last, N being the sequence number. */
static void tell(struct buffer *told, const struct packet_piece *piece)
{
	if (piece->first)
		buffer_append_byte(told, '[');
	buffer_append(told, piece->data, piece->size);
	if (piece->last)
		buffer_printf(told, "]%u", piece->sequence);
}

static void feed(struct packet_framer *framer, struct buffer *told,
		 const uint8_t *data, size_t size)
{
	struct packet_piece piece;
	size_t used;

	while (packet_next(framer, data, size, &used, &piece) == PACKET_OK) {
		tell(told, &piece);
		data += used;
		size -= used;
	}
	assert_int_equal(used, size);
}

static void test_frames(void **state)
{
	static const uint8_t run[] = {1, 0, 0, 0, 'a', 0,   0,	 0,
				      1, 3, 0, 0, 7,   'x', 'y', 'z'};

	(void)state;
	for (size_t cut = 0; cut <= sizeof(run); cut++) {
		struct packet_framer framer = {0};
		struct buffer told;

		buffer_init(&told, 0);
		feed(&framer, &told, run, cut);
		assert_true(cut == 0 || cut == 5 || cut == 9 ||
			    cut == sizeof(run) || !packet_at_border(&framer));
		feed(&framer, &told, run + cut, sizeof(run) - cut);
		assert_true(packet_at_border(&framer));
		assert_string_equal(buffer_string(&told), "[a]0[]1[xyz]7");
		buffer_release(&told);
	}
}

/* A packet of the longest frame ends with an empty one; one of a byte more
 * with a frame of a byte. */
static void test_continued(void **state)
{
	size_t longest = PACKET_FRAME_MAX;

	(void)state;
	for (size_t rest = 0; rest < 2; rest++) {
		size_t size = PACKET_HEAD + longest + PACKET_HEAD + rest;
		uint8_t *run = calloc(1, size);
		struct packet_framer framer = {0};
		struct packet_piece piece;
		size_t used;

		assert_non_null(run);
		packet_put_head(run, longest, 3);
		packet_put_head(run + PACKET_HEAD + longest, rest, 4);
		assert_int_equal(packet_next(&framer, run, size, &used, &piece),
				 PACKET_OK);
		assert_true(piece.first && !piece.last);
		assert_int_equal(piece.size, longest);
		assert_int_equal(piece.frame, longest);
		assert_int_equal(packet_next(&framer, run + used, size - used,
					     &used, &piece),
				 PACKET_OK);
		assert_true(!piece.first && piece.last);
		assert_int_equal(piece.size, rest);
		assert_int_equal(piece.before, longest);
		assert_int_equal(piece.frame, longest);
		assert_int_equal(piece.sequence, 4);
		free(run);
	}
}

static void test_lengths(void **state)
{
	static const struct {
		uint8_t bytes[PACKET_INTEGER_MAX];
		size_t size;
		uint64_t value;
	} good[] = {
	    {{0}, 1, 0},
	    {{250}, 1, 250},
	    {{0xfc, 251, 0}, 3, 251},
	    {{0xfd, 1, 2, 3}, 4, 0x030201},
	    {{0xfe, 1, 2, 3, 4, 5, 6, 7, 8}, 9, 0x0807060504030201},
	    {{0xfe, 255, 255, 255, 255, 255, 255, 255, 255}, 9, UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		for (size_t size = 0; size <= good[i].size; size++) {
			struct packet_cursor cursor =
			    packet_cursor_of(good[i].bytes, size);
			uint64_t value = 0;
			enum packet_result result =
			    packet_take_length(&cursor, &value);

			assert_int_equal(result, size < good[i].size
						     ? PACKET_BAD
						     : PACKET_OK);
			if (result == PACKET_OK)
				assert_true(value == good[i].value);
		}
	}
}

static void test_no_lengths(void **state)
{
	static const uint8_t firsts[] = {PACKET_NULL, PACKET_ERROR};

	(void)state;
	for (size_t i = 0; i < sizeof(firsts); i++) {
		struct packet_cursor cursor = packet_cursor_of(&firsts[i], 1);
		uint64_t value;

		assert_int_equal(packet_take_length(&cursor, &value),
				 PACKET_BAD);
	}
}

/* A length beyond the body, however large, is bad and nothing is read. */
static void test_strings(void **state)
{
	static const uint8_t huge[] = {0xfe, 255, 255, 255, 255,
				       255,  255, 255, 255, 'x'};
	static const uint8_t good[] = {2, 'a', 'b', 'c', 0, 'd'};
	struct packet_cursor cursor = packet_cursor_of(huge, sizeof(huge));
	struct bytes out;
	char text[3];

	(void)state;
	assert_int_equal(packet_take_string(&cursor, &out), PACKET_BAD);
	cursor = packet_cursor_of(good, sizeof(good));
	assert_int_equal(packet_take_string(&cursor, &out), PACKET_OK);
	assert_int_equal(out.size, 2);
	assert_int_equal(packet_take_name(&cursor, &out), PACKET_OK);
	assert_int_equal(out.size, 1);
	assert_int_equal(out.data[0], 'c');
	assert_int_equal(packet_take_name(&cursor, &out), PACKET_BAD);
	assert_int_equal(packet_take_bytes(&cursor, 2, &out), PACKET_BAD);
	assert_int_equal(packet_take_bytes(&cursor, 1, &out), PACKET_OK);
	packet_copy(text, sizeof(text), (struct bytes){good + 1, 3});
	assert_string_equal(text, "ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_frames),  cmocka_unit_test(test_continued),
	    cmocka_unit_test(test_lengths), cmocka_unit_test(test_no_lengths),
	    cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
