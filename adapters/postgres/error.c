/*
 * PostgreSQL's SQLSTATEs as classes of error (its documentation, appendix A).
 *
 *     class("23505", ...)                             UNIQUE
 *     class("22003", ...)                             VALUE: the class 22
 *     class("42501", "permission denied for ...")     PERMISSION
 *     class("42501", "new row violates row-level ...") POLICY
 */
#include <stddef.h>
#include <string.h>

#include "adapters/postgres/postgres.h"

struct coded {
	const char *code; /* five characters, or the first two: a whole class */
	enum error_class class;
};

/* The first that matches. */
static const struct coded codes[] = {
    {"42501", ERROR_CLASS_PERMISSION},
    {"28", ERROR_CLASS_PERMISSION},
    {"0L", ERROR_CLASS_PERMISSION},
    {"0P", ERROR_CLASS_PERMISSION},
    {"44000", ERROR_CLASS_CHECK}, /* WITH CHECK OPTION of a view */
    {"42P01", ERROR_CLASS_UNDEFINED},
    {"42703", ERROR_CLASS_UNDEFINED},
    {"42704", ERROR_CLASS_UNDEFINED},
    {"42883", ERROR_CLASS_UNDEFINED},
    {"42P10", ERROR_CLASS_UNDEFINED}, /* for example no key for ON CONFLICT */
    {"3F000", ERROR_CLASS_UNDEFINED},
    {"3D000", ERROR_CLASS_UNDEFINED},
    {"42702", ERROR_CLASS_AMBIGUOUS},
    {"42725", ERROR_CLASS_AMBIGUOUS},
    {"42P09", ERROR_CLASS_AMBIGUOUS},
    {"42701", ERROR_CLASS_DUPLICATE},
    {"42710", ERROR_CLASS_DUPLICATE},
    {"42712", ERROR_CLASS_DUPLICATE},
    {"42723", ERROR_CLASS_DUPLICATE},
    {"42P03", ERROR_CLASS_DUPLICATE},
    {"42P04", ERROR_CLASS_DUPLICATE},
    {"42P05", ERROR_CLASS_DUPLICATE},
    {"42P06", ERROR_CLASS_DUPLICATE},
    {"42P07", ERROR_CLASS_DUPLICATE},
    {"42601", ERROR_CLASS_SYNTAX},
    {"42804", ERROR_CLASS_TYPE},
    {"42846", ERROR_CLASS_TYPE},
    {"42P18", ERROR_CLASS_TYPE},
    {"42", ERROR_CLASS_STATEMENT},
    {"22021", ERROR_CLASS_ENCODING},
    {"22P05", ERROR_CLASS_ENCODING},
    {"22P04", ERROR_CLASS_SYNTAX}, /* a COPY line of other columns */
    {"22", ERROR_CLASS_VALUE},
    {"23502", ERROR_CLASS_NOT_NULL},
    {"23514", ERROR_CLASS_CHECK}, /* also: no partition for a row */
    {"23505", ERROR_CLASS_UNIQUE},
    {"23P01", ERROR_CLASS_EXCLUSION},
    {"23503", ERROR_CLASS_FOREIGN_KEY},
    {"23001", ERROR_CLASS_FOREIGN_KEY},
    {"23", ERROR_CLASS_INTEGRITY},
    {"40001", ERROR_CLASS_LOAD},
    {"40P01", ERROR_CLASS_LOAD},
    {"55P03", ERROR_CLASS_LOAD},
    {"57P01", ERROR_CLASS_LOAD},
    {"57P02", ERROR_CLASS_LOAD},
    {"57P03", ERROR_CLASS_LOAD},
    {"53", ERROR_CLASS_LOAD},
    {"57014", ERROR_CLASS_CANCELED},
    {"25P02", ERROR_CLASS_BLOCK_FAILED},
    {"25001", ERROR_CLASS_REFUSES_BLOCK},
    {"2D000", ERROR_CLASS_REFUSES_BLOCK},
    {"25P01", ERROR_CLASS_NO_BLOCK},
    {"26000", ERROR_CLASS_NO_STATEMENT},
    {"34000", ERROR_CLASS_NO_CURSOR},
    {"08P01", ERROR_CLASS_PROTOCOL},
    {"08", ERROR_CLASS_CONNECTION},
};

/* A row that a policy refuses has the code of a missing right. Only its message
 * shows the difference. */
static bool is_of_policy(const char *message)
{
	return message && strstr(message, "row-level security");
}

static enum error_class class_of(const char *code, const char *message)
{
	if (!code || !*code)
		return ERROR_CLASS_OTHER;
	if (!strcmp(code, "42501") && is_of_policy(message))
		return ERROR_CLASS_POLICY;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (!strncmp(code, codes[i].code, strlen(codes[i].code)))
			return codes[i].class;
	return ERROR_CLASS_OTHER;
}

const struct error_ops postgres_errors = {
    .values = postgres_message_values,
    .class = class_of,
};
