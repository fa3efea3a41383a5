"""The texts of a case, and where each message lies in the corpora.

All that is known of the program here is its command line and its machine output, schema 1.
"""

import hashlib
import json
import pathlib
import subprocess

CORPORA = {
    "linux-man": "linux-man.mbox.zst",
    "dc-bega": "dc-bega",
    "enron-skilling": "enron-skilling",
    "zoo": "zoo",
}


def make_case(muckrake, case, corpora, names=tuple(CORPORA)):
    """Ingests each corpus as the release of its name."""
    for name in names:
        run = subprocess.run(
            [muckrake, "--case", case, "ingest", pathlib.Path(corpora) / CORPORA[name], "--release", name],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if run.returncode not in (0, 3):
            raise SystemExit(f"ingest of {name} ended with {run.returncode}")


def export(muckrake, case, target, query="*"):
    """All messages that match, with their texts and zones; the file is made once."""
    target = pathlib.Path(target)
    if not target.exists():
        subprocess.run([muckrake, "--case", case, "export", query, "--to", target, "--format", "json"],
                       check=True, stdout=subprocess.DEVNULL)
    with target.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def lines(text):
    """Lines as the program ends them: at line feeds, none after the last."""
    found = text.split("\n")
    return found[:-1] if found[-1] == "" else found


def place(message):
    """Corpus, offset, length and SHA-256 of the first copy."""
    copy = message["copies"][0]
    return {"corpus": copy["release"], "offset": copy["offset"], "length": copy["length"], "sha256": copy["sha256"]}


def is_kept_aside(sha256):
    """Half of the messages, by their hash: for the final figure, never looked at while tuning."""
    return int(sha256[:2], 16) % 2 == 1


def digest(text):
    """By which a label knows that the text has the lines that it counted."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
