"""What the program's binary is built with, so that a fault in memory is hard to
use (docs/security.md, "Hardening")."""

import os
import platform
import re
import subprocess
import unittest

import harness

PROGRAM = os.path.join(harness.BUILD, "parallax")


def readelf(*options):
    return subprocess.run(["readelf", "-W", *options, PROGRAM], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


class TestHardening(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.symbols = readelf("--dyn-syms")
        # The compiler's command line, as each unit of it records it.
        debug = subprocess.run(
            ["readelf", "--debug-dump=info", "--dwarf-depth=1", PROGRAM],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        cls.options = set(re.findall(r"DW_AT_producer.*?: (GNU C.*)", debug))
        cls.sanitized = "__asan_init" in cls.symbols

    def test_position_independent(self):
        self.assertRegex(readelf("-h"), r"Type:\s+DYN")
        self.assertRegex(readelf("-d"), r"\(FLAGS_1\).*\bPIE\b")

    def test_relocations_are_read_only(self):
        """Full RELRO: all symbols are bound at the start, and then sealed."""
        self.assertIn("GNU_RELRO", readelf("-l"))
        self.assertRegex(readelf("-d"), r"\(FLAGS_1\).*\bNOW\b")

    def test_stack_is_not_executable(self):
        stack = re.search(r"GNU_STACK.*", readelf("-l")).group()
        self.assertRegex(stack, r"\bRW\b")
        self.assertNotRegex(stack, r"\bRWE\b")

    def test_no_segment_is_writable_and_executable(self):
        self.assertNotRegex(readelf("-l"), r"LOAD.*\bRWE\b")

    def test_stack_protector(self):
        self.assertIn("__stack_chk_fail", self.symbols)

    def test_every_unit_was_hardened(self):
        self.assertTrue(self.options, "no debugging information: build with -g")
        for options in self.options:
            with self.subTest(options=options):
                self.assertIn("-fstack-protector-strong", options)
                self.assertIn("-fstack-clash-protection", options)
                if platform.machine() == "x86_64":
                    self.assertIn("-fcf-protection=full", options)

    @unittest.skipUnless(platform.machine() == "x86_64", "CET is of x86-64")
    def test_control_flow(self):
        """Functions begin with landing pads. (The program as a whole is marked for
        them only if every library that is linked in has them.)"""
        code = subprocess.run(
            ["objdump", "-d", "--no-show-raw-insn", "--disassemble=main",
             PROGRAM], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertRegex(code, r"<main>:\n\s+\w+:\s+endbr64")

    def test_fortified(self):
        """The C library's checked functions, where the compiler optimised."""
        checked = re.findall(r"\b__\w+_chk\b", self.symbols)
        if self.sanitized or any(" -O0" in options or " -O" not in options
                                 for options in self.options):
            self.skipTest("not optimised, or sanitized")
        self.assertGreater(len(set(checked) - {"__stack_chk_fail"}), 5,
                           checked)


if __name__ == "__main__":
    unittest.main()
