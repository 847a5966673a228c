# SPDX-License-Identifier: Apache-2.0
"""Profiles and texts for Go's tools: `go tool pprof`, unmodified, on what stray writes, and strict readers of the texts
that Go prints with debug=1 and debug=2."""
import gzip
import re
import shutil
import urllib.error
import urllib.request

from formats_test import CASES, FOLLOWERS, GOROUTINES, Formats, inputs
from goroutine_text import parse_goroutines, parse_profile
from harness import *

PROFILES = ("goroutine", "goroutineleak", "block", "mutex", "threadcreate")
SELECTED = {"goroutine": 10, "goroutineleak": 6, "block": 8, "mutex": 2, "threadcreate": 1}


class Profiles(Formats):
    def pprof_file(self, *arguments, name="out.pb.gz"):
        path = os.path.join(self.folder, name)
        result = self.stray("report", "--format", "pprof", "-o", path, *arguments)
        self.assertIn(result.returncode, (0, 1, 4), result.stderr)
        return path

    def tool(self):
        """The command that Go users run, with what it needs in its environment."""
        env = dict(self.env, HOME=self.folder, PPROF_TMPDIR=self.folder, GOFLAGS="", GO111MODULE="off")
        return ["go", "tool", "pprof"], env

    def pprof(self, *arguments, fails=False):
        command, env = self.tool()
        result = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=LIMIT_S, env=env,
                                cwd=self.folder, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(result.returncode != 0, fails, result.stderr + result.stdout)
        return result.stdout if not fails else result.stderr


