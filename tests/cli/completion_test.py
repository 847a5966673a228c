#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`stray completion`: each script is read by its shell, and completes."""
from harness import *


class Completion(StrayTest):
    def script(self, shell):
        result = self.stray("completion", shell)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return self.write("stray." + shell, result.stdout)

    def bash(self, *words):
        """What bash offers for the last of `words`."""
        line = " ".join(f"'{word}'" for word in words)
        text = f"source {self.script('bash')}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _stray; " \
               'printf "%s\\n" "${COMPREPLY[@]}"'
        result = subprocess.run(["bash", "--norc", "-c", text], capture_output=True, text=True, timeout=LIMIT_S,
                                cwd=self.folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return sorted(result.stdout.split())

    def test_bash(self):
        self.assertEqual(self.bash("stray", "re"), ["report"])
        self.assertIn("snapshot", self.bash("stray", ""))
        self.assertEqual(self.bash("stray", "run", "--ti"), ["--timeout"])
        self.assertIn("json", self.bash("stray", "report", "--format", ""))
        self.assertEqual(self.bash("stray", "report", "--color", "al"), ["always"])
        self.write("app.stray", "")
        self.assertEqual(self.bash("stray", "report", "app"), ["app.stray"])
        self.assertEqual(self.bash("stray", "run", "--", "x", "--ti"), [])

    def test_zsh(self):
        path = self.script("zsh")
        result = subprocess.run(["zsh", "-f", "-n", path], capture_output=True, text=True, timeout=LIMIT_S)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        with open(path, encoding="utf-8") as file:
            self.assertIn("'--timeout=[", file.read())

    def test_fish(self):
        text = f"source {self.script('fish')}; complete -C 'stray report --color al'; complete -C 'stray sna'"
        result = subprocess.run(["fish", "--no-config", "-c", text], capture_output=True, text=True, timeout=LIMIT_S,
                                env=dict(self.env, HOME=self.folder))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual([line.split("\t")[0] for line in result.stdout.splitlines()], ["always", "snapshot"])


if __name__ == "__main__":
    unittest.main()
