//! HTML to text: the words that a reader sees, in their order, with line breaks
//! where blocks are, quotes marked with `> `, and the targets of links kept.
//!
//! Works on the stream of tokens; there is no tree and no recursion. What a
//! browser would swallow because an element or comment is never closed is read
//! again as ordinary content, for lost words are worse than ugly ones.

use html5gum::Error;
use html5gum::Span;
use html5gum::Tokenizer;
use html5gum::emitters::callback::CallbackEmitter;
use html5gum::emitters::callback::CallbackEvent;

/// Deepest quotation that is marked; deeper ones look like this one.
const DEEPEST_QUOTE: usize = 20;

/// Most nested `div` elements that are followed.
const DEEPEST_DIV: usize = 512;

/// Text of an HTML document.
pub(crate) fn to_text(html: &str) -> String {
    let mut converter = Converter::default();
    run(html, &mut converter, true);
    // Elements whose content is no markup, or a comment, that never end.
    let swallowed = std::mem::take(&mut converter.swallowed);
    if !swallowed.trim().is_empty() {
        converter.raw_element = None;
        converter.in_title = false;
        run(&swallowed, &mut converter, false);
    }
    converter.out.finish()
}

/// Feeds the tokens of `html` to the converter. In the second reading nothing is taken for raw text.
fn run(html: &str, converter: &mut Converter, first: bool) {
    converter.first = first;
    let callback = |event: CallbackEvent<'_>, _: Span<()>| -> Option<std::convert::Infallible> {
        converter.event(&event);
        None
    };
    let mut emitter = CallbackEmitter::new(callback);
    emitter.naively_switch_states(first);
    // The emitter yields no tokens and reading from memory cannot fail.
    let _ = Tokenizer::new_with_emitter(html, emitter).finish();
    converter.end_of_input();
}

#[derive(Default)]
struct Converter {
    out: Output,
    first: bool,
    tag: Tag,
    /// The element whose content is no markup, while it is open.
    raw_element: Option<RawElement>,
    in_title: bool,
    /// Text of an unclosed raw element or comment.
    swallowed: String,
    comment_cut: bool,
    link: Option<Link>,
    /// For each open `div`, whether it is a quotation.
    divs: Vec<bool>,
    /// For each open `blockquote`, whether it is a quotation.
    quotes: Vec<bool>,
}

/// Elements that the tokenizer reads as raw text.
struct RawElement {
    /// Whether its content is shown.
    shown: bool,
    text: String,
}

struct Link {
    target: String,
    /// Where its text begins in the output.
    from: usize,
}

/// The start tag that is being read.
#[derive(Default)]
struct Tag {
    name: Vec<u8>,
    attribute: Vec<u8>,
    /// `href` or `alt`, whichever the element has.
    value: Option<String>,
    quotation: bool,
    plain_indent: bool,
}

