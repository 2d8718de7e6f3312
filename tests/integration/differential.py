"""The same bytes to PostgreSQL directly and through the relay; what comes back is
compared to the byte.

A sequence is made from its number alone: messages, valid and not, in place and
out of place, glued together and cut into packets at random. Each runs on two
connections, one to database `direct`, one through the relay to `relayed`, which
have begun as copies of one template and see the same sequences in the same order.
Most sequences end with a marker query and leave their session to the next one;
the others end by closing their half of the connection.

What differs by nature is masked: process ids and secret keys.
"""

import random
import select
import socket
import struct
import time

import rawclient as raw

SCHEMA = """
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE few (n int CHECK (n < 100));
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
CREATE VIEW view AS SELECT id, v FROM t;
CREATE SEQUENCE numbers;
INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 20) AS i;
INSERT INTO few SELECT generate_series(1, 5);
"""

LONG = "n" * 63  # what a name is cut to
NAMES = ("", "s1", "s2", LONG, LONG + "x", LONG + "y" * 3000)
PORTALS = ("", "p1", "p2", "c1", LONG + "z")

QUERIES = (
    "", ";", "SELECT 1", "SELECT 1; SELECT 2", "SELECT 1;; SELECT 'x'",
    "SELEC 1", "SELECT 1/0", "SELECT 1; SELECT 1/0; SELECT 2",
    "SELECT * FROM generate_series(1, 30)", "SELECT id, v FROM t ORDER BY id",
    "SELECT", "SELECT repeat('x', 20000)", "SELECT NULL, '', E'\\\\x00'::bytea",
    "BEGIN", "BEGIN", "START TRANSACTION READ ONLY", "COMMIT", "COMMIT",
    "ROLLBACK", "END", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "ABORT",
    "SAVEPOINT s", "ROLLBACK TO s", "RELEASE s", "ROLLBACK TO SAVEPOINT none",
    "BEGIN; INSERT INTO few VALUES (1); COMMIT", "BEGIN; SELECT 1/0",
    "BEGIN; SAVEPOINT a; SELECT 1; ROLLBACK TO a; COMMIT; SELECT 2",
    "INSERT INTO few VALUES (7)", "INSERT INTO few VALUES (700)",
    "INSERT INTO few VALUES (8) RETURNING n", "DELETE FROM few WHERE n = 8",
    "UPDATE t SET v = 'w' WHERE id = 3", "INSERT INTO t VALUES (1, 'double')",
    "INSERT INTO child VALUES (12345)", "BEGIN; INSERT INTO child VALUES (1)",
    "SELECT nextval('numbers')", "TRUNCATE few",
    "COPY few FROM STDIN", "COPY few FROM STDIN", "COPY few FROM STDIN",
    "COPY few FROM STDIN; SELECT 1", "SELECT 1; COPY few FROM STDIN",
    "COPY few FROM STDIN; COPY few FROM STDIN", "COPY nothing FROM STDIN",
    "COPY view FROM STDIN", "COPY few FROM STDIN (FORMAT binary)",
    "COPY t FROM STDIN (FORMAT csv)", "BEGIN; COPY few FROM STDIN",
    "COPY (SELECT * FROM t ORDER BY id) TO STDOUT", "COPY (SELECT 1/0) TO STDOUT",
    "COPY (SELECT 7) TO STDOUT; COPY few FROM STDIN; COPY (SELECT 8) TO STDOUT",
    "DECLARE c1 CURSOR FOR SELECT id FROM t ORDER BY id", "FETCH 3 FROM c1",
    "DECLARE c1 CURSOR WITH HOLD FOR SELECT generate_series(1, 9)",
    "MOVE 2 IN c1", "CLOSE c1", "CLOSE ALL", "FETCH ALL FROM none",
    "SET application_name = 'x'", "RESET ALL", "SHOW application_name",
    "SET LOCAL DateStyle = 'German'", "SET client_min_messages = warning",
    "SET TIME ZONE 'Asia/Tokyo'", "SET nothing_such = 1",
    "LISTEN news", "NOTIFY news, 'x'", "UNLISTEN *",
    "PREPARE s1 AS SELECT $1::int + 1", "EXECUTE s1 (1)", "DEALLOCATE s1",
    "DEALLOCATE ALL", "DISCARD ALL", "PREPARE TRANSACTION 'x'",
    "DO $$ BEGIN RAISE WARNING 'careful'; END $$",
    "DO $$ BEGIN RAISE NOTICE 'by the way'; RAISE 'no'; END $$",
    "CREATE TEMPORARY TABLE IF NOT EXISTS mine (a int)",
    "DROP TABLE IF EXISTS mine", "LOCK TABLE t", "VACUUM few",
    "EXPLAIN (COSTS off) SELECT * FROM t", "VALUES (1, 2), (3, 4)",
    "SELECT pg_terminate_backend(pg_backend_pid())",
    "SELECT 1; " * 70, "SELECT 1;" * 66 + "ROLLBACK TO s",
)
TAKING = (
    "SELECT $1", "SELECT $1::int, $2::text", "SELECT $1::int / $2::int",
    "INSERT INTO few VALUES ($1)", "SELECT v FROM t WHERE id = $1",
    "SELECT * FROM generate_series(1, $1::int)",
    "UPDATE t SET v = $2 WHERE id = $1 RETURNING *",
)
DATA = (b"1\n", b"2\n3\n", b"4", b"\n", b"bad\n", b"700\n", b"", b"\\.\n",
        b"\\N\n", b"5\t6\n", b"9\r\n", b"21,a\n", b"1,double\n", b'"q',
        b"PGCOPY\n\xff\r\n\0" + struct.pack(">IIHi", 0, 0, 1, 4) +
        struct.pack(">ih", 6, -1), b"PGCOPY\n", b"1\n" * 3000, b"x" * 9000)


