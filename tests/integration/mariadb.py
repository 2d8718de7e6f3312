"""A MariaDB server of the tests', as Cluster is PostgreSQL's."""

import os
import shutil

import spent


class MariaDB:
    """One server on 127.0.0.1; root has no password."""

    host = "127.0.0.1"

    def __init__(self, place, name, settings=()):
        self.place = place
        self.name = name
        self.port = place.free_port()
        self.data = place.path(name)
        # The path of a unix socket is short.
        self.socket = place.path(f"{name}.sock")
        self.settings = [
            "--no-defaults", f"--datadir={self.data}", f"--port={self.port}",
            f"--socket={self.socket}", "--bind-address=127.0.0.1",
            f"--pid-file={place.path(name + '.pid')}", "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
            "--max-allowed-packet=128M", "--local-infile=1",
            "--plugin-load-add=auth_ed25519", *settings]

    def start(self):
        spent.add("servers")
        with spent.timed("starting"):
            self.place.run(["mariadb-install-db", "--no-defaults",
                            f"--datadir={self.data}",
                            "--auth-root-authentication-method=normal",
                            "--skip-test-db"])
            self.place.start([shutil.which("mariadbd") or "/usr/sbin/mariadbd",
                              *self.settings], self.name)
            self.place.wait_for_port(self.port, 60)
        return self

    def sql(self, text):
        """Runs statements as root, past any relay."""
        return self.place.run(
            ["mariadb", "--no-defaults", "--user=root", "--protocol=tcp",
             "--host=127.0.0.1", f"--port={self.port}", "--batch"], input=text)


def available():
    return bool(shutil.which("mariadb-install-db")) and \
        os.path.exists("/usr/sbin/mariadbd")
