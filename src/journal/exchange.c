#include "journal/exchange_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"

static const char *const outcome_names[] = {"ok",    "failed",	  "suspended",
					    "empty", "abandoned", "skipped"};
static const char *const transaction_names[] = {"commit", "rollback",
						"unknown"};

static const char *name_of(const char *const *names, size_t count, unsigned at)
{
	return at < count ? names[at] : "unknown";
}

const char *exchange_outcome_name(enum exchange_outcome outcome)
{
	return name_of(outcome_names, 6, (unsigned)outcome);
}

const char *exchange_transaction_outcome_name(
    enum exchange_transaction_outcome outcome)
{
	return name_of(transaction_names, 3, (unsigned)outcome);
}

/* --- memory --- */

enum { POOL_ALIGN = 16, POOL_BLOCK = 512 };

struct exchange_pool_block {
	struct exchange_pool_block *older;
	size_t size;
	size_t used;
	_Alignas(POOL_ALIGN) unsigned char data[];
};

void *exchange_pool_alloc(struct exchange_pool *pool, size_t size)
{
	struct exchange_pool_block *block = pool->blocks;
	size_t rounded = (size + POOL_ALIGN - 1) & ~(size_t)(POOL_ALIGN - 1);
	void *memory;

	if (rounded < size)
		memory_exhausted(size);
	if (!block || rounded > block->size - block->used) {
		size_t room = rounded > POOL_BLOCK ? rounded : POOL_BLOCK;

#ifdef PARALLAX_ARENA_EXACT
		room = rounded = size ? size : 1;
#endif
		block = memory_alloc(sizeof(*block) + room);
		block->size = room;
		block->older = pool->blocks;
		pool->blocks = block;
	}
	memory = block->data + block->used;
	block->used += rounded;
	return memory;
}

char *exchange_pool_copy(struct exchange_pool *pool, const void *data,
			 size_t size)
{
	char *copy = exchange_pool_alloc(pool, size + 1);

	if (size)
		memcpy(copy, data, size);
	copy[size] = 0;
	return copy;
}

char *exchange_pool_string(struct exchange_pool *pool, const char *text)
{
	return exchange_pool_copy(pool, text, strlen(text));
}

void exchange_pool_release(struct exchange_pool *pool)
{
	while (pool->blocks) {
		struct exchange_pool_block *older = pool->blocks->older;

		free(pool->blocks);
		pool->blocks = older;
	}
}

struct exchange_problem *exchange_problems_copy(
    struct exchange_pool *pool, size_t count,
    Parallax__Journal__Problem *const *from)
{
	struct exchange_problem *to;

	if (!count)
		return NULL;
	to = exchange_pool_alloc(pool, count * sizeof(*to));
	for (size_t i = 0; i < count; i++) {
		to[i].severity = exchange_pool_string(pool, from[i]->severity);
		to[i].sqlstate = exchange_pool_string(pool, from[i]->sqlstate);
		to[i].message = exchange_pool_string(pool, from[i]->message);
		to[i].constraint =
		    exchange_pool_string(pool, from[i]->constraint);
		to[i].position = from[i]->position;
		to[i].authored = from[i]->authored;
	}
	return to;
}

void exchange_statement_unreference(struct exchange_statement_own **pointer)
{
	struct exchange_statement_own *statement = *pointer;

	*pointer = NULL;
	if (!statement || --statement->seen.references > 0)
		return;
	buffer_release(&statement->text);
	buffer_release(&statement->bind);
	exchange_pool_release(&statement->pool);
	free(statement);
}

void exchange_free(struct exchange **pointer)
{
	/* The public part is the first member. */
	struct exchange_own *exchange = (struct exchange_own *)(void *)*pointer;
	struct exchange_statement_own *statement;

	if (!exchange)
		return;
	*pointer = NULL;
	statement = (struct exchange_statement_own *)(uintptr_t)
			exchange->seen.statement;
	exchange_statement_unreference(&statement);
	if (exchange->seen.input) {
		buffer_release(&exchange->seen.input->memory);
		if (exchange->seen.input->fd >= 0)
			close(exchange->seen.input->fd);
		free(exchange->seen.input);
	}
	buffer_release(&exchange->rows);
	exchange_pool_release(&exchange->pool);
	free(exchange);
}

/* Small ones are one allocation: the struct with its pool after it. */
struct transaction_end_own {
	struct exchange_transaction_end seen;
	struct exchange_pool pool;
};

