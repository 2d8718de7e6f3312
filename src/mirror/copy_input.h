/* A client's COPY data, in the form of the shadow's engine. */
#ifndef PARALLAX_MIRROR_COPY_INPUT_H
#define PARALLAX_MIRROR_COPY_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct copy_input;
struct task;

/* Sets the task's, if its shadow's engine needs one. -1 with ERROR_LIMIT: its
 * data cannot be converted. */
int copy_input_open(struct task *task, struct error *error);
void copy_input_close(struct copy_input **input);
/* A shadow_input, whose context is the task's. */
int64_t copy_input_read(void *context, uint64_t offset, void *into,
			size_t size);
/* Why it could not be read to its end; NULL: it could. */
const struct error *copy_input_problem(const struct copy_input *input);

#endif
