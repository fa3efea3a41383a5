"""From the bytes of a message to what can be searched, by Python's `email` and the standards.

Where the standards or the contract leave a choice, the text goes into a stream of its own (`either`, `*_maybe`), so that a
query can be answered twice: what must be found, and what may be found. Where a message is damaged, a flag says which fields
cannot be read with certainty.
"""

import binascii
import email
import email.errors
import email.message
import email.parser
import email.utils
import quopri
import re

from htmltext import html_text
from mailbytes import sha256, unquoted
from mailtext import decode_base64, decode_header, decode_text, guess_text, parse_date
from terms import terms

ROLES = ("from", "to", "cc", "bcc")
OTHER_PEOPLE = ("sender", "reply-to", "resent-from", "resent-to", "resent-cc", "resent-sender", "apparently-to",
                "disposition-notification-to", "errors-to", "return-path", "mail-followup-to", "x-from", "x-to", "x-cc", "x-bcc")
TEXT_LIKE = frozenset(["text/plain", "text/html", "text/csv", "text/calendar"])
MESSAGE_TYPES = frozenset(["message/rfc822", "message/global", "message/news"])
KNOWN_ENCODINGS = frozenset(["", "7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue"])
MAX_DEPTH = 60
UUENCODED = re.compile(r"(?m)^begin [0-7]{3,4} ?(.*?)\r?\n(?:[!-`\x20][^\r\n]*\r?\n)+?(?:`?\r?\n)?end[ \t]*\r?$")
# A body that ends without its closing boundary is read to its end by every reader.
HARMLESS = (email.errors.CloseBoundaryNotFoundDefect,)


class Doc:
    """One message as read: terms by stream, people, date, attachments, marks (certain, possible), flags of doubt."""

    __slots__ = ("release", "source", "offset", "length", "sha256", "parent", "nth", "units", "addresses", "headers", "instant",
                 "message_ids", "attachments", "marks", "flags", "subject", "kinds", "size")


def _headers(message, flags):
    out = []
    for name, value in message.raw_items():
        own = set()
        out.append((name.lower(), decode_header(value, own), str(value)))
        if own:
            flags.add("header:" + name.lower())
    return out


def _people(doc, role, raw_values):
    units, addresses = [], set()
    for raw in raw_values:
        whole = decode_header(raw, set())
        plain = re.sub(r"\r\n?|\n", "", str(raw))
        if not plain.isascii():
            plain = whole
        shown = []
        try:
            people = email.utils.getaddresses([plain])
        except RecursionError:
            people = []
        for name, address in people:
            for piece in (terms(decode_header(name, set())), terms(decode_header(address, set()))):
                if piece:
                    units.append(piece)
                    shown += piece
            if "@" in address:
                addresses.add(address.lower().strip(" \0'"))
        rest = re.sub(r"[^:;,<>@]*:\s*;", " ", whole)
        names = " ".join(name for name, _ in people).lower()
        lost = [a for a in re.findall(r"[a-z0-9._+-]+@[a-z0-9.-]+", whole.lower()) if a.strip(".") not in addresses and a not in names]
        if set(shown) != set(terms(rest)) or lost or rest.count("<") != rest.count(">") or whole.count('"') % 2:
            doc.flags.add("address:" + role)
        _add(doc, role + "_maybe", whole)
    if units:
        doc.units[role] = units
    doc.addresses[role] = addresses


