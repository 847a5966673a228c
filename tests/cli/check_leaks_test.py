#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stray/check.h: what a program is told of itself while it goes on, from threads and goroutines (asks.cc)."""
import re

from harness import *

ASKS = os.environ["ASKS"]


class CheckLeaks(StrayTest):
    def ask(self, *arguments, options=("--prove",)):
        """States of both answers, and ids in the second."""
        result = self.stray("run", "--fail-on", "proved", *options, "--", ASKS, *arguments)
        before, _, after = result.stdout.partition("after: ")
        self.assertEqual(before, "before: done\n", result.stdout + result.stderr)
        return after.splitlines()[0], re.findall(r"(?m)^([a-z]+\.[a-z]+)$", after), after

    def test_a_leak_that_is_proved(self):
        state, ids, text = self.ask("thread", "forget")
        self.assertEqual((state, ids), ("done", ["leak.blocked"]))
        self.assertIn("Goroutine blocked for ever in chan receive", text)
        self.assertRegex(text, r"at +stray::Chan::Recv")

    def test_what_somebody_could_wake_is_none(self):
        for kind in ("thread", "goroutine"):
            for options in (("--prove",), ()):
                with self.subTest((kind, options)):
                    self.assertEqual(self.ask(kind, "pool", "pool", options=options)[:2], ("done", []))

    def test_a_deadlock_needs_no_proof_of_reach(self):
        for kind, options in (("thread", ("--prove",)), ("thread", ()), ("goroutine", ("--prove",)), ("goroutine", ())):
            with self.subTest((kind, options)):
                self.assertEqual(self.ask(kind, "deadlock", options=options)[:2], ("done", ["deadlock.cycle"]))

    def test_without_proof_a_leak_beside_tasks_at_work_is_not_known(self):
        self.assertEqual(self.ask("thread", "forget", options=())[:2], ("done", []))

    def test_unwatched_it_says_so(self):
        result = subprocess.run([ASKS, "thread", "forget"], capture_output=True, text=True, timeout=LIMIT_S,
                                env=self.env, check=True)
        self.assertEqual(result.stdout, "before: not watched\nafter: not watched\n")


if __name__ == "__main__":
    unittest.main()
