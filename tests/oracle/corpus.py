"""Everything read, as inverted lists: terms numbered, positions kept, and a cache so that it is read once."""

import bisect
import multiprocessing
import os
import pickle
import re
from array import array
from collections import defaultdict

import terms as terms_module
from mailbytes import files_below, read_file, sha256
from mailread import read_copy
from porter2 import stem
from terms import is_cjk, letter_mask, loose, loose_pieces, osa_at_most

# What the cache depends on, besides the files read.
CODE = ("mailbytes.py", "mailread.py", "mailtext.py", "htmltext.py", "terms.py", "porter2.py", "corpus.py")
CHUNK = 400


class Corpus:
    """All messages read, attached ones among them, with their terms."""

    def __init__(self):
        self.docs, self.vocabulary, self.numbers, self.spellings = [], [], {}, {}

    def number(self, term):
        """The number of a term, given at first sight."""
        found = self.numbers.get(term)
        if found is None:
            found = self.numbers[term] = len(self.vocabulary)
            self.vocabulary.append(term)
        return found

    def add(self, docs):
        """Takes documents whose units are lists of terms."""
        for doc in docs:
            for stream, units in doc.units.items():
                doc.units[stream] = [array("I", map(self.number, unit)).tobytes() for unit in units]
            self.docs.append(doc)

    def merge(self, other):
        """Takes all of another corpus, with its numbering translated."""
        base = len(self.docs)
        table = [self.number(term) for term in other.vocabulary]
        for doc in other.docs:
            if doc.parent is not None:
                doc.parent += base
            for stream, units in doc.units.items():
                doc.units[stream] = [array("I", [table[n] for n in array("I", unit)]).tobytes() for unit in units]
            self.docs.append(doc)
        self.spellings.update(other.spellings)

    def build(self):
        """Makes the inverted lists and the tables for stems, prefixes and near spellings."""
        self.postings = defaultdict(dict)
        for at, doc in enumerate(self.docs):
            for stream, units in doc.units.items():
                lists = self.postings[stream]
                for number in set().union(*(array("I", unit) for unit in units)):
                    found = lists.get(number)
                    if found is None:
                        found = lists[number] = array("I")
                    found.append(at)
        self.stems, self.loose, self.loose_stems = defaultdict(list), defaultdict(list), defaultdict(list)
        self.by_length = defaultdict(list)
        for number, term in enumerate(self.vocabulary):
            self.stems[stem(term) if not is_cjk(term) else term].append(number)
            self.by_length[len(term)].append((letter_mask(term), number))
            if not term.isascii():
                for wide in {loose(term), *loose_pieces(term)}:
                    self.loose[wide].append(number)
                    self.loose_stems[stem(wide)].append(number)
        self.order = sorted(range(len(self.vocabulary)), key=self.vocabulary.__getitem__)
        self.sorted_terms = [self.vocabulary[n] for n in self.order]
        return self

    def exact(self, term):
        """The number of this very term, in a list."""
        return [self.numbers[term]] if term in self.numbers else []

    def widened(self, term):
        """Terms that only a wider fold than the contract names would take for this one."""
        wide = loose(term)
        return self.loose.get(wide, []) + ([] if term == wide else self.exact(wide))

    def inflections(self, term):
        """Terms of the same Snowball stem."""
        return self.exact(term) if is_cjk(term) else self.stems.get(stem(term), [])

    def widened_inflections(self, term):
        """As `inflections`, over the wider fold."""
        wide = stem(loose(term))
        return self.loose_stems.get(wide, []) + self.stems.get(wide, [])

    def prefixed(self, prefix):
        """Terms that begin so."""
        at = bisect.bisect_left(self.sorted_terms, prefix)
        out = []
        while at < len(self.sorted_terms) and self.sorted_terms[at].startswith(prefix):
            out.append(self.order[at])
            at += 1
        return out

    def widened_where(self, fits):
        """Terms not in ASCII whose widest fold fits."""
        return [n for wide, numbers in self.loose.items() if fits(wide) for n in numbers]

    def near(self, term, limit):
        """Terms within `limit` edits."""
        mask, out = letter_mask(term), []
        for length in range(max(len(term) - limit, 1), len(term) + limit + 1):
            out += [n for m, n in self.by_length.get(length, ())
                    if (m ^ mask).bit_count() <= 2 * limit and osa_at_most(term, self.vocabulary[n], limit)]
        return out

    def matching(self, pattern):
        """Terms that a regular expression matches as a whole."""
        matcher = re.compile(pattern).fullmatch
        return [n for n, term in enumerate(self.vocabulary) if matcher(term)]


def _read_chunk(copies):
    terms_module.SPELLINGS.clear()
    part = Corpus()
    for copy in copies:
        part.add(read_copy(copy, len(part.docs)))
    part.spellings = dict(terms_module.SPELLINGS)
    return part


def _chunks(roots):
    pending = []
    for release, root in roots:
        for path, relative in files_below(root):
            for copy in read_file(path, release, relative):
                pending.append(copy)
                if len(pending) == CHUNK:
                    yield pending
                    pending = []
    if pending:
        yield pending


def _cache_name(roots, folder):
    code = b""
    for name in CODE:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "rb") as file:
            code += file.read()
    stamps = [(r, p, os.path.getsize(p)) for r, root in roots for p, _ in files_below(root)]
    return os.path.join(folder, f"oracle-{sha256(code + repr(stamps).encode())[:16]}.pickle")


def load(roots, folder, processes=2):
    """Reads the releases [(name, path)], or takes them from the cache in `folder`."""
    os.makedirs(folder, exist_ok=True)
    cache = _cache_name(roots, folder)
    if os.path.exists(cache):
        with open(cache, "rb") as file:
            return pickle.load(file).build()
    corpus = Corpus()
    with multiprocessing.Pool(processes) as pool:
        for part in pool.imap(_read_chunk, _chunks(roots)):
            corpus.merge(part)
    with open(cache + ".part", "wb") as file:
        pickle.dump(corpus, file, protocol=pickle.HIGHEST_PROTOCOL)
    os.replace(cache + ".part", cache)
    return corpus.build()