# What the relay says when its connection to the server was reset.
RESET_BEHIND = "the primary closed the connection unexpectedly"


class Sequence:
    """The bytes of sequence `number`, in packets, and how it ends."""

    def __init__(self, seed, number):
        self.number = number
        self.random = random.Random(f"{seed} {number}")
        self.startup = None
        choose = self.random.random()
        if choose < 0.04:
            self.startup = self.first_packet()
        self.closes = choose < 0.1
        parts = []
        for _ in range(self.random.choice((1, 2, 2, 3, 4, 6, 9, 15))):
            parts += self.piece()
        if self.random.random() < 0.03:
            parts.insert(self.random.randrange(len(parts) + 1), self.rubbish())
        if self.random.random() < 0.02:
            self.random.shuffle(parts)
        data = b"".join(parts)
        if self.closes and data and self.random.random() < 0.3:
            data = data[:self.random.randrange(len(data))]
        if not self.closes:
            # COPY ends, the pipeline too, and what is open is undone.
            data += (raw.copy_fail("end") + raw.SYNC +
                     raw.query(f"ROLLBACK; SELECT '{self.marker()}'"))
        self.packets = self.cut(data)

    def marker(self):
        return f"end of {self.number}"

    def pick(self, *choices):
        return self.random.choice(choices)

    def maybe(self, share, *messages):
        return list(messages) if self.random.random() < share else []

    # Pieces

    def piece(self):
        kind = self.random.random()
        if kind < 0.30:
            return [raw.query(self.pick(*QUERIES))]
        if kind < 0.52:
            return self.extended()
        if kind < 0.67:
            return self.copy()
        if kind < 0.94:
            return [self.message()]
        return [self.damage(self.message())]

    def extended(self):
        name, portal = self.name(), self.pick("", "", *PORTALS)
        out = self.maybe(0.8, self.parse(name))
        for _ in range(self.pick(1, 1, 1, 2, 4)):
            out += self.maybe(0.2, raw.describe("S", name))
            out += self.maybe(0.9, self.bind(portal, name))
            out += self.maybe(0.5, raw.describe("P", portal))
            for _ in range(self.pick(0, 1, 1, 1, 1, 1, 2, 3)):
                out += [raw.execute(portal, self.pick(0, 0, 0, 1, 2, 7))]
            out += self.maybe(0.1, raw.close(self.pick("S", "P"),
                                             self.pick(name, portal)))
            out += self.maybe(0.1, raw.SYNC)
        return out + self.maybe(0.85, raw.SYNC)

    def copy(self):
        text = self.pick(*(q for q in QUERIES if "FROM STDIN" in q))
        out = [raw.query(text)] if self.random.random() < 0.5 else [
            raw.parse(text), raw.bind(), raw.execute()]
        out += self.maybe(0.15, raw.SYNC)
        for _ in range(self.pick(0, 1, 1, 2, 3)):
            out += [raw.copy_data(self.pick(*DATA))]
            out += self.maybe(0.08, self.pick(raw.SYNC, raw.FLUSH))
        out += self.maybe(0.93, self.pick(raw.COPY_DONE, raw.COPY_DONE,
                                          raw.copy_fail("no more")))
        out += self.maybe(0.1, raw.copy_data(self.pick(*DATA)))
        return out + self.maybe(0.6, raw.SYNC)

    def message(self):
        return self.pick(
            raw.SYNC, raw.SYNC, raw.FLUSH, raw.COPY_DONE, raw.copy_fail("f"),
            raw.copy_data(self.pick(*DATA)), self.parse(self.name()),
            self.bind(self.pick(*PORTALS), self.name()),
            raw.describe(self.pick("S", "P", "X"), self.name()),
            raw.describe("P", self.pick(*PORTALS)),
            raw.execute(self.pick(*PORTALS), self.pick(0, 1, 5)),
            raw.close(self.pick("S", "P", "Q"), self.pick(*NAMES, *PORTALS)),
            raw.query(self.pick(*QUERIES)), self.call())

    def name(self):
        return self.pick("", "", *NAMES)

    def parse(self, name):
        if self.random.random() < 0.5:
            return raw.parse(self.pick(*QUERIES), name)
        return raw.parse(self.pick(*TAKING), name,
                         self.pick((), (), (23,), (23, 25), (99999,)))

    def bind(self, portal, name):
        values = [self.pick(1, 2, 3, "x", "", None, "z" * 70000, b"\xff")
                  if self.random.random() < 0.4 else self.pick(1, 2, 3)
                  for _ in range(self.pick(0, 0, 1, 1, 2, 3))]
        formats = self.pick((), (), (), (0,), (1,), (0, 1), (7,))
        return raw.bind(values, portal, name, formats,
                        self.pick((), (), (), (0,), (1,), (0, 1)))

    def call(self):
        """int4pl, a function that fails, none at all."""
        oid = self.pick(177, 177, 154, 99999999)
        body = struct.pack(">IHHH", oid, 1, 1, 2)
        for value in (self.pick(1, 7), self.pick(0, 5)):
            body += struct.pack(">ii", 4, value)
        return raw.message("F", body + struct.pack(">H", 1))

    # What is wrong

    def damage(self, message):
        """A whole frame with a body that is not."""
        kind, body = message[:1].decode(), bytearray(message[5:])
        how = self.random.randrange(4)
        if how == 0:
            body = body[:self.random.randrange(len(body) + 1)]
        elif how == 1:
            body += self.pick(b"\0", b"x", b"\0\0\0\1", b"x" * 100)
        elif how == 2 and body:
            body[self.random.randrange(len(body))] = self.random.randrange(256)
        else:
            body = bytearray()
        return raw.message(kind, bytes(body))

    def rubbish(self):
        kind = self.pick(*"QPBDECHSFdcfXpzA\x01")
        return self.pick(
            raw.TERMINATE, raw.TERMINATE, raw.message("p", b"secret\0"),
            raw.message(kind, b"what"), raw.message("X", b"bye"),
            kind.encode() + struct.pack(">I", self.pick(
                0, 3, 0x7fffffff, 0xffffffff, 0x3fffffff, 0x3ffffffe + 1)),
            raw.message(self.pick(*"DECHScX"), b"\0" * self.pick(
                9995, 9996, 9997, 12000)),
            self.random.randbytes(self.pick(1, 5, 50)))

    def first_packet(self):
        def packet(version, *pairs, end=b"\0"):
            body = struct.pack(">I", version)
            body += b"".join(raw.text(item) for item in pairs) + end
            return struct.pack(">I", len(body) + 4) + body

        # The end's own database, whose name is as long.
        who = ("user", "postgres", "database", "startup")
        version = self.pick(196608, 196608, 196609, 196610)
        return self.pick(
            packet(version, *who),
            packet(version, *who, "_pq_.unknown", "1"),
            packet(version, *who, "replication", self.pick(
                "false", "FALSE", "OFF", "of", "fal", "no", "N", "0", "o", "",
                "2", "nope", "true", "on", "T", "ye", "1", "database",
                "Database")),
            packet(version, *who, "replication", "true", "replication", "no"),
            packet(version, *who, "application_name", "a", "DateStyle", "SQL"),
            packet(version, *who, "options", "-c search_path=pg_catalog"),
            packet(version, *who, "nothing_such", "1"),
            packet(version, "database", "startup"),
            packet(version, "user", "none such", "database", "startup"),
            packet(version, "user", "postgres", "database", "none such"),
            packet(version, "user", "x", *who),
            packet(version, *who, end=b""),
            packet(version, *who, end=b"\0x\0"),
            packet(version, *who, "application_name", "a" * self.pick(
                9900, 9937, 9938, 9939, 9940, 9941, 9942, 9950)),
            packet(self.pick(131072, 262144, 0, 80877102), *who),
            struct.pack(">II", 8, self.pick(196608, 80877102)),
            struct.pack(">IIII", 16, 80877102, 1, 2),
            struct.pack(">III", 12, 80877102, 1),
            struct.pack(">IIII", 16 + 252, 80877102, 1, 2) + b"k" * 252,
            struct.pack(">I", self.pick(0, 3, 7, 10005, 0x7fffffff)),
            raw.TERMINATE, raw.SYNC, raw.query("SELECT 1"),
            b"GET / HTTP/1.0\r\n\r\n")

    def cut(self, data):
        """Packets: all in one, a message's borders or anywhere."""
        if self.random.random() < 0.4 or len(data) < 2:
            return [data]
        count = self.pick(1, 2, 3, 5, 12)
        places = sorted(self.random.randrange(1, len(data))
                        for _ in range(count))
        return [data[a:b] for a, b in zip([0, *places], [*places, len(data)])
                if a < b]


