#!/usr/bin/env python3
"""Compare what the program reads of real print-outs with labels that were made by hand.

usage: score.py CORPORA LABELS PROGRAM [--corpus NAME] [--show KIND]
  CORPORA  folder with clinton-prints.zip, palin-prints.zip, kagan-prints.zip, dc-bega/
  LABELS   a labels-*.jsonl; they hold positions and hashes, no text
  PROGRAM  the muckrake binary
  --show   print the documents in which something of a kind is wrong: from, date, to, cc, subject, top, nested

Values are compared by their letters and digits alone, in lower case; people as a multiset of those, date to the minute.
A message of depth 0 is the one with the same first line, give or take three lines; where none is found, all its fields are wrong.
A nested message is found where a quoted message begins within three lines of it. Messages that only an attribution line introduces
are left out, on both sides where they begin within three lines of one. What lies behind `labelled_to_line` is not counted. Only the
labelled documents are ingested, from a zip of them. Of persons with a directory name or an account behind the name the name alone is compared.
"""
import argparse, collections, hashlib, json, os, re, subprocess, sys, tempfile, zipfile

NEAR = 3


def normal(text):
    text = text.lower().replace("mailto", "")
    return "".join(c for c in text if c.isalnum())


class Document:
    def __init__(self, data):
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError:
            self.text = data.decode("latin-1")
        self.lines = self.text.split("\n")

    def value(self, spans):
        return " ".join(self.lines[line - 1][a:b] for line, a, b in spans)


def people(mentions):
    """Names with addresses, and whether they have a directory name or an account: of those the name alone is compared, since labels take all that is printed behind it."""
    told = []
    for m in mentions:
        name, address = m.get("name") or "", m.get("address") or ""
        if name or address:
            account = bool(name and address and not re.search(r"@\S+\.[A-Za-z]", address))
            told.append((printed_person(name if account else name + " " + address), account))
    return told


def unlike(want, got):
    """Those wanted and those got that have no other like them."""
    want, rest = list(want), []
    for key, account in got:
        if key in want:
            want.remove(key)
        else:
            rest.append((key, account))
    left = []
    for key, account in rest:
        longer = next((w for w in want if account and w.startswith(key)), None)
        if longer:
            want.remove(longer)
        else:
            left.append(key)
    return want, left


def printed_person(text):
    head = re.split(r"\( |CN=", text)[0]
    whole = normal(head) or normal(text)
    half = len(whole) // 2
    # An address that is its own name is named once by the program.
    return whole[:half] if whole[:half] == whole[half:] else whole


def program(args, *words):
    run = subprocess.run([args.program, *words], capture_output=True, env={"PATH": os.environ["PATH"]})
    if run.returncode not in (0, 1, 3):
        sys.exit(run.stderr.decode())
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def messages_of(args, wanted):
    """For each labelled document the messages that the program finds in it, in order."""
    found = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        case = os.path.join(folder, "case")
        for corpus in sorted({c for c, _ in wanted}):
            source = os.path.join(folder, corpus + "-prints.zip")
            with zipfile.ZipFile(os.path.join(args.corpora, corpus + "-prints.zip")) as whole, zipfile.ZipFile(source, "w") as labelled:
                for name in sorted(d for c, d in wanted if c == corpus):
                    labelled.writestr(name, whole.read(name))
            subprocess.run([args.program, "--case", case, "ingest", source, "--release", corpus], capture_output=True, check=False)
        ids = collections.defaultdict(list)
        for hit in program(args, "--case", case, "search", "*", "--json"):
            for copy in hit["copies"]:
                key = (copy["release"], copy["path_inside"])
                if key in wanted:
                    ids[hit["id"]].append((key, copy["offset"]))
        names = list(ids)
        for start in range(0, len(names), 100):
            for view in program(args, "--case", case, "show", "--json", *names[start : start + 100]):
                for key, offset in ids[view["id"]]:
                    found[key].append((offset, view))
    return {key: [view for _, view in sorted(views, key=lambda pair: pair[0])] for key, views in found.items()}


class Score:
    def __init__(self):
        self.right = collections.Counter()
        self.all = collections.Counter()
        self.wrong = collections.defaultdict(list)

    def count(self, kind, right, where):
        self.all[kind] += 1
        self.right[kind] += bool(right)
        if not right:
            self.wrong[kind].append(where)


def compare_fields(score, prefix, document, gold, ours, where):
    value = lambda name: normal(document.value(gold[name])) if name in gold else None
    if "from" in gold:
        want = printed_person(document.value(gold["from"]))
        rest = unlike([want] if want else [], people(ours["from"]))
        score.count(prefix + "from", rest == ([], []), (where, *rest))
    if "date" in gold:
        want = gold["date"]["meaning"]
        got = ours["date"] and ours["date"][:16]
        score.count(prefix + "date", want == got, (where, want, got))
    for role in ("to", "cc"):
        if role in gold and not gold[role].get("pointer"):
            want = [printed_person(document.value(p)) for p in gold[role]["persons"]]
            rest = unlike([w for w in want if w], people(ours[role]))
            score.count(prefix + role, rest == ([], []), (where, *rest))
    if "subject" in gold:
        want, got = value("subject"), normal(ours["subject"] or "")
        score.count(prefix + "subject", want == got, (where, want, got))


def original_line(view, text, at):
    """The line of the original on which a byte of the text stands."""
    line = text["text"].encode()[:at].count(b"\n") + 1
    before = [(first, original) for first, original in view["print"]["lines"] if first <= line]
    return before and before[-1][1] + line - before[-1][0]


