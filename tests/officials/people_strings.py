#!/usr/bin/env python3
"""List the people strings of a corpus, for joining hand-made identity labels to mail.

    people_strings.py KIND PATH [--where] [--json]

KIND is eml (a folder of .eml files), maildir (a folder of RFC 822 files, with X-From/X-To
headers used where they exist) or arms (a folder or zip of print-outs with CREATOR:/TO: lines).
PATH is the corpus folder or zip.

Prints one line per distinct string: hash, count, name, address (tab separated), or JSON lines
with --json. --where adds up to five places (file names within the corpus).

The hash is the first 16 hex digits of SHA-256 over the UTF-8 of name + NUL + address.
name is the display name as written, decoded (RFC 2047), whitespace runs as one space, outer
quotes stripped, case kept. address is the SMTP address or directory name, lower case,
whitespace runs as one space; '' if there is none.
"""
import argparse, collections, email, email.header, email.policy, hashlib, html, json, os, re, sys
import zipfile

WS = re.compile(r'[\s\x00-\x1f\u00a0\u200b-\u200f\u202a-\u202e\ufeff]+')
QUOTES = '"\'\u2018\u2019\u201c\u201d`'
LABEL = re.compile(r'^(from|to|cc|bcc|sent|date|subject|sent by|reply-to|importance|attachments?'
                   r'|record type|x-from|x-to|creator|priority|when|where|message-id|mime-version'
                   r'|content-type|received|organization|sender|return-path|text|read)\s*:', re.I)
PERSON = re.compile(r'^(from|to|cc|bcc|sent by|reply-to|sender)\s*:[ \t=20?]*(.*)$', re.I | re.S)
OTHER = re.compile(r'^(sent|date|subject|to|from|cc)\s*:', re.I)
DATE = r'\d{1,2}/\d{1,2}/\d{2,4}'
FORWARD = re.compile(r'-{2,}\s*Forwarded by (.+?)\s+on\s+' + DATE, re.S)
NOTES_FROM = re.compile(r'^[>\s]*(?:From:\s*)?(\S.{2,100}?)\s+on\s+' + DATE + r'\s+\d\d?:\d\d')
DATE_LINE = re.compile(r'^[>\s]*' + DATE + r'\s+\d\d?:\d\d(:\d\d)?\s*([AP]M)?\s*$', re.I)
RESPOND = re.compile(r'Please respond to\s+(.+)$', re.I)
BEHALF = re.compile(r'\s+on behalf of\s+', re.I)
SMTP = r'[^\s<>"\'()\[\],;:]+@[^\s<>"\'()\[\],;:]+'


def squeeze(text):
    return WS.sub(' ', text).strip()


def unquote(name):
    name = squeeze(name.replace('\\"', '"').replace("\\'", "'"))
    while len(name) > 1 and name[0] in QUOTES and name[-1] in QUOTES:
        name = name[1:-1].strip()
    if name and name[0] in QUOTES and name.count(name[0]) == 1:
        name = name[1:].strip()
    if name and name[-1] in QUOTES and name.count(name[-1]) == 1:
        name = name[:-1].strip()
    return name


def decode(text):
    try:
        return ''.join(p.decode(c or 'ascii', 'replace') if isinstance(p, bytes) else p
                       for p, c in email.header.decode_header(text))
    except Exception:
        return text


def digest(name, address):
    return hashlib.sha256((name + '\0' + address).encode('utf-8', 'replace')).hexdigest()[:16]


