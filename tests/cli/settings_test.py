# SPDX-License-Identifier: Apache-2.0
"""Settings that stand elsewhere than on the command line: which one counts, and what is said of mistakes."""
from harness import *

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
LEAKS = os.path.join(GOLDEN, "leak_of_each_kind_with_io", "dump.txt")


class SettingsTest(StrayTest):
    def is_json(self, *options):
        result = self.stray("report", *options, LEAKS)
        self.assertEqual(result.returncode, 1, result.stderr)
        return result.stdout.startswith("{")

    def test_the_command_line_comes_before_variables_before_the_file(self):
        self.assertFalse(self.is_json())
        self.write(".stray.toml", '[report]\nformat = "json"\n')
        self.assertTrue(self.is_json())
        self.env["STRAY_OPTIONS"] = "format=text"
        self.assertFalse(self.is_json())
        self.env["STRAY_FORMAT"] = "json"
        self.assertTrue(self.is_json())
        self.assertFalse(self.is_json("--format", "text"))
        self.env["STRAY_FORMAT"] = ""
        self.assertFalse(self.is_json(), "an empty variable says nothing")

    def test_policy_stands_in_the_file(self):
        os.mkdir(os.path.join(self.folder, "ci"))
        self.write("ci/shop.supp", "leak.*  # all are known\n")
        self.write(".stray.toml", 'suppressions = "ci/shop.supp"\nbaseline = "ci/shop.baseline"\n')
        result = self.stray("report", LEAKS)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr, f'stray: baseline: cannot read "{self.folder}/ci/shop.baseline"\n')
        self.assertEqual(self.stray("baseline", "update", "ci/shop.baseline", LEAKS).returncode, 0)
        result = self.stray("report", LEAKS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("4 findings are suppressed.", " ".join(result.stdout.split()))

    def test_a_run_takes_them_from_everywhere(self):
        self.write(".stray.toml", 'fail-on = ["deadlock.*"]\n[run]\nexit-code = 5\n')
        self.assertEqual(self.run_target("leak").returncode, 0)
        self.env["STRAY_FAIL_ON"] = "leak.*,deadlock.*"
        self.assertEqual(self.run_target("leak").returncode, 5)
        self.env["STRAY_OPTIONS"] = "exit-code=6"
        self.assertEqual(self.run_target("leak").returncode, 6)
        report = os.path.join(self.folder, "my report")
        self.env["STRAY_OPTIONS"] = f'exit-code=6 report-file="{report}"'
        self.assertEqual(self.run_target("leak").returncode, 6)
        self.assertTrue(os.path.exists(report))

    def test_mistakes_are_told_with_their_place(self):
        path = self.write(".stray.toml", "# ours\n[run]\nbaselin = \"x\"\n")
        for status, command in ((2, ("report", LEAKS)), (125, ("run", "--", TARGET, "clean"))):
            result = self.stray(*command)
            self.assertEqual(result.returncode, status)
            self.assertEqual(result.stderr, f'stray: {path}:3: there is no setting "baselin"; did you mean "baseline"?\n')
        self.write(".stray.toml", "")
        self.env["STRAY_OPTIONS"] = "formta=json"
        result = self.stray("report", LEAKS)
        self.assertEqual((result.returncode, result.stderr),
                         (2, 'stray: STRAY_OPTIONS: there is no setting "formta"; did you mean "format"?\n'))
        del self.env["STRAY_OPTIONS"]
        self.env["STRAY_FORMTA"] = "json"
        result = self.stray("report", LEAKS)
        self.assertEqual((result.returncode, result.stderr),
                         (1, "stray: STRAY_FORMTA is no setting; did you mean STRAY_FORMAT?\n"))

    def test_help_of_the_variable_lists_all(self):
        for text in ("help=1", "quiet:help"):
            self.env["STRAY_OPTIONS"] = text
            result = self.run_target("leak")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            for option in ("--baseline", "--suppressions", "--exit-code", "STRAY_FORMAT=json", ".stray.toml"):
                self.assertIn(option, result.stdout)


if __name__ == "__main__":
    unittest.main()