def part_names(part, flags):
    """The names of a part: from Content-Disposition first, then from Content-Type."""
    out = []
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        raw = next((str(v) for n, v in part.raw_items() if n.lower() == header), "")
        if not raw.isascii():
            # `get_param` would put a replacement character for each raw 8-bit byte.
            raw = guess_text(raw.encode("utf-8", "surrogateescape"))
            flags.add("attachment-name")
        alone = email.message.Message()
        alone[header] = re.sub(r"\r\n?|\n", "", raw)
        try:
            value = alone.get_param(parameter, None, header)
        except (ValueError, TypeError, IndexError, AttributeError):
            flags.add("attachment-name")
            continue
        if isinstance(value, tuple):
            label = value[0] or "utf-8"
            octets = all(ord(c) < 256 for c in value[2])
            value = decode_text(value[2].encode("latin-1"), label, flags, "attachment-name") if octets else value[2]
        if value:
            name = decode_header(value, flags, "attachment-name").strip()
            if name and name not in out:
                out.append(name)
        if len(re.findall(r"(?i)\b" + parameter + r"\*?(?:0\*?)?=", raw)) > 1:
            flags.add("attachment-name")
    return out


def payload_bytes(part, flags):
    """The decoded bytes of a leaf."""
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding not in KNOWN_ENCODINGS:
        flags.add("mime")
    if part.is_multipart():
        return b"\n".join(p.as_bytes() for p in part.get_payload())
    if encoding == "base64":
        raw = part._payload  # get_payload() would decode by the charset
        junk = re.sub(r"[A-Za-z0-9+/=\s]", "", raw or "")
        if junk:
            flags.add("mime")
        return decode_base64(raw or "", flags)
    try:
        data = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AttributeError):
        flags.add("mime")
        data = b""
    return data or b""


def _flowed(part, text):
    if str(part.get_param("delsp", "no")).lower() == "yes" and str(part.get_param("format", "")).lower() == "flowed":
        return re.sub(r"(?m) \r?\n(?!-- )", "", text)
    return text


def _charset(part, flags):
    try:
        value = part.get_param("charset", "")
    except (ValueError, TypeError, IndexError):
        flags.add("charset")
        return ""
    return value[2] if isinstance(value, tuple) else str(value)


def _add(doc, stream, text):
    found = terms(text)
    if found:
        doc.units.setdefault(stream, []).append(found)


def _uudecoded(block):
    out = b""
    for line in block.splitlines()[1:-1]:
        try:
            out += binascii.a2b_uu(line)
        except (binascii.Error, ValueError):
            continue
    return out


def _without_uuencoded(doc, text):
    """Takes files uuencoded within a text out of it: they may count as attachments or as text."""
    def file(match):
        _add(doc, "attname_maybe", match.group(1))
        _add(doc, "body_maybe", match.group())
        _add(doc, "att_maybe", guess_text(_uudecoded(match.group())))
        _mark(doc, "attachment", False, True)
        doc.flags.add("attachments")
        extension = match.group(1).rsplit(".", 1)[-1].strip().lower()
        doc.kinds.append(([extension], "application/octet-stream", False))
        return "\n\n"

    return UUENCODED.sub(file, text)


def _text_leaf(doc, part, kind, data, stream):
    text = decode_text(data, _charset(part, doc.flags), doc.flags, "charset")
    if kind == "text/html":
        text, asides, odd = html_text(text)
        if odd:
            doc.flags.add("html")
        for aside in asides:
            _add(doc, "body_maybe" if stream == "body" else "att_maybe", aside)
    elif kind == "text/plain":
        text = _without_uuencoded(doc, _flowed(part, text))
    elif kind not in TEXT_LIKE:
        stream = "att_maybe"
    _add(doc, stream, text)


