# SPDX-License-Identifier: Apache-2.0
"""Reports for machines: JUnit XML, SARIF, GitHub's workflow commands, Markdown and flame graphs, each read as their
readers do, whatever the program calls its tasks, files and locks; and what the options of formats accept."""
import html
import re
import xml.etree.ElementTree

import jsonschema
from harness import *

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(os.path.dirname(HERE), "golden")
FOLLOWERS = os.path.join(GOLDEN, "deadlock_with_followers", "dump.txt")
GOROUTINES = os.path.join(GOLDEN, "goroutines_of_tests", "dump.txt")
CLEAN = os.path.join(GOLDEN, "clean", "dump.txt")
INCOMPLETE = os.path.join(GOLDEN, "incomplete_losses", "dump.txt")
RACES = os.path.join(GOLDEN, "log_clang19_races", "log.txt")
# Every dump and log there is, as input of every format.
CASES = sorted(os.path.join(GOLDEN, case) for case in os.listdir(GOLDEN)
               if os.path.exists(os.path.join(GOLDEN, case, "report.json")))

# What would end a string, a property, a command, a tag, a cell or a frame; what a terminal obeys; what XML has no form
# for; what mentions somebody.
HOSTILE = ['"quoted"', "a]]>b<i>&amp;", "x::error file=a,line=1::boo", "50%", "%0A::error::", "a|b`c`", "#1 @all", "a;b 7",
           "\\x1b[31mred", "\\ufffe", "new\\nline", "</testsuites>", "~~~ ``` ~~~"]


def inputs(case):
    return sorted(os.path.join(case, name) for name in os.listdir(case) if name == "dump.txt" or name.startswith("log"))


def proto(text):
    """A string of protobuf's text form; the escapes in `text` are its own."""
    return '"' + text.replace('"', '\\"') + '"'


def hostile_dump(name):
    """A thread that nobody can wake, all of whose names are `name`."""
    name = proto(name)
    return f"""process {{ pid: 9 program: {name} working_directory: "/w" state: "exited" }}
module {{ id: 1 path: {name} base: 0x400000 start: 0x400000 end: 0x480000 build_id: "01" }}
frame {{ address: 0x401000 module: 1 offset: 0x1000 locations {{ function: {name} file: {name} line: 3 }} }}
stack {{ id: 1 addresses: [0x401000] }}
object {{ id: 1 kind: "mutex" address: 0x404100 name: {name} }}
task {{ id: 1 kind: "thread" main: true finished: false }}
task {{ id: 2 kind: "thread" name: {name} parent: 1 create_stack: 1 test: {name} }}
task {{ id: 3 kind: "thread" name: {name} parent: 1 create_stack: 1 finished: true joined: true joined_by: 1
  events {{ kind: "lock" object: 1 sequence: 3 site {{ address: 0x401000 }} }} }}
label {{ task: 2 key: {name} value: {name} }}
snapshot {{ id: 1 reason: "exit" time_ns: 9000000000 taken_by: 1 exiting_task: 1 }}
task_state {{ task: 1 state: "running" in_exit: true }}
task_state {{ task: 2 state: "blocked" wait_reason: "pthread_mutex_lock" object: 1 stack: 1 wait_ns: 70000000000 }}
"""


