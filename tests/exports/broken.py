"""Exports that are interrupted, killed, or meet a full disk: what is there afterwards is whole or absent.

A full disk needs the right to mount (`--mount`, as root): a file system of its own in memory.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time

from common import Program, expect, remove, run_checks, tree

FORMS = ["mbox", "eml", "csv", "json", "html", "sqlite", "dat", "attachments"]


def beside(to):
    """Everything whose name begins as the target's."""
    folder, name = os.path.split(to)
    return sorted(one for one in os.listdir(folder) if one.startswith(name))


def start(program, to, form, *more):
    command = [program.path, "--case", program.case, "export", "*", "--to", to, "--format", form, *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def check_stopped(program, work, form, chance, times):
    """Ctrl-C and kill -9 at random moments; then the same export again."""
    to = os.path.join(work, "stopped-" + form)
    remove(to)
    before = time.time()
    program.run("export", "*", "--to", to, "--format", form, expect=(0, 3))
    takes = time.time() - before
    whole = tree(to)
    counts = {"absent": 0, "whole": 0}
    for number in range(times):
        remove(to)
        killed = number % 2 == 1
        process = start(program, to, form)
        time.sleep(chance.uniform(0, takes))
        process.send_signal(signal.SIGKILL if killed else signal.SIGINT)
        _, said = process.communicate()
        there = os.path.exists(to)
        counts["whole" if there else "absent"] += 1
        if there:
            expect(tree(to) == whole, "a target is there that is not whole")
        if not killed:
            expect(process.returncode in (0, 3, 130), f"it ended with {process.returncode}: {said[-300:]}")
            if process.returncode == 130:
                expect(beside(to) == [], f"an interruption left {beside(to)}")
    remove(to)
    program.run("export", "*", "--to", to, "--format", form, expect=(0, 3))
    expect(tree(to) == whole, "the export after them differs")
    left = [name for name in beside(to) if "partial" in name or "replaced" in name]
    expect(left == [], f"{left} is still there")
    remove(to)
    return f"{times} stops: {counts['absent']} absent, {counts['whole']} whole"


def check_replaced(program, work, form, chance, times):
    """`--force` over an earlier export, killed: the earlier one or the new one is there, whole."""
    to = os.path.join(work, "replaced-" + form)
    remove(to)
    first = lambda: program.run("export", "has:attachment", "--to", to, "--format", form, "--force", expect=(0, 3))
    first()
    old = tree(to)
    before = time.time()
    program.run("export", "*", "--to", to, "--format", form, "--force", expect=(0, 3))
    takes = time.time() - before
    new = tree(to)
    for number in range(times):
        first()
        process = start(program, to, form, "--force")
        time.sleep(chance.uniform(0, takes))
        process.kill()
        process.communicate()
        if os.path.exists(to):
            expect(tree(to) in (old, new), "neither the earlier export nor the new one is there")
        else:
            aside = [name for name in beside(to) if ".replaced-" in name]
            expect(len(aside) == 1, f"the earlier export is gone: {beside(to)}")
            remove(os.path.join(work, aside[0]))
    for name in beside(to):
        remove(os.path.join(work, name))
    return f"{times} kills"


def check_full_disk(program, work, form):
    place = os.path.join(work, "small-disk")
    os.makedirs(place, exist_ok=True)
    to = os.path.join(place, "out")
    said = []
    for size in (64 << 10, 512 << 10, 1 << 20, 2 << 20):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=True)
        try:
            done = program.run("export", "*", "--to", to, "--format", form, expect=None)
            if done.returncode in (0, 3):
                said.append("done")
                continue
            expect(done.returncode in (2, 4), f"it ended with {done.returncode}: {done.stderr[-300:]}")
            text = done.stderr.decode()
            refused = "needs at least" in text
            expect(refused or "No space left" in text or "full" in text, f"it says {text[-300:]}")
            expect(os.listdir(place) == [], f"it left {os.listdir(place)}")
            said.append("refused" if refused else "failed, nothing left")
        finally:
            subprocess.run(["umount", place], check=True)
    return "; ".join(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--case", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mount", action="store_true")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work)
    os.makedirs(work, exist_ok=True)
    program = Program(arguments.muckrake, arguments.case)
    chance = random.Random(arguments.seed)
    checks = []
    for form in FORMS:
        checks.append((f"{form} stopped", lambda form=form: check_stopped(program, work, form, chance, arguments.times)))
        checks.append((f"{form} replaced", lambda form=form: check_replaced(program, work, form, chance, arguments.times // 2)))
        if arguments.mount:
            checks.append((f"{form} on a full disk", lambda form=form: check_full_disk(program, work, form)))
    return run_checks(checks)


if __name__ == "__main__":
    sys.exit(main())
