/* parallax journal: a journal's records as JSON lines. */
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

#include <jansson.h>

#include "base/error.h"
#include "base/log.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "journal/keys.h"
#include "journal/reader.h"

static const char help[] =
    "usage: parallax journal [options] DIRECTORY\n"
    "\n"
    "Prints a journal's records as JSON, one object a line, oldest first.\n"
    "Fields at their defaults (0, false, \"\") are left out.\n"
    "\n"
    "The journal holds what clients sent and received. Of customer values\n"
    "(statement texts, parameters, COPY data, rows, settings, error messages,\n"
    "digests of rows) only the size is printed, unless --values is given.\n"
    "\n"
    "  --follow          continue as records are written, until interrupted\n"
    "  --from-segment N  start at this segment instead of the oldest\n"
    "  --keys FILE       the key file of an encrypted journal\n"
    "  --session N       only records of this session and of no session\n"
    "  --values          show customer values; bytes that are not readable\n"
    "                    text are printed as {\"base64\": \"...\"}\n"
    "  --help            show the options\n"
    "\n"
    "Exit codes: 0 all read; 1 records are damaged, unfinished or not\n"
    "readable, as reported on stderr; 3 wrong usage.\n";

struct dump {
	const char *directory;
	uint64_t session; /* 0: all */
	bool follow;
	bool values;
	const char *key_file; /* or NULL */
	struct journal_keys *keys;
};

/* --- bytes --- */

static json_t *base64(const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = (size + 2) / 3 * 4;
	char *text = malloc(length + 1);
	json_t *string;

	if (!text)
		return NULL;
	for (size_t i = 0, out = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t word = (uint32_t)data[i] << 16;

		if (left > 1)
			word |= (uint32_t)data[i + 1] << 8;
		if (left > 2)
			word |= data[i + 2];
		text[out++] = digits[word >> 18];
		text[out++] = digits[word >> 12 & 63];
		text[out++] = left > 1 ? digits[word >> 6 & 63] : '=';
		text[out++] = left > 2 ? digits[word & 63] : '=';
	}
	string = json_stringn(text, length);
	free(text);
	return json_pack("{s:o}", "base64", string);
}

static json_t *readable(const uint8_t *data, size_t size)
{
	json_t *string = NULL;
	bool text = true;

	for (size_t i = 0; i < size && text; i++)
		text = data[i] >= ' ' || strchr("\t\n\r", data[i]);
	if (text && !memchr(data, 0, size))
		string = json_stringn((const char *)data, size);
	return string ? string : base64(data, size); /* not UTF-8 */
}

static json_t *show(const struct dump *dump, bool private_value,
		    const void *data, size_t size)
{
	if (private_value && !dump->values)
		return json_pack("{s:I}", "bytes", (json_int_t)size);
	return readable(data, size);
}

/* --- any record, by its descriptor --- */

/* Fields that may hold a customer's values. */
static bool is_private(const char *message, const char *field)
{
	static const char *const fields[][2] = {
	    {"Statement", "text"},   {"Statement", "bind"},
	    {"Statement", "call"},   {"Input", "data"},
	    {"Answer", "rows"},	     {"End", "ordered"},
	    {"End", "unordered"},    {"End", "column_digests"},
	    {"Problem", "message"},  {"Problem", "constraint"},
	    {"Setting", "value"},    {"Statement", "statement_name"},
	    {"Statement", "portal"},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i][0], message) &&
		    !strcmp(fields[i][1], field))
			return true;
	return false;
}

static json_t *number(uint64_t value)
{
	char text[24];

	if (value <= INT64_MAX)
		return json_integer((json_int_t)value);
	snprintf(text, sizeof(text), "%" PRIu64, value);
	return json_string(text);
}

static json_t *hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, value);
	return json_string(text);
}

static json_t *enum_name(const ProtobufCEnumDescriptor *type, int value)
{
	const ProtobufCEnumValue *named =
	    protobuf_c_enum_descriptor_get_value(type, value);
	char text[64];
	size_t size = 0;

	if (!named)
		return json_integer(value);
	for (; size < sizeof(text) && named->name[size]; size++) {
		char letter = named->name[size];

		text[size] = letter >= 'A' && letter <= 'Z'
				 ? (char)(letter - 'A' + 'a')
				 : letter;
	}
	return json_stringn(text, size);
}