class Formats(StrayTest):
    def setUp(self):
        super().setUp()
        for name in ("GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
            self.env.pop(name, None)

    def report(self, format, *arguments, status=None):
        result = self.stray("report", "--format", format, *arguments)
        if status is not None:
            self.assertEqual(result.returncode, status, result.stderr)
        return result.stdout

    def hostile(self):
        """(a hostile name, the path of a dump full of it)"""
        for number, name in enumerate(HOSTILE):
            yield name, self.write(f"hostile{number}.txt", hostile_dump(name))

    def everything(self):
        """Command lines of reports that are all different."""
        for case in CASES:
            yield inputs(case)
        for _, path in self.hostile():
            yield [path]


class Junit(Formats):
    def parse(self, text):
        """The suites, after the schema has been asked."""
        path = self.write("report.xml", text)
        checked = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", os.path.join(HERE, "junit.xsd"), path],
                                 capture_output=True, text=True, timeout=LIMIT_S, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr + text)
        root = xml.etree.ElementTree.fromstring(text.encode())
        for element in [root, *root]:
            cases = list(element.iter("testcase"))
            self.assertEqual(int(element.get("tests")), len(cases))
            for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(element.get(attribute)), sum(case.find(tag) is not None for case in cases))
        return root

    def test_every_report_keeps_to_the_schema(self):
        for files in self.everything():
            with self.subTest(files=files):
                self.parse(self.report("junit", *files))

    def test_a_finding_is_a_failed_case_of_its_test(self):
        root = self.parse(self.report("junit", GOROUTINES, status=1))
        cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
        failure = cases["CartTest", "Quote"].find("failure")
        self.assertEqual(failure.get("type"), "leak.blocked")
        self.assertIn("chan send", failure.get("message"))
        self.assertIn("prices.cc:55", failure.text)
        self.assertEqual(cases["CartTest", "Quote"].get("file"), "/home/dev/shop/src/prices.cc")

    def test_clean_is_one_case_that_passes(self):
        root = self.parse(self.report("junit", CLEAN, status=0))
        self.assertEqual([[child.tag for child in case] for case in root.iter("testcase")], [[]])

    def test_missing_data_is_an_error(self):
        root = self.parse(self.report("junit", INCOMPLETE))
        self.assertTrue([case for case in root.iter("testcase") if case.find("error") is not None])

    def test_what_fails_nothing_and_what_is_suppressed_is_skipped(self):
        root = self.parse(self.report("junit", "--fail-on", "none", FOLLOWERS, status=0))
        self.assertIn("does not fail the run", root.find(".//skipped").get("message"))
        rules = self.write("rules", "deadlock.cycle  # ticket 12\n")
        root = self.parse(self.report("junit", "--suppressions", rules, FOLLOWERS, status=0))
        self.assertIn("ticket 12", root.find(".//skipped").get("message"))
        self.assertEqual(root.get("failures"), "0")


class Sarif(Formats):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(HERE, "sarif-2.1.0.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())

    def parse(self, text):
        log = json.loads(text)
        errors = [f"{list(error.absolute_path)}: {error.message}" for error in self.validator.iter_errors(log)]
        self.assertEqual(errors, [])
        self.check_references(log["runs"][0])
        return log["runs"][0]

    def check_references(self, run):
        """What the schema cannot say."""
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            self.assertTrue(rules[result["ruleIndex"]]["help"]["text"])
            self.assertTrue(result["partialFingerprints"]["strayFinding/v1"])
            for location in self.artifacts(result):
                if "uriBaseId" in location:
                    self.assertIn(location["uriBaseId"], run["originalUriBaseIds"])
                self.assertNotRegex(location["uri"], r'[ "<>\\^`{|}\x00-\x1f]|%(?![0-9A-F]{2})')
        for base in run.get("originalUriBaseIds", {}).values():
            self.assertRegex(base["uri"], r"^file:///.*/$")

    def artifacts(self, value):
        if isinstance(value, dict):
            if "artifactLocation" in value:
                yield value["artifactLocation"]
            for part in value.values():
                yield from self.artifacts(part)
        elif isinstance(value, list):
            for part in value:
                yield from self.artifacts(part)

    def test_every_report_keeps_to_the_published_schema(self):
        for files in self.everything():
            with self.subTest(files=files):
                self.parse(self.report("sarif", *files))

    def test_a_deadlock_with_its_place_stacks_and_flows(self):
        self.env["GITHUB_WORKSPACE"] = "/home/dev/app"
        run = self.parse(self.report("sarif", FOLLOWERS, status=1))
        (result,) = run["results"]
        self.assertEqual((result["ruleId"], result["level"]), ("deadlock.cycle", "error"))
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place, {"artifactLocation": {"uri": "src/ledger.cc", "uriBaseId": "SRCROOT"}, "region": {"startLine": 40}})
        self.assertEqual(run["originalUriBaseIds"]["SRCROOT"]["uri"], "file:///home/dev/app/")
        flows = result["codeFlows"][0]["threadFlows"]
        self.assertEqual([[step["location"]["message"]["text"] for step in flow["locations"]] for flow in flows],
                         [['T2 "flusher" created', 'T2 "flusher" takes mutex g_cart+0x28', 'T2 "flusher" blocked in pthread_mutex_lock'],
                          ['T3 "writer" created', 'T3 "writer" takes mutex g_ledger+0x10', 'T3 "writer" blocked in pthread_mutex_lock']])
        self.assertIn("Ledger::Append", [frame["location"]["logicalLocations"][0]["fullyQualifiedName"]
                                         for frame in result["stacks"][0]["frames"]])
        signature = json.loads(self.report("json", FOLLOWERS))["findings"][0]["signature"]
        self.assertEqual(result["partialFingerprints"], {"strayFinding/v1": signature})

    def test_levels_follow_confidence(self):
        levels = {result["ruleId"]: result["level"] for case in CASES for result in self.parse(self.report("sarif", *inputs(case)))["results"]}
        self.assertEqual(levels["leak.blocked"], "error")
        self.assertEqual(levels["leak.alive"], "warning")

    def test_suppressions_and_missing_data_are_said(self):
        rules = self.write("rules", "deadlock.cycle  # ticket 12\n")
        run = self.parse(self.report("sarif", "--suppressions", rules, FOLLOWERS, status=0))
        self.assertEqual(run["results"][0]["suppressions"][0]["kind"], "external")
        self.assertIn("ticket 12", run["results"][0]["suppressions"][0]["justification"])
        self.assertTrue(run["invocations"][0]["executionSuccessful"])
        run = self.parse(self.report("sarif", INCOMPLETE))
        self.assertFalse(run["invocations"][0]["executionSuccessful"])
        self.assertTrue(run["invocations"][0]["toolExecutionNotifications"])


