#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run --http` and `stray serve`: asked by urllib, by curl's way of a unix socket, and by go tool pprof."""
import gzip
import http.client
import re
import shutil
import socket
import urllib.error
import urllib.request

from harness import *

SERVICE = os.environ["SERVICE"]
PROMTOOL = os.environ["PROMTOOL"]  # which scripts/setup gets
SAMPLE = re.compile(r'^[a-z_]+\{[a-z_]+="(\\.|[^"\\])*"(,[a-z_]+="(\\.|[^"\\])*")*\} -?[0-9.e+-]+$')


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=LIMIT_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class ServeTest(StrayTest):
    def serve(self, *options, address="127.0.0.1:0", program=SERVICE):
        """A service under `stray run --http`; keeps its process and where it is served."""
        process = self.start("run", "--http", address, *options, "--", program)
        line = self.read_until(process.stderr, "serving at")
        self.url = re.search(r"serving at (\S+)", line)[1].removesuffix("/debug/pprof/")
        self.service = process
        return process

    def ask(self, *requests):
        for request in requests:
            self.service.stdin.write(request + "\n")
            self.assertEqual(self.service.stdout.readline(), "ok\n")

    def get(self, path, **headers):
        """Status, headers and bytes of the answer."""
        request = urllib.request.Request(self.url + path, headers={k.title(): v for k, v in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def text(self, path, status=200):
        got, _, body = self.get(path)
        self.assertEqual(got, status, body)
        return body.decode()

    def end_service(self):
        self.service.stdin.write("quit\n")
        return self.service.wait(LIMIT_S)


class Pprof(ServeTest):
    def test_goroutines_in_all_three_layouts(self):
        self.serve()
        self.ask("queue 7", "abandon")
        status, headers, body = self.get("/debug/pprof/goroutine")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/octet-stream"))
        self.assertEqual(headers["Content-Disposition"], 'attachment; filename="goroutine"')
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertIn(b"created_by", gzip.decompress(body))
        self.wait_until(lambda: re.search(r"(?m)^7 @ 0x", self.text("/debug/pprof/goroutine?debug=1")), "all seven wait")
        self.assertRegex(self.text("/debug/pprof/goroutine?debug=1"), r"\Agoroutine profile: total \d+\n")
        two = self.text("/debug/pprof/goroutine?debug=2")
        self.assertEqual(len(re.findall(r"(?m)^goroutine \d+ \[chan receive", two)), 7)
        self.assertIn("pthread_cond_wait", two)

    def test_profiles_of_go_tool_pprof(self):
        self.serve()
        self.ask("queue 7", "deadlock")
        self.wait_until(lambda: " @ 0x" in self.text("/debug/pprof/mutex?debug=1"), "the mutexes are awaited")
        for profile, expected in (("goroutine", "chan receive"), ("mutex", "contentions"), ("block", "delay")):
            result = self.pprof("-tags" if profile == "goroutine" else "-raw", f"{self.url}/debug/pprof/{profile}")
            self.assertIn(expected, result, profile)
        self.assertIn("Handle", self.pprof("-top", "-cum", f"{self.url}/debug/pprof/threadcreate"))
        self.assertRegex(self.pprof("-top", f"{self.url}/debug/pprof/goroutine"), r"Type: goroutine")

    def pprof(self, *arguments):
        result = subprocess.run([shutil.which("go"), "tool", "pprof", *arguments], capture_output=True, text=True,
                                timeout=LIMIT_S, env=dict(self.env, HOME=self.folder, PPROF_TMPDIR=self.folder))
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_delta_shows_what_has_come_meanwhile(self):
        self.serve()
        self.ask("queue 3")
        self.wait_until(lambda: re.search(r"(?m)^3 @ 0x", self.text("/debug/pprof/goroutine?debug=1")), "all three wait")
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=LIMIT_S)
        self.addCleanup(connection.close)
        connection.request("GET", "/debug/pprof/goroutine?seconds=2")
        # The first snapshot is taken before anything else is answered.
        self.assertIn("profile: total", self.text("/debug/pprof/goroutine?debug=1"))
        self.ask("queue 5")
        answer = connection.getresponse()
        self.assertEqual(answer.getheader("Content-Disposition"), 'attachment; filename="goroutine-delta"')
        path = os.path.join(self.folder, "delta.pb.gz")
        with open(path, "wb") as file:
            file.write(answer.read())
        self.assertRegex(self.pprof("-traces", "-sample_index=0", path), r"(?m)^\s+5\s")
        self.assertNotRegex(self.pprof("-traces", "-sample_index=0", path), r"(?m)^\s+3\s")

    def test_leaks_that_are_proved(self):
        self.serve("--prove")
        self.ask("queue 2", "forget", "forget", "forget")

        def are_proved():
            # What a register or a frame may still hold of a channel goes when its thread does something else.
            self.ask("work")
            return self.text("/debug/pprof/goroutineleak?debug=1").startswith("goroutineleak profile: total 3\n3 @ ")

        self.wait_until(are_proved, "three are proved", lambda: self.text("/stray/report"))
        self.assertIn("stray_leaked_tasks", self.text("/metrics?prove=1"))
        self.assertNotIn("stray_leaked_tasks", self.text("/metrics"))

    def test_statuses_and_texts_are_those_of_go(self):
        self.serve()
        status, headers, body = self.get("/debug/pprof/nothing")
        self.assertEqual((status, headers["X-Go-Pprof"], body), (404, "1", b"Unknown profile\n"))
        for query, message in (("seconds=1&debug=1", "seconds and debug params are incompatible\n"),
                               ("seconds=0", 'invalid value for "seconds" - must be a positive integer\n'),
                               ("seconds=x", 'invalid value for "seconds" - must be a positive integer\n')):
            self.assertEqual(self.text("/debug/pprof/goroutine?" + query, 400), message)
        request = urllib.request.Request(self.url + "/debug/pprof/goroutine", data=b"x", method="POST")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=LIMIT_S)
        self.assertEqual((refused.exception.code, refused.exception.headers["Allow"]), (405, "GET, HEAD"))
        refused.exception.close()
        self.assertEqual(self.text("/nowhere", 404), "404 page not found\n")

    def test_index_command_line_and_symbols(self):
        self.serve()
        index = self.text("/")
        for name in ("goroutine", "goroutineleak", "block", "mutex", "threadcreate"):
            self.assertIn(f"<a href='{name}?debug=1'>{name}</a>", index)
        self.assertEqual(self.text("/debug/pprof/cmdline"), SERVICE)
        text = self.text("/debug/pprof/goroutine?debug=1")
        # The first of each address: others it was inlined into.
        frames = dict(reversed(re.findall(r"(?m)^#\t(0x[0-9a-f]+)\t([^\t]+)\t", text)))
        self.assertTrue(frames)
        self.assertEqual(self.text("/debug/pprof/symbol"), "num_symbols: 1\n")
        for address, function in frames.items():
            self.assertEqual(self.text(f"/debug/pprof/symbol?0x10+{address}"),
                             f"num_symbols: 1\n{address} {function}\n")


