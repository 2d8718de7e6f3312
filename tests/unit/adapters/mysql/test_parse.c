/* Parser and printer: what a statement is printed as, and that it reads back. */
#include "unit/adapters/mysql/parse_check.h"

static void test_precedence(void **state)
{
	(void)state;
	is("NOT a = 1 OR b | 2 + 3", "NOT (a = 1) OR b | (2 + 3)");
	is("a OR b XOR c AND d", "a OR (b XOR (c AND d))");
	is("a AND b AND (c AND d)", "a AND b AND (c AND d)");
	is("a = b = c", "(a = b) = c");
	is("a - b - c * d DIV e % f", "(a - b) - (((c * d) DIV e) % f)");
	is("-a ^ 2 << 1 & 3", "(((- a) ^ 2) << 1) & 3");
	is("a = b IS NULL", "(a = b) IS NULL");
	is("a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d");
	is("a <=> b COLLATE utf8mb4_bin", "a <=> (b COLLATE utf8mb4_bin)");
	is("!a + 1", "(NOT a) + 1");
	is("a NOT IN (1, -2) IS NOT TRUE", "(a NOT IN (1, -2)) IS NOT TRUE");
	is("a NOT LIKE 'b|%' ESCAPE '|'", "a NOT LIKE 'b|%' ESCAPE '|'");
	is("a NOT REGEXP b", "NOT (a REGEXP b)");
	is("@a := 1 + 2", "@`a` := (1 + 2)");
	is("d + INTERVAL 1 + 1 DAY", "d + INTERVAL (1 + 1) day");
	is("INTERVAL(1, 2) + 1", "interval(1, 2) + 1");
}

static void test_modes(void **state)
{
	(void)state;
	is("a || b AND c", "a OR (b AND c)");
	use(MYSQL_SERVER_MARIADB, MYSQL_PIPES_AS_CONCAT);
	is("a || b + 1", "concat(a, b) + 1");
	use(MYSQL_SERVER_MARIADB, MYSQL_HIGH_NOT_PRECEDENCE);
	is("NOT a = 1", "(NOT a) = 1");
	use(MYSQL_SERVER_MARIADB, MYSQL_ANSI_QUOTES);
	is("\"a b\" + 1", "`a b` + 1");
	use(MYSQL_SERVER_MARIADB, MYSQL_IGNORE_SPACE);
	is("count (a)", "count(a)");
	use(MYSQL_SERVER_MARIADB, 0);
	refused("SELECT count (a)", 1, 8);
	use(MYSQL_SERVER_MARIADB, MYSQL_NO_BACKSLASH_ESCAPES);
	prints_of(plain, "SELECT 'a\\' AS x", 16, "SELECT 'a\\' AS x");
}

static void test_literals(void **state)
{
	(void)state;
	is("'it''s' 'too'", "'it''stoo'");
	is("'a\\\\b\\n'", "'a\\\\b\n'");
	is("_latin1 X'4D'", "_latin1 X'4D'");
	is("N'a'", "N'a'");
	is("0x4D + X'4D' + B'1'", "(0x4D + X'4D') + B'1'");
	is("DATE '2020-01-01'", "date '2020-01-01'");
	is("{ts '2020-01-01 00:00:00'}", "timestamp '2020-01-01 00:00:00'");
	is("18446744073709551615", "18446744073709551615");
	is("@@GLOBAL.sql_mode", "@@GLOBAL.sql_mode");
	prints_of(mariadb, "SELECT 'a\0\\\\' AS x", 18,
		  "SELECT 'a\\0\\\\' AS x");
	prints_of(mariadb, "SELECT '\xFF\xFE' AS x", 16,
		  "SELECT '\xFF\xFE' AS x");
	mode.charset = MYSQL_CHARSET_SJIS;
	refused("SELECT '\x83\\'", 1, 12);
	refused("SELECT 1\xF1\xF1\xF1 FROM t", 1, 8);
}

