#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray run` where the agent has no room: the program's output stays what it is, and the report says what is missing."""
from harness import *

INCOMPLETE_STATUS = 67


def may_mount():
    return subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True,
                          check=False).returncode == 0


class LimitsTest(StrayTest):
    def remarks(self, *arguments, prefix=(), **options):
        """Remarks about missing data of a run, and the CompletedProcess."""
        report = os.path.join(self.folder, "report.json")
        result = subprocess.run([*prefix, STRAY, "run", "--format", "json", "-o", report, "--", *arguments],
                                capture_output=True, text=True, timeout=LIMIT_S, env=self.env, check=False, **options)
        with open(report, encoding="utf-8") as file:
            return [remark["text"] for remark in json.load(file)["remarks"] if remark["incomplete"]], result

    def test_daemon_that_outlives_the_run_is_silent(self):
        output = os.path.join(self.folder, "output")
        daemon = 'while [ -e "$STRAY_SESSION" ]; do sleep 0.01; done; /bin/echo child; (/bin/echo grandchild); echo end'
        result = self.stray("run", "--", "sh", "-c", f"({daemon}) >{output} 2>&1 & exit 0")
        self.assertEqual(result.returncode, 0, result.stderr)
        deadline = time.monotonic() + LIMIT_S
        text = ""
        while not text.endswith("end\n") and time.monotonic() < deadline:
            time.sleep(0.01)
            with open(output, encoding="utf-8") as file:
                text = file.read()
        self.assertEqual(text, "child\ngrandchild\nend\n")

    def test_program_without_address_space_goes_unwatched(self):
        # Enough for a thread, too little to take a part of it away.
        remarks, result = self.remarks("sh", "-c", f"ulimit -v 16000; exec {TARGET} clean")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (INCOMPLETE_STATUS, "", ""))
        self.assertEqual(len(remarks), 1, remarks)
        self.assertIn("a resource limit leaves no room for its black box", remarks[0])

    def test_agent_takes_a_part_of_a_limited_address_space(self):
        plain = subprocess.run(["sh", "-c", f"ulimit -v 200000; exec {TARGET} clean"], check=False)
        self.assertEqual(plain.returncode, 0)
        self.assertEqual(self.stray("run", "--", "sh", "-c", f"ulimit -v 200000; exec {TARGET} clean").returncode, 0)

    def test_child_that_may_not_enter_the_session_is_counted(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else")
        become_nobody = ("import os, threading; os.setuid(65534); child = os.fork()\n"
                         "if child: os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
                         "t = threading.Thread(target=print, args=('on',)); t.start(); t.join()\n")
        remarks, result = self.remarks("/usr/bin/python3", "-c", become_nobody)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (INCOMPLETE_STATUS, "on\n", ""))
        self.assertEqual(len(remarks), 1, remarks)
        self.assertIn("1 forked children were not watched", remarks[0])

    @unittest.skipUnless(may_mount(), "needs the right to mount")
    def test_full_file_system_is_a_loss_and_no_signal(self):
        # 17 MiB: just enough for a session to be begun there. 400000 mutexes need more.
        prefix = ("unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=17m,mode=700 none {self.runtime} && exec "$@"', "-")
        remarks, result = self.remarks(TARGET, "locks", "400000", prefix=prefix)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (INCOMPLETE_STATUS, "done\n", ""))
        self.assertTrue(any("the file system of the black box was full" in remark for remark in remarks), remarks)
        self.assertTrue(any("synchronization objects were not recorded" in remark for remark in remarks), remarks)

    @unittest.skipUnless(may_mount(), "needs the right to mount")
    def test_file_system_that_is_full_from_the_start_leaves_a_notice(self):
        # The command fills what is left, so that its child finds no room for a box.
        fill = 'dd if=/dev/zero of="$STRAY_SESSION/fill" bs=1M count=20 2>/dev/null; /bin/echo child'
        prefix = ("unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=17m,mode=700 none {self.runtime} && exec "$@"', "-")
        remarks, result = self.remarks("sh", "-c", fill, prefix=prefix)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (INCOMPLETE_STATUS, "child\n", ""))
        self.assertTrue(any("the file system of the session directory is full" in remark for remark in remarks), remarks)


if __name__ == "__main__":
    unittest.main()
