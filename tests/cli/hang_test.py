#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run` while the target hangs, and when somebody interrupts it."""
from harness import *


class Hang(StrayTest):
    def test_deadlock_of_all_is_reported_and_ended(self):
        ids, result = self.findings("deadlock", options=["--grace", "300ms"])
        self.assertEqual((ids, result.returncode), (["deadlock.all", "deadlock.cycle"], 66), result.stderr)
        self.assert_cleaned_up()

    def test_deadlock_is_ended_while_the_rest_stands_still(self):
        process = self.start("run", "--grace", "300ms", "--", TARGET, "deadlock_beside_input")
        self.assertEqual(process.wait(LIMIT_S), 66)  # its input is still open
        self.assertIn("deadlock.cycle", process.stderr.read())

    def test_pool_that_waits_for_input_is_left_alone(self):
        process = self.start("run", "--grace", "50ms", "--", TARGET, "idle")
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(1)
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT_S), 0, process.stderr.read())

    def test_deadlock_in_a_child_is_found(self):
        ids, result = self.findings("child", "deadlock", options=["--grace", "300ms"])
        self.assertEqual(result.returncode, 66, result.stderr)
        self.assertIn("deadlock.cycle", ids)

    def test_suppressed_deadlock_is_left_to_the_timeout(self):
        rules = os.path.join(self.folder, "rules")
        with open(rules, "w", encoding="ascii") as file:
            file.write("deadlock.*  # on purpose\n")
        options = ["--grace", "100ms", "--timeout", "1s", "--suppressions", rules]
        self.assertEqual(self.run_target("deadlock", options=options).returncode, 124)


class Timeout(StrayTest):
    def test_timeout_says_what_hangs(self):
        ids, result = self.findings("sleep", options=["--timeout", "2s"])
        self.assertEqual((ids, result.returncode), (["hang.timeout"], 124), result.stderr)

    def test_limit_of_the_test_runner_is_undercut(self):
        begin = time.monotonic()
        result = self.run_target("sleep", env=dict(self.env, TEST_TIMEOUT="3"))
        self.assertEqual(result.returncode, 124)
        self.assertLess(time.monotonic() - begin, 3)
        self.assertIn("hang.timeout", result.stderr)

    def test_children_are_ended_too(self):
        process = self.start("run", "--timeout", "500ms", "--", TARGET, "child", "sleep")
        child = self.child_of(process)
        with open(f"/proc/{child}/task/{child}/children", encoding="ascii") as file:
            grandchild = int(file.read().split()[0])
        self.assertEqual(process.wait(LIMIT_S), 124)
        self.assertFalse(is_running(child))
        self.assertFalse(is_running(grandchild))

    def test_static_program_is_cut_as_well(self):
        result = self.stray("run", "--timeout", "300ms", "--", TARGET_STATIC, "sleep")
        self.assertEqual(result.returncode, 124, result.stderr)


class Interrupt(StrayTest):
    def test_target_that_ends_well_when_asked_to_keeps_its_status(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            process = self.start("run", "--", TARGET, "server", str(int(number)))
            process.send_signal(number)
            self.assertEqual(process.wait(LIMIT_S), 0, process.stderr.read())
            self.assertEqual(process.stdout.read(), "stopped\n")

    def test_target_that_the_signal_kills_gives_the_shells_status(self):
        process = self.start("run", "--", TARGET, "sleep")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT_S), status_after_signal(signal.SIGINT))
        self.assert_cleaned_up()

    def test_second_signal_ends_a_stubborn_target_at_once(self):
        process = self.start("run", "--", TARGET, "stubborn")
        target = self.child_of(process)
        process.send_signal(signal.SIGTERM)
        # Signals of one kind are not queued: the second goes out when the first was taken.
        self.wait_until(lambda: "4000" not in self.pending(process.pid), "stray takes the signal")
        process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        self.assertEqual(process.wait(LIMIT_S), status_after_signal(signal.SIGTERM))
        self.assertLess(time.monotonic() - begin, 4)
        self.assertFalse(is_running(target))

    @staticmethod
    def pending(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return next(line for line in file if line.startswith("ShdPnd:"))

    def test_stubborn_target_is_reported_and_ended_after_a_while(self):
        process = self.start("run", "--", TARGET, "stubborn")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT_S), status_after_signal(signal.SIGINT))
        self.assertIn("nanosleep", process.stderr.read())

    def test_quit_reports_and_the_run_goes_on(self):
        process = self.start("run", "--grace", "1h", "--", TARGET, "deadlock_beside_input")
        self.settled(self.child_of(process), 3)
        process.send_signal(signal.SIGQUIT)
        self.assertIn("deadlock.cycle", self.read_until(process.stderr, "3 tasks in target"))
        self.assertTrue(is_running(self.child_of(process)))
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT_S), 66)

    def test_signals_for_the_target_are_passed_on(self):
        process = self.start("run", "--", TARGET, "server", str(int(signal.SIGUSR1)))
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.wait(LIMIT_S), 0)

    def test_ignored_signals_stay_ignored(self):
        def ignore():
            signal.signal(signal.SIGINT, signal.SIG_IGN)

        process = self.start("run", "--", TARGET, "idle", preexec_fn=ignore)
        process.send_signal(signal.SIGINT)
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT_S), 0, process.stderr.read())

    def test_killed_stray_takes_the_target_along(self):
        process = self.start("run", "--", TARGET, "stubborn")
        target = self.child_of(process)
        process.kill()
        self.wait_until(lambda: not is_running(target), "the target ends")


if __name__ == "__main__":
    unittest.main()
