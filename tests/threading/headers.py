"""Threads that headers prove, against connected components over ids by a few lines of Python.

    python3 headers.py --corpora DIR --work DIR --case DIR --muckrake PROGRAM

The case is made from `linux-man.mbox` (or its compressed form). Every difference is named: the offsets of two
messages that one side joins and the other does not, and what the program joined them by.
"""

import argparse
import json
import os
import subprocess

from mails import by_headers, pairwise, rates, read, unpack


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", default=os.environ.get("MUCKRAKE_CORPORA", "../shared/corpora"))
    parser.add_argument("--work", required=True)
    parser.add_argument("--case", required=True)
    parser.add_argument("--muckrake", default="target/release/muckrake")
    parser.add_argument("--links", default="proved")
    args = parser.parse_args()
    mails = read(unpack(args.corpora, args.work), args.work)
    places = {mail.at: place for place, mail in enumerate(mails)}
    command = [args.muckrake, "--case", args.case, "search", "*", "--json", "--links", args.links]
    rows = [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True).stdout.splitlines()]
    ours, attached = [None] * len(mails), 0
    for row in rows:
        at_top = [copy for copy in row["copies"] if "!/part " not in (copy["path_inside"] or "")]
        attached += not at_top
        for copy in at_top:
            ours[places[copy["offset"]]] = row["thread"]
    missing = [mail.at for mail, thread in zip(mails, ours) if thread is None]
    reference = by_headers(mails)
    both, of_reference, of_ours = pairwise(reference, ours)
    print(f"{len(mails)} messages, {len(missing)} of them not in the case, {attached} attached to others")
    print("threads: %d by the reference, %d in the case" % (len(set(reference)), len(set(ours))))
    print("pairs: precision %.6f, recall %.6f, F1 %.6f" % rates(both, of_reference, of_ours))
    name(mails, reference, ours, "joined by the program alone")
    name(mails, ours, reference, "joined by the reference alone")


def name(mails, apart, joined, title):
    """Names what one side joins and the other keeps apart: one message of each part."""
    parts = {}
    for place, thread in enumerate(joined):
        parts.setdefault(thread, {}).setdefault(apart[place], place)
    for part in parts.values():
        if len(part) > 1:
            print(f"  {title}: " + ", ".join(str(mails[place].at) for place in part.values()))


if __name__ == "__main__":
    main()
