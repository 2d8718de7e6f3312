/*
 * Cuts the printed steps of a plan into pieces:
 *
 *	SELECT users.id FROM accounts AS users WHERE users.mail = 'a' AND
 *	    users.at < <placeholder of a clock>
 *
 *	[SELECT users.id FROM accounts AS users WHERE users.mail = ] [literal 0]
 *	[ AND users.at < ] [transaction's clock]
 */
#include "lens/plan/pieces.h"

#include <string.h>

static void add_piece(struct making *making, struct plan_text *into,
		      enum piece_kind kind, const char *text, size_t size,
		      size_t index)
{
	struct plan_piece *piece = &into->pieces[into->piece_count];

	if (kind == PIECE_TEXT && !size)
		return;
	into->piece_count++;
	piece->kind = kind;
	piece->size = size;
	piece->index = index;
	if (kind == PIECE_TEXT)
		piece->text = arena_copy(&making->plan->arena, text, size);
}

/* The statement's literal that a printed constant is, or -1. */
static long literal_of(const struct making *making,
		       const PgQuery__AConst *constant)
{
	if (constant->location < 0)
		return -1;
	for (size_t i = 0; i < making->ruled.carried_count; i++)
		if (making->ruled.carried[i].location == constant->location)
			return (long)making->ruled.carried[i].literal;
	if (making->ruled.action != RULE_NONE)
		return -1;
	for (size_t i = 0; i < making->shape->count; i++)
		if (making->bindings[i].constant && !making->fixed[i] &&
		    making->bindings[i].constant->location ==
			constant->location)
			return (long)i;
	return -1;
}

static void cut(struct making *making, const struct buffer *text,
		const struct sql_slots *slots, struct plan_text *into)
{
	const char *data = (const char *)text->data;
	size_t from = 0;

	into->pieces = arena_array(&making->plan->arena, slots->count * 2 + 1,
				   sizeof(*into->pieces));
	for (size_t i = 0; i < slots->count; i++) {
		const struct sql_slot *slot = &slots->items[i];
		int place = slot->constant->location;
		long literal;

		if (place <= -1000) {
			add_piece(making, into, PIECE_TEXT, data + from,
				  slot->offset - from, 0);
			add_piece(making, into, PIECE_SPECIAL, NULL, 0,
				  (size_t)(-1000 - place));
			from = slot->offset + slot->length;
			continue;
		}
		literal = literal_of(making, slot->constant);
		if (literal < 0)
			continue;
		add_piece(making, into, PIECE_TEXT, data + from,
			  slot->offset - from, 0);
		add_piece(making, into, PIECE_LITERAL, NULL, 0,
			  (size_t)literal);
		from = slot->offset + slot->length;
		making->printed[literal] = true;
		making->plan->recipe.lifts = true;
	}
	add_piece(making, into, PIECE_TEXT, data + from, text->size - from, 0);
}

struct parameter_naming {
	bool *named;
	size_t count;
};

static enum sql_step name_parameter(struct sql_place *place, void *context,
				    struct error *error)
{
	struct parameter_naming *naming = context;
	const PgQuery__ParamRef *param;

	(void)error;
	if (!SQL_AT(place, param_ref))
		return SQL_STEP_INTO;
	param = (const PgQuery__ParamRef *)place->message;
	if (param->number > 0 && (size_t)param->number <= naming->count)
		naming->named[param->number - 1] = true;
	return SQL_STEP_OVER;
}

/* A utility statement has no parameters; a query that makes a table is one. */
static bool takes_values(const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		return !node->select_stmt->into_clause;
	case PG_QUERY__NODE__NODE_INSERT_STMT:
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
	case PG_QUERY__NODE__NODE_DELETE_STMT:
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		return true;
	default:
		return false;
	}
}

static int print_step(struct making *making, PgQuery__Node *node,
		      struct error *error)
{
	struct plan_recipe *recipe = &making->plan->recipe;
	struct plan_text *into = &recipe->texts[recipe->text_count];
	enum { PARAMETERS_MAX = 65535 };
	struct parameter_naming naming = {.count = PARAMETERS_MAX};
	struct sql_visitor visitor = {name_parameter, NULL, &naming};
	struct buffer text;
	struct sql_slots slots = {.arena = making->rw->arena};
	int result;

