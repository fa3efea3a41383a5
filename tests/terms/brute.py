"""Counts a search-term report by brute force and compares: messages, families, threads, unique hits, whose words, dates, senders, releases;
and timelines by each step.

What each query hits is the answer of `tests/oracle`, which reads the mail by Python's `email`. Where the contract leaves a message open, or the
oracle doubts its own reading, the program's side is taken for that message and the term is not counted as agreeing of itself. Families are from what
the oracle finds attached to what, dates, senders and releases from its reading; which addresses are one official's is taken from the rows of `search '*'`. Whose words: the zones that `export --format json` tells of each text
(how well those are told is another test, `tests/zones`), with the words cut and compared here. Threads: the `thread` of each message of `search '*'`,
counted here.
"""

import argparse
import json
import os
import re
import sys
from collections import Counter
from datetime import datetime

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "oracle"))

import corpus as corpus_module  # noqa: E402
import oracle as oracle_module  # noqa: E402
from grammar import parse, resolved  # noqa: E402
from oracle import Oracle, within  # noqa: E402
from porter2 import stem  # noqa: E402
from program import Program, Tie, groups_of  # noqa: E402
from run import roots_of  # noqa: E402
from terms import is_cjk, osa_at_most, terms  # noqa: E402

RELEASES = ("linux-man", "dc-bega")
IN_BODIES = (None, "body", "said", "quoted")
WORDS = ("word", "phrase", "prefix", "fuzzy", "regex")
NOT_BODIES = ["subject", "attname", "atttext", "from", "to", "cc", "bcc"]


def set_of(bits):
    """The numbers of a bit set."""
    return {at for at, bit in enumerate(bin(bits)[:1:-1]) if bit == "1"}


