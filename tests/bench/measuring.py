# SPDX-License-Identifier: Apache-2.0
"""What all parts of scripts/bench have in common: programs that are run, and the rows of the tables."""
import os
import pathlib
import statistics
import subprocess


class Bench:
    def __init__(self, build, rounds, work):
        self.build = build
        self.rounds = rounds
        self.work = pathlib.Path(work)
        self.rows = []

    def program(self, name):
        return str(self.build / "bin" / name)

    def under_stray(self, command):
        return [self.program("stray"), "run", "--quiet", "-o", str(self.work / "report.txt"), "--", *command]

    def row(self, what, unit, base, mine, goal, note=""):
        """One line of the table: medians, and the median of the pairwise ratios mine / base."""
        ratio = statistics.median(m / b for m, b in zip(mine, base))
        verdict = "" if goal is None else ("met" if ratio <= goal else "MISSED")
        self.rows.append((what, f"{statistics.median(base):.4g} {unit}", f"{statistics.median(mine):.4g} {unit}",
                          f"{ratio:.3f}", "" if goal is None else f"<= {goal}", verdict, note))
        print("| " + " | ".join(self.rows[-1]) + " |", flush=True)


def run(command, env=None, ok=(0,)):
    done = subprocess.run(command, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if ok is not None and done.returncode not in ok:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
    return done


def named_numbers(command, env):
    """A program that prints "NAME NUMBER" per line."""
    lines = run(command, env).stdout.decode().splitlines()
    return {name: float(number) for name, number in (line.split() for line in lines)}
