"""Clients of MariaDB through the relay: each gets what the server itself gives, and
what the journal has of it is what ran. mariadb (text, LOAD DATA LOCAL), PyMySQL,
node's mysql2 and Connector/J (binary), and logins of each kind."""

import collections
import contextlib
import os
import re
import shutil
import threading
import unittest

import pymysql
import pymysql.cursors

import mariadb
from harness import BUILD, ROOT, Workplace

SCRIPT = r"""
CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) UNIQUE,
  pay DECIMAL(10,2), born DATE, note LONGBLOB);
INSERT INTO people (name, pay, born) VALUES ('Ada', 3.5, '1815-12-10'), ('Bob', NULL, NULL);
SELECT LAST_INSERT_ID(), ROW_COUNT();
UPDATE people SET pay = 4 WHERE pay = 4 OR name = 'Ada';
UPDATE people SET pay = 4 WHERE name = 'Ada';
SELECT * FROM people ORDER BY id;
SELECT 1/0, 'a' + 1;
SHOW WARNINGS;
INSERT INTO people (name) VALUES ('Ada');
SELECT nonsense FROM people;
BEGIN; DELETE FROM people; ROLLBACK; SELECT COUNT(*) FROM people;
SELECT REPEAT('x', 300), REPEAT('y', 70000), NULL, '';
DELIMITER //
CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2, 3; UPDATE people SET pay = 5; END//
CREATE PROCEDURE fails() BEGIN SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'own'; END//
DELIMITER ;
CALL two();
CALL fails();
LOAD DATA LOCAL INFILE 'people.tsv' INTO TABLE people (name, pay);
SELECT COUNT(*), SUM(pay) FROM people;
SET SESSION sql_mode = 'ANSI_QUOTES';
SELECT "name" FROM people WHERE id = 1;
PREPARE s FROM 'SELECT ? + 1';
SET @a = 41;
EXECUTE s USING @a;
DROP TABLE people;
"""


HERE = os.path.dirname(os.path.abspath(__file__))
CONNECTOR_J = "/usr/share/java/mariadb-java-client.jar"
TIMES = re.compile(r"\(\d+\.\d+ sec\)")


class Relay:
    def __init__(self, place, server, name):
        self.place = place
        self.port = place.free_port()
        self.journal = place.path(f"{name}-journal")
        self.binary = place.path("mysql_relay")
        self.process = place.start([self.binary, self.port, server.port,
                                    self.journal], name)
        place.wait_for_port(self.port)

    def records(self):
        """Ends the relay; gives what it captured, a list of words a record."""
        self.place.stop_process(self.process)
        return [line.split(" ", 9) for line in
                self.place.run([self.binary, self.journal]).splitlines()]


def fields(words):
    return dict(word.split("=", 1) for word in words if "=" in word)


