/*
 * Our equality of values against the server's: for each type, values are made
 * by the server, fetched in text and in binary, and every pair in every pairing
 * of formats must compare as `=` does there; canonical forms must be equal
 * exactly then; and a binary value must read as its text. VALUES_HOST and
 * VALUES_PORT say where the server is (test_values.py starts it).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <libpq-fe.h>

#include "adapters/adapter.h"
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/value.h"

static const struct adapter *adapter = &adapter_postgres;
static const struct value_ops *values = &postgres_values;
static struct catalog *catalog;
static struct arena arena;
static PGconn *connection;

enum {
	ONE_FORMAT = 1, /* bytes only: nothing is said across formats */
	DOUBTFUL = 2,	/* may be undecided in text format */
	OTHER_TEXT = 4, /* binary reads otherwise than the server's text */
};

struct type_case {
	const char *type;
	const char *literals; /* rows of VALUES, each a text */
	const char *made;     /* text of a random value, or NULL */
	const char *equal;    /* in a.v and b.v; NULL: a.v = b.v */
	unsigned flags;
};

#define RANDOM(n) "(floor(random() * " #n "))::bigint"
static const struct type_case cases[] = {
    {"bool", "('t'),('f'),('t')", NULL, NULL, 0},
    {"int2", "('0'),('-32768'),('32767')", RANDOM(30) "::text", NULL, 0},
    {"int4", "('0'),('-2147483648'),('2147483647')", RANDOM(30) "::text", NULL,
     0},
    {"int8", "('0'),('-9223372036854775808'),('9223372036854775807')",
     "(" RANDOM(30) " * 1000000000000)::text", NULL, 0},
    {"oid", "('0'),('4294967295')", RANDOM(30) "::text", NULL, 0},
    {"numeric",
     "('0'),('0.00'),('-0.0'),('1'),('1.0'),('1.00'),('NaN'),('Infinity'),"
     "('-Infinity'),('1e1000'),('1e1000'),('1e-1000'),('-1e-1000'),('10000'),"
     "('10000.0000'),('100000000'),('99999999.9999'),('0.0001'),('0.00010'),"
     "('-123456789.123456789'),('123456789012345678901234567890'),"
     "('0.99999'),('1000'),('-1000.10'),('-1000.1')",
     "(" RANDOM(40) " / (10 ^ " RANDOM(3) ")::numeric)::text", NULL, 0},
    {"float4",
     "('0'),('-0'),('NaN'),('NaN'),('Infinity'),('-Infinity'),('1e-45'),"
     "('1.17549435e-38'),('3.4028235e38'),('0.1'),('0.1000000'),('16777216'),"
     "('1e10'),('-1.5')",
     "(random() * 3)::float4::text", NULL, OTHER_TEXT},
    {"float8",
     "('0'),('-0'),('NaN'),('NaN'),('Infinity'),('-Infinity'),('5e-324'),"
     "('2.2250738585072014e-308'),('1.7976931348623157e308'),('0.1'),"
     "('0.30000000000000004'),('0.3'),('9007199254740993'),('1e100'),('-1.5')",
     "(random() * 3)::text", NULL, OTHER_TEXT},
    {"text", "(''),('a'),('a '),('A'),('NULL'),('{}'),(E'\\n'),('\xc3\xa4')",
     "left(md5(random()::text), 1)", NULL, 0},
    {"varchar(5)", "(''),('a'),('a '),('A')", "left(md5(random()::text), 1)",
     NULL, 0},
    {"name", "(''),('a'),('a '),('A')", "left(md5(random()::text), 1)", NULL,
     0},
    {"char(3)", "(''),('a'),('a '),('A'),(' a')",
     "left(md5(random()::text), 1)", NULL, 0},
    {"bytea", "(''),('\\x00'),('\\x0000'),('\\xff5c'),('\\x41')",
     "'\\x' || left(md5(random()::text), 2)", NULL, 0},
    {"date",
     "('infinity'),('-infinity'),('2000-01-01'),('0001-01-01 BC'),"
     "('0001-01-01'),('4713-01-01 BC'),('5874897-12-31'),('2000-02-29'),"
     "('1999-12-31'),('1900-03-01')",
     "(date '2020-01-01' + " RANDOM(20) "::int)::text", NULL, 0},
    {"time",
     "('00:00'),('24:00'),('23:59:59.999999'),('12:34:56.7'),('12:34:56.70')",
     "(time '10:00' + " RANDOM(20) " * interval '1 ms')::text", NULL, 0},
    {"timetz",
     "('00:00+00'),('01:00+01'),('24:00+00'),('12:34:56.7-03:30'),"
     "('12:34:56.7+05:30:15'),('12:00+00'),('12:00-00')",
     "(time '10:00' + " RANDOM(20) " * interval '1 ms')::text || '+02'", NULL,
     0},
    {"timestamp",
     "('infinity'),('-infinity'),('2000-01-01'),('4713-01-01 00:00 BC'),"
     "('294276-12-31 23:59:59.999999'),('1999-12-31 23:59:59.999999'),"
     "('2024-02-29 12:00'),('0001-12-31 23:00 BC')",
     "(timestamp '2020-01-01' + " RANDOM(20) " * interval '1 s')::text", NULL,
     0},
    {"timestamptz",
     "('infinity'),('-infinity'),('2000-01-01 00:00+00'),"
     "('2000-01-01 02:00+02'),('4713-01-01 12:00+00 BC'),"
     "('294276-12-31 12:59:59.999999+00'),('2024-07-01 12:00+00'),"
     "('1850-01-01 00:00+00')",
     "(timestamp '2020-01-01' + " RANDOM(20) " * interval '1 s')::text", NULL,
     OTHER_TEXT},
    {"interval",
     "('0'),('1 month'),('30 days'),('720 hours'),('1 year'),('12 months'),"
     "('-1 day'),('-24:00'),('1 day -24:00'),('1 mon -30 days'),"
     "('-00:00:00.5'),('1 year 2 mons -3 days -04:05:06.789'),"
     "('178000000 years'),('00:00:00.000001'),('100 hours')",
     "(" RANDOM(20) " * interval '12 hours')::text", NULL, 0},
    {"uuid",
     "('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),"
     "('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),"
     "('00000000-0000-0000-0000-000000000000')",
     NULL, NULL, 0},
    {"json",
     "('null'),('true'),('1'),('1.0'),('1e0'),('10e-1'),('\"1\"'),('[]'),"
     "('{}'),('[1,2]'),('[2,1]'),('[1, 2.00]'),('{\"a\":1,\"b\":2}'),"
     "('{\"b\":2, \"a\":1}'),('{\"a\":3,\"a\":1,\"b\":2}'),"
     "('{\"a\":1,\"b\":2,\"a\":3}'),('\"\\u00e4\"'),('\"\xc3\xa4\"'),"
     "('\"\\ud83d\\ude00\"'),('\"\xf0\x9f\x98\x80\"'),('\"a\\/b\"'),"
     "('\"a/b\"'),('{\"a\":{\"a\":[]}}'),('{\"a\":{\"a\":[null]}}'),"
     "('{\"\":1}'),('-0'),('0'),('\"\\n\"'),('1e1000')",
     NULL, "a.v::jsonb = b.v::jsonb", 0},
    {"jsonb",
     "('null'),('true'),('1'),('1.0'),('\"1\"'),('[]'),('{}'),('[1,2]'),"
     "('{\"a\":1,\"b\":2}'),('{\"b\":2, \"a\":1.0}'),('{\"a\":1,\"a\":3}'),"
     "('\"\\u00e4\"'),('\"\xc3\xa4\"'),('1e400'),('[[[]]]'),('[[],[]]')",
     NULL, NULL, 0},
    {"mood", "('sad'),('happy')", NULL, NULL, 0},
    {"cents", "('1.0'),('1.00'),('2')", NULL, NULL, 0},
    {"int4[]",
     "('{}'),('{1}'),('{1,2}'),('{{1,2}}'),('{{1},{2}}'),('{NULL}'),"
     "('[0:1]={1,2}'),('[1:2]={1,2}'),('{{{1}},{{2}}}'),('[2:2][3:4]={{1,2}}')",
     NULL, NULL, 0},
    {"numeric[]", "('{1.0}'),('{1}'),('{1.00,2}'),('{1,2.0}'),('{NaN}')", NULL,
     NULL, 0},
    {"text[]",
     "('{}'),('{\"\"}'),('{NULL}'),('{\"NULL\"}'),('{null}'),('{a,b}'),"
     "('{\"a\",\"b\"}'),('{\"a,b\"}'),('{\"a\\\"b\"}'),('{\"a\\\\b\"}'),"
     "('{\" a\"}'),('{a}'),('{\"{}\"}'),('{\"a b\"}')",
     NULL, NULL, 0},
    {"mood[]", "('{sad}'),('{sad,happy}'),('{sad,NULL}')", NULL, NULL, 0},
    {"timestamptz[]",
     "('{2000-01-01 00:00+00}'),('{2000-01-01 01:00+01}'),"
     "('{2000-01-01 01:00+00}')",
     NULL, NULL, OTHER_TEXT},
    {"box[]", "('{(1,1),(0,0);(2,2),(0,0)}'),('{(1,1),(0,0)}')", NULL,
     "a.v::text = b.v::text", ONE_FORMAT | OTHER_TEXT},
    {"pairs", /* a table's row type */
     "('(1,a)'),('(1.0,a)'),('(1.00,\"a \")'),('(,)'),('(,\"\")'),"
     "('(1,\"a,b\")'),('(1,\"a\"\"b\")'),('(1,\"a\\\\b\")'),"
     "('(1,\"(x)\")')",
     NULL, NULL, 0},
    {"loose", "('(1,a)'),('(1.0,a)'),('(2,a)'),('(,a)'),('(1,\"\")')", NULL,
     NULL, DOUBTFUL},
    {"pairs[]", "('{\"(1,a)\"}'),('{\"(1.0,a)\"}'),('{\"(1,\\\"a,b\\\")\"}')",
     NULL, NULL, 0},
    {"int4range",
     "('empty'),('[1,5)'),('[1,4]'),('(0,5)'),('(,5)'),('[1,)'),('(,)'),"
     "('[3,3)')",
     NULL, NULL, 0},
    {"numrange",
     "('empty'),('[1.0,5)'),('[1,5.00)'),('(1,5)'),('(,5)'),('[1,)'),('(,)'),"
     "('[1,5]')",
     NULL, NULL, 0},
    {"tsrange",
     "('[2020-01-01,2020-01-02)'),('[2020-01-01 00:00,infinity)'),"
     "('[2020-01-01,)')",
     NULL, NULL, 0},
    {"textrange", "('[a,b)'),('[\"a\",b)'),('[\"a,\"\"\",b)'),('[\"\",b)')",
     NULL, NULL, 0},
    {"nummultirange",
     "('{}'),('{[1,2)}'),('{[1.0,2)}'),('{[1,2),[3,4)}'),('{(,2)}')", NULL,
     NULL, 0},
    {"bit(4)", "('0000'),('1111'),('0101')", NULL, NULL,
     ONE_FORMAT | OTHER_TEXT},
    {"varbit", "('0000'),('000'),('1'),('')", NULL, NULL,
     ONE_FORMAT | OTHER_TEXT},
    {"inet", "('1.2.3.4'),('1.2.3.4/32'),('1.2.3.4/24'),('::1')", NULL, NULL,
     ONE_FORMAT | OTHER_TEXT},
    {"macaddr", "('08:00:2b:01:02:03'),('08002b010203')", NULL, NULL,
     ONE_FORMAT | OTHER_TEXT},
    {"money", "('1'),('1.00'),('-2.5')", NULL, NULL, ONE_FORMAT | OTHER_TEXT},
    {"point", "('(1,2)'),('(1.0,2)'),('(2,1)')", NULL, "a.v ~= b.v",
     ONE_FORMAT | OTHER_TEXT},
    {"tsvector", "('a b'),('b a'),('a:1')", NULL, NULL,
     ONE_FORMAT | OTHER_TEXT},
    {"int2vector", "('1 2'),('1  2'),('2 1')", NULL, NULL,
     ONE_FORMAT | OTHER_TEXT},
};

