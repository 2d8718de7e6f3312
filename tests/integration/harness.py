"""Real servers, clients and Parallax, for tests, demo and bench.

A Workplace is a temporary folder, an ordinary user to run as (the servers refuse
root), and the processes started there. Leaving it stops them all, also when the
test failed. Needs Python's standard library only.
"""

import atexit
import contextlib
import fcntl
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import deaths
import sessions
import spent

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
# Below those that systems give to clients.
PORTS = range(18000, 32000)
BUILD = os.environ.get("PARALLAX_BUILD", os.path.join(ROOT, "build"))


def server_binaries():
    """The folder of the newest PostgreSQL server that is installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"),
                   key=lambda path: int(path.split("/")[4]))
    if not found:
        raise RuntimeError("no PostgreSQL server is installed: make deps")
    return os.path.dirname(found[-1])


class Failed(Exception):
    """A command of run() ended otherwise than it should."""

    def __init__(self, command, code, output):
        super().__init__(f"exit code {code} of {' '.join(map(str, command))}:"
                         f"\n{output}")
        self.code = code
        self.output = output


class Workplace:
    """with Workplace("name") as place: ..."""

    def __init__(self, name):
        self.name = name
        self.binaries = server_binaries()
        self.processes = []
        self.clusters = []
        self.borrowed = []
        self.watch = deaths.Watch()
        self.identity = {}
        self.user = pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            self.user = account.pw_name
            self.identity = {"user": account.pw_uid, "group": account.pw_gid,
                             "extra_groups": []}
        self.folder = tempfile.mkdtemp(prefix=f"parallax-{name}-")
        os.chmod(self.folder, 0o755)
        self.own(self.folder)
        # A copy, since the ordinary user may not reach the build's folder.
        self.parallax = self.path("parallax")
        source = os.path.join(BUILD, "parallax")
        if os.path.exists(source):
            shutil.copy(source, self.parallax)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            return self.close()
        self.show_logs()
        try:
            self.close()
        except AssertionError as deaths_too:
            print(deaths_too, flush=True)

    def close(self):
        """Ends all that runs; fails where one had ended that should not have."""
        with spent.timed("stopping"):
            self.stop_all()
        found = self.watch.close(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        if found:
            raise AssertionError("\n".join(found))

    def stop_all(self):
        for process in reversed(self.processes):
            self.stop_process(process)
        for cluster in self.clusters:
            with contextlib.suppress(Exception):
                cluster.sessions.close()
                cluster.resume()
                cluster.stop("immediate")
        for cluster in self.borrowed:
            cluster.give_back()
        self.borrowed = []

    def show_logs(self):
        for path in sorted(glob.glob(self.path("*.log"))):
            with open(path, errors="replace") as file:
                tail = file.readlines()[-25:]
            print(f"--- {path}\n{''.join(tail)}", flush=True)

    # Files

    def path(self, name):
        return os.path.join(self.folder, name)

    def own(self, path):
        if self.identity:
            os.chown(path, self.identity["user"], self.identity["group"])

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w") as file:
            file.write(text)
        self.own(path)
        return path

    def take(self, source):
        """Copies a file of the repository to where the user can read it."""
        with open(source) as file:
            return self.write(os.path.basename(source), file.read())

    def tool(self, name):
        return os.path.join(self.binaries, name)

    # Processes

    def surroundings(self, env=None):
        """Popen's options for all that runs here."""
        return {"env": {**os.environ, "LC_ALL": "C.UTF-8",
                        "HOME": self.folder, **(env or {})},
                "cwd": self.folder, **self.identity}

    def run(self, command, input=None, codes=(0,), timeout=600, env=None):
        """Runs to the end; gives stdout and stderr as one text."""
        spent.command(command, input)
        done = subprocess.run(
            [str(part) for part in command], input=input, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
            errors="replace", **self.surroundings(env))
        return self.judge(command, done.returncode, done.stdout, codes)

    def judge(self, command, code, output, codes):
        """Gives the output of a command that has ended as it should."""
        self.watch.ended(command[0], code)
        self.watch.printed(command[0], output)
        if codes is not None and code not in codes:
            raise Failed(command, code, output)
        return output

    def exit_code(self, command, **options):
        """Runs to the end; gives (exit code, stdout and stderr)."""
        try:
            return 0, self.run(command, **options)
        except Failed as failed:
            return failed.code, failed.output

    def start(self, command, name, env=None, stdin=subprocess.DEVNULL):
        """Starts in the background; output goes to <name>.log."""
        spent.command(command)
        with open(self.path(name + ".log"), "a") as log:
            process = subprocess.Popen(
                [str(part) for part in command], stdin=stdin, stdout=log,
                stderr=log, start_new_session=True, **self.surroundings(env))
        self.processes.append(process)
        return process

    def log(self, name):
        with open(self.path(name + ".log"), errors="replace") as file:
            return file.read()

    def stop_process(self, process, grace=10):
        """SIGTERM, after the grace SIGKILL to its whole group; gives the code."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                pass
        self.watch.ended(process.args[0], process.poll())
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait()

    @staticmethod
    def children(pid):
        """The direct children of a process."""
        try:
            with open(f"/proc/{pid}/task/{pid}/children") as file:
                return [int(child) for child in file.read().split()]
        except FileNotFoundError:
            return []

    @staticmethod
    def command_line(pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return file.read().replace(b"\0", b" ").decode().strip()
        except (FileNotFoundError, ProcessLookupError):
            return ""

    # Ports and waiting

    @staticmethod
    def free_port():
        """The next of PORTS that is free: none that a colleague of this process has
        been given and not yet opened, nor one that a client may get."""
        path = os.path.join(tempfile.gettempdir(),
                            f"parallax-port-{os.getuid()}")
        with open(path, "a+") as last:
            fcntl.flock(last, fcntl.LOCK_EX)
            last.seek(0)
            at = int(last.read() or PORTS.start)
            for number in range(len(PORTS)):
                port = PORTS[(at - PORTS.start + 1 + number) % len(PORTS)]
                with socket.socket() as probe, \
                        contextlib.suppress(OSError):
                    probe.bind(("127.0.0.1", port))
                    last.truncate(0)
                    last.write(str(port))
                    return port
        raise RuntimeError(f"no port of {PORTS} is free")

    def wait_for(self, condition, what, timeout=30):
        """Until condition() is true; gives what it gave."""
        end = time.monotonic() + timeout
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > end:
                raise TimeoutError(f"waited {timeout} s in vain for {what}")
            spent.pause(0.05)

    def wait_for_port(self, port, timeout=30):
        def open_port():
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            return False
        self.wait_for(open_port, f"port {port}", timeout)


class Cluster:
    """One PostgreSQL server on 127.0.0.1 and a unix socket, superuser postgres."""

    host = "127.0.0.1"
    template = None

    @classmethod
    def new_data(cls, place, folder, fresh=False):
        """initdb takes a second or two: once for all clusters of this process, but
        for one that has to be another cluster than the rest."""
        if not cls.template or fresh:
            parent = tempfile.mkdtemp(prefix="parallax-initdb-")
            atexit.register(shutil.rmtree, parent, ignore_errors=True)
            place.own(parent)
            template = os.path.join(parent, "data")
            place.run([place.tool("initdb"), "-D", template, "-U", "postgres",
                       "-A", "trust", "--no-sync", "-E", "UTF8",
                       "--locale=C.UTF-8"])
            if fresh:
                place.run(["cp", "-a", template, folder])
                return
            cls.template = template
        place.run(["cp", "-a", cls.template, folder])

    def __init__(self, place, name, settings=None, hba=None, fresh=False):
        self.place = place
        self.name = name
        self.port = place.free_port()
        self.data = place.path(name)
        self.sockets = place.folder
        self.sessions = sessions.Sessions()
        with spent.timed("starting"):
            self.new_data(place, self.data, fresh)
        values = {"port": self.port, "listen_addresses": "'127.0.0.1'",
                  "unix_socket_directories": f"'{self.sockets}'",
                  "fsync": "off", "shared_buffers": "64MB",
                  "max_connections": 200, "logging_collector": "off",
                  "max_wal_size": "2GB", **(settings or {})}
        with open(os.path.join(self.data, "postgresql.conf"), "a") as file:
            for key, value in values.items():
                file.write(f"{key} = {value}\n")
        if hba:
            with open(os.path.join(self.data, "pg_hba.conf"), "w") as file:
                file.write(hba)
        place.clusters.append(self)

    def start(self):
        spent.add("servers")
        with spent.timed("starting"):
            self.place.run([self.place.tool("pg_ctl"), "-D", self.data, "-w",
                            "-s", "-l", self.place.path(self.name + ".log"),
                            "start"])
        return self

    def stop(self, mode="fast"):
        self.sessions.close()
        if self.running():
            self.place.run([self.place.tool("pg_ctl"), "-D", self.data, "-w",
                            "-s", "-m", mode, "stop"])

    def pid(self):
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            return int(file.readline())

    def running(self):
        return os.path.exists(os.path.join(self.data, "postmaster.pid"))

    def signal_all(self, number):
        if number != signal.SIGCONT:
            self.sessions.close()
        if self.running():
            pid = self.pid()
            for one in [pid, *self.place.children(pid)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, number)

    def pause(self):
        """Hangs the whole server (SIGSTOP)."""
        self.signal_all(signal.SIGSTOP)

    def resume(self):
        self.signal_all(signal.SIGCONT)

    def create_database(self, name, sql=""):
        """One, and what this script makes in it."""
        # Copying files takes half of what the default, copying through WAL, does.
        self.psql(f'CREATE DATABASE "{name}" STRATEGY file_copy')
        if sql:
            self.psql(sql, name)

    def psql(self, sql, database="postgres", user="postgres", port=None,
             options=(), codes=(0,), host=None):
        """Runs SQL (or a script) through psql; gives its unaligned output."""
        command = [self.place.tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1",
                   "-h", host or self.host, "-p", str(port or self.port),
                   "-U", user, *options, "-d", database]
        if not sessions.may_stay(sql):
            self.sessions.close()
        elif not (port or options or host) and self.running():
            return self.in_session(command, (self.pid(), database, user), sql,
                                   codes)
        return self.place.run([*command, "-f", "-"], input=sql, codes=codes)

    def in_session(self, command, key, sql, codes):
        """Runs a script in the session of this key (sessions.py)."""
        def start(number):
            spent.command(command)
            return sessions.Session(
                key, command, self.place.path(f"{self.name}-{number}.sql"),
                **self.place.surroundings())
        if sessions.makes_databases(sql):
            self.sessions.close(but=key)
        spent.databases(sql)
        session = self.sessions.take(key, start)
        code, output = session.run(sql, timeout=600)
        if code is None:
            self.sessions.give_back(session)
        return self.place.judge(command, code or 0, output, codes)

    def load(self, path, database="postgres"):
        """Runs an SQL file of the repository."""
        with open(path) as file:
            self.psql(file.read(), database)

    def pgbench(self, *options, database="postgres", port=None):
        """Runs pgbench against this server, or another port; gives its output."""
        return self.place.run(
            [self.place.tool("pgbench"), "-h", self.host, "-U", "postgres",
             "-p", port or self.port, *options, database])


# As it was made: what clients may have left is gone, and so are their sessions.
CLEAR = r"""
SET client_min_messages = error;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type IN ('client backend', 'walsender')
        AND pid <> pg_backend_pid() \g /dev/null
