"""Random queries over the whole grammar, from words, names, dates and paths that really occur."""

import datetime
import random
import re
import zoneinfo
from array import array

from grammar import OPERATORS, Node
from mailread import ROLES
from terms import is_cjk, terms

SEPARATORS = ["-", "_", "'", ".", "/", "=", "\u2019"]
HEADERS = ["x-mailer", "user-agent", "list-id", "mime-version", "content-type", "x-folder", "x-origin", "reply-to", "sender",
           "importance", "x-priority", "return-path", "thread-topic", "x-mailing-list", "organization", "errors-to", "precedence",
           "references", "in-reply-to", "delivered-to", "received", "x-from", "x-filename", "auto-submitted", "list-post"]
# kind of query: how many of every hundred
WEIGHTS = {"word": 11, "words": 7, "parts": 4, "phrase": 9, "slop": 8, "prefix": 5, "fuzzy": 5, "regex": 3, "boolean": 10,
           "mixed": 10, "people": 8, "group": 4, "text-field": 4, "attachment": 4, "date": 6, "marks": 2, "size": 1,
           "message-id": 1, "header": 2, "id": 1, "place": 2}


class Generator:
    """Makes queries; the same seed and the same mail give the same ones."""

    def __init__(self, oracle, seed, zones):
        self.oracle, self.corpus, self.docs = oracle, oracle.corpus, oracle.docs
        self.random = random.Random(seed)
        self.zones = [zoneinfo.ZoneInfo(z) for z in zones]
        self.by_release = {}
        for at, doc in enumerate(self.docs):
            if oracle.ids[at] is not None:
                self.by_release.setdefault(doc.release, []).append(at)
        self.releases = sorted(self.by_release)
        self.with_stream = {}
        self.anchor = None  # the message that all leaves of an AND are taken from, so that it finds something
        self.dated = [d for d in self.docs if d.instant is not None and "date" not in d.flags]

    # -- picking ----------------------------------------------------------------------------------------------------------

    def doc(self, stream=None):
        """A message, each release as likely as another; one that has this stream; the anchor where there is one."""
        if self.anchor is not None and (stream is None or stream in self.anchor.units):
            return self.anchor
        if stream is None:
            return self.docs[self.random.choice(self.by_release[self.random.choice(self.releases)])]
        if stream not in self.with_stream:
            self.with_stream[stream] = {r: [a for a in docs if stream in self.docs[a].units] for r, docs in self.by_release.items()}
        choices = [d for d in self.with_stream[stream].values() if d]
        return self.docs[self.random.choice(self.random.choice(choices))] if choices else None

    def unit(self, stream):
        doc = self.doc(stream)
        return array("I", self.random.choice(doc.units[stream])) if doc else array("I", [0])

    def stream(self):
        return self.random.choices(["body", "subject", "from", "to", "cc", "attname", "atttext"], [70, 12, 6, 6, 2, 3, 1])[0]

    def term(self, stream=None, least=1):
        """A term as rare or common as chance has it: by occurrence, or by band of document frequency."""
        stream = stream or self.stream()
        band = self.random.choice(["any", "any", "rare", "middle", "common"])
        lists = self.corpus.postings[stream]
        term = "a"
        for _ in range(60):
            number = self.random.choice(self.unit(stream))
            term, size = self.corpus.vocabulary[number], len(lists.get(number, ()))
            fits = {"any": True, "rare": size <= 3, "middle": 4 <= size <= 200, "common": size > 200}[band]
            if fits and len(term) >= least and not (is_cjk(term) and len(term) < 2):
                return term
        return term if len(term) >= least else term + "x" * least

    def spelled(self, term):
        """A term as someone might type it."""
        # Most terms that lost a diacritic in one place are written without one elsewhere.
        text = self.corpus.spellings.get(term, term) if self.random.random() < (0.05 if term.isascii() else 0.8) else term
        if terms(text) != [term]:
            text = term
        choice = self.random.random()
        if choice < 0.1 and text.isascii():
            text = text.upper()
        elif choice < 0.25 and text.isascii():
            text = text.capitalize()
        return text.lower() if text.upper() in OPERATORS else text

    def run(self, stream, length):
        """Consecutive terms of a real text."""
        for _ in range(40):
            unit = self.unit(stream)
            if len(unit) >= length:
                at = self.random.randrange(len(unit) - length + 1)
                return [self.corpus.vocabulary[n] for n in unit[at : at + length]]
        return [self.term(stream)]

    def joined(self, parts, separator=" "):
        """Spells consecutive terms; overlapping pairs of CJK text run together again."""
        out = self.spelled(parts[0])
        for before, part in zip(parts, parts[1:]):
            overlap = is_cjk(before) and is_cjk(part) and len(before) == len(part) == 2 and before[1] == part[0]
            out += part[1] if overlap else separator + self.spelled(part)
        return out if terms(out) == parts else " ".join(parts)

    # -- leaves -----------------------------------------------------------------------------------------------------------

    def word(self, field=None, stream=None):
        term = self.term(stream)
        if self.random.random() < 0.05 and len(term) > 3:
            term = self.edited(term, 1)
        return Node("word", self.spelled(term), field=field)

    def edited(self, term, edits):
        for _ in range(edits):
            at = self.random.randrange(len(term))
            letter = self.random.choice("abcdefghijklmnopqrstuvwxyz")
            kind = self.random.choice(["drop", "add", "change", "swap"])
            if kind == "swap" and at + 1 < len(term):
                term = term[:at] + term[at + 1] + term[at] + term[at + 2 :]
            elif kind == "drop" and len(term) > 2:
                term = term[:at] + term[at + 1 :]
            else:
                term = term[:at] + letter + term[at + (kind == "change") :]
        return term

    def parts(self, field=None, stream=None):
        run = self.run(stream or self.stream(), self.random.choice([2, 2, 3, 4]))
        text = self.joined(run, self.random.choice(SEPARATORS))
        if " " in text or text.upper() in OPERATORS:
            return Node("phrase", text, field=field)
        return Node("word", text, field=field)

    def phrase(self, field=None, stream=None):
        run = self.run(stream or self.stream(), self.random.choice([1, 2, 2, 2, 3, 3, 4, 5, 8]))
        if self.random.random() < 0.15 and len(run) > 1:
            self.random.shuffle(run)
        separator = self.random.choice([" ", " ", " ", " ", "-", ", ", "'", "."])
        return Node("phrase", self.joined(run, separator), field=field)

    def slop(self, field=None, stream=None):
        span = self.run(stream or self.random.choice(["body", "body", "body", "subject"]), self.random.choice([3, 4, 6, 9, 14]))
        count = min(len(span), self.random.choice([2, 2, 2, 3, 3, 4]))
        chosen = sorted(self.random.sample(range(len(span)), count))
        others = chosen[-1] - chosen[0] + 1 - count
        self.random.shuffle(chosen)
        number = max(0, others + self.random.choice([-2, -1, 0, 0, 0, 1, 3]))
        text = " ".join(span[at] for at in chosen)
        return Node("phrase", text, number, field) if count > 1 else Node("phrase", text, field=field)

    def prefix(self, field=None, stream=None):
        term = self.term(stream, 3)
        return Node("prefix", self.spelled(term[: self.random.randrange(2, max(3, len(term)))]), field=field) \
            if not is_cjk(term) else self.word(field, stream)

    def fuzzy(self, field=None, stream=None):
        limit = self.random.choice([1, 1, 2])
        term = self.term(stream, 4 + limit)
        if is_cjk(term) or len(term) > 30:
            return self.word(field, stream)
        return Node("fuzzy", self.edited(term, self.random.choice([0, 1, limit])), limit, field)

    def regex(self, field=None, stream=None):
        term = self.term(stream, 3)
        if not term.isascii():
            return self.word(field, stream)
        at = self.random.randrange(1, len(term))
        letter = term[at]
        pattern = self.random.choice([
            term[:at] + "." + term[at + 1 :], term[:at] + f"[{letter}x-z]" + term[at + 1 :], term[: at + 1] + ".*",
            ".*" + term[at:] if len(term) - at > 2 else term, term[:at] + letter + "?" + term[at + 1 :],
            f"({term}|{self.edited(term, 1)})", term + "(s|ed|ing)?", "[0-9]{5,7}" if letter.isdigit() else term + "+"])
        return Node("regex", pattern, field=field)

    def people(self):
        field = self.random.choice(["from", "from", "to", "to", "cc", "bcc", "with", "with"])
        role = self.random.choice(ROLES) if field == "with" else field
        choice = self.random.random()
        if choice < 0.55:
            for _ in range(60):
                addresses = sorted(self.doc().addresses[role])
                if addresses:
                    address = self.random.choice(addresses)
                    if re.fullmatch(r"[a-z0-9._+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", address):
                        return self.address(field, address)
        stream = role if any(s for s in (self.doc(role),)) else "from"
        if choice < 0.85:
            return self.word(field, stream)
        make = self.random.choice([self.phrase, self.prefix, self.fuzzy])
        return make(field, stream)

    def address(self, field, address):
        choice = self.random.random()
        if choice < 0.4:
            return Node("word", address.upper() if self.random.random() < 0.1 else address, field=field)
        domain = address.split("@")[1]
        labels = domain.split(".")
        cut = self.random.randrange(max(1, len(labels) - 1))
        return Node("word", "@" + ".".join(labels[cut:]), field=field)

    def text_field(self):
        field = self.random.choice(["subject", "subject", "body"])
        make = self.random.choice([self.word, self.word, self.phrase, self.slop, self.prefix, self.fuzzy, self.parts, self.regex])
        return make(field, field)

    def attachment(self):
        choice = self.random.choice(["attachment", "attachment", "attached", "filetype", "has"])
        if choice == "has":
            return Node("special", "attachment", field="has")
        if choice == "filetype":
            kind = self.random.choice(["pdf", "png", "jpg", "txt", "zip", "patch", "asc", "html", "gif", "ics", "docx"])
            return Node("special", kind, field="filetype")
        stream = "attname" if choice == "attachment" else "atttext"
        make = self.random.choice([self.word, self.word, self.phrase, self.prefix])
        return make(choice, stream)

    def date(self):
        """A day of a real message, or beside it; half of the time one that lies near midnight."""
        if self.random.random() < 0.03:
            return Node("special", "none", field="date")
        near = self.random.random() < 0.5
        for _ in range(400):
            doc = self.random.choice(self.dated)
            local = datetime.datetime.fromtimestamp(doc.instant, self.random.choice(self.zones))
            if not near or local.hour in (22, 23, 0, 1):
                break
        day = local.date() + datetime.timedelta(days=self.random.choice([-1, 0, 0, 0, 1]))
        later = day + datetime.timedelta(days=self.random.choice([0, 1, 6, 30, 400]))
        month, year = day.strftime("%Y-%m"), day.strftime("%Y")
        field = self.random.choice(["date", "date", "date", "before", "after"])
        if field != "date":
            return Node("special", self.random.choice([day.isoformat(), day.isoformat(), month, year]), field=field)
        return Node("special", self.random.choice([
            day.isoformat(), day.isoformat(), month, year, f"{day}..{later}", f"{day}..{later}", f"{day}..", f"{year}..{later.year}",
            f"{month}..{later:%Y-%m}"]), field="date")

    def marks(self):
        field, value = self.random.choice([("has", "attachment"), ("is", "reply"), ("is", "list"), ("is", "bounce"), ("is", "forward"),
                                           ("is", "encrypted"), ("is", "draft"), ("is", "multi-release")])
        return Node("special", value, field=field)

    def size(self):
        length = self.doc().length
        value = self.random.choice([str(length), str(length + 50), f"{length // 1000 + 1}K", "1M", "100K", "10K"])
        return Node("special", self.random.choice("<>") + value, field="size")

    def message_id(self):
        for _ in range(60):
            found = self.doc().message_ids
            if found and re.fullmatch(r"[A-Za-z0-9._+$@-]+", found[0]):
                return Node("special", found[0] if self.random.random() < 0.5 else f"<{found[0]}>", field="message-id")
        return self.size()

    def header(self):
        for _ in range(200):
            doc = self.doc()
            held = [(n, t) for n, t in doc.headers if n in HEADERS and terms(t)]
            if not held or "header" in doc.flags:
                continue
            name, text = self.random.choice(held)
            found = terms(text)
            at = self.random.randrange(len(found))
            if not all(t.isascii() for t in found):
                continue
            field = "header." + name
            if self.random.random() < 0.7:
                return Node("word", found[at], field=field)
            return Node("phrase", " ".join(found[at : at + self.random.choice([1, 2, 3])]), field=field)
        return self.size()

    def message(self):
        doc = self.random.randrange(len(self.docs))
        if self.oracle.ids[doc] is None:
            return self.size()
        name = self.oracle.names[self.oracle.ids[doc]]
        return Node("special", self.random.choice([name, name[:16]]), field="id")

    def place(self):
        doc = self.doc()
        if self.random.random() < 0.5:
            name = doc.release
            return Node("special", self.random.choice([name, name[:3] + "*", "*" + name[-3:], "*"]), field="release")
        source = doc.source
        if re.search(r"[\[\]{}?*!\\\"]", source):
            source = "*"
        folder = source.rsplit("/", 1)[0]
        return Node("special", self.random.choice([source, f"{folder}/*" if "/" in source else "*", "*" + source[-6:]]), field="source")

    # -- trees ------------------------------------------------------------------------------------------------------------

    def any_leaf(self, wide=True):
        plain = [self.word, self.word, self.word, self.phrase, self.prefix, self.fuzzy, self.slop, self.parts]
        fields = [self.people, self.people, self.text_field, self.date, self.date, self.attachment, self.marks, self.size, self.place]
        return self.random.choice(plain + fields if wide else plain)()

    def tree(self, depth, wide=True):
        if depth == 0 or self.random.random() < 0.25:
            return self.any_leaf(wide)
        kind = self.random.choice(["and", "and", "or", "or", "not"])
        if kind == "not":
            inner = self.tree(depth - 1, wide)
            return Node("and", children=[self.any_leaf(wide), Node("not", children=[inner])]) if inner.kind != "not" else inner
        outer = self.anchor
        if kind == "and" and outer is None and self.random.random() < 0.8:
            self.anchor = self.doc("body")
        children = [self.tree(depth - 1, wide) for _ in range(self.random.choice([2, 2, 3]))]
        self.anchor = outer
        return Node(kind, children=children)

    def group(self):
        """A field over a parenthesised expression."""
        field = self.random.choice(["from", "to", "cc", "with", "subject", "body", "attachment", "release", "date"])
        if field == "release":
            parts = [Node("word", r) for r in self.random.sample(self.releases, 2)]
        elif field == "date":
            dates = [d for d in (self.date() for _ in range(8)) if d.field == "date"][:2]
            parts = [Node("word", d.value) for d in dates] or [Node("word", "none")]
        else:
            stream = {"attachment": "attname", "with": "to"}.get(field, field)
            parts = [self.random.choice([self.word, self.word, self.phrase, self.prefix])(None, stream) for _ in range(2)]
        if len(parts) == 1:
            inner = parts[0]
        else:
            kind = "or" if field in ("release", "date") else self.random.choice(["and", "or"])
            inner = Node(kind, children=parts)
        if field in ("subject", "body", "to") and self.random.random() < 0.2:
            inner = Node("and", children=[parts[0], Node("not", children=[parts[-1]])])
        return Node("group", field=field, children=[inner])

    def query(self, kind):
        """One query of a kind."""
        if kind == "words":
            run = self.run("body", 12)
            picked = self.random.sample(run, min(len(run), self.random.choice([2, 2, 3, 4])))
            words = [Node("word", self.spelled(t)) for t in picked if not (is_cjk(t) and len(t) < 2)]
            return Node("and", children=words) if len(words) > 1 else self.word()
        if kind == "boolean":
            return self.tree(2, wide=False)
        if kind == "mixed":
            return self.tree(self.random.choice([2, 2, 3]))
        makers = {"text-field": self.text_field, "message-id": self.message_id, "id": self.message}
        return makers.get(kind, getattr(self, kind, None))()

    def queries(self, count):
        """`count` pairs of (kind, tree), the kinds in their shares, in random order."""
        kinds = [k for k, share in WEIGHTS.items() for _ in range(max(1, round(count * share / sum(WEIGHTS.values()))))]
        while len(kinds) < count:
            kinds.append("mixed")
        self.random.shuffle(kinds)
        return [(kind, self.query(kind)) for kind in kinds[:count]]

    def style(self, node):
        """Picks among equal spellings of one operator."""
        if node.kind == "not":
            return self.random.choice(["NOT ", "-"])
        return self.random.choice([" AND ", " "])
