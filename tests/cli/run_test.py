#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run` from the outside: exit status, streams, reports, what is left behind."""
from harness import *


class ExitStatus(StrayTest):
    def test_clean_program_keeps_its_status(self):
        result = self.run_target("clean")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("stray: no findings in target", result.stderr)

    def test_findings_give_66_or_what_was_asked_for(self):
        self.assertEqual(self.run_target("leak").returncode, 66)
        self.assertEqual(self.run_target("leak", options=["--exit-code", "5"]).returncode, 5)

    def test_program_that_fails_by_itself_keeps_its_status(self):
        self.assertEqual(self.run_target("exit", "3").returncode, 3)

    def test_death_by_signal_is_128_and_the_signal(self):
        for number in (signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM):
            result = self.run_target("die", str(int(number)))
            self.assertEqual(result.returncode, status_after_signal(number))

    def test_only_what_fail_on_selects_fails(self):
        result = self.run_target("leak", options=["--fail-on", "deadlock.*"])
        self.assertEqual(result.returncode, 0)
        self.assertIn("leak.blocked", result.stderr)

    def test_command_that_cannot_be_run(self):
        result = self.stray("run", "--", "./no-such-program")
        self.assertEqual(result.returncode, 127)
        self.assertEqual(result.stderr, "stray: cannot run ./no-such-program: No such file or directory\n")
        path = os.path.join(self.folder, "plain")
        with open(path, "w", encoding="ascii") as file:
            file.write("text\n")
        result = self.stray("run", "--", path)
        self.assertEqual(result.returncode, 126)
        self.assertIn("Permission denied", result.stderr)
        self.assert_cleaned_up()

    def test_static_program_is_told_and_incomplete(self):
        result = self.stray("run", "--", TARGET_STATIC, "exit", "0")
        self.assertEqual(result.returncode, 67)
        self.assertIn("statically linked", " ".join(result.stderr.split()))
        self.assertEqual(self.stray("run", "--", TARGET_STATIC, "exit", "4").returncode, 4)

    def test_program_that_becomes_a_static_one_is_incomplete(self):
        self.assertEqual(self.run_target("exec", TARGET_STATIC, "exit", "0").returncode, 67)

    def test_static_child_of_a_shell_is_told(self):
        result = self.stray("run", "--", "sh", "-c", f"{TARGET_STATIC} exit 0; :")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(" ".join(result.stderr.split()), "process [0-9]+ could not be watched: .* statically linked")

    def test_child_with_an_empty_environment_is_followed(self):
        self.assertEqual(self.stray("run", "--", "sh", "-c", f"env -i {TARGET} leak; :").returncode, 66)


class Streams(StrayTest):
    def test_streams_of_the_target_are_its_own(self):
        result = self.run_target("echo", input="hello\n", options=["--quiet"])
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "hello\n", "on stderr\n"))

    def test_no_descriptor_of_strays_is_passed_on(self):
        plain = subprocess.run([TARGET, "descriptors"], capture_output=True, text=True, check=True, env=self.env)
        self.assertEqual(self.run_target("descriptors").stdout, plain.stdout)

    def test_descriptors_that_stray_lacks_are_closed_for_the_target_too(self):
        command = f"exec {STRAY} run -o {self.folder}/report -- {TARGET} descriptors 0<&- 2>&-"
        result = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, env=self.env,
                                timeout=LIMIT_S, check=False)
        self.assertEqual(result.stdout.split(), ["1"])

    def test_report_goes_to_the_file_that_was_named(self):
        path = os.path.join(self.folder, "report.txt")
        result = self.run_target("leak", options=["-o", path])
        self.assertEqual(result.stderr, f"stray: 1 finding, see {path}\n")
        with open(path, encoding="utf-8") as file:
            self.assertIn("leak.blocked", file.read())

    def test_report_file_that_cannot_be_written_is_told_before_the_run(self):
        result = self.run_target("echo", options=["-o", "/no/such/folder/report"], input="x")
        self.assertEqual(result.returncode, 125)
        self.assertEqual(result.stdout, "")

    def test_json_is_whole(self):
        ids, result = self.findings("leak")
        self.assertEqual((ids, result.returncode), (["leak.blocked"], 66))

    def test_color_only_when_wanted(self):
        self.assertNotIn("\x1b[", self.run_target("leak").stderr)
        self.assertIn("\x1b[", self.run_target("leak", options=["--color", "always"]).stderr)

    def test_quiet_is_silent_when_nothing_was_found(self):
        self.assertEqual(self.run_target("clean", options=["--quiet"]).stderr, "")