class Pprof(Profiles):
    def top(self, *arguments):
        """{function: flat} and the total of a list of functions."""
        text = self.pprof("-top", "-nodecount=0", "-nodefraction=0", *arguments)
        total = re.search(r"of ([0-9.]+\w*) total", text)
        rows = re.findall(r"^ *([-0-9.]+\w*) +[-0-9.]+% +[-0-9.]+% +[-0-9.]+\w* +[-0-9.]+%  (.+)$", text, re.MULTILINE)
        return {function.removesuffix(" (inline)"): flat for flat, function in rows if float(flat.rstrip("s"))}, total and total[1]

    def test_every_profile_of_every_dump_can_be_read(self):
        for case in CASES:
            for profile in PROFILES:
                with self.subTest(case=case, profile=profile):
                    path = os.path.join(self.folder, "one.pb.gz")
                    result = self.stray("report", "--format", "pprof", "--profile", profile, "-o", path, *inputs(case))
                    if result.returncode == 4 and not os.path.exists(path):
                        self.assertIn("there is no snapshot", result.stderr)
                        continue
                    first = "contentions" if profile in ("block", "mutex") else profile
                    self.assertRegex(self.pprof("-raw", path), rf"PeriodType: {first} count\n")
                    os.remove(path)

    def test_every_profile_with_hostile_names_can_be_read(self):
        for name, path in self.hostile():
            with self.subTest(name=name):
                raw = self.pprof("-raw", self.pprof_file("--per-task", path))
                self.assertIn("leak.blocked", raw)

    def test_tasks_stand_where_the_user_blocks_and_nowhere_below(self):
        flat, _ = self.top(self.pprof_file(GOROUTINES))
        self.assertEqual(flat, {"FetchPrice": "3", "Ledger::Append": "2", "Ledger::Await": "1", "Backoff": "1", "Tail::Follow": "1", "main": "1"})
        self.assertNotIn("Park", self.pprof("-traces", self.pprof_file(GOROUTINES)))
        with gzip.open(self.pprof_file(GOROUTINES)) as file:
            self.assertIn(b"stray::runtime::Park", file.read(), "the frames are there all the same")

    def test_main_is_the_program_and_nothing_is_symbolized_again(self):
        raw = self.pprof("-raw", self.pprof_file(GOROUTINES))
        self.assertRegex(raw, r"1: 0x400000/0x480000/0x0 /home/dev/shop/build/cart_tests 0badc0de \[FN\]\[FL\]\[LN\]\[IN\]")
        self.assertRegex(raw, r"Samples:\ngoroutine/count\[dflt\] wait/nanoseconds\n")
        # In the instruction of the call: one below the return address.
        self.assertRegex(raw, r"0x40107f M=1 FetchPrice /home/dev/shop/src/prices.cc:55 s=50\(FetchPrice\(int\)\)\n")

    def test_labels(self):
        tags = self.pprof("-tags", self.pprof_file(GOROUTINES))
        for key, value, count in (("wait_reason", "chan send", 3), ("created_by", "Quote", 3), ("verdict", "leak.blocked", 6),
                                  ("state", "blocked", 8), ("test", "CartTest.Quote", 3), ("request", "47", 1),
                                  ("object", "channel made at Quote (prices.cc:30)", 3), ("object", "mutex ledger_mutex", 2),
                                  ("label.state", 'a "label", of; the program: 100%', 1)):
            with self.subTest(key=key, value=value):
                block = re.search(rf"^ *{re.escape(key)}: Total .*\n((?:.+\n)+)", tags, re.MULTILINE)[1]
                self.assertIn((f"{count}.0", value), re.findall(r"^ *([0-9.]+) \(.*?\): (.*)$", block, re.MULTILINE))
        self.assertNotIn("task_id", tags)

    def test_labels_off(self):
        self.assertEqual(self.pprof("-tags", self.pprof_file("--labels", "off", GOROUTINES)).strip(), "")

    def test_tagfocus_by_text_and_by_time(self):
        path = self.pprof_file("--per-task", GOROUTINES)
        flat, _ = self.top("-tagfocus=wait_reason=chan send", path)
        self.assertEqual(flat, {"FetchPrice": "3"})
        flat, _ = self.top("-tagfocus=wait=60s:", path)
        self.assertEqual(flat, {"FetchPrice": "2", "Ledger::Await": "1"})
        self.assertIn("task_id", self.pprof("-tags", path))

    def test_wait_is_a_second_value(self):
        flat, total = self.top("-sample_index=wait", "-unit=s", self.pprof_file(GOROUTINES))
        self.assertEqual((flat["FetchPrice"], flat["Ledger::Append"]), ("420s", "7s"))
        self.assertEqual(total, "497s")

    def test_what_each_profile_counts(self):
        leaks, total = self.top(self.pprof_file("--profile", "goroutineleak", GOROUTINES))
        self.assertEqual((leaks, total), ({"FetchPrice": "3", "Ledger::Append": "2", "Ledger::Await": "1"}, "6"))
        block, _ = self.top("-sample_index=contentions", self.pprof_file("--profile", "block", GOROUTINES))
        self.assertEqual(block, {"FetchPrice": "3", "Ledger::Append": "2", "Ledger::Await": "1", "Tail::Follow": "1"})
        delay, total = self.top("-unit=s", self.pprof_file("--profile", "mutex", GOROUTINES))
        self.assertEqual((delay, total), ({"Ledger::Post": "7s"}, "7s"))
        threads, _ = self.top(self.pprof_file("--profile", "threadcreate", FOLLOWERS))
        self.assertEqual(threads, {"main": "4", "Server::Accept": "2", "[start of the process]": "1"})

    def test_diff_traces_and_merging(self):
        old, new = self.pprof_file(FOLLOWERS, name="old.pb.gz"), self.pprof_file(GOROUTINES, name="new.pb.gz")
        same, total = self.top("-diff_base", old, old)
        self.assertEqual(same, {})
        grown, _ = self.top("-base", old, new)
        self.assertEqual((grown["FetchPrice"], grown["Pool::Next"]), ("3", "-1"))
        both, total = self.top(old, new)
        self.assertEqual(total, "16")
        traces = self.pprof("-traces", new)
        self.assertEqual(len(re.findall(r"wait_reason: +chan send\n +1 +FetchPrice\n +Quote::\{lambda#1\}\n +stray::runtime::RunTask\n-", traces)), 3)

    def test_comments_say_what_was_found(self):
        comments = self.pprof("-comments", self.pprof_file(GOROUTINES))
        self.assertIn("stray: 4 findings in cart_tests (pid 5000)", comments)

    def test_the_web_page(self):
        path = self.pprof_file("--per-task", GOROUTINES)
        command, env = self.tool()
        server = subprocess.Popen([*command, "-http=127.0.0.1:", "-no_browser", path], env=env, cwd=self.folder,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  start_new_session=True)
        self.addCleanup(self.end_server, server)
        said = self.read_until(server.stderr, "Serving web UI on ")
        address = re.search(r"Serving web UI on (http://127\.0\.0\.1:[0-9]+)", said)[1]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def page(place):
            pages = []

            def is_there():
                try:
                    with opener.open(f"{address}/ui/{place}", timeout=LIMIT_S) as answer:
                        pages.append(answer.read().decode())
                except urllib.error.URLError as error:
                    if not isinstance(error.reason, ConnectionRefusedError):
                        raise
                    return False  # it says so before it listens
                return True
            self.wait_until(is_there, "pprof's page")
            return pages[-1]

        self.assertIn("FetchPrice", page("flamegraph"))
        self.assertIn("Ledger::Await", page("top"))
        self.assertIn("FetchPrice", page("flamegraph?tf=wait_reason%3Dchan%20send"))
        self.assertIn("FetchPrice", page("peek?f=Quote"))

    @staticmethod
    def end_server(server):
        # The go command has started pprof, and both are in a session of their own.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        server.stdout.close()
        server.stderr.close()

    def test_the_file_is_the_same_each_time_and_compressed(self):
        with open(self.pprof_file(GOROUTINES, name="a.pb.gz"), "rb") as one, open(self.pprof_file(GOROUTINES, name="b.pb.gz"), "rb") as two:
            data = one.read()
            self.assertEqual(data, two.read())
        self.assertTrue(gzip.decompress(data))

    def test_not_on_a_terminal_but_into_a_pipe(self):
        main, side = os.openpty()
        for arguments in (("report", "--format", "pprof", GOROUTINES), ("report", "--format", "pprof", "-o", "-", GOROUTINES)):
            result = subprocess.run([STRAY, *arguments], stdout=side, stderr=subprocess.PIPE, env=self.env, text=True,
                                    timeout=LIMIT_S, check=False)
            self.assertEqual(result.returncode, 2)
            self.assertEqual(result.stderr, "stray: --format pprof is binary, and nothing for a terminal: name a file with -o\n")
        os.close(main)
        os.close(side)
        result = self.stray("run", "--format", "pprof", "--", TARGET, "exit", "0")
        self.assertEqual(result.returncode, 125)
        self.assertIn("nothing for standard error: name a file with -o", result.stderr)
        piped = subprocess.run([STRAY, "report", "--format", "pprof", GOROUTINES], capture_output=True, env=self.env,
                               timeout=LIMIT_S, check=False)
        self.assertEqual(piped.stdout[:2], b"\x1f\x8b")


