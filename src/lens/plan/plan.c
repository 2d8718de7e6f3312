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
#include "lens/plan/pieces.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/assign.h"
#include "lens/write/copy.h"
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
	rw->changed = rw->qualify || lens_prints_all(rw->lens);
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

/* A statement on unmapped tables runs as it is written, even if the rewriter
 * failed. True: it does. */
static bool forgive(struct rewrite *rw)
{
	if (rw->outcome.action != PLAN_UNTRANSLATABLE || rw->mapped ||
	    rw->incapable)
		return false;
	rw->outcome.action = PLAN_RUN;
	rw->outcome.reason = REASON_NONE;
	rw->outcome.detail = NULL;
	rw->outcome.position = 0;
	rw->changed = rw->answer.outputs_known = rw->lowered = false;
	rw->step_count = 0;
	rw->staged = NULL;
	rw->filled.special_count = 0;
	rw->answer.pin_rows = SIZE_MAX;
	rw->touched.pins_missing = true;
	rw->answer.order = ORDER_NONE;
	return true;
}

/*
 * Reads a text as it is written, for a shadow of another dialect: its tree is
 * printed without a rewrite. Every literal of it is part of the plan's key.
 */
static int read_as_written(struct making *making, const char *text, size_t size,
			   PgQuery__Node **node, struct error *error)
{
	struct sql_tree tree;

	if (making->lens->old_parser->parse(text, size, making->rw->arena,
					    &tree, error) < 0)
		return -1;
	if (tree.count != 1)
		return error_set(error, ERROR_INTERNAL, "it is %zu statements",
				 tree.count);
	*node = tree.statements[0].node;
	for (size_t i = 0; i < making->shape->count; i++)
		making->bindings[i] = (struct sql_binding){.fixed = true};
	making->rw->changed = true;
	return 0;
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
	plan->traits.writes = plan->promise.writes = true;
	plan->pins_missing = true;
	plan->traits.name = "";
	if (lens_prints_all(making->lens)) {
		refuse(making->plan, REASON_PARSE, parse_problem(making, error),
		       0);
		return;
	}
	/* The shadow fails with the same error, or knows newer syntax. */
	plan->action = PLAN_RUN;
}

/* A text that the printer does not know runs as it is. */
static void print_ruled(struct making *making)
{
	const struct ruled *ruled = &making->ruled;
	struct error error;

	error_init(&error);
	if (!plan_pieces_print(making, ruled->node, &error))
		return;
	if (making->rw->filled.special_count || ruled->parameter_count) {
		refuse(making->plan, REASON_RULE, error.message, 0);
		return;
	}
	plan_pieces_set(making, ruled->text, ruled->size);
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

/* Why the shadow's dialect cannot express the statement. */
static void refuse_unprinted(struct making *making, const struct error *error)
{
	const char *detail = error->message;

	if (!making->rw->mapped)
		detail = arena_printf(making->rw->arena,
				      "the shadow's engine has another "
				      "dialect: %s",
				      detail);
	refuse(making->plan, REASON_UNSUPPORTED, detail, 0);
}

/* Prints the steps of a statement that does not run as it is written. */
static void print_texts(struct making *making, PgQuery__Node *node)
{
	struct cached_plan *plan = making->plan;
	const struct rewrite *rw = making->rw;
	bool translated = lens_prints_all(making->lens);
	struct error error;

	error_init(&error);
	if (rw->made && !translated) {
		plan_pieces_set(making, rw->made, rw->made_size);
		return;
	}
	if (SQL_IS(node, COPY_STMT) &&
	    !write_copy_form(making->lens, rw->arena, node->copy_stmt))
		error_set(&error, ERROR_LIMIT, "it has no COPY");
	else if ((!rw->made || !read_as_written(making, rw->made, rw->made_size,
						&node, &error)) &&
		 (!rw->changed || !plan_pieces_print(making, node, &error)))
		return;
	if (rw->mapped || translated) {
		refuse_unprinted(making, &error);
		return;
	}
	plan_pieces_forget(plan);
	plan->plan.pins_missing = true;
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
		else if (lens_prints_all(lens))
			plan_pieces_set(making, "", 0);
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
	if (forgive(rw) && lens_prints_all(lens) &&
	    read_as_written(making, text, size, &node, &error) < 0) {
		unreadable(making, text, size, &error);
		return;
	}
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
	print_texts(making, node);
	if (plan->plan.action == PLAN_UNTRANSLATABLE)
		return;
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
		plan_pieces_forget(plan);
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
