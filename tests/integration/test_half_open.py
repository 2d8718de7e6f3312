"""Peers that have gone without a word are noticed: connections whose packets are
dropped end. In a network of its own (unshare), whose loopback is taken down; the
primary is reached by its unix socket, or, for the other leg, the client."""

import os
import subprocess
import sys
import time
import unittest

from harness import Cluster, Workplace

CONFIG = """
listen: [{listen}]
listen_tcp_to_socket: true
listen_keepalive: {keepalive}
listen_user_timeout: {timeout}
primary: {{host: {host}, port: {port}, database: postgres, user: postgres,
          keepalive: {keepalive}, user_timeout: {timeout}}}
shadows: [{{host: {host}, port: {port}, database: postgres, user: postgres}}]
journal: {{directory: {folder}/{name}}}
store: {folder}/{name}.db
"""


def loopback(state):
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


def seconds_until(condition, limit):
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit:
            raise SystemExit(f"the session is still there after {limit} s")
        time.sleep(0.1)
    return time.monotonic() - began


def sessions(place, name):
    """Of clients, as the relay counts them."""
    import json
    import re
    import signal
    for pid in place.children(place.relay.pid):
        os.kill(pid, signal.SIGUSR1)
    time.sleep(0.1)
    found = re.findall(r'event="?status"? (\{.*\})', place.log(name))
    return json.loads(found[-1])["sessions"] if found else -1


def inside(leg, sends):
    """Run by root, alone in a network."""
    import rawclient as raw
    import socket
    import struct

    loopback("up")
    with Workplace("half-open") as place:
        primary = Cluster(place, "primary").start()
        port, name = place.free_port(), f"relay-{leg}-{sends}"
        os.mkdir(place.path("unix"))
        place.own(place.path("unix"))
        config = place.write("parallax.yaml", CONFIG.format(
            listen=f"{place.path('unix')}:{port}" if leg == "primary"
            else f"127.0.0.1:{port}", folder=place.folder, name=name,
            host="127.0.0.1" if leg == "primary" else place.folder,
            port=primary.port, keepalive="2 s",
            timeout="3 s" if sends == "busy" else "0"))
        place.relay = place.start([place.parallax, "run", "--no-mirror",
                                   config], name)
        if leg == "primary":
            path = place.path(f"unix/.s.PGSQL.{port}")
            place.wait_for(lambda: os.path.exists(path), "the relay")
            client = socket.socket(socket.AF_UNIX)
            client.connect(path)
        else:
            place.wait_for_port(port)
            client = socket.create_connection(("127.0.0.1", port))
        body = struct.pack(">I", 196608) + raw.text("user") + raw.text(
            "postgres") + b"\0"
        client.sendall(struct.pack(">I", len(body) + 4) + body)
        said = b""
        while not said.endswith(b"Z\0\0\0\5I"):
            part = client.recv(65536)
            assert part, f"the relay closed the connection: {said}"
            said += part
        if sends == "busy":
            if leg == "primary":
                loopback("down")
                client.sendall(raw.query("SELECT 1"))
            else:
                client.sendall(raw.query("SELECT pg_sleep(1), 'late'"))
                time.sleep(0.3)
        assert sessions(place, name) == 1, sessions(place, name)
        loopback("down")
        took = seconds_until(lambda: sessions(place, name) == 0, 25)
        print(f"{leg}, {sends}: ended after {took:.1f} s")
        loopback("up")


class HalfOpen(unittest.TestCase):
    def alone(self, *arguments):
        if os.getuid():
            self.skipTest("only root may make a network")
        done = subprocess.run(
            ["unshare", "-n", sys.executable, os.path.abspath(__file__),
             "--inside", *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=120)
        print(done.stdout.strip())
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_silent_client(self):
        self.alone("client", "silent")

    def test_a_client_that_takes_nothing(self):
        self.alone("client", "busy")

    def test_a_silent_primary(self):
        self.alone("primary", "silent")

    def test_a_primary_that_takes_nothing(self):
        self.alone("primary", "busy")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(*sys.argv[2:])
    else:
        unittest.main()
