"""Where the workloads of tests/truth run: one primary with the old schema, one shadow
for each kind of schema change, all judged from one stream of statements."""

import os
import re
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "integration"))

import harness                       # noqa: E402
import pair                          # noqa: E402

MANY = {"max_connections": 1500, "shared_buffers": "128MB",
        "autovacuum": "off"}


def drifted(output):
    """The tables whose rows `verify` found to differ."""
    return set(re.findall(r"public\.(\w+): [\d,]+ rows? differ", output))


def read(name):
    with open(os.path.join(HERE, "load", name)) as file:
        return file.read()


class Kind:
    """A kind of schema change: the migration and the mapping that fit. first, last:
    what load/data.sql takes besides, before and after the migration."""

    def __init__(self, name, change, first="", last=""):
        self.name, self.change = name, change
        self.first, self.last = first, last

    def migration(self):
        if not self.change:
            return ""
        return f"{self.first};\n{pair.read(self.change + '.sql')};\n{self.last}"

    def mapping(self):
        if not self.change:
            return None
        with open(os.path.join(pair.MAPPINGS, self.change + ".yaml")) as file:
            return file.read()


KINDS = [
    Kind("rename", "rename-column"),
    Kind("split", "split-optional"),
    Kind("absorbed", "absorb-table"),
    Kind("any_of", "partition-rows",
         last="SELECT setval('orders_id_seq', 1000)"),
    Kind("union", "union-tables"),
    Kind("lookup", "lookup-table"),
    Kind("inline-lookup", "inline-lookup"),
    Kind("recode", "recode-column"),
    Kind("retype", "retype-column", first="DROP TRIGGER scored ON users",
         last="CREATE TRIGGER scored AFTER UPDATE OF score ON users "
         "FOR EACH ROW EXECUTE FUNCTION count_change()"),
    Kind("pack", "pack-json"),
    Kind("new-key", "natural-to-surrogate"),
    Kind("new-column", "new-column"),
]


class Stage:
    """Two servers, and on each a template of every database that is needed."""

    def __init__(self, test, name):
        self.place = harness.Workplace(name)
        test.addClassCleanup(self.place.close)
        self.primary = harness.Cluster(self.place, "primary", MANY).start()
        self.shadow = harness.Cluster(self.place, "shadow", MANY).start()
        for cluster in (self.primary, self.shadow):
            cluster.psql("CREATE ROLE app LOGIN")
            cluster.create_database("old", "\n".join(
                [pair.read("old.sql"), pair.read("data.sql"),
                 read("data.sql")]).replace("SELECT setval",
                                            "\\o /dev/null\nSELECT setval"))

    def prepare(self, name, sql):
        """The template of a shadow's database."""
        self.shadow.psql(f'CREATE DATABASE "{name}" TEMPLATE old STRATEGY '
                         f'file_copy;\n\\c "{name}"\n\\o /dev/null\nBEGIN;\n'
                         f'{sql};\nCOMMIT;\nANALYZE')

    def run(self, name, shadows, extra=""):
        return Run(self, name, shadows, extra)


class Shadow:
    """One mirror of a run: its database, its mapping, its store."""

    def __init__(self, stage, run, template, mapping):
        self.stage, self.name = stage, template
        self.database = f"{run}-{template}"
        self.mapping = mapping and stage.place.write(
            f"{self.database}.map", mapping)
        self.proxy = harness.Parallax(
            stage.place, stage.primary, stage.shadow, run,
            mapping=self.mapping, name=self.database,
            extra="drain: 10 min\n", shadow_database=f'"{self.database}"')
        self.entry = self.proxy.entry + (
            f", mapping: '{self.mapping}'" if self.mapping else "")

    def report(self):
        return self.proxy.report()

    def command(self, *words):
        """(exit code, output) of a command over this shadow alone."""
        return self.proxy.place.exit_code(
            [self.proxy.place.parallax, *words, self.proxy.config])

    def undecided(self):
        """Rows of what has no verdict of its own, from the store."""
        with sqlite3.connect(self.proxy.store) as store:
            return store.execute(
                "SELECT t.verdict, t.reason, s.text, sum(t.count), "
                "max(t.detail) FROM tally t LEFT JOIN statement s USING "
                "(fingerprint) WHERE verdict NOT IN ('match', 'diverged') "
                "GROUP BY 1, 2, 3 ORDER BY 4 DESC").fetchall()


class Run:
    """One relay with many shadows, each over fresh databases."""

    def __init__(self, stage, name, shadows, extra=""):
        self.stage, self.name = stage, name
        stage.primary.psql(f'CREATE DATABASE "{name}" TEMPLATE old '
                           "STRATEGY file_copy")
        stage.shadow.psql("".join(
            f'CREATE DATABASE "{name}-{template}" TEMPLATE "{template}" '
            "STRATEGY file_copy;\n" for template, _ in shadows))
        self.shadows = [Shadow(stage, name, *one) for one in shadows]
        self.proxy = harness.Parallax(
            stage.place, stage.primary, stage.shadow, name, name=name,
            extra="drain: 10 min\n" + extra,
            entries=[shadow.entry for shadow in self.shadows])
        self.port = self.proxy.port

    def go(self, work):
        """Runs the work through the relay until all of it is judged. Gives the
        seconds from its beginning to there."""
        try:
            self.proxy.start()
        except TimeoutError:
            raise AssertionError(f"{self.name} refused to start:\n" +
                                 self.complaints()) from None
        began = time.monotonic()
        work(self)
        code = self.proxy.stop(600)
        if code:
            raise AssertionError(f"{self.name}: exit code {code}\n" +
                                 self.complaints())
        return time.monotonic() - began

    def complaints(self):
        """The lines of the log that tell of something unusual."""
        return "\n".join(
            line for line in self.stage.place.log(self.name).splitlines()
            if re.search(r"level=(warning|error)|code=[^0]|signal", line)
            or not line.startswith("time="))  # an assertion's words

    def drop(self):
        self.stage.primary.psql(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self.stage.shadow.psql("".join(
            f'DROP DATABASE "{shadow.database}" WITH (FORCE);\n'
            for shadow in self.shadows))
