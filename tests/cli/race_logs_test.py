#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray report` on logs that ThreadSanitizer has written: real processes, log_path, exit status."""
import glob
import platform

from harness import *

SHOP = os.environ["SHOP"]


class RaceLogs(StrayTest):
    def make_log(self, *mistakes):
        """Runs the racy program with log_path in this test's folder."""
        path = os.path.join(self.folder, "race")
        # Without randomization: older runtimes do not start where there is too much of it.
        result = subprocess.run(["setarch", platform.machine(), "-R", SHOP, *mistakes], timeout=LIMIT_S,
                                env=environment(TSAN_OPTIONS=f"log_path={path}:atexit_sleep_ms=0"))
        self.assertEqual(result.returncode, 66)

    def report(self, *paths):
        """The report of `paths` as JSON, and the exit status."""
        result = self.stray("report", "--format", "json", *paths)
        return (json.loads(result.stdout) if result.stdout else None), result

    def logs(self):
        return sorted(glob.glob(os.path.join(self.folder, "race.*")))

    def test_logs_of_two_processes_are_one_finding(self):
        self.make_log("locked")
        self.make_log("other_way")
        self.assertEqual(len(self.logs()), 2)
        report, result = self.report(*self.logs())
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual([finding["id"] for finding in report["findings"]], ["race.data"])
        finding = report["findings"][0]
        self.assertEqual(finding["count"], 2)
        self.assertEqual(finding["reported"]["call_paths"], 2)
        self.assertEqual(sorted(finding["reported"]["pids"]), sorted(int(path.rsplit(".", 1)[1]) for path in self.logs()))
        self.assertEqual([len(task["held"]) for task in finding["tasks"]], [0, 1])
        self.assertEqual(finding["reported"]["memory"][0]["name"], "g_cart")
        self.assertFalse(report["incomplete"])

    def test_dump_of_a_log_gives_the_same_report(self):
        self.make_log("locked")
        text = self.write("log.txt", self.stray("cat", *self.logs()).stdout)
        dump = os.path.join(self.folder, "log.stray")
        self.assertEqual(self.stray("cat", "--from-text", text, "-o", dump).returncode, 0)
        # But for the last line, which names what was read.
        of_dump = self.stray("report", dump).stdout.replace(dump, "FILES")
        self.assertEqual(of_dump, self.stray("report", *self.logs()).stdout.replace(" ".join(self.logs()), "FILES"))

    def test_suppressed_race_is_no_failure(self):
        self.make_log("locked")
        rules = self.write("rules", "race.data object=g_cart  # known\n")
        self.assertEqual(self.stray("report", "--suppressions", rules, *self.logs()).returncode, 0)

    def test_cut_log_without_findings_is_incomplete(self):
        path = self.write("race.1", "==================\nWARNING: ThreadSanitizer: data race (pid=1)\n")
        report, result = self.report(path)
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertTrue(report["incomplete"])

    def test_file_without_any_report_is_unreadable(self):
        self.assertEqual(self.report(self.write("other", "17 tests passed\n"))[1].returncode, 3)
        self.assertEqual(self.report(self.write("empty", ""))[1].returncode, 3)


if __name__ == "__main__":
    unittest.main()
