"""The threads of `linux-man` by headers, against those of notmuch and mu, where these are installed.

    python3 peers.py --corpora DIR --work DIR --case DIR --muckrake PROGRAM [--list]

Makes a maildir of the mailbox under WORK, lets the peers index it, and compares their threads with those of a case
that was made from the mailbox (`--links proved`). Where they differ the messages are joined to one place of
difference: all that hangs together by either side's threads. Of these 50 were drawn by the hash of their ids
and judged by reading headers and texts: `peers.tsv` says by that hash who is right, and why. `--list` prints the
places that were drawn, with the offsets of their messages and the thread that each program puts them in.
"""

import argparse
import collections
import csv
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

from mails import _unescaped, components, pairwise, rates, read, split_mbox, unpack

HERE = pathlib.Path(__file__).resolve().parent
DRAWN = 50


def make_maildir(mbox, place):
    """One file for each message, named by its offset in the mailbox; made once."""
    if place.exists():
        return
    for folder in ("new", "tmp", "cur"):
        (place / folder).mkdir(parents=True)
    for at, raw in split_mbox(mbox.read_bytes()):
        (place / "cur" / f"{at}:2,S").write_bytes(_unescaped(raw))


def run(command, environment):
    whole = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC", **environment)
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=whole).stdout


def offset(path):
    return int(os.path.basename(path).partition(":")[0])


def of_notmuch(work, maildir):
    """The thread of each message, by its offset."""
    config = work / "notmuch.cfg"
    config.write_text(f"[database]\npath={maildir}\n[user]\nprimary_email=a@b.example\n[new]\ntags=\n")
    environment = {"NOTMUCH_CONFIG": str(config)}
    run(["notmuch", "new", "--quiet"], environment)
    shown = run(["notmuch", "show", "--format=json", "--body=false", "--entire-thread=true", "*"], environment)
    threads = {}
    for number, thread in enumerate(json.loads(shown)):
        open_nodes = list(thread)
        while open_nodes:
            message, answers = open_nodes.pop()
            open_nodes.extend(answers)
            for path in (message or {}).get("filename", []):
                threads[offset(path)] = number
    return threads


def of_mu(work, maildir):
    environment = {"XDG_CACHE_HOME": str(work / "mu")}
    if not (work / "mu").exists():
        run(["mu", "init", f"--maildir={maildir}"], environment)
        run(["mu", "index", "--quiet"], environment)
    # What mu takes for the thread of a message, and its path.
    found = run(["mu", "find", "", "--fields=w l"], environment).decode("utf-8", "replace")
    threads = {}
    for line in found.splitlines():
        thread, _, path = line.partition(" ")
        threads[offset(path)] = thread
    return threads


def of_case(program, case):
    command = [program, "--case", case, "search", "*", "--json", "--links", "proved"]
    threads = {}
    for line in run(command, {}).splitlines():
        row = json.loads(line)
        for copy in row["copies"]:
            if "!/part " not in (copy["path_inside"] or "") and os.path.basename(copy["source"]).startswith("linux-man"):
                threads[copy["offset"]] = row["thread"]
    return threads


def differences(ours, theirs):
    """Places of difference: messages that hang together by either side, where the two do not cut them alike."""
    links = []
    for side in (ours, theirs):
        first = {}
        for place, thread in enumerate(side):
            links.append((place, first.setdefault(thread, place)))
    whole = collections.defaultdict(list)
    for place, component in enumerate(components(len(ours), links)):
        whole[component].append(place)
    for places in whole.values():
        if len({ours[place] for place in places}) != 1 or len({theirs[place] for place in places}) != 1:
            yield places


def name(mails, places):
    """The place's name: a hash over the ids of its messages."""
    ids = sorted(mails[place].id or str(mails[place].at) for place in places)
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


def show(mails, places, ours, theirs, title):
    print(f"  {title} {name(mails, places)}: {len(places)} messages, "
          f"{len({ours[p] for p in places})} threads in the case, {len({theirs[p] for p in places})} in {title}")
    for place in places:
        print(f"      {mails[place].at}\t{str(ours[place])[:8]}\t{theirs[place]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", default=os.environ.get("MUCKRAKE_CORPORA", "../shared/corpora"))
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--case", required=True)
    parser.add_argument("--muckrake", default="target/release/muckrake")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    mbox = pathlib.Path(unpack(args.corpora, args.work))
    mails = read(str(mbox), str(args.work))
    maildir = args.work / "maildir"
    make_maildir(mbox, maildir)
    by_case = of_case(args.muckrake, args.case)
    ours = [by_case.get(mail.at, f"none {mail.at}") for mail in mails]
    judged = {(row["peer"], row["place"]): row for row in judgements()}
    for peer, threads_of in (("notmuch", of_notmuch), ("mu", of_mu)):
        if not shutil.which(peer):
            print(f"{peer} is not installed")
            continue
        found = threads_of(args.work, maildir)
        theirs = [found.get(mail.at, f"none {mail.at}") for mail in mails]
        print(f"{peer}: {len(set(theirs))} threads, {len(set(ours))} in the case")
        print("  pairs, of theirs and of ours that the other has: %.6f, %.6f, F1 %.6f"
              % rates(*pairwise(ours, theirs)))
        places = sorted(differences(ours, theirs), key=lambda places: name(mails, places))
        alone = sum(len({ours[p] for p in places}) > len({theirs[p] for p in places}) for places in places)
        print(f"  {len(places)} places of difference; in {alone} of them {peer} joins what the case keeps apart")
        verdicts = collections.Counter()
        for some in places[:DRAWN]:
            row = judged.get((peer, name(mails, some)))
            verdicts[(row["right"], row["why"]) if row else ("not judged", "")] += 1
            if args.list:
                show(mails, some, ours, theirs, peer)
        for (right, why), count in verdicts.most_common():
            print(f"    {count:3} {right}: {why}")


def judgements():
    path = HERE / "peers.tsv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8") as rows:
        return list(csv.DictReader(rows, delimiter="\t"))


if __name__ == "__main__":
    main()
