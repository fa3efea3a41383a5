"""Drives the program under test as a user would, and ties its rows to the oracle's documents."""

import json
import os
import re
import shutil
import subprocess

ATTACHED = re.compile(r"(?:(.*)!/)?message@(\d+)!/part ([\d.]+)", re.S)
QUICK_ID = re.compile(rb'\{"schema":\d+,"id":"([0-9a-f]+)"')
FOUND_SOMETHING, FOUND_NOTHING, REFUSED, SOMETHING_UNREAD = 0, 1, 2, 3


class Failed(RuntimeError):
    """The program ended as it should not."""


class Program:
    """One binary and one case."""

    def __init__(self, binary, case):
        self.binary, self.case = binary, case

    def call(self, *arguments, accept=(FOUND_SOMETHING, FOUND_NOTHING, SOMETHING_UNREAD)):
        """Runs a command, returns its standard output; Failed on any other exit code."""
        done = subprocess.run([self.binary, "--case", self.case, *arguments], capture_output=True, check=False,
                              env={k: v for k, v in os.environ.items() if k != "MUCKRAKE_CASE"})
        if done.returncode not in accept:
            raise Failed(f"exit {done.returncode} of {arguments}: {done.stderr.decode(errors='replace')[-600:]}")
        return done.stdout

    def search(self, query, *options):
        """The rows of a search, as JSON objects."""
        return [json.loads(line) for line in self.call("search", "--json", *options, "--", query).split(b"\n") if line]

    def search_ids(self, query, *options):
        """Only the ids of a search, in their order."""
        return [_row_id(line) for line in self.call("search", "--json", *options, "--", query).split(b"\n") if line]

    def count(self, query):
        """The number of a search."""
        return json.loads(self.call("search", "--json", "--count", "--", query))["count"]

    def set_zone(self, zone):
        """Writes the time zone of the case into its settings."""
        path = os.path.join(self.case, "muckrake.toml")
        text = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                text = file.read()
        line = f'time_zone = "{zone}"'
        text, changed = re.subn(r"(?m)^#?\s*time_zone\s*=.*$", line, text, count=1)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text if changed else line + "\n" + text)

    def copy_to(self, case):
        """A second case with the same content."""
        shutil.rmtree(case, ignore_errors=True)
        shutil.copytree(self.case, case)
        return Program(self.binary, case)


def _row_id(line):
    """The id of a row; reading all of a row is what most of the time would go to."""
    quick = QUICK_ID.match(line)
    return quick.group(1).decode() if quick else json.loads(line)["id"]


def _source_names(doc_source, root):
    root = os.path.abspath(root)
    base = os.path.basename(root.rstrip("/"))
    return {doc_source, f"{base}/{doc_source}", os.path.join(root, doc_source), root if base == doc_source else doc_source}


class Tie:
    """Which row each document is a copy of: `ids[doc]` is a row's place in `rows`, None where the program has no such message."""

    def __init__(self, rows, docs, roots):
        self.rows, self.docs = rows, docs
        self.ids = [None] * len(docs)
        self.notes = {"copies of the program that the oracle did not read": [], "copies of the oracle that the program does not have": [],
                      "copies with other bytes": [], "attached messages that could not be paired": []}
        self._tie_tops(dict(roots))
        self._tie_attached()
        self.notes["copies of the oracle that the program does not have"] = [
            self.place(at) for at, found in enumerate(self.ids) if found is None]
        self.read = {found for found in self.ids if found is not None}

    def place(self, at):
        """Where a document lies, for people."""
        doc = self.docs[at]
        return f"{doc.release}:{doc.source}@{doc.offset}" + (f" attached {doc.nth} of {self.place(doc.parent)}" if doc.parent is not None else "")

    def _tie_tops(self, roots):
        by_place = {}
        for at, doc in enumerate(self.docs):
            if doc.parent is None:
                for name in _source_names(doc.source, roots[doc.release]):
                    by_place.setdefault((doc.release, name, doc.offset), at)
        self.copies, self.attached = {}, []
        for number, row in enumerate(self.rows):
            for copy in row["copies"]:
                inside = copy["path_inside"]
                key = (copy["release"], copy["source"], inside, copy["offset"])
                self.copies[key] = number
                if inside and ATTACHED.fullmatch(inside):
                    self.attached.append((number, copy))
                    continue
                at = by_place.get((copy["release"], copy["source"], copy["offset"])) if inside is None else None
                if at is None:
                    self.notes["copies of the program that the oracle did not read"].append(
                        f"{copy['release']}:{copy['source']} {inside or ''}@{copy['offset']}")
                    continue
                self.ids[at] = number
                doc = self.docs[at]
                if copy["sha256"] != doc.sha256 and abs(copy["length"] - doc.length) > 2:
                    self.notes["copies with other bytes"].append(f"{self.place(at)}: length {copy['length']} for {doc.length}")

    def _tie_attached(self):
        """Pairs attached messages, parents first: by hash where it is known, else by order."""
        of_place = {}
        names = {}
        for at, doc in enumerate(self.docs):
            if doc.parent is None and self.ids[at] is not None:
                names.setdefault((self.ids[at], doc.release, doc.offset), []).append(at)
        children = {}
        for at, doc in enumerate(self.docs):
            if doc.parent is not None:
                children.setdefault(doc.parent, []).append(at)
        waiting = {}
        for number, copy in self.attached:
            inside, offset, part = ATTACHED.fullmatch(copy["path_inside"]).groups()
            key = (copy["release"], copy["source"], inside, int(offset))
            waiting.setdefault(key, []).append(([int(n) for n in part.split(".")], number, copy))
        for key in sorted(waiting, key=lambda k: len(k[2] or "")):
            release, source, inside, offset = key
            parent = of_place.get(key)
            if parent is None and inside is None and key in self.copies:
                found = [at for at in names.get((self.copies[key], release, offset), ()) if source.endswith(self.docs[at].source)]
                parent = max(found, key=lambda at: len(self.docs[at].source), default=None)
            known = list(children.get(parent, ()))
            group = sorted(waiting[key], key=lambda w: w[0])
            pairs = self._pair(group, known)
            for (_, number, copy), at in pairs:
                if at is None:
                    self.notes["attached messages that could not be paired"].append(f"{release}:{source} {copy['path_inside']}")
                    continue
                self.ids[at] = number
                of_place[(release, source, copy["path_inside"], copy["offset"])] = at

    def _pair(self, group, known):
        out, rest = [], []
        for entry in group:
            same = [at for at in known if self.docs[at].sha256 == entry[2]["sha256"]]
            if same:
                known.remove(same[0])
                out.append((entry, same[0]))
            else:
                rest.append(entry)
        for entry in rest:
            out.append((entry, known.pop(0) if known else None))
        return out


def groups_of(rows):
    """The row that each row is shown under: itself, unless results fold linked messages into one row."""
    known = {row["id"]: at for at, row in enumerate(rows)}
    folded = {}
    for at, row in enumerate(rows):
        for other in row["linked"]:
            if other not in known:
                folded[other] = at
    return known, folded