def person(raw):
    """One string to (name, address), or None where it holds no person-like text."""
    text = squeeze(raw).strip(' ,;')
    text = re.sub(r'^(=|\?+S?)\s*', '', text)
    text = re.sub(r'(\S@[^\s<>]+?)\s?<mailto:[^>]*>?', r'\1', text, flags=re.I)
    text = re.sub(r'\s+(on\s+)?' + DATE + r'\s+\d\d?:\d\d.*$', '', text)
    text = text.replace('\\(', '(').replace('\\)', ')')
    if re.search(r'[\s(]CN\s?[=;:~]', text) and '<' not in text:
        return arms_person(raw)
    if not text or len(text) > 400 or not re.search(r'[A-Za-z]{2}', text):
        return None
    m = re.match(r'^([^<\[]*[^\s<\[])\s*\(\s*(' + SMTP + r')\s*\)[\'"]*(?:\s*<.*)?$', text)
    if m:
        return unquote(m.group(1)), m.group(2).lower()
    m = re.match(r'^(.*?)\s*<\s*(?:mailto:)?([^<>]*)', text, re.I) \
        or re.match(r'^(.*?)\s*\[\s*(?:mailto:)?([^\[\]\s]*@[^\[\]\s]*)', text, re.I)
    if m:
        name, address = unquote(m.group(1)), m.group(2)
        if '@' not in address and '/' not in address:
            address = ''
    else:
        bare = unquote(text.strip('<>[] '))
        if bare.lower().startswith('mailto:'):
            bare = bare[7:]
        if '@' in bare or re.search(r'\S/\S', bare) or bare.startswith('/'):
            name, address = '', bare
        else:
            name, address = bare, ''
    address = squeeze(address).strip(QUOTES + ' <>[]').lower()
    address = re.sub(r'\s*@\s*', '@', address)
    address = re.sub(r'\s*/\s*', '/', address) if '/' in address[1:] else address
    if not name and not address:
        return None
    return name, address


def arms_person(raw):
    """`Name ( CN=Name/OU=X/O=Y @ Y [ X 1 )`, `NAME_X  NAME_X @ A1 @ CD (ORG)`, OCR damage kept."""
    text = re.sub(r'\s*Autoforward to:.*$', '', raw.strip())
    text = re.sub(r'\s*\(\s*[A-Z0-9]{2,6}\s*\)\s*\.?$', '', text)
    m = re.match(r'^(.*?)\s*\(\s*(.*)$', text)
    m = m or re.match(r'^(.*?)\s+(C[N~]\s?[=;:~].*)$', text)
    m = m or re.match(r'^(\S.*?)\s{2,}(\S.*)$', text)
    m = m or re.match(r'^(\S.{2,}?)\s+(\1\b.*)$', text)
    if not m:
        return person(re.split(r'\s*[\[\]{}]', text)[0].rstrip(' )'))
    name, rest = m.groups()
    rest = re.split(r'\s*[\[\])}]', rest)[0].strip()
    name = unquote(name).rstrip('{(').strip()
    address = re.sub(r'\s*@\s*', '@', squeeze(rest).lower())
    if not re.search(r'[A-Za-z]{2}', name + address):
        return None
    return name, address


def pieces(text, sep):
    out, cur, quote, depth = [], '', False, 0
    for i, c in enumerate(text):
        if c == '"':
            quote = not quote
        elif not quote and c in '<([':
            depth += 1
        elif not quote and c in '>)]':
            depth = max(0, depth - 1)
        if c == sep and not quote and depth == 0:
            out.append(cur)
            cur = ''
        else:
            cur += c
    out.append(cur)
    if quote or depth:      # unbalanced: plain split
        out = text.split(sep)
    return [squeeze(p) for p in out if squeeze(p)]


def bare_words(piece):
    piece = re.sub(r'\([^)]*\)|<.*|\[.*', '', piece)
    return [w for w in piece.strip(QUOTES + ' ').split()]


def has_address(piece):
    return bool(re.search(r'[<\[@]|\S/\S', piece))


SUFFIX = re.compile(r'^(jr|sr|ii|iii|iv|esq|md|phd)\.?$', re.I)