impl Converter {
    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag {
                    name: name.to_ascii_lowercase(),
                    ..Tag::default()
                };
            }
            CallbackEvent::AttributeName { name } => self.tag.attribute = name.to_ascii_lowercase(),
            CallbackEvent::AttributeValue { value } => self.tag.take_attribute(value),
            CallbackEvent::CloseStartTag { .. } => self.start_tag(),
            CallbackEvent::EndTag { name } => self.end_tag(&name.to_ascii_lowercase()),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Error(Error::EofInComment) => self.comment_cut = true,
            CallbackEvent::Comment { value } if self.comment_cut && self.first => {
                self.comment_cut = false;
                let comment = String::from_utf8_lossy(value);
                // Up to the first `>` it is what the comment was meant to hide.
                self.swallowed = comment
                    .split_once('>')
                    .map_or("", |(_, rest)| rest)
                    .to_owned();
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(raw) = &mut self.raw_element {
            raw.text.push_str(text);
        } else if !self.in_title {
            self.out.push(text);
        }
    }

    fn end_of_input(&mut self) {
        if let Some(raw) = self.raw_element.take()
            && self.first
        {
            self.swallowed = raw.text;
        }
        self.end_link();
    }

    fn start_tag(&mut self) {
        let tag = std::mem::take(&mut self.tag);
        if self.in_title && tag.name != b"title" {
            self.in_title = false;
        }
        match tag.name.as_slice() {
            b"style" | b"script" | b"noembed" | b"noframes" | b"iframe" | b"xmp" | b"noscript"
            | b"textarea" | b"plaintext" => {
                let shown = matches!(
                    tag.name.as_slice(),
                    b"xmp" | b"noscript" | b"textarea" | b"plaintext"
                );
                if self.first || !shown {
                    self.raw_element = Some(RawElement {
                        shown,
                        text: String::new(),
                    });
                }
            }
            b"title" if self.first => {
                self.raw_element = Some(RawElement {
                    shown: false,
                    text: String::new(),
                })
            }
            b"title" => self.in_title = true,
            b"br" => self.out.line_break(),
            b"hr" => self.out.rule(),
            b"p" => self.out.paragraph(),
            b"pre" => {
                self.out.block();
                self.out.preformatted += 1;
            }
            b"li" => {
                self.out.block();
                self.out.push("- ");
            }
            b"td" | b"th" => self.out.cell(),
            b"img" => self.out.push(tag.value.as_deref().unwrap_or_default()),
            b"a" => {
                self.end_link();
                self.link = tag.value.map(|target| Link {
                    target,
                    from: self.out.text.len(),
                });
            }
            b"blockquote" => self.open_quote(tag.quotation || !tag.plain_indent),
            b"div" => self.open_div(tag.quotation),
            name if is_block(name) => self.out.block(),
            _ => {}
        }
    }

    fn end_tag(&mut self, name: &[u8]) {
        if let Some(raw) = self.raw_element.take()
            && raw.shown
        {
            self.raw_content(name, &raw.text);
        }
        match name {
            b"title" => self.in_title = false,
            b"p" => self.out.paragraph(),
            b"pre" => {
                self.out.preformatted = self.out.preformatted.saturating_sub(1);
                self.out.block();
            }
            b"a" => self.end_link(),
            b"blockquote" => {
                self.out.block();
                if self.quotes.pop() == Some(true) {
                    self.out.quote = self.out.quote.saturating_sub(1);
                }
            }
            b"div" => {
                self.out.block();
                if self.divs.pop() == Some(true) {
                    self.out.quote = self.out.quote.saturating_sub(1);
                }
            }
            name if is_block(name) => self.out.block(),
            _ => {}
        }
    }

    /// Content of a closed raw element that readers see.
    fn raw_content(&mut self, name: &[u8], text: &str) {
        if name == b"noscript" {
            let mut inner = Converter::default();
            run(text, &mut inner, false);
            self.out.push(&inner.out.finish());
        } else {
            self.out.push(text);
        }
    }

    fn open_quote(&mut self, quotation: bool) {
        self.out.block();
        if self.quotes.len() < DEEPEST_DIV {
            self.quotes.push(quotation);
            self.out.quote += usize::from(quotation);
        }
    }

    fn open_div(&mut self, quotation: bool) {
        self.out.block();
        if self.divs.len() < DEEPEST_DIV {
            self.divs.push(quotation);
            self.out.quote += usize::from(quotation);
        }
    }

    /// Says where a link leads, unless its text says so already.
    fn end_link(&mut self) {
        let Some(link) = self.link.take() else { return };
        let shown = self.out.text.get(link.from..).unwrap_or_default().trim();
        if !shown.contains(bare_target(&link.target)) {
            self.out.targets.push(link.target);
        }
    }
}

/// A target as people write it: without scheme and closing slash.
fn bare_target(target: &str) -> &str {
    let bare = ["https://", "http://", "mailto:", "ftp://"]
        .iter()
        .find_map(|scheme| {
            target
                .get(..scheme.len())
                .filter(|head| head.eq_ignore_ascii_case(scheme))
                .and(target.get(scheme.len()..))
        })
        .unwrap_or(target);
    bare.strip_suffix('/').unwrap_or(bare)
}

impl Tag {
    fn take_attribute(&mut self, value: &[u8]) {
        match (self.name.as_slice(), self.attribute.as_slice()) {
            (b"a", b"href") => {
                let target = String::from_utf8_lossy(value).trim().to_owned();
                let lower: String = target
                    .chars()
                    .take(8)
                    .collect::<String>()
                    .to_ascii_lowercase();
                let kept = ["http://", "https://", "mailto:", "ftp://"]
                    .iter()
                    .any(|scheme| lower.starts_with(scheme));
                if kept && !bare_target(&target).is_empty() {
                    self.value = Some(target);
                }
            }
            (b"img", b"alt") => self.value = Some(String::from_utf8_lossy(value).into_owned()),
            (b"blockquote", b"type") => self.quotation |= value.eq_ignore_ascii_case(b"cite"),
            (b"blockquote" | b"div", b"class") => {
                let class = String::from_utf8_lossy(value);
                self.quotation |= class.contains("yahoo_quoted")
                    || (self.name == b"blockquote"
                        && (class.contains("gmail_quote") || class.contains("cite")));
            }
            // Gmail and others indent with a quotation that has no border.
            (b"blockquote", b"style") => {
                let style = String::from_utf8_lossy(value)
                    .replace(' ', "")
                    .to_ascii_lowercase();
                self.plain_indent =
                    style.contains("border:none") || style.contains("border-width:0");
            }
            _ => {}
        }
    }
}

fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"address"
            | b"article"
            | b"aside"
            | b"body"
            | b"caption"
            | b"center"
            | b"dd"
            | b"details"
            | b"dir"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"html"
            | b"legend"
            | b"li"
            | b"main"
            | b"menu"
            | b"nav"
            | b"ol"
            | b"option"
            | b"section"
            | b"summary"
            | b"table"
            | b"tbody"
            | b"tfoot"
            | b"thead"
            | b"tr"
            | b"ul"
    )
}

/// The text so far, with the white space that is still owed.
#[derive(Default)]
struct Output {
    text: String,
    /// Line breaks owed before the next word.
    breaks: usize,
    space: bool,
    tab: bool,
    quote: usize,
    /// Marks on the line above.
    marks: usize,
    preformatted: usize,
    /// Targets of the links in this block. They stand at its end: inside a sentence they
    /// would tear the phrases that readers see and search for.
    targets: Vec<String>,
}

impl Output {
    fn at_line_start(&self) -> bool {
        self.breaks > 0 || self.text.is_empty()
    }

    fn push_targets(&mut self) {
        for target in std::mem::take(&mut self.targets) {
            self.push(" <");
            self.push_unbroken(&target);
            self.push(">");
        }
    }

    /// A block begins or ends: at least one line break.
    fn block(&mut self) {
        self.push_targets();
        self.breaks = self.breaks.max(1);
        self.space = false;
        self.tab = false;
    }

    fn paragraph(&mut self) {
        self.push_targets();
        self.breaks = self.breaks.max(2);
        self.space = false;
        self.tab = false;
    }

    /// `<br>`: one more line break, at most one empty line.
    fn line_break(&mut self) {
        // An empty line ends what the links before it belong to.
        if self.breaks > 0 && !self.targets.is_empty() {
            self.push_targets();
            self.breaks = 1;
        }
        self.breaks = (self.breaks + 1).min(2);
        self.space = false;
        self.tab = false;
    }

    fn cell(&mut self) {
        self.push_targets();
        self.tab = !self.at_line_start();
    }

    fn rule(&mut self) {
        self.block();
        self.push("---");
        self.block();
    }

    fn push(&mut self, text: &str) {
        if self.preformatted > 0 {
            return self.push_preformatted(text);
        }
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(is_space).unwrap_or(rest.len());
            if word > 0 {
                self.push_unbroken(rest.get(..word).unwrap_or_default());
            }
            rest = rest.get(word..).unwrap_or_default();
            let trimmed = rest.trim_start_matches(is_space);
            self.space |= trimmed.len() < rest.len();
            rest = trimmed;
        }
    }

    fn push_preformatted(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.breaks += 1;
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.push_unbroken(&line.replace('\u{a0}', " "));
            }
        }
    }

    /// Writes what is owed and then the text as it stands.
    fn push_unbroken(&mut self, text: &str) {
        if self.at_line_start() {
            self.begin_line();
        } else if self.tab {
            self.text.push('\t');
        } else if self.space {
            self.text.push(' ');
        }
        self.space = false;
        self.tab = false;
        self.text.push_str(text);
    }

    fn begin_line(&mut self) {
        let marks = self.quote.min(DEEPEST_QUOTE);
        if !self.text.is_empty() {
            for at in 0..self.breaks {
                self.text.push('\n');
                // An empty line inside a quotation belongs to it.
                if at + 1 < self.breaks {
                    self.text
                        .extend(std::iter::repeat_n('>', marks.min(self.marks)));
                }
            }
        }
        self.breaks = 0;
        self.marks = marks;
        for _ in 0..marks {
            self.text.push_str("> ");
        }
    }

    fn finish(mut self) -> String {
        self.push_targets();
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text
    }
}

/// White space of HTML, with the space that is not to be broken: all of it is one space.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{a0}')
}

