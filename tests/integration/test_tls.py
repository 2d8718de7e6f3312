"""TLS on each leg, with real clients: who connects, who is refused and by which
words. The servers are PostgreSQL, the certificates of an authority of the test's."""

import contextlib
import hashlib
import itertools
import os
import shutil
import signal
import socket
import ssl
import struct
import threading
import time
import unittest

import psycopg2

from certificates import LOCAL, Authority
from harness import Cluster, Parallax, ROOT, Workplace
from rawclient import text

SSL_REQUEST = struct.pack(">II", 8, 80877103)
GSS_REQUEST = struct.pack(">II", 8, 80877104)
ON_TLS = ("SELECT current_user, ssl FROM pg_stat_ssl "
          "WHERE pid = pg_backend_pid()")
METHODS = ("trust", "password", "md5", "scram", "cert")

HBA = """
local   all all trust
hostssl all u_cert     127.0.0.1/32 cert map=relay
host    all postgres   127.0.0.1/32 trust
host    all u_trust    127.0.0.1/32 trust
host    all u_password 127.0.0.1/32 password
host    all u_md5      127.0.0.1/32 md5
host    all u_scram    127.0.0.1/32 scram-sha-256
"""

USERS = """
SET password_encryption = 'md5';
CREATE ROLE u_md5 LOGIN PASSWORD 'secret';
SET password_encryption = 'scram-sha-256';
CREATE ROLE u_trust LOGIN;
CREATE ROLE u_cert LOGIN;
CREATE ROLE u_password LOGIN PASSWORD 'secret';
CREATE ROLE u_scram LOGIN PASSWORD 'secret';
"""


def startup(user="u_trust", database="postgres"):
    body = struct.pack(">I", 196608) + b"".join(
        text(value) for value in ("user", user, "database", database)) + b"\0"
    return struct.pack(">I", len(body) + 4) + body


class Servers(unittest.TestCase):
    """One primary with TLS; its clients' certificates are the same authority's."""

    @classmethod
    def setUpClass(cls):
        cls.place = Workplace("tls")
        cls.addClassCleanup(cls.place.close)
        place = cls.place
        cls.authority = Authority(place)
        cls.server = cls.authority.issue("server", "localhost", LOCAL)
        cls.proxy = cls.authority.issue("proxy", "localhost", LOCAL)
        cls.relay = cls.authority.issue("relay", "relay")
        cls.ann = cls.authority.issue("ann", "u_trust")
        cls.primary = Cluster(place, "primary", {
            "ssl": "on", "ssl_cert_file": f"'{cls.server[0]}'",
            "ssl_key_file": f"'{cls.server[1]}'",
            "ssl_ca_file": f"'{cls.authority.certificate}'",
            "max_wal_senders": 4}, hba=HBA)
        with open(os.path.join(cls.primary.data, "pg_ident.conf"), "w") as file:
            file.write("relay relay u_cert\n")
        cls.primary.start()
        cls.primary.psql(USERS)

    def setUp(self):
        self.number = 0

    def listen(self, mode, **others):
        lines = [f"listen_tls: {mode}"]
        if mode != "off":
            lines += [f"listen_tls_certificate: '{self.proxy[0]}'",
                      f"listen_tls_key: '{self.proxy[1]}'"]
        if mode == "mutual":
            lines.append(f"listen_tls_ca: '{self.authority.certificate}'")
            others.setdefault("access", "{certificates: 'u_trust=*'}")
        lines += [f"{key}: {value}" for key, value in others.items()]
        return "\n".join(lines) + "\n"

    def upstream(self, mode, certificate=False, ca=None):
        extra = f", tls: {mode}"
        if mode.startswith("verify"):
            extra += f", tls_ca: '{ca or self.authority.certificate}'"
        if certificate:
            extra += (f", tls_certificate: '{self.relay[0]}', "
                      f"tls_key: '{self.relay[1]}'")
        return extra

    def start(self, listen="off", upstream="prefer", **options):
        """The relay alone, before the primary."""
        self.number += 1
        proxy = Parallax(
            self.place, self.primary, self.primary,
            name=f"{self._testMethodName}{self.number}",
            extra=self.listen(listen, **options.pop("more", {})),
            primary_extra=self.upstream(upstream, **options))
        proxy.start("--no-mirror")
        self.addCleanup(self.place.stop_process, proxy.process)
        return proxy

    def assert_binding_is_not_offered(self, proxy):
        code, output = self.login(proxy, "u_scram", "require",
                                 channel_binding="require")
        self.assertNotEqual(code, 0)
        self.assertIn("channel binding is required, but server did not offer",
                      output)

    def words(self, proxy, user, mode, certificate=None, **parameters):
        """What libpq is told of a connection."""
        words = {"host": "127.0.0.1", "port": proxy.port, "user": user,
                 "dbname": "postgres", "sslmode": mode, "password": "secret",
                 "gssencmode": "disable", **parameters}
        if mode.startswith("verify"):
            words.setdefault("sslrootcert", self.authority.certificate)
        if certificate:
            words["sslcert"], words["sslkey"] = certificate
        return words

    def login(self, *arguments, **parameters):
        """(exit code, output) as psql() has them, of a client within this process:
        libpq is the same, and a process for each takes far longer."""
        try:
            connection = psycopg2.connect(**self.words(*arguments,
                                                       **parameters))
        except psycopg2.OperationalError as refused:
            return 2, str(refused)
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(ON_TLS)
            user, encrypted = cursor.fetchone()
        return 0, f"{user}|{'t' if encrypted else 'f'}\n"

    def psql(self, *arguments, **parameters):
        """(exit code, output) of a client that asks whether it is on TLS at the
        primary."""
        words = self.words(*arguments, **parameters)
        return self.place.exit_code(
            [self.place.tool("psql"), "-XAtq", "-c", ON_TLS,
             " ".join(f"{key}='{value}'" for key, value in words.items())],
            codes=(0,))


