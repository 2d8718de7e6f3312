#!/usr/bin/python3
"""Checks the rules of the house over src/ and adapters/ (docs/design.md, "The
house"), and fails with a line for each breach:

- a folder, or a room of the lens, includes only what ALLOWED names, so there is
  no circle;
- what a folder exports begins with its name, or that of one of its files or
  structs;
- no struct tag is defined in two folders;
- what a room of the lens exports begins with one of its prefixes;
- src/ names no engine: no word of WORDS stands there;
- the folders of NO_STATEMENTS write no statement of a session or definition: an
  engine's record builds or prints it;
- what the client wrote, its statements and its COPY data, is sent on by the files of
  AS_WRITTEN alone, which ask whether the shadow's engine reads it;
- what an engine's record offers (adapters/*.h, its parser and dialect in src/sql)
  is an operation, an enum or a capability: no member is a text, which would be SQL in the hands of src/.

Words that are allowed are in OWN_WORDS, with the reason beside them.

An argument is the root of another tree to check."""

import collections
import os
import re
import sys

# What each folder may include beside itself.
ALLOWED = {
    "src/base": [],
    "src/sql": ["src/base"],
    "adapters": ["src/base", "src/sql"],
    "src/config": ["src/base"],
    "src/journal": ["src/base"],
    "src/tls": ["src/base"],
    "src/sandbox": ["src/base"],
    "src/relay": ["adapters", "src/base", "src/journal", "src/tls"],
    "src/compare": ["adapters", "src/base"],
    # The lens's public face; then its rooms, each above those before it.
    "src/lens": ["adapters", "src/base", "src/compare", "src/config", "src/sql"],
    "src/lens/compile": ["adapters", "src/base", "src/config", "src/lens",
                         "src/sql"],
    "src/lens/rewrite": ["adapters", "src/base", "src/lens",
                         "src/lens/compile", "src/sql"],
    "src/lens/write": ["adapters", "src/base", "src/lens", "src/lens/compile",
                       "src/lens/rewrite", "src/sql"],
    "src/lens/plan": ["adapters", "src/base", "src/lens", "src/lens/compile",
                      "src/lens/rewrite", "src/lens/write", "src/sql"],
    "src/store": ["src/base", "src/compare"],
    "src/mirror": ["adapters", "src/base", "src/compare", "src/config",
                   "src/journal", "src/lens", "src/sql", "src/store"],
    "src/runner": ["adapters", "src/base", "src/lens"],
    "src/seed": ["adapters", "src/base", "src/config", "src/lens",
                 "src/runner", "src/sql", "src/store"],
    "src/verify": ["adapters", "src/base", "src/compare", "src/config",
                   "src/journal", "src/lens", "src/runner", "src/sql",
                   "src/store"],
    "src/laws": ["adapters", "src/base", "src/config", "src/lens",
                 "src/runner", "src/sql", "src/store"],
    "src/skew": ["adapters", "src/base", "src/config", "src/lens", "src/sql"],
    "src/draft": ["adapters", "src/base", "src/sql"],
    "src/report": ["src/base", "src/compare", "src/config", "src/sql",
                   "src/store"],
    "src/cmd": None,  # puts all of them together
    "src": ["src/cmd"],
}

# How the names of the functions begin that a room's headers declare.
PREFIXES = {
    "src/lens/compile": ("compile_", "lens_", "same_name"),
    "src/lens/rewrite": ("rewrite_",),
    "src/lens/write": ("write_",),
    "src/lens/plan": ("plan_", "lens_"),
}
# Words of modules that have neither a file nor a struct of that name.
OWN_PREFIXES = {
    "src/cmd": ["mirror"],  # mirror_options_of: options of another folder
    "src/laws": ["shown"],  # how evidence shows a value, a message, a row
    "src/relay": ["socket"],  # sockets of listeners and of the primary alike
}

# The syntax tree's types are libpg_query's in every engine (docs/design.md).
# SQL_AT (src/sql/walk.h) pastes the name of a descriptor together.
TREE = re.compile(r"\bPgQuery__\w+|\bPG_QUERY_\w+|\bpg_query__\w*|"
                  r"<pg_query/pg_query\.pb-c\.h>|libpg_query")
