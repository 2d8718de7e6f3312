/* What a lens says of a table, for work on rows at rest: (mapping) -> its places and
 * columns, as about_text() writes them. */
#include "unit/lens/support.h"

/* One line: the tables with what each is for, "|", the columns with what each is. */
static const char *place_text(const struct lens_about_place *place)
{
	static const char *const uses[] = {"", ":values", ":read"};

	return arena_printf(&arena, " %s%s%s", place->table->name,
			    uses[place->use], place->joined ? ":joined" : "");
}

static const char *column_text(const struct lens_about_column *column)
{
	const char *text =
	    arena_printf(&arena, " %s=%s%s%s", column->old->name,
			 column->stored ? column->home->name : "",
			 column->stored ? "." : "-",
			 column->stored ? column->stored->name : "");
	const struct {
		bool is;
		const char *name;
	} flags[] = {
	    {column->dropped, "dropped"},	{column->lost, "lost"},
	    {!column->writable, "read-only"},	{column->computed, "computed"},
	    {column->direct, "direct"},		{column->plain, "plain"},
	    {column->value_count, "values"},	{column->ignore, "ignored"},
	    {column->shown, "shown"},		{column->tolerance > 0, "near"},
	    {column->own_value != NULL, "own"},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].is)
			text =
			    arena_printf(&arena, "%s:%s", text, flags[i].name);
	return text;
}

static const char *about_text(const char *name)
{
	struct lens_about about;
	const char *text;

	lens_about(lens, catalog_table(old_catalog, "public", name), &arena,
		   &about);
	if (about.dropped)
		return "dropped";
	text = about.mapped ? "mapped" : "as it was";
	if (about.absorbed)
		text = arena_printf(&arena, "%s absorbed(%s)", text,
				    about.host ? about.host->name : "");
	if (about.loses)
		text = arena_printf(&arena, "%s loses", text);
	if (about.looks_in_itself)
		text = arena_printf(&arena, "%s looks-in-itself", text);
	for (size_t i = 0; i < about.place_count; i++)
		text = arena_printf(&arena, "%s%s", text,
				    place_text(&about.places[i]));
	text = arena_printf(&arena, "%s |", text);
	for (size_t i = 0; i < about.old->column_count; i++)
		text = arena_printf(&arena, "%s%s", text,
				    column_text(&about.columns[i]));
	return text;
}

