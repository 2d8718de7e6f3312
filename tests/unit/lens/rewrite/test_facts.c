/*
 * What a plan promises of its answer and says of what it touches: (statement) -> one
 * line of facts, over tables as they are and over mapped ones. A column that shows one
 * of a table as it is bears its name.
 */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 serial key, mail text unique notnull, name text, made "
    "timestamptz clock, token uuid volatile, n int4)"
    "logs(id int8 always key, user_id int4 notnull, note text, at timestamptz "
    "clock)"
    "pairs(a int4, b int4, c text){key a b}"
    "loose(k int4 unique, v text)";
static const char new_schema[] =
    "accounts(id int8 serial key, mail text unique notnull, name text, made "
    "timestamptz clock, token uuid volatile, n int4)"
    "logs(id int8 always key, user_id int4 notnull, note text, at timestamptz "
    "clock)"
    "pairs(a int4, b int4, c text){key a b}"
    "loose(k int4 unique, v text)";
static const char mapping[] = "version: 1\n"
			      "tables: {users: {rows: accounts}}\n"
			      "compare: {users.n: {tolerance: 0.5}, loose: "
			      "unordered, users.name: ignore}\n"
			      "private: {users.mail: public}\n";

static const char *column_text(const struct promise_column *column)
{
	const char *text =
	    arena_printf(&arena, " %s", column->name ? column->name : "?");
	const struct {
		bool is;
		const char *name;
	} flags[] = {
	    {column->clock, "clock"},
	    {column->unpinned, "unpinned"},
	    {column->sequenced, "sequenced"},
	    {column->volatile_value, "volatile"},
	    {column->retyped, "retyped"},
	    {column->ignore, "ignored"},
	    {column->tolerance > 0, "near"},
	    {column->shown, "shown"},
	};

	if (column->column)
		text = arena_printf(&arena, "%s=%s.%s", text,
				    column->table->name, column->column->name);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].is)
			text =
			    arena_printf(&arena, "%s:%s", text, flags[i].name);
	return text;
}

static const char *order_text(const struct promise *promise)
{
	static const char *const orders[] = {"none", "partial", "total"};
	const char *text = orders[promise->order];

	for (size_t i = 0;
	     promise->order == ORDER_PARTIAL && i < promise->order_column_count;
	     i++)
		text = arena_printf(&arena, "%s%s%d", text, i ? "," : " ",
				    promise->order_columns[i]);
	return text;
}

static const char *flags_text(const struct plan *plan)
{
	const struct promise *promise = &plan->promise;
	const struct {
		bool is;
		const char *name;
	} flags[] = {
	    {promise->limited, "limited"},
	    {promise->nested_limit, "nested-limit"},
	    {promise->distinct_on, "distinct-on"},
	    {promise->order_shows, "order-shows"},
	    {promise->writes, "writes"},
	    {promise->tablesample, "tablesample"},
	    {promise->skips_locked, "skips-locked"},
	    {promise->clock_predicate, "clock-predicate"},
	    {promise->unpinned_sort, "unpinned-sort"},
	    {promise->volatile_effect, "volatile-effect"},
	    {plan->open_choice, "open-choice"},
	    {plan->unpinned_predicate, "unpinned-predicate"},
	    {plan->pins_missing, "pins-missing"},
	    {plan->looks_first, "looks-first"},
	    {plan->reads_only, "reads-only"},
	};
	const char *text = "";

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].is)
			text =
			    arena_printf(&arena, "%s %s", text, flags[i].name);
	return text;
}

static const char *touched_text(const struct plan *plan)
{
	const char *text = "";

	for (size_t i = 0; i < plan->tables_read_count; i++)
		text = arena_printf(&arena, "%s r:%s", text,
				    plan->tables_read[i]->name);
	for (size_t i = 0; i < plan->tables_written_count; i++)
		text = arena_printf(&arena, "%s w:%s", text,
				    plan->tables_written[i]->name);
	for (size_t i = 0; i < plan->predicate_column_count; i++)
		text = arena_printf(&arena, "%s by:%s.%s", text,
				    plan->predicate_columns[i].table->name,
				    plan->predicate_columns[i].column->name);
	return text;
}

