"""What goes wrong between journal and shadow, and costs no row and no verdict:
long messages, transactions that are prepared, full disks, sessions that the
shadow refuses, kills."""

import os
import signal
import sqlite3
import time
import unittest

import harness
import rawclient

MATCH_ONLY = {"diverged": 0, "inconclusive": 0, "skipped": 0,
              "untranslatable": 0, "failed": 0}


class Faults(unittest.TestCase):
    """Servers for all tests of a class, a database for each."""

    settings = {"max_prepared_transactions": 20}

    @classmethod
    def setUpClass(cls):
        cls.place = harness.Workplace("faults")
        cls.addClassCleanup(cls.place.close)
        cls.primary = harness.Cluster(cls.place, "primary",
                                      settings=cls.settings).start()
        cls.shadow = harness.Cluster(cls.place, "shadow",
                                     settings=cls.settings).start()

    def parallax(self, tables, shadow_tables=None, extra="", options=(),
                 start=True):
        name = f"f{id(self) % 100000}_{self._testMethodName[5:40]}"
        for cluster, text in ((self.primary, tables),
                              (self.shadow, shadow_tables or tables)):
            cluster.create_database(name)
            cluster.psql(text, database=name)
        self.database = name
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    database=name, name=name, extra=extra)
        self.addCleanup(lambda: parallax.process and
                        self.place.stop_process(parallax.process, 1))
        return parallax.start(*options) if start else parallax

    def client(self, parallax):
        return rawclient.RawClient(parallax.port, self.database)

    def through(self, parallax, sql, **options):
        return self.primary.psql(sql, port=parallax.port,
                                 database=self.database, **options).strip()

    def there(self, sql):
        """What the shadow answers."""
        return self.shadow.psql(sql, database=self.database).strip()

    def same(self, sql):
        self.assertEqual(self.primary.psql(sql, database=self.database).strip(),
                         self.there(sql))

    def counted(self, parallax):
        """Waits until all that the relay has captured has a verdict."""
        return self.place.wait_for(
            lambda: (lambda report: report["exchanges"]["seen"] and
                     report["exchanges"]["lag"] == 0 and report)(
                         parallax.report()), "the verdicts", 60)

    def end(self, parallax, **expected):
        self.assertEqual(parallax.stop(), 0)
        report = parallax.report()
        verdicts = report["verdicts"]
        print(verdicts)
        self.assertEqual(sum(verdicts.values()), report["exchanges"]["seen"])
        for verdict, count in {**MATCH_ONLY, **expected}.items():
            self.assertEqual(verdicts[verdict], count, (verdict, report))
        return report

    def log(self, parallax):
        return self.place.log(parallax.name)


class Messages(Faults):
    def test_message_of_many_statements(self):
        """A savepoint's rollback is one, wherever it stands in its message."""
        parallax = self.parallax("CREATE TABLE t (id int PRIMARY KEY)")
        client = self.client(parallax)
        for first, count in ((1, 61), (11, 64), (21, 1000)):
            client.ask(rawclient.query(
                f"BEGIN; INSERT INTO t VALUES ({first}); "
                + "SELECT 1; " * count +
                f"SAVEPOINT s; INSERT INTO t VALUES ({first + 1}); ROLLBACK TO "
                f"s; INSERT INTO t VALUES ({first + 2}); COMMIT"))
        client.end()
        self.end(parallax)
        self.assertEqual(self.there("SELECT string_agg(id::text, ',' "
                                    "ORDER BY id) FROM t"),
                         "1,3,11,13,21,23")


if __name__ == "__main__":
    unittest.main()
