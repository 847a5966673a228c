#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`--format perfetto`: what tasks did when, of threads and goroutines of programs that were not built for traces."""
import collections

from harness import *

LOCKERS = os.environ["LOCKERS"]
LEAK = os.path.join(os.environ["EXAMPLES"], "goroutine_leak")


class Timeline(StrayTest):
    def events(self, *command, options=()):
        """Of a traced run, by phase; and the run."""
        out = os.path.join(self.folder, "timeline.json")
        result = self.stray("run", "--quiet", "--trace", "--format", "perfetto", "-o", out, *options, "--", *command)
        with open(out, encoding="utf-8") as file:
            return self.by_phase(file.read()), result

    def by_phase(self, text):
        phases = collections.defaultdict(list)
        for event in json.loads(text)["traceEvents"]:
            phases[event["ph"]].append(event)
        self.assertLessEqual(set(phases), set("MXsf"))
        return phases

    def names(self, phases):
        """By task, what it is called."""
        return {event["tid"]: event["args"]["name"] for event in phases["M"] if event["name"] == "thread_name"}

    def check(self, phases):
        """Spans of a task lie side by side, and each arrow has two ends, the first one first."""
        ends = {}
        for event in phases["X"]:
            begin, length = round(event["ts"] * 1000), round(event["dur"] * 1000)
            self.assertGreater(length, 0)
            if event["tid"] in ends:
                self.assertEqual(begin, ends[event["tid"]], event)
            ends[event["tid"]] = begin + length
        self.assertEqual(len(phases["s"]), len(phases["f"]))
        for begin, end in zip(phases["s"], phases["f"]):
            self.assertEqual((begin["id"], begin["name"]), (end["id"], end["name"]))
            self.assertLessEqual(begin["ts"], end["ts"])
        names = self.names(phases)
        for event in phases["X"] + phases["s"] + phases["f"]:
            self.assertIn(event["tid"], names)

    def test_threads(self):
        phases, result = self.events(LOCKERS, "apart")
        self.assertEqual(result.stdout, "done\n")
        self.check(phases)
        names = self.names(phases)
        self.assertEqual(sorted(names.values()), ["T2", "T3", "main"])
        main = [event for event in phases["X"] if names[event["tid"]] == "main"]
        self.assertIn("pthread_join", [event["name"] for event in main])
        self.assertEqual(main[0]["name"], "running")
        created = [(names[begin["tid"]], names[end["tid"]])
                   for begin, end in zip(phases["s"], phases["f"]) if begin["name"] == "creates"]
        self.assertEqual(sorted(created), [("main", "T2"), ("main", "T3")])

    def test_goroutines_of_a_program_that_was_not_built_for_it(self):
        phases, result = self.events(LEAK)
        self.assertEqual((result.returncode, result.stdout), (66, "an answer\n"))
        self.check(phases)
        names = self.names(phases)
        by_name = {re_name(name): tid for tid, name in names.items()}
        self.assertEqual(set(by_name), {"main", "berlin", "lisbon", "oslo"})
        last = {}
        for event in phases["X"]:
            last[event["tid"]] = event
        stuck = [name for name in ("berlin", "lisbon", "oslo") if last[by_name[name]]["name"] == "chan send"]
        self.assertEqual(len(stuck), 2)
        for name in stuck:
            self.assertIn("FirstAnswer", last[by_name[name]]["args"]["at"])
            self.assertIn("channel ", last[by_name[name]]["args"]["object"])
        first = ({"berlin", "lisbon", "oslo"} - set(stuck)).pop()
        words = {name: [event["name"] for event in phases["X"] if event["tid"] == by_name[name]] for name in by_name}
        for name in by_name:
            self.assertIn("running", words[name])
            self.assertLessEqual(set(words[name]), {"running", "runnable", "sleep", "chan send", "chan receive"})
        for name in stuck + [first]:
            self.assertIn("sleep", words[name])
        woken = [(begin["tid"], end["tid"]) for begin, end in zip(phases["s"], phases["f"]) if begin["name"] == "wakes"]
        self.assertIn((by_name[first], by_name["main"]), woken)

    def test_a_dump_keeps_it(self):
        phases, _ = self.events(LEAK, options=["--output", self.folder])
        [dump] = [name for name in os.listdir(self.folder) if name.endswith(".stray")]
        again = self.stray("report", "--format", "perfetto", dump)
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertEqual(self.by_phase(again.stdout), phases)

    def test_without_a_trace_there_is_none(self):
        for command in (["run", "--format", "perfetto", "-o", "x.json", "--", "true"],
                        ["snapshot", "--format", "perfetto", "-o", "x.json", "1"]):
            result = self.stray(*command)
            self.assertEqual(result.returncode, 125 if command[0] == "run" else 2, result.stderr)
            self.assertIn("`stray run --trace` records one", result.stderr)
        self.stray("run", "--output", self.folder, "--", LOCKERS, "apart")
        [dump] = [name for name in os.listdir(self.folder) if name.endswith(".stray")]
        result = self.stray("report", "--format", "perfetto", "-o", "x.json", dump)
        self.assertEqual(result.returncode, 4)
        self.assertIn("there is no trace", result.stderr)
        self.assertNotIn("x.json", os.listdir(self.folder))


def re_name(label):
    """G12 "berlin" -> berlin."""
    return label.split('"')[1] if '"' in label else label


if __name__ == "__main__":
    unittest.main()
