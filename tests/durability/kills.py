#!/usr/bin/env python3
"""Kills an ingest at random moments, again and again, until it comes to its end; then begins anew, until enough kills are done.

Before the first kill the ingest is run once without any, for its length and for what it has to come to. A reader watches
when the ledger is committed. After each kill a reader has to find a consistent case, which says that the ingest was
interrupted, and the time between the last commit and the kill is what was lost. Once an ingest has come to its end, the case has
to be the one that was never interrupted, message by message.

    cargo run --release -p muckrake-sample --example scale -- 400000 mbox /tmp/kills/mail
    python3 tests/durability/kills.py --muckrake target/release/muckrake --mail /tmp/kills/mail --work /tmp/kills [--kills 200]
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

from case import Program, Wrong, difference


# Some of the mail may be of a kind that is not read.
DONE = (0, 3)


class Watch:
    """When the ledger of a case was committed last, on a clock that stands still while this process is stopped."""

    def __init__(self, case):
        self.path = os.path.join(case, "ledger.sqlite")
        self.connection, self.version, self.at = None, None, 0.0
        self.now, self.before = 0.0, time.monotonic()

    def tick(self):
        """Goes on with the clock; a gap in which nothing ran, for whatever reason, counts a second."""
        now = time.monotonic()
        self.now += min(now - self.before, 1.0)
        self.before = now

    def look(self):
        """Looks once."""
        self.tick()
        try:
            if self.connection is None and os.path.exists(self.path):
                self.connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=0)
            if self.connection is not None:
                version = self.connection.execute("PRAGMA data_version").fetchone()[0]
                if version != self.version:
                    self.version, self.at = version, self.now
        except sqlite3.OperationalError:
            pass

    def close(self):
        """Ends the watch."""
        if self.connection is not None:
            self.connection.close()


def one_kill(program, command, after):
    """Starts the ingest and kills it after so many seconds. Gives the seconds lost, or None if it was done before."""
    child = subprocess.Popen([program.binary, "--case", program.case, *command], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    watch = Watch(program.case)
    while watch.now < after and child.poll() is None:
        watch.look()
        time.sleep(0.02)
    watch.tick()
    child.send_signal(signal.SIGKILL)
    ended = child.wait()
    watch.close()
    if ended in DONE:
        return None
    if ended != -signal.SIGKILL:
        raise Wrong(f"the ingest ended with {ended}")
    return watch.now - watch.at


def look(program, wanted):
    """What a reader sees after a kill; gives the number of messages. `wanted` are the totals of a whole ingest."""
    if not os.path.exists(os.path.join(program.case, "ledger.sqlite")):
        return 0
    seen = program.run("ledger", "--json")
    if b"is not a muckrake case" in seen.stderr:
        return 0
    totals = program.lines("ledger", "--json")[-1]
    if not totals["balanced"]:
        raise Wrong(f"the sums do not balance: {totals}")
    found = program.run("search", "--count", "--", "*")
    if found.returncode > 1 or int(found.stdout) != totals["messages"]:
        raise Wrong(f"{found.stdout!r} messages are found and {totals['messages']} are in the ledger; {found.stderr!r}")
    notices = program.run("search", "--limit", "1", "--", "*")
    # The last thing that an ingest does is to say that it was not.
    is_whole = totals == wanted
    if notices.returncode > 1 or (b"was interrupted" not in notices.stderr and not is_whole):
        raise Wrong(f"nothing says that the ingest was interrupted: {notices.stderr!r}")
    return totals["messages"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--mail", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--most", type=float, default=12, help="longest time to a kill, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    command = ["ingest", os.path.abspath(arguments.mail), "--release", "harbour"]
    straight = Program(arguments.muckrake, os.path.join(arguments.work, "straight"))
    shutil.rmtree(straight.case, ignore_errors=True)
    begin = time.monotonic()
    straight.good(*command, accept=DONE)
    print(f"an ingest that nobody interrupts takes {time.monotonic() - begin:.0f} s", flush=True)
    wanted = straight.state()
    print(f"it has {len(wanted['hits'])} messages", flush=True)
    program = Program(arguments.muckrake, os.path.join(arguments.work, "case"))
    randomness, lost, rounds, failures = random.Random(arguments.seed), [], 0, 0
    while len(lost) < arguments.kills:
        shutil.rmtree(program.case, ignore_errors=True)
        messages = 0
        while len(lost) < arguments.kills:
            try:
                seconds = one_kill(program, command, randomness.uniform(0.02, arguments.most))
                if seconds is None:
                    break
                lost.append(seconds)
                now = look(program, wanted["totals"])
                if now < messages:
                    raise Wrong(f"{messages} messages were there, and {now} are")
                messages = now
            except Wrong as error:
                failures += 1
                print(f"FAILED after kill {len(lost)}: {error}", flush=True)
            print(f"kill {len(lost)}: {messages} messages, {lost[-1]:.1f} s lost", flush=True)
        program.good(*command, accept=DONE)
        told = difference(wanted, program.state())
        if told:
            failures += 1
            print(f"FAILED: the case differs: {told}", flush=True)
        rounds += 1
    print(f"{len(lost)} kills in {rounds} ingests, at most {max(lost):.1f} s of work lost, {sum(lost) / len(lost):.1f} s on average; {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
