#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray confirm`: what was predicted is made to happen, or it is said why not. confirmable.cc and examples/prediction.cc
are the programs."""
import re
import shlex

from harness import *
from harness import shutil, thread_states

TRACE = os.path.join(os.environ["EXAMPLES"], "prediction_trace")
CONFIRMABLE = os.environ.get("CONFIRMABLE", "")
CONFIRMABLE_PLAIN = os.environ.get("CONFIRMABLE_PLAIN", "")
SEEDS = range(1, 40)


@unittest.skipUnless(os.path.exists(TRACE), "no program has two sanitizers")
class Confirm(StrayTest):
    def setUp(self):
        super().setUp()
        self.dumps = os.path.join(self.folder, "dumps")

    def dump(self, *command, seeds=SEEDS, cwd=None):
        """The dump of a run that did not show what it foresees: its path."""
        for seed in seeds:
            shutil.rmtree(self.dumps, ignore_errors=True)
            result = self.stray("run", "--trace", "--timeout", "3s", "--sched", f"seed:{seed}", "--output", self.dumps, "--",
                                *command, cwd=cwd or self.folder)
            if ".predicted" in result.stderr and not re.search(r"deadlock\.(cycle|all)|race\.data", result.stderr):
                return os.path.join(self.dumps, os.listdir(self.dumps)[0])
        self.fail(f"no seed foresees it:\n{result.stderr}")

    def confirm(self, *arguments, status, **options):
        """What is said, on one line."""
        result = self.stray("confirm", *arguments, **options)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assert_cleaned_up()
        self.said = result.stderr
        return " ".join(result.stderr.split())

    def again(self):
        """Runs the command that was said."""
        command = self.said.splitlines()[-1].strip()
        self.assertRegex(command, "^(cd .* && )?STRAY_SCHED=")
        return subprocess.run(["sh", "-c", command.replace(" stray ", f" {shlex.quote(STRAY)} ")], capture_output=True, text=True,
                              env=self.env, cwd=self.folder, timeout=LIMIT_S, check=False)

    def assert_confirmed(self, *command, kind, happens):
        dump = self.dump(*command)
        said = self.confirm("--tries", "0", dump, kind, status=66)
        self.assertIn(f"{kind}, is confirmed: it happened in a run that kept to the predicted order", said)
        self.assertIn(f"{happens} proved", said)
        again = self.again()
        self.assertIn(happens, again.stderr)
        self.assertNotEqual(again.returncode, 0)
        return dump

    def test_both_predictions_of_the_example(self):
        result = self.stray("run", "--trace", "--output", self.dumps, "--", TRACE)
        self.assertEqual(result.returncode, 66, result.stderr)
        dump = os.path.join(self.dumps, os.listdir(self.dumps)[0])
        said = self.confirm(dump, "1", status=66)
        self.assertIn("finding 1, race.predicted, is confirmed: it happened in a run that kept to the predicted order", said)
        self.assertRegex(said, r"race\.data proved once .* last_printed is written by G\d+ at Print .* written by G\d+ at Print")
        self.assertIn("race.data", self.again().stderr)
        said = self.confirm(dump, "2", status=66)
        self.assertIn("finding 2, deadlock.predicted, is confirmed", said)
        self.assertRegex(said, r"deadlock\.cycle proved once Deadlock of 2 goroutines")
        self.assertIn("deadlock.cycle", self.again().stderr)
        base = dump[:-len(".stray")]
        self.assertEqual(sorted(os.listdir(self.dumps)),
                         sorted(os.path.basename(name) for name in (dump, base + ".1.schedule", base + ".2.schedule")))

    def test_what_is_likely_in_a_program_that_was_not_built_for_traces(self):
        for verb in ("deadlock", "three"):
            self.assert_confirmed(CONFIRMABLE_PLAIN, verb, kind="deadlock.predicted", happens="deadlock.cycle")

    def test_a_schedule_works_without_stray(self):
        dump = self.dump(CONFIRMABLE, "deadlock")
        schedule = os.path.join(self.folder, "schedule")
        self.confirm("--schedule", schedule, dump, "1", status=66)
        for _ in range(20):
            plain = subprocess.run([CONFIRMABLE, "deadlock"], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                                   env=dict(self.env, STRAY_SCHED=f"steer:{schedule}"))
            self.assertEqual(plain.returncode, 2)
            self.assertIn("all goroutines are asleep - deadlock!", plain.stderr)
        with open(schedule, encoding="utf-8") as file:
            self.assertRegex(file.read(), r"^stray-schedule 1\n(turn [0-9.]+ \d+( -)?\n)+$")

    def test_thread_sanitizer_sees_the_race_under_the_same_schedule(self):
        result = self.stray("run", "--trace", "--output", self.dumps, "--", TRACE)
        dump = os.path.join(self.dumps, os.listdir(self.dumps)[0])
        self.assertIn(f"to run the program into finding 1:\n       stray confirm {dump} 1\n", result.stderr)
        schedule = os.path.join(self.folder, "schedule")
        self.confirm("--schedule", schedule, dump, "1", status=66)
        races = subprocess.run(["setarch", "-R", TRACE.replace("_trace", "_tsan")], capture_output=True, text=True, check=False,
                               env=dict(self.env, STRAY_SCHED=f"steer:{schedule}"), timeout=LIMIT_S)
        self.assertIn("WARNING: ThreadSanitizer: data race", races.stderr)
        self.assertRegex(races.stderr, r"Write of size 4 .*\n +#0 Print ")

    def test_deadlocks(self):
        for which in ("deadlock", "three", "readers", "while", "select"):
            with self.subTest(which):
                self.assert_confirmed(CONFIRMABLE, which, kind="deadlock.predicted", happens="deadlock.cycle")

    def test_a_deadlock_of_a_lock_and_a_channel(self):
        self.assert_confirmed(CONFIRMABLE, "send", kind="deadlock.predicted", happens="deadlock.all")

    def test_races(self):
        for which in ("race", "channels"):
            with self.subTest(which):
                self.assert_confirmed(CONFIRMABLE, which, kind="race.predicted", happens="race.data")

    def test_a_program_that_goes_on_is_ended_once_it_is_seen(self):
        dump = self.dump(CONFIRMABLE, "service")
        started = time.monotonic()
        self.assertIn("deadlock.cycle proved", self.confirm("--timeout", "50s", dump, "1", status=66))
        self.assertLess(time.monotonic() - started, 45)

    def test_threads_are_not_scheduled_and_nothing_is_run(self):
        result = self.stray("run", "--trace", "--output", self.dumps, "--", CONFIRMABLE, "threads")
        self.assertIn("deadlock.predicted", result.stderr)
        dump = os.path.join(self.dumps, os.listdir(self.dumps)[0])
        said = self.confirm(dump, "deadlock.predicted", status=68)
        self.assertRegex(said, r"is not confirmed\. T\d+ and T\d+ are threads of the program's own, which stray does not schedule")

    def test_another_input_is_another_way(self):
        path = self.write("input", "yes")
        dump = self.dump(CONFIRMABLE, "input", path)
        self.confirm("--tries", "0", dump, "1", status=66)
        self.write("input", "no")
        said = self.confirm("--tries", "4", dump, "1", status=68)
        self.assertRegex(said, r"is not confirmed\. The program took another way at step \d+ of \d+: G\d+ \(started at Deadlock "
                               r"\(confirmable\.cc:\d+\)\) waited in sync\.Mutex\.Lock, and nothing ended that; it should have "
                               r"come to LockBoth \(confirmable\.cc:\d+\)\.")
        self.assertIn("Neither did it happen in 4 other orders (pct:1,3, seed:1 to seed:2).", said)
        self.write("input", "few")
        said = self.confirm("--tries", "1", dump, "1", status=68)
        self.assertRegex(said, r"The program took another way at step \d+ of \d+: main waited in sync\.WaitGroup\.Wait")
        self.assertEqual([name for name in os.listdir(self.dumps) if name.endswith(".schedule")],
                         [os.path.basename(dump)[:-len(".stray")] + ".1.schedule"], "that of the first")

    def test_what_others_decide_is_told(self):
        dump = self.dump(CONFIRMABLE, "gate")
        said = self.confirm("--timeout", "2s", dump, "1", status=68)
        self.assertRegex(said, r"G\d+ \(started at \S+ \(\S+\)\) ran on without coming to another operation of the runtime in step "
                               r"\d+ of \d+ until the time limit; it should have come to LockBoth")
        self.assertIn("in 1 other order (pct:1,3), the last of which took longer than --timeout allows.", said)
        said = self.confirm("--tries", "0", self.dump(CONFIRMABLE, "one-step"), "1", status=68)
        self.assertIn("takes both of its locks without coming to an operation of the runtime in between", said)

    def test_the_program_is_run_as_it_was_or_as_is_said(self):
        program = os.path.join(self.folder, "a program")
        shutil.copy(CONFIRMABLE, program)
        dump = self.dump("./a program", "deadlock")
        said = self.confirm(dump, "1", status=66, cwd="/")
        self.assertIn(f"cd {self.folder} && STRAY_SCHED=", said)
        self.assertIn("stray run -- './a program' deadlock", said)
        os.rename(program, program + "2")
        said = self.confirm(dump, "1", status=127)
        self.assertRegex(said, "the program .*/a program is not there any more: give its command line after --")
        self.assertIn("is confirmed", self.confirm(dump, "1", "--", "./a program2", "deadlock", status=66))
        self.assertIn("cannot run ./none: No such file or directory", self.confirm(dump, "1", "--", "./none", status=127))
        self.assertIn("did not use stray's goroutine runtime", self.confirm(dump, "1", "--", "true", status=68))
        self.confirm("--exit-code", "3", dump, "1", "--", "./a program2", "deadlock", status=3)

    def test_settings_come_from_elsewhere_too(self):
        dump = self.dump(CONFIRMABLE, "deadlock")
        self.confirm(dump, "1", status=9, env=dict(self.env, STRAY_EXIT_CODE="9"))
        self.write(".stray.toml", "[confirm]\nexit-code = 8\n")
        self.confirm(dump, "1", status=8)
        report = os.path.join(self.folder, "report.txt")
        result = self.stray("confirm", "-o", report, dump, "1")
        self.assertEqual(result.returncode, 8)
        with open(report, encoding="utf-8") as file:
            self.assertIn("is confirmed", file.read())

    def test_wrong_words(self):
        dump = self.dump(CONFIRMABLE, "deadlock")
        self.assertIn("there is no finding 7; there is 1", self.confirm(dump, "7", status=125))
        self.assertIn("no such file", self.confirm(dump + ".none", "1", status=125).lower())
        self.confirm(dump, status=125)
        self.confirm(dump, "1", "--tries", "x", status=125)
        self.assertIn("--schedule says where else", self.confirm("--schedule", "/none/x", dump, "1", status=125))
        plain = os.path.join(self.folder, "plain")
        self.stray("run", "--output", plain, "--", TARGET, "leak")
        other = os.path.join(plain, os.listdir(plain)[0])
        found = json.loads(self.stray("report", "--format", "json", other).stdout)["findings"]
        if found:
            self.assertIn("only race.predicted and deadlock.predicted", self.confirm(other, "1", status=125))
        std = self.write("app.std", "T0|fork(T1)|1\nT0|w(x)|2\nT0|acq(m)|3\nT0|rel(m)|4\nT1|acq(m)|10\nT1|rel(m)|11\nT1|w(x)|12\n")
        self.assertIn("no trace", self.confirm(std, "1", status=125))

    def test_a_damaged_dump(self):
        dump = self.dump(CONFIRMABLE, "deadlock")
        with open(dump, "rb") as file:
            whole = file.read()
        for size in (0, 10, len(whole) // 2, len(whole) - 10):
            with open(dump, "wb") as file:
                file.write(whole[:size])
            result = self.stray("confirm", "--tries", "0", dump, "1")
            self.assertIn(result.returncode, (66, 68, 125), result.stderr)
            self.assertRegex(result.stderr, "^stray: ")
        # The trace is gone.
        text = self.stray("cat", self.dump(CONFIRMABLE, "deadlock")).stdout
        bare = re.sub(r"trace_block \{.*?\n\}\n", "", text, flags=re.S)
        self.assertNotEqual(text, bare)
        self.assertEqual(self.stray("cat", "--from-text", self.write("bare.txt", bare), "-o", dump).returncode, 0)
        self.assertIn("the dump has no trace of the program", self.confirm(dump, "1", status=125))

    def test_an_interrupt_ends_the_program_and_cleans_up(self):
        dump = self.dump(CONFIRMABLE, "gate")
        process = subprocess.Popen([STRAY, "confirm", "--timeout", "0", dump, "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, cwd=self.folder, env=self.env)
        self.addCleanup(self.end, process)
        process.stdin = process.stdout
        self.wait_until(lambda: children_of(process.pid), "the program runs")
        child = self.child_of(process)
        self.wait_until(lambda: len(thread_states(child)) > 0, "it has begun")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT_S), status_after_signal(signal.SIGINT))
        self.assertFalse(is_running(child))
        self.assert_cleaned_up()
        self.assertEqual([name for name in os.listdir(self.dumps) if "schedule" in name], [])


if __name__ == "__main__":
    unittest.main()
