/*
 * The statements that compare two tables by checksums: (table, what is asked) -> the
 * text. Table t is as catalogs.h reads it; the columns behind "|" are compared by value,
 * those with a "~" have another type on the shadow.
 */
#include "adapters/checksum.h"
#include "unit/lens/support.h"

static struct checksum_column columns[64], keys[8];

/* "id b ~c | f": fills columns, returns how many there are. */
static size_t columns_of(const struct catalog_table *table, const char *names,
			 struct checksum_column *out, size_t *strict)
{
	char *text = arena_string(&arena, names), *save = NULL;
	size_t count = 0;

	*strict = SIZE_MAX;
	for (char *name = strtok_r(text, " ", &save); name;
	     name = strtok_r(NULL, " ", &save)) {
		if (!strcmp(name, "|")) {
			*strict = count;
			continue;
		}
		out[count].exact = *name != '~';
		out[count].column =
		    catalog_column(table, name + (*name == '~'));
		assert_non_null(out[count].column);
		count++;
	}
	if (*strict == SIZE_MAX)
		*strict = count;
	return count;
}

/* names: of the columns; key: of its columns, with a "|" behind those of ranges. */
static struct checksum_table table_of(const char *schema, const char *names,
				      const char *key, bool portable)
{
	struct checksum_table table = {.portable = portable};

	old_catalog = catalog_of(schema);
	table.catalog = old_catalog;
	table.table = &old_catalog->tables[0];
	table.columns = columns;
	table.key = keys;
	table.column_count =
	    columns_of(table.table, names, columns, &table.strict_count);
	table.key_count =
	    columns_of(table.table, key, keys, &table.range_count);
	return table;
}

static const struct value one[] = {{(const uint8_t *)"1", 1},
				   {(const uint8_t *)"it's", 4}};
static const struct value nine[] = {{(const uint8_t *)"9", 1}, {NULL, 0}};
/* Two keys, of two columns at most. */
static const struct value two[] = {{(const uint8_t *)"1", 1},
				   {(const uint8_t *)"it's", 4},
				   {(const uint8_t *)"9", 1},
				   {NULL, 0}};
static const uint32_t numbers[] = {3, 1023};

