"""The Snowball English stemmer ("Porter2"), written from its published description.

https://snowballstem.org/algorithms/english/stemmer.html, as it stood through Snowball 2.x.
Input is a lower-case term; only `aeiouy` count as vowels.
"""

VOWELS = frozenset("aeiouy")
DOUBLES = frozenset(["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"])
VALID_LI = frozenset("cdeghkmnrt")
WHOLE_WORDS = {
    "skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie",
    "idly": "idl", "gently": "gentl", "ugly": "ugli", "early": "earli", "only": "onli",
    "singly": "singl", "sky": "sky", "news": "news", "howe": "howe", "atlas": "atlas",
    "cosmos": "cosmos", "bias": "bias", "andes": "andes",
}
AFTER_1A = frozenset(["inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"])
REGION_PREFIXES = ("gener", "commun", "arsen")
STEP_2 = {
    "tional": "tion", "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent",
    "izer": "ize", "ization": "ize", "ational": "ate", "ation": "ate", "ator": "ate",
    "alism": "al", "aliti": "al", "alli": "al", "fulness": "ful", "ousli": "ous",
    "ousness": "ous", "iveness": "ive", "iviti": "ive", "biliti": "ble", "bli": "ble",
    "ogi": "og", "fulli": "ful", "lessli": "less", "li": "",
}
STEP_3 = {
    "tional": "tion", "ational": "ate", "alize": "al", "icate": "ic", "iciti": "ic",
    "ical": "ic", "ful": "", "ness": "", "ative": "",
}
STEP_4 = ("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent",
          "ism", "ate", "iti", "ous", "ive", "ize", "ion")


def _longest(word, suffixes):
    best = ""
    for suffix in suffixes:
        if len(suffix) > len(best) and word.endswith(suffix):
            best = suffix
    return best


def _region(word, start):
    """Where the region after the first non-vowel that follows a vowel begins."""
    for at in range(start + 1, len(word)):
        if word[at] not in VOWELS and word[at - 1] in VOWELS:
            return at + 1
    return len(word)


def _mark_consonant_y(word):
    letters = list(word)
    for at, letter in enumerate(letters):
        if letter == "y" and (at == 0 or letters[at - 1] in VOWELS):
            letters[at] = "Y"
    return "".join(letters)


def _ends_in_short_syllable(word):
    if len(word) == 2:
        return word[0] in VOWELS and word[1] not in VOWELS
    if len(word) < 3:
        return False
    return (word[-3] not in VOWELS and word[-2] in VOWELS
            and word[-1] not in VOWELS and word[-1] not in "wxY")


def _has_vowel(text):
    return any(letter in VOWELS for letter in text)


def _step_1a(word):
    suffix = _longest(word, ("sses", "ied", "ies", "s", "us", "ss"))
    if suffix == "sses":
        return word[:-2]
    if suffix in ("ied", "ies"):
        return word[:-2] if len(word) > 4 else word[:-1]
    if suffix == "s" and _has_vowel(word[:-2]):
        return word[:-1]
    return word


def _step_1b(word, r1):
    suffix = _longest(word, ("eed", "eedly", "ed", "edly", "ing", "ingly"))
    if suffix in ("eed", "eedly"):
        return word[: -len(suffix)] + "ee" if len(word) - len(suffix) >= r1 else word
    if not suffix or not _has_vowel(word[: -len(suffix)]):
        return word
    word = word[: -len(suffix)]
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if word[-2:] in DOUBLES:
        return word[:-1]
    if len(word) == r1 and _ends_in_short_syllable(word):
        return word + "e"
    return word


def _step_1c(word):
    if len(word) > 2 and word[-1] in "yY" and word[-2] not in VOWELS:
        return word[:-1] + "i"
    return word


def _step_2(word, r1):
    suffix = _longest(word, STEP_2)
    at = len(word) - len(suffix)
    if not suffix or at < r1:
        return word
    before = word[at - 1 : at]
    if suffix == "ogi" and before != "l":
        return word
    if suffix == "li" and before not in VALID_LI:
        return word
    return word[:at] + STEP_2[suffix]


def _step_3(word, r1, r2):
    suffix = _longest(word, STEP_3)
    at = len(word) - len(suffix)
    if not suffix or at < r1 or (suffix == "ative" and at < r2):
        return word
    return word[:at] + STEP_3[suffix]


def _step_4(word, r2):
    suffix = _longest(word, STEP_4)
    at = len(word) - len(suffix)
    if not suffix or at < r2 or (suffix == "ion" and word[at - 1 : at] not in ("s", "t")):
        return word
    return word[:at]


def _step_5(word, r1, r2):
    at = len(word) - 1
    if word.endswith("e"):
        if at >= r2 or (at >= r1 and not _ends_in_short_syllable(word[:at])):
            return word[:at]
    elif word.endswith("ll") and at >= r2:
        return word[:at]
    return word


def stem(word):
    """The stem of one lower-case term."""
    if len(word) <= 2:
        return word
    if word in WHOLE_WORDS:
        return WHOLE_WORDS[word]
    word = _mark_consonant_y(word)
    prefix = next((p for p in REGION_PREFIXES if word.startswith(p)), None)
    r1 = len(prefix) if prefix else _region(word, 0)
    r2 = _region(word, r1)
    word = _step_1a(word)
    if word in AFTER_1A:
        return word
    word = _step_1c(_step_1b(word, r1))
    word = _step_4(_step_3(_step_2(word, r1), r1, r2), r2)
    return _step_5(word, r1, r2).replace("Y", "y")