def expected(method, listen, upstream, client):
    """None: it connects; else what the client is told."""
    if listen == "off" and client not in ("disable", "prefer"):
        return "server does not support SSL, but SSL was required"
    if listen in ("require", "mutual") and client == "disable":
        return "the proxy takes connections with TLS only"
    if method == "cert" and upstream == "disable":
        return "no encryption"
    # A client that prefers TLS tries again without.
    if (method == "scram" and listen != "off" and client != "disable"
            and upstream != "disable"
            and (listen, client) != ("allow", "prefer")):
        return "channel_binding=disable"
    return None


class Matrix(Servers):
    """Authentication method by TLS on each leg by client."""

    LISTEN = ("off", "allow", "require", "mutual")
    UPSTREAM = ("disable", "prefer", "verify-full")
    CLIENT = ("disable", "prefer", "verify-full")

    def each(self, test):
        for listen, upstream in itertools.product(self.LISTEN, self.UPSTREAM):
            proxy = self.start(listen, upstream,
                               certificate=upstream != "disable")
            for method, client in itertools.product(METHODS, self.CLIENT):
                with self.subTest(method=method, listen=listen,
                                  upstream=upstream, client=client):
                    test(proxy, method, client,
                         self.ann if listen == "mutual" else None,
                         expected(method, listen, upstream, client),
                         "t" if upstream != "disable" else "f")
            self.place.stop_process(proxy.process)

    def test_psycopg(self):
        def one(proxy, method, client, certificate, refusal, encrypted):
            words = self.words(proxy, f"u_{method}", client, certificate)
            if refusal:
                with self.assertRaises(psycopg2.OperationalError) as caught:
                    psycopg2.connect(**words)
                self.assertIn(refusal, str(caught.exception))
                return
            connection = psycopg2.connect(**words)
            with connection.cursor() as cursor:
                cursor.execute(ON_TLS)
                self.assertEqual(cursor.fetchone(),
                                 (f"u_{method}", encrypted == "t"))
                cursor.execute("SELECT repeat('x', 3000000)")
                self.assertEqual(len(cursor.fetchone()[0]), 3000000)
            connection.close()
        self.each(one)

    def test_jdbc(self):
        """All in one virtual machine; it never binds, so SCRAM always passes."""
        jar, classes = "/usr/share/java/postgresql.jar", self.place.path("classes")
        os.makedirs(classes, exist_ok=True)
        self.place.own(classes)
        self.place.run(["javac", "-cp", jar, "-d", classes, shutil.copy(
            os.path.join(ROOT, "tests/integration/TlsClient.java"),
            self.place.folder)])
        key = self.place.path("ann.der")
        self.place.run(["openssl", "pkcs8", "-topk8", "-nocrypt", "-in",
                        self.ann[1], "-outform", "DER", "-out", key])
        urls, wanted = [], []
        for listen, upstream in (("off", "disable"), ("off", "verify-full"),
                                 ("allow", "verify-full"),
                                 ("require", "disable"),
                                 ("mutual", "verify-full")):
            proxy = self.start(listen, upstream,
                               certificate=upstream != "disable")
            for method, client in itertools.product(
                    METHODS, ("disable", "verify-full")):
                refusal = expected(method, listen, upstream, client)
                if refusal == "channel_binding=disable":
                    refusal = None
                if refusal and listen == "off" and client != "disable":
                    refusal = "does not support SSL"
                wanted.append(refusal or "ok")
                urls.append(
                    f"jdbc:postgresql://127.0.0.1:{proxy.port}/postgres"
                    f"?user=u_{method}&password=secret&sslmode={client}"
                    f"&sslrootcert={self.authority.certificate}"
                    f"&sslcert={self.ann[0]}&sslkey={key}")
        answers = self.place.run(
            ["java", "-cp", f"{classes}:{jar}", "TlsClient"],
            input="\n".join(urls) + "\n").splitlines()
        self.assertEqual(len(answers), len(urls), answers)
        for url, answer, part in zip(urls, answers, wanted):
            self.assertIn(part, answer, url)

    def test_node(self):
        script = self.place.write("client.js", NODE)
        modules = os.path.join(ROOT, "build/node/node_modules")
        if os.path.exists(modules):  # where the ordinary user can reach them
            shutil.copytree(modules, self.place.path("node_modules"))
        path = {"NODE_PATH": f"{self.place.path('node_modules')}:"
                "/usr/share/nodejs"}
        cases, asked = [], []
        for listen, upstream, client in (
                ("off", "disable", "off"), ("off", "verify-full", "off"),
                ("require", "disable", "on"), ("require", "verify-full", "on"),
                ("require", "disable", "off"), ("off", "disable", "on")):
            proxy = self.start(listen, upstream)
            refusal = {("require", "off"): "the proxy takes connections with",
                       ("off", "on"): "does not support SSL",
                       }.get((listen, client))
            for method in ("trust", "password", "md5", "scram"):
                cases.append((method, listen, upstream, client,
                              refusal or f"ok u_{method}"))
                asked.append(f"{proxy.port} u_{method} {client}\n")
        answers = self.place.run(
            ["node", script, self.authority.certificate], env=path,
            input="".join(asked)).splitlines()
        self.assertEqual(len(answers), len(cases), answers)
        for (method, listen, upstream, client, wanted), answer in zip(
                cases, answers):
            with self.subTest(method=method, listen=listen, upstream=upstream,
                              client=client):
                self.assertIn(wanted, answer)


