"""Damages real mail in known places, has the program read it, and looks for everything that the damage left whole.

What has to be found is told by this script from the bytes alone, and by what the program reads of the undamaged files; never by
what it makes of the damaged ones. See README.md.
"""

import argparse
import binascii
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
import mailbytes  # noqa: E402

BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4,}={0,2}\r?\n)+")
# Bytes at the start of a print-out among which its printed header lies.
PRINTED = 3000
FIELDS = ("from", "to", "cc", "subject", "date", "message-id")
# What is known to be missing, and why.
EXPLAINED = {
    # xz packs in chunks of up to 64 KiB; its decoder here gives nothing of a chunk that is cut or damaged, Python's gives what there is of it.
    "cut at half": ("packed/many.mbox.xz",),
    "0.2 % changed": ("packed/many.mbox.xz",),
    "a block of 0xFF": ("packed/many.mbox.xz",),
    "a block of 0x00": ("packed/many.mbox.xz",),
}


class Damage:
    """What was done to one file: the bytes that are left, and where they differ from those that were there."""

    def __init__(self, data, changed=(), cut=None):
        self.data, self.changed, self.cut = data, changed, cut

    def spares(self, start, end):
        """Whether the bytes from start up to end are as they were."""
        if self.cut is not None and end > self.cut:
            return False
        return not any(start < to and at < end for at, to in self.changed)


def whole(data, _):
    return Damage(data)