SELECT format('ALTER DATABASE %I IS_TEMPLATE false', datname) FROM pg_database
    WHERE datistemplate AND datname !~ '^template[01]$' \gexec
SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
    WHERE datname !~ '^template[01]$' \gexec
SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I', rolname, rolname)
    FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres' \gexec
ALTER ROLE ALL RESET ALL;
ALTER ROLE postgres RESET ALL;
ALTER SYSTEM RESET ALL;
SELECT pg_reload_conf() \g /dev/null
CREATE DATABASE postgres TEMPLATE template0 STRATEGY file_copy;
"""


class SharedCluster(Cluster):
    """A server that the tests of this process have one after the other. Each finds
    it as if it were new: it is cleared (CLEAR) when the next one takes it. One that
    was stopped or hung is not for others, nor is one that will not be cleared, or
    has so many databases that a new one is there sooner."""

    idle = []
    made = 0            # databases, by this test
    many = 30
    folders = None      # the Workplace in which they live

    @classmethod
    def take(cls, place, name):
        while cls.idle:
            cluster = cls.idle.pop()
            if cluster.clear():
                break
        else:
            if not cls.folders:
                cls.folders = Workplace("servers")
                atexit.register(cls.folders.close)
            # A server of one test ends before its vacuum would begin.
            cluster = cls(cls.folders, f"server{len(cls.folders.clusters)}",
                          {"autovacuum": "off"})
            cluster.start()
            spent.RUNNING.add(cluster.pid())
        cluster.touched, cluster.made = False, 0
        cluster.hand_over(place, name)
        return cluster

    def hand_over(self, place, name):
        """Its log becomes one of the place, as if it had begun there."""
        log = self.folders.path(self.name + ".log")
        os.truncate(log, 0)
        os.symlink(log, place.path(name + ".log"))
        self.place = place
        place.borrowed.append(self)

    def give_back(self):
        self.sessions.close()
        self.place = self.folders
        if self.touched or self.made > self.many or not self.running():
            self.give_up()
        else:
            self.idle.append(self)

    def give_up(self):
        with contextlib.suppress(FileNotFoundError):
            spent.RUNNING.discard(self.pid())
        self.resume()
        self.stop("immediate")
        shutil.rmtree(self.data, ignore_errors=True)

    def clear(self):
        """False: it could not be."""
        self.place = self.folders
        with spent.timed("starting"):
            try:
                self.psql(CLEAR, "template1")
                return True
            except Failed as failed:
                print(f"{self.name} is given up: {failed}", flush=True)
                self.give_up()
                return False

    def start(self):
        # The log is that of the folder of all, whichever test starts it again.
        place, self.place = self.place, self.folders
        super().start()
        self.place = place
        return self

    def psql(self, sql, *arguments, **options):
        self.made += sql.count("CREATE DATABASE")
        return super().psql(sql, *arguments, **options)

    def stop(self, mode="fast"):
        self.touched = True
        super().stop(mode)

    def signal_all(self, number):
        self.touched = True
        super().signal_all(number)


def shadow_engine():
    """The engine that the shadow stands for: PARALLAX_TEST_ENGINE, or that of
    PARALLAX_TEST_LOWERING (tests/README.md, "Engines"); None: the primary's."""
    engine = os.environ.get("PARALLAX_TEST_ENGINE")
    if not engine and os.environ.get("PARALLAX_TEST_LOWERING"):
        engine = "postgres-" + os.environ["PARALLAX_TEST_LOWERING"]
    return engine


