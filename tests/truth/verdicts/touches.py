"""What the planted faults of faults.py are found by: short transactions that touch each
table, default, key, trigger, right and type of the schema, in turn, from 16 clients.

A statement in front of which stands "!" fails on a right schema. `made` is the first
column of the last answer that has a column of this name. {id}: a user, {n}: a small
number, {key}: a number that comes once, {mine}: a number of this client alone."""

import psycopg2

import workloads

TOUCHES = [
    # defaults, shown at once and read later
    ["INSERT INTO users (email, name) VALUES ('t{key}@x', 'Touch {key}') "
     "RETURNING id AS made, active, level, score, theme, mails",
     "SELECT * FROM users WHERE id = {made}",
     "DELETE FROM users WHERE id = {made} RETURNING id, email"],
    ["INSERT INTO articles (sku, label) VALUES ('T-{key}', 'Touch')",
     "SELECT price, height, color, tag2, legacy FROM articles "
     "WHERE sku = 'T-{key}'",
     "UPDATE articles SET price = 19.99, width = 40000, label = 'Label {key}' "
     "WHERE sku = 'T-{key}'",
     "SELECT price, width, label FROM articles WHERE sku = 'T-{key}'"],
    ["INSERT INTO orders (user_id, sku) VALUES ({id}, 'P-{n}') "
     "RETURNING id AS made, qty, state, day, at, note",
     "SELECT count(*) FROM orders WHERE id = {made} "
     "AND placed > now() - interval '1 hour'",
     "UPDATE orders SET state = 'gone', qty = 30000, note = 'a note of "
     "{key}' WHERE id = {made}",
     "SELECT id, user_id, sku, qty, state, day, at, note FROM orders "
     "WHERE id = {made}"],
    # a user with what refers to it
    ["BEGIN",
     "INSERT INTO users (email, name, theme, country, bio, website) VALUES "
     "('c{key}@x', 'Casca Des', 'dark', 'country 1', 'bio {n}', 'w') "
     "RETURNING id AS made",
     "INSERT INTO addresses (user_id, street, zip) VALUES ({made}, "
     "'Way {n}', '12345-678')",
     "INSERT INTO orders (user_id, sku, qty, note) VALUES ({made}, 'P-{n}', "
     "1, 'goes too'), ({made}, 'P-{n}', 2, NULL)",
     "COMMIT",
     "SELECT u.name, a.street, a.zip, a.city FROM users u JOIN addresses a "
     "ON a.user_id = u.id WHERE u.id = {made}",
     "SELECT id, orders FROM buyers WHERE id = {made}",
     "DELETE FROM users WHERE id = {made} RETURNING id, email",
     "SELECT count(*) FROM orders WHERE user_id = {made}",
     "SELECT count(*) FROM addresses WHERE user_id = {made}"],
    # rows of the seed: each value that may have been carried over wrongly
    ["SELECT id, email, name, active, level, country, theme, mails, born "
     "FROM users WHERE id = {own}",
     "SELECT sku, label, price, category_id, height, color, tag1, tag2 "
     "FROM articles WHERE sku = 'P-{n}'",
     "SELECT o.id, o.qty, o.state, o.day, o.at, o.note, o.placed FROM "
     "orders o WHERE o.id = {order}",
     "SELECT t.id, t.title FROM teams t WHERE t.id = {team}",
     "SELECT name FROM categories WHERE id = {category}"],
    ["SELECT name FROM cats WHERE id = {cat}",
     "SELECT name, tricks FROM dogs WHERE id = {dog}",
     "SELECT s.name, b.name FROM staff s LEFT JOIN staff b "
     "ON b.id = s.boss_id WHERE s.id = {staff}",
     "SELECT id, owner FROM papers ORDER BY id",
     "SELECT name FROM categories WHERE id < 10 ORDER BY name"],
    # changes of a row of one's own
    ["UPDATE users SET name = 'Some One{mine}', country = 'country {n}', "
     "website = NULL, level = 3, theme = 'light' WHERE id = {own}",
     "SELECT name, country, website, level, theme FROM users "
     "WHERE id = {own}",
     "UPDATE users SET team_id = {team}, mails = false, active = false "
     "WHERE id = {own} RETURNING id, team_id, mails, active",
     "SELECT loyalty(flags) FROM users WHERE id = {own}"],
    # triggers and functions
    ["UPDATE users SET score = 10 WHERE id = {own}",
     "SELECT score FROM users WHERE id = {own}",
     "SELECT n > 0 FROM changes WHERE who = {own}"],
    ["INSERT INTO shifts (staff_id, hours) VALUES ({staff}, {n}) "
     "RETURNING id AS made, hours",
     "SELECT who, what FROM audit WHERE who = {made} AND what = 'shift'"],
    ["SELECT praise({own}, 'good {n}')",
     "SELECT bio FROM users WHERE id = {own}",
     "SELECT orders_of({own}) >= 0"],
    # sequences and keys
    ["SELECT nextval('ticket_seq') AS made",
     "INSERT INTO audit (who, what) VALUES ({made}, 'ticket') "
     "RETURNING id, who",
     "SELECT what FROM audit WHERE who = {made} AND what = 'ticket'"],
    ["INSERT INTO teams (title) VALUES ('Team {key}') RETURNING id AS made",
     "SELECT title FROM teams WHERE id = {made}",
     "INSERT INTO teams (title) VALUES ('Team {key}') ON CONFLICT (title) "
     "DO NOTHING",
     "DELETE FROM teams WHERE id = {made}"],
    ["INSERT INTO cats (id, name, lives) VALUES ({mine}, 'Own', 1) ON "
     "CONFLICT (id) DO UPDATE SET lives = cats.lives + 1 RETURNING id, lives",
     "INSERT INTO dogs (id, name) VALUES ({key}, 'Same name')",
     "INSERT INTO dogs (id, name) VALUES (-{key}, 'Same name')",
     "SELECT id, name, tricks FROM dogs WHERE id = {key}",
     "DELETE FROM dogs WHERE id = {key}",
     "DELETE FROM dogs WHERE id = -{key}"],
    # what a right schema refuses
    ["!INSERT INTO users (id, email) VALUES ({key}, 'u101@x')",
     "!INSERT INTO addresses (user_id, street) VALUES (99999999, 'None')",
     "!INSERT INTO users (email, level) VALUES ('t{key}@x', 4)",
     "!INSERT INTO users (email, theme) VALUES ('t{key}@x', 'gray')",
     "!INSERT INTO articles (sku, label) VALUES ('N-{key}', NULL)",
     "!DELETE FROM categories WHERE id = 11",
     "!INSERT INTO users (email) VALUES (repeat('long', 20) || '{key}')"],
]