class GoroutineText(Profiles):
    def goroutines(self, *arguments):
        return parse_goroutines(self.report("goroutine", *arguments))

    def test_every_dump_keeps_to_the_grammar(self):
        for files in self.everything():
            for labels in ("on", "off"):
                with self.subTest(files=files, labels=labels):
                    text = self.report("goroutine", "--labels", labels, *files)
                    found = parse_goroutines(text)
                    if labels == "off":
                        self.assertFalse([one for one in found if one["labels"] or one["remark"]])
                        self.assertNotIn("{", re.sub(r"\{lambda[^}]*\}", "", "".join(re.findall(r"^goroutine .*$", text, re.MULTILINE))))

    def test_status_time_labels_and_creator(self):
        found = {one["id"]: one for one in self.goroutines(GOROUTINES)}
        self.assertEqual(sorted(found), [1, 7, 8, 9, 10, 11, 12, 13, 2**30 + 2])
        sender = found[7]
        self.assertEqual((sender["status"], sender["leaked"], sender["minutes"]), ("chan send", True, 3))
        self.assertEqual(sender["labels"], {"request": "47", "test": "CartTest.Quote"})
        self.assertEqual(sender["frames"][0], ("FetchPrice", "/home/dev/shop/src/prices.cc", 55))
        self.assertEqual(sender["created"], ("Quote", 6, "/home/dev/shop/src/prices.cc"))
        self.assertIn("G7 waits 3.3 min for channel Ch1", sender["remark"])
        self.assertEqual((found[9]["minutes"], found[10]["minutes"], found[13]["status"]), (0, 1, "sleep"))
        self.assertIn('held by G10 "ledger"', found[11]["remark"])
        self.assertEqual(found[11]["labels"]["state"], 'a "label", of; the program: 100%')
        self.assertTrue(found[2**30 + 2]["locked"])
        self.assertEqual(found[1]["status"], "running")

    def test_threads_keep_their_numbers_where_there_is_nothing_else(self):
        found = self.goroutines(FOLLOWERS)
        self.assertEqual([one["id"] for one in found], [1, 2, 3, 4, 5, 6, 7])
        self.assertTrue(all(one["locked"] for one in found))


