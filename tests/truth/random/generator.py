"""Random statements over the old schema (old.sql), as applications send them.

Statement texts hold a marker for each literal; a variant puts other literals of
the same types there, or parameters, so that plans are made once and filled often.
Nothing is generated whose answer the server is free to choose: LIMIT stands on a
total order, aggregates that depend on order have one.
"""

import random
import re

from schemas import CLOSED, ENUMS, FAMILY, OIDS, RICH, SQL_TYPES, VALUES, quoted

__all__ = ["Generator", "OIDS"]


class Relation:
    """One entry of a FROM list: its alias and columns, as they can be named."""

    def __init__(self, alias, columns, table=None, whole=True, qualifier=None):
        self.alias = alias
        self.columns = columns
        self.table = table
        self.whole = whole
        self.qualifier = qualifier or quoted(alias)


class Scope:
    def __init__(self, outer=None, ctes=None):
        self.outer = outer
        self.relations = []
        self.merged = []      # [(name, type)]: of USING, unqualified
        self.hidden = set()   # names that are ambiguous
        self.ctes = dict(outer.ctes if outer else {})
        self.ctes.update(ctes or {})

    def names(self):
        names = [name for relation in self.relations
                 for name, _ in relation.columns]
        return names + [name for name, _ in self.merged]

    def aliases(self):
        return {relation.alias for relation in self.relations}

    def columns(self, rng):
        """[(text, type)] of all that can be named, nearest scope first."""
        found, hidden_names, hidden_aliases = [], set(), set()
        scope, level = self, 0
        while scope:
            counts = {}
            for relation in scope.relations:
                for name, _ in relation.columns:
                    counts[name] = counts.get(name, 0) + 1
            merged = {name for name, _ in scope.merged}
            for name, kind in scope.merged:
                if name not in hidden_names:
                    found.append((quoted(name), kind, level))
            for relation in scope.relations:
                if relation.alias in hidden_aliases:
                    continue
                own = {}
                for name, _ in relation.columns:
                    own[name] = own.get(name, 0) + 1
                for name, kind in relation.columns:
                    if own[name] > 1:
                        continue
                    if counts[name] == 1 and name not in merged and \
                            name not in hidden_names and rng.random() < 0.5:
                        found.append((quoted(name), kind, level))
                    else:
                        found.append((f"{relation.qualifier}.{quoted(name)}",
                                      kind, level))
            hidden_names |= set(counts) | merged
            hidden_aliases |= scope.aliases()
            scope, level = scope.outer, level + 1
        return found

    def all_names(self):
        scope, names = self, set()
        while scope:
            names |= set(scope.names())
            scope = scope.outer
        return names


