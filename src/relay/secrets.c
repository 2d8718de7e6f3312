#include "relay/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16 * 1024 * 1024 };

struct secret {
	const char *user;
	const char *text;
};

struct secrets {
	char *data; /* the file; names and secrets end with zeros in it */
	size_t size;
	struct secret *items; /* by user */
	size_t count;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct secret *)a)->user,
		      ((const struct secret *)b)->user);
}

/* Takes "name" at *at, in place: doubled quotes become one. NULL: malformed. */
static char *take_quoted(char **at)
{
	char *start = *at + 1;
	char *out = start;
	char *in = start;

	if (**at != '"')
		return NULL;
	for (;; in++) {
		if (!*in || *in == '\n')
			return NULL;
		if (*in == '"' && *++in != '"')
			break;
		*out++ = *in;
	}
	*out = 0;
	*at = in;
	return start;
}

/* One line; *at moves behind it. 1: taken; 0: an empty one, or a comment; -1. */
static int take_line(char **at, struct secret *secret)
{
	char *end = *at + strcspn(*at, "\n");
	char *next = *end ? end + 1 : end;
	char *in = *at + strspn(*at, " \t\r");

	if (in == end || *in == '#') {
		*at = next;
		return 0;
	}
	secret->user = take_quoted(&in);
	if (!secret->user || !strspn(in, " \t"))
		return -1;
	in += strspn(in, " \t");
	secret->text = take_quoted(&in);
	if (!secret->text)
		return -1;
	in += strspn(in, " \t\r");
	if (in != end)
		return -1;
	*at = next;
	return 1;
}

static size_t count_lines(const struct secrets *secrets)
{
	size_t count = 1;

	for (size_t i = 0; i < secrets->size; i++)
		count += secrets->data[i] == '\n';
	return count;
}

static int parse(struct secrets *secrets, const char *path,
		 const struct wire_ops *wire, struct error *error)
{
	char *at = secrets->data;

	secrets->items = calloc(count_lines(secrets), sizeof(*secrets->items));
	if (!secrets->items)
		return error_set(error, ERROR_MEMORY, "out of memory");
	for (int line = 1; *at; line++) {
		struct secret *secret = &secrets->items[secrets->count];
		int taken = take_line(&at, secret);

		if (taken < 0 ||
		    (taken && !wire->secret_is_valid(secret->text))) {
			error_set(error, ERROR_CONFIG,
				  "%s, line %d: not \"user\" \"secret\"", path,
				  line);
			error_hint(error, "docs/security.md says how the file "
					  "is made");
			return -1;
		}
		secrets->count += (size_t)taken;
	}
	qsort(secrets->items, secrets->count, sizeof(*secrets->items), compare);
	return 0;
}

static int read_all(int fd, const char *path, struct secrets *secrets,
		    struct error *error)
{
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status))
		return error_set_errno(error, ERROR_CONFIG, "%s", path);
	if (status.st_mode & 077) {
		error_set(error, ERROR_CONFIG, "%s: others can read it", path);
		error_hint(error, "chmod 600 it");
		return -1;
	}
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX)
		return error_set(error, ERROR_CONFIG,
				 "%s: not a file of at most 16 MiB", path);
	secrets->data = calloc((size_t)status.st_size + 1, 1);
	if (!secrets->data)
		return error_set(error, ERROR_MEMORY, "out of memory");
	while (secrets->size < (size_t)status.st_size) {
		got = read(fd, secrets->data + secrets->size,
			   (size_t)status.st_size - secrets->size);
		if (got < 0)
			return error_set_errno(error, ERROR_CONFIG, "%s", path);
		if (!got)
			break;
		secrets->size += (size_t)got;
	}
	if (memchr(secrets->data, 0, secrets->size))
		return error_set(error, ERROR_CONFIG, "%s: not a text", path);
	return 0;
}

int secrets_load(const char *path, const struct wire_ops *wire,
		 struct secrets **out, struct error *error)
{
	struct secrets *secrets = calloc(1, sizeof(*secrets));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = -1;

	if (!secrets)
		error_set(error, ERROR_MEMORY, "out of memory");
	else if (fd < 0)
		error_set_errno(error, ERROR_CONFIG, "%s", path);
	else
		result = read_all(fd, path, secrets, error) ||
				 parse(secrets, path, wire, error)
			     ? -1
			     : 0;
	if (fd >= 0)
		close(fd);
	if (result)
		secrets_free(&secrets);
	else
		*out = secrets;
	return result;
}

void secrets_free(struct secrets **secrets)
{
	if (!*secrets)
		return;
	if ((*secrets)->data)
		explicit_bzero((*secrets)->data, (*secrets)->size);
	free((*secrets)->data);
	free((*secrets)->items);
	free(*secrets);
	*secrets = NULL;
}

const char *secrets_find(void *context, const char *user)
{
	const struct secrets *secrets = context;
	const struct secret key = {user, NULL};
	const struct secret *found =
	    bsearch(&key, secrets->items, secrets->count,
		    sizeof(*secrets->items), compare);

	return found ? found->text : NULL;
}
