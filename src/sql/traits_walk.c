/* Traits of a statement's nodes: tables, functions, locks. */
#include "sql/traits_internal.h"
#include "sql/walk.h"

struct finder {
	const struct sql_dialect *dialect;
	struct arena *arena;
	struct sql_traits *traits;
	size_t table_capacity;
	size_t function_capacity;
};

static void *grow(struct arena *arena, void *items, size_t count,
		  size_t *capacity, size_t size)
{
	void *grown;

	if (count < *capacity)
		return items;
	*capacity = *capacity ? *capacity * 2 : 8;
	grown = arena_array(arena, *capacity, size);
	if (count)
		memcpy(grown, items, count * size);
	return grown;
}

static void add_table(struct finder *finder, const char *schema,
		      const char *name, unsigned use, int location)
{
	struct sql_traits *traits = finder->traits;

	for (size_t i = 0; i < traits->table_count; i++) {
		struct sql_table_use *table = &traits->tables[i];

		if (!strcmp(table->name, name) &&
		    !strcmp(table->schema, schema)) {
			table->use |= use;
			return;
		}
	}
	traits->tables =
	    grow(finder->arena, traits->tables, traits->table_count,
		 &finder->table_capacity, sizeof(*traits->tables));
	traits->tables[traits->table_count++] = (struct sql_table_use){
	    .schema = schema, .name = name, .use = use, .location = location};
}

static void add_function(struct finder *finder, const char *schema,
			 const char *name, enum sql_volatility volatility,
			 int location)
{
	struct sql_traits *traits = finder->traits;

	traits->volatility |= 1u << volatility;
	for (size_t i = 0; i < traits->function_count; i++)
		if (!strcmp(traits->functions[i].name, name) &&
		    !strcmp(traits->functions[i].schema, schema) &&
		    traits->functions[i].volatility == volatility)
			return;
	traits->functions =
	    grow(finder->arena, traits->functions, traits->function_count,
		 &finder->function_capacity, sizeof(*traits->functions));
	traits->functions[traits->function_count++] =
	    (struct sql_function_use){.schema = schema,
				      .name = name,
				      .volatility = volatility,
				      .location = location};
}

static const PgQuery__WithClause *with_of(const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;

	if (type == &pg_query__select_stmt__descriptor)
		return ((const PgQuery__SelectStmt *)message)->with_clause;
	if (type == &pg_query__insert_stmt__descriptor)
		return ((const PgQuery__InsertStmt *)message)->with_clause;
	if (type == &pg_query__update_stmt__descriptor)
		return ((const PgQuery__UpdateStmt *)message)->with_clause;
	if (type == &pg_query__delete_stmt__descriptor)
		return ((const PgQuery__DeleteStmt *)message)->with_clause;
	if (type == &pg_query__merge_stmt__descriptor)
		return ((const PgQuery__MergeStmt *)message)->with_clause;
	return NULL;
}

/*
 * Whether the name means a CTE at this place. Outwards: the body of a statement
 * sees all its CTEs; each CTE sees those before it, or all with WITH RECURSIVE.
 */
static bool names_cte(const struct sql_place *place, const char *name)
{
	const struct sql_place *below = NULL; /* of place, on the way up */
	size_t within = SIZE_MAX; /* index of the CTE that the walk comes
				     from */

	for (; place; below = place, place = place->parent) {
		const PgQuery__WithClause *with;
		size_t seen;

		if (below && place->message->descriptor ==
				 &pg_query__with_clause__descriptor)
			within = (size_t)below->index;
		with = with_of(place->message);
		if (!with)
			continue;
		seen = with->n_ctes;
		if (below && !strcmp(below->field, "with_clause") &&
		    !with->recursive && within < seen)
			seen = within;
		for (size_t i = 0; i < seen; i++) {
			const PgQuery__CommonTableExpr *cte =
			    SQL_AS(with->ctes[i], COMMON_TABLE_EXPR,
				   common_table_expr);

			if (cte && !strcmp(cte->ctename, name))
				return true;
		}
	}
	return false;
}

/* Whether the place is below the FROM clause of a query that locks rows. */
static bool in_locking_query(const struct sql_place *place)
{
	for (; place->parent; place = place->parent)
		if (SQL_AT(place->parent, select_stmt) &&
		    !strcmp(place->field, "from_clause") &&
		    ((const PgQuery__SelectStmt *)place->parent->message)
			->n_locking_clause)
			return true;
	return false;
}

static unsigned merge_use(const PgQuery__MergeStmt *merge)
{
	unsigned use = SQL_USE_READ;

	for (size_t i = 0; i < merge->n_merge_when_clauses; i++) {
		const PgQuery__MergeWhenClause *when =
		    SQL_AS(merge->merge_when_clauses[i], MERGE_WHEN_CLAUSE,
			   merge_when_clause);

		if (!when)
			continue;
		use |= when->command_type == PG_QUERY__CMD_TYPE__CMD_INSERT
			   ? SQL_USE_INSERT
		       : when->command_type == PG_QUERY__CMD_TYPE__CMD_UPDATE
			   ? SQL_USE_UPDATE
		       : when->command_type == PG_QUERY__CMD_TYPE__CMD_DELETE
			   ? SQL_USE_DELETE
			   : 0;
	}
	return use;
}

