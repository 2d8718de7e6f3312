/* Definitions: tables, indexes, views, databases. */
#include "unit/adapters/mysql/parse_check.h"

static void same(const char *text)
{
	prints(text, text);
}

static PgQuery__Node *node_of(const char *text)
{
	struct sql_tree tree;

	error_init(&error);
	if (parse(text, strlen(text), &arena, &tree, &error))
		fail_msg("%s: %s", text, error.message);
	assert_int_equal(tree.count, 1);
	return tree.statements[0].node;
}

/* One column, as CREATE TABLE t (...) prints it. */
static void column(const char *text, const char *printed)
{
	prints(arena_printf(&arena, "CREATE TABLE t (%s)", text),
	       arena_printf(&arena, "CREATE TABLE t (%s)", printed));
}

static void test_types(void **state)
{
	(void)state;
	column("a INT", "a int");
	column("a integer(11) unsigned zerofill",
	       "a int(11) unsigned zerofill");
	column("a bigint signed", "a bigint");
	column("a decimal(10, 2)", "a decimal(10, 2)");
	column("a numeric", "a decimal");
	column("a double precision", "a double");
	column("a bool", "a boolean");
	column("a char varying(3) character set utf8 collate 'utf8_bin'",
	       "a varchar(3) charset utf8 collate utf8_bin");
	column("a text not null collate utf8_bin",
	       "a text collate utf8_bin NOT NULL");
	column("a ENUM('x', 'it''s') charset latin1",
	       "a enum('x', 'it''s') charset latin1");
	column("a set('x')", "a set('x')");
	column("a datetime(6), b bit(1), c json, d point, e mediumblob",
	       "a datetime(6), b bit(1), c json, d point, e mediumblob");
	refused("CREATE TABLE t (a nonsense)", 1, 19);
	refused("CREATE TABLE t (a int collate `a b`)", 1, 36);
	refused("CREATE TABLE t (a)", 1, 18);
}

static void test_columns(void **state)
{
	(void)state;
	column("id int not null auto_increment primary key comment 'x'",
	       "id int NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'x'");
	column("a int default -1, b int default +2 null",
	       "a int DEFAULT - 1, b int DEFAULT 2 NULL");
	column("a varchar(3) default 'x' collate utf8_bin key",
	       "a varchar(3) collate utf8_bin DEFAULT 'x' PRIMARY KEY");
	column("a timestamp default current_timestamp on update now(6)",
	       "a timestamp DEFAULT current_timestamp() ON UPDATE now(6)");
	column("a int default (1 + 2), b text default uuid()",
	       "a int DEFAULT (1 + 2), b text DEFAULT (uuid())");
	column("a int as (b + 1), b int generated always as (1) persistent",
	       "a int GENERATED ALWAYS AS (b + 1) VIRTUAL, "
	       "b int GENERATED ALWAYS AS (1) STORED");
	column("a int unique check (a > 0) references u (b) on delete cascade",
	       "a int UNIQUE KEY CHECK (a > 0) REFERENCES u (b) "
	       "ON DELETE CASCADE");
	column("a int check (a > 0) invisible not null",
	       "a int NOT NULL INVISIBLE CHECK (a > 0)");
	refused("CREATE TABLE t (a int default b)", 1, 31);
	refused("CREATE TABLE t (a int default)", 1, 30);
	refused("CREATE TABLE t (a int nonsense)", 1, 23);
}

/* MySQL wants brackets around every default that is an expression. */
static void test_columns_of_mysql(void **state)
{
	const char *text = "CREATE TABLE t (a int COLUMN_FORMAT fixed STORAGE "
			   "disk CONSTRAINT c CHECK (a > 0) NOT ENFORCED)";

	(void)state;
	refused(text, 1, 23);
	use(MYSQL_SERVER_MYSQL, 0);
	prints_of(mysql, text, strlen(text), text);
	prints_of(mysql,
		  "CREATE TABLE t (a text DEFAULT (uuid()), "
		  "b datetime DEFAULT (now()))",
		  68,
		  "CREATE TABLE t (a text DEFAULT (uuid()), "
		  "b datetime DEFAULT now())");
}

