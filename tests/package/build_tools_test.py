#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stray under build tools that run tests: Meson by its --wrapper and examples/ci/meson.build, and the command of
examples/ci/action.yml as GitHub would run it."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONSUMER = os.path.join(PROJECT, "tests", "package", "consumer")
EXAMPLES = os.path.join(PROJECT, "examples", "ci")
OPTIONS = argparse.Namespace()


class BuildToolsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        # Debian's Meson is for Debian's Python, whatever else is first in PATH.
        self.env = dict(os.environ, PATH=f"{OPTIONS.build}/bin:/usr/bin:{os.environ['PATH']}")
        for name in ("STRAY_SESSION", "STRAY_OPTIONS", "LD_PRELOAD"):
            self.env.pop(name, None)

    def run_in_folder(self, *command, **variables):
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              cwd=self.folder, env=dict(self.env, **variables))

    def build(self, source):
        shutil.copy(os.path.join(EXAMPLES, "meson.build"), self.folder)
        shutil.copy(os.path.join(CONSUMER, source), os.path.join(self.folder, "cart_test.cc"))
        done = self.run_in_folder("meson", "setup", "build")
        self.assertEqual(done.returncode, 0, done.stdout)
        done = self.run_in_folder("ninja", "-C", "build")
        self.assertEqual(done.returncode, 0, done.stdout)

    def meson_test(self, *arguments):
        return self.run_in_folder("meson", "test", "-C", "build", "--print-errorlogs", *arguments)

    def test_meson(self):
        self.build("leaky_test.cc")
        self.assertEqual(self.meson_test("cart").returncode, 0)
        for arguments in (["cart", "--wrapper", "stray run --"], ["cart under stray"]):
            done = self.meson_test(*arguments)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("exit status 66", done.stdout)
            self.assertRegex(done.stdout, r"leak\.(blocked|alive)")
        self.build_clean()

    def build_clean(self):
        shutil.copy(os.path.join(CONSUMER, "clean_test.cc"), os.path.join(self.folder, "cart_test.cc"))
        done = self.meson_test("--wrapper", "stray run --")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_github_action(self):
        with open(os.path.join(EXAMPLES, "action.yml"), encoding="utf-8") as file:
            (line,) = [line for line in file if line.strip().startswith("run: ")]
        command = line.strip().removeprefix("run: ")
        summary = os.path.join(self.folder, "summary.md")
        program = os.path.join(OPTIONS.build, "examples", "leak_test")
        done = self.run_in_folder("bash", "-c", command, STRAY_COMMAND=program, STRAY_RUN_OPTIONS="", STRAY_DUMPS="dumps",
                                  GITHUB_STEP_SUMMARY=summary)
        self.assertEqual(done.returncode, 66, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^::error file=.*leak_test\.cc,line=\d+,title=leak\.")
        with open(summary, encoding="utf-8") as file:
            self.assertIn("stray: ", file.read())
        names = os.listdir(os.path.join(self.folder, "dumps"))
        self.assertTrue(any(name.startswith("leak_test.") for name in names), names)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest])
