/* The findings of the proof, each reported once for all rows that show it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws/internal.h"

static const char *kept(struct proof *proof, char *text)
{
	const char *copy = arena_string(&proof->arena, text);

	free(text);
	return copy;
}

const char *shown_value(struct proof *proof, size_t column, struct value value)
{
	char *text = NULL;
	const char *shown;

	if (value.data) { /* need not end in NUL */
		text = calloc(1, (size_t)value.size + 1);
		if (text)
			memcpy(text, value.data, value.size);
	}
	shown = kept(proof, proof->about.columns[column].shown
				? redact_public(text)
				: redact_value(&proof->redactor, text));
	free(text);
	return shown;
}

const char *shown_message(struct proof *proof, const struct error *error)
{
	const struct laws *laws = proof->laws;
	struct redact_parts values;

	/* Our own reasons name only objects of the schema. */
	if (error->kind != ERROR_DATABASE || proof->redactor.show_values)
		return arena_string(&proof->arena, error->message);
	error_values(laws->primary_adapter->errors,
		     laws->shadow_adapter->errors, error->message, &values);
	return kept(proof,
		    redact_message(&proof->redactor, &values, error->message));
}

const char *shown_row(struct proof *proof, const struct value *row)
{
	const struct catalog_table *old = proof->about.old;
	const char *text = "";

	if (!proof->key)
		return "a row";
	for (size_t i = 0; i < proof->key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(old, proof->key->columns[i]);
		size_t at = (size_t)(column - old->columns);

		text = arena_printf(&proof->arena, "%s%s%s = %s", text,
				    i ? ", " : "", column->name,
				    shown_value(proof, at, row[at]));
	}
	return text;
}

void laws_warn(struct proof *proof, struct place place, const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	diagnostics_add(proof->laws->diagnostics, SEVERITY_WARNING, place, NULL,
			"%s", message);
}

static struct finding *find(struct proof *proof, enum finding_kind kind,
			    size_t column, size_t other, const char *detail)
{
	for (size_t i = 0; i < proof->finding_count; i++) {
		struct finding *finding = &proof->findings[i];

		if (finding->kind == kind && finding->column == column &&
		    finding->other == other && !strcmp(finding->detail, detail))
			return finding;
	}
	return NULL;
}

bool finding_told(const struct proof *proof, enum finding_kind kind,
		  size_t column)
{
	for (size_t i = 0; i < proof->finding_count; i++)
		if (proof->findings[i].kind == kind &&
		    proof->findings[i].column == column)
			return true;
	return false;
}

static struct finding *new_finding(struct proof *proof)
{
	if (proof->finding_count == proof->finding_capacity) {
		size_t capacity = 2 * proof->finding_capacity + 8;
		struct finding *grown =
		    arena_array(&proof->arena, capacity, sizeof(*grown));

		if (proof->finding_count)
			memcpy(grown, proof->findings,
			       proof->finding_count * sizeof(*grown));
		proof->findings = grown;
		proof->finding_capacity = capacity;
	}
	return &proof->findings[proof->finding_count++];
}

/* Redacted values differ from row to row: a message counts by its SQLSTATE and
 * what is not redacted of it. */
static bool same_problem(const char *a, const char *b)
{
	while (*a && *b) {
		if (*a == '#' && *b == '#') {
			a += 1 + strspn(a + 1, "0123456789abcdef");
			b += 1 + strspn(b + 1, "0123456789abcdef");
			continue;
		}
		if (*a == '(' && *b == '(' && a[1] >= '0' && a[1] <= '9') {
			a += 1 + strspn(a + 1, "0123456789");
			b += 1 + strspn(b + 1, "0123456789");
			continue;
		}
		if (*a++ != *b++)
			return false;
	}
	return *a == *b;
}

static struct finding *find_alike(struct proof *proof, enum finding_kind kind,
				  size_t column, size_t other,
				  const char *detail)
{
	struct finding *found = find(proof, kind, column, other, detail);

	for (size_t i = 0; !found && i < proof->finding_count; i++)
		if (proof->findings[i].kind == kind &&
		    proof->findings[i].column == column &&
		    proof->findings[i].other == other &&
		    same_problem(proof->findings[i].detail, detail))
			found = &proof->findings[i];
	return found;
}

