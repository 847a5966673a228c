# SPDX-License-Identifier: Apache-2.0
"""The checker itself: a checker that lets things pass is worse than none."""

import json
import unittest
import unittest.mock

import run_program


def finding(line, finding_id="leak.blocked", count=1, explanation="nobody can wake it", confidence="proved"):
    return {
        "id": finding_id, "title": "A thread is blocked for ever", "explanation": explanation,
        "confidence": confidence, "count": count,
        "tasks": [{"task": 2, "kind": "thread", "name": "worker", "state": "blocked", "wait_reason": "sem_wait"}],
        "stacks": [{"role": "blocked", "frames": [{"function": "f", "file": "/src/a.c", "line": line}]}],
    }


def compare(text, findings):
    return run_program.compare(run_program.parse_program("a.c", text), findings)


class ExpectationTest(unittest.TestCase):
    def test_want_is_met_by_a_finding_on_its_line(self):
        self.assertEqual(compare("f();  // want leak.blocked: nobody", [finding(1)]), [])

    def test_want_without_finding_is_a_complaint(self):
        self.assertIn("not found", compare("f();  // want leak.blocked: nobody", [])[0])

    def test_finding_without_want_is_a_complaint(self):
        self.assertIn("unwanted", compare("f();", [finding(1)])[0])

    def test_line_id_text_and_count_must_all_match(self):
        want = "f();  // want leak.blocked x3: nobody"
        self.assertEqual(compare(want, [finding(1, count=3)]), [])
        for other in (finding(2, count=3), finding(1, "leak.unjoined", 3), finding(1, count=4),
                      finding(1, count=3, explanation="other words")):
            self.assertEqual(len(compare(want, [other])), 2, other)

    def test_two_findings_for_one_want_are_a_complaint(self):
        self.assertIn("once too often", compare("f();  // want leak.blocked: nobody", [finding(1), finding(1)])[0])

    def test_pattern_sees_name_and_wait_reason_of_the_tasks(self):
        self.assertEqual(compare(r'f();  // want leak.blocked: "worker" blocked \[sem_wait\]', [finding(1)]), [])

    def test_comment_alone_on_a_line_stands_for_the_next_code_line(self):
        self.assertEqual(compare("// want leak.blocked: nobody\n// more words\nf();", [finding(3)]), [])

    def test_c_comment_is_read_too(self):
        self.assertEqual(compare("f();  /* want leak.blocked: can wake it */", [finding(1)]), [])

    def test_consequences_are_wanted_on_lines_of_their_own(self):
        behind = finding(1) | {"consequences": {
            "tasks": [{"task": 3, "kind": "thread", "name": "victim", "state": "blocked", "wait_reason": "pthread_join"}],
            "stacks": [{"role": "blocked", "frames": [{"function": "g", "file": "/src/a.c", "line": 2}]}]}}
        want = "f();  // want leak.blocked: nobody\n"
        self.assertEqual(compare(want + 'g();  // behind leak.blocked x1: "victim" .*\\[pthread_join\\]', [behind]), [])
        self.assertIn("unwanted consequences", compare(want, [behind])[0])
        self.assertIn("not found", compare(want + "g();  // behind leak.blocked: .", [finding(1)])[0])
        self.assertIn("not found", compare(want + "g();  // behind leak.blocked x2: .", [behind])[0])
        self.assertIn("not found", compare(want + "g();  // want leak.blocked: .", [behind])[0])

    def test_maybe_allows_but_does_not_ask(self):
        self.assertEqual(compare("f();  // maybe leak.blocked: nobody", [finding(1)]), [])
        self.assertEqual(compare("f();  // maybe leak.blocked: nobody", []), [])

    def test_missed_fails_once_the_gap_is_closed(self):
        self.assertEqual(compare("f();  // missed(#41) leak.blocked: nobody", []), [])
        self.assertIn("no longer missed", compare("f();  // missed(#41) leak.blocked: nobody", [finding(1)])[0])

    def test_confidence_is_the_one_of_the_finding_id(self):
        self.assertIn("confidence", compare("f();  // want leak.blocked: nobody", [finding(1, confidence="likely")])[0])

    def test_unknown_id_and_unreadable_expectation_are_errors(self):
        for text in ("f();  // want leak.nothing: x", "f();  // want: x"):
            with self.assertRaises(run_program.BadProgram):
                run_program.parse_program("a.c", text)