# Words that are the product's own where they stand.
OWN_WORDS = {
    "src/config/options.c": ["statement_timeout"],  # compare.statement_timeout
    "src/config/mapping_compare.c": ['"public"'],  # private: ... public
}
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
WORDS = re.compile("|".join((
    r"postgres\w*", r"libpq\b", r"\bPQ[a-z]\w+", r"\bpg_\w+", r"\bpsql\b",
    r"mysql\w*", r"mariadb\w*", r"innodb\w*",
    # functions, settings and types that one engine alone has
    r"\b(?:next|set|curr|last)val\b", r"\btxid_\w+",
    r"\"[^\"\n]*\bsearch_path\b",
    r"\bset_config\b", r"\bstandard_conforming_strings\b",
    r"\bstatement_timeout\b", r"\block_timeout\b", r"\bnum_nulls\b",
    r"\bclient_encoding\b", r"\bapplication_name\b",
    r"\bsession_authorization\b", r"\bsynchronous_commit\b",
    r"\bgen_random_uuid\b", r"\buuid_generate\w*", r"\bbpchar\b",
    r"\btimestamptz\b", r"\bregclass\b", r"\bint[248]\b", r"\boid\b",
    r"\bctid\b", r"\bxmin\b", r"\btableoid\b",
    r"\bsplit_part\b", r"\bto_timestamp\b", r"\bdate_part\b",
    r"\bjsonb?_build_object\b", r"\"(?:big|small)?serial[248]?\"",
    r"\"public\"", r"\"[^\"\n]*[\w$)\]]::\w", r"\"->>?\"",
    # SQLSTATEs and ports
    r"\"[0-9][0-9A-Z][0-9A-Z]{3}\"", r"\b5432\b", r"\b3306\b"))
    , re.IGNORECASE)

# How such statements begin, and the folders where no text begins so.
STATEMENTS = re.compile(
    r'"(?:BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|RESET|USE'
    r"|DISCARD|DECLARE|FETCH|MOVE|CLOSE|LISTEN|UNLISTEN|NOTIFY|PREPARE|EXECUTE"
    r"|DEALLOCATE|COPY|EXPLAIN|SHOW|LOCK|TRUNCATE|CREATE|ALTER|DROP|CALL|DO)"
    r'\b(?! (?:NULL|DEFAULT)\b)')
NO_STATEMENTS = {"src/sql", "src/relay", "src/mirror", "src/compare", "src/runner",
                 "src/seed", "src/verify", "src/laws", "src/skew"}
# Of clauses within queries and writes, whose grammar is shared.
OWN_STATEMENTS = {
    "src/sql/print_write.c": ["DO"],  # MERGE ... THEN DO NOTHING
}


# A client's own bytes on their way to the shadow, and where they pass: each place has
# another form for an engine that does not read them.
AS_WRITTEN = {
    r"\bexchange_input_read\(": {"src/mirror/batch.c", "src/mirror/copy_input.c"},
    r"\binput->text\b": {"src/lens/plan/fill.c"},
}


def files(root):
    for top in ("src", "adapters"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".def")):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    yield path, open(os.path.join(root, path)).read()


def folder_of(path):
    """src/sql/print.c: src/sql; a room of the lens: src/lens/write; what is
    below adapters/: adapters."""
    parts = path.split("/")
    if parts[0] == "adapters":
        return "adapters"
    if parts[:2] == ["src", "lens"] and len(parts) > 3:
        return "/".join(parts[:3])
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def includes(text):
    for name in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE):
        if ".pb-c." in name or name.endswith(".sql.h") or "/" not in name:
            continue
        yield folder_of(name if name.startswith(("adapters/", "src/"))
                        else "src/" + name)


def check_dependencies(sources, breaches):
    arrows = collections.defaultdict(set)
    for path, text in sources:
        folder = folder_of(path)
        if folder not in ALLOWED:
            breaches.append(f"{path}: the folder {folder} is not in ALLOWED")
            continue
        for target in includes(text):
            if target == folder:
                continue
            arrows[folder].add(target)
            if ALLOWED[folder] is not None and target not in ALLOWED[folder]:
                breaches.append(f"{path}: {folder} must not include {target}")
    for folder in sorted(arrows):
        for target in sorted(arrows[folder]):
            if folder in arrows.get(target, ()) and folder < target:
                breaches.append(f"{folder} and {target} include each other")


def declared_functions(text):
    """The functions that a header declares or defines."""
    text = STRING.sub('""', COMMENT.sub("", text))
    text = re.sub(r"#(?:.*\\\n)*.*", "", text)
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)+", "", text, flags=re.DOTALL)
    depth, outside = 0, []
    for char in text:
        if char in "{(":
            outside.append("(" if char == "(" and depth == 0 else "")
            depth += 1
        elif char in "})":
            depth -= 1
        elif depth == 0:
            outside.append(char)
    # (names in capitals are macros)
    return [name for name in re.findall(r"\b(\w+)\(", "".join(outside))
            if not name.isupper()]


def numbers(word):
    """A word with its singular and plural: listener_, listeners_."""
    return {word, word + "s", word + "es", word.removesuffix("s"),
            word.removesuffix("es")}


