/* The settings in force, as a config file that gives the same settings. */
#include <inttypes.h>
#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "config/text.h"

/* A double-quoted YAML scalar; a '$' before '{' is doubled, as it is read. */
static void print_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			fprintf(out, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			fprintf(out, "\\x%02x", byte);
		else if (byte == '$' && text[1] == '{')
			fputs("$$", out);
		else
			fputc(byte, out);
	}
	fputc('"', out);
}

/* The end of a driver parameter's value: 'quoted \\' so', or up to a blank. */
static const char *skip_value(const char *at)
{
	bool quoted = *at == '\'';

	for (at += quoted; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (quoted ? *at == '\'' : strchr(" \t\r\n", *at) != NULL)
			return at + quoted;
	}
	return at;
}

/* A driver's parameters, with passwords masked. */
static void print_parameters(FILE *out, const char *text, struct arena *arena)
{
	static const char secret[] = "password";
	const char *shown = "";
	const char *found;

	while ((found = strstr(text, secret)) != NULL) {
		const char *value = found + strlen(secret);

		value += strspn(value, " \t");
		if (*value != '=') {
			shown = arena_printf(arena, "%s%.*s", shown,
					     (int)(value - text), text);
			text = value;
			continue;
		}
		value += 1 + strspn(value + 1, " \t");
		shown = arena_printf(arena, "%s%.*s***", shown,
				     (int)(value - text), text);
		text = skip_value(value);
	}
	print_text(out, arena_printf(arena, "%s%s", shown, text));
}

static void print_choice(FILE *out, const char *choices, int index)
{
	while (index-- > 0)
		choices += strcspn(choices, "|") + 1;
	fprintf(out, "%.*s", (int)strcspn(choices, "|"), choices);
}

static void print_addresses(FILE *out, const struct config *config,
			    struct arena *arena)
{
	fputc('[', out);
	for (size_t i = 0; i < config->listen_count; i++) {
		const struct config_address *address = &config->listen[i];
		bool v6 = *address->host != '/' && strchr(address->host, ':');

		fputs(i ? ", " : "", out);
		print_text(out, arena_printf(arena, v6 ? "[%s]:%d" : "%s:%d",
					     address->host, address->port));
	}
	fputc(']', out);
}

static void print_list(FILE *out, const struct config_list *list)
{
	fputc('[', out);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i ? ", " : "", out);
		print_text(out, list->items[i]);
	}
	fputc(']', out);
}

static void print_value(FILE *out, const struct config *config,
			const struct option *option, const void *member,
			struct arena *arena)
{
	uint64_t size;
	int64_t duration;
	int number;

	switch (option->kind) {
	case OPTION_TEXT:
	case OPTION_PATH:
		if (!strcmp(option->key, "options")) {
			print_parameters(out, *(const char *const *)member,
					 arena);
			return;
		}
		print_text(out, option->secret ? "***"
					       : *(const char *const *)member);
		return;
	case OPTION_SIZE:
		memcpy(&size, member, sizeof(size));
		fputs(text_size_print(arena, size), out);
		return;
	case OPTION_DURATION:
		memcpy(&duration, member, sizeof(duration));
		fputs(text_duration_print(arena, duration), out);
		return;
	case OPTION_BOOL:
		fputs(*(const bool *)member ? "true" : "false", out);
		return;
	case OPTION_PORT:
	case OPTION_SMALL:
		memcpy(&number, member, sizeof(number));
		fprintf(out, "%d", number);
		return;
	case OPTION_COUNT:
		memcpy(&size, member, sizeof(size));
		fprintf(out, "%" PRIu64, size);
		return;
	case OPTION_CHOICE:
		memcpy(&number, member, sizeof(number));
		print_choice(out, option->choices, number);
		return;
	case OPTION_ADDRESSES:
		print_addresses(out, config, arena);
		return;
	case OPTION_LIST:
		print_list(out, member);
		return;
	}
}

static bool is_absent(const struct option *option, const void *member)
{
	if (option->kind == OPTION_LIST)
		return !((const struct config_list *)member)->count;
	return (option->kind == OPTION_TEXT || option->kind == OPTION_PATH) &&
	       !*(const char *const *)member;
}

static void print_section(FILE *out, const struct config *config,
			  const char *section, const char *indent,
			  const char *first_indent, const void *base)
{
	struct arena arena;

	arena_init(&arena, 0);
	for (size_t i = 0; i < option_count; i++) {
		const struct option *option = &options[i];
		const char *member = (const char *)base + option->offset;

		if (strcmp(option->section, section) ||
		    is_absent(option, member))
			continue;
		if (!strcmp(option->key, "password_file"))
			continue; /* the password that it gave is in force */
		fprintf(out, "%s%s: ", first_indent, option->key);
		print_value(out, config, option, member, &arena);
		fputc('\n', out);
		first_indent = indent;
	}
	arena_release(&arena);
}

/* Whether nothing of it would be printed: a section must not be empty. */
static bool is_empty(const struct config *config, const char *section)
{
	for (size_t i = 0; i < option_count; i++)
		if (!strcmp(options[i].section, section) &&
		    (!strcmp(section, "shadows") ||
		     !is_absent(&options[i],
				(const char *)config + options[i].offset)))
			return false;
	return true;
}

void config_print(const struct config *config, FILE *out)
{
	for (size_t i = 0; option_sections[i]; i++) {
		const char *section = option_sections[i];

		if (is_empty(config, section))
			continue;
		if (*section)
			fprintf(out, "%s:\n", section);
		if (strcmp(section, "shadows")) {
			print_section(out, config, section,
				      *section ? "  " : "",
				      *section ? "  " : "", config);
			continue;
		}
		for (size_t k = 0; k < config->shadow_count; k++)
			print_section(out, config, section, "    ", "  - ",
				      &config->shadows[k]);
	}
}

/* The values of keys that the file leaves out. */
static const char *default_of(const struct option *option,
			      const struct config_engine *engines, char *port,
			      size_t size)
{
	if (option->required)
		return "required";
	if (!option->by_engine)
		return option->fallback ? option->fallback : "none";
	if (option->kind != OPTION_PORT)
		return strcmp(option->section, "shadows") ? engines->name
							  : "primary.engine";
	snprintf(port, size, "%d", engines->port);
	return port;
}

void config_describe(FILE *out, const struct config_engine *engines)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option *option = &options[i];
		char port[16];

		fprintf(out, "%s%s%s\t%s\t%s\t%s\n", option->section,
			*option->section ? "." : "", option->key,
			option->choices ? option->choices
					: option_kind_name(option->kind),
			default_of(option, engines, port, sizeof(port)),
			option->doc);
	}
}
