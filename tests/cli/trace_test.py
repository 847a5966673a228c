#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run --trace`: what is recorded, kept, printed, and found; examples/prediction.cc is the program."""
import collections

from harness import *

TSAN = os.path.join(os.environ["EXAMPLES"], "prediction_tsan")
TRACE = os.path.join(os.environ["EXAMPLES"], "prediction_trace")
LOCKERS = os.environ["LOCKERS"]
OUTPUT = "page 2, 110 and 90\n"


@unittest.skipUnless(os.path.exists(TRACE), "no program has two sanitizers")
class Prediction(StrayTest):
    def dump(self, *options):
        """The path of the one dump of a traced run."""
        result = self.stray("run", "--trace", "--output", self.folder, *options, "--", TRACE)
        self.assertEqual((result.returncode, result.stdout), (66, OUTPUT), result.stderr)
        dumps = [name for name in os.listdir(self.folder) if name.endswith(".stray")]
        self.assertEqual(len(dumps), 1)
        return os.path.join(self.folder, dumps[0])

    def ids(self, path):
        """Of the findings of a report."""
        return sorted(finding["id"] for finding in json.loads(self.stray("report", "--format", "json", path).stdout)["findings"])

    def test_the_sanitizer_finds_nothing_in_this_run(self):
        plain = subprocess.run(["setarch", "-R", TSAN], capture_output=True, text=True, check=False)
        self.assertEqual((plain.returncode, plain.stdout, plain.stderr), (0, OUTPUT, ""))
        report = json.loads(self.stray("run", "--format", "json", "-o", "-", "--quiet", "--", TSAN).stdout.split(OUTPUT)[-1])
        self.assertEqual([f["id"] for f in report["findings"] if f["id"].startswith(("race", "deadlock"))], [])

    def test_without_stray_the_program_is_what_it_was(self):
        plain = subprocess.run([TRACE], capture_output=True, text=True, check=False)
        self.assertEqual((plain.returncode, plain.stdout, plain.stderr), (0, OUTPUT, ""))

    def test_without_trace_nothing_is_recorded(self):
        result = self.stray("run", "--output", self.folder, "--", TRACE)
        self.assertNotIn("predicted", result.stderr)
        text = self.stray("cat", os.path.join(self.folder, os.listdir(self.folder)[0])).stdout
        self.assertNotIn("trace_block", text)

    def test_a_race_and_a_deadlock_are_foreseen(self):
        result = self.stray("run", "--trace", "--", TRACE)
        self.assertEqual((result.returncode, result.stdout), (66, OUTPUT))
        self.assertRegex(result.stderr, r"race\.predicted  proved")
        self.assertRegex(result.stderr, r"last_printed is written by G\d+ at Print \(prediction\.cc:\d+\)")
        self.assertRegex(result.stderr, r"deadlock\.predicted  proved")
        self.assertRegex(result.stderr, r"writes last_printed  Print \(\S+\) +writes last_printed  Print")
        self.assertRegex(result.stderr, r"locks savings  Transfer \(\S+\) +locks checking  Transfer")
        self.assertNotIn("lock-order", result.stderr)

    def test_a_dump_keeps_it_all(self):
        dump = self.dump()
        self.assertEqual(self.ids(dump), ["deadlock.predicted", "race.predicted"])
        text = self.stray("cat", dump).stdout
        self.assertIn("trace_block {", text)
        again = os.path.join(self.folder, "again.dump")
        with open(os.path.join(self.folder, "dump.txt"), "w", encoding="utf-8") as file:
            file.write(text)
        self.assertEqual(self.stray("cat", "--from-text", file.name, "-o", again).returncode, 0)
        self.assertEqual(self.stray("cat", again).stdout, text)
        explained = self.stray("explain", dump, "1").stdout
        self.assertIn("last_printed", explained)

    def test_it_is_printed_in_words_and_in_those_of_others(self):
        dump = self.dump()
        printed = self.stray("cat", "--trace", dump)
        self.assertEqual(printed.returncode, 0, printed.stderr)
        operations = collections.Counter(line.split("|")[1].split("(")[0] for line in printed.stdout.splitlines())
        self.assertGreaterEqual(operations["acq"], 6)
        self.assertEqual(operations["acq"], operations["rel"])
        self.assertGreaterEqual(operations["fork"], 4)
        self.assertGreaterEqual(operations["sig"], 2)
        self.assertEqual(self.ids(self.write("own.std", printed.stdout)),
                         ["deadlock.predicted", "race.predicted"])
        rapid = self.stray("cat", "--trace", "--rapid", dump)
        words = {line.split("|")[1].split("(")[0] for line in rapid.stdout.splitlines()}
        self.assertLessEqual(words, {"r", "w", "acq", "rel", "req", "fork", "join", "begin", "end", "enter", "exit",
                                     "branch", "dummy"})
        # Without the order of relaxed atomics more would be possible.
        found = self.ids(self.write("rapid.std", rapid.stdout))
        self.assertIn("race.predicted", found)
        self.assertNotIn("race.data", found)

    def test_who_has_no_trace_has_none_to_print(self):
        path = os.path.join(self.folder, "dumps")
        self.stray("run", "--output", path, "--", "true")
        result = self.stray("cat", "--trace", os.path.join(path, os.listdir(path)[0]))
        self.assertEqual((result.returncode, result.stdout), (3, ""))
        self.assertIn("no trace", result.stderr)


