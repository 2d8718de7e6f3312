"""No client may do on the shadow what it may not do on the primary."""

import os
import unittest

from harness import (Cluster, Parallax, SharedCluster, Workplace,
                     start_pair)

SCHEMA = """
CREATE TABLE notes (id serial PRIMARY KEY, body text);
CREATE TABLE secret (id int PRIMARY KEY, word text);
INSERT INTO secret VALUES (1, 'kept'), (2, 'kept too');
GRANT SELECT, INSERT ON notes TO {roles};
GRANT USAGE ON SEQUENCE notes_id_seq TO {roles};
"""


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



ROLES = """
CREATE ROLE app LOGIN PASSWORD 'app'; CREATE ROLE other LOGIN PASSWORD 'other';
CREATE ROLE team NOLOGIN; GRANT team TO app;
"""
TABLES = SCHEMA.format(roles="app, other") + """
CREATE TABLE others (id int); INSERT INTO others VALUES (1);
GRANT ALL ON others TO other;
CREATE TABLE teams (id int); GRANT ALL ON teams TO team;
CREATE FUNCTION hidden() RETURNS int LANGUAGE plpgsql AS
    'BEGIN DELETE FROM secret; RETURN 1; END';
REVOKE EXECUTE ON FUNCTION hidden() FROM PUBLIC;
CREATE PROCEDURE drop_it() LANGUAGE plpgsql AS 'BEGIN DELETE FROM secret; END';
REVOKE EXECUTE ON PROCEDURE drop_it() FROM PUBLIC;
"""
SHADOW_HBA = """local all all trust
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


def quietly(body):
    """What the primary runs without an error, whatever comes of it."""
    return f"""DO $do$ BEGIN {body} EXCEPTION WHEN OTHERS THEN NULL; END $do$"""


def escapes(canary):
    """Ways to the shadow account's rights, to another role's, and to the server's
    machine: name, SQL, startup options."""
    program = f"COPY (SELECT 1) TO PROGRAM ''touch {canary}''"
    return [
        ("reset authorization in DO", quietly(
            f"RESET SESSION AUTHORIZATION; EXECUTE '{program}';"), ""),
        ("set_config authorization", "SELECT set_config("
         "'session_authorization', NULL, false); DELETE FROM secret", ""),
        ("set_config in DO", quietly(
            "PERFORM set_config('session_authorization', NULL, false);"
            "DELETE FROM secret;"), ""),
        ("set_config role", "SELECT set_config('role', 'none', false);"
         "DELETE FROM secret", ""),
        ("set_config role in DO", quietly(
            "PERFORM set_config('role', 'none', true); DELETE FROM secret;"), ""),
        ("reset role in DO", quietly("RESET ROLE; DELETE FROM secret;"), ""),
        ("reset role", "RESET ROLE; DELETE FROM secret", ""),
        ("set role none", "SET ROLE NONE; DELETE FROM secret", ""),
        ("set role none in DO", quietly(
            "SET ROLE NONE; DELETE FROM secret;"), ""),
        ("another role", "SET ROLE other; DELETE FROM others", ""),
        ("another role in DO", quietly(
            "SET ROLE other; DELETE FROM others;"), ""),
        ("the owner in DO", quietly(
            "EXECUTE 'SET ROLE parallax_owner'; DELETE FROM secret;"), ""),
        ("the mirror in DO", quietly(
            "EXECUTE 'SET ROLE parallax_mirror'; DELETE FROM secret;"), ""),
        ("the superuser in DO", quietly(
            "SET ROLE postgres; DELETE FROM secret;"), ""),
        ("its authorization in DO", quietly(
            "SET SESSION AUTHORIZATION postgres; DELETE FROM secret;"), ""),
        ("refused DO", f"DO $do$ BEGIN EXECUTE '{program}'; END $do$", ""),
        ("refused delete", "DELETE FROM secret", ""),
        ("refused function", "SELECT hidden()", ""),
        ("refused procedure", "CALL drop_it()", ""),
        ("function in DO", quietly("PERFORM hidden();"), ""),
        ("prepared", "PREPARE p AS DELETE FROM secret; EXECUTE p", ""),
        ("reset, then prepared", "RESET SESSION AUTHORIZATION;"
         "PREPARE q AS DELETE FROM secret; EXECUTE q", ""),
        ("cursor", "BEGIN; DECLARE c CURSOR FOR SELECT * FROM secret FOR UPDATE;"
         "FETCH c; COMMIT", ""),
        ("copy to a program", f"COPY notes TO PROGRAM 'touch {canary}'", ""),
        ("copy to a file", f"COPY notes TO '{canary}'", ""),
        ("copy from a program", f"COPY notes FROM PROGRAM 'touch {canary}'", ""),
        ("copy a secret", "COPY secret FROM STDIN;\n9\tleaked\n\\.\n", ""),
        ("alter role", "ALTER ROLE app SUPERUSER; DELETE FROM secret", ""),
        ("alter role in DO", quietly(
            "ALTER ROLE app SUPERUSER; DELETE FROM secret;"), ""),
        ("grant in DO", quietly("GRANT postgres TO app; SET ROLE postgres;"
                                "DELETE FROM secret;"), ""),
        ("grant the owner in DO", quietly(
            "GRANT parallax_owner TO app; SET ROLE parallax_owner;"
            "DELETE FROM secret;"), ""),
        ("extension", "CREATE EXTENSION adminpack", ""),
        ("extension in DO", quietly(
            "CREATE EXTENSION adminpack;"
            f"PERFORM pg_file_write('{canary}', 'x', false);"), ""),
        ("language in DO", quietly(
            "CREATE FUNCTION evil() RETURNS int LANGUAGE c AS 'libc', 'abort';"
            "PERFORM evil();"), ""),
        ("large object in DO", quietly(
            f"PERFORM lo_export(lo_from_bytea(0, 'x'), '{canary}');"), ""),
        ("large object", f"SELECT lo_export(1, '{canary}')", ""),
        ("files", "SELECT pg_read_file('PG_VERSION')", ""),
        ("other sessions in DO", quietly(
            "PERFORM pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid();"), ""),
        ("option role", "DELETE FROM others", "-c role=none"),
        ("option authorization", "DELETE FROM secret",
         "-c session_authorization=app"),
        ("option path", "DELETE FROM secret", "-c search_path=pg_temp,public"),
        ("discard", "DISCARD ALL; DELETE FROM secret", ""),
        ("local role", "BEGIN; SET LOCAL ROLE NONE; COMMIT;"
         "DELETE FROM secret", ""),
        ("event trigger in DO", quietly(
            "CREATE FUNCTION t() RETURNS event_trigger LANGUAGE plpgsql AS "
            "'BEGIN DELETE FROM secret; END';"
            "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION t();"), ""),
    ]


class Escapes:
    """On one kind of account: all ways, each by a session of its own."""

    safe = None

    @classmethod
    def setUpClass(cls):
        cls.place = Workplace("rights")
        cls.addClassCleanup(cls.place.close)
        cls.primary = SharedCluster.take(cls.place, "primary")
        cls.shadow = Cluster(cls.place, "shadow", hba=SHADOW_HBA,
                             fresh=True).start()
        for cluster in (cls.primary, cls.shadow):
            cluster.psql(ROLES + TABLES)
        cls.proxy = Parallax(cls.place, cls.primary, cls.shadow, safe=cls.safe)

    def test_escapes(self):
        code, text = self.proxy.check()
        self.assertEqual(code, 1, "no logins yet: " + text)
        self.proxy.rights()
        self.assertEqual(self.proxy.rights().count("by login"), 3)
        path = self.place.path("parallax.rights")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        code, text = self.proxy.check()
        self.assertEqual(code, 0, text)
        self.proxy.start()
        canary = self.place.path("canary")
        ways = escapes(canary)
        self.assertGreaterEqual(len(ways), 25)
        for name, sql, options in ways:
            self.place.run(
                [self.place.tool("psql"), "-XAtq", "-h", "127.0.0.1", "-p",
                 self.proxy.port, "-U", "app", "-d", "postgres", "-f", "-"],
                input=sql + ";\nINSERT INTO notes (body) VALUES ('" +
                name.replace("'", "") + "') RETURNING id;\n",
                codes=None, env={"PGOPTIONS": options})
        self.proxy.stop()
        report = self.proxy.report()
        print(report["verdicts"])
        self.assertFalse(os.path.exists(canary), "a command was run")
        for table, rows in (("secret", "2"), ("others", "1")):
            self.assertEqual(self.shadow.psql(
                f"SELECT count(*) FROM {table}").strip(), rows, table)
        self.assertEqual(self.shadow.psql(
            "SELECT count(*) FROM pg_roles WHERE rolsuper").strip(), "1")
        self.assertEqual(report["exchanges"]["unaccounted"], 0)
        self.assertEqual(
            [(group["class"], group["statement"], group["detail"])
             for group in report["divergences"]], [])
        # the sessions go on as the role that they have
        self.assertGreater(int(self.shadow.psql(
            "SELECT count(*) FROM notes")), len(ways) * 0.8)
        # After a DO block with set_config the session's path is not known; and
        # "parallax:app" may not say that it is app, so that its login is refused.
        bodies = ("SELECT body FROM notes WHERE body NOT LIKE 'set_config%DO' "
                  "AND body <> 'option authorization' ORDER BY id")
        self.assertEqual(self.primary.psql(bodies), self.shadow.psql(bodies))


class Logins(Escapes, unittest.TestCase):
    safe = "logins"


class OwnCluster(Escapes, unittest.TestCase):
    safe = "own-cluster"


class Rights(unittest.TestCase):
    """`parallax rights`, and what the mirror makes of rights that differ."""

    def setUp(self):
        start_pair(self, "rights")
        for cluster in (self.primary, self.shadow):
            cluster.psql(ROLES if cluster is self.primary else
                         "SELECT 1")
        # one cluster for each: the roles of both
        self.shadow.psql(ROLES)
        for cluster in (self.primary, self.shadow):
            cluster.psql(TABLES)
        self.proxy = Parallax(self.place, self.primary, self.shadow,
                              safe="logins")

    def test_superuser_is_refused(self):
        unsafe = Parallax(self.place, self.primary, self.shadow, name="unsafe")
        with open(unsafe.config) as file:
            text = file.read()
        self.assertEqual(unsafe.check()[0], 0)
        self.place.write("unsafe.yaml", text.replace("unsafe_rights: true, ", ""))
        code, text = unsafe.check()
        self.assertEqual(code, 1)
        self.assertIn("account 'postgres' is a superuser", text)
        code, text = self.place.exit_code(
            [self.place.parallax, "run", unsafe.config], timeout=60)
        self.assertEqual(code, 1)
        self.assertIn("is a superuser", text)

    def test_grants_too_much(self):
        """Refused on the primary, and would succeed on the shadow: found, and
        undone."""
        self.proxy.rights()
        self.shadow.psql("GRANT ALL ON secret TO app")
        self.proxy.start()
        self.primary.psql("DELETE FROM secret;", user="app",
                          port=self.proxy.port, codes=None)
        self.primary.psql("SELECT hidden();", user="app",
                          port=self.proxy.port, codes=None)
        self.proxy.stop()
        report = self.proxy.report()
        self.assertEqual([group["class"] for group in report["divergences"]],
                         ["error.primary"])
        self.assertEqual(self.shadow.psql("SELECT count(*) FROM secret"), "2\n")

    def test_stand_in_and_sequences(self):
        """A superuser's statements run as a plain owner; what it may not do is
        skipped. A role with USAGE alone on a sequence has it moved."""
        self.proxy.rights()
        self.proxy.start()
        self.primary.psql("""
            CREATE TABLE IF NOT EXISTS notes (id int);
            INSERT INTO notes (body) VALUES ('boss') RETURNING id;
            UPDATE secret SET word = 'changed' WHERE id = 1;
            SET ROLE app; SELECT current_user;
            INSERT INTO notes (body) VALUES ('as app') RETURNING id;
            RESET ROLE; SELECT current_user, session_user;
            SET session_replication_role = replica;
            SELECT pg_read_file('PG_VERSION');
        """, port=self.proxy.port)
        self.primary.psql("""
            INSERT INTO notes (body) VALUES ('usage') RETURNING id;
            INSERT INTO notes (body) SELECT 'many' FROM generate_series(1, 5)
            RETURNING id;
            SET ROLE team; INSERT INTO teams VALUES (1); SET ROLE NONE;
            SELECT count(*) FROM notes;
        """, user="app", port=self.proxy.port)
        self.proxy.stop()
        report = self.proxy.report()
        print(report["verdicts"])
        self.assertEqual(
            [(group["class"], group["statement"], group["detail"])
             for group in report["divergences"]], [])
        for table in ("notes", "secret", "teams"):
            sql = f"SELECT * FROM {table} ORDER BY 1"
            self.assertEqual(self.primary.psql(sql), self.shadow.psql(sql))
        self.assertEqual(
            self.primary.psql("SELECT last_value FROM notes_id_seq"),
            self.shadow.psql("SELECT last_value FROM notes_id_seq"))

    def test_long_names(self):
        """Two roles whose logins' names would be cut to one."""
        for cluster in (self.primary, self.shadow):
            for end in "ab":
                cluster.psql(f"CREATE ROLE {'r' * 62}{end} LOGIN;"
                             f"GRANT SELECT ON notes TO {'r' * 62}{end}")
        text = self.proxy.rights()
        logins = [line.split('"')[3] for line in text.splitlines()
                  if "rrrr" in line]
        self.assertEqual(len(set(logins)), 2, text)
        self.assertTrue(all(len(login) <= 63 for login in logins))
        self.proxy.start()
        self.primary.psql("SELECT count(*) FROM notes", user="r" * 62 + "b",
                          port=self.proxy.port)
        self.proxy.stop()
        self.assertEqual(self.proxy.report()["verdicts"]["match"], 2)

    def test_own_cluster_of_the_primary(self):
        """--own-cluster would change the primary's own passwords."""
        same = Parallax(self.place, self.primary, self.primary, name="same",
                        safe="own-cluster")
        code, text = self.place.exit_code(
            [self.place.parallax, "rights", "--admin", "user=postgres",
             "--own-cluster", same.config])
        self.assertEqual(code, 1)
        self.assertIn("primary's own cluster", text)

    def test_print(self):
        """The printed script, run by psql, does the same."""
        script = self.place.run([self.place.parallax, "rights",
                                 self.proxy.config])
        self.assertNotIn("parallax rights 1", script)
        for _ in range(2):
            self.assertIn("app|parallax:app|login", self.shadow.psql(script))
        self.assertEqual(self.proxy.check()[0], 0)

    def test_unix_socket(self):
        """TCP clients are not served into a unix socket unless told."""
        with open(self.proxy.config) as file:
            text = file.read()
        socket = text.replace("primary: {engine: postgres, host: 127.0.0.1",
                              "primary: {engine: postgres, host: "
                              f"'{self.primary.sockets}'")
        self.place.write("parallax.yaml", socket)
        code, text = self.proxy.check()
        self.assertEqual(code, 1)
        self.assertIn("as the relay's own user", text)
        self.place.write("parallax.yaml",
                         "listen_tcp_to_socket: true\n" + socket)
        self.proxy.rights()
        code, text = self.proxy.check()
        self.assertEqual(code, 0)
        self.assertIn("lets the relay in without a password", text)


if __name__ == "__main__":
    unittest.main()
