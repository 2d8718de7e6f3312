"""docs/coverage.md and docs/examples.md, from what the matrix has seen."""

import collections
import os
import re

import pair

MADE = "Made by `make docs-matrix` from tests/integration/matrix and mappings; the " \
    "test of that\nname fails when this page says anything else than it saw."

FAMILIES = [
    ("SELECT", "SELECT, "), ("FOR UPDATE", "SELECT ... FOR UPDATE"),
    ("INSERT", "INSERT"), ("ON CONFLICT", "INSERT ... ON CONFLICT"),
    ("UPDATE", "UPDATE"), ("DELETE", "DELETE"), ("MERGE", "MERGE"),
    ("WITH that writes", "WITH that writes"), ("COPY TO", "COPY TO"),
    ("COPY FROM", "COPY FROM"), ("cursors", "cursors"),
    ("PREPARE", "PREPARE"), ("TRUNCATE", "TRUNCATE"), ("LOCK", "LOCK"),
    ("views, functions", "views"), ("transactions", "transactions"),
    ("refused", "constraints"),
]


def family(kind):
    """The longest of FAMILIES that the kind begins with."""
    return max((prefix, name) for name, prefix in FAMILIES
               if kind.startswith(prefix))[1]


# --- coverage ---------------------------------------------------------------


def cell(outcomes):
    """Of the units of one family that touch what a change changes."""
    if not outcomes:
        return ""
    done = sum(o.state == "translated" for o in outcomes)
    return str(done) if done == len(outcomes) else f"{done} of {len(outcomes)}"


def table(head, rows):
    lines = [head, ["---"] * len(head)] + rows
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def said_of(outcome):
    """Why one was not simply translated."""
    if outcome.state == "wrong":
        one = outcome.wrong[0]
        return f"**differs**: {one.get('what') or one}"
    if outcome.state == "laxer":
        return f"the new schema does not refuse it (`{outcome.laxer}`)"
    if outcome.state == "lossy":
        return "a value is lost in a column that is gone"
    return f"untranslatable: {outcome.reason}"


def exceptions(results):
    """Lines for what was not translated under one change."""
    found = collections.Counter()
    totals = collections.Counter(unit.kind for unit, _ in results)
    for unit, outcome in results:
        if outcome.state != "translated":
            found[unit.kind, said_of(outcome)] += 1
    return [f"- {kind} ({count} of {totals[kind]}): {why}"
            for (kind, why), count in sorted(found.items())]


def coverage(seen):
    """seen: change -> [(unit, outcome)] of the units that touch it."""
    everything = [o for results in seen.values() for _, o in results]
    states = collections.Counter(o.state for o in everything)
    short = [name for name, _ in FAMILIES]
    rows = []
    for change, results in seen.items():
        by = collections.defaultdict(list)
        for unit, outcome in results:
            by[family(unit.kind)].append(outcome)
        rows.append([f"[{change}](examples.md#{change})"] +
                    [cell(by[name]) for name in short])
    kinds = {}
    for results in seen.values():
        for unit, outcome in results:
            kinds.setdefault(unit.kind, []).append(outcome)
    kind_rows = [[kind, str(len(found)),
                  str(sum(o.state == "translated" for o in found))]
                 for kind, found in kinds.items()]
    parts = [
        "# Changes by statements", MADE,
        "Each statement of the old schema (a group in one transaction counts "
        "as one) ran on\nthe old schema, and its plan on the new one; the "
        "answers were compared, and then all\nthe data of both sides. Counted "
        "are those that touch what the change changes: all\nothers run as "
        "they are written.",
        f"Of {len(everything)}, {states['translated']} were translated and "
        f"gave the same; {states['untranslatable']} are untranslatable; "
        f"{states['laxer']} are\nrefused by a constraint that the new schema "
        f"does not have; {states['wrong']} differ.",
        "A cell says how many were translated, and of how many if not all.",
        table(["change"] + short, rows),
        "## By kind of statement",
        table(["kind", "over all changes", "translated"], kind_rows),
        "## What is not translated, and why",
    ]
    for change, results in seen.items():
        lines = exceptions(results)
        parts += [f"### {change}", "\n".join(lines) if lines else
                  "All are translated."]
    return "\n\n".join(parts) + "\n"