COMMAND = re.compile(r"::(?P<level>error|warning|notice) (?P<properties>[^:\n]*)::(?P<message>[^\n]*)\n")


class Github(Formats):
    def parse(self, text):
        """(level, properties, message) of each command, as the runner reads them: nothing else may stand there."""
        commands, end = [], 0
        for match in COMMAND.finditer(text):
            self.assertEqual(match.start(), end, text)
            end = match.end()
            properties = {}
            for pair in match["properties"].split(","):
                name, value = pair.split("=", 1)
                self.assertIn(name, ("file", "line", "title"))
                self.assertNotIn(name, properties)
                properties[name] = self.unescaped(value, {"%3A": ":", "%2C": ","})
            commands.append((match["level"], properties, self.unescaped(match["message"], {})))
        self.assertEqual(end, len(text), text)
        return commands

    def unescaped(self, text, more):
        escapes = {"%25": "%", "%0D": "\r", "%0A": "\n", **more}
        self.assertNotRegex(text, "%(?!" + "|".join(escape[1:] for escape in escapes) + ")")
        return re.sub("|".join(escapes), lambda match: escapes[match[0]], text)

    def test_every_report_is_commands_only(self):
        for files in self.everything():
            with self.subTest(files=files):
                found = json.loads(self.report("json", *files))["findings"]
                commands = self.parse(self.report("github", *files))
                self.assertEqual(len([1 for level, *_ in commands if level == "error"]),
                                 len([1 for finding in found if finding["confidence"] != "heuristic"]))
                self.assertEqual(commands[-1][0], "notice")

    def test_an_annotation_stands_beside_its_line(self):
        self.env["GITHUB_WORKSPACE"] = "/home/dev/app"
        level, properties, message = self.parse(self.report("github", FOLLOWERS, status=1))[0]
        self.assertEqual((level, properties), ("error", {"file": "src/ledger.cc", "line": "40", "title": "deadlock.cycle (proved)"}))
        self.assertTrue(message.startswith("Deadlock of 2 threads.\nTwo threads wait for each other: "), message)

    def test_names_stay_in_their_property(self):
        for name, path in self.hostile():
            with self.subTest(name=name):
                (error, _) = self.parse(self.report("github", path, status=1))
                # Control characters, and bytes that are no characters, are made visible.
                if "\\" not in name:
                    self.assertEqual(error[1]["file"], name)

    def test_what_does_not_fail_the_run_is_a_warning(self):
        self.assertEqual(self.parse(self.report("github", "--fail-on", "none", FOLLOWERS, status=0))[0][0], "warning")

    def test_the_summary_of_the_job_is_appended_to(self):
        path = self.write("summary.md", "before\n")
        self.env["GITHUB_STEP_SUMMARY"] = path
        self.report("github", FOLLOWERS, status=1)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("before\n### stray: 1 finding in shop"), text)
        self.assertIn("<details>", text)
        self.report("markdown", FOLLOWERS, status=1)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), text, "only the format github writes it")
        self.env["GITHUB_STEP_SUMMARY"] = os.path.join(self.folder, "no", "folder")
        result = self.stray("report", "--format", "github", FOLLOWERS)
        self.assertEqual(result.returncode, 3)
        self.assertIn("GITHUB_STEP_SUMMARY: cannot write", result.stderr)