class Others(ServeTest):
    def test_metrics(self):
        self.serve("--prove")
        self.ask("queue 7", "deadlock")
        self.wait_until(lambda: 'stray_findings{' in self.text("/metrics"), "the deadlock stands")
        _, headers, body = self.get("/metrics")
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        lines = body.decode().splitlines()
        for line in lines:
            if not line.startswith(("# HELP stray_", "# TYPE stray_")):
                self.assertRegex(line, SAMPLE)
        pid = self.child_of_service()
        both = f'pid="{pid}",program="{os.path.basename(SERVICE)}"'
        self.assertIn(f'stray_up{{pid="{pid}"}} 1', lines)
        self.wait_until(lambda: f'stray_tasks{{{both},kind="goroutine",state="blocked",wait_reason="chan receive"}} 7\n'
                        in self.text("/metrics"), "all seven wait")
        self.assertIn(f'stray_findings{{{both},id="deadlock.cycle",confidence="proved"}} 1', lines)
        self.assertRegex(body.decode(), r'stray_tasks_created_total\{[^}]*kind="goroutine"\} ([89]|\d\d+)')

    def test_prometheus_reads_the_metrics(self):
        # What stands in a label can be anything.
        hostile = os.path.join(self.folder, 'ser"vi\\ce\n{x="1"} \x1b[1m\xff')
        shutil.copy(SERVICE, hostile)
        self.serve("--prove", program=hostile)
        self.ask("queue 7", "deadlock", "forget")
        self.wait_until(lambda: 'id="deadlock.cycle"' in self.text("/metrics"), "the deadlock stands")
        self.check_metrics(self.text("/metrics"))
        self.check_metrics(self.text("/metrics?prove=1"))
        pid = children_of(self.service.pid)[0]
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.check_metrics(self.text("/metrics"))

    def check_metrics(self, text):
        result = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, timeout=LIMIT_S)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""), text)

    def child_of_service(self):
        # The process that serves is a child as well.
        (pid,) = [pid for pid in children_of(self.service.pid) if os.readlink(f"/proc/{pid}/exe") == SERVICE]
        return pid

    def test_dump_and_report(self):
        self.serve()
        self.ask("deadlock")
        self.wait_until(lambda: "deadlock.cycle" in self.text("/stray/report"), "the deadlock stands")
        _, headers, body = self.get("/stray/snapshot")
        self.assertRegex(headers["Content-Disposition"], r'filename="[^"]+\.\d+\.stray"')
        path = os.path.join(self.folder, "now.stray")
        with open(path, "wb") as file:
            file.write(body)
        self.assertIn("deadlock.cycle", self.stray("report", path).stdout)
        findings = json.loads(self.text("/stray/report?format=json"))["findings"]
        self.assertIn("deadlock.cycle", [finding["id"] for finding in findings])
        status, headers, page = self.get("/stray/report?format=html")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertIn(b"deadlock.cycle", page)
        self.assertIn("format: one of text", self.text("/stray/report?format=nonsense", 400))

    def test_the_program_is_not_disturbed_and_the_server_ends_with_it(self):
        self.serve()
        self.ask("work")
        for _ in range(5):
            self.text("/debug/pprof/goroutine?debug=1")
            self.ask("work")
        server = [pid for pid in children_of(self.service.pid) if pid != self.child_of_service()]
        self.assertEqual(self.end_service(), 0, self.service.stderr.read())
        self.assertEqual([pid for pid in server if is_running(pid)], [])
        with self.assertRaises(urllib.error.URLError):
            self.get("/metrics")
        self.assert_cleaned_up()

    def test_a_process_that_does_not_answer(self):
        self.serve()
        pid = self.child_of_service()
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.assertIn("is stopped and cannot answer", self.text("/debug/pprof/goroutine", 504))
        self.assertIn(f'stray_up{{pid="{pid}"}} 0', self.text("/metrics"))

    def test_processes_by_number(self):
        self.serve()
        self.assertIn("there is no process 1 under this stray", self.text("/debug/pprof/goroutine?pid=1", 404))
        self.assertIn('"x" is no number', self.text("/debug/pprof/goroutine?pid=x", 400))
        self.assertIn("profile: total", self.text(f"/debug/pprof/goroutine?debug=1&pid={self.child_of_service()}"))


