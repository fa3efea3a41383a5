#!/usr/bin/env python3
"""Check that the hand labels of printed mail agree with the corpora.

usage: check.py CORPORA [LABELS]
  CORPORA  folder with clinton-prints.zip, palin-prints.zip, kagan-prints.zip, dc-bega/
  LABELS   folder with labels-dev.jsonl and labels-held-out.jsonl (default: the folder of this script)

Prints counts only, never text of the corpora. Exit status 1 when anything is wrong.
Pages of PDFs need pdfinfo, pdftotext and pdfdetach (poppler-utils); without them they are skipped, and said so.
A page whose extracted text differs from the labelled one (another poppler version) is counted as skipped.
"""
import collections, datetime, hashlib, json, os, random, re, shutil, subprocess, sys, tempfile, zipfile

ZIPS = ("clinton", "palin", "kagan")
SAMPLE, SEED, CUT = 110, 1, 150
FIELDS = ("from", "date", "to", "cc", "bcc", "subject", "attachments", "unlabelled", "pointer")
PERSONS = ("to", "cc", "bcc", "unlabelled")
KINDS = ("header", "attribution", "continued")
NONE = (None, "memo", "continuation-page", "press-release", "letter", "portfolio-cover", "scanned")
RECORD = {"corpus", "document", "sha256", "page", "embedded", "page_text_sha256", "lines_in_document",
          "labelled_to_line", "none", "messages", "boilerplate", "redactions"}
CODE = re.compile(r"^(b[1-9][a-f]?|p[1-6]|1\.4\([a-h]\))$")
errors, notes = [], collections.Counter()


def bad(r, n, what):
    errors.append("%s line %d (%s): %s" % (r.get("_file"), r.get("_line"), r.get("corpus"), what))