static json_t *dump_message(const struct dump *dump,
			    const ProtobufCMessage *message);

/* One value of a field. NULL: it has its default. */
static json_t *dump_value(const struct dump *dump,
			  const ProtobufCFieldDescriptor *field,
			  const void *member, bool private_value)
{
	const ProtobufCBinaryData *bytes = member;
	const ProtobufCMessage *const *message = member;
	const char *const *string = member;
	uint64_t wide = 0;

	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return *message ? dump_message(dump, *message) : NULL;
	case PROTOBUF_C_TYPE_BYTES:
		return bytes->len
			   ? show(dump, private_value, bytes->data, bytes->len)
			   : NULL;
	case PROTOBUF_C_TYPE_STRING:
		return **string
			   ? show(dump, private_value, *string, strlen(*string))
			   : NULL;
	case PROTOBUF_C_TYPE_BOOL:
		return *(const protobuf_c_boolean *)member ? json_true() : NULL;
	case PROTOBUF_C_TYPE_ENUM:
		return enum_name(field->descriptor, *(const int *)member);
	case PROTOBUF_C_TYPE_UINT32:
		wide = *(const uint32_t *)member;
		return wide ? number(wide) : NULL;
	case PROTOBUF_C_TYPE_INT64:
		wide = *(const uint64_t *)member;
		return wide ? json_integer((json_int_t)wide) : NULL;
	case PROTOBUF_C_TYPE_UINT64:
		wide = *(const uint64_t *)member;
		return wide ? number(wide) : NULL;
	case PROTOBUF_C_TYPE_FIXED64:
		return hex(*(const uint64_t *)member);
	default:
		/* The format has no other types; a reminder for whoever adds
		 * one. */
		return json_string("(type not shown)");
	}
}

static size_t value_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
	case PROTOBUF_C_TYPE_STRING:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_UINT32:
		return sizeof(uint32_t);
	default:
		return sizeof(uint64_t);
	}
}

static json_t *dump_repeated(const struct dump *dump,
			     const ProtobufCFieldDescriptor *field,
			     const void *member, size_t count,
			     bool private_value)
{
	const uint8_t *items = *(const uint8_t *const *)member;
	json_t *array;

	if (!count)
		return NULL;
	if (private_value && !dump->values)
		return json_pack("{s:I}", "count", (json_int_t)count);
	array = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *item = dump_value(
		    dump, field, items + i * value_size(field), private_value);

		json_array_append_new(array, item ? item : json_integer(0));
	}
	return array;
}

/* A journal's identity in its usual notation. */
static json_t *dump_identity(const ProtobufCBinaryData *bytes)
{
	struct journal_identity identity;
	char text[JOURNAL_IDENTITY_TEXT];

	memcpy(identity.bytes, bytes->data, sizeof(identity.bytes));
	journal_identity_print(&identity, text);
	return json_string(text);
}

static bool is_identity(const ProtobufCFieldDescriptor *field,
			const char *message, const ProtobufCBinaryData *bytes)
{
	return field->type == PROTOBUF_C_TYPE_BYTES &&
	       !strcmp(message, "SegmentHead") &&
	       !strcmp(field->name, "journal") &&
	       bytes->len == JOURNAL_IDENTITY;
}

static json_t *dump_message(const struct dump *dump,
			    const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;
	json_t *object = json_object();

	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		const char *start = (const char *)message;
		const void *member = start + field->offset;
		bool hidden = is_private(type->short_name, field->name);
		json_t *value;

		if (field->label == PROTOBUF_C_LABEL_REPEATED)
			value = dump_repeated(
			    dump, field, member,
			    *(const size_t *)(const void
						  *)(start +
						     field->quantifier_offset),
			    hidden);
		else if (hidden && !dump->values &&
			 field->type == PROTOBUF_C_TYPE_MESSAGE)
			value = NULL; /* a digest: its value could be guessed */
		else if (is_identity(field, type->short_name, member))
			value = dump_identity(member);
		else
			value = dump_value(dump, field, member, hidden);
		if (value)
			json_object_set_new(object, field->name, value);
	}
	return object;
}