/* ORDER |COLUMNS |FLAGS |TABLES AND PREDICATES */
static const char *facts_text(const char *statement)
{
	const struct plan *plan = plan_in_public(statement);
	const char *text;

	if (plan->action != PLAN_RUN) {
		text = arena_printf(&arena, "!%s", plan->detail);
	} else {
		text = arena_printf(&arena, "%s |", order_text(&plan->promise));
		for (size_t i = 0; i < plan->promise.column_count; i++)
			text = arena_printf(
			    &arena, "%s%s", text,
			    column_text(&plan->promise.columns[i]));
		text = arena_printf(&arena, "%s |%s |%s", text,
				    flags_text(plan), touched_text(plan));
	}
	lens_release(lens, plan);
	return text;
}

/* what ORDER BY decides */
static const struct plan_row orders[] = {
    {"SELECT id FROM users",
     "none | id=users.id:unpinned:retyped | reads-only | r:users"},
    {"SELECT id FROM users ORDER BY id",
     "total | id=users.id:unpinned:retyped | unpinned-sort reads-only | "
     "r:users"},
    {"SELECT id, name FROM users ORDER BY name",
     "partial 1 | id=users.id:unpinned:retyped name=users.name:ignored | "
     "reads-only | r:users"},
    {"SELECT name, n FROM users ORDER BY n DESC, name",
     "total | name=users.name:ignored n=users.n:near | reads-only | r:users"},
    {"SELECT name FROM users ORDER BY mail",
     "total | name=users.name:ignored | reads-only | r:users"},
    {"SELECT name FROM users ORDER BY n",
     "partial -1 | name=users.name:ignored | reads-only | r:users"},
    {"SELECT id FROM users ORDER BY lower(name)",
     "partial -1 | id=users.id:unpinned:retyped | reads-only | r:users"},
    {"SELECT name FROM users ORDER BY name, id",
     "total | name=users.name:ignored | unpinned-sort reads-only | r:users"},
    {"SELECT name FROM users ORDER BY 1",
     "total | name=users.name:ignored | reads-only | r:users"},
    {"SELECT name AS x FROM users ORDER BY x",
     "total | x=users.name:ignored | reads-only | r:users"},
    {"SELECT name FROM users WHERE id = 3 ORDER BY name",
     "total | name=users.name:ignored | unpinned-predicate reads-only | "
     "r:users by:users.id"},
    {"SELECT name FROM users WHERE id = 3",
     "total | name=users.name:ignored | unpinned-predicate reads-only | "
     "r:users by:users.id"},
    {"SELECT name FROM users WHERE id = $1 ORDER BY n",
     "total | name=users.name:ignored | unpinned-predicate reads-only | "
     "r:users by:users.id"},
    {"SELECT name FROM users WHERE mail = 'x' ORDER BY n",
     "total | name=users.name:ignored | reads-only | r:users by:users.mail"},
    {"SELECT v FROM loose WHERE k = 1 ORDER BY v",
     "none | v=loose.v | reads-only | r:loose by:loose.k"},
    {"SELECT c FROM pairs WHERE a = 1 ORDER BY b",
     "total | c=pairs.c | reads-only | r:pairs by:pairs.a"},
    {"SELECT c FROM pairs WHERE a = 1 ORDER BY c",
     "total | c=pairs.c | reads-only | r:pairs by:pairs.a"},
    {"SELECT c FROM pairs ORDER BY b, a",
     "total | c=pairs.c | reads-only | r:pairs"},
    {"SELECT u.name, l.note FROM users u JOIN logs l ON l.user_id = u.id ORDER "
     "BY u.id",
     "partial -1 | name=users.name:ignored note=logs.note | unpinned-sort "
     "unpinned-predicate reads-only | r:users r:logs by:logs.user_id "
     "by:users.id"},
    {"SELECT u.name, l.note FROM users u JOIN logs l ON l.user_id = u.id ORDER "
     "BY l.id",
     "total | name=users.name:ignored note=logs.note | unpinned-sort "
     "unpinned-predicate reads-only | r:users r:logs by:logs.user_id "
     "by:users.id"},
    {"SELECT u.name, l.note FROM users u JOIN logs l ON l.user_id = u.id ORDER "
     "BY u.id, l.id",
     "total | name=users.name:ignored note=logs.note | unpinned-sort "
     "unpinned-predicate reads-only | r:users r:logs by:logs.user_id "
     "by:users.id"},
    {"SELECT u.name FROM users u, logs l ORDER BY u.id, l.id",
     "total | name=users.name:ignored | unpinned-sort reads-only | r:users "
     "r:logs"},
    {"SELECT u.name FROM users u LEFT JOIN logs l ON l.user_id = u.id ORDER BY "
     "l.id",
     "partial -1 | name=users.name:ignored | unpinned-sort unpinned-predicate "
     "reads-only | r:users r:logs by:logs.user_id by:users.id"},
    {"SELECT id FROM users u JOIN logs l USING (id) ORDER BY id",
     "total | id=users.id:unpinned:retyped | unpinned-sort unpinned-predicate "
     "reads-only | r:users r:logs"},
    {"SELECT name, count(*) FROM users GROUP BY name ORDER BY name",
     "total | name=users.name:ignored count | reads-only | r:users "
     "by:users.name"},
    {"SELECT name, count(*) FROM users GROUP BY name ORDER BY count(*)",
     "partial -1 | name=users.name:ignored count | reads-only | r:users "
     "by:users.name"},
    {"SELECT DISTINCT name, n FROM users ORDER BY name, n",
     "total | name=users.name:ignored n=users.n:near | reads-only | r:users"},
    {"SELECT DISTINCT name, n FROM users ORDER BY name",
     "partial 0 | name=users.name:ignored n=users.n:near | reads-only | "
     "r:users"},
    {"SELECT DISTINCT ON (name) name, id FROM users ORDER BY name, id",
     "total | name=users.name:ignored id=users.id:unpinned:retyped | "
     "distinct-on unpinned-predicate reads-only | r:users"},
    {"SELECT DISTINCT ON (name) name, id FROM users ORDER BY name",
     "partial 0 | name=users.name:ignored id=users.id:unpinned:retyped | "
     "limited distinct-on open-choice unpinned-predicate reads-only | r:users"},
    {"SELECT count(*) FROM users ORDER BY 1",
     "total | count | reads-only | r:users"},
    {"SELECT id FROM users UNION SELECT 1 ORDER BY id",
     "total | id:unpinned:retyped | unpinned-predicate reads-only | r:users"},
    {"SELECT id, name FROM users UNION ALL SELECT 1, 'x' ORDER BY name",
     "partial 1 | id:unpinned:retyped name:ignored | reads-only | r:users"},
    {"SELECT id FROM users ORDER BY id LIMIT 3",
     "total | id=users.id:unpinned:retyped | limited unpinned-predicate "
     "reads-only | r:users"},
    {"SELECT id FROM users ORDER BY name LIMIT 3",
     "partial -1 | id=users.id:unpinned:retyped | limited reads-only | r:users "
     "by:users.name"},
    {"SELECT id FROM users LIMIT 3",
     "none | id=users.id:unpinned:retyped | limited reads-only | r:users"},
    {"SELECT id FROM users OFFSET 2",
     "none | id=users.id:unpinned:retyped | limited reads-only | r:users"},
    {"SELECT id FROM (SELECT id FROM users ORDER BY name LIMIT 1) s",
     "none | id=users.id:unpinned:retyped | limited nested-limit open-choice "
     "reads-only | r:users by:users.name"},
    {"SELECT id FROM (SELECT id FROM users ORDER BY id LIMIT 1) s",
     "none | id=users.id:unpinned:retyped | nested-limit unpinned-predicate "
     "reads-only | r:users"},
    {"SELECT id FROM (SELECT id FROM users LIMIT ALL) s",
     "none | id=users.id:unpinned:retyped | limited nested-limit open-choice "
     "reads-only | r:users"},
    {"SELECT id, generate_series(1, 2) FROM users ORDER BY id",
     "partial 0 | id=users.id:unpinned:retyped generate_series | unpinned-sort "
     "reads-only | r:users"},
    {"SELECT row_number() OVER (ORDER BY name) FROM users",
     "none | row_number:ignored | order-shows reads-only | r:users"},
    {"SELECT row_number() OVER (ORDER BY id) FROM users ORDER BY id",
     "total | row_number:unpinned:retyped | order-shows unpinned-sort "
     "reads-only | r:users"},
    {"SELECT array_agg(name) FROM users",
     "total | array_agg:ignored | order-shows reads-only | r:users"},
    {"SELECT array_agg(name ORDER BY id) FROM users",
     "total | array_agg:unpinned:retyped:ignored | order-shows reads-only | "
     "r:users"},
    {"SELECT id FROM users TABLESAMPLE system (50)",
     "none | id=users.id:unpinned:retyped | tablesample volatile-effect "
     "reads-only | r:users"},
    {"SELECT id FROM users ORDER BY id FOR UPDATE SKIP LOCKED",
     "total | id=users.id:unpinned:retyped | skips-locked unpinned-sort "
     "reads-only | r:users"},
    {"SELECT v FROM loose ORDER BY k",
     "none | v=loose.v | reads-only | r:loose"},
};

