"""parallax run: the supervisor and its processes."""

import os
import signal
import time
import unittest

import harness

ALONE = True  # see run.py: it measures time


class TestRun(unittest.TestCase):
    """Each test has a Parallax of its own before servers that all share."""

    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "run")
        for cluster in (cls.primary, cls.shadow):
            cluster.psql("CREATE TABLE users (id serial PRIMARY KEY, "
                         "email text)")
        cls.count = 0

    def parallax(self, **options):
        TestRun.count += 1
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    name=f"p{TestRun.count}", **options)
        self.addCleanup(self.kill, parallax)
        return parallax

    def kill(self, parallax):
        if parallax.process:
            self.place.stop_process(parallax.process, 1)

    def through(self, parallax, sql):
        return self.primary.psql(sql, port=parallax.port).strip()

    def wait_log(self, parallax, text, count=1, timeout=20):
        self.place.wait_for(
            lambda: self.place.log(parallax.name).count(text) >= count,
            f"'{text}' in the log", timeout)

    def end(self, parallax, number=signal.SIGTERM, timeout=40):
        parallax.process.send_signal(number)
        return parallax.process.wait(timeout)

    def test_relay_only(self):
        parallax = self.parallax().start("--no-mirror")
        self.assertEqual(self.through(parallax, "SELECT 40 + 2"), "42")
        self.assertIn('event="listening"', self.place.log(parallax.name))
        self.assertIsNone(parallax.process_of("mirror"))
        self.assertEqual(self.end(parallax), 0)

    def test_files_are_private(self):
        parallax = self.parallax().start("--no-mirror")
        self.through(parallax, "SELECT 1")
        self.end(parallax)
        self.assertEqual(os.stat(parallax.journal).st_mode & 0o777, 0o700)
        for name in os.listdir(parallax.journal):
            mode = os.stat(os.path.join(parallax.journal, name)).st_mode
            self.assertEqual(mode & 0o777, 0o600, name)

    def test_dead_mirror_is_started_again(self):
        parallax = self.parallax().start()
        self.place.wait_for(lambda: parallax.process_of("mirror"), "a mirror")
        relay = parallax.process_of("relay")
        first = parallax.process_of("mirror")
        os.kill(first, signal.SIGKILL)
        second = self.place.wait_for(
            lambda: parallax.process_of("mirror") not in (None, first)
            and parallax.process_of("mirror"), "a second mirror")
        self.assertNotEqual(first, second)
        self.assertEqual(parallax.process_of("relay"), relay)
        self.assertEqual(self.through(parallax, "SELECT 1"), "1")

    def test_journal_that_cannot_be_watched(self):
        """The user has no inotify instance left: the mirror looks by itself. (A
        user namespace without any stands for that.)"""
        inside = ["unshare", "-U", "-r", "sh", "-c",
                  "echo 0 >/proc/sys/user/max_inotify_instances && "
                  "exec unshare -U --map-user=1000 \"$@\"", "sh"]
        code, output = self.place.exit_code([*inside, "true"])
        if code:
            self.skipTest(output)
        parallax = self.parallax()
        parallax.process = self.place.start(
            [*inside, self.place.parallax, "run", parallax.config],
            parallax.name)
        self.place.wait_for_port(parallax.port)
        self.through(parallax, "INSERT INTO users (email) VALUES ('watched')")
        self.wait_log(parallax, 'event="the journal cannot be watched"')
        self.place.wait_for(lambda: "watched" in self.shadow.psql(
            "SELECT email FROM users"), "the mirror")
        self.assertEqual(self.end(parallax), 0)

    def test_dead_relay_is_started_again(self):
        parallax = self.parallax().start("--no-mirror")
        os.kill(parallax.process_of("relay"), signal.SIGKILL)
        self.wait_log(parallax, 'event="listening"', 2)
        self.assertEqual(self.through(parallax, "SELECT 1"), "1")
        self.assertEqual(self.end(parallax), 0)

    def test_no_orphans(self):
        parallax = self.parallax().start()
        self.place.wait_for(lambda: parallax.process_of("mirror"), "a mirror")
        pids = [parallax.process_of("relay"), parallax.process_of("mirror")]
        parallax.process.kill()
        parallax.process.wait()
        self.place.wait_for(
            lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids),
            "its processes to end")

    def test_idle_client_does_not_hold_up_the_end(self):
        parallax = self.parallax(extra="drain: 1 s\n").start("--no-mirror")
        client = self.place.start(
            ["psql", "-h", "127.0.0.1", "-p", parallax.port, "-U", "postgres",
             "-c", "SELECT pg_sleep(60)", "postgres"], "sleeper")
        self.place.wait_for(
            lambda: "1" in self.primary.psql(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND "
                "query LIKE 'SELECT pg_sleep%'"), "the client's statement")
        begin = time.monotonic()
        self.end(parallax)
        self.assertLess(time.monotonic() - begin, 12)
        client.wait(10)

    def test_second_interrupt_ends_at_once(self):
        parallax = self.parallax(extra="drain: 60 s\n").start("--no-mirror")
        self.place.start(
            ["psql", "-h", "127.0.0.1", "-p", parallax.port, "-U", "postgres",
             "-c", "SELECT pg_sleep(70)", "postgres"], "sleeper2")
        self.place.wait_for(
            lambda: "1" in self.primary.psql(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND "
                "query LIKE 'SELECT pg_sleep(70)'"), "the client's statement")
        parallax.process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        self.assertIsNone(parallax.process.poll())
        parallax.process.send_signal(signal.SIGINT)
        parallax.process.wait(10)

    def test_address_in_use(self):
        first = self.parallax().start("--no-mirror")
        second = self.parallax(port=first.port)
        code, output = self.place.exit_code(
            [self.place.parallax, "run", "--no-mirror", second.config],
            timeout=20)
        self.assertEqual(code, 1)
        self.assertIn("address already in use", output.lower())

    def test_primary_down(self):
        """It starts all the same, and clients get an error in their protocol."""
        place = self.place
        gone = harness.Cluster(place, f"gone{TestRun.count}")  # never started
        parallax = harness.Parallax(place, gone, self.shadow, name="nobody")
        self.addCleanup(self.kill, parallax)
        parallax.start()
        code, output = place.exit_code(
            ["psql", "-h", "127.0.0.1", "-p", parallax.port, "-U", "postgres",
             "-c", "SELECT 1", "postgres"], timeout=30)
        self.assertEqual(code, 2, output)
        self.assertIn("FATAL", output)

    def test_shadow_down(self):
        gone = harness.Cluster(self.place, f"gone{TestRun.count}x")
        parallax = harness.Parallax(self.place, self.primary, gone,
                                    name="noshadow")
        self.addCleanup(self.kill, parallax)
        parallax.start()
        self.assertEqual(self.through(parallax, "SELECT 1"), "1")
        self.end(parallax)
        self.assertNotIn("signal=", self.place.log(parallax.name))

    def test_shadow_hangs(self):
        """It is not waited for longer than a connection may take."""
        hanging = harness.Cluster(self.place, "hanging").start()
        hanging.pause()
        parallax = harness.Parallax(self.place, self.primary, hanging,
                                    name="hangs")
        self.addCleanup(self.kill, parallax)
        parallax.start()
        self.assertEqual(self.through(parallax, "SELECT 1"), "1")

    def test_changed_config_is_told_at_reload(self):
        parallax = self.parallax().start("--no-mirror")
        with open(parallax.config, "a") as file:
            file.write("drain: 7 s\n")
        parallax.process.send_signal(signal.SIGHUP)
        self.wait_log(parallax, 'event="the config has changed"')
        with open(parallax.config, "a") as file:
            file.write("nonsense: 7 s\n")
        parallax.process.send_signal(signal.SIGHUP)
        self.wait_log(parallax, 'event="reload refused"')
        self.assertEqual(self.through(parallax, "SELECT 1"), "1")
        self.assertEqual(self.end(parallax), 0)

    def test_end_leaves_nothing_unread(self):
        """At SIGTERM the mirror reads the journal to its end."""
        parallax = self.parallax().start()
        for number in range(20):
            self.through(parallax, "INSERT INTO users (email) "
                         f"VALUES ('a{number}')")
        self.assertEqual(self.end(parallax), 0)
        count = "SELECT count(*), max(id) FROM users WHERE email LIKE 'a%'"
        self.assertEqual(self.primary.psql(count), self.shadow.psql(count))

    def test_end_right_after_the_start(self):
        """A process that is told to end before it watches for that ends in
        order, once it does."""
        for _ in range(5):
            parallax = self.parallax()
            parallax.process = self.place.start(
                [self.place.parallax, "run", parallax.config], parallax.name)
            self.place.wait_for(
                lambda: 'event="started" name="mirror' in self.place.log(
                    parallax.name), "a mirror")
            self.assertEqual(self.end(parallax), 0)
            self.assertNotIn("signal=", self.place.log(parallax.name))

    def test_refuses_a_wrong_config(self):
        path = self.place.write("wrong.yaml", "jurnal: {}\nlisten: x:y\n")
        code, output = self.place.exit_code([self.place.parallax, "run", path])
        self.assertEqual(code, 1)
        self.assertIn(f"{path}:1:1: error: unknown key 'jurnal'", output)
        self.assertIn("did you mean 'journal'?", output)
        self.assertIn(f"{path}:2:9: error:", output)
        self.assertIn("primary is missing", output)

    def test_refuses_a_wrong_mapping(self):
        mapping = self.place.write(
            "syntax.yaml", "version: 1\ntables: {users: {rws: accounts}}\n")
        parallax = self.parallax(mapping=mapping)
        code, output = self.place.exit_code(
            [self.place.parallax, "run", parallax.config])
        self.assertEqual(code, 1)
        self.assertIn(f"{mapping}:2:18: error: unknown key 'rws'", output)

    def test_print_config(self):
        parallax = self.parallax()
        output = self.place.run([self.place.parallax, "run", "--print-config",
                                 parallax.config])
        self.assertIn("max_result: 1 MiB", output)
        self.assertIn(f"127.0.0.1:{parallax.port}", output)

    def test_help_config(self):
        output = self.place.run([self.place.parallax, "run", "--help-config"])
        keys = [line.split("\t") for line in output.splitlines()]
        self.assertTrue(all(len(key) == 4 for key in keys))
        self.assertIn("journal.max_size", [key[0] for key in keys])

    def test_usage(self):
        for arguments in ([], ["--nothing"], ["a", "b"]):
            code, _ = self.place.exit_code(
                [self.place.parallax, "run", *arguments])
            self.assertEqual(code, 3)
        self.assertIn("--no-mirror", self.place.run(
            [self.place.parallax, "run", "--help"]))

    def test_pid_file(self):
        path = self.place.path("pid")
        parallax = self.parallax(extra=f"pid_file: {path}\n").start(
            "--no-mirror")
        with open(path) as file:
            self.assertEqual(int(file.read()), parallax.process.pid)
        self.assertEqual(self.end(parallax), 0)
        self.assertFalse(os.path.exists(path))


if __name__ == "__main__":
    unittest.main()
