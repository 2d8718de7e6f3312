"""The schemas that statements are generated over: what their tables hold, as far
as a generator must know to write statements that say something."""

import re

KEYWORD = {"select", "from", "where", "Group", "Order"}


def quoted(name):
    if re.fullmatch("[a-z_][a-z0-9_]*", name) and name not in KEYWORD:
        return name
    return '"' + name.replace('"', '""') + '"'


# Kinds of columns: the SQL type, what can be compared with it, and the type's
# number, if a parameter can have it.
SQL_TYPES = {"int": "integer", "big": "bigint", "small": "smallint",
             "level": "integer", "text": "text", "email": "varchar",
             "grade": "text", "num": "numeric", "bool": "boolean",
             "date": "date", "mood": "mood", "ref": "integer", "rank": "integer",
             "theme": "text", "sku": "text", "zip": "varchar",
             "state": "order_state", "time": "time"}
FAMILY = {"int": "int", "big": "int", "small": "int", "level": "int",
          "text": "text", "email": "text", "grade": "text", "num": "num",
          "bool": "bool", "date": "date", "mood": "mood", "ref": "int",
          "rank": "int", "theme": "text", "sku": "text", "zip": "text",
          "state": "state", "time": "time"}
OIDS = {"int": 23, "big": 20, "small": 21, "level": 23, "text": 25,
        "email": 1043, "grade": 25, "num": 1700, "bool": 16, "date": 1082,
        "ref": 23, "rank": 23, "theme": 25, "sku": 25, "zip": 1043,
        "time": 1083}
ENUMS = {"mood", "state"}
# What is written there is one of a few values.
CLOSED = {"level", "grade", "mood", "rank", "theme", "sku", "zip", "state",
          "time"}

TEXTS = ["", "a", "b", "c", "O'Brien", "Ada Lovelace", " lead", "trail ",
         "\u00e9\u00fc", "\u65e5\u672c \u8a9e", "100%", "_", "back\\slash",
         '"q"', "NULL", "true", "a b c", "tab\tand\nline", "x" * 300, "$1",
         "it's; -- /* not a comment", "ENABLED", "enabled", "e1@x", "-"]
VALUES = {
    "int": [0, 1, -1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 20, 42, 2147483647,
            -2147483647],
    "big": [0, 1, -1, 2, 3, 4, 5, 6, 9, 10**12, -10**12],
    "small": [0, 1, -1, 2, 3, 9, 32767, -32768],
    "level": [0, 1, 2],
    "text": TEXTS,
    "email": [f"e{i}@x" for i in range(30)] + ["O'x@y", "\u00e9@x"],
    "grade": ["a", "b", "c"],
    "num": ["0", "0.01", "-0.01", "12.5", "12.50", "99999999.99", "1e3",
            "-7.25", "0.5", "33.33"],
    "bool": [True, False],
    "date": ["2000-01-01", "1999-12-31", "2020-02-29", "0001-01-01",
             "9999-12-31", "2024-12-31", "2023-06-15"],
    "mood": ["sad", "ok", "happy"],
    "ref": [1, 2, 3, 4, 5, 6, 7, 8, 50],
    "rank": [1, 2, 3],
    "theme": ["light", "dark"],
    "sku": ["A-1", "A-2", "B-1", "B-2", "c 3", "", "n-1", "n-2", "O'n"],
    "zip": ["0150", "A-1010", "", " z ", "100-0001"],
    "state": ["new", "paid", "shipped", "gone"],
    "time": ["00:00", "12:00", "23:59:59.999999", "08:30"],
}


class Table:
    def __init__(self, name, key, columns, schema=None, defaults=(),
                 required=(), uniques=(), fixed=(), references=(), lost=(),
                 generated=False, empty=False):
        self.name, self.key, self.schema = name, key, schema
        self.columns = columns           # [(name, kind)]
        self.types = dict(columns)
        self.defaults = set(defaults)    # may be left out or DEFAULT
        self.required = {key, *required}  # NOT NULL
        self.uniques = dict(uniques)     # column -> constraint; as the key
        self.references = set(references)  # written as literals
        self.fixed = {key, *self.uniques, *fixed}  # never updated
        self.lost = set(lost)            # dropped: never written
        self.generated = generated       # the key is, when it is left out
        self.empty = empty               # DEFAULT VALUES makes a row

    def written(self, rng):
        name = quoted(self.name)
        if self.name.islower() and rng.random() < 0.2:
            name = rng.choice([self.name.upper(), f'"{self.name}"'])
        if self.schema:
            return f"{self.schema}.{name}"
        return f"public.{name}" if rng.random() < 0.1 else name


class Schema:
    def __init__(self, tables, kinds, function, aliases, names, ctes, simple):
        self.tables = tables
        self.by_name = {table.name: table for table in tables}
        self.kinds = kinds
        self.function = function     # of an integer, with {} for it
        self.aliases = aliases
        self.names = names
        self.ctes = ctes
        self.simple = simple         # further statements


