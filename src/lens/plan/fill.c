/*
 * One exchange's literals, parameters and generated values, put into a plan:
 *
 *	INSERT INTO accounts (id, mail) VALUES (<pin 0,0>, <literal 0>)
 *	INSERT INTO accounts (id, mail) VALUES ($1, 'ann@example.com')
 *
 * where the primary's answer to ... RETURNING id showed 42, which is $1. Before
 * it goes a step that moves the sequence there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lens/compile/type.h"
#include "lens/plan/cache.h"
#include "sql/literal.h"

/* ---- values carried in a session ---- */

struct carried_value {
	int64_t value;
};

struct plan_carried {
	struct map by_sequence; /* printed name -> carried_value */
	int64_t last;
	bool has_last;
};

struct plan_carried *plan_carried_new(void)
{
	struct plan_carried *carried = memory_alloc(sizeof(*carried));

	map_init(&carried->by_sequence);
	return carried;
}

void plan_carried_free(struct plan_carried **pointer)
{
	struct plan_carried *carried = *pointer;

	if (!carried)
		return;
	for (size_t i = 0; i < carried->by_sequence.count; i++)
		free(carried->by_sequence.entries[i].value);
	map_release(&carried->by_sequence);
	free(carried);
	*pointer = NULL;
}

static void carry(struct plan_carried *carried, const char *sequence,
		  int64_t value)
{
	struct carried_value *held;

	if (!carried)
		return;
	carried->last = value;
	carried->has_last = true;
	if (!sequence)
		return;
	held = map_get_string(&carried->by_sequence, sequence);
	if (!held) {
		held = memory_alloc(sizeof(*held));
		map_set_string(&carried->by_sequence, sequence, held);
	}
	held->value = value;
}

/* ---- filling ---- */

struct moved { /* a sequence that has to be past a value */
	const char *sequence;
	int64_t most;
	int64_t least;
	int64_t last;
};

struct filling {
	const struct plan *plan;
	const struct plan_recipe *recipe;
	const struct plan_input *input;
	struct arena *arena;
	struct plan_steps *steps;
	struct value *values;
	uint8_t *formats;
	uint32_t *types;
	size_t count;			/* of parameters */
	const struct plan_text *filled; /* at hand */
	/* Of the statement, as the shadow's dialect writes them; NULL: as the
	 * statement does. */
	const struct bytes *literals;
	size_t clocks[2]; /* the parameter that has each clock; 0: none yet */
	char *text;
	size_t size, capacity;
	struct moved *moved;
	size_t moved_count;
	struct plan_hole *holes;
	size_t hole_count;
	bool lacks; /* a value that must be carried is not in the answer */
	/* What the value is of for which the shadow's engine has no text. */
	const char *untold;
	size_t untold_number;
};

static void add_text(struct filling *filling, const char *text, size_t size)
{
	if (size > filling->capacity - filling->size) {
		size_t room = (filling->capacity + size) * 2 + 64;
		char *bigger = arena_alloc(filling->arena, room);

		if (filling->size)
			memcpy(bigger, filling->text, filling->size);
		filling->text = bigger;
		filling->capacity = room;
	}
	memcpy(filling->text + filling->size, text, size);
	filling->size += size;
}

/* In the arena. */
static const char *text_of(struct filling *filling, struct buffer *text)
{
	const char *kept = arena_string(filling->arena, buffer_string(text));

	buffer_release(text);
	return kept;
}

static const struct sql_dialect *dialect_of(const struct filling *filling)
{
	return lens_new_dialect(filling->recipe->lens);
}

/* $n */
static void add_reference(struct filling *filling, size_t number)
{
	char text[16];
	int size = snprintf(text, sizeof(text), "$%zu", number);

	add_text(filling, text, (size_t)size);
}

static bool crosses_engines(const struct filling *filling)
{
	return filling->input->old_values != filling->input->new_values;
}

