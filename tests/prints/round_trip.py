#!/usr/bin/env python3
"""Lay mail out as print-outs, read them back, and compare.

usage: round_trip.py MAIL PROGRAM [--noise PERCENT] [--most N] [--seed N]
  MAIL     a folder of messages (RFC 5322), as `cargo run --example release` of crates/sample writes them, or enron-skilling
  PROGRAM  the muckrake binary
  --noise  share of the characters that scanning gets wrong, in percent (0)

Each layout gets documents of one to six messages, every message on a page of its own, with a banner and page numbers on half of the documents. What a
message says is read by Python's email package. Without noise the fields of `show --json` are compared: names and addresses by letters and digits, the date to
the minute, the subject with white space as one. With noise the text of each printed field is compared with the damaged text that was printed there.
"""
import argparse, collections, email, email.policy, email.utils, json, os, random, re, subprocess, sys, tempfile

LAYOUTS = ("memo", "plain", "stacked", "columns", "archive")
PAGE_LINES = 52
ALIKE = {"l": "1", "1": "l", "I": "l", "O": "0", "0": "O", "S": "5", "5": "S", "e": "c", "c": "e", "m": "rn", "h": "b", "n": "ri", "a": "o", ":": ";", ".": ",", ",": "."}


def normal(text):
    return "".join(c for c in text.lower() if c.isalnum())


def white(text):
    return " ".join(text.split())


def people(value):
    return [p for p in email.utils.getaddresses([white(str(value))]) if p[1] and "@" in p[1]] if value else []


def read(path):
    """What a mail says, or None where it does not say enough to be printed."""
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.compat32)
    try:
        decode = lambda name: str(email.header.make_header(email.header.decode_header(mail.get(name, ""))))
        date = email.utils.parsedate_to_datetime(mail["date"])
        said = {name: white(decode(name)) for name in ("from", "to", "cc", "subject")}
    except (TypeError, ValueError, LookupError, UnicodeError):
        return None
    said["date"] = date
    said = dict(said, **{role: people(said[role]) for role in ("from", "to", "cc")})
    plain = next((p for p in mail.walk() if p.get_content_type() == "text/plain"), None)
    body = (plain.get_payload(decode=True) or b"").decode("utf-8", "replace") if plain is not None else ""
    said["body"] = body.replace("\f", " ").replace("\r", "")[:4000]
    whole = len(said["from"]) == 1 and said["to"] and said["subject"] and len(said["to"]) + len(said["cc"]) <= 40
    names = [n for role in ("from", "to", "cc") for n, _ in said[role]]
    # A quoted name with separators or directory names is another matter than layouts.
    odd = any(re.search(r"[;<>@\[\]/=\"()]", n) for n in names) or any(ord(c) > 0x2fff for c in said["subject"])
    return None if odd or not whole else said


def wrap(words, width, indent):
    lines, line = [], ""
    for word in words:
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = (line + " " + word).strip()
    lines.append(line)
    return ("\n" + " " * indent).join(lines)


def person(p):
    return f"{p[0]} <{p[1]}>" if p[0] else p[1]


def listed(ps):
    return "; ".join(person(p) for p in ps)


def fields_of(said, layout):
    date = said["date"].strftime("%A, %B %d, %Y %I:%M %p")
    fields = [("From", person(said["from"][0])), ("Sent", date), ("To", listed(said["to"]))]
    if said["cc"]:
        fields.append(("Cc", listed(said["cc"])))
    return fields + [("Subject", said["subject"])]


class Printer:
    """Lays a message out, with damaged characters if asked, and keeps what was printed for each field."""

    def __init__(self, layout, noise, rng):
        self.layout, self.noise, self.rng = layout, noise, rng

    def damage(self, text):
        if not self.noise:
            return text
        damaged = ""
        for c in text:
            if c.isspace() or self.rng.random() >= self.noise / 100:
                damaged += c
            else:
                damaged += ALIKE.get(c, self.rng.choice("abcdeilorst"))
        return damaged

    def header(self, said):
        printed, out = {}, []
        if self.layout == "archive":
            cn = lambda p: f"{p[0] or p[1]} ( CN={p[0] or p[1]}/OU=HARB/O=CITY @ CITY [ HARB ] )"
            rows = [("RECORD TYPE", "HARBOURMASTER   (NOTES MAIL)"), ("CREATOR", cn(said["from"][0])),
                    ("CREATION DATE/TIME", said["date"].strftime("%d-%b-%Y %H:%M:%S.00").upper()), ("SUBJECT", said["subject"])]
            rows += [("TO", cn(p)) for p in said["to"]] + [("CC", cn(p)) for p in said["cc"]]
            for label, value in rows:
                value = self.damage(value)
                printed.setdefault(label, []).append(value)
                out += [self.damage(label) + self.damage(":") + " " + value] + (["READ: UNKNOWN"] if label in ("TO", "CC") else []) + [""]
            return printed, out + [self.damage("TEXT:")]
        fields = [(label, self.damage(value)) for label, value in fields_of(said, self.layout)]
        printed = {label: [value] for label, value in fields}
        labels = {label: self.damage(label + ":") for label, _ in fields}
        for label, value in fields:
            if self.layout == "memo":
                out += (f"{labels[label]:<20}" + wrap(value.split(" "), 90, 20)).split("\n")
            elif self.layout == "plain":
                out += (labels[label] + " " + wrap(value.split(" "), 90, 0)).split("\n") if label in ("To", "Cc") else [labels[label] + " " + value]
            elif self.layout == "stacked":
                out += [labels[label]] + wrap(value.replace("; ", ";\0").split("\0") if label in ("To", "Cc") else [value], 90, 0).split("\n")
            else:
                out += [labels[label]]
        if self.layout == "columns":
            out += [""] + [value for _, value in fields]
        return printed, out + [""]

    def message(self, said):
        printed, lines = self.header(said)
        for line in said["body"].split("\n"):
            lines += wrap(self.damage(line.rstrip()).split(" "), 100, 0).split("\n") if len(line) > 100 else [self.damage(line.rstrip())]
        return printed, lines


