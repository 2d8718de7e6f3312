#!/usr/bin/python3
"""Breaks each rule of house-check.py once, in a small tree, and sees it found."""

import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     "house-check.py")
SOUND = {
    "src/base/arena.h": "struct arena {\n\tint size;\n};\n",
    "src/sql/print.c": '#include "base/arena.h"\n'
                       "/* As PostgreSQL's pg_get_viewdef does: 42601. */\n"
                       "PgQuery__Node *node = PG_QUERY__NODE__INIT;\n",
    "src/lens/write/rows.h": "void write_rows(int count);\n",
    "adapters/adapter.h": "struct adapter {\n\tconst char *name;\n};\n",
    "adapters/postgres/text.c": '#include "adapters/adapter.h"\n'
                                'const char *text = "pg_catalog";\n',
}


def check(changes):
    """(exit status, output) for the sound tree with these files in it."""
    with tempfile.TemporaryDirectory() as root:
        files = {**SOUND, **changes}
        for path, text in files.items():
            path = os.path.join(root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(text)
        run = subprocess.run([sys.executable, CHECK, root],
                             capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr


class HouseCheck(unittest.TestCase):
    def breaks(self, path, text, message):
        status, output = check({path: text})
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)
        self.assertIn("1 breaches", output)

    def test_sound(self):
        status, output = check({})
        self.assertEqual(status, 0, output)

    def test_words_of_an_engine(self):
        for word in ('"pg_catalog"', '"23505"', '"42P01"', "PQexec(c)",
                     '"nextval"', '"int8"', "5432", '"SHOW search_path"',
                     "mysql_query(c)", '"bigserial"', '"split_part"', '"public"',
                     '"a::text"', '"->>"'):
            with self.subTest(word=word):
                self.breaks("src/lens/word.c", f"/* */\nx = {word};\n",
                            "src/lens/word.c:2: ")

    def test_statements_of_an_engine(self):
        for text in ('"SAVEPOINT "', '"SET LOCAL x"', '"BEGIN"', '"DECLARE c"',
                     '"CREATE TABLE "', '"USE "', '"DO"'):
            with self.subTest(text=text):
                self.breaks("src/mirror/word.c", f"/* */\nx = {text};\n",
                            "src/mirror/word.c:2: writes ")
        for text in ('"SETTING"', '"SET NULL"', '"the BEGIN"'):
            self.assertEqual(check({"src/sql/word.c": f"x = {text};\n"})[0], 0)

    def test_as_written(self):
        for path, text in (("src/mirror/more.c", "exchange_input_read(e, 0);"),
                           ("src/lens/plan/more.c", "send(filling->input->text);")):
            self.breaks(path, f"{text}\n", "takes what the client wrote")

    def test_upward_include(self):
        self.breaks("src/base/up.c", '#include "lens/lens.h"\n',
                    "src/base must not include src/lens")
        self.breaks("src/lens/compile/up.c", '#include "lens/plan/plan.h"\n',
                    "src/lens/compile must not include src/lens/plan")
        self.breaks("src/relay/up.c", '#include "mirror/mirror.h"\n',
                    "src/relay must not include src/mirror")

    def test_unknown_folder(self):
        self.breaks("src/attic/old.c", "int old;\n",
                    "the folder src/attic is not in ALLOWED")

    def test_other_engine(self):
        self.breaks("adapters/mysql/text.c",
                    '#include "adapters/postgres/text.h"\n',
                    "includes adapters/postgres")

    def test_text_in_a_record(self):
        self.breaks("adapters/session.h",
                    "struct session_ops {\n\tconst char *begin;\n};\n",
                    "session_ops.begin is a text")
        self.breaks("src/sql/dialect.h",
                    "struct sql_dialect {\n\tconst char *limit;\n};\n",
                    "sql_dialect.limit is a text")

    def test_tag_in_two_folders(self):
        self.breaks("src/sql/arena.h", "struct arena {\n\tint used;\n};\n",
                    "struct or enum arena is defined in")

    def test_prefix_of_a_room(self):
        self.breaks("src/lens/write/more.h", "void more_rows(int count);\n",
                    "more_rows begins with none of write_")

    def test_prefix_of_a_module(self):
        self.breaks("src/verify/pace.h", "void took_long(int us);\n",
                    "took_long begins with no folder's, file's or struct's name")
        self.breaks("src/verify/pace.h",
                    "#define PACE(x) \\\n\tpace_took((x), 1\n"
                    "const char *pace_text(int us);\nint long_ago(int us);\n",
                    "long_ago begins with no folder's")
        for text in ("void verify_all(void);\n", "void pace_init(void);\n",
                     "void paces_end(void);\n", "struct span {\n\tint n;\n};\n"
                     "void span_took(struct span *span);\n",
                     'static const char text[] = "SELECT format(" NAME(1) ")";\n'):
            status, output = check({"src/verify/pace.h": text})
            self.assertEqual(status, 0, output)


if __name__ == "__main__":
    unittest.main(verbosity=0)