/* What the primary refused, the shadow is to refuse as well. */
static bool is_refused(const struct plan_input *input)
{
	return input->answer && input->answer->outcome == ANSWER_FAILED;
}

/* A value of the primary as the next parameter. what and number say in an error
 * which one it is. */
static void put_value(struct filling *filling, const struct value *value,
		      uint8_t format, uint32_t old_type, uint32_t new_type,
		      const char *what, size_t number)
{
	const struct plan_input *input = filling->input;
	const struct lens *lens = filling->recipe->lens;
	const struct value_side side = {input->old_values, lens->old_catalog,
					old_type, format, *value};
	const struct value_target target = {input->new_values,
					    lens->new_catalog, new_type};
	size_t at = filling->count++;

	filling->values[at] = *value;
	filling->formats[at] = crosses_engines(filling) ? 0 : format;
	filling->types[at] = new_type;
	if (!crosses_engines(filling) ||
	    !value_cross(&side, &target, filling->arena, &filling->values[at]))
		return;
	filling->values[at] = *value;
	if (!format && is_refused(input))
		return;
	filling->untold = what;
	filling->untold_number = number;
}

static void add_value(struct filling *filling, const struct value *value,
		      const struct answer_column *column,
		      const struct special *special)
{
	put_value(filling, value, column->format, column->type,
		  special->type ? special->type->id : 0, "the answer's column",
		  special->column + 1);
	add_reference(filling, filling->count);
}

/* A text of our own. */
static void add_text_value(struct filling *filling, struct value value)
{
	filling->values[filling->count] = value;
	filling->formats[filling->count] = 0;
	filling->types[filling->count++] = 0;
	add_reference(filling, filling->count);
}

/* A value of our own, which a cast gives its type: a parameter where the text
 * comes again, else a constant. Gives the parameter's number, or 0. */
static size_t add_own_value(struct filling *filling, const char *text)
{
	struct value value = {.data = (const uint8_t *)text,
			      .size = strlen(text)};

	if (filling->input->repeats && filling->filled->takes_values) {
		add_text_value(filling, value);
		return filling->count;
	}
	add_text(filling, "'", 1);
	add_text(filling, text, value.size);
	add_text(filling, "'", 1);
	return 0;
}

/* One parameter for all calls of a clock: expressions that the statement has
 * twice, as GROUP BY has, stay alike. */
static void add_clock(struct filling *filling, size_t clock, int64_t at)
{
	struct buffer text;

	if (filling->clocks[clock]) {
		add_reference(filling, filling->clocks[clock]);
		return;
	}
	buffer_init(&text, 0);
	dialect_of(filling)->generated->append_instant(&text, at);
	filling->clocks[clock] =
	    add_own_value(filling, text_of(filling, &text));
}

static bool integer_of(const struct value *value, uint8_t format,
		       int64_t *number)
{
	char text[32];
	char *end;

	if (!value->data)
		return false;
	if (format == 1) {
		if (value->size == 8)
			*number = (int64_t)bytes_get_u64(value->data);
		else if (value->size == 4)
			*number = (int32_t)bytes_get_u32(value->data);
		else if (value->size == 2)
			*number = (int16_t)bytes_get_u16(value->data);
		else
			return false;
		return true;
	}
	if (!value->size || value->size >= sizeof(text))
		return false;
	memcpy(text, value->data, value->size);
	text[value->size] = 0;
	*number = strtoll(text, &end, 10);
	return !*end;
}

static const struct value *shown(const struct filling *filling,
				 const struct special *special)
{
	const struct answer *answer = filling->input->answer;

	if (!answer || answer->outcome != ANSWER_OK || !answer->rows ||
	    !answer->columns ||
	    answer->row_count != filling->recipe->pin_rows ||
	    special->row >= answer->row_held ||
	    special->column >= answer->column_count)
		return NULL;
	return &answer->rows[special->row * answer->column_count +
			     special->column];
}

