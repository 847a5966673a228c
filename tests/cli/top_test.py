#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray top` on a terminal, as it looks and feels; and without one."""
import re
import termios

from harness import *
from terminal import Terminal

SERVICE = os.environ["SERVICE"]
FIXTURES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
DEADLOCK = os.path.join(FIXTURES, "deadlock_abba", "dump.txt")
KEYS_OF_A_LIST = "? help  q quit"
KEYS_OF_A_PAGER = "q back"


class TopTest(StrayTest):
    def top(self, *arguments, columns=80, rows=24, **variables):
        """`stray top` on a terminal, whose first screen has come."""
        terminal = self.on_terminal([STRAY, "top", *arguments], columns, rows, **variables)
        terminal.see(KEYS_OF_A_LIST)
        return terminal

    def on_terminal(self, command, columns=80, rows=24, **variables):
        env = dict(self.env, TERM="xterm-256color", LANG="C.UTF-8")
        for name in ("COLUMNS", "LINES", "NO_COLOR", "LC_ALL", "LC_CTYPE"):
            env.pop(name, None)
        env.update(variables)
        terminal = Terminal(command, env, self.folder, columns, rows)
        self.addCleanup(terminal.close)
        return terminal

    def selected(self, terminal):
        """The row that is selected; "": the screen is just being drawn. The tab in front is shown so, too."""
        rows = [line for line in terminal.selected() if not line.startswith(" 1 Findings")]
        return rows[0] if len(rows) == 1 else ""

    def assert_left(self, terminal):
        """The terminal is as it was, and the exit status 0."""
        self.assertEqual(terminal.wait(), 0, terminal.text())
        self.assertIn(b"\x1b[?1049h", terminal.raw)
        self.assertIn(b"\x1b[?1049l", terminal.raw.rsplit(b"\x1b[?1049h", 1)[1])
        flags = termios.tcgetattr(terminal.descriptor)[3]
        self.assertTrue(flags & termios.ECHO and flags & termios.ICANON)