static unsigned insert_use(const PgQuery__InsertStmt *insert)
{
	const PgQuery__OnConflictClause *conflict = insert->on_conflict_clause;

	if (conflict &&
	    conflict->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE)
		return SQL_USE_INSERT | SQL_USE_UPDATE;
	return SQL_USE_INSERT;
}

/* The use of a relation that is not an item of FROM; 0: it is an item. */
static unsigned target_use(const struct sql_place *place, bool *named)
{
	const struct sql_place *parent = place->parent;

	*named = true; /* never a CTE */
	if (!parent)
		return SQL_USE_READ;
	if (SQL_AT(parent, insert_stmt))
		return insert_use((PgQuery__InsertStmt *)parent->message);
	if (SQL_AT(parent, update_stmt) && !strcmp(place->field, "relation"))
		return SQL_USE_UPDATE;
	if (SQL_AT(parent, delete_stmt) && !strcmp(place->field, "relation"))
		return SQL_USE_DELETE;
	if (SQL_AT(parent, merge_stmt) && !strcmp(place->field, "relation"))
		return merge_use((PgQuery__MergeStmt *)parent->message);
	if (SQL_AT(parent, copy_stmt))
		return ((PgQuery__CopyStmt *)parent->message)->is_from
			   ? SQL_USE_INSERT
			   : SQL_USE_READ;
	if (SQL_AT(parent, table_like_clause) ||
	    (SQL_AT(parent, create_stmt) && strcmp(place->field, "relation")))
		return SQL_USE_READ; /* LIKE, INHERITS, PARTITION OF */
	if (SQL_AT(parent, truncate_stmt))
		return SQL_USE_DELETE;
	if (SQL_AT(parent, lock_stmt))
		return SQL_USE_LOCK;
	if (SQL_AT(parent, vacuum_relation) || SQL_AT(parent, cluster_stmt) ||
	    SQL_AT(parent, reindex_stmt))
		return SQL_USE_READ;
	if (SQL_AT(parent, select_stmt) || SQL_AT(parent, update_stmt) ||
	    SQL_AT(parent, delete_stmt) || SQL_AT(parent, merge_stmt) ||
	    SQL_AT(parent, join_expr) || SQL_AT(parent, range_table_sample)) {
		*named = false;
		return SQL_USE_READ |
		       (in_locking_query(place) ? SQL_USE_LOCK : 0);
	}
	return SQL_USE_DEFINE; /* INTO, CREATE, ALTER, ... */
}

static void take_range(struct finder *finder, const struct sql_place *place)
{
	const PgQuery__RangeVar *range = (PgQuery__RangeVar *)place->message;
	bool named;
	unsigned use = target_use(place, &named);

	/* FOR UPDATE OF names items of FROM; constraints are not tables. */
	if (place->parent && (SQL_AT(place->parent, locking_clause) ||
			      SQL_AT(place->parent, constraints_set_stmt)))
		return;
	if (!named && !SQL_SET(range->schemaname) &&
	    names_cte(place, range->relname))
		return;
	add_table(finder, range->schemaname ? range->schemaname : "",
		  range->relname, use, range->location);
}

/* A function of that name in another schema may do anything. */
static struct sql_function_traits traits_of(const struct sql_dialect *dialect,
					    const PgQuery__FuncCall *call,
					    const char *schema,
					    const char *name)
{
	struct sql_function_traits traits = dialect->function(name);

	/* Extensions' functions may live in any schema. */
	if (*schema && !dialect->is_builtin(schema) &&
	    traits.volatility != SQL_FUNCTION_RANDOM) {
		traits.volatility = SQL_FUNCTION_PLAIN;
		traits.writes = false;
	}
	if (traits.arguments && call->n_args != traits.arguments)
		traits.volatility = SQL_FUNCTION_PLAIN;
	return traits;
}

static void take_call(struct finder *finder, const PgQuery__FuncCall *call)
{
	const char *name =
	    call->n_funcname
		? sql_string_value(call->funcname[call->n_funcname - 1])
		: NULL;
	const char *schema =
	    call->n_funcname > 1
		? sql_string_value(call->funcname[call->n_funcname - 2])
		: "";
	struct sql_function_traits traits;

	if (call->over)
		finder->traits->windowed = true;
	if (!name || !schema)
		return;
	traits = traits_of(finder->dialect, call, schema, name);
	finder->traits->writes |= traits.writes;
	finder->traits->shows_order |= traits.shows_order;
	add_function(finder, schema, name, traits.volatility, call->location);
}

