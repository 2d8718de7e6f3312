/*
 * `rewrite:`: replaces or skips a statement by its normalised text.
 *
 *	{match: '^update docs set title = (.+) where id = (\?)$',
 *	 replace: 'UPDATE pages SET title = \1 WHERE id = \2'}
 *
 *	UPDATE docs SET title = 'a' WHERE id = 3
 *	UPDATE pages SET title =  'a'  WHERE id =  3
 *
 * A pattern never sees a value: the normalised text has '?' in its place. A
 * group that contains a '?' puts in the statement's own token, whole and
 * between blanks. In the new text each of them must again be a token and a
 * value. So no value can be taken for anything else.
 */
#include "lens/plan/rule.h"

#include <stdarg.h>
#include <string.h>

#include "lens/rewrite/generated.h"
#include "lens/rewrite/touched.h"
#include "sql/literal.h"

enum { REPLACED_LIMIT = 4 * PARSER_LENGTH_LIMIT };

/* ---- compiling ---- */

/* ---- one statement ---- */

struct token {	       /* a value of the statement, put into the new text */
	size_t offset; /* in the new text */
	size_t length;
	const struct sql_value_place *place;
};

struct replacing {
	struct rewrite *rw;
	const struct lens_rule *rule;
	const char *text; /* the statement */
	const struct sql_normal *normal;
	struct ruled *ruled;
	char *made; /* the new text */
	size_t size;
	struct token *tokens;
	size_t token_count, token_capacity;
};

static bool fail(struct replacing *replacing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct replacing *replacing, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	replacing->ruled->action = RULE_FAILS;
	replacing->ruled->detail =
	    arena_printf(replacing->rw->arena, "the rule at line %d: %s",
			 replacing->rule->line, text);
	return false;
}

/* Counts (made NULL) or copies the text. False: it is too long. */
static bool put(struct replacing *replacing, const char *text, size_t size)
{
	if (size > REPLACED_LIMIT - replacing->size)
		return fail(replacing, "the replacement is too long");
	if (replacing->made)
		memcpy(replacing->made + replacing->size, text, size);
	replacing->size += size;
	return true;
}

/* The statement's own bytes, or a literal in the shadow's dialect. */
static bool token_value(struct replacing *replacing,
			const struct sql_value_place *place,
			struct bytes *value)
{
	const struct lens *lens = replacing->rw->lens;
	struct sql_literal literal = {place->offset, place->length,
				      SQL_LITERAL_STRING};
	struct sql_shape shape = {.literals = &literal, .count = 1};
	const struct bytes *translated;
	struct error error;

	*value = (struct bytes){
	    (const uint8_t *)replacing->text + place->offset, place->length};
	if (place->parameter || !lens_prints_all(lens))
		return true;
	error_init(&error);
	translated = sql_literals_translate(
	    lens->old_parser, lens_new_dialect(lens), replacing->text, &shape,
	    replacing->rw->arena, &error);
	if (!translated)
		return fail(replacing, "a value cannot be written in the "
				       "shadow's dialect");
	*value = *translated;
	return true;
}

static bool put_token(struct replacing *replacing,
		      const struct sql_value_place *place)
{
	struct bytes value;

	if (!token_value(replacing, place, &value) || !put(replacing, " ", 1))
		return false;
	if (replacing->made) {
		struct token *token =
		    ARENA_PUSH(replacing->rw->arena, replacing, token);

		token->offset = replacing->size;
		token->length = value.size;
		token->place = place;
	}
	return put(replacing, (const char *)value.data, value.size) &&
	       put(replacing, " ", 1);
}

/* Puts a part of the normalised text, with the statement's values in their
 * places. */
static bool put_span(struct replacing *replacing, struct pattern_span span)
{
	const struct sql_normal *normal = replacing->normal;
	size_t from = span.start;

	for (size_t i = 0; i < normal->count; i++) {
		const struct sql_value_place *place = &normal->places[i];

		if (place->at < span.start || place->at >= span.end)
			continue;
		if (!put(replacing, normal->text + from, place->at - from) ||
		    !put_token(replacing, place))
			return false;
		from = place->at + 1;
	}
	return put(replacing, normal->text + from, span.end - from);
}

static bool put_all(struct replacing *replacing,
		    const struct pattern_span *spans)
{
	const struct pattern_template *template = &replacing->rule->replacement;

	replacing->size = 0;
	for (size_t i = 0; i < template->count; i++) {
		const struct pattern_piece *piece = &template->pieces[i];

		if (piece->text ? !put(replacing, piece->text, piece->size)
				: !put_span(replacing, spans[piece->group]))
			return false;
	}
	return true;
}

/* Whether each value is a token of its own in the new text. */
static bool check_tokens(struct replacing *replacing)
{
	struct sql_normal again;
	size_t at = 0;

	if (!replacing->rw->lens->parser->normalise(
		replacing->made, replacing->size, replacing->rw->arena, &again))
		return fail(replacing, "the replacement cannot be read");
	for (size_t i = 0; i < replacing->token_count; i++) {
		const struct token *token = &replacing->tokens[i];

		while (at < again.count &&
		       again.places[at].offset < token->offset)
			at++;
		if (at == again.count ||
		    again.places[at].offset != token->offset ||
		    again.places[at].length != token->length)
			return fail(replacing,
				    "a value of the statement would stand "
				    "within quotes or a comment");
	}
	return true;
}

