"""No client may do on the shadow what it may not do on the primary."""

import unittest

from harness import Parallax, start_pair

SCHEMA = """
CREATE TABLE notes (id serial PRIMARY KEY, body text);
CREATE TABLE secret (id int PRIMARY KEY, word text);
INSERT INTO secret VALUES (1, 'kept'), (2, 'kept too');
GRANT SELECT, INSERT ON notes TO {roles};
GRANT USAGE ON SEQUENCE notes_id_seq TO {roles};
"""


def verdicts(report, reason=None):
    """Counts by (verdict, reason)."""
    counts = {}
    for row in report["inconclusive_and_skipped"]:
        key = (row["verdict"], row["reason"])
        counts[key] = counts.get(key, 0) + row["count"]
    return counts


class MissingRole(unittest.TestCase):
    """A role that the shadow lacks, or may not be taken on, never gets the rights
    of the shadow's account."""

    def setUp(self):
        start_pair(self, "rights")
        self.primary.psql("CREATE ROLE ghost LOGIN; CREATE ROLE app LOGIN;"
                          + SCHEMA.format(roles="ghost, app"))
        self.shadow.psql("CREATE ROLE app LOGIN;" + SCHEMA.format(roles="app"))

    def test_missing_role(self):
        proxy = Parallax(self.place, self.primary, self.shadow)
        proxy.start()
        for role in ("ghost", "app", "ghost"):
            self.primary.psql(
                "BEGIN; INSERT INTO notes (body) VALUES ('" + role + "');"
                "SELECT count(*) FROM notes; COMMIT;"
                "INSERT INTO notes (body) VALUES ('" + role + "') RETURNING id;",
                user=role, port=proxy.port)
        proxy.stop()
        report = proxy.report()
        print(report["verdicts"])
        self.assertEqual(self.shadow.psql(
            "SELECT body, count(*) FROM notes GROUP BY 1"), "app|2\n")
        self.assertEqual(report["exchanges"]["unaccounted"], 0)
        self.assertEqual(report["divergences"], [])
        log = self.place.log("parallax")
        self.assertEqual(log.count("the shadow refuses a role"), 1, log)
        self.assertGreaterEqual(report["verdicts"]["skipped"], 8)
        self.assertGreaterEqual(report["verdicts"]["match"], 1)


if __name__ == "__main__":
    unittest.main()
