#!/usr/bin/env python3
"""Take messages out of a release that others quote, and see whether they become ghosts, and nothing else does.

usage: ghosts.py MAIL PROGRAM [--most N] [--seed N]
  MAIL  a folder of messages (RFC 5322)

The whole folder is taken in first. Of the messages that it tells as originals of quotations (`original` in `show --json`) N are taken out, with every file that
says the same (author, subject, minute, words, read by Python's email package), and the rest is taken in as another case. Each that was taken out should be a ghost there: one
of a minute on any clock, with the same author or base subject, or the same words. Ghosts of the second case that the first does not have and that are none of these are wrong. Beside, of the
ghosts of the whole case those are counted whose words stand in a file of it outside of its quotations: an original that was not found.
"""
import argparse, collections, email.utils, json, os, random, re, shutil, subprocess, tempfile, datetime
import round_trip as rt

QUOTES = re.compile(r"^\s*(-----\s*Original Message|----.*Forwarded|_{20,}|From:\s|On .{5,80} wrote:)", re.M)


def words(text):
    return re.findall(r"\w+", text.lower())


def own(body):
    """What a message says before it quotes; lines behind marks of quotation taken out."""
    cut = QUOTES.search(body)
    text = body[: cut.start()] if cut else body
    return words("\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">")))


def runs(ws, n=8):
    return {tuple(ws[i : i + n]) for i in range(len(ws) - n + 1)}


def base(subject):
    return re.sub(r"^\s*((re|fw|fwd|aw)\s*:\s*)+", "", (subject or "").lower()).strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mail")
    parser.add_argument("program")
    parser.add_argument("--most", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    program, args.mail = os.path.abspath(args.program), os.path.realpath(args.mail)
    paths = sorted(os.path.join(folder, name) for folder, _, names in os.walk(args.mail) for name in names)
    said = {path: one for path in paths if (one := read(path))}
    with tempfile.TemporaryDirectory() as folder:
        run = lambda case, *w: subprocess.run([program, "--case", os.path.join(folder, case), *w], capture_output=True, env={"PATH": os.environ["PATH"]}, check=False).stdout.decode()
        lines = lambda *w: [json.loads(line) for line in run(*w).splitlines()]
        run("whole", "ingest", args.mail, "--release", "r")
        before = lines("whole", "ghosts", "--json")
        place = {hit["id"]: [os.path.abspath(c["source"]) for c in hit["copies"]] for hit in lines("whole", "search", "*", "--json")}
        quoted = set()
        ids = [hit["id"] for hit in lines("whole", "search", "has:quote", "--json")]
        for start in range(0, len(ids), 200):
            for view in lines("whole", "show", "--json", *ids[start : start + 200]):
                quoted |= {q["original"] for text in view["body"] for q in text["quoted"] if q["original"]}
        rng = random.Random(args.seed)
        gone = rng.sample(sorted(quoted), min(args.most, len(quoted)))
        keys, out = collections.defaultdict(list), set()
        for path, one in said.items():
            keys[one["key"]].append(path)
        for id in gone:
            for path in place[id]:
                out |= {path, *keys[said[path]["key"]]} if path in said else {path}
        for path in paths:
            if path not in out:
                target = os.path.join(folder, "rest", os.path.relpath(path, args.mail))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copyfile(path, target)
        run("part", "ingest", os.path.join(folder, "rest"), "--release", "r")
        after = lines("part", "ghosts", "--json")
        # One that nobody quotes any more, since those who did are gone too, cannot be known.
        still = set()
        ids = [hit["id"] for hit in lines("part", "search", "has:quote", "--json")]
        kept = {id for id in place if any(path not in out for path in place[id])}
        for start in range(0, len(ids), 200):
            for view in lines("whole", "show", "--json", *[i for i in ids[start : start + 200] if i in kept]):
                still |= {q["original"] for text in view["body"] for q in text["quoted"] if q["original"]}
        score(gone, still, place, said, before, after)
    text_runs = collections.defaultdict(set)
    for path, one in said.items():
        for r in runs(own(one["body"])):
            text_runs[r].add(path)
    missed = 0
    for ghost in before:
        rs = runs(words(ghost["text"]))
        # Those who quote it say its words too, in whatever way they mark that.
        quoting = {path for one in ghost["quoted_in"] for path in place.get(one["id"], ())}
        twins = {said[path]["key"] for path in quoting if path in said}
        count = collections.Counter(path for r in rs for path in text_runs.get(r, ()) if path not in quoting and said[path]["key"] not in twins)
        if rs and count and count.most_common(1)[0][1] >= 0.8 * len(rs):
            missed += 1
            if os.environ.get("GHOSTS_EXAMPLES"):
                with open(os.environ["GHOSTS_EXAMPLES"], "a", encoding="utf-8") as file:
                    file.write(json.dumps([ghost["date"], ghost["from"], ghost["subject"], ghost["text"][:300], len(rs), count.most_common(2), ghost["quoted_in"][:2]]) + "\n")
    print(f"{len(before)} ghosts of the whole case, {missed} of them said in a file of it outside of quotations")


def read(path):
    try:
        one = rt.read(path)
    except Exception:
        return None
    if not one:
        return None
    one["path"] = path
    one["key"] = (rt.normal(one["from"][0][1]), base(one["subject"]), one["date"].strftime("%H%M"), tuple(words(one["body"])[:200]))
    return one


def is_of(ghost, one):
    if not ghost["date"]:
        return False
    moment = datetime.datetime.fromisoformat(ghost["date"]).replace(tzinfo=None)
    sent = one["date"].astimezone(datetime.timezone.utc).replace(tzinfo=None)
    off = abs((moment - sent).total_seconds())
    clock = off <= 15 * 3600 and (off % 900 <= 120 or off % 900 >= 780)
    same = base(ghost["subject"]) == base(one["subject"])
    text = runs(words(ghost["text"]), 5)
    alike = bool(text) and len(text & runs(words(one["body"]), 5)) >= 0.5 * len(text)
    name = lambda p: {w for w in words((p or {}).get("name") or "") if len(w) > 1}
    address = one["from"][0][1].lower()
    local = set(re.split(r"[._]", address.split("@")[0]))
    author = bool(name(ghost["from"]) & (local | set(words(one["from"][0][0])))) or (ghost["from"] or {}).get("address", "") == address
    return (clock and (same or author)) or alike


def score(gone, still, place, said, before, after):
    known = {(g["date"], json.dumps(g["from"]), g["text"][:80]) for g in before}
    new = [g for g in after if (g["date"], json.dumps(g["from"]), g["text"][:80]) not in known]
    asked = [id for id in gone if id in still and any(path in said for path in place[id])]
    found, used = 0, set()
    for id in asked:
        one = next(said[path] for path in place[id] if path in said)
        hits = [at for at, ghost in enumerate(new) if is_of(ghost, one)]
        found += bool(hits)
        used |= set(hits)
    for id in set(gone) - set(asked):
        ones = [said[path] for path in place[id] if path in said]
        used |= {at for at, ghost in enumerate(new) if ones and is_of(ghost, ones[0])}
    print(f"{len(gone)} messages taken out, {len(asked)} of them still quoted: {found} became ghosts ({100 * found / max(1, len(asked)):.1f} %)")
    print(f"{len(new)} ghosts that the whole case did not have, {len(new) - len(used)} of them none of those that were taken out")


if __name__ == "__main__":
    main()
