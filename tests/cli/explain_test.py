# SPDX-License-Identifier: Apache-2.0
"""`stray explain` and `--format dot`: which finding is meant, what is said of it, and that graphviz can read it whatever
the program calls its tasks and locks."""
import re
import shutil

from harness import *

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
FOLLOWERS = os.path.join(GOLDEN, "deadlock_with_followers", "dump.txt")
LEAKS = os.path.join(GOLDEN, "leak_of_each_kind_with_io", "dump.txt")

# Names that would end a string, begin a record, an entity or a comment, move the cursor, or be no UTF-8.
HOSTILE = ['a"]; evil [label="', "back\\slash\\", "\\", "&lt;&amp;&#34;", "<b>bold</b>", "new\\nline", "{r|s}", "/* // #",
           "\x1b[31mred", "\u202eright"]

# The language of graphviz as far as stray uses it.
TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\["\\nlr])*")|(?P<word>[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?)|'
                   r"(?P<mark>->|[{}\[\];,=]))")


class Dot:
    """Reads a digraph strictly: nodes and edges with their attributes, and the labels of clusters."""

    def __init__(self, text):
        self.tokens, place = [], 0
        while text[place:].strip():
            match = TOKEN.match(text, place)
            if not match:
                raise ValueError(f"no token at {text[place:place + 40]!r}")
            self.tokens.append(match[match.lastgroup])
            place = match.end()
        self.nodes, self.edges, self.clusters = {}, [], []
        self.expect("digraph")
        self.take()
        self.body()
        if self.tokens:
            raise ValueError(f"behind the end: {self.tokens}")
        for source, target, _ in self.edges:
            if source not in self.nodes or target not in self.nodes:
                raise ValueError(f"an edge of no node: {source} {target}")

    def take(self):
        return self.tokens.pop(0)

    def expect(self, token):
        found = self.take()
        if found != token:
            raise ValueError(f"{found!r} instead of {token!r}")

    def body(self):
        self.expect("{")
        while self.tokens[0] != "}":
            name = self.take()
            if name == "subgraph":
                self.clusters.append(self.take())
                self.body()
                continue
            if self.tokens[0] == "=":
                self.take()
                self.take()
            elif self.tokens[0] == "->":
                self.take()
                self.edges.append((name, self.take(), self.attributes()))
            elif name in ("node", "edge"):
                self.attributes()
            else:
                self.nodes[name] = self.attributes()
            self.expect(";")
        self.expect("}")

    def attributes(self):
        self.expect("[")
        attributes = {}
        while True:
            name = self.take()
            self.expect("=")
            value = self.take()
            attributes[name] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value[1:-1]) if value[0] == '"' else value
            if self.take() == "]":
                return attributes