/// The character set that a document itself names (`<meta charset=…>`).
pub(crate) fn declared_charset(html: &[u8]) -> Option<String> {
    let head = html.get(..2048).unwrap_or(html).to_ascii_lowercase();
    let meta = memchr::memmem::find(&head, b"<meta")?;
    let head = head.get(meta..)?;
    let at = memchr::memmem::find(head, b"charset=")? + b"charset=".len();
    let rest = head.get(at..)?;
    let rest = rest
        .strip_prefix(b"\"")
        .or_else(|| rest.strip_prefix(b"'"))
        .unwrap_or(rest);
    let end = rest
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':')))?;
    let label = String::from_utf8_lossy(rest.get(..end)?).into_owned();
    (!label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_break_lines() {
        assert_eq!(to_text("<p>One<p>Two<br>three"), "One\n\nTwo\nthree\n");
        assert_eq!(to_text("<div>a</div><div>b <b>c</b></div>"), "a\nb c\n");
        assert_eq!(
            to_text("<table><tr><td>a<td>b</tr><tr><td>c</table>"),
            "a\tb\nc\n"
        );
        assert_eq!(to_text("<ul><li>x<li>y</ul>"), "- x\n- y\n");
        assert_eq!(to_text("<pre>a  b\n c</pre>d"), "a  b\n c\nd\n");
        assert_eq!(to_text("a\n  b&nbsp;&amp;&#x2019;c"), "a b &\u{2019}c\n");
        assert_eq!(to_text(""), "");
    }

    #[test]
    fn what_is_not_seen_is_not_text() {
        let html = "<head><title>t</title><style>p{}</style><script>if (a<b) x()</script></head><body>seen";
        assert_eq!(to_text(html), "seen\n");
        assert_eq!(to_text("a<!-- b -->c<!--- d --->e"), "ace\n");
        assert_eq!(
            to_text("<![if !vml]>a<![endif]><!--[if mso]>b<![endif]-->"),
            "a\n"
        );
    }

    #[test]
    fn unclosed_elements_swallow_nothing() {
        assert_eq!(
            to_text("<head><style>p{}</style><body>a missing head end"),
            "a missing head end\n"
        );
        assert_eq!(
            to_text("<html><title>Minutes<body><p>text"),
            "Minutes\n\ntext\n"
        );
        assert!(to_text("<style><body><p>text").contains("text"));
        assert_eq!(to_text("a<!---b>c"), "ac\n");
        assert_eq!(to_text("a<!-- x <p>b</p>"), "ab\n");
        assert_eq!(to_text("<noscript><p>plain</noscript>x"), "plain x\n");
    }

    #[test]
    fn links_say_where_they_lead() {
        assert_eq!(
            to_text("<a href='http://x.example/a'>here</a>."),
            "here. <http://x.example/a>\n"
        );
        assert_eq!(
            to_text("<p>See <a href='http://x.example/a'>the contract</a> for\ndetails<p>and more"),
            "See the contract for details <http://x.example/a>\n\nand more\n"
        );
        assert_eq!(
            to_text(
                "Read <a href='http://x.example/a'>this</a>.<br><br>-----Original Message-----<br>From: Bob"
            ),
            "Read this.\n<http://x.example/a>\n\n-----Original Message-----\nFrom: Bob\n"
        );
        assert_eq!(
            to_text("<blockquote type=cite><a href='http://x.example/a'>in</a></blockquote>out"),
            "> in <http://x.example/a>\nout\n"
        );
        assert_eq!(
            to_text("<a href='https://x.example/'>x.example</a>"),
            "x.example\n"
        );
        assert_eq!(
            to_text("<a href='mailto:a@x.example'>a@x.example</a>"),
            "a@x.example\n"
        );
        assert_eq!(
            to_text("<a href='#top'>top</a> <img alt='Our logo' src=x>"),
            "top Our logo\n"
        );
    }

    #[test]
    fn quotations_are_marked() {
        let html = "Yes.<blockquote type=cite><p>Shall we?</p><blockquote>When?</blockquote></blockquote>Bye";
        assert_eq!(to_text(html), "Yes.\n\n> Shall we?\n>\n> > When?\nBye\n");
        assert_eq!(
            to_text("<blockquote style='margin:0 0 0 40px;border:none'>in</blockquote>"),
            "in\n"
        );
        assert_eq!(
            to_text("a<div class='yahoo_quoted'><div>b</div></div>c"),
            "a\n> b\nc\n"
        );
    }

    #[test]
    fn hostile_nesting_is_linear() {
        let html = "<blockquote>".repeat(50_000) + &"<p>x".repeat(50_000);
        assert!(to_text(&html).len() < 10_000_000);
        let html = "<title>".repeat(100_000);
        assert!(to_text(&html).len() < 1_000_000);
        let html = "<!--".repeat(100_000);
        assert!(to_text(&html).len() < 1_000_000);
    }

    #[test]
    fn a_document_names_its_charset() {
        let html = b"<meta http-equiv=Content-Type content=\"text/html; charset=windows-1251\">";
        assert_eq!(declared_charset(html).as_deref(), Some("windows-1251"));
        assert_eq!(
            declared_charset(b"<META charset='utf-8'>").as_deref(),
            Some("utf-8")
        );
        assert_eq!(declared_charset(b"charset=x"), None);
    }
}