/* what an answer shows */
static const struct plan_row columns[] = {
    {"SELECT id, mail, name, made, token, n FROM users",
     "none | id=users.id:unpinned:retyped mail=users.mail:shown "
     "name=users.name:ignored made=users.made:clock token=users.token:unpinned "
     "n=users.n:near | reads-only | r:users"},
    {"SELECT id + 1, lower(name), made + interval '1 day', n * 2 FROM users",
     "none | ?column?:unpinned:retyped lower:ignored ?column?:clock "
     "?column?:near | reads-only | r:users"},
    {"SELECT now(), current_date, clock_timestamp(), random(), "
     "gen_random_uuid()",
     "total | now:clock current_date:clock clock_timestamp:clock "
     "random:volatile gen_random_uuid:volatile | reads-only |"},
    {"SELECT nextval('users_id_seq'), currval('users_id_seq'), lastval()",
     "total | nextval currval lastval | writes |"},
    {"SELECT version(), current_user, pg_backend_pid()",
     "total | version:volatile current_user pg_backend_pid:volatile | "
     "reads-only |"},
    {"SELECT id AS a, u.* FROM users u",
     "none | a=users.id:unpinned:retyped id=users.id:unpinned:retyped "
     "mail=users.mail:shown name=users.name:ignored made=users.made:clock "
     "token=users.token:unpinned n=users.n:near | reads-only | r:users"},
    {"SELECT s.x, s.y FROM (SELECT id AS x, made AS y FROM users) s",
     "none | x=users.id:unpinned:retyped y=users.made:clock | reads-only | "
     "r:users"},
    {"WITH a AS (SELECT made, id FROM users) SELECT * FROM a",
     "none | made=users.made:clock id=users.id:unpinned:retyped | reads-only | "
     "r:users"},
    {"SELECT max(made), min(id), count(token) FROM users",
     "total | max:clock min:unpinned:retyped count:unpinned | reads-only | "
     "r:users"},
    {"SELECT coalesce(name, note), CASE WHEN n > 1 THEN made END FROM users "
     "JOIN logs ON user_id = users.id",
     "none | coalesce:ignored case:clock:near | unpinned-predicate reads-only "
     "| r:users r:logs by:logs.user_id by:users.id"},
    {"SELECT (SELECT made FROM users LIMIT 1), EXISTS (SELECT made FROM users)",
     "none | made:clock exists | limited nested-limit open-choice reads-only | "
     "r:users"},
    {"SELECT made FROM users UNION SELECT '2020-01-01'",
     "none | made:clock | clock-predicate reads-only | r:users"},
    {"SELECT u.id, u FROM users u",
     "none | id=users.id:unpinned:retyped "
     "u:clock:unpinned:retyped:ignored:near | reads-only | r:users"},
    {"SELECT * FROM nosuch", "none | | reads-only |"},
    {"SELECT id FROM logs UNION ALL SELECT id FROM users",
     "none | id:unpinned:retyped | reads-only | r:logs r:users"},
    {"VALUES (now(), 1)", "total | column1:clock column2 | reads-only |"},
};