class ExplainTest(StrayTest):
    def explain(self, *arguments, status=0):
        result = self.stray("explain", *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        return result.stdout if status == 0 else result.stderr

    def draw(self, text):
        """Checks it with our own reader and, where it is installed, with graphviz."""
        dot = Dot(text)
        if shutil.which("dot"):
            drawn = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, timeout=LIMIT_S, check=False)
            self.assertEqual((drawn.returncode, drawn.stderr), (0, ""))
            self.assertIn("</svg>", drawn.stdout)
            return dot, drawn.stdout
        return dot, None

    def test_steps_of_a_deadlock(self):
        text = self.explain(FOLLOWERS, "1")
        self.assertTrue(text.startswith("stray: finding 1 in shop_server (pid 4711)\n\n   deadlock.cycle  proved  once\n"), text)
        words = " ".join(text.split())  # wherever lines are wrapped
        self.assertIn(' 1 T2 "flusher" waits for mutex g_ledger+0x10 at Ledger::Append (ledger.cc:40), for 31 s now. ', words)
        self.assertIn('- T3 "writer" locked it at Ledger::Post (ledger.cc:22), and only a holder releases a lock. '
                      'It is blocked for ever itself: step 2.', words)
        self.assertIn(' so T2 "flusher" needs T3 "writer" (step 1) and T3 "writer" needs T2 "flusher" (step 2): '
                      'the circle is closed. ', words)

    def test_a_finding_by_number_id_and_signature(self):
        report = json.loads(self.stray("report", "--format", "json", LEAKS).stdout)
        ids = [finding["id"] for finding in report["findings"]]
        self.assertEqual(len(ids), 4, ids)
        for number, finding in enumerate(report["findings"], 1):
            by_number = self.explain(LEAKS, str(number))
            self.assertIn(f"finding {number} of 4 in ", by_number)
            self.assertIn(finding["id"], by_number)
            self.assertEqual(self.explain(LEAKS, finding["signature"]), by_number)
            place = ids[:number].count(finding["id"])
            self.assertEqual(self.explain(LEAKS, f"{finding['id']}:{place}"), by_number)
            if ids.count(finding["id"]) == 1:
                self.assertEqual(self.explain(LEAKS, finding["id"]), by_number)

    def test_a_wrong_finding_says_what_there_is(self):
        for wrong in ("0", "5", "99999999999999999999", "leak", "leak.blocked:2", "leak.blocked:x", ""):
            error = self.explain(LEAKS, wrong, status=2)
            self.assertIn("there is no finding", error)
            self.assertRegex(error, r"\n  1  +leak\.")
        self.assertIn("2 findings \"leak.alive\": name one by its number, or as leak.alive:1", self.explain(LEAKS, "leak.alive", status=2))
        clean = os.path.join(GOLDEN, "clean", "dump.txt")
        self.assertEqual(self.explain(clean, "1", status=2), "stray: there are no findings to explain\n")

    def test_wrong_usage_and_unreadable_files(self):
        self.assertIn("name a finding of", self.explain(FOLLOWERS, status=2))
        self.explain(status=2)
        self.explain("--format", "html", FOLLOWERS, "1", status=2)
        self.assertIn("nothing-here", self.explain("nothing-here", "1", status=3))
        self.explain(self.write("no.stray", "this is no dump"), "1", status=3)

    def test_suppressed_findings_have_no_number_but_can_be_named(self):
        rules = self.write("rules.txt", "deadlock.cycle  # it is known\n")
        suppressed = self.stray("report", "--suppressions", rules, FOLLOWERS)
        if suppressed.returncode == 2:
            self.fail(suppressed.stderr)
        self.assertIn("a suppressed finding in shop_server", self.explain("--suppressions", rules, FOLLOWERS, "deadlock.cycle"))
        self.assertIn("there is no finding 1", self.explain("--suppressions", rules, FOLLOWERS, "1", status=2))

    def test_several_dumps_are_numbered_as_their_report_is(self):
        report = json.loads(self.stray("report", "--format", "json", LEAKS, FOLLOWERS).stdout)
        total = len(report["findings"])
        texts = [self.explain(LEAKS, FOLLOWERS, str(number)) for number in range(1, total + 1)]
        shown = self.stray("report", LEAKS, FOLLOWERS).stdout
        headers = re.findall(r"^(\d+) +([a-z.-]+)  (?:proved|likely)", shown, re.MULTILINE)
        self.assertEqual([int(number) for number, _ in headers], list(range(1, total + 1)))
        for (_, finding_id), text in zip(headers, texts):
            self.assertRegex(text, rf"\n   {re.escape(finding_id)}  ")
        self.assertIn(f"stray explain {LEAKS} {FOLLOWERS} 1\n", shown)

    def test_json_has_all_that_the_schema_asks_for(self):
        for number in range(1, 5):
            proof = json.loads(self.explain("--format", "json", LEAKS, str(number)))
            self.assertEqual(proof["schema"], "stray.explain/1")
            schema = os.path.join(os.path.dirname(os.path.dirname(GOLDEN)), "docs", "explain.schema.json")
            with open(schema, encoding="utf-8") as file:
                self.check(proof, json.load(file), "proof")
            for step in proof["steps"]:
                for line in step["evidence"]:
                    self.assertIn(line["step"], [None, *range(1, len(proof["steps"]) + 1)])

    def check(self, value, schema, path):
        """As much of JSON Schema as ours uses; beyond it, every field has to be in the schema."""
        types = schema.get("type")
        names = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
        if types:
            allowed = tuple(names[one] for one in ([types] if isinstance(types, str) else types))
            self.assertIsInstance(value, allowed, path)
        if "enum" in schema:
            self.assertIn(value, schema["enum"], path)
        if isinstance(value, dict):
            for name in schema.get("required", []):
                self.assertIn(name, value, path)
            for name, part in value.items():
                self.assertIn(name, schema["properties"], path)
                self.check(part, schema["properties"][name], f"{path}.{name}")
        if isinstance(value, list):
            for part in value:
                self.check(part, schema["items"], f"{path}[]")

    def test_the_picture_of_a_deadlock(self):
        dot, svg = self.draw(self.explain("--format", "dot", FOLLOWERS, "1"))
        self.assertEqual(dot.nodes["t2"]["shape"], "box")
        self.assertEqual(dot.nodes["t2"]["label"], 'T2 "flusher"\nblocked for ever')
        self.assertEqual(dot.nodes["o1"]["shape"], "ellipse")
        edges = [(source, attributes["label"], target) for source, target, attributes in dot.edges]
        for edge in (("t2", "waits", "o2"), ("t3", "holds", "o2"), ("t3", "waits", "o1"), ("t2", "holds", "o1"),
                     ("t4", "waits", "o1"), ("t5", "waits", "o1"), ("t6", "waits for its end", "t2")):
            self.assertIn(edge, edges)
        if svg:
            self.assertIn("flusher", svg)

    def test_the_picture_of_all_findings_has_a_cluster_for_each(self):
        for folder in sorted(os.listdir(GOLDEN)):
            inputs = [os.path.join(GOLDEN, folder, name) for name in sorted(os.listdir(os.path.join(GOLDEN, folder)))
                      if name == "dump.txt" or name.startswith("log")] if os.path.isdir(os.path.join(GOLDEN, folder)) else []
            if not inputs or folder == "log_programs":
                continue
            findings = json.loads(self.stray("report", "--format", "json", *inputs).stdout)["findings"]
            result = self.stray("report", "--format", "dot", *inputs)
            self.assertEqual(result.returncode, 1 if any(f["confidence"] != "heuristic" for f in findings) else result.returncode)
            with self.subTest(folder):
                dot, _ = self.draw(result.stdout)
                self.assertEqual(len(dot.clusters), len(findings))
            # And each finding can be explained by itself, in every format.
            for number in range(1, len(findings) + 1):
                for form in ("text", "json", "dot"):
                    self.assertTrue(self.explain("--format", form, *inputs, str(number)).strip())

    def test_hostile_names_are_only_names(self):
        with open(FOLLOWERS, encoding="utf-8") as file:
            dump = file.read()
        for name in HOSTILE:
            quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\x1b", "\\033")
            path = self.write("hostile.txt", dump.replace('"flusher"', f'"{quoted}"').replace("g_cart+0x28", quoted))
            text = self.explain("--format", "dot", path, "1")
            for report in (text, self.stray("report", "--format", "dot", path).stdout):
                dot, svg = self.draw(report)
                self.assertFalse(any(node.startswith("evil") for node in dot.nodes), report)
                self.assertNotIn("\x1b", report)
                if svg:
                    self.assertNotIn("<b>", svg)
            label = Dot(text).nodes["t2"]["label"].replace("&amp;", "&")
            if name.isprintable():
                self.assertEqual(label, f'T2 "{name}"\nblocked for ever')
            self.assertNotIn("\x1b", self.explain(path, "1"))

    def test_a_kept_dump_comes_with_the_command_that_explains_it(self):
        result = self.run_target("leak", options=("--output", "dumps"))
        self.assertEqual(result.returncode, 66, result.stderr)
        command = re.search(r"stray explain (\S+\.stray) 1\n", result.stderr)
        self.assertIsNotNone(command, result.stderr)
        self.assertIn("leak.", self.explain(command[1], "1"))
        self.assertNotIn("stray explain", self.run_target("leak").stderr)
        self.assertNotIn("stray explain", self.run_target("clean", options=("--output", "dumps")).stderr)


if __name__ == "__main__":
    unittest.main()
