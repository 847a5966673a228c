#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands that the documentation shows and compares what they print with what it says they print.

A block counts if it opens with

    ```console runnable

Its lines that start with `$ ` are run, one shell for the block, in an empty folder in which build/release is the build
under test and its bin/ is on PATH. The lines below a command are what it must print, standard error included: `...`
within a line stands for any text, on a line of its own for any lines. Objects without a name of their own are numbered
as they are first used, which threads do in any order: M2 stands for a mutex of any number, but everywhere for the same,
and never for the one that M3 stands for. A command that fails must be followed by `$ echo $?`.
"""

import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BLOCK = re.compile(r"^```console runnable\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OBJECT = re.compile(r"\b(Ch|Time|[BCDFJLMORSWX])(\d+)\b")  # as analyzer/report/names.cc makes them up
OPTIONS = argparse.Namespace()


def blocks():
    """Yields (place, text) of every runnable block."""
    for path in [*glob.glob(PROJECT + "/*.md"), *glob.glob(PROJECT + "/docs/*.md")]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{os.path.relpath(path, PROJECT)}:{line}", match.group(1)


def commands(block):
    """Splits a block into [command, expected output] pairs."""
    pairs = []
    for line in block.splitlines():
        if line.startswith("$ "):
            pairs.append([line[2:], []])
        else:
            pairs[-1][1].append(line)
    return pairs


class Objects:
    """The objects of a block: which are new at a place, and which were there before."""

    def __init__(self):
        self.seen = []

    def pattern(self, match):
        name = match[0]
        if name in self.seen:
            return rf"(?P={name})\b"
        others = "".join(rf"(?!(?P={other})\b)" for other in self.seen)
        self.seen.append(name)
        return rf"{others}(?P<{name}>\b{match[1]}\d+\b)"

    def escape(self, text):
        """The regular expression for `text`."""
        result, end = "", 0
        for match in OBJECT.finditer(text):
            result += re.escape(text[end:match.start()]) + self.pattern(match)
            end = match.end()
        return result + re.escape(text[end:])


def pattern(expected_lines):
    """The regular expression for the output that stands in a block."""
    objects = Objects()
    lines = []
    for line in expected_lines:
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            parts = line.rstrip().split("...")
            lines.append(r"[^\n]*?".join(objects.escape(part) for part in parts) + r"[ ]*\n")
    return re.compile(r"\A" + "".join(lines) + r"\Z")


def run(script, folder):
    environment = {**os.environ, "PATH": os.path.join(folder, "build/release/bin") + ":" + os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    return done.stdout


class PatternTest(unittest.TestCase):
    def test_dots_stand_for_any_text_in_a_line_or_any_lines(self):
        self.assertRegex("pid 12 ended\n", pattern(["pid ... ended"]))
        self.assertRegex("a\nb\nc\n", pattern(["a", "...", "c"]))
        self.assertRegex("a\nc\n", pattern(["a", "  ...", "c"]))

    def test_other_text_is_taken_literally_and_nothing_may_be_left_over(self):
        self.assertNotRegex("a+c\n", pattern(["a.c"]))
        self.assertNotRegex("a\nb\n", pattern(["a"]))
        self.assertNotRegex("x\na\n", pattern(["a"]))

    def test_objects_may_have_other_numbers_but_each_its_own(self):
        expected = pattern(["holds M2", "wants M3, held like M2"])
        self.assertRegex("holds M3\nwants M2, held like M3\n", expected)
        self.assertRegex("holds M31\nwants M3, held like M31\n", expected)
        self.assertNotRegex("holds M3\nwants M3, held like M3\n", expected)
        self.assertNotRegex("holds M3\nwants M2, held like M2\n", expected)
        self.assertNotRegex("holds M3\nwants R2, held like M3\n", expected)


class DocsTest(unittest.TestCase):
    def check_block(self, block):
        marker = "----- next command -----"
        pairs = commands(block)
        script = "\n".join(f"{command}\n(status=$?; echo '{marker}'; exit $status)" for command, _ in pairs)
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "build"))
            os.symlink(OPTIONS.build, os.path.join(folder, "build/release"))
            outputs = run(script, folder).split(marker + "\n")
        for (command, expected), output in zip(pairs, outputs):
            self.assertRegex(output, pattern(expected), "\n$ " + command)

    def test_every_runnable_block_prints_what_it_says(self):
        found = list(blocks())
        self.assertTrue(found, "no runnable block in the documentation")
        for place, block in found:
            with self.subTest(place):
                self.check_block(block)

    def test_every_package_is_explained(self):
        with open(PROJECT + "/scripts/packages.txt", encoding="utf-8") as file:
            packages = {line.strip() for line in file if not line.startswith("#")}
        with open(PROJECT + "/docs/DEPENDENCIES.md", encoding="utf-8") as file:
            explained = set(re.findall(r"`([a-z0-9.+-]+)`", file.read()))
        self.assertEqual(packages - explained, set())

    def test_links_inside_the_documentation_lead_somewhere(self):
        for path in [*glob.glob(PROJECT + "/*.md"), *glob.glob(PROJECT + "/docs/*.md")]:
            with open(path, encoding="utf-8") as file:
                targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read())
            for target in targets:
                with self.subTest(path=path, target=target):
                    self.assertTrue(os.path.exists(os.path.join(os.path.dirname(path), target)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest])
