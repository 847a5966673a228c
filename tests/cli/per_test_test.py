#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run --per-test` of test binaries of GoogleTest, Catch2 and doctest that know nothing of stray."""
import shutil
import xml.etree.ElementTree as ElementTree

from harness import *

GTEST = os.environ["SUITE_GTEST"]
CATCH2 = os.environ["SUITE_CATCH2"]
CATCH3 = os.environ["SUITE_CATCH3"]
DOCTEST = os.environ["SUITE_DOCTEST"]


class PerTest(StrayTest):
    def cases(self, *arguments, **options):
        """What became of each test, as JUnit says it, and the CompletedProcess."""
        path = os.path.join(self.folder, "junit.xml")
        result = self.stray("run", "--per-test", "--format", "junit", "-o", path, *arguments, **options)
        cases = {}
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
            cases[name] = [element.get("type") for element in case if element.tag in ("failure", "error")]
        return cases, result

    def test_each_test_is_alone_and_has_its_own_findings(self):
        cases, result = self.cases("-j", "3", "--", GTEST)
        self.assertEqual(cases, {
            "Alone.Passes": [], "Alone.PassesToo": [], "Alone.Fails": ["exit"], "Alone.Crashes": ["exit"],
            "Alone.EndsWithTheStatusOfFindings": ["exit"],
            "Alone.LeavesAThreadBehind": ["leak.alive"], "Alone.LocksTwice": ["deadlock.self"],
            "Some/Values.AreSmall/0": [], "Some/Values.AreSmall/1": []})
        self.assertEqual(result.returncode, 1)
        self.assertIn("9 tests: 4 passed, 3 failed, 2 with findings", result.stderr)
        self.assertIn("as it should", result.stderr)
        self.assert_cleaned_up()

    def test_findings_alone_give_their_status(self):
        cases, result = self.cases("--", GTEST, "--gtest_filter=*Passes*:*Leaves*")
        self.assertEqual(sorted(cases), ["Alone.LeavesAThreadBehind", "Alone.Passes", "Alone.PassesToo"])
        self.assertEqual(result.returncode, 66)
        self.assertEqual(self.cases("--exit-code=9", "--", GTEST, "--gtest_filter=*Leaves*")[1].returncode, 9)
        self.assertEqual(self.cases("--fail-on=deadlock.*", "--", GTEST, "--gtest_filter=*Leaves*")[1].returncode, 0)

    def test_settings_elsewhere_are_for_the_whole(self):
        env = dict(self.env, STRAY_PER_TEST="auto", STRAY_JOBS="2", STRAY_EXIT_CODE="9")
        result = self.stray("run", "--", GTEST, "--gtest_filter=*Passes*:*Leaves*", env=env)
        self.assertEqual(result.returncode, 9, result.stderr)
        self.assertIn("3 tests: 2 passed, 1 with findings", result.stderr)

    def test_clean_tests(self):
        result = self.stray("run", "--per-test", "--", GTEST, "--gtest_filter=*Passes*")
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 3)
        for line in lines[:2]:
            self.assertRegex(line, r"^stray: \[[12]/2\] Alone\.Passes(Too)?  ok  \d+\.\d\d s$")
        self.assertEqual(lines[2], "stray: 2 tests: 2 passed")

    def test_formats_for_programs(self):
        for arguments, ids in ((["*Passes*"], []), (["*Passes*:*Leaves*"], ["leak.alive"])):
            path = os.path.join(self.folder, "report.json")
            self.stray("run", "--per-test", "--format=json", "-o", path, "--", GTEST, "--gtest_filter=" + arguments[0])
            with open(path, encoding="utf-8") as file:
                findings = json.load(file)["findings"]
            self.assertEqual([finding["id"] for finding in findings], ids)
            for finding in findings:
                self.assertEqual(finding["tasks"][0]["test"], "Alone.LeavesAThreadBehind")

    def test_text_names_the_test(self):
        result = self.stray("run", "--per-test", "--quiet", "--", GTEST, "--gtest_filter=*Leaves*")
        self.assertRegex(result.stderr, r"(?m)^ +test +Alone\.LeavesAThreadBehind$")

    def test_dumps_stay_where_something_was_found(self):
        dumps = os.path.join(self.folder, "dumps")
        self.stray("run", "--per-test", "--output", dumps, "--", GTEST, "--gtest_filter=*Passes:*Leaves*")
        self.assertEqual(sorted(os.listdir(dumps)), ["Alone.LeavesAThreadBehind", "Alone.Passes"])
        shutil.rmtree(dumps)
        self.stray("run", "--per-test", "--output", dumps, "--keep", "findings", "--", GTEST,
                   "--gtest_filter=*Passes:*Leaves*")
        self.assertEqual(os.listdir(dumps), ["Alone.LeavesAThreadBehind"])
        # Those of another run say nothing about this one.
        result = self.stray("run", "--per-test", "--output", dumps, "--fail-on=none", "--", GTEST,
                            "--gtest_filter=*Leaves*")
        self.assertEqual(result.stderr.count("leak.alive"), 1, result.stderr)
        dump = os.listdir(os.path.join(dumps, "Alone.LeavesAThreadBehind"))[0]
        self.assertEqual(self.stray("report", os.path.join(dumps, "Alone.LeavesAThreadBehind", dump)).returncode, 1)

    def test_shards(self):
        names = []
        for index in "01":
            env = dict(self.env, GTEST_TOTAL_SHARDS="2", GTEST_SHARD_INDEX=index)
            names += self.cases("--", GTEST, "--gtest_filter=*Passes*:*Values*", env=env)[0]
        self.assertEqual(sorted(names), ["Alone.Passes", "Alone.PassesToo", "Some/Values.AreSmall/0",
                                         "Some/Values.AreSmall/1"])

    def test_other_frameworks(self):
        for suite, first in ((CATCH2, "passes, [really] \\ ~well"), (DOCTEST, "passes, really")):
            cases, result = self.cases("--", suite)
            self.assertEqual(cases, {first: [], "fails": ["exit"], "leaves a thread behind": ["leak.alive"]})
            self.assertEqual(result.returncode, 1)

    def test_catch2_3(self):
        cases, result = self.cases("--", CATCH3)
        self.assertEqual(cases, {"passes, [really] \\ ~well": [], '#1 "passes" too': [], "fails": ["exit"],
                                 "leaves a thread behind": ["leak.alive"]})
        self.assertEqual(result.returncode, 1)

    def test_time_limit_of_each(self):
        cases, result = self.cases("--timeout=1s", "--grace=1h", "--", GTEST, "--gtest_filter=*LocksTwice:*Passes")
        self.assertIn("timeout", cases["Alone.LocksTwice"])
        self.assertEqual((cases["Alone.Passes"], result.returncode), ([], 1))

    def test_ctrl_c_ends_all(self):
        process = subprocess.Popen([STRAY, "run", "--per-test", "--grace=1h", "-j1", "--", GTEST,
                                    "--gtest_filter=*LocksTwice:Some*"], stderr=subprocess.PIPE, text=True,
                                   env=self.env, cwd=self.folder)
        self.addCleanup(process.stderr.close)
        self.wait_until(lambda: self.hangs(process.pid), "the test hangs")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT_S), 130)
        self.assertIn("2 not run", process.stderr.read())
        self.assert_cleaned_up()

    @staticmethod
    def hangs(pid):
        inner = [child for child in children_of(pid)]
        return any(os.readlink(f"/proc/{test}/exe") == GTEST for stray in inner for test in children_of(stray))

    def hanging(self, trap):
        """A test binary that hangs while it lists its tests, and where stray keeps what it makes meanwhile."""
        path = self.write("hanging", f"#!/bin/sh\n{trap}\necho about to list\nexec sleep 1000\n")
        os.chmod(path, 0o700)
        temporary = os.path.join(self.folder, "tmp")
        os.mkdir(temporary)
        return path, temporary

    def test_a_listing_that_does_not_end(self):
        # Politely asked, and killed where that does not help.
        for trap in ("", "trap '' TERM"):
            path, temporary = self.hanging(trap)
            result = self.stray("run", "--per-test=gtest", "--timeout=200ms", "--", path, "--first",
                                env=dict(self.env, TMPDIR=temporary))
            self.assertEqual(result.returncode, 125)
            self.assertEqual(
                result.stderr,
                f"stray: --per-test: {path} --first --gtest_list_tests was to list its tests and has not ended within "
                f"200 ms. What it waits for, says: stray run --timeout 5s -- {path} --first --gtest_list_tests. "
                "More time gives it --timeout.\nIt has printed:\n    about to list\n")
            self.assertEqual(os.listdir(temporary), [])
            self.assert_cleaned_up()
            shutil.rmtree(temporary)

    def test_ctrl_c_during_the_listing(self):
        for trap in ("", "trap '' INT TERM"):
            path, temporary = self.hanging(trap)
            process = subprocess.Popen([STRAY, "run", "--per-test=gtest", "--timeout=0", "--", path],
                                       stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                       env=dict(self.env, TMPDIR=temporary))
            self.addCleanup(process.stderr.close)
            self.wait_until(lambda: self.lists(process.pid), "the listing hangs")
            self.addCleanup(process.kill)
            (listing,) = children_of(process.pid)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(LIMIT_S), 130)
            self.assertEqual((process.stderr.read(), is_running(listing)), ("", False))
            self.assertEqual(os.listdir(temporary), [])
            shutil.rmtree(temporary)

    @staticmethod
    def lists(pid):
        return any(os.path.basename(os.readlink(f"/proc/{child}/exe")) in ("sleep", "coreutils")
                   for child in children_of(pid))

    def test_no_test_binary(self):
        result = self.stray("run", "--per-test", "--", TARGET)
        self.assertEqual(result.returncode, 125)
        self.assertIn("does not look like a test binary", result.stderr)
        result = self.stray("run", "--per-test=gtest", "--", TARGET, "exit", "3")
        self.assertEqual(result.returncode, 125)
        self.assertIn("instead of listing tests", result.stderr)
        result = self.stray("run", "--per-test", "--", GTEST, "--gtest_filter=Nothing")
        self.assertEqual((result.returncode, "lists no tests to run" in result.stderr), (125, True))
        self.assertEqual(self.stray("run", "--per-test", "--", "/nowhere/tests").returncode, 127)


if __name__ == "__main__":
    unittest.main()
