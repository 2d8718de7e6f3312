/* What the lexer alone shows: statements, shapes, normalised texts. */
#include "adapters/mysql/parse_text.h"
#include "unit/adapters/mysql/parse_check.h"

enum { PIECES = 8 };

/* ---- statements ---- */

/* The pieces, each in brackets. */
static void splits(const char *text, const char *wanted)
{
	struct sql_statement places[PIECES];
	size_t count = mysql_split(&mode, text, strlen(text), places, PIECES);
	struct buffer out;

	assert_true(count <= PIECES);
	buffer_init(&out, 0);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&out, "[%.*s]", (int)places[i].length,
			      text + places[i].offset);
	assert_string_equal(buffer_string(&out), wanted);
	buffer_release(&out);
}

static void test_split(void **state)
{
	(void)state;
	splits("", "");
	splits(" ; -- x\n ;", "");
	splits("SELECT ';' ;; SELECT `;` # ;\n; /* ; */ SELECT 3",
	       "[SELECT ';'][SELECT `;`][SELECT 3]");
	splits("SELECT 1; SELECT 'open; SELECT 2", "[SELECT 1][SELECT 'open; "
						   "SELECT 2]");
	splits("/*!40101 SET a = 1 */; /*!40101 SET b = 2, */ c = 3 ;"
	       "/*!999999 not; code */ SELECT 4",
	       "[/*!40101 SET a = 1 */][/*!40101 SET b = 2, */ c = 3]"
	       "[SELECT 4]");
	splits("/*!40101 SET a = 1; SET b = 2 */; SELECT 3",
	       "[/*!40101 SET a = 1; SET b = 2 */][SELECT 3]");
	splits("SELECT 'a\\';'; SELECT 2", "[SELECT 'a\\';'][SELECT 2]");
	use(MYSQL_SERVER_MARIADB, MYSQL_NO_BACKSLASH_ESCAPES);
	splits("SELECT 'a\\'; SELECT 2", "[SELECT 'a\\'][SELECT 2]");
}

static void test_split_bodies(void **state)
{
	(void)state;
	splits("CREATE PROCEDURE p() BEGIN IF a THEN SELECT CASE b WHEN 1 "
	       "THEN 2 END; END IF; WHILE a DO SET a = 1; END WHILE; "
	       "CASE WHEN a THEN SELECT 1; END CASE; END; SELECT 3",
	       "[CREATE PROCEDURE p() BEGIN IF a THEN SELECT CASE b WHEN 1 "
	       "THEN 2 END; END IF; WHILE a DO SET a = 1; END WHILE; "
	       "CASE WHEN a THEN SELECT 1; END CASE; END][SELECT 3]");
	splits("CREATE DEFINER=table@x TRIGGER t AFTER INSERT ON u "
	       "FOR EACH ROW SET @a = 1; SELECT 2",
	       "[CREATE DEFINER=table@x TRIGGER t AFTER INSERT ON u "
	       "FOR EACH ROW SET @a = 1][SELECT 2]");
	splits("CREATE TABLE event (begin int); SELECT 2",
	       "[CREATE TABLE event (begin int)][SELECT 2]");
	splits("BEGIN; SELECT 1; COMMIT", "[BEGIN][SELECT 1][COMMIT]");
	splits("BEGIN NOT ATOMIC SELECT 1; END; SELECT 2",
	       "[BEGIN NOT ATOMIC SELECT 1; END][SELECT 2]");
	splits("SELECT 1; IF a THEN SELECT 2; END IF; SELECT 3",
	       "[SELECT 1][IF a THEN SELECT 2; END IF; SELECT 3]");
	splits("CREATE PROCEDURE p() WHILE a DO SET a = 1; END WHILE",
	       "[CREATE PROCEDURE p() WHILE a DO SET a = 1; END WHILE]");
	splits("CREATE FUNCTION f() RETURNS text RETURN repeat('a', 2); "
	       "SELECT 2",
	       "[CREATE FUNCTION f() RETURNS text RETURN repeat('a', 2)]"
	       "[SELECT 2]");
}

