/* Mistakes of a mapping against catalogs: (mapping) -> all that is said of it, each with
 * its line and column. "": there is nothing to be said. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "mood{sad ok}"
    "users(id int4 key, email text, name text, active bool, age int4)"
    "orders(id int4 key, user_id int4, total numeric, twice numeric "
    "stored=total*2)"
    "tags(id int4, label text)";
static const char new_schema[] =
    "feel{low mid}"
    "users(id int4 key, email text, name text, active bool, age int4)"
    "accounts(id int4 key, email text, name text, active bool, age int4, mail "
    "text, first text, state text, tenant int4 default=1)"
    "orders(id int4 key, user_id int4, total numeric, twice numeric)"
    "tags(id int4, label text)"
    "countries(id int4 key, name text unique)"
    "profiles(account_id int4 key, bio text)"
    "archive(id int4 key, user_id int4, total numeric, twice numeric)";

struct row {
	const char *mapping; /* an entry of its tables, or a section of it */
	const char
	    *expected; /* one to a line, as diagnostics_print() sorts them */
};

/* column and value */
static const struct row columns_rows[] = {
    {"  users: {rows: accounts}", ""},
    {"  users: {rows: accounts, columns: {nick: email}}",
     "3:37 error: table \"public.users\" of the old schema has no column "
     "\"nick\""},
    {"  users: {rows: accounts, columns: {email: nosuch}}",
     "3:44 error: table \"public.accounts\" of the new schema has no column "
     "\"nosuch\""},
    {"  users: {rows: accounts, columns: {email: {column: maill}}}",
     "3:53 error: table \"public.accounts\" of the new schema has no column "
     "\"maill\": did you mean \"mail\"?"},
    {"  users: {rows: accounts, columns: {email: {column: other.mail}}}",
     "3:53 error: \"other\" is none of the tables in `rows`"},
    {"  users: {rows: accounts, columns: {name: {read: first}}}",
     "3:37 warning: column \"name\" has `read` and no `write`: statements that "
     "write it are untranslatable"},
    {"  users: {rows: accounts, columns: {name: {read: frist, write: {first: "
     "name, mail: name}}}}",
     "3:50 error: \"frist\" is not a column of the new table "
     "\"public.accounts\": did you mean \"first\"?"},
    {"  users: {rows: accounts, columns: {name: {read: accounts.nosuch, write: "
     "{first: name}}}}",
     "3:50 error: \"nosuch\" is not a column of the new table "
     "\"public.accounts\""},
    {"  users: {rows: accounts, columns: {name: {read: 'first ||', write: "
     "{first: name}}}}",
     "3:50 error: the expression cannot be read: syntax error at or near "
     "\")\""},
    {"  users: {rows: accounts, columns: {name: {read: first, write: {frist: "
     "name}}}}",
     "3:65 error: table \"public.accounts\" of the new schema has no column "
     "\"frist\": did you mean \"first\"?"},
    {"  users: {rows: accounts, columns: {name: {read: first, write: {first: "
     "nmae}}}}",
     "3:72 error: \"nmae\" is not a column of the old table \"public.users\": "
     "did you mean \"name\"?"},
    {"  users: {rows: accounts, columns: {name: {read: $1, write: {first: "
     "name}}}}",
     "3:50 error: $1 is not possible here: an expression of the mapping can "
     "use columns and constants, but no parameters"},
    {"  users: {rows: accounts, columns: {name: {write: {first: name, mail: "
     "name}}}}",
     "3:51 error: column 'name' has write but no read: add read: an expression "
     "over the new row that gives the old value"},
    {"  users: {rows: accounts, columns: {name: {read: 'max(first)', write: "
     "{first: name}}}}",
     ""},
    {"  users: {rows: accounts, columns: {name: {read: '(SELECT c.name FROM "
     "countries c WHERE c.id = nosuch)', write: {first: name}}}}",
     ""},
    {"  users: {rows: accounts, columns: {name: {read: '(SELECT name FROM "
     "nosuch)', write: {first: name}}}}",
     ""},
    {"  users: {rows: accounts, columns: {name: {read: 'first; SELECT 1', "
     "write: {first: name}}}}",
     "3:55 error: the expression cannot be read: syntax error at or near "
     "\";\""},
    {"  users: {rows: accounts, columns: {name: {read: '*', write: {first: "
     "name}}}}",
     "3:50 error: the expression cannot be read: syntax error at or near "
     "\"*\""},
    {"  users: {rows: accounts, columns: {active: {column: state, values: "
     "{true: y, true: n}}}}",
     "3:79 error: 'true' appears twice; the first is in line 3"},
    {"  users: {rows: accounts, columns: {active: {column: state, values: "
     "{true: y, t: n}}}}",
     "3:79 error: value \"t\" of \"active\" is given twice"},
    {"  users: {rows: accounts, columns: {active: {column: state, values: "
     "{true: y, false: y}}}}",
     "3:86 error: 'y' is already the new value of line 3: two old values "
     "cannot share a new one: what was written could not be read back"},
    {"  users: {rows: accounts, columns: {age: {column: age, values: {1: 2, "
     "01: 3}}}}",
     "3:71 error: value \"01\" of \"age\" is given twice"},
    {"  users: {rows: accounts, columns: {age: {column: age, values: {1: 2, 3: "
     "02}}}}",
     "3:74 error: two values of \"age\" become \"02\": what is read back could "
     "be either"},
    {"  users: {rows: accounts, columns: {active: {values: {true: y}}}}", ""},
    {"  users: {rows: accounts, columns: {active: {column: nosuch, values: "
     "{true: y}}}}",
     "3:54 error: table \"public.accounts\" of the new schema has no column "
     "\"nosuch\""},
    {"  users: {rows: accounts, columns: {age: dropped}}", ""},
    {"  users: {rows: accounts, columns: {age: {dropped: true, read: nosuch}}}",
     "3:64 error: \"nosuch\" is not a column of the new table "
     "\"public.accounts\""},
    {"  users: {rows: accounts, columns: {age: {column: age, read: age}}}",
     "3:51 warning: column \"age\" has `read` and no `write`: statements that "
     "write it are untranslatable"},
};

