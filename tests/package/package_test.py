#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the build into an empty place and uses it from there as people outside this tree would."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))

# Everything that belongs into the package. A new file is added here on purpose or not at all.
PACKAGE_FILES = {
    "bin/stray",
    "lib/stray/libstray_agent.so",
    "lib/stray/libstray_heap.so",
    "lib/cmake/stray/StrayInstrument.cmake",
    "lib/cmake/stray/StrayTests.cmake",
    "lib/cmake/stray/strayConfig.cmake",
    "lib/cmake/stray/strayConfigVersion.cmake",
    "lib/cmake/stray/strayTargets.cmake",
    "lib/libstray.a",
    "lib/libstray_race.a",
    "lib/libstray_recorder.a",
    "lib/pkgconfig/stray-race.pc",
    "lib/pkgconfig/stray-runtime.pc",
    "lib/pkgconfig/stray-trace.pc",
    "lib/pkgconfig/stray.pc",
    "share/doc/stray/LICENSE",
    "share/doc/stray/LICENSE.libunwind",
    "share/bash-completion/completions/stray",
    "share/fish/vendor_completions.d/stray.fish",
    "share/man/man1/stray.1",
    "share/zsh/site-functions/_stray",
}

OPTIONS = argparse.Namespace()


def run(*command, **options):
    """Runs a command; returns its finished process, with stdout and stderr as one text."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.prefix = os.path.join(cls.folder, "prefix")
        # Installed in one place and used in another: the package must not know where it was put.
        first = os.path.join(cls.folder, "first")
        done = run(OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", first)
        assert done.returncode == 0, done.stdout
        os.rename(first, cls.prefix)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def assert_ends_with(self, status, done):
        self.assertEqual(done.returncode, status, done.stdout)

    def flags_of(self, package, *kinds):
        environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(self.prefix, "lib/pkgconfig")}
        done = run("pkg-config", *(kinds or ("--cflags", "--libs")), package, env=environment)
        self.assert_ends_with(0, done)
        return done.stdout.split()

    def test_package_holds_what_it_should_and_nothing_else(self):
        files = {os.path.relpath(os.path.join(folder, name), self.prefix)
                 for folder, _, names in os.walk(self.prefix) for name in names}
        configuration = {name for name in files if name.startswith("lib/cmake/stray/strayTargets-")}
        self.assertEqual(len(configuration), 1, configuration)
        include = os.path.join(PROJECT, "instrumentation", "include")
        headers = {os.path.join("include", os.path.relpath(os.path.join(folder, name), include))
                   for folder, _, names in os.walk(include) for name in names}
        self.assertEqual(files - configuration, PACKAGE_FILES | headers)

    def test_pkg_config_builds_a_program_with_goroutines(self):
        flags = self.flags_of("stray-runtime")
        program = os.path.join(self.folder, "pipeline")
        source = os.path.join(HERE, "consumer", "pipeline.cc")
        self.assert_ends_with(0, run("c++", "-std=c++20", source, "-o", program, *flags))
        done = run(program)
        self.assert_ends_with(0, done)
        self.assertEqual(done.stdout, "385\n")

    def check_racy(self, compiler, *more):
        """Builds racy.cc by the flags of pkg-config and `more`, and looks for its race in the report."""
        program = os.path.join(self.folder, "racy")
        source = os.path.join(HERE, "consumer", "racy.cc")
        self.assert_ends_with(0, run(compiler, "-pthread", source, "-o", program, *self.flags_of("stray-race"), *more))
        done = run("setarch", "-R", os.path.join(self.prefix, "bin/stray"), "run", "--", program)
        self.assert_ends_with(66, done)
        self.assertIn("race.data", done.stdout)
        self.assertNotIn("stray-race", done.stdout, "there is nothing that one more flag would add")

    def test_pkg_config_builds_programs_that_look_for_races(self):
        """With each compiler, and a shared and a static runtime of the sanitizer."""
        self.check_racy("c++")
        self.check_racy("c++", "-no-pie")
        for compiler in ("g++-12", "clang++-14", "clang++-19"):
            if shutil.which(compiler) is None:
                continue  # scripts/setup installs all of them
            library = run(compiler, "-print-file-name=libclang_rt.tsan-x86_64.so").stdout.strip()
            other = {"g++-12": ["-static-libtsan"],
                     # The shared runtime of clang 14 crashes on start with the C library of Debian 12.
                     "clang++-14": ["-O2"],
                     "clang++-19": ["-shared-libsan", "-Wl,-rpath," + os.path.dirname(library)]}[compiler]
            for flags in ([], other, ["-no-pie"]):
                with self.subTest(f"{compiler} {' '.join(flags)}"):
                    self.check_racy(compiler, *flags)

    def test_pkg_config_builds_programs_that_write_traces(self):
        """In two steps: a compiler that links sees -fsanitize=thread and adds its own runtime."""
        program = os.path.join(self.folder, "traced")
        source = os.path.join(HERE, "consumer", "racy.cc")
        for compiler in ("g++-12", "clang++-14", "clang++-19"):
            if shutil.which(compiler) is None:
                continue
            for more in ([], ["-no-pie"]):
                with self.subTest(f"{compiler} {' '.join(more)}"):
                    compile_only = ["-c", source, "-o", program + ".o", *self.flags_of("stray-trace", "--cflags")]
                    if more:
                        compile_only.append("-fno-pie")
                    self.assert_ends_with(0, run(compiler, "-std=c++20", *compile_only))
                    self.assert_ends_with(0, run(compiler, "-pthread", program + ".o", "-o", program, *more,
                                                 *self.flags_of("stray-trace", "--libs")))
                    self.assert_ends_with(0, run(program))
                    done = run(os.path.join(self.prefix, "bin/stray"), "run", "--trace", "--", program)
                    self.assert_ends_with(66, done)
                    self.assertIn("race.data", done.stdout)

    def test_project_outside_the_tree_finds_stray_and_tests_with_it(self):
        build = os.path.join(self.folder, "consumer")
        self.assert_ends_with(0, run(OPTIONS.cmake, "-S", os.path.join(HERE, "consumer"), "-B", build,
                                     "-DCMAKE_PREFIX_PATH=" + self.prefix))
        self.assert_ends_with(0, run(OPTIONS.cmake, "--build", build))
        done = run(os.path.join(os.path.dirname(OPTIONS.cmake), "ctest"), "--output-on-failure", cwd=build)
        self.assert_ends_with(0, done)
        self.assertIn("100% tests passed, 0 tests failed out of 9", done.stdout)

    def test_wrong_major_version_is_refused(self):
        build = os.path.join(self.folder, "version")
        os.mkdir(build)
        with open(os.path.join(build, "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write("cmake_minimum_required(VERSION 3.16)\nproject(p LANGUAGES NONE)\nfind_package(stray 99 REQUIRED)\n")
        done = run(OPTIONS.cmake, "-S", build, "-B", build, "-DCMAKE_PREFIX_PATH=" + self.prefix)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("99", done.stdout)

    def test_pkg_config_names_the_command_and_the_agent(self):
        environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(self.prefix, "lib/pkgconfig")}
        for variable in ("executable", "agent"):
            done = run("pkg-config", "--variable=" + variable, "stray", env=environment)
            self.assert_ends_with(0, done)
            self.assertTrue(os.path.isfile(done.stdout.strip()), done.stdout)

    def test_installed_stray_finds_its_agent(self):
        done = run(os.path.join(self.prefix, "bin/stray"), "run", "--", "true", cwd="/")
        self.assert_ends_with(0, done)

    def test_as_part_of_another_project_only_the_libraries_are_built(self):
        build = os.path.join(self.folder, "superproject")
        self.assert_ends_with(0, run(OPTIONS.cmake, "-S", os.path.join(HERE, "superproject"), "-B", build,
                                     "-DSTRAY_SOURCE=" + PROJECT, "-DSTRAY_LIBUNWIND_ROOT=" + OPTIONS.libunwind))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--build", "--cmake", "--libunwind"):
        parser.add_argument(option, required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest])
