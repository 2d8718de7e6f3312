"""A client of protocol 3.0 that chooses what libpq's users cannot: text or binary
for each parameter and result, declared or undeclared types, named statements."""

import socket
import struct
from datetime import date

from schemas import OIDS

BINARY = {"int": ">i", "level": ">i", "big": ">q", "small": ">h"}


def text_of(kind, value):
    if kind == "bool":
        return b"t" if value else b"f"
    return str(value).encode()


def binary_of(kind, value):
    if kind in BINARY:
        return struct.pack(BINARY[kind], value)
    if kind == "bool":
        return b"\1" if value else b"\0"
    if kind == "date":
        days = (date.fromisoformat(value) - date(2000, 1, 1)).days
        return struct.pack(">i", days)
    return None if kind == "num" else value.encode()


class Client:
    def __init__(self, port, database, user="postgres"):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        body = struct.pack(">i", 196608)
        for text in ("user", user, "database", database, ""):
            body += text.encode() + b"\0"
        self.socket.sendall(struct.pack(">i", len(body) + 4) + body)
        self.answer()

    def close(self):
        self.socket.sendall(b"X\0\0\0\4")
        self.socket.close()

    def message(self):
        while len(self.buffer) < 5 or \
                len(self.buffer) < 1 + struct.unpack(">i", self.buffer[1:5])[0]:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("the server went away")
            self.buffer += more
        size = 1 + struct.unpack(">i", self.buffer[1:5])[0]
        kind, body = self.buffer[:1], self.buffer[5:size]
        self.buffer = self.buffer[size:]
        return kind, body

    def answer(self):
        """Up to ReadyForQuery: (SQLSTATE and message, or None; rows)."""
        failed, rows = None, 0
        while True:
            kind, body = self.message()
            if kind == b"E":
                fields = {part[:1]: part[1:].decode()
                          for part in body.split(b"\0") if part}
                failed = (fields[b"C"], fields[b"M"])
            rows += kind == b"D"
            if kind == b"Z":
                return failed, rows

    @staticmethod
    def frame(kind, body):
        return kind + struct.pack(">i", len(body) + 4) + body

    def simple(self, text):
        self.socket.sendall(self.frame(b"Q", text.encode() + b"\0"))
        return self.answer()

    def prepare(self, name, text, kinds):
        body = name.encode() + b"\0" + text.encode() + b"\0"
        body += struct.pack(">h", len(kinds))
        for kind in kinds:
            body += struct.pack(">i", OIDS[kind] if kind else 0)
        return self.frame(b"P", body)

    def bind(self, name, values, binary, result):
        formats, data = [], b""
        for (kind, value), wanted in zip(values, binary):
            raw = binary_of(kind, value) if wanted else None
            formats.append(0 if raw is None else 1)
            raw = text_of(kind, value) if raw is None else raw
            data += struct.pack(">i", len(raw)) + raw
        body = b"\0" + name.encode() + b"\0"
        body += struct.pack(f">h{len(formats)}h", len(formats), *formats)
        body += struct.pack(">h", len(values)) + data
        body += struct.pack(">hh", 1, result)
        return self.frame(b"B", body) + self.frame(b"D", b"P\0") + \
            self.frame(b"E", b"\0\0\0\0\0")

    def extended(self, name, text, kinds, values, binary, result):
        """Parse (if there is a text), Bind, Describe, Execute, Sync."""
        data = self.prepare(name, text, kinds) if text is not None else b""
        data += self.bind(name, values, binary, result)
        self.socket.sendall(data + self.frame(b"S", b""))
        return self.answer()