static PGresult *run(int format, const char *sql)
{
	PGresult *result =
	    PQexecParams(connection, sql, 0, NULL, NULL, NULL, NULL, format);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(connection));
	return result;
}

static void order(const char *sql)
{
	PQclear(run(0, sql));
}

static int set_up(void **state)
{
	static const char *const schema[] = {
	    "CREATE TYPE mood AS ENUM ('sad', 'happy')",
	    "CREATE DOMAIN cents AS numeric",
	    "CREATE TABLE pairs (n numeric, gone int, t text)",
	    "ALTER TABLE pairs DROP COLUMN gone",
	    "CREATE TYPE loose AS (n numeric, t text)",
	    "CREATE TYPE textrange AS RANGE (subtype = text, collation = "
	    "\"C\")",
	    "SET timezone = 'Asia/Kolkata'",
	    "SELECT setseed(0.25)",
	};
	struct endpoint endpoint = {
	    .host = getenv("VALUES_HOST"),
	    .port = (int)strtol(getenv("VALUES_PORT"), NULL, 10),
	    .database = "postgres",
	    .user = "postgres",
	};
	const char *const keywords[] = {"host", "port", "user", "dbname", NULL};
	const char *const given[] = {endpoint.host, getenv("VALUES_PORT"),
				     "postgres", "postgres", NULL};
	struct error error;

	(void)state;
	connection = PQconnectdbParams(keywords, given, 0);
	if (PQstatus(connection) != CONNECTION_OK)
		return -1;
	for (size_t i = 0; i < sizeof(schema) / sizeof(*schema); i++)
		order(schema[i]);
	error_init(&error);
	if (adapter_catalog(adapter, &endpoint, &catalog, &error)) {
		fprintf(stderr, "%s\n", error.message);
		return -1;
	}
	arena_init(&arena, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	PQfinish(connection);
	catalog_free(&catalog);
	arena_release(&arena);
	return 0;
}

static struct value cell(const PGresult *rows, int row)
{
	struct value value = {
	    (const uint8_t *)PQgetvalue(rows, row, 0),
	    (uint32_t)PQgetlength(rows, row, 0),
	};

	return value;
}

static bool same_form(const struct value *a, const struct value *b)
{
	return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

/* One pair in one pairing of formats; gives how many were undecided. */
static int check_pair(const struct type_case *one, PGresult *const *fetched,
		      int i, int j, bool equal, int formats)
{
	static const struct value_rules exact;
	uint8_t left = formats & 1;
	uint8_t right = formats >> 1 & 1;
	uint32_t type = PQftype(fetched[0], 0);
	struct value a = cell(fetched[left], i);
	struct value b = cell(fetched[right], j);
	struct value a_form, b_form;
	struct value_side one_side = {values, catalog, type, left, a};
	struct value_side other_side = {values, catalog, type, right, b};
	enum value_result result =
	    value_compare(&one_side, &other_side, &exact);
	enum value_result a_made = value_canonical(&one_side, &arena, &a_form);
	enum value_result b_made =
	    value_canonical(&other_side, &arena, &b_form);
	bool may_doubt = ((one->flags & ONE_FORMAT) && left != right) ||
			 ((one->flags & DOUBTFUL) && (!left || !right));

	if (a_made != VALUE_EQUAL || b_made != VALUE_EQUAL)
		fail_msg("%s: '%s' cannot be read (format %d)", one->type,
			 PQgetvalue(fetched[0], a_made ? i : j, 0), left);
	if (result == VALUE_UNDECIDED && may_doubt)
		return 1;
	if (result != (equal ? VALUE_EQUAL : VALUE_DIFFERENT))
		fail_msg("%s: '%s' and '%s' (formats %d, %d): %d, server %d",
			 one->type, PQgetvalue(fetched[0], i, 0),
			 PQgetvalue(fetched[0], j, 0), left, right, result,
			 equal);
	if (!may_doubt && same_form(&a_form, &b_form) != equal)
		fail_msg("%s: forms of '%s' and '%s' (formats %d, %d)",
			 one->type, PQgetvalue(fetched[0], i, 0),
			 PQgetvalue(fetched[0], j, 0), left, right);
	return 0;
}

static void check_text(const struct type_case *one, PGresult *const *fetched,
		       int row)
{
	uint32_t type = PQftype(fetched[0], 0);
	const char *text =
	    values->text(catalog, type, 1, cell(fetched[1], row), &arena);

	if (!(one->flags & OTHER_TEXT) &&
	    strcmp(text, PQgetvalue(fetched[0], row, 0)))
		fail_msg("%s: '%s' reads as '%s'", one->type,
			 PQgetvalue(fetched[0], row, 0), text);
}

static void check_type(const struct type_case *one)
{
	PGresult *fetched[2];
	PGresult *equality;
	int undecided = 0;
	const char *bits;
	int count;

	order("DROP TABLE IF EXISTS pool");
	order(arena_printf(&arena, "CREATE TABLE pool (n serial, v %s)",
			   one->type));
	order(arena_printf(&arena,
			   "INSERT INTO pool (v) SELECT t::%s FROM (VALUES %s) "
			   "AS literal (t)",
			   one->type, one->literals));
	if (one->made)
		order(arena_printf(&arena,
				   "INSERT INTO pool (v) SELECT (%s)::%s FROM "
				   "generate_series(1, 30)",
				   one->made, one->type));
	fetched[0] = run(0, "SELECT v FROM pool ORDER BY n");
	fetched[1] = run(1, "SELECT v FROM pool ORDER BY n");
	equality = run(
	    0, arena_printf(&arena,
			    "SELECT string_agg(CASE WHEN %s THEN '1' ELSE '0' "
			    "END, '' ORDER BY a.n, b.n) FROM pool a, pool b",
			    one->equal ? one->equal : "a.v = b.v"));
	count = PQntuples(fetched[0]);
	bits = PQgetvalue(equality, 0, 0);
	assert_int_equal(strlen(bits), count * count);
	for (int i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(&arena);

		check_text(one, fetched, i);
		for (int j = 0; j < count; j++)
			for (int formats = 0; formats < 4; formats++)
				undecided += check_pair(
				    one, fetched, i, j,
				    bits[i * count + j] == '1', formats);
		arena_reset(&arena, mark);
	}
	print_message("%-16s %4d values, %6d pairs, %d undecided\n", one->type,
		      count, count * count * 4, undecided);
	PQclear(equality);
	PQclear(fetched[0]);
	PQclear(fetched[1]);
}

static void test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_type(&cases[i]);
}

/* Other ways to write the same: settings that a client may have. */
static void test_styles(void **state)
{
	static const struct {
		const char *setting, *type, *literal;
		enum value_result result; /* against the binary form */
	} styles[] = {
	    {"intervalstyle = iso_8601", "interval",
	     "1 year -2 mons 3 days -04:05:06.7", VALUE_EQUAL},
	    {"intervalstyle = iso_8601", "interval", "0", VALUE_EQUAL},
	    {"intervalstyle = postgres_verbose", "interval",
	     "-1 year 2 mons -3 days 04:05:06.7", VALUE_EQUAL},
	    {"intervalstyle = postgres_verbose", "interval", "0", VALUE_EQUAL},
	    {"intervalstyle = sql_standard", "interval", "1 year 1 day",
	     VALUE_UNDECIDED},
	    {"bytea_output = escape", "bytea", "\\x005c41ff27", VALUE_EQUAL},
	    {"datestyle = 'SQL, DMY'", "timestamptz", "2020-02-01 00:00+00",
	     VALUE_UNDECIDED},
	    {"extra_float_digits = 0", "float8", "0.5", VALUE_EQUAL},
	    {"timezone = 'America/St_Johns'", "timestamptz",
	     "2020-02-01 00:00+00", VALUE_EQUAL},
	};
	static const struct value_rules exact;

	(void)state;
	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++) {
		const char *sql =
		    arena_printf(&arena, "SELECT '%s'::%s", styles[i].literal,
				 styles[i].type);
		struct value_side as_text, as_binary;
		PGresult *text, *binary;

		order("BEGIN");
		order(arena_printf(&arena, "SET LOCAL %s", styles[i].setting));
		text = run(0, sql);
		binary = run(1, sql);
		as_text = (struct value_side){values, catalog, PQftype(text, 0),
					      0, cell(text, 0)};
		as_binary = as_text;
		as_binary.format = 1;
		as_binary.value = cell(binary, 0);
		if (value_compare(&as_text, &as_binary, &exact) !=
		    styles[i].result)
			fail_msg("%s: %s", styles[i].setting,
				 PQgetvalue(text, 0, 0));
		PQclear(text);
		PQclear(binary);
		order("ROLLBACK");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_styles),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