class Dumps(TopTest):
    def test_a_deadlock_from_the_list_to_the_proof(self):
        top = self.top(DEADLOCK)
        self.assertEqual(top.line(0), "2 findings in cart_test (pid 4711): 2 deadlocks.")
        self.assertIn("3 tasks, 3 blocked", top.line(1))
        self.assertEqual(top.line(2), " 1 Findings 2  2 Groups 3  3 Tasks 3  4 Objects 2   sorted by importance")
        top.wait_for(lambda: self.selected(top) == " 1 deadlock.cycle  proved         2   2.1 s Deadlock of 2 threads",
                     "the first is selected")
        top.press("down")
        top.wait_for(lambda: "deadlock.all" in self.selected(top), "the second is selected")
        top.press("k", "enter")
        top.see("Neither can go on before the other does", 'T2 "flusher"  blocked for 2.1 s')
        top.press("end")
        top.see("the circle is closed")
        top.press("/", "holds    mutex M2", "enter")
        top.see("holds    mutex M2")
        top.press("escape")
        top.see("sorted by importance")
        top.press("q")
        self.assert_left(top)

    def test_groups_tasks_and_objects(self):
        top = self.top(DEADLOCK)
        top.press("tab")
        top.see("where they stand", "Ledger::Append (ledger.cc:40) <")
        top.press("b", "b")
        top.see("mutex g_cart+0x28", "(none)")
        top.press("/", "M2", "enter", "enter")
        top.see("of a group by object", 'T2 "flusher"')
        top.see_no_more('T3 "writer"')
        top.press("enter")
        top.see("wants    mutex M2", "part of finding 1, deadlock.cycle")
        top.press("escape", "escape")
        top.see("by object; sorted by tasks")
        top.press("4")
        top.see('g_cart+0x28      mutex            1   2.1 s held by T2 "flusher"')
        top.press("enter")
        top.see('holder   T2 "flusher", which took it at Cart::Flush', 'T3 "writer" 2.1 s pthread_mutex_lock at Cart::Total')
        top.press("ctrl-c")
        self.assert_left(top)

    def test_filter_and_help(self):
        top = self.top(DEADLOCK)
        top.press("3", "f", "flush")
        top.see("only with: flush", 'T2 "flusher"')
        top.see_no_more('T3 "writer"')
        top.press("enter", "1")
        top.see('with "flush": 2')
        top.press("?")
        top.see("Moving", KEYS_OF_A_PAGER)
        top.press("page down")
        top.see("q, Ctrl-C")
        top.press("escape", "escape")
        top.see("sorted by importance")
        top.press("q")
        self.assert_left(top)

    def test_another_size(self):
        top = self.top(DEADLOCK)
        top.resize(120, 30)
        top.wait_for(lambda: KEYS_OF_A_LIST in top.line(29), "the keys stand in the last line")
        top.press("3")
        top.see("finding", "deadlock.cycle")
        top.resize(30, 10)
        top.wait_for(lambda: top.line(9).startswith("Enter more") and "main" in "".join(top.selected()),
                     "the task is selected, and the keys stand in the last line")
        top.resize(15, 4)
        top.see("too small")
        top.resize(80, 24)
        top.see(KEYS_OF_A_LIST)
        top.press("q")
        self.assert_left(top)

    def test_hostile_names(self):
        text = """process { pid: 7 program: "/bin/\\033[2Jevil" state: "running" }
task { id: 1 kind: "thread" name: "\\033]0;owned\\007" main: true }
task { id: 2 kind: "thread" name: "\\344\\270\\255\\346\\226\\207" }
task { id: 3 kind: "thread" name: "\\342\\200\\256txt" }
task { id: 4 kind: "thread" name: "e\\314\\201tage" }
snapshot { id: 1 reason: "request" }
task_state { task: 1 state: "blocked" wait_reason: "a\\rb\\nc" wait_ns: 4000000000 }
task_state { task: 2 state: "blocked" wait_reason: "nanosleep" wait_ns: 3000000000 }
task_state { task: 3 state: "blocked" wait_reason: "nanosleep" wait_ns: 2000000000 }
task_state { task: 4 state: "blocked" wait_reason: "nanosleep" wait_ns: 1000000000 }
"""
        top = self.top(self.write("hostile.txt", text))
        self.assertIn(r"\x1b[2Jevil (pid 7)", top.line(0))
        top.press("3")
        top.see("main ", r"a\x0db\x0ac", "\N{CJK UNIFIED IDEOGRAPH-4E2D}", r"\xe2\x80\x", "tage")
        # Wide characters and combining ones do not shift what stands behind them.
        self.assertEqual(len({self.column_of(top, row, "nanosleep") for row in (5, 6, 7)}), 1, top.text())
        top.press("enter")
        top.see(r"a\x0db\x0ac")
        top.press("q", "q")
        self.assert_left(top)

    @staticmethod
    def column_of(terminal, row, text):
        """The cell in which `text` begins."""
        cells = [terminal.screen.buffer[row][column].data for column in range(terminal.screen.columns)]
        (column,) = [start for start in range(len(cells)) if cells[start:start + len(text)] == list(text)]
        return column

    def test_a_hundred_thousand_goroutines(self):
        path = os.path.join(self.folder, "many.txt")
        with open(path, "w", encoding="ascii") as file:
            for number in range(1, 100_001):
                kind = number % 50
                file.write(f"goroutine {number} [chan receive, {number % 90} minutes]:\nmain.(*Pool).Work{kind}(0x1)\n"
                           f"\t/src/pool.go:{kind} +0x1d\ncreated by main.Serve in goroutine 1\n\t/src/main.go:7 +0x2b\n\n")
        begin = time.monotonic()
        top = self.top(path, columns=120)
        measured = [("first screen", time.monotonic() - begin)]
        for what, keys, seen in (("tab of tasks", ["3"], "sorted by age"), ("a filter's letter", ["f", "Work4"], "Work49"),
                                 ("search to the last", ["enter", "G", "/", "T100"], "search: T100"),
                                 ("sort by place", ["escape", "s", "s", "s", "s"], "sorted by place"),
                                 ("grouping", ["b"], "where they were started"),
                                 ("details", ["3", "enter"], KEYS_OF_A_PAGER)):
            begin = time.monotonic()
            top.press(*keys)
            top.see(seen)
            measured.append((what, time.monotonic() - begin))
        print("100,000 goroutines: " + ", ".join(f"{what} {1000 * seconds:.0f} ms" for what, seconds in measured))
        top.press("q", "q")
        self.assert_left(top)


