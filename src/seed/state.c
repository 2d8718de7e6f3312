/*
 * What was loaded, in a small file of lines:
 *
 *	parallax-seed 1 IDENTITY WRITES
 *	commit ID NAME		about to be committed, with this transaction id
 *	loaded NAME		committed
 *	emptied NAME		what was said of it above counts no more
 *
 * IDENTITY is a digest of both databases, their schemas and the mapping: what
 * was loaded by another is not taken over. WRITES is the primary's count of
 * writing transactions in the snapshot that the first tables came from.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "seed/internal.h"

enum { STATE_MAX = 16 * 1024 * 1024, STATE_VERSION = 1 };

static int fail_state(const struct seed *seed, struct error *error)
{
	return error_set_errno(error, ERROR_IO, "%s", seed->options->state);
}

/* ---- identity ---- */

static void digest_text(struct rows_digest *digest, const char *text)
{
	if (text)
		rows_digest_cell(digest, text, strlen(text));
	else
		rows_digest_null(digest);
}

static void digest_file(struct rows_digest *digest, const char *path)
{
	FILE *file = path ? fopen(path, "r") : NULL;
	char piece[4096];
	size_t size;

	while (file && (size = fread(piece, 1, sizeof(piece), file)))
		rows_digest_cell(digest, piece, size);
	if (file)
		fclose(file);
}

static void identity(const struct seed *seed, char *out, size_t size)
{
	const struct seed_options *options = seed->options;
	const struct endpoint *ends[] = {&options->primary, &options->shadow};
	const uint64_t versions[] = {options->old_catalog->version,
				     options->new_catalog->version};
	struct rows_digest digest;
	struct digest column;

	rows_digest_start(&digest, &column, 1, 1);
	for (size_t i = 0; i < 2; i++) {
		digest_text(&digest, ends[i]->host);
		rows_digest_cell(&digest, &ends[i]->port,
				 sizeof(ends[i]->port));
		digest_text(&digest, ends[i]->database);
		rows_digest_cell(&digest, &versions[i], sizeof(versions[i]));
	}
	digest_file(&digest, options->mapping_file);
	rows_digest_row_end(&digest);
	snprintf(out, size, "%016" PRIx64 "%016" PRIx64, digest.ordered.high,
		 digest.ordered.low);
}

/* ---- reading ---- */

static struct seed_table *find_table(struct seed *seed, const char *name)
{
	for (size_t i = 0; i < seed->table_count; i++)
		if (!strcmp(seed->tables[i].name, name))
			return &seed->tables[i];
	return NULL;
}

/* Whether the shadow committed it. 1: yes. */
static int was_committed(struct seed *seed, struct seed_worker *worker,
			 const char *id, struct error *error)
{
	enum transaction_fate fate = TRANSACTION_FORGOTTEN;

	if (seed->engine->fate(worker->shadow, id, &fate, error))
		return -1;
	if (fate == TRANSACTION_RUNNING)
		return error_set(error, ERROR_DATABASE,
				 "an earlier seed is still at work on the "
				 "shadow, in transaction %s",
				 id);
	return fate == TRANSACTION_COMMITTED;
}

static int take_line(struct seed *seed, struct seed_worker *worker, char *line,
		     struct error *error)
{
	struct seed_table *table = NULL;
	int result = 1;

	if (!strncmp(line, "emptied ", 8)) {
		table = find_table(seed, line + 8);
		if (table)
			table->loaded = false;
		return 0;
	}
	if (!strncmp(line, "loaded ", 7)) {
		table = find_table(seed, line + 7);
	} else if (!strncmp(line, "commit ", 7)) {
		char *name = strchr(line + 7, ' ');

		if (!name)
			return 0; /* torn: it never had an effect */
		*name = 0;
		table = find_table(seed, name + 1);
		if (table && !table->loaded)
			result = was_committed(seed, worker, line + 7, error);
	}
	if (result < 0)
		return -1;
	if (table && result)
		table->loaded = true;
	return 0;
}