class Client:
    """The touches in turn, from another beginning for each client."""

    def __init__(self, connection, drawn):
        connection.autocommit = True
        self.connection, self.drawn = connection, drawn
        self.own = 101 + drawn.mine
        self.at = drawn.mine

    def step(self):
        touch = TOUCHES[self.at % len(TOUCHES)]
        self.at += 1
        values = {"id": self.drawn.randint(201, 300), "own": self.own,
                  "n": self.drawn.randint(1, 9), "mine": 5000 + self.own,
                  "key": self.own * 1000000 + self.at,
                  "team": self.drawn.randint(5, 24),
                  "order": self.drawn.randint(11, 400),
                  "category": self.drawn.randint(11, 20),
                  "cat": self.drawn.randint(101, 140),
                  "dog": self.drawn.randint(121, 160),
                  "staff": self.drawn.randint(101, 130)}
        with self.connection.cursor() as cursor:
            for statement in touch:
                run(cursor, statement, values)


def run(cursor, statement, values):
    refused = statement.startswith("!")
    try:
        cursor.execute(statement.lstrip("!").format(**values))
    except psycopg2.Error:
        if not refused:
            raise
        return
    if refused:
        raise AssertionError(f"not refused: {statement}")
    if cursor.description and cursor.description[0].name == "made":
        values["made"] = cursor.fetchone()[0]


def touch(connection, drawn):
    if not hasattr(drawn, "client"):
        drawn.client = Client(connection, drawn)
    drawn.client.step()


TOUCHING = workloads.Workload("touches", __doc__, client=touch)