static const struct row {
	const char *old_schema, *new_schema;
	const char *mapping; /* of table t, below `tables`; or NULL */
	const char *expected;
} rows[] = {
    {"t(id int4 key, a text)", "t(id int4 key, a text)", NULL,
     "as it was t | id=t.id:direct:plain a=t.a:direct:plain"},
    {"t(id int4 key, a text)", "t(id int8 key, a text, more int4)", NULL,
     "as it was t | id=t.id:direct a=t.a:direct:plain"},
    {"t(id int4 key, a text, gone int4)", "t(id int4 key, a text)", NULL,
     "as it was loses t | id=t.id:direct:plain a=t.a:direct:plain gone=-:lost"},
    {"t(id int4 key, a text)", "t(id int4 key, a text)", "  t: {}",
     "as it was t | id=t.id:direct:plain a=t.a:direct:plain"},
    {"t(id int4 key, a text)", "s(id int4 key, a text)", "  t: {rows: s}",
     "mapped s | id=s.id:direct:plain a=s.a:direct:plain"},
    {"t(id int4 key, a text)", "other.s(id int4 key, a text)",
     "  t: {rows: other.s}",
     "mapped s | id=s.id:direct:plain a=s.a:direct:plain"},
    {"t(id int4 key, a text)", "s(id int4 key)", "  t: dropped", "dropped"},
    {"t(id int4 key, a text)", "t(id int4 key, c text)",
     "  t: {columns: {a: c}}",
     "mapped t | id=t.id:direct:plain a=t.c:direct:plain"},
    {"t(id int4 key, a text)", "t(id int4 key)", "  t: {columns: {a: dropped}}",
     "mapped t | id=t.id:direct:plain a=-:dropped"},
    {"t(id int4 key, a text)", "t(id int4 key)",
     "  t: {columns: {a: {dropped: true, read: \"'x'\"}}}",
     "mapped t | id=t.id:direct:plain a=-:dropped"},
    {"t(id int4 key, a text)", "t(id int4 key, dropped text)",
     "  t: {columns: {a: 'dropped'}}",
     "mapped t | id=t.id:direct:plain a=t.dropped:direct:plain"},
    {"t(id int4 key, a text)", "t(id int8 key, a varchar)",
     "  t: {columns: {a: a}}", "mapped t | id=t.id:direct a=t.a:direct"},
    {"t(id int4 key, b bool)", "t(id int4 key, s text)",
     "  t: {columns: {b: {column: s, values: {true: y, false: n}}}}",
     "mapped t | id=t.id:direct:plain b=t.s:direct:values"},
    {"t(id int4 key, p numeric)", "t(id int4 key, c int8)",
     "  t: {columns: {p: {column: c, read: c / 100.0, write: p * 100}}}",
     "mapped t | id=t.id:direct:plain p=t.c"},
    {"t(id int4 key, p numeric)", "t(id int4 key, c int8)",
     "  t: {columns: {p: {read: c / 100.0, write: {c: p * 100}}}}",
     "mapped t | id=t.id:direct:plain p=-"},
    {"t(id int4 key, p numeric)", "t(id int4 key, c int8)",
     "  t: {columns: {p: {read: c / 100.0}}}",
     "mapped t | id=t.id:direct:plain p=-:read-only"},
    {"t(id int4 key, a text)", "t(id int4 key, f text, l text)",
     "  t: {columns: {a: {read: f || l, write: {f: 'left(a, 1)', l: 'substr(a, "
     "2)'}}}}",
     "mapped t | id=t.id:direct:plain a=-"},
    {"t(id int4 key, f text, l text)", "t(id int4 key, a text)",
     "  t: {columns: {f: {read: 'left(a, 1)', write: {a: f || l}}, l: {read: "
     "'substr(a, 2)', write: {a: f || l}}}}",
     "mapped t | id=t.id:direct:plain f=- l=-"},
    {"t(id int4 key, a text)", "t(id int4 key, a text, k int4 notnull)",
     "  t: {defaults: {k: '1'}}",
     "mapped t | id=t.id:direct:plain a=t.a:direct:plain"},
    {"t(id int4 key, land text)",
     "t(id int4 key, land_id int4) l(id int4 key, name text)",
     "  t: {columns: {land: {lookup: {table: l, value: name, key: id, column: "
     "land_id}}}}",
     "mapped t l:read | id=t.id:direct:plain land=t.land_id"},
    {"t(id int4 key, land text)",
     "t(id int4 key, land_id int4) l(id int4 key, name text)",
     "  t: {columns: {land: {lookup: {table: l, value: name, key: id, column: "
     "land_id, create: true}}}}",
     "mapped t l:values | id=t.id:direct:plain land=t.land_id"},
    {"t(id int4 key, boss int4)",
     "t(uid uuid key volatile, id int4 unique, boss_uid uuid)",
     "  t: {columns: {boss: {lookup: {table: t, value: id, key: uid, column: "
     "boss_uid}}}}",
     "mapped looks-in-itself t | id=t.id:direct:plain boss=t.boss_uid:own"},
    {"t(id int4 key, land_id int4) l(id int4 key, name text)",
     "t(id int4 key, land text) l(id int4 key, name text)",
     "  t: {columns: {land_id: {read: '(SELECT l.id FROM l WHERE l.name = "
     "land)', write: {land: '(SELECT l.name FROM l WHERE l.id = land_id)'}}}}",
     "mapped t l:read | id=t.id:direct:plain land_id=-"},
    {"t(id int4 key, bio text)", "t(id int4 key) p(t_id int4 key, bio text)",
     "  t: {rows: [t, {table: p, join: {t_id: id}}], columns: {bio: p.bio}}",
     "mapped t p:joined | id=t.id:direct:plain bio=p.bio:direct:plain"},
    {"t(id int4 key, bio text)", "t(id int4 key) p(t_id int4 key, bio text)",
     "  t: {rows: [t, {table: p, as: x, join: {t_id: id}, when: bio IS NOT "
     "NULL}], columns: {bio: x.bio}}",
     "mapped t p:joined | id=t.id:direct:plain bio=p.bio:direct:plain"},
    {"t(id int4 key, a text)", "x(id int4 key, a text) y(id int4 key, a text)",
     "  t: {rows: {any_of: [{table: x, when: id > 0}, {table: y}]}}",
     "mapped x y | id=x.id:direct:plain a=x.a:direct:plain"},
    {"t(id int4 key, a text)", "s(id int4 key, a text, kind text)",
     "  t: {rows: {table: s, where: kind = 't', set: {kind: \"'t'\"}}}",
     "mapped s | id=s.id:direct:plain a=s.a:direct:plain"},
    {"h(id int4 key, m text) t(h_id int4 key, street text)",
     "h(id int4 key, m text, street text)",
     "  t: {rows: {table: h, key: {h_id: id}, absorbed: true}}",
     "mapped absorbed(h) h | h_id=h.id street=h.street:direct:plain"},
    {"t(h_id int4 key, street text)", "h(id int4 key, m text, street text)",
     "  t: {rows: {table: h, key: {h_id: id}, absorbed: true}}",
     "mapped absorbed() h | h_id=h.id street=h.street:direct:plain"},
    {"t(id int4 key, n int4)", "t(id int4 key, n int4 stored=1)",
     "  t: {columns: {n: n}}",
     "mapped t | id=t.id:direct:plain n=t.n:computed:direct:plain"},
    {"t(id int4 key, n int4 stored=1)", "t(id int4 key, n int4)",
     "  t: {columns: {n: n}}", "mapped t | id=t.id:direct:plain n=t.n"},
    {"t(id int4 key, n int4)", "t(id int4 key, n int4)",
     "  t: {}\ncompare: {t.n: {tolerance: 0.5}, t.id: ignore}\nprivate: {t.n: "
     "public}",
     "as it was t | id=t.id:direct:plain:ignored "
     "n=t.n:direct:plain:shown:near"},
    {"t(id int4 key, n int4 default=1)", "t(id int4 key, n int4 default=2)",
     "  t: {}", "mapped t | id=t.id:direct:plain n=t.n:direct:plain"},
    {"t(id int4 key) {view SELECT 1 AS id}", "s(id int4)", NULL, "dropped"},
    {"t(a int4, b int4) {key a b}", "t(b int4, a int4) {key a b}", "  t: {}",
     "mapped t | a=t.a:direct:plain b=t.b:direct:plain"},
};

