#!/usr/bin/env python3
"""Draws the messages to be labelled by hand, and prints them with numbered lines.

    sample.py draw  --muckrake BIN --corpora DIR --work DIR --seed 1 > drawn.jsonl
    sample.py print --work DIR drawn.jsonl [FIRST [LAST]]

The draw takes the same number from each style of writing that a corpus has, as far as there are so
many. Styles are told by a few expressions of this script's own, so that rare ones come up; they
decide nothing else. The program's zones are not looked at.
"""

import argparse
import json
import pathlib
import random
import re
import sys

import corpus

MOST_LINES = 200
# How many of each corpus.
WANTED = {"linux-man": 44, "dc-bega": 46, "enron-skilling": 44, "zoo": 36}

# The first that fits is the style; rare ones stand first.
STYLES = [
    ("notice", r"(?i)intended recipient|this e-?mail (message )?(is|may be) confidential|originated outside|caution:"),
    ("forwarded", r"(?i)-- ?forwarded|begin forwarded|forwarded by"),
    ("nested", r"(?m)^> ?> ?>"),
    ("outlook", r"(?im)^\W*(-+ ?original message|(from|von|de)\s*:.*\n(.*\n){0,2}\W*(sent|date|gesendet|envoyé)\s*:)"),
    ("bare introduction", r"(?m)(wrote|writes|schrieb|escribió|écrit) ?:\s*\n\s*(?!>)\S"),
    ("patch", r"(?m)^(diff --git|@@ -|--- a/)"),
    ("quoted, signature", r"(?ms)^>.*^-- ?$"),
    ("quoted", r"(?m)^>"),
    ("telephone", r"(?im)^sent (from|via) |^get outlook"),
    ("signature", r"(?m)^-- ?$"),
    ("footer", r"(?i)unsubscribe|list-?info|mailing list"),
    ("other", r""),
]


def style(text):
    return next(name for name, pattern in STYLES if re.search(pattern, text))


def candidates(messages):
    """Each message once, with the text to label: the part that is shown, or now and then the other one."""
    seen = set()
    for message in messages:
        texts = [part for part in message["body"] if part["text"].strip()]
        if not texts or not message["copies"] or message["attached_to"]:
            continue
        where = corpus.place(message)
        shown = [part for part in texts if not part["alternative"]]
        html = [part for part in texts if part["kind"] == "html"]
        part = html[0] if html and int(where["sha256"][2], 16) < 6 else (shown or texts)[0]
        digest = corpus.digest(part["text"])
        count = len(corpus.lines(part["text"]))
        if digest in seen or count > MOST_LINES:
            continue
        seen.add(digest)
        yield where | {"part": part["part"], "kind": part["kind"], "text": digest, "lines": count,
                       "style": style(part["text"]) + (", html" if part["kind"] == "html" else "")}


def draw(found, seed):
    """From each corpus in turn one of each style, in random order."""
    chance = random.Random(seed)
    for name, wanted in WANTED.items():
        styles = {}
        for one in sorted((one for one in found if one["corpus"] == name), key=lambda one: one["sha256"]):
            styles.setdefault(one["style"], []).append(one)
        for members in styles.values():
            chance.shuffle(members)
        taken = []
        while len(taken) < wanted and any(styles.values()):
            for key in sorted(styles):
                if styles[key] and len(taken) < wanted:
                    taken.append(styles[key].pop())
        yield from taken


def text_of(messages):
    texts = {}
    for message in messages:
        for part in message["body"]:
            texts[corpus.digest(part["text"])] = part["text"]
    return texts


def print_lines(lines):
    """Numbered; of a long run of lines with the same `>` before them only those that may matter."""
    marks = [re.match(r"[> ]*", line).group().count(">") for line in lines]
    for at, line in enumerate(lines):
        inside = 2 <= at < len(lines) - 2 and marks[at] > 0 and len(set(marks[at - 2:at + 3])) == 1
        if not inside or re.search(r"-----|wrote|(From|Sent|To|Date|Subject):|writes", line):
            print(f"{at + 1:3} {line[:90]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["draw", "print"])
    parser.add_argument("--muckrake")
    parser.add_argument("--corpora")
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("rest", nargs="*")
    args = parser.parse_intermixed_args()
    export = args.work / "sample.jsonl"
    case = args.work / "sample-case"
    if args.what == "draw":
        if not export.exists():
            corpus.make_case(args.muckrake, case, args.corpora)
        found = list(candidates(corpus.export(args.muckrake, case, export)))
        for number, one in enumerate(draw(found, args.seed), 1):
            print(json.dumps({"number": number} | one))
        return
    texts = text_of(corpus.export(args.muckrake, case, export))
    first, last = (int(args.rest[1]), int(args.rest[-1])) if len(args.rest) > 1 else (1, 10**9)
    for line in open(args.rest[0], encoding="utf-8"):
        one = json.loads(line)
        if first <= one["number"] <= last:
            print(f"=== {one['number']}  {one['corpus']}  {one['kind']}")
            print_lines(corpus.lines(texts[one["text"]]))


if __name__ == "__main__":
    sys.exit(main())
