"""The brute force: answers a query from its own reading of the mail.

Every answer is three sets: what must be found, what is taken to be found, and what may be found. They differ where the contract
leaves a choice (is an inline text part with a name body or attachment?) and where one message has several copies that differ.
"""

import argparse
import datetime
import fnmatch
import re
import sys
import zoneinfo
from array import array
from collections import Counter, defaultdict

import corpus as corpus_module
from grammar import PEOPLE, parse, resolved
from mailread import ROLES
from porter2 import stem
from terms import is_cjk, loose, osa_at_most, terms

# field: (streams that count for certain, streams that count by the oracle's best reading too, streams that may count)
STREAMS = {
    None: (["subject", "body", "either", "attname", "atttext", "from", "to", "cc", "bcc"], ["attname_maybe"],
           ["body_maybe", "att_maybe", "from_maybe", "to_maybe", "cc_maybe", "bcc_maybe", "people_maybe"]),
    "subject": (["subject"], [], []),
    "body": (["body"], [], ["either", "body_maybe", "att_maybe"]),
    "attached": (["atttext"], ["either"], ["att_maybe"]),
    "attachment": (["attname"], ["attname_maybe"], []),
    "from": (["from"], [], ["from_maybe"]),
    "to": (["to"], [], ["to_maybe"]),
    "cc": (["cc"], [], ["cc_maybe"]),
    "bcc": (["bcc"], [], ["bcc_maybe"]),
    "with": (["from", "to", "cc", "bcc"], [], ["from_maybe", "to_maybe", "cc_maybe", "bcc_maybe"]),
}
# Names, addresses and file names match "whole words": whether inflections count there too is left open.
WHOLE_WORDS = frozenset(["from", "to", "cc", "bcc", "attname", "attname_maybe"])
DAY = datetime.timedelta(days=1)


class Refused(ValueError):
    """A query that this oracle has no reading of."""


class Answer:
    """Three sets of messages as bit sets: must, taken, may."""

    __slots__ = ("must", "taken", "may")

    def __init__(self, must, taken, may):
        self.must, self.taken, self.may = must & taken & may, taken, may | taken | must


def find_phrase(unit, pattern):
    """Whether the terms stand in the unit one after another (both as bytes of 32-bit numbers)."""
    at = unit.find(pattern)
    while at >= 0 and at % 4:
        at = unit.find(pattern, at + 1)
    return at >= 0


