#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one test program under `stray run` and compares what is found with what the source wants.

A program says in comments what stray must find in it (README.md has the grammar):

    pthread_mutex_lock(&b);  // want deadlock.cycle: wait for each other

Both ways: a want without a finding fails, and so does a finding without a want. Besides, stray must not
change the program: standard output, standard error and exit status are those of a plain run, which goes on
beside it. A program that `hangs` has to hang in the plain run too, else it proves nothing.
"""

import argparse
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

FOUND_STATUS = 66
INCOMPLETE_STATUS = 67
SKIPPED_STATUS = 77  # what ctest takes for "skipped"
GAP_LIMIT_S = 5  # a gap may be a hang: not worth the full limit
SCHEMA = "stray.report/1"
CONFIDENCE = {  # DESIGN, section 3
    "leak.blocked": "proved",
    "leak.alive": "likely",
    "leak.unjoined": "proved",
    "deadlock.cycle": "proved",
    "deadlock.self": "proved",
    "deadlock.all": "proved",
    "hang.timeout": "likely",
    "lock-order.cycle": "likely",
    "sync.misuse": "proved",
    "channel.misuse": "proved",
    "wait-group.misuse": "proved",
    "race.data": "proved",
    "race.predicted": "proved",
    "race.lockset": "heuristic",
    "deadlock.predicted": "proved",
    "channel.predicted": "proved",
    "wait-group.predicted": "proved",
}
# A sanitizer's own opinions are not what is tested here, but in programs that are about races; there the exit status
# has to be stray's. Of goroutines it knows what the runtime tells it, and it has to find no race, nor one in
# what the agent does.
TSAN_OPTIONS = "report_bugs=%d:report_thread_leaks=0:report_mutex_bugs=0:detect_deadlocks=0:atexit_sleep_ms=0:exitcode=0"

EXPECTATION = re.compile(
    r"(?://|/\*)\s*(?P<kind>want|behind|maybe|missed\(#\d+\))\s+(?P<id>[a-z.-]+)(?:\s+x(?P<count>\d+))?:\s*(?P<text>.*?)\s*(?:\*/)?$")
HEAD_LINE = re.compile(r"^// (?P<key>flags|args|exit|hangs|incomplete|note|twin|link):\s*(?P<value>.*?)\s*$")
STRAY_NOTICE = re.compile(rb"stray: \d+ findings?, see [^\n]*\n\Z")  # what run says when the report goes to a file
TSAN_REPORT = b"WARNING: ThreadSanitizer: "
SANITIZER_PID = re.compile(rb"^==\d+==", re.MULTILINE)
# Goroutines are numbered in bundles, one for each processor: which bundle one is of differs from run to run.
GOROUTINE_NUMBER = re.compile(rb"\bgoroutine \d+")
COMMENT_ONLY = re.compile(r"^\s*(?://|/\*)")


@dataclass
class Expectation:
    """One want, behind, maybe or missed comment."""

    kind: str  # want, behind, maybe, missed
    id: str
    count: int  # 0: not checked
    pattern: str
    line: int  # the code line it stands for

    def __str__(self):
        count = f" x{self.count}" if self.count else ""
        return f"line {self.line}: {self.kind} {self.id}{count}: {self.pattern}"


@dataclass
class Program:
    """What the comments of a source say."""

    name: str
    expectations: list = field(default_factory=list)
    flags: list = field(default_factory=list)
    args: list = field(default_factory=list)
    exit: int = None  # None: the plain run's own status
    hangs: bool = False
    incomplete: str = None  # pattern of the remark that says what stray could not see
    note: str = None  # pattern of a remark that takes nothing from the report
    twin: str = None
    library: str = None

    def is_about_races(self):
        return self.name.startswith("race_") or self.library == "runtime-race"


class BadProgram(Exception):
    """The comments of a source make no sense."""



def without_numbers(stderr):
    """What a program has printed, with process ids left out and goroutines numbered as they appear."""
    known = {}

    def number(match):
        return b"goroutine #%d" % known.setdefault(match.group(), len(known) + 1)

    return GOROUTINE_NUMBER.sub(number, SANITIZER_PID.sub(b"==PID==", stderr))


def parse_program(name, text):
    """Reads the head lines and expectations of a source."""
    program = Program(name)
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        head = HEAD_LINE.match(line)
        if head:
            _apply_head(program, head["key"], head["value"])
        match = EXPECTATION.search(line)
        if not match:
            if re.search(r"(?://|/\*)\s*(want|behind|maybe|missed)\b.*:", line):
                raise BadProgram(f"{name}:{number}: cannot read this expectation: {line.strip()}")
            continue
        if match["id"] not in CONFIDENCE:
            raise BadProgram(f"{name}:{number}: there is no finding '{match['id']}'")
        re.compile(match["text"])
        program.expectations.append(
            Expectation(match["kind"].split("(")[0], match["id"], int(match["count"] or 0), match["text"],
                        _code_line(lines, number)))
    return program


def _apply_head(program, key, value):
    if key == "flags":
        program.flags = value.split()
    elif key == "args":
        program.args = value.split()
    elif key == "exit":
        program.exit = int(value)
    elif key == "hangs":
        program.hangs = value == "yes"
    elif key == "incomplete":
        program.incomplete = value
    elif key == "note":
        program.note = value
    elif key == "twin":
        program.twin = value
    elif key == "link":
        program.library = value


def _code_line(lines, number):
    """A comment that has the line to itself stands for the next line with code."""
    while number < len(lines) and COMMENT_ONLY.match(lines[number - 1]):
        number += 1
    return number


def own_part(finding):
    """A finding without the tasks that are stuck behind it."""
    return {key: value for key, value in finding.items() if key != "consequences"}


def consequences(finding):
    """The tasks that are stuck behind a finding, in the form of one."""
    return {"id": finding["id"], "title": "", "explanation": "", "objects": finding.get("objects", []),
            **finding.get("consequences", {"tasks": [], "stacks": []})}


def places(value):
    """All (file name, line) pairs anywhere inside a finding, but for the steps that lead to it in a trace."""
    if isinstance(value, dict):
        if value.get("file") and value.get("line"):
            yield os.path.basename(value["file"]), value["line"]
        value = [part for key, part in value.items() if key != "schedule"]
    if isinstance(value, list):
        for item in value:
            yield from places(item)


def subject(finding):
    """The text that a want's pattern is searched in: title, explanation, then each task on its own."""
    parts = [finding["title"], finding["explanation"]]
    objects = {one["object"]: one for one in finding.get("objects", [])}
    for task in finding["tasks"]:
        labels = "".join(f" {key}={value}" for key, value in task.get("labels", {}).items())
        parts.append(f'{task["kind"]} "{task.get("name") or ""}" {task["state"]} [{task.get("wait_reason") or ""}]{labels}')
        cases = [f'{case["operation"]} {objects.get(case["object"], {}).get("name")}' for case in task.get("cases", [])]
        if cases:
            parts.append("selects " + ", ".join(cases))
        for use in objects.get(task.get("object"), {}).get("uses", []):
            parts.append(f'{objects[task["object"]]["name"]} used: {use["count"]} {use["operation"]}'
                         f'{" ended" if use["ended"] else ""}'
                         f'{" at a known time" if use.get("ended_before_ns") is not None else ""}')
    return re.sub(r"\s+", " ", " ".join(parts))


