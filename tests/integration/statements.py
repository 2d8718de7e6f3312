"""Reads tests/integration/matrix/statements.sql (its head says how it is written),
and runs a unit of it on a pair."""

import re
import struct

TYPES = {"bool": 16, "int8": 20, "int2": 21, "int4": 23, "text": 25,
         "int4[]": 1007, "text[]": 1009, "date": 1082, "numeric": 1700, "": 0}
RESET = ("SELECT setval(c.oid::regclass, 1000) FROM pg_class c "
         "WHERE relkind = 'S' AND relnamespace::regnamespace::text !~ '^pg_'")


def binary_of(kind, value):
    """A value in the protocol's binary form, as hexadecimal digits."""
    if kind == "bool":
        return {"hex": "01" if value == "true" else "00"}
    if kind in ("int2", "int4", "int8"):
        code = {"int2": ">h", "int4": ">i", "int8": ">q"}[kind]
        return {"hex": struct.pack(code, int(value)).hex()}
    return {"hex": value.encode().hex()}


def split_values(text):
    """type=value | null | ... -> [(type, value or None)]"""
    pairs = []
    for item in text.split(" | "):
        kind, _, value = item.partition("=")
        pairs.append(("", None) if item == "null" else (kind, value))
    return pairs


def copy_binary(rows):
    """COPY's binary form."""
    data = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    for row in rows:
        data += struct.pack(">h", len(row))
        for kind, value in row:
            if value is None:
                data += struct.pack(">i", -1)
                continue
            raw = bytes.fromhex(binary_of(kind, value)["hex"])
            data += struct.pack(">i", len(raw)) + raw
    return {"hex": (data + struct.pack(">h", -1)).hex()}


class Statement:
    def __init__(self, text, line, notes):
        self.text = text
        self.line = line
        self.options = {}
        rows = [split_values(v) for n, v in notes if n == "copy rows"]
        if rows:
            self.options["copy"] = copy_binary(rows)
        for name, value in notes:
            if name in ("with", "with binary"):
                pairs = split_values(value)
                binary = name == "with binary"
                self.options["types"] = [TYPES[kind] for kind, _ in pairs]
                self.options["parameters"] = [
                    None if v is None else binary_of(k, v) if binary else v
                    for k, v in pairs]
                self.options["binary"] = binary
            elif name == "binary":
                self.options["binary"] = True


class Unit:
    """A statement, or several that run in one transaction."""

    def __init__(self, kind, commit):
        self.kind = kind
        self.commit = commit
        self.statements = []

    def text(self):
        return "\n".join(s.text + ";" for s in self.statements)


class Outcome:
    """What became of a unit under one change."""

    def __init__(self):
        self.mapped = False
        self.said = []           # of each statement
        self.reason = None       # untranslatable or skipped: why
        self.laxer = None        # SQLSTATE that the new schema does not raise
        self.lossy = False       # a value is lost in a column that is gone
        self.wrong = []          # [what went wrong]

    @property
    def state(self):
        return "wrong" if self.wrong else "untranslatable" if self.reason \
            else "laxer" if self.laxer else "lossy" if self.lossy \
            else "translated"


def parse(text):
    units, kind, notes, group, commit = [], None, [], None, False
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        note = re.match(r"-- (kind|begin|end|commit|with binary|with|binary|"
                        r"copy rows)(?:: (.*))?$", line)
        if line.startswith("--") or not line.strip():
            if not note:
                continue
            name, value = note.group(1), note.group(2)
            if name == "kind":
                kind = value
            elif name == "commit":
                commit = True
            elif name == "begin":
                group = Unit(kind, commit)
                units.append(group)
                commit = False
            elif name == "end":
                group = None
            else:
                notes.append((name, value))
            continue
        statement = Statement(line.rstrip(";"), at, notes)
        notes = []
        if re.match(r"COPY .* FROM STDIN", line) and \
                "copy" not in statement.options:
            end = lines.index("\\.", at)
            statement.options["copy"] = "".join(
                row + "\n" for row in lines[at:end])
            at = end + 1
        unit = group
        if not unit:
            unit = Unit(kind, commit)
            units.append(unit)
            commit = False
        unit.statements.append(statement)
    return units


def run_statement(pair, statement, outcome):
    """False: what follows it in its unit says nothing any more."""
    pair.raw("SAVEPOINT matrix")
    said = pair.run(statement.text, **statement.options)
    outcome.said.append(said)
    outcome.mapped |= said["mapped"]
    failed = "state" in said["old"] or "state" in said.get("new", {})
    if failed:
        pair.raw("ROLLBACK TO matrix")
    if said["action"] in ("untranslatable", "skip"):
        outcome.reason = outcome.reason or said["detail"] or said["reason"]
        return False
    if said["verdict"] == "match":
        return True
    if said.get("why") == "error.primary" and \
            said["old"]["state"][:2] in ("22", "23"):
        outcome.laxer = said["old"]["state"]
        return True
    outcome.wrong.append(said)
    return False


def run_unit(workshop, pair, unit):
    """Runs it, compares the data that it may have changed, and takes it back."""
    outcome = Outcome()
    pair.raw(RESET)
    pair.raw("BEGIN")
    sound = all(run_statement(pair, statement, outcome)
                for statement in unit.statements)
    if sound:
        pair.raw("SET CONSTRAINTS ALL IMMEDIATE")
        if outcome.mapped and not all(said["reads_only"]
                                      for said in outcome.said):
            differs, _, outcome.lossy = workshop.data(pair, True)
            outcome.wrong += differs
    pair.raw("COMMIT" if unit.commit and sound else "ROLLBACK")
    return outcome
