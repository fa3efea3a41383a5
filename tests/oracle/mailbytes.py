"""From files to the bytes of single messages: what is mail, and where in the file it lies."""

import hashlib
import os
import re
import sys

MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
FROM_LINE = re.compile(
    rb"From (?:[^\r\n]*[ \t])?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+"
    rb"(?:" + MONTH + rb"[ \t]+\d{1,2}|\d{1,2}[ \t]+" + MONTH + rb")[ \t]+[^\r\n]*\d[^\r\n]*\r?\n"
)
HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:")
FIRST_LINES = re.compile(rb"(?:>?From [^\r\n]*\r?\n)?([!-9;-~]+)[ \t]*:")
EMLX = re.compile(rb"(\d{1,12})[ \t]*\r?\n")
KNOWN_HEADERS = frozenset(
    b"from to cc bcc subject date message-id received return-path mime-version content-type reply-to sender "
    b"delivered-to x-sieve x-envelope-from x-mozilla-status in-reply-to references envelope-to resent-from "
    b"status x-received x-unsent arc-seal dkim-signature x-gm-thrid list-id precedence organization newsgroups path "
    b"x-originating-ip authentication-results content-transfer-encoding importance apparently-to x-uidl errors-to "
    b"x-original-to x-apparently-to x-from-line replied delivery-date".split()
)


class Copy:
    """One occurrence of a message: where it lies, and its bytes as they stand."""

    __slots__ = ("release", "source", "offset", "data", "quoting")

    def __init__(self, release, source, offset, data, quoting):
        self.release, self.source, self.offset, self.data, self.quoting = release, source, offset, data, quoting


def split_mbox(data):
    """Yields (offset, bytes) of each message: after its From_ line, up to the next one, without the blank line before it.

    A From_ line opens a message when it stands at the start or after a blank line, has a date, and a header follows.
    """
    starts = []
    at = 0
    while True:
        found = 0 if at == 0 and data.startswith(b"From ") else data.find(b"\nFrom ", max(at - 1, 0)) + 1
        if found == 0 and (at > 0 or not data.startswith(b"From ")):
            break
        match = FROM_LINE.match(data, found)
        blank_before = found == 0 or data[max(found - 2, 0) : found] == b"\n\n" or data[max(found - 3, 0) : found] == b"\n\r\n"
        if match and blank_before:
            header = re.compile(rb"(?:[ \t]*\r?\n)*(?:>From [^\r\n]*\r?\n)?").match(data, match.end()).end()
            if HEADER_LINE.match(data, header):
                starts.append((found, match.end()))
        at = found + 1
    for index, (_, begin) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(data)
        body = data[begin:end]
        if index + 1 < len(starts):
            body = body[:-2] if body.endswith(b"\r\n") else body[:-1]
        yield begin, body


def looks_like_header(data):
    """Whether the first line is a header that mail has, or the first several lines are all headers."""
    first = FIRST_LINES.match(data)
    if not first:
        return False
    known, lines = 0, 0
    for line in data[:20000].splitlines()[:60]:
        if not line.strip():
            break
        if line[:1] in b" \t" or line.startswith((b"From ", b">From ")):
            continue
        name = HEADER_LINE.match(line)
        if not name:
            break
        lines += 1
        known += line.split(b":", 1)[0].strip().lower() in KNOWN_HEADERS
    return known >= 2 or (known == 1 and lines <= 2) or (known >= 1 and lines > 3)


def read_file(path, release, source):
    """The copies in one file, [] where it is not mail to this reader."""
    with open(path, "rb") as file:
        data = file.read()
    lead = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    if data[lead:].startswith(b"From ") and FROM_LINE.match(data, lead):
        quoting = "rd" if re.search(rb"(?m)^>>+From ", data) else "o"
        copies = [Copy(release, source, lead + o, d, quoting) for o, d in split_mbox(data[lead:])]
        if copies:
            return copies
    number = EMLX.match(data)
    if number and 0 < int(number.group(1)) <= len(data) - number.end():
        begin = number.end()
        body = data[begin : begin + int(number.group(1))]
        if looks_like_header(body):
            return [Copy(release, source, begin, body, None)]
    if looks_like_header(data[lead:]):
        return [Copy(release, source, 0, data, None)]
    return []


def files_below(root):
    """(absolute path, path relative to root) of each regular file, sorted; links are not followed."""
    if os.path.isfile(root):
        return [(root, os.path.basename(root))]
    out = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                out.append((path, os.path.relpath(path, root)))
    return out


def unquoted(copy):
    """The message with the mailbox's From escaping undone."""
    if copy.quoting == "rd":
        return re.sub(rb"(?m)^>(>*From )", rb"\1", copy.data)
    if copy.quoting == "o":
        return re.sub(rb"(?m)^>From ", b"From ", copy.data)
    return copy.data


def sha256(data):
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


sys.setrecursionlimit(max(sys.getrecursionlimit(), 5000))
