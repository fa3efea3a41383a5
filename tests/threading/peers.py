"""Threads of notmuch and mu on the same mail, and 50 of those where they differ from the program.

    python3 peers.py --corpora DIR --work DIR --case DIR --muckrake PROGRAM

Needs `notmuch` and `mu` (Debian: notmuch, maildir-utils). The mailbox is written as a Maildir, one file a
message. Threads are compared as sets of messages; what is printed are offsets in the mailbox and ids' hashes, no text.
"""

import argparse
import hashlib
import json
import os
import random
import re
import subprocess

from mails import by_headers, pairwise, rates, read, split_mbox, unpack


def write_maildir(mailbox, folder):
    """One file for each message, named by its place in the mailbox."""
    for name in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    with open(mailbox, "rb") as file:
        data = file.read()
    for place, (_, raw) in enumerate(split_mbox(data)):
        with open(os.path.join(folder, "cur", f"{place}.m:2,S"), "wb") as out:
            out.write(re.sub(rb"(?m)^>(>*From )", rb"\1", raw))


def place_of(path):
    return int(os.path.basename(path).split(".")[0])


def notmuch(work, maildir, count):
    """The thread of each message."""
    config = os.path.join(work, "notmuch-config")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"[database]\npath={maildir}\n[new]\ntags=\n[user]\nname=x\nprimary_email=x@x.example\n[search]\nexclude_tags=\n")
    environment = dict(os.environ, NOTMUCH_CONFIG=config)
    def run(*arguments):
        return subprocess.run(["notmuch", *arguments], env=environment, check=True, capture_output=True, text=True).stdout
    run("new", "--no-hooks", "--quiet")
    threads = [None] * count
    for thread in run("search", "--output=threads", "*").split():
        for path in run("search", "--output=files", "--exclude=false", thread).splitlines():
            threads[place_of(path)] = thread
    return threads


def mu(work, maildir, count):
    """The thread of each message."""
    home = os.path.join(work, "mu-home")
    def run(*arguments):
        return subprocess.run(["mu", *arguments, f"--muhome={home}"], check=True, capture_output=True, text=True).stdout
    run("init", f"--maildir={maildir}")
    run("index", "--quiet")
    threads = [None] * count
    rows = json.loads(run("find", "--threads", "--format=json", "--skip-dups=false", "") or "[]")
    for row in rows:
        top = row.get(":meta", {}).get(":path", "").split(":")[0]
        threads[place_of(row[":path"])] = top
    return threads


def ours(program, case, mails):
    places = {mail.at: place for place, mail in enumerate(mails)}
    command = [program, "--case", case, "search", "*", "--json"]
    threads = [None] * len(mails)
    for line in subprocess.run(command, check=True, capture_output=True).stdout.splitlines():
        row = json.loads(line)
        for copy in row["copies"]:
            if "!/part " not in (copy["path_inside"] or ""):
                threads[places[copy["offset"]]] = row["thread"]
    return threads


def differences(one, other):
    """Sets of messages that one joins and the other keeps apart, by the least place of each part."""
    parts = {}
    for place, (here, there) in enumerate(zip(one, other)):
        if here is not None and there is not None:
            parts.setdefault(here, {}).setdefault(there, place)
    return [sorted(part.values()) for part in parts.values() if len(part) > 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", default=os.environ.get("MUCKRAKE_CORPORA", "../shared/corpora"))
    parser.add_argument("--work", required=True)
    parser.add_argument("--case", required=True)
    parser.add_argument("--muckrake", default="target/release/muckrake")
    args = parser.parse_args()
    mailbox = unpack(args.corpora, args.work)
    mails = read(mailbox, args.work)
    maildir = os.path.join(args.work, "maildir")
    if not os.path.exists(maildir):
        write_maildir(mailbox, maildir)
    program = ours(args.muckrake, args.case, mails)
    reference = by_headers(mails)
    random.seed(5)
    for name, peer in (("notmuch", notmuch), ("mu", mu)):
        theirs = peer(args.work, maildir, len(mails))
        missing = sum(thread is None for thread in theirs)
        print(f"{name}: {len(set(theirs))} threads, {missing} messages that it does not have")
        print("  pairs against the reference: precision %.6f, recall %.6f, F1 %.6f" % rates(*pairwise(reference, theirs)))
        for title, found in (("joined by us alone", differences(program, theirs)), ("joined by it alone", differences(theirs, program))):
            print(f"  {title}: {len(found)}")
            for part in random.sample(found, min(25, len(found))):
                names = [hashlib.sha256((mails[p].id or "").encode()).hexdigest()[:8] for p in part]
                print("    " + ", ".join(f"{mails[p].at} ({name})" for p, name in zip(part, names)))


if __name__ == "__main__":
    main()