def _leaf(doc, part, kind, top):
    """Files one leaf: as body, as attachment, or as one that may be either."""
    disposition = re.split(r"[;\s]", str(part.get("content-disposition", "")).strip().lower())[0]
    names = part_names(part, doc.flags)
    readable = kind.startswith(("text/", "message/"))
    doubts = set()
    data = payload_bytes(part, doubts)
    if readable and doubts:
        doubts.add("mime")
    doc.flags |= doubts
    body_like = kind in ("text/plain", "text/html")
    if body_like and disposition != "attachment" and not names:
        _text_leaf(doc, part, kind, data, "body")
        return
    certain = (disposition == "attachment" and not top) or bool(
        names and not kind.startswith("text/") and disposition != "inline" and not part.get("content-id"))
    for name in names[:1]:
        _add(doc, "attname" if certain else "attname_maybe", name)
    for name in names[1:]:
        _add(doc, "attname_maybe", name)
    if readable:
        _text_leaf(doc, part, kind, data, "atttext" if certain else "either")
    elif kind.startswith("multipart/"):
        doc.flags.add("mime")
        _add(doc, "body_maybe", guess_text(data))
    elif b"\x00" not in data[:4096] and len(data) < 1 << 20:
        _add(doc, "att_maybe", guess_text(data))
    # Python does not keep the stored bytes of a delivery report and the like.
    digest = None if part.is_multipart() else sha256(data)
    doc.attachments.append((names[0] if names else None, kind, len(data), digest, certain))
    signature = kind in ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
    if not signature:
        _mark(doc, "attachment", certain, True)
    extension = {n.rsplit(".", 1)[1].lower() for n in names if "." in n}
    doc.kinds.append((sorted(extension), kind, certain))


def _mark(doc, name, certain, possible):
    before = doc.marks.get(name, (False, False))
    doc.marks[name] = (before[0] or bool(certain), before[1] or bool(possible))


def _nested(part, flags):
    """The message inside a message/rfc822 part, as (message, bytes, exact)."""
    inner = part.get_payload(0) if part.is_multipart() else None
    if not isinstance(inner, email.message.Message):
        return None
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    try:
        data = inner.as_bytes()
    except Exception:  # the generator of a damaged message fails in many ways; its text is still read
        flags.add("mime")
        return inner, b"", False
    if encoding in ("base64", "quoted-printable"):
        data = decode_base64(data, flags) if encoding == "base64" else quopri.decodestring(data)
        return _parse(data)[0], data, True
    return inner, data, False


def _walk(doc, message):
    """Files every leaf of this message, returns the messages attached to it."""
    found, stack = [], [(message, 0)]
    while stack:
        part, depth = stack.pop()
        if any(not isinstance(d, HARMLESS) for d in part.defects):
            doc.flags.add("mime")
        kind = part.get_content_type()
        declared = str(part.get("content-type", "")).split(";")[0].strip().lower()
        if declared and declared != kind:
            doc.flags.add("mime")
        if kind in MESSAGE_TYPES:
            inner = _nested(part, doc.flags)
            if inner is None or depth > MAX_DEPTH:
                doc.flags.add("mime")
                continue
            found.append(inner)
            _mark(doc, "attachment", False, True)
            names = part_names(part, doc.flags)
            for name in names:
                _add(doc, "attname_maybe", name)
            doc.attachments.append((names[0] if names else None, kind, len(inner[1]), None, False))
            doc.kinds.append((["eml"], kind, False))
        elif kind.startswith("multipart/") and part.is_multipart():
            if depth > MAX_DEPTH:
                doc.flags.add("mime")
                continue
            stack.extend((p, depth + 1) for p in reversed(part.get_payload()))
        else:
            _leaf(doc, part, kind, depth == 0)
    return found


def _set_marks(doc, message):
    first = {}
    for name, text, _ in doc.headers:
        first.setdefault(name, text)
    subject = doc.subject.strip().lower()
    answered = "in-reply-to" in first or "references" in first
    prefix = re.match(r"(?:re|aw|sv|antw|odp|r|ref|vs|rif|回复|答复)(?:\[\d+\])?\s*[:：]", subject)
    bracket = re.search(r"\b(?:re|aw|sv|antw|fw|fwd|wg|tr|rv)\s*:", subject)
    _mark(doc, "reply", subject.startswith("re:") and "in-reply-to" in first, answered or prefix or bracket)
    inner = " ".join(k for _, k, _ in doc.kinds)
    _mark(doc, "forward", re.match(r"fwd?:", subject), True)
    _mark(doc, "list", "list-id" in first,
          any(n.startswith(("list-", "x-mailing-list", "x-list", "mailing-list", "x-loop", "x-beenthere")) for n in first)
          or first.get("precedence", "").strip().lower() in ("list", "bulk", "junk"))
    kind = message.get_content_type()
    report = str(message.get("content-type", "")).lower()
    _mark(doc, "bounce", kind == "multipart/report" and "delivery-status" in report,
          kind == "multipart/report" or "message/delivery-status" in inner or first.get("return-path", "").strip() == "<>"
          or re.search(r"mailer.daemon|postmaster|mail delivery|bounce", (first.get("from", "") + subject).lower())
          or "auto-submitted" in first or "x-failed-recipients" in first or "undeliver" in subject or "delivery" in subject
          or "return" in subject or "fail" in subject)
    _mark(doc, "encrypted", kind == "multipart/encrypted" or (kind.endswith("pkcs7-mime") and "enveloped" in report), True)
    _mark(doc, "draft", first.get("x-unsent", "").strip() == "1", True)