static void test_calls(void **state)
{
	(void)state;
	is("CONVERT(a USING utf8mb4)", "CONVERT(a USING utf8mb4)");
	is("CAST(a AS CHAR(3) CHARACTER SET utf8)",
	   "CAST(a AS char(3) charset utf8)");
	is("CONVERT(a, UNSIGNED INTEGER)", "CAST(a AS unsigned)");
	is("GROUP_CONCAT(DISTINCT a, b ORDER BY c DESC SEPARATOR '-')",
	   "group_concat(DISTINCT a, b ORDER BY c DESC SEPARATOR '-')");
	is("TRIM(LEADING 'x' FROM a)", "TRIM(leading 'x' FROM a)");
	is("SUBSTRING(a FROM 2 FOR 3)", "substring(a, 2, 3)");
	is("EXTRACT(YEAR_MONTH FROM a)", "EXTRACT(year_month FROM a)");
	is("MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE)",
	   "MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE)");
	is("LEFT(a, 1)", "left(a, 1)");
	is("CURRENT_TIMESTAMP", "current_timestamp()");
	is("SUM(a) OVER (w ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT "
	   "ROW)",
	   "sum(a) OVER (`w` ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT "
	   "ROW)");
	use(MYSQL_SERVER_MYSQL, 0);
	is("a ->> '$.b'", "json_unquote(json_extract(a, '$.b'))");
}

static void test_queries(void **state)
{
	(void)state;
	prints("SELECT a, a+1, 'x' FROM t", "SELECT a, a + 1 AS `a+1`, 'x' "
					    "FROM t");
	prints("SELECT SQL_CALC_FOUND_ROWS DISTINCT a FROM t LIMIT 2, 3",
	       "SELECT sql_calc_found_rows DISTINCT a FROM t LIMIT 3 OFFSET 2");
	prints("SELECT a FROM t GROUP BY a, b WITH ROLLUP HAVING a",
	       "SELECT a FROM t GROUP BY a, b WITH ROLLUP HAVING a");
	prints("(SELECT a FROM t LIMIT 1) UNION ALL SELECT b FROM u ORDER BY 1",
	       "(SELECT a FROM t LIMIT 1) UNION ALL SELECT b FROM u ORDER BY "
	       "1");
	prints("SELECT a FROM t FOR UPDATE SKIP LOCKED",
	       "SELECT a FROM t FOR UPDATE SKIP LOCKED");
	prints("SELECT a INTO @x FROM t LOCK IN SHARE MODE",
	       "SELECT a FROM t INTO @`x` LOCK IN SHARE MODE");
	prints("WITH RECURSIVE c (n) AS (SELECT 1 AS n) SELECT * FROM c",
	       "WITH RECURSIVE c (n) AS (SELECT 1 AS n) SELECT * FROM c");
	prints("SELECT ((SELECT 1)) + 1 AS x, EXISTS (SELECT 1 FROM t) AS y",
	       "SELECT (SELECT 1) + 1 AS x, EXISTS (SELECT 1 FROM t) AS y");
	prints("(SELECT 1) UNION (SELECT 2) INTO @v",
	       "SELECT 1 AS `1` UNION (SELECT 2 AS `2`) INTO @`v`");
	prints("SELECT _latin1'x'", "SELECT _latin1 'x'");
	prints("SELECT RANK() OVER (ORDER BY a) AS r FROM t",
	       "SELECT rank() OVER (ORDER BY a) AS r FROM t");
	refused("SELECT a\nFROM t WHERE", 2, 13);
	refused("SELECT a FROM t LEFT JOIN u USING", 1, 34);
	refused("INSERT INTO t PARTITION VALUES (1)", 1, 25);
	refused("(SELECT a FROM t LIMIT 2) LIMIT 1", 1, 27);
	use(MYSQL_SERVER_MYSQL, 0);
	prints_of(mysql, "SELECT /*+ NO_ICP(t) */ a FROM t FOR SHARE OF t", 47,
		  "SELECT /*+ NO_ICP(t) */ a FROM t FOR SHARE OF t");
	prints("SELECT a FROM t LIMIT ?, 3",
	       "SELECT a FROM t LIMIT 3 OFFSET ?");
	refused("SELECT a FROM t LIMIT !2, 3", 1, 23);
	refused("SELECT a FROM t LIMIT 1 + 1", 1, 25);
	refused("SELECT a FROM t LIMIT -1", 1, 23);
	/* A string is named by its value, an expression by its text. */
	prints("SELECT 'a', 'a' || 'b', 'x'+0",
	       "SELECT 'a', 'a' OR 'b' AS `'a' || 'b'`, 'x' + 0 AS `'x'+0`");
}

