"""Writes a list of 200 terms for measurements: the fifty of `fifty.txt` that name no release, then words, loose phrases, alternatives
and beginnings drawn from the first 30 MB of a mailbox, frequent ones more often.

    python3 tests/terms/two_hundred.py MBOX > two-hundred.txt
"""

import os
import random
import re
import sys
from collections import Counter


def main():
    """Prints the list."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "fifty.txt"), encoding="utf-8") as file:
        terms = [line.rstrip("\n") for line in file if not line.startswith("#") and "release:" not in line]
    with open(sys.argv[1], "rb") as file:
        words = Counter(re.findall(r"[a-z]{4,12}", file.read(30_000_000).decode("latin-1").lower()))
    ranked = [word for word, _ in words.most_common(5000)]
    dice = random.Random(1)

    def word():
        return ranked[int(dice.random() ** 2 * len(ranked))]

    makers = [word, lambda: f'"{word()} {word()}"~10', lambda: f"{word()} OR {word()}", lambda: f"{word()[:5]}*"]
    while len(terms) < 200:
        terms.append(makers[len(terms) % 4]())
    print("\n".join(terms))


if __name__ == "__main__":
    main()
