/* Statements around queries and writes: transactions, settings, LOAD DATA. */
#include "unit/adapters/mysql/parse_check.h"

static PgQuery__Node *node_of(const char *text)
{
	struct sql_tree tree;

	error_init(&error);
	if (parse(text, strlen(text), &arena, &tree, &error))
		fail_msg("%s: %s", text, error.message);
	assert_int_equal(tree.count, 1);
	return tree.statements[0].node;
}

static void same(const char *text)
{
	prints(text, text);
}

static void test_transactions(void **state)
{
	(void)state;
	same("BEGIN");
	prints("begin work", "BEGIN");
	same("START TRANSACTION");
	same("START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT");
	prints("start transaction read  write", "START TRANSACTION READ WRITE");
	prints("commit work and no chain no release",
	       "COMMIT AND NO CHAIN NO RELEASE");
	same("COMMIT AND CHAIN");
	same("ROLLBACK RELEASE");
	same("SAVEPOINT a");
	prints("rollback work to a", "ROLLBACK TO SAVEPOINT a");
	prints("rollback to savepoint", "ROLLBACK TO SAVEPOINT savepoint");
	same("RELEASE SAVEPOINT `a b`");
	refused("COMMIT AND CHAIN RELEASE", 1, 18);
	refused("START TRANSACTION ISOLATION LEVEL SERIALIZABLE", 1, 19);
	refused("START TRANSACTION READ ONLY, READ WRITE", 1, 40);
	refused("BEGIN NOT ATOMIC SELECT 1; END", 1, 7);
	refused("START SLAVE", 1, 1);
	assert_true(node_of("COMMIT AND CHAIN")->transaction_stmt->chain);
	assert_int_equal(
	    node_of("ROLLBACK TO a")->transaction_stmt->kind,
	    PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO);
}

static void test_xa(void **state)
{
	(void)state;
	prints("XA BEGIN 'a',0xb,007 JOIN", "XA START X'61',X'0B',7 JOIN");
	prints("XA END x'6a' SUSPEND FOR MIGRATE",
	       "XA END X'6A',X'',1 SUSPEND FOR MIGRATE");
	prints("XA PREPARE 'a\\0'", "XA PREPARE X'6100',X'',1");
	prints("XA COMMIT 'a' ONE PHASE", "XA COMMIT X'61',X'',1 ONE PHASE");
	prints("XA COMMIT 'a'", "XA COMMIT X'61',X'',1");
	prints("XA ROLLBACK 'a'", "XA ROLLBACK X'61',X'',1");
	prints("XA RECOVER FORMAT = 'SQL'", "SHOW xa recover format='sql'" + 5);
	refused("XA START 'a' 'b'", 1, 14);
	refused("XA START 'a', '', 99999999999", 1, 19);
	refused("XA FORGET 'a'", 1, 4);
	assert_int_equal(
	    node_of("XA COMMIT 'a' ONE PHASE")->transaction_stmt->kind,
	    PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT);
}

static void test_settings(void **state)
{
	(void)state;
	prints("SET SESSION sql_mode = ansi", "SET sql_mode = 'ansi'");
	prints("SET @@local.sql_mode := DEFAULT", "SET sql_mode = DEFAULT");
	prints("SET @@sql_mode = concat(@@sql_mode, ',ANSI')",
	       "SET sql_mode = concat(@@sql_mode, ',ANSI')");
	prints("SET GLOBAL a = 1, b = on, @x := b + 1, local c = 2, d = 3",
	       "SET GLOBAL a = 1, GLOBAL b = 'on', @`x` = b + 1, "
	       "SESSION c = 2, SESSION d = 3");
	prints("SET a = 1, @@b = 2, global c = 3, @@d = 4",
	       "SET SESSION a = 1, SESSION b = 2, GLOBAL c = 3, "
	       "SESSION d = 4");
	prints("SET global hot.key_buffer_size = 10, "
	       "@@global.default.key_buffer_size = 1",
	       "SET GLOBAL hot.key_buffer_size = 10, "
	       "GLOBAL default.key_buffer_size = 1");
	prints("SET `sql_mode` = (SELECT '')", "SET sql_mode = (SELECT '')");
	same("SET @`a b` = NULL");
	prints("SET NAMES utf8mb4 COLLATE 'utf8mb4_bin', @a = 1",
	       "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_bin', @`a` = 1");
	prints("SET NAMES binary", "SET NAMES 'binary'");
	same("SET NAMES DEFAULT");
	prints("SET CHARSET latin1", "SET CHARACTER SET 'latin1'");
	same("SET ROLE NONE");
	prints("SET ROLE r", "SET ROLE `r`");
	same("USE `a b`");
	refused("SET NAMES", 1, 10);
	refused("SET session.sql_mode = 1", 1, 12);
	refused("SET @a = ON", 1, 10);
	refused("SET @a = DEFAULT, b = 1", 1, 10);
	refused("SET PASSWORD FOR a = 'secret'", 1, 5);
	refused("SET a", 1, 6);
	refused("SET a = 1 b", 1, 11);
	refused("SET SESSION NAMES utf8", 1, 19);
}