/* What is asked of a table; names of the rows below. */
static const char *asked(const struct checksum_table *table, const char *what)
{
	static const bool first[] = {true, false, false, false},
			  second[] = {false, true, false, false},
			  third[] = {false, false, true, false};
	const struct checksum_ops *ops = adapter_find("postgres")->checksum;
	static const struct value texts[] = {{(const uint8_t *)"7", 1},
					     {(const uint8_t *)"o'b\\", 4},
					     {NULL, 0},
					     {(const uint8_t *)"", 0}};
	const struct checksum_range all = {0},
				    range = {.from = one, .to = nine},
				    above = {.from = one},
				    some = {.buckets = numbers,
					    .bucket_count = 2},
				    both = {.to = nine,
					    .buckets = numbers,
					    .bucket_count = 1},
				    nulls = {.nulls = true};
	const struct {
		const char *name;
		const char *text;
	} answers[] = {
	    {"total", ops->total(&arena, table, &all)},
	    {"total range", ops->total(&arena, table, &range)},
	    {"total above", ops->total(&arena, table, &above)},
	    {"total buckets", ops->total(&arena, table, &some)},
	    {"buckets", ops->buckets(&arena, table, &all)},
	    {"buckets range", ops->buckets(&arena, table, &both)},
	    {"rows", ops->rows(&arena, table, &all)},
	    {"extent", table->key_count ? ops->extent(&arena, table) : ""},
	    {"boundary", ops->boundary(&arena, table, one, 1000)},
	    {"boundary first", ops->boundary(&arena, table, NULL, 0)},
	    {"rows nulls",
	     table->key_count ? ops->rows(&arena, table, &nulls) : ""},
	    {"values", ops->values(&arena, table, one, 1, false)},
	    {"values raw", ops->values(&arena, table, two, 2, true)},
	    {"insert", ops->insert(&arena, table, texts)},
	    {"update", ops->update(&arena, table, one, texts, second)},
	    {"update first", ops->update(&arena, table, one, texts, first)},
	    {"update third", ops->update(&arena, table, one, texts, third)},
	    {"remove", ops->remove(&arena, table, one)},
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (!strcmp(answers[i].name, what))
			return answers[i].text;
	fail_msg("%s", what);
	return NULL;
}

struct row {
	const char *schema, *columns, *key, *what, *expected;
};

/* each class of type, as it is and of another type on the shadow */
static const struct row classes_rows[] = {
    {"mood{sad ok} t(a int4 notnull)", "a", "", "total",
     "SELECT count(*), sum((pg_catalog.hashint8extended(\"a\", 0) # \"a\")) "
     "FROM \"public\".\"t\""},
    {"mood{sad ok} t(a int4 notnull)", "~a", "", "total",
     "SELECT count(*), "
     "sum(pg_catalog.hashtextextended((pg_catalog.trim_scale((\"a\")::numeric))"
     "::text COLLATE \"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a int8 notnull)", "a", "", "total",
     "SELECT count(*), sum((pg_catalog.hashint8extended(\"a\", 0) # \"a\")) "
     "FROM \"public\".\"t\""},
    {"mood{sad ok} t(a bool notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashint8extended(CASE WHEN (\"a\") THEN "
     "1 WHEN NOT (\"a\") THEN 2 ELSE 3 END, 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a bool notnull)", "~a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashint8extended(CASE WHEN "
     "(\"a\")::boolean THEN 1 WHEN NOT (\"a\")::boolean THEN 2 ELSE 3 END, 0)) "
     "FROM \"public\".\"t\""},
    {"mood{sad ok} t(a numeric notnull)", "a", "", "total",
     "SELECT count(*), "
     "sum(pg_catalog.hashtextextended((pg_catalog.trim_scale((\"a\")::numeric))"
     "::text COLLATE \"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a numeric:10.2 notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended((\"a\")::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a numeric:10.2 notnull)", "~a", "", "total",
     "SELECT count(*), "
     "sum(pg_catalog.hashtextextended((pg_catalog.trim_scale((\"a\")::numeric))"
     "::text COLLATE \"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a float8 notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashfloat8extended((\"a\"), 0)) FROM "
     "\"public\".\"t\""},
    {"mood{sad ok} t(a float8 notnull)", "~a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashfloat8extended((\"a\")::double "
     "precision, 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a text notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a text notnull)", "~a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\")::text)::text "
     "COLLATE \"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a varchar:9 notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a bpchar:3 notnull)", "a", "", "total",
     "SELECT count(*), "
     "sum(pg_catalog.hashtextextended((((\"a\")::bpchar)::text)::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a bytea notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a date notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a timestamp notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a timestamptz notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a interval notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a uuid notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a json notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\")::jsonb)::text "
     "COLLATE \"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a jsonb notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a text[] notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a text[] notnull)", "~a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\")::text)::text "
     "COLLATE \"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a mood notnull)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashtextextended(((\"a\"))::text COLLATE "
     "\"C\", 0)) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a int4)", "a", "", "total",
     "SELECT count(*), sum((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 "
     "# CASE WHEN \"a\" IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0))) "
     "FROM \"public\".\"t\""},
    {"mood{sad ok} t(a bool)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashint8extended(CASE WHEN (\"a\") THEN "
     "1 WHEN NOT (\"a\") THEN 2 ELSE 3 END, (0 # CASE WHEN (\"a\") IS NULL "
     "THEN 1 ELSE 0 END))) FROM \"public\".\"t\""},
    {"mood{sad ok} t(a float8)", "a", "", "total",
     "SELECT count(*), sum(pg_catalog.hashfloat8extended(coalesce((\"a\"), 0), "
     "(0 # CASE WHEN (\"a\") IS NULL THEN 1 ELSE 0 END))) FROM "
     "\"public\".\"t\""},
    {"mood{sad ok} t(a text)", "a", "", "total",
     "SELECT count(*), "
     "sum(pg_catalog.hashtextextended(coalesce(((\"a\"))::text COLLATE \"C\", "
     "''), (0 # CASE WHEN (\"a\") IS NULL THEN 1 ELSE 0 END))) FROM "
     "\"public\".\"t\""},
    {"mood{sad ok} t(a numeric)", "a", "", "total",
     "SELECT count(*), "
     "sum(pg_catalog.hashtextextended(coalesce((pg_catalog.trim_scale((\"a\")::"
     "numeric))::text COLLATE \"C\", ''), (0 # CASE WHEN "
     "pg_catalog.trim_scale((\"a\")::numeric) IS NULL THEN 1 ELSE 0 END))) "
     "FROM \"public\".\"t\""},
};

/* the slow form */
static const struct row portable_rows[] = {
    {"t(a int4, b text, c numeric, d bpchar:3)", "a ~b c d", "", "total",
     "SELECT count(*), sum(('x' || substr(md5(convert_to(ROW(\"a\", "
     "(\"b\")::text, regexp_replace(((\"c\")::numeric)::text, "
     "'(\\.[0-9]*[1-9])0+$|\\.0*$', '\\1'), ((\"d\")::bpchar)::text)::text, "
     "'UTF8')), 1, 16))::bit(64)::bigint) FROM \"public\".\"t\""},
    {"t(a int4 key, b text)", "a b", "a", "buckets",
     "SELECT s.b, count(*), sum(s.h) FROM (SELECT (coalesce(('x' || "
     "substr(md5(convert_to(ROW(\"a\")::text, 'UTF8')), 1, "
     "16))::bit(64)::bigint, 0) & 1023) AS b, ('x' || "
     "substr(md5(convert_to(ROW(\"a\", (\"b\"))::text, 'UTF8')), 1, "
     "16))::bit(64)::bigint AS h FROM \"public\".\"t\") AS s GROUP BY s.b"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id", "rows",
     "SELECT \"id\" AS k0, ('x' || substr(md5(convert_to(ROW(\"id\", "
     "(\"name\"))::text, 'UTF8')), 1, 16))::bit(64)::bigint AS h, (\"f\") AS "
     "c2 FROM \"public\".\"t\""},
};

/* ranges, buckets, keys */
static const struct row statements_rows[] = {
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "total",
     "SELECT count(*), sum(pg_catalog.hashfloat8extended(coalesce((\"f\"), 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN (\"f\") "
     "IS NULL THEN 1 ELSE 0 END))) FROM \"public\".\"t\""},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "total range",
     "SELECT count(*), sum(pg_catalog.hashfloat8extended(coalesce((\"f\"), 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN (\"f\") "
     "IS NULL THEN 1 ELSE 0 END))) FROM \"public\".\"t\" WHERE \"id\" > '1' "
     "AND \"id\" <= '9'"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "total above",
     "SELECT count(*), sum(pg_catalog.hashfloat8extended(coalesce((\"f\"), 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN (\"f\") "
     "IS NULL THEN 1 ELSE 0 END))) FROM \"public\".\"t\" WHERE \"id\" > '1'"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "total buckets",
     "SELECT count(*), sum(pg_catalog.hashfloat8extended(coalesce((\"f\"), 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN (\"f\") "
     "IS NULL THEN 1 ELSE 0 END))) FROM \"public\".\"t\" WHERE "
     "(coalesce((pg_catalog.hashint8extended(\"id\", 7) # \"id\"), 0) & 1023) "
     "IN (3, 1023)"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "buckets",
     "SELECT s.b, count(*), sum(s.h) FROM (SELECT "
     "(coalesce((pg_catalog.hashint8extended(\"id\", 7) # \"id\"), 0) & 1023) "
     "AS b, pg_catalog.hashfloat8extended(coalesce((\"f\"), 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN (\"f\") "
     "IS NULL THEN 1 ELSE 0 END)) AS h FROM \"public\".\"t\") AS s GROUP BY "
     "s.b"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "buckets range",
     "SELECT s.b, count(*), sum(s.h) FROM (SELECT "
     "(coalesce((pg_catalog.hashint8extended(\"id\", 7) # \"id\"), 0) & 1023) "
     "AS b, pg_catalog.hashfloat8extended(coalesce((\"f\"), 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN (\"f\") "
     "IS NULL THEN 1 ELSE 0 END)) AS h FROM \"public\".\"t\" WHERE \"id\" <= "
     "'9' AND (coalesce((pg_catalog.hashint8extended(\"id\", 7) # \"id\"), 0) "
     "& 1023) IN (3)) AS s GROUP BY s.b"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id", "rows",
     "SELECT \"id\" AS k0, pg_catalog.hashtextextended(((\"name\"))::text "
     "COLLATE \"C\", (pg_catalog.hashint8extended(\"id\", 0) # \"id\")) AS h, "
     "(\"f\") AS c2 FROM \"public\".\"t\""},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "rows nulls",
     "SELECT \"id\" AS k0, pg_catalog.hashtextextended(((\"name\"))::text "
     "COLLATE \"C\", (pg_catalog.hashint8extended(\"id\", 0) # \"id\")) AS h, "
     "(\"f\") AS c2 FROM \"public\".\"t\" WHERE \"id\" IS NULL"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "extent", "SELECT min(\"id\"), max(\"id\") FROM \"public\".\"t\""},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "boundary",
     "SELECT \"id\" FROM \"public\".\"t\" WHERE \"id\" > '1' ORDER BY \"id\" "
     "OFFSET 999 LIMIT 1"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "boundary first",
     "SELECT \"id\" FROM \"public\".\"t\" ORDER BY \"id\" OFFSET 0 LIMIT 1"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "values",
     "SELECT \"id\" AS k0, \"id\" AS c0, (\"name\") AS c1, (\"f\") AS c2 FROM "
     "\"public\".\"t\" WHERE \"id\" IN ('1')"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "values raw",
     "SELECT \"id\" AS k0, \"id\" AS c0, \"name\" AS c1, \"f\" AS c2 FROM "
     "\"public\".\"t\" WHERE \"id\" IN ('1', 'it''s')"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "insert",
     "INSERT INTO \"public\".\"t\" (\"id\", \"name\", \"f\") VALUES ('7', "
     "'o''b\\', NULL)"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "update",
     "UPDATE \"public\".\"t\" SET \"name\" = 'o''b\\' WHERE \"id\" IN ('1')"},
    {"t(id int4 key, name text notnull, f float8)", "id name | f", "id",
     "remove", "DELETE FROM \"public\".\"t\" WHERE \"id\" IN ('1')"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id name",
     "total range",
     "SELECT count(*), sum((pg_catalog.hashint8extended(coalesce(\"n\", 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN \"n\" IS "
     "NULL THEN 1 ELSE 0 END)) # coalesce(\"n\", 0))) FROM \"public\".\"t\" "
     "WHERE (\"id\", \"name\") > ('1', 'it''s') AND (\"id\", \"name\") <= "
     "('9', NULL)"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id name",
     "boundary",
     "SELECT \"id\", \"name\" FROM \"public\".\"t\" WHERE (\"id\", \"name\") > "
     "('1', 'it''s') ORDER BY \"id\", \"name\" OFFSET 999 LIMIT 1"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id name",
     "values",
     "SELECT \"id\" AS k0, (\"name\") AS k1, \"id\" AS c0, (\"name\") AS c1, "
     "\"n\" AS c2 FROM \"public\".\"t\" WHERE (\"id\", \"name\") IN (('1', "
     "'it''s'))"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id name",
     "values raw",
     "SELECT \"id\" AS k0, (\"name\") AS k1, \"id\" AS c0, \"name\" AS c1, "
     "\"n\" AS c2 FROM \"public\".\"t\" WHERE (\"id\", \"name\") IN (('1', "
     "'it''s'), ('9', NULL))"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id name",
     "remove",
     "DELETE FROM \"public\".\"t\" WHERE (\"id\", \"name\") IN (('1', "
     "'it''s'))"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id name",
     "extent", "SELECT min(\"id\"), max(\"id\") FROM \"public\".\"t\""},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id | name",
     "total range",
     "SELECT count(*), sum((pg_catalog.hashint8extended(coalesce(\"n\", 0), "
     "(pg_catalog.hashtextextended(((\"name\"))::text COLLATE \"C\", "
     "(pg_catalog.hashint8extended(\"id\", 0) # \"id\")) # CASE WHEN \"n\" IS "
     "NULL THEN 1 ELSE 0 END)) # coalesce(\"n\", 0))) FROM \"public\".\"t\" "
     "WHERE \"id\" > '1' AND \"id\" <= '9'"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id | name",
     "boundary",
     "SELECT \"id\" FROM \"public\".\"t\" WHERE \"id\" > '1' ORDER BY \"id\" "
     "OFFSET 999 LIMIT 1"},
    {"t(id int4, name text, n int4){key id name}", "id name n", "id | name",
     "values",
     "SELECT \"id\" AS k0, (\"name\") AS k1, \"id\" AS c0, (\"name\") AS c1, "
     "\"n\" AS c2 FROM \"public\".\"t\" WHERE (\"id\", \"name\") IN (('1', "
     "'it''s'))"},
    {"t(a int4, b text)", "a b", "", "buckets",
     "SELECT s.b, count(*), sum(s.h) FROM (SELECT "
     "(coalesce(pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE "
     "\"C\", ''), ((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE "
     "WHEN \"a\" IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN "
     "(\"b\") IS NULL THEN 1 ELSE 0 END)), 0) & 1023) AS b, "
     "pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE \"C\", ''), "
     "((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE WHEN \"a\" "
     "IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN (\"b\") IS "
     "NULL THEN 1 ELSE 0 END)) AS h FROM \"public\".\"t\") AS s GROUP BY s.b"},
    {"t(a int4, b text)", "a b", "", "rows",
     "SELECT pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE "
     "\"C\", ''), ((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE "
     "WHEN \"a\" IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN "
     "(\"b\") IS NULL THEN 1 ELSE 0 END)) AS h FROM \"public\".\"t\""},
    {"t(a int4, b text)", "a b", "", "values",
     "SELECT pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE "
     "\"C\", ''), ((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE "
     "WHEN \"a\" IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN "
     "(\"b\") IS NULL THEN 1 ELSE 0 END)) AS h, \"a\" AS c0, (\"b\") AS c1 "
     "FROM \"public\".\"t\" WHERE "
     "pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE \"C\", ''), "
     "((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE WHEN \"a\" "
     "IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN (\"b\") IS "
     "NULL THEN 1 ELSE 0 END)) IN ('1')"},
    {"t(a int4, b text)", "a b", "", "values raw",
     "SELECT pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE "
     "\"C\", ''), ((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE "
     "WHEN \"a\" IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN "
     "(\"b\") IS NULL THEN 1 ELSE 0 END)) AS h, \"a\" AS c0, \"b\" AS c1 FROM "
     "\"public\".\"t\" WHERE "
     "pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE \"C\", ''), "
     "((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE WHEN \"a\" "
     "IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN (\"b\") IS "
     "NULL THEN 1 ELSE 0 END)) IN ('1', 'it''s')"},
    {"t(a int4, b text)", "a b", "", "total buckets",
     "SELECT count(*), "
     "sum(pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE \"C\", "
     "''), ((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE WHEN "
     "\"a\" IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN "
     "(\"b\") IS NULL THEN 1 ELSE 0 END))) FROM \"public\".\"t\" WHERE "
     "(coalesce(pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE "
     "\"C\", ''), ((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE "
     "WHEN \"a\" IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN "
     "(\"b\") IS NULL THEN 1 ELSE 0 END)), 0) & 1023) IN (3, 1023)"},
    {"t(a int4, b text)", "a b", "", "remove",
     "DELETE FROM \"public\".\"t\" WHERE "
     "pg_catalog.hashtextextended(coalesce(((\"b\"))::text COLLATE \"C\", ''), "
     "((pg_catalog.hashint8extended(coalesce(\"a\", 0), (0 # CASE WHEN \"a\" "
     "IS NULL THEN 1 ELSE 0 END)) # coalesce(\"a\", 0)) # CASE WHEN (\"b\") IS "
     "NULL THEN 1 ELSE 0 END)) IN ('1')"},
};

