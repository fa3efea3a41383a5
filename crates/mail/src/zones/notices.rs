//! Notices that nobody wrote for this message: confidentiality notices at the end of what
//! the author says, warnings of outside mail at its start, and at the end of a text what mailing lists, portals and
//! gateways put under it, whatever stands above.

use std::ops::Range;

use super::cues;
use super::cues::Cues;
use super::lines::Line;
use super::mark as mark_lines;
use crate::model::ZoneKind;

/// Longest line on which a footer starts, in bytes: a whole message may stand on one.
const LONGEST_LINE: usize = 1000;
/// Most lines between a rule and the words of a footer by which it is told.
const MOST_LINES_OF_HEADING: usize = 6;
/// Longest part of a paragraph that is searched, in bytes.
const LONGEST: usize = 4096;
/// Most cue words that a notice must have.
const ENOUGH_CUES: u32 = 3;
/// With so many no link or picture that stands below is the author's.
const MANY_CUES: u32 = 5;
/// Most small paragraphs below such a notice.
const MOST_BELOW_NOTICE: usize = 3;
/// Shortest paragraph that counts where it stands twice at the end, in bytes.
const SHORTEST_REPEATED: usize = 40;
/// Most lines of an advertisement under a rule.
const MOST_LINES_OF_ADVERTISEMENT: usize = 5;
/// Shortest rule above one.
const SHORTEST_RULE_OF_ADVERTISEMENT: usize = 30;
/// Most lines of a heading or rule between notices.
const MOST_HEADINGS: usize = 3;
/// Most paragraphs that are looked through for what was put under a text.
const MOST_PARAGRAPHS: usize = 16;
/// Most paragraphs without a word of a footer that stand between two footers.
const MOST_BETWEEN: usize = 2;
/// Most of them under the last footer.
const MOST_BELOW: usize = 2;
/// Most lines of such a paragraph.
const MOST_LINES_BETWEEN: usize = 6;
/// Shortest rule that is drawn above a footer.
const SHORTEST_RULE: usize = 10;

/// A paragraph, read.
struct Paragraph {
    lines: Range<usize>,
    /// In lower case, line breaks as spaces.
    words: String,
    cues: Cues,
}

/// The paragraphs of a text that were read last: the same ones are asked for as what ends the author's words and as
/// what ends the text.
struct Paragraphs<'a> {
    text: &'a str,
    read: Vec<Paragraph>,
}

impl Paragraphs<'_> {
    fn read(&mut self, lines: &[Line], paragraph: &Range<usize>) -> &Paragraph {
        let known = self.read.iter().rposition(|one| one.lines == *paragraph);
        let at = known.unwrap_or_else(|| {
            if self.read.len() == MOST_PARAGRAPHS {
                self.read.clear();
            }
            let words = words(self.text, lines, paragraph);
            let cues = Cues::of(&words);
            self.read.push(Paragraph {
                lines: paragraph.clone(),
                words,
                cues,
            });
            self.read.len() - 1
        });
        &self.read[at]
    }
}

/// Marks the notices in the author's part of a text, and the footers under it.
pub(super) fn mark(text: &str, lines: &mut [Line]) {
    let mut paragraphs = Paragraphs {
        text,
        read: Vec::new(),
    };
    let mut start = 0;
    let mut first = true;
    while start < lines.len() {
        if !is_own(&lines[start]) {
            start += 1;
            continue;
        }
        let length = lines[start..]
            .iter()
            .take_while(|line| is_own(line))
            .count();
        let end = start + length;
        if first {
            mark_banner(&mut paragraphs, lines, start..end);
            first = false;
        }
        // Between two quotations the author is still speaking.
        let between = lines.get(end).is_some_and(|next| next.marks > 0);
        if !between {
            mark_end(&mut paragraphs, lines, start..end);
        }
        start = end;
    }
    mark_footers(&mut paragraphs, lines);
}

/// Marks what was put under the text: the last paragraphs without `>`, up to the first of them that is a footer.
fn mark_footers(paragraphs: &mut Paragraphs, lines: &mut [Line]) {
    let text = paragraphs.text;
    let end = without_file_names(text, lines, 0..lines.len());
    let end = lines[..end].iter().rposition(|line| !line.empty);
    let end = end.map_or(0, |last| last + 1);
    let start = lines[..end]
        .iter()
        .rposition(|line| line.marks > 0)
        .map_or(0, |marked| marked + 1);
    let mut rest = start..end;
    for line in &mut lines[end..] {
        if line.marks == 0 && !line.empty {
            // What stands in place of attached files is of this message, whatever is quoted above.
            mark_lines(std::slice::from_mut(line), ZoneKind::Author, 0);
        }
    }
    let mut found = None;
    let mut between = 0;
    let mut below: Vec<String> = Vec::new();
    for _ in 0..MOST_PARAGRAPHS {
        let Some(paragraph) = last_paragraph(lines, rest) else {
            break;
        };
        let read = paragraphs.read(lines, &paragraph);
        let footer = footer_start(text, lines, read);
        let ruled = (footer.is_some() || read.is_notice())
            .then(|| under_rule(text, lines, &paragraph, start))
            .flatten();
        let repeated = read.words.len() >= SHORTEST_REPEATED && below.contains(&read.words);
        if footer.is_some() || ruled.is_some() || repeated {
            let within = footer.filter(|&footer| footer > paragraph.start);
            let quoted = !is_own(&lines[paragraph.start]);
            if within.is_some() && found.is_some() && quoted {
                // The footer of a message that is quoted has another one below.
                break;
            }
            found = within.or(ruled).or(footer).or(Some(paragraph.start));
            between = 0;
        } else {
            between += 1;
            let small = paragraph.len() <= MOST_LINES_BETWEEN;
            if found.is_none() && between > MOST_BELOW || between > MOST_BETWEEN || !small {
                break;
            }
        }
        below.push(paragraphs.read(lines, &paragraph).words.clone());
        rest = start..paragraph.start.min(found.unwrap_or(paragraph.start));
    }
    if let Some(found) = found {
        mark_lines(&mut lines[found..end], ZoneKind::Disclaimer, 0);
    }
}