/* writes and defaults */
static const struct row writes_rows[] = {
    {"  users: {rows: accounts, columns: {age: email}}",
     "3:37 error: two different values are written to column \"email\" of "
     "the new table"},
    {"  users: {rows: accounts, columns: {age: {read: '1', write: {email: "
     "age}}}}",
     "3:62 error: two different values are written to column \"email\" of "
     "the new table"},
    {"  users: {rows: accounts, columns: {age: {read: '1', write: {age: age, "
     "age: '1'}}}}",
     "3:72 error: 'age' appears twice; the first is in line 3"},
    {"  users: {rows: accounts, defaults: {nosuch: '1'}}",
     "3:38 error: table \"public.accounts\" of the new schema has no column "
     "\"nosuch\""},
    {"  users: {rows: accounts, defaults: {tenant: nosuch}}",
     "3:46 error: \"nosuch\" is not a column of the old table "
     "\"public.users\""},
    {"  users: {rows: accounts, defaults: {tenant: '1 +'}}",
     "3:46 error: the expression cannot be read: syntax error at or near "
     "\")\""},
    {"  users: {rows: accounts, defaults: {email: \"'x'\"}}",
     "3:38 error: column \"email\" of the new table is written twice"},
    {"  users: {rows: accounts, defaults: {tenant: '1', tenant: '2'}}",
     "3:51 error: 'tenant' appears twice; the first is in line 3"},
    {"  users: {rows: accounts, defaults: {other.tenant: '1'}}",
     "3:38 error: \"other\" is none of the tables in `rows`"},
    {"  orders: {columns: {twice: {column: twice, values: {1: 2}}}}",
     "3:22 error: column \"twice\" is generated, and \"twice\" of the new "
     "schema is not: give its value with `read` and `write`"},
    {"  orders: {columns: {twice: {lookup: {table: countries, value: name, "
     "key: id, column: twice}}}}",
     "3:22 error: column \"twice\" is generated, and \"twice\" of the new "
     "schema is not: give its value with `read` and `write`"},
};