/* what rows are chosen by */
static const struct plan_row predicates[] = {
    {"SELECT 1 FROM users WHERE made > '2020-01-01'",
     "none | ?column? | clock-predicate reads-only | r:users by:users.made"},
    {"SELECT 1 FROM users WHERE made > now() - interval '1 hour'",
     "none | ?column? | clock-predicate reads-only | r:users by:users.made"},
    {"SELECT 1 FROM users WHERE id = 1 AND token = 'x' OR name = 'y'",
     "none | ?column? | unpinned-predicate reads-only | r:users by:users.id "
     "by:users.token by:users.name"},
    {"SELECT 1 FROM users u JOIN logs l ON l.user_id = u.id AND l.note = "
     "u.name",
     "none | ?column? | unpinned-predicate reads-only | r:users r:logs "
     "by:logs.user_id by:users.id by:logs.note by:users.name"},
    {"SELECT 1 FROM users JOIN logs USING (id)",
     "none | ?column? | unpinned-predicate reads-only | r:users r:logs"},
    {"SELECT 1 FROM users WHERE id IN (SELECT user_id FROM logs WHERE at > "
     "'2020-01-01')",
     "none | ?column? | clock-predicate unpinned-predicate reads-only | "
     "r:users r:logs by:users.id by:logs.at"},
    {"SELECT name FROM users GROUP BY name HAVING max(made) > '2020-01-01'",
     "none | name=users.name:ignored | clock-predicate reads-only | r:users "
     "by:users.name by:users.made"},
    {"SELECT name FROM users ORDER BY made",
     "partial -1 | name=users.name:ignored | reads-only | r:users"},
    {"SELECT name FROM users ORDER BY id",
     "total | name=users.name:ignored | unpinned-sort reads-only | r:users"},
    {"SELECT 1 FROM users WHERE random() < 0.5",
     "none | ?column? | volatile-effect reads-only | r:users"},
    {"SELECT count(*) FILTER (WHERE n > 1) FROM users",
     "total | count:near | reads-only | r:users"},
    {"SELECT DISTINCT ON (n) name FROM users",
     "none | name=users.name:ignored | limited distinct-on open-choice "
     "reads-only | r:users by:users.n"},
    {"SELECT sum(n) OVER (PARTITION BY name ORDER BY mail) FROM users",
     "none | sum:ignored:near | order-shows reads-only | r:users"},
};

