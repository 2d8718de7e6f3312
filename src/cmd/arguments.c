#include "cmd/arguments.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "cmd/command.h"
#include "config/text.h"

/* What getopt returns for the table's first row: above all letters. */
enum { FIRST_ROW = 256 };

/* ---- lists ---- */

static void list_add(struct argument_list *list, const char *text, size_t size)
{
	list->items = memory_resize(list->items,
				    (list->count + 2) * sizeof(*list->items));
	list->items[list->count++] = memory_copy(text, size);
	list->items[list->count] = NULL;
}

void argument_list_release(struct argument_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free((void *)(uintptr_t)list->items[i]);
	free(list->items);
	*list = (struct argument_list){0};
}

/* "a, b.c"; -1: no name is in it. */
static int list_add_names(struct argument_list *list, const char *text)
{
	size_t before = list->count;

	while (*text) {
		size_t length = strcspn(text, ",");
		const char *start = text + strspn(text, " ");
		const char *end = text + length;

		while (end > start && end[-1] == ' ')
			end--;
		if (end > start)
			list_add(list, start, (size_t)(end - start));
		text += length + (text[length] == ',');
	}
	return list->count > before ? 0 : -1;
}

static void release_lists(const struct argument *table)
{
	for (; table->name; table++) {
		if (table->texts)
			argument_list_release(table->texts);
		if (table->names)
			argument_list_release(table->names);
		if (table->operands)
			argument_list_release(table->operands);
	}
}

/* ---- what is wrong ---- */

int arguments_wrong(const char *command, const char *format, ...)
{
	va_list values;

	fprintf(stderr, "parallax %s: ", command);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fprintf(stderr, "; see 'parallax %s --help'\n", command);
	return COMMAND_USAGE;
}

static void print_range(const struct argument *row, struct buffer *out)
{
	buffer_printf(out, "a number from %" PRIu64, row->least);
	if (row->most)
		buffer_printf(out, " to %" PRIu64, row->most);
}

static void print_choices(const struct argument *row, struct buffer *out)
{
	const char *const *choices = row->choices;

	for (size_t i = 0; choices[i]; i++) {
		if (i)
			buffer_append_string(out,
					     choices[i + 1] ? ", " : " or ");
		buffer_append_string(out, choices[i]);
	}
}

/* The value is missing, or not one that the row takes. */
static int complain_of_value(const char *command, const struct argument *row)
{
	struct buffer takes;

	buffer_init(&takes, 0);
	if (row->number)
		print_range(row, &takes);
	else if (row->choice)
		print_choices(row, &takes);
	else if (row->time_us)
		buffer_append_string(&takes,
				     "a time such as 200ms, 5s or 1min");
	else if (row->names)
		buffer_append_string(&takes, "names separated by commas");
	else
		buffer_append_string(&takes, "a value");
	arguments_wrong(command, "--%s takes %s", row->name,
			buffer_string(&takes));
	buffer_release(&takes);
	return COMMAND_USAGE;
}

/* An option that getopt does not know, or one without its value. */
static int complain_of_option(const char *command, const struct argument *table,
			      const char *word)
{
	if (optopt >= FIRST_ROW)
		return arguments_wrong(command, "--%s takes no value",
				       table[optopt - FIRST_ROW].name);
	if (optopt)
		return arguments_wrong(command, "there is no option -%c",
				       optopt);
	return arguments_wrong(command, "there is no option %.*s",
			       (int)strcspn(word, "="), word);
}

/* ---- reading ---- */

static bool is_operand(const struct argument *row)
{
	return row->operand || row->operands;
}

static struct option *known_options(const struct argument *table)
{
	static const struct option help = {"help", no_argument, NULL, 'h'};
	struct option *known;
	size_t rows = 0, count = 0;

	while (table[rows].name)
		rows++;
	known = memory_alloc((rows + 2) * sizeof(*known));
	for (size_t i = 0; i < rows; i++)
		if (!is_operand(&table[i]))
			known[count++] = (struct option){
			    .name = table[i].name,
			    .has_arg = table[i].flag || table[i].print
					   ? no_argument
					   : required_argument,
			    .val = FIRST_ROW + (int)i};
	known[count] = help;
	return known;
}

static int take_choice(const struct argument *row, const char *text)
{
	for (unsigned i = 0; row->choices[i]; i++)
		if (!strcmp(row->choices[i], text)) {
			*row->choice = i;
			return 0;
		}
	return -1;
}

/* -1: the row takes another kind of value. */
static int take_value(const struct argument *row, const char *text)
{
	if (row->number)
		return text_number(text, row->least,
				   row->most ? row->most : UINT64_MAX,
				   row->number);
	if (row->time_us)
		return text_duration(text, row->time_us);
	if (row->choice)
		return take_choice(row, text);
	if (row->names)
		return list_add_names(row->names, text);
	if (row->texts)
		list_add(row->texts, text, strlen(text));
	else if (row->text)
		*row->text = text;
	else
		*row->flag = true;
	return 0;
}

/* False: the command ends with *code. */
static bool take_option(const char *command, const struct argument *row,
			int *code)
{
	*code = COMMAND_OK;
	if (row->print)
		row->print(stdout);
	else if (!take_value(row, optarg))
		return true;
	else
		*code = complain_of_value(command, row);
	return false;
}

/* Likewise. */
static bool take_options(int argc, char **argv, const char *help,
			 const struct argument *table,
			 const struct option *known, int *code)
{
	int letter;

	opterr = 0;
	optind = 0; /* start over, whatever was read before */
	while ((letter = getopt_long(argc, argv, ":h", known, NULL)) != -1)
		switch (letter) {
		case 'h':
			fputs(help, stdout);
			*code = COMMAND_OK;
			return false;
		case '?':
			*code = complain_of_option(argv[0], table,
						   argv[optind - 1]);
			return false;
		case ':':
			*code = complain_of_value(argv[0],
						  &table[optopt - FIRST_ROW]);
			return false;
		default:
			if (!take_option(argv[0], &table[letter - FIRST_ROW],
					 code))
				return false;
		}
	return true;
}

static bool take_operands(int argc, char **argv, const struct argument *row,
			  int *code)
{
	while (!is_operand(row))
		row++;
	if (row->operand && argc - optind != 1) {
		*code = arguments_wrong(argv[0], "exactly one %s is required",
					row->name);
		return false;
	}
	if (optind >= argc) {
		*code = arguments_wrong(argv[0], "at least one %s is required",
					row->name);
		return false;
	}
	if (row->operand)
		*row->operand = argv[optind];
	for (int i = optind; row->operands && i < argc; i++)
		list_add(row->operands, argv[i], strlen(argv[i]));
	return true;
}

bool arguments_read(int argc, char **argv, const char *help,
		    const struct argument *table, int *code)
{
	struct option *known = known_options(table);
	bool read = take_options(argc, argv, help, table, known, code) &&
		    take_operands(argc, argv, table, code);

	free(known);
	if (!read)
		release_lists(table);
	return read;
}
