#!/usr/bin/python3
"""Parser and printer of MySQL's dialect against a real MariaDB.

Takes the SELECT, INSERT, REPLACE, UPDATE and DELETE statements of MariaDB's own
main suite (package mariadb-test-data) and runs each test file's statements one
after the other on a server that it starts itself, in a temporary folder. For
each statement that the server accepts:

- the share that parses is counted, and the reasons of refusals;
- what parses is printed from the tree alone, and both texts are explained: EXPLAIN
  EXTENDED with SHOW WARNINGS must give the same canonical text.

    tests/truth/mariadb.py [-v] [NAME...]       names of test files, without .test

Fails below WANTED of parsed statements, or if a text differs."""

import collections
import glob
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

WANTED = 0.95
SUITE = "/usr/share/mysql/mysql-test/main"
BUILD = os.environ.get("PARALLAX_BUILD", "build")
MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO," \
    "NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION"

DML = re.compile(
    rb"^\s*\(*\s*(select|insert|replace|update|delete|with|values)\b", re.I)
# Commands of the test language; what follows them is no SQL.
COMMANDS = set("""append_file assert cat_file change_user character_set
chmod connect connection copy_file dec delimiter die diff_files dirty_close
disable_abort_on_error disable_cursor_protocol disable_info
disable_metadata disable_ps_protocol disable_ps2_protocol
disable_prepare_warnings disable_query_log disable_reconnect
disable_result_log disable_rpl_parse disable_service_connection
disable_session_track_info disable_view_protocol disable_warnings disconnect
echo enable_abort_on_error enable_cursor_protocol enable_info enable_metadata
enable_ps_protocol enable_ps2_protocol enable_prepare_warnings
enable_query_log enable_reconnect enable_result_log enable_rpl_parse
enable_service_connection enable_session_track_info enable_view_protocol
enable_warnings end error eval exec execw exit file_exists
horizontal_results if inc let list_files list_files_append_file
list_files_write_file lowercase_result mkdir move_file output perl ping
query query_attributes query_horizontal query_vertical reap remove_file
remove_files_wildcard replace_column replace_numeric_round replace_regex
replace_result require reset_connection result_format rmdir save_master_pos
send send_eval send_quit send_shutdown shutdown_server skip sleep
sorted_result source start_timer sync_slave_with_master system
vertical_results wait_for_slave_to_stop while write_file""".split())


def statements(path):
    """The SQL of a test file, as mysqltest splits it: after the delimiter."""
    delimiter, text = b";", b""
    for line in open(path, "rb").read().split(b"\n"):
        stripped = line.strip()
        if not text:
            if not stripped or stripped[:1] in b"#{}":
                continue
            if stripped[:2] == b"--":
                stripped = stripped[2:].strip()
                if not stripped.lower().startswith(b"delimiter"):
                    continue
            word = re.match(rb"[a-z_0-9]*", stripped.lower()).group().decode()
            if word == "delimiter":
                found = stripped.split(None, 1)
                if len(found) > 1:
                    delimiter = found[1].strip()
                    if len(delimiter) > 1 and delimiter.endswith(b";"):
                        delimiter = delimiter[:-1]
                continue
            if word in COMMANDS:
                if word in ("if", "while", "end"):
                    continue
                if delimiter not in line:
                    text = b"\0"  # a command over several lines
                continue
        text += line + b"\n"
        if stripped.endswith(delimiter):
            whole = text.rstrip()[:-len(delimiter)].strip()
            if not whole.startswith(b"\0"):
                yield whole
            text = b""


def literal(sql):
    """Neither variables of the test language nor placeholders of it."""
    return b"$" not in sql


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="parallax-mariadb-")
        self.user = "nobody" if os.getuid() == 0 else \
            pwd.getpwuid(os.getuid()).pw_name
        self.socket = os.path.join(self.folder, "s")
        if os.getuid() == 0:
            shutil.chown(self.folder, self.user)
        data = os.path.join(self.folder, "data")
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", "--datadir=" + data,
             "--user=" + self.user, "--auth-root-authentication-method=normal",
             "--skip-test-db"], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(
            [shutil.which("mariadbd") or "/usr/sbin/mariadbd", "--no-defaults",
             "--datadir=" + data, "--socket=" + self.socket,
             "--skip-networking", "--user=" + self.user,
             "--pid-file=" + os.path.join(self.folder, "pid"),
             "--tmpdir=" + self.folder, "--innodb-flush-log-at-trx-commit=0",
             "--character-set-server=latin1", "--max-statement-time=5",
             "--collation-server=latin1_swedish_ci",
             "--secure-file-priv=" + self.folder], stdout=self.log,
            stderr=self.log)
        for _ in range(300):
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(self.socket)
                    return
                except OSError:
                    time.sleep(0.1)
        sys.exit("the server does not start: " + self.folder)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Session:
    """Text statements over PyMySQL."""

    def __init__(self, server):
        import pymysql
        self.errors = pymysql.err.MySQLError
        self.server = server
        self.link = pymysql.connect(
            unix_socket=server.socket, user="root", charset="latin1",
            use_unicode=False, conv={}, autocommit=True, read_timeout=20)
        self.run(b"SET sql_mode='" + MODE.encode() + b"'")

    def run(self, sql):
        """Its rows; None if the server refuses."""
        cursor = self.link.cursor()
        try:
            cursor.execute(sql)
            rows = cursor.fetchall()
            while cursor.nextset():
                pass
            return rows
        except self.errors as problem:
            if problem.args and problem.args[0] in (2006, 2013):
                raise
            return None
        finally:
            cursor.close()

    def explain(self, sql):
        """The canonical text; None if it cannot be explained."""
        if self.run(b"EXPLAIN EXTENDED " + sql) is None:
            return None
        notes = [row[2].decode("latin1") for row in self.run(b"SHOW WARNINGS") or ()
                 if int(row[1]) == 1003]
        return notes[0] if notes else ""


