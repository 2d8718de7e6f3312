/* The queue of commands that the server owes an answer. */
#include "adapters/mysql/wire_state.h"

static struct wire_command *command_at(const struct wire *wire, size_t index)
{
	return &wire->queue[(wire->queue_head + index) &
			    (wire->queue_capacity - 1)];
}

static int queue_grow(struct wire *wire)
{
	size_t capacity = wire->queue_capacity ? wire->queue_capacity * 2 : 4;
	struct wire_command *queue = malloc(capacity * sizeof(*queue));

	if (!queue)
		return mysql_bad(wire, "out of memory");
	for (size_t i = 0; i < wire->queue_count; i++)
		queue[i] = *command_at(wire, i);
	free(wire->queue);
	wire->queue = queue;
	wire->queue_capacity = capacity;
	wire->queue_head = 0;
	return 0;
}

struct wire_command *mysql_command_push(struct wire *wire, uint8_t code,
					enum wire_expect expect)
{
	struct wire_command *command;

	if (wire->queue_count == wire->queue_capacity && queue_grow(wire))
		return NULL;
	command = command_at(wire, wire->queue_count++);
	memset(command, 0, sizeof(*command));
	command->code = code;
	command->expect = expect;
	command->after = wire->moment.seq;
	return command;
}

struct wire_command *mysql_command_head(const struct wire *wire)
{
	return wire->queue_count ? command_at(wire, 0) : NULL;
}

void mysql_command_pop(struct wire *wire)
{
	struct wire_command *head = command_at(wire, 0);

	if (head->message)
		wire->statements_queued--;
	if (head->prepared)
		mysql_prepared_unref(wire, head->prepared);
	free((void *)(uintptr_t)head->user.data);
	free((void *)(uintptr_t)head->database.data);
	wire->queue_head = (wire->queue_head + 1) & (wire->queue_capacity - 1);
	wire->queue_count--;
	/* A long queue's memory is not kept for an idle session. */
	if (!wire->queue_count && wire->queue_capacity > 16) {
		free(wire->queue);
		wire->queue = NULL;
		wire->queue_capacity = wire->queue_head = 0;
	}
}