static bool parse_made(struct replacing *replacing,
		       struct sql_statement *statement)
{
	struct rewrite *rw = replacing->rw;
	struct sql_tree tree;
	struct error error;

	error_init(&error);
	if (rw->lens->parser->parse(replacing->made, replacing->size, rw->arena,
				    &tree, &error))
		/* The parser's message may quote a value, so it is not
		 * shown. */
		return fail(replacing,
			    "the replacement does not parse (line %d, column "
			    "%d of what it gives)",
			    error.line, error.column);
	if (tree.count != 1)
		return fail(replacing, "the replacement is %zu statements",
			    tree.count);
	*statement = tree.statements[0];
	if (sql_traits(statement->node, lens_new_dialect(rw->lens), rw->arena,
		       &replacing->ruled->traits, &error))
		return fail(replacing, "the replacement is nested too deeply");
	return true;
}

/* The literal of the statement's shape at an offset; -1: none. */
static long literal_at(const struct sql_shape *shape, size_t offset)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->literals[i].offset == offset)
			return (long)i;
	return -1;
}

/* Finds the constants of the new tree that are literals of the statement. */
static void find_carried(struct replacing *replacing,
			 const struct sql_statement *statement,
			 const struct sql_shape *shape)
{
	struct rewrite *rw = replacing->rw;
	struct ruled *ruled = replacing->ruled;
	struct sql_shape *made = &rw->lens->rules.shape;
	struct sql_binding *bindings;

	rw->lens->parser->shape(replacing->made, replacing->size, made);
	bindings = arena_array(rw->arena, made->count + 1, sizeof(*bindings));
	sql_bind_literals(statement, replacing->made,
			  lens_new_dialect(rw->lens), made, bindings);
	ruled->looked_at =
	    arena_array(rw->arena, shape->count + 1, sizeof(bool));
	ruled->used = arena_array(rw->arena, shape->count + 1, sizeof(bool));
	ruled->carried = arena_array(rw->arena, replacing->token_count + 1,
				     sizeof(*ruled->carried));
	for (size_t i = 0; i < replacing->token_count; i++) {
		const struct token *token = &replacing->tokens[i];
		long literal = literal_at(shape, token->place->offset);
		long found = literal_at(made, token->offset);

		if (literal < 0)
			continue; /* it is part of the plan's key */
		ruled->used[literal] = true;
		if (found < 0 || bindings[found].fixed ||
		    !bindings[found].constant) {
			ruled->looked_at[literal] = true;
			continue;
		}
		ruled->carried[ruled->carried_count++] = (struct rule_carried){
		    .location = bindings[found].constant->location,
		    .literal = (size_t)literal,
		};
	}
}

struct numbering {
	struct replacing *replacing;
	uint32_t most; /* the number of the statement's parameters */
	bool missing;
};

static enum sql_step number_parameter(struct sql_place *place, void *context,
				      struct error *error)
{
	struct numbering *numbering = context;
	struct ruled *ruled = numbering->replacing->ruled;
	PgQuery__ParamRef *parameter;
	size_t i = 0;

	(void)error;
	if (!SQL_AT(place, param_ref))
		return SQL_STEP_INTO;
	parameter = (PgQuery__ParamRef *)place->message;
	if (parameter->number < 1 ||
	    (uint32_t)parameter->number > numbering->most) {
		numbering->missing = true;
		return SQL_STEP_STOP;
	}
	while (i < ruled->parameter_count &&
	       ruled->parameters[i] != (size_t)parameter->number - 1)
		i++;
	if (i == ruled->parameter_count)
		ruled->parameters[ruled->parameter_count++] =
		    (size_t)parameter->number - 1;
	parameter->number = (int)i + 1;
	return SQL_STEP_INTO;
}

/* Numbers the parameters that the replacement names. Only these are sent. */
static bool number_parameters(struct replacing *replacing, PgQuery__Node **node)
{
	struct numbering numbering = {.replacing = replacing};
	struct sql_visitor visitor = {number_parameter, NULL, &numbering};
	const struct sql_normal *normal = replacing->normal;
	struct error error;

	for (size_t i = 0; i < normal->count; i++)
		if (normal->places[i].parameter > numbering.most)
			numbering.most = normal->places[i].parameter;
	replacing->ruled->parameters =
	    arena_array(replacing->rw->arena, (size_t)numbering.most + 1,
			sizeof(*replacing->ruled->parameters));
	if (sql_walk(node, &visitor, &error) < 0)
		return fail(replacing, "the replacement is nested too deeply");
	if (numbering.missing)
		return fail(replacing, "the replacement names a parameter that "
				       "the statement lacks");
	return true;
}