def mask(data):
    """Process ids and keys become zeros."""
    out = bytearray(data)
    at = 0
    while at + 5 <= len(out):
        kind, size = chr(out[at]), struct.unpack(">I", out[at + 1:at + 5])[0]
        end = min(at + 1 + size, len(out))
        if kind == "K":
            out[at + 5:end] = bytes(end - at - 5)
        elif kind == "A":
            out[at + 5:at + 9] = bytes(4)
        if size < 4:
            break
        at += 1 + size
    return bytes(out)


def kinds(data):
    """The messages of an answer, for people: "T D C Z:I"."""
    out, at = [], 0
    while at + 5 <= len(data):
        size = struct.unpack(">I", data[at + 1:at + 5])[0]
        body = data[at + 5:at + 1 + size]
        name = chr(data[at])
        if name == "Z":
            name += ":" + body.decode()
        if name == "E":
            name += ":" + b" ".join(
                field[1:] for field in body.split(b"\0")
                if field[:1] in (b"C", b"M")).decode(errors="replace")
        out.append(name)
        at += 1 + size
    return " ".join(out) + (" ..." if at < len(data) else "")


class End:
    """One of the two connections."""

    def __init__(self, port, database):
        self.port, self.database = port, database
        self.socket = None

    def open(self, startup=None):
        self.socket = socket.create_connection(("127.0.0.1", self.port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reset = self.ended = False
        if startup is not None:
            return startup.replace(b"startup", self.database.encode())
        body = struct.pack(">I", 196608)
        for item in ("user", "postgres", "database", self.database):
            body += raw.text(item)
        return struct.pack(">I", len(body) + 5) + body + b"\0"

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            self.reset = True

    def half_close(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.reset = True

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None


class Difference(AssertionError):
    pass


class Pair:
    """Runs sequences on both ends and compares."""

    WAIT = 30

    def __init__(self, direct, relayed, seed=1):
        self.ends = (direct, relayed)
        self.seed = seed
        self.resets = 0

    def receive(self, marker):
        """What each end says up to the marker's ReadyForQuery or its end."""
        got = {end: bytearray() for end in self.ends}
        waiting = set(self.ends)
        until = time.monotonic() + self.WAIT
        while waiting:
            ready, _, _ = select.select(
                [end.socket for end in waiting], [], [],
                max(0, until - time.monotonic()))
            if not ready:
                raise Difference("no end of it within %d s: %s" % (
                    self.WAIT, ", ".join(
                        f"{end.database} said {kinds(bytes(got[end]))}"
                        for end in waiting)))
            for end in list(waiting):
                if end.socket not in ready:
                    continue
                try:
                    data = end.socket.recv(1 << 18)
                except ConnectionError:
                    end.reset = True
                    data = b""
                got[end] += data
                if not data:
                    end.ended = True
                    waiting.discard(end)
                elif marker and got[end].endswith(b"Z\0\0\0\5I") and \
                        marker in got[end]:
                    waiting.discard(end)
        return [bytes(got[end]) for end in self.ends]

    def attempt(self, sequence):
        packets = list(sequence.packets)
        firsts = [b"", b""]
        if sequence.startup is not None or not self.ends[0].socket:
            for end in self.ends:
                end.close()
            firsts = [end.open(sequence.startup) for end in self.ends]
        if sequence.random.random() < 0.5 and any(firsts):
            for end, first in zip(self.ends, firsts):
                end.send(first + (packets[0] if packets else b""))
            packets = packets[1:]
        elif any(firsts):
            for end, first in zip(self.ends, firsts):
                end.send(first)
        pause = sequence.random.random() < 0.2
        for packet in packets:
            for end in self.ends:
                end.send(packet)
            if pause:
                time.sleep(0.001)
        if sequence.closes:
            for end in self.ends:
                end.half_close()
        # As the server writes it out in a DataRow.
        text = sequence.marker().encode()
        marker = struct.pack(">HI", 1, len(text)) + text
        return self.receive(None if sequence.closes else marker)

    def run(self, number):
        """Both answers; raises Difference."""
        for attempt in range(5):
            sequence = Sequence(self.seed, number)
            answers = self.attempt(sequence)
            masked = [mask(answer) for answer in answers]
            ended = [end.ended for end in self.ends]
            lost = any(end.reset for end in self.ends) or \
                RESET_BEHIND in kinds(answers[1])
            if sequence.closes or any(ended):
                for end in self.ends:
                    end.close()
            if masked[0] == masked[1] and ended[0] == ended[1]:
                return answers
            # A reset may overtake what was said before it, on either side, and
            # between relay and server. What is lost each time is no accident.
            if not (lost and ended[0] and ended[1]):
                break
            self.resets += 1
        raise Difference(
            f"sequence {number} of seed {self.seed}\n"
            f"sent     {[bytes(p)[:200] for p in sequence.packets]!r:.3000}\n"
            f"first    {sequence.startup!r:.300}\n"
            f"directly {kinds(answers[0])} {'END' if ended[0] else ''}\n"
            f"relayed  {kinds(answers[1])} {'END' if ended[1] else ''}")
