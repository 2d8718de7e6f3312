"""Random statements that write."""

from basics import Basics
from schemas import CLOSED, FAMILY, SQL_TYPES, VALUES, quoted
from scope import Relation, Scope


class Writes(Basics):
    """INSERT, UPDATE, DELETE and MERGE, alone or within WITH."""

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