/* ---- shapes ---- */

static struct sql_shape shape;

/* The literals that are lifted, with blanks between. */
static void lifts(const char *text, const char *wanted)
{
	struct buffer out;

	mysql_shape(&mode, text, strlen(text), &shape);
	buffer_init(&out, 0);
	for (size_t i = 0; i < shape.count; i++)
		buffer_printf(&out, "%s%.*s", i ? " " : "",
			      (int)shape.literals[i].length,
			      text + shape.literals[i].offset);
	assert_string_equal(buffer_string(&out), wanted);
	buffer_release(&out);
}

static bool alike(const char *left, const char *right)
{
	struct sql_shape other;
	bool equal;

	sql_shape_init(&other);
	mysql_shape(&mode, left, strlen(left), &shape);
	mysql_shape(&mode, right, strlen(right), &other);
	equal = shape.key.size == other.key.size &&
		!memcmp(shape.key.data, other.key.data, other.key.size);
	sql_shape_release(&other);
	return equal;
}

static void test_shape(void **state)
{
	(void)state;
	sql_shape_init(&shape);
	lifts("INSERT INTO t VALUES (1, -2, 'x', X'1F', 1.5, 1e3)",
	      "1 2 'x' X'1F' 1.5 1e3");
	lifts("SELECT a + 1, (SELECT 2 FROM u WHERE b = 3) FROM t WHERE c = 4",
	      "4");
	lifts("SELECT extract(year FROM d) + 1 FROM t WHERE a IN (2, 3)",
	      "2 3");
	lifts("DELETE FROM t WHERE a = 1 RETURNING b + 2", "1");
	lifts("UPDATE t SET a = 'x' 'y', b = _latin1'z', c = DATE '2020-01-01',"
	      " d = 0x1F, e = 'a\\0', f = ?, g = \"w\"",
	      "\"w\"");
	lifts("SET a = 1; SELECT 2; SET b = 3", "1 3");
	mysql_shape(&mode, "SELECT 'open", 12, &shape);
	assert_true(shape.unsure);
	sql_shape_release(&shape);
}

static void test_shape_keys(void **state)
{
	(void)state;
	sql_shape_init(&shape);
	assert_true(alike("DELETE FROM t WHERE a = 1",
			  "DELETE  FROM t /* x */ WHERE a = 23"));
	assert_false(alike("DELETE FROM t WHERE a = 1",
			   "DELETE FROM t WHERE a = 3000000000"));
	assert_false(alike("SELECT a+1 FROM t", "SELECT a+2 FROM t"));
	assert_false(
	    alike("DELETE FROM t WHERE a = 'x'", "DELETE FROM t WHERE a = 1"));
	mysql_shape(&mode, "COMMIT", 6, &shape);
	use(MYSQL_SERVER_MARIADB, MYSQL_ANSI_QUOTES);
	assert_true(alike("COMMIT", "COMMIT"));
	assert_int_equal(shape.key.data[1], MYSQL_ANSI_QUOTES);
	sql_shape_release(&shape);
}

/* Each literal that is lifted is a constant of its own in the tree. */
static void test_shape_binds(void **state)
{
	const char *text = "INSERT INTO t VALUES (1, 'x', 3000000000, 1.5)";
	struct sql_binding bindings[PIECES];
	struct sql_tree tree;

	(void)state;
	sql_shape_init(&shape);
	assert_int_equal(parse(text, strlen(text), &arena, &tree, &error), 0);
	mysql_shape(&mode, text, strlen(text), &shape);
	assert_int_equal(shape.count, 4);
	sql_bind_literals(&tree.statements[0], text, &mysql_dialect_mariadb,
			  &shape, bindings);
	for (size_t i = 0; i < shape.count; i++) {
		assert_non_null(bindings[i].constant);
		assert_false(bindings[i].fixed);
		assert_int_equal(bindings[i].constant->location,
				 shape.literals[i].offset);
	}
	sql_shape_release(&shape);
}

/* ---- normalised texts ---- */

static bool knows_t(const void *context, const char *name)
{
	(void)context;
	return !strcmp(name, "t");
}

