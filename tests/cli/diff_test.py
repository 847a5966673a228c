# SPDX-License-Identifier: Apache-2.0
"""`stray diff`: exit status, both formats, dumps of different builds, and the schema."""
from harness import *

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERIES = [os.path.join(TESTS, "golden", "diffs", "growing_service", f"{i}.txt") for i in range(1, 7)]
REBUILT = [os.path.join(TESTS, "golden", "diffs", "rebuilt_program", f"{i}.txt") for i in (1, 2)]


class DiffTest(StrayTest):
    def diff(self, *arguments, status):
        result = self.stray("diff", *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        return result.stdout if status in (0, 1, 4) else result.stderr

    def json(self, *arguments, status):
        return json.loads(self.diff("--format", "json", *arguments, status=status))

    def changes(self, diff, what):
        return [(one["change"], one["counts"]) for one in diff[what]]

    def test_findings_that_are_new_fail(self):
        text = self.diff(*REBUILT, status=1)
        self.assertIn("findings: 1 new, 1 grown, 1 gone", text)
        self.diff(*reversed(REBUILT), "--fail-on", "leak.*", status=0)
        self.diff(*reversed(REBUILT), status=1)
        self.diff("--fail-on", "none", *REBUILT, status=0)
        self.diff(REBUILT[0], REBUILT[0], status=0)

    def test_policy_holds_here_too(self):
        rules = self.write("shop.supp", "leak.blocked function=Audit::*  # they know\n")
        diff = self.json("--suppressions", rules, *REBUILT, status=0)
        self.assertNotIn("new", [one["change"] for one in diff["findings"]])
        baseline = os.path.join(self.folder, "b")
        self.assertEqual(self.stray("baseline", "update", baseline, REBUILT[1]).returncode, 0)
        diff = self.json("--baseline", baseline, *REBUILT, status=0)
        self.assertEqual([one["excused"] for one in diff["findings"] if one["change"] == "new"], [True])

    def test_a_series_has_its_trend(self):
        diff = self.json(*SERIES, status=0)
        self.assertEqual(self.changes(diff, "tasks")[0], ("grown", [2, 14, 26, 38, 50, 62]))
        self.assertEqual(diff["tasks"][0]["trend"], {"per_dump": 12.0, "per_minute": 12.0})
        self.assertEqual(diff["tasks"][0]["functions"], ["FetchPrice", "Quote"])
        self.assertEqual(diff["tasks"][0]["waits"][0], {"min_ns": 5000000000, "median_ns": 5000000000, "max_ns": 6000000000})
        self.assertEqual([one["change"] for one in diff["tasks"]].count("passing"), 1)
        self.assertIsNone(self.json(*SERIES[:5], status=0)["tasks"][0]["trend"])
        self.assertIn("of 6 dumps and more", self.diff(*SERIES[:5], status=0))

    def test_the_order_is_always_the_same(self):
        self.assertEqual(self.diff(*SERIES, status=0), self.diff(*SERIES, status=0))
        with open(SERIES[5], encoding="utf-8") as file:
            lines = file.read().splitlines()
        states = [line for line in lines if line.startswith("task_state")]
        others = [line for line in lines if not line.startswith("task_state")]
        path = self.write("6.txt", "\n".join(others + states[::-1]) + "\n")
        turned = self.json(*SERIES[:5], path, status=0)
        self.assertEqual(turned["tasks"], self.json(*SERIES, status=0)["tasks"])

    def test_dumps_of_two_builds_of_a_program(self):
        dumps = {}
        for name in ("QUEUES_O0", "QUEUES_MOVED"):
            folder = os.path.join(self.folder, name)
            self.assertEqual(self.stray("run", "--output", folder, "--", os.environ[name], "buyer").returncode, 66)
            dumps[name] = [os.path.join(folder, dump) for dump in os.listdir(folder)]
            self.assertEqual(len(dumps[name]), 1)
        diff = self.json(*dumps["QUEUES_O0"], *dumps["QUEUES_MOVED"], status=0)
        self.assertEqual({one["change"] for one in diff["findings"]}, {"same"})
        blocked = [one for one in diff["tasks"] if one["state"] == "blocked" and one["wait_reason"] == "pthread_cond_wait"]
        self.assertEqual(self.changes({"tasks": blocked}, "tasks"), [("same", [1, 1])])

    def test_what_cannot_be_compared(self):
        self.assertIn("name two dumps or more", self.diff(REBUILT[0], status=2))
        self.diff(status=2)
        self.diff("--format", "dot", *REBUILT, status=2)
        self.assertIn("/nowhere", self.diff(REBUILT[0], "/nowhere", status=3))
        self.diff("-o", "/nowhere/report", *REBUILT, status=2)
        incomplete = os.path.join(TESTS, "golden", "incomplete_losses", "dump.txt")
        self.assertIn("data is incomplete", self.diff(incomplete, incomplete, status=4))
        text = " ".join(self.diff(SERIES[0], REBUILT[0], status=1).split())
        self.assertIn("the first dump is of server, the last one of cart_test: nothing in them is the same", text)

    def test_json_follows_the_schema(self):
        with open(os.path.join(os.path.dirname(TESTS), "docs", "diff.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        for paths, status in ((SERIES, 0), (REBUILT, 1)):
            self.check(self.json(*paths, status=status), schema, schema, "diff")

    def check(self, value, schema, root, path):
        """As much of JSON Schema as ours uses; beyond it, every field has to be in the schema."""
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema:
            if value is None:
                return
            self.check(value, schema["anyOf"][0], root, path)
            return
        names = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
                 "null": type(None)}
        types = schema.get("type")
        if types:
            allowed = [names[one] for one in ([types] if isinstance(types, str) else types)]
            self.assertTrue(any(isinstance(value, one) for one in allowed), f"{path}: {value!r}")
        if "enum" in schema:
            self.assertIn(value, schema["enum"], path)
        if "const" in schema:
            self.assertEqual(value, schema["const"], path)
        if isinstance(value, dict):
            for name in schema.get("required", []):
                self.assertIn(name, value, path)
            for name, member in value.items():
                self.assertIn(name, schema["properties"], path)
                self.check(member, schema["properties"][name], root, f"{path}.{name}")
        if isinstance(value, list):
            for item in value:
                self.check(item, schema["items"], root, f"{path}[]")


if __name__ == "__main__":
    unittest.main()
