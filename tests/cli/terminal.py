# SPDX-License-Identifier: Apache-2.0
"""A terminal that a program draws on, and what then stands on its screen."""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

try:
    import pyte
except ImportError:
    # Debian's modules are for Debian's Python, which need not be the first in PATH. These two are pure Python.
    sys.path.append("/usr/lib/python3/dist-packages")
    import pyte

LIMIT_S = 60  # for everything that is expected to come by itself

KEYS = {"up": b"\x1bOA", "down": b"\x1bOB", "right": b"\x1bOC", "left": b"\x1bOD", "home": b"\x1bOH", "end": b"\x1bOF",
        "page up": b"\x1b[5~", "page down": b"\x1b[6~", "back tab": b"\x1b[Z", "escape": b"\x1b", "enter": b"\r",
        "tab": b"\t", "backspace": b"\x7f", "ctrl-c": b"\x03", "ctrl-z": b"\x1a"}


class Terminal:
    """Runs `command` on a terminal of its own, of `columns` and `rows`."""

    def __init__(self, command, env, cwd, columns=80, rows=24):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.status = None
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            self.set_size(0, columns, rows)
            os.chdir(cwd)
            os.execvpe(command[0], command, env)

    @staticmethod
    def set_size(descriptor, columns, rows):
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self.set_size(self.descriptor, columns, rows)

    def press(self, *keys):
        """Names of KEYS, or text."""
        for key in keys:
            os.write(self.descriptor, KEYS.get(key, key.encode()))

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line(self, number):
        return self.screen.display[number].rstrip()

    def selected(self):
        """The text of the lines that are shown reversed from their first cell on."""
        return [self.line(row) for row in range(self.screen.lines) if self.screen.buffer[row][0].reverse]

    def read(self, seconds):
        """Takes what comes within this time. False: nothing has, or nothing more can."""
        ready, _, _ = select.select([self.descriptor], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.descriptor, 1 << 16)
        except OSError:  # nobody has the other side open any more
            return False
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def wait_for(self, condition, what):
        """Until `condition` holds of the screen."""
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or not self.read(left):
                if not condition():
                    raise AssertionError(f"waited in vain: {what}\n{self.text()}")

    def see(self, *texts):
        """Waits until all of them stand on the screen."""
        for text in texts:
            self.wait_for(lambda: text in self.text(), f"{text!r} on the screen")

    def see_no_more(self, text):
        self.wait_for(lambda: text not in self.text(), f"{text!r} goes away")

    def wait(self):
        """Exit status of the command; all of its output is read."""
        while self.status is None:
            while self.read(0.05):
                pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                self.status = os.waitstatus_to_exitcode(status)
        while self.read(0):
            pass
        return self.status

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)
