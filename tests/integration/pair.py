"""The two databases of a change of mappings/, and the lens between them (pair.c)."""

import glob
import json
import os
import re
import subprocess

from harness import BUILD, ROOT, Cluster, SharedCluster, shadow_engine

HERE = os.path.join(ROOT, "tests", "integration", "matrix")
MAPPINGS = os.path.join(ROOT, "mappings")
COMMON = {"old", "data", "statements"}


def changes():
    """The names of all changes, in the order of the manual (changes.txt)."""
    with open(os.path.join(HERE, "changes.txt")) as file:
        listed = file.read().split()
    there = {os.path.basename(path)[:-4]
             for path in glob.glob(os.path.join(HERE, "*.sql"))} - COMMON
    if set(listed) != there:
        raise AssertionError(f"changes.txt and the files: "
                             f"{sorted(set(listed) ^ there)}")
    return listed


def read(name):
    with open(os.path.join(HERE, name)) as file:
        return file.read()


def migration(change):
    """What makes the new schema of the old one, as one transaction."""
    return f"BEGIN;\n{read(change + '.sql')};\nCOMMIT;\n"


def named(change):
    """What the mapping of a change names: old tables for the most part."""
    with open(os.path.join(MAPPINGS, change + ".yaml")) as file:
        return set(re.findall("^  ([a-z_]+):", file.read(), re.MULTILINE))


def statements_of(text):
    """The statements of a script: each ends in a ';' at a line's end."""
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    found = re.split(r";$", "\n".join(lines), flags=re.MULTILINE)
    return [one.strip() for one in found if one.strip()]


class Pair:
    """One running pair.c: statements go in, what became of them comes out."""

    def __init__(self, cluster, old, new, mapping, engine=None):
        self.errors = open(cluster.place.path(f"pair-{new}.log"), "w+")
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "tests", "integration", "pair"), cluster.host,
             str(cluster.port), old, new, mapping],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            text=True,
            env={**os.environ, "PARALLAX_TEST_ENGINE": engine or ""})

    def ask(self, do, text, **more):
        try:
            self.process.stdin.write(
                json.dumps({"do": do, "text": text, **more}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise AssertionError(f"pair ended ({self.process.wait()}) at "
                                 f"{text!r}: {self.told()}")
        return json.loads(line)

    def run(self, text, **more):
        return self.ask("run", text, **more)

    def raw(self, text, side="both", session=0):
        said = self.ask("raw", text, side=side, session=session)
        for one in said.values():
            if "state" in one:
                raise AssertionError(f"{text}: {one}")
        return said

    def told(self):
        self.errors.seek(0)
        return self.errors.read()

    def close(self):
        """Its exit code: sanitizers speak by it."""
        self.process.stdin.close()
        self.process.stdout.close()
        code = self.process.wait()
        told = self.told()
        self.errors.close()
        if code:
            raise AssertionError(f"pair ended with {code}: {told}")


class Workshop:
    """A server with the old schema in a template, and a pair for each change."""

    def __init__(self, place):
        self.place = place
        self.cluster = Cluster(place, "server", {"autovacuum": "off"}).start()
        self.database("template_old")
        self.cluster.psql(read("old.sql"), "template_old")
        self.database("template_full", "template_old")
        self.cluster.psql(read("data.sql"), "template_full")
        self.columns = self.read_columns()
        self.sequences = self.cluster.psql(
            "SELECT relname FROM pg_class WHERE relkind = 'S' ORDER BY 1",
            "template_old").split()
        self.reads = {table: f"SELECT {', '.join(columns)} FROM {table} "
                      f"ORDER BY {columns[0]}"
                      for table, columns in self.columns.items()}

    def database(self, name, template="template0"):
        self.cluster.psql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" '
                          "STRATEGY file_copy")

    def read_columns(self):
        """Old table -> its columns; the first is its key."""
        rows = self.cluster.psql(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c "
            "ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace "
            "AND relkind = 'r' AND attnum > 0 ORDER BY c.oid, attnum",
            "template_old")
        columns = {}
        for row in rows.splitlines():
            table, column = row.split("|")
            columns.setdefault(table, []).append(column)
        return columns

    def open(self, change, migrated=False):
        """The pair of a change, its data loaded through the lens. migrated: with
        the same old side, beside what the migration makes of the old data."""
        side = "migrated" if migrated else "new"
        old, new = f"{change}.old", f"{change}.{side}"
        made = [(new, "template_full")] if migrated else \
            [(old, "template_old"), (new, "template_old")]
        self.cluster.psql("".join(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" '
            "STRATEGY file_copy;\n" for name, template in made))
        self.cluster.psql(migration(change), new)
        mapping = os.path.join(MAPPINGS, change + ".yaml")
        pair = Pair(self.cluster, old, new, mapping)
        if not migrated:
            self.load(pair)
        if not shadow_engine():
            return pair
        # What a lesser engine cannot load is there all the same.
        pair.close()
        return Pair(self.cluster, old, new, mapping, shadow_engine())

    def load(self, pair):
        for statement in statements_of(read("data.sql")):
            said = pair.run(statement)
            if said["action"] == "untranslatable" and \
                    "is not in the new schema" in said["detail"]:
                continue
            if said.get("verdict") != "match":
                raise AssertionError(f"{statement}\n{json.dumps(said, indent=1)}")

    def data(self, pair, written=False):
        """Holds all the data of both sides against each other; written: that of the
        tables only that the open transaction may have changed, on either side. Gives
        (what differs, old tables that the mapping drops, is a dropped column
        lost)."""
        said = pair.ask("data", "", texts=list(self.reads.values()),
                        written=written)
        tables = {text: table for table, text in self.reads.items()}
        gone = [(tables[text], detail) for text, detail in said["gone"]]
        return said["differs"], gone, said["lossy"]


def two_schemas(place, old, new, mapping):
    """The Pair of two databases of one server, made by these scripts."""
    cluster = SharedCluster.take(place, "server")
    for name, sql in (("old", old), ("new", new)):
        cluster.create_database(name, sql)
    return Pair(cluster, "old", "new", place.write("mapping.yaml", mapping),
                shadow_engine())
