#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`--watch`: what a service does wrong is told while it runs, once, and what it does right is not.

Nothing here waits for a time. mark() makes the service misuse a lock at a place of its own, and returns when that is
told: so at least one snapshot was taken after all that was asked of the service before.
"""
import re
import threading

from harness import *

SERVICE = os.environ["SERVICE"]
PERIOD = "20ms"
NEW = re.compile(r"^stray: .* after its start: new$")
HEAD = re.compile(r"^ *\d* +([a-z-]+\.[a-z]+)  (proved|likely|heuristic) +(.*)$")
MORE = re.compile(r"^stray: .* after its start: ([a-z-]+\.[a-z]+), now (\d+) \(told before: (\d+)\)")


class Watched:
    """A service, and what a watch tells of it."""

    def __init__(self, test, process, stream):
        self.test = test
        self.process = process
        self.lines = []
        self.changed = threading.Condition()
        self.marks = 0
        self.reader = threading.Thread(target=self.read, args=(stream,), daemon=True)
        self.reader.start()

    def read(self, stream):
        for line in stream:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        self.test.assertEqual(self.process.stdout.readline(), "ok\n", "\n".join(self.lines))

    def wait_for(self, condition, what):
        with self.changed:
            done = self.changed.wait_for(lambda: condition(self.lines), LIMIT_S)
        self.test.assertTrue(done, f"waited in vain for {what}:\n" + "\n".join(self.lines))

    def mark(self):
        """After it, at least one more snapshot has been taken."""
        self.marks += 1
        name = f"Mark<{self.marks}>"
        self.ask(f"mark {self.marks}")
        self.wait_for(lambda lines: any(name in line for line in lines), name)

    def told(self):
        """Ids, confidences and counts of what was told, but for marks."""
        with self.changed:
            heads = [HEAD.match(self.lines[i + 1]) for i in range(len(self.lines) - 1) if NEW.match(self.lines[i])]
        return [head.groups() for head in heads if head and head[1] != "sync.misuse"]

    def more(self):
        with self.changed:
            return [match.groups() for match in map(MORE.match, self.lines) if match]


class Watch(StrayTest):
    def watch(self, *options):
        process = self.start("run", "--watch", PERIOD, *options, "--", SERVICE)
        return Watched(self, process, process.stderr)

    @staticmethod
    def end_watcher(watcher):
        watcher.kill()
        watcher.wait()
        watcher.stdout.close()
        watcher.stderr.close()

    def end_of(self, service):
        """Lets it end; returns its exit status and what was written at the end."""
        before = len(service.lines)
        service.process.stdin.write("quit\n")
        service.process.stdin.flush()
        status = service.process.wait(LIMIT_S)
        service.reader.join(LIMIT_S)
        return status, "\n".join(service.lines[before:])

    def test_a_proved_leak_is_told_once_and_when_it_has_doubled(self):
        service = self.watch("--prove")
        service.ask("forget")
        service.wait_for(lambda _: service.told(), "the leak")
        service.mark()
        service.mark()
        self.assertEqual(service.told(), [("leak.blocked", "proved", "once")])
        text = "\n".join(service.lines)
        self.assertIn("Goroutine blocked for ever in chan receive", text)
        self.assertRegex(text, r"started +by T\d+ at Forget")
        self.assertEqual(service.more(), [])
        service.ask("forget")
        service.wait_for(lambda _: service.more(), "the second one")
        self.assertEqual(service.more(), [("leak.blocked", "2", "1")])
        service.ask("forget")
        service.mark()
        self.assertEqual(len(service.told()) + len(service.more()), 2)
        status, report = self.end_of(service)
        self.assertEqual(status, 66)
        self.assertRegex(report, r"leak\.blocked +proved +3 times")

    def test_a_thread_that_nobody_can_wake(self):
        service = self.watch("--prove")
        service.ask("abandon")
        service.mark()
        service.wait_for(lambda _: service.told(), "the leak")
        self.assertEqual(service.told(), [("leak.blocked", "proved", "once")])
        self.end_of(service)

    def test_a_deadlock_is_told_and_the_service_goes_on(self):
        # Without --prove, too: it lasts from one snapshot to the next.
        service = self.watch("--grace", "50ms")
        service.ask("deadlock")
        service.wait_for(lambda _: service.told(), "the deadlock")
        self.assertEqual(service.told(), [("deadlock.cycle", "proved", "once")])
        for _ in range(5):
            service.mark()
        self.assertEqual(len(service.told()), 1)
        self.assertEqual(self.end_of(service)[0], 66)

    def test_without_proof_a_leak_that_could_end_is_none(self):
        service = self.watch()
        service.ask("forget")
        for _ in range(5):
            service.mark()
        self.assertEqual(service.told(), [])
        self.end_of(service)

    def grow(self, service):
        """One goroutine more from snapshot to snapshot, until that is told."""
        for _ in range(60):
            if service.told():
                return
            service.ask("queue 1")
            service.mark()
        self.fail("no growth told:\n" + "\n".join(service.lines))

    def test_a_place_that_grows_is_told(self):
        service = self.watch("--fail-on", "leak.blocked", "--prove")
        self.grow(service)
        [(finding, confidence, _)] = service.told()
        self.assertEqual((finding, confidence), ("leak.alive", "heuristic"))
        text = "\n".join(service.lines)
        self.assertIn("Ever more goroutines wait in chan receive", text)
        self.assertRegex(text, r"started +by .* at Queue")
        service.ask("open")
        # Nothing that fails: growth is no proof.
        self.assertEqual(self.end_of(service)[0], 0)

    def test_what_comes_and_goes_is_silent(self):
        service = self.watch("--prove")
        service.ask("queue 40")  # an idle pool
        for burst in range(4):
            service.ask("queue 15")
            service.mark()
            service.ask("queue 15")
            service.mark()
            service.ask("work")
            service.mark()
            service.ask("open")
            service.ask("queue 40")
            service.mark()
        self.assertEqual((service.told(), service.more()), ([], []))
        service.ask("open")
        self.end_of(service)

    def test_a_steady_service_is_silent(self):
        service = self.watch("--prove", "--fail-on", "leak.*,deadlock.*")
        service.ask("queue 25")
        for _ in range(14):
            for _ in range(5):
                service.ask("work")
            service.mark()
        self.assertEqual((service.told(), service.more()), ([], []))
        service.ask("open")
        self.assertEqual(self.end_of(service)[0], 0)

    def test_from_outside_until_interrupted(self):
        service = self.watch("--prove")
        target = str(self.child_of(service.process))
        watcher = subprocess.Popen([STRAY, "snapshot", "--prove", "--watch", PERIOD, target], env=self.env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end_watcher, watcher)
        service.ask("forget")
        self.read_until(watcher.stdout, "Goroutine blocked for ever")
        watcher.send_signal(signal.SIGINT)
        self.assertEqual(watcher.wait(LIMIT_S), 1)
        rest, error = watcher.stdout.read(), watcher.stderr.read()
        self.assertIn("at Forget", rest)
        self.assertRegex(error, r"^stray: \d+ snapshots?, 1 finding\n$")
        self.end_of(service)

    def test_from_outside_until_the_process_ends(self):
        process = self.start("run", "--", SERVICE)
        target = self.child_of(process)
        watcher = subprocess.Popen([STRAY, "snapshot", "--watch", PERIOD, str(target)], env=self.env, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end_watcher, watcher)
        process.stdin.write("mark 1\n")
        self.assertEqual(process.stdout.readline(), "ok\n")
        self.read_until(watcher.stdout, "sync.misuse  proved")
        process.stdin.write("quit\n")
        _, error = watcher.communicate(timeout=LIMIT_S)
        self.assertEqual(watcher.returncode, 1)
        self.assertRegex(error, rf"1 finding: process {target} has ended\n$")
        process.wait(LIMIT_S)

    def test_json_is_a_report_a_line(self):
        path = os.path.join(self.folder, "events.json")
        service = self.watch("--prove", "--format", "json", "-o", path)

        def events():
            with open(path, encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]

        service.ask("forget")
        self.wait_until(events, "the leak")
        service.ask("forget")
        self.wait_until(lambda: len(events()) == 2, "more of it")
        status, _ = self.end_of(service)
        self.assertEqual(status, 66)
        new, more, last = events()
        self.assertEqual([event["schema"] for event in (new, more, last)], ["stray.report/1"] * 3)
        self.assertEqual((new["event"]["kind"], new["event"]["told_before"]), ("new", 0))
        self.assertEqual((more["event"]["kind"], more["event"]["told_before"], more["event"]["count"]), ("more", 1, 2))
        self.assertNotIn("event", last)
        self.assertEqual([finding["id"] for finding in new["findings"]], ["leak.blocked"])

    def test_growth_in_json(self):
        path = os.path.join(self.folder, "events.json")
        service = self.watch("--format", "json", "-o", path)

        def growth():
            with open(path, encoding="utf-8") as file:
                findings = [finding for line in file if line.endswith("\n") for finding in json.loads(line)["findings"]]
            return [finding["growth"] for finding in findings if "growth" in finding]

        end = time.monotonic() + LIMIT_S
        while not growth() and time.monotonic() < end:
            service.ask("queue 1")
            time.sleep(0.03)
        [growth_now] = growth()
        self.assertGreaterEqual(growth_now["now"] - growth_now["first"], 10)
        self.assertGreater(growth_now["per_minute"], 0)
        self.assertGreaterEqual(growth_now["snapshots"], 2)
        service.ask("open")
        self.end_of(service)

    def test_interrupted_run_ends_with_its_report(self):
        service = self.watch("--prove")
        service.ask("forget")
        service.wait_for(lambda _: service.told(), "the leak")
        service.process.send_signal(signal.SIGINT)
        self.assertEqual(service.process.wait(LIMIT_S), status_after_signal(signal.SIGINT))
        service.reader.join(LIMIT_S)
        # What a signal ends has no moment at which all of it stands still: the leak is alive.
        self.assertTrue(any(line.startswith("stray: no findings in ") for line in service.lines), service.lines)
        self.assert_cleaned_up()

    def test_periods_that_make_no_sense(self):
        for period, message in (("0", "10ms is the shortest"), ("fast", "not a duration"), ("1ms", "10ms is")):
            result = self.stray("run", "--watch", period, "--", "true")
            self.assertEqual(result.returncode, 125)
            self.assertIn(message, result.stderr)
        self.assertEqual(self.stray("run", "--watch", "1s", "--seeds", "2", "--", "true").returncode, 125)


if __name__ == "__main__":
    unittest.main()
