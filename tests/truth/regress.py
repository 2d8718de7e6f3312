"""PostgreSQL's own regression tests on two servers: on the one as they are written,
on the other rewritten by the identity mapping that goes through the whole
machinery. The answers must be the same; what cannot be rewritten is counted.

    regress.py [-v] [TEST ...]      all of the schedule, or some after test_setup
"""

import argparse
import collections
import glob
import os
import re
import shutil
import sys
import time

import psycopg2

from pair import Pair, Tally, harness
from psql import Script

CORPUS = os.environ.get("PARALLAX_REGRESS",
                        os.path.join(harness.ROOT, "build", "regress"))
UNTRANSLATABLE_MAX = 0.01
UNDECIDED_MAX = 0.005
STATEMENTS_MIN = 20000

# Differences that docs/limits.md tells of: file, beginning of the statement.
KNOWN = [
    ("strings", "SELECT U&'d", "standard_conforming_strings = off"),
    ("sequence", "SELECT last_value, log_cnt", "log_cnt of a sequence"),
    ("plancache", "EXECUTE prepstmt", "a prepared * after a schema change"),
    ("portals", "EXECUTE cprep", "the server's own tables"),
]

# As pg_regress sets its database up.
SETUP = """
ALTER DATABASE regression SET lc_messages TO 'C';
ALTER DATABASE regression SET bytea_output TO 'hex';
ALTER DATABASE regression SET timezone_abbreviations TO 'Default';
ALTER DATABASE regression SET timezone TO 'PST8PDT';
ALTER DATABASE regression SET datestyle TO 'Postgres, MDY';
"""


class Session(Script):
    """One file of the tests."""

    def __init__(self, name, pair, tally, variables):
        super().__init__(variables)
        self.name, self.pair, self.tally = name, pair, tally
        self.database, self.user = "regression", "postgres"
        self.connect("", "")

    def connect(self, database, user):
        wanted = database or self.database, user or self.user
        if not self.pair.open(*wanted):
            # psql of a script keeps the connection it had.
            return self.pair.open(self.database, self.user)
        self.database, self.user = wanted
        return True

    def note(self, reply):
        self.backslashes = reply["strings"] == "off"
        self.variables["SQLSTATE"] = reply["failed"] or "00000"
        self.variables["ERROR"] = "true" if reply["failed"] else "false"
        return reply["copies"]

    def place(self):
        return f"{self.name}.sql:{self.text.count(chr(10), 0, self.at) + 1}"

    def execute(self, text, rows=False, data=None):
        reply = self.pair.ask(do="run", text=text, rows=rows, data=data)
        if reply["verdict"] == "diverged":
            self.excuse(text, reply)
        self.tally.add(self.place(), text, reply)
        return reply.get("columns", []), reply.get("rows"), self.note(reply)

    def excuse(self, text, reply):
        bare = re.sub(r"(?m)^--.*\n", "", text).strip()
        for name, start, reason in KNOWN:
            if self.name == name and bare.startswith(start):
                reply["verdict"], reply["reason"] = "known", reason

    def several(self, text, data):
        reply = self.pair.ask(do="raw", text=text, data=data)
        reply["kind"] = "several in one message"
        self.tally.add(self.place(), text, reply)
        return self.note(reply)


def schedule():
    with open(os.path.join(CORPUS, "parallel_schedule")) as file:
        return [name for line in file if line.startswith("test:")
                for name in line.split()[1:]]


