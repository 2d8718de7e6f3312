/*
 * Makes a plan of one statement. The statement is parsed, rewritten, printed
 * and parsed again (both trees must be equal), and its text is cut into pieces:
 *
 *	SELECT id FROM users WHERE email = 'a' AND at < now()
 *
 *	[SELECT users.id FROM accounts AS users WHERE users.mail = ] [literal 0]
 *	[ AND users.at < ] [transaction's clock]
 */
#include "lens/plan/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "lens/plan/keep.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/assign.h"
#include "lens/write/lookup.h"
#include "lens/write/lower.h"
#include "lens/write/returning.h"
#include "lens/write/statements.h"
#include "lens/write/stored.h"
#include "lens/write/utility.h"

/* ---- the rewrite ---- */

static bool names_mapped(struct rewrite *rw, const struct sql_traits *traits)
{
	for (size_t i = 0; i < traits->table_count; i++) {
		PgQuery__RangeVar var = PG_QUERY__RANGE_VAR__INIT;
		const struct cte *cte;
		bool known;
		const struct lens_table *table;

		var.schemaname = (char *)(uintptr_t)traits->tables[i].schema;
		var.relname = (char *)(uintptr_t)traits->tables[i].name;
		table = rewrite_scope_table(rw, NULL, &var, &cte, &known);
		if (table && table->mapped)
			return true;
	}
	return false;
}

static bool reads_catalogs(const struct rewrite *rw,
			   const struct sql_traits *traits)
{
	const struct sql_dialect *dialect = lens_old_dialect(rw->lens);

	for (size_t i = 0; i < traits->table_count; i++) {
		const struct sql_table_use *use = &traits->tables[i];

		if (dialect->names->is_system_table(use->schema, use->name))
			return true;
	}
	return false;
}

static void rewrite_statement(struct rewrite *rw, PgQuery__Node **node,
			      const struct sql_traits *traits)
{
	if (setjmp(rw->escape))
		return;
	rw->qualify = rw->lens->rewrite_all || names_mapped(rw, traits);
	rw->mapped = rw->qualify;
	rw->changed = rw->qualify;
	if (!rw->qualify && reads_catalogs(rw, traits) &&
	    traits->kind == SQL_KIND_SELECT)
		rewrite_skip(rw, REASON_UNSUPPORTED,
			     "reads the system's own catalogs");
	switch (traits->kind) {
	case SQL_KIND_SELECT:
	case SQL_KIND_INSERT:
	case SQL_KIND_UPDATE:
	case SQL_KIND_DELETE:
	case SQL_KIND_MERGE:
		rewrite_query(rw, NULL, *node, &rw->answer.outputs, true);
		rw->answer.outputs_known = true;
		break;
	default:
		write_utility(rw, node, traits->kind);
	}
	if (rw->lookups.added_count)
		rewrite_fail(rw, -1,
			     "this statement cannot add values to the look-up "
			     "table of column \"%s\"",
			     rw->lookups.addeds[0].column->old->name);
	write_see_added_lookups(rw, *node);
	rewrite_prune(rw);
	write_stored_finish(rw);
	write_share_sources(rw);
	rw->incapable = true;
	rewrite_refuse_sequences(rw, *node);
	write_lower_to_steps(rw, *node);
	write_lower_returning(rw, *node);
	rw->incapable = false;
}

/* A statement on unmapped tables runs verbatim, even if the rewriter failed. */
static void forgive(struct rewrite *rw)
{
	if (rw->outcome.action != PLAN_UNTRANSLATABLE || rw->mapped ||
	    rw->incapable)
		return;
	rw->outcome.action = PLAN_RUN;
	rw->outcome.reason = REASON_NONE;
	rw->outcome.detail = NULL;
	rw->outcome.position = 0;
	rw->changed = rw->answer.outputs_known = rw->lowered = false;
	rw->step_count = 0;
	rw->staged = NULL;
	rw->touched.pins_missing = true;
	rw->answer.order = ORDER_NONE;
}

/* ---- pieces ---- */

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

