/* The little of SQL text and of error messages that the codec must read. */
#include "adapters/postgres/wire_state.h"
#include "adapters/postgres/postgres.h"

#include <ctype.h>

struct scan {
	const uint8_t *at;
	const uint8_t *end;
};

static bool scan_ahead(const struct scan *scan, const char *what)
{
	size_t size = strlen(what);

	return (size_t)(scan->end - scan->at) >= size &&
	       !memcmp(scan->at, what, size);
}

/* Behind the quote that ends what `quote` began. */
static void scan_quoted(struct scan *scan, uint8_t quote, bool escapes)
{
	while (scan->at < scan->end) {
		uint8_t byte = *scan->at++;

		if (escapes && byte == '\\' && scan->at < scan->end)
			scan->at++;
		else if (byte == quote)
			return; /* a doubled one begins the next */
	}
}

/* At a '$': behind a dollar-quoted string, or behind the '$'. */
static void scan_dollar(struct scan *scan)
{
	const uint8_t *start = scan->at++;
	const uint8_t *tag = scan->at;
	size_t size;

	while (tag < scan->end && (isalnum(*tag) || *tag == '_' || *tag > 127))
		tag++;
	if (tag == scan->end || *tag != '$' ||
	    (tag > scan->at && isdigit(*scan->at)))
		return;
	size = (size_t)(tag + 1 - start);
	for (scan->at = tag + 1; scan->at < scan->end; scan->at++)
		if (*scan->at == '$' &&
		    (size_t)(scan->end - scan->at) >= size &&
		    !memcmp(scan->at, start, size)) {
			scan->at += size;
			return;
		}
}

static bool scan_comment(struct scan *scan)
{
	unsigned depth = 0;

	if (scan_ahead(scan, "--")) {
		while (scan->at < scan->end && *scan->at != '\n')
			scan->at++;
		return true;
	}
	if (!scan_ahead(scan, "/*"))
		return false;
	while (scan->at < scan->end) {
		if (scan_ahead(scan, "/*")) {
			depth++;
			scan->at += 2;
		} else if (scan_ahead(scan, "*/")) {
			scan->at += 2;
			if (!--depth)
				return true;
		} else {
			scan->at++;
		}
	}
	return true;
}

/*
 * The next word (lower case, cut to fit) or, for anything else, one byte of it;
 * strings and comments are stepped over. False: the end.
 */
static bool scan_word(struct scan *scan, char word[16])
{
	size_t size = 0;

	for (;;) {
		uint8_t byte;

		if (scan->at >= scan->end)
			return false;
		byte = *scan->at;
		if (isspace(byte)) {
			scan->at++;
		} else if (scan_comment(scan)) {
			continue;
		} else if (byte == '\'' || byte == '"') {
			scan->at++;
			scan_quoted(scan, byte, false);
			word[0] = (char)byte;
			word[1] = 0;
			return true;
		} else if (byte == '$') {
			scan_dollar(scan);
		} else {
			break;
		}
	}
	if (!isalpha(*scan->at)) {
		word[0] = (char)*scan->at++;
		word[1] = 0;
		return true;
	}
	while (scan->at < scan->end &&
	       (isalnum(*scan->at) || *scan->at == '_' || *scan->at == '$')) {
		if (size < 15)
			word[size++] = (char)tolower(*scan->at);
		scan->at++;
	}
	word[size] = 0;
	if (size == 1 && word[0] == 'e' && scan->at < scan->end &&
	    *scan->at == '\'') {
		scan->at++;
		scan_quoted(scan, '\'', true);
	}
	return true;
}

static int list_append_index(struct wire_indexes *list, uint32_t index)
{
	if (list->count == list->capacity) {
		uint32_t capacity = list->capacity ? list->capacity * 2 : 4;
		uint32_t *more = realloc(list->at, capacity * sizeof(*more));

		if (!more)
			return -1;
		list->at = more;
		list->capacity = capacity;
	}
	list->at[list->count++] = index;
	return 0;
}

/*
 * The text's statements (empty ones are not counted) that are a ROLLBACK TO
 * SAVEPOINT, whose tag is that of ROLLBACK: their indexes, ascending.
 *
 *	begin; update ...; rollback to a; ; rollback to b; commit	{2, 3}
 *
 * A text of one statement costs only a look at its first word. -1: no memory.
 */
