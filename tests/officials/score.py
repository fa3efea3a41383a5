#!/usr/bin/env python3
"""Scores the officials of a case against the labels in labels/ (see its README).

    score.py --program MUCKRAKE --corpora FOLDER --work FOLDER [--labels dev|held-out] [--errors N]

Makes a case of each labelled corpus in --work (kept from one run to the next unless --again), lists its officials, joins their
aliases with the labels by hash, and prints precision and recall. --errors prints examples of what went wrong, with the
text: for the screen, not for a file in the project.
"""
import argparse
import collections
import itertools
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import people_strings  # noqa: E402

CORPORA = {"dc-bega": "dc-bega", "enron-skilling": "enron-skilling", "kagan-prints": "kagan-prints.zip"}


def run(program, *arguments):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


def case_of(program, corpora, work, corpus, again):
    case = os.path.join(work, "case-" + corpus)
    if again and os.path.exists(case):
        shutil.rmtree(case)
    if not os.path.exists(case):
        source = os.path.join(corpora, CORPORA[corpus])
        made = run(program, "--case", case, "ingest", source, "--release", corpus)
        assert made.returncode in (0, 3), made.stderr
    return case


def hashes(name, address):
    """The hashes that a string of the program may have in the labels."""
    if address and name:
        text = f"{name} <{address}>"
    else:
        text = name or address
    found = set()
    for part in people_strings.BEHALF.split(text)[:1]:
        for read in (people_strings.person(part),):
            if read:
                found.add(people_strings.digest(*read))
    plain = people_strings.unquote(name or "")
    lower = people_strings.squeeze(address or "").lower()
    lower = re.sub(r"\s*@\s*", "@", lower)
    found.add(people_strings.digest(plain, lower))
    if lower.startswith("cn"):
        # Of a printed directory name the program leaves out what stands behind the organisation.
        spaced = re.sub(r"\s*([/=;:])\s*", r"\1", lower)
        organisation = re.split(r"[=;:]", spaced)[-1]
        found.update(people_strings.digest(plain, one) for one in (spaced, f"{spaced}@{organisation}"))
    if not plain:
        # The program keeps only the address where the name is the same.
        written = people_strings.squeeze(address or "")
        found.update(people_strings.digest(one, lower) for one in (written, written.lower()))
    return found


def letters(name, address):
    """A string without the signs that two readings of one print-out differ in, and without what follows the first `@` of a directory name."""
    squeezed = lambda text: re.sub(r"[^a-z0-9]", "", text.lower())
    name, address = name or "", address or ""
    if re.match(r"^\W*c[n~]\W|.*/ou\W", address.lower()):
        address = address.split("@")[0]
    name, address = squeezed(name), squeezed(address)
    return ("" if name == address else name), address


def identities(program, case):
    """Identity of each hash, pairs of identities that are suggested, and identities by the letters of their strings."""
    listed = run(program, "--case", case, "officials", "list", "--all", "--json")
    assert listed.returncode == 0, listed.stderr
    of_hash, of_letters = {}, collections.defaultdict(dict)
    for line in listed.stdout.splitlines():
        official = json.loads(line)
        for alias in official["aliases"]:
            of_letters[letters(alias["name"], alias["address"])].setdefault(official["id"], (official["id"], alias["name"], alias["address"]))
            for one in hashes(alias["name"], alias["address"]):
                of_hash.setdefault(one, (official["id"], alias["name"], alias["address"]))
    suggested = []
    for line in run(program, "--case", case, "officials", "suggest", "--json").stdout.splitlines():
        one = json.loads(line)
        suggested.append((one["one_id"], one["other_id"], one["reason"], one["confidence"]))
    return of_hash, suggested, of_letters


