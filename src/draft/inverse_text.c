/* Texts that were joined, and a text that was split. */
#include "draft/inverse.h"

enum { TERMS_MAX = 16, CONSTANTS_MAX = 4 };

struct terms {
	const PgQuery__Node *items[TERMS_MAX];
	size_t count;
};

static void flatten(const PgQuery__Node *node, struct terms *terms, int depth)
{
	if (depth < TERMS_MAX && expression_is_operator(node, "||")) {
		flatten(node->a_expr->lexpr, terms, depth + 1);
		flatten(node->a_expr->rexpr, terms, depth + 1);
		return;
	}
	if (terms->count < TERMS_MAX)
		terms->items[terms->count] = node;
	terms->count++;
}

/* column, or coalesce(column, '') */
static const char *term_column(const struct draft *draft,
			       const PgQuery__Node *node)
{
	const char *text;

	if (SQL_IS(node, COALESCE_EXPR) && node->coalesce_expr->n_args == 2 &&
	    expression_constant(draft, node->coalesce_expr->args[1], &text) &&
	    text && !*text)
		return expression_bare(node->coalesce_expr->args[0]);
	return expression_bare(node);
}

/* a || ', ' || b || ', ' || c as columns and their one separator. */
static size_t joined_columns(const struct draft *draft,
			     const PgQuery__Node *node, const char **names,
			     const char **separator)
{
	struct terms terms = {0};
	size_t count = 0;

	flatten(node, &terms, 0);
	if (terms.count < 3 || terms.count > TERMS_MAX || terms.count % 2 == 0)
		return 0;
	*separator = NULL;
	for (size_t i = 0; i < terms.count; i++) {
		const char *text;

		if (i % 2 == 0) {
			names[count] = term_column(draft, terms.items[i]);
			if (!names[count++])
				return 0;
			continue;
		}
		if (!expression_constant(draft, terms.items[i], &text) ||
		    !text || !*text || (*separator && strcmp(*separator, text)))
			return 0;
		*separator = text;
	}
	return count;
}

static size_t concat_columns(const struct draft *draft,
			     const PgQuery__Node *node, const char **names,
			     const char **separator)
{
	const PgQuery__FuncCall *call;
	const PgQuery__Node *argument;

	if (expression_meaning(draft, node, &argument) != SQL_CALL_JOIN)
		return 0;
	call = node->func_call;
	if (call->n_args < 3 || call->n_args > TERMS_MAX ||
	    !expression_constant(draft, call->args[0], separator) ||
	    !*separator || !**separator)
		return 0;
	for (size_t i = 1; i < call->n_args; i++) {
		names[i - 1] = term_column(draft, call->args[i]);
		if (!names[i - 1])
			return 0;
	}
	return call->n_args - 1;
}

PgQuery__Node *inverse_term(struct inverting *inverting,
			    const struct written *written)
{
	struct draft *draft = inverting->draft;
	struct arena *arena = draft->arena;
	const char *names[TERMS_MAX + 1];
	const char *separator = NULL;
	size_t count =
	    joined_columns(draft, written->expression, names, &separator);

	if (!count)
		count = concat_columns(draft, written->expression, names,
				       &separator);
	for (size_t i = 0; count > 1 && i < count; i++) {
		if (strcmp(names[i], inverting->column->name))
			continue;
		inverting->caution = arena_printf(
		    arena, "no value has '%s' in it, and none is null",
		    separator);
		if (inverting->class != TYPE_TEXT)
			inverting->computed = true;
		return expression_inverse(draft)->part(
		    arena, inverse_new_column(draft, written), separator,
		    (int64_t)i + 1);
	}
	return NULL;
}

/* ---- patterns ---- */

struct constants {
	const struct draft *draft;
	const char *texts[CONSTANTS_MAX];
	size_t text_count;
	int numbers[CONSTANTS_MAX];
	size_t number_count;
};

static enum sql_step collect(struct sql_place *place, void *context,
			     struct error *error)
{
	struct constants *constants = context;
	const PgQuery__AConst *constant;

	(void)error;
	if (!SQL_AT(place, a__const))
		return SQL_STEP_INTO;
	constant = (const PgQuery__AConst *)place->message;
	if (constant->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
	    constants->text_count < CONSTANTS_MAX && *constant->sval->sval)
		constants->texts[constants->text_count++] =
		    constant->sval->sval;
	if (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
	    constants->number_count < CONSTANTS_MAX)
		constants->numbers[constants->number_count++] =
		    constant->ival->ival;
	return SQL_STEP_OVER;
}

struct inverse_filling {
	struct draft *draft;
	const char *column;
	const char *text; /* or NULL */
	int number;
	const char *first, *second;
};

static void put_text(const struct inverse_filling *filling, struct buffer *out)
{
	filling->draft->parser->dialect->string(out, filling->text);
}