def places(unit, pattern):
    """The positions of one term, its number given as bytes."""
    out, at = [], unit.find(pattern)
    while at >= 0:
        if at % 4 == 0:
            out.append(at // 4)
        at = unit.find(pattern, at + 4 - at % 4)
    return out


def within(unit, wanted, slop):
    """Whether every wanted term, as often as wanted, stands in some stretch with at most `slop` other terms."""
    need, spots = Counter(wanted), []
    for number, times in need.items():
        found = places(unit, number.to_bytes(4, sys.byteorder))
        if len(found) < times:
            return False
        spots += [(at, number) for at in found]
    spots.sort()
    have, missing, left = dict.fromkeys(need, 0), len(wanted), 0
    for at, number in spots:
        have[number] += 1
        missing -= have[number] <= need[number]
        while missing == 0:
            start, dropped = spots[left]
            if at - start + 1 - len(wanted) <= slop:
                return True
            have[dropped] -= 1
            missing += have[dropped] < need[dropped]
            left += 1
    return False


class Oracle:
    """Answers queries over a corpus, with days counted in one time zone."""

    def __init__(self, corpus, zone="UTC", ids=None, names=None):
        """`ids[doc]` is the message each document is a copy of (None: leave it out); `names[message]` its id in the program."""
        self.corpus, self.docs, self.postings = corpus, corpus.docs, corpus.postings
        self.ids = list(range(len(self.docs))) if ids is None else ids
        self.count = max((i for i in self.ids if i is not None), default=-1) + 1
        self.copies = Counter(i for i in self.ids if i is not None)
        self.all = (1 << self.count) - 1
        self.names = names or [str(i) for i in range(self.count)]
        self._headers, self._addresses, self._days = {}, None, {}
        self.set_zone(zone)

    def set_zone(self, zone):
        """Counts days in this zone from now on."""
        if zone not in self._days:
            self._days[zone] = self._count_days(zoneinfo.ZoneInfo(zone))
        self.days = self._days[zone]

    def _count_days(self, info):
        days = []
        for doc in self.docs:
            try:
                days.append(None if doc.instant is None else datetime.datetime.fromtimestamp(doc.instant, info).date())
            except (ValueError, OverflowError, OSError):
                days.append(None)
        return days

    # -- sets -------------------------------------------------------------------------------------------------------------

    def _bits(self, numbers):
        bits = bytearray(self.count // 8 + 1)
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(bits, "little")

    def _any(self, docs):
        ids = self.ids
        return self._bits(ids[d] for d in docs if ids[d] is not None)

    def _every(self, docs):
        """Messages of which every copy is among the documents."""
        seen = Counter(self.ids[d] for d in set(docs))
        return self._bits(i for i, n in seen.items() if i is not None and n == self.copies[i])

    def _answer(self, must, taken, may):
        return Answer(self._every(must), self._any(taken), self._any(may))

    def members(self, bits):
        """The message numbers in a bit set."""
        return [at for at, bit in enumerate(bin(bits)[:1:-1]) if bit == "1"]

    # -- terms ------------------------------------------------------------------------------------------------------------

    def _with_term(self, streams, numbers):
        out = set()
        for stream in streams:
            lists = self.postings.get(stream, {})
            for number in numbers:
                if number in lists:
                    out.update(lists[number])
        return out

    def _candidates(self, stream, alternatives):
        lists = self.postings.get(stream, {})
        sets = []
        for numbers in alternatives:
            found = set()
            for number in numbers:
                found.update(lists.get(number, ()))
            if not found:
                return set()
            sets.append(found)
        sets.sort(key=len)
        return set.intersection(*sets)

    def _with_phrase(self, streams, alternatives, slop=None):
        out = set()
        single = all(len(numbers) == 1 for numbers in alternatives)
        pattern = array("I", [n[0] for n in alternatives]).tobytes() if single else b""
        for stream in streams:
            for doc in self._candidates(stream, alternatives) - out:
                for unit in self.docs[doc].units[stream]:
                    if slop is not None and within(unit, [n[0] for n in alternatives], slop):
                        out.add(doc)
                    elif slop is None and (find_phrase(unit, pattern) if single else self._follows(unit, alternatives)):
                        out.add(doc)
        return out

    @staticmethod
    def _follows(unit, alternatives):
        numbers = array("I", unit)
        sets = [set(a) for a in alternatives]
        return any(all(numbers[at + k] in s for k, s in enumerate(sets)) for at in range(len(numbers) - len(sets) + 1)
                   if numbers[at] in sets[0])

    def _streams(self, name):
        certain, best, maybe = STREAMS[name]
        return certain, certain + best, certain + best + maybe

    def _sets(self, name, strict, best, wide):
        """Answers for term lists: strict for whole-word streams, best elsewhere, wide wherever it may count."""
        certain, taken, may = self._streams(name)
        must = self._with_term([s for s in certain if s in WHOLE_WORDS], strict)
        must |= self._with_term([s for s in certain if s not in WHOLE_WORDS], best)
        return self._answer(must, self._with_term(taken, best), self._with_term(may, wide))

    def _word(self, name, text):
        parts = terms(text)
        if not parts:
            raise Refused(f"no term in {text!r}")
        if name in PEOPLE and "@" in text:
            return self._address(name, text, parts)
        if len(parts) > 1:
            return self._phrase(name, parts, None, inflected=True)
        part, corpus = parts[0], self.corpus
        best = corpus.inflections(part)
        if is_cjk(part) and len(part) == 1:
            wide = [n for n, term in enumerate(corpus.vocabulary) if part in term]
        else:
            wide = best + corpus.widened_inflections(part)
        return self._sets(name, corpus.exact(part), best, wide)

    def _phrase(self, name, parts, slop, inflected=False):
        certain, taken, may = self._streams(name)
        corpus = self.corpus
        exact = [corpus.exact(p) for p in parts]
        must = self._with_phrase(certain, exact, slop)
        best = must | self._with_phrase(taken[len(certain):], exact, slop)
        extra = may[len(taken):]
        wide = [corpus.exact(p) + corpus.widened(p) + (corpus.inflections(p) if inflected else []) for p in parts]
        if slop is not None:
            return self._answer(must, best, best | self._with_phrase(extra, exact, slop))
        return self._answer(must, best, best | self._with_phrase(extra if wide == exact else may, wide))

    def _spelled_like(self, node, search, fits):
        """`search` finds terms like one; `fits` says whether a wider fold of a term is like it."""
        term = "".join(terms(node.value))
        numbers, wide = search(term), loose(term)
        more = self.corpus.widened_where(lambda other: fits(other, wide))
        return self._listed(node.field, numbers, numbers + more + (search(wide) if wide != term else []))

    def _listed(self, name, numbers, wide=None):
        return self._sets(name, numbers, numbers, wide or numbers)

    # -- people -----------------------------------------------------------------------------------------------------------

    def _address(self, name, text, parts):
        if self._addresses is None:
            self._addresses = {role: defaultdict(list) for role in ROLES}
            for at, doc in enumerate(self.docs):
                for role in ROLES:
                    for address in doc.addresses[role]:
                        self._addresses[role][address].append(at)
        wanted, roles = text.lower(), ROLES if name == "with" else (name,)
        found = set()
        for role in roles:
            if not wanted.startswith("@"):
                found.update(self._addresses[role].get(wanted, ()))
                continue
            for address, docs in self._addresses[role].items():
                domain = address.rsplit("@", 1)[1]
                if domain == wanted[1:] or domain.endswith("." + wanted[1:]):
                    found.update(docs)
        may = self._with_phrase(self._streams(name)[2], [self.corpus.exact(p) for p in parts])
        return self._answer(found, found, found | may)

    def _header_lists(self, name):
        """Of one header: the terms of each value, and the documents of each term and of each stem."""
        if name not in self._headers:
            values, by_term, by_stem = [], defaultdict(set), defaultdict(set)
            for at, doc in enumerate(self.docs):
                values += [(at, terms(text)) for n, text in doc.headers if n == name]
            for at, found in values:
                for term in found:
                    by_term[term].add(at)
            for term, docs in by_term.items():
                by_stem[stem(term)] |= docs
            self._headers[name] = values, by_term, by_stem
        return self._headers[name]

    def _header(self, node):
        values, by_term, by_stem = self._header_lists(node.field.split(".", 1)[1].lower())
        parts = terms(node.value)
        if node.kind == "word" and len(parts) == 1:
            must, best = by_term.get(parts[0], set()), by_stem.get(stem(parts[0]), set())
            return self._answer(must, must | best, must | best)
        might = set.intersection(*(by_term.get(p, set()) for p in parts))
        must = {at for at, found in values if at in might and
                any(found[k : k + len(parts)] == parts for k in range(len(found) - len(parts) + 1))}
        may = set.intersection(*(by_stem.get(stem(p), set()) for p in parts)) if node.kind == "word" else must
        return self._answer(must, must, must | may)

    # -- everything else --------------------------------------------------------------------------------------------------

    def _special(self, name, value):
        return getattr(self, "_special_" + name.replace("-", "_"))(value)

    def _same(self, docs):
        return self._answer(docs, docs, docs)

    @staticmethod
    def _period(text):
        """First and last day of a year, a month or a day."""
        if re.fullmatch(r"\d{4}", text):
            return datetime.date(int(text), 1, 1), datetime.date(int(text), 12, 31)
        if re.fullmatch(r"\d{4}-\d{2}", text):
            year, month = map(int, text.split("-"))
            after = datetime.date(year + month // 12, month % 12 + 1, 1)
            return datetime.date(year, month, 1), after - DAY
        day = datetime.date.fromisoformat(text)
        return day, day

    def _between(self, first, last):
        return self._same([at for at, day in enumerate(self.days)
                           if day is not None and (first is None or day >= first) and (last is None or day <= last)])

    def _special_date(self, value):
        if value == "none":
            return self._same([at for at, day in enumerate(self.days) if day is None])
        if ".." in value:
            left, right = value.split("..")
            return self._between(self._period(left)[0] if left else None, self._period(right)[1] if right else None)
        return self._between(*self._period(value))

    def _special_before(self, value):
        return self._between(None, self._period(value)[0] - DAY)

    def _special_after(self, value):
        return self._between(self._period(value)[0], None)

    def _special_release(self, value):
        found = [at for at, doc in enumerate(self.docs) if fnmatch.fnmatchcase(doc.release.lower(), value.lower())]
        bits = self._any(found)
        return Answer(bits, bits, bits)

    def _special_source(self, value):
        value = value.lower()
        must, may = [], []
        for at, doc in enumerate(self.docs):
            source = doc.source.lower()
            if fnmatch.fnmatchcase(source, value):
                must.append(at)
            if fnmatch.fnmatchcase(source, "*" + value) or fnmatch.fnmatchcase("/" + source, "*/" + value + "*"):
                may.append(at)
        bits = self._any(must)
        return Answer(bits, bits, self._any(may) | bits)

    def _special_id(self, value):
        bits = self._bits(at for at, name in enumerate(self.names) if name.startswith(value.lower()))
        return Answer(bits, bits, bits)

    def _special_message_id(self, value):
        wanted = value.strip("<>")
        exact = [at for at, doc in enumerate(self.docs) if wanted in doc.message_ids]
        may = [at for at, doc in enumerate(self.docs) if any(wanted.lower() in m.lower() for m in doc.message_ids)]
        return self._answer(exact, exact, may)

    def _special_is(self, value):
        if value == "multi-release":
            seen = defaultdict(set)
            for at, doc in enumerate(self.docs):
                seen[self.ids[at]].add(doc.release)
            bits = self._bits(i for i, releases in seen.items() if i is not None and len(releases) > 1)
            return Answer(bits, bits, bits)
        must = [at for at, doc in enumerate(self.docs) if doc.marks.get(value, (False, False))[0]]
        may = [at for at, doc in enumerate(self.docs) if doc.marks.get(value, (False, False))[1]]
        return Answer(self._every(must), self._any(must), self._any(may))

    def _special_has(self, value):
        return self._special_is(value)

    def _special_size(self, value):
        sign, number, unit = re.fullmatch(r"([<>])(\d+)([KMG]?)", value).groups()
        limit = int(number) * {"": 1, "K": 1000, "M": 1_000_000, "G": 1_000_000_000}[unit]
        sets = [], [], []
        for at, doc in enumerate(self.docs):
            # A blank line at the end of a mailbox's message is its own or a separator: two bytes either way. A mailbox's escapes
            # count or not.
            low, high = min(doc.length, doc.size) - 2, max(doc.length, doc.size) + 2
            checks = (low > limit, doc.size > limit, high > limit) if sign == ">" else \
                (high < limit, doc.size < limit, low < limit)
            for out, holds in zip(sets, checks):
                if holds:
                    out.append(at)
        return self._answer(*sets)

    def _special_filetype(self, value):
        must, may = [], []
        for at, doc in enumerate(self.docs):
            for extensions, kind, certain in doc.kinds:
                named, typed = value in extensions, kind.rsplit("/", 1)[1] == value
                if certain and named and (typed or kind == "application/octet-stream"):
                    must.append(at)
                may += [at] * (named or typed or value in kind)
        return self._answer(must, must, may)

    # -- the tree ---------------------------------------------------------------------------------------------------------

    def _leaf(self, node):
        if node.kind == "all":
            return Answer(self.all, self.all, self.all)
        if node.kind == "special":
            return self._special(node.field, node.value)
        if node.field and node.field.startswith("header."):
            return self._header(node)
        if node.field not in STREAMS:
            raise Refused(f"no reading of the field {node.field}")
        if node.kind == "word":
            return self._word(node.field, node.value)
        if node.kind == "phrase":
            if node.field in PEOPLE and "@" in node.value:
                return self._address(node.field, node.value, terms(node.value))
            return self._phrase(node.field, terms(node.value), node.number)
        if node.kind == "prefix":
            return self._spelled_like(node, self.corpus.prefixed, lambda wide, term: wide.startswith(term))
        if node.kind == "fuzzy":
            return self._spelled_like(node, lambda term: self.corpus.near(term, node.number),
                                      lambda wide, term: osa_at_most(wide, term, node.number))
        matches = re.compile(node.value).fullmatch
        numbers = self.corpus.matching(node.value)
        return self._listed(node.field, numbers, numbers + self.corpus.widened_where(matches))

    def _evaluate(self, node):
        if node.kind == "not":
            inner = self._evaluate(node.children[0])
            return Answer(self.all & ~inner.may, self.all & ~inner.taken, self.all & ~inner.must)
        if node.kind not in ("and", "or"):
            return self._leaf(node)
        answers = [self._evaluate(child) for child in node.children]
        out = answers[0]
        for answer in answers[1:]:
            if node.kind == "and":
                out = Answer(out.must & answer.must, out.taken & answer.taken, out.may & answer.may)
            else:
                out = Answer(out.must | answer.must, out.taken | answer.taken, out.may | answer.may)
        return out

    def answer(self, node):
        """Evaluates a query tree, or the text of a query."""
        return self._evaluate(resolved(parse(node) if isinstance(node, str) else node))


def main():
    """Answers one query, to look into a disagreement by hand."""
    reader = argparse.ArgumentParser(description=main.__doc__)
    reader.add_argument("--root", action="append", required=True, metavar="NAME=PATH", help="a release and its files")
    reader.add_argument("--work", required=True, help="folder of the cache")
    reader.add_argument("--time-zone", default="UTC")
    reader.add_argument("query", nargs="+")
    given = reader.parse_args()
    roots = [tuple(r.split("=", 1)) for r in given.root]
    oracle = Oracle(corpus_module.load(roots, given.work), given.time_zone)
    answer = oracle.answer(" ".join(given.query))
    for at in oracle.members(answer.may):
        doc = oracle.docs[at]
        state = "must" if answer.must >> at & 1 else "taken" if answer.taken >> at & 1 else "may"
        print(state, doc.release, doc.source, doc.offset, doc.nth, doc.sha256[:12], sorted(doc.flags))
    print(answer.must.bit_count(), answer.taken.bit_count(), answer.may.bit_count())


if __name__ == "__main__":
    main()
