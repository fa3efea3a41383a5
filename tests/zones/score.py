#!/usr/bin/env python3
"""How many lines of the labelled messages get the zone that their label says.

    score.py --corpora DIR --work DIR [--aside | --tuning] [--learned BIN] [--wrong]

Takes the labelled messages out of the corpora by their SHA-256, has the program's parser cut them
(`cargo run -p muckrake-mail --example cut_zones`), and compares line by line. With `--learned` the zones
are those of a case that the program BIN has made of the corpora and that has learned footers
(`footers learn`). `--wrong` prints where they differ: files in the work folder and line numbers.
"""

import argparse
import collections
import csv
import hashlib
import pathlib
import re
import subprocess
import sys

import corpus

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ["author", "quoted", "forwarded", "signature", "disclaimer"]


def labels(name):
    with open(HERE / name, encoding="utf-8") as rows:
        return list(csv.DictReader(rows, delimiter="\t"))


def take_out(rows, corpora, folder):
    """Writes each labelled message as a file named by its SHA-256; once."""
    wanted = {row["sha256"]: row for row in rows}
    folder.mkdir(parents=True, exist_ok=True)
    missing = {sha for sha in wanted if not (folder / sha).exists()}
    if not missing:
        return
    places = collections.defaultdict(set)
    for sha in missing:
        row = wanted[sha]
        places[row["corpus"]].add((int(row["offset"]), int(row["length"])))

    def look(data, where, is_mailbox=False):
        for offset, length in where:
            part = data[offset:offset + length]
            sha = hashlib.sha256(part).hexdigest()
            if len(part) == length and sha in missing:
                # A mailbox has marked lines that begin as its separators do.
                part = re.sub(rb"(?m)^>(>*From )", rb"\1", part) if is_mailbox else part
                (folder / sha).write_bytes(part)
                missing.discard(sha)

    for name, where in places.items():
        path = pathlib.Path(corpora) / corpus.CORPORA[name]
        if path.is_file():
            look(subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout, where, True)
            continue
        starts = {offset for offset, _ in where}
        for file in sorted(path.rglob("*")):
            if file.is_file():
                size = file.stat().st_size
                fitting = {(offset, length) for offset, length in where if offset + length <= size}
                if fitting and (size in {length for _, length in fitting} or starts != {0}):
                    look(file.read_bytes(), fitting)
    if missing:
        print(f"not found in the corpora: {len(missing)}", file=sys.stderr)


def cut(folder, names):
    """For each file and part the digest of its text and the zone of each line."""
    command = ["cargo", "run", "-q", "-p", "muckrake-mail", "--example", "cut_zones", "--"]
    run = subprocess.run(command + [folder / name for name in names], check=True, cwd=HERE, stdout=subprocess.PIPE)
    found = {}
    for line in run.stdout.decode().splitlines():
        file, part, digest, kind, depth, first, last = line.split("\t")
        zones = found.setdefault((pathlib.Path(file).name, part), (digest, {}))[1]
        for number in range(int(first), int(last) + 1):
            zones.setdefault(number, (kind, int(depth)))
    return found


def learned(muckrake, corpora, work, rows):
    """The same of a case that has learned footers."""
    case = work / "learned-case"
    if not case.exists():
        corpus.make_case(muckrake, case, corpora)
        subprocess.run([muckrake, "--case", case, "footers", "learn"], check=True, stdout=subprocess.DEVNULL)
    wanted = collections.defaultdict(list)
    for row in rows:
        wanted[row["text"]].append((row["sha256"], row["part"]))
    found = {}
    for message in corpus.export(muckrake, case, work / "learned.jsonl"):
        for part in message["body"]:
            digest = corpus.digest(part["text"])
            for key in wanted.get(digest, []):
                found[key] = (digest, by_line(part))
    return found


def by_line(part):
    """The zone in which each line begins, by its number."""
    zones, start = {}, 0
    places = iter(part["zones"])
    zone = next(places)
    for number, line in enumerate(corpus.lines(part["text"]), 1):
        while zone["end"] <= start and (following := next(places, None)):
            zone = following
        zones[number] = (zone["kind"], zone["depth"])
        start += len(line.encode()) + 1
    return zones


def labelled(row):
    zones = {}
    for stretch in row["zones"].split():
        first, last, kind, depth = re.fullmatch(r"(\d+)-(\d+):(\w+)(?::(\d+))?", stretch).groups()
        for number in range(int(first), int(last) + 1):
            zones[number] = (kind, int(depth or 0))
    return zones


def score(rows, found, wrong):
    confusion = collections.Counter()
    by_corpus = collections.defaultdict(collections.Counter)
    left_out = 0
    for row in rows:
        digest, zones = found.get((row["sha256"], row["part"]), (None, {}))
        if digest != row["text"]:
            left_out += 1
            continue
        bad = []
        for number, (kind, depth) in sorted(labelled(row).items()):
            got, got_depth = zones.get(number, (None, 0))
            confusion[kind, got] += 1
            tally = by_corpus[row["corpus"]]
            tally["lines"] += 1
            tally["kind"] += got == kind
            tally["own"] += (got == "author") == (kind == "author")
            tally["depth"] += (got, got_depth) == (kind, depth)
            if got != kind:
                bad.append((number, kind, got))
        if wrong and bad:
            print_wrong(row, bad)
    return confusion, by_corpus, left_out


def print_wrong(row, bad):
    print(f"{row['sha256']} {row['corpus']} part {row['part']}")
    start = previous = bad[0]
    for one in bad[1:] + [None]:
        if one and one[1:] == previous[1:] and one[0] <= previous[0] + 2:
            previous = one
            continue
        print(f"    {start[0]}-{previous[0]}: {start[1]}, was cut as {start[2]}")
        start = previous = one


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--aside", action="store_true", help="the half that is kept aside")
    which.add_argument("--tuning", action="store_true", help="the later labels, for tuning only")
    parser.add_argument("--learned", metavar="BIN", help="with the footers that a case learns")
    parser.add_argument("--wrong", action="store_true", help="print where they differ")
    args = parser.parse_args()
    folder = args.work / "labelled"
    rows = labels("labels-tuning.tsv" if args.tuning else "labels.tsv")
    if not args.tuning:
        rows = [row for row in rows if corpus.is_kept_aside(row["sha256"]) == args.aside]
    if args.learned:
        found = learned(args.learned, args.corpora, args.work, rows)
    else:
        take_out(rows, args.corpora, folder)
        found = cut(folder, [row["sha256"] for row in rows])
    confusion, by_corpus, left_out = score(rows, found, args.wrong)
    print(f"{len(rows) - left_out} messages, {left_out} left out")
    total = sum(by_corpus.values(), collections.Counter())
    print("                   lines   right zone   right depth too   author's or not")
    for name, tally in sorted(by_corpus.items()) + [("all", total)]:
        shares = [100 * tally[key] / max(tally["lines"], 1) for key in ("kind", "depth", "own")]
        print(f"{name:16} {tally['lines']:7} {shares[0]:10.2f} % {shares[1]:15.2f} % {shares[2]:15.2f} %")
    print("\nlabel \\ cut " + "".join(f"{kind:>11}" for kind in KINDS))
    for label in KINDS:
        print(f"{label:12}" + "".join(f"{confusion[label, kind]:11}" for kind in KINDS))


if __name__ == "__main__":
    main()