static const char *fill(const struct inverse_filling *filling,
			const char *pattern)
{
	struct buffer out;
	const char *text;
	int length = 0;

	for (const char *at = filling->text; at && *at; at++)
		length += (*at & 0xC0) != 0x80;
	buffer_init(&out, PARSER_LENGTH_LIMIT);
	for (; *pattern; pattern++) {
		if (*pattern != '$') {
			buffer_append_byte(&out, (uint8_t)*pattern);
			continue;
		}
		switch (*++pattern) {
		case 'c':
			buffer_append_string(&out, filling->column);
			break;
		case 's':
			if (filling->text)
				put_text(filling, &out);
			break;
		case 'l':
			buffer_printf(&out, "%d", length);
			break;
		case 'm':
			buffer_printf(&out, "%d", length + 1);
			break;
		case 'k':
			buffer_printf(&out, "%d", filling->number);
			break;
		case 'n':
			buffer_printf(&out, "%lld",
				      (long long)filling->number + 1);
			break;
		case '1':
			buffer_append_string(&out, filling->first);
			break;
		default:
			buffer_append_string(&out, filling->second);
			break;
		}
	}
	text = out.failed
		   ? ""
		   : arena_string(filling->draft->arena, buffer_string(&out));
	buffer_release(&out);
	return text;
}

static bool is_like(const struct inverse_filling *filling, const char *pattern,
		    const PgQuery__Node *node)
{
	const PgQuery__Node *wanted =
	    expression_parse(filling->draft, fill(filling, pattern));

	return wanted && sql_equal(wanted, node);
}

static bool try_filling(struct inverse_filling *filling,
			const struct written *first,
			const struct written *second, struct inverse *inverse)
{
	size_t count;
	const struct sql_split *splits =
	    expression_inverse(filling->draft)->splits(&count);

	for (size_t i = 0; i < count; i++) {
		const struct sql_split *pattern = &splits[i];
		bool wants_text = strstr(pattern->first, "$s") != NULL;
		bool wants_number = strstr(pattern->first, "$k") != NULL;
		PgQuery__Node *read;

		if ((wants_text && !filling->text) ||
		    (wants_number && filling->number <= 0) ||
		    !is_like(filling, pattern->first, first->expression) ||
		    !is_like(filling, pattern->second, second->expression))
			continue;
		filling->first = expression_text(
		    filling->draft, inverse_new_column(filling->draft, first));
		filling->second = expression_text(
		    filling->draft, inverse_new_column(filling->draft, second));
		if (!filling->first || !filling->second)
			continue;
		read = expression_parse(filling->draft,
					fill(filling, pattern->joined));
		inverse->read = expression_text(filling->draft, read);
		if (!inverse->read)
			continue;
		inverse->caution =
		    pattern->caution ? fill(filling, pattern->caution) : NULL;
		inverse->reason = NULL;
		return true;
	}
	return false;
}

static bool try_pair(struct draft *draft, const struct catalog_column *column,
		     const struct written *first, const struct written *second,
		     struct inverse *inverse)
{
	struct constants constants = {.draft = draft};
	struct sql_visitor visitor = {collect, NULL, &constants};
	PgQuery__Node *root = first->expression;
	struct inverse_filling filling = {.draft = draft};
	struct error error;

	filling.column = expression_text(
	    draft, sql_column(draft->arena, NULL, column->name));
	if (!filling.column || sql_walk(&root, &visitor, &error))
		return false;
	if (try_filling(&filling, first, second, inverse))
		return true;
	for (size_t i = 0; i < constants.text_count; i++) {
		filling.text = constants.texts[i];
		if (try_filling(&filling, first, second, inverse))
			return true;
	}
	filling.text = NULL;
	for (size_t i = 0; i < constants.number_count; i++) {
		filling.number = constants.numbers[i];
		if (try_filling(&filling, first, second, inverse))
			return true;
	}
	return false;
}

bool inverse_patterns(struct draft *draft, const struct catalog_column *column,
		      const struct written *written, size_t count,
		      struct inverse *inverse)
{
	enum { WRITTEN_MAX = 8 };

	if (count > WRITTEN_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			if (i != k &&
			    expression_size(written[i].expression) < 100 &&
			    try_pair(draft, column, &written[i], &written[k],
				     inverse))
				return true;
	return false;
}

bool inverse_split(struct draft *draft, enum sql_split_at at,
		   const PgQuery__Node *column, const char *separator,
		   PgQuery__Node *parts[2])
{
	struct inverse_filling filling = {
	    .draft = draft,
	    .column = expression_text(draft, column),
	    .text = separator,
	};
	size_t count;
	const struct sql_split *splits =
	    expression_inverse(draft)->splits(&count);

	for (size_t i = 0; filling.column && i < count; i++) {
		if (splits[i].at != at)
			continue;
		parts[0] =
		    expression_parse(draft, fill(&filling, splits[i].first));
		parts[1] =
		    expression_parse(draft, fill(&filling, splits[i].second));
		return parts[0] && parts[1];
	}
	return false;
}