/* --- the command --- */

static int print_record(const struct dump *dump,
			const struct journal_record *record)
{
	json_t *object;
	json_t *fields;
	int result;

	if (dump->session && record->record->session &&
	    record->record->session != dump->session)
		return 0;
	object = json_pack("{s:I,s:I}", "segment",
			   (json_int_t)record->position.segment, "offset",
			   (json_int_t)record->position.offset);
	fields = dump_message(dump, &record->record->base);
	json_object_update(object, fields);
	json_decref(fields);
	result = json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
	return result || putchar('\n') == EOF ? -1 : 0;
}

static void complain(const char *problem)
{
	fflush(stdout);
	fprintf(stderr, "parallax journal: %s\n", problem);
}

static void wait_for_news(struct journal_reader *reader)
{
	struct pollfd poller = {.fd = journal_reader_fd(reader),
				.events = POLLIN};

	/* The timeout covers news for which no event came. */
	poll(&poller, 1, 1000);
	journal_reader_clear(reader);
}

/* The end of the existing records. Says whether an unfinished record is damage.
 */
static bool ends_torn(const struct dump *dump,
		      const struct journal_reader *reader)
{
	char problem[160];
	struct journal_position at = journal_reader_position(reader);

	if (!journal_reader_torn(reader) || journal_is_written(dump->directory))
		return false;
	snprintf(problem, sizeof(problem),
		 "unfinished record of %" PRIu64 " bytes at offset %" PRIu64
		 " of segment %" PRIu64,
		 journal_reader_torn(reader), at.offset, at.segment);
	complain(problem);
	return true;
}

static int print_records(const struct dump *dump, struct journal_reader *reader)
{
	int result = COMMAND_OK;
	uint64_t records = 0;

	for (;;) {
		struct journal_record record;
		struct error error;

		error_init(&error);
		switch (journal_reader_next(reader, &record, &error)) {
		case JOURNAL_OK:
			records++;
			if (print_record(dump, &record)) {
				complain("cannot write to standard output");
				return COMMAND_FAILED;
			}
			break;
		case JOURNAL_BAD:
			complain(error.message);
			result = COMMAND_FAILED;
			break;
		case JOURNAL_MORE:
			if (fflush(stdout) == EOF)
				return COMMAND_FAILED;
			if (dump->follow) {
				wait_for_news(reader);
				break;
			}
			if (ends_torn(dump, reader))
				result = COMMAND_FAILED;
			if (!records && result == COMMAND_OK) {
				complain("no records there");
				result = COMMAND_FAILED;
			}
			return result;
		}
	}
}

static int run(int argc, char **argv)
{
	struct journal_position from = {0, 0};
	struct dump dump = {0};
	const struct argument table[] = {
	    {"follow", .flag = &dump.follow},
	    {"keys", .text = &dump.key_file},
	    {"from-segment", .number = &from.segment, .least = 1},
	    {"session", .number = &dump.session, .least = 1},
	    {"values", .flag = &dump.values},
	    {"DIRECTORY", .operand = &dump.directory},
	    {0}};
	struct journal_reader *reader;
	struct error error;
	int result;

	if (!arguments_read(argc, argv, help, table, &result))
		return result;
	error_init(&error);
	if ((dump.key_file &&
	     journal_keys_load(&dump.keys, dump.key_file, &error)) ||
	    journal_reader_open(&reader, dump.directory, from, &error)) {
		command_complain("journal", NULL, &error);
		journal_keys_free(&dump.keys);
		return COMMAND_FAILED;
	}
	journal_reader_use_keys(reader, dump.keys);
	if (dump.follow)
		journal_reader_fd(reader); /* watches from here on */
	result = print_records(&dump, reader);
	journal_reader_free(&reader);
	journal_keys_free(&dump.keys);
	return result;
}

const struct command command_journal = {
    .name = "journal",
    .summary = "print a journal's records as JSON lines",
    .run = run,
};