static void move_sequence(struct filling *filling,
			  const struct special *special,
			  const struct value *value, uint8_t format)
{
	struct moved *moved = NULL;
	int64_t number;

	if (!integer_of(value, format, &number))
		return;
	if (!special->sequence) {
		if (special->identity)
			carry(filling->input->carried, NULL, number);
		return;
	}
	for (size_t i = 0; i < filling->moved_count; i++)
		if (!strcmp(filling->moved[i].sequence, special->sequence))
			moved = &filling->moved[i];
	if (!moved) {
		moved = &filling->moved[filling->moved_count++];
		moved->sequence = special->sequence;
		moved->most = moved->least = number;
	}
	if (number > moved->most)
		moved->most = number;
	if (number < moved->least)
		moved->least = number;
	moved->last = number;
}

static void add_pin(struct filling *filling, const struct special *special)
{
	const struct value *value = shown(filling, special);
	const struct answer_column *column;

	if (!value) {
		filling->lacks |= special->needed;
		filling->steps->pins_missing = true;
		add_text(filling, special->fallback, strlen(special->fallback));
		return;
	}
	column = &filling->input->answer->columns[special->column];
	add_value(filling, value, column, special);
	filling->steps->pinned = true;
	move_sequence(filling, special, &filling->values[filling->count - 1],
		      filling->formats[filling->count - 1]);
}

static void add_carried(struct filling *filling, const struct special *special)
{
	const struct plan_carried *carried = filling->input->carried;
	const struct carried_value *held = NULL;

	if (carried && special->sequence)
		held = map_get_string(&carried->by_sequence, special->sequence);
	if (!held && !(carried && carried->has_last && !special->sequence)) {
		filling->steps->pins_missing = true;
		add_text(filling, special->fallback, strlen(special->fallback));
		return;
	}
	add_own_value(filling,
		      arena_printf(filling->arena, "%" PRId64,
				   held ? held->value : carried->last));
	filling->steps->pinned = true;
}

/* What a step's rows are kept in, in the arena. */
static const char *kept_name(struct filling *filling, size_t step)
{
	return arena_printf(filling->arena, "parallax_rows_%zu", step);
}

static bool stays(const struct filling *filling, size_t step)
{
	const struct plan_text *text = &filling->recipe->texts[step];

	return filling->steps->many && text->kept && text->reads;
}

static void add_rows(struct filling *filling, const struct special *special)
{
	struct plan_hole *hole;
	struct buffer text;

	if (!stays(filling, special->row)) {
		hole = &filling->holes[filling->hole_count++];
		hole->at = filling->size;
		hole->source = special->row;
		hole->names = special->names;
		hole->name_count = special->name_count;
		return;
	}
	buffer_init(&text, 0);
	filling->steps->dialect->kept_rows(&text,
					   kept_name(filling, special->row));
	add_text(filling, buffer_string(&text), text.size);
	buffer_release(&text);
}

/* The text makes a table of the rows. */
static void add_keeping(struct filling *filling, size_t step)
{
	const struct plan_recipe *recipe = filling->recipe;
	const struct special *special = NULL;
	struct buffer text;

	for (size_t i = 0; i < recipe->special_count; i++)
		if (recipe->specials[i].kind == SPECIAL_ROWS &&
		    recipe->specials[i].row == step)
			special = &recipe->specials[i];
	buffer_init(&text, 0);
	filling->steps->dialect->keep_rows(&text, kept_name(filling, step),
					   special ? special->names : NULL,
					   special ? special->name_count : 0);
	add_text(filling, buffer_string(&text), text.size);
	buffer_release(&text);
}

static void add_special(struct filling *filling, const struct special *special)
{
	switch (special->kind) {
	case SPECIAL_TRANSACTION_CLOCK:
		add_clock(filling, 0, filling->input->transaction_at);
		break;
	case SPECIAL_STATEMENT_CLOCK:
		add_clock(filling, 1, filling->input->statement_at);
		break;
	case SPECIAL_PIN:
		add_pin(filling, special);
		break;
	case SPECIAL_CARRIED:
		add_carried(filling, special);
		break;
	case SPECIAL_ROWS:
		add_rows(filling, special);
		break;
	}
}

