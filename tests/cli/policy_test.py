# SPDX-License-Identifier: Apache-2.0
"""What a project decides about findings: baselines, quarantines, limits; and that findings keep their signatures."""
from harness import *

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
LEAKS = os.path.join(GOLDEN, "leak_of_each_kind_with_io", "dump.txt")
DEADLOCK = os.path.join(GOLDEN, "deadlock_with_followers", "dump.txt")
QUEUES = {kind: os.environ[kind] for kind in ("QUEUES_O0", "QUEUES_O2", "QUEUES_MOVED")}
BUGS = ("buyer", "seller", "answer", "lambda", "order", "unlock", "self")
DAY_S = 24 * 60 * 60
TODAY = 1_780_000_000  # 2026-05-28


class PolicyTest(StrayTest):
    def setUp(self):
        super().setUp()
        self.env["SOURCE_DATE_EPOCH"] = str(TODAY)
        self.baseline = os.path.join(self.folder, "shop.baseline")

    def update(self, *arguments, status=0):
        result = self.stray("baseline", "update", self.baseline, *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        return result.stdout if status == 0 else result.stderr

    def text(self):
        with open(self.baseline, encoding="utf-8") as file:
            return file.read()

    def report(self, *arguments, status):
        """The JSON report and the text one; both must end with `status`."""
        whole = self.stray("report", "--format", "json", *arguments)
        self.assertEqual(whole.returncode, status, whole.stderr)
        text = self.stray("report", *arguments)
        self.assertEqual(text.returncode, status, text.stderr)
        return json.loads(whole.stdout), " ".join(text.stdout.split())


class BaselineTest(PolicyTest):
    def test_only_new_findings_fail_and_are_shown(self):
        self.assertIn("4 known findings: 4 added, 0 taken out, 0 as before\n", self.update(LEAKS))
        report, text = self.report("--baseline", self.baseline, LEAKS, status=0)
        self.assertEqual({finding["baseline"] for finding in report["findings"]}, {"known"})
        self.assertIn("stray: no new findings in ", text)
        self.assertIn(" 4 findings are known (in the baseline).", text)
        self.assertNotIn("leak.blocked", text)
        # One that it does not have.
        lines = self.text().split("[[finding]]\n")
        with open(self.baseline, "w", encoding="utf-8") as file:
            file.write("[[finding]]\n".join(lines[:-1]))
        report, text = self.report("--baseline", self.baseline, LEAKS, status=1)
        self.assertEqual(sorted(finding["baseline"] for finding in report["findings"]), ["known"] * 3 + ["new"])
        self.assertIn("stray: 1 finding in ", text)
        self.assertIn(" 3 findings are known (in the baseline).", text)
        new = next(finding for finding in report["findings"] if finding["baseline"] == "new")
        self.assertIn(f"1 {new['id']}", text)
        explained = self.stray("explain", "--baseline", self.baseline, LEAKS, "1").stdout
        self.assertIn(new["id"], explained)

    def test_update_changes_only_what_must_change(self):
        self.update("--reason", "ticket 12", LEAKS)
        first = self.text()
        self.assertEqual(first.count('reason = "ticket 12"'), 4)
        self.assertEqual(first.count("added = 2026-05-28"), 4)
        self.env["SOURCE_DATE_EPOCH"] = str(TODAY + 30 * DAY_S)
        self.assertIn("0 added, 0 taken out, 4 as before", self.update(LEAKS))
        self.assertEqual(self.text(), first)
        self.assertIn("  + deadlock.cycle  ", self.update(DEADLOCK))
        both = self.text()
        self.assertEqual(both.count("added = 2026-06-27"), both.count("[[finding]]") - 4)
        gone = set(first.splitlines()) - set(both.splitlines())
        self.assertLessEqual(gone, {line for line in first.splitlines() if line.startswith("programs")})

    def test_what_is_gone_is_said_and_taken_out(self):
        clean = os.path.join(GOLDEN, "clean", "dump.txt")
        with open(LEAKS, encoding="utf-8") as leaks, open(clean, encoding="utf-8") as good:
            program = next(line for line in leaks if line.startswith("process")).split('program: "')[1].split('"')[0]
            text = good.read()
        name = text.split('program: "')[1].split('"')[0]
        fixed = self.write("fixed.txt", text.replace(f'program: "{name}"', f'program: "{program}"'))
        self.update(LEAKS)
        report, text = self.report("--baseline", self.baseline, fixed, status=0)
        self.assertIn("4 known findings did not occur; `stray baseline update` takes out what is gone", text)
        self.assertEqual(len(report["notes"]), 1)
        self.assertIn("0 added, 0 taken out, 4 as before", self.update("--keep", fixed))
        self.assertIn("0 added, 4 taken out, 0 as before\n  - leak.", self.update(fixed))

    def test_incomplete_data_takes_nothing_out(self):
        incomplete = os.path.join(GOLDEN, "incomplete_losses", "dump.txt")
        self.assertEqual(self.stray("report", incomplete).returncode, 4)
        self.update(incomplete)
        with open(incomplete, encoding="utf-8") as file:
            program = os.path.basename(file.read().split('program: "')[1].split('"')[0])
        with open(self.baseline, "a", encoding="utf-8") as file:
            file.write(f'[[finding]]\nsignature = "leak.alive-0123456789abcdef"\nprogram = "{program}"\nsites = []\n'
                       "findings = 1\nadded = 2026-01-01\n")
        told = self.update(incomplete)
        self.assertIn("1 known finding: 0 added, 0 taken out, 1 as before", told)
        self.assertIn("data is incomplete", told)

    def test_show_is_for_people(self):
        self.update("--reason", "ticket 12", LEAKS)
        shown = self.stray("baseline", "show", self.baseline)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn(": 4 known findings of ", shown.stdout)
        self.assertEqual(shown.stdout.count("ticket 12"), 4)
        self.assertIn("since 2026-05-28", shown.stdout)

    def test_a_run_that_only_has_what_is_known_passes(self):
        dumps = os.path.join(self.folder, "dumps")
        self.assertEqual(self.run_target("leak", options=("--output", dumps)).returncode, 66)
        self.update(*[os.path.join(dumps, name) for name in os.listdir(dumps)])
        result = self.run_target("leak", options=("--baseline", self.baseline))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("no new findings in target", result.stderr)
        result = self.run_target("deadlock", options=("--baseline", self.baseline))
        self.assertEqual(result.returncode, 66, result.stderr)
        self.assertIn("deadlock", result.stderr)
        self.assertNotIn("leak.blocked", result.stderr)

    def test_a_known_deadlock_ends_the_run_at_once_and_is_no_success(self):
        dumps = os.path.join(self.folder, "dumps")
        self.assertEqual(self.run_target("deadlock", options=("--output", dumps)).returncode, 66)
        self.update(*[os.path.join(dumps, name) for name in os.listdir(dumps)])
        result = self.run_target("deadlock", options=("--baseline", self.baseline))
        self.assertEqual(result.returncode, 66, result.stderr)
        self.assertIn("no new findings", result.stderr)
        self.assertIn("did not come to its own end", " ".join(result.stderr.split()))

    def test_a_snapshot_and_a_watch_tell_only_what_is_new(self):
        process = self.start("run", "--grace", "1h", "--", TARGET, "deadlock_beside_input")
        pid = str(self.settled(self.child_of(process), 3))
        dump = os.path.join(self.folder, "now.stray")
        self.assertEqual(self.stray("snapshot", "-o", dump, pid).returncode, 1)
        self.update(dump)
        known = self.stray("snapshot", "--baseline", self.baseline, pid)
        self.assertEqual(known.returncode, 0, known.stderr)
        self.assertIn("no new findings in target", known.stdout)
        watch = subprocess.Popen([STRAY, "snapshot", "--watch", "50ms", "--baseline", self.baseline, pid], env=self.env,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end_of_watch, watch)
        self.wait_until(lambda: self.has_begun(watch.pid), "the watch has looked for the first time")
        other = self.stray("snapshot", "--watch", "50ms", "--baseline", LEAKS, pid)
        self.assertEqual(other.returncode, 2, "that is no baseline")
        process.stdin.close()
        told, summary = watch.communicate(timeout=LIMIT_S)
        self.assertEqual((watch.returncode, told), (0, ""), summary)
        self.assertIn(", 0 findings", summary)

    @staticmethod
    def has_begun(pid):
        """A watch reads Ctrl-C from a descriptor from its first snapshot on."""
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            (blocked,) = [int(line.split()[1], 16) for line in file if line.startswith("SigBlk:")]
        return blocked >> (signal.SIGINT - 1) & 1

    @staticmethod
    def end_of_watch(watch):
        if watch.poll() is None:
            watch.kill()
        watch.communicate()

    def test_wrong_files_are_one_clear_line(self):
        self.update(LEAKS)
        good = self.text()
        damaged = {
            "is about other_program": good,
            "shop.baseline:3: ": good.replace("version = 1", "version ="),
            "is of a newer stray: it has version 7": good.replace("version = 1", "version = 7"),
            "is no baseline: it has no \"version": "\n",
        }
        good_program = good.split('programs = ["')[1].split('"')[0]
        for words, text in damaged.items():
            self.write("shop.baseline", text.replace(good_program, "other_program") if "about" in words else text)
            for command in (("report", "--baseline", self.baseline, LEAKS), ("diff", "--baseline", self.baseline, LEAKS, LEAKS)):
                result = self.stray(*command)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(words, result.stderr)
            if "about" not in words:
                self.assertEqual(self.stray("baseline", "show", self.baseline).returncode, 2)
                self.assertIn(words, self.update(LEAKS, status=2))
                self.assertEqual(self.text(), text, "nothing is lost")
            result = self.run_target("clean", options=("--baseline", self.baseline))
            self.assertEqual(result.returncode, 125, result.stderr)
            self.assertIn(words, result.stderr)
        missing = self.stray("report", "--baseline", "/nowhere/b", LEAKS)
        self.assertEqual((missing.returncode, missing.stderr), (2, 'stray: baseline: cannot read "/nowhere/b"\n'))
        for wrong in (("update", self.baseline), ("show", self.baseline, LEAKS), ("shwo", self.baseline), ()):
            self.assertEqual(self.stray("baseline", *wrong).returncode, 2)
        self.assertEqual(self.stray("baseline", "update", self.baseline + "2", "/nowhere/dump").returncode, 3)
        self.assertFalse(os.path.exists(self.baseline + "2"))
        self.assertEqual(self.stray("baseline", "update", "/nowhere/b", LEAKS).returncode, 3)


class RulesTest(PolicyTest):
    def test_a_quarantine_holds_until_it_runs_out(self):
        rules = self.write("q.supp", "leak.*  expires=2026-05-30  # ticket 14\n")
        for day in (0, 2):
            self.env["SOURCE_DATE_EPOCH"] = str(TODAY + day * DAY_S)
            report, text = self.report("--suppressions", rules, LEAKS, status=0)
            self.assertEqual(len(report["findings"]), 4)
            self.assertEqual(report["findings"][0]["quarantine"],
                             {"rule": f"{rules}:1: ticket 14", "expires": "2026-05-30", "ran_out": False})
            self.assertEqual(text.count("Quarantined up to 2026-05-30, fails nothing: "), 4)
        self.env["SOURCE_DATE_EPOCH"] = str(TODAY + 3 * DAY_S)
        report, text = self.report("--suppressions", rules, LEAKS, status=1)
        self.assertTrue(report["findings"][0]["quarantine"]["ran_out"])
        self.assertIn(f"Its quarantine ran out on 2026-05-30: {rules}:1: ticket 14", text)

    def test_quarantined_findings_do_not_get_into_a_baseline(self):
        rules = self.write("q.supp", "leak.blocked  expires=2026-05-30  # ticket 14\n")
        self.assertIn("3 known findings", self.update("--suppressions", rules, LEAKS))
        self.assertNotIn("leak.blocked", self.text())

    def test_a_rule_may_have_a_limit(self):
        dump = os.path.join(GOLDEN, "leak_38_in_one_group", "dump.txt")
        for rule, status in (("at-most=38", 0), ("at-most=37", 1), ("at-most-in-all=38", 0), ("at-most-in-all=5", 1)):
            rules = self.write("limit.supp", f"leak.* {rule}  # one a client\n")
            report, text = self.report("--suppressions", rules, dump, status=status)
            self.assertEqual(len(report["suppressed"]), 1 - status)
            if status == 1:
                self.assertIn("limit.supp:1 accepts at most ", report["findings"][0]["exceeded"])
                self.assertIn("Not suppressed: ", text)
                self.assertIn("(one a client), and ", text)

    def test_a_run_obeys_them(self):
        rules = self.write("q.supp", "leak.*  expires=2026-05-30  # ticket 14\n")
        result = self.run_target("leak", options=("--suppressions", rules))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("Quarantined up to 2026-05-30", result.stderr)
        self.env["SOURCE_DATE_EPOCH"] = str(TODAY + 100 * DAY_S)
        self.assertEqual(self.run_target("leak", options=("--suppressions", rules)).returncode, 66)

    def test_a_rule_without_a_reason_is_an_error(self):
        rules = self.write("q.supp", "\nleak.*  expires=2026-05-30\n")
        result = self.stray("report", "--suppressions", rules, LEAKS)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"{rules}:2: the rule does not say why", result.stderr)