def matches(expectation, finding, name):
    if expectation.kind == "behind":
        part = consequences(finding)
        count, where = len(part["tasks"]), part["stacks"]
    else:
        part = where = own_part(finding)
        count = finding["count"]
    return (expectation.id == finding["id"]
            and expectation.count in (0, count)
            and (name, expectation.line) in set(places(where))
            and re.search(expectation.pattern, subject(part)) is not None)


def compare(program, findings):
    """Complaints about the difference between what is wanted and what was found."""
    complaints = []
    explained, told = set(), set()
    for expectation in program.expectations:
        hits = [i for i, finding in enumerate(findings) if matches(expectation, finding, program.name)]
        explained.update(i for i in hits if expectation.kind != "behind")
        told.update(i for i in hits if expectation.kind == "behind")
        if expectation.kind in ("want", "behind") and not hits:
            complaints.append(f"not found: {expectation}")
        if expectation.kind in ("want", "behind") and len(hits) > 1:
            complaints.append(f"found {len(hits)} times, which is once too often: {expectation}")
        if expectation.kind == "missed" and hits:
            complaints.append(f"no longer missed, make it a want: {expectation}")
    for i, finding in enumerate(findings):
        if i not in explained:
            complaints.append(f"unwanted: {describe(finding)}")
        if finding.get("consequences") and i not in told:
            complaints.append(f"unwanted consequences: {describe(consequences(finding) | {'count': finding['count']})}")
        if finding["confidence"] != CONFIDENCE.get(finding["id"]):
            complaints.append(f"confidence is {finding['confidence']}: {describe(finding)}")
    return complaints


