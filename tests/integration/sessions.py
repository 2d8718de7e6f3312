"""psql processes that run one script after the other. A process and its backend cost
60 ms of CPU, a script in one that is there costs 1 ms:

    cluster.psql("SELECT 1")    # starts psql -d postgres, which stays
    cluster.psql("SELECT 2")    # runs in it
    cluster.psql("SELECT count(*) FROM pg_stat_activity")   # ends it: alone there

A script leaves nothing behind: what it has not committed is rolled back, its settings
and temporary tables are discarded. One that fails ends its process, as psql does with
ON_ERROR_STOP. A script that may see other sessions, be held up by them, or set how
new ones begin runs in a process of its own, after all that stayed have ended."""

import os
import re
import select
import subprocess
import threading
import time

MARK = b"\x01the script has ended\n"
AFTER = """
SET client_min_messages = error;
ROLLBACK;
DISCARD ALL;
\\echo '""" + MARK.decode().rstrip("\n") + "'\n"
# Processes that a cluster keeps: more would only wait.
MANY = 4

MADE = re.compile(r"\b(?:CREATE|DROP)\s+DATABASE\b", re.IGNORECASE)
ALONE = re.compile(r"\b(?:database|role|user|system|pg_reload_conf|"
                   r"pg_(?:stat|lock|backend|terminate|cancel)\w*|"
                   r"pg_prepared_xacts|numbackends)\b", re.IGNORECASE)
# What psql itself is told may outlive the script; these do not.
COMMAND = re.compile(r"\\(?!gexec\b|g /dev/null)[a-zA-Z!;]")


def may_stay(sql):
    """Is psql as it was after this script, and are others in nobody's way?"""
    return not COMMAND.search(sql) and not ALONE.search(MADE.sub("", sql))


def makes_databases(sql):
    """Nobody else may be in a database that is copied or dropped."""
    return bool(MADE.search(sql))


class Session:
    """One psql. command: without what it is to run; options: Popen's."""

    def __init__(self, key, command, script, **options):
        self.key = key
        self.script = script
        self.process = subprocess.Popen(
            [*command, "-f", "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)

    def run(self, sql, timeout):
        """Gives (exit code, what it printed); the code is None while it stays."""
        with open(self.script, "w") as file:
            file.write(sql)
        printed = bytearray()
        try:
            self.process.stdin.write(
                f"\\i '{self.script}'{AFTER}".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass    # it has ended: it says why
        end = time.monotonic() + timeout
        while not printed.endswith(MARK):
            if not select.select([self.process.stdout], [], [],
                                 max(0, end - time.monotonic()))[0]:
                self.process.kill()
                self.close()
                raise subprocess.TimeoutExpired(self.process.args, timeout)
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return self.close(), self.text(printed)
            printed += more
        return None, self.text(printed[:-len(MARK)])

    def text(self, printed):
        return printed.decode(errors="replace").replace(
            f"psql:{self.script}:", "psql:<stdin>:")

    def close(self):
        """Its exit code, once its backend has ended too: psql says goodbye, and the
        server may take a moment to hear it."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        code = self.process.wait()
        self.process.stdout.close()
        os.unlink(self.script)
        return code


class Sessions:
    """Those of a cluster that stay. A thread that runs a script has its session for
    itself."""

    def __init__(self):
        self.idle = []      # the one that was used last is the last
        self.lock = threading.Lock()
        self.number = 0

    def take(self, key, start):
        """The session of this key, or start(number), which makes it."""
        with self.lock:
            for session in self.idle:
                if session.key == key:
                    self.idle.remove(session)
                    return session
            self.number += 1
            number = self.number
        return start(number)

    def give_back(self, session):
        with self.lock:
            self.idle.append(session)
            old = self.idle.pop(0) if len(self.idle) > MANY else None
        if old:
            old.close()

    def close(self, but=None):
        """Ends all of them, but those of one key. Gives their exit codes."""
        with self.lock:
            ended = [one for one in self.idle if one.key != but]
            self.idle = [one for one in self.idle if one.key == but]
        return [session.close() for session in ended]