class MatrixOfPsql(Matrix):
    LONG = "TLS by psql, whose library psycopg has too"

    def test_psql(self):
        def one(proxy, method, client, certificate, refusal, encrypted):
            code, output = self.psql(proxy, f"u_{method}", client, certificate)
            if refusal:
                self.assertNotEqual(code, 0)
                self.assertIn(refusal, output)
            else:
                self.assertEqual(output.strip(),
                                 f"u_{method}|{encrypted}")
        self.each(one)

    test_psycopg = test_jdbc = test_node = None


# A line of input is a connection: port, user, on or off. Each is answered by a line.
NODE = """
const {Client} = require('pg');
const fs = require('fs');
const ca = fs.readFileSync(process.argv[2]).toString();
async function attempt(port, user, tls) {
    const client = new Client({host: '127.0.0.1', port, user, password: 'secret',
        database: 'postgres', ssl: tls === 'on' ? {ca} : false});
    client.on('error', () => {});
    try {
        await client.connect();
        const result = await client.query('SELECT current_user AS who');
        await client.end();
        return 'ok ' + result.rows[0].who;
    } catch (error) {
        return error.message.split('\\n').join(' ');
    }
}
(async () => {
    for (const line of fs.readFileSync(0).toString().trim().split('\\n'))
        console.log(await attempt(...line.split(' ')));
    process.exit(0);
})();
"""


