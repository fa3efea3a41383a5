"""Reads every form of export with other people's programs, and compares what they read with what the case says."""

import argparse
import csv
import hashlib
import io
import json
import logging
import mailbox
import os
import re
import shutil
import sqlite3
import struct
import sys

from common import Program, Wrong, expect, read, run_checks, sha256


def check_eml(program, work):
    to = os.path.join(work, "eml")
    items = [item for item in program.export(to, "eml") if item["kind"] == "message"]
    for item in items:
        data = read(to, item["file"])
        expect(sha256(data) == item["sha256"], f"{item['file']} is not what the manifest says")
        expect(len(item["file"].encode()) < 200, f"{item['file']} is a long name")
    raw = program.run("show", "--raw", items[0]["id"]).stdout
    expect(raw == read(to, items[0]["file"]), "a file differs from `show --raw`")
    return f"{len(items)} files"


def check_mbox(program, work):
    to = os.path.join(work, "out.mbox")
    items = [item for item in program.export(to, "mbox") if item["kind"] == "message"]
    data = read(to)
    box = mailbox.mbox(to, create=False)
    expect(len(box) == len(items), f"mailbox finds {len(box)} messages, the manifest has {len(items)}")
    for number, item in enumerate(items):
        # What `mailbox` takes for a message is the stretch that the manifest names, and a blank line.
        stored = data[item["offset"] : item["offset"] + item["length"]]
        expect(sha256(stored) == item["sha256"], f"message {number} is not what the manifest says")
        found = box.get_bytes(number)
        expect(found.rstrip(b"\n") == stored.rstrip(b"\n"), f"mailbox reads message {number} otherwise")
        original = re.sub(rb"(?m)^>(>*From )", rb"\1", stored)
        expect(sha256(original) == item["original_sha256"], f"message {number} does not come back (mboxrd)")
    return f"{len(items)} messages"


def check_json(program, work):
    to = os.path.join(work, "out.jsonl")
    program.export(to, "json")
    rows = [json.loads(line) for line in read(to).decode().split("\n")[:-1]]
    hits = {hit["id"]: hit for hit in program.hits()}
    expect({row["id"] for row in rows} == set(hits), "other messages than `search` finds")
    for row in rows:
        hit = hits[row["id"]]
        for key in hit:
            if key not in ("score", "snippet", "thread"):
                expect(row[key] == hit[key], f"{row['id']} has another {key} than `search` gives")
        for text in row["body"]:
            end = 0
            for zone in text["zones"]:
                expect(zone["start"] == end, f"zones of {row['id']} leave a gap")
                end = zone["end"]
            expect(end == len(text["text"].encode()), f"zones of {row['id']} do not cover the text")
        own = row["message_id"]
        if own and re.fullmatch(r"[!-;=?-~]+@[!-;=?-~]+", own):
            expected = hashlib.md5(f"<{own}>".encode()).hexdigest()
            expect(row["edrm_message_id_hash"] == expected, f"{row['id']} has another EDRM hash")
        else:
            expect(row["edrm_message_id_hash"] is None, f"{row['id']} has a hash of {own!r}")
    return f"{len(rows)} rows"


def people(role):
    def one(person):
        if person["name"] is not None and person["address"] is not None:
            return f"{person['name']} <{person['address']}>"
        return person["name"] if person["name"] is not None else person["address"] or ""

    return "; ".join(one(person) for person in role)


def check_csv(program, work):
    to, safe = os.path.join(work, "exact.csv"), os.path.join(work, "safe.csv")
    program.export(to, "csv", "--exact", "--bom")
    program.export(safe, "csv")
    text = read(to).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    hits = {hit["id"]: hit for hit in program.hits()}
    expect({row["id"] for row in rows} == set(hits), "other messages than `search` finds")
    for row in rows:
        hit = hits[row["id"]]
        copy = hit["copies"][0]
        expected = {
            "date": hit["date"] or "",
            "subject": hit["subject"] or "",
            "from": people(hit["from"]),
            "to": people(hit["to"]),
            "cc": people(hit["cc"]),
            "bcc": people(hit["bcc"]),
            "releases": "; ".join(hit["releases"]),
            "copies": str(len(hit["copies"])),
            "size": str(hit["size"]),
            "message_id": hit["message_id"] or "",
            "source": copy["source"],
            "offset": str(copy["offset"]),
            "sha256": copy["sha256"],
            "hit": "true",
        }
        for key, value in expected.items():
            expect(row[key] == value, f"{row['id']}: {key} is {row[key]!r}, not {value!r}")
    for row in csv.reader(io.StringIO(read(safe).decode(), newline="")):
        for cell in row:
            start = cell.lstrip(" \u00a0\ufeff\u200b\t\r\n")[:1]
            expect(start not in ("=", "+", "-", "@"), f"a spreadsheet would run {cell[:60]!r}")
    return f"{len(rows)} rows, each field"


