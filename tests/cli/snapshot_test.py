#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray snapshot` of running processes, and `stray report` and `stray cat` of the dumps."""
from harness import *

STORM_S = 4


class Snapshot(StrayTest):
    def hung(self, threads="0"):
        """A hung target that is left hanging; returns its pid."""
        process = self.start("run", "--grace", "1h", "--", TARGET, "deadlock", threads)
        return self.child_of(process)

    def test_deadlock_among_fifty_threads_fits_one_screen(self):
        result = self.stray("snapshot", str(self.settled(self.hung("48"), 51)))
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("deadlock.cycle", result.stdout)
        self.assertIn("wants    mutex mutex_b, held by", result.stdout)
        self.assertLess(result.stdout.index("deadlock.cycle"), 2000)

    def test_process_goes_on_undisturbed(self):
        process = self.start("run", "--", TARGET, "idle")
        target = self.child_of(process)
        for _ in range(3):
            result = self.stray("snapshot", str(target))
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertIn("2 tasks in target", result.stdout)
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT_S), 0, process.stderr.read())

    def test_snapshots_in_a_storm_of_threads_and_children(self):
        process = self.start("run", "--quiet", "--", TARGET, "storm")
        target = self.child_of(process)
        dump = os.path.join(self.folder, "now.stray")
        until = time.monotonic() + STORM_S
        taken = 0
        while taken < 200 and time.monotonic() < until:
            result = self.stray("snapshot", "-o", dump, "--fail-on", "deadlock.*", str(target))
            self.assertEqual(result.returncode, 0, f"snapshot {taken}: {result.stdout}{result.stderr}")
            text = self.stray("cat", dump)
            self.assertEqual((text.returncode, text.stderr), (0, ""), f"snapshot {taken}")
            self.assertRegex(text.stdout, r'(?s)snapshot \{[^}]*reason: "request".*task_state \{')
            taken += 1
        self.assertGreater(taken, 0)
        process.stdin.close()
        self.assertEqual((process.stdout.read(), process.wait(LIMIT_S), process.stderr.read()),
                         ("all is well\n", 7, ""))

    def test_dump_can_be_kept_reported_and_printed(self):
        dump = os.path.join(self.folder, "now.stray")
        self.assertEqual(self.stray("snapshot", "-o", dump, str(self.settled(self.hung(), 3))).returncode, 1)
        self.assertEqual(os.stat(dump).st_mode & 0o777, 0o600)
        report = self.stray("report", dump)
        self.assertEqual(report.returncode, 1)
        self.assertIn("deadlock.cycle", report.stdout)
        self.assertEqual(self.stray("report", "--fail-on", "leak.*", dump).returncode, 0)
        text = self.stray("cat", dump).stdout
        self.assertIn("task_state {", text)
        with open(os.path.join(self.folder, "now.txt"), "w", encoding="utf-8") as file:
            file.write(text)
        again = os.path.join(self.folder, "again.stray")
        self.assertEqual(self.stray("cat", "--from-text", "now.txt", "-o", again).returncode, 0)
        self.assertEqual(self.stray("cat", again).stdout, text)
        self.assertEqual(self.stray("report", again).stdout, report.stdout.replace(dump, again))

    def test_json_of_a_snapshot(self):
        result = self.stray("snapshot", "--format", "json", str(self.settled(self.hung(), 3)))
        self.assertEqual(json.loads(result.stdout)["schema"], "stray.report/1")

    def test_process_that_is_not_there(self):
        result = self.stray("snapshot", "999999999")
        self.assertEqual((result.returncode, result.stderr), (3, "stray: there is no process 999999999\n"))

    def test_process_that_is_not_under_stray(self):
        result = self.stray("snapshot", str(os.getpid()))
        self.assertEqual(result.returncode, 3)
        self.assertIn("does not run under stray", result.stderr)

    def test_stopped_process_is_told(self):
        process = self.start("run", "--", TARGET, "sleep")
        target = self.child_of(process)
        os.kill(target, signal.SIGSTOP)
        self.addCleanup(os.kill, target, signal.SIGCONT)
        result = self.stray("snapshot", str(target))
        self.assertEqual(result.returncode, 3)
        self.assertIn("is stopped", result.stderr)

    def test_pid_must_be_a_number(self):
        self.assertEqual(self.stray("snapshot", "init").returncode, 2)


class Files(StrayTest):
    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def test_what_is_no_dump_is_unreadable(self):
        for content in (b"", b"hello\n", b"\x93STRAY\r\n"):
            path = self.write("bad.stray", content)
            for command in ("report", "cat"):
                result = self.stray(command, path)
                self.assertIn(result.returncode, (3, 4), (command, content, result.stderr))
                self.assertIn("bad.stray", result.stderr + result.stdout)

    def test_missing_file_is_unreadable(self):
        for command in ("report", "cat"):
            result = self.stray(command, "no-such.stray")
            self.assertEqual(result.returncode, 3)
            self.assertIn("no-such.stray", result.stderr)

    def test_clean_dump_is_clean(self):
        self.run_target("clean", options=["--output", "dumps"])
        dump, = os.listdir(os.path.join(self.folder, "dumps"))
        result = self.stray("report", os.path.join("dumps", dump))
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("no findings in target", result.stdout)

    def test_cut_dump_reports_what_is_whole(self):
        self.run_target("leak", options=["--output", "dumps"])
        dump, = os.listdir(os.path.join(self.folder, "dumps"))
        with open(os.path.join(self.folder, "dumps", dump), "rb") as file:
            content = file.read()
        result = self.stray("report", self.write("cut.stray", content[:-20]))
        self.assertIn(result.returncode, (1, 3, 4))
        self.assertIn("cut.stray", result.stdout + result.stderr)

    def test_usage_errors_are_2(self):
        self.assertEqual(self.stray("report").returncode, 2)
        self.assertEqual(self.stray("report", "--format", "xml", "a.stray").returncode, 2)
        self.assertEqual(self.stray("cat").returncode, 2)
        self.assertEqual(self.stray("cat", "--from-text", "a.txt").returncode, 2)


if __name__ == "__main__":
    unittest.main()