class Listening(Servers):
    """What clients are offered, beyond what their drivers ask for."""

    def connect(self, proxy):
        client = socket.create_connection(("127.0.0.1", proxy.port), 10)
        self.addCleanup(client.close)
        return client

    def context(self, protocols=("postgresql",), **options):
        context = ssl.create_default_context(cafile=self.authority.certificate,
                                             **options)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    def secure(self, client, context=None):
        """After SSLRequest."""
        client.sendall(SSL_REQUEST)
        self.assertEqual(client.recv(1), b"S")
        return (context or self.context()).wrap_socket(
            client, server_hostname="localhost")

    def assert_logs_in(self, client):
        client.sendall(startup())
        self.assertEqual(client.recv(9), b"R\0\0\0\x08\0\0\0\0")

    def test_direct_tls(self):
        proxy = self.start("require")
        client = self.context().wrap_socket(self.connect(proxy),
                                            server_hostname="localhost")
        self.assertEqual(client.selected_alpn_protocol(), "postgresql")
        self.assert_logs_in(client)

    def test_direct_tls_has_to_name_the_protocol(self):
        proxy = self.start("allow")
        client = self.context(()).wrap_socket(self.connect(proxy),
                                              server_hostname="localhost")
        self.assertIn(b"has to name the protocol", client.recv(1000))
        with self.assertRaises(ssl.SSLError):
            self.context(("http/1.1",)).wrap_socket(
                self.connect(proxy), server_hostname="localhost")

    def test_direct_tls_where_none_is_offered(self):
        client = self.connect(self.start("off"))
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        self.assertEqual(client.recv(100), b"")

    def test_tls_after_gss(self):
        client = self.connect(self.start("allow"))
        client.sendall(GSS_REQUEST)
        self.assertEqual(client.recv(1), b"N")
        self.assert_logs_in(self.secure(client, self.context(())))

    def test_nothing_passes_in_the_clear_behind_the_question(self):
        for listen in ("allow", "off"):
            proxy = self.start(listen)
            for request in (SSL_REQUEST, GSS_REQUEST):
                client = self.connect(proxy)
                client.sendall(request + startup())
                answer = client.recv(1000)
                self.assertEqual(answer[:1], b"E", answer)
                self.assertIn(b"received unencrypted data after", answer)
            # In a packet of its own it is no handshake.
            client = self.connect(proxy)
            client.sendall(SSL_REQUEST)
            client.recv(1)
            client.sendall(startup())
            if listen == "allow":
                answer = client.recv(1000)
                self.assertNotIn(b"R\0\0\0\x08", answer)
                self.place.wait_for(
                    lambda name=proxy.name: "TLS handshake failed" in
                    self.place.log(name), "the log's line")

    def test_tls_is_not_begun_twice(self):
        client = self.secure(self.connect(self.start("allow")))
        client.sendall(SSL_REQUEST)
        self.assertIn(b"unsupported frontend protocol", client.recv(1000))
        direct = self.context().wrap_socket(
            self.connect(self.start("allow")), server_hostname="localhost")
        direct.sendall(SSL_REQUEST)
        with self.assertRaises(OSError):
            self.context().wrap_socket(direct, server_hostname="localhost")

    def test_clients_that_go_or_lie_in_the_handshake(self):
        proxy = self.start("allow")
        bystander = self.secure(self.connect(proxy))
        self.assert_logs_in(bystander)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        hello = self.context().wrap_bio(incoming, outgoing,
                                        server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            hello.do_handshake()
        hello = outgoing.read()
        for size in range(0, len(hello), 7):
            with socket.create_connection(("127.0.0.1", proxy.port)) as client:
                client.sendall(SSL_REQUEST)
                client.recv(1)
                client.sendall(hello[:size])
            with socket.create_connection(("127.0.0.1", proxy.port)) as client:
                client.sendall(SSL_REQUEST)
                client.recv(1)
                client.sendall(hello[:size] + b"\xff" * 20)
        bystander.sendall(b"Q\0\0\0\x0eSELECT 42\0")
        answer = b""
        while b"SELECT 1\0" not in answer:
            answer += bystander.recv(1000)
        self.assertIn(b"42", answer)

    def test_a_client_that_prefers_tls_is_told_of_in_the_log(self):
        proxy = self.start("off")
        for _ in range(2):
            self.assertEqual(self.login(proxy, "u_trust", "prefer")[0], 0)
        self.assertEqual(
            self.place.log(proxy.name).count('event="client without TLS"'), 1)

    def test_unix_sockets_go_without(self):
        port = self.place.free_port()
        proxy = Parallax(self.place, self.primary, self.primary, port=port,
                         name="unix", extra=self.listen("require"))
        with open(proxy.config) as file:
            config = file.read()
        with open(proxy.config, "w") as file:
            file.write(config.replace(
                f"listen: 127.0.0.1:{port}",
                f"listen: ['127.0.0.1:{port}', '{self.place.folder}:{port}']"))
        proxy.start("--no-mirror")
        self.addCleanup(self.place.stop_process, proxy.process)
        self.assertEqual(self.primary.psql("SELECT 1", port=port,
                                           host=self.place.folder).strip(), "1")

    def test_a_certificate_is_needed_and_must_be_known(self):
        proxy = self.start("mutual")
        stranger = Authority(self.place, "stranger").issue("eve", "u_trust")
        for certificate in (None, stranger):
            code, output = self.login(proxy, "u_trust", "require", certificate)
            self.assertNotEqual(code, 0)
            self.assertRegex(output, "certificate required|unknown ca|"
                             "SSL error|server closed")
        self.assertEqual(self.login(proxy, "u_trust", "require", self.ann)[0], 0)

    def test_reload(self):
        certificate, key = self.authority.issue("renewed", "localhost", LOCAL)
        proxy = Parallax(self.place, self.primary, self.primary, name="reload",
                         extra="listen_tls: require\n"
                         f"listen_tls_certificate: '{certificate}'\n"
                         f"listen_tls_key: '{key}'\n")
        proxy.start("--no-mirror")
        self.addCleanup(self.place.stop_process, proxy.process)

        def serial():
            client = self.secure(self.connect(proxy))
            return client, client.getpeercert()["serialNumber"]

        old, first = serial()
        self.assert_logs_in(old)
        self.authority.issue("renewed", "localhost", LOCAL)
        proxy.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: "TLS reloaded" in
                            self.place.log(proxy.name), "the reload")
        second = serial()[1]
        self.assertNotEqual(first, second)
        old.sendall(b"Q\0\0\0\x0eSELECT 42\0")
        self.place.write("renewed.crt", "no certificate\n")
        proxy.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: "TLS reload refused" in
                            self.place.log(proxy.name), "the refusal")
        self.assertEqual(serial()[1], second)
        answer = b""
        while b"SELECT 1\0" not in answer:
            answer += old.recv(1000)

    def test_much_passes_and_a_slow_reader_costs_no_memory(self):
        proxy = self.start("require", "require")
        connection = psycopg2.connect(
            host="127.0.0.1", port=proxy.port, user="u_trust",
            dbname="postgres", sslmode="require")
        with connection.cursor() as cursor:
            text_in = "x" * 20_000_000
            cursor.execute("SELECT md5(%s)", (text_in,))
            self.assertEqual(cursor.fetchone()[0],
                             hashlib.md5(text_in.encode()).hexdigest())
        client = self.secure(self.connect(proxy))
        self.assert_logs_in(client)
        query = (b"SELECT repeat('x', 100000) FROM generate_series(1, 1000)")
        client.sendall(b"Q" + struct.pack(">I", len(query) + 5) + query + b"\0")
        time.sleep(1)
        relay = proxy.process_of("run: relay")
        with open(f"/proc/{relay}/status") as file:
            peak = next(int(line.split()[1]) for line in file
                        if line.startswith("VmHWM:"))
        self.assertLess(peak, 80_000)
        got = 0
        while got < 100_000_000:
            got += len(client.recv(1 << 20))

    def test_cancel(self):
        """libpq asks for it in the clear, even where the session is on TLS."""
        proxy = self.start("require", "require")
        connection = psycopg2.connect(
            host="127.0.0.1", port=proxy.port, user="u_trust",
            dbname="postgres", sslmode="require")
        threading.Timer(1, connection.cancel).start()
        with connection.cursor() as cursor, \
                self.assertRaises(psycopg2.errors.QueryCanceled):
            cursor.execute("SELECT pg_sleep(30)")


