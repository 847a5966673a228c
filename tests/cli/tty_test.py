#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run` on a terminal: the keys Ctrl-\\, Ctrl-C and Ctrl-Z, and job control of a shell."""
import pty
import select
import termios

from harness import *
from harness import state, thread_states

CTRL_C, CTRL_D, CTRL_Z, CTRL_BACKSLASH = b"\x03", b"\x04", b"\x1a", b"\x1c"


def session(pid):
    """The session of a process; 0 if it is gone."""
    try:
        return os.getsid(int(pid))
    except ProcessLookupError:
        return 0


class Terminal(StrayTest):
    """An interactive shell on a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.shell, self.screen = pty.fork()
        if self.shell == 0:
            os.chdir(self.folder)
            os.execvpe("bash", ["bash", "--norc", "-i"], dict(self.env, TERM="dumb", PS1="prompt> "))
        self.addCleanup(self.hang_up)
        self.prompt()

    def hang_up(self):
        os.kill(self.shell, signal.SIGKILL)
        os.close(self.screen)
        os.waitpid(self.shell, 0)

    def press(self, keys):
        os.write(self.screen, keys if isinstance(keys, bytes) else keys.encode())

    def see(self, text):
        """Waits until `text` stands on the screen; returns all up to it."""
        seen = b""
        deadline = time.monotonic() + LIMIT_S
        while text.encode() not in seen:
            ready, _, _ = select.select([self.screen], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                self.fail(f"no {text!r} on the screen, only:\n{seen.decode()}")
            seen += os.read(self.screen, 1)
        return seen.decode()

    def prompt(self):
        """Waits until the shell reads what is typed, and nobody else does.

        A prompt alone does not say so: a job that was told to stop, and was not running at that moment, still waits in
        read() and takes the first key.
        """
        self.see("prompt> ")
        self.wait_until(self.shell_reads, "the shell reads from the terminal, and its jobs have stopped")

    def shell_reads(self):
        return (os.tcgetpgrp(self.screen) == self.shell and state(f"/proc/{self.shell}/stat") == "S"
                and not termios.tcgetattr(self.screen)[3] & termios.ICANON
                and all(set(thread_states(job)) <= set("TZX") for job in self.jobs()))

    def jobs(self):
        """Processes of the shell's session, but for itself."""
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != self.shell and session(name) == self.shell:
                yield name

    def stray_on_screen(self, *verb, options=""):
        self.press(f"{STRAY} run {options} -- {TARGET} {' '.join(verb)}; echo status=$?\n")
        self.see("started\r\n")

    def test_ctrl_backslash_reports_and_the_run_goes_on(self):
        self.stray_on_screen("idle")
        self.press(CTRL_BACKSLASH)
        self.see("2 tasks in target")
        self.press(CTRL_BACKSLASH)
        self.see("2 tasks in target")
        self.press(CTRL_D)
        self.see("status=0")

    def test_ctrl_c_ends_target_and_run(self):
        self.stray_on_screen("sleep")
        self.press(CTRL_C)
        self.see("stray: no findings")
        self.see("prompt> ")
        self.assert_cleaned_up()

    def test_server_gets_ctrl_c_once_and_ends_well(self):
        self.stray_on_screen("server", "2")
        self.press(CTRL_C)
        self.see("stopped")
        self.see("stray: no findings")

    def test_stopped_run_is_a_job_like_others(self):
        self.stray_on_screen("idle", options="--grace 100ms")
        self.press(CTRL_Z)
        self.see("Stopped")
        self.prompt()
        self.press("fg\n")
        self.see("idle")
        self.press(CTRL_D)
        self.see("no findings")

    def test_target_that_stops_itself_stops_the_job(self):
        self.press(f"{STRAY} run -- bash -c 'kill -TSTP $$; echo going on'\n")
        self.see("Stopped")
        self.prompt()
        self.press("fg\n")
        self.see("going on\r\n")
        self.see("no findings")

    def test_color_is_for_terminals_that_can(self):
        self.press(f"TERM=xterm {STRAY} run -- {TARGET} leak\n")
        self.see("\x1b[")
        self.prompt()
        self.press(f"NO_COLOR=1 TERM=xterm {STRAY} run -- {TARGET} leak\n")
        self.see("leak.blocked")


if __name__ == "__main__":
    unittest.main()
