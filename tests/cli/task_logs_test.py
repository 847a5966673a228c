#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray report` on texts and profiles that list goroutines and threads: exit status, overview, formats, pipes."""
import gzip

from harness import *

RUNNING = "goroutine 1 [running]:\nmain.main()\n\t/src/main.go:9 +0x1d\n\n"
SENDS = "goroutine {} [chan send{}]:\nmain.flush(0x1)\n\t/src/cart.go:81 +0x57\ncreated by main.main in goroutine 1\n\t/src/main.go:4 +0x1b\n\n"
LISTING = RUNNING + SENDS.format(7, ", 3 minutes") + SENDS.format(8, "")
LEAK = RUNNING + SENDS.format(7, " (leaked)") + SENDS.format(8, " (leaked)")


class TaskLogs(StrayTest):
    def report(self, text, *options):
        return self.stray("report", *options, self.write("log.txt", text))

    def test_listing_is_an_overview(self):
        result = self.report(LISTING)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("stray: no findings in log.txt: 3 tasks are listed.\n\n3 tasks in log.txt", result.stdout)
        self.assertIn("   2 goroutines  blocked, the longest for 3 min, in chan send\n", result.stdout)
        self.assertIn("started  by main at main.main (main.go:4)", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_text_can_come_through_a_pipe(self):
        result = subprocess.run([STRAY, "report", "/dev/stdin"], input=LEAK, capture_output=True, text=True, timeout=LIMIT_S)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("leak.blocked", result.stdout)

    def test_leak_can_be_suppressed_and_explained(self):
        result = self.report(LEAK)
        self.assertEqual(result.returncode, 1, result.stderr)
        rules = self.write("rules", "leak.blocked function=main.flush  # known\n")
        self.assertEqual(self.report(LEAK, "--suppressions", rules).returncode, 0)
        explained = self.stray("explain", self.write("log.txt", LEAK), "1")
        self.assertEqual(explained.returncode, 0, explained.stderr)
        self.assertIn("G7 is blocked in chan send.", explained.stdout)

    def test_json_has_the_tasks_of_findings(self):
        report = json.loads(self.report(LEAK, "--format", "json").stdout)
        finding = report["findings"][0]
        self.assertEqual((finding["id"], finding["count"], finding["confidence"]), ("leak.blocked", 2, "proved"))
        self.assertEqual([frame["function"] for frame in finding["stacks"][0]["frames"]], ["main.flush"])

    def test_dump_of_a_text_gives_the_same_report(self):
        path = self.write("log.txt", LEAK)
        text = self.write("records", self.stray("cat", path).stdout)
        dump = os.path.join(self.folder, "log.stray")
        self.assertEqual(self.stray("cat", "--from-text", text, "-o", dump).returncode, 0)
        self.assertEqual(self.stray("report", dump).stdout.replace(dump, "FILE"),
                         self.stray("report", path).stdout.replace(path, "FILE"))

    def test_cut_text_is_incomplete(self):
        result = self.report(LISTING[:-60])
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn("the text ends within goroutine 8", result.stdout)

    def test_profile_of_something_else_is_unreadable(self):
        # sample_type { cpu/nanoseconds }, and the strings.
        profile = b"\x0a\x04\x08\x01\x10\x02" + b"".join(b"\x32" + bytes([len(s)]) + s for s in (b"", b"cpu", b"nanoseconds"))
        path = os.path.join(self.folder, "cpu.pb.gz")
        with gzip.open(path, "wb") as file:
            file.write(profile)
        result = self.stray("report", path)
        self.assertEqual(result.returncode, 3)
        self.assertIn("cpu.pb.gz: a pprof profile of cpu/nanoseconds: it says nothing of tasks", result.stderr)

    def test_text_without_tasks_is_unreadable(self):
        result = self.report("all is well\n")
        self.assertEqual(result.returncode, 3)
        self.assertIn("nothing that lists tasks", result.stderr)

    def test_races_and_goroutines_of_one_log_are_both_reported(self):
        race = ("==================\nWARNING: DATA RACE\nWrite at 0x00c00001a080 by goroutine 7:\n  main.f()\n"
                "      /src/a.go:5 +0x1\n\nPrevious read at 0x00c00001a080 by main goroutine:\n  main.main()\n"
                "      /src/a.go:9 +0x1\n==================\n")
        report = json.loads(self.report(race + LEAK, "--format", "json").stdout)
        self.assertEqual([finding["id"] for finding in report["findings"]], ["race.data", "leak.blocked"])


if __name__ == "__main__":
    unittest.main()