def describe(finding):
    lines = sorted({f"{file}:{line}" for file, line in places(finding)})
    return f"{finding['id']} x{finding['count']}: {subject(finding)}\n      at {', '.join(lines)}"


@dataclass
class Outcome:
    """How a command ended. A status below 0 is a signal, None a command that had to be stopped."""

    status: int
    stdout: bytes
    stderr: bytes

    def shell_status(self):
        return 128 - self.status if self.status < 0 else self.status


class Run:
    """A command in a session of its own, so that whatever it leaves behind can be ended with it."""

    def __init__(self, command, env):
        self.stdout = tempfile.TemporaryFile()
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.stdout, stderr=self.stderr,
                                        env=env, start_new_session=True)

    def is_running(self):
        return self.process.poll() is None

    def finish(self, limit_s):
        """Waits for the end, for at most `limit_s`, then ends what is left of the session."""
        try:
            status = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            status = None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        return Outcome(status, self._text(self.stdout), self._text(self.stderr))

    @staticmethod
    def _text(file):
        with file:
            file.seek(0)
            return file.read()


def is_traced(mode):
    """Built with stray's recorder in the place of a sanitizer."""
    return mode.endswith("-trace")


def run_both(stray, program, mode, command, limit_s):
    """Runs the program under stray and, at the same time, plain. Returns both outcomes, whether the plain
    run was still going when stray was done, and stray's report as text ("" if there is none)."""
    with tempfile.TemporaryDirectory(prefix="stray-program-") as directory:
        report = os.path.join(directory, "report.json")
        env = {key: value for key, value in os.environ.items() if not key.startswith(("STRAY_", "TEST_TIMEOUT"))}
        # Of threads alone it is asked only where that is the point. Misuse of a map is a race to it, too.
        shows_races = program.is_about_races() or program.library == "runtime" and not program.name.startswith("misuse")
        env["TSAN_OPTIONS"] = TSAN_OPTIONS % shows_races
        # The sanitizer runtimes of our compilers do not start where addresses are too random.
        prefix = ["setarch", "-R"] if mode.endswith(("tsan", "asan")) else []
        command = command + program.args
        plain = Run(prefix + command, env)
        flags = ["--quiet", "--grace", "300ms"] + program.flags
        if is_traced(mode):
            flags.append("--trace")
        watched = Run(prefix + [stray, "run", "--format", "json", "-o", report] + flags + ["--"] + command, env)
        watched_outcome = watched.finish(limit_s)
        still_going = plain.is_running()
        plain_outcome = plain.finish(0 if program.hangs else limit_s)
        text = ""
        if os.path.exists(report):
            text = read(report)
        return watched_outcome, plain_outcome, still_going, text


def check_unchanged(program, mode, watched, plain, still_going):
    """Complaints about what stray changed in the program's behaviour."""
    has_race = program.is_about_races() and program.expectations and not is_traced(mode)
    if has_race and TSAN_REPORT not in plain.stderr:
        return ["ThreadSanitizer finds nothing in the plain run: the program does not show its bug"]
    for run in (plain, watched):
        if TSAN_REPORT in run.stderr and not has_race:
            return [f"ThreadSanitizer reports:\n{run.stderr.decode(errors='replace')}"]
    if program.hangs:
        if not still_going:
            return ["the plain run does not hang: the program does not show its bug"]
        if not watched.stdout.startswith(plain.stdout):
            return [f"standard output differs: {watched.stdout!r} under stray, {plain.stdout!r} plain"]
        return []
    if plain.status is None:
        return ["the plain run hangs; is `hangs: yes` missing?"]
    complaints = []
    if program.exit is not None and plain.shell_status() != program.exit:
        complaints.append(f"exit status of the plain run is {plain.shell_status()}, the program says {program.exit}")
    if watched.stdout != plain.stdout:
        complaints.append(f"standard output differs: {watched.stdout!r} under stray, {plain.stdout!r} plain")
    stderr = without_numbers(STRAY_NOTICE.sub(b"", watched.stderr))
    if stderr != without_numbers(plain.stderr) and not mode.endswith("tsan"):
        complaints.append(f"standard error differs: {stderr!r} under stray, {plain.stderr!r} plain")
    return complaints


