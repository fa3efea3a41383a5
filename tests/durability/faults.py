#!/usr/bin/env python3
"""Stops or fails the program at every step that changes the case, then runs it again.

For each operation (first ingest, second ingest with copies that say more, an ingest with a checkpoint at almost every
message, rebuild, forget, relocate, tags and others) the steps are counted once. Then, for each step and each kind of fault, the operation is
run from the same beginning with that fault; after it a reader has to see a consistent case, and the same operation run again
has to give the case that an uninterrupted one gives, message by message.

    python3 tests/durability/faults.py --muckrake target/release/muckrake --work /tmp/faults [--every N] [--only NAME] [--kinds kill,ENOSPC]
"""

import argparse
import collections
import errno
import os
import sys

from case import Wrong, build_shim
from operation import Operation, make_mail, operations, part

KINDS = {"kill": {"FAULT_KIND": "kill"}, "tear": {"FAULT_KIND": "tear"}}
for name in ("ENOSPC", "EIO", "EACCES"):
    KINDS[name] = {"FAULT_KIND": getattr(errno, name)}
# A disk that stays full.
KINDS["full"] = {"FAULT_KIND": errno.ENOSPC, "FAULT_STAY": 1}


def one(operation, number, kind):
    """One fault at one step; says how the run ended."""
    operation.begin()
    faults = operation.variables | KINDS[kind] | {"FAULT_AT": number}
    done = operation.program.run(*operation.command, faults=faults)
    if b"panicked at" in done.stderr:
        raise Wrong("panic: " + done.stderr.decode(errors="replace")[-500:])
    operation.look()
    if done.returncode == 0:
        # The fault was of no consequence.
        operation.expect_done()
        return "went on"
    operation.finish()
    return "killed" if done.returncode < 0 else f"exit {done.returncode}"


def rounds(arguments):
    """For each time that all steps are gone through: the kinds of faults that take turns."""
    kinds = arguments.kinds.split(",")
    if arguments.turns is None:
        return [[kind] for kind in kinds]
    first = arguments.turns % len(kinds)
    return [kinds[first:] + kinds[:first]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--every", type=int, default=1, help="try each N-th step only")
    parser.add_argument("--only", help="names of operations, with commas")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--step", type=int, help="this step only")
    parser.add_argument("--part", type=part, default=(0, 1), metavar="N/M", help="the N-th of M parts of the steps only")
    parser.add_argument("--turns", type=int, metavar="FIRST",
                        help="one fault at each step, the kinds taking turns; the FIRST of them (from 0) at the first step")
    arguments = parser.parse_args()
    arguments.work = os.path.abspath(arguments.work)
    make_mail(arguments.work)
    shim = build_shim(arguments.work)
    failures, totals = 0, collections.Counter()
    for name, before, command, variables in operations(arguments.work):
        if arguments.only and name not in arguments.only.split(","):
            continue
        operation = Operation(arguments.muckrake, arguments.work, shim, name, before, command, variables)
        numbers = [arguments.step] if arguments.step else range(1, operation.steps + 1, arguments.every)
        numbers = numbers[arguments.part[0]::arguments.part[1]]
        for kinds in rounds(arguments):
            ends = collections.Counter()
            for place, number in enumerate(numbers):
                kind = kinds[place % len(kinds)]
                try:
                    ends[one(operation, number, kind)] += 1
                    totals[kind] += 1
                except Exception as error:  # a finding, whatever it is
                    failures += 1
                    print(f"FAILED {name}, {kind} at step {number} of {operation.steps}: {error}", flush=True)
            print(f"{name}: {', '.join(kinds)} at {len(numbers)} of {operation.steps} steps: {dict(ends)}", flush=True)
    print(f"{sum(totals.values())} faults survived ({dict(totals)}), {failures} not")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
