/* A mapping's expression may take a value from a sequence; in the proof it
 * takes it from a scratch sequence of that name. */
#include <string.h>

#include "adapters/proof.h"
#include "laws/internal.h"
#include "sql/walk.h"

struct finding_sequences {
	struct proof *proof;
	const char *qualified; /* one that cannot be hidden */
	enum outcome outcome;
};

static bool moves_sequence(const struct sql_dialect *dialect,
			   const PgQuery__FuncCall *call)
{
	const char *name =
	    sql_string_value(call->funcname[call->n_funcname - 1]);

	struct sql_function_traits traits = dialect->function(name ? name : "");

	return traits.volatility == SQL_FUNCTION_SEQUENCE && traits.writes;
}

static const char *constant_of(const PgQuery__Node *node)
{
	const PgQuery__AConst *constant;

	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	constant = SQL_AS(node, A_CONST, a_const);
	return constant && constant->val_case == PG_QUERY__A__CONST__VAL_SVAL
		   ? constant->sval->sval
		   : NULL;
}

static void hide(struct finding_sequences *finding, const char *name)
{
	struct proof *proof = finding->proof;
	size_t size = strlen(name);
	const char *plain = name;
	struct error error;

	if (size > 2 && name[0] == '"' && name[size - 1] == '"')
		plain = arena_copy(&proof->arena, name + 1, size - 2);
	if (strpbrk(plain, ".\"")) {
		finding->qualified = arena_string(&proof->arena, name);
		return;
	}
	if (map_get_string(proof->made, plain))
		return;
	error_init(&error);
	if (proof->laws->shadow_adapter->proof->sequence(proof->shadow, plain,
							 &error)) {
		proof->lost = error;
		finding->outcome = OUTCOME_LOST;
	}
	map_set_string(proof->made, plain, proof);
}

static enum sql_step find_call(struct sql_place *place, void *context,
			       struct error *error)
{
	struct finding_sequences *finding = context;
	PgQuery__FuncCall *call;
	const char *name;

	(void)error;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (PgQuery__FuncCall *)place->message;
	if (!moves_sequence(
		finding->proof->laws->shadow_adapter->parser->dialect, call) ||
	    !call->n_args)
		return SQL_STEP_INTO;
	name = constant_of(call->args[0]);
	if (name)
		hide(finding, name);
	return finding->outcome ? SQL_STEP_STOP : SQL_STEP_INTO;
}

static void read_steps(struct finding_sequences *finding, struct arena *arena,
		       const struct plan_steps *steps)
{
	const struct parser *parser =
	    finding->proof->laws->shadow_adapter->parser;
	struct sql_visitor visitor = {find_call, NULL, finding};
	struct error error;

	for (size_t i = 0; i < steps->count && !finding->outcome; i++) {
		const char *text = steps->steps[i].text;
		struct sql_tree tree;

		if (parser->parse(text, strlen(text), arena, &tree, &error))
			continue;
		for (size_t k = 0; k < tree.count; k++)
			sql_walk(&tree.statements[k].node, &visitor, &error);
	}
}

enum outcome sequences_hide(struct proof *proof)
{
	struct finding_sequences finding = {.proof = proof};
	size_t width = proof->given_count;
	struct value *values =
	    arena_array(&proof->arena, width + 1, sizeof(*values));
	uint32_t *types = arena_array(&proof->arena, width + 1, sizeof(*types));
	struct database_parameters parameters = {
	    .values = values, .types = types, .count = width};
	struct plan_steps steps;
	struct arena arena;
	struct error error;

	for (size_t i = 0; i < width; i++)
		types[i] = proof->about.old->columns[proof->given[i]].type;
	error_init(&error);
	arena_init(&arena, 0);
	if (!runner_steps(&proof->runner, proof->insert, &parameters, &arena,
			  &steps, &error))
		read_steps(&finding, &arena, &steps);
	arena_release(&arena);
	if (finding.qualified && !finding.outcome) {
		laws_warn(proof, proof->about.place,
			  "the laws of \"%s\" are not proved: they would move "
			  "sequence %s; name it without its schema",
			  proof->name, finding.qualified);
		return OUTCOME_FAILED;
	}
	return finding.outcome;
}
