"""Terms and folding, by the words of the contract alone.

A term is a run of letters, digits and combining marks; case and diacritics fold; CJK text is
cut into overlapping pairs.
"""

import re
import sys
import unicodedata
from functools import lru_cache

_MARKS = [c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)).startswith("M")]


def _ranges(codes):
    out, start, last = [], None, None
    for code in codes:
        if last is not None and code == last + 1:
            last = code
            continue
        if start is not None:
            out.append((start, last))
        start = last = code
    out.append((start, last))
    return "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in out)


_RUN = re.compile(f"(?:[^\\W_]|[{_ranges(_MARKS)}])+")
_ASCII_RUN = re.compile(r"[a-z0-9]+")
_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
# Letters that do not decompose, yet many tables fold: how far a fold goes is left open by the contract.
_LOOSE = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss",
    "ı": "i", "ħ": "h", "ŧ": "t", "ĸ": "q", "ŋ": "n", "ſ": "s",
})


def _strip_marks(text, form):
    return unicodedata.normalize(
        "NFC", "".join(c for c in unicodedata.normalize(form, text) if unicodedata.category(c) != "Mn"))


@lru_cache(maxsize=1 << 18)
def fold(word):
    """The certain fold of one run: lower case, canonical decomposition without its marks."""
    if word.isascii():
        return word.lower()
    composed = unicodedata.normalize("NFC", word)
    if _CJK.fullmatch(composed):
        return composed
    return _strip_marks(composed.lower(), "NFD")


@lru_cache(maxsize=1 << 16)
def loose(term):
    """The widest fold anyone may expect: full case folding, compatibility forms, ø as o and so on."""
    if term.isascii():
        return term
    return _strip_marks(_strip_marks(term.casefold(), "NFKD").translate(_LOOSE), "NFKD")


def loose_pieces(term):
    """The widest fold cut into terms again: `2½` may be read as 21 and 2."""
    return [piece.lower() for piece in _RUN.findall(loose(term))]


def _pieces(run):
    """Splits one run at the borders of CJK text and cuts that into overlapping pairs."""
    at = 0
    for match in _CJK.finditer(run):
        if match.start() > at:
            yield run[at : match.start()]
        text = unicodedata.normalize("NFC", match.group())
        if len(text) == 1:
            yield text
        for left in range(len(text) - 1):
            yield text[left : left + 2]
        at = match.end()
    if at < len(run):
        yield run[at:]


def raw_terms(text):
    """Pairs of (spelling, folded term) in their order."""
    for match in _RUN.finditer(text):
        for piece in _pieces(match.group()):
            folded = fold(piece)
            if folded:
                yield piece, folded


# One spelling, as met, of each term that folding changed beyond case: queries are written as people would write them.
SPELLINGS = {}


def terms(text):
    """The folded terms of a text in their order."""
    if text.isascii():
        return _ASCII_RUN.findall(text.lower())
    out = []
    for raw, folded in raw_terms(text):
        if not raw.isascii():
            SPELLINGS.setdefault(folded, raw)
        out.append(folded)
    return out


def is_cjk(term):
    """Whether a term is CJK text."""
    return bool(_CJK.search(term))


def osa_at_most(left, right, limit):
    """Whether the edit distance with adjacent swaps as one edit (optimal string alignment) is within `limit`."""
    if abs(len(left) - len(right)) > limit:
        return False
    before, above = None, list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(above) > limit:
            return False
        before, above = above, row
    return above[-1] <= limit


def letter_mask(term):
    """One bit for each kind of letter: one edit changes at most two of them."""
    mask = 0
    for letter in term:
        mask |= 1 << (ord(letter) % 61)
    return mask