static void test_keys(void **state)
{
	(void)state;
	column("a int, primary key (a, b)", "a int, PRIMARY KEY (a, b)");
	column("a int, constraint c unique index (a) using hash",
	       "a int, UNIQUE KEY c (a) USING HASH");
	column("a int, constraint c unique k using btree (a) comment 'x'",
	       "a int, UNIQUE KEY k (a) USING BTREE COMMENT 'x'");
	column("a text, unique (a(10)), key k (a(3), b desc, (c + 1))",
	       "a text, UNIQUE KEY (a(10)), KEY k (a(3), b DESC, (c + 1))");
	column("a text, fulltext index k (a), spatial (b)",
	       "a text, FULLTEXT KEY k (a), SPATIAL KEY (b)");
	column("a int, constraint c foreign key i (a) references d.u (b) "
	       "on update set null on delete no action",
	       "a int, CONSTRAINT c FOREIGN KEY i (a) REFERENCES d.u (b) "
	       "ON UPDATE SET NULL");
	column("a int, constraint check (a > 0)", "a int, CHECK (a > 0)");
	same("ALTER TABLE t ADD KEY IF NOT EXISTS k (a)");
	refused("ALTER TABLE t ADD UNIQUE KEY IF NOT EXISTS k (a)", 1, 30);
	refused("CREATE TABLE t (a int, key)", 1, 27);
	refused("CREATE TABLE t (a int, constraint c key (a) nonsense)", 1, 45);
	assert_true(SQL_IS(node_of("CREATE TABLE t (a int, UNIQUE (a))")
			       ->create_stmt->table_elts[1],
			   CONSTRAINT));
	assert_true(SQL_IS(node_of("CREATE TABLE t (a int, UNIQUE (a(3)))")
			       ->create_stmt->table_elts[1],
			   INDEX_STMT));
}

static void test_tables(void **state)
{
	(void)state;
	prints("create temporary table if not exists d.t (a int) engine=InnoDB "
	       "default charset utf8mb4, collate = 'utf8mb4_bin' "
	       "auto_increment 7 row_format=Dynamic comment='x' "
	       "stats_persistent=default",
	       "CREATE TEMPORARY TABLE IF NOT EXISTS d.t (a int) "
	       "ENGINE = 'InnoDB' CHARSET = 'utf8mb4' "
	       "COLLATE = 'utf8mb4_bin' AUTO_INCREMENT = 7 "
	       "ROW_FORMAT = dynamic COMMENT = 'x' "
	       "STATS_PERSISTENT = default");
	same("CREATE OR REPLACE TABLE t (a int)");
	prints("CREATE TABLE t (LIKE u)", "CREATE TABLE t LIKE u");
	prints("CREATE TABLE t ENGINE=MyISAM SELECT a FROM u",
	       "CREATE TABLE t ENGINE = 'MyISAM' AS SELECT a FROM u");
	same("CREATE TABLE t AS SELECT a FROM u");
	refused("CREATE TABLE t", 1, 15);
	refused("CREATE TABLE t ()", 1, 17);
	refused("CREATE TABLE t (a int) SELECT 1", 1, 24);
	refused("CREATE TABLE t (a int) PARTITION BY HASH (a)", 1, 24);
	refused("CREATE TABLE t (a int) WITH SYSTEM VERSIONING", 1, 24);
	refused("CREATE PROCEDURE p () SELECT 1", 1, 8);
	assert_string_equal(node_of("CREATE TEMPORARY TABLE t (a int)")
				->create_stmt->relation->relpersistence,
			    "t");
}

static void test_alter(void **state)
{
	(void)state;
	prints("ALTER TABLE t ADD a int first, ADD COLUMN (b int, c int), "
	       "ADD d int AFTER `e f`",
	       "ALTER TABLE t ADD COLUMN a int FIRST, ADD COLUMN b int, "
	       "ADD COLUMN c int, ADD COLUMN d int AFTER `e f`");
	prints("ALTER TABLE t MODIFY a bigint NOT NULL, CHANGE b c int AFTER a",
	       "ALTER TABLE t CHANGE COLUMN a a bigint NOT NULL, "
	       "CHANGE COLUMN b c int AFTER a");
	prints("ALTER TABLE t DROP a, DROP COLUMN IF EXISTS b, "
	       "DROP PRIMARY KEY, DROP KEY k, DROP FOREIGN KEY f, "
	       "DROP CONSTRAINT c",
	       "ALTER TABLE t DROP COLUMN a, DROP COLUMN IF EXISTS b, "
	       "DROP PRIMARY KEY, DROP INDEX k, DROP FOREIGN KEY f, "
	       "DROP CONSTRAINT c");
	prints("ALTER TABLE t ADD INDEX (a), ADD UNIQUE k (b), "
	       "ADD CONSTRAINT c CHECK (a > 0)",
	       "ALTER TABLE t ADD KEY (a), ADD UNIQUE KEY k (b), "
	       "ADD CONSTRAINT c CHECK (a > 0)");
	prints("ALTER TABLE t ALTER a SET DEFAULT 1, ALTER COLUMN b "
	       "DROP DEFAULT",
	       "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1, "
	       "ALTER COLUMN b DROP DEFAULT");
	prints("ALTER TABLE t ENGINE=InnoDB, FORCE, ALGORITHM=INPLACE, "
	       "LOCK=none, CONVERT TO CHARACTER SET utf8 COLLATE utf8_bin",
	       "ALTER TABLE t ENGINE = 'InnoDB', FORCE, "
	       "ALGORITHM = inplace, LOCK = none, "
	       "CONVERT TO CHARSET 'utf8' COLLATE 'utf8_bin'");
	refused("ALTER TABLE t", 1, 14);
	refused("ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1))", 1,
		19);
	refused("ALTER TABLE t ADD a int, RENAME TO u", 1, 26);
	refused("ALTER VIEW v AS SELECT 1", 1, 1);
}

