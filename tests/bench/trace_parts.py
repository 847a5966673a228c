# SPDX-License-Identifier: Apache-2.0
"""The parts of scripts/bench that are about traces: what recording costs, and how fast they are analyzed."""
import ctypes
import json
import re
import statistics
import subprocess

from measuring import named_numbers, run


def bench_trace(bench):
    """Engines for traces of 1,000,000 events, in million events a second on one core: medians over the rounds."""
    goals = {("HappensBefore/schedulable", 8): 5, ("HappensBefore/schedulable", 64): 2.5,
             ("PredictedRaces", 8): 1, ("PredictedRaces", 64): 0.5, ("PredictedDeadlocks", 8): 1, ("PredictedDeadlocks", 64): 0.5}
    speeds = {}
    for _ in range(bench.rounds):
        out = bench.work / "trace.json"
        run([bench.program("trace_bench"), f"--benchmark_out={out}", "--benchmark_min_time=0.1", "--benchmark_filter=-BM_Clocks"])
        with open(out, encoding="utf-8") as file:
            for entry in json.load(file)["benchmarks"]:
                engine, tasks = re.fullmatch(r"BM_(.+?)/\d/tasks:(\d+)", entry["name"]).groups()
                speeds.setdefault((engine, int(tasks), entry["label"]), []).append(entry["Mevents/s"])
    for (engine, tasks, trace), found in speeds.items():
        speed, goal = statistics.median(found), goals.get((engine, tasks))
        verdict = "" if goal is None else "met" if speed >= goal else "MISSED"
        print(f"| {engine}, {tasks} tasks, {trace} | | {speed:.3g} million events/s | | {'' if goal is None else f'>= {goal}'} | {verdict} | |",
              flush=True)


def bench_clocks(bench):
    """Tree clocks, and vectors that are copied each time, to the clocks that the engine has: medians of 5 in one run."""
    out = bench.work / "clocks.json"
    run([bench.program("trace_bench"), f"--benchmark_out={out}", "--benchmark_filter=BM_Clocks/schedulable"])
    print("\n| tasks | trace | flat, to ours | tree, to ours |\n|---|---|---|---|")
    with open(out, encoding="utf-8") as file:
        for entry in json.load(file)["benchmarks"]:
            tasks = re.search(r"tasks:(\d+)", entry["name"])[1]
            print(f"| {tasks} | {entry['label']} | {entry['flat_to_ours']:.2f} | {entry['tree_to_ours']:.2f} |", flush=True)


def bench_recorded(bench):
    """Races of recorded traces that are not kept in memory: one core, from the packed trace on."""
    print("\n| trace | tasks | events | million events/s | goal | | MiB beside the trace |\n|---|---|---|---|---|---|---|")
    for kind, tasks, events, goal in (("local", 8, 1_000_000, 5), ("local", 8, 10_000_000, 5), ("local", 64, 10_000_000, 2.5),
                                      ("heap", 8, 10_000_000, 5), ("heap", 64, 10_000_000, 2.5), ("locks", 4, 10_000_000, 5)):
        rounds = [named_numbers([bench.program("recorded_rows"), kind, str(tasks), str(events), "streamed"], {}) for _ in range(bench.rounds)]
        speed = statistics.median(one["Mevents_s"] for one in rounds)
        memory = statistics.median(one["peak_MiB"] for one in rounds)
        print(f"| {kind} | {tasks} | {events:,} | {speed:.3g} | >= {goal} | {'met' if speed >= goal else 'MISSED'} | {memory:.0f} |", flush=True)


def bench_record(bench):
    """A trace of a program: its time to that of a build for ThreadSanitizer, and its size."""
    personality = ctypes.CDLL(None).personality
    personality(personality(0xFFFFFFFF) | 0x0040000)
    stray = bench.program("stray")
    for name, times in (("mutex", 2_000_000), ("counter", 50_000_000), ("places", 2_000_000), ("channel", 400_000)):
        tsan, trace = [], []
        for _ in range(bench.rounds):
            tsan.append(named_numbers([bench.program("record_rows_tsan"), name, str(times)], {})[name])
            folder = bench.work / "traces"
            command = [bench.program("record_rows_trace"), name, str(times)]
            trace.append(named_numbers([stray, "run", "--quiet", "--fail-on", "none", "--trace", "--output", str(folder), "--", *command], {})[name])
            dump, = folder.iterdir()
            text = subprocess.run([stray, "cat", dump], check=True, capture_output=True).stdout
            events = sum(int(number) for number in re.findall(rb"event_count: (\d+)", text))
            size = dump.stat().st_size
            dump.unlink()
        bench.row(f"recording: {name}, to a build for ThreadSanitizer", "ns", tsan, trace, 2,
                  f"{events} events, " + (f"{size / events:.2g} bytes each (goal: 3)" if events > 10_000 else f"{size} bytes"))
