"""Asks the program and the brute force the same random queries, and says where they differ and why."""

import argparse
import concurrent.futures
import datetime
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter

import corpus as corpus_module
from generate import Generator
from grammar import fields_of, resolved, to_text
from mailbytes import files_below
from oracle import Oracle
from program import REFUSED, Failed, Program, Tie, groups_of

ZONES = ("America/New_York", "Asia/Kolkata")
REPEATED = 150  # messages delivered a second time, in a release of their own
# Single sources that two careful readers read differently, and why; whatever else is said of them counts as explained.
EXPLAINED = {
    "notmuch/insert/mbox-attachment.eml": "a mailbox lies unencoded in an attachment: the oracle splits at its From_ lines, the program keeps the attachment whole",
    "bsd/rhost-cox-01.eml": "a From_ line that no blank line precedes: the program splits there, the oracle does not",
    "dos/rhost-cox-01.eml": "a From_ line that no blank line precedes: the program splits there, the oracle does not",
}
BODY_FLAGS = ("mime", "charset", "html", "duplicate:content-type", "duplicate:content-transfer-encoding")


def roots_of(corpora, work):
    """The releases: the four corpora, and one that repeats a part of two of them."""
    mbox, packed = os.path.join(work, "linux-man.mbox"), os.path.join(corpora, "linux-man.mbox.zst")
    if not os.path.exists(mbox) and os.path.exists(packed):
        with open(mbox + ".part", "wb") as file:
            subprocess.run(["zstd", "-dcq", packed], stdout=file, check=True)
        os.replace(mbox + ".part", mbox)
    again = os.path.join(work, "again")
    if not os.path.isdir(again):
        os.makedirs(again + ".part")
        for name in ("enron-skilling", "dc-bega"):
            mail = [p for p in files_below(os.path.join(corpora, name)) if not p[1].endswith((".pdf", ".DS_Store", ".md", ".PDF"))]
            for number, (path, _) in enumerate(mail[:: max(1, len(mail) // (REPEATED // 2))]):
                shutil.copy(path, os.path.join(again + ".part", f"{name}-{number}.eml"))
        os.replace(again + ".part", again)
    out = [("linux-man", mbox)] + [(n, os.path.join(corpora, n)) for n in ("dc-bega", "enron-skilling", "zoo")] + [("again", again)]
    return [(name, path) for name, path in out if os.path.exists(path)]


def cases_of(binary, roots, work, keep):
    """One case for each zone, of the same releases."""
    first = Program(binary, os.path.join(work, "case-0"))
    if not (keep and os.path.isdir(first.case)):
        shutil.rmtree(first.case, ignore_errors=True)
        for name, path in roots:
            began = time.monotonic()
            first.call("ingest", path, "--release", name)
            print(f"ingest {name}: {time.monotonic() - began:.1f} s", file=sys.stderr)
    first.set_zone(ZONES[0])
    second = first.copy_to(os.path.join(work, "case-1"))
    second.set_zone(ZONES[1])
    return [first, second]


class Metadata:
    """Compares what the rows say about each message with the oracle's reading."""

    def __init__(self):
        self.checked, self.wrong, self.doubtful, self.examples = Counter(), Counter(), Counter(), []

    def check(self, name, ours, theirs, doc, row, flagged):
        """Counts one comparison."""
        self.checked[name] += 1
        if ours == theirs:
            return
        (self.doubtful if flagged else self.wrong)[name] += 1
        if not flagged:
            self.examples.append({"what": name, "oracle": repr(ours)[:300], "program": repr(theirs)[:300], "id": row["id"],
                                  "release": doc.release, "source": doc.source, "offset": doc.offset, "nth": doc.nth,
                                  "flags": sorted(doc.flags)})

    def row(self, row, doc):
        """All comparisons of one row."""
        mime = "mime" in doc.flags
        squeezed = [" ".join((t or "").split()) for t in (doc.subject, row["subject"])]
        self.check("subject", *squeezed, doc, row, mime or any(f in doc.flags for f in ("header:subject", "duplicate:subject")))
        self.check("date", doc.instant, instant_of(row), doc, row, mime or "date" in doc.flags or "duplicate:date" in doc.flags)
        for role in ("from", "to", "cc", "bcc"):
            theirs = {(p["address"] or "").lower() for p in row[role] if p["address"] and "@" in p["address"]}
            doubt = mime or {"address:" + role, "header:" + role, "duplicate:" + role} & doc.flags
            self.check(role, sorted(doc.addresses[role]), sorted(theirs), doc, row, bool(doubt))
        certain = Counter(a[3] for a in doc.attachments if a[4] and a[3])
        possible = Counter(a[3] for a in doc.attachments if a[3])
        theirs = Counter(a["sha256"] for a in row["attachments"])
        unknown = sum(a[3] is None for a in doc.attachments)
        fits = certain <= theirs and (theirs - possible).total() <= unknown
        self.check("attachments", True, fits, doc, row, mime or "attachments" in doc.flags)
        if doc.parent is None and "size" not in doc.flags:
            self.check("size", True, min(doc.length, doc.size) - 2 <= (row["size"] or 0) <= max(doc.length, doc.size) + 2, doc, row, False)


def instant_of(row):
    """Seconds since 1970 of a row's date, None where it has none; a local time stands as if in UTC."""
    if not row["date"]:
        return None
    found = datetime.datetime.fromisoformat(row["date"].replace("Z", "+00:00"))
    if found.tzinfo is None:
        found = found.replace(tzinfo=datetime.timezone.utc)
    return int(found.timestamp())


def relevant_flags(fields):
    """The doubts about a message that matter for a query on these fields."""
    out = {"mime"}
    for field in fields:
        if field in (None, "body", "attached", "attachment", "filetype", "has"):
            out.update(BODY_FLAGS + ("attachment-name",))
        if field in ("attached", "attachment", "filetype", "has"):
            out.add("attachments")
        if field is None or field in ("from", "to", "cc", "bcc", "with", "subject", "is"):
            out.update(["header", "address", "duplicate"])
        if field in ("date", "before", "after"):
            out.update(["date", "duplicate:date"])
        if field in ("size", "message-id"):
            out.update([field, "duplicate:message-id"])
        if field and field.startswith("header."):
            out.add("header")
    return out


class Run:
    """All queries over both cases."""

    def __init__(self, given):
        self.work = os.path.abspath(given.work)
        os.makedirs(self.work, exist_ok=True)
        self.roots = roots_of(os.path.abspath(given.corpora), self.work)
        self.corpus = corpus_module.load(self.roots, self.work)
        self.cases = cases_of(given.muckrake, self.roots, self.work, given.keep)
        rows = self.cases[0].search("*")
        self.tie = Tie(rows, self.corpus.docs, self.roots)
        self.numbers, folded = groups_of(rows)
        self.folded = len(folded)
        self.rows = rows
        self.oracle = Oracle(self.corpus, ZONES[0], self.tie.ids, [row["id"] for row in rows])
        self.oracle.count = max(self.oracle.count, len(rows))
        self.oracle.all = self.oracle._bits(self.tie.read)
        self.docs_of = {}
        for at, number in enumerate(self.tie.ids):
            self.docs_of.setdefault(number, []).append(at)
        self.outcomes, self.by_kind, self.found = Counter(), {}, []
        self.checks, self.culprits, self.doubted = Counter(), Counter(), Counter()

    # -- one query --------------------------------------------------------------------------------------------------------

    def ask(self, number, zone, text):
        """The program's side: ids, and the further checks that fall on this query."""
        program, notes = self.cases[zone], []
        try:
            ids = program.search_ids(text)
            if number % 4 == 0 and program.count(text) != len(ids):
                notes.append(f"--count gives {program.count(text)}, the listing {len(ids)}")
            if number % 20 == 1 and ids:
                notes += self.paged(program, text, ids)
            if number % 15 == 2 and ids:
                notes += self.sorted_rows(program, text, ids)
        except Failed as failure:
            return None, [str(failure)], number
        if len(set(ids)) != len(ids):
            notes.append("an id is listed twice")
        return ids, notes, number

    def paged(self, program, text, ids):
        """Pages through to the last result and one page beyond."""
        self.checks["paged"] += 1
        size = max(1, -(-len(ids) // 7))
        pages, offset = [], 0
        while offset <= len(ids):
            pages += program.search_ids(text, "--limit", str(size), "--offset", str(offset))
            offset += size
        return [] if pages == ids else ["the pages together are not the full listing"]

    def sorted_rows(self, program, text, ids):
        """Checks the three orders."""
        self.checks["sorted"] += 1
        notes = []
        for order, sign in (("date", 1), ("-date", -1)):
            rows = program.search(text, "--sort", order)
            dates = [instant_of(row) for row in rows]
            known = [d * sign for d in dates if d is not None]
            if sorted(row["id"] for row in rows) != sorted(ids):
                notes.append(f"--sort {order} gives other messages")
            if known != sorted(known) and all(row["zone_known"] or not row["date"] for row in rows):
                notes.append(f"--sort {order} is out of order")
        scores = [row["score"] for row in program.search(text, "--sort", "relevance", "--limit", "200")]
        if any(s is not None for s in scores) and scores != sorted(scores, key=lambda s: -(s or 0)):
            notes.append("--sort relevance is out of order")
        return notes

    def judge(self, kind, node, text, zone, ids, notes):
        """Compares the two answers and files the outcome."""
        entry = {"kind": kind, "query": text, "zone": ZONES[zone], "notes": notes}
        if ids is None:
            outcome = "refused by the program" if f"exit {REFUSED} " in notes[0] else "failed"
            return self.file(kind, outcome, entry)
        self.oracle.set_zone(ZONES[zone])
        answer = self.oracle.answer(node)
        known = [self.numbers[i] for i in ids if i in self.numbers]
        theirs = self.oracle._bits(known) & self.oracle.all
        if len(known) != len(ids):
            notes.append("ids that a search for everything does not give")
        extra = self.oracle.members(theirs & ~answer.may)
        missing = self.oracle.members(answer.must & ~theirs)
        choice = self.oracle.members((theirs ^ answer.taken) & answer.may & ~answer.must)
        if notes:
            return self.file(kind, "failed a further check", entry)
        if not extra and not missing:
            if choice:
                entry["choice"] = [self.describe(n, node) for n in choice[:5]]
            return self.file(kind, "left open by the contract" if choice else "agree", entry)
        flags = relevant_flags(fields_of(resolved(node)))
        sure = [n for n in extra + missing if not self.doubts(n, flags)]
        doubtful = not sure
        self.culprits.update(self.tie.place(self.docs_of[n][0]) for n in sure)
        self.doubted.update(self.tie.place(self.docs_of[n][0]) for n in extra + missing if n not in sure)
        extra.sort(key=lambda n: n not in sure)
        missing.sort(key=lambda n: n not in sure)
        entry.update(counts=[len(ids), answer.taken.bit_count(), len(extra), len(missing)], without_doubt=len(sure),
                     extra=[self.describe(n, node) for n in extra[:8]], missing=[self.describe(n, node) for n in missing[:8]])
        return self.file(kind, "doubtful reading" if doubtful else "DISAGREE", entry)

    def doubts(self, number, flags):
        """Whether the oracle's reading of a message is in doubt for these flags, or its source is explained."""
        if any(self.corpus.docs[at].source.endswith(tuple(EXPLAINED)) for at in self.docs_of.get(number, ())):
            return True
        return any(f in flags or f.split(":")[0] in flags for at in self.docs_of.get(number, ()) for f in self.corpus.docs[at].flags)

    def describe(self, number, node):
        """One message of a disagreement: where it is, and what each leaf of the query says of it."""
        at = self.docs_of[number][0]
        doc = self.corpus.docs[at]
        leaves = {}
        for leaf in leaves_of(resolved(node)):
            answer = self.oracle.answer(leaf)
            leaves[to_text(leaf)] = next((name for name in ("must", "taken", "may") if getattr(answer, name) >> number & 1), "no")
        streams = sorted(s for s in doc.units)
        return {"id": self.rows[number]["id"], "place": self.tie.place(at), "sha256": doc.sha256, "flags": sorted(doc.flags),
                "copies": len(self.docs_of[number]), "leaves": leaves, "streams": streams}

    def file(self, kind, outcome, entry):
        """Keeps the outcome."""
        self.outcomes[outcome] += 1
        self.by_kind.setdefault(kind, Counter())[outcome] += 1
        entry["outcome"] = outcome
        if outcome != "agree":
            self.found.append(entry)

    # -- the whole --------------------------------------------------------------------------------------------------------

    def everything(self, count, seed, processes=2):
        """All queries, half of them in each zone."""
        generator = Generator(self.oracle, seed, ZONES)
        queries = [(kind, node, to_text(node, generator.style)) for kind, node in generator.queries(count)]
        with concurrent.futures.ThreadPoolExecutor(processes) as pool:
            jobs = [pool.submit(self.ask, n, n % 2, text) for n, (_, _, text) in enumerate(queries)]
            for job, (number, (kind, node, text)) in zip(jobs, enumerate(queries)):
                ids, notes, _ = job.result()
                self.judge(kind, node, text, number % 2, ids, notes)
                if number % 100 == 99:
                    print(f"{number + 1} of {count}: {dict(self.outcomes)}", file=sys.stderr, flush=True)
        self.metadata = Metadata()
        for number, row in enumerate(self.rows):
            if number in self.docs_of:
                self.metadata.row(row, self.corpus.docs[self.docs_of[number][0]])

    def report(self):
        """Prints the summary, writes everything that does not plainly agree; whether all is well."""
        docs = self.corpus.docs
        flagged = Counter(f.split(":")[0] for doc in docs for f in {f.split(":")[0] for f in doc.flags if f != "size"})
        print(f"messages read: {len(docs)} ({sum(d.parent is not None for d in docs)} attached); rows: {len(self.rows)}; "
              f"folded ids: {self.folded}; in doubt: {sum(bool(d.flags - {'size'}) for d in docs)} {dict(flagged)}")
        for name, places in self.tie.notes.items():
            print(f"  {name}: {len(places)}")
        print(f"{'kind':12} {'asked':>6} " + " ".join(f"{o:>24}" for o in self.outcomes))
        for kind, outcomes in sorted(self.by_kind.items()):
            print(f"{kind:12} {sum(outcomes.values()):6} " + " ".join(f"{outcomes[o]:24}" for o in self.outcomes))
        print(f"{'all':12} {sum(self.outcomes.values()):6} " + " ".join(f"{n:24}" for n in self.outcomes.values()))
        print(f"further checks: {dict(self.checks)}")
        for name, checked in self.metadata.checked.items():
            print(f"  rows' {name}: {checked} compared, {self.metadata.wrong[name]} differ, "
                  f"{self.metadata.doubtful[name]} differ where the reading is in doubt")
        for name, places in (("not in doubt", self.culprits), ("in doubt or explained", self.doubted)):
            print(f"messages, {name}, that queries disagree on: {len(places)}; most often")
            for place, times in places.most_common(15):
                print(f"  {times:5} {place}")
        path = os.path.join(self.work, "disagreements.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"outcomes": self.outcomes, "messages": self.culprits.most_common(), "messages in doubt": self.doubted.most_common(), "reading": self.tie.notes, "metadata": self.metadata.examples,
                       "queries": sorted(self.found, key=lambda e: e["outcome"])}, file, indent=1, ensure_ascii=False)
        print(f"details: {path}")
        return not any(self.outcomes[o] for o in ("DISAGREE", "failed", "failed a further check", "refused by the program"))


def leaves_of(node):
    """The leaves of a resolved tree."""
    return [leaf for child in node.children for leaf in leaves_of(child)] if node.children else [node]


def main():
    """Reads the arguments and runs."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--muckrake", required=True, help="the program under test")
    reader.add_argument("--corpora", required=True, help="the folder of real mail")
    reader.add_argument("--work", required=True, help="a folder for cases, cache and results")
    reader.add_argument("--queries", type=int, default=2000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--keep", action="store_true", help="use the cases of the last run")
    given = reader.parse_args()
    run = Run(given)
    run.everything(given.queries, given.seed)
    sys.exit(0 if run.report() else 1)


if __name__ == "__main__":
    main()
