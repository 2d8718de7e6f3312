"""The names that a part of a statement can use."""

from schemas import quoted


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