static void take_value_function(struct finder *finder,
				const PgQuery__SQLValueFunction *function)
{
	static const struct {
		const char *name;
		enum sql_volatility volatility;
	} of[] = {
	    {"", SQL_FUNCTION_PLAIN},
	    {"current_date", SQL_FUNCTION_CLOCK},
	    {"current_time", SQL_FUNCTION_CLOCK},
	    {"current_time", SQL_FUNCTION_CLOCK},
	    {"current_timestamp", SQL_FUNCTION_CLOCK},
	    {"current_timestamp", SQL_FUNCTION_CLOCK},
	    {"localtime", SQL_FUNCTION_CLOCK},
	    {"localtime", SQL_FUNCTION_CLOCK},
	    {"localtimestamp", SQL_FUNCTION_CLOCK},
	    {"localtimestamp", SQL_FUNCTION_CLOCK},
	    {"current_role", SQL_FUNCTION_PLAIN},
	    {"current_user", SQL_FUNCTION_PLAIN},
	    {"user", SQL_FUNCTION_PLAIN},
	    /* of the login, which may differ there */
	    {"session_user", SQL_FUNCTION_SERVER},
	    {"current_catalog", SQL_FUNCTION_SERVER},
	    {"current_schema", SQL_FUNCTION_PLAIN},
	};
	unsigned op = (unsigned)function->op;

	if (op && op < sizeof(of) / sizeof(*of))
		add_function(finder, "", of[op].name, of[op].volatility,
			     function->location);
}

/* Some strings mean the clock's time where a time is expected. */
static void take_constant(struct finder *finder,
			  const PgQuery__AConst *constant)
{
	if (!constant->isnull &&
	    constant->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
	    finder->dialect->means_clock(constant->sval->sval))
		add_function(finder, "", "current_timestamp",
			     SQL_FUNCTION_CLOCK, constant->location);
}

static void take_select(struct finder *finder, const struct sql_place *place)
{
	const PgQuery__SelectStmt *select =
	    (PgQuery__SelectStmt *)place->message;
	bool inner = place->parent &&
		     !SQL_AT(place->parent, declare_cursor_stmt) &&
		     !SQL_AT(place->parent, raw_stmt) &&
		     !SQL_AT(place->parent, copy_stmt);
	bool distinct_on =
	    select->n_distinct_clause && sql_unwrap(select->distinct_clause[0]);

	if (inner && (sql_unwrap(select->limit_count) ||
		      sql_unwrap(select->limit_offset) || distinct_on))
		finder->traits->nested_limit = true;
}

static void take_locking(struct finder *finder,
			 const PgQuery__LockingClause *locking)
{
	finder->traits->locks_rows = true;
	if (locking->wait_policy != PG_QUERY__LOCK_WAIT_POLICY__LockWaitBlock)
		finder->traits->skips_locked = true;
}

/* DROP TABLE, VIEW, ...: names are lists of strings. */
static void take_drop(struct finder *finder, const PgQuery__DropStmt *drop)
{
	switch (drop->remove_type) {
	case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
	case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
	case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
	case PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE:
	case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
		break;
	default:
		return;
	}
	for (size_t i = 0; i < drop->n_objects; i++) {
		const PgQuery__List *names =
		    SQL_AS(drop->objects[i], LIST, list);
		size_t count = names ? names->n_items : 0;
		const char *name =
		    count ? sql_string_value(names->items[count - 1]) : NULL;
		const char *schema =
		    count > 1 ? sql_string_value(names->items[count - 2]) : "";

		if (name && schema)
			add_table(finder, schema, name, SQL_USE_DEFINE, -1);
	}
}

static enum sql_step take(struct sql_place *place, void *context,
			  struct error *error)
{
	struct finder *finder = context;
	ProtobufCMessage *message = place->message;

	(void)error;
	if (SQL_AT(place, range_var))
		take_range(finder, place);
	else if (SQL_AT(place, func_call))
		take_call(finder, (PgQuery__FuncCall *)message);
	else if (SQL_AT(place, sqlvalue_function))
		take_value_function(finder,
				    (PgQuery__SQLValueFunction *)message);
	else if (SQL_AT(place, a__const))
		take_constant(finder, (PgQuery__AConst *)message);
	else if (SQL_AT(place, select_stmt))
		take_select(finder, place);
	else if (SQL_AT(place, insert_stmt) || SQL_AT(place, update_stmt) ||
		 SQL_AT(place, delete_stmt) || SQL_AT(place, merge_stmt))
		finder->traits->writes = true;
	else if (SQL_AT(place, locking_clause))
		take_locking(finder, (PgQuery__LockingClause *)message);
	else if (SQL_AT(place, range_table_sample))
		finder->traits->tablesample = true;
	else if (SQL_AT(place, param_ref))
		finder->traits->no_parameters = false;
	else if (SQL_AT(place, current_of_expr))
		finder->traits->where_current_of = true;
	else if (SQL_AT(place, drop_stmt))
		take_drop(finder, (PgQuery__DropStmt *)message);
	return SQL_STEP_INTO;
}

int traits_walk(PgQuery__Node *statement, const struct sql_dialect *dialect,
		struct arena *arena, struct sql_traits *traits,
		struct error *error)
{
	struct finder finder = {
	    .dialect = dialect, .arena = arena, .traits = traits};
	struct sql_visitor visitor = {.pre = take, .context = &finder};

	traits->no_parameters = true;
	return sql_walk(&statement, &visitor, error);
}
