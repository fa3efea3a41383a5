#!/usr/bin/env python3
"""Generates a release full of people who look alike, and checks that none of them is taken for another.

    lookalikes.py --program MUCKRAKE --work FOLDER [--families N] [--seed N]

Each family of look-alikes has invented names of its own. Planted are: one name in two agencies; one name twice in an agency
(addresses with a number, initials apart); father and son, one of them without `Jr.` at times; a shared mailbox under several
names; a changed surname, and somebody who has the new name anyway; one name in two scripts; a private account; a name
without an address that may be either's. Everybody also goes by several honest shapes. Prints how many pairs of strings of two people
are one official (there must be none), and how many of one person's pairs that an address, directory name or agency proves are found.
"""
import argparse
import itertools
import json
import os
import random
import shutil
import subprocess
import sys

GIVEN = "Anne Bob Carol Dan Erin Frank Grace Henry Iris Jack Kate Liam Mona Nick Olga Paul Rose Sam Tina Victor".split()
SYLLABLES = "bar del fen gor hal kim lor mar nor pel ran sal tor ver wil zan".split()
CYRILLIC = str.maketrans({"a": "а", "b": "б", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "k": "к", "l": "л", "m": "м",
                          "n": "н", "o": "о", "p": "п", "r": "р", "s": "с", "t": "т", "v": "в", "w": "в", "z": "з", "y": "й", "c": "к", "j": "ж", "q": "к", "u": "у", "x": "х"})


def folded(text):
    return text.lower().replace(" ", ".")


class Corpus:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.mails = []
        self.truth = {}   # string -> person
        self.proved = {}  # string -> whether evidence joins it to the person
        self.people = 0
        self.surnames = set()

    def surname(self):
        while True:
            name = "".join(self.random.choice(SYLLABLES) for _ in range(3)).capitalize()
            if name not in self.surnames:
                self.surnames.add(name)
                return name

    def person(self, strings, unproved=()):
        """A person with strings of (name, address); those of `unproved` nothing joins to the rest."""
        number = self.people
        self.people += 1
        for one in list(strings) + list(unproved):
            self.truth[one] = number
            self.proved[one] = one not in unproved
        return number

    def mail(self, sender, to, quoted=None):
        number = len(self.mails) + 1
        show = lambda one: f'"{one[0]}" <{one[1]}>' if one[0] and one[1] else (one[1] or f'"{one[0]}"')
        body = "Seen.\n"
        if quoted:
            body += f"\n-----Original Message-----\nFrom: {quoted}\nSent: Tuesday, March 1, 2016 9:00 AM\nTo: Sample, Zoe\nSubject: Pier\n\nThe pilings are rotten.\n"
        self.mails.append(
            f"From x@y.example Tue Mar  1 10:00:00 2016\nMessage-ID: <{number}@lookalikes.example>\nDate: Tue, 1 Mar 2016 10:{number // 60 % 60:02}:{number % 60:02} +0000\n"
            f"Subject: Pier {number}\nFrom: {show(sender)}\nTo: {', '.join(show(one) for one in to)}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n")


def shapes(given, family, agency, domain, local=None):
    """The honest shapes of one person of an agency."""
    local = local or f"{given[0]}{family}".lower()
    return [
        (f"{family}, {given} ({agency})", f"{local}@{domain}"),
        (f"{given} {family}", f"{local}@{domain}"),
        ("", f"{local}@mail.{domain}"),
        (f"{family}, {given}", f"/O={agency}/OU=EAST/CN=RECIPIENTS/CN={local.upper()}"),
        (f"{family}, {given} ({agency})", ""),
    ]


