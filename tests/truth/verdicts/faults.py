"""The faults that test_faults.py plants: in a shadow's schema, in its data, in the
mapping. Each says what is to be found of it, by what, and which other divergences are
true beside it."""

import stage


class Fault:
    """sql: what makes the shadow wrong, after the migration of `kind` (None: none).
    mapping: a pair, what in the kind's mapping is replaced by what. found: the root
    as traffic shows it: its class and a part of its statement's text (None: traffic
    shows nothing). also: further (class, part) that are true. undecided: the reason
    for which traffic leaves it inconclusive, where it shows nothing else: here it is
    that an earlier INSERT drew keys that no answer showed."""

    def __init__(self, name, what, sql="", kind=None, mapping=None,
                 found=None, also=(), undecided=None):
        self.name, self.what, self.sql = name, what, sql
        self.kind = kind and next(one for one in stage.KINDS
                                  if one.name == kind)
        self.replaced, self.found = mapping, found
        self.allowed = [(one, part.lower()) for one, part in
                        ([found] if found else []) + list(also)]
        self.undecided = undecided

    def migration(self):
        return (self.kind.migration() + ";" if self.kind else "") + self.sql

    def mapping(self):
        text = self.kind and self.kind.mapping()
        if self.replaced:
            before, after = self.replaced
            if text.count(before) != 1:
                raise AssertionError(f"{self.name}: {before!r} in the mapping")
            text = text.replace(before, after)
        return text

    def is_true(self, group):
        return any(group["class"] == kind and part in group["statement"]
                   for kind, part in self.allowed)

    def is_root(self, group):
        return self.found and group["class"] == self.found[0] and \
            self.found[1].lower() in group["statement"]


ERROR, GONE, EXTRA, VALUE = ("error.shadow", "rows.missing", "rows.extra",
                             "rows.value")
PRIMARY = "error.primary"

FAULTS = [
    # --- rights ---
    Fault("right-delete", "DELETE on a table is revoked",
          "REVOKE DELETE ON users FROM app",
          found=(ERROR, "DELETE FROM users")),
    Fault("right-select", "SELECT on a table is revoked",
          "REVOKE SELECT ON categories FROM app",
          found=(ERROR, "FROM categories"),
          also=[("error.differs", "FROM categories")]),
    Fault("right-column", "UPDATE of one column is revoked",
          "REVOKE UPDATE ON users FROM app; GRANT UPDATE (id, email, name, "
          "active, level, country, team_id, theme, mails, bio, website, "
          "flags, born) ON users TO app",
          found=(ERROR, "UPDATE users SET score")),
    Fault("right-sequence", "USAGE on the sequence of a serial key is revoked",
          "REVOKE ALL ON SEQUENCE users_id_seq FROM app",
          found=(ERROR, "INSERT INTO users"),
          also=[("error.differs", "INSERT INTO users")]),
    Fault("right-nextval", "USAGE on a sequence is revoked that the "
          "application draws from", "REVOKE ALL ON SEQUENCE ticket_seq FROM app"),
    Fault("right-function", "EXECUTE of a function is revoked",
          "REVOKE EXECUTE ON FUNCTION orders_of(integer) FROM PUBLIC",
          found=(ERROR, "orders_of")),
    # --- defaults ---
    Fault("default-shown", "another default, seen through RETURNING",
          "ALTER TABLE users ALTER score SET DEFAULT 8",
          found=(VALUE, "INSERT INTO users"), also=[(VALUE, "FROM users")]),
    Fault("default-read", "another default, seen by a later read",
          "ALTER TABLE articles ALTER tag2 SET DEFAULT 'c'",
          found=(VALUE, "FROM articles")),
    # --- keys ---
    Fault("unique-added", "a unique key that the old schema lacks",
          "CREATE UNIQUE INDEX dogs_name ON dogs (name) "
          "WHERE name = 'Same name'",
          found=(ERROR, "INSERT INTO dogs")),
    Fault("unique-lost", "a unique key is lost",
          "ALTER TABLE users DROP CONSTRAINT users_email_key",
          found=(PRIMARY, "INSERT INTO users")),
    Fault("unique-upsert", "the unique key of an ON CONFLICT is lost",
          "ALTER TABLE teams DROP CONSTRAINT teams_title_key",
          found=(ERROR, "ON CONFLICT")),
    Fault("key-lost", "a primary key is lost",
          "ALTER TABLE cats DROP CONSTRAINT cats_pkey",
          found=(ERROR, "INSERT INTO cats")),
    Fault("cascade-lost", "ON DELETE CASCADE is lost",
          "ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey, "
          "ADD FOREIGN KEY (user_id) REFERENCES users (id)",
          found=(ERROR, "DELETE FROM users")),
    Fault("reference-lost", "a foreign key is lost",
          "ALTER TABLE addresses DROP CONSTRAINT addresses_user_id_fkey",
          found=(PRIMARY, "INSERT INTO addresses"),
          also=[(VALUE, "FROM addresses"), (EXTRA, "FROM addresses")]),
    # --- conditions ---
    Fault("check-lost", "a CHECK is lost",
          "ALTER TABLE users DROP CONSTRAINT users_level_check",
          found=(PRIMARY, "INSERT INTO users")),
    Fault("null-lost", "NOT NULL is lost",
          "ALTER TABLE articles ALTER label DROP NOT NULL",
          found=(PRIMARY, "INSERT INTO articles")),
    Fault("length-shorter", "a varchar is shorter",
          "ALTER TABLE addresses ALTER zip TYPE varchar(8) "
          "USING left(zip, 8)", found=(ERROR, "INSERT INTO addresses"),
          also=[("error.differs", "INSERT INTO addresses")]),
    # --- triggers, functions, policies, views ---
    Fault("trigger-lost", "a trigger is lost", "DROP TRIGGER planned ON shifts",
          found=(GONE, "FROM audit")),
    Fault("policy-lost", "row level security is off",
          "ALTER TABLE papers DISABLE ROW LEVEL SECURITY",
          found=(EXTRA, "FROM papers")),
    Fault("view-join", "a view joins where it joined outer, and counts twice",
          "CREATE OR REPLACE VIEW buyers AS SELECT u.id, u.email, "
          "2 * count(o.id) AS orders, max(o.day) AS latest FROM users u "
          "JOIN orders o ON o.user_id = u.id GROUP BY u.id",
          found=(VALUE, "FROM buyers")),
    # --- types and names ---
    Fault("type-wider", "smallint has become bigint in a table that the "
          "mapping does not mention",
          "ALTER TABLE orders ALTER qty TYPE bigint"),
    # --- data ---
    Fault("row-missing", "some rows were not carried over",
          "DELETE FROM cats WHERE id % 3 = 0",
          found=(GONE, "FROM cats")),
    Fault("value-null", "NULL has become an empty text",
          "UPDATE orders SET note = '' WHERE note IS NULL",
          undecided="unpinned"),
    # --- mapping ---
    Fault("mapping-swapped", "two columns are swapped in the mapping", "",
          "rename", ("tag1: tag2, tag2: tag1", "tag1: tag1, tag2: tag2"),
          found=(VALUE, "FROM articles")),
]