class Markdown(Formats):
    def check(self, text):
        """Its structure line by line; outside of code nothing of the program's may mean anything."""
        self.assertLessEqual(len(text.encode()), 65536)
        lines = iter(text.splitlines())
        self.assertRegex(next(lines), r"^### stray: ")
        for line in lines:
            fence = re.fullmatch(r"(`{3,})text", line)
            if fence:
                for line in lines:
                    if line == fence[1]:
                        break
                else:
                    self.fail(f"a block of code that does not end:\n{text}")
                continue
            own = re.sub(r"</?(?:details|summary|b)>|\*\*|&#[0-9]+;", "", line)
            if line.startswith("|"):
                self.assertIn(line.count("|"), (7, 8), line)
                own = own.replace("|", "").replace("|:", "").replace("--:", "").replace("#", "")
            self.assertNotRegex(own, r"[<>`@#|*_\[\]\\]", line)

    def test_every_report_means_only_what_it_says(self):
        for files in self.everything():
            with self.subTest(files=files):
                self.check(self.report("markdown", *files))

    def test_the_table_has_place_and_test(self):
        self.env["GITHUB_WORKSPACE"] = "/home/dev/shop"
        text = html.unescape(self.report("markdown", GOROUTINES, status=1))
        self.assertRegex(text, r"\| 1 \| \*\*leak.blocked\*\* \| proved \| 3 \| .* \| FetchPrice \(src/prices.cc:55\) \| CartTest.Quote \|")

    def test_thousands_of_findings_are_cut_to_what_a_comment_holds(self):
        parts = [hostile_dump("a|b`c`" * 20).replace("pid: 9", f"pid: {pid}") for pid in range(300)]
        text = self.report("markdown", self.write("many.txt", "".join(parts)), status=1)
        self.check(text)
        self.assertRegex(text, r"and [0-9]+ more\n")
        self.assertIn("There was no room for the details of", text)


class Folded(Formats):
    def test_every_line_is_frames_and_a_weight(self):
        for files in self.everything():
            with self.subTest(files=files):
                result = self.stray("report", "--format", "folded", *files)
                if result.returncode == 4 and not result.stdout:
                    self.assertIn("there is no snapshot", result.stderr)
                    continue
                lines = result.stdout.splitlines()
                tasks = sum(int(re.fullmatch(r"[^;\x00-\x1f]+(?:;[^;\x00-\x1f]+)* ([0-9]+)", line)[1]) for line in lines)
                snapshots = json.loads(self.report("json", *files))["snapshots"]
                # Each list in a text of elsewhere is a process of its own, whatever pid it says.
                newest = {-number if snapshot["reason"] == "listing" else snapshot["pid"]: snapshot["tasks"]
                          for number, snapshot in enumerate(snapshots, 1)}
                self.assertEqual(tasks, sum(newest.values()))
                self.assertEqual(len(lines), len(set(line.rsplit(" ", 1)[0] for line in lines)))

    def test_outermost_first_and_the_reason_last(self):
        self.assertIn("shop_server;FlushLoop;Cart::Flush;Ledger::Append;[pthread_mutex_lock] 1\n", self.report("folded", FOLLOWERS))
        self.assertIn("cart_tests;Quote::{lambda#1};FetchPrice;[chan send] 3\n", self.report("folded", GOROUTINES))

    def test_weights_of_contention_are_nanoseconds(self):
        text = self.report("folded", "--profile", "mutex", GOROUTINES)
        self.assertEqual(text, "cart_tests;Ledger::Post 7000000000\n")