def split_list(text):
    """A list of people as written to single strings."""
    text = text.strip()
    text = re.sub(r'(\S+@\S+?),(?=\S+@)', r'\1, ', text)
    if ';' in re.sub(r'"[^"]*"', '', text):
        return pieces(text, ';')
    parts = pieces(text, ',')
    out, i = [], 0
    while i < len(parts):
        p = parts[i]
        nxt = parts[i + 1] if i + 1 < len(parts) else None
        if nxt is not None and not has_address(p):
            w, n = bare_words(p), bare_words(nxt)
            first = [x for x in w if not SUFFIX.match(x)]
            if '"' in p and p.count('"') % 2 == 1 or \
                    (n and SUFFIX.match(n[0]) and len(n) == 1) or \
                    (len(first) == 1 and n and len(n) <= 3) or \
                    (len(parts) == 2 and len(first) <= 2 and len(n) == 1) or \
                    (has_address(nxt) and len(first) <= 2 and len(n) == 1 and '@' not in n[0]
                     and '/' not in n[0]):
                out.append(p + ', ' + nxt)
                i += 2
                continue
        out.append(p)
        i += 1
    return out


def people(text):
    for one in split_list(text):
        for part in BEHALF.split(one):
            got = person(part)
            if got:
                yield got


def strip_quote(line):
    return re.sub(r'^[\s>|]+', '', line).rstrip()


def blocks(body):
    """People of quoted header blocks, forwards and Notes reply heads in a text."""
    for m in FORWARD.finditer(body):
        got = person(m.group(1))
        if got:
            yield got
    lines = [l.replace('\u00a0', ' ') for l in body.splitlines()]
    clean = [strip_quote(l).replace('*', '') for l in lines]
    i = 0
    while i < len(clean):
        line = clean[i]
        m = RESPOND.search(line)
        if m:
            yield from people(m.group(1))
        m = PERSON.match(line)
        if m:
            near = sum(bool(OTHER.match(clean[j])) for j in range(max(0, i - 5), min(len(clean), i + 12))
                       if j != i)
            if near:
                value, j = m.group(2), i + 1
                if not value and j < len(clean):
                    value = ''
                while j < len(clean) and j < i + 80 and clean[j] and not LABEL.match(clean[j]) \
                        and not re.match(r'^[-_=]{4,}', clean[j]):
                    if len(value) > 0 and not value.rstrip().endswith((',', ';')) and \
                            not lines[j][:1] in ' \t>' and len(value.split('\n')[-1]) < 50:
                        break
                    value += '\n' + clean[j]
                    j += 1
                value = value.replace('\n', ' ')
                value = re.sub(r'\s+on\s+' + DATE + r'.*$', '', value)
                value = value.replace('=20', ' ').replace('????', ' ')
                if 'distribution list' not in value:
                    yield from people(value)
                i += 1
                continue
        m = NOTES_FROM.match(line)
        if m and 'Forwarded' not in line and 'Created' not in line:
            yield from people(m.group(1))
        elif DATE_LINE.match(line) and i > 0:
            k = i - 1
            while k > max(0, i - 3) and not clean[k]:
                k -= 1
            cand = clean[k]
            if cand and len(cand) < 70 and not LABEL.match(cand) and \
                    re.match(r'^["\w][\w.,\'"@<>/ -]+$', cand) and not cand.endswith('.') \
                    and '--' not in cand and len(cand.split()) <= 8:
                yield from people(cand)
        i += 1


def text_of(msg):
    out = []
    for part in msg.walk():
        if part.get_content_type() not in ('text/plain', 'text/html'):
            continue
        if part.get_filename():
            continue
        data = part.get_payload(decode=True) or b''
        charset = part.get_content_charset() or 'utf-8'
        try:
            text = data.decode(charset)
        except (LookupError, UnicodeDecodeError):
            text = data.decode('cp1252', 'replace')
        if part.get_content_type() == 'text/html':
            if any(t for t in out):
                continue
            text = re.sub(r'(?is)<(style|script).*?</\1>', '', text)
            text = re.sub(r'(?i)<br[^>]*>|</p>|</div>|</tr>', '\n', re.sub(r'\s+', ' ', text))
            text = html.unescape(re.sub(r'<[^>]+>', '', text))
        out.append(text)
    return '\n'.join(out)


