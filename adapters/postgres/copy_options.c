/*
 * The options of COPY ... FROM STDIN (manual, COPY), in the new and the old
 * spelling, which have one tree:
 *
 *	WITH (FORMAT csv, HEADER, NULL '-')	csv, a header, NULL is -
 *	CSV HEADER NULL AS '-'
 */
#include "adapters/postgres/copy_input.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sql/walk.h"

static int refuse(struct error *error, const char *option)
{
	return error_set(error, ERROR_LIMIT,
			 "COPY with the option %s cannot be turned into the "
			 "form of the shadow's engine",
			 option);
}

/* A word or string; NULL: there is none. */
static const char *text_of(const PgQuery__DefElem *option)
{
	return sql_string_value(option->arg);
}

static bool is_off(const PgQuery__DefElem *option)
{
	const char *text = text_of(option);

	if (SQL_IS(option->arg, BOOLEAN))
		return !option->arg->boolean->boolval;
	if (SQL_IS(option->arg, INTEGER))
		return !option->arg->integer->ival;
	return text && (!strcasecmp(text, "false") || !strcasecmp(text, "off"));
}

static int take_form(const PgQuery__DefElem *option, struct copy_options *out,
		     struct error *error)
{
	const char *text = text_of(option);

	if (text && !strcmp(text, "text"))
		out->form = COPY_TEXT;
	else if (text && !strcmp(text, "csv"))
		out->form = COPY_CSV;
	else if (text && !strcmp(text, "binary"))
		out->form = COPY_BINARY;
	else
		return refuse(error, "FORMAT");
	return 0;
}

static int take_byte(const PgQuery__DefElem *option, char *out,
		     struct error *error)
{
	const char *text = text_of(option);

	if (!text || strlen(text) != 1)
		return refuse(error, option->defname);
	*out = *text;
	return 0;
}

static int take_null(const PgQuery__DefElem *option, struct copy_options *out,
		     struct error *error)
{
	const char *text = text_of(option);

	if (!text || strlen(text) >= sizeof(out->null))
		return refuse(error, "NULL");
	snprintf(out->null, sizeof(out->null), "%s", text);
	return 0;
}

static int take(const PgQuery__DefElem *option, struct copy_options *out,
		struct error *error)
{
	const char *name = option->defname;

	if (!strcmp(name, "format"))
		return 0; /* it was taken first */
	if (!strcmp(name, "delimiter"))
		return take_byte(option, &out->delimiter, error);
	if (!strcmp(name, "quote"))
		return take_byte(option, &out->quote, error);
	if (!strcmp(name, "escape"))
		return take_byte(option, &out->escape, error);
	if (!strcmp(name, "null"))
		return take_null(option, out, error);
	if (!strcmp(name, "header"))
		out->header = !is_off(option);
	else if (strcmp(name, "freeze") != 0)
		/* default, encoding, force_null, on_error, ... */
		return refuse(error, name);
	return 0;
}

static const PgQuery__DefElem *find(const PgQuery__CopyStmt *statement,
				    const char *name)
{
	for (size_t i = 0; i < statement->n_options; i++) {
		const PgQuery__DefElem *option =
		    SQL_AS(statement->options[i], DEF_ELEM, def_elem);

		if (option && !strcmp(option->defname, name))
			return option;
	}
	return NULL;
}

int postgres_copy_options(const PgQuery__CopyStmt *statement,
			  struct copy_options *out, struct error *error)
{
	const PgQuery__DefElem *form = find(statement, "format");

	*out = (struct copy_options){.form = COPY_TEXT};
	if (form && take_form(form, out, error))
		return -1;
	out->delimiter = out->form == COPY_CSV ? ',' : '\t';
	out->quote = '"';
	if (out->form != COPY_CSV)
		snprintf(out->null, sizeof(out->null), "\\N");
	for (size_t i = 0; i < statement->n_options; i++) {
		const PgQuery__DefElem *option =
		    SQL_AS(statement->options[i], DEF_ELEM, def_elem);

		if (!option || take(option, out, error))
			return option ? -1 : refuse(error, "of this form");
	}
	if (!find(statement, "escape"))
		out->escape = out->quote;
	return 0;
}
