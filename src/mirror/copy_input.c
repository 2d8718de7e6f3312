/*
 * The data of a client's COPY, in the form of the shadow's engine: row by row,
 * as the shadow's driver asks for it. From text to an engine that reads CSV:
 *
 *	7\tone\t\\N\n	"7", "one", NULL	"7","one",\n
 *
 * A row at a time is in memory.
 */
#include "mirror/copy_input.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/copy.h"
#include "adapters/seed.h"
#include "base/memory.h"
#include "mirror/internal.h"

enum { PIECE = 64 * 1024 };

struct copy_input {
	const struct exchange *exchange;
	const struct copy_ops *ops;
	const struct seed_ops *shadow;
	const PgQuery__CopyStmt *statement; /* in the task's arena */
	struct copy_reader *reader;
	/* The types of its values; without them they pass as they are. */
	struct value_side side;
	struct value_target target;
	uint32_t *types, *new_types;
	size_t type_count;
	/* Of the client's data, from `offset` on: what no row has taken. */
	uint8_t *data;
	size_t at, size, capacity;
	uint64_t offset;
	bool read_all;
	/* What the shadow gets: out[given, ...) is next. */
	struct buffer out;
	size_t given;
	uint64_t passed; /* bytes of it so far */
	bool ended;
	bool failed;
	struct error error;
	struct arena row;
};

/* ---- the beginning ---- */

static const PgQuery__CopyStmt *statement_of(struct task *task)
{
	const struct parser *parser =
	    task->mirror->options->primary_adapter->parser;
	struct sql_tree tree;
	struct error error;

	if (parser->parse(task->text, task->text_size, &task->arena, &tree,
			  &error) ||
	    tree.count != 1)
		return NULL;
	return SQL_AS(tree.statements[0].node, COPY_STMT, copy_stmt);
}

static void add_type(struct task *task, struct copy_input *input,
		     const struct catalog_table *table, const char *name)
{
	size_t at = input->type_count++;

	for (size_t i = 0; i < table->column_count; i++)
		if (!strcmp(table->columns[i].name, name))
			input->types[at] = table->columns[i].type;
	input->new_types[at] =
	    lens_new_type(task->version->lens, input->types[at]);
}

/* Of the columns that the statement names, or of all that can be given. */
static void find_types(struct task *task, struct copy_input *input)
{
	const PgQuery__CopyStmt *copy = input->statement;
	const struct catalog_table *table = task->plan->tables_written_count
						? task->plan->tables_written[0]
						: NULL;
	size_t room;

	if (!table)
		return;
	room = table->column_count + copy->n_attlist + 1;
	input->types = arena_array(&task->arena, room, sizeof(*input->types));
	input->new_types =
	    arena_array(&task->arena, room, sizeof(*input->new_types));
	for (size_t i = 0; i < copy->n_attlist; i++) {
		const char *name = sql_string_value(copy->attlist[i]);

		add_type(task, input, table, name ? name : "");
	}
	for (size_t i = 0; !copy->n_attlist && i < table->column_count; i++)
		if (table->columns[i].generated != GENERATED_STORED)
			add_type(task, input, table, table->columns[i].name);
}

static bool is_wanted(const struct task *task)
{
	const struct mirror_options *options = task->mirror->options;

	return task->exchange->copy_in && !task->plan->ruled && !task->copy &&
	       !sql_dialect_reads(options->shadow_adapter->parser->dialect,
				  options->primary_adapter->parser->dialect);
}

int copy_input_open(struct task *task, struct error *error)
{
	const struct mirror_options *options = task->mirror->options;
	const PgQuery__CopyStmt *statement;
	struct copy_input *input;

	if (!is_wanted(task))
		return 0;
	statement = statement_of(task);
	if (!statement || !options->primary_adapter->copy)
		return error_set(error, ERROR_LIMIT,
				 "the form of its COPY data is not known");
	input = memory_alloc(sizeof(*input));
	task->copy = input;
	input->exchange = task->exchange;
	input->statement = statement;
	input->ops = options->primary_adapter->copy;
	input->shadow = options->shadow_adapter->seed;
	input->side.ops = options->primary_adapter->values;
	input->side.catalog = task->version->catalogs->old_catalog;
	input->target.ops = options->shadow_adapter->values;
	input->target.catalog = task->version->catalogs->new_catalog;
	buffer_init(&input->out, 0);
	arena_init(&input->row, 0);
	find_types(task, input);
	if (!input->ops->open(statement, &input->reader, error)) {
		input->side.format = input->ops->format(input->reader);
		return 0;
	}
	copy_input_close(&task->copy);
	return -1;
}