static int take_lines(struct seed *seed, struct seed_worker *worker, char *text,
		      const char *head, struct error *error)
{
	size_t head_size = strlen(head);
	char *save = NULL;
	char *line = strtok_r(text, "\n", &save);
	size_t loaded = 0;

	if (!line)
		return 0;
	if (strncmp(line, head, head_size)) {
		seed_say(seed,
			 "%s belongs to other databases, schemas or another "
			 "mapping: starting over",
			 seed->options->state);
		return 0;
	}
	if (strcmp(line + head_size, seed->options->snapshot->mark))
		seed_say(seed,
			 "warning: the primary was written to since the "
			 "interrupted seed began: the tables that it loaded "
			 "are older than the rest; start over with --truncate, "
			 "or check them with 'parallax verify'");
	while ((line = strtok_r(NULL, "\n", &save)))
		if (take_line(seed, worker, line, error))
			return -1;
	for (size_t i = 0; i < seed->table_count; i++)
		loaded += seed->tables[i].loaded;
	if (loaded)
		seed_say(seed, "continuing: %zu of %zu tables are loaded",
			 loaded, seed->table_count);
	return 1;
}

static int read_file(struct seed *seed, struct buffer *out, struct error *error)
{
	FILE *file = fopen(seed->options->state, "r");
	char piece[4096];
	size_t size;

	if (!file)
		return errno == ENOENT ? 0 : fail_state(seed, error);
	while ((size = fread(piece, 1, sizeof(piece), file)))
		buffer_append(out, piece, size);
	fclose(file);
	return out->failed
		   ? error_set(error, ERROR_CORRUPT,
			       "%s is too large for the record of a seed",
			       seed->options->state)
		   : 0;
}

/* ---- writing ---- */

static int write_all(struct seed *seed, const char *text, struct error *error)
{
	size_t size = strlen(text);

	errno = ENOSPC;
	if (write(seed->state_file, text, size) != (ssize_t)size ||
	    fdatasync(seed->state_file))
		return fail_state(seed, error);
	return 0;
}

static int open_file(struct seed *seed, bool go_on, const char *head,
		     struct error *error)
{
	char line[256];

	seed->state_file = open(seed->options->state,
				O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
				    O_NOFOLLOW | (go_on ? 0 : O_TRUNC),
				0600);
	if (seed->state_file < 0)
		return fail_state(seed, error);
	if (go_on) /* a torn line must not take in the next */
		return write_all(seed, "\n", error);
	snprintf(line, sizeof(line), "%s%s\n", head,
		 seed->options->snapshot->mark);
	return write_all(seed, line, error);
}

/* They will be, or are in part, from now on. */
static int note_emptied(struct seed *seed, struct error *error)
{
	struct buffer lines;
	int result;

	buffer_init(&lines, 0);
	for (size_t i = 0; i < seed->table_count; i++) {
		seed->tables[i].loaded = false;
		buffer_printf(&lines, "emptied %s\n", seed->tables[i].name);
	}
	result = write_all(seed, buffer_string(&lines), error);
	buffer_release(&lines);
	return result;
}

int seed_state_open(struct seed *seed, struct seed_worker *worker,
		    struct error *error)
{
	char head[128], digest[48];
	struct buffer text;
	int go_on = 0;

	seed->state_file = -1;
	if (!seed->options->state)
		return 0;
	identity(seed, digest, sizeof(digest));
	snprintf(head, sizeof(head), "parallax-seed %d %s ", STATE_VERSION,
		 digest);
	buffer_init(&text, STATE_MAX);
	if (read_file(seed, &text, error)) {
		buffer_release(&text);
		return -1;
	}
	if (text.size && (!seed->options->truncate || seed->partial)) {
		buffer_string(&text);
		go_on =
		    take_lines(seed, worker, (char *)text.data, head, error);
	}
	buffer_release(&text);
	if (go_on < 0 || open_file(seed, go_on, head, error))
		return -1;
	return seed->options->truncate ? note_emptied(seed, error) : 0;
}

int seed_state_note(struct seed *seed, const struct seed_group *group,
		    const char *transaction, struct error *error)
{
	struct buffer lines;
	int result;

	if (seed->state_file < 0)
		return 0;
	buffer_init(&lines, 0);
	for (size_t i = 0; i < group->table_count; i++) {
		if (transaction)
			buffer_printf(&lines, "commit %s %s\n", transaction,
				      group->tables[i]->name);
		else
			buffer_printf(&lines, "loaded %s\n",
				      group->tables[i]->name);
	}
	pthread_mutex_lock(&seed->mutex);
	result = write_all(seed, buffer_string(&lines), error);
	pthread_mutex_unlock(&seed->mutex);
	buffer_release(&lines);
	return result;
}

void seed_state_close(struct seed *seed, bool complete)
{
	if (seed->state_file >= 0)
		close(seed->state_file);
	seed->state_file = -1;
	if (complete && seed->options->state && !seed->partial)
		unlink(seed->options->state);
}