class Processes(TopTest):
    def watch(self, *options):
        """A service that does what it is asked, and `stray top` on it."""
        self.service = self.start("run", *options, "--", SERVICE)
        self.pid = self.child_of(self.service)
        return self.top("--interval", "100ms", str(self.pid), rows=30)

    def ask(self, request):
        self.service.stdin.write(request + "\n")
        self.assertEqual(self.service.stdout.readline(), "ok\n")

    def test_groups_that_are_new_or_grow(self):
        top = self.watch()
        top.see(f"(pid {self.pid})", "every 100 ms")
        top.press("2", "m")
        top.see("change")
        self.ask("queue 7")
        top.wait_for(lambda: re.search(r"(?m)^ +7 .* new .*Queue", top.text()), "a new group of seven")
        top.press("m", "m")
        self.ask("queue 5")
        top.wait_for(lambda: re.search(r"(?m)^ +12 .* \+5 .*Queue", top.text()), "five more in it")
        top.press("q")
        self.assert_left(top)

    def test_pause_and_a_snapshot_on_demand(self):
        top = self.watch()
        top.press("p")
        top.see("paused")
        before = re.search(r"snapshot (\d+)", top.text())[1]
        top.press("r")
        top.wait_for(lambda: re.search(r"snapshot (\d+)", top.text())[1] != before, "one more snapshot")
        self.assertRegex(top.text(), r"snapshot \d+ took [\d.]+ [mu]?s")
        top.press("p")
        top.see("every 100 ms")
        top.press("q")
        self.assert_left(top)
        # The service goes on.
        self.ask("work")

    def test_a_deadlock_appears(self):
        top = self.watch("--watch", "1h")  # so that stray does not end it
        top.see("no findings")
        self.ask("deadlock")
        top.see("deadlock.cycle")
        top.press("enter")
        top.see("Neither can go on")
        top.press("q", "q")
        self.assert_left(top)

    def test_the_process_ends(self):
        top = self.watch()
        self.ask("queue 7")
        top.press("2")
        top.wait_for(lambda: re.search(r"(?m)^ +7 .*Queue", top.text()), "a group of seven")
        self.service.kill()
        os.kill(self.pid, signal.SIGKILL)
        top.see(f"process {self.pid} has ended: this is the last there is")
        self.assertRegex(top.text(), r"(?m)^ +7 .*Queue")
        top.press("enter", "enter")
        top.see("blocked for")
        top.press("q", "q")
        self.assert_left(top)

    def test_a_process_that_does_not_answer(self):
        top = self.watch()
        os.kill(self.pid, signal.SIGSTOP)
        top.see("is stopped")
        top.press("?")
        top.see("Moving")
        os.kill(self.pid, signal.SIGCONT)
        top.press("q")
        top.see_no_more("is stopped")
        top.press("q")
        self.assert_left(top)


