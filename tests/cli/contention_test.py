#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Waits that have ended, in the block and mutex profiles: counted when asked for, each where it was, and not else."""
import http.client
import re
import urllib.request

from goroutine_text import parse_profile
from harness import *

CONTENTION = os.environ["CONTENTION"]
LONG_NS = 20_000_000  # kLongWait of contention.cc
ALL = ("--block-profile-rate", "1ns", "--mutex-profile-fraction", "1")


def at(groups, function, state="ended"):
    """How many of a profile's waits were in `function` of the program, how long they took, and why they waited."""
    found = [group for group in groups if group["labels"].get("state") == state and group["frames"]
             and group["frames"][0][0].split("(")[0].endswith(function)]
    reasons = {group["labels"].get("wait_reason") for group in found}
    return sum(group["count"] for group in found), sum(group["delay"] for group in found), reasons


def ended(groups):
    return [group for group in groups if group["labels"].get("state") == "ended"]


class Contention(StrayTest):
    def run_it(self, *lines, options=()):
        """The CompletedProcess of a run that is given these lines."""
        result = self.stray("run", *options, "--", CONTENTION, input="".join(line + "\n" for line in lines))
        self.assertEqual((result.returncode, result.stdout), (0, "started\n" + "ok\n" * len(lines)), result.stderr)
        return result

    def profile(self, kind, *lines, options=ALL):
        """The groups of its text, of a run that ends by itself."""
        path = os.path.join(self.folder, "profile.txt")
        self.run_it(*lines, options=[*options, "--format", "goroutine-debug1", "--profile", kind, "-o", path])
        with open(path, encoding="utf-8") as file:
            name, groups = parse_profile(file.read())
        self.assertEqual(name, kind)
        return groups

    def assert_waited(self, groups, function, count, reason):
        got, delay_ns, reasons = at(groups, function)
        self.assertEqual((got, reasons), (count, {reason}), groups)
        self.assertGreaterEqual(delay_ns, count * LONG_NS)


class AtTheEnd(Contention):
    def test_threads(self):
        block = self.profile("block", "threads 3")
        self.assert_waited(block, "WaitForLock", 3, "pthread_mutex_lock")
        self.assert_waited(block, "WaitForSignal", 3, "pthread_cond_wait")
        self.assertEqual([group for group in block if group["labels"].get("wait_reason") == "nanosleep"], [],
                         "who sleeps waits for nobody")
        mutex = self.profile("mutex", "threads 3")
        self.assert_waited(mutex, "HoldLock", 3, "pthread_mutex_lock")
        self.assertEqual(at(mutex, "WaitForLock")[0], 0)

    def test_goroutines(self):
        block = self.profile("block", "goroutines 3")
        self.assert_waited(block, "WaitForGate", 3, "sync.Mutex.Lock")
        self.assert_waited(block, "WaitForValue", 3, "chan receive")
        self.assertEqual([group for group in block if group["labels"].get("wait_reason") == "sleep"], [])
        self.assert_waited(self.profile("mutex", "goroutines 3"), "HoldGate", 3, "sync.Mutex.Lock")

    def test_off_unless_asked_for(self):
        for options in ((), ("--block-profile-rate", "0", "--mutex-profile-fraction", "0")):
            for kind in ("block", "mutex"):
                self.assertEqual(ended(self.profile(kind, "threads 1", "goroutines 1", options=options)), [])
        # One of the two does not switch on the other.
        self.assertEqual(ended(self.profile("mutex", "threads 1", options=ALL[:2])), [])
        self.assertEqual(ended(self.profile("block", "threads 1", options=ALL[2:])), [])

    def test_a_profile_without_them_says_so(self):
        path = os.path.join(self.folder, "profile.pb.gz")
        for kind, option in (("block", "--block-profile-rate"), ("mutex", "--mutex-profile-fraction")):
            for given in (False, True):
                self.run_it("threads 1", options=["--format", "pprof", "--profile", kind, "-o", path, *(ALL if given else ())])
                comments = subprocess.run(["go", "tool", "pprof", "-comments", path], capture_output=True, text=True,
                                          check=True, timeout=LIMIT_S, env=dict(self.env, HOME=self.folder)).stdout
                said = f"waits that are over are not counted at this moment ({option})" in comments
                self.assertEqual(said, not given, comments)

    def test_long_waits_are_all_counted_and_few_of_the_short_ones(self):
        block = self.profile("block", "short 20000", "threads 2", options=("--block-profile-rate", "10ms"))
        self.assert_waited(block, "WaitForLock", 2, "pthread_mutex_lock")
        short = [group for group in block if group["labels"]["wait_reason"].startswith("chan")]
        for group in short:
            # Who was counted by chance stands for that much waiting.
            self.assertGreaterEqual(group["delay"], 10_000_000, group)
        everything = self.profile("block", "short 20000")
        self.assertGreater(sum(group["count"] for group in everything), 20000, "each way at least one of the two waits")

    def test_one_of_many_waits_for_locks_counts_for_all(self):
        mutex = self.profile("mutex", "threads 6", options=("--mutex-profile-fraction", "2"))
        count, delay_ns, _ = at(mutex, "HoldLock")
        self.assertEqual(count % 2, 0)
        self.assertGreaterEqual(delay_ns, count * LONG_NS)

    def test_the_report_and_the_dump_have_them(self):
        report = re.sub(r"\s+", " ", self.run_it("threads 3", options=ALL).stderr)
        self.assertRegex(report, r"places? in the block profile of \S+ \(pid \d+\): where tasks waited, of those waits that have ended")
        self.assertRegex(report, r"3 waits in pthread_mutex_lock, \d+ ms in all at \S*WaitForLock")
        self.assertRegex(report, r"mutex profile of \S+ \(pid \d+\): where locks were taken that others then waited for")
        self.assertRegex(report, r"3 waits in pthread_mutex_lock, \d+ ms in all at \S*HoldLock")
        self.run_it("threads 3", options=[*ALL, "--output", "dumps"])
        [dump] = os.listdir(os.path.join(self.folder, "dumps"))
        folded = self.stray("report", os.path.join("dumps", dump), "--format", "folded", "--profile", "mutex").stdout
        self.assertRegex(folded, r"HoldLock;\[pthread_mutex_lock\] \d{8,}\n")


