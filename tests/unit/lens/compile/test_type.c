/* Types that the new schema calls otherwise, or has no more: (statement) -> its plan. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "mood{sad ok}"
    "gone{a b}"
    "t(id int4 key, m mood, ms mood[], g gone, v varchar:5, n numeric:6.2)"
    "c(id int4 key, p_id int4 refs=t, land text)";
static const char new_schema[] =
    "feel{sad ok}"
    "s(id int8 key, m feel, ms feel[], g text, v varchar:5, n numeric:6.2)"
    "c(id int4 key, p_id int4, land text)";
static const char mapping[] = "version: 1\n"
			      "tables:\n"
			      "  t: {rows: s}\n"
			      "types: {mood: feel}\n";

static const struct plan_row casts[] = {
    /* the types that a statement names are those of the new schema */
    {"SELECT 'sad'::mood, CAST('ok' AS mood), mood 'sad', 'sad'::public.mood",
     "SELECT 'sad'::feel AS mood, 'ok'::feel AS mood, 'sad'::feel AS mood, "
     "'sad'::public.feel AS mood"},
    {"SELECT '{sad}'::mood[], ARRAY['sad']::mood[]",
     "SELECT '{sad}'::feel[] AS mood, ARRAY['sad']::feel[]"},
    {"SELECT NULL::mood, $1::mood",
     "SELECT NULL::feel AS mood, $1::feel AS mood"},
    {"SELECT 'sad'::\"mood\", 'sad'::other.mood, 'sad'::feel",
     "SELECT 'sad'::feel AS mood, 'sad'::other.feel AS mood, 'sad'::feel"},
    {"SELECT m::text, m::mood FROM t",
     "SELECT t.m::text, t.m::feel FROM s AS t"},
    {"SELECT id FROM t WHERE m = 'sad'::mood AND ms @> '{ok}'::mood[]",
     "SELECT t.id FROM s AS t WHERE t.m = 'sad'::feel AND t.ms @> "
     "'{ok}'::feel[]"},
    {"SELECT id FROM t WHERE m = ANY ('{sad}'::mood[])",
     "SELECT t.id FROM s AS t WHERE t.m = ANY ('{sad}'::feel[])"},
    {"SELECT enum_range(NULL::mood)", "SELECT enum_range(NULL::feel)"},
    {"SELECT 'a'::gone", "!the statement names type \"gone\", which the new "
			 "schema lacks: give its new type under `types`"},
    {"SELECT g::gone, g::text FROM t",
     "!the statement names type \"gone\", which the new schema lacks: give its "
     "new type under `types`"},
    {"SELECT id FROM t WHERE g = 'a'::gone",
     "!the statement names type \"gone\", which the new schema lacks: give its "
     "new type under `types`"},
    {"SELECT 1::numeric(6,2), 'x'::varchar(5), 'x'::character(3)", "="},
    {"INSERT INTO t (id, m, ms, g) VALUES (1, 'sad', '{ok}', 'a')",
     "INSERT INTO s AS t (id, m, ms, g) VALUES (1::integer, 'sad', "
     "'{ok}'::public.feel[], 'a'::text)"},
    {"INSERT INTO t (id, m, g) SELECT 1, 'sad'::mood, 'a'::gone",
     "!the statement names type \"gone\", which the new schema lacks: give its "
     "new type under `types`"},
    {"INSERT INTO t (id, v, n) VALUES (1, 'longer than it', 1.005)",
     "INSERT INTO s AS t (id, v, n) VALUES (1::integer, 'longer than it', "
     "1.005)"},
    {"INSERT INTO t (id, v, n) SELECT 1, 'longer than it', 1.005",
     "INSERT INTO s AS t (id, v, n) SELECT old_row.id::integer, "
     "old_row.v::varchar, old_row.n::numeric(6, 2) FROM (SELECT 1, 'longer "
     "than it', 1.005) AS old_row (id, v, n)"},
    {"UPDATE t SET m = 'ok'::mood, ms = ms || 'sad'::mood",
     "UPDATE s AS t SET m = 'ok'::feel, ms = (t.ms || "
     "'sad'::feel)::public.feel[]"},
    {"UPDATE t SET v = lower(v), n = n * 2",
     "UPDATE s AS t SET v = lower(t.v), n = t.n * 2"},
    {"CREATE TEMP TABLE x (m mood, ms mood[])",
     "CREATE TEMPORARY TABLE x (m feel, ms feel[])"},
    {"PREPARE p (mood, int) AS SELECT $1, id FROM t WHERE m = $1",
     "PREPARE p (feel, integer) AS SELECT $1, t.id FROM s AS t WHERE t.m = $1"},
    {"SELECT x.m FROM json_to_record('{}') AS x (m mood)",
     "SELECT x.m FROM json_to_record('{}') AS x (m feel)"},
    {"COPY t (id, m) FROM STDIN", "COPY public.s (id, m) FROM STDIN"},
};

static void test_casts(void **state)
{
	(void)state;
	CHECK_PLANS(casts);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_casts),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
