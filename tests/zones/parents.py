#!/usr/bin/env python3
"""How many messages keep words of the message they answer in what the program takes for the author's own.

    parents.py --muckrake BIN --corpora DIR --work DIR [--list]

For each message of linux-man and dc-bega whose parent (In-Reply-To, else the last of References) is in the
corpus: the words of its author's zones, as the export gives them, and the parent's lines without `>`. Counted are
those with eight words in a row of the parent. Messages that repeat what their author wrote before (the next
version of a patch, the author's signature) are among them: for these the parent is by the same author, and they are
also counted apart; of the others those where the run is in prose (no diff, nothing indented, no trailer) once more. `--list`
prints places of these.

The first 50 of linux-man by the SHA-256 of their Message-ID were read by hand; `kept.tsv` says what it is that they keep:
`own` (the author's own patch, series, trailers or address again), `tracker` (a line that a bug tracker writes
above), `set in` (a patch, page, code, output or log that the author set into the answer without marks), `cited` (in
quotation marks, or a link), `same words` (in a sentence of the author's), `quoted` (what the program should have found).
"""

import argparse
import collections
import csv
import email
import email.policy
import hashlib
import pathlib
import re
import subprocess

import corpus

RUN = 8
JUDGED = 50


def words(text):
    return re.findall(r"\w+", text.lower())


def runs(found):
    return {tuple(found[at:at + RUN]) for at in range(len(found) - RUN + 1)}


def own_texts(message):
    """The author's zones, each stretch by itself, of every text of the body."""
    for part in message["body"]:
        text = part["text"].encode()
        for zone in part["zones"]:
            if zone["kind"] == "author" and zone["depth"] == 0:
                yield text[zone["start"]:zone["end"]].decode()


def prose(words_of):
    """Lines that are no patch, no output or citation set apart, no trailer of git: those begin with white space or a
    mark, or stand under the first line of a diff."""
    kept, in_patch = [], False
    for line in words_of.split("\n"):
        if re.match(r"diff --git |--- [a-z]/|@@ -|From [0-9a-f]{40} |Index: ", line):
            in_patch = True
        elif line.startswith("-- "):
            in_patch = False
        plain = re.match(r"[A-Za-z0-9(\"'*]", line) and not re.match(r"[A-Z][A-Za-z-]+:\s", line)
        # Where a line is left out, a run ends.
        kept.append(line if plain and not in_patch else "\n\x00\n")
    return "\n".join(kept).split("\x00")


def parent_words(message):
    for part in message["body"]:
        lines = [line for line in part["text"].split("\n") if not line.lstrip().startswith(">")]
        yield words("\n".join(lines))


def ids(value):
    return re.findall(r"<([^<>\s]+)>", value or "")


def headers(data, copy):
    raw = data[copy["offset"]:copy["offset"] + min(copy["length"], 1 << 16)]
    return email.message_from_bytes(raw, policy=email.policy.compat32)


def read(name, corpora):
    path = pathlib.Path(corpora) / corpus.CORPORA[name]
    if path.is_file():
        return subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout
    return None


def measure(name, messages, corpora, listing):
    data = read(name, corpora)
    by_id = {}
    answers = []
    for message in messages:
        copy = message["copies"][0]
        whole = data if data is not None else pathlib.Path(copy["source"]).read_bytes()
        head = headers(whole, copy)
        for one in ids(head.get("Message-ID")):
            by_id.setdefault(one, message)
        parents = ids(head.get("In-Reply-To"))[:1] or ids(head.get("References"))[-1:]
        answers.append((message, parents, hashlib.sha256((ids(head.get("Message-ID")) or [""])[0].encode()).hexdigest()[:16]))
    counts = collections.Counter()
    keeping = []
    for message, parents, digest in answers:
        parent = by_id.get(parents[0]) if parents else None
        if parent is None or parent is message:
            continue
        counts["answers"] += 1
        theirs = set().union(*[runs(found) for found in parent_words(parent)] or [set()])
        kept = [run for text in own_texts(message) for run in runs(words(text)) if run in theirs]
        if not kept:
            continue
        counts["keep"] += 1
        keeping.append(digest)
        same = {one["address"] for one in message["from"]} & {one["address"] for one in parent["from"]}
        counts["keep, same author" if same else "keep, other author"] += 1
        plain = [run for text in own_texts(message) for piece in prose(text) for run in runs(words(piece)) if run in theirs]
        if not same and plain:
            counts["prose, other author"] += 1
        if listing and not same and plain:
            copy = message["copies"][0]
            print(f"    {message['id'][:12]} at {copy['offset']}: {len(plain)} runs")
    total = counts["answers"] or 1
    print(f"{name}: {counts['answers']} answers with their parent here; {counts['keep']} keep a run of it "
          f"({100 * counts['keep'] / total:.2f} %), {counts['keep, other author']} of another author "
          f"({100 * counts['keep, other author'] / total:.2f} %), {counts['prose, other author']} of these in prose "
          f"({100 * counts['prose, other author'] / total:.2f} %)")
    if name == "linux-man":
        judge(sorted(keeping)[:JUDGED])


def judge(keeping):
    """What was judged by hand of the first of them."""
    with open(pathlib.Path(__file__).resolve().parent / "kept.tsv", encoding="utf-8") as rows:
        kinds = {row["message"]: row["kind"] for row in csv.DictReader(rows, delimiter="\t")}
    found = collections.Counter(kinds.get(digest, "not judged") for digest in keeping)
    print("    of the first by hash: " + ", ".join(f"{kind} {count}" for kind, count in found.most_common()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--corpora", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    case, export = args.work / "parents-case", args.work / "parents.jsonl"
    names = ("linux-man", "dc-bega")
    if not case.exists():
        corpus.make_case(args.muckrake, case, args.corpora, names)
    messages = collections.defaultdict(list)
    for message in corpus.export(args.muckrake, case, export):
        messages[message["copies"][0]["release"]].append(message)
    for name in names:
        measure(name, messages[name], args.corpora, args.list)


if __name__ == "__main__":
    main()
