# SPDX-License-Identifier: Apache-2.0
"""What the command line tests share: where the programs are, and how to run stray on one of them.

Paths come from the environment that tests/cli/CMakeLists.txt sets: STRAY (the command), TARGET and
TARGET_STATIC (target.c, dynamic and static).
"""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

STRAY = os.environ["STRAY"]
TARGET = os.environ["TARGET"]
TARGET_STATIC = os.environ["TARGET_STATIC"]
LIMIT_S = 60  # for everything that is expected to end by itself


def environment(**changes):
    """The environment of this test, without what would change what stray does."""
    result = dict(os.environ)
    for name in ("STRAY_OPTIONS", "STRAY_SCHED", "STRAY_SESSION", "TEST_TIMEOUT", "CTEST_TEST_TIMEOUT", "LD_PRELOAD",
                 "SOURCE_DATE_EPOCH"):
        result.pop(name, None)
    result.update(changes)
    return result


class StrayTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="stray-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        # Sessions of this test lie in a place of its own, so that it can see whether they are cleaned up.
        self.runtime = os.path.join(self.folder, "runtime")
        os.mkdir(self.runtime, 0o700)
        self.env = environment(XDG_RUNTIME_DIR=self.runtime)

    def stray(self, *arguments, input="", **options):
        """Runs stray to its end; returns the CompletedProcess with text output."""
        options.setdefault("env", self.env)
        options.setdefault("cwd", self.folder)
        return subprocess.run([STRAY, *arguments], input=input, capture_output=True, text=True,
                              timeout=LIMIT_S, **options)

    def write(self, name, text):
        """Path of a new file with this text."""
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_target(self, *verb, options=(), **others):
        return self.stray("run", *options, "--", TARGET, *verb, **others)

    def findings(self, *verb, options=(), **others):
        """Ids of the findings of a run, sorted, and the CompletedProcess."""
        path = os.path.join(self.folder, "report.json")
        result = self.run_target(*verb, options=("--format", "json", "-o", path, *options), **others)
        with open(path, encoding="utf-8") as file:
            return sorted(finding["id"] for finding in json.load(file)["findings"]), result

    def start(self, *arguments, wait_for="started\n", **options):
        """Starts stray and returns the Popen when the target has said `wait_for`."""
        options.setdefault("env", self.env)
        process = subprocess.Popen([STRAY, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, bufsize=1, cwd=self.folder, **options)
        self.addCleanup(self.end, process)
        self.assertEqual(process.stdout.readline(), wait_for)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()

    def read_until(self, stream, text):
        """Reads lines of `stream` until one holds `text`; returns them all."""
        lines = []
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            line = stream.readline()
            lines.append(line)
            if text in line:
                return "".join(lines)
            if not line:
                break
        self.fail(f"no {text!r} in:\n{''.join(lines)}")

    def child_of(self, process):
        """Pid of the target of a running stray."""
        return children_of(process.pid)[0]

    def wait_until(self, condition, what, seen=lambda: ""):
        """`seen` is asked what there is instead, once the wait was in vain."""
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            if time.monotonic() >= deadline:
                self.fail(f"waited in vain: {what}\n{seen()}")
            select.select([], [], [], 0.01)

    def settled(self, pid, threads):
        """Waits until `pid` has as many threads and all are asleep; returns it."""
        self.wait_until(lambda: thread_states(pid) == ["S"] * threads, "all threads block")
        return pid

    def assert_cleaned_up(self):
        base = os.path.join(self.runtime, "stray")
        self.assertEqual(os.listdir(base) if os.path.isdir(base) else [], [])


def state(stat_path):
    """The state letter in a /proc stat file; X if the thread is gone."""
    try:
        with open(stat_path, encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def children_of(pid):
    """Pids of what the main thread of `pid` has started and not waited for."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def is_running(pid):
    return state(f"/proc/{pid}/stat") not in "ZX"


def thread_states(pid):
    """The state letters of all threads of a process; none if it is gone."""
    try:
        return [state(f"/proc/{pid}/task/{task}/stat") for task in os.listdir(f"/proc/{pid}/task")]
    except FileNotFoundError:
        return []


def status_after_signal(number):
    return 128 + int(number)


__all__ = ["STRAY", "TARGET", "TARGET_STATIC", "LIMIT_S", "StrayTest", "children_of", "environment", "is_running",
           "status_after_signal", "json", "os", "signal", "subprocess", "time", "unittest"]