static void test_renames(void **state)
{
	(void)state;
	prints("ALTER TABLE d.t RENAME AS e.u", "RENAME TABLE d.t TO e.u");
	same("RENAME TABLE t TO _t_old, _t_new TO t");
	same("ALTER TABLE t RENAME COLUMN a TO b");
	prints("ALTER TABLE t RENAME KEY a TO b",
	       "ALTER TABLE t RENAME INDEX a TO b");
	refused("RENAME TABLE t u", 1, 16);
	refused("RENAME USER a TO b", 1, 1);
}

static void test_others(void **state)
{
	(void)state;
	prints("DROP TABLES IF EXISTS a, b.c CASCADE",
	       "DROP TABLE IF EXISTS a, b.c");
	same("DROP TEMPORARY TABLE a");
	same("DROP VIEW IF EXISTS a, b");
	prints("DROP SCHEMA IF EXISTS d", "DROP DATABASE IF EXISTS d");
	same("DROP INDEX IF EXISTS i ON d.t");
	prints("TRUNCATE t", "TRUNCATE TABLE t");
	prints("CREATE SCHEMA IF NOT EXISTS d DEFAULT CHARACTER SET = utf8",
	       "CREATE DATABASE IF NOT EXISTS d CHARSET = 'utf8'");
	prints("CREATE UNIQUE INDEX i USING BTREE ON t (a(3), b DESC) "
	       "COMMENT 'x' ALGORITHM=INPLACE",
	       "CREATE UNIQUE INDEX i ON t (a(3), b DESC) USING BTREE "
	       "COMMENT 'x' ALGORITHM INPLACE");
	same("CREATE FULLTEXT INDEX IF NOT EXISTS i ON t (a)");
	refused("DROP INDEX i", 1, 13);
	refused("DROP TEMPORARY VIEW v", 1, 16);
	refused("DROP PROCEDURE p", 1, 6);
}

static void test_views(void **state)
{
	(void)state;
	same("CREATE VIEW v AS SELECT a FROM t");
	prints("CREATE OR REPLACE ALGORITHM=MERGE DEFINER=root@'%' "
	       "SQL SECURITY INVOKER VIEW d.v (a, b) AS SELECT 1 AS x "
	       "WITH CHECK OPTION",
	       "CREATE OR REPLACE ALGORITHM = MERGE DEFINER = `root`@`%` "
	       "SQL SECURITY INVOKER VIEW d.v (a, b) AS SELECT 1 AS x "
	       "WITH CASCADED CHECK OPTION");
	prints("CREATE DEFINER=CURRENT_USER() VIEW IF NOT EXISTS v AS "
	       "SELECT a FROM t WITH LOCAL CHECK OPTION",
	       "CREATE VIEW IF NOT EXISTS v AS SELECT a FROM t "
	       "WITH LOCAL CHECK OPTION");
	refused("CREATE ALGORITHM=BEST VIEW v AS SELECT 1", 1, 18);
	refused("CREATE DEFINER=a@b PROCEDURE p() SELECT 1", 1, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_types),	TEST(test_columns),
	    TEST(test_keys),	TEST(test_columns_of_mysql),
	    TEST(test_tables),	TEST(test_alter),
	    TEST(test_renames), TEST(test_others),
	    TEST(test_views),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