/* names and generated columns */
static const struct row quoted_rows[] = {
    {"my.t(Id int4 key, a\"b text)", "Id a\"b", "Id", "rows",
     "SELECT \"Id\" AS k0, "
     "pg_catalog.hashtextextended(coalesce(((\"a\"\"b\"))::text COLLATE \"C\", "
     "''), ((pg_catalog.hashint8extended(\"Id\", 0) # \"Id\") # CASE WHEN "
     "(\"a\"\"b\") IS NULL THEN 1 ELSE 0 END)) AS h FROM \"my\".\"t\""},
    {"my.t(Id int4 key, a\"b text)", "Id a\"b", "Id", "insert",
     "INSERT INTO \"my\".\"t\" (\"Id\", \"a\"\"b\") VALUES ('7', 'o''b\\')"},
    {"my.t(Id int4 key, a\"b text)", "Id a\"b", "Id", "update",
     "UPDATE \"my\".\"t\" SET \"a\"\"b\" = 'o''b\\' WHERE \"Id\" IN ('1')"},
    {"my.t(Id int4 key, a\"b text)", "Id a\"b", "Id", "remove",
     "DELETE FROM \"my\".\"t\" WHERE \"Id\" IN ('1')"},
    {"t(id int8 always key, a text, g int4 stored=1)", "id a g", "id", "insert",
     "INSERT INTO \"public\".\"t\" (\"id\", \"a\") OVERRIDING SYSTEM VALUE "
     "VALUES ('7', 'o''b\\')"},
    {"t(id int8 always key, a text, g int4 stored=1)", "id a g", "id", "update",
     "UPDATE \"public\".\"t\" SET \"a\" = 'o''b\\' WHERE \"id\" IN ('1')"},
    {"t(id int8 always key, a text, g int4 stored=1)", "id a g", "id",
     "update third",
     "UPDATE \"public\".\"t\" SET \"a\" = 'o''b\\' WHERE \"id\" IN ('1')"},
};

