"""A small invented release, the program run on it with or without a fault, and what a case says."""

import bz2
import gzip
import io
import json
import os
import shutil
import subprocess
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
PEOPLE = [("Anne Pier", "anne@harbour.example"), ("Bob Quay", "bob@city.example"),
          ("Carla Mole", "carla@harbour.example"), ("Dan Dolphin", "dan@city.example")]
QUERIES = ["pier", "bollard7", "from:anne", "to:@city.example", "bcc:eve", "has:attachment", "attached:pilings",
           "is:reply", "date:2021-03-05", "release:harbour", "folder:*", "header.message-id:harbour"]


class Wrong(Exception):
    """The case is not as it has to be."""


def mail(number, bcc=False, attached=False, weight=0):
    """One invented mail; `weight` adds so many bytes that no text is in."""
    (name, address), (to_name, to) = PEOPLE[number % 4], PEOPLE[(number + 1) % 4]
    lines = [f"From: {name} <{address}>", f"To: {to_name} <{to}>"]
    if bcc:
        lines.append("Bcc: Eve Hidden <eve@city.example>")
    lines += [f"Subject: {'Re: ' if number % 5 else ''}Pier contract {number // 5}",
              f"Date: {number % 28 + 1} Mar 2021 10:{number % 60:02}:00 +0000", f"Message-ID: <{number}@harbour.example>"]
    if number % 5:
        lines.append(f"In-Reply-To: <{number - 1}@harbour.example>")
    text = f"Message {number} about bollard{number} and the pier.\n"
    if not attached and not weight:
        return "\n".join(lines) + "\n\n" + text
    parts = ["Content-Type: text/plain\n\n" + text]
    if attached:
        parts.append("Content-Type: text/csv; name=estimate.csv\nContent-Disposition: attachment; filename=estimate.csv\n\n"
                     f"item,price\npilings,{number}\n")
        parts.append(f"Content-Type: message/rfc822\n\nFrom: Fay Ferry <fay@city.example>\nSubject: Keys {number}\n"
                     f"Message-ID: <keys.{number}@city.example>\nDate: 1 Apr 2021 09:00:00 +0000\n\nThe keys to shed {number}.\n")
    if weight:
        block = "QUJD" * 18 + "QUJE\n"
        parts.append("Content-Type: application/octet-stream; name=plan.bin\nContent-Transfer-Encoding: base64\n\n"
                     + block * (weight // len(block)))
    body = "".join(f"--cut\n{part}" for part in parts)
    return "\n".join(lines) + "\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n\n" + body + "--cut--\n"


def mbox(mails):
    """Mails as a mailbox."""
    return "".join(f"From sender@harbour.example Mon Mar  1 10:30:00 2021\n{one}\n" for one in mails).encode()


def put(path, data):
    """Writes a file and the folders above it, with a time that does not change."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.utime(path, (1_600_000_000, 1_600_000_000))


def make_releases(folder):
    """Three releases: `harbour` with files of many kinds, `city` with copies that say more, `plans` with one long stream."""
    harbour, city, plans = (os.path.join(folder, name) for name in ("harbour", "city", "plans"))
    put(f"{harbour}/box/inbox.mbox", mbox([mail(n, attached=n % 4 == 0) for n in range(24)]))
    for n in range(24, 30):
        put(f"{harbour}/eml/{n}.eml", mail(n).encode())
    put(f"{harbour}/packed.mbox.bz2", bz2.compress(mbox([mail(n) for n in range(30, 36)])))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(36, 40):
            archive.writestr(f"mail/{n}.eml", mail(n))
        archive.writestr("readme.txt", "no mail\n")
    put(f"{harbour}/some.zip", held.getvalue())
    # Over 8 MiB when it is unpacked: the case keeps a seekable copy.
    heavy = mbox([mail(n, weight=900_000) for n in range(40, 51)])
    put(f"{plans}/stream.mbox.gz", gzip.compress(heavy, 6, mtime=0))
    put(f"{city}/later.mbox", mbox([mail(n, bcc=n % 2 == 0) for n in range(6)] + [mail(60), mail(61, attached=True)]))


def build_shim(work):
    """Compiles the fault injector."""
    shim = os.path.join(work, "faults.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, os.path.join(HERE, "faults.c"), "-ldl", "-lpthread"], check=True)
    return shim


class Program:
    """The program, on one case."""

    def __init__(self, binary, case, shim=None):
        self.binary, self.case, self.shim = os.path.abspath(binary), os.path.abspath(case), shim

    def run(self, *arguments, faults=None, timeout=1800):
        """Runs a command; `faults` are variables of the injector."""
        environment = {"PATH": os.environ.get("PATH", "")}
        if faults is not None:
            environment |= {"LD_PRELOAD": self.shim, "FAULT_ROOT": self.case} | {key: str(value) for key, value in faults.items()}
        return subprocess.run([self.binary, "--case", self.case, *arguments], capture_output=True, check=False,
                              env=environment, timeout=timeout)

    def good(self, *arguments, accept=(0, 1)):
        """Runs a command that has to end well; gives its output."""
        done = self.run(*arguments)
        if done.returncode not in accept:
            raise Wrong(f"exit {done.returncode} of {' '.join(arguments)}: {done.stderr.decode(errors='replace')[-500:]}")
        if b"panicked at" in done.stderr:
            raise Wrong(f"panic in {' '.join(arguments)}: {done.stderr.decode(errors='replace')[-500:]}")
        return done.stdout

    def lines(self, *arguments):
        """JSON Lines that a command gives."""
        return [json.loads(line) for line in self.good(*arguments).splitlines()]

    def state(self, queries=QUERIES):
        """All that the case says: each message with its copies, the ledger, the counts of some queries, the user's tags."""
        hits = self.lines("search", "--json", "--sort", "date", "--", "*")
        for hit in hits:
            del hit["score"], hit["snippet"]
            hit["copies"].sort(key=lambda copy: json.dumps(copy, sort_keys=True))
        hits.sort(key=lambda hit: hit["id"])
        ledger = self.lines("ledger", "--json")
        sources, totals = sorted(ledger[:-1], key=lambda row: (row["release"], row["source"])), ledger[-1]
        # A query that names a release which is not in the case is refused, and gives no number.
        counts = {query: self.good("search", "--count", "--", query, accept=(0, 1, 2)).decode() for query in queries}
        return {"hits": hits, "sources": sources, "totals": totals, "counts": counts, "tags": self.good("tags", "export").decode(),
                "releases": self.lines("releases", "list", "--json")}

    def expect_consistent(self):
        """What holds at every moment: the sums balance, and a search finds what the ledger counts."""
        totals = self.lines("ledger", "--json")[-1]
        if not totals["balanced"]:
            raise Wrong(f"the sums do not balance: {totals}")
        found = self.lines("search", "--json", "--", "*")
        if len(found) != totals["messages"]:
            raise Wrong(f"{len(found)} messages are found and {totals['messages']} are in the ledger")
        copies = sum(len(hit["copies"]) for hit in found)
        if copies != totals["copies"]:
            raise Wrong(f"the messages found have {copies} copies, the ledger {totals['copies']}")
        return totals


def difference(one, other):
    """Where two states differ, in a line. Of the counts those are compared that the other has too."""
    one = one | {"counts": {query: count for query, count in one["counts"].items() if query in other["counts"]}}
    for part in one:
        if one[part] == other[part]:
            continue
        if part != "hits":
            return f"{part}: {json.dumps(one[part])[:300]} against {json.dumps(other[part])[:300]}"
        left, right = ({hit["id"]: hit for hit in side[part]} for side in (one, other))
        if left.keys() != right.keys():
            return f"ids: {sorted(left.keys() ^ right.keys())[:4]}"
        for key, hit in left.items():
            for name in hit:
                if hit[name] != right[key][name]:
                    return f"{key[:8]} {name}: {hit[name]} against {right[key][name]}"
    return None


def copy_case(source, target):
    """A copy of a case with the times of its files."""
    shutil.rmtree(target, ignore_errors=True)
    if os.path.exists(source):
        shutil.copytree(source, target)