/* what a statement writes, and what it cannot carry */
static const struct plan_row writes[] = {
    {"INSERT INTO users (mail) VALUES ('x')",
     "none | | writes pins-missing | w:users"},
    {"INSERT INTO users (mail) VALUES ('x') RETURNING id",
     "none | id=users.id:unpinned:retyped | writes pins-missing | w:users"},
    {"INSERT INTO users (mail) VALUES ('x') RETURNING id, made, token",
     "none | id=users.id:unpinned:retyped made=users.made:clock "
     "token=users.token:unpinned | writes | w:users"},
    {"INSERT INTO users (id, mail, token) VALUES (1, 'x', 'y')",
     "none | | writes | w:users"},
    {"INSERT INTO users (mail, token) SELECT note, 'y' FROM logs",
     "none | | writes pins-missing | r:logs w:users"},
    {"INSERT INTO users (id, mail, token) VALUES (1, 'x', 'y') ON CONFLICT "
     "(id) DO UPDATE SET n = users.n + 1",
     "none | | writes | w:users"},
    {"INSERT INTO pairs VALUES (1, 2, random()::text)",
     "none | | writes volatile-effect | w:pairs"},
    {"INSERT INTO pairs VALUES (1, 2, now()::text)",
     "none | | writes | w:pairs"},
    {"UPDATE users SET n = 1 WHERE mail = 'x'",
     "none | | writes | w:users by:users.mail"},
    {"UPDATE users SET n = n + 1 FROM logs WHERE logs.user_id = users.id "
     "RETURNING users.id, at",
     "none | id=users.id:unpinned:retyped at=logs.at:clock | writes "
     "unpinned-predicate | r:logs w:users by:logs.user_id by:users.id"},
    {"UPDATE users SET token = gen_random_uuid()",
     "none | | writes volatile-effect | w:users"},
    {"UPDATE users SET made = now() WHERE id = 1 RETURNING made",
     "none | made=users.made:clock | writes unpinned-predicate | w:users "
     "by:users.id"},
    {"UPDATE pairs SET c = (SELECT note FROM logs LIMIT 1)",
     "none | | limited nested-limit writes open-choice | r:logs w:pairs"},
    {"UPDATE pairs SET c = (SELECT note FROM logs ORDER BY id LIMIT 1)",
     "none | | nested-limit writes unpinned-predicate | r:logs w:pairs "
     "by:logs.id"},
    {"DELETE FROM logs WHERE at < now()",
     "none | | writes clock-predicate | w:logs by:logs.at"},
    {"DELETE FROM logs USING users WHERE users.id = user_id RETURNING logs.id",
     "none | id=logs.id:unpinned | writes unpinned-predicate | r:users w:logs "
     "by:users.id by:logs.user_id"},
    {"WITH d AS (DELETE FROM logs RETURNING user_id) SELECT name FROM users, d "
     "WHERE d.user_id = users.id",
     "none | name=users.name:ignored | writes unpinned-predicate | r:users "
     "w:logs by:logs.user_id by:users.id"},
    {"MERGE INTO users USING logs ON users.id = logs.user_id WHEN MATCHED THEN "
     "DELETE",
     "none | | writes unpinned-predicate | r:users r:logs w:users by:users.id "
     "by:logs.user_id"},
    {"MERGE INTO pairs USING users ON a = id WHEN NOT MATCHED THEN INSERT "
     "VALUES (id, n, name)",
     "none | | writes unpinned-predicate pins-missing | r:pairs r:users "
     "w:pairs by:pairs.a by:users.id"},
    {"COPY users (id, mail) TO STDOUT", "none | | reads-only | r:users"},
    {"COPY pairs FROM STDIN", "none | | writes | w:pairs"},
    {"TRUNCATE users, logs", "none | | writes | w:users w:logs"},
    {"LOCK TABLE users", "none | | reads-only | r:users"},
    {"SELECT name FROM users WHERE id = 1 FOR UPDATE",
     "total | name=users.name:ignored | unpinned-predicate reads-only | "
     "r:users by:users.id"},
    {"SELECT nextval('users_id_seq')", "total | nextval | writes |"},
    {"SELECT setval('users_id_seq', 5)",
     "total | setval:unpinned:sequenced | writes |"},
    {"SELECT pg_advisory_lock(1)", "total | pg_advisory_lock | reads-only |"},
};