class Options(Formats):
    def refused(self, *arguments, status=2):
        result = self.stray(*arguments)
        self.assertEqual((result.returncode, result.stdout), (status, ""), result.stderr)
        return result.stderr

    def test_options_that_a_format_does_not_have(self):
        self.assertIn("--format json has no --profile", self.refused("report", "--format", "json", "--profile", "block", CLEAN))
        self.assertIn("--format text has no --per-task", self.refused("report", "--per-task", CLEAN))
        self.assertIn("--format sarif has no --labels", self.refused("report", "--format", "sarif", "--labels", "off", CLEAN))
        self.assertIn("none of goroutine, goroutineleak", self.refused("report", "--format", "pprof", "--profile", "heap", CLEAN))
        self.assertIn("did you mean \"sarif\"", self.refused("report", "--format", "sarfi", CLEAN))
        self.assertIn("has no --profile", self.refused("run", "--profile", "block", "--", "true", status=125))
        self.assertIn("has no --profile", self.refused("snapshot", "--profile", "block", "1"))

    def test_what_a_watch_and_several_runs_cannot_write(self):
        self.assertIn("--watch tells what happens as text or json, not as junit",
                      self.refused("run", "--watch", "1s", "--format", "junit", "--", "true", status=125))
        self.assertIn("--all-seeds makes several reports",
                      self.refused("run", "--seeds", "2", "--all-seeds", "--format", "sarif", "--", "true", status=125))

    def test_help_lists_every_format(self):
        for command in ("run", "report", "snapshot"):
            text = self.stray(command, "--help").stdout
            for word in ("text", "json", "dot", "junit", "sarif", "github", "markdown", "pprof", "folded", "goroutine", "goroutine-debug1",
                         "perfetto"):
                self.assertRegex(text, rf"\n  {word} +[A-Za-z]")

    def test_a_list_of_tasks_without_a_snapshot_is_no_empty_list(self):
        path = self.write("none.txt", 'process { pid: 3 program: "/bin/app" state: "killed" }\ntask { id: 1 kind: "thread" main: true }\n')
        for format in ("folded", "goroutine", "goroutine-debug1", "pprof"):
            out = os.path.join(self.folder, "out")
            result = self.stray("report", "--format", format, "-o", out, path)
            self.assertEqual(result.returncode, 4, result.stderr)
            self.assertIn("data is incomplete: there is no snapshot", result.stderr)
            self.assertFalse(os.path.exists(out))

    def test_missing_data_is_said_beside_a_list_of_tasks(self):
        result = self.stray("report", "--format", "goroutine", INCOMPLETE)
        self.assertIn("stray: data is incomplete: ", result.stderr)

    def test_a_process_that_is_not_in_the_list_is_named(self):
        path = self.write("none.txt", 'process { pid: 3 program: "/bin/app" state: "killed" }\ntask { id: 1 kind: "thread" main: true }\n')
        result = self.stray("report", "--format", "folded", CLEAN, path)
        self.assertIn("stray: there is no snapshot of app (pid 3): its tasks are not listed\n", result.stderr)
        self.assertTrue(result.stdout)

    def test_run_writes_each_format(self):
        for format in ("junit", "sarif", "github", "markdown", "folded", "goroutine", "goroutine-debug1", "pprof"):
            with self.subTest(format=format):
                out = os.path.join(self.folder, "report." + format)
                result = self.run_target("deadlock", options=("--format", format, "-o", out))
                self.assertEqual(result.returncode, 66, result.stderr)
                self.assertIn("see " + out, result.stderr)
                with open(out, "rb") as file:
                    data = file.read()
                if format == "pprof":
                    self.assertEqual(data[:2], b"\x1f\x8b")
                else:
                    self.assertIn(b"deadlock" if format in ("junit", "sarif", "github", "markdown") else b"pthread_mutex_lock", data)

    def test_run_lists_the_tasks_of_a_program_that_is_in_order(self):
        out = os.path.join(self.folder, "tasks")
        result = self.run_target("exit", "0", options=("--format", "folded", "-o", out))
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(out, encoding="utf-8") as file:
            self.assertRegex(file.read(), r"^target;.* 1\n$")


if __name__ == "__main__":
    unittest.main()