HEADERS = ('from', 'to', 'cc', 'bcc', 'sender', 'reply-to', 'x-from', 'x-to', 'x-cc', 'x-bcc')


def rfc822(data):
    msg = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in msg.walk():
        if part is not msg and part.get_content_type() != 'message/rfc822' and not part.get('from'):
            continue
        for key, value in part.items():
            if key.lower() in HEADERS:
                raw = squeeze(str(value))
                if '=?' in raw:
                    raw = ', '.join(decode(p) for p in pieces(raw, ','))
                if key.lower().startswith('x-'):
                    raw = re.sub(r'@ENRON\s*<IMCEA[^>]*>', '', raw, flags=re.I)
                for got in people(raw):
                    yield key.lower(), got
    for got in blocks(text_of(msg)):
        yield 'body', got


ARMS = re.compile(r'^\s*(CREATOR|TO|CC|BCC)\s*:\s*(.*)$')
ARMS_LOOSE = re.compile(r'^\s*([A-Z][^()]{3,50}?)\s*\(\s*(\S[^()]*?)\[\s*[A-Z]+ ?[1I\]]')


def arms(data):
    text = data.decode('utf-8', 'replace')
    m = re.search(r'^\s*TEXT\s*:', text, re.M)
    head, body = (text[:m.start()], text[m.end():]) if m else (text, '')
    for line in head.splitlines():
        m = ARMS.match(line)
        if m:
            got = arms_person(m.group(2))
            if got:
                yield m.group(1).lower(), got
        elif ARMS_LOOSE.match(line):
            got = arms_person(line)
            if got:
                yield 'loose', got
    for got in blocks(body):
        yield 'body', got
    m = re.search(r'Message Sent (?:To|Copied To)\s*:[_\s]*\n(.*?)(?:\n\s*\n\s*\n|\Z)', body, re.S)
    if m:
        for line in m.group(1).splitlines():
            if line.strip() and len(line) < 90 and '_____' not in line:
                got = person(line)
                if got:
                    yield 'body', got


def messages(kind, path):
    if path.endswith('.zip'):
        with zipfile.ZipFile(path) as z:
            for n in sorted(z.namelist()):
                if n.endswith('.txt'):
                    yield n, z.read(n)
        return
    for folder, dirs, files in os.walk(path):
        dirs.sort()
        for f in sorted(files):
            if kind == 'eml' and not f.endswith('.eml'):
                continue
            if f == 'README.md':
                continue
            full = os.path.join(folder, f)
            with open(full, 'rb') as h:
                yield os.path.relpath(full, path), h.read()


def collect(kind, path):
    """{(name, address): [count, [places], Counter of fields]}"""
    found = {}
    for place, data in messages(kind, path):
        for field, got in (arms if kind == 'arms' else rfc822)(data):
            e = found.setdefault(got, [0, [], collections.Counter()])
            e[0] += 1
            e[2][field] += 1
            if len(e[1]) < 5 and place not in e[1]:
                e[1].append(place)
    return found


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument('kind', choices=('eml', 'maildir', 'arms'))
    ap.add_argument('path')
    ap.add_argument('--where', action='store_true')
    ap.add_argument('--json', action='store_true')
    a = ap.parse_args()
    for (name, address), (count, places, fields) in sorted(collect(a.kind, a.path).items()):
        h = digest(name, address)
        if a.json:
            row = {'sha256': h, 'count': count, 'name': name, 'address': address, 'fields': fields}
            if a.where:
                row['where'] = places
            print(json.dumps(row, ensure_ascii=False))
        else:
            print('\t'.join([h, str(count), name, address] + (places if a.where else [])))


if __name__ == '__main__':
    main()
