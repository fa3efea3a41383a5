"""Mail made to break the putting together of conversations: what it costs, and what threads come out.

    python3 hostile.py --work DIR --muckrake PROGRAM [--messages 20000]

Each mailbox is made under WORK and ingested into a case of its own. Printed are the seconds of the processor that
the ingest took, its largest memory, how many threads there are and how many messages the largest has, and the defects
that the ledger has. What is expected is checked; the script ends with 1 where something else comes out.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

DAY = 86_400


def letter(number, subject="Meeting", headers="", body="gravel\n", date=True, sender=None):
    minute, hour = number % 60, number // 60 % 24
    when = f"Date: {1 + number // 1440 % 28} Mar 2021 {hour:02}:{minute:02}:00 +0000\n" if date else ""
    sender = sender or f"p{number % 50}"
    return (f"From x@y.example Thu Jan  1 00:00:00 2021\nFrom: {sender}@pier.example\nTo: all@pier.example\n"
            f"Subject: {subject}\n{when}{headers}\n{body}\n").encode()


def words(number):
    return " ".join(f"w{(number * 7919 + n * 104729) % 100003}" for n in range(30))


def marks(count):
    yield letter(0, body=">" * (100 << 20))


def marked_lines(count):
    yield letter(0, body=">\n" * (50 << 20))


def references(count):
    ids = " ".join(f"<r{n}@pier.example>" for n in range(10_000))
    yield letter(0, headers=f"Message-ID: <last@pier.example>\nReferences: {ids}\n")
    yield letter(1, headers=f"Message-ID: <next@pier.example>\nReferences: {ids} <last@pier.example>\n")


def loops(count):
    for n in range(count):
        after = (n + 1) % count
        yield letter(n, headers=f"Message-ID: <l{n}@pier.example>\nIn-Reply-To: <l{after}@pier.example>\n"
                                f"References: <l{(n + 2) % count}@pier.example> <l{after}@pier.example>\n")


def itself(count):
    text = "".join(f"{words(n)}\n" for n in range(5))
    quoted = "".join(f"> {line}\n" for line in text.splitlines())
    yield letter(0, subject="Re: Gravel", headers="Message-ID: <self@pier.example>\nIn-Reply-To: <self@pier.example>\n",
                 body=f"{text}\nOn 1 Mar 2021 at 00:00, p0@pier.example wrote:\n{quoted}")


def one_subject(count):
    """All under one subject: every second one quotes the one before it."""
    for n in range(count):
        quoted = f"\n> {words(n - 1)}\n" if n % 2 else ""
        yield letter(n, subject="Re: Meeting" if n % 2 else "Meeting", body=f"{words(n)}\n{quoted}")


def one_footer(count):
    """All under one subject, and each quotes the same words."""
    for n in range(count):
        yield letter(n, subject="Re: Meeting", body=f"{words(n)}\n\n> {words(1)}\n")


def no_dates(count):
    for n in range(count):
        quoted = f"\n> {words(n - 1)}\n" if n % 2 else ""
        yield letter(n, subject=f"Re: pier {n // 2}" if n % 2 else f"pier {n // 2}", date=False, body=f"{words(n)}\n{quoted}")


# What is made, and how many threads there are and how long the longest is; `None` where only the cost is looked at.
CASES = [
    ("100 MB of `>` on one line", marks, lambda n: (1, 1)),
    ("50 million lines of `>`", marked_lines, lambda n: (1, 1)),
    ("References of 10,000 ids", references, lambda n: (1, 2)),
    ("a loop of all", loops, lambda n: (1, n)),
    ("a message that quotes and answers itself", itself, lambda n: (1, 1)),
    ("one subject for all, half of them quote one other", one_subject, None),
    ("one subject for all, all quote the same words", one_footer, None),
    ("no dates, half of them quote one other", no_dates, lambda n: (n // 2, 2)),
]


def ingest(program, case, mailbox):
    """Seconds of the processor, and the largest memory in MB."""
    process = subprocess.Popen([program, "--case", case, "ingest", mailbox, "--release", "r"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = 0
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        # What wait4 tells of memory counts this script's own too.
        found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
        memory = max(memory, int(found.group(1)) if found else 0)
        time.sleep(0.01)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"ingest of {mailbox} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, memory / 1024


def rows(program, case, *arguments):
    run = subprocess.run([program, "--case", case, "search", "*", "--json", *arguments], stdout=subprocess.PIPE)
    return [json.loads(line) for line in run.stdout.splitlines()]


def defects_of(program, case, ids):
    run = subprocess.run([program, "--case", case, "show", "--json", *ids], check=True, stdout=subprocess.PIPE)
    return {defect["code"] for line in run.stdout.splitlines() for defect in json.loads(line)["defects"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--messages", type=int, default=20_000)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    wrong = 0
    print("| mail | messages | seconds | MB | threads | messages of the largest | defects |\n|---|---|---|---|---|---|---|")
    for title, make, expected in CASES:
        mailbox, case = args.work / f"{make.__name__}.mbox", args.work / f"{make.__name__}-case"
        shutil.rmtree(case, ignore_errors=True)
        with mailbox.open("wb") as file:
            for one in make(args.messages):
                file.write(one)
        seconds, memory = ingest(args.muckrake, case, mailbox)
        found = rows(args.muckrake, case)
        threads = rows(args.muckrake, case, "--threads")
        sizes = [row["messages"] for row in threads]
        defects = sorted(defects_of(args.muckrake, case, [row["id"] for row in found[:2]]))
        print(f"| {title} | {len(found)} | {seconds:.1f} | {memory:.0f} | {len(sizes)} | {max(sizes, default=0)} | "
              f"{', '.join(defects)} |", flush=True)
        if expected and (len(sizes), max(sizes, default=0)) != expected(args.messages):
            wrong += 1
            print(f"expected {expected(args.messages)}", file=sys.stderr)
        mailbox.unlink()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
