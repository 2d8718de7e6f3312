#include "config/rights.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

#define HEAD "parallax rights 1"

enum { LINE_MOST = 4096, PASSWORD_BYTES = 24 };

/* password NAME VALUE, or client SHADOW ROLE LOGIN. */
struct rights_entry {
	const char *shadow; /* NULL: a password */
	const char *name;
	const char *value;
};

struct rights {
	struct arena arena;
	struct rights_entry *entries;
	size_t count;
};

struct rights *rights_new(void)
{
	struct rights *rights = memory_alloc(sizeof(*rights));

	arena_init(&rights->arena, 0);
	return rights;
}

void rights_free(struct rights **rights)
{
	if (!*rights)
		return;
	arena_release_wiped(&(*rights)->arena);
	free((*rights)->entries);
	free(*rights);
	*rights = NULL;
}

static struct rights_entry *find(const struct rights *rights,
				 const char *shadow, const char *name)
{
	for (size_t i = 0; i < rights->count; i++) {
		struct rights_entry *entry = &rights->entries[i];

		if (!strcmp(entry->name, name) && !entry->shadow == !shadow &&
		    (!shadow || !strcmp(entry->shadow, shadow)))
			return entry;
	}
	return NULL;
}

static void set(struct rights *rights, const char *shadow, const char *name,
		const char *value)
{
	struct rights_entry *entry = find(rights, shadow, name);

	if (!entry) {
		rights->entries = memory_resize(rights->entries,
						(rights->count + 1) *
						    sizeof(*rights->entries));
		entry = &rights->entries[rights->count++];
		*entry = (struct rights_entry){
		    .shadow =
			shadow ? arena_string(&rights->arena, shadow) : NULL,
		    .name = arena_string(&rights->arena, name),
		};
	}
	entry->value = arena_string(&rights->arena, value);
}

const char *rights_login(const struct rights *rights, const char *shadow,
			 const char *role)
{
	const struct rights_entry *entry = find(rights, shadow, role);

	return entry ? entry->value : NULL;
}

const char *rights_password(const struct rights *rights, const char *login)
{
	const struct rights_entry *entry = find(rights, NULL, login);

	return entry ? entry->value : NULL;
}

void rights_set_login(struct rights *rights, const char *shadow,
		      const char *role, const char *login)
{
	set(rights, shadow, role, login);
}

void rights_set_password(struct rights *rights, const char *login,
			 const char *password)
{
	set(rights, NULL, login, password);
}

int rights_make_password(struct rights *rights, const char *login,
			 struct error *error)
{
	unsigned char bytes[PASSWORD_BYTES];
	char text[PASSWORD_BYTES * 2 + 1];

	if (rights_password(rights, login))
		return 0;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_set(error, ERROR_IO, "no random numbers: %s",
				 strerror(errno));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	rights_set_password(rights, login, text);
	return 0;
}

/* --- the file --- */

static void write_word(FILE *out, const char *word)
{
	for (; *word; word++)
		fprintf(out,
			isalnum((unsigned char)*word) || strchr("_-.", *word)
			    ? "%c"
			    : "%%%02X",
			(unsigned char)*word);
}

/* Decodes in place; false: a '%' without its two digits, or a NUL byte. */
static bool read_word(char *word)
{
	char *to = word;

	for (const char *at = word; *at; at++) {
		char digits[3] = "";

		if (*at == '%') {
			if (!isxdigit((unsigned char)at[1]) ||
			    !isxdigit((unsigned char)at[2]))
				return false;
			memcpy(digits, at + 1, 2);
			*to = (char)strtoul(digits, NULL, 16);
			at += 2;
		} else {
			*to = *at;
		}
		if (!*to++)
			return false;
	}
	*to = '\0';
	return true;
}

static bool read_line(struct rights *rights, char *line)
{
	char *words[5];
	char *rest = NULL;
	size_t count = 0;

	for (char *word = strtok_r(line, " \n", &rest); word && count < 5;
	     word = strtok_r(NULL, " \n", &rest)) {
		if (!read_word(word))
			return false;
		words[count++] = word;
	}
	if (count == 3 && !strcmp(words[0], "password"))
		set(rights, NULL, words[1], words[2]);
	else if (count == 4 && !strcmp(words[0], "client"))
		set(rights, words[1], words[2], words[3]);
	else
		return false;
	return true;
}

static int read_lines(FILE *file, const char *path, struct rights *rights,
		      struct error *error)
{
	char line[LINE_MOST];

	if (!fgets(line, sizeof(line), file) || strcmp(line, HEAD "\n") != 0)
		return error_set(error, ERROR_CORRUPT,
				 "%s was not written by `parallax rights`",
				 path);
	for (unsigned number = 2; fgets(line, sizeof(line), file); number++)
		if (!read_line(rights, line))
			return error_set(error, ERROR_CORRUPT,
					 "%s:%u cannot be read", path, number);
	return 0;
}

/* A regular file that only this user can access. */
static int check_file(int fd, const char *path, struct error *error)
{
	struct stat status;

	if (fstat(fd, &status))
		return error_set(error, ERROR_IO, "%s: %s", path,
				 strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_mode & 077 ||
	    (status.st_uid != geteuid() && status.st_uid != 0))
		return error_set(error, ERROR_IO,
				 "%s holds passwords: it must be a file of "
				 "this user's with mode 0600",
				 path);
	return 0;
}

int rights_read(const char *path, struct rights **out, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct rights *rights;
	FILE *file;
	int result;

	if (fd < 0)
		return error_set(error, ERROR_IO, "%s: %s", path,
				 strerror(errno));
	if (check_file(fd, path, error)) {
		close(fd);
		return -1;
	}
	file = fdopen(fd, "r");
	if (!file)
		memory_exhausted(0);
	rights = rights_new();
	result = read_lines(file, path, rights, error);
	fclose(file);
	if (result)
		rights_free(&rights);
	else
		*out = rights;
	return result;
}

static void write_entries(const struct rights *rights, FILE *out)
{
	fprintf(out, HEAD "\n");
	for (size_t i = 0; i < rights->count; i++) {
		const struct rights_entry *entry = &rights->entries[i];

		fprintf(out, entry->shadow ? "client " : "password ");
		if (entry->shadow) {
			write_word(out, entry->shadow);
			fputc(' ', out);
		}
		write_word(out, entry->name);
		fputc(' ', out);
		write_word(out, entry->value);
		fputc('\n', out);
	}
}

int rights_write(const struct rights *rights, const char *path,
		 struct error *error)
{
	struct buffer name;
	FILE *file = NULL;
	int fd, result = -1;

	buffer_init(&name, 0);
	buffer_printf(&name, "%s.XXXXXX", path);
	fd = mkostemp((char *)(uintptr_t)buffer_string(&name), O_CLOEXEC);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file) {
		error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	write_entries(rights, file);
	result = fflush(file) || fsync(fd) ? -1 : 0;
	if (fclose(file) || result || rename(buffer_string(&name), path)) {
		result =
		    error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
		unlink(buffer_string(&name));
	}
out:
	buffer_release(&name);
	return result;
}