struct session_own {
	struct exchange_session seen;
	struct exchange_pool pool;
};

struct gap_own {
	struct exchange_gap seen;
	struct exchange_pool pool;
};

void exchange_transaction_end_free(struct exchange_transaction_end **pointer)
{
	struct transaction_end_own *end =
	    (struct transaction_end_own *)(void *)*pointer;

	if (!end)
		return;
	*pointer = NULL;
	exchange_pool_release(&end->pool);
	free(end);
}

void exchange_session_free(struct exchange_session **pointer)
{
	struct session_own *session = (struct session_own *)(void *)*pointer;

	if (!session)
		return;
	*pointer = NULL;
	exchange_pool_release(&session->pool);
	free(session);
}

void exchange_gap_free(struct exchange_gap **pointer)
{
	struct gap_own *gap = (struct gap_own *)(void *)*pointer;

	if (!gap)
		return;
	*pointer = NULL;
	exchange_pool_release(&gap->pool);
	free(gap);
}

struct exchange_transaction_end *exchange_transaction_end_new(
    struct exchange_pool **pool)
{
	struct transaction_end_own *own = memory_alloc(sizeof(*own));

	*pool = &own->pool;
	return &own->seen;
}

struct exchange_session *exchange_session_new(struct exchange_pool **pool)
{
	struct session_own *own = memory_alloc(sizeof(*own));

	*pool = &own->pool;
	return &own->seen;
}

struct exchange_gap *exchange_gap_new(struct exchange_pool **pool)
{
	struct gap_own *own = memory_alloc(sizeof(*own));

	*pool = &own->pool;
	return &own->seen;
}

/* --- a COPY's input --- */

static int open_spill(const char *directory)
{
	char path[4096];
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	snprintf(path, sizeof(path), "%s/parallax-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static void spill(struct exchange_input *input, const void *data, size_t size,
		  const char *directory)
{
	const char *bytes = data;

	if (input->fd < 0) {
		input->fd = open_spill(directory);
		if (input->fd < 0)
			goto failed;
	}
	while (size) {
		ssize_t put = write(input->fd, bytes, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			goto failed;
		bytes += put;
		size -= (size_t)put;
	}
	return;
failed:
	snprintf(input->problem, sizeof(input->problem),
		 "cannot keep the input in %.128s: %s", directory,
		 strerror(errno));
}

void exchange_input_append(struct exchange_own *exchange, const void *data,
			   size_t size, size_t memory,
			   const char *spill_directory)
{
	struct exchange_input *input = exchange->seen.input;

	if (!input) {
		input = memory_alloc(sizeof(*input));
		input->fd = -1;
		exchange->seen.input = input;
	}
	input->size += size;
	exchange->seen.input_size = input->size;
	if (input->problem[0])
		return;
	if (input->fd < 0 && input->size <= memory &&
	    !buffer_reserve(&input->memory, size)) {
		buffer_append(&input->memory, data, size);
		return;
	}
	if (input->fd < 0) {
		/* `failed` would hide the existing bytes. */
		input->memory.failed = false;
		spill(input, input->memory.data, input->memory.size,
		      spill_directory);
		buffer_release(&input->memory);
	}
	if (!input->problem[0])
		spill(input, data, size, spill_directory);
}

int exchange_input_read(const struct exchange *exchange, uint64_t offset,
			void *into, size_t size, size_t *got,
			struct error *error)
{
	const struct exchange_input *input = exchange->input;
	ssize_t count;

	*got = 0;
	if (!input || offset >= input->size)
		return 0;
	if (input->problem[0])
		return error_set(error, ERROR_IO, "%s", input->problem);
	if (size > input->size - offset)
		size = (size_t)(input->size - offset);
	if (input->fd < 0) {
		if (size)
			memcpy(into, input->memory.data + offset, size);
		*got = size;
		return 0;
	}
	do
		count = pread(input->fd, into, size, (off_t)offset);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return error_set_errno(error, ERROR_IO,
				       "cannot read a COPY's spilled input");
	if (count == 0 && size)
		return error_set(error, ERROR_IO,
				 "a COPY's spilled input ends early");
	*got = (size_t)count;
	return 0;
}

bool exchange_input_spilled(const struct exchange *exchange)
{
	return exchange->input && exchange->input->fd >= 0;
}
