#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray import`: what others wrote as one dump, which says the same."""
from harness import *

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden")
FILES = [os.path.join(GOLDEN, case, "log.txt") for case in ("list_go119_debug2", "list_gdb")] + [
    os.path.join(GOLDEN, "log_go_races", "log.4711"), os.path.join(GOLDEN, "trace_races", "log.std")]


class Import(StrayTest):
    def findings_of(self, *files):
        """Ids and titles of what a report of them says, and its exit status."""
        result = self.stray("report", "--format", "json", *files)
        return sorted((one["id"], one["title"], one["count"]) for one in json.loads(result.stdout)["findings"]), result.returncode

    def test_the_dump_says_what_the_files_say(self):
        for files in ([one] for one in FILES):
            with self.subTest(files=files):
                self.assertEqual(self.stray("import", *files, "-o", "one.stray").returncode, 0)
                self.assertEqual(self.findings_of("one.stray"), self.findings_of(*files))
        self.assertEqual(self.stray("import", *FILES, "-o", "all.stray").returncode, 0)
        self.assertEqual(self.findings_of("all.stray"), self.findings_of(*FILES))

    def test_dumps_can_be_put_together(self):
        for i, file in enumerate(FILES[:2]):
            self.stray("import", file, "-o", f"{i}.stray")
        self.assertEqual(self.stray("import", "0.stray", "1.stray", "-o", "both.stray").returncode, 0)
        self.assertEqual(self.findings_of("both.stray"), self.findings_of(*FILES[:2]))

    def test_what_cannot_be_read_or_written_is_said_and_changes_nothing(self):
        nothing = self.write("nothing.txt", "no dump\n")
        result = self.stray("import", nothing, "-o", "out.stray")
        self.assertEqual((result.returncode, os.path.exists(os.path.join(self.folder, "out.stray"))), (3, False))
        self.assertIn("nothing.txt", result.stderr)
        result = self.stray("import", FILES[0], "-o", "nowhere/out.stray")
        self.assertEqual(result.returncode, 3)
        self.assertIn("nowhere/out.stray", result.stderr)
        self.assertEqual(self.stray("import", FILES[0]).returncode, 2)

    def test_missing_data_stays_missing(self):
        cut = os.path.join(GOLDEN, "log_cut", "log.4711")
        result = self.stray("import", cut, "-o", "cut.stray")
        self.assertEqual(result.returncode, 4)
        self.assertIn("data is incomplete", result.stderr)
        self.assertEqual(self.findings_of("cut.stray"), self.findings_of(cut))
        self.assertTrue(json.loads(self.stray("report", "--format", "json", "cut.stray").stdout)["incomplete"])


if __name__ == "__main__":
    unittest.main()