static int read_literals(struct filling *filling, struct error *error)
{
	const struct plan_recipe *recipe = filling->recipe;
	const struct plan_input *input = filling->input;
	struct sql_shape *shape = &recipe->lens->cache->shape;

	if (recipe->lifts) {
		recipe->lens->old_parser->shape(input->text, input->text_size,
						shape);
		if (shape->count != recipe->literal_count)
			return error_set(error, ERROR_INTERNAL,
					 "the statement is not the plan's");
	}
	if (!recipe->lifts || !lens_prints_all(recipe->lens))
		return 0;
	filling->literals = sql_literals_translate(
	    recipe->lens->old_parser, dialect_of(filling), input->text, shape,
	    filling->arena, error);
	if (filling->literals)
		return 0;
	error->kind = ERROR_LIMIT; /* the statement is untranslatable */
	return -1;
}

static void add_literal(struct filling *filling, size_t index)
{
	const struct sql_shape *shape = &filling->recipe->lens->cache->shape;
	const struct sql_literal *literal = &shape->literals[index];

	if (filling->literals)
		add_text(filling, (const char *)filling->literals[index].data,
			 filling->literals[index].size);
	else
		add_text(filling, filling->input->text + literal->offset,
			 literal->length);
}

static const char *fill_text(struct filling *filling,
			     const struct plan_text *text)
{
	filling->text = NULL;
	filling->filled = text;
	memset(filling->clocks, 0, sizeof(filling->clocks));
	filling->size = filling->capacity = 0;
	filling->hole_count = 0;
	filling->holes = arena_array(filling->arena, text->piece_count + 1,
				     sizeof(*filling->holes));
	if (stays(filling, (size_t)(text - filling->recipe->texts)))
		add_keeping(filling, (size_t)(text - filling->recipe->texts));
	for (size_t i = 0; i < text->piece_count; i++) {
		const struct plan_piece *piece = &text->pieces[i];

		switch (piece->kind) {
		case PIECE_TEXT:
			add_text(filling, piece->text, piece->size);
			break;
		case PIECE_LITERAL:
			add_literal(filling, piece->index);
			break;
		case PIECE_SPECIAL:
			add_special(filling,
				    &filling->recipe->specials[piece->index]);
			break;
		}
	}
	add_text(filling, "", 1);
	return filling->text;
}

static uint32_t parameter_type(const struct filling *filling, size_t i)
{
	const struct plan_input *input = filling->input;
	const struct plan_recipe *recipe = filling->recipe;

	if (i < recipe->type_count && recipe->types[i])
		return recipe->types[i];
	if (input->parameter_types && input->parameter_types[i])
		return lens_new_type(recipe->lens, input->parameter_types[i]);
	return 0;
}

/* The client's, or what the lens has found in the statement. */
static uint32_t old_type(const struct filling *filling, size_t i)
{
	const struct plan_input *input = filling->input;
	const struct plan_recipe *recipe = filling->recipe;

	if (input->parameter_types && input->parameter_types[i])
		return input->parameter_types[i];
	return i < recipe->type_count ? recipe->old_types[i] : 0;
}

static void add_parameter(struct filling *filling, size_t i)
{
	const struct plan_input *input = filling->input;

	put_value(filling, &input->parameters[i],
		  input->parameter_formats ? input->parameter_formats[i] : 0,
		  old_type(filling, i), parameter_type(filling, i), "parameter",
		  i + 1);
}

/* The statement's own, or those that a rule chose, with room for what the
 * text's specials add. */