class Locks(StrayTest):
    def lock(self, *arguments, options=("--trace",)):
        return self.stray("run", *options, "--", LOCKERS, *arguments)

    def test_locks_alone_foresee_a_deadlock_of_a_program_that_was_not_built_for_it(self):
        result = self.lock("apart")
        self.assertEqual((result.returncode, result.stdout), (66, "done\n"))
        self.assertIn("deadlock.predicted  likely", result.stderr)
        self.assertIn("What tasks read is not in the trace", " ".join(result.stderr.split()))
        self.assertNotIn("lock-order.cycle", result.stderr)

    def test_who_waits_for_room_loses_nothing(self):
        result = self.lock("often", "300000")
        self.assertEqual((result.returncode, result.stdout), (0, "done\n"), result.stderr)

    def test_who_does_not_wait_says_what_it_has_lost(self):
        result = self.lock("often", "300000", options=["--trace=drop"])
        self.assertEqual(result.stdout, "done\n")
        self.assertEqual(result.returncode, 67 if "events of the trace were not kept" in result.stderr else 0, result.stderr)

    def test_a_limit_of_what_is_kept_is_told(self):
        result = self.lock("often", "1000000", options=["--trace", "--trace-size", "1"])
        # So regular a trace packs well; either way nothing is left out in silence.
        self.assertEqual(result.returncode, 67 if "the trace was cut: 1 MiB" in result.stderr else 0, result.stderr)

    def test_a_trace_that_is_too_long_for_prediction_is_said_to_be(self):
        result = self.lock("often", "1000", options=["--trace", "--trace-events", "3"])
        self.assertEqual((result.returncode, result.stdout), (67, "done\n"), result.stderr)
        said = " ".join(result.stderr.split())
        self.assertIn("data is incomplete", said)
        self.assertRegex(said, r"prediction was left out: \d+ events, and 3 is the limit \(--trace-events\)")
        result = self.lock("apart", options=["--trace", "--trace-events", "3"])
        self.assertNotIn("deadlock.predicted", result.stderr)
        self.assertIn("prediction was left out", " ".join(result.stderr.split()))

    def test_bad_options(self):
        for bad in (["--trace=often"], ["--trace-size", "4"], ["--trace-events", "4"], ["--trace", "--trace-events", "-1"], ["--trace", "--trace-size", "0"]):
            result = self.stray("run", *bad, "--", "true")
            self.assertEqual(result.returncode, 125, (bad, result.stderr))


if __name__ == "__main__":
    unittest.main()