class SignatureTest(PolicyTest):
    def signatures(self, program, bug):
        path = os.path.join(self.folder, "report.json")
        result = self.stray("run", "--format", "json", "-o", path, "--", program, bug)
        self.assertEqual(result.returncode, 66, result.stderr)
        with open(path, encoding="utf-8") as file:
            return sorted(finding["signature"] for finding in json.load(file)["findings"])

    def test_builds_and_lines_keep_them_and_bugs_tell_them_apart(self):
        of_bugs = {}
        for bug in BUGS:
            builds = {name: self.signatures(program, bug) for name, program in QUEUES.items()}
            self.assertEqual(len({tuple(found) for found in builds.values()}), 1, (bug, builds))
            of_bugs[bug] = builds["QUEUES_O0"]
        every = [signature for found in of_bugs.values() for signature in found]
        self.assertEqual(len(every), len(set(every)), of_bugs)

    def test_a_baseline_of_one_build_holds_for_another(self):
        dumps = os.path.join(self.folder, "dumps")
        self.assertEqual(self.stray("run", "--output", dumps, "--", QUEUES["QUEUES_O0"], "buyer").returncode, 66)
        self.update(*[os.path.join(dumps, name) for name in os.listdir(dumps)])
        moved = QUEUES["QUEUES_MOVED"]
        result = self.stray("run", "--baseline", self.baseline, "--", moved, "buyer")
        self.assertEqual(result.returncode, 0, result.stderr)
        result = self.stray("run", "--baseline", self.baseline, "--", moved, "seller")
        self.assertEqual(result.returncode, 66, result.stderr)


if __name__ == "__main__":
    unittest.main()
