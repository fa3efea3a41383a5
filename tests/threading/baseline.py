"""A guess in sixty lines, as a check of the measure: six-word runs, subject and sender, earlier messages only."""

from collections import Counter, defaultdict
import re

from mails import shingles

PREFIX = re.compile(r"^(?:\s*\[[^\]\[]*\]|\s*(?:re|fwd?|aw)\s*(?:\[\d+\])?\s*:)+", re.I)
# A run that more messages than this have in their own words tells nothing.
COMMON = 30


def base(subject):
    return " ".join(PREFIX.sub("", subject).lower().split())


def links(mails):
    """For each message the place of the one it seems to answer, or None."""
    order = sorted(range(len(mails)), key=lambda place: (mails[place].date or 0, place))
    said = defaultdict(list)
    own = {}
    by_subject = defaultdict(list)
    found = [None] * len(mails)
    for place in order:
        mail = mails[place]
        subject = base(mail.subject)
        hits = Counter()
        for run in shingles(mail.quoted):
            holders = said.get(run, ())
            if len(holders) <= COMMON:
                hits.update(holders)
        if hits:
            found[place] = max(hits, key=lambda other: (
                hits[other] + (2 if base(mails[other].subject) == subject else 0), mails[other].date or 0))
        elif re.match(r"\s*(?:\[[^\]]*\]\s*)*(?:re|fwd?|aw)\b", mail.subject, re.I) and by_subject[subject]:
            others = [other for other in by_subject[subject] if mails[other].sender != mail.sender]
            found[place] = (others or by_subject[subject])[-1]
        own[place] = shingles(mail.own)
        for run in own[place]:
            said[run].append(place)
        by_subject[subject].append(place)
    return found
