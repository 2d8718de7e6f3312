/* Values that a database generates (worked example in generated.h). */
#include "lens/rewrite/generated.h"

#include "lens/compile/type.h"
#include "lens/rewrite/object_name.h"
#include "lens/rewrite/refuse.h"

/* ---- columns ---- */

enum generator rewrite_generator(const struct catalog_column *column)
{
	switch (column->generated) {
	case GENERATED_SERIAL:
	case GENERATED_IDENTITY_ALWAYS:
	case GENERATED_IDENTITY_DEFAULT:
		return GENERATOR_IDENTITY;
	case GENERATED_NONE:
	case GENERATED_STORED:
		break;
	}
	switch (column->default_kind) {
	case DEFAULT_SEQUENCE:
		return GENERATOR_SEQUENCE;
	case DEFAULT_CLOCK:
		return GENERATOR_CLOCK;
	case DEFAULT_VOLATILE:
		return GENERATOR_RANDOM;
	case DEFAULT_NONE:
	case DEFAULT_CONSTANT:
	case DEFAULT_STABLE:
		break;
	}
	return GENERATOR_NONE;
}

bool rewrite_draws_number(const struct catalog_column *column)
{
	enum generator by = rewrite_generator(column);

	return by == GENERATOR_IDENTITY || by == GENERATOR_SEQUENCE;
}

bool rewrite_draws(const struct catalog_column *column)
{
	return rewrite_draws_number(column) ||
	       rewrite_generator(column) == GENERATOR_RANDOM;
}

bool rewrite_numbers_on_insert(const struct rewrite *rw,
			       const struct catalog_column *column)
{
	return rewrite_draws_number(column) &&
	       !lens_new_dialect(rw->lens)->sequences;
}

/* ---- placeholders ---- */

PgQuery__Node *rewrite_special(struct rewrite *rw, struct special special)
{
	PgQuery__Node *node = sql_const_string(rw->arena, "\001special");

	*ARENA_PUSH(rw->arena, &rw->filled, special) = special;
	/* Locations in a text are 0 and up. Those of placeholders are below,
	 * and number the special. */
	node->a_const->location = -1000 - (int)(rw->filled.special_count - 1);
	rw->changed = true;
	return node;
}

bool rewrite_clock(struct rewrite *rw, PgQuery__Node **slot,
		   struct facts *facts)
{
	struct sql_clock clock;
	struct special special = {.kind = SPECIAL_TRANSACTION_CLOCK};

	if (!lens_old_dialect(rw->lens)->generated->reads_clock(*slot, &clock))
		return false;
	facts->clock = true;
	if (rw->deferred)
		return false;
	if (clock.statement)
		special.kind = SPECIAL_STATEMENT_CLOCK;
	*slot = lens_new_dialect(rw->lens)->generated->clock(
	    rw->arena, rewrite_special(rw, special), &clock);
	return true;
}

/* ---- calls ---- */

bool rewrite_reads_generated(const struct rewrite *rw,
			     const PgQuery__Node *node,
			     struct sql_generated_call *call)
{
	lens_old_dialect(rw->lens)->generated->read_call(node, call);
	return call->kind == SQL_GENERATED_LAST ||
	       (call->kind != SQL_GENERATED_NONE && call->sequence);
}

const char *rewrite_call_sequence(struct rewrite *rw,
				  const struct sql_generated_call *call)
{
	if (!call->sequence)
		return NULL;
	rewrite_fix(rw, call->sequence);
	return lens_new_dialect(rw->lens)->sequences
		   ? rewrite_sequence_name(rw, call->sequence->sval->sval)
		   : NULL;
}

const char *rewrite_sequence_of(struct rewrite *rw,
				const struct catalog_column *column)
{
	if (!column || !column->sequence ||
	    !lens_new_dialect(rw->lens)->sequences)
		return NULL;
	return rewrite_name(rw, column->sequence_schema, column->sequence);
}

PgQuery__Node *rewrite_next_value(struct rewrite *rw, const char *sequence)
{
	return lens_new_dialect(rw->lens)->generated->call(
	    rw->arena, SQL_GENERATED_NEXT, sequence);
}

const char *rewrite_generated_text(struct rewrite *rw, enum sql_generated kind,
				   const char *sequence,
				   const struct catalog_type *type)
{
	const struct sql_dialect *dialect = lens_new_dialect(rw->lens);
	PgQuery__Node *node =
	    kind == SQL_GENERATED_LAST || sequence
		? dialect->generated->call(rw->arena, kind, sequence)
		: NULL;
	const char *text = NULL;
	struct buffer out;
	struct error error;

	if (!node)
		return "NULL";
	if (type)
		node = sql_cast(rw->arena, node,
				sql_type(rw->arena, type->schema, type->name));
	buffer_init(&out, 0);
	error_init(&error);
	if (!sql_print(node, dialect, &out, NULL, &error))
		text = arena_string(rw->arena, buffer_string(&out));
	buffer_release(&out);
	if (!text)
		rewrite_fail(rw, -1, "%s", error.message);
	return text;
}

bool rewrite_carried_call(struct rewrite *rw, PgQuery__Node **slot)
{
	struct special special = {.kind = SPECIAL_CARRIED};
	struct sql_generated_call call;

	if (rw->deferred || !rewrite_reads_generated(rw, *slot, &call) ||
	    call.kind == SQL_GENERATED_NEXT)
		return false;
	special.sequence = rewrite_call_sequence(rw, &call);
	if (call.kind == SQL_GENERATED_CURRENT && !special.sequence)
		return false; /* an engine without sequences: it is
				 refused later */
	special.fallback =
	    rewrite_generated_text(rw, call.kind, special.sequence, NULL);
	*slot = sql_cast(rw->arena, rewrite_special(rw, special),
			 lens_type_for(rw->lens, rw->arena, SQL_TYPE_COUNT));
	return true;
}

/* ---- engines without sequences ---- */

static enum sql_step find_sequence(struct sql_place *place, void *context,
				   struct error *error)
{
	struct rewrite *rw = context;
	struct sql_generated_call call;

	(void)error;
	if (!place->slot || !*place->slot)
		return SQL_STEP_INTO;
	lens_old_dialect(rw->lens)->generated->read_call(*place->slot, &call);
	if (call.kind == SQL_GENERATED_NEXT ||
	    call.kind == SQL_GENERATED_CURRENT)
		rewrite_fail(rw, -1,
			     "%s asks for a number of a sequence: the shadow's "
			     "engine has no sequences",
			     call.name);
	return SQL_STEP_INTO;
}

void rewrite_refuse_sequences(struct rewrite *rw, PgQuery__Node *statement)
{
	struct sql_visitor visitor = {find_sequence, NULL, rw};
	struct error error;

	if (lens_new_dialect(rw->lens)->sequences)
		return;
	error_init(&error);
	if (sql_walk(&statement, &visitor, &error) < 0)
		rewrite_fail(rw, -1, "%s", error.message);
}