/* look-ups */
static const struct row lookups_rows[] = {
    {"  users: {rows: accounts, columns: {email: {lookup: {table: countries, "
     "value: name, key: id, column: tenant}}}}",
     ""},
    {"  users: {rows: accounts, columns: {email: {lookup: {table: nosuch, "
     "value: name, key: id, column: tenant}}}}",
     "3:61 error: the new schema has no table \"public.nosuch\""},
    {"  users: {rows: accounts, columns: {email: {lookup: {table: countrie, "
     "value: nam, key: idd, column: tenan}}}}",
     "3:61 error: the new schema has no table \"public.countrie\": did you "
     "mean \"countries\"?\n"
     "3:101 error: table \"public.accounts\" of the new schema has no column "
     "\"tenan\": did you mean \"tenant\"?"},
    {"  users: {rows: accounts, columns: {email: {lookup: {table: countries, "
     "value: name, key: nosuch, column: tenant}}}}",
     "3:90 error: table \"public.countries\" of the new schema has no column "
     "\"nosuch\""},
};

/* places */
static const struct row rows_rows[] = {
    {"  users: {rows: nosuch}",
     "3:17 error: the new schema has no table \"public.nosuch\""},
    {"  users: {rows: acounts}",
     "3:17 error: the new schema has no table \"public.acounts\": did you mean "
     "\"accounts\"?"},
    {"  users: {rows: other.accounts}",
     "3:17 error: the new schema has no table \"other.accounts\": did you mean "
     "\"accounts\"?"},
    {"  users: {rows: {table: accounts, where: nosuch > 1}}",
     "3:42 error: \"nosuch\" is not a column of the new table "
     "\"public.accounts\""},
    {"  users: {rows: {table: accounts, where: '('}}",
     "3:42 error: the expression cannot be read: syntax error at or near "
     "\")\""},
    {"  users: {rows: {table: accounts, set: {nosuch: '1'}}}",
     "3:41 error: table \"public.accounts\" of the new schema has no column "
     "\"nosuch\""},
    {"  users: {rows: {table: accounts, set: {tenant: nosuch}}}",
     "3:49 error: \"nosuch\" is not a column of the old table "
     "\"public.users\""},
    {"  users: {rows: {table: accounts, set: {email: '1'}}}",
     "3:41 error: column \"email\" of the new table is written twice"},
    {"  users: {rows: [accounts, {table: nosuch, join: {account_id: id}}]}",
     "3:36 error: the new schema has no table \"public.nosuch\""},
    {"  users: {rows: [accounts, {table: profiles, join: {nosuch: id}}]}",
     "3:53 error: table \"public.profiles\" of the new schema has no column "
     "\"nosuch\""},
    {"  users: {rows: [accounts, {table: profiles, join: {account_id: "
     "nosuch}}]}",
     "3:65 error: \"nosuch\" is not a column of the old table "
     "\"public.users\""},
    {"  users: {rows: [accounts, {table: profiles, join: {account_id: id}, "
     "when: nosuch > 1}]}",
     "3:76 error: \"nosuch\" is not a column of the old table "
     "\"public.users\""},
    {"  users: {rows: [accounts, {table: accounts, join: {id: id}}]}",
     "3:28 error: \"accounts\" stands twice in rows: give one of them another "
     "name with `as`"},
    {"  users: {rows: [accounts, {table: profiles, join: {account_id: id}}], "
     "columns: {age: profiles.nosuch}}",
     "3:87 error: table \"public.profiles\" of the new schema has no column "
     "\"nosuch\""},
    {"  users: {rows: [accounts, {table: profiles, join: {account_id: id}}], "
     "columns: {age: profile.bio}}",
     "3:87 error: \"profile\" is none of the tables in `rows`: did you mean "
     "\"profiles\"?"},
    {"  users: {rows: [accounts, {table: profiles, join: {account_id: age}}], "
     "columns: {age: profiles.bio}}",
     "3:65 error: column \"age\" is itself in a part: a join is made from "
     "columns of the first table"},
    {"  orders: {rows: {any_of: [{table: orders, when: total > 0}, {table: "
     "tags}]}}",
     "3:3 error: column \"user_id\" is not in \"public.tags\": the tables of "
     "any_of have the same columns\n"
     "3:3 error: column \"total\" is not in \"public.tags\": the tables of "
     "any_of have the same columns\n"
     "3:3 error: column \"twice\" is not in \"public.tags\": the tables of "
     "any_of have the same columns"},
    {"  orders: {rows: {any_of: [{table: orders, when: nosuch > 0}, {table: "
     "archive}]}}",
     "3:50 error: \"nosuch\" is not a column of the old table "
     "\"public.orders\""},
    {"  orders: {rows: {any_of: [{table: orders, when: total > 0}, {table: "
     "archive}]}}",
     ""},
    {"  tags: {rows: {table: profiles, key: {id: account_id}, absorbed: true}, "
     "columns: {label: bio}}",
     ""},
    {"  tags: {rows: {table: profiles, key: {nosuch: account_id}, absorbed: "
     "true}, columns: {label: bio}}",
     "3:3 error: column \"id\" of \"public.tags\" is not mentioned and not a "
     "column of \"public.profiles\" in the new schema\n"
     "3:40 error: table \"public.tags\" of the old schema has no column "
     "\"nosuch\""},
    {"  tags: {rows: {table: profiles, key: {id: nosuch}, absorbed: true}, "
     "columns: {label: bio}}",
     "3:44 error: column \"nosuch\" of \"public.tags\" is not mentioned and "
     "not a column of \"public.profiles\" in the new schema\n"
     "3:44 error: table \"public.profiles\" of the new schema has no column "
     "\"nosuch\""},
};