def half(data, _):
    return Damage(data[: len(data) // 2], cut=len(data) // 2)


def specks(data, chance):
    """0.2 % of the bytes, each another one than before; at least one."""
    out = bytearray(data)
    places = sorted(chance.sample(range(len(data)), max(1, round(len(data) * 0.002)))) if data else []
    for at in places:
        out[at] = (out[at] + chance.randrange(1, 256)) % 256
    return Damage(bytes(out), [(at, at + 1) for at in places])


def block(data, chance, at=None, filler=b"\xff"):
    """A block of one byte: a sector of 4096 bytes, or a tenth of a smaller file."""
    length = min(4096, -(-len(data) // 10))
    if at is None:
        at = chance.randrange(max(1, len(data) - length + 1))
    return Damage(data[:at] + filler * length + data[at + length :], [(at, at + length)])


def head(data, chance):
    return block(data, chance, at=0)


def zeros(data, chance):
    return block(data, chance, filler=b"\0")


KINDS = {
    "as it is": whole,
    "cut at half": half,
    "0.2 % changed": specks,
    "a block of 0xFF": block,
    "0xFF at the start": head,
    "a block of 0x00": zeros,
}


def packed(zoo):
    """Containers made of the zoo's own mail: names and bytes."""
    mail = []
    for path, name in mailbytes.files_below(zoo):
        with open(path, "rb") as file:
            data = file.read()
        if name.endswith((".eml", ".txt", ".mbox")) and 500 < len(data) < 40000:
            mail.append((name, data))
    mail = mail[:: max(1, len(mail) // 120)]
    mailbox = b"".join(
        b"From a@b.example Tue Mar  4 03:33:20 2003\n" + data.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ").rstrip(b"\n") + b"\n\n"
        for _, data in mail
        if mailbytes.looks_like_header(data)
    )
    yield "many.mbox", mailbox
    yield "many.mbox.gz", gzip.compress(mailbox, mtime=0)
    yield "many.mbox.bz2", bz2.compress(mailbox, 1)
    yield "many.mbox.xz", lzma.compress(mailbox)
    if shutil.which("zstd"):
        yield "many.mbox.zst", subprocess.run(["zstd", "-qc"], input=mailbox, stdout=subprocess.PIPE, check=True).stdout
    for name, method in (("stored.zip", zipfile.ZIP_STORED), ("deflated.zip", zipfile.ZIP_DEFLATED)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for number, (_, data) in enumerate(mail):
                archive.writestr(zipfile.ZipInfo(f"{number:03}.eml"), data, method)
        yield name, out.getvalue()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for number, (_, data) in enumerate(mail):
            info = tarfile.TarInfo(f"{number:03}.eml")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    yield "members.tar", out.getvalue()
    yield "members.tar.gz", gzip.compress(out.getvalue(), mtime=0)


def load_files():
    """Tables of invented documents without natives, as load files are written: each row is a letter."""
    rows = [["DOCID", "FROM", "TO", "SUBJECT", "DATESENT", "NATIVELINK"]]
    for number in range(200):
        sender = f"Example, Anne {number} (DEP) <anne{number}@harbour.example>"
        rows.append([f"P-{number:04}", sender, "bob@city.example; Sample, Carol", f'The "north" pier, {number}', f"2021-03-{number % 28 + 1:02} 10:30", ""])
    dat = "\ufeff" + "".join("\x14".join(f"\xfe{field}\xfe" for field in row) + "\r\n" for row in rows)
    yield "dat.dat", dat.encode()
    yield "wide.dat", dat.encode("utf-16-le")
    yield "quoted.csv", "".join(",".join('"' + field.replace('"', '""') + '"' for field in row) + "\r\n" for row in rows).encode()


def print_outs(archives):
    """Every 20th text of archives of print-outs."""
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(name for name in archive.namelist() if name.endswith(".txt"))[::20]:
                yield f"{os.path.basename(path)}-{name.replace('/', '-')}", archive.read(name)


class Case:
    """What the program made of a folder."""

    def __init__(self, program, work, name):
        self.root = os.path.join(work, name.replace(" ", "-").replace("%", "percent"))
        self.program, self.case = program, self.root + ".case"
        self.sources, self.rows, self.totals, self.seconds = {}, {}, {}, 0.0
        self.faults = []

    def call(self, *arguments):
        environment = {"PATH": os.environ["PATH"], "MUCKRAKE_CASE": self.case}
        return subprocess.run([self.program, *arguments], env=environment, capture_output=True, timeout=3600, check=False)

    def ingest(self):
        shutil.rmtree(self.case, ignore_errors=True)
        began = time.monotonic()
        run = self.call("ingest", self.root, "--release", "r")
        self.seconds = time.monotonic() - began
        if run.returncode not in (0, 3) or b"panicked" in run.stderr:
            self.faults.append(f"ingest ended with {run.returncode}: {run.stderr[-400:]!r}")
        for line in self.call("ledger", "--json").stdout.splitlines():
            row = json.loads(line)
            if row["kind"] == "totals":
                self.totals = row
                continue
            self.sources[os.path.relpath(row["source"], self.root)] = row
            self.faults += [f"{row['source']}: {item['reason']}" for item in row["unread"] if "reader" in item["reason"]]
        if not self.totals.get("balanced"):
            self.faults.append("the sums do not balance")
        for line in self.call("search", "*", "--json").stdout.splitlines():
            row = json.loads(line)
            for copy in row["copies"]:
                place = (os.path.relpath(copy["source"], self.root), copy["path_inside"], copy["offset"])
                self.rows[place] = (copy, row)

    def of(self, source):
        """Copies in one source: path inside and offset to the copy and its message."""
        return self.by_source().get(source, {})

    def by_source(self):
        if not hasattr(self, "_by_source"):
            self._by_source = {}
            for (source, inside, offset), found in self.rows.items():
                self._by_source.setdefault(source, {})[inside, offset] = found
        return self._by_source


def field_ranges(data, begin):
    """The header fields of a message: name in lower case, first byte, byte after the last line with its folds; and the header's end."""
    at, fields = begin, []
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        line = data[at:end]
        if not line.strip(b"\r\n"):
            return fields, end
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][2] = end
        else:
            match = mailbytes.HEADER_LINE.match(line)
            if not match:
                return fields, at
            fields.append([match.group()[:-1].rstrip().lower(), at, end])
        at = end
    return fields, at


def still_says(was, now):
    """Whether a field still says what it said. A damaged line behind it that is no field any more may be read as its continuation."""
    if isinstance(was, list):
        addresses = {person["address"] for person in now or []}
        names = " ".join(person["name"] or "" for person in now or [])
        return all(p["address"] in addresses if p["address"] else p["name"] in names for p in was)
    return (now or "").startswith(was or "")


def said(row, field):
    return row["message_id"] if field == "message-id" else row[field]


class Check:
    """Looks in one damaged case for what the damage spared."""

    def __init__(self, before, after, originals, damages):
        self.before, self.after, self.originals, self.damages = before, after, originals, damages
        self.missing, self.wanted = [], {"messages in mailboxes": 0, "single messages": 0, "fields": 0, "attachments": 0, "members": 0, "rows": 0, "print-outs": 0}

    def want(self, what, found, told):
        self.wanted[what] += 1
        if not found:
            self.missing.append(f"{what}: {told}")

    def all(self):
        for source, data in self.originals.items():
            if source not in self.after.sources:
                self.missing.append(f"{source} is not in the ledger")
                continue
            damage, kind = self.damages[source], self.before.sources[source]["detected"]
            if source.startswith("load-files"):
                self.load_file(source, data, damage)
            elif source.startswith("prints"):
                self.print_out(source, damage)
            elif source.startswith("packed") and kind != "mbox":
                self.members(source, data, damage)
            elif kind == "mbox":
                self.mailbox(source, data, damage)
            elif kind == "eml":
                self.single(source, data, damage)
        return self

    def mailbox(self, source, data, damage):
        """Messages between separators that are whole are found where they were, with the same bytes."""
        places = [(begin, begin + len(body)) for begin, body in mailbytes.split_mbox(data)]
        was, found = self.before.of(source), self.after.of(source)
        for number, (begin, end) in enumerate(places):
            sha256 = hashlib.sha256(data[begin:end]).hexdigest()
            known = was.get((None, begin))
            if known is None or known[0]["sha256"] != sha256:
                continue  # the two readers split the undamaged file in different ways
            from_line = data.rfind(b"From ", 0, begin)
            after = places[number + 1][0] + 100 if number + 1 < len(places) else len(data)
            if damage.spares(max(0, from_line - 2), min(after, len(data))):
                hit = found.get((None, begin))
                self.want("messages in mailboxes", hit and hit[0]["sha256"] == sha256, f"{source} at {begin}")

    def single(self, source, data, damage):
        """A message whose first fields are whole is one, with every field that is whole."""
        known = self.before.of(source).get((None, 0))
        if known is None:
            return
        begin = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        while data[begin : begin + 1] in (b"\r", b"\n"):
            begin += 1
        if data[begin:].startswith((b"From ", b">From ")):
            begin = data.find(b"\n", begin) + 1
        fields, header_end = field_ranges(data, begin)
        first = fields[:4]
        clear = sum(name in mailbytes.KNOWN_HEADERS for name, _, _ in first) == 4
        if not clear or not damage.spares(0, min(first[-1][2] + 1, len(data))):
            return
        hit = self.after.of(source).get((None, 0))
        self.want("single messages", hit, source)
        if not hit:
            return
        single = {name.decode() for name, _, _ in fields if sum(other[0] == name for other in fields) == 1}
        for name, start, end in fields:
            name = name.decode("latin-1")
            if name in FIELDS and name in single and data[start:end].isascii() and damage.spares(0, min(end + 1, len(data))):
                same = still_says(said(known[1], name), said(hit[1], name))
                self.want("fields", same, f"{source}: {name} was {said(known[1], name)!r}, is {said(hit[1], name)!r}")
        if damage.cut is not None:
            self.attachments(source, data, damage, known[1], hit[1], header_end)

    def attachments(self, source, data, damage, known, hit, header_end):
        """Encoded attachments that end before the cut are all there."""
        here = {file["sha256"] for file in hit["attachments"]}
        for file in known["attachments"]:
            end = self.encoded_end(data, file["sha256"], header_end)
            if end is not None and damage.spares(0, min(end + 2, len(data))):
                self.want("attachments", file["sha256"] in here, f"{source}: {file['name']}")

    def encoded_end(self, data, sha256, header_end):
        """Where the base64 text of that attachment ends, if one part of the file decodes to it."""
        for run in BASE64.finditer(data, header_end):
            try:
                decoded = binascii.a2b_base64(run.group())
            except binascii.Error:
                continue
            if hashlib.sha256(decoded).hexdigest() == sha256:
                return run.end()
        return None

    def load_file(self, source, data, damage):
        """Rows whose own line is whole, as are the line end before it and the first line, are the same letters."""
        newline = "\n".encode("utf-16-le") if source.endswith("wide.dat") else b"\n"
        lines, at = [], 0
        while at < len(data):
            end = data.find(newline, at)
            while end % len(newline):
                end = data.find(newline, end + 1)
            lines.append((at, end + len(newline)))
            at = lines[-1][1]
        letters = {inside: copy["sha256"] for (inside, _), (copy, _) in self.before.of(source).items()}
        have = {copy["sha256"] for copy, _ in self.after.of(source).values()}
        if len(letters) != len(lines) - 1:
            self.missing.append(f"{source}: {len(letters)} letters of {len(lines) - 1} rows")
        for inside, sha256 in letters.items():
            start, end = lines[int(inside.split()[1])]
            if damage.spares(*lines[0]) and damage.spares(start - 2 * len(newline), end):
                self.want("rows", sha256 in have, f"{source}: {inside}")

    def print_out(self, source, damage):
        """A print-out whose first pages are whole is one message or more, the first with what it said."""
        known = self.before.of(source).get((None, 0))
        if known is None or not damage.spares(0, PRINTED) or known[0]["length"] < PRINTED:
            return
        hit = self.after.of(source).get((None, 0))
        # A character set is told by the whole document, as is that of a mail.
        plain = [field for field in ("from", "subject", "date") if str(said(known[1], field)).isascii()]
        told = hit and [field for field in plain if not still_says(said(known[1], field), said(hit[1], field))]
        self.want("print-outs", hit and not told, f"{source}: {told}")

    def members(self, source, data, damage):
        """What Python's own decoders still get out of a damaged container is found."""
        have = {copy["sha256"] for copy, _ in self.after.of(source).values()}
        had = {copy["sha256"] for copy, _ in self.before.of(source).values()}
        for name, sha256 in readable(source, damage):
            if sha256 in had:
                self.want("members", sha256 in have, f"{source}: {name}")


def readable(source, damage):
    """Hashes of the messages that the standard library still reads whole out of a damaged container."""
    data = damage.data
    if source.endswith(".zip"):
        yield from zip_members(data)
    elif source.endswith(".tar"):
        yield from tar_members(data, damage)
    else:
        plain = decompressed(source, data)
        if source.endswith(".tar.gz"):
            yield from tar_members(plain, Damage(plain, cut=len(plain)))
        else:
            places = list(mailbytes.split_mbox(plain))
            for begin, body in places[:-1]:
                yield f"message at {begin}", hashlib.sha256(body).hexdigest()


def zip_members(data):
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return
    for info in archive.infolist():
        try:
            yield info.filename, hashlib.sha256(archive.read(info)).hexdigest()
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
            continue


def tar_members(data, damage):
    """By hand: headers with a right checksum, wherever they lie, whose content is whole."""
    for at in range(0, len(data) - 511, 512):
        header = data[at : at + 512]
        if header[257:262] != b"ustar":
            continue
        try:
            told, size = int(header[148:154], 8), int(header[124:135], 8)
        except ValueError:
            continue
        sum_of_header = sum(header[:148]) + 8 * 32 + sum(header[156:])
        end = at + 512 + size
        if told == sum_of_header and end <= len(data) and damage.spares(at, end):
            yield header[:100].rstrip(b"\0").decode("latin-1"), hashlib.sha256(data[at + 512 : end]).hexdigest()


def decompressed(source, data):
    """As much as the standard library gives before the damage; checked streams only count up to it."""
    decoder = (
        zlib.decompressobj(31) if source.endswith(".gz") else bz2.BZ2Decompressor() if source.endswith(".bz2")
        else lzma.LZMADecompressor() if source.endswith(".xz") else None
    )
    if decoder is None:
        return b""
    out = b""
    for at in range(0, len(data), 64):
        try:
            out += decoder.decompress(data[at : at + 64])
        except (OSError, EOFError, zlib.error, lzma.LZMAError):
            break
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--muckrake", required=True, help="the program")
    parser.add_argument("--zoo", required=True, help="a folder of mail of all kinds")
    parser.add_argument("--work", required=True, help="a folder for what is made; the damaged files stay there")
    parser.add_argument("--prints", nargs="*", default=[], help="archives of print-outs")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    originals = {}
    for path, name in mailbytes.files_below(arguments.zoo):
        with open(path, "rb") as file:
            originals[os.path.join("zoo", name)] = file.read()
    originals.update((os.path.join("packed", name), data) for name, data in packed(arguments.zoo))
    originals.update((os.path.join("load-files", name), data) for name, data in load_files())
    originals.update((os.path.join("prints", name), data) for name, data in print_outs(arguments.prints))
    before, bad = None, 0
    for kind, damage_of in KINDS.items():
        chance = random.Random(arguments.seed)
        case = Case(os.path.abspath(arguments.muckrake), os.path.abspath(arguments.work), kind)
        damages = {name: damage_of(data, chance) for name, data in sorted(originals.items())}
        shutil.rmtree(case.root, ignore_errors=True)
        for name, damage in damages.items():
            path = os.path.join(case.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(damage.data)
        case.ingest()
        before = before or case
        check = Check(before, case, originals, damages).all()
        missing = [told for told in check.missing if not any(name in told for name in EXPLAINED.get(kind, ()))]
        wanted = ", ".join(f"{number} {what}" for what, number in check.wanted.items())
        print(f"{kind}: {len(originals)} files in {case.seconds:.1f} s; {case.totals.get('copies')} copies, {case.totals.get('unread')} unread")
        explained = len(check.missing) - len(missing)
        print(f"  looked for {wanted}; missing {len(missing)}" + (f", and {explained} for a reason that EXPLAINED has" if explained else ""))
        for told in case.faults + missing:
            print(f"  {told}")
        bad += len(case.faults) + len(missing)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
