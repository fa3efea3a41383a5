"""Charsets, encoded words, base64 and dates, by their standards; each doubt sets a flag."""

import base64
import binascii
import codecs
import email.utils
import quopri
import re
from datetime import datetime, timedelta, timezone

# WHATWG: what a label is decoded as.
CODECS = {
    "us-ascii": "cp1252", "ascii": "cp1252", "ansi_x3.4-1968": "cp1252", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "iso_8859-1": "cp1252", "iso8859-1": "cp1252", "l1": "cp1252", "windows-1252": "cp1252", "gb2312": "gb18030",
    "gbk": "gb18030", "gb_2312-80": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932",
    "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "big5": "big5hkscs", "iso-8859-9": "cp1254",
    "tis-620": "cp874", "iso-8859-11": "cp874", "utf8": "utf-8", "unicode-1-1-utf-7": "utf-7", "iso-8859-8-i": "iso-8859-8",
}
ENCODED_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bBqQ]\?)")
DATE = re.compile(
    r"\s*(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),)?\s*(\d{1,2})\s+(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{4})\s+"
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s+([+-]\d{4}|UT|UTC|GMT|[ECMP][SD]T)(?:\s*\([^()]*\))?\s*", re.I)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
ZONES = {"UT": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def codec_of(label):
    """Python's name for a declared charset, None for an unknown one."""
    label = label.strip().strip("\"'").lower()
    name = CODECS.get(label, label)
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    return name


def guess_text(data):
    """Text of bytes whose charset nobody declared: UTF-8 if valid, else windows-1252."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def decode_text(data, label, flags, flag):
    """Decodes by the declared charset; sets `flag` where the declaration is missing, unknown or wrong."""
    plain = data.isascii() and b"\x1b" not in data
    if not label:
        if not plain or b"\x00" in data:
            flags.add(flag)
        return guess_text(data)
    name = codec_of(label)
    if name is None:
        if not plain:
            flags.add(flag)
        return guess_text(data)
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        flags.add(flag)
        return guess_text(data) if name == "utf-8" else data.decode(name, "replace")
    if not plain and label.strip("\"' ").lower() in ("us-ascii", "ascii"):
        flags.add(flag)
    if b"\x00" in data and not name.startswith("utf-16"):
        flags.add(flag)
    return text


def _word_bytes(kind, text):
    if kind in "bB":
        text = re.sub(r"[^A-Za-z0-9+/]", "", text)
        return base64.b64decode(text + "=" * (-len(text) % 4))
    return quopri.decodestring(text.replace("_", "=20").encode("utf-8", "surrogateescape"), header=False)


def decode_header(raw, flags, flag="header"):
    """A header's text: unfolded, 8-bit bytes read, encoded words decoded with neighbours of one charset joined first."""
    raw = str(raw)
    if not raw.isascii():
        data = raw.encode("utf-8", "surrogateescape")
        try:
            raw = data.decode("utf-8")
        except UnicodeDecodeError:
            flags.add(flag)
            raw = data.decode("cp1252", "replace")
    raw = re.sub(r"\r\n?|\n", "", raw)
    if "=?" not in raw:
        return raw
    raw = BETWEEN_WORDS.sub(r"\1", raw)
    out, pending, label, at = [], b"", None, 0

    def flush():
        nonlocal pending, label
        if label is not None:
            out.append(decode_text(pending, label, flags, flag))
        pending, label = b"", None

    for match in ENCODED_WORD.finditer(raw):
        if match.start() > at:
            flush()
            out.append(raw[at : match.start()])
        at = match.end()
        if label is not None and match.group(1).lower() != label:
            flush()
        label = match.group(1).lower()
        if " " in match.group(3) or len(match.group()) > 200:
            flags.add(flag)
        try:
            pending += _word_bytes(match.group(2), match.group(3))
        except (binascii.Error, ValueError):
            flags.add(flag)
    flush()
    rest = raw[at:]
    out.append(rest)
    text = "".join(out)
    if "=?" in text and "?=" in text:
        flags.add(flag)
    return text


def parse_date(raw, flags):
    """Seconds since 1970 of an RFC 5322 date; None and a flag where it is anything else."""
    match = DATE.fullmatch(raw)
    if not match:
        flags.add("date")
        found = email.utils.parsedate_tz(raw)
        try:
            return email.utils.mktime_tz(found) if found else None
        except (ValueError, OverflowError, TypeError):
            return None
    day, month, year, hour, minute, second, zone = match.groups()
    if zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        offset = -minutes if zone[0] == "-" else minutes
        if int(zone[3:5]) > 59 or minutes > 14 * 60:
            flags.add("date")
    else:
        offset = ZONES[zone.upper()] * 60
    try:
        local = datetime(int(year), MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute),
                         min(int(second or 0), 59), tzinfo=timezone.utc)
        instant = int((local - EPOCH - timedelta(minutes=offset)).total_seconds())
    except (ValueError, OverflowError):
        flags.add("date")
        return None
    if not 1980 <= int(year) <= 2030 or int(second or 0) > 59:
        flags.add("date")
    return instant


def decode_base64(text, flags):
    """All of a base64 body: what is not in the alphabet is passed over, and a padding ends one run of data, not the body."""
    if isinstance(text, str):
        text = text.encode("ascii", "replace")
    text = re.sub(rb"[^A-Za-z0-9+/=]", b"", text)
    runs = [run for run in re.split(rb"=+", text) if run]
    if len(runs) > 1:
        flags.add("attachments")
    out = []
    for run in runs:
        if len(run) % 4 == 1:
            flags.add("attachments")
            run = run[:-1]
        out.append(base64.b64decode(run + b"=" * (-len(run) % 4)))
    return b"".join(out)