static void check(const struct row *rows, size_t count, bool portable)
{
	struct differing differing = {0};

	for (size_t i = 0; i < count; i++) {
		struct checksum_table table;

		arena_init(&arena, 0);
		table = table_of(rows[i].schema, rows[i].columns, rows[i].key,
				 portable);
		row_is(&differing,
		       arena_printf(&arena, "%s: %s", rows[i].columns,
				    rows[i].what),
		       asked(&table, rows[i].what), rows[i].expected);
		catalog_free(&old_catalog);
		arena_release(&arena);
	}
	assert_int_equal(differing.count, 0);
}

#define CHECK(rows, portable)                                                  \
	check(rows, sizeof(rows) / sizeof(*(rows)), portable)

static void test_classes(void **state)
{
	(void)state;
	CHECK(classes_rows, false);
}

static void test_portable(void **state)
{
	(void)state;
	CHECK(portable_rows, true);
}

static void test_statements(void **state)
{
	(void)state;
	CHECK(statements_rows, false);
}

static void test_quoted(void **state)
{
	(void)state;
	CHECK(quoted_rows, false);
}

/* Over 16 columns are hashed in parts: texts and parsers stay bounded in depth. */
static void test_chain(void **state)
{
	struct buffer schema, names;
	struct checksum_table table;
	const char *text;

	(void)state;
	arena_init(&arena, 0);
	buffer_init(&schema, 0);
	buffer_init(&names, 0);
	for (int i = 0; i < 30; i++) {
		buffer_printf(&schema, "%sc%d int4 notnull", i ? ", " : "t(",
			      i);
		buffer_printf(&names, "%sc%d", i ? " " : "", i);
	}
	buffer_append_string(&schema, ")");
	table = table_of(buffer_string(&schema), buffer_string(&names), "c0",
			 false);
	text =
	    adapter_find("postgres")
		->checksum->total(&arena, &table, &(struct checksum_range){0});
	assert_non_null(
	    strstr(text, "sum(pg_catalog.hashtextextended(ROW((pg_catalog."
			 "hashint8extended(\"c15\", "));
	assert_non_null(strstr(text, "hashint8extended(\"c29\", "));
	assert_non_null(
	    strstr(text, "hashint8extended(\"c16\", 16) # \"c16\")"));
	assert_non_null(strstr(text, ")::text, 0)) FROM"));
	catalog_free(&old_catalog);
	buffer_release(&schema);
	buffer_release(&names);
	arena_release(&arena);
}

static void test_ordered(void **state)
{
	static const struct {
		const char *type;
		bool ordered;
	} rows[] = {
	    {"int2", true},   {"int8", true},	   {"numeric", true},
	    {"date", true},   {"timestamp", true}, {"timestamptz", true},
	    {"uuid", true},   {"text", false},	   {"varchar", false},
	    {"bool", false},  {"float8", false},   {"jsonb", false},
	    {"bytea", false}, {"interval", false}, {"int4[]", false},
	    {"mood", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char schema[64];

		snprintf(schema, sizeof(schema), "mood{sad ok} t(a %s)",
			 rows[i].type);
		old_catalog = catalog_of(schema);
		if (adapter_find("postgres")
			->checksum->ordered(
			    old_catalog, &old_catalog->tables[0].columns[0]) !=
		    rows[i].ordered)
			fail_msg("%s", rows[i].type);
		catalog_free(&old_catalog);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes),    cmocka_unit_test(test_portable),
	    cmocka_unit_test(test_statements), cmocka_unit_test(test_quoted),
	    cmocka_unit_test(test_chain),      cmocka_unit_test(test_ordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
