#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stray under build tools that run tests: Meson by its --wrapper and examples/ci/meson.build, Bazel by its --run_under and
examples/ci/bazel, and the command of examples/ci/action.yml as GitHub would run it."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
import zipfile

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONSUMER = os.path.join(PROJECT, "tests", "package", "consumer")
BAZEL = os.path.join(PROJECT, "tests", "package", "bazel")
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

    def make_workspace(self):
        """A workspace of Bazel's with two tests and tools/stray."""
        shutil.copytree(os.path.join(BAZEL, "shop"), self.folder, dirs_exist_ok=True)
        for source in ("clean_test.cc", "leaky_test.cc"):
            shutil.copy(os.path.join(CONSUMER, source), self.folder)
        shutil.copytree(os.path.join(EXAMPLES, "bazel"), os.path.join(self.folder, "tools", "stray"))
        self.output = tempfile.mkdtemp()
        self.addCleanup(self.remove_bazel_output)

    def bazel_test(self, *arguments):
        """Without a server that stays, and without the network: what Bazel would load lies in tests/package/bazel."""
        instead = [f"--override_repository={name}={os.path.join(BAZEL, name)}"
                   for name in ("remote_coverage_tools", "rules_cc", "rules_java")]
        done = self.run_in_folder("/usr/bin/bazel", "--batch", "--nohome_rc", "--output_user_root=" + self.output, "test",
                                  *instead, "--nosandbox_debug", "--test_output=errors", "--color=no", *arguments, "//...")
        self.assertRegex(done.stdout, r"(?m)^//:clean_test +PASSED in ")
        return done

    def remove_bazel_output(self):
        subprocess.run(["chmod", "-R", "u+w", self.output], check=True)  # Bazel protects it even from its owner
        shutil.rmtree(self.output)

    def test_bazel_by_a_command(self):
        self.make_workspace()
        done = self.bazel_test()
        self.assertEqual(done.returncode, 0, done.stdout)
        done = self.bazel_test("--run_under=stray run --")
        self.assertEqual(done.returncode, 3, done.stdout)  # "build OK, but some tests failed"
        self.assertRegex(done.stdout, r"(?m)^//:leaky_test +FAILED in ")
        self.assertRegex(done.stdout, r"leak\.(blocked|alive)")

    def test_bazel_by_a_label(self):
        self.make_workspace()
        done = self.bazel_test("--run_under=//tools/stray", "--strip=never", "--copt=-g1")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^//:leaky_test +FAILED in ")
        self.assertRegex(done.stdout, r"leaky_test\.cc:\d+")
        logs = os.path.join(self.folder, "bazel-testlogs")
        self.assertFalse(os.path.exists(os.path.join(logs, "clean_test", "test.outputs", "outputs.zip")))
        with zipfile.ZipFile(os.path.join(logs, "leaky_test", "test.outputs", "outputs.zip")) as outputs:
            outputs.extractall(os.path.join(self.folder, "outputs"))
            (dump,) = [name for name in outputs.namelist() if name.endswith(".stray")]
        junit = ElementTree.parse(os.path.join(self.folder, "outputs", "stray.xml"))
        (failure,) = junit.getroot().iter("failure")
        self.assertRegex(failure.get("type"), r"leak\.(blocked|alive)")
        report = self.run_in_folder("stray", "report", os.path.join("outputs", dump))
        self.assertEqual(report.returncode, 1, report.stdout)

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
