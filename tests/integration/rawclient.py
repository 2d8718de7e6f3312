"""A client that speaks the wire protocol (version 3.0) message by message, for
what drivers cannot be made to send."""

import socket
import struct


def text(value):
    return value.encode() + b"\0"


def message(kind, body=b""):
    return kind.encode() + struct.pack(">I", len(body) + 4) + body


def query(sql):
    return message("Q", sql + b"\0" if isinstance(sql, bytes) else text(sql))


def parse(sql, name="", types=()):
    return message("P", text(name) + text(sql) + struct.pack(
        f">H{len(types)}I", len(types), *types))


def bind(values=(), portal="", statement="", formats=(), results=()):
    body = text(portal) + text(statement)
    body += struct.pack(f">H{len(formats)}H", len(formats), *formats)
    body += struct.pack(">H", len(values))
    for value in values:
        if value is None:
            body += struct.pack(">i", -1)
            continue
        value = value if isinstance(value, bytes) else str(value).encode()
        body += struct.pack(">i", len(value)) + value
    body += struct.pack(f">H{len(results)}H", len(results), *results)
    return message("B", body)


def describe(kind="P", name=""):
    return message("D", kind.encode() + text(name))


def execute(portal="", limit=0):
    return message("E", text(portal) + struct.pack(">I", limit))


def close(kind, name):
    return message("C", kind.encode() + text(name))


FLUSH = message("H")
SYNC = message("S")
COPY_DONE = message("c")
TERMINATE = message("X")


def copy_data(data):
    return message("d", data)


def copy_fail(why):
    return message("f", text(why))


def statement(sql, values=(), types=(), limit=0, **options):
    """Parse, Bind, Describe and Execute of the unnamed statement."""
    return (parse(sql, types=types) + bind(values, **options) + describe() +
            execute(limit=limit))


class RawClient:
    def __init__(self, port, database, user="postgres", **startup):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.settimeout(30)
        self.stream = self.socket.makefile("rb")
        body = struct.pack(">I", 196608)
        for key, value in {"user": user, "database": database,
                           **startup}.items():
            body += text(key) + text(value)
        self.send(struct.pack(">I", len(body) + 5) + body + b"\0")
        self.until("Z")

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))

    def receive(self):
        """(kind, body) of one message."""
        head = self.stream.read(5)
        if len(head) < 5:
            raise ConnectionError("the server closed the connection")
        body = self.stream.read(struct.unpack(">I", head[1:])[0] - 4)
        return chr(head[0]), body

    def until(self, kinds):
        """All messages up to one of these kinds, that one included."""
        got = []
        while True:
            got.append(self.receive())
            if got[-1][0] in kinds:
                return got

    def ask(self, *parts, until="Z"):
        """The kinds of the answer's messages."""
        self.send(*parts)
        return "".join(kind for kind, _ in self.until(until))

    def end(self):
        self.send(TERMINATE)
        self.close()

    def close(self):
        """Vanishes without a word."""
        self.stream.close()
        self.socket.close()
