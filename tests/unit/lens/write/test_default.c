/* What a statement leaves out, and what is generated: (statement) -> its plan. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "jobs(id int4 serial key, title text notnull, at timestamptz clock, token "
    "uuid volatile, size int4 default=3, flag bool default=true, qty "
    "numeric:6.1 default=1.5, twice int4 stored=size*2)"
    "notes(id int8 always key, body text, made timestamptz clock, job int4)"
    "plain(id int4 key, a text default='x', b int4)"
    "same(id int4 serial key, a text, at timestamptz clock, u uuid volatile)"
    "gen(id int4 key, base int4, total int4 stored=base+1)"
    "empty(id int4 key)"
    "lone(id int8 always key, junk text)"
    "jobs_id_seq(){sequence}";
static const char new_schema[] =
    "tasks(no int8 serial key, heading text notnull, at timestamptz clock, "
    "token uuid volatile, size int8, flag text, qty numeric:6.1, kind text "
    "notnull, made timestamptz clock)"
    "notes(id int8 always key, body text, made timestamptz clock, job_no int8)"
    "plain(id int4 key, a text, b int4, extra int4 default=7)"
    "same(id int4 serial key, a text, at timestamptz clock, u uuid volatile)"
    "gen(id int4 key, base int4, total int4, half int4 stored=base/2)"
    "empty(id int4 key, more text)"
    "lone(id int8 always key)"
    "tasks_no_seq(){sequence}";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  jobs:\n"
    "    rows: tasks\n"
    "    columns:\n"
    "      id: \"no\"\n"
    "      title: heading\n"
    "      flag: {column: flag, values: {true: yes, false: no}}\n"
    "      twice: {read: \"size * 2\"}\n"
    "    defaults: {kind: \"'job'\"}\n"
    "  notes: {columns: {job: job_no}}\n"
    "  empty: {}\n"
    "  gen: {}\n"
    "  lone: {columns: {junk: dropped}}\n"
    "sequences: {jobs_id_seq: tasks_no_seq}\n";

static const struct plan_row left_out[] = {
    /* defaults of the old schema that a statement leaves out */
    {"INSERT INTO jobs (id, title) VALUES (1, 'a')",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (1::integer, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job')"},
    {"INSERT INTO jobs (id, title, size) VALUES (1, 'a', DEFAULT), (2, 'b', 9)",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (1::integer, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job'), (2::integer, 'b', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, 9::integer, 'yes', 1.5, 'job')"},
    {"INSERT INTO jobs (id, title, flag) VALUES (1, 'a', DEFAULT), (2, 'b', "
     "false)",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (1::integer, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job'), (2::integer, 'b', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, 3::integer, 'no', 1.5, 'job')"},
    {"INSERT INTO jobs (id, title, at) VALUES (1, 'a', now())",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (1::integer, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job')"},
    {"INSERT INTO jobs (title) VALUES ('a')",
     "INSERT INTO tasks AS jobs (heading, at, size, flag, qty, kind) VALUES "
     "('a', '1970-01-02 00:00:00.000000+00'::timestamptz, 3::integer, 'yes', "
     "1.5, 'job')"},
    {"INSERT INTO jobs (title) VALUES ('a'), ('b') RETURNING id, twice",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (DEFAULT, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job'), (DEFAULT, 'b', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, 3::integer, 'yes', 1.5, 'job') "
     "RETURNING jobs.no AS id, jobs.size * 2 AS twice"},
    {"INSERT INTO jobs (id, title, token) VALUES (DEFAULT, 'a', DEFAULT)",
     "INSERT INTO tasks AS jobs (heading, at, size, flag, qty, kind) VALUES "
     "('a', '1970-01-02 00:00:00.000000+00'::timestamptz, 3::integer, 'yes', "
     "1.5, 'job')"},
    {"INSERT INTO jobs (id, title) SELECT n, 'x' FROM generate_series(1, 2) n",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "SELECT old_row.id::integer, old_row.title::text, '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, 3::integer, 'yes', 1.5, 'job' FROM "
     "(SELECT n.n, 'x' FROM generate_series(1, 2) AS n) AS old_row (id, "
     "title)"},
    {"INSERT INTO jobs (title) SELECT 'x' FROM generate_series(1, 2)",
     "INSERT INTO tasks AS jobs (heading, at, size, flag, qty, kind) SELECT "
     "old_row.title::text, '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job' FROM (SELECT 'x' FROM generate_series(1, "
     "2)) AS old_row (title)"},
    {"INSERT INTO jobs (id, title, twice) VALUES (1, 'a', DEFAULT)",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (1::integer, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job')"},
    {"INSERT INTO jobs (id, title, twice) VALUES (1, 'a', 4)",
     "!the statement gives a value for the generated column \"twice\""},
    {"INSERT INTO jobs DEFAULT VALUES",
     "INSERT INTO tasks AS jobs (at, size, flag, qty, kind) VALUES "
     "('1970-01-02 00:00:00.000000+00'::timestamptz, 3::integer, 'yes', 1.5, "
     "'job')"},
    {"INSERT INTO jobs (id, title, qty) VALUES (1, 'a', 2.26), (2, 'b', "
     "'1.25')",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (1::integer, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 2.26, 'job'), (2::integer, 'b', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, 3::integer, 'yes', '1.25', 'job')"},
    {"INSERT INTO jobs VALUES (1, 'a')",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (1::integer, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz, "
     "3::integer, 'yes', 1.5, 'job')"},
    {"INSERT INTO jobs (title, id) VALUES ('a', nextval('jobs_id_seq'))",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (nextval('public.tasks_no_seq')::integer, 'a', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, 3::integer, 'yes', 1.5, 'job')"},
    {"INSERT INTO jobs (id, title) VALUES (currval('jobs_id_seq'), 'a')",
     "INSERT INTO tasks AS jobs (no, heading, at, size, flag, qty, kind) "
     "VALUES (pg_catalog.currval('public.tasks_no_seq')::int8::integer, 'a', "
     "'1970-01-02 00:00:00.000000+00'::timestamptz, 3::integer, 'yes', 1.5, "
     "'job')"},
    {"UPDATE jobs SET size = DEFAULT, flag = DEFAULT, at = DEFAULT, token = "
     "DEFAULT, qty = DEFAULT",
     "UPDATE tasks AS jobs SET at = '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, token = DEFAULT, size = 3::integer, "
     "flag = 'yes', qty = 1.5"},
    {"UPDATE jobs SET id = DEFAULT", "UPDATE tasks AS jobs SET no = DEFAULT"},
    {"UPDATE jobs SET twice = DEFAULT",
     "UPDATE tasks AS jobs SET no = jobs.no"},
    {"UPDATE jobs SET twice = 3",
     "!the statement gives a value for the generated column \"twice\""},
    {"INSERT INTO notes (body) VALUES ('a') RETURNING id",
     "INSERT INTO notes (id, body, made) OVERRIDING SYSTEM VALUE VALUES "
     "(DEFAULT, 'a', '1970-01-02 00:00:00.000000+00'::timestamptz) RETURNING "
     "notes.id"},
    {"INSERT INTO notes (id, body) VALUES (5, 'a')",
     "INSERT INTO notes (id, body, made) VALUES (5, 'a', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO notes (id, body) OVERRIDING SYSTEM VALUE VALUES (5, 'a')",
     "INSERT INTO notes (id, body, made) OVERRIDING SYSTEM VALUE VALUES (5, "
     "'a', '1970-01-02 00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO notes (id, body) OVERRIDING USER VALUE VALUES (5, 'a')",
     "INSERT INTO notes (body, made) OVERRIDING USER VALUE VALUES ('a', "
     "'1970-01-02 00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO notes (body, job) VALUES ('a', 1), ('b', NULL)",
     "INSERT INTO notes (body, made, job_no) VALUES ('a', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, 1::integer), ('b', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz, NULL::integer)"},
    {"INSERT INTO notes OVERRIDING SYSTEM VALUE SELECT n, 'x', now(), n FROM "
     "generate_series(1, 2) n",
     "INSERT INTO notes (id, body, made, job_no) OVERRIDING SYSTEM VALUE "
     "SELECT old_row.id::bigint, old_row.body::text, old_row.made::timestamp "
     "with time zone, old_row.job::integer FROM (SELECT n.n, 'x', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz AS now, n.n FROM generate_series(1, 2) "
     "AS n) AS old_row (id, body, made, job)"},
    {"UPDATE notes SET id = 7", "="},
};

static const struct plan_row verbatim[] = {
    /* a table that the mapping does not mention takes what the statement says */
    {"INSERT INTO plain VALUES (1)", "="},
    {"INSERT INTO plain (id, a) VALUES (1, DEFAULT)", "="},
    {"INSERT INTO plain DEFAULT VALUES", "="},
    {"INSERT INTO plain (id) SELECT id FROM jobs",
     "INSERT INTO plain (id) SELECT jobs.no AS id FROM tasks AS jobs"},
    {"INSERT INTO plain (id, a) VALUES (1, 'q') ON CONFLICT (id) DO UPDATE SET "
     "a = excluded.a",
     "="},
    {"INSERT INTO plain VALUES (1, 'a', 2), (2, DEFAULT, 3) RETURNING *", "="},
    {"INSERT INTO same (a) VALUES ('x')",
     "INSERT INTO same (a, at) VALUES ('x', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO same (a) VALUES ('x') RETURNING id, at, u",
     "INSERT INTO same (a, id, at, u) VALUES ('x', DEFAULT, COALESCE(NULL, "
     "'1970-01-02 00:00:00.000000+00'::timestamptz::timestamp with time zone), "
     "DEFAULT) RETURNING id, at, u"},
    {"INSERT INTO same VALUES (DEFAULT, 'x')",
     "INSERT INTO same (id, a, at) VALUES (DEFAULT, 'x', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO same DEFAULT VALUES",
     "INSERT INTO same (at) VALUES ('1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO same (a) SELECT title FROM jobs",
     "INSERT INTO same (a, at) SELECT jobs.heading AS title, '1970-01-02 "
     "00:00:00.000000+00'::timestamptz FROM tasks AS jobs"},
    {"INSERT INTO same (id, a) VALUES (nextval('same_id_seq'), 'x') RETURNING "
     "id",
     "INSERT INTO same (id, a, at) VALUES "
     "(pg_catalog.nextval('same_id_seq')::integer, 'x', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz) RETURNING id"},
    {"INSERT INTO same (a, u) VALUES ('x', gen_random_uuid())",
     "INSERT INTO same (a, u, at) VALUES ('x', gen_random_uuid(), '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO same (a, at) VALUES ('x', now()), ('y', DEFAULT)",
     "INSERT INTO same (a, at) VALUES ('x', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz), ('y', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"UPDATE same SET at = now(), u = DEFAULT",
     "UPDATE same SET at = '1970-01-02 00:00:00.000000+00'::timestamptz, u = "
     "DEFAULT"},
    {"WITH w AS (INSERT INTO same (a) VALUES ('x') RETURNING id) INSERT INTO "
     "plain SELECT id FROM w",
     "WITH w AS (INSERT INTO same (a, at) VALUES ('x', '1970-01-02 "
     "00:00:00.000000+00'::timestamptz) RETURNING id) INSERT INTO plain SELECT "
     "id FROM w"},
};

static const struct plan_row generated[] = {
    /* columns that one of the schemas computes */
    {"INSERT INTO gen (id, base) VALUES (1, 5)",
     "INSERT INTO gen (id, base, total) VALUES (1, 5, (5::integer + "
     "1)::integer)"},
    {"INSERT INTO gen (id, base, total) VALUES (1, 5, DEFAULT) RETURNING *",
     "INSERT INTO gen (id, base, total) VALUES (1, 5, (5::integer + "
     "1)::integer) RETURNING gen.id AS id, gen.base AS base, gen.total AS "
     "total"},
    {"INSERT INTO gen SELECT n, n * 2 FROM generate_series(1, 2) n",
     "INSERT INTO gen (id, base, total) SELECT old_row.id::integer, "
     "old_row.base::integer, (old_row.base::integer + 1)::integer FROM (SELECT "
     "n.n, n.n * 2 FROM generate_series(1, 2) AS n) AS old_row (id, base)"},
    {"UPDATE gen SET base = base + 1",
     "UPDATE gen SET (base, total) = (SELECT old_value.base, "
     "(old_value.base::integer + 1)::integer FROM (SELECT (gen.base + "
     "1)::integer AS base) AS old_value)"},
    {"UPDATE gen SET total = DEFAULT", "UPDATE gen SET id = gen.id"},
    {"UPDATE gen SET id = 9 RETURNING total",
     "UPDATE gen SET id = 9 RETURNING gen.total"},
    {"SELECT * FROM gen",
     "SELECT gen.id AS id, gen.base AS base, gen.total AS total FROM gen"},
    {"INSERT INTO empty VALUES (1)", "INSERT INTO empty (id) VALUES (1)"},
    {"INSERT INTO empty DEFAULT VALUES", "="},
};

static const struct plan_row nothing[] = {
    /* all that is set is dropped or computed: the row is updated all the same */
    {"UPDATE jobs SET twice = DEFAULT RETURNING id",
     "UPDATE tasks AS jobs SET no = jobs.no RETURNING jobs.no AS id"},
    {"UPDATE lone SET junk = 'x'",
     "!an UPDATE that changes nothing in the new schema, whose table \"lone\" "
     "has no column that takes a value"},
    {"INSERT INTO lone (junk) VALUES ('x')", "INSERT INTO lone DEFAULT VALUES"},
    {"INSERT INTO lone OVERRIDING SYSTEM VALUE VALUES (5, 'x')",
     "INSERT INTO lone (id) OVERRIDING SYSTEM VALUE VALUES (5)"},
    {"INSERT INTO lone (id, junk) OVERRIDING SYSTEM VALUE VALUES (5, 'a') ON "
     "CONFLICT (id) DO NOTHING",
     "INSERT INTO lone (id) OVERRIDING SYSTEM VALUE VALUES (5) ON CONFLICT "
     "(id) DO NOTHING"},
};

static void test_left_out(void **state)
{
	(void)state;
	CHECK_PLANS(left_out);
}

static void test_verbatim(void **state)
{
	(void)state;
	CHECK_PLANS(verbatim);
}

static void test_generated(void **state)
{
	(void)state;
	CHECK_PLANS(generated);
}

static void test_nothing(void **state)
{
	(void)state;
	CHECK_PLANS(nothing);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_left_out),
	    cmocka_unit_test(test_verbatim),
	    cmocka_unit_test(test_generated),
	    cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