/* tables and names */
static const struct row tables_rows[] = {
    {"  user: {rows: accounts}", "3:3 error: the old schema has no table "
				 "\"user\": did you mean \"users\"?"},
    {"  public.users: dropped", ""},
    {"  other.users: dropped", "3:3 error: the old schema has no table "
			       "\"other.users\": did you mean \"users\"?"},
    {"  tags: dropped", ""},
    {"  tags: dropped\n  public.tags: dropped",
     "4:3 error: table \"tags\" is mapped twice"},
    {"  tags: {columns: {id: label}}", "3:3 error: two different values "
				       "are written to column \"label\" "
				       "of the new table"},
    {"types: {mood: feel}", ""},
    {"types: {moood: feel}",
     "2:9 error: the old schema has no type \"moood\": did you mean \"mood\"?"},
    {"types: {mood: feell}", "2:15 error: the new schema has no type "
			     "\"feell\": did you mean \"feel\"?"},
    {"sequences: {a: b}", "2:13 error: the old schema has no sequence \"a\"\n"
			  "2:16 error: the new schema has no sequence \"b\""},
    {"functions: {f: g}", "2:13 error: the old schema has no function \"f\"\n"
			  "2:16 error: the new schema has no function \"g\""},
    {"types: {mood: feel, public.mood: feel}", ""},
};

