"""The query language of the contract as a tree: written out as text, and read back by a parser of its own."""

import re
from dataclasses import dataclass, field as default

PEOPLE = ("from", "to", "cc", "bcc", "with")
TEXT_FIELDS = ("subject", "body", "attachment", "attached") + PEOPLE
SPECIAL = ("date", "before", "after", "release", "source", "folder", "id", "message-id", "has", "is", "size", "filetype")
FIELD = re.compile(r"(header\.[A-Za-z0-9_-]+|[a-z]+(?:-[a-z]+)*):")
OPERATORS = ("AND", "OR", "NOT")


@dataclass
class Node:
    """kind: all, word, phrase, prefix, fuzzy, regex, special, and, or, not, group. `number` is the slop or the distance."""

    kind: str
    value: str = ""
    number: int | None = None
    field: str | None = None
    children: list = default(default_factory=list)


class Malformed(ValueError):
    """A query that the grammar does not allow."""


def _quoted(value):
    return '"' + value + '"'


def _leaf_text(node):
    if node.kind == "all":
        return "*"
    if node.kind == "phrase":
        return _quoted(node.value) + (f"~{node.number}" if node.number is not None else "")
    if node.kind == "prefix":
        return node.value + "*"
    if node.kind == "fuzzy":
        return f"{node.value}~{node.number}"
    if node.kind == "regex":
        return "/" + node.value + "/"
    if node.kind == "special" and re.search(r'[\s()"]|^[/-]', node.value):
        return _quoted(node.value)
    return node.value


RANK = {"or": 0, "and": 1, "not": 2}


def to_text(node, style=None):
    """The query as a person would type it, with no more parentheses than precedence asks for.

    `style(node)` picks among equal spellings: it returns " AND " or " " for an and, "NOT " or "-" for a not.
    """
    style = style or (lambda n: "NOT " if n.kind == "not" else " ")

    def wrapped(child, rank):
        text = to_text(child, style)
        return f"({text})" if RANK.get(child.kind, 3) < rank else text

    if node.kind == "or":
        return " OR ".join(wrapped(c, 1) for c in node.children)
    if node.kind == "and":
        out = wrapped(node.children[0], 2)
        for child in node.children[1:]:
            out += style(node) + wrapped(child, 2)
        return out
    if node.kind == "not":
        return style(node) + wrapped(node.children[0], 3)
    if node.kind == "group":
        return f"{node.field}:({to_text(node.children[0], style)})"
    return (node.field + ":" if node.field else "") + _leaf_text(node)


class _Parser:
    def __init__(self, text):
        self.text, self.at = text, 0

    def space(self):
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def word_ahead(self, word):
        self.space()
        end = self.at + len(word)
        return self.text.startswith(word, self.at) and (end == len(self.text) or self.text[end] in " ()\"\t\n")

    def either(self):
        parts = [self.both()]
        while self.word_ahead("OR"):
            self.at += 2
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Node("or", children=parts)

    def both(self):
        parts = [self.negated()]
        while True:
            self.space()
            if self.word_ahead("AND"):
                self.at += 3
            elif self.at >= len(self.text) or self.text[self.at] == ")" or self.word_ahead("OR"):
                break
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else Node("and", children=parts)

    def negated(self):
        self.space()
        if self.word_ahead("NOT"):
            self.at += 3
            return Node("not", children=[self.negated()])
        if self.text.startswith("-", self.at):
            self.at += 1
            return Node("not", children=[self.primary()])
        return self.primary()

    def primary(self):
        self.space()
        found = FIELD.match(self.text, self.at)
        name = None
        if found:
            name, self.at = found.group(1), found.end()
        if self.text.startswith("(", self.at):
            self.at += 1
            inner = self.either()
            self.space()
            if not self.text.startswith(")", self.at):
                raise Malformed(f"no closing parenthesis at {self.at}")
            self.at += 1
            return Node("group", field=name, children=[inner]) if name else inner
        return self.leaf(name)

    def leaf(self, name):
        quoted = re.compile(r'"([^"]*)"(?:~(\d+))?').match(self.text, self.at)
        if quoted:
            self.at = quoted.end()
            if name in SPECIAL:
                return Node("special", quoted.group(1), field=name)
            return Node("phrase", quoted.group(1), int(quoted.group(2)) if quoted.group(2) else None, name)
        regex = re.compile(r"/((?:[^/\\]|\\.)+)/").match(self.text, self.at)
        if regex and name not in SPECIAL:
            self.at = regex.end()
            return Node("regex", regex.group(1), field=name)
        word = re.compile(r'[^\s()"]+').match(self.text, self.at)
        if not word:
            raise Malformed(f"a term is missing at {self.at}")
        self.at = word.end()
        text = word.group()
        if name in SPECIAL:
            return Node("special", text, field=name)
        if text == "*" and name is None:
            return Node("all")
        if text in OPERATORS:
            raise Malformed(f"an operator stands alone at {self.at}")
        fuzzy = re.fullmatch(r"(.+)~(\d)", text)
        if fuzzy:
            return Node("fuzzy", fuzzy.group(1), int(fuzzy.group(2)), name)
        if text.endswith("*"):
            return Node("prefix", text[:-1], field=name)
        return Node("word", text, field=name)


def parse(text):
    """Reads a query; raises Malformed."""
    parser = _Parser(text)
    node = parser.either()
    parser.space()
    if parser.at < len(text):
        raise Malformed(f"unexpected text at {parser.at}")
    return node


def resolved(node, name=None):
    """The tree with the field of each group handed down to its leaves."""
    if node.kind == "group":
        return resolved(node.children[0], node.field)
    if node.kind in RANK:
        return Node(node.kind, children=[resolved(c, name) for c in node.children])
    own = node.field or name
    kind = "special" if own in SPECIAL and node.kind in ("word", "phrase") else node.kind
    return Node(kind, node.value, node.number, own)


def fields_of(node):
    """All fields that a resolved tree looks at; None is a bare term."""
    if node.kind in RANK:
        return set().union(*(fields_of(c) for c in node.children))
    return set() if node.kind == "all" else {node.field}