class Access(Servers):
    """Who may log in, by the relay's own rules."""

    def connects(self, proxy, user="u_trust", mode="disable", certificate=None,
                 **parameters):
        code, output = self.login(proxy, user, mode, certificate, **parameters)
        return "" if code == 0 else output

    def test_networks(self):
        proxy = self.start(more={"access": "{networks: [127.0.0.0/8, '::1']}"})
        self.assertEqual(self.connects(proxy), "")
        proxy = self.start(more={"access": "{networks: 10.0.0.0/8}"})
        self.assertIn("does not admit clients from this address",
                      self.connects(proxy))
        # A cancel request neither: closed, as by any server, without a word.
        client = socket.create_connection(("127.0.0.1", proxy.port), 10)
        client.sendall(struct.pack(">IIII", 16, 80877102, 1, 2))
        self.assertEqual(client.recv(10), b"")
        client.close()

    def test_users_and_databases(self):
        proxy = self.start(more={
            "access": "{users: [u_trust, u_md5], databases: postgres}"})
        self.assertEqual(self.connects(proxy), "")
        self.assertEqual(self.connects(proxy, "u_md5"), "")
        self.assertIn('does not admit the user "postgres"',
                      self.connects(proxy, "postgres"))
        self.assertIn('does not admit clients of the database "template1"',
                      self.connects(proxy, dbname="template1"))
        log = self.place.log(proxy.name)
        self.assertEqual(log.count('event="client refused"'), 2)

    def test_certificates(self):
        bob = self.authority.issue("bob", "bob")
        proxy = self.start("mutual", more={
            "access": "{certificates: ['bob=u_trust', 'relay=*']}"})
        for certificate, user, admitted in (
                (self.ann, "u_trust", True), (self.ann, "postgres", False),
                (bob, "u_trust", True), (bob, "postgres", False),
                (self.relay, "postgres", True), (self.relay, "u_trust", True)):
            output = self.connects(proxy, user, "require", certificate)
            if admitted:
                self.assertEqual(output, "")
            else:
                self.assertIn("does not admit this certificate for the user "
                              f'"{user}"', output)

    def test_wrong_passwords(self):
        proxy = self.start(more={"access": "{failures: 3}"})
        wrong, limited = "password authentication failed", "so many wrong"
        for _ in range(2):
            self.assertIn(wrong, self.connects(proxy, "u_md5", password="no"))
        # One that is right begins anew.
        self.assertEqual(self.connects(proxy, "u_md5"), "")
        for _ in range(3):
            self.assertIn(wrong, self.connects(proxy, "u_md5", password="no"))
        self.assertIn(limited, self.connects(proxy, "u_md5"))
        self.assertEqual(self.connects(proxy, "u_scram"), "")
        os.kill(proxy.process_of("run: relay"), signal.SIGUSR1)
        self.place.wait_for(lambda: '"login_failures\\":5,\\"limited\\":1' in
                            self.place.log(proxy.name) or
                            '"login_failures":5,"limited":1' in
                            self.place.log(proxy.name), "the counters")