class JobControl(TopTest):
    def test_ctrl_z_and_back(self):
        shell = self.on_terminal(["bash", "--norc", "-i"], PS1="prompt> ")
        shell.see("prompt>")
        before = termios.tcgetattr(shell.descriptor)
        shell.press(f"{STRAY} top {DEADLOCK}\r")
        shell.see(KEYS_OF_A_LIST)
        shell.press("ctrl-z")
        shell.see("Stopped")
        self.wait_until(lambda: os.tcgetpgrp(shell.descriptor) == shell.pid, "the shell reads")
        shell.screen.reset()
        shell.press("fg\r")
        shell.see(KEYS_OF_A_LIST, "deadlock.cycle")
        shell.press("2")
        shell.see("where they stand")
        shell.press("q")
        self.wait_until(lambda: os.tcgetpgrp(shell.descriptor) == shell.pid, "the shell reads")
        self.wait_until(lambda: termios.tcgetattr(shell.descriptor)[3] & ~termios.PENDIN == before[3] & ~termios.PENDIN,
                        "the terminal is as it was")

    def test_signals_give_the_terminal_back(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            top = self.top(DEADLOCK)
            os.kill(top.pid, number)
            self.assert_left(top)


class WithoutAScreen(TopTest):
    def test_one_page_for_a_pipe(self):
        result = self.stray("top", DEADLOCK)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(result.stdout, f"""\
2 findings in cart_test (pid 4711): 2 deadlocks.
3 tasks, 3 blocked; {DEADLOCK}

   finding                    tasks     age what
 1 deadlock.cycle  proved         2   2.1 s Deadlock of 2 threads
 2 deadlock.all    proved         3   2.5 s All 3 tasks are blocked for ever

  tasks     waiting for where they stand
      1           2.1 s Cart::Total (cart.cc:103) < Ledger::Post (ledger.cc:27..
      1           2.1 s Ledger::Append (ledger.cc:40) < Cart::Flush (cart.cc:8..
      1           2.5 s main (main.cc:15)
""")
        wide = self.stray("top", "--group", "reason", DEADLOCK, env=dict(self.env, COLUMNS="120"))
        self.assertIn("      2           2.1 s pthread_mutex_lock\n", wide.stdout)

    def test_statuses_are_those_of_report(self):
        self.assertEqual(self.stray("top", os.path.join(FIXTURES, "clean", "dump.txt")).returncode, 0)
        self.assertEqual(self.stray("top", "--fail-on=none", DEADLOCK).returncode, 0)
        incomplete = self.stray("top", os.path.join(FIXTURES, "incomplete_losses", "dump.txt"))
        report = self.stray("report", os.path.join(FIXTURES, "incomplete_losses", "dump.txt"))
        self.assertEqual(incomplete.returncode, report.returncode)
        self.assertIn("data is incomplete: ", incomplete.stdout)

    def test_once_of_a_process(self):
        process = self.start("run", "--", SERVICE)
        result = self.stray("top", "--once", str(self.child_of(process)))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"snapshot 1 took [\d.]+ [mu]?s")

    def test_bad_input_is_told_before_the_screen_is_switched(self):
        process = self.start("run", "--", SERVICE)
        pid = str(self.child_of(process))
        for arguments, status, message in (
                (["/nowhere.stray"], 3, "/nowhere.stray"), ([str(os.getpid())], 3, "does not run under stray"),
                (["0"], 2, "is no number of a process"), (["99999999999"], 2, "is no number of a process"),
                ([pid, DEADLOCK], 2, "one process by itself, or files"), (["--interval", "1ms", pid], 2, "at least 100ms"),
                (["--group", "sites", DEADLOCK], 2, 'did you mean "site"'), (["--prove", pid], 3, "stray run --prove"),
                (["--suppressions", "/nowhere.supp", DEADLOCK], 2, "/nowhere.supp")):
            terminal = self.on_terminal([STRAY, "top", *arguments])
            self.assertEqual(terminal.wait(), status, arguments)
            self.assertIn("".join(message.split()), "".join(terminal.text().split()))  # the terminal breaks lines
            self.assertNotIn(b"\x1b[?1049h", terminal.raw)

    def test_terminals_that_cannot(self):
        for type_of_terminal, message in (("nonsense", "TERM=nonsense"), ("", "--once needs none")):
            env = dict(self.env, TERM=type_of_terminal)
            terminal = Terminal([STRAY, "top", DEADLOCK], env, self.folder)
            self.addCleanup(terminal.close)
            self.assertEqual(terminal.wait(), 2)
            self.assertIn(message, terminal.text())

    def test_keys_come_from_the_terminal_where_the_dump_comes_from_a_pipe(self):
        terminal = self.on_terminal(["sh", "-c", f"cat {DEADLOCK} | {STRAY} top /dev/stdin"])
        terminal.see(KEYS_OF_A_LIST, "deadlock.cycle")
        terminal.press("2")
        terminal.see("where they stand")
        terminal.press("q")
        self.assertEqual(terminal.wait(), 0)

    def test_without_colour(self):
        top = self.top(DEADLOCK)
        self.assertEqual(top.screen.buffer[5][3].fg, "red")
        top = self.top(DEADLOCK, NO_COLOR="1")
        self.assertNotIn("red", {top.screen.buffer[row][column].fg for row in range(24) for column in range(80)})


if __name__ == "__main__":
    unittest.main()