def labels(half, corpus):
    people = []
    with open(os.path.join(HERE, "labels", f"labels-{half}.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            person = json.loads(line)
            if person["corpus"] == corpus:
                people.append((person["person"], [(one["sha256"], one["kind"]) for one in person["strings"]]))
    return people


def pairs_of(name):
    pairs = set()
    with open(os.path.join(HERE, "labels", name), encoding="utf-8") as lines:
        for line in lines:
            pairs.add(frozenset(json.loads(line)["persons"]))
    return pairs


def addresses(corpora, corpus):
    """Name and address of each hash, to leave trivial pairs out."""
    kinds = {"dc-bega": "eml", "enron-skilling": "maildir", "kagan-prints": "arms"}
    source = os.path.join(corpora, CORPORA[corpus])
    listed = subprocess.run([sys.executable, os.path.join(HERE, "people_strings.py"), kinds[corpus], source], stdout=subprocess.PIPE, check=True)
    found = {}
    for line in listed.stdout.decode("utf-8", "replace").splitlines():
        one, _, name, address = (line.split("\t") + ["", "", ""])[:4]
        found[one] = (name, address)
    return found


def join_by_letters(of_hash, of_letters, text):
    """Finds strings that the program reads with other signs, as long as their letters are of one official alone."""
    for one, (name, address) in text.items():
        officials = of_letters.get(letters(name, address), {}) if one not in of_hash else {}
        if len(officials) == 1:
            of_hash[one] = next(iter(officials.values()))


class Score:
    def __init__(self):
        self.count = collections.Counter()
        self.people = []

    def add(self, other):
        self.count.update(other.count)
        self.people += other.people

    def line(self, name):
        c = self.count
        share = lambda part, whole: f"{part / whole:.4f}" if whole else "-"
        merged = c["same merged"] + c["different merged"]
        print(f"{name:16} precision {share(c['same merged'], merged)} ({c['different merged']} wrong of {merged}; look-alikes {c['look-alikes merged']} of {c['look-alikes']})")
        print(f"{'':16} recall of auto pairs {share(c['auto merged'], c['auto'])} of {c['auto']}; of all pairs {share(c['same merged'], c['same'])} of {c['same']}; with suggestions auto {share(c['auto merged'] + c['auto suggested'], c['auto'])}, all {share(c['same merged'] + c['same suggested'], c['same'])}")
        print(f"{'':16} of pairs both of whose strings it has: auto {share(c['auto merged'], c['auto met'])} of {c['auto met']}, with suggestions {share(c['auto merged'] + c['auto suggested'], c['auto met'])}; all {share(c['same merged'], c['same met'])} of {c['same met']}, with suggestions {share(c['same merged'] + c['same suggested'], c['same met'])}")
        judged = c["suggestions right"] + c["suggestions wrong"]
        print(f"{'':16} suggestions right {share(c['suggestions right'], judged)} of {judged} judged, {c['suggestions']} in all; strings of the labels that the program has {share(c['found'], c['strings'])} of {c['strings']}")
        if self.people:
            print(f"{'':16} mean over people: recall {sum(self.people) / len(self.people):.4f} of {len(self.people)}")


def score(corpus, half, of_hash, suggested, text, errors):
    result = Score()
    count = result.count
    people = labels(half, corpus)
    uncertain, different = pairs_of("uncertain.jsonl"), pairs_of("different.jsonl")
    linked = {frozenset(pair[:2]) for pair in suggested}
    kinds = {}
    members = collections.defaultdict(list)
    wrong, missed = [], collections.Counter()
    for person, strings in people:
        for one, kind in strings:
            count["strings"] += 1
            count["found"] += one in of_hash
            if one in of_hash:
                members[of_hash[one][0]].append((person, one))
        hits = total = 0
        for (one, kind), (other, other_kind) in itertools.combinations(strings, 2):
            address, other_address = text.get(one, ("", ""))[1], text.get(other, ("", ""))[1]
            if address and address == other_address:
                continue
            auto = kind == other_kind == "auto"
            if one in of_hash and other in of_hash:
                count["auto met"] += auto
                count["same met"] += 1
            count["same"] += 1
            count["auto"] += auto
            total += 1
            first, second = of_hash.get(one, (None,))[0], of_hash.get(other, (None,))[0]
            merged = first is not None and first == second
            hits += merged
            count["same merged"] += merged
            count["auto merged"] += merged and auto
            proposed = not merged and frozenset((first, second)) in linked
            count["same suggested"] += proposed
            count["auto suggested"] += proposed and auto
            if not merged and auto:
                missed[(text.get(one), text.get(other), proposed, first, second)] += 1
        if total:
            result.people.append(hits / total)
    for identity, found in members.items():
        for (person, one), (other_person, other) in itertools.combinations(found, 2):
            if person != other_person and frozenset((person, other_person)) not in uncertain:
                count["different merged"] += 1
                count["look-alikes merged"] += frozenset((person, other_person)) in different
                wrong.append((text.get(one), text.get(other)))
    strings_of = dict(people)
    for pair in different:
        if all(person in strings_of for person in pair):
            count["look-alikes"] += len(list(itertools.product(*(strings_of[person] for person in pair))))
    for one, other, reason, confidence in suggested:
        count["suggestions"] += 1
        first, second = {p for p, _ in members.get(one, [])}, {p for p, _ in members.get(other, [])}
        if not first or not second:
            continue
        right = bool(first & second)
        count["suggestions right" if right else "suggestions wrong"] += 1
        count[f"suggestion {reason} {confidence} {'right' if right else 'wrong'}"] += 1
    if errors:
        print(f"--- {corpus}: wrong merges")
        for one in wrong[:errors]:
            print("  ", one)
        print(f"--- {corpus}: missed auto pairs")
        for (one, other, proposed, first, second), _ in list(missed.items())[: errors * 40: 40]:
            print("  ", one, other, "suggested" if proposed else "", first, second)
        print({key: value for key, value in sorted(count.items()) if key.startswith("suggestion ")})
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--corpora", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--labels", choices=["dev", "held-out"], default="dev")
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--corpus", choices=list(CORPORA))
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    total = Score()
    for corpus in [options.corpus] if options.corpus else CORPORA:
        case = case_of(options.program, options.corpora, options.work, corpus, options.again)
        of_hash, suggested, of_letters = identities(options.program, case)
        text = addresses(options.corpora, corpus)
        join_by_letters(of_hash, of_letters, text)
        result = score(corpus, options.labels, of_hash, suggested, text, options.errors)
        result.line(corpus)
        total.add(result)
    total.line("all")


if __name__ == "__main__":
    main()
