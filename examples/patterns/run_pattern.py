#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one pattern, plain and under stray. Both must print what its head says, end with 0, and leave nothing behind."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

LIMIT_S = 60


def promised(source):
    """What the lines `// prints: ...` in the head say."""
    with open(source, encoding="utf-8") as file:
        return "".join(f"{line}\n" for line in re.findall(r"^// prints: (.*)$", file.read(), re.MULTILINE))


def run(command):
    env = {key: value for key, value in os.environ.items() if not key.startswith("STRAY_")}
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=LIMIT_S, check=False)


def check(how, result, wanted):
    """Complaints about one run."""
    complaints = []
    if result.returncode != 0:
        complaints.append(f"{how}: exit status {result.returncode}")
    if result.stdout != wanted:
        complaints.append(f"{how}: prints {result.stdout!r}, not {wanted!r}")
    if result.stderr:
        complaints.append(f"{how}: standard error: {result.stderr}")
    return complaints


def check_report(path):
    """Complaints about what stray found, or could not see."""
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    found = [f"found {finding['id']}: {finding['title']}: {finding['explanation']}" for finding in report["findings"]]
    return found + [f"incomplete: {remark['text']}" for remark in report["remarks"] if remark["incomplete"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stray", required=True, help="the stray command")
    parser.add_argument("--source", required=True, help="the pattern's source, whose head says what it prints")
    parser.add_argument("program")
    options = parser.parse_args()
    wanted = promised(options.source)
    complaints = [] if wanted else [f"{options.source}: says nothing about what it prints"]
    complaints += check("plain", run([options.program]), wanted)
    with tempfile.TemporaryDirectory(prefix="stray-pattern-") as directory:
        report = os.path.join(directory, "report.json")
        watched = run([options.stray, "run", "--quiet", "--format", "json", "-o", report, "--", options.program])
        complaints += check("under stray", watched, wanted)
        complaints += check_report(report) if os.path.exists(report) else ["stray wrote no report"]
    print("\n".join(complaints) or "as promised")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
