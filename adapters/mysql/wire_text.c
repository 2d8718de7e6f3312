/*
 * What is read of texts: what a statement does to the transaction, by its first
 * words, and what the server's answers say.
 *
 *	"insert into t values (1); rollback"	OTHER, ROLLBACK
 *	"rollback to a; call p(); commit"	OTHER, OPAQUE
 *
 * Behind a statement whose end is not known by its semicolon (a routine's body)
 * or that gives several answers (CALL), nothing is told apart.
 */
#include "adapters/mysql/wire_state.h"

#include <strings.h>

enum {
	WORD_SIZE = 16,
	ERROR_SIGNALLED = 1644, /* SIGNAL: the application's own message */
};

struct scanner {
	const uint8_t *at;
	const uint8_t *end;
	bool backslash;
};

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_letter(uint8_t byte)
{
	return (byte | 32) >= 'a' && (byte | 32) <= 'z';
}

static bool scanner_sees(const struct scanner *scanner, const char *text)
{
	size_t size = strlen(text);

	return (size_t)(scanner->end - scanner->at) >= size &&
	       !memcmp(scanner->at, text, size);
}

/* Behind the next `text`, or to the end. */
static void skip_past(struct scanner *scanner, const char *text)
{
	size_t left = (size_t)(scanner->end - scanner->at);
	const uint8_t *found = memmem(scanner->at, left, text, strlen(text));

	scanner->at = found ? found + strlen(text) : scanner->end;
}

/* A comment whose text is a statement's ("!50003 ... "): only its mark goes. */
static bool skip_mark(struct scanner *scanner)
{
	if (scanner_sees(scanner, "/*!"))
		scanner->at += 3;
	else if (scanner_sees(scanner, "/*M!"))
		scanner->at += 4;
	else
		return false;
	while (scanner->at < scanner->end && *scanner->at >= '0' &&
	       *scanner->at <= '9')
		scanner->at++;
	return true;
}

/* "--" begins a comment only in front of a space or a control character. */
static bool sees_dashes(const struct scanner *scanner)
{
	return scanner_sees(scanner, "--") &&
	       (scanner->end - scanner->at == 2 || scanner->at[2] <= ' ');
}

static bool skip_comment(struct scanner *scanner)
{
	if (scanner_sees(scanner, "#") || sees_dashes(scanner)) {
		skip_past(scanner, "\n");
	} else if (skip_mark(scanner)) {
		return true;
	} else if (scanner_sees(scanner, "*/")) {
		scanner->at += 2; /* of such a mark */
	} else if (scanner_sees(scanner, "/*")) {
		scanner->at += 2;
		skip_past(scanner, "*/");
	} else {
		return false;
	}
	return true;
}

static void skip_blank(struct scanner *scanner)
{
	while (scanner->at < scanner->end) {
		if (is_space(*scanner->at))
			scanner->at++;
		else if (!skip_comment(scanner))
			return;
	}
}

static void skip_quoted(struct scanner *scanner)
{
	uint8_t quote = *scanner->at++;

	while (scanner->at < scanner->end && *scanner->at != quote) {
		if (*scanner->at == '\\' && scanner->backslash && quote != '`')
			scanner->at++;
		if (scanner->at < scanner->end)
			scanner->at++;
	}
	if (scanner->at < scanner->end)
		scanner->at++;
}

/* Behind the statement's semicolon; false: the text ends before one. */
static bool skip_statement(struct scanner *scanner)
{
	while (scanner->at < scanner->end) {
		uint8_t byte = *scanner->at;

		if (byte == ';') {
			scanner->at++;
			return true;
		}
		if (byte == '\'' || byte == '"' || byte == '`')
			skip_quoted(scanner);
		else if (!skip_comment(scanner))
			scanner->at++;
	}
	return false;
}

/* The next word, in capitals; empty if there is none. */
static void take_word(struct scanner *scanner, char word[WORD_SIZE])
{
	size_t size = 0;

	skip_blank(scanner);
	while (scanner->at < scanner->end && is_letter(*scanner->at)) {
		if (size < WORD_SIZE - 1)
			word[size++] = (char)(*scanner->at & ~32);
		scanner->at++;
	}
	word[size] = 0;
}

static uint8_t verb_of_rollback(struct scanner *scanner)
{
	char word[WORD_SIZE];

	take_word(scanner, word);
	if (!strcmp(word, "WORK"))
		take_word(scanner, word);
	return strcmp(word, "TO") ? VERB_ROLLBACK : VERB_OTHER;
}

/* The words behind the first, where they decide. */
static uint8_t verb_of_more(const char *first, struct scanner *scanner)
{
	char word[WORD_SIZE];

	take_word(scanner, word);
	if (!strcmp(first, "START"))
		return strcmp(word, "TRANSACTION") ? VERB_OTHER : VERB_BEGIN;
	if (!strcmp(first, "BEGIN"))
		return strcmp(word, "NOT") ? VERB_BEGIN : VERB_OPAQUE;
	if (!strcmp(word, "COMMIT")) /* XA */
		return VERB_COMMIT;
	return strcmp(word, "ROLLBACK") ? VERB_OPAQUE : VERB_ROLLBACK;
}

