#!/usr/bin/env python3
"""Replays power cuts: what is on disk when the power goes is what was synced, and any part of the rest.

Each operation is run once while all its writes are recorded, in order and with their data. Then, for each moment in the
record, disks are made that a power cut may leave then: all that is not synced is gone; or it is there as zeros; or any half of it is
there, whatever its order. A file's bytes are on disk once the file is synced; its name, and renames and removals, once the folder is. The
program then has to open each of these, see a consistent case, and the same operation run again has to give the case that was
never interrupted. At the end of an operation nothing of it may depend on what was not synced.

    python3 tests/durability/power.py --muckrake target/release/muckrake --work /tmp/power [--every N] [--only NAME]
"""

import argparse
import collections
import hashlib
import os
import random
import shutil
import sys

from case import Wrong, build_shim
from operation import Operation, make_mail, operations, part

# How each event that was not synced is treated: kept, dropped, or (data) as zeros.
POLICIES = {
    "dropped": lambda chance: "drop",
    "zeros": lambda chance: "zero",
    "half": lambda chance: chance.choice(["keep", "drop"]),
    "half or zeros": lambda chance: chance.choice(["keep", "drop", "zero"]),
}


class Node:
    """A file or a folder, whatever its name."""

    def __init__(self, folder):
        self.folder = folder
        self.entries, self.data = {}, b""


class Event:
    """One change, and the nodes by whose sync it becomes durable."""

    def __init__(self, at, kind, nodes, **details):
        self.at, self.kind, self.nodes = at, kind, nodes
        self.details = details
        self.durable_at = None


def read_log(path):
    """The steps of a run: what, path, other path, offset, data."""
    with open(path, "rb") as file:
        while line := file.readline():
            what, one, other, offset, length = line.decode(errors="surrogateescape").rstrip("\n").split("\t")
            yield what, one, other, int(offset), file.read(int(length))


def load(folder):
    """A folder as it is, all of it durable."""
    node = Node(True)
    if os.path.isdir(folder):
        for entry in os.scandir(folder):
            if entry.is_dir():
                node.entries[entry.name] = load(entry.path)
            else:
                node.entries[entry.name] = child = Node(False)
                with open(entry.path, "rb") as file:
                    child.data = file.read()
    return node


