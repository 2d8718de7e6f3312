"""Through an identity mapping nothing may diverge, whatever clients do: pipelines,
portals, COPY, several at a time (mirrored.py)."""

import threading
import time
import unittest

import psycopg2

from harness import Cluster, Workplace
from mirrored import SCHEMA, Scenarios
from rawclient import (COPY_DONE, FLUSH, SYNC, bind, close, copy_data, copy_fail,
                       describe, execute, message, parse, query, statement,
                       text)


class IdentityClients(Scenarios):
    @classmethod
    def setUpClass(cls):
        cls.place = Workplace("identity-clients")
        cls.addClassCleanup(cls.place.close)
        settings = {"max_connections": 250, "max_prepared_transactions": 5,
                    "deadlock_timeout": "200ms"}
        cls.primary = Cluster(cls.place, "primary",
                              {**settings, "max_connections": 1200}).start()
        cls.shadow = Cluster(cls.place, "shadow", settings).start()

    def test_pipelines(self):
        with self.mirrored(allowed={
                ("inconclusive", "not-run"): 5,
                # a portal executed again outside of a block
                ("skipped", "unsupported"): 1}) as m:
            one = m.raw()
            insert = "INSERT INTO item (name) VALUES ($1) RETURNING id"
            # an error in the middle undoes what came before it
            kinds = one.ask(statement(insert, ["p1"]), statement("SELECT 1/0"),
                            statement(insert, ["p2"]), SYNC)
            self.assertIn("E", kinds)
            one.ask(statement("SELECT name FROM item WHERE id > 20"), SYNC)
            # two transactions in one write
            one.ask(statement(insert, ["p3"]), SYNC,
                    statement(insert, ["p4"]), SYNC)
            one.until("Z")
            # an explicit block inside of a pipeline
            one.ask(statement("BEGIN"), statement(insert, ["p5"]),
                    statement("COMMIT"), statement(insert, ["p6"]),
                    statement("SELECT 1/0"), SYNC)
            # Flush and no Sync
            one.ask(statement(insert, ["p7"]), FLUSH, until="C")
            one.ask(statement("SELECT count(*) FROM item"), FLUSH, until="C")
            one.ask(SYNC)
            # an error, Flush, and more that is thrown away until Sync
            one.ask(statement(insert, ["p8"]), statement("SELEC"), FLUSH,
                    until="E")
            one.ask(statement(insert, ["p9"]), FLUSH, SYNC)
            # statement and portal by name, bound twice
            one.ask(parse(insert, "ins"), describe("S", "ins"),
                    bind(["q1"], "a", "ins"), bind(["q2"], "b", "ins"),
                    execute("b"), execute("a"), close("P", "a"),
                    close("S", "ins"), SYNC)
            # a portal executed to its end twice
            one.ask(statement("SELECT 1"), execute(), SYNC)
            # an unknown portal, an unknown statement
            one.ask(execute("nothing"), SYNC)
            one.ask(bind(statement="nothing"), execute(), SYNC)
            # an empty statement
            one.ask(statement(""), SYNC)
            one.ask(statement("-- only a comment"), SYNC)
            one.ask(parse("SELECT $1::int + $2::int", types=[23, 23]),
                    bind([b"\0\0\0\1", b"\0\0\0\2"], formats=[1],
                         results=[1]), describe(), execute(), SYNC)
            # a simple query in the middle of a pipeline ends it
            one.ask(statement(insert, ["r1"]), query("SELECT count(*) FROM "
                                                     "item"))
            one.ask(statement(insert, ["r2"]), query("SELECT 1/0"))
            one.ask(statement("SELECT id, name FROM item ORDER BY id"), SYNC)
            # a deferred constraint at Sync
            one.ask(statement("SET CONSTRAINTS ALL DEFERRED"),
                    statement("INSERT INTO line (item, quantity) VALUES "
                              "(9999, 1)"), SYNC)
            one.ask(statement("BEGIN"), statement(
                "SET CONSTRAINTS ALL DEFERRED"), statement(
                    "INSERT INTO line (item, quantity) VALUES (9999, 1)"), SYNC)
            one.ask(statement("COMMIT"), SYNC)
            one.ask(statement("SELECT count(*) FROM line"), SYNC)
            one.end()

    def test_malformed_messages(self):
        """What the primary answers with a protocol violation is no statement:
        its text is not run on the shadow."""
        insert = "INSERT INTO item (name) VALUES ('odd')"
        numbers = "SELECT $1::int"
        malformed = [
            message("Q", insert.encode()),  # its end is not there
            message("Q", text(insert) + b"more"),
            message("Q", text(insert + "; " + insert) + b"more"),
            message("P", text("") + insert.encode()) + bind() + execute(),
            message("P", parse(insert)[5:] + b"more") + bind() + execute(),
            parse(insert) + message("B", bind()[5:] + b"more") + execute(),
            parse(insert) + bind(["more"]) + execute(),
            parse(insert) + bind() + message("E", execute()[5:] + b"more"),
            parse(numbers) + bind([b"\0\1"], formats=[1]) + execute(),
        ]
        with self.mirrored(allowed={("inconclusive", "not-run"):
                                    2 * len(malformed)}) as m:
            one = m.raw()

            def refused(sent):
                one.send(sent, b"" if sent[:1] == b"Q" else SYNC)
                self.assertIn(b"C08P01\0", b"".join(
                    body for kind, body in one.until("Z") if kind == "E"))

            for sent in malformed:
                refused(sent)
                one.ask(query("SELECT count(*) FROM item"))
                one.ask(query("BEGIN"))
                refused(sent)
                one.ask(query("SELECT 1"))
                one.ask(query("ROLLBACK"))
            one.ask(statement("SELECT count(*) FROM item"), SYNC)
            one.end()
        self.assertEqual(self.report["verdicts"]["inconclusive"],
                         2 * len(malformed))

    def test_portals(self):
        with self.mirrored(allowed={
                # further slices outside of a block; no such portal
                ("skipped", "unsupported"): 3,
                ("inconclusive", "not-run"): 1}) as m:
            one = m.raw()
            read = "SELECT id, name FROM item ORDER BY id"
            one.ask(statement("BEGIN"), SYNC)
            one.ask(parse(read), bind(portal="a"), parse(
                "SELECT id FROM line ORDER BY id DESC"), bind(portal="b"),
                describe("P", "a"), execute("a", 3), execute("b", 2),
                execute("a", 3), FLUSH, SYNC)
            one.ask(execute("b", 2), execute("a", 100), execute("b", 0), SYNC)
            one.ask(execute("a", 5), SYNC)
            one.ask(close("P", "a"), SYNC)
            one.ask(query("UPDATE item SET price = price + 1 WHERE id = 3"))
            one.ask(parse("SELECT price FROM item WHERE id = $1"),
                    bind(["3"], "c", results=[1]), execute("c", 1),
                    execute("c", 1), SYNC)
            one.ask(query("COMMIT"))
            # outside of a block: a portal lives until Sync
            one.ask(statement(read, limit=3), execute(limit=3), execute(),
                    SYNC)
            one.ask(statement(read, limit=3), SYNC)
            one.ask(execute(), SYNC)
            one.ask(statement("INSERT INTO item (name) VALUES ('x'), ('y') "
                              "RETURNING id", limit=1), execute(), SYNC)
            one.ask(query("SELECT count(*) FROM item"))
            one.end()

    def test_prepared(self):
        with self.mirrored(allowed={
                # SQL's EXECUTE of what the protocol prepared, and the reverse
                ("inconclusive", "session-state"): 2,
                ("inconclusive", "not-run"): 1,
                ("skipped", "unsupported"): 2}) as m:
            m.psql(r"""
PREPARE get (int) AS SELECT name FROM item WHERE id = $1; EXECUTE get(3); EXECUTE get(4);
PREPARE put AS INSERT INTO item (name, price) VALUES ($1, $2) RETURNING id; EXECUTE put('a', 2.50); EXECUTE put('b', 3 + 1); EXECUTE put('a', 1);
PREPARE upd (numeric, int) AS UPDATE item SET price = $1 WHERE id = $2; EXECUTE upd(9, 1); EXECUTE upd(9, 100);
BEGIN; PREPARE inside AS SELECT 1; ROLLBACK; EXECUTE inside;
EXECUTE nothing; PREPARE get AS SELECT 1; DEALLOCATE get; EXECUTE get(1); DEALLOCATE nothing;
CREATE TEMP TABLE made AS EXECUTE inside;
PREPARE again AS SELECT count(*) FROM item; EXECUTE again; DEALLOCATE ALL; EXECUTE again; DEALLOCATE PREPARE ALL;
PREPARE q AS SELECT $1::text || $2; EXECUTE q('a', NULL); EXECUTE q('a');
EXPLAIN (COSTS OFF) EXECUTE q('a', 'b'); SELECT name, statement FROM pg_prepared_statements;
""")
            one = m.raw()
            one.ask(parse("SELECT name FROM item WHERE id = $1", "p", [23]),
                    SYNC)
            one.ask(bind(["3"], statement="p"), execute(), SYNC)
            one.ask(query("EXECUTE p(5)"))
            one.ask(query("DEALLOCATE p"))
            one.ask(bind(["3"], statement="p"), execute(), SYNC)
            one.ask(query("PREPARE s AS SELECT $1::int + 1"))
            one.ask(bind(["3"], statement="s"), describe(), execute(), SYNC)
            one.ask(query("DEALLOCATE ALL"))
            one.ask(parse("SELECT 1", "p"), bind(statement="p"), execute(),
                    SYNC)
            one.ask(query("DISCARD ALL"))
            one.ask(parse("SELECT 2", "p"), bind(statement="p"), execute(),
                    SYNC)
            one.end()

    def test_copy(self):
        with self.mirrored(setup=SCHEMA + "CREATE TABLE bulk (id int, t text, "
                           "at timestamptz DEFAULT '2020-01-01');", allowed={
                               # CopyFail answers 57014
                               ("inconclusive", "load"): 1,
                               ("inconclusive", "abandoned"): 3}) as m:
            m.psql("COPY bulk (id, t) FROM STDIN;\n1\ta\n2\t\\N\n3\tx\\ty\n"
                   "\\.\nCOPY bulk FROM STDIN (FORMAT csv, HEADER);\n"
                   "id,t,at\n4,\"q,\"\"z\"\"\",2021-01-01\n\\.\n"
                   "COPY bulk (id) FROM STDIN;\n5\nnot a number\n\\.\n"
                   "COPY line (item, quantity) FROM STDIN;\n1\t3\n2\t4\n\\.\n"
                   "COPY bulk TO STDOUT; COPY bulk (id, t) TO STDOUT (FORMAT "
                   "csv, HEADER); COPY (SELECT id FROM item ORDER BY id) TO "
                   "STDOUT; COPY item TO STDOUT (FORMAT binary);\n"
                   "COPY nothing FROM STDIN; COPY bulk (nothing) TO STDOUT;\n"
                   "BEGIN; COPY bulk (id) FROM STDIN;\n7\n\\.\nROLLBACK;\n"
                   "SELECT id, item, quantity FROM line ORDER BY id; "
                   "SELECT * FROM bulk ORDER BY id;")
            one = m.raw()
            one.ask(query("COPY bulk (id, t) FROM STDIN"), until="G")
            one.ask(copy_data(b"8\thalf"), copy_data(b" way\n9\tno"),
                    copy_fail("changed my mind"))
            one.ask(query("BEGIN"))
            one.ask(query("COPY bulk (id, t) FROM STDIN; SELECT count(*) "
                          "FROM bulk; COPY bulk (id) FROM STDIN; SELECT 1"),
                    until="G")
            one.ask(copy_data(b"10\tten\n"), COPY_DONE, until="G")
            one.ask(copy_data(b"11\n12\n"), COPY_DONE)
            one.ask(query("COMMIT"))
            # by the extended protocol
            one.ask(parse("COPY bulk (id) FROM STDIN"), bind(), execute(),
                    SYNC, until="G")
            one.ask(copy_data(b"13\n"), COPY_DONE, SYNC)
            one.ask(parse("COPY (SELECT 1) TO STDOUT"), bind(), describe(),
                    execute(), SYNC)
            head = (b"PGCOPY\n\xff\r\n\0" + b"\0" * 8)
            one.ask(query("COPY bulk (id) FROM STDIN (FORMAT binary)"),
                    until="G")
            one.ask(copy_data(head + b"\0\1\0\0\0\4\0\0\0\x0e"),
                    copy_data(b"\xff\xff"), COPY_DONE)
            one.ask(query("COPY bulk (id, t) FROM STDIN"), until="G")
            lines = b"".join(b"%d\t%s\n" % (n, b"v" * 500)
                             for n in range(2000))
            for _ in range(50):
                one.send(copy_data(lines))
            one.ask(COPY_DONE)
            one.ask(query("SELECT count(*), sum(id), max(t) FROM bulk"))
            one.ask(query("COPY bulk TO STDOUT"))
            one.end()
            # clients that vanish
            for sql, data in (("COPY bulk (id) FROM STDIN", b"999\n"),
                              ("BEGIN; INSERT INTO item (id, name) VALUES "
                               "(999, 'gone'); COPY bulk (id) FROM STDIN",
                               b"998\n")):
                one = m.raw()
                one.ask(query(sql), until="G")
                one.send(copy_data(data))
                one.close()
            one = m.raw()
            one.ask(query("BEGIN; INSERT INTO item (id, name) VALUES (997, "
                          "'gone')"))
            one.close()
            time.sleep(0.3)
            m.psql("SELECT count(*) FROM bulk; SELECT count(*) FROM item;")
        self.assertGreater(self.report["verdicts"]["match"], 35)

    def test_contention(self):
        """Locks waited for, deadlocks, races, timeouts: never a divergence."""
        with self.mirrored(allowed={("inconclusive", "overlap"): 20,
                                    ("inconclusive", "tainted"): 20,
                                    ("inconclusive", "load"): 20,
                                    ("inconclusive", "not-run"): 5,
                                    ("inconclusive", "limit-order"): 5}) as m:
            one, two = m.connect().cursor(), m.connect().cursor()
            errors = []

            def later(cursor, *statements):
                def work():
                    for sql in statements:
                        try:
                            cursor.execute(sql)
                        except psycopg2.Error as error:
                            errors.append(error.pgcode)
                thread = threading.Thread(target=work)
                thread.start()
                time.sleep(0.1)
                return thread

            def run(cursor, *statements):
                for sql in statements:
                    cursor.execute(sql)

            # who waits sees what the other committed
            run(one, "BEGIN", "UPDATE item SET price = 50 WHERE id = 1")
            waits = later(two, "UPDATE item SET price = price + 1 WHERE id = 1 "
                          "RETURNING price", "SELECT price FROM item "
                          "WHERE id = 1")
            run(one, "COMMIT")
            waits.join(20)
            # SELECT FOR UPDATE, and a rollback
            run(one, "BEGIN", "SELECT * FROM item WHERE id = 2 FOR UPDATE",
                "UPDATE item SET price = 60 WHERE id = 2")
            waits = later(two, "BEGIN", "SELECT price FROM item WHERE id = 2 "
                          "FOR UPDATE", "UPDATE item SET price = price * 2 "
                          "WHERE id = 2", "COMMIT")
            run(one, "ROLLBACK")
            waits.join(20)
            # SKIP LOCKED as queues use it
            run(one, "BEGIN", "SELECT id FROM item ORDER BY id LIMIT 2 FOR "
                "UPDATE SKIP LOCKED")
            run(two, "BEGIN", "SELECT id FROM item ORDER BY id LIMIT 2 FOR "
                "UPDATE SKIP LOCKED", "UPDATE item SET price = 5 WHERE id = 3",
                "COMMIT")
            run(one, "UPDATE item SET price = 6 WHERE id = 1", "COMMIT")
            # a deadlock
            run(one, "BEGIN", "UPDATE item SET price = 7 WHERE id = 5")
            run(two, "BEGIN", "UPDATE item SET price = 8 WHERE id = 6")
            waits = later(one, "UPDATE item SET price = 9 WHERE id = 6",
                          "COMMIT")
            later(two, "UPDATE item SET price = 10 WHERE id = 5",
                  "COMMIT").join(20)
            waits.join(20)
            self.assertIn("40P01", errors)
            # a serialization failure
            for cursor in (one, two):
                run(cursor, "BEGIN ISOLATION LEVEL REPEATABLE READ",
                    "SELECT sum(price) FROM item")
            run(one, "UPDATE item SET price = 1 WHERE id = 7", "COMMIT")
            later(two, "UPDATE item SET price = 2 WHERE id = 7",
                  "COMMIT").join(20)
            self.assertIn("40001", errors)
            # one name, two writers
            run(one, "BEGIN", "INSERT INTO item (id, name) VALUES (70, 'race')")
            waits = later(two, "INSERT INTO item (id, name) VALUES (71, 'race')")
            run(one, "COMMIT")
            waits.join(20)
            self.assertIn("23505", errors)
            run(one, "BEGIN", "INSERT INTO item (id, name) VALUES (72, 'no')")
            waits = later(two, "INSERT INTO item (id, name) VALUES (73, 'no')")
            run(one, "ROLLBACK")
            waits.join(20)
            # timeouts of the primary
            run(one, "SET statement_timeout = '50ms'")
            later(one, "SELECT pg_sleep(5)", "BEGIN",
                  "UPDATE item SET price = 3 WHERE id = 8",
                  "SELECT pg_sleep(5)", "COMMIT", "RESET statement_timeout",
                  "SELECT price FROM item WHERE id = 8").join(20)
            run(two, "BEGIN", "UPDATE item SET price = 4 WHERE id = 9")
            run(one, "SET lock_timeout = '50ms'")
            later(one, "UPDATE item SET price = 5 WHERE id = 9",
                  "SELECT * FROM item WHERE id = 9 FOR UPDATE NOWAIT",
                  "RESET lock_timeout").join(20)
            run(two, "COMMIT", "SELECT pg_advisory_lock(9)")
            waits = later(one, "SELECT pg_advisory_lock(9)")
            run(two, "SELECT pg_advisory_unlock(9)")
            waits.join(20)
            run(one, "SELECT id, name, price FROM item ORDER BY id")
            one.connection.close()
            two.connection.close()

    def test_sessions(self):
        """A hundred at work, a thousand idle: those cost the shadow nothing."""
        with self.mirrored(allowed={("inconclusive", "overlap"): 50}) as m:
            idle = [m.raw() for _ in range(1000)]
            time.sleep(0.3)
            count = self.shadow.psql("SELECT count(*) FROM pg_stat_activity "
                                     "WHERE datname = 'test_sessions'")
            self.assertLess(int(count), 5)

            def work(number):
                own = m.connect().cursor()
                name = f"of {number}"
                own.execute("INSERT INTO item (id, name) VALUES (%s, %s)",
                            (1000 + number, name))
                own.execute("BEGIN")
                own.execute("UPDATE item SET price = 9 WHERE name = %s "
                            "RETURNING id", (name,))
                own.execute("INSERT INTO line (item, quantity) VALUES (%s, 1) "
                            "RETURNING id", (1000 + number,))
                own.execute("COMMIT")
                own.execute("SELECT * FROM item WHERE id = %s",
                            (1000 + number,))
                own.connection.close()
            threads = [threading.Thread(target=work, args=(n,))
                       for n in range(100)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            for one in idle:
                one.close()


if __name__ == "__main__":
    unittest.main()