/* goes_on: a semicolon may be within it. */
static uint8_t verb_of(struct scanner scanner, bool *goes_on)
{
	static const char *const opaque[] = {"CALL",  "EXECUTE", "XA",
					     "IF",    "CASE",	 "LOOP",
					     "WHILE", "REPEAT",	 "FOR"};
	char word[WORD_SIZE];
	uint8_t verb = VERB_OTHER;

	take_word(&scanner, word);
	*goes_on = !strcmp(word, "CREATE") || !strcmp(word, "ALTER");
	if (!strcmp(word, "COMMIT"))
		return VERB_COMMIT;
	if (!strcmp(word, "ROLLBACK"))
		return verb_of_rollback(&scanner);
	if (!strcmp(word, "BEGIN") || !strcmp(word, "START") ||
	    !strcmp(word, "XA"))
		verb = verb_of_more(word, &scanner);
	else
		for (size_t i = 0; i < sizeof(opaque) / sizeof(*opaque); i++)
			if (!strcmp(word, opaque[i]))
				verb = VERB_OPAQUE;
	*goes_on |= verb == VERB_OPAQUE;
	return verb;
}

uint8_t mysql_verbs(struct bytes text, bool several, bool backslash,
		    uint8_t verbs[WIRE_VERBS])
{
	struct scanner scanner = {text.data, text.data, backslash};
	uint8_t count = 0;
	bool goes_on;

	if (text.size)
		scanner.end += text.size;
	do {
		verbs[count++] = verb_of(scanner, &goes_on);
	} while (several && !goes_on && count < WIRE_VERBS &&
		 skip_statement(&scanner));
	return count;
}

enum packet_result mysql_ok_parse(const struct wire *wire, const uint8_t *body,
				  size_t size, struct wire_ok *out)
{
	struct packet_cursor cursor = packet_cursor_of(body, size);
	uint64_t mark;
	uint64_t status;
	uint64_t warnings;

	memset(out, 0, sizeof(*out));
	if (packet_take_integer(&cursor, 1, &mark))
		return PACKET_BAD;
	if (mark == 0xfe && !(wire->capabilities & HANDSHAKE_DEPRECATE_EOF)) {
		if (packet_take_integer(&cursor, 2, &warnings) ||
		    packet_take_integer(&cursor, 2, &status))
			return PACKET_BAD;
	} else if (packet_take_length(&cursor, &out->affected) ||
		   packet_take_length(&cursor, &out->insert_id) ||
		   packet_take_integer(&cursor, 2, &status) ||
		   packet_take_integer(&cursor, 2, &warnings)) {
		return PACKET_BAD;
	}
	out->status = (uint16_t)status;
	out->warnings = (uint16_t)warnings;
	if (!(wire->capabilities & HANDSHAKE_SESSION_TRACK))
		return packet_take_bytes(&cursor, packet_left(&cursor),
					 &out->info);
	if (packet_left(&cursor) && packet_take_string(&cursor, &out->info))
		return PACKET_BAD;
	if (packet_left(&cursor) && out->status & STATUS_STATE_CHANGED)
		return packet_take_string(&cursor, &out->changes);
	return PACKET_OK;
}

/* 0xff, the number, '#' and the SQLSTATE (not before the login), the message.
 */
void mysql_problem_parse(struct wire_problem *problem, const uint8_t *body,
			 size_t size)
{
	struct packet_cursor cursor = packet_cursor_of(body, size);
	struct bytes run;
	uint64_t code = 0;

	memset(problem, 0, sizeof(*problem));
	snprintf(problem->severity, sizeof(problem->severity), "ERROR");
	snprintf(problem->sqlstate, sizeof(problem->sqlstate), "HY000");
	if (packet_take_bytes(&cursor, 1, &run) ||
	    packet_take_integer(&cursor, 2, &code))
		return;
	problem->code = (uint32_t)code;
	problem->authored = code == ERROR_SIGNALLED;
	if (packet_left(&cursor) >= 6 && *cursor.at == '#') {
		cursor.at++;
		packet_take_bytes(&cursor, 5, &run);
		packet_copy(problem->sqlstate, sizeof(problem->sqlstate), run);
	}
	packet_take_bytes(&cursor, packet_left(&cursor), &run);
	packet_copy(problem->message, sizeof(problem->message), run);
}

static bool take_count(const char *text, const char *label, uint64_t *count)
{
	const char *at = strstr(text, label);

	if (!at)
		return false;
	*count = strtoull(at + strlen(label), NULL, 10);
	return true;
}

bool mysql_info_parse(struct bytes info, uint64_t *matched, uint64_t *changed)
{
	char text[128];

	packet_copy(text, sizeof(text), info);
	return take_count(text, "Rows matched: ", matched) &&
	       take_count(text, "Changed: ", changed);
}

size_t mysql_error_print(uint8_t *out, size_t size, uint8_t sequence,
			 uint16_t code, const char *sqlstate,
			 const char *message)
{
	size_t head = PACKET_HEAD + 3;
	int length;

	if (size <= head)
		return 0;
	length =
	    snprintf((char *)out + head, size - head, "%s%s%s",
		     sqlstate ? "#" : "", sqlstate ? sqlstate : "", message);
	if (length < 0)
		return 0;
	if ((size_t)length >= size - head)
		length = (int)(size - head - 1);
	packet_put_head(out, 3 + (size_t)length, sequence);
	out[PACKET_HEAD] = PACKET_ERROR;
	out[PACKET_HEAD + 1] = (uint8_t)code;
	out[PACKET_HEAD + 2] = (uint8_t)(code >> 8);
	return head + (size_t)length;
}