def check_report(program, text):
    """Complaints about the report, and the findings in it."""
    try:
        report = json.loads(text)
    except ValueError as error:
        return [f"the report is not JSON ({error}): {text[:200]!r}"], []
    if report.get("schema") != SCHEMA:
        return [f"schema is {report.get('schema')!r}"], []
    return compare(program, report["findings"]) + check_complete(program, report), report["findings"]


def check_complete(program, report):
    """Complaints about what stray says, or does not say, it could not see."""
    notes = [remark["text"] for remark in report["remarks"] if not remark["incomplete"]]
    if program.note is not None and not any(re.search(program.note, note) for note in notes):
        return [f"does not remark: {program.note}; but {notes}"]
    gaps = [remark["text"] for remark in report["remarks"] if remark["incomplete"]]
    if program.incomplete is None:
        return [f"incomplete: {gap}" for gap in gaps]
    if not any(re.search(program.incomplete, gap) for gap in gaps):
        return [f"does not say that it is incomplete: {program.incomplete}; but {gaps}"]
    return []


def check(stray, program, mode, command, limit_s):
    """Runs the program; returns complaints, and the text of the report for whoever has to look into them."""
    watched, plain, still_going, text = run_both(stray, program, mode, command, limit_s)
    if watched.status is None:
        return [f"stray run took more than {limit_s} s"], text
    complaints, findings = check_report(program, text)
    complaints += check_unchanged(program, mode, watched, plain, still_going)
    own_status = 0 if program.hangs or plain.status is None else plain.shell_status()
    has_failed = any(finding["confidence"] != "heuristic" for finding in findings)  # a hint fails no run
    wanted_status = own_status or (FOUND_STATUS if has_failed else INCOMPLETE_STATUS if program.incomplete else 0)
    if watched.shell_status() != wanted_status:
        complaints.append(f"exit status of stray run is {watched.shell_status()}, not {wanted_status}")
    if complaints and watched.stderr:
        complaints.append(f"standard error was:\n{watched.stderr.decode(errors='replace')}")
    return complaints, text


def known_gap(text, source, mode):
    """What known_gaps.txt says about a program in a mode: the reason, or None."""
    family = os.path.basename(os.path.dirname(os.path.abspath(source)))
    test = f"{family}/{os.path.splitext(os.path.basename(source))[0]} {mode}"
    for line in text.splitlines():
        pattern, _, reason = line.partition("  ")
        if pattern and not line.startswith("#") and re.fullmatch(pattern, test):
            return reason.strip()
    return None


def check_gap(reason, complaints):
    """The exit status for a program that shows a known gap: skipped, and failed once the gap is closed."""
    if not complaints:
        print(f"The gap is closed, take its line out of known_gaps.txt: {reason}")
        return 1
    print(f"Known gap: {reason}")
    return SKIPPED_STATUS


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stray", required=True, help="the stray command")
    parser.add_argument("--source", required=True, help="the program's source, with its expectations")
    parser.add_argument("--mode", required=True, help="how it was built")
    parser.add_argument("--show", action="store_true", help="print the findings even if all is well")
    parser.add_argument("--gaps", metavar="FILE", help="known_gaps.txt; a program in it has to fail, and is skipped then")
    parser.add_argument("--limit", type=float, default=60, metavar="SECONDS", help="for each run; default %(default)s")
    parser.add_argument("command", nargs="+", help="the program")
    options = parser.parse_args()
    program = parse_program(os.path.basename(options.source), read(options.source))
    gap = known_gap(read(options.gaps), options.source, options.mode) if options.gaps else None
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # crashes are wanted
    complaints, report = check(options.stray, program, options.mode, options.command,
                               GAP_LIMIT_S if gap else options.limit)
    for complaint in complaints:
        print(f"{program.name} [{options.mode}]: {complaint}")
    if gap:
        return check_gap(gap, complaints)
    if options.show and not complaints:
        print("\n".join(describe(finding) for finding in json.loads(report)["findings"]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
