# SPDX-License-Identifier: Apache-2.0
"""House rules for the programs: each bug has a corrected twin, each head is complete."""

import os
import re
import unittest

import run_program

HERE = os.path.dirname(os.path.abspath(__file__))
BUGGY = ("leak", "deadlock", "lock_order", "misuse", "race", "trace", "kernel")


def sources(family):
    directory = os.path.join(HERE, family)
    if not os.path.isdir(directory):
        return
    for name in sorted(name for name in os.listdir(directory) if name.endswith((".c", ".cc"))):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            yield name, file.read()


class TwinsTest(unittest.TestCase):
    def test_every_buggy_program_wants_something(self):
        for family in BUGGY:
            for name, text in sources(family):
                # The bug of such a kernel ends the program by a signal, which is all there is to be seen.
                if family == "kernel" and run_program.parse_program(name, text).exit == 139:
                    continue
                self.assertTrue(run_program.parse_program(name, text).expectations, f"{family}/{name} wants nothing")

    def test_every_buggy_program_has_a_corrected_twin(self):
        for family in BUGGY:
            for name, text in sources(family):
                twin = run_program.parse_program(name, text).twin or name
                self.assertTrue(os.path.exists(os.path.join(HERE, "ok", twin)), f"{family}/{name}: no ok/{twin}")

    def test_programs_that_are_not_seen_wholly_say_what_is_missing(self):
        for name, text in sources("incomplete"):
            self.assertTrue(run_program.parse_program(name, text).incomplete, f"incomplete/{name}")

    def test_corrected_programs_want_nothing(self):
        for name, text in sources("ok"):
            self.assertEqual(run_program.parse_program(name, text).expectations, [], f"ok/{name}")

    def test_name_starts_with_the_family_and_stands_in_the_head(self):
        for family in BUGGY + ("incomplete", "ok"):
            for name, text in sources(family):
                self.assertRegex(text.splitlines()[1], r"^(//|/\*) " + re.escape(name) + ": ", f"{family}/{name}")
                if family != "ok":
                    self.assertTrue(name.startswith(family + "_"), f"{family}/{name}")


if __name__ == "__main__":
    unittest.main()
