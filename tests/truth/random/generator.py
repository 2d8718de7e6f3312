"""Random statements over the old schema (old.sql), as applications send them.

Statement texts hold a marker for each literal; a variant puts other literals of
the same types there, or parameters, so that plans are made once and filled often.
Nothing is generated whose answer the server is free to choose: LIMIT stands on a
total order, aggregates that depend on order have one.
"""

import re

from expressions import Expressions
from queries import Queries
from schemas import ENUMS, FAMILY, SQL_TYPES, VALUES
from scope import Scope
from sources import Sources
from writes import Writes


class Generator(Expressions, Sources, Queries, Writes):
    """Makes templates of statements, and variants of a template."""

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