def needs_engine(engine):
    """Only a build with DEVELOPER=1 knows the engines of the tests."""
    with open(os.path.join(BUILD, "parallax"), "rb") as file:
        if engine.encode() not in file.read():
            raise unittest.SkipTest(f"no engine {engine}: make DEVELOPER=1")


class Parallax:
    """`parallax run` before a primary, with one shadow or more. Unless `safe`, the
    shadow's account is its superuser, which takes clients' roles on: most tests are
    not about rights. safe="logins" or "own-cluster": as `parallax rights` has it;
    rights() sets that up, once both schemas are there. entries: the shadows, when
    they are several (each as `entry` of another). primary_extra, shadow_extra: more
    of their settings, ", key: value"."""

    def __init__(self, place, primary, shadow, database="postgres",
                 mapping=None, extra="", name="parallax", port=None,
                 safe=None, shadow_database=None, entries=None,
                 primary_extra="", shadow_extra=""):
        self.place = place
        self.shadow = shadow
        self.safe = safe
        user, unsafe = (("parallax_mirror", "false") if safe
                        else ("postgres", "true"))
        self.name = name
        self.port = port or place.free_port()
        self.store = place.path(f"{name}.db")
        self.journal = place.path(f"{name}-journal")
        engine = shadow_engine()
        if engine:
            needs_engine(engine)
        self.entry = (
            (f"engine: {engine}, " if engine else "") +
            f"name: {name}, host: 127.0.0.1, port: {shadow.port}, "
            f"database: {shadow_database or database}, user: {user}, "
            f"store: '{self.store}', unsafe_rights: {unsafe}, "
            f"rights_file: {name}.rights{shadow_extra}")
        lines = [
            f"listen: 127.0.0.1:{self.port}",
            "primary: {engine: postgres, host: 127.0.0.1, "
            f"port: {primary.port}, database: {database}, user: postgres"
            f"{primary_extra}}}",
            "shadows:",
            *[f"  - {{{entry}}}" for entry in entries or [self.entry]],
            f"journal: {{directory: '{self.journal}'}}",
        ]
        if mapping:
            lines.append(f"mapping: '{mapping}'")
        self.config = place.write(f"{name}.yaml",
                                  "\n".join(lines) + "\n" + extra)
        self.process = None

    def rights(self, *options):
        """`parallax rights`, as the shadow's superuser; gives its output."""
        if self.safe == "own-cluster":
            options = ("--own-cluster", *options)
        return self.place.run([self.place.parallax, "rights", "--admin",
                               "user=postgres", *options, self.config])

    def start(self, *options):
        self.process = self.place.start(
            [self.place.parallax, "run", *options, self.config], self.name)
        self.place.wait_for_port(self.port)
        return self

    def stop(self, grace=60):
        """Drains: the mirror reads the journal to its end. Gives the exit code."""
        return self.place.stop_process(self.process, grace)

    def process_of(self, part):
        """The pid of a child process whose command line holds `part`."""
        for pid in self.place.children(self.process.pid):
            if part in self.place.command_line(pid):
                return pid
        return None

    def report(self):
        """The JSON report of the store, uncut, as Python values."""
        return json.loads(self.place.run(
            [self.place.parallax, "report", "--format", "json",
             "--limit", "0", self.store]))["stores"][0]

    def check(self, *options):
        """`parallax check`: (exit code, output)."""
        return self.place.exit_code([self.place.parallax, "check", *options,
                                     self.config])


