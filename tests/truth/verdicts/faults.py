"""The faults that test_faults.py plants: in a shadow's schema, in its data, in the
mapping. Each says what is to be found of it, by what, and which other divergences are
true beside it."""

import stage


class Fault:
    """sql: what makes the shadow wrong, after the migration of `kind` (None: none).
    mapping: a pair, what in the kind's mapping is replaced by what. found: the root
    as traffic shows it: its class and a part of its statement's text (None: traffic
    shows nothing). also: further (class, part) that are true. undecided: the reason
    for which traffic leaves it inconclusive, where it shows nothing else, or by chance:
    `unpinned` is that an earlier INSERT drew keys that no answer showed."""

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
    Fault("default-dropped", "a default is dropped",
          "ALTER TABLE articles ALTER color DROP DEFAULT",
          found=(VALUE, "FROM articles")),
    Fault("default-required", "the default of a NOT NULL column is dropped",
          "ALTER TABLE orders ALTER qty DROP DEFAULT",
          found=(ERROR, "INSERT INTO orders")),
    Fault("default-added", "a column that had no default has one",
          "ALTER TABLE dogs ALTER tricks SET DEFAULT 'sit'",
          found=(VALUE, "FROM dogs")),
    Fault("default-clock", "now() instead of a constant",
          "ALTER TABLE orders ALTER day SET DEFAULT now()",
          found=(VALUE, "INSERT INTO orders"), also=[(VALUE, "FROM orders")]),
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
    Fault("cascade-null", "ON DELETE CASCADE has become SET NULL",
          "ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey, "
          "ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL"),
    Fault("reference-lost", "a foreign key is lost",
          "ALTER TABLE addresses DROP CONSTRAINT addresses_user_id_fkey",
          found=(PRIMARY, "INSERT INTO addresses"),
          also=[(VALUE, "FROM addresses"), (EXTRA, "FROM addresses")]),
    Fault("reference-restrict", "a foreign key no longer stops a delete",
          "ALTER TABLE articles DROP CONSTRAINT articles_category_id_fkey",
          found=(PRIMARY, "DELETE FROM categories"),
          also=[(GONE, "FROM categories")]),
    Fault("reference-added", "a foreign key that the old schema lacks",
          "ALTER TABLE audit ADD FOREIGN KEY (who) REFERENCES shifts (id) "
          "NOT VALID", found=(ERROR, "INSERT INTO audit")),
    # --- conditions ---
    Fault("check-lost", "a CHECK is lost",
          "ALTER TABLE users DROP CONSTRAINT users_level_check",
          found=(PRIMARY, "INSERT INTO users")),
    Fault("check-narrow", "a CHECK allows less",
          "ALTER TABLE users ADD CHECK (theme <> 'dark') NOT VALID",
          found=(ERROR, "INSERT INTO users"),
          also=[("error.differs", "INSERT INTO users"),
                (ERROR, "UPDATE users"), (VALUE, "FROM users")]),
    Fault("null-lost", "NOT NULL is lost",
          "ALTER TABLE articles ALTER label DROP NOT NULL",
          found=(PRIMARY, "INSERT INTO articles")),
    Fault("null-added", "a column is NOT NULL that was not",
          "UPDATE users SET website = '' WHERE website IS NULL; "
          "ALTER TABLE users ALTER website SET NOT NULL",
          found=(ERROR, "UPDATE users"),
          also=[(ERROR, "INSERT INTO users"), (VALUE, "FROM users"),
                ("error.differs", "INSERT INTO users")]),
    Fault("length-shorter", "a varchar is shorter",
          "ALTER TABLE addresses ALTER zip TYPE varchar(8) "
          "USING left(zip, 8)", found=(ERROR, "INSERT INTO addresses"),
          also=[("error.differs", "INSERT INTO addresses")]),
    Fault("length-longer", "a varchar has no limit",
          "DROP VIEW buyers; ALTER TABLE users ALTER email TYPE "
          "varchar(500); CREATE VIEW buyers AS SELECT u.id, u.email, "
          "count(o.id) AS orders, max(o.day) AS latest FROM users u LEFT JOIN "
          "orders o ON o.user_id = u.id GROUP BY u.id; "
          "GRANT ALL ON buyers TO app",
          found=(PRIMARY, "INSERT INTO users")),
    # --- triggers, functions, policies, views ---
    Fault("trigger-lost", "a trigger is lost", "DROP TRIGGER planned ON shifts",
          found=(GONE, "FROM audit")),
    Fault("trigger-disabled", "a trigger is disabled",
          "ALTER TABLE users DISABLE TRIGGER scored",
          found=(GONE, "FROM changes")),
    Fault("trigger-added", "a trigger that changes what is written",
          "CREATE FUNCTION upper_title() RETURNS trigger LANGUAGE plpgsql AS "
          "$$ BEGIN NEW.title := upper(NEW.title); RETURN NEW; END $$; "
          "CREATE TRIGGER upper BEFORE INSERT ON teams FOR EACH ROW EXECUTE "
          "FUNCTION upper_title()", found=(VALUE, "FROM teams"),
          also=[("affected", "INSERT INTO teams")]),
    Fault("function-value", "a function computes another value",
          "CREATE OR REPLACE FUNCTION loyalty(integer) RETURNS integer "
          "IMMUTABLE LANGUAGE sql AS 'SELECT coalesce($1, 0)'",
          found=(VALUE, "loyalty")),
    Fault("function-write", "a function writes another column",
          "CREATE OR REPLACE FUNCTION praise(integer, text) RETURNS void "
          "LANGUAGE sql AS 'UPDATE users SET country = $2 WHERE id = $1'",
          found=(VALUE, "SELECT bio FROM users"),
          also=[(VALUE, "FROM users")]),
    Fault("policy-lost", "row level security is off",
          "ALTER TABLE papers DISABLE ROW LEVEL SECURITY",
          found=(EXTRA, "FROM papers")),
    Fault("policy-other", "a policy shows other rows",
          "DROP POLICY own ON papers; CREATE POLICY own ON papers "
          "USING (owner <> current_user)",
          found=(EXTRA, "FROM papers"),
          also=[(GONE, "FROM papers"), (VALUE, "FROM papers")]),
    Fault("view-join", "a view joins where it joined outer, and counts twice",
          "CREATE OR REPLACE VIEW buyers AS SELECT u.id, u.email, "
          "2 * count(o.id) AS orders, max(o.day) AS latest FROM users u "
          "JOIN orders o ON o.user_id = u.id GROUP BY u.id",
          found=(VALUE, "FROM buyers")),
    # --- types and names ---
    Fault("type-narrow", "integer has become smallint",
          "ALTER TABLE articles ALTER width TYPE smallint USING 1",
          found=(ERROR, "UPDATE articles"), also=[(VALUE, "FROM articles"),
                                                  ("columns", "FROM articles")]),
    Fault("type-wider", "smallint has become bigint in a table that the "
          "mapping does not mention",
          "ALTER TABLE orders ALTER qty TYPE bigint"),
    Fault("type-scale", "a numeric has fewer digits behind the point",
          "ALTER TABLE articles ALTER price TYPE numeric(10,1)",
          found=(VALUE, "FROM articles")),
    Fault("type-padded", "text has become char(20)",
          "ALTER TABLE orders ALTER note TYPE char(40)",
          also=[(VALUE, "orders")]),
    Fault("label-lost", "a value of an enum has another name",
          "ALTER TYPE order_state RENAME VALUE 'gone' TO 'lost'",
          found=(ERROR, "UPDATE orders"), also=[(VALUE, "FROM orders")]),
    Fault("column-lost", "a column is lost",
          "ALTER TABLE users DROP website",
          found=(ERROR, "website"),
          also=[("columns", "FROM users"), ("error.shadow", "users")]),
    Fault("column-renamed", "a column has another name, and no mapping",
          "ALTER TABLE staff RENAME boss_id TO head_id",
          found=(ERROR, "FROM staff")),
    Fault("collation", "a column sorts by another collation",
          "ALTER TABLE categories ALTER name TYPE text COLLATE \"C\"; "
          "UPDATE categories SET name = name"),
    # --- data ---
    Fault("row-missing", "some rows were not carried over",
          "DELETE FROM cats WHERE id % 3 = 0",
          found=(GONE, "FROM cats")),
    Fault("row-twice", "a row was carried over twice, under another key",
          "INSERT INTO categories VALUES (5, 'books twice')",
          found=(EXTRA, "FROM categories")),
    Fault("parent-missing", "a row that others refer to is missing",
          "ALTER TABLE users DROP CONSTRAINT users_team_id_fkey; "
          "DELETE FROM teams WHERE id % 2 = 0; ALTER TABLE users "
          "ADD FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL "
          "NOT VALID",
          undecided="unpinned",
          also=[(ERROR, "UPDATE users SET team_id"), (GONE, "FROM teams")]),
    Fault("value-null", "NULL has become an empty text",
          "UPDATE orders SET note = '' WHERE note IS NULL",
          undecided="unpinned"),
    Fault("value-case", "texts in lower case",
          "UPDATE staff SET name = lower(name)",
          found=(VALUE, "FROM staff")),
    Fault("value-swapped", "two columns were swapped",
          "UPDATE articles SET tag1 = tag2, tag2 = tag1",
          found=(VALUE, "FROM articles")),
    Fault("value-zone", "times are an hour off",
          "UPDATE orders SET placed = placed + interval '1 hour'",
          undecided="unpinned",
          also=[(VALUE, "FROM orders")]),
    Fault("value-day", "dates are a day off",
          "UPDATE users SET born = born + 1",
          found=(VALUE, "FROM users")),
    Fault("sequence-behind", "a sequence was not advanced",
          "SELECT setval('teams_id_seq', 1)"),
    # --- mapping ---
    Fault("mapping-swapped", "two columns are swapped in the mapping", "",
          "rename", ("tag1: tag2, tag2: tag1", "tag1: tag1, tag2: tag2"),
          found=(VALUE, "FROM articles")),
    Fault("mapping-scale", "a price in cents is divided by ten", "",
          "recode", ("round(price_cents / 100.0, 2)",
                     "round(price_cents / 10.0, 2)"),
          found=(VALUE, "FROM articles")),
    Fault("mapping-values", "two values are confused", "",
          "recode", ("{light: L, dark: D}", "{light: D, dark: L}"),
          found=(VALUE, "users")),
    Fault("mapping-when", "a part's rows are given up too early", "",
          "split", ("when: \"bio IS NOT NULL OR website IS NOT NULL\"",
                    "when: \"bio IS NOT NULL\""),
          undecided="tainted",
          also=[(ERROR, "users"), (VALUE, "users")]),
    Fault("mapping-kind", "two kinds of a union are confused", "",
          "union", ("cats:\n    rows: {table: pets, where: \"kind = 'cat'\", "
                    "set: {kind: \"'cat'\"}}",
                    "cats:\n    rows: {table: pets, where: \"kind = 'dog'\", "
                    "set: {kind: \"'dog'\"}}"),
          found=(GONE, "FROM cats"), also=[(VALUE, "cats"),
                                           (ERROR, "dogs"), (EXTRA, "cats")]),
    Fault("mapping-join", "a lookup reads another column", "",
          "new-key", ("value: sku,", "value: label,"),
          found=(ERROR, "INSERT INTO orders"), also=[(VALUE, "orders"),
                                                     (GONE, "orders")]),
    Fault("mapping-retype", "a flag is read the wrong way round", "",
          "retype", ("mails = 1", "mails = 0"),
          found=(VALUE, "users"),
          also=[(PRIMARY, "INSERT INTO users")]),
    Fault("mapping-json", "a member is read under another name", "",
          "pack", ("read: \"attributes->>'color'\"",
                   "read: \"attributes->>'colour'\""),
          found=(VALUE, "FROM articles")),
]