	buffer_init(&text, 16 * 1024 * 1024);
	result = sql_print_checked(node, making->lens->parser,
				   making->rw->arena, &text, &slots, error);
	if (!result && text.failed)
		result = error_set(error, ERROR_LIMIT, "the text is too long");
	if (!result)
		cut(making, &text, &slots, into);
	buffer_release(&text);
	if (result)
		return result;
	recipe->text_count++;
	into->takes_values = takes_values(node);
	naming.named = arena_alloc(making->rw->arena, PARAMETERS_MAX);
	if (sql_walk(&node, &visitor, error) < 0)
		return -1;
	while (naming.count && !naming.named[naming.count - 1])
		naming.count--;
	into->named_count = naming.count;
	into->named =
	    arena_copy(&making->plan->arena, naming.named, naming.count);
	return 0;
}

static bool has_binary_form(const struct catalog *catalog, uint32_t id,
			    size_t depth)
{
	const struct catalog_type *type = catalog_type(catalog, id);

	if (!type || type->class == TYPE_OTHER || depth > 8)
		return false;
	return !type->element ||
	       has_binary_form(catalog, type->element, depth + 1);
}

/* Text may depend on the session's settings (a float's digits, a time zone's
 * name). The binary form does not, but not every type has one. */
static bool are_binary(const struct rewrite *rw)
{
	for (size_t i = 0;
	     i < rw->touched.written_count + rw->touched.read_count; i++) {
		const struct catalog_table *table =
		    i < rw->touched.written_count
			? rw->touched.written[i]
			: rw->touched.read[i - rw->touched.written_count];

		for (size_t c = 0; c < table->column_count; c++)
			if (!has_binary_form(rw->lens->old_catalog,
					     table->columns[c].type, 0))
				return false;
	}
	return true;
}

/* Notes which steps give their rows to others. */
static void keep_rows(struct making *making)
{
	const struct rewrite *rw = making->rw;
	bool binary = rw->lowered && are_binary(rw);

	for (size_t i = 0; i < rw->filled.special_count; i++) {
		const struct special *special = &rw->filled.specials[i];
		struct plan_text *text;

		if (special->kind != SPECIAL_ROWS)
			continue;
		text = &making->plan->recipe.texts[special->row];
		text->kept = true;
		text->binary = binary;
		text->reads = SQL_IS(rw->steps[special->row].node, SELECT_STMT);
	}
}

/* Whether a query that finds the rows needs more rights than the write
 * itself. */
static bool wants_rights(const struct making *making, const PgQuery__Node *step)
{
	const struct plan *plan = &making->plan->plan;
	const PgQuery__SelectStmt *query =
	    SQL_AS(step, SELECT_STMT, select_stmt);

	if (!query || !plan->traits.writes)
		return false;
	switch (plan->traits.kind) {
	case SQL_KIND_INSERT:
	case SQL_KIND_MERGE:
		return query->n_locking_clause;
	case SQL_KIND_DELETE:
		return query->n_locking_clause || !plan->predicate_column_count;
	case SQL_KIND_UPDATE:
		return !plan->predicate_column_count &&
		       plan->tables_read_count < 2;
	default:
		return false;
	}
}

int plan_pieces_print(struct making *making, PgQuery__Node *node,
		      struct error *error)
{
	struct rewrite *rw = making->rw;
	struct plan_recipe *recipe = &making->plan->recipe;

	recipe->texts = arena_array(&making->plan->arena, rw->step_count + 1,
				    sizeof(*recipe->texts));
	making->printed = arena_array(rw->arena, making->shape->count + 1,
				      sizeof(*making->printed));
	for (size_t i = 0; i < rw->step_count; i++) {
		if (print_step(making, rw->steps[i].node, error) < 0)
			return -1;
		recipe->texts[i].wants_rights =
		    wants_rights(making, rw->steps[i].node);
	}
	if (!rw->lowered && print_step(making, node, error) < 0)
		return -1;
	recipe->answer = rw->lowered ? rw->answer_step : recipe->text_count - 1;
	keep_rows(making);
	/* The rewrite evaluated each literal that no text contains. For a
	 * replacement, the rule has noted which. */
	for (size_t i = 0; i < making->shape->count; i++)
		if (!making->printed[i] && making->ruled.action == RULE_NONE)
			making->fixed[i] = true;
	return 0;
}

void plan_pieces_set(struct making *making, const char *text, size_t size)
{
	struct plan_recipe *recipe = &making->plan->recipe;

	recipe->texts =
	    arena_array(&making->plan->arena, 1, sizeof(*recipe->texts));
	recipe->texts[0].pieces =
	    arena_array(&making->plan->arena, 1, sizeof(struct plan_piece));
	recipe->text_count = 1;
	recipe->answer = 0;
	recipe->lifts = false;
	add_piece(making, &recipe->texts[0], PIECE_TEXT, text, size, 0);
}

void plan_pieces_forget(struct cached_plan *plan)
{
	plan->recipe.texts = NULL;
	plan->recipe.text_count = 0;
	plan->recipe.lifts = false;
}
