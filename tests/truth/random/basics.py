"""Choices, literals and aliases."""

import random

from schemas import RICH, SQL_TYPES


class Basics:
    """The parts of a Generator share this: its random numbers, its schema, and the
    markers of the statement at hand."""

    def __init__(self, seed, schema=RICH):
        self.rng = random.Random(seed)
        self.schema = schema
        self.slots = []
        self.written = []    # tables, by the statement at hand

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