static void test_tables(void **state)
{
	(void)state;
	prints("SELECT * FROM a JOIN b LEFT JOIN c ON x ON y",
	       "SELECT * FROM a JOIN (b LEFT JOIN c ON x) ON y");
	prints("SELECT * FROM a JOIN b LEFT JOIN c ON x",
	       "SELECT * FROM a JOIN b LEFT JOIN c ON x");
	prints("SELECT * FROM a LEFT JOIN (b, c) ON x",
	       "SELECT * FROM a LEFT JOIN (b JOIN c) ON x");
	prints("SELECT * FROM d.t AS u USE INDEX FOR ORDER BY (i, PRIMARY)",
	       "SELECT * FROM d.t AS u use index for order by (i, `primary`)");
	prints("SELECT * FROM t PARTITION (p) STRAIGHT_JOIN u USING (a, b)",
	       "SELECT * FROM t PARTITION (p) STRAIGHT_JOIN u USING (a, b)");
	prints("SELECT * FROM (SELECT 1+1) AS x (a)",
	       "SELECT * FROM (SELECT 1 + 1 AS `1+1`) AS x (a)");
	prints("SELECT * FROM JSON_TABLE(d, '$[*]' COLUMNS (n FOR ORDINALITY, "
	       "a INT PATH '$.a' NULL ON EMPTY ERROR ON ERROR)) AS j",
	       "SELECT * FROM JSON_TABLE(d, '$[*]' COLUMNS (n FOR ORDINALITY, "
	       "a signed PATH '$.a' NULL ON EMPTY ERROR ON ERROR)) AS j");
}

static void test_writes(void **state)
{
	(void)state;
	prints("INSERT IGNORE t SET a = 1, b = DEFAULT",
	       "INSERT ignore INTO t (a, b) VALUES (1, DEFAULT)");
	prints("REPLACE t VALUES (), (1)", "REPLACE INTO t VALUES (), (1)");
	prints(
	    "INSERT t (a) SELECT 1+1 ON DUPLICATE KEY UPDATE t.a = VALUES(a)",
	    "INSERT INTO t (a) SELECT 1 + 1 AS `1+1` ON DUPLICATE KEY UPDATE a "
	    "= "
	    "VALUES(a)");
	prints("INSERT t (a, b) VALUES (1, 2) AS n (x, y) ON DUPLICATE KEY "
	       "UPDATE a = n.y + x",
	       "INSERT INTO t (a, b) VALUES (1, 2) ON DUPLICATE KEY UPDATE a = "
	       "VALUES(b) + VALUES(a)");
	prints(
	    "UPDATE t SET t.a = a + 1, b = a WHERE c ORDER BY d DESC LIMIT 3",
	    "UPDATE t SET a = a + 1, b = a WHERE c ORDER BY d DESC LIMIT 3");
	prints("UPDATE t JOIN u USING (a) SET t.b = u.b",
	       "UPDATE t JOIN u USING (a) SET t.b = u.b");
	prints("DELETE QUICK FROM t ORDER BY a",
	       "DELETE quick FROM t ORDER BY a");
	prints("DELETE FROM a.*, b USING a JOIN b WHERE a.x = b.x",
	       "DELETE a, b FROM a JOIN b WHERE a.x = b.x");
	prints("DELETE FROM t WHERE a RETURNING a, b+1",
	       "DELETE FROM t WHERE a RETURNING a, b + 1 AS `b+1`");
	prints("CALL d.p(1, @x)", "CALL d.p(1, @`x`)");
	refused("DELETE HISTORY FROM t", 1, 8);
	refused("UPDATE t FOR PORTION OF p FROM 1 TO 2 SET a = 1", 1, 10);
}

/* A text that is nested or long without bound is refused, and soon. */
static void test_bounds(void **state)
{
	enum { SIZE = 1000 * 1000 };
	char *text = malloc(SIZE + 2);
	struct sql_tree tree;
	static const char *const units[] = {
	    "(", "1+", "- ", "NOT ", "a AND (", "case when ", "(SELECT "};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t used = 7;

		memcpy(text, "SELECT ", used);
		while (used + strlen(units[i]) < SIZE) {
			memcpy(text + used, units[i], strlen(units[i]));
			used += strlen(units[i]);
		}
		text[used++] = '1';
		error_init(&error);
		assert_int_equal(parse(text, used, &arena, &tree, &error), -1);
		assert_int_equal(error.kind, ERROR_LIMIT);
		arena_clear(&arena);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_precedence), TEST(test_modes),   TEST(test_literals),
	    TEST(test_calls),	   TEST(test_queries), TEST(test_tables),
	    TEST(test_writes),	   TEST(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