def nested_of(view):
    """The quoted messages with their first line in the document and their fields as a search gives them."""
    for text in view["body"]:
        for quoted in text["quoted"]:
            # A header begins with its first field: separators belong to the message before, in the labels.
            starts = [quoted[name]["start"] for name in ("from", "date", "to", "cc", "subject") if quoted[name]]
            line = original_line(view, text, min(starts, default=quoted["start"]))
            if not line:
                continue
            people_of = lambda role: quoted[role]["people"] if quoted[role] else []
            yield line, quoted, {
                "from": [quoted["from"]] if quoted["from"] else [],
                "date": quoted["date"] and quoted["date"]["date"],
                "to": people_of("to"),
                "cc": people_of("cc"),
                "subject": quoted["subject"] and quoted["subject"]["text"],
            }


def score_document(score, record, document, views):
    name = record["document"]
    last = record["labelled_to_line"]
    tops = [m for m in record["messages"] if m["depth"] == 0 and m["kind"] == "header"]
    attributions = [m["lines"][0] for m in record["messages"] if m["kind"] == "attribution"]
    nested = [m for m in record["messages"] if m["depth"] > 0 and m["kind"] == "header"]
    ours, quoted = [], []
    for view in views:
        copy = next(c for c in view["copies"] if c["path_inside"] == name)
        ours.append((to_label_line(document, copy["offset"], view), view))
        for line, introduction, fields in nested_of(view):
            quoted.append((to_label_line_of(document, copy["offset"], line), introduction, fields))
    ours = [(line, view) for line, view in ours if line <= last]
    quoted = [q for q in quoted if q[0] <= last and not any(abs(q[0] - a) <= NEAR for a in attributions)]
    taken = set()
    for gold in tops:
        near = [i for i, (line, _) in enumerate(ours) if abs(line - gold["lines"][0]) <= NEAR and i not in taken]
        view = None
        if near:
            taken.add(near[0])
            view = ours[near[0]][1]
        score.count("top-found", view, (name, gold["lines"][0]))
        compare_fields(score, "", document, gold, view or EMPTY, (name, gold["lines"][0]))
    for i, (line, _) in enumerate(ours):
        score.count("top-true", i in taken, (name, line))
    taken = set()
    for gold in nested:
        near = sorted((abs(q[0] - gold["lines"][0]), i) for i, q in enumerate(quoted) if i not in taken and abs(q[0] - gold["lines"][0]) <= NEAR)
        fields = None
        if near:
            taken.add(near[0][1])
            fields = quoted[near[0][1]][2]
        score.count("nested-found", fields, (name, gold["lines"][0]))
        compare_fields(score, "nested-", document, gold, fields or EMPTY, (name, gold["lines"][0]))
    for i, q in enumerate(quoted):
        introduced = q[1]["introduction"] is not None and q[1]["from"] is not None
        if introduced:
            score.count("nested-true", i in taken, (name, q[0]))


EMPTY = {"from": [], "date": None, "to": [], "cc": [], "subject": None}


def to_label_line(document, offset, view):
    fields = [f for f in view["print"]["fields"] if f["field"] != "owner"]
    start = min(f["place"]["start"] for f in fields)
    return document.raw[: offset + start].count(b"\n") + 1


def to_label_line_of(document, offset, line):
    """The label line of a line that is counted in the bytes from `offset` on."""
    return document.raw[:offset].count(b"\n") + line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora")
    parser.add_argument("labels")
    parser.add_argument("program")
    parser.add_argument("--corpus", default="")
    parser.add_argument("--show", default="")
    args = parser.parse_args()
    args.program = os.path.abspath(args.program)
    records = [json.loads(line) for line in open(args.labels)]
    records = [r for r in records if r["corpus"] != "dc-bega" and args.corpus in r["corpus"]]
    found = messages_of(args, {(r["corpus"], r["document"]) for r in records})
    zips = {}
    scores = collections.defaultdict(Score)
    for record in records:
        corpus = record["corpus"]
        if corpus not in zips:
            zips[corpus] = zipfile.ZipFile(os.path.join(args.corpora, corpus + "-prints.zip"))
        raw = zips[corpus].read(record["document"])
        if hashlib.sha256(raw).hexdigest() != record["sha256"]:
            sys.exit(record["document"] + " is not the document that was labelled")
        document = Document(raw)
        document.raw = raw
        for score in (scores[corpus], scores["all"]):
            score_document(score, record, document, found.get((corpus, record["document"]), []))
    for corpus, score in scores.items():
        print(corpus)
        for kind in sorted(score.all):
            print(f"  {kind:16} {score.right[kind]:5} of {score.all[kind]:5}  {100 * score.right[kind] / score.all[kind]:6.2f} %")
        for kind in ("top", "nested"):
            recall = score.right[kind + "-found"] / max(1, score.all[kind + "-found"])
            precision = score.right[kind + "-true"] / max(1, score.all[kind + "-true"])
            print(f"  {kind} F1          {2 * recall * precision / max(1e-9, recall + precision):.4f}")
        rec = [score.right["to"] + score.right["cc"], score.all["to"] + score.all["cc"]]
        print(f"  recipients       {rec[0]} of {rec[1]}  {100 * rec[0] / max(1, rec[1]):.2f} %")
    if args.show:
        for wrong in scores["all"].wrong[args.show]:
            print(*wrong)


main()