static void replace(struct replacing *replacing,
		    const struct pattern_span *spans,
		    const struct sql_shape *shape)
{
	struct ruled *ruled = replacing->ruled;
	struct sql_statement statement;

	if (!put_all(replacing, spans))
		return;
	replacing->made =
	    arena_alloc(replacing->rw->arena, replacing->size + 1);
	if (!put_all(replacing, spans) || !check_tokens(replacing) ||
	    !parse_made(replacing, &statement))
		return;
	find_carried(replacing, &statement, shape);
	if (!number_parameters(replacing, &statement.node))
		return;
	ruled->action = RULE_REPLACES;
	ruled->node = statement.node;
	ruled->text = replacing->made + statement.offset;
	ruled->size = statement.length;
}

void plan_rule_find(struct rewrite *rw, const char *text, size_t size,
		    const struct sql_shape *shape, struct ruled *ruled)
{
	struct lens *lens = rw->lens;
	struct pattern_span spans[PATTERN_GROUP_LIMIT + 1];
	struct sql_normal normal;

	if (!lens->old_parser->normalise(text, size, rw->arena, &normal))
		return;
	for (size_t i = 0; i < lens->rules.count; i++) {
		const struct lens_rule *rule = &lens->rules.items[i];
		struct replacing replacing = {.rw = rw,
					      .rule = rule,
					      .text = text,
					      .normal = &normal,
					      .ruled = ruled};

		switch (pattern_find(rule->pattern, normal.text, normal.size,
				     spans)) {
		case PATTERN_NONE:
			continue;
		case PATTERN_LIMIT:
			fail(&replacing, "matching takes too long");
			return;
		case PATTERN_FOUND:
			break;
		}
		ruled->action = RULE_SKIPS;
		ruled->line = rule->line;
		ruled->detail = rule->skip;
		if (!rule->skip)
			replace(&replacing, spans, shape);
		return;
	}
}

bool plan_rule_may(enum sql_kind kind)
{
	switch (kind) {
	case SQL_KIND_BEGIN:
	case SQL_KIND_COMMIT:
	case SQL_KIND_ROLLBACK:
	case SQL_KIND_SAVEPOINT:
	case SQL_KIND_RELEASE:
	case SQL_KIND_ROLLBACK_TO:
	case SQL_KIND_PREPARE_TRANSACTION:
	case SQL_KIND_COMMIT_PREPARED:
	case SQL_KIND_ROLLBACK_PREPARED:
	case SQL_KIND_SET_TRANSACTION:
	case SQL_KIND_DISCARD:
	case SQL_KIND_PREPARE:
	case SQL_KIND_EXECUTE:
	case SQL_KIND_DEALLOCATE:
	case SQL_KIND_DECLARE:
	case SQL_KIND_FETCH:
	case SQL_KIND_MOVE:
	case SQL_KIND_CLOSE:
		return false;
	default:
		return true;
	}
}

const char *plan_rule_misfit(const struct ruled *ruled, enum sql_kind kind)
{
	enum sql_kind made = ruled->traits.kind;

	if (made == kind)
		return NULL;
	if (made == SQL_KIND_COPY_IN || made == SQL_KIND_COPY_OUT ||
	    kind == SQL_KIND_COPY_IN || kind == SQL_KIND_COPY_OUT)
		return "a COPY can be replaced by a COPY only, and nothing "
		       "else by one";
	if (!plan_rule_may(made))
		return "the replacement acts on transactions, cursors or "
		       "prepared statements";
	return NULL;
}

static enum sql_step carry_clock(struct sql_place *place, void *context,
				 struct error *error)
{
	struct facts facts = {0};

	(void)error;
	if (place->slot)
		rewrite_clock(context, place->slot, &facts);
	return SQL_STEP_INTO;
}

bool plan_rule_carry(struct rewrite *rw, struct ruled *ruled)
{
	struct sql_visitor visitor = {NULL, carry_clock, rw};
	unsigned draws = ruled->traits.volatility;
	struct error error;

	rw->touched.volatile_effect |= (draws & 1u << SQL_FUNCTION_RANDOM) != 0;
	rw->touched.pins_missing |= (draws & 1u << SQL_FUNCTION_SEQUENCE) != 0;
	return sql_walk(&ruled->node, &visitor, &error) == 0;
}

void plan_rule_note_tables(struct rewrite *rw, const struct sql_traits *traits)
{
	if (setjmp(rw->escape))
		return;
	for (size_t i = 0; i < traits->table_count; i++) {
		const struct sql_table_use *use = &traits->tables[i];
		PgQuery__RangeVar var = PG_QUERY__RANGE_VAR__INIT;
		const struct cte *cte;
		bool known;
		const struct lens_table *table;

		var.schemaname = (char *)(uintptr_t)use->schema;
		var.relname = (char *)(uintptr_t)use->name;
		table = rewrite_scope_table(rw, NULL, &var, &cte, &known);
		if (!table)
			continue;
		if (use->use & SQL_USE_WRITES)
			rewrite_note_table(rw, table, true);
		if (use->use & ~(unsigned)SQL_USE_WRITES)
			rewrite_note_table(rw, table, false);
	}
}
