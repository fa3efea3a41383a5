"""Makes sources that are meant to fill the memory or to take for ever, has the program read each, and says what that took.

    python3 heavy.py --muckrake ../../target/release/muckrake --work /tmp/heavy

For each subject: its size, the seconds and the peak of memory of `muckrake ingest`, the exit code, and the first reason that the ledger
gives. The exit code is 1 if one took more than LONGEST seconds or MOST MB, panicked, was killed, or if the sums do not balance.
"""

import argparse
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import time
import zipfile
import zlib

LONGEST = 300
# The program itself, a message of the size limit, and what the index needs for the text that a body may have.
MOST = 1500
HEAD = b"From: a@a.example\nTo: b@b.example\nSubject: heavy\nDate: Tue, 14 Jun 2022 16:52:10 -0400\nMessage-ID: <1@a.example>\n"
LINE = b"This line goes on like the one before it, and nothing new is to be expected from the next one either.\n"


def repeated(piece, bytes_wanted):
    block = piece * max(1, (1 << 20) // len(piece))
    for _ in range(bytes_wanted // len(block) + 1):
        yield block


def message_of_500_mb():
    yield HEAD + b"\n"
    yield from repeated(LINE, 500_000_000)


def message_just_below_the_limit():
    yield HEAD + b"\n"
    yield from repeated(LINE, 255 << 20)


def words_that_never_repeat():
    yield HEAD + b"\n"
    for start in range(0, 20_000_000, 50_000):
        yield b"".join(b"w%d " % number for number in range(start, start + 50_000)) + b"\n"


def line_of_1_gb():
    yield HEAD + b"\n"
    yield from repeated(b"x", 1_000_000_000)


def mailbox_without_separators():
    yield b"From a@a.example Tue Jun 14 20:52:10 2022\n" + HEAD + b"\n"
    yield from repeated(LINE, 1_000_000_000)


def ten_million_fields():
    yield HEAD
    yield from repeated(b"A: b\n", 50_000_000)
    yield b"\nthe body\n"


def fields_up_to_the_limit():
    yield HEAD
    yield from repeated(b"a:\n", 255 << 20)


def ten_million_recipients():
    yield HEAD
    for field in range(10_000):
        yield b"To: " + b",".join(b"a%d@b" % n for n in range(1000)) + b"\n"
    yield b"\nthe body\n"


def hundred_thousand_parts():
    yield HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
    yield b"--b\n\nx\n" * 100_000 + b"--b--\n"


def fields_in_parts():
    yield HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
    for _ in range(250):
        yield b"--b\n" + b"a:\n" * 333_000 + b"\nx\n"


def nested_messages():
    yield HEAD + b"Content-Type: message/rfc822\n\n" * 200_000 + b"Subject: inside\n\nburied\n"


def nested_multiparts():
    yield HEAD
    for level in range(20_000):
        yield b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
    yield b"\nburied\n"


def nested_encoded_messages():
    """Base64 in base64: each level is read, decoded and kept while the next is."""
    import base64

    inner = HEAD + b"\n" + LINE * 200_000
    for _ in range(8):
        inner = HEAD + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(inner)
    yield inner


def html_of_100_mb():
    yield HEAD + b"Content-Type: text/html\n\n"
    yield from repeated(b"<div><blockquote><a href=http://x.example>&amp;", 100_000_000)


def attachment_of_180_mb():
    yield HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/csv; name=a.csv\nContent-Transfer-Encoding: base64\n\n"
    yield from repeated(b"MSwyLDMKMSwyLDMKMSwyLDMKMSwyLDMKMSwyLDMKMSwyLDMKMSwyLDMKMSwyLDMK\n", 240_000_000)
    yield b"--b--\n"


def deflated(chunks):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    out, crc, size = [], 0, 0
    for chunk in chunks:
        out.append(packer.compress(chunk))
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
    out.append(packer.flush())
    return b"".join(out), crc, size


def zip_of(members):
    """A zip of (name, packed, checksum, size): the same packed bytes may stand for many members."""
    out, directory = io.BytesIO(), []
    for name, packed, crc, size in members:
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), size, len(name), 0)
        directory.append(b"PK\x01\x02\x14\0" + fields + struct.pack("<HHHII", 0, 0, 0, 0, out.tell()) + name)
        out.write(b"PK\x03\x04" + fields + name + packed)
    start, listed = out.tell(), b"".join(directory)
    out.write(listed + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(directory), len(directory), len(listed), start, 0))
    return out.getvalue()


