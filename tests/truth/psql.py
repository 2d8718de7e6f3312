"""psql's side of a script: statements cut as psql cuts them, variables put in, and
its own commands as far as a session's state hangs on them."""

import os
import re

TOKEN = re.compile(r"""
    (?P<space>\s+|--[^\n]*)
  | (?P<comment>/\*)
  | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*'?)
  | (?P<plain>'(?:[^']|'')*'?)
  | (?P<quoted>"(?:[^"]|"")*"?)
  | (?P<dollar>\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$)
  | (?P<cast>::|:=)
  | (?P<variable>:(?:[A-Za-z0-9_\x80-\uffff]+|'[A-Za-z0-9_]+'|"[A-Za-z0-9_]+"
      |\{\?[A-Za-z0-9_]+\}))
  | (?P<word>[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*)
  | (?P<number>\d[\w.]*|\$\d+)
  | (?P<backslash>\\)
  | (?P<other>.)
""", re.X | re.S)
BACKSLASHED = re.compile(r"'(?:[^'\\]|\\.|'')*'?", re.S)
TRUE = ("t", "tr", "tru", "true", "1", "on", "y", "ye", "yes")
SENDS = ("g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch")


def literal(text):
    quoted = "'" + text.replace("'", "''") + "'"
    return " E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


def data_block(text, at):
    """The lines up to "\\." and where they end; (None, at) if there are none."""
    start = text.find("\n", at) + 1
    end = re.compile(r"^\\\.[ \t]*$", re.M).search(text, start)
    if not start or not end:
        return None, at
    return text[start:end.start()], end.end()