class Record:
    """All changes of one run."""

    def __init__(self, beginning, log):
        self.root, self.events, self.steps = load(beginning), [], 0
        # Where names lead while the record is read; the nodes themselves stay as they were at the beginning.
        names = {}
        self._remember(self.root, "", names)
        pending = collections.defaultdict(list)
        for at, (what, path, other, offset, data) in enumerate(read_log(log), 1):
            self.steps = at
            above, name = os.path.split(path)
            if not path:
                above, name = None, ""
            if what == "sync":
                node = names.get(path.rstrip("/"))
                for event in pending.pop(id(node), []):
                    event.durable_at = event.durable_at or at
                continue
            event = None
            if what in ("create", "mkdir"):
                if above is None:
                    continue
                node = names[path] = Node(what == "mkdir")
                event = Event(at, "add", [names[above.rstrip("/")]], name=name, node=node)
            elif what == "unlink":
                node = names.pop(path, None)
                if above is None or node is None:
                    continue
                event = Event(at, "remove", [names[above.rstrip("/")]], name=name, node=node)
            elif what == "rename":
                moved = {key: node for key, node in names.items() if key == path or key.startswith(path + "/")}
                for key in moved:
                    del names[key]
                for key in [key for key in names if key == other or key.startswith(other + "/")]:
                    del names[key]
                for key, node in moved.items():
                    names[other + key[len(path):]] = node
                folders = [names[above.rstrip("/")], names[os.path.dirname(other).rstrip("/")]]
                event = Event(at, "rename", folders, name=name, node=moved[path], to=os.path.basename(other))
            elif what in ("write", "truncate"):
                node = names.get(path)
                if node is None:
                    continue
                event = Event(at, what, [node], offset=offset, data=data)
            self.events.append(event)
            for node in event.nodes:
                pending[id(node)].append(event)

    def _remember(self, node, path, names):
        names[path] = node
        for name, child in node.entries.items():
            self._remember(child, f"{path}/{name}", names)

    def disk(self, at, policy, chance):
        """The tree that a power cut before step `at` + 1 may leave."""
        entries, data = {}, {}

        def folder(node):
            return entries.setdefault(id(node), dict(node.entries))

        def content(node):
            if id(node) not in data:
                data[id(node)] = bytearray(node.data)
            return data[id(node)]

        for event in self.events:
            if event.at > at:
                break
            durable = event.durable_at is not None and event.durable_at <= at
            fate = "keep" if durable else policy(chance)
            details = event.details
            if event.kind in ("write", "truncate"):
                held = content(event.nodes[0])
                if fate == "drop":
                    continue
                if event.kind == "truncate":
                    del held[details["offset"]:]
                    held.extend(bytes(details["offset"] - len(held)))
                    continue
                written = details["data"] if fate == "keep" else bytes(len(details["data"]))
                end = details["offset"] + len(written)
                held.extend(bytes(max(0, end - len(held))))
                held[details["offset"]:end] = written
            elif fate == "keep" or (fate == "zero" and chance.random() < 0.5):
                names = folder(event.nodes[0])
                if event.kind == "add":
                    names[details["name"]] = details["node"]
                else:
                    if names.get(details["name"]) is details["node"]:
                        del names[details["name"]]
                    if event.kind == "rename":
                        folder(event.nodes[1])[details["to"]] = details["node"]
        return lambda node: folder(node), lambda node: bytes(content(node))

    def write(self, at, policy, chance, target):
        """Makes such a disk in a folder; gives a digest of it."""
        folder, content = self.disk(at, policy, chance)
        shutil.rmtree(target, ignore_errors=True)
        digest = hashlib.sha256()
        pending, seen = [(self.root, target)], set()
        while pending:
            node, path = pending.pop()
            if id(node) in seen:
                continue  # A name that was not taken away in time; the other one is as good.
            seen.add(id(node))
            digest.update(os.path.relpath(path, target).encode())
            if node.folder:
                os.makedirs(path, exist_ok=True)
                pending += [(child, os.path.join(path, name)) for name, child in sorted(folder(node).items())]
            elif not path.endswith("-shm"):
                data = content(node)
                digest.update(data)
                with open(path, "wb") as file:
                    file.write(data)
        return digest.digest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--every", type=int, default=1, help="cut the power at each N-th step only")
    parser.add_argument("--only", help="names of operations, with commas")
    parser.add_argument("--part", type=part, default=(0, 1), metavar="N/M", help="the N-th of M parts of the steps only")
    parser.add_argument("--at", type=int, help="cut the power after this step only")
    parser.add_argument("--halves", type=int, default=2, help="disks with a random half, of each kind, at each step")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work)
    make_mail(work)
    shim, log = build_shim(work), os.path.join(work, "log")
    failures, total, same = 0, 0, 0
    for name, before, command, variables in operations(work):
        if arguments.only and name not in arguments.only.split(","):
            continue
        operation = Operation(arguments.muckrake, work, shim, name, before, command, variables)
        operation.begin()
        if os.path.exists(log):
            os.unlink(log)
        done = operation.program.run(*command, faults=variables | {"FAULT_LOG": log})
        if done.returncode:
            raise SystemExit(f"{name}: {done.stderr.decode()}")
        record = Record(operation.beginning, log)
        tried, seen = collections.Counter(), set()
        steps = [arguments.at] if arguments.at else list(range(0, record.steps, arguments.every)) + [record.steps]
        for at in steps[arguments.part[0]::arguments.part[1]]:
            for policy, rule in POLICIES.items():
                for number in range(arguments.halves if policy.startswith("half") else 1):
                    chance = random.Random(f"{name} {at} {policy} {number}")
                    digest = record.write(at, rule, chance, operation.case)
                    if digest in seen and at < record.steps:
                        same += 1
                        continue
                    seen.add(digest)
                    total += 1
                    try:
                        operation.look()
                        if at == record.steps:
                            operation.expect_done()
                        operation.finish()
                        tried[policy] += 1
                    except Exception as error:  # a finding, whatever it is
                        failures += 1
                        print(f"FAILED {name}, cut after step {at} of {record.steps}, {policy} {number}: {error}", flush=True)
        print(f"{name}: {dict(tried)} disks of {record.steps} steps", flush=True)
    print(f"{total} disks after a power cut ({same} more were the same as another), {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