class Texts:
    """The words of each message's bodies: `own[message]` and `quoted[message]`, lists of runs, each a list of terms."""

    def __init__(self, program, numbers, work):
        path = os.path.join(work, "bodies.jsonl")
        program.call("export", "*", "--to", path, "--format", "json", "--force")
        self.own, self.quoted = {}, {}
        with open(path, encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                own, quoted = [], []
                for body in row["body"]:
                    text = body["text"].encode()
                    for zone in body["zones"]:
                        part = [t for t in terms(text[zone["start"]:zone["end"]].decode())]
                        if zone["depth"] == 0 and zone["kind"] == "author":
                            own.append(part)
                        elif zone["depth"] > 0 or zone["kind"] in ("quoted", "forwarded"):
                            quoted.append(part)
                self.own[numbers[row["id"]]] = own
                self.quoted[numbers[row["id"]]] = quoted


def holds(leaf, run, stems):
    """Whether a run of terms fulfils a leaf."""
    parts = terms(leaf.value) if leaf.kind != "regex" else []
    if leaf.kind == "word" and len(parts) == 1:
        return any(stems(t) == stems(parts[0]) for t in run)
    if leaf.kind in ("word", "phrase"):
        if leaf.number is not None:
            numbers = {}
            numbered = [numbers.setdefault(t, len(numbers)) for t in run]
            if any(p not in numbers for p in parts):
                return False
            data = b"".join(n.to_bytes(4, sys.byteorder) for n in numbered)
            return within(data, [numbers[p] for p in parts], leaf.number)
        return any(run[at:at + len(parts)] == parts for at in range(len(run) - len(parts) + 1))
    if leaf.kind == "prefix":
        return any(t.startswith(parts[0]) for t in run)
    if leaf.kind == "fuzzy":
        return any(osa_at_most(parts[0], t, leaf.number) for t in run)
    return any(re.fullmatch(leaf.value, t) for t in run)


class Brute:
    """All counts of a list of terms."""

    def __init__(self, given):
        self.work = given.work
        os.makedirs(self.work, exist_ok=True)
        roots = [(n, p) for n, p in roots_of(os.path.abspath(given.corpora), self.work) if n in RELEASES]
        self.program = Program(given.muckrake, os.path.join(self.work, "case"))
        if not os.path.isdir(self.program.case):
            for name, path in roots:
                self.program.call("ingest", path, "--release", name)
        self.corpus = corpus_module.load(roots, self.work)
        self.rows = self.program.search("*")
        self.numbers, _ = groups_of(self.rows)
        self.tie = Tie(self.rows, self.corpus.docs, roots)
        self.oracle = Oracle(self.corpus, "UTC", self.tie.ids, [row["id"] for row in self.rows])
        self.texts = Texts(self.program, self.numbers, self.work)
        self.docs_of = {}
        for at, number in enumerate(self.tie.ids):
            if number is not None:
                self.docs_of.setdefault(number, []).append(at)
        self.families = self.read_families()
        self.officials = self.read_officials()
        self.leaf_cache = {}
        self.stem_cache = {}

    def read_families(self):
        """For each message the messages of all families that it is of."""
        docs, by_top = self.corpus.docs, {}
        for at, number in enumerate(self.tie.ids):
            top = at
            while docs[top].parent is not None:
                top = docs[top].parent
            if number is not None:
                by_top.setdefault(top, set()).add(number)
        out = {}
        for family in by_top.values():
            for member in family:
                out.setdefault(member, set()).update(family)
        return out

    def read_officials(self):
        """For each address the official whose it is, where the rows name one and no other."""
        named = {}
        for row in self.rows:
            for person in row["from"] + row["to"] + row["cc"] + row["bcc"]:
                if person["address"] and person["official"]:
                    named.setdefault(person["address"].strip().lower(), set()).add(person["official"])
        return {address: officials.pop() for address, officials in named.items() if len(officials) == 1}

    def stems(self, term):
        """A term's stem, once worked out."""
        found = self.stem_cache.get(term)
        if found is None:
            found = self.stem_cache[term] = term if is_cjk(term) else stem(term)
        return found

    # -- what a query hits, and by whose words ------------------------------------------------------------------------------

    def in_texts(self, leaf, texts):
        """Messages with a run that fulfils the leaf."""
        return {m for m, runs in texts.items() if any(holds(leaf, run, self.stems) for run in runs)}

    def leaf(self, leaf, scope):
        """(must, may) of one leaf: `scope` is everywhere, not_quoted or own."""
        key = (leaf.kind, leaf.value, leaf.number, leaf.field, scope)
        if key not in self.leaf_cache:
            self.leaf_cache[key] = self.leaf_anew(leaf, scope)
        return self.leaf_cache[key]

    def leaf_anew(self, leaf, scope):
        in_bodies = leaf.field in IN_BODIES and leaf.kind in WORDS
        if leaf.field == "said" or (in_bodies and scope == "own" and leaf.field != "quoted"):
            own = self.in_texts(leaf, self.texts.own)
            return own, own
        if leaf.field == "quoted":
            quoted = self.in_texts(leaf, self.texts.quoted) if scope == "everywhere" else set()
            return quoted, quoted
        if in_bodies and scope == "not_quoted":
            own = self.in_texts(leaf, self.texts.own)
            if leaf.field == "body":
                return own, own
            kept = oracle_module.STREAMS[None]
            oracle_module.STREAMS[None] = (NOT_BODIES, ["attname_maybe"], ["att_maybe", "either", "people_maybe"])
            answer = self.oracle.answer(leaf)
            oracle_module.STREAMS[None] = kept
            return own | set_of(answer.must), own | set_of(answer.may)
        answer = self.oracle.answer(leaf)
        return set_of(answer.must), set_of(answer.may)

    def evaluate(self, node, scope, positive=True):
        """(must, may) of a tree; what is excluded is always looked for everywhere."""
        if node.kind == "not":
            must, may = self.evaluate(node.children[0], scope, not positive)
            every = set(range(len(self.rows)))
            return every - may, every - must
        if node.kind in ("and", "or"):
            parts = [self.evaluate(child, scope, positive) for child in node.children]
            join = set.intersection if node.kind == "and" else set.union
            return join(*(p[0] for p in parts)), join(*(p[1] for p in parts))
        return self.leaf(node, scope if positive else "everywhere")

    @staticmethod
    def looks_in_bodies(node, positive=True):
        """Whether a query looks for words in bodies."""
        if node.kind == "not":
            return Brute.looks_in_bodies(node.children[0], not positive)
        if node.children:
            return any(Brute.looks_in_bodies(child, positive) for child in node.children)
        return positive and node.field in IN_BODIES and node.kind in WORDS

    def doubted(self, number):
        """Whether the oracle doubts its reading of a message."""
        return any(self.corpus.docs[at].flags - {"size"} for at in self.docs_of.get(number, ())) or number not in self.docs_of

    def settle(self, must, may, theirs, problems, what):
        """What is counted: `must`, and what may be of what the program says; whether that was needed."""
        wrong = {m for m in (must - theirs) | (theirs - may) if not self.doubted(m)}
        if wrong:
            problems.append(f"{what}: {len(must - theirs)} missing, {len(theirs - may)} too many, {len(wrong)} of them without doubt")
        settled = (must | (theirs & may)) if wrong else set(theirs)
        return settled, must == may == theirs

    # -- counts -------------------------------------------------------------------------------------------------------------

    def counts(self, hits):
        """What can be counted of any set of messages."""
        docs = self.corpus.docs
        first = {m: docs[self.docs_of[m][0]] for m in hits if m in self.docs_of}
        family = set(hits)
        for m in hits:
            family |= self.families.get(m, set())
        dates = [d.instant for d in first.values() if d.instant is not None]
        senders = Counter(p for d in first.values() for p in {self.officials.get(a, a) for a in d.addresses["from"]})
        releases = Counter()
        for m in hits:
            releases.update({docs[at].release for at in self.docs_of.get(m, ())})
        return {
            "messages": len(hits), "with_families": len(family), "threads": len({self.rows[m]["thread"] for m in hits}),
            "undated": sum(d.instant is None for d in first.values()),
            "first": min(dates, default=None), "last": max(dates, default=None),
            "senders": sorted((n for n in senders.values()), reverse=True)[:3], "people": senders,
            "releases": [(name, releases[name]) for name in RELEASES],
        }

    @staticmethod
    def told(row):
        """The same of a row of the report."""
        def moment(text):
            return int(datetime.fromisoformat(text).timestamp()) if text else None
        out = {key: row[key] for key in ("messages", "with_families", "threads", "undated")}
        out["first"], out["last"] = moment(row["first"]), moment(row["last"])
        out["senders"] = [p["messages"] for p in row["senders"]]
        # Of those with equal numbers any may be named.
        out["people"] = {p["official"] or p["address"].lower(): p["messages"] for p in row["senders"]}
        out["releases"] = [(r["release"], r["messages"]) for r in row["releases"]]
        return out

    def run(self, path):
        """Compares the whole report, returns the number of terms that differ."""
        report = [json.loads(line) for line in self.program.call("terms", path, "--json").splitlines()]
        listed = [json.loads(line) for line in self.program.call("terms", path, "--messages", "--json").splitlines()]
        theirs = {}
        for row in listed:
            for term in row["terms"]:
                theirs.setdefault(term["line"], {})[self.numbers[row["id"]]] = term["words"]
        rows, totals = report[:-1], report[-1]
        hits, split, alone, failed = {}, {}, 0, 0
        taken = {}
        problems_of = {}
        for row in rows:
            problems = problems_of[row["line"]] = []
            node = resolved(parse(row["query"]))
            said = theirs.get(row["line"], {})
            must, may = self.evaluate(node, "everywhere")
            found, same = self.settle(must, may, set(said), problems, "messages")
            alone += same
            taken[row["line"]] = len(found ^ must)
            hits[row["line"]] = found
            if self.looks_in_bodies(node):
                own, _ = self.settle(*(s & found for s in self.evaluate(node, "own")), {m for m, w in said.items() if w == "own_words"},
                                     problems, "own words")
                rest, _ = self.settle(*(s & found - own for s in self.evaluate(node, "not_quoted")),
                                      {m for m, w in said.items() if w == "elsewhere"}, problems, "elsewhere")
                split[row["line"]] = own, rest
        times = Counter(m for found in hits.values() for m in found)
        print("           hits  open")
        for row in rows:
            problems, found = problems_of[row["line"]], hits[row["line"]]
            self.compare(self.counts(found), self.told(row), problems)
            own, rest = split.get(row["line"], (None, None))
            expected = {"unique": sum(times[m] == 1 for m in found), "own_words": None if own is None else len(own),
                        "elsewhere": None if own is None else len(rest),
                        "only_quoted": None if own is None else len(found) - len(own) - len(rest)}
            self.compare(expected, row, problems)
            failed += bool(problems)
            print(f"{'DIFFERS' if problems else 'agrees':8} {row['messages']:6} {taken[row['line']]:5} {row['query']}")
            for problem in problems:
                print("        ", problem)
        problems = []
        self.compare(self.counts(set(times)), self.told(totals), problems)
        own = set().union(*(s[0] for s in split.values()))
        without = own.union(*(s[1] for s in split.values()), *(hits[row["line"]] for row in rows if row["line"] not in split))
        self.compare({"unique": sum(n == 1 for n in times.values()), "own_words": len(own), "elsewhere": len(without - own),
                      "only_quoted": len(set(times) - without), "terms": len(rows), "bad_lines": 0}, totals, problems)
        print(f"{'DIFFER' if problems else 'agree':8} totals", *problems, sep="\n         " if problems else " ")
        print(f"{len(rows)} terms: {len(rows) - failed} agree, of {alone} the brute force leaves nothing open")
        return failed + bool(problems)

    def timelines(self, queries=("*", "glibc", "from:@dc.gov"), zone="America/New_York"):
        """Compares timelines by each step with the dates that the oracle reads, returns the number of those that differ."""
        self.program.set_zone(zone)
        self.oracle.set_zone(zone)
        labels = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}
        failed = 0
        for query in queries:
            must, may = self.evaluate(resolved(parse(query)), "everywhere")
            found = must | (may & {self.numbers[i] for i in self.program.search_ids(query)})
            days = [self.oracle.days[self.docs_of[m][0]] for m in found if m in self.docs_of]
            for step, label in labels.items():
                ours = Counter(day.strftime(label) for day in days if day)
                lines = [json.loads(line) for line in self.program.call("timeline", query, "--by", step, "--json").splitlines()]
                told = {line["period"]: line["counts"][0] for line in lines if line["kind"] == "period" and line["counts"][0]}
                totals = lines[-1]["series"][0]
                same = told == dict(ours) and totals["undated"] == days.count(None) and totals["messages"] == len(found)
                failed += not same
                print(f"{'agrees' if same else 'DIFFERS':8} {len(told):6} periods with messages by {step} of {query}")
        self.program.set_zone("UTC")
        return failed

    @staticmethod
    def compare(ours, told, problems):
        """Notes where two counts differ."""
        for key, value in ours.items():
            if key == "people":
                problems += [f"{who}: {n} reported, {value.get(who)} counted" for who, n in told[key].items() if value.get(who) != n]
            elif told[key] != value:
                problems.append(f"{key}: {told[key]} reported, {value} counted")


def main():
    """Runs the comparison."""
    reader = argparse.ArgumentParser(description=main.__doc__)
    reader.add_argument("--muckrake", required=True)
    reader.add_argument("--corpora", required=True)
    reader.add_argument("--work", required=True, help="folder for the case and the cache")
    reader.add_argument("--terms", default=os.path.join(HERE, "fifty.txt"))
    given = reader.parse_args()
    given.muckrake, given.work = os.path.abspath(given.muckrake), os.path.abspath(given.work)
    brute = Brute(given)
    failed = brute.run(given.terms) + brute.timelines()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