static int fill_parameters(struct filling *filling,
			   const struct plan_text *text, struct error *error)
{
	const struct plan_input *input = filling->input;
	const struct plan_recipe *recipe = filling->recipe;
	size_t room = input->parameter_count + recipe->parameter_count;

	for (size_t i = 0; text && i < text->piece_count; i++)
		room += text->pieces[i].kind == PIECE_SPECIAL;
	filling->values =
	    arena_array(filling->arena, room + 1, sizeof(*filling->values));
	filling->formats = arena_alloc(filling->arena, room + 1);
	filling->types =
	    arena_array(filling->arena, room + 1, sizeof(*filling->types));
	filling->count = 0;
	for (size_t i = 0; i < input->parameter_count && !recipe->chooses; i++)
		add_parameter(filling, i);
	for (size_t i = 0; i < recipe->parameter_count; i++) {
		if (recipe->parameters[i] >= input->parameter_count)
			return error_set(error, ERROR_INTERNAL,
					 "the statement has no parameter $%zu",
					 recipe->parameters[i] + 1);
		add_parameter(filling, recipe->parameters[i]);
	}
	return 0;
}

static const char *move_text(struct filling *filling, const struct moved *moved)
{
	struct buffer text;

	buffer_init(&text, 0);
	dialect_of(filling)->generated->append_move(&text, moved->sequence,
						    moved->least, moved->most);
	return text_of(filling, &text);
}

static uint8_t result_format(const struct plan_input *input)
{
	for (size_t i = 0; i < input->result_format_count; i++)
		if (input->result_formats[i] != 1)
			return 0;
	return input->result_format_count > 0;
}

/* A parameter that the text does not name, and of no known type: no context
 * tells the server what it is. (One of a known type is sent: the server may
 * refuse its value, as the primary may.) */
static void settle_unnamed(struct filling *filling,
			   const struct plan_text *text)
{
	const struct catalog_type *any =
	    lens_new_type_for(filling->recipe->lens, SQL_TYPE_TEXT);

	for (size_t i = 0; i < filling->input->parameter_count; i++) {
		if (filling->types[i] ||
		    (i < text->named_count && text->named[i]))
			continue;
		filling->values[i] = (struct value){0};
		filling->types[i] = any ? any->id : 0;
	}
}

static int add_step(struct filling *filling, size_t index,
		    struct plan_step *step, struct error *error)
{
	const struct plan_recipe *recipe = filling->recipe;
	const struct plan_text *text =
	    recipe->texts ? &recipe->texts[index] : NULL;

	if (!text && lens_prints_all(recipe->lens))
		return error_set(error, ERROR_INTERNAL,
				 "the statement was not printed");
	if (fill_parameters(filling, text, error) < 0)
		return -1;
	if (text && !recipe->chooses)
		settle_unnamed(filling, text);
	step->text = text ? fill_text(filling, text) : filling->input->text;
	if (filling->lacks)
		return error_set(error, ERROR_LIMIT,
				 "a number that the primary generated is not "
				 "in its answer: the new schema's engine has "
				 "no sequences");
	if (filling->untold)
		return error_set(
		    error, ERROR_LIMIT,
		    "the shadow's engine has no text for the value "
		    "of %s %zu",
		    filling->untold, filling->untold_number);
	step->role = index != recipe->answer ? STEP_PART : STEP_ANSWER;
	step->holes = filling->holes;
	step->hole_count = filling->hole_count;
	step->parameters = filling->values;
	step->parameter_formats = filling->formats;
	step->parameter_types = filling->types;
	step->parameter_count = filling->count;
	step->result_format =
	    step->role == STEP_ANSWER ? result_format(filling->input) : 0;
	step->wants_rights = text && text->wants_rights;
	if (text && text->kept && !stays(filling, index)) {
		step->kept = true;
		step->result_format = text->binary;
	}
	return 0;
}

/* Whether a printed name means one sequence in all sessions: it has a schema,
 * and not that of temporary ones. */
static bool is_anyones(const struct filling *filling, const char *name)
{
	const struct sql_dialect *dialect = dialect_of(filling);
	const char *end = name;
	bool quoted = false;

	while (*end && (quoted || *end != '.'))
		if (*end++ == dialect->quote)
			quoted = !quoted;
	return *end && !dialect->is_temporary(arena_copy(filling->arena, name,
							 (size_t)(end - name)));
}

