/*
 * A command's line as a table: the options, what each takes and where it goes,
 * and the operands. All commands read and complain in the same way, in one line:
 *
 *	parallax seed: --jobs takes a number from 1 to 64; see ...
 */
#ifndef PARALLAX_CMD_ARGUMENTS_H
#define PARALLAX_CMD_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Owns its texts; all zero: empty. */
struct argument_list {
	const char **items; /* NULL-ended; NULL: none was given */
	size_t count;
};

void argument_list_release(struct argument_list *list);

/*
 * A row of the table: an option's name ("jobs"), or the operand's name in
 * messages ("CONFIG"). One of the pointers below is set. It gives the kind of
 * the row and receives the value; its initial value is the default.
 */
struct argument {
	const char *name;

	bool *flag;		     /* takes nothing, and becomes true */
	const char **text;	     /* borrows from argv */
	uint64_t *number;	     /* from least to most */
	int64_t *time_us;	     /* "200ms", "5 s" */
	unsigned *choice;	     /* an index of choices */
	struct argument_list *texts; /* one more each time it is given */
	struct argument_list *names; /* likewise, separated by commas */
	void (*print)(FILE *out);    /* then the command ends, as with --help */
	const char **operand;	     /* exactly one; borrows from argv */
	struct argument_list *operands; /* one or more */

	uint64_t least, most;	    /* most 0: no bound */
	const char *const *choices; /* NULL-ended */
};

/*
 * Reads argv, whose order it changes; argv[0] is the command's name. The table
 * ends with a row without a name and has one row for the operands. --help and
 * -h print the text to stdout. False: the command ends with *code, and all
 * lists are empty. Something was printed, or an error was reported on stderr.
 */
bool arguments_read(int argc, char **argv, const char *help,
		    const struct argument *table, int *code);

/* Reports an error in a command's line on stderr; returns the exit code. */
int arguments_wrong(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
