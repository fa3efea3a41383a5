#!/usr/bin/env python3
"""Stops or fails the program at every step that changes the case, then runs it again.

For each operation (first ingest, second ingest with copies that say more, an ingest with a checkpoint at almost every
message, rebuild, forget, relocate) the steps are counted once. Then, for each step and each kind of fault, the operation is
run from the same beginning with that fault; after it a reader has to see a consistent case, and the same operation run again
has to give the case that an uninterrupted one gives, message by message.

    python3 tests/durability/faults.py --muckrake target/release/muckrake --work /tmp/faults [--every N] [--only NAME] [--kinds kill,ENOSPC]
"""

import argparse
import collections
import errno
import os
import shutil
import sys

from case import Program, Wrong, build_shim, copy_case, difference, make_releases

KINDS = {"kill": {"FAULT_KIND": "kill"}, "tear": {"FAULT_KIND": "tear"}}
for name in ("ENOSPC", "EIO", "EACCES"):
    KINDS[name] = {"FAULT_KIND": getattr(errno, name)}
# A disk that stays full.
KINDS["full"] = {"FAULT_KIND": errno.ENOSPC, "FAULT_STAY": 1}


def operations(work):
    """Name, commands that make the beginning, the command tried, more variables."""
    harbour, city, moved = (os.path.join(work, name) for name in ("harbour", "city", "moved"))
    first = ["ingest", harbour, "--release", "harbour", "--agency", "Harbour Authority"]
    second = ["ingest", city, "--release", "city"]
    return [
        ("first ingest", [], first, {}),
        ("second ingest", [first], second, {}),
        ("checkpoints", [second], first, {"FAULT_CLOCK": 2000}),
        ("rebuild", [first, second], ["rebuild"], {}),
        ("forget", [first, second], ["releases", "forget", "harbour"], {}),
        ("relocate", [first], ["relocate", harbour, os.path.join(moved, "harbour")], {}),
        ("set", [first], ["releases", "set", "harbour", "--promised", "99"], {}),
    ]


class Sweep:
    """One operation under all faults."""

    def __init__(self, arguments, shim, name, before, command, variables):
        self.name, self.command, self.variables = name, command, variables
        self.beginning = os.path.join(arguments.work, "beginning")
        self.case = os.path.join(arguments.work, "case")
        shutil.rmtree(self.beginning, ignore_errors=True)
        start = Program(arguments.muckrake, self.beginning)
        for earlier in before:
            start.good(*earlier)
        self.program = Program(arguments.muckrake, self.case, shim)
        copy_case(self.beginning, self.case)
        self.program.good(*command)
        self.wanted = self.program.state()
        copy_case(self.beginning, self.case)
        count = os.path.join(arguments.work, "count")
        done = self.program.run(*command, faults=variables | {"FAULT_COUNT": count})
        if done.returncode:
            raise SystemExit(f"{name}: {done.stderr.decode()}")
        with open(count, encoding="ascii") as file:
            self.steps = int(file.read())
        if difference(self.wanted, self.program.state()):
            raise SystemExit(f"{name}: two runs differ")

    def one(self, number, kind):
        """One fault at one step; says how the run ended."""
        copy_case(self.beginning, self.case)
        done = self.program.run(*self.command, faults=self.variables | KINDS[kind] | {"FAULT_AT": number})
        if b"panicked at" in done.stderr:
            raise Wrong("panic: " + done.stderr.decode(errors="replace")[-500:])
        if os.path.exists(os.path.join(self.case, "ledger.sqlite")):
            looked = self.program.run("ledger", "--json")
            # A case that was being made is none yet.
            if looked.returncode == 0:
                self.program.expect_consistent()
            elif b"is not a muckrake case" not in looked.stderr:
                raise Wrong(f"a reader is refused: {looked.stderr.decode(errors='replace')}")
        if done.returncode == 0:
            # The fault was of no consequence: all has to be there.
            told = difference(self.wanted, self.program.state())
            if told:
                raise Wrong(f"said to be done, and is not: {told}")
        elif self.command[:2] == ["releases", "forget"] or self.command[0] == "relocate":
            again = self.program.run(*self.command)
            if again.returncode not in (0, 1, 2):
                raise Wrong(f"again: exit {again.returncode}: {again.stderr.decode(errors='replace')}")
            # What a command that is done left to do is done by the next writer.
            self.program.good("releases", "set", self.remaining(), "--request", "1")
            self.program.good("releases", "set", self.remaining(), "--request", "")
        else:
            self.program.good(*self.command)
        told = difference(self.wanted, self.program.state())
        if told and not (self.name in ("forget", "relocate") and told.startswith("releases: ")):
            raise Wrong(f"the case differs: {told}")
        self.program.good("verify")
        return "went on" if done.returncode == 0 else "killed" if done.returncode < 0 else f"exit {done.returncode}"

    def remaining(self):
        """Name of a release that is in the case in the end."""
        return self.wanted["releases"][0]["name"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--every", type=int, default=1, help="try each N-th step only")
    parser.add_argument("--only", help="names of operations, with commas")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--step", type=int, help="this step only")
    arguments = parser.parse_args()
    arguments.work = os.path.abspath(arguments.work)
    os.makedirs(arguments.work, exist_ok=True)
    make_releases(arguments.work)
    shutil.copytree(os.path.join(arguments.work, "harbour"), os.path.join(arguments.work, "moved", "harbour"), dirs_exist_ok=True)
    shim = build_shim(arguments.work)
    failures, totals = 0, collections.Counter()
    for name, before, command, variables in operations(arguments.work):
        if arguments.only and name not in arguments.only.split(","):
            continue
        sweep = Sweep(arguments, shim, name, before, command, variables)
        for kind in arguments.kinds.split(","):
            ends = collections.Counter()
            numbers = [arguments.step] if arguments.step else range(1, sweep.steps + 1, arguments.every)
            for number in numbers:
                try:
                    ends[sweep.one(number, kind)] += 1
                except Exception as error:  # a finding, whatever it is
                    failures += 1
                    print(f"FAILED {name}, {kind} at step {number} of {sweep.steps}: {error}", flush=True)
            totals[kind] += sum(ends.values())
            print(f"{name}: {kind} at {len(numbers)} of {sweep.steps} steps: {dict(ends)}", flush=True)
    print(f"{sum(totals.values())} faults survived ({dict(totals)}), {failures} not")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