class Debug1(Profiles):
    def test_every_dump_keeps_to_the_layout(self):
        for files in self.everything():
            for profile in PROFILES:
                with self.subTest(files=files, profile=profile):
                    result = self.stray("report", "--format", "goroutine-debug1", "--profile", profile, *files)
                    if result.returncode == 4 and not result.stdout:
                        self.assertIn("there is no snapshot", result.stderr)
                        continue
                    self.assertEqual(parse_profile(result.stdout)[0], profile)

    def test_groups(self):
        _, groups = parse_profile(self.report("goroutine-debug1", "--labels", "off", GOROUTINES))
        self.assertEqual((groups[0]["count"], groups[0]["labels"]), (3, {}))
        self.assertEqual(groups[0]["frames"][0], ("FetchPrice", "/home/dev/shop/src/prices.cc", 55))
        _, groups = parse_profile(self.report("goroutine-debug1", "--profile", "mutex", GOROUTINES))
        self.assertEqual([(group["count"], group["delay"]) for group in groups], [(2, 7000000000)])
        self.assertEqual(groups[0]["labels"]["object"], "mutex ledger_mutex")

    def test_pprof_reads_the_text_too(self):
        for profile in PROFILES:
            path = self.write(profile, self.report("goroutine-debug1", "--profile", profile, GOROUTINES))
            first = "contentions" if profile in ("block", "mutex") else profile
            self.assertIn(first, self.pprof("-raw", "-symbolize=none", path))


class Live(Profiles):
    def test_snapshot_of_a_running_program(self):
        process = self.start("run", "--grace", "1h", "--", TARGET, "deadlock", "4")
        pid = str(self.settled(self.child_of(process), 7))
        result = self.stray("snapshot", "--format", "goroutine", pid)
        self.assertEqual(result.returncode, 1, result.stderr)
        found = parse_goroutines(result.stdout)
        self.assertEqual(len(found), 7)
        self.assertEqual(sum(one["leaked"] for one in found), 7)
        out = os.path.join(self.folder, "now.pb.gz")
        self.assertEqual(self.stray("snapshot", "--format", "pprof", "--profile", "mutex", "-o", out, pid).returncode, 1)
        self.assertIn("Lock", self.pprof("-top", out))

    def test_goroutines_of_a_run(self):
        out = os.path.join(self.folder, "leaks")
        result = self.stray("run", "--seeds", "100", "--format", "goroutine", "-o", out, "--", os.environ["GOROUTINES"], "wrong")
        self.assertEqual(result.returncode, 66, result.stderr)
        with open(out, encoding="utf-8") as file:
            found = parse_goroutines(file.read())
        waiter = [one for one in found if one["leaked"]]
        self.assertEqual([one["status"] for one in waiter], ["chan receive"])
        self.assertTrue(waiter[0]["frames"][0][1].endswith("goroutines.cc"), waiter[0])
        self.assertTrue(waiter[0]["created"][0].startswith("LeakInSomeOrders") or "LeakInSomeOrders" in waiter[0]["created"][0])


if __name__ == "__main__":
    if shutil.which("go") is None:
        raise SystemExit("the go command is missing: scripts/setup installs it")
    unittest.main()