/* What a SET acts on: names, and whether it holds for one transaction. */
static void test_scopes(void **state)
{
	const PgQuery__VariableSetStmt *set;

	(void)state;
	set = node_of("SET @@tx_isolation = 'SERIALIZABLE'")->variable_set_stmt;
	assert_true(set->is_local);
	set = node_of("SET tx_isolation = 'SERIALIZABLE'")->variable_set_stmt;
	assert_false(set->is_local);
	same("SET @@tx_isolation = 'SERIALIZABLE'");
	set = node_of("SET @@global.sql_mode = ''")->variable_set_stmt;
	assert_string_equal(set->name, "global.sql_mode");
	set = node_of("SET a = 1, b = 2")->variable_set_stmt;
	assert_string_equal(set->name, "");
	assert_int_equal(set->n_args, 2);
}

static void test_set_transaction(void **state)
{
	(void)state;
	same("SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY");
	prints("SET LOCAL TRANSACTION READ WRITE",
	       "SET SESSION TRANSACTION READ WRITE");
	same("SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE");
	assert_int_equal(
	    node_of("SET TRANSACTION READ ONLY")->variable_set_stmt->kind,
	    PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI);
	assert_int_equal(node_of("SET GLOBAL TRANSACTION READ ONLY")
			     ->variable_set_stmt->kind,
			 PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE);
	refused("SET TRANSACTION READ ONLY, @a = 1", 1, 28);
	refused("SET @a = 1, TRANSACTION READ ONLY", 1, 25);
	refused("SET TRANSACTION ISOLATION LEVEL CHAOS", 1, 33);
}

static void test_set_statement(void **state)
{
	const PgQuery__VariableSetStmt *set;

	(void)state;
	prints("SET STATEMENT max_statement_time=1, sql_mode='' FOR "
	       "INSERT t VALUES (1)",
	       "SET STATEMENT max_statement_time = 1, sql_mode = '' FOR "
	       "INSERT INTO t VALUES (1)");
	set =
	    node_of("SET STATEMENT a = 1 FOR DELETE FROM t")->variable_set_stmt;
	assert_string_equal(set->name, "statement");
	assert_true(SQL_IS(set->args[1], DELETE_STMT));
	same("SET STATEMENT a = 1 FOR COMMIT");
	refused("SET STATEMENT SESSION a = 1 FOR SELECT 1", 1, 23);
	refused("SET STATEMENT a = 1", 1, 20);
	use(MYSQL_SERVER_MYSQL, 0);
	refused("SET STATEMENT a = 1 FOR SELECT 1", 1, 15);
}

static void test_locks(void **state)
{
	(void)state;
	prints("LOCK TABLE t READ, d.u AS v READ LOCAL, w x LOW_PRIORITY WRITE",
	       "LOCK TABLES t READ, d.u AS v READ LOCAL, "
	       "w AS x LOW_PRIORITY WRITE");
	same("LOCK TABLES t WRITE WAIT 3");
	same("LOCK TABLES t WRITE NOWAIT");
	prints("unlock table", "UNLOCK TABLES");
	refused("LOCK TABLES t", 1, 14);
	refused("LOCK INSTANCE FOR BACKUP", 1, 6);
}

static void test_prepared(void **state)
{
	(void)state;
	same("PREPARE s FROM 'SELECT ?'");
	prints("PREPARE s FROM @v", "PREPARE s FROM @`v`");
	prints("EXECUTE s USING @a, 1 + 1", "EXECUTE s USING @`a`, 1 + 1");
	same("EXECUTE s");
	same("EXECUTE IMMEDIATE 'SELECT ?' USING 1");
	same("EXECUTE immediate");
	prints("DROP PREPARE s", "DEALLOCATE PREPARE s");
	same("DO sleep(0), 1");
	refused("PREPARE s AS SELECT 1", 1, 11);
	refused("DEALLOCATE s", 1, 12);
}