class Generator:
    def __init__(self, seed, schema=RICH):
        self.rng = random.Random(seed)
        self.schema = schema
        self.slots = []
        self.written = []    # tables, by the statement at hand

    # Small things

    def chance(self, probability):
        return self.rng.random() < probability

    def pick(self, items):
        return self.rng.choice(items)

    def literal(self, kind, null=0.05):
        """A marker; what stands there is chosen by variant()."""
        if self.chance(null):
            return f"NULL::{SQL_TYPES[kind]}"
        self.slots.append(kind)
        return f"\x01{len(self.slots) - 1}\x02"

    def alias(self, scope, prefer=None):
        taken = scope.aliases() | set(scope.ctes)
        choices = [a for a in self.schema.aliases if a not in taken]
        if prefer and prefer not in taken and self.chance(0.4):
            return prefer
        return self.pick(choices)

    # Expressions

    def column(self, kind, scope, strict=False):
        family = FAMILY[kind]
        fits = [c for c in scope.columns(self.rng) if FAMILY[c[1]] == family]
        if kind in CLOSED or kind == "email":
            own = [c for c in fits if c[1] == kind]
            fits = own if own or strict else fits
        near = [c for c in fits if c[2] == 0]
        if near and self.chance(0.8):
            fits = near
        return self.pick(fits)[0] if fits else None

    def leaf(self, kind, scope):
        if self.chance(0.88):
            column = self.column(kind, scope)
            if column:
                return column
        return self.literal(kind)

    def e(self, kind, scope, depth=2):
        """An expression of the kind's family."""
        if depth <= 0 or self.chance(0.35):
            return self.leaf(kind, scope)
        if self.chance(0.12):
            return self.case(kind, scope, depth)
        if self.chance(0.08):
            return f"coalesce({self.e(kind, scope, depth - 1)}, " \
                   f"{self.leaf(kind, scope)})"
        if self.chance(0.05):
            return f"nullif({self.e(kind, scope, depth - 1)}, " \
                   f"{self.leaf(kind, scope)})"
        if self.chance(0.06):
            return self.scalar(kind, scope, depth)
        if self.chance(0.04) and kind not in ("bool",):
            return f"{self.pick(['greatest', 'least'])}(" \
                   f"{self.e(kind, scope, depth - 1)}, " \
                   f"{self.leaf(kind, scope)})"
        return getattr(self, "e_" + FAMILY[kind])(kind, scope, depth - 1)

    def case(self, kind, scope, depth):
        if self.chance(0.4):
            other = self.pick(["int", "text", "bool", "grade", "level"])
            whens = " ".join(
                f"WHEN {self.literal(other, 0)} THEN {self.leaf(kind, scope)}"
                for _ in range(self.rng.randint(1, 3)))
            return f"CASE {self.leaf(other, scope)} {whens} " \
                   f"ELSE {self.leaf(kind, scope)} END"
        return f"CASE WHEN {self.predicate(scope, depth - 1)} " \
               f"THEN {self.e(kind, scope, depth - 1)} " \
               f"ELSE {self.leaf(kind, scope)} END"

    def scalar(self, kind, scope, depth):
        inner = Scope(scope)
        text = self.from_list(inner, 1)
        where = self.predicate(inner, depth - 1)
        own = Scope(None, inner.ctes)
        own.relations = inner.relations
        if FAMILY[kind] == "int" and self.chance(0.4):
            return f"(SELECT count(*) FROM {text} WHERE {where})"
        if FAMILY[kind] in ("bool", "time", *ENUMS):
            if FAMILY[kind] == "bool":
                return f"(SELECT bool_or({self.e('bool', own, 1)}) " \
                       f"FROM {text} WHERE {where})"
            return f"(SELECT max({self.leaf(kind, own)}) " \
                   f"FROM {text} WHERE {where})"
        return f"(SELECT {self.pick(['max', 'min'])}" \
               f"({self.e(kind, own, 1)}) FROM {text} WHERE {where})"

    def e_int(self, kind, scope, depth):
        choice = self.rng.randint(0, 8)
        if choice <= 1:
            return f"({self.e('int', scope, depth)}::numeric " \
                   f"{self.pick(['+', '-'])} {self.leaf('int', scope)})"
        if choice == 2:
            return f"length({self.e('text', scope, depth)})"
        if choice == 3:
            return self.schema.function.format(self.leaf("level", scope))
        if choice == 4:
            return f"abs({self.e('int', scope, depth)}::numeric)"
        if choice == 5:
            return f"({self.e('int', scope, depth)} % 7)"
        if choice == 6:
            return f"position({self.literal('text', 0)} in " \
                   f"{self.e('text', scope, depth)})"
        if choice == 7:
            return f"extract(month from {self.e('date', scope, depth)})"
        return f"(- {self.leaf('int', scope)}::numeric)"

    def e_num(self, kind, scope, depth):
        choice = self.rng.randint(0, 4)
        if choice == 0:
            return f"({self.e('num', scope, depth)} " \
                   f"{self.pick(['+', '-', '*'])} {self.leaf('num', scope)})"
        if choice == 1:
            return f"round({self.e('num', scope, depth)}, 1)"
        if choice == 2:
            return f"({self.leaf('int', scope)} * 0.5)"
        if choice == 3:
            return f"abs({self.e('num', scope, depth)})"
        return f"({self.e('num', scope, depth)})::numeric(20,3)"

    def e_text(self, kind, scope, depth):
        choice = self.rng.randint(0, 11)
        inner = self.e("text", scope, depth)
        if choice <= 1:
            return f"({inner} || {self.leaf('text', scope)})"
        if choice == 2:
            return f"{self.pick(['upper', 'lower', 'btrim', 'md5'])}({inner})"
        if choice == 3:
            return f"substr({inner}, 2, 3)"
        if choice == 4:
            return f"({self.e('int', scope, depth)})::text"
        if choice == 5:
            return f"concat({inner}, ({self.leaf('bool', scope)})::bool, " \
                   f"({self.leaf('num', scope)})::numeric)"
        if choice == 6:
            return f"cast({self.leaf('date', scope)} AS text)"
        if choice == 7:
            return f"left({inner}, {self.rng.randint(-2, 5)})"
        if choice == 8:
            enum = next(k for k in self.schema.kinds if k in ENUMS)
            return f"{self.leaf(enum, scope)}::text"
        if choice == 9:
            return f"({self.leaf('bool', scope)})::text"
        if choice == 10:
            return f"array_to_string(ARRAY[{inner}, " \
                   f"{self.leaf('text', scope)}], ',')"
        return f"replace({inner}, 'a', {self.literal('text', 0)})"

    def e_bool(self, kind, scope, depth):
        return f"({self.predicate(scope, depth)})"

    def e_date(self, kind, scope, depth):
        if self.chance(0.5):
            return f"({self.leaf('date', scope)} + " \
                   f"{self.rng.randint(0, 9)})"
        return f"date_trunc('month', {self.leaf('date', scope)}" \
               f"::timestamp)::date"

    def e_mood(self, kind, scope, depth):
        return self.literal(kind, 0) if self.chance(0.3) \
            else self.leaf(kind, scope)

    e_state = e_time = e_mood

    def kind(self):
        return self.pick(self.schema.kinds)

    def predicate(self, scope, depth=2):
        if depth > 0 and self.chance(0.25):
            return f"({self.predicate(scope, depth - 1)} " \
                   f"{self.pick(['AND', 'OR'])} " \
                   f"{self.predicate(scope, depth - 1)})"
        if depth > 0 and self.chance(0.1):
            return f"NOT ({self.predicate(scope, depth - 1)})"
        if depth > 0 and self.chance(0.15):
            return self.sub_predicate(scope, depth)
        choice = self.rng.randint(0, 15)
        kind = self.kind()
        left = self.e(kind, scope, min(depth, 1) if self.chance(.5) else 0)
        if choice <= 4:
            operator = self.pick(["=", "=", "=", "<>", "<", ">=", "!="])
            right = self.leaf(kind, scope)
            if self.chance(0.3):
                left, right = right, left
            return f"{left} {operator} {right}"
        if choice == 5:
            return f"{left} IS {self.pick(['', 'NOT '])}NULL"
        if choice == 6:
            items = ", ".join(self.literal(kind, 0.03)
                              for _ in range(self.rng.randint(1, 4)))
            return f"{left} {self.pick(['', 'NOT '])}IN ({items})"
        if choice == 7:
            return f"{left} {self.pick(['', 'NOT '])}BETWEEN " \
                   f"{self.pick(['', 'SYMMETRIC '])}" \
                   f"{self.leaf(kind, scope)} AND {self.leaf(kind, scope)}"
        if choice == 8:
            return f"{self.e('text', scope, depth - 1)} " \
                   f"{self.pick(['', 'NOT '])}{self.pick(['LIKE', 'ILIKE'])}" \
                   f" {self.literal('text', 0)} ESCAPE '!'"
        if choice == 9:
            return f"{left} IS {self.pick(['', 'NOT '])}DISTINCT FROM " \
                   f"{self.leaf(kind, scope)}"
        if choice == 10:
            other = self.kind()
            return f"({left}, {self.leaf(other, scope)}) " \
                   f"{self.pick(['=', '<>', '<', '>='])} " \
                   f"({self.leaf(kind, scope)}, {self.leaf(other, scope)})"
        if choice == 11 and kind not in ENUMS:
            array = ", ".join(self.literal(kind, 0) for _ in range(2))
            return f"{left} {self.pick(['= ANY', '<> ALL', '> ANY'])} " \
                   f"(ARRAY[{array}])"
        if choice == 12:
            column = self.column("bool", scope)
            if column:
                return column if self.chance(0.6) else \
                    f"{column} IS {self.pick(['TRUE', 'NOT FALSE', 'UNKNOWN'])}"
        if choice == 13:
            rows = [r for r in scope.relations if r.whole and r.table]
            if rows and self.chance(0.3):
                relation = self.pick(rows)
                if relation.alias not in scope.all_names():
                    return f"{relation.qualifier} IS NOT NULL"
        return f"{left} = {self.leaf(kind, scope)}"

    def sub_predicate(self, scope, depth):
        inner = Scope(scope)
        if self.chance(0.4):
            text = self.from_list(inner, 2)
            what = self.pick(["1", "*", self.e("int", inner, 0)])
            return f"{self.pick(['', 'NOT '])}EXISTS (SELECT {what} FROM " \
                   f"{text} WHERE {self.predicate(inner, depth - 1)})"
        kind = self.kind()
        if self.chance(0.2):
            other = self.kind()
            query = self.query(scope, [kind, other], depth - 1)[0]
            return f"({self.leaf(kind, scope)}, {self.leaf(other, scope)}) " \
                   f"{self.pick(['IN', 'NOT IN', '= ANY'])} ({query})"
        query = self.query(scope, [kind], depth - 1)[0]
        operator = self.pick(["IN", "IN", "NOT IN", "= ANY", "<> ALL",
                              ">= ALL", "< ANY"])
        return f"{self.leaf(kind, scope)} {operator} ({query})"

    # FROM

    def relation(self, scope, lateral, allowed=("table",)):
        """(text, Relation, nothing named yet)"""
        choice = self.rng.random()
        if choice < 0.12 and scope.ctes:
            name = self.pick(sorted(scope.ctes))
            columns = scope.ctes[name]
            text = quoted(name)
            if name not in scope.aliases() and self.chance(0.5):
                return text, Relation(name, columns)
            alias = self.alias(scope)
            return f"{text} AS {quoted(alias)}", Relation(alias, columns)
        if choice < 0.24:
            outer = scope if lateral else scope.outer
            query, columns = self.query(outer, None, 1, aliased=True)
            alias = self.alias(scope)
            names = ""
            if self.chance(0.3):
                renamed = self.rng.sample(
                    self.schema.names, min(len(columns), len(self.schema.names)))
                columns = [(n, k) for n, (_, k) in zip(renamed, columns)]
                names = f" ({', '.join(quoted(n) for n, _ in columns)})"
            return f"{'LATERAL ' if lateral else ''}({query}) AS " \
                   f"{quoted(alias)}{names}", Relation(alias, columns)
        if choice < 0.28:
            alias = self.alias(scope)
            return f"generate_series(1, {self.rng.randint(1, 4)}) AS " \
                   f"{quoted(alias)} (n)", \
                Relation(alias, [("n", "int")], whole=False)
        if choice < 0.33:
            alias = self.alias(scope)
            rows = ", ".join(f"({self.literal('int', 0)}, "
                             f"{self.literal('email', 0)}::text)"
                             for _ in range(self.rng.randint(1, 3)))
            return f"(VALUES {rows}) AS {quoted(alias)} (id, email)", \
                Relation(alias, [("id", "int"), ("email", "text")])
        return self.table(scope)

    def table(self, scope, only=None):
        usable = [t for t in self.schema.tables
                  if t.schema or t.name not in scope.ctes]
        table = only or self.pick(usable or self.schema.tables)
        text = table.written(self.rng)
        if table.name in scope.ctes and not table.schema:
            text = f"public.{quoted(table.name)}"
        if table.name not in scope.aliases() and self.chance(0.35):
            qualifier = quoted(table.name)
            if "." in text and self.chance(0.3):
                qualifier = text
            return text, Relation(table.name, list(table.columns), table,
                                  qualifier=qualifier,
                                  whole="." not in qualifier)
        alias = self.alias(scope)
        columns = list(table.columns)
        names = ""
        if self.chance(0.06):
            renamed = self.rng.sample(self.schema.names, self.rng.randint(1, 3))
            if not set(renamed) & set(table.types):
                columns = [(renamed[i] if i < len(renamed) else n, k)
                           for i, (n, k) in enumerate(columns)]
                names = f" ({', '.join(map(quoted, renamed))})"
        return f"{text} {self.pick(['AS ', ''])}{quoted(alias)}{names}", \
            Relation(alias, columns, table)

    def from_list(self, scope, most):
        text, relation = self.relation(scope, False)
        scope.relations.append(relation)
        for _ in range(self.rng.randint(0, most - 1)):
            text = self.join(scope, text)
        return text

    def join(self, scope, left):
        kind = self.pick(["JOIN", "JOIN", "INNER JOIN", "LEFT JOIN",
                          "LEFT JOIN", "RIGHT JOIN", "FULL JOIN",
                          "CROSS JOIN", ","])
        lateral = self.chance(0.12) and kind in (
            "JOIN", "LEFT JOIN", "CROSS JOIN", ",")
        if lateral:
            query, columns = self.query(scope, None, 1, aliased=True)
            alias = self.alias(scope)
            right, relation = f"LATERAL ({query}) AS {quoted(alias)}", \
                Relation(alias, columns)
        else:
            right, relation = self.relation(scope, False)
        old = scope.relations
        if kind in ("CROSS JOIN", ","):
            # ',' binds weaker than JOIN: only right of all that was joined
            scope.relations = old + [relation]
            return f"{left}{',' if kind == ',' else ' CROSS JOIN'} {right}" \
                if kind == "CROSS JOIN" or True else left
        fits = self.using(scope, relation)
        if fits and ", " not in left and self.chance(0.45):
            names = self.rng.sample(fits, self.rng.randint(1, min(2, len(fits))))
            common = [n for n, _ in relation.columns
                      if n in scope.names()]
            natural = set(common) == set(names) and self.chance(0.6) and \
                len(common) == len(set(common))
            scope.relations = old + [relation]
            for name in names:
                kinds = {k for n, k in relation.columns if n == name}
                scope.merged = [m for m in scope.merged if m[0] != name]
                scope.merged.append((name, kinds.pop()))
            if natural:
                return f"{left} NATURAL {kind} {right}"
            return f"{left} {kind} {right} USING " \
                   f"({', '.join(map(quoted, names))})"
        # Only these two sides may be named when a comma stands before.
        scope.relations = old + [relation]
        if ", " in left:
            return f"{left}, {right}" if not lateral else f"{left}, {right}"
        own = Scope(None)
        own.relations = [relation]
        other = Scope(None)
        other.relations = old
        family = self.pick(["int", "int", "int", "text"])
        a = self.full_column(own, family)
        b = self.full_column(other, family)
        condition = f"{a} = {b}" if a and b else "true"
        if kind == "FULL JOIN" and condition == "true":
            kind = "LEFT JOIN"
        if kind != "FULL JOIN" and self.chance(0.4):
            condition += f" AND {self.predicate(scope, 1)}"
        return f"{left} {kind} {right} ON {condition}"

    def full_column(self, scope, family):
        found = []
        for relation in scope.relations:
            names = [n for n, _ in relation.columns]
            found += [f"{relation.qualifier}.{quoted(n)}"
                      for n, k in relation.columns
                      if FAMILY[k] == family and names.count(n) == 1]
        return self.pick(found) if found else None

    def using(self, scope, relation):
        mine = [n for n, _ in relation.columns]
        merged = {n for n, _ in scope.merged}
        left = [n for r in scope.relations for n, _ in r.columns
                if n not in merged] + list(merged)
        kinds = {n: k for r in scope.relations for n, k in r.columns}
        return [n for n, k in relation.columns
                if mine.count(n) == 1 and left.count(n) == 1 and
                FAMILY[kinds[n]] == FAMILY[k]]

    # Queries

    def outputs(self, scope, kinds, depth, aliased):
        """Target list: (text, [(name, kind)], names that ORDER BY can use)."""
        if kinds is None and self.chance(0.15) and scope.relations and \
                not aliased:
            return "*", None
        if kinds is None and self.chance(0.1) and scope.relations:
            relation = self.pick(scope.relations)
            names = [n for n, _ in relation.columns]
            if len(set(names)) == len(names):
                return f"{relation.qualifier}.*", list(relation.columns)
        kinds = kinds or [self.kind()
                          for _ in range(self.rng.randint(1, 4))]
        names = self.rng.sample(self.schema.names, len(kinds))
        parts, columns = [], []
        for kind, name in zip(kinds, names):
            text = self.e(kind, scope, depth)
            bare = re.fullmatch(r'([a-z_]+\.)?([a-z_]+)', text)
            # NULL, true and the like are no columns
            if bare and not aliased and self.chance(0.5):
                parts.append(text)
                columns.append((None, kind))
            else:
                parts.append(f"{text} {self.pick(['AS ', 'AS '])}"
                             f"{quoted(name)}")
                columns.append((name, kind))
        return ", ".join(parts), columns

    def query(self, outer, kinds=None, depth=2, aliased=False, top=False):
        """A SELECT: (text, [(name, kind)])"""
        choice = self.rng.random()
        if depth > 0 and choice < 0.1:
            kinds = kinds or [self.kind() for _ in range(2)]
            return self.union(outer, kinds, depth, top)
        if depth > 0 and choice < 0.22:
            return self.grouped(outer, kinds, depth, top)
        scope = Scope(outer)
        text = self.from_list(scope, 3 if depth > 1 else 2)
        targets, columns = self.outputs(scope, kinds, depth, aliased)
        distinct = ""
        windowed = False
        if kinds is None and columns and top and self.chance(0.12):
            extra, kind = self.window(scope)
            targets += f", {extra} AS wnd"
            columns = columns + [("wnd", kind)]
            windowed = True
        if top and columns and self.chance(0.06) and scope.relations:
            rows = [r for r in scope.relations if r.table and r.whole]
            if rows:
                relation = self.pick(rows)
                if relation.alias not in scope.all_names():
                    targets += ", " + self.pick(
                        [f"to_jsonb({relation.qualifier})",
                         f"row_to_json({relation.qualifier})::text",
                         f"count({relation.qualifier}) OVER ()"]) + " AS wholly"
                    columns = columns + [("wholly", None)]
        where = f" WHERE {self.predicate(scope, depth)}" \
            if self.chance(0.7) else ""
        if self.chance(0.1) and not windowed:
            distinct = "DISTINCT "
        tail = ""
        if columns and (top or self.chance(0.15)) and self.chance(0.5) and \
                all(kind for _, kind in columns):
            tail = self.order(columns, scope, distinct)
        locking = ""
        if top and not distinct and self.chance(0.07) and not windowed and \
                "JOIN" not in text and scope.relations[0].table:
            locking = " FOR " + self.pick(["UPDATE", "SHARE", "NO KEY UPDATE"])
            if self.chance(0.5):
                locking += f" OF {quoted(scope.relations[0].alias)}"
                if len(scope.relations) > 1 and self.chance(0.2):
                    locking += " NOWAIT"
            elif any(not r.table for r in scope.relations):
                locking = ""
        return f"SELECT {distinct}{targets} FROM {text}{where}{tail}" \
               f"{locking}", columns

    def order(self, columns, scope, distinct):
        """ORDER BY, by ordinals, output names or expressions; LIMIT over all."""
        count = len(columns)
        items = []
        for at in self.rng.sample(range(count), count):
            name = columns[at][0]
            item = str(at + 1)
            if name and self.chance(0.4) and \
                    [n for n, _ in columns].count(name) == 1 and \
                    None not in [n for n, _ in columns]:
                item = quoted(name)
            item += self.pick(["", "", " DESC", " ASC NULLS FIRST",
                               " DESC NULLS LAST"])
            items.append(item)
        if not distinct and self.chance(0.3):
            column = self.column(self.pick(["int", "text", "grade"]), scope)
            # a bare name may be an output's
            if column and "." in column:
                items.insert(self.rng.randint(0, len(items)), column)
        limited = self.chance(0.4)
        if not limited:
            items = items[:self.rng.randint(1, len(items))]
        text = " ORDER BY " + ", ".join(items)
        if limited:
            text += self.pick([" LIMIT 3", " LIMIT 2 OFFSET 1",
                               " FETCH FIRST 4 ROWS ONLY", " OFFSET 2"])
        return text

    def window(self, scope):
        kind = self.pick(["int", "text", "grade", "bool", "level"])
        part = f"PARTITION BY {self.leaf(kind, scope)} " \
            if self.chance(0.6) else ""
        by = self.e(self.pick(["int", "text", "date", "level"]), scope, 1)
        choice = self.rng.randint(0, 3)
        if choice == 0:
            return f"rank() OVER ({part}ORDER BY {by})", "int"
        if choice == 1:
            return f"dense_rank() OVER ({part}ORDER BY {by} DESC)", "int"
        if choice == 2:
            return f"sum({self.leaf('int', scope)}) OVER ({part})", "num"
        return f"count(*) FILTER (WHERE {self.predicate(scope, 1)}) " \
               f"OVER ({part})", "int"

    def union(self, outer, kinds, depth, top):
        operator = self.pick(["UNION", "UNION ALL", "INTERSECT", "EXCEPT",
                              "UNION ALL", "EXCEPT ALL", "INTERSECT ALL"])
        sides = []
        names = self.rng.sample(self.schema.names, len(kinds))
        for _ in range(2):
            scope = Scope(outer)
            text = self.from_list(scope, 2)
            parts = []
            for kind, name in zip(kinds, names):
                value = self.e(kind, scope, 1)
                cast = SQL_TYPES[kind]
                parts.append(f"({value})::{cast} AS {quoted(name)}"
                             if self.chance(0.7) or sides else
                             f"{value} AS {quoted(name)}")
            side = f"SELECT {', '.join(parts)} FROM {text}"
            if self.chance(0.6):
                side += f" WHERE {self.predicate(scope, 1)}"
            sides.append(side)
        text = f"{sides[0]} {operator} {sides[1]}"
        if self.chance(0.2):
            text = f"({sides[0]}) {operator} ({sides[1]})"
        columns = list(zip(names, kinds))
        if top and self.chance(0.6):
            items = [self.pick([str(i + 1), quoted(n)])
                     for i, n in enumerate(names)]
            text += " ORDER BY " + ", ".join(items)
            if self.chance(0.3):
                text += " LIMIT 3"
        return text, columns

    def aggregate(self, scope, kind):
        family = FAMILY[kind]
        # over outer columns alone it would be the outer query's
        own = Scope(None, scope.ctes)
        own.relations, own.merged = scope.relations, scope.merged
        scope = own
        filtered = f" FILTER (WHERE {self.predicate(scope, 1)})" \
            if self.chance(0.2) else ""
        if family == "int":
            text = self.pick(["count(*)",
                              f"count({self.leaf(self.kind(), scope)})",
                              f"count(DISTINCT {self.leaf('text', scope)})",
                              f"max({self.e('int', scope, 1)})",
                              f"sum({self.leaf('int', scope)})"])
        elif family == "num":
            text = f"{self.pick(['sum', 'min', 'max'])}" \
                   f"({self.e('num', scope, 1)})"
        elif family == "bool":
            text = f"{self.pick(['bool_and', 'bool_or', 'every'])}" \
                   f"({self.e('bool', scope, 1)})"
        elif family == "text":
            value = self.e("text", scope, 1)
            text = self.pick([f"string_agg({value}, ',' ORDER BY {value})",
                              f"min({value})", f"max({value})",
                              f"mode() WITHIN GROUP (ORDER BY {value})"])
        else:
            text = f"{self.pick(['min', 'max'])}({self.e(kind, scope, 1)})"
        return text + filtered

    def grouped(self, outer, kinds, depth, top):
        scope = Scope(outer)
        text = self.from_list(scope, 2)
        where = f" WHERE {self.predicate(scope, 1)}" \
            if self.chance(0.5) else ""
        wanted = kinds or [self.kind()
                           for _ in range(self.rng.randint(1, 4))]
        names = self.rng.sample(self.schema.names, len(wanted))
        keys, parts = [], []
        for place, kind in enumerate(wanted):
            if self.chance(0.5):
                # a key: no parameter (each is another expression)
                key = self.column(kind, scope)
                if key:
                    if self.chance(0.2) and FAMILY[kind] == "text":
                        key = f"upper({key})"
                    simple = self.chance(0.3)
                    keys.append(str(place + 1) if simple else key)
                    parts.append(key)
                    continue
            parts.append(self.aggregate(scope, kind))
        targets = ", ".join(f"{p} AS {quoted(n)}"
                            for p, n in zip(parts, names))
        group = ""
        if keys:
            joined = ", ".join(keys)
            group = f" GROUP BY {joined}"
            plain = all(not k.isdigit() for k in keys)
            if plain and self.chance(0.15):
                group = f" GROUP BY {self.pick(['ROLLUP', 'CUBE'])} ({joined})"
            elif plain and len(keys) > 1 and self.chance(0.2):
                group = f" GROUP BY GROUPING SETS (({keys[0]}), ({joined}), ())"
        elif self.chance(0.2):
            group = " HAVING count(*) > 0"
        if keys and self.chance(0.3):
            group += f" HAVING {self.aggregate(scope, 'int')} " \
                     f"{self.pick(['>', '<', '='])} {self.literal('int', 0)}"
        columns = list(zip(names, wanted))
        tail = ""
        if top and self.chance(0.5):
            tail = " ORDER BY " + ", ".join(
                str(i + 1) for i in range(len(wanted)))
            if self.chance(0.3):
                tail += " LIMIT 3"
        return f"SELECT {targets} FROM {text}{where}{group}{tail}", columns

    # WITH

    def ctes(self, scope, writes=False):
        if not self.chance(0.2):
            return ""
        parts, recursive = [], False
        for _ in range(self.rng.randint(1, 2)):
            name = self.pick(self.schema.ctes)
            if name in scope.ctes:
                continue
            if self.chance(0.15):
                recursive = True
                columns = [("n", "int"), ("name", "text")]
                table = f"public.{quoted('users')}"
                parts.append(
                    f"{quoted(name)} (n, name) AS (SELECT id, name FROM "
                    f"{table} q WHERE id < 3 UNION ALL SELECT q.id, "
                    f"coalesce(q.name, '') || r.name FROM {table} q JOIN "
                    f"{quoted(name)} r ON q.id = r.n + 3 "
                    f"WHERE length(r.name) < 500)")
            elif writes and self.chance(0.4):
                statement, columns = self.write(Scope(None, scope.ctes), True)
                if not columns or not all(n for n, _ in columns) or \
                        len({n for n, _ in columns}) < len(columns):
                    continue
                parts.append(f"{quoted(name)} AS ({statement})")
            else:
                query, columns = self.query(Scope(None, scope.ctes), None, 1,
                                            aliased=True)
                parts.append(f"{quoted(name)} AS "
                             f"{self.pick(['', '', 'MATERIALIZED '])}({query})")
            # a table of that name is in nobody's reach any more
            scope.ctes[name] = columns
        if not parts:
            return ""
        if recursive and any(n in self.schema.by_name for n in scope.ctes):
            # under RECURSIVE a name hides its table in every query
            for name in scope.ctes:
                if name in self.schema.by_name:
                    scope.ctes.clear()
                    return ""
        return f"WITH {'RECURSIVE ' if recursive else ''}" \
               f"{', '.join(parts)} "

    # Statements

    def select(self):
        scope = Scope()
        head = self.ctes(scope)
        return head + self.query(scope, None, 2, top=True)[0]

    def write_value(self, table, name, scope, update=False):
        """A value that the column can hold on either side."""
        kind = table.types[name]
        allowed_null = name not in table.required
        if name in table.defaults and self.chance(0.12):
            return "DEFAULT"
        null = 0.1 if allowed_null else 0
        if kind in CLOSED and name != table.key:
            column = update and self.column(kind, scope, True)
            if column and allowed_null and self.chance(0.3):
                return column
            if self.chance(0.2):
                return f"CASE WHEN {self.predicate(scope, 1)} THEN " \
                       f"{self.literal(kind, 0)} ELSE " \
                       f"{self.literal(kind, 0)} END"
            return self.literal(kind, null)
        if kind == "email":
            return self.literal("email", 0)
        if name == table.key or name in table.references:
            return self.literal(kind if kind in ("ref", "sku") else "int", null)
        if kind == "bool":
            if self.chance(0.4) and not allowed_null:
                return f"coalesce({self.e('bool', scope, 1)}, true)"
            return self.literal("bool", null) if not allowed_null or \
                self.chance(0.6) else self.e("bool", scope, 1)
        if kind in ("int", "small"):
            if allowed_null and self.chance(0.4):
                return f"({self.e('int', scope, 1)}) % 1000"
            if self.chance(0.1):
                return f"'{self.rng.randint(0, 99)}'"
            if self.chance(0.1):
                return f"{self.rng.randint(0, 99)}.5"
            return self.literal(kind, null)
        if kind == "num":
            if self.chance(0.2):
                return self.pick(["0.005", "1.999", "'12.345'", "-0.125",
                                  "12::smallint"])
            if self.chance(0.2):
                return f"coalesce(({self.e('num', scope, 1)}) % 100, 1)"
            return self.literal("num", 0)
        if kind == "date":
            return self.literal("date", null)
        return self.e("text", scope, 1) if self.chance(0.5) \
            else self.literal("text", null)

    def returning(self, scope, table, inside=False):
        if not inside and not self.chance(0.6):
            return "", None
        if self.chance(0.3):
            return " RETURNING *", list(table.columns)
        # the generated key is always shown, so that it can be carried
        key = f"{scope.relations[0].qualifier}.{quoted(table.key)}"
        parts, columns = [key], [(table.key, table.types[table.key])]
        for _ in range(self.rng.randint(0, 2)):
            kind = self.kind()
            name = self.pick([n for n in self.schema.names
                              if n not in [c for c, _ in columns]])
            own = Scope()
            own.relations = scope.relations
            parts.append(f"{self.e(kind, own, 1)} AS {quoted(name)}")
            columns.append((name, kind))
        return " RETURNING " + ", ".join(parts), columns

    def insert(self, scope, inside=False):
        table = self.pick(self.schema.tables)
        self.written.append(table.name)
        target = table.written(self.rng)
        relation = Relation(table.name, list(table.columns), table,
                            qualifier=quoted(table.name))
        alias = ""
        if self.chance(0.2):
            name = self.pick(["t", "x", "accounts", "Order", "first"])
            alias = f" AS {quoted(name)}"
            relation = Relation(name, list(table.columns), table)
        empty = Scope(scope)
        if self.chance(0.04) and table.empty:
            text = f"INSERT INTO {target}{alias} DEFAULT VALUES"
            names = []
        else:
            required = [n for n, _ in table.columns
                        if n in table.required and
                        n not in table.defaults and not (
                            n == table.key and table.generated)]
            optional = [n for n, _ in table.columns
                        if n not in required and n != table.key and
                        n not in table.lost]
            names = required + self.rng.sample(
                optional, self.rng.randint(0, len(optional)))
            if self.chance(0.15) and table.key not in names:
                names.append(table.key)
            names = names or [optional[0]]
            self.rng.shuffle(names)
            if self.chance(0.12) and not table.generated and not table.lost:
                names = [n for n, _ in table.columns]
                width = self.rng.randint(
                    max(names.index(n) for n in required) + 1, len(names))
                names = names[:width]
                columns = ""
            else:
                columns = f" ({', '.join(map(quoted, names))})"
            if self.chance(0.25):
                text = f"INSERT INTO {target}{alias}{columns} " + \
                    self.insert_query(table, names, empty)
            else:
                rows = ", ".join(
                    "(" + ", ".join(self.write_value(table, n, empty)
                                    for n in names) + ")"
                    for _ in range(self.pick([1, 1, 1, 2, 3])))
                text = f"INSERT INTO {target}{alias}{columns} VALUES {rows}"
        after = Scope()
        after.relations = [relation]
        if self.chance(0.5):
            text += self.conflict(table, relation)
        if "DO UPDATE" in text and not inside:
            # The answer shows the row's old key, not the one it used up.
            return text, None
        returning, columns = self.returning(after, table, inside)
        return text + returning, columns

    def insert_query(self, table, names, scope):
        inner = Scope(scope)
        text, relation = self.table(inner)
        inner.relations.append(relation)
        parts = []
        for name in names:
            value = self.write_value(table, name, inner, True)
            if value == "DEFAULT":
                value = self.literal(table.types[name], 0)
            if name == table.key:
                value = self.literal("int", 0)
            kind = SQL_TYPES[table.types[name]]
            if "\x01" in value or "NULL" in value:
                value = f"({value})::{kind}"
            parts.append(value)
        key = f"{relation.qualifier}.{quoted(relation.columns[0][0])}"
        order = f" ORDER BY {key} LIMIT 1" if table.key in names or \
            set(names) & set(table.uniques) or self.chance(0.6) else f" ORDER BY {key} LIMIT 2"
        return f"SELECT {', '.join(parts)} FROM {text} WHERE " \
               f"{self.predicate(inner, 1)}{order}"

    def conflict(self, table, relation):
        if self.chance(0.3):
            return " ON CONFLICT DO NOTHING"
        key = self.pick([table.key] + 2 * list(table.uniques))
        target = f"({quoted(key)})"
        if table.name in ("users", "tags") and self.chance(0.2):
            constraint = table.uniques.get(key, table.name + "_pkey")
            target = f"ON CONSTRAINT {constraint}"
        if self.chance(0.3):
            return f" ON CONFLICT {target} DO NOTHING"
        scope = Scope()
        scope.relations = [relation,
                           Relation("excluded", list(table.columns))]
        sets = self.assignments(table, scope, "excluded")
        where = f" WHERE {self.predicate(scope, 1)}" \
            if self.chance(0.4) else ""
        return f" ON CONFLICT {target} DO UPDATE SET {sets}{where}"

    def assignments(self, table, scope, excluded=None, queries=True):
        # what is written to a dropped column is lost
        names = [n for n, _ in table.columns
                 if n not in table.fixed and n not in table.lost]
        names = self.rng.sample(names, self.rng.randint(1, min(3, len(names))))
        parts = []
        while names:
            name = names.pop()
            if excluded and self.chance(0.4):
                parts.append(f"{quoted(name)} = excluded.{quoted(name)}")
                continue
            if names and self.chance(0.25):
                other = names.pop()
                pair = f"({quoted(name)}, {quoted(other)})"
                if queries and self.chance(0.4):
                    inner = Scope(scope)
                    text, relation = self.table(inner)
                    inner.relations.append(relation)
                    key = f"{relation.qualifier}." \
                          f"{quoted(relation.columns[0][0])}"
                    values = []
                    for n in (name, other):
                        value = self.write_value(table, n, inner, True)
                        if value == "DEFAULT" or n in table.required:
                            value = self.literal(table.types[n], 0)
                        values.append(
                            f"({value})::{SQL_TYPES[table.types[n]]}")
                    if table.required & {name, other}:
                        parts.append(f"{pair} = ({values[0]}, {values[1]})"
                                     if not values[0].count(
                                         relation.qualifier) and False else
                                     f"{quoted(name)} = "
                                     f"{self.literal(table.types[name], 0)}")
                        continue
                    parts.append(
                        f"{pair} = (SELECT {values[0]}, {values[1]} FROM "
                        f"{text} ORDER BY {key} LIMIT 1)")
                    continue
                row = self.pick(["", "", "ROW"])
                parts.append(
                    f"{pair} = {row}("
                    f"{self.write_value(table, name, scope, True)}, "
                    f"{self.write_value(table, other, scope, True)})")
                continue
            parts.append(f"{quoted(name)} = "
                         f"{self.write_value(table, name, scope, True)}")
        return ", ".join(parts)

    def target(self, scope):
        table = self.pick(self.schema.tables)
        self.written.append(table.name)
        text = table.written(self.rng)
        relation = Relation(table.name, list(table.columns), table,
                            qualifier=quoted(table.name))
        if self.chance(0.35):
            name = self.pick(["t", "x", "accounts", "users", "Order", "last",
                              "email"])
            text += f" {self.pick(['AS ', ''])}{quoted(name)}"
            relation = Relation(name, list(table.columns), table)
        inner = Scope(scope)
        inner.relations = [relation]
        return table, text, inner

    def other_by_key(self, table, scope):
        """Another table, each of whose rows meets one of the target's: (text,
        condition)."""
        text, relation = self.table(scope)
        condition = f"{relation.qualifier}." \
                    f"{quoted(relation.columns[0][0])} = " \
                    f"{scope.relations[0].qualifier}.{quoted(table.key)}"
        scope.relations.append(relation)
        return text, condition

    def update(self, scope, inside=False):
        table, text, inner = self.target(scope)
        other = condition = ""
        if self.chance(0.35):
            other, condition = self.other_by_key(table, inner)
        sets = self.assignments(table, inner)
        where = self.predicate(inner, 2)
        if condition:
            where = f"{condition} AND {where}"
        from_text = f" FROM {other}" if other else ""
        returning, columns = self.returning(inner, table, inside)
        if other and "*" in returning:
            returning, columns = (" RETURNING *", None) if not inside else \
                (f" RETURNING {inner.relations[0].qualifier}."
                 f"{quoted(table.key)}", [(table.key, table.types[table.key])])
        return f"UPDATE {text} SET {sets}{from_text} WHERE {where}" \
               f"{returning}", columns

    def delete(self, scope, inside=False):
        table, text, inner = self.target(scope)
        using = condition = ""
        if self.chance(0.3):
            using, condition = self.other_by_key(table, inner)
        key = f"{inner.relations[0].qualifier}.{quoted(table.key)}"
        number = key if FAMILY[table.types[table.key]] == "int" else \
            f"length({key})"
        where = f"{number} % {self.rng.randint(3, 6)} = 1 AND " \
                f"{self.predicate(inner, 2)}"
        if condition:
            where = f"{condition} AND {where}"
        returning, columns = self.returning(inner, table, inside)
        if using and "*" in returning:
            returning, columns = f" RETURNING {key}", [(table.key, table.types[table.key])]
        return f"DELETE FROM {text}{f' USING {using}' if using else ''} " \
               f"WHERE {where}{returning}", columns

    def merge_source(self, table, scope):
        """Of a MERGE into the scope's one relation: (text, relation, condition,
        is it by the target's key?)."""
        target = scope.relations[0]
        kind = table.types[table.key]
        key = f"{target.qualifier}.{quoted(table.key)}"
        if self.chance(0.4):
            relation = Relation(self.alias(scope), [
                ("k", kind), ("v", self.kind()), ("w", self.kind())])
            rows = ", ".join(
                "(" + ", ".join(f"({self.literal(k)})::{SQL_TYPES[k]}"
                                for _, k in relation.columns) + ")"
                for _ in range(self.rng.randint(1, 4)))
            text = f"(VALUES {rows}) {relation.qualifier} (k, v, w)"
        else:
            text, relation = self.table(scope)
        first, first_kind = relation.columns[0]
        scope.relations.append(relation)
        if FAMILY[first_kind] != FAMILY[kind] or self.chance(0.15):
            return text, relation, self.predicate(scope, 1), False
        condition = f"{relation.qualifier}.{quoted(first)} = {key}"
        if self.chance(0.2):
            # a row that is there may then be inserted again
            condition += f" AND {self.predicate(scope, 0)}"
        return text, relation, condition, True

    def merge_insert(self, table, relation, scope):
        names = [n for n, _ in table.columns
                 if n in table.required and n not in table.defaults and
                 n != table.key]
        optional = [n for n, _ in table.columns
                    if n not in names and n != table.key and
                    n not in table.lost]
        names += self.rng.sample(optional,
                                 self.rng.randint(0, len(optional)))
        self.rng.shuffle(names)
        key = f"{relation.qualifier}.{quoted(relation.columns[0][0])}"
        values = [key] + [self.write_value(table, n, scope, True)
                          for n in names]
        return f"INSERT ({', '.join(map(quoted, [table.key] + names))}) " \
               f"VALUES ({', '.join(values)})"

    def merge(self, scope, inside=False):
        table, text, inner = self.target(scope)
        source, relation, condition, by_key = self.merge_source(table, inner)
        alone = Scope(scope)
        alone.relations = [relation]
        clauses, ended = [], set()
        for _ in range(self.rng.randint(1, 4)):
            matched = self.chance(0.65)
            if matched in ended:
                continue
            when = ""
            if self.chance(0.5):
                when = f" AND {self.predicate(inner if matched else alone, 1)}"
            else:
                ended.add(matched)
            if self.chance(0.1) or not matched and not by_key:
                action = "DO NOTHING"
            elif not matched:
                action = self.merge_insert(table, relation, alone)
            elif self.chance(0.25):
                action = "DELETE"
            else:
                # PostgreSQL 15 fails at row sub-queries of several actions
                action = "UPDATE SET " + \
                    self.assignments(table, inner, queries=False)
            clauses.append(f" WHEN {'' if matched else 'NOT '}MATCHED{when} "
                           f"THEN {action}")
        return f"MERGE INTO {text} USING {source} ON {condition}" \
               f"{''.join(clauses)}", None

    def write(self, scope, inside=False):
        choice = self.rng.random()
        if not inside and self.chance(0.15):
            return self.merge(scope)
        make = self.insert if choice < 0.5 else \
            self.update if choice < 0.8 else self.delete
        return make(scope, inside)

    def statement(self):
        """A template: (text with markers, kinds of the markers)."""
        while True:
            text, kinds = self.any_statement()
            # deep nests over cross joins take seconds and tell no more; of one
            # row written twice in one statement nobody knows what becomes
            if len(re.findall("FROM|JOIN", text)) <= 9 and \
                    len(self.written) == len(set(self.written)):
                return text, kinds

    def any_statement(self):
        self.slots = []
        self.written = []
        choice = self.rng.random()
        if choice < 0.62:
            text = self.select()
        elif choice < 0.97:
            scope = Scope()
            head = self.ctes(scope)
            # what it writes is a table all the same
            text = head + self.write(scope)[0]
        elif choice < 0.98:
            text = self.pick(self.schema.simple)
        else:
            scope = Scope()
            head = self.ctes(scope, True)
            text = head + (self.query(scope, None, 1, top=True)[0]
                           if self.chance(0.6) else self.write(scope)[0])
        return text, list(self.slots)

    # Variants

    def value(self, kind):
        return self.pick(VALUES[kind])

    @staticmethod
    def sql_literal(kind, value):
        if kind == "bool":
            return "true" if value else "false"
        if FAMILY[kind] == "int":
            return f"({value})" if value < 0 else str(value)
        if kind == "num":
            return f"({value})" if value.startswith("-") else value
        text = "'" + value.replace("'", "''") + "'"
        if "\\" in value:
            text = " E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
        if kind in ("date", "time"):
            return f"{SQL_TYPES[kind]} {text}"
        return f"{text}::{SQL_TYPES[kind]}" if kind in ENUMS else text

    def variant(self, template, parameters):
        """(text, [(kind, value)]) with fresh values in the markers."""
        text, kinds = template
        given = []

        def put(match):
            kind = kinds[int(match.group(1))]
            value = self.value(kind)
            if parameters and kind not in ENUMS and len(given) < 30:
                given.append((kind, value))
                return f"${len(given)}"
            return self.sql_literal(kind, value)
        return re.sub("\x01(\\d+)\x02", put, text), given
