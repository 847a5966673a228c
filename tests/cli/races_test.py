#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Races in programs under `stray run`: suppressions of both kinds, and a sanitizer that cannot be heard."""
import platform

from harness import *

SHOP = os.environ["SHOP"]
SHOP_STATIC = os.environ["SHOP_STATIC"]


class Races(StrayTest):
    def run_shop(self, shop, *mistakes, tsan="", stray_options=()):
        """The JSON report, and the CompletedProcess."""
        path = os.path.join(self.folder, "report.json")
        env = dict(self.env, TSAN_OPTIONS=f"atexit_sleep_ms=0:{tsan}")
        # Without randomization: older runtimes do not start where there is too much of it.
        result = subprocess.run(["setarch", platform.machine(), "-R", STRAY, "run", "--format", "json", "-o", path,
                                 *stray_options, "--", shop, *mistakes], timeout=LIMIT_S, capture_output=True,
                                text=True, env=env, cwd=self.folder)
        with open(path, encoding="utf-8") as file:
            return json.load(file), result

    def races(self, report):
        return [finding for finding in report["findings"] if finding["id"] == "race.data"]

    def test_a_race_is_a_finding_with_the_locks_and_the_last_deeds_of_its_tasks(self):
        report, result = self.run_shop(SHOP, "locked")
        [race] = self.races(report)
        self.assertEqual(result.returncode, 66)
        [held] = [held for task in race["tasks"] for held in task["held"]]
        self.assertRegex(held["taken_at"]["function"], "Cart::Add")
        [recent] = [task["recent"] for task in race["tasks"] if task["held"]]
        self.assertEqual([one["operation"] for one in recent][-2:], ["lock", "unlock"])

    def test_suppressions_of_the_sanitizer_are_honoured(self):
        rules = self.write("tsan.supp", "race:Cart::Add\n")
        report, result = self.run_shop(SHOP, "locked", tsan=f"suppressions={rules}")
        self.assertEqual(self.races(report), [])
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_suppressions_of_stray_are_honoured(self):
        rules = self.write("stray.supp", "race.data object=g_cart  # known\n")
        report, result = self.run_shop(SHOP, "locked", tsan="exitcode=0", stray_options=["--suppressions", rules])
        self.assertEqual(report["findings"], [])
        self.assertEqual([finding["id"] for finding in report["suppressed"]], ["race.data"])
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_sanitizer_that_cannot_be_heard_is_told_of(self):
        report, result = self.run_shop(SHOP_STATIC, "locked")
        self.assertEqual(self.races(report), [])
        self.assertEqual(result.returncode, 66, "the sanitizer's own")
        [remark] = [remark for remark in report["remarks"] if "stray-race" in remark["text"]]
        self.assertFalse(remark["incomplete"])

    def test_its_log_is_read(self):
        report, result = self.run_shop(SHOP_STATIC, "locked", tsan="log_path=race_log")
        [race] = self.races(report)
        self.assertEqual(race["reported"]["memory"][0]["name"], "g_cart")
        # By the kernel's number a thread is the one that the agent knows.
        names = {task["name"] for task in race["tasks"]}
        self.assertIn("flusher", names)

    def test_where_the_runtime_is_shared_there_is_nothing_to_tell(self):
        report, _ = self.run_shop(SHOP, "locked")
        self.assertEqual([remark for remark in report["remarks"] if "stray-race" in remark["text"]], [])


if __name__ == "__main__":
    unittest.main()