/// The end of a stretch without the lines that stand in place of attached files (` - plan.doc`).
fn without_file_names(text: &str, lines: &[Line], stretch: Range<usize>) -> usize {
    let (mut end, mut named) = (stretch.end, false);
    for at in stretch.clone().rev() {
        let line = &lines[at];
        if line.empty {
            continue;
        }
        if !line.text(text).starts_with(" - ") {
            break;
        }
        named |= is_file_name(line.text(text));
        end = at;
    }
    if named { end } else { stretch.end }
}

/// The rule that stands above a paragraph or is its first line, not before line `start`.
fn under_rule(text: &str, lines: &[Line], paragraph: &Range<usize>, start: usize) -> Option<usize> {
    if is_long_rule(lines[paragraph.start].text(text)) {
        return Some(paragraph.start);
    }
    let above = (start..paragraph.start)
        .rev()
        .take(MOST_HEADINGS)
        .find(|&line| !lines[line].empty)?;
    is_long_rule(lines[above].text(text)).then_some(above)
}

/// The rule among the last lines of a paragraph.
fn last_rule(text: &str, lines: &[Line], paragraph: &Range<usize>) -> Option<usize> {
    let mut last = paragraph.clone().rev().take(MOST_HEADINGS);
    last.find(|&line| is_long_rule(lines[line].text(text)))
}

fn is_long_rule(line: &str) -> bool {
    line.trim().len() >= SHORTEST_RULE && is_rule(line)
}

