#!/usr/bin/env python3
"""Print mail, take prints and mail in as releases of their own, and compare the links with what is known.

usage: forms.py MAIL PROGRAM [--noise PERCENT] [--most N] [--seed N] [--layout NAME] [--shift HOURS]
  MAIL     a folder of messages (RFC 5322); all of them are the mail, as many as --most of them are printed
  --shift  hours by which the second agency's clock is behind that of the senders (0)

Four releases: the mail, without a third of what is printed (originals that nobody released); the prints of one agency; those of another, which printed
every second message in another layout, took out one word in ten of half of them, and lost the end of some. Every message is a document. Two prints are
of one mail if they were made from the same file, and a print is of a mail if it was made from it or from one that has the same author, minute, subject and
words: known from how the prints were made, by Python's email package alone. A pair is linked if one names the other in `linked`.
"""
import argparse, collections, json, os, random, shutil, subprocess, tempfile
import round_trip as rt


def same(said):
    """What tells two files apart that could be printed the same."""
    words = rt.normal(said["body"])
    return (rt.normal(rt.person(said["from"][0])), said["date"].strftime("%Y%m%d%H%M"), said["subject"].lower(), words)


def redacted(said, rng):
    lines = [" ".join("(b)(6)" if word and rng.random() < 0.1 else word for word in line.split(" ")) for line in said["body"].split("\n")]
    return dict(said, body="\n".join(lines))


def shifted(said, hours):
    import datetime
    return dict(said, date=said["date"].replace(tzinfo=None) - datetime.timedelta(hours=hours))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mail")
    parser.add_argument("program")
    parser.add_argument("--noise", type=float, default=0)
    parser.add_argument("--most", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layout", default="memo")
    parser.add_argument("--shift", type=int, default=0)
    args = parser.parse_args()
    args.program = os.path.abspath(args.program)
    rng = random.Random(args.seed)
    paths = sorted(os.path.join(folder, name) for folder, _, names in os.walk(args.mail) for name in names)
    told = {path: said for path in paths if (said := rt.read(path))}
    # A message without words could be any other of its minute.
    printable = [path for path, said in told.items() if len(said["body"].split()) >= 5]
    rng.shuffle(printable)
    printed = printable[: args.most]
    gone = set(printed[::3])
    classes = {same(told[path]) for path in gone}
    with tempfile.TemporaryDirectory() as folder:
        truth = lay_out(args, rng, folder, paths, told, printed, gone, classes)
        case = os.path.join(folder, "case")
        run = lambda *words: subprocess.run([args.program, "--case", case, *words], capture_output=True, env={"PATH": os.environ["PATH"]}, check=False).stdout.decode()
        for release in ("mail", "first", "second"):
            run("ingest", os.path.join(folder, release), "--release", release)
        score(args, [json.loads(line) for line in run("search", "*", "--json").splitlines()], truth, told)


def lay_out(args, rng, folder, paths, told, printed, gone, classes):
    """Writes the releases; gives for each document what it was made from."""
    for release in ("mail", "first", "second"):
        os.mkdir(os.path.join(folder, release))
    kept = [path for path in paths if path not in gone and not (path in told and same(told[path]) in classes)]
    truth = {}
    for number, path in enumerate(kept):
        name = f"{number:06}.eml"
        shutil.copyfile(path, os.path.join(folder, "mail", name))
        truth[("mail", name)] = path
    for number, path in enumerate(printed):
        said = told[path]
        copies = [("first", said, args.layout)]
        if number % 2 == 0:
            other = redacted(said, rng) if number % 4 == 0 else said
            if number % 10 == 0:
                other = dict(other, body="\n".join(other["body"].split("\n")[: max(3, other["body"].count("\n") // 2)]))
            copies.append(("second", shifted(other, args.shift), "plain" if args.layout == "memo" else "memo"))
        for release, one, layout in copies:
            text, _ = rt.document(rt.Printer(layout, args.noise, rng), [one], number, number % 3 == 0)
            name = f"{number:06}.txt"
            with open(os.path.join(folder, release, name), "w", encoding="utf-8") as file:
                file.write(text)
            truth[(release, name)] = path
    return truth


def score(args, hits, truth, told):
    made_from, prints, date_of = {}, set(), {hit["id"]: hit["date"] for hit in hits}
    for hit in hits:
        for copy in hit["copies"]:
            key = (copy["release"], os.path.basename(copy["source"]))
            if hit["attached_to"] is None and key in truth:
                made_from.setdefault(hit["id"], truth[key])
                if copy["release"] != "mail" and hit["date_source"] in ("printed", None):
                    prints.add(hit["id"])
    kind = lambda path: same(told[path]) if path in told else path
    by_kind = collections.defaultdict(set)
    for id, path in made_from.items():
        by_kind[kind(path)].add(id)
    right, wrong, missed = collections.Counter(), collections.Counter(), collections.Counter()
    examples = []
    for hit in hits:
        if hit["id"] not in prints:
            continue
        linked = {id for id in hit["linked"] if id in made_from}
        for other in linked | by_kind[kind(made_from[hit["id"]])]:
            if other == hit["id"] or (other in prints and other < hit["id"]):
                continue
            what = "print and print" if other in prints else "print and mail"
            is_true = kind(made_from[other]) == kind(made_from[hit["id"]])
            counter = right if is_true and other in linked else missed if is_true else wrong
            counter[what] += 1
            if counter is not right:
                examples.append((what, "missed" if counter is missed else "wrong", hit["id"], other, made_from[hit["id"]], made_from[other], date_of[hit["id"]], date_of[other]))
    print(f"{len(hits)} messages, {len(prints)} of them prints; layout {args.layout}, {args.noise} % of the characters wrong, second agency's clock {args.shift} h behind")
    for what in ("print and mail", "print and print"):
        r, w, m = right[what], wrong[what], missed[what]
        print(f"{what:16} {r + m} pairs; precision {100 * r / max(1, r + w):.2f} % ({w} wrong), recall {100 * r / max(1, r + m):.2f} % ({m} missed)")
    if os.environ.get("FORMS_EXAMPLES"):
        with open(os.environ["FORMS_EXAMPLES"], "w", encoding="utf-8") as file:
            file.writelines(json.dumps(example) + "\n" for example in examples)


if __name__ == "__main__":
    main()
