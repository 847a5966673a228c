#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The data of the page, as it stands in the file: fits its schema, hangs together, and says what the report says."""
import base64
import gzip
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import jsonschema

STRAY = os.environ["STRAY"]
CROWD = os.environ["CROWD"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
ELEMENT = re.compile(r'<script id="stray-data" type="[^"]*"( data-encoding="gzip")?>([^<]*)</script>')


def strict(schema):
    """`schema`, with nothing allowed in objects but what it names."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items()}
    if isinstance(result.get("properties"), dict) and result.get("type") == "object":
        result.setdefault("additionalProperties", False)
    return result


def data_of(page):
    """The data in the text of a page."""
    compressed, text = ELEMENT.search(page).groups()
    return json.loads(gzip.decompress(base64.b64decode(text)) if compressed else text)


class PageDataTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads((ROOT / "docs/page.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(strict(schema))
        cls.folder = tempfile.TemporaryDirectory(prefix="stray-page-")
        cls.addClassCleanup(cls.folder.cleanup)

    def run_stray(self, *arguments):
        return subprocess.run([STRAY, *arguments], capture_output=True, text=True, timeout=100, cwd=self.folder.name,
                              check=False)

    def dump(self, *arguments):
        """Path of the dump of a run of crowd."""
        with tempfile.TemporaryDirectory(prefix="dumps-", dir=self.folder.name) as folder:
            self.run_stray("run", "--quiet", "--output", folder, "-o", os.devnull, "--", CROWD, *arguments)
            [made] = pathlib.Path(folder).glob("*.stray")
            return made.rename(pathlib.Path(self.folder.name) / made.name)

    def page(self, *dumps, options=()):
        result = self.run_stray("report", "--format", "html", *options, *map(str, dumps))
        self.assertTrue(result.stdout.startswith("<!doctype html>"), result.stderr)
        return result.stdout

    def checked(self, page):
        """The data of `page`, which fits the schema and whose numbers all lead somewhere."""
        data = data_of(page)
        for error in self.validator.iter_errors(data):
            self.fail(f"{error.json_path}: {error.message[:300]}")
        self.check_numbers(data)
        return data

    @staticmethod
    def values(table, name):
        """A column, with a value for each row."""
        column = table[name]
        return column if isinstance(column, list) else [column] * table["count"]

    def check_numbers(self, data):
        limits = {"texts": len(data["texts"]), "lists": len(data["lists"]), "frames": data["frames"]["count"],
                  "stacks": data["stacks"]["count"], "tasks": data["tasks"]["count"] + 1,
                  "objects": data["objects"]["count"] + 1, "processes": max(len(data["processes"]), 1)}
        columns = {
            ("tasks", "texts"): "label kind name state wait_reason test verdict",
            ("tasks", "lists"): "labels held cases", ("tasks", "stacks"): "stack created",
            ("tasks", "tasks"): "waits_for_task parent", ("tasks", "objects"): "object", ("tasks", "processes"): "process",
            ("objects", "texts"): "kind name label address", ("objects", "stacks"): "created",
            ("objects", "frames"): "made_at", ("objects", "processes"): "process",
            ("acts", "texts"): "group word", ("acts", "objects"): "object", ("acts", "stacks"): "stack",
            ("lives", "texts"): "label", ("lives", "tasks"): "task", ("lives", "processes"): "process",
            ("spans", "acts"): "act", ("arrows", "lives"): "from to", ("arrows", "texts"): "word",
            ("frames", "texts"): "function file module place source", ("stacks", "frames"): "site",
        }
        timeline = data["timeline"] or {}
        for table in ("acts", "lives"):
            limits[table] = timeline[table]["count"] if timeline else 1
        for (table, leads_to), names in columns.items():
            rows = data.get(table) or timeline.get(table)
            if rows is None or rows["count"] == 0:
                continue
            for name in names.split():
                column = rows[name]
                values = column if isinstance(column, list) else [column]
                self.assertIn(len(values), (1, rows["count"]), f"{table}.{name}")
                self.assertLess(max(values, default=0), limits[leads_to], f"{table}.{name}")
        for profile in data["profiles"]:
            self.assertLess(profile["process"], limits["processes"])
            for column, leads_to in (("stack", "stacks"), ("reason", "texts")):
                self.assertLess(max(self.values(profile["sites"], column), default=0), limits[leads_to])
        for frames, folds in zip(data["stacks"]["frames"], data["stacks"]["folds"]):
            self.assertLess(max(frames, default=0), limits["frames"])
            self.assertLessEqual(sum(folds[-2:]), len(frames))
        for finding in data["findings"]:
            for group in finding["groups"] + finding["consequences"]:
                self.assertTrue(all(0 < task < limits["tasks"] for task in group["tasks"]))
                self.assertTrue(all(stack["stack"] < limits["stacks"] for stack in group["stacks"]))
            self.assertTrue(all(0 < one < limits["objects"] for one in finding["objects"]))
        for row, holders in data["objects"]["holders"].items():
            self.assertTrue(0 < int(row) < limits["objects"] and all(task < limits["tasks"] for task, _, _ in holders))

    def test_says_what_the_report_says(self):
        for verb in ("abba", "pipeline", "100"):
            dump = self.dump(verb)
            data = self.checked(self.page(dump))
            report = json.loads(self.run_stray("report", "--format", "json", str(dump)).stdout)
            self.assertGreater(len(report["findings"]), 0)
            texts = data["texts"]
            self.assertEqual([(one["id"], texts[one["title"]], texts[one["explanation"]], one["confidence"], one["count"],
                               one["signature"]) for one in data["findings"]],
                             [(one["id"], one["title"], one["explanation"], one["confidence"], one["count"],
                               one["signature"]) for one in report["findings"]])
            self.assertEqual(data["tasks"]["live"], report["snapshots"][-1]["tasks"])
            text = self.run_stray("report", str(dump)).stdout
            self.assertIn(data["headline"], re.sub(r"\s+", " ", text))

    def test_profiles_are_those_of_the_report(self):
        kinds = set()
        for log in sorted((ROOT / "tests/golden/list_go119_contention").glob("log.*")):
            text = re.sub(r"\s+", " ", self.run_stray("report", str(log)).stdout)
            [profile] = self.checked(self.page(log))["profiles"]
            sites = profile["sites"]
            number, noun = sum(self.values(sites, "number")), profile["noun"]
            self.assertIn(f"{number} {noun}{'s' if number != 1 else ''} at {sites['count']} place", text)
            self.assertIn(f"in the {profile['name']} profile of", text)
            self.assertIn(profile["meaning"], text)
            kinds.add(profile["name"])
        self.assertEqual(kinds, {"block", "mutex", "threadcreate"})

    def test_rule_that_it_shows_suppresses_the_finding(self):
        dump = self.dump("pipeline")
        data = self.checked(self.page(dump))
        rules = pathlib.Path(self.folder.name) / "rules.supp"
        rules.write_text("".join(data["texts"][one["rule"]] + "a test\n" for one in data["findings"]), encoding="utf-8")
        data = self.checked(self.page(dump, options=("--suppressions", str(rules))))
        self.assertEqual({(one["hidden"], one["number"]) for one in data["findings"]}, {("suppressed", 0)})

    def test_all_kinds_of_findings_and_texts_fit_the_schema(self):
        inputs = ("dump.txt", "log.*")
        dumps = sorted(path for one in inputs for path in (ROOT / "tests/golden").glob(f"*/{one}") if path.is_file())
        self.assertGreater(len(dumps), 40)
        ids = set()
        for dump in dumps:
            with self.subTest(dump=str(dump)):
                data = self.checked(self.page(dump))
                ids.update(one["id"] for one in data["findings"])
                report = json.loads(self.run_stray("report", "--format", "json", str(dump)).stdout)
                self.assertEqual(data["incomplete"], report["incomplete"])
                self.assertEqual([one["text"] for one in data["remarks"]], [one["text"] for one in report["remarks"]])
        self.assertGreaterEqual(ids, {"deadlock.cycle", "deadlock.self", "hang.timeout", "leak.blocked", "leak.alive",
                                      "lock-order.cycle", "race.data", "sync.misuse"})

    def test_facts_are_labels_and_texts_as_the_report_has_them(self):
        for case, where, labels in (("log_gcc12_races/log.4711", "reported", {"memory", "seen"}),
                                    ("deadlock_abba/dump.txt", "facts", {"holds", "wants"})):
            log = ROOT / "tests/golden" / case
            text = re.sub(r"\s+", " ", self.run_stray("report", str(log)).stdout)
            found = set()
            for finding in self.checked(self.page(log))["findings"]:
                facts = finding["reported"] if where == "reported" else [fact for group in finding["groups"] for fact in group["facts"]]
                for label, words in facts:
                    found.add(label)
                    # A report introduces an object once only, the page in each group.
                    self.assertIn(re.sub(r"\s+", " ", f" {label} {words.split(', ')[0]}"), text)
            self.assertLessEqual(labels, found)

    def test_whatever_can_be_read_makes_a_page_that_hangs_together(self):
        files = sorted(path for kind in ("dump", "text", "black_box") for path in (ROOT / "tests/fuzz/corpus" / kind).iterdir())
        shown = 0
        for file in files:
            with self.subTest(file=str(file)):
                result = self.run_stray("report", "--format", "html", str(file))
                self.assertIn(result.returncode, (0, 1, 3, 4), result.stderr[-300:])
                if result.returncode != 3:
                    self.checked(result.stdout)
                    shown += 1
        self.assertGreater(shown, 10)

    def test_comparison_is_that_of_diff(self):
        dumps = [str(self.dump("100")), str(self.dump("150"))]
        page = self.run_stray("diff", "--format", "html", *dumps).stdout
        changes = self.checked(page)["changes"]
        self.assertEqual(changes, json.loads(self.run_stray("diff", "--format", "json", *dumps).stdout))
        self.assertIn("grown", {one["change"] for one in changes["tasks"]})

    def test_ten_thousand_tasks_take_less_than_three_megabytes(self):
        page = self.page(self.dump("10000"))
        self.assertLess(len(page), 3 << 20)
        self.assertEqual(self.checked(page)["tasks"]["live"], 10002)

    def test_names_cannot_leave_the_data(self):
        page = self.page(self.dump("names"))
        self.assertEqual(page.count("</script>"), 2)
        self.assertFalse(re.search("[\x00-\x1f\x7f\u202a-\u202e<]", ELEMENT.search(page)[2]))
        texts = self.checked(page)["texts"]
        self.assertIn("<script>document.title='owned'</script>", "\n".join(texts))

    def test_a_page_is_not_for_terminals_or_between_messages(self):
        result = self.run_stray("run", "--format", "html", "--", CROWD, "pipeline")
        self.assertEqual(result.returncode, 125)
        self.assertIn("name a file with -o", result.stderr)


if __name__ == "__main__":
    unittest.main()
