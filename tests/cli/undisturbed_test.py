#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A program that is looked at by snapshots does not feel it: sleeper.c."""
from harness import *

SLEEPER = os.environ["SLEEPER"]
SNAPSHOT_SIGNAL = signal.SIGRTMAX - 5


class Undisturbed(StrayTest):
    def sleeper(self, mode, disturb):
        """Runs `sleeper mode`, calling `disturb(pid)` all the time; checks that it noticed nothing."""
        process = self.start("run", "--", SLEEPER, mode)
        target = self.child_of(process)
        times = 0
        while process.poll() is None and is_running(target):
            disturb(target)
            times += 1
        output = process.stdout.read()
        self.assertEqual((process.wait(LIMIT_S), output), (0, "undisturbed\n"), process.stderr.read())
        self.assertGreater(times, 0)

    def snapshot(self, pid):
        result = self.stray("snapshot", str(pid))
        if is_running(pid):
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    @staticmethod
    def signal(pid):
        try:
            os.kill(pid, SNAPSHOT_SIGNAL)
        except ProcessLookupError:
            pass
        time.sleep(0.001)

    def test_snapshots_do_not_end_a_sleep(self):
        self.sleeper("rest", self.snapshot)

    def test_many_signals_do_not_end_a_sleep(self):
        self.sleeper("rest", self.signal)

    def test_snapshots_do_not_end_a_look(self):
        self.sleeper("looks", self.snapshot)

    def test_many_signals_do_not_end_a_look(self):
        self.sleeper("looks", self.signal)

    def test_signals_of_the_program_arrive_between_snapshots(self):
        self.sleeper("alarms", self.snapshot)

    def test_signals_of_the_program_arrive_between_many_others(self):
        self.sleeper("alarms", self.signal)


if __name__ == "__main__":
    unittest.main()