def document(printer, messages, number, banner):
    """The text of a document, and for each message the line on which its header begins, and its fields."""
    lines, truth, ends, page = [], [], [], 1
    for said in messages:
        printed, body = printer.message(said)
        for first in range(0, max(1, len(body)), PAGE_LINES):
            if banner:
                lines += [f"UNCLASSIFIED Harbour Department of Piers Case No. F-2021-1 Doc No. C{number:07} Date: 08/31/2021", ""]
            if first == 0:
                truth.append((len(lines) + 1, printed, said))
            lines += body[first : first + PAGE_LINES]
            if banner:
                lines += ["", f"{'':40}{page}", f"{'':60}HARB_{number * 100 + page:07}"]
            page += 1
            ends.append(len(lines))
    # A form feed stands before the first line of the next page.
    for end in ends:
        if end < len(lines):
            lines[end] = "\f" + lines[end]
    return "\n".join(lines) + "\n\f", truth


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mail")
    parser.add_argument("program")
    parser.add_argument("--noise", type=float, default=0)
    parser.add_argument("--most", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.program = os.path.abspath(args.program)
    rng = random.Random(args.seed)
    paths = sorted(os.path.join(folder, name) for folder, _, names in os.walk(args.mail) for name in names)
    rng.shuffle(paths)
    said = []
    for path in paths:
        one = read(path)
        if one:
            said.append(one)
        if len(said) == args.most:
            break
    print(f"{len(said)} messages, {args.noise} % of the characters wrong")
    with tempfile.TemporaryDirectory() as folder:
        for layout in LAYOUTS:
            run_layout(args, rng, folder, layout, said)


def run_layout(args, rng, folder, layout, said):
    release, case = os.path.join(folder, layout), os.path.join(folder, layout + "-case")
    os.mkdir(release)
    truths, rest, number = {}, list(said), 0
    while rest:
        count = rng.randint(1, 6)
        messages, rest = rest[:count], rest[count:]
        number += 1
        text, truth = document(Printer(layout, args.noise, rng), messages, number, number % 2 == 0)
        name = f"{number:05}.txt"
        with open(os.path.join(release, name), "w", encoding="utf-8") as file:
            file.write(text)
        truths[name] = truth
    run = lambda *words: subprocess.run([args.program, "--case", case, *words], capture_output=True, env={"PATH": os.environ["PATH"]}, check=False).stdout.decode()
    run("ingest", release, "--release", "r")
    found = collections.defaultdict(list)
    ids = [json.loads(line)["id"] for line in run("search", "*", "--json").splitlines()]
    for start in range(0, len(ids), 100):
        for line in run("show", "--json", *ids[start : start + 100]).splitlines():
            view = json.loads(line)
            for copy in view["copies"]:
                found[os.path.basename(copy["source"])].append((copy["offset"], view))
    score(args, layout, release, truths, found)


def score(args, layout, release, truths, found):
    right, total = collections.Counter(), collections.Counter()
    hits = wrong = missed = 0
    for name, truth in truths.items():
        raw = open(os.path.join(release, name), "rb").read()
        at = {}
        for offset, view in found[name]:
            # A document whose first labels are damaged may be taken for a mail.
            if not view["print"]:
                wrong += 1
                continue
            fields = [f for f in view["print"]["fields"] if f["field"] != "owner"]
            start = min((f["place"]["start"] for f in fields), default=0)
            at[raw[: offset + start].count(b"\n") + 1] = view
        for line, printed, said in truth:
            near = next((at.pop(l) for l in (line, line - 1, line + 1) if l in at), None)
            hits, missed = hits + (near is not None), missed + (near is None)
            compare(args, right, total, printed, said, near)
        wrong += len(at)
    f1 = 2 * hits / max(1, 2 * hits + wrong + missed)
    figures = "  ".join(f"{kind} {100 * right[kind] / max(1, total[kind]):.2f}" for kind in ("from", "to", "cc", "date", "subject"))
    print(f"{layout:8} boundaries F1 {f1:.4f}   right in percent: {figures}   all {100 * sum(right.values()) / sum(total.values()):.2f}")


ROLES = {"from": ("From", "CREATOR"), "date": ("Sent", "CREATION DATE/TIME"), "to": ("To", "TO"), "cc": ("Cc", "CC"), "subject": ("Subject", "SUBJECT")}


def compare(args, right, total, printed, said, view):
    for kind, labels in ROLES.items():
        want = [white(v) for label in labels for v in printed.get(label, [])]
        if not want:
            continue
        total[kind] += 1
        if view is None:
            continue
        if args.noise:
            name = "sent" if kind == "date" else kind
            got = [f["text"] for f in view["print"]["fields"] if f["field"] == name]
            right[kind] += want == got
        elif kind == "date":
            right[kind] += (view["date"] or "")[:16] == said["date"].strftime("%Y-%m-%dT%H:%M")
        elif kind == "subject":
            right[kind] += view["subject"] == said["subject"]
        else:
            directory = "CREATOR" in printed
            key = lambda n, a: normal(n or a) if directory else normal((n or "") + (a or "") if n != a else a)
            want = sorted(key(n, a) for n, a in said[kind])
            got = sorted(key(p["name"] or "", p["address"] or "") for p in view[kind])
            right[kind] += want == got


if __name__ == "__main__":
    main()