class Auth(Servers):
    """The relay logs clients in by itself."""

    SECRETS = ("""SELECT '"' || replace(rolname, '"', '""') || '" "' || """
               """rolpassword || '"' FROM pg_authid """
               """WHERE rolpassword LIKE 'SCRAM-SHA-256$%'""")

    def secrets(self, but="nobody"):
        path = self.place.write("secrets", self.primary.psql(
            f"{self.SECRETS} AND rolname <> '{but}'"))
        os.chmod(path, 0o600)
        return path

    def protect(self, listen, upstream, **options):
        return self.start(listen, upstream, more={
            "auth": f"{{file: '{self.secrets()}'}}"}, **options)

    def test_matrix(self):
        """With TLS on both sides too, as libpq comes."""
        for listen, upstream in (("off", "disable"), ("off", "verify-full"),
                                 ("allow", "disable"),
                                 ("require", "verify-full"),
                                 ("mutual", "verify-full")):
            # Whom the server asks for the password itself is not for the relay.
            secrets = self.secrets(but="u_password")
            proxy = self.start(listen, upstream,
                               more={"auth": f"{{file: '{secrets}'}}"},
                               certificate=upstream != "disable")
            for method, client in itertools.product(
                    METHODS, ("disable", "prefer", "verify-full")):
                refusal = expected(method, listen, upstream, client)
                if refusal == "channel_binding=disable":
                    refusal = None
                with self.subTest(method=method, listen=listen,
                                  upstream=upstream, client=client):
                    code, output = self.login(
                        proxy, f"u_{method}", client,
                        self.ann if listen == "mutual" else None)
                    if refusal:
                        self.assertNotEqual(code, 0)
                        self.assertIn(refusal, output)
                    else:
                        self.assertEqual(code, 0, output)
                        self.assertEqual(output[:len(method) + 2],
                                         f"u_{method}")
            self.place.stop_process(proxy.process)

    def test_binding_is_not_offered(self):
        proxy = self.protect("require", "require")
        self.assert_binding_is_not_offered(proxy)

    def test_wrong_passwords_never_reach_the_primary(self):
        proxy = self.start("require", "require", more={
            "auth": f"{{file: '{self.secrets()}'}}",
            "access": "{failures: 2}"})
        for part in ('password authentication failed for user "u_scram"',
                     'password authentication failed for user "u_scram"',
                     "so many wrong passwords"):
            code, output = self.login(proxy, "u_scram", "require",
                                     password="wrong")
            self.assertNotEqual(code, 0)
            self.assertIn(part, output)
        self.assertNotIn("password authentication failed",
                         self.place.log("primary"))

    def test_another_secret_and_a_reload(self):
        self.primary.psql("CREATE ROLE changing LOGIN PASSWORD 'one'")
        self.addCleanup(self.primary.psql, "DROP ROLE changing")
        with open(os.path.join(self.primary.data, "pg_hba.conf"), "a") as file:
            file.write("host all changing 127.0.0.1/32 scram-sha-256\n")
        self.primary.psql("SELECT pg_reload_conf()")
        proxy = self.protect("off", "disable")
        login = {"password": "one"}
        self.place.wait_for(lambda: self.login(
            proxy, "changing", "disable", **login)[0] == 0, "the login")
        self.primary.psql("ALTER ROLE changing PASSWORD 'two'")
        code, output = self.login(proxy, "changing", "disable", **login)
        self.assertNotEqual(code, 0)
        self.assertIn("the primary has another secret of this user than "
                      "auth.file", output)
        self.secrets()
        proxy.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: "secrets reloaded" in
                            self.place.log(proxy.name), "the reload")
        code, output = self.login(proxy, "changing", "disable", password="two")
        self.assertEqual(code, 0, output)
        os.chmod(self.place.path("secrets"), 0o640)
        proxy.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: "secrets not reloaded" in
                            self.place.log(proxy.name), "the refusal")
        self.assertEqual(self.login(proxy, "changing", "disable",
                                   password="two")[0], 0)

    def test_a_server_that_asks_otherwise(self):
        self.primary.psql(
            "ALTER ROLE u_password PASSWORD 'secret'")  # SCRAM, asked in plain
        proxy = self.protect("off", "disable")
        code, output = self.login(proxy, "u_password", "disable")
        self.assertNotEqual(code, 0)
        self.assertIn("in a way that auth.file cannot answer", output)

    def test_a_file_that_is_wrong(self):
        proxy = Parallax(
            self.place, self.primary, self.primary, name="auth",
            extra="auth: {file: '" + self.place.write("bad", "u_scram md5\n") +
            "'}\n")
        os.chmod(self.place.path("bad"), 0o600)
        code, output = proxy.check()
        self.assertNotEqual(code, 0)
        self.assertIn("bad, line 1", output)


