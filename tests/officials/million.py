#!/usr/bin/env python3
"""Generates a large release with many addresses, and measures what its people cost.

    million.py generate MBOX [--messages N] [--addresses N] [--seed N]
    million.py measure MUCKRAKE CASE

`generate` writes an mbox (the same for the same numbers): people with one to three addresses, most mail between few of them, three of ten
messages with a quoted header block. `measure` takes a case of it: it makes the people anew (gathering and resolving), then resolves
alone, and compares `official:` with the query for the same addresses.
"""
import argparse
import bisect
import itertools
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

GIVEN = "anne bob carol dan erin frank grace henry iris jack kate liam mona nick olga paul rose sam tina victor will xena yves zoe".split()
SYLLABLES = "bar del fen gor hal kim lor mar nor pel ran sal tor ver wil zan bek dul fir gam".split()


def people(count, rng):
    """People with their strings; together about `count` addresses."""
    made, addresses = [], 0
    while addresses < count:
        given = rng.choice(GIVEN)
        family = "".join(rng.choice(SYLLABLES) for _ in range(4))
        agency = f"ag{rng.randrange(400)}"
        domain = f"{agency}.example"
        shown = f"{family.capitalize()}, {given.capitalize()} ({agency.upper()})"
        number = len(made)
        strings = [f'"{shown}" <{given[0]}{family}@{domain}>']
        if number % 2 == 0:
            strings.append(f"{given}.{family}@{domain}")
        if number % 4 == 0:
            strings.append(f"{given.capitalize()} {family.capitalize()} <{family}{number}@gmail.com>")
        addresses += len(strings)
        made.append((strings, f"{family.capitalize()}, {given.capitalize()}"))
    return made


def generate(path, messages, addresses, seed):
    rng = random.Random(seed)
    made = people(addresses, rng)
    # A few write most: weights fall with the rank.
    weights = list(itertools.accumulate(1.0 / (rank + 20) ** 0.8 for rank in range(len(made))))
    pick = lambda: bisect.bisect(weights, rng.random() * weights[-1]) % len(made)
    string = lambda person: rng.choice(made[person][0])
    with open(path, "w", encoding="ascii") as out:
        for number in range(messages):
            # everybody is met at least once
            sender = number % len(made) if number < len(made) else pick()
            to = [string(pick()) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
            cc = [string(pick()) for _ in range(rng.choice((0, 0, 0, 1, 2, 4)))]
            own = made[sender][0]
            written = own[number // len(made) % len(own)] if number < 3 * len(made) else string(sender)
            lines = [f"From x@y.example Tue Mar  1 10:00:00 2016", f"Message-ID: <{number}@million.example>",
                     f"Date: Tue, {1 + number % 28} Mar {2000 + number % 20} 10:{number // 60 % 60:02}:{number % 60:02} +0000",
                     f"Subject: Pier {number}", f"From: {written}", "To: " + ",\n ".join(to)]
            if cc:
                lines.append("Cc: " + ",\n ".join(cc))
            lines += ["", f"The pilings of pier {number} are rotten, and nobody has paid for {rng.randrange(10**6)}."]
            if number % 10 < 3:
                other = made[pick()][1]
                lines += ["", "-----Original Message-----", f"From: {other}", "Sent: Tuesday, March 1, 2016 9:00 AM", f"To: {made[sender][1]}", "Subject: Pier", "", "How rotten?"]
            out.write("\n".join(lines) + "\n\n")


def timed(*command):
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(["/usr/bin/time", "-f", "%M", *command] if os.path.exists("/usr/bin/time") else command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024, run


def forget_people(case):
    """Takes the tables of people out, as if the case were of before."""
    ledger = sqlite3.connect(os.path.join(case, "ledger.sqlite"))
    for table in ("people", "mentions", "sightings", "pairs", "ungathered", "identities", "identified", "known_as", "members", "joins", "suggestions", "settled", "meetings"):
        ledger.execute(f"DROP TABLE IF EXISTS {table}")
    ledger.execute("DELETE FROM meta WHERE name LIKE 'people%'")
    ledger.commit()
    ledger.execute("VACUUM")
    ledger.close()
    # What seals the ledger is of the one before.
    os.remove(os.path.join(case, "seal"))


def measure(program, case):
    size = lambda: os.path.getsize(os.path.join(case, "ledger.sqlite")) / 1e6
    forget_people(case)
    bare = size()
    wall, cpu, memory, run = timed(program, "--case", case, "officials", "suggest", "--limit", "1")
    print(f"gathering and resolving: {wall:.1f} s ({cpu:.1f} s of processor), {memory:.0f} MB at most; the ledger grows from {bare:.0f} to {size():.0f} MB")
    with open(os.path.join(case, "officials.toml"), "a", encoding="utf-8") as out:
        out.write(f"\n# {time.time()}\n")
    wall, cpu, memory, run = timed(program, "--case", case, "officials", "suggest", "--limit", "1")
    print(f"resolving alone: {wall:.1f} s ({cpu:.1f} s of processor), {memory:.0f} MB at most {run.stderr.strip()[-60:]}")
    wall, cpu, memory, run = timed(program, "--case", case, "officials", "list", "--json", "--limit", "400")
    officials = [json.loads(line) for line in run.stdout.splitlines()]
    print(f"officials list: {wall:.1f} s, {memory:.0f} MB at most")
    several = [one for one in officials if len({alias["address"] for alias in one["aliases"] if alias["address"]}) > 1][:12]
    differing, by_official, by_terms = 0, [], []
    for one in several:
        addresses = sorted({alias["address"] for alias in one["aliases"] if alias["address"]})
        terms = " OR ".join(f'with:"{address}"' if " " in address else f"with:{address}" for address in addresses)
        counts = []
        for query, times in ((f'official:{one["id"]}', by_official), (terms, by_terms)):
            best = min(timed(program, "--case", case, "search", "--count", query) for _ in range(5))
            times.append(best[0] * 1000)
            counts.append(best[3].stdout.strip())
        differing += counts[0] != counts[1]
    print(f"official: {statistics.median(by_official):.1f} ms against {statistics.median(by_terms):.1f} ms for the addresses as terms, whole program, median of {len(several)} officials; {differing} counts differ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("generate")
    make.add_argument("mbox")
    make.add_argument("--messages", type=int, default=1_000_000)
    make.add_argument("--addresses", type=int, default=200_000)
    make.add_argument("--seed", type=int, default=1)
    look = commands.add_parser("measure")
    look.add_argument("program")
    look.add_argument("case")
    options = parser.parse_args()
    if options.command == "generate":
        generate(options.mbox, options.messages, options.addresses, options.seed)
    else:
        measure(options.program, options.case)


if __name__ == "__main__":
    main()