void copy_input_close(struct copy_input **pointer)
{
	struct copy_input *input = *pointer;

	if (!input)
		return;
	input->ops->close(&input->reader);
	buffer_release(&input->out);
	arena_release(&input->row);
	free(input->data);
	free(input);
	*pointer = NULL;
}

const struct error *copy_input_problem(const struct copy_input *input)
{
	return input->failed ? &input->error : NULL;
}

/* ---- rows ---- */

/* More of the client's data behind what no row has taken. */
static int read_more(struct copy_input *input)
{
	size_t got;

	memmove(input->data, input->data + input->at, input->size - input->at);
	input->size -= input->at;
	input->at = 0;
	if (input->capacity < input->size * 2 + PIECE) {
		input->capacity = input->size * 2 + PIECE;
		input->data = memory_resize(input->data, input->capacity);
	}
	if (exchange_input_read(
		input->exchange, input->offset, input->data + input->size,
		input->capacity - input->size, &got, &input->error))
		return -1;
	input->offset += got;
	input->size += got;
	input->read_all = !got;
	return 0;
}

/* A value as a text for the shadow's engine. */
static int cross(struct copy_input *input, size_t column, struct value *value)
{
	bool known = column < input->type_count;
	struct value_side side = input->side;
	struct value_target target = input->target;
	struct value crossed;

	side.type = known ? input->types[column] : 0;
	target.type = known ? input->new_types[column] : 0;
	side.value = *value;
	if (!value_cross(&side, &target, &input->row, &crossed)) {
		*value = crossed;
		return 0;
	}
	/* What the primary refused, the shadow is to refuse as well. */
	if (!side.format && input->exchange->outcome == EXCHANGE_FAILED)
		return 0;
	return error_set(&input->error, ERROR_LIMIT,
			 "the shadow's engine has no text for value %zu of a "
			 "row of COPY",
			 column + 1);
}

static int write_row(struct copy_input *input, const struct copy_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (cross(input, i, &row->values[i]))
			return -1;
	input->shadow->write_row(&input->out, row->values, row->count);
	return 0;
}

/* One more row for the shadow, or the end. */
static int convert(struct copy_input *input)
{
	struct copy_row row = {0};
	size_t consumed = 0;

	arena_clear(&input->row);
	switch (input->ops->next(input->reader, input->data + input->at,
				 input->size - input->at, input->read_all,
				 &input->row, &row, &consumed, &input->error)) {
	case COPY_ROW:
		input->at += consumed;
		return write_row(input, &row);
	case COPY_MORE:
		return read_more(input);
	case COPY_END:
		/* (more may come behind no data at all) */
		if (!input->read_all && !input->size)
			return read_more(input);
		input->ended = true;
		return 0;
	case COPY_BAD:
		break;
	}
	return -1;
}

/* The statement runs again. */
static int start_again(struct copy_input *input)
{
	input->ops->close(&input->reader);
	if (input->ops->open(input->statement, &input->reader, &input->error))
		return -1;
	input->at = input->size = 0;
	input->offset = input->passed = 0;
	buffer_clear(&input->out);
	input->given = 0;
	input->read_all = input->ended = input->failed = false;
	return 0;
}

static int fill(struct copy_input *input)
{
	buffer_clear(&input->out);
	input->given = 0;
	while (!input->ended && input->out.size < PIECE)
		if (convert(input))
			return -1;
	if (input->out.failed)
		return error_set(&input->error, ERROR_LIMIT,
				 "a row of COPY is too long");
	return 0;
}

int64_t copy_input_read(void *context, uint64_t offset, void *into, size_t size)
{
	struct copy_input *input = context;
	size_t left;

	if ((!offset && start_again(input)) || offset != input->passed ||
	    (input->given == input->out.size && fill(input))) {
		input->failed = true;
		return -1;
	}
	left = input->out.size - input->given;
	if (left > size)
		left = size;
	if (left)
		memcpy(into, input->out.data + input->given, left);
	input->given += left;
	input->passed += left;
	return (int64_t)left;
}