static void add_moves(struct filling *filling, struct plan_step *steps)
{
	for (size_t i = 0; i < filling->moved_count; i++) {
		/* one of an unknown schema is found by the session's path */
		steps[i].role = is_anyones(filling, filling->moved[i].sequence)
				    ? STEP_PREPARE
				    : STEP_PART;
		steps[i].text = move_text(filling, &filling->moved[i]);
		carry(filling->input->carried, filling->moved[i].sequence,
		      filling->moved[i].last);
	}
}

/* Their sources stand behind what was put before the texts. */
static void move_holes(struct plan_step *step, size_t by)
{
	for (size_t i = 0; i < step->hole_count; i++)
		((struct plan_hole *)(uintptr_t)step->holes)[i].source += by;
}

static const char *drop_text(struct filling *filling, size_t step)
{
	struct buffer text;

	buffer_init(&text, 0);
	filling->steps->dialect->drop_rows(&text, kept_name(filling, step));
	return text_of(filling, &text);
}

static bool is_many(const struct plan_input *input)
{
	const struct answer *answer = input->answer;

	return input->many || (answer && answer->outcome == ANSWER_OK &&
			       (answer->affected > PLAN_ROWS_MOST ||
				answer->row_count > PLAN_ROWS_MOST));
}

/* A COPY in steps: what makes and fills its temporary table goes before the
 * others, what drops it behind them. */
static int add_steps(struct filling *filling, struct error *error)
{
	const struct plan_recipe *recipe = filling->recipe;
	size_t texts = recipe->text_count ? recipe->text_count : 1;
	size_t staged = recipe->staged[0] ? 2 : 0;
	struct plan_step *made =
	    arena_array(filling->arena, texts, sizeof(*made));
	struct plan_step *steps;
	size_t count;

	for (size_t i = 0; i < texts; i++)
		if (add_step(filling, i, &made[i], error) < 0)
			return -1;
	/* The texts have told which sequences move. */
	count = filling->moved_count;
	steps =
	    arena_array(filling->arena, count + texts * 2 + 3, sizeof(*steps));
	add_moves(filling, steps);
	for (size_t i = 0; i < staged; i++) {
		steps[count].role = STEP_PART;
		steps[count].text = recipe->staged[i];
		steps[count++].takes_input = i == 1;
	}
	for (size_t i = 0; i < texts; i++)
		move_holes(&made[i], count);
	memcpy(steps + count, made, texts * sizeof(*steps));
	count += texts;
	for (size_t i = 0; recipe->texts && i < texts; i++)
		if (stays(filling, i)) {
			steps[count].role = STEP_PART;
			steps[count++].text = drop_text(filling, i);
		}
	if (staged) {
		steps[count].role = STEP_PART;
		steps[count++].text = recipe->staged[2];
	}
	filling->steps->staged = staged > 0;
	filling->steps->steps = steps;
	filling->steps->count = count;
	return 0;
}

int plan_fill(const struct plan *plan, const struct plan_input *input,
	      struct arena *arena, struct plan_steps *steps,
	      struct error *error)
{
	struct filling filling = {.plan = plan,
				  .recipe = plan->recipe,
				  .input = input,
				  .arena = arena,
				  .steps = steps};

	memset(steps, 0, sizeof(*steps));
	if (plan->action != PLAN_RUN && plan->action != PLAN_SESSION)
		return error_set(error, ERROR_INTERNAL,
				 "the plan is not to be run: %s",
				 plan->detail ? plan->detail : "");
	steps->pins_missing = plan->pins_missing;
	steps->dialect = lens_new_dialect(plan->recipe->lens);
	steps->many = is_many(input);
	if (plan->recipe->special_count)
		filling.moved = arena_array(arena, plan->recipe->special_count,
					    sizeof(*filling.moved));
	if (plan->recipe->texts && read_literals(&filling, error) < 0)
		return -1;
	return add_steps(&filling, error);
}