class Upstream(Servers):
    """What is asked of the primary, and of the shadow."""

    def test_a_primary_without_tls(self):
        plain = Cluster(self.place, "plain").start()
        encrypted, self.primary = self.primary, plain
        self.addCleanup(setattr, self, "primary", encrypted)
        proxy = self.start("off", "prefer")
        for _ in range(2):
            self.assertEqual(self.login(proxy, "postgres", "disable")[1].strip(),
                             "postgres|f")
        self.assertEqual(self.place.log(proxy.name).count(
            'event="primary without TLS"'), 1)
        proxy = self.start("off", "require")
        code, output = self.login(proxy, "postgres", "disable")
        self.assertNotEqual(code, 0)
        self.assertIn("it does not offer TLS, which primary.tls asks for",
                      output)

    def test_a_primary_of_another_authority(self):
        other = Authority(self.place, "other")
        for mode in ("verify-ca", "verify-full"):
            proxy = self.start("off", mode, ca=other.certificate)
            code, output = self.login(proxy, "u_trust", "disable")
            self.assertNotEqual(code, 0)
            self.assertRegex(output, "TLS: the peer's certificate: "
                             "(unable to get local issuer|self-signed)")

    def test_a_primary_of_another_name(self):
        proxy = self.start("off", "verify-full")
        with open(proxy.config) as file:
            config = file.read()
        self.place.stop_process(proxy.process)
        wrong = self.authority.issue("wrong", "elsewhere", "DNS:elsewhere")
        other = Cluster(self.place, "wrong", {
            "ssl": "on", "ssl_cert_file": f"'{wrong[0]}'",
            "ssl_key_file": f"'{wrong[1]}'"}).start()
        with open(proxy.config, "w") as file:
            file.write(config.replace(f"port: {self.primary.port}",
                                      f"port: {other.port}"))
        proxy.start("--no-mirror")
        self.addCleanup(self.place.stop_process, proxy.process)
        self.assertIn("IP address mismatch",
                      self.login(proxy, "postgres", "disable")[1])

    def test_bytes_behind_the_primarys_answer(self):
        """An intruder's, before TLS: they are no part of the session."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            for answer in (b"S" + b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I",
                           b"E\0\0\0\x10SFATAL\0", b""):
                server = listener.accept()[0]
                self.assertEqual(server.recv(8), SSL_REQUEST)
                with contextlib.suppress(OSError):  # it may have hung up
                    server.sendall(answer)
                    server.shutdown(socket.SHUT_WR)
                    server.recv(1000)
                server.close()
        thread = threading.Thread(target=serve)
        thread.start()
        port, self.primary.port = self.primary.port, listener.getsockname()[1]
        try:
            proxy = self.start("off", "prefer")
        finally:
            self.primary.port = port
        for part in (b"could not connect to the primary", b"did not understand",
                     b"closed the connection when asked"):
            client = socket.create_connection(("127.0.0.1", proxy.port), 10)
            client.sendall(startup())
            answer = client.recv(1000)
            self.assertIn(part, answer)
            self.assertEqual(answer[:1], b"E")
            client.close()
        thread.join()

    def test_binding(self):
        """What is bound to one TLS connection cannot be to two."""
        proxy = self.start("allow", "require")
        self.assert_binding_is_not_offered(proxy)
        self.assertEqual(self.login(proxy, "u_scram", "require",
                                   channel_binding="disable")[1].strip(),
                         "u_scram|t")

    def test_a_shadows_tls(self):
        extra = self.upstream("verify-full")
        for shadow, wanted in ((extra, None),
                               (self.upstream("verify-full", ca=Authority(
                                   self.place, "third").certificate),
                                "certificate verify failed")):
            proxy = Parallax(self.place, self.primary, self.primary,
                             name="shadow", primary_extra=extra,
                             shadow_extra=shadow)
            code, output = proxy.check()
            if wanted:
                self.assertNotEqual(code, 0)
                self.assertIn(wanted, output)
            else:
                self.assertEqual(code, 0, output)

    def test_files_that_are_wrong(self):
        """All of them at once, before anybody is let in."""
        proxy = Parallax(
            self.place, self.primary, self.primary, name="files",
            extra="listen_tls: require\n"
            f"listen_tls_certificate: '{self.proxy[0]}'\n"
            f"listen_tls_key: '{self.relay[1]}'\n",
            primary_extra=", tls: verify-full, tls_ca: gone.pem",
            shadow_extra=f", tls: verify-ca, tls_ca: '{self.proxy[1]}'")
        for command in ("check", "run"):
            code, output = self.place.exit_code(
                [self.place.parallax, command, proxy.config])
            self.assertNotEqual(code, 0)
            for part in (f"TLS key {self.relay[1]}: key values mismatch",
                         "gone.pem: No such file or directory",
                         f"TLS CA {self.proxy[1]}"):
                self.assertIn(part, output)

    def test_options_that_could_not_be_obeyed(self):
        proxy = Parallax(self.place, self.primary, self.primary, name="options",
                         primary_extra=", options: sslmode=require")
        code, output = proxy.check()
        self.assertNotEqual(code, 0)
        self.assertIn("primary.options sets TLS", output)


if __name__ == "__main__":
    unittest.main()