def words_of_modules(folder, sources):
    """The words with which the names of the folder's functions may begin: its
    own, those of its files, and the tags of its headers."""
    words = {os.path.basename(folder), *OWN_PREFIXES.get(folder, ())}
    for path, text in sources:
        if os.path.dirname(path) != folder:
            continue
        words.update(os.path.splitext(os.path.basename(path))[0].split("_"))
        if path.endswith(".h"):
            for tag in re.findall(r"\b(?:struct|enum) (\w+)(?=\s*\{|;)",
                                  COMMENT.sub("", text)):
                words.update((tag, tag.split("_")[0]))
    words -= {"internal", "state"}
    return {form + "_" for word in words for form in numbers(word)}


def check_prefixes(sources, breaches):
    words = {}
    for path, text in sources:
        if not path.endswith(".h"):
            continue
        folder = os.path.dirname(path)
        prefixes = PREFIXES.get(folder)
        if prefixes is None:
            if folder not in words:
                words[folder] = words_of_modules(folder, sources)
            prefixes = tuple(words[folder])
        for name in declared_functions(text):
            if not name.startswith(prefixes):
                breaches.append(
                    f"{path}: {name} begins with " +
                    ("none of " + ", ".join(PREFIXES[folder])
                     if folder in PREFIXES else "no folder's, file's or struct's name"))


def check_engines(sources, breaches):
    """An engine's folder includes nothing of another engine's."""
    for path, text in sources:
        engine = re.match(r"adapters/(\w+)/", path)
        if not engine:
            continue
        for other in re.findall(r'#include "adapters/(\w+)/', text):
            if other != engine[1]:
                breaches.append(f"{path}: includes adapters/{other}")


# A record's texts that are names for people.
NAMES = {("adapters/adapter.h", "name"), ("adapters/wire.h", "engine"),
         ("src/sql/dialect.h", "name"), ("src/sql/parser.h", "name")}
RECORD_FILES = re.compile(r"adapters/\w+\.h|src/sql/(?:dialect\w*|parser)\.h")
RECORDS = re.compile(r"^struct (adapter|sql_dialect|parser|\w+_ops) \{(.*?)^\};",
                     re.MULTILINE | re.DOTALL)


def check_records(sources, breaches):
    """No member of a record of operations is a text."""
    for path, text in sources:
        if not RECORD_FILES.fullmatch(path):
            continue
        bare = COMMENT.sub("", text)
        for tag, body in RECORDS.findall(bare):
            for member in re.findall(r"^\s*(?:const\s+)?char\b(?=[^;]*[*\[])"
                                     r"[\s\w*]*?(\w+)(?:\[\w*\])?;", body, re.MULTILINE):
                if (path, member) not in NAMES:
                    breaches.append(f"{path}: {tag}.{member} is a text: make it "
                                    "an operation, an enum or a capability")


def check_tags(sources, breaches):
    homes = collections.defaultdict(set)
    for path, text in sources:
        for tag in re.findall(r"^(?:struct|enum|union) (\w+)\s*\{", text,
                              re.MULTILINE):
            homes[tag].add(folder_of(path) if path.endswith(".h")
                           else os.path.dirname(path))
    for tag, folders in sorted(homes.items()):
        if len(folders) > 1:
            breaches.append(f"struct or enum {tag} is defined in "
                            + " and in ".join(sorted(folders)))


def check_words(sources, breaches):
    for path, text in sources:
        if not path.startswith("src/"):
            continue
        # comments keep their line breaks, so that lines can be numbered
        bare = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
        for number, line in enumerate(TREE.sub("", bare).split("\n"), 1):
            for word in WORDS.findall(line):
                if word not in OWN_WORDS.get(path, ()):
                    breaches.append(f"{path}:{number}: {word} is an engine's: "
                                    "ask the adapter (adapters/adapter.h)")


def check_statements(sources, breaches):
    for path, text in sources:
        if folder_of(path) not in NO_STATEMENTS:
            continue
        bare = COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
        for number, line in enumerate(bare.split("\n"), 1):
            for word in STATEMENTS.findall(line):
                if word.strip('" ') not in OWN_STATEMENTS.get(path, ()):
                    breaches.append(f"{path}:{number}: writes {word.strip(chr(34))}: "
                                    "ask the engine's record to build or print it")


def check_as_written(sources, breaches):
    for path, text in sources:
        if not path.startswith(("src/mirror/", "src/lens/")):
            continue
        for pattern, allowed in AS_WRITTEN.items():
            if path not in allowed and re.search(pattern, COMMENT.sub("", text)):
                breaches.append(f"{path}: takes what the client wrote: another "
                                "engine may not read it")


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sources = list(files(sys.argv[1] if len(sys.argv) > 1 else here))
    breaches = []
    for rule in (check_dependencies, check_prefixes, check_engines,
                 check_records, check_tags, check_words,
                 check_statements, check_as_written):
        rule(sources, breaches)
    for breach in breaches:
        print(f"house-check: {breach}")
    print(f"house-check: {len(sources)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