static const struct sql_known only_t = {knows_t, NULL};

static void normal(const char *text, const char *wanted)
{
	struct buffer out;

	buffer_init(&out, 0);
	mysql_fingerprint(&mode, text, strlen(text), &only_t, &out);
	assert_string_equal(buffer_string(&out), wanted);
	buffer_release(&out);
}

static void test_normal(void **state)
{
	(void)state;
	normal("SELECT a,`t`.b FROM t WHERE c=1 -- x\n;",
	       "select a, `t`.b from t where c = ?");
	normal("SELECT count(*), max (a) FROM T WHERE a = -1",
	       "select count(*), max (a) from t where a = - ?");
	normal("SELECT @@global.a, @b", "select @@global.a, @b");
}

static void test_lists(void **state)
{
	(void)state;
	normal("SELECT 1 FROM t WHERE a IN (1, 'x', ?) AND b IN (c, 2)",
	       "select ? from t where a in (...) and b in (c, ?)");
	normal("INSERT INTO t (a, b) VALUES (1, 2), (3, 4), (5, 6)",
	       "insert into t (a, b) values (?, ?), ...");
	normal("INSERT INTO t VALUES (1), (f(2)), (f(3))",
	       "insert into t values (?), (f(?)), ...");
}

static void test_hidden(void **state)
{
	(void)state;
	normal("SET sql_mode = ANSI, @a := secret, b = DEFAULT, NAMES utf8",
	       "set sql_mode = ?, @a := ?, b = default, names ?");
	normal("SAVEPOINT s17", "savepoint ?");
	normal("ROLLBACK WORK TO SAVEPOINT `s`",
	       "rollback work to savepoint ?");
	normal("ROLLBACK TO s", "rollback to ?");
	normal("DROP PREPARE s; EXECUTE s USING @a",
	       "drop prepare ?; execute ? using @a");
	normal("EXECUTE IMMEDIATE 'x'", "execute immediate ?");
	normal("DROP TABLE a", "drop table a");
	normal("SELECT `secret`, `t`.a FROM `t`", "select `?`, `t`.a from `t`");
	normal("SELECT 1, 'open", "select ?, <unreadable>");
	use(MYSQL_SERVER_MYSQL, 0);
	normal("SELECT /*+ SET_VAR(a='x') */ 'a' 'b'", "select /*+ ? */ ?");
}

static void test_hashes(void **state)
{
	uint64_t one = mysql_fingerprint(&mode, "SELECT 1", 8, NULL, NULL);

	(void)state;
	assert_int_equal(
	    mysql_fingerprint(&mode, "select  22 ;", 12, NULL, NULL), one);
	assert_true(mysql_fingerprint(&mode, "SELECT a", 8, NULL, NULL) != one);
	assert_true(mysql_fingerprint(&mode, "SELECT `a`", 10, &only_t, NULL) !=
		    mysql_fingerprint(&mode, "SELECT `b`", 10, &only_t, NULL));
}

static void test_places(void **state)
{
	const char *text = "SELECT `x`, 'a' 'b' FROM t WHERE c IN (?, 2, ?)";
	struct sql_normal places;

	(void)state;
	assert_true(
	    mysql_normalise(&mode, text, strlen(text), &arena, &places));
	assert_string_equal(places.text,
			    "select `x`, ? from t where c in (?, ?, ?)");
	assert_int_equal(places.count, 4);
	assert_int_equal(places.places[0].length, 7);
	assert_int_equal(places.places[0].parameter, 0);
	assert_int_equal(places.places[1].parameter, 1);
	assert_int_equal(places.places[3].parameter, 2);
	for (size_t i = 0; i < places.count; i++)
		assert_int_equal(places.text[places.places[i].at], '?');
	assert_false(mysql_normalise(&mode, "'", 1, &arena, &places));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_split),	   TEST(test_split_bodies), TEST(test_shape),
	    TEST(test_shape_keys), TEST(test_shape_binds),  TEST(test_normal),
	    TEST(test_lists),	   TEST(test_hidden),	    TEST(test_hashes),
	    TEST(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