/* compare, private and rules */
static const struct row tuning_rows[] = {
    {"compare: {users.email: ignore, tags: unordered, 0123456789abcdef: "
     "ignore}",
     ""},
    {"compare: {userz: unordered}", "2:11 error: the old schema has no table "
				    "\"userz\": did you mean \"users\"?"},
    {"compare: {users.emial: ignore}",
     "2:11 error: table \"users\" of the old schema has no column \"emial\": "
     "did you mean \"email\"?"},
    {"compare: {public.users.email: {tolerance: 0.5}}", ""},
    {"compare: {other.users.email: ignore}",
     "2:11 error: the old schema has no table \"other.users\": did you mean "
     "\"users\"?"},
    {"private: {users.email: public}", ""},
    {"private: {users.emial: public}",
     "2:11 error: table \"users\" of the old schema has no column \"emial\": "
     "did you mean \"email\"?"},
    {"private: {nosuch.email: public}",
     "2:11 error: the old schema has no table \"nosuch\""},
    {"rewrite:\n  - {match: 'a(', skip: x}",
     "3:13 error: match is not a valid pattern: missing closing parenthesis "
     "(at "
     "character 3): patterns are those of PCRE2"},
    {"rewrite:\n  - {match: 'a', replace: SELECT}", ""},
    {"rewrite:\n  - {match: 'a', replace: 'SELEC 1'}",
     "3:27 error: replace is not a valid statement: syntax error at or near "
     "\"SELEC\""},
    {"rewrite:\n  - {match: 'a(b)', replace: 'SELECT \\2'}",
     "3:30 error: replace: the pattern has no such group (at character 8): \\1 "
     "and ${name} are the pattern's groups, $1 is the statement's parameter, "
     "\\\\ a backslash"},
    {"rewrite:\n  - {match: 'a', replace: 'SELECT 1; SELECT 2'}",
     "3:27 error: replace must be one statement, not 2"},
    {"rewrite:\n  - {match: 'a', replace: 'SELECT 1'}", ""},
};

static int by_place(const void *a, const void *b)
{
	const struct diagnostic *left = a, *right = b;

	return left->place.line != right->place.line
		   ? left->place.line - right->place.line
		   : left->place.column - right->place.column;
}

static const char *said(struct diagnostics *diagnostics)
{
	const char *text = "";

	if (diagnostics->count)
		qsort(diagnostics->items, diagnostics->count,
		      sizeof(*diagnostics->items), by_place);
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *item = &diagnostics->items[i];

		text = arena_printf(
		    &arena, "%s%s%d:%d %s: %s%s%s", text, i ? "\n" : "",
		    item->place.line, item->place.column,
		    severity_name(item->severity), item->message,
		    item->hint ? ": " : "", item->hint ? item->hint : "");
	}
	return text;
}

static const char *compiled(const char *text)
{
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	struct lens *made = NULL;
	const char *result;

	text = arena_printf(&arena, "version: 1\n%s%s\n",
			    *text == ' ' ? "tables:\n" : "", text);
	diagnostics_init(&diagnostics);
	if (!mapping_parse("m", text, strlen(text), &diagnostics, &mapping))
		lens_new(&postgres_parser, &postgres_parser, mapping,
			 old_catalog, new_catalog, &diagnostics, &made);
	assert_int_equal(diagnostics.error_count == 0, made != NULL);
	result = said(&diagnostics);
	diagnostics_release(&diagnostics);
	mapping_free(&mapping);
	lens_free(&made);
	return result;
}

static void check(const struct row *rows, size_t count)
{
	struct differing differing = {0};

	for (size_t i = 0; i < count; i++)
		row_is(&differing, rows[i].mapping, compiled(rows[i].mapping),
		       rows[i].expected);
	assert_int_equal(differing.count, 0);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(*(rows)))

static void test_columns(void **state)
{
	(void)state;
	CHECK(columns_rows);
}

static void test_writes(void **state)
{
	(void)state;
	CHECK(writes_rows);
}

static void test_lookups(void **state)
{
	(void)state;
	CHECK(lookups_rows);
}

static void test_rows(void **state)
{
	(void)state;
	CHECK(rows_rows);
}

static void test_tables(void **state)
{
	(void)state;
	CHECK(tables_rows);
}

static void test_tuning(void **state)
{
	(void)state;
	CHECK(tuning_rows);
}

static int start(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	old_catalog = catalog_of(old_schema);
	new_catalog = catalog_of(new_schema);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	catalog_free(&old_catalog);
	catalog_free(&new_catalog);
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_columns), cmocka_unit_test(test_writes),
	    cmocka_unit_test(test_lookups), cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_tables),  cmocka_unit_test(test_tuning),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