void finding_add(struct proof *proof, enum finding_kind kind, size_t column,
		 size_t other, const struct error *error,
		 const struct value *row, const struct value *wrote,
		 const struct value *read)
{
	const char *detail = error ? shown_message(proof, error) : "";
	size_t valued = other != SIZE_MAX ? other : column;
	struct finding *finding =
	    find_alike(proof, kind, column, other, detail);

	if (finding) {
		finding->count++;
		return;
	}
	finding = new_finding(proof);
	finding->kind = kind;
	finding->column = column;
	finding->other = other;
	finding->detail = detail;
	finding->count = 1;
	finding->sample = row ? shown_row(proof, row) : "";
	if (wrote && read)
		finding->sample = arena_printf(
		    &proof->arena, "%s, wrote %s, read %s", finding->sample,
		    shown_value(proof, valued, *wrote),
		    shown_value(proof, valued, *read));
	else if (wrote)
		finding->sample =
		    arena_printf(&proof->arena, "%s, wrote %s", finding->sample,
				 shown_value(proof, valued, *wrote));
}

/* ---- as diagnostics ---- */

static const char round_trip_hint[] =
    "what `write` or `values` put there, `read` must give back";

struct telling {
	const char *format; /* %1 the column, %2 the other */
	enum severity severity;
	const char *hint;
	bool of_rows; /* counts rows of those that were written */
};

static const struct telling tellings[] = {
    [FINDING_REFUSED] = {"rows of %t cannot be written", SEVERITY_ERROR,
			 "the new schema, or an expression of the mapping, "
			 "refuses what the primary holds",
			 true},
    [FINDING_UNREAD] = {"rows of %t cannot be read back", SEVERITY_ERROR, NULL,
			true},
    [FINDING_MISSING] = {"rows of %t are not there once they were written",
			 SEVERITY_ERROR, NULL, true},
    [FINDING_REPEATED] = {"rows of %t are there more than once when they were "
			  "written",
			  SEVERITY_ERROR, NULL, true},
    [FINDING_VALUE] = {"%c does not read back as it was written",
		       SEVERITY_ERROR, round_trip_hint, true},
    [FINDING_TOGETHER] = {"rows of %t go through alone, but not together",
			  SEVERITY_ERROR,
			  "they meet in a unique key, or in a value they share",
			  false},
    [FINDING_KEY] = {"rows of %t are not found by their key", SEVERITY_ERROR,
		     NULL, false},
    [FINDING_UPDATE_REFUSED] = {"an UPDATE of %c alone fails", SEVERITY_ERROR,
				NULL, false},
    [FINDING_UPDATE_LOST] = {"an UPDATE of %c does not read back as it was "
			     "written",
			     SEVERITY_ERROR, round_trip_hint, false},
    [FINDING_UPDATE_OTHER] = {"an UPDATE of %c changes %o too", SEVERITY_ERROR,
			      "what one of them writes, the other must not "
			      "read, or must write again",
			      false},
    [FINDING_UPDATE_ROWS] = {"an UPDATE of %c in one row changes other rows, "
			     "or takes the row away",
			     SEVERITY_ERROR, NULL, false},
    [FINDING_UPDATE_UNTRANSLATABLE] = {"an UPDATE of %c is untranslatable",
				       SEVERITY_WARNING, NULL, false},
    [FINDING_NULL] = {"%c can be NULL on the primary, which no row looked at "
		      "is, and NULL is not kept",
		      SEVERITY_WARNING, NULL, false},
};

static void add_column(struct proof *proof, struct buffer *out, size_t column)
{
	buffer_printf(out, "\"%s.%s\"", proof->name,
		      proof->about.old->columns[column].name);
}

static void add_sentence(struct proof *proof, struct buffer *out,
			 const struct finding *finding)
{
	const char *at = tellings[finding->kind].format;

	for (; *at; at++) {
		if (*at != '%') {
			buffer_append_byte(out, (uint8_t)*at);
			continue;
		}
		switch (*++at) {
		case 'c':
			add_column(proof, out, finding->column);
			break;
		case 'o':
			add_column(proof, out, finding->other);
			break;
		default:
			buffer_printf(out, "\"%s\"", proof->name);
			break;
		}
	}
}

static void report(struct proof *proof, const struct finding *finding)
{
	const struct telling *telling = &tellings[finding->kind];
	struct place place = finding->column == SIZE_MAX
				 ? proof->about.place
				 : proof->about.columns[finding->column].place;
	struct buffer text;

	buffer_init(&text, 0);
	add_sentence(proof, &text, finding);
	if (telling->of_rows)
		buffer_printf(&text, ": %s%zu of %zu rows",
			      proof->enough ? "at least " : "", finding->count,
			      proof->tried);
	if (finding->sample[0])
		buffer_printf(&text, "%s such as %s",
			      telling->of_rows ? "," : ":", finding->sample);
	if (finding->detail[0])
		buffer_printf(&text, ": %s", finding->detail);
	diagnostics_add(proof->laws->diagnostics, telling->severity, place,
			telling->hint, "%s", buffer_string(&text));
	buffer_release(&text);
}

void findings_report(struct proof *proof)
{
	for (size_t i = 0; i < proof->finding_count; i++)
		report(proof, &proof->findings[i]);
}
