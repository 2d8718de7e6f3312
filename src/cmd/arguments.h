/*
 * A command's line, told as a table: what options there are, what each takes
 * and where it goes, and what stands behind them. All commands read alike, and
 * complain alike, in one line:
 *
 *	parallax seed: --jobs takes a number from 1 to 64; see ...
 */
#ifndef PARALLAX_CMD_ARGUMENTS_H
#define PARALLAX_CMD_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Texts of its own; all zero: empty. */
struct argument_list {
	const char **items; /* NULL-ended; NULL: none was given */
	size_t count;
};

void argument_list_release(struct argument_list *list);

/*
 * A row of the table: an option's name ("jobs"), or the operand's as messages
 * say it ("CONFIG"). One of the pointers below is set: it says what the row is,
 * and where the value goes; what stands there before is the default.
 */
struct argument {
	const char *name;

	bool *flag;		     /* takes nothing, and becomes true */
	const char **text;	     /* borrows from argv */
	uint64_t *number;	     /* from least to most */
	int64_t *time_us;	     /* "200ms", "5 s" */
	unsigned *choice;	     /* an index of choices */
	struct argument_list *texts; /* one more each time it is given */
	struct argument_list *names; /* likewise; commas stand between names */
	void (*print)(FILE *out);    /* and the command ends, as --help does */
	const char **operand;	     /* exactly one; borrows from argv */
	struct argument_list *operands; /* one or more */

	uint64_t least, most;	    /* most 0: no bound */
	const char *const *choices; /* NULL-ended */
};

/*
 * Reads argv, whose order it changes; argv[0] is the command's name. The table
 * ends with a row without a name, and has one row for the operands. --help and
 * -h print the text to stdout. False: the command ends with *code, and all
 * lists are empty: something was printed, or is wrong, which is told on stderr.
 */
bool arguments_read(int argc, char **argv, const char *help,
		    const struct argument *table, int *code);

/* Tells on stderr what is wrong with a command's line; gives the exit code. */
int arguments_wrong(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