class Script:
    """Subclasses say what execute(), connect() do."""

    def __init__(self, variables):
        self.variables = dict(variables)
        self.conditions = []            # (taken now, has been taken)
        self.backslashes = False        # standard_conforming_strings is off

    # What a subclass does

    def execute(self, text, rows=False, data=None):
        """Gives (columns, rows or None, how many blocks of data it took)."""
        raise NotImplementedError

    def several(self, text, data):
        """Statements in one message; gives the blocks of data taken."""
        raise NotImplementedError

    def connect(self, database, user):
        raise NotImplementedError

    # Scanning

    def live(self):
        return all(taken for taken, _ in self.conditions)

    def reset(self):
        self.parts, self.words = [], []
        self.parens = self.begins = 0
        self.joined = False

    def run(self, text):
        self.text, self.at = text, 0
        self.reset()
        while self.at < len(text):
            self.step()
        self.send()

    def step(self):
        match = TOKEN.match(self.text, self.at)
        kind, token = match.lastgroup, match.group()
        self.at = match.end()
        if kind == "comment":
            token = self.comment(match.start())
        elif kind == "plain" and self.backslashes:
            token = BACKSLASHED.match(self.text, match.start()).group()
            self.at = match.start() + len(token)
        elif kind == "dollar":
            end = self.text.find(token, self.at)
            end = len(self.text) if end < 0 else end + len(token)
            token, self.at = self.text[match.start():end], end
        elif kind == "variable":
            token = self.variable(token)
        elif kind == "word":
            self.word(token.lower())
        elif kind == "backslash":
            return self.backslash()
        elif token == "(":
            self.parens += 1
        elif token == ")":
            self.parens -= self.parens > 0
        elif token == ";" and not self.parens and not self.begins:
            return self.send()
        self.parts.append(token)

    def comment(self, start):
        depth = 0
        for match in re.compile(r"/\*|\*/").finditer(self.text, start):
            depth += 1 if match.group() == "/*" else -1
            if not depth:
                self.at = match.end()
                break
        else:
            self.at = len(self.text)
        return self.text[start:self.at]

    def word(self, word):
        """BEGIN ATOMIC ... END of a function holds semicolons."""
        self.words.append(word)
        first = self.words[:4]
        if first[0] == "create" and ("function" in first[1:4] or
                                     "procedure" in first[1:4]):
            if word == "begin" or (word == "case" and self.begins):
                self.begins += 1
            elif word == "end" and self.begins:
                self.begins -= 1

    def variable(self, token):
        name = token.strip(":'\"{}?")
        if token[1] == "{":
            return "TRUE" if name in self.variables else "FALSE"
        if name not in self.variables:
            return token
        value = self.variables[name]
        if token[1] == "'":
            return literal(value)
        if token[1] == '"':
            return '"' + value.replace('"', '""') + '"'
        return value

    # Sending

    def send(self, rows=False):
        text, joined = "".join(self.parts).strip(), self.joined
        self.reset()
        if not self.live() or not re.sub(r"--[^\n]*|\s+", "", text):
            return None
        data, _ = data_block(self.text, self.at) \
            if re.search(r"(?i)\bfrom\s+stdin", text) else (None, 0)
        if joined:
            taken, columns, found = self.several(text, data), [], None
        else:
            columns, found, taken = self.execute(text, rows, data)
        for _ in range(taken if data is not None else 0):
            _, self.at = data_block(self.text, self.at)
        return columns, found

    # Backslash commands

    def backslash(self):
        if self.text[self.at:self.at + 1] in (";", ":"):
            self.joined |= self.text[self.at] == ";"
            self.parts.append(self.text[self.at])
            self.at += 1
            return
        name = re.compile(r"[^\s\\]*").match(self.text, self.at).group()
        if self.text[self.at:self.at + 1] == "\\":
            name = "\\"
        self.at += len(name)
        if name in ("copy", "!"):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            rest, self.at = self.text[self.at:end], end
            arguments = [rest.strip()]
        else:
            arguments = self.arguments()
        if name in ("if", "elif", "else", "endif"):
            self.condition(name, arguments)
        elif self.live():
            self.command(name, arguments)

    def arguments(self):
        found, current = [], None
        while self.at < len(self.text) and self.text[self.at] not in "\n\\":
            char = self.text[self.at]
            if char.isspace():
                if current is not None:
                    found.append(current)
                    current = None
                self.at += 1
                continue
            current = current or ""
            if char == "'":
                end = re.compile(r"'(?:[^'\\]|\\.|'')*'?").match(
                    self.text, self.at)
                value = end.group()[1:-1].replace("''", "'")
                current += re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}
                                  .get(m[1], m[1]), value)
            elif char == '"':
                end = re.compile(r'"[^"]*"?').match(self.text, self.at)
                current += end.group()
            else:
                end = TOKEN.match(self.text, self.at)
                current += self.variable(end.group()) \
                    if end.lastgroup == "variable" else end.group()[:1]
            self.at = end.end() if char in "'\"" or \
                end.lastgroup == "variable" else self.at + 1
        return found + ([current] if current is not None else [])

    def condition(self, name, arguments):
        true = bool(arguments) and arguments[0].lower() in TRUE
        if name != "if" and not self.conditions:
            return
        if name == "if":
            self.conditions.append((true, true))
        elif name == "endif":
            self.conditions.pop()
        else:
            taken = self.conditions[-1][1]
            true = not taken and (name == "else" or true)
            self.conditions[-1] = (true, taken or true)

    def command(self, name, arguments):
        if name in SENDS:
            self.send_by(name, arguments)
        elif name == "r":
            self.reset()
        elif name == "set":
            if arguments:
                self.variables[arguments[0]] = "".join(arguments[1:])
        elif name == "unset":
            self.variables.pop(arguments[0], None)
        elif name == "getenv":
            if arguments[1] in os.environ:
                self.variables[arguments[0]] = os.environ[arguments[1]]
        elif name in ("c", "connect"):
            plain = ["" if one == "-" else one.strip('"') for one in arguments]
            plain += ["", ""]
            self.connect(plain[0], plain[1])
        elif name == "copy":
            self.copy(arguments[0])
        elif name in ("q", "quit"):
            self.at = len(self.text)

    def send_by(self, name, arguments):
        if name == "gdesc":
            return self.reset()
        answer = self.send(name in ("gset", "gexec"))
        columns, rows = answer if answer else ([], None)
        if name == "gset" and rows is not None and len(rows) == 1:
            prefix = arguments[0] if arguments else ""
            for column, value in zip(columns, rows[0]):
                if value is None:
                    self.variables.pop(prefix + column, None)
                else:
                    self.variables[prefix + column] = value
        if name == "gexec":
            for text in [cell for row in rows or [] for cell in row if cell]:
                self.execute(text)

    def copy(self, rest):
        """\\copy of the script's own lines, or of a file."""
        match = re.match(r"(?is)(.*\b)(from|to)\s+('(?:[^']|'')*'|\S+)(.*)",
                         rest)
        if not match:
            return
        head, way, where, tail = match.groups()
        inner = where.lower() in ("stdin", "stdout", "pstdin", "pstdout")
        data = None
        if way.lower() == "from" and inner:
            data, end = data_block(self.text, self.at)
        elif way.lower() == "from":
            if not os.path.exists(where.strip("'")):
                return
            with open(where.strip("'")) as file:
                data = file.read()
        side = "STDIN" if way.lower() == "from" else "STDOUT"
        _, _, taken = self.execute(f"COPY {head}{way} {side}{tail}".rstrip(" ;"),
                                   data=data)
        if taken and side == "STDIN" and inner and data is not None:
            self.at = end