/* an output that GROUP BY names chooses rows, too */
static const struct plan_row groups[] = {
    {"SELECT made, count(*) FROM users GROUP BY made",
     "none | made=users.made:clock count | clock-predicate reads-only | "
     "r:users by:users.made"},
    {"SELECT made AS m, count(*) FROM users GROUP BY m",
     "none | m=users.made:clock count | clock-predicate reads-only | r:users"},
    {"SELECT made, count(*) FROM users GROUP BY 1",
     "none | made=users.made:clock count | clock-predicate reads-only | "
     "r:users"},
    {"SELECT id AS i, count(*) FROM users GROUP BY ROLLUP (i)",
     "none | i=users.id:unpinned:retyped count | unpinned-predicate reads-only "
     "| r:users"},
    {"SELECT count(*), n FROM users GROUP BY 2",
     "none | count n=users.n:near | reads-only | r:users"},
    {"SELECT DISTINCT made FROM users",
     "none | made=users.made:clock | clock-predicate reads-only | r:users"},
    {"SELECT made FROM users ORDER BY 1 LIMIT 1",
     "total | made=users.made:clock | limited clock-predicate reads-only | "
     "r:users"},
};

static void check_facts(const struct plan_row *rows, size_t count)
{
	struct differing differing = {0};

	for (size_t i = 0; i < count; i++)
		row_is(&differing, rows[i].statement,
		       facts_text(rows[i].statement), rows[i].expected);
	assert_int_equal(differing.count, 0);
}

#define CHECK_FACTS(rows) check_facts(rows, sizeof(rows) / sizeof(*(rows)))

static void test_orders(void **state)
{
	(void)state;
	CHECK_FACTS(orders);
}

static void test_columns(void **state)
{
	(void)state;
	CHECK_FACTS(columns);
}

static void test_predicates(void **state)
{
	(void)state;
	CHECK_FACTS(predicates);
}

static void test_writes(void **state)
{
	(void)state;
	CHECK_FACTS(writes);
}

static void test_groups(void **state)
{
	(void)state;
	CHECK_FACTS(groups);
}

/* A lens of its own for each test: statements teach it. */
static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_orders, start, stop_lens),
	    cmocka_unit_test_setup_teardown(test_columns, start, stop_lens),
	    cmocka_unit_test_setup_teardown(test_predicates, start, stop_lens),
	    cmocka_unit_test_setup_teardown(test_writes, start, stop_lens),
	    cmocka_unit_test_setup_teardown(test_groups, start, stop_lens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
