#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`--prove`: in children, in processes that go on, where it was not asked for at the start, and in a storm."""
import re
import shutil

from harness import *

STORM_S = 4
BUSY_S = 6


class Prove(StrayTest):
    def reach(self, dump):
        """What the snapshots of a dump say about who can reach what."""
        text = self.stray("cat", dump).stdout
        return re.findall(r'reach: "([a-z ]*)"', text)

    def test_children_note_their_heaps_too(self):
        dumps = os.path.join(self.folder, "dumps")
        result = self.stray("run", "--prove", "--output", dumps, "--", "sh", "-c", f"{TARGET} idle; {TARGET} idle")
        self.assertEqual(result.returncode, 0, result.stderr)
        names = [name for name in os.listdir(dumps) if name.startswith("target.")]
        self.assertEqual(len(names), 2, os.listdir(dumps))
        for name in names:
            self.assertEqual(self.reach(os.path.join(dumps, name)), ["complete"])

    def test_process_goes_on_undisturbed(self):
        process = self.start("run", "--prove", "--", TARGET, "idle")
        target = str(self.child_of(process))
        dump = os.path.join(self.folder, "now.stray")
        for _ in range(3):
            self.assertEqual(self.stray("snapshot", "--prove", "-o", dump, target).returncode, 0)
            self.assertEqual(self.reach(dump), ["complete"])
        # All threads are stopped only for those who ask.
        self.assertEqual(self.stray("snapshot", "-o", dump, target).returncode, 0)
        self.assertEqual(self.reach(dump), [])
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT_S), 0, process.stderr.read())

    def test_the_only_thread_works_on_while_its_memory_is_read(self):
        process = self.start("run", "--prove", "--quiet", "--", TARGET, "beside_copy", wait_for="filled\n")
        target = str(self.child_of(process))
        dump = os.path.join(self.folder, "now.stray")
        for _ in range(3):
            result = self.stray("snapshot", "--prove", "-o", dump, target)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(self.reach(dump), ["complete"])
        process.stdin.close()
        self.assertGreater(int(process.stdout.read()), 0)
        self.assertEqual(process.wait(LIMIT_S), 0, process.stderr.read())

    def test_end_does_not_wait_for_a_copy_that_nobody_wants(self):
        process = self.start("run", "--prove", "--quiet", "--", TARGET, "beside_copy", wait_for="filled\n")
        target = str(self.child_of(process))
        asker = subprocess.Popen([STRAY, "snapshot", "--prove", target], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env=self.env)
        while True:  # until the process has a copy of itself
            children = subprocess.run(["pgrep", "-P", target], capture_output=True, check=False).stdout.split()
            if children:
                break
        asker.kill()
        asker.wait()
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT_S), 0, process.stderr.read())
        self.assertFalse(os.path.exists(f"/proc/{int(children[0])}"))

    def test_objects_keep_their_numbers_from_copy_to_copy(self):
        # Goroutines are recorded in a copy of the process, which makes their channels known.
        process = self.start("run", "--prove", "--quiet", "--", os.environ["SERVICE"])
        target = str(self.child_of(process))
        dump = os.path.join(self.folder, "now.stray")
        for request in ("forget", "forget", "queue 5"):
            process.stdin.write(request + "\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), "ok\n")
        # They are to stand where they will for ever.
        self.wait_until(lambda: self.stray("snapshot", "--prove", target).returncode == 1, "a leak is proved")
        seen = []
        for _ in range(3):
            self.assertEqual(self.stray("snapshot", "--prove", "-o", dump, target).returncode, 1)
            self.assertEqual(self.reach(dump), ["complete"])
            seen.append(sorted(set(re.findall(r"\bCh\d+\b", self.stray("report", dump).stdout))))
        self.assertEqual(seen, [seen[0]] * 3)
        self.assertGreater(len(seen[0]), 0)
        process.stdin.write("quit\n")
        process.stdin.close()
        process.wait(LIMIT_S)

    def test_copy_that_is_killed_costs_no_goroutine(self):
        process = self.start("run", "--prove", "--quiet", "--", os.environ["SERVICE"])
        target = str(self.child_of(process))
        dump = os.path.join(self.folder, "now.stray")
        process.stdin.write("queue 20000\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "ok\n")
        asker = subprocess.Popen([STRAY, "snapshot", "--prove", "-o", dump, target], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True, env=self.env)
        while asker.poll() is None:
            copies = subprocess.run(["pgrep", "-P", target], capture_output=True, check=False).stdout.split()
            if copies:
                os.kill(int(copies[0]), signal.SIGKILL)
                break
        self.assertEqual(asker.communicate(timeout=LIMIT_S)[1], "")
        text = self.stray("cat", dump).stdout
        self.assertGreaterEqual(len(re.findall(r"^task \{", text, re.MULTILINE)), 20000)
        self.assertIn(self.reach(dump), [["complete"], ["died"]])  # killed in time, or at its second half
        process.stdin.write("open\nquit\n")
        process.stdin.close()
        process.wait(LIMIT_S)

    def test_process_that_does_not_note_its_heap(self):
        process = self.start("run", "--", TARGET, "idle")
        target = self.child_of(process)
        result = self.stray("snapshot", "--prove", str(target))
        self.assertEqual((result.returncode, result.stdout), (3, ""))
        self.assertEqual(result.stderr,
                         f"stray: process {target} does not note its heap: start it with `stray run --prove`\n")
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT_S), 0)

    def test_snapshots_in_a_storm_of_threads_and_children(self):
        process = self.start("run", "--prove", "--quiet", "--", TARGET, "storm")
        target = str(self.child_of(process))
        dump = os.path.join(self.folder, "now.stray")
        end = time.monotonic() + STORM_S
        answers = []
        while time.monotonic() < end:
            result = self.stray("snapshot", "--prove", "-o", dump, "--fail-on", "deadlock.*", target)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            answers += self.reach(dump)
        # Threads that are being born cannot be stopped; then it says so.
        self.assertLessEqual(set(answers), {"complete", "not still"})
        process.stdin.close()
        self.assertEqual((process.stdout.read(), process.wait(LIMIT_S), process.stderr.read()),
                         ("all is well\n", 7, ""))

    def test_nothing_is_proved_of_a_program_at_work(self):
        process = self.start("run", "--prove", "--quiet", "--", os.environ["BUSY"])
        target = str(self.child_of(process))
        dump = os.path.join(self.folder, "now.stray")
        end = time.monotonic() + BUSY_S
        answers = []
        while time.monotonic() < end:
            result = self.stray("snapshot", "--prove", "-o", dump, target)
            self.assertEqual((result.returncode, result.stderr), (0, ""), self.stray("report", dump).stdout)
            answers += self.reach(dump)
        self.assertIn("complete", answers)
        process.stdin.close()
        self.assertEqual((process.wait(LIMIT_S), process.stderr.read()), (0, ""))

    def test_without_the_library_nothing_is_run(self):
        # Beside a copy of the agent alone.
        folder = os.path.join(self.folder, "bin")
        for name in ("bin", "lib"):
            os.makedirs(os.path.join(folder, name))
        build = os.path.dirname(os.path.dirname(STRAY))
        stray = shutil.copy(STRAY, os.path.join(folder, "bin"))
        shutil.copy(os.path.join(build, "lib", "libstray_agent.so"), os.path.join(folder, "lib"))
        result = subprocess.run([stray, "run", "--prove", "--", "echo", "ran"], capture_output=True, text=True,
                                env=self.env, timeout=LIMIT_S, check=False)
        self.assertEqual((result.returncode, result.stdout), (125, ""))
        self.assertIn("--prove needs ", result.stderr)


if __name__ == "__main__":
    unittest.main()
