"""A mailbox as threading sees it: headers, own words, quoted words. Python's standard library alone."""

import email
import email.policy
import os
import pickle
import re
import subprocess
import sys
from email.utils import parsedate_to_datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
from mailbytes import split_mbox  # noqa: E402

ID = re.compile(r"<([^<>\s]+)>")
WORD = re.compile(r"\w+")
MARKS = re.compile(r"(?:[ \t]*>)+")
ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
# Headers by which a message says what it answers.
THREADING = (b"message-id", b"in-reply-to", b"references", b"thread-index")


class Mail:
    """One message: where it lies in the mailbox, what its headers say, and its words."""

    __slots__ = ("at", "id", "references", "in_reply_to", "date", "subject", "sender", "own", "quoted", "deep")

    def __init__(self, at, raw):
        self.at = at
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        ids = ID.findall(" ".join(_values(message, "message-id")))
        self.id = _plain(ids[0]) if ids else None
        self.references = list(map(_plain, ID.findall(" ".join(_values(message, "references")))))
        self.in_reply_to = list(map(_plain, ID.findall(" ".join(_values(message, "in-reply-to")))))
        self.date = _date(_values(message, "date"))
        self.subject = " ".join(_decoded(_values(message, "subject")[:1]).split())
        found = ADDRESS.search(_decoded(_values(message, "from")[:1]))
        self.sender = found.group().lower() if found else ""
        self.own, self.quoted, self.deep = _words(message)

    def ancestors(self):
        """References, else the first In-Reply-To."""
        return self.references or self.in_reply_to[:1]


def _values(message, name):
    return [str(value) for value in message.get_all(name, [])]


def _plain(identifier):
    """`"a"@x` and `a@x` are one id (RFC 5256)."""
    local, at, domain = identifier.rpartition("@")
    return local[1:-1] + at + domain if len(local) > 1 and local[0] == local[-1] == '"' else identifier


def _decoded(values):
    try:
        return str(email.header.make_header(email.header.decode_header(" ".join(values))))
    except (LookupError, UnicodeError, ValueError):
        return " ".join(values)


def _date(values):
    for value in values:
        try:
            found = parsedate_to_datetime(value)
            return int(found.timestamp()) if found.year > 1970 else None
        except (TypeError, ValueError, OverflowError):
            continue
    return None


def _words(message):
    """The words of the plain text without `>`, behind one, and behind more than one."""
    zones = ([], [], [])
    for part in message.walk():
        if part.get_content_type() != "text/plain" or part.get_content_disposition() == "attachment":
            continue
        payload = part.get_payload(decode=True) or b""
        try:
            text = payload.decode(part.get_content_charset() or "utf-8", "replace")
        except LookupError:
            text = payload.decode("latin-1")
        for line in text.splitlines():
            marks = MARKS.match(line)
            depth = min(marks.group().count(">"), 2) if marks else 0
            zones[depth].extend(WORD.findall(line[marks.end():].lower() if marks else line.lower()))
    return zones


def unpack(corpora, work):
    """Unpacks `linux-man` into the work folder, once."""
    os.makedirs(work, exist_ok=True)
    path = os.path.join(work, "linux-man.mbox")
    if not os.path.exists(path):
        subprocess.run(["zstd", "-dq", os.path.join(corpora, "linux-man.mbox.zst"), "-o", path], check=True)
    return path


def read(path, work):
    """All messages of a mailbox in order; kept in the work folder, so that they are read once."""
    cache = os.path.join(work, os.path.basename(path) + ".threading.pickle")
    if not os.path.exists(cache):
        with open(path, "rb") as file:
            data = file.read()
        mails = [Mail(at, _unescaped(raw)) for at, raw in split_mbox(data)]
        with open(cache + ".part", "wb") as file:
            pickle.dump(mails, file, protocol=pickle.HIGHEST_PROTOCOL)
        os.replace(cache + ".part", cache)
    with open(cache, "rb") as file:
        return pickle.load(file)


def _unescaped(raw):
    return re.sub(rb"(?m)^>(>*From )", rb"\1", raw.replace(b"\r\n", b"\n"))


def shingles(words, length=6):
    """Runs of so many words, each once."""
    return {hash(tuple(words[at : at + length])) for at in range(len(words) - length + 1)}


def components(count, joined):
    """Disjoint sets: the least member of the set of each, given pairs that belong together."""
    above = list(range(count))

    def root(place):
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    for one, other in joined:
        one, other = root(one), root(other)
        above[max(one, other)] = min(one, other)
    return [root(place) for place in range(count)]


def by_headers(mails):
    """The reference: connected components over Message-ID, References and In-Reply-To."""
    seen, joined = {}, []
    for place, mail in enumerate(mails):
        for identifier in ([mail.id] if mail.id else []) + mail.ancestors():
            joined.append((seen.setdefault(identifier, place), place))
    return components(len(mails), joined)


def true_parents(mails):
    """For each message the place of the one it answers, by its headers, if that is in the mailbox."""
    places = {}
    for place, mail in enumerate(mails):
        if mail.id:
            places.setdefault(mail.id, place)
    parents = []
    for place, mail in enumerate(mails):
        named = (mail.in_reply_to[:1] or mail.references[-1:])
        parent = places.get(named[0]) if named else None
        parents.append(None if parent == place else parent)
    return parents


def quotes_parent(mails, parents):
    """Whether each message quotes a run of six of its parent's own words."""
    return [
        parent is not None and bool(shingles(mail.quoted) & shingles(mails[parent].own))
        for mail, parent in zip(mails, parents)
    ]


def pairwise(reference, ours):
    """Pairs of messages in one thread: in both, in the reference, in ours."""
    def pairs(labels):
        sizes = {}
        for label in labels:
            sizes[label] = sizes.get(label, 0) + 1
        return sum(size * (size - 1) // 2 for size in sizes.values())
    return pairs(list(zip(reference, ours))), pairs(reference), pairs(ours)


def rates(both, reference, ours):
    """Precision, recall and F1."""
    precision = both / ours if ours else 1.0
    recall = both / reference if reference else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0