def family_of_lookalikes(corpus, number):
    pick = corpus.random.choice
    one, two = f"AG{number:04}", f"BU{number:04}"
    domain, other_domain = f"{one.lower()}.example", f"{two.lower()}.example"
    groups = []
    add = lambda strings, unproved=(): groups.append((corpus.person(strings, unproved), list(strings) + list(unproved)))
    # one name in two agencies, and the bare name
    given, family = pick(GIVEN), corpus.surname()
    add(shapes(given, family, one, domain))
    add(shapes(given, family, two, other_domain))
    # one name twice in an agency
    given, family = pick(GIVEN), corpus.surname()
    add([(f"{given} {family}", f"{folded(given)}.{family.lower()}@{domain}")])
    add([(f"{given} {family}", f"{folded(given)}.{family.lower()}2@{domain}")])
    given, family = pick(GIVEN), corpus.surname()
    add([(f"{given} A. {family}", f"{given.lower()}.{family.lower()}@{domain}")])
    add([(f"{given} B. {family}", f"{given[0].lower()}{family.lower()}@{domain}")])
    # father and son
    given, family = pick(GIVEN), corpus.surname()
    add([(f"{given} {family}", f"{given.lower()}.{family.lower()}@{domain}"), (f"{family}, {given} Sr.", f"{given.lower()}.{family.lower()}@{domain}")])
    add([(f"{given} {family} Jr.", f"{given[0].lower()}{family.lower()}@{domain}"), (f"{family}, {given} Jr. ({one})", "")], [(f"{given} {family} Jr.", f"{given.lower()}@{other_domain}")])
    # a shared mailbox under the names of two
    given, family, given_too, family_too = pick(GIVEN), corpus.surname(), pick(GIVEN), corpus.surname()
    add(shapes(given, family, one, domain))
    add(shapes(given_too, family_too, one, domain))
    add([(f"{given} {family}", f"records@{domain}"), (f"{given_too} {family_too}", f"records@{domain}"), ("Records Desk", f"records@{domain}")])
    # a changed surname, and one who has the new name anyway
    given, family, new = pick(GIVEN), corpus.surname(), corpus.surname()
    local = f"{given[0]}{family}".lower()
    add([(f"{given} {family}", f"{local}@{domain}"), (f"{given} {new}", f"{local}@{domain}")])
    add([(f"{given} {new}", f"{given.lower()}.{new.lower()}@{other_domain}"), (f"{new}, {given} ({two})", f"{given.lower()}.{new.lower()}@{other_domain}")])
    # one name in two scripts
    given, family = pick(GIVEN), corpus.surname()
    add([(f"{given} {family}", f"{given.lower()}.{family.lower()}@{domain}")])
    add([(f"{given.lower().translate(CYRILLIC).capitalize()} {family.lower().translate(CYRILLIC).capitalize()}", f"{given[0].lower()}{family.lower()}@{domain}")])
    # a private account
    given, family = pick(GIVEN), corpus.surname()
    add(shapes(given, family, one, domain), [(f"{given} {family}", f"{family.lower()}99@gmail.com")])
    # near names
    family = corpus.surname()
    add([(f"Robert {family}", f"robert.{family.lower()}@{domain}")])
    add([(f"Bob {family}", f"bob.{family.lower()}@{domain}")])
    return groups


def write_mails(corpus, groups):
    reader = ("Zoe Sample", "zoe.sample@readers.example")
    for _, strings in groups:
        for one in strings:
            for _ in range(corpus.random.randint(2, 4)):
                if one[1]:
                    corpus.mail(one, [reader])
                    corpus.mail(reader, [one])
                else:
                    known = [other for other in strings if other[1]]
                    corpus.mail(reader, [corpus.random.choice(known) if known else reader], quoted=one[0])
    # bare names that may be of two
    for (_, strings), (_, others) in zip(groups[::2], groups[1::2]):
        names = {one[0] for one in strings} & {one[0] for one in others}
        for name in names:
            corpus.mail(reader, [strings[0], others[0]], quoted=name.split(" (")[0])


def identities(program, case):
    run = subprocess.run([program, "--case", case, "officials", "list", "--all", "--json"], stdout=subprocess.PIPE, check=True)
    found = {}
    for line in run.stdout.decode().splitlines():
        official = json.loads(line)
        for alias in official["aliases"]:
            found[(alias["name"] or "", alias["address"] or "")] = official["id"]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--families", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    corpus = Corpus(options.seed)
    groups = [group for number in range(options.families) for group in family_of_lookalikes(corpus, number)]
    write_mails(corpus, groups)
    os.makedirs(options.work, exist_ok=True)
    mbox = os.path.join(options.work, "lookalikes.mbox")
    case = os.path.join(options.work, "lookalikes-case")
    shutil.rmtree(case, ignore_errors=True)
    with open(mbox, "w", encoding="utf-8") as out:
        out.writelines(corpus.mails)
    subprocess.run([options.program, "--case", case, "ingest", mbox, "--release", "lookalikes"], stdout=subprocess.DEVNULL, check=True)
    found = identities(options.program, case)
    wrong, right, wanted, missing = 0, 0, 0, 0
    shared = [one for one in corpus.truth if one in found]
    missing = len(corpus.truth) - len(shared)
    by_official = {}
    for one in shared:
        by_official.setdefault(found[one], []).append(one)
    for strings in by_official.values():
        for one, other in itertools.combinations(strings, 2):
            if corpus.truth[one] != corpus.truth[other]:
                wrong += 1
                print("wrong:", one, other)
    people = {}
    for one in shared:
        if corpus.proved[one]:
            people.setdefault(corpus.truth[one], []).append(one)
    for strings in people.values():
        for one, other in itertools.combinations(strings, 2):
            if one[1] and one[1] == other[1]:
                continue
            wanted += 1
            right += found[one] == found[other]
    print(f"{corpus.people} people, {len(corpus.truth)} strings ({missing} not met), {len(corpus.mails)} messages")
    print(f"wrong automatic merges: {wrong} pairs; proved pairs that are one: {right} of {wanted}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