class Live(Contention):
    def serve(self, *options):
        process = self.start("run", "--http", "127.0.0.1:0", *options, "--", CONTENTION, wait_for="started\n")
        line = self.read_until(process.stderr, "serving at")
        self.url = re.search(r"serving at (\S+)", line)[1].removesuffix("/debug/pprof/")
        self.process = process

    def ask(self, *requests):
        for request in requests:
            self.process.stdin.write(request + "\n")
            self.assertEqual(self.process.stdout.readline(), "ok\n")

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=LIMIT_S) as answer:
            return answer.read()

    def groups(self, kind):
        return parse_profile(self.get(f"/debug/pprof/{kind}?debug=1").decode())[1]

    def delta(self, kind, *requests):
        """{(state, function): count} of the samples of some seconds in which `requests` are handled."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=LIMIT_S)
        self.addCleanup(connection.close)
        connection.request("GET", f"/debug/pprof/{kind}?seconds=2")
        # The first snapshot is taken before anything else is answered.
        self.get("/debug/pprof/cmdline")
        self.ask(*requests)
        path = os.path.join(self.folder, "delta.pb.gz")
        with open(path, "wb") as file:
            file.write(connection.getresponse().read())
        traces = subprocess.run(["go", "tool", "pprof", "-traces", "-sample_index=contentions", path], capture_output=True,
                                text=True, check=True, timeout=LIMIT_S, env=dict(self.env, HOME=self.folder)).stdout
        samples = {}
        for block in traces.split("-----------+")[1:]:
            state = re.search(r"state: +(\w+)", block)
            row = re.search(r"^ +(-?\d+) +(\S.*)$", block, re.MULTILINE)
            if state and row:
                samples[state[1], row[2].split("::")[-1]] = int(row[1])
        return samples

    def test_waits_that_go_on_stand_beside_those_that_ended(self):
        self.serve(*ALL)
        self.ask("threads 2", "hold")
        for kind, function in (("block", "WaitForLock"), ("mutex", "HoldLock")):
            groups = self.groups(kind)
            self.assertEqual(at(groups, function)[0], 2, groups)
            others = [group for group in groups if group["labels"].get("state") != "ended" and function in group["frames"][0][0]]
            self.assertEqual([group["count"] for group in others], [1], groups)
        metrics = self.get("/metrics").decode()
        self.assertRegex(metrics, r'stray_waits_total\{.*wait_reason="pthread_mutex_lock"\} 2\n')
        self.assertRegex(metrics, r'stray_lock_waits_total\{.*wait_reason="pthread_mutex_lock"\} 2\n')
        self.assertRegex(metrics, r'stray_lock_wait_seconds_total\{.*wait_reason="pthread_mutex_lock"\} 0\.\d+\n')

    def test_seconds_count_what_ends_meanwhile_and_nothing_before_or_after(self):
        self.serve()
        self.ask("threads 2", "hold")
        block = self.delta("block", "threads 3")
        # The wait that went on when it began has ended, and is told from the time before.
        self.assertEqual((block["ended", "WaitForLock"], block["blocked", "WaitForLock"]), (4, -1), block)
        self.assertEqual(self.delta("mutex", "threads 3")["ended", "HoldLock"], 3)
        counts = [(group["frames"][:1], group["count"]) for group in ended(self.groups("block"))]
        self.ask("threads 2", "goroutines 2")
        self.assertEqual([(group["frames"][:1], group["count"]) for group in ended(self.groups("block"))], counts)

    def test_a_rate_that_was_asked_for_stays(self):
        self.serve("--block-profile-rate", "1ns")
        self.delta("block", "threads 1")
        before = at(self.groups("block"), "WaitForLock")[0]
        self.ask("threads 2")
        self.assertEqual(at(self.groups("block"), "WaitForLock")[0], before + 2)


if __name__ == "__main__":
    unittest.main()
