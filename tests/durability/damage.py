#!/usr/bin/env python3
"""Damages each file of a case in turn and asks the program.

Loud damage changes the file as a program or a bad copy would: cut, emptied, zeroed, a byte flipped, a block of 0xFF, removed.
Every command has to give the right answer or say which file is damaged, `verify` has to name it, and `rebuild` has to
make the case what it was, settings included. Silent damage keeps size and time of the file, as a failing disk does: there
only `verify` is asked, which has to name the file.

    python3 tests/durability/damage.py --muckrake target/release/muckrake --work /tmp/damage [--flips N] [--only PART]
"""

import argparse
import collections
import json
import os
import random
import shutil
import sys

from case import Program, Wrong, copy_case, difference, make_releases

# Files that hold nothing of the case. Those of SQLite are of processes that have ended.
EMPTY = ("lock", ".tantivy-meta.lock", ".tantivy-writer.lock", "ledger.sqlite-wal", "ledger.sqlite-shm", "work.lock")
# What the user wrote, which nothing else holds.
USERS = ("muckrake.toml", "tags.csv")
# Which of its files tantivy may remove; wrong, some stay that could go.
HARMLESS_IF_SILENT = (".managed.json", "seal")


def flip(data, place):
    """One bit of one byte changed."""
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1:]


def damages(data, flips, randomness):
    """Name and bytes (None: no file) of each damage."""
    yield "removed", None
    yield "emptied", b""
    yield "halved", data[:len(data) // 2]
    yield "cut by a byte", data[:-1]
    yield "zeroed", bytes(len(data))
    yield "grown", data + b"\0" * 16
    middle = len(data) // 2
    yield "block of 0xFF", data[:middle] + b"\xff" * min(512, len(data) - middle) + data[middle + 512:]
    places = {0, len(data) // 3, len(data) - 1} | {randomness.randrange(len(data)) for _ in range(flips)}
    for place in sorted(places):
        yield f"flipped at {place}", flip(data, place)


def answers(program, wanted, name):
    """Asks; each answer is the right one or a refusal that names the file. Gives how many were refused."""
    refused = 0
    raw_id = wanted["hits"][0]["id"]
    asked = [(["search", "--json", "--sort", "date", "--", "*"], None), (["ledger", "--json"], None), (["show", "--raw", raw_id], None),
             (["releases", "list", "--json"], None)]
    asked += [(["search", "--count", "--", query], count) for query, count in wanted["counts"].items()]
    for command, count in asked:
        done = program.run(*command)
        if b"panicked at" in done.stderr:
            raise Wrong(f"panic in {command}: {done.stderr.decode(errors='replace')[-400:]}")
        if done.returncode == 4:
            if name.encode() not in done.stderr:
                raise Wrong(f"{command} does not name the file: {done.stderr.decode(errors='replace')}")
            refused += 1
            continue
        if done.returncode not in (0, 1, 3):
            raise Wrong(f"{command} ends with {done.returncode}: {done.stderr.decode(errors='replace')}")
        if count is not None and done.stdout.decode() != count:
            raise Wrong(f"{command} gives {done.stdout!r} for {count}")
        if command[0] == "search" and count is None:
            ids = sorted(json.loads(line)["id"] for line in done.stdout.splitlines())
            if ids != [hit["id"] for hit in wanted["hits"]]:
                raise Wrong(f"{command} gives other messages")
    if refused == 0:
        told = difference(wanted, program.state())
        if told:
            raise Wrong(f"a wrong answer: {told}")
    return refused


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--flips", type=int, default=4, help="random places in each file where a bit is flipped")
    parser.add_argument("--only", help="a part of the file's name")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work)
    os.makedirs(work, exist_ok=True)
    make_releases(work)
    whole, case = os.path.join(work, "whole"), os.path.join(work, "case")
    shutil.rmtree(whole, ignore_errors=True)
    first = Program(arguments.muckrake, whole)
    for release in ("harbour", "city", "plans"):
        first.good("ingest", os.path.join(work, release), "--release", release, "--agency", f"Agency of {release}")
    first.good("tag", "+key", "pier")
    settings = os.path.join(whole, "muckrake.toml")
    with open(settings, "a", encoding="utf-8") as file:
        file.write("header_bytes = 2000000\n")
    wanted = first.state()
    first.good("verify")
    program, randomness = Program(arguments.muckrake, case), random.Random(1)
    files = sorted(os.path.relpath(os.path.join(folder, name), whole) for folder, _, names in os.walk(whole) for name in names)
    tried, failures = collections.Counter(), 0
    for relative in files:
        name = os.path.basename(relative)
        if name in EMPTY + USERS or (arguments.only and arguments.only not in relative):
            continue
        with open(os.path.join(whole, relative), "rb") as file:
            data = file.read()
        times = os.stat(os.path.join(whole, relative))
        for damage, damaged in damages(data, arguments.flips, randomness):
            for silent in (False, True):
                if silent and (damaged is None or len(damaged) != len(data) or name in HARMLESS_IF_SILENT):
                    continue
                copy_case(whole, case)
                path = os.path.join(case, relative)
                if damaged is None:
                    os.unlink(path)
                else:
                    with open(path, "wb") as file:
                        file.write(damaged)
                if silent:
                    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
                try:
                    refused = 0 if silent else answers(program, wanted, name)
                    verified = program.run("verify")
                    named = name.encode() in verified.stdout + verified.stderr
                    if b"panicked at" in verified.stderr:
                        raise Wrong(f"panic in verify: {verified.stderr.decode(errors='replace')[-400:]}")
                    if (refused or (silent and damaged != data)) and not (named and verified.returncode in (3, 4)):
                        raise Wrong(f"verify ends with {verified.returncode} and says {(verified.stdout + verified.stderr).decode()}")
                    if verified.returncode == 0:
                        tried["without consequence"] += 1
                    rebuilt = program.run("rebuild")
                    if rebuilt.returncode:
                        raise Wrong(f"rebuild: {rebuilt.stderr.decode(errors='replace')}")
                    told = difference(wanted, program.state())
                    if told:
                        raise Wrong(f"after rebuild: {told}")
                    with open(settings, "rb") as one, open(os.path.join(case, "muckrake.toml"), "rb") as other:
                        if one.read() != other.read():
                            raise Wrong("rebuild changed the settings")
                    program.good("verify")
                    tried["silent" if silent else "refused" if refused else "answered rightly"] += 1
                except Exception as error:  # a finding, whatever it is
                    failures += 1
                    print(f"FAILED {relative} {damage}{' silently' if silent else ''}: {error}", flush=True)
        print(relative, dict(tried), flush=True)
    print(f"{sum(count for word, count in tried.items() if word != 'without consequence')} damaged cases: {dict(tried)}; {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
