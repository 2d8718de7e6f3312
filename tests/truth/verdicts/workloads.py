"""The workloads of tests/truth: what 16 clients do at once to the schema of
tests/integration/matrix/old.sql. A workload is one or more pgbench scripts in load/,
or a function of a connection. The number of transactions is fixed, and so is the seed
of what each client draws.

Each states the largest share of its exchanges that may end inconclusive, with the
reasons that this is about. No share excuses a divergence."""

import os
import random
import threading

import psycopg2

CLIENTS = 16
SHARE = 0.001   # of a workload's exchanges that may end inconclusive
SEED = 20261201
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "load")


def script(name):
    return os.path.join(FOLDER, name + ".sql")


class Workload:
    """undecided: the largest share of inconclusive exchanges, by the reason, where it
    is more than SHARE. drift: tables whose rows may differ afterwards. why: what makes
    them so. least: transactions without which its share cannot be told from chance: of
    1,350 exchanges two are more than SHARE."""

    def __init__(self, name, what, scripts=None, client=None, mode="simple",
                 undecided=None, drift=(), why="", least=0):
        self.name, self.what = name, what
        self.scripts = scripts or ([] if client else [name])
        self.client, self.mode = client, mode
        self.undecided, self.drift, self.why = undecided or {}, drift, why
        self.least = least

    def ceiling(self, reason):
        return self.undecided.get(reason, SHARE)

    def run(self, place, port, database, transactions):
        """All clients together do so many, and each of them as many as the others."""
        each = max(1, max(transactions, self.least) // CLIENTS)
        if self.client:
            run_clients(self.client, port, database, each)
        else:
            self.run_scripts(place, port, database, each)
        return each * CLIENTS

    def run_scripts(self, place, port, database, each):
        files = [part for name in self.scripts
                 for part in ("-f", place.take(script(name)))]
        output = place.run(
            [place.tool("pgbench"), "-h", "127.0.0.1", "-p", port, "-U",
             "app", "-n", "-c", CLIENTS, "-j", 1, "-M", self.mode, "-t",
             each, "--random-seed", SEED, "--max-tries", 100, *files,
             database])
        done = f"number of transactions actually processed: {each * CLIENTS}/"
        if done not in output:
            raise AssertionError(f"{self.name}: {output}")


def run_clients(client, port, database, each):
    """One thread a client; the first failure is raised when all have ended."""
    failed = []

    def one(number):
        try:
            connection = psycopg2.connect(host="127.0.0.1", port=port,
                                          user="app", dbname=database)
            drawn = random.Random(SEED + number)
            drawn.mine = number
            for _ in range(each):
                client(connection, drawn)
            connection.close()
        except Exception as error:  # told by the thread that waits
            failed.append(error)
    threads = [threading.Thread(target=one, args=(number,))
               for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def savepoints(connection, drawn):
    """Some statements fail and are undone to a savepoint, one in eight transactions
    is rolled back."""
    user, order = drawn.randint(101, 300), drawn.randint(11, 400)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users SET name = %s WHERE id = %s",
                       (f"Save Point{drawn.randint(1, 999)}", user))
        cursor.execute("SAVEPOINT one")
        cursor.execute("UPDATE orders SET note = 'undone', qty = 0 "
                       "WHERE id = %s", (order,))
        cursor.execute("SELECT id, qty, note FROM orders WHERE id = %s",
                       (order,))
        cursor.fetchall()
        cursor.execute("ROLLBACK TO one")
        try_in_savepoint(cursor, drawn.choice([
            "INSERT INTO users (id, email) VALUES (101, 'twice@x')",
            "INSERT INTO orders (user_id, sku) VALUES (99999, 'A-1')",
            "UPDATE users SET email = NULL WHERE id = 101",
            "SELECT 1 / (score - score) FROM users WHERE id = 102",
            "UPDATE users SET bio = 'kept' WHERE id = 103"]))
        cursor.execute("SELECT name, bio, website FROM users WHERE id = %s",
                       (user,))
        cursor.fetchall()
    if drawn.randint(1, 8) == 1:
        connection.rollback()
    else:
        connection.commit()


def try_in_savepoint(cursor, statement):
    cursor.execute("SAVEPOINT two")
    try:
        cursor.execute(statement)
    except psycopg2.Error:
        cursor.execute("ROLLBACK TO two")
    cursor.execute("RELEASE two")


WORKLOADS = [
    Workload("hot-rows", "six users and three articles, in transactions",
             mode="prepared"),
    Workload("queues", "a job taken by SKIP LOCKED: an UPDATE with a sub-query, "
             "a SELECT and an UPDATE, a DELETE",
             undecided={"overlap": 0.2}, drift=["orders"],
             why="which job a statement takes depends on the locks that others "
             "hold at that moment, and the shadow takes its own"),
    Workload("counters", "counters and upserts with RETURNING",
             mode="prepared", least=2000),
    Workload("serial-keys", "serial keys with RETURNING and without, then "
             "looked up", undecided={"unpinned": 0.02}, drift=["teams"],
             why="no answer shows the key of a team that is inserted without "
             "RETURNING, until it is looked up"),
    Workload("isolation", "read, compute, write, at each isolation level, "
             "again after a failure", mode="extended",
             scripts=["isolation-read-committed",
                      "isolation-repeatable-read", "isolation-serializable"],
             undecided={"load": 0.3, "overlap": 0.02},
             why="a serialization failure is followed, not compared; a read "
             "beside commits that overlap it may show any of them"),
    Workload("bulk", "INSERT ... SELECT beside reads of single rows",
             mode="prepared", drift=["orders"],
             why="no answer shows the keys of the rows that INSERT ... SELECT "
             "makes", least=2000),
    Workload("cascades", "rows that are inserted with what refers to them, "
             "and deleted by a cascade"),
    Workload("savepoints", "savepoints, failures in them, rollbacks",
             client=savepoints),
    Workload("triggers", "triggers that write another table"),
    Workload("clocks", "predicates with now()"),
    Workload("temporary", "temporary tables and cursors"),
    Workload("sequences", "nextval, currval, a sequence in VALUES"),
]
