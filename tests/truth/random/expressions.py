"""Random expressions and predicates."""

from basics import Basics
from schemas import CLOSED, ENUMS, FAMILY
from scope import Scope


class Expressions(Basics):
    """Expressions of a wanted type over the names of a scope."""

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
