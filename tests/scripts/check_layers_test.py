#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of scripts/check-layers on small trees: what it must refuse and what it must let pass."""

import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/check-layers")
HEAD = "// SPDX-License-Identifier: Apache-2.0\n// x: a purpose.\n"


def check(files):
    """Runs the script on a tree of {path: content}; returns (exit status, output)."""
    with tempfile.TemporaryDirectory() as root:
        for path, content in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(content)
        done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


class CheckLayersTest(unittest.TestCase):
    def assert_refused(self, files, where):
        status, output = check(files)
        self.assertEqual(status, 1, output)
        self.assertIn(where, output)

    def assert_passes(self, files):
        status, output = check(files)
        self.assertEqual(status, 0, output)

    def test_include_of_a_lower_floor_passes(self):
        self.assert_passes({"analyzer/report/a.cc": HEAD + '#include "analyzer/model/b.h"\n',
                            "analyzer/model/b.h": HEAD})

    def test_include_of_a_higher_floor_is_refused(self):
        self.assert_refused({"analyzer/model/a.cc": HEAD + '#include "analyzer/report/b.h"\n',
                             "analyzer/report/b.h": HEAD}, "analyzer/model/a.cc:3: error: analyzer/model may not")

    def test_include_that_climbs_by_a_relative_path_is_refused(self):
        self.assert_refused({"agent/wire/a.h": HEAD + '#include "../base/b.h"\n', "agent/base/b.h": HEAD},
                            "agent/wire/a.h:3:")

    def test_generated_header_belongs_to_its_folder(self):
        self.assert_passes({"analyzer/model/a.cc": HEAD + '#include "agent/wire/dump.pb.h"\n'})
        self.assert_refused({"agent/wire/a.h": HEAD + '#include "analyzer/model/made.h"\n'}, "agent/wire/a.h:3:")

    def test_abseil_in_the_agent_is_refused(self):
        self.assert_refused({"agent/hooks/a.cc": HEAD + '#include "absl/strings/str_cat.h"\n'}, "agent/hooks/a.cc:3:")

    def test_public_header_may_include_public_headers_only(self):
        self.assert_passes({"instrumentation/include/stray/a.h": HEAD + "#include <stray/b.h>\n#include <vector>\n",
                            "instrumentation/include/stray/b.h": HEAD})
        self.assert_refused({"instrumentation/include/stray/a.h": HEAD + '#include "agent/wire/b.h"\n',
                             "agent/wire/b.h": HEAD}, "stray/a.h:3:")

    def test_test_program_may_include_test_support_but_not_the_tool(self):
        self.assert_passes({"tests/programs/leak/a.cc": HEAD + '#include "tests/support/b.h"\n',
                            "tests/support/b.h": HEAD})
        self.assert_refused({"tests/programs/leak/a.cc": HEAD + '#include "analyzer/model/b.h"\n',
                             "analyzer/model/b.h": HEAD}, "leak/a.cc:3:")

    def test_missing_licence_or_purpose_is_refused(self):
        self.assert_refused({"agent/base/a.cc": "int x;\n"}, "agent/base/a.cc:1:")
        self.assert_refused({"agent/base/a.cc": "// SPDX-License-Identifier: Apache-2.0\nint x;\n"},
                            "agent/base/a.cc:2:")
        self.assert_refused({"scripts/a": "#!/bin/bash\nexit\n"}, "scripts/a:2:")

    def test_name_without_an_idea_is_refused(self):
        self.assert_refused({"agent/base/string_utils.h": HEAD}, "agent/base/string_utils.h:1:")
        self.assert_refused({"agent/base/FooBar.h": HEAD}, "agent/base/FooBar.h:1:")

    def test_todo_needs_a_condition(self):
        self.assert_refused({"agent/base/a.h": HEAD + "// TO" + "DO: later\n"}, "agent/base/a.h:3:")
        self.assert_passes({"agent/base/a.h": HEAD + "// TODO(#41): drop when format 1 is gone\n"})

    def test_long_file_is_only_a_warning(self):
        status, output = check({"agent/base/a.h": HEAD + "int x;\n" * 500})
        self.assertEqual(status, 0, output)
        self.assertIn("agent/base/a.h:501: warning: 502 lines", output)


if __name__ == "__main__":
    unittest.main()
