#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package that cpack makes: what is in it, what it needs, and whether it works where it is put."""

import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

OPTIONS = argparse.Namespace()


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


class DebTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        done = run(os.path.join(os.path.dirname(OPTIONS.cmake), "cpack"), "-G", "DEB", "-B", cls.folder,
                   "--config", os.path.join(OPTIONS.build, "CPackConfig.cmake"))
        assert done.returncode == 0, done.stdout
        (cls.package,) = glob.glob(os.path.join(cls.folder, "*.deb"))
        cls.root = os.path.join(cls.folder, "root")
        done = run("dpkg-deb", "-x", cls.package, cls.root)
        assert done.returncode == 0, done.stdout

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def field(self, name):
        done = run("dpkg-deb", "-f", self.package, name)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.strip()

    def test_what_it_needs_debian_has(self):
        self.assertEqual(self.field("Package"), "stray")
        self.assertIn("libc6 (>=", self.field("Depends"))
        # What is loaded into other people's programs needs libc alone; what is for building only, nothing of it.
        self.assertNotIn("-dev", self.field("Depends"))
        done = run("apt-get", "install", "--simulate", "-o", "Debug::NoLocking=1", self.package)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^Inst stray ")

    def test_what_is_in_it_works_where_it_is_put(self):
        stray = os.path.join(self.root, "usr/bin/stray")
        done = run(stray, "run", "--", "true", cwd="/")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("no findings in true", done.stdout)
        for path in ("lib/stray/libstray_agent.so", "lib/stray/libstray_heap.so", "share/man/man1/stray.1",
                     "share/bash-completion/completions/stray", "include/stray/stray.h"):
            self.assertTrue(os.path.exists(os.path.join(self.root, "usr", path)), path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--build", "--cmake"):
        parser.add_argument(option, required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest])
