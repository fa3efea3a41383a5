"""`linux-man` without the headers by which messages say what they answer, and how well threads are found all the same.

    python3 stripped.py write   --corpora DIR --work DIR
    python3 stripped.py measure --corpora DIR --work DIR [--guesses TSV | --case DIR --muckrake PROGRAM | --baseline]

`write` makes WORK/stripped/stripped.mbox. `measure` compares links with those that the headers name: a TSV of
offsets (message, parent, evidence, confidence), as `crates/casework/examples/guess.rs` prints them, the
threads of a case that was made from the stripped mailbox, or the baseline. Messages are known by their offset in it.
"""

import argparse
import hashlib
import json
import os
import subprocess

import baseline
from mails import THREADING, by_headers, components, pairwise, quotes_parent, rates, read, split_mbox, true_parents, unpack


def write(source, target):
    """Writes the mailbox without threading headers; gives the offset of each message in it."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source, "rb") as file:
        data = file.read()
    offsets, at = [], 0
    with open(target, "wb") as out:
        def put(piece):
            nonlocal at
            out.write(piece)
            at += len(piece)
        for start, raw in split_mbox(data):
            line = data.rfind(b"\nFrom ", 0, start) + 1
            put(data[line:start])
            offsets.append(at)
            put(_without(raw))
            put(b"\n" if raw.endswith(b"\n") else b"\n\n")
    return offsets


def _without(raw):
    kept, drop, at = [], False, 0
    while at < len(raw):
        end = raw.find(b"\n", at) + 1 or len(raw)
        line = raw[at:end]
        if not line.strip():
            break
        if line[:1] not in b" \t":
            drop = line.partition(b":")[0].strip().lower() in THREADING
        if not drop:
            kept.append(line)
        at = end
    return b"".join(kept) + raw[at:]


def halves(mails):
    """Which half each message is in, by the thread that its headers name: one to tune on, one to tell."""
    threads = by_headers(mails)
    first = {}
    for place, thread in enumerate(threads):
        first.setdefault(thread, mails[place].id or str(mails[place].at))
    return [hashlib.sha256(first[thread].encode()).digest()[0] & 1 for thread in threads]


def from_tsv(path, places):
    """Links as places, from offsets."""
    links, why = [None] * len(places), [None] * len(places)
    with open(path, encoding="ascii") as file:
        for line in file:
            message, parent, evidence, _ = line.split("\t")
            links[places[int(message)]] = places[int(parent)]
            why[places[int(message)]] = evidence
    return links, why


def from_case(program, case, places):
    """Links as places, from the threads that the program shows."""
    def lines(*arguments):
        out = subprocess.run([program, "--case", case, *arguments], check=True, capture_output=True).stdout
        return [json.loads(line) for line in out.splitlines()]
    threads = [row["thread"] for row in lines("search", "*", "--threads", "--json") if row["messages"] > 1]
    place_of, parents, why = {}, {}, {}
    for row in lines("search", "*", "--json"):
        for copy in row["copies"]:
            if copy["path_inside"] is None or not row["attached_to"]:
                place_of.setdefault(row["id"], places.get(copy["offset"]))
    for start in range(0, len(threads), 500):
        for row in lines("show", "--thread", "--json", *threads[start:start + 500]):
            parents[row["id"]], why[row["id"]] = row["parent"], row["evidence"]
    links, evidence = [None] * len(places), [None] * len(places)
    for name, parent in parents.items():
        place = place_of.get(name)
        if parent is not None and place is not None:
            links[place], evidence[place] = place_of.get(parent), why[name]
    return links, evidence


def share(part, whole):
    return f"{part:6} of {whole:6}  {100 * part / whole if whole else 0:6.2f} %"


def report(mails, links, why, chosen, title):
    """Prints how good the links of the chosen messages are."""
    parents, quoting, threads = true_parents(mails), quotes_parent(mails, true_parents(mails)), by_headers(mails)
    places = [place for place in range(len(mails)) if chosen(place)]
    right = [place for place in places if parents[place] is not None and links[place] == parents[place]]
    made = [place for place in places if links[place] is not None]
    print(f"\n{title}")
    quoted = [place for place in places if quoting[place]]
    print("  quoting its parent, parent right   ", share(sum(quoting[place] for place in right), len(quoted)))
    linked = [place for place in quoted if links[place] is not None]
    print("  quoting its parent, links right    ", share(sum(quoting[place] for place in right), len(linked)))
    print("  parent in the corpus, parent right ", share(len(right), sum(parents[place] is not None for place in places)))
    known = [place for place in made if parents[place] is not None]
    print("  links right, where there is one    ", share(len(right), len(known)))
    print("  links right, of all links          ", share(len(right), len(made)))
    inside = sum(threads[place] == threads[links[place]] for place in made)
    print("  links within the right thread      ", share(inside, len(made)))
    ours = components(len(mails), [(place, links[place]) for place in range(len(mails)) if links[place] is not None])
    both, reference, found = pairwise([threads[place] for place in places], [ours[place] for place in places])
    print("  pairs in one thread: precision %.4f, recall %.4f, F1 %.4f" % rates(both, reference, found))
    for kind in sorted({why[place] for place in made if why[place]}):
        of_kind = [place for place in made if why[place] == kind]
        print(f"    {kind:14} links right             ", share(sum(links[p] == parents[p] for p in of_kind), len(of_kind)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "measure"])
    parser.add_argument("--corpora", default=os.environ.get("MUCKRAKE_CORPORA", "../shared/corpora"))
    parser.add_argument("--work", required=True)
    parser.add_argument("--guesses")
    parser.add_argument("--case")
    parser.add_argument("--muckrake", default="target/release/muckrake")
    parser.add_argument("--baseline", action="store_true")
    args = parser.parse_args()
    source = unpack(args.corpora, args.work)
    target = os.path.join(args.work, "stripped", "stripped.mbox")
    offsets_file = os.path.join(args.work, "stripped-offsets.json")
    if args.what == "write" or not os.path.exists(offsets_file):
        with open(offsets_file, "w", encoding="ascii") as file:
            json.dump(write(source, target), file)
    if args.what == "write":
        return
    with open(offsets_file, encoding="ascii") as file:
        places = {offset: place for place, offset in enumerate(json.load(file))}
    mails = read(source, args.work)
    assert len(mails) == len(places)
    if args.baseline:
        links = baseline.links(mails)
        why = [None] * len(mails)
    elif args.guesses:
        links, why = from_tsv(args.guesses, places)
    else:
        links, why = from_case(args.muckrake, args.case, places)
    half = halves(mails)
    report(mails, links, why, lambda place: half[place] == 0, "the half for tuning")
    report(mails, links, why, lambda place: half[place] == 1, "the half kept aside")
    report(mails, links, why, lambda place: True, "all")


if __name__ == "__main__":
    main()
