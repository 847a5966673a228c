#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run --seeds` and `--sched`: which orders are tried, when that ends, and what is said."""
from harness import *

GOROUTINES = os.environ["GOROUTINES"]


class Seeds(StrayTest):
    def seeds(self, verb, *options):
        result = self.stray("run", *options, "--", GOROUTINES, verb)
        self.assert_cleaned_up()
        return result

    def test_a_program_without_a_bug_is_run_with_each_seed(self):
        result = self.seeds("right", "--seeds", "5")
        self.assertEqual((result.returncode, result.stderr), (0, "stray: 5 seeds, nothing found\n"))
        self.assertEqual(result.stdout, "".join(f"right seed:{seed}\n" for seed in range(1, 6)))

    def test_the_first_seed_that_finds_something_ends_it_and_can_be_run_again(self):
        plain = self.seeds("leaks-in-some-orders")
        self.assertEqual(plain.returncode, 0, plain.stderr)
        result = self.seeds("leaks-in-some-orders", "--seeds", "200")
        self.assertEqual(result.returncode, 66, result.stderr)
        self.assertIn("leak.blocked", result.stderr)
        last = result.stderr.splitlines()[-1]
        self.assertRegex(last, "^stray: that was seed ([0-9]+); again: STRAY_SCHED=seed:\\1 stray run -- .* leaks-in-some-orders$")
        seed = last.split()[4].rstrip(";")
        self.assertEqual(len(result.stdout.splitlines()), int(seed))
        for again in (self.seeds("leaks-in-some-orders", "--sched", f"seed:{seed}"),
                      self.stray("run", "--", GOROUTINES, "leaks-in-some-orders", env=dict(self.env, STRAY_SCHED=f"seed:{seed}"))):
            self.assertEqual(again.returncode, 66, again.stderr)

    def test_all_seeds_are_run_if_that_is_asked_for(self):
        result = self.seeds("leaks-in-some-orders", "--seeds", "30", "--all-seeds")
        self.assertEqual(result.returncode, 66)
        self.assertEqual(len(result.stdout.splitlines()), 30)
        self.assertRegex(result.stderr.splitlines()[-1], "^stray: [0-9]+ of 30 seeds failed: ([0-9]+)[ 0-9]*; again: "
                                                         "STRAY_SCHED=seed:\\1 stray run -- ")

    def test_a_program_without_goroutines_is_told_and_run_once(self):
        result = self.run_target("clean", options=["--seeds", "100"])
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr, f"stray: {TARGET} does not use stray's goroutine runtime: seeds have no effect on it\n")

    def test_one_document_is_written_if_nothing_was_found(self):
        path = os.path.join(self.folder, "report.json")
        self.assertEqual(self.seeds("right", "--seeds", "3", "--format", "json", "-o", path).returncode, 0)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["findings"], [])

    def test_pct_can_be_asked_for(self):
        self.assertEqual(self.seeds("right", "--sched", "pct:3,2", "--quiet").stdout, "right pct:3,2\n")

    def test_wrong_words_are_told(self):
        for options, words in ((["--sched", "seed:x"], "neither seed:N nor pct:N,D"), (["--sched", "pct:1"], "neither seed:N"),
                               (["--seeds", "0"], "--seeds"), (["--all-seeds"], "--seeds"),
                               (["--seeds", "3", "--sched", "seed:1"], "excludes")):
            result = self.seeds("right", *options)
            self.assertEqual(result.returncode, 125, result.stderr)
            self.assertIn(words, result.stderr)


if __name__ == "__main__":
    unittest.main()