int postgres_partial_rollbacks(struct bytes text, struct wire_indexes *list)
{
	struct scan scan = {text.data, text.data + text.size};
	char word[16];
	bool several;

	*list = (struct wire_indexes){0};
	/* A semicolon at the end begins no further statement. */
	while (scan.end > scan.at &&
	       (scan.end[-1] == ';' || isspace(scan.end[-1])))
		scan.end--;
	several = scan.end > scan.at &&
		  memchr(scan.at, ';', (size_t)(scan.end - scan.at)) != NULL;

	for (uint32_t index = 0; scan_word(&scan, word);) {
		bool rollback = !strcmp(word, "rollback");
		bool partial = false;
		unsigned depth = 0; /* CREATE RULE ... DO (a; b) */

		if (word[0] == ';')
			continue;
		if (!rollback && !several)
			return 0;
		while (scan_word(&scan, word) && (word[0] != ';' || depth)) {
			partial |= rollback && !strcmp(word, "to");
			if (word[0] == '(')
				depth++;
			else if (word[0] == ')' && depth)
				depth--;
		}
		if (partial && list_append_index(list, index))
			return -1;
		index++;
	}
	return 0;
}

bool wire_indexes_have(const struct wire_indexes *list, uint32_t index)
{
	uint32_t low = 0, high = list->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (list->at[middle] < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count && list->at[low] == index;
}

bool postgres_is_partial_rollback(struct bytes text)
{
	struct scan scan = {text.data, text.data + text.size};
	char word[16];

	if (!scan_word(&scan, word) || strcmp(word, "rollback") != 0)
		return false;
	while (scan_word(&scan, word) && word[0] != ';')
		if (!strcmp(word, "to"))
			return true;
	return false;
}

static void problem_copy(char *out, size_t size, const uint8_t *value,
			 size_t length)
{
	if (length >= size) {
		length = size - 1;
		while (length && (value[length] & 0xc0) == 0x80)
			length--; /* not within a UTF-8 character */
	}
	memcpy(out, value, length);
	out[length] = 0;
}

/* The procedural languages' own ways to raise an error, by the function of the
 * server's source that does it: their messages are the application's words. */
bool postgres_is_raise(const void *routine, size_t length)
{
	static const char *const routines[] = {
	    "exec_stmt_raise",	    "exec_stmt_assert", "PLy_elog_impl",
	    "PLy_output",	    "do_util_elog",	"pltcl_elog",
	    "plperl_call_perl_func"};

	for (size_t i = 0; i < sizeof(routines) / sizeof(*routines); i++)
		if (strlen(routines[i]) == length &&
		    !memcmp(routines[i], routine, length))
			return true;
	return false;
}

/* ErrorResponse's or NoticeResponse's fields; what is malformed is left out. */
void postgres_problem_parse(struct wire_problem *problem, const uint8_t *body,
			    size_t size)
{
	size_t position = 0;

	memset(problem, 0, sizeof(*problem));
	while (position < size && body[position]) {
		uint8_t field = body[position++];
		const uint8_t *value = body + position;
		const uint8_t *nul = memchr(value, 0, size - position);
		size_t length = nul ? (size_t)(nul - value) : size - position;

		position += length + 1;
		if (field == 'V' || (field == 'S' && !problem->severity[0]))
			problem_copy(problem->severity,
				     sizeof(problem->severity), value, length);
		else if (field == 'C')
			problem_copy(problem->sqlstate,
				     sizeof(problem->sqlstate), value, length);
		else if (field == 'M')
			problem_copy(problem->message, sizeof(problem->message),
				     value, length);
		else if (field == 'n')
			problem_copy(problem->constraint,
				     sizeof(problem->constraint), value,
				     length);
		else if (field == 'R') /* the server's function */
			problem->authored = postgres_is_raise(value, length);
		else if (field == 'P')
			for (size_t i = 0; i < length && isdigit(value[i]) &&
					   problem->position < 100000000;
			     i++)
				problem->position = problem->position * 10 +
						    (uint32_t)(value[i] - '0');
	}
}

static size_t field_put(uint8_t *out, size_t at, char field, const char *value)
{
	size_t length = strlen(value) + 1;

	out[at++] = (uint8_t)field;
	memcpy(out + at, value, length);
	return at + length;
}

/* A FATAL ErrorResponse; 0: does not fit. */
size_t postgres_error_print(uint8_t *out, size_t size, const char *sqlstate,
			    const char *message)
{
	size_t at = 5;

	if (strlen(message) + 64 > size)
		return 0;
	out[0] = 'E';
	at = field_put(out, at, 'S', "FATAL");
	at = field_put(out, at, 'V', "FATAL");
	at = field_put(out, at, 'C', sqlstate);
	at = field_put(out, at, 'M', message);
	out[at++] = 0;
	bytes_put_u32(out + 1, (uint32_t)(at - 1));
	return at;
}
