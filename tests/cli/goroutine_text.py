# SPDX-License-Identifier: Apache-2.0
"""Strict readers of the texts that Go prints with debug=2 and debug=1, after Go's own printing code: whatever is not of
the grammar is an error. Lines that begin with "# " between two blocks are the only addition."""
import re

WORD = r"[A-Za-z0-9_./-]+"
STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\]|\\x[0-9a-f]{2})*"'
PAIR = rf"(?:{WORD}|{STRING}): (?:{WORD}|{STRING})"
HEADER = re.compile(
    rf"goroutine (?P<id>[1-9][0-9]*) \[(?P<status>[^,\[\]\n]+?)(?P<leaked> \(leaked\))?"
    rf"(?:, (?P<minutes>[1-9][0-9]*) minutes)?(?P<locked>, locked to thread)?\]"
    rf"(?: \{{(?P<labels>{PAIR}(?:, {PAIR})*)\}})?:\n")
PAIRS = re.compile(rf"({WORD}|{STRING}): ({WORD}|{STRING})")
FUNCTION = re.compile(r"(?P<function>[^\t\n].*)\(\.\.\.\)\n")
PLACE = re.compile(r"\t(?P<file>[^\t\n]+):(?P<line>[0-9]+)(?: \+0x[0-9a-f]+)?\n")
CREATED = re.compile(r"created by (?P<function>[^\t\n]+?)(?: in goroutine (?P<parent>[1-9][0-9]*))?\n")
ELIDED = "...additional frames elided...\n"
UNAVAILABLE = "\tgoroutine running on other thread; stack unavailable\n"


def unquoted(text):
    """What a Go string says; bytes that were escaped stay escapes."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if text.startswith('"') else text


class Lines:
    def __init__(self, text):
        if text and not text.endswith("\n"):
            raise ValueError("the last line has no end")
        self.lines = text.splitlines(keepends=True) if "\r" not in text else [line + "\n" for line in text.split("\n")[:-1]]
        self.place = 0

    def peek(self):
        return self.lines[self.place] if self.place < len(self.lines) else None

    def take(self, pattern, what):
        line = self.peek()
        match = pattern.fullmatch(line) if line is not None else None
        if match is None:
            raise ValueError(f"line {self.place + 1}: {line!r} is no {what}")
        self.place += 1
        return match

    def skip(self, text):
        if self.peek() != text:
            return False
        self.place += 1
        return True


def parse_goroutines(text):
    """Dictionaries, one for each goroutine, with id, status, leaked, minutes, locked, labels, frames, created, remark."""
    lines, goroutines = Lines(text), []
    while lines.peek() is not None:
        remark = ""
        if lines.peek().startswith("# "):
            remark = lines.take(re.compile(r"# .+\n"), "remark")[0][2:-1]
        header = lines.take(HEADER, "header of a goroutine")
        labels = {unquoted(key): unquoted(value) for key, value in PAIRS.findall(header["labels"] or "")}
        frames, created = [], None
        if not lines.skip(UNAVAILABLE):
            while True:
                function = lines.take(FUNCTION, "function")["function"]
                place = lines.take(PLACE, "place of a frame")
                frames.append((function, place["file"], int(place["line"])))
                if lines.peek() in ("\n", ELIDED) or lines.peek().startswith("created by "):
                    break
            lines.skip(ELIDED)
        if lines.peek() is not None and lines.peek().startswith("created by "):
            match = lines.take(CREATED, "creation")
            place = lines.take(PLACE, "place of the creation")
            created = (match["function"], int(match["parent"] or 0), place["file"])
        lines.take(re.compile(r"\n"), "end of a block")
        goroutines.append({"id": int(header["id"]), "status": header["status"], "leaked": bool(header["leaked"]),
                           "minutes": int(header["minutes"] or 0), "locked": bool(header["locked"]), "labels": labels,
                           "frames": frames, "created": created, "remark": remark})
    return goroutines


GROUP = re.compile(r"(?:(?P<delay>[0-9]+) )?(?P<count>[0-9]+) @(?P<addresses>(?: 0x[0-9a-f]+)*)\n")
LABELS = re.compile(rf"# labels: \{{(?P<labels>{STRING}:{STRING}(?:, {STRING}:{STRING})*)\}}\n")
FRAME = re.compile(r"#\t+0x[0-9a-f]+\t+(?P<function>[^\t\n]+)\t+(?P<file>[^\t\n]+):(?P<line>[0-9]+)\n")


def parse_profile(text):
    """The name of the profile and its groups: count, delay (or None), addresses, labels, frames."""
    lines = Lines(text)
    if lines.skip("--- contention:\n"):
        name = "block"
        lines.take(re.compile(r"cycles/second=[0-9]+\n"), "unit")
    elif lines.skip("--- mutex:\n"):
        name = "mutex"
        lines.take(re.compile(r"cycles/second=[0-9]+\n"), "unit")
        lines.take(re.compile(r"sampling period=[0-9]+\n"), "sampling period")
    else:
        head = lines.take(re.compile(r"(?P<name>[a-z]+) profile: total (?P<total>[0-9]+)\n"), "head of a profile")
        name = head["name"]
    groups = []
    while lines.peek() is not None:
        match = lines.take(GROUP, "group")
        if (match["delay"] is not None) != (name in ("block", "mutex")):
            raise ValueError(f"line {lines.place}: a delay belongs to contentions, and only there")
        labels, frames = {}, []
        if lines.peek().startswith("# labels: "):
            found = lines.take(LABELS, "labels")["labels"]
            labels = {unquoted(key): unquoted(value) for key, value in re.findall(rf"({STRING}):({STRING})", found)}
        while lines.peek() != "\n":
            frame = lines.take(FRAME, "frame")
            frames.append((frame["function"], frame["file"], int(frame["line"])))
        lines.take(re.compile(r"\n"), "end of a group")
        groups.append({"count": int(match["count"]), "delay": match["delay"] and int(match["delay"]),
                       "addresses": match["addresses"].split(), "labels": labels, "frames": frames})
    if name not in ("block", "mutex") and sum(group["count"] for group in groups) != int(head["total"]):
        raise ValueError("the groups do not add up to the total")
    return name, groups