static void test_load(void **state)
{
	const char *all =
	    "LOAD DATA CONCURRENT LOCAL INFILE 'f' REPLACE INTO TABLE d.t "
	    "PARTITION (p, q) CHARACTER SET 'utf8mb4' "
	    "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' "
	    "ESCAPED BY '\\\\' LINES STARTING BY 'x' TERMINATED BY '\\r' "
	    "IGNORE 1 LINES (a, @`b`) SET c = @`b`, d = DEFAULT";
	const PgQuery__CopyStmt *copy = node_of(all)->copy_stmt;

	(void)state;
	assert_true(copy->is_from);
	assert_string_equal(copy->filename, "f");
	assert_string_equal(copy->relation->relname, "t");
	assert_int_equal(copy->n_attlist, 2);
	prints("load data infile 'f' into table t columns enclosed by 0x27 "
	       "ignore 2 rows",
	       "LOAD DATA INFILE 'f' INTO TABLE t FIELDS ENCLOSED BY 0x27 "
	       "IGNORE 2 LINES");
	refused("LOAD DATA INFILE @f INTO TABLE t", 1, 18);
	refused("LOAD DATA INFILE 'f' INTO TABLE t FIELDS", 1, 41);
	refused("LOAD XML INFILE 'f' INTO TABLE t", 1, 6);
	refused("LOAD DATA INFILE 'f' 'g' INTO TABLE t", 1, 22);
}

static void test_shows(void **state)
{
	(void)state;
	prints("show tables like 'wp\\_%'", "SHOW tables like 'wp\\\\_%'");
	prints("SHOW FULL COLUMNS FROM `a'b`.T WHERE `Key` = \"x'y\"",
	       "SHOW full COLUMNS from `a'b`.T where `Key` = 'x''y'");
	prints("SHOW COUNT(*) WARNINGS", "SHOW count(*) WARNINGS");
	prints("DESC d.t", "SHOW columns from `d`.`t`");
	prints("DESCRIBE t 'a%'", "SHOW columns from `t` like 'a%'");
	prints("EXPLAIN t a", "SHOW columns from `t` like 'a'");
	refused("SHOW", 1, 5);
	refused("SHOW TABLES LIKE ?", 1, 18);
	refused("SHOW NONSENSE", 1, 6);
	refused("HANDLER t OPEN", 1, 1);
}

static void test_explains(void **state)
{
	const PgQuery__ExplainStmt *stmt;

	(void)state;
	prints("DESCRIBE SELECT 1 AS a", "EXPLAIN SELECT 1 AS a");
	prints("EXPLAIN EXTENDED (SELECT 1 AS a)",
	       "EXPLAIN EXTENDED SELECT 1 AS a");
	prints("EXPLAIN FORMAT=JSON DELETE FROM t",
	       "EXPLAIN FORMAT = JSON DELETE FROM t");
	prints("ANALYZE FORMAT='json' UPDATE t SET a = 1",
	       "ANALYZE FORMAT = json UPDATE t SET a = 1");
	stmt = node_of("ANALYZE SELECT 1")->explain_stmt;
	assert_string_equal(stmt->options[0]->def_elem->defname, "analyze");
	refused("EXPLAIN SET a = 1", 1, 9);
	refused("ANALYZE TABLE t", 1, 1);
	use(MYSQL_SERVER_MYSQL, 0);
	prints_of(mysql, "EXPLAIN ANALYZE SELECT 1 AS a", 29,
		  "EXPLAIN ANALYZE SELECT 1 AS a");
	refused("ANALYZE SELECT 1", 1, 1);
}

/* Strings are printed for the dialect, whatever the text was written in. */
static void test_modes(void **state)
{
	(void)state;
	use(MYSQL_SERVER_MARIADB, MYSQL_NO_BACKSLASH_ESCAPES);
	prints_of(plain, "SHOW TABLES LIKE 'a\\_'", 22,
		  "SHOW tables like 'a\\_'");
	prints_of(plain, "SET @`a` = 'a\\'", 15, "SET @`a` = 'a\\'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_transactions),
	    TEST(test_xa),
	    TEST(test_settings),
	    TEST(test_scopes),
	    TEST(test_set_transaction),
	    TEST(test_set_statement),
	    TEST(test_locks),
	    TEST(test_prepared),
	    TEST(test_load),
	    TEST(test_shows),
	    TEST(test_explains),
	    TEST(test_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