/// ` - plan.doc`: what an export writes in place of an attached file.
fn is_file_name(line: &str) -> bool {
    line.strip_prefix(" - ").is_some_and(|name| {
        name.trim_end()
            .rsplit_once('.')
            .is_some_and(|(name, kind)| {
                !name.is_empty()
                    && (1..=5).contains(&kind.len())
                    && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    })
}

fn is_own(line: &Line) -> bool {
    matches!(line.kind, ZoneKind::Author | ZoneKind::Signature)
}

fn mark_banner(paragraphs: &mut Paragraphs, lines: &mut [Line], own: Range<usize>) {
    let Some(paragraph) = first_paragraph(lines, own) else {
        return;
    };
    if paragraphs.read(lines, &paragraph).cues.tell_banner() {
        mark_lines(&mut lines[paragraph], ZoneKind::Disclaimer, 0);
    }
}

fn first_paragraph(lines: &[Line], own: Range<usize>) -> Option<Range<usize>> {
    let start = own.clone().find(|&line| !lines[line].empty)?;
    let end = (start..own.end)
        .find(|&line| lines[line].empty)
        .unwrap_or(own.end);
    Some(start..end)
}

/// Marks the last paragraphs of a stretch as far as they are notices, with their headings.
fn mark_end(paragraphs: &mut Paragraphs, lines: &mut [Line], own: Range<usize>) {
    let text = paragraphs.text;
    let mut headings = 0;
    let own = own.start..without_file_names(text, lines, own);
    let mut rest = own.clone();
    // The first line of the notices found so far.
    let mut found = None;
    let mut below = 0;
    while let Some(paragraph) = last_paragraph(lines, rest) {
        let read = paragraphs.read(lines, &paragraph);
        let footer = footer_start(text, lines, read);
        let advertises = || is_advertisement(text, &lines[paragraph.clone()]);
        if footer.is_some() || read.is_notice() || advertises() {
            if below > 0 && !read.ends_message() {
                break;
            }
            below = 0;
            let start = footer.unwrap_or_else(|| notice_start(text, lines, &paragraph));
            found = Some(start);
            if start > paragraph.start {
                break;
            }
        } else if let Some(rule) = found.and_then(|_| last_rule(text, lines, &paragraph)) {
            // What stands between a rule and a notice is the notice's heading.
            found = Some(rule);
            if rule > paragraph.start {
                break;
            }
        } else if is_heading(&read.words) && headings < MOST_HEADINGS {
            headings += 1;
            if found.is_some() {
                found = Some(paragraph.start);
            }
        } else if found.is_none()
            && below < MOST_BELOW_NOTICE
            && paragraph.len() <= MOST_LINES_BETWEEN
            && read.has_link()
        {
            below += 1;
        } else {
            break;
        }
        rest = own.start..paragraph.start.min(found.unwrap_or(paragraph.start));
    }
    if let Some(start) = found {
        mark_lines(&mut lines[start..own.end], ZoneKind::Disclaimer, 0);
    }
}

fn last_paragraph(lines: &[Line], own: Range<usize>) -> Option<Range<usize>> {
    let last = own.clone().rev().find(|&line| !lines[line].empty)?;
    let start = (own.start..last).rev().find(|&line| lines[line].empty);
    Some(start.map_or(own.start, |blank| blank + 1)..last + 1)
}

/// The line of a paragraph on which its notice starts, where the author's last words stand
/// above it without a blank line.
fn notice_start(text: &str, lines: &[Line], paragraph: &Range<usize>) -> usize {
    paragraph
        .clone()
        .find(|&line| {
            let words = words(text, lines, &(line..line + 1));
            cues::NOTICE_STARTS
                .iter()
                .any(|start| words.trim_start().starts_with(start))
        })
        .map_or(paragraph.start, |line| {
            let ruled = line > paragraph.start && is_long_rule(lines[line - 1].text(text));
            line - usize::from(ruled)
        })
}

/// Where in a paragraph that starts which a mailing list or a portal puts under a message.
fn footer_start(text: &str, lines: &[Line], read: &Paragraph) -> Option<usize> {
    let paragraph = &read.lines;
    let mut cues = read.cues.footers().peekable();
    cues.peek()?;
    let starts = cues.filter_map(|cue| {
        let holds = |line: usize, count: usize| {
            let end = (line + count).min(paragraph.end);
            lines[line].end - lines[line].start <= LONGEST_LINE
                && words(text, lines, &(line..end)).contains(cue)
        };
        // On one line, or broken over two.
        paragraph
            .clone()
            .find(|&line| holds(line, 1))
            .or_else(|| paragraph.clone().find(|&line| holds(line, 2)))
    });
    let start = starts.min()?;
    let above = |line: &usize| lines[*line].text(text);
    let directly = |line: &usize| is_rule(above(line)) || above(line).trim_end() == "--";
    let ruled = (paragraph.start..start).next_back().filter(directly);
    let heading = (paragraph.start..start).rev().take(MOST_LINES_OF_HEADING);
    let rule = ruled.or_else(|| heading.into_iter().find(|line| is_long_rule(above(line))));
    Some(rule.unwrap_or(start))
}

impl Paragraph {
    fn is_notice(&self) -> bool {
        self.cues.notices() >= ENOUGH_CUES
    }

    /// Whether it has a link or stands for a picture.
    fn has_link(&self) -> bool {
        ["://", "www.", "cid:"]
            .iter()
            .any(|link| self.words.contains(link))
    }

    /// Whether it is a notice that leaves no doubt: pictures and links below it are not the author's.
    fn ends_message(&self) -> bool {
        let starts = |start: &&str| self.words.starts_with(start);
        self.cues.notices() >= MANY_CUES && cues::NOTICE_STARTS.iter().any(starts)
    }
}

/// Whether a paragraph is what providers of free mail put under it: a few words with a link under a long rule.
fn is_advertisement(text: &str, paragraph: &[Line]) -> bool {
    let [rule, words @ ..] = paragraph else {
        return false;
    };
    let rule = rule.text(text).trim();
    rule.len() >= SHORTEST_RULE_OF_ADVERTISEMENT
        && rule.bytes().all(|byte| byte == b'_')
        && (1..=MOST_LINES_OF_ADVERTISEMENT).contains(&words.len())
        && words[0].text(text).split_whitespace().count() > 3
        && words.iter().any(|line| {
            let line = line.text(text);
            line.contains("http://") || line.contains("https://") || line.contains("www.")
        })
}

/// A line of a few words that tells of a notice, or a rule.
fn is_heading(words: &str) -> bool {
    let words = words.trim();
    is_rule(words)
        || (words.len() <= 60
            && cues::NOTICE_STARTS
                .iter()
                .any(|start| words.starts_with(start)))
}

fn is_rule(words: &str) -> bool {
    let words = words.trim();
    words.len() >= 3
        && words
            .bytes()
            .all(|byte| matches!(byte, b'*' | b'-' | b'_' | b'='))
}

/// A paragraph in lower case, line breaks as spaces.
fn words(text: &str, lines: &[Line], paragraph: &Range<usize>) -> String {
    let (Some(first), Some(last)) = (lines.get(paragraph.start), lines.get(paragraph.end - 1))
    else {
        return String::new();
    };
    let passage = &text[first.start..last.end];
    let passage = &passage[..passage.floor_char_boundary(LONGEST)];
    let mut words = String::with_capacity(passage.len());
    for word in passage.split_ascii_whitespace() {
        words.push_str(word);
        words.push(' ');
    }
    words.make_ascii_lowercase();
    words
}
