"""parallax seed over every change of mappings/: what it loads is the primary's
data seen through the lens, and what the change's own migration makes of it."""

import os
import unittest

import extent
from harness import Workplace
from pair import MAPPINGS, Pair, Workshop, changes, migration

# What differs from the migration's own work, by its nature: keys that it gives out
# in an order of its own and the columns that refer to them; and columns that the
# old schema never had, to which an INSERT gives their default.
FREE = {
    "lookup-table": {"public.countries": ("id",), "public.users":
                     ("country_id",), "public.colors": ("id",),
                     "public.articles": ("color",)},
    "natural-to-surrogate": {"public.articles": ("id",), "public.orders":
                             ("article_id",)},
    "self-reference": {"public.staff": ("uid", "boss_uid"),
                       "public.shifts": ("staff_uid",)},
    "union-tables": {"public.pets": ("lives",)},
    "new-column": {"public.cats": ("since",)},
    "combined": {"crm.countries": ("id",), "crm.accounts": ("country_id",)},
}
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname), string_agg(quote_ident(attname),
  ', ' ORDER BY attnum) FROM pg_class c JOIN pg_namespace n ON n.oid =
  relnamespace JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT
  attisdropped WHERE relkind = 'r' AND nspname !~ '^pg_|^information_schema'
  GROUP BY 1 ORDER BY 1
"""
GRANTS = """
DO $$ DECLARE s name; BEGIN
  FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~
      '^pg_|^information_schema' LOOP
    EXECUTE format('GRANT ALL ON SCHEMA %I TO loader', s);
    EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO loader', s);
    EXECUTE format('GRANT ALL ON ALL SEQUENCES IN SCHEMA %I TO loader', s);
  END LOOP; END $$
"""


class SeedChanges(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.place = Workplace("seed-changes")
        cls.addClassCleanup(cls.place.close)
        cls.shop = Workshop(cls.place)
        cls.cluster = cls.shop.cluster
        cls.cluster.psql("CREATE ROLE loader LOGIN")
        cls.shop.database("full", "template_full")

    def make(self, change):
        name = f"{change}.seeded"
        self.shop.database(name, "template_old")
        self.cluster.psql(migration(change) + GRANTS, name)
        return name

    def seed(self, change, name, account, *options):
        mapping = self.place.take(os.path.join(MAPPINGS, change + ".yaml"))
        config = self.place.write(f"{name}.yaml", "\n".join((
            f"listen: 127.0.0.1:{self.place.free_port()}",
            "primary: {engine: postgres, host: 127.0.0.1, port: "
            f"{self.cluster.port}, database: full, user: postgres}}",
            "shadows:",
            f"  - {{name: s, host: 127.0.0.1, port: {self.cluster.port}, "
            f"database: '{name}', user: {account}, store: "
            f"'{self.place.path(name)}.db'}}",
            f"journal: {{directory: '{self.place.path(name)}-journal'}}",
            f"mapping: '{mapping}'", "")))
        code, output = self.place.exit_code([self.place.parallax, "seed",
                                             *options, config])
        self.assertEqual(code, 0, output)

    def through_the_lens(self, change, name):
        pair = Pair(self.cluster, "full", name,
                    os.path.join(MAPPINGS, change + ".yaml"))
        try:
            differs, _, _ = self.shop.data(pair)
            # Types are not what was loaded.
            self.assertEqual([one for one in differs
                              if one["why"] != "columns"], [])
        finally:
            pair.close()

    def migrated(self, change):
        name = f"{change}.migrated"
        self.shop.database(name, "template_full")
        self.cluster.psql(migration(change), name)
        return name

    def rows(self, change, name):
        """All rows of all tables, as one text."""
        free = FREE.get(change, {})
        queries = []
        for line in self.cluster.psql(TABLES, name).splitlines():
            table, columns = line.split("|")
            kept = ", ".join(column for column in columns.split(", ")
                             if column not in free.get(table, ()))
            queries.append(f"SELECT '{table}', r::text FROM (SELECT {kept} "
                           f"FROM {table}) r")
        return self.cluster.psql(" UNION ALL ".join(queries) +
                                 " ORDER BY 1, 2", name).splitlines()

    @staticmethod
    def accounts(number):
        """As whom the change of this number is seeded: as a superuser, then anew as
        an account that may not turn keys off, for which the order of the tables
        matters; in the shorter run by turns as one of them."""
        both = [("postgres",), ("loader", "--truncate")]
        return both if extent.long() else [both[number % 2]]

    def test_changes(self):
        names = changes()
        extent.number("seedings of a change, each as superuser and as not",
                      len(names), 2 * len(names))
        for number, change in enumerate(names):
            migrated = self.rows(change, self.migrated(change))
            name = self.make(change)
            for account, *options in self.accounts(number):
                with self.subTest(change=change, account=account):
                    self.seed(change, name, account, *options)
                    self.through_the_lens(change, name)
                    self.assertEqual(self.rows(change, name), migrated)


if __name__ == "__main__":
    unittest.main()