def lines_of(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def spans_ok(r, lines, spans, what, lo, hi, may_be_empty=False):
    if not spans:
        if not may_be_empty:
            bad(r, 0, what + ": no span")
        return
    last = (0, 0)
    for s in spans:
        if len(s) != 3 or not all(isinstance(x, int) for x in s):
            bad(r, 0, what + ": not [line, start, end]")
            return
        line, a, b = s
        if not (lo <= line <= hi):
            bad(r, 0, "%s: line %d outside %d-%d" % (what, line, lo, hi))
            return
        if line > len(lines) or not (0 <= a < b <= len(lines[line - 1])):
            bad(r, 0, "%s: span %s outside its line" % (what, s))
            return
        if (line, a) < last:
            bad(r, 0, what + ": spans not in order")
        last = (line, b)
        piece = lines[line - 1][a:b]
        if piece != piece.strip():
            bad(r, 0, "%s: span %s begins or ends with white space" % (what, s))


def check(r, lines):
    n = len(lines)
    if set(k for k in r if k[0] != "_") - RECORD:
        bad(r, 0, "unknown keys")
    if r["lines_in_document"] != n:
        bad(r, 0, "lines_in_document %d, found %d" % (r["lines_in_document"], n))
    to = r["labelled_to_line"]
    if not (0 <= to <= n):
        bad(r, 0, "labelled_to_line outside the document")
    if r["none"] not in NONE:
        bad(r, 0, "unknown reason")
    if (r["none"] is not None) == bool(r["messages"]):
        bad(r, 0, "'none' and messages disagree")
    prev = None
    for i, m in enumerate(r["messages"]):
        what = "message %d" % i
        a, b = m["lines"]
        if not (1 <= a <= b <= to):
            bad(r, 0, what + ": line range")
            continue
        if prev and a <= prev:
            bad(r, 0, what + ": overlaps the message before")
        prev = b
        if m["kind"] not in KINDS:
            bad(r, 0, what + ": kind")
        if not isinstance(m["depth"], int) or m["depth"] < 0:
            bad(r, 0, what + ": depth")
        if i == 0 and m["depth"] != 0 and m["kind"] != "continued":
            bad(r, 0, what + ": the first message is not at depth 0")
        if set(m) - set(FIELDS) - {"lines", "depth", "kind"}:
            bad(r, 0, what + ": unknown keys")
        notes["messages"] += 1
        notes["kind " + m["kind"]] += 1
        for f in ("from", "subject", "attachments"):
            if f in m:
                spans_ok(r, lines, m[f], what + " " + f, a, b, may_be_empty=True)
                notes[f] += 1
        if "date" in m:
            notes["date"] += 1
            d = m["date"]
            spans_ok(r, lines, d["spans"], what + " date", a, b, may_be_empty=True)
            if d["meaning"] is not None:
                if not re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d$", d["meaning"]):
                    bad(r, 0, what + ": meaning")
                else:
                    datetime.datetime.fromisoformat(d["meaning"])
            if d["offset"] is not None and not re.match(r"^[+-]\d\d:\d\d$", d["offset"]):
                bad(r, 0, what + ": offset")
        pointed = m.get("pointer", {})
        for f, spans in pointed.items():
            spans_ok(r, lines, spans, what + " pointer", a, b)
        seen = set()
        for f in PERSONS:
            if f in m:
                notes[f] += 1
                for p in m[f]["persons"]:
                    notes["persons"] += 1
                    # a distribution list may stand at the end, behind the next nested message
                    spans_ok(r, lines, p, what + " " + f, a, to if f in pointed else b)
                    for s in p:
                        if tuple(s) in seen:
                            bad(r, 0, what + ": one span for two persons")
                        seen.add(tuple(s))
    if r["boilerplate"] != sorted(set(r["boilerplate"])) or any(not 1 <= x <= n for x in r["boilerplate"]):
        bad(r, 0, "boilerplate lines")
    for x in r["redactions"]:
        if not (1 <= x["line"] <= to) or (x["code"] is not None and not CODE.match(x["code"])):
            bad(r, 0, "redaction")
        notes["redactions"] += 1
    notes["boilerplate lines"] += len(r["boilerplate"])


def run(*a):
    return subprocess.run(a, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def page_text(path, page):
    return run("pdftotext", "-layout", "-f", str(page), "-l", str(page), path, "-")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    corpora = sys.argv[1]
    labels = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.abspath(__file__))
    sets = {}
    for name in ("dev", "held-out"):
        sets[name] = []
        with open(os.path.join(labels, "labels-%s.jsonl" % name)) as f:
            for i, line in enumerate(f, 1):
                if "@" in line:
                    errors.append("labels-%s.jsonl line %d: looks like text" % (name, i))
                r = json.loads(line)
                r["_file"], r["_line"] = "labels-%s.jsonl" % name, i
                sets[name].append(r)
    every = sets["dev"] + sets["held-out"]
    both = {r["document"] for r in sets["dev"]} & {r["document"] for r in sets["held-out"]}
    if both:
        errors.append("%d documents are in both halves" % len(both))
    for c in ZIPS:
        z = zipfile.ZipFile(os.path.join(corpora, c + "-prints.zip"))
        names = sorted(i.filename for i in z.infolist() if not i.is_dir())
        sample = sorted(random.Random(SEED).sample(names, SAMPLE))
        order = list(range(SAMPLE))
        random.Random(SEED).shuffle(order)
        half = {sample[i] for i in order[:SAMPLE // 2]}
        for name, want in (("dev", half), ("held-out", set(sample) - half)):
            have = {r["document"] for r in sets[name] if r["corpus"] == c}
            if have != want:
                errors.append("%s %s: not the sample of seed %d (%d differ)" % (c, name, SEED, len(have ^ want)))
        for r in every:
            if r["corpus"] != c:
                continue
            data = z.read(r["document"])
            if hashlib.sha256(data).hexdigest() != r["sha256"]:
                bad(r, 0, "sha256 of the document differs")
                continue
            notes["documents " + c] += 1
            check(r, lines_of(data))
    pdf = [r for r in every if r["corpus"] == "dc-bega"]
    if not all(shutil.which(t) for t in ("pdfinfo", "pdftotext", "pdfdetach")):
        notes["pdf pages skipped, no poppler-utils"] = len(pdf)
    else:
        found = {}
        for root, _, files in os.walk(os.path.join(corpora, "dc-bega")):
            for f in files:
                if f.lower().endswith(".pdf"):
                    p = os.path.join(root, f)
                    with open(p, "rb") as h:
                        found[hashlib.sha256(h.read()).hexdigest()] = p
        pages = collections.Counter()
        with tempfile.TemporaryDirectory() as tmp:
            for r in pdf:
                path = found.get(r["sha256"])
                if not path or r["document"] != "sha256:" + r["sha256"]:
                    bad(r, 0, "PDF not found")
                    continue
                if r["embedded"]:
                    out = os.path.join(tmp, "e.pdf")
                    run("pdfdetach", "-save", str(r["embedded"]), "-o", out, path)
                    text = page_text(out, r["page"])
                else:
                    text = page_text(path, r["page"])
                    pages[r["sha256"]] += 1
                if hashlib.sha256(text).hexdigest() != r["page_text_sha256"]:
                    notes["pdf pages skipped, text differs"] += 1
                    continue
                notes["pdf pages"] += 1
                check(r, lines_of(text))
        for sha, path in found.items():
            m = re.search(rb"^Pages:\s*(\d+)", run("pdfinfo", path), re.M)
            if m and int(m.group(1)) != pages[sha]:
                errors.append("a PDF with %s pages has %d records" % (m.group(1).decode(), pages[sha]))
    for k in sorted(notes):
        print("%6d  %s" % (notes[k], k))
    for e in errors:
        print("WRONG", e)
    print("wrong: %d" % len(errors))
    sys.exit(1 if errors else 0)


main()