class OutputTest(unittest.TestCase):
    def test_goroutines_are_numbered_as_they_appear_and_process_ids_left_out(self):
        text = b'==12==note\ngoroutine 7 [select]:\n\nother +0x1\ncreated by goroutine 1 at f\ngoroutine 7 again\n'
        self.assertEqual(run_program.without_numbers(text),
                         b'==PID==note\ngoroutine #1 [select]:\n\nother +0x1\ncreated by goroutine #2 at f\n'
                         b'goroutine #1 again\n')

    def test_who_created_whom_still_counts(self):
        self.assertNotEqual(run_program.without_numbers(b"goroutine 1\ngoroutine 2\nby goroutine 1"),
                            run_program.without_numbers(b"goroutine 1\ngoroutine 2\nby goroutine 2"))


class HangTest(unittest.TestCase):
    def test_a_plain_run_that_hangs_unasked_is_a_complaint(self):
        ended, hung = run_program.Outcome(0, b"", b""), run_program.Outcome(None, b"", b"")
        report = json.dumps({"schema": run_program.SCHEMA, "findings": [], "remarks": []})
        with unittest.mock.patch.object(run_program, "run_both", return_value=(ended, hung, True, report)):
            complaints, _ = run_program.check("stray", run_program.parse_program("a.cc", ""), "gcc-O2", [], 1)
        self.assertEqual(complaints, ["the plain run hangs; is `hangs: yes` missing?"])


class GapTest(unittest.TestCase):
    GAPS = "# comment\nleak/leak_(a|b) gcc-O[02]  Not yet.\n"

    def test_gap_is_found_by_family_name_and_mode(self):
        self.assertEqual(run_program.known_gap(self.GAPS, "/src/leak/leak_b.cc", "gcc-O2"), "Not yet.")
        for source, mode in (("/src/leak/leak_c.cc", "gcc-O2"), ("/src/ok/leak_a.cc", "gcc-O2"),
                             ("/src/leak/leak_a.cc", "shared-tsan"), ("/src/leak/leak_ab.cc", "gcc-O2")):
            self.assertIsNone(run_program.known_gap(self.GAPS, source, mode))

    def test_gap_is_skipped_while_open_and_fails_once_closed(self):
        self.assertEqual(run_program.check_gap("Not yet.", ["not found"]), run_program.SKIPPED_STATUS)
        self.assertEqual(run_program.check_gap("Not yet.", []), 1)


class HeadTest(unittest.TestCase):
    def test_head_lines_are_read(self):
        program = run_program.parse_program("a.cc", "// flags: --settle 1s\n// hangs: yes\n// exit: 134\n")
        self.assertEqual((program.flags, program.hangs, program.exit), (["--settle", "1s"], True, 134))
        self.assertEqual(run_program.parse_program("a.c", "// args: x y\n").args, ["x", "y"])

    def test_a_remark_about_missing_data_must_be_announced_and_an_announced_one_must_come(self):
        report = {"remarks": [{"text": "a library was loaded with RTLD_DEEPBIND", "incomplete": True}]}
        for text, report_now, complaints in (("", report, 1), ("// incomplete: DEEPBIND\n", report, 0),
                                             ("// incomplete: DEEPBIND\n", {"remarks": []}, 1), ("", {"remarks": []}, 0)):
            program = run_program.parse_program("a.c", text)
            self.assertEqual(len(run_program.check_complete(program, report_now)), complaints, text)

    def test_an_announced_note_must_come_and_takes_nothing_from_the_report(self):
        program = run_program.parse_program("a.c", "// note: static\n")
        for remarks, complaints in (([{"text": "x is static", "incomplete": False}], 0),
                                    ([{"text": "x is static", "incomplete": True}], 1), ([], 1)):
            self.assertEqual(len(run_program.check_complete(program, {"remarks": remarks})), complaints, remarks)


if __name__ == "__main__":
    unittest.main()
