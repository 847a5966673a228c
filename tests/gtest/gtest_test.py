#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stray/gtest.h: exactly the tests fail that leave something behind (suite.cc), and say what.

Environment: STRAY (the command), SUITE, SUITE_RACE (built for data races).
"""
import json
import os
import platform
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

STRAY = os.environ["STRAY"]
LIMIT_S = 100


def clean_environment(**changes):
    result = dict(os.environ)
    for name in ("STRAY_OPTIONS", "STRAY_SCHED", "STRAY_SESSION", "LD_PRELOAD", "GTEST_FILTER", "TSAN_OPTIONS"):
        result.pop(name, None)
    result.update(changes)
    return result


class Gtest(unittest.TestCase):
    def run_suite(self, suite, *arguments, under_stray=True, options=()):
        """Failures by test, and the CompletedProcess."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "results.json")
            # Without randomization: older runtimes of ThreadSanitizer do not start where there is too much of it.
            command = ["setarch", platform.machine(), "-R"] + ([STRAY, "run", *options, "--"] if under_stray else [])
            result = subprocess.run([*command, suite, f"--gtest_output=json:{path}", *arguments], timeout=LIMIT_S,
                                    capture_output=True, text=True, env=clean_environment())
            with open(path, encoding="utf-8") as file:
                suites = json.load(file)["testsuites"]
        failures = {f"{suite['name']}.{test['name']}": [one["failure"] for one in test.get("failures", [])]
                    for suite in suites for test in suite["testsuite"]}
        return failures, result

    def check(self, suite):
        failures, result = self.run_suite(suite)
        self.assertNotEqual(result.returncode, 0)
        for name, messages in failures.items():
            test = name.split(".")[1]
            with self.subTest(name):
                if not test.startswith("Bad"):
                    self.assertEqual(messages, [])
                    continue
                finding = test.split("_", 1)[1].replace("_", ".")
                self.assertTrue(any(finding in message for message in messages), messages)
        return failures, result

    def test_exactly_the_bad_tests_fail(self):
        failures, result = self.check(os.environ["SUITE"])
        self.assertIn("Goroutines.BadStartedByAnother_leak_alive", failures)
        # What is left at the end is reported again, with the test that it belongs to.
        self.assertRegex(result.stderr, r"test +Threads\.BadLeavesOneBehind_leak_alive")

    def test_a_junit_report_has_the_names_of_the_tests(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "stray.xml")
            self.run_suite(os.environ["SUITE"], "--gtest_filter=Threads.BadLeaves*", options=("--format", "junit", "-o", path))
            cases = list(xml.etree.ElementTree.parse(path).iter("testcase"))
        self.assertEqual([(case.get("classname"), case.get("name"), case.find("failure").get("type")) for case in cases],
                         [("Threads", "BadLeavesOneBehind_leak_alive", "leak.blocked")])

    def test_a_race_fails_its_test(self):
        failures, _ = self.check(os.environ["SUITE_RACE"])
        self.assertEqual(len(failures["Races.BadCounter_race_data"]), 1)

    def test_a_message_explains(self):
        failures, _ = self.run_suite(os.environ["SUITE"], "--gtest_filter=Threads.BadLeaves*")
        [message] = failures["Threads.BadLeavesOneBehind_leak_alive"]
        self.assertIn("when test Threads.BadLeavesOneBehind_leak_alive ended", message)
        self.assertIn("WaitForEver (suite.cc:", message)
        self.assertIn("started", message)

    def test_a_proof_makes_a_test_fail_by_a_proved_leak(self):
        name = "Goroutines.BadWaitsForEver_leak_alive"
        failures, _ = self.run_suite(os.environ["SUITE"], f"--gtest_filter={name}", options=("--prove",))
        [message] = failures[name]
        self.assertRegex(message, r"leak\.blocked +proved")
        self.assertIn("can reach it any more", message)

    def test_proofs_change_no_verdict(self):
        failures, _ = self.run_suite(os.environ["SUITE"], options=("--prove",))
        for name, messages in failures.items():
            with self.subTest(name):
                self.assertEqual(bool(messages), name.split(".")[1].startswith("Bad"), messages)

    def test_each_repetition_fails_again(self):
        _, result = self.run_suite(os.environ["SUITE"], "--gtest_filter=Threads.BadLeaves*", "--gtest_repeat=3")
        self.assertEqual(result.stdout.count("[  FAILED  ] 1 test, listed below"), 3)

    def test_without_stray_it_says_once_that_nothing_is_checked(self):
        failures, result = self.run_suite(os.environ["SUITE"], "--gtest_filter=Threads.*", under_stray=False)
        self.assertEqual([messages for messages in failures.values() if messages], [])
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout.count("Leaks are not checked"), 1)


if __name__ == "__main__":
    unittest.main()