class Regress:
    def __init__(self, place, verbose):
        self.place, self.verbose = place, verbose
        self.files = place.path("regress")
        shutil.copytree(CORPUS, self.files)
        os.chmod(self.files, 0o755)
        for library in glob.glob(os.path.join(
                place.binaries, "..", "lib", "*.so")):
            os.symlink(library, os.path.join(self.files,
                                             os.path.basename(library)))
        os.mkdir(os.path.join(self.files, "results"))
        for folder in (self.files, os.path.join(self.files, "results"),
                       os.path.join(self.files, "data")):
            place.own(folder)
        settings = {"autovacuum": "off", "max_prepared_transactions": 10,
                    "log_min_messages": "panic", "fsync": "off",
                    "shared_buffers": "128MB", "full_page_writes": "off",
                    "jit": "off"}
        self.clusters = [harness.Cluster(place, name, settings).start()
                         for name in ("old", "new")]
        for cluster in self.clusters:
            cluster.psql("CREATE DATABASE regression TEMPLATE template0\n"
                         "LC_COLLATE 'C' LC_CTYPE 'C'")
            cluster.psql(SETUP)
            self.make_temporary_schemas(cluster)
        os.environ.update(
            PG_ABS_SRCDIR=self.files, PG_ABS_BUILDDIR=self.files,
            PG_DLSUFFIX=".so", PG_LIBDIR=self.files)
        self.tally = Tally()
        self.took = collections.Counter()

    @staticmethod
    def make_temporary_schemas(cluster):
        """All at once: a session makes one if its number has none yet, and the
        two servers need not number alike. Oids would come apart."""
        sessions = [psycopg2.connect(host=cluster.sockets, port=cluster.port,
                                     user="postgres", dbname="regression")
                    for _ in range(32)]
        for session in sessions:
            session.cursor().execute("CREATE TEMP TABLE t ()")
            session.commit()
        for session in sessions:
            session.close()

    def run(self, names):
        with Pair(*self.clusters) as pair:
            for name in names:
                start = time.monotonic()
                try:
                    self.run_file(pair, name)
                except Exception:
                    print(f"in {name}.sql", file=sys.stderr)
                    raise
                self.took[name] = time.monotonic() - start
                if self.verbose:
                    print(f"{name} {self.took[name]:.1f} s", file=sys.stderr,
                          flush=True)

    def run_file(self, pair, name):
        path = os.path.join(self.files, f"{name}.sql")
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        session = Session(name, pair, self.tally,
                          {"DBNAME": "regression", "USER": "postgres"})
        session.run(text)


def judge(tally, whole):
    """The totals of SELECT, INSERT, UPDATE and DELETE; True if they will do.
    whole: all tests were run, so that shares mean something."""
    void = tally.total("void")
    seen = tally.total() - void
    refused, untranslatable = \
        tally.total("refused too"), tally.total("untranslatable")

    def line(count, text):
        print(f"{count:7} {100 * count / max(seen, 1):6.2f} %  {text}")
    print("SELECT, INSERT, UPDATE, DELETE, each run as written and rewritten:")
    line(seen, f"statements ({void} more in transactions that had failed)")
    line(tally.total("same"), "the same to the byte")
    line(tally.total("equal"), "the same rows in an order that is open, or by "
         "a clock")
    line(tally.total("undecided"), "open, for the reasons above")
    line(untranslatable, "untranslatable, for the reasons above")
    line(refused, "untranslatable, and the server refuses them as written")
    line(tally.total("skipped"), "never run on a shadow, for the reasons above")
    line(tally.total("known"), "differ as docs/limits.md says")
    line(tally.total("diverged"), "DIFFER")
    told = tally.total("same", "equal", "undecided", "untranslatable",
                       "refused too", "skipped", "known", "diverged")
    if told != seen:
        print(f"{seen - told} statements are not accounted for")
    print(f"{tally.total('diverged', ours=False):7} of other kinds DIFFER; "
          f"{len(tally.unlike)} that were run as written on both went "
          "otherwise")
    if tally.differing or tally.unlike or told != seen:
        return False
    # A run that lost its way must not pass for one that found nothing.
    return not whole or (
        seen >= STATEMENTS_MIN and
        untranslatable + refused + tally.total("skipped") <
        UNTRANSLATABLE_MAX * seen and
        tally.total("undecided") < UNDECIDED_MAX * seen)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", action="store_true")
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    if not os.path.exists(os.path.join(CORPUS, "parallel_schedule")):
        sys.exit(f"{CORPUS} has no regression tests: tests/fetch-regress.sh "
                 "fetches them, which takes the network")
    names = schedule()
    if options.tests:
        names = ["test_setup"] + [n for n in names if n in options.tests]
    with harness.Workplace("regress") as place:
        regress = Regress(place, options.v)
        regress.run(names)
    tally = regress.tally
    tally.show()
    tally.show_differing(100000 if options.v else 20)
    tally.show_unlike(100000 if options.v else 20)
    print("slowest:", ", ".join(f"{n} {t:.1f} s"
                                for n, t in regress.took.most_common(8)))
    sys.exit(0 if judge(tally, not options.tests) else 1)


if __name__ == "__main__":
    main()