# old.sql here, whose mapping has every change within one table.
RICH = Schema([
    Table("users", "id", [
        ("id", "int"), ("email", "email"), ("name", "text"),
        ("active", "bool"), ("first", "text"), ("last", "text"),
        ("flags", "int"), ("level", "level"), ("grade", "grade"),
        ("score", "int"), ("born", "date")],
        defaults=["active", "last", "level", "grade", "score"],
        required=["email", "active"], uniques={"email": "users_email_key"},
        lost=["flags"], generated=True),
    Table("accounts", "id", [
        ("id", "int"), ("users", "int"), ("balance", "num"),
        ("Group", "text"), ("select", "int"), ("email", "text")],
        defaults=["balance", "Group"], required=["balance"]),
    Table("Weird Table", "Id", [
        ("Id", "int"), ("from", "text"), ("a b", "int"), ("a", "int"),
        ("b", "int")], defaults=["a b"]),
    Table("orders", "id", [
        ("id", "big"), ("user_id", "int"), ("qty", "small"),
        ("state", "mood"), ("placed", "date"), ("paid", "bool"),
        ("note", "text")], schema="crm",
        defaults=["qty", "state", "placed"], required=["qty"],
        references=["user_id"], fixed=["user_id"], generated=True, empty=True),
    Table("tags", "id", [
        ("id", "int"), ("label", "text"), ("status", "text")],
        defaults=["label"]),
], kinds=["int", "int", "text", "text", "bool", "num", "date", "mood", "level",
          "grade", "email", "big"],
    function="app_twice({}::bigint)",
    aliases=["u", "o", "t", "x", "y", "accounts", "users", "ledgers", "a", "b",
             "status", "email_address", "first", "Order", "select", "s", "new_",
             "value", "id", "old_row", "tags", "orders", "Weird Table", "T",
             "old_value", "sales", "name", "last"],
    names=["email", "email_address", "id", "first_name", "n", "status", "qty",
           "From", "name", "cents", "a", "b", "tier", "last", "total", "where",
           "Group", "users", "accounts", "Q q"],
    ctes=["w", "users", "accounts", "ledgers", "cte", "Weird Table", "select",
          "tags"],
    simple=["SELECT nextval('ticket_seq')",
            "SELECT nextval('public.ticket_seq'::regclass)",
            "TABLE users", 'TABLE "Weird Table"',
            "SELECT nextval('users_id_seq')", "VALUES (1, 'a'), (2, NULL)"])

# tests/integration/matrix/old.sql, which every change of mappings/ starts from.
SHOP = Schema([
    Table("users", "id", [
        ("id", "int"), ("email", "email"), ("name", "text"),
        ("active", "bool"), ("level", "rank"), ("score", "int"),
        ("country", "text"), ("team_id", "ref"), ("theme", "theme"),
        ("mails", "bool"), ("bio", "text"), ("website", "text"),
        ("flags", "int"), ("born", "date")],
        defaults=["active", "level", "score", "theme", "mails"],
        required=["email", "active", "theme", "mails"],
        uniques={"email": "users_email_key"}, references=["team_id"],
        lost=["flags"], generated=True),
    Table("addresses", "user_id", [
        ("user_id", "ref"), ("street", "text"), ("zip", "zip"),
        ("city", "text")], defaults=["city"], required=["street"]),
    Table("articles", "sku", [
        ("sku", "sku"), ("label", "text"), ("price", "num"),
        ("category_id", "ref"), ("width", "int"), ("height", "int"),
        ("color", "text"), ("tag1", "text"), ("tag2", "text"),
        ("legacy", "int")],
        defaults=["price", "height", "color", "tag2"],
        required=["label", "price"], references=["category_id"],
        lost=["legacy"]),
    Table("orders", "id", [
        ("id", "big"), ("user_id", "ref"), ("sku", "sku"), ("qty", "small"),
        ("state", "state"), ("day", "date"), ("at", "time"),
        ("note", "text")],
        defaults=["qty", "state", "day", "at"],
        required=["qty", "state", "day", "at"], references=["user_id"],
        generated=True, empty=True),
    Table("cats", "id", [
        ("id", "int"), ("name", "text"), ("lives", "int")],
        defaults=["lives"], required=["name"]),
    Table("dogs", "id", [
        ("id", "int"), ("name", "text"), ("tricks", "text")],
        required=["name"]),
    Table("teams", "id", [("id", "int"), ("title", "text")],
          required=["title"], generated=True),
    Table("categories", "id", [("id", "int"), ("name", "text")],
          required=["name"]),
    Table("staff", "id", [
        ("id", "int"), ("name", "text"), ("boss_id", "ref")],
        required=["name"], references=["boss_id"]),
], kinds=["int", "int", "text", "text", "bool", "num", "date", "state", "rank",
          "theme", "email", "big", "sku", "time", "ref"],
    function="loyalty(({} % 100)::integer)",
    aliases=["u", "o", "t", "x", "y", "accounts", "users", "a", "b", "pets",
             "settings", "profiles", "Order", "select", "s", "target", "id",
             "old_row", "orders", "T", "looked_up", "articles", "dogs", "name",
             "parallax_row_1"],
    names=["email", "email_address", "id", "first_name", "n", "status", "qty",
           "From", "name", "price_cents", "a", "kind", "tier", "last", "theme",
           "where", "Group", "users", "body", "Q q"],
    ctes=["w", "users", "orders", "cte", "pets", "select", "addresses"],
    simple=["SELECT nextval('ticket_seq')", "TABLE dogs",
            "SELECT nextval('users_id_seq')", "SELECT count(*) FROM buyers",
            "SELECT id, orders_of(id) FROM users WHERE id < 5 ORDER BY id",
            "TRUNCATE cats", "LOCK TABLE users IN SHARE MODE",
            "VALUES (1, 'a'), (2, NULL)"])
