#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray ui` from the outside: its messages, its exit status, who is let in, and when a browser is opened."""
import http.client
import os
import pathlib
import pty
import re
import signal
import subprocess
import tempfile
import unittest
from urllib.parse import urlsplit

STRAY = os.environ["STRAY"]
CROWD = os.environ["CROWD"]
LIMIT_S = 60


class UiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stray-ui-")
        cls.addClassCleanup(cls.folder.cleanup)
        into = os.path.join(cls.folder.name, "dumps")
        subprocess.run([STRAY, "run", "--quiet", "--output", into, "-o", os.devnull, "--", CROWD, "pipeline"], check=False,
                       timeout=LIMIT_S)
        [cls.dump] = map(str, pathlib.Path(into).glob("*.stray"))

    def start(self, *arguments, **options):
        """The process and the address that it prints."""
        process = subprocess.Popen([STRAY, "ui", *arguments], stderr=subprocess.PIPE, text=True, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, re.search(r"http://\S+", process.stderr.readline())[0]

    def refused(self, *arguments):
        """Exit status and message of a command that serves nothing."""
        result = subprocess.run([STRAY, "ui", *arguments], capture_output=True, text=True, timeout=LIMIT_S, check=False)
        return result.returncode, result.stderr

    def get(self, url, path, **headers):
        """Status, headers and body of one request."""
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LIMIT_S)
        self.addCleanup(connection.close)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def test_address_works_once_and_the_cookie_from_then_on(self):
        process, url = self.start("--no-browser", self.dump)
        self.assertEqual(self.get(url, "/")[0], 401)
        path = "/?" + urlsplit(url).query
        self.assertEqual(self.get(url, path, Sec_Fetch_Site="cross-site")[0], 403)
        self.assertEqual(self.get(url, path, Host="evil.example")[0], 403)
        status, headers, _ = self.get(url, path)
        self.assertEqual((status, headers["Location"]), (303, "/"))
        cookie = headers["Set-Cookie"].split(";")[0]
        self.assertEqual(self.get(url, path)[0], 401)
        status, headers, body = self.get(url, "/", Cookie=cookie)
        self.assertEqual(status, 200)
        self.assertTrue(body.startswith(b"<!doctype html>"))
        for name, value in (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
                            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin")):
            self.assertEqual(headers.get_all(name), [value])
        self.assertIsNone(headers["Access-Control-Allow-Origin"])
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
        self.assertNotIn("connect-src", headers["Content-Security-Policy"])
        for path in ("/data", "/snapshot", "/etc/passwd", "/../x"):
            self.assertEqual(self.get(url, path, Cookie=cookie)[0], 404)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LIMIT_S), 0)

    def test_a_page_that_compares(self):
        process, url = self.start("--no-browser", "--compare", self.dump, self.dump)
        _, headers, _ = self.get(url, "/?" + urlsplit(url).query)
        body = self.get(url, "/", Cookie=headers["Set-Cookie"].split(";")[0])[2]
        self.assertIn(b'"changes":{"schema":"stray.diff/1"', body)
        process.terminate()
        self.assertEqual(process.wait(LIMIT_S), 0)

    def open_on_terminal(self, *options, **variables):
        """What xdg-open is called with, if it is, by a `stray ui` whose standard error is a terminal."""
        tools = tempfile.mkdtemp(dir=self.folder.name)
        said = os.path.join(tools, "said")
        os.mkfifo(said)
        opener = pathlib.Path(tools, "xdg-open")
        opener.write_text(f'#!/bin/sh\necho "$1" > {said}\n', encoding="utf-8")
        opener.chmod(0o755)
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", **variables}
        terminal, end = pty.openpty()
        with subprocess.Popen([STRAY, "ui", *options, self.dump], stderr=end, env=environment) as process:
            os.close(end)
            with os.fdopen(terminal, encoding="utf-8") as screen:
                url = re.search(r"http://\S+", screen.readline())[0]
                opened = None
                if variables.get("DISPLAY") and not options:
                    with open(said, encoding="utf-8") as reader:
                        opened = reader.read().strip()
                # Asked over HTTP, it is past the place where it would have started anything.
                self.assertEqual(self.get(url, "/")[0], 401)
                children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
                self.assertEqual(len(children.split()), 0 if opened is None else 1)
                process.send_signal(signal.SIGINT)
                process.wait(LIMIT_S)
        return url, opened

    def test_a_browser_is_opened_on_a_terminal_with_a_screen(self):
        url, opened = self.open_on_terminal(DISPLAY=":9")
        self.assertEqual(opened, url)

    def test_no_browser_without_a_screen_or_if_not_wanted(self):
        self.open_on_terminal(DISPLAY="", WAYLAND_DISPLAY="")
        self.open_on_terminal("--no-browser", DISPLAY=":9")

    def test_errors_are_told(self):
        status, text = self.refused("/no/such.stray")
        self.assertEqual(status, 3)
        self.assertIn("/no/such.stray", text)
        status, text = self.refused(str(os.getpid()))
        self.assertEqual(status, 3)
        self.assertIn("stray run", text)
        self.assertEqual(self.refused("--compare", self.dump, str(os.getpid()))[0], 2)
        self.assertEqual(self.refused("--prove", self.dump)[0], 2)
        self.assertEqual(self.refused()[0], 2)
        self.assertEqual(self.refused("--port", "70000", self.dump)[0], 2)


if __name__ == "__main__":
    unittest.main()