static int print(struct making *making, PgQuery__Node *node,
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

/* One step, with its text verbatim. */
static void set_text(struct making *making, const char *text, size_t size)
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

/* The statement runs as it is written. */
static void forget_texts(struct cached_plan *plan)
{
	plan->recipe.texts = NULL;
	plan->recipe.text_count = 0;
	plan->recipe.lifts = false;
}

/* ---- a plan ---- */

static bool names_mapped_text(const struct lens *lens, const char *text,
			      size_t size)
{
	for (size_t i = 0; i < lens->table_count; i++)
		if (lens->tables[i].mapped &&
		    memmem(text, size, lens->tables[i].old->name,
			   strlen(lens->tables[i].old->name)))
			return true;
	return false;
}

static void refuse(struct cached_plan *plan, enum reason reason,
		   const char *detail, int position)
{
	plan->plan.action = PLAN_UNTRANSLATABLE;
	plan->plan.reason = reason;
	plan->plan.detail = arena_string(&plan->arena, detail);
	plan->plan.position = position;
}

/*
 * The parser's message without what it quotes ('at or near "..."'), which may
 * be a value. The position says enough.
 */
static const char *parse_problem(struct making *making,
				 const struct error *error)
{
	static const char quoting[] = " at or near \"";
	const char *quoted = strstr(error->message, quoting);
	size_t size = quoted ? (size_t)(quoted - error->message)
			     : strcspn(error->message, "\"");

	if (!error->line)
		return arena_printf(&making->plan->arena, "%.*s", (int)size,
				    error->message);
	return arena_printf(&making->plan->arena, "%.*s at line %d, column %d",
			    (int)size, error->message, error->line,
			    error->column);
}

static void unreadable(struct making *making, const char *text, size_t size,
		       const struct error *error)
{
	struct plan *plan = &making->plan->plan;

	for (size_t i = 0; i < making->shape->count; i++)
		making->fixed[i] = false;
	if (names_mapped_text(making->lens, text, size)) {
		refuse(making->plan, REASON_PARSE, parse_problem(making, error),
		       0);
		plan->mapped = true;
		return;
	}
	/* The shadow fails with the same error, or knows newer syntax. */
	plan->action = PLAN_RUN;
	plan->traits.writes = plan->promise.writes = true;
	plan->pins_missing = true;
	plan->traits.name = "";
}

/* A text that the printer does not know runs as it is. */
static void print_ruled(struct making *making)
{
	const struct ruled *ruled = &making->ruled;
	struct error error;

	error_init(&error);
	if (!print(making, ruled->node, &error))
		return;
	if (making->rw->filled.special_count || ruled->parameter_count) {
		refuse(making->plan, REASON_RULE, error.message, 0);
		return;
	}
	set_text(making, ruled->text, ruled->size);
	for (size_t i = 0; i < making->shape->count; i++)
		making->fixed[i] = ruled->used[i];
}

/* Rewrites the statement for what that says about its answer, and drops the
 * result. */
static void learn_facts(struct making *making, PgQuery__Node *node,
			const struct sql_traits *traits)
{
	struct rewrite *rw = making->rw;
	bool writes = traits->writes && traits->kind != SQL_KIND_DELETE;

	rw->touched.pins_missing = false;
	if (node)
		rewrite_statement(rw, &node, traits);
	if (!node || rw->outcome.action != PLAN_RUN) {
		rw->answer.outputs_known = false;
		rw->answer.order = ORDER_NONE;
		rw->touched.pins_missing |= writes;
	}
	for (size_t i = 0; i < rw->filled.special_count; i++)
		rw->touched.pins_missing |=
		    rw->filled.specials[i].kind == SPECIAL_PIN;
	plan_rule_note_tables(rw, traits);
	rw->filled.special_count = rw->filled.fixed_count = 0;
	rw->step_count = rw->lookups.added_count = rw->lookups.within_count = 0;
	rw->staged = NULL;
	rw->answer.pin_rows = SIZE_MAX;
	rw->deferred = rw->lowered = false;
	rw->mapped = rw->changed = true;
	rw->outcome.action = PLAN_RUN;
	rw->outcome.reason = REASON_NONE;
	rw->outcome.detail = NULL;
	rw->outcome.position = 0;
}

static void keep_parameters(struct making *making)
{
	struct plan_recipe *recipe = &making->plan->recipe;
	const struct ruled *ruled = &making->ruled;

	recipe->chooses = true;
	recipe->parameters =
	    arena_copy(&making->plan->arena, ruled->parameters,
		       ruled->parameter_count * sizeof(*recipe->parameters));
	recipe->parameter_count = ruled->parameter_count;
}

/* Makes the plan of a statement that a rule replaces. node: NULL if the
 * statement does not parse. */
static void make_ruled(struct making *making, PgQuery__Node *node,
		       const struct sql_traits *traits)
{
	struct plan *plan = &making->plan->plan;
	struct ruled *ruled = &making->ruled;
	struct rewrite *rw = making->rw;

	learn_facts(making, node, traits);
	if (ruled->action == RULE_REPLACES &&
	    plan_rule_misfit(ruled, traits->kind)) {
		ruled->detail = arena_printf(
		    rw->arena, "the rule at line %d: %s", ruled->line,
		    plan_rule_misfit(ruled, traits->kind));
		ruled->action = RULE_FAILS;
	}
	for (size_t i = 0; i < making->shape->count; i++)
		making->fixed[i] = ruled->looked_at && ruled->looked_at[i];
	if (ruled->action == RULE_REPLACES) {
		if (ruled->traits.writes)
			plan->traits.writes = plan->promise.writes = true;
		if (!plan_rule_carry(rw, ruled)) {
			ruled->action = RULE_FAILS;
			ruled->detail = "the replacement is nested too deeply";
		}
	}
	plan_keep_facts(making);
	if (ruled->action == RULE_FAILS) {
		refuse(making->plan, REASON_RULE, ruled->detail, 0);
		return;
	}
	if (ruled->action == RULE_SKIPS) {
		plan->action = PLAN_SKIP;
		plan->reason = REASON_RULE;
		plan->detail =
		    arena_string(&making->plan->arena, ruled->detail);
		return;
	}
	plan->action = PLAN_RUN;
	plan->ruled = true;
	if (sql_kind_is_session(traits->kind))
		plan->action = PLAN_SESSION;
	print_ruled(making);
	if (plan->action == PLAN_UNTRANSLATABLE)
		return;
	plan_keep_specials(making);
	keep_parameters(making);
	plan_keep_columns(making);
	plan_keep_order(making);
	plan_keep_tunings(making);
	plan_keep_types(making);
}

/* True: a rule decides about a statement that does not parse. */
static bool ruled_unread(struct making *making)
{
	struct sql_traits *traits = &making->plan->plan.traits;

	if (making->ruled.action == RULE_NONE)
		return false;
	traits->writes = making->plan->plan.promise.writes = true;
	traits->name = "";
	make_ruled(making, NULL, traits);
	return true;
}

static bool is_foreign(const struct lens *lens,
		       const struct catalog_table *table)
{
	const struct catalog_table *places[16];
	size_t count = lens_places(lens, table, places, 16);
	bool foreign = table->kind == RELATION_FOREIGN;

	for (size_t i = 0; i < count && i < 16; i++)
		foreign |= places[i]->kind == RELATION_FOREIGN;
	return foreign;
}

/* A statement with effects outside the database runs once, on the primary. */
static void skip_outside(struct making *making)
{
	const struct lens *lens = making->lens;
	struct plan *plan = &making->plan->plan;
	const char *why = NULL;

	for (size_t i = 0; i < plan->traits.function_count && !why; i++)
		if (lens_old_dialect(lens)
			->function(plan->traits.functions[i].name)
			.acts_outside)
			why = "calls a function that acts outside the database";
	for (size_t i = 0; i < plan->tables_read_count && !why; i++)
		if (is_foreign(lens, plan->tables_read[i]))
			why = "reads a foreign table";
	for (size_t i = 0; i < plan->tables_written_count && !why; i++)
		if (is_foreign(lens, plan->tables_written[i]))
			why = "writes a foreign table";
	if (!why)
		return;
	plan->action = PLAN_SKIP;
	plan->reason = REASON_SIDE_EFFECT;
	plan->detail = why;
}

static void make(struct making *making, const struct lens_session *session,
		 const char *text, size_t size)
{
	struct lens *lens = making->lens;
	struct cached_plan *plan = making->plan;
	struct rewrite *rw = making->rw;
	struct sql_traits traits = {0};
	struct sql_tree tree = {0};
	struct error error;
	PgQuery__Node *node;

	error_init(&error);
	rw->session = session;
	rw->text = text;
	rw->size = size;
	if (lens->rules.count)
		plan_rule_find(rw, text, size, making->shape, &making->ruled);
	if (lens->old_parser->parse(text, size, rw->arena, &tree, &error) < 0) {
		if (ruled_unread(making))
			return;
		unreadable(making, text, size, &error);
		return;
	}
	if (tree.count != 1) {
		plan->plan.traits.kind = SQL_KIND_EMPTY;
		plan->plan.traits.name = "";
		if (tree.count)
			refuse(plan, REASON_UNSUPPORTED,
			       "several statements in one text", 0);
		return;
	}
	node = tree.statements[0].node;
	if (sql_traits(node, lens_old_dialect(rw->lens), rw->arena, &traits,
		       &error) < 0) {
		unreadable(making, text, size, &error);
		return;
	}
	plan_keep_traits(plan, &traits);
	if (making->ruled.action != RULE_NONE && plan_rule_may(traits.kind)) {
		make_ruled(making, node, &traits);
		return;
	}
	making->ruled = (struct ruled){0};
	sql_bind_literals(&tree.statements[0], text, lens_old_dialect(rw->lens),
			  making->shape, making->bindings);
	rewrite_statement(rw, &node, &traits);
	forgive(rw);
	for (size_t i = 0; i < making->shape->count; i++) {
		making->fixed[i] =
		    making->bindings[i].fixed || !making->bindings[i].constant;
		for (size_t n = 0;
		     n < rw->filled.fixed_count && !making->fixed[i]; n++)
			making->fixed[i] =
			    making->bindings[i].constant->location ==
			    rw->filled.fixed[n];
	}
	plan_keep_facts(making);
	plan->plan.action = rw->outcome.action;
	plan->plan.reason = rw->outcome.reason;
	plan->plan.detail = arena_string(&plan->arena, rw->outcome.detail);
	plan->plan.position = rw->outcome.position;
	if (rw->outcome.action == PLAN_RUN)
		skip_outside(making);
	if (plan->plan.action != PLAN_RUN)
		return;
	if (sql_kind_is_session(traits.kind))
		plan->plan.action = PLAN_SESSION;
	if (rw->made) {
		set_text(making, rw->made, rw->made_size);
	} else if (rw->changed && print(making, node, &error) < 0) {
		if (rw->mapped) {
			refuse(plan, REASON_UNSUPPORTED, error.message, 0);
			return;
		}
		forget_texts(plan);
		plan->plan.pins_missing = true;
	}
	for (size_t i = 0; rw->staged && i < 3; i++)
		plan->recipe.staged[i] =
		    arena_string(&plan->arena, rw->staged[i]);
	if (plan->recipe.texts)
		plan_keep_specials(making);
	else if (traits.kind == SQL_KIND_EXECUTE ||
		 traits.kind == SQL_KIND_FETCH)
		for (size_t i = 0; i < making->shape->count; i++)
			making->fixed[i] = false; /* it runs verbatim, whatever
						     its literals */
	plan_keep_columns(making);
	plan_keep_order(making);
	plan_keep_tunings(making);
	plan_keep_types(making);
}

struct cached_plan *plan_make(struct lens *lens,
			      const struct lens_session *session,
			      const char *text, size_t size,
			      const uint32_t *types, size_t type_count,
			      const struct sql_shape *shape, bool **fixed)
{
	struct cached_plan *plan = memory_alloc(sizeof(*plan));
	struct rewrite *rw;
	struct making making = {.lens = lens, .plan = plan, .shape = shape};
	struct buffer fingerprint;
	struct sql_known known;

	arena_clear(&lens->scratch);
	arena_init(&plan->arena, 0);
	list_init(&plan->by_use);
	list_init(&plan->all);
	plan->plan.recipe = &plan->recipe;
	plan->plan.promise.types = lens->renamed_types;
	plan->plan.promise.type_count = lens->renamed_type_count;
	plan->recipe.lens = lens;
	plan->recipe.pin_rows = SIZE_MAX;
	plan->recipe.literal_count = shape->count;
	known = lens_known(lens);
	buffer_init(&fingerprint, 1024 * 1024);
	plan->plan.fingerprint =
	    lens->old_parser->fingerprint(text, size, &known, &fingerprint);
	plan->plan.fingerprint_text =
	    arena_string(&plan->arena, buffer_string(&fingerprint));
	buffer_release(&fingerprint);
	*fixed = arena_array(&plan->arena, shape->count + 1, sizeof(**fixed));
	making.fixed = *fixed;
	if (ARENA_CATCH(&lens->scratch)) {
		forget_texts(plan);
		refuse(plan, REASON_UNSUPPORTED, "the statement is too large",
		       0);
		plan->plan.traits.name = "";
		return plan;
	}
	rw = arena_alloc(&lens->scratch, sizeof(*rw));
	rw->lens = lens;
	rw->writers = &write_statements;
	rw->arena = &lens->scratch;
	rw->parameters.types = types;
	rw->parameters.count = type_count;
	rw->answer.pin_rows = SIZE_MAX;
	making.rw = rw;
	making.bindings = arena_array(&lens->scratch, shape->count + 1,
				      sizeof(*making.bindings));
	make(&making, session, text, size);
	arena_uncatch(&lens->scratch);
	return plan;
}

void plan_free(struct cached_plan *plan)
{
	list_remove(&plan->by_use);
	list_remove(&plan->all);
	arena_release(&plan->arena);
	free(plan->key);
	free(plan);
}