class Printer:
    def __init__(self, version):
        self.version = version
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "tests/truth/mysql_print"), str(self.version)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def take(self, sql):
        self.process.stdin.write(b"%d\n%s" % (len(sql), sql))
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.start()
            return b"!", b"it ended"
        size = int(line)
        text = self.process.stdout.read(size)
        return text[:1], text[1:]


class Count:
    def __init__(self):
        self.accepted = self.parsed = self.explained = self.same = 0
        self.refused = collections.Counter()
        self.examples = {}
        self.wrong = []

    def refuse(self, why, sql):
        kind = re.sub(rb'"[^"]*"', b'"..."', why) \
            if not why.startswith(b"a statement") else why
        self.refused[kind] += 1
        self.examples.setdefault(kind, []).append((why, sql))


def without_brackets(text):
    """A canonical text without the brackets around queries, which MariaDB keeps
    from the source where they mean nothing."""
    out, stack, at = [], [], 0
    for part in re.findall(r"'(?:[^'\\]|\\.|'')*'|`[^`]*`|.", text, re.S):
        if part == "(":
            stack.append(re.match(r"\(+(/\* select#\d+ \*/ )?(select|with)",
                                  text[at:]) is not None)
        bracket = part == "(" and stack[-1] or \
            part == ")" and stack and stack.pop()
        if not bracket:
            out.append(part)
        at += len(part)
    return "".join(out)


def check(session, printer, sql, count):
    """One statement, before it runs."""
    before = session.explain(sql)
    kind, text = printer.take(sql)
    if kind == b"=" and before:
        after = session.explain(text)
        count.explained += 1
        if after is not None and \
                without_brackets(after) == without_brackets(before):
            count.same += 1
        else:
            count.wrong.append((sql, text, before, after))
    elif kind == b"=" and before is not None and \
            session.explain(text) is None:
        count.explained += 1
        count.wrong.append((sql, text, before, None))
    return kind, text


def one_file(server, path, printer, count):
    session = Session(server)
    session.run(b"DROP DATABASE IF EXISTS test")
    session.run(b"CREATE DATABASE test CHARACTER SET latin1")
    session.run(b"USE test")
    for sql in statements(path):
        if re.match(rb"\s*(shutdown|set\s+(global|@@global)|install|"
                    rb"drop\s+user|grant|revoke|create\s+user|kill)", sql,
                    re.I):
            continue
        if re.match(rb"\s*set\b.*(sql_mode|names|character_set|"
                    rb"collation_connection)", sql, re.I | re.S):
            continue  # one mode for all: the modes are unit tests
        take = DML.match(sql) and literal(sql)
        if take:
            kind, text = check(session, printer, sql, count)
        if session.run(sql) is None or not take:
            continue
        count.accepted += 1
        if kind == b"=":
            count.parsed += 1
        elif kind == b"-":
            count.refuse(text, sql)
        else:
            count.wrong.append((sql, text, None, None))
    session.link.close()


def report(count, verbose):
    share = count.parsed / max(count.accepted, 1)
    print("accepted by the server %d, parsed %d (%.1f %%)" %
          (count.accepted, count.parsed, 100 * share))
    print("explained %d, same canonical text %d, otherwise %d" %
          (count.explained, count.same, len(count.wrong)))
    for kind, number in count.refused.most_common(40 if verbose else 15):
        print("%5d refused: %s" % (number, kind.decode("latin1")))
        for why, sql in count.examples[kind][:6 if verbose else 0]:
            print("          %s | %s" % (
                why.decode("latin1"), sql.decode("latin1")[:150]
                .replace("\n", " ")))
    for sql, text, before, after in count.wrong[:60 if verbose else 10]:
        print("differs: %s\n  print: %s\n  from:  %s\n  to:    %s" % (
            sql.decode("latin1")[:400], text.decode("latin1")[:400],
            str(before)[:600], str(after)[:600]))
    return share >= WANTED and not count.wrong


def main():
    verbose = "-v" in sys.argv
    names = [name for name in sys.argv[1:] if name != "-v"]
    paths = [os.path.join(SUITE, name + ".test") for name in names] or \
        sorted(glob.glob(os.path.join(SUITE, "*.test")))
    if not paths:
        sys.exit("no test files in %s (package mariadb-test-data)" % SUITE)
    server, count = Server(), Count()
    try:
        session = Session(server)
        found = re.match(r"(\d+)\.(\d+)\.(\d+)",
                         session.run(b"SELECT VERSION()")[0][0]
                         .decode())
        version = sum(int(part) * scale for part, scale in
                      zip(found.groups(), (10000, 100, 1)))
        printer = Printer(version)
        for path in paths:
            try:
                one_file(server, path, printer, count)
            except session.errors as problem:
                print("%s: %s" % (os.path.basename(path), problem))
        print("MariaDB %s, %d test files" % (found.group(), len(paths)))
        good = report(count, verbose)
    finally:
        server.stop()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