# --- examples ---------------------------------------------------------------


def wrapped(text, width=88):
    """Broken at blanks outside of quotes."""
    words, lines, line = re.findall(r"(?:'[^']*'|\"[^\"]*\"|\S)+", text), [], ""
    for word in words:
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = "    " + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join(lines + [line])


def shape(columns, other):
    """name (what differs from the other side, the rest as ...)"""
    lines = []
    for name, own in columns.items():
        there = other.get(name, {})
        if own == there:
            continue
        shown = [f"{c} {t}" for c, t in own.items() if there.get(c) != t]
        same = len(own) - len(shown)
        if same and there:
            shown.insert(0, "...")
        lines.append(wrapped(f"{name} ({', '.join(shown)})"))
    return "\n".join(lines) or "(as after)"


def changed_names(old, new):
    """What the change touches on the old side: columns, or whole tables."""
    names = set()
    for name, own in old.items():
        there = new.get(name)
        if there is None:
            names.add(name)
            continue
        names |= {c for c, t in own.items() if there.get(c) != t}
    return names


def shows_clock(outcome):
    """Is the time of the run in a plan?"""
    return any("timestamptz" in step["text"]
               for said in outcome.said for step in said["steps"])


def examples_of(results, names):
    """Three statements that show the change: the shortest of each kind that
    name what it touches."""
    chosen = []
    for verb in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        fits = []
        for unit, outcome in results:
            text = unit.statements[0].text
            if len(unit.statements) > 1 or outcome.state != "translated" or \
                    not text.startswith(verb) or \
                    unit.kind.startswith("constraints") or \
                    unit.statements[0].options or \
                    shows_clock(outcome):
                continue
            words = set(re.findall(r"\w+", re.sub("'[^']*'", "", text)))
            fits.append((not words & names, len(text), text, outcome))
        if fits:
            chosen.append(min(fits, key=lambda one: one[:3])[2:])
    return chosen[:3]


def example(change, results, old, new):
    with open(os.path.join(pair.MAPPINGS, change + ".yaml")) as file:
        mapping = file.read()
    head = [line[2:] for line in mapping.splitlines()
            if line.startswith("# ")]
    body = "\n".join(line for line in mapping.splitlines()
                     if not line.startswith("#"))
    parts = [f"## {change}", "\n".join(head),
             f"Before:\n\n```\n{shape(old, new)}\n```",
             f"After:\n\n```\n{shape(new, old)}\n```",
             f"The mapping (`mappings/{change}.yaml`):\n\n```yaml\n"
             f"{body.strip()}\n```"]
    chosen = examples_of(results, changed_names(old, new))
    for text, outcome in chosen:
        steps = [wrapped(step["text"]) + ";"
                 for said in outcome.said for step in said["steps"]]
        parts.append(f"```sql\n{wrapped(text)};\n```\n\nbecomes\n\n```sql\n" +
                     "\n".join(steps) + "\n```")
    if not chosen:
        parts.append("No statement over it has a meaning on the shadow: " +
                     results[0][1].reason + ".")
    return "\n\n".join(parts)


def examples(seen, old, new):
    """new: change -> its tables, as old: table -> {column: type}."""
    parts = ["# Worked examples", MADE,
             "Each change of a schema that the [mapping language](mapping.md) "
             "can say, alone, from\none old schema; which statements are "
             "translated is shown by [coverage](coverage.md). The\nmigrations "
             "themselves are in `tests/integration/matrix`."]
    parts += [example(change, results, old, new[change])
              for change, results in seen.items()]
    return "\n\n".join(parts) + "\n"
