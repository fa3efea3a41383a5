"""What the checks of exports share: the program, a case, manifests, and a way to say what failed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys


class Program:
    """The program on one case."""

    def __init__(self, path, case):
        self.path = os.path.abspath(path)
        self.case = os.path.abspath(case)

    def run(self, *arguments, expect=(0,), **options):
        command = [self.path, "--case", self.case, *arguments]
        done = subprocess.run(command, capture_output=True, **options)
        if expect is not None and done.returncode not in expect:
            raise Wrong(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
        return done

    def hits(self, query="*"):
        lines = self.run("search", "--json", "--", query).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def export(self, to, form, *more, query="*"):
        """Exports to a place where nothing is, and gives the manifest."""
        remove(to)
        self.run("export", "--to", to, "--format", form, *more, "--", query, expect=(0, 3))
        return manifest_of(to)


class Wrong(Exception):
    """What a check found to be otherwise than it has to be."""


def expect(condition, message):
    if not condition:
        raise Wrong(message)


def manifest_of(to):
    for path in (os.path.join(to, "data", "manifest.jsonl"), os.path.join(to, "manifest.jsonl"), to + ".manifest.jsonl"):
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                return [json.loads(line) for line in file]
    raise Wrong(f"{to} has no manifest")


def remove(path):
    for one in (path, path + ".manifest.jsonl"):
        if os.path.isdir(one):
            shutil.rmtree(one)
        elif os.path.exists(one):
            os.remove(one)


def read(*parts):
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def tree(folder):
    """Each file below a folder with its digest."""
    found = {}
    if os.path.isfile(folder):
        return {"": sha256(read(folder))}
    for above, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(above, name)
            found[os.path.relpath(path, folder)] = sha256(read(path))
    return found


def run_checks(checks):
    """Runs named checks, says how each ended, and gives the exit code."""
    failed = 0
    for name, check in checks:
        try:
            said = check()
        except Wrong as wrong:
            failed += 1
            print(f"FAILED {name}: {wrong}")
        else:
            print(f"ok     {name}" + (f": {said}" if said else ""))
        sys.stdout.flush()
    return 1 if failed else 0
