/* Inside the journal: how exchanges own their memory, for the assembler. */
#ifndef PARALLAX_JOURNAL_EXCHANGE_INTERNAL_H
#define PARALLAX_JOURNAL_EXCHANGE_INTERNAL_H

#include "base/buffer.h"
#include "journal/exchange.h"
#include "journal/journal.pb-c.h"

/*
 * An arena for one small object: like base/arena, but with blocks of a size
 * that suits thousands of exchanges waiting in a mirror. Ends the process when
 * memory runs out.
 */
struct exchange_pool_block;

struct exchange_pool {
	struct exchange_pool_block *blocks;
};

void *exchange_pool_alloc(struct exchange_pool *pool, size_t size);
/* A copy with a NUL after it. */
char *exchange_pool_copy(struct exchange_pool *pool, const void *data,
			 size_t size);
char *exchange_pool_string(struct exchange_pool *pool, const char *text);
void exchange_pool_release(struct exchange_pool *pool);

struct exchange_statement_own {
	struct exchange_statement seen; /* first: the public part */
	struct exchange_pool pool;
	struct buffer text;
	struct buffer bind;
	size_t held; /* bytes, for the assembler's bound */
};

struct exchange_own {
	struct exchange seen; /* first */
	struct exchange_pool pool;
	struct buffer rows;
	size_t held;
};

struct exchange_input {
	struct buffer memory; /* all of it, until it is spilled */
	int fd;		      /* -1: not spilled */
	uint64_t size;
	char problem[256]; /* the spill failed: the input is incomplete */
};

void exchange_statement_unreference(struct exchange_statement_own **statement);
struct exchange_problem *exchange_problems_copy(
    struct exchange_pool *pool, size_t count,
    Parallax__Journal__Problem *const *from);

/* Zeroed; *pool belongs to it and is freed with it. */
struct exchange_transaction_end *exchange_transaction_end_new(
    struct exchange_pool **pool);
struct exchange_session *exchange_session_new(struct exchange_pool **pool);
struct exchange_gap *exchange_gap_new(struct exchange_pool **pool);

/* Adds to an exchange's input; spills it when it exceeds `memory` bytes. */
void exchange_input_append(struct exchange_own *exchange, const void *data,
			   size_t size, size_t memory,
			   const char *spill_directory);

#endif
