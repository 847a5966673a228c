#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/check-agent on small libraries: what it must refuse and what it must let pass."""

import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/check-agent")
MAP = "/* exports */ STRAY_1 { global: pthread_*; local: *; };"


def check(source, *flags):
    """Runs the script on a library built from C `source`; returns (exit status, output)."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("agent.c", "agent.map", "linker.map", "agent.so")]
        texts = [source, MAP, MAP.replace("pthread_*;", "pthread_*; leaked;")]
        for name, text in zip(names, texts):
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wl,--as-needed", names[0], *flags, "-o", names[3],
                        f"-Wl,--version-script={names[2]}"], check=True)
        done = subprocess.run([sys.executable, SCRIPT, names[3], names[1]], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class CheckAgentTest(unittest.TestCase):
    def assert_refused(self, text, source, *flags):
        status, output = check(source, *flags)
        self.assertEqual(status, 1, output)
        self.assertIn(text, output)

    def test_library_with_listed_exports_passes(self):
        status, output = check("#include <stdlib.h>\nint pthread_x(void) { return abs(-1); }\n")
        self.assertEqual(status, 0, output)

    def test_export_that_is_not_listed_is_refused(self):
        self.assert_refused("exports leaked", "int leaked(void) { return 1; }\n")

    def test_second_library_is_refused(self):
        self.assert_refused("needs libm.so.6", "double cos(double);\ndouble pthread_x(double d) { return cos(d); }\n",
                            "-fno-builtin", "-lm")

    def test_foreign_unwinder_is_refused(self):
        self.assert_refused("leaves _Unwind_Resume undefined",
                            "void _Unwind_Resume(void*);\nvoid pthread_x(void) { _Unwind_Resume(0); }\n",
                            "-nostdlib", "-lc")

    def test_unwinder_linked_in_is_refused(self):
        self.assert_refused("carries an unwinder of its own (_Unwind_Resume",
                            "static void _Unwind_Resume(void) { __asm__(\"\"); }\n"
                            "__attribute__((noinline)) void pthread_x(void) { _Unwind_Resume(); }\n", "-O0")

    def test_dynamic_tls_is_refused(self):
        self.assert_refused("leaves __tls_get_addr undefined", "__thread int x;\nint* pthread_x(void) { return &x; }\n",
                            "-ftls-model=global-dynamic", "-Wl,--no-relax")

    def test_much_tls_is_refused(self):
        self.assert_refused("bytes of static TLS", "__thread int x[300];\nint pthread_x(int i) { return x[i]; }\n",
                            "-ftls-model=initial-exec")

    def test_executable_stack_is_refused(self):
        self.assert_refused("executable stack", "int pthread_x(void) { return 1; }\n", "-Wl,-z,execstack")


if __name__ == "__main__":
    unittest.main()