def _fields(doc, message):
    doc.headers = _headers(message, doc.flags)
    by_name = {}
    for name, text, raw in doc.headers:
        by_name.setdefault(name, []).append((text, raw))
    for name in ("subject", "date", "from", "message-id", "content-type", "content-transfer-encoding"):
        if len(by_name.get(name, [])) > 1:
            doc.flags.add("duplicate:" + name)
    doc.subject = by_name.get("subject", [("", "")])[0][0]
    _add(doc, "subject", doc.subject)
    for role in ROLES:
        _people(doc, role, [raw for _, raw in by_name.get(role, [])])
    for name in OTHER_PEOPLE:
        for text, _ in by_name.get(name, []):
            _add(doc, "from_maybe" if name in ("sender", "resent-from", "x-from") else "people_maybe", text)
    if "date" in by_name:
        doc.instant = parse_date(by_name["date"][0][0], doc.flags)
    else:
        doc.instant = None
        if any(n in by_name for n in ("received", "resent-date", "delivery-date", "x-received", "x-original-date")):
            doc.flags.add("date")
    doc.message_ids = []
    for text, _ in by_name.get("message-id", []):
        if not re.fullmatch(r"\s*<[^<>\s]+>\s*", text):
            doc.flags.add("message-id")
        doc.message_ids += re.findall(r"<([^<>\s]+)>", text) or [text.strip()]


def _read(message, place, data, parent, nth, exact, out):
    doc = Doc()
    doc.release, doc.source, doc.offset = place
    doc.length, doc.sha256, doc.parent, doc.nth = len(data), sha256(data), parent, nth
    doc.units, doc.addresses, doc.attachments, doc.marks, doc.kinds = {}, {}, [], {}, []
    doc.flags = set() if exact else {"size"}
    doc.size = len(data)
    _fields(doc, message)
    me = len(out)
    out.append(doc)
    inner = _walk(doc, message)
    _set_marks(doc, message)
    doc.headers = [(name, text) for name, text, _ in doc.headers]
    return me, inner


def _parse(data):
    try:
        return email.message_from_bytes(data), True
    except RecursionError:
        head = email.parser.BytesHeaderParser().parsebytes(data[: 1 << 16])
        return head, False


def read_copy(copy, base=0):
    """All messages of one copy: itself, then the attached ones. `parent` counts from `base`."""
    out = []
    place = (copy.release, copy.source, copy.offset)
    plain = unquoted(copy)
    message, whole = _parse(plain)
    queue = [(message, copy.data, None, 0, True, 0)]
    while queue:
        message, data, parent, nth, exact, depth = queue.pop(0)
        me, inner = _read(message, place, data, parent, nth, exact, out)
        if parent is None:
            out[me].size = len(plain)
        if not whole or b"\n" not in data or data[:1] in (b"\r", b"\n"):  # line ends of old Macintoshes; no header at all
            out[me].flags.add("mime")
        out[me].parent = None if parent is None else parent + base
        if depth < MAX_DEPTH:
            queue += [(m, d, me, n, e, depth + 1) for n, (m, d, e) in enumerate(inner)]
    return out
