"""parallax check: every mistake at once, against live databases."""

import signal
import unittest

import harness

OLD = """
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, name text,
                    active boolean NOT NULL DEFAULT true);
CREATE TABLE audit (at timestamptz DEFAULT now(), what text);
CREATE ROLE app LOGIN;
"""
NEW = """
CREATE TABLE accounts (id serial PRIMARY KEY, email_address text NOT NULL,
                       first_name text, last_name text,
                       status text NOT NULL DEFAULT 'enabled');
"""
MAPPING = """version: 1
tables:
  users:
    rows: accounts
    columns:
      email: email_address
      name:
        read: "first_name || ' ' || last_name"
        write:
          first_name: "split_part(name, ' ', 1)"
          last_name: "substr(name, length(split_part(name, ' ', 1)) + 2)"
      active: {column: status, values: {true: enabled, false: disabled}}
  audit: dropped
sequences: {users_id_seq: accounts_id_seq}
"""


class TestCheck(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "check")
        cls.primary.psql(OLD)
        cls.shadow.psql(NEW + "CREATE ROLE app LOGIN;")
        cls.count = 0

    def config(self, mapping=MAPPING, shadow=None, **changes):
        TestCheck.count += 1
        name = f"c{TestCheck.count}"
        path = self.place.write(f"{name}.map", mapping)
        parallax = harness.Parallax(self.place, self.primary,
                                    shadow or self.shadow, mapping=path,
                                    name=name)
        with open(parallax.config) as file:
            text = file.read()
        for old, new in changes.get("replace", []):
            self.assertIn(old, text)
            text = text.replace(old, new)
        self.place.write(f"{name}.yaml", text)
        return parallax

    def test_right_mapping(self):
        code, output = self.config().check()
        self.assertEqual(code, 0, output)
        self.assertEqual(
            output.splitlines()[-1],
            "checked 2 tables, 2 mapped, 0 errors, 1 warning", output)
        # the tests' primaries trust whoever comes
        self.assertIn("lets the relay in without a password", output)

    def test_every_mistake_at_once(self):
        parallax = self.config(
            "version: 1\n"
            "tables:\n"
            "  users:\n"
            "    rows: acounts\n"
            "  audits: dropped\n"
            "sequences: {users_id_sq: accounts_id_seq}\n")
        code, output = parallax.check()
        path = self.place.path(f"{parallax.name}.map")
        self.assertEqual(code, 1, output)
        self.assertIn(f"{path}:4:11: error:", output)
        self.assertIn("accounts", output)
        self.assertIn(f"{path}:5:3: error:", output)
        self.assertIn(f"{path}:6:13: error:", output)
        self.assertRegex(output.splitlines()[-1],
                         r"^checked 2 tables, 2 mapped, \d+ errors, ")

    def test_wrong_expression(self):
        parallax = self.config(MAPPING.replace("first_name ||", "frist ||"))
        code, output = parallax.check()
        self.assertEqual(code, 1, output)
        self.assertIn(f"{parallax.name}.map:8:", output)

    def test_unreachable(self):
        gone = harness.Cluster(self.place, "gone")
        code, output = self.config(shadow=gone).check()
        self.assertEqual(code, 1)
        self.assertIn("the catalog cannot be read", output)
        self.assertRegex(output, r"c\d+\.yaml:4:5: error: ")

    def test_wrong_password_and_database(self):
        code, output = self.config(
            replace=[("database: postgres, user: postgres}",
                      "database: nowhere, user: postgres}")]).check()
        self.assertEqual(code, 1)
        self.assertIn('database "nowhere" does not exist', output)

    def test_rights(self):
        self.shadow.psql("CREATE ROLE weak LOGIN;")
        parallax = self.config(
            replace=[("database: postgres, user: postgres, store",
                      "database: postgres, user: weak, store")])
        code, output = parallax.check()
        self.assertEqual(code, 0, output)
        self.assertIn("account 'weak' may not read and write public.accounts",
                      output)
        self.assertIn("account 'weak' cannot take on the roles app, postgres",
                      output)
        code, output = self.config(
            replace=[("database: postgres, user: postgres, store",
                      "database: postgres, user: weak, set_role: false, "
                      "store")]).check()
        self.assertEqual(code, 1, output)
        self.assertIn("error: c", output)
        self.assertNotIn("take on", output)

    def test_missing_role(self):
        self.primary.psql("CREATE ROLE only_here LOGIN;")
        self.addCleanup(self.primary.psql, "DROP ROLE only_here")
        code, output = self.config().check()
        self.assertEqual(code, 0, output)
        self.assertIn("roles of the primary that are missing there: only_here",
                      output)

    def test_settings(self):
        self.shadow.psql("ALTER DATABASE postgres SET timezone = 'Asia/Tokyo'")
        self.addCleanup(self.shadow.psql,
                        "ALTER DATABASE postgres RESET timezone")
        code, output = self.config().check()
        self.assertEqual(code, 0, output)
        self.assertIn("the time zone is Asia/Tokyo there", output)

    def test_offline(self):
        gone = harness.Cluster(self.place, "gone2")
        code, output = self.place.exit_code(
            [self.place.parallax, "check", "--offline",
             self.config(shadow=gone).config])
        self.assertEqual(code, 0, output)
        self.assertIn("checked the files only", output)

    def test_private_columns_are_not_shown(self):
        mapping = MAPPING + "private: [users.email]\n"
        parallax = self.config(mapping)
        with open(parallax.config, "a") as file:
            file.write("compare: {show_values: true}\n")
        code, output = self.place.exit_code(
            [self.place.parallax, "check", "--offline", parallax.config])
        self.assertEqual(code, 1, output)
        self.assertIn("compare.show_values: true in the config", output)

    def test_run_refuses(self):
        parallax = self.config(MAPPING.replace("rows: accounts",
                                               "rows: acounts"))
        code, output = self.place.exit_code(
            [self.place.parallax, "run", parallax.config], timeout=30)
        self.assertEqual(code, 1, output)
        self.assertIn(f"{parallax.name}.map:4:11: error:", output)
        self.assertNotIn("listening", output)

    def test_reload(self):
        """SIGHUP takes over a right mapping and refuses a wrong one."""
        parallax = self.config().start()
        self.addCleanup(self.place.stop_process, parallax.process, 1)

        def logged(text, count):
            self.place.wait_for(
                lambda: self.place.log(parallax.name).count(text) == count,
                f"'{text}' in the log")

        name = f"{parallax.name}.map"
        parallax.process.send_signal(signal.SIGHUP)
        logged('event="reloaded"', 1)
        self.place.write(name, MAPPING.replace("rows: accounts", "rows: ac"))
        parallax.process.send_signal(signal.SIGHUP)
        logged('event="reload refused"', 1)
        self.place.write(name, "version: 7\n")
        parallax.process.send_signal(signal.SIGHUP)
        logged('event="reload refused"', 2)
        self.place.write(name, MAPPING)
        parallax.process.send_signal(signal.SIGHUP)
        logged('event="reloaded"', 2)
        self.assertEqual(
            self.primary.psql("SELECT 1", port=parallax.port).strip(), "1")

    def test_usage(self):
        for arguments in ([], ["--nothing"], ["a", "b"]):
            code, _ = self.place.exit_code(
                [self.place.parallax, "check", *arguments])
            self.assertEqual(code, 3)
        code, output = self.place.exit_code(
            [self.place.parallax, "check", "/no/such.yaml"])
        self.assertEqual(code, 1)
        self.assertIn("/no/such.yaml: error: cannot be read", output)


if __name__ == "__main__":
    unittest.main()