def check_sqlite(program, work):
    to = os.path.join(work, "out.sqlite")
    program.export(to, "sqlite")
    hits = program.hits()
    base = sqlite3.connect(f"file:{to}?mode=ro", uri=True)
    one = lambda sql, *values: base.execute(sql, values).fetchone()[0]
    expect(one("PRAGMA integrity_check") == "ok", "integrity_check")
    expect(base.execute("PRAGMA foreign_key_check").fetchall() == [], "foreign_key_check")
    expect(one("SELECT count(*) FROM messages") == len(hits), "messages")
    expect(one("SELECT count(*) FROM copies") == sum(len(hit["copies"]) for hit in hits), "copies")
    expect(one("SELECT count(*) FROM attachments") == sum(len(hit["attachments"]) for hit in hits), "attachments")
    threads = {hit["thread"] for hit in hits}
    expect(one("SELECT count(*) FROM threads") == len(threads), "threads")
    # How Datasette finds the full-text table of a table.
    found = one(
        """SELECT name FROM sqlite_master WHERE rootpage = 0 AND
           (sql LIKE '%VIRTUAL TABLE%USING FTS%content="messages"%' OR sql LIKE '%VIRTUAL TABLE%USING FTS%content=[messages]%')"""
    )
    expect(found == "messages_fts", "Datasette would not find the full text")
    columns = "coalesce(subject, '') || char(10) || sender || char(10) || recipients || char(10) || body || char(10) || attachment_text"
    texts = [text for (text,) in base.execute(f"SELECT {columns} FROM messages")]
    words = ["the", "contract", "please", "review", "monday", "attached", "quay", "mremap", "zeppelin"]
    for word in words:
        expected = sum(1 for text in texts if re.search(rf"(?<![^\W_]){word}(?![^\W_])", text, re.I | re.A))
        found = one("SELECT count(*) FROM messages_fts WHERE messages_fts MATCH ?", f'"{word}"')
        # Letters with accents are letters to the database and not to this pattern.
        expect(abs(found - expected) <= max(2, expected // 200), f"{word}: {found} found, {expected} counted")
    return f"{len(hits)} messages"


def dat_rows(data):
    """An independent reader of Concordance DAT."""
    expect(data.startswith(b"\xef\xbb\xbf"), "the DAT has no byte order mark")
    text = data[3:].decode("utf-8")
    expect(text.endswith("\r\n"), "the last record has no end")
    rows = []
    for line in text[:-2].split("\r\n"):
        expect(line[:1] == "\u00fe" and line[-1:] == "\u00fe", f"a field is not quoted: {line[:60]!r}")
        rows.append([value.replace("\u00fe\u00fe", "\u00fe") for value in line[1:-1].split("\u00fe\x14\u00fe")])
    expect(len({len(row) for row in rows}) == 1, "rows have different numbers of fields")
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def check_dat(program, work):
    to = os.path.join(work, "dat")
    program.export(to, "dat", "--prefix", "CHECK_")
    rows = dat_rows(read(to, "VOL001.dat"))
    numbers = [row["BEGBATES"] for row in rows]
    expect(numbers == [f"CHECK_{number:08}" for number in range(1, len(rows) + 1)], "numbers are not consecutive")
    link = lambda value: os.path.join(to, *value.removeprefix(".\\").split("\\"))
    messages = set()
    place = {number: at for at, number in enumerate(numbers)}
    for at, row in enumerate(rows):
        if row["BEGATTACH"]:
            first, last = place[row["BEGATTACH"]], place[row["ENDATTACH"]]
            expect(first <= at <= last, f"{row['BEGBATES']} lies outside its family")
        if row["PARENTID"]:
            expect(place[row["PARENTID"]] < at, f"{row['BEGBATES']} comes before its parent")
        if row["NATIVELINK"]:
            data = read(link(row["NATIVELINK"]))
            expect(sha256(data) == row["SHA256HASH"], f"{row['BEGBATES']}: SHA256HASH")
            expect(hashlib.md5(data).hexdigest() == row["MD5HASH"], f"{row['BEGBATES']}: MD5HASH")
            expect(str(len(data)) == row["FILESIZE"], f"{row['BEGBATES']}: FILESIZE")
        if row["TEXTLINK"]:
            read(link(row["TEXTLINK"])).decode("utf-8")
        if row["MUCKRAKEID"]:
            messages.add(row["MUCKRAKEID"])
        expect(not row["EDRM_MSGID"] or re.fullmatch("[0-9a-f]{32}", row["EDRM_MSGID"]), "EDRM_MSGID")
        if row["EDRM_MSGID"]:
            expect(hashlib.md5(row["MESSAGEID"].encode()).hexdigest() == row["EDRM_MSGID"], f"{row['BEGBATES']}: EDRM_MSGID")
    expect(messages == {hit["id"] for hit in program.hits()}, "other messages than `search` finds")
    lines = read(to, "VOL001.opt").decode("ascii").split("\r\n")
    expect(lines.pop() == "" and len(lines) == len(rows), "the OPT has not a line for each document")
    for number, line in zip(numbers, lines):
        key, volume, path, document, folder, box, pages = line.split(",")
        expect((key, volume, document, folder, box, pages) == (number, "VOL001", "Y", "", "", "1"), line)
        expect(tiff(read(link(path))) == (850, 1100), f"{path} is no page")
    for above, folders, names in os.walk(to):
        expect(len(names) <= 500, f"{above} has {len(names)} files")
    return f"{len(rows)} documents"


def tiff(data):
    """Width and height of a TIFF, its strip unpacked as a check."""
    expect(data[:4] == b"II*\0", "no TIFF")
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    tags = {}
    for number in range(count):
        tag, kind, _, value = struct.unpack_from("<HHII", data, at + 2 + 12 * number)
        tags[tag] = value & 0xFFFF if kind == 3 else value
    strip = data[tags[273] : tags[273] + tags[279]]
    expect(len(strip) == tags[279] and tags[259] == 32773, "the strip is cut")
    size = 0
    while strip:
        control = strip[0] - 256 if strip[0] > 127 else strip[0]
        size += control + 1 if control >= 0 else 1 - control
        strip = strip[2:] if control < 0 else strip[control + 2 :]
    expect(size == (tags[256] + 7) // 8 * tags[257], "the page is not whole")
    return tags[256], tags[257]


def check_attachments(program, work):
    to = os.path.join(work, "attachments")
    if not any(hit["attachments"] for hit in program.hits()):
        return "the case has none"
    program.export(to, "attachments", "--exact")
    rows = list(csv.DictReader(io.StringIO(read(to, "attachments.csv").decode(), newline="")))
    files = {}
    for row in rows:
        files.setdefault(row["sha256"], set()).add(row["file"])
    for digest, names in files.items():
        expect(len(names) == 1, f"{digest} is there {len(names)} times")
        expect(sha256(read(to, *names)) == digest, f"{names} is not what the list says")
    on_disk = sum(len(names) for _, _, names in os.walk(to)) - 2
    expect(on_disk == len(files), f"{on_disk} files, {len(files)} contents")
    places = {
        (hit["id"], attachment["part"], copy["source"], copy["path_inside"] or "", str(copy["offset"]))
        for hit in program.hits()
        for attachment in hit["attachments"]
        for copy in hit["copies"]
    }
    listed = {(row["message"], row["part"], row["source"], row["path_inside"], row["offset"]) for row in rows}
    expect(listed == places, f"{len(places - listed)} places are not listed, {len(listed - places)} are none")
    return f"{len(files)} contents in {len(rows)} places"


def check_bags(program, work):
    try:
        import bagit
    except ImportError:
        return "SKIPPED: Python's bagit is not installed (pip install bagit)"
    # What it says of the byte that is changed below is expected.
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    for form in ("mbox", "eml", "csv", "json", "html", "sqlite", "dat", "attachments"):
        to = os.path.join(work, "bag-" + form)
        program.export(to, form, "--bag")
        bag = bagit.Bag(to)
        try:
            bag.validate(processes=1)
        except bagit.BagError as error:
            raise Wrong(f"{form}: {error}") from error
        expect(set(bag.algorithms) == {"sha256", "sha512"}, f"{form}: {bag.algorithms}")
        info = read(to, "bagit.txt")
        expect(info == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", f"{form}: {info!r}")
        # And one byte changed is noticed.
        name = next(iter(sorted(bag.payload_files())))
        with open(os.path.join(to, name), "r+b") as file:
            byte = file.read(1)
            file.seek(0)
            file.write(bytes([byte[0] ^ 1]) if byte else b"x")
        expect(not bagit.Bag(to).is_valid(), f"{form}: a changed file is not noticed")
    return "validated by bagit " + getattr(bagit, "VERSION", "")


def check_again(program, work):
    """A production that is ingested again gives the same messages."""
    to, case = os.path.join(work, "dat-again"), os.path.join(work, "case-again")
    program.export(to, "dat")
    shutil.rmtree(case, ignore_errors=True)
    again = Program(program.path, case)
    again.run("ingest", to, "--release", "again", expect=(0, 3))
    ours, theirs = ({hit["id"] for hit in one.hits()} for one in (program, again))
    expect(ours == theirs, f"{len(ours - theirs)} messages are gone, {len(theirs - ours)} are new")
    totals = json.loads(again.run("ledger", "--json").stdout.splitlines()[-1])
    expect(totals["balanced"], "the sums do not balance")
    with open(os.path.join(to, "VOL001.dat"), "rb") as file:
        rows = sum(1 for _ in file) - 1
    base = sqlite3.connect(f"file:{case}/ledger.sqlite?mode=ro", uri=True)
    told = base.execute("SELECT count(*) FROM items WHERE kind = 'load file row'").fetchone()[0]
    expect(told == rows, f"{told} of {rows} rows are in the ledger")
    return f"{len(ours)} messages, {rows} rows"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--case", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    program = Program(arguments.muckrake, arguments.case)
    checks = [
        (name.removeprefix("check_"), lambda check=check: check(program, arguments.work))
        for name, check in globals().items()
        if name.startswith("check_") and (not arguments.only or name.removeprefix("check_") in arguments.only)
    ]
    return run_checks(checks)


if __name__ == "__main__":
    sys.exit(main())