@unittest.skipUnless(mariadb.available(), "no MariaDB server is installed: make deps")
class MysqlRelay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.place = cls.stack.enter_context(Workplace("mysql"))
        # A copy, since the ordinary user may not reach the build's folder.
        shutil.copy(os.path.join(BUILD, "tests/integration/mysql_relay"),
                    cls.place.path("mysql_relay"))
        cls.server = mariadb.MariaDB(cls.place, "primary").start()
        cls.server.sql("""
            CREATE USER ann@'%' IDENTIFIED BY 'secret';
            CREATE USER eva@'%' IDENTIFIED BY 'secret';
            GRANT ALL ON *.* TO eva@'%';
            CREATE USER eddy@'%' IDENTIFIED VIA ed25519 USING PASSWORD('secret');
            GRANT ALL ON *.* TO ann@'%'; GRANT ALL ON *.* TO eddy@'%';""")

    def setUp(self):
        self.relay = Relay(self.place, self.server, self.id().split(".")[-1])
        self.ports = (self.server.port, self.relay.port)
        self.fresh()

    def fresh(self):
        self.server.sql("DROP DATABASE IF EXISTS shop; CREATE DATABASE shop")

    def twice(self, use):
        """use(port), on the server itself and through the relay: the same."""
        results = []
        for port in self.ports:
            self.fresh()
            results.append(use(port))
        self.assertEqual(results[1], results[0])
        return results[0]

    def captured(self):
        """The records of the relay, which have captured each session whole."""
        records = self.relay.records()
        ends = collections.Counter()
        for record in records:
            if record[0] == "end":
                ends[record[1].rsplit(".", 1)[0]] += 1
            self.assertFalse(record[0] == "opened" and len(record) > 4 and
                             record[4], record)
            self.assertFalse(record[0] == "closed" and len(record) > 3 and
                             record[3], record)
        statements = {record[1] for record in records
                      if record[0] == "statement"}
        self.assertEqual(set(ends), statements)
        return records

    def connect(self, port, **options):
        given = {"host": "127.0.0.1", "port": port, "user": "ann",
                 "password": "secret", "database": "shop", **options}
        connection = pymysql.connect(**given)
        self.addCleanup(lambda: connection.open and connection.close())
        return connection

    # --- clients ---

    def test_mariadb(self):
        self.place.write("people.tsv", "Cid\t1.5\nDora\t\\N\n" +
                         "".join(f"n{i}\t{i}\n" for i in range(20000)))
        said = self.twice(lambda port: TIMES.sub("", self.place.run(
            ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1",
             f"--port={port}", "--user=ann", "--password=secret", "--force",
             "--local-infile=1", "--show-warnings", "-vvv", "shop"],
            input=SCRIPT, codes=(0, 1))))
        self.assertIn("Rows matched: 1  Changed: 0", said)
        records = self.captured()
        ends = [fields(record) for record in records if record[0] == "end"]
        self.assertTrue(any(end["id"] == "1" and end["matched"] == "2"
                            for end in ends))
        self.assertTrue(any((end["matched"], end["changed"]) == ("1", "0")
                            for end in ends))
        self.assertIn("1062", [end["code"] for end in ends])
        self.assertIn("1644", [end["code"] for end in ends])
        loaded = sum(int(fields(record)["size"]) for record in records
                     if record[0] == "input")
        self.assertEqual(loaded, os.path.getsize(self.place.path("people.tsv")))
        self.assertEqual(
            [fields(record)["outcome"] for record in records
             if record[0] == "transaction"].count("1"), 4)
        self.assertEqual(int(next(end for end in ends
                                  if end["matched"] == "20002")["changed"]),
                         20002)

    def test_pymysql(self):
        def use(port):
            said = []
            connection = self.connect(
                port, client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)
            cursor = connection.cursor()

            def run(text, *values):
                try:
                    said.append(cursor.execute(text, values or None))
                    said.append([cursor.description, cursor.fetchall(),
                                 cursor.lastrowid, cursor.rowcount])
                    while cursor.nextset():
                        said.append([cursor.description, cursor.fetchall()])
                except pymysql.Error as error:
                    said.append(error.args)
            run("CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, b LONGTEXT)")
            run("INSERT INTO t (b) VALUES (%s), (%s)", "x", None)
            run("SELECT * FROM t; SELECT 2; SELECT nonsense; SELECT 3")
            run("SELECT * FROM t WHERE a > %s", 0)
            run("INSERT INTO t (b) VALUES (REPEAT('z', 20000000))")
            run("SELECT b FROM t WHERE a = 3")
            run("INSERT INTO t (b) VALUES (%s)", "w" * (17 * 1024 * 1024))
            run("SELECT LENGTH(b), MD5(b) FROM t")
            connection.commit()
            run("DELETE FROM t")
            connection.rollback()
            run("SELECT COUNT(*) FROM t")
            connection.ping()
            connection.select_db("mysql")
            run("SELECT DATABASE()")
            stream = connection.cursor(pymysql.cursors.SSCursor)
            stream.execute("SELECT seq FROM seq_1_to_50000")
            said.append(sum(row[0] for row in stream))
            stream.close()
            connection.close()
            return said
        said = self.twice(use)
        self.assertIn(50000 * 50001 // 2, said)
        records = self.captured()
        self.assertIn("50000", [fields(record)["rows"] for record in records
                                if record[0] == "end"])

    def test_mysql2(self):
        modules = os.path.join(ROOT, "build/node/node_modules")
        if not os.path.isdir(os.path.join(modules, "mysql2")):
            self.skipTest("node's mysql2 is not installed: make deps")
        copy = self.place.path("node_modules")
        if not os.path.isdir(copy):
            shutil.copytree(modules, copy)
        script = self.place.take(os.path.join(HERE, "mysql_client.js"))
        said = self.twice(lambda port: self.place.run(["node", script, port]))
        self.assertIn('"eva@%"', said)
        self.assertIn("18446744073709551615", said)
        records = self.captured()
        bound = [fields(record)["types"] for record in records
                 if record[0] == "statement" and fields(record)["kind"] == "1"]
        self.assertEqual(bound.count("6"), 2)
        self.assertEqual([record[2:5] for record in records
                          if record[0] == "changed"],
                         [["eva", "mysql", "reset=1"]])
        self.assertEqual(len(bound), 2 + 2 + 2 + 1 + 1 + 1 + 1 + 200 + 1 - 1)

    def test_connector_j(self):
        if not shutil.which("javac") or not os.path.exists(CONNECTOR_J):
            self.skipTest("no Connector/J is installed: make deps")
        source = self.place.take(os.path.join(HERE, "MariadbClient.java"))
        self.place.run(["javac", "-cp", CONNECTOR_J, source])
        for options in ("useServerPrepStmts=false",
                        "useServerPrepStmts=true&useBulkStmts=true",
                        "useServerPrepStmts=true&useBulkStmts=false"):
            with self.subTest(options):
                said = self.twice(lambda port: self.place.run(
                    ["java", "-XX:TieredStopAtLevel=1", "-cp",
                     f"{CONNECTOR_J}:{self.place.folder}", "MariadbClient",
                     port, options]))
                self.assertIn("batch499", said)
        kinds = collections.Counter(
            fields(record)["kind"] for record in self.captured()
            if record[0] == "statement")
        self.assertGreater(kinds["1"], 500)  # the batch that is not in bulk

    def test_transactions(self):
        """What the journal says of transactions' ends is what became of them."""
        one = self.connect(self.relay.port)
        two = self.connect(self.relay.port)
        self.server.sql("CREATE TABLE shop.t (a INT PRIMARY KEY, b INT);"
                        "INSERT INTO shop.t VALUES (1, 0), (2, 0)")

        def do(connection, text):
            with connection.cursor() as cursor:
                try:
                    cursor.execute(text)
                except pymysql.Error as error:
                    return error.args[0]
            return 0
        do(one, "SET autocommit = 1")
        do(two, "SET autocommit = 1")
        do(one, "BEGIN")
        do(one, "UPDATE t SET b = 1 WHERE a = 1")
        do(two, "BEGIN")
        do(two, "UPDATE t SET b = 2 WHERE a = 2")
        codes = []
        waiting = threading.Thread(target=lambda: codes.append(
            do(one, "UPDATE t SET b = 1 WHERE a = 2")))
        waiting.start()
        self.place.wait_for(
            lambda: "LOCK WAIT" in self.server.sql(
                "SELECT trx_state FROM information_schema.innodb_trx"),
            "a lock wait")
        codes.append(do(two, "UPDATE t SET b = 2 WHERE a = 1"))
        waiting.join()
        self.assertEqual(sorted(codes), [0, 1213])
        do(one, "COMMIT")
        do(two, "COMMIT")
        do(one, "BEGIN")
        do(one, "INSERT INTO t VALUES (3, 3)")
        do(one, "CREATE TABLE u (a INT)")  # commits
        do(one, "SELECT 1")
        one.close()
        two.close()
        outcomes = collections.Counter(
            fields(record)["outcome"] for record in self.captured()
            if record[0] == "transaction")
        # Commits: SET NAMES and autocommit of each login (2 x 2, and 2 x SET
        # autocommit here), two COMMITs, CREATE TABLE, SELECT; one deadlock.
        self.assertEqual(outcomes["1"], 1)
        self.assertEqual(outcomes["2"], 0)
        self.assertEqual(self.server.sql("SELECT COUNT(*) FROM shop.t")
                         .split()[-1], "3")

    # --- logins ---

    def test_logins(self):
        def use(port):
            said = []
            for user, password, database in (
                    ("ann", "secret", "shop"), ("ann", "wrong", "shop"),
                    ("ann", "", "shop"), ("nobody", "x", "shop"),
                    ("ann", "secret", "no_such"), ("root", "", "shop"),
                    ("ann", "secret", None)):
                try:
                    connection = self.connect(port, user=user,
                                              password=password,
                                              database=database)
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT CURRENT_USER(), DATABASE()")
                        said.append(cursor.fetchall())
                    connection.close()
                except pymysql.Error as error:
                    said.append(error.args)
            return said
        said = self.twice(use)
        self.assertEqual(said[0], (("ann@%", "shop"),))
        self.assertEqual([said[at][0] for at in (1, 2, 3, 4)],
                         [1045, 1045, 1045, 1049])
        self.assertEqual([record[2:4] for record in self.captured()
                          if record[0] == "opened"],
                         [["ann", "shop"], ["root", "shop"], ["ann", ""]])

    def test_ed25519(self):
        said = self.twice(lambda port: self.place.run(
            ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1",
             f"--port={port}", "--user=eddy", "--password=secret", "shop",
             "--batch", "--execute", "SELECT CURRENT_USER()"]))
        self.assertIn("eddy@%", said)

    def test_connection_id(self):
        """KILL QUERY by the id that the greeting had ends the right statement."""
        victim = self.connect(self.relay.port)
        killer = self.connect(self.relay.port)
        code = []

        def sleep():
            with victim.cursor() as cursor:
                try:
                    cursor.execute("SELECT SLEEP(60), 1 FROM mysql.user")
                    code.append(cursor.fetchall())
                except pymysql.Error as error:
                    code.append(error.args[0])
        sleeping = threading.Thread(target=sleep)
        sleeping.start()
        self.place.wait_for(
            lambda: "SLEEP" in self.server.sql("SHOW PROCESSLIST"), "a sleeper")
        with killer.cursor() as cursor:
            cursor.execute(f"KILL QUERY {victim.thread_id()}")
        sleeping.join(20)
        self.assertEqual(code, [1317])
        with victim.cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            self.assertEqual(cursor.fetchone()[0], victim.thread_id())

    def test_no_tls(self):
        """It is not offered: a client that wants it says so itself."""
        code, said = self.place.exit_code(
            ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1",
             f"--port={self.relay.port}", "--user=ann", "--password=secret",
             "--ssl", "--ssl-verify-server-cert", "--execute", "SELECT 1"])
        self.assertNotEqual(code, 0)
        self.assertRegex(said, "(?i)ssl|tls")

    def test_server_gone(self):
        """The client of a relay without a server gets an error it can read."""
        self.relay.records()
        relay = Relay.__new__(Relay)
        relay.place, relay.port = self.place, self.place.free_port()
        self.place.start([self.relay.binary, relay.port, self.place.free_port(),
                          self.place.path("gone-journal")], "gone")
        self.place.wait_for_port(relay.port)
        with self.assertRaises(pymysql.Error) as caught:
            self.connect(relay.port)
        self.assertIn("could not connect to the primary",
                      str(caught.exception))
        self.assertIn("could not connect to the primary",
                      self.place.run(["mariadb", "--no-defaults", "--protocol=tcp",
                                      "--host=127.0.0.1", f"--port={relay.port}"],
                                     codes=(1,)))


if __name__ == "__main__":
    unittest.main()