class Processes(StrayTest):
    def test_child_is_followed(self):
        ids, result = self.findings("child", "leak")
        self.assertEqual((ids, result.returncode), (["leak.blocked"], 66))

    def test_child_is_left_alone_if_asked(self):
        ids, result = self.findings("child", "leak", options=["--no-follow"])
        self.assertEqual((ids, result.returncode), ([], 0), result.stderr)

    def test_process_that_lives_on_is_noted_and_left_alone(self):
        process = self.start("run", "--", TARGET, "daemon", wait_for="")
        self.assertEqual(process.wait(LIMIT_S), 0)
        self.assertIn("still runs and was not waited for", " ".join(process.stderr.read().split()))

    def test_boxes_are_gone_and_dumps_are_kept(self):
        dumps = os.path.join(self.folder, "dumps")
        result = self.run_target("child", "leak", options=["--output", dumps])
        self.assertEqual(result.returncode, 66)
        names = os.listdir(dumps)
        self.assertEqual(len(names), 2)
        self.assertTrue(all(name.startswith("target.") and name.endswith(".stray") for name in names), names)
        self.assert_cleaned_up()

    def test_sessions_of_killed_runs_are_swept(self):
        process = self.start("run", "--", TARGET, "sleep")
        target = self.child_of(process)
        process.kill()
        process.wait(LIMIT_S)
        self.wait_until(lambda: not is_running(target), "the target ends with stray")
        self.assertEqual(len(os.listdir(os.path.join(self.runtime, "stray"))), 1)
        self.run_target("clean")
        self.assert_cleaned_up()

    def test_processes_after_a_killed_run_leave_nothing(self):
        done = os.path.join(self.folder, "done")
        after = f"while kill -0 $PPID 2>/dev/null; do :; done; {TARGET} clean; {TARGET} child clean; touch {done}"
        process = self.start("run", "--", "sh", "-c", f"echo started; ({after}) & wait")
        shell = self.child_of(process)
        self.wait_until(lambda: children_of(shell), "the shell starts what goes on without it")
        with_stray = [shell, *children_of(shell)]
        process.kill()
        process.wait(LIMIT_S)
        self.wait_until(lambda: os.path.exists(done), "what the shell has started ends")
        (session,) = os.listdir(os.path.join(self.runtime, "stray"))
        names = os.listdir(os.path.join(self.runtime, "stray", session))
        watched = [int(name.split(".")[0]) for name in names if name.endswith((".box", ".unwatched"))]
        self.assertIn(shell, watched)
        self.assertLessEqual(set(watched), set(with_stray))

    def test_run_in_a_run_reports_once_each(self):
        inner = [STRAY, "run", "--", TARGET, "leak"]
        result = self.stray("run", "--exit-code", "9", "--", *inner)
        self.assertEqual(result.returncode, 66, result.stderr)
        self.assertEqual(result.stderr.count("1  leak.blocked"), 1, result.stderr)


class Usage(StrayTest):
    def assert_usage(self, arguments, message):
        result = self.stray("run", *arguments)
        self.assertEqual(result.returncode, 125, result.stderr)
        self.assertIn(message, result.stderr)

    def test_unknown_option_suggests(self):
        self.assert_usage(["--fromat", "json", "--", TARGET], 'no option "--fromat"; did you mean "--format"?')
        self.assert_usage(["--gracee=1s", TARGET, "clean"], 'did you mean "--grace"?')

    def test_bad_values_say_what_is_right(self):
        self.assert_usage(["--timeout", "soon", "--", TARGET], '"soon" is not a duration')
        self.assert_usage(["--format", "jsn", "--", TARGET], 'did you mean "json"?')
        self.assert_usage(["--fail-on", "leak.blokced", "--", TARGET], 'did you mean "leak.blocked"?')

    def test_missing_command(self):
        self.assert_usage([], "no command given")
        self.assert_usage(["--"], "no command given")

    def test_command_without_dashes_keeps_its_options(self):
        self.assertEqual(self.stray("run", "--quiet", TARGET, "exit", "4").returncode, 4)

    def test_help_and_version(self):
        for arguments in (["--help"], ["run", "--help"], ["report", "--help"], ["snapshot", "--help"], ["cat", "--help"]):
            result = self.stray(*arguments)
            self.assertEqual(result.returncode, 0)
            self.assertIn("Examples:", result.stdout)
        self.assertRegex(self.stray("--version").stdout, r"^stray \d+\.\d+\.\d+\n$")

    def test_unknown_command_suggests(self):
        result = self.stray("rnu", "--", TARGET)
        self.assertEqual(result.returncode, 2)
        self.assertIn('no command "rnu"; did you mean "run"?', result.stderr)

    def test_ignores_are_listed(self):
        self.assertIn("OpenMP", self.stray("run", "--list-ignores").stdout)

    def test_settings_come_from_variable_and_file(self):
        env = dict(self.env, STRAY_OPTIONS="exit-code=7")
        self.assertEqual(self.run_target("leak", env=env).returncode, 7)
        with open(os.path.join(self.folder, ".stray.toml"), "w", encoding="ascii") as file:
            file.write("[run]\nexit-code = 8\n")
        self.assertEqual(self.run_target("leak").returncode, 8)
        self.assertEqual(self.run_target("leak", env=env).returncode, 7)
        self.assertEqual(self.run_target("leak", env=env, options=["--exit-code", "9"]).returncode, 9)

    def test_suppressed_finding_does_not_fail(self):
        rules = os.path.join(self.folder, "rules")
        with open(rules, "w", encoding="ascii") as file:
            file.write("leak.blocked function=WaitForNobody  # known, ticket 7\n")
        result = self.run_target("leak", options=["--suppressions", rules])
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
