"""What the processes of `run` may do: their user, their sandbox, and what becomes
of them and the pid file when one is killed (docs/security.md, "Processes")."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import unittest

import harness
import rawclient


def status_of(pid):
    with open(f"/proc/{pid}/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file
                    if ":\t" in line)


def landlock_version():
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, libc.syscall(444, None, 0, 1))


class TestConfined(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "confined")
        for cluster in (cls.primary, cls.shadow):
            cluster.psql("CREATE TABLE users (id serial PRIMARY KEY, "
                         "email text)")
        cls.count = 0

    def parallax(self, **options):
        TestConfined.count += 1
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    name=f"p{TestConfined.count}", **options)
        self.addCleanup(lambda: parallax.process and
                        self.place.stop_process(parallax.process, 1))
        return parallax

    def started(self, **options):
        parallax = self.parallax(**options).start()
        for part in ("relay", "mirror"):
            self.place.wait_for(lambda part=part: parallax.process_of(part),
                                f"a {part}")
        self.place.wait_for(lambda: "mirror started" in
                            self.place.log(parallax.name), "the mirror")
        return parallax

    def refused(self, parallax, identity=None):
        done = subprocess.run(
            [self.place.parallax, "run", "--no-mirror", parallax.config],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=30, **(self.place.identity if identity is None
                           else identity))
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stdout

    # What is in force

    def test_in_force(self):
        parallax = self.started()
        for part in ("relay", "mirror"):
            status = status_of(parallax.process_of(part))
            self.assertEqual(status["NoNewPrivs"], "1")
            self.assertEqual(status["Seccomp"], "2", part)
        self.assertEqual(status_of(parallax.process.pid)["NoNewPrivs"], "1")
        log = self.place.log(parallax.name)
        version = landlock_version()
        self.assertEqual(log.count(
            f"files={'yes' if version > 0 else 'no'} "
            f"ports={'yes' if version > 3 else 'no'} system_calls=yes"), 2, log)

    def test_every_thread(self):
        parallax = self.started()
        for part in ("relay", "mirror"):
            folder = f"/proc/{parallax.process_of(part)}/task"
            for thread in os.listdir(folder):
                with open(f"{folder}/{thread}/status") as file:
                    self.assertIn("Seccomp:\t2", file.read())

    def test_turned_off(self):
        parallax = self.started(
            extra="sandbox: {files: false, system_calls: false}\n")
        for part in ("relay", "mirror"):
            status = status_of(parallax.process_of(part))
            self.assertEqual(status["Seccomp"], "0", part)
            self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(self.place.log(parallax.name).count(
            "files=no ports=no system_calls=no"), 2)

    def test_a_mirror_out_of_memory(self):
        """It ends, and not the relay; and it steps over the statement that needs too
        much. Others match."""
        parallax = self.started(extra="mirror: {memory: 1 MiB}\n")
        relay, mirror = (parallax.process_of(part)
                         for part in ("relay", "mirror"))
        with open(f"/proc/{mirror}/limits") as file:
            limits = file.read()
        if "__asan_init" in self.place.run(
                ["readelf", "-W", "--dyn-syms", self.place.parallax]):
            self.skipTest("a sanitizer's own memory has no limit")
        self.assertRegex(limits, rf"Max data size\s+{(2 + 128) << 20} ")
        with open(f"/proc/{relay}/limits") as file:
            self.assertRegex(file.read(), r"Max data size\s+unlimited")
        statement = "VALUES " + ",".join(["(1)"] * 250000)
        self.assertEqual(self.primary.psql(
            statement + ";", port=parallax.port).count("1"), 250000)
        self.primary.psql("INSERT INTO users (email) VALUES ('behind')",
                          port=parallax.port)
        self.place.wait_for(lambda: "behind" in self.shadow.psql(
            "SELECT email FROM users"), "the statement behind it", 240)
        self.assertEqual(parallax.process_of("relay"), relay)
        self.assertEqual(parallax.stop(), 0)
        self.assertRegex(self.place.log(parallax.name),
                         "ended in the middle of a statement.* times=2")
        verdicts = parallax.report()["verdicts"]
        self.assertEqual((verdicts["failed"], verdicts["diverged"]), (1, 0))

    def test_a_mirror_goes_first(self):
        """When the system has no memory left, before all that clients need."""
        parallax = self.started()
        scores = []
        for pid in (parallax.process.pid, parallax.process_of("relay"),
                    parallax.process_of("mirror")):
            with open(f"/proc/{pid}/oom_score_adj") as file:
                scores.append(int(file.read()))
        self.assertEqual(scores[1], scores[0])
        self.assertGreaterEqual(scores[2], max(500, scores[1]))

    # Being another user

    def as_root(self, extra):
        if os.geteuid():
            self.skipTest("needs root")
        parallax = self.parallax(extra=extra)
        # Root may write everywhere: only what the user may is a proof.
        folder = self.place.path(f"{parallax.name}-of-root")
        os.mkdir(folder, 0o700)
        return parallax, folder

    def test_root_without_a_user_is_refused(self):
        parallax, _ = self.as_root("")
        output = self.refused(parallax, {})
        self.assertIn("started as root, and the config names no user", output)
        self.assertFalse(os.path.exists(parallax.journal))

    def test_root_becomes_the_user(self):
        parallax, _ = self.as_root(f"user: {self.place.user}\n")
        with open(self.place.path(parallax.name + ".log"), "w") as log:
            parallax.process = subprocess.Popen(
                [self.place.parallax, "run", parallax.config],
                stdout=subprocess.DEVNULL, stderr=log)
        self.place.wait_for_port(parallax.port)
        self.place.wait_for(lambda: parallax.process_of("mirror"), "a mirror")
        account = pwd.getpwnam(self.place.user)
        for pid in (parallax.process.pid, parallax.process_of("relay"),
                    parallax.process_of("mirror")):
            status = status_of(pid)
            self.assertEqual(set(status["Uid"].split()), {str(account.pw_uid)})
            self.assertEqual(set(status["Gid"].split()), {str(account.pw_gid)})
            self.assertNotIn("0", status["Groups"].split())
            self.assertEqual(int(status["CapPrm"], 16), 0)
            self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertEqual(os.stat(parallax.journal).st_uid, account.pw_uid)
        self.assertEqual(
            self.primary.psql("SELECT 1", port=parallax.port).strip(), "1")
        parallax.process.terminate()
        self.assertEqual(parallax.process.wait(40), 0)

    def test_user_that_may_not_write(self):
        """It says what it cannot do, as that user."""
        parallax, folder = self.as_root(f"user: {self.place.user}\n")
        with open(parallax.config) as file:
            text = file.read()
        with open(parallax.config, "w") as file:
            file.write(text.replace(parallax.journal, folder + "/journal"))
        output = self.refused(parallax, {})
        self.assertIn("cannot make the journal's folder", output)
        self.assertIn("Permission denied", output)

    def test_unknown_user_and_group(self):
        for extra, message in (
                ("user: nobody-of-that-name\n",
                 "there is no user 'nobody-of-that-name'"),
                (f"user: {self.place.user}\ngroup: no-such-group\n",
                 "there is no group 'no-such-group'")):
            parallax = self.parallax(extra=extra)
            self.assertIn(message, self.refused(
                parallax, {} if not os.geteuid() else None))

    def test_another_user_needs_root(self):
        parallax = self.parallax(extra="user: root\n")
        self.assertIn("only root can become user 'root'",
                      self.refused(parallax))

    def test_own_user_may_be_named(self):
        parallax = self.parallax(extra=f"user: {self.place.user}\n")
        parallax.start("--no-mirror")
        self.assertEqual(parallax.stop(), 0)

    # The supervisor's death

    def test_supervisor_killed(self):
        """Clients at work may finish; no new ones are let in; nothing is orphaned.
        What the mirror has not read by then, the next run's mirror reads."""
        parallax = self.started()
        pids = [parallax.process_of("relay"), parallax.process_of("mirror")]
        client = rawclient.RawClient(parallax.port, "postgres")
        client.ask(rawclient.query("BEGIN"))
        client.ask(rawclient.query(
            "INSERT INTO users (email) VALUES ('survivor')"))
        os.kill(parallax.process.pid, signal.SIGKILL)
        parallax.process.wait()
        self.place.wait_for(lambda: "draining" in self.place.log(parallax.name),
                            "the relay's end to begin")
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", parallax.port), 5)
        self.assertIn("another relay", self.refused(parallax))
        client.ask(rawclient.query("COMMIT"))
        client.close()
        self.place.wait_for(
            lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids),
            "its processes to end")
        count = "SELECT count(*) FROM users WHERE email = 'survivor'"
        self.assertEqual(self.primary.psql(count), "1\n")
        parallax.start()
        self.assertEqual(parallax.stop(), 0)
        self.assertEqual(self.shadow.psql(count), "1\n")
        self.assertEqual(parallax.report()["exchanges"]["gaps"], 0)

    # The pid file

    def test_pid_file_of_one_that_runs(self):
        """A second run is refused, and neither overwrites nor removes it."""
        path = self.place.path("pid")
        first = self.parallax(extra=f"pid_file: {path}\n").start("--no-mirror")
        second = self.parallax(extra=f"pid_file: {path}\n")
        output = self.refused(second)
        self.assertRegex(output, "pid_file .* belongs to a process that runs: "
                         f"{first.process.pid}")
        with open(path) as file:
            self.assertEqual(int(file.read()), first.process.pid)
        self.assertEqual(first.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_pid_file_of_a_killed_one(self):
        path = self.place.path("left")
        first = self.parallax(extra=f"pid_file: {path}\n").start("--no-mirror")
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        second = self.parallax(extra=f"pid_file: {path}\n").start("--no-mirror")
        with open(path) as file:
            self.assertEqual(int(file.read()), second.process.pid)
        self.assertEqual(second.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_pid_file_of_another(self):
        """One that somebody has put in its place is not removed."""
        path = self.place.path("replaced")
        parallax = self.parallax(extra=f"pid_file: {path}\n").start(
            "--no-mirror")
        os.rename(path, path + ".old")
        self.place.write("replaced", "1\n")
        self.assertEqual(parallax.stop(), 0)
        with open(path) as file:
            self.assertEqual(file.read(), "1\n")

    def test_pid_file_is_no_link(self):
        target = self.place.write("target", "precious\n")
        path = self.place.path("link")
        os.symlink(target, path)
        output = self.refused(self.parallax(extra=f"pid_file: {path}\n"))
        self.assertIn("cannot write pid_file", output)
        with open(target) as file:
            self.assertEqual(file.read(), "precious\n")


if __name__ == "__main__":
    unittest.main()
