/*
 * Functions of a type that the new schema replaces by a type of another class,
 * which these functions do not take. If the mapping says `types: {mood: text}`,
 *
 *	SELECT hashenum('sad'::mood)
 *
 * would become hashenum('sad'::text), which does not exist. So it is
 * untranslatable. labels.h deals with enums whose labels `values` recodes.
 */
#include "lens/rewrite/replaced.h"

#include "lens/compile/name.h"
#include "lens/compile/type.h"
#include "lens/rewrite/refuse.h"

struct replaced_search {
	struct rewrite *rw;
	const struct scope *scope;
	const struct catalog_type *type; /* the old enum */
	const char *now;		 /* its new type's name */
};

static void found(struct replaced_search *search,
		  const struct catalog_type *old,
		  const struct catalog_type *new)
{
	search->type = old;
	search->now = new->name;
}

/* Looks at a value's type by `types:`, for a value of any origin. */
static void look_at_type(struct replaced_search *search,
			 const struct catalog_type *old)
{
	const struct lens *lens = search->rw->lens;
	const struct catalog_type *new;

	if (!old || old->class != TYPE_ENUM ||
	    lens_recodes_type(lens, old->id) ||
	    !lens_renamed(&lens->names.types, old->schema, old->name))
		return;
	new = lens_same_type(lens, old);
	if (new &&new->class != TYPE_ENUM)
		found(search, old, new);
}

static void look_at_column(struct replaced_search *search, PgQuery__Node *node)
{
	const struct lens *lens = search->rw->lens;
	const struct source *source =
	    rewrite_scope_peek(search->rw, search->scope, node);
	const struct catalog_type *old =
	    source ? catalog_type(lens->old_catalog, source->facts.type) : NULL;
	const struct lens_column *column = old ? source->facts.column : NULL;
	const struct catalog_type *new =
	    column && source->facts.table->mapped && !column->read
		? catalog_type(lens->new_catalog, column->new_type)
		: NULL;

	look_at_type(search, old);
	if (new && old->class == TYPE_ENUM &&
	    !column->labels &&new->class != TYPE_ENUM)
		found(search, old, new);
}

static enum sql_step look(struct sql_place *place, void *context,
			  struct error *error)
{
	struct replaced_search *search = context;

	(void)error;
	if (SQL_AT(place, sub_link))
		return SQL_STEP_OVER;
	if (SQL_AT(place, column_ref) && place->slot)
		look_at_column(search, *place->slot);
	if (SQL_AT(place, type_name)) {
		const PgQuery__TypeName *name =
		    (const PgQuery__TypeName *)place->message;

		look_at_type(search, lens_named_type(search->rw->lens, name));
	}
	return search->type ? SQL_STEP_STOP : SQL_STEP_INTO;
}

void rewrite_refuse_replaced(struct rewrite *rw, const struct scope *scope,
			     PgQuery__FuncCall *call)
{
	struct replaced_search search = {.rw = rw, .scope = scope};
	struct sql_visitor visitor = {look, NULL, &search};
	const char *name =
	    sql_string_value(call->funcname[call->n_funcname - 1]);
	struct error error;

	if (!lens_old_dialect(rw->lens)->function(name).takes_enum)
		return;
	error_init(&error);
	for (size_t i = 0; i < call->n_args && !search.type; i++)
		if (sql_walk(&call->args[i], &visitor, &error) < 0)
			rewrite_fail(rw, call->location, "%s", error.message);
	if (!search.type)
		return;
	rw->mapped = true;
	rewrite_fail(rw, call->location,
		     "%s takes values of the enum \"%s\", which is %s in the "
		     "new schema",
		     name, search.type->name, search.now);
}