def flat_bomb():
    packed = deflated(repeated(b"\0", 4_000_000_000))
    yield zip_of([(b"zeros", *packed)])


def flat_bomb_of_many():
    packed = deflated(repeated(LINE, 60_000_000))
    yield zip_of((b"%d.txt" % number, *packed) for number in range(2000))


def nested_bomb():
    inner = zip_of([(b"zeros", *deflated(repeated(b"\0", 100_000_000)))])
    for _ in range(6):
        packed = deflated([inner])
        inner = zip_of((b"%d.zip" % number, *packed) for number in range(16))
    yield inner


def overlapping_bomb():
    """Each member of the directory is the same bytes of the file (D. Fifield, "A better zip bomb", 2019)."""
    name, (packed, crc, size) = b"a", deflated(repeated(LINE, 60_000_000))
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + fields + name + packed
    entry = b"PK\x01\x02\x14\0" + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    yield local + entry * 60_000
    yield struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(entry) * 60_000, len(local), 0)


def two_hundred_thousand_members():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(200_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    yield out.getvalue()


def gzip_bomb():
    import gzip

    inner = io.BytesIO()
    with gzip.GzipFile(fileobj=inner, mode="w", compresslevel=9, mtime=0) as file:
        for block in repeated(b"\0", 2_000_000_000):
            file.write(block)
    yield gzip.compress(inner.getvalue(), mtime=0)


SUBJECTS = [
    message_of_500_mb, message_just_below_the_limit, words_that_never_repeat, line_of_1_gb, mailbox_without_separators, ten_million_fields,
    fields_up_to_the_limit, ten_million_recipients, hundred_thousand_parts, fields_in_parts, nested_messages, nested_multiparts,
    nested_encoded_messages, html_of_100_mb, attachment_of_180_mb, flat_bomb, flat_bomb_of_many, nested_bomb, overlapping_bomb,
    two_hundred_thousand_members, gzip_bomb,
]


def make(subject, path):
    """Writes a subject in a process of its own: what this one holds would count as the peak of the program that it starts."""
    child = os.fork()
    if child == 0:
        with open(path, "wb") as file:
            for chunk in subject():
                file.write(chunk)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status != 0:
        sys.exit(f"{subject.__name__} could not be made")


def measure(program, work, name):
    """Seconds, peak of memory in MB and exit code of an ingest; the totals and the first reason of its ledger."""
    case = os.path.join(work, "case")
    shutil.rmtree(case, ignore_errors=True)
    environment = {"PATH": os.environ["PATH"], "MUCKRAKE_CASE": case}
    began = time.monotonic()
    with open(os.path.join(work, "stderr"), "wb") as errors:
        process = subprocess.Popen([program, "ingest", os.path.join(work, name), "--release", "r"], env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
    seconds = time.monotonic() - began
    rows = [json.loads(line) for line in subprocess.run([program, "ledger", "--json"], env=environment, capture_output=True, check=False).stdout.splitlines()]
    totals = rows[-1] if rows else {}
    reasons = [item["reason"] for row in rows[:-1] for item in row["unread"]]
    return seconds, usage.ru_maxrss / 1000, os.waitstatus_to_exitcode(status), totals, reasons


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--only", nargs="*", help="names of subjects")
    arguments = parser.parse_args()
    program, work, bad = os.path.abspath(arguments.muckrake), os.path.abspath(arguments.work), 0
    os.makedirs(work, exist_ok=True)
    print("| subject | MB | seconds | peak MB | messages | first of the reasons |\n|---|---|---|---|---|---|")
    for subject in SUBJECTS:
        if arguments.only and subject.__name__ not in arguments.only:
            continue
        path = os.path.join(work, "source")
        make(subject, path)
        size = os.path.getsize(path) / 1e6
        seconds, peak, code, totals, reasons = measure(program, work, "source")
        os.remove(path)
        told = f"{len(reasons)}: {reasons[0]}" if reasons else ""
        print(f"| {subject.__name__.replace('_', ' ')} | {size:.1f} | {seconds:.1f} | {peak:.0f} | {totals.get('messages')} | {told} |", flush=True)
        with open(os.path.join(work, "stderr"), "rb") as errors:
            panicked = b"panicked" in errors.read()
        if seconds > LONGEST or peak > MOST or panicked or code not in (0, 3) or not totals.get("balanced"):
            print(f"  BAD: exit {code}, panicked {panicked}, balanced {totals.get('balanced')}", flush=True)
            bad += 1
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
