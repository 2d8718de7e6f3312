"""Random FROM lists."""

from basics import Basics
from schemas import FAMILY, VALUES, quoted
from scope import Relation, Scope


class Sources(Basics):
    """Tables, sub-queries, functions and joins, and the names that they bring."""

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
