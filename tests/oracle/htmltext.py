"""The text of an HTML part, by Python's own parser: what a reader of the page could read."""

import re
from html.parser import HTMLParser

# Elements that stand inside a line: text on both sides of their tags belongs to one word.
INLINE = frozenset(
    "a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s samp "
    "small span strike strong sub sup time tt u var wbr".split()
)
DROPPED = frozenset(["script", "style"])
_ODD = re.compile(r"<!-+[>-]|<!--(?!.*?-->)|<(?=[^a-zA-Z/!?\s])|<[a-zA-Z][^<>]*(?:<|$)", re.S)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.aside, self.dropped, self.in_title = [], [], None, False

    def handle_starttag(self, tag, attrs):
        if tag in DROPPED:
            self.dropped = tag
        if tag not in INLINE and ":" not in tag:
            self.out.append("\n")
        if tag in ("title", "noscript", "template", "textarea", "select"):
            self.in_title = True
        for name, value in attrs:
            if name in ("alt", "title", "placeholder", "value", "content", "href", "src") and value:
                self.aside.append(value)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag == self.dropped:
            self.dropped = None

    def handle_endtag(self, tag):
        if tag == self.dropped:
            self.dropped = None
        if tag in ("title", "noscript", "template", "textarea", "select"):
            self.in_title = False
        if tag not in INLINE and ":" not in tag:
            self.out.append("\n")

    def handle_data(self, data):
        if self.dropped:
            self.aside.append(data)
        elif self.in_title:
            self.aside.append(data)
        else:
            self.out.append(data)


def html_text(markup):
    """Returns (text, asides, odd): asides may or may not count as text; odd markup reads differently in each reader."""
    reader = _Reader()
    try:
        reader.feed(markup)
        reader.close()
        odd = False
    except (AssertionError, ValueError, NotImplementedError):
        odd = True
    if reader.dropped:
        odd = True
    # Comments go first: what looks odd inside one is not markup.
    bare = re.sub(r"(?is)<!--.*?-->|<(script|style)\b.*?</\1\s*>", " ", markup)
    return "".join(reader.out), reader.aside, odd or bool(_ODD.search(bare))
