"""Counts messages and attachments by Python's `email`, and compares them with the ledger of a case."""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter

import corpus as corpus_module
from run import roots_of

# What the corpora are known to hold: (messages at the top level, attached messages); None is not stated anywhere.
KNOWN = {"linux-man": (17885, 1), "enron-skilling": (4139, None), "dc-bega": (345, None)}


def counted(corpus):
    """Counts for each release."""
    out = {}
    for doc in corpus.docs:
        one = out.setdefault(doc.release, Counter())
        one["copies" if doc.parent is None else "attached"] += 1
        one["attachments"] += sum(a[4] for a in doc.attachments)
        one["attachments_possible"] += len(doc.attachments)
        one["attachment_bytes"] += sum(a[2] for a in doc.attachments if a[4])
        one["in_doubt"] += bool(doc.flags - {"size"})
    for release, one in out.items():
        docs = [d for d in corpus.docs if d.release == release]
        one["distinct_bytes"] = len({d.sha256 for d in docs if d.parent is None})
        one["distinct_attachments"] = len({a[3] for d in docs for a in d.attachments if a[4]})
    return {release: dict(sorted(one.items())) for release, one in out.items()}


def ledger_of(binary, case):
    """Per release what the ledger's sources say, and its totals."""
    lines = subprocess.run([binary, "--case", case, "ledger", "--json"], capture_output=True, check=False).stdout.splitlines()
    rows = [json.loads(line) for line in lines if line]
    releases = {}
    for row in rows:
        if row["kind"] == "source":
            one = releases.setdefault(row["release"], Counter())
            one["copies"] += row["copies"]
            one["attachments"] += row["attachments"]
    return {r: dict(c) for r, c in releases.items()}, next((r for r in rows if r["kind"] == "totals"), None)


def main():
    """Prints the counts as JSON; exit 1 where they are not the known ones, or not the ledger's."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--corpora", required=True)
    reader.add_argument("--work", required=True)
    reader.add_argument("--muckrake", help="the program, with --case")
    reader.add_argument("--case", help="a case with the same releases, as run.py makes it")
    reader.add_argument("--attachments", action="store_true", help="list every attachment with its size and SHA-256")
    given = reader.parse_args()
    os.makedirs(given.work, exist_ok=True)
    corpus = corpus_module.load(roots_of(os.path.abspath(given.corpora), os.path.abspath(given.work)), given.work)
    counts, wrong = counted(corpus), []
    for release, (tops, attached) in KNOWN.items():
        one = counts.get(release, {})
        if one and (one["copies"] != tops or attached not in (None, one.get("attached", 0))):
            wrong.append(f"{release}: {one['copies']} and {one.get('attached', 0)} attached, known are {tops} and {attached}")
    out = {"counts": counts}
    if given.case:
        out["ledger"], out["totals"] = ledger_of(given.muckrake, given.case)
        for release, one in counts.items():
            theirs = out["ledger"].get(release, {})
            every = one["copies"] + one.get("attached", 0)
            if theirs.get("copies") not in (one["copies"], every):
                wrong.append(f"{release}: the ledger has {theirs.get('copies')} copies, counted were {one['copies']} ({every} with attached)")
            if not one["attachments"] <= theirs.get("attachments", 0) <= one["attachments_possible"]:
                wrong.append(f"{release}: the ledger has {theirs.get('attachments')} attachments, counted were "
                             f"{one['attachments']} to {one['attachments_possible']}")
        if not (out["totals"] or {}).get("balanced"):
            wrong.append("the ledger does not say that it is balanced")
    if given.attachments:
        out["attachments"] = [[d.release, d.source, d.offset, d.nth, *a] for d in corpus.docs for a in d.attachments]
    out["differences"] = wrong
    print(json.dumps(out, indent=1))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