static void test_tables(void **state)
{
	struct differing differing = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[1024];

		snprintf(text, sizeof(text), "version: 1\ntables:\n%s\n",
			 rows[i].mapping ? rows[i].mapping : "");
		assert_int_equal(start_lens(rows[i].old_schema,
					    rows[i].new_schema,
					    rows[i].mapping ? text : NULL),
				 0);
		row_is(&differing,
		       rows[i].mapping ? rows[i].mapping : rows[i].new_schema,
		       about_text("t"), rows[i].expected);
		stop_lens(NULL);
	}
	assert_int_equal(differing.count, 0);
}

static void test_listed_values(void **state)
{
	static const struct {
		const char *table, *text;
		bool listed;
	} values[] = {
	    {"b", "true", true}, {"b", "t", true},	{"b", "TRUE", true},
	    {"b", "0", true},	 {"b", "maybe", false}, {"n", "1", true},
	    {"n", "1.0", true},	 {"n", "01", true},	{"n", "3", false},
	    {"n", "", false},	 {"a", "x", true},	{"a", "X", false},
	    {"a", NULL, true},
	};
	const struct catalog_table *table;
	struct lens_about about;

	(void)state;
	assert_int_equal(
	    start_lens("t(id int4 key, a text, b bool, n int4)",
		       "t(id int4 key, a text, b text, n text)",
		       "version: 1\ntables:\n  t:\n    columns:\n"
		       "      a: {column: a, values: {x: u}}\n"
		       "      b: {column: b, values: {true: y, false: n}}\n"
		       "      n: {column: n, values: {1: one, 2: two}}\n"),
	    0);
	table = catalog_table(old_catalog, "public", "t");
	lens_about(lens, table, &arena, &about);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		const struct catalog_column *column =
		    catalog_column(table, values[i].table);

		if (lens_lists_value(lens,
				     &about.columns[column - table->columns],
				     values[i].text) != values[i].listed)
			fail_msg("%s %s", values[i].table, values[i].text);
	}
	stop_lens(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_listed_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