def start_pair(test, name):
    """Gives a TestCase (in setUp), or its class (in setUpClass), a place, and for
    it a primary and a shadow that run, as if they were new."""
    clean_up = (test.addClassCleanup if isinstance(test, type)
                else test.addCleanup)
    test.place = Workplace(name)
    clean_up(test.place.close)
    test.primary = SharedCluster.take(test.place, "primary")
    test.shadow = SharedCluster.take(test.place, "shadow")


def load_shop(primary, shadow):
    """The schemas that mappings/shop.yaml is for, and their data."""
    folder = os.path.join(ROOT, "tests/integration/lens/shop")
    primary.load(os.path.join(folder, "old.sql"))
    shadow.load(os.path.join(folder, "new.sql"))


def assert_matched(test, report):
    """Each exchange has a verdict, which of nearly all is that it matches."""
    verdicts, exchanges = report["verdicts"], report["exchanges"]
    print(verdicts, exchanges["seen"])
    test.assertEqual(report["divergences"], [])
    test.assertEqual(exchanges["seen"], exchanges["counted"])
    test.assertEqual(sum(verdicts.values()), exchanges["seen"])
    test.assertLess(verdicts["inconclusive"], 0.01 * exchanges["seen"])
    test.assertEqual(verdicts["failed"] + verdicts["untranslatable"], 0)
