"""Random queries, with their WITH."""

import re

from basics import Basics
from schemas import FAMILY, SQL_TYPES, quoted
from scope import Scope


class Queries(Basics):
    """SELECT in all its forms, whose rows and order no server is free to choose."""

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

    def select(self):
        scope = Scope()
        head = self.ctes(scope)
        return head + self.query(scope, None, 2, top=True)[0]
