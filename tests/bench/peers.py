"""The proxies that a bench holds against each other, and what they use."""

import os
import socket
import struct
import time


class Target:
    """Something that speaks PostgreSQL on host:port, and the proxy's processes."""

    def __init__(self, name, host, port, pids=()):
        self.name = name
        self.host = host
        self.port = port
        self.pids = list(pids)

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def peak_memory_kib(self):
        peak = 0
        for pid in self.pids:
            with open(f"/proc/{pid}/status") as file:
                for line in file:
                    if line.startswith("VmHWM:"):
                        peak += int(line.split()[1])
        return peak


def read_result(host, port, database, query, user="postgres"):
    """Runs a simple query, drops its bytes; gives (bytes, seconds)."""
    with socket.create_connection((host, port)) as connection:
        startup = b"user\0" + user.encode() + b"\0database\0" \
            + database.encode() + b"\0\0"
        connection.sendall(struct.pack("!II", len(startup) + 8, 196608)
                           + startup)
        tail = b""
        while not tail.endswith(b"Z\0\0\0\5I"):
            tail = (tail + connection.recv(65536))[-6:]
        started = time.monotonic()
        text = query.encode() + b"\0"
        connection.sendall(b"Q" + struct.pack("!I", len(text) + 4) + text)
        size = 0
        tail = b""
        while not tail.endswith(b"Z\0\0\0\5I"):
            data = connection.recv(1 << 20)
            if not data:
                raise RuntimeError("the connection closed in mid-result")
            size += len(data)
            tail = (tail + data[-6:])[-6:]
        return size, time.monotonic() - started


def start_haproxy(place, primary):
    port = place.free_port()
    config = place.write("haproxy.cfg", f"""
global
    maxconn 4000
    nbthread 1
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen postgres
    bind 127.0.0.1:{port}
    server primary {primary.host}:{primary.port}
""")
    process = place.start(["/usr/sbin/haproxy", "-db", "-f", config], "haproxy")
    place.wait_for_port(port)
    return Target("haproxy", "127.0.0.1", port, [process.pid])


def start_pgbouncer(place, primary, wrapper=()):
    """wrapper: a command in front of the program's own."""
    port = place.free_port()
    users = place.write("users.txt", '"postgres" ""\n')
    config = place.write("pgbouncer.ini", f"""
[databases]
* = host={primary.host} port={primary.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = session
default_pool_size = 100
max_client_conn = 1000
server_reset_query =
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
""")
    process = place.start([*wrapper, "/usr/sbin/pgbouncer", config],
                          "pgbouncer")
    place.wait_for_port(port, 300 if wrapper else 30)
    return Target("pgbouncer", "127.0.0.1", port, [process.pid])


def start_parallax(place, primary, name="parallax", program=None, wrapper=()):
    """The relay with capture on, into a journal that no mirror reads. wrapper: a
    command in front of the program's own."""
    port = place.free_port()
    # valgrind makes system calls of its own, which the sandbox refuses.
    sandbox = "sandbox: {files: false, system_calls: false}" if wrapper else ""
    if program:
        place.run(["cp", program, place.path(name)])
    config = place.write(f"{name}.yaml", f"""
listen: 127.0.0.1:{port}
primary:
  engine: postgres
  host: {primary.host}
  port: {primary.port}
  database: bench
  user: postgres
shadows:
  - name: paused
    host: {primary.host}
    port: {primary.port}
    database: bench
    user: postgres
    unsafe_rights: true
    store: {place.path(name + ".db")}
journal:
  directory: {place.path(name + "-journal")}
  max_size: 4 GiB
log: {{level: warn}}
{sandbox}
""")
    process = place.start(
        [*wrapper, place.path(name), "run", "--no-mirror", config], name)
    place.wait_for_port(port, 300 if wrapper else 30)
    children = place.children(process.pid)
    return Target(name, "127.0.0.1", port, children or [process.pid])


def start_all(place, primary, beside=()):
    """beside: other builds of Parallax, (name, program)."""
    return [Target("direct", primary.host, primary.port),
            start_haproxy(place, primary),
            start_pgbouncer(place, primary),
            start_parallax(place, primary),
            *(start_parallax(place, primary, *one) for one in beside)]