class Access(ServeTest):
    def test_other_names_of_this_machine_are_refused(self):
        self.serve()
        self.assertEqual(self.get("/metrics", host="evil.example")[0], 403)
        self.assertEqual(self.get("/metrics", host="localhost:80")[0], 200)

    def test_a_token_is_needed_where_others_get(self):
        self.serve(address="0.0.0.0:0")
        url, token = self.url.split("/debug/pprof/?token=")
        self.url = url.replace("0.0.0.0", "127.0.0.1")
        self.assertRegex(token, r"\A[0-9a-f]{32}\Z")
        self.assertEqual(self.get("/metrics")[0], 401)
        self.assertEqual(self.get("/metrics?token=" + "0" * 32)[0], 401)
        self.assertEqual(self.get("/metrics?token=" + token)[0], 200)
        self.assertEqual(self.get("/metrics", authorization="Bearer " + token)[0], 200)

    def test_unix_socket_is_the_users_own_and_goes_away(self):
        path = os.path.join(self.folder, "http.sock")
        for _ in range(2):
            self.serve(address="unix:" + path)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            connection = UnixConnection(path)
            connection.request("GET", "/debug/pprof/goroutine?debug=1")
            self.assertIn(b"profile: total", connection.getresponse().read())
            connection.close()
            self.assertEqual(self.end_service(), 0)
            self.assertFalse(os.path.exists(path))

    def test_a_socket_left_behind_is_replaced(self):
        path = os.path.join(self.folder, "http.sock")
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(path)
        self.serve(address="unix:" + path)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            result = self.stray("run", "--http", f":{port}", "--", TARGET, "clean")
        self.assertEqual(result.returncode, 125)
        self.assertEqual(result.stderr, f"stray: cannot listen at http://127.0.0.1:{port}: Address already in use\n")

    def test_bad_addresses(self):
        for text in ("here", "127.0.0.1:99999", "::1:80", "unix:"):
            result = self.stray("run", "--http", text, "--", TARGET, "clean")
            self.assertEqual(result.returncode, 125, text)
            self.assertIn(text, result.stderr)


class ServeCommand(ServeTest):
    def test_of_a_running_process(self):
        process = self.start("run", "--", SERVICE)
        self.service = process
        pid = self.child_of(process)
        server = subprocess.Popen([STRAY, "serve", "--http", ":0", str(pid)], stderr=subprocess.PIPE, text=True,
                                  env=self.env)
        self.addCleanup(self.end_server, server)
        line = server.stderr.readline()
        self.url = re.search(r"is at (\S+)", line)[1].removesuffix("/debug/pprof/")
        self.ask("queue 4")
        self.wait_until(lambda: re.search(r"(?m)^4 @ ", self.text("/debug/pprof/goroutine?debug=1")), "all four wait")
        self.ask("open")
        self.assertEqual(self.end_service(), 0)
        self.assertEqual(server.wait(LIMIT_S), 0)
        self.assertEqual(server.stderr.read(), f"stray: process {pid} has ended\n")

    @staticmethod
    def end_server(server):
        server.kill()
        server.wait()
        server.stderr.close()

    def test_ctrl_c_ends_it(self):
        self.service = self.start("run", "--", SERVICE)
        server = subprocess.Popen([STRAY, "serve", "--http", ":0", str(self.child_of(self.service))],
                                  stderr=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(self.end_server, server)
        server.stderr.readline()
        server.send_signal(signal.SIGINT)
        self.assertEqual(server.wait(LIMIT_S), 0)
        self.assertEqual(self.end_service(), 0)

    def test_not_under_stray(self):
        result = self.stray("serve", str(os.getpid()))
        self.assertEqual(result.returncode, 3)
        self.assertIn("does not run under stray", result.stderr)


if __name__ == "__main__":
    unittest.main()
